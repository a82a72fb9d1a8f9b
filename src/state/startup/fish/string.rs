//! `string`: what it prints, and how it ends.
//!
//! Source: fish 3.6.0, run (`tests/startup/fish_forms.py`).

use std::collections::BTreeMap;

use super::Untold;
use super::expand::wild;
use super::output::INNER_NEWLINE;
use super::regex::{Captures, Regex};
use super::run::{Run, list_value};
use crate::state::startup::tools::{Printed, lines};
use crate::state::startup::value::Value;

/// The options of a subcommand, as `getopt` has them, and the long names of some.
const OPTIONS: [(&str, &str); 13] = [
    ("collect", "N"),
    ("join", "qn"),
    ("escape", ""),
    ("length", "q"),
    ("lower", "q"),
    ("upper", "q"),
    ("match", "aeigqrv"),
    ("replace", "afiqr"),
    ("split", "nqrm:f:"),
    ("sub", "qs:l:e:"),
    ("trim", "lrqc:"),
    ("repeat", "qNn:m:"),
    ("pad", "rw:c:"),
];
const LONG: [(&str, u8); 21] = [
    ("all", b'a'),
    ("char", b'c'),
    ("chars", b'c'),
    ("count", b'n'),
    ("end", b'e'),
    ("entire", b'e'),
    ("fields", b'f'),
    ("filter", b'f'),
    ("groups-only", b'g'),
    ("ignore-case", b'i'),
    ("invert", b'v'),
    ("left", b'l'),
    ("length", b'l'),
    ("max", b'm'),
    ("no-empty", b'n'),
    ("no-newline", b'N'),
    ("quiet", b'q'),
    ("regex", b'r'),
    ("right", b'r'),
    ("start", b's'),
    ("width", b'w'),
];
/// Most that `repeat` and `pad` make.
const MOST: usize = 100_000;

/// What stands behind a subcommand.
struct Arguments<'a> {
    options: BTreeMap<u8, &'a [u8]>,
    operands: Vec<&'a [u8]>,
}

impl<'a> Arguments<'a> {
    /// `None` of options that the subcommand does not have. They may stand behind operands as well.
    fn new(sub: &[u8], all: &[&'a [u8]]) -> Option<Self> {
        let (_, letters) = OPTIONS.iter().find(|(name, _)| name.as_bytes() == sub)?;
        let takes = |letter: u8| -> Option<bool> {
            let at = letters.bytes().position(|l| l == letter && l != b':')?;
            Some(letters.as_bytes().get(at + 1) == Some(&b':'))
        };
        let mut out = Self { options: BTreeMap::new(), operands: Vec::new() };
        let mut rest = all.iter();
        while let Some(word) = rest.next() {
            match *word {
                b"--" => out.operands.extend(rest.by_ref()),
                [b'-', b'-', long @ ..] => {
                    let end = long.iter().position(|b| *b == b'=').unwrap_or(long.len());
                    let (_, letter) = LONG.iter().find(|(name, _)| name.as_bytes() == &long[..end])?;
                    let value = match (takes(*letter)?, long.get(end + 1..)) {
                        (true, Some(value)) => value,
                        (true, None) => rest.next()?,
                        (false, None) => b"",
                        (false, Some(_)) => return None,
                    };
                    out.options.insert(*letter, value);
                }
                [b'-', letters @ ..] if !letters.is_empty() => {
                    for (i, letter) in letters.iter().enumerate() {
                        if takes(*letter)? {
                            let value = &letters[i + 1..];
                            out.options.insert(*letter, if value.is_empty() { rest.next()? } else { value });
                            break;
                        }
                        out.options.insert(*letter, b"");
                    }
                }
                operand => out.operands.push(operand),
            }
        }
        Some(out)
    }

    fn has(&self, letter: u8) -> bool {
        self.options.contains_key(&letter)
    }

    /// The number that an option says; `None` without the option.
    fn number(&self, letter: u8) -> Result<Option<i64>, Untold> {
        let number = |value: &&[u8]| std::str::from_utf8(value).ok()?.parse().ok();
        self.options.get(&letter).map(|value| number(value).ok_or(Untold)).transpose()
    }
}

/// The values of named groups; `None` where they cannot be told.
type Named = Vec<(Vec<u8>, Option<Vec<Vec<u8>>>)>;

impl Run<'_> {
    /// `string SUBCOMMAND …`, with the options that start-up files use; `None` for any other. The named groups of
    /// `string match -r` are set.
    pub(super) fn string(&mut self, arguments: &[&[u8]]) -> Option<Printed> {
        let mut named = names_of(arguments);
        let printed = self.string_of(arguments, &mut named);
        for (name, value) in named {
            let value = value.filter(|_| printed.is_some()).map_or(Value::Unknown, |list| list_value(&list));
            self.set_in(None, &name, value, None);
        }
        printed
    }

