//! HF501

use crate::clients::paths::is_true;
use crate::clients::version::Version;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::Snapshot;

declare_rule! {
    /// ## What it does
    /// Says when a switch keeps the clients here off the network.
    ///
    /// ## Why it matters
    /// Nothing is downloaded, and `hf auth login` and `whoami` raise OfflineModeIsEnabled. `TRANSFORMERS_OFFLINE`
    /// switches off all of huggingface_hub, not transformers alone.
    ///
    /// ## Example
    /// ```text
    /// TRANSFORMERS_OFFLINE=1
    /// ```
    ///
    /// ## How to fix
    /// `unset HF_HUB_OFFLINE`, where it was left on by mistake.
    ///
    /// ## Fix safety
    /// The command is shown; you run it.
    ///
    /// ## Exceptions
    /// Only worth knowing: compute nodes without a network want it so. `1`, `ON`, `YES` and `TRUE` count, nothing else;
    /// `HF_HUB_OFFLINE=0` also hides `TRANSFORMERS_OFFLINE`.
    ///
    /// ## References
    /// - huggingface_hub 0.13.0 to 2.4.0, `constants.py`; datasets, `config.py`
    pub(super) static RULE = {
        code: "HF501",
        name: "offline-mode",
        summary: "a switch keeps clients off the network",
        severity: Info,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::DisplayOnly),
        check: check,
    }
}

/// The variable that switches huggingface_hub off here: `_is_true(HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE)`, the second
/// from 0.13 on.
pub(super) fn switch(snapshot: &Snapshot<'_>) -> Option<&'static str> {
    let state = &snapshot.state;
    let name = if state.non_empty("HF_HUB_OFFLINE").is_some() || snapshot.hub_version() < Version::first_of(0, 13, 0) {
        "HF_HUB_OFFLINE"
    } else {
        "TRANSFORMERS_OFFLINE"
    };
    is_true(state.system, name).then_some(name)
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let (name, who) = match switch(snapshot) {
        Some(name) => (name, "huggingface_hub and all that builds on it"),
        None if is_true(snapshot.state.system, "HF_DATASETS_OFFLINE") => ("HF_DATASETS_OFFLINE", "datasets"),
        None => return,
    };
    let at = Location::variable(name);
    let finding = Finding::new(&RULE, Severity::Info, format!("{name} keeps {who} off the network"))
        .at(at.clone())
        .help(format!("unset {name}"), "then files that are not cached are downloaded");
    out.push(finding);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, python};
    use crate::system::fake::Fake;

    #[test]
    fn fires_for_each_switch() {
        for (name, value) in [("HF_HUB_OFFLINE", "true"), ("TRANSFORMERS_OFFLINE", "1"), ("HF_DATASETS_OFFLINE", "ON")]
        {
            assert_eq!(findings(&RULE, &Fake::home().var(name, value)), ["info"], "{name}");
        }
        let both = Fake::home().var("HF_HUB_OFFLINE", "1").var("TRANSFORMERS_OFFLINE", "1");
        assert_eq!(findings(&RULE, &both), ["info"]);
    }

    #[test]
    fn silent_for_what_is_not_true() {
        let zero = Fake::home().var("HF_HUB_OFFLINE", "0").var("TRANSFORMERS_OFFLINE", "1");
        let two = Fake::home().var("HF_HUB_OFFLINE", "2");
        let old = python(Fake::home().var("TRANSFORMERS_OFFLINE", "1"), &[("huggingface_hub", "0.12.1")]);
        for fake in [zero, two, old] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
