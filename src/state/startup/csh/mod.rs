//! tcsh and csh: their start-up files, run as far as that can be done without starting a program. What is not modelled
//! makes each variable that its text names one that cannot be told.
//!
//! An error of a builtin, an undefined variable, a pattern that matches nothing: each ends all start-up files, not only
//! the one it stands in.
//!
//! Source: tcsh 6.24, run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::value::{Growth, Place, Truth, Value, Variable, Variables};
use super::{Aside, Log, Mode, Started, is_there, path_of};
use crate::secret::Token as Secret;
use crate::system::{System, TEXT_LIMIT};

mod builtins;
mod condition;
mod expand;
mod flow;
mod lex;
mod output;
mod run;
#[cfg(test)]
mod tests;

/// Most commands that are run.
const MOST_STEPS: u32 = 5_000;
/// Deepest file, alias or `eval`.
const DEEPEST: u32 = 20;

/// Where it is set, a backslash quotes within quotes.
const QUOTES: &[u8] = b"backslash_quote";

/// A variable of the shell's own: a list of words.
#[derive(Clone, PartialEq, Eq)]
enum List {
    Known(Rc<[Rc<Secret>]>),
    /// Set to what cannot be told.
    Set,
    /// Set or not.
    Maybe,
}

impl List {
    fn of<'a>(words: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self::Known(words.into_iter().map(|word| Rc::new(Secret::new(word.to_vec()))).collect())
    }

    fn words(&self) -> Option<Vec<Vec<u8>>> {
        match self {
            Self::Known(words) => Some(words.iter().map(|word| word.bytes().to_vec()).collect()),
            Self::Set | Self::Maybe => None,
        }
    }
}

/// Aliases by name; `None`: one that cannot be told.
type Aliases = BTreeMap<Vec<u8>, Option<Rc<[u8]>>>;

/// What one of several ways through the files led to.
#[derive(Clone)]
struct State {
    environment: Variables,
    /// What is not in it is not set.
    shell: Rc<BTreeMap<Vec<u8>, List>>,
    aliases: Rc<Aliases>,
    status: Option<i32>,
    directory: Option<PathBuf>,
}

impl State {
    fn merge(&mut self, other: &Self) {
        self.environment.merge(&other.environment);
        if !Rc::ptr_eq(&self.shell, &other.shell) {
            merge(Rc::make_mut(&mut self.shell), &other.shell, |mine, theirs| match (mine, theirs) {
                (Some(mine), Some(theirs)) if mine == theirs => mine.clone(),
                (Some(List::Known(_) | List::Set), Some(List::Known(_) | List::Set)) => List::Set,
                _ => List::Maybe,
            });
        }
        if !Rc::ptr_eq(&self.aliases, &other.aliases) {
            merge(Rc::make_mut(&mut self.aliases), &other.aliases, |mine, theirs| match (mine, theirs) {
                (Some(mine), Some(theirs)) if mine == theirs => mine.clone(),
                _ => None,
            });
        }
        if self.status != other.status {
            self.status = None;
        }
        if self.directory != other.directory {
            self.directory = None;
        }
    }
}

fn merge<V>(
    mine: &mut BTreeMap<Vec<u8>, V>,
    theirs: &BTreeMap<Vec<u8>, V>,
    both: impl Fn(Option<&V>, Option<&V>) -> V,
) {
    let names: Vec<Vec<u8>> = mine.keys().chain(theirs.keys()).cloned().collect();
    for name in names {
        let merged = both(mine.get(&name), theirs.get(&name));
        mine.insert(name, merged);
    }
}

/// How a way through a text ends before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leave {
    Break,
    Continue,
    /// `breaksw`
    Switch,
    /// `exit`: the end of this file.
    File,
    /// An error: the end of all.
    All,
}

/// Whether it goes on with the next line.
type Flow = Result<(), Leave>;

