//! What is on the disk, for several threads at once.
//!
//! A cache of models holds a hundred thousand files. [`super::System`] answers one thread, remembers what it said and
//! returns whole lists; this is the part of it that a walk over many threads can share: nothing is remembered, a
//! directory is visited while it is read, and what is beside a name is asked relative to the open directory, which
//! saves the kernel to walk the same long path for each of them.
#![allow(clippy::disallowed_methods, reason = "this is the door itself")]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{self, Access, AtFlags, Dir, FileType, Mode, OFlags};

use super::{Content, Kind, ReadError, Stat, System as _, os};

/// What threads may ask of the disk at the same time.
pub trait Disk: Sync {
    /// Visits the names in a directory, in no order, until the visitor says that it has enough (`false`).
    fn visit(&self, dir: &Path, visitor: &mut dyn FnMut(&Entry<'_>) -> bool) -> Result<(), ReadError>;
    /// Metadata, links followed.
    fn look(&self, path: &Path) -> Result<Stat, ReadError>;
    /// Metadata of the link itself.
    fn look_at_link(&self, path: &Path) -> Result<Stat, ReadError>;
    /// The content of a regular file, `limit` bytes at most.
    fn text(&self, path: &Path, limit: usize) -> Result<Content, ReadError>;
    /// The target of a symbolic link.
    fn target(&self, path: &Path) -> Option<PathBuf>;
    /// Whether this process may make new names in a directory.
    fn may_write(&self, dir: &Path) -> bool;
    /// Whether this process may read a file, or list a directory and reach what is in it; links followed.
    fn may_read(&self, path: &Path, kind: Kind) -> bool;
    /// Whether somebody holds the lock (`flock`) of a file. Where it cannot be told, nobody does.
    fn is_locked(&self, path: &Path) -> bool;
}

/// A name in a directory that is being visited.
pub struct Entry<'a> {
    /// The name.
    pub name: &'a OsStr,
    /// What it is; a link is a link.
    pub kind: Kind,
    look: &'a dyn Fn() -> Result<Stat, ReadError>,
}

impl<'a> Entry<'a> {
    /// A name, and what finds out what is behind it.
    pub fn new(name: &'a OsStr, kind: Kind, look: &'a dyn Fn() -> Result<Stat, ReadError>) -> Self {
        Self { name, kind, look }
    }

    /// Metadata, links followed.
    pub fn look(&self) -> Result<Stat, ReadError> {
        (self.look)()
    }
}

impl Disk for os::Os {
    fn visit(&self, dir: &Path, visitor: &mut dyn FnMut(&Entry<'_>) -> bool) -> Result<(), ReadError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let failed = os::class_of;
        let fd = fs::open(dir, flags, Mode::empty()).map_err(failed)?;
        let mut open = Dir::new(fd).map_err(failed)?;
        while let Some(entry) = open.read() {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let fd = open.fd().map_err(failed)?;
            let look = || fs::statat(fd, name, AtFlags::empty()).map(|s| os::stat(&s)).map_err(failed);
            let kind = match entry.file_type() {
                // Some file systems do not tell.
                FileType::Unknown => match fs::statat(fd, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) => os::kind(FileType::from_raw_mode(stat.st_mode)),
                    // Gone since.
                    Err(_) => continue,
                },
                known => os::kind(known),
            };
            if !visitor(&Entry::new(OsStr::from_bytes(name.to_bytes()), kind, &look)) {
                break;
            }
        }
        Ok(())
    }

    fn look(&self, path: &Path) -> Result<Stat, ReadError> {
        self.stat(path)
    }

    fn look_at_link(&self, path: &Path) -> Result<Stat, ReadError> {
        self.lstat(path)
    }

    fn text(&self, path: &Path, limit: usize) -> Result<Content, ReadError> {
        self.read(path, limit)
    }

    fn target(&self, path: &Path) -> Option<PathBuf> {
        self.read_link(path)
    }

    fn may_write(&self, dir: &Path) -> bool {
        self.writable(dir).is_ok()
    }

    fn may_read(&self, path: &Path, kind: Kind) -> bool {
        let enters = if kind == Kind::Dir { Access::EXEC_OK } else { Access::empty() };
        fs::access(path, Access::READ_OK | enters).is_ok()
    }

    fn is_locked(&self, path: &Path) -> bool {
        // Taken for an instant, together with other readers: a client that waits for it tries again by itself.
        let Ok(file) = os::open(path) else { return false };
        matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock))
    }
}
