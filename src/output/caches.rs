//! The caches of `status --caches`, as text and as JSON.

use std::ffi::OsStr;
use std::fmt::Write as _;

use serde::Serialize;

use super::sanitize::{json_path, path};
use super::text::location;
use crate::finding::Location;
use crate::state::State;
use crate::state::caches::measure;
use crate::state::caches::places::{Role, gather};

/// The caches, for people.
pub(super) fn text(state: &State<'_>, home: Option<&OsStr>) -> String {
    let mut out = String::new();
    let count = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    for place in gather(state) {
        let size = measure::cache(state.system.disk(), &place.path);
        let by = match (place.role, place.by) {
            (Role::Legacy, _) => format!("of {}", place.reader),
            (_, Some(name)) => format!("by {}", location(&Location::variable(name), state, home)),
            (_, None) => "the default".to_owned(),
        };
        let reader = match (place.role, place.reader) {
            (Role::InUse, reader) if reader != "huggingface_hub" => format!("; read by {reader}"),
            _ => String::new(),
        };
        let _ = writeln!(out, "  {:8}  {}", place.role.word(), path(&place.path, home));
        let _ = writeln!(
            out,
            "            {} in {}, {}; {by}{reader}",
            measure::shown(size.bytes),
            count(size.files, "file", "files"),
            count(size.repositories, "repository", "repositories")
        );
    }
    out
}

/// One cache.
#[derive(Serialize)]
pub(super) struct Shape {
    path: String,
    role: &'static str,
    variable: Option<&'static str>,
    reader: &'static str,
    repositories: usize,
    files: usize,
    bytes: u64,
}

/// The caches, for programs.
pub(super) fn shapes(state: &State<'_>) -> Vec<Shape> {
    let shape = |place: crate::state::caches::places::Place| {
        let size = measure::cache(state.system.disk(), &place.path);
        Shape {
            path: json_path(&place.path),
            role: place.role.word(),
            variable: place.by,
            reader: place.reader,
            repositories: size.repositories,
            files: size.files,
            bytes: size.bytes,
        }
    };
    gather(state).into_iter().map(shape).collect()
}
