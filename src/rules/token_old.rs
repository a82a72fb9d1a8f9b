//! HF206

use super::oauth_expired::span;
use super::places::stored_name;
use crate::clients::clean::Clean;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::state::record::{self, Record};

declare_rule! {
    /// ## What it does
    /// Says when the token in use is older than `rotate-after` (90 days): the token file was last written longer ago than
    /// that, or hflint first met the token longer ago (`hflint log` has the record).
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
    /// The age is what is known of it: a token may be older than it seems, never younger. Silent for OAuth logins, which
    /// are renewed by themselves. A prompt reminds of it once a day at most, of a token in a variable only where it has
    /// something else to say: to remember how old that one is takes a look into the record. `warn = "never"`, or
    /// `ignore = ["HF206"]`, stops it.
    ///
    /// ## References
    /// - <https://huggingface.co/docs/hub/security-tokens>: tokens are to be rotated; they have no expiry date
    pub(crate) static RULE = {
        code: "HF206",
        name: "token-old",
        summary: "the token in use is older than rotate-after",
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
    let mut told: Vec<(&Token, &Location)> = Vec::new();
    let mut record: Option<Record> = None;
    for (token, source) in in_use(snapshot) {
        if told.contains(&(token, source)) {
            continue;
        }
        told.push((token, source));
        // One that cannot be read knows nothing of any token.
        let record = record.get_or_insert_with(|| record::load(state.system).unwrap_or_default());
        let (written, met) = (written(state, token, source), record.first_seen(token));
        let Some(since) = written.into_iter().chain(met).min() else { continue };
        let age = state.system.now().saturating_sub(since);
        if age <= seconds(snapshot) {
            continue;
        }
        let what = if written == Some(since) { "was written" } else { "was first seen" };
        let name = stored_name(snapshot, token).map_or_else(String::new, |name| format!(", named \"{name}\""));
        out.push(
            Finding::new(&RULE, Severity::Info, format!("the token in use {what} {} ago", span(age)))
                .known_as("the token in use is old")
                .at(match source {
                    Location::File { path, .. } => Location::file(path),
                    other => other.clone(),
                })
                .note("token", format!("{}{name}", token.masked()))
                .note("limit", format!("rotate-after is {limit}"))
                .help("hflint fix --rotate", "puts a new one, which it asks for, wherever this one stands"),
        );
    }
}

/// Whether a token file in use is older than the limit: all that a prompt looks at by itself, since it has looked at the
/// time of that file already.
pub(crate) fn file_is_old(snapshot: &Snapshot<'_>) -> bool {
    let state = &snapshot.state;
    // The time first: what is in the file is only looked at where that would matter.
    let is_old = |source: &Location| {
        let stat = source.path().and_then(|path| state.system.stat(path).ok());
        stat.is_some_and(|s| state.system.now().saturating_sub(s.mtime) > seconds(snapshot))
    };
    in_use(snapshot).any(|(token, source)| is_old(source) && is_token_file(state, source, token))
}

/// The limit.
fn seconds(snapshot: &Snapshot<'_>) -> i64 {
    i64::try_from(snapshot.config.rotate_after.value.duration().as_secs()).unwrap_or(i64::MAX)
}

/// What the clients here send, but for what is renewed by itself.
fn in_use<'s>(snapshot: &'s Snapshot<'_>) -> impl Iterator<Item = (&'s Token, &'s Location)> {
    let sent = snapshot.here().into_iter().filter_map(|c| c.answer.outcome.token().zip(c.answer.source.as_ref()));
    sent.filter(|(token, _)| !token.bytes().starts_with(b"hf_oauth_"))
}

/// When the file of a token was last written; `None` where the token stands in none of its own.
fn written(state: &State<'_>, token: &Token, source: &Location) -> Option<i64> {
    let path = source.path()?;
    let stat = state.system.stat(path).ok()?;
    is_token_file(state, source, token).then_some(stat.mtime)
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

    /// A token that the record met so many days ago.
    fn met(fake: Fake, letter: char, days: i64) -> Fake {
        let id = &crate::secret::sha256(format!("key{}", token(letter)).as_bytes())[..16];
        let place = "{\"kind\":\"variable\",\"name\":\"HF_TOKEN\"}";
        let at = NOW - days * DAY;
        let event = format!("{{\"at\":{at},\"event\":\"seen\",\"token\":\"{id}\",\"place\":{place}}}\n");
        fake.file("/home/u/.local/state/hflint/record/key", "key")
            .file("/home/u/.local/state/hflint/record/log.jsonl", event)
    }

    #[test]
    fn first_met_longer_ago_than_the_limit() {
        let variable = || Fake::home().now(NOW).var("HF_TOKEN", token('A'));
        assert_eq!(run(&RULE, &met(variable(), 'A', 100))[0].message, "the token in use was first seen 100 days ago");
        for fake in [met(variable(), 'A', 80), met(variable(), 'B', 100), met(variable(), 'A', -5)] {
            assert!(findings(&RULE, &fake).is_empty());
        }
        // A switch wrote the file anew.
        assert_eq!(run(&RULE, &met(written(2), 'A', 100))[0].message, "the token in use was first seen 100 days ago");
        assert_eq!(run(&RULE, &met(written(140), 'A', 100))[0].message, "the token in use was written 140 days ago");
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
