//! Text for people.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};

use super::sanitize::{line, path};
use crate::cli::{Report, Shown};
use crate::clients::{Answer, Instance, Outcome};
use crate::finding::{Finding, Location, Severity};
use crate::map;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::state::isolation::Here;
use crate::state::processes;
use crate::state::provenance::ancestors::INHERITED;
use crate::state::provenance::{self, Certainty};

const BOLD: Style = Style::new().bold();

pub(super) fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => AnsiColor::Red.on_default().bold(),
        Severity::Warning => AnsiColor::Yellow.on_default().bold(),
        Severity::Info => AnsiColor::Blue.on_default().bold(),
    }
}

/// A place, as a person would name it; a variable with what set it.
pub fn location(at: &Location, state: &State<'_>, home: Option<&OsStr>) -> String {
    match at {
        Location::Variable { name } => {
            let by = provenance::of(state, name).filter(|by| by.certainty != Certainty::Unknown);
            let by = by.map_or_else(String::new, |by| {
                let sure = if by.certainty == Certainty::Certain { "" } else { "probably " };
                match by.location {
                    Some(place @ Location::Process { .. }) if by.setter == INHERITED => {
                        format!("; inherited from {}", location(&place, state, home))
                    }
                    Some(Location::Process { pid, .. }) if processes::own(state.system).contains(&pid) => {
                        // `HF_TOKEN=… hflint` looks the same from here.
                        "; set in this shell since its start, or for this command alone".to_owned()
                    }
                    Some(place) => format!("; {sure}set in {}", location(&place, state, home)),
                    None => format!("; {sure}set by {}", by.setter),
                }
            });
            format!("{}  (environment{by})", line(name))
        }
        Location::File { path: p, line: None } => path(p, home),
        Location::File { path: p, line: Some(n) } => format!("{}:{n}", path(p, home)),
        Location::Directory { path: p } => format!("{}/", path(p, home)),
        Location::Process { pid, name } => format!("process {pid} ({})", line(name)),
        Location::Repository { path: p } => format!("repository {}", path(p, home)),
    }
}

/// `check`.
pub fn check(report: &Report, state: &State<'_>, verbose: bool) -> String {
    let home = state.var("HOME");
    let mut out = String::new();
    for finding in &report.findings {
        one(&mut out, finding, state, home.as_deref());
        out.push('\n');
    }
    summary(&mut out, report);
    if report.left_out.0 > 0 {
        let (left, all) = report.left_out;
        let _ = writeln!(out, "left out: {left} of {all} cached repositories; `hflint check --deep` looks at all");
    }
    unread(&mut out, &report.unread, home.as_deref());
    if verbose && !report.not_run.is_empty() {
        let _ = writeln!(out, "not run without --deep: {}", report.not_run.join(" "));
    }
    out
}

/// One line for each file that could not be read or understood.
fn unread(out: &mut String, files: &[(PathBuf, String)], home: Option<&OsStr>) {
    for (at, why) in files {
        let _ = writeln!(out, "not read: {}: {}", path(at, home), line(why));
    }
}

fn one(out: &mut String, f: &Finding, state: &State<'_>, home: Option<&OsStr>) {
    let s = style(f.severity);
    let _ = writeln!(
        out,
        "{s}{}[{} {}]{s:#}: {BOLD}{}{BOLD:#}",
        f.severity.word(),
        f.rule.code,
        f.rule.name,
        line(&f.message)
    );
    for at in &f.locations {
        let _ = writeln!(out, "  --> {}", location(at, state, home));
    }
    let width = f.notes.iter().map(|(l, _)| l.len()).chain(f.help.iter().map(|_| 4)).max().unwrap_or(0) + 1;
    for (label, text) in &f.notes {
        let _ = writeln!(out, "   = {:width$} {}", format!("{label}:"), line(text));
    }
    if let Some(help) = &f.help {
        let then = if help.then.is_empty() { String::new() } else { format!("   ({})", line(&help.then)) };
        let _ = writeln!(out, "   = {:width$} {}{then}", "help:", line(&help.command));
    }
}

fn summary(out: &mut String, report: &Report) {
    let ignored = if report.ignored > 0 { format!(" ({} ignored)", report.ignored) } else { String::new() };
    if report.findings.is_empty() {
        let _ = writeln!(out, "no findings{ignored}");
        return;
    }
    let parts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Info]
        .into_iter()
        .filter_map(|s| match report.count(s) {
            0 => None,
            1 => Some(format!("1 {}", s.word())),
            n => Some(format!("{n} {}{}", s.word(), if s == Severity::Info { "" } else { "s" })),
        })
        .collect();
    let _ = writeln!(out, "{}{ignored}", parts.join(", "));
}

