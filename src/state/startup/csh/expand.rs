//! What a word stands for: references, what commands print, braces, `~` and patterns, in this order.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::lex::{Part, Reference, Token, Word};
use super::{Csh, Leave, List};
use crate::state::startup::posix::pattern::{self, Groups};
use crate::state::startup::value::{Truth, Value};

/// A word as a command gets it.
#[derive(Clone)]
pub(super) enum Field {
    Known(Vec<u8>),
    /// One word or more, or none.
    Unknown,
}

/// A piece of a word in which references are replaced.
#[derive(Clone)]
pub(super) enum Piece {
    Byte(u8, bool),
    Command(Vec<u8>, bool),
    Unknown,
}

/// Words that braces and patterns may make.
const MOST: usize = 1000;

impl Csh<'_> {
    /// The words of a command.
    pub(super) fn fields(&mut self, tokens: &[Token]) -> Result<Vec<Field>, Leave> {
        let mut out = Vec::new();
        for token in tokens {
            if let Token::Word(word) = token {
                for word in self.referred(word)? {
                    out.extend(self.globbed(word)?);
                }
            }
        }
        Ok(out)
    }

    /// The pattern that a word is: what is quoted is escaped. `None` where it cannot be told.
    pub(super) fn pattern(&mut self, word: &Word) -> Result<Option<Vec<u8>>, Leave> {
        let words = self.referred(word)?;
        let mut out = Vec::new();
        for (at, word) in words.into_iter().enumerate() {
            if at > 0 {
                out.push(b' ');
            }
            for piece in word {
                match piece {
                    Piece::Byte(b, true) => out.extend(pattern::escaped(&[b])),
                    Piece::Byte(b, false) => out.push(b),
                    Piece::Command(text, _) => match self.printed(&text) {
                        Some(text) => out.extend(pattern::escaped(text.trim_ascii())),
                        None => return Ok(None),
                    },
                    Piece::Unknown => return Ok(None),
                }
            }
        }
        Ok(Some(out))
    }

    /// The words that a word becomes by its references.
    pub(super) fn referred(&mut self, word: &Word) -> Result<Vec<Vec<Piece>>, Leave> {
        let mut out: Vec<Vec<Piece>> = Vec::new();
        let mut current: Option<Vec<Piece>> = None;
        for part in word {
            match part {
                Part::Text { bytes, quoted } => {
                    current.get_or_insert_default().extend(bytes.iter().map(|b| Piece::Byte(*b, *quoted)));
                }
                Part::Command { text, quoted } => {
                    current.get_or_insert_default().push(Piece::Command(text.clone(), *quoted));
                }
                Part::Unclear(text) => {
                    self.may_leave(Leave::All);
                    self.doubt_text(text);
                    current.get_or_insert_default().push(Piece::Unknown);
                }
                // There is no event; but the sign may be another one.
                Part::Event(_) if !self.state.shell.contains_key(b"histchars".as_slice()) => return Err(Leave::All),
                Part::Event(_) => {
                    self.may_leave(Leave::All);
                    current.get_or_insert_default().push(Piece::Unknown);
                }
                Part::Reference { reference, quoted } => {
                    let words = self.reference(reference)?;
                    if *quoted {
                        let current = current.get_or_insert_default();
                        match words {
                            Some(words) => {
                                let joined = words.join(&b' ');
                                if self.growth.takes(joined.len()) {
                                    current.extend(joined.into_iter().map(|b| Piece::Byte(b, true)));
                                } else {
                                    current.push(Piece::Unknown);
                                }
                            }
                            None => current.push(Piece::Unknown),
                        }
                        continue;
                    }
                    let Some(words) = words else {
                        current.get_or_insert_default().push(Piece::Unknown);
                        continue;
                    };
                    // It is split again.
                    let words =
                        words.iter().flat_map(|word| word.split(u8::is_ascii_whitespace)).filter(|w| !w.is_empty());
                    for (at, word) in words.enumerate() {
                        if at > 0 {
                            out.extend(current.take());
                        }
                        let current = current.get_or_insert_default();
                        if word.iter().any(|b| matches!(b, b'`' | b'\\' | b'\'' | b'"'))
                            || !self.growth.takes(word.len())
                        {
                            current.push(Piece::Unknown);
                        } else {
                            current.extend(word.iter().map(|b| Piece::Byte(*b, false)));
                        }
                    }
                }
            }
        }
        out.extend(current);
        Ok(out)
    }

    /// The words that a reference stands for; `None` where they cannot be told.
    fn reference(&mut self, reference: &Reference) -> Result<Option<Vec<Vec<u8>>>, Leave> {
        let name = reference.name.as_slice();
        let number = |n: usize| Some(vec![n.to_string().into_bytes()]);
        if matches!(name, b"$" | b"<" | b"0") {
            return Ok(None);
        }
        if reference.asks == Some(b'?') {
            return Ok(match self.is_set(name) {
                Truth::Yes => number(1),
                Truth::No => number(0),
                Truth::Maybe => None,
            });
        }
        let list = if name == b"*" || name[0].is_ascii_digit() { b"argv" } else { name };
        let words = match self.is_set(list) {
            Truth::No => return Err(Leave::All),
            Truth::Maybe => {
                self.may_leave(Leave::All);
                return Ok(None);
            }
            Truth::Yes => self.list(list),
        };
        let Some(words) = words else { return Ok(None) };
        match reference.asks {
            Some(b'#') => return Ok(number(words.len())),
            Some(_) => {
                let length = words.join(&b' ').len();
                return Ok(if words.iter().all(|w| w.is_ascii()) { number(length) } else { None });
            }
            None => {}
        }
        let mut words = if name[0].is_ascii_digit() {
            let at: usize = std::str::from_utf8(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
            words.into_iter().skip(at.saturating_sub(1)).take(1).collect()
        } else {
            words
        };
        if let Some(selector) = &reference.selector {
            if !self.state.shell.contains_key(name) && linked(name).is_none() {
                // Of the environment: a pattern that follows.
                return Ok(None);
            }
            let Some(selector) = self.single(selector)? else {
                self.may_leave(Leave::All);
                return Ok(None);
            };
            let text = std::str::from_utf8(&selector).unwrap_or_default();
            let (from, to) = match text.split_once('-') {
                _ if text == "*" => (1, Some(words.len())),
                None => (text.parse().unwrap_or(0), text.parse().ok()),
                Some((from, to)) => (
                    if from.is_empty() { 1 } else { from.parse().unwrap_or(0) },
                    if to.is_empty() { Some(words.len()) } else { to.parse().ok() },
                ),
            };
            let Some(to) = to.filter(|to| from >= 1 && *to <= words.len()) else { return Err(Leave::All) };
            words = words.get(from - 1..to).map(<[_]>::to_vec).unwrap_or_default();
        }
        Ok(modified(words, &reference.modifiers))
    }

    /// A word that is one, with nothing in it that is looked for among files.
    pub(super) fn single(&mut self, word: &Word) -> Result<Option<Vec<u8>>, Leave> {
        let words = self.referred(word)?;
        let [word] = words.as_slice() else { return Ok(None) };
        Ok(word.iter().map(|piece| if let Piece::Byte(b, _) = piece { Some(*b) } else { None }).collect())
    }

    pub(super) fn is_set(&self, name: &[u8]) -> Truth {
        if matches!(name, b"status" | b"cwd") {
            return Truth::Yes;
        }
        match self.state.shell.get(name) {
            Some(List::Maybe) => return Truth::Maybe,
            Some(_) => return Truth::Yes,
            None => {}
        }
        let variable = self.state.environment.get(linked(name).unwrap_or(name));
        variable.map_or(Truth::No, |variable| match (&variable.value, variable.exported) {
            (Value::Unset, _) | (_, Truth::No) => Truth::No,
            (_, Truth::Yes) => Truth::Yes,
            _ => Truth::Maybe,
        })
    }

    /// The words of a variable.
    pub(super) fn list(&self, name: &[u8]) -> Option<Vec<Vec<u8>>> {
        match name {
            b"status" => return Some(vec![self.state.status?.to_string().into_bytes()]),
            b"cwd" => return Some(vec![self.state.directory.as_ref()?.as_os_str().as_bytes().to_vec()]),
            _ => {}
        }
        if let Some(list) = self.state.shell.get(name) {
            return list.words();
        }
        let value = self.state.environment.value(linked(name).unwrap_or(name));
        let value = value.bytes()?;
        Some(if name == b"path" {
            value.split(|b| *b == b':').map(<[u8]>::to_vec).collect()
        } else {
            vec![value.to_vec()]
        })
    }

    /// What commands, braces, `~` and patterns make of a word.
    pub(super) fn globbed(&mut self, word: Vec<Piece>) -> Result<Vec<Field>, Leave> {
        let mut words: Vec<Option<Vec<Piece>>> = vec![Some(Vec::new())];
        let mut is_empty = false;
        let only_command = word.len() == 1;
        for piece in word {
            match piece {
                Piece::Command(text, quoted) => {
                    let Some(printed) = self.printed(&text) else {
                        words.pop();
                        words.push(None);
                        continue;
                    };
                    let printed = printed.strip_suffix(b"\n").unwrap_or(&printed);
                    let mut parts: Vec<&[u8]> = if quoted {
                        printed.split(|b| *b == b'\n').collect()
                    } else {
                        printed.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()).collect()
                    };
                    if quoted && printed.is_empty() {
                        parts.clear();
                    }
                    is_empty = only_command && parts.is_empty() && !quoted;
                    for (at, part) in parts.into_iter().enumerate() {
                        if at > 0 {
                            words.push(Some(Vec::new()));
                        }
                        if let Some(Some(word)) = words.last_mut() {
                            word.extend(part.iter().map(|b| Piece::Byte(*b, quoted)));
                        }
                    }
                }
                piece => {
                    if let Some(Some(word)) = words.last_mut() {
                        word.push(piece);
                    }
                }
            }
        }
        if is_empty {
            return Ok(Vec::new());
        }
        let mut out = Vec::new();
        for word in words {
            let Some(word) = word.filter(|word| !word.iter().any(|p| matches!(p, Piece::Unknown))) else {
                out.push(Field::Unknown);
                continue;
            };
            let bytes: Vec<(u8, bool)> =
                word.into_iter().filter_map(|p| if let Piece::Byte(b, q) = p { Some((b, q)) } else { None }).collect();
            if self.state.shell.contains_key(b"noglob".as_slice()) {
                out.push(Field::Known(bytes.into_iter().map(|(b, _)| b).collect()));
                continue;
            }
            let Some(braced) = braced(&bytes, 0) else {
                out.push(Field::Unknown);
                continue;
            };
            for word in braced {
                self.names(&word, &mut out)?;
            }
        }
        Ok(out)
    }

    /// `~` and patterns.
    fn names(&mut self, word: &[(u8, bool)], out: &mut Vec<Field>) -> Result<(), Leave> {
        let mut pattern = Vec::new();
        let mut rest = word;
        match word {
            // The directory stack.
            [(b'=', false), (b'0'..=b'9' | b'-', false), ..] => {
                self.may_leave(Leave::All);
                out.push(Field::Unknown);
                return Ok(());
            }
            [(b'~', false), after @ ..] => {
                let user: Vec<u8> = after.iter().map(|(b, _)| *b).take_while(|b| *b != b'/').collect();
                let home = if user.is_empty() {
                    self.state.environment.value(b"HOME").bytes().map(<[u8]>::to_vec)
                } else {
                    self.system
                        .password_home(Some(OsStr::from_bytes(&user)))
                        .map(|home| home.as_os_str().as_bytes().to_vec())
                };
                let Some(home) = home else {
                    self.may_leave(Leave::All);
                    out.push(Field::Unknown);
                    return Ok(());
                };
                pattern.extend(pattern::escaped(&home));
                rest = &after[user.len()..];
            }
            _ => {}
        }
        for (b, quoted) in rest {
            match (b, quoted) {
                (_, true) => pattern.extend(pattern::escaped(&[*b])),
                (_, false) => pattern.push(*b),
            }
        }
        if !rest.iter().any(|(b, quoted)| !quoted && matches!(b, b'*' | b'?' | b'[' | b'\\')) {
            out.push(Field::Known(pattern::unescaped(&pattern)));
            return Ok(());
        }
        // `^` in front of a pattern negates it.
        if rest.first() == Some(&(b'^', false)) || !pattern::is_pattern(&pattern, Groups::None) {
            self.may_leave(Leave::All);
            out.push(Field::Unknown);
            return Ok(());
        }
        let Some(found) = self.found(&pattern) else {
            self.may_leave(Leave::All);
            out.push(Field::Unknown);
            return Ok(());
        };
        if found.is_empty() {
            if !self.state.shell.contains_key(b"nonomatch".as_slice()) {
                return Err(Leave::All);
            }
            out.push(Field::Known(pattern::unescaped(&pattern)));
        }
        out.extend(found.into_iter().map(Field::Known));
        Ok(())
    }

    /// The names that a pattern matches; `None` where they are too many, or nobody knows the directory.
    fn found(&self, pattern: &[u8]) -> Option<Vec<Vec<u8>>> {
        let (mut found, parts) = match pattern.strip_prefix(b"/") {
            Some(rest) => (vec![b"/".to_vec()], rest),
            None => (vec![Vec::new()], pattern),
        };
        let mut parts = parts.split(|b| *b == b'/').filter(|p| !p.is_empty()).peekable();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            let mut next = Vec::new();
            for dir in &found {
                let join = |name: &[u8]| match dir.as_slice() {
                    [] => name.to_vec(),
                    [.., b'/'] => [dir, name].concat(),
                    _ => [dir.as_slice(), b"/", name].concat(),
                };
                if !pattern::is_pattern(part, Groups::None) {
                    let path = join(&pattern::unescaped(part));
                    if self.system.lstat(&self.absolute(&path)?).is_ok() {
                        next.push(path);
                    }
                    continue;
                }
                let names =
                    self.system.list(&self.absolute(if dir.is_empty() { b"." } else { dir })?).unwrap_or_default();
                for name in names {
                    let name = name.as_bytes();
                    let hidden = name.starts_with(b".") && !part.starts_with(b".");
                    if !hidden && pattern::matches(part, name, Groups::None) {
                        let path = join(name);
                        if last || self.system.stat(&self.absolute(&path)?).is_ok() {
                            next.push(path);
                        }
                    }
                }
            }
            found = next;
            if found.len() > MOST {
                return None;
            }
        }
        Some(found)
    }

    pub(super) fn absolute(&self, path: &[u8]) -> Option<PathBuf> {
        let path = Path::new(OsStr::from_bytes(path));
        if path.is_absolute() { Some(path.to_owned()) } else { Some(self.state.directory.as_ref()?.join(path)) }
    }
}

