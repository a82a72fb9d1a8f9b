//! What a command name stands for: `type`, `command -v`, `hash`, and the programs on `PATH`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use super::Dialect;
use super::expand::{Field, permitted};
use super::run::Run;
use crate::state::startup::value::{Truth, Value};
use crate::system::Kind;

impl Run<'_> {
    /// What `command -v NAME` prints: a program's path, a function's or builtin's name, or nothing.
    pub(super) fn prints_where(&mut self, name: &[u8], arguments: &[Field]) {
        let text = match self.which(name) {
            _ if self.has_run_unknown || self.aliases.contains_key(name) => return self.prints_about(arguments),
            _ if self.is_own(name) => name.to_vec(),
            Ok(Some(path)) => path.into_os_string().into_encoded_bytes(),
            Ok(None) => return,
            Err(()) => return self.prints_about(arguments),
        };
        self.prints(&[&text, &b"\n"[..]].concat());
    }

    /// Whether a command is a function, or a builtin that all shells have.
    pub(super) fn is_own(&self, name: &[u8]) -> bool {
        const BUILTINS: [&[u8]; 36] = [
            b".",
            b":",
            b"[",
            b"alias",
            b"bg",
            b"break",
            b"cd",
            b"command",
            b"continue",
            b"echo",
            b"eval",
            b"exec",
            b"exit",
            b"export",
            b"false",
            b"fg",
            b"getopts",
            b"hash",
            b"jobs",
            b"kill",
            b"local",
            b"printf",
            b"pwd",
            b"read",
            b"readonly",
            b"return",
            b"set",
            b"shift",
            b"test",
            b"times",
            b"trap",
            b"true",
            b"type",
            b"umask",
            b"unset",
            b"wait",
        ];
        const MORE: [&[u8]; 10] =
            [b"bindkey", b"builtin", b"declare", b"let", b"popd", b"print", b"pushd", b"setopt", b"source", b"typeset"];
        let more = match self.dialect {
            Dialect::Zsh => MORE.contains(&name),
            Dialect::Bash => MORE.contains(&name) && !matches!(name, b"bindkey" | b"print" | b"setopt"),
            Dialect::Sh => name == b"source",
            Dialect::Dash => false,
        };
        more || BUILTINS.contains(&name) || self.function(name).is_some()
    }

    /// Whether a command of this name is there: a function, a builtin, a program on PATH.
    pub(super) fn found(&self, arguments: &[Field]) -> Truth {
        let mut all = Truth::Yes;
        for field in arguments.iter().filter(|f| f.bytes().is_none_or(|b| !b.starts_with(b"-"))) {
            let one = match field.bytes() {
                None => Truth::Maybe,
                Some(name) if self.is_own(name) => Truth::Yes,
                Some(name) => self.program(name),
            };
            if one != Truth::Yes {
                all = one;
            }
        }
        all
    }

    /// `hash`: whether such commands are there; zsh's knows programs alone.
    pub(super) fn hash(&mut self, arguments: &[Field]) {
        // zsh: `hash -d NAME=DIRECTORY`
        if self.dialect == Dialect::Zsh && arguments.first().and_then(Field::bytes) == Some(b"-d") {
            for field in &arguments[1..] {
                let split = |text: &[u8]| {
                    let at = text.iter().position(|b| *b == b'=')?;
                    Some((text[..at].to_vec(), text[at + 1..].to_vec()))
                };
                match field.bytes().map(split) {
                    Some(Some((name, directory))) => {
                        let home = directory.strip_prefix(b"~").filter(|rest| matches!(rest, [] | [b'/', ..]));
                        let directory = match (home, self.value(b"HOME")) {
                            (Some(rest), Value::Known(home)) => Value::of(&[home.bytes(), rest].concat()),
                            (Some(_), _) => Value::Unknown,
                            (None, _) => Value::of(&directory),
                        };
                        self.named.insert(name, directory);
                    }
                    Some(None) => {}
                    None => self.assign(b"nameddirs", Value::Unknown),
                }
            }
            return;
        }
        // With an option it changes what is remembered.
        if arguments.iter().any(|f| f.bytes().is_none_or(|b| b.starts_with(b"-"))) {
            return;
        }
        let one = |field: &Field| field.bytes().map_or(Truth::Maybe, |name| self.program(name));
        self.status = if self.dialect == Dialect::Zsh {
            arguments.iter().map(one).find(|truth| *truth != Truth::Yes).unwrap_or(Truth::Yes)
        } else {
            self.found(arguments)
        };
    }

    /// Whether there is such a program. A shell function that an `eval` or plugin brought is not seen.
    pub(super) fn program(&self, name: &[u8]) -> Truth {
        self.which(name).map_or(Truth::Maybe, |path| Truth::of(path.is_some()))
    }

    /// Where a program is; an error where nobody can tell the PATH.
    pub(super) fn which(&self, name: &[u8]) -> Result<Option<PathBuf>, ()> {
        let is_program = |path: &PathBuf| {
            self.system.stat(path).is_ok_and(|s| s.kind == Kind::File) && permitted(self.system, path, 0o1)
        };
        if name.contains(&b'/') {
            return Ok(Some(self.absolute(name)).filter(is_program));
        }
        let Value::Known(path) = self.value(b"PATH") else { return Err(()) };
        let dirs = path.bytes().split(|b| *b == b':').filter(|d| !d.is_empty());
        Ok(dirs.map(|dir| self.absolute(dir).join(OsStr::from_bytes(name))).find(is_program))
    }
}
