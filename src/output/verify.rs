//! What `hflint verify` was told, as text and as JSON.

use std::ffi::OsStr;
use std::fmt::Write as _;

use serde::Serialize;

use super::json::{Place, finish};
use super::sanitize::{line, path};
use crate::cli::Asked;
use crate::explain::Told;
use crate::finding::Location;
use crate::secret::mask_text;

#[derive(Serialize)]
struct Shape {
    version: u8,
    endpoint: Option<String>,
    tokens: Vec<TokenShape>,
}

#[derive(Serialize)]
struct TokenShape {
    token: String,
    places: Vec<Place>,
    names: Vec<String>,
    outcome: &'static str,
    user: Option<String>,
    role: Option<String>,
    why: Option<String>,
}

/// `verify --format json`.
pub(crate) fn json(endpoint: &str, asked: &[Asked]) -> std::io::Result<String> {
    let shape = |a: &Asked| {
        let (user, role, why) = match &a.answer {
            Some(Told::Alive { user, role }) => (user.clone(), role.clone(), None),
            Some(Told::Dead { why } | Told::Unknown { why }) => (None, None, Some(mask_text(why))),
            None => (None, None, None),
        };
        TokenShape {
            token: a.token.masked(),
            places: a.places.iter().map(|(at, _)| Place::from(at)).collect(),
            names: a.places.iter().filter_map(|(_, name)| name.as_deref()).map(mask_text).collect(),
            outcome: a.answer.as_ref().map_or("unknown", Told::word),
            user,
            role,
            why,
        }
    };
    finish(&Shape {
        version: 1,
        endpoint: (!endpoint.is_empty()).then(|| mask_text(endpoint)),
        tokens: asked.iter().map(shape).collect(),
    })
}

/// `verify`, for people.
pub(crate) fn text(endpoint: &str, asked: &[Asked], home: Option<&OsStr>) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "asked: {}", line(endpoint));
    for one in asked {
        let word = one.answer.as_ref().map_or("unknown", Told::word);
        let more = match &one.answer {
            Some(Told::Alive { user: Some(user), role }) => {
                format!(
                    "user {}{}",
                    line(user),
                    role.as_ref().map_or_else(String::new, |r| format!(", role {}", line(r)))
                )
            }
            Some(Told::Dead { why } | Told::Unknown { why }) => line(why),
            _ => String::new(),
        };
        let _ = writeln!(out, "{}", format!("{word:8}  {}  {more}", name(one, home)).trim_end());
    }
    out
}

/// A token and its places.
pub(crate) fn name(asked: &Asked, home: Option<&OsStr>) -> String {
    let places: Vec<String> = asked
        .places
        .iter()
        .map(|(at, name)| {
            let name = name.as_deref().map_or_else(String::new, |n| format!(" \"{}\"", line(n)));
            format!("{}{name}", place(at, home))
        })
        .collect();
    format!("{} of {}", asked.token.masked(), places.join(", "))
}

/// A place in a list.
pub(crate) fn place(at: &Location, home: Option<&OsStr>) -> String {
    match at {
        Location::Variable { name } => line(name),
        other => other.path().map_or_else(String::new, |p| path(p, home)),
    }
}
