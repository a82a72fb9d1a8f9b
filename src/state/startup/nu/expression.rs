//! What an expression is worth.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use super::{Nu, read};
use crate::state::startup::value::Value;
use crate::system::TEXT_LIMIT;

/// What an expression comes to.
pub(super) enum Worth {
    Text(Vec<u8>),
    Nothing,
    Unknown,
    /// An error, which ends the file.
    Error,
}

use Worth::{Error, Nothing, Text, Unknown};

/// Commands that change nothing and do not fail on what they are usually given.
pub(super) const HARMLESS: [&[u8]; 52] = [
    b"alias",
    b"ansi",
    b"any",
    b"all",
    b"append",
    b"char",
    b"columns",
    b"compact",
    b"date",
    b"default",
    b"describe",
    b"each",
    b"echo",
    b"enumerate",
    b"filter",
    b"first",
    b"flatten",
    b"from",
    b"get",
    b"hash",
    b"insert",
    b"into",
    b"is-empty",
    b"is-not-empty",
    b"last",
    b"length",
    b"lines",
    b"match",
    b"merge",
    b"not",
    b"parse",
    b"path",
    b"prepend",
    b"print",
    b"reduce",
    b"reverse",
    b"select",
    b"skip",
    b"sort",
    b"split",
    b"str",
    b"sys",
    b"take",
    b"to",
    b"transpose",
    b"uniq",
    b"update",
    b"upsert",
    b"values",
    b"version",
    b"where",
    b"which",
];

/// Variables that it sets by itself.
const OWN: [&[u8]; 16] = [
    b"CMD_DURATION_MS",
    b"CURRENT_FILE",
    b"DIRS_LIST",
    b"DIRS_POSITION",
    b"ENV_CONVERSIONS",
    b"FILE_PWD",
    b"LAST_EXIT_CODE",
    b"NU_LIB_DIRS",
    b"NU_LOG_FORMAT",
    b"NU_PLUGIN_DIRS",
    b"NU_VERSION",
    b"OLDPWD",
    b"PROCESS_PATH",
    b"SHLVL",
    b"config",
    b"PWD",
];

/// Ends of names whose files `open` reads as more than a text.
const STRUCTURED: [&[u8]; 14] =
    [b"json", b"toml", b"yaml", b"yml", b"csv", b"tsv", b"nuon", b"ini", b"xml", b"env", b"nu", b"db", b"url", b"md"];

