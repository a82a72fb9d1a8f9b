//! Python clients that do not simply ask huggingface_hub.
//!
//! Source: the wheels at the versions named; run by `tests/parity/clients/python` where a row says so, else read.

use std::path::PathBuf;

use super::clean::Clean;
use super::comfy::COMFY_CLI;
use super::model::{Answered, Blank, Client, Decode, Found, Header, Home, Model, Place, Set, Step, Text, Then, Wire};
use super::python_write;
use super::skypilot;
use super::version::Version;
use super::xinference::XINFERENCE;
use crate::finding::Location;
use crate::state::State;
use crate::system::ReadError;
use crate::system::home::expanduser;
use crate::system::path::absolute;

/// All of them.
pub static CLIENTS: &[&Client] = &[
    &LANGCHAIN_HF,
    &LANGCHAIN_COMMUNITY,
    &LITELLM_CHAT,
    &LITELLM_EMBED,
    &HAYSTACK,
    &SMOLAGENTS,
    &PYDANTIC_AI,
    &RAMALAMA,
    &COMFY_CLI,
    &skypilot::API,
    &skypilot::MOUNT,
    &LITGPT,
    &XINFERENCE,
];

/// The first name that is set at all decides; what is empty is sent.
const fn sent(names: &'static [&'static str]) -> Step {
    Step::Env { names, text: Text::Bytes, set: Set::Present, clean: Clean::Raw, blank: Blank::Sent }
}

/// The first name that is not empty decides.
const fn non_empty(names: &'static [&'static str], clean: Clean) -> Step {
    Step::Env { names, text: Text::Bytes, set: Set::NonEmpty, clean, blank: Blank::Next }
}

/// langchain-huggingface. Run: 1.2.3, 0.1.2 (which also writes the token file).
static LANGCHAIN_HF: Client = Client {
    name: "langchain-hf",
    aliases: &["langchain-huggingface", "langchain-hf-old"],
    title: "langchain-huggingface",
    found: Found::Python("langchain-huggingface"),
    newest: Version::new(1, 2, 3),
    models: &[
        Model {
            since: Version::first_of(0, 0, 1),
            wire: Wire::Hub,
            steps: &[non_empty(&["HUGGINGFACEHUB_API_TOKEN"], Clean::Raw), Step::Hub],
        },
        Model {
            since: Version::first_of(0, 1, 0),
            wire: Wire::Hub,
            steps: &[non_empty(&["HUGGINGFACEHUB_API_TOKEN", "HF_TOKEN"], Clean::Raw), Step::Hub],
        },
        // No login of its own any more; the InferenceClient asks `get_token()`. huggingface_hub is imported within a
        // model of pydantic's, which gives a ValueError there another class.
        Model {
            since: Version::first_of(0, 2, 0),
            wire: Wire::Router,
            steps: &[
                non_empty(&["HUGGINGFACEHUB_API_TOKEN", "HF_TOKEN"], Clean::Raw),
                Step::GetToken,
                Step::Header(Header::Raised("ValidationError")),
            ],
        },
    ],
};

/// langchain-community's deprecated `HuggingFaceEndpoint`: it logs in with the variable, and so overwrites the login; with
/// an empty one it asks with the token that is there, and raises where there is none. Its calls need huggingface_hub up to 0.30; with a newer one they end in an AttributeError after
/// that login. Run: 0.4.2 with huggingface_hub 0.30.2; read: 0.0.38.
static LANGCHAIN_COMMUNITY: Client = Client {
    name: "langchain-community",
    aliases: &[],
    title: "langchain-community",
    found: Found::Python("langchain-community"),
    newest: Version::new(0, 4, 2),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Hub,
        // huggingface_hub is imported within a model of pydantic's.
        steps: &[
            non_empty(&["HUGGINGFACEHUB_API_TOKEN"], Clean::Raw),
            Step::Hub,
            Step::Own(logs_in_with_nothing),
            Step::Header(Header::Raised("ValidationError")),
        ],
    }],
};

fn logs_in_with_nothing(state: &State<'_>) -> Answered {
    let name = "HUGGINGFACEHUB_API_TOKEN";
    if state.var(name).is_some() {
        Answered::Error("ValidationError", Some(Location::variable(name)))
    } else {
        Answered::Nothing
    }
}

