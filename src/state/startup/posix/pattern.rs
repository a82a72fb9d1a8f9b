//! A shell's patterns: `*`, `?`, `[…]`, `\`.

use crate::state::bracket::class;

/// What stands for a group of alternatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::state::startup) enum Groups {
    None,
    /// zsh: `(a|b)`
    Plain,
    /// bash with `extglob`: `@(a|b)`, and `?`, `*`, `+` and `!` likewise.
    Prefixed,
}

/// Whether a pattern matches all of a text; what was quoted in it is escaped.
pub(in crate::state::startup) fn matches(pattern: &[u8], text: &[u8], groups: Groups) -> bool {
    Match { groups, budget: 100_000 }.run(pattern, text)
}

/// Whether it is more than plain text.
pub(in crate::state::startup) fn is_pattern(pattern: &[u8], groups: Groups) -> bool {
    let pattern = unquoted(pattern);
    let open = pattern.iter().position(|b| *b == b'[');
    pattern.iter().any(|b| matches!(b, b'*' | b'?'))
        || open.is_some_and(|at| pattern[at..].contains(&b']'))
        || match groups {
            Groups::None => false,
            Groups::Plain => pattern.contains(&b'(') || (0..pattern.len()).any(|at| numbers(&pattern[at..]).is_some()),
            Groups::Prefixed => pattern.windows(2).any(|w| matches!(w, [b'@' | b'+' | b'!', b'('])),
        }
}

/// The bytes of a pattern that are not escaped.
pub(in crate::state::startup) fn unquoted(pattern: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(pattern.len());
    let mut bytes = pattern.iter();
    while let Some(&b) = bytes.next() {
        if b == b'\\' {
            bytes.next();
        } else {
            out.push(b);
        }
    }
    out
}

/// A pattern that matches this very text.
pub(in crate::state::startup) fn escaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &b in text {
        if matches!(b, b'*' | b'?' | b'[' | b'\\' | b'(' | b'|' | b')' | b'<' | b'^' | b'#' | b'~') {
            out.push(b'\\');
        }
        out.push(b);
    }
    out
}

/// The text of a pattern that is none.
pub(in crate::state::startup) fn unescaped(pattern: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(pattern.len());
    let mut bytes = pattern.iter();
    while let Some(&b) = bytes.next() {
        out.push(if b == b'\\' { bytes.next().copied().unwrap_or(b) } else { b });
    }
    out
}

/// zsh: the numbers that `<FROM-TO>` at the start of a pattern stands for, and what follows it.
pub(in crate::state::startup) fn numbers(pattern: &[u8]) -> Option<(std::ops::RangeInclusive<u64>, &[u8])> {
    let end = pattern.strip_prefix(b"<")?.iter().position(|b| *b == b'>')? + 1;
    let inner = std::str::from_utf8(&pattern[1..end]).ok()?;
    let (from, to) = inner.split_once('-')?;
    let number = |text: &str, none| match text {
        "" => Some(none),
        text if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    };
    Some((number(from, 0)?..=number(to, u64::MAX)?, &pattern[end + 1..]))
}

/// A group of alternatives.
struct Group<'p> {
    /// The sign before it.
    kind: u8,
    alternatives: Vec<&'p [u8]>,
    /// What follows it.
    rest: &'p [u8],
}

/// A comparison, and the steps that are left for it.
struct Match {
    groups: Groups,
    budget: u32,
}

impl Match {
    fn run(&mut self, mut pattern: &[u8], mut text: &[u8]) -> bool {
        loop {
            let Some(left) = self.budget.checked_sub(1) else { return false };
            self.budget = left;
            if let Some(group) = self.group(pattern) {
                return self.grouped(&group, pattern, text);
            }
            if let Some((range, rest)) = numbers(pattern).filter(|_| self.groups == Groups::Plain) {
                let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
                let number = |end: usize| std::str::from_utf8(&text[..end]).ok()?.parse::<u64>().ok();
                return (1..=digits)
                    .any(|end| number(end).is_some_and(|n| range.contains(&n)) && self.run(rest, &text[end..]));
            }
            let Some((&p, rest)) = pattern.split_first() else { return text.is_empty() };
            if p == b'*' {
                return (0..=text.len()).any(|i| self.run(rest, &text[i..]));
            }
            let Some((&t, text_rest)) = text.split_first() else { return false };
            let (fits, after) = match p {
                b'?' => (true, rest),
                b'[' => class(rest, t).unwrap_or((t == b'[', rest)),
                b'\\' => match rest.split_first() {
                    Some((&literal, after)) => (literal == t, after),
                    None => (t == b'\\', rest),
                },
                literal => (literal == t, rest),
            };
            if !fits {
                return false;
            }
            (pattern, text) = (after, text_rest);
        }
    }

