//! A machine that is asked each thing once.
//!
//! Whoever asks again gets the first answer: a snapshot that does not change while it is judged, and a run that costs
//! half as much. At a prompt it also remembers what was asked, since what the hook must watch is exactly what the rules
//! looked at, and keeps away from network file systems, where a look can take for ever: only what the home directory
//! itself holds is read there.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use super::listing::{Listed, Whole};
use super::mounts::remote_mounts;
use super::path::{Within as _, absolute, is_below, parent_bytes};
use super::quick::Quick;
use super::{Content, Details, EditError, Environment, Image, Kind, Lock, Own, Process, ReadError, Stat, System};

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

/// The same, kept: paths that are no link share it.
type Held = Result<Rc<Stat>, ReadError>;

/// What is known of a path. Small, since there is one for each of a hundred paths, and each page of memory that is first
/// touched costs as much as a thousand instructions.
#[derive(Debug, Default)]
struct Known {
    stat: Option<Held>,
    lstat: Option<Held>,
    /// With every link followed.
    real: Option<Result<Real, ReadError>>,
    /// What the rules asked of it; nothing where only we looked, on the way to something else.
    asked: Option<Asked>,
}

/// What a path is with every link followed: nothing where that is the path itself, as it mostly is.
type Real = Option<Rc<Path>>;

/// As many paths as a run asks for; a map that grows is written anew at each doubling.
const MOST_RUNS: usize = 112;

