//! A machine in memory, for unit tests of what stands above `system`.
#![allow(clippy::unwrap_used, reason = "tests only")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{
    Content, Details, Disk, EditError, Entry, Environment, Image, Kind, Lock, Own, Process, ReadError, Stat, System,
};

/// Built by chaining; paths are plain (no links): what links do is tested on real files.
#[derive(Debug, Default, Clone)]
pub(crate) struct Fake {
    vars: BTreeMap<OsString, OsString>,
    files: BTreeMap<PathBuf, (Vec<u8>, u32)>,
    dirs: BTreeMap<PathBuf, u32>,
    kinds: BTreeMap<PathBuf, Kind>,
    owners: BTreeMap<PathBuf, (u32, u32)>,
    times: BTreeMap<PathBuf, i64>,
    cwd: Option<PathBuf>,
    passwd: String,
    now: i64,
    links: BTreeMap<PathBuf, PathBuf>,
    locked: BTreeSet<PathBuf>,
    asked: Asked,
    processes: BTreeMap<u32, (Process, Vec<u8>, Vec<OsString>, Details)>,
    answers: BTreeMap<String, Vec<u8>>,
    offset: i32,
}

/// The names that were asked for; threads may share the machine.
#[derive(Debug, Default)]
struct Asked(Mutex<BTreeSet<String>>);

impl Clone for Asked {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.0.lock().unwrap().clone()))
    }
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

    /// A directory with a mode; without the owner's `x` nothing below it can be reached.
    pub(crate) fn dir(mut self, path: &str, mode: u32) -> Self {
        self.dirs.insert(path.into(), mode);
        self
    }

    /// A pipe, a device or a socket.
    pub(crate) fn special(mut self, path: &str, kind: Kind) -> Self {
        self.kinds.insert(path.into(), kind);
        self.file(path, "")
    }

    /// User and group of a path; all others are 1000 and 1000, as the person is.
    pub(crate) fn owner(mut self, path: &str, uid: u32, gid: u32) -> Self {
        self.owners.insert(path.into(), (uid, gid));
        self
    }

    /// When a path was last written; all others were written just now.
    pub(crate) fn written(mut self, path: &str, mtime: i64) -> Self {
        self.times.insert(path.into(), mtime);
        self
    }

    /// A symbolic link at the end of a path; a relative target is taken from the directory it lies in.
    pub(crate) fn link(mut self, path: &str, target: &str) -> Self {
        self.links.insert(path.into(), target.into());
        self
    }

    /// Somebody holds the lock of this file.
    pub(crate) fn locked(mut self, path: &str) -> Self {
        self.locked.insert(path.into());
        self.file(path, "")
    }

    /// A process: id, parent, name, and what it was started with; hflint itself is 1000.
    pub(crate) fn running(mut self, pid: u32, parent: u32, name: &str, environment: &[(&str, &str)]) -> Self {
        let block = environment.iter().flat_map(|(n, v)| [n, "=", v, "\0"].concat().into_bytes()).collect();
        let process = Process { pid, parent, name: name.to_owned(), started: self.now - 3600 };
        self.processes.insert(pid, (process, block, Vec::new(), Details::default()));
        self
    }

    /// More of a process that is there.
    pub(crate) fn details(mut self, pid: u32, change: impl FnOnce(&mut Details)) -> Self {
        change(&mut self.processes.get_mut(&pid).unwrap().3);
        self
    }

    /// The command line of a process that is there.
    pub(crate) fn command(mut self, pid: u32, words: &[&str]) -> Self {
        self.processes.get_mut(&pid).unwrap().2 = words.iter().map(OsString::from).collect();
        self
    }

    /// How far the clock is ahead of UTC.
    pub(crate) fn offset(mut self, seconds: i32) -> Self {
        self.offset = seconds;
        self
    }

    /// What a program says, by its command line.
    pub(crate) fn answer(mut self, command: &str, said: &str) -> Self {
        self.answers.insert(command.to_owned(), said.as_bytes().to_vec());
        self
    }

    /// Where a path leads: one link at its end is followed.
    fn behind(&self, path: &Path) -> PathBuf {
        let path = self.at(path);
        let Some(target) = self.links.get(&path) else { return path };
        let mut out = PathBuf::new();
        for part in path.parent().unwrap().join(target).components() {
            match part {
                std::path::Component::ParentDir => drop(out.pop()),
                part => out.push(part),
            }
        }
        out
    }

    /// The current directory; the home without this.
    pub(crate) fn cwd(mut self, path: &str) -> Self {
        self.cwd = Some(path.into());
        self
    }

    pub(crate) fn passwd(mut self, user: &str, uid: u32, home: &str) -> Self {
        self.passwd += &[user, "x", &uid.to_string(), &uid.to_string(), "", home, "/bin/sh\n"].join(":");
        self
    }

    pub(crate) fn now(mut self, now: i64) -> Self {
        self.now = now;
        self
    }

    /// The names of the variables that were asked for so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.0.lock().unwrap().iter().cloned().collect()
    }

    fn at(&self, path: &Path) -> PathBuf {
        let here = self.cwd.as_deref().unwrap_or(Path::new("/home/u"));
        if path.is_absolute() { path.to_owned() } else { here.join(path) }
    }

    fn names(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.keys().chain(self.dirs.keys()).chain(self.links.keys())
    }

    /// Whether a directory above the path may not be entered.
    fn is_closed(&self, path: &Path) -> bool {
        path.ancestors().skip(1).any(|p| self.dirs.get(p).is_some_and(|mode| mode & 0o100 == 0))
    }
}

