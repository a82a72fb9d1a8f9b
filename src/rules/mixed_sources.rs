//! HF102

use super::env_shadows_login::shadow;
use super::places::{clients, default_path, file, is_read, login_path, variable};
use crate::clients::Candidate;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::Snapshot;
use crate::system::path::absolute;

declare_rule! {
    /// ## What it does
    /// Says when two sources hold different tokens and no other finding tells of the pair: both environment names, a
    /// login at a second place, git's credential store, an OIDC exchange beside a token.
    ///
    /// ## Why it matters
    /// Which of the two is sent depends on the client and its release. One shell is then two people.
    ///
    /// ## Example
    /// ```text
    /// HF_TOKEN                  hf_****aaaa   sent from huggingface_hub 0.19 on
    /// HUGGING_FACE_HUB_TOKEN    hf_****bbbb   sent before
    /// ```
    ///
    /// ## How to fix
    /// Keep one of them. `hflint status` shows which client sends which.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe; taking a token out of a file asks first.
    ///
    /// ## Exceptions
    /// It is only worth knowing (`info`) where no huggingface_hub here would ever choose between the two: a login at a
    /// place that no client here reads, or git's own credential. Stored tokens that are not active do not count.
    ///
    /// ## References
    /// - huggingface_hub 2.4.0, `utils/_auth.py`
    /// - git 2.47, `gitcredentials(7)`
    pub(super) static RULE = {
        code: "HF102",
        name: "mixed-sources",
        summary: "two sources hold different tokens",
        severity: Warning,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    if let (Some(new), Some(old)) = (variable(state, "HF_TOKEN"), variable(state, "HUGGING_FACE_HUB_TOKEN"))
        && new != old
    {
        out.push(
            Finding::new(&RULE, Severity::Warning, "HF_TOKEN and HUGGING_FACE_HUB_TOKEN hold different tokens")
                .at(Location::variable("HF_TOKEN"))
                .at(Location::variable("HUGGING_FACE_HUB_TOKEN"))
                .note("newer", format!("{} is sent from huggingface_hub 0.19 on", new.masked()))
                .note("older", format!("{} is sent before, and by tools that ask the old name first", old.masked()))
                .help("unset HUGGING_FACE_HUB_TOKEN", format!("then every client sends {}", new.masked())),
        );
        return;
    }
    let hub = snapshot.hub_or_newest();
    let sent = hub.answer.outcome.token().cloned().zip(hub.answer.source.clone());
    let oidc = state.non_empty("HF_OIDC_RESOURCE").is_some()
        && hub.answer.source == Some(Location::variable("HF_OIDC_RESOURCE"));
    if oidc && let Some(hidden) = hub.answer.hides.first() {
        out.push(
            Finding::new(
                &RULE,
                Severity::Info,
                "HF_OIDC_RESOURCE asks for a token of its own, and another token is set up as well",
            )
            .at(Location::variable("HF_OIDC_RESOURCE"))
            .at(hidden.source.clone())
            .note("hidden", format!("{} from huggingface_hub 1.19 on", hidden.token.masked()))
            .help("unset HF_OIDC_RESOURCE", format!("then {} is sent", hidden.token.masked())),
        );
        return;
    }
    let Some((token, source)) = sent else {
        return;
    };
    let already_told = shadow(snapshot).map(|s| s.login.source);
    for other in others(snapshot) {
        if other.token != token && Some(&other.source) != already_told.as_ref() && other.source != source {
            out.push(
                Finding::new(&RULE, Severity::Info, "two places hold different tokens")
                    .at(source.clone())
                    .at(other.source.clone())
                    .note("sent", token.masked())
                    .note("other", other.token.masked())
                    .help("hflint status", "shows which client sends which"),
            );
            return;
        }
    }
}

/// Tokens that no huggingface_hub here would come to: the default login where it was moved, git's stores.
fn others(snapshot: &Snapshot<'_>) -> Vec<Candidate> {
    let state = &snapshot.state;
    let mut out = Vec::new();
    let default = default_path(state);
    let moved = absolute(state.system, &login_path(snapshot)) != absolute(state.system, &default);
    if moved && let Some(found) = file(state, default) {
        // Where a client here reads it, the two clients disagree: that is HF108.
        if !is_read(snapshot, &found.source) || clients(snapshot).len() == 1 {
            out.push(found);
        }
    }
    out.extend(state.git().stored.iter().map(|s| s.credential.clone()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, token};
    use crate::system::fake::Fake;

    #[test]
    fn both_names_with_different_tokens() {
        let fake = Fake::home().var("HF_TOKEN", token('A')).var("HUGGING_FACE_HUB_TOKEN", token('B'));
        assert_eq!(findings(&RULE, &fake), ["warning"]);
        let same = Fake::home().var("HF_TOKEN", token('A')).var("HUGGING_FACE_HUB_TOKEN", token('A'));
        assert!(findings(&RULE, &same).is_empty());
    }

    #[test]
    fn a_login_at_the_default_place_is_worth_knowing() {
        let fake = Fake::home()
            .var("HF_HOME", "/home/u/hf")
            .file("/home/u/hf/token", token('A'))
            .file("/home/u/.cache/huggingface/token", token('B'));
        assert_eq!(findings(&RULE, &fake), ["info"]);
    }

    #[test]
    fn an_oidc_resource_beside_a_token() {
        let fake = Fake::home().var("HF_OIDC_RESOURCE", "o/r").var("HF_TOKEN", token('A'));
        assert_eq!(findings(&RULE, &fake), ["info"]);
    }
}
