//! What stands behind the name in `${NAME…}`, and zsh's modifiers.
//!
//! Source: bash 5.2, zsh 5.9, dash 0.5.12, run (`tests/startup/dotfiles.py`).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::rc::Rc;

use super::Dialect;
use super::declare::is_identifier;
use super::fault::Fault;
use super::output::logical;
use super::pattern::{self, Groups};
use super::run::Run;
use super::syntax::{Anchor, Change, Index, Parameter, Piece, Word};
use crate::state::startup::value::{Truth, Value};

/// Longest value in which a pattern is looked for.
const LONGEST: usize = 2000;

impl Run<'_> {
    /// What a reference to one value stands for.
    pub(super) fn parameter(&mut self, parameter: &Parameter) -> Value {
        if parameter.change == Change::IsSet {
            return self.is_set(parameter);
        }
        let value = self.subject(parameter);
        self.changed(parameter, value)
    }

    /// What a reference makes of one value.
    pub(super) fn changed(&mut self, parameter: &Parameter, value: Value) -> Value {
        match &parameter.change {
            Change::None | Change::Length | Change::Split | Change::Each
                if value == Value::Unset && self.option("nounset") =>
            {
                self.note(Fault::Expansion);
                Value::Unknown
            }
            Change::Wrong => {
                self.note(Fault::Expansion);
                Value::Unknown
            }
            Change::None | Change::Split | Change::Each => value,
            Change::Other | Change::IsSet | Change::Indices | Change::Order { .. } => Value::Unknown,
            Change::Length => match value {
                Value::Known(token) => Value::of(token.bytes().len().to_string().as_bytes()),
                Value::Unset => Value::of(b"0"),
                Value::Unknown => Value::Unknown,
            },
            // bash: of a reference the name for which it stands.
            Change::Indirect if self.meant(&parameter.name) != parameter.name => Value::of(self.meant(&parameter.name)),
            Change::Indirect => match value.bytes().filter(|name| is_identifier(name)) {
                Some(name) => self.value(name),
                None => Value::Unknown,
            },
            Change::Case { upper, all } => match plain(&value) {
                Some(text) => Value::of(&in_case(text, *upper, *all)),
                None => Value::Unknown,
            },
            Change::Else { operator, colon, word } => self.or_else(parameter, value, (*operator, *colon), word),
            Change::Trim { end, longest, pattern: word } => {
                let (Some(text), Some(pattern)) = (value.bytes(), self.pattern(word)) else {
                    return if value == Value::Unset { Value::of(b"") } else { Value::Unknown };
                };
                Value::of(trimmed(text, &pattern, *end, *longest, self.groups()))
            }
            Change::Replace { all, at, pattern, with } => {
                let (pattern, with) = (self.pattern(pattern), self.whole(with, false));
                match (plain(&value), pattern, with.bytes()) {
                    // bash puts what was found in place of `&`.
                    (Some(text), Some(pattern), Some(with))
                        if text.len() <= LONGEST
                            && !self.option("nocasematch")
                            && !(self.dialect == Dialect::Bash && with.contains(&b'&')) =>
                    {
                        Value::of(&replaced(text, &pattern, with, (*all, *at), self.groups()))
                    }
                    _ => Value::Unknown,
                }
            }
            Change::Part { offset, length } => {
                let offset = self.arithmetic(offset);
                let length = match length {
                    Some(length) => self.arithmetic(length).map(Some),
                    None => Some(None),
                };
                match (plain(&value), offset, length) {
                    (Some(text), Some(offset), Some(length)) => {
                        part(text, offset, length).map_or(Value::Unknown, Value::of)
                    }
                    _ => Value::Unknown,
                }
            }
        }
    }

    /// `-`, `=`, `?` and `+`.
    fn or_else(&mut self, parameter: &Parameter, value: Value, (operator, colon): (u8, bool), word: &Word) -> Value {
        let there = match &value {
            Value::Known(token) => Truth::of(!colon || !token.bytes().is_empty()),
            Value::Unset => Truth::No,
            Value::Unknown => Truth::Maybe,
        };
        match (operator, there) {
            (b'+', Truth::Yes) | (b'-', Truth::No) => self.whole(word, false),
            (b'+', Truth::No) => Value::of(b""),
            (b'-' | b'=' | b'?', Truth::Yes) => value,
            (b'?', Truth::No) => {
                self.note(Fault::Required);
                Value::Unknown
            }
            (b'=', Truth::No) | (b':', _) if parameter.index.is_none() => {
                let value = self.whole(word, true);
                self.assign(&parameter.name, value.clone());
                value
            }
            (b'=' | b':', _) => {
                self.assign(&parameter.name, Value::Unknown);
                Value::Unknown
            }
            _ => Value::Unknown,
        }
    }

    /// zsh: `${+NAME}`; of `commands` whether there is such a program, of `functions` whether there is such a function.
    fn is_set(&mut self, parameter: &Parameter) -> Value {
        let set = match (&parameter.index, parameter.name.as_slice()) {
            (Some(Index::At(text)), name) if self.pairs(name).is_some() => {
                let text = Rc::clone(text);
                match self.element(name, None, &text) {
                    Value::Known(_) => Truth::Yes,
                    Value::Unset => Truth::No,
                    Value::Unknown => Truth::Maybe,
                }
            }
            (None, name) => match self.value(name) {
                Value::Known(_) => Truth::Yes,
                Value::Unset => Truth::No,
                Value::Unknown if self.elements(name).is_some() => Truth::Yes,
                Value::Unknown => Truth::Maybe,
            },
            (Some(Index::At(name)), b"commands") if !name.contains(&b'$') => {
                self.listed_command(name).map_or(Truth::Maybe, |path| Truth::of(path.is_some()))
            }
            // One that is loaded when it is called is not seen.
            (Some(Index::At(name)), b"functions") if self.function(name).is_some() => Truth::Yes,
            _ => Truth::Maybe,
        };
        match set {
            Truth::Yes => Value::of(b"1"),
            Truth::No => Value::of(b"0"),
            Truth::Maybe => Value::Unknown,
        }
    }

    /// zsh: `:h`, `:t` and so on.
    pub(super) fn modified(&mut self, inner: &Piece, modifiers: &[u8]) -> Value {
        let value = self.whole(&vec![inner.clone()], false);
        let Some(text) = value.bytes() else { return value };
        self.modified_text(text, modifiers).map_or(Value::Unknown, |text| Value::of(&text))
    }

    /// A text with modifiers; `None` where one is not modelled.
    pub(super) fn modified_text(&self, text: &[u8], modifiers: &[u8]) -> Option<Vec<u8>> {
        let mut text = text.to_vec();
        for modifier in modifiers {
            let slash = text.iter().rposition(|b| *b == b'/');
            let dot = text.iter().rposition(|b| *b == b'.').filter(|dot| slash.is_none_or(|slash| slash < *dot));
            text = match modifier {
                b'a' => logical(&self.absolute(&text)).into_os_string().into_encoded_bytes(),
                b'A' | b'P' => self.real(&text)?,
                b'h' => head(&text).to_vec(),
                b't' => {
                    text.strip_suffix(b"/").unwrap_or(&text).rsplit(|b| *b == b'/').next().unwrap_or_default().to_vec()
                }
                b'r' => text[..dot.unwrap_or(text.len())].to_vec(),
                b'e' => dot.map_or(Vec::new(), |dot| text[dot + 1..].to_vec()),
                b'l' => text.to_ascii_lowercase(),
                b'u' => text.to_ascii_uppercase(),
                _ => return None,
            };
        }
        Some(text)
    }

    /// A path without links; its last part need not be there.
    fn real(&self, text: &[u8]) -> Option<Vec<u8>> {
        let path = logical(&self.absolute(text));
        let real = self.system.canonical(&path).or_else(|| {
            let parent = self.system.canonical(path.parent()?)?;
            Some(parent.join(path.file_name()?))
        });
        real.map(|path| path.into_os_string().into_encoded_bytes())
    }

    /// zsh: the file that is read, as it was named, or the function that runs.
    pub(super) fn source_of(&self, function: bool) -> Value {
        match (&self.zero, self.locals.is_empty()) {
            (zero, false) if function => zero.clone(),
            // A start-up file; the file in which the function stands.
            (Value::Unknown, true) | (_, false) => Value::of(self.file.as_os_str().as_bytes()),
            (zero, true) => zero.clone(),
        }
    }
}

