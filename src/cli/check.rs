//! `hflint check`: run the rules, print the findings.

use clap::{Args, ValueEnum};

use super::{Error, Format, Global, Outcome, nearest, print};
use crate::finding::{Finding, Severity};
use crate::output::{json, text};
use crate::rules::{self, RULES, Rule, When};
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::system::System;

/// Options of `check`, also of bare `hflint`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// only these rules: codes, names, groups such as HF1
    #[arg(long, value_delimiter = ',', value_name = "RULE")]
    pub select: Vec<String>,
    /// not these rules
    #[arg(long, value_delimiter = ',', value_name = "RULE")]
    pub ignore: Vec<String>,
    /// exit 1 from this severity on
    #[arg(long, value_enum, default_value_t = Level::Warning, value_name = "LEVEL")]
    pub fail_on: Level,
    /// exit 0 whatever is found
    #[arg(long)]
    pub exit_zero: bool,
    /// also look at processes and whole caches
    #[arg(long)]
    pub deep: bool,
}

/// A severity, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// broken for a client that is here
    Error,
    /// will surprise
    Warning,
    /// worth knowing
    Info,
}

impl Level {
    fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Info => Severity::Info,
        }
    }
}

/// What a run of the rules came to.
#[derive(Debug)]
pub struct Report {
    /// The worst first.
    pub findings: Vec<Finding>,
    /// How many findings the person has accepted.
    pub ignored: usize,
    /// Rules that did not run, and would have with `--deep`.
    pub not_run: Vec<&'static str>,
}

impl Report {
    /// How many findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|f| f.severity == severity).count()
    }
}

pub(super) fn run(options: &Options, global: &Global, system: &dyn System) -> Outcome {
    let chosen = choose(options)?;
    let snapshot = Snapshot::new(State::new(system));
    let report = report(&snapshot, &chosen, options.deep);
    match global.format {
        Format::Json => print(&json::check(&report)?)?,
        Format::Text if global.quiet => {}
        Format::Text => print(&text::check(&report, &snapshot.state, global.verbose))?,
    }
    let worst = report.findings.iter().map(|f| f.severity).max();
    let failed = !options.exit_zero && worst.is_some_and(|w| w >= options.fail_on.severity());
    Ok(u8::from(failed))
}

/// The rules that the options ask for.
fn choose(options: &Options) -> Result<Vec<&'static Rule>, Error> {
    let select = resolve_all(&options.select)?;
    let ignore = resolve_all(&options.ignore)?;
    Ok(RULES
        .iter()
        .copied()
        .filter(|r| options.select.is_empty() || select.iter().any(|s| s.code == r.code))
        .filter(|r| !ignore.iter().any(|i| i.code == r.code))
        .collect())
}

fn resolve_all(names: &[String]) -> Result<Vec<&'static Rule>, Error> {
    let mut out = Vec::new();
    for name in names {
        let rules = rules::select(name);
        if rules.is_empty() {
            return Err(unknown_rule(name));
        }
        out.extend(rules);
    }
    Ok(out)
}

/// The error for a rule that does not exist, with the nearest one that does.
pub(super) fn unknown_rule(name: &str) -> Error {
    let known = RULES.iter().flat_map(|r| [r.code, r.name]);
    let hint = nearest(name, known).map_or_else(String::new, |n| format!("; did you mean '{n}'?"));
    Error::Usage(format!("unknown rule '{name}'{hint} ('hflint explain --list' shows all)"))
}

/// Runs the rules over a snapshot.
pub fn report(snapshot: &Snapshot<'_>, chosen: &[&'static Rule], deep: bool) -> Report {
    let mut findings = Vec::new();
    let mut not_run = Vec::new();
    for rule in chosen {
        if rule.when == When::Deep && !deep {
            not_run.push(rule.code);
        } else {
            (rule.check)(snapshot, &mut findings);
        }
    }
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.rule.code.cmp(b.rule.code)));
    Report { findings, ignored: 0, not_run }
}
