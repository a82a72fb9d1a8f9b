//! The real machine.
#![allow(clippy::disallowed_methods, reason = "this is the door itself")]

use std::ffi::{OsStr, OsString};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::FileType;
use rustix::io::Errno;

use super::{
    Changes, Content, Details, EditError, Environment, Image, Kind, Lock, Own, Process, ReadError, Stat, System, files,
    local_time, process,
};

/// The real machine.
#[derive(Debug, Default, Clone, Copy)]
pub struct Os;

impl System for Os {
    fn var(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }

    fn vars(&self) -> Vec<(OsString, OsString)> {
        std::env::vars_os().collect()
    }

    fn cwd(&self) -> Option<PathBuf> {
        // PWD keeps the path that the person typed, with its links; the kernel only knows the place.
        let real = std::env::current_dir().ok()?;
        let logical = std::env::var_os("PWD").map(PathBuf::from).filter(|p| p.is_absolute());
        Some(match logical {
            Some(p) if p.as_os_str() == real.as_os_str() || same_place(&p, &real) => p,
            _ => real,
        })
    }

    fn read(&self, path: &Path, limit: usize) -> Result<Content, ReadError> {
        let stat = self.stat(path)?;
        self.read_known(path, limit, &stat)
    }

    fn read_known(&self, path: &Path, limit: usize, seen: &Stat) -> Result<Content, ReadError> {
        // Looked at before it is opened: opening a tape or a terminal has effects of its own.
        match seen.kind {
            Kind::File => {}
            Kind::Dir => {
                open(path)?;
                return Err(ReadError::IsDir);
            }
            Kind::Fifo => return Err(ReadError::Fifo),
            Kind::Link | Kind::Other => {
                let meta = std::fs::metadata(path).map_err(|e| class(&e))?;
                // /dev/null is how people say "no token file" and "no netrc": it reads as empty.
                if is_null(&meta) {
                    return Ok(Content { bytes: Vec::new(), truncated: false, stat: *seen });
                }
                // Opening a socket fails at once, without an effect on whoever listens there.
                let refused = if meta.file_type().is_socket() { open(path).err() } else { None };
                return Err(refused.unwrap_or(ReadError::Special));
            }
        }
        let mut file = open(path)?;
        let now = stat(&rustix::fs::fstat(&file).map_err(class_of)?);
        if now.kind != Kind::File {
            return Err(ReadError::Special);
        }
        let (bytes, truncated) = take(&mut file, &now, limit).map_err(|e| class(&e))?;
        Ok(Content { bytes, truncated, stat: now })
    }

    fn stat(&self, path: &Path) -> Result<Stat, ReadError> {
        rustix::fs::stat(path).map(|s| stat(&s)).map_err(class_of)
    }

