//! The Rust crate dotenvy, by which uv and mise read.
//!
//! Source: dotenvy 0.15.7 (`iter.rs`, `parse.rs`); uv 0.13.9 and mise 2026.9.15, run. References see the environment,
//! then the last line above. Of two lines of one name uv takes the first, mise the last. A line that cannot be read ends
//! the file for uv, which knows no byte order mark either; mise then refuses all of it.

use std::collections::BTreeMap;

use super::loaders::{Env, Read};

/// Bytes that all references together may grow to.
const GROWTH: usize = 1024 * 1024;

/// As uv reads.
pub(super) fn uv(bytes: &[u8], env: &Env<'_>) -> Read {
    read(bytes, env)
}

/// As mise reads: what is not UTF-8 it ignores with a warning.
pub(super) fn mise(bytes: &[u8], env: &Env<'_>) -> Read {
    if std::str::from_utf8(bytes).is_err() {
        return Read::default();
    }
    read(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes), env)
}

struct Known<'k> {
    env: &'k Env<'k>,
    above: BTreeMap<String, String>,
    growth: usize,
}

impl Known<'_> {
    fn put(&mut self, name: &str, out: &mut String) {
        let value = (self.env)(name).or_else(|| self.above.get(name).cloned()).unwrap_or_default();
        if let Some(left) = self.growth.checked_sub(value.len()) {
            self.growth = left;
            out.push_str(&value);
        }
    }
}

/// A line, or several that quotes hold together, that cannot be read.
enum Broken {
    Syntax,
    /// Bytes that are no UTF-8: uv starts nothing then.
    NotUtf8,
}

fn read(bytes: &[u8], env: &Env<'_>) -> Read {
    let mut out = Read::default();
    let mut known = Known { env, above: BTreeMap::new(), growth: GROWTH };
    let mut rest = bytes;
    let mut number = 1;
    while !rest.is_empty() {
        let start = number;
        match statement(&mut rest, &mut number).and_then(|line| pair(&line, &mut known)) {
            Ok(None) => {}
            Ok(Some((name, value))) => {
                known.above.insert(name.clone(), value.clone());
                out.push(name, value, start);
            }
            Err(broken) => {
                out.broken = true;
                out.fatal = matches!(broken, Broken::NotUtf8);
                break;
            }
        }
    }
    out
}

#[derive(Clone, Copy, PartialEq)]
enum Within {
    Plain,
    Blank,
    Escape,
    Quote(char),
    QuoteEscape(char),
}

/// The next line, with those that an open quote or a last backslash adds; without its comment.
fn statement(rest: &mut &[u8], number: &mut u32) -> Result<String, Broken> {
    let mut buffer = String::new();
    let mut within = Within::Plain;
    loop {
        if rest.is_empty() {
            // A blank at the very end of the file is an end in the middle, too.
            return if within == Within::Plain { Ok(buffer) } else { Err(Broken::Syntax) };
        }
        let end = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |at| at + 1);
        let (line, after) = rest.split_at(end);
        *rest = after;
        *number = number.saturating_add(1);
        let line = std::str::from_utf8(line).map_err(|_| Broken::NotUtf8)?;
        let from = buffer.len();
        buffer.push_str(line);
        if buffer.trim_start().starts_with('#') {
            return Ok(String::new());
        }
        for (at, c) in line.char_indices() {
            within = match (within, c) {
                (Within::Blank, '#') => {
                    buffer.truncate(from + at);
                    return Ok(buffer);
                }
                (Within::Plain | Within::Blank, '\\') => Within::Escape,
                (Within::Plain | Within::Blank, '"' | '\'') => Within::Quote(c),
                (Within::Plain, c) if c.is_whitespace() && c != '\n' && c != '\r' => Within::Blank,
                (Within::Plain | Within::Blank | Within::Escape, _) => Within::Plain,
                (Within::Quote(quote), '\\') => Within::QuoteEscape(quote),
                (Within::Quote(quote), c) if c == quote => Within::Plain,
                (Within::Quote(quote) | Within::QuoteEscape(quote), _) => Within::Quote(quote),
            };
        }
        if within == Within::Plain {
            let line = buffer.strip_suffix('\n').map(|l| l.strip_suffix('\r').unwrap_or(l));
            return Ok(line.unwrap_or(&buffer).to_owned());
        }
    }
}

fn pair(line: &str, known: &mut Known<'_>) -> Result<Option<(String, String)>, Broken> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (mut name, mut rest) = key(line)?;
    rest = rest.trim_start();
    if name == "export" && !rest.starts_with('=') {
        (name, rest) = key(rest)?;
        rest = rest.trim_start();
    }
    let rest = rest.strip_prefix('=').ok_or(Broken::Syntax)?.trim_start();
    let value = if rest.is_empty() || rest.starts_with('#') { String::new() } else { value(rest, known)? };
    Ok(Some((name.to_owned(), value)))
}

fn key(text: &str) -> Result<(&str, &str), Broken> {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return Err(Broken::Syntax);
    }
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(text.len());
    Ok(text.split_at(end))
}

fn value(text: &str, known: &mut Known<'_>) -> Result<String, Broken> {
    let mut out = String::new();
    let mut quote: Option<char> = None;
    let mut escaped = false;
    // The name of a reference, and whether it stands in braces.
    let mut reference: Option<(String, bool)> = None;
    let mut ended = false;
    for c in text.chars() {
        if ended {
            match c {
                ' ' | '\t' => continue,
                '#' => break,
                _ => return Err(Broken::Syntax),
            }
        }
        if escaped {
            match c {
                '\\' | '\'' | '"' | '$' | ' ' => out.push(c),
                'n' => out.push('\n'),
                _ => return Err(Broken::Syntax),
            }
            escaped = false;
            continue;
        }
        if quote == Some('\'') {
            if c == '\'' {
                quote = None;
            } else {
                out.push(c);
            }
            continue;
        }
        if let Some((name, braces)) = &mut reference {
            // What ends a bare name is text, whatever it is: a quote, too.
            if c.is_alphanumeric() {
                name.push(c);
            } else if *braces {
                if c == '}' {
                    known.put(name, &mut out);
                    reference = None;
                } else {
                    name.push(c);
                }
            } else if c == '{' && name.is_empty() {
                *braces = true;
            } else {
                known.put(name, &mut out);
                reference = (c == '$').then(|| (String::new(), false));
                if c != '$' {
                    out.push(c);
                }
            }
            continue;
        }
        match (c, quote) {
            ('$', _) => reference = Some((String::new(), false)),
            ('\\', _) => escaped = true,
            ('"', Some(_)) => quote = None,
            ('\'' | '"', None) => quote = Some(c),
            (' ' | '\t', None) => ended = true,
            _ => out.push(c),
        }
    }
    match reference {
        Some((_, true)) => Err(Broken::Syntax),
        _ if quote.is_some() => Err(Broken::Syntax),
        Some((name, false)) => {
            known.put(&name, &mut out);
            Ok(out)
        }
        None => Ok(out),
    }
}
