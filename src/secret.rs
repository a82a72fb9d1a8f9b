//! The one type that holds a token, and the one way to show it.
//!
//! A token can be compared, hashed for `--fingerprint` and masked; it cannot be printed, formatted or serialised.

use std::fmt;

use sha2::Digest as _;
use zeroize::Zeroizing;

/// Prefixes of the Hub's tokens: user tokens, OAuth, JWT from an OIDC exchange, organization tokens.
/// Source: huggingface_hub 2.4.0 (`hf_…`, `hf_oauth_…`, `hf_jwt_…`), 0.x (`api_org_…`).
const PREFIXES: [&[u8]; 2] = [b"hf_", b"api_org_"];
/// A token has at least this many characters after its prefix.
const BODY: usize = 20;

/// The exact bytes of a token. Overwritten when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    bytes: Zeroizing<Vec<u8>>,
    cut: bool,
}

impl Token {
    /// Takes the bytes as they would be sent.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: Zeroizing::new(bytes), cut: false }
    }

    /// Takes as much of the bytes as was read: the client sends more, so nothing is said of the whole.
    pub fn cut(bytes: Vec<u8>) -> Self {
        Self { bytes: Zeroizing::new(bytes), cut: true }
    }

    /// The bytes, for comparing and cleaning only.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the value as a whole has the shape of a token of the Hub.
    pub fn is_shaped(&self) -> bool {
        !self.cut && shaped_prefix(&self.bytes) == Some(self.bytes.len())
    }

    /// Whether nothing but white space is in it.
    pub fn is_blank(&self) -> bool {
        std::str::from_utf8(&self.bytes).is_ok_and(|s| s.chars().all(crate::clients::clean::is_python_space))
    }

    /// The form of `hf auth list`: first three characters, `****`, last four; only for what is token-shaped.
    pub fn masked(&self) -> String {
        if !self.is_shaped() {
            return "not token-shaped".to_owned();
        }
        mask(&String::from_utf8_lossy(&self.bytes))
    }

    /// The first 16 hexadecimal digits of the SHA-256 of the bytes; `None` where they were not all read.
    pub fn fingerprint(&self) -> Option<String> {
        use fmt::Write as _;
        let hash = sha2::Sha256::digest(&*self.bytes);
        (!self.cut).then(|| {
            hash.iter().take(8).fold(String::new(), |mut out, b| {
                let _ = write!(out, "{b:02x}");
                out
            })
        })
    }
}

/// The SHA-256 of bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    use fmt::Write as _;
    sha2::Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(redacted)")
    }
}

fn mask(token: &str) -> String {
    format!("{}****{}", &token[..3], &token[token.len() - 4..])
}

fn is_body(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
}

/// The length of the token-shaped text at the start, if there is one.
pub(crate) fn shaped_prefix(bytes: &[u8]) -> Option<usize> {
    PREFIXES.iter().find_map(|p| {
        let rest = bytes.strip_prefix(*p)?;
        let body = rest.iter().take_while(|b| is_body(**b)).count();
        (body >= BODY && !is_name(&rest[..body])).then(|| p.len() + body)
    })
}

/// Names that begin like a token: of functions (`hf_hub_download_to_cache_dir` stands in every traceback of a download),
/// and of packages' files (`hf_xet-1.1.5-cp37-…`). A token has no three short words in lower case, nor a version.
fn is_name(body: &[u8]) -> bool {
    /// The longest word of a name: a token's part is longer.
    const WORD: usize = 12;
    /// The longest name, so that a text made of such beginnings is not searched to its end from each of them.
    const LONGEST: usize = 100;
    let word = |w: &[u8]| w.len() <= WORD && w.iter().all(u8::is_ascii_lowercase);
    let words = || body.split(|b| matches!(b, b'_' | b'.' | b'-'));
    let package = |rest: &[u8]| matches!(rest, [b'-', a, b'.', b, ..] if a.is_ascii_digit() && b.is_ascii_digit());
    let letters = body.iter().take_while(|b| b.is_ascii_lowercase()).count();
    let is_code = || words().filter(|w| !w.is_empty()).count() >= 3 && words().all(word);
    body.len() <= LONGEST && (is_code() || (1..=WORD).contains(&letters) && package(&body[letters..]))
}

