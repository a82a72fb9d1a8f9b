//! `stored_tokens`, beside the token file: huggingface_hub 0.26 on.

use std::path::{Path, PathBuf};

use super::State;
use crate::clients::version::Version;
use crate::secret::Token;

/// The file, as one release reads it.
#[derive(Debug)]
pub struct StoredTokens {
    /// The file.
    pub path: PathBuf,
    /// In the order of the file.
    pub tokens: Vec<Stored>,
    /// Why the release reads nothing from it.
    pub fault: Option<Fault>,
}

/// One section.
#[derive(Debug)]
pub struct Stored {
    /// The section's name.
    pub name: String,
    /// `hf_token`.
    pub token: Token,
    /// Whether it holds a `refresh_token` (1.20 on).
    pub refreshable: bool,
    /// `expires_at`, seconds since 1970.
    pub expires_at: Option<i64>,
    /// The line of its `hf_token`, from 1.
    pub line: u32,
}

/// Why a file is read as empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be read.
    Unreadable(crate::system::ReadError),
    /// It is not UTF-8.
    NotUtf8,
    /// It does not parse; the line, and what is wrong in a few words.
    Syntax(u32, &'static str),
}

/// Reads the file at a path as a release reads it; `None` where there is no file.
pub fn read(_state: &State<'_>, _path: &Path, _release: Version) -> Option<StoredTokens> {
    None
}
