//! Runs commands.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::alias::Alias;
use super::arguments::Arguments;
use super::expand::Field;
use super::fault::Fault;
use super::function::Function;
use super::output::{Capture, Stream};
use super::parse;
use super::style::Styles;
use super::syntax::{Command, Count};
use super::written::Written;
use super::{Aside, Dialect};
use crate::state::startup::value::{Growth, Truth, Value, Variable, Variables};
use crate::state::startup::{Log, Started};
use crate::system::{System, TEXT_LIMIT};

/// Most commands that are run: a start-up file that needs more is one that loops.
const MOST_STEPS: u32 = 100_000;
/// Deepest nesting of functions, files and `eval`.
const DEEPEST: u32 = 40;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Go,
    /// Out of so many loops.
    Break(u32),
    Continue(u32),
    Return,
    /// An error that drops the rest of the line it stands in (bash).
    Discard,
    /// An error that ends the file or the `eval` (zsh).
    Abort,
    /// An error that ends the start-up file, from whatever it was read in (sh).
    Fail,
    /// The shell ends, or becomes another program.
    Exit,
}

/// A shell that reads its start-up files.
pub(in crate::state::startup) struct Run<'s> {
    pub(super) system: &'s dyn System,
    pub(super) dialect: Dialect,
    pub(super) interactive: bool,
    pub(super) login: bool,
    pub(in crate::state::startup) variables: Variables,
    pub(super) functions: Rc<BTreeMap<Vec<u8>, Function>>,
    pub(super) aliases: BTreeMap<Vec<u8>, Alias>,
    /// Aliases whose texts are run: none of them counts in its own.
    pub(super) expanding: Vec<Vec<u8>>,
    /// Lines that were read so far, and after how many of them the command at hand was.
    pub(super) clock: u32,
    pub(super) read_at: u32,
    /// Associative arrays, and others whose elements are not followed.
    pub(super) keyed: BTreeSet<Vec<u8>>,
    /// zsh: what stands for `~NAME`.
    pub(super) named: BTreeMap<Vec<u8>, Value>,
    /// zsh: arrays, and what they are tied to, each of whose elements stands once.
    pub(super) unique: BTreeSet<Vec<u8>>,
    /// zsh: functions that are read when they are called; `None` in place of a name that nobody can tell.
    pub(super) autoloaded: BTreeSet<Option<Vec<u8>>>,
    /// zsh: the files of those that were named with theirs.
    pub(super) function_files: BTreeMap<Vec<u8>, PathBuf>,
    /// zsh: the directories that a text has put on `fpath`.
    pub(super) function_directories: Vec<PathBuf>,
    /// Files that were written.
    pub(super) written: Written,
    /// bash: variables that stand for another one.
    pub(super) references: BTreeMap<Vec<u8>, Vec<u8>>,
    /// zsh: `$0`, which is the file that is read by `source`, or the function; the shell's own name else.
    pub(super) zero: Value,
    /// Options that are on, in zsh's spelling: small letters, no underscores.
    pub(super) options: BTreeSet<Vec<u8>>,
    /// `$1` and so on.
    pub(super) arguments: Arguments,
    /// What each running function hides.
    pub(super) locals: Vec<BTreeMap<Vec<u8>, Option<Variable>>>,
    pub(super) directory: Option<PathBuf>,
    /// What `popd` goes back to, the last one first; `None` for one that nobody can tell.
    pub(super) directories: Vec<Option<PathBuf>>,
    pub(super) status: Truth,
    pub(super) file: Rc<Path>,
    pub(super) line: u32,
    /// Where a text that is not a file's own stands (`eval`, a function): its lines count as that line.
    pub(super) fixed_line: bool,
    depth: u32,
    pub(super) steps: u32,
    /// At which step the process that is run apart is given up.
    pub(super) ends_apart: Option<u32>,
    /// The worlds that left a function or file where nobody can tell whether they did.
    pub(super) returned: Option<Variables>,
    pub(super) exited: Option<Variables>,
    /// Those that left the round of a loop, and those that left the loop.
    pub(super) skipped: Option<Variables>,
    pub(super) broken: Option<Variables>,
    /// A text was not understood, or broken off.
    pub(super) unsure: bool,
    /// Whether a text was run that is not known: it may have brought functions, and places for PATH.
    pub(super) has_run_unknown: bool,
    /// Each value that was set, on ways that are not sure as well.
    pub(super) log: Log,
    files: Vec<PathBuf>,
    /// zsh: a pattern matched nothing, and the command is not run.
    pub(super) no_match: Cell<bool>,
    /// An expression divides by zero.
    pub(super) divides_by_zero: Cell<bool>,
    /// A word of the command at hand cannot be expanded.
    pub(super) expansion_fault: Cell<Option<Fault>>,
    /// How the last command ended whose output was put in.
    pub(super) output_status: Cell<Option<(Truth, Option<u8>)>>,
    /// What `$?` is where the command before failed; `None` where only that is known.
    pub(super) failure: Option<u8>,
    /// What is printed, where something asks for it.
    pub(super) capture: Option<Capture>,
    /// Standard input, where it is known.
    pub(super) stdin: Option<Stream>,
    /// Names that a text may set of which nothing else is known.
    pub(super) suspected: BTreeSet<Vec<u8>>,
    /// zsh: what `zstyle` has set.
    pub(super) styles: Styles,
    /// Where those were looked for already.
    pub(super) searched: BTreeSet<PathBuf>,
    /// The path that `source` is given, as a pattern in which a star stands for what is not known of it.
    pub(super) outline: Option<Vec<u8>>,
    /// What is known of the word that was expanded last, where not all of it is.
    pub(super) shape: Option<Vec<u8>>,
    /// bash's `getopts`: the word at which it is, and how far in it.
    pub(super) option_at: (usize, usize),
    /// The functions that run, and in how many branches of unknown outcome each was called.
    pub(super) active: Vec<(Vec<u8>, u32)>,
    /// Branches around the command at hand of which nobody can tell whether they are taken.
    pub(super) forks: u32,
    /// Loops around the command at hand.
    pub(super) loops: u32,
    pub(super) growth: Growth,
    /// Conditions around the command at hand.
    checked: u32,
    /// Directories of patterns that are not modelled.
    pub(super) not_listed: RefCell<Vec<Vec<u8>>>,
    /// Names that a trap may set.
    pub(super) trapped: BTreeSet<&'s str>,
    /// What signals run that the text may send to itself.
    pub(super) on_signal: Vec<Field>,
    /// Names that a setting of any variable may be about.
    pub(super) names: &'s [&'s str],
    /// The files that are not run; `None` where all of them are.
    aside: Option<Aside>,
    files_aside: usize,
    /// The status is that of a file that was not run.
    status_is_aside: bool,
}

