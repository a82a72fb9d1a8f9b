//! Files of settings as one kind of tree, whatever they are written in: each value with the line that it stands on.
//!
//! The parsers are well-kept crates; what is bounded here is what they leave open: depth, aliases, size. An error says
//! the line and never the text, which may be a token.

use crate::secret::Token;

mod json;
mod toml;
mod xml;
mod yaml;

pub use json::{json, jsonc};
pub use toml::toml;
pub use xml::{Element, xml};
pub use yaml::yaml;

/// Most levels of a tree. serde_json takes 128 as well.
const DEPTH: usize = 128;

/// A value.
#[derive(Debug, Clone)]
pub struct Node {
    /// From 1: where it begins.
    pub line: u32,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Nothing: `null`, `~`, a YAML key without a value.
    Null,
    /// A number, a truth value, a date: as it is written.
    Plain(Token),
    /// A text, its quotes and escapes undone.
    Text(Token),
    /// Values in their order.
    List(Vec<Node>),
    /// Keys in the order of the file (of the alphabet in TOML).
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// As it is meant; of TOML one part of a dotted key.
    pub key: String,
    /// From 1: where the key stands.
    pub line: u32,
    /// What it has.
    pub value: Node,
}

/// Why a text is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It breaks the rules of its format.
    #[error("is no valid {format}: line {line}")]
    Syntax {
        /// `JSON`, `TOML`, `YAML`, `XML`
        format: &'static str,
        /// From 1.
        line: u32,
    },
    /// It is not UTF-8.
    #[error("is not UTF-8")]
    NotUtf8,
    /// More levels than anybody writes.
    #[error("is nested more than {DEPTH} levels deep")]
    Deep,
    /// Aliases of YAML that unfold to more than anybody means.
    #[error("unfolds to too much by its aliases")]
    Aliases,
}

impl Node {
    /// The value of a key; the last of several, as most parsers have it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|e| &e.value)
    }

    /// A key with its value.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().rev().find(|e| e.key == key)
    }

    /// The value below several keys.
    pub fn at(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The keys; none where it is no map.
    pub fn entries(&self) -> &[Entry] {
        if let Kind::Map(entries) = &self.kind { entries } else { &[] }
    }

    /// The values of a list; none where it is no list.
    pub fn items(&self) -> &[Self] {
        if let Kind::List(items) = &self.kind { items } else { &[] }
    }

    /// The text, where it is one.
    pub fn text(&self) -> Option<&Token> {
        if let Kind::Text(text) = &self.kind { Some(text) } else { None }
    }

    /// The text, where it is one and UTF-8.
    pub fn str(&self) -> Option<&str> {
        self.text().and_then(|t| std::str::from_utf8(t.bytes()).ok())
    }

    /// Text and whatever is written without quotes.
    pub fn scalar(&self) -> Option<&Token> {
        match &self.kind {
            Kind::Text(text) | Kind::Plain(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is this truth value.
    pub fn is(&self, truth: bool) -> bool {
        let word: &[u8] = if truth { b"true" } else { b"false" };
        matches!(&self.kind, Kind::Plain(text) if text.bytes() == word)
    }
}

/// The text of a file without the mark that some editors put first.
fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::NotUtf8)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The lines of a text by the places of its bytes.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at).collect())
    }

    /// From 1.
    fn line(&self, at: usize) -> u32 {
        u32::try_from(self.0.partition_point(|end| *end < at) + 1).unwrap_or(u32::MAX)
    }
}

fn text(value: &str) -> Kind {
    Kind::Text(Token::new(value.as_bytes().to_vec()))
}

fn plain(value: &str) -> Kind {
    Kind::Plain(Token::new(value.as_bytes().to_vec()))
}
