//! Cached models: where they are here, and what of them is broken.
//!
//! Everything is told offline from names, links and lengths; no blob is read. The clients keep a cache as follows
//! (huggingface_hub 0.17 to 2.4): `refs/NAME` holds a commit, `snapshots/COMMIT/` links into `blobs/`, `.no_exist/COMMIT/`
//! says what a commit lacks, and from 1.22 on `trees/COMMIT.json` what it has.

pub mod faults;
pub mod measure;
pub mod names;
pub mod parts;
pub mod places;
pub mod repository;
pub mod tree;
mod walk;

use std::path::PathBuf;

use crate::clients::version::Version;
use crate::state::State;
use faults::{Fault, Several};
use places::{Place, Role};

/// How deep to look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Refs and the folders of snapshots, as far as a moment allows.
    #[default]
    Quick,
    /// Refs and the folders of snapshots of all repositories.
    Names,
    /// All of it.
    Deep,
}

/// Is told how many repositories are done, of how many.
pub type Progress = fn(usize, usize);

/// What is wrong with the caches in use.
#[derive(Debug, Default)]
pub struct Caches {
    /// One for each place in use.
    pub caches: Vec<Cache>,
    /// Caches of another form, with what lies in them; only of a deep look.
    pub legacy: Vec<(Place, Several)>,
}

/// A cache in use.
#[derive(Debug)]
pub struct Cache {
    /// Where.
    pub place: Place,
    /// How many repositories are in it.
    pub repositories: usize,
    /// How many of them were looked at.
    pub looked: usize,
    /// What is wrong, sorted by repository.
    pub faults: Vec<Fault>,
    /// Temporary files of huggingface_hub 0.18 and older in the cache itself.
    pub temporary: Several,
    /// The cache, or where it is not there what it would be made in, where that belongs to somebody else: the path, the
    /// owner, and whether this person may write all the same.
    pub foreign: Option<(PathBuf, u32, bool)>,
}

impl Caches {
    /// All faults, with the cache that they are in.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.caches.iter().flat_map(|c| &c.faults)
    }

    /// How many repositories were not looked at, of how many.
    pub fn left_out(&self) -> (usize, usize) {
        let all = self.caches.iter().map(|c| c.repositories).sum();
        let looked: usize = self.caches.iter().map(|c| c.looked).sum();
        (all - looked, all)
    }
}

/// Looks at the caches in use.
pub fn gather(state: &State<'_>, depth: Depth, progress: Option<Progress>) -> Caches {
    let disk = state.system.disk();
    let python = state.packages().python.as_ref();
    let hub = python.and_then(|p| p.packages.iter().find(|p| p.name == "huggingface-hub")).map(|p| p.version);
    // Resumed from 0.19 on; from 1.18 each download has a file of its own.
    let resumes = hub.is_some_and(|v| v >= Version::first_of(0, 19, 0) && v < Version::first_of(1, 18, 0));
    let lens = faults::Lens {
        is_deep: depth == Depth::Deep,
        is_whole: depth != Depth::Quick,
        resumes,
        uid: state.system.uid(),
    };
    let mut out = Caches::default();
    for place in places::gather(state) {
        match place.role {
            Role::InUse => out.caches.push(walk::cache(state.system, disk, place, lens, depth, progress)),
            Role::Legacy if depth == Depth::Deep => {
                let lying = measure::below(disk, &place.path);
                if lying.count > 0 {
                    out.legacy.push((place, lying));
                }
            }
            _ => {}
        }
    }
    out
}

/// The temporary files of huggingface_hub 0.18 and older in a cache: `tmp` and what Python's tempfile makes up.
pub fn is_temporary(name: &std::ffi::OsStr) -> bool {
    let made_up =
        |rest: &str| rest.len() == 8 && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    name.to_str().and_then(|n| n.strip_prefix("tmp")).is_some_and(made_up)
}
