//! Environments that a person enters: virtualenv, conda, pixi. The value in the active environment's own files proves
//! that it comes from there.

use std::path::{Path, PathBuf};

use super::{Certainty, SetBy, Variable, text};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::environments::{self, Scripts, Setting, Source};
use crate::system::System;

/// The files as they are; what cannot be read proves nothing.
struct Plain<'s>(&'s dyn System);

impl Source for Plain<'_> {
    fn system(&self) -> &dyn System {
        self.0
    }

    fn text(&mut self, path: &Path) -> Option<Token> {
        text(self.0, path)
    }

    fn fault(&mut self, _: &Path, _: &str) {}
}

fn certain(location: Location, setter: &'static str) -> SetBy {
    SetBy { location: Some(location), certainty: Certainty::Certain, setter, own_to_project: true }
}

/// The last that gives the value as a literal.
fn giving(settings: Vec<Setting>, variable: &Variable<'_>) -> Option<Setting> {
    settings.into_iter().rev().find(|s| s.value.literal() == Some(&variable.value))
}

/// The activate script of the active virtualenv, or its virtualenvwrapper hook.
pub(super) fn virtualenv(state: &State<'_>, variable: &Variable<'_>) -> Option<SetBy> {
    let prefix = PathBuf::from(state.non_empty("VIRTUAL_ENV")?);
    let all = environments::virtualenv(&mut Plain(state.system), &prefix, Scripts::Shells, &[variable.name]);
    let setting = giving(all, variable)?;
    Some(certain(Location::File { path: setting.path, line: setting.line }, "the virtualenv's activate script"))
}

/// `conda env config vars`, and the scripts and files of `etc/conda`.
pub(super) fn conda(state: &State<'_>, variable: &Variable<'_>) -> Option<SetBy> {
    let prefix = PathBuf::from(state.non_empty("CONDA_PREFIX")?);
    let setting = giving(environments::conda(&mut Plain(state.system), &prefix, &[variable.name]), variable)?;
    // Of JSON no line can be taken out by itself: its owner does it.
    let scripted = setting.path.starts_with(prefix.join("etc/conda/activate.d"));
    let mut by = certain(Location::File { path: setting.path, line: setting.line.filter(|_| scripted) }, "conda");
    // `base` is active in every new shell of most installations.
    by.own_to_project = state.var("CONDA_DEFAULT_ENV").is_none_or(|name| name != "base");
    Some(by)
}

/// `[activation.env]` of the pixi workspace that is active, also by feature and platform.
pub(super) fn pixi(state: &State<'_>, variable: &Variable<'_>) -> Option<SetBy> {
    let manifest = PathBuf::from(state.non_empty("PIXI_PROJECT_MANIFEST")?);
    let setting = giving(environments::pixi(&mut Plain(state.system), &manifest, &[variable.name]), variable)?;
    Some(certain(Location::File { path: setting.path, line: setting.line }, "pixi"))
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