/// The variable of the environment that is another side of one of the shell's own.
pub(super) fn linked(name: &[u8]) -> Option<&'static [u8]> {
    match name {
        b"path" => Some(b"PATH"),
        b"home" => Some(b"HOME"),
        b"user" => Some(b"USER"),
        b"term" => Some(b"TERM"),
        _ => None,
    }
}

/// `:h`, `:t`, `:r`, `:e`, of the first word, or with `:g` of each.
fn modified(mut words: Vec<Vec<u8>>, modifiers: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut global = false;
    for modifier in modifiers {
        if *modifier == b'g' {
            global = true;
            continue;
        }
        let some = if global { words.len() } else { 1 };
        for word in words.iter_mut().take(some) {
            let slash = word.iter().rposition(|b| *b == b'/');
            let dot = word.iter().rposition(|b| *b == b'.').filter(|dot| slash.is_none_or(|slash| *dot > slash));
            match modifier {
                b'h' => word.truncate(slash?),
                b't' => {
                    word.drain(..slash.map_or(0, |slash| slash + 1));
                }
                b'r' => word.truncate(dot?),
                b'e' => {
                    word.drain(..=dot?);
                }
                // `:q` and `:x` would stay in one piece.
                _ => return None,
            }
        }
        global = false;
    }
    Some(words)
}

/// `{a,b}`; `None` where it is not closed or makes too many.
fn braced(word: &[(u8, bool)], depth: u32) -> Option<Vec<Vec<(u8, bool)>>> {
    let open = word
        .iter()
        .enumerate()
        .position(|(at, piece)| *piece == (b'{', false) && word.get(at + 1) != Some(&(b'}', false)));
    let Some(open) = open else { return Some(vec![word.to_vec()]) };
    if depth > 8 {
        return None;
    }
    let (mut level, mut from, mut parts) = (0, open + 1, Vec::new());
    for (at, piece) in word.iter().enumerate().skip(open + 1) {
        match piece {
            (b'{', false) => level += 1,
            (b',', false) if level == 0 => {
                parts.push(&word[from..at]);
                from = at + 1;
            }
            (b'}', false) if level == 0 => {
                parts.push(&word[from..at]);
                let mut out = Vec::new();
                for part in parts {
                    out.extend(braced(&[&word[..open], part, &word[at + 1..]].concat(), depth + 1)?);
                    if out.len() > MOST {
                        return None;
                    }
                }
                return Some(out);
            }
            (b'}', false) => level -= 1,
            _ => {}
        }
    }
    None
}
