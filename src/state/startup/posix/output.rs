//! What a command prints: known of the few that merely repeat.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use super::Dialect;
use super::expand::Field;
use super::parse;
use super::run::Run;
use super::syntax::{Command, Input, Piece};
use crate::state::startup::value::{Truth, Value};
use crate::system::{Kind, TEXT_LIMIT};

impl Run<'_> {
    /// What a text prints when it is run: known only of what merely repeats.
    pub(super) fn output(&mut self, text: &[u8], line: u32) -> Value {
        let program = parse::program(text, line, self.dialect);
        let ([command], None) = (program.commands.as_slice(), program.unsure_from) else {
            return if program.commands.is_empty() { Value::of(b"") } else { Value::Unknown };
        };
        let (assignments, words, input) = match command {
            Command::Simple { assignments, words, input, .. } => (assignments, words, input),
            Command::AndOr { first, rest } => return self.after_cd(first, rest),
            _ => return Value::Unknown,
        };
        if !assignments.is_empty() {
            return Value::Unknown;
        }
        let fields = self.fields(words);
        let Some((name, arguments)) = fields.split_first() else {
            return match input {
                Some(Input::File(file)) if self.dialect != Dialect::Sh => match self.whole(file, false).bytes() {
                    Some(path) => self.content(path),
                    None => Value::Unknown,
                },
                _ => Value::of(b""),
            };
        };
        let Some(name) = name.bytes().filter(|n| self.function(n).is_none()) else { return Value::Unknown };
        let known: Option<Vec<&[u8]>> = arguments.iter().map(Field::bytes).collect();
        let Some(known) = known else { return Value::Unknown };
        match (name, known.as_slice()) {
            (b"cat", paths) if !paths.is_empty() && input.is_none() && paths.iter().all(|p| !p.starts_with(b"-")) => {
                let mut all = Vec::new();
                for path in paths {
                    let Value::Known(content) = self.content(path) else { return Value::Unknown };
                    all.extend_from_slice(content.bytes());
                }
                Value::of(&all)
            }
            (b"echo", words) => {
                let (words, end): (_, &[u8]) = match words {
                    [b"-n", rest @ ..] => (rest, b""),
                    _ => (words, b"\n"),
                };
                // Options and escapes differ from shell to shell.
                if words.iter().any(|w| w.contains(&b'\\')) || words.first().is_some_and(|w| w.starts_with(b"-")) {
                    return Value::Unknown;
                }
                Value::of(&[words.join(&b' '), end.to_vec()].concat())
            }
            (b"true" | b":", _) => Value::of(b""),
            (b"printf", _) => Self::formatted(arguments),
            (b"uname", [] | [b"-s"]) => Value::of(match std::env::consts::OS {
                "macos" => b"Darwin",
                _ => b"Linux".as_slice(),
            }),
            (b"uname", [b"-m"]) => Value::of(std::env::consts::ARCH.as_bytes()),
            (b"id", [b"-u"]) => Value::of(self.system.uid().to_string().as_bytes()),
            (b"pwd", []) => self.directory.as_ref().map_or(Value::Unknown, |d| Value::of(d.as_os_str().as_bytes())),
            (b"dirname", [path]) => {
                let path = Path::new(OsStr::from_bytes(path));
                match path.parent() {
                    Some(parent) if parent.as_os_str().is_empty() => Value::of(b"."),
                    Some(parent) => Value::of(parent.as_os_str().as_bytes()),
                    None => Value::of(b"/"),
                }
            }
            (b"readlink", [b"-f" | b"-e", path]) | (b"realpath", [path]) => {
                match self.system.canonical(&self.absolute(path)) {
                    Some(real) => Value::of(real.as_os_str().as_bytes()),
                    None => Value::Unknown,
                }
            }
            (b"ls", paths) if paths.iter().all(|p| !p.starts_with(b"-")) => self.names(paths),
            (b"basename", [path]) => match Path::new(OsStr::from_bytes(path)).file_name() {
                Some(name) => Value::of(name.as_bytes()),
                None => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }

    /// `cd DIR && pwd`
    fn after_cd(&mut self, first: &Command, rest: &[(bool, Command)]) -> Value {
        let is = |command: &Command, name: &[u8]| match command {
            Command::Simple { assignments, words, .. } if assignments.is_empty() => {
                matches!(words.first().map(Vec::as_slice), Some([Piece::Text { bytes, .. }]) if bytes == name)
            }
            _ => false,
        };
        let [(true, last)] = rest else { return Value::Unknown };
        if !is(first, b"cd") || !is(last, b"pwd") || self.function(b"cd").is_some() || self.function(b"pwd").is_some() {
            return Value::Unknown;
        }
        let mut out = Value::Unknown;
        self.apart(|run| {
            run.command(first);
            out = match (run.status(), &run.directory) {
                // Links stay, as in the shell's own idea of where it is; `..` takes back a name.
                (Truth::Yes, Some(directory)) => Value::of(logical(directory).as_os_str().as_bytes()),
                (Truth::No, _) => {
                    run.output_failed.set(true);
                    Value::of(b"")
                }
                _ => Value::Unknown,
            };
        });
        out
    }

    /// What `ls` prints where it is no terminal: the files that are named, or what one directory holds.
    fn names(&self, paths: &[&[u8]]) -> Value {
        let is_dir = |path: &[u8]| self.system.stat(&self.absolute(path)).map(|s| s.kind == Kind::Dir);
        let mut names: Vec<Vec<u8>> = match paths {
            [] | [_] if paths.first().is_none_or(|path| is_dir(path) == Ok(true)) => {
                let dir = self.absolute(paths.first().unwrap_or(&&b"."[..]));
                let Ok(names) = self.system.list(&dir) else { return Value::Unknown };
                names.iter().map(|n| n.as_bytes().to_vec()).filter(|n| !n.starts_with(b".")).collect()
            }
            some if some.iter().all(|path| is_dir(path) == Ok(false)) => some.iter().map(|p| p.to_vec()).collect(),
            _ => return Value::Unknown,
        };
        names.sort();
        // As the locale has it: many pass over punctuation and case, and then nobody knows which locale it is.
        let letters = |name: &Vec<u8>| -> Vec<u8> {
            name.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
        };
        if !names.is_sorted_by_key(letters) {
            return Value::Unknown;
        }
        Value::of(&names.iter().flat_map(|name| [name.as_slice(), b"\n"].concat()).collect::<Vec<u8>>())
    }

    /// The text of a file, for `cat` and `$(<file)`; of one that cannot be read it is empty, and the command fails.
    pub(super) fn content(&self, path: &[u8]) -> Value {
        match self.system.read(&self.absolute(path), TEXT_LIMIT) {
            // A variable holds no NUL.
            Ok(content) if !content.truncated && !content.bytes.contains(&0) => Value::of(&content.bytes),
            Ok(_) => Value::Unknown,
            Err(_) => {
                self.output_failed.set(true);
                Value::of(b"")
            }
        }
    }

    /// `printf`, where the format says no more than `%s`.
    pub(super) fn formatted(arguments: &[Field]) -> Value {
        let known: Option<Vec<&[u8]>> = arguments.iter().map(Field::bytes).collect();
        let Some((format, values)) = known.as_deref().and_then(<[&[u8]]>::split_first) else { return Value::Unknown };
        let mut values = values.iter();
        let mut out = Vec::new();
        let mut bytes = format.iter();
        while let Some(&b) = bytes.next() {
            match b {
                b'%' => match bytes.next() {
                    Some(b's') => out.extend_from_slice(values.next().copied().unwrap_or_default()),
                    Some(b'%') => out.push(b'%'),
                    _ => return Value::Unknown,
                },
                b'\\' => match bytes.next() {
                    Some(b'n') => out.push(b'\n'),
                    Some(b't') => out.push(b'\t'),
                    Some(b'\\') => out.push(b'\\'),
                    _ => return Value::Unknown,
                },
                _ => out.push(b),
            }
        }
        if values.next().is_some() { Value::Unknown } else { Value::of(&out) }
    }
}

/// A path without `.` and `..`, links left alone.
fn logical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}
