//! Places that give a Hugging Face credential to something that is started later, or elsewhere: the next session, an
//! environment, an editor's terminal, a notebook, a container, a job of CI.
//!
//! Each kind of place is a file with one function `gather(state, found)`, listed in [`KINDS`]. A kind reads through
//! [`Found::read`], which bounds it and keeps the reason where a file cannot be read, and reports through
//! [`Found::add`], which drops what is no credential. Nothing here decides what is a fault.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::State;
use super::document::{Fault, Kind, Node};
use super::variables::{self, Holds};
use crate::finding::Location;
use crate::secret::{Token, holds_token};
use crate::system::{ReadError, System, TEXT_LIMIT, home};

pub(crate) mod apps;
mod ci;
mod composed;
mod containers;
mod direnv;
mod dotenv;
mod env_file;
mod make;
mod mise;
mod nix;
mod notebooks;
mod pycharm;
mod python_code;
mod python_environments;
mod services;
mod session;
mod site;
mod tasks;
mod vscode;
mod zed;

/// Most that is told of one file: nobody writes more, and each is compared with the others.
const MOST_OF_A_FILE: usize = 200;

/// Every kind, in the order in which places are told.
const KINDS: &[fn(&State<'_>, &mut Found)] = &[
    session::gather,
    services::gather,
    python_environments::gather,
    python_environments::runners,
    site::gather,
    direnv::gather,
    mise::gather,
    dotenv::gather,
    nix::gather,
    make::gather,
    tasks::gather,
    vscode::gather,
    zed::gather,
    pycharm::gather,
    notebooks::gather,
    containers::gather,
    ci::gather,
    apps::gather,
];

/// Those whose files stand in the project and give a shell, or what it runs, a variable.
const OF_PROJECT: &[fn(&State<'_>, &mut Found)] = &[
    python_environments::runners,
    nix::gather,
    make::gather,
    tasks::gather,
    vscode::of_project,
    zed::of_project,
    pycharm::gather,
    containers::gather,
    // By whom it is loaded is said before.
    dotenv::gather,
];

/// What a place gives to a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Literally this: a token, or the path or address that a variable such as `HF_HOME` takes.
    Token(Token),
    /// What is known only where and when it is used: `${HF_TOKEN}`, `${{ secrets.X }}`, `$(pass hf)`. The text as it
    /// stands: a default inside it may be a token.
    Reference(Token),
    /// Nothing: the place takes the variable away.
    Unset,
}

impl Value {
    /// The literal value.
    pub fn literal(&self) -> Option<&Token> {
        if let Self::Token(token) = self { Some(token) } else { None }
    }

    /// Whether a token stands there for everybody to read.
    pub fn shows_token(&self) -> bool {
        match self {
            Self::Token(text) | Self::Reference(text) => holds_token(text.bytes()),
            Self::Unset => false,
        }
    }
}

/// What starts with the variable that a place gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reaches {
    /// A login: desktop, ssh, the user's services.
    Session,
    /// Whoever activates an environment: virtualenv, conda, pixi.
    Environment,
    /// Whoever enters the project, or starts something through its loader: direnv, mise, dotenv.
    Project,
    /// Terminals, runs and debug sessions of an editor.
    Editor,
    /// Every program of a Python.
    Python,
    /// Kernels of notebooks.
    Notebook,
    /// A container, or an image of one.
    Container,
    /// A job of continuous integration.
    Ci,
    /// Recipes of make and just.
    Task,
    /// One service.
    Service,
    /// Jobs at set times.
    Schedule,
    /// One application.
    App,
}

impl Reaches {
    /// In a few words, for people: what is started there.
    pub fn words(self) -> &'static str {
        match self {
            Self::Session => "the next session",
            Self::Environment => "the environment, when it is activated",
            Self::Project => "programs in the project",
            Self::Editor => "the editor's terminals and runs",
            Self::Python => "every program of that Python",
            Self::Notebook => "notebook kernels",
            Self::Container => "containers",
            Self::Ci => "jobs of CI",
            Self::Task => "recipes",
            Self::Service => "the service",
            Self::Schedule => "jobs at set times",
            Self::App => "the application",
        }
    }

    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Environment => "environment",
            Self::Project => "project",
            Self::Editor => "editor",
            Self::Python => "python",
            Self::Notebook => "notebook",
            Self::Container => "container",
            Self::Ci => "ci",
            Self::Task => "task",
            Self::Service => "service",
            Self::Schedule => "schedule",
            Self::App => "app",
        }
    }
}

