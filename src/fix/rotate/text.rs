//! Where a token stands in a text, and the text with another one there.

use crate::state::configparser::Config;
use crate::system::python_text::Text;

/// Each place of a token, and not of a longer one that begins or ends with it.
pub(super) fn find<'t>(text: &'t [u8], token: &'t [u8]) -> impl Iterator<Item = usize> + 't {
    let last = text.len().checked_sub(token.len()).filter(|_| !token.is_empty());
    let range = last.map_or(0..0, |last| 0..last + 1);
    range.filter(move |&at| text[at] == token[0] && text[at..].starts_with(token) && is_whole(text, at, token.len()))
}

fn is_whole(text: &[u8], at: usize, length: usize) -> bool {
    let (before, after) = (&text[..at], &text[at + length..]);
    let starts = match before {
        // What JSON and URLs write for a line end or a colon.
        [.., b'\\', b'n' | b't' | b'r'] | [.., b'%', _, _] | [] => true,
        [.., b] => !b.is_ascii_alphanumeric() && *b != b'_',
    };
    // A full stop may end a sentence; before a letter it is part of a longer token.
    let rest = after.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    starts && !rest.into_iter().any(u8::is_ascii_alphanumeric)
}

/// The lines of a token, from 1.
pub(super) fn lines(text: &[u8], token: &[u8]) -> Vec<u32> {
    let numbered = (1..).zip(text.split(|b| *b == b'\n'));
    numbered.filter(|(_, line)| find(line, token).next().is_some()).map(|(number, _)| number).collect()
}

/// The text with another token, every other byte as it was.
pub(super) fn replaced(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 64);
    let mut done = 0;
    for at in find(text, old) {
        out.extend_from_slice(&text[done..at]);
        out.extend_from_slice(new);
        done = at + old.len();
    }
    out.extend_from_slice(&text[done..]);
    out
}

/// `stored_tokens` without what belongs to the old token alone: huggingface_hub 1.20 on would renew a section that has
/// a `refresh_token`, and so write the old login over the new token. `None` where there is no such thing, or where the
/// new token comes from a login in the browser as well.
pub(super) fn no_longer_oauth(before: &[u8], after: &[u8], old: &[u8], new: &[u8]) -> Option<Vec<u8>> {
    if new.starts_with(b"hf_oauth_") {
        return None;
    }
    let config = Config::parse(&Text::utf8(before, false)).ok()?;
    let rotated =
        config.sections.iter().filter(|s| s.fields.get("hf_token").is_some_and(|f| f.value.as_bytes() == old));
    let gone: Vec<u32> = rotated
        .flat_map(|s| ["refresh_token", "expires_at"].into_iter().filter_map(|key| Some(s.fields.get(key)?.line)))
        .collect();
    if gone.is_empty() {
        return None;
    }
    let kept = (1..).zip(after.split_inclusive(|b| *b == b'\n')).filter(|(number, _)| !gone.contains(number));
    Some(kept.flat_map(|(_, line)| line.to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &[u8] = b"hf_old0";

    #[test]
    fn whole_tokens_alone() {
        for (text, count) in [
            ("hf_old0", 1),
            ("a=hf_old0\nb: \"hf_old0\"", 2),
            ("https://u:hf_old0@h/ Bearer hf_old0.", 2),
            ("hf_old01 hf_old0.x hf_old0-1 xhf_old0 _hf_old0 hf_old0_0", 0),
            ("{\"a\": \"b\\nhf_old0\"} u%3Ahf_old0%20", 2),
            ("", 0),
            ("hf_old", 0),
        ] {
            assert_eq!(find(text.as_bytes(), OLD).count(), count, "{text}");
        }
    }

    #[test]
    fn every_other_byte_stays() {
        let text = b"\xff\r\nexport A='hf_old0' # hf_old0\r\nhf_old01";
        assert_eq!(replaced(text, OLD, b"N"), b"\xff\r\nexport A='N' # N\r\nhf_old01");
        assert_eq!(lines(text, OLD), [2]);
        assert_eq!(lines(b"\nhf_old0\n\nhf_old0", OLD), [2, 4]);
    }

    #[test]
    fn a_login_of_the_browser_becomes_a_plain_one() {
        let text = b"[a]\nhf_token = hf_old0\nrefresh_token = r\nexpires_at = 1\n[b]\nhf_token = x\nexpires_at = 2\n";
        let after = replaced(text, OLD, b"N");
        let want = b"[a]\nhf_token = N\n[b]\nhf_token = x\nexpires_at = 2\n";
        assert_eq!(no_longer_oauth(text, &after, OLD, b"N").unwrap(), want);
        assert_eq!(no_longer_oauth(text, &after, OLD, b"hf_oauth_N"), None);
        assert_eq!(no_longer_oauth(b"[a]\nhf_token = hf_old0\n", &after, OLD, b"N"), None);
    }
}
