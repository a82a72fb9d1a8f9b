//! `hf jobs run --env-file` and `--secrets-file`.
//!
//! Source: huggingface_hub 2.4.0 (`utils/_dotenv.py`), run. A line that it cannot read is passed over; a name alone
//! takes the value that is set here.

use super::closing;
use super::loaders::{Env, Read};
use crate::clients::clean::is_python_space;

pub(super) fn read(bytes: &[u8], env: &Env<'_>) -> Read {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Read { broken: true, ..Read::default() };
    };
    let mut out = Read::default();
    let mut number = 1;
    for line in text.split_inclusive(is_line_end) {
        let here = number;
        number += u32::from(line.ends_with('\n'));
        let line = line.trim_matches(is_python_space);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let exported = line.strip_prefix("export").filter(|rest| rest.starts_with(is_python_space));
        let found = exported.and_then(|rest| pair(rest.trim_start_matches(is_python_space)));
        match found.or_else(|| pair(line)) {
            Some((name, Some(value))) => out.push(name, value, here),
            Some((name, None)) => {
                if let Some(value) = env(name) {
                    out.push(name, value, here);
                }
            }
            None => {}
        }
    }
    out
}

/// Where Python's `splitlines` ends a line.
fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The inner `None`: a name alone.
fn pair(line: &str) -> Option<(&str, Option<String>)> {
    if !line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return None;
    }
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let rest = rest.trim_start_matches(is_python_space);
    if rest.is_empty() || rest.starts_with('#') {
        return Some((name, None));
    }
    Some((name, Some(value(rest.strip_prefix('=')?))))
}

fn value(after: &str) -> String {
    let trimmed = after.trim_start_matches(is_python_space);
    let quote = trimmed.chars().next().filter(|c| matches!(c, '"' | '\''));
    let closed = quote.and_then(|quote| closing(trimmed, quote, is_nothing));
    let raw = match closed {
        Some(end) => &trimmed[..=end],
        None => comment_cut(after),
    };
    let raw = raw.trim_matches(is_python_space);
    let inner = |quote: char| match raw.strip_prefix(quote) {
        Some("") => Some(""),
        Some(rest) => rest.strip_suffix(quote),
        None => None,
    };
    if let Some(inner) = inner('"') {
        return unescape(inner);
    }
    inner('\'').unwrap_or(raw).to_owned()
}

/// Whether a value's line ends here, but for a comment.
fn is_nothing(rest: &str) -> bool {
    let rest = rest.trim_start_matches(is_python_space);
    rest.is_empty() || rest.starts_with('#')
}

/// Up to the first `#` behind white space.
fn comment_cut(text: &str) -> &str {
    let mut space = false;
    for (at, c) in text.char_indices() {
        if c == '#' && space {
            return &text[..at];
        }
        space = is_python_space(c);
    }
    text
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some(c @ ('"' | '\\' | '$')) => out.push(c),
            Some(c) => out.extend(['\\', c]),
            None => out.push('\\'),
        }
    }
    out
}
