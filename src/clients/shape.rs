//! What a value is that stands where a token should stand: a token, or what else; clean, or spoiled how.
//!
//! The Hub documents no format. What is known: `hf_` and 34 letters or digits for a user's token, `hf_oauth_…` and
//! `hf_jwt_…` of other lengths, `api_org_…` of an organization (huggingface_hub 0.0.1 to 2.4.0 know no other prefix;
//! gitleaks and trufflehog agree on the 34). A length that is unusual is therefore no fault, one that is far too short
//! is. Placeholders are those of public templates, doc strings and issue threads.

use super::clean::is_python_space;
use crate::secret::Token;
use words::{is_placeholder, other_service, says_placeholder, unexpanded};

mod words;

/// What a value is, once what clings to it is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Nothing, or nothing but white space.
    Blank,
    /// A token of the Hub: a user's, or one of OAuth or OIDC.
    Hub,
    /// A token of an organization.
    Organization,
    /// A word that a template holds in place of a token.
    Placeholder,
    /// A token as programs show it, with its middle hidden.
    Masked,
    /// `Bearer …`: the header's value, not the token.
    Bearer,
    /// `$NAME`, `${NAME}`, `$(command)`, `%NAME%`: text that a shell or a template should have replaced.
    Unexpanded,
    /// `op://…` and kin: the address of a secret.
    Reference,
    /// `HF_TOKEN=…`: the whole assignment.
    Assignment,
    /// The path of a file.
    Path,
    /// A key of another service, by name.
    Other(&'static str),
    /// A token in base64.
    Base64,
    /// A token's beginning.
    Truncated,
    /// The same length twice: a token that was pasted two times, or two tokens.
    Doubled,
    /// JSON, HTML or the like.
    Document,
    /// Something else.
    Unknown,
}

impl Shape {
    /// Whether the Hub could take it.
    pub fn is_token(self) -> bool {
        matches!(self, Self::Hub | Self::Organization)
    }

    /// What it is, with its article.
    pub fn words(self) -> String {
        let text = match self {
            Self::Blank => "nothing",
            Self::Hub => "a token",
            Self::Organization => "a token of an organization",
            Self::Placeholder => "a placeholder",
            Self::Masked => "a token with its middle hidden",
            Self::Bearer => "a whole header (`Bearer …`)",
            Self::Unexpanded => "text that was never expanded (`$…`)",
            Self::Reference => "the address of a secret",
            Self::Assignment => "a whole assignment (`NAME=…`)",
            Self::Path => "a path",
            Self::Other(service) => return format!("a key of {service}"),
            Self::Base64 => "base64 of a token",
            Self::Truncated => "the beginning of a token only",
            Self::Doubled => "two tokens in one",
            Self::Document => "a document",
            Self::Unknown => "something that does not look like a token",
        };
        text.to_owned()
    }
}

/// What clings to a value, or runs through it. The first that applies, in the order of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dirt {
    /// UTF-16, as PowerShell's `>` writes it.
    Utf16,
    /// A NUL byte.
    Nul,
    /// Bytes that are no UTF-8.
    NotUtf8,
    /// More than one line.
    Lines,
    /// A byte order mark.
    Bom,
    /// Quotes around it.
    Quotes,
    /// A zero-width character, which no one can see.
    ZeroWidth,
    /// Characters that no token holds.
    NonAscii,
    /// A control character.
    Control,
    /// White space inside, perhaps a comment after it.
    Inside,
    /// Punctuation at its end or around it.
    Punctuation,
    /// White space around it, other than a line end after it.
    Around,
    /// A line end after it.
    LineEnd,
}

impl Dirt {
    /// What is wrong, after "has" or "with".
    pub fn words(self) -> &'static str {
        match self {
            Self::Utf16 => "UTF-16 text",
            Self::Nul => "a NUL byte",
            Self::NotUtf8 => "bytes that are not UTF-8",
            Self::Lines => "more than one line",
            Self::Bom => "a byte order mark",
            Self::Quotes => "quotes around it",
            Self::ZeroWidth => "an invisible character",
            Self::NonAscii => "a character that is not ASCII",
            Self::Control => "a control character",
            Self::Inside => "white space inside",
            Self::Punctuation => "stray punctuation",
            Self::Around => "white space around it",
            Self::LineEnd => "a line end after it",
        }
    }
}

