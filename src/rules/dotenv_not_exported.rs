//! HF111

use super::places::variable;
use crate::clients::clean::Clean;
use crate::clients::shape::{self, Shape};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::output::sanitize;
use crate::secret::Token;
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::state::startup::Shell;

declare_rule! {
    /// ## What it does
    /// Compares the token in the nearest `.env` with the one in the shell.
    ///
    /// ## Why it matters
    /// python-dotenv and its kin never replace a variable that exists: what the shell exports defeats the `.env`, and
    /// the project acts as somebody else. And a `.env` that nothing loads leaves the client anonymous.
    ///
    /// ## Example
    /// ```text
    /// .env:1     HF_TOKEN=hf_****bbbb
    /// HF_TOKEN   hf_****aaaa   (environment)
    /// ```
    ///
    /// ## How to fix
    /// `unset HF_TOKEN` in this shell, so that the loader sets the project's own; or load the file into the shell with
    /// direnv.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe.
    ///
    /// ## Exceptions
    /// Only worth knowing (`info`) where the shell exports no token at all: the program may load the file itself. Silent
    /// where both are the same.
    ///
    /// ## References
    /// - python-dotenv 1.2.1, `main.py`: `load_dotenv(override=False)`
    pub(super) static RULE = {
        code: "HF111",
        name: "dotenv-not-exported",
        summary: "the project's .env names another token than the shell",
        severity: Warning,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let Some(dotenv) = state.dotenv() else {
        return;
    };
    for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
        let Some(entry) = dotenv.get(name) else {
            continue;
        };
        let Some(value) = entry.value.as_deref() else {
            continue;
        };
        let own = Token::new(Clean::Hub.apply(value));
        // A template that nobody filled in, a reference to the shell's own variable, or the address of a secret, which
        // `op run` and its kin put in over what the shell exports: none of them names another token.
        let shape = shape::read(value).shape;
        if own.bytes().is_empty() || matches!(shape, Shape::Placeholder | Shape::Unexpanded | Shape::Reference) {
            continue;
        }
        let at = Location::line(&dotenv.path, entry.line);
        match (variable(state, name), state.var(name)) {
            (Some(shell), _) if shell == own => {}
            (Some(shell), _) => out.push(
                Finding::new(
                    &RULE,
                    Severity::Warning,
                    format!("{name} of the shell defeats the one in .env: a loader keeps what is exported"),
                )
                .brief(format!(
                    "{name} defeats the one in {}",
                    sanitize::path(&dotenv.path, state.var("HOME").as_deref())
                ))
                .at(Location::variable(name))
                .at(at)
                .note("shell", shell.masked())
                .note(".env", own.masked())
                .unset(&[name], format!("then programs that load .env send {}", own.masked())),
            ),
            // Set but blank: HF201 says that it blocks the file.
            (None, Some(_)) => {}
            (None, None) => {
                let finding =
                    Finding::new(&RULE, Severity::Info, format!(".env names {name}, and the shell does not export it"));
                let posix = matches!(Shell::own(state.system), Shell::Bash | Shell::Zsh | Shell::Sh);
                let has_envrc =
                    dotenv.path.ancestors().skip(1).any(|dir| state.system.stat(&dir.join(".envrc")).is_ok());
                let finding = if posix && !has_envrc {
                    let command = format!("set -a; . {}; set +a", quote_path(Some(&dotenv.path)));
                    finding.help(command, "exports to this shell what stands in it")
                } else {
                    finding.help("direnv allow", "loads it into the shell, with a line `dotenv` in .envrc")
                };
                out.push(finding.at(at).note(".env", own.masked()));
            }
        }
    }
}
