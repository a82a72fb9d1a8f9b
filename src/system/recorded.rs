//! A machine that is asked each thing once.
//!
//! Whoever asks again gets the first answer: a snapshot that does not change while it is judged, and a run that costs
//! half as much. At a prompt it also remembers what was asked, since what the hook must watch is exactly what the rules
//! looked at, and keeps away from network file systems, where a look can take for ever: only what the home directory
//! itself holds is read there.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use super::path::{absolute, is_below, parent_bytes};
use super::{Content, EditError, Image, Kind, Lock, Own, ReadError, Stat, System};

/// File systems whose files live on another machine, as `/proc/self/mountinfo` names them.
const REMOTE: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "autofs",
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

/// What was asked of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// Whether it is there, or what is in it.
    Look,
    /// What it says, as a file that can hold a credential.
    Credential,
}

/// What is known of a path.
#[derive(Debug, Default)]
struct Known {
    stat: Option<Seen>,
    lstat: Option<Seen>,
    /// With every link followed.
    real: Option<Result<PathBuf, ReadError>>,
    /// What the rules asked of it; nothing where only we looked, on the way to something else.
    asked: Option<Asked>,
}

/// The machine, with a memory.
pub struct Recorded<'a> {
    inner: &'a dyn System,
    /// By bytes: comparing paths part by part was a tenth of a whole run.
    known: RefCell<BTreeMap<OsString, Known>>,
    cwd: OnceCell<Option<PathBuf>>,
    /// What is far is not looked at.
    prompt: Option<Prompt>,
}

/// What tells near from far at a prompt.
struct Prompt {
    home: Option<PathBuf>,
    remote: OnceCell<Vec<PathBuf>>,
}

/// Directories of the system itself. Where they lie on another machine, no prompt comes up without it either; and to
/// ask the kernel for its mounts costs a tenth of a whole run.
const SYSTEM: [&[u8]; 7] = [b"/usr", b"/etc", b"/bin", b"/sbin", b"/lib", b"/lib64", b"/proc"];

/// Most links that are followed, as the kernel has it.
const MOST_LINKS: u8 = 40;

impl<'a> Recorded<'a> {
    /// A machine that is asked each thing once.
    pub fn new(inner: &'a dyn System) -> Self {
        Self { inner, known: RefCell::default(), cwd: OnceCell::new(), prompt: None }
    }

    /// The same at a prompt.
    pub fn at_prompt(inner: &'a dyn System) -> Self {
        let home = inner.var("HOME").map(PathBuf::from).filter(|h| h.is_absolute() && h.as_os_str() != "/");
        Self { prompt: Some(Prompt { home, remote: OnceCell::new() }), ..Self::new(inner) }
    }

    /// Every path that was asked for, and what was there first.
    pub fn seen(&self) -> Vec<(PathBuf, Asked, Seen)> {
        let known = self.known.borrow();
        known.iter().filter_map(|(path, k)| Some((PathBuf::from(path), k.asked?, k.stat?))).collect()
    }

    /// Looks up or asks and keeps. Asking may itself look things up.
    fn keep<T: Clone>(&self, path: &Path, part: fn(&mut Known) -> &mut Option<T>, ask: impl FnOnce(&Path) -> T) -> T {
        if let Some(known) = self.known.borrow_mut().get_mut(path.as_os_str())
            && let Some(answer) = part(known)
        {
            return answer.clone();
        }
        let answer = ask(path);
        let mut known = self.known.borrow_mut();
        part(known.entry(path.as_os_str().to_owned()).or_default()).insert(answer).clone()
    }

    /// What the parent directory being no directory says, without a look.
    fn by_parent(&self, path: &Path) -> Option<ReadError> {
        let known = self.known.borrow();
        match known.get(OsStr::from_bytes(parent_bytes(path)))?.stat? {
            Ok(stat) if stat.kind == Kind::Dir => None,
            Ok(_) => Some(ReadError::NotDir),
            Err(why @ (ReadError::NotFound | ReadError::NotDir)) => Some(why),
            Err(_) => None,
        }
    }

