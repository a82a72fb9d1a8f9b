//! JSON: shapes of their own, frozen by the contract; changes only add.

use serde::Serialize;

use std::fmt::Write as _;

use super::sanitize::{is_harmful, json_path, line};
use super::{dotenv, next_shells};
use crate::cli::{Report, Row, Shown, Value};
use crate::clients::{Answer, Candidate, Instance};
use crate::config::{Accepted, Config, Source};
use crate::finding::{Finding, Location, Severity};
use crate::map::{self, Entry};
use crate::rules::Rule;
use crate::secret::mask_text;
use crate::snapshot::Snapshot;
use crate::state::isolation::Here;
use crate::state::{State, provenance};

/// A place.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Place {
    Variable {
        name: String,
    },
    File {
        path: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
    },
    Directory {
        path: String,
    },
    Process {
        pid: u32,
        name: String,
    },
    Repository {
        path: String,
    },
}

impl From<&Location> for Place {
    fn from(location: &Location) -> Self {
        match location {
            Location::Variable { name } => Self::Variable { name: mask_text(name) },
            Location::File { path, line } => Self::File { path: json_path(path), line: *line },
            Location::Directory { path } => Self::Directory { path: json_path(path) },
            Location::Process { pid, name } => Self::Process { pid: *pid, name: line(name) },
            Location::Repository { path } => Self::Repository { path: json_path(path) },
        }
    }
}

#[derive(Serialize)]
struct Check {
    version: u8,
    findings: Vec<FindingShape>,
    summary: Summary,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread: Vec<Unread>,
}

#[derive(Serialize)]
struct Summary {
    error: usize,
    warning: usize,
    info: usize,
    ignored: usize,
    not_run: Vec<&'static str>,
    /// Cached repositories that a check without `--deep` had no time for.
    #[serde(skip_serializing_if = "Option::is_none")]
    repositories_left_out: Option<usize>,
}

#[derive(Serialize)]
struct FindingShape {
    code: &'static str,
    rule: &'static str,
    severity: &'static str,
    message: String,
    locations: Vec<Place>,
    help: Option<String>,
    fix: Option<FixShape>,
}

#[derive(Serialize)]
struct FixShape {
    applicability: &'static str,
    command: String,
}

impl From<&Finding> for FindingShape {
    fn from(f: &Finding) -> Self {
        Self {
            code: f.rule.code,
            rule: f.rule.name,
            severity: f.severity.word(),
            message: mask_text(&f.message),
            locations: f.locations.iter().map(Place::from).collect(),
            help: f.help.as_ref().map(|h| mask_text(&h.command)),
            fix: f
                .fix
                .as_ref()
                .map(|x| FixShape { applicability: x.applicability.word(), command: mask_text(&x.command) }),
        }
    }
}

/// `check --format json`.
pub fn check(report: &Report) -> std::io::Result<String> {
    finish(&Check {
        version: 1,
        findings: report.findings.iter().map(FindingShape::from).collect(),
        summary: Summary {
            error: report.count(Severity::Error),
            warning: report.count(Severity::Warning),
            info: report.count(Severity::Info),
            ignored: report.ignored,
            not_run: report.not_run.clone(),
            repositories_left_out: Some(report.left_out.0).filter(|n| *n > 0),
        },
        unread: unread(&report.unread),
    })
}

#[derive(Serialize)]
struct Status {
    version: u8,
    clients: Vec<ClientShape>,
    project: Option<Project>,
    #[serde(skip_serializing_if = "Option::is_none")]
    places: Option<Vec<Mapped>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread: Vec<Unread>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_shells: Option<Vec<next_shells::Row>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dotenv: Option<Vec<dotenv::Row>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caches: Option<Vec<super::caches::Shape>>,
}

/// The isolation here.
#[derive(Serialize)]
struct Project {
    root: String,
    profile: Option<String>,
    path: String,
    in_effect: bool,
}

fn project(state: &State<'_>) -> Option<Project> {
    let (Here::Project(binding) | Here::Broken(binding, ..)) = state.isolation() else { return None };
    Some(Project {
        root: json_path(&binding.root),
        profile: binding.profile.clone(),
        path: json_path(&binding.token(state.system)?),
        in_effect: matches!(state.isolation(), Here::Project(_)) && binding.is_in_effect(state.system),
    })
}

/// A file that could not be read or understood.
#[derive(Serialize)]
struct Unread {
    path: String,
    reason: String,
}

fn unread(files: &[(std::path::PathBuf, String)]) -> Vec<Unread> {
    files.iter().map(|(path, why)| Unread { path: json_path(path), reason: mask_text(&line(why)) }).collect()
}

