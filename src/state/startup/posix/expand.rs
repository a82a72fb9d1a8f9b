//! Expands words: what of them is known.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::rc::Rc;

use super::Dialect;
use super::fault::Fault;
use super::pattern;
use super::run::Run;
use super::syntax::{Change, Parameter, Piece, Word};
use super::words::is_plain;
use crate::state::startup::value::{Truth, Value};
use crate::system::System;

/// One argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    Known(Vec<u8>),
    /// One or more, or none: what a command prints.
    Unknown,
    /// `<(…)`: the text of the command, and its line.
    Process(Rc<[u8]>, u32),
    /// `NAME=` with a value that is not known, as the argument of a declaration.
    Assigned(Vec<u8>),
}

impl Field {
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Known(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// A part of a word after its variables and commands were put in.
enum Part {
    /// `split`: an unquoted variable, which bash and sh take apart at blanks.
    Known {
        bytes: Vec<u8>,
        quoted: bool,
        split: bool,
    },
    Unknown,
    /// `"$@"`
    Fields(Vec<Field>),
    Process(Rc<[u8]>, u32),
}

/// The longest list that braces or patterns make.
const MOST: usize = 2000;

impl Run<'_> {
    /// The arguments that words make.
    pub(super) fn fields(&mut self, words: &[Word]) -> Vec<Field> {
        let mut out = Vec::new();
        for word in words {
            if has_brace(word) {
                for word in self.braces(word) {
                    self.field(&word, &mut out);
                }
            } else {
                self.field(word, &mut out);
            }
            if out.len() > MOST {
                break;
            }
        }
        out
    }

    /// A word that is not taken apart: the value of an assignment, the subject of `case`.
    pub(super) fn whole(&mut self, word: &Word, assignment: bool) -> Value {
        if let [Piece::Text { bytes, quoted }] = word.as_slice()
            && (*quoted || !bytes.contains(&b'~'))
        {
            return Value::of(bytes);
        }
        let mut bytes = Vec::new();
        for part in self.parts(word, assignment) {
            match part {
                Part::Known { bytes: more, .. } => bytes.extend_from_slice(&more),
                Part::Fields(fields) => {
                    for (i, field) in fields.iter().enumerate() {
                        let Some(more) = field.bytes() else { return Value::Unknown };
                        if i > 0 {
                            bytes.push(b' ');
                        }
                        bytes.extend_from_slice(more);
                    }
                }
                Part::Unknown | Part::Process(..) => return Value::Unknown,
            }
        }
        Value::of(&bytes)
    }

    /// A word as a pattern, its quoted parts literal.
    pub(super) fn pattern(&mut self, word: &Word) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        for part in self.parts(word, false) {
            match part {
                Part::Known { bytes, quoted: false, .. } => out.extend_from_slice(&bytes),
                Part::Known { bytes, .. } => out.extend_from_slice(&pattern::escaped(&bytes)),
                _ => return None,
            }
        }
        Some(out)
    }

