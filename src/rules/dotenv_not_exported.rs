//! HF111

use std::path::Path;

use super::places::variable;
use crate::clients::clean::Clean;
use crate::clients::shape::{self, Shape};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::output::sanitize;
use crate::secret::Token;
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::state::places;
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
    /// Only worth knowing (`info`) where the shell exports no token at all: the program may load the file itself; and where
    /// what the project is run with puts the file over what is exported: pipenv, poe, mise, just with `dotenv-override`.
    /// Silent where both are the same.
    ///
    /// ## References
    /// - python-dotenv 1.2.1, `main.py`: `load_dotenv(override=False)`; pipenv 2026.10, `load_dot_env`: `override=True`
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
        // No token has a colon: `vault:secret/hf`, `sm://project/hf` are addresses as well.
        if own.bytes().contains(&b':') {
            continue;
        }
        let at = Location::line(&dotenv.path, entry.line);
        match (variable(state, name), state.var(name)) {
            (Some(shell), _) if shell == own => {}
            (Some(shell), _) => out.push(differs(snapshot, name, &shell, &own, at)),
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

/// What the shell exports, and another token in the file.
fn differs(snapshot: &Snapshot<'_>, name: &'static str, shell: &Token, own: &Token, at: Location) -> Finding {
    let state = &snapshot.state;
    let path = at.path().unwrap_or(Path::new(".env"));
    let over = places::put_over(state, path, name);
    let (severity, message) = match over {
        Some(loader) => {
            (Severity::Info, format!("{name} of .env is another than the shell's, and {loader} puts it over that"))
        }
        None => {
            (Severity::Warning, format!("{name} of the shell defeats the one in .env: a loader keeps what is exported"))
        }
    };
    let brief = format!("{name} defeats the one in {}", sanitize::path(path, state.var("HOME").as_deref()));
    let finding = Finding::new(&RULE, severity, message)
        .brief(brief)
        .at(Location::variable(name))
        .note("shell", shell.masked())
        .note(".env", own.masked());
    let finding = finding.at(at);
    let then = format!("then programs that load .env send {}", own.masked());
    // What is there on purpose is not for `hflint fix` to take away.
    if over.is_some() { finding.help(format!("unset {name}"), then) } else { finding.unset(&[name], then) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, token};
    use crate::system::fake::Fake;

    #[test]
    fn what_loaders_do_that_put_the_file_over_the_shell() {
        let plain = Fake::home()
            .cwd("/home/u/p")
            .var("HF_TOKEN", token('A'))
            .file("/home/u/p/.env", format!("HF_TOKEN={}\n", token('B')));
        assert_eq!(findings(&RULE, &plain), ["warning"]);
        let poe = "[tool.poe]\nenvfile = { optional = ['.env'] }\n";
        for (name, text) in [
            ("Pipfile", ""),
            ("pyproject.toml", poe),
            ("mise.toml", "[env]\n_.file = '.env'\n"),
            ("justfile", "set dotenv-override\n"),
        ] {
            assert_eq!(findings(&RULE, &plain.clone().file(&format!("/home/u/p/{name}"), text)), ["info"], "{name}");
        }
        for (name, text) in [
            ("justfile", "set dotenv-load\n"),
            ("compose.yaml", "services: {a: {env_file: .env}}\n"),
            ("Taskfile.yml", "dotenv: ['.env']\n"),
            ("pyproject.toml", "[tool.pdm.scripts]\n_.env_file = '.env'\n"),
        ] {
            assert_eq!(findings(&RULE, &plain.clone().file(&format!("/home/u/p/{name}"), text)), ["warning"], "{name}");
        }
        let off = plain.clone().file("/home/u/p/Pipfile", "").var("PIPENV_DONT_LOAD_ENV", "1");
        assert_eq!(findings(&RULE, &off), ["warning"]);
    }

    #[test]
    fn an_address_is_no_other_token() {
        for value in ["op://dev/hf/token", "vault:secret/hf#token", "sm://project/hf", "${HF_TOKEN}"] {
            let fake = Fake::home().var("HF_TOKEN", token('A')).file("/home/u/.env", format!("HF_TOKEN={value}\n"));
            assert!(findings(&RULE, &fake).is_empty(), "{value}");
        }
    }
}