/// LiteLLM, chat completion. Run: 1.104.5, 1.109.1.
static LITELLM_CHAT: Client = Client {
    name: "litellm-chat",
    aliases: &["litellm"],
    title: "LiteLLM (chat)",
    found: Found::Python("litellm"),
    newest: Version::new(1, 109, 1),
    models: &[Model {
        since: Version::first_of(1, 60, 0),
        wire: Wire::Httpx,
        steps: &[non_empty(&["HF_TOKEN", "HUGGINGFACE_API_KEY"], Clean::Raw)],
    }],
};

/// LiteLLM, embeddings: the other name alone. Run: 1.104.5, 1.109.1. Rerank differs only in that `true` is no key there.
static LITELLM_EMBED: Client = Client {
    name: "litellm-embed",
    aliases: &[],
    title: "LiteLLM (embeddings, rerank)",
    found: Found::Python("litellm"),
    newest: Version::new(1, 109, 1),
    models: &[Model {
        since: Version::first_of(1, 60, 0),
        wire: Wire::Httpx,
        steps: &[non_empty(&["HUGGINGFACE_API_KEY"], Clean::PythonBool)],
    }],
};

/// What Haystack's telemetry meets at import, unless it is switched off: it makes a directory for a file of its own. Run:
/// 2.26.0.
fn telemetry(state: &State<'_>) -> Answered {
    let on = state.system.var("HAYSTACK_TELEMETRY_ENABLED");
    if on.is_some_and(|on| !matches!(on.to_ascii_lowercase().to_str(), Some("true" | "1"))) {
        return Answered::Nothing;
    }
    let file = PathBuf::from(expanduser(state.system, "~/.haystack/config.yaml".as_ref()));
    let file = absolute(state.system, &file);
    let class = match state.system.stat(&file) {
        Ok(_) => None,
        Err(e @ ReadError::Denied) => Some(e.python_class()),
        Err(_) => file.parent().and_then(|dir| python_write::parents_fault(state.system, dir)),
    };
    class.map_or(Answered::Nothing, |class| Answered::Error(class, Some(Location::file(file))))
}

/// Haystack: the first variable that exists wins, even empty. Its chat generator looks the model up with that token and
/// then asks the router, which refuses to go without one. Run: 2.26.0; read: 2.0.0, 2.2.4, 2.3.0, 3.0.0, 3.4.1.
static HAYSTACK: Client = Client {
    name: "haystack",
    aliases: &["haystack-ai"],
    title: "Haystack",
    found: Found::Python("haystack-ai"),
    newest: Version::new(3, 4, 1),
    models: &[
        Model {
            since: Version::first_of(2, 0, 0),
            wire: Wire::Hub,
            steps: &[
                Step::Own(telemetry),
                sent(&["HF_API_TOKEN"]),
                Step::GetToken,
                Step::Header(Header::Router { looked_up: true }),
            ],
        },
        Model {
            since: Version::first_of(2, 3, 0),
            wire: Wire::Hub,
            steps: &[
                Step::Own(telemetry),
                sent(&["HF_API_TOKEN", "HF_TOKEN"]),
                Step::GetToken,
                Step::Header(Header::Router { looked_up: true }),
            ],
        },
        // The generators are packages of their own now; an evaluator that downloads a model is left.
        Model {
            since: Version::first_of(3, 0, 0),
            wire: Wire::Hub,
            steps: &[sent(&["HF_API_TOKEN", "HF_TOKEN"]), Step::Hub],
        },
    ],
};

/// smolagents' `InferenceClientModel`: an empty variable is passed on, and refused there. Run: 1.26.0; read: 1.0.0.
static SMOLAGENTS: Client = Client {
    name: "smolagents",
    aliases: &[],
    title: "smolagents",
    found: Found::Python("smolagents"),
    newest: Version::new(1, 26, 0),
    models: &[Model {
        since: Version::first_of(1, 0, 0),
        wire: Wire::Router,
        steps: &[sent(&["HF_TOKEN"]), Step::GetToken, Step::Header(Header::Router { looked_up: false })],
    }],
};

/// PydanticAI's provider: the variable alone. Without it the provider raises, and with an empty one the call does.
/// Run: 2.68.0; read: 1.0.0, 1.10.0.
static PYDANTIC_AI: Client = Client {
    name: "pydantic-ai",
    aliases: &["pydantic-ai-slim"],
    title: "PydanticAI",
    found: Found::Python("pydantic-ai-slim"),
    newest: Version::new(2, 68, 0),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Plain,
        steps: &[
            Step::HubImport,
            Step::Header(Header::Raised("UserError")),
            sent(&["HF_TOKEN"]),
            Step::Own(|_| Answered::Error("UserError", None)),
            Step::Header(Header::Router { looked_up: false }),
        ],
    }],
};