    fn field(&mut self, word: &Word, out: &mut Vec<Field>) {
        // zsh: `=cat` is the path of the program; where there is none, an error.
        if self.dialect == Dialect::Zsh
            && matches!(word.first(), Some(Piece::Text { bytes, quoted: false }) if bytes.len() > 1 && bytes[0] == b'=')
        {
            let name = match word.as_slice() {
                [Piece::Text { bytes, .. }] => Some(&bytes[1..]),
                _ => None,
            };
            match name.map(|name| self.program(name)) {
                Some(Truth::No) => self.note(Fault::Expansion),
                _ => out.push(Field::Unknown),
            }
            return;
        }
        // Most words: nothing in them is replaced or matched.
        if let [Piece::Text { bytes, quoted }] = word.as_slice()
            && (*quoted || bytes.iter().all(|b| is_plain(*b)))
        {
            out.push(Field::Known(bytes.clone()));
            return;
        }
        let parts = self.parts(word, false);
        // The field as a pattern, its quoted parts escaped; `None` until something stands in it.
        let mut current: Option<Vec<u8>> = None;
        let mut unknown = false;
        let finish = |run: &Self, current: &mut Option<Vec<u8>>, unknown: &mut bool, out: &mut Vec<Field>| {
            let text = current.take();
            if std::mem::take(unknown) {
                out.push(Field::Unknown);
            } else if let Some(text) = text {
                run.glob(&text, out);
            }
        };
        for part in parts {
            match part {
                Part::Known { bytes, quoted, split: false } => {
                    let text = if quoted { pattern::escaped(&bytes) } else { bytes };
                    current.get_or_insert_default().extend_from_slice(&text);
                }
                Part::Known { bytes, .. } => {
                    let mut first = true;
                    if bytes.first().is_some_and(u8::is_ascii_whitespace) && current.is_some() {
                        finish(self, &mut current, &mut unknown, out);
                    }
                    for piece in bytes.split(u8::is_ascii_whitespace).filter(|p| !p.is_empty()) {
                        if !first {
                            finish(self, &mut current, &mut unknown, out);
                        }
                        first = false;
                        current.get_or_insert_default().extend_from_slice(piece);
                    }
                    if bytes.last().is_some_and(u8::is_ascii_whitespace) && current.is_some() {
                        finish(self, &mut current, &mut unknown, out);
                    }
                }
                Part::Unknown => unknown = true,
                Part::Fields(fields) => {
                    for (i, field) in fields.into_iter().enumerate() {
                        if i > 0 {
                            finish(self, &mut current, &mut unknown, out);
                        }
                        match field {
                            Field::Known(bytes) => {
                                current.get_or_insert_default().extend_from_slice(&pattern::escaped(&bytes));
                            }
                            _ => unknown = true,
                        }
                    }
                }
                Part::Process(text, line) => {
                    out.push(Field::Process(text, line));
                    return;
                }
            }
        }
        finish(self, &mut current, &mut unknown, out);
    }

    /// Names that a pattern matches; the text itself where none does.
    fn glob(&self, text: &[u8], out: &mut Vec<Field>) {
        let zsh = self.dialect == Dialect::Zsh;
        // zsh's qualifiers: `*(N)`
        let (bare, qualified) = match text.iter().rposition(|b| *b == b'(') {
            Some(at) if zsh && text.ends_with(b")") => (&text[..at], true),
            _ => (text, false),
        };
        if !pattern::is_pattern(&unquoted(bare)) {
            out.push(Field::Known(pattern::unescaped(text)));
            return;
        }
        let absolute = bare.starts_with(b"/");
        let mut found: Vec<Vec<u8>> = vec![if absolute { b"/".to_vec() } else { Vec::new() }];
        for part in bare.split(|b| *b == b'/').filter(|p| !p.is_empty()) {
            let mut next = Vec::new();
            for base in &found {
                let join = |name: &[u8]| {
                    let mut path = base.clone();
                    if !path.is_empty() && !path.ends_with(b"/") {
                        path.push(b'/');
                    }
                    path.extend_from_slice(name);
                    path
                };
                if !pattern::is_pattern(&unquoted(part)) {
                    let path = join(&pattern::unescaped(part));
                    if self.system.lstat(&self.absolute(&path)).is_ok() {
                        next.push(path);
                    }
                    continue;
                }
                let directory = if base.is_empty() { b".".as_slice() } else { base };
                for name in self.system.list(&self.absolute(directory)).unwrap_or_default() {
                    let name = name.as_bytes();
                    let hidden = name.starts_with(b".") && !part.starts_with(b".");
                    if !hidden && pattern::matches(part, name) {
                        next.push(join(name));
                    }
                }
            }
            next.truncate(MOST);
            found = next;
        }
        if found.is_empty() {
            if zsh && !qualified && !self.option("nonomatch") && !self.option("nullglob") {
                self.no_match.set(true);
            } else if !qualified && !self.option("nullglob") {
                out.push(Field::Known(pattern::unescaped(text)));
            }
            return;
        }
        out.extend(found.into_iter().map(Field::Known));
    }

    /// `{a,b}` in unquoted text.
    fn braces(&self, word: &Word) -> Vec<Word> {
        if self.dialect == Dialect::Sh {
            return vec![word.clone()];
        }
        let mut todo = vec![word.clone()];
        let mut out = Vec::new();
        while let Some(word) = todo.pop() {
            match split_braces(&word) {
                Some(several) if todo.len() + out.len() + several.len() <= MOST => {
                    todo.extend(several.into_iter().rev());
                }
                _ => out.push(word),
            }
        }
        out
    }

