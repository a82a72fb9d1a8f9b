//! Where each client's token file is, from the variables here.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::model::{Expand, Home, HubPath, Place, Set, Text};
use crate::system::path::{join, pathlib};
use crate::system::python_text::environ;
use crate::system::{System, home};

/// huggingface_hub's token path (`constants.HF_TOKEN_PATH`), as the string that the library holds.
pub fn hub_token(system: &dyn System, rule: HubPath) -> OsString {
    match rule {
        HubPath::Legacy => home::expanduser(system, OsStr::new("~/.huggingface/token")),
        HubPath::Home => join(&hub_home(system, false), OsStr::new("token")),
        HubPath::Staging | HubPath::TokenPath | HubPath::Expanded => {
            if is_true(system, "HUGGINGFACE_CO_STAGING") {
                let user = home::expanduser(system, OsStr::new("~"));
                return join(&user, OsStr::new(".cache/huggingface_staging/token"));
            }
            configured_token(system, rule)
        }
    }
}

/// Staging or not: the path that `stored_tokens` lies beside.
fn configured_token(system: &dyn System, rule: HubPath) -> OsString {
    let expands = rule == HubPath::Expanded;
    let given = match rule {
        HubPath::TokenPath | HubPath::Expanded => system.var("HF_TOKEN_PATH"),
        HubPath::Legacy | HubPath::Home | HubPath::Staging => None,
    };
    // The default path is expanded a second time, as the library does: two levels of variables work, three do not.
    let path = given.unwrap_or_else(|| join(&hub_home(system, expands), OsStr::new("token")));
    if expands { expand(system, &path) } else { path }
}

/// huggingface_hub's `HF_HOME`. `expands`: 0.30 on, `$VAR` too.
pub fn hub_home(system: &dyn System, expands: bool) -> OsString {
    let path = system.var("HF_HOME").unwrap_or_else(|| {
        let cache = system
            .var("XDG_CACHE_HOME")
            .unwrap_or_else(|| join(&home::expanduser(system, OsStr::new("~")), OsStr::new(".cache")));
        join(&cache, OsStr::new("huggingface"))
    });
    if expands { expand(system, &path) } else { home::expanduser(system, &path) }
}

/// huggingface_hub's `stored_tokens` (0.26 on).
pub fn hub_stored_tokens(system: &dyn System, rule: HubPath) -> PathBuf {
    let token = configured_token(system, rule);
    let bytes = token.as_encoded_bytes();
    let parent = bytes.iter().rposition(|&b| b == b'/').map_or(&bytes[..0], |i| &bytes[..=i]);
    let mut path = <OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(parent).to_owned();
    path.push("stored_tokens");
    pathlib(&path)
}

/// huggingface_hub's `_is_true`: `1`, `ON`, `YES`, `TRUE` in any case, nothing else. The case is Unicode's: `yeſ`.
pub fn is_true(system: &dyn System, name: &str) -> bool {
    system.var(name).is_some_and(|v| {
        let v = environ(system, &v).to_uppercase();
        ["1", "ON", "YES", "TRUE"].iter().any(|t| v == *t)
    })
}

fn expand(system: &dyn System, path: &OsStr) -> OsString {
    home::expandvars(system, &home::expanduser(system, path))
}

/// Where a place is here; `None` where the variable that it hangs on is not set.
pub fn place(system: &dyn System, place: Place) -> Option<PathBuf> {
    match place {
        Place::Hub(rule) => Some(pathlib(&hub_token(system, rule))),
        Place::Here(name) => Some(PathBuf::from(name)),
        Place::Home { by: Home::Node, then } => Some(node_join(&home_by(system, Home::Node)?, then)),
        // A home that the password database gives as empty is the current directory to Rust's `Path::join` (Polars
        // 2.1.0; hf-hub 0.x has panicked before), and the root to those that put text together.
        Place::Home { by: Home::Rust, then } => Some(below(home_by(system, Home::Rust)?, then)),
        Place::Home { by, then } => Some(PathBuf::from({
            let mut path = home_by(system, by)?;
            path.push(then);
            path
        })),
        Place::Var { name, set, then, expand, text } => {
            let value = system.var(name).and_then(|v| text.read(v))?;
            if set == Set::NonEmpty && value.is_empty() {
                return None;
            }
            Some(match expand {
                Expand::No => below(value, then),
                Expand::Tilde => below(home::expanduser(system, &value), then),
                Expand::NodeJoin => node_join(&value, then),
            })
        }
    }
}