/// What a value is and what clings to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it is.
    pub shape: Shape,
    /// What clings to it.
    pub dirt: Option<Dirt>,
    /// The one token of the Hub in it, clean.
    pub token: Option<Token>,
}

/// Reads a value as it stands in a variable or a file.
pub fn read(raw: &[u8]) -> Reading {
    if let Some(text) = utf16(raw) {
        let inner = read_text(&text);
        return Reading { dirt: Some(Dirt::Utf16), ..inner };
    }
    let (text, undecodable) = match std::str::from_utf8(raw) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (String::from_utf8_lossy(raw).into_owned(), true),
    };
    let inner = read_text(&text);
    let dirt = if raw.contains(&0) {
        Some(Dirt::Nul)
    } else if undecodable {
        Some(Dirt::NotUtf8)
    } else {
        inner.dirt
    };
    Reading { dirt, ..inner }
}

/// The text of UTF-16, by its mark or, without one, by a NUL in every second byte.
fn utf16(raw: &[u8]) -> Option<String> {
    let (body, big) = match raw {
        [0xff, 0xfe, rest @ ..] => (rest, false),
        [0xfe, 0xff, rest @ ..] => (rest, true),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => (raw, false),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => (raw, true),
        _ => return None,
    };
    let units = body.chunks_exact(2).map(|c| {
        let pair = [c[0], c[1]];
        if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    });
    Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

fn read_text(text: &str) -> Reading {
    if text.contains('\u{1b}') {
        // Colours of a terminal that were captured along with the token.
        let inner = read_text(&without_escapes(text));
        return Reading { dirt: Some(Dirt::Control), ..inner };
    }
    let trimmed = text.trim_matches(is_python_space);
    if trimmed.is_empty() {
        return Reading { shape: Shape::Blank, dirt: None, token: None };
    }
    let lines: Vec<&str> = trimmed.split(['\r', '\n']).map(str::trim).filter(|l| !l.is_empty()).collect();
    if lines.len() > 1 {
        let inner: Vec<Reading> = lines.iter().map(|l| read_text(l)).collect();
        let held = inner.iter().filter(|r| r.shape.is_token()).count();
        let joined = lines.concat();
        if held == 0 && joined.len() == USUAL && shape_of(&joined) == Shape::Hub {
            // One token that was broken over several lines.
            return Reading {
                shape: Shape::Hub,
                dirt: Some(Dirt::Lines),
                token: Some(Token::new(joined.into_bytes())),
            };
        }
        let first = inner.into_iter().find(|r| held == 0 || r.shape.is_token());
        return Reading {
            shape: first.as_ref().map_or(Shape::Unknown, |r| r.shape),
            dirt: Some(Dirt::Lines),
            token: first.filter(|_| held == 1).and_then(|r| r.token),
        };
    }
    // A template's text, a header or another service's key is told as such, whatever clings to it.
    let bare = trimmed.trim_matches(clings);
    let shape = shape_of(bare);
    if shape.is_token() {
        let token = Some(Token::new(bare.as_bytes().to_vec()));
        return Reading { shape, dirt: dirt_around(text, bare), token };
    }
    if let Some((token, dirt)) = spoiled(bare) {
        let shape = shape_of(token);
        return Reading { shape, dirt: Some(dirt), token: Some(Token::new(token.as_bytes().to_vec())) };
    }
    // Punctuation belongs to what is no token: `<token>` is a placeholder because of its brackets.
    let quoted = trimmed.trim_matches(is_quote);
    Reading { shape: shape_of(quoted), dirt: dirt_around(text, quoted), token: None }
}

/// The text without `ESC [ … letter`, and without lone escapes.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, part) in text.split('\u{1b}').enumerate() {
        let sequence = part.strip_prefix('[').filter(|_| i > 0);
        out.push_str(
            sequence
                .map_or(part, |rest| rest.find(|c: char| c.is_ascii_alphabetic()).map_or("", |end| &rest[end + 1..])),
        );
    }
    out
}

