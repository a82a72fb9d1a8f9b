//! Clients in Swift, C++, Go, R, Elixir and Lua. None could be run here; each was read at the version named.

use super::clean::Clean;
use super::duckdb::DUCKDB;
use super::model::{Answered, Blank, Client, Decode, Expand, Found, Home, Model, Place, Set, Step, Text, Then, Wire};
use super::version::Version;

/// All of them.
pub static CLIENTS: &[&Client] = &[
    &SWIFT_HUGGINGFACE,
    &SWIFT_TRANSFORMERS,
    &LLAMACPP,
    &KOBOLDCPP,
    &GPT4ALL,
    &DUCKDB,
    &OLLAMA,
    &DOCKER_MODEL_RUNNER,
    &HFDOWNLOADER,
    &LOCALAI,
    &GOMLX_HF,
    &HFHUB_R,
    &BUMBLEBEE,
    &LLM_NVIM,
];

const fn non_empty(names: &'static [&'static str], clean: Clean) -> Step {
    Step::Env { names, text: Text::Bytes, set: Set::NonEmpty, clean, blank: Blank::Next }
}

const fn file(at: Place, clean: Clean, missing: Then) -> Step {
    Step::File { at, decode: Decode::Utf8, clean, missing, failing: missing, blank: Blank::Next }
}

const fn in_variable(name: &'static str, then: &'static str) -> Place {
    Place::Var { name, set: Set::NonEmpty, then, expand: Expand::Tilde, text: Text::Bytes }
}

const fn in_home(then: &'static str) -> Place {
    Place::Home { by: Home::Rust, then }
}

/// A client without any source of its own.
const fn none(name: &'static str, title: &'static str, newest: Version, models: &'static [Model]) -> Client {
    Client { name, aliases: &[], title, found: Found::Nowhere, newest, models }
}

const NO_SOURCE: &[Model] = &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Plain, steps: &[] }];

const SWIFT: &[Step] = &[
    non_empty(&["HF_TOKEN"], Clean::RustTrim),
    non_empty(&["HUGGING_FACE_HUB_TOKEN"], Clean::RustTrim),
    file(in_variable("HF_TOKEN_PATH", ""), Clean::RustTrim, Then::Next),
    file(in_variable("HF_HOME", "/token"), Clean::RustTrim, Then::Next),
    file(in_home("/.cache/huggingface/token"), Clean::RustTrim, Then::Next),
    file(in_home("/.huggingface/token"), Clean::RustTrim, Then::Next),
];

/// swift-huggingface. Read: 0.8.1.
static SWIFT_HUGGINGFACE: Client = Client {
    name: "swift-huggingface",
    aliases: &[],
    title: "swift-huggingface",
    found: Found::Nowhere,
    newest: Version::new(0, 8, 1),
    models: &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Plain, steps: SWIFT }],
};

/// swift-transformers. Read: 0.1.14, 1.1.9; from 1.2.0 it asks swift-huggingface.
static SWIFT_TRANSFORMERS: Client = Client {
    name: "swift-transformers",
    aliases: &[],
    title: "swift-transformers",
    found: Found::Nowhere,
    newest: Version::new(1, 2, 0),
    models: &[
        Model {
            since: Version::first_of(0, 0, 0),
            wire: Wire::Plain,
            steps: &[non_empty(&["HUGGING_FACE_HUB_TOKEN"], Clean::Raw)],
        },
        // Nothing is trimmed: a line end in the file goes into the header.
        Model {
            since: Version::first_of(0, 1, 15),
            wire: Wire::Plain,
            steps: &[
                non_empty(&["HF_TOKEN"], Clean::Raw),
                non_empty(&["HUGGING_FACE_HUB_TOKEN"], Clean::Raw),
                file(in_variable("HF_TOKEN_PATH", ""), Clean::Raw, Then::Next),
                file(in_variable("HF_HOME", "/token"), Clean::Raw, Then::Next),
                file(in_home("/.huggingface/token"), Clean::Raw, Then::Next),
            ],
        },
        Model {
            since: Version::first_of(0, 1, 17),
            wire: Wire::Plain,
            steps: &[
                non_empty(&["HF_TOKEN"], Clean::Raw),
                non_empty(&["HUGGING_FACE_HUB_TOKEN"], Clean::Raw),
                file(in_variable("HF_TOKEN_PATH", ""), Clean::Raw, Then::Next),
                file(in_variable("HF_HOME", "/token"), Clean::Raw, Then::Next),
                file(in_home("/.cache/huggingface/token"), Clean::Raw, Then::Next),
                file(in_home("/.huggingface/token"), Clean::Raw, Then::Next),
            ],
        },
        Model { since: Version::first_of(1, 2, 0), wire: Wire::Plain, steps: SWIFT },
    ],
};

