//! The builtins that change variables, or tell which way the text goes; and the programs that only repeat.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::Dialect;
use super::declare::is_identifier;
use super::expand::{Field, permitted};
use super::fault::Fault;
use super::parse;
use super::run::{Flow, Run};
use crate::state::startup::value::{Truth, Value};
use crate::system::Kind;

/// Builtins that print what is not modelled.
const PRINTING: [&[u8]; 24] = [
    b"alias",
    b"bindkey",
    b"bind",
    b"command",
    b"complete",
    b"zstyle",
    b"trap",
    b"umask",
    b"ulimit",
    b"print",
    b"hash",
    b"history",
    b"stty",
    b"times",
    b"set",
    b"shopt",
    b"type",
    b"which",
    b"whence",
    b"where",
    b"pushd",
    b"popd",
    b"dirs",
    b"jobs",
];

impl Run<'_> {
    pub(super) fn builtin(&mut self, name: &[u8], arguments: &[Field]) -> Flow {
        let before = (self.status, self.failure);
        (self.status, self.failure) = (Truth::Yes, Some(1));
        // Of these the list is asked for, or a path.
        if PRINTING.contains(&name) {
            self.prints_unknown();
        }
        match name {
            b":" | b"true" | b"alias" | b"unalias" | b"bindkey" | b"bind" | b"complete" | b"compdef" | b"compinit"
            | b"autoload" | b"zstyle" | b"trap" | b"umask" | b"ulimit" | b"print" | b"zmodload" | b"hash"
            | b"enable" | b"disable" | b"history" | b"zle" | b"stty" | b"wait" | b"times" => {}
            b"printf" => {
                if let [Field::Known(option), Field::Known(name), ..] = arguments
                    && option == b"-v"
                {
                    let name = name.clone();
                    let value = Self::formatted(&arguments[2..]);
                    self.assign(&name, value);
                } else {
                    self.prints_formatted(arguments);
                }
            }
            b"echo" => self.echo(arguments),
            b"false" => self.status = Truth::No,
            b"[" | b"test" => self.status = self.test(name == b"[", arguments),
            b"export" | b"declare" | b"typeset" | b"local" | b"readonly" | b"integer" | b"float" | b"private" => {
                return self.declare(name, arguments);
            }
            b"unset" => return self.unset(arguments),
            b"set" => return self.set(arguments),
            b"setopt" | b"unsetopt" => self.setopt(name == b"setopt", arguments),
            b"shopt" => {
                if arguments.first().and_then(Field::bytes).is_some_and(|a| a.contains(&b'q')) {
                    self.status = Truth::Maybe;
                }
            }
            // dash has no `source`; bash and ksh as sh have.
            b"source" if self.dialect == Dialect::Sh && self.is_dash() => self.status = self.program(name),
            b"source" | b"." => return self.source(name, arguments),
            b"eval" => return self.eval(arguments),
            b"return" if self.dialect == Dialect::Zsh && arguments.len() > 1 => self.status = Truth::No,
            b"return" => {
                (self.status, self.failure) = status_of(arguments, before);
                return Flow::Return;
            }
            b"exit" | b"logout" | b"bye" => {
                (self.status, self.failure) = status_of(arguments, before);
                return Flow::Exit;
            }
            // Outside of a loop: bash complains, sh does not even do that.
            b"break" | b"continue" if self.loops == 0 => {
                return if self.dialect == Dialect::Zsh { self.fault(Fault::Builtin) } else { Flow::Go };
            }
            b"break" => return Flow::Break(count(arguments)),
            b"continue" => return Flow::Continue(count(arguments)),
            b"shift" => {
                let n = count(arguments) as usize;
                // `set -- $UNKNOWN` may have made any number of them.
                let all_known = self.arguments.iter().all(|a| *a != Value::Unknown);
                if n > self.arguments.len() && all_known {
                    return self.fault(Fault::Usage);
                }
                self.arguments.drain(..n.min(self.arguments.len()));
            }
            b"read" => return self.read(arguments),
            b"mapfile" | b"readarray" | b"getopts" => {
                for field in arguments {
                    let Some(name) = field.bytes() else { continue };
                    if is_identifier(name) {
                        self.assign(name, Value::Unknown);
                    }
                }
                self.status = Truth::Maybe;
            }
            b"cd" | b"pushd" | b"chdir" => self.cd(arguments),
            b"command" | b"builtin" | b"exec" | b"noglob" | b"nocorrect" | b"\\builtin" => {
                return self.prefixed(name, arguments);
            }
            b"type" | b"which" | b"whence" | b"where" => self.status = self.found(arguments),
            _ => self.program_runs(name, arguments),
        }
        Flow::Go
    }

    /// `command`, `builtin`, `exec` and zsh's `noglob` before another command.
    fn prefixed(&mut self, name: &[u8], arguments: &[Field]) -> Flow {
        let options = arguments.iter().take_while(|f| f.bytes().is_some_and(|b| b.starts_with(b"-"))).count();
        let rest = &arguments[options..];
        if name == b"command"
            && arguments[..options].iter().any(|f| f.bytes().is_some_and(|b| b.contains(&b'v') || b.contains(&b'V')))
        {
            self.status = self.found(rest);
            return Flow::Go;
        }
        let Some((first, more)) = rest.split_first() else { return Flow::Go };
        if name == b"exec" {
            return Flow::Exit;
        }
        // zsh's `command` runs programs alone.
        if name == b"command" && self.dialect == Dialect::Zsh {
            self.status = Truth::Maybe;
            return Flow::Go;
        }
        if let Some(first) = first.bytes() {
            let first = first.to_vec();
            let flow = self.builtin(&first, more);
            // POSIX: behind `command`, a special builtin that fails ends nothing. What a file that was read ends stays.
            let reads = matches!(first.as_slice(), b"." | b"eval") && self.status() != Truth::No;
            if flow == Flow::Fail && name == b"command" && !reads { Flow::Go } else { flow }
        } else {
            self.status = Truth::Maybe;
            Flow::Go
        }
    }

    /// Whether a command of this name is there: a function, a builtin, a program on PATH.
    fn found(&self, arguments: &[Field]) -> Truth {
        const BUILTINS: [&[u8]; 16] = [
            b"cd", b"echo", b"eval", b"exec", b"export", b"printf", b"read", b"set", b"source", b".", b"test", b"[",
            b"unset", b"alias", b"command", b"type",
        ];
        let mut all = Truth::Yes;
        for field in arguments.iter().filter(|f| f.bytes().is_none_or(|b| !b.starts_with(b"-"))) {
            let one = match field.bytes() {
                None => Truth::Maybe,
                Some(name) if BUILTINS.contains(&name) || self.function(name).is_some() => Truth::Yes,
                Some(name) => self.program(name),
            };
            if one != Truth::Yes {
                all = one;
            }
        }
        all
    }

    pub(super) fn is_dash(&self) -> bool {
        self.system.canonical(Path::new("/bin/sh")).is_some_and(|sh| sh.ends_with("dash"))
    }

    pub(super) fn program(&self, name: &[u8]) -> Truth {
        let is_program = |path: &Path| {
            self.system.stat(path).is_ok_and(|s| s.kind == Kind::File) && permitted(self.system, path, 0o1)
        };
        if name.contains(&b'/') {
            return Truth::of(is_program(&self.absolute(name)));
        }
        let Value::Known(path) = self.value(b"PATH") else { return Truth::Maybe };
        let found = path
            .bytes()
            .split(|b| *b == b':')
            .filter(|d| !d.is_empty())
            .any(|dir| is_program(&self.absolute(dir).join(OsStr::from_bytes(name))));
        // A shell function that an `eval` or plugin brought is not seen.
        if found { Truth::Yes } else { Truth::No }
    }

    /// `set -a`.
    pub(in crate::state::startup) fn export_all(&mut self) {
        self.option_set(b"allexport", true);
    }

    fn option_set(&mut self, name: &[u8], on: bool) {
        let mut name: Vec<u8> =
            name.iter().filter(|b| **b != b'_' && **b != b'-').map(u8::to_ascii_lowercase).collect();
        let mut on = on;
        if self.dialect == Dialect::Zsh && name.starts_with(b"no") && name != b"notify" && name != b"nomatch" {
            name.drain(..2);
            on = !on;
        }
        // zsh turns these off, and the rest of the files is not read.
        if on {
            self.options.insert(name.clone());
            self.options.remove([b"no", name.as_slice()].concat().as_slice());
        } else {
            self.options.remove(&name);
            self.options.insert([b"no", name.as_slice()].concat());
        }
    }

    fn set(&mut self, arguments: &[Field]) -> Flow {
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let Some(text) = argument.bytes() else {
                self.arguments = vec![Value::Unknown];
                return Flow::Go;
            };
            let on = text.starts_with(b"-");
            if text == b"--" || !(on || text.starts_with(b"+")) {
                let first = (text != b"--").then_some(argument);
                let values = first.into_iter().chain(rest);
                self.arguments = values.map(|f| f.bytes().map_or(Value::Unknown, Value::of)).collect();
                return Flow::Go;
            }
            let letters = text[1..].to_vec();
            for letter in letters {
                match letter {
                    b'a' => self.option_set(b"allexport", on),
                    b'u' => self.option_set(b"nounset", on),
                    b'o' => {
                        if let Some(name) = rest.next().and_then(Field::bytes) {
                            let name = name.to_vec();
                            if self.dialect == Dialect::Sh && !DASH_OPTIONS.contains(&name.as_slice()) {
                                return self.fault(Fault::Usage);
                            }
                            self.option_set(&name, on);
                        }
                    }
                    _ if self.dialect == Dialect::Sh && !b"efIimnsxvVECbp".contains(&letter) => {
                        return self.fault(Fault::Usage);
                    }
                    _ => {}
                }
            }
        }
        Flow::Go
    }

    fn setopt(&mut self, on: bool, arguments: &[Field]) {
        for argument in arguments {
            match argument.bytes() {
                Some(b"-a") => self.option_set(b"allexport", on),
                Some(name) if name != b"-o" => {
                    let name = name.to_vec();
                    self.option_set(&name, on);
                }
                _ => {}
            }
        }
    }

    fn cd(&mut self, arguments: &[Field]) {
        let to = arguments.iter().find(|f| f.bytes().is_none_or(|b| !b.starts_with(b"-")));
        let to = match to {
            Some(field) => field.bytes().map(<[u8]>::to_vec),
            None => self.value(b"HOME").bytes().map(<[u8]>::to_vec),
        };
        let path = to.map(|to| self.absolute(&to));
        match path {
            Some(path) if self.system.stat(&path).is_ok_and(|s| s.kind == Kind::Dir) => self.directory = Some(path),
            Some(_) => self.status = Truth::No,
            None => self.status = Truth::Maybe,
        }
    }

    fn eval(&mut self, arguments: &[Field]) -> Flow {
        let mut text = Vec::new();
        for argument in arguments {
            let Some(bytes) = argument.bytes() else {
                self.runs_unknown();
                return Flow::Go;
            };
            if !text.is_empty() {
                text.push(b' ');
            }
            text.extend_from_slice(bytes);
        }
        self.inline(&text)
    }

    /// A text that stands in a line of another: a `return` in it leaves the other as well.
    fn inline(&mut self, text: &[u8]) -> Flow {
        let program = parse::program(text, 1, self.dialect);
        let fixed = std::mem::replace(&mut self.fixed_line, true);
        let flow = self.lines(&program, 0..program.commands.len());
        self.fixed_line = fixed;
        if flow == Flow::Abort { Flow::Go } else { flow }
    }

    fn source(&mut self, builtin: &[u8], arguments: &[Field]) -> Flow {
        let arguments = match arguments {
            [Field::Known(dashes), rest @ ..] if dashes == b"--" => rest,
            _ => arguments,
        };
        let Some((file, rest)) = arguments.split_first() else {
            self.status = Truth::No;
            return Flow::Go;
        };
        let outer = (!rest.is_empty()).then(|| {
            let values = rest.iter().map(|f| f.bytes().map_or(Value::Unknown, Value::of)).collect();
            std::mem::replace(&mut self.arguments, values)
        });
        let flow = match file {
            Field::Known(name) if matches!(name.as_slice(), b"/dev/stdin" | b"/dev/fd/0") => {
                if let Some(text) = self.rest_of_input() {
                    let fixed = std::mem::replace(&mut self.fixed_line, true);
                    let flow = self.text(&text, 1);
                    self.fixed_line = fixed;
                    Some(flow)
                } else {
                    self.runs_unknown();
                    Some(Flow::Go)
                }
            }
            Field::Known(name) => match self.sourced(builtin, name) {
                Some(path) => self.read_file(&path),
                None => None,
            },
            Field::Process(text, line) => {
                if let Value::Known(text) = self.output(text, *line) {
                    let fixed = std::mem::replace(&mut self.fixed_line, true);
                    let flow = self.text(text.bytes(), 1);
                    self.fixed_line = fixed;
                    Some(flow)
                } else {
                    self.runs_unknown();
                    Some(Flow::Go)
                }
            }
            Field::Unknown | Field::Assigned(_) => {
                self.runs_unknown();
                Some(Flow::Go)
            }
        };
        if let Some(outer) = outer {
            self.arguments = outer;
        }
        flow.unwrap_or_else(|| self.fault(Fault::Usage))
    }

    /// The file that a name without a slash means: on PATH, then here; zsh's `source` looks here first.
    fn sourced(&self, builtin: &[u8], name: &[u8]) -> Option<PathBuf> {
        if name.contains(&b'/') {
            return Some(self.absolute(name));
        }
        let is_file = |path: &PathBuf| self.system.stat(path).is_ok_and(|s| s.kind == Kind::File);
        let here = Some(self.absolute(name)).filter(is_file);
        let Value::Known(path) = self.value(b"PATH") else { return here };
        let on_path = path
            .bytes()
            .split(|b| *b == b':')
            .filter(|d| !d.is_empty())
            .map(|dir| self.absolute(dir).join(OsStr::from_bytes(name)))
            .find(is_file);
        match self.dialect {
            Dialect::Zsh if builtin == b"source" => here.or(on_path),
            Dialect::Bash => on_path.or(here),
            _ => on_path,
        }
    }
}

/// What `set -o` of dash knows.
const DASH_OPTIONS: [&[u8]; 17] = [
    b"errexit",
    b"noglob",
    b"ignoreeof",
    b"interactive",
    b"monitor",
    b"noexec",
    b"stdin",
    b"xtrace",
    b"verbose",
    b"vi",
    b"emacs",
    b"noclobber",
    b"allexport",
    b"notify",
    b"nounset",
    b"nolog",
    b"debug",
];

fn count(arguments: &[Field]) -> u32 {
    arguments
        .first()
        .and_then(Field::bytes)
        .and_then(|b| std::str::from_utf8(b).ok())
        .and_then(|t| t.parse().ok())
        .unwrap_or(1)
}

/// What `return` and `exit` leave: their argument, else the status of the command before.
fn status_of(arguments: &[Field], before: (Truth, Option<u8>)) -> (Truth, Option<u8>) {
    match arguments.first().and_then(Field::bytes) {
        None if arguments.is_empty() => before,
        Some(b"0") => (Truth::Yes, None),
        Some(n) if n.iter().all(u8::is_ascii_digit) => {
            (Truth::No, std::str::from_utf8(n).ok().and_then(|n| n.parse().ok()))
        }
        _ => (Truth::Maybe, None),
    }
}
