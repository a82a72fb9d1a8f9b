//! The builtins that change variables, or tell which way the text goes; and the programs that only repeat.

use super::Dialect;
use super::arguments::Arguments;
use super::declare::is_identifier;
use super::expand::Field;
use super::fault::Fault;
use super::run::{Flow, Run};
use crate::state::startup::value::{Truth, Value};

/// Builtins that print what is not modelled.
const PRINTING: [&[u8]; 22] = [
    b"alias",
    b"bindkey",
    b"bind",
    b"complete",
    b"zstyle",
    b"trap",
    b"umask",
    b"ulimit",
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

/// What other shells have, and dash looks for on PATH.
const NOT_OF_DASH: &[&[u8]] = &[
    b"[[",
    b"autoload",
    b"bind",
    b"bindkey",
    b"builtin",
    b"complete",
    b"declare",
    b"emulate",
    b"enable",
    b"float",
    b"function",
    b"history",
    b"integer",
    b"let",
    b"logout",
    b"mapfile",
    b"popd",
    b"print",
    b"private",
    b"pushd",
    b"readarray",
    b"select",
    b"setopt",
    b"shopt",
    b"source",
    b"typeset",
    b"unsetopt",
    b"unfunction",
    b"zmodload",
    b"zstyle",
];

/// The name in `command -v NAME`.
fn asked_for(arguments: &[Field]) -> Option<&[u8]> {
    match arguments {
        [Field::Known(option), Field::Known(name)] if option == b"-v" => Some(name),
        _ => None,
    }
}

impl Run<'_> {
    pub(super) fn builtin(&mut self, name: &[u8], arguments: &[Field]) -> Flow {
        let before = (self.status, self.failure);
        (self.status, self.failure) = (Truth::Yes, Some(1));
        if self.dialect == Dialect::Dash && NOT_OF_DASH.contains(&name) {
            self.status = self.program(name);
            self.failure = Some(127);
            return Flow::Go;
        }
        // Of these the list is asked for, or a path.
        let asks_where = matches!(name, b"type" | b"which") && self.dialect != Dialect::Zsh;
        if PRINTING.contains(&name) && !asks_where {
            self.prints_about(arguments);
        }
        // All that is set.
        if name == b"set" && arguments.is_empty() {
            self.prints_variables();
        }
        match name {
            b"zstyle" if self.dialect == Dialect::Zsh => self.zstyle(arguments),
            b"print" | b"vared" | b"zparseopts" if self.dialect == Dialect::Zsh => {
                self.fills(name, arguments);
                if name == b"print" {
                    self.print(arguments);
                }
            }
            b"autoload" if self.dialect == Dialect::Zsh => self.autoload(arguments),
            b"add-zsh-hook" if self.dialect == Dialect::Zsh => self.hook(arguments),
            b"unfunction" if self.dialect == Dialect::Zsh => self.unfunction(arguments),
            b"zmodload" => self.zmodload(arguments),
            b":" | b"true" | b"bindkey" | b"bind" | b"complete" | b"compdef" | b"compinit" | b"autoload"
            | b"zstyle" | b"umask" | b"ulimit" | b"enable" | b"disable" | b"history" | b"zle" | b"stty" | b"wait"
            | b"times" => {}
            b"trap" => self.trap(arguments),
            b"kill" => return self.kill(),
            b"compgen" if self.dialect == Dialect::Bash => self.compgen(arguments),
            b"alias" => self.alias(arguments),
            b"unalias" => self.unalias(arguments),
            b"hash" => self.hash(arguments),
            b"let" if !self.dialect.is_sh() => self.let_(arguments),
            b"printf" => {
                if let [Field::Known(option), Field::Known(name), ..] = arguments
                    && option == b"-v"
                {
                    let name = name.clone();
                    let value = self.formatted(&arguments[2..]);
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
            b"shopt" if self.dialect == Dialect::Bash => self.shopt(arguments),
            b"emulate" if self.dialect == Dialect::Zsh => return self.emulate(arguments),
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
                if arguments.first().is_some_and(|n| n.bytes().is_none()) {
                    self.arguments = Arguments::unknown();
                } else if !self.arguments.shift(n) {
                    return self.fault(Fault::Usage);
                }
            }
            b"read" => return self.read(arguments),
            b"is-at-least" if self.dialect == Dialect::Zsh && self.calls_own(name) => {
                self.status = self.is_at_least(arguments);
            }
            b"mapfile" | b"readarray" if self.dialect == Dialect::Bash => self.reads_lines(arguments),
            b"getopts" => return self.getopts(arguments),
            b"cd" | b"pushd" | b"chdir" => {
                let before = self.directory.clone();
                if name == b"pushd" {
                    self.pushd(arguments);
                } else {
                    self.cd(arguments);
                    if self.option("autopushd") && self.status != Truth::No {
                        self.directories.push(before);
                    }
                }
                let quiet = arguments.first().and_then(Field::bytes) == Some(b"-q");
                if self.dialect == Dialect::Zsh && self.status == Truth::Yes && !quiet {
                    return self.moved();
                }
            }
            b"popd" if self.dialect != Dialect::Dash => {
                self.popd(arguments);
                if self.dialect == Dialect::Zsh && self.status == Truth::Yes {
                    return self.moved();
                }
            }
            b"command" | b"builtin" | b"exec" | b"noglob" | b"nocorrect" | b"\\builtin" => {
                return self.prefixed(name, arguments);
            }
            b"type" | b"which" if self.dialect != Dialect::Zsh => self.types(name, arguments),
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
            match asked_for(arguments) {
                Some(asked) => self.prints_where(asked, arguments),
                None => self.prints_about(arguments),
            }
            return Flow::Go;
        }
        let Some((first, more)) = rest.split_first() else { return Flow::Go };
        if name == b"exec" {
            return Flow::Exit;
        }
        // zsh's `command` runs programs alone.
        if name == b"command" && self.dialect == Dialect::Zsh {
            self.prints_about(arguments);
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
            self.prints_about(arguments);
            self.status = Truth::Maybe;
            Flow::Go
        }
    }

    /// zsh's builtins that put what they find in variables.
    fn fills(&mut self, builtin: &[u8], arguments: &[Field]) {
        let words: Vec<&[u8]> = arguments.iter().filter_map(Field::bytes).collect();
        let names: Vec<&[u8]> = match (builtin, words.as_slice()) {
            (b"print", words) => words.windows(2).filter(|w| w[0] == b"-v").map(|w| w[1]).collect(),
            // `t:=NAME`, `-A NAME`
            (b"zparseopts", words) => words.iter().filter_map(|w| w.rsplit(|b| *b == b'=').next()).collect(),
            (b"vared", [.., name]) => vec![*name],
            _ => Vec::new(),
        };
        for name in names.into_iter().filter(|name| is_identifier(name)) {
            self.assign(name, Value::Unknown);
            self.status = Truth::Maybe;
        }
        // `-D` takes out what it knows, all that begins with a dash perhaps.
        let takes = |word: &&[u8]| word.starts_with(b"-") && word.contains(&b'D');
        let is_option = |field: &Field| field.bytes().is_none_or(|b| b.starts_with(b"-"));
        if builtin == b"zparseopts" && words.iter().any(takes) && self.arguments.fields().iter().any(is_option) {
            self.arguments = Arguments::unknown();
        }
    }

    /// `trap` for what happens again and again: what its text names may be set at any time.
    fn trap(&mut self, arguments: &[Field]) {
        const OFTEN: [&[u8]; 6] = [b"DEBUG", b"ERR", b"RETURN", b"ZERR", b"CHLD", b"SIGCHLD"];
        let [text, signals @ ..] = arguments else { return };
        if !signals.is_empty() && !self.on_signal.contains(text) {
            self.on_signal.push(text.clone());
        }
        // zsh: the end of a function as well.
        let ends = self.dialect == Dialect::Zsh && !self.locals.is_empty();
        let often = |signal: &[u8]| OFTEN.contains(&signal) || ends && matches!(signal, b"EXIT" | b"0");
        if !signals.iter().any(|s| s.bytes().is_none_or(often)) {
            return;
        }
        let text = text.bytes();
        let named = |name: &&&str| text.is_none_or(|text| text.windows(name.len()).any(|w| w == name.as_bytes()));
        self.trapped.extend(self.names.iter().filter(named));
    }

    /// `kill`: where it sends the signal nobody can tell; it may be the shell itself, which has a trap for it.
    fn kill(&mut self) -> Flow {
        let mut flow = Flow::Go;
        for text in self.on_signal.clone() {
            flow = self.fork(|run| run.eval(std::slice::from_ref(&text)), |_| Flow::Go);
            if flow != Flow::Go {
                break;
            }
        }
        self.status = Truth::Maybe;
        flow
    }

    /// `compgen -G PATTERN`: the names that it matches, in an order of their own; `compgen -v BEGINNING`, variables.
    fn compgen(&mut self, arguments: &[Field]) {
        let [Field::Known(option), Field::Known(pattern)] = arguments else {
            self.status = Truth::Maybe;
            return self.prints_about(arguments);
        };
        if option == b"-v"
            && let Some(names) = self.names_beginning(pattern)
        {
            self.status = Truth::of(!names.is_empty());
            return names.iter().for_each(|name| self.prints(&[name, &b"\n"[..]].concat()));
        }
        let mut found = Vec::new();
        self.glob(pattern, &mut found);
        self.status = match found.as_slice() {
            _ if option != b"-G" || !self.not_listed.take().is_empty() => Truth::Maybe,
            // Where nothing matches, the pattern is left.
            [Field::Known(one)] if one == pattern => {
                if self.system.lstat(&self.absolute(one)).is_ok() {
                    Truth::Yes
                } else {
                    Truth::No
                }
            }
            found => Truth::of(!found.is_empty()),
        };
        if self.status != Truth::No {
            self.prints_about(arguments);
        }
    }

    /// `let`: each argument is an expression, and the last one tells how it ends.
    fn let_(&mut self, arguments: &[Field]) {
        self.status = Truth::Maybe;
        for argument in arguments {
            let value = argument.bytes().and_then(|text| self.arithmetic(text));
            self.status = value.map_or(Truth::Maybe, |value| Truth::of(value != 0));
        }
    }
}

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