    fn stat_of(&self, path: &Path) -> Seen {
        self.keep(
            path,
            |k| &mut k.stat,
            |path| {
                if let Some(why) = self.by_parent(path) {
                    return Err(why);
                }
                if self.is_far(path) { Err(ReadError::NotFound) } else { self.inner.stat(path) }
            },
        )
    }

    fn lstat_of(&self, path: &Path) -> Seen {
        let lstat = self.keep(
            path,
            |k| &mut k.lstat,
            |path| {
                if let Some(why) = self.by_parent(path) {
                    return Err(why);
                }
                if self.is_far(path) { Err(ReadError::NotFound) } else { self.inner.lstat(path) }
            },
        );
        // What is no link is what it is.
        if !matches!(lstat, Ok(Stat { kind: Kind::Link, .. })) {
            let _ = self.keep(path, |k| &mut k.stat, |_| lstat);
        }
        lstat
    }

    /// `realpath`, one part at a time: the directories above are the same for most paths.
    fn real(&self, path: &Path, links: u8) -> Result<PathBuf, ReadError> {
        let root = || PathBuf::from("/");
        self.keep(
            path,
            |k| &mut k.real,
            |path| {
                let Some(parent) = path.parent() else { return Ok(root()) };
                let above = self.real(parent, links)?;
                let Some(Component::Normal(name)) = path.components().next_back() else {
                    // `..` of what is a directory, with its links followed.
                    return match self.stat_of(&above)?.kind {
                        Kind::Dir => Ok(above.parent().map_or_else(root, Path::to_owned)),
                        _ => Err(ReadError::NotDir),
                    };
                };
                let here = above.join(name);
                if self.lstat_of(&here)?.kind != Kind::Link {
                    return Ok(here);
                }
                let links = links.checked_sub(1).ok_or(ReadError::Loop)?;
                let target = self.inner.read_link(&here).ok_or(ReadError::Other)?;
                self.real(&above.join(target), links)
            },
        )
    }

    /// Looks, for the rules.
    fn ask(&self, path: &Path, what: Asked) -> Seen {
        let stat = self.stat_of(path);
        if let Some(known) = self.known.borrow_mut().get_mut(path.as_os_str()) {
            known.asked = known.asked.max(Some(what));
        }
        stat
    }

    /// Whether a path may lie on another machine, outside the home directory.
    fn is_far(&self, path: &Path) -> bool {
        let Some(prompt) = &self.prompt else { return false };
        let home = prompt.home.as_deref().map_or(&b""[..], |h| h.as_os_str().as_bytes());
        let bytes = path.as_os_str().as_bytes();
        let of_home = !home.is_empty() && (is_below(bytes, home) || is_below(home, bytes));
        if of_home || SYSTEM.iter().any(|dir| is_below(bytes, dir)) {
            return false;
        }
        let cwd = self.cwd();
        let cwd = cwd.as_deref().map_or(&b""[..], |c| c.as_os_str().as_bytes());
        let parent = parent_bytes(path);
        if !home.is_empty() && is_below(cwd, home) && is_below(home, parent) {
            // Above the home directory nobody keeps a project, and an automounter may look for what is not there.
            return true;
        }
        let of_cwd = !cwd.is_empty() && (is_below(bytes, cwd) || is_below(cwd, parent));
        if of_cwd && self.is_on_disk(Path::new(OsStr::from_bytes(cwd))) {
            return false;
        }
        let mounts = prompt.remote.get_or_init(|| {
            let read = self.inner.read(Path::new("/proc/self/mountinfo"), super::TEXT_LIMIT);
            read.map_or_else(|_| Vec::new(), |c| remote_mounts(&c.bytes))
        });
        mounts.iter().any(|m| is_below(bytes, m.as_os_str().as_bytes()))
    }

