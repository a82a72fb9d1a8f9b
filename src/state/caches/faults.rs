//! What is wrong with one cached repository: looked for while its folder is read, kept only where there is something.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::names::is_dropping;
use super::parts::{self, Closed, Instead, instead};
use super::repository::{self, Incomplete, MAIN, Ref, Snapshot, each_file, is_commit};
use super::tree::Tree;
use crate::system::{Disk, Kind, ReadError, Stat};

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The folder of the repository.
    pub repository: PathBuf,
    /// What it is.
    pub what: What,
}

/// The kinds of faults; paths are relative to the part of the folder that they are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A ref names a commit that is not here, while another is.
    RefDangling {
        /// The ref.
        name: PathBuf,
        /// What it names.
        commit: String,
        /// Whether an empty folder of that commit is here.
        is_empty: bool,
        /// Whether what is here was this ref's: it is `main`, or the only one.
        is_lost: bool,
    },
    /// A ref holds no commit.
    RefMalformed {
        /// The ref.
        name: PathBuf,
        /// Why it is none.
        why: &'static str,
        /// Whether a snapshot with files is here.
        has_snapshot: bool,
    },
    /// No ref names a snapshot that is here, because there is none.
    NoRef {
        /// Whether there is a folder for refs, or something else in its place: there were some.
        is_lost: bool,
    },
    /// A snapshot without a file.
    SnapshotEmpty {
        /// The commit.
        commit: String,
        /// The ref that names it.
        named_by: Option<PathBuf>,
    },
    /// Markers say of files that they do not exist, which do.
    Markers(Several),
    /// Left-overs of downloads that an old client goes on from.
    Resumable(Several),
    /// Left-overs that nobody uses.
    Waste(Several),
    /// Links to nothing.
    Dangling {
        /// The commit.
        commit: String,
        /// The links.
        links: Several,
    },
    /// Files whose length is not that of the listing.
    Truncated {
        /// Each once, however many snapshots share it.
        files: Several,
        /// How many names in snapshots lead to them.
        names: usize,
    },
    /// Files of the listing that are not here.
    Partial {
        /// The commit.
        commit: String,
        /// What is missing.
        files: Several,
        /// How many files the commit has.
        of: usize,
    },
    /// Folders that belong to somebody else.
    Foreign {
        /// One of them.
        path: PathBuf,
        /// Its owner.
        uid: u32,
        /// Whether this person may write there all the same.
        may_write: bool,
    },
    /// Something else stands where a folder or a file should.
    Misplaced {
        /// Where; absolute.
        path: PathBuf,
        /// What it is.
        is: Instead,
    },
    /// What this person may not read; paths are absolute.
    Closed {
        /// Files and folders.
        what: Several,
        /// Whose the first of them is.
        uid: u32,
    },
}

/// How many, the first by name, and how many bytes. Not all of them: whoever heals looks again, and a cache of any
/// size is described in little memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Several {
    /// How many.
    pub count: usize,
    /// The first by name.
    pub first: PathBuf,
    /// Bytes in all of them.
    pub bytes: u64,
}

impl Several {
    /// One more.
    pub fn add(&mut self, path: &Path, bytes: u64) {
        if self.count == 0 || path < self.first {
            path.clone_into(&mut self.first);
        }
        self.count += 1;
        self.bytes += bytes;
    }

    fn is_some(&self) -> bool {
        self.count > 0
    }
}

/// How to look.
#[derive(Debug, Clone, Copy)]
pub struct Lens {
    /// All of it, not only refs and the folders of snapshots.
    pub is_deep: bool,
    /// All repositories, however long that takes: what is merely worth knowing, too.
    pub is_whole: bool,
    /// Whether a client here would go on from `ETAG.incomplete`.
    pub resumes: bool,
    /// Whose files these should be.
    pub uid: u32,
}