    fn lstat(&self, path: &Path) -> Result<Stat, ReadError> {
        rustix::fs::lstat(path).map(|s| stat(&s)).map_err(class_of)
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, ReadError> {
        let mut names = names(path)?;
        names.sort_unstable();
        Ok(names)
    }

    fn read_link(&self, path: &Path) -> Option<PathBuf> {
        std::fs::read_link(path).ok()
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        std::fs::canonicalize(path).ok()
    }

    fn writable(&self, path: &Path) -> Result<(), ReadError> {
        rustix::fs::access(path, rustix::fs::Access::WRITE_OK).map_err(class_of)
    }

    fn store(&self, path: &Path, bytes: &[u8], aged_like: Option<&Stat>) -> Result<(), ReadError> {
        store(path, bytes, aged_like).map_err(|e| class(&e))
    }

    fn replace(&self, path: &Path, before: Option<&[u8]>, after: &[u8]) -> Result<(), EditError> {
        let dir = path.parent().unwrap_or(Path::new("/"));
        make_dirs(dir)?;
        // Two of us at once take turns; where a file system knows no locks, the look just before has to do.
        let lock = std::fs::File::open(dir)?;
        let _ = lock.lock();
        let (now, mode, group) = match self.read(path, super::TEXT_LIMIT) {
            Ok(content) if !content.truncated => (Some(content.bytes), Some(content.stat.mode), Some(content.stat.gid)),
            Err(ReadError::NotFound) => (None, None, None),
            Ok(_) => return Err(std::io::Error::from(std::io::ErrorKind::FileTooLarge).into()),
            Err(why) => return Err(std::io::Error::other(why).into()),
        };
        if now.as_deref() != before {
            return Err(EditError::Changed);
        }
        let (temporary, file) = beside(path, if mode.is_some() { 0o600 } else { 0o644 })?;
        let written = fill(file, after, mode, group).and_then(|()| std::fs::rename(&temporary, path));
        if written.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        Ok(written?)
    }

    fn put(&self, path: &Path, before: &Image, after: &Image, temporary: &OsStr) -> Result<(), EditError> {
        files::put(path, before, after, temporary)
    }

    fn chmod(&self, path: &Path, from: u32, to: u32) -> Result<(), EditError> {
        files::chmod(path, from, to)
    }

    fn sweep(&self, path: &Path) -> std::io::Result<()> {
        files::remove(path)
    }

    fn destroy(&self, path: &Path) -> std::io::Result<()> {
        std::fs::remove_dir_all(path)
    }

    fn lock(&self, path: &Path) -> std::io::Result<Lock> {
        let file = lock_file(path)?;
        match file.lock() {
            Err(e) if !has_no_locks(&e) => Err(e),
            _ => Ok(Lock(file)),
        }
    }

    fn lock_within(&self, path: &Path, limit: Duration) -> std::io::Result<Option<Lock>> {
        use std::fs::TryLockError;
        let (file, until) = (lock_file(path)?, std::time::Instant::now() + limit);
        loop {
            match file.try_lock() {
                Err(TryLockError::WouldBlock) if std::time::Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(2));
                }
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(e)) if !has_no_locks(&e) => return Err(e),
                _ => return Ok(Some(Lock(file))),
            }
        }
    }

    fn tell_shell(&self, descriptor: u32, text: &str) -> std::io::Result<()> {
        use std::io::Write as _;
        // By its name: a number alone can only be taken up with unsafe code.
        let mut pipe = std::fs::OpenOptions::new().write(true).open(format!("/dev/fd/{descriptor}"))?;
        pipe.write_all(text.as_bytes())
    }

    fn ask_hidden(
        &self,
        prompt: &mut dyn FnMut() -> std::io::Result<()>,
    ) -> std::io::Result<Option<zeroize::Zeroizing<Vec<u8>>>> {
        super::terminal::hidden(prompt)
    }

    fn hold_still(&self) {
        super::watchdog::hold_still();
    }

    fn tool(&self, command: &[OsString], input: &[u8]) -> std::io::Result<(bool, Vec<u8>)> {
        use std::io::Write as _;
        use std::process::{Command, Stdio};
        let (program, args) = command.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
        let mut child = Command::new(program)
            .args(args)
            // Ours alone: nothing of it is meant for other programs.
            .env_remove("HFLINT_FD")
            .env_remove("HFLINT_SUBSHELL")
            .env_remove("HFLINT_READONLY")
            .env_remove("HFLINT_STATE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A tool that does not ask for it may be gone already.
            let _ = stdin.write_all(input);
        }
        let out = child.wait_with_output()?;
        let mut said = out.stdout;
        said.extend(out.stderr);
        Ok((out.status.success(), said))
    }

    fn mark(&self, path: &Path) -> Result<bool, ReadError> {
        make_dirs(path.parent().unwrap_or(Path::new("/"))).map_err(|e| class(&e))?;
        match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(_) => Ok(true),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
            Err(e) => Err(class(&e)),
        }
    }

    fn remove(&self, path: &Path) -> Result<(), ReadError> {
        std::fs::remove_file(path).map_err(|e| class(&e))
    }

    fn now_ns(&self) -> (i64, i64) {
        let (before, distance) = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(d) => (false, d),
            Err(e) => (true, e.duration()),
        };
        let seconds = i64::try_from(distance.as_secs()).unwrap_or(i64::MAX);
        if before { (-seconds, 0) } else { (seconds, i64::from(distance.subsec_nanos())) }
    }

    fn uid(&self) -> u32 {
        rustix::process::getuid().as_raw()
    }

    fn password_home(&self, user: Option<&OsStr>) -> Option<PathBuf> {
        let text = self.read(Path::new("/etc/passwd"), super::TEXT_LIMIT).ok()?;
        password_home(&text.bytes, user, self.uid())
    }

    fn own_dir(&self, own: Own) -> Option<PathBuf> {
        // Without HOME, `dirs` asks the system's password database, which a static program cannot: asked here first.
        let homeless = std::env::var_os("HOME").is_none_or(|h| h.is_empty());
        let (variable, below) = match own {
            Own::Config => ("XDG_CONFIG_HOME", ".config"),
            Own::Data => ("XDG_DATA_HOME", ".local/share"),
            Own::State => ("XDG_STATE_HOME", ".local/state"),
        };
        if homeless && !std::env::var_os(variable).is_some_and(|v| Path::new(&v).is_absolute()) {
            return Some(self.password_home(None)?.join(below).join("hflint"));
        }
        let base = match own {
            Own::Config => dirs::config_dir(),
            Own::Data => dirs::data_dir(),
            // Only Linux has a place for state.
            Own::State => dirs::state_dir().or_else(dirs::data_dir),
        };
        Some(base?.join("hflint"))
    }

    fn parent(&self) -> Option<String> {
        let parent = rustix::process::getppid()?.as_raw_nonzero().get();
        Some(process::one(u32::try_from(parent).ok())?.name)
    }

    fn program(&self) -> Option<OsString> {
        std::env::args_os().next()
    }

    fn run(&self, program: &str, args: &[&str]) -> Option<Vec<u8>> {
        let out = std::process::Command::new(program)
            .args(args)
            .stdin(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .output()
            .ok()?;
        out.status.success().then_some(out.stdout)
    }

    fn real_cwd(&self) -> Option<PathBuf> {
        std::env::current_dir().ok()
    }

    fn exec(&self, command: &[OsString], changes: &Changes) -> std::io::Error {
        use std::os::unix::process::CommandExt as _;
        let Some((program, args)) = command.split_first() else {
            return std::io::ErrorKind::NotFound.into();
        };
        let mut child = std::process::Command::new(program);
        child.args(args);
        for (name, value) in changes {
            match value {
                Some(value) => child.env(name, value),
                None => child.env_remove(name),
            };
        }
        child.exec()
    }

    fn watch(&self, command: &[OsString], changes: &Changes, keep: usize) -> std::io::Result<(u8, Vec<u8>)> {
        super::watch::watch(command, changes, keep)
    }

    fn ask(&self, command: &[OsString], changes: &Changes, seconds: u64) -> std::io::Result<(bool, Vec<u8>)> {
        use std::io::Read as _;
        use std::os::unix::process::CommandExt as _;
        use std::process::{Command, Stdio};
        let (program, args) = command.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
        let (mut read, write) = std::io::pipe()?;
        let mut started = Command::new(program);
        // In a group of its own, so that what it starts can be ended with it.
        started.args(args).stdin(Stdio::null()).stdout(write.try_clone()?).stderr(write).process_group(0);
        for (name, value) in changes {
            match value {
                Some(value) => started.env(name, value),
                None => started.env_remove(name),
            };
        }
        let mut child = started.spawn()?;
        // Ours of the writing ends, or the reading one would never see an end.
        drop(started);
        let (told, heard) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = (&mut read).take(super::TEXT_LIMIT as u64).read_to_end(&mut text);
            let _ = told.send(text);
        });
        let heard = heard.recv_timeout(Duration::from_secs(seconds));
        if heard.is_err()
            && let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let status = child.wait()?;
        let text = heard.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))?;
        Ok((status.success(), text))
    }

    #[cfg(target_os = "linux")]
    fn hold(&self, bytes: &[u8]) -> Option<PathBuf> {
        use std::io::Write as _;
        use std::os::fd::IntoRawFd as _;
        // Without CLOEXEC: it is for the program that comes after.
        let fd = rustix::fs::memfd_create("hflint", rustix::fs::MemfdFlags::empty()).ok()?;
        let mut file = std::fs::File::from(fd);
        file.write_all(bytes).ok()?;
        // By the process, not `self`: children that close what they inherit find it too, as long as this one runs.
        Some(PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), file.into_raw_fd())))
    }

    fn make_own_dir(&self, path: &Path, links: &[(&str, PathBuf)]) -> std::io::Result<()> {
        make_dirs(path)?;
        for (name, target) in links {
            let at = path.join(name);
            if std::fs::read_link(&at).is_ok_and(|now| now == *target) {
                continue;
            }
            match std::os::unix::fs::symlink(target, &at) {
                // Something of the clients' own is there already.
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                done => done?,
            }
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        files::rename_new(from, to)
    }

    fn disk(&self) -> &dyn super::Disk {
        self
    }

    fn processes(&self) -> Vec<Process> {
        process::of_user(self.uid())
    }

    fn process(&self, pid: Option<u32>) -> Option<Process> {
        process::one(pid)
    }

    fn environment_of(&self, pid: u32) -> Option<Environment> {
        process::environment(pid)
    }

    fn command_of(&self, pid: u32) -> Vec<OsString> {
        process::command(pid)
    }

    fn details_of(&self, pid: u32) -> Details {
        process::details(pid)
    }

    fn run_within(&self, program: &str, args: &[&str], limit: Duration) -> Option<Vec<u8>> {
        use std::process::{Command, Stdio};
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command.spawn().ok()?;
        let pid = rustix::process::Pid::from_child(&child);
        let (done, answer) = std::sync::mpsc::channel();
        // Nothing in the standard library waits for a child and a clock at once. Where the clock is first, the thread
        // ends with the child that is killed, or with this program.
        std::thread::spawn(move || done.send(child.wait_with_output()));
        if let Ok(out) = answer.recv_timeout(limit) {
            return out.ok().filter(|out| out.status.success()).map(|out| out.stdout);
        }
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        None
    }

    fn local_offset(&self, at: i64) -> i32 {
        local_time::offset(at)
    }

    fn is_running(&self, pid: u32) -> bool {
        let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
        pid.is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
    }
}

