//! The folder of one cached repository, `models--owner--name`: what its parts hold, asked one by one.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::names::{can_be_ref, is_dropping};
use super::tree::Tree;
use crate::system::{Disk, Entry, Kind, ReadError};

/// Most bytes read of a ref, which has 40.
const REF_LIMIT: usize = 1024;
/// Deepest folder in a snapshot that is looked into: a loop of mounts ends here.
const DEPTH: usize = 64;

/// The ref that a client asks for where none is named.
pub const MAIN: &str = "main";

/// What a name in a cache stands for: `models--o--n` is `o/n`, of a dataset `datasets/o/n`.
pub fn title(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut parts = name.split("--");
    let kind = parts.next().unwrap_or_default();
    let rest = parts.collect::<Vec<_>>().join("/");
    let shown = if kind == "models" { rest } else { format!("{kind}/{rest}") };
    crate::output::sanitize::line(&shown)
}

/// Whether a name in a cache is that of a repository.
pub fn is_repository(name: &OsStr) -> bool {
    [&b"models--"[..], b"datasets--", b"spaces--", b"kernels--"].iter().any(|kind| name.as_bytes().starts_with(kind))
}

/// Whether a text is the name of a commit.
pub fn is_commit(text: &[u8]) -> bool {
    text.len() == 40 && text.iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b))
}

/// A ref as it is written.
#[derive(Debug)]
pub struct Ref {
    /// `main`, `refs/pr/1`.
    pub name: PathBuf,
    /// Whether it is a link.
    pub is_link: bool,
    /// What it says, as it is; the clients take nothing away (huggingface_hub 0.17 to 2.4, `try_to_load_from_cache`).
    pub text: Result<Vec<u8>, ReadError>,
}

