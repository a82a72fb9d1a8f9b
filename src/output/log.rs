//! `hflint log`, as text and as JSON. The JSON is described in docs/log.md.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use super::json::{Place as Shown, finish};
use super::sanitize::{line, path};
use super::time::local;
use crate::secret::mask_text;
use crate::state::record::{Event, Place, Record, What};
use crate::system::System;

/// How many digits of a token's name people are shown.
const DIGITS: usize = 8;

#[derive(Serialize)]
struct Shape {
    version: u8,
    events: Vec<EventShape>,
}

#[derive(Serialize)]
struct EventShape {
    at: i64,
    event: &'static str,
    token_id: Option<String>,
    token: Option<String>,
    place: Option<Shown>,
    name: Option<String>,
    before_id: Option<String>,
    before: Option<String>,
    endpoint: Option<String>,
    user: Option<String>,
    fix: Option<String>,
    command: Option<String>,
    rules: Option<Vec<String>>,
}

/// The tokens that still stand here: the name of each in the record, and how it is shown.
type Known = [(String, String)];

fn masked(known: &Known, id: &str) -> Option<String> {
    known.iter().find(|(known, _)| known == id).map(|(_, shown)| shown.clone())
}

/// The word of each event: the first of a token is `first-seen`.
fn words(record: &Record) -> Vec<(&Event, &'static str)> {
    let mut met: Vec<&str> = Vec::new();
    record
        .events()
        .map(|event| {
            let new = event.what.token().is_some_and(|token| {
                let new = !met.contains(&token);
                met.push(token);
                new
            });
            let word = match &event.what {
                What::Seen { .. } if new => "first-seen",
                What::Seen { .. } => "seen",
                What::Replaced { .. } => "replaced",
                What::Verified { .. } => "verified",
                What::Rejected { .. } => "rejected",
                What::Fixed { .. } => "fixed",
                What::Undone { .. } => "undone",
            };
            (event, word)
        })
        .collect()
}

/// `log --format json`.
pub(crate) fn json(record: &Record, known: &Known) -> std::io::Result<String> {
    let events = words(record).into_iter().map(|(event, word)| {
        let mut shape = EventShape {
            at: event.at,
            event: word,
            token_id: event.what.token().map(str::to_owned),
            token: event.what.token().and_then(|id| masked(known, id)),
            place: None,
            name: None,
            before_id: None,
            before: None,
            endpoint: None,
            user: None,
            fix: None,
            command: None,
            rules: None,
        };
        if let Some(place) = event.what.place() {
            shape.place = Some(match place {
                Place::Variable { name } => Shown::Variable { name: mask_text(name) },
                Place::File { path, .. } => Shown::File { path: mask_text(path), line: None },
            });
            if let Place::File { name, .. } = place {
                shape.name = name.as_deref().map(mask_text);
            }
        }
        match &event.what {
            What::Seen { .. } => {}
            What::Replaced { before, .. } => {
                shape.before_id = Some(before.clone());
                shape.before = masked(known, before);
            }
            What::Verified { endpoint, user, .. } => {
                shape.endpoint = Some(mask_text(endpoint));
                shape.user = user.as_deref().map(mask_text);
            }
            What::Rejected { endpoint, .. } => shape.endpoint = Some(mask_text(endpoint)),
            What::Fixed { fix, command, rules } => {
                shape.fix = Some(fix.to_string());
                shape.command = Some(format!("hflint {}", mask_text(command)));
                shape.rules = Some(rules.clone());
            }
            What::Undone { fix } => shape.fix = Some(fix.to_string()),
        }
        shape
    });
    finish(&Shape { version: 1, events: events.collect() })
}

/// `log`, for people: the newest last, as in any log.
pub(crate) fn text(record: &Record, known: &Known, system: &dyn System) -> String {
    let home = system.var("HOME");
    let token = |id: &str| {
        masked(known, id).unwrap_or_else(|| {
            let short: String = id.chars().take(DIGITS).collect();
            format!("token {} (no longer here)", line(&short))
        })
    };
    let place = |place: &Place| match place {
        Place::Variable { name } => line(name),
        Place::File { path: at, name } => {
            let name = name.as_deref().map_or_else(String::new, |n| format!(" \"{}\"", line(n)));
            format!("{}{name}", path(Path::new(at), home.as_deref()))
        }
    };
    let mut out = String::new();
    for (event, word) in words(record) {
        let said = match &event.what {
            What::Seen { token: id, place: at } => format!("{}  in {}", token(id), place(at)),
            What::Replaced { token: id, before, place: at } => {
                format!("{}  in {}; before: {}", token(id), place(at), token(before))
            }
            What::Verified { token: id, endpoint, user } => {
                let user = user.as_deref().map_or_else(String::new, |u| format!(", user {}", line(u)));
                format!("{}  by {}{user}", token(id), line(endpoint))
            }
            What::Rejected { token: id, endpoint } => format!("{}  by {}", token(id), line(endpoint)),
            What::Fixed { fix, command, rules } => {
                let rules: Vec<String> = rules.iter().map(|rule| line(rule)).collect();
                format!("hflint {}  {}  (undo: hflint undo {fix})", line(command), rules.join(", "))
            }
            What::Undone { fix } => format!("fix {fix}"),
        };
        let word = word.replace('-', " ");
        let _ = writeln!(out, "{}  {word:10}  {said}", local(system, event.at));
    }
    if out.is_empty() {
        out.push_str("nothing is recorded yet\n");
    }
    out
}
