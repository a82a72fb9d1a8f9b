//! The builtins that ask: `test`, `contains`, `status`, and what a name stands for.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::expand::elements;
use super::run::Run;
use super::{SHIPPED, Untold};
use crate::state::startup::tools::Printed;
use crate::state::startup::value::{Truth, Value};
use crate::system::Kind;

/// Source: fish 3.6.0, `builtin -n`.
const BUILTINS: [&str; 61] = [
    ".",
    ":",
    "[",
    "_",
    "abbr",
    "and",
    "argparse",
    "begin",
    "bg",
    "bind",
    "block",
    "break",
    "breakpoint",
    "builtin",
    "case",
    "cd",
    "command",
    "commandline",
    "complete",
    "contains",
    "continue",
    "count",
    "disown",
    "echo",
    "else",
    "emit",
    "end",
    "eval",
    "exec",
    "exit",
    "false",
    "fg",
    "for",
    "function",
    "functions",
    "history",
    "if",
    "jobs",
    "math",
    "not",
    "or",
    "path",
    "printf",
    "pwd",
    "random",
    "read",
    "realpath",
    "return",
    "set",
    "set_color",
    "source",
    "status",
    "string",
    "switch",
    "test",
    "time",
    "true",
    "type",
    "ulimit",
    "wait",
    "while",
];

pub(super) fn is_builtin(name: &[u8]) -> bool {
    BUILTINS.iter().any(|builtin| builtin.as_bytes() == name)
}

fn all(mut these: impl Iterator<Item = Truth>) -> Truth {
    these
        .try_fold(Truth::Yes, |all, one| match one {
            Truth::No => Err(Truth::No),
            Truth::Maybe => Ok(Truth::Maybe),
            Truth::Yes => Ok(all),
        })
        .unwrap_or_else(|no| no)
}

fn any(these: impl Iterator<Item = Truth>) -> Truth {
    all(these.map(Truth::not)).not()
}

