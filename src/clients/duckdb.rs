//! DuckDB's `CREATE SECRET (TYPE huggingface, PROVIDER credential_chain)`; without a secret it sends nothing.
//!
//! Source: duckdb-httpfs, `src/create_secret_functions.cpp`; run by `tests/parity/clients/python` in 1.5.5, which also
//! showed on the wire that an empty token goes without a header.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use super::Candidate;
use super::model::{Answered, Client, Found, Model, Step, Wire};
use super::version::Version;
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::system::ReadError;
use crate::system::path::absolute;

/// DuckDB. Run: 1.5.5.
pub static DUCKDB: Client = Client {
    name: "duckdb",
    aliases: &[],
    title: "DuckDB (credential_chain)",
    found: Found::Nowhere,
    newest: Version::new(1, 5, 5),
    models: &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Plain, steps: &[Step::Own(chain)] }],
};

/// A variable counts as soon as it is set. The file that one names must be there; the login's need not.
fn chain(state: &State<'_>) -> Answered {
    if let Some(value) = state.var("HF_TOKEN") {
        return secret(value.into_encoded_bytes(), Location::variable("HF_TOKEN"));
    }
    let named = state.var("HF_TOKEN_PATH").or_else(|| {
        let home = state.var("HF_HOME")?;
        Some(if home.is_empty() { "token".into() } else { PathBuf::from(home).join("token").into_os_string() })
    });
    let must_be_there = named.is_some();
    let path = expanded(state, named.unwrap_or_else(|| "~/.cache/huggingface/token".into()));
    let at = Location::line(absolute(state.system, &path), 1);
    match &*state.credential(&path) {
        Ok(content) => match first_line(&content.bytes) {
            (line, false) if content.truncated => Answered::Token(Candidate { token: Token::cut(line), source: at }),
            (line, _) => secret(line, at),
        },
        // A pipe or a device: it would wait, or read what is not there yet.
        Err(ReadError::Fifo | ReadError::Special) => Answered::Unknown,
        // Its message names the path, which Python then cannot decode.
        Err(_) if must_be_there && path.to_str().is_none() => Answered::Error("UnicodeDecodeError", Some(at)),
        Err(_) if must_be_there => Answered::Error("IOException", Some(at)),
        Err(_) => Answered::Anonymous,
    }
}

/// `FileSystem::ExpandPath`: a `~` in front is HOME and nothing else.
fn expanded(state: &State<'_>, path: OsString) -> PathBuf {
    match path.as_bytes().strip_prefix(b"~") {
        Some(rest) => {
            let home = state.var("HOME").unwrap_or_default().into_encoded_bytes();
            PathBuf::from(OsString::from_vec([&home, rest].concat()))
        }
        None => PathBuf::from(path),
    }
}

/// `FileHandle::ReadLine`: every carriage return goes, wherever it stands. Also whether the line ended.
fn first_line(bytes: &[u8]) -> (Vec<u8>, bool) {
    let end = bytes.iter().position(|&b| b == b'\n');
    let line = &bytes[..end.unwrap_or(bytes.len())];
    (line.iter().copied().filter(|&b| b != b'\r').collect(), end.is_some())
}

/// What is not UTF-8 is no value of DuckDB's; without a token there is no header.
fn secret(bytes: Vec<u8>, at: Location) -> Answered {
    if std::str::from_utf8(&bytes).is_err() {
        Answered::Error("InvalidInputException", Some(at))
    } else if bytes.is_empty() {
        Answered::Anonymous
    } else {
        Answered::Token(Candidate { token: Token::new(bytes), source: at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Instance, Outcome, resolve};
    use crate::system::fake::Fake;

    fn sends(fake: &Fake) -> Outcome {
        resolve(&State::new(fake), &Instance::newest(&DUCKDB)).outcome
    }

    fn text(outcome: &Outcome) -> Option<&[u8]> {
        outcome.token().map(Token::bytes)
    }

    #[test]
    fn a_variable_counts_as_soon_as_it_is_set() {
        let login = Fake::home().file("/home/u/.cache/huggingface/token", "a\rb \r\nc");
        assert_eq!(text(&sends(&login)), Some(&b"ab "[..]));
        assert!(matches!(sends(&login.clone().var("HF_TOKEN", "")), Outcome::Anonymous));
        assert!(matches!(sends(&login.clone().var("HF_TOKEN_PATH", "")), Outcome::Error("IOException")));
        assert!(matches!(sends(&login.clone().var("HF_HOME", "/nowhere")), Outcome::Error("IOException")));
        assert_eq!(text(&sends(&login.var("HF_HOME", "~/.cache/huggingface"))), Some(&b"ab "[..]));
        assert!(matches!(sends(&Fake::home()), Outcome::Anonymous));
        let latin = Fake::home().file("/home/u/t", [0xe9]).var("HF_TOKEN_PATH", "/home/u/t");
        assert!(matches!(sends(&latin), Outcome::Error("InvalidInputException")));
    }
}
