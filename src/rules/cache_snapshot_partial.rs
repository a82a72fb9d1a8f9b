//! HF410

use super::caches::{each, relative};
use crate::finding::{Finding, Location, Severity};
use crate::snapshot::Snapshot;
use crate::state::caches::faults::What;

declare_rule! {
    /// ## What it does
    /// Finds snapshots that lack files which the listing in `trees/` names.
    ///
    /// ## Why it matters
    /// Perhaps somebody wanted only some of the files, perhaps a download was cut off. Offline, huggingface_hub 1.22 and newer says
    /// that the snapshot is incomplete; older ones return it as if it were whole.
    ///
    /// ## Example
    /// ```text
    /// models--o--n/snapshots/a…/    2 of 5 files
    /// ```
    ///
    /// ## How to fix
    /// `hf download` fetches the rest, if you want it.
    ///
    /// ## Exceptions
    /// Only worth knowing, since `allow_patterns` and single files leave the same.
    ///
    /// ## References
    /// - huggingface_hub 0.36.2, 1.22, 2.4.0 (`IncompleteSnapshotError`)
    pub(super) static RULE = {
        code: "HF410",
        name: "cache-snapshot-partial",
        summary: "a cached model has not all of its files",
        severity: Info,
        since: "0.1.0",
        when: Deep,
        fix: None,
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    for (fault, title) in each(snapshot) {
        let What::Partial { commit, files, of } = &fault.what else { continue };
        let here = of.saturating_sub(files.count);
        out.push(
            Finding::new(
                &RULE,
                Severity::Info,
                format!("the cached {title} has {here} of its {of} files, perhaps on purpose"),
            )
            .at(Location::directory(fault.repository.join("snapshots").join(commit)))
            .note("lacks", relative(&files.first)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{R, cached, commit, deep};

    #[test]
    fn some_files() {
        let tree = r#"{"format_version": 1, "files": {"config.json": {"size": 2, "blob_id": "b"}, "w": {"size": 9, "blob_id": "c"}}}"#;
        let fake = cached('a').file(&format!("{R}/trees/{}.json", commit('a')), tree);
        assert_eq!(deep(&RULE, &fake), ["info"]);
        assert!(deep(&RULE, &cached('a')).is_empty());
    }
}