    fn parts(&mut self, word: &Word, assignment: bool) -> Vec<Part> {
        let mut out = Vec::with_capacity(word.len());
        let split = self.dialect != Dialect::Zsh;
        for (i, piece) in word.iter().enumerate() {
            let part = match piece {
                Piece::Text { bytes, quoted } => {
                    let bytes = if *quoted {
                        bytes.clone()
                    } else {
                        self.tildes(bytes, i == 0, i + 1 == word.len(), assignment)
                    };
                    Part::Known { bytes, quoted: *quoted, split: false }
                }
                Piece::Parameter { parameter, quoted } => {
                    if matches!(parameter.name.as_slice(), b"@" | b"*") && parameter.change == Change::None {
                        Part::Fields(self.arguments.iter().map(field_of).collect())
                    } else {
                        match self.parameter(parameter) {
                            Value::Known(token) if self.growth.takes(token.bytes().len()) => {
                                Part::Known { bytes: token.bytes().to_vec(), quoted: *quoted, split: split && !quoted }
                            }
                            Value::Unset => Part::Known { bytes: Vec::new(), quoted: *quoted, split: !quoted },
                            Value::Known(_) | Value::Unknown => Part::Unknown,
                        }
                    }
                }
                Piece::Command { text, line, quoted } => match self.output(text, *line) {
                    Value::Known(token) => {
                        let mut bytes = token.bytes();
                        while let Some(less) = bytes.strip_suffix(b"\n") {
                            bytes = less;
                        }
                        // zsh takes the output of commands apart as well.
                        Part::Known { bytes: bytes.to_vec(), quoted: *quoted, split: !quoted }
                    }
                    _ => Part::Unknown,
                },
                Piece::Arithmetic(text) => match number(text) {
                    Some(number) => Part::Known { bytes: number.to_string().into_bytes(), quoted: true, split: false },
                    None => Part::Unknown,
                },
                Piece::Process { text, line } => Part::Process(Rc::clone(text), *line),
                Piece::Opaque => Part::Unknown,
            };
            out.push(part);
        }
        out
    }

    /// `~` and `~user` at the start of a word, and in an assignment behind `:`.
    fn tildes(&self, bytes: &[u8], first: bool, last: bool, assignment: bool) -> Vec<u8> {
        if !bytes.contains(&b'~') {
            return bytes.to_vec();
        }
        let parts = bytes.split(|b| *b == b':').count();
        let mut out = Vec::new();
        for (i, part) in bytes.split(|b| *b == b':').enumerate() {
            if i > 0 {
                out.push(b':');
            }
            let starts = if i == 0 { first } else { assignment };
            let whole = part.contains(&b'/') || i + 1 < parts || last;
            if starts && whole && part.starts_with(b"~") {
                let end = part.iter().position(|b| *b == b'/').unwrap_or(part.len());
                let home = if end == 1 {
                    self.variable(b"HOME").bytes().map(<[u8]>::to_vec)
                } else {
                    let user = OsStr::from_bytes(&part[1..end]);
                    self.system.password_home(Some(user)).map(|p| p.into_os_string().into_encoded_bytes())
                };
                if let Some(home) = home {
                    out.extend_from_slice(&home);
                    out.extend_from_slice(&part[end..]);
                    continue;
                }
            }
            out.extend_from_slice(part);
        }
        out
    }

    fn parameter(&mut self, parameter: &Parameter) -> Value {
        let value = self.value(&parameter.name);
        match &parameter.change {
            Change::None | Change::Length if value == Value::Unset && self.option("nounset") => {
                self.note(Fault::Expansion);
                Value::Unknown
            }
            Change::None => value,
            Change::Other => Value::Unknown,
            Change::Length => match value {
                Value::Known(token) => Value::of(token.bytes().len().to_string().as_bytes()),
                Value::Unset => Value::of(b"0"),
                Value::Unknown => Value::Unknown,
            },
            Change::Else { operator, colon, word } => {
                let there = match &value {
                    Value::Known(token) => Truth::of(!colon || !token.bytes().is_empty()),
                    Value::Unset => Truth::No,
                    Value::Unknown => Truth::Maybe,
                };
                match (operator, there) {
                    (b'+', Truth::Yes) | (b'-', Truth::No) => self.whole(word, false),
                    (b'+', Truth::No) => Value::of(b""),
                    (b'-' | b'=' | b'?', Truth::Yes) => value,
                    (b'?', Truth::No) => {
                        self.note(Fault::Required);
                        Value::Unknown
                    }
                    (b'=', Truth::No) => {
                        let value = self.whole(word, true);
                        self.assign(&parameter.name, value.clone());
                        value
                    }
                    (b'=', _) => {
                        self.assign(&parameter.name, Value::Unknown);
                        Value::Unknown
                    }
                    _ => Value::Unknown,
                }
            }
            Change::Trim { end, longest, pattern: word } => {
                let (Some(text), Some(pattern)) = (value.bytes(), self.pattern(word)) else {
                    return if value == Value::Unset { Value::of(b"") } else { Value::Unknown };
                };
                Value::of(trimmed(text, &pattern, *end, *longest))
            }
        }
    }
}

