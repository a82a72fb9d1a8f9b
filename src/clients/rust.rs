//! Clients written in Rust: the hf-hub crate and what builds on it.
//!
//! Source: the published crates, run by `tests/parity/clients/rust` where a row says so, else read at the version named.

use super::clean::Clean;
use super::eval::is_header_value;
use super::model::{
    Answered, Blank, Client, Decode, Expand, Found, Header, Home, Model, Place, Set, Step, Switch, Text, Then, Wire,
};
use super::rust_url;
use super::version::Version;
use crate::finding::Location;
use crate::state::State;

/// All of them.
pub static CLIENTS: &[&Client] = &[
    &HF_HUB,
    &HF_HUB_FROM_ENV,
    &TOKENIZERS,
    &CANDLE,
    &MISTRALRS,
    &CANDLE_VLLM,
    &TGI_ROUTER,
    &TGI_LAUNCHER,
    &TGI_LLAMACPP,
    &TEI,
    &SGLANG_ROUTER,
    &POLARS,
];

/// Read with `read_to_string` and `trim`; nothing that goes wrong is an error.
const fn token_file(at: Place, missing: Then, blank: Blank) -> Step {
    Step::File { at, decode: Decode::Utf8, clean: Clean::RustTrim, missing, failing: missing, blank }
}

/// `$HF_HOME/token`: where the variable is set, no other file is tried.
const IN_HF_HOME: Step = token_file(in_variable("HF_HOME", "/token", Text::Utf8), Then::Anonymous, Blank::Anonymous);
const IN_CACHE: Step =
    token_file(Place::Home { by: Home::Rust, then: "/.cache/huggingface/token" }, Then::Anonymous, Blank::Anonymous);
/// The crate `dirs` finds no home: hf-hub 0.x panics.
const NEEDS_HOME: Step = Step::Own(needs_home);

const fn in_variable(name: &'static str, then: &'static str, text: Text) -> Place {
    Place::Var { name, set: Set::Present, then, expand: Expand::No, text }
}

/// Sent as it is, also when it is empty.
const fn sent_as_is(names: &'static [&'static str]) -> Step {
    Step::Env { names, text: Text::Utf8, set: Set::Present, clean: Clean::Raw, blank: Blank::Sent }
}

fn needs_home(state: &State<'_>) -> Answered {
    if state.non_empty("HOME").is_some() || state.system.password_home(None).is_some_and(|h| !h.as_os_str().is_empty())
    {
        Answered::Nothing
    } else {
        Answered::Error("panic", None)
    }
}

/// Only in hf-hub 1.0: making the client refuses an endpoint that is no URL, then an agent that is no header value.
fn client_is_made(state: &State<'_>) -> Answered {
    let text = |name: &str| state.var(name).and_then(|v| v.into_string().ok());
    if text("HF_ENDPOINT").is_some_and(|url| !rust_url::parses(&url)) {
        return Answered::Error("Url", Some(Location::variable("HF_ENDPOINT")));
    }
    match text("HF_HUB_USER_AGENT_ORIGIN") {
        Some(agent) if !is_header_value(agent.as_bytes()) => {
            Answered::Error("InvalidParameter", Some(Location::variable("HF_HUB_USER_AGENT_ORIGIN")))
        }
        _ => Answered::Nothing,
    }
}

const HF_HUB_1: &[Step] = &[
    Step::Own(client_is_made),
    Step::Disable { name: "HF_HUB_DISABLE_IMPLICIT_TOKEN", on: Switch::NonEmpty, resolves_first: false },
    Step::Env { names: &["HF_TOKEN"], text: Text::Utf8, set: Set::NonEmpty, clean: Clean::Raw, blank: Blank::Sent },
    token_file(in_variable("HF_TOKEN_PATH", "", Text::Utf8), Then::Next, Blank::Next),
    token_file(in_variable("HF_HOME", "/token", Text::Utf8), Then::Anonymous, Blank::Anonymous),
    token_file(in_variable("XDG_CACHE_HOME", "/huggingface/token", Text::Utf8), Then::Anonymous, Blank::Anonymous),
    token_file(Place::Home { by: Home::OrTmp, then: "/.cache/huggingface/token" }, Then::Next, Blank::Next),
    Step::Header(Header::RustOrNone),
];

