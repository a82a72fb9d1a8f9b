//! The lines that change, for the person's eyes: no context, whose secrets nobody asked to see, and every value masked.

use std::path::Path;

use super::comment;
use crate::output::sanitize;

/// The changed lines of a text, in the form of `diff -U0`; `mask` takes the secrets out of a line.
pub fn lines(path: &Path, before: &[u8], after: &[u8], mask: fn(&[u8]) -> String) -> String {
    let (old, new) = (split(before), split(after));
    let mut out = format!("--- {0}\n+++ {0}\n", sanitize::json_path(path));
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let (mut a, mut b) = (head, head);
    let (end_a, end_b) = (old.len() - tail, new.len() - tail);
    // Lines that stand in both between the changed ones cut the change into hunks; edits of lines keep their order.
    while a < end_a || b < end_b {
        let (from_a, from_b) = (a, b);
        while a < end_a || b < end_b {
            let next = (a < end_a).then(|| new[b..end_b].iter().position(|line| *line == old[a])).flatten();
            match next {
                Some(0) => break,
                Some(n) => b += n,
                None if a < end_a => a += 1,
                None => b = end_b,
            }
        }
        hunk(&mut out, &old[from_a..a], from_a, &new[from_b..b], from_b, mask);
        // A line break at the end that comes or goes may be all that changes.
        if a == old.len() && b == new.len() && from_b < b && before.ends_with(b"\n") && !after.ends_with(b"\n") {
            out.push_str("\\ No newline at end of file\n");
        }
        while a < end_a && b < end_b && old[a] == new[b] {
            a += 1;
            b += 1;
        }
    }
    out
}

fn hunk(out: &mut String, old: &[&[u8]], at: usize, new: &[&[u8]], to: usize, mask: fn(&[u8]) -> String) {
    use std::fmt::Write as _;
    // What `diff` says of nothing: the line before it.
    let range = |from: usize, count: usize| match count {
        0 => format!("{from},0"),
        1 => (from + 1).to_string(),
        n => format!("{},{n}", from + 1),
    };
    let _ = writeln!(out, "@@ -{} +{} @@", range(at, old.len()), range(to, new.len()));
    for (sign, lines) in [('-', old), ('+', new)] {
        for line in lines {
            // hflint's own mark holds no value.
            let (mark, rest) = comment::marked(trimmed(line)).unwrap_or((b"", trimmed(line)));
            let _ = writeln!(out, "{sign}{}{}", sanitize::bytes(mark), sanitize::line(&mask(rest)));
        }
    }
}

fn split(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|b| *b == b'\n').collect()
}

fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// A line of shell, dotenv, TOML or INI: what follows an `=` or `:`, and every other long word, is shown as a token is
/// shown, or not at all.
pub fn assignments(line: &[u8]) -> String {
    masked(line, |word| {
        let plain =
            word.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'#' | b':' | b'.' | b'/'));
        plain && word.len() < 20 || is_date(word)
    })
}

/// A line of a netrc: keywords and the names of hosts stay; a value may stand on a line of its own.
pub fn netrc(line: &[u8]) -> String {
    const KEYWORDS: [&[u8]; 7] = [b"machine", b"default", b"login", b"password", b"account", b"macdef", b"#"];
    let mut host = false;
    let mut out = String::new();
    for part in split_words(line) {
        let plain = host || KEYWORDS.contains(&part) || part.iter().all(u8::is_ascii_whitespace);
        if !part.iter().all(u8::is_ascii_whitespace) {
            host = part == b"machine";
        }
        out.push_str(&if plain { sanitize::bytes(part) } else { shown(part) });
    }
    out
}

/// A token file, or anything else where every word may be a secret.
pub fn secrets(line: &[u8]) -> String {
    let mark = line.iter().take_while(|b| b.is_ascii_whitespace()).count();
    format!("{}{}", String::from_utf8_lossy(&line[..mark]), shown(&line[mark..]))
}

/// A ref of a cached repository: a commit is no secret, and what it is worth to look at. Anything else may be one.
pub fn commit(line: &[u8]) -> String {
    let is_hash = |word: &[u8]| (7..=40).contains(&word.len()) && word.iter().all(u8::is_ascii_hexdigit);
    split_words(line)
        .map(|word| {
            if is_hash(word) || word.iter().all(u8::is_ascii_whitespace) { sanitize::bytes(word) } else { shown(word) }
        })
        .collect()
}

/// A line of a git credential store: the user part of a URL is hidden.
pub fn urls(line: &[u8]) -> String {
    let text = crate::secret::mask_text(&sanitize::bytes(line));
    if text.contains("***@") { text } else { shown(line) }
}

fn is_date(word: &[u8]) -> bool {
    word.iter().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b':'))
}