/// Looks at a repository.
pub fn look(disk: &dyn Disk, repository: &Path, lens: Lens, out: &mut Vec<Fault>) {
    let mut add = |what| out.push(Fault { repository: repository.to_owned(), what });
    let refs = repository::refs(disk, repository);
    let mut others = Vec::new();
    let snapshots = repository::snapshots_and(disk, repository, &mut |path| others.push(path));
    for path in others {
        if let Some(is) = instead(disk, &path) {
            add(What::Misplaced { path, is });
        }
    }
    if snapshots.is_empty() {
        // None of the two is asked for where there is a snapshot.
        let mut part = [repository.to_owned(), repository.join("snapshots")].into_iter();
        if let Some((path, is)) = part.find_map(|path| instead(disk, &path).map(|is| (path, is))) {
            add(What::Misplaced { path, is });
        }
    }
    let blobs_at = repository.join("blobs");
    if lens.is_whole
        && let Some(is) = instead(disk, &blobs_at)
    {
        add(What::Misplaced { path: blobs_at, is });
    }
    let mut found = Vec::new();
    names(&refs, &snapshots, &mut found);
    if refs.is_empty() && snapshots.iter().any(|s| s.has_files && is_commit(s.commit.as_bytes())) {
        let refs = repository.join("refs");
        let is_lost = match disk.visit(&refs, &mut |_| false) {
            Ok(()) | Err(ReadError::NotDir | ReadError::Loop) => Some(true),
            // A model that was only asked for by its commit never had a ref.
            Err(ReadError::NotFound) => Some(disk.look_at_link(&refs).is_ok()),
            // Whose it is is another matter.
            Err(_) => None,
        };
        if let Some(is_lost) = is_lost.filter(|is_lost| *is_lost || lens.is_whole) {
            found.push(What::NoRef { is_lost });
        }
    }
    // A download writes the ref first and the files later: what is on its way is not broken.
    if !found.is_empty() && !repository::is_busy(disk, repository) {
        found.into_iter().for_each(&mut add);
    }
    if lens.is_deep {
        owners(disk, repository, lens.uid, &mut add);
        let mut closed = Closed::new(disk, repository, lens.uid);
        for name in refs.iter().filter(|r| matches!(r.text, Err(ReadError::Denied))).map(|r| &r.name) {
            closed.denied(&repository.join("refs").join(name));
        }
        for (part, is_empty) in [("refs", refs.is_empty()), ("snapshots", snapshots.is_empty())] {
            let part = repository.join(part);
            if is_empty && disk.visit(&part, &mut |_| false) == Err(ReadError::Denied) {
                closed.denied(&part);
            }
        }
        blobs(disk, repository, lens.resumes, &mut closed, &mut add);
        contents(disk, repository, &snapshots, &mut closed, &mut add);
        let (own, foreign) = (closed.own, closed.foreign);
        for (what, uid) in foreign.into_iter().chain(own.is_some().then_some((own, lens.uid))) {
            add(What::Closed { what, uid });
        }
    }
}

