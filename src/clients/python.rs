//! Python clients that do not simply ask huggingface_hub.
//!
//! Source: the wheels at the versions named; run by `tests/parity/clients/python` where a row says so, else read.

use super::clean::Clean;
use super::comfy::COMFY_CLI;
use super::model::{Blank, Client, Decode, Found, Home, Model, Place, Set, Step, Text, Then, Wire};
use super::skypilot;
use super::version::Version;

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
        // No login of its own any more; the InferenceClient asks `get_token()`.
        Model {
            since: Version::first_of(0, 2, 0),
            wire: Wire::Hub,
            steps: &[non_empty(&["HUGGINGFACEHUB_API_TOKEN", "HF_TOKEN"], Clean::Raw), Step::GetToken],
        },
    ],
};

/// langchain-community's deprecated endpoint classes: they log in with the variable, and so overwrite the login.
/// Read: 0.4.2.
static LANGCHAIN_COMMUNITY: Client = Client {
    name: "langchain-community",
    aliases: &[],
    title: "langchain-community",
    found: Found::Python("langchain-community"),
    newest: Version::new(0, 4, 2),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Hub,
        steps: &[non_empty(&["HUGGINGFACEHUB_API_TOKEN"], Clean::Raw), Step::Hub],
    }],
};

/// LiteLLM, chat completion. Run: 1.104.5.
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

/// LiteLLM, embeddings: the other name alone. Run: 1.104.5. Rerank differs only in that `true` is no key there.
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

/// Haystack: the first variable that exists wins, even empty. Read: 2.26.0.
static HAYSTACK: Client = Client {
    name: "haystack",
    aliases: &["haystack-ai"],
    title: "Haystack",
    found: Found::Python("haystack-ai"),
    newest: Version::new(3, 4, 1),
    models: &[Model {
        since: Version::first_of(2, 0, 0),
        wire: Wire::Hub,
        steps: &[sent(&["HF_API_TOKEN", "HF_TOKEN"]), Step::Hub],
    }],
};

/// smolagents' `InferenceClientModel`. Read: 1.26.0.
static SMOLAGENTS: Client = Client {
    name: "smolagents",
    aliases: &[],
    title: "smolagents",
    found: Found::Python("smolagents"),
    newest: Version::new(1, 26, 0),
    models: &[Model { since: Version::first_of(1, 0, 0), wire: Wire::Hub, steps: &[sent(&["HF_TOKEN"]), Step::Hub] }],
};

/// PydanticAI's provider: the variable alone, and an error without it. Read: 2.68.0.
static PYDANTIC_AI: Client = Client {
    name: "pydantic-ai",
    aliases: &["pydantic-ai-slim"],
    title: "PydanticAI",
    found: Found::Python("pydantic-ai-slim"),
    newest: Version::new(2, 68, 0),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Httpx,
        steps: &[Step::Env {
            names: &["HF_TOKEN"],
            text: Text::Bytes,
            set: Set::Present,
            clean: Clean::Raw,
            blank: Blank::Raises("UserError"),
        }],
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

/// LitGPT and torchtune read the variable at import. Read: litgpt 0.5.13.
static LITGPT: Client = Client {
    name: "litgpt",
    aliases: &[],
    title: "LitGPT",
    found: Found::Python("litgpt"),
    newest: Version::new(0, 5, 13),
    models: &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Hub, steps: &[sent(&["HF_TOKEN"]), Step::Hub] }],
};

/// Xinference: the old name first. Read: 4.1.0.
static XINFERENCE: Client = Client {
    name: "xinference",
    aliases: &[],
    title: "Xinference",
    found: Found::Python("xinference"),
    newest: Version::new(4, 1, 0),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Hub,
        steps: &[non_empty(&["HUGGING_FACE_HUB_TOKEN", "HF_TOKEN"], Clean::PythonStrip), Step::Hub],
    }],
};
