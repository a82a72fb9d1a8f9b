//! HF302

use std::path::PathBuf;

use super::places::{default_path, file, login_path, moving_variables};
use super::reach::{Others, others};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::Snapshot;
use crate::system::path::absolute;

declare_rule! {
    /// ## What it does
    /// Finds a token in an `HF_HOME` that several people share.
    ///
    /// ## Why it matters
    /// Whoever may write to the directory can put another token in its place, and act for the person from then on. And
    /// a login by huggingface_hub 1.16 or newer closes the directory for everybody else (mode 0700): the shared models
    /// are gone for them.
    ///
    /// ## Example
    /// ```text
    /// HF_HOME=/shared/hf             mode 2775, group ml
    /// /shared/hf/token               hf_****aaaa
    /// ```
    ///
    /// ## How to fix
    /// Share the models only, and keep the token at home:
    /// `export HF_TOKEN_PATH="$HOME/.cache/huggingface/token"`, then `hf auth login`.
    ///
    /// ## Fix safety
    /// The command is shown; you run it.
    ///
    /// ## Exceptions
    /// Silent where no token lies in the shared place, where `HF_TOKEN_PATH` leads out of it, and for a directory of
    /// one's own that others may only look into.
    ///
    /// ## References
    /// - huggingface_hub 1.16.0 to 2.4.0, `_login.py`: the parent of the token file becomes 0700 at every write
    pub(super) static RULE = {
        code: "HF302",
        name: "shared-home-token",
        summary: "a token in an HF_HOME that several people share",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::DisplayOnly),
        check: check,
    }
}

/// A token in a place that several people share.
pub(super) struct Shared {
    pub(super) token: PathBuf,
    variable: &'static str,
    directory: PathBuf,
    how: &'static str,
}

/// What `HF_HOME`, or `XDG_CACHE_HOME` in its place, makes of the login here.
pub(super) fn shared(snapshot: &Snapshot<'_>) -> Option<Shared> {
    let state = &snapshot.state;
    let variable = *moving_variables(snapshot).first().filter(|name| **name != "HF_TOKEN_PATH")?;
    let token = absolute(state.system, login_path(snapshot));
    file(state, login_path(snapshot))?;
    let directory = token.parent()?.to_owned();
    let stat = state.system.stat(&directory).ok()?;
    let how = match others(state, &directory, 2) {
        _ if stat.uid != state.system.uid() => "belongs to another user",
        Some(Others::All) => "everybody may write to",
        Some(Others::Group) => "a group may write to",
        None => return None,
    };
    Some(Shared { token, variable, directory, how })
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let Some(Shared { token, variable, directory, how }) = shared(snapshot) else {
        return;
    };
    let own = absolute(state.system, &default_path(state));
    let then = match file(state, &own) {
        Some(login) => format!("then {} of your own cache is sent, and the models stay shared", login.token.masked()),
        None => "then log in once more: the token is kept at home, and the models stay shared".to_owned(),
    };
    let mut finding =
        Finding::new(&RULE, Severity::Warning, format!("the token lies in {variable}, a directory that {how}"))
            .at(Location::file(&token))
            .at(Location::directory(&directory))
            .at(Location::variable(variable));
    if let Some(who) = others(state, &token, 4) {
        finding = finding.note("read by", who.words());
    }
    out.push(finding.help("export HF_TOKEN_PATH=\"$HOME/.cache/huggingface/token\"", then));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, token};
    use crate::rules::token_file_perms;
    use crate::system::fake::Fake;

    fn at(mode: u32) -> Fake {
        Fake::home().var("HF_HOME", "/shared/hf").dir("/shared/hf", mode).file("/shared/hf/token", token('A'))
    }

    #[test]
    fn fires_for_a_directory_of_others() {
        let group = at(0o770).owner("/shared/hf", 1000, 50);
        let foreign = at(0o755).owner("/shared/hf", 0, 0);
        for fake in [at(0o777), at(0o2775), group, foreign] {
            assert_eq!(findings(&RULE, &fake), ["warning"]);
        }
    }

    #[test]
    fn one_fact_is_one_finding() {
        let fake = at(0o777).mode("/shared/hf/token", token('A'), 0o644);
        assert_eq!(findings(&RULE, &fake), ["warning"]);
        assert!(findings(&token_file_perms::RULE, &fake).is_empty());
    }

    #[test]
    fn silent_for_ones_own_directory() {
        let own_group = at(0o775);
        let closed = at(0o777).dir("/shared", 0o700);
        let no_token = Fake::home().var("HF_HOME", "/shared/hf").dir("/shared/hf", 0o2775);
        let kept_out = at(0o2775).var("HF_TOKEN_PATH", "/home/u/t").file("/home/u/t", token('B'));
        let default = Fake::home().file("/home/u/.cache/huggingface/token", token('A'));
        for fake in [at(0o755), own_group, closed, no_token, kept_out, default] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
