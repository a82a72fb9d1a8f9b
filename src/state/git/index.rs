//! Which files git tracks: its index.
//!
//! Source: git 2.47.3, `gitformat-index(5)`, versions 2, 3 and 4, run. A split index and a sparse one are answered as
//! unknown.

use std::collections::BTreeSet;
use std::path::Path;

use super::load::Config;
use crate::system::System;

/// Most bytes of an index that are read: some 100,000 files.
const LIMIT: usize = 16 * 1024 * 1024;

/// Those of some files that git tracks, as paths relative to the root; `None` where the index cannot be read.
pub fn tracked<'p>(system: &dyn System, config: &Config, paths: &[&'p [u8]]) -> Option<BTreeSet<&'p [u8]>> {
    let repository = config.repository.as_ref()?;
    let file = match system.var("GIT_INDEX_FILE") {
        Some(named) => Path::new(repository.root.as_deref()?).join(named),
        None => repository.git_dir.join("index"),
    };
    let content = match system.read(&file, LIMIT) {
        Ok(content) if content.truncated => return None,
        Ok(content) => content.bytes,
        // Nothing was added yet.
        Err(crate::system::ReadError::NotFound) => return Some(BTreeSet::new()),
        Err(_) => return None,
    };
    let sha256 = config.all("extensions", "objectformat").last();
    let sha256 = sha256.is_some_and(|p| p.entry.value.as_deref() == Some(b"sha256"));
    let mut found = BTreeSet::new();
    let mut each = |name: &[u8]| found.extend(paths.iter().find(|p| **p == name).copied());
    read(&content, if sha256 { 32 } else { 20 }, &mut each)?;
    Some(found)
}

/// Tells the name of each entry; `None` where the text is no index, or one that says only a part.
fn read(bytes: &[u8], hash: usize, each: &mut dyn FnMut(&[u8])) -> Option<()> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let version = number(4).filter(|v| bytes.starts_with(b"DIRC") && (2..=4).contains(v))?;
    let count = number(8)?;
    let mut at = 12;
    let mut name: Vec<u8> = Vec::new();
    for _ in 0..count {
        let start = at;
        at += 40 + hash;
        let flags = u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?);
        at += 2;
        if flags & 0x4000 != 0 {
            at += 2;
        }
        if version == 4 {
            // How much of the name before goes, then what follows it.
            let mut strip = 0_usize;
            loop {
                let b = *bytes.get(at)?;
                at += 1;
                strip = strip.checked_mul(128)?.checked_add(usize::from(b & 0x7f))?;
                if b & 0x80 == 0 {
                    break;
                }
                strip = strip.checked_add(1)?;
            }
            name.truncate(name.len().checked_sub(strip)?);
        } else {
            name.clear();
        }
        let end = bytes.get(at..)?.iter().position(|b| *b == 0)?;
        name.extend_from_slice(&bytes[at..at + end]);
        at += end;
        // One to eight NULs, up to a multiple of eight.
        at = if version == 4 { at + 1 } else { start + (at - start + 8) / 8 * 8 };
        each(&name);
    }
    // What follows are extensions, then the checksum.
    while let Some(kind) = bytes.get(at..at + 4).filter(|_| at + hash < bytes.len()) {
        if kind == b"link" || kind == b"sdir" {
            return None;
        }
        at += 8 + number(at + 4)? as usize;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(bytes: &[u8]) -> Option<Vec<String>> {
        let mut out = Vec::new();
        read(bytes, 20, &mut |name| out.push(String::from_utf8_lossy(name).into_owned()))?;
        Some(out)
    }

    fn index(version: u8, entries: &[(&[u8], &str)]) -> Vec<u8> {
        let mut out = [&b"DIRC\0\0\0"[..], &[version, 0, 0, 0, u8::try_from(entries.len()).unwrap()]].concat();
        for (strip, name) in entries {
            let start = out.len();
            out.extend([0; 62]);
            out.extend_from_slice(strip);
            out.extend_from_slice(name.as_bytes());
            out.push(0);
            while version < 4 && !(out.len() - start).is_multiple_of(8) {
                out.push(0);
            }
        }
        out.extend([7; 20]);
        out
    }

    #[test]
    fn names_of_each_version() {
        let plain = index(2, &[(b"", ".env"), (b"", "a/b"), (b"", "abcdefgh")]);
        assert_eq!(names(&plain).unwrap(), [".env", "a/b", "abcdefgh"]);
        let short = index(4, &[(b"\0", "a/bc"), (b"\x01", "d"), (b"\x04", "x")]);
        assert_eq!(names(&short).unwrap(), ["a/bc", "a/bd", "x"]);
    }

    #[test]
    fn what_is_none() {
        for bytes in [&b""[..], b"DIRC", b"DIRC\0\0\0\x09\0\0\0\0", b"DIRC\0\0\0\x02\xff\xff\xff\xff"] {
            assert_eq!(names(bytes), None);
        }
        let mut split = index(2, &[]);
        split.truncate(12);
        split.extend_from_slice(b"link\0\0\0\x14");
        split.extend([0; 40]);
        assert_eq!(names(&split), None);
    }
}
