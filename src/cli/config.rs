//! `hflint config`: the settings in force, each with its source.

use std::ffi::OsStr;
use std::fmt::Write as _;

use super::{Format, Global, Outcome, print};
use crate::config::trust::Trust;
use crate::config::{Config, Overrides, Source};
use crate::nearest::did_you_mean;
use crate::output::sanitize::{line, path};
use crate::output::{json, project, text};
use crate::state::State;
use crate::system::System;

/// One setting, ready to be shown.
#[derive(Debug)]
pub struct Row {
    /// The key, as in the file.
    pub key: &'static str,
    /// The value: one text, or a list.
    pub value: Value,
    /// Where it comes from.
    pub source: Source,
}

/// A value, ready to be shown.
#[derive(Debug)]
pub enum Value {
    /// One.
    One(String),
    /// Any number.
    List(Vec<String>),
}

pub(super) fn run(global: &Global, system: &dyn System) -> Outcome {
    let config = global.load(system, Overrides::default())?;
    match global.format {
        Format::Json => print(&json::config(&config, &rows(&config))?)?,
        Format::Text => print(&shown(&config, system))?,
    }
    Ok(0)
}

/// The settings in the order of the manual; a rule that is left out has a row of its own.
fn rows(config: &Config) -> Vec<Row> {
    let one = |key, value: String, source: &Source| Row { key, value: Value::One(value), source: source.clone() };
    let select = config.select.value.iter().map(|s| s.as_str().to_owned()).collect();
    let endpoints = config.endpoints.value.iter().map(|h| h.as_str().to_owned()).collect();
    let mut rows = vec![Row { key: "select", value: Value::List(select), source: config.select.source.clone() }];
    for left_out in &config.ignore {
        let value = Value::List(vec![left_out.value.as_str().to_owned()]);
        rows.push(Row { key: "ignore", value, source: left_out.source.clone() });
    }
    rows.extend([
        one("fail-on", config.fail_on.value.word().to_owned(), &config.fail_on.source),
        one("warn", config.warn.value.word().to_owned(), &config.warn.source),
        one("min-severity", config.min_severity.value.word().to_owned(), &config.min_severity.source),
        one("repeat-after", config.repeat_after.value.to_string(), &config.repeat_after.source),
        one("rotate-after", config.rotate_after.value.to_string(), &config.rotate_after.source),
        one("journal-keep", config.journal_keep.value.to_string(), &config.journal_keep.source),
        Row { key: "endpoints", value: Value::List(endpoints), source: config.endpoints.source.clone() },
        one("hook-timeout", config.hook_timeout.value.to_string(), &config.hook_timeout.source),
    ]);
    rows
}

/// As the file would say it, each line with its source.
fn shown(config: &Config, system: &dyn System) -> String {
    let home = system.var("HOME");
    let home = home.as_deref();
    let state = State::new(system);
    let rows: Vec<(String, String)> = rows(config)
        .into_iter()
        .map(|row| {
            let value = match row.value {
                Value::One(one) => format!("{one:?}"),
                Value::List(list) => format!("{list:?}"),
            };
            (line(&format!("{} = {value}", row.key)), source(&row.source, &state, home))
        })
        .collect();
    let width = rows.iter().map(|(text, _)| text.chars().count()).max().unwrap_or(0);
    let mut out = rows.iter().fold(String::new(), |mut out, (text, source)| {
        let _ = writeln!(out, "{text:width$}  # {source}");
        out
    });
    for entry in &config.accepted {
        let _ = writeln!(out, "\n[[ignore]]  # {}", text::location(&entry.location, &state, home));
        let mut pair = |key: &str, value: &str| {
            let _ = writeln!(out, "{key} = {}", line(&format!("{value:?}")));
        };
        pair("rule", entry.rule.as_str());
        if let Some(place) = &entry.place {
            pair("where", place.as_str());
        }
        pair("reason", &entry.reason);
        if let Some(until) = entry.until {
            pair("until", &until.to_string());
        }
    }
    out.push('\n');
    match &config.file {
        Some(file) => {
            let _ = writeln!(out, "# read {}", path(file, home));
        }
        None => out.push_str("# no configuration file\n"),
    }
    if let Some(project) = &config.project {
        let how = match (&project.fault, project.trust) {
            (Some(_), _) => "left out",
            (None, Trust::Trusted) => "trusted",
            (None, Trust::Changed) => "changed since it was trusted: it may only make checks stricter",
            (None, Trust::Untrusted) => "not trusted: it may only make checks stricter",
        };
        let _ = writeln!(out, "# read {}, the project's  ({how})", path(&project.place.shown, home));
        for note in project::notes(project, home).iter().flat_map(|note| note.split('\n')) {
            let _ = writeln!(out, "# {}", line(note));
        }
    }
    for name in &config.unknown_variables {
        let hint = did_you_mean(name, crate::config::variables().iter().map(String::as_str));
        let _ = writeln!(out, "# {} is no setting{}", line(name), line(&hint));
    }
    out
}

/// Where a setting comes from, for people.
pub(super) fn source(source: &Source, state: &State<'_>, home: Option<&OsStr>) -> String {
    match source {
        Source::Default => "default".to_owned(),
        Source::File(location) => text::location(location, state, home),
        Source::Variable(name) => line(name),
        Source::Option(name) => (*name).to_owned(),
    }
}
