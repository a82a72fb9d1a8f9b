//! HF405

use super::caches::{each, resumer};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::heal::Cure;
use crate::snapshot::Snapshot;
use crate::state::caches::faults::What;
use crate::state::caches::measure::shown;

declare_rule! {
    /// ## What it does
    /// Finds left-overs of downloads, `blobs/ETAG.incomplete`, where the huggingface_hub here is one of those that go on from
    /// their end: 0.19 to 1.17.
    ///
    /// ## Why it matters
    /// Nothing checks what the left-over holds. Foreign bytes in it end in a corrupt file of the right length under the right
    /// name, without an error; a left-over longer than the file makes every try end in HTTP 416.
    ///
    /// ## Example
    /// ```text
    /// models--o--n/blobs/0123….incomplete
    /// ```
    ///
    /// ## How to fix
    /// Take it away: the next download starts anew.
    ///
    /// ## Fix safety
    /// The fix asks first, and moves the file aside by renaming it: the bytes come back with `hflint undo`. A left-over whose
    /// lock is held is a download that goes on: it is not named.
    ///
    /// ## Exceptions
    /// From huggingface_hub 1.18 on each download has a file of its own; there a left-over is waste (HF408).
    ///
    /// ## References
    /// - huggingface_hub 0.23.5 and 0.36.2 (resume), 1.18 and 2.4.0 (do not); pull request 2511, issue 2197
    pub(super) static RULE = {
        code: "HF405",
        name: "cache-incomplete-resumable",
        summary: "the installed client would go on from a left-over of a download, whatever it holds",
        severity: Warning,
        since: "0.1.0",
        when: Deep,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    for (fault, title) in each(snapshot) {
        let What::Resumable(files) = &fault.what else { continue };
        let client = resumer(snapshot);
        let message = match files.count {
            1 => format!("{client} would go on from a left-over of a download of {title}, whatever it holds"),
            n => format!("{client} would go on from {n} left-overs of downloads of {title}, whatever they hold"),
        };
        out.push(
            Finding::new(&RULE, Severity::Warning, message)
                .at(Location::file(&files.first))
                .note("size", shown(files.bytes))
                .remedy(
                    Cure::Resumable { repository: fault.repository.clone() }.into(),
                    "then the next download starts anew",
                ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{R, cached, deep};

    use crate::rules::testing::python;

    #[test]
    fn only_where_a_client_resumes() {
        let fake = cached('a').file(&format!("{R}/blobs/e.incomplete"), "123");
        let with = |version| deep(&RULE, &python(fake.clone(), &[("huggingface_hub", version)]));
        assert_eq!((with("0.36.2"), with("1.17.0")), (vec!["warning"], vec!["warning"]));
        assert!(with("1.18.0").is_empty() && with("0.17.3").is_empty() && deep(&RULE, &fake).is_empty());
        let unique = cached('a').file(&format!("{R}/blobs/e.0123abcd.incomplete"), "123");
        assert!(deep(&RULE, &python(unique, &[("huggingface_hub", "0.36.2")])).is_empty());
    }
}
