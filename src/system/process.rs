//! Other processes: who runs, since when, and what they were started with.
//!
//! The list comes from `sysinfo`. On Linux what is asked of one process is read from `/proc` by hand: a chain of six
//! parents takes 0.2 ms so, and a process's environment a fifth of what the crate needs, which reads the status of all.
//! Elsewhere the crate answers everything.

use std::ffi::OsString;
use std::path::PathBuf;

use zeroize::Zeroizing;

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// The process that started it, or took it over when that one ended; 0 where there is none.
    pub parent: u32,
    /// Its short name; Linux keeps 15 bytes of it.
    pub name: String,
    /// When it was started, in seconds since 1970.
    pub started: i64,
}

/// What is asked of few processes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// Its current directory.
    pub cwd: Option<PathBuf>,
    /// Whether a person waits for it at a terminal: it is that terminal's foreground job.
    pub foreground: bool,
    /// Whether it lives in another namespace of processes or of mounts than this one: a container's.
    pub contained: bool,
    /// The unit of the person's systemd that it belongs to.
    pub unit: Option<String>,
}

/// The environment that a process was given when it was started: `NAME=value` with a zero byte behind each.
///
/// What it changed since does not show. Overwritten when dropped.
#[derive(Debug, Clone)]
pub struct Environment(Zeroizing<Vec<u8>>);

impl Environment {
    /// Takes the bytes that the system shows; `None` where they are no environment. An empty one is not told from one
    /// that is withheld (macOS shows none of its own programs', Linux none of a process that is ending); and programs
    /// that write their state where `ps` shows it (sshd, PostgreSQL, Ray) write over theirs.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        let bytes = Zeroizing::new(bytes);
        let starts = bytes.first().is_some_and(|b| *b != 0);
        let whole = bytes.split(|b| *b == 0).filter(|entry| !entry.is_empty()).all(|entry| entry.contains(&b'='));
        (starts && whole).then_some(Self(bytes))
    }

    /// The value of a variable; of a name that is there twice the first counts, as for `getenv`.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.entries().find_map(|entry| entry.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
    }

    /// Every variable.
    pub fn vars(&self) -> Vec<(OsString, OsString)> {
        use std::os::unix::ffi::OsStringExt as _;
        let own = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let split = |entry: &[u8]| {
            let at = entry.iter().position(|b| *b == b'=')?;
            Some((own(&entry[..at]), own(&entry[at + 1..])))
        };
        self.entries().filter_map(split).collect()
    }

    /// Whether the bytes are the same: a copy that a process makes of itself has them.
    pub fn is(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    fn entries(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|b| *b == 0)
    }
}

/// The processes of a user, without their threads.
pub(super) fn of_user(uid: u32) -> Vec<Process> {
    use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};
    let Ok(mut system) = System::new() else { return Vec::new() };
    // Threads are listed as processes unless they are refused.
    let wanted = ProcessRefreshKind::nothing().without_tasks().with_user(UpdateKind::OnlyIfNotSet);
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, wanted);
    let own = system.processes().values().filter(|p| p.user_id().is_some_and(|u| **u == uid));
    let mut own: Vec<Process> = own.map(from_crate).collect();
    own.sort_by_key(|p| p.pid);
    own
}

fn from_crate(process: &sysinfo::Process) -> Process {
    Process {
        pid: process.pid().as_u32(),
        parent: process.parent().map_or(0, sysinfo::Pid::as_u32),
        name: process.name().to_string_lossy().into_owned(),
        started: i64::try_from(process.start_time()).unwrap_or(i64::MAX),
    }
}

