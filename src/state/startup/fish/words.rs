//! Reads fish's words: quotes, references, substitutions.

use std::rc::Rc;

use super::parse::{DEEPEST, Parser, Piece, Word, is_meta, is_name};

impl Parser<'_> {
    pub(super) fn word(&mut self) -> Option<Word> {
        let mut word = Word::new();
        let mut braces = 0_u32;
        while let Some(b) = self.peek() {
            match b {
                b'\'' => {
                    self.at += 1;
                    push(&mut word, b"", true);
                    loop {
                        match self.next()? {
                            b'\'' => break,
                            b'\\' => match self.next()? {
                                b @ (b'\'' | b'\\') => push(&mut word, &[b], true),
                                b => push(&mut word, &[b'\\', b], true),
                            },
                            b => push(&mut word, &[b], true),
                        }
                    }
                }
                b'"' => {
                    self.at += 1;
                    push(&mut word, b"", true);
                    self.double(&mut word)?;
                }
                b'\\' => {
                    self.at += 1;
                    self.escape(&mut word)?;
                }
                b'$' if self.rest().starts_with(b"$(") => {
                    self.at += 1;
                    let text = self.inner()?;
                    word.push(Piece::Command { text, quoted: false });
                    self.index(&mut word)?;
                }
                b'(' => {
                    let text = self.inner()?;
                    word.push(Piece::Command { text, quoted: false });
                    self.index(&mut word)?;
                }
                b'$' => self.variable(&mut word, false)?,
                // Braces hold on to what would end a word.
                _ if is_meta(b) && braces > 0 => {
                    self.next();
                    word.push(Piece::Opaque);
                }
                _ if is_meta(b) => break,
                _ => {
                    self.at += 1;
                    braces = match b {
                        b'{' => braces + 1,
                        b'}' => braces.checked_sub(1)?,
                        _ => braces,
                    };
                    push(&mut word, &[b], false);
                }
            }
        }
        (braces == 0).then_some(word)
    }

    pub(super) fn escape(&mut self, word: &mut Word) -> Option<()> {
        let b = self.next()?;
        let byte = match b {
            b'\n' => return Some(()),
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'e' => 0x1b,
            b'a' => 7,
            b'b' => 8,
            b'f' => 0x0c,
            b'v' => 0x0b,
            b'x' | b'X' | b'u' | b'U' => {
                let digits = match b {
                    b'u' => 4,
                    b'U' => 8,
                    _ => 2,
                };
                let length = self.rest().iter().take(digits).take_while(|b| b.is_ascii_hexdigit()).count();
                let hex = std::str::from_utf8(&self.rest()[..length]).ok()?;
                let code = u32::from_str_radix(hex, 16).ok()?;
                self.at += length;
                match (b, u8::try_from(code)) {
                    (b'x' | b'X', Ok(byte)) => push(word, &[byte], true),
                    _ => push(word, char::from_u32(code)?.encode_utf8(&mut [0; 4]).as_bytes(), true),
                }
                return Some(());
            }
            other => other,
        };
        push(word, &[byte], true);
        Some(())
    }

    pub(super) fn double(&mut self, word: &mut Word) -> Option<()> {
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => {
                    self.at += 1;
                    match self.next()? {
                        b'\n' => {}
                        b @ (b'"' | b'$' | b'\\') => push(word, &[b], true),
                        b => push(word, &[b'\\', b], true),
                    }
                }
                b'$' if self.rest().starts_with(b"$(") => {
                    self.at += 1;
                    let text = self.inner()?;
                    word.push(Piece::Command { text, quoted: true });
                    self.index(word)?;
                }
                b'$' => self.variable(word, true)?,
                b => {
                    self.next();
                    push(word, &[b], true);
                }
            }
        }
    }

    pub(super) fn variable(&mut self, word: &mut Word, quoted: bool) -> Option<()> {
        self.at += 1;
        let length = self.rest().iter().take_while(|b| is_name(**b)).count();
        if length == 0 {
            // `$$name`; `${name}`, `$?` and the like are errors.
            if self.peek() != Some(b'$') {
                return None;
            }
            self.variable(word, quoted)?;
            let by = Box::new(word.pop()?);
            word.push(Piece::Named { by, quoted });
            return self.index(word);
        }
        let name = self.rest()[..length].to_vec();
        self.at += length;
        word.push(Piece::Variable { name, quoted });
        self.index(word)
    }

    /// `[…]` behind a list.
    pub(super) fn index(&mut self, word: &mut Word) -> Option<()> {
        if self.peek() != Some(b'[') {
            return Some(());
        }
        self.at += 1;
        let mut index = Word::new();
        loop {
            match self.peek()? {
                b']' => break,
                b'\n' => return None,
                b'"' => {
                    self.at += 1;
                    self.double(&mut index)?;
                }
                b'$' if self.rest().starts_with(b"$(") => {
                    index.push(Piece::Command { text: self.inner_behind_dollar()?, quoted: false });
                }
                b'$' => self.variable(&mut index, false)?,
                b'(' => index.push(Piece::Command { text: self.inner()?, quoted: false }),
                b => {
                    self.at += 1;
                    push(&mut index, &[b], false);
                }
            }
        }
        self.at += 1;
        let of = Box::new(word.pop()?);
        word.push(Piece::Part { of, index });
        Some(())
    }

    fn inner_behind_dollar(&mut self) -> Option<Rc<[u8]>> {
        self.at += 1;
        self.inner()
    }

    /// At `(`: the text up to its `)`.
    pub(super) fn inner(&mut self) -> Option<Rc<[u8]>> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        self.at += 1;
        let start = self.at;
        let mut depth = 1_u32;
        loop {
            match self.peek()? {
                b'\'' | b'"' => {
                    // A word of its own, so that a parenthesis in a quote does not count.
                    let quote = self.next()?;
                    loop {
                        match self.next()? {
                            b'\\' => {
                                self.next()?;
                            }
                            b if b == quote => break,
                            _ => {}
                        }
                    }
                    continue;
                }
                b'\\' => {
                    self.next();
                }
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                _ => {}
            }
            self.next();
        }
        let text = &self.text[start..self.at];
        // Its errors are those of the whole file.
        let mut inner =
            Parser { text, at: 0, line: 1, depth: self.depth, in_loop: true, redirects: None, silent: false };
        inner.block(&[])?;
        if inner.at < text.len() {
            return None;
        }
        self.at += 1;
        self.depth -= 1;
        Some(text.into())
    }
}

pub(super) fn push(word: &mut Word, more: &[u8], quote: bool) {
    match word.last_mut() {
        Some(Piece::Text { bytes, quoted }) if *quoted == quote => bytes.extend_from_slice(more),
        _ => word.push(Piece::Text { bytes: more.to_vec(), quoted: quote }),
    }
}
