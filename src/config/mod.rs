//! The settings in force, each with its source.
//!
//! Layers, the lowest first: defaults, the person's file, the project's `.hflint.toml`, `HFLINT_<KEY>` variables, the
//! command line.

use std::path::PathBuf;

use crate::finding::{Location, Severity};
use crate::rules::{RULES, Rule};

mod accepted;
mod edit;
mod layers;
pub mod project;
mod schema;
pub mod trust;
mod values;

pub use accepted::{Accepted, Here, Tally};
pub use edit::{NewEntry, with_entry};
pub use layers::{Error, From, Overrides, examine, load, path, variables};
pub use project::Project;
pub use values::{Date, Host, Period, Selector, Warn};

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// hflint itself.
    Default,
    /// A line of a configuration file.
    File(Location),
    /// An environment variable.
    Variable(String),
    /// An option of the command line.
    Option(&'static str),
}

/// A value and its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub source: Source,
}

impl<T> Setting<T> {
    fn default(value: T) -> Self {
        Self { value, source: Source::Default }
    }
}

/// The settings in force.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that was read; `None` where there is none.
    pub file: Option<PathBuf>,
    /// The project's file; `None` where there is none, or none is asked for.
    pub project: Option<Project>,
    /// Only these rules; empty means all.
    pub select: Setting<Vec<Selector>>,
    /// Rules that do not run, each with its own source: layers add to each other, and a higher layer's `select` takes
    /// back what lower ones left out.
    pub ignore: Vec<Setting<Selector>>,
    /// From this severity on, `check` exits 1.
    pub fail_on: Setting<Severity>,
    /// When the prompt speaks.
    pub warn: Setting<Warn>,
    /// The prompt speaks of this severity and above.
    pub min_severity: Setting<Severity>,
    /// How long the same state is not told again in another terminal.
    pub repeat_after: Setting<Period>,
    /// How old a token may get.
    pub rotate_after: Setting<Period>,
    /// How long the undo journal keeps its entries.
    pub journal_keep: Setting<Period>,
    /// Hosts that the person trusts with the token.
    pub endpoints: Setting<Vec<Host>>,
    /// How long the hook may take.
    pub hook_timeout: Setting<Period>,
    /// `[[ignore]]`: findings that the person accepts.
    pub accepted: Vec<Accepted>,
    /// Variables that look like settings and are none.
    pub unknown_variables: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            file: None,
            project: None,
            select: Setting::default(Vec::new()),
            ignore: Vec::new(),
            fail_on: Setting::default(Severity::Warning),
            warn: Setting::default(Warn::Change),
            min_severity: Setting::default(Severity::Warning),
            repeat_after: Setting::default(Period::hours(24)),
            rotate_after: Setting::default(Period::days(90)),
            journal_keep: Setting::default(Period::days(30)),
            endpoints: Setting::default(Vec::new()),
            hook_timeout: Setting::default(Period::seconds(1)),
            accepted: Vec::new(),
            unknown_variables: Vec::new(),
        }
    }
}

impl Config {
    /// The rules that are to run.
    pub fn rules(&self) -> Vec<&'static Rule> {
        let chosen = |rule: &Rule| self.select.value.is_empty() || self.select.value.iter().any(|s| s.means(rule));
        RULES.iter().copied().filter(|r| chosen(r) && !self.ignore.iter().any(|i| i.value.means(r))).collect()
    }

    /// Whether a location is in the project's file.
    pub fn is_of_project(&self, at: &Location) -> bool {
        self.project.as_ref().is_some_and(|project| at.path() == Some(&project.place.shown))
    }

    /// Whether the person trusts a host (with its port, where one is written) with the token.
    pub fn trusts(&self, host: &str) -> bool {
        self.endpoints.value.iter().any(|h| h.as_str().eq_ignore_ascii_case(host))
    }
}

#[cfg(test)]
mod tests;
