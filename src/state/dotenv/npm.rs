//! The package dotenv of npm, and what reads as it does: Vite, Next and most of JavaScript.
//!
//! Source: dotenv 16 to 18, run. One regular expression with all its backtracking, told here as what it comes to:
//! quotes that close before a comment or a line's end, else everything up to `#`. It follows no reference and refuses
//! nothing.

use super::closing;
use super::loaders::{Env, Read};

/// White space of JavaScript.
fn is_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

/// Where `$` stands and `.` does not go on; carriage returns are gone by then.
fn is_end(c: char) -> bool {
    matches!(c, '\n' | '\u{2028}' | '\u{2029}')
}

pub(super) fn read(bytes: &[u8], _: &Env<'_>) -> Read {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    let mut out = Read::default();
    let mut rest = text.as_str();
    let mut passed = 0;
    let mut line = 1;
    loop {
        rest = rest.trim_start_matches(is_space);
        if rest.is_empty() {
            return out;
        }
        let at = text.len() - rest.len();
        line += u32::try_from(text[passed..at].matches('\n').count()).unwrap_or(u32::MAX - line);
        passed = at;
        match assignment(rest) {
            Some((name, value, after)) => {
                out.push(name, value, line);
                rest = after;
            }
            None => rest = &rest[rest.find(is_end).unwrap_or(rest.len())..],
        }
    }
}

/// A name, its value, and what follows the line.
fn assignment(text: &str) -> Option<(&str, String, &str)> {
    let exported = text.strip_prefix("export").filter(|rest| rest.starts_with(is_space));
    let found = exported.and_then(|rest| named(rest.trim_start_matches(is_space)));
    found.or_else(|| named(text))
}

fn named(text: &str) -> Option<(&str, String, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return None;
    }
    let after = if let Some(after) = rest.trim_start_matches(is_space).strip_prefix('=') {
        after
    } else {
        let mut chars = rest.strip_prefix(':')?.chars();
        chars.next().filter(|c| is_space(*c))?;
        chars.as_str()
    };
    let (value, rest, quote) = value(after);
    let value = if quote == Some('"') { value.replace("\\n", "\n").replace("\\r", "\r") } else { value.to_owned() };
    Some((name, value, rest))
}

/// The value, what follows it, and the quote that the text began with.
fn value(after: &str) -> (&str, &str, Option<char>) {
    // A quoted value may begin on a later line.
    let trimmed = after.trim_start_matches(is_space);
    let quote = trimmed.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    if let Some(quote) = quote
        && let Some(end) = closing(trimmed, quote, is_nothing)
    {
        return (&trimmed[1..end], behind(&trimmed[end + 1..]), Some(quote));
    }
    let end = after.find(['#', '\n']).unwrap_or(after.len());
    let value = after[..end].trim_matches(is_space);
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    let inner = quote.and_then(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    (inner.unwrap_or(value), behind(&after[end..]), quote)
}

/// Behind a comment, where there is one.
fn behind(rest: &str) -> &str {
    let trimmed = rest.trim_start_matches(|c| is_space(c) && !is_end(c));
    if trimmed.starts_with('#') { &trimmed[trimmed.find(is_end).unwrap_or(trimmed.len())..] } else { rest }
}

/// Whether a value ends here, at a line's end or a comment.
fn is_nothing(rest: &str) -> bool {
    let rest = rest.trim_start_matches(|c| is_space(c) && !is_end(c));
    rest.is_empty() || rest.starts_with(is_end) || rest.starts_with('#')
}
