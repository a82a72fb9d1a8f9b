//! Where in a TOML text a key is given: its line, by the look of it.

use super::shell_text::contains;

/// The last line that gives the key a value and holds the value; comments do not count.
///
/// The parser's spans would tell exactly, but `toml` keeps them only through types of its own for each level; a line
/// that is wrong here is a line that names the key and the value.
pub(super) fn line_of(text: &[u8], key: &str, value: &[u8]) -> Option<u32> {
    (1..)
        .zip(text.split(|b| *b == b'\n'))
        .filter(|(_, line)| gives(line, key.as_bytes()) && contains(line, value))
        .map(|(number, _)| number)
        .last()
}

fn gives(line: &[u8], key: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    !line.starts_with(b"#")
        && line.windows(key.len()).enumerate().any(|(at, window)| {
            let before = at.checked_sub(1).and_then(|i| line.get(i));
            let after = line[at + key.len()..].trim_ascii_start();
            let after = after.strip_prefix(b"\"").or_else(|| after.strip_prefix(b"'")).unwrap_or(after);
            window == key
                && before.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_' && *b != b'-')
                && after.trim_ascii_start().starts_with(b"=")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        for (text, want) in [
            ("[env]\nK = \"v\"\n", Some(2)),
            ("[env]\n\"K\"='v'", Some(2)),
            ("env.K = \"v\"", Some(1)),
            ("env = { A = 1, K = \"v\" }", Some(1)),
            ("K = \"other\"\nK = \"v\"", Some(2)),
            ("# K = \"v\"\nMY_K = \"v\"\nK_A = \"v\"\nA = \"K v\"", None),
            ("", None),
        ] {
            assert_eq!(line_of(text.as_bytes(), "K", b"v"), want, "{text}");
        }
    }
}
