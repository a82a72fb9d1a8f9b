//! tcsh and csh: `setenv`, line by line, with `if … then`.
//!
//! Not seen: aliases, loops, and what a condition says beyond `$?prompt` and the existence of files.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::value::{Growth, Place, Truth, Value, Variable, Variables};
use super::{Aside, Log, Mode, Started, is_there, path_of};
use crate::system::{System, TEXT_LIMIT};

struct Csh<'s> {
    system: &'s dyn System,
    interactive: bool,
    variables: Variables,
    log: Log,
    files: Vec<PathBuf>,
    depth: u32,
    growth: Growth,
}

/// /etc/csh.cshrc, /etc/csh.login, ~/.tcshrc or else ~/.cshrc, ~/.login.
/// Source: tcsh 6.24, run.
pub(super) fn start(system: &dyn System, mode: Mode, variables: Variables) -> Started {
    let home = path_of(&variables.value(b"HOME"));
    let mut csh = Csh {
        system,
        interactive: mode != Mode::Script,
        variables,
        log: Vec::new(),
        files: Vec::new(),
        depth: 0,
        growth: Growth::new(),
    };
    csh.file(Path::new("/etc/csh.cshrc"));
    if mode == Mode::Login {
        csh.file(Path::new("/etc/csh.login"));
    }
    if let Some(home) = home {
        let own = [".tcshrc", ".cshrc"].map(|n| home.join(n));
        if let Some(path) = own.iter().find(|p| is_there(system, p)) {
            csh.file(path);
        }
        if mode == Mode::Login {
            csh.file(&home.join(".login"));
        }
    }
    Started { variables: csh.variables, log: csh.log, files: csh.files, aside: Aside::default() }
}

