//! Programs and frameworks that ask huggingface_hub, with what they ask before it.
//!
//! Read in the code of the version named. A store or a configuration file that a program asks as well is not read yet:
//! where it exists, the answer is "cannot be told offline" rather than a wrong one.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use super::Candidate;
use super::clean::Clean;
use super::model::{Answered, Blank, Client, Decode, Found, Model, Place, Set, Step, Text, Then, Wire, Within};
use super::native::in_its_own_store;
use super::version::Version;
use super::vllm_cli;
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::dotenv::{Dotenv, Fault};
use crate::system::ReadError;
use crate::system::home::expanduser;

/// All of them.
pub static CLIENTS: &[&Client] = &[
    &INVOKEAI_REPO,
    &INVOKEAI_URL,
    &INVOKEAI_UI,
    &COMFYUI,
    &COMFYUI_MANAGER_LIST,
    &COMFYUI_MANAGER_DOWNLOAD,
    &TGWUI,
    &FORGE,
    &A1111,
    &KOHYA,
    &FLUXGYM,
    &AI_TOOLKIT,
    &VLLM,
    &vllm_cli::VLLM_CLI,
    &SGLANG,
    &TABBYAPI_LIST,
    &TABBYAPI_DOWNLOAD,
    &LLAMAINDEX,
    &LLMWARE,
    &TRANSFORMERS,
    &DATASETS,
    &DIFFUSERS,
    &PYANNOTE,
    &AXOLOTL,
    &LLAMAFACTORY,
    &UNSLOTH,
    &GPUSTACK,
    &OPEN_WEBUI,
    &HF_INFERENCE_TOOLKIT,
    &SAGEMAKER_TOOLKIT,
    &TGI_CHILDREN,
    &CHAT_UI,
    &HF_MCP_SERVER,
    &ANYTHINGLLM,
    &JAN,
];

/// The first name that is set at all decides; what is empty is sent.
const fn sent(names: &'static [&'static str]) -> Step {
    Step::Env { names, text: Text::Bytes, set: Set::Present, clean: Clean::Raw, blank: Blank::Sent }
}

const fn non_empty(names: &'static [&'static str]) -> Step {
    Step::Env { names, text: Text::Bytes, set: Set::NonEmpty, clean: Clean::Raw, blank: Blank::Next }
}

const fn since_ever(wire: Wire, steps: &'static [Step]) -> Model {
    Model { since: Version::first_of(0, 0, 0), wire, steps }
}

const fn app(
    name: &'static str,
    aliases: &'static [&'static str],
    title: &'static str,
    newest: Version,
    models: &'static [Model],
) -> Client {
    Client { name, aliases, title, found: Found::Nowhere, newest, models }
}

/// The variables that hold a token for huggingface_hub.
const TOKEN_VARIABLES: [&str; 2] = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"];

/// Just huggingface_hub.
const HUB: &[Model] = &[since_ever(Wire::Hub, &[Step::Hub])];
/// Nothing unless it is passed.
const NOTHING: &[Model] = &[since_ever(Wire::Plain, &[])];

/// InvokeAI's own list of tokens, in the environment or in `invokeai.yaml`.
fn invokeai_list(state: &State<'_>) -> Answered {
    let listed = state.non_empty("INVOKEAI_REMOTE_API_TOKENS").is_some();
    let root = state.non_empty("INVOKEAI_ROOT").or_else(|| {
        let venv = state.non_empty("VIRTUAL_ENV")?;
        std::path::Path::new(&venv).parent().map(|p| p.as_os_str().to_owned())
    });
    let root = root.unwrap_or_else(|| expanduser(state.system, OsStr::new("~/invokeai")));
    let yaml = std::path::Path::new(&root).join("invokeai.yaml");
    let names_tokens = |path| {
        let read = state.system.read(path, crate::system::TEXT_LIMIT);
        read.is_ok_and(|c| c.bytes.windows(17).any(|w| w == b"remote_api_tokens"))
    };
    if listed || names_tokens(&yaml) { Answered::Unknown } else { Answered::Nothing }
}