struct Csh<'s> {
    system: &'s dyn System,
    names: &'s [&'s str],
    state: State,
    /// Ways that were left where another went on, until the place to which they lead.
    left: Vec<(Leave, State)>,
    log: Log,
    files: Vec<PathBuf>,
    /// Of the line that is run.
    place: Place,
    depth: u32,
    steps: u32,
    growth: Growth,
    /// The command stands behind `if (…)`, where no alias is looked for.
    guarded: bool,
    /// Files that a command wrote to; `None`: one that cannot be told.
    written: Vec<Option<PathBuf>>,
}

/// /etc/csh.cshrc, /etc/csh.login, ~/.tcshrc or else ~/.cshrc, ~/.login.
pub(super) fn start(system: &dyn System, mode: Mode, environment: Variables, names: &[&str]) -> Started {
    let home = path_of(&environment.value(b"HOME"));
    let mut csh = Csh {
        system,
        names,
        state: State {
            directory: path_of(&environment.value(b"PWD")),
            environment,
            shell: Rc::default(),
            aliases: Rc::default(),
            status: Some(0),
        },
        left: Vec::new(),
        log: Vec::new(),
        files: Vec::new(),
        place: Place { path: Path::new("").into(), line: 0 },
        depth: 0,
        steps: 0,
        growth: Growth::new(),
        guarded: false,
        written: Vec::new(),
    };
    csh.give_own(mode);
    let mut files = vec![PathBuf::from("/etc/csh.cshrc")];
    if mode == Mode::Login {
        files.push("/etc/csh.login".into());
    }
    if let Some(home) = home {
        let own = [".tcshrc", ".cshrc"].map(|n| home.join(n));
        files.extend(own.into_iter().find(|p| is_there(system, p)));
        if mode == Mode::Login {
            files.push(home.join(".login"));
        }
    }
    let ended = files.iter().try_for_each(|path| csh.file(path).map(drop));
    if ended.is_ok() && mode != Mode::Script {
        for name in [b"periodic".as_slice(), b"precmd", b"postcmd"] {
            if let Some(alias) = csh.state.aliases.get(name).cloned() {
                // Its errors end nothing else.
                let _ended = csh.special(alias);
            }
        }
    }
    debug_assert!(ended.is_ok() || ended == Err(Leave::All), "a file holds all else");
    for (_, state) in std::mem::take(&mut csh.left) {
        csh.state.merge(&state);
    }
    Started { variables: csh.state.environment, log: csh.log, files: csh.files, aside: Aside::default() }
}

