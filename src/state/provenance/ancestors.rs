//! Where a variable came into the chain of processes that ends here.
//!
//! What a process was given at its start stays visible; what it set since does not. So the last parent that was started
//! without the value is where it was set, and every start-up file below it is cleared of suspicion.
//! Source: Linux, `/proc/PID/environ`, run; macOS shows it of few programs, which leaves it unknown.

use std::ffi::OsStr;

use super::{Certainty, SetBy, Variable};
use crate::finding::Location;
use crate::state::processes::parent;
use crate::state::startup::Shell;
use crate::system::{Process, System};

/// Most parents that are asked.
const MOST: usize = 32;

/// The word for what another process gave: no file of this shell has set it.
pub(crate) const INHERITED: &str = "the process that it was inherited from";
/// The word for what was set in a shell since its start, by no file that is known.
pub(crate) const BY_HAND: &str = "a shell, after its start";

/// Where a value was set, as far as the processes tell.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// They do not.
    Unknown,
    /// In this shell, since it was started.
    Shell(Process, Shell),
    /// Before: this process gave it to what it started, or had it at its own start.
    Given(Process),
}

impl Origin {
    /// As an answer.
    pub(super) fn set_by(self) -> Option<SetBy> {
        let (process, setter) = match self {
            Self::Unknown => return None,
            Self::Shell(process, _) => (process, BY_HAND),
            Self::Given(process) => (process, INHERITED),
        };
        let location = Some(Location::Process { pid: process.pid, name: process.name });
        Some(SetBy { location, certainty: Certainty::Certain, setter, own_to_project: false })
    }
}

/// Walks up from this process until the value is missing.
pub(super) fn origin(system: &dyn System, variable: &Variable<'_>) -> Origin {
    let Some(mut child) = system.process(None) else { return Origin::Unknown };
    let own = child.pid;
    // Of a program that is no shell nothing is known but what it was started with.
    let end = |child: Process| if child.pid == own { Origin::Unknown } else { Origin::Given(child) };
    for _ in 0..MOST {
        let Some(above) = parent(system, &child) else { return end(child) };
        let Some(environment) = above.environment else { return end(child) };
        if environment.get(variable.name) != Some(variable.value.bytes()) {
            return match Shell::of_program(OsStr::new(&above.process.name)) {
                Some(shell) => Origin::Shell(above.process, shell),
                None if gives_more(&above.process.name) => Origin::Given(above.process),
                // It may only have taken the child over from the one that started it.
                None => end(child),
            };
        }
        child = above.process;
    }
    Origin::Unknown
}

