//! HF407

use super::caches::{each, relative};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::heal::Cure;
use crate::snapshot::Snapshot;
use crate::state::caches::faults::What;

declare_rule! {
    /// ## What it does
    /// Finds links in snapshots whose blob is gone.
    ///
    /// ## Why it matters
    /// Somebody deleted blobs by hand, or copied a cache without them. Online the file is downloaded again; offline loading fails,
    /// and `snapshot_download` of huggingface_hub below 1.22 still returns the folder. `hf cache ls` ignores the whole repository.
    ///
    /// ## Example
    /// ```text
    /// models--o--n/snapshots/a…/model.safetensors -> ../../blobs/0123…    which is not there
    /// ```
    ///
    /// ## How to fix
    /// Delete the links, or download the model again.
    ///
    /// ## Fix safety
    /// The fix asks first, and takes away links that lead nowhere.
    ///
    /// ## Exceptions
    /// From huggingface_hub 2.0 on a blob may itself be a link into a store that repositories share: one that leads somewhere is
    /// in order.
    ///
    /// ## References
    /// - huggingface_hub 0.23.5, 0.36.2, 2.4.0
    pub(super) static RULE = {
        code: "HF407",
        name: "cache-pointer-dangling",
        summary: "files of a cached model are links to nothing",
        severity: Info,
        since: "0.1.0",
        when: Deep,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    for (fault, title) in each(snapshot) {
        let What::Dangling { commit, links } = &fault.what else { continue };
        let message = match links.count {
            1 => format!("a file of the cached {title} is a link to nothing: {}", relative(&links.first)),
            n => format!("{n} files of the cached {title} are links to nothing"),
        };
        out.push(
            Finding::new(&RULE, Severity::Info, message)
                .at(Location::file(fault.repository.join("snapshots").join(commit).join(&links.first)))
                .remedy(
                    Cure::Pointers { repository: fault.repository.clone() }.into(),
                    "then clients see that they are not here",
                ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{R, cached, commit, deep};

    #[test]
    fn links() {
        let link = format!("{R}/snapshots/{}/w", commit('a'));
        assert_eq!(deep(&RULE, &cached('a').link(&link, "../../blobs/gone")), ["info"]);
        assert!(deep(&RULE, &cached('a').link(&link, "../../blobs/b")).is_empty());
    }
}
