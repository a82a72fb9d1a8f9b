//! The client packages installed here: the active Python environment, `node_modules`, `Cargo.lock`.
//!
//! Nothing is started to find out: a Python that starts takes 20 ms and more, twenty times what `check` may take.

use std::path::{Path, PathBuf};

use super::State;
use crate::clients::model::Found as Kind;
use crate::clients::registry;
use crate::clients::version::Version;

mod cargo;
mod distributions;
mod interpreter;
mod node;
mod pyenv;

/// What is installed.
#[derive(Debug, Default)]
pub struct Packages {
    /// The Python environment in effect.
    pub python: Option<Python>,
    /// Packages of `node_modules` here.
    pub node: Vec<Package>,
    /// Crates of `Cargo.lock` here.
    pub crates: Vec<Package>,
}

/// A Python environment.
#[derive(Debug)]
pub struct Python {
    /// Its prefix.
    pub prefix: PathBuf,
    /// How it was found.
    pub by: Found,
    /// The distributions in it that are clients, or that decide how a client behaves, by normalised name.
    pub packages: Vec<Package>,
}

/// How a Python environment was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// `VIRTUAL_ENV`.
    VirtualEnv,
    /// `CONDA_PREFIX`.
    Conda,
    /// A `.venv` in the current directory or above.
    Upward,
    /// `python3` on PATH.
    Path,
}

/// One installed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Normalised: lower case, `-` for `_` and `.` (Python).
    pub name: String,
    /// Its release.
    pub version: Version,
    /// The folder that holds it: `site-packages`, the package's folder, or the lock file.
    pub at: PathBuf,
}

/// Distributions that are no client with a table of its own, but tell something about one: the HTTP libraries decide
/// about netrc, PySocks and socksio about SOCKS proxies, tqdm about variables of its own, the libraries about what a person
/// runs.
const ALSO: [&str; 8] = ["datasets", "diffusers", "httpx", "pysocks", "requests", "socksio", "tqdm", "transformers"];

/// Looks for them.
pub fn gather(state: &State<'_>) -> Packages {
    let python = interpreter::find(state).map(|i| Python {
        packages: distributions::in_directories(
            state.system,
            &i.path,
            &names(
                |k| match k {
                    Kind::Python(name) => std::slice::from_ref(name),
                    _ => &[],
                },
                &ALSO,
            ),
        ),
        prefix: i.prefix,
        by: i.by,
    });
    let node = node::upward(
        state.system,
        &names(
            |k| match k {
                Kind::Node(names) => names,
                _ => &[],
            },
            &[],
        ),
    );
    let crates = cargo::upward(
        state.system,
        &names(
            |k| match k {
                Kind::Crate(name) => std::slice::from_ref(name),
                _ => &[],
            },
            &[],
        ),
    );
    Packages { python, node, crates }
}

/// The names that are looked for, sorted, each once.
fn names(pick: impl Fn(&'static Kind) -> &'static [&'static str], also: &[&'static str]) -> Vec<&'static str> {
    let mut names: Vec<&str> = registry::all().flat_map(|c| pick(&c.found)).chain(also).copied().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The current directory and those above it, the nearest first; none where it was deleted.
fn upward(system: &dyn crate::system::System) -> Vec<PathBuf> {
    system.cwd().iter().flat_map(|d| d.ancestors().map(Path::to_owned)).collect()
}