    fn string_of(&mut self, arguments: &[&[u8]], named: &mut Named) -> Option<Printed> {
        let (sub, rest) = arguments.split_first()?;
        let arguments = Arguments::new(sub, rest)?;
        let fixed = match *sub {
            b"split" | b"match" | b"join" => 1,
            b"replace" => 2,
            _ => 0,
        };
        let (fixed, words) = arguments.operands.split_at_checked(fixed)?;
        let read: Vec<u8>;
        let texts: Vec<&[u8]> = if !words.is_empty() {
            words.to_vec()
        } else if !self.world.stdin.direct {
            Vec::new()
        } else if *sub == b"collect" {
            read = self.world.stdin.rest()?;
            vec![&read]
        } else {
            read = self.world.stdin.rest()?;
            lines(&read).collect()
        };
        let (out, success) = match *sub {
            b"match" => matched(&arguments, fixed[0], &texts, named)?,
            b"replace" => replaced(&arguments, fixed[0], fixed[1], &texts)?,
            b"split" => split(&arguments, fixed[0], &texts)?,
            _ => changed(sub, &arguments, fixed.first().copied(), &texts)?,
        };
        let text = match () {
            () if arguments.has(b'q') => Vec::new(),
            () if arguments.has(b'N') && *sub == b"repeat" => return None,
            () => out.iter().flat_map(|line| [line.as_slice(), b"\n"].concat()).collect(),
        };
        Some(Printed { text, success, unordered: false })
    }
}

/// The names of groups that a command sets.
fn names_of(arguments: &[&[u8]]) -> Named {
    let mut out = Named::new();
    if arguments.first() != Some(&b"match".as_slice()) {
        return out;
    }
    for text in arguments {
        for (at, _) in text.windows(3).enumerate().filter(|(_, w)| w == b"(?<" || w == b"?P<") {
            let name: Vec<u8> = text[at + 3..].iter().copied().take_while(|b| *b != b'>').collect();
            if name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') {
                out.push((name, None));
            }
        }
    }
    out
}

type Lines = Option<(Vec<Vec<u8>>, bool)>;

