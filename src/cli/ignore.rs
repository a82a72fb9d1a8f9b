//! `hflint ignore`: accept what a rule finds here, until it changes: an entry in the person's own configuration.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Error, Format, Global, Outcome, print, report};
use crate::config::{self, Config, Date, NewEntry, Overrides};
use crate::finding::{Finding, Location};
use crate::output::{json, sanitize, text};
use crate::rules::{self, Rule};
use crate::secret::mask_text;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::system::{EditError, Kind, System, TEXT_LIMIT};

/// Options of `ignore`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// the rule: a code (HF101) or a name (env-shadows-login)
    pub rule: String,
    /// only in this directory and below it
    #[arg(long)]
    pub here: bool,
    /// until this day, as 2027-01-31
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// why; kept in the configuration
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

pub(super) fn run(options: &Options, global: &Global, system: &dyn System) -> Outcome {
    let rule = rule(&options.rule)?;
    let today = Date::of(system.now());
    if let Some(day) = options.until.filter(|day| *day < today) {
        return Err(Error::Usage(format!("--until {day} is over: today is {today} (UTC)")));
    }
    let reason = reason(options, today)?;
    let file = file(global, system)?;
    let config = global.load(system, Overrides::default())?;
    if !config.rules().iter().any(|r| r.code == rule.code) {
        return say(global, &format!("{} does not run here: `hflint config` tells what leaves it out", rule.code), 0);
    }

    let snapshot = Snapshot::new(State::new(system)).with_config(config);
    let home = snapshot.state.var("HOME");
    let found = find(&snapshot, rule);
    let entry = |place| NewEntry { rule: rule.code, place, reason: reason.clone(), until: options.until };
    let mut entries: Vec<NewEntry> = Vec::new();
    if options.here {
        let cwd = system.cwd().ok_or_else(|| Error::Usage("--here: the current directory is gone".to_owned()))?;
        entries.push(entry(Some(pattern(&cwd, system))));
    } else {
        for finding in &found {
            let new = entry(place(finding, system));
            if !entries.contains(&new) {
                entries.push(new);
            }
        }
    }
    if found.is_empty() {
        if is_accepted(&snapshot, rule) {
            return say(global, &format!("{} is accepted here already: `hflint config` shows the entry", rule.code), 0);
        }
        if !options.here {
            // An entry for nothing would be the next finding (HF902), and hide a fault that nobody has seen yet.
            let text = format!("{} finds nothing here, so there is nothing to accept; nothing was written", rule.code);
            return say(global, &text, 1);
        }
    }
    let written = write(&behind_link(file, system)?, &entries, global, system)?;
    // Those of the project come after the person's own.
    let own: Vec<_> = written.accepted.iter().filter(|e| !written.is_of_project(&e.location)).cloned().collect();
    let accepted = &own[own.len().saturating_sub(entries.len())..];
    match global.format {
        Format::Json => print(&json::accepted(accepted)?)?,
        Format::Text if global.quiet => {}
        Format::Text => {
            let mut out = String::new();
            for entry in accepted {
                let place = entry.place.as_ref().map_or_else(String::new, |p| format!(" for {}", p.as_str()));
                let until = entry.until.map_or_else(String::new, |day| format!(" until {day}"));
                let at = text::location(&entry.location, &snapshot.state, home.as_deref());
                let line = sanitize::line(&format!("{} {} is accepted{place}{until}", rule.code, rule.name));
                let _ = writeln!(out, "{line}  ({at})");
            }
            if found.is_empty() {
                let _ = writeln!(out, "it finds nothing here at present");
            }
            print(&out)?;
        }
    }
    Ok(0)
}

fn say(global: &Global, text: &str, code: u8) -> Outcome {
    match global.format {
        Format::Json => print(&json::accepted(&[])?)?,
        Format::Text if global.quiet => {}
        Format::Text => print(&format!("{text}\n"))?,
    }
    Ok(code)
}

/// One rule: to accept a whole group is to switch it off, which the configuration's `ignore = ["HF5"]` says better.
fn rule(name: &str) -> Result<&'static Rule, Error> {
    rules::by_name(name).ok_or_else(|| {
        let meant: Vec<&str> = rules::select(name).iter().map(|r| r.code).collect();
        if meant.is_empty() {
            Error::Usage(rules::unknown(name))
        } else {
            Error::Usage(format!("'{name}' is a group of rules; accept one of {}", meant.join(", ")))
        }
    })
}

fn reason(options: &Options, today: Date) -> Result<String, Error> {
    match &options.reason {
        Some(text) if text.trim().is_empty() => Err(Error::Usage("--reason says why this is accepted".to_owned())),
        // It stands in a file that people share and commit.
        Some(text) => Ok(mask_text(text.trim())),
        None => Ok(format!("accepted on {today} at the prompt")),
    }
}