/// One place of `--all`.
#[derive(Serialize)]
struct Mapped {
    token: String,
    source: Place,
    fate: &'static str,
    name: Option<String>,
    /// What gives it to the variable of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    setter: Option<&'static str>,
    /// What is started with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reaches: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
}

fn mapped(entry: &Entry, fingerprint: bool) -> Mapped {
    Mapped {
        token: entry.token.masked(),
        source: Place::from(&entry.source),
        fate: entry.fate.word(),
        name: entry.name.as_deref().map(mask_text),
        setter: entry.place.map(|(setter, _)| setter),
        reaches: entry.place.and_then(|(_, reaches)| Some(reaches?.word())),
        fingerprint: if fingerprint { entry.token.fingerprint() } else { None },
    }
}

#[derive(Serialize)]
struct ClientShape {
    client: &'static str,
    client_version: String,
    modelled_as: Option<String>,
    installed_at: Option<String>,
    outcome: &'static str,
    token: Option<String>,
    #[allow(clippy::option_option, reason = "not asked for (absent), no token (null) and a value are three things")]
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<Option<String>>,
    source: Option<Place>,
    set_by: Option<SetBy>,
    error: Option<&'static str>,
    overridden_by: Option<Place>,
    hides: Vec<Hidden>,
}

#[derive(Serialize)]
struct SetBy {
    location: Option<Place>,
    certainty: &'static str,
}

#[derive(Serialize)]
struct Hidden {
    token: String,
    source: Place,
    same: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
}

/// `status --format json`.
pub fn status(answers: &[(Instance, Answer)], snapshot: &Snapshot<'_>, shown: &Shown) -> std::io::Result<String> {
    let clients = answers.iter().map(|(i, a)| client(i, a, snapshot, shown.fingerprint)).collect();
    let places = shown.all.then(|| map::all(snapshot).iter().map(|e| mapped(e, shown.fingerprint)).collect());
    let next_shells = shown.all.then(|| next_shells::rows(snapshot.state.system, shown.fingerprint));
    let unread = if shown.all { unread(&snapshot.state.places().unread) } else { Vec::new() };
    let dotenv = shown.all.then(|| dotenv::rows(snapshot.state.system, shown.fingerprint));
    let caches = shown.caches.then(|| super::caches::shapes(&snapshot.state));
    let project = project(&snapshot.state);
    finish(&Status { version: 1, clients, project, places, unread, next_shells, dotenv, caches })
}

fn client(instance: &Instance, answer: &Answer, snapshot: &Snapshot<'_>, fingerprint: bool) -> ClientShape {
    use crate::clients::Outcome;
    let token = answer.outcome.token();
    let set_by = match &answer.source {
        Some(Location::Variable { name }) => provenance::of(&snapshot.state, name),
        _ => None,
    };
    ClientShape {
        client: instance.client.name,
        client_version: instance.version.to_string(),
        modelled_as: instance.modelled_as.map(|v| v.to_string()),
        installed_at: instance.installed_at.as_deref().map(json_path),
        outcome: answer.outcome.word(),
        token: token.map(crate::secret::Token::masked),
        fingerprint: fingerprint.then(|| token.and_then(crate::secret::Token::fingerprint)),
        source: answer.source.as_ref().map(Place::from),
        set_by: set_by.map(|s| SetBy { location: s.location.as_ref().map(Place::from), certainty: s.certainty.word() }),
        error: match answer.outcome {
            Outcome::Error(class) => Some(class),
            _ => None,
        },
        overridden_by: answer.overridden_by.as_ref().map(Place::from),
        hides: answer.hides.iter().map(|h| hidden(h, answer, fingerprint)).collect(),
    }
}

fn hidden(candidate: &Candidate, answer: &Answer, fingerprint: bool) -> Hidden {
    Hidden {
        token: candidate.token.masked(),
        source: Place::from(&candidate.source),
        same: answer.outcome.token() == Some(&candidate.token),
        fingerprint: if fingerprint { candidate.token.fingerprint() } else { None },
    }
}

#[derive(Serialize)]
struct Rules<'a> {
    version: u8,
    rules: Vec<RuleShape<'a>>,
}

#[derive(Serialize)]
struct RuleShape<'a> {
    code: &'a str,
    rule: &'a str,
    summary: &'a str,
    severity: &'a str,
    when: &'a str,
    since: &'a str,
    fix: Option<&'a str>,
    page: &'a str,
}

