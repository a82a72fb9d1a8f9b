//! HF207

use super::oauth_expired::span;
use super::places::called;
use super::values::{becomes, login};
use crate::clients::endpoint;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::record::verified;

declare_rule! {
    /// ## What it does
    /// Remembers what the hub said of a token when `hflint verify` had it asked, and says so while a client here still
    /// sends a token that was refused.
    ///
    /// ## Why it matters
    /// A dead token is worse than none: it is sent with every request, and the hub answers 401 even for public
    /// repositories.
    ///
    /// ## Example
    /// ```text
    /// HF_TOKEN   hf_****aaaa   refused by https://huggingface.co, 2 hours ago
    /// ```
    ///
    /// ## How to fix
    /// Take the variable away, or log in again.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe; a login writes the token file and is yours to run.
    ///
    /// ## Exceptions
    /// What one endpoint said counts for that endpoint alone. Nothing is asked here: without `hflint verify` nothing is
    /// known. A log that is explained never sets it, since it may be another machine's.
    ///
    /// ## References
    /// - `hflint verify`
    pub(super) static RULE = {
        code: "HF207",
        name: "token-rejected",
        summary: "a token that the hub refused when it was last asked is still sent",
        severity: Error,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let here = snapshot.here();
    let mut senders = here.iter().filter(|r| r.answer.outcome.token().is_some_and(Token::is_shaped)).peekable();
    if senders.peek().is_none() {
        return;
    }
    let verified = verified::read(state.system);
    let mut seen: Vec<&Token> = Vec::new();
    for client in senders {
        let Some(token) = client.answer.outcome.token().filter(|t| !seen.contains(t)) else { continue };
        let release = if client.instance.is_hub() { client.instance.version } else { client.instance.hub };
        let endpoint = endpoint::hub(state.system, release);
        let Some(answer) = verified.of(token, &endpoint).filter(|a| !a.alive) else { continue };
        seen.push(token);
        let ago = span(state.system.now().saturating_sub(answer.at).max(0));
        let host = verified::plain(&endpoint);
        let mut finding =
            Finding::new(&RULE, Severity::Error, format!("{host} refused the token that is sent, {ago} ago"))
                .brief("the token that is sent is dead")
                .known_as(format!("{host} refused {}", token.masked()));
        finding.locations.extend(client.answer.source.clone());
        finding = finding.note("sends", format!("{} by {}", token.masked(), called(&client.instance)));
        out.push(match &client.answer.source {
            Some(at @ Location::Variable { name }) => finding.unset(&[name], becomes(snapshot, at)),
            _ => finding.help(login(snapshot), "writes a new token"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, run, token};
    use crate::state::record::verified::plain;
    use crate::system::fake::Fake;

    fn told(fake: Fake, letter: char, endpoint: &str, alive: bool) -> Fake {
        let hash = crate::secret::sha256(format!("key{}", token(letter)).as_bytes());
        let endpoint = plain(endpoint);
        let text = format!(
            "{{\"version\": 1, \"answers\": [{{\"token\": \"{hash}\", \"endpoint\": \"{endpoint}\", \"alive\": {alive}, \"at\": 0, \"user\": null}}]}}"
        );
        fake.file("/home/u/.local/state/hflint/record/key", "key")
            .file("/home/u/.local/state/hflint/record/verified.json", text)
    }

    #[test]
    fn a_token_that_was_refused_here() {
        let dead = told(Fake::home().var("HF_TOKEN", token('A')), 'A', endpoint::DEFAULT, false);
        assert_eq!(findings(&RULE, &dead), ["error"]);
        assert_eq!(run(&RULE, &dead)[0].help.as_ref().unwrap().command, "hflint fix --unset");
        let file = Fake::home().file("/home/u/.cache/huggingface/token", token('A'));
        assert_eq!(findings(&RULE, &told(file, 'A', endpoint::DEFAULT, false)), ["error"]);
    }

    #[test]
    fn silent_for_another_answer() {
        let home = || Fake::home().var("HF_TOKEN", token('A'));
        for fake in [
            home(),
            told(home(), 'A', endpoint::DEFAULT, true),
            told(home(), 'B', endpoint::DEFAULT, false),
            told(home(), 'A', "https://hf-mirror.com", false),
            told(Fake::home(), 'A', endpoint::DEFAULT, false),
            told(home(), 'A', endpoint::DEFAULT, false).file("/home/u/.local/state/hflint/record/verified.json", "{"),
        ] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
