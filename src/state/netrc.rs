//! The netrc file, as Python's requests finds it and Python's `netrc` module reads it.
//! Source: requests 2.34.2 `get_netrc_auth`, Python 3.11 `netrc`.

use std::path::PathBuf;

use super::State;
use crate::finding::Location;
use crate::secret::Token;

/// The file and its entries; empty where there is none or it does not parse.
#[derive(Debug, Default)]
pub struct Netrc {
    /// The file in effect.
    pub path: PathBuf,
    /// As written.
    pub entries: Vec<Entry>,
}

/// One `machine` or `default` entry.
#[derive(Debug)]
pub struct Entry {
    /// `None` for `default`.
    pub machine: Option<String>,
    /// May be empty.
    pub login: String,
    /// The password, which may be a token.
    pub password: Token,
    /// The file.
    pub path: PathBuf,
    /// The line of the entry's first word, from 1.
    pub line: u32,
}

impl Entry {
    /// Where it stands.
    pub fn location(&self) -> Location {
        Location::line(&self.path, self.line)
    }
}

impl Netrc {
    /// The entry for a host: its own, else `default`.
    pub fn for_host(&self, host: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .rev()
            .find(|e| e.machine.as_deref() == Some(host))
            .or_else(|| self.entries.iter().rev().find(|e| e.machine.is_none()))
    }
}

/// Reads the file in effect.
pub fn gather(_state: &State<'_>) -> Netrc {
    Netrc::default()
}
