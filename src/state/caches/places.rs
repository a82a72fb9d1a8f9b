//! Where models are cached here, which variable says so, and where they were cached once.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::clients::paths::hub_home;
use crate::clients::version::Version;
use crate::state::State;
use crate::system::home::{expanduser, expandvars};
use crate::system::path::{absolute, join, pathlib};

/// Read by transformers before 5, in this order.
pub const TRANSFORMERS: [&str; 3] =
    ["TRANSFORMERS_CACHE", "PYTORCH_TRANSFORMERS_CACHE", "PYTORCH_PRETRAINED_BERT_CACHE"];

/// What a place is to the clients here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Models are read from here and written to it.
    InUse,
    /// Models may lie here, and what is set sends the clients elsewhere.
    Shadowed,
    /// The form of an earlier time: no client here reads it.
    Legacy,
}

impl Role {
    /// The word in text and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::InUse => "in use",
            Self::Shadowed => "shadowed",
            Self::Legacy => "legacy",
        }
    }
}

/// A place for cached models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Absolute and unresolved.
    pub path: PathBuf,
    /// The variable that puts it there; `None`: the default.
    pub by: Option<&'static str>,
    /// Who reads it, or did.
    pub reader: &'static str,
    /// What it is to the clients here.
    pub role: Role,
}

/// The places here: those in use first, each once.
pub fn gather(state: &State<'_>) -> Vec<Place> {
    let packages = state.packages();
    let python = packages.python.as_ref().map_or(&[][..], |p| &p.packages);
    let installed = |name: &str| python.iter().find(|p| p.name == name).map(|p| p.version);
    let hub = installed("huggingface-hub");
    let at_least = |minor| hub.is_none_or(|v| v >= Version::first_of(0, minor, 0));
    let mut out: Vec<Place> = Vec::new();
    let mut add = |path: PathBuf, by, reader, role| {
        if !out.iter().any(|p: &Place| same(state, &p.path, &path)) {
            out.push(Place { path, by, reader, role });
        }
    };
    // HF_HUB_CACHE is read from 0.19 (facts of the wheels); both count where they are set and empty.
    let new = if at_least(19) { Some("HF_HUB_CACHE") } else { None };
    let decides = new.into_iter().chain(["HUGGINGFACE_HUB_CACHE"]).find(|name| state.var(name).is_some());
    let home = hub_in_home(state);
    let (path, by) = match decides {
        Some(name) => (named(state, name, at_least(30)).unwrap_or_else(|| home.clone()), Some(name)),
        None => (home.clone(), above(state)),
    };
    add(path, by, "huggingface_hub", Role::InUse);
    if installed("transformers").is_some_and(|v| v < Version::first_of(5, 0, 0))
        && let Some((name, path)) = TRANSFORMERS.iter().find_map(|n| Some((*n, place(state, n)?)))
    {
        add(path, Some(name), "transformers", Role::InUse);
    }
    if packages.crates.iter().any(|p| p.name == "hf-hub" && p.version < Version::first_of(1, 0, 0)) {
        // It knows HF_HOME alone (hf-hub 0.5.0, `Cache::from_env`).
        add(home.clone(), above(state), "hf-hub", Role::InUse);
    }
    for name in ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"].iter().chain(&TRANSFORMERS) {
        if let Some(path) = place(state, name) {
            add(path, Some(name), "huggingface_hub", Role::Shadowed);
        }
    }
    add(home, above(state), "huggingface_hub", Role::Shadowed);
    let user = PathBuf::from(expanduser(state.system, OsStr::new("~")));
    if user.is_absolute() {
        add(user.join(".cache/huggingface/hub"), None, "huggingface_hub", Role::Shadowed);
        for (path, reader) in [
            (".cache/huggingface/transformers", "transformers before 4.22"),
            (".cache/huggingface/diffusers", "diffusers before 0.14"),
            (".cache/torch/transformers", "transformers 2 and 3"),
            (".cache/torch/pytorch_transformers", "pytorch-transformers 1"),
            (".pytorch_pretrained_bert", "pytorch-pretrained-bert"),
        ] {
            add(user.join(path), None, reader, Role::Legacy);
        }
    }
    out.retain(|p| p.role == Role::InUse || state.system.stat(&p.path).is_ok());
    out
}

