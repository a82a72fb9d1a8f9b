//! Heals cached models: refs, markers, empty folders, left-overs. What is large is renamed beside its place, never
//! copied, and comes back by an undo; the journal destroys it with its entry.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

mod refs;

use super::plan::{Action, Kind, Remedy, Step};
use crate::finding::{Applicability, Location};
use crate::output::sanitize;
use crate::snapshot::Snapshot;
use crate::state::caches::faults::{self, What};
use crate::state::caches::is_temporary;
use crate::state::caches::measure::{self, shown};
use crate::state::caches::names::is_dropping;
use crate::state::caches::parts;
use crate::state::caches::repository::{self, Incomplete, MAIN, each_file, title};
use crate::state::caches::tree::Tree;
use crate::system::{Disk, Image, Kind as FileKind, System};

/// The folder into which files are moved: in the folder of a repository, or beside a cache of an earlier form. The
/// clients look only at the names that they know (huggingface_hub 2.4.0, `_scan_cached_repo`).
pub const HOLD: &str = ".hflint";

/// The option without which waste stays.
pub const WASTE: &str = "--waste";

/// What is to be healed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cure {
    /// A ref names the snapshot that is here.
    Ref {
        /// The folder of the repository.
        repository: PathBuf,
        /// The ref.
        name: PathBuf,
    },
    /// `main` is made, and names the snapshot that is here.
    NoRef {
        /// The folder of the repository.
        repository: PathBuf,
    },
    /// An empty snapshot goes.
    Empty {
        /// The folder of the repository.
        repository: PathBuf,
        /// The commit.
        commit: String,
    },
    /// Wrong markers go.
    Markers {
        /// The folder of the repository.
        repository: PathBuf,
    },
    /// Left-overs that a client would go on from are moved aside.
    Resumable {
        /// The folder of the repository.
        repository: PathBuf,
    },
    /// Links to nothing go.
    Pointers {
        /// The folder of the repository.
        repository: PathBuf,
    },
    /// Files of a wrong length go, with their blobs.
    Truncated {
        /// The folder of the repository.
        repository: PathBuf,
    },
    /// Left-overs that nobody uses are moved aside.
    Waste {
        /// The cache.
        cache: PathBuf,
    },
    /// What stands in the place of a folder is moved aside.
    Misplaced {
        /// The cache, or the folder of the repository.
        within: PathBuf,
        /// Where it is.
        path: PathBuf,
    },
    /// What is closed to its owner by its mode is opened.
    Closed {
        /// The cache, or the folder of the repository.
        within: PathBuf,
    },
    /// A cache of an earlier form is moved aside.
    Legacy {
        /// Where it is.
        path: PathBuf,
    },
}

impl Cure {
    /// How safe it is and which option it needs, where that is the same of whatever is found: planned for a finding that
    /// is only shown, fifty thousand broken files would be looked at once more. `None`: it depends on what is there.
    pub fn known(&self) -> Option<(Applicability, Option<&'static str>)> {
        match self {
            Self::Empty { .. }
            | Self::Markers { .. }
            | Self::Resumable { .. }
            | Self::Pointers { .. }
            | Self::Truncated { .. } => Some((Applicability::Unsafe, None)),
            Self::Waste { .. } | Self::Legacy { .. } => Some((Applicability::Unsafe, Some(WASTE))),
            Self::Closed { .. } => Some((Applicability::Safe, None)),
            Self::Ref { .. } | Self::NoRef { .. } | Self::Misplaced { .. } => None,
        }
    }
}

impl From<Cure> for Remedy {
    fn from(cure: Cure) -> Self {
        Self::Cache(cure)
    }
}