fn field_of(value: &Value) -> Field {
    match value {
        Value::Known(token) => Field::Known(token.bytes().to_vec()),
        Value::Unset => Field::Known(Vec::new()),
        Value::Unknown => Field::Unknown,
    }
}

/// A whole number; all other arithmetic is not worked out.
pub(super) fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

/// The bytes of a pattern that are not escaped.
fn unquoted(pattern: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(pattern.len());
    let mut bytes = pattern.iter();
    while let Some(&b) = bytes.next() {
        if b == b'\\' {
            bytes.next();
        } else {
            out.push(b);
        }
    }
    out
}

fn trimmed<'t>(text: &'t [u8], pattern: &[u8], end: bool, longest: bool) -> &'t [u8] {
    let cuts: Vec<usize> = if end == longest { (0..=text.len()).collect() } else { (0..=text.len()).rev().collect() };
    for cut in cuts {
        let (part, kept) = if end { (&text[cut..], &text[..cut]) } else { (&text[..cut], &text[cut..]) };
        if pattern::matches(pattern, part) {
            return kept;
        }
    }
    text
}

fn has_brace(word: &Word) -> bool {
    word.iter().any(|piece| matches!(piece, Piece::Text { bytes, quoted: false } if bytes.contains(&b'{')))
}

/// The words that the first pair of braces with a comma makes.
fn split_braces(word: &Word) -> Option<Vec<Word>> {
    // Where in the word: piece and byte.
    let mut open = None;
    let mut commas = Vec::new();
    let mut depth = 0_u32;
    for (i, piece) in word.iter().enumerate() {
        let Piece::Text { bytes, quoted: false } = piece else { continue };
        for (j, b) in bytes.iter().enumerate() {
            match b {
                b'{' => {
                    depth += 1;
                    if depth == 1 {
                        open = Some((i, j));
                        commas.clear();
                    }
                }
                b',' if depth == 1 => commas.push((i, j)),
                b'}' if depth > 0 => {
                    depth -= 1;
                    if depth == 0 && !commas.is_empty() {
                        let from = open?;
                        let mut marks = vec![from];
                        marks.append(&mut commas);
                        marks.push((i, j));
                        let head = slice(word, (0, 0), from);
                        let tail = slice(word, (i, j + 1), (word.len(), 0));
                        return Some(
                            marks
                                .windows(2)
                                .map(|w| {
                                    let middle = slice(word, (w[0].0, w[0].1 + 1), w[1]);
                                    [head.clone(), middle, tail.clone()].concat()
                                })
                                .collect(),
                        );
                    }
                }
                _ => {}
            }
        }
    }
    None
}

fn slice(word: &Word, from: (usize, usize), to: (usize, usize)) -> Word {
    let mut out = Word::new();
    for (i, piece) in word.iter().enumerate().skip(from.0) {
        if i > to.0 || (i == to.0 && to.1 == 0) {
            break;
        }
        match piece {
            Piece::Text { bytes, quoted: false } if i == from.0 || i == to.0 => {
                let start = if i == from.0 { from.1 } else { 0 };
                let end = if i == to.0 { to.1 } else { bytes.len() };
                out.push(Piece::Text { bytes: bytes[start..end].to_vec(), quoted: false });
            }
            _ => out.push(piece.clone()),
        }
    }
    out
}

/// Whether the owner or the mode lets this user do it; root may read all, and run what anybody may.
pub(super) fn permitted(system: &dyn System, path: &Path, bit: u32) -> bool {
    let Ok(stat) = system.stat(path) else { return false };
    let uid = system.uid();
    if uid == 0 {
        return bit != 0o1 || stat.mode & 0o111 != 0 || stat.kind == crate::system::Kind::Dir;
    }
    if stat.uid == uid { stat.mode & (bit << 6) != 0 } else { stat.mode & bit != 0 || stat.mode & (bit << 3) != 0 }
}
