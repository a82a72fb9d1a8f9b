//! Where "home" is, as each kind of client finds it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;

use super::System;

/// Python's `os.path.expanduser` (3.11, posixpath): only a leading `~` or `~user`; an unknown user stays literal.
pub fn expanduser(system: &dyn System, path: &OsStr) -> OsString {
    let bytes = path.as_bytes();
    if bytes.first() != Some(&b'~') {
        return path.to_owned();
    }
    let end = bytes.iter().position(|&b| b == b'/').unwrap_or(bytes.len());
    let home = if end == 1 {
        // HOME counts when it is set, also when it is empty; else the password database.
        system.var("HOME").or_else(|| system.password_home(None).map(PathBuf::into_os_string))
    } else {
        let user = OsStr::from_bytes(&bytes[1..end]);
        system.password_home(Some(user)).map(PathBuf::into_os_string)
    };
    let Some(home) = home else {
        return path.to_owned();
    };
    let mut out = home.into_vec();
    out.reserve_exact(bytes.len());
    while out.last() == Some(&b'/') {
        out.pop();
    }
    out.extend_from_slice(&bytes[end..]);
    if out.is_empty() {
        out.push(b'/');
    }
    OsString::from_vec(out)
}

/// Python's `os.path.expandvars` (3.11, posixpath): `$name` and `${name}`; unknown names stay; inserted text is not
/// looked at again; no escapes.
pub fn expandvars(system: &dyn System, path: &OsStr) -> OsString {
    let bytes = path.as_bytes();
    if !bytes.contains(&b'$') {
        return path.to_owned();
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        if let Some((name, len)) = reference(&bytes[i..])
            && let Some(value) = std::str::from_utf8(name).ok().and_then(|n| variable(system, n))
        {
            out.extend_from_slice(value.as_bytes());
            i += len;
        } else {
            out.push(bytes[i]);
            i += 1;
        }
    }
    OsString::from_vec(out)
}

/// A name that no environment can hold (empty, with `=` or NUL) is unknown, as `os.environ[…]` says.
fn variable(system: &dyn System, name: &str) -> Option<OsString> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return None;
    }
    system.var(name)
}

/// `$name` or `${anything but }}` at the start: the name, and the length of the whole reference.
fn reference(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let rest = bytes.strip_prefix(b"$")?;
    if let Some(inner) = rest.strip_prefix(b"{") {
        let end = inner.iter().position(|&b| b == b'}')?;
        return Some((&inner[..end], end + 3));
    }
    let len = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    (len > 0).then(|| (&rest[..len], len + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn vars(text: &str) -> String {
        let fake = Fake::new().var("A", "~/h").var("EMPTY", "").var("A B", "x").var("B", "$A");
        expandvars(&fake, OsStr::new(text)).into_string().unwrap()
    }

    #[test]
    fn variables_as_python_expands_them() {
        for (given, want) in [
            ("$A/x", "~/h/x"),
            ("${A}x", "~/hx"),
            ("$NOPE/x", "$NOPE/x"),
            ("$", "$"),
            ("${}", "${}"),
            ("${A", "${A"),
            ("$$A", "$~/h"),
            ("$B", "$A"),
            ("${A B}", "x"),
            ("a$EMPTY", "a"),
            ("%A%", "%A%"),
            ("\\$A", "\\~/h"),
        ] {
            assert_eq!(vars(given), want, "{given}");
        }
    }

    #[test]
    fn tilde_as_python_expands_it() {
        let user = |home: Option<&str>, path: &str| {
            let mut fake = Fake::new().passwd("bob", 1000, "/home/bob/");
            if let Some(home) = home {
                fake = fake.var("HOME", home);
            }
            expanduser(&fake, OsStr::new(path)).into_string().unwrap()
        };
        assert_eq!(user(Some("/u/"), "~/x"), "/u/x");
        assert_eq!(user(Some(""), "~"), "/");
        assert_eq!(user(Some(""), "~/x"), "/x");
        assert_eq!(user(None, "~/x"), "/home/bob/x");
        assert_eq!(user(None, "~bob"), "/home/bob");
        assert_eq!(user(None, "~nobody0/x"), "~nobody0/x");
        assert_eq!(user(Some("/u"), "a~"), "a~");
    }
}