/// Refs and the snapshots that they name.
fn names(refs: &[Ref], snapshots: &[Snapshot], out: &mut Vec<What>) {
    let at = |commit: &str| snapshots.iter().find(|s| s.commit == commit);
    let is_filled = |commit: &str| at(commit).is_some_and(|s| s.has_files);
    let has_snapshot = snapshots.iter().any(|s| s.has_files && is_commit(s.commit.as_bytes()));
    let mut told: Vec<&str> = Vec::new();
    for entry in refs {
        let name = entry.name.clone();
        let text = match &entry.text {
            Ok(text) => text.as_slice(),
            // Gone since, or not to be read: whose it is is another matter.
            Err(ReadError::NotFound) if !entry.is_link => continue,
            Err(ReadError::Denied) => continue,
            Err(why) => {
                let why = match why {
                    ReadError::IsDir => "is a directory",
                    ReadError::NotFound | ReadError::NotDir | ReadError::Loop => "is a link to nothing",
                    _ => "cannot be read",
                };
                out.push(What::RefMalformed { name, why, has_snapshot });
                continue;
            }
        };
        let Some(commit) = std::str::from_utf8(text).ok().filter(|_| is_commit(text)) else {
            // Whatever it is called: the client finds it.
            if std::str::from_utf8(text).is_ok_and(is_filled) {
                continue;
            }
            let why = if text.is_empty() {
                "is empty"
            } else if is_commit(text.trim_ascii()) {
                "has blanks or a line break around the commit"
            } else {
                "holds no commit"
            };
            out.push(What::RefMalformed { name, why, has_snapshot });
            continue;
        };
        if is_filled(commit) || !has_snapshot {
            continue;
        }
        let is_lost = entry.name == Path::new(MAIN) || refs.len() == 1;
        let is_empty = at(commit).is_some();
        if is_lost {
            told.push(commit);
        } else if is_empty {
            // The empty folder itself is what hurts, and is told below.
            continue;
        }
        out.push(What::RefDangling { name, commit: commit.to_owned(), is_empty, is_lost });
    }
    for snapshot in snapshots.iter().filter(|s| !s.has_files && !told.contains(&s.commit.as_str())) {
        let named = refs.iter().find(|r| r.text.as_ref().is_ok_and(|t| t == snapshot.commit.as_bytes()));
        let named_by = named.map(|r| r.name.clone());
        out.push(What::SnapshotEmpty { commit: snapshot.commit.clone(), named_by });
    }
}

/// Whose the folders are into which a download writes.
fn owners(disk: &dyn Disk, repository: &Path, uid: u32, add: &mut dyn FnMut(What)) {
    let locks = repository.parent().zip(repository.file_name()).map(|(hub, folder)| hub.join(".locks").join(folder));
    let parts = ["refs", "snapshots", "blobs"].map(|part| repository.join(part));
    for path in std::iter::once(repository.to_owned()).chain(parts).chain(locks) {
        if let Ok(stat) = disk.look(&path)
            && stat.uid != uid
        {
            let may_write = disk.may_write(&path);
            add(What::Foreign { path, uid: stat.uid, may_write });
            return;
        }
    }
}

/// Left-overs of downloads.
fn blobs(disk: &dyn Disk, repository: &Path, resumes: bool, closed: &mut Closed<'_>, add: &mut dyn FnMut(What)) {
    let (mut resumable, mut waste) = (Several::default(), Several::default());
    let mut folders = Vec::new();
    let read = each_incomplete_and(
        disk,
        repository,
        &mut |path, is_blob| {
            if is_blob || resumes {
                folders.push(path);
            }
        },
        &mut |path, kind, bytes| match kind {
            Incomplete::Shared(_) if resumes => resumable.add(path, bytes),
            _ => waste.add(path, bytes),
        },
    );
    parts::each_folder_for_a_lock(disk, repository, &mut |path| folders.push(path));
    folders.sort();
    for path in folders {
        add(What::Misplaced { path, is: Instead::Folder });
    }
    if read == Err(ReadError::Denied) {
        closed.denied(&repository.join("blobs"));
    }
    for (several, what) in [(resumable, What::Resumable as fn(Several) -> What), (waste, What::Waste)] {
        if several.is_some() {
            add(what(several));
        }
    }
}

