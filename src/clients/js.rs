//! Clients written in JavaScript and TypeScript.
//!
//! Source: the published packages, run by `tests/parity/clients/js` where a row says so, else read at the version named.

use super::clean::Clean;
use super::model::{
    Answered, Blank, Client, Decode, Expand, Found, Header, Home, Model, Place, Set, Step, Text, Then, Wire,
};
use super::native::in_its_own_store;
use super::version::Version;
use crate::state::State;

/// All of them.
pub static CLIENTS: &[&Client] = &[
    &HFJS_LIB,
    &HFJS_CLI,
    &HF_INFERENCE_JS,
    &TINY_AGENTS,
    &TRANSFORMERS_JS,
    &NODE_LLAMA_CPP,
    &LANGCHAIN_JS,
    &VERCEL_AI_SDK,
    &LLM_VSCODE,
];

/// Set and empty ends the search; what is sent goes through fetch.
const fn env(names: &'static [&'static str], set: Set, blank: Blank) -> Step {
    Step::Env { names, text: Text::Lossy, set, clean: Clean::Raw, blank }
}

const FETCH: Step = Step::Header(Header::Fetch);

/// The library of @huggingface/hub reads nothing by itself. Run: 2.17.5.
static HFJS_LIB: Client = Client {
    name: "hfjs-lib",
    aliases: &[],
    title: "@huggingface/hub (library)",
    found: Found::Nowhere,
    newest: Version::new(2, 17, 5),
    models: &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Plain, steps: &[] }],
};

/// The command of @huggingface/hub: the environment alone, never the login's file. Run: 2.17.5.
static HFJS_CLI: Client = Client {
    name: "hfjs-cli",
    aliases: &["hfjs"],
    title: "hfjs (@huggingface/hub)",
    found: Found::Node(&["@huggingface/hub"]),
    newest: Version::new(2, 17, 5),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Plain,
        steps: &[env(&["HF_TOKEN"], Set::NonEmpty, Blank::Sent), FETCH],
    }],
};

/// @huggingface/inference: only what is passed. Run: 4.13.30.
static HF_INFERENCE_JS: Client = Client {
    name: "hf-inference-js",
    aliases: &[],
    title: "@huggingface/inference",
    found: Found::Node(&["@huggingface/inference"]),
    newest: Version::new(4, 13, 30),
    models: &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Plain, steps: &[] }],
};

/// tiny-agents: any provider's key first. Run: 0.3.4.
static TINY_AGENTS: Client = Client {
    name: "tiny-agents",
    aliases: &[],
    title: "tiny-agents",
    found: Found::Node(&["@huggingface/tiny-agents"]),
    newest: Version::new(0, 3, 4),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Plain,
        steps: &[env(&["API_KEY", "HF_TOKEN"], Set::Present, Blank::Anonymous), FETCH],
    }],
};

/// transformers.js: @xenova/transformers up to 2.17.2, @huggingface/transformers from 3.0.0.
/// Run: 2.4.2, 2.9.0, 2.10.1, 2.17.2, 3.8.0, 4.3.1.
static TRANSFORMERS_JS: Client = Client {
    name: "transformersjs",
    aliases: &["transformers.js", "transformersjs-old"],
    title: "transformers.js",
    found: Found::Node(&["@huggingface/transformers", "@xenova/transformers"]),
    newest: Version::new(4, 3, 1),
    models: &[
        Model { since: Version::first_of(1, 0, 0), wire: Wire::Plain, steps: &[] },
        Model {
            since: Version::first_of(2, 4, 2),
            wire: Wire::Plain,
            steps: &[env(&["HF_ACCESS_TOKEN"], Set::NonEmpty, Blank::Sent), FETCH],
        },
        // A nullish choice: HF_TOKEN that is set but empty hides the other name.
        Model {
            since: Version::first_of(2, 10, 1),
            wire: Wire::Plain,
            steps: &[env(&["HF_TOKEN", "HF_ACCESS_TOKEN"], Set::Present, Blank::Anonymous), FETCH],
        },
    ],
};