#[cfg(target_os = "linux")]
pub(super) use linux::{command, details, environment, one};
#[cfg(not(target_os = "linux"))]
pub(super) use other::{command, details, environment, one};

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use super::{Details, Environment, Process};
    use crate::system::System as _;
    use crate::system::os::Os;

    /// Most bytes of an environment: Linux starts none with more than a quarter of its stack, 2 MiB by default.
    const LIMIT: usize = 2 * 1024 * 1024;
    /// `USER_HZ`: the clock of `/proc` ticks at this rate on every architecture that Rust runs on.
    const TICKS: i64 = 100;

    fn proc(pid: Option<u32>, file: &str) -> PathBuf {
        PathBuf::from(pid.map_or_else(|| format!("/proc/self/{file}"), |pid| format!("/proc/{pid}/{file}")))
    }

    /// A line of `/proc/PID/stat`; its second field is in parentheses and may hold some of its own.
    struct Line {
        process: Process,
        foreground: bool,
    }

    fn line(pid: Option<u32>) -> Option<Line> {
        let text = Os.read(&proc(pid, "stat"), 4096).ok()?.bytes;
        let open = text.iter().position(|b| *b == b'(')?;
        let close = text.iter().rposition(|b| *b == b')')?;
        let name = String::from_utf8_lossy(text.get(open + 1..close)?).into_owned();
        let pid = std::str::from_utf8(&text[..open]).ok()?.trim().parse().ok()?;
        // State is the third field of all.
        let rest: Vec<&str> = std::str::from_utf8(&text[close + 1..]).ok()?.split_ascii_whitespace().collect();
        let number = |field: usize| rest.get(field - 3)?.parse::<i64>().ok();
        let (group, terminal, in_front) = (number(5)?, number(7)?, number(8)?);
        let process =
            Process { pid, parent: u32::try_from(number(4)?).ok()?, name, started: booted() + number(22)? / TICKS };
        Some(Line { process, foreground: terminal != 0 && group == in_front })
    }

    /// When the machine was started, by the clock that `/proc` counts from.
    fn booted() -> i64 {
        // By the C library: rustix finds the kernel's shared page by itself, and under valgrind there is none.
        let up = nix::time::clock_gettime(nix::time::ClockId::CLOCK_BOOTTIME).map_or(Duration::ZERO, Duration::from);
        let (seconds, nanos) = Os.now_ns();
        let whole = i64::try_from(up.as_secs()).unwrap_or_default();
        seconds - whole - i64::from(nanos < i64::from(up.subsec_nanos()))
    }

    pub(in crate::system) fn one(pid: Option<u32>) -> Option<Process> {
        Some(line(pid)?.process)
    }

    pub(in crate::system) fn environment(pid: u32) -> Option<Environment> {
        Environment::new(Os.read(&proc(Some(pid), "environ"), LIMIT).ok()?.bytes)
    }

    pub(in crate::system) fn command(pid: u32) -> Vec<OsString> {
        let command = Os.read(&proc(Some(pid), "cmdline"), LIMIT).map(|c| c.bytes).unwrap_or_default();
        let mut words: Vec<OsString> = command.split(|b| *b == 0).map(|w| OsString::from_vec(w.to_vec())).collect();
        // The last word ends with a zero too.
        words.pop_if(|last| last.is_empty());
        words
    }

    pub(in crate::system) fn details(pid: u32) -> Details {
        let foreground = line(Some(pid)).is_some_and(|l| l.foreground);
        let elsewhere = |kind: &str| {
            let of = |pid| Os.read_link(&proc(pid, &format!("ns/{kind}")));
            matches!((of(None), of(Some(pid))), (Some(own), Some(its)) if own != its)
        };
        let contained = elsewhere("pid") || elsewhere("mnt");
        let groups = Os.read(&proc(Some(pid), "cgroup"), 64 * 1024).map(|c| c.bytes).unwrap_or_default();
        let cwd = Os.read_link(&proc(Some(pid), "cwd")).filter(|cwd| cwd.is_absolute());
        Details { cwd, foreground, contained, unit: unit(&groups) }
    }

    /// The service of the person's own systemd that a process belongs to, by its control group.
    fn unit(groups: &[u8]) -> Option<String> {
        let path = groups.split(|b| *b == b'\n').find_map(|line| {
            let line = std::str::from_utf8(line).ok()?;
            // `0::PATH`, or `1:name=systemd:PATH` in the first version of control groups.
            line.strip_prefix("0::").or_else(|| Some(line.split_once(":name=systemd:")?.1))
        })?;
        let (_, below) = path.split_once("/user@")?;
        let name = Path::new(below.split_once('/')?.1).file_name()?.to_str()?;
        name.ends_with(".service").then(|| name.to_owned())
    }

    #[cfg(test)]
    #[allow(clippy::disallowed_methods, reason = "real processes are what is tested")]
    mod tests {
        use super::*;

        #[test]
        fn this_process_is_seen_as_it_is() {
            let own = one(None).unwrap();
            assert_eq!(own.pid, std::process::id());
            assert_eq!(one(Some(own.pid)).unwrap(), own);
            assert_eq!(own.parent, std::os::unix::process::parent_id());
            assert!((0..3600).contains(&(Os.now() - own.started)), "{} and {}", own.started, Os.now());
            let listed = super::super::of_user(Os.uid());
            let seen = listed.iter().find(|p| p.pid == own.pid).unwrap();
            assert_eq!((seen.parent, &seen.name), (own.parent, &own.name));
            assert!((seen.started - own.started).abs() <= 2, "the crate says {}, we {}", seen.started, own.started);
            let details = details(own.pid);
            assert_eq!(command(own.pid), std::env::args_os().collect::<Vec<_>>());
            assert_eq!(details.cwd, Os.real_cwd());
            assert!(!details.contained);
        }

        #[test]
        fn what_a_process_was_started_with() {
            let mut sleep = std::process::Command::new("sleep");
            let mut child = sleep.arg("60").env_clear().env("A_B", "c=d").env("E", "").spawn().unwrap();
            // Until the program is loaded, the copy of this process shows the environment of this one.
            let given = (0..500).find_map(|_| {
                std::thread::sleep(std::time::Duration::from_millis(10));
                environment(child.id()).filter(|e| e.get("A_B").is_some())
            });
            let name = one(Some(child.id())).map(|p| p.name);
            child.kill().unwrap();
            child.wait().unwrap();
            let given = given.unwrap();
            assert_eq!((given.get("A_B"), given.get("E"), given.get("B")), (Some(&b"c=d"[..]), Some(&b""[..]), None));
            assert_eq!(given.vars(), [("A_B".into(), "c=d".into()), ("E".into(), "".into())]);
            assert_eq!(name.as_deref(), Some("sleep"));
            assert!(one(Some(child.id())).is_none() && environment(child.id()).is_none(), "it is gone");
        }

        #[test]
        fn units_of_the_persons_own_systemd() {
            let of = |path: &str| unit(format!("0::{path}\n").as_bytes());
            let user = "/user.slice/user-1000.slice/user@1000.service";
            assert_eq!(of(&format!("{user}/app.slice/ollama.service")).as_deref(), Some("ollama.service"));
            assert_eq!(of(&format!("{user}/app.slice/app-x.scope")), None);
            assert_eq!(of(user), None);
            assert_eq!(of("/system.slice/cron.service"), None);
            let old = format!("12:pids:/x\n1:name=systemd:{user}/jupyter.service\n");
            assert_eq!(unit(old.as_bytes()).as_deref(), Some("jupyter.service"));
            assert_eq!(unit(b""), None);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

    use super::{Details, Environment, Process, from_crate};

    fn ask<T>(pid: u32, kind: ProcessRefreshKind, answer: impl FnOnce(&sysinfo::Process) -> T) -> Option<T> {
        let mut system = System::new().ok()?;
        let pid = Pid::from_u32(pid);
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, kind.without_tasks());
        system.process(pid).map(answer)
    }

    pub(in crate::system) fn one(pid: Option<u32>) -> Option<Process> {
        ask(pid.unwrap_or_else(std::process::id), ProcessRefreshKind::nothing(), from_crate)
    }

    pub(in crate::system) fn environment(pid: u32) -> Option<Environment> {
        use std::os::unix::ffi::OsStrExt as _;
        let kind = ProcessRefreshKind::nothing().with_environ(UpdateKind::Always);
        let bytes = ask(pid, kind, |p| {
            p.environ().iter().fold(Vec::new(), |mut all, entry| {
                all.extend_from_slice(entry.as_bytes());
                all.push(0);
                all
            })
        })?;
        Environment::new(bytes)
    }

    pub(in crate::system) fn command(pid: u32) -> Vec<std::ffi::OsString> {
        let kind = ProcessRefreshKind::nothing().with_cmd(UpdateKind::Always);
        ask(pid, kind, |p| p.cmd().to_vec()).unwrap_or_default()
    }

    pub(in crate::system) fn details(pid: u32) -> Details {
        let kind = ProcessRefreshKind::nothing().with_cwd(UpdateKind::Always);
        let of = |p: &sysinfo::Process| Details { cwd: p.cwd().map(ToOwned::to_owned), ..Details::default() };
        ask(pid, kind, of).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_environment_says_nothing() {
        for bytes in [&b""[..], b"\0\0", b"sshd: u@pts/0\0\0\0", b"\0A=b\0", b"A=b\0title without\0"] {
            assert!(Environment::new(bytes.to_vec()).is_none(), "{}", String::from_utf8_lossy(bytes));
        }
        let twice = Environment::new(b"A=1\0A=2\0AB=3\0\0\0".to_vec()).unwrap();
        assert_eq!((twice.get("A"), twice.get("AB"), twice.get("B")), (Some(&b"1"[..]), Some(&b"3"[..]), None));
    }
}