/// The refs of a repository, sorted. What a git branch cannot be called is none: a client's temporary file, an
/// editor's copy; nor is what a file manager leaves. A folder is the beginning of names, but for `main`, which every
/// repository of the hub has.
pub fn refs(disk: &dyn Disk, repository: &Path) -> Vec<Ref> {
    let root = repository.join("refs");
    let mut out = Vec::new();
    let mut left = vec![PathBuf::new()];
    while let Some(at) = left.pop() {
        let _ = disk.visit(&root.join(&at), &mut |entry| {
            if !can_be_ref(entry.name) || is_dropping(entry.name, entry.kind) {
                return true;
            }
            let path = at.join(entry.name);
            let is_link = entry.kind == Kind::Link;
            if is_link || entry.kind == Kind::File || path == Path::new(MAIN) {
                let text = disk.text(&root.join(&path), REF_LIMIT).map(|c| c.bytes);
                out.push(Ref { name: path, is_link, text });
            } else if entry.kind == Kind::Dir && path.components().count() < 16 {
                left.push(path);
            }
            true
        });
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

/// A snapshot.
#[derive(Debug)]
pub struct Snapshot {
    /// The name of the folder: the commit.
    pub commit: String,
    /// Whether there is at least one file in it.
    pub has_files: bool,
}

/// The snapshots of a repository, sorted.
pub fn snapshots(disk: &dyn Disk, repository: &Path) -> Vec<Snapshot> {
    snapshots_and(disk, repository, &mut |_| {})
}

/// The same; `other` is told what has the name of a commit and is no folder.
pub fn snapshots_and(disk: &dyn Disk, repository: &Path, other: &mut dyn FnMut(PathBuf)) -> Vec<Snapshot> {
    let root = repository.join("snapshots");
    let mut out = Vec::new();
    let mut told = |name: &OsStr| {
        if is_commit(name.as_bytes()) {
            other(root.join(name));
        }
    };
    for name in directories_and(disk, &root, &mut told) {
        if let Some(commit) = name.to_str() {
            let has_files = has_files(disk, &root.join(commit));
            out.push(Snapshot { commit: commit.to_owned(), has_files });
        }
    }
    out
}

/// The commits of which there is a listing in `trees/`, sorted.
pub fn listed(disk: &dyn Disk, repository: &Path) -> Vec<String> {
    let mut out = Vec::new();
    let _ = disk.visit(&repository.join("trees"), &mut |entry| {
        let stem = entry.name.to_str().and_then(|name| name.strip_suffix(".json"));
        out.extend(stem.filter(|commit| is_commit(commit.as_bytes())).map(str::to_owned));
        true
    });
    out.sort();
    out
}

/// The directories in a directory, sorted, also behind a link, as the clients take them; hidden ones are not theirs.
pub fn directories(disk: &dyn Disk, dir: &Path) -> Vec<OsString> {
    directories_and(disk, dir, &mut |_| {})
}

/// The same; `other` is told the names of what is no directory.
fn directories_and(disk: &dyn Disk, dir: &Path, other: &mut dyn FnMut(&OsStr)) -> Vec<OsString> {
    let mut out = Vec::new();
    let is_dir = |entry: &Entry<'_>| match entry.kind {
        Kind::Dir => true,
        Kind::Link => entry.look().is_ok_and(|stat| stat.kind == Kind::Dir),
        _ => false,
    };
    let _ = disk.visit(dir, &mut |entry| {
        if entry.name.as_bytes().starts_with(b".") {
            return true;
        }
        if is_dir(entry) {
            out.push(entry.name.to_owned());
        } else {
            other(entry.name);
        }
        true
    });
    out.sort();
    out
}

/// Whether anything is below but directories and what a file manager left; a folder that cannot be read counts as
/// filled, since nothing is known.
pub fn has_files(disk: &dyn Disk, dir: &Path) -> bool {
    let mut found = false;
    let done = each_file(disk, dir, &mut |_, entry| {
        found = !is_dropping(entry.name, entry.kind);
        !found
    });
    found || !matches!(done, Ok(()) | Err(ReadError::NotFound | ReadError::NotDir))
}

/// Visits what is below a directory and is no directory, with its path from there.
pub fn each_file(
    disk: &dyn Disk,
    dir: &Path,
    visitor: &mut dyn FnMut(&Path, &Entry<'_>) -> bool,
) -> Result<(), ReadError> {
    let mut left = vec![(PathBuf::new(), 0)];
    let mut first = Ok(());
    while let Some((at, depth)) = left.pop() {
        let mut goes_on = true;
        let here = if depth == 0 { dir.to_owned() } else { dir.join(&at) };
        let read = disk.visit(&here, &mut |entry| {
            if entry.kind == Kind::Dir {
                if depth < DEPTH {
                    left.push((at.join(entry.name), depth + 1));
                }
                return true;
            }
            goes_on =
                if depth == 0 { visitor(Path::new(entry.name), entry) } else { visitor(&at.join(entry.name), entry) };
            goes_on
        });
        first = first.and(read);
        if !goes_on {
            break;
        }
    }
    first
}

/// How a left-over of a download is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incomplete<'a> {
    /// `ETAG.incomplete`: huggingface_hub 0.19 to 1.17 goes on from its end, whatever it holds.
    Shared(&'a [u8]),
    /// `ETAG.XXXXXXXX.incomplete` of 1.18 and newer: never used again.
    Unique(&'a [u8]),
}

impl<'a> Incomplete<'a> {
    /// What a name in `blobs/` is; the etag.
    pub fn of(name: &'a OsStr) -> Option<Self> {
        let stem = name.as_bytes().strip_suffix(b".incomplete")?;
        match stem.iter().rposition(|b| *b == b'.') {
            Some(dot) if stem.len() - dot == 9 && stem[dot + 1..].iter().all(u8::is_ascii_hexdigit) => {
                Some(Self::Unique(&stem[..dot]))
            }
            _ => Some(Self::Shared(stem)),
        }
    }

    /// The etag.
    pub fn etag(self) -> &'a OsStr {
        match self {
            Self::Shared(etag) | Self::Unique(etag) => OsStr::from_bytes(etag),
        }
    }
}

/// Whether a download of this blob goes on: somebody holds its lock.
pub fn is_downloading(disk: &dyn Disk, repository: &Path, etag: &OsStr) -> bool {
    let mut name = etag.to_owned();
    name.push(".lock");
    let locks = repository.parent().zip(repository.file_name()).map(|(hub, folder)| hub.join(".locks").join(folder));
    // Until 0.17 the lock lay beside the blob.
    locks.into_iter().chain([repository.join("blobs")]).any(|dir| disk.is_locked(&dir.join(&name)))
}

/// Whether any download into this repository goes on.
pub fn is_busy(disk: &dyn Disk, repository: &Path) -> bool {
    let Some((hub, folder)) = repository.parent().zip(repository.file_name()) else { return false };
    let locks = hub.join(".locks").join(folder);
    let mut busy = false;
    let _ = disk.visit(&locks, &mut |entry| {
        busy = disk.is_locked(&locks.join(entry.name));
        !busy
    });
    busy
}

/// The snapshot that a ref should name: the newest of those that `trees/` proves complete, else of those of which
/// nothing is known, else of the rest. One that has only some of the files of another comes after it: a download that
/// was refused half-way is newer than what it was to replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The commit.
    pub commit: String,
    /// Whether `trees/` proves it complete.
    pub is_proven: bool,
}

/// Chooses among the filled snapshots (but for one): of those that are whole, as far as is known, those that no other
/// ref names first.
pub fn choose(disk: &dyn Disk, repository: &Path, name: &Path, except: Option<&str>) -> Option<Choice> {
    let taken: Vec<Vec<u8>> =
        refs(disk, repository).into_iter().filter(|r| r.name != name).filter_map(|r| r.text.ok()).collect();
    let filled: Vec<_> = snapshots(disk, repository)
        .into_iter()
        .filter(|s| s.has_files && is_commit(s.commit.as_bytes()) && except != Some(s.commit.as_str()))
        .map(|snapshot| {
            let dir = repository.join("snapshots").join(&snapshot.commit);
            let mut here = BTreeSet::new();
            let _ = each_file(disk, &dir, &mut |path, entry| {
                if !is_dropping(entry.name, entry.kind) && entry.look().is_ok() {
                    here.insert(path.to_owned());
                }
                true
            });
            (snapshot.commit, dir, here)
        })
        .collect();
    let is_part = |here: &BTreeSet<_>| filled.iter().any(|(.., more)| here.len() < more.len() && here.is_subset(more));
    filled
        .iter()
        .map(|(commit, dir, here)| {
            let free = !taken.iter().any(|t| t == commit.as_bytes());
            let known = completeness(disk, repository, commit, here);
            let age = disk.look(dir).map_or((0, 0), |s| (s.mtime, s.mtime_ns));
            let choice = Choice { commit: commit.clone(), is_proven: known == 2 };
            let is_part = known < 2 && is_part(here);
            ((!is_part && known > 0, !is_part, free, known, age), choice)
        })
        .max_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.commit.cmp(&b.1.commit)))
        .map(|(_, choice)| choice)
}

