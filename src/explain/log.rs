//! A log as it was meant to be read: text of any encoding, without colours, bars of progress and secrets.

use std::borrow::Cow;

use super::redact::redact;
use crate::secret::Token;

/// A log, cleaned.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// The text, without secrets and without empty lines; each line ends in a line feed.
    pub(crate) text: String,
    /// The line of the input, counted from 1, of each line of the text.
    numbers: Vec<u32>,
    /// The text in lower case without white space, quotes, backslashes and frames, so that a terminal may have wrapped
    /// it anywhere.
    pub(crate) squeezed: Vec<u8>,
    /// Where in the squeezed text each line of the text begins.
    begins: Vec<usize>,
    /// How many secrets were masked.
    pub(crate) redacted: usize,
    /// Tokens of the hub among them.
    pub(crate) tokens: Vec<Token>,
}

impl Log {
    /// Cleans a log. What is no text comes out empty.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let Some(plain) = decode(bytes) else { return Self::default() };
        let (plain, numbers) = strip(&plain);
        let clean = redact(&plain);
        drop(plain);
        let text = String::from_utf8(clean.text).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
        let mut log = Self { text, numbers, redacted: clean.count, tokens: clean.tokens, ..Self::default() };
        log.squeeze();
        log
    }

    fn squeeze(&mut self) {
        // As long as the text to begin with: byte by byte, a push that may have to grow costs more than all else here.
        self.squeezed = vec![0; self.text.len()];
        let mut end = 0;
        for line in self.text.lines() {
            self.begins.push(end);
            // Frames of tables and rich tracebacks, quotation marks of mails and threads.
            let line = line.trim_start().trim_start_matches(['|', '>']).trim_end().trim_end_matches('|');
            if line.is_ascii() {
                let out = &mut self.squeezed[end..end + line.len()];
                let mut length = 0;
                for byte in line.bytes() {
                    out[length] = byte.to_ascii_lowercase();
                    length += usize::from(!matches!(byte, b' ' | b'\t' | b'\x0c' | b'\'' | b'"' | b'`' | b'\\'));
                }
                end += length;
                continue;
            }
            for c in line.chars() {
                let frame = matches!(c, '\u{2500}'..='\u{259f}' | '❱' | '\u{fffd}');
                if frame || c.is_whitespace() || matches!(c, '\'' | '"' | '`' | '\\' | '‘' | '’' | '“' | '”') {
                    continue;
                }
                end += c.to_ascii_lowercase().encode_utf8(&mut self.squeezed[end..]).len();
            }
        }
        self.squeezed.truncate(end);
    }

    /// The line of the input at an offset of the squeezed text.
    pub(crate) fn line_at(&self, offset: usize) -> u32 {
        let index = self.begins.partition_point(|b| *b <= offset).saturating_sub(1);
        self.number(index)
    }

    /// A line of the text, counted from 0, squeezed.
    pub(crate) fn squeezed_line(&self, index: usize) -> &[u8] {
        let end = self.begins.get(index + 1).copied().unwrap_or(self.squeezed.len());
        self.begins.get(index).and_then(|begin| self.squeezed.get(*begin..end)).unwrap_or_default()
    }

    /// The line of the first token of the hub.
    pub(crate) fn token_line(&self) -> Option<u32> {
        if self.tokens.is_empty() {
            return None;
        }
        self.text.lines().position(|l| l.contains("hf_****")).map(|index| self.number(index))
    }

    /// The line of the input of a line of the text, both counted from their own beginning: 0 there, 1 here.
    pub(crate) fn number(&self, index: usize) -> u32 {
        self.numbers.get(index).or(self.numbers.last()).copied().unwrap_or(1)
    }
}

/// UTF-8 with what is broken replaced, UTF-16 by its mark or by its zeros (PowerShell's `>`); `None` for what is no text.
fn decode(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let head = &bytes[..bytes.len().min(4096)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let wide = head.len() / 4;
    let utf16 = match bytes {
        [0xff, 0xfe, ..] => Some(false),
        [0xfe, 0xff, ..] => Some(true),
        _ if wide > 4 && zeros(1) > wide && zeros(0) == 0 => Some(false),
        _ if wide > 4 && zeros(0) > wide && zeros(1) == 0 => Some(true),
        _ => None,
    };
    if let Some(big) = utf16 {
        let units = bytes.chunks_exact(2).map(|pair| {
            let pair = [pair[0], pair[1]];
            if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
        });
        let text = char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}'));
        return Some(Cow::Owned(text.collect::<String>().into_bytes()));
    }
    // Programs, archives and images: control characters that no terminal is sent, in their first pages.
    let odd = head.iter().filter(|b| matches!(b, 0..=6 | 14..=26 | 28..=31 | 127)).count();
    (odd * 20 <= head.len()).then_some(Cow::Borrowed(bytes))
}