/// How a place is rid of what it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cure {
    /// Its line is commented out: a script, of which no block may be left empty.
    CommentScript,
    /// Its line is commented out: one setting a line.
    CommentLine,
    /// The tool that owns the format: program and arguments, no secret.
    Tool(Vec<OsString>),
    /// What the person runs; no secret.
    Command(String),
    /// By hand in an editor: a key among others.
    Edit,
}

/// One place.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// The variable that it is about; of an application's own file the variable that it stands for (`HF_TOKEN`).
    pub variable: String,
    /// What it gets.
    pub value: Value,
    /// The file, with its line where that is known.
    pub location: Location,
    /// In a few words: `the VS Code settings`.
    pub setter: &'static str,
    /// What is started with it.
    pub reaches: Reaches,
    /// Whether it is in effect for this shell already.
    pub active: bool,
    /// Whether it stays when its environment is left: an `activate` whose `deactivate` does not unset it.
    pub leaks: bool,
    /// Whether what comes after it, where it is used, takes its place: another line of the same unit, a nearer file.
    pub shadowed: bool,
    /// How it is undone.
    pub cure: Cure,
}

impl Sighting {
    /// A place that is not in effect here and does not leak.
    pub fn new(variable: &str, value: Value, location: Location, setter: &'static str, reaches: Reaches) -> Self {
        let variable = variable.to_owned();
        let cure = Cure::Edit;
        Self { variable, value, location, setter, reaches, active: false, leaks: false, shadowed: false, cure }
    }

    /// Whether the variable carries a token itself, not a path or an address.
    pub fn is_token(&self) -> bool {
        variables::by_name(&self.variable).is_some()
    }
}

/// All of them.
#[derive(Debug, Default)]
pub struct Found {
    /// In the order of the kinds.
    pub sightings: Vec<Sighting>,
    /// Files that could not be read or understood, each with the reason: `is no valid JSON: line 3`.
    pub unread: Vec<(PathBuf, String)>,
}

/// Looks at every kind of place.
pub(super) fn gather(state: &State<'_>) -> Found {
    let mut found = Found::default();
    for kind in KINDS {
        kind(state, &mut found);
    }
    found
}

/// A place in the project's own files that gives a variable this very value, where no session has it from elsewhere.
/// What stands in the home directory is in force nearly everywhere, and no project's. What has been at work here comes
/// first.
pub(super) fn of_project(state: &State<'_>, variable: &str, value: &Token) -> Option<Sighting> {
    let gives = |s: &Sighting| s.variable == variable && s.value.literal() == Some(value);
    let home = home(state.system);
    let mut dirs = project(state.system);
    dirs.retain(|dir| home.as_deref() != Some(dir) && dir.parent().is_some());
    // `.vscode/settings.json` is as deep as any goes.
    let is_own = |s: &Sighting| {
        let below = |dir: &PathBuf| s.location.path().and_then(|path| path.strip_prefix(dir).ok());
        dirs.iter().filter_map(below).any(|rest| rest.components().count() <= 3)
    };
    let mut found = Found::default();
    for kind in OF_PROJECT {
        kind(state, &mut found);
    }
    let mut all: Vec<Sighting> = found.sightings.into_iter().filter(|s| gives(s) && is_own(s)).collect();
    all.sort_by_key(|s| !is_at_work(state, s.setter));
    let own = all.into_iter().next()?;
    let mut sessions = Found::default();
    session::gather(state, &mut sessions);
    (!sessions.sightings.iter().any(gives)).then_some(own)
}

/// What tells that a setter has been at work in this shell: a variable that it gives to what it starts.
/// Source: VS Code, Zed and devenv by their documentation; pipenv 2026.10, hatch 1, tox 4, poethepoet 0.49 (source); nix
/// (`nix-shell`, `nix develop`).
const AT_WORK: &[(&str, &str, Option<&str>)] = &[
    (vscode::SETTINGS, "TERM_PROGRAM", Some("vscode")),
    (zed::SETTINGS, "ZED_TERM", None),
    ("pipenv", "PIPENV_ACTIVE", None),
    ("hatch", "HATCH_ENV_ACTIVE", None),
    ("tox", "TOX_ENV_NAME", None),
    ("poe", "POE_ACTIVE", None),
    ("devenv", "DEVENV_ROOT", None),
    ("the Nix shell", "IN_NIX_SHELL", None),
    (containers::DEV, "REMOTE_CONTAINERS", Some("true")),
];

/// Whether any of them has.
pub(super) fn is_any_at_work(state: &State<'_>) -> bool {
    AT_WORK.iter().any(|(_, name, value)| shows(state, name, *value))
}

/// Whether this one has, so that what its file gives is what this shell has from it.
pub(super) fn is_at_work(state: &State<'_>, setter: &str) -> bool {
    AT_WORK.iter().any(|(known, name, value)| *known == setter && shows(state, name, *value))
}