/// A token with something running through it or after it.
fn spoiled(bare: &str) -> Option<(&str, Dirt)> {
    let end = bare.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))?;
    let head = bare[..end].trim_end_matches('.');
    if !shape_of(head).is_token() {
        return None;
    }
    let next = bare[end..].chars().next()?;
    let dirt = match next {
        c if is_zero_width(c) => Dirt::ZeroWidth,
        c if is_python_space(c) => Dirt::Inside,
        c if c.is_control() => Dirt::Control,
        c if !c.is_ascii() => Dirt::NonAscii,
        _ => Dirt::Punctuation,
    };
    Some((head, dirt))
}

fn dirt_around(text: &str, bare: &str) -> Option<Dirt> {
    // A part of the text, so that it need not be searched for.
    let start = bare.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let (before, after) = (&text[..start], &text[start + bare.len()..]);
    let around = || before.chars().chain(after.chars());
    let worst = around()
        .map(|c| match c {
            '\u{feff}' => Dirt::Bom,
            c if is_quote(c) => Dirt::Quotes,
            c if is_zero_width(c) => Dirt::ZeroWidth,
            c if is_python_space(c) => Dirt::Around,
            c if c.is_control() => Dirt::Control,
            c if !c.is_ascii() => Dirt::NonAscii,
            _ => Dirt::Punctuation,
        })
        .min();
    match worst {
        Some(Dirt::Around) if before.is_empty() && after.chars().all(|c| matches!(c, '\r' | '\n')) => {
            Some(Dirt::LineEnd)
        }
        other => other,
    }
}

/// What may stand around a token without being part of it.
fn clings(c: char) -> bool {
    is_python_space(c)
        || is_quote(c)
        || is_zero_width(c)
        || c.is_control()
        || matches!(c, ',' | ';' | ':' | '.' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '\\')
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}')
}

fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A token has at least this many characters after its prefix.
const BODY: usize = 20;
/// A user's token, prefix included.
pub const USUAL: usize = 37;

fn shape_of(text: &str) -> Shape {
    if text.is_empty() {
        return Shape::Blank;
    }
    let lower = text.to_ascii_lowercase();
    for (prefix, shape) in [("api_org_", Shape::Organization), ("hf_", Shape::Hub)] {
        if let Some(body) = text.strip_prefix(prefix)
            && let Some(shape) = prefixed(text, body, shape)
        {
            return shape;
        }
    }
    if is_placeholder(&lower) {
        return Shape::Placeholder;
    }
    let mut words = lower.split_ascii_whitespace();
    if matches!(words.next(), Some("bearer" | "bearer:" | "authorization:" | "token")) && words.next().is_some() {
        return Shape::Bearer;
    }
    if unexpanded(text) {
        return Shape::Unexpanded;
    }
    // The last three: vals, SOPS and dotenvx, the latter two with the secret itself, encrypted.
    let marks = ["arn:aws:secretsmanager:", "@microsoft.keyvault(", "ref+", "enc[", "encrypted:"];
    if marks.iter().any(|m| lower.starts_with(m)) {
        return Shape::Reference;
    }
    if let Some(scheme) = text.find("://").map(|i| &lower[..i]) {
        let secret = matches!(scheme, "op" | "vault" | "awssm" | "gcpsm" | "keyring" | "pass" | "bws" | "secretref");
        return if secret { Shape::Reference } else { Shape::Unknown };
    }
    if let Some((name, _)) = text.split_once('=').filter(|(_, value)| !value.is_empty() && *value != "=") {
        let name = name.trim().rsplit(' ').next().unwrap_or_default();
        if !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') {
            return Shape::Assignment;
        }
    }
    if text.starts_with(['{', '<']) || text.starts_with("[\"") {
        return Shape::Document;
    }
    if text.starts_with('/') || text.starts_with("~/") || text.starts_with("./") || text.starts_with("../") {
        return Shape::Path;
    }
    if let Some(service) = other_service(text) {
        return Shape::Other(service);
    }
    if text.len() > BODY && (text.starts_with("aGZf") || text.starts_with("YXBpX29yZ")) {
        return Shape::Base64;
    }
    Shape::Unknown
}

