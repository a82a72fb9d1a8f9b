//! The listing of a commit that huggingface_hub 1.22 and newer keep: which files there are, and how long each is.

use std::path::Path;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::system::Disk;

/// Most bytes read of a listing: some ten thousand files. A longer one is left out, which is said nowhere, because
/// nothing is claimed without it.
const LIMIT: usize = 2 * 1024 * 1024;

/// `trees/COMMIT.json`, format 1 (huggingface_hub 2.4.0, `_tree_cache.py`).
#[derive(Debug, Default)]
pub struct Tree {
    /// Sorted by path.
    files: Vec<Listed>,
}

/// A file of a commit.
#[derive(Debug)]
pub struct Listed {
    /// Its path in the repository.
    pub path: Box<[u8]>,
    /// Its length in bytes.
    pub size: u64,
    /// The name of its blob; empty where the listing has none.
    pub etag: Box<str>,
    is_met: bool,
}

impl Tree {
    /// The listing of a commit; `None` where there is none that the client would read.
    pub fn read(disk: &dyn Disk, repository: &Path, commit: &str) -> Option<Self> {
        let path = repository.join("trees").join(format!("{commit}.json"));
        let content = disk.text(&path, LIMIT).ok().filter(|c| !c.truncated)?;
        let shape: Shape = serde_json::from_slice(&content.bytes).ok()?;
        if shape.format_version != 1 {
            return None;
        }
        let mut files = shape.files.0;
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Some(Self { files })
    }

    fn at(&self, path: &[u8]) -> Option<usize> {
        self.files.binary_search_by(|file| file.path.as_ref().cmp(path)).ok()
    }

    /// Whether the commit has a file.
    pub fn has(&self, path: &[u8]) -> bool {
        self.at(path).is_some()
    }

    /// The size of a file of the commit, which counts as met from now on.
    pub fn meet(&mut self, path: &[u8]) -> Option<u64> {
        let at = self.at(path)?;
        self.files[at].is_met = true;
        Some(self.files[at].size)
    }

    /// The files that were not met.
    pub fn unmet(&self) -> impl Iterator<Item = &Listed> {
        self.files.iter().filter(|file| !file.is_met)
    }

    /// How many files were not met, and the first of them.
    pub fn missing(&self) -> (usize, Option<&[u8]>) {
        let mut left = self.unmet().map(|file| file.path.as_ref());
        let first = left.next();
        (usize::from(first.is_some()) + left.count(), first)
    }

    /// How many files the commit has.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether the commit has no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

#[derive(serde::Deserialize)]
struct Shape {
    format_version: u64,
    files: Files,
}

#[derive(serde::Deserialize)]
struct Info {
    size: u64,
    lfs_size: Option<u64>,
    blob_id: Option<Box<str>>,
    lfs_sha256: Option<Box<str>>,
}

/// Read one by one into the smallest form: a map of maps of a big repository would not stay within bounds.
struct Files(Vec<Listed>);

impl<'de> Deserialize<'de> for Files {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Files;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("files by their path")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Files, A::Error> {
                let mut out = Vec::new();
                while let Some(path) = map.next_key::<String>()? {
                    let info: Info = map.next_value()?;
                    out.push(Listed {
                        path: path.into_bytes().into(),
                        size: info.lfs_size.unwrap_or(info.size),
                        etag: info.lfs_sha256.or(info.blob_id).unwrap_or_default(),
                        is_met: false,
                    });
                }
                Ok(Files(out))
            }
        }
        from.deserialize_map(Each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn read(text: &str) -> Option<Tree> {
        let fake = Fake::home().file("/r/trees/c.json", text);
        Tree::read(&fake, Path::new("/r"), "c")
    }

    #[test]
    fn the_size_of_large_files_is_that_of_lfs() {
        let mut tree = read(
            r#"{"format_version": 1, "files": {
                "m": {"size": 130, "blob_id": "x", "lfs_sha256": "y", "lfs_size": 900},
                "a/b": {"size": 3, "blob_id": "z"}}}"#,
        )
        .unwrap();
        assert_eq!((tree.len(), tree.meet(b"m"), tree.meet(b"no")), (2, Some(900), None));
        assert_eq!(tree.missing(), (1, Some(&b"a/b"[..])));
        assert!(tree.has(b"a/b"));
        assert_eq!(tree.unmet().map(|file| (file.size, file.etag.as_ref())).collect::<Vec<_>>(), [(3, "z")]);
    }

    #[test]
    fn what_the_client_would_not_read_says_nothing() {
        assert!(read(r#"{"format_version": 2, "files": {}}"#).is_none());
        assert!(read(r#"{"format_version": 1}"#).is_none());
        assert!(read("{").is_none());
        assert!(read(r#"{"format_version": 1, "files": {"a": {"size": -1}}}"#).is_none());
    }
}
