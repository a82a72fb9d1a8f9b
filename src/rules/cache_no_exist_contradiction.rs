//! HF404

use super::caches::{each, relative};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::heal::Cure;
use crate::snapshot::Snapshot;
use crate::state::caches::faults::What;

declare_rule! {
    /// ## What it does
    /// Finds markers in `.no_exist/` for files that the snapshot of the same commit has, or that its listing in `trees/` names.
    ///
    /// ## Why it matters
    /// One wrong 404 of a mirror or a proxy writes the marker. transformers believes it from then on, online and offline
    /// ("Unrecognized model … should have a `model_type` key"), although the file is there. No command of `hf cache` sees it.
    ///
    /// ## Example
    /// ```text
    /// models--o--n/.no_exist/a…/config.json
    /// models--o--n/snapshots/a…/config.json
    /// ```
    ///
    /// ## How to fix
    /// Delete the marker.
    ///
    /// ## Fix safety
    /// The fix asks first. A marker is an empty file; a right one would be written again.
    ///
    /// ## Exceptions
    /// Markers of files that are not there are what they are for; so are those of a folder: it is no file.
    ///
    /// ## References
    /// - transformers 4.57.6 and 5.23.0 on huggingface_hub 0.36.2 and 2.4.0, with a hub that answered 404 once
    pub(super) static RULE = {
        code: "HF404",
        name: "cache-no-exist-contradiction",
        summary: "the cache says of a file that is here that it does not exist",
        severity: Warning,
        since: "0.1.0",
        when: Deep,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    for (fault, title) in each(snapshot) {
        let What::Markers(markers) = &fault.what else { continue };
        let what = match markers.count {
            1 => format!("a file of {title} is marked as missing in the cache, but the commit has it"),
            n => format!("{n} files of {title} are marked as missing in the cache, but the commit has them"),
        };
        out.push(
            Finding::new(&RULE, Severity::Warning, what)
                .at(Location::file(fault.repository.join(&markers.first)))
                .note("file", relative(&markers.first.components().skip(2).collect::<std::path::PathBuf>()))
                .remedy(Cure::Markers { repository: fault.repository.clone() }.into(), "then transformers finds it"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{R, cached, commit, deep};

    #[test]
    fn contradictions() {
        let marker = format!("{R}/.no_exist/{}", commit('a'));
        assert_eq!(deep(&RULE, &cached('a').file(&format!("{marker}/config.json"), "")), ["warning"]);
        assert!(deep(&RULE, &cached('a').file(&format!("{marker}/adapter_config.json"), "")).is_empty());
    }
}
