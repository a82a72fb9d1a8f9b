//! git's path patterns (`wildmatch` with `WM_PATHNAME`), for the conditions of `includeIf`.

use crate::state::bracket::class;

/// Longest text that is looked at, which also bounds how deep the search goes.
const PATH_MAX: usize = 4096;

/// Whether a pattern matches all of a text. `*` and `?` stop at `/`, `**` between slashes does not.
pub fn matches(pattern: &[u8], text: &[u8], fold: bool) -> bool {
    matches_within(pattern, text, fold, &mut 100_000)
}

/// The same for many patterns, which share a number of steps: each star can be tried at each place, and the budget ends
/// what a hostile pattern would make of that. It is 0 where it was not enough.
pub fn matches_within(pattern: &[u8], text: &[u8], fold: bool, budget: &mut u32) -> bool {
    if text.len() > PATH_MAX {
        return false;
    }
    if fold {
        run(&folded(pattern), &text.to_ascii_lowercase(), true, budget)
    } else {
        run(pattern, text, true, budget)
    }
}

/// A pattern for a text in small letters: git folds its letters too, but neither one behind a backslash nor one that
/// stands alone between brackets, which then fits nothing (`wildmatch.c` of 2.47.3, run).
fn folded(pattern: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    // Inside of brackets; `]` right behind the first is one of the letters.
    let (mut inside, mut first) = (false, false);
    while let Some((&b, after)) = rest.split_first() {
        let (taken, text) = match (inside, rest) {
            (_, [b'\\', ..]) => (rest.len().min(2), rest[..rest.len().min(2)].to_vec()),
            (false, _) => (1, vec![b.to_ascii_lowercase()]),
            (true, _) if rest.starts_with(b"[:upper:]") => (9, b"[:alpha:]".to_vec()),
            (true, [from, b'-', to, ..]) if *to != b']' => {
                (3, vec![from.to_ascii_lowercase(), b'-', to.to_ascii_lowercase()])
            }
            (true, _) => (1, vec![b]),
        };
        (inside, first) = match (inside, b) {
            (false, b'[') => (true, true),
            (true, b']') if !first && taken == 1 => (false, false),
            (true, b'!' | b'^') if first && taken == 1 => (!after.is_empty(), true),
            _ => (inside, false),
        };
        out.extend_from_slice(&text);
        rest = &rest[taken..];
    }
    out
}

/// `start`: whether the pattern begins here, or stands right after a slash.
fn run(mut pattern: &[u8], mut text: &[u8], mut start: bool, budget: &mut u32) -> bool {
    loop {
        let Some(left) = budget.checked_sub(1) else {
            return false;
        };
        *budget = left;
        let Some((&p, rest)) = pattern.split_first() else {
            return text.is_empty();
        };
        if p == b'*' {
            let stars = pattern.iter().take_while(|b| **b == b'*').count();
            let rest = &pattern[stars..];
            let crosses = stars > 1 && start && matches!(rest, [] | [b'/', ..] | [b'\\', b'/', ..]);
            if crosses
                && let [b'/', after @ ..] = rest
                && run(after, text, true, budget)
            {
                return true;
            }
            if rest.is_empty() {
                return crosses || !text.contains(&b'/');
            }
            let reach = if crosses { text.len() } else { text.iter().position(|b| *b == b'/').unwrap_or(text.len()) };
            return (0..=reach).any(|i| run(rest, &text[i..], false, budget));
        }
        let Some((&t, text_rest)) = text.split_first() else {
            return false;
        };
        let (fits, after) = match p {
            b'?' => (t != b'/', rest),
            b'[' => match class(rest, t) {
                Some((fits, after)) => (fits && t != b'/', after),
                None => return false,
            },
            b'\\' => match rest.split_first() {
                Some((&literal, after)) => (literal == t, after),
                None => return false,
            },
            literal => (literal == t, rest),
        };
        if !fits {
            return false;
        }
        start = p == b'/' || (p == b'\\' && rest.first() == Some(&b'/'));
        (pattern, text) = (after, text_rest);
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn as_git_matches_paths() {
        for (pattern, text, want) in [
            ("/home/u/work/**", "/home/u/work/a/.git", true),
            ("/home/u/work/**", "/home/u/work2/.git", false),
            ("**/a/**", "/x/a/.git", true),
            ("**/a/**", "/x/ab/.git", false),
            ("**/.git", "/x/.git", true),
            ("**/x", "x", true),
            ("/*/x", "/a/x", true),
            ("/*/x", "/a/b/x", false),
            ("/a*", "/ab/c", false),
            ("/a**", "/ab/c", false),
            ("/a/**/b", "/a/b", true),
            ("/a/**/b", "/a/c/d/b", true),
            ("?", "/", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]]", "]", true),
            ("[[:digit:]]*", "4x", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("a", "A", false),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes(), false), want, "{pattern} {text}");
        }
        for (pattern, text, want) in [
            ("/HOME/**", "/home/x", true),
            ("\\D", "d", false),
            ("\\D", "D", false),
            ("\\d", "D", true),
            ("[D]", "d", false),
            ("[d]", "D", true),
            ("[A-Z]x", "dX", true),
            ("[[:upper:]]", "d", true),
            ("[!D]", "d", true),
            ("[]D]D", "]d", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes(), true), want, "{pattern} {text}");
        }
    }

    #[test]
    fn a_hostile_pattern_ends() {
        assert!(!matches(&[&b"*a".repeat(40)[..], b"b"].concat(), &b"a".repeat(4000), false));
    }
}
