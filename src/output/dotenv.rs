//! `status --all`: what each loader makes of the files of variables in the project here, in JSON and for people.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::sanitize::json_path;
use super::sanitize::{line as escaped, path as shown};
use crate::secret::Token;
use crate::state::dotenv::files;
use crate::state::dotenv::loaders::{Loader, Reading, all};
use crate::state::variables;
use crate::system::System;

/// What one loader makes of one variable in one file.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    path: String,
    name: &'static str,
    loader: &'static str,
    /// `set`, `unset`, `refused` (the loader gives up on the file), or `unknown` (it depends on a command, or on the
    /// loader's release).
    value: &'static str,
    line: Option<u32>,
    token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
}

/// The readings of a variable by every loader.
type Readings = Vec<(&'static Loader, Reading)>;

/// The variables that some loader gets, or chokes on, in each file.
fn found(system: &dyn System) -> Vec<(PathBuf, &'static str, Readings)> {
    let names: Vec<&'static str> = variables::ALL
        .iter()
        .filter(|v| matches!(v.holds, variables::Holds::Token | variables::Holds::OwnToken))
        .map(|v| v.name)
        .collect();
    let mut out = Vec::new();
    for path in files(system) {
        let Some(read) = all(system, &path, &names) else { continue };
        for (at, name) in names.iter().enumerate() {
            let readings: Readings = read.iter().map(|(loader, all)| (*loader, all[at].clone())).collect();
            // A file that is refused for its other lines says nothing of a variable that nobody finds in it.
            let named = readings.iter().any(|(_, r)| matches!(r, Reading::Set(..) | Reading::Unknown));
            if named {
                out.push((path.clone(), *name, readings));
            }
        }
    }
    out
}

/// Every loader's reading.
pub(super) fn rows(system: &dyn System, fingerprint: bool) -> Vec<Row> {
    let mut out = Vec::new();
    for (path, name, readings) in found(system) {
        for (loader, reading) in readings {
            let (value, line, token) = match &reading {
                Reading::Set(token, line) => ("set", Some(*line), Some(token)),
                Reading::Unset => ("unset", None, None),
                Reading::Refused => ("refused", None, None),
                Reading::Unknown => ("unknown", None, None),
            };
            out.push(Row {
                path: json_path(&path),
                name,
                loader: loader.name,
                value,
                line,
                token: token.map(Token::masked),
                fingerprint: token.filter(|_| fingerprint).and_then(Token::fingerprint),
            });
        }
    }
    out
}

/// One line where all agree, else one for each thing that some of them make of it.
pub(super) fn text(system: &dyn System, home: Option<&OsStr>) -> String {
    let mut out = String::new();
    for (path, name, readings) in found(system) {
        let mut groups: Vec<(Reading, Vec<&str>)> = Vec::new();
        for (loader, reading) in readings {
            match groups.iter_mut().find(|(r, _)| alike(r, &reading)) {
                Some((_, loaders)) => loaders.push(loader.name),
                None => groups.push((reading, vec![loader.name])),
            }
        }
        let alone = groups.len() == 1;
        for (reading, loaders) in groups {
            let who = if alone { "every loader".to_owned() } else { loaders.join(", ") };
            let what = match &reading {
                Reading::Set(token, _) if token.bytes().is_empty() => "empty".to_owned(),
                Reading::Set(token, _) => token.masked(),
                Reading::Unset => "not set".to_owned(),
                Reading::Refused => "file refused".to_owned(),
                Reading::Unknown => "cannot be told offline".to_owned(),
            };
            let _ = writeln!(out, "  {}  {name}  {what}  for {}", place(&path, &reading, home), escaped(&who));
        }
    }
    out
}

fn place(path: &Path, reading: &Reading, home: Option<&OsStr>) -> String {
    match reading {
        Reading::Set(_, line) => format!("{}:{line}", shown(path, home)),
        _ => shown(path, home),
    }
}

/// Whether two readings say the same, whichever line they have it from.
fn alike(one: &Reading, other: &Reading) -> bool {
    match (one, other) {
        (Reading::Set(one, _), Reading::Set(other, _)) => one == other,
        _ => one == other,
    }
}