impl Text {
    /// The text that a client sees; `None` where it sees none.
    pub fn read(self, value: OsString) -> Option<OsString> {
        match self {
            Self::Bytes => Some(value),
            Self::Utf8 => value.into_string().ok().map(OsString::from),
            Self::Lossy => Some(value.to_string_lossy().into_owned().into()),
        }
    }
}

/// Rust's `Path::join`: an empty base is the current directory, not the root.
fn below(base: OsString, then: &str) -> PathBuf {
    if base.is_empty() && !then.is_empty() {
        return PathBuf::from(then.trim_start_matches('/'));
    }
    let mut path = base;
    path.push(then);
    PathBuf::from(path)
}

/// Node's `path.join`: empty parts go, `.` and `..` are worked out as text.
fn node_join(base: &OsStr, then: &str) -> PathBuf {
    let joined = below(base.to_owned(), then);
    let bytes = joined.as_os_str().as_encoded_bytes();
    let rooted = bytes.first() == Some(&b'/');
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in bytes.split(|&b| b == b'/').filter(|p| !p.is_empty() && *p != b".") {
        match (part, parts.last()) {
            (b"..", Some(last)) if *last != b".." => {
                parts.pop();
            }
            (b"..", _) if rooted => {}
            _ => parts.push(part),
        }
    }
    let mut out = if rooted { b"/".to_vec() } else { Vec::new() };
    out.extend_from_slice(&parts.join(&b"/"[..]));
    PathBuf::from(<OsString as std::os::unix::ffi::OsStringExt>::from_vec(out))
}

fn home_by(system: &dyn System, by: Home) -> Option<OsString> {
    let variable = system.var("HOME");
    let database = || system.password_home(None).map(PathBuf::into_os_string);
    match by {
        Home::Python => Some(home::expanduser(system, OsStr::new("~"))),
        Home::Variable => variable,
        Home::OrTmp => Some(variable.and_then(|v| Text::Utf8.read(v)).unwrap_or_else(|| "/tmp".into())),
        Home::Rust => variable.filter(|h| !h.is_empty()).or_else(database),
        Home::Node => variable.and_then(|v| Text::Lossy.read(v)).or_else(database),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn token(fake: &Fake, rule: HubPath) -> String {
        pathlib(&hub_token(fake, rule)).display().to_string()
    }

    #[test]
    fn expansion_came_with_0_30() {
        let fake = Fake::home().var("HF_HOME", "$HOME/x");
        assert_eq!(token(&fake, HubPath::TokenPath), "$HOME/x/token");
        assert_eq!(token(&fake, HubPath::Expanded), "/home/u/x/token");
    }

    #[test]
    fn the_default_path_is_expanded_twice() {
        let two = Fake::home().var("HF_HOME", "$A").var("A", "$B").var("B", "/h");
        assert_eq!(token(&two, HubPath::Expanded), "/h/token");
        let three = Fake::home().var("HF_HOME", "$A").var("A", "$B").var("B", "$C").var("C", "/h");
        assert_eq!(token(&three, HubPath::Expanded), "$C/token");
    }

    #[test]
    fn stored_tokens_lie_beside_the_configured_token_even_in_staging() {
        let fake = Fake::home().var("HUGGINGFACE_CO_STAGING", "1").var("HF_TOKEN_PATH", "/p/t");
        assert_eq!(token(&fake, HubPath::Expanded), "/home/u/.cache/huggingface_staging/token");
        assert_eq!(hub_stored_tokens(&fake, HubPath::Expanded), PathBuf::from("/p/stored_tokens"));
    }

    #[test]
    fn node_works_out_dots_as_text() {
        for (base, want) in [
            ("/a/../b", "/b/token"),
            ("", "token"),
            ("/..", "/token"),
            ("a/../../b", "../b/token"),
            ("./x/", "x/token"),
        ] {
            assert_eq!(node_join(OsStr::new(base), "/token"), PathBuf::from(want), "{base}");
        }
    }

    #[test]
    fn set_but_empty_counts() {
        assert_eq!(token(&Fake::home().var("HF_HOME", ""), HubPath::Expanded), "token");
        assert_eq!(token(&Fake::home().var("XDG_CACHE_HOME", ""), HubPath::Home), "huggingface/token");
        assert_eq!(token(&Fake::home().var("HF_TOKEN_PATH", ""), HubPath::Expanded), ".");
    }
}
