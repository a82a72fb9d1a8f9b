//! Runs a program and stands beside it: what it says on its standard error passes through and its end is kept; the
//! signals that another program sends here are for it.
#![allow(clippy::disallowed_methods, reason = "part of the door")]

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Changes;

/// How long the last words of a program are waited for: what it left running may keep its standard error open for ever.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// See `System::watch`.
pub(super) fn watch(command: &[OsString], changes: &Changes, keep: usize) -> std::io::Result<(u8, Vec<u8>)> {
    let (program, args) = command.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    let mut started = Command::new(program);
    started.args(args).stderr(Stdio::piped());
    for (name, value) in changes {
        match value {
            Some(value) => started.env(name, value),
            None => started.env_remove(name),
        };
    }
    let mut child = started.spawn()?;
    // After the program was started, which would inherit that it does not hear; before the thread, which has to.
    let signals = Signals::catch();
    let tail = Arc::new(Mutex::new(Vec::new()));
    let (told, heard) = std::sync::mpsc::channel();
    if let Some(errors) = child.stderr.take() {
        let tail = Arc::clone(&tail);
        std::thread::spawn(move || {
            pass_through(errors, keep, &tail);
            let _ = told.send(());
        });
    }
    let status = signals.wait_for(&mut child)?;
    let _ = heard.recv_timeout(LAST_WORDS);
    let tail = tail.lock().map(|mut tail| std::mem::take(&mut *tail)).unwrap_or_default();
    let code = status.code().or_else(|| status.signal().map(|s| 128 + s)).unwrap_or(1);
    Ok((u8::try_from(code).unwrap_or(1), tail))
}

/// Writes what comes to standard error, and keeps the last bytes of it.
fn pass_through(mut from: std::process::ChildStderr, keep: usize, kept: &Mutex<Vec<u8>>) {
    let mut block = vec![0; 1 << 16];
    while let Ok(read) = from.read(&mut block) {
        if read == 0 {
            break;
        }
        let _ = std::io::stderr().write_all(&block[..read]);
        let Ok(mut tail) = kept.lock() else { break };
        tail.extend_from_slice(&block[..read]);
        if tail.len() > 2 * keep {
            let surplus = tail.len() - keep;
            tail.drain(..surplus);
        }
    }
}

/// The signals that would end this process, kept back. The program would have got them had this process become it.
#[cfg(target_os = "linux")]
struct Signals(Option<nix::sys::signalfd::SignalFd>);

#[cfg(target_os = "linux")]
impl Signals {
    fn catch() -> Self {
        use nix::sys::signal::{SigSet, Signal};
        let mut set = SigSet::empty();
        for signal in [
            Signal::SIGTERM,
            Signal::SIGHUP,
            Signal::SIGINT,
            Signal::SIGQUIT,
            Signal::SIGUSR1,
            Signal::SIGUSR2,
            Signal::SIGALRM,
            Signal::SIGCHLD,
        ] {
            set.add(signal);
        }
        let blocked = set.thread_block().is_ok();
        let flags = nix::sys::signalfd::SfdFlags::SFD_CLOEXEC;
        Self(blocked.then(|| nix::sys::signalfd::SignalFd::with_flags(&set, flags).ok()).flatten())
    }

    /// Waits until the program ends. In one thread with the sending: the id of a program that was waited for may be
    /// another's.
    fn wait_for(self, child: &mut Child) -> std::io::Result<ExitStatus> {
        use nix::sys::signal::{Signal, kill};
        let (Some(signals), Ok(pid)) = (self.0, i32::try_from(child.id())) else { return child.wait() };
        loop {
            // It may have ended before anybody listened.
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            let Ok(Some(info)) = signals.read_signal() else { return child.wait() };
            let signal = i32::try_from(info.ssi_signo).ok().and_then(|n| Signal::try_from(n).ok());
            // What the kernel sends (Ctrl-C, a terminal that is gone) goes to all in the foreground, the program too: a
            // second Ctrl-C makes many programs give up their tidying. Its own codes are above zero.
            if let Some(signal) = signal.filter(|s| *s != Signal::SIGCHLD && info.ssi_code <= 0) {
                let _ = kill(nix::unistd::Pid::from_raw(pid), signal);
            }
        }
    }
}

/// Elsewhere nothing tells who sent a signal without unsafe code: the program is waited for, and a signal ends the wait.
#[cfg(not(target_os = "linux"))]
struct Signals;

#[cfg(not(target_os = "linux"))]
impl Signals {
    fn catch() -> Self {
        Self
    }

    fn wait_for(self, child: &mut Child) -> std::io::Result<ExitStatus> {
        child.wait()
    }
}