/// Read: 4.2.9, 6.14 (8e71a8a5).
static INVOKEAI_REPO: Client = app(
    "invokeai-repo",
    &["invokeai", "invokeai-old"],
    "InvokeAI (by repository)",
    Version::new(6, 14, 0),
    &[since_ever(Wire::Requests, &[Step::Hub, Step::Own(invokeai_list)])],
);
/// A plain URL gets only the typed token or the list. Read: 6.14.
static INVOKEAI_URL: Client = app(
    "invokeai-url",
    &[],
    "InvokeAI (by URL)",
    Version::new(6, 14, 0),
    &[since_ever(Wire::Requests, &[Step::Own(invokeai_list)])],
);
/// The status in the UI is that of huggingface_hub. Read: 6.14.
static INVOKEAI_UI: Client = app("invokeai-ui", &[], "InvokeAI (token manager)", Version::new(6, 14, 0), HUB);
/// Whatever each node does; most ask huggingface_hub. By report.
static COMFYUI: Client = app("comfyui", &[], "ComfyUI custom nodes", Version::new(0, 3, 0), HUB);
/// Read: 3.39.
static COMFYUI_MANAGER_LIST: Client =
    app("comfyui-manager-list", &[], "ComfyUI-Manager (listing)", Version::new(3, 39, 0), HUB);
/// Downloads carry no header; only netrc reaches them. Read: 3.39.
static COMFYUI_MANAGER_DOWNLOAD: Client = app(
    "comfyui-manager-download",
    &[],
    "ComfyUI-Manager (download)",
    Version::new(3, 39, 0),
    &[since_ever(Wire::Requests, &[])],
);
/// text-generation-webui's downloader: HF_USER and HF_PASS replace the header. Read and run as a pattern: 1dcde41d.
static TGWUI: Client = app(
    "tgwui",
    &[],
    "text-generation-webui",
    Version::new(3, 0, 0),
    &[since_ever(Wire::Requests, &[Step::Own(user_and_password), Step::GetToken])],
);