/// The actions that a cure takes here, once those before it are done: a snapshot of which two cures each take a file may
/// have nothing left. The repository is looked at anew: what a rule keeps of it is a count.
pub fn actions(snapshot: &Snapshot<'_>, cure: &Cure, before: &[Action]) -> Vec<Action> {
    let system = snapshot.state.system;
    let taken = before.iter().flat_map(|a| &a.steps).filter_map(|step| match step {
        Step::Put { path, after: Image::Absent, .. } | Step::Move { from: path, .. } => Some(path.as_path()),
        _ => None,
    });
    let plan = Healer { system, disk: system.disk(), home: snapshot.state.var("HOME"), taken: taken.collect() };
    match cure {
        Cure::Ref { repository, name } => plan.write_ref(repository, name),
        Cure::NoRef { repository } => plan.make_ref(repository),
        Cure::Empty { repository, commit } => plan.empty(repository, commit),
        Cure::Markers { repository } => plan.markers(repository),
        Cure::Resumable { repository } => plan.resumable(repository),
        Cure::Pointers { repository } => plan.pointers(repository),
        Cure::Truncated { repository } => plan.truncated(repository),
        Cure::Waste { cache } => {
            let caches = snapshot.state.caches();
            let faults = caches.caches.iter().filter(|c| c.place.path == *cache).flat_map(|c| &c.faults);
            let wasteful = faults.clone().filter(|f| matches!(f.what, What::Waste(_))).map(|f| {
                let mut its = faults.clone().filter(|other| other.repository == f.repository);
                (f.repository.as_path(), its.any(|other| matches!(other.what, What::Resumable(_))))
            });
            plan.waste(cache, &wasteful.collect::<Vec<_>>())
        }
        Cure::Misplaced { within, path } => plan.misplaced(within, path),
        Cure::Closed { within } => plan.closed(within),
        Cure::Legacy { path } => plan.legacy(path),
    }
}

/// What a clearing of waste leaves of the caches in use: sizes before and after.
pub fn sizes(snapshot: &Snapshot<'_>, actions: &[Action]) -> Vec<String> {
    let disk = snapshot.state.system.disk();
    let home = snapshot.state.var("HOME");
    let mut out = Vec::new();
    for cache in &snapshot.state.caches().caches {
        let moved: u64 = actions
            .iter()
            .flat_map(|a| &a.steps)
            .filter_map(|s| match s {
                Step::Move { from, size, .. } if from.starts_with(&cache.place.path) => Some(*size),
                _ => None,
            })
            .sum();
        if moved > 0 {
            let before = measure::cache(disk, &cache.place.path).bytes;
            let at = sanitize::path(&cache.place.path, home.as_deref());
            let after = before.saturating_sub(moved);
            out.push(format!(
                "{at} holds {}; {} of it are moved aside, and {} are left once `hflint undo --purge` destroys them",
                shown(before),
                shown(moved),
                shown(after)
            ));
        }
    }
    out
}

struct Healer<'a> {
    system: &'a dyn System,
    disk: &'a dyn Disk,
    home: Option<OsString>,
    /// What is gone by then.
    taken: BTreeSet<&'a Path>,
}

