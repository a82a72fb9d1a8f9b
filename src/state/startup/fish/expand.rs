//! Expands words: each list in one multiplies it.

use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use super::parse::{self, Piece, Statement, Word};
use super::run::{EMPTY, Run, SEPARATOR};
use crate::secret::Token;
use crate::state::startup::posix::pattern::{self, Groups};
use crate::state::startup::tools::{self, Printed, Tools};
use crate::state::startup::value::{Truth, Value};
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
        let mut is_pattern = false;
        let mut pieces: Vec<Vec<Vec<u8>>> = Vec::with_capacity(word.len());
        for (i, piece) in word.iter().enumerate() {
            pieces.push(match piece {
                Piece::Text { bytes, quoted: true } => vec![guarded(bytes)],
                Piece::Text { bytes, quoted: false } => {
                    is_pattern |= bytes.iter().any(|b| is_wild(*b));
                    vec![if i == 0 { self.tilde(bytes) } else { bytes.clone() }]
                }
                Piece::Part { of, index } => {
                    let (list, by) = self.list_of(of)?;
                    quote(&self.part(&list, index)?, by)
                }
                Piece::Variable { .. } => {
                    let (list, by) = self.list_of(piece)?;
                    quote(&list, by)
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
                    if *quoted { vec![guarded(text)] } else { quote(&lines, None) }
                }
                Piece::Opaque => return None,
            });
        }
        // Each list multiplies the word. Substitutions are the outer loops, the first of them the outermost; then lists,
        // the last of them the outermost.
        let of_command = |i: &usize| word[*i].is_of_command();
        let mut order: Vec<usize> = (0..pieces.len()).filter(of_command).collect();
        order.extend((0..pieces.len()).rev().filter(|i| !of_command(i)));
        let count = pieces.iter().try_fold(1_usize, |n, p| n.checked_mul(p.len()).filter(|n| *n <= 1000))?;
        let longest: usize = pieces.iter().filter_map(|p| p.iter().map(Vec::len).max()).sum();
        if !self.growth.takes(longest.saturating_mul(count)) {
            return None;
        }
        for number in 0..count {
            let mut left = number;
            let mut chosen: Vec<&[u8]> = vec![b""; pieces.len()];
            for &i in order.iter().rev() {
                chosen[i] = &pieces[i][left % pieces[i].len()];
                left /= pieces[i].len();
            }
            let text = chosen.concat();
            for text in if text.contains(&b'{') { braces(&text)? } else { vec![text] } {
                let text = unmarked(text);
                if is_pattern {
                    if !text.starts_with(b"/") {
                        self.directory()?;
                    }
                    self.glob(&text, out);
                } else {
                    out.push(pattern::unescaped(&text));
                }
            }
        }
        Some(())
    }

    /// The elements of a variable or of what a command prints, and what joins them in quotes.
    fn list_of(&mut self, piece: &Piece) -> Option<(Vec<Vec<u8>>, Option<u8>)> {
        match piece {
            Piece::Variable { name, quoted } => {
                let by = quoted.then(|| if self.is_path(name) { b':' } else { b' ' });
                match self.value(name) {
                    Value::Known(token) if self.growth.takes(token.bytes().len()) => {
                        Some((elements(token.bytes()), by))
                    }
                    Value::Unset => Some((Vec::new(), by)),
                    _ => None,
                }
            }
            Piece::Command { text, quoted } => {
                let Value::Known(printed) = self.output(text) else { return None };
                let lines = tools::lines(printed.bytes()).map(<[u8]>::to_vec).collect();
                Some((lines, quoted.then_some(b' ')))
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
                // Behind the end is nothing; else the list is the other way round.
                if from > to && !(from > list.len() && (one.ends_with("..-1") || one.ends_with(".."))) {
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
                self.absolute(path).is_some_and(|path| {
                    if last {
                        self.system.lstat(&path).is_ok()
                    } else {
                        self.system.stat(&path).is_ok_and(|s| s.kind == Kind::Dir)
                    }
                })
            });
            if !last {
                for path in &mut found {
                    path.push(b'/');
                }
            }
            bases = found;
        }
        bases.sort_by(|a, b| super::order::compare(a, b));
        out.append(&mut bases);
    }

    /// Names in a directory; with `**` also those below it.
    fn matching(&self, base: &[u8], part: &[u8], depth: u32, out: &mut Vec<Vec<u8>>) {
        let deep = part.windows(2).any(|w| w == b"**");
        for name in self.absolute(base).and_then(|base| self.system.list(&base).ok()).unwrap_or_default() {
            let name = name.as_bytes();
            if name.starts_with(b".") && !part.starts_with(b".") || out.len() > MOST {
                continue;
            }
            let path = [base, name].concat();
            let is_dir = |path: PathBuf| self.system.lstat(&path).is_ok_and(|s| s.kind == Kind::Dir);
            if deep && depth > 0 && self.absolute(&path).is_some_and(is_dir) {
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
        let program = parse::program(text);
        let printed = match program.statements.as_slice() {
            [] if program.whole => return Value::of(b""),
            [first, rest @ ..] => {
                rest.iter().fold(self.prints(first), |before, then| self.prints_behind(before?, then))
            }
            [] => None,
        };
        self.substituted = printed.as_ref().map_or(Truth::Maybe, |printed| Truth::of(printed.success));
        printed.and_then(Printed::known).map_or(Value::Unknown, |text| Value::of(&text))
    }

    /// What is printed once a further statement has run.
    fn prints_behind(&mut self, before: Printed, then: &Statement) -> Option<Printed> {
        let more = match then {
            Statement::When { success, .. } if *success != before.success => return Some(before),
            Statement::When { then, .. } => self.prints(then)?,
            then => self.prints(then)?,
        };
        // What a program prints and what a builtin does come in either order.
        match (before.text.is_empty(), more.text.is_empty()) {
            (true, _) => Some(more),
            (false, true) => Some(Printed { success: more.success, ..before }),
            (false, false) => None,
        }
    }

    /// What a statement prints; known only of what merely repeats.
    fn prints(&mut self, statement: &Statement) -> Option<Printed> {
        match statement {
            Statement::Command { words, input, .. } => {
                let input = match input {
                    Some(word) => Some(self.file(word)?),
                    None => None,
                };
                self.printed(words, input.as_ref())
            }
            Statement::Pipe(parts) => {
                let mut input = None;
                for part in parts {
                    input = Some(self.piped(part, input.as_ref())?);
                }
                input
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
        if let Some(text) = self.substituted(path) {
            return Some(Printed { text: text.to_vec(), success: true, unordered: false });
        }
        let content = self.system.read(&self.absolute(path)?, TEXT_LIMIT).ok().filter(|c| !c.truncated)?;
        Some(Printed { text: content.bytes, success: true, unordered: false })
    }

    /// Whether what stands behind `<` is surely no file: then the command does not run.
    pub(super) fn lacks(&mut self, word: &Word) -> bool {
        match self.fields(std::slice::from_ref(word)).as_deref() {
            Some([path]) if self.substituted(path).is_none() => {
                self.absolute(path).is_some_and(|path| self.system.stat(&path).is_err())
            }
            Some([_]) | None => false,
            Some(_) => true,
        }
    }

    pub(super) fn printed(&mut self, words: &[Word], input: Option<&Printed>) -> Option<Printed> {
        let fields = self.fields(words)?;
        let words: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
        let (name, rest) = words.split_first()?;
        if self.world.functions.has(name) {
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
                let text = match &text[..text.len() - end] {
                    b"" => Vec::new(),
                    text => [text, b"\n"].concat(),
                };
                return Some(Printed { success: !text.is_empty(), text, unordered: false });
            }
            (b"string", [b"collect", ..]) => return None,
            (b"string", rest) => return super::string::run(rest, input.map(|i| i.text.as_slice())),
            (b"psub", []) => self.substitute(&input?.text),
            (b"printf", [b"%s", one]) => one.to_vec(),
            (b"printf", [text]) if !text.contains(&b'%') => match text.strip_suffix(b"\\n") {
                Some(text) if !text.contains(&b'\\') => [text, b"\n"].concat(),
                None if !text.contains(&b'\\') => text.to_vec(),
                _ => return None,
            },
            (b"printf", [b"%s\\n", one]) => [one, b"\n".as_slice()].concat(),
            (b"count", list) => {
                let text = format!("{}\n", list.len()).into_bytes();
                return Some(Printed { text, success: !list.is_empty(), unordered: false });
            }
            (b"pwd", []) => [self.directory()?.as_os_str().as_bytes(), b"\n"].concat(),
            (b"status", [b"filename" | b"--current-filename" | b"-f" | b"current-filename"]) => {
                [self.file.as_os_str().as_bytes(), b"\n"].concat()
            }
            (b"status", [b"dirname" | b"current-dirname"]) => {
                [self.file.parent()?.as_os_str().as_bytes(), b"\n"].concat()
            }
            (name, arguments) => {
                let directory = self.directory();
                let tools = Tools {
                    system: self.system,
                    directory: directory.as_deref(),
                    input: input.map(|i| i.text.as_slice()),
                };
                // `/usr/bin/id` is `id`.
                let short = [b"/usr/bin/".as_slice(), b"/bin/"].iter().find_map(|dir| name.strip_prefix(*dir));
                let name = short.filter(|_| self.program(name) == Truth::Yes).unwrap_or(name);
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

/// The elements as they stand in a word: apart, or in quotes, joined.
fn quote(list: &[Vec<u8>], by: Option<u8>) -> Vec<Vec<u8>> {
    match by {
        Some(by) => vec![guarded(&list.join(&by))],
        None => list.iter().map(|e| [guarded(e), vec![EXPANDED]].concat()).collect(),
    }
}

/// Behind what stands for a variable: braces around it alone are none.
const EXPANDED: u8 = 0x1c;

fn unmarked(text: Vec<u8>) -> Vec<u8> {
    if !text.contains(&EXPANDED) {
        return text;
    }
    let mut escaped = false;
    let keep = text.into_iter().filter(|b| {
        let keep = escaped || *b != EXPANDED;
        escaped = *b == b'\\' && !escaped;
        keep
    });
    keep.collect()
}

/// Bytes that are nothing but themselves.
fn guarded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for b in bytes {
        if matches!(b, b'{' | b'}' | b',' | &EXPANDED) {
            out.extend([b'\\', *b]);
        } else {
            out.extend(pattern::escaped(&[*b]));
        }
    }
    out
}

/// `{a,b}`, `{$name}`; `None` of far too many.
fn braces(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut todo = vec![text.to_vec()];
    let mut out = Vec::new();
    while let Some(text) = todo.pop() {
        let Some((open, parts, end)) = last_braces(&text) else {
            out.push(text);
            continue;
        };
        todo.extend(parts.iter().rev().map(|part| [&text[..open], part, &text[end + 1..]].concat()));
        if todo.len() + out.len() > MOST {
            return None;
        }
    }
    Some(out)
}

/// Where braces open, the parts in them, and where they end.
type Braces = (usize, Vec<Vec<u8>>, usize);

/// The last of the outermost braces that are some: the last are the outer loop.
fn last_braces(text: &[u8]) -> Option<Braces> {
    let mut found = None;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 1,
            b'{' => {
                if let Some((parts, end)) = parts_of(text, at) {
                    found = Some((at, parts, end));
                    at = end;
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The parts between commas up to the brace that closes; `None` where neither a comma nor a variable is in them.
fn parts_of(text: &[u8], open: usize) -> Option<(Vec<Vec<u8>>, usize)> {
    let mut parts = vec![Vec::new()];
    let (mut depth, mut is_some) = (1_u32, false);
    let mut at = open + 1;
    while at < text.len() {
        let part = parts.last_mut()?;
        match text[at] {
            b'\\' => {
                part.push(b'\\');
                at += 1;
                part.push(*text.get(at)?);
            }
            b',' if depth == 1 => {
                is_some = true;
                parts.push(Vec::new());
            }
            EXPANDED if depth == 1 => is_some = true,
            b'}' if depth == 1 => return is_some.then_some((parts, at)),
            b => {
                depth += u32::from(b == b'{');
                depth -= u32::from(b == b'}');
                part.push(b);
            }
        }
        at += 1;
    }
    None
}
