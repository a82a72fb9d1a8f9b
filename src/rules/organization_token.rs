//! HF204

use super::places::called;
use super::values::{becomes, login, values};
use crate::clients::Outcome;
use crate::clients::shape::Shape;
use crate::finding::{Applicability, Finding, Severity};
use crate::snapshot::Snapshot;

declare_rule! {
    /// ## What it does
    /// Finds a token of an organization (`api_org_…`) in use.
    ///
    /// ## Why it matters
    /// The Hub gave such tokens up in favour of personal and fine-grained ones. `hf auth login` refuses them, and write
    /// actions of huggingface_hub 0.10 to 0.26 raise ValueError. They belong to nobody, so nobody notices when they
    /// stop working.
    ///
    /// ## Example
    /// ```text
    /// HF_TOKEN=api****wxyz
    /// ```
    ///
    /// ## How to fix
    /// Make a fine-grained token with rights for the organization, and put it in the same place:
    /// <https://huggingface.co/settings/tokens>.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe; a new login writes the token file and is asked for.
    ///
    /// ## Exceptions
    /// Silent for an organization's token that no client here sends.
    ///
    /// ## References
    /// - huggingface_hub 0.10.0 to 2.4.0, `_login.py` ("You must use your personal account token, not an organization
    ///   token.")
    pub(super) static RULE = {
        code: "HF204",
        name: "organization-token",
        summary: "a token of an organization, which logins refuse",
        severity: Warning,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    for value in values(snapshot).iter().filter(|v| v.reading.shape == Shape::Organization) {
        let here = value.decides_for(snapshot);
        let Some(sender) = here.iter().find(|r| matches!(r.answer.outcome, Outcome::Token(_))) else {
            continue;
        };
        let shown = value.reading.token.as_ref().map_or_else(String::new, crate::secret::Token::masked);
        let message = format!("{} holds a token of an organization, which the Hub has given up", value.name());
        let finding = Finding::new(&RULE, Severity::Warning, message)
            .at(value.at.clone())
            .note("sends", format!("{shown}, by {}", called(&sender.instance)));
        out.push(if value.is_variable() {
            finding.unset(&[value.name()], becomes(snapshot, &value.at))
        } else {
            finding.help(login(snapshot), "writes a personal token there")
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, token};
    use crate::system::fake::Fake;

    const LOGIN: &str = "/home/u/.cache/huggingface/token";

    fn organization() -> String {
        format!("api_org_{}", "a".repeat(34))
    }

    #[test]
    fn fires_where_it_is_sent() {
        assert_eq!(findings(&RULE, &Fake::home().var("HF_TOKEN", organization())), ["warning"]);
        assert_eq!(findings(&RULE, &Fake::home().file(LOGIN, organization() + "\n")), ["warning"]);
    }

    #[test]
    fn silent_where_it_is_not() {
        let hidden = Fake::home().var("HF_TOKEN", token('A')).file(LOGIN, organization());
        assert!(findings(&RULE, &hidden).is_empty());
        assert!(findings(&super::super::token_shape::RULE, &Fake::home().file(LOGIN, organization())).is_empty());
    }
}
