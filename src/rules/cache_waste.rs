//! HF408

use super::caches::total;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::heal::Cure;
use crate::snapshot::Snapshot;
use crate::state::caches::measure::shown;

declare_rule! {
    /// ## What it does
    /// Adds up what no client uses again: left-overs of downloads, temporary files of huggingface_hub 0.18 and older, caches of
    /// the form that transformers had before 4.22 and diffusers before 0.14.
    ///
    /// ## Why it matters
    /// It only takes up space, sometimes that of a whole model.
    ///
    /// ## Example
    /// ```text
    /// models--o--n/blobs/0123….a1b2c3d4.incomplete     4.1 GB
    /// ```
    ///
    /// ## How to fix
    /// `hflint fix --clear --waste`, or `hf cache prune` for left-overs.
    ///
    /// ## Fix safety
    /// Only with `--waste`, and asked for. Files are renamed, so `hflint undo` brings them back; the space is free when
    /// `hflint undo --purge` or `journal-keep` ends the entry.
    ///
    /// ## Exceptions
    /// What a running download holds is not counted. Old revisions and shared blobs are `hf cache prune`'s own affair.
    ///
    /// ## References
    /// - huggingface_hub 0.17.3 (`tmp…`), 1.18 to 2.4.0 (`ETAG.XXXXXXXX.incomplete`); transformers 4.21, 4.22
    pub(super) static RULE = {
        code: "HF408",
        name: "cache-waste",
        summary: "left-overs and caches of an earlier form take up space",
        severity: Info,
        since: "0.1.0",
        when: Deep,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let caches = snapshot.state.caches();
    for cache in &caches.caches {
        let several = total(cache);
        if several.count == 0 {
            continue;
        }
        let files = if several.count == 1 { "1 left-over".to_owned() } else { format!("{} left-overs", several.count) };
        out.push(
            Finding::new(&RULE, Severity::Info, format!("{files} of downloads in the cache: {}", shown(several.bytes)))
                .at(Location::file(&several.first))
                .remedy(Cure::Waste { cache: cache.place.path.clone() }.into(), "nobody uses them again"),
        );
    }
    for (place, several) in &caches.legacy {
        out.push(
            Finding::new(
                &RULE,
                Severity::Info,
                format!("a cache of {} is left: {}", place.reader, shown(several.bytes)),
            )
            .at(Location::directory(&place.path))
            .remedy(Cure::Legacy { path: place.path.clone() }.into(), "no client here reads it"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{R, cached, deep};

    #[test]
    fn waste() {
        let unique = format!("{R}/blobs/e.0123abcd.incomplete");
        assert_eq!(deep(&RULE, &cached('a').file(&unique, "123")), ["info"]);
        assert_eq!(deep(&RULE, &cached('a').file("/home/u/.cache/huggingface/hub/tmp0a_b1c2d", "123")), ["info"]);
        assert_eq!(deep(&RULE, &cached('a').file("/home/u/.cache/torch/transformers/x", "123")), ["info"]);
        let running =
            cached('a').file(&unique, "1").locked("/home/u/.cache/huggingface/hub/.locks/models--o--n/e.lock");
        assert!(deep(&RULE, &running).is_empty() && deep(&RULE, &cached('a')).is_empty());
    }
}
