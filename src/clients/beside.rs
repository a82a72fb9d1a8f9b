//! The huggingface_hub that a client would ask where none is installed: the newest that its own package lets in.
//!
//! The newest of all would be wrong for a client whose package stops at an older one: huggingface_hub 2 refuses an
//! `HF_ENDPOINT` that 1.33 takes, so the same shell is a token in one and an error in the other.

use super::model::Client;
use super::version::Version;

/// The last releases before a boundary that packages name (`<1.0`, `<2.0`).
const BEFORE_1: Version = Version::new(0, 36, 2);
const BEFORE_2: Version = Version::new(1, 33, 0);

/// From which release of a client on which huggingface_hub is the newest that it lets in, ascending for each client.
/// `None`: any. Source: `Requires-Dist` in the wheels of the releases named.
static LETS_IN: &[(&str, Version, Option<Version>)] = &[
    // Any (0.3.1), `<1.0.0` (1.0.0), `<2.0.0` (1.2.1 to 1.2.3).
    ("langchain-hf", Version::first_of(1, 0, 0), Some(BEFORE_1)),
    ("langchain-hf", Version::new(1, 2, 1), Some(BEFORE_2)),
    // Of its extra `huggingface`: any (1.0.0 to 1.22.0), `<1.0.0` (1.23.0 to 1.61.0), `<2.0.0` (1.62.0 to 2.68.0).
    ("pydantic-ai", Version::first_of(1, 23, 0), Some(BEFORE_1)),
    ("pydantic-ai", Version::first_of(1, 62, 0), Some(BEFORE_2)),
    // Any (0.5.9), `<0.33` (0.5.10), `<0.35` (0.5.11), `<1.4` (0.5.13).
    ("litgpt", Version::new(0, 5, 10), Some(Version::new(0, 32, 6))),
    ("litgpt", Version::new(0, 5, 11), Some(Version::new(0, 34, 6))),
    ("litgpt", Version::new(0, 5, 13), Some(Version::new(1, 3, 7))),
];

/// The newest huggingface_hub that a release of a client lets in, none later than `newest`.
pub(super) fn hub(client: &Client, version: Version, newest: Version) -> Version {
    let row = LETS_IN.iter().rev().find(|(name, since, _)| *name == client.name && *since <= version);
    row.and_then(|(_, _, last)| *last).map_or(newest, |last| last.min(newest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::by_name;

    #[test]
    fn the_newest_that_the_package_lets_in() {
        let newest = Version::new(2, 4, 0);
        for (name, version, want) in [
            ("langchain-hf", Version::new(0, 3, 1), newest),
            ("langchain-hf", Version::new(1, 2, 0), BEFORE_1),
            ("langchain-hf", Version::new(1, 2, 3), BEFORE_2),
            ("pydantic-ai", Version::new(1, 61, 0), BEFORE_1),
            ("smolagents", Version::new(1, 26, 0), newest),
        ] {
            assert_eq!(hub(by_name(name).unwrap(), version, newest), want, "{name} {version}");
        }
    }

    #[test]
    fn the_rows_of_a_client_ascend_and_name_one_that_exists() {
        for (i, (name, since, _)) in LETS_IN.iter().enumerate() {
            assert!(by_name(name).is_some_and(|c| c.name == *name), "{name}");
            assert!(LETS_IN[i + 1..].iter().all(|(other, later, _)| other != name || since < later), "{name}");
        }
    }
}