fn head(text: &[u8]) -> &[u8] {
    match Path::new(OsStr::from_bytes(text)).parent() {
        Some(parent) if parent.as_os_str().is_empty() => b".",
        Some(parent) => parent.as_os_str().as_bytes(),
        None if text.starts_with(b"/") => b"/",
        None => b".",
    }
}

/// Text whose characters are bytes; nothing where it is not set.
fn plain(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Known(token) => Some(token.bytes()).filter(|b| b.is_ascii()),
        Value::Unset => Some(b""),
        Value::Unknown => None,
    }
}

fn in_case(text: &[u8], upper: bool, all: bool) -> Vec<u8> {
    let mut out = text.to_vec();
    let end = if all { out.len() } else { out.len().min(1) };
    if upper {
        out[..end].make_ascii_uppercase();
    } else {
        out[..end].make_ascii_lowercase();
    }
    out
}

/// `:OFFSET:LENGTH`; a negative one counts from the end.
fn part(text: &[u8], offset: i64, length: Option<i64>) -> Option<&[u8]> {
    let size = i64::try_from(text.len()).ok()?;
    let start = if offset < 0 { size + offset } else { offset };
    if !(0..=size).contains(&start) {
        return Some(b"");
    }
    let end = match length {
        None => size,
        Some(length) if length < 0 => size + length,
        Some(length) => start.saturating_add(length).min(size),
    };
    // An end before the start is an error.
    text.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}

