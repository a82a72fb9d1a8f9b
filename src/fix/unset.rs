//! Takes variables out of this shell, and out of the places that set them.

use crate::finding::{Applicability, Location};
use crate::snapshot::Snapshot;

use super::plan::{Action, Kind, Shell, Step};

/// The names that the shell's scripts unset when they are told to (`__hflint_set` in `shell/`).
pub const REACHABLE: [&str; 7] = [
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "HF_TOKEN_PATH",
    "HF_HOME",
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "HF_ENDPOINT",
];

/// What it takes to be rid of these variables.
pub fn actions(snapshot: &Snapshot<'_>, names: &[String]) -> Vec<Action> {
    names.iter().filter(|name| snapshot.state.var(name).is_some()).map(|name| here(name)).collect()
}

/// In this shell.
fn here(name: &str) -> Action {
    let target = Location::variable(name);
    if !REACHABLE.contains(&name) {
        return Action::manual(target, format!("unset {name} in this shell"), format!("unset {name}"));
    }
    let mut action = Action::new(Kind::Unset, Applicability::Safe, target, format!("unset {name} in this shell"))
        .step(Step::Shell(Shell::Unset(name.to_owned())));
    action.command = Some(format!("unset {name}"));
    action
}
