//! HF112

use super::places::{are_two, variable};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::isolation::Here;
use crate::state::provenance;
use crate::state::startup::{Mode, Shell, Value};
use crate::state::variables::{CURRENT, OLD};

declare_rule! {
    /// ## What it does
    /// Says when a start-up file gives the next shell another token than this shell has. The person's own shell is run
    /// in thought, as a login shell and as one in a window: `hflint status --all` shows all that comes of it.
    ///
    /// ## Why it matters
    /// What works here fails in the next terminal, or the other way round: the file was edited after this shell started,
    /// or this shell was given its token by hand, by tmux, by an editor.
    ///
    /// ## Example
    /// ```text
    /// HF_TOKEN       hf_****aaaa   (environment)
    /// ~/.bashrc:42   hf_****bbbb
    /// ```
    ///
    /// ## How to fix
    /// Start the shell anew where the file is right: `exec bash`. Take the line out where it is not: a token is better
    /// kept in the login, where every shell finds it.
    ///
    /// ## Fix safety
    /// The command is shown; you run it.
    ///
    /// ## Exceptions
    /// Silent where this shell's token provably comes from a place of its own for the project (an isolation, direnv,
    /// mise, conda, an activate script, a platform's secret), where the next shell has none or the same, and where only
    /// a program could tell what it will have (`$(pass show hf)`).
    ///
    /// ## References
    /// - bash 5.2, zsh 5.9, fish 3.6, tcsh 6.24, nushell 0.115, each compared with what is said of it here
    pub(super) static RULE = {
        code: "HF112",
        name: "startup-file-differs",
        summary: "a new shell will have another token than this one",
        severity: Info,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::DisplayOnly),
        check: check,
    }
}

/// What a start-up file gives the next shell.
struct Next {
    shell: Shell,
    mode: Mode,
    token: Token,
    place: Location,
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    // An isolated project's own.
    if matches!(state.isolation(), Here::Project(_)) {
        return;
    }
    for name in [CURRENT, OLD] {
        let Some(here) = variable(state, name) else { continue };
        let Some(next) = next(snapshot, name, &here) else { continue };
        if provenance::is_own_to_project(state, name) {
            continue;
        }
        let what = match next.mode {
            Mode::Login => format!("a new login {}", next.shell.name()),
            _ => format!("a new {}", next.shell.name()),
        };
        let command = match next.mode {
            Mode::Login => format!("exec {} -l", next.shell.name()),
            _ => format!("exec {}", next.shell.name()),
        };
        out.push(
            Finding::new(&RULE, Severity::Info, format!("{what} will have another {name} than this shell"))
                .at(next.place)
                .at(Location::variable(name))
                .note("here", here.masked())
                .note("next", next.token.masked())
                .help(command, "starts this shell anew; or take the line out of the file"),
        );
    }
}

/// What the person's own shell will have, where that is known, comes from a line of a file, and is another token: in a
/// window, else at a login.
fn next(snapshot: &Snapshot<'_>, name: &str, here: &Token) -> Option<Next> {
    [Mode::Interactive, Mode::Login].into_iter().find_map(|mode| {
        let (shell, next) = snapshot.state.next_shell(mode, name);
        let (Value::Known(token), Some(place)) = (next.value, next.place) else { return None };
        are_two(here, &token).then(|| Next { shell, mode, token: (*token).clone(), place })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, run, token};
    use crate::system::fake::Fake;

    fn shell(text: &str) -> Fake {
        Fake::home().var("SHELL", "/bin/bash").var("HF_TOKEN", token('A')).file("/home/u/.bashrc", text)
    }

    #[test]
    fn another_token_in_the_start_up_file() {
        let found = run(&RULE, &shell(&format!("# mine\nexport HF_TOKEN={}\n", token('B'))));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].locations[0], Location::line("/home/u/.bashrc", 2));
        let login = shell("").file("/home/u/.profile", format!("export HF_TOKEN={}\n", token('B')));
        assert!(run(&RULE, &login)[0].message.starts_with("a new login bash"));
    }

    #[test]
    fn silent_where_it_is_the_same_or_not_to_be_told() {
        for line in [
            format!("export HF_TOKEN={}", token('A')),
            format!("# export HF_TOKEN={}", token('B')),
            format!("export HF_TOKEN={}; unset HF_TOKEN", token('B')),
            "export HF_TOKEN=$(pass show hf)".to_owned(),
            format!("HF_TOKEN={}", token('B')),
            format!("alias hf='HF_TOKEN={} command hf'", token('B')),
            String::new(),
        ] {
            assert!(findings(&RULE, &shell(&format!("{line}\n"))).is_empty(), "{line}");
        }
    }

    #[test]
    fn silent_for_another_shell_and_for_a_project_of_its_own() {
        let line = format!("export HF_TOKEN={}\n", token('B'));
        let other = shell("").file("/home/u/.zshrc", &line);
        let venv = shell(&line)
            .var("VIRTUAL_ENV", "/home/u/v")
            .file("/home/u/v/bin/activate", format!("export HF_TOKEN={}\n", token('A')));
        for fake in [other, venv] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
