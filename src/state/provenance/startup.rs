//! Start-up files that give the very value. An equal value is likely, not proved: the variable may as well be inherited
//! from elsewhere. Proved is it where the shell that asks has read the line, and the files are older than that shell.

use std::path::PathBuf;

use super::ancestors::Origin;
use super::{Certainty, SetBy, Variable};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::processes;
use crate::state::startup::{Mode, Shell, Value};
use crate::state::variables;

/// The file and line that take effect last.
pub(super) fn file(state: &State<'_>, variable: &Variable<'_>) -> Option<SetBy> {
    let mut other = None;
    for shell in shells(state) {
        for mode in modes(state, shell) {
            let started = state.started_for(shell, *mode, variable.name);
            let next = started.variable(variable.name);
            if next.value.bytes() == Some(variable.value.bytes())
                && let Some(place) = next.place
            {
                let certainty =
                    if has_read(state, variable, shell, &place) { Certainty::Certain } else { Certainty::Likely };
                return Some(SetBy { certainty, ..likely(place) });
            }
            // A line that another one overrules, or that only some shells reach.
            other = other.or_else(|| started.places(variable.name, variable.value.bytes()).pop());
        }
    }
    other.map(likely)
}

fn likely(place: Location) -> SetBy {
    let setter = "a start-up file";
    SetBy { location: Some(place), certainty: Certainty::Likely, setter, own_to_project: false }
}

/// Whether the shell that asks is of this kind, reads the line as it was started, and no file of its start-up was
/// written since.
fn has_read(state: &State<'_>, variable: &Variable<'_>, shell: Shell, place: &Location) -> bool {
    let Some(asking) = processes::asking(state.system).filter(|a| a.shell == shell) else { return false };
    let started = state.started_for(shell, asking.mode, variable.name);
    let next = started.variable(variable.name);
    next.value.bytes() == Some(variable.value.bytes())
        && next.place.as_ref() == Some(place)
        && started.files().iter().all(|f| state.system.stat(f).is_ok_and(|s| s.mtime < asking.since))
}

/// The line that gives what a command says, which cannot be told here: of the shell in which the value was set since its
/// start, where no line gives the very value.
pub(super) fn command(state: &State<'_>, variable: &Variable<'_>, origin: &Origin) -> Option<SetBy> {
    let Origin::Shell(_, shell) = *origin else { return None };
    modes(state, shell).iter().find_map(|mode| {
        let next = state.started_for(shell, *mode, variable.name).variable(variable.name);
        next.place.filter(|_| next.value == Value::Unknown).map(likely)
    })
}

/// Every line of every start-up file that gives the very value, also those that another one overrules.
pub(super) fn lines(state: &State<'_>, variable: &Variable<'_>) -> Vec<Location> {
    let mut out: Vec<Location> = Vec::new();
    for shell in shells(state) {
        for mode in modes(state, shell) {
            for place in state.started_for(shell, *mode, variable.name).places(variable.name, variable.value.bytes()) {
                if !out.contains(&place) {
                    out.push(place);
                }
            }
        }
    }
    out
}

/// What a new shell of each kind and mode will have in a variable, as far as that can be told.
pub(super) fn next_values(state: &State<'_>, name: &str) -> Vec<Token> {
    let mut out = Vec::new();
    for shell in shells(state) {
        for mode in modes(state, shell) {
            if let Value::Known(value) = state.started_for(shell, *mode, name).variable(name).value {
                out.push((*value).clone());
            }
        }
    }
    out
}

/// A token that a line of a start-up file gives to a variable.
#[derive(Debug)]
pub struct Line {
    /// The variable.
    pub name: &'static str,
    /// What it gets.
    pub token: Token,
    /// The line.
    pub place: Location,
    /// Whether it is the one that counts in some shell; else another line takes its place, or it is not exported.
    pub counts: bool,
}

/// The literal values that the start-up files of the person's shells give to token variables, in the order in which
/// the shells come to them.
pub(super) fn given(state: &State<'_>) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    for shell in shells(state) {
        for mode in modes(state, shell) {
            let started = state.started(shell, *mode);
            for (name, value, place) in started.settings() {
                let known = variables::ALL.iter().map(|v| v.name).find(|known| known.as_bytes() == name);
                let (Some(name), Some(bytes)) = (known, value.bytes()) else { continue };
                let next = started.variable(name);
                let counts = next.place.as_ref() == Some(&place) && next.value.bytes() == Some(bytes);
                match out.iter_mut().find(|line| line.name == name && line.place == place) {
                    Some(line) => line.counts |= counts,
                    None => out.push(Line { name, token: Token::new(bytes.to_vec()), place, counts }),
                }
            }
        }
    }
    out
}

/// The start-up files of every shell that are there, with what they read in turn.
pub(super) fn files(state: &State<'_>) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = Vec::new();
    for shell in shells(state) {
        for mode in modes(state, shell) {
            for path in state.started(shell, *mode).files() {
                if !out.contains(path) {
                    out.push(path.clone());
                }
            }
        }
    }
    out
}

/// The ways to start a shell that differ in what they read: a login shell of the others reads all that any does.
pub(super) fn modes(state: &State<'_>, shell: Shell) -> &'static [Mode] {
    match shell {
        Shell::Bash if state.non_empty("BASH_ENV").is_some() => &Mode::ALL,
        Shell::Bash | Shell::Zsh => &[Mode::Login, Mode::Interactive],
        _ => &[Mode::Login],
    }
}

/// The person's own shell first: the files of the others may be left from a shell that is no longer used. Of a shell for
/// which the person has no file at all nothing is asked.
pub(super) fn shells(state: &State<'_>) -> Vec<Shell> {
    let own = Shell::own(state.system);
    let mut all = vec![own];
    all.extend(Shell::ALL.into_iter().filter(|s| *s != own && s.is_set_up(state.system)));
    all
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
        let both = bash.file("/home/u/z/.zshenv", format!("export HF_TOKEN={token}\n")).var("ZDOTDIR", "/home/u/z");
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
    fn a_line_that_is_overruled_is_named_last() {
        let text = "export HF_TOKEN=old\nexport HF_TOKEN=new\n";
        let fake = Fake::home().var("HF_TOKEN", "old").file("/home/u/.bashrc", text);
        assert_eq!(at(&fake), Some(Location::line("/home/u/.bashrc", 1)));
        let other = fake.file("/home/u/.zshrc", "export HF_TOKEN=old\n");
        assert_eq!(at(&other), Some(Location::line("/home/u/.zshrc", 1)), "there it counts");
    }

    #[test]
    fn a_file_that_is_read_by_another() {
        let fake = Fake::home()
            .var("HF_TOKEN", "a")
            .file("/home/u/.bashrc", "source ~/.secrets/hf.sh\n")
            .file("/home/u/.secrets/hf.sh", "# ours\nexport HF_TOKEN=a\n");
        assert_eq!(at(&fake), Some(Location::line("/home/u/.secrets/hf.sh", 2)));
    }

    #[test]
    fn an_empty_value_has_an_author_too() {
        let fake = Fake::home().var("HF_TOKEN", "").file("/home/u/.bashrc", "export HF_TOKEN=\n");
        assert_eq!(at(&fake), Some(Location::line("/home/u/.bashrc", 1)));
        assert_eq!(at(&Fake::home().file("/home/u/.bashrc", "export HF_TOKEN=\n")), None, "not set now");
    }
}
