//! Quoting for shells.

pub mod init;
pub mod wire;
pub mod words;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// A path as one word of bash, zsh and fish; as it is where that is safe.
pub fn quote_path(path: Option<&Path>) -> String {
    path.map_or_else(String::new, |p| quote(p.as_os_str()))
}

/// A text as one word of bash, zsh and fish: single quotes, whose inside all three take literally but for `'` and,
/// in fish, `\`. Bytes that are not UTF-8 are shown as `\xNN`: such a word is for reading, not for running.
pub fn quote(text: &OsStr) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"/._-+=:,@%".contains(b);
    let text = text.as_bytes();
    if !text.is_empty() && text.iter().all(plain) {
        return String::from_utf8_lossy(text).into_owned();
    }
    let shown = crate::output::sanitize::bytes(text);
    format!("'{}'", shown.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_where_needed() {
        assert_eq!(quote(OsStr::new("/home/u/.cache/token")), "/home/u/.cache/token");
        assert_eq!(quote(OsStr::new("a b")), "'a b'");
        assert_eq!(quote(OsStr::new("it's $x")), "'it'\\''s $x'");
        assert_eq!(quote(OsStr::new("")), "''");
    }
}
