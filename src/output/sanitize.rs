//! What comes from outside (paths, names, contents) before it reaches a terminal.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::secret::mask_text;

/// A text for one line of a terminal: tokens masked; control, bidi and zero-width characters escaped.
pub fn line(text: &str) -> String {
    let masked = mask_text(text);
    masked.chars().fold(String::with_capacity(masked.len()), |mut out, c| {
        if is_harmful(c) {
            if u32::from(c) < 0x100 {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            } else {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
        } else {
            out.push(c);
        }
        out
    })
}

/// Bytes as text: what is not UTF-8 becomes `\xNN`, as the JSON contract says.
pub fn bytes(raw: &[u8]) -> String {
    raw.utf8_chunks().fold(String::with_capacity(raw.len()), |mut out, chunk| {
        out.push_str(chunk.valid());
        for b in chunk.invalid() {
            let _ = write!(out, "\\x{b:02x}");
        }
        out
    })
}

/// A path for JSON: whole, `\xNN` for what is not UTF-8, tokens masked.
pub fn json_path(path: &Path) -> String {
    mask_text(&bytes(path.as_os_str().as_bytes()))
}

/// A path for people: below the home directory with `~`.
pub fn path(path: &Path, home: Option<&OsStr>) -> String {
    let short = home
        .map(Path::new)
        .filter(|h| h.is_absolute() && *h != Path::new("/"))
        .and_then(|h| path.strip_prefix(h).ok())
        .map(|rest| {
            if rest.as_os_str().is_empty() {
                "~".to_owned()
            } else {
                format!("~/{}", bytes(rest.as_os_str().as_bytes()))
            }
        });
    line(&short.unwrap_or_else(|| bytes(path.as_os_str().as_bytes())))
}

/// Characters that steer a terminal, turn text round, or cannot be seen.
pub(crate) fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_steers() {
        assert_eq!(line("a\u{1b}[31mb\n\u{202e}c\u{200b}"), "a\\x1b[31mb\\x0a\\u{202e}c\\u{200b}");
        assert_eq!(bytes(b"a\xff\xc3\xa9"), "a\\xffé");
    }

    #[test]
    fn shortens_home() {
        let home = Some(OsStr::new("/home/u"));
        assert_eq!(path(Path::new("/home/u/.netrc"), home), "~/.netrc");
        assert_eq!(path(Path::new("/home/u"), home), "~");
        assert_eq!(path(Path::new("/home/user/x"), home), "/home/user/x");
        assert_eq!(path(Path::new("/x"), Some(OsStr::new("/"))), "/x");
    }
}