/// Points HF_HOME at its own models folder where it is not set, so no login of the home directory is found.
/// Read: dfdcbab6.
static FORGE: Client = app(
    "forge",
    &[],
    "stable-diffusion-webui-forge",
    Version::new(2, 0, 0),
    &[since_ever(Wire::Hub, &[non_empty(&["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]), Step::Own(forge_home), Step::Hub])],
);

fn forge_home(state: &State<'_>) -> Answered {
    if state.var("HF_HOME").is_none() && state.var("HF_TOKEN_PATH").is_none() {
        Answered::Anonymous
    } else {
        Answered::Nothing
    }
}

/// Read in part: 0792fae0.
static A1111: Client = app("a1111", &[], "stable-diffusion-webui", Version::new(1, 10, 0), HUB);
/// Without the option and the key in its TOML. Read: 26.0.0.
static KOHYA: Client = app("kohya", &[], "kohya_ss", Version::new(26, 0, 0), HUB);
/// A file named HF_TOKEN in the folder of the program. Read: 678add2.
static FLUXGYM: Client = app(
    "fluxgym",
    &[],
    "fluxgym",
    Version::new(1, 0, 0),
    &[since_ever(
        Wire::Plain,
        &[Step::File {
            at: Place::Here("HF_TOKEN"),
            decode: Decode::Python,
            clean: Clean::Raw,
            missing: Then::Next,
            failing: Then::Raises,
            blank: Blank::Sent,
        }],
    )],
);
/// By hand, in its folder: a `.env` there or above it fills in what the environment has not, before huggingface_hub is
/// asked. A job of its web interface gets the token of a store of its own instead. Read: 27a03a91, 03efaf6c.
static AI_TOOLKIT: Client = app(
    "ai-toolkit",
    &[],
    "ostris ai-toolkit",
    Version::new(0, 7, 0),
    &[since_ever(Wire::Hub, &[Step::Within(ai_toolkit_dotenv), Step::Own(ai_toolkit_fails), Step::Hub])],
);

/// The `.env` that `load_dotenv()` in `run.py` finds: it looks from the folder of that file up, so only where this
/// directory is that folder.
fn ai_toolkit_file<'s>(state: &'s State<'_>) -> Option<&'s Dotenv> {
    let beside = state.system.stat(Path::new("run.py")).is_ok() && state.system.stat(Path::new("toolkit")).is_ok();
    if beside { state.dotenv() } else { None }
}

fn ai_toolkit_dotenv(state: &State<'_>) -> Within {
    let mut within = Within::default();
    let Some(file) = ai_toolkit_file(state) else {
        return within;
    };
    for entry in &file.entries {
        // In the order of the file, so that the last of a name stays.
        if let (Some(value), None) = (&entry.value, state.var(&entry.name)) {
            within.changes.insert(entry.name.as_str().into(), Some(OsString::from_vec(value.clone())));
        }
    }
    within.taken = TOKEN_VARIABLES
        .into_iter()
        .filter(|name| within.changes.contains_key(OsStr::new(name)))
        .filter_map(|name| Some((name, file.location(file.get(name)?))))
        .collect();
    within
}

/// What `load_dotenv()` cannot read, it raises on.
fn ai_toolkit_fails(state: &State<'_>) -> Answered {
    let Some(file) = ai_toolkit_file(state) else {
        return Answered::Nothing;
    };
    let at = || Some(Location::file(&file.path));
    match file.fault {
        None => Answered::Nothing,
        Some(Fault::NotUtf8) => Answered::Error("UnicodeDecodeError", at()),
        // A pipe is read by python-dotenv and never by hflint.
        Some(Fault::Unreadable(ReadError::Fifo | ReadError::Special)) => Answered::Unknown,
        Some(Fault::Unreadable(e)) => Answered::Error(e.python_class(), at()),
    }
}

/// Without `--hf-token`. Read: 0.24.
static VLLM: Client = app("vllm", &[], "vLLM", Version::new(0, 24, 0), HUB);
/// Read: 0.5.
static SGLANG: Client = app("sglang", &[], "SGLang", Version::new(0, 5, 10), HUB);
/// Read: e632af4.
static TABBYAPI_LIST: Client = app("tabbyapi-list", &[], "tabbyAPI (listing)", Version::new(1, 0, 0), HUB);
/// Read: e632af4.
static TABBYAPI_DOWNLOAD: Client = app("tabbyapi-download", &[], "tabbyAPI (download)", Version::new(1, 0, 0), NOTHING);
/// Read: 0.8.0.
static LLAMAINDEX: Client = app("llamaindex", &[], "LlamaIndex", Version::new(0, 8, 0), HUB);
/// Read: 0.4.7.
static LLMWARE: Client = app(
    "llmware",
    &[],
    "llmware",
    Version::new(0, 4, 7),
    &[since_ever(Wire::Requests, &[non_empty(&["USER_MANAGED_HF_API_KEY"])])],
);

/// transformers: anonymous by default while it had its own downloader. Read: 4.10.0, 4.20.0, 4.30.0, 4.31.0.
static TRANSFORMERS: Client = Client {
    name: "transformers",
    aliases: &["transformers-old"],
    title: "transformers",
    found: Found::Python("transformers"),
    newest: Version::new(5, 0, 0),
    models: &[
        since_ever(Wire::Requests, &[]),
        Model { since: Version::first_of(4, 22, 0), wire: Wire::Hub, steps: &[Step::Hub] },
    ],
};
/// datasets: a token only where one is asked for, up to 2.12. Read: 1.18.4, 2.13.0, 2.14.0.
static DATASETS: Client = Client {
    name: "datasets",
    aliases: &["datasets-old"],
    title: "datasets",
    found: Found::Python("datasets"),
    newest: Version::new(4, 0, 0),
    models: &[
        since_ever(Wire::Requests, &[]),
        Model { since: Version::first_of(2, 13, 0), wire: Wire::Hub, steps: &[Step::Hub] },
    ],
};
/// diffusers. Read: 0.2.4, 0.20.0, 0.42.1.
static DIFFUSERS: Client = app("diffusers", &["diffusers-old", "delegating"], "diffusers", Version::new(0, 42, 1), HUB);
/// A token that does not begin with `hf_` is dropped. Read: 4.0.7.
static PYANNOTE: Client = app("pyannote", &[], "pyannote.audio", Version::new(4, 0, 7), HUB);
/// Read: 0.19.0.
static AXOLOTL: Client = app("axolotl", &[], "Axolotl", Version::new(0, 19, 0), HUB);
/// Without `hf_hub_token` in its YAML. Read: 0.9.5.
static LLAMAFACTORY: Client = app("llamafactory", &[], "LLaMA-Factory", Version::new(0, 9, 5), HUB);
/// Read: 2026.10.9.
static UNSLOTH: Client = app("unsloth", &[], "Unsloth", Version::new(2026, 10, 9), HUB);
/// Its own configuration comes last and is not read here. Read: 2.3.0.
static GPUSTACK: Client =
    app("gpustack", &[], "GPUStack", Version::new(2, 3, 0), &[since_ever(Wire::Hub, &[non_empty(&["HF_TOKEN"])])]);
/// Outside its container, which sets HF_HOME. Documented: 00a89829.
static OPEN_WEBUI: Client = app("open-webui", &[], "Open WebUI", Version::new(0, 6, 0), HUB);
/// Read: 0.5.5.
static HF_INFERENCE_TOOLKIT: Client = app(
    "hf-inference-toolkit",
    &[],
    "huggingface-inference-toolkit",
    Version::new(0, 5, 5),
    &[since_ever(Wire::Hub, &[sent(&["HF_HUB_TOKEN"])])],
);
/// Read: 2.6.0.
static SAGEMAKER_TOOLKIT: Client = app(
    "sagemaker-toolkit",
    &[],
    "sagemaker-huggingface-inference-toolkit",
    Version::new(2, 6, 0),
    &[since_ever(Wire::Hub, &[sent(&["HF_API_TOKEN"])])],
);
/// The Python processes that text-generation-inference starts: HF_API_TOKEN is copied over HF_TOKEN, even empty, and then
/// huggingface_hub is asked, to which an empty one is none. Read: 2.1.0, 3.3.7 (`launcher/src/main.rs`).
static TGI_CHILDREN: Client = app(
    "tgi-children",
    &[],
    "text-generation-inference shards",
    Version::new(3, 3, 7),
    &[
        since_ever(Wire::Hub, &[Step::Within(|state| api_token_over("HUGGING_FACE_HUB_TOKEN", state)), Step::Hub]),
        Model {
            since: Version::first_of(2, 1, 0),
            wire: Wire::Hub,
            steps: &[Step::Within(|state| api_token_over("HF_TOKEN", state)), Step::Hub],
        },
    ],
);

/// Rust's `env::var`: one that is not UTF-8 is none.
fn api_token_over(name: &'static str, state: &State<'_>) -> Within {
    const FROM: &str = "HF_API_TOKEN";
    match state.var(FROM).and_then(|value| Text::Utf8.read(value)) {
        None => Within::default(),
        Some(value) => {
            Within { changes: [(name.into(), Some(value))].into(), taken: vec![(name, Location::variable(FROM))] }
        }
    }
}

/// Without its `.env.local`. Read: c100c162.
static CHAT_UI: Client = app(
    "chat-ui",
    &[],
    "chat-ui",
    Version::new(0, 20, 0),
    &[since_ever(Wire::Plain, &[non_empty(&["OPENAI_API_KEY", "HF_TOKEN"])])],
);
/// STDIO mode, without a header of the caller. Read: 0.4.12.
static HF_MCP_SERVER: Client = app(
    "hf-mcp-server",
    &[],
    "Hugging Face MCP server",
    Version::new(0, 4, 12),
    &[since_ever(Wire::Plain, &[non_empty(&["DEFAULT_HF_TOKEN", "HF_TOKEN"])])],
);
/// Documented: 0004244f.
static ANYTHINGLLM: Client = app(
    "anythingllm",
    &[],
    "AnythingLLM",
    Version::new(1, 9, 0),
    &[since_ever(Wire::Plain, &[non_empty(&["HUGGING_FACE_LLM_API_KEY"])])],
);
/// Its own settings. Read: 12c552c9.
static JAN: Client =
    app("jan", &[], "Jan", Version::new(0, 6, 0), &[since_ever(Wire::Plain, &[Step::Own(in_its_own_store)])]);

/// Whether text-generation-webui gives its session a user and a password: both variables are there, even empty.
pub(super) fn has_user_and_password(state: &State<'_>) -> bool {
    state.var("HF_USER").is_some() && state.var("HF_PASS").is_some()
}

fn user_and_password(state: &State<'_>) -> Answered {
    let password = state.var("HF_PASS").filter(|_| has_user_and_password(state));
    match password {
        None => Answered::Nothing,
        Some(password) if password.is_empty() => Answered::Anonymous,
        Some(password) => Answered::Token(Candidate {
            token: Token::new(password.into_encoded_bytes()),
            source: Location::variable("HF_PASS"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Instance, by_name, resolve};
    use crate::system::fake::Fake;

    fn sends(name: &str, version: Option<Version>, fake: &Fake) -> (String, Option<Location>) {
        let client = by_name(name).unwrap();
        let answer = resolve(&State::new(fake), &Instance::new(client, version.unwrap_or(client.newest)));
        let token = answer.outcome.token().map(|t| String::from_utf8_lossy(t.bytes()).into_owned());
        (token.unwrap_or_else(|| answer.outcome.word().to_owned()), answer.source)
    }

    #[test]
    fn the_shards_of_tgi_ask_huggingface_hub_in_their_own_environment() {
        let login = Fake::home().file("/home/u/.cache/huggingface/token", "hf_login");
        let both = login.clone().var("HF_TOKEN", "hf_mine").var("HF_API_TOKEN", " hf_api\n");
        assert_eq!(sends("tgi-children", None, &both), ("hf_api".to_owned(), Some(Location::variable("HF_API_TOKEN"))));
        let empty = both.var("HF_API_TOKEN", "");
        assert_eq!(sends("tgi-children", None, &empty).0, "hf_login", "an empty one takes HF_TOKEN's place");
        let old = Some(Version::new(1, 4, 0));
        assert_eq!(sends("tgi-children", old, &empty).0, "hf_mine", "which then was no name of its own");
    }

    #[test]
    fn ai_toolkit_reads_a_dotenv_in_its_own_folder_alone() {
        let bare = Fake::home().file("/home/u/p/.env", "A=1\nHF_TOKEN=hf_env\n");
        let bare = bare.file("/home/u/p/run.py", "").file("/home/u/p/toolkit/job.py", "").cwd("/home/u/p");
        assert_eq!(
            sends("ai-toolkit", None, &bare.clone().var("HF_TOKEN", "")).0,
            "anonymous",
            "an empty variable keeps the file's out"
        );
        let unset = bare;
        let line = Location::line("/home/u/p/.env", 2);
        assert_eq!(sends("ai-toolkit", None, &unset), ("hf_env".to_owned(), Some(line)));
        let switch = unset.clone().var("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
        assert_eq!(sends("ai-toolkit", None, &switch).0, "anonymous");
        assert_eq!(sends("ai-toolkit", None, &unset.cwd("/home/u/p/toolkit")).0, "anonymous");
    }
}