impl Csh<'_> {
    /// What it sets before it reads a file.
    fn give_own(&mut self, mode: Mode) {
        for name in ["HOST", "HOSTTYPE", "OSTYPE", "MACHTYPE", "VENDOR", "GROUP", "SHLVL"] {
            self.state.environment.put(name.as_bytes(), Variable::new(Value::Unknown, Truth::Yes, None));
        }
        let mut shell = BTreeMap::new();
        for name in [
            "addsuffix",
            "anyerror",
            "csubstnonl",
            "dirstack",
            "echo_style",
            "edit",
            "euid",
            "euser",
            "gid",
            "group",
            "killring",
            "owd",
            "prompt2",
            "prompt3",
            "shell",
            "shlvl",
            "tcsh",
            "tty",
            "version",
            "_",
            "cdtohome",
        ] {
            shell.insert(name.as_bytes().to_vec(), List::Set);
        }
        shell.insert(b"autologout".to_vec(), List::Maybe);
        shell.insert(b"history".to_vec(), List::Set);
        shell.insert(b"argv".to_vec(), List::of([]));
        shell.insert(b"uid".to_vec(), List::of([self.system.uid().to_string().as_bytes()]));
        if mode == Mode::Script {
            shell.insert(b"command".to_vec(), List::Maybe);
        } else {
            shell.insert(b"prompt".to_vec(), List::Set);
        }
        if mode == Mode::Login {
            shell.insert(b"loginsh".to_vec(), List::of([b"".as_slice()]));
        }
        self.state.shell = Rc::new(shell);
    }

    /// Runs a file; whether it is there.
    fn file(&mut self, path: &Path) -> Result<bool, Leave> {
        let Ok(content) = self.system.read(path, TEXT_LIMIT) else { return Ok(self.system.stat(path).is_ok()) };
        let text = Secret::new(content.bytes);
        // With that option quotes end elsewhere.
        if self.depth > DEEPEST || self.state.shell.contains_key(QUOTES) {
            self.doubt_text(text.bytes());
            return Ok(true);
        }
        if !self.files.iter().any(|own| own == path) {
            self.files.push(path.to_owned());
        }
        let place = std::mem::replace(&mut self.place, Place { path: path.into(), line: 0 });
        self.depth += 1;
        let flow = self.lines(&lex::lines(text.bytes(), true));
        self.depth -= 1;
        self.place = place;
        if content.truncated {
            self.doubt_all();
        }
        match self.joined(flow, Leave::File) {
            // Outside of its loop or switch it is an error.
            Err(leave) if leave != Leave::File => Err(Leave::All),
            _ => Ok(true),
        }
    }

    /// Joins the ways that were left to come here.
    fn joined(&mut self, flow: Flow, here: Leave) -> Flow {
        let (come, stay): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.left).into_iter().partition(|(to, _)| *to == here);
        self.left = stay;
        let mut come = come.into_iter().map(|(_, state)| state);
        let flow = match flow {
            Err(leave) if leave == here => Ok(()),
            Ok(()) => Ok(()),
            Err(leave) => {
                // Only the other ways come here.
                let Some(state) = come.next() else { return Err(leave) };
                self.left.push((leave, std::mem::replace(&mut self.state, state)));
                Ok(())
            }
        };
        for state in come {
            self.state.merge(&state);
        }
        flow
    }

    /// It may end here.
    fn may_leave(&mut self, to: Leave) {
        self.left.push((to, self.state.clone()));
    }

    /// One of two ways is taken, and nobody can tell which.
    fn either(&mut self, one: impl FnOnce(&mut Self) -> Flow, other: impl FnOnce(&mut Self) -> Flow) -> Flow {
        let before = self.state.clone();
        let first = one(self);
        let after = std::mem::replace(&mut self.state, before);
        let second = other(self);
        match (first, second) {
            (Err(one), Err(other)) if one != other => {
                self.left.push((one, after));
                Err(other)
            }
            (Ok(()), Err(other)) => {
                self.left.push((other, std::mem::replace(&mut self.state, after)));
                Ok(())
            }
            (Err(one), Ok(())) => {
                self.left.push((one, after));
                Ok(())
            }
            (flow, _) => {
                self.state.merge(&after);
                flow
            }
        }
    }

    /// Something is done with a text that is not modelled: it may set what it names.
    fn doubt_text(&mut self, text: &[u8]) {
        for name in self.names {
            if text.windows(name.len()).any(|w| w == name.as_bytes()) {
                self.doubt(name.as_bytes());
            }
        }
        self.state.status = None;
    }

    fn doubt_all(&mut self) {
        for name in self.names {
            self.doubt(name.as_bytes());
        }
        self.state.status = None;
    }

    fn doubt(&mut self, name: &[u8]) {
        self.state.environment.put(name, Variable::new(Value::Unknown, Truth::Maybe, Some(self.place.clone())));
    }

    /// What is not modelled: what its words name may be set by it, and it may be an error.
    fn unclear(&mut self, tokens: &[lex::Token]) {
        self.may_leave(Leave::All);
        self.doubt_tokens(tokens);
    }

    fn doubt_tokens(&mut self, tokens: &[lex::Token]) {
        let mut text = Vec::new();
        for token in tokens {
            if let lex::Token::Word(word) = token {
                append(&mut text, word);
            }
            text.push(b' ');
        }
        self.doubt_text(&text);
    }
}

/// What stands in a word.
fn append(text: &mut Vec<u8>, word: &[lex::Part]) {
    for part in word {
        match part {
            lex::Part::Text { bytes, .. } => text.extend_from_slice(bytes),
            lex::Part::Reference { reference, .. } => text.extend_from_slice(&reference.name),
            lex::Part::Command { text: own, .. } | lex::Part::Unclear(own) => text.extend_from_slice(own),
            lex::Part::Event(_) => {}
        }
    }
}
