//! HF409

use super::caches::{each, relative};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::heal::Cure;
use crate::snapshot::Snapshot;
use crate::state::caches::faults::What;
use crate::state::caches::measure::shown;

declare_rule! {
    /// ## What it does
    /// Compares the length of each cached file with the listing in `trees/`, also of one that no snapshot has yet, and where there
    /// is no listing, an empty one with its name.
    ///
    /// ## Why it matters
    /// A full disk or a copy that broke off leaves a file that is too short behind a good name. No client ever notices, online or
    /// offline; the library that loads it fails, or loads garbage. `hf cache verify` finds it, but needs the network and a token.
    ///
    /// ## Example
    /// ```text
    /// models--o--n/snapshots/a…/model.safetensors    1.2 GB, listed with 4.9 GB
    /// ```
    ///
    /// ## How to fix
    /// Take the file and its blob away, and download it again.
    ///
    /// ## Fix safety
    /// The fix asks first. The blob is renamed, never copied, and comes back with `hflint undo`. Of a blob that is a link into the
    /// shared store of huggingface_hub 2.0 only the link goes.
    ///
    /// ## Exceptions
    /// Only commits with a listing can be judged: those that huggingface_hub 1.22 or newer downloaded whole. Of others an empty file
    /// is found where its blob has the name of another hash than that of nothing.
    ///
    /// ## References
    /// - huggingface_hub 2.4.0, `_tree_cache.py`; blobs cut off under 0.23.5, 0.36.2 and 2.4.0
    pub(super) static RULE = {
        code: "HF409",
        name: "cache-blob-truncated",
        summary: "a cached file has another length than the hub gave it",
        severity: Warning,
        since: "0.1.0",
        when: Deep,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    for (fault, title) in each(snapshot) {
        let What::Truncated { files, names } = &fault.what else { continue };
        // Of a blob that no snapshot has a link to there is but its own name.
        let skipped = if files.first.starts_with("blobs") { 1 } else { 2 };
        let name = relative(&files.first.components().skip(skipped).collect::<std::path::PathBuf>());
        let message = match files.count {
            1 => format!("the cached file {name} of {title} has another length than the hub gave it"),
            n => format!("{n} cached files of {title} have another length than the hub gave them, {name} among them"),
        };
        let mut finding = Finding::new(&RULE, Severity::Warning, message)
            .at(Location::file(fault.repository.join(&files.first)))
            .note(
                "differ",
                if files.bytes == 0 {
                    "empty, and its name is that of something".to_owned()
                } else {
                    format!("by {}", shown(files.bytes))
                },
            );
        if *names > files.count {
            finding = finding.note("shared", format!("{names} names in its snapshots lead to what is here once"));
        }
        out.push(
            finding
                .remedy(Cure::Truncated { repository: fault.repository.clone() }.into(), "then it is downloaded again"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{R, cached, commit, deep};

    #[test]
    fn lengths() {
        let with = |size: u32| {
            let tree =
                format!(r#"{{"format_version": 1, "files": {{"config.json": {{"size": {size}, "blob_id": "b"}}}}}}"#);
            deep(&RULE, &cached('a').file(&format!("{R}/trees/{}.json", commit('a')), tree))
        };
        assert_eq!(with(3), ["warning"]);
        assert!(with(2).is_empty());
    }
}
