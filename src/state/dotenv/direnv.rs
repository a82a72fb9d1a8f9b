//! direnv's `dotenv`.
//!
//! Source: direnv 2.32.1, run, and its `pkg/dotenv/parse.go`. One line that it cannot read stops the whole `.envrc`. A
//! value over several lines is an error there, or half a value, and read whole by newer releases: not told here.

use std::collections::BTreeMap;

use super::loaders::{Env, Pair, Read};

/// Bytes that all references together may grow to.
const GROWTH: usize = 1024 * 1024;

fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ')
}

pub(super) fn read(bytes: &[u8], env: &Env<'_>) -> Read {
    let text = String::from_utf8_lossy(bytes);
    let mut out = Read::default();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut growth = GROWTH;
    let mut open = false;
    for (number, line) in (1..).zip(text.split('\n')) {
        // A carriage return ends a line as well.
        for line in line.split('\r') {
            let Some(found) = parts(line) else {
                return Read { broken: true, ..out };
            };
            let Some((name, raw)) = found else { continue };
            open |= is_open(line);
            let value = value(raw, &mut |name| look_up(name, &known, env, &mut growth));
            known.insert(name.to_owned(), value.clone());
            let value = (!open).then(|| value.into_bytes());
            out.pairs.push(Pair { name: name.to_owned(), value, line: number });
        }
    }
    out
}

/// Whether newer releases would look for the end of a quoted value in the lines below.
fn is_open(line: &str) -> bool {
    let after = line.find(['=', ':']).map_or("", |at| line[at + 1..].trim_start_matches([' ', '\t']));
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
    quote.is_some_and(|quote| after.matches(quote).count() == 1)
}

/// Name and value of a line; the outer `None` where it is neither an assignment nor a comment.
#[allow(clippy::option_option, reason = "not to be read, nothing, or a pair")]
fn parts(line: &str) -> Option<Option<(&str, &str)>> {
    let line = line.trim_start_matches(is_space);
    if line.is_empty() || line.starts_with('#') {
        return Some(None);
    }
    let exported = line.strip_prefix("export").filter(|rest| rest.starts_with(is_space));
    let found = exported.and_then(|rest| assignment(rest.trim_start_matches(is_space)));
    found.or_else(|| assignment(line)).map(Some)
}

fn assignment(line: &str) -> Option<(&str, &str)> {
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if name.is_empty() {
        return None;
    }
    let after = match rest.trim_start_matches(is_space).strip_prefix('=') {
        Some(after) => after,
        None => rest.strip_prefix(':').filter(|after| after.starts_with(is_space))?,
    };
    let after = after.trim_start_matches(is_space);
    for quote in ['\'', '"'] {
        if !after.starts_with(quote) {
            continue;
        }
        // The last quote behind which there is nothing but a comment.
        let closing = after.rmatch_indices(quote).map(|(at, _)| at).find(|at| *at > 0 && is_end(&after[at + 1..]));
        if let Some(at) = closing {
            return Some((name, &after[..=at]));
        }
    }
    let end = after.find(|c| is_space(c) || c == '#').unwrap_or(after.len());
    let (value, rest) = after.split_at(end);
    is_end(rest).then_some((name, value))
}

fn is_end(rest: &str) -> bool {
    let rest = rest.trim_start_matches(is_space);
    rest.is_empty() || rest.starts_with('#')
}

fn value(raw: &str, look_up: &mut dyn FnMut(&str) -> String) -> String {
    // A value of one byte is taken as it is.
    if raw.len() <= 1 {
        return raw.to_owned();
    }
    for quote in ['\'', '"'] {
        let Some(inner) = raw.strip_prefix(quote).and_then(|r| r.strip_suffix(quote)) else { continue };
        if quote == '\'' {
            return inner.to_owned();
        }
        return expand(&unescape(&inner.replace("\\n", "\n").replace("\\r", "\r")), look_up);
    }
    expand(raw, look_up)
}

/// A backslash goes, unless a dollar follows it, or a line's end.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next) if c == '\\' && *next != '$' => out.extend(chars.next()),
            _ => out.push(c),
        }
    }
    out
}

/// Go's `os.Expand`.
fn expand(text: &str, look_up: &mut dyn FnMut(&str) -> String) -> String {
    let special = |b: u8| matches!(b, b'*' | b'#' | b'$' | b'@' | b'!' | b'?' | b'-' | b'0'..=b'9');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // No brace closes any more: not looked for again.
    let mut unclosed = false;
    while let Some(at) = rest.find('$') {
        let after = &rest[at + 1..];
        let bytes = after.as_bytes();
        let (name, taken) = match bytes {
            [] => break,
            [b'{', one, b'}', ..] if special(*one) => (&after[1..2], 3),
            // Bad syntax is eaten.
            [b'{', ..] => {
                if let Some(end) = (!unclosed).then(|| after.find('}')).flatten() {
                    (&after[1..end], end + 1)
                } else {
                    unclosed = true;
                    ("", 1)
                }
            }
            [one, ..] if special(*one) => (&after[..1], 1),
            _ => {
                let end = bytes.iter().position(|b| !(b.is_ascii_alphanumeric() || *b == b'_')).unwrap_or(bytes.len());
                (&after[..end], end)
            }
        };
        out.push_str(&rest[..at]);
        match (name, taken) {
            ("", 0) => out.push('$'),
            ("", _) => {}
            (name, _) => out.push_str(&look_up(name)),
        }
        rest = &after[taken..];
    }
    out.push_str(rest);
    out
}

fn look_up(name: &str, known: &BTreeMap<String, String>, env: &Env<'_>, growth: &mut usize) -> String {
    let (name, default) = name.split_once(":-").map_or((name, None), |(name, default)| (name, Some(default)));
    let value = match known.get(name) {
        Some(value) => value.clone(),
        None => match (env(name).filter(|v| !v.is_empty()), default) {
            (Some(value), _) => value,
            (None, default) => default.unwrap_or_default().to_owned(),
        },
    };
    match growth.checked_sub(value.len()) {
        Some(left) => {
            *growth = left;
            value
        }
        None => String::new(),
    }
}
