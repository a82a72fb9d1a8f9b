//! What programs say of the hub's tokens and gates in words of their own: a sentence that names a token of the hub, and says
//! beside it that there is none, or that it is bad. Asked only where the table knows none of a log's texts, as the words of
//! a program are less sure than those of the hub and its clients.

use super::log::Log;
use super::texts::{PHRASE_BAD, PHRASE_GATE, PHRASE_LOGIN, PHRASE_NONE, PHRASE_VARIABLE, Text};

/// The hub, as sentences name it before a token; `hf` counts as a word alone.
const HUB: &[&str] = &["hugging face", "huggingface", "hf"];
/// What is meant by a token, close after the hub's name.
const TOKENS: &[&str] = &["token", "api key", "api_key", "access key", "credential", "login"];
/// Variables that hold one.
const VARIABLES: &[&str] = &[
    "huggingfacehub_api_token",
    "hugging_face_hub_token",
    "hugging_face_token",
    "huggingface_hub_token",
    "huggingface_api_token",
    "huggingface_api_key",
    "huggingface_token",
    "hf_access_token",
    "hf_auth_token",
    "hf_api_token",
    "hf_api_key",
    "hf_hub_token",
    "hf_token",
];
/// Behind the token: it is not there.
const ABSENT: &[&str] = &[
    "not set",
    "not been set",
    "not found",
    "not provided",
    "not been provided",
    "not specified",
    "not configured",
    "not defined",
    "not present",
    "not available",
    "not detected",
    "missing",
    "required",
    "must be",
    "needs to be",
    "cannot be empty",
    "is empty",
    "is none",
    "unset",
    "undefined",
];
/// Before the token: it is asked for, or said not to be there.
const WANTED: &[&str] = &[
    "no",
    "set",
    "export",
    "provide",
    "supply",
    "enter",
    "specify",
    "need",
    "needs",
    "require",
    "requires",
    "without",
    "missing",
    "find",
    "get",
    "read",
    "retrieve",
    "define",
    "configure",
    "pass",
];
/// Behind or before the token: it is bad.
const BAD: &[&str] =
    &["invalid", "not valid", "n't valid", "expired", "rejected", "revoked", "incorrect", "refused", "unauthorized"];
/// A gate, where the sentence is about the hub.
const GATE: &[&str] = &[
    "is a gated",
    "is gated",
    "denied access to",
    "accept its licen",
    "accept the licen",
    "accepting a licen",
    "accept the terms",
    "accept the user conditions",
    "access denied to gated",
    "not authorized to access",
];
/// Sentences that only speak of tokens: how to get one, that one was found, that none is needed.
const NOTICE: &[&str] = &[
    "optional",
    "you can ",
    "if you ",
    "to log in, ",
    "to login, ",
    "requires a token generated",
    "successful",
    "saved",
    "is valid",
    "logged in as",
    "not required",
    "not needed",
    "no need",
];
/// Words between the verb and what it asks for.
const ARTICLES: &[&str] =
    &["a", "an", "the", "your", "valid", "any", "environment", "env", "variable", "you", "our", "of", "to"];
/// Longer lines are data, not sentences.
const LONGEST: usize = 2000;

/// The first sentence of a program's own that says what became of a token, and its line.
pub(super) fn find(log: &Log) -> Option<(&'static Text, u32)> {
    let lines = log.text.lines().enumerate().filter(|(_, line)| line.len() < LONGEST && is_near(line));
    lines.flat_map(|(index, line)| sentences(line).filter_map(move |s| Some((said(&s)?, log.number(index))))).next()
}

/// Whether a line may name the hub at all: cheap, as most lines don't.
fn is_near(line: &str) -> bool {
    let bytes = line.as_bytes();
    bytes.windows(2).any(|two| two.eq_ignore_ascii_case(b"hf"))
        || bytes.windows(7).any(|seven| seven.eq_ignore_ascii_case(b"hugging"))
}

fn sentences(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split(". ").flat_map(|s| s.split(['!', '?', ';'])).map(|s| {
        let s = s.to_lowercase().replace("n't ", " not ");
        s.replace(['\'', '"', '`', '*', '$', '{', '}', '[', ']', '(', ')', ','], " ").replace("  ", " ")
    })
}