/// The variable that `HF_HOME/hub` hangs on.
fn above(state: &State<'_>) -> Option<&'static str> {
    ["HF_HOME", "XDG_CACHE_HOME"].into_iter().find(|name| state.var(name).is_some())
}

/// A cache variable's path, as huggingface_hub takes it since 0.30; what older ones do to `~` is HF502.
pub fn place(state: &State<'_>, name: &str) -> Option<PathBuf> {
    state.non_empty(name)?;
    named(state, name, true)
}

/// The same, also where it is set and empty, which is the current directory.
fn named(state: &State<'_>, name: &str, expands: bool) -> Option<PathBuf> {
    let value = state.var(name)?;
    let path = if expands { expandvars(state.system, &expanduser(state.system, &value)) } else { value };
    Some(absolute(state.system, &pathlib(&path)))
}

/// `hub` in `HF_HOME`.
pub fn hub_in_home(state: &State<'_>) -> PathBuf {
    let home = hub_home(state.system, true);
    absolute(state.system, &pathlib(&join(&home, "hub".as_ref())))
}

/// One place, also through a link.
pub fn same(state: &State<'_>, a: &Path, b: &Path) -> bool {
    a == b || state.system.canonical(a).is_some_and(|a| state.system.canonical(b) == Some(a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::python;
    use crate::system::fake::Fake;

    fn told(fake: &Fake) -> Vec<(String, Option<&'static str>, &'static str)> {
        let places = gather(&State::new(fake));
        places.into_iter().map(|p| (p.path.display().to_string(), p.by, p.role.word())).collect()
    }

    #[test]
    fn the_first_variable_that_the_client_reads_decides() {
        let both = Fake::home().var("HF_HUB_CACHE", "/a").var("HUGGINGFACE_HUB_CACHE", "/b");
        assert_eq!(told(&both), [("/a".into(), Some("HF_HUB_CACHE"), "in use")]);
        let old = python(both, &[("huggingface_hub", "0.17.3")]);
        assert_eq!(told(&old), [("/b".into(), Some("HUGGINGFACE_HUB_CACHE"), "in use")]);
        assert_eq!(told(&Fake::home()), [("/home/u/.cache/huggingface/hub".into(), None, "in use")]);
        assert_eq!(told(&Fake::home().var("HF_HOME", "/m")), [("/m/hub".into(), Some("HF_HOME"), "in use")]);
        assert_eq!(told(&Fake::home().var("HF_HUB_CACHE", ""))[0].0, "/home/u");
    }

    #[test]
    fn what_old_releases_expand() {
        let fake = Fake::home().var("HF_HUB_CACHE", "$HOME/c");
        assert_eq!(told(&fake)[0].0, "/home/u/c");
        assert_eq!(told(&python(fake, &[("huggingface_hub", "0.23.5")]))[0].0, "/home/u/$HOME/c");
    }

    #[test]
    fn transformers_before_5_has_a_place_of_its_own() {
        let fake = Fake::home().var("TRANSFORMERS_CACHE", "/t").file("/t/models--o--n/refs/main", "x");
        let with = |version| told(&python(fake.clone(), &[("transformers", version)]));
        assert!(with("4.57.6").contains(&("/t".into(), Some("TRANSFORMERS_CACHE"), "in use")));
        assert!(with("5.23.0").contains(&("/t".into(), Some("TRANSFORMERS_CACHE"), "shadowed")));
    }

    #[test]
    fn what_is_there_and_not_read() {
        let fake = Fake::home()
            .var("HF_HOME", "/m")
            .file("/home/u/.cache/huggingface/hub/models--o--n/refs/main", "x")
            .file("/home/u/.cache/torch/transformers/abc", "x");
        let roles: Vec<_> = told(&fake).into_iter().map(|p| p.2).collect();
        assert_eq!(roles, ["in use", "shadowed", "legacy"]);
    }
}
