//! Regular expressions, as far as start-up files use them with `grep` and `sed`. A crate for them would be a third of
//! hflint's size, and reads another language: there `\|` is a character, here it is an alternative.
//!
//! Source: GNU grep 3.8 and sed 4.9, run (`tests/startup/dotfiles.py`).

use crate::state::bracket::class;

/// A regular expression: single characters, `.`, `[…]`, each with `*`, the extended ones also with `+` and `?`; and the
/// anchors.
#[derive(Debug)]
pub(super) struct Expression {
    start: bool,
    end: bool,
    atoms: Vec<(Atom, Times)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    Once,
    /// Once, or not at all.
    Perhaps,
    Any,
}

#[derive(Debug, Clone)]
enum Atom {
    Byte(u8),
    Any,
    Blank,
    Class(Vec<u8>),
}

/// A text that stands for itself.
pub(super) fn literal(text: &[u8]) -> Expression {
    Expression { start: false, end: false, atoms: text.iter().map(|b| (Atom::Byte(*b), Times::Once)).collect() }
}

/// The alternatives; `None` where something else stands in it.
pub(super) fn expressions(text: &[u8], extended: bool) -> Option<Vec<Expression>> {
    let mut out = Vec::new();
    let mut now = literal(b"");
    let mut rest = text;
    while let Some((&b, more)) = rest.split_first() {
        rest = more;
        let atom = match b {
            b'^' if now.atoms.is_empty() => {
                now.start = true;
                continue;
            }
            b'$' if more.is_empty() || extended && more[0] == b'|' || more.starts_with(b"\\|") => {
                now.end = true;
                continue;
            }
            b'|' if extended => {
                out.push(std::mem::replace(&mut now, literal(b"")));
                continue;
            }
            b'\\' => {
                let (&escaped, more) = more.split_first()?;
                rest = more;
                match escaped {
                    b'|' if !extended => {
                        out.push(std::mem::replace(&mut now, literal(b"")));
                        continue;
                    }
                    b's' => Atom::Blank,
                    b'.' | b'*' | b'[' | b']' | b'^' | b'$' | b'\\' | b'/' | b'-' | b'#' => Atom::Byte(escaped),
                    _ => return None,
                }
            }
            b'.' => Atom::Any,
            b'[' => {
                let (_, after) = class(more, b'a')?;
                rest = after;
                Atom::Class(more[..more.len() - after.len()].to_vec())
            }
            b'*' if !now.atoms.is_empty() => return None,
            b'(' | b')' | b'{' | b'+' | b'?' | b'*' if extended => return None,
            _ => Atom::Byte(b),
        };
        let times = match rest.first() {
            Some(b'*') => Times::Any,
            Some(b'+') if extended => {
                now.atoms.push((atom.clone(), Times::Once));
                Times::Any
            }
            Some(b'?') if extended => Times::Perhaps,
            _ => {
                now.atoms.push((atom, Times::Once));
                continue;
            }
        };
        rest = &rest[1..];
        now.atoms.push((atom, times));
    }
    out.push(now);
    Some(out)
}

impl Expression {
    /// Whether it is found in a line. All ways to match are followed side by side: one after the other they are too many,
    /// as soon as a few `.*` meet a long line.
    pub(super) fn is_in(&self, line: &[u8]) -> bool {
        let end = self.atoms.len();
        let mut here = vec![false; end + 1];
        for (at, byte) in line.iter().map(Some).chain([None]).enumerate() {
            here[0] |= at == 0 || !self.start;
            for (i, (_, times)) in self.atoms.iter().enumerate() {
                here[i + 1] |= here[i] && *times != Times::Once;
            }
            if here[end] && (byte.is_none() || !self.end) {
                return true;
            }
            let Some(byte) = byte else { break };
            let mut next = vec![false; end + 1];
            for (i, (atom, times)) in self.atoms.iter().enumerate() {
                if here[i] && atom.is(*byte) {
                    next[if *times == Times::Any { i } else { i + 1 }] = true;
                }
            }
            here = next;
        }
        false
    }
}

impl Atom {
    fn is(&self, b: u8) -> bool {
        match self {
            Self::Byte(byte) => *byte == b,
            Self::Any => true,
            Self::Blank => b.is_ascii_whitespace() || b == 0x0b,
            Self::Class(text) => class(text, b).is_some_and(|(is, _)| is),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(expression: &str, line: &str) -> bool {
        expressions(expression.as_bytes(), false).unwrap().iter().any(|e| e.is_in(line.as_bytes()))
    }

    #[test]
    fn anchors_repetitions_and_alternatives() {
        for (expression, yes, no) in [
            ("^a", "ab", "ba"),
            ("a$", "ba", "ab"),
            ("^$", "", "x"),
            ("^a*b$", "aab", "aacb"),
            ("^a*a$", "aaa", "b"),
            ("a.c", "xabcx", "ac"),
            ("a.*c", "abbc", "cba"),
            ("^[0-9a]*$", "1a2", "1b2"),
            ("x\\|^b$", "b", "ab"),
            ("^\\s*#", " \t#", "a#"),
        ] {
            assert!(found(expression, yes), "{expression} {yes}");
            assert!(!found(expression, no), "{expression} {no}");
        }
    }

    #[test]
    fn the_extended_ones() {
        let found = |expression: &str, line: &str| {
            expressions(expression.as_bytes(), true).map(|all| all.iter().any(|e| e.is_in(line.as_bytes())))
        };
        for (expression, yes, no) in
            [("^[a-z]+$", "ab", "a1"), ("^ab?c$", "ac", "abbc"), ("^a|b$", "ax", "ba"), ("x+y", "axxy", "y")]
        {
            assert_eq!((found(expression, yes), found(expression, no)), (Some(true), Some(false)), "{expression}");
        }
        assert_eq!(found("(a|b)c", "ac"), None);
    }

    #[test]
    fn a_long_line_ends() {
        assert!(!found(&("a*.*".repeat(30) + "c"), &"ab".repeat(2000)));
    }
}