const fn node_file(at: Place) -> Step {
    Step::File {
        at,
        decode: Decode::Lossy,
        clean: Clean::JsTrim,
        missing: Then::Anonymous,
        failing: Then::Anonymous,
        blank: Blank::Anonymous,
    }
}

const fn joined(name: &'static str, then: &'static str) -> Place {
    Place::Var { name, set: Set::NonEmpty, then, expand: Expand::NodeJoin, text: Text::Lossy }
}

/// `os.homedir()` is asked as soon as no directory is named, even where `HF_TOKEN_PATH` names the file; it throws for
/// a user without an entry in the password database.
fn default_home(state: &State<'_>) -> Answered {
    let named = ["HF_HOME", "XDG_CACHE_HOME"].iter().any(|name| state.var(name).is_some_and(|v| !v.is_empty()));
    if named || state.var("HOME").is_some() || state.system.password_home(None).is_some() {
        Answered::Nothing
    } else {
        Answered::Error("SystemError", None)
    }
}

/// node-llama-cpp: HF_TOKEN, then one file. Run: 3.18.1, 3.19.0, 3.22.1.
static NODE_LLAMA_CPP: Client = Client {
    name: "node-llama-cpp",
    aliases: &[],
    title: "node-llama-cpp",
    found: Found::Node(&["node-llama-cpp"]),
    newest: Version::new(3, 22, 1),
    models: &[
        // Looked for nothing unless tokens were passed.
        Model { since: Version::first_of(0, 0, 0), wire: Wire::Plain, steps: &[] },
        Model {
            since: Version::first_of(3, 19, 0),
            wire: Wire::Plain,
            steps: &[
                env(&["HF_TOKEN"], Set::Present, Blank::Sent),
                Step::Own(default_home),
                node_file(Place::Var {
                    name: "HF_TOKEN_PATH",
                    set: Set::NonEmpty,
                    then: "",
                    expand: Expand::No,
                    text: Text::Lossy,
                }),
                node_file(joined("HF_HOME", "/token")),
                node_file(joined("XDG_CACHE_HOME", "/huggingface/token")),
                node_file(Place::Home { by: Home::Node, then: "/.cache/huggingface/token" }),
                FETCH,
            ],
        },
    ],
};

/// LangChain for JavaScript: a name of its own, and no model without it. Its embeddings, which take the same name, go
/// without a token instead. Run: @langchain/community 1.1.29.
static LANGCHAIN_JS: Client = Client {
    name: "langchain-js",
    aliases: &[],
    title: "LangChain.js",
    found: Found::Node(&["@langchain/community"]),
    newest: Version::new(1, 1, 29),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Plain,
        steps: &[
            env(&["HUGGINGFACEHUB_API_KEY"], Set::NonEmpty, Blank::Sent),
            Step::Own(|_| Answered::Error("Error", None)),
            FETCH,
        ],
    }],
};

/// The Vercel AI SDK's provider: an empty variable is sent, an absent one is refused. Run: @ai-sdk/huggingface
/// 1.0.77, 2.0.48.
static VERCEL_AI_SDK: Client = Client {
    name: "vercel-ai-sdk",
    aliases: &[],
    title: "@ai-sdk/huggingface",
    found: Found::Node(&["@ai-sdk/huggingface"]),
    newest: Version::new(2, 0, 48),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Plain,
        steps: &[
            env(&["HUGGINGFACE_API_KEY"], Set::Present, Blank::Sent),
            Step::Own(|_| Answered::Error("AI_LoadAPIKeyError", None)),
            FETCH,
        ],
    }],
};

/// llm-vscode sends what the editor's own secret store holds, where its login command has put a copy of
/// `~/.cache/huggingface/token` or what was typed; the store cannot be read here, and the file is never asked again.
/// Read: 0.2.2 (0661296, `src/extension.ts` lines 101 to 134 and 170).
static LLM_VSCODE: Client = Client {
    name: "llm-vscode",
    aliases: &[],
    title: "llm-vscode",
    found: Found::Nowhere,
    newest: Version::new(0, 2, 2),
    models: &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Plain, steps: &[Step::Own(in_its_own_store)] }],
};
