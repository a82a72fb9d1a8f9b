//! Modes of the person's own credential files.

use std::path::{Path, PathBuf};

use super::place;
use super::plan::{Action, Kind, Step};
use crate::finding::{Applicability, Location};
use crate::output::sanitize;
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::system::{Kind as What, Own};

/// Gives each path the bits in `set` and takes from it those in `clear`.
pub fn actions(snapshot: &Snapshot<'_>, paths: &[PathBuf], set: u32, clear: u32) -> Vec<Action> {
    paths.iter().filter_map(|path| one(snapshot, path, set, clear)).collect()
}

fn one(snapshot: &Snapshot<'_>, path: &Path, set: u32, clear: u32) -> Option<Action> {
    let system = snapshot.state.system;
    let name = sanitize::path(path, snapshot.state.var("HOME").as_deref());
    let stat = system.stat(path).ok()?;
    let to = stat.mode & !clear | set;
    if to == stat.mode {
        return None;
    }
    let target = if stat.kind == What::Dir { Location::directory(path) } else { Location::file(path) };
    let what = format!("change the mode of {name} from {:o} to {to:o}", stat.mode);
    // Where hflint cannot write its journal, it changes nothing.
    let holds_journal = system.own_dir(Own::State).is_some_and(|own| own.starts_with(path));
    if holds_journal && stat.mode & 0o300 != 0o300 {
        let what = format!("{what}, by hand: the journal of hflint has to be written in it first");
        return Some(Action::manual(target, what, format!("chmod {to:o} {}", quote_path(Some(path)))));
    }
    Some(match place::resolve(system, path) {
        Ok(real) => Action::new(Kind::Chmod, Applicability::Safe, target, what).step(Step::Mode {
            path: real,
            from: stat.mode,
            to,
        }),
        Err(why) => {
            let sudo = if why == place::Refusal::Foreign { "sudo " } else { "" };
            let command = format!("{sudo}chmod {to:o} {}", quote_path(Some(path)));
            Action::manual(target, format!("{what}, by hand: it {why}"), command)
        }
    })
}