/// `ENOLCK`: the server keeps no locks.
const NO_LOCKS: i32 = rustix::io::Errno::NOLCK.raw_os_error();

/// The sixth field of the user's line.
pub(super) fn password_home(text: &[u8], user: Option<&OsStr>, uid: u32) -> Option<PathBuf> {
    text.split(|&b| b == b'\n').find_map(|line| {
        let fields: Vec<&[u8]> = line.split(|&b| b == b':').collect();
        let [name, _, id, _, _, home, ..] = fields.as_slice() else {
            return None;
        };
        let mine = match user {
            Some(user) => *name == user.as_bytes(),
            None => std::str::from_utf8(id).ok().and_then(|s| s.parse::<u32>().ok()) == Some(uid),
        };
        mine.then(|| PathBuf::from(OsStr::from_bytes(home)))
    })
}

pub(super) fn open(path: &Path) -> Result<std::fs::File, ReadError> {
    // Non-blocking, should the file have become a pipe since it was looked at.
    let flags = (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY).bits();
    std::fs::OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path).map_err(|e| class(&e))
}

/// At most `limit` bytes, and whether there are more. A short answer is the end of a regular file, which saves asking
/// once more; what the kernel makes up as it is read says that it is empty.
fn take(file: &mut std::fs::File, stat: &Stat, limit: usize) -> std::io::Result<(Vec<u8>, bool)> {
    let said = usize::try_from(stat.size).unwrap_or(limit);
    let made_up = said == 0;
    let mut bytes = vec![0; if made_up { 16 * 1024 } else { said.saturating_add(1) }.min(limit.saturating_add(1))];
    let mut length = 0;
    loop {
        if length == bytes.len() {
            if length > limit {
                break;
            }
            // It grew in the meantime.
            bytes.resize(length.saturating_mul(2).min(limit.saturating_add(1)), 0);
        }
        let room = bytes.len() - length;
        match file.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(n) => {
                length += n;
                if n < room && !made_up {
                    break;
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    bytes.truncate(length.min(limit));
    Ok((bytes, length > limit))
}

/// Makes what is missing of a directory, for the person alone, whatever the umask: one that takes away from the person as
/// well (`umask 0777`) would leave a directory behind that nothing can be put into, for good.
pub(super) fn make_dirs(dir: &Path) -> std::io::Result<()> {
    match make_dir(dir) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            make_dirs(dir.parent().filter(|parent| !parent.as_os_str().is_empty()).ok_or(e)?)?;
            make_dir(dir)
        }
        done => done,
    }
}

fn make_dir(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    match std::fs::DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700)),
        // Also what another terminal made in between.
        Err(_) if dir.is_dir() => Ok(()),
        Err(e) => Err(e),
    }
}

