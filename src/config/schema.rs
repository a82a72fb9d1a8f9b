//! The configuration file: every key optional, an unknown one an error.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer};
use toml::Spanned;

use super::accepted::Place;
use super::values::{Date, Host, Period, Reason, Selector, Text, Warn};
use crate::finding::Severity;
use crate::nearest::did_you_mean;

/// The keys, as they are written.
pub(super) const KEYS: [&str; 10] = [
    "select",
    "ignore",
    "fail-on",
    "warn",
    "min-severity",
    "repeat-after",
    "rotate-after",
    "journal-keep",
    "endpoints",
    "hook-timeout",
];

type Key<T> = Option<Spanned<Text<T>>>;

/// What the file says.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
    pub(super) select: Option<Spanned<Vec<Text<Selector>>>>,
    pub(super) ignore: Option<Vec<Spanned<Ignore>>>,
    pub(super) fail_on: Key<Severity>,
    pub(super) warn: Key<Warn>,
    pub(super) min_severity: Key<Severity>,
    pub(super) repeat_after: Key<Period>,
    pub(super) rotate_after: Key<Period>,
    pub(super) journal_keep: Key<Period>,
    pub(super) endpoints: Option<Spanned<Vec<Text<Host>>>>,
    pub(super) hook_timeout: Key<Period>,
}

/// An element of `ignore`: TOML has one value for a key, so `ignore = ["HF109"]` and `[[ignore]]` are one list.
#[derive(Debug)]
pub(super) enum Ignore {
    /// The rule does not run.
    Rule(Selector),
    /// The rule runs, and its findings are accepted.
    Entry(Entry),
}

/// One `[[ignore]]`.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) rule: Text<Selector>,
    #[serde(rename = "where")]
    pub(super) place: Option<Text<Place>>,
    pub(super) reason: Text<Reason>,
    pub(super) until: Option<Date>,
}

impl Entry {
    /// Whether it says just this.
    pub(super) fn is(&self, new: &super::NewEntry) -> bool {
        self.rule.0.as_str() == new.rule
            && self.place.as_ref().map(|p| p.0.as_str()) == new.place.as_deref()
            && self.reason.0.0 == new.reason
            && self.until == new.until
    }
}

impl<'de> Deserialize<'de> for Ignore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `untagged`, which would answer any mistype with "did not match any variant".
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Ignore;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a rule, or a table with rule, where, reason, until")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Ignore, E> {
                text.parse().map(Ignore::Rule).map_err(E::custom)
            }

            fn visit_map<M: de::MapAccess<'de>>(self, map: M) -> Result<Ignore, M::Error> {
                Entry::deserialize(de::value::MapAccessDeserializer::new(map)).map(Ignore::Entry)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Reads the text of a file; the error names the line, shows it with a caret, and guesses a mistyped key.
pub(super) fn parse(text: &str) -> Result<File, String> {
    toml::from_str(text).map_err(|e| {
        let names: Vec<&str> = e.message().split('`').skip(1).step_by(2).collect();
        let hint = match names.split_first() {
            Some((typed, known)) if e.message().starts_with("unknown field") => {
                did_you_mean(typed, known.iter().copied())
            }
            // TOML knows one value for a key, and both spellings are this key.
            _ if e.message() == "duplicate key" && e.span().is_some_and(|s| text.get(s) == Some("ignore")) => {
                ": the list and [[ignore]] are one; write ignore = [\"HF109\", { rule = \"HF101\", reason = \"…\" }]"
                    .to_owned()
            }
            _ => String::new(),
        };
        format!("{}{hint}", e.to_string().trim_end())
    })
}

/// The line of a place in a text, from 1.
pub(super) fn line(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count();
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
}
