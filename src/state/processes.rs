//! The processes around this one: the shell that asks, and what started it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::startup::{Mode, Shell};
use crate::system::{Environment, Process, System};

/// A process, and what it was started with where that can be seen.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The process.
    pub process: Process,
    /// Its environment at its start.
    pub environment: Option<Environment>,
}

/// Most copies of a shell within each other.
const MOST_COPIES: u8 = 8;

fn see(system: &dyn System, pid: u32) -> Option<Seen> {
    let process = system.process(Some(pid)).filter(|_| pid != 0)?;
    Some(Seen { environment: system.environment_of(process.pid), process })
}

/// The parent of a process; of a copy that a shell made of itself, as it does for `$(…)` and `(…)`, the shell. A program
/// that a shell starts has another environment than the shell was given (`_`, `SHLVL`), even another shell.
pub fn parent(system: &dyn System, of: &Process) -> Option<Seen> {
    let mut parent = see(system, of.parent)?;
    for _ in 0..MOST_COPIES {
        let Some(above) = see(system, parent.process.parent) else { break };
        let copied = above.process.name == parent.process.name
            && matches!((&above.environment, &parent.environment), (Some(a), Some(b)) if a.is(b));
        if !copied {
            break;
        }
        parent = above;
    }
    Some(parent)
}

/// This process, the shell that asks, and the copies of it in between.
pub fn own(system: &dyn System) -> Vec<u32> {
    let Some(this) = system.process(None) else { return Vec::new() };
    let shell = parent(system, &this).map(|s| s.process.pid);
    let mut out = vec![this.pid];
    let mut next = this.parent;
    while let Some(pid) = Some(next).filter(|pid| *pid != 0 && !out.contains(pid)) {
        out.push(pid);
        if Some(pid) == shell {
            break;
        }
        next = system.process(Some(pid)).map_or(0, |p| p.parent);
    }
    out
}

/// The shell that asks, where it is one that a person sits at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// Which.
    pub shell: Shell,
    /// How it was started.
    pub mode: Mode,
    /// When, in seconds since 1970.
    pub since: i64,
}

/// The shell that asks; `None` where that is a script, or no shell at all.
pub fn asking(system: &dyn System) -> Option<Asking> {
    let shell = parent(system, &system.process(None)?)?.process;
    let kind = Shell::of_program(OsStr::new(&shell.name))?;
    let command = system.command_of(shell.pid);
    let (name, options) = command.split_first()?;
    let options: Vec<&[u8]> = options.iter().map(|o| o.as_bytes()).collect();
    let letters = |o: &[u8], wanted: u8| o.starts_with(b"-") && !o.starts_with(b"--") && o.contains(&wanted);
    if options.iter().any(|o| !o.starts_with(b"-") || letters(o, b'c')) {
        return None;
    }
    let login = name.as_bytes().starts_with(b"-") || options.iter().any(|o| *o == b"--login" || letters(o, b'l'));
    let mode = if login { Mode::Login } else { Mode::Interactive };
    Some(Asking { shell: kind, mode, since: shell.started })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn copies_of_a_shell_are_the_shell() {
        let given = [("A", "1"), ("SHLVL", "0")];
        let fake = Fake::home()
            .running(1000, 999, "hflint", &[("A", "1"), ("SHLVL", "1")])
            .running(999, 998, "bash", &given)
            .running(998, 90, "bash", &given)
            .running(90, 80, "bash", &[("A", "1")])
            .running(80, 0, "tmux: server", &[]);
        assert_eq!(own(&fake), [1000, 999, 998]);
        assert_eq!(parent(&fake, &fake.process(None).unwrap()).unwrap().process.pid, 998);
        assert_eq!(own(&Fake::home()), [0; 0]);
    }

    #[test]
    fn a_shell_that_a_person_sits_at() {
        let ask = |name: &str, command: &[&str]| {
            let fake = Fake::home().running(1000, 9, "hflint", &[]).running(9, 1, name, &[("A", "1")]);
            asking(&fake.command(9, command)).map(|a| (a.shell, a.mode))
        };
        assert_eq!(ask("bash", &["-bash"]), Some((Shell::Bash, Mode::Login)));
        assert_eq!(ask("bash", &["bash"]), Some((Shell::Bash, Mode::Interactive)));
        assert_eq!(ask("zsh", &["/usr/bin/zsh", "-il"]), Some((Shell::Zsh, Mode::Login)));
        assert_eq!(ask("fish", &["fish", "--login"]), Some((Shell::Fish, Mode::Login)));
        assert_eq!(ask("bash", &["bash", "deploy.sh"]), None);
        assert_eq!(ask("bash", &["bash", "-c", "hflint"]), None);
        assert_eq!(ask("bash", &["bash", "-lc"]), None);
        assert_eq!(ask("bash", &[]), None);
        assert_eq!(ask("python3", &["python3"]), None);
    }
}
