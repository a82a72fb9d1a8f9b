//! Who set a variable: proved, likely or unknown.
//!
//! Each kind of setter has a file and one function that answers for a variable; the first answer counts, the surest
//! first: what a tool that is active here left as a proof, a line of a start-up file that gives the very value, and where
//! neither explains it, the process that it came with.

use std::path::{Path, PathBuf};

use super::State;
use super::places::Sighting;
use super::startup::{Mode, Shell};
use crate::finding::Location;
use crate::secret::Token;
use crate::system::{System, TEXT_LIMIT, home};

pub(crate) mod ancestors;
mod environments;
mod platform;
pub(crate) mod shell_text;
mod startup;
pub(super) mod tools;

pub use startup::Line as StartupLine;

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// Proved.
    Certain,
    /// The same value stands there.
    Likely,
    /// Not found.
    Unknown,
}

impl Certainty {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Unknown => "unknown",
        }
    }
}

/// What set a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetBy {
    /// The place; `None` where the setter is known but has no place of its own (a platform's secret).
    pub location: Option<Location>,
    /// How sure it is.
    pub certainty: Certainty,
    /// The setter in a few words: `direnv`, `conda`, `the activate script`.
    pub setter: &'static str,
    /// Whether the place is for this project alone, so that the variable is on purpose.
    pub own_to_project: bool,
}

/// A variable as it is set now.
struct Variable<'v> {
    name: &'v str,
    value: Token,
}

/// What set a variable of this environment; `None` where nothing is known, or it is not set.
pub fn of(state: &State<'_>, name: &str) -> Option<SetBy> {
    state.set_by(name, || {
        use std::os::unix::ffi::OsStringExt as _;
        let variable = Variable { name, value: Token::new(state.var(name)?.into_vec()) };
        let by_file = || startup::file(state, &variable).or_else(|| project(state, &variable));
        of_environment(state, &variable).or_else(by_file).or_else(|| {
            let origin = ancestors::origin(state.system, &variable);
            startup::command(state, &variable, &origin)
                .or_else(|| platform::secret(state))
                .or_else(|| place(state, &variable, &origin))
                .or_else(|| origin.set_by())
        })
    })
}

/// Whether a variable comes, provably, from a place of its own for this project. Asked at every prompt where a variable
/// hides a login, so that the start-up files, which are never a project's own, are run only where they could clear a
/// platform or a tool that is at work here of it.
pub fn is_own_to_project(state: &State<'_>, name: &str) -> bool {
    use std::os::unix::ffi::OsStringExt as _;
    let Some(value) = state.var(name) else { return false };
    let variable = Variable { name, value: Token::new(value.into_vec()) };
    match of_environment(state, &variable) {
        Some(by) => by.own_to_project,
        None => {
            // An equal value in the project's `.env` proves nothing; the file of a tool that started this shell does.
            (platform::secret(state).is_some() || super::places::is_any_at_work(state))
                && of(state, name).is_some_and(|by| by.own_to_project)
        }
    }
}

/// A file of the project that gives the very value: somebody loaded its `.env`, the editor's terminal has it from the
/// project's settings, this is the project's container.
fn project(state: &State<'_>, variable: &Variable<'_>) -> Option<SetBy> {
    // Too many files for a prompt.
    let is_asked = !state.system.is_at_prompt() || super::places::is_any_at_work(state);
    if variable.value.is_blank() || !is_asked {
        return None;
    }
    let sighting = super::places::of_project(state, variable.name, &variable.value)?;
    let own_to_project = super::places::is_at_work(state, sighting.setter);
    let (location, certainty) = (Some(sighting.location), Certainty::Likely);
    Some(SetBy { location, certainty, setter: sighting.setter, own_to_project })
}

/// A place that gives the very value to sessions or editors: likely where the shell was started with it. To look at all
/// of them takes too long for a prompt.
fn place(state: &State<'_>, variable: &Variable<'_>, origin: &ancestors::Origin) -> Option<SetBy> {
    if state.system.is_at_prompt() || matches!(origin, ancestors::Origin::Shell(..)) {
        return None;
    }
    let gives = |s: &&Sighting| {
        s.active && s.variable == variable.name && s.value.literal().is_some_and(|token| *token == variable.value)
    };
    // Of several the one that is told last takes effect last.
    let sighting = state.places().sightings.iter().rev().find(gives)?;
    Some(SetBy {
        location: Some(sighting.location.clone()),
        certainty: Certainty::Likely,
        setter: sighting.setter,
        own_to_project: false,
    })
}

/// What the tools and environments that are active here prove.
fn of_environment(state: &State<'_>, variable: &Variable<'_>) -> Option<SetBy> {
    tools::direnv(state, variable)
        .or_else(|| tools::mise(state, variable))
        .or_else(|| environments::virtualenv(state, variable))
        .or_else(|| environments::conda(state, variable))
        .or_else(|| environments::pixi(state, variable))
}

/// Every line of a start-up file that gives a variable the value that it has, whether it is the one that counts or not.
pub fn startup_lines(state: &State<'_>, name: &str) -> Vec<Location> {
    use std::os::unix::ffi::OsStringExt as _;
    let Some(value) = state.var(name) else { return Vec::new() };
    startup::lines(state, &Variable { name, value: Token::new(value.into_vec()) })
}

/// What a new shell will have in a variable: of each shell that the person uses, in each way to start it.
pub fn next_values(state: &State<'_>, name: &str) -> Vec<Token> {
    startup::next_values(state, name)
}

