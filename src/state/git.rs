//! What git holds for the Hub: credential stores, configuration, and the remotes of the repository here.

use std::path::PathBuf;

use super::State;
use crate::clients::Candidate;

/// Git's side.
#[derive(Debug, Default)]
pub struct Git {
    /// The root of the repository here.
    pub root: Option<PathBuf>,
    /// Lines of the credential stores that are for a host of the Hub, in the order in which git tries them.
    pub stored: Vec<Stored>,
    /// Remotes and `insteadOf` bases whose URL holds a password.
    pub remotes: Vec<Candidate>,
}

/// One line of a credential store.
#[derive(Debug)]
pub struct Stored {
    /// The host, in lower case, with its port.
    pub host: String,
    /// The user.
    pub user: String,
    /// The password and its line.
    pub credential: Candidate,
}

/// Reads them.
pub fn gather(_state: &State<'_>) -> Git {
    Git::default()
}
