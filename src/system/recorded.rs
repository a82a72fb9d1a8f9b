//! A machine that remembers what it was asked: what the hook must watch is exactly what the rules looked at.
//!
//! It also keeps the prompt away from network file systems, where a look can take for ever: only what the home
//! directory itself holds is read there.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::path::absolute;
use super::{Content, EditError, Kind, Own, ReadError, Stat, System};

/// File systems whose files live on another machine, as `/proc/self/mountinfo` names them.
const REMOTE: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "lustre",
    "beegfs",
    "gpfs",
    "glusterfs",
    "fuse.sshfs",
    "fuse.glusterfs",
    "fuse.s3fs",
    "fuse.gcsfuse",
    "fuse.rclone",
    "fuse.juicefs",
];

/// What was found at a path.
pub type Seen = Result<Stat, ReadError>;

/// The machine, with a memory.
pub struct Recorded<'a> {
    inner: &'a dyn System,
    seen: RefCell<BTreeMap<PathBuf, Seen>>,
    remote: OnceCell<Vec<PathBuf>>,
    home: Option<PathBuf>,
}

impl<'a> Recorded<'a> {
    /// A machine that remembers from now on.
    pub fn new(inner: &'a dyn System) -> Self {
        let home = inner.var("HOME").map(PathBuf::from).filter(|h| h.is_absolute() && h.as_os_str() != "/");
        Self { inner, seen: RefCell::default(), remote: OnceCell::new(), home }
    }

    /// Every path that was looked at, and what was there first.
    pub fn seen(&self) -> BTreeMap<PathBuf, Seen> {
        self.seen.borrow().clone()
    }

    fn note(&self, path: &Path, found: Seen) {
        self.seen.borrow_mut().entry(absolute(self.inner, path)).or_insert(found);
    }

    /// Whether a path lies on another machine, outside the home directory.
    fn is_far(&self, path: &Path) -> bool {
        let path = absolute(self.inner, path);
        if self.home.as_ref().is_some_and(|h| path.starts_with(h)) {
            return false;
        }
        let mounts = self.remote.get_or_init(|| {
            let read = self.inner.read(Path::new("/proc/self/mountinfo"), super::TEXT_LIMIT);
            read.map_or_else(|_| Vec::new(), |c| remote_mounts(&c.bytes))
        });
        mounts.iter().any(|m| path.starts_with(m))
    }

    fn guarded<T>(&self, path: &Path, ask: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
        if self.is_far(path) { Err(ReadError::NotFound) } else { ask() }
    }
}

/// The mount points of network file systems.
fn remote_mounts(mountinfo: &[u8]) -> Vec<PathBuf> {
    mountinfo
        .split(|&b| b == b'\n')
        .filter_map(|line| {
            let text = std::str::from_utf8(line).ok()?;
            let (fields, rest) = text.split_once(" - ")?;
            let kind = rest.split(' ').next()?;
            let point = fields.split(' ').nth(4)?;
            // Blanks and the like are written as octal: `\040`.
            REMOTE.contains(&kind).then(|| PathBuf::from(unescape(point)))
        })
        .collect()
}

fn unescape(text: &str) -> OsString {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let octal = bytes.get(i + 1..i + 4).and_then(|d| std::str::from_utf8(d).ok());
        match octal.and_then(|d| u8::from_str_radix(d, 8).ok()) {
            Some(b) if bytes[i] == b'\\' => {
                out.push(b);
                i += 4;
            }
            _ => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    OsStr::from_bytes(&out).to_owned()
}

impl System for Recorded<'_> {
    fn var(&self, name: &str) -> Option<OsString> {
        self.inner.var(name)
    }

    fn vars(&self) -> Vec<(OsString, OsString)> {
        self.inner.vars()
    }

    fn cwd(&self) -> Option<PathBuf> {
        self.inner.cwd()
    }

    fn read(&self, path: &Path, limit: usize) -> Result<Content, ReadError> {
        let read = self.guarded(path, || self.inner.read(path, limit));
        self.note(path, read.as_ref().map(|c| c.stat).map_err(|e| *e));
        read
    }

    fn stat(&self, path: &Path) -> Result<Stat, ReadError> {
        let stat = self.guarded(path, || self.inner.stat(path));
        self.note(path, stat);
        stat
    }

    fn lstat(&self, path: &Path) -> Result<Stat, ReadError> {
        self.guarded(path, || self.inner.lstat(path))
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, ReadError> {
        let names = self.guarded(path, || self.inner.list(path));
        self.note(
            path,
            self.guarded(path, || self.inner.stat(path))
                .and_then(|s| if s.kind == Kind::Dir { Ok(s) } else { Err(ReadError::NotDir) }),
        );
        names
    }

    fn read_link(&self, path: &Path) -> Option<PathBuf> {
        if self.is_far(path) { None } else { self.inner.read_link(path) }
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        if self.is_far(path) { None } else { self.inner.canonical(path) }
    }

    fn writable(&self, path: &Path) -> Result<(), ReadError> {
        self.guarded(path, || self.inner.writable(path))
    }

    fn store(&self, path: &Path, bytes: &[u8], aged_like: Option<&Stat>) -> Result<(), ReadError> {
        self.inner.store(path, bytes, aged_like)
    }

    fn replace(&self, path: &Path, before: Option<&[u8]>, after: &[u8]) -> Result<(), EditError> {
        self.inner.replace(path, before, after)
    }

    fn now_ns(&self) -> (i64, i64) {
        self.inner.now_ns()
    }

    fn uid(&self) -> u32 {
        self.inner.uid()
    }

    fn password_home(&self, user: Option<&OsStr>) -> Option<PathBuf> {
        self.inner.password_home(user)
    }

    fn own_dir(&self, own: Own) -> Option<PathBuf> {
        self.inner.own_dir(own)
    }

    fn parent(&self) -> Option<String> {
        None
    }

    fn program(&self) -> Option<OsString> {
        self.inner.program()
    }

    fn run(&self, _: &str, _: &[&str]) -> Option<Vec<u8>> {
        // Nothing is started on the hook's way.
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn remembers_what_was_there_and_what_was_not() {
        let fake = Fake::home().file("/home/u/.netrc", "x");
        let recorded = Recorded::new(&fake);
        assert!(recorded.read(Path::new("/home/u/.netrc"), 10).is_ok());
        assert!(recorded.read(Path::new(".env"), 10).is_err());
        let seen = recorded.seen();
        assert!(seen[Path::new("/home/u/.netrc")].is_ok());
        assert_eq!(seen[Path::new("/home/u/.env")], Err(ReadError::NotFound));
    }

    #[test]
    fn stays_away_from_other_machines() {
        let mounts = b"36 35 98:0 / /mnt/a\\040b rw - nfs4 host:/x rw\n37 35 98:0 / /home/u rw - nfs host:/y rw\n38 1 1:1 / / rw - ext4 /dev/a rw\n";
        assert_eq!(remote_mounts(mounts), [PathBuf::from("/mnt/a b"), PathBuf::from("/home/u")]);
        let fake = Fake::home()
            .file("/proc/self/mountinfo", mounts)
            .file("/mnt/a b/p/.env", "HF_TOKEN=x")
            .file("/home/u/.netrc", "x");
        let recorded = Recorded::new(&fake);
        assert!(recorded.read(Path::new("/mnt/a b/p/.env"), 10).is_err());
        assert!(recorded.read(Path::new("/home/u/.netrc"), 10).is_ok());
    }
}
