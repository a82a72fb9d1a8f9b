//! docker compose: the `.env` beside a compose file, and `env_file`.
//!
//! Source: compose-go 2 (`dotenv` and `template`), built and run. A line that it cannot read is an error of the whole
//! command.

use std::collections::BTreeMap;

use super::loaders::{Env, Read};

/// Bytes that all references together may grow to.
const GROWTH: usize = 1024 * 1024;
/// References within defaults of references.
const DEPTH: usize = 32;

/// What compose-go gives up on.
struct Broken;

fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\x0b' | '\x0c' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// Go's `unicode.IsSpace`.
fn is_space(c: char) -> bool {
    c.is_whitespace()
}

pub(super) fn read(bytes: &[u8], env: &Env<'_>) -> Read {
    let whole = String::from_utf8_lossy(bytes);
    let whole = whole.strip_prefix('\u{feff}').unwrap_or(&whole);
    let mut out = Read::default();
    let mut known = Known { env, above: BTreeMap::new(), growth: GROWTH };
    let mut rest = whole;
    let (mut line, mut passed) = (1u32, 0);
    loop {
        rest = rest.trim_start_matches(is_space);
        if rest.is_empty() {
            return out;
        }
        if rest.starts_with('#') {
            rest = rest.find('\n').map_or("", |at| &rest[at..]);
            continue;
        }
        let here = whole.len() - rest.len();
        let more = whole[passed..here].matches('\n').count();
        line = line.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        passed = here;
        match statement(rest, &mut known) {
            Ok((name, value, after)) => {
                rest = after;
                if let Some(value) = value {
                    known.above.insert(name.to_owned(), value.clone());
                    out.push(name, value, line);
                }
            }
            Err(Broken) => return Read { broken: true, ..out },
        }
    }
}

/// A name, its value (`None`: it takes the one that is set here, and none is), and what follows.
fn statement<'t>(text: &'t str, known: &mut Known<'_>) -> Result<(&'t str, Option<String>, &'t str), Broken> {
    let exported = text.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t', '\n', '\r', '\x0c']));
    let text = exported.map_or(text, |rest| rest.trim_start_matches(is_blank));
    if text.is_empty() {
        return Err(Broken);
    }
    let mut end = None;
    for (at, c) in text.char_indices().filter(|(_, c)| !is_blank(*c)) {
        match c {
            '=' | ':' | '\n' => {
                end = Some((at, c));
                break;
            }
            '_' | '.' | '-' | '[' | ']' => {}
            c if c.is_alphabetic() || c.is_numeric() => {}
            _ => return Err(Broken),
        }
    }
    // Without an end the name is empty, and all that is left is its value.
    let (name, after, alone) = match end {
        Some((at, c)) => (&text[..at], &text[at + 1..], c == '\n'),
        None => ("", text, false),
    };
    let name = name.trim_end_matches(is_space);
    let after = after.trim_start_matches(is_blank);
    if name.contains(' ') {
        return Err(Broken);
    }
    if alone {
        return Ok((name, (known.env)(name), after));
    }
    let (value, after) = value(after, known)?;
    Ok((name, Some(value), after))
}

fn value<'t>(text: &'t str, known: &mut Known<'_>) -> Result<(String, &'t str), Broken> {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let (line, after) = text.split_once('\n').unwrap_or((text, ""));
        let line = line.split_once(" #").map_or(line, |(value, _)| value).trim_end_matches(is_space);
        return Ok((known.expand(line, DEPTH)?, after));
    };
    let mut inner = String::new();
    let mut escape = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escape {
            let value = if quote == '"' { known.expand(&unescaped(&inner), DEPTH)? } else { inner };
            return Ok((value, &text[at + 1..]));
        }
        if c != quote && !escape && c == '\\' {
            escape = true;
            continue;
        }
        if c != quote && escape {
            inner.push('\\');
        }
        escape = false;
        inner.push(c);
    }
    Err(Broken)
}

/// The escapes of a shell; `\$` becomes the `$$` that references keep as one.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let mut taken = 1;
        match after.bytes().next() {
            Some(b'a') => out.push('\x07'),
            Some(b'b') => out.push('\x08'),
            Some(b'f') => out.push('\x0c'),
            Some(b'n') => out.push('\n'),
            Some(b'r') => out.push('\r'),
            Some(b't') => out.push('\t'),
            Some(b'v') => out.push('\x0b'),
            Some(b'\\') => out.push('\\'),
            Some(b'"') => out.push('"'),
            Some(b'$') => out.push_str("$$"),
            // Go reads three octal digits; fewer stay as they stand.
            Some(b'0') => {
                let digits: &str = &after[1..];
                let digits = &digits[..digits.bytes().take(3).take_while(u8::is_ascii_digit).count()];
                taken += digits.len();
                match u32::from_str_radix(digits, 8).ok().filter(|n| digits.len() == 3 && *n < 256) {
                    Some(code) => out.extend(char::from_u32(code)),
                    None => out.push_str(&["\\", if digits.len() < 3 { digits } else { "0" }].concat()),
                }
            }
            _ => {
                out.push('\\');
                taken = 0;
            }
        }
        rest = &after[taken..];
    }
    out.push_str(rest);
    out
}

struct Known<'k> {
    env: &'k Env<'k>,
    above: BTreeMap<String, String>,
    growth: usize,
}

impl Known<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.env)(name).or_else(|| self.above.get(name).cloned())
    }

    fn add(&mut self, value: &str, out: &mut String) {
        if let Some(left) = self.growth.checked_sub(value.len()) {
            self.growth = left;
            out.push_str(value);
        }
    }

    /// References: `$NAME`, `${NAME}`, and with `:-`, `-`, `:+`, `+`, `:?`, `?`; `$$` is a dollar.
    fn expand(&mut self, text: &str, depth: usize) -> Result<String, Broken> {
        let below = depth.checked_sub(1).ok_or(Broken)?;
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            if let Some(next) = after.strip_prefix('$') {
                out.push('$');
                rest = next;
            } else if let Some(inner) = after.strip_prefix('{') {
                let end = name_end(inner);
                let close = closing(inner).ok_or(Broken)?;
                if end == 0 || end > close {
                    return Err(Broken);
                }
                let value = self.braced(&inner[..end], &inner[end..close], below)?;
                self.add(&value, &mut out);
                rest = &inner[close + 1..];
            } else {
                let end = name_end(after);
                if end == 0 {
                    out.push('$');
                } else {
                    let value = self.get(&after[..end]).unwrap_or_default();
                    self.add(&value, &mut out);
                }
                rest = &after[end..];
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    fn braced(&mut self, name: &str, operation: &str, depth: usize) -> Result<String, Broken> {
        let value = self.get(name);
        let (filled, rest) = operation.strip_prefix(':').map_or((false, operation), |rest| (true, rest));
        let given = value.clone().filter(|v| !filled || !v.is_empty());
        let mut chars = rest.chars();
        match chars.next() {
            None if !filled => Ok(value.unwrap_or_default()),
            Some('-') => match given {
                Some(value) => Ok(value),
                None => self.expand(chars.as_str(), depth),
            },
            Some('+') => match given {
                Some(_) => self.expand(chars.as_str(), depth),
                None => Ok(value.unwrap_or_default()),
            },
            Some('?') => given.ok_or(Broken),
            _ => Err(Broken),
        }
    }
}

fn name_end(text: &str) -> usize {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return 0;
    }
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len())
}

/// The brace that closes what is open.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1;
    for (at, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}
