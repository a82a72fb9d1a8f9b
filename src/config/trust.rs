//! Which projects' files the person has accepted, each with the very content that they saw.
//!
//! One small file for each accepted path in `$XDG_DATA_HOME/hflint/trusted/`, named by the SHA-256 of the path, with the
//! SHA-256 of path, newline and content in it. By content alone a file that is copied into another project would be
//! trusted there (direnv 83), by path alone whatever a pull brings. direnv keeps each content that was ever accepted;
//! here the last one counts, so that an accepted file that was tightened since cannot come back by a checkout.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::secret::sha256;
use crate::system::path::Within as _;
use crate::system::{Kind, Own, ReadError, System};

/// The first line of an entry.
const FORMAT: &[u8] = b"hflint trust 1";
/// Most bytes of an entry: a path, and two short lines.
const LIMIT: usize = 16 * 1024;

/// What the person has said of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// This very content is accepted.
    Trusted,
    /// Another content was accepted at this path.
    Changed,
    /// Nothing.
    Untrusted,
}

impl Trust {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Changed => "changed",
            Self::Untrusted => "untrusted",
        }
    }
}

/// The directory of the entries; `None` where no home directory is known.
fn dir(system: &dyn System) -> Option<PathBuf> {
    system.own_dir(Own::Data).map(|dir| dir.within("trusted"))
}

fn entry(system: &dyn System, path: &Path) -> Option<PathBuf> {
    dir(system).map(|dir| dir.within(sha256(path.as_os_str().as_bytes())))
}

/// Path, newline, content.
fn seal(path: &Path, text: &str) -> String {
    sha256(&[path.as_os_str().as_bytes(), b"\n", text.as_bytes()].concat())
}

/// The seal and the path in an entry that is the person's own and nobody else can write.
fn read(system: &dyn System, entry: &Path) -> Option<(String, PathBuf)> {
    let content = system.read(entry, LIMIT).ok().filter(|content| !content.truncated)?;
    let link = system.lstat(entry).ok()?.kind == Kind::Link;
    if link || content.stat.uid != system.uid() || content.stat.mode & 0o022 != 0 {
        return None;
    }
    let mut parts = content.bytes.splitn(3, |b| *b == b'\n');
    let (format, seal, path) = (parts.next()?, parts.next()?, parts.next()?);
    (format == FORMAT).then(|| (String::from_utf8_lossy(seal).into_owned(), OsStr::from_bytes(path).into()))
}

/// What the person has said of the file at a path, without links in it, that holds this text.
pub fn of(system: &dyn System, path: &Path, text: &str) -> Trust {
    match entry(system, path).and_then(|entry| read(system, &entry)) {
        Some((kept, at)) if at.as_os_str() == path.as_os_str() => {
            if kept == seal(path, text) {
                Trust::Trusted
            } else {
                Trust::Changed
            }
        }
        _ => Trust::Untrusted,
    }
}

/// Accepts this text at this path, in place of what was accepted there before.
pub fn accept(system: &dyn System, path: &Path, text: &str) -> Result<(), ReadError> {
    let entry = entry(system, path).ok_or(ReadError::NotFound)?;
    let bytes = [FORMAT, b"\n", seal(path, text).as_bytes(), b"\n", path.as_os_str().as_bytes()].concat();
    system.store(&entry, &bytes, None)
}

/// Takes back what was accepted at a path; false where nothing was.
pub fn revoke(system: &dyn System, path: &Path) -> Result<bool, ReadError> {
    let Some(entry) = entry(system, path) else { return Ok(false) };
    match system.remove(&entry) {
        Ok(()) => Ok(true),
        Err(ReadError::NotFound | ReadError::NotDir) => Ok(false),
        Err(why) => Err(why),
    }
}

/// The accepted paths, sorted.
pub fn all(system: &dyn System) -> Vec<PathBuf> {
    let Some(dir) = dir(system) else { return Vec::new() };
    let names = system.list(&dir).unwrap_or_default();
    let mut paths: Vec<PathBuf> =
        names.iter().filter_map(|name| read(system, &dir.within(name))).map(|(_, path)| path).collect();
    paths.sort();
    paths
}

#[cfg(test)]
pub(super) fn entry_for_test(path: &str, text: &str) -> (String, Vec<u8>) {
    let name = format!("/home/u/.local/share/hflint/trusted/{}", sha256(path.as_bytes()));
    let seal = seal(Path::new(path), text);
    (name, [FORMAT, b"\n", seal.as_bytes(), b"\n", path.as_bytes()].concat())
}
