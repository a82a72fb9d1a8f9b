//! The folders that a cache is made of: whether each is one, and whether this person may read what is in it.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::faults::Several;
use crate::system::{Disk, Kind, ReadError, Stat};

/// What stands where a folder or a file should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instead {
    /// A file, or a device.
    File,
    /// A folder, where a file should be.
    Folder,
    /// A link to nothing, and what it says.
    Nowhere(PathBuf),
}

/// What stands where a folder should; `None`: nothing, or a folder.
pub fn instead(disk: &dyn Disk, path: &Path) -> Option<Instead> {
    let stat = disk.look_at_link(path).ok()?;
    match stat.kind {
        Kind::Dir => None,
        Kind::Link => match disk.look(path) {
            Ok(behind) => (behind.kind != Kind::Dir).then_some(Instead::File),
            Err(ReadError::Denied) => None,
            Err(_) => Some(Instead::Nowhere(disk.target(path).unwrap_or_default())),
        },
        _ => Some(Instead::File),
    }
}

/// What stands where a file of a snapshot should: a folder in its place, or a file in that of a folder above it, and
/// where; `None`: neither. A container that was given a file which was not there left a folder of its name.
pub fn instead_of_file(disk: &dyn Disk, snapshot: &Path, file: &Path) -> Option<(PathBuf, Instead)> {
    let path = snapshot.join(file);
    match disk.look(&path) {
        Ok(stat) => (stat.kind == Kind::Dir).then_some((path, Instead::Folder)),
        Err(ReadError::NotDir) => {
            let mut above: Vec<_> = file.ancestors().skip(1).filter(|a| *a != Path::new("")).collect();
            above.reverse();
            above.into_iter().map(|a| snapshot.join(a)).find_map(|path| instead(disk, &path).map(|is| (path, is)))
        }
        Err(_) => None,
    }
}

/// Visits the folders that stand where the locks of a repository should.
pub fn each_folder_for_a_lock(disk: &dyn Disk, repository: &Path, visitor: &mut dyn FnMut(PathBuf)) {
    let Some((cache, folder)) = repository.parent().zip(repository.file_name()) else { return };
    let locks = cache.join(".locks").join(folder);
    let _ = disk.visit(&locks, &mut |entry| {
        if entry.kind == Kind::Dir && entry.name.as_bytes().ends_with(b".lock") {
            visitor(locks.join(entry.name));
        }
        true
    });
}

/// The nearest above a path that is there, as a name: a link to nothing is there, too.
pub fn above(disk: &dyn Disk, path: &Path) -> Option<PathBuf> {
    path.ancestors().skip(1).find(|dir| disk.look_at_link(dir).is_ok()).map(Path::to_owned)
}

/// What this person may not read of a repository or a cache, as it is met.
pub struct Closed<'a> {
    disk: &'a dyn Disk,
    root: &'a Path,
    uid: u32,
    dirs: Vec<PathBuf>,
    /// What is the person's own; paths are absolute.
    pub own: Several,
    /// What is not, and whose the first of it is.
    pub foreign: Option<(Several, u32)>,
}

impl<'a> Closed<'a> {
    /// Nothing yet, of what lies below a folder.
    pub fn new(disk: &'a dyn Disk, root: &'a Path, uid: u32) -> Self {
        Self { disk, root, uid, dirs: Vec::new(), own: Several::default(), foreign: None }
    }

    /// A file or folder that could not be read: it itself, or the folder above that closes it.
    pub fn denied(&mut self, path: &Path) {
        let below = path.strip_prefix(self.root).unwrap_or(Path::new(""));
        let mut all: Vec<&Path> = below.ancestors().collect();
        all.reverse();
        for part in all {
            // `join` of nothing would leave a slash at the end.
            let at = if part == Path::new("") { self.root.to_owned() } else { self.root.join(part) };
            if let Ok(stat) = self.disk.look(&at)
                && !self.disk.may_read(&at, stat.kind)
            {
                return self.add(&at, &stat);
            }
        }
    }

    /// A file that is there: counted where this person may not read it.
    pub fn met(&mut self, path: impl FnOnce() -> PathBuf, stat: &Stat) {
        // The bits say it of nearly all; the kernel is asked only where they do not.
        let bit = if stat.uid == self.uid { 0o400 } else { 0o004 };
        if stat.kind == Kind::File && stat.mode & bit == 0 {
            let path = path();
            if !self.disk.may_read(&path, stat.kind) {
                self.add(&path, stat);
            }
        }
    }

