//! How much lies in a place.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::faults::Several;
use super::repository::{each_file, is_repository};
use crate::system::{Disk, Kind};

/// The files below a directory, and their bytes; links are not followed, so that each blob counts once.
pub fn below(disk: &dyn Disk, dir: &Path) -> Several {
    let mut out = Several::default();
    let _ = each_file(disk, dir, &mut |path, entry| {
        if entry.kind == Kind::File {
            out.add(path, entry.look().map_or(0, |s| s.size));
        }
        true
    });
    out
}

/// What a cache holds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Repositories.
    pub repositories: usize,
    /// Files that are no links.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Measures a cache, on several threads.
pub fn cache(disk: &dyn Disk, dir: &Path) -> Size {
    let mut names = Vec::new();
    let mut size = Size::default();
    let _ = disk.visit(dir, &mut |entry| {
        match entry.kind {
            Kind::Dir => names.push(entry.name.to_owned()),
            // Moved to another disk, with a link in its place.
            Kind::Link if is_repository(entry.name) && entry.look().is_ok_and(|s| s.kind == Kind::Dir) => {
                names.push(entry.name.to_owned());
            }
            Kind::File => {
                size.files += 1;
                size.bytes += entry.look().map_or(0, |s| s.size);
            }
            _ => {}
        }
        true
    });
    size.repositories = names.iter().filter(|n| is_repository(n)).count();
    let next = AtomicUsize::new(0);
    let sum = Mutex::new(size);
    let work = || {
        let (mut files, mut bytes) = (0, 0);
        while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
            let here = below(disk, &dir.join(name));
            files += here.count;
            bytes += here.bytes;
        }
        if let Ok(mut sum) = sum.lock() {
            sum.files += files;
            sum.bytes += bytes;
        }
    };
    std::thread::scope(|scope| {
        let others = std::thread::available_parallelism().map_or(1, usize::from).min(8).saturating_sub(1);
        for _ in 0..others.min(names.len()) {
            let _ = std::thread::Builder::new().stack_size(512 * 1024).spawn_scoped(scope, work);
        }
        work();
    });
    sum.into_inner().unwrap_or(size)
}

/// Bytes for people: `3.2 GB`, in powers of 1000 as the clients show them.
pub fn shown(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let (mut whole, mut rest, mut unit) = (bytes / 1000, bytes % 1000, 0);
    while whole >= 1000 && unit + 1 < UNITS.len() {
        (whole, rest, unit) = (whole / 1000, whole % 1000, unit + 1);
    }
    format!("{whole}.{} {}", rest / 100, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn each_blob_counts_once() {
        let fake = Fake::home()
            .file("/h/models--o--n/blobs/a", "12345")
            .link("/h/models--o--n/snapshots/c/m", "../../blobs/a")
            .file("/h/blobs/aa/x", "123")
            .file("/h/version.txt", "1");
        assert_eq!(cache(&fake, Path::new("/h")), Size { repositories: 1, files: 3, bytes: 9 });
    }

    #[test]
    fn bytes_for_people() {
        for (bytes, text) in [(999, "999 B"), (1000, "1.0 kB"), (1_999_999, "1.9 MB"), (3_200_000_000, "3.2 GB")] {
            assert_eq!(shown(bytes), text);
        }
    }
}