/// What a text with the prefix of a token is; `None` where the prefix says nothing.
fn prefixed(text: &str, body: &str, shape: Shape) -> Option<Shape> {
    let first = body.chars().next();
    if let Some(c) = first.filter(|c| matches!(c, 'x' | 'X'))
        && body.chars().all(|b| b.eq_ignore_ascii_case(&c))
    {
        return Some(Shape::Placeholder);
    }
    if body.contains('*') || body.contains("...") || body.contains('…') || body.contains('•') {
        let letters = body.chars().any(char::is_alphanumeric);
        return Some(if letters { Shape::Masked } else { Shape::Placeholder });
    }
    if !body.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')) {
        return None;
    }
    let other_kind = body.starts_with("oauth_") || body.starts_with("jwt_");
    if !other_kind && says_placeholder(&body.to_ascii_lowercase()) {
        return Some(Shape::Placeholder);
    }
    if body.len() < BODY {
        let plain = first.is_some() && body.chars().all(|c| c.is_ascii_alphanumeric());
        return Some(if plain { Shape::Truncated } else { Shape::Unknown });
    }
    let doubled = text.len() == 2 * USUAL && text.is_char_boundary(USUAL) && text[USUAL..].starts_with("hf_");
    Some(if doubled { Shape::Doubled } else { shape })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(letter: &str) -> String {
        format!("hf_{}", letter.repeat(34))
    }

    fn shape(text: &str) -> Shape {
        read(text.as_bytes()).shape
    }

    fn dirt(text: &str) -> Option<Dirt> {
        let reading = read(text.as_bytes());
        assert_eq!(reading.shape, Shape::Hub, "{text:?}");
        reading.dirt
    }

    #[test]
    fn tokens() {
        for letter in ["A", "z", "0", "Q"] {
            assert_eq!(read(token(letter).as_bytes()).dirt, None);
            assert_eq!(shape(&token(letter)), Shape::Hub);
        }
        assert_eq!(shape(&format!("hf_oauth_{}", token("A"))), Shape::Hub);
        assert_eq!(shape(&format!("hf_jwt_{}", "eyJ_your_a.b-c".repeat(9))), Shape::Hub);
        assert_eq!(shape(&format!("api_org_{}", "a".repeat(34))), Shape::Organization);
        // An unusual length is no fault.
        assert_eq!(shape(&format!("hf_{}", "k".repeat(40))), Shape::Hub);
    }

    #[test]
    fn what_is_no_token() {
        let t = token("A");
        for (text, want) in [
            ("", Shape::Blank),
            (" \t\n", Shape::Blank),
            ("your_token_here", Shape::Placeholder),
            ("YOUR_TOKEN_HERE", Shape::Placeholder),
            ("your_huggingface_token_here", Shape::Placeholder),
            ("none", Shape::Placeholder),
            ("None", Shape::Placeholder),
            ("null", Shape::Placeholder),
            ("\"null\"", Shape::Placeholder),
            ("hf_xxxxxxxx", Shape::Placeholder),
            (&token("x"), Shape::Placeholder),
            (&token("X"), Shape::Placeholder),
            (&token("*"), Shape::Placeholder),
            ("hf_...", Shape::Placeholder),
            ("hf_***", Shape::Placeholder),
            ("hf_your_token_here", Shape::Placeholder),
            ("hf_your_huggingface_token", Shape::Placeholder),
            ("hf_token", Shape::Placeholder),
            ("<token>", Shape::Placeholder),
            ("<your token>", Shape::Placeholder),
            ("{{ hf_token }}", Shape::Placeholder),
            ("***", Shape::Placeholder),
            ("hf_****3f9a", Shape::Masked),
            ("hf_abc...xyz", Shape::Masked),
            ("${HF_TOKEN}", Shape::Unexpanded),
            ("${HF_TOKEN:-}", Shape::Unexpanded),
            ("$(HF_TOKEN)", Shape::Unexpanded),
            ("$(cat /run/secrets/hf)", Shape::Unexpanded),
            ("$MY_TOKEN", Shape::Unexpanded),
            ("%HF_TOKEN%", Shape::Unexpanded),
            ("op://dev/hf/token", Shape::Reference),
            ("ref+vault://secret/hf#/token", Shape::Reference),
            ("ENC[AES256_GCM,data:Zm9v,iv:YmFy]", Shape::Reference),
            ("encrypted:BDb7t3QkTRp2", Shape::Reference),
            ("/run/secrets/hf_token", Shape::Path),
            ("~/.cache/huggingface/token", Shape::Path),
            ("hf_abcdEFGH", Shape::Truncated),
            ("girl", Shape::Unknown),
            ("{\"token\": 1}", Shape::Document),
            (&format!("Bearer {t}"), Shape::Bearer),
            (&format!("\"Bearer {t}\""), Shape::Bearer),
            (&format!("HF_TOKEN={t}"), Shape::Assignment),
            (&format!("export HF_TOKEN=\"{t}\""), Shape::Assignment),
            (&format!("{t}{t}"), Shape::Doubled),
            (&format!("sk-{}", "a".repeat(48)), Shape::Other("OpenAI")),
            (&format!("sk-ant-{}", "a".repeat(48)), Shape::Other("Anthropic")),
            (&format!("AKIA{}", "A".repeat(16)), Shape::Other("AWS")),
            (&format!("ghp_{}", "a".repeat(36)), Shape::Other("GitHub")),
            (&format!("api_{}", "a".repeat(34)), Shape::Other("the old inference API")),
            ("aGZfQUFBQUFBQUFBQUFBQUFBQUFBQUFB", Shape::Base64),
        ] {
            assert_eq!(shape(text), want, "{text:?}");
            assert!(read(text.as_bytes()).token.is_none(), "{text:?}");
        }
    }

    #[test]
    fn what_clings_to_a_token() {
        let t = token("A");
        for (text, want) in [
            (t.clone(), None),
            (format!("{t}\n"), Some(Dirt::LineEnd)),
            (format!("{t}\r\n"), Some(Dirt::LineEnd)),
            (format!("{t} "), Some(Dirt::Around)),
            (format!(" {t}\n"), Some(Dirt::Around)),
            (format!("\u{a0}{t}"), Some(Dirt::Around)),
            (format!("\"{t}\""), Some(Dirt::Quotes)),
            (format!("'{t}'\n"), Some(Dirt::Quotes)),
            (format!("\u{201c}{t}\u{201d}"), Some(Dirt::Quotes)),
            (format!("\u{feff}{t}"), Some(Dirt::Bom)),
            (format!("\u{200b}{t}"), Some(Dirt::ZeroWidth)),
            (format!("{t};"), Some(Dirt::Punctuation)),
            (format!("<{t}>"), Some(Dirt::Punctuation)),
            (format!("{t}."), Some(Dirt::Punctuation)),
            (format!("{t} # work"), Some(Dirt::Inside)),
            (format!("{t} {t}"), Some(Dirt::Inside)),
            (format!("{t}\u{1}"), Some(Dirt::Control)),
            (format!("\u{1b}[1;31m{t}\u{1b}[0m"), Some(Dirt::Control)),
            (format!("{t}\u{e9}"), Some(Dirt::NonAscii)),
            (format!("{t}\0"), Some(Dirt::Nul)),
            (format!("{t}\nmy token"), Some(Dirt::Lines)),
        ] {
            assert_eq!(dirt(&text), want, "{text:?}");
            assert_eq!(read(text.as_bytes()).token.unwrap().bytes(), t.as_bytes(), "{text:?}");
        }
    }

    #[test]
    fn two_tokens_on_two_lines_are_not_one_and_one_is_one() {
        let reading = read(format!("{}\n{}\n", token("A"), token("B")).as_bytes());
        assert_eq!((reading.shape, reading.dirt, reading.token), (Shape::Hub, Some(Dirt::Lines), None));
        let broken = token("A");
        let (head, tail) = broken.split_at(20);
        let reading = read(format!("{head}\r\n  {tail}\n").as_bytes());
        assert_eq!((reading.shape, reading.dirt), (Shape::Hub, Some(Dirt::Lines)));
        assert_eq!(reading.token.unwrap().bytes(), broken.as_bytes());
    }

    #[test]
    fn encodings() {
        let t = token("A");
        let little: Vec<u8> = t.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked: Vec<u8> = [&[0xff, 0xfe][..], &little].concat();
        let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(t.encode_utf16().flat_map(u16::to_be_bytes)).collect();
        for raw in [&little, &marked, &big] {
            let reading = read(raw);
            assert_eq!((reading.shape, reading.dirt), (Shape::Hub, Some(Dirt::Utf16)));
            assert_eq!(reading.token.unwrap().bytes(), t.as_bytes());
        }
        let broken = [t.as_bytes(), &[0xff]].concat();
        assert_eq!(read(&broken).dirt, Some(Dirt::NotUtf8));
    }
}