impl Healer<'_> {
    fn path(&self, path: &Path) -> String {
        sanitize::path(path, self.home.as_deref())
    }

    /// What file managers left in the folder of a snapshot, its directories, and it itself, deepest first; where any of
    /// them is not empty, the step fails and all are taken back.
    fn rmdir(&self, dir: &Path) -> Vec<Step> {
        let mut all = vec![dir.to_owned()];
        let mut steps = Vec::new();
        let mut at = 0;
        while let Some(here) = all.get(at).cloned() {
            let _ = self.disk.visit(&here, &mut |entry| {
                if entry.kind == FileKind::Dir {
                    all.push(here.join(entry.name));
                } else if is_dropping(entry.name, entry.kind) {
                    let path = here.join(entry.name);
                    // Those of pictures can be large.
                    steps.extend(self.remove(path.clone()).or_else(|| self.aside(path, dir.parent()?.parent()?)));
                }
                true
            });
            at += 1;
        }
        steps.extend(all.into_iter().rev().filter_map(|path| self.remove(path)));
        steps
    }

    /// A link, a small file or an empty directory goes.
    fn remove(&self, path: PathBuf) -> Option<Step> {
        let before = Image::of(self.system, &path).ok().filter(|i| *i != Image::Absent)?;
        Some(Step::Put { path, before, after: Image::Absent })
    }

    fn empty(&self, repository: &Path, commit: &str) -> Vec<Action> {
        let dir = repository.join("snapshots").join(commit);
        let steps = self.rmdir(&dir);
        let what = format!("remove the empty folder {}", self.path(&dir));
        vec![Action { steps, ..Action::new(Kind::Delete, Applicability::Unsafe, Location::directory(&dir), what) }]
    }

    fn markers(&self, repository: &Path) -> Vec<Action> {
        let mut wrong = Vec::new();
        for commit in repository::directories(self.disk, &repository.join(".no_exist")) {
            let Some(commit) = commit.to_str() else { continue };
            let tree = Tree::read(self.disk, repository, commit);
            faults::contradictions(self.disk, repository, commit, tree.as_ref(), &mut |path| {
                wrong.push(path.to_owned());
            });
        }
        wrong.sort();
        let Some(first) = wrong.first() else { return Vec::new() };
        let file = first.components().skip(2).collect::<PathBuf>();
        let what = match wrong.len() {
            1 => {
                format!("delete the marker that says that {} of {} does not exist", self.path(&file), title(repository))
            }
            n => format!(
                "delete {n} markers that say that files of {} do not exist, {} among them",
                title(repository),
                self.path(&file)
            ),
        };
        let target = Location::file(repository.join(first));
        let steps = wrong.iter().filter_map(|path| self.remove(repository.join(path))).collect();
        vec![Action { steps, ..Action::new(Kind::DeleteMarker, Applicability::Unsafe, target, what) }]
    }

    /// Moves a file or folder aside, in its file system.
    fn aside(&self, path: PathBuf, hold: &Path) -> Option<Step> {
        let stat = self.disk.look_at_link(&path).ok()?;
        let (seconds, nanos) = self.system.now_ns();
        let mut name = OsString::from(format!("{seconds}{nanos:09}-"));
        name.push(path.file_name()?);
        Some(Step::Move { to: hold.join(HOLD).join(name), size: stat.size, from: path })
    }

    fn resumable(&self, repository: &Path) -> Vec<Action> {
        let mut found = Vec::new();
        let _ = faults::each_incomplete(self.disk, repository, &mut |path, kind, bytes| {
            if matches!(kind, Incomplete::Shared(_)) {
                found.push((path.to_owned(), bytes));
            }
        });
        self.moved(found, repository, &format!("of downloads of {}", title(repository))).into_iter().collect()
    }

    fn moved(&self, mut found: Vec<(PathBuf, u64)>, hold: &Path, of: &str) -> Option<Action> {
        found.sort();
        let first = found.first()?.0.clone();
        let bytes: u64 = found.iter().map(|f| f.1).sum();
        let files = if found.len() == 1 { "1 left-over".to_owned() } else { format!("{} left-overs", found.len()) };
        let what = format!("move {files} {of} aside, {}", shown(bytes));
        let steps = found.into_iter().filter_map(|(path, _)| self.aside(path, hold)).collect();
        Some(Action { steps, ..Action::new(Kind::Move, Applicability::Unsafe, Location::file(first), what) })
    }

    /// What a client here would resume is no waste, but a fault of its own (HF405): the repositories, each with whether
    /// there is such a one.
    fn waste(&self, cache: &Path, repositories: &[(&Path, bool)]) -> Vec<Action> {
        let mut out = Vec::new();
        for (repository, resumes) in repositories {
            let mut found = Vec::new();
            let _ = faults::each_incomplete(self.disk, repository, &mut |path, kind, bytes| {
                if !resumes || !matches!(kind, Incomplete::Shared(_)) {
                    found.push((path.to_owned(), bytes));
                }
            });
            out.extend(self.moved(found, repository, &format!("of downloads of {}", title(repository))));
        }
        let mut found = Vec::new();
        let _ = self.disk.visit(cache, &mut |entry| {
            if entry.kind == FileKind::File && is_temporary(entry.name) {
                found.push((cache.join(entry.name), entry.look().map_or(0, |s| s.size)));
            }
            true
        });
        out.extend(self.moved(found, &self.hold_of(cache), "of old downloads"));
        out.into_iter().map(|a| a.needs(WASTE)).collect()
    }

    /// The one folder of a cache that its tools pass by; where it is not there, beside the cache.
    fn hold_of(&self, cache: &Path) -> PathBuf {
        let locks = cache.join(".locks");
        if self.disk.look(&locks).is_ok_and(|s| s.kind == FileKind::Dir) {
            return locks;
        }
        cache.parent().unwrap_or(cache).to_owned()
    }

    fn misplaced(&self, within: &Path, path: &Path) -> Vec<Action> {
        let hold = match path.parent() {
            Some(above) if path == within => self.hold_of(above),
            // The locks of a cache, or of a repository.
            Some(above) if path.ends_with(".locks") => self.hold_of(above),
            Some(above) => above.ancestors().find(|a| a.ends_with(".locks")).unwrap_or(within).to_owned(),
            None => within.to_owned(),
        };
        let is_folder = self.disk.look(path).is_ok_and(|stat| stat.kind == FileKind::Dir);
        let place = if is_folder { "file" } else { "folder" };
        let what = format!("move {} aside, which stands where a {place} should", self.path(path));
        let Some(aside) = self.aside(path.to_owned(), &hold) else { return Vec::new() };
        // The links that lead to a blob would lead nowhere.
        let links = match path.strip_prefix(within.join("blobs")) {
            Ok(blob) if is_folder => self.links_to(within, &[blob.as_os_str().to_owned()]),
            _ => Vec::new(),
        };
        let mut steps = self.without(within, &links);
        steps.insert(0, aside);
        vec![Action { steps, ..Action::new(Kind::Move, Applicability::Unsafe, Location::file(path), what) }]
    }

    /// The links in the snapshots of a repository that lead to blobs of these names, which are sorted.
    fn links_to(&self, repository: &Path, blobs: &[OsString]) -> Vec<PathBuf> {
        self.links(repository, &mut |path, entry| {
            entry.kind == FileKind::Link
                && self
                    .disk
                    .target(&repository.join("snapshots").join(path))
                    .and_then(|t| t.file_name().map(OsString::from))
                    .is_some_and(|blob| blobs.binary_search(&blob).is_ok())
        })
    }

    fn closed(&self, within: &Path) -> Vec<Action> {
        let mut steps = Vec::new();
        let mut seen = BTreeSet::new();
        let mut first: Option<PathBuf> = None;
        parts::each_closed(self.disk, within, self.system.uid(), &mut |path, stat| {
            let set = if stat.kind == FileKind::Dir { 0o700 } else { 0o600 };
            let real = self.system.canonical(path).unwrap_or_else(|| path.to_owned());
            // A blob is met in its place and behind each link.
            if !seen.insert(real.clone()) {
                return;
            }
            first.get_or_insert_with(|| path.to_owned());
            steps.push(Step::Mode { path: real, from: stat.mode, to: stat.mode | set });
        });
        let Some(first) = first else { return Vec::new() };
        let what = match steps.len() {
            1 => format!("open {} to you: its mode closes it", self.path(&first)),
            n => format!("open {n} files and folders to you, {} among them: their mode closes them", self.path(&first)),
        };
        vec![Action { steps, ..Action::new(Kind::Chmod, Applicability::Safe, Location::file(first), what) }]
    }

    fn legacy(&self, path: &Path) -> Vec<Action> {
        let Some(above) = path.parent() else { return Vec::new() };
        let what =
            format!("move the old cache {} aside, {}", self.path(path), shown(measure::below(self.disk, path).bytes));
        let steps = self.aside(path.to_owned(), above).into_iter().collect();
        let action = Action::new(Kind::Move, Applicability::Unsafe, Location::directory(path), what);
        vec![Action { steps, ..action }.needs(WASTE)]
    }

    fn pointers(&self, repository: &Path) -> Vec<Action> {
        let gone = self.links(repository, &mut |_, entry| entry.kind == FileKind::Link && entry.look().is_err());
        let Some(first) = gone.first() else { return Vec::new() };
        let links = if gone.len() == 1 { "1 link".to_owned() } else { format!("{} links", gone.len()) };
        let what = format!("delete {links} to nothing in the snapshots of {}", title(repository));
        let target = Location::file(first);
        let steps = self.without(repository, &gone);
        vec![Action { steps, ..Action::new(Kind::Delete, Applicability::Unsafe, target, what) }]
    }

    /// Files in the snapshots of a repository, sorted.
    fn links(
        &self,
        repository: &Path,
        wanted: &mut dyn FnMut(&Path, &crate::system::Entry<'_>) -> bool,
    ) -> Vec<PathBuf> {
        let mut out = Vec::new();
        let root = repository.join("snapshots");
        let _ = each_file(self.disk, &root, &mut |path, entry| {
            if wanted(path, entry) {
                out.push(root.join(path));
            }
            true
        });
        out.sort();
        out
    }

    /// What takes links out of snapshots. A snapshot of which nothing would be left goes whole, and the ref that names
    /// it finds another: an empty one would be taken for the model.
    fn without(&self, repository: &Path, gone: &[PathBuf]) -> Vec<Step> {
        let mut steps: Vec<Step> = gone.iter().filter_map(|path| self.remove(path.clone())).collect();
        for snapshot in repository::snapshots(self.disk, repository) {
            let dir = repository.join("snapshots").join(&snapshot.commit);
            let mut left = false;
            let _ = each_file(self.disk, &dir, &mut |path, entry| {
                let path = dir.join(path);
                left = !is_dropping(entry.name, entry.kind)
                    && gone.binary_search(&path).is_err()
                    && !self.taken.contains(path.as_path());
                !left
            });
            if left || !gone.iter().any(|path| path.starts_with(&dir)) {
                continue;
            }
            steps.extend(self.rmdir(&dir));
            let refs = repository::refs(self.disk, repository);
            for named in refs.iter().filter(|r| r.text.as_ref().is_ok_and(|t| t == snapshot.commit.as_bytes())) {
                let path = repository.join("refs").join(&named.name);
                if (named.name == Path::new(MAIN) || refs.len() == 1)
                    && let Some(choice) = repository::choose(self.disk, repository, &named.name, Some(&snapshot.commit))
                    && let Ok(before @ Image::File(_)) = Image::of(self.system, &path)
                    && let Image::File(file) = &before
                {
                    let after = Image::File(file.with(choice.commit.into_bytes()));
                    steps.push(Step::Put { path, before: before.clone(), after });
                }
            }
        }
        steps
    }

    fn truncated(&self, repository: &Path) -> Vec<Action> {
        let mut broken = Vec::new();
        let mut blobs: Vec<OsString> = Vec::new();
        let snapshots = repository::snapshots(self.disk, repository);
        let mut unlinked: Vec<OsString> = Vec::new();
        let mut add_unlinked = |tree: &Tree| {
            faults::each_unlinked(self.disk, repository, tree, &mut |blob, _, _| {
                unlinked.extend(blob.file_name().map(OsString::from));
            });
        };
        for commit in repository::listed(self.disk, repository) {
            if !snapshots.iter().any(|s| s.commit == commit)
                && let Some(tree) = Tree::read(self.disk, repository, &commit)
            {
                add_unlinked(&tree);
            }
        }
        for snapshot in &snapshots {
            let mut tree = Tree::read(self.disk, repository, &snapshot.commit);
            let dir = repository.join("snapshots").join(&snapshot.commit);
            let _ = each_file(self.disk, &dir, &mut |path, entry| {
                let wanted = tree.as_mut().and_then(|t| t.meet(path.as_os_str().as_bytes()));
                let is_wrong = |s| faults::lacking(self.disk, (&dir, path), entry.kind, &s, wanted).is_some();
                if entry.look().is_ok_and(is_wrong) {
                    let path = dir.join(path);
                    match self.disk.target(&path).and_then(|t| t.file_name().map(OsString::from)) {
                        Some(blob) if entry.kind == FileKind::Link => blobs.push(blob),
                        _ => broken.push(path),
                    }
                }
                true
            });
            if let Some(tree) = &tree {
                add_unlinked(tree);
            }
        }
        blobs.append(&mut unlinked);
        blobs.sort();
        blobs.dedup();
        broken.sort();
        // Every link to such a blob, also of commits without a listing.
        let links = self.links_to(repository, &blobs);
        let mut gone: Vec<PathBuf> = links.iter().chain(&broken).cloned().collect();
        gone.sort();
        let blob = blobs.first().map(|blob| repository.join("blobs").join(blob));
        let Some(first) = gone.first().cloned().or(blob) else { return Vec::new() };
        // What is no link can be large: moved, like the blobs.
        let mut steps: Vec<Step> = broken.iter().filter_map(|path| self.aside(path.clone(), repository)).collect();
        let is_moved = |step: &Step| matches!(step, Step::Put { path, .. } if broken.binary_search(path).is_ok());
        steps.extend(self.without(repository, &gone).into_iter().filter(|s| !is_moved(s)));
        for blob in &blobs {
            let path = repository.join("blobs").join(blob);
            // A link leads into the store that repositories share: what is in there stays.
            match self.disk.look_at_link(&path).map(|s| s.kind) {
                Ok(FileKind::Link) => steps.extend(self.remove(path)),
                Ok(FileKind::File) => steps.extend(self.aside(path, repository)),
                _ => {}
            }
        }
        let files = match blobs.len() + broken.len() {
            1 => "1 file".to_owned(),
            n => format!("{n} files"),
        };
        let what = format!("take {files} of a wrong length out of the cached {}", title(repository));
        vec![Action { steps, ..Action::new(Kind::Move, Applicability::Unsafe, Location::file(first), what) }]
    }
}
