//! `status --all`: what each shell that is started next will hand to programs, in JSON and for people.

use std::ffi::OsStr;
use std::fmt::Write as _;

use serde::Serialize;

use super::json::Place;
use super::sanitize::{line, path};
use crate::finding::Location;
use crate::state::startup::{From, Mode, Shell, Value, names, start};
use crate::state::variables;
use crate::system::System;

/// One variable of one shell; what is not listed is not set.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    shell: &'static str,
    mode: &'static str,
    /// What the shell starts with: what a terminal gives, or all that is exported here.
    from: &'static str,
    name: &'static str,
    /// `set`, or `unknown` where it cannot be told without starting a program.
    value: &'static str,
    token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    set_in: Option<Place>,
}

/// Every shell, started in every way.
pub(super) fn rows(system: &dyn System, fingerprint: bool) -> Vec<Row> {
    let names = names();
    let mut out = Vec::new();
    for shell in Shell::ALL {
        for mode in Mode::ALL {
            for (from, word) in [(From::Terminal, "terminal"), (From::Here, "here")] {
                let started = start(system, shell, mode, from, &names);
                for name in &names {
                    let next = started.variable(name);
                    let token = match &next.value {
                        Value::Unset => continue,
                        Value::Known(token) => Some(token),
                        Value::Unknown => None,
                    };
                    out.push(Row {
                        shell: shell.name(),
                        mode: mode.name(),
                        from: word,
                        name,
                        value: if token.is_some() { "set" } else { "unknown" },
                        token: token.map(|t| t.masked()),
                        fingerprint: token.filter(|_| fingerprint).and_then(|t| t.fingerprint()),
                        set_in: next.place.as_ref().map(Place::from),
                    });
                }
            }
        }
    }
    out
}

/// The person's own shell, opened in a terminal: the token variables that it will have.
pub(super) fn text(system: &dyn System, home: Option<&OsStr>) -> String {
    let mut out = String::new();
    let own = Shell::own(system);
    let names = names();
    for mode in [Mode::Login, Mode::Interactive] {
        let started = start(system, own, mode, From::Terminal, &names);
        for name in &names {
            let next = started.variable(name);
            let value = match &next.value {
                Value::Unset => continue,
                Value::Known(token) if variables::by_name(name).is_some() => token.masked(),
                Value::Known(token) => line(&String::from_utf8_lossy(token.bytes())),
                Value::Unknown => "cannot be told offline".to_owned(),
            };
            let at = match &next.place {
                Some(Location::File { path: p, line: Some(n) }) => format!("  {}:{n}", path(p, home)),
                _ => String::new(),
            };
            let _ = writeln!(out, "  {:18} {name:22} {value}{at}", format!("{} {}", own.name(), mode.name()));
        }
    }
    if out.is_empty() { "  no token variable\n".to_owned() } else { out }
}
