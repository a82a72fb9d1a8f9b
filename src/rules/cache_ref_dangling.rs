//! HF401

use std::path::Path;

use super::caches::{each, relative};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::heal::Cure;
use crate::snapshot::Snapshot;
use crate::state::caches::faults::What;

declare_rule! {
    /// ## What it does
    /// Finds refs in the cache that name a commit whose snapshot is missing or empty, while another snapshot of the same
    /// repository is here, and repositories with snapshots and no ref at all.
    ///
    /// ## Why it matters
    /// Any look at the repository writes the newest commit into `refs/main` before anything is downloaded. Where the download
    /// is refused afterwards, or only an optional file was asked for, the model that was there is found no more: offline it is
    /// missing, and online it fails for whoever may not download. `hf cache ls` ignores such a repository, `rm` cannot name it.
    ///
    /// ## Example
    /// ```text
    /// models--o--n/refs/main            names commit b…
    /// models--o--n/snapshots/a…/        is what is here
    /// ```
    ///
    /// ## How to fix
    /// Write the commit of the snapshot that is here into the ref, or download again with a token that may.
    ///
    /// ## Fix safety
    /// The fix asks first. It writes 40 characters; the newest snapshot that `trees/` proves complete is taken, else the newest
    /// that has files, and not only some of those of another. The next look online writes the ref again.
    ///
    /// ## Exceptions
    /// A refused first download leaves a ref and nothing to lose: no finding. A ref other than `main` that names nothing, beside
    /// others, was perhaps never downloaded: worth knowing only. So is a repository without the folder `refs`: one that was only
    /// ever asked for by its commit is like that, and its ref is made only where this rule is named. Nothing is said while a
    /// download holds its lock.
    ///
    /// ## References
    /// - huggingface_hub 0.17.3, 0.23.5, 0.36.2, 1.33.0, 2.4.0, asked with a hub that refuses; transformers 4.57.6 and 5.23.0
    /// - without refs: 0.23.5, 0.36.2, 2.4.0 find nothing offline or with a dead token
    pub(super) static RULE = {
        code: "HF401",
        name: "cache-ref-dangling",
        summary: "a cached model is lost to offline use: its ref names a commit that is not here",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    for (fault, title) in each(snapshot) {
        if let What::NoRef { is_lost } = &fault.what {
            out.push(no_ref(&fault.repository, &title, *is_lost));
        }
        let What::RefDangling { name, commit, is_lost, .. } = &fault.what else { continue };
        let at = Location::file(fault.repository.join("refs").join(name));
        let name_shown = relative(name);
        let short = &commit[..12];
        out.push(if *is_lost {
            Finding::new(
                &RULE,
                Severity::Warning,
                format!(
                    "the cached {title} is lost to offline use: its ref {name_shown} names a commit that is not here"
                ),
            )
            .at(at)
            .note("names", format!("{short}, which has no files here"))
            .remedy(
                Cure::Ref { repository: fault.repository.clone(), name: name.clone() }.into(),
                format!("then {name_shown} names the newest snapshot that is here"),
            )
        } else {
            Finding::new(
                &RULE,
                Severity::Info,
                format!("the ref {name_shown} of {title} names a commit that is not here; others of its refs are fine"),
            )
            .at(at)
            .note("names", short.to_owned())
        });
    }
}

/// A repository with snapshots that no name leads to.
fn no_ref(repository: &Path, title: &str, is_lost: bool) -> Finding {
    let (severity, message) = if is_lost {
        (Severity::Warning, format!("the cached {title} is lost to offline use: it has no ref left"))
    } else {
        let message = format!("the cached {title} has no ref: offline, only who asks for its commit finds it");
        (Severity::Info, message)
    };
    let at = if is_lost { repository.join("refs") } else { repository.to_owned() };
    let cure = Cure::NoRef { repository: repository.to_owned() };
    Finding::new(&RULE, severity, message)
        .at(Location::directory(at))
        .remedy(cure.into(), "then main names the newest snapshot that is here")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{R, cached, commit, deep};

    #[test]
    fn what_was_here_is_lost() {
        let fake = cached('a').file(&format!("{R}/refs/main"), commit('b'));
        assert_eq!(deep(&RULE, &fake), ["warning"]);
        let other = cached('a').file(&format!("{R}/refs/dev"), commit('b'));
        assert_eq!(deep(&RULE, &other), ["info"]);
    }

    #[test]
    fn no_ref_is_left() {
        let fake = crate::system::fake::Fake::home().file(&format!("{R}/snapshots/{}/config.json", commit('a')), "{}");
        assert_eq!(deep(&RULE, &fake), ["info"]);
        assert_eq!(deep(&RULE, &fake.dir(&format!("{R}/refs"), 0o755)), ["warning"]);
    }

    #[test]
    fn silent_where_all_is_here_or_nothing_was() {
        assert!(deep(&RULE, &cached('a')).is_empty());
        let refused = crate::system::fake::Fake::home().file(&format!("{R}/refs/main"), commit('b'));
        assert!(deep(&RULE, &refused).is_empty());
    }
}