/// The subcommands that make one text of each, or of all.
fn changed(sub: &[u8], arguments: &Arguments<'_>, fixed: Option<&[u8]>, texts: &[&[u8]]) -> Lines {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let mut success = false;
    if sub == b"join" {
        let texts: Vec<&[u8]> = texts.iter().copied().filter(|text| !arguments.has(b'n') || !text.is_empty()).collect();
        if !texts.is_empty() {
            out.push(texts.join(fixed?));
        }
        return Some((out, texts.len() > 1));
    }
    let width = arguments.number(b'w').ok()?.and_then(|w| usize::try_from(w).ok()).unwrap_or(0);
    let widest = texts.iter().map(|text| text.len()).max().unwrap_or(0).max(width);
    if widest > MOST {
        return None;
    }
    for text in texts {
        match sub {
            b"trim" => {
                let (left, right) = (arguments.has(b'l'), arguments.has(b'r'));
                let chars = *arguments.options.get(&b'c').unwrap_or(&b" \t\n\r\x0b\x0c".as_slice());
                let blanks = |text: &mut dyn Iterator<Item = &u8>| text.take_while(|b| chars.contains(b)).count();
                let start = if left || !right { blanks(&mut text.iter()) } else { 0 };
                let end = if right || !left { blanks(&mut text[start..].iter().rev()) } else { 0 };
                success |= start + end > 0;
                out.push(text[start..text.len() - end].to_vec());
            }
            b"lower" | b"upper" if text.is_ascii() => {
                let new = if sub == b"lower" { text.to_ascii_lowercase() } else { text.to_ascii_uppercase() };
                success |= new != *text;
                out.push(new);
            }
            b"length" => {
                success |= !text.is_empty();
                out.push(std::str::from_utf8(text).ok()?.chars().count().to_string().into_bytes());
            }
            b"escape" if text.iter().all(|b| b.is_ascii_alphanumeric() || b"_./=-".contains(b)) && !text.is_empty() => {
                success = true;
                out.push(text.to_vec());
            }
            b"sub" if text.is_ascii() => {
                success = true;
                out.push(part(arguments, text)?);
            }
            b"repeat" => {
                let count = arguments.number(b'n').ok()?.map_or(Some(0), |n| usize::try_from(n).ok())?;
                let most = arguments.number(b'm').ok()?.map_or(Some(usize::MAX), |n| usize::try_from(n).ok())?;
                if count == 0 && most != usize::MAX || text.len().saturating_mul(count) > MOST || !text.is_ascii() {
                    return None;
                }
                let mut new = text.repeat(count);
                new.truncate(most);
                success |= !new.is_empty();
                if count > 0 && !text.is_empty() {
                    out.push(new);
                }
            }
            b"pad" if text.is_ascii() => {
                let char = *arguments.options.get(&b'c').unwrap_or(&b" ".as_slice());
                let [char] = char else { return None };
                let more = vec![*char; widest - text.len()];
                success |= !more.is_empty();
                out.push(if arguments.has(b'r') { [*text, &more].concat() } else { [&more, *text].concat() });
            }
            b"collect" => {
                let end = text.iter().rev().take_while(|b| **b == b'\n' && !arguments.has(b'N')).count();
                let text = &text[..text.len() - end];
                success |= !text.is_empty();
                // It stays one element.
                let inner = |b: &u8| if *b == b'\n' { INNER_NEWLINE } else { *b };
                if !text.is_empty() {
                    out.push(text.iter().map(inner).collect());
                }
            }
            _ => return None,
        }
    }
    Some((out, success))
}

/// `string sub`
fn part(arguments: &Arguments<'_>, text: &[u8]) -> Option<Vec<u8>> {
    let length = i64::try_from(text.len()).ok()?;
    let start = match arguments.number(b's').ok()? {
        Some(0) => return None,
        Some(n) if n < 0 => (length + n).max(0),
        Some(n) => (n - 1).min(length),
        None => 0,
    };
    let end = match (arguments.number(b'e').ok()?, arguments.number(b'l').ok()?) {
        (Some(_), Some(_)) | (Some(0), _) => return None,
        (Some(n), None) if n < 0 => length + n,
        (Some(n), None) => n.min(length),
        (None, Some(n)) if n < 0 => return None,
        (None, Some(n)) => start.saturating_add(n).min(length),
        (None, None) => length,
    };
    let range = usize::try_from(start).ok()?..usize::try_from(end.max(start)).ok()?;
    Some(text[range].to_vec())
}

fn split(arguments: &Arguments<'_>, by: &[u8], texts: &[&[u8]]) -> Lines {
    let most = match arguments.number(b'm').ok()? {
        Some(n) => usize::try_from(n).ok()?,
        None => usize::MAX,
    };
    let fields = match arguments.options.get(&b'f') {
        Some(fields) => Some(fields_of(std::str::from_utf8(fields).ok()?)?),
        None => None,
    };
    let (mut out, mut success) = (Vec::new(), false);
    for text in texts {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        if by.is_empty() {
            if most != usize::MAX || !text.is_ascii() {
                return None;
            }
            parts.extend(text.chunks(1).map(<[u8]>::to_vec));
        } else {
            let right = arguments.has(b'r');
            let mut rest = *text;
            while parts.len() < most {
                let mut places = rest.windows(by.len());
                let at = if right { places.rposition(|w| w == by) } else { places.position(|w| w == by) };
                let Some(at) = at else { break };
                let (before, behind) = (&rest[..at], &rest[at + by.len()..]);
                let (part, more) = if right { (behind, before) } else { (before, behind) };
                parts.push(part.to_vec());
                rest = more;
            }
            parts.push(rest.to_vec());
            if right {
                parts.reverse();
            }
        }
        success |= parts.len() > 1;
        if arguments.has(b'n') {
            parts.retain(|part| !part.is_empty());
        }
        match &fields {
            Some(fields) => {
                for field in fields {
                    match parts.get(field - 1) {
                        Some(part) => out.push(part.clone()),
                        None if texts.len() == 1 => return Some((Vec::new(), false)),
                        None => return None,
                    }
                }
            }
            None => out.append(&mut parts),
        }
    }
    Some((out, success))
}

