//! Environments that a person enters: virtualenv, conda, pixi. The value in the active environment's own files proves
//! that it comes from there.
//! Sources: CPython's venv and virtualenvwrapper (scripts run), conda's `activate.py` and pixi's manifest reference (read).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Certainty, Secret, SetBy, Variable, shell_text, text, toml_text};
use crate::finding::Location;
use crate::state::State;
use crate::system::System;

fn certain(location: Location, setter: &'static str) -> SetBy {
    SetBy { location: Some(location), certainty: Certainty::Certain, setter, own_to_project: true }
}

/// The last assignment in a script, where it gives the value as a literal.
fn in_script(system: &dyn System, path: &Path, variable: &Variable<'_>) -> Option<Location> {
    let content = text(system, path)?;
    let last = shell_text::assignments(content.bytes(), variable.name).pop()?;
    (last.value.as_deref() == Some(variable.value.bytes())).then(|| Location::line(path, last.line))
}

/// The activate script of the active virtualenv, or its virtualenvwrapper hook.
pub(super) fn virtualenv(state: &State<'_>, variable: &Variable<'_>) -> Option<SetBy> {
    let bin = PathBuf::from(state.non_empty("VIRTUAL_ENV")?).join("bin");
    ["postactivate", "activate", "activate.fish", "activate.csh"]
        .iter()
        .find_map(|name| in_script(state.system, &bin.join(name), variable))
        .map(|at| certain(at, "the virtualenv's activate script"))
}

/// `conda env config vars`, and the scripts and files of `etc/conda`.
pub(super) fn conda(state: &State<'_>, variable: &Variable<'_>) -> Option<SetBy> {
    let prefix = PathBuf::from(state.non_empty("CONDA_PREFIX")?);
    let system = state.system;
    let listed = |dir: &str| {
        let dir = prefix.join(dir);
        system.list(&dir).unwrap_or_default().into_iter().rev().map(move |name| dir.join(name))
    };
    // In the reverse order of their effect: scripts run last, `state` beats the files.
    let location = listed("etc/conda/activate.d")
        .find_map(|script| in_script(system, &script, variable))
        .or_else(|| {
            #[derive(serde::Deserialize)]
            struct State {
                env_vars: BTreeMap<String, Secret>,
            }
            let path = prefix.join("conda-meta/state");
            let parsed: State = serde_json::from_slice(text(system, &path)?.bytes()).ok()?;
            equal(&parsed.env_vars, variable).then(|| Location::file(path))
        })
        .or_else(|| {
            listed("etc/conda/env_vars.d").find_map(|path| {
                let parsed: BTreeMap<String, Secret> = serde_json::from_slice(text(system, &path)?.bytes()).ok()?;
                equal(&parsed, variable).then(|| Location::file(path))
            })
        })?;
    let mut by = certain(location, "conda");
    // `base` is active in every new shell of most installations.
    by.own_to_project = state.var("CONDA_DEFAULT_ENV").is_none_or(|name| name != "base");
    Some(by)
}

fn equal(values: &BTreeMap<String, Secret>, variable: &Variable<'_>) -> bool {
    values.get(variable.name).is_some_and(|v| v.0 == variable.value)
}

/// `[activation.env]` of the pixi workspace that is active, also by feature and platform.
pub(super) fn pixi(state: &State<'_>, variable: &Variable<'_>) -> Option<SetBy> {
    let manifest = PathBuf::from(state.non_empty("PIXI_PROJECT_MANIFEST")?);
    let content = text(state.system, &manifest)?;
    let table: toml::Table = toml::from_str(std::str::from_utf8(content.bytes()).ok()?).ok()?;
    let root = if manifest.ends_with("pyproject.toml") { table.get("tool")?.get("pixi")?.as_table()? } else { &table };
    if !gives(root, variable, 2) {
        return None;
    }
    let line = toml_text::line_of(content.bytes(), variable.name, variable.value.bytes());
    Some(certain(Location::File { path: manifest, line }, "pixi"))
}