impl Csh<'_> {
    fn file(&mut self, path: &Path) {
        if self.depth > 10 {
            return;
        }
        let Ok(content) = self.system.read(path, TEXT_LIMIT) else { return };
        let text = crate::secret::Token::new(content.bytes);
        self.files.push(path.to_owned());
        let file: Rc<Path> = path.into();
        self.depth += 1;
        // For each open `if`: whether its branch is taken, and whether one before it was.
        let mut open: Vec<(Truth, Truth)> = Vec::new();
        for (line, text) in (1..).zip(text.bytes().split(|b| *b == b'\n')) {
            let words = words(text);
            let Some((first, rest)) = words.split_first() else { continue };
            let Some(first) = first.text.as_deref() else { continue };
            match first {
                b"endif" => {
                    open.pop();
                    continue;
                }
                b"else" => {
                    if let Some((now, before)) = open.last_mut() {
                        let mut taken = before.not();
                        if let Some(b"if") = rest.first().and_then(|w| w.text.as_deref())
                            && taken != Truth::No
                        {
                            taken = condition(self, text);
                        }
                        *now = taken;
                        if taken != Truth::No {
                            *before = taken;
                        }
                    }
                    continue;
                }
                b"if" if rest.last().is_some_and(|w| w.text.as_deref() == Some(b"then")) => {
                    let taken = condition(self, text);
                    open.push((taken, taken));
                    continue;
                }
                _ => {}
            }
            let mut sure = Truth::Yes;
            for (taken, _) in &open {
                match taken {
                    Truth::No => sure = Truth::No,
                    Truth::Maybe if sure == Truth::Yes => sure = Truth::Maybe,
                    _ => {}
                }
            }
            if sure == Truth::No {
                continue;
            }
            if first == b"if" {
                // The command behind the condition, in the same line.
                let taken = condition(self, text);
                let end = text.iter().rposition(|b| *b == b')').map_or(text.len(), |at| at + 1);
                let command = self::words(&text[end..]);
                match taken {
                    Truth::No => {}
                    Truth::Yes => self.command(&command, sure, &file, line),
                    Truth::Maybe => self.command(&command, Truth::Maybe, &file, line),
                }
                continue;
            }
            if first == b"exit" {
                break;
            }
            for command in words.split(|w| w.text.as_deref() == Some(b";")) {
                self.command(command, sure, &file, line);
            }
        }
        self.depth -= 1;
    }

    fn command(&mut self, words: &[Word], sure: Truth, file: &Rc<Path>, line: u32) {
        let texts: Vec<Option<&[u8]>> = words.iter().map(|w| w.text.as_deref()).collect();
        let (name, value) = match texts.as_slice() {
            [Some(b"setenv"), Some(name)] => (*name, Value::of(b"")),
            [Some(b"setenv"), Some(name), value] => (*name, value.map_or(Value::Unknown, |v| self.expanded(v))),
            [Some(b"unsetenv"), Some(name)] => (*name, Value::Unset),
            [Some(b"source"), Some(path)] => {
                let path = self.expanded(path);
                if let Some(path) = path_of(&path).filter(|p| p.is_absolute()) {
                    self.file(&path);
                }
                return;
            }
            _ => return,
        };
        let name = name.to_vec();
        let place = Place { path: Rc::clone(file), line };
        self.log.push((name.clone(), value.clone(), place.clone()));
        let known = if sure == Truth::Yes { value } else { Value::Unknown };
        let exported = if known == Value::Unset { Truth::No } else { Truth::Yes };
        self.variables.put(&name, Variable::new(known, exported, Some(place)));
    }

    /// `~`, `$NAME`; what was quoted with `'` was kept from it.
    fn expanded(&self, text: &[u8]) -> Value {
        let mut out = Vec::new();
        let mut rest = text;
        if rest.first() == Some(&b'~') && matches!(rest.get(1), None | Some(b'/')) {
            let Value::Known(home) = self.variables.value(b"HOME") else { return Value::Unknown };
            out.extend_from_slice(home.bytes());
            rest = &rest[1..];
        }
        while let Some(at) = rest.iter().position(|b| matches!(b, b'$' | b'`' | 0)) {
            out.extend_from_slice(&rest[..at]);
            match rest[at] {
                // Marks what is literal.
                0 => {
                    out.extend(rest.get(at + 1));
                    rest = rest.get(at + 2..).unwrap_or_default();
                }
                b'$' => {
                    let inner = &rest[at + 1..];
                    let braced = inner.first() == Some(&b'{');
                    let inner = inner.strip_prefix(b"{").unwrap_or(inner);
                    let length = inner.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
                    let Value::Known(value) = self.variables.value(&inner[..length]) else { return Value::Unknown };
                    if !self.growth.takes(value.bytes().len()) {
                        return Value::Unknown;
                    }
                    out.extend_from_slice(value.bytes());
                    rest = &inner[length..];
                    if braced {
                        rest = rest.strip_prefix(b"}").unwrap_or(rest);
                    }
                }
                _ => return Value::Unknown,
            }
        }
        out.extend_from_slice(rest);
        Value::of(&out)
    }
}

/// What a line's condition says.
fn condition(csh: &Csh<'_>, line: &[u8]) -> Truth {
    let Some(open) = line.iter().position(|b| *b == b'(') else { return Truth::Maybe };
    let end = line.iter().rposition(|b| *b == b')').unwrap_or(line.len());
    let inner = line.get(open + 1..end).unwrap_or_default().trim_ascii();
    let (negated, inner) = match inner.strip_prefix(b"!") {
        Some(rest) => (true, rest.trim_ascii()),
        None => (false, inner),
    };
    let truth = match inner {
        b"$?prompt" => Truth::of(csh.interactive),
        b"1" => Truth::Yes,
        b"0" => Truth::No,
        [b'$', b'?', name @ ..] if name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') => {
            match csh.variables.value(name) {
                Value::Known(_) => Truth::Yes,
                Value::Unset | Value::Unknown => Truth::Maybe,
            }
        }
        [b'-', b'e' | b'f' | b'r', b' ', path @ ..] => match path_of(&csh.expanded(path.trim_ascii())) {
            Some(path) if path.is_absolute() && !path.as_os_str().as_encoded_bytes().contains(&b' ') => {
                Truth::of(csh.system.stat(&path).is_ok())
            }
            _ => Truth::Maybe,
        },
        _ => Truth::Maybe,
    };
    if negated { truth.not() } else { truth }
}