/// A value: masked where it is a token, else only that there is one.
fn shown(value: &[u8]) -> String {
    let text = crate::secret::mask_text(&sanitize::bytes(value));
    if value.is_empty() || text.contains("****") && text.len() < 20 { text } else { "****".to_owned() }
}

fn masked(line: &[u8], harmless: fn(&[u8]) -> bool) -> String {
    let mut out = String::new();
    for part in split_words(line) {
        let (name, value) = match part.iter().position(|b| *b == b'=') {
            Some(at) => part.split_at(at + 1),
            None => (&[][..], part),
        };
        out.push_str(&if harmless(name.strip_suffix(b"=").unwrap_or(name)) {
            sanitize::bytes(name)
        } else {
            shown(name)
        });
        let blank = value.iter().all(u8::is_ascii_whitespace);
        out.push_str(&if blank || name.is_empty() && harmless(value) { sanitize::bytes(value) } else { quoted(value) });
    }
    out
}

/// The quotes round a value stay.
fn quoted(value: &[u8]) -> String {
    let is_quote = |b: &u8| matches!(b, b'"' | b'\'' | b';' | b',');
    let open = value.iter().take_while(|b| is_quote(b)).count();
    let close = value[open..].iter().rev().take_while(|b| is_quote(b)).count();
    let (head, rest) = value.split_at(open);
    let (body, tail) = rest.split_at(rest.len() - close);
    format!("{}{}{}", sanitize::bytes(head), shown(body), sanitize::bytes(tail))
}

/// Words and the blanks between them, nothing left out.
fn split_words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.chunk_by(|a, b| a.is_ascii_whitespace() == b.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(letter: &str) -> String {
        format!("hf_{}", letter.repeat(34))
    }

    #[test]
    fn only_what_changes_is_shown() {
        let before = "PASS=geheim\nexport HF_TOKEN=x\nlast\n";
        let after = "PASS=geheim\n# hflint 2026-11-22: export HF_TOKEN=x\nlast\n";
        assert_eq!(
            lines(Path::new("/h/.bashrc"), before.as_bytes(), after.as_bytes(), assignments),
            "--- /h/.bashrc\n+++ /h/.bashrc\n@@ -2 +2 @@\n-export HF_TOKEN=****\n+# hflint 2026-11-22: export HF_TOKEN=****\n"
        );
        let entry = "machine huggingface.co login me\n";
        let out = format!("# hflint 2026-11-22: {entry}");
        assert_eq!(
            lines(Path::new("/n"), entry.as_bytes(), out.as_bytes(), netrc).lines().last(),
            Some("+# hflint 2026-11-22: machine huggingface.co login ****")
        );
        let two = lines(Path::new("/x"), b"a\nb\nc\nd\n", b"a\n#b\nc\n#d\n", secrets);
        assert_eq!(two.matches("@@ ").count(), 2, "{two}");
        assert_eq!(lines(Path::new("/x"), b"a\nb\n", b"b\n", secrets), "--- /x\n+++ /x\n@@ -1 +0,0 @@\n-****\n");
        assert_eq!(
            lines(Path::new("/x"), b"abcdef0\n", b"abcdef0", commit),
            "--- /x\n+++ /x\n@@ -1 +1 @@\n-abcdef0\n+abcdef0\n\\ No newline at end of file\n"
        );
        assert_eq!(lines(Path::new("/x"), b"a", b"", secrets), "--- /x\n+++ /x\n@@ -1 +0,0 @@\n-****\n");
    }

    #[test]
    fn no_value_stays() {
        let t = token("a") + "1234";
        for (mask, line, want) in [
            (assignments as fn(&[u8]) -> String, format!("export HF_TOKEN=\"{t}\""), "export HF_TOKEN=\"hf_****1234\""),
            (
                assignments,
                "export AWS=geheim HF_TOKEN=$(pass show hf)".to_owned(),
                "export AWS=**** HF_TOKEN=**** show ****",
            ),
            (assignments, format!("set -gx HF_TOKEN {t}"), "set -gx HF_TOKEN hf_****1234"),
            (
                netrc,
                format!("machine huggingface.co login me password {t}"),
                "machine huggingface.co login **** password hf_****1234",
            ),
            (netrc, "  password geheim".to_owned(), "  password ****"),
            (secrets, t.clone(), "hf_****1234"),
            (secrets, "abcdefg".to_owned(), "****"),
            (commit, "0123456789abcdef".repeat(2) + "01234567", "0123456789abcdef0123456789abcdef01234567"),
            (commit, " abcdef0 ".to_owned(), " abcdef0 "),
            (commit, t.clone(), "hf_****1234"),
            (commit, "ref: refs/heads/geheim".to_owned(), "**** ****"),
        ] {
            assert_eq!(mask(line.as_bytes()), want);
        }
    }
}
