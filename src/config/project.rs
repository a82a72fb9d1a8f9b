//! The layer of the project: `.hflint.toml`, the nearest one upward from the current directory.
//!
//! Whoever writes that file is not the person, and entering a directory gives its author no power: what it says counts
//! only as far as it makes checks stricter, unless the person has accepted that very content ([`super::trust`]). A file
//! that cannot be used is left out whole and said; it stops nothing, since a broken one would switch hflint off.

use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use toml::Spanned;

use super::layers::overlay;
use super::schema::{self, line};
use super::trust::{self, Trust};
use super::values::Text;
use super::{Config, Setting, Source};
use crate::finding::Location;
use crate::system::path::{Within as _, is_below, known_as};
use crate::system::{Kind, ReadError, System};

/// The file's name.
pub const NAME: &str = ".hflint.toml";
/// Most bytes of it. Less than of the person's own: it is parsed at prompts, whoever wrote it.
const LIMIT: usize = 128 * 1024;

/// Where a project's file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// As the person knows it.
    pub shown: PathBuf,
    /// Without links on the way to its directory; trust hangs on this one.
    pub real: PathBuf,
}

/// A project's file, and what came of it.
#[derive(Debug, Clone)]
pub struct Project {
    /// Where it is.
    pub place: Place,
    /// What the person has said of it.
    pub trust: Trust,
    /// Keys that do not count.
    pub left_out: Vec<LeftOut>,
    /// Why nothing in it counts.
    pub fault: Option<Fault>,
}

/// A key that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// As written.
    pub key: &'static str,
    /// From 1.
    pub line: u32,
    /// Whether trust would make it count.
    pub needs_trust: bool,
}

/// Why a project's file does not count at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is neither the person's nor the system's: in `/tmp` anybody can put one above everybody's directories.
    Foreign,
    /// It is no configuration, perhaps in several lines.
    Unusable(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("belongs to another user, so it is not read"),
            Self::Unusable(why) => f.write_str(why),
        }
    }
}

impl Fault {
    fn of(why: impl fmt::Display) -> Self {
        Self::Unusable(why.to_string())
    }
}

/// The nearest file upward. Not above the home directory, where nobody keeps a project; outside of it up to the root.
pub fn find(system: &dyn System) -> Option<Place> {
    let shown = system.cwd()?;
    let real = system.real_cwd().unwrap_or(shown);
    let home = system.var("HOME").map(PathBuf::from).filter(|h| h.is_absolute() && h.parent().is_some());
    let is_in = |home: &Path| is_below(real.as_os_str().as_bytes(), home.as_os_str().as_bytes());
    let home = home.and_then(|home| if is_in(&home) { Some(home) } else { system.canonical(&home) });
    for dir in real.ancestors() {
        if system.stat(&dir.within(NAME)).is_ok() {
            return Some(Place { shown: known_as(system, dir).within(NAME), real: dir.within(NAME) });
        }
        if home.as_ref().is_some_and(|home| home.as_os_str() == dir.as_os_str()) {
            break;
        }
    }
    None
}

/// The text of a file, within bounds. A link is not followed: it could lead to a secret, and a parse error shows the
/// line at which it stands.
pub fn read(system: &dyn System, place: &Place) -> Result<String, Fault> {
    let stat = system.lstat(&place.real).map_err(Fault::of)?;
    match stat.kind {
        _ if stat.uid != system.uid() && stat.uid != 0 => return Err(Fault::Foreign),
        Kind::File => {}
        Kind::Dir => return Err(Fault::of(ReadError::IsDir)),
        Kind::Link => return Err(Fault::of("is a link, and a project's configuration is read from no other place")),
        Kind::Fifo => return Err(Fault::of(ReadError::Fifo)),
        Kind::Other => return Err(Fault::of(ReadError::Special)),
    }
    let content = system.read(&place.real, LIMIT).map_err(Fault::of)?;
    if (content.stat.device, content.stat.inode) != (stat.device, stat.inode) {
        return Err(Fault::of("was replaced while it was read"));
    }
    if content.truncated {
        return Err(Fault::of(format!("is larger than {} KiB", LIMIT / 1024)));
    }
    String::from_utf8(content.bytes).map_err(|_| Fault::of("is not UTF-8"))
}

