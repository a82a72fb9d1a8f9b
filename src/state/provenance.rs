//! Who set a variable: proved, likely or unknown.

use super::State;
use crate::finding::Location;

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// Proved.
    Certain,
    /// The same value stands there.
    Likely,
    /// Not found.
    Unknown,
}

impl Certainty {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Unknown => "unknown",
        }
    }
}

/// What set a variable.
#[derive(Debug, Clone)]
pub struct SetBy {
    /// The place; `None` where the setter is known but has no place of its own (a platform's secret).
    pub location: Option<Location>,
    /// How sure it is.
    pub certainty: Certainty,
    /// The setter in a few words: `direnv`, `conda`, `the activate script`.
    pub setter: &'static str,
    /// Whether the place is for this project alone, so that the variable is on purpose.
    pub own_to_project: bool,
}

/// What set a variable of this environment; `None` where nothing is known.
pub fn of(_state: &State<'_>, _name: &str) -> Option<SetBy> {
    None
}
