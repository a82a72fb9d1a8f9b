//! `[[ignore]]`: findings that the person has accepted, by rule and place, for a reason, perhaps until a day.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::values::{Date, Selector};
use crate::finding::{Finding, Location};
use crate::rules::{RULES, Rule};
use crate::state::git::glob;
use crate::system::{Kind, System, home};

/// One entry.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Which rules.
    pub rule: Selector,
    /// Which findings of them; `None` means all.
    pub place: Option<Place>,
    /// Why.
    pub reason: String,
    /// The last day.
    pub until: Option<Date>,
    /// The entry itself.
    pub location: Location,
}

/// A variable, or a path: a pattern as in git's ignore files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The name of a variable.
    Variable(String),
    /// A path, also what lies below it.
    Path(String),
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        if text.starts_with('/') || text == "~" || text.starts_with("~/") {
            Ok(Self::Path(text.to_owned()))
        } else if text.is_empty() || text.contains(['/', '=']) {
            Err("a place is a variable's name, or a path that begins with / or ~/")
        } else {
            Ok(Self::Variable(text.to_owned()))
        }
    }
}

impl Place {
    /// As written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Variable(text) | Self::Path(text) => text,
        }
    }
}

/// What entries are held against beside the finding.
pub struct Here<'a> {
    system: &'a dyn System,
    cwd: Option<PathBuf>,
}

impl<'a> Here<'a> {
    /// The place and time of a run.
    pub fn new(system: &'a dyn System) -> Self {
        Self { system, cwd: system.cwd() }
    }
}

impl Accepted {
    /// Whether its last day is over.
    pub fn is_over(&self, here: &Here<'_>) -> bool {
        self.until.is_some_and(|day| here.system.now() >= day.end())
    }

    /// Whether it accepts a finding made here.
    pub fn covers(&self, finding: &Finding, here: &Here<'_>) -> bool {
        self.rule.means(finding.rule)
            && !self.is_over(here)
            && match &self.place {
                None => true,
                Some(Place::Variable(pattern)) => finding
                    .locations
                    .iter()
                    .any(|at| matches!(at, Location::Variable { name } if glob::matches(pattern.as_bytes(), name.as_bytes(), false))),
                // A finding about a variable is nowhere; it is accepted where the person stands.
                Some(Place::Path(pattern)) => {
                    let pattern = home::expanduser(here.system, OsStr::new(pattern));
                    here.is_below(&pattern)
                        || finding.locations.iter().filter_map(Location::path).any(|p| below(&pattern, p))
                }
            }
    }

    /// Whether its absence of use means something here: an entry for another project is of no use here, and right.
    pub fn is_meant_for(&self, here: &Here<'_>) -> bool {
        let Some(Place::Path(pattern)) = &self.place else { return true };
        let pattern = home::expanduser(here.system, OsStr::new(pattern));
        if here.is_below(&pattern) {
            return true;
        }
        if pattern.as_bytes().iter().any(|b| matches!(b, b'*' | b'?' | b'[')) {
            return false;
        }
        let path = Path::new(&pattern);
        match here.system.stat(path) {
            Err(_) => true,
            Ok(stat) if stat.kind == Kind::Dir => false,
            // A file of a project counts in that project; the person's own, such as ~/.netrc, everywhere.
            Ok(_) => path.parent().is_some_and(|dir| here.is_below(dir.as_os_str())) || here.is_hidden_in_home(path),
        }
    }
}

/// Which entries accepted something in this run, so that the others can be told (HF902).
#[derive(Debug, Default)]
pub struct Tally {
    /// The entry that took effect, by its place in the list; once for each finding.
    hits: RefCell<Vec<usize>>,
    /// Codes of the rules that ran.
    ran: RefCell<Vec<&'static str>>,
}

impl Tally {
    /// Takes away what is accepted of a rule's findings, and tells how many.
    pub fn apply(&self, entries: &[Accepted], rule: &Rule, found: &mut Vec<Finding>, here: &Here<'_>) -> usize {
        self.ran.borrow_mut().push(rule.code);
        let before = found.len();
        found.retain(|finding| {
            // All that cover it were of use, not only the first.
            let mut covering = (0..entries.len()).filter(|i| entries[*i].covers(finding, here)).peekable();
            let accepted = covering.peek().is_some();
            self.hits.borrow_mut().extend(covering);
            !accepted
        });
        before - found.len()
    }

    /// Whether an entry accepted nothing although its rules ran.
    pub fn is_unused(&self, index: usize, entry: &Accepted) -> bool {
        let ran = self.ran.borrow();
        let all_ran = RULES.iter().filter(|r| entry.rule.means(r)).all(|r| ran.contains(&r.code));
        all_ran && !self.hits.borrow().contains(&index)
    }
}

impl Here<'_> {
    /// `~/.netrc`, `~/.cache/…`
    fn is_hidden_in_home(&self, path: &Path) -> bool {
        let home = self.system.var("HOME").map(PathBuf::from);
        let first = home.as_ref().and_then(|h| path.strip_prefix(h).ok()?.components().next());
        first.is_some_and(|c| c.as_os_str().as_bytes().starts_with(b"."))
    }

    fn is_below(&self, pattern: &OsStr) -> bool {
        self.cwd.as_deref().is_some_and(|cwd| below(pattern, cwd))
    }
}

/// Whether a path, or a directory above it, matches.
fn below(pattern: &OsStr, path: &Path) -> bool {
    let pattern = pattern.as_bytes();
    let pattern = if pattern.len() > 1 { pattern.strip_suffix(b"/").unwrap_or(pattern) } else { pattern };
    path.ancestors().any(|p| glob::matches(pattern, p.as_os_str().as_bytes(), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_covers_what_is_below() {
        let is = |pattern: &str, path: &str| below(OsStr::new(pattern), Path::new(path));
        assert!(is("/home/u/p/", "/home/u/p"));
        assert!(is("/home/u/p", "/home/u/p/src"));
        assert!(is("/home/*/p", "/home/u/p/src"));
        assert!(is("/home/**/src", "/home/u/p/src/x"));
        assert!(!is("/home/*/src", "/home/u/p/src"));
        assert!(!is("/home/u/p", "/home/u/pq"));
        assert!(is("/", "/x"));
    }

    #[test]
    fn places() {
        for (text, want) in [
            ("HF_TOKEN", Ok(Place::Variable("HF_TOKEN".into()))),
            ("~/x", Ok(Place::Path("~/x".into()))),
            ("/x", Ok(Place::Path("/x".into()))),
            ("src/x", Err(())),
            ("", Err(())),
            ("A=b", Err(())),
        ] {
            assert_eq!(text.parse::<Place>().map_err(|_| ()), want, "{text}");
        }
    }
}
