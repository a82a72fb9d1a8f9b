//! How Python's text mode turns a file into characters (3.11: `TextIOWrapper`, universal newlines).

use std::ffi::OsStr;

use super::System;

/// Bytes are decoded in pieces of this size, so a fault far down does not stop what was read before it.
const CHUNK: usize = 8192;

/// The characters of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// With LF line ends; up to the piece that does not decode, where there is one.
    pub text: String,
    /// Whether reading on raises UnicodeDecodeError.
    pub broken: bool,
}

impl Text {
    /// UTF-8, strict. A sequence cut off by hflint's own limit (`truncated`) is no fault of the file.
    pub fn utf8(bytes: &[u8], truncated: bool) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { text: universal_newlines(text), broken: false },
            Err(e) if truncated && e.error_len().is_none() => {
                Self { text: universal_newlines(&String::from_utf8_lossy(&bytes[..e.valid_up_to()])), broken: false }
            }
            Err(e) => {
                let at = e.valid_up_to();
                // What shows at the end of the file only is in no piece.
                let shown = e.error_len().map_or(bytes.len(), |len| shown_at(bytes, at, len));
                let end = if shown == bytes.len() { at } else { (shown / CHUNK * CHUNK).min(at) };
                Self::up_to(&bytes[..end])
            }
        }
    }

    /// The whole pieces before the one that raises.
    fn up_to(pieces: &[u8]) -> Self {
        // A piece may end inside a character, which then waits for the next piece; so does a CR, for its LF.
        let whole = std::str::from_utf8(pieces).map_or_else(|e| e.valid_up_to(), str::len);
        let text = String::from_utf8_lossy(&pieces[..whole]);
        Self { text: universal_newlines(text.strip_suffix('\r').unwrap_or(&text)), broken: true }
    }

    /// The interpreter's own encoding: what `open` takes where none is named.
    pub fn python(system: &dyn System, bytes: &[u8], truncated: bool) -> Self {
        match bytes.iter().position(|b| !b.is_ascii()) {
            Some(bad) if ascii_only(system) => Self::up_to(&bytes[..bad / CHUNK * CHUNK]),
            _ => Self::utf8(bytes, truncated),
        }
    }

    /// The lines that iteration yields before it ends or raises, without their line ends.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let end = if self.broken { self.text.rfind('\n').map_or(0, |i| i + 1) } else { self.text.len() };
        let text = &self.text[..end];
        text.strip_suffix('\n').unwrap_or(text).split('\n').take(if text.is_empty() { 0 } else { usize::MAX })
    }
}

/// Whether Python knows ASCII only here, in files and in the environment: a C or POSIX locale with both of its two
/// escapes switched off (PEP 538 and PEP 540). A locale that is not installed counts as C; which ones are, a static
/// program cannot ask, so those named after UTF-8 count as installed and no others do.
pub fn ascii_only(system: &dyn System) -> bool {
    let set = |name: &str| system.var(name).filter(|v| !v.is_empty());
    if system.var("PYTHONUTF8").is_none_or(|v| v != "0") {
        return false;
    }
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    let utf8 = locale.is_some_and(|l| {
        let name = l.to_string_lossy().to_ascii_lowercase();
        name.ends_with("utf-8") || name.ends_with("utf8")
    });
    let coerced = set("LC_ALL").is_none() && system.var("PYTHONCOERCECLOCALE").is_none_or(|v| v != "0");
    !utf8 && !coerced
}

/// What stands in [`environ`] for a byte that does not decode: a code point that Unicode sets aside as no character.
pub const UNDECODABLE: char = '\u{fdd0}';

/// The text of a variable as Python's `os.environ` holds it. A byte that does not decode is a lone surrogate there,
/// which no Rust text can hold: [`UNDECODABLE`] stands for each.
pub fn environ(system: &dyn System, value: &OsStr) -> String {
    let bytes = value.as_encoded_bytes();
    if !bytes.is_ascii() && ascii_only(system) {
        return bytes.iter().map(|&b| if b.is_ascii() { char::from(b) } else { UNDECODABLE }).collect();
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n(UNDECODABLE, chunk.invalid().len()));
    }
    text
}

/// Where the byte stands that shows a fault: what may begin a character is no fault before the next byte is known. Of the
/// three bytes of a surrogate, Python waits for the third, though the second is one too many (since 3.8; run with 3.11).
fn shown_at(bytes: &[u8], at: usize, len: usize) -> usize {
    match (bytes[at], bytes.get(at + 1)) {
        (0xed, Some(0xa0..=0xbf)) => at + 2,
        (0xc2..=0xf4, _) => at + len,
        _ => at,
    }
}