const HF_TOKEN_ALONE: &[Model] =
    &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Plain, steps: &[non_empty(&["HF_TOKEN"], Clean::Raw)] }];

/// llama.cpp: the environment alone, never a file. Read: the copy in llama-cpp-sys-2 0.1.161, which has no release of
/// its own; builds are numbered.
static LLAMACPP: Client = none("llamacpp", "llama.cpp", Version::new(2026, 0, 0), HF_TOKEN_ALONE);
/// KoboldCpp downloads with a plain curl. Read: 1.76.
static KOBOLDCPP: Client = none("koboldcpp", "KoboldCpp", Version::new(1, 76, 0), NO_SOURCE);
/// GPT4All is anonymous. Read: 3.10.0.
static GPT4ALL: Client = none("gpt4all", "GPT4All", Version::new(3, 10, 0), NO_SOURCE);
/// Ollama signs with an SSH key and reads no token. Read: 0.33.0-rc2.
static OLLAMA: Client = none("ollama", "Ollama", Version::new(0, 33, 0), NO_SOURCE);
/// `docker model pull hf.co/…`. Read: 1.2.6.
static DOCKER_MODEL_RUNNER: Client =
    none("docker-model-runner", "Docker Model Runner", Version::new(1, 2, 6), HF_TOKEN_ALONE);
/// LocalAI's own core. Read: 4.9.0.
static LOCALAI: Client = none("localai", "LocalAI", Version::new(4, 9, 0), HF_TOKEN_ALONE);
/// gomlx/go-huggingface: only what is passed. Read: 0.4.0.
static GOMLX_HF: Client = none("gomlx-hf", "gomlx/go-huggingface", Version::new(0, 4, 0), NO_SOURCE);
/// Bumblebee: only what is passed. Read: 0.7.0.
static BUMBLEBEE: Client = none("bumblebee", "Bumblebee", Version::new(0, 7, 0), NO_SOURCE);

/// HuggingFaceModelDownloader; its own configuration file comes last and is not read here. Read: 2.3.4.
static HFDOWNLOADER: Client = Client {
    name: "hfdownloader",
    aliases: &[],
    title: "hfdownloader",
    found: Found::Nowhere,
    newest: Version::new(2, 3, 4),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Plain,
        steps: &[non_empty(&["HF_TOKEN"], Clean::RustTrim)],
    }],
};

/// hfhub for R. Read: 0.1.2 of 2026-04, and before.
static HFHUB_R: Client = Client {
    name: "hfhub-r",
    aliases: &["hfhub"],
    title: "hfhub (R)",
    found: Found::Nowhere,
    newest: Version::new(0, 1, 2),
    models: &[
        Model {
            since: Version::first_of(0, 0, 0),
            wire: Wire::Plain,
            steps: &[non_empty(&["HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_HUB_TOKEN"], Clean::Raw)],
        },
        Model {
            since: Version::new(0, 1, 2),
            wire: Wire::Plain,
            steps: &[non_empty(&["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_HUB_TOKEN"], Clean::Raw)],
        },
    ],
};

/// llm.nvim: a name of its own, then the login. Read: ce69731.
static LLM_NVIM: Client = Client {
    name: "llm-nvim",
    aliases: &["llm.nvim"],
    title: "llm.nvim",
    found: Found::Nowhere,
    newest: Version::new(0, 2, 0),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Plain,
        steps: &[
            Step::Env {
                names: &["LLM_NVIM_HF_API_TOKEN"],
                text: Text::Bytes,
                set: Set::Present,
                clean: Clean::Raw,
                blank: Blank::Sent,
            },
            file(in_variable("HF_HOME", "/token"), Clean::Newlines, Then::Anonymous),
            file(in_home("/.cache/huggingface/token"), Clean::Newlines, Then::Anonymous),
        ],
    }],
};

/// A store inside the program: nothing here can be read.
pub(super) fn in_its_own_store(_: &crate::state::State<'_>) -> Answered {
    Answered::Unknown
}