/// The shells that the person uses, their own first, and the ways to start each that differ in what they read.
pub(crate) fn shells(state: &State<'_>) -> Vec<(Shell, &'static [Mode])> {
    startup::shells(state).into_iter().map(|shell| (shell, startup::modes(state, shell))).collect()
}

/// The tokens that start-up files give to variables.
pub fn startup_tokens(state: &State<'_>) -> Vec<StartupLine> {
    startup::given(state)
}

/// The start-up files of the shells, those of the person's own first.
pub fn startup_files(state: &State<'_>) -> Vec<PathBuf> {
    startup::files(state)
}

/// The text of a file that may set a variable.
fn text(system: &dyn System, path: &Path) -> Option<Token> {
    // A token stands in it more often than not: overwritten when dropped.
    system.read(path, TEXT_LIMIT).ok().map(|c| Token::new(c.bytes))
}

fn home(system: &dyn System) -> Option<PathBuf> {
    let home = PathBuf::from(home::expanduser(system, "~".as_ref()));
    home.is_absolute().then_some(home)
}

/// A value that may be a token.
struct Secret(Token);

impl<'de> serde::Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Token::new(String::deserialize(deserializer)?.into_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn what_the_tool_that_started_this_shell_has_in_its_file() {
        let here = Fake::home().cwd("/home/u/p/q").file("/home/u/p/.git/config", "").var("HF_TOKEN", "a");
        let own = |fake: &Fake| is_own_to_project(&State::new(fake), "HF_TOKEN");
        let os = if cfg!(target_os = "macos") { "osx" } else { "linux" };
        let terminal = format!("{{\"terminal.integrated.env.{os}\": {{\"HF_TOKEN\": \"a\"}}}}");
        for (name, text, (variable, value)) in [
            ("p/.vscode/settings.json", &terminal, ("TERM_PROGRAM", "vscode")),
            ("p/x.code-workspace", &format!("{{\"settings\": {terminal}}}"), ("TERM_PROGRAM", "vscode")),
            (
                "p/.zed/settings.json",
                &"{\"terminal\": {\"env\": {\"HF_TOKEN\": \"a\"}}}".to_owned(),
                ("ZED_TERM", "true"),
            ),
            ("p/hatch.toml", &"[envs.x.env-vars]\nHF_TOKEN = 'a'\n".to_owned(), ("HATCH_ENV_ACTIVE", "x")),
            ("p/tox.ini", &"[testenv]\nset_env =\n  HF_TOKEN = a\n".to_owned(), ("TOX_ENV_NAME", "x")),
            ("p/devenv.nix", &"{\n  env.HF_TOKEN = \"a\";\n}\n".to_owned(), ("DEVENV_ROOT", "/home/u/p")),
            ("p/shell.nix", &"{\n  HF_TOKEN = \"a\";\n}\n".to_owned(), ("IN_NIX_SHELL", "impure")),
            (
                "p/.vscode/settings.json",
                &"{\"python.terminal.useEnvFile\": true}".to_owned(),
                ("TERM_PROGRAM", "vscode"),
            ),
            ("p/Pipfile", &String::new(), ("PIPENV_ACTIVE", "1")),
            (
                "p/.devcontainer/devcontainer.json",
                &"{\"containerEnv\": {\"HF_TOKEN\": \"a\"}}".to_owned(),
                ("REMOTE_CONTAINERS", "true"),
            ),
        ] {
            let with = here.clone().file(&format!("/home/u/{name}"), text).file("/home/u/p/.env", "HF_TOKEN=a\n");
            assert!(!own(&with), "{name}: another terminal");
            let with = with.var(variable, value);
            assert!(own(&with), "{name}");
            assert!(!own(&with.clone().var("HF_TOKEN", "b")), "{name}: another value");
            assert!(!own(&with.clone().cwd("/home/u/other")), "{name}: elsewhere");
            let startup = with.clone().file("/home/u/.bashrc", "export HF_TOKEN=a\n");
            assert!(!own(&startup), "{name}: every shell has it");
            let session = with.file("/home/u/.config/environment.d/x.conf", "HF_TOKEN=a\n");
            assert!(!own(&session), "{name}: every session has it");
        }
        let user =
            here.clone().var("TERM_PROGRAM", "vscode").file("/home/u/.config/Code/User/settings.json", &terminal);
        assert!(!own(&user), "no project's");
        assert!(!own(&here
            .clone()
            .file("/home/u/p/.vscode/settings.json", &terminal)
            .var("TERM_PROGRAM", "vscode")
            .var("HF_TOKEN", "")));
    }

    #[test]
    fn a_file_of_the_project_may_be_where_it_comes_from() {
        let here = Fake::home().cwd("/home/u/p/q").file("/home/u/p/.git/config", "").var("HF_TOKEN", "a");
        for (name, text) in [
            ("p/.env", "HF_TOKEN='a'\n"),
            ("p/q/.env.local", "export HF_TOKEN=a\n"),
            ("p/shell.nix", "{ HF_TOKEN = \"a\"; }\n"),
            ("p/hatch.toml", "[envs.default.env-vars]\nHF_TOKEN = 'a'\n"),
            ("p/.devcontainer/x/devcontainer.json", "{\"containerEnv\": {\"HF_TOKEN\": \"a\"}}"),
        ] {
            let fake = here.clone().file(&format!("/home/u/{name}"), text);
            let by = of(&State::new(&fake), "HF_TOKEN").unwrap();
            assert_eq!((by.certainty, by.own_to_project), (Certainty::Likely, false), "{name}");
            assert_eq!(by.location.unwrap().path().unwrap(), std::path::Path::new(&format!("/home/u/{name}")));
        }
    }
}
