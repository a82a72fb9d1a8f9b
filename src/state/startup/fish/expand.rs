//! Expands words: each list in one multiplies it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::parse::{self, Piece, Statement, Word};
use super::run::{Run, SEPARATOR};
use crate::state::startup::posix::pattern;
use crate::state::startup::value::Value;
use crate::system::TEXT_LIMIT;

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
                    is_pattern |= bytes.contains(&b'*');
                    let bytes = if i == 0 { self.tilde(bytes) } else { bytes.clone() };
                    braces(&bytes)
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

    pub(super) fn tilde(&self, bytes: &[u8]) -> Vec<u8> {
        match (bytes, self.value(b"HOME")) {
            ([b'~'] | [b'~', b'/', ..], Value::Known(home)) => [home.bytes(), &bytes[1..]].concat(),
            _ => bytes.to_vec(),
        }
    }

    pub(super) fn glob(&self, text: &[u8], out: &mut Vec<Vec<u8>>) {
        let at = text.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
        let (head, last) = text.split_at(at);
        let head = pattern::unescaped(head);
        for name in self.system.list(&self.absolute(&head)).unwrap_or_default() {
            let name = name.as_bytes();
            if (!name.starts_with(b".") || last.starts_with(b".")) && pattern::matches(last, name) {
                out.push([head.as_slice(), name].concat());
            }
        }
    }

    /// What a command substitution prints: known only of what merely repeats.
    pub(super) fn output(&mut self, text: &[u8]) -> Value {
        let program = parse::program(text, 1);
        match program.statements.as_slice() {
            [Statement::Command { words, .. }] => self.printed(words, None).unwrap_or(Value::Unknown),
            [Statement::Pipe(parts)] => {
                let mut input = None;
                for part in parts {
                    let Statement::Command { words, .. } = part else { return Value::Unknown };
                    match self.printed(words, input.as_ref()) {
                        Some(value) => input = Some(value),
                        None => return Value::Unknown,
                    }
                }
                input.unwrap_or(Value::Unknown)
            }
            [] if program.whole => Value::of(b""),
            _ => Value::Unknown,
        }
    }

    pub(super) fn printed(&mut self, words: &[Word], input: Option<&Value>) -> Option<Value> {
        let fields = self.fields(words)?;
        let words: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
        let (name, rest) = words.split_first()?;
        if self.functions.contains_key(*name) {
            return None;
        }
        let text = match (*name, rest) {
            (b"echo", [b"-n", words @ ..]) => words.join(&b' '),
            (b"echo", words) if !words.first().is_some_and(|w| w.starts_with(b"-")) => {
                [words.join(&b' '), b"\n".to_vec()].concat()
            }
            (b"cat", []) => input?.bytes()?.to_vec(),
            (b"cat", paths) if paths.iter().all(|p| !p.starts_with(b"-")) => {
                let mut all = Vec::new();
                for path in paths {
                    let content = self.system.read(&self.absolute(path), TEXT_LIMIT).ok()?;
                    all.extend_from_slice(&content.bytes);
                }
                all
            }
            (b"string", [b"trim"]) => {
                let text = input?.bytes()?.to_vec();
                [text.trim_ascii(), b"\n"].concat()
            }
            (b"string", [b"trim", b"--", one] | [b"trim", one]) if !one.starts_with(b"-") => {
                [one.trim_ascii(), b"\n"].concat()
            }
            (b"printf", [b"%s", one]) => one.to_vec(),
            (b"printf", [b"%s\\n", one]) => [one, b"\n".as_slice()].concat(),
            (b"uname", [] | [b"-s"]) => match std::env::consts::OS {
                "macos" => b"Darwin\n".to_vec(),
                _ => b"Linux\n".to_vec(),
            },
            (b"dirname", [path]) => {
                let parent = Path::new(OsStr::from_bytes(path)).parent()?;
                [parent.as_os_str().as_bytes(), b"\n"].concat()
            }
            (b"status", [b"filename" | b"--current-filename" | b"-f" | b"current-filename"]) => {
                [self.file.as_os_str().as_bytes(), b"\n"].concat()
            }
            (b"status", [b"dirname" | b"current-dirname"]) => {
                [self.file.parent()?.as_os_str().as_bytes(), b"\n"].concat()
            }
            _ => return None,
        };
        Some(Value::of(&text))
    }
}

pub(super) fn elements(value: &[u8]) -> Vec<Vec<u8>> {
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
