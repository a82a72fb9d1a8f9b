//! HF403

use super::caches::{each, relative};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::heal::Cure;
use crate::snapshot::Snapshot;
use crate::state::caches::faults::What;

declare_rule! {
    /// ## What it does
    /// Finds snapshots without a single file. What a file manager leaves in each folder (`.DS_Store`, `Thumbs.db`,
    /// `desktop.ini`) is none.
    ///
    /// ## Why it matters
    /// A process that was killed before its first file, or a transfer that failed, leaves the folder. `snapshot_download` then
    /// returns it as the model: offline, and with a token that is refused, it answers with success, and the library that loads
    /// the model fails far away from the cause.
    ///
    /// ## Example
    /// ```text
    /// models--o--n/refs/main          names commit a…
    /// models--o--n/snapshots/a…/      is empty
    /// ```
    ///
    /// ## How to fix
    /// Remove the folder; the next download makes it again.
    ///
    /// ## Fix safety
    /// The fix asks first, and removes empty folders only, with what a file manager left in them.
    ///
    /// ## Exceptions
    /// Worth knowing only where no ref names the snapshot. Where another snapshot of the repository has files, HF401 tells it.
    /// Nothing is said while a download holds its lock.
    ///
    /// ## References
    /// - huggingface_hub 0.23.5, 0.36.2, 2.4.0, killed in a download, then asked offline
    pub(super) static RULE = {
        code: "HF403",
        name: "cache-snapshot-empty",
        summary: "a snapshot in the cache has no files",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    for (fault, title) in each(snapshot) {
        let What::SnapshotEmpty { commit, named_by } = &fault.what else { continue };
        let (severity, message) = match named_by {
            Some(name) => (
                Severity::Warning,
                format!(
                    "the cached {title} is an empty folder, which clients take for the model: its ref {} names it",
                    relative(name)
                ),
            ),
            None => (Severity::Info, format!("a snapshot of the cached {title} is empty")),
        };
        out.push(
            Finding::new(&RULE, severity, message)
                .at(Location::directory(fault.repository.join("snapshots").join(commit)))
                .remedy(
                    Cure::Empty { repository: fault.repository.clone(), commit: commit.clone() }.into(),
                    "then clients see that it is not here",
                ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{R, cached, commit, deep};

    use crate::system::fake::Fake;

    #[test]
    fn empty() {
        let dir = format!("{R}/snapshots/{}", commit('b'));
        let fake = Fake::home().file(&format!("{R}/refs/main"), commit('b')).dir(&dir, 0o755);
        assert_eq!(deep(&RULE, &fake), ["warning"]);
        assert_eq!(deep(&RULE, &fake.file(&format!("{dir}/.DS_Store"), "x")), ["warning"]);
        assert_eq!(deep(&RULE, &cached('a').dir(&dir, 0o755)), ["info"]);
    }

    #[test]
    fn silent_where_there_are_files_or_where_the_ref_is_the_fault() {
        assert!(deep(&RULE, &cached('a')).is_empty());
        let lost = cached('a')
            .file(&format!("{R}/refs/main"), commit('b'))
            .dir(&format!("{R}/snapshots/{}", commit('b')), 0o755);
        assert!(deep(&RULE, &lost).is_empty());
    }
}
