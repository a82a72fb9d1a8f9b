//! HF402

use super::caches::{each, relative};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::heal::Cure;
use crate::snapshot::Snapshot;
use crate::state::caches::faults::What;

declare_rule! {
    /// ## What it does
    /// Finds refs in the cache that are empty, have a line break, or hold something else than a commit, and what is no file where
    /// a ref should be: a directory, a link to nothing.
    ///
    /// ## Why it matters
    /// The clients take the text as it is for the name of a folder. Offline, or with a token that is refused, the cached model is
    /// not found; with an empty ref `snapshot_download` returns the folder of all snapshots as the model. With a directory in the
    /// place of `main` old clients cannot even download; with a link to nothing `scan_cache_dir` fails for the whole cache.
    ///
    /// ## Example
    /// ```text
    /// models--o--n/refs/main     "aaaa…\n", written with echo
    /// ```
    ///
    /// ## How to fix
    /// Write the commit without anything around it, or download again: the first success writes the ref new.
    ///
    /// ## Fix safety
    /// The fix asks first. It takes blanks and line breaks away where a commit is left whose snapshot is here, else it names the
    /// newest complete snapshot; where there is none, the ref is deleted. A directory or a link is moved aside, with all that is
    /// in it.
    ///
    /// ## Exceptions
    /// Worth knowing only where no snapshot is here. What no branch can be called (`.main.swp`, `main.tmp`, `main (copy)`) is no
    /// ref, nor is what a file manager leaves in each folder (`Thumbs.db`, `desktop.ini`).
    ///
    /// ## References
    /// - huggingface_hub 0.23.5, 0.36.2, 2.4.0, `try_to_load_from_cache` and `snapshot_download`; 0.23.5 and 0.36.2 raise
    ///   `IsADirectoryError` also online
    pub(super) static RULE = {
        code: "HF402",
        name: "cache-ref-malformed",
        summary: "a ref in the cache holds no commit",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    for (fault, title) in each(snapshot) {
        let What::RefMalformed { name, why, has_snapshot } = &fault.what else { continue };
        let severity = if *has_snapshot { Severity::Warning } else { Severity::Info };
        let (name_shown, then) =
            (relative(name), if *has_snapshot { "then it names a snapshot that is here" } else { "" });
        out.push(
            Finding::new(&RULE, severity, format!("the ref {name_shown} of the cached {title} {why}"))
                .at(Location::file(fault.repository.join("refs").join(name)))
                .remedy(Cure::Ref { repository: fault.repository.clone(), name: name.clone() }.into(), then),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{R, cached, commit, deep};

    #[test]
    fn no_commit() {
        for text in [String::new(), commit('a') + "\n", "abcdef0".to_owned()] {
            assert_eq!(deep(&RULE, &cached('a').file(&format!("{R}/refs/main"), text)), ["warning"]);
        }
        let alone = crate::system::fake::Fake::home().file(&format!("{R}/refs/main"), "");
        assert_eq!(deep(&RULE, &alone), ["info"]);
    }

    #[test]
    fn silent_for_a_commit_and_for_what_is_no_ref() {
        assert!(deep(&RULE, &cached('a').file(&format!("{R}/refs/.main.swp"), "x")).is_empty());
    }
}