/// Visits the left-overs in `blobs/` of which nobody holds the lock: path, kind, length.
pub fn each_incomplete(
    disk: &dyn Disk,
    repository: &Path,
    visitor: &mut dyn FnMut(&Path, Incomplete<'_>, u64),
) -> Result<(), ReadError> {
    each_incomplete_and(disk, repository, &mut |_, _| {}, visitor)
}

/// The same; `folder` is told what has the name of a blob (true) or of a left-over that clients go on from, and is a
/// folder.
fn each_incomplete_and(
    disk: &dyn Disk,
    repository: &Path,
    folder: &mut dyn FnMut(PathBuf, bool),
    visitor: &mut dyn FnMut(&Path, Incomplete<'_>, u64),
) -> Result<(), ReadError> {
    let dir = repository.join("blobs");
    disk.visit(&dir, &mut |entry| {
        let left_over = Incomplete::of(entry.name);
        match (entry.kind, left_over) {
            (Kind::File, Some(kind)) if !repository::is_downloading(disk, repository, kind.etag()) => {
                visitor(&dir.join(entry.name), kind, entry.look().map_or(0, |s| s.size));
            }
            (Kind::Dir, Some(Incomplete::Shared(_))) => folder(dir.join(entry.name), false),
            (Kind::Dir, None) if is_hash(entry.name.as_bytes()) => folder(dir.join(entry.name), true),
            _ => {}
        }
        true
    })
}

/// What is in the snapshots, against the links, the markers and the listings.
fn contents(
    disk: &dyn Disk,
    repository: &Path,
    snapshots: &[Snapshot],
    closed: &mut Closed<'_>,
    add: &mut dyn FnMut(What),
) {
    let marked = repository::directories(disk, &repository.join(".no_exist"));
    let mut markers = Several::default();
    let mut truncated: BTreeMap<(u64, u64), (PathBuf, u64)> = BTreeMap::new();
    let mut names = 0;
    for snapshot in snapshots.iter().filter(|s| s.has_files) {
        let commit = &snapshot.commit;
        let mut tree = Tree::read(disk, repository, commit);
        let mut dangling = Several::default();
        let root = repository.join("snapshots").join(commit);
        let read = each_file(disk, &root, &mut |path, entry| {
            // One question for each link says whether it leads anywhere, and how long what is there is.
            let looked = (entry.kind == Kind::Link || tree.is_some()).then(|| entry.look());
            match looked {
                Some(Err(ReadError::NotFound | ReadError::Loop | ReadError::NotDir)) => {
                    dangling.add(path, 0);
                    if let Some(tree) = &mut tree {
                        // Told once.
                        tree.meet(path.as_os_str().as_bytes());
                    }
                }
                Some(Ok(stat)) => {
                    closed.met(|| root.join(path), &stat);
                    let wanted = tree.as_mut().and_then(|t| t.meet(path.as_os_str().as_bytes()));
                    if let Some(bytes) = lacking(disk, (&root, path), entry.kind, &stat, wanted) {
                        names += 1;
                        let at = || (Path::new("snapshots").join(commit).join(path), bytes);
                        truncated.entry((stat.device, stat.inode)).or_insert_with(at);
                    }
                }
                _ => {}
            }
            true
        });
        if dangling.is_some() {
            add(What::Dangling { commit: commit.clone(), links: dangling });
        }
        if read == Err(ReadError::Denied) {
            // What is in there is not known, so neither what lacks.
            closed.denied(&root);
        } else if let Some(tree) = &mut tree {
            each_unlinked(disk, repository, tree, &mut |blob, stat, bytes| {
                truncated.entry((stat.device, stat.inode)).or_insert_with(|| (blob, bytes));
            });
            for (path, is) in misplaced(disk, &root, tree) {
                add(What::Misplaced { path, is });
            }
            if let (count, Some(first)) = tree.missing() {
                let first = PathBuf::from(OsStr::from_bytes(first));
                let files = Several { count, first, bytes: 0 };
                add(What::Partial { commit: commit.clone(), files, of: tree.len() });
            }
        }
        if marked.iter().any(|m| m == commit.as_str()) {
            contradictions(disk, repository, commit, tree.as_ref(), &mut |path| markers.add(path, 0));
        }
    }
    // Of a commit without a snapshot the listing alone can tell.
    for commit in repository::listed(disk, repository) {
        if !snapshots.iter().any(|s| s.has_files && s.commit == commit)
            && let Some(tree) = Tree::read(disk, repository, &commit)
        {
            if marked.iter().any(|m| m == commit.as_str()) {
                contradictions(disk, repository, &commit, Some(&tree), &mut |path| markers.add(path, 0));
            }
            each_unlinked(disk, repository, &tree, &mut |blob, stat, bytes| {
                truncated.entry((stat.device, stat.inode)).or_insert_with(|| (blob, bytes));
            });
        }
    }
    if markers.is_some() {
        add(What::Markers(markers));
    }
    let mut files = Several::default();
    for (path, bytes) in truncated.values() {
        files.add(path, *bytes);
    }
    if files.is_some() {
        add(What::Truncated { files, names });
    }
}

/// The names of a blob without a byte: what git and SHA-256 make of it, and SHA-1.
const NOTHING: [&[u8]; 3] = [
    b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    b"da39a3ee5e6b4b0d3255bfef95601890afd80709",
];

/// How many bytes a file of a snapshot (its folder, and its path from there) has too few or too many, as the listing has
/// it; where nothing is listed, an empty blob is told by its name, which is that of something (0: nobody knows how
/// many). `None`: nothing is wrong.
pub fn lacking(
    disk: &dyn Disk,
    (root, path): (&Path, &Path),
    kind: Kind,
    stat: &Stat,
    wanted: Option<u64>,
) -> Option<u64> {
    if stat.kind != Kind::File {
        return None;
    }
    if let Some(wanted) = wanted {
        return (wanted != stat.size).then(|| wanted.abs_diff(stat.size));
    }
    let blob = (kind == Kind::Link && stat.size == 0).then(|| disk.target(&root.join(path))).flatten()?;
    let name = blob.file_name()?.as_bytes();
    (is_hash(name) && !NOTHING.contains(&name)).then_some(0)
}

fn is_hash(name: &[u8]) -> bool {
    matches!(name.len(), 40 | 64) && name.iter().all(u8::is_ascii_hexdigit)
}

/// What stands in a snapshot where files of the listing should, once each. Those files count as met: told once.
fn misplaced(disk: &dyn Disk, snapshot: &Path, tree: &mut Tree) -> BTreeMap<PathBuf, Instead> {
    let mut out = BTreeMap::new();
    let mut met = Vec::new();
    for file in tree.unmet() {
        if let Some((path, is)) = parts::instead_of_file(disk, snapshot, Path::new(OsStr::from_bytes(&file.path))) {
            out.insert(path, is);
            met.push(file.path.clone());
        }
    }
    for path in met {
        tree.meet(&path);
    }
    out
}

/// Visits the blobs of another length than the listing gives for files of a commit that are not met: the path from the
/// repository's folder, what it is, and how many bytes it has too few or too many. A copy of a cache that broke off
/// leaves such; the next download finds the name, and makes a link to it (huggingface_hub 0.23.5, 0.36.2, 2.4.0).
pub fn each_unlinked(disk: &dyn Disk, repository: &Path, tree: &Tree, visitor: &mut dyn FnMut(PathBuf, &Stat, u64)) {
    for file in tree.unmet().filter(|file| is_hash(file.etag.as_bytes())) {
        let path = Path::new("blobs").join(&*file.etag);
        if let Ok(stat) = disk.look(&repository.join(&path))
            && stat.kind == Kind::File
            && stat.size != file.size
        {
            visitor(path, &stat, stat.size.abs_diff(file.size));
        }
    }
}

/// Visits the markers of a commit that are wrong; paths from the repository's folder. Of a folder the marker is right:
/// the hub has no file of that name.
pub fn contradictions(
    disk: &dyn Disk,
    repository: &Path,
    commit: &str,
    tree: Option<&Tree>,
    visitor: &mut dyn FnMut(&Path),
) {
    let root = Path::new(".no_exist").join(commit);
    let snapshot = repository.join("snapshots").join(commit);
    let _ = each_file(disk, &repository.join(&root), &mut |path, entry| {
        if is_dropping(entry.name, entry.kind) {
            return true;
        }
        let is_listed = tree.is_some_and(|t| t.has(path.as_os_str().as_bytes()));
        if is_listed || disk.look_at_link(&snapshot.join(path)).is_ok_and(|stat| stat.kind != Kind::Dir) {
            visitor(&root.join(path));
        }
        true
    });
}

#[cfg(test)]
mod tests;