/// The machine, with a memory.
pub struct Recorded<'a> {
    inner: &'a dyn System,
    /// By a quick hash of their bytes: paths begin alike, and to compare them in a tree was a seventh of a whole run.
    known: RefCell<HashMap<OsString, Known, Quick>>,
    /// Asked for two hundred times in a run, while the C library looks through all of them each time.
    vars: OnceCell<HashMap<OsString, OsString, Quick>>,
    cwd: OnceCell<Option<PathBuf>>,
    /// What is far is not looked at.
    prompt: Option<Prompt>,
    /// What directories hold.
    lists: RefCell<HashMap<PathBuf, Listed, Quick>>,
    /// Directories in which a check looks for a hundred things that are not there: the home directory and the one where
    /// the person stands. To look for a name that they do not hold takes no call.
    whole: OnceCell<Vec<Whole>>,
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
        let known = RefCell::new(HashMap::with_capacity_and_hasher(MOST_RUNS, Quick::default()));
        Self {
            inner,
            known,
            vars: OnceCell::new(),
            cwd: OnceCell::new(),
            prompt: None,
            lists: RefCell::default(),
            whole: OnceCell::new(),
        }
    }

    /// The same at a prompt.
    pub fn at_prompt(inner: &'a dyn System) -> Self {
        let home = inner.var("HOME").map(PathBuf::from).filter(|h| h.is_absolute() && h.as_os_str() != "/");
        Self { prompt: Some(Prompt { home, remote: OnceCell::new() }), ..Self::new(inner) }
    }

    /// The paths that were asked for to which `rank` gives a rank, each with what was there first: by rank, those of one
    /// rank by the bytes of their paths.
    pub fn seen<R: Ord>(&self, rank: impl Fn(&Path, Asked, &Seen) -> Option<R>) -> Vec<(R, PathBuf, Seen)> {
        let known = self.known.borrow();
        let mut seen: Vec<_> = known
            .iter()
            .filter_map(|(path, k)| {
                let (asked, stat) = (k.asked?, plain(k.stat.as_ref()?));
                Some((rank(Path::new(path), asked, &stat)?, PathBuf::from(path), stat))
            })
            .collect();
        seen.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.as_os_str().cmp(b.1.as_os_str())));
        seen
    }

    fn environment(&self) -> &HashMap<OsString, OsString, Quick> {
        self.vars.get_or_init(|| {
            let mut vars = HashMap::default();
            for (name, value) in self.inner.vars() {
                // Of a name that is there twice the first counts, as for `getenv`.
                vars.entry(name).or_insert(value);
            }
            vars
        })
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
        match known.get(OsStr::from_bytes(parent_bytes(path)))?.stat.as_ref()? {
            Ok(stat) if stat.kind == Kind::Dir => None,
            Ok(_) => Some(ReadError::NotDir),
            Err(why @ (ReadError::NotFound | ReadError::NotDir)) => Some(*why),
            Err(_) => None,
        }
    }

    /// Asks the machine, unless the answer is plain or the path is far.
    fn look(&self, path: &Path, ask: fn(&dyn System, &Path) -> Seen) -> Held {
        if let Some(why) = self.by_parent(path) {
            return Err(why);
        }
        // At a prompt few names are asked for: to list costs more there than to look.
        if self.prompt.is_none() && self.whole.get_or_init(|| self.list_whole()).iter().any(|dir| dir.lacks(path)) {
            return Err(ReadError::NotFound);
        }
        if self.is_far(path) { Err(ReadError::NotFound) } else { ask(self.inner, path).map(Rc::new) }
    }

    /// Not of the directories above: one that an automounter fills does not list what it holds.
    fn list_whole(&self) -> Vec<Whole> {
        let home = self.var("HOME").map(PathBuf::from);
        let mut out: Vec<Whole> = Vec::new();
        for dir in [home, self.cwd()].into_iter().flatten() {
            if !out.iter().any(|known| known.is(&dir)) {
                out.extend(Whole::of(self.inner, &dir, |dir| self.listed(dir)));
            }
        }
        out
    }

    fn listed(&self, dir: &Path) -> Listed {
        if let Some(known) = self.lists.borrow().get(dir) {
            return known.clone();
        }
        let listed = self.inner.list(dir).map(Rc::new);
        self.lists.borrow_mut().insert(dir.to_owned(), listed.clone());
        listed
    }

    fn stat_of(&self, path: &Path) -> Held {
        self.keep(path, |k| &mut k.stat, |path| self.look(path, |system, path| system.stat(path)))
    }

    fn lstat_of(&self, path: &Path) -> Held {
        let lstat = self.keep(path, |k| &mut k.lstat, |path| self.look(path, |system, path| system.lstat(path)));
        // What is no link is what it is.
        if !matches!(&lstat, Ok(stat) if stat.kind == Kind::Link) {
            let _ = self.keep(path, |k| &mut k.stat, |_| lstat.clone());
        }
        lstat
    }

    /// `realpath`, one part at a time: the directories above are the same for most paths.
    fn real(&self, path: &Path, links: u8) -> Result<Real, ReadError> {
        self.keep(
            path,
            |k| &mut k.real,
            |path| {
                let Some(parent) = path.parent() else {
                    return Ok((path.as_os_str() != "/").then(|| Rc::from(Path::new("/"))));
                };
                let above = self.real(parent, links)?;
                let above = above.as_deref().unwrap_or(parent);
                let Some(Component::Normal(name)) = path.components().next_back() else {
                    // `..` of what is a directory, with its links followed.
                    return match self.stat_of(above)?.kind {
                        Kind::Dir => Ok(Some(Rc::from(above.parent().unwrap_or(Path::new("/"))))),
                        _ => Err(ReadError::NotDir),
                    };
                };
                let here = above.within(name);
                if self.lstat_of(&here)?.kind != Kind::Link {
                    return Ok((here.as_os_str() != path.as_os_str()).then(|| Rc::from(here)));
                }
                let links = links.checked_sub(1).ok_or(ReadError::Loop)?;
                let target = self.inner.read_link(&here).ok_or(ReadError::Other)?;
                let target = above.join(target);
                let real = self.real(&target, links)?;
                Ok(Some(real.unwrap_or_else(|| Rc::from(target))))
            },
        )
    }

    /// Looks, for the rules. As `stat_of`, in as few steps as can be: most of what a run asks comes this way.
    fn ask(&self, path: &Path, what: Asked) -> Seen {
        let known = |known: &mut Known| {
            let stat = plain(known.stat.as_ref()?);
            known.asked = known.asked.max(Some(what));
            Some(stat)
        };
        if let Some(stat) = self.known.borrow_mut().get_mut(path.as_os_str()).and_then(known) {
            return stat;
        }
        let stat = self.look(path, |system, path| system.stat(path));
        let mut all = self.known.borrow_mut();
        let new = all.entry(path.as_os_str().to_owned()).or_default();
        new.asked = new.asked.max(Some(what));
        plain(new.stat.insert(stat))
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
        let stat = self.keep(dir, |k| &mut k.stat, |dir| self.inner.stat(dir).map(Rc::new));
        stat.is_ok_and(|s| rustix::fs::major(s.device) != 0)
    }
}

