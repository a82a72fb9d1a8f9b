//! The only door to the operating system.
//!
//! Everything hflint knows about the machine comes through [`System`]: environment, files, clock, user. The real one
//! ([`os::Os`]) reads within bounds and cannot block; tests use one in memory. `clippy.toml` forbids the rest of the
//! crate to go round it, so that no rule can hang a prompt on a FIFO or read a 2 GB "token".

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

pub mod disk;
mod files;
pub mod home;
mod image;
mod listing;
mod local_time;
mod mounts;
pub mod os;
pub mod overlay;
pub mod path;
pub mod process;
pub mod python_text;
mod quick;
pub mod recorded;
mod terminal;
mod watch;
pub mod watchdog;

#[cfg(test)]
pub(crate) mod fake;

pub use disk::{Disk, Entry};
pub use image::{FileImage, Image};
pub use process::{Details, Environment, Process};

/// Most bytes read of a credential file (token, stored tokens, netrc, git credentials).
pub const CREDENTIAL_LIMIT: usize = 64 * 1024;
/// Most bytes read of a text file (start-up files, `.env`, configuration, lock files).
pub const TEXT_LIMIT: usize = 1024 * 1024;

/// What the rest of hflint may ask of the machine.
pub trait System {
    /// The value of an environment variable, any bytes.
    fn var(&self, name: &str) -> Option<OsString>;
    /// Every environment variable.
    fn vars(&self) -> Vec<(OsString, OsString)>;
    /// The environment variables whose names begin so.
    fn vars_like(&self, prefix: &str) -> Vec<(OsString, OsString)> {
        let mut vars = self.vars();
        vars.retain(|(name, _)| name.as_encoded_bytes().starts_with(prefix.as_bytes()));
        vars
    }
    /// The current directory; `None` where it was deleted or cannot be read.
    fn cwd(&self) -> Option<PathBuf>;
    /// The content of a regular file, `limit` bytes at most. Never blocks: what is not a regular file is not read.
    fn read(&self, path: &Path, limit: usize) -> Result<Content, ReadError>;
    /// The same where the file was looked at already.
    fn read_known(&self, path: &Path, limit: usize, seen: &Stat) -> Result<Content, ReadError> {
        let _ = seen;
        self.read(path, limit)
    }
    /// Metadata, following symbolic links.
    fn stat(&self, path: &Path) -> Result<Stat, ReadError>;
    /// Metadata of the link itself.
    fn lstat(&self, path: &Path) -> Result<Stat, ReadError>;
    /// Names in a directory, sorted by their bytes.
    fn list(&self, path: &Path) -> Result<Vec<OsString>, ReadError>;
    /// The target of a symbolic link.
    fn read_link(&self, path: &Path) -> Option<PathBuf>;
    /// The path with every link followed.
    fn canonical(&self, path: &Path) -> Option<PathBuf>;
    /// Writes a file of hflint's own, whole or not at all, mode 0600, its directories 0700; with another file's time of
    /// change, where `aged_like` is given. Never used for anybody else's file.
    fn store(&self, path: &Path, bytes: &[u8], aged_like: Option<&Stat>) -> Result<(), ReadError>;
    /// Makes an empty file of hflint's own; false where it is there already, so that of two at once one makes it.
    fn mark(&self, path: &Path) -> Result<bool, ReadError>;
    /// Takes away a file of hflint's own.
    fn remove(&self, path: &Path) -> Result<(), ReadError>;
    /// Replaces the text of a file of the person's, whole or not at all: it holds `before` (`None`: it is not there),
    /// and then holds `after`. Mode and group stay; a new file has what the umask leaves of 0644.
    fn replace(&self, path: &Path, before: Option<&[u8]>, after: &[u8]) -> Result<(), EditError>;
    /// Makes `after` of `before` at a path of the person's, whole or not at all, and on the disk when it returns;
    /// another state is left alone. `temporary` is a name beside it that nobody uses, so that what a kill leaves behind
    /// can be found. Links are not followed, and what belongs to others is not touched.
    fn put(&self, path: &Path, before: &Image, after: &Image, temporary: &OsStr) -> Result<(), EditError>;
    /// Changes the mode of a file or directory from one to another.
    fn chmod(&self, path: &Path, from: u32, to: u32) -> Result<(), EditError>;
    /// Takes away a file that may be there: what a kill left of a write.
    fn sweep(&self, path: &Path) -> std::io::Result<()>;
    /// Takes away a directory of hflint's own with all that is in it.
    fn destroy(&self, path: &Path) -> std::io::Result<()>;
    /// Waits for its turn: one process at a time holds the lock of this name, until the answer is dropped or it ends.
    fn lock(&self, path: &Path) -> std::io::Result<Lock>;
    /// The same, but gives up after a while: `None` where somebody else holds it for that long.
    fn lock_within(&self, path: &Path, limit: std::time::Duration) -> std::io::Result<Option<Lock>> {
        let _ = limit;
        self.lock(path).map(Some)
    }
    /// Writes directives to the descriptor that the shell's function gave (`HFLINT_FD`).
    fn tell_shell(&self, descriptor: u32, text: &str) -> std::io::Result<()>;
    /// Asks on the terminal of standard input for a line that is not shown; `None` where the person gave up (Ctrl-C,
    /// Ctrl-D). `prompt` is called when nothing that is typed shows any more. However it ends, the terminal is as it was.
    fn ask_hidden(
        &self,
        prompt: &mut dyn FnMut() -> std::io::Result<()>,
    ) -> std::io::Result<Option<zeroize::Zeroizing<Vec<u8>>>> {
        let _ = prompt;
        Err(std::io::ErrorKind::Unsupported.into())
    }
    /// Keeps Ctrl-Z from stopping this process from now on.
    fn hold_still(&self);
    /// Runs the tool that owns a format, with a text on its standard input; what it printed, and whether it succeeded.
    fn tool(&self, command: &[OsString], input: &[u8]) -> std::io::Result<(bool, Vec<u8>)>;
    /// Whether this process may write here: to the file, or a new name into the directory.
    fn writable(&self, path: &Path) -> Result<(), ReadError>;
    /// Seconds since 1970.
    fn now(&self) -> i64 {
        self.now_ns().0
    }
    /// Seconds since 1970, and nanoseconds.
    fn now_ns(&self) -> (i64, i64);
    /// The real user id.
    fn uid(&self) -> u32;
    /// The home directory that the password database names for a user, or for the current user.
    /// Only `/etc/passwd` is asked: a static program cannot ask a network's directory service.
    fn password_home(&self, user: Option<&OsStr>) -> Option<PathBuf>;
    /// A directory of hflint's own, there or not; `None` where no home directory is known. Never for the clients'
    /// files, which follow the clients' own rules.
    fn own_dir(&self, own: Own) -> Option<PathBuf>;
    /// The name of the program that started this one: which shell reads what is printed. Never on the hook's way.
    fn parent(&self) -> Option<String>;
    /// How this program was called (`argv[0]`).
    fn program(&self) -> Option<OsString>;
    /// The text of a program's standard output; `None` where it cannot be run or fails. Never on the hook's way.
    fn run(&self, program: &str, args: &[&str]) -> Option<Vec<u8>>;
    /// The current directory as the kernel names it, without links; asks no file system.
    fn real_cwd(&self) -> Option<PathBuf> {
        self.canonical(&self.cwd()?)
    }
    /// Becomes another program (`execvp`), with these variables set (`Some`) or unset. Comes back only where that fails.
    fn exec(&self, command: &[OsString], changes: &Changes) -> std::io::Error {
        let _ = (command, changes);
        std::io::ErrorKind::Unsupported.into()
    }
    /// Runs a program with these variables set or unset, its standard error passed through as it comes; its status, as a
    /// shell tells it (128 and the number of the signal that ended it), and the last bytes of its standard error.
    fn watch(&self, command: &[OsString], changes: &Changes, keep: usize) -> std::io::Result<(u8, Vec<u8>)> {
        let _ = (command, changes, keep);
        Err(std::io::ErrorKind::Unsupported.into())
    }
    /// Runs a program with these variables set or unset and nothing on its standard input; whether it succeeded, and all
    /// that it printed, 1 MiB at most. `TimedOut` where it takes longer than so many seconds: it is ended then.
    fn ask(&self, command: &[OsString], changes: &Changes, seconds: u64) -> std::io::Result<(bool, Vec<u8>)> {
        let _ = (command, changes, seconds);
        Err(std::io::ErrorKind::Unsupported.into())
    }
    /// Keeps bytes in memory for the program that this process becomes, under a path that is gone when it ends;
    /// `None` where the system has no such thing.
    fn hold(&self, bytes: &[u8]) -> Option<PathBuf> {
        let _ = bytes;
        None
    }
    /// Makes a directory of hflint's own with what is missing above it, mode 0700, and links in it: name and target.
    fn make_own_dir(&self, path: &Path, links: &[(&str, PathBuf)]) -> std::io::Result<()> {
        let _ = (path, links);
        Err(std::io::ErrorKind::Unsupported.into())
    }
    /// What several threads may ask at once; nothing of it is remembered.
    fn disk(&self) -> &dyn Disk;
    /// Moves a file under a new name in the same file system, never over another and never by copying; the directories
    /// that are missing above it are made for the person alone.
    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        let _ = (from, to);
        Err(std::io::ErrorKind::Unsupported.into())
    }
    /// The processes of the person, each once, without their threads; by their ids. Never on the hook's way.
    fn processes(&self) -> Vec<Process> {
        Vec::new()
    }
    /// One process, this one without an id; `None` where there is none, or it cannot be seen.
    fn process(&self, pid: Option<u32>) -> Option<Process> {
        let _ = pid;
        None
    }
    /// What a process was given when it was started; `None` is not known, never empty.
    fn environment_of(&self, pid: u32) -> Option<Environment> {
        let _ = pid;
        None
    }
    /// The command line of a process; empty where it cannot be seen.
    fn command_of(&self, pid: u32) -> Vec<OsString> {
        let _ = pid;
        Vec::new()
    }
    /// What else is known of a process. Never on the hook's way.
    fn details_of(&self, pid: u32) -> Details {
        let _ = pid;
        Details::default()
    }
    /// As `run`, and ended where it takes longer; a program may wait for a server that hangs.
    fn run_within(&self, program: &str, args: &[&str], limit: std::time::Duration) -> Option<Vec<u8>> {
        let _ = (program, args, limit);
        None
    }
    /// How far the person's clock is ahead of UTC at a moment, in seconds; 0 where that is not known.
    fn local_offset(&self, at: i64) -> i32 {
        let _ = at;
        0
    }
    /// Whether this is the hook's way, where what takes long is not asked.
    fn is_at_prompt(&self) -> bool {
        false
    }
    /// Whether a process of this id runs.
    fn is_running(&self, pid: u32) -> bool {
        let _ = pid;
        true
    }
}

