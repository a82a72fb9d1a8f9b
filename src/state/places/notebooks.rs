//! Notebooks: the environment that a kernel is started with, and what IPython runs at its start.
//!
//! Sources: jupyter_client (`kernel.json`: `env` goes over the server's environment, `${VAR}` is put in), jupyter_core
//! (the data directories; `JUPYTER_CONFIG_DIR`), IPython 9.18, run: of a profile its configuration, then `startup/*.py` and
//! `*.ipy` in the order of their paths, then `exec_lines`, then `exec_files`; lists of the JSON file take the place of
//! those of the program.

use std::path::{Path, PathBuf};

use super::python_code::{self, Quoted};
use super::{Cure, Found, Like, Reaches, Sighting, Value, home, xdg};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::document::{Node, json};

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
    ipython(state, found);
    for path in jupyter(state) {
        let Some(text) = found.read_naming(state, &path) else { continue };
        for set in python_code::assignments(&String::from_utf8_lossy(text.bytes())) {
            add(found, &path, set, "Jupyter's configuration");
        }
    }
}

fn add(found: &mut Found, path: &Path, set: python_code::Set, setter: &'static str) {
    let sighting = Sighting::new(&set.name, set.value, Location::line(path, set.line), setter, Reaches::Notebook);
    found.add(Sighting { cure: python_code::cure(set.alone), ..sighting });
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

const STARTED: &str = "IPython's start-up";

/// What each start of IPython, and with it each Python kernel, runs; each profile by itself.
fn ipython(state: &State<'_>, found: &mut Found) {
    let given = |name: &str| state.non_empty(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let Some(root) = given("IPYTHONDIR").or_else(|| Some(home(state.system)?.join(".ipython"))) else { return };
    let prefixes = ["VIRTUAL_ENV", "CONDA_PREFIX"].iter().filter_map(|name| Some(given(name)?.join("etc/ipython")));
    let everywhere = ["/usr/local/etc/ipython", "/etc/ipython"].map(PathBuf::from);
    let common: Vec<PathBuf> = prefixes.chain(everywhere).map(|dir| dir.join("startup")).collect();
    let mut profiles = state.system.list(&root).unwrap_or_default();
    profiles.retain(|name| name.as_encoded_bytes().starts_with(b"profile_"));
    if profiles.is_empty() {
        profiles.push("profile_default".into());
    }
    for profile in profiles {
        of_profile(state, found, &root, &root.join(profile), &common);
    }
}

fn of_profile(state: &State<'_>, found: &mut Found, root: &Path, profile: &Path, common: &[PathBuf]) {
    let before = found.sightings.len();
    let (mut lines, mut files): (Vec<(PathBuf, Quoted)>, Vec<String>) = Default::default();
    for name in ["ipython_config", "ipython_kernel_config"] {
        let path = profile.join(name).with_extension("py");
        if let Some(text) = found.read(state, &path) {
            let text = String::from_utf8_lossy(text.bytes());
            for set in python_code::assignments(&text) {
                add(found, &path, set, STARTED);
            }
            for quoted in python_code::quoted(&text) {
                if text.contains("exec_files") && is_script(&quoted.text) {
                    files.push(quoted.text);
                } else if text.contains("exec_lines") {
                    lines.push((path.clone(), quoted));
                }
            }
        }
        let path = profile.join(name).with_extension("json");
        let Some(read) = found.parse_leading(state, &path, json, &["exec_files"]) else { continue };
        let listed = |key: &str| {
            let lists = read.entries().iter().filter_map(|app| app.value.get(key)).collect::<Vec<_>>();
            let text = |node: &Node| Some(Quoted { line: node.line, text: node.str()?.to_owned(), alone: false });
            (!lists.is_empty()).then(|| lists.into_iter().flat_map(Node::items).filter_map(text).collect::<Vec<_>>())
        };
        if let Some(given) = listed("exec_lines") {
            lines = given.into_iter().map(|quoted| (path.clone(), quoted)).collect();
        }
        if let Some(given) = listed("exec_files") {
            files = given.into_iter().map(|quoted| quoted.text).collect();
        }
    }
    let dirs = common.iter().cloned().chain([profile.join("startup")]);
    let mut scripts: Vec<PathBuf> = dirs.flat_map(|dir| super::ending(state.system, &dir, "")).collect();
    scripts.retain(|path| path.to_str().is_some_and(is_script));
    scripts.sort();
    for path in scripts {
        script(state, found, &path);
    }
    for (path, quoted) in lines {
        for set in python_code::of_line(quoted.line, &quoted.text) {
            let alone = set.alone && quoted.alone;
            add(found, &path, python_code::Set { alone, ..set }, STARTED);
        }
    }
    for name in files {
        let path = match (name.strip_prefix("~/"), home(state.system)) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => root.join(name),
        };
        script(state, found, &path);
    }
    found.last_counts(before);
}

fn is_script(name: &str) -> bool {
    name.as_bytes().ends_with(b".py") || name.as_bytes().ends_with(b".ipy")
}

fn script(state: &State<'_>, found: &mut Found, path: &Path) {
    let Some(text) = found.read_naming(state, path) else { return };
    for set in python_code::assignments(&String::from_utf8_lossy(text.bytes())) {
        add(found, path, set, STARTED);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::seen;
    use crate::system::fake::Fake;

    /// Each as IPython 9.18 ran it, `profile_default` alone.
    #[test]
    fn what_ipython_runs_in_its_order() {
        let ask = |files: &[(&str, &str)]| {
            let put = |fake: Fake, (name, text): &(&str, &str)| fake.file(&format!("/home/u/.ipython/{name}"), text);
            let told = seen(&files.iter().fold(Fake::home(), put)).into_iter();
            told.map(|line| line.replace("HF_TOKEN ", "").replace("/home/u/.ipython/", "").replace(" notebook", ""))
                .collect::<Vec<_>>()
        };
        let scripts = [
            ("profile_default/startup/10.py", "os.environ['HF_TOKEN'] = 'a'\n"),
            ("profile_default/startup/15.ipy", "%env HF_TOKEN=b\n"),
            ("profile_default/startup/README", "os.environ['HF_TOKEN'] = 'no'\n"),
        ];
        let first = "=a profile_default/startup/10.py:1 shadowed";
        let second = "=b profile_default/startup/15.ipy:1";
        assert_eq!(ask(&scripts), [first, second]);
        let line = "c.InteractiveShellApp.exec_lines = [\n  'import os; os.environ[\"HF_TOKEN\"]=\"c\"',\n]\n";
        let config = ("profile_default/ipython_config.py", line);
        let second = "=b profile_default/startup/15.ipy:1 shadowed";
        let third = "=c profile_default/ipython_config.py:2";
        assert_eq!(ask(&[scripts[0], scripts[1], config]), [first, second, third]);
        let file = ("x.py", "os.environ['HF_TOKEN'] = 'd'\n");
        let named = format!("{line}c.InteractiveShellApp.exec_files = ['x.py']\n");
        let config = ("profile_default/ipython_config.py", named.as_str());
        assert_eq!(ask(&[config, file]), [&format!("{third} shadowed"), "=d x.py:1"]);
        let json = r#"{"InteractiveShellApp": {"exec_lines": ["%env HF_TOKEN=e"], "exec_files": []}}"#;
        let json = ("profile_default/ipython_config.json", json);
        assert_eq!(ask(&[config, file, json]), ["=e profile_default/ipython_config.json:1"]);
        let other = ("profile_other/startup/1.py", "os.environ['HF_TOKEN'] = 'o'\n");
        let second = "=b profile_default/startup/15.ipy:1";
        assert_eq!(ask(&[scripts[0], scripts[1], other]), [first, second, "=o profile_other/startup/1.py:1"]);
    }
}
