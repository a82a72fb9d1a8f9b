//! HF406

use std::path::Path;

use super::caches::owners_command;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::heal::Cure;
use crate::snapshot::Snapshot;
use crate::state::caches::Cache;
use crate::state::caches::faults::What;
use crate::state::caches::repository::title;

declare_rule! {
    /// ## What it does
    /// Finds the cache, its locks and folders of repositories in it that belong to somebody else, and what of it this person
    /// may not read, whoever owns it. Where there is no cache yet: whether the first download can make one.
    ///
    /// ## Why it matters
    /// One `sudo` or one container that ran as root is enough: from then on downloads fail with PermissionError, also of public
    /// models, while what is cached still loads, until it moves on. Folders of locks are enough for that. A ref that cannot be read
    /// fails offline; a snapshot that cannot be read is an empty folder to clients before 1.22.
    ///
    /// ## Example
    /// ```text
    /// ~/.cache/huggingface/hub/models--o--n    belongs to root
    /// ```
    ///
    /// ## How to fix
    /// `sudo chown -R` for the person. hflint does not run it. What is the person's own gets its mode back:
    /// `hflint fix --clear`.
    ///
    /// ## Fix safety
    /// Only the owner's bits of their own files and folders in the cache are set.
    ///
    /// ## Exceptions
    /// A warning only where this person cannot write there, and the cache is theirs: it lies in their home directory or
    /// belongs to them. A cache that somebody else keeps for many is on purpose.
    ///
    /// ## References
    /// - huggingface_hub 0.23.5, 0.36.2 and 2.4.0, with folders, locks, refs and blobs of another user and of mode 000
    pub(super) static RULE = {
        code: "HF406",
        name: "cache-foreign-owner",
        summary: "parts of the cache belong to another user, or are closed to you",
        severity: Warning,
        since: "0.1.0",
        when: Deep,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    for cache in &snapshot.state.caches().caches {
        foreign(snapshot, cache, out);
        own(snapshot, cache, out);
    }
}

/// Something in a cache that belongs to somebody else: where, whose, and whether this person may use it all the same.
struct Part<'a> {
    path: &'a Path,
    uid: u32,
    may: bool,
    /// How many files and folders cannot be read; 0: where nothing can be written.
    unread: usize,
}

fn foreign(snapshot: &Snapshot<'_>, cache: &Cache, out: &mut Vec<Finding>) {
    let me = snapshot.state.system.uid();
    let home = snapshot.state.var("HOME").map(std::path::PathBuf::from).filter(|h| h.is_absolute());
    let parts: Vec<Part<'_>> = cache
        .faults
        .iter()
        .filter_map(|f| match &f.what {
            What::Foreign { path, uid, may_write } => Some(Part { path, uid: *uid, may: *may_write, unread: 0 }),
            What::Closed { what, uid } if *uid != me => {
                Some(Part { path: &what.first, uid: *uid, may: false, unread: what.count })
            }
            _ => None,
        })
        .collect();
    let root = cache.foreign.as_ref().map(|(path, uid, may)| Part { path, uid: *uid, may: *may, unread: 0 });
    let closed = root.iter().chain(&parts).find(|part| !part.may);
    let Some(part) = closed.or(root.as_ref()).or(parts.first()) else { return };
    let is_missing = root.as_ref().is_some_and(|root| root.path != cache.place.path);
    let place = if is_missing { part.path } else { &cache.place.path };
    let is_theirs = root.is_none() || home.as_ref().is_some_and(|home| cache.place.path.starts_with(home));
    let severity = if closed.is_some() && is_theirs { Severity::Warning } else { Severity::Info };
    let locks = cache.place.path.join(".locks");
    let what = match parts.len() {
        _ if is_missing => "the cache of models cannot be made: the folder for it belongs to another user".to_owned(),
        _ if root.is_some() => "the cache of models belongs to another user".to_owned(),
        _ if part.path.starts_with(&locks) => "locks in the cache belong to another user".to_owned(),
        _ if part.unread > 0 => "files in the cache belong to another user".to_owned(),
        1 => "a repository in the cache belongs to another user".to_owned(),
        n => format!("{n} repositories in the cache belong to other users"),
    };
    let fails = match closed {
        Some(_) if part.unread > 0 => ": you may not read them, and what needs them fails",
        Some(_) if is_missing => "",
        Some(_) => ": downloads into it fail",
        None => ", but you may write there",
    };
    let at = if part.unread > 0 { Location::file(part.path) } else { Location::directory(part.path) };
    let finding = Finding::new(&RULE, severity, what + fails).at(at).note("owner", format!("user {}", part.uid));
    out.push(if closed.is_some() && is_theirs {
        finding.help(owners_command(place), "then it is yours")
    } else {
        finding
    });
}