impl Run<'_> {
    /// `type`, `command`, `builtin` and `functions` with an option, and names.
    pub(super) fn asks_name(&mut self, asks: &[u8], rest: &[&[u8]]) {
        let (options, names): (Vec<&[u8]>, Vec<&[u8]>) = rest.iter().copied().partition(|a| a.starts_with(b"-"));
        let has = |letter: u8, long: &[u8]| {
            options.iter().any(|o| *o == long || !o.starts_with(b"--") && o.contains(&letter))
        };
        self.status = match asks {
            b"builtin" => any(names.iter().map(|name| Truth::of(is_builtin(name)))),
            b"functions" => {
                let all_known: Vec<Truth> = names.iter().map(|name| self.function(name)).collect();
                all(all_known.into_iter())
            }
            b"command" => any(names.iter().map(|name| self.program(name))),
            _ if has(b'f', b"--no-functions") || has(b't', b"--type") || has(b'P', b"--force-path") => Truth::Maybe,
            _ => {
                let known: Vec<Truth> = names
                    .iter()
                    .map(|name| any([Truth::of(is_builtin(name)), self.function(name), self.program(name)].into_iter()))
                    .collect();
                all(known.into_iter())
            }
        };
        if has(b'q', b"--query") {
            return;
        }
        match names.as_slice() {
            [name] if asks == b"command" && !has(b'a', b"--all") => {
                let text = match (self.status, self.path_of(name)) {
                    (Truth::No, _) => Some(Vec::new()),
                    (Truth::Yes, Some(path)) => Some([path.as_os_str().as_bytes(), b"\n"].concat()),
                    _ => None,
                };
                let success = self.status == Truth::Yes;
                self.print_all(text.map(|text| Printed { text, success, unordered: false }));
            }
            _ => self.print_anything(),
        }
    }

    /// Whether a name is that of a function.
    fn function(&mut self, name: &[u8]) -> Truth {
        self.load(name);
        match self.world.functions.get(name) {
            Some(ways) if ways.iter().all(Option::is_some) => Truth::Yes,
            Some(_) => Truth::Maybe,
            None => self.is_shipped(name),
        }
    }

    /// Whether fish brings a function of that name.
    fn is_shipped(&self, name: &[u8]) -> Truth {
        let path = self.value(b"fish_function_path");
        let looked = elements(path.bytes().unwrap_or_default());
        let mut dirs = SHIPPED.iter().filter(|dir| looked.iter().any(|one| one == dir.as_bytes())).peekable();
        // Where functions are looked for may have been changed.
        if dirs.peek().is_none() {
            return Truth::Maybe;
        }
        let file = [name, b".fish"].concat();
        Truth::of(dirs.any(|dir| self.system.stat(&Path::new(dir).join(OsStr::from_bytes(&file))).is_ok()))
    }

    /// `status`
    pub(super) fn asks_status(&mut self, rest: &[&[u8]]) {
        let file = self.file.as_os_str().as_bytes();
        let line = |text: Option<&OsStr>| {
            let text = [text?.as_bytes(), b"\n"].concat();
            Some(Printed { text, success: true, unordered: false })
        };
        let printed = match rest {
            [b"filename" | b"--current-filename" | b"-f" | b"current-filename"] => line(Some(OsStr::from_bytes(file))),
            [b"dirname" | b"current-dirname"] => line(self.file.parent().map(Path::as_os_str)),
            [b"basename" | b"current-basename"] => line(self.file.file_name()),
            [what] => {
                self.status = match *what {
                    b"is-interactive" | b"--is-interactive" | b"-i" => Truth::of(self.interactive),
                    b"is-login" | b"--is-login" | b"-l" => Truth::of(self.login),
                    b"is-command-substitution" | b"--is-command-substitution" | b"-c" if self.world.taken.is_none() => {
                        Truth::No
                    }
                    _ => {
                        self.print_anything();
                        Truth::Maybe
                    }
                };
                return;
            }
            _ => None,
        };
        self.print_all(printed);
    }

    /// `contains KEY VALUE…`
    pub(super) fn contains(&mut self, rest: &[&[u8]]) {
        let (index, rest) = match rest {
            [b"-i" | b"--index", rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let (escaped, rest) = match rest {
            [b"--", rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        match rest {
            [needle, list @ ..] if escaped || !needle.starts_with(b"-") => {
                let at = list.iter().position(|one| one == needle);
                self.status = Truth::of(at.is_some());
                if let Some(at) = at.filter(|_| index) {
                    self.print_line((at + 1).to_string().as_bytes());
                }
            }
            _ => self.print_all(None),
        }
    }

    /// Where a program is found.
    fn path_of(&self, name: &[u8]) -> Option<PathBuf> {
        let is_program =
            |path: &PathBuf| self.system.stat(path).is_ok_and(|s| s.kind == Kind::File && s.mode & 0o111 != 0);
        if name.contains(&b'/') {
            return self.absolute(name).filter(is_program);
        }
        let path = self.value(b"PATH");
        elements(path.bytes()?)
            .iter()
            .flat_map(|d| d.split(|b| *b == b':'))
            .filter(|d| !d.is_empty())
            .filter_map(|dir| self.absolute(dir))
            .map(|dir| dir.join(OsStr::from_bytes(name)))
            .find(is_program)
    }

    pub(super) fn program(&self, name: &[u8]) -> Truth {
        let known =
            if name.contains(&b'/') { self.absolute(name).is_some() } else { self.value(b"PATH") != Value::Unknown };
        if known { Truth::of(self.path_of(name).is_some()) } else { Truth::Maybe }
    }

    pub(super) fn test(&self, arguments: &[&[u8]]) -> Truth {
        match arguments {
            [b"!", rest @ ..] => self.test(rest).not(),
            // The second is an error.
            [] | [_, b"==", _] => Truth::No,
            [one] | [b"-n", one] => Truth::of(!one.is_empty()),
            [b"-z", one] => Truth::of(one.is_empty()),
            // An error.
            [operator, _] if !operator.starts_with(b"-") => Truth::No,
            [operator, path] => {
                let Some(path) = self.absolute(path).filter(|path| !self.is_written(path)) else {
                    return Truth::Maybe;
                };
                let kind = self.system.stat(&path).ok();
                match *operator {
                    b"-e" => Truth::of(kind.is_some()),
                    b"-f" => Truth::of(kind.is_some_and(|s| s.kind == Kind::File)),
                    b"-d" => Truth::of(kind.is_some_and(|s| s.kind == Kind::Dir)),
                    b"-s" => Truth::of(kind.is_some_and(|s| s.size > 0)),
                    b"-r" => Truth::of(self.system.read(&path, 1).is_ok() || kind.is_some_and(|s| s.kind == Kind::Dir)),
                    b"-x" => Truth::of(kind.is_some_and(|s| s.mode & 0o111 != 0)),
                    b"-L" | b"-h" => Truth::of(self.system.lstat(&path).is_ok_and(|s| s.kind == Kind::Link)),
                    _ => Truth::Maybe,
                }
            }
            [left, b"=", right] => Truth::of(left == right),
            [left, b"!=", right] => Truth::of(left != right),
            [left, operator @ (b"-eq" | b"-ne" | b"-gt" | b"-ge" | b"-lt" | b"-le"), right] => {
                let (left, right) = match (number(left), number(right)) {
                    (Ok(Some(left)), Ok(Some(right))) => (left, right),
                    // An error as well.
                    (Ok(None), _) | (_, Ok(None)) => return Truth::No,
                    _ => return Truth::Maybe,
                };
                match *operator {
                    b"-eq" => Truth::of(left.total_cmp(&right).is_eq()),
                    b"-ne" => Truth::of(left.total_cmp(&right).is_ne()),
                    b"-gt" => Truth::of(left > right),
                    b"-ge" => Truth::of(left >= right),
                    b"-lt" => Truth::of(left < right),
                    _ => Truth::of(left <= right),
                }
            }
            _ => {
                for (operator, wins) in [(b"-o", Truth::Yes), (b"-a", Truth::No)] {
                    let Some(at) = arguments.iter().position(|a| a == operator).filter(|at| *at > 0) else { continue };
                    let (left, right) = (self.test(&arguments[..at]), self.test(&arguments[at + 1..]));
                    return match (left, right) {
                        (left, right) if left == wins || right == wins => wins,
                        (Truth::Maybe, _) | (_, Truth::Maybe) => Truth::Maybe,
                        _ => wins.not(),
                    };
                }
                Truth::Maybe
            }
        }
    }
}

/// A number as `test` reads it; `None` of what is none.
fn number(text: &[u8]) -> Result<Option<f64>, Untold> {
    let text = std::str::from_utf8(text).map_err(|_| Untold)?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if plain && digits.len() < 16 && digits.starts_with(|c: char| c.is_ascii_digit()) {
        return text.parse().map(Some).map_err(|_| Untold);
    }
    // Other bases, exponents, `inf`.
    let lower = text.to_ascii_lowercase();
    let perhaps = text.bytes().any(|b| b.is_ascii_digit()) || lower.contains("inf") || lower.contains("nan");
    if perhaps { Err(Untold) } else { Ok(None) }
}
