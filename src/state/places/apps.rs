//! Applications that keep a token in a file of their own.
//!
//! Sources: InvokeAI 6.14 (`config_default.py`: the root is `$INVOKEAI_ROOT`, else the directory above the virtualenv,
//! else `~/invokeai`; `model_install_default.py`: an install that was cut off goes on with the token that it was begun
//! with); comfy-cli 1.23 (`config.ini`), run; vllm-cli, LM Studio, SkyPilot, Streamlit, R, curl, wget and aria2 by their
//! documentation. An application's token is told as `HF_TOKEN`, for which it stands.

use std::path::{Path, PathBuf};

use super::{Cure, Found, Reaches, Sighting, Value, home, xdg};
use crate::finding::Location;
use crate::secret::{Token, tokens_in};
use crate::shell::quote_path;
use crate::state::State;
use crate::state::document::{Node, json, yaml};
use crate::system::Kind;

const INVOKEAI: &str = "InvokeAI's configuration";
/// What a token of such an install is found as.
pub(crate) const INSTALL: &str = "an InvokeAI install that was cut off";

/// Below the home directory; files of text in which a token stands as it is.
const FILES: &[(&str, &str)] = &[
    (".config/vllm-cli/config.yaml", "vllm-cli"),
    (".lmstudio/apps/bionic/settings.json", "LM Studio"),
    (".sky/huggingface/token", "SkyPilot"),
    (".streamlit/secrets.toml", "Streamlit"),
    (".Renviron", "R"),
    (".curlrc", "curl"),
    (".wgetrc", "wget"),
    (".aria2/aria2.conf", "aria2"),
    (".config/aria2/aria2.conf", "aria2"),
];

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    let Some(home) = home(state.system) else { return };
    for root in invokeai_roots(state, &home) {
        of_invokeai(state, found, &root);
    }
    let comfy = if cfg!(target_os = "macos") {
        Some(home.join("Library/Application Support/comfy-cli"))
    } else {
        xdg(state, "XDG_CONFIG_HOME", ".config").map(|dir| dir.join("comfy-cli"))
    };
    let mut files: Vec<(PathBuf, &'static str)> = FILES.iter().map(|(path, name)| (home.join(path), *name)).collect();
    files.extend(comfy.map(|dir| (dir.join("config.ini"), "comfy-cli")));
    files.extend(state.system.cwd().map(|dir| (dir.join(".streamlit/secrets.toml"), "Streamlit")));
    files.extend(state.system.cwd().map(|dir| (dir.join(".Renviron"), "R")));
    for (path, setter) in files {
        let Some(text) = found.read_naming(state, &path) else { continue };
        of_text(found, &path, &text, setter);
    }
}

/// Every line on which a token stands, comments left out.
fn of_text(found: &mut Found, path: &Path, text: &Token, setter: &'static str) {
    for (number, line) in (1..).zip(text.bytes().split(|b| *b == b'\n')) {
        if matches!(line.trim_ascii_start().first(), Some(b'#' | b';')) {
            continue;
        }
        for token in tokens_in(line) {
            found.add(Sighting::new(
                "HF_TOKEN",
                Value::Token(token),
                Location::line(path, number),
                setter,
                Reaches::App,
            ));
        }
    }
}

fn invokeai_roots(state: &State<'_>, home: &Path) -> Vec<PathBuf> {
    let absolute = |name: &str| state.non_empty(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let mut out: Vec<PathBuf> = Vec::new();
    let above = absolute("VIRTUAL_ENV").and_then(|venv| venv.parent().map(Path::to_owned));
    for root in [absolute("INVOKEAI_ROOT"), above, Some(home.join("invokeai"))].into_iter().flatten() {
        if !out.contains(&root) {
            out.push(root);
        }
    }
    out
}

fn of_invokeai(state: &State<'_>, found: &mut Found, root: &Path) {
    let path = root.join("invokeai.yaml");
    let documents = found.read(state, &path).filter(|text| text.bytes().windows(17).any(|w| w == b"remote_api_tokens"));
    if let Some(text) = documents
        && let Some(documents) = found.parsed(&path, yaml(text.bytes()))
    {
        let pairs = documents.iter().filter_map(|d| d.get("remote_api_tokens")).flat_map(Node::items);
        for pair in pairs {
            let (Some(pattern), Some(entry)) = (pair.get("url_regex").and_then(Node::str), pair.entry("token")) else {
                continue;
            };
            let Some(token) = entry.value.scalar() else { continue };
            // Other services' keys stand in the same list.
            let is_hub = token.is_shaped()
                || pattern.contains("huggingface")
                || pattern.contains("hf\\.co")
                || pattern.contains("hf.co");
            if is_hub && !token.is_blank() {
                let at = Location::line(&path, entry.line);
                found.add(Sighting::new("HF_TOKEN", Value::Token(token.clone()), at, INVOKEAI, Reaches::App));
            }
        }
    }
    let models = root.join("models");
    for name in state.system.list(&models).unwrap_or_default() {
        if !name.as_encoded_bytes().starts_with(b"tmpinstall_") {
            continue;
        }
        let dir = models.join(&name);
        let path = dir.join(".invokeai_install.json");
        if state.system.lstat(&dir).is_ok_and(|s| s.kind != Kind::Dir) {
            continue;
        }
        let Some(text) = found.read(state, &path) else { continue };
        let Some(read) = found.parsed(&path, json(text.bytes())) else { continue };
        if let Some(entry) = read.entry("access_token")
            && let Some(token) = entry.value.text().filter(|t| !t.is_blank())
        {
            let at = Location::line(&path, entry.line);
            let sighting = Sighting::new("HF_TOKEN", Value::Token(token.clone()), at, INSTALL, Reaches::App);
            found.add(Sighting { cure: Cure::Command(format!("rm -r {}", quote_path(Some(&dir)))), ..sighting });
        }
    }
}
