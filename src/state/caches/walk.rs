//! The walk over a cache: on all processors, in the memory of what is wrong.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use super::faults::{self, Fault, Lens, Several, What};
use super::names::is_in_the_way;
use super::parts::{self, Closed, Instead};
use super::places::Place;
use super::repository::is_repository;
use super::{Cache, Depth, Progress, is_temporary};
use crate::system::{Disk, Kind, ReadError, System};

/// The longest that a quick look goes on, and how many repositories it looks at however long that takes.
const MOMENT_NS: i64 = 3_000_000;
const AT_LEAST: usize = 64;
/// More threads than this only wait for one disk.
const THREADS: usize = 8;

/// Looks at a cache.
pub(super) fn cache(
    system: &dyn System,
    disk: &dyn Disk,
    place: Place,
    lens: Lens,
    depth: Depth,
    progress: Option<Progress>,
) -> Cache {
    let mut names: Vec<OsString> = Vec::new();
    let mut temporary = Several::default();
    let read = disk.visit(&place.path, &mut |entry| {
        if entry.kind == Kind::File && is_temporary(entry.name) {
            temporary.add(&place.path.join(entry.name), entry.look().map_or(0, |s| s.size));
        } else if is_repository(entry.name)
            && match entry.kind {
                Kind::Dir | Kind::Link => true,
                Kind::File => is_in_the_way(entry.name),
                _ => false,
            }
        {
            names.push(entry.name.to_owned());
        }
        true
    });
    names.sort_unstable_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    let mut out =
        Cache { repositories: names.len(), looked: names.len(), temporary, foreign: None, faults: Vec::new(), place };
    let own = itself(disk, &mut out, lens, read);
    if depth == Depth::Quick {
        let start = system.now_ns();
        let elapsed = |now: (i64, i64)| (now.0 - start.0) * 1_000_000_000 + now.1 - start.1;
        for (at, name) in names.iter().enumerate() {
            if at >= AT_LEAST && elapsed(system.now_ns()) > MOMENT_NS {
                out.looked = at;
                break;
            }
            faults::look(disk, &out.place.path.join(name), lens, &mut out.faults);
        }
        out.faults.splice(0..0, own);
        return out;
    }
    out.faults = together(disk, &out.place, &names, lens, progress);
    out.faults.sort_by(|a, b| a.repository.cmp(&b.repository));
    out.faults.splice(0..0, own);
    out
}

/// What is wrong with the folder of a cache itself, and that of its locks.
fn itself(disk: &dyn Disk, cache: &mut Cache, lens: Lens, read: Result<(), ReadError>) -> Vec<Fault> {
    let root = &cache.place.path;
    let mut out = Vec::new();
    let mut add = |what| out.push(Fault { repository: root.clone(), what });
    let foreign = |path: &Path| {
        disk.look(path).ok().filter(|s| s.uid != lens.uid).map(|s| (path.to_owned(), s.uid, disk.may_write(path)))
    };
    match read {
        Ok(()) => {
            let locks = root.join(".locks");
            if let Some(is) = parts::instead(disk, &locks) {
                add(What::Misplaced { path: locks, is });
            } else if lens.is_whole {
                each_misplaced_lock(disk, &locks, &mut |path, is| add(What::Misplaced { path, is }));
                if lens.is_deep
                    && let Some((path, uid, may_write)) = foreign(&locks)
                {
                    add(What::Foreign { path, uid, may_write });
                }
            }
        }
        Err(ReadError::Denied) if lens.is_deep => {
            let mut closed = Closed::new(disk, root, lens.uid);
            closed.denied(root);
            if closed.own.count > 0 {
                add(What::Closed { what: closed.own, uid: lens.uid });
            }
        }
        Err(_) => {
            // What is not there yet is made by the first download, where that can be.
            let path = if disk.look_at_link(root).is_ok() { Some(root.clone()) } else { parts::above(disk, root) };
            if let Some(path) = path {
                if let Some(is) = parts::instead(disk, &path) {
                    add(What::Misplaced { path, is });
                } else if lens.is_deep {
                    cache.foreign = foreign(&path).filter(|(.., may_write)| !may_write);
                }
                return out;
            }
        }
    }
    if lens.is_deep {
        cache.foreign = foreign(root);
    }
    out
}

/// Visits what stands in `.locks` where the folder of a repository should.
fn each_misplaced_lock(disk: &dyn Disk, locks: &Path, visitor: &mut dyn FnMut(PathBuf, Instead)) {
    let _ = disk.visit(locks, &mut |entry| {
        if is_repository(entry.name)
            && matches!(entry.kind, Kind::File | Kind::Link)
            && is_in_the_way(entry.name)
            && let path = locks.join(entry.name)
            && let Some(is) = parts::instead(disk, &path)
        {
            visitor(path, is);
        }
        true
    });
}

/// The same on several threads; the one that called waits and tells how far they got.
fn together(disk: &dyn Disk, place: &Place, names: &[OsString], lens: Lens, progress: Option<Progress>) -> Vec<Fault> {
    let next = AtomicUsize::new(0);
    let found: Mutex<(Vec<Fault>, usize)> = Mutex::default();
    let ended = Condvar::new();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS).min(names.len());
    let work = || {
        let mut mine = Vec::new();
        while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
            faults::look(disk, &place.path.join(name), lens, &mut mine);
        }
        if let Ok(mut all) = found.lock() {
            all.0.append(&mut mine);
            all.1 += 1;
        }
        ended.notify_all();
    };
    if threads <= 1 && progress.is_none() {
        work();
    } else {
        std::thread::scope(|scope| {
            // A little stack is enough, and what is not touched is not paid.
            let started = (0..threads.max(1))
                .filter(|_| std::thread::Builder::new().stack_size(512 * 1024).spawn_scoped(scope, work).is_ok())
                .count();
            if started == 0 {
                work();
            }
            let Ok(mut all) = found.lock() else { return };
            while all.1 < started {
                let Ok((guard, _)) = ended.wait_timeout(all, Duration::from_millis(100)) else { return };
                all = guard;
                if let Some(tell) = progress {
                    tell(next.load(Ordering::Relaxed).min(names.len()), names.len());
                }
            }
        });
    }
    found.into_inner().map(|all| all.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::caches::places::Role;
    use crate::system::fake::Fake;

    #[test]
    fn all_repositories_are_looked_at_whatever_the_threads() {
        let mut fake = Fake::home().file("/h/tmpab12cd_9", "123").file("/h/version.txt", "1").file("/h/blobs/aa/x", "");
        for n in 0..150 {
            fake = fake.file(&format!("/h/models--o--n{n:03}/refs/main"), "no commit");
        }
        // An archive beside them is none.
        fake = fake.file("/h/models--o--n001.tar.gz", "");
        let lens = Lens { is_deep: false, is_whole: false, resumes: false, uid: 1000 };
        for depth in [Depth::Quick, Depth::Names] {
            let place = Place { path: "/h".into(), by: None, reader: "x", role: Role::InUse };
            let seen = cache(&fake, &fake, place, lens, depth, None);
            assert_eq!((seen.repositories, seen.looked, seen.faults.len(), seen.temporary.bytes), (150, 150, 150, 3));
            assert!(seen.faults.is_sorted_by_key(|f| f.repository.clone()));
        }
    }
}
