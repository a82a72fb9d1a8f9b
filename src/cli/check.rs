//! `hflint check`: run the rules, print the findings.

use std::mem::ManuallyDrop;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Error, Format, Global, Outcome, print, trouble};
use crate::config::project::Fault;
use crate::config::{Here, Overrides, Selector};
use crate::finding::{Finding, Severity};
use crate::output::{json, project as shown, text};
use crate::rules::{Rule, When};
use crate::shell::words::translated;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::state::caches::{Caches, Depth};
use crate::system::System;

/// Options of `check`, also of bare `hflint`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Options {
    /// only these rules: codes, names, groups such as HF1
    #[arg(long, value_delimiter = ',', value_name = "RULE")]
    pub select: Vec<String>,
    /// not these rules
    #[arg(long, value_delimiter = ',', value_name = "RULE")]
    pub ignore: Vec<String>,
    /// exit 1 from this severity on [default: warning, or the configuration's]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub fail_on: Option<Level>,
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
    /// How many cached repositories were not looked at, of how many.
    pub left_out: (usize, usize),
    /// Files that may give a credential to something and could not be read or understood, each with the reason.
    pub unread: Vec<(PathBuf, String)>,
}

impl Report {
    /// How many findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|f| f.severity == severity).count()
    }
}

/// `system` is asked each thing once; the record is written on `machine`.
pub(super) fn run(options: &Options, global: &Global, system: &dyn System, machine: &dyn System) -> Outcome {
    let config = global.load(system, overrides(options)?)?;
    let (chosen, fail_on) = (config.rules(), config.fail_on.value);
    let told = super::progress::start(global).filter(|_| options.deep);
    // Never dropped: the process ends with it.
    let snapshot = ManuallyDrop::new(Snapshot::new(State::new(system).with_progress(told)).with_config(config));
    let mut report = report(&snapshot, &chosen, options.deep);
    if told.is_some() {
        super::progress::end();
    }
    crate::fix::plan::offer(&snapshot, &mut report.findings);
    if let Some(shell) = system.parent().filter(|_| global.format == Format::Text) {
        for help in report.findings.iter_mut().filter_map(|f| f.help.as_mut()) {
            help.command = translated(&help.command, &shell);
        }
    }
    match global.format {
        Format::Json => print(&json::check(&report)?)?,
        Format::Text if global.quiet => {}
        Format::Text => print(&text::check(&report, &snapshot.state, global.verbose))?,
    }
    super::log::observe(&snapshot, machine);
    let mut broken = false;
    if let Some(project) = &snapshot.config.project {
        broken = matches!(project.fault, Some(Fault::Unusable(_)));
        let notes = shown::notes(project, snapshot.state.var("HOME").as_deref());
        for note in notes.iter().filter(|_| broken || !global.quiet) {
            trouble(note);
        }
    }
    let worst = report.findings.iter().map(|f| f.severity).max();
    let failed = !options.exit_zero && worst.is_some_and(|w| w >= fail_on);
    // The rules ran all the same: a file that anybody can put into a project switches nothing off.
    Ok(if broken { 2 } else { u8::from(failed) })
}

/// What the options say over the other layers.
fn overrides(options: &Options) -> Result<Overrides, Error> {
    let parse = |names: &[String]| -> Result<Vec<Selector>, Error> {
        names.iter().map(|n| n.trim().parse().map_err(Error::Usage)).collect()
    };
    Ok(Overrides {
        select: parse(&options.select)?,
        ignore: parse(&options.ignore)?,
        fail_on: options.fail_on.map(Level::severity),
    })
}

/// Runs the rules over a snapshot; what the person has accepted is counted and left out.
pub fn report(snapshot: &Snapshot<'_>, chosen: &[&'static Rule], deep: bool) -> Report {
    let here = Here::new(snapshot.state.system);
    // A quick look is for `check` alone: whoever fixes wants all of it.
    snapshot.state.look(match (deep, chosen.iter().any(|r| r.when == When::Deep)) {
        (false, _) => Depth::Quick,
        (true, false) => Depth::Names,
        (true, true) => Depth::Deep,
    });
    let mut findings = Vec::new();
    let mut not_run = Vec::new();
    let mut ignored = 0;
    for rule in chosen {
        if rule.when == When::Deep && !deep {
            not_run.push(rule.code);
            continue;
        }
        let mut found = Vec::new();
        (rule.check)(snapshot, &mut found);
        ignored += snapshot.ignores.apply(&snapshot.config.accepted, rule, &mut found, &here);
        findings.append(&mut found);
    }
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.rule.code.cmp(b.rule.code)));
    let left_out = snapshot.state.known_caches().map_or((0, 0), Caches::left_out);
    let unread = snapshot.state.known_places().map(|found| found.unread.clone()).unwrap_or_default();
    Report { findings, ignored, not_run, left_out, unread }
}

/// What the prompt speaks of: the rules for it, from its own severity on.
pub(super) fn prompt_findings(snapshot: &Snapshot<'_>) -> Vec<Finding> {
    let rules: Vec<_> = snapshot.config.rules().into_iter().filter(|r| r.when == When::Prompt).collect();
    let mut found = report(snapshot, &rules, false).findings;
    found.retain(|f| f.severity >= snapshot.config.min_severity.value && !f.lint_only);
    found
}
