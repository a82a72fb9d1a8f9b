//! Secrets leave a text before anything else looks at it.

use crate::secret::{Token, shaped_prefix, tokens_in};

/// A text without its secrets.
#[derive(Debug)]
pub(crate) struct Redacted {
    /// The text.
    pub(crate) text: Vec<u8>,
    /// How many secrets were masked.
    pub(crate) count: usize,
    /// Tokens of the hub among them, each once, to be compared with those of this machine.
    pub(crate) tokens: Vec<Token>,
}

/// The shortest value after `Bearer` or `Basic` that is masked: `Bearer none` is a placeholder, and worth reading.
const BEARER: usize = 16;
/// Most tokens that are kept to be compared: nobody has more, and a text may hold a million.
const MOST: usize = 256;
/// Words that begin the keys of other services, and how many characters have to follow.
const KEYS: [(&[u8], usize); 6] =
    [(b"sk-", 20), (b"ghp_", 30), (b"github_pat_", 20), (b"glpat-", 20), (b"xoxb-", 20), (b"api_", 30)];

/// Masks tokens, values of `Authorization` headers, private keys, the user part of addresses, keys of other services.
pub(crate) fn redact(text: &[u8]) -> Redacted {
    let mut out = Redacted { text: Vec::with_capacity(text.len()), count: 0, tokens: Vec::new() };
    let mut kept = 0;
    let mut at = 0;
    while at < text.len() {
        // Few bytes can begin a secret; the others are passed over quickly.
        if !matches!(text[at], b'h' | b'a' | b'B' | b'b' | b'-' | b':' | b's' | b'g' | b'x') {
            at += 1;
            continue;
        }
        let Some((from, length, mask)) = secret(text, at) else {
            at += 1;
            continue;
        };
        out.text.extend_from_slice(&text[kept..from]);
        if mask == b"hf_****" {
            for token in tokens_in(&text[from..from + length]) {
                if out.tokens.len() < MOST && !out.tokens.contains(&token) {
                    out.tokens.push(token);
                }
            }
        }
        out.text.extend_from_slice(mask);
        out.count += 1;
        kept = from + length;
        at = kept.max(at + 1);
    }
    out.text.extend_from_slice(&text[kept..]);
    out
}

/// Where the secret that begins here stands, how long it is, and what is put in its place.
fn secret(text: &[u8], at: usize) -> Option<(usize, usize, &'static [u8])> {
    let rest = &text[at..];
    let inside_a_word = at > 0 && text[at - 1].is_ascii_alphanumeric();
    match rest[0] {
        b'h' | b'a' if shaped_prefix(rest).is_some() => {
            // A full stop after it ends a sentence, not the token.
            let length = shaped_prefix(rest)?;
            let end = rest[..length].iter().rposition(u8::is_ascii_alphanumeric).map_or(length, |n| n + 1);
            Some((at, end, b"hf_****"))
        }
        b'B' | b'b' if !inside_a_word => {
            let word = [&b"bearer"[..], b"basic"].into_iter().find(|w| starts(rest, w))?;
            let gap = rest[word.len()..].iter().take_while(|b| matches!(b, b' ' | b':')).count();
            let value = &rest[word.len() + gap..];
            let length = value.iter().take_while(|b| is_value(**b)).count();
            // "basic authentication": a word, and no secret.
            let is_word = value[..length].iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-'));
            if gap == 0 || length < BEARER || is_word {
                return None;
            }
            if shaped_prefix(value).is_some() {
                return None;
            }
            Some((at + word.len() + gap, length, b"****"))
        }
        b'-' if starts(rest, b"-----begin") => {
            let head = &rest[..rest.len().min(80)];
            let names_a_key = head.windows(11).any(|w| w.eq_ignore_ascii_case(b"private key"));
            let end = find(rest, b"-----END").map(|n| n + find(&rest[n + 8..], b"-----").map_or(8, |m| m + 13));
            names_a_key.then(|| (at, end.unwrap_or(rest.len()).min(rest.len()), &b"(private key)"[..]))
        }
        b':' if rest.starts_with(b"://") => {
            let place = &rest[3..];
            let end =
                place.iter().take(2048).position(|b| b"/?# \t\r\n\"'<>`".contains(b)).unwrap_or(place.len().min(2048));
            let user = place[..end].iter().rposition(|b| *b == b'@')?;
            (user > 0 && place[..user] != *b"***").then_some((at + 3, user, &b"***"[..]))
        }
        b's' | b'g' | b'x' | b'a' if !inside_a_word && (at == 0 || !matches!(text[at - 1], b'-' | b'_')) => {
            KEYS.iter().find_map(|(head, least)| {
                let body = rest.strip_prefix(*head)?;
                let is_body = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
                // Its digits come soon: no search to the end of a text that is made of such beginnings.
                if !body.iter().take_while(is_body).take(64).any(u8::is_ascii_digit) {
                    return None;
                }
                let length = body.iter().take_while(is_body).count();
                (length >= *least).then_some((at, head.len() + length, &b"****"[..]))
            })
        }
        _ => None,
    }
}

fn is_value(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"._~+/=-".contains(&b)
}

fn starts(text: &[u8], head: &[u8]) -> bool {
    text.get(..head.len()).is_some_and(|t| t.eq_ignore_ascii_case(head))
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|w| w == needle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::token;

    fn masked(text: &str) -> (String, usize) {
        let out = redact(text.as_bytes());
        (String::from_utf8(out.text).unwrap(), out.count)
    }

    #[test]
    fn masks_what_is_secret() {
        let a = token('a');
        for (text, want, count) in [
            (format!("b'Bearer {a}\\n'"), "b'Bearer hf_****\\n'", 1),
            (format!("token={a}. Then {a}"), "token=hf_****. Then hf_****", 2),
            ("Authorization: Basic dXNlcjpwYXNzd29yZA==".to_owned(), "Authorization: Basic ****", 1),
            ("authorization: bearer eyJhbGciOiJI.eyJzdWIi.abc".to_owned(), "authorization: bearer ****", 1),
            ("https://me:pw@huggingface.co/x".to_owned(), "https://***@huggingface.co/x", 1),
            (
                "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\nnext".to_owned(),
                "(private key)\nnext",
                1,
            ),
            ("OPENAI_API_KEY=sk-proj-abcdefghijklmnop12345".to_owned(), "OPENAI_API_KEY=****", 1),
            ("b'Bearer '".to_owned(), "b'Bearer '", 0),
            ("basic authentication-is-not-a-secret".to_owned(), "basic authentication-is-not-a-secret", 0),
            ("Bearer your_token_here".to_owned(), "Bearer your_token_here", 0),
            ("https://huggingface.co/a@b".to_owned(), "https://huggingface.co/a@b", 0),
        ] {
            assert_eq!(masked(&text), (want.to_owned(), count), "{want}");
        }
    }

    #[test]
    fn keeps_tokens_to_compare_once_each() {
        let (a, b) = (token('a'), token('b'));
        let tokens = redact(format!("{a} {b} {a}").as_bytes()).tokens;
        assert_eq!(tokens.iter().map(|t| t.bytes().to_vec()).collect::<Vec<_>>(), [a.into_bytes(), b.into_bytes()]);
    }
}