fn plain(held: &Held) -> Seen {
    held.as_ref().map(|stat| **stat).map_err(|why| *why)
}

impl System for Recorded<'_> {
    fn var(&self, name: &str) -> Option<OsString> {
        self.environment().get(OsStr::new(name)).cloned()
    }

    fn vars(&self) -> Vec<(OsString, OsString)> {
        self.inner.vars()
    }

    fn vars_like(&self, prefix: &str) -> Vec<(OsString, OsString)> {
        let named = |(name, _): &(&OsString, _)| name.as_bytes().starts_with(prefix.as_bytes());
        let mut vars: Vec<_> = self.environment().iter().filter(named).map(|(n, v)| (n.clone(), v.clone())).collect();
        vars.sort_unstable();
        vars
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
        plain(&self.lstat_of(&absolute(self, path)))
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, ReadError> {
        match self.stat(path)?.kind {
            // At a prompt no directory is listed twice: to keep the names costs more than it saves.
            Kind::Dir if self.prompt.is_some() => self.inner.list(path),
            Kind::Dir => self.listed(&absolute(self, path)).map(|names| names.to_vec()),
            _ => Err(ReadError::NotDir),
        }
    }

    fn read_link(&self, path: &Path) -> Option<PathBuf> {
        if self.is_far(&absolute(self, path)) { None } else { self.inner.read_link(path) }
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        let path = absolute(self, path);
        let real = self.real(&path, MOST_LINKS).ok()?;
        Some(real.map_or(path, |real| real.to_path_buf()))
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

    fn lock_within(&self, path: &Path, limit: std::time::Duration) -> std::io::Result<Option<Lock>> {
        self.inner.lock_within(path, limit)
    }

    fn tell_shell(&self, descriptor: u32, text: &str) -> std::io::Result<()> {
        self.inner.tell_shell(descriptor, text)
    }

    fn hold_still(&self) {
        self.inner.hold_still();
    }

    fn watch(&self, command: &[OsString], changes: &super::Changes, keep: usize) -> std::io::Result<(u8, Vec<u8>)> {
        self.inner.watch(command, changes, keep)
    }

    fn ask(&self, command: &[OsString], changes: &super::Changes, seconds: u64) -> std::io::Result<(bool, Vec<u8>)> {
        self.inner.ask(command, changes, seconds)
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

    fn disk(&self) -> &dyn super::Disk {
        self.inner.disk()
    }

    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        self.inner.rename(from, to)
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

    fn processes(&self) -> Vec<Process> {
        if self.prompt.is_some() { Vec::new() } else { self.inner.processes() }
    }

    fn process(&self, pid: Option<u32>) -> Option<Process> {
        self.inner.process(pid)
    }

    fn environment_of(&self, pid: u32) -> Option<Environment> {
        self.inner.environment_of(pid)
    }

    fn command_of(&self, pid: u32) -> Vec<OsString> {
        self.inner.command_of(pid)
    }

    fn details_of(&self, pid: u32) -> Details {
        self.inner.details_of(pid)
    }

    fn run_within(&self, program: &str, args: &[&str], limit: std::time::Duration) -> Option<Vec<u8>> {
        if self.prompt.is_some() { None } else { self.inner.run_within(program, args, limit) }
    }

    fn is_at_prompt(&self) -> bool {
        self.prompt.is_some()
    }

    fn local_offset(&self, at: i64) -> i32 {
        self.inner.local_offset(at)
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
        let seen = recorded.seen(|_, asked, _| Some(asked));
        assert_eq!(seen[0], (Asked::Credential, PathBuf::from("/home/u/.env"), Err(ReadError::NotFound)));
        assert_eq!((seen[1].1.as_path(), seen[1].2.is_ok()), (Path::new("/home/u/.netrc"), true));
        assert_eq!(seen.len(), 2);
        let later_first = recorded.seen(|_, _, seen| Some(seen.is_err()));
        assert_eq!(later_first[0].1, Path::new("/home/u/.netrc"));
    }

    #[test]
    fn stays_away_from_other_machines() {
        let mounts = b"36 35 98:0 / /mnt/a\\040b rw - nfs4 host:/x rw\n37 35 98:0 / /home/u rw - nfs host:/y rw\n38 1 1:1 / / rw - ext4 /dev/a rw\n";
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
