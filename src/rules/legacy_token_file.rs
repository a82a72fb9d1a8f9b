//! HF105

use super::places::{called, file, legacy_path};
use crate::clients::model::Step;
use crate::finding::{Applicability, Finding, Severity};
use crate::fix::plan::Remedy;
use crate::snapshot::{Resolved, Snapshot};

declare_rule! {
    /// ## What it does
    /// Finds `~/.huggingface/token`, where logins before 2023 were saved.
    ///
    /// ## Why it matters
    /// huggingface_hub below 0.12 reads only this file; 0.12 to 0.19 copies it to the new place when there is none, and
    /// from then on every client sends it; Swift and SkyPilot still look there. A token that everybody has forgotten
    /// comes back.
    ///
    /// ## Example
    /// ```text
    /// ~/.huggingface/token    hf_****bbbb
    /// ```
    ///
    /// ## How to fix
    /// Remove it, once no environment with huggingface_hub below 0.12 is left.
    ///
    /// ## Fix safety
    /// Removing a file asks first.
    ///
    /// ## Exceptions
    /// A warning only where an installed client takes its token from this file.
    ///
    /// ## References
    /// - huggingface_hub 0.11.1, 0.12.0 to 0.19.4 (`HfFolder._copy_to_new_path_and_warn`), 0.20.0
    pub(super) static RULE = {
        code: "HF105",
        name: "legacy-token-file",
        summary: "a token file from before 2023 is still there",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let Some(legacy) = file(&snapshot.state, &legacy_path(&snapshot.state)) else {
        return;
    };
    let here = snapshot.here();
    let reader = here.iter().find(|r| r.answer.source.as_ref() == Some(&legacy.source));
    let discard = || Remedy::Discard(legacy.source.path().unwrap_or(std::path::Path::new("")).to_owned());
    let finding = |severity, message: String| {
        Finding::new(&RULE, severity, message).at(legacy.source.clone()).note("holds", legacy.token.masked())
    };
    out.push(match reader {
        Some(r) if copies(r) => finding(
            Severity::Warning,
            format!(
                "{} copies the token of ~/.huggingface/token over as the login of every client",
                called(&r.instance)
            ),
        )
        .remedy(discard(), "then nobody is logged in by it"),
        Some(r) => finding(
            Severity::Warning,
            format!(
                "{} takes its token from ~/.huggingface/token, which newer clients do not read",
                called(&r.instance)
            ),
        )
        .help("pip install --upgrade huggingface_hub", "then `hf auth login` counts for all"),
        None => finding(Severity::Info, "~/.huggingface/token is left over; no client here reads it".to_owned())
            .remedy(discard(), "nothing changes for the clients here"),
    });
}

fn copies(reader: &Resolved) -> bool {
    reader.instance.steps().iter().any(|s| matches!(s, Step::LegacyCopy { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, token};
    use crate::system::fake::Fake;

    #[test]
    fn left_over_is_worth_knowing() {
        let fake = Fake::home().file("/home/u/.huggingface/token", token('A'));
        assert_eq!(findings(&RULE, &fake), ["info"]);
        assert!(findings(&RULE, &Fake::home().file("/home/u/.huggingface/token", "")).is_empty());
    }
}