    fn add(&mut self, path: &Path, stat: &Stat) {
        if stat.kind == Kind::Dir {
            if self.dirs.iter().any(|dir| dir == path) {
                return;
            }
            self.dirs.push(path.to_owned());
        }
        let bytes = if stat.kind == Kind::File { stat.size } else { 0 };
        if stat.uid == self.uid {
            self.own.add(path, bytes);
        } else {
            self.foreign.get_or_insert((Several::default(), stat.uid)).0.add(path, bytes);
        }
    }
}

/// Visits what is this person's own and closed to them by its mode: folders, and files behind links as well. What is in
/// a closed folder cannot be known.
pub fn each_closed(disk: &dyn Disk, root: &Path, uid: u32, visitor: &mut dyn FnMut(&Path, &Stat)) {
    let mut left = vec![root.to_owned()];
    while let Some(dir) = left.pop() {
        let Ok(stat) = disk.look(&dir) else { continue };
        if !disk.may_read(&dir, stat.kind) {
            if stat.uid == uid {
                visitor(&dir, &stat);
            }
            continue;
        }
        let _ = disk.visit(&dir, &mut |entry| {
            let path = dir.join(entry.name);
            if entry.kind == Kind::Dir {
                left.push(path);
            } else if let Ok(stat) = entry.look()
                && stat.kind == Kind::File
                && stat.uid == uid
                && stat.mode & 0o400 == 0
                && !disk.may_read(&path, stat.kind)
            {
                visitor(&path, &stat);
            }
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn what_is_no_folder() {
        let fake = Fake::home().file("/c/f", "").link("/c/l", "/mnt/gone").dir("/c/d", 0o755);
        assert_eq!(instead(&fake, Path::new("/c/f")), Some(Instead::File));
        assert_eq!(instead(&fake, Path::new("/c/l")), Some(Instead::Nowhere("/mnt/gone".into())));
        assert_eq!(instead(&fake, Path::new("/c/d")), None);
        assert_eq!(instead(&fake, Path::new("/c/n")), None);
        assert_eq!(above(&fake, Path::new("/c/l/x/y")), Some("/c/l".into()));
    }

    #[test]
    fn what_is_no_file() {
        let fake = Fake::home().file("/s/config.json/x", "").file("/s/onnx", "").file("/s/a/w", "").link("/s/l", "a");
        let of = |file: &str| instead_of_file(&fake, Path::new("/s"), Path::new(file));
        assert_eq!(of("config.json"), Some(("/s/config.json".into(), Instead::Folder)));
        assert_eq!(of("l"), Some(("/s/l".into(), Instead::Folder)));
        assert_eq!(of("onnx/m/w"), Some(("/s/onnx".into(), Instead::File)));
        assert_eq!((of("a/w"), of("a/n"), of("n/w")), (None, None, None));

        let fake = Fake::home().dir("/h/.locks/models--o--n/e.lock", 0o755).file("/h/.locks/models--o--n/f.lock", "");
        let mut found = Vec::new();
        each_folder_for_a_lock(&fake, Path::new("/h/models--o--n"), &mut |path| found.push(path));
        assert_eq!(found, [Path::new("/h/.locks/models--o--n/e.lock")]);
    }

    #[test]
    fn what_is_closed_is_counted_once_and_by_its_owner() {
        let fake = Fake::home().dir("/c/r", 0).file("/c/r/refs/main", "x");
        let mut closed = Closed::new(&fake, Path::new("/c/r"), 1000);
        closed.denied(Path::new("/c/r/refs"));
        closed.denied(Path::new("/c/r/snapshots"));
        assert_eq!((closed.own.count, closed.own.first.as_path()), (1, Path::new("/c/r")));

        let fake = Fake::home().mode("/c/r/refs/main", "x", 0o600).owner("/c/r/refs/main", 7, 7);
        let mut closed = Closed::new(&fake, Path::new("/c/r"), 1000);
        closed.denied(Path::new("/c/r/refs/main"));
        assert_eq!(closed.own.count, 0);
        assert!(matches!(closed.foreign, Some((several, 7)) if several.first == Path::new("/c/r/refs/main")));
    }

    #[test]
    fn what_a_cure_opens() {
        let fake = Fake::home()
            .mode("/c/r/blobs/b", "x", 0)
            .file("/c/r/blobs/a", "x")
            .dir("/c/r/snapshots", 0)
            .mode("/c/r/refs/main", "x", 0)
            .owner("/c/r/refs/main", 7, 7);
        let mut found = Vec::new();
        each_closed(&fake, Path::new("/c"), 1000, &mut |path, _| found.push(path.display().to_string()));
        found.sort();
        assert_eq!(found, ["/c/r/blobs/b", "/c/r/snapshots"]);
    }
}