/// 2: `trees/` lists nothing that is not there; 1: nothing is known; 0: something lacks.
fn completeness(disk: &dyn Disk, repository: &Path, commit: &str, here: &BTreeSet<PathBuf>) -> u8 {
    let Some(mut tree) = Tree::read(disk, repository, commit) else { return 1 };
    for path in here {
        tree.meet(path.as_os_str().as_bytes());
    }
    if tree.missing().0 == 0 { 2 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn names() {
        assert_eq!(title(Path::new("/h/models--o--n--m")), "o/n/m");
        assert_eq!(title(Path::new("/h/datasets--o--n")), "datasets/o/n");
        assert_eq!(title(Path::new("/h/models--gpt2")), "gpt2");
        let of = |name: &'static str| Incomplete::of(OsStr::new(name));
        assert_eq!(of("abc.incomplete"), Some(Incomplete::Shared(b"abc")));
        assert_eq!(of("abc.0123abcd.incomplete"), Some(Incomplete::Unique(b"abc")));
        assert_eq!(of("abc.0123abc.incomplete"), Some(Incomplete::Shared(b"abc.0123abc")));
        assert_eq!(of("abc"), None);
    }

    #[test]
    fn refs_are_found_in_folders_and_temporary_files_are_none() {
        let fake = Fake::home()
            .file("/r/refs/main", "a")
            .file("/r/refs/refs/pr/1", "b")
            .file("/r/refs/main.0123abcd.tmp", "c")
            .file("/r/refs/.main.swp", "d");
        let fake =
            fake.file("/r/refs/Thumbs.db", "x").file("/r/refs/@eaDir/main", "x").file("/r/refs/main (copy)", "x");
        let names: Vec<_> = refs(&fake, Path::new("/r")).into_iter().map(|r| r.name).collect();
        assert_eq!(names, [Path::new("main"), Path::new("refs/pr/1")]);
    }

    #[test]
    fn what_a_file_manager_left_fills_nothing() {
        let fake =
            Fake::home().file("/r/s/a/.DS_Store", "x").file("/r/s/Thumbs.db", "x").file("/r/t/config.json", "{}");
        assert!(!has_files(&fake, Path::new("/r/s")) && has_files(&fake, Path::new("/r/t")));
        // What the hub has under such a name is a link.
        assert!(has_files(&fake.link("/r/s/.DS_Store", "../../blobs/b"), Path::new("/r/s")));
    }

    #[test]
    fn a_part_of_another_snapshot_comes_after_it() {
        let dir = |c: char| format!("/r/snapshots/{}", c.to_string().repeat(40));
        let fake = Fake::home()
            .file(&format!("{}/m", dir('a')), "x")
            .file(&format!("{}/config.json", dir('a')), "x")
            .file(&format!("{}/config.json", dir('b')), "x")
            .written(&dir('a'), 5)
            .written(&dir('b'), 9);
        let chosen = |fake: &Fake| choose(fake, Path::new("/r"), Path::new("main"), None).unwrap().commit;
        assert_eq!(chosen(&fake), "a".repeat(40));
        // Also where a tag names the whole one.
        assert_eq!(chosen(&fake.clone().file("/r/refs/v1", "a".repeat(40))), "a".repeat(40));
        // A link to nothing is no file.
        assert_eq!(chosen(&fake.clone().link(&format!("{}/m", dir('b')), "../../blobs/gone")), "a".repeat(40));
        assert_eq!(chosen(&fake.file(&format!("{}/n", dir('b')), "x")), "b".repeat(40));
    }

    #[test]
    fn a_folder_is_the_beginning_of_names_but_for_main() {
        let fake = Fake::home().file("/r/refs/main/x", "a").file("/r/refs/v/main", "b").link("/r/refs/w", "nowhere");
        let found = refs(&fake, Path::new("/r"));
        let told: Vec<_> = found.iter().map(|r| (r.name.to_str().unwrap(), r.is_link, r.text.as_deref())).collect();
        let want = [
            ("main", false, Err(&ReadError::IsDir)),
            ("v/main", false, Ok(&b"b"[..])),
            ("w", true, Err(&ReadError::NotFound)),
        ];
        assert_eq!(told, want);
    }

    #[test]
    fn the_newest_complete_snapshot_is_chosen() {
        let commit = |c: char| c.to_string().repeat(40);
        let dir = |c| format!("/r/snapshots/{}", commit(c));
        let fake = Fake::home()
            .file("/r/refs/main", commit('f'))
            .file(&format!("{}/m", dir('a')), "x")
            .file(&format!("{}/m", dir('b')), "x")
            .written(&dir('a'), 5)
            .written(&dir('b'), 9);
        let chosen = |fake: &Fake| choose(fake, Path::new("/r"), Path::new("main"), None).unwrap();
        assert_eq!(chosen(&fake), Choice { commit: commit('b'), is_proven: false });
        let tree = r#"{"format_version": 1, "files": {"m": {"size": 1, "blob_id": "x"}}}"#;
        let proven = fake.file(&format!("/r/trees/{}.json", commit('a')), tree);
        assert_eq!(chosen(&proven), Choice { commit: commit('a'), is_proven: true });
        // That of a tag is not the branch's while there is another.
        let tagged = proven.file("/r/refs/v1", commit('a'));
        assert_eq!(chosen(&tagged).commit, commit('b'));
    }
}
