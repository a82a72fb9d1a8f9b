//! The Python extension of VS Code (`python.envFile`), for runs, debugging and tests.
//!
//! Source: vscode-python (`src/client/common/variables/environment.ts`), read. Line by line; a comment behind a value is
//! part of it. References see the lines above, then the environment.

use std::collections::BTreeMap;

use super::loaders::{Env, Read};

/// Bytes that all references together may grow to.
const GROWTH: usize = 1024 * 1024;

pub(super) fn read(bytes: &[u8], env: &Env<'_>) -> Read {
    let text = String::from_utf8_lossy(bytes);
    let mut out = Read::default();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut growth = GROWTH;
    for (number, line) in (1..).zip(text.split('\n')) {
        let space = |c: char| c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}');
        let line = line.trim_matches(space);
        let Some((name, raw)) = line.split_once('=') else { continue };
        let (name, raw) = (name.trim_end_matches(space), raw.trim_start_matches(space));
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !plain || !name.trim_start_matches('_').starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let quoted = ['\'', '"'].iter().find_map(|q| match raw.strip_prefix(*q) {
            // A quote alone both begins and ends.
            Some("") => Some(""),
            Some(rest) => rest.strip_suffix(*q),
            None => None,
        });
        let value = quoted.map_or_else(|| raw.to_owned(), |inner| inner.replace("\\n", "\n"));
        let value = substituted(&value, |name| {
            let found = known.get(name).cloned().filter(|v| !v.is_empty()).or_else(|| env(name)).unwrap_or_default();
            growth = growth.checked_sub(found.len())?;
            Some(found)
        });
        known.insert(name.to_owned(), value.clone());
        out.push(name, value, number);
    }
    out
}

/// `${NAME}`; one that is malformed leaves all of the value as it stands.
fn substituted(value: &str, mut look_up: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some(at) = rest.find("${") {
        let Some(length) = rest[at..].find('}') else { break };
        let name = &rest[at + 2..at + length];
        let escaped = rest[..at].ends_with('\\');
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let is_name = plain && name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !(escaped || is_name) {
            return value.replace("\\$", "$");
        }
        out.push_str(&rest[..at]);
        if escaped {
            out.push_str(&rest[at..=at + length]);
        } else {
            out.push_str(&look_up(name).unwrap_or_default());
        }
        rest = &rest[at + length + 1..];
    }
    out.push_str(rest);
    out.replace("\\$", "$")
}
