//! The key of the record, and the hash by which a token is known there.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::path::PathBuf;

use crate::secret::{Token, sha256};
use crate::system::{CREDENTIAL_LIMIT, Own, ReadError, System};

/// A file of the record.
pub(super) fn path(system: &dyn System, name: &str) -> Option<PathBuf> {
    Some(system.own_dir(Own::State)?.join("record").join(name))
}

/// Why a file of the record cannot be used.
pub(super) type Fault = (PathBuf, ReadError);

/// Where no home directory is known.
pub(super) fn nowhere() -> Fault {
    (PathBuf::from("record"), ReadError::NotFound)
}

/// The hash of a token under a key.
pub(super) fn hash(key: &[u8], token: &Token) -> String {
    let mut text = zeroize::Zeroizing::new(key.to_vec());
    text.extend_from_slice(token.bytes());
    sha256(&text)
}

/// The key; `None` where there is none yet.
pub(super) fn read(system: &dyn System) -> Result<Option<Vec<u8>>, Fault> {
    let path = path(system, "key").ok_or_else(nowhere)?;
    match system.read(&path, CREDENTIAL_LIMIT) {
        Ok(content) => Ok(Some(content.bytes).filter(|key| !key.is_empty())),
        Err(ReadError::NotFound | ReadError::NotDir) => Ok(None),
        Err(why) => Err((path, why)),
    }
}

/// The key, made where there is none. Under the lock of the record.
pub(super) fn read_or_make(system: &dyn System) -> Result<Vec<u8>, Fault> {
    if let Some(key) = read(system)? {
        return Ok(key);
    }
    let (path, key) = (path(system, "key").ok_or_else(nowhere)?, random());
    system.store(&path, &key, None).map_err(|why| (path, why))?;
    Ok(key)
}

/// A key. The standard library takes the keys of its hash tables from the kernel: that is all the randomness that is
/// needed here, without a dependency for it.
fn random() -> Vec<u8> {
    let word = |n: u64| {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u64(n);
        hasher.finish().to_le_bytes()
    };
    sha256(&(0..8).flat_map(word).collect::<Vec<u8>>()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ() {
        assert_eq!(random().len(), 64);
        assert_ne!(random(), random());
        let token = Token::new(b"x".to_vec());
        assert_ne!(hash(b"a", &token), hash(b"b", &token));
    }
}
