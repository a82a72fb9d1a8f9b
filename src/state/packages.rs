//! The client packages installed here: the active Python environment, `node_modules`, `Cargo.lock`.

use std::path::PathBuf;

use super::State;
use crate::clients::version::Version;

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
    /// The distributions in it that are clients (or httpx), by normalised name.
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
#[derive(Debug, Clone)]
pub struct Package {
    /// Normalised: lower case, `-` for `_` and `.` (Python).
    pub name: String,
    /// Its release.
    pub version: Version,
    /// The folder that holds it: `site-packages`, the package's folder, or the lock file.
    pub at: PathBuf,
}

/// Looks for them.
pub fn gather(_state: &State<'_>) -> Packages {
    Packages::default()
}
