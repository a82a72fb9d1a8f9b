//! What start-up files still give the next shell, once the lines that are known are out.
//!
//! The last setting of a variable hides those before it, and a guard such as `[ -z "$HF_TOKEN" ] &&` sleeps until it is
//! gone. So a shell is started in thought on the files as they will be, as often as another line comes alive. To take out
//! every line that names the variable would be shorter, and would take what the shell itself unsets again, or never runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::comment::{self, Out};
use super::unset::kind_of;
use crate::finding::Location;
use crate::state::State;
use crate::state::provenance;
use crate::state::startup::{From, Mode, Shell, Started, Value, names, start};
use crate::state::variables;
use crate::system::overlay::Overlay;
use crate::system::{Changes, System, TEXT_LIMIT};

/// Each round takes out one line more.
const ROUNDS: usize = 200;

/// Settings that are taken out, file by file, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Settings(Vec<File>);

/// One file.
#[derive(Debug)]
pub(super) struct File {
    /// As it is called where it was found.
    pub(super) path: PathBuf,
    /// Without links: the same file may have two names.
    real: Option<PathBuf>,
    /// Line and variable.
    pub(super) lines: Vec<(u32, String)>,
}

impl File {
    fn settings(&self) -> Vec<(u32, &str)> {
        self.lines.iter().map(|(line, name)| (*line, name.as_str())).collect()
    }
}

impl Settings {
    /// Adds one; false where it is there already.
    pub(super) fn add(&mut self, system: &dyn System, path: &Path, line: u32, name: &str) -> bool {
        let real = system.canonical(path);
        let same = |f: &&mut File| f.path == path || real.is_some() && f.real == real;
        let new = (line, name.to_owned());
        match self.0.iter_mut().find(same) {
            Some(file) if file.lines.contains(&new) => return false,
            Some(file) => file.lines.push(new),
            None => self.0.push(File { path: path.to_owned(), real, lines: vec![new] }),
        }
        true
    }

    /// The files.
    pub(super) fn files(&self) -> &[File] {
        &self.0
    }

    fn has(&self, at: &Location, name: &[u8]) -> bool {
        let Location::File { path, line: Some(line) } = at else { return false };
        self.0
            .iter()
            .filter(|f| f.path == *path)
            .any(|f| f.lines.iter().any(|(l, n)| l == line && n.as_bytes() == name))
    }

    /// Whether one of them is a line that this shell comes to.
    fn concern(&self, started: &Started) -> bool {
        started.settings().any(|(name, _, at)| self.has(&at, name))
    }
}

/// The files as they will be.
struct After<'s> {
    outs: BTreeMap<PathBuf, Out<'s>>,
}

impl<'s> After<'s> {
    fn of(system: &dyn System, settings: &'s Settings) -> Self {
        let mark = comment::mark(system.now());
        let out = |file: &'s File| {
            let text = system.read(&file.path, TEXT_LIMIT).ok()?;
            let out = comment::out(&text.bytes, &file.settings(), &mark, kind_of(&file.path));
            Some((file.real.clone()?, out))
        };
        Self { outs: settings.0.iter().filter_map(out).collect() }
    }

    fn start(&self, system: &dyn System, shell: Shell, mode: Mode, names: &[&str]) -> Started {
        let texts = self.outs.iter().map(|(path, out)| (path.clone(), out.text.clone())).collect();
        start(&Overlay::new(system, Changes::new()).with_texts(texts), shell, mode, From::Terminal, names)
    }

    /// The line as it is now of one in a file as it will be.
    fn origin(&self, system: &dyn System, path: &Path, line: u32) -> u32 {
        let real = system.canonical(path);
        real.and_then(|real| self.outs.get(&real)).map_or(line, |out| out.origin(line))
    }
}

/// A shell that may still have a variable although nothing more is found to take out.
pub(super) struct Left {
    pub(super) shell: Shell,
    pub(super) name: String,
}

/// Adds what else gives these variables to the shells that lose a setting, and to the person's own where it is meant
/// (`next`). Of what no token stands in nothing is added: there an earlier line is as good as any.
pub(super) fn complete(state: &State<'_>, here: &[&str], next: &[&str], settings: &mut Settings) -> Vec<Left> {
    let is_token = |name: &&&str| variables::by_name(name).is_some();
    let here: Vec<&str> = here.iter().filter(is_token).copied().collect();
    let mut left: Vec<Left> = Vec::new();
    let mut own = true;
    for (shell, modes) in provenance::shells(state) {
        let mut wanted: Vec<&str> = if std::mem::take(&mut own) { next.to_vec() } else { Vec::new() };
        if modes.iter().any(|mode| settings.concern(&state.started(shell, *mode))) {
            wanted.extend(here.iter().filter(|name| !next.contains(name)));
        }
        for mode in modes {
            for name in without(state, (shell, *mode), &wanted, settings) {
                if !left.iter().any(|l| l.shell == shell && l.name == name) {
                    left.push(Left { shell, name });
                }
            }
        }
    }
    left
}

/// Adds what gives these variables to the person's own shell, as it is now.
pub(super) fn known(state: &State<'_>, next: &[&str], settings: &mut Settings) -> Vec<Left> {
    let mut left: Vec<Left> = Vec::new();
    let Some((_, modes)) = provenance::shells(state).into_iter().next() else { return left };
    for (mode, name) in modes.iter().flat_map(|mode| next.iter().map(move |name| (*mode, *name))) {
        let (shell, next) = state.next_shell(mode, name);
        match (next.value, next.place) {
            (Value::Unset, _) => {}
            (_, Some(Location::File { path, line: Some(line) })) => drop(settings.add(state.system, &path, line, name)),
            _ if left.iter().any(|l| l.name == name) => {}
            _ => left.push(Left { shell, name: name.to_owned() }),
        }
    }
    left
}

/// The same for one shell; the variables that something gives of which no line is known.
fn without(state: &State<'_>, (shell, mode): (Shell, Mode), wanted: &[&str], settings: &mut Settings) -> Vec<String> {
    let system = state.system;
    let mut asked = names();
    asked.extend(wanted);
    let mut left = Vec::new();
    for _ in 0..if wanted.is_empty() { 0 } else { ROUNDS } {
        let mut found: Vec<(PathBuf, u32, &str)> = Vec::new();
        let after = After::of(system, settings);
        let started = after.start(system, shell, mode, &asked);
        left.clear();
        for name in wanted {
            let next = started.variable(name);
            if next.value == Value::Unset {
                continue;
            }
            let mut take = |at: Location| {
                if let Location::File { path, line: Some(line) } = at {
                    found.push((path.clone(), after.origin(system, &path, line), name));
                }
            };
            match next.place {
                Some(at) => take(at),
                None => left.push((*name).to_owned()),
            }
            // Where the line that counts stays, the person takes it out: these come alive then.
            let sets = started.settings().filter(|(n, value, _)| *n == name.as_bytes() && **value != Value::Unset);
            sets.for_each(|(_, _, at)| take(at));
        }
        // One after the other: what is set before a line that goes may be what another line unsets.
        let mut fresh = found.into_iter().filter(|(path, line, name)| settings.add(system, path, *line, name));
        if fresh.next().is_none() {
            break;
        }
    }
    left
}
