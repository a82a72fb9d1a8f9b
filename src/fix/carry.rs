//! The places of other tools that carry an isolation into a shell.

use crate::snapshot::Snapshot;
use crate::state::isolation::{Binding, By};

use super::plan::Action;

/// What it takes to write the paths into the tool's own place.
pub fn actions(snapshot: &Snapshot<'_>, binding: &Binding) -> Result<Vec<Action>, String> {
    let _ = snapshot;
    match binding.by {
        By::Hook => Ok(Vec::new()),
        other => Err(format!("no place of {} here", other.word())),
    }
}

/// What it takes to take them out again.
pub fn removal(snapshot: &Snapshot<'_>, binding: &Binding) -> Vec<Action> {
    let _ = (snapshot, binding);
    Vec::new()
}