/// What a sentence says, in lower case.
fn said(sentence: &str) -> Option<&'static Text> {
    if NOTICE.iter().any(|n| sentence.contains(n)) {
        return None;
    }
    if GATE.iter().any(|g| sentence.contains(g)) && HUB.iter().any(|h| word(sentence, h).is_some()) {
        return Some(&PHRASE_GATE);
    }
    let variable = VARIABLES.iter().find_map(|v| Some((sentence.find(v)?, v.len())));
    let (at, length) = variable.or_else(|| token(sentence))?;
    let (before, after) = (&sentence[..at], &sentence[at + length..]);
    let mut words = before.split_whitespace().rev().skip_while(|w| ARTICLES.contains(w));
    let absent = ABSENT.iter().any(|a| after.contains(a)) || words.next().is_some_and(|w| WANTED.contains(&w));
    let bad = BAD.iter().any(|b| sentence[at..].contains(b) || before.ends_with(&format!("{b} ")));
    match (absent, bad) {
        (true, false) if variable.is_some() => Some(&PHRASE_VARIABLE),
        (true, false) => Some(&PHRASE_NONE),
        (true, true) => Some(&PHRASE_LOGIN),
        (false, true) => Some(&PHRASE_BAD),
        (false, false) => None,
    }
}

/// Where a sentence names a token of the hub, and how long the name is.
fn token(sentence: &str) -> Option<(usize, usize)> {
    HUB.iter().find_map(|hub| {
        let at = word(sentence, hub)?;
        let rest = &sentence[at..];
        // A few words may stand between: "Hugging Face Hub access token".
        let (end, what) = TOKENS.iter().filter_map(|t| Some((rest.find(t)?, t))).min()?;
        (end <= hub.len() + 24).then_some((at, end + what.len()))
    })
}

/// Where a name stands as a word of its own.
fn word(sentence: &str, name: &str) -> Option<usize> {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | ':'));
    let alone = |at: &usize| {
        !is_part(sentence[..*at].chars().next_back()) && !is_part(sentence[*at + name.len()..].chars().next())
    };
    sentence.match_indices(name).map(|(at, _)| at).find(alone)
}

#[cfg(test)]
mod tests {
    use super::super::texts::Says;
    use super::*;

    #[test]
    fn what_programs_say_in_words_of_their_own() {
        for (text, want) in [
            ("ValueError: Please provide a valid HF token", Some(Says::NoneFound)),
            ("Hugging Face token is not defined, but 'push_results_to_hub' is set to True.", Some(Says::NoneFound)),
            ("raise ValueError(\"No valid Hugging Face token\")", Some(Says::NoneFound)),
            ("No Hugging Face Hub credentials were given", Some(Says::NoneFound)),
            ("[WARN] Could not find your HF API key", Some(Says::NoneFound)),
            ("Error: $HUGGINGFACE_TOKEN environment variable isn't set", Some(Says::VariableMissing)),
            ("You need to set the environment variable `HF_API_KEY`", Some(Says::VariableMissing)),
            ("Load of 'o/n' failed: Hugging Face rejected the token", Some(Says::Refused)),
            ("Invalid HuggingFace token", Some(Says::Refused)),
            ("Your HF_TOKEN has expired", Some(Says::Refused)),
            ("HF token is missing or invalid", Some(Says::LoginFailed)),
            ("'o/n' is a gated Hugging Face repo", Some(Says::Gated)),
            ("Hugging Face denied access to this dataset", Some(Says::Gated)),
            // Notices, and what is about something else.
            ("HF_TOKEN is set", None),
            ("Using HF_TOKEN from the environment", None),
            ("HF_TOKEN is optional and not set", None),
            ("A token of Hugging Face is not required for public models", None),
            (
                "To log in, `huggingface_hub` requires a token generated from https://huggingface.co/settings/tokens .",
                None,
            ),
            ("If you are not logged in, set HF_TOKEN to use gated models", None),
            ("Token indices sequence length is longer than the specified maximum (huggingface)", None),
            ("/x/hf/token.py: KeyError: missing", None),
            ("The tokenizer of https://huggingface.co/o/n has no chat template, which is required", None),
            ("GITHUB_TOKEN is not set", None),
        ] {
            let found = find(&Log::new(text.as_bytes()));
            assert_eq!(found.map(|(t, _)| t.says), want, "{text}");
        }
    }
}
