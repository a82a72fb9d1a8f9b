//! The error texts, as data: what programs and the hub print, and what each of them says about the request.
//!
//! One table in six files, by who prints it. A text is matched in pieces, in order, without regard to case, white space,
//! quotes and line breaks; so a terminal may wrap it anywhere, and a window may cut its end: the pieces are the shortest
//! beginning that is unmistakable. `source` names where the text stands: the program and the releases that were read
//! ("0.10+"), or the kind of thread that shows it.

mod clients;
mod files;
mod hub;
mod huggingface_hub;
mod network;
mod programs;

pub(crate) use super::says::{Says, Text};
use super::says::{any, own};

/// All texts, those of the hub first: of two that say the same, the nearer to the hub is named.
pub(crate) fn texts() -> impl Iterator<Item = &'static Text> + Clone {
    [hub::TEXTS, huggingface_hub::TEXTS, clients::TEXTS, files::TEXTS, programs::TEXTS, network::TEXTS]
        .into_iter()
        .flatten()
}

/// What a status beside an address of the hub says where no text does: found by its number, not by its words.
pub(crate) static STATUS: &[(u16, Text)] = &[
    (400, any("W400", Says::BadRequest, "HTTP", &["400 Bad Request"], "")),
    (401, any("W401", Says::Missing, "HTTP", &["401 Unauthorized"], "")),
    (402, any("W402", Says::Credits, "HTTP", &["402 Payment Required"], "")),
    (403, any("W403", Says::Forbidden, "HTTP", &["403 Forbidden"], "")),
    (404, any("W404", Says::Missing, "HTTP", &["404 Not Found"], "")),
    (407, any("W407", Says::Proxy, "HTTP", &["407 Proxy Authentication Required"], "")),
    (409, any("W409", Says::Taken, "HTTP", &["409 Conflict"], "")),
    (410, any("W410", Says::Retired, "HTTP", &["410 Gone"], "")),
    (416, any("W416", Says::Range, "HTTP", &["416 Range Not Satisfiable"], "")),
    (429, any("W429", Says::Rate, "HTTP", &["429 Too Many Requests"], "")),
    (500, any("W500", Says::Server, "HTTP", &["500 Internal Server Error"], "")),
    (502, any("W502", Says::Server, "HTTP", &["502 Bad Gateway"], "")),
    (503, any("W503", Says::Server, "HTTP", &["503 Service Unavailable"], "")),
    (504, any("W504", Says::Server, "HTTP", &["504 Gateway Timeout"], "")),
];

/// The first address of whoami, which answers 401 to every token; `/api/whoami-v2` is the one that works.
pub(crate) static WHOAMI_V1: Text = own("X12", Says::WhoamiV1, "the hub", &["/api/whoami"], "");

/// A token in the text, where nothing else is.
pub(crate) static TOKEN: Text = own("K01", Says::Token, "any text", &["a token"], "");

/// What programs say in words of their own, where nothing of the table stands beside it.
pub(crate) static PHRASE_NONE: Text = own("X30", Says::NoneFound, "any program", &["no token of the hub"], "");
pub(crate) static PHRASE_VARIABLE: Text = own("X30", Says::VariableMissing, "any program", &["a variable not set"], "");
pub(crate) static PHRASE_BAD: Text = own("X30", Says::Refused, "any program", &["a token that is bad"], "");
pub(crate) static PHRASE_LOGIN: Text = own("X30", Says::LoginFailed, "any program", &["no token, or a bad one"], "");
pub(crate) static PHRASE_GATE: Text = own("X30", Says::Gated, "any program", &["a gate of the hub"], "");

/// A traceback through huggingface_hub that ends in an error which the table does not know.
pub(crate) static TRACEBACK: Text =
    own("H50", Says::Traceback, "huggingface_hub", &["a traceback through huggingface_hub"], "");

/// A repository's name that no repository has: what a program made of a value that was not set.
pub(crate) static BAD_NAME: Text =
    own("X10", Says::BadName, "any program", &["a repository's name that cannot be one"], "");

/// What only a text about Hugging Face holds: the texts that are not its own count beside one of these.
pub(crate) const MARKS: &[&str] = &[
    "huggingface",
    "hugging face",
    "hugging_face",
    "hf.co/",
    "hf.co:",
    "hf-hub",
    "hf_hub",
    "hf_token",
    "hf-mirror",
    "hf auth",
    "hf_home",
    "hf_endpoint",
    "hf_api_token",
    "hf_api_key",
    "transformers/",
    // The storage behind the hub.
    "cdn-lfs",
    "xethub.hf.co",
    "site-packages/diffusers",
    "import transformers",
    "from transformers import",
    "from diffusers import",
    "from sentence_transformers import",
    "datasets/load.py",
    // The same of Windows, whose paths lose their strokes.
    "site-packagestransformers",
    "site-packagesdiffusers",
    "datasetsload.py",
    "hf download",
    "hf upload",
    "text-generation-inference",
    "text-embeddings-inference",
    "hfapi",
    "hf_xet",
    "hf-xet",
    "hf repo",
    "hf-mount",
    "hf-mem",
    "hf_transfer",
    "hf download",
    "hf login",
    "huggingfacehub",
    "bearer hf_",
    "use_auth_token",
    // llama.cpp, by its functions and by how it is started.
    "get_repo_commit:",
    "get_repo_files:",
    "common_get_hf_file",
    "common_download_get_hf_plan",
    "llama-server -hf",
    "llama-cli -hf",
    // The directories of the cache, wherever it is.
    "hub/models--",
    "hub/datasets--",
    ".locks/models--",
    ".locks/datasets--",
];

#[cfg(test)]
mod tests;