/// `explain --list --format json`, and one rule alike.
pub fn rules(rules: &[&Rule]) -> std::io::Result<String> {
    let rules = rules
        .iter()
        .map(|r| RuleShape {
            code: r.code,
            rule: r.name,
            summary: r.summary,
            severity: r.severity.word(),
            when: r.when.word(),
            since: r.since,
            fix: r.fix.map(crate::finding::Applicability::word),
            page: r.page,
        })
        .collect();
    finish(&Rules { version: 1, rules })
}

#[derive(Serialize)]
#[allow(clippy::struct_field_names, reason = "the keys of the JSON")]
struct Settings {
    version: u8,
    file: Option<String>,
    settings: Vec<SettingShape>,
    ignore: Vec<AcceptedShape>,
    project: Option<ProjectShape>,
}

#[derive(Serialize)]
struct SettingShape {
    key: &'static str,
    value: ValueShape,
    source: SourceShape,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ValueShape {
    One(String),
    List(Vec<String>),
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum SourceShape {
    Default,
    File { location: Place },
    Variable { name: String },
    Option { name: &'static str },
}

#[derive(Serialize)]
struct AcceptedShape {
    rule: String,
    #[serde(rename = "where")]
    place: Option<String>,
    reason: String,
    until: Option<String>,
    location: Place,
}

/// `config --format json`; not part of the contract.
pub fn config(config: &Config, rows: &[Row]) -> std::io::Result<String> {
    finish(&Settings {
        version: 1,
        file: config.file.as_deref().map(json_path),
        settings: rows
            .iter()
            .map(|row| SettingShape {
                key: row.key,
                value: match &row.value {
                    Value::One(one) => ValueShape::One(mask_text(one)),
                    Value::List(list) => ValueShape::List(list.iter().map(|v| mask_text(v)).collect()),
                },
                source: match &row.source {
                    Source::Default => SourceShape::Default,
                    Source::File(at) => SourceShape::File { location: Place::from(at) },
                    Source::Variable(name) => SourceShape::Variable { name: name.clone() },
                    Source::Option(name) => SourceShape::Option { name },
                },
            })
            .collect(),
        ignore: config.accepted.iter().map(AcceptedShape::from).collect(),
        project: config.project.as_ref().map(|project| ProjectShape {
            path: json_path(&project.place.shown),
            trust: project.trust.word(),
            left_out: project.left_out.iter().map(|key| LeftOutShape { key: key.key, line: key.line }).collect(),
            error: project.fault.as_ref().map(|why| mask_text(&why.to_string())),
        }),
    })
}

#[derive(Serialize)]
struct ProjectShape {
    path: String,
    trust: &'static str,
    left_out: Vec<LeftOutShape>,
    error: Option<String>,
}

#[derive(Serialize)]
struct LeftOutShape {
    key: &'static str,
    line: u32,
}

#[derive(Serialize)]
struct TrustedFiles<'a> {
    version: u8,
    files: Vec<TrustedFile<'a>>,
}

#[derive(Serialize)]
struct TrustedFile<'a> {
    path: &'a str,
    trust: &'a str,
}

/// `trust --format json`: paths and whether they are trusted; not part of the contract.
pub fn trusted(files: &[(String, &str)]) -> std::io::Result<String> {
    let files = files.iter().map(|(path, trust)| TrustedFile { path, trust }).collect();
    finish(&TrustedFiles { version: 1, files })
}

impl From<&Accepted> for AcceptedShape {
    fn from(entry: &Accepted) -> Self {
        Self {
            rule: entry.rule.as_str().to_owned(),
            place: entry.place.as_ref().map(|p| mask_text(p.as_str())),
            reason: mask_text(&entry.reason),
            until: entry.until.map(|d| d.to_string()),
            location: Place::from(&entry.location),
        }
    }
}

#[derive(Serialize)]
struct Added {
    version: u8,
    ignore: Vec<AcceptedShape>,
}

/// `ignore --format json`: the entries that were written; not part of the contract.
pub fn accepted(entries: &[Accepted]) -> std::io::Result<String> {
    finish(&Added { version: 1, ignore: entries.iter().map(AcceptedShape::from).collect() })
}

pub(super) fn finish(value: &impl Serialize) -> std::io::Result<String> {
    let text = serde_json::to_string_pretty(value).map_err(std::io::Error::other)?;
    Ok(escape(&text) + "\n")
}

/// JSON reaches terminals too: what turns text round or cannot be seen is written `\uXXXX`, which is the same JSON.
fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if c != '\n' && is_harmful(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
        out
    })
}