/// A word; `None` where a command gives it. A NUL stands before each character that is literal.
struct Word {
    text: Option<Vec<u8>>,
}

fn words(line: &[u8]) -> Vec<Word> {
    let mut out = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut known = true;
    let mut bytes = line.iter().copied().peekable();
    let literal = |word: &mut Vec<u8>, b: u8| {
        if matches!(b, b'$' | b'`' | b'~') {
            word.push(0);
        }
        word.push(b);
    };
    while let Some(b) = bytes.next() {
        match b {
            b' ' | b'\t' | b'\r' => {
                out.extend(word.take().map(|t| Word { text: std::mem::replace(&mut known, true).then_some(t) }));
            }
            b'#' if word.is_none() => break,
            b';' => {
                out.extend(word.take().map(|t| Word { text: std::mem::replace(&mut known, true).then_some(t) }));
                out.push(Word { text: Some(b";".to_vec()) });
            }
            b'\'' => {
                let word = word.get_or_insert_default();
                for b in bytes.by_ref().take_while(|b| *b != b'\'') {
                    literal(word, b);
                }
            }
            b'"' => {
                let word = word.get_or_insert_default();
                for b in bytes.by_ref().take_while(|b| *b != b'"') {
                    known &= b != b'`';
                    word.push(b);
                }
            }
            b'\\' => {
                if let Some(b) = bytes.next() {
                    literal(word.get_or_insert_default(), b);
                }
            }
            b'`' => {
                known = false;
                word.get_or_insert_default();
                for _ in bytes.by_ref().take_while(|b| *b != b'`') {}
            }
            _ => word.get_or_insert_default().push(b),
        }
    }
    out.extend(word.map(|t| Word { text: known.then_some(t) }));
    out
}

#[cfg(test)]
mod tests {
    use super::super::{From, Shell, start};
    use super::*;
    use crate::system::fake::Fake;

    fn next(text: &str, mode: Mode) -> Value {
        let fake = Fake::home().file("/home/u/.cshrc", text).file("/home/u/other", "setenv HF_TOKEN other\n");
        start(&fake, Shell::Tcsh, mode, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    #[test]
    fn settings() {
        for (text, want) in [
            ("setenv HF_TOKEN abc", Value::of(b"abc")),
            ("setenv HF_TOKEN 'a$c'; unsetenv X", Value::of(b"a$c")),
            ("setenv A b\nsetenv HF_TOKEN \"a${A}c\" # ours", Value::of(b"abc")),
            ("if ($?prompt) then\nsetenv HF_TOKEN abc\nendif", Value::of(b"abc")),
            ("if (! $?prompt) then\nsetenv HF_TOKEN x\nelse\nsetenv HF_TOKEN abc\nendif", Value::of(b"abc")),
            ("if (-e ~/other) source ~/other", Value::of(b"other")),
            ("set HF_TOKEN=abc", Value::Unset),
            ("setenv HF_TOKEN `cat x`", Value::Unknown),
            ("if ($x > 2) setenv HF_TOKEN abc", Value::Unknown),
            ("exit\nsetenv HF_TOKEN abc", Value::Unset),
        ] {
            assert_eq!(next(text, Mode::Interactive), want, "{text}");
        }
        assert_eq!(next("if ($?prompt) setenv HF_TOKEN abc", Mode::Script), Value::Unset);
    }

    #[test]
    fn the_first_file_hides_the_second() {
        let fake = Fake::home()
            .file("/home/u/.cshrc", "setenv HF_TOKEN a\n")
            .file("/home/u/.tcshrc", "\n")
            .file("/home/u/.login", "setenv HF_TOKEN l\n");
        let value = |mode| start(&fake, Shell::Tcsh, mode, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN");
        assert_eq!(value(Mode::Interactive).value, Value::Unset);
        assert_eq!(value(Mode::Login).value, Value::of(b"l"));
        assert_eq!(value(Mode::Login).place, Some(crate::finding::Location::line("/home/u/.login", 1)));
    }
}