/// What the person's own modes close.
fn own(snapshot: &Snapshot<'_>, cache: &Cache, out: &mut Vec<Finding>) {
    let me = snapshot.state.system.uid();
    for fault in &cache.faults {
        let What::Closed { what, uid } = &fault.what else { continue };
        if *uid != me {
            continue;
        }
        let whose = if fault.repository == cache.place.path {
            "the cache of models".to_owned()
        } else {
            format!("the cached {}", title(&fault.repository))
        };
        let is_whole = what.first == fault.repository;
        let message = match what.count {
            _ if is_whole => format!("{whose} is closed to you by its mode"),
            1 => format!("a file or folder of {whose} is closed to you by its mode"),
            n => format!("{n} files and folders of {whose} are closed to you by their mode"),
        };
        out.push(
            Finding::new(&RULE, Severity::Warning, message + ": clients fail with PermissionError, or do not find it")
                .at(Location::file(&what.first))
                .remedy(Cure::Closed { within: fault.repository.clone() }.into(), "then clients can read it"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{R, cached, commit, deep};

    #[test]
    fn who_may_not_write() {
        let foreign = cached('a').dir(R, 0o755).owner(R, 0, 0);
        assert_eq!(deep(&RULE, &foreign), ["warning"]);
        let shared = cached('a').dir(R, 0o777).owner(R, 0, 0);
        assert_eq!(deep(&RULE, &shared), ["info"]);
        assert!(deep(&RULE, &cached('a')).is_empty());
    }

    #[test]
    fn a_cache_for_many_is_on_purpose() {
        let fake = crate::system::fake::Fake::home()
            .var("HF_HUB_CACHE", "/shared")
            .dir("/shared", 0o755)
            .owner("/shared", 0, 0);
        assert_eq!(deep(&RULE, &fake), ["info"]);
    }

    #[test]
    fn locks_of_another_user() {
        let locks = "/home/u/.cache/huggingface/hub/.locks";
        for at in [locks.to_owned(), format!("{locks}/models--o--n")] {
            let fake = cached('a').dir(&at, 0o755).owner(&at, 0, 0);
            assert_eq!(deep(&RULE, &fake), ["warning"], "{at}");
            assert!(deep(&RULE, &cached('a').dir(&at, 0o755)).is_empty());
        }
    }

    #[test]
    fn a_cache_that_cannot_be_made() {
        let above = "/home/u/.cache/huggingface";
        let fake = crate::system::fake::Fake::home().dir(above, 0o755);
        assert!(deep(&RULE, &fake).is_empty());
        assert_eq!(deep(&RULE, &fake.owner(above, 0, 0)), ["warning"]);
    }

    #[test]
    fn what_may_not_be_read() {
        let main = format!("{R}/refs/main");
        for (path, own) in [(main.as_str(), true), (main.as_str(), false)] {
            let fake = cached('a').mode(path, commit('a'), if own { 0 } else { 0o600 });
            let fake = if own { fake } else { fake.owner(path, 0, 0) };
            assert_eq!(deep(&RULE, &fake), ["warning"], "{path}");
        }
        let blob = cached('a').mode(&format!("{R}/blobs/b"), "{}", 0);
        assert_eq!(deep(&RULE, &blob), ["warning"]);
        for dir in ["", "/refs", "/snapshots", "/blobs"] {
            assert_eq!(deep(&RULE, &cached('a').dir(&format!("{R}{dir}"), 0)), ["warning"], "{dir}");
        }
    }
}
