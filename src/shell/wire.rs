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

    /// One line for the person: once, or at every prompt while this answer stands.
    pub fn message(&mut self, text: &str, always: bool) {
        self.record("m", text.as_bytes(), if always { b"always" } else { b"" });
    }

    /// Remember what was there, then export; a path, never a token.
    pub fn export(&mut self, name: &str, value: &[u8]) {
        self.record("+", name.as_bytes(), value);
    }

    /// Remember what was there, then unset.
    pub fn hide(&mut self, name: &str) {
        self.record("-", name.as_bytes(), b"");
    }

    /// Export the first line of a file as `HF_TOKEN`.
    pub fn export_token(&mut self, path: &[u8]) {
        self.record("f", b"HF_TOKEN", path);
    }

    /// Export the first line of a file for good, in place of what `unset` just took away.
    pub fn replace(&mut self, name: &str, path: &[u8]) {
        self.record("t", name.as_bytes(), path);
    }

    /// Put back what was remembered; the names are unset where nothing is.
    pub fn leave(&mut self, names: &[String]) {
        self.record("u", b"", names.join(",").as_bytes());
    }

    /// Unset for good, the value kept by the shell under the number of the fix.
    pub fn unset(&mut self, name: &str, id: u64) {
        self.record("x", name.as_bytes(), id.to_string().as_bytes());
    }

    /// Bring back what `unset` of that number took away in this shell.
    pub fn bring_back(&mut self, name: &str, id: u64) {
        self.record("b", name.as_bytes(), id.to_string().as_bytes());
    }

    /// Whether there is anything to do.
    pub fn is_empty(&self) -> bool {
        self.text.len() == VERSION.len() + 1
    }

    /// The whole answer.
    pub fn finish(self) -> String {
        self.text
    }

    fn record(&mut self, operation: &str, a: &[u8], b: &[u8]) {
        self.text.push_str(operation);
        for part in [a, b] {
            self.text.push('\n');
            encode_into(&mut self.text, part);
        }
        self.text.push('\n');
    }
}

/// `-` for nothing; a lone `-` is written `%2D`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    encode_into(&mut out, bytes);
    out
}

fn encode_into(out: &mut String, bytes: &[u8]) {
    match bytes {
        b"" => out.push('-'),
        b"-" => out.push_str("%2D"),
        _ => {
            // Whole stretches at once: nearly every path is one.
            let mut rest = bytes;
            while !rest.is_empty() {
                let end = rest.iter().position(|&b| !is_plain(b)).unwrap_or(rest.len());
                out.push_str(std::str::from_utf8(&rest[..end]).unwrap_or_default());
                rest = &rest[end..];
                if let Some((b, after)) = rest.split_first() {
                    let _ = write!(out, "%{b:02X}");
                    rest = after;
                }
            }
        }
    }
}

/// The bytes that stand for themselves.
fn is_plain(b: u8) -> bool {
    matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' | b'+' | b',' | b':' | b'@' | b'=' | b' ')
}

/// The bytes of an encoded text; `None` where it is none.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    if text == "-" {
        return Some(Vec::new());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            out.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        } else {
            out.push(*first);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_can_be_decoded() {
        for bytes in [&b""[..], b"-", b"/a b\n%41\xff", "/é".as_bytes()] {
            assert_eq!(decode(&encode(bytes)).as_deref(), Some(bytes));
        }
        for broken in ["%", "%4", "%zz", "%é"] {
            assert_eq!(decode(broken), None);
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
