//! HF112

use super::places::{are_two, file, login_path, stored_name, variable};
use crate::clients::Candidate;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::plan::Remedy;
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::isolation::Here;
use crate::state::provenance;
use crate::state::startup::{Mode, Shell, Value};
use crate::state::variables::{CURRENT, OLD};

declare_rule! {
    /// ## What it does
    /// Says when a start-up file gives the next shell another token than this shell has, or hides the saved login there
    /// while this shell has no token at all. The person's own shell is run in thought, as a login shell and as one in a
    /// window: `hflint status --all` shows all that comes of it.
    ///
    /// ## Why it matters
    /// What works here fails in the next terminal, or the other way round: the file was edited after this shell started,
    /// the variable was unset by hand, or this shell was given its token by tmux, by an editor.
    ///
    /// ## Example
    /// ```text
    /// HF_TOKEN       hf_****aaaa   (environment)
    /// ~/.bashrc:42   hf_****bbbb
    /// ```
    ///
    /// ## How to fix
    /// Start the shell anew where the file is right: `exec bash`. Take the line out where it is not: a token is better
    /// kept in the login, where every shell finds it. `hflint fix --unset` does so where the line hides the login.
    ///
    /// ## Fix safety
    /// Editing a start-up file asks first. Where no login is hidden the command is shown; you run it.
    ///
    /// ## Exceptions
    /// Silent where this shell's token provably comes from a place of its own for the project (an isolation, direnv,
    /// mise, conda, an activate script, an editor's settings for its terminals, a platform's secret), where the next
    /// shell has none or the same, where only
    /// a program could tell what it will have (`$(pass show hf)`), and where this shell has none and the next one's is
    /// that of the login, or a file moves the login as well.
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
        fix: Some(Applicability::Unsafe),
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
        let here = variable(state, name);
        let Some(next) = next(snapshot, name, here.as_ref()) else { continue };
        if here.is_some() && provenance::is_own_to_project(state, name) {
            continue;
        }
        let (what, command) = match next.mode {
            Mode::Login => (format!("a new login {}", next.shell.name()), format!("exec {} -l", next.shell.name())),
            _ => (format!("a new {}", next.shell.name()), format!("exec {}", next.shell.name())),
        };
        let login = login(snapshot, next.shell, next.mode).filter(|login| are_two(&next.token, &login.token));
        let message = match (&here, &login) {
            (Some(_), _) => format!("{what} will have another {name} than this shell"),
            (None, Some(_)) => {
                format!("{what} will have {name}, which this shell has not, and it hides the login there")
            }
            // It is the login's, or the only one.
            (None, None) => continue,
        };
        let mut finding = Finding::new(&RULE, Severity::Info, message).at(next.place);
        if let Some(here) = &here {
            finding = finding.at(Location::variable(name)).note("here", here.masked());
        }
        finding = finding.note("next", next.token.masked());
        out.push(match login {
            Some(login) => {
                let named = stored_name(snapshot, &login.token);
                let saved = login.token.masked() + &named.map_or_else(String::new, |n| format!(", named \"{n}\""));
                let anew = if here.is_some() { format!("; or start this one anew: {command}") } else { String::new() };
                finding
                    .at(login.source)
                    .note("hidden", saved)
                    .remedy(Remedy::Next(vec![name.to_owned()]), format!("then {what} sends the saved login{anew}"))
            }
            None => finding.help(command, "starts this shell anew; or take the line out of the file"),
        });
    }
}

/// What huggingface_hub sends without a variable, here and in the next shell, unless a file moves that there.
fn login(snapshot: &Snapshot<'_>, shell: Shell, mode: Mode) -> Option<Candidate> {
    let state = &snapshot.state;
    let started = state.started(shell, mode);
    let moved = ["HF_TOKEN_PATH", "HF_HOME", "XDG_CACHE_HOME"].iter().any(|name| {
        let here = state.var(name);
        match started.variable(name).value {
            Value::Unset => here.is_some(),
            Value::Known(there) => here.is_none_or(|here| here.as_encoded_bytes() != there.bytes()),
            Value::Unknown => true,
        }
    });
    let path = login_path(snapshot);
    if moved || !path.is_absolute() { None } else { file(state, path) }
}

/// What the person's own shell will have, where that is known, comes from a line of a file, and is another token: in a
/// window, else at a login.
fn next(snapshot: &Snapshot<'_>, name: &str, here: Option<&Token>) -> Option<Next> {
    [Mode::Interactive, Mode::Login].into_iter().find_map(|mode| {
        let (shell, next) = snapshot.state.next_shell(mode, name);
        let (Value::Known(token), Some(place)) = (next.value, next.place) else { return None };
        let differs = here.map_or(!token.is_blank(), |here| are_two(here, &token));
        differs.then(|| Next { shell, mode, token: (*token).clone(), place })
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

    #[test]
    fn a_token_that_only_the_next_shell_has() {
        let login = |fake: Fake| fake.file("/home/u/.cache/huggingface/token", token('A'));
        let line = format!("export HF_TOKEN={}\n", token('B'));
        let bare = || Fake::home().var("SHELL", "/bin/bash");
        let found = run(&RULE, &login(bare().file("/home/u/.bashrc", &line)));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Severity::Info);
        assert_eq!(found[0].help.as_ref().unwrap().command, "hflint fix --unset");
        assert_eq!(found[0].locations[0], Location::line("/home/u/.bashrc", 1));
        let same = line.replace(&token('B'), &token('A'));
        for quiet in [
            login(bare().file("/home/u/.bashrc", same)),
            bare().file("/home/u/.bashrc", &line),
            login(bare().file("/home/u/.zshrc", &line)),
            login(bare().file("/home/u/.bashrc", format!("export HF_HOME=/data/hf\n{line}"))),
            login(bare().file("/home/u/.bashrc", "export HF_TOKEN=\n")),
        ] {
            assert!(findings(&RULE, &quiet).is_empty());
        }
        // An empty one here hides nothing, and is none.
        assert_eq!(findings(&RULE, &login(bare().var("HF_TOKEN", "").file("/home/u/.bashrc", &line))), ["info"]);
    }
}