/// `status`.
pub fn status(answers: &[(Instance, Answer)], snapshot: &Snapshot<'_>, shown: &Shown) -> String {
    let home: Option<OsString> = snapshot.state.var("HOME");
    let home = home.as_deref();
    let mut out = String::new();
    for (instance, answer) in answers {
        let s = BOLD;
        let _ = write!(out, "{s}{} {}{s:#}", instance.client.name, instance.version);
        match (&instance.installed_at, instance.modelled_as) {
            (Some(at), _) if shown.verbose => {
                let _ = write!(out, "  (installed in {})", path(at, home));
            }
            (Some(_), _) => out.push_str("  (installed)"),
            (None, Some(known)) => {
                let _ = write!(out, "  (answered as {known})");
            }
            (None, None) => {}
        }
        out.push('\n');
        let _ = writeln!(out, "  {}", sends(answer, &snapshot.state, home));
        if let Some(token) = answer.outcome.token().filter(|_| shown.fingerprint) {
            let print = token.fingerprint();
            let _ = writeln!(out, "  fingerprint {}", print.as_deref().unwrap_or("unknown (the value is too long)"));
        }
        if let Some(by) = &answer.overridden_by {
            let _ = writeln!(out, "  replaced on the wire by {}", location(by, &snapshot.state, home));
        }
        for hidden in &answer.hides {
            let same = if answer.outcome.token() == Some(&hidden.token) { " (the same token)" } else { "" };
            let _ = writeln!(
                out,
                "  hides {}{same}  in {}",
                hidden.token.masked(),
                location(&hidden.source, &snapshot.state, home)
            );
        }
        out.push('\n');
    }
    if let Here::Project(binding) | Here::Broken(binding, ..) = snapshot.state.isolation() {
        let system = snapshot.state.system;
        let (how, at) = match snapshot.state.isolation() {
            Here::Broken(_, why, _) => (why.words(binding), None),
            _ if binding.is_in_effect(system) => ("in effect".to_owned(), binding.token(system)),
            _ => ("not in effect here".to_owned(), binding.token(system)),
        };
        let profile = binding.profile.as_ref().map_or_else(String::new, |name| format!("  profile {}", line(name)));
        let _ = writeln!(out, "{BOLD}isolated project{BOLD:#}  {}{profile}\n  {how}", path(&binding.root, home));
        if let Some(at) = at {
            let _ = writeln!(out, "  credential {}", path(&at, home));
        }
        out.push('\n');
    }
    if shown.all {
        places(&mut out, snapshot, home);
        let _ = writeln!(out, "{BOLD}a new terminal will have{BOLD:#}");
        out.push_str(&super::next_shells::text(snapshot.state.system, home));
        out.push('\n');
        let files = super::dotenv::text(snapshot.state.system, home);
        if !files.is_empty() {
            let _ = writeln!(out, "{BOLD}files of variables here{BOLD:#}");
            out.push_str(&files);
            out.push('\n');
        }
    }
    if shown.caches {
        let _ = writeln!(out, "{BOLD}caches of models{BOLD:#}");
        out.push_str(&super::caches::text(&snapshot.state, home));
        out.push('\n');
    }
    out.pop();
    out
}

/// The map of `--all`.
fn places(out: &mut String, snapshot: &Snapshot<'_>, home: Option<&OsStr>) {
    let entries = map::all(snapshot);
    let _ = writeln!(out, "{BOLD}places that hold a credential{BOLD:#}");
    if entries.is_empty() {
        out.push_str("  none\n");
    }
    for entry in entries {
        let name = entry.name.as_deref().map_or_else(String::new, |n| format!("  \"{}\"", line(n)));
        let at = location(&entry.source, &snapshot.state, home);
        let what = entry.place.map_or_else(String::new, |(setter, reaches)| match reaches {
            Some(reaches) => format!("  ({setter}: {})", reaches.words()),
            None => format!("  ({setter})"),
        });
        let _ = writeln!(out, "  {:9}  {:16}  {at}{name}{what}", entry.fate.word(), entry.token.masked());
    }
    unread(out, &snapshot.state.places().unread, home);
    out.push('\n');
}

fn sends(answer: &Answer, state: &State<'_>, home: Option<&OsStr>) -> String {
    let from = |source: &Location| location(source, state, home);
    match (&answer.outcome, &answer.source) {
        (Outcome::Token(token), Some(source)) => format!("sends {}  from {}", token.masked(), from(source)),
        (Outcome::Token(token), None) => format!("sends {}", token.masked()),
        (Outcome::Anonymous, Some(source)) => format!("sends no token: {}", from(source)),
        (Outcome::Anonymous, None) => "sends no token".to_owned(),
        (Outcome::Error(class), Some(source)) => format!("fails with {class}: {}", from(source)),
        (Outcome::Error(class), None) => format!("fails with {class}"),
        (Outcome::Unknown, Some(source)) => format!("cannot be told offline: {}", from(source)),
        (Outcome::Unknown, None) => "cannot be told offline".to_owned(),
    }
}