    /// Whether a directory is on a device of this machine: what comes over a network has none. So has what lies in
    /// memory or in layers, which only means that the mounts are looked at.
    fn is_on_disk(&self, dir: &Path) -> bool {
        self.keep(dir, |k| &mut k.stat, |dir| self.inner.stat(dir)).is_ok_and(|s| rustix::fs::major(s.device) != 0)
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
        self.cwd.get_or_init(|| self.inner.cwd()).clone()
    }

    fn read(&self, path: &Path, limit: usize) -> Result<Content, ReadError> {
        let path = absolute(self, path);
        let what = if limit <= super::CREDENTIAL_LIMIT { Asked::Credential } else { Asked::Look };
        let stat = self.ask(&path, what)?;
        self.inner.read_known(&path, limit, &stat)
    }

    fn stat(&self, path: &Path) -> Result<Stat, ReadError> {
        self.ask(&absolute(self, path), Asked::Look)
    }

    fn lstat(&self, path: &Path) -> Result<Stat, ReadError> {
        self.lstat_of(&absolute(self, path))
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, ReadError> {
        match self.stat(path)?.kind {
            Kind::Dir => self.inner.list(path),
            _ => Err(ReadError::NotDir),
        }
    }

    fn read_link(&self, path: &Path) -> Option<PathBuf> {
        if self.is_far(&absolute(self, path)) { None } else { self.inner.read_link(path) }
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        self.real(&absolute(self, path), MOST_LINKS).ok()
    }

    fn writable(&self, path: &Path) -> Result<(), ReadError> {
        if self.is_far(&absolute(self, path)) { Err(ReadError::NotFound) } else { self.inner.writable(path) }
    }

    fn store(&self, path: &Path, bytes: &[u8], aged_like: Option<&Stat>) -> Result<(), ReadError> {
        self.inner.store(path, bytes, aged_like)
    }

    fn replace(&self, path: &Path, before: Option<&[u8]>, after: &[u8]) -> Result<(), EditError> {
        self.inner.replace(path, before, after)
    }

    fn put(&self, path: &Path, before: &Image, after: &Image, temporary: &OsStr) -> Result<(), EditError> {
        self.inner.put(path, before, after, temporary)
    }

    fn chmod(&self, path: &Path, from: u32, to: u32) -> Result<(), EditError> {
        self.inner.chmod(path, from, to)
    }

    fn sweep(&self, path: &Path) -> std::io::Result<()> {
        self.inner.sweep(path)
    }

    fn destroy(&self, path: &Path) -> std::io::Result<()> {
        self.inner.destroy(path)
    }

    fn lock(&self, path: &Path) -> std::io::Result<Lock> {
        self.inner.lock(path)
    }

    fn tell_shell(&self, descriptor: u32, text: &str) -> std::io::Result<()> {
        self.inner.tell_shell(descriptor, text)
    }

    fn hold_still(&self) {
        self.inner.hold_still();
    }

    fn tool(&self, command: &[OsString], input: &[u8]) -> std::io::Result<(bool, Vec<u8>)> {
        self.inner.tool(command, input)
    }

    fn mark(&self, path: &Path) -> Result<bool, ReadError> {
        self.inner.mark(path)
    }

    fn remove(&self, path: &Path) -> Result<(), ReadError> {
        self.inner.remove(path)
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
        if self.prompt.is_some() { None } else { self.inner.parent() }
    }

    fn program(&self) -> Option<OsString> {
        self.inner.program()
    }

    fn run(&self, program: &str, args: &[&str]) -> Option<Vec<u8>> {
        // Nothing is started on the hook's way.
        if self.prompt.is_some() { None } else { self.inner.run(program, args) }
    }

    fn real_cwd(&self) -> Option<PathBuf> {
        self.inner.real_cwd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;
    use crate::system::os::Os;

    #[test]
    fn remembers_what_was_there_and_what_was_not() {
        let fake = Fake::home().file("/home/u/.netrc", "x");
        let recorded = Recorded::at_prompt(&fake);
        assert!(recorded.read(Path::new("/home/u/.netrc"), 10).is_ok());
        assert!(recorded.read(Path::new(".env"), 10).is_err());
        assert!(recorded.lstat(Path::new("/home/u/.git")).is_err());
        let seen = recorded.seen();
        assert_eq!(seen[0], (PathBuf::from("/home/u/.env"), Asked::Credential, Err(ReadError::NotFound)));
        assert_eq!((seen[1].0.as_path(), seen[1].2.is_ok()), (Path::new("/home/u/.netrc"), true));
        assert_eq!(seen.len(), 2);
    }

    #[test]
    fn stays_away_from_other_machines() {
        let mounts = b"36 35 98:0 / /mnt/a\\040b rw - nfs4 host:/x rw\n37 35 98:0 / /home/u rw - nfs host:/y rw\n38 1 1:1 / / rw - ext4 /dev/a rw\n";
        assert_eq!(remote_mounts(mounts), [PathBuf::from("/mnt/a b"), PathBuf::from("/home/u")]);
        let fake = Fake::home()
            .file("/proc/self/mountinfo", mounts)
            .file("/mnt/a b/p/.env", "HF_TOKEN=x")
            .file("/mnt/c/.env", "HF_TOKEN=x")
            .file("/home/.env", "HF_TOKEN=x")
            .file("/home/u/.netrc", "x");
        for path in ["/mnt/a b/p/.env", "/mnt/a b"] {
            let recorded = Recorded::at_prompt(&fake);
            let path = Path::new(path);
            assert_eq!(recorded.stat(path), Err(ReadError::NotFound));
            assert!(recorded.read(path, 10).is_err() && recorded.lstat(path).is_err());
            assert!(recorded.list(path).is_err() && recorded.canonical(path).is_none());
            assert!(Recorded::new(&fake).stat(path).is_ok(), "without a prompt there is time");
        }
        let recorded = Recorded::at_prompt(&fake);
        assert!(recorded.read(Path::new("/home/u/.netrc"), 10).is_ok());
        assert!(recorded.read(Path::new("/mnt/c/.env"), 10).is_ok());
        // Above the home directory only for those who stand there.
        assert!(recorded.read(Path::new("/home/.env"), 10).is_err());
        let outside = fake.clone().cwd("/home");
        assert!(Recorded::at_prompt(&outside).read(Path::new("/home/.env"), 10).is_ok());
    }

    #[test]
    fn follows_links_as_the_machine_does() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let root = Os.canonical(dir.path()).unwrap();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::write(root.join("a/b/file"), "x").unwrap();
        symlink("a/b", root.join("relative")).unwrap();
        symlink(root.join("a"), root.join("absolute")).unwrap();
        symlink("../relative/file", root.join("a/up")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        symlink("gone", root.join("broken")).unwrap();
        symlink("a/up", root.join("chain")).unwrap();
        let recorded = Recorded::new(&Os);
        for path in [
            "",
            "a",
            "a/b/file",
            "relative/file",
            "absolute/b/../up",
            "absolute/./b",
            "a/up",
            "loop",
            "loop/x",
            "broken",
            "broken/x",
            "gone",
            "a/b/file/x",
            "chain",
            "relative/..",
            "relative/../up",
            "chain/..",
            "../..",
            "absolute/b",
        ] {
            let path = root.join(path);
            assert_eq!(recorded.canonical(&path), Os.canonical(&path), "{}", path.display());
            assert_eq!(recorded.stat(&path).is_ok(), Os.stat(&path).is_ok(), "{}", path.display());
            assert_eq!(recorded.lstat(&path), Os.lstat(&path), "{}", path.display());
        }
    }

    #[test]
    fn the_first_answer_stays() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("token");
        let recorded = Recorded::new(&Os);
        assert_eq!(recorded.stat(&file), Err(ReadError::NotFound));
        std::fs::write(&file, "x").unwrap();
        assert_eq!(recorded.stat(&file), Err(ReadError::NotFound));
        assert_eq!(recorded.read(&file, 10).unwrap_err(), ReadError::NotFound);
    }
}
