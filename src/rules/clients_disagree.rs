//! HF108

use std::collections::BTreeSet;

use super::env_shadows_login::shadow;
use super::places::{called, differ, variable};
use crate::clients::Outcome;
use crate::finding::{Applicability, Finding, Severity};
use crate::snapshot::{Resolved, Snapshot};

declare_rule! {
    /// ## What it does
    /// Says when two clients that are installed here send different tokens, or one sends a token and the other none.
    ///
    /// ## Why it matters
    /// The same project works with one library and answers 401 with the other, or acts as two people.
    ///
    /// ## Example
    /// ```text
    /// huggingface_hub 2.4.0   hf_****aaaa   from HF_TOKEN
    /// hf-hub 0.5.0            nothing       reads only the token file
    /// ```
    ///
    /// ## How to fix
    /// Put the token where both look. `hflint status` shows for each client where it looks.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe; everything else asks first.
    ///
    /// ## Exceptions
    /// Silent where another finding already tells of these two places.
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
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let installed = snapshot.installed();
    let told = told(snapshot);
    let pair = installed.iter().enumerate().find_map(|(i, a)| {
        installed[i + 1..]
            .iter()
            .find(|b| differ(&a.answer.outcome, &b.answer.outcome) && !is_told(a, b, &told))
            .map(|b| (a, b))
    });
    let Some((a, b)) = pair else {
        return;
    };
    let mut finding = Finding::new(
        &RULE,
        Severity::Warning,
        format!("{} and {} send different tokens", called(&a.instance), called(&b.instance)),
    );
    for r in [a, b] {
        finding.locations.extend(r.answer.source.clone());
        finding = finding.note("sends", format!("{}: {}", called(&r.instance), says(&r.answer.outcome)));
    }
    out.push(finding.help("hflint status", "shows where each client looks"));
}

fn says(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Token(t) if t.bytes().is_empty() => "an empty token".to_owned(),
        Outcome::Token(t) => t.masked(),
        Outcome::Anonymous => "no token".to_owned(),
        Outcome::Error(class) => format!("fails with {class}"),
        Outcome::Unknown => "cannot be told offline".to_owned(),
    }
}

/// Fingerprints of pairs of tokens that another finding already sets against each other.
fn told(snapshot: &Snapshot<'_>) -> Vec<BTreeSet<String>> {
    let pair = |a: &crate::secret::Token, b: &crate::secret::Token| BTreeSet::from([a.fingerprint(), b.fingerprint()]);
    let mut out = Vec::new();
    if let Some(s) = shadow(snapshot) {
        out.push(pair(&s.token, &s.login.token));
    }
    let names = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"].map(|n| variable(&snapshot.state, n));
    if let [Some(new), Some(old)] = names {
        out.push(pair(&new, &old));
    }
    out
}

fn is_told(a: &Resolved, b: &Resolved, told: &[BTreeSet<String>]) -> bool {
    match (a.answer.outcome.token(), b.answer.outcome.token()) {
        // A blank in a variable is HF201, a value with dirt round it HF203: both say who sends what.
        (Some(a), Some(b)) => {
            let clean = |t: &crate::secret::Token| crate::clients::clean::Clean::Hub.apply(t.bytes());
            told.contains(&BTreeSet::from([a.fingerprint(), b.fingerprint()])) || clean(a) == clean(b)
        }
        (Some(only), None) | (None, Some(only)) => only.is_blank(),
        (None, None) => true,
    }
}
