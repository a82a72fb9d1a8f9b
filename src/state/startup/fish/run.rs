//! Runs fish's statements.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::super::value::{Growth, Place, Truth, Value, Variable, Variables};
use super::super::{Aside, Log, Started};
use super::function::Functions;
use super::output::{Stdin, Taken};
use super::parse::{self, Statement, Word};
use super::written::{Text, Written};
use crate::secret::Token;
use crate::system::{System, TEXT_LIMIT};

/// Between the elements of a list.
pub(super) const SEPARATOR: u8 = 0x1e;
/// A list without elements, as `fish_variables` has it: an empty text is a list of one.
pub(super) const EMPTY: &[u8] = &[0x1d];
/// Variables of fish's own that nobody can tell.
const OWN: [&str; 17] = [
    "hostname",
    "fish_pid",
    "SHLVL",
    "COLUMNS",
    "LINES",
    "last_pid",
    "CMD_DURATION",
    "umask",
    "history",
    "pipestatus",
    "status_generation",
    "__fish_data_dir",
    "__fish_bin_dir",
    "__fish_help_dir",
    "fish_complete_path",
    "fish_kill_signal",
    "_",
];
const MOST_STEPS: u32 = 100_000;
const DEEPEST: u32 = 40;
pub(super) const MOST_ROUNDS: u32 = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Go,
    Break,
    /// `continue`
    Next,
    Return,
    /// `exit`: the rest of the file is skipped, and the shell goes on with the next one (fish 3.6).
    End,
    /// `exec`: the shell is gone.
    Exit,
}

/// Everything that two ways may differ in.
#[derive(Clone, Default)]
pub(super) struct World {
    pub(super) universal: Variables,
    pub(super) global: Variables,
    /// Those of the blocks and functions that run, the innermost last; whether a function begins there.
    pub(super) locals: Vec<(Variables, bool)>,
    pub(super) functions: Functions,
    /// `--path`, `--unpath`: whether a variable is a list that is apart at colons.
    pub(super) paths: BTreeMap<Vec<u8>, bool>,
    /// What is printed, where something takes it.
    pub(super) taken: Option<Taken>,
    pub(super) stdin: Stdin,
    pub(super) written: Written,
}

impl World {
    pub(super) fn merge(&mut self, other: &Self) {
        self.universal.merge(&other.universal);
        self.global.merge(&other.global);
        for (mine, theirs) in self.locals.iter_mut().zip(&other.locals) {
            mine.0.merge(&theirs.0);
        }
        self.functions.merge(&other.functions);
        self.paths.extend(other.paths.iter().map(|(name, path)| (name.clone(), *path)));
        if let (Some(mine), Some(theirs)) = (&mut self.taken, &other.taken) {
            mine.merge(theirs);
        }
        self.stdin.merge(&other.stdin);
        self.written.merge(&other.written);
    }
}

/// A fish that reads its start-up files.
pub(super) struct Run<'s> {
    pub(super) system: &'s dyn System,
    pub(super) login: bool,
    pub(super) interactive: bool,
    pub(super) world: World,
    pub(super) status: Truth,
    pub(super) file: Rc<Path>,
    pub(super) line: u32,
    /// Whether the line is that of what holds the text that runs, as that of `eval`.
    pub(super) fixed_line: bool,
    depth: u32,
    steps: u32,
    pub(super) growth: Growth,
    /// What `psub` has put in files.
    pub(super) substitutes: Vec<Token>,
    /// How many handlers of events are at work.
    pub(super) firing: u32,
    /// What a command substitution ended beyond itself.
    pub(super) escaped: Option<Flow>,
    pub(super) broken: Option<World>,
    pub(super) skipped: Option<World>,
    pub(super) returned: Option<World>,
    pub(super) ended: Option<World>,
    pub(super) exited: Option<World>,
    log: Log,
    files: Vec<PathBuf>,
    pub(super) names: &'s [&'s str],
}

/// Who may log in.
pub(super) struct Account {
    pub(super) name: Vec<u8>,
    uid: Vec<u8>,
    pub(super) home: Vec<u8>,
}

/// The scope that `set` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Local,
    Function,
    Global,
    Universal,
}