/// hf-hub, `Api::new()`.
static HF_HUB: Client = Client {
    name: "hf-hub",
    aliases: &[],
    title: "the hf-hub crate (Api::new)",
    found: Found::Crate("hf-hub"),
    newest: Version::new(1, 0, 0),
    models: &[
        // Takes HF_HOME for the cache itself, and so looks in a place where no login ever wrote.
        Model {
            since: Version::first_of(0, 1, 0),
            wire: Wire::Plain,
            steps: &[
                IN_HF_HOME,
                NEEDS_HOME,
                token_file(
                    Place::Home { by: Home::Rust, then: "/.cache/huggingface/hub/token" },
                    Then::Anonymous,
                    Blank::Anonymous,
                ),
            ],
        },
        Model { since: Version::first_of(0, 2, 0), wire: Wire::Plain, steps: &[IN_HF_HOME, NEEDS_HOME, IN_CACHE] },
        // `Api::new` no longer reads HF_HOME; `from_env` does.
        Model { since: Version::first_of(0, 4, 0), wire: Wire::Plain, steps: &[NEEDS_HOME, IN_CACHE] },
        Model { since: Version::first_of(1, 0, 0), wire: Wire::Plain, steps: HF_HUB_1 },
    ],
};

/// hf-hub, `ApiBuilder::from_env()`, in 0.4 and 0.5; elsewhere there is one constructor.
static HF_HUB_FROM_ENV: Client = Client {
    name: "hf-hub-from-env",
    aliases: &[],
    title: "the hf-hub crate (ApiBuilder::from_env)",
    found: Found::Nowhere,
    newest: Version::new(1, 0, 0),
    models: &[
        Model { since: Version::first_of(0, 2, 0), wire: Wire::Plain, steps: &[IN_HF_HOME, NEEDS_HOME, IN_CACHE] },
        Model { since: Version::first_of(1, 0, 0), wire: Wire::Plain, steps: HF_HUB_1 },
    ],
};

/// tokenizers, `Tokenizer::from_pretrained` of the crate; the Python wheel calls huggingface_hub instead.
/// Read: tokenizers 0.13.4 to 0.23.2, tk-encode 0.1.0-rc.3.
static TOKENIZERS: Client = Client {
    name: "tokenizers-rs",
    aliases: &["tokenizers"],
    title: "the tokenizers crate",
    found: Found::Crate("tokenizers"),
    newest: Version::new(0, 23, 2),
    models: &[
        // Only a token that is passed.
        Model { since: Version::first_of(0, 13, 0), wire: Wire::Plain, steps: &[] },
        // hf-hub 0.3, then 0.4 through `from_env`: the same places.
        Model { since: Version::first_of(0, 14, 0), wire: Wire::Plain, steps: &[IN_HF_HOME, NEEDS_HOME, IN_CACHE] },
        Model { since: Version::first_of(1, 0, 0), wire: Wire::Plain, steps: HF_HUB_1 },
    ],
};

/// candle's examples: `Api::new()` of hf-hub 0.5. Read: candle 0.11.0.
static CANDLE: Client = Client {
    name: "candle",
    aliases: &[],
    title: "candle examples",
    found: Found::Nowhere,
    newest: Version::new(0, 11, 0),
    models: &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Plain, steps: &[NEEDS_HOME, IN_CACHE] }],
};

/// mistral.rs. Read: 0.6.0, 0.9.2.
static MISTRALRS: Client = Client {
    name: "mistralrs",
    aliases: &["mistralrs-old"],
    title: "mistral.rs",
    found: Found::Nowhere,
    newest: Version::new(0, 9, 2),
    models: &[
        Model { since: Version::first_of(0, 0, 0), wire: Wire::Plain, steps: &[NEEDS_HOME, IN_CACHE] },
        Model {
            since: Version::first_of(0, 7, 0),
            wire: Wire::Plain,
            steps: &[
                Step::Env {
                    names: &["HF_TOKEN", "HF_HUB_TOKEN"],
                    text: Text::Utf8,
                    set: Set::Present,
                    clean: Clean::RustTrim,
                    blank: Blank::Sent,
                },
                IN_HF_HOME,
                NEEDS_HOME,
                IN_CACHE,
            ],
        },
    ],
};

/// candle-vllm without arguments. Read: 0.8.9.
static CANDLE_VLLM: Client = Client {
    name: "candle-vllm",
    aliases: &[],
    title: "candle-vllm",
    found: Found::Nowhere,
    newest: Version::new(0, 8, 9),
    models: &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Plain, steps: &[NEEDS_HOME, IN_CACHE] }],
};

