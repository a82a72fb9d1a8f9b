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

    /// The whole answer.
    pub fn finish(self) -> String {
        self.text
    }

    fn record(&mut self, operation: &str, a: &[u8], b: &[u8]) {
        let _ = writeln!(self.text, "{operation}\n{}\n{}", encode(a), encode(b));
    }
}

/// `-` for nothing; a lone `-` is written `%2D`.
fn encode(bytes: &[u8]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_can_leave_its_line() {
        let mut d = Directives::default();
        d.watch(b"/a b/\n$(x)", b"-");
        d.absent("/é".as_bytes());
        assert_eq!(d.finish(), "hflint1\nw\n/a b/%0A%24%28x%29\n%2D\na\n/%C3%A9\n-\n");
    }
}
