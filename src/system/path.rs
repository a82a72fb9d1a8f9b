//! Path arithmetic as the clients do it, and as hflint shows it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::System;

/// Python's `os.path.join` of two parts.
pub fn join(base: &OsStr, part: &OsStr) -> OsString {
    if part.as_bytes().first() == Some(&b'/') {
        return part.to_owned();
    }
    let mut out = Vec::with_capacity(base.len() + 1 + part.len());
    out.extend_from_slice(base.as_bytes());
    if !out.is_empty() && out.last() != Some(&b'/') {
        out.push(b'/');
    }
    out.extend_from_slice(part.as_bytes());
    OsString::from_vec(out)
}

/// Names in a directory.
pub trait Within {
    /// The path of an entry: as `Path::join`, which first copies the directory as tight as it is and then has to move it,
    /// and that a hundred times in a run. For a relative name that is not empty.
    fn within(&self, name: impl AsRef<OsStr>) -> PathBuf;
}

impl Within for Path {
    fn within(&self, name: impl AsRef<OsStr>) -> PathBuf {
        PathBuf::from(join(self.as_os_str(), name.as_ref()))
    }
}

/// Python's `pathlib.PurePosixPath`: empty and `.` parts go, `..` stays, a leading `//` stays; nothing is `.`.
///
/// `HF_TOKEN_PATH=/x/t/` therefore reads the file `/x/t`, where a plain open would fail.
pub fn pathlib(path: &OsStr) -> PathBuf {
    let bytes = path.as_bytes();
    let root: &[u8] = match bytes {
        [b'/', b'/', b'/', ..] => b"/",
        [b'/', b'/', ..] => b"//",
        [b'/', ..] => b"/",
        _ => b"",
    };
    let mut out = Vec::with_capacity(bytes.len().max(1));
    out.extend_from_slice(root);
    for part in bytes.split(|&b| b == b'/').filter(|p| !p.is_empty() && *p != b".") {
        if out.len() > root.len() {
            out.push(b'/');
        }
        out.extend_from_slice(part);
    }
    if out.is_empty() {
        out.push(b'.');
    }
    PathBuf::from(OsString::from_vec(out))
}

/// Absolute but unresolved: what a person would type from anywhere.
pub fn absolute(system: &dyn System, path: &Path) -> PathBuf {
    if path.is_absolute() {
        return path.to_owned();
    }
    match system.cwd() {
        Some(cwd) => pathlib(&join(cwd.as_os_str(), path.as_os_str())),
        None => path.to_owned(),
    }
}

/// A directory above where the person stands, given without links, under the name by which the person knows it.
pub fn known_as(system: &dyn System, real: &Path) -> PathBuf {
    let shown = system.cwd().unwrap_or_default();
    if is_below(shown.as_os_str().as_bytes(), real.as_os_str().as_bytes())
        && system.real_cwd().is_none_or(|cwd| cwd.as_os_str() == shown.as_os_str())
    {
        return real.to_owned();
    }
    shown.ancestors().find(|a| system.canonical(a).as_deref() == Some(real)).unwrap_or(real).to_owned()
}

/// Whether a path is a directory or something in it; both absolute. By bytes: to compare paths part by part, as
/// `Path::starts_with` does, was a twelfth of a whole run of the hook.
pub fn is_below(path: &[u8], dir: &[u8]) -> bool {
    match path.strip_prefix(dir) {
        Some(rest) => rest.is_empty() || rest[0] == b'/' || dir == b"/",
        None => false,
    }
}

/// What an absolute path has before its last slash: the directory that must be there for the rest to be found.
pub fn parent_bytes(path: &Path) -> &[u8] {
    let bytes = path.as_os_str().as_bytes();
    match bytes.iter().rposition(|&b| b == b'/') {
        Some(0) | None => b"/",
        Some(slash) => &bytes[..slash],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pathlib_drops_what_python_drops() {
        for (given, want) in [
            ("/x/t/", "/x/t"),
            ("/x/./t/.", "/x/t"),
            ("//x//t", "//x/t"),
            ("///x", "/x"),
            ("", "."),
            ("./", "."),
            ("a/../b", "a/../b"),
            ("/", "/"),
        ] {
            assert_eq!(pathlib(OsStr::new(given)), Path::new(want), "{given}");
        }
    }

    #[test]
    fn entries_of_a_directory() {
        for dir in ["/", "/a", "/a/", "a", ""] {
            assert_eq!(Path::new(dir).within("x/y"), Path::new(dir).join("x/y"), "{dir}");
        }
    }

    #[test]
    fn join_as_python_joins() {
        for (a, b, want) in [("", "x", "x"), ("/a/", "x", "/a/x"), ("/a", "x", "/a/x"), ("/a", "/x", "/x")] {
            assert_eq!(join(OsStr::new(a), OsStr::new(b)), want);
        }
    }
}
