//! HF115

use super::endpoints;
use super::places::called;
use crate::clients::Outcome;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::Snapshot;

/// Asks for a token that is made from a CI's identity.
const RESOURCE: &str = "HF_OIDC_RESOURCE";

declare_rule! {
    /// ## What it does
    /// Says when `HF_OIDC_RESOURCE` is set and there is no id token to be had.
    ///
    /// ## Why it matters
    /// huggingface_hub 1.19 and newer then exchange an id token of the CI for a token of the Hub, before they look
    /// anywhere else. Without an id token every call raises OIDCError, also for public repositories; a perfectly good
    /// `HF_TOKEN` or login is not tried.
    ///
    /// ## Example
    /// ```text
    /// HF_OIDC_RESOURCE=org/repo      left from a workflow's script
    /// HF_TOKEN=hf_****aaaa           never looked at
    /// ```
    ///
    /// ## How to fix
    /// On a workstation: `unset HF_OIDC_RESOURCE`. In GitHub Actions: give the job `permissions: id-token: write`. In
    /// another CI: hand the id token over in `HF_OIDC_ID_TOKEN`.
    ///
    /// ## Fix safety
    /// The command is shown; you run it.
    ///
    /// ## Exceptions
    /// Silent where the huggingface_hub here is older than 1.19, which knows nothing of it, and where an id token is at
    /// hand: the token that comes of it can only be told by the Hub.
    ///
    /// ## References
    /// - huggingface_hub 1.19.0 to 2.4.0, `_oidc.py`
    /// - <https://huggingface.co/docs/hub/trusted-publishers>
    pub(super) static RULE = {
        code: "HF115",
        name: "oidc-resource-set",
        summary: "HF_OIDC_RESOURCE is set, and there is no id token",
        severity: Error,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::DisplayOnly),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let here = snapshot.here();
    let at = Location::variable(RESOURCE);
    let Some((client, class)) = here.iter().find_map(|r| match r.answer.outcome {
        // Without the network nothing works, and HF501 says so.
        Outcome::Error(class) if r.answer.source.as_ref() == Some(&at) && class != "OfflineModeIsEnabled" => {
            Some((r, class))
        }
        _ => None,
    }) else {
        return;
    };
    let missing = class == "OIDCError";
    // An address that nothing can be sent to is HF508.
    if !missing && endpoints::here(snapshot).is_none() {
        return;
    }
    let in_workflow = snapshot.state.var("GITHUB_ACTIONS").is_some_and(|v| v == "true");
    let why = if !missing {
        "what the CI handed over for the exchange cannot be sent"
    } else if in_workflow {
        "this workflow's job has no permission `id-token: write`"
    } else {
        "neither HF_OIDC_ID_TOKEN nor a GitHub workflow is there to give one"
    };
    let then = match client.answer.hides.first() {
        Some(next) => format!("then {} is sent", next.token.masked()),
        None => "then no token is sent, which is enough for public repositories".to_owned(),
    };
    let mut finding = Finding::new(
        &RULE,
        Severity::Error,
        if missing {
            format!("{RESOURCE} is set, and there is no id token")
        } else {
            format!("{RESOURCE} is set, and no id token can be exchanged")
        },
    )
    .at(at.clone())
    .note("sends", format!("nothing: {} fails with {class} at every call", called(&client.instance)))
    .note("why", why);
    if let Some(hidden) = client.answer.hides.first() {
        finding = finding.at(hidden.source.clone()).note("hidden", hidden.token.masked());
    }
    out.push(finding.help(format!("unset {RESOURCE}"), then));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, python, token};
    use crate::system::fake::Fake;

    fn resource() -> Fake {
        Fake::home().var(RESOURCE, "org/repo").var("HF_TOKEN", token('A'))
    }

    #[test]
    fn fires_without_an_id_token() {
        let workflow = resource().var("GITHUB_ACTIONS", "true");
        let spelled = resource()
            .var("GITHUB_ACTIONS", "True")
            .var("ACTIONS_ID_TOKEN_REQUEST_URL", "http://x")
            .var("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t");
        let malformed = resource()
            .var("GITHUB_ACTIONS", "true")
            .var("ACTIONS_ID_TOKEN_REQUEST_URL", "x")
            .var("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t");
        for fake in [resource(), workflow, spelled, malformed] {
            assert_eq!(findings(&RULE, &fake), ["error"]);
        }
    }

    #[test]
    fn silent_with_one_or_with_an_older_client() {
        let given = resource().var("HF_OIDC_ID_TOKEN", "jwt");
        let minted = resource()
            .var("GITHUB_ACTIONS", "true")
            .var("ACTIONS_ID_TOKEN_REQUEST_URL", "http://x")
            .var("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t");
        let older = python(resource(), &[("huggingface_hub", "0.36.2")]);
        let empty = Fake::home().var(RESOURCE, "");
        for fake in [given, minted, older, empty] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
