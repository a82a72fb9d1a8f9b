//! Plain HTTP programs and libraries: what a call to the Hub carries that names no credential.
//!
//! Their own files decide, and netrc, which each of them reads by rules of its own. What replaces a Bearer header
//! (netrc under Python's requests) is no source of theirs and stands in `overridden_by`.
//! Run by `tests/parity/clients/http`.

use super::Candidate;
use super::clean::Clean;
use super::model::{Answered, Blank, Client, Found, Model, Set, Step, Text, Wire};
use super::version::Version;
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::netrc::Fault;

mod aria2;
mod curl;
mod wget;

/// All of them. None is a client of the Hub by itself, so no installed copy is looked for: `pip` and `requests` are in
/// nearly every Python, and a line for each in every `status` would tell nobody anything.
pub static CLIENTS: &[&Client] = &[&CURL, &WGET, &ARIA2, &HFD, &PIP, &REQUESTS, &HTTPX];

/// The host that they are asked about: none of them reads `HF_ENDPOINT`.
const HOST: &str = "huggingface.co";

const fn tool(name: &'static str, title: &'static str, newest: Version, models: &'static [Model]) -> Client {
    Client { name, aliases: &[], title, found: Found::Nowhere, newest, models }
}

const fn since_ever(wire: Wire, steps: &'static [Step]) -> Model {
    Model { since: Version::first_of(0, 0, 0), wire, steps }
}

/// curl: only its `.curlrc` can carry a credential. Run: 7.88.1.
static CURL: Client = tool("curl", "curl", Version::new(7, 88, 1), &[since_ever(Wire::Plain, &[Step::Own(curl::ask)])]);
/// GNU Wget. Run: 1.21.3.
static WGET: Client =
    tool("wget", "GNU Wget", Version::new(1, 21, 3), &[since_ever(Wire::Plain, &[Step::Own(wget::ask)])]);
/// aria2c. Run: 1.36.0.
static ARIA2: Client =
    tool("aria2", "aria2", Version::new(1, 36, 0), &[since_ever(Wire::Plain, &[Step::Own(aria2::ask)])]);
/// hfd.sh, which puts the variable into a header of its own and runs aria2c (its default); without one aria2c's own
/// files count. Read: the copy in deepglint/RWKV-CLIP, b5d321ba. The script has no releases.
static HFD: Client = tool(
    "hfd",
    "hfd.sh",
    Version::new(2025, 0, 0),
    &[since_ever(
        Wire::Plain,
        &[
            Step::Env {
                names: &["HF_TOKEN"],
                text: Text::Bytes,
                set: Set::NonEmpty,
                clean: Clean::Raw,
                blank: Blank::Next,
            },
            Step::Own(aria2::ask),
        ],
    )],
);
/// pip, of a URL of the Hub: netrc at once, as requests reads it. Run: 23.2.1, 26.3.
static PIP: Client = tool("pip", "pip", Version::new(26, 3, 0), &[since_ever(Wire::Plain, &[Step::Own(python_netrc)])]);
/// A program on Python's requests that passes nothing. Run: 2.34.2.
static REQUESTS: Client =
    tool("requests", "a program on requests", Version::new(2, 34, 2), &[since_ever(Wire::RequestsToHub, &[])]);
/// A program on httpx, httpx2 or urllib that passes nothing: nothing is sent. Run: httpx 0.28.1.
static HTTPX: Client = tool("httpx", "a program on httpx", Version::new(0, 28, 1), &[since_ever(Wire::Plain, &[])]);

fn python_netrc(state: &State<'_>) -> Answered {
    match state.netrc().for_host(HOST) {
        Some(entry) => sent(entry.password.clone(), entry.location()),
        // No error that requests knows of: pip ends with a traceback.
        None => match state.netrc().fault {
            Some(Fault::NotUtf8) => Answered::Error("fatal", Some(Location::file(&state.netrc().path))),
            _ => Answered::Nothing,
        },
    }
}

/// The password of a Basic header as the Hub takes it apart: a colon in the user name ends that name.
fn sent_basic(user: &[u8], password: Vec<u8>, source: Location) -> Answered {
    if password.is_empty() {
        return Answered::Anonymous;
    }
    sent(Token::new(crate::state::git::basic(user, password)), source)
}

/// A password or a token: an empty one is nobody's.
fn sent(token: Token, source: Location) -> Answered {
    if token.bytes().is_empty() { Answered::Anonymous } else { Answered::Token(Candidate { token, source }) }
}

/// The credential in the value of an Authorization header: what follows `Bearer`, the password of `Basic`, else what
/// follows the scheme.
fn credential(value: &[u8], source: &Location) -> Answered {
    // Blanks around it are no part of a header's value.
    let blank = |b: &u8| matches!(b, b' ' | b'\t');
    let end = value.iter().rposition(|b| !blank(b)).map_or(0, |i| i + 1);
    let value = &value[value.iter().take_while(|b| blank(b)).count().min(end)..end];
    let space = value.iter().position(|&b| b == b' ').unwrap_or(value.len());
    let (scheme, rest) = value.split_at(space);
    let rest = rest.get(1..).unwrap_or_default();
    let bytes = if scheme.eq_ignore_ascii_case(b"basic") {
        crate::clients::git::basic_password(rest).unwrap_or_else(|| rest.to_vec())
    } else {
        rest.to_vec()
    };
    sent(Token::new(bytes), source.clone())
}

/// C's `isspace` in the C locale.
const fn is_c_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t'..=b'\r')
}

fn trim_c(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_c_space(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_c_space(*last)
    {
        text = rest;
    }
    text
}
