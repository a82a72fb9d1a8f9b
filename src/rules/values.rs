//! What stands where the clients here look for a token, and what the rules about single values say of it.

use std::path::Path;

use super::places::legacy_path;
use crate::clients::model::Step;
use crate::clients::shape::{self, Reading};
use crate::clients::version::Version;
use crate::clients::{Outcome, paths};
use crate::finding::Location;
use crate::output::sanitize;
use crate::secret::Token;
use crate::snapshot::{Resolved, Snapshot};
use crate::state::State;
use crate::state::variables::{self, CURRENT, Holds, OLD};
use crate::system::Kind;
use crate::system::path::absolute;

/// A variable or a file that holds something where a token should stand.
#[derive(Debug)]
pub(crate) struct Value {
    /// The variable, or the file's first line.
    pub(super) at: Location,
    /// As it stands there.
    pub(super) raw: Token,
    /// What it is.
    pub(super) reading: Reading,
    /// Whether it is a device: `/dev/null` is how people say "no token file".
    pub(super) device: bool,
}

impl Value {
    /// How a message calls the place.
    pub(super) fn name(&self) -> &str {
        match &self.at {
            Location::Variable { name } => name,
            _ => "the token file",
        }
    }

    /// Whether it is a variable.
    pub(super) fn is_variable(&self) -> bool {
        matches!(self.at, Location::Variable { .. })
    }

    /// The clients here whose search ends at this place.
    pub(super) fn decides_for<'s>(&self, snapshot: &'s Snapshot<'_>) -> Vec<&'s Resolved> {
        snapshot.here().into_iter().filter(|r| r.answer.source.as_ref() == Some(&self.at)).collect()
    }
}

/// The values of all places that a client here reads, and of the two official variables whether read or not. Gathered
/// once: six rules ask.
pub(super) fn values<'s>(snapshot: &'s Snapshot<'_>) -> &'s [Value] {
    snapshot.values.get_or_init(|| gather(snapshot))
}

fn gather(snapshot: &Snapshot<'_>) -> Vec<Value> {
    let state = &snapshot.state;
    let mut out = Vec::new();
    for name in [CURRENT, OLD] {
        variable(&mut out, state, name);
    }
    for client in snapshot.here() {
        for step in client.instance.steps() {
            match step {
                Step::Env { names, .. } => names.iter().for_each(|name| variable(&mut out, state, name)),
                Step::File { at, .. } => {
                    if let Some(path) = paths::place(state.system, *at) {
                        file(&mut out, state, &path);
                    }
                }
                Step::LegacyCopy { .. } => file(&mut out, state, &legacy_path(state)),
                _ => {}
            }
        }
    }
    out
}

fn variable(out: &mut Vec<Value>, state: &State<'_>, name: &'static str) {
    // A variable that may hold any service's key is judged by none of these rules.
    let other = variables::by_name(name).is_some_and(|v| matches!(v.holds, Holds::AnyKey | Holds::Inside));
    let at = Location::variable(name);
    if other || out.iter().any(|v| v.at == at) {
        return;
    }
    if let Some(value) = state.var(name) {
        let raw = value.into_encoded_bytes();
        out.push(Value { at, reading: shape::read(&raw), raw: Token::new(raw), device: false });
    }
}

fn file(out: &mut Vec<Value>, state: &State<'_>, path: &Path) {
    let at = Location::line(absolute(state.system, path), 1);
    if out.iter().any(|v| v.at == at) {
        return;
    }
    if let Ok(content) = &*state.credential(path) {
        let device = content.stat.kind != Kind::File;
        out.push(Value { at, reading: shape::read(&content.bytes), raw: Token::new(content.bytes.clone()), device });
    }
}

/// What becomes of the person once the value at a place is gone.
pub(super) fn becomes(snapshot: &Snapshot<'_>, at: &Location) -> String {
    let hub = snapshot.hub_or_newest();
    let here = snapshot.here();
    let decided = if hub.answer.source.as_ref() == Some(at) {
        Some(hub)
    } else {
        here.into_iter().find(|r| r.answer.source.as_ref() == Some(at))
    };
    let Some(decided) = decided else {
        return "nothing changes for the clients here".to_owned();
    };
    match decided.answer.hides.iter().find(|h| h.source != *at) {
        Some(next) => {
            let home = snapshot.state.var("HOME");
            let place = match &next.source {
                Location::Variable { name } => name.clone(),
                other => other.path().map_or_else(String::new, |p| sanitize::path(p, home.as_deref())),
            };
            format!("then {} of {place} is sent", next.token.masked())
        }
        None => "then no token is sent, which is enough for public repositories".to_owned(),
    }
}

/// The command that writes the token file anew, for the client here. With a token in effect, however broken, releases
/// from 1.7 think that they are logged in and do nothing unless forced.
pub(crate) fn login(snapshot: &Snapshot<'_>) -> &'static str {
    match snapshot.hub_version() {
        v if v < Version::first_of(0, 34, 0) => "huggingface-cli login",
        v if v < Version::first_of(1, 7, 0) => "hf auth login",
        _ => "hf auth login --force",
    }
}

/// Whether a client goes out without a token because it found none, and not because a switch or a place says so.
pub(super) fn found_nothing(client: &Resolved) -> bool {
    matches!(client.answer.outcome, Outcome::Anonymous) && client.answer.source.is_none()
}
