//! A machine in memory, for unit tests of what stands above `system`.
#![allow(clippy::unwrap_used, reason = "tests only")]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::{Content, Kind, Own, ReadError, Stat, System};

/// Built by chaining; paths are plain (no links): what links do is tested on real files.
#[derive(Debug, Default, Clone)]
pub(crate) struct Fake {
    vars: BTreeMap<OsString, OsString>,
    files: BTreeMap<PathBuf, (Vec<u8>, u32)>,
    passwd: String,
    now: i64,
}

impl Fake {
    pub(crate) fn new() -> Self {
        Self { now: 1_800_000_000, ..Self::default() }
    }

    /// A machine with HOME=/home/u.
    pub(crate) fn home() -> Self {
        Self::new().var("HOME", "/home/u")
    }

    pub(crate) fn var(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.vars.insert(name.into(), value.as_ref().to_owned());
        self
    }

    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.mode(path, content, 0o600)
    }

    pub(crate) fn mode(mut self, path: &str, content: impl AsRef<[u8]>, mode: u32) -> Self {
        self.files.insert(path.into(), (content.as_ref().to_vec(), mode));
        self
    }

    pub(crate) fn passwd(mut self, user: &str, uid: u32, home: &str) -> Self {
        self.passwd.push_str(&format!("{user}:x:{uid}:{uid}::{home}:/bin/sh\n"));
        self
    }

    pub(crate) fn now(mut self, now: i64) -> Self {
        self.now = now;
        self
    }

    fn at(&self, path: &Path) -> PathBuf {
        if path.is_absolute() { path.to_owned() } else { Path::new("/home/u").join(path) }
    }
}

impl System for Fake {
    fn var(&self, name: &str) -> Option<OsString> {
        self.vars.get(OsStr::new(name)).cloned()
    }

    fn vars(&self) -> Vec<(OsString, OsString)> {
        self.vars.clone().into_iter().collect()
    }

    fn cwd(&self) -> Option<PathBuf> {
        Some("/home/u".into())
    }

    fn read(&self, path: &Path, limit: usize) -> Result<Content, ReadError> {
        let stat = self.stat(path)?;
        if stat.kind == Kind::Dir {
            return Err(ReadError::IsDir);
        }
        let (content, mode) = &self.files[&self.at(path)];
        if mode & 0o400 == 0 {
            return Err(ReadError::Denied);
        }
        Ok(Content { bytes: content[..content.len().min(limit)].to_vec(), truncated: content.len() > limit, stat })
    }

    fn stat(&self, path: &Path) -> Result<Stat, ReadError> {
        let path = self.at(path);
        let make = |kind, mode, size| Stat {
            kind,
            mode,
            uid: 1000,
            gid: 1000,
            size,
            mtime: self.now,
            mtime_ns: 0,
            ctime: self.now,
            ctime_ns: 0,
            device: 1,
            inode: 1,
        };
        if let Some((content, mode)) = self.files.get(&path) {
            return Ok(make(Kind::File, *mode, content.len() as u64));
        }
        if path.ancestors().skip(1).any(|p| self.files.contains_key(p)) {
            return Err(ReadError::NotDir);
        }
        if self.files.keys().any(|f| f.starts_with(&path)) {
            return Ok(make(Kind::Dir, 0o700, 0));
        }
        Err(ReadError::NotFound)
    }

    fn lstat(&self, path: &Path) -> Result<Stat, ReadError> {
        self.stat(path)
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, ReadError> {
        let path = self.at(path);
        let mut names: Vec<OsString> = self
            .files
            .keys()
            .filter_map(|f| f.strip_prefix(&path).ok())
            .filter_map(|f| f.components().next().map(|c| c.as_os_str().to_owned()))
            .collect();
        names.sort();
        names.dedup();
        if names.is_empty() { Err(ReadError::NotFound) } else { Ok(names) }
    }

    fn read_link(&self, _: &Path) -> Option<PathBuf> {
        None
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        self.stat(path).ok().map(|_| self.at(path))
    }

    fn writable(&self, path: &Path) -> Result<(), ReadError> {
        self.stat(path).map(|_| ())
    }

    fn store(&self, _: &Path, _: &[u8], _: Option<&Stat>) -> Result<(), ReadError> {
        Err(ReadError::Denied)
    }

    fn now_ns(&self) -> (i64, i64) {
        (self.now, 0)
    }

    fn uid(&self) -> u32 {
        1000
    }

    fn password_home(&self, user: Option<&OsStr>) -> Option<PathBuf> {
        super::os::password_home(OsStr::new(&self.passwd).as_bytes(), user, 1000)
    }

    fn own_dir(&self, own: Own) -> Option<PathBuf> {
        let below = match own {
            Own::Config => ".config",
            Own::Data => ".local/share",
            Own::State => ".local/state",
        };
        Some(Path::new(&self.var("HOME")?).join(below).join("hflint"))
    }

    fn program(&self) -> Option<OsString> {
        None
    }

    fn run(&self, _: &str, _: &[&str]) -> Option<Vec<u8>> {
        None
    }
}
