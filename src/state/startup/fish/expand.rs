//! Expands words: each list in one multiplies it.

use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use super::output::INNER_NEWLINE;
use super::parse::{Piece, Word, is_name};
use super::run::{EMPTY, Flow, Run, SEPARATOR};
use crate::secret::Token;
use crate::state::startup::posix::pattern::{self, Groups};
use crate::state::startup::tools;
use crate::state::startup::value::Value;
use crate::system::Kind;

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
        // It is only asked: what runs in it for that has no effect.
        if !word.iter().any(Piece::is_of_command) {
            return self.outlined(word);
        }
        let before = (self.world.clone(), self.status);
        let out = self.outlined(word);
        (self.world, self.status) = before;
        self.escaped = None;
        out
    }

    fn outlined(&mut self, word: &Word) -> Vec<u8> {
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
        let mut out = Some(Vec::new());
        for word in words {
            let mut fields = Vec::new();
            if out.is_some() {
                out = self.field(word, &mut fields).and(out);
                if let Some(out) = &mut out {
                    out.append(&mut fields);
                }
            } else if word.iter().any(Piece::is_of_command) {
                // A program that is not there keeps the substitutions behind it from running.
                let run = |run: &mut Self| {
                    run.field(word, &mut fields);
                    Flow::Go
                };
                self.fork(run, |_| Flow::Go);
            }
        }
        out
    }

    pub(super) fn field(&mut self, word: &Word, out: &mut Vec<Vec<u8>>) -> Option<()> {
        let mut is_pattern = false;
        let mut pieces: Vec<Vec<Vec<u8>>> = Vec::with_capacity(word.len());
        // Substitutions run before variables are looked at.
        let mut printed = Vec::new();
        let mut known = true;
        for piece in word.iter().filter(|piece| piece.is_of_command()) {
            if known {
                printed.push(self.piece(piece, false));
                known = printed.last().is_some_and(Option::is_some);
            } else {
                // A program that is not there keeps those behind it from running.
                let run = |run: &mut Self| {
                    run.piece(piece, false);
                    Flow::Go
                };
                self.fork(run, |_| Flow::Go);
            }
        }
        if !known {
            return None;
        }
        let mut printed = printed.into_iter();
        for (i, piece) in word.iter().enumerate() {
            is_pattern |= matches!(piece, Piece::Text { bytes, quoted: false } if bytes.iter().any(|b| is_wild(*b)));
            let list = if piece.is_of_command() { printed.next()? } else { self.piece(piece, i == 0) };
            pieces.push(list?);
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
                    // What is there may be another's.
                    let end = text.iter().position(|b| is_wild(*b)).unwrap_or(text.len());
                    let base = text[..end].iter().rposition(|b| *b == b'/').map_or(b"".as_slice(), |at| &text[..at]);
                    if self.absolute(&pattern::unescaped(base)).is_some_and(|base| self.doubts_above(&base)) {
                        return None;
                    }
                    self.glob(&text, false, out);
                } else {
                    out.push(pattern::unescaped(&text));
                }
            }
        }
        Some(())
    }

    /// What a piece of a word stands for.
    fn piece(&mut self, piece: &Piece, first: bool) -> Option<Vec<Vec<u8>>> {
        Some(match piece {
            Piece::Text { bytes, quoted: true } => vec![guarded(bytes)],
            Piece::Text { bytes, quoted: false } if first => vec![self.tilde(bytes)],
            Piece::Text { bytes, quoted: false } => vec![bytes.clone()],
            Piece::Variable { .. } | Piece::Named { .. } | Piece::Part { .. } => {
                let (list, by) = self.list_of(piece)?;
                quote(&list, by)
            }
            Piece::Command { text, quoted: false } => quote(&self.lines_of(text)?, None),
            Piece::Command { text, quoted: true } => {
                let Value::Known(printed) = self.output(text) else { return None };
                let end = printed.bytes().iter().rev().take_while(|b| **b == b'\n').count();
                let text = &printed.bytes()[..printed.bytes().len() - end];
                vec![guarded(&with_newlines(text))]
            }
            Piece::Opaque => return None,
        })
    }

    /// The elements that a command substitution makes.
    fn lines_of(&mut self, text: &[u8]) -> Option<Vec<Vec<u8>>> {
        let Value::Known(printed) = self.output(text) else { return None };
        // Without it a text is one element.
        if self.value(b"IFS").bytes().is_none_or(|ifs| !ifs.contains(&b'\n')) {
            return None;
        }
        Some(tools::lines(printed.bytes()).map(with_newlines).collect())
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
                let lines = self.lines_of(text)?;
                Some((lines, quoted.then_some(b' ')))
            }
            Piece::Part { of, index } => {
                let (list, by) = self.list_of(of)?;
                Some((self.part(&list, index)?, by))
            }
            Piece::Named { by, quoted } => {
                let mut all = Vec::new();
                let names = self.list_of(by)?.0;
                // In quotes the list is one text before it is a name.
                if *quoted && names.len() > 1 {
                    return None;
                }
                for name in names {
                    if name.is_empty() || !name.iter().all(|b| is_name(*b)) {
                        return None;
                    }
                    all.append(&mut self.list_of(&Piece::Variable { name, quoted: *quoted })?.0);
                }
                Some((all, quoted.then_some(b' ')))
            }
            _ => None,
        }
    }

    /// `[2]`, `[-1]`, `[2..3]`; what is beyond the end is left out. Source: fish 3.6.0, `parse_slice`.
    fn part(&mut self, list: &[Vec<u8>], index: &Word) -> Option<Vec<Vec<u8>>> {
        let mut fields = Vec::new();
        self.field(index, &mut fields)?;
        let mut out = Vec::new();
        for field in fields {
            let text = std::str::from_utf8(&field).ok()?;
            for one in text.split_whitespace() {
                out.extend(places(one, list.len())?.into_iter().filter_map(|place| list.get(place - 1).cloned()));
            }
        }
        Some(out)
    }

    pub(super) fn tilde(&self, bytes: &[u8]) -> Vec<u8> {
        match (bytes, self.value(b"HOME")) {
            ([b'~'] | [b'~', b'/', ..], Value::Known(home)) => [home.bytes(), &bytes[1..]].concat(),
            ([b'~', rest @ ..], _) => {
                let (name, path) = rest.split_at(rest.iter().position(|b| *b == b'/').unwrap_or(rest.len()));
                let home = self.accounts().into_iter().find(|account| account.name == name).map(|account| account.home);
                home.map_or_else(|| bytes.to_vec(), |home| [&home, path].concat())
            }
            _ => bytes.to_vec(),
        }
    }

    /// `hidden`: those that begin with a dot as well.
    pub(super) fn glob(&self, text: &[u8], hidden: bool, out: &mut Vec<Vec<u8>>) {
        // Directories, each with its slash.
        let mut bases = vec![if text.starts_with(b"/") { b"/".to_vec() } else { Vec::new() }];
        let parts: Vec<&[u8]> = text.split(|b| *b == b'/').filter(|part| !part.is_empty()).collect();
        for (i, part) in parts.iter().enumerate() {
            let last = i + 1 == parts.len();
            let mut found = Vec::new();
            for base in &bases {
                if part.iter().any(|b| is_wild(*b)) {
                    self.matching(base, part, (hidden, DEEPEST), &mut found);
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
    fn matching(&self, base: &[u8], part: &[u8], (hidden, depth): (bool, u32), out: &mut Vec<Vec<u8>>) {
        let deep = part.windows(2).any(|w| w == b"**");
        for name in self.absolute(base).and_then(|base| self.system.list(&base).ok()).unwrap_or_default() {
            let name = name.as_bytes();
            if name.starts_with(b".") && !part.starts_with(b".") && !hidden || out.len() > MOST {
                continue;
            }
            let path = [base, name].concat();
            let is_dir = |path: PathBuf| self.system.lstat(&path).is_ok_and(|s| s.kind == Kind::Dir);
            if deep && depth > 0 && self.absolute(&path).is_some_and(is_dir) {
                self.matching(&[path.as_slice(), b"/"].concat(), part, (hidden, depth - 1), out);
            }
            if wild(part, name) {
                out.push(path);
            }
        }
    }

    /// `psub`: the path of a file that holds a text.
    pub(super) fn substitute(&mut self, text: &[u8]) -> Vec<u8> {
        self.substitutes.push(Token::new(text.to_vec()));
        // No path has such a byte.
        format!("\0{}\n", self.substitutes.len() - 1).into_bytes()
    }

    /// The text behind a path of `psub`.
    pub(super) fn substituted(&self, path: &[u8]) -> Option<&[u8]> {
        let number: usize = std::str::from_utf8(path.strip_prefix(b"\0")?).ok()?.parse().ok()?;
        self.substitutes.get(number).map(Token::bytes)
    }
}

/// The places that an index names, from 1.
pub(super) fn places(index: &str, length: usize) -> Option<Vec<usize>> {
    let number = |text: &str| text.trim().parse::<i64>().ok().filter(|n| *n != 0);
    let length = i64::try_from(length).ok()?;
    let place = |n: i64| if n < 0 { length + n + 1 } else { n };
    let (from, to) = match index.split_once("..") {
        Some((from, to)) => {
            (if from.is_empty() { 1 } else { number(from)? }, if to.is_empty() { -1 } else { number(to)? })
        }
        None => (number(index)?, number(index)?),
    };
    let (mut first, mut last) = (place(from), place(to));
    if first > length && last > length {
        return Some(Vec::new());
    }
    let mut forward = first <= last;
    // A negative end alone decides the direction.
    if (from < 0) == (to < 0) {
        (first, last) = (first.min(length), last.min(length));
    } else {
        forward = to < 0;
    }
    let all = if forward { (first..=last).collect() } else { (last..=first).rev().collect::<Vec<i64>>() };
    all.into_iter().filter(|place| (1..=length).contains(place)).map(|place| usize::try_from(place).ok()).collect()
}

/// Whether a pattern of fish's matches all of a text: no brackets are in it.
pub(super) fn wild(pattern: &[u8], text: &[u8]) -> bool {
    let mut plain = Vec::with_capacity(pattern.len());
    let mut escaped = false;
    for b in pattern {
        if *b == b'[' && !escaped {
            plain.push(b'\\');
        }
        escaped = *b == b'\\' && !escaped;
        plain.push(*b);
    }
    pattern::matches(&plain, text, Groups::None)
}

fn with_newlines(text: &[u8]) -> Vec<u8> {
    text.iter().map(|b| if *b == INNER_NEWLINE { b'\n' } else { *b }).collect()
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