fn shows(state: &State<'_>, name: &str, value: Option<&str>) -> bool {
    state.non_empty(name).is_some_and(|v| value.is_none_or(|w| v == w))
}

/// What the project here is run with, where it puts a file of variables over what the shell exports: by its name. Not
/// compose: what a container gets says nothing of the programs that are started here.
pub fn put_over(state: &State<'_>, path: &Path, variable: &str) -> Option<&'static str> {
    let mut found = Found::default();
    for kind in [mise::gather, python_environments::runners, make::gather, tasks::gather] {
        kind(state, &mut found);
    }
    let gives = |s: &&Sighting| s.variable == variable && !s.shadowed && s.location.path() == Some(path);
    found.sightings.iter().find(gives).map(|s| s.setter)
}

impl Found {
    /// The text of a file; `None` where there is none. What is there and cannot be read is noted.
    pub(super) fn read(&mut self, state: &State<'_>, path: &Path) -> Option<Token> {
        match state.system.read(path, TEXT_LIMIT) {
            Ok(content) if content.truncated => {
                // A secret was read: it is overwritten all the same.
                drop(Token::new(content.bytes));
                self.fault(path, "is larger than 1 MiB");
                None
            }
            Ok(content) => Some(Token::new(content.bytes)),
            // A directory of that name is another thing, not a file that cannot be read.
            Err(ReadError::NotFound | ReadError::NotDir | ReadError::IsDir) => None,
            Err(why) => {
                self.fault(path, &why.to_string());
                None
            }
        }
    }

    /// The same, where it names a variable that counts: nothing else is worth parsing, and a file that does not is no
    /// business of ours even when it is broken.
    pub(super) fn read_naming(&mut self, state: &State<'_>, path: &Path) -> Option<Token> {
        self.read(state, path).filter(|text| names_any(text.bytes()))
    }

    /// A file as a tree, where it names a variable that counts.
    pub(super) fn parse<T>(
        &mut self,
        state: &State<'_>,
        path: &Path,
        parser: fn(&[u8]) -> Result<T, Fault>,
    ) -> Option<T> {
        let text = self.read_naming(state, path)?;
        self.parsed(path, parser(text.bytes()))
    }

    /// The same, also where it has one of these words, which lead to another file that may. A broken file that names
    /// nothing of ours is no business of ours.
    pub(super) fn parse_leading<T>(
        &mut self,
        state: &State<'_>,
        path: &Path,
        parser: fn(&[u8]) -> Result<T, Fault>,
        words: &[&str],
    ) -> Option<T> {
        let text = self.read(state, path)?;
        let leads = |word: &&str| text.bytes().windows(word.len()).any(|w| w == word.as_bytes());
        if names_any(text.bytes()) {
            return self.parsed(path, parser(text.bytes()));
        }
        words.iter().any(leads).then(|| parser(text.bytes()).ok()).flatten()
    }

    /// The result of a parser; a fault is noted.
    pub(super) fn parsed<T>(&mut self, path: &Path, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.fault(path, &fault.to_string())).ok()
    }

    /// Notes that a file could not be read, once.
    pub(super) fn fault(&mut self, path: &Path, why: &str) {
        if !self.unread.iter().any(|(p, _)| p == path) {
            self.unread.push((path.to_owned(), why.to_owned()));
        }
    }

    /// Adds a place, unless what it gives is no credential; the same line is told once.
    pub(super) fn add(&mut self, sighting: Sighting) {
        let is_full = |path: &Path| self.unread.iter().any(|(p, _)| p.as_os_str() == path.as_os_str());
        if !counts(&sighting.variable, &sighting.value) || sighting.location.path().is_some_and(is_full) {
            return;
        }
        // The line first: to compare paths takes longest.
        let same = |s: &Sighting| {
            s.location.line_number() == sighting.location.line_number()
                && s.variable == sighting.variable
                && s.location == sighting.location
        };
        if self.sightings.iter().any(same) {
            return;
        }
        if let Some(path) = sighting.location.path() {
            let of_file = |s: &&Sighting| s.location.path().is_some_and(|p| p.as_os_str() == path.as_os_str());
            if self.sightings.iter().rev().take_while(of_file).count() >= MOST_OF_A_FILE {
                let path = path.to_owned();
                return self.fault(&path, "sets more variables than are looked at");
            }
        }
        self.sightings.push(sighting);
    }

    /// Of what has been added since, one after the other for the same process, the last of each variable counts. What
    /// one task alone gets takes no other's place.
    pub(super) fn last_counts(&mut self, since: usize) {
        let mut later = Vec::new();
        for sighting in self.sightings[since..].iter_mut().rev().filter(|s| s.reaches != Reaches::Task) {
            sighting.shadowed |= later.contains(&sighting.variable);
            if !sighting.shadowed {
                later.push(sighting.variable.clone());
            }
        }
    }

    /// Of what has been added since, the first of each variable counts.
    pub(super) fn first_counts(&mut self, since: usize) {
        self.sightings[since..].reverse();
        self.last_counts(since);
        self.sightings[since..].reverse();
    }

    /// Adds each variable that a map of a document gives: texts, and `null`, which takes away where `null_unsets`.
    pub(super) fn add_map(&mut self, path: &Path, map: &Node, null_unsets: bool, like: &Like<'_>) {
        for entry in map.entries() {
            let value = match &entry.value.kind {
                Kind::Text(text) | Kind::Plain(text) => (like.value)(text),
                Kind::Null if null_unsets => Value::Unset,
                _ => continue,
            };
            self.add(like.sighting(&entry.key, value, Location::line(path, entry.line)));
        }
    }
}

