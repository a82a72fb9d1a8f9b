//! Names in a cache that no client gave: what other programs leave there is neither a model nor a fault of one.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use crate::system::Kind;

/// What file managers leave in any folder that somebody looked into. huggingface_hub passes by the first three
/// (2.4.0, `FILES_TO_IGNORE`; 0.36.2 and older by the first alone).
const DROPPINGS: [&str; 4] = [".DS_Store", "Thumbs.db", "desktop.ini", "ehthumbs.db"];

/// The folder of a Synology NAS in each folder that it shares.
const NAS: &[u8] = b"@eaDir";

/// How files end that lie beside a repository and have its name: archives, copies, locks, what a transfer left.
const BESIDE: [&str; 18] = [
    "7z", "aria2", "bak", "bz2", "gz", "json", "lock", "log", "old", "part", "rar", "tar", "tgz", "tmp", "txt", "xz",
    "zip", "zst",
];

/// Whether a file is one that a file manager left. What a client downloads under such a name is a link, where there
/// are links.
pub fn is_dropping(name: &OsStr, kind: Kind) -> bool {
    kind == Kind::File && DROPPINGS.iter().any(|known| name.as_bytes().eq_ignore_ascii_case(known.as_bytes()))
}

/// Whether git lets a branch or a part of its name be called so (git-check-ref-format, 2.47), and no client's temporary
/// file is.
pub fn can_be_ref(name: &OsStr) -> bool {
    let name = name.as_bytes();
    let holds = |part: &[u8]| name.windows(part.len()).any(|at| at == part);
    let is_odd = |b: &u8| b.is_ascii_control() || b" ~^:?*[\\".contains(b);
    !(name.starts_with(b".")
        || [&b".lock"[..], b".tmp", b"."].iter().any(|end| name.ends_with(end))
        || name.iter().any(is_odd)
        || holds(b"..")
        || holds(b"@{")
        || name == NAS)
}

/// Whether a file in the place of a folder of this name is in its way, rather than beside it.
pub fn is_in_the_way(name: &OsStr) -> bool {
    let end = name.as_bytes().rsplit(|b| *b == b'.').next().unwrap_or_default();
    !BESIDE.iter().any(|known| end.eq_ignore_ascii_case(known.as_bytes())) && !name.as_bytes().ends_with(b"~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_branch_is_called() {
        for name in ["main", "v1.0", "pr", "1", "a-b_c", "@", "fp16", "ü"] {
            assert!(can_be_ref(OsStr::new(name)), "{name}");
        }
        for name in
            [".main.swp", "main.lock", "main.0a1b2c3d.tmp", "main~", "main (copy)", "a..b", "Icon\r", "@eaDir", "x@{1}"]
        {
            assert!(!can_be_ref(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn what_file_managers_leave() {
        for name in [".DS_Store", "Thumbs.db", "Desktop.ini"] {
            assert!(is_dropping(OsStr::new(name), Kind::File), "{name}");
            assert!(!is_dropping(OsStr::new(name), Kind::Link), "{name}");
        }
        assert!(!is_dropping(OsStr::new("config.json"), Kind::File));
    }

    #[test]
    fn what_lies_beside_a_repository() {
        for name in ["models--o--n", "models--Qwen--Qwen2.5-7B", "models--o--n.v2", "datasets--o--n"] {
            assert!(is_in_the_way(OsStr::new(name)), "{name}");
        }
        for name in ["models--o--n.tar.gz", "models--o--n.ZIP", "models--o--n.lock", "models--o--n~"] {
            assert!(!is_in_the_way(OsStr::new(name)), "{name}");
        }
    }
}
