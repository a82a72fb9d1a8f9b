//! HF411

use std::path::Path;

use super::places::login_path;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::heal::Cure;
use crate::output::sanitize;
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::state::caches::Cache;
use crate::state::caches::faults::{Fault, What};
use crate::state::caches::parts::Instead;
use crate::state::caches::repository::title;
use crate::system::path::absolute;

declare_rule! {
    /// ## What it does
    /// Finds a file, or a link to nothing, where clients look for a folder of the cache: the cache itself or what it would be
    /// made in, its locks or those of a repository, a repository, its snapshots or one of them, or its blobs; and a folder where they
    /// look for a file: a blob, a lock, or a file of a snapshot that `trees/` lists.
    ///
    /// ## Why it matters
    /// What is cached there is not found offline, and downloads fail with NotADirectoryError, FileExistsError,
    /// FileNotFoundError or IsADirectoryError, which name a path deep in the cache and not what is wrong with it. A container that
    /// is given a file of the host which is not there makes a folder of its name.
    ///
    /// ## Example
    /// ```text
    /// ~/.cache/huggingface/hub -> /mnt/big/hub    the disk is not mounted
    /// ```
    ///
    /// ## How to fix
    /// What is in the way goes aside, and the next download makes what belongs there. A link to nothing needs what it leads to: mount the disk, or
    /// take the link away.
    ///
    /// ## Fix safety
    /// The fix asks first. It moves aside what is within the cache, and takes the links to a blob that is none; what stands in the place of the whole cache and links are left
    /// to the person, since a variable may be wrong rather than they.
    ///
    /// ## Exceptions
    /// A cache that is not there yet is none. A link that leads to a folder is a folder. A file beside a repository, with its
    /// name and the end of an archive, a copy or a lock, is in nobody's way.
    ///
    /// ## References
    /// - huggingface_hub 0.23.5, 0.36.2 and 2.4.0, which fail on each of them, online and offline
    pub(super) static RULE = {
        code: "HF411",
        name: "cache-misplaced",
        summary: "something else stands where a folder or a file of the cache should be",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    for cache in &snapshot.state.caches().caches {
        for fault in &cache.faults {
            let What::Misplaced { path, is } = &fault.what else { continue };
            // A file that the path of the token leads through is HF301.
            if *is == Instead::File && absolute(snapshot.state.system, login_path(snapshot)).starts_with(path) {
                continue;
            }
            let what = match is {
                Instead::File => "is no folder: downloads fail, and nothing is found there",
                Instead::Folder => "is a folder: what downloads or loads it fails",
                Instead::Nowhere(_) => "is a link to nothing: downloads fail, and nothing is found there",
            };
            let message = format!("{} {what}", called(cache, fault, path, is));
            let finding = Finding::new(&RULE, Severity::Warning, message).at(Location::file(path));
            let shown = quote_path(Some(path));
            out.push(match is {
                Instead::Nowhere(target) => finding
                    .note("leads to", sanitize::path(target, None))
                    .help(format!("rm {shown}"), "then it is made anew here; or bring back what the link leads to"),
                // Whatever it is, it is perhaps no part of a cache.
                Instead::File if !path.starts_with(&cache.place.path) || *path == cache.place.path => {
                    finding.help(format!("mv {shown} {shown}.old"), "then the next download makes the cache")
                }
                Instead::File | Instead::Folder => finding.remedy(
                    Cure::Misplaced { within: fault.repository.clone(), path: path.clone() }.into(),
                    "then the next download makes it anew",
                ),
            });
        }
    }
}

/// What stands there, in words.
fn called(cache: &Cache, fault: &Fault, path: &Path, is: &Instead) -> String {
    let place = &cache.place.path;
    let name = || sanitize::path(Path::new(path.file_name().unwrap_or_default()), None);
    match cache.place.by {
        _ if *is == Instead::Folder => {
            let what = if path.starts_with(place.join(".locks")) { "the lock" } else { "the file" };
            format!("{what} {} of the cached {}", name(), title(&fault.repository))
        }
        _ if *path == place.join(".locks") => "the folder of the locks of the cache".to_owned(),
        _ if path.starts_with(place.join(".locks")) => format!("the folder of the locks of {}", title(path)),
        Some(variable) if path == place => format!("the cache of models ({variable})"),
        None if path == place => "the cache of models".to_owned(),
        _ if fault.repository == *place => format!("{}, in which the cache of models would be made,", name()),
        _ if path == fault.repository => format!("the cached {}", title(path)),
        _ if path.parent().is_some_and(|above| above.ends_with("snapshots")) => {
            format!("a snapshot of the cached {}", title(&fault.repository))
        }
        _ => format!("the folder {} of the cached {}", name(), title(&fault.repository)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{R, cached, commit, deep, findings};
    use crate::system::fake::Fake;

    const HUB: &str = "/home/u/.cache/huggingface/hub";

    #[test]
    fn files_and_links_to_nothing_where_a_folder_should_be() {
        let refs = || Fake::home().file(&format!("{R}/refs/main"), "x");
        for part in ["snapshots", "blobs"] {
            let at = format!("{R}/{part}");
            assert_eq!(deep(&RULE, &refs().file(&at, "")), ["warning"], "{part}");
            assert_eq!(deep(&RULE, &refs().link(&at, "/mnt/gone")), ["warning"], "{part}");
        }
        for at in [HUB, R] {
            assert_eq!(findings(&RULE, &Fake::home().link(at, "/mnt/gone")), ["warning"], "{at}");
        }
        assert_eq!(findings(&RULE, &Fake::home().file(HUB, "")), ["warning"]);
        assert_eq!(findings(&RULE, &Fake::home().file(R, "")), ["warning"]);
        assert_eq!(findings(&RULE, &refs().file(&format!("{R}/snapshots/{}", commit('a')), "")), ["warning"]);
        assert_eq!(deep(&RULE, &cached('a').file(&format!("{HUB}/.locks/models--o--n"), "")), ["warning"]);
        assert_eq!(findings(&RULE, &cached('a').file(&format!("{HUB}/.locks"), "")), ["warning"]);
        assert_eq!(findings(&RULE, &Fake::home().link("/home/u/.cache", "/mnt/gone")), ["warning"]);
    }

    #[test]
    fn silent_for_folders_and_for_what_is_not_there_yet() {
        assert!(deep(&RULE, &Fake::home()).is_empty());
        assert!(deep(&RULE, &cached('a').file(&format!("{R}.tar.gz"), "x")).is_empty());
        assert!(deep(&RULE, &cached('a').dir(&format!("{HUB}/.locks"), 0o755)).is_empty());
        assert!(deep(&RULE, &Fake::home().file(&format!("{R}/refs/main"), "x")).is_empty());
    }
}
