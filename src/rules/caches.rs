//! What the rules about cached models share.

use std::path::Path;

use super::places::called;
use crate::output::sanitize;
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::state::caches::faults::{Fault, Several, What};
use crate::state::caches::{Cache, repository};

/// The faults of the caches in use, each with the name of its repository.
pub(super) fn each<'a>(snapshot: &'a Snapshot<'_>) -> impl Iterator<Item = (&'a Fault, String)> {
    snapshot.state.caches().faults().map(|f| (f, repository::title(&f.repository)))
}

/// A path in a repository, or a ref, as it is shown.
pub(super) fn relative(path: &Path) -> String {
    sanitize::path(path, None)
}

/// The client here that goes on from left-overs.
pub(super) fn resumer(snapshot: &Snapshot<'_>) -> String {
    snapshot.hub().map_or_else(|| "huggingface_hub".to_owned(), |h| called(&h.instance))
}

/// What gives a cache to the person.
pub(super) fn owners_command(cache: &Path) -> String {
    format!("sudo chown -R \"$(id -un)\" {}", quote_path(Some(cache)))
}

/// All left-overs in a cache.
pub(super) fn total(cache: &Cache) -> Several {
    let mut out = cache.temporary.clone();
    for fault in &cache.faults {
        if let What::Waste(several) = &fault.what {
            if out.count == 0 || several.first < out.first {
                several.first.clone_into(&mut out.first);
            }
            out.count += several.count;
            out.bytes += several.bytes;
        }
    }
    out
}