/// CRLF and CR read as LF.
fn universal_newlines(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn lines(bytes: &[u8]) -> Vec<String> {
        Text::utf8(bytes, false).lines().map(str::to_owned).collect()
    }

    #[test]
    fn lines_as_python_iterates_them() {
        assert_eq!(lines(b"a\r\nb\rc\n"), ["a", "b", "c"]);
        assert_eq!(lines(b"a\x0bb\n\nc"), ["a\u{b}b", "", "c"]);
        assert_eq!(lines(b"\n"), [""]);
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn a_fault_stops_its_own_piece_only() {
        let near = Text::utf8(b"a\n\xff\n", false);
        assert!(near.broken && near.lines().next().is_none());
        let mut far = b"a\n".repeat(CHUNK / 2);
        far.extend_from_slice(b"b\n\xff\n");
        let far = Text::utf8(&far, false);
        assert!(far.broken);
        assert_eq!(far.lines().count(), CHUNK / 2);
    }

    #[test]
    fn what_waits_for_the_next_piece() {
        let text = |end: &[u8]| {
            let mut bytes = vec![b'x'; CHUNK - 1];
            bytes.extend_from_slice(end);
            let text = Text::utf8(&bytes, false);
            (text.text.len(), text.broken)
        };
        assert_eq!(text(b"\xffa"), (0, true));
        // The first byte of two is no fault yet.
        assert_eq!(text(b"\xc3a"), (CHUNK - 1, true));
        assert_eq!(text(b"\xc3\xa9\xff"), (CHUNK - 1, true));
        assert_eq!(text(b"\r\xff"), (CHUNK - 1, true));
        // A surrogate is one with its third byte.
        let mut bytes = vec![b'x'; CHUNK - 2];
        bytes.extend_from_slice(b"\xed\xa0");
        assert_eq!(Text::utf8(&bytes, false).text.len(), CHUNK - 2);
        bytes.push(b'a');
        assert_eq!(Text::utf8(&bytes, false).text.len(), CHUNK - 2);
        bytes.remove(0);
        assert_eq!(Text::utf8(&bytes, false).text.len(), 0);
        assert_eq!(text(b"\r\n"), (CHUNK, false));
    }

    #[test]
    fn ascii_where_both_escapes_are_off() {
        let c = Fake::new().var("LC_ALL", "C");
        assert!(!Text::python(&c, "é\n".as_bytes(), false).broken);
        let off = c.var("PYTHONUTF8", "0");
        assert!(Text::python(&off, "é\n".as_bytes(), false).broken);
        assert!(!Text::python(&off, b"e\n", false).broken);
    }

    #[test]
    fn a_locale_counts_as_installed_by_its_name() {
        let off = || Fake::new().var("PYTHONUTF8", "0");
        assert!(!ascii_only(&off()));
        assert!(!ascii_only(&off().var("LANG", "xx_YY.ISO-8859-1")));
        assert!(!ascii_only(&off().var("LC_ALL", "C.UTF-8")));
        assert!(!ascii_only(&off().var("LC_ALL", "en_US.utf8")));
        assert!(ascii_only(&off().var("LC_ALL", "xx_YY.ISO-8859-1")));
        assert!(ascii_only(&off().var("PYTHONCOERCECLOCALE", "0")));
        assert!(!ascii_only(&Fake::new().var("LC_ALL", "xx_YY.ISO-8859-1")));
    }

    #[test]
    fn the_environment_as_python_decodes_it() {
        use std::os::unix::ffi::OsStrExt as _;
        let value = OsStr::from_bytes(b"\xc3\xa9\xff");
        assert_eq!(environ(&Fake::new(), value), "\u{e9}\u{fdd0}");
        let ascii = Fake::new().var("PYTHONUTF8", "0").var("LC_ALL", "C");
        assert_eq!(environ(&ascii, value), "\u{fdd0}\u{fdd0}\u{fdd0}");
    }

    #[test]
    fn a_character_cut_off_by_the_limit_is_no_fault() {
        assert!(!Text::utf8(b"a\n\xc3", true).broken);
        let unfinished = Text::utf8(b"a\n\xc3", false);
        assert!(unfinished.broken);
        assert_eq!(unfinished.lines().collect::<Vec<_>>(), ["a"]);
    }
}