impl<'s> Run<'s> {
    pub(super) fn new(
        system: &'s dyn System,
        (login, interactive): (bool, bool),
        variables: Variables,
        names: &'s [&'s str],
    ) -> Self {
        // Below all files stands what `set -f` sets outside of functions.
        let world = World { global: variables, locals: vec![(Variables::default(), false)], ..World::default() };
        let mut run = Self {
            system,
            login,
            interactive,
            world,
            status: Truth::Yes,
            file: Path::new("").into(),
            line: 1,
            fixed_line: false,
            depth: 0,
            steps: 0,
            growth: Growth::new(),
            substitutes: Vec::new(),
            firing: 0,
            escaped: None,
            broken: None,
            skipped: None,
            returned: None,
            ended: None,
            exited: None,
            log: Vec::new(),
            files: Vec::new(),
            names,
        };
        run.own("FISH_VERSION", b"3.6.0");
        run.own("version", b"3.6.0");
        run.own("EUID", system.uid().to_string().as_bytes());
        run.own("IFS", b"\n \t");
        for name in OWN {
            run.put_own(name, Value::Unknown);
        }
        run.user();
        run
    }

    /// USER: who it says, where that is who the person is; else who the person is.
    fn user(&mut self) {
        let uid = self.system.uid().to_string();
        let mine = self.accounts().into_iter().filter(|account| account.uid == uid.as_bytes());
        let names: Vec<Vec<u8>> = mine.map(|account| account.name).collect();
        let said = self.world.global.value(b"USER");
        if let Some(name) = names.first()
            && !names.iter().any(|name| said.bytes() == Some(name))
        {
            self.world.global.put(b"USER", Variable::new(Value::of(name), Truth::Yes, None));
        }
    }

    /// Those of `/etc/passwd`.
    pub(super) fn accounts(&self) -> Vec<Account> {
        let Ok(content) = self.system.read(Path::new("/etc/passwd"), TEXT_LIMIT) else { return Vec::new() };
        let account = |line: &[u8]| {
            let mut fields = line.split(|b| *b == b':').map(<[u8]>::to_vec);
            Some(Account { name: fields.next()?, uid: fields.nth(1)?, home: fields.nth(2)? })
        };
        content.bytes.split(|b| *b == b'\n').filter_map(account).collect()
    }

    /// A variable of fish's own, which no program gets.
    pub(super) fn own(&mut self, name: &str, value: &[u8]) {
        self.put_own(name, Value::of(value));
    }

    pub(super) fn put_own(&mut self, name: &str, value: Value) {
        let exported = self.world.global.get(name.as_bytes()).map_or(Truth::No, |v| v.exported);
        self.world.global.put(name.as_bytes(), Variable::new(value, exported, None));
    }

    pub(super) fn has_read(&mut self, path: &Path) {
        self.files.push(path.to_owned());
    }

    pub(super) fn universal(&mut self, name: &[u8], variable: Variable) {
        self.note(name, &variable.value, variable.place.as_ref());
        self.world.universal.put(name, variable);
    }

    pub(super) fn note(&mut self, name: &[u8], value: &Value, place: Option<&Place>) {
        if let Some(place) = place
            && self.log.len() < 10_000
        {
            self.log.push((name.to_vec(), super::joined(self.is_path(name), value), place.clone()));
        }
    }

    /// False where the shell ends in the file.
    pub(super) fn start_up(&mut self, path: &Path) -> bool {
        self.read_file(path, None).is_none_or(|flow| flow != Flow::Exit)
    }

    pub(super) fn finish(mut self) -> Started {
        if let Some(exited) = self.exited.take() {
            self.world.merge(&exited);
        }
        let mut variables = self.world.global;
        let session = self.world.locals.first().map(|(l, _)| l.clone()).unwrap_or_default();
        for name in self.names {
            let name = name.as_bytes();
            // Programs get the universal one where the global one is not exported.
            let set = |v: &&Variable| v.value != Value::Unset;
            let global = variables.get(name).filter(set).cloned();
            let universal = self.world.universal.get(name).filter(set).cloned();
            let found = match (global, universal) {
                (Some(global), Some(universal)) => match global.exported {
                    Truth::Yes => Some(global),
                    Truth::No => Some(universal),
                    Truth::Maybe => Some(Variable { value: Value::Unknown, exported: Truth::Maybe, ..global }),
                },
                (global, universal) => global.or(universal),
            };
            let found = match session.get(name).filter(set) {
                // It hides the others even where programs don't get it.
                Some(local) => Some(local.clone()),
                None => found,
            };
            if let Some(mut variable) = found {
                variable.value = super::joined(is_path(&self.world.paths, name), &variable.value);
                variables.put(name, variable);
            }
        }
        Started { variables, log: self.log, files: self.files, aside: Aside::default() }
    }

    pub(super) fn is_path(&self, name: &[u8]) -> bool {
        is_path(&self.world.paths, name)
    }

    /// Where the shell is.
    pub(super) fn directory(&self) -> Option<PathBuf> {
        self.world.global.value(b"PWD").bytes().map(|b| PathBuf::from(OsStr::from_bytes(b)))
    }

    /// `None` where it depends on a directory that is not known.
    pub(super) fn absolute(&self, path: &[u8]) -> Option<PathBuf> {
        let path = Path::new(OsStr::from_bytes(path));
        if path.is_absolute() { Some(path.to_owned()) } else { Some(self.directory()?.join(path)) }
    }

    /// `arguments` are those of `source`.
    pub(super) fn read_file(&mut self, path: &Path, arguments: Option<&[Vec<u8>]>) -> Option<Flow> {
        let text = match self.written(path).cloned() {
            None if self.is_written(path) => {
                if self.doubts_above(path) || self.file_mentions(path.as_os_str().as_bytes()) {
                    self.anything();
                }
                self.status = Truth::Maybe;
                return Some(Flow::Go);
            }
            None => Token::new(self.system.read(path, TEXT_LIMIT).ok()?.bytes).into(),
            Some(Text { known: Some(text), .. }) => text,
            Some(Text { doubts, .. }) => {
                if doubts {
                    self.anything();
                }
                self.status = Truth::Maybe;
                return Some(Flow::Go);
            }
        };
        self.files.push(path.to_owned());
        let file = std::mem::replace(&mut self.file, path.into());
        let fixed = std::mem::replace(&mut self.fixed_line, false);
        let line = self.line;
        let outer = self.ended.take();
        let flow = self.text(text.bytes(), arguments);
        (self.file, self.line, self.fixed_line) = (file, line, fixed);
        let flow = match (flow, std::mem::replace(&mut self.ended, outer)) {
            (Flow::Exit, Some(ended)) => {
                let gone = std::mem::replace(&mut self.world, ended);
                self.leave(Flow::Exit, gone);
                Flow::Go
            }
            (flow, Some(ended)) => {
                self.world.merge(&ended);
                self.status = Truth::Maybe;
                flow
            }
            (flow, None) => flow,
        };
        Some(if flow == Flow::End { Flow::Go } else { flow })
    }

    /// A text with a block of its own; `return` ends it.
    fn text(&mut self, text: &[u8], arguments: Option<&[Vec<u8>]>) -> Flow {
        if self.depth >= DEEPEST {
            return Flow::Go;
        }
        let program = parse::file(text);
        if !program.whole {
            self.status = Truth::No;
            return Flow::Go;
        }
        let outer = self.returned.take();
        let mut locals = Variables::default();
        if let Some(arguments) = arguments {
            locals.put(b"argv", Variable::new(list_value(arguments), Truth::No, None));
        }
        self.world.locals.push((locals, false));
        let flow = self.statements(&program.statements);
        self.world.locals.pop();
        self.rejoin(outer);
        if flow == Flow::Return { Flow::Go } else { flow }
    }

    fn rejoin(&mut self, outer: Option<World>) {
        if let Some(returned) = std::mem::replace(&mut self.returned, outer) {
            self.world.merge(&returned);
            self.status = Truth::Maybe;
        }
    }

    /// Statements with local variables of their own.
    pub(super) fn block(&mut self, statements: &[Statement]) -> Flow {
        self.world.locals.push((Variables::default(), false));
        let flow = self.statements(statements);
        self.world.locals.pop();
        flow
    }

    pub(super) fn statements(&mut self, statements: &[Statement]) -> Flow {
        for statement in statements {
            let flow = self.statement(statement);
            if flow != Flow::Go {
                return flow;
            }
        }
        Flow::Go
    }

    pub(super) fn statement(&mut self, statement: &Statement) -> Flow {
        self.steps += 1;
        if self.steps > MOST_STEPS || self.depth >= DEEPEST {
            self.anything();
            return Flow::Go;
        }
        self.depth += 1;
        let flow = self.dispatch(statement);
        self.depth -= 1;
        self.escaped.take().unwrap_or(flow)
    }

    pub(super) fn dispatch(&mut self, statement: &Statement) -> Flow {
        if !matches!(statement, Statement::Command { .. } | Statement::Redirecting { .. } | Statement::Assigned { .. })
        {
            self.world.stdin.direct = false;
        }
        match statement {
            Statement::Command { words, input, line } => {
                if !self.fixed_line {
                    self.line = *line;
                }
                match input {
                    Some(word) => self.reading(word, |run| run.command(words)),
                    None => self.command(words),
                }
            }
            Statement::Redirected { body, input } => self.reading(input, |run| run.statement(body)),
            Statement::Redirecting { body, targets, silent } => self.redirected(body, targets, *silent),
            Statement::Pipe(parts) => self.pipe(parts),
            Statement::When { success, then } => {
                let wanted = if *success { self.status } else { self.status.not() };
                match wanted {
                    Truth::Yes => self.statement(then),
                    Truth::No => Flow::Go,
                    Truth::Maybe => self.fork(
                        |run| run.statement(then),
                        |run| {
                            run.status = Truth::of(!success);
                            Flow::Go
                        },
                    ),
                }
            }
            Statement::Not(inner) => {
                let flow = self.statement(inner);
                self.status = self.status.not();
                flow
            }
            Statement::Assigned { assignments, then } => self.assigned(assignments, then),
            Statement::Background(inner) => {
                let before = self.status;
                let flow = self.statement(inner);
                // A program is not waited for.
                if self.is_program(inner) {
                    self.status = before;
                    self.print_anything();
                }
                flow
            }
            Statement::If { arms, otherwise } => self.arms(arms, otherwise),
            Statement::While { condition, body } => {
                let outer = self.broken.take();
                let flow = self.while_(condition, body);
                self.behind_loop(flow, outer)
            }
            Statement::For { name, words, body } => {
                let outer = self.broken.take();
                let flow = self.for_(name, words, body);
                self.behind_loop(flow, outer)
            }
            Statement::Switch { word, arms } => {
                let fields = self.fields(std::slice::from_ref(word));
                let value = fields.as_ref().map(|f| f.first().cloned().unwrap_or_default());
                if self.escaped.is_some() {
                    return Flow::Go;
                }
                self.switch(value.as_deref(), arms)
            }
            Statement::Function { words, body } => {
                self.define(words, body);
                Flow::Go
            }
            Statement::Begin(body) => self.block(body),
        }
    }

    /// `NAME=value … STATEMENT`: variables of that alone, which it passes on.
    fn assigned(&mut self, assignments: &[(Vec<u8>, Word)], then: &Statement) -> Flow {
        self.world.locals.push((Variables::default(), false));
        for (name, word) in assignments {
            let value = match self.fields(std::slice::from_ref(word)) {
                Some(list) if list.is_empty() => Value::of(EMPTY),
                Some(list) => super::set::listed(self.is_path(name), &list.join(&SEPARATOR)),
                None => Value::Unknown,
            };
            if let Some((local, _)) = self.world.locals.last_mut() {
                local.put(name, Variable::new(value, Truth::Yes, None));
            }
        }
        let flow = self.statement(then);
        self.world.locals.pop();
        flow
    }

    pub(super) fn place(&self) -> Place {
        Place { path: Rc::clone(&self.file), line: self.line }
    }

    /// What `source` reads that is no file of the person's.
    pub(super) fn sourced(&mut self, text: &[u8], arguments: &[Vec<u8>]) -> Flow {
        let fixed = std::mem::replace(&mut self.fixed_line, true);
        let flow = self.text(text, Some(arguments));
        self.fixed_line = fixed;
        flow
    }

    pub(super) fn inline(&mut self, text: &[u8]) -> Flow {
        let program = parse::program(text);
        if !program.whole {
            self.status = Truth::No;
            return Flow::Go;
        }
        let fixed = std::mem::replace(&mut self.fixed_line, true);
        let flow = self.statements(&program.statements);
        self.fixed_line = fixed;
        flow
    }

    /// The statements of a function, which `return` ends.
    pub(super) fn body(&mut self, body: &[Statement]) -> Flow {
        let returned = self.returned.take();
        let flow = self.statements(body);
        self.rejoin(returned);
        if flow == Flow::Return { Flow::Go } else { flow }
    }
}

fn is_path(paths: &BTreeMap<Vec<u8>, bool>, name: &[u8]) -> bool {
    paths.get(name).copied().unwrap_or(name.ends_with(b"PATH"))
}

/// A list as a value.
pub(super) fn list_value(list: &[Vec<u8>]) -> Value {
    if list.is_empty() { Value::of(EMPTY) } else { Value::of(&list.join(&SEPARATOR)) }
}