/// Programs that give to what they start more than they were started with: by settings of their own.
fn gives_more(name: &str) -> bool {
    const NAMES: [&str; 9] =
        ["tmux", "tmux: server", "screen", "SCREEN", "zellij", "code", "code-server", "cursor", "windsurf"];
    NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;
    use crate::secret::Token;
    use crate::state::State;
    use crate::system::fake::Fake;

    const A: (&str, &str) = ("HF_TOKEN", "a");
    const B: (&str, &str) = ("HF_TOKEN", "b");

    fn machine() -> Fake {
        Fake::home().var("HF_TOKEN", "a").running(1000, 90, "hflint", &[A])
    }

    fn ask(fake: &Fake) -> Origin {
        origin(fake, &Variable { name: "HF_TOKEN", value: Token::new(b"a".to_vec()) })
    }

    fn pid(fake: &Fake) -> (u32, bool) {
        match ask(fake) {
            Origin::Unknown => (0, false),
            Origin::Shell(process, _) => (process.pid, true),
            Origin::Given(process) => (process.pid, false),
        }
    }

    #[test]
    fn set_here_or_inherited() {
        let here = machine().running(90, 80, "bash", &[("PATH", "/")]);
        assert_eq!(pid(&here), (90, true));
        assert_eq!(pid(&machine().running(90, 80, "bash", &[B])), (90, true), "another value since");
        let inherited = machine().running(90, 80, "bash", &[A]).running(80, 1, "tmux: server", &[A]);
        assert_eq!(pid(&inherited), (80, false));
        assert_eq!(pid(&inherited.clone().running(1, 0, "systemd", &[("PATH", "/")])), (80, false), "taken over");
        assert_eq!(pid(&inherited.clone().running(80, 1, "tmux: server", &[B])), (80, false), "by its own settings");
        let shell_above = inherited.running(80, 1, "zsh", &[("PATH", "/")]);
        assert_eq!(ask(&shell_above), Origin::Shell(shell_above.process(Some(80)).unwrap(), Shell::Zsh));
        // An sshd shows nothing: the shell was started with it.
        assert_eq!(pid(&machine().running(90, 80, "bash", &[A]).running(80, 1, "sshd", &[])), (90, false));
    }

    #[test]
    fn programs_that_are_no_shell_tell_little() {
        assert_eq!(ask(&machine()), Origin::Unknown, "no parent");
        assert_eq!(ask(&machine().running(90, 80, "nextest", &[("PATH", "/")])), Origin::Unknown);
        assert_eq!(ask(&machine().running(90, 80, "bash", &[])), Origin::Unknown, "its environment is not to be seen");
        assert_eq!(ask(&Fake::home()), Origin::Unknown);
        let run = machine().running(90, 80, "bash", &[A]).running(80, 70, "pipenv", &[("PATH", "/")]);
        assert_eq!(pid(&run), (90, false));
        // Two processes that call each other parent.
        assert_eq!(ask(&machine().running(90, 80, "bash", &[A]).running(80, 90, "sh", &[A])), Origin::Unknown);
    }

    #[test]
    fn the_words_follow() {
        let by = |fake: &Fake| of(&State::new(fake), "HF_TOKEN").map(|by| (by.certainty, by.setter));
        let inherited = machine().running(90, 80, "bash", &[A]).running(80, 1, "tmux: server", &[A]);
        assert_eq!(by(&inherited), Some((Certainty::Certain, INHERITED)));
        assert_eq!(by(&inherited.clone().var("CODESPACES", "true")).unwrap().1, "a secret of GitHub Codespaces");
        let by_hand = machine().running(90, 80, "bash", &[("PATH", "/")]);
        assert_eq!(by(&by_hand), Some((Certainty::Certain, BY_HAND)));
        // A line that gives what a command says is likely where the shell has it since its start.
        let command = by_hand.file("/home/u/.bashrc", "export HF_TOKEN=\"$(pass show hf)\"\n");
        assert_eq!(by(&command), Some((Certainty::Likely, "a start-up file")));
        let before = inherited.file("/home/u/.bashrc", "export HF_TOKEN=\"$(pass show hf)\"\n");
        assert_eq!(by(&before), Some((Certainty::Certain, INHERITED)), "it is cleared of suspicion");
    }

    #[test]
    fn a_place_of_sessions_is_likely_where_the_shell_was_started_with_it() {
        let with = |fake: Fake| fake.file("/etc/environment", "HF_TOKEN=a\n");
        let by = |fake: &Fake| of(&State::new(fake), "HF_TOKEN").map(|by| (by.certainty, by.setter));
        let inherited = with(machine().running(90, 1, "bash", &[A]));
        assert_eq!(by(&inherited), Some((Certainty::Likely, "/etc/environment")));
        assert_eq!(by(&with(machine().running(90, 1, "bash", &[B]))), Some((Certainty::Certain, BY_HAND)));
        assert_eq!(by(&inherited.file("/etc/environment", "HF_TOKEN=b\n")), Some((Certainty::Certain, INHERITED)));
    }

    #[test]
    fn a_line_that_this_shell_has_run_is_proved() {
        let with = |fake: Fake, age: i64| {
            let fake = fake.file("/home/u/.bashrc", "export HF_TOKEN=a\n");
            let written = fake.now_ns().0 - age;
            fake.written("/home/u/.bashrc", written)
        };
        let by = |fake: &Fake| of(&State::new(fake), "HF_TOKEN").map(|by| by.certainty);
        let shell = machine().running(90, 80, "bash", &[("PATH", "/")]).command(90, &["bash"]);
        assert_eq!(by(&with(shell.clone(), 7200)), Some(Certainty::Certain));
        assert_eq!(by(&with(shell.clone(), 60)), Some(Certainty::Likely), "written since the shell was started");
        assert_eq!(by(&with(shell.clone().command(90, &["bash", "x.sh"]), 7200)), Some(Certainty::Likely), "a script");
        assert_eq!(
            by(&with(shell.command(90, &["-bash"]), 7200)),
            Some(Certainty::Likely),
            "a login shell reads it not"
        );
        assert_eq!(
            by(&with(machine().running(90, 80, "zsh", &[A]).command(90, &["zsh"]), 7200)),
            Some(Certainty::Likely)
        );
    }
}
