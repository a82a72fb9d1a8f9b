//! Plans, what became of them, and the journal: as text and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use super::json::{Place, finish};
use super::sanitize::line;
use crate::cli::Format;
use crate::finding::Applicability;
use crate::fix::apply::{Outcome, Report};
use crate::fix::journal::{Entry, Phase};
use crate::fix::plan::{Action, Plan};
use crate::fix::undo::Undone;
use crate::secret::mask_text;

#[derive(Serialize)]
struct PlanShape {
    version: u8,
    actions: Vec<ActionShape>,
}

#[derive(Serialize)]
struct ReportShape {
    version: u8,
    id: Option<String>,
    actions: Vec<ActionShape>,
}

#[derive(Serialize)]
struct ActionShape {
    rule: Option<&'static str>,
    kind: &'static str,
    applicability: &'static str,
    target: Place,
    description: String,
    diff: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    applied: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

fn shape(action: &Action, outcome: Option<&Outcome>) -> ActionShape {
    ActionShape {
        rule: action.rule,
        kind: action.kind.word(),
        applicability: action.applicability.word(),
        target: Place::from(&action.target),
        description: mask_text(&action.description),
        diff: action.diff.as_deref().map(mask_text),
        command: action.command.as_deref().map(mask_text),
        applied: outcome.map(|o| *o == Outcome::Applied),
        reason: outcome.and_then(|o| match o {
            Outcome::Applied => None,
            Outcome::Held(option) => Some(format!("needs {option}")),
            Outcome::Declined => Some("declined".to_owned()),
            Outcome::Shown => Some("only you can do it".to_owned()),
            Outcome::Unreached(why) | Outcome::Failed(why) => Some(mask_text(why)),
        }),
    }
}

/// `fix --diff --format json`.
pub fn plan_json(plan: &Plan) -> std::io::Result<String> {
    finish(&PlanShape { version: 1, actions: plan.actions.iter().map(|a| shape(a, None)).collect() })
}

/// `fix --format json`.
pub fn report_json(plan: &Plan, report: &Report) -> std::io::Result<String> {
    let actions = plan.actions.iter().zip(&report.outcomes).map(|(a, o)| shape(a, Some(o))).collect();
    finish(&ReportShape { version: 1, id: report.id.map(|id| id.to_string()), actions })
}

/// The plan, for people.
pub fn plan_text(plan: &Plan) -> String {
    let mut out = String::new();
    for action in &plan.actions {
        let rule = action.rule.map_or_else(String::new, |r| format!(" [{r}]"));
        let needs = action.needs.map_or_else(String::new, |option| format!(" (only with {option})"));
        let _ = writeln!(out, "{}{rule}: {}{needs}", action.applicability.word(), line(&action.description));
        for text in action.diff.iter().flat_map(|d| d.lines()) {
            let _ = writeln!(out, "    {}", line(text));
        }
        if let (Some(command), Applicability::DisplayOnly) = (&action.command, action.applicability) {
            let _ = writeln!(out, "    {}", line(command));
        }
    }
    if plan.actions.is_empty() {
        out.push_str("nothing to fix\n");
    }
    out
}

/// What to know of it, for people.
pub fn notes_text(plan: &Plan) -> String {
    plan.notes.iter().fold(String::new(), |mut out, note| {
        let _ = writeln!(out, "note: {}", line(note));
        out
    })
}

/// What became of it, for people.
pub fn report_text(plan: &Plan, report: &Report) -> String {
    let mut out = String::new();
    for (action, outcome) in plan.actions.iter().zip(&report.outcomes) {
        match outcome {
            Outcome::Applied => {
                let _ = writeln!(out, "done: {}", line(&action.description));
            }
            Outcome::Unreached(why) => {
                let command = action.command.as_deref().unwrap_or_default();
                let _ = writeln!(out, "not done: {} ({why}); type: {}", line(&action.description), line(command));
            }
            _ => {}
        }
    }
    let held = |option: &str| report.outcomes.iter().filter(|o| **o == Outcome::Held(option_of(option))).count();
    for option in ["--yes", "--login", crate::fix::heal::WASTE] {
        match held(option) {
            0 => {}
            1 => drop(writeln!(out, "held back: 1 change; {option} makes it")),
            n => drop(writeln!(out, "held back: {n} changes; {option} makes them")),
        }
    }
    let count = |outcome: &Outcome| report.outcomes.iter().filter(|o| *o == outcome).count();
    for (count, one, many) in [
        (count(&Outcome::Declined), "1 change was declined", "changes were declined"),
        (
            count(&Outcome::Shown),
            "1 thing is left that only you can do, above",
            "things are left that only you can do, above",
        ),
    ] {
        match count {
            0 => {}
            1 => drop(writeln!(out, "{one}")),
            n => drop(writeln!(out, "{n} {many}")),
        }
    }
    if report.id.is_some() || plan.actions.is_empty() {
        out.push_str(&notes_text(plan));
    }
    if let Some(id) = report.id {
        let _ = writeln!(out, "`hflint undo {id}` takes it back");
    }
    out
}

/// The option as it stands in an outcome.
fn option_of(option: &str) -> &'static str {
    ["--login", crate::fix::heal::WASTE].into_iter().find(|o| *o == option).unwrap_or("--yes")
}

