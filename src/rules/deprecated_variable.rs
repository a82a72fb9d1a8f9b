//! HF103

use super::places::{are_two, variable};
use crate::clients::version::Version;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::Snapshot;

declare_rule! {
    /// ## What it does
    /// Says when `HUGGING_FACE_HUB_TOKEN` or `HUGGINGFACE_HUB_CACHE` is set: names that have a successor.
    ///
    /// ## Why it matters
    /// huggingface_hub still reads them, after the new names. Most other clients do not: hf-hub, hfjs, transformers.js,
    /// llama.cpp, Polars and DuckDB ignore the old token name, so they act as somebody else or as nobody.
    ///
    /// ## Example
    /// ```text
    /// HUGGING_FACE_HUB_TOKEN=hf_****bbbb   with   HF_TOKEN=hf_****aaaa
    /// ```
    ///
    /// ## How to fix
    /// Rename it where it is set: `HF_TOKEN`, `HF_HUB_CACHE`.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe; editing the file that sets it asks first.
    ///
    /// ## Exceptions
    /// Silent where the installed huggingface_hub is older than 0.19, which knows only the old names. A warning where
    /// the old name holds a token that is not the one sent.
    ///
    /// ## References
    /// - huggingface_hub 0.19.0 to 2.4.0, `constants.py` and `utils/_auth.py`
    pub(super) static RULE = {
        code: "HF103",
        name: "deprecated-variable",
        summary: "a variable with an old name is in use",
        severity: Warning,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    if snapshot.hub_version() < Version::first_of(0, 19, 0) {
        return;
    }
    if let Some(old) = variable(state, "HUGGING_FACE_HUB_TOKEN") {
        let sent = snapshot.hub_or_newest().answer.outcome.token();
        // A blank that is sent is HF201, and its fix lets this one through.
        let disagrees = sent.is_some_and(|t| are_two(t, &old));
        let severity = if disagrees { Severity::Warning } else { Severity::Info };
        let message = if disagrees {
            "HUGGING_FACE_HUB_TOKEN, the old name, holds a token that is not the one sent"
        } else {
            "HUGGING_FACE_HUB_TOKEN is the old name of HF_TOKEN"
        };
        let mut finding = Finding::new(&RULE, severity, message).at(Location::variable("HUGGING_FACE_HUB_TOKEN"));
        finding = match sent {
            Some(sent) if disagrees => finding
                .note("old", old.masked())
                .note("sends", sent.masked())
                .unset(&["HUGGING_FACE_HUB_TOKEN"], format!("{} is sent, as now", sent.masked())),
            _ => finding.help(
                "export HF_TOKEN=\"$HUGGING_FACE_HUB_TOKEN\"; unset HUGGING_FACE_HUB_TOKEN",
                "then clients that know only the new name send it too",
            ),
        };
        out.push(finding);
    }
    if state.non_empty("HUGGINGFACE_HUB_CACHE").is_some() && state.var("HF_HUB_CACHE").is_none() {
        out.push(
            Finding::new(&RULE, Severity::Info, "HUGGINGFACE_HUB_CACHE is the old name of HF_HUB_CACHE")
                .at(Location::variable("HUGGINGFACE_HUB_CACHE"))
                .help("export HF_HUB_CACHE=\"$HUGGINGFACE_HUB_CACHE\"; unset HUGGINGFACE_HUB_CACHE", ""),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, python, token};
    use crate::system::fake::Fake;

    #[test]
    fn the_old_name_alone_is_worth_knowing() {
        let fake = Fake::home().var("HUGGING_FACE_HUB_TOKEN", token('A'));
        assert_eq!(findings(&RULE, &fake), ["info"]);
        assert_eq!(findings(&RULE, &Fake::home().var("HUGGINGFACE_HUB_CACHE", "/c")), ["info"]);
    }

    #[test]
    fn a_disagreement_is_a_warning() {
        let both = Fake::home().var("HUGGING_FACE_HUB_TOKEN", token('A')).var("HF_TOKEN", token('B'));
        assert_eq!(findings(&RULE, &both), ["warning"]);
        let hidden_by_a_blank = Fake::home()
            .var("HUGGING_FACE_HUB_TOKEN", token('A'))
            .var("HF_TOKEN", " ")
            .file("/home/u/.cache/huggingface/token", token('B'));
        assert_eq!(findings(&RULE, &hidden_by_a_blank), ["warning"]);
        let sends_the_blank = python(hidden_by_a_blank, &[("huggingface_hub", "0.19.4")]);
        assert_eq!(findings(&RULE, &sends_the_blank), ["info"]);
    }

    #[test]
    fn silent_without_it() {
        assert!(findings(&RULE, &Fake::home().var("HF_TOKEN", token('A'))).is_empty());
        assert!(findings(&RULE, &Fake::home().var("HUGGING_FACE_HUB_TOKEN", " ")).is_empty());
    }
}