/// Variables to set, or to unset (`None`).
pub type Changes = std::collections::BTreeMap<OsString, Option<OsString>>;

/// A directory of hflint's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// `$XDG_CONFIG_HOME/hflint`: the configuration.
    Config,
    /// `$XDG_DATA_HOME/hflint`: isolations.
    Data,
    /// `$XDG_STATE_HOME/hflint`: journal and record.
    State,
}

/// A lock; let go when dropped.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "held, not used")] std::fs::File);

/// Why a file was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// It no longer holds what it held: somebody else was there in between.
    #[error("was changed by somebody else")]
    Changed,
    /// The machine says no.
    #[error(transparent)]
    Failed(#[from] std::io::Error),
}

/// What was read, and from what.
#[derive(Debug, Clone)]
pub struct Content {
    /// At most the limit asked for.
    pub bytes: Vec<u8>,
    /// Whether the file goes on.
    pub truncated: bool,
    /// The file, as it was when it was open.
    pub stat: Stat,
}

/// What hflint needs to know of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Regular file, directory or what else.
    pub kind: Kind,
    /// Permission bits, 0o7777.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes.
    pub size: u64,
    /// Seconds since 1970 of the last change of content.
    pub mtime: i64,
    /// Nanoseconds beside `mtime`.
    pub mtime_ns: i64,
    /// Seconds since 1970 of the last change of anything; it cannot be set back.
    pub ctime: i64,
    /// Nanoseconds beside `ctime`.
    pub ctime_ns: i64,
    /// Device number, with `inode` the file's identity.
    pub device: u64,
    /// Inode number.
    pub inode: u64,
    /// Its names: more than one with hard links.
    pub links: u64,
}

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link (from `lstat` only).
    Link,
    /// A pipe: opening it for reading waits for a writer.
    Fifo,
    /// A device, a socket.
    Other,
}

