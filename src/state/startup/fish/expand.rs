//! Expands words: each list in one multiplies it.

use std::os::unix::ffi::OsStrExt as _;

use super::parse::{self, Piece, Statement, Word};
use super::run::{EMPTY, Run, SEPARATOR};
use crate::secret::Token;
use crate::state::startup::posix::pattern::{self, Groups};
use crate::state::startup::tools::{self, Printed, Tools};
use crate::state::startup::value::Value;
use crate::system::{Kind, TEXT_LIMIT};

/// Most names that a pattern makes, and how far below a directory `**` goes.
const MOST: usize = 2000;
const DEEPEST: u32 = 16;

impl Run<'_> {
    /// A `case`: quoted stars are patterns as well.
    pub(super) fn pattern(&mut self, word: &Word) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        for piece in word {
            match piece {
                Piece::Text { bytes, .. } => out.extend_from_slice(bytes),
                Piece::Variable { name, .. } => out.extend_from_slice(self.value(name).bytes()?),
                _ => return None,
            }
        }
        Some(out)
    }

    /// A word as a pattern in which a star stands for what is not known.
    pub(super) fn outline(&mut self, word: &Word) -> Vec<u8> {
        let mut out = Vec::new();
        for (i, piece) in word.iter().enumerate() {
            match piece {
                Piece::Text { bytes, quoted: false } if i == 0 => out.extend(self.tilde(bytes)),
                Piece::Text { bytes, .. } => out.extend(pattern::escaped(bytes)),
                piece => {
                    let mut one = Vec::new();
                    match (self.field(&vec![piece.clone()], &mut one), one.as_slice()) {
                        (Some(()), [one]) => out.extend(pattern::escaped(one)),
                        _ => out.push(b'*'),
                    }
                }
            }
        }
        out
    }

    /// The arguments that words make; `None` where that cannot be told.
    pub(super) fn fields(&mut self, words: &[Word]) -> Option<Vec<Vec<u8>>> {
        let mut out = Vec::new();
        for word in words {
            self.field(word, &mut out)?;
        }
        Some(out)
    }

    pub(super) fn field(&mut self, word: &Word, out: &mut Vec<Vec<u8>>) -> Option<()> {
        // Each list multiplies the word.
        let mut all: Vec<Vec<u8>> = vec![Vec::new()];
        let mut is_pattern = false;
        for (i, piece) in word.iter().enumerate() {
            let parts: Vec<Vec<u8>> = match piece {
                Piece::Text { bytes, quoted: true } => vec![pattern::escaped(bytes)],
                Piece::Text { bytes, quoted: false } => {
                    is_pattern |= bytes.iter().any(|b| is_wild(*b));
                    let bytes = if i == 0 { self.tilde(bytes) } else { bytes.clone() };
                    braces(&bytes)
                }
                Piece::Part { of, index } => {
                    let (list, quoted) = self.list_of(of)?;
                    quote(&self.part(&list, index)?, quoted)
                }
                Piece::Variable { name, quoted } => {
                    let value = self.value(name);
                    let list = match &value {
                        // Each element of what stands before it gets a copy.
                        Value::Known(token) if self.growth.takes(token.bytes().len().saturating_mul(all.len())) => {
                            elements(token.bytes())
                        }
                        Value::Unset => Vec::new(),
                        Value::Known(_) | Value::Unknown => return None,
                    };
                    quote(&list, *quoted)
                }
                Piece::Command { text, quoted } => {
                    let Value::Known(printed) = self.output(text) else { return None };
                    let text = printed.bytes();
                    let text = text.strip_suffix(b"\n").unwrap_or(text);
                    let lines: Vec<Vec<u8>> = if printed.bytes().is_empty() {
                        Vec::new()
                    } else {
                        text.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect()
                    };
                    if *quoted { vec![pattern::escaped(text)] } else { quote(&lines, false) }
                }
                Piece::Opaque => return None,
            };
            if parts.len() * all.len() > 1000 {
                return None;
            }
            all = all.iter().flat_map(|head| parts.iter().map(move |part| [head.as_slice(), part].concat())).collect();
        }
        for text in all {
            if is_pattern {
                self.glob(&text, out);
            } else {
                out.push(pattern::unescaped(&text));
            }
        }
        Some(())
    }

    /// The elements of a variable or of what a command prints, and whether they stand in quotes.
    fn list_of(&mut self, piece: &Piece) -> Option<(Vec<Vec<u8>>, bool)> {
        match piece {
            Piece::Variable { name, quoted } => match self.value(name) {
                Value::Known(token) if self.growth.takes(token.bytes().len()) => {
                    Some((elements(token.bytes()), *quoted))
                }
                Value::Unset => Some((Vec::new(), *quoted)),
                _ => None,
            },
            Piece::Command { text, quoted } => {
                let Value::Known(printed) = self.output(text) else { return None };
                Some((tools::lines(printed.bytes()).map(<[u8]>::to_vec).collect(), *quoted))
            }
            _ => None,
        }
    }

    /// `[2]`, `[-1]`, `[2..3]`; what is beyond the end is left out.
    fn part(&mut self, list: &[Vec<u8>], index: &Word) -> Option<Vec<Vec<u8>>> {
        let mut fields = Vec::new();
        self.field(index, &mut fields)?;
        let place = |text: &str| -> Option<usize> {
            let n: i64 = text.trim().parse().ok()?;
            let length = i64::try_from(list.len()).ok()?;
            usize::try_from(if n < 0 { length + n + 1 } else { n }).ok().filter(|n| *n > 0)
        };
        let mut out = Vec::new();
        for field in fields {
            let text = std::str::from_utf8(&field).ok()?;
            for one in text.split_whitespace() {
                let (from, to) = match one.split_once("..") {
                    Some((from, to)) => (
                        if from.is_empty() { 1 } else { place(from)? },
                        if to.is_empty() { list.len() } else { place(to)? },
                    ),
                    None => (place(one)?, place(one)?),
                };
                if from > to {
                    return None;
                }
                out.extend(list.iter().take(to).skip(from - 1).cloned());
            }
        }
        Some(out)
    }

    pub(super) fn tilde(&self, bytes: &[u8]) -> Vec<u8> {
        match (bytes, self.value(b"HOME")) {
            ([b'~'] | [b'~', b'/', ..], Value::Known(home)) => [home.bytes(), &bytes[1..]].concat(),
            _ => bytes.to_vec(),
        }
    }

    pub(super) fn glob(&self, text: &[u8], out: &mut Vec<Vec<u8>>) {
        // Directories, each with its slash.
        let mut bases = vec![if text.starts_with(b"/") { b"/".to_vec() } else { Vec::new() }];
        let parts: Vec<&[u8]> = text.split(|b| *b == b'/').filter(|part| !part.is_empty()).collect();
        for (i, part) in parts.iter().enumerate() {
            let last = i + 1 == parts.len();
            let mut found = Vec::new();
            for base in &bases {
                if part.iter().any(|b| is_wild(*b)) {
                    self.matching(base, part, DEEPEST, &mut found);
                } else {
                    found.push([base.as_slice(), &pattern::unescaped(part)].concat());
                }
            }
            found.retain(|path| {
                let path = self.absolute(path);
                if last {
                    self.system.lstat(&path).is_ok()
                } else {
                    self.system.stat(&path).is_ok_and(|s| s.kind == Kind::Dir)
                }
            });
            if !last {
                for path in &mut found {
                    path.push(b'/');
                }
            }
            bases = found;
        }
        if text.windows(2).any(|w| w == b"**") {
            bases.sort();
        }
        out.append(&mut bases);
    }

    /// Names in a directory; with `**` also those below it.
    fn matching(&self, base: &[u8], part: &[u8], depth: u32, out: &mut Vec<Vec<u8>>) {
        let deep = part.windows(2).any(|w| w == b"**");
        for name in self.system.list(&self.absolute(base)).unwrap_or_default() {
            let name = name.as_bytes();
            if name.starts_with(b".") && !part.starts_with(b".") || out.len() > MOST {
                continue;
            }
            let path = [base, name].concat();
            if deep && depth > 0 && self.system.lstat(&self.absolute(&path)).is_ok_and(|s| s.kind == Kind::Dir) {
                self.matching(&[path.as_slice(), b"/"].concat(), part, depth - 1, out);
            }
            if pattern::matches(part, name, Groups::None) {
                out.push(path);
            }
        }
    }

    /// `psub`: the path of a file that holds a text.
    fn substitute(&mut self, text: &[u8]) -> Vec<u8> {
        self.substitutes.push(Token::new(text.to_vec()));
        // No path has such a byte.
        format!("\0{}\n", self.substitutes.len() - 1).into_bytes()
    }

    /// The text behind a path of `psub`.
    pub(super) fn substituted(&self, path: &[u8]) -> Option<&[u8]> {
        let number: usize = std::str::from_utf8(path.strip_prefix(b"\0")?).ok()?.parse().ok()?;
        self.substitutes.get(number).map(Token::bytes)
    }

    /// What a command substitution prints.
    pub(super) fn output(&mut self, text: &[u8]) -> Value {
        let program = parse::program(text, 1);
        match program.statements.as_slice() {
            [one] => self.prints(one).map_or(Value::Unknown, |text| Value::of(&text)),
            [] if program.whole => Value::of(b""),
            _ => Value::Unknown,
        }
    }

    /// What a statement prints; known only of what merely repeats.
    fn prints(&mut self, statement: &Statement) -> Option<Vec<u8>> {
        match statement {
            Statement::Command { words, input, .. } => {
                let input = match input {
                    Some(word) => Some(self.file(word)?),
                    None => None,
                };
                self.printed(words, input.as_ref())?.known()
            }
            Statement::Pipe(parts) => {
                let mut input = None;
                for part in parts {
                    input = Some(self.piped(part, input.as_ref())?);
                }
                input?.known()
            }
            _ => None,
        }
    }

    /// The same of a part of a pipe.
    pub(super) fn piped(&mut self, part: &Statement, input: Option<&Printed>) -> Option<Printed> {
        let Statement::Command { words, input: file, .. } = part else { return None };
        match file {
            Some(word) => {
                let file = self.file(word)?;
                self.printed(words, Some(&file))
            }
            None => self.printed(words, input),
        }
    }

    /// The content of the file behind `<`.
    pub(super) fn file(&mut self, word: &Word) -> Option<Printed> {
        let fields = self.fields(std::slice::from_ref(word))?;
        let [path] = fields.as_slice() else { return None };
        if path == b"/dev/null" {
            return Some(Printed { text: Vec::new(), success: true, unordered: false });
        }
        let content = self.system.read(&self.absolute(path), TEXT_LIMIT).ok().filter(|c| !c.truncated)?;
        Some(Printed { text: content.bytes, success: true, unordered: false })
    }

    pub(super) fn printed(&mut self, words: &[Word], input: Option<&Printed>) -> Option<Printed> {
        let fields = self.fields(words)?;
        let words: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
        let (name, rest) = words.split_first()?;
        if self.functions.contains_key(*name) {
            return None;
        }
        let input = input.filter(|i| !i.unordered || matches!(*name, b"sort" | b"grep" | b"cat"));
        let text = match (*name, rest) {
            (b"echo", [b"-n", words @ ..]) => words.join(&b' '),
            (b"echo", words) if !words.first().is_some_and(|w| w.starts_with(b"-")) => {
                [words.join(&b' '), b"\n".to_vec()].concat()
            }
            (b"string", [b"collect"]) => {
                let text = &input?.text;
                let end = text.iter().rev().take_while(|b| **b == b'\n').count();
                [&text[..text.len() - end], b"\n"].concat()
            }
            (b"string", rest) => super::string::run(rest, input.map(|i| i.text.as_slice()))?.text,
            (b"psub", []) => self.substitute(&input?.text),
            (b"printf", [b"%s", one]) => one.to_vec(),
            (b"printf", [b"%s\\n", one]) => [one, b"\n".as_slice()].concat(),
            (b"count", list) => format!("{}\n", list.len()).into_bytes(),
            (b"pwd", []) => [self.directory.as_ref()?.as_os_str().as_bytes(), b"\n"].concat(),
            (b"status", [b"filename" | b"--current-filename" | b"-f" | b"current-filename"]) => {
                [self.file.as_os_str().as_bytes(), b"\n"].concat()
            }
            (b"status", [b"dirname" | b"current-dirname"]) => {
                [self.file.parent()?.as_os_str().as_bytes(), b"\n"].concat()
            }
            (name, arguments) => {
                let tools = Tools {
                    system: self.system,
                    directory: self.directory.as_deref(),
                    input: input.map(|i| i.text.as_slice()),
                };
                let mut printed = tools.run(name, arguments)?;
                printed.unordered |= name != b"sort" && input.is_some_and(|i| i.unordered);
                return Some(printed);
            }
        };
        Some(Printed { text, success: true, unordered: false })
    }
}

