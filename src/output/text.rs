//! Text for people.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::sanitize::{line, path};
use crate::cli::Report;
use crate::clients::{Answer, Instance, Outcome};
use crate::finding::{Finding, Location, Severity};
use crate::snapshot::Snapshot;
use crate::state::provenance::{self, Certainty};
use crate::system::System;

const BOLD: Style = Style::new().bold();

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => AnsiColor::Red.on_default().bold(),
        Severity::Warning => AnsiColor::Yellow.on_default().bold(),
        Severity::Info => AnsiColor::Blue.on_default().bold(),
    }
}

/// A place, as a person would name it.
pub fn location(at: &Location, home: Option<&OsStr>) -> String {
    match at {
        Location::Variable { name } => format!("{}  (environment)", line(name)),
        Location::File { path: p, line: None } => path(p, home),
        Location::File { path: p, line: Some(n) } => format!("{}:{n}", path(p, home)),
        Location::Directory { path: p } => format!("{}/", path(p, home)),
        Location::Process { pid, name } => format!("process {pid} ({})", line(name)),
        Location::Repository { path: p } => format!("repository {}", path(p, home)),
    }
}

/// `check`.
pub fn check(report: &Report, system: &dyn System, verbose: bool) -> String {
    let home = system.var("HOME");
    let mut out = String::new();
    for finding in &report.findings {
        one(&mut out, finding, home.as_deref());
        out.push('\n');
    }
    summary(&mut out, report);
    if verbose && !report.not_run.is_empty() {
        let _ = writeln!(out, "not run without --deep: {}", report.not_run.join(" "));
    }
    out
}

fn one(out: &mut String, f: &Finding, home: Option<&OsStr>) {
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
        let _ = writeln!(out, "  --> {}", location(at, home));
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
    if report.findings.is_empty() {
        out.push_str("no findings\n");
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
    let _ = writeln!(out, "{}", parts.join(", "));
}

/// `status`.
pub fn status(answers: &[(Instance, Answer)], snapshot: &Snapshot<'_>, fingerprint: bool, verbose: bool) -> String {
    let home: Option<OsString> = snapshot.state.var("HOME");
    let home = home.as_deref();
    let mut out = String::new();
    for (instance, answer) in answers {
        let s = BOLD;
        let _ = write!(out, "{s}{} {}{s:#}", instance.client.name, instance.version);
        match (&instance.installed_at, instance.modelled_as) {
            (Some(at), _) if verbose => {
                let _ = write!(out, "  (installed in {})", path(at, home));
            }
            (Some(_), _) => out.push_str("  (installed)"),
            (None, Some(known)) => {
                let _ = write!(out, "  (answered as {known})");
            }
            (None, None) => {}
        }
        out.push('\n');
        let _ = writeln!(out, "  {}", sends(answer, snapshot, home));
        if let Some(token) = answer.outcome.token().filter(|_| fingerprint) {
            let _ = writeln!(out, "  fingerprint {}", token.fingerprint());
        }
        if let Some(by) = &answer.overridden_by {
            let _ = writeln!(out, "  replaced on the wire by {}", location(by, home));
        }
        for hidden in &answer.hides {
            let same = if answer.outcome.token() == Some(&hidden.token) { " (the same token)" } else { "" };
            let _ = writeln!(out, "  hides {}{same}  in {}", hidden.token.masked(), location(&hidden.source, home));
        }
        out.push('\n');
    }
    out.pop();
    out
}

fn sends(answer: &Answer, snapshot: &Snapshot<'_>, home: Option<&OsStr>) -> String {
    let from = |source: &Location| {
        let mut text = location(source, home);
        if let Location::Variable { name } = source
            && let Some(by) = provenance::of(&snapshot.state, name)
        {
            let word = match by.certainty {
                Certainty::Certain => "set by",
                Certainty::Likely => "probably set by",
                Certainty::Unknown => return text,
            };
            let place = by.location.as_ref().map_or_else(String::new, |l| format!(" {}", location(l, home)));
            let _ = write!(text, ", {word} {}{place}", by.setter);
        }
        text
    };
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