/// Whether `activation.env` of a table, or of its features and targets, gives the value.
fn gives(table: &toml::Table, variable: &Variable<'_>, depth: u8) -> bool {
    let here = table
        .get("activation")
        .and_then(|a| a.get("env")?.get(variable.name)?.as_str())
        .is_some_and(|v| v.as_bytes() == variable.value.bytes());
    here || (depth > 0
        && ["feature", "target"]
            .iter()
            .filter_map(|k| table.get(*k)?.as_table())
            .flat_map(toml::Table::values)
            .filter_map(toml::Value::as_table)
            .any(|t| gives(t, variable, depth - 1)))
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;
    use crate::system::fake::Fake;

    fn token(letter: &str) -> String {
        format!("hf_{}", letter.repeat(34))
    }

    fn ask(fake: &Fake) -> Option<(Location, &'static str, bool)> {
        of(&State::new(fake), "HF_TOKEN").map(|s| (s.location.unwrap(), s.setter, s.own_to_project))
    }

    #[test]
    fn activate_scripts() {
        let a = token("a");
        let machine = Fake::home().var("HF_TOKEN", &a).var("VIRTUAL_ENV", "/v");
        for (name, script) in [
            ("activate", format!("unset HF_TOKEN\nexport HF_TOKEN={a}\n")),
            ("activate.fish", format!("#\nset -gx HF_TOKEN {a}\n")),
            ("activate.csh", format!("#\nsetenv HF_TOKEN '{a}'\n")),
            ("postactivate", format!("#!/bin/sh\nexport HF_TOKEN='{a}'\n")),
        ] {
            let path = format!("/v/bin/{name}");
            let want = (Location::line(&path, 2), "the virtualenv's activate script", true);
            assert_eq!(ask(&machine.clone().file(&path, script)), Some(want), "{name}");
        }
        let later = format!("export HF_TOKEN={a}\nexport HF_TOKEN={}\n", token("b"));
        assert_eq!(ask(&machine.file("/v/bin/activate", later)), None, "the script sets another");
    }

    #[test]
    fn conda_files() {
        let a = token("a");
        let machine = Fake::home().var("HF_TOKEN", &a).var("CONDA_PREFIX", "/c").var("CONDA_DEFAULT_ENV", "x");
        let state = format!(r#"{{"version": 1, "env_vars": {{"HF_TOKEN": "{a}"}}}}"#);
        let by_state = machine.clone().file("/c/conda-meta/state", &state);
        assert_eq!(ask(&by_state), Some((Location::file("/c/conda-meta/state"), "conda", true)));
        assert_eq!(ask(&by_state.var("CONDA_DEFAULT_ENV", "base")).map(|a| a.2), Some(false));
        let by_file = machine.clone().file("/c/etc/conda/env_vars.d/x.json", format!(r#"{{"HF_TOKEN": "{a}"}}"#));
        assert_eq!(ask(&by_file).map(|a| a.0), Some(Location::file("/c/etc/conda/env_vars.d/x.json")));
        let by_script = machine.clone().file("/c/etc/conda/activate.d/e.sh", format!("export HF_TOKEN='{a}'\n"));
        assert_eq!(ask(&by_script).map(|a| a.0), Some(Location::line("/c/etc/conda/activate.d/e.sh", 1)));
        for broken in ["", "{", "[]", r#"{"env_vars": {"HF_TOKEN": 1}}"#, &state.replace('a', "b")] {
            assert_eq!(ask(&machine.clone().file("/c/conda-meta/state", broken)), None);
        }
    }

    #[test]
    fn pixi_manifests() {
        let a = token("a");
        let ask_manifest = |path: &str, text: &str| {
            let fake = Fake::home().var("HF_TOKEN", &a).var("PIXI_PROJECT_MANIFEST", path).file(path, text);
            ask(&fake).map(|a| a.0)
        };
        for table in ["activation.env", "feature.gpu.activation.env", "feature.gpu.target.linux-64.activation.env"] {
            let text = format!("[workspace]\nname = \"x\"\n[{table}]\nHF_TOKEN = \"{a}\"\n");
            assert_eq!(ask_manifest("/p/pixi.toml", &text), Some(Location::line("/p/pixi.toml", 4)), "{table}");
            let inside = text.replace(&format!("[{table}]"), &format!("[tool.pixi.{table}]"));
            assert_eq!(ask_manifest("/p/pyproject.toml", &inside), Some(Location::line("/p/pyproject.toml", 4)));
        }
        assert_eq!(ask_manifest("/p/pixi.toml", &format!("[tasks.env]\nHF_TOKEN = \"{a}\"\n")), None);
        assert_eq!(ask_manifest("/p/pixi.toml", "[activation"), None);
    }
}
