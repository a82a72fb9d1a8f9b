//! Reads references: `$NAME`, `${NAME…}`, `$(…)`, `$((…))`.

use std::rc::Rc;

use super::Dialect;
use super::flags::{Flagged, Flags};
use super::parse::{DEEPEST, Parsed, Parser, is_name, is_name_start, name_length, trouble};
use super::syntax::{Anchor, Change, Index, Piece, Word};
use super::words::push_text;

impl Parser<'_> {
    /// At a `$` or a backquote.
    pub(super) fn dollar(&mut self, word: &mut Word, quoted: bool) -> Parsed<()> {
        if self.eat(b"`") {
            let line = self.line;
            let mut text = Vec::new();
            loop {
                match self.next() {
                    None => return trouble(),
                    Some(b'`') => break,
                    Some(b'\\') => match self.next() {
                        Some(b @ (b'`' | b'\\' | b'$')) => text.push(b),
                        // In double quotes it is theirs.
                        Some(b'"') if quoted && !self.is_here_document => text.push(b'"'),
                        Some(b) => text.extend_from_slice(&[b'\\', b]),
                        None => return trouble(),
                    },
                    Some(b) => text.push(b),
                }
            }
            word.push(Piece::Command { text: text.into(), line, quoted });
            return Ok(());
        }
        self.at += 1;
        match self.rest() {
            [b'(', b'(', ..] => {
                let (at, line) = (self.at, self.line);
                self.at += 2;
                if let Some(text) = self.arithmetic() {
                    word.push(Piece::Arithmetic(text));
                    return Ok(());
                }
                (self.at, self.line) = (at, line);
                self.at += 1;
                let (text, line) = self.inner()?;
                word.push(Piece::Command { text, line, quoted });
            }
            [b'(', ..] => {
                self.at += 1;
                let (text, line) = self.inner()?;
                word.push(Piece::Command { text, line, quoted });
            }
            [b'{', ..] => {
                self.at += 1;
                let piece = self.brace(quoted)?;
                word.push(piece);
            }
            [b'[', ..] if !self.dialect.is_sh() => {
                self.until_close(b'[', b']')?;
                word.push(Piece::Opaque);
            }
            [b, ..] if is_name_start(*b) => {
                let length = name_length(self.rest());
                let name = self.rest()[..length].to_vec();
                self.at += length;
                // zsh: `$name[2]`, `$name:h`
                let zsh = self.dialect == Dialect::Zsh;
                let index = if zsh { self.index(quoted)? } else { None };
                word.push(self.modified(Piece::of(name, index, Change::None, quoted), quoted));
            }
            [b @ (b'0'..=b'9' | b'?' | b'$' | b'!' | b'@' | b'*' | b'-'), ..] => {
                let (name, digit) = (vec![*b], b.is_ascii_digit());
                self.at += 1;
                let piece = Piece::of(name, None, Change::None, quoted);
                word.push(if digit { self.modified(piece, quoted) } else { piece });
            }
            // zsh: `$#name`
            [b'#', b, ..] if self.dialect == Dialect::Zsh && is_name_start(*b) => {
                self.at += 1;
                let name = self.name();
                word.push(Piece::of(name, None, Change::Length, quoted));
            }
            // zsh: the length of `$-` and its like.
            [b'#', b'-' | b'?' | b'$' | b'!', ..] if self.dialect == Dialect::Zsh => {
                self.at += 2;
                word.push(Piece::Opaque);
            }
            [b'#', ..] => {
                self.at += 1;
                word.push(Piece::of(b"#".to_vec(), None, Change::None, quoted));
            }
            // zsh: `$+name`, `$~name`, `$=name`, `$^name`
            [b @ (b'+' | b'~' | b'=' | b'^'), next, ..] if self.dialect == Dialect::Zsh && is_name_start(*next) => {
                let change = match b {
                    b'+' => Change::IsSet,
                    b'=' => Change::Split,
                    b'^' => Change::Each,
                    _ => Change::Other,
                };
                self.at += 1;
                let name = self.name();
                let index = self.index(quoted)?;
                word.push(Piece::of(name, index, change.in_quotes(quoted), quoted));
            }
            _ => push_text(word, b"$", quoted),
        }
        Ok(())
    }

    /// The name at hand.
    fn name(&mut self) -> Vec<u8> {
        let name = self.rest()[..name_length(self.rest())].to_vec();
        self.at += name.len();
        name
    }

    /// `[…]` behind a name. In quotes it ends before they do: an opening bracket alone is a fault, but only when the word is
    /// expanded (`"$red[0m"` in a function of which zsh knows no array).
    fn index(&mut self, quoted: bool) -> Parsed<Option<Index>> {
        if self.peek() != Some(b'[') {
            return Ok(None);
        }
        let (at, line) = (self.at, self.line);
        let start = at + 1;
        let closed = self.until_close(b'[', b']');
        let inner = &self.text[start..self.at];
        if quoted && (closed.is_err() || inner.contains(&b'"') && !inner.windows(2).any(|w| w == b"$(")) {
            (self.at, self.line) = (at, line);
            return Ok(Some(Index::At(b"[".as_slice().into())));
        }
        closed?;
        Ok(Some(match &self.text[start..self.at - 1] {
            b"@" => Index::All,
            b"*" => Index::Joined,
            text => Index::At(text.into()),
        }))
    }

    /// zsh: with the modifiers that stand behind it.
    fn modified(&mut self, inner: Piece, quoted: bool) -> Piece {
        let mut modifiers = Vec::new();
        while self.dialect == Dialect::Zsh
            && let [b':', letter @ (b'h' | b't' | b'r' | b'e' | b'a' | b'A' | b'l' | b'u' | b'P'), after @ ..] =
                self.rest()
            && !after.first().is_some_and(|b| is_name(*b))
        {
            modifiers.push(*letter);
            self.at += 2;
        }
        if modifiers.is_empty() { inner } else { Piece::Modified { inner: Box::new(inner), modifiers, quoted } }
    }

    /// Behind `${`.
    pub(super) fn brace(&mut self, quoted: bool) -> Parsed<Piece> {
        let (at, line, depth) = (self.at, self.line, self.depth);
        if let Ok(Some(piece)) = self.understood(quoted)
            && self.eat(b"}")
        {
            return Ok(piece);
        }
        // What is not understood is passed over, from its brace on.
        (self.at, self.line, self.depth) = (at - 1, line, depth);
        self.until_close(b'{', b'}')?;
        Ok(Piece::Untold(self.text[at..self.at - 1].into()))
    }

    /// What stands in `${…}`; `None` where it is not modelled.
    fn understood(&mut self, quoted: bool) -> Parsed<Option<Piece>> {
        let (bash, zsh) = (self.dialect == Dialect::Bash, self.dialect == Dialect::Zsh);
        if zsh && self.eat(b"(%):-%") {
            let host = |change| Piece::of(b"HOST".to_vec(), None, change, quoted);
            let function = match self.next() {
                Some(b'x') => false,
                Some(b'N') => true,
                // The machine's name, as far as its first dot.
                Some(b'm') => {
                    let pattern = vec![Piece::Text { bytes: b".*".to_vec(), quoted: false }];
                    return Ok(Some(host(Change::Trim { end: true, longest: true, pattern })));
                }
                Some(b'M') => return Ok(Some(host(Change::None))),
                _ => return Ok(None),
            };
            return Ok(Some(self.modified(Piece::Source { function, quoted }, quoted)));
        }
        if zsh && self.rest().starts_with(b"$") {
            let mut inner = Word::new();
            self.dollar(&mut inner, true)?;
            let piece = inner.pop().map(|inner| self.modified(inner, quoted));
            return Ok(piece.filter(|p| matches!(p, Piece::Modified { .. })));
        }
        if bash && self.rest().starts_with(b"!") {
            let length = name_length(&self.rest()[1..]);
            if length > 0 && matches!(self.rest()[1 + length..], [b'@' | b'*', b'}', ..]) {
                let beginning = self.rest()[1..=length].to_vec();
                self.at += length + 2;
                return Ok(Some(Piece::Names(beginning)));
            }
        }
        if zsh
            && order(self.rest().get(1..).unwrap_or_default()).is_none()
            && let Some((flags, length)) = Flags::read(self.rest())
        {
            self.at += length;
            return self.flagged(flags, quoted);
        }
        let (mut change, length) = match self.rest() {
            [b'#', b'}', ..] => (Change::None, 0),
            [b'#', b, ..] if is_name_start(*b) => (Change::Length, 1),
            [b'#', ..] => return Ok(None),
            [b'!', b, ..] if bash && is_name_start(*b) => (Change::Indirect, 1),
            [b'+', b, ..] if zsh && is_name_start(*b) => (Change::IsSet, 1),
            [b'=', b, ..] if zsh && is_name_start(*b) => (Change::Split, 1),
            [b'^', b, ..] if zsh && is_name_start(*b) => (Change::Each, 1),
            [b'(', flags @ ..] if zsh && order(flags).is_some() => {
                order(flags).map_or((Change::None, 0), |(change, length)| (change, length + 2))
            }
            [b'(', b'P', b')', ..] if zsh => (Change::Indirect, 3),
            _ => (Change::None, 0),
        };
        self.at += length;
        let all = zsh && self.eat(b"(@)");
        let name = match self.rest() {
            [b, ..] if is_name_start(*b) => name_length(self.rest()),
            [b'0'..=b'9', ..] => self.rest().iter().take_while(|b| b.is_ascii_digit()).count(),
            [b'?' | b'$' | b'@' | b'*' | b'-' | b'#', ..] => 1,
            _ => return Ok(None),
        };
        let name = self.rest()[..name].to_vec();
        self.at += name.len();
        let mut index = if self.dialect.is_sh() { None } else { self.index(false)? };
        if all {
            index.get_or_insert(Index::All);
        }
        if change == Change::Indirect && index.is_some() {
            if bash && matches!(index, Some(Index::All | Index::Joined)) {
                change = Change::Indices;
            } else {
                return Ok(None);
            }
        }
        if change == Change::None {
            match self.change(quoted)? {
                Some(found) => change = found,
                None => return Ok(None),
            }
        }
        let plain = change == Change::None;
        let change = change.in_quotes(quoted);
        let piece = Piece::of(name, index, change, quoted);
        Ok(Some(if plain { self.modified(piece, quoted) } else { piece }))
    }

    /// zsh: what stands behind the flags in `${(f)…}`: a text in quotes, another reference, a name.
    fn flagged(&mut self, flags: Flags, quoted: bool) -> Parsed<Option<Piece>> {
        let mut subject = Word::new();
        let is_text = self.eat(b"\"");
        if is_text {
            push_text(&mut subject, b"", true);
            self.double(&mut subject)?;
        } else if self.rest().starts_with(b"${") || quoted && self.rest().starts_with(b"$(") {
            self.dollar(&mut subject, quoted)?;
            if matches!(subject.as_slice(), [Piece::Opaque | Piece::Untold(_)]) {
                return Ok(None);
            }
        } else if self.peek().is_some_and(is_name_start) {
            let name = self.name();
            let index = self.index(quoted)?;
            subject.push(Piece::of(name, index, Change::None, false));
        }
        if subject.len() != 1 && !is_text || self.peek() != Some(b'}') {
            return Ok(None);
        }
        Ok(Some(Piece::Flagged(Box::new(Flagged { flags, subject, is_text, quoted }))))
    }

    /// What stands behind the name in `${NAME…}`.
    fn change(&mut self, quoted: bool) -> Parsed<Option<Change>> {
        let more = !self.dialect.is_sh();
        Ok(Some(match self.rest() {
            [b'}', ..] => Change::None,
            // zsh: set whatever it was.
            [b':', b':', b'=', ..] if self.dialect == Dialect::Zsh => {
                self.at += 3;
                Change::Else { operator: b':', colon: true, word: self.brace_word(quoted, b"")? }
            }
            [b':', operator @ (b'-' | b'=' | b'?' | b'+'), ..] => {
                let operator = *operator;
                self.at += 2;
                Change::Else { operator, colon: true, word: self.brace_word(quoted, b"")? }
            }
            [operator @ (b'-' | b'=' | b'?' | b'+'), ..] => {
                let operator = *operator;
                self.at += 1;
                Change::Else { operator, colon: false, word: self.brace_word(quoted, b"")? }
            }
            [b @ (b'#' | b'%'), after @ ..] => {
                let (end, longest) = (*b == b'%', after.first() == Some(b));
                self.at += 1 + usize::from(longest);
                Change::Trim { end, longest, pattern: self.brace_word(false, b"")? }
            }
            [b':' | b'/' | b'^' | b',' | b'[', ..] if self.dialect == Dialect::Dash => {
                self.brace_word(quoted, b"")?;
                Change::Wrong
            }
            // zsh: a modifier, which is read by whoever asked.
            [b':', b'a'..=b'z' | b'A'..=b'Z', ..] if self.dialect == Dialect::Zsh => Change::None,
            [b':', ..] if more => {
                self.at += 1;
                let offset = self.expression()?;
                let length = if self.eat(b":") { Some(self.expression()?) } else { None };
                Change::Part { offset, length }
            }
            [b'/', after @ ..] if more => {
                let all = after.first() == Some(&b'/');
                self.at += 1 + usize::from(all);
                let at = match self.peek() {
                    Some(b'#') => Anchor::Start,
                    Some(b'%') => Anchor::End,
                    _ => Anchor::Anywhere,
                };
                self.at += usize::from(at != Anchor::Anywhere);
                let pattern = self.brace_word(false, b"/")?;
                // bash takes its quotes away also where all of it is in quotes.
                let quoted = quoted && self.dialect != Dialect::Bash;
                let with = if self.eat(b"/") { self.brace_word(quoted, b"")? } else { Word::new() };
                Change::Replace { all, at, pattern, with }
            }
            [b @ (b'^' | b','), after @ ..] if self.dialect == Dialect::Bash => {
                let (upper, all) = (*b == b'^', after.first() == Some(b));
                self.at += 1 + usize::from(all);
                Change::Case { upper, all }
            }
            _ => return Ok(None),
        }))
    }

    /// An expression up to a `:` or `}`.
    fn expression(&mut self) -> Parsed<Rc<[u8]>> {
        let start = self.at;
        let mut depth = 0_u32;
        loop {
            match self.peek() {
                None => return trouble(),
                Some(b':' | b'}') if depth == 0 => return Ok(self.text[start..self.at].into()),
                Some(b'(') => depth += 1,
                Some(b')') => depth = depth.saturating_sub(1),
                Some(b'$' | b'`') => {
                    self.dollar(&mut Word::new(), true)?;
                    continue;
                }
                _ => {}
            }
            self.next();
        }
    }

    /// The word inside `${…}`, up to its `}` or one of these.
    pub(super) fn brace_word(&mut self, quoted: bool, ends: &[u8]) -> Parsed<Word> {
        let mut word = Word::new();
        self.depth += 1;
        if self.depth > DEEPEST {
            return trouble();
        }
        loop {
            match self.peek() {
                None => return trouble(),
                Some(b) if b == b'}' || ends.contains(&b) => break,
                Some(b'\'') if !quoted => {
                    self.at += 1;
                    let text = self.single()?;
                    push_text(&mut word, &text, true);
                }
                Some(b'"') => {
                    self.at += 1;
                    push_text(&mut word, b"", true);
                    self.double(&mut word)?;
                }
                // In double quotes zsh takes it as it stands; a here-document does in every shell.
                Some(b'$')
                    if self.rest().starts_with(b"$'")
                        && (!quoted || self.dialect == Dialect::Bash && !self.is_here_document)
                        && !self.dialect.is_sh() =>
                {
                    self.at += 2;
                    let text = self.ansi()?;
                    push_text(&mut word, &text, true);
                }
                Some(b'\\') => {
                    self.at += 1;
                    match self.next() {
                        Some(b'\n') | None => {}
                        Some(b @ (b'$' | b'`' | b'"' | b'\\' | b'}')) => push_text(&mut word, &[b], true),
                        Some(b) if quoted => push_text(&mut word, &[b'\\', b], true),
                        Some(b) => push_text(&mut word, &[b], true),
                    }
                }
                Some(b'$' | b'`') => self.dollar(&mut word, quoted)?,
                Some(b) => {
                    self.next();
                    push_text(&mut word, &[b], quoted);
                }
            }
        }
        self.depth -= 1;
        Ok(word)
    }
}

/// zsh's flags that put an array in order, and their length.
fn order(flags: &[u8]) -> Option<(Change, usize)> {
    let length = flags.iter().position(|b| *b == b')').filter(|length| *length > 0)?;
    let flags = &flags[..length];
    let has = |flag: u8| flags.contains(&flag);
    let change = Change::Order { sorted: has(b'o') || has(b'O'), backwards: has(b'O'), once: has(b'u') };
    flags.iter().all(|flag| b"oOu".contains(flag)).then_some((change, length))
}