/// RamaLama: an empty variable is no token, and hides the file. Run: 0.25.0.
static RAMALAMA: Client = Client {
    name: "ramalama",
    aliases: &[],
    title: "RamaLama",
    found: Found::Python("ramalama"),
    newest: Version::new(0, 25, 0),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Plain,
        steps: &[
            Step::Env {
                names: &["HF_TOKEN"],
                text: Text::Bytes,
                set: Set::Present,
                clean: Clean::PythonStrip,
                blank: Blank::Anonymous,
            },
            // A file that cannot be read is passed over; one that is not UTF-8 is not.
            Step::File {
                at: Place::Home { by: Home::Python, then: "/.cache/huggingface/token" },
                decode: Decode::Python,
                clean: Clean::PythonStrip,
                missing: Then::Anonymous,
                failing: Then::AnonymousOnOsError,
                blank: Blank::Sent,
            },
        ],
    }],
};

/// LitGPT and torchtune read the variable at import; an empty one is sent. Run: litgpt 0.5.13 with
/// huggingface_hub 1.3.7, the newest that it lets in; read: 0.3.0, 0.4.0.
static LITGPT: Client = Client {
    name: "litgpt",
    aliases: &[],
    title: "LitGPT",
    found: Found::Python("litgpt"),
    newest: Version::new(0, 5, 13),
    models: &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Hub, steps: &[sent(&["HF_TOKEN"]), Step::Hub] }],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Instance, Outcome, by_name, resolve};
    use crate::system::fake::Fake;

    /// The token, `-` for none, or the class.
    fn sends(name: &str, fake: &Fake, hub: Option<Version>) -> String {
        let mut instance = Instance::newest(by_name(name).unwrap());
        instance.hub = hub.unwrap_or(instance.hub);
        match resolve(&State::new(fake), &instance).outcome {
            Outcome::Token(token) => String::from_utf8(token.bytes().to_vec()).unwrap(),
            Outcome::Error(class) => class.to_owned(),
            _ => "-".to_owned(),
        }
    }

    #[test]
    fn the_router_takes_no_call_without_a_token_of_its_own() {
        let none = Fake::home();
        let login = Fake::home().file("/home/u/.cache/huggingface/token", "hf_login\n");
        for (name, fake, want) in [
            ("smolagents", &none, "ValueError"),
            ("smolagents", &login, "hf_login"),
            ("smolagents", &login.clone().var("HF_TOKEN", ""), "ValueError"),
            ("smolagents", &login.clone().var("HF_TOKEN", "sk-x"), "ValueError"),
            ("smolagents", &login.clone().var("HF_TOKEN", "hf_x"), "hf_x"),
            ("pydantic-ai", &login, "UserError"),
            ("pydantic-ai", &login.clone().var("HF_TOKEN", ""), "ValueError"),
            ("pydantic-ai", &login.clone().var("HF_HUB_ETAG_TIMEOUT", "x").var("HF_TOKEN", "hf_x"), "UserError"),
        ] {
            assert_eq!(sends(name, fake, None), want, "{name} {fake:?}");
        }
        assert_eq!(sends("smolagents", &none, Some(Version::new(0, 36, 2))), "-", "which asked for a provider first");
    }

    #[test]
    fn a_token_that_the_program_brings_is_not_implicit() {
        let switch = Fake::home().var("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
        let login = switch.file("/home/u/.cache/huggingface/token", "hf_login");
        for hub in [Version::new(0, 36, 2), Version::new(1, 3, 7), Version::new(2, 4, 0)] {
            assert_eq!(sends("litgpt", &login, Some(hub)), "-", "{hub}");
            assert_eq!(sends("litgpt", &login.clone().var("HF_TOKEN", "hf_x"), Some(hub)), "hf_x", "{hub}");
        }
    }

    #[test]
    fn an_empty_variable_of_langchain_community_asks_for_a_login() {
        let empty = Fake::home().var("HUGGINGFACEHUB_API_TOKEN", "");
        assert_eq!(sends("langchain-community", &empty, None), "ValidationError");
        let login = empty.file("/home/u/.cache/huggingface/token", "hf_login");
        assert_eq!(sends("langchain-community", &login, None), "hf_login");
        assert_eq!(
            sends("langchain-community", &login.clone().var("HF_HUB_ETAG_TIMEOUT", "x"), None),
            "ValidationError"
        );
        assert_eq!(sends("langchain-hf", &login.var("HF_ENDPOINT", "http://[::1"), None), "ValidationError");
    }
}
