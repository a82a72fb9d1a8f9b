//! HF108

use std::collections::BTreeSet;

use super::env_shadows_login::shadow;
use super::places::{are_two, called, core, legacy_path, variable};
use crate::finding::{Applicability, Finding, Severity};
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::system::path::absolute;

declare_rule! {
    /// ## What it does
    /// Says when two clients that are installed here send different tokens.
    ///
    /// ## Why it matters
    /// The same project acts as two people: one library sees the gated repository, the other does not.
    ///
    /// ## Example
    /// ```text
    /// huggingface_hub 2.4.0   hf_****aaaa   from HF_TOKEN
    /// hf-hub 0.5.0            hf_****bbbb   reads only the token file
    /// ```
    ///
    /// ## How to fix
    /// Put the token where both look. `hflint status` shows for each client where it looks.
    ///
    /// ## Fix safety
    /// The command is shown; you run it.
    ///
    /// ## Exceptions
    /// Silent where another finding already warns of these two places, and where one client sends no token at all:
    /// `status` shows that.
    ///
    /// ## References
    /// - hf-hub 0.1.0 to 1.0.0, huggingface_hub 0.0.1 to 2.4.0, and the clients that `hflint status` names
    pub(super) static RULE = {
        code: "HF108",
        name: "clients-disagree",
        summary: "two clients here send different tokens",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::DisplayOnly),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let installed = snapshot.installed();
    let told = told(snapshot);
    let pair = installed.iter().enumerate().find_map(|(i, a)| {
        installed[i + 1..].iter().find_map(|b| {
            let (sent_a, sent_b) = (a.answer.outcome.token()?, b.answer.outcome.token()?);
            let known = told.contains(&BTreeSet::from([core(sent_a), core(sent_b)]));
            (are_two(sent_a, sent_b) && !known).then_some([(a, sent_a), (b, sent_b)])
        })
    });
    let Some(pair) = pair else {
        return;
    };
    let [(a, _), (b, _)] = &pair;
    let message = format!("{} and {} send different tokens", called(&a.instance), called(&b.instance));
    let mut finding = Finding::new(&RULE, Severity::Warning, message);
    for (client, token) in &pair {
        finding.locations.extend(client.answer.source.clone());
        finding = finding.note("sends", format!("{}: {}", called(&client.instance), token.masked()));
    }
    out.push(finding.help("hflint status", "shows where each client looks"));
}

/// Pairs of tokens that another finding already sets against each other as a warning.
fn told(snapshot: &Snapshot<'_>) -> Vec<BTreeSet<Vec<u8>>> {
    let pair = |a: &Token, b: &Token| BTreeSet::from([core(a), core(b)]);
    let mut out = Vec::new();
    if let Some(s) = shadow(snapshot).filter(|s| !s.on_purpose) {
        out.push(pair(&s.token, &s.login.token));
    }
    let state = &snapshot.state;
    if let (Some(new), Some(old)) = (variable(state, "HF_TOKEN"), variable(state, "HUGGING_FACE_HUB_TOKEN")) {
        out.push(pair(&new, &old));
    }
    // A client that takes the legacy file is HF105, whatever the others send.
    let legacy = absolute(state.system, &legacy_path(state));
    for reader in
        snapshot.installed().iter().filter(|r| r.answer.source.as_ref().and_then(|s| s.path()) == Some(&legacy))
    {
        let others = snapshot.installed().iter().filter_map(|r| r.answer.outcome.token());
        out.extend(reader.answer.outcome.token().into_iter().flat_map(|a| others.clone().map(move |b| pair(a, b))));
    }
    out
}