impl<'s> Run<'s> {
    /// A shell with these variables.
    pub(in crate::state::startup) fn new(
        system: &'s dyn System,
        dialect: Dialect,
        (login, interactive): (bool, bool),
        variables: Variables,
        names: &'s [&'s str],
    ) -> Self {
        let directory = variables.value(b"PWD").bytes().map(|b| PathBuf::from(OsStr::from_bytes(b)));
        Self {
            system,
            dialect,
            interactive,
            login,
            variables,
            functions: Rc::default(),
            aliases: BTreeMap::new(),
            expanding: Vec::new(),
            clock: 0,
            read_at: 0,
            keyed: BTreeSet::new(),
            named: BTreeMap::new(),
            unique: BTreeSet::new(),
            autoloaded: BTreeSet::new(),
            function_files: BTreeMap::new(),
            function_directories: Vec::new(),
            written: Written::new(),
            references: BTreeMap::new(),
            zero: Value::Unknown,
            options: BTreeSet::new(),
            arguments: Arguments::default(),
            locals: Vec::new(),
            directory,
            directories: Vec::new(),
            status: Truth::Yes,
            file: Path::new("").into(),
            line: 1,
            fixed_line: false,
            depth: 0,
            steps: 0,
            ends_apart: None,
            returned: None,
            skipped: None,
            broken: None,
            exited: None,
            unsure: false,
            has_run_unknown: false,
            no_match: Cell::new(false),
            divides_by_zero: Cell::new(false),
            expansion_fault: Cell::new(None),
            output_status: Cell::new(None),
            failure: Some(1),
            capture: None,
            stdin: None,
            suspected: BTreeSet::new(),
            styles: Styles::default(),
            searched: BTreeSet::new(),
            outline: None,
            shape: None,
            option_at: (0, 0),
            active: Vec::new(),
            forks: 0,
            loops: 0,
            growth: Growth::new(),
            checked: 0,
            not_listed: RefCell::default(),
            trapped: BTreeSet::new(),
            on_signal: Vec::new(),
            log: Vec::new(),
            files: Vec::new(),
            names,
            aside: None,
            files_aside: 0,
            status_is_aside: false,
        }
    }

    /// A shell that does not run what tells nothing of the names.
    pub(in crate::state::startup) fn putting_aside(mut self, puts: bool) -> Self {
        // An error ends the files of sh, and only to run them tells.
        self.aside = (puts && !self.dialect.is_sh()).then(Aside::default);
        self
    }

    /// Whether something that was not run was asked for: then nothing may be put aside.
    pub(in crate::state::startup) fn is_missing_texts(&self) -> bool {
        self.aside.as_ref().is_some_and(Aside::is_missed)
    }

    /// The value of a variable, where a text that was not run may have set it.
    pub(super) fn ask(&self, variable: &[u8]) {
        if let Some(aside) = &self.aside {
            aside.ask(variable);
        }
    }

    /// A function of this name, where a text that was not run may have made it.
    pub(super) fn ask_function(&self, name: &[u8]) {
        if let Some(aside) = &self.aside {
            aside.ask_function(name);
        }
    }

    /// Anything, where a text that was not run may have set it.
    pub(super) fn ask_all(&self) {
        if let Some(aside) = &self.aside {
            aside.ask_all();
        }
    }

    /// How the command before ended.
    pub(super) fn status(&self) -> Truth {
        if self.status_is_aside {
            self.ask_all();
        }
        self.status
    }

    /// Whether a shell option is on.
    pub(in crate::state::startup) fn option(&self, name: &str) -> bool {
        self.options.contains(name.as_bytes())
    }

    /// A start-up file; false where the shell ends in it.
    pub(in crate::state::startup) fn start_up(&mut self, path: &Path) -> bool {
        self.read_file(path).is_none_or(|flow| flow != Flow::Exit)
    }

    /// Ends the start-up: what a world that may have ended before holds counts as well.
    pub(in crate::state::startup) fn finish(mut self) -> Started {
        if let Some(exited) = self.exited.take() {
            self.variables.merge(&exited);
        }
        // The rest was passed over.
        if self.steps > MOST_STEPS {
            self.anything(true);
        }
        for name in &self.trapped {
            let variable = self.variables.entry(name.as_bytes());
            (variable.value, variable.exported) = (Value::Unknown, Truth::Maybe);
        }
        Started { variables: self.variables, log: self.log, files: self.files, aside: self.aside.unwrap_or_default() }
    }

    /// Runs a file; `None` where it cannot be read.
    pub(super) fn read_file(&mut self, path: &Path) -> Option<Flow> {
        let path = self.absolute(path.as_os_str().as_bytes());
        if let Some(text) = self.written_text(&path) {
            let fixed = std::mem::replace(&mut self.fixed_line, true);
            let flow = self.text(text.bytes(), 1);
            self.fixed_line = fixed;
            return Some(flow);
        }
        if self.is_written(&path) {
            // It may not have been, and what is made anew may be what was there.
            let flow = self.fork(|run| run.read_stored(&path).unwrap_or(Flow::Go), |_| Flow::Go);
            self.runs_unknown();
            return Some(flow);
        }
        self.read_stored(&path)
    }

    /// Runs a file as it is stored.
    fn read_stored(&mut self, path: &Path) -> Option<Flow> {
        let content = self.system.read(path, TEXT_LIMIT).ok()?;
        let mut text = crate::secret::Token::new(content.bytes);
        self.files.push(path.to_owned());
        if let Some(aside) = &mut self.aside {
            match aside.take(text, self.names) {
                Ok(()) => {
                    // How it ends is not known.
                    self.files_aside += 1;
                    (self.status, self.status_is_aside) = (Truth::Maybe, true);
                    return Some(Flow::Go);
                }
                Err(back) => text = back,
            }
        }
        let file = std::mem::replace(&mut self.file, path.into());
        let fixed = std::mem::replace(&mut self.fixed_line, false);
        let line = self.line;
        // zsh: the loops around it are not the file's.
        let loops = self.loops;
        if self.dialect == Dialect::Zsh {
            self.loops = 0;
        }
        let flow = self.text(text.bytes(), 1);
        if content.truncated {
            // What follows was not read.
            self.anything(true);
        }
        (self.file, self.line, self.fixed_line, self.loops) = (file, line, fixed, loops);
        Some(flow)
    }

    /// Runs a text of its own: a file, an `eval`. A `return` ends it.
    pub(super) fn text(&mut self, text: &[u8], line: u32) -> Flow {
        if self.depth >= DEEPEST {
            self.gives_up();
            return Flow::Go;
        }
        let program = parse::program(text, line, self.dialect, self.option("extglob"));
        let outer = self.returned.take();
        let unsure = self.unsure;
        self.depth += 1;
        self.status = Truth::Yes;
        let sure = program.unsure_from.unwrap_or(program.commands.len());
        let mut flow = self.lines(&program, 0..sure);
        if flow == Flow::Go && sure < program.commands.len() {
            // A shell stops at what is wrong, and goes on behind what merely we do not understand.
            let before = self.variables.clone();
            flow = self.lines(&program, sure..program.commands.len());
            self.variables.merge(&before);
        }
        if flow == Flow::Go && program.wrong {
            flow = self.fault(Fault::Syntax);
        }
        self.depth -= 1;
        self.unsure = unsure;
        self.rejoin(outer);
        match flow {
            Flow::Return => Flow::Go,
            Flow::Abort => {
                self.status = Truth::No;
                Flow::Go
            }
            flow => flow,
        }
    }

    /// Commands are passed over that may set anything.
    pub(super) fn gives_up(&mut self) {
        self.unsure = true;
        self.anything(true);
        self.prints_unknown();
        (self.status, self.failure) = (Truth::Maybe, None);
    }

    /// Commands of the outermost level: an error may drop what stands on the same line.
    pub(super) fn lines(&mut self, program: &parse::Program, range: std::ops::Range<usize>) -> Flow {
        let (mut dropped, mut read) = (None, None);
        let outer = self.read_at;
        let mut end = Flow::Go;
        for at in range {
            let line = Some(program.lines[at]);
            if dropped == line {
                continue;
            }
            if read != line {
                self.clock += 1;
                (read, self.read_at) = (line, self.clock);
            }
            match self.command(&program.commands[at]) {
                Flow::Go => {}
                Flow::Discard => dropped = line,
                flow => {
                    end = flow;
                    break;
                }
            }
        }
        self.read_at = outer;
        end
    }

    /// Takes up the worlds that returned early.
    pub(super) fn rejoin(&mut self, outer: Option<Variables>) {
        if let Some(returned) = std::mem::replace(&mut self.returned, outer) {
            self.variables.merge(&returned);
            self.status = Truth::Maybe;
        }
    }

    pub(super) fn commands(&mut self, commands: &[Command]) -> Flow {
        for command in commands {
            let flow = self.command(command);
            if flow != Flow::Go {
                return flow;
            }
        }
        Flow::Go
    }

    pub(super) fn command(&mut self, command: &Command) -> Flow {
        self.steps += 1;
        if self.ends_apart.is_some_and(|end| self.steps > end) {
            return Flow::Exit;
        }
        if self.steps > MOST_STEPS || self.is_missing_texts() {
            // What comes of this is not used.
            return Flow::Exit;
        }
        if self.depth >= DEEPEST {
            self.gives_up();
            return Flow::Go;
        }
        self.depth += 1;
        let aside = self.files_aside;
        let flow = self.dispatch(command);
        let flow = if flow == Flow::Go { self.error_exit(command) } else { flow };
        // Else its status is that of what it ran last.
        self.status_is_aside &= aside != self.files_aside;
        self.depth -= 1;
        flow
    }

    /// `set -e`
    fn error_exit(&mut self, command: &Command) -> Flow {
        let fails = |run: &Self| run.status() != Truth::Yes && counts(command);
        if self.dialect == Dialect::Zsh && self.option("errreturn") && !self.locals.is_empty() && fails(self) {
            if self.status() == Truth::No && self.checked == 0 {
                return Flow::Return;
            }
            self.leave(Flow::Return, self.variables.clone());
            return Flow::Go;
        }
        // zsh minds it only when it has read its start-up files.
        if self.dialect == Dialect::Zsh || self.checked > 0 || !self.option("errexit") {
            return Flow::Go;
        }
        match self.status() {
            Truth::No if counts(command) => Flow::Exit,
            Truth::Maybe if counts(command) => {
                self.leave(Flow::Exit, self.variables.clone());
                Flow::Go
            }
            _ => Flow::Go,
        }
    }

    /// Runs commands whose failure is looked at.
    pub(super) fn checked(&mut self, commands: impl FnOnce(&mut Self) -> Flow) -> Flow {
        self.checked += 1;
        let flow = commands(self);
        self.checked -= 1;
        flow
    }

    fn dispatch(&mut self, command: &Command) -> Flow {
        match command {
            Command::Simple { assignments, words, input, silent, line } => {
                if !self.fixed_line {
                    self.line = *line;
                }
                self.redirected(input.as_ref(), silent.as_ref(), |run| run.simple(assignments, words))
            }
            Command::Redirected { body, input, silent } => {
                self.redirected(input.as_ref(), silent.as_ref(), |run| run.command(body))
            }
            Command::Pipeline { commands, negated } => {
                let run = |run: &mut Self| run.pipeline(commands);
                let flow = if *negated { self.checked(run) } else { run(self) };
                if *negated {
                    self.status = self.status().not();
                    self.failure = Some(1);
                }
                flow
            }
            Command::AndOr { first, rest } => self.and_or(first, rest),
            Command::Background => {
                self.prints_unknown();
                self.status = Truth::Yes;
                Flow::Go
            }
            Command::If { arms, otherwise } => self.arms(arms, otherwise),
            Command::While { until, condition, body } => self.looped(|run| run.while_(*until, condition, body)),
            Command::For { names, words, body } => self.looped(|run| run.for_(names, words.as_deref(), body)),
            Command::Count { head: Count::Expressions(expressions), body } => {
                self.looped(|run| run.count(expressions, body))
            }
            Command::Count { head: Count::Times(times), body } => self.looped(|run| run.times(times, body)),
            Command::Repeat(body) => self.looped(|run| run.rounds(|run| run.round(body))),
            Command::Case { word, arms } => {
                let value = self.whole(word, false);
                self.case(value.bytes(), arms)
            }
            Command::Function { name, body } => {
                self.define(name, body);
                self.status = Truth::Yes;
                Flow::Go
            }
            Command::Anonymous { body, arguments } => self.anonymous(body, arguments),
            Command::Group(body) => self.commands(body),
            Command::Always { body, after } => {
                let flow = self.command(body);
                let status = (self.status, self.failure);
                let last = self.commands(after);
                (self.status, self.failure) = status;
                if last == Flow::Go { flow } else { last }
            }
            Command::Subshell(body) => {
                self.apart(|run| {
                    run.commands(body);
                });
                Flow::Go
            }
            Command::Condition(tokens) => {
                self.status = self.condition(tokens);
                self.failure = Some(1);
                self.taken_fault().unwrap_or(Flow::Go)
            }
            Command::Arithmetic(text) => {
                self.failure = Some(1);
                self.status = self.arithmetic(text).map_or(Truth::Maybe, |n| Truth::of(n != 0));
                Flow::Go
            }
        }
    }

    /// Whether a path is meant from a directory that nobody can tell.
    pub(super) fn is_lost(&self, path: &[u8]) -> bool {
        self.directory.is_none() && !path.starts_with(b"/")
    }

    /// A path of the text's, made absolute.
    pub(super) fn absolute(&self, path: &[u8]) -> PathBuf {
        let path = Path::new(OsStr::from_bytes(path));
        match &self.directory {
            Some(directory) => directory.join(path),
            None => path.to_owned(),
        }
    }
}

/// Whether `set -e` minds how a command ends.
fn counts(command: &Command) -> bool {
    match command {
        Command::Simple { .. } | Command::Subshell(_) | Command::Condition(_) | Command::Arithmetic(_) => true,
        Command::Pipeline { negated, .. } => !negated,
        _ => false,
    }
}