fn lock_file(path: &Path) -> std::io::Result<std::fs::File> {
    make_dirs(path.parent().unwrap_or(Path::new("/")))?;
    std::fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// A network's file system without locks: the look just before each write has to do.
fn has_no_locks(why: &std::io::Error) -> bool {
    why.kind() == std::io::ErrorKind::Unsupported || why.raw_os_error() == Some(NO_LOCKS)
}

/// A new file in the same directory. Never one that is there: its name can be guessed, and a directory may be shared.
fn beside(path: &Path, mode: u32) -> std::io::Result<(PathBuf, std::fs::File)> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    let (seconds, nanos) = Os.now_ns();
    name.push(format!(".{}-{seconds}{nanos:09}", std::process::id()));
    let temporary = path.with_file_name(name);
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
    Ok((temporary, file))
}

/// Writes a file down to the disk, with the group and mode of another.
fn fill(mut file: std::fs::File, text: &[u8], mode: Option<u32>, group: Option<u32>) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;
    file.write_all(text)?;
    if let Some(group) = group {
        // Where the person is no member of the group any more, the file becomes their own group's.
        let _ = std::os::unix::fs::fchown(&file, None, Some(group));
    }
    if let Some(mode) = mode {
        file.set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    file.sync_all()
}

/// Temporary file in the same directory, then rename: a reader sees the old file or the new one.
fn store(path: &Path, bytes: &[u8], aged_like: Option<&Stat>) -> std::io::Result<()> {
    use std::io::Write as _;
    if let Some(dir) = path.parent() {
        make_dirs(dir)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = (|| {
        let mut file =
            std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(bytes)?;
        if let Some(stat) = aged_like {
            let nanos = u32::try_from(stat.mtime_ns).unwrap_or(0);
            let age = Duration::new(stat.mtime.unsigned_abs(), 0);
            let whole = if stat.mtime < 0 { UNIX_EPOCH.checked_sub(age) } else { UNIX_EPOCH.checked_add(age) };
            let time = whole.and_then(|t| t.checked_add(Duration::new(0, nanos)));
            file.set_modified(time.unwrap_or(UNIX_EPOCH))?;
        }
        std::fs::rename(&temporary, path)
    })();
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

fn same_place(a: &Path, b: &Path) -> bool {
    match (std::fs::metadata(a), std::fs::metadata(b)) {
        (Ok(a), Ok(b)) => a.dev() == b.dev() && a.ino() == b.ino(),
        _ => false,
    }
}

fn is_null(meta: &std::fs::Metadata) -> bool {
    let rdev = meta.rdev();
    meta.file_type().is_char_device() && rustix::fs::major(rdev) == 1 && rustix::fs::minor(rdev) == 3
}

/// Straight from the kernel: `std::fs::metadata` asks it for more (`statx`), and twice more to learn whether that exists.
#[allow(clippy::useless_conversion, reason = "other widths on macOS")]
pub(super) fn stat(stat: &rustix::fs::Stat) -> Stat {
    Stat {
        kind: kind(FileType::from_raw_mode(stat.st_mode)),
        mode: u32::from(stat.st_mode) & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
        size: u64::try_from(stat.st_size).unwrap_or(0),
        mtime: stat.st_mtime,
        mtime_ns: i64::try_from(stat.st_mtime_nsec).unwrap_or(0),
        ctime: stat.st_ctime,
        ctime_ns: i64::try_from(stat.st_ctime_nsec).unwrap_or(0),
        device: u64::try_from(stat.st_dev).unwrap_or(0),
        inode: stat.st_ino,
        links: stat.st_nlink.into(),
    }
}

pub(super) fn kind(of: FileType) -> Kind {
    match of {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Dir,
        FileType::Symlink => Kind::Link,
        FileType::Fifo => Kind::Fifo,
        _ => Kind::Other,
    }
}

/// The names in a directory. With a buffer of our own: that of the C library is so large that a fresh one costs two
/// page faults.
#[cfg(target_os = "linux")]
fn names(path: &Path) -> Result<Vec<OsString>, ReadError> {
    use rustix::fs::{Mode, OFlags, RawDir};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let dir = rustix::fs::open(path, flags, Mode::empty()).map_err(class_of)?;
    let mut buffer: Vec<u8> = Vec::with_capacity(8 * 1024);
    let mut entries = RawDir::new(&dir, buffer.spare_capacity_mut());
    let mut names = Vec::new();
    // What a failing disk gives is what there is.
    while let Some(Ok(entry)) = entries.next() {
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(OsStr::from_bytes(name).to_owned());
        }
    }
    Ok(names)
}

#[cfg(not(target_os = "linux"))]
fn names(path: &Path) -> Result<Vec<OsString>, ReadError> {
    let entries = std::fs::read_dir(path).map_err(|e| class(&e))?;
    Ok(entries.filter_map(|entry| entry.ok().map(|e| e.file_name())).collect())
}

fn class(e: &std::io::Error) -> ReadError {
    Errno::from_io_error(e).map_or(ReadError::Other, class_of)
}

pub(super) fn class_of(errno: Errno) -> ReadError {
    match errno {
        Errno::LOOP => ReadError::Loop,
        Errno::NOENT => ReadError::NotFound,
        Errno::ACCESS | Errno::PERM => ReadError::Denied,
        Errno::ISDIR => ReadError::IsDir,
        Errno::NOTDIR => ReadError::NotDir,
        _ => ReadError::Other,
    }
}
