//! URLs that hold a secret, in git's configuration and in the files of a repository that git and git-lfs read beside it.
//!
//! Source: git 2.39.5 and 2.47.3, run: what stands in the URL is sent before any helper is asked, and no helper's answer
//! takes its place when the Hub refuses it. git-lfs 3.3: `.lfsconfig`.

use std::collections::BTreeSet;

use super::config::{self, Entry};
use super::{Git, is_hub, secret};
use crate::clients::shape::{self, Shape};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::git::url::Parts;
use crate::system::TEXT_LIMIT;
use crate::system::path::Within as _;

/// Where such a URL stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// A remote's: its name, and the key (`url`, `pushurl`, git-lfs' `lfsurl`, `lfspushurl`).
    Remote {
        /// As it is written.
        name: Vec<u8>,
        /// The rest of the configuration's name.
        key: String,
    },
    /// The base of `url.BASE.insteadOf`, which goes into the URL of every remote that begins so.
    Rewrite,
    /// Any other key: git-lfs' `lfs.url`, a submodule's.
    Other,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// The password, or the token in place of the user.
    pub token: Token,
    /// The line of the file, or the variable.
    pub source: Location,
    /// What it is for.
    pub role: Role,
    /// The name of the key, as `git config` takes it. Of a [`Role::Rewrite`] it holds the secret.
    pub key: Vec<u8>,
    /// The URL without its user part.
    pub plain: Vec<u8>,
    /// How many values the key has there.
    pub values: usize,
    /// Whether the file is one that is committed (`.gitmodules`, `.lfsconfig`).
    pub committed: bool,
}

impl Git {
    /// URLs of the Hub that hold a secret, and of any other host that hold a token of the Hub. Placeholders of a template
    /// are none.
    pub fn embedded(&self, state: &State<'_>) -> Vec<Embedded> {
        let mut out = Vec::new();
        let mut seen = BTreeSet::new();
        let placed = self.config.entries.iter().map(|p| (&p.entry, p.source.clone(), false));
        let committed = self.committed(state);
        let committed = committed.iter().map(|(entry, source)| (entry, source.clone(), true));
        for (entry, source, committed) in placed.chain(committed) {
            let Some((role, url)) = url_of(entry) else { continue };
            let Some(parts) = Parts::new(url, false) else { continue };
            let Some(token) = secret(&parts) else { continue };
            let hub = parts.host.as_deref().is_some_and(|host| is_hub(state, host));
            let template = matches!(
                shape::read(token.bytes()).shape,
                Shape::Placeholder | Shape::Unexpanded | Shape::Reference | Shape::Masked | Shape::Blank
            );
            if template || !(hub || token.is_shaped()) || !seen.insert((source.clone(), url.to_owned())) {
                continue;
            }
            let values = self
                .config
                .entries
                .iter()
                .filter(|p| p.entry.name == entry.name && p.source.path() == source.path())
                .count();
            out.push(Embedded { token, source, role, key: entry.name.clone(), plain: plain(url), values, committed });
        }
        out
    }

    /// What the files say that are committed with the repository.
    fn committed(&self, state: &State<'_>) -> Vec<(Entry, Location)> {
        let Some(root) = &self.root else { return Vec::new() };
        let mut out = Vec::new();
        for name in [".gitmodules", ".lfsconfig"] {
            let path = root.within(name);
            let Ok(content) = state.system.read(&path, TEXT_LIMIT) else { continue };
            // A fault is git's to tell.
            for entry in config::parse(&content.bytes).unwrap_or_default() {
                let at = Location::line(&path, entry.line);
                out.push((entry, at));
            }
        }
        out
    }
}

/// The URL of an entry, and what it is for.
fn url_of(entry: &Entry) -> Option<(Role, &[u8])> {
    let value = entry.value.as_deref();
    match entry.parts() {
        (b"remote", Some(name), key @ (b"url" | b"pushurl" | b"lfsurl" | b"lfspushurl")) => {
            let key = String::from_utf8_lossy(key).into_owned();
            Some((Role::Remote { name: name.to_owned(), key }, value?))
        }
        (b"url", Some(base), b"insteadof" | b"pushinsteadof") => Some((Role::Rewrite, base)),
        (b"submodule", Some(_), b"url") | (b"lfs", None, b"url" | b"pushurl") => Some((Role::Other, value?)),
        _ => None,
    }
}

/// The URL without its user part: all up to the last `@` before the path.
fn plain(url: &[u8]) -> Vec<u8> {
    let start = url.windows(3).position(|w| w == b"://").map_or(0, |i| i + 3);
    let rest = &url[start..];
    let end = rest.iter().position(|b| b"/?#".contains(b)).unwrap_or(rest.len());
    let at = rest[..end].iter().rposition(|b| *b == b'@').map_or(0, |i| i + 1);
    [&url[..start], &rest[at..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::token;
    use crate::system::fake::Fake;

    fn lines(fake: &Fake) -> Vec<(Location, String)> {
        let state = State::new(fake);
        let found = state.git().embedded(&state);
        found.into_iter().map(|e| (e.source, String::from_utf8(e.plain).unwrap())).collect()
    }

    #[test]
    fn urls_that_hold_a_secret() {
        let (a, b, c) = (token('a'), token('b'), token('c'));
        let text = format!(
            "[remote \"o\"]\n\turl = https://u:{a}@huggingface.co/o/m\n\tpushurl = https://{b}@hf.co/o/m\n\
             [remote \"p\"]\n\turl = https://u:secret@github.com/o/m\n\
             [remote \"q\"]\n\turl = https://user:<token>@huggingface.co/o/m\n\turl = https://u@huggingface.co/x\n\
             [url \"https://u:{c}@huggingface.co/\"]\n\tinsteadOf = hf:\n"
        );
        let at = |line, url: &str| (Location::line("/home/u/.gitconfig", line), url.to_owned());
        assert_eq!(
            lines(&Fake::home().file("/home/u/.gitconfig", text)),
            [at(2, "https://huggingface.co/o/m"), at(3, "https://hf.co/o/m"), at(10, "https://huggingface.co/")]
        );
    }

    #[test]
    fn what_is_committed() {
        let a = token('a');
        let fake = Fake::home()
            .file("/home/u/.git/HEAD", "ref: refs/heads/main\n")
            .file("/home/u/.git/config", "")
            .file("/home/u/.git/objects/x", "")
            .file("/home/u/.git/refs/x", "")
            .file("/home/u/.gitmodules", format!("[submodule \"m\"]\n\tpath = m\n\turl = https://{a}@hf.co/o/m\n"))
            .file("/home/u/.lfsconfig", "[lfs]\n\turl = https://huggingface.co/o/m\n");
        assert_eq!(lines(&fake), [(Location::line("/home/u/.gitmodules", 3), "https://hf.co/o/m".to_owned())]);
    }

    #[test]
    fn nothing_of_the_user_part_stays() {
        for (url, want) in [
            ("https://u:p@h/x?a@b", "https://h/x?a@b"),
            ("https://u:a@b@h/x", "https://h/x"),
            ("https://h/x", "https://h/x"),
            ("https://u:p@h", "https://h"),
        ] {
            assert_eq!(String::from_utf8(plain(url.as_bytes())).unwrap(), want);
        }
    }
}
