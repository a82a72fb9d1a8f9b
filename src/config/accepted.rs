//! `[[ignore]]`: findings that the person has accepted, by rule and place, for a reason, perhaps until a day.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::values::{Date, Selector};
use crate::finding::{Finding, Location};
use crate::rules::{RULES, Rule};
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

/// A variable, or a path: a pattern with `*`, `**` and `?`.
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
                    .any(|at| matches!(at, Location::Variable { name } if glob(pattern.as_bytes(), name.as_bytes()))),
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
        here.is_below(&pattern)
            || !pattern.as_bytes().iter().any(|b| matches!(b, b'*' | b'?'))
                && !here.system.stat(Path::new(&pattern)).is_ok_and(|s| s.kind == Kind::Dir)
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
    fn is_below(&self, pattern: &OsStr) -> bool {
        self.cwd.as_deref().is_some_and(|cwd| below(pattern, cwd))
    }
}

/// Whether a path, or a directory above it, matches.
fn below(pattern: &OsStr, path: &Path) -> bool {
    let pattern = pattern.as_bytes();
    let pattern = if pattern.len() > 1 { pattern.strip_suffix(b"/").unwrap_or(pattern) } else { pattern };
    path.ancestors().any(|p| glob(pattern, p.as_os_str().as_bytes()))
}

/// `*` and `?` stay within a name, `**` does not. Loops instead of recursing: `*a*a*a…` costs no more than the product
/// of both lengths for each kind of star.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on when what follows a star does not match: after the star, one byte further in the text.
    let mut star: Option<(usize, usize)> = None;
    let mut stars: Option<(usize, usize)> = None;
    loop {
        match pattern.get(p) {
            Some(b'*') if pattern.get(p + 1) == Some(&b'*') => {
                p += 2;
                stars = Some((p, t));
                star = None;
                continue;
            }
            Some(b'*') => {
                p += 1;
                star = Some((p, t));
                continue;
            }
            None if t == text.len() => return true,
            Some(c) if t < text.len() && (*c == text[t] || (*c == b'?' && text[t] != b'/')) => {
                p += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        match (star, stars) {
            (Some((at, from)), _) if text.get(from).is_some_and(|b| *b != b'/') => {
                (p, t) = (at, from + 1);
                star = Some((p, t));
            }
            (_, Some((at, from))) if from < text.len() => {
                (p, t) = (at, from + 1);
                stars = Some((p, t));
                star = None;
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, want) in [
            ("HF_TOKEN", "HF_TOKEN", true),
            ("HF_*", "HF_TOKEN", true),
            ("HF_?OKEN", "HF_TOKEN", true),
            ("HF_", "HF_TOKEN", false),
            ("/a/*/c", "/a/b/c", true),
            ("/a/*/c", "/a/b/b/c", false),
            ("/a/**/c", "/a/b/b/c", true),
            ("/a/**", "/a/b", true),
            ("/**/x*y", "/a/xb/xcy", true),
            ("/**/*.env", "/a/b/.env", true),
            ("/?", "//", false),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("a**", "a/b", true),
        ] {
            assert_eq!(glob(pattern.as_bytes(), text.as_bytes()), want, "{pattern} {text}");
        }
        let text = "a".repeat(5000);
        assert!(!glob("*a".repeat(40).as_bytes(), (text + "b").as_bytes()), "in time");
    }

    #[test]
    fn a_path_covers_what_is_below() {
        let is = |pattern: &str, path: &str| below(OsStr::new(pattern), Path::new(path));
        assert!(is("/home/u/p/", "/home/u/p"));
        assert!(is("/home/u/p", "/home/u/p/src"));
        assert!(is("/home/*/p", "/home/u/p/src"));
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
