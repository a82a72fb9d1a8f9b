//! Start-up files of the login shell that give the very value. An equal value is likely, not proved: the variable may
//! as well be inherited from elsewhere.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::{Certainty, SetBy, Variable, home, shell_text, text};
use crate::finding::Location;
use crate::state::State;

/// The file and line that take effect last.
pub(super) fn file(state: &State<'_>, variable: &Variable<'_>) -> Option<SetBy> {
    files(state).iter().find_map(|path| {
        let at = given(state, path, variable).pop()?;
        Some(SetBy {
            location: Some(at),
            certainty: Certainty::Likely,
            setter: "a start-up file",
            own_to_project: false,
        })
    })
}

/// Every line of every start-up file that gives the very value, also those that another one overrules.
pub(super) fn lines(state: &State<'_>, variable: &Variable<'_>) -> Vec<Location> {
    files(state).iter().flat_map(|path| given(state, path, variable)).collect()
}

/// The lines of a file that give the very value.
fn given(state: &State<'_>, path: &Path, variable: &Variable<'_>) -> Vec<Location> {
    let Some(content) = text(state.system, path) else { return Vec::new() };
    shell_text::assignments(content.bytes(), variable.name)
        .into_iter()
        .filter(|a| a.value.as_deref() == Some(variable.value.bytes()))
        .map(|a| Location::line(path, a.line))
        .collect()
}

/// The files, those of the person's own shell first: the others may be left from a shell that is no longer used.
pub(super) fn files(state: &State<'_>) -> Vec<PathBuf> {
    let Some(home) = home(state.system) else { return Vec::new() };
    let dir = |name: &str, default: PathBuf| state.non_empty(name).map_or(default, PathBuf::from);
    let zsh = dir("ZDOTDIR", home.clone());
    let fish = dir("XDG_CONFIG_HOME", home.join(".config")).join("fish/config.fish");
    let bash = [".bashrc", ".bash_profile", ".bash_login", ".profile"].map(|name| home.join(name));
    let zsh = [".zlogin", ".zshrc", ".zprofile", ".zshenv"].map(|name| zsh.join(name));
    let shell = state.var("SHELL").unwrap_or_default();
    let shell = Path::new(&shell).file_name().map(OsStr::as_bytes).unwrap_or_default();
    let mut kinds = [bash.to_vec(), zsh.to_vec(), vec![fish]];
    match shell {
        b"zsh" => kinds.swap(0, 1),
        b"fish" => kinds.swap(0, 2),
        _ => {}
    }
    kinds.concat()
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;
    use crate::system::fake::Fake;

    fn at(fake: &Fake) -> Option<Location> {
        of(&State::new(fake), "HF_TOKEN").map(|s| {
            assert_eq!((s.certainty, s.own_to_project), (Certainty::Likely, false));
            s.location.unwrap()
        })
    }

    #[test]
    fn equal_values() {
        let token = format!("hf_{}", "a".repeat(34));
        let bash = Fake::home()
            .var("HF_TOKEN", &token)
            .file("/home/u/.bashrc", format!("export HF_TOKEN={token}\n#\nexport HF_TOKEN=\"{token}\"\n"));
        assert_eq!(at(&bash), Some(Location::line("/home/u/.bashrc", 3)));
        let both = bash.file("/home/u/z/.zshenv", format!("HF_TOKEN={token}\n")).var("ZDOTDIR", "/home/u/z");
        assert_eq!(at(&both), Some(Location::line("/home/u/.bashrc", 3)));
        assert_eq!(at(&both.clone().var("SHELL", "/bin/zsh")), Some(Location::line("/home/u/z/.zshenv", 1)));
        let fish = both.file("/home/u/.config/fish/config.fish", format!("\nset -gx HF_TOKEN {token}"));
        assert_eq!(
            at(&fish.clone().var("SHELL", "/usr/bin/fish")),
            Some(Location::line("/home/u/.config/fish/config.fish", 2))
        );
        assert_eq!(at(&fish.var("HF_TOKEN", "another")), None);
    }

    #[test]
    fn an_empty_value_has_an_author_too() {
        let fake = Fake::home().var("HF_TOKEN", "").file("/home/u/.bashrc", "export HF_TOKEN=\n");
        assert_eq!(at(&fake), Some(Location::line("/home/u/.bashrc", 1)));
        assert_eq!(at(&Fake::home().file("/home/u/.bashrc", "export HF_TOKEN=\n")), None, "not set now");
    }
}