/// Why a file could not be read, in the classes that Python's `open` tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// `FileNotFoundError`.
    #[error("no such file or directory")]
    NotFound,
    /// `IsADirectoryError`.
    #[error("is a directory")]
    IsDir,
    /// `NotADirectoryError`.
    #[error("a parent is not a directory")]
    NotDir,
    /// `PermissionError`.
    #[error("permission denied")]
    Denied,
    /// Too many links (`OSError`, `ELOOP`).
    #[error("too many levels of symbolic links")]
    Loop,
    /// A pipe, which a client would wait on for ever.
    #[error("is a pipe: reading it would wait for ever")]
    Fifo,
    /// A device.
    #[error("is a device")]
    Special,
    /// More than a fix takes up.
    #[error("is too large")]
    TooLarge,
    /// Anything else (`OSError`).
    #[error("cannot be read")]
    Other,
}

impl ReadError {
    /// The class that Python's `open` raises.
    pub fn python_class(self) -> &'static str {
        match self {
            Self::NotFound => "FileNotFoundError",
            Self::IsDir => "IsADirectoryError",
            Self::NotDir => "NotADirectoryError",
            Self::Denied => "PermissionError",
            Self::Loop | Self::Fifo | Self::Special | Self::TooLarge | Self::Other => "OSError",
        }
    }
}