/// What the sightings of one file have in common.
pub(super) struct Like<'l> {
    pub(super) setter: &'static str,
    pub(super) reaches: Reaches,
    pub(super) cure: Cure,
    /// Tells a literal from a reference.
    pub(super) value: &'l dyn Fn(&Token) -> Value,
}

impl Like<'_> {
    pub(super) fn sighting(&self, variable: &str, value: Value, location: Location) -> Sighting {
        let cure = self.cure.clone();
        Sighting { cure, ..Sighting::new(variable, value, location, self.setter, self.reaches) }
    }
}

/// Whether a variable that gets this value gives a credential, or says where one is or goes.
pub(super) fn counts(variable: &str, value: &Value) -> bool {
    match variables::by_name(variable).map(|v| v.holds) {
        Some(Holds::Token | Holds::OwnToken) => true,
        // A key of any service.
        Some(Holds::AnyKey) => matches!(value, Value::Token(token) if token.is_shaped()),
        Some(Holds::Inside) => value.shows_token(),
        None => super::startup::names().contains(&variable),
    }
}

/// Whether a text may name a variable that counts, or hold a token under another name.
pub(in crate::state) fn names_any(text: &[u8]) -> bool {
    // Every name of `startup::names` holds one of these; a key of any service counts by its value.
    const PARTS: [&str; 5] = ["HF_", "HUGGING", "hf_", "INVOKEAI_REMOTE", "XDG_CACHE_HOME"];
    let text = String::from_utf8_lossy(text);
    PARTS.iter().any(|part| text.contains(part))
}

/// The variables that count and stand in a text.
fn named_in(text: &[u8]) -> Vec<&'static str> {
    let text = String::from_utf8_lossy(text);
    super::startup::names().into_iter().filter(|name| text.contains(name)).collect()
}

/// Whether this shell has exactly this value now.
pub(super) fn is_here(state: &State<'_>, variable: &str, value: &Value) -> bool {
    let now = state.var(variable);
    match value {
        Value::Token(token) => now.is_some_and(|now| now.as_encoded_bytes() == token.bytes()),
        Value::Unset => now.is_none(),
        Value::Reference(_) => false,
    }
}

/// The home directory.
pub(super) fn home(system: &dyn System) -> Option<PathBuf> {
    let home = PathBuf::from(home::expanduser(system, "~".as_ref()));
    home.is_absolute().then_some(home)
}

/// A base directory of XDG: the variable where it is absolute, else a directory below the home.
pub(super) fn xdg(state: &State<'_>, variable: &str, below_home: &str) -> Option<PathBuf> {
    let given = state.non_empty(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    given.or_else(|| Some(home(state.system)?.join(below_home)))
}

/// The directories of the project here, the nearest first: upward to the root of the repository, else to the home
/// directory or the root of the file system.
pub(in crate::state) fn project(system: &dyn System) -> Vec<PathBuf> {
    let Some(cwd) = system.cwd() else { return Vec::new() };
    let home = home(system);
    let mut out = Vec::new();
    for dir in cwd.ancestors() {
        out.push(dir.to_owned());
        if home.as_deref() == Some(dir) || system.stat(&dir.join(".git")).is_ok() {
            break;
        }
    }
    out
}

/// The entries of a directory whose names end so, sorted; none where it cannot be listed.
pub(super) fn ending(system: &dyn System, dir: &Path, end: &str) -> Vec<PathBuf> {
    let names = system.list(dir).unwrap_or_default();
    names.into_iter().filter(|n| n.as_encoded_bytes().ends_with(end.as_bytes())).map(|n| dir.join(n)).collect()
}

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod tests;
