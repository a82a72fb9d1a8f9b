//! HF406

use std::path::Path;

use super::caches::owners_command;
use crate::finding::{Finding, Location, Severity};
use crate::snapshot::Snapshot;
use crate::state::caches::faults::What;

declare_rule! {
    /// ## What it does
    /// Finds the cache and folders of repositories in it that belong to somebody else.
    ///
    /// ## Why it matters
    /// One `sudo` or one container that ran as root is enough: from then on downloads fail with PermissionError, also of public
    /// models, while what is cached still loads, until it moves on.
    ///
    /// ## Example
    /// ```text
    /// ~/.cache/huggingface/hub/models--o--n    belongs to root
    /// ```
    ///
    /// ## How to fix
    /// `sudo chown -R` for the person. hflint does not run it.
    ///
    /// ## Exceptions
    /// A warning only where this person cannot write there, and the cache is theirs: it lies in their home directory or
    /// belongs to them. A cache that somebody else keeps for many is on purpose.
    ///
    /// ## References
    /// - huggingface_hub 0.36.2 and 2.4.0, with folders of another user
    pub(super) static RULE = {
        code: "HF406",
        name: "cache-foreign-owner",
        summary: "parts of the cache belong to another user",
        severity: Warning,
        since: "0.1.0",
        when: Deep,
        fix: None,
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let home = snapshot.state.var("HOME").map(std::path::PathBuf::from).filter(|h| h.is_absolute());
    for cache in &snapshot.state.caches().caches {
        let folders: Vec<(&Path, u32, bool)> = cache
            .faults
            .iter()
            .filter_map(|f| match &f.what {
                What::Foreign { path, uid, may_write } => Some((path.as_path(), *uid, *may_write)),
                _ => None,
            })
            .collect();
        let root = cache.foreign.map(|(uid, may_write)| (cache.place.path.as_path(), uid, may_write));
        let closed = root.iter().chain(&folders).find(|(.., may_write)| !may_write);
        let Some((path, uid, _)) = closed.or(root.as_ref()).or(folders.first()) else { continue };
        let is_theirs = root.is_none() || home.as_ref().is_some_and(|home| cache.place.path.starts_with(home));
        let severity = if closed.is_some() && is_theirs { Severity::Warning } else { Severity::Info };
        let what = match (root, folders.len()) {
            (Some(_), _) => "the cache of models belongs to another user".to_owned(),
            (None, 1) => "a repository in the cache belongs to another user".to_owned(),
            (None, n) => format!("{n} repositories in the cache belong to other users"),
        };
        let fails = if closed.is_some() { ": downloads into it fail" } else { ", but you may write there" };
        let finding = Finding::new(&RULE, severity, what + fails)
            .at(Location::directory(*path))
            .note("owner", format!("user {uid}"));
        out.push(if closed.is_some() && is_theirs {
            finding.help(owners_command(&cache.place.path), "then it is yours")
        } else {
            finding
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{R, cached, deep};

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
}