/// `2`, `1,3`, `2-4`
fn fields_of(text: &str) -> Option<Vec<usize>> {
    let mut out = Vec::new();
    for one in text.split(',') {
        let (from, to) = one.split_once('-').unwrap_or((one, one));
        let (from, to): (usize, usize) = (from.parse().ok()?, to.parse().ok()?);
        if from == 0 || from > to || to > 1000 {
            return None;
        }
        out.extend(from..=to);
    }
    Some(out)
}

fn matched(arguments: &Arguments<'_>, wanted: &[u8], texts: &[&[u8]], named: &mut Named) -> Lines {
    let has = |letter| arguments.has(letter);
    let (mut out, mut success) = (Vec::new(), false);
    if !has(b'r') {
        if has(b'g') || has(b'e') || has(b'i') && !(wanted.is_ascii() && texts.iter().all(|text| text.is_ascii())) {
            return None;
        }
        let lower = |text: &[u8]| if has(b'i') { text.to_ascii_lowercase() } else { text.to_vec() };
        for text in texts {
            if wild(&lower(wanted), &lower(text)) != has(b'v') {
                success = true;
                out.push(text.to_vec());
            }
        }
        return Some((out, success));
    }
    let regex = Regex::new(wanted, has(b'i'))?;
    // Those without a match are empty lists.
    for (_, value) in named.iter_mut().filter(|_| !has(b'v')) {
        *value = Some(Vec::new());
    }
    for text in texts {
        let found = all(&regex, text, has(b'a'))?;
        if has(b'v') {
            if found.is_empty() {
                success = true;
                out.push(text.to_vec());
            }
            continue;
        }
        for (i, captures) in found.iter().enumerate() {
            let groups = captures.iter().map(|c| c.map(|(from, to)| text[from..to].to_vec()));
            let entire = has(b'e').then(|| text.to_vec()).filter(|_| i == 0);
            let skipped = usize::from(has(b'e') || has(b'g'));
            out.extend(entire.into_iter().chain(groups.skip(skipped).flatten()));
            for (name, number) in regex.names.iter().filter(|_| !success || has(b'a')) {
                if let Some((_, Some(list))) = named.iter_mut().find(|(n, _)| n == name) {
                    let (from, to) = captures[*number].filter(|_| !has(b'a') || texts.len() == 1)?;
                    list.push(text[from..to].to_vec());
                }
            }
        }
        success |= !found.is_empty();
    }
    Some((out, success))
}

/// The first match, or every one.
fn all(regex: &Regex, text: &[u8], every: bool) -> Option<Vec<Captures>> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(captures) = if from <= text.len() { regex.find(text, from).ok()? } else { None } {
        let (start, end) = captures[0]?;
        out.push(captures);
        if !every {
            break;
        }
        from = if end > start { end } else { end + 1 };
    }
    Some(out)
}

fn replaced(arguments: &Arguments<'_>, wanted: &[u8], new: &[u8], texts: &[&[u8]]) -> Lines {
    let has = |letter| arguments.has(letter);
    let (mut out, mut success) = (Vec::new(), false);
    let regex = if has(b'r') { Some(Regex::new(wanted, has(b'i'))?) } else { None };
    if regex.is_none() && (has(b'i') || wanted.is_empty()) {
        return None;
    }
    for text in texts {
        let found: Vec<(usize, usize, Vec<u8>)> = if let Some(regex) = &regex {
            let put = |captures: Captures| {
                let (start, end) = captures[0]?;
                Some((start, end, filled(regex, new, text, &captures)?))
            };
            all(regex, text, has(b'a'))?.into_iter().map(put).collect::<Option<_>>()?
        } else {
            let mut found = Vec::new();
            let mut from = 0;
            while let Some(at) = text[from..].windows(wanted.len()).position(|w| w == wanted) {
                found.push((from + at, from + at + wanted.len(), new.to_vec()));
                from += at + wanted.len();
                if !has(b'a') {
                    break;
                }
            }
            found
        };
        let mut line = Vec::new();
        let mut from = 0;
        for (start, end, new) in &found {
            line.extend_from_slice(&text[from..*start]);
            line.extend_from_slice(new);
            from = *end;
        }
        line.extend_from_slice(&text[from..]);
        success |= !found.is_empty();
        if !found.is_empty() || !has(b'f') {
            out.push(line);
        }
    }
    Some((out, success))
}

