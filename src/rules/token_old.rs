//! HF206

use super::oauth_expired::span;
use super::places::stored_name;
use crate::clients::clean::Clean;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::State;

declare_rule! {
    /// ## What it does
    /// Says when the token file in use was last written longer ago than `rotate-after` (90 days).
    ///
    /// ## Why it matters
    /// The longer a token lives, the more logs, backups and copies of directories hold it. A token of the Hub does not
    /// expire by itself.
    ///
    /// ## Example
    /// ```text
    /// ~/.cache/huggingface/token     written 140 days ago
    /// ```
    ///
    /// ## How to fix
    /// Make a new token at <https://huggingface.co/settings/tokens>, put it in the place of the old one with
    /// `hflint fix --rotate`, and revoke the old one there. Or set `rotate-after` to what you hold for right.
    ///
    /// ## Fix safety
    /// `hflint fix --rotate` asks for the new token, shows what it changes, and can be undone.
    ///
    /// ## Exceptions
    /// The age is that of the file: a switch to another stored login writes it anew, so that a token may be older than
    /// it seems, never younger. Silent for a token in a variable, which has no age, and for OAuth logins, which are
    /// renewed by themselves. `check` tells it; a prompt never does.
    ///
    /// ## References
    /// - <https://huggingface.co/docs/hub/security-tokens>: tokens are to be rotated; they have no expiry date
    pub(super) static RULE = {
        code: "HF206",
        name: "token-old",
        summary: "the token file in use is older than rotate-after",
        severity: Info,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::DisplayOnly),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let limit = snapshot.config.rotate_after.value;
    let seconds = i64::try_from(limit.duration().as_secs()).unwrap_or(i64::MAX);
    let mut told: Vec<Location> = Vec::new();
    for client in snapshot.here() {
        let Some((token, source)) = client.answer.outcome.token().zip(client.answer.source.as_ref()) else { continue };
        let Some(path) = source.path().filter(|_| !told.contains(source)) else { continue };
        if !is_token_file(state, source, token) || token.bytes().starts_with(b"hf_oauth_") {
            continue;
        }
        let Ok(stat) = state.system.stat(path) else { continue };
        let age = state.system.now().saturating_sub(stat.mtime);
        if age <= seconds {
            continue;
        }
        told.push(source.clone());
        let name = stored_name(snapshot, token).map_or_else(String::new, |name| format!(", named \"{name}\""));
        out.push(
            Finding::new(&RULE, Severity::Info, format!("the token in use was written {} ago", span(age)))
                .known_as("the token in use is old")
                .at(Location::file(path))
                .note("token", format!("{}{name}", token.masked()))
                .note("limit", format!("rotate-after is {limit}"))
                .help("hflint fix --rotate", "puts a new one, which it asks for, wherever this one stands"),
        );
    }
}

/// Whether the file is there for this token alone: the age of a file with other lines says nothing of them.
fn is_token_file(state: &State<'_>, source: &Location, token: &Token) -> bool {
    let Some(path) = source.path() else { return false };
    let content = state.credential(path);
    content.as_ref().as_ref().is_ok_and(|c| Clean::Hub.apply(&c.bytes) == token.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, run, token};
    use crate::system::fake::Fake;

    const LOGIN: &str = "/home/u/.cache/huggingface/token";
    const NOW: i64 = 1_800_000_000;
    const DAY: i64 = 24 * 60 * 60;

    fn written(days: i64) -> Fake {
        Fake::home().now(NOW).file(LOGIN, token('A')).written(LOGIN, NOW - days * DAY)
    }

    #[test]
    fn older_than_the_limit() {
        let found = run(&RULE, &written(140));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "the token in use was written 140 days ago");
        for days in [-5, 0, 90] {
            assert!(findings(&RULE, &written(days)).is_empty(), "{days}");
        }
    }

    #[test]
    fn silent_where_the_file_is_not_in_use_or_renewed() {
        let oauth = format!("hf_oauth_{}", "a".repeat(34));
        let renewed = Fake::home().now(NOW).file(LOGIN, oauth).written(LOGIN, NOW - 200 * DAY);
        for fake in [written(140).var("HF_TOKEN", token('B')), renewed] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