impl Nu<'_> {
    pub(super) fn worth(&self, text: &[u8], depth: u32) -> Worth {
        let text = text.trim_ascii();
        let Some(stages) = read::stages(text).filter(|_| depth < 10) else { return Unknown };
        let Some((first, rest)) = stages.split_first() else { return Unknown };
        let mut worth = self.head(first, depth);
        for stage in rest {
            let Some(words) = read::words(stage) else { return Unknown };
            worth = match (words.as_slice(), worth) {
                (_, Error) => return Error,
                ([b"default", value], Nothing) => self.operand(value, depth),
                ([b"default", _] | [b"into", b"string"], Text(text)) => Text(text),
                ([b"str", b"trim"], Text(text)) => Text(text.trim_ascii().to_vec()),
                ([b"path", b"expand"], Text(text)) => self.expanded(&text).map_or(Unknown, Text),
                ([b"path", b"join", parts @ ..], Text(text)) => {
                    let mut path = PathBuf::from(OsStr::from_bytes(&text));
                    for part in parts {
                        match self.operand(part, depth) {
                            Text(part) => path.push(OsStr::from_bytes(&part)),
                            Error => return Error,
                            Nothing | Unknown => return Unknown,
                        }
                    }
                    Text(path.as_os_str().as_bytes().to_vec())
                }
                _ => return Unknown,
            };
        }
        worth
    }

    /// The first command of a pipe.
    fn head(&self, text: &[u8], depth: u32) -> Worth {
        let Some(words) = read::words(text) else { return Unknown };
        match words.as_slice() {
            [b"open", rest @ ..] => self.opened(rest),
            [one, b"+" | b"++", other] => match (self.literal(one, depth), self.literal(other, depth)) {
                (Error, _) | (_, Error) => Error,
                // Numbers would be added.
                (Text(a), Text(b)) if [one, other].iter().all(|w| !w[0].is_ascii_digit()) => Text([a, b].concat()),
                _ => Unknown,
            },
            [one] => self.literal(one, depth),
            _ => Unknown,
        }
    }

    fn opened(&self, words: &[&[u8]]) -> Worth {
        let (raw, word) = match words {
            [b"--raw" | b"-r", word] | [word, b"--raw" | b"-r"] => (true, word),
            [word] => (false, word),
            _ => return Unknown,
        };
        let quoted = matches!(word[0], b'"' | b'\'');
        let path = match self.operand(word, 0) {
            // `~` in quotes stays as it is.
            Text(path) if !(quoted && path.starts_with(b"~")) => self.expanded(&path),
            Text(_) => return Error,
            _ => None,
        };
        let Some(path) = path else { return Unknown };
        let name = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
        let end = name.iter().rposition(|b| *b == b'.').filter(|at| *at > 0).map(|at| &name[at + 1..]);
        if !raw && end.is_some_and(|end| STRUCTURED.contains(&end) || !matches!(end, b"txt" | b"token" | b"key")) {
            return Unknown;
        }
        match self.system.read(std::path::Path::new(OsStr::from_bytes(&path)), TEXT_LIMIT) {
            Ok(content) if !content.truncated && std::str::from_utf8(&content.bytes).is_ok() => Text(content.bytes),
            Ok(_) => Unknown,
            Err(_) => Error,
        }
    }

    /// A word that a command is given: bare ones are texts.
    pub(super) fn operand(&self, word: &[u8], depth: u32) -> Worth {
        let bare = word.iter().all(|b| b.is_ascii_alphanumeric() || b"_-./~".contains(b));
        if bare
            && !matches!(word, b"null" | b"true" | b"false")
            && !word.iter().all(|b| b.is_ascii_digit() || b"-.".contains(b))
        {
            return Text(word.to_vec());
        }
        self.literal(word, depth)
    }

    /// A value in one word.
    pub(super) fn literal(&self, word: &[u8], depth: u32) -> Worth {
        match word {
            b"null" => Nothing,
            b"true" | b"false" => Text(word.to_vec()),
            [b'(', inner @ .., b')'] => self.worth(inner, depth + 1),
            [b'\'', inner @ .., b'\''] if !inner.contains(&b'\'') => Text(inner.to_vec()),
            [b'"', inner @ .., b'"'] => unescaped(inner).map_or(Unknown, Text),
            [b'$', quote @ (b'"' | b'\''), inner @ .., end] if quote == end => {
                self.interpolated(inner, *quote == b'"', depth)
            }
            [b'r', b'#', ..] => {
                let hashes = word[1..].iter().take_while(|b| **b == b'#').count();
                let inner = word.get(hashes + 2..word.len().saturating_sub(hashes + 1));
                inner.map_or(Unknown, |inner| Text(inner.to_vec()))
            }
            [b'$', b'e', b'n', b'v', b'.', name @ ..] => {
                let (name, optional) = match name.strip_suffix(b"?") {
                    Some(name) => (name, true),
                    None => (name, false),
                };
                if !is_name(name) {
                    return Unknown;
                }
                match self.variables.value(&self.known_as(name)) {
                    Value::Known(value) => Text(value.bytes().to_vec()),
                    Value::Unset if optional => Nothing,
                    // Those of the shell's own are not known here.
                    Value::Unset if self.names.iter().any(|own| own.as_bytes() == name) => Error,
                    _ => Unknown,
                }
            }
            [b'$', name @ ..] if is_name(name) => match self.own.get(name) {
                Some(Value::Known(value)) => Text(value.bytes().to_vec()),
                Some(Value::Unset) => Nothing,
                _ => Unknown,
            },
            _ => number(word).map_or(Unknown, Text),
        }
    }

    fn interpolated(&self, text: &[u8], escapes: bool, depth: u32) -> Worth {
        let (mut out, mut at, mut from) = (Vec::new(), 0, 0);
        let plain = |text: &[u8]| if escapes { unescaped(text) } else { Some(text.to_vec()) };
        while at < text.len() {
            match text[at] {
                b'\\' if escapes => at += 2,
                b'(' => {
                    let Some(before) = plain(&text[from..at]) else { return Unknown };
                    out.extend(before);
                    let Some(inner) = read::group(text, at) else { return Unknown };
                    match self.worth(&text[at + 1..inner - 1], depth + 1) {
                        Text(value) => out.extend(value),
                        Error => return Error,
                        Nothing | Unknown => return Unknown,
                    }
                    at = inner;
                    from = at;
                }
                _ => at += 1,
            }
        }
        let Some(rest) = plain(text.get(from..).unwrap_or_default()) else { return Unknown };
        out.extend(rest);
        if self.growth.takes(out.len()) { Text(out) } else { Unknown }
    }

    /// An absolute path; `~` is the home.
    pub(super) fn expanded(&self, path: &[u8]) -> Option<Vec<u8>> {
        let home = self.variables.value(b"HOME");
        let path = match path {
            [b'~'] => home.bytes()?.to_vec(),
            [b'~', b'/', rest @ ..] => [home.bytes()?, b"/", rest].concat(),
            [b'~', ..] => return None,
            path => path.to_vec(),
        };
        let parts: Vec<&[u8]> = path.split(|b| *b == b'/').collect();
        (path.starts_with(b"/") && !parts.iter().any(|part| matches!(*part, b"." | b".."))).then_some(path)
    }

    /// Whether it may fail: a program that it starts may not be there, or end with an error; a variable may not be set.
    pub(super) fn may_fail(&self, text: &[u8]) -> bool {
        const REFERENCE: &[u8] = b"$env.";
        let unset = (0..text.len()).filter(|at| text[*at..].starts_with(REFERENCE)).any(|at| {
            let rest = &text[at + REFERENCE.len()..];
            let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            let name = &rest[..length];
            rest.get(length) != Some(&b'?')
                && self.variables.value(&self.known_as(name)) == Value::Unset
                && !OWN.contains(&name)
                && !name.starts_with(b"PROMPT_")
                && !name.starts_with(b"TRANSIENT_")
        });
        if unset {
            return true;
        }
        let mut head = true;
        for (at, b) in text.iter().enumerate() {
            match b {
                b'(' | b'|' | b'{' | b';' | b'\n' => head = true,
                b' ' | b'\t' => {}
                b'^' if head => return true,
                b if head && (b.is_ascii_alphabetic() || *b == b'_') => {
                    head = false;
                    let word = text[at..]
                        .split(|b| !(b.is_ascii_alphanumeric() || b"-_".contains(b)))
                        .next()
                        .unwrap_or_default();
                    let value = matches!(word, b"true" | b"false" | b"null");
                    if !value && !HARMLESS.contains(&word) {
                        return true;
                    }
                }
                _ => head = false,
            }
        }
        false
    }
}

pub(super) fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// A whole number, as it is shown.
fn number(word: &[u8]) -> Option<Vec<u8>> {
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let number: i64 = std::str::from_utf8(word).ok().filter(|_| plain)?.parse().ok()?;
    Some(number.to_string().into_bytes())
}

fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(b) = bytes.next() {
        if *b != b'\\' {
            out.push(*b);
            continue;
        }
        out.push(match bytes.next()? {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b @ (b'\\' | b'"' | b'\'' | b'/' | b'(' | b')' | b'$') => *b,
            _ => return None,
        });
    }
    Some(out)
}
