//! Functions.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::rc::Rc;

use super::Dialect;
use super::arguments::Arguments;
use super::expand::Field;
use super::fault::Fault;
use super::parse;
use super::pattern;
use super::run::{Flow, Run};
use super::syntax::{Assigned, Command, Word};
use crate::secret::Token;
use crate::state::startup::value::{Truth, Value};
use crate::system::TEXT_LIMIT;

/// A function.
#[derive(Debug, Clone)]
pub(super) struct Function {
    body: Rc<Command>,
    /// The line on which it was read, counted from the start of the shell.
    read_at: u32,
    file: Rc<Path>,
    /// The line that all of it counts as, where it does not stand in the file itself.
    line: Option<u32>,
}

impl Run<'_> {
    /// A function.
    pub(super) fn function(&self, name: &[u8]) -> Option<&Function> {
        self.ask_function(name);
        self.functions.get(name)
    }

    /// `NAME() BODY`
    pub(super) fn define(&mut self, name: &[u8], body: &Rc<Command>) {
        let function = self.made(body);
        // zsh: functions that are traps.
        if self.dialect == Dialect::Zsh && matches!(name, b"TRAPDEBUG" | b"TRAPZERR" | b"TRAPERR") {
            self.trapped.extend(self.names);
        }
        Rc::make_mut(&mut self.functions).insert(name.to_vec(), function);
    }

    /// zsh: `() { … } ARGUMENTS`
    pub(super) fn anonymous(&mut self, body: &Rc<Command>, arguments: &[Word]) -> Flow {
        let arguments = self.fields(arguments);
        if let Some(flow) = self.taken_fault() {
            return flow;
        }
        if self.no_match.take() {
            return self.fault(Fault::Expansion);
        }
        let function = self.made(body);
        self.status = Truth::Yes;
        self.call(b"(anon)", &function, &arguments)
    }

    /// A function that is read here.
    fn made(&self, body: &Rc<Command>) -> Function {
        Function {
            body: Rc::clone(body),
            read_at: self.read_at,
            file: Rc::clone(&self.file),
            line: self.fixed_line.then_some(self.line),
        }
    }

    /// zsh: directories that are put on `fpath`.
    pub(super) fn note_function_directories(&mut self, value: &Assigned) {
        if self.dialect != Dialect::Zsh {
            return;
        }
        let found: Vec<Vec<u8>> = match value {
            Assigned::Array(words) => self.fields(words).iter().filter_map(Field::bytes).map(<[u8]>::to_vec).collect(),
            Assigned::Word(word) => {
                let text = self.outline(word);
                text.split(|b| *b == b':').filter(|part| !part.contains(&b'*')).map(pattern::unescaped).collect()
            }
            Assigned::Element { .. } => Vec::new(),
        };
        for directory in found.into_iter().filter(|directory| !directory.is_empty()) {
            let directory = self.absolute(&directory);
            if !self.function_directories.contains(&directory) {
                self.function_directories.push(directory);
            }
        }
    }

    /// zsh: `autoload NAME`
    pub(super) fn autoload(&mut self, arguments: &[Field]) {
        for name in arguments.iter().map(Field::bytes) {
            match name {
                Some([b'-' | b'+', ..]) => {}
                // From this very file.
                Some([b'/', ..]) => {
                    let path = Path::new(OsStr::from_bytes(name.unwrap_or_default()));
                    let name = path.file_name().unwrap_or_default().as_bytes().to_vec();
                    self.function_files.insert(name.clone(), path.to_owned());
                    self.autoloaded.insert(Some(name));
                }
                name => {
                    self.autoloaded.insert(name.map(<[u8]>::to_vec));
                }
            }
        }
        // Looked for at once, among zsh's own, too.
        if arguments.iter().any(|f| f.bytes().is_some_and(|option| option.starts_with(b"+") && option.contains(&b'X')))
        {
            self.status = Truth::Maybe;
        }
    }

    /// zsh: `unfunction NAME`
    pub(super) fn unfunction(&mut self, arguments: &[Field]) {
        for argument in arguments {
            match argument.bytes() {
                Some(option) if option.starts_with(b"-") => self.status = Truth::Maybe,
                Some(name) => {
                    let name = name.to_vec();
                    let was_there = Rc::make_mut(&mut self.functions).remove(&name).is_some();
                    // What a file of the system defined is not known.
                    if !self.autoloaded.remove(&Some(name)) && !was_there {
                        self.status = Truth::Maybe;
                    }
                }
                None => self.status = Truth::Maybe,
            }
        }
    }

    /// zsh: `zmodload NAME`; which others than these are installed is not known, nor which are loaded already.
    pub(super) fn zmodload(&mut self, arguments: &[Field]) {
        const SHIPPED: &[&[u8]] = &[
            b"complete",
            b"complist",
            b"compctl",
            b"computil",
            b"datetime",
            b"files",
            b"langinfo",
            b"main",
            b"mapfile",
            b"mathfunc",
            b"net/socket",
            b"net/tcp",
            b"parameter",
            b"regex",
            b"rlimits",
            b"sched",
            b"stat",
            b"system",
            b"termcap",
            b"terminfo",
            b"zle",
            b"zleparameter",
            b"zprof",
            b"zpty",
            b"zselect",
            b"zutil",
        ];
        let modules = match arguments {
            [Field::Known(option), Field::Known(module), ..] if option == b"-F" => std::slice::from_ref(module),
            [Field::Known(option), rest @ ..] if matches!(option.as_slice(), b"-i" | b"-s") => {
                return self.zmodload(rest);
            }
            [Field::Known(module)] => std::slice::from_ref(module),
            _ => &[],
        };
        let is_shipped = |m: &Vec<u8>| m.strip_prefix(b"zsh/").is_some_and(|name| SHIPPED.contains(&name));
        self.status = if !modules.is_empty() && modules.iter().all(is_shipped) { Truth::Yes } else { Truth::Maybe };
    }

    /// zsh: reads a function that is called for the first time, where a directory that the text has named holds it. Those
    /// that come with zsh tell nothing of credentials.
    pub(super) fn load(&mut self, name: &[u8]) {
        if self.autoloaded.is_empty() || self.functions.contains_key(name) || name.contains(&b'/') {
            return;
        }
        if !self.autoloaded.contains(&Some(name.to_vec())) && !self.autoloaded.contains(&None) {
            return;
        }
        let directories = self.function_directories.iter().map(|directory| directory.join(OsStr::from_bytes(name)));
        let paths = self.function_files.get(name).cloned().into_iter().chain(directories);
        let Some((path, content)) =
            paths.into_iter().find_map(|path| self.system.read(&path, TEXT_LIMIT).ok().map(|content| (path, content)))
        else {
            return;
        };
        let program = parse::program(Token::new(content.bytes).bytes(), 1, self.dialect, self.option("extglob"));
        if program.unsure_from.is_some() || program.wrong {
            self.unsure = true;
        }
        let body = match <[Command; 1]>::try_from(program.commands) {
            // A file that only defines it.
            Ok([Command::Function { name: defined, body }]) if defined == name => body,
            Ok([one]) => Rc::new(one),
            Err(commands) => Rc::new(Command::Group(commands)),
        };
        let function = Function { body, read_at: self.read_at, file: path.into(), line: None };
        Rc::make_mut(&mut self.functions).insert(name.to_vec(), function);
    }

    /// zsh: `add-zsh-hook chpwd NAME`; the other hooks are run at the prompt.
    pub(super) fn hook(&mut self, arguments: &[Field]) {
        if let [Field::Known(hook), Field::Known(function)] = arguments
            && hook == b"chpwd"
        {
            let element = Rc::new(Token::new(function.clone()));
            self.assign_array(b"chpwd_functions", Some([element].into()), true);
        }
    }

    /// zsh: what is run when the directory has changed.
    pub(super) fn moved(&mut self) -> Flow {
        self.ask(b"chpwd_functions");
        let hooked = self.elements(b"chpwd_functions");
        let hooked = hooked.iter().flat_map(|all| all.iter()).map(|one| one.bytes().to_vec());
        for name in std::iter::once(b"chpwd".to_vec()).chain(hooked) {
            self.load(&name);
            if let Some(function) = self.function(&name).cloned() {
                let flow = self.call(&name, &function, &[]);
                if flow != Flow::Go {
                    return flow;
                }
            }
        }
        self.status = Truth::Yes;
        Flow::Go
    }

    /// Calls a function: its arguments and local variables are its own.
    pub(super) fn call(&mut self, name: &[u8], function: &Function, arguments: &[Field]) -> Flow {
        // One that calls itself where nobody can tell whether it does: a third time would tell nothing new.
        let again = self.active.iter().filter(|(active, forks)| active == name && *forks < self.forks).count();
        if again >= 2 {
            (self.status, self.failure) = (Truth::Maybe, None);
            return Flow::Go;
        }
        self.active.push((name.to_vec(), self.forks));
        let outer = std::mem::replace(&mut self.arguments, Arguments::of(arguments));
        let returned = self.returned.take();
        let loops = self.loops;
        // In zsh a `break` in it leaves the loop of who calls.
        if self.dialect != Dialect::Zsh {
            self.loops = 0;
        }
        self.locals.push(BTreeMap::new());
        let zero = std::mem::replace(&mut self.zero, Value::of(name));
        let read_at = std::mem::replace(&mut self.read_at, function.read_at);
        let file = std::mem::replace(&mut self.file, Rc::clone(&function.file));
        let (options, references) = (self.options.clone(), self.references.clone());
        let (line, fixed) = (self.line, self.fixed_line);
        (self.line, self.fixed_line) = (function.line.unwrap_or(line), function.line.is_some());
        let flow = self.command(&function.body);
        self.active.pop();
        (self.loops, self.zero, self.read_at, self.file) = (loops, zero, read_at, file);
        (self.line, self.fixed_line) = (line, fixed);
        self.references = references;
        if self.option("localoptions") {
            self.options = options;
        }
        self.rejoin(returned);
        self.arguments = outer;
        for (name, old) in self.locals.pop().unwrap_or_default() {
            self.restore(&name, old);
        }
        if flow == Flow::Return { Flow::Go } else { flow }
    }
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    fn next(text: &str) -> Value {
        let fake = Fake::home()
            .file("/home/u/.zshrc", text)
            .file("/home/u/f/load-it", "export HF_TOKEN=a\n")
            .file("/home/u/d/a.zsh", "set -a; source ~/.env; set +a\n")
            .file("/home/u/.env", "HF_TOKEN=b\n")
            .mode("/usr/bin/some-program", "\x7fELF", 0o755)
            .var("PATH", "/usr/bin");
        start(&fake, Shell::Zsh, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    #[test]
    fn functions_that_are_loaded_and_that_call_themselves() {
        for text in [
            "autoload -Uz ~/f/load-it\nload-it\n",
            "autoload -Uz ~/f/*(.:t)\nfpath=(~/f $fpath)\nload-it\n",
            // Where nobody can tell whether it calls itself.
            "f() { while some-program; do case $1 in h) return;; *) f -h; return 1;; esac; done; }\nf x\nexport HF_TOKEN=a\n",
        ] {
            assert_eq!(next(text), Value::of(b"a"), "{text}");
        }
        for text in [
            // What is not reached because it is too deep may set anything.
            "f() { f; export HF_TOKEN=a; }\nf\n",
            // A file that is not run, but that may be, may read another one.
            "for f in $(some-program ~/d/*.zsh); do source $f; done\n",
            "eval \"$(some-program ~/d/a.zsh)\"\n",
        ] {
            assert_eq!(next(text), Value::Unknown, "{text}");
        }
    }
}
