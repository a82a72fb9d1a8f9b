//! A hash that is quick on short texts, for maps whose keys nobody else chooses to our harm: paths and names that we look
//! up ourselves. The one of the standard library withstands an attacker and takes five times as long; a person who fills
//! their own environment with names that collide slows down their own prompt.

use std::hash::{BuildHasherDefault, Hasher};

/// For `HashMap<_, _, Quick>`.
pub(super) type Quick = BuildHasherDefault<Words>;

/// Eight bytes at a time: mixed in, multiplied, both halves of the product folded into one (as wyhash does it). Rustc's
/// own FxHash keeps the lower half alone: what differs at the end of a path then never gets down to the bits that count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(u64);

impl Default for Words {
    fn default() -> Self {
        Self(0x2d35_8dcc_aa6c_78a5)
    }
}

impl Words {
    fn add(&mut self, word: u64) {
        let (low, high) = (self.0 ^ word).carrying_mul(0x8bb8_4b93_962e_acc9, 0);
        self.0 = low ^ high;
    }
}

impl Hasher for Words {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        // The length is hashed as well, so the last word may hold bytes of the one before.
        self.add(match bytes.last_chunk::<8>() {
            Some(last) => u64::from_le_bytes(*last),
            None => rest.iter().fold(0, |word, &b| word << 8 | u64::from(b)),
        });
    }

    fn write_usize(&mut self, n: usize) {
        self.add(n as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::ffi::OsString;
    use std::hash::BuildHasher as _;

    #[test]
    fn paths_that_begin_alike_spread() {
        let quick = Quick::default();
        let paths = (0..1000).map(|i| OsString::from(format!("/home/u/project/.venv/lib/python3.11/{i}")));
        let low: BTreeSet<u64> = paths.map(|path| quick.hash_one(path) & 0xffff).collect();
        assert!(low.len() > 950, "{}", low.len());
        assert_ne!(quick.hash_one(OsString::from("ab")), quick.hash_one(OsString::from("ab\0")));
    }
}
