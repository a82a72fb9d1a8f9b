//! The syntax of one file of git's configuration, byte for byte as git 2.47.3 reads it.
//!
//! Written by hand: the parser crates there are bring a tree of dependencies larger than hflint, and accept files that
//! git dies on. `tests/integration/git_config.rs` compares with `git config --list` over generated files.

use std::fmt;

/// One assignment.
#[derive(Clone)]
pub struct Entry {
    /// `section.key` or `section.subsection.key`; section and key in lower case, the subsection as it is.
    pub name: Vec<u8>,
    /// `None` for a key without `=`, which means "true".
    pub value: Option<Vec<u8>>,
    /// The line of the key, from 1.
    pub line: u32,
}

impl fmt::Debug for Entry {
    /// Values and the URLs in subsections can hold tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry(redacted, line {})", self.line)
    }
}

impl Entry {
    /// Section, subsection and key.
    pub fn parts(&self) -> (&[u8], Option<&[u8]>, &[u8]) {
        let dot = |b: &u8| *b == b'.';
        let first = self.name.iter().position(dot).unwrap_or(0);
        let last = self.name.iter().rposition(dot).unwrap_or(0);
        let subsection = (first < last).then(|| &self.name[first + 1..last]);
        (&self.name[..first], subsection, &self.name[last + 1..])
    }

    /// The value where it is `section.key` without a subsection; `None` inside means "no value".
    pub fn is(&self, section: &str, key: &str) -> bool {
        self.parts() == (section.as_bytes(), None, key.as_bytes())
    }
}

/// Reads a file; on a fault, the line of it: git refuses to run at all then.
pub fn parse(bytes: &[u8]) -> Result<Vec<Entry>, u32> {
    let mut reader = Reader { rest: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes), line: 1, ended: false };
    let mut entries = Vec::new();
    let mut stem: Vec<u8> = Vec::new();
    loop {
        let b = reader.next();
        match b {
            b'\n' if reader.ended => return Ok(entries),
            b if is_space(b) => {}
            b'#' | b';' => while reader.next() != b'\n' {},
            b'[' => {
                let line = reader.line;
                stem = reader.header().ok_or(line)?;
                stem.push(b'.');
            }
            b if b.is_ascii_alphabetic() => {
                let line = reader.line;
                let mut name = stem.clone();
                name.push(b.to_ascii_lowercase());
                let value = reader.value(&mut name).ok_or(line)?;
                let (name, value) = (until_nul(name), value.map(until_nul));
                // A key before the first section is read, and means nothing.
                if is_key(&name) {
                    entries.push(Entry { name, value, line });
                }
            }
            _ => return Err(reader.line),
        }
    }
}

/// What is left of bytes that C code handles as a string.
pub(super) fn until_nul(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(end) = bytes.iter().position(|&b| b == 0) {
        bytes.truncate(end);
    }
    bytes
}

/// Whether a name has a section and a key, of the letters that these may have.
pub fn is_key(name: &[u8]) -> bool {
    let Some(last) = name.iter().rposition(|&b| b == b'.').filter(|i| *i > 0) else {
        return false;
    };
    let first = name.iter().position(|&b| b == b'.').unwrap_or(last);
    let key = &name[last + 1..];
    name[..first].iter().copied().all(is_name)
        && !name[first..last].contains(&b'\n')
        && key.first().is_some_and(u8::is_ascii_alphabetic)
        && key.iter().copied().all(is_name)
}

/// git's own `isspace`: no vertical tab, no form feed.
pub(super) fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r')
}

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'-'
}

struct Reader<'a> {
    rest: &'a [u8],
    /// The line of the byte that comes next.
    line: u32,
    ended: bool,
}