/// The file that is written: the person's own, or the one of `--config`.
fn file(global: &Global, system: &dyn System) -> Result<PathBuf, Error> {
    if global.no_config {
        return Err(Error::Usage("--no-config leaves no configuration to write to".to_owned()));
    }
    match &global.config {
        Some(path) => Ok(crate::system::path::absolute(system, path)),
        None => config::path(system).ok_or_else(|| Error::Usage("no home directory, so no configuration".to_owned())),
    }
}

/// The file behind one link, as those have it who keep their configuration in a repository; a chain of links, or one
/// that leaves the person's own files, is theirs to write through.
fn behind_link(path: PathBuf, system: &dyn System) -> Result<PathBuf, Error> {
    let refused = |why: &str| Error::Usage(format!("{}: {why}; add the entry by hand", sanitize::json_path(&path)));
    let Some(target) = system.read_link(&path) else {
        return Ok(path);
    };
    let target = path.parent().unwrap_or(Path::new("/")).join(target);
    match system.lstat(&target) {
        Ok(stat) if stat.kind == Kind::Link => Err(refused("is a link to a link")),
        Ok(stat) if stat.uid != system.uid() => Err(refused("is a link to somebody else's file")),
        Ok(_) => Ok(target),
        Err(_) => Err(refused("is a link to nothing")),
    }
}

/// What the rule finds here and the person has not accepted.
fn find(snapshot: &Snapshot<'_>, rule: &Rule) -> Vec<Finding> {
    // All rules, since HF902 speaks of the others.
    let run: Vec<_> = snapshot.config.rules();
    let run: Vec<_> = run.into_iter().filter(|r| r.goes_with(rule)).collect();
    let mut found = report(snapshot, &run, true).findings;
    found.retain(|f| f.rule.code == rule.code);
    found
}

fn is_accepted(snapshot: &Snapshot<'_>, rule: &Rule) -> bool {
    let mut found = Vec::new();
    (rule.check)(snapshot, &mut found);
    !found.is_empty()
}

/// Where a finding is: its first place, but rather the project's own file, since the variable is everywhere.
fn place(finding: &Finding, system: &dyn System) -> Option<String> {
    let home = system.var("HOME").map(PathBuf::from);
    let cwd = system.cwd();
    let is_of_project = |path: &Path| {
        let Some(dir) = path.parent() else { return false };
        let above_home = home.as_ref().is_some_and(|h| h.starts_with(dir));
        !above_home && cwd.as_ref().is_some_and(|c| c.starts_with(dir))
    };
    let paths = || finding.locations.iter().filter_map(Location::path);
    if let Some(path) = paths().find(|p| is_of_project(p)) {
        return Some(pattern(path, system));
    }
    match finding.locations.iter().find(|at| !matches!(at, Location::Process { .. }))? {
        Location::Variable { name } => Some(escaped(name.as_bytes())),
        other => other.path().map(|p| pattern(p, system)),
    }
}

/// A path as the configuration writes it: below the home with `~`, so that the file can move with the person.
fn pattern(path: &Path, system: &dyn System) -> String {
    let home = system.var("HOME").map(PathBuf::from).filter(|h| h.is_absolute() && h.parent().is_some());
    // What stands for `~` is a pattern too.
    let home = home.filter(|h| escaped(h.as_os_str().as_bytes()).as_bytes() == h.as_os_str().as_bytes());
    match home.and_then(|h| path.strip_prefix(&h).ok().map(Path::to_owned)) {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => format!("~/{}", escaped(rest.as_os_str().as_bytes())),
        None => escaped(path.as_os_str().as_bytes()),
    }
}

/// A text as the pattern that means it alone; what is not UTF-8 cannot be written in TOML, and is any one byte.
fn escaped(text: &[u8]) -> String {
    let mut out = String::new();
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            if matches!(c, '*' | '?' | '[' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
        out.extend(chunk.invalid().iter().map(|_| '?'));
    }
    out
}

/// Adds the entries, and reads the configuration anew. Whoever writes at the same moment is not written over.
fn write(file: &Path, entries: &[NewEntry], global: &Global, system: &dyn System) -> Result<Config, Error> {
    let shown = sanitize::json_path(file);
    let wrong = |why: String| Error::Usage(format!("{shown}: {why}"));
    for _ in 0..16 {
        let before = match system.read(file, TEXT_LIMIT) {
            Ok(content) => Some(content.bytes),
            Err(crate::system::ReadError::NotFound) => None,
            Err(why) => return Err(wrong(why.to_string())),
        };
        let text = before.clone().unwrap_or_default();
        let mut text = String::from_utf8(text).map_err(|_| wrong("is not UTF-8".to_owned()))?;
        for entry in entries {
            text = config::with_entry(&text, entry).map_err(wrong)?;
        }
        match system.replace(file, before.as_deref(), text.as_bytes()) {
            Ok(()) => return global.load(system, Overrides::default()),
            Err(EditError::Changed) => {}
            Err(EditError::Failed(why)) => return Err(wrong(format!("cannot be written: {why}"))),
        }
    }
    Err(wrong(EditError::Changed.to_string()))
}
