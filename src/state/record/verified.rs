//! What the hub said of tokens when `hflint verify` had it asked: `verified.json`.
//!
//! One entry for each token and endpoint; the newest answer counts. A file that cannot be read is as none: nothing is
//! claimed of any token then.

use serde::{Deserialize, Serialize};

use super::key::{self, Fault, hash, path};
use crate::secret::Token;
use crate::system::{ReadError, System, TEXT_LIMIT};

/// How many answers are kept; the oldest go.
const MOST: usize = 200;

/// One answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    /// The keyed hash of the token.
    pub token: String,
    /// Who was asked: scheme, host and path, without a user and a slash at the end.
    pub endpoint: String,
    /// Whether the token was taken.
    pub alive: bool,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Whose it is, where the tool said so.
    pub user: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u8,
    answers: Vec<Answer>,
}

/// The answers, and what it takes to find one.
#[derive(Debug, Default)]
pub struct Verified {
    key: Vec<u8>,
    answers: Vec<Answer>,
}

/// Reads the answers; none where there is no file, or none that can be read.
pub fn read(system: &dyn System) -> Verified {
    let load = || -> Option<Verified> {
        let file = system.read(&path(system, "verified.json")?, TEXT_LIMIT).ok()?;
        let file: File = serde_json::from_slice(&file.bytes).ok().filter(|f: &File| f.version == 1)?;
        let key = key::read(system).ok()??;
        Some(Verified { key, answers: file.answers })
    };
    load().unwrap_or_default()
}

impl Verified {
    /// The answer about a token at an endpoint.
    pub fn of(&self, token: &Token, endpoint: &str) -> Option<&Answer> {
        if self.answers.is_empty() {
            return None;
        }
        let (hash, endpoint) = (hash(&self.key, token), plain(endpoint));
        self.answers.iter().rev().find(|a| a.token == hash && a.endpoint == endpoint)
    }
}

/// An endpoint without the user that may stand in it, and without a slash at its end.
pub fn plain(endpoint: &str) -> String {
    let endpoint = endpoint.trim().trim_end_matches('/');
    let Some((scheme, rest)) = endpoint.split_once("://") else { return endpoint.to_owned() };
    let (place, path) = rest.split_once('/').map_or((rest, None), |(place, path)| (place, Some(path)));
    let host = place.rsplit_once('@').map_or(place, |(_, host)| host).to_ascii_lowercase();
    let scheme = scheme.to_ascii_lowercase();
    path.map_or_else(|| format!("{scheme}://{host}"), |path| format!("{scheme}://{host}/{path}"))
}

/// Remembers answers: a token, the endpoint, whether it is alive, whose it is. Whole or not at all, one writer at a time.
pub fn remember(system: &dyn System, endpoint: &str, told: &[(&Token, bool, Option<String>)]) -> Result<(), Fault> {
    let file_path = path(system, "verified.json").ok_or_else(key::nowhere)?;
    let _turn = system.lock(&file_path.with_file_name("lock")).map_err(|_| (file_path.clone(), ReadError::Denied))?;
    let key = key::read_or_make(system)?;
    let endpoint = plain(endpoint);
    let mut answers = read(system).answers;
    for (token, alive, user) in told {
        let token = hash(&key, token);
        answers.retain(|a| a.token != token || a.endpoint != endpoint);
        answers.push(Answer { token, endpoint: endpoint.clone(), alive: *alive, at: system.now(), user: user.clone() });
    }
    answers.drain(..answers.len().saturating_sub(MOST));
    let mut text = serde_json::to_vec_pretty(&File { version: 1, answers }).unwrap_or_default();
    text.push(b'\n');
    system.store(&file_path, &text, None).map_err(|why| (file_path, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_compared_without_what_does_not_count() {
        for (given, want) in [
            ("https://huggingface.co", "https://huggingface.co"),
            ("HTTPS://HuggingFace.co/", "https://huggingface.co"),
            ("https://me:pw@hub.example:8443/a/b/", "https://hub.example:8443/a/b"),
            ("hub", "hub"),
        ] {
            assert_eq!(plain(given), want);
        }
    }
}
