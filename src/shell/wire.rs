//! Directives: what the binary tells the shell script, which evaluates none of it.
//!
//! A version line, then records of three lines: operation, A, B. Every byte outside a small alphabet is `%XX`, so no
//! record can hold a line end, a glob or a quote. The script knows which names it may touch.

use std::fmt::Write as _;

/// The first line: which form of records follows.
pub const VERSION: &str = "hflint1";

/// The records of one answer.
#[derive(Debug)]
pub struct Directives {
    text: String,
}

impl Default for Directives {
    fn default() -> Self {
        Self { text: format!("{VERSION}\n") }
    }
}

impl Directives {
    /// A file to watch, and what it is compared with: a stamp of the same age, or its own change time.
    pub fn watch(&mut self, path: &[u8], stamp: &[u8]) {
        self.record("w", path, stamp);
    }

    /// A path where there is no file yet.
    pub fn absent(&mut self, path: &[u8]) {
        self.record("a", path, b"");
    }

    /// A watched file may change again within the same tick of the clock: look again at the next prompt.
    pub fn racy(&mut self) {
        self.record("r", b"", b"");
    }

    /// The segment for the person's own prompt.
    pub fn segment(&mut self, text: &str) {
        self.record("p", text.as_bytes(), b"");
    }

    /// One line for the person.
    pub fn message(&mut self, text: &str) {
        self.record("m", text.as_bytes(), b"");
    }

    /// Remembers what was there, then exports a value; never a token.
    pub fn set(&mut self, name: &str, value: &[u8]) {
        self.record("+", name.as_bytes(), value);
    }

    /// Remembers what was there, then unsets.
    pub fn unset(&mut self, name: &str) {
        self.record("-", name.as_bytes(), b"");
    }

    /// Remembers what was there, then exports what a file holds.
    pub fn read(&mut self, name: &str, path: &[u8]) {
        self.record("f", name.as_bytes(), path);
    }

    /// Leaves a project: what was remembered comes back, and where nothing was, these names go.
    pub fn leave(&mut self, names: &str) {
        self.record("u", b"", names.as_bytes());
    }

    /// The whole answer.
    pub fn finish(self) -> String {
        self.text
    }

    fn record(&mut self, operation: &str, a: &[u8], b: &[u8]) {
        let _ = writeln!(self.text, "{operation}\n{}\n{}", encode(a), encode(b));
    }
}

/// `-` for nothing; a lone `-` is written `%2D`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    match bytes {
        b"" => "-".to_owned(),
        b"-" => "%2D".to_owned(),
        _ => bytes.iter().fold(String::with_capacity(bytes.len()), |mut out, &b| {
            if b.is_ascii_alphanumeric() || b"/._-+,:@= ".contains(&b) {
                out.push(char::from(b));
            } else {
                let _ = write!(out, "%{b:02X}");
            }
            out
        }),
    }
}

/// What [`encode`] was given; `None` for anything that it does not write.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    if text == "-" {
        return Some(Vec::new());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&b, after)) = rest.split_first() {
        if b == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            out.push(b);
            rest = after;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_read_back() {
        for bytes in [&b""[..], b"-", b"--", b"a b%\n\xff", "é".as_bytes()] {
            assert_eq!(decode(&encode(bytes)).as_deref(), Some(bytes));
        }
        for text in ["%", "%4", "%zz", "%+1"] {
            assert!(decode(text).is_none_or(|b| encode(&b) != text), "{text}");
        }
    }

    #[test]
    fn nothing_can_leave_its_line() {
        let mut d = Directives::default();
        d.watch(b"/a b/\n$(x)", b"-");
        d.absent("/é".as_bytes());
        assert_eq!(d.finish(), "hflint1\nw\n/a b/%0A%24%28x%29\n%2D\na\n/%C3%A9\n-\n");
    }
}