/// The router of text-generation-inference. Read: 1.4.0, 3.3.7.
static TGI_ROUTER: Client = Client {
    name: "tgi-router",
    aliases: &[],
    title: "text-generation-inference router",
    found: Found::Nowhere,
    newest: Version::new(3, 3, 7),
    models: &[
        Model {
            since: Version::first_of(0, 0, 0),
            wire: Wire::Plain,
            steps: &[sent_as_is(&["HUGGING_FACE_HUB_TOKEN"]), IN_HF_HOME, NEEDS_HOME, IN_CACHE],
        },
        Model {
            since: Version::first_of(2, 1, 0),
            wire: Wire::Plain,
            steps: &[sent_as_is(&["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]), IN_HF_HOME, NEEDS_HOME, IN_CACHE],
        },
    ],
};

/// The launcher's own request. Read: 3.3.7.
static TGI_LAUNCHER: Client = Client {
    name: "tgi-launcher",
    aliases: &[],
    title: "text-generation-inference launcher",
    found: Found::Nowhere,
    newest: Version::new(3, 3, 7),
    models: &[Model {
        since: Version::first_of(2, 1, 0),
        wire: Wire::Plain,
        steps: &[sent_as_is(&["HF_TOKEN"]), IN_HF_HOME, NEEDS_HOME, IN_CACHE],
    }],
};

/// The llama.cpp backend of text-generation-inference. Read: 3.3.7.
static TGI_LLAMACPP: Client = Client {
    name: "tgi-llamacpp",
    aliases: &[],
    title: "text-generation-inference llama.cpp backend",
    found: Found::Nowhere,
    newest: Version::new(3, 3, 7),
    models: &[Model {
        since: Version::first_of(3, 0, 0),
        wire: Wire::Plain,
        steps: &[sent_as_is(&["HF_TOKEN"]), NEEDS_HOME, IN_CACHE],
    }],
};

/// text-embeddings-inference. Read: 1.6.0, 1.9.3.
static TEI: Client = Client {
    name: "tei",
    aliases: &["tei-old"],
    title: "text-embeddings-inference",
    found: Found::Nowhere,
    newest: Version::new(1, 9, 3),
    models: &[
        // Without the variable the builder is given no token: the file is never used.
        Model { since: Version::first_of(1, 0, 0), wire: Wire::Plain, steps: &[sent_as_is(&["HF_API_TOKEN"])] },
        // Both names at once are an error of the command line.
        Model {
            since: Version::first_of(1, 6, 1),
            wire: Wire::Plain,
            steps: &[
                Step::Own(tei_conflict),
                sent_as_is(&["HF_TOKEN", "HF_API_TOKEN"]),
                IN_HF_HOME,
                NEEDS_HOME,
                IN_CACHE,
            ],
        },
    ],
};

fn tei_conflict(state: &State<'_>) -> Answered {
    if state.var("HF_TOKEN").is_some() && state.var("HF_API_TOKEN").is_some() {
        Answered::Error("ArgumentConflict", Some(Location::variable("HF_API_TOKEN")))
    } else {
        Answered::Nothing
    }
}

/// The tokenizer download of SGLang's router: without the variable it erases the file's token.
/// Read: sgl-project/sglang 05fc6a09.
static SGLANG_ROUTER: Client = Client {
    name: "sglang-router",
    aliases: &[],
    title: "SGLang router",
    found: Found::Nowhere,
    newest: Version::new(0, 5, 10),
    models: &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Plain, steps: &[sent_as_is(&["HF_TOKEN"])] }],
};

/// Polars' `hf://` paths: nothing is trimmed, and what does not fit into a header fails.
/// Run: py-polars 2.1.0 (polars-io 0.55.2).
static POLARS: Client = Client {
    name: "polars",
    aliases: &[],
    title: "Polars",
    found: Found::Python("polars"),
    newest: Version::new(2, 1, 0),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Plain,
        steps: &[
            sent_as_is(&["HF_TOKEN"]),
            Step::File {
                at: Place::Var {
                    name: "HF_HOME",
                    set: Set::Present,
                    then: "/token",
                    expand: Expand::Tilde,
                    text: Text::Utf8,
                },
                decode: Decode::Utf8,
                clean: Clean::Raw,
                missing: Then::Anonymous,
                failing: Then::Anonymous,
                blank: Blank::Anonymous,
            },
            Step::File {
                at: Place::Home { by: Home::Rust, then: "/.cache/huggingface/token" },
                decode: Decode::Utf8,
                clean: Clean::Raw,
                missing: Then::Anonymous,
                failing: Then::Anonymous,
                blank: Blank::Anonymous,
            },
        ],
    }],
};