/// Puts the layer over those below, as far as it may count.
pub(super) fn apply(config: &mut Config, system: &dyn System, place: Place) -> Project {
    let (text, mut parsed) = match text_and_keys(system, &place) {
        Ok(read) => read,
        Err(fault) => return Project { place, trust: Trust::Untrusted, left_out: Vec::new(), fault: Some(fault) },
    };
    let trust = trust::of(system, &place.real, &text);
    let mut left_out = Vec::new();
    // The journal holds what every project changed, and is kept as the person says: neither longer, since it holds
    // secrets, nor shorter, since it undoes.
    if let Some(key) = parsed.journal_keep.take() {
        left_out.push(LeftOut { key: "journal-keep", line: line(&text, key.span().start), needs_trust: false });
    }
    if trust != Trust::Trusted {
        let drop = |key, offset| left_out.push(LeftOut { key, line: line(&text, offset), needs_trust: true });
        let at = |offset| Source::File(Location::line(&place.shown, line(&text, offset)));
        tighten(config, &mut parsed, at, drop);
    }
    left_out.sort_by_key(|key| key.line);
    overlay(config, parsed, &place.shown, &text);
    Project { place, trust, left_out, fault: None }
}

fn text_and_keys(system: &dyn System, place: &Place) -> Result<(String, schema::File), Fault> {
    let text = read(system, place)?;
    let parsed = schema::parse(&text).map_err(Fault::Unusable)?;
    Ok((text, parsed))
}