/// Takes colours and bars of progress out; gives the line of the input of each line that is left.
fn strip(bytes: &[u8]) -> (Vec<u8>, Vec<u32>) {
    let mut out = Vec::with_capacity(bytes.len() + 1);
    let mut numbers = Vec::with_capacity(bytes.len() / 60);
    let mut number = 1;
    let mut begin = 0;
    let mut end = |out: &mut Vec<u8>, number: u32, begin: &mut usize| {
        if let Some(bar) = bar(&out[*begin..]) {
            out.drain(*begin..*begin + bar);
        }
        // A line without anything has nothing to say, and costs as much as one with.
        if out.len() == *begin {
            return;
        }
        out.push(b'\n');
        numbers.push(number);
        *begin = out.len();
    };
    let mut at = 0;
    while at < bytes.len() {
        // What stands between two bytes of meaning is copied in one piece.
        let plain =
            bytes[at..].iter().position(|b| matches!(b, 0..=8 | b'\n' | b'\r' | 0x1b)).unwrap_or(bytes.len() - at);
        out.extend_from_slice(&bytes[at..at + plain]);
        at += plain;
        let Some(byte) = bytes.get(at) else { break };
        at += 1;
        match byte {
            b'\n' => {
                end(&mut out, number, &mut begin);
                number = number.saturating_add(1);
            }
            // A bar writes over itself: what follows is a line of its own.
            b'\r' if bytes.get(at) != Some(&b'\n') && out.len() > begin => end(&mut out, number, &mut begin),
            0x1b => at += escape(&bytes[at..]),
            8 if out.len() > begin => {
                out.pop();
            }
            _ => {}
        }
    }
    if out.len() > begin {
        end(&mut out, number, &mut begin);
    }
    (out, numbers)
}

/// The length of what follows an escape character.
fn escape(rest: &[u8]) -> usize {
    match rest.first() {
        Some(b'[') => {
            let parameters = rest[1..].iter().take(64).take_while(|b| matches!(b, 0x20..=0x3f)).count();
            (parameters + 2).min(rest.len())
        }
        // A title or a link: up to BEL or ESC \.
        Some(b']') => {
            let text = rest.iter().take(4096).position(|b| matches!(b, 7 | 0x1b));
            match text {
                Some(n) if rest[n] == 0x1b => (n + 2).min(rest.len()),
                Some(n) => n + 1,
                None => 1,
            }
        }
        Some(b'(' | b')') => 2.min(rest.len()),
        Some(_) => 1,
        None => 0,
    }
}

/// The length of tqdm's bar at the beginning of a line: up to the bracket that closes its numbers, else the whole line.
fn bar(line: &[u8]) -> Option<usize> {
    let percent = line.windows(2).position(|w| w == b"%|")?;
    let close = line[percent..].iter().position(|b| *b == b']').map_or(line.len(), |n| percent + n + 1);
    Some(close)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_bars_and_line_ends_go_and_lines_keep_their_numbers() {
        let log = Log::new(
            b"\x1b[1mone\x1b[0m\r\n  5%|x| 1/9 [0<1]\r 10%|xx| 2/9 [0<1]\rtwo\n\x1b]8;;http://x\x1b\\thr\x08ree\x07",
        );
        assert_eq!(log.text, "one\ntwo\nthree\n");
        assert_eq!(log.numbers, [1, 2, 3]);
        assert_eq!(log.squeezed, b"onetwothree");
        assert_eq!((log.line_at(0), log.line_at(3), log.line_at(6)), (1, 2, 3));
    }

    #[test]
    fn frames_quotes_and_wraps_are_squeezed_out() {
        let log = Log::new("│ Invalid `cre │\n│ dentials' ”In” │\n> a\\\"b |\n".as_bytes());
        assert_eq!(String::from_utf8(log.squeezed).unwrap(), "invalidcredentialsinab");
    }

    #[test]
    fn other_encodings() {
        let utf16: Vec<u8> = "\u{feff}401 Client\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(Log::new(&utf16).text.contains("401 Client"));
        assert!(Log::new(&utf16[2..]).text.contains("401 Client"));
        assert!(Log::new(&[b"\x7fELF\x02\x01\x01\0\0\0\0\0".as_slice(), &[0; 100]].concat()).text.is_empty());
        assert!(Log::new(b"").text.is_empty());
        assert!(Log::new(b"caf\xe9 401").text.contains("401"));
    }
}
