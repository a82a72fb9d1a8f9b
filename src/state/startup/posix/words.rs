//! Reads words: quotes, references, substitutions.

use std::rc::Rc;

use super::Dialect;
use super::parse::{DEEPEST, Parsed, Parser, is_meta, name_length, trouble, wrong};
use super::syntax::{Assigned, Assignment, Piece, Word};

impl Parser<'_> {
    /// The right side of `=~`, where parentheses and bars do not end a word, and blanks do not in parentheses.
    pub(super) fn regular_expression(&mut self) -> Parsed<Word> {
        let mut word = self.word()?;
        let mut depth = 0_u32;
        while let Some(b) = self.peek() {
            match b {
                b'\n' => break,
                b' ' | b'\t' | b')' if depth == 0 => break,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            push_text(&mut word, &[b], false);
            word.append(&mut self.word()?);
        }
        Ok(word)
    }

    /// The right side of `==` in `[[ … ]]`, where parentheses and bars do not end a word.
    pub(super) fn pattern(&mut self) -> Parsed<Word> {
        let word = self.word()?;
        if matches!(self.peek(), None | Some(b' ' | b'\t' | b'\n')) || self.rest().starts_with(b"&&") {
            return Ok(word);
        }
        let mut depth = 0_u32;
        loop {
            match self.peek() {
                None => return trouble(),
                Some(b' ' | b'\t' | b'\n') if depth == 0 => return Ok(vec![Piece::Opaque]),
                Some(b'(') => depth += 1,
                Some(b')') => depth = depth.saturating_sub(1),
                Some(b'\\') => {
                    self.next();
                }
                _ => {}
            }
            self.next();
        }
    }

    /// `NAME=`, `NAME+=`, `NAME[…]=`
    pub(super) fn assignment(&mut self) -> Parsed<Option<Assignment>> {
        let length = name_length(self.rest());
        if length == 0 {
            return Ok(None);
        }
        let (at, line) = (self.at, self.line);
        let name = self.rest()[..length].to_vec();
        self.at += length;
        let dash = self.dialect == Dialect::Dash;
        let element = self.peek() == Some(b'[') && !dash;
        if element && self.until_close(b'[', b']').is_err() {
            (self.at, self.line) = (at, line);
            return Ok(None);
        }
        let index: Option<Rc<[u8]>> = element.then(|| self.text[at + length + 1..self.at - 1].into());
        let append = !dash && self.eat(b"+=");
        if !append && !self.eat(b"=") {
            (self.at, self.line) = (at, line);
            return Ok(None);
        }
        if self.peek() == Some(b'(') {
            if dash {
                return wrong();
            }
            let value = Assigned::Array(self.array()?);
            return Ok(Some(Assignment { name, append, value }));
        }
        let word = self.word()?;
        let value = match index {
            Some(index) => Assigned::Element { index, word },
            None => Assigned::Word(word),
        };
        Ok(Some(Assignment { name, append, value }))
    }

    /// `(…)`, the elements of an array.
    fn array(&mut self) -> Parsed<Vec<Word>> {
        let (at, line) = (self.at, self.line);
        self.at += 1;
        let mut words = Vec::new();
        loop {
            self.newlines();
            if self.eat(b")") {
                return Ok(words);
            }
            let Ok(word) = self.some_word() else {
                (self.at, self.line) = (at, line);
                self.until_close(b'(', b')')?;
                return Ok(vec![vec![Piece::Opaque]]);
            };
            words.push(word);
        }
    }

    /// From an opening character behind its closing one; quotes, comments and nesting inside are respected. In braces a
    /// `$` is passed over, since who looks for their end has read them before: each level would be read twice as often
    /// as the one around it.
    pub(super) fn until_close(&mut self, open: u8, close: u8) -> Parsed<()> {
        let mut depth = 0_u32;
        let mut fresh = true;
        loop {
            let Some(b) = self.peek() else { return trouble() };
            let was_fresh = std::mem::replace(&mut fresh, matches!(b, b' ' | b'\t' | b'\n'));
            match b {
                b'\'' => {
                    self.at += 1;
                    self.single()?;
                    continue;
                }
                b'"' => {
                    self.at += 1;
                    self.double(&mut Vec::new())?;
                    continue;
                }
                b'\\' => {
                    self.next();
                }
                b'#' if was_fresh && open == b'(' => {
                    self.blanks();
                    continue;
                }
                b'$' | b'`' if open != b'{' => {
                    self.dollar(&mut Vec::new(), false)?;
                    continue;
                }
                _ if b == open => depth += 1,
                _ if b == close => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return Ok(());
                    }
                }
                _ => {}
            }
            self.next();
        }
    }

    /// A word that must stand here.
    pub(super) fn some_word(&mut self) -> Parsed<Word> {
        let before = self.at;
        let word = self.word()?;
        if self.at == before { trouble() } else { Ok(word) }
    }

    /// A word; empty where none stands here.
    pub(super) fn word(&mut self) -> Parsed<Word> {
        let mut word = Word::new();
        while let Some(b) = self.peek() {
            match b {
                b'\'' => {
                    self.at += 1;
                    let text = self.single()?;
                    push_text(&mut word, &text, true);
                }
                b'"' => {
                    self.at += 1;
                    push_text(&mut word, b"", true);
                    self.double(&mut word)?;
                }
                b'\\' => {
                    self.at += 1;
                    match self.next() {
                        Some(b'\n') => {}
                        Some(b) => push_text(&mut word, &[b], true),
                        None => push_text(&mut word, b"\\", true),
                    }
                }
                b'$' if self.rest().starts_with(b"$'") && self.dialect != Dialect::Dash => {
                    self.at += 2;
                    let text = self.ansi()?;
                    push_text(&mut word, &text, true);
                }
                b'$' if self.rest().starts_with(b"$\"") && self.dialect == Dialect::Bash => {
                    self.at += 2;
                    push_text(&mut word, b"", true);
                    self.double(&mut word)?;
                }
                b'$' | b'`' => self.dollar(&mut word, false)?,
                b'<' | b'>' if self.rest().get(1) == Some(&b'(') && self.dialect != Dialect::Dash => {
                    self.at += 2;
                    let (text, line) = self.inner()?;
                    word.push(if b == b'<' { Piece::Process { text, line } } else { Piece::Opaque });
                }
                // zsh: `=(…)`, the name of a file that holds what was printed.
                b'=' if self.dialect == Dialect::Zsh && word.is_empty() && self.rest().get(1) == Some(&b'(') => {
                    self.at += 2;
                    let (text, line) = self.inner()?;
                    word.push(Piece::Process { text, line });
                }
                b'<' if self.at_numbers() => {
                    let length = self.rest().iter().position(|b| *b == b'>').map_or(0, |at| at + 1);
                    let text = self.rest()[..length].to_vec();
                    self.at += length;
                    push_text(&mut word, &text, false);
                }
                b'(' if Self::opens_array(&word) && self.dialect != Dialect::Dash => {
                    let elements = self.array()?;
                    word.push(Piece::Array(elements));
                }
                // `@(a|b)`
                b'(' if self.extglob && Self::opens_group(&word) => {
                    let start = self.at;
                    self.until_close(b'(', b')')?;
                    let text = self.text[start..self.at].to_vec();
                    push_text(&mut word, &text, false);
                }
                b'(' if self.dialect == Dialect::Zsh && !self.rest().starts_with(b"()") => {
                    let start = self.at;
                    self.until_close(b'(', b')')?;
                    let text = self.text[start..self.at].to_vec();
                    push_text(&mut word, &text, false);
                }
                _ if is_meta(b) => break,
                // A line of a file with DOS line ends; the shell takes it as part of the word.
                _ => {
                    let start = self.at;
                    self.at += 1;
                    self.at += self.rest().iter().take_while(|b| is_plain(**b)).count();
                    push_text(&mut word, &self.text[start..self.at], false);
                }
            }
        }
        Ok(word)
    }

    /// zsh: a `}` at the end of a word that opened none stands by itself and ends the group (`{echo a}`, `return 1}`; zsh 5.9,
    /// `gettokstr` in lex.c).
    pub(super) fn give_back_brace(&mut self, word: &mut Word) {
        let plain = word.iter().filter_map(|piece| match piece {
            Piece::Text { bytes, quoted: false } => Some(bytes),
            _ => None,
        });
        let mut open = 0_u32;
        let mut unopened = false;
        for b in plain.flatten() {
            unopened = *b == b'}' && open == 0;
            match b {
                b'{' => open += 1,
                b'}' => open = open.saturating_sub(1),
                _ => {}
            }
        }
        let alone = word.len() == 1;
        if let Some(Piece::Text { bytes, quoted: false }) = word.last_mut()
            && unopened
            && self.text[..self.at].ends_with(b"}")
            && (!alone || bytes.len() > 1)
        {
            bytes.pop();
            let empty = bytes.is_empty();
            if empty {
                word.pop();
            }
            self.at -= 1;
        }
    }

    /// `declare -a NAME=(…)`
    pub(super) fn opens_array(word: &Word) -> bool {
        let [Piece::Text { bytes, quoted: false }] = word.as_slice() else { return false };
        let name = name_length(bytes);
        name > 0 && matches!(&bytes[name..], b"=" | b"+=")
    }

    fn opens_group(word: &Word) -> bool {
        matches!(word.last(), Some(Piece::Text { bytes, quoted: false })
            if matches!(bytes.last(), Some(b'@' | b'!' | b'*' | b'+' | b'?')))
    }

    /// Behind `'`.
    pub(super) fn single(&mut self) -> Parsed<Vec<u8>> {
        let Some(length) = self.rest().iter().position(|b| *b == b'\'') else {
            while self.next().is_some() {}
            return trouble();
        };
        let text = self.rest()[..length].to_vec();
        self.skip(length);
        self.at += 1;
        Ok(text)
    }

    /// Behind so many bytes, lines counted.
    fn skip(&mut self, length: usize) {
        for _ in 0..length {
            self.next();
        }
    }

    /// Behind `$'`.
    pub(super) fn ansi(&mut self) -> Parsed<Vec<u8>> {
        let mut out = Vec::new();
        loop {
            match self.next() {
                None => return trouble(),
                Some(b'\'') => return Ok(out),
                Some(b'\\') => {
                    let Some(b) = self.next() else { return trouble() };
                    match b {
                        b'n' => out.push(b'\n'),
                        b't' => out.push(b'\t'),
                        b'r' => out.push(b'\r'),
                        b'a' => out.push(7),
                        b'b' => out.push(8),
                        b'e' | b'E' => out.push(0x1b),
                        b'f' => out.push(0x0c),
                        b'v' => out.push(0x0b),
                        b'x' => out.push(self.number(16, 2)),
                        b'0'..=b'7' => {
                            self.at -= 1;
                            let byte = self.number(8, 3);
                            out.push(byte);
                        }
                        b'u' | b'U' => {
                            let digits = if b == b'u' { 4 } else { 8 };
                            let hex: Vec<u8> = self
                                .rest()
                                .iter()
                                .take(digits)
                                .take_while(|b| b.is_ascii_hexdigit())
                                .copied()
                                .collect();
                            self.at += hex.len();
                            let code = std::str::from_utf8(&hex).ok().and_then(|h| u32::from_str_radix(h, 16).ok());
                            let character = code.and_then(char::from_u32).unwrap_or('\u{fffd}');
                            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                        }
                        b'\\' | b'\'' | b'"' | b'?' => out.push(b),
                        _ => out.extend_from_slice(&[b'\\', b]),
                    }
                }
                Some(b) => out.push(b),
            }
        }
    }

    pub(super) fn number(&mut self, radix: u32, digits: usize) -> u8 {
        let mut value = 0_u32;
        for _ in 0..digits {
            let Some(digit) = self.peek().and_then(|b| char::from(b).to_digit(radix)) else { break };
            value = value * radix + digit;
            self.at += 1;
        }
        u8::try_from(value & 0xff).unwrap_or(0)
    }

    /// The text of a here-document as a word.
    pub(super) fn here_document(&self, text: &[u8], line: u32) -> Word {
        let mut parser = Parser {
            depth: self.depth,
            extglob: self.extglob,
            is_here_document: true,
            ..Parser::new(text, line, self.dialect)
        };
        let mut word = Word::new();
        while let Some(b) = parser.peek() {
            let read = match b {
                b'\\' => {
                    parser.at += 1;
                    match parser.next() {
                        Some(b'\n') | None => {}
                        Some(b @ (b'$' | b'`' | b'\\')) => push_text(&mut word, &[b], true),
                        Some(b) => push_text(&mut word, &[b'\\', b], true),
                    }
                    Ok(())
                }
                b'$' | b'`' => parser.dollar(&mut word, true),
                b => {
                    parser.next();
                    push_text(&mut word, &[b], true);
                    Ok(())
                }
            };
            if read.is_err() {
                return vec![Piece::Opaque];
            }
        }
        word
    }

    /// Behind `"`.
    pub(super) fn double(&mut self, word: &mut Word) -> Parsed<()> {
        loop {
            match self.peek() {
                None => return trouble(),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    match self.next() {
                        Some(b'\n') => {}
                        Some(b @ (b'$' | b'`' | b'"' | b'\\')) => push_text(word, &[b], true),
                        Some(b) => push_text(word, &[b'\\', b], true),
                        None => return trouble(),
                    }
                }
                Some(b'$' | b'`') => self.dollar(word, true)?,
                Some(_) => {
                    let start = self.at;
                    let ends = |b: &u8| matches!(b, b'"' | b'\\' | b'$' | b'`');
                    self.skip(self.rest().iter().position(ends).unwrap_or(self.rest().len()));
                    push_text(word, &self.text[start..self.at], true);
                }
            }
        }
    }

    /// `$(`, `$((` and `<(` are behind us: the text up to the `)` that closes it.
    pub(super) fn inner(&mut self) -> Parsed<(Rc<[u8]>, u32)> {
        let (start, line) = (self.at, self.line);
        let here = std::mem::take(&mut self.here);
        self.depth += 1;
        if self.depth > DEEPEST {
            return trouble();
        }
        self.list(&[])?;
        self.depth -= 1;
        self.here = here;
        let text = self.text[start..self.at].into();
        if self.eat(b")") { Ok((text, line)) } else { trouble() }
    }

    /// Behind `((`: the text up to `))`; `None` where it is no arithmetic.
    pub(super) fn arithmetic(&mut self) -> Option<Rc<[u8]>> {
        let start = self.at;
        let mut depth = 0_u32;
        loop {
            match self.rest() {
                [b')', b')', ..] if depth == 0 => {
                    let text = self.text[start..self.at].into();
                    self.at += 2;
                    return Some(text);
                }
                [b')', ..] => depth = depth.checked_sub(1)?,
                [b'(', ..] => depth += 1,
                [] => return None,
                _ => {}
            }
            self.next();
        }
    }
}

/// Stands for itself wherever it stands in a word, but for zsh's `=` at its start.
pub(super) fn is_plain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'/' | b'.' | b',' | b':' | b'=' | b'+' | b'@' | b'%')
}

pub(super) fn push_text(word: &mut Word, more: &[u8], quote: bool) {
    if let Some(Piece::Text { bytes, quoted }) = word.last_mut()
        && *quoted == quote
    {
        bytes.extend_from_slice(more);
        return;
    }
    word.push(Piece::Text { bytes: more.to_vec(), quoted: quote });
}