/// Takes out of the file what only a trusted one may say. Compared with the layers below: variables and options above
/// it are the person's own, and may say anything.
fn tighten(
    config: &mut Config,
    parsed: &mut schema::File,
    at: impl Fn(usize) -> Source,
    mut drop: impl FnMut(&'static str, usize),
) {
    // Only more rules, and not those that the person left out by name: they know why.
    if let Some(select) = parsed.select.take() {
        let offset = select.span().start;
        if config.select.value.is_empty() {
            // All run, and to select is to leave the others out.
            drop("select", offset);
        } else {
            let mut all = config.select.value.clone();
            all.extend(select.into_inner().into_iter().map(|s| s.0).filter(|new| !config.select.value.contains(new)));
            if all.len() > config.select.value.len() {
                config.select = Setting { value: all, source: at(offset) };
            }
        }
    }
    if let Some(first) = parsed.ignore.take().and_then(|list| list.into_iter().next()) {
        drop("ignore", first.span().start);
    }
    // From a lower severity on, and sooner, is stricter.
    not_above("fail-on", &mut parsed.fail_on, &config.fail_on.value, &mut drop);
    not_above("min-severity", &mut parsed.min_severity, &config.min_severity.value, &mut drop);
    not_above("repeat-after", &mut parsed.repeat_after, &config.repeat_after.value, &mut drop);
    not_above("rotate-after", &mut parsed.rotate_after, &config.rotate_after.value, &mut drop);
    // How loud the prompt is and how long it may take is the person's, either way; who gets the token all the more.
    only_trusted("warn", &mut parsed.warn, &mut drop);
    only_trusted("hook-timeout", &mut parsed.hook_timeout, &mut drop);
    only_trusted("endpoints", &mut parsed.endpoints, &mut drop);
}

/// Keeps a value that is lower than the one in force; the same one stays the person's.
fn not_above<T: PartialOrd>(
    name: &'static str,
    key: &mut Option<Spanned<Text<T>>>,
    now: &T,
    drop: &mut impl FnMut(&'static str, usize),
) {
    if let Some(value) = key.take_if(|value| value.get_ref().0 >= *now)
        && value.get_ref().0 > *now
    {
        drop(name, value.span().start);
    }
}

fn only_trusted<T>(name: &'static str, key: &mut Option<Spanned<T>>, drop: &mut impl FnMut(&'static str, usize)) {
    if let Some(value) = key.take() {
        drop(name, value.span().start);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{From, Overrides, load, trust};
    use super::*;
    use crate::finding::Severity;
    use crate::system::fake::Fake;

    const FILE: &str = "/home/u/p/.hflint.toml";
    const OWN: &str = "/home/u/.config/hflint/config.toml";

    fn machine(text: &str) -> Fake {
        Fake::home().file(FILE, text).cwd("/home/u/p/src").file("/home/u/p/src/x", "")
    }

    fn trusting(fake: Fake, text: &str) -> Fake {
        let (name, entry) = trust::entry_for_test(FILE, text);
        fake.file(&name, entry)
    }

    fn loaded(fake: &Fake) -> (Config, Project) {
        let config = load(fake, From::Person, Overrides::default()).unwrap();
        let project = config.project.clone().unwrap();
        (config, project)
    }

    fn left_out(project: &Project) -> Vec<(&'static str, u32)> {
        project.left_out.iter().map(|key| (key.key, key.line)).collect()
    }

    const LOOSE: &str = "select = ['HF2']\nignore = ['HF101']\nfail-on = 'error'\nwarn = 'never'\nmin-severity = 'error'\n\
                         repeat-after = '9w'\nrotate-after = '900d'\njournal-keep = '0s'\nendpoints = ['evil.example']\n\
                         hook-timeout = '1ms'\n";

    #[test]
    fn what_loosens_is_left_out() {
        let (config, project) = loaded(&machine(LOOSE));
        let keys: Vec<_> = schema::KEYS.iter().zip(1..).map(|(key, line)| (*key, line)).collect();
        assert_eq!(left_out(&project), keys, "every key, each with its line");
        let default = Config::default();
        assert_eq!(config.rules().len(), default.rules().len());
        assert_eq!((&config.fail_on, &config.warn), (&default.fail_on, &default.warn));
        assert_eq!((&config.min_severity, &config.repeat_after), (&default.min_severity, &default.repeat_after));
        assert_eq!((&config.rotate_after, &config.hook_timeout), (&default.rotate_after, &default.hook_timeout));
        assert_eq!((&config.endpoints, &config.journal_keep), (&default.endpoints, &default.journal_keep));
        assert_eq!(project.trust, Trust::Untrusted);

        let (config, project) = loaded(&machine("[[ignore]]\nrule = 'HF101'\nreason = 'x'\n"));
        assert_eq!((config.accepted.len(), left_out(&project)), (0, vec![("ignore", 1)]));
    }

    #[test]
    fn trust_lets_it_say_all_but_the_journal() {
        let (config, project) = loaded(&trusting(machine(LOOSE), LOOSE));
        assert_eq!((project.trust, left_out(&project)), (Trust::Trusted, vec![("journal-keep", 8)]));
        assert_eq!(config.journal_keep, Config::default().journal_keep);
        assert_eq!(config.fail_on, Setting { value: Severity::Error, source: Source::File(Location::line(FILE, 3)) });
        assert!(config.trusts("evil.example") && config.rules().iter().all(|r| r.code.starts_with("HF2")));
        // Above the person's file, below their variables.
        let fake = trusting(machine(LOOSE), LOOSE).file(OWN, "fail-on = 'info'\nignore = ['HF201']\n");
        let (config, _) = loaded(&fake);
        assert_eq!(config.fail_on.value, Severity::Error);
        assert!(config.rules().iter().any(|r| r.code == "HF201"), "a select takes back what lower layers left out");
        let (config, _) = loaded(&fake.var("HFLINT_FAIL_ON", "warning"));
        assert_eq!(config.fail_on.value, Severity::Warning);

        let (_, project) = loaded(&trusting(machine(LOOSE), &format!("{LOOSE} ")));
        assert_eq!((project.trust, project.left_out.len()), (Trust::Changed, 10));
        // Somebody else's entry, and one that others can write, are none.
        let (name, entry) = trust::entry_for_test(FILE, LOOSE);
        for fake in [
            machine(LOOSE).file(&name, &entry).owner(&name, 1001, 1001),
            machine(LOOSE).mode(&name, &entry, 0o622),
            machine(LOOSE).file(&name, &entry[..entry.len() - 1]),
        ] {
            assert_eq!(loaded(&fake).1.trust, Trust::Untrusted);
        }
    }

    #[test]
    fn what_tightens_counts() {
        let text = "fail-on = 'info'\nmin-severity = 'info'\nrepeat-after = '1h'\nrotate-after = '30d'\n";
        let (config, project) = loaded(&machine(text));
        assert_eq!(left_out(&project), []);
        let at = |line| Source::File(Location::line(FILE, line));
        assert_eq!(config.fail_on, Setting { value: Severity::Info, source: at(1) });
        assert_eq!(config.min_severity, Setting { value: Severity::Info, source: at(2) });
        assert_eq!((config.repeat_after.value.to_string(), config.repeat_after.source), ("1h".to_owned(), at(3)));
        assert_eq!((config.rotate_after.value.to_string(), config.rotate_after.source), ("30d".to_owned(), at(4)));
        // Compared with what the person says, and the same is theirs.
        let own = machine("fail-on = 'warning'\nmin-severity = 'error'\n")
            .file(OWN, "fail-on = 'error'\nmin-severity = 'error'\n");
        let (config, project) = loaded(&own);
        assert_eq!((config.fail_on.value, left_out(&project)), (Severity::Warning, vec![]));
        assert_eq!(config.min_severity.source, Source::File(Location::line(OWN, 2)));
    }

    #[test]
    fn select_adds_and_never_takes_away() {
        let own = machine("select = ['HF101', 'HF2']\n").file(OWN, "select = ['HF1']\nignore = ['HF103', 'HF201']\n");
        let (config, project) = loaded(&own);
        assert_eq!(left_out(&project), []);
        let codes: Vec<_> = config.rules().iter().map(|r| r.code).collect();
        assert!(codes.contains(&"HF101") && codes.contains(&"HF102") && codes.contains(&"HF202"), "{codes:?}");
        assert!(!codes.contains(&"HF103") && !codes.contains(&"HF201"), "the person left them out");
        assert_eq!(config.select.source, Source::File(Location::line(FILE, 1)));
    }

    #[test]
    fn which_file() {
        let at = |fake: &Fake| find(fake).map(|place| place.shown.display().to_string());
        assert_eq!(at(&machine("")).as_deref(), Some(FILE));
        assert_eq!(
            at(&machine("").file("/home/u/p/src/.hflint.toml", "")).as_deref(),
            Some("/home/u/p/src/.hflint.toml")
        );
        let home = Fake::home().file("/home/u/q/x", "").cwd("/home/u/q");
        assert_eq!(at(&home.clone().file("/home/u/.hflint.toml", "")).as_deref(), Some("/home/u/.hflint.toml"));
        assert_eq!(at(&home.file("/home/.hflint.toml", "").file("/.hflint.toml", "")), None);
        let outside = Fake::home().file("/srv/p/x", "").cwd("/srv/p").file("/srv/.hflint.toml", "");
        assert_eq!(at(&outside).as_deref(), Some("/srv/.hflint.toml"));

        let fake = machine("fail-on = 'info'\n").file("/x.toml", "");
        for from in [From::Nowhere, From::File(Path::new("/x.toml"))] {
            let config = load(&fake, from, Overrides::default()).unwrap();
            assert!(config.project.is_none() && config.fail_on.value == Severity::Warning);
        }
    }

    #[test]
    fn what_cannot_be_used_is_left_out_whole() {
        let big = "#".repeat(10 * 1024 * 1024);
        for (fake, why) in [
            (machine("fail-on = 'info'\nfail-onn = 'info'\n"), "did you mean 'fail-on'?"),
            (machine("fail-on = 'info'\nfail-on = 'info'\n"), "duplicate key"),
            (machine(&big), "is larger than 128 KiB"),
            (Fake::home().file(FILE, b"fail-on = '\xff'\n").cwd("/home/u/p"), "is not UTF-8"),
            (machine("").special(FILE, Kind::Fifo), "is a pipe"),
            (machine("").special(FILE, Kind::Other), "is a device"),
            (machine("").special(FILE, Kind::Link), "is a link"),
            (Fake::home().file("/home/u/p/.hflint.toml/x", "").cwd("/home/u/p"), "is a directory"),
            (machine("").mode(FILE, "", 0), "permission denied"),
            (machine("fail-on = 'info'\n").owner(FILE, 1001, 1001), "belongs to another user"),
        ] {
            let (config, project) = loaded(&fake);
            let fault = project.fault.unwrap_or_else(|| panic!("{why}")).to_string();
            assert!(fault.contains(why), "{why}: {fault}");
            assert_eq!(config.fail_on, Config::default().fail_on, "{why}");
        }
        let (config, project) = loaded(&machine("").mode(FILE, "fail-on = 'info'\n", 0o644).owner(FILE, 0, 0));
        assert_eq!((project.fault, config.fail_on.value), (None, Severity::Info), "the system's own");
    }
}