/// Whether something token-shaped stands anywhere in a text.
pub fn holds_token(bytes: &[u8]) -> bool {
    let first = |b: u8| PREFIXES.iter().any(|p| p[0] == b);
    (0..bytes.len()).any(|at| first(bytes[at]) && shaped_prefix(&bytes[at..]).is_some())
}

/// Every token-shaped text that stands anywhere, the end of a sentence not counted in.
pub fn tokens_in(bytes: &[u8]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let Some(length) = shaped_prefix(&bytes[at..]) else {
            at += 1;
            continue;
        };
        let text = &bytes[at..at + length];
        let end = text.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |n| n + 1);
        let token = Token::new(text[..end].to_vec());
        if token.is_shaped() && !out.contains(&token) {
            out.push(token);
        }
        at += length;
    }
    out
}

/// Masks whatever is token-shaped in a text, wherever it stands, and the user part of every URL.
pub fn mask_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(len) = shaped_prefix(rest.as_bytes()) {
            out.push_str(&mask(&rest[..len]));
            rest = &rest[len..];
        } else if let Some(after) = rest.strip_prefix("://") {
            out.push_str("://");
            let end = after
                .find(|c: char| c == '/' || c == '?' || c == '#' || c.is_whitespace() || c == '"' || c == '\'')
                .unwrap_or(after.len());
            rest = after;
            if let Some(at) = after[..end].rfind('@') {
                out.push_str("***");
                rest = &after[at..];
            }
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(letter: &str) -> String {
        format!("hf_{}", letter.repeat(34))
    }

    #[test]
    fn sees_a_token_wherever_it_stands() {
        assert!(holds_token(format!("/data/{}/x", token("a")).as_bytes()));
        assert!(holds_token(&[b"\xff/".as_slice(), token("a").as_bytes()].concat()));
        assert!(!holds_token(b"/home/u/.cache/huggingface/token") && !holds_token(b"hf_short") && !holds_token(b""));
    }

    #[test]
    fn a_name_of_code_or_of_a_package_is_no_token() {
        for name in [
            "in _hf_hub_download_to_cache_dir(",
            "hf_hub_download_to_cache_dir",
            "hf_xet-1.1.5-cp37-abi3-manylinux2014_x86_64.whl",
            "hf_transfer-0.1.9-cp38-abi3-manylinux2014_x86_64.whl",
        ] {
            assert!(!holds_token(name.as_bytes()), "{name}");
            assert_eq!(mask_text(name), name);
        }
        for text in [format!("hf_oauth_{}", "a".repeat(34)), format!("hf_jwt_{}.b-c_d.e", "a".repeat(20)), token("a")] {
            assert!(holds_token(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_token_shows_three_and_four() {
        let t = Token::new((token("a") + "1234").into_bytes());
        assert_eq!(t.masked(), "hf_****1234");
        assert_eq!(format!("{t:?}"), "Token(redacted)");
    }

    #[test]
    fn anything_else_shows_nothing() {
        for text in ["", "hf_short", "girl", &format!("\"{}\"", token("a")), &format!("Bearer {}", token("a"))] {
            assert_eq!(Token::new(text.as_bytes().to_vec()).masked(), "not token-shaped");
        }
    }

    #[test]
    fn fingerprint_is_sha256() {
        // printf '' | sha256sum
        assert_eq!(Token::new(Vec::new()).fingerprint().as_deref(), Some("e3b0c44298fc1c14"));
        assert_eq!(Token::cut(b"x".to_vec()).fingerprint(), None);
    }

    #[test]
    fn masks_wherever_it_stands() {
        let t = token("b");
        assert_eq!(mask_text(&format!("/home/{t}/x")), "/home/hf_****bbbb/x");
        assert_eq!(mask_text("https://user:secret@huggingface.co/a@b"), "https://***@huggingface.co/a@b");
        assert_eq!(mask_text("https://a@b:c@host"), "https://***@host");
        assert_eq!(mask_text("plain é text"), "plain é text");
        assert_eq!(mask_text(&format!("{t} {t}")), "hf_****bbbb hf_****bbbb");
    }
}