fn replaced(text: &[u8], pattern: &[u8], with: &[u8], (all, at): (bool, Anchor), groups: Groups) -> Vec<u8> {
    let mut out = Vec::new();
    let mut from = 0;
    if pattern.is_empty() {
        return match at {
            Anchor::Start => [with, text].concat(),
            Anchor::End => [text, with].concat(),
            Anchor::Anywhere => text.to_vec(),
        };
    }
    while from <= text.len() {
        let ends: Vec<usize> = match at {
            Anchor::End => vec![text.len()],
            Anchor::Anywhere | Anchor::Start => (from..=text.len()).rev().collect(),
        };
        // What is empty is replaced at an end alone.
        let fits = |end: &usize| {
            (*end > from || at != Anchor::Anywhere) && pattern::matches(pattern, &text[from..*end], groups)
        };
        match ends.into_iter().find(fits) {
            Some(end) => {
                out.extend_from_slice(with);
                from = end;
                if !all || at != Anchor::Anywhere {
                    break;
                }
            }
            None if at == Anchor::Start || from == text.len() => break,
            None => {
                out.push(text[from]);
                from += 1;
            }
        }
    }
    out.extend_from_slice(&text[from..]);
    out
}

fn trimmed<'t>(text: &'t [u8], pattern: &[u8], end: bool, longest: bool, groups: Groups) -> &'t [u8] {
    let cuts: Vec<usize> = if end == longest { (0..=text.len()).collect() } else { (0..=text.len()).rev().collect() };
    for cut in cuts {
        let (part, kept) = if end { (&text[cut..], &text[..cut]) } else { (&text[..cut], &text[cut..]) };
        if pattern::matches(pattern, part, groups) {
            return kept;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_replacements() {
        for (text, offset, length, want) in [
            ("abcd", 1, None, Some("bcd")),
            ("abcd", 1, Some(2), Some("bc")),
            ("abcd", -2, None, Some("cd")),
            ("abcd", 0, Some(-1), Some("abc")),
            ("abcd", 9, None, Some("")),
            ("abcd", 3, Some(-3), None),
        ] {
            assert_eq!(part(text.as_bytes(), offset, length), want.map(str::as_bytes), "{text} {offset} {length:?}");
        }
        for (text, pattern, all, at, want) in [
            ("a-b-c", "-", false, Anchor::Anywhere, "a_b-c"),
            ("a-b-c", "-", true, Anchor::Anywhere, "a_b_c"),
            ("abab", "a*b", true, Anchor::Anywhere, "_"),
            ("abab", "ab", true, Anchor::Start, "_ab"),
            ("abab", "ab", false, Anchor::End, "ab_"),
            ("abab", "b", false, Anchor::Start, "abab"),
            ("abc", "", true, Anchor::Anywhere, "abc"),
            ("abc", "", false, Anchor::Start, "_abc"),
            ("abc", "", false, Anchor::End, "abc_"),
        ] {
            let out = replaced(text.as_bytes(), pattern.as_bytes(), b"_", (all, at), Groups::None);
            assert_eq!(String::from_utf8_lossy(&out), want, "{text} {pattern}");
        }
    }
}