    /// The group that a pattern begins with.
    fn group<'p>(&self, pattern: &'p [u8]) -> Option<Group<'p>> {
        let (kind, inner) = match (self.groups, pattern) {
            (Groups::Plain, [b'(', inner @ ..]) => (b'@', inner),
            (Groups::Prefixed, [kind @ (b'@' | b'?' | b'*' | b'+' | b'!'), b'(', inner @ ..]) => (*kind, inner),
            _ => return None,
        };
        let (mut depth, mut from, mut at) = (0_u32, 0, 0);
        let mut alternatives = Vec::new();
        while let Some(b) = inner.get(at) {
            match b {
                b'\\' => at += 1,
                b'(' => depth += 1,
                b')' if depth == 0 => {
                    alternatives.push(&inner[from..at]);
                    return Some(Group { kind, alternatives, rest: &inner[at + 1..] });
                }
                b')' => depth -= 1,
                b'|' if depth == 0 => {
                    alternatives.push(&inner[from..at]);
                    from = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        None
    }

    fn grouped(&mut self, Group { kind, alternatives, rest }: &Group<'_>, whole: &[u8], text: &[u8]) -> bool {
        // `*(…)`, where `whole` is any of the repeated ones.
        let again = [b"*", &whole[1..]].concat();
        let one = |run: &mut Self, part: &[u8]| alternatives.iter().any(|alternative| run.run(alternative, part));
        match *kind {
            b'!' => (0..=text.len()).any(|i| !one(self, &text[..i]) && self.run(rest, &text[i..])),
            b'*' => {
                self.run(rest, text) || (1..=text.len()).any(|i| one(self, &text[..i]) && self.run(whole, &text[i..]))
            }
            b'+' => (0..=text.len()).any(|i| one(self, &text[..i]) && self.run(&again, &text[i..])),
            _ => {
                *kind == b'?' && self.run(rest, text)
                    || (0..=text.len()).any(|i| one(self, &text[..i]) && self.run(rest, &text[i..]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_shell_matches() {
        for (pattern, text, want) in [
            ("*i*", "himBHs", true),
            ("*i*", "hBc", false),
            ("Linux*", "Linux", true),
            ("[a-c]?", "bx", true),
            ("[!a-c]?", "bx", false),
            ("[[:digit:]]*", "5.2", true),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("[", "[", true),
            ("", "", true),
            ("a(b)", "a(b)", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes(), Groups::None), want, "{pattern} {text}");
        }
        assert_eq!(unescaped(&escaped(b"a*[b]\\?")), b"a*[b]\\?");
    }

    #[test]
    fn groups_as_bash_and_zsh_have_them() {
        for (pattern, yes, no) in [
            ("@(a|bc).sh", "bc.sh", "b.sh"),
            ("!(b).sh", "a.sh", "b.sh"),
            ("?(x)y", "y", "xxy"),
            ("+(ab)", "abab", ""),
            ("*(ab|c)d", "abcd", "acd"),
            ("x@(a|@(b|c))", "xc", "xd"),
            ("a\\(b\\)", "a(b)", "ab"),
        ] {
            assert!(matches(pattern.as_bytes(), yes.as_bytes(), Groups::Prefixed), "{pattern} {yes}");
            assert!(!matches(pattern.as_bytes(), no.as_bytes(), Groups::Prefixed), "{pattern} {no}");
        }
        for (pattern, yes, no) in [("(a|x)*", "xy", "by"), ("*(a|b)", "cb", "c"), ("a(|b)", "a", "ac")] {
            assert!(matches(pattern.as_bytes(), yes.as_bytes(), Groups::Plain), "{pattern} {yes}");
            assert!(!matches(pattern.as_bytes(), no.as_bytes(), Groups::Plain), "{pattern} {no}");
        }
    }
}