impl System for Fake {
    fn var(&self, name: &str) -> Option<OsString> {
        self.asked.0.lock().unwrap().insert(name.to_owned());
        self.vars.get(OsStr::new(name)).cloned()
    }

    fn vars(&self) -> Vec<(OsString, OsString)> {
        self.vars.clone().into_iter().collect()
    }

    fn cwd(&self) -> Option<PathBuf> {
        Some(self.cwd.clone().unwrap_or_else(|| "/home/u".into()))
    }

    fn read(&self, path: &Path, limit: usize) -> Result<Content, ReadError> {
        let stat = self.stat(path)?;
        match stat.kind {
            Kind::File => {}
            Kind::Dir => return Err(ReadError::IsDir),
            Kind::Fifo => return Err(ReadError::Fifo),
            Kind::Link | Kind::Other => return Err(ReadError::Special),
        }
        let (content, mode) = &self.files[&self.behind(path)];
        if mode & if stat.uid == 1000 { 0o400 } else { 0o004 } == 0 {
            return Err(ReadError::Denied);
        }
        Ok(Content { bytes: content[..content.len().min(limit)].to_vec(), truncated: content.len() > limit, stat })
    }

    fn stat(&self, path: &Path) -> Result<Stat, ReadError> {
        let path = self.behind(path);
        let (uid, gid) = self.owners.get(&path).copied().unwrap_or((1000, 1000));
        let mtime = self.times.get(&path).copied().unwrap_or(self.now);
        let make = |kind, mode, size| Stat {
            kind,
            mode,
            uid,
            gid,
            size,
            mtime,
            mtime_ns: 0,
            ctime: mtime,
            ctime_ns: 0,
            device: 1,
            inode: path.as_os_str().as_bytes().iter().fold(7, |n: u64, b| n.wrapping_mul(31) ^ u64::from(*b)),
            links: 1,
        };
        if self.is_closed(&path) {
            return Err(ReadError::Denied);
        }
        if let Some((content, mode)) = self.files.get(&path) {
            let kind = self.kinds.get(&path).copied().unwrap_or(Kind::File);
            return Ok(make(kind, *mode, content.len() as u64));
        }
        if path.ancestors().skip(1).any(|p| self.files.contains_key(p)) {
            return Err(ReadError::NotDir);
        }
        if let Some(mode) = self.dirs.get(&path) {
            return Ok(make(Kind::Dir, *mode, 0));
        }
        if path == Path::new("/") || self.names().any(|f| f.starts_with(&path)) {
            // Above the home everybody may pass, as on a real machine.
            let open = !path.starts_with("/home/u");
            return Ok(make(Kind::Dir, if open { 0o755 } else { 0o700 }, 0));
        }
        Err(ReadError::NotFound)
    }

