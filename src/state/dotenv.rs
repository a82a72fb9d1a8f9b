//! The nearest `.env` upward, as python-dotenv reads it.

use std::path::PathBuf;

use super::State;

/// The file and what it would set.
#[derive(Debug, Default)]
pub struct Dotenv {
    /// The file.
    pub path: PathBuf,
    /// In the order of the file, the last of a name counts.
    pub entries: Vec<Entry>,
}

/// One assignment.
#[derive(Debug)]
pub struct Entry {
    /// The name.
    pub name: String,
    /// As python-dotenv gives it; `None` for a name without `=`.
    pub value: Option<Vec<u8>>,
    /// From 1.
    pub line: u32,
}

impl Dotenv {
    /// The entry that counts for a name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|e| e.name == name)
    }
}

/// Reads it.
pub fn gather(_state: &State<'_>) -> Option<Dotenv> {
    None
}