/// What is put in: `$1`, `${1}`, `${name}`, `$$`, `\n` and the like.
fn filled(regex: &Regex, new: &[u8], text: &[u8], captures: &Captures) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = new;
    while let Some((&b, more)) = rest.split_first() {
        rest = more;
        match b {
            b'$' => {
                let (name, after) = match rest {
                    [b'$', after @ ..] => {
                        out.push(b'$');
                        rest = after;
                        continue;
                    }
                    [b'{', inner @ ..] => {
                        let end = inner.iter().position(|b| *b == b'}')?;
                        (&inner[..end], &inner[end + 1..])
                    }
                    _ => rest.split_at(rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()),
                };
                let number = match std::str::from_utf8(name).ok()?.parse() {
                    Ok(number) => number,
                    Err(_) => regex.names.iter().find(|(n, _)| n == name)?.1,
                };
                if let Some((from, to)) = captures.get(number)? {
                    out.extend_from_slice(&text[*from..*to]);
                }
                rest = after;
            }
            b'\\' => {
                let (escaped, more) = rest.split_first()?;
                out.push(match escaped {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b if !b.is_ascii_alphanumeric() => *b,
                    _ => return None,
                });
                rest = more;
            }
            b => out.push(b),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    fn value(text: &str) -> Value {
        let text = format!("set -gx HF_TOKEN (string {text})");
        let fake = Fake::home().file("/home/u/.config/fish/config.fish", text);
        start(&fake, Shell::Fish, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    /// Each value is that of fish 3.6.
    #[test]
    fn what_each_subcommand_prints() {
        for (text, want) in [
            ("join , a b", "a,b"),
            ("join -n , a '' b", "a,b"),
            ("split -m1 = a=b=c", "a b=c"),
            ("split -r -m1 = a=b=c", "a=b c"),
            ("split -n , a,,b", "a b"),
            ("split '' abc", "a b c"),
            ("split -f2 : a:b:c", "b"),
            ("split --fields=1,3 : a:b:c", "a c"),
            ("split : -m1 a:b:c", "a b:c"),
            ("sub -s 2 -l 1 abcd", "b"),
            ("sub -s -2 abcd", "cd"),
            ("sub --start=2 --end=-1 abcd", "bc"),
            ("repeat -n 2 ab", "abab"),
            ("pad -c 0 -w 3 7", "007"),
            ("trim -l ' a '", "a "),
            ("trim --chars \"'\\\"\" \"'a'\"", "a"),
            ("escape abc", "abc"),
            ("match -i A a", "a"),
            ("match '[ab]' a '[ab]'", "[ab]"),
            ("match -r '(b)(c)' abc", "bc b c"),
            ("match -rg 'x=(.*)' x=1", "1"),
            ("match -ra '[0-9]' a1b2", "1 2"),
            ("match -rv b abc d", "d"),
            ("match -re b abc", "abc"),
            ("match -r -- '-a' -a", "-a"),
            ("replace -r '=.*' '' A=b", "A"),
            ("replace -r '^([^=]+)=(.*)$' 'set $1 $2' 'A=b c'", "set A b c"),
            ("replace -ra 'x*' - axb", "-a--b-"),
            ("replace -ar '^[\"\\']|[\"\\']$' '' '\"a\"'", "a"),
            ("replace -r '(a)|(b)' '<$1>' b", "<>"),
            ("replace -r '(?<n>a)' '${n}x\\$' a", "ax$"),
            ("replace -f a b xa y", "xb"),
        ] {
            assert_eq!(value(text), Value::of(want.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_not_modelled_is_not_guessed() {
        for text in ["escape 'a b'", "replace -r a '\\1' a", "match -n a a", "upper \u{e9}", "sub -s 0 a", "shorten a"]
        {
            assert_eq!(value(text), Value::Unknown, "{text}");
        }
    }
}
