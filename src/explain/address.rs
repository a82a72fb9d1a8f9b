//! What the addresses of a log tell: the host, the repository, and a name that cannot be one.

use super::request::Request;

/// The addresses in a line.
pub(super) fn urls(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("http").filter_map(|(at, _)| {
        let rest = &line[at..];
        let scheme = if rest.starts_with("https://") {
            8
        } else if rest.starts_with("http://") {
            7
        } else {
            return None;
        };
        let end = rest.find(|c: char| c.is_whitespace() || "\"'`<>)],;|".contains(c)).unwrap_or(rest.len());
        let url = rest[..end].trim_end_matches(['.', ':', '\\', '…']);
        (url.len() > scheme).then_some(url)
    })
}

pub(super) fn is_hub(host: &str) -> bool {
    let below = |h: &str| host.strip_suffix(h).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    // The storage judges no tokens of the hub: it answers by sessions of its own, and its paths name no repositories.
    let is_storage = below("xethub.hf.co") || host.starts_with("cdn-lfs");
    ["huggingface.co", "hf.co", "hf-mirror.com", "hf.space"].into_iter().any(below) && !is_storage
}

/// Paths that only the hub's interface has: a mirror or a company's copy has them too.
pub(super) fn looks_like_the_hub(path: &str) -> bool {
    path.contains("/resolve/") || interface(path).is_some()
}

/// The part of a path that is of the hub's interface: a company's copy has it below a directory of its own.
fn interface(path: &str) -> Option<&str> {
    let begins = ["api/models/", "api/datasets/", "api/spaces/", "api/whoami"];
    let at = begins.iter().filter_map(|b| path.find(b)).min()?;
    (at == 0 || path[..at].ends_with('/')).then(|| &path[at..])
}

/// Pages of the hub that are no repositories.
const PAGES: [&str; 15] = [
    "api",
    "settings",
    "docs",
    "blog",
    "join",
    "login",
    "models",
    "papers",
    "pricing",
    "tasks",
    "organizations",
    "oauth",
    "front",
    "learn",
    "posts",
];

/// What follows a repository's name in an address.
const VERBS: [&str; 16] = [
    "resolve",
    "raw",
    "blob",
    "tree",
    "revision",
    "commit",
    "preupload",
    "paths-info",
    "refs",
    "discussions",
    "info",
    "settings",
    "commits",
    "xet-read-token",
    "xet-write-token",
    "resolve-cache",
];

/// What an address of the hub tells.
pub(super) fn read(host: &str, path: &str, line: u32, request: &mut Request) {
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let strong = looks_like_the_hub(path);
    let path = interface(path).unwrap_or(path);
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    if request.host.is_none()
        || (strong && request.host.as_deref().is_some_and(|h| h == "huggingface.co" || h == "hf.co"))
    {
        request.host = Some(host.to_owned());
    }
    if parts == ["api", "whoami"] {
        request.whoami_v1.get_or_insert(line);
        return;
    }
    let (kind, rest) = match parts.as_slice() {
        ["api", kind @ ("models" | "datasets" | "spaces"), rest @ ..] | [kind @ ("datasets" | "spaces"), rest @ ..] => {
            (*kind, rest)
        }
        [page, ..] if PAGES.contains(page) => return,
        rest => ("models", rest),
    };
    let length = rest.iter().position(|p| VERBS.contains(p)).unwrap_or(rest.len().min(2)).min(2);
    if length == 0 {
        return;
    }
    let name = rest[..length].join("/");
    let name = name.trim_end_matches(".git").to_owned();
    if rest.len() > length || strong {
        if is_no_name(&name) {
            request.bad_name.get_or_insert(line);
        }
        set_repository(request, kind, &name, true);
    } else {
        set_repository(request, kind, &name, false);
    }
}

/// Words that stand in a name because a value was not set, and names that are paths or files.
pub(super) fn is_no_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let part = |p: &str| {
        matches!(
            p,
            "none"
                | "null"
                | "undefined"
                | "nan"
                | "nil"
                | "false"
                | "true"
                | "your-username"
                | "your_username"
                | "username"
                | "<repo_id>"
        )
    };
    let file = [".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt", ".onnx", ".json"];
    let directory = |d: &str| {
        matches!(
            d,
            "models"
                | "model"
                | "checkpoints"
                | "checkpoint"
                | "ckpt"
                | "ckpts"
                | "output"
                | "outputs"
                | "output_dir"
                | "weights"
                | "pretrained"
                | "pretrained_models"
                | "saved_models"
                | "."
                | ".."
        )
    };
    // What a training writes beside the others of its kind.
    let saved = |p: &str| p.strip_prefix("checkpoint-").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    lower.split('/').any(|p| part(p) || saved(p))
        // A directory of this machine that is not there: the program took its path for a name of the hub.
        || lower.split_once('/').is_some_and(|(owner, _)| directory(owner))
        || file.iter().any(|f| lower.ends_with(f))
        || lower.starts_with("path/to")
        || lower.starts_with("gpt-3.5")
        || lower.starts_with("gpt-4")
        || lower.starts_with("text-embedding-")
        || name.contains(['\\', '~', '%', '<', '{', '$', ' '])
}

/// Whether a name is that of a directory: the hub's have one owner at most. A directory of the cache was not meant to be one.
pub(super) fn is_a_path(name: &str) -> bool {
    (name.starts_with(['.', '/']) || name.ends_with('/') || name.matches('/').count() > 1) && !name.contains("models--")
}

pub(super) fn set_repository(request: &mut Request, kind: &str, name: &str, strong: bool) {
    let known = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
    if !known || name.is_empty() || (request.repository.is_some() && !strong) {
        return;
    }
    if request.repository.is_none() || strong {
        let full = if kind == "models" { name.to_owned() } else { format!("{kind}/{name}") };
        if full.len() < 200 {
            request.repository = Some(full);
        }
    }
}