impl Reader<'_> {
    /// The next byte; a line end at the end of the file, for ever. CRLF is a line end, a lone CR is not.
    fn next(&mut self) -> u8 {
        if let Some(rest) = self.rest.strip_prefix(b"\r\n") {
            self.rest = rest;
            self.line += 1;
            return b'\n';
        }
        let Some((&b, rest)) = self.rest.split_first() else {
            self.ended = true;
            return b'\n';
        };
        self.rest = rest;
        self.line += u32::from(b == b'\n');
        b
    }

    /// After `[`: `section`, `section.subsection` (in lower case) or `section "subsection"`.
    fn header(&mut self) -> Option<Vec<u8>> {
        let mut name = Vec::new();
        let mut b = loop {
            match self.next() {
                b'\n' if self.ended => return None,
                b']' => return Some(name).filter(|n| !n.is_empty()),
                b if is_space(b) => break b,
                b if is_name(b) || b == b'.' => name.push(b.to_ascii_lowercase()),
                _ => return None,
            }
        };
        while is_space(b) {
            if b == b'\n' {
                return None;
            }
            b = self.next();
        }
        if b != b'"' {
            return None;
        }
        name.push(b'.');
        loop {
            match self.next() {
                b'\n' => return None,
                b'"' => break,
                b'\\' => match self.next() {
                    b'\n' => return None,
                    b => name.push(b),
                },
                b => name.push(b),
            }
        }
        (self.next() == b']').then_some(name)
    }

    /// After a key's first letter: the rest of it, which is added to the name, and its value.
    #[allow(clippy::option_option, reason = "a fault, a key without a value, and a value")]
    fn value(&mut self, name: &mut Vec<u8>) -> Option<Option<Vec<u8>>> {
        let mut b = self.next();
        while !self.ended && is_name(b) {
            name.push(b.to_ascii_lowercase());
            b = self.next();
        }
        while matches!(b, b' ' | b'\t') {
            b = self.next();
        }
        match b {
            b'\n' => Some(None),
            b'=' => self.text().map(Some),
            _ => None,
        }
    }

    /// After `=`: to the end of the line, or of the last of its continuation lines.
    fn text(&mut self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let (mut quoted, mut comment) = (false, false);
        // Where white space began that is dropped if nothing follows it.
        let mut end = None;
        loop {
            let b = self.next();
            match b {
                b'\n' if quoted => return None,
                b'\n' => {
                    out.truncate(end.unwrap_or(out.len()));
                    return Some(out);
                }
                _ if comment => {}
                b if is_space(b) && !quoted => {
                    if !out.is_empty() {
                        end = end.or(Some(out.len()));
                        out.push(b);
                    }
                }
                b'#' | b';' if !quoted => comment = true,
                _ => {
                    end = None;
                    match b {
                        b'\\' => match self.next() {
                            b'\n' => {}
                            b't' => out.push(b'\t'),
                            b'b' => out.push(8),
                            b'n' => out.push(b'\n'),
                            b @ (b'\\' | b'"') => out.push(b),
                            _ => return None,
                        },
                        b'"' => quoted = !quoted,
                        b => out.push(b),
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<Vec<(String, Option<String>, u32)>, u32> {
        let string = |b: Vec<u8>| String::from_utf8(b).unwrap();
        let entries = parse(text.as_bytes())?;
        Ok(entries.into_iter().map(|e| (string(e.name), e.value.map(string), e.line)).collect())
    }

    fn one(text: &str) -> (String, Option<String>, u32) {
        list(text).unwrap().pop().unwrap()
    }

    #[test]
    fn names_and_values() {
        for (text, name, value) in [
            ("[a]\nK = v", "a.k", Some("v")),
            ("\u{feff}[A.B]k=v", "a.b.k", Some("v")),
            ("[a \"B\\\"\\c.d\"]\n\tk = v", "a.B\"c.d.k", Some("v")),
            ("[a]\nk", "a.k", None),
            ("[a]\nk =", "a.k", Some("")),
            ("[a]\nk = \" v\" w\t x  # c", "a.k", Some(" v w\t x")),
            ("[a]\nk = a#b\"#;\"", "a.k", Some("a")),
            ("[a]\r\nk = \\\"\\\\\\t\\\r\n  b\r\n", "a.k", Some("\"\\\t  b")),
            ("[a]\nk = v\0w", "a.k", Some("v")),
        ] {
            assert_eq!(one(text).0, name, "{text:?}");
            assert_eq!(one(text).1.as_deref(), value, "{text:?}");
        }
    }

    #[test]
    fn lines_are_those_of_the_keys() {
        let read = list("[a]\n\nk = 1 \\\n 2\n# c\n[b] l = 2\n").unwrap();
        assert_eq!(read.iter().map(|e| e.2).collect::<Vec<_>>(), [3, 6]);
    }

    #[test]
    fn what_git_dies_on() {
        for (text, line) in [
            ("[a]\nk_l = v", 2),
            ("[a]\n1 = v", 2),
            ("[a]\nk = \"v", 2),
            ("[a]\nk = \\x", 2),
            ("[a\nk = v", 1),
            ("[a b]\n", 1),
            ("[a \"b\n\"]", 1),
            ("[a_b]\n", 1),
            ("[]\n", 1),
        ] {
            assert_eq!(list(text), Err(line), "{text:?}");
        }
    }

    #[test]
    fn keys_without_a_section_mean_nothing() {
        assert_eq!(list("k = v\n[a]\nm = v\n").unwrap().len(), 1);
    }

    #[test]
    fn parts_of_a_name() {
        let entry = &parse(b"[http \"https://h.x/\"]\nextraHeader = v\n").unwrap()[0];
        assert_eq!(entry.parts(), (&b"http"[..], Some(&b"https://h.x/"[..]), &b"extraheader"[..]));
        assert!(parse(b"[http]\nk = v").unwrap()[0].is("http", "k"));
    }
}
