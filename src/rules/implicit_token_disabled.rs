//! HF116

use super::places::called;
use crate::clients::Outcome;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::Snapshot;

const SWITCH: &str = "HF_HUB_DISABLE_IMPLICIT_TOKEN";

declare_rule! {
    /// ## What it does
    /// Says when `HF_HUB_DISABLE_IMPLICIT_TOKEN` keeps a client here from sending a token by itself.
    ///
    /// ## Why it matters
    /// The token is there and is not sent: a gated or private repository answers 401 although the person is logged in.
    /// For the Rust crate hf-hub any value turns the switch on, `0` and `false` too.
    ///
    /// ## Example
    /// ```text
    /// HF_HUB_DISABLE_IMPLICIT_TOKEN=1
    /// HF_TOKEN=hf_****aaaa           not sent
    /// ```
    ///
    /// ## How to fix
    /// `unset HF_HUB_DISABLE_IMPLICIT_TOKEN`, or pass `token=True` where the token is wanted.
    ///
    /// ## Fix safety
    /// The command is shown; you run it.
    ///
    /// ## Exceptions
    /// Only worth knowing: somebody set it. Silent for a value that every client here takes for off.
    ///
    /// ## References
    /// - huggingface_hub 0.10.0 to 2.4.0 (`1`, `ON`, `YES`, `TRUE`); hf-hub 1.0.0 (any value that is not empty)
    pub(super) static RULE = {
        code: "HF116",
        name: "implicit-token-disabled",
        summary: "a switch keeps clients from sending a token by themselves",
        severity: Info,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::DisplayOnly),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let at = Location::variable(SWITCH);
    let here = snapshot.here();
    let obeys = here
        .iter()
        .filter(|r| matches!(r.answer.outcome, Outcome::Anonymous) && r.answer.source.as_ref() == Some(&at))
        .max_by_key(|r| r.answer.hides.len());
    let Some(client) = obeys else {
        return;
    };
    let mut finding = Finding::new(&RULE, Severity::Info, format!("{SWITCH} keeps clients from sending a token"))
        .at(at.clone())
        .note("sends", format!("no token by itself, by {}", called(&client.instance)));
    let then = match client.answer.hides.first() {
        Some(next) => {
            finding = finding.at(next.source.clone()).note("hidden", next.token.masked());
            format!("then {} is sent", next.token.masked())
        }
        None => "nothing changes: there is no token here".to_owned(),
    };
    out.push(finding.help(format!("unset {SWITCH}"), then));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{crates, findings, token};
    use crate::system::fake::Fake;

    #[test]
    fn fires_where_a_client_obeys() {
        let on = Fake::home().var(SWITCH, "YES").var("HF_TOKEN", token('A'));
        assert_eq!(findings(&RULE, &on), ["info"]);
        let rust = crates(Fake::home().var(SWITCH, "0").var("HF_TOKEN", token('A')), &[("hf-hub", "1.0.0")]);
        assert_eq!(findings(&RULE, &rust), ["info"]);
    }

    #[test]
    fn silent_for_values_that_mean_off() {
        for value in ["0", "", " 1", "2"] {
            assert!(findings(&RULE, &Fake::home().var(SWITCH, value).var("HF_TOKEN", token('A'))).is_empty());
        }
    }
}