#[derive(Serialize)]
struct Entries<'e> {
    version: u8,
    fixes: Vec<EntryShape<'e>>,
}

#[derive(Serialize)]
struct EntryShape<'e> {
    id: String,
    at: i64,
    command: String,
    state: &'static str,
    actions: Vec<&'e str>,
}

fn state(entry: &Entry) -> &'static str {
    match entry.phase {
        Phase::Begun => "interrupted",
        Phase::Applied => "applied",
        Phase::Undone => "undone",
    }
}

/// `undo --list`.
pub(crate) fn entries(entries: &[Entry], format: Format) -> std::io::Result<String> {
    if format == Format::Json {
        let fixes = entries
            .iter()
            .map(|e| EntryShape {
                id: e.id.to_string(),
                at: e.at,
                command: mask_text(&e.command),
                state: state(e),
                actions: e.actions.iter().map(|a| a.description.as_str()).collect(),
            })
            .collect();
        return finish(&Entries { version: 1, fixes });
    }
    let mut out = String::new();
    for entry in entries {
        let day = crate::config::Date::of(entry.at);
        let _ = writeln!(out, "{}  {day}  {:11}  hflint {}", entry.id, state(entry), line(&entry.command));
        for action in &entry.actions {
            let _ = writeln!(out, "    {}", line(&action.description));
        }
    }
    if entries.is_empty() {
        out.push_str("the journal is empty\n");
    }
    Ok(out)
}

#[derive(Serialize)]
struct UndoneShape<'u> {
    version: u8,
    id: String,
    done: Vec<&'u str>,
    refused: Vec<String>,
    backup: Option<String>,
}

/// `undo`.
pub(crate) fn undone(entry: &Entry, done: &Undone, format: Format) -> std::io::Result<String> {
    if format == Format::Json {
        return finish(&UndoneShape {
            version: 1,
            id: entry.id.to_string(),
            done: done.lines.iter().map(String::as_str).collect(),
            refused: done.refused.iter().map(|r| mask_text(r)).collect(),
            backup: done.backup.map(|id| id.to_string()),
        });
    }
    let mut out = String::new();
    for text in &done.lines {
        let _ = writeln!(out, "{}", line(text));
    }
    if done.lines.is_empty() && done.refused.is_empty() {
        let _ = writeln!(out, "fix {} had changed nothing yet", entry.id);
    }
    if let Some(id) = done.backup {
        let _ = writeln!(out, "what was there until now is kept: `hflint undo {id}` puts it back");
    }
    Ok(out)
}

#[derive(Serialize)]
struct Purged {
    version: u8,
    purged: usize,
}

/// `undo --purge`.
pub(crate) fn purged(count: usize, format: Format) -> std::io::Result<String> {
    if format == Format::Json {
        return finish(&Purged { version: 1, purged: count });
    }
    Ok(match count {
        0 => "nothing to purge\n".to_owned(),
        1 => "1 fix was purged: it cannot be undone any more\n".to_owned(),
        n => format!("{n} fixes were purged: they cannot be undone any more\n"),
    })
}
