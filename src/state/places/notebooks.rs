//! Notebooks: the environment that a kernel is started with, and what IPython runs at its start.
//!
//! Sources: jupyter_client (`kernel.json`: `env` goes over the server's environment, `${VAR}` is put in), jupyter_core
//! (the data directories; `JUPYTER_CONFIG_DIR`), IPython (`startup/*.py`, `*.ipy`, `ipython_config.py`).

use std::path::PathBuf;

use super::{Cure, Found, Like, Reaches, Sighting, Value, home, python_code, xdg};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::document::json;

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    let value = |text: &Token| {
        let refers = text.bytes().contains(&b'$');
        if refers { Value::Reference(text.clone()) } else { Value::Token(text.clone()) }
    };
    let like = Like { setter: "a notebook kernel", reaches: Reaches::Notebook, cure: Cure::Edit, value: &value };
    for dir in data(state) {
        let kernels = dir.join("kernels");
        for name in state.system.list(&kernels).unwrap_or_default() {
            let path = kernels.join(name).join("kernel.json");
            if let Some(read) = found.parse(state, &path, json)
                && let Some(map) = read.get("env")
            {
                found.add_map(&path, map, false, &like);
            }
        }
    }
    let started = ipython(state).into_iter().map(|path| (path, "IPython's start-up"));
    let configured = jupyter(state).into_iter().map(|path| (path, "Jupyter's configuration"));
    for (path, setter) in started.chain(configured) {
        let Some(text) = found.read_naming(state, &path) else { continue };
        for set in python_code::assignments(&String::from_utf8_lossy(text.bytes())) {
            let at = Location::line(&path, set.line);
            let sighting = Sighting::new(&set.name, set.value, at, setter, Reaches::Notebook);
            found.add(Sighting { cure: Cure::CommentLine, ..sighting });
        }
    }
}

/// Jupyter's data directories, the person's own first.
fn data(state: &State<'_>) -> Vec<PathBuf> {
    let absolute = |name: &str| state.non_empty(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let mut out: Vec<PathBuf> = Vec::new();
    if let Some(paths) = state.non_empty("JUPYTER_PATH") {
        out.extend(std::env::split_paths(&paths).filter(|p| p.is_absolute()));
    }
    out.extend(absolute("JUPYTER_DATA_DIR").or_else(|| {
        if cfg!(target_os = "macos") {
            return Some(home(state.system)?.join("Library/Jupyter"));
        }
        Some(xdg(state, "XDG_DATA_HOME", ".local/share")?.join("jupyter"))
    }));
    out.extend(["VIRTUAL_ENV", "CONDA_PREFIX"].iter().filter_map(|n| Some(absolute(n)?.join("share/jupyter"))));
    out.extend(["/usr/local/share/jupyter", "/usr/share/jupyter"].map(PathBuf::from));
    out
}

/// Programs that a server of notebooks runs when it starts; its kernels get what it has.
fn jupyter(state: &State<'_>) -> Vec<PathBuf> {
    let given = state.non_empty("JUPYTER_CONFIG_DIR").map(PathBuf::from).filter(|p| p.is_absolute());
    let Some(dir) = given.or_else(|| Some(home(state.system)?.join(".jupyter"))) else { return Vec::new() };
    let names =
        ["jupyter_config.py", "jupyter_server_config.py", "jupyter_lab_config.py", "jupyter_notebook_config.py"];
    names.map(|name| dir.join(name)).into()
}

/// What each start of IPython, and with it each Python kernel, runs.
fn ipython(state: &State<'_>) -> Vec<PathBuf> {
    let given = state.non_empty("IPYTHONDIR").map(PathBuf::from).filter(|p| p.is_absolute());
    let Some(root) = given.or_else(|| Some(home(state.system)?.join(".ipython"))) else { return Vec::new() };
    let mut out = Vec::new();
    for name in state.system.list(&root).unwrap_or_default() {
        if !name.as_encoded_bytes().starts_with(b"profile_") {
            continue;
        }
        let profile = root.join(name);
        out.push(profile.join("ipython_config.py"));
        out.push(profile.join("ipython_kernel_config.py"));
        let startup = profile.join("startup");
        let scripts = state.system.list(&startup).unwrap_or_default();
        let is_run = |name: &std::ffi::OsString| {
            let name = name.as_encoded_bytes();
            name.ends_with(b".py") || name.ends_with(b".ipy")
        };
        out.extend(scripts.into_iter().filter(is_run).map(|name| startup.join(name)));
    }
    out
}