    fn lstat(&self, path: &Path) -> Result<Stat, ReadError> {
        let path = self.at(path);
        if self.links.contains_key(&path) {
            let above = self.stat(path.parent().unwrap())?;
            return Ok(Stat { kind: Kind::Link, ..above });
        }
        self.stat(&path)
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, ReadError> {
        let path = self.at(path);
        let mut names: Vec<OsString> = self
            .names()
            .filter_map(|f| f.strip_prefix(&path).ok())
            .filter_map(|f| f.components().next().map(|c| c.as_os_str().to_owned()))
            .collect();
        names.sort();
        names.dedup();
        if names.is_empty() && !self.dirs.contains_key(&path) { Err(ReadError::NotFound) } else { Ok(names) }
    }

    fn read_link(&self, path: &Path) -> Option<PathBuf> {
        self.links.get(&self.at(path)).cloned()
    }

    fn disk(&self) -> &dyn Disk {
        self
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

    fn replace(&self, _: &Path, _: Option<&[u8]>, _: &[u8]) -> Result<(), EditError> {
        Err(denied().into())
    }

    fn put(&self, _: &Path, _: &Image, _: &Image, _: &OsStr) -> Result<(), EditError> {
        Err(denied().into())
    }

    fn chmod(&self, _: &Path, _: u32, _: u32) -> Result<(), EditError> {
        Err(denied().into())
    }

    fn sweep(&self, _: &Path) -> std::io::Result<()> {
        Err(denied())
    }

    fn destroy(&self, _: &Path) -> std::io::Result<()> {
        Err(denied())
    }

    fn lock(&self, _: &Path) -> std::io::Result<Lock> {
        Err(denied())
    }

    fn tell_shell(&self, _: u32, _: &str) -> std::io::Result<()> {
        Err(denied())
    }

    fn hold_still(&self) {}

    fn tool(&self, _: &[OsString], _: &[u8]) -> std::io::Result<(bool, Vec<u8>)> {
        Err(denied())
    }

    fn mark(&self, _: &Path) -> Result<bool, ReadError> {
        Err(ReadError::Denied)
    }

    fn remove(&self, _: &Path) -> Result<(), ReadError> {
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

    fn parent(&self) -> Option<String> {
        None
    }

    fn program(&self) -> Option<OsString> {
        None
    }

    fn run(&self, _: &str, _: &[&str]) -> Option<Vec<u8>> {
        None
    }

    fn processes(&self) -> Vec<Process> {
        self.processes.values().map(|(process, ..)| process.clone()).collect()
    }

    fn process(&self, pid: Option<u32>) -> Option<Process> {
        self.processes.get(&pid.unwrap_or(1000)).map(|(process, ..)| process.clone())
    }

    fn environment_of(&self, pid: u32) -> Option<Environment> {
        Environment::new(self.processes.get(&pid)?.1.clone())
    }

    fn command_of(&self, pid: u32) -> Vec<OsString> {
        self.processes.get(&pid).map(|(_, _, words, _)| words.clone()).unwrap_or_default()
    }

    fn details_of(&self, pid: u32) -> Details {
        self.processes.get(&pid).map(|(.., details)| details.clone()).unwrap_or_default()
    }

    fn local_offset(&self, _: i64) -> i32 {
        self.offset
    }

    fn run_within(&self, program: &str, args: &[&str], _: std::time::Duration) -> Option<Vec<u8>> {
        self.answers.get(&[&[program], args].concat().join(" ")).cloned()
    }
}

impl Disk for Fake {
    fn visit(&self, dir: &Path, visitor: &mut dyn FnMut(&Entry<'_>) -> bool) -> Result<(), ReadError> {
        if self.stat(dir)?.kind != Kind::Dir {
            return Err(ReadError::NotDir);
        }
        if !self.may_read(dir, Kind::File) {
            return Err(ReadError::Denied);
        }
        for name in self.list(dir)? {
            let path = dir.join(&name);
            let kind = self.lstat(&path)?.kind;
            if !visitor(&Entry::new(&name, kind, &|| self.stat(&path))) {
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
        self.stat(dir).is_ok_and(|s| s.mode & if s.uid == 1000 { 0o200 } else { 0o002 } != 0)
    }

    fn may_read(&self, path: &Path, kind: Kind) -> bool {
        let wanted = if kind == Kind::Dir { 0o5 } else { 0o4 };
        self.stat(path).is_ok_and(|s| s.mode >> (if s.uid == 1000 { 6 } else { 0 }) & wanted == wanted)
    }

    fn is_locked(&self, path: &Path) -> bool {
        self.locked.contains(path)
    }
}

/// The machine in memory is read only: writing is tested on real files.
fn denied() -> std::io::Error {
    std::io::ErrorKind::PermissionDenied.into()
}
