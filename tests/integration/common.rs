//! Tokens and passwords made at run time, and the placeholders of the case files.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::encode::{Base64, base64};

/// What follows `hf_` in the token of a letter: 34 letters and digits, the same in every run.
///
/// The first character is a digit, so that `hf_` and it can't be met by chance, as in `hf_hub`.
pub(crate) fn body(letter: char) -> String {
    let mut out = characters(u64::from(u32::from(letter)), 34);
    out.replace_range(..1, &(u32::from(letter) % 10).to_string());
    out
}

/// The token of a letter.
pub(crate) fn token(letter: char) -> String {
    format!("hf_{}", body(letter))
}

fn password(number: char) -> String {
    characters(1000 + u64::from(u32::from(number)), 18)
}

/// The seed of a random test: `HFLINT_TEST_SEED`, or a new one. It goes to standard error, which a failing test shows,
/// however it fails.
pub(crate) fn seed() -> String {
    let seed = std::env::var("HFLINT_TEST_SEED").unwrap_or_else(|_| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time after 1970");
        now.as_nanos().to_string()
    });
    eprintln!("HFLINT_TEST_SEED={seed} repeats this");
    seed
}

fn characters(seed: u64, count: usize) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(ALPHABET[usize::try_from(state >> 33).expect("31 bits") % ALPHABET.len()])
        })
        .collect()
}

/// Fills in placeholders, and remembers which secrets it gave out.
pub(crate) struct Template {
    places: BTreeMap<&'static str, String>,
    now: u64,
    given: RefCell<BTreeSet<String>>,
}

impl Template {
    pub(crate) fn new(home: &str, cwd: &str, root: &str, now: u64) -> Self {
        let places = BTreeMap::from([("HOME", home.to_owned()), ("CWD", cwd.to_owned()), ("ROOT", root.to_owned())]);
        Self { places, now, given: RefCell::default() }
    }

    /// The secrets that were put somewhere.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.given.borrow().iter().cloned().collect()
    }

    /// The text with its placeholders filled in; a brace after `$` is the shell's.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let (before, from) = rest.split_at(open);
            out.push_str(before);
            let value = from[1..].find('}').map(|n| (&from[1..=n], n + 2)).filter(|_| !before.ends_with('$'));
            if let Some((name, length)) = value {
                if let Some(value) = self.value(name) {
                    out.push_str(&value);
                    rest = &from[length..];
                    continue;
                }
                let like_a_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase());
                assert!(!like_a_name, "no such placeholder: {{{name}}}");
            }
            out.push('{');
            rest = &from[1..];
        }
        out + rest
    }

    fn value(&self, name: &str) -> Option<String> {
        if let Some(place) = self.places.get(name) {
            return Some(place.clone());
        }
        if let Some(offset) = name.strip_prefix("NOW") {
            return Some(self.now.saturating_add_signed(offset.parse().ok()?).to_string());
        }
        let secret = |s: String| {
            self.given.borrow_mut().insert(s.clone());
            Some(s)
        };
        let mut chars = name.chars();
        let first = chars.next()?;
        match (first, chars.as_str()) {
            ('A'..='Z', "") => secret(token(first)),
            ('A'..='Z', ".body") => secret(body(first)),
            ('A'..='Z', ".base64") => secret(base64(token(first).as_bytes(), Base64::Standard)),
            ('p', number) => {
                let number = number.strip_prefix('w')?;
                matches!(number.as_bytes(), [b'1'..=b'9']).then(|| secret(password(number.chars().next()?)))?
            }
            ('0'..='9', _) => {
                let letter = name.chars().last().filter(char::is_ascii_lowercase)?;
                let count: usize = name.strip_suffix(letter)?.parse().ok()?;
                Some(letter.to_string().repeat(count))
            }
            _ => None,
        }
    }
}

#[test]
fn placeholders() {
    let t = Template::new("/h", "/h/p", "/", 1000);
    assert_eq!(
        t.fill("{HOME}/x ${HOME} ${A} {NOW-10} {NOW+5} {3x} f() { a; }"),
        "/h/x ${HOME} ${A} 990 1005 xxx f() { a; }"
    );
    assert_eq!(t.fill(r#"{"a": {"b": "{A}"}}"#), format!(r#"{{"a": {{"b": "{}"}}}}"#, token('A')));
    assert!(t.fill("{A.body} {pw1}").starts_with(&token('A')[3..]));
    assert_eq!(t.secrets().len(), 3);
}

#[test]
fn tokens_differ_everywhere() {
    let all: Vec<String> = ('A'..='Z').map(body).collect();
    let windows: BTreeSet<&[u8]> = all.iter().flat_map(|b| b.as_bytes().windows(6)).collect();
    assert_eq!(windows.len(), 26 * 29);
    assert!(all.iter().all(|b| b.len() == 34 && b.starts_with(|c: char| c.is_ascii_digit())));
}