/// fish 3: `?` is a pattern as well.
fn is_wild(b: u8) -> bool {
    matches!(b, b'*' | b'?')
}

pub(super) fn elements(value: &[u8]) -> Vec<Vec<u8>> {
    if value == EMPTY {
        return Vec::new();
    }
    value.split(|b| *b == SEPARATOR).map(<[u8]>::to_vec).collect()
}

pub(super) fn quote(list: &[Vec<u8>], quoted: bool) -> Vec<Vec<u8>> {
    let list: Vec<Vec<u8>> = list.iter().map(|e| pattern::escaped(e)).collect();
    if quoted { vec![list.join(&b' ')] } else { list }
}

/// `{a,b}`
pub(super) fn braces(text: &[u8]) -> Vec<Vec<u8>> {
    let mut depth = 0_u32;
    let mut open = 0;
    let mut commas = Vec::new();
    for (at, b) in text.iter().enumerate() {
        match b {
            b'{' => {
                depth += 1;
                if depth == 1 {
                    open = at;
                    commas.clear();
                }
            }
            b',' if depth == 1 => commas.push(at),
            b'}' if depth > 0 => {
                depth -= 1;
                if depth == 0 && !commas.is_empty() {
                    let mut marks = vec![open];
                    marks.append(&mut commas);
                    marks.push(at);
                    return marks
                        .windows(2)
                        .flat_map(|w| braces(&[&text[..open], &text[w[0] + 1..w[1]], &text[at + 1..]].concat()))
                        .collect();
                }
            }
            _ => {}
        }
    }
    vec![text.to_vec()]
}
