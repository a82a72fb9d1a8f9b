//! A shell's patterns: `*`, `?`, `[…]`, `\`.

use crate::state::bracket::class;

/// Whether a pattern matches all of a text; what was quoted in it is escaped.
pub(in crate::state::startup) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let mut budget = 100_000;
    run(pattern, text, &mut budget)
}

/// Whether it is more than plain text.
pub(in crate::state::startup) fn is_pattern(pattern: &[u8]) -> bool {
    let open = pattern.iter().position(|b| *b == b'[');
    pattern.iter().any(|b| matches!(b, b'*' | b'?')) || open.is_some_and(|at| pattern[at..].contains(&b']'))
}

/// A pattern that matches this very text.
pub(in crate::state::startup) fn escaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &b in text {
        if matches!(b, b'*' | b'?' | b'[' | b'\\') {
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

fn run(mut pattern: &[u8], mut text: &[u8], budget: &mut u32) -> bool {
    loop {
        let Some(left) = budget.checked_sub(1) else { return false };
        *budget = left;
        let Some((&p, rest)) = pattern.split_first() else { return text.is_empty() };
        if p == b'*' {
            return (0..=text.len()).any(|i| run(rest, &text[i..], budget));
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
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), want, "{pattern} {text}");
        }
        assert_eq!(unescaped(&escaped(b"a*[b]\\?")), b"a*[b]\\?");
    }
}
