//! What an error text came to, as text and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use super::json::{Place, finish};
use super::sanitize::line;
use super::text::{location, style};
use crate::explain::{Cause, Explanation, Hit};
use crate::finding::Severity;
use crate::secret::mask_text;
use crate::state::State;

/// How many causes a person is shown without `-v`.
const SHOWN: usize = 3;

#[derive(Serialize)]
struct Shape {
    version: u8,
    redacted: usize,
    recognised: Vec<HitShape>,
    request: RequestShape,
    causes: Vec<CauseShape>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct HitShape {
    id: &'static str,
    line: u32,
    text: String,
}

#[derive(Serialize)]
struct RequestShape {
    status: Option<u16>,
    repository: Option<String>,
    host: Option<String>,
    client: Option<String>,
    client_version: Option<String>,
}

#[derive(Serialize)]
struct CauseShape {
    cause: &'static str,
    confidence: &'static str,
    message: String,
    locations: Vec<Place>,
    rules: Vec<&'static str>,
    help: Option<String>,
}

/// The words of a text as the table has them: nothing of the log itself is repeated.
fn words(hit: &Hit) -> String {
    hit.text.pieces.join(" … ")
}

/// `explain --format json`.
pub(crate) fn json(explained: &Explanation) -> std::io::Result<String> {
    let request = &explained.request;
    let safe = |text: &String| mask_text(text);
    let cause = |c: &Cause| CauseShape {
        cause: c.slug,
        confidence: c.confidence(),
        message: mask_text(&c.message),
        locations: c.locations.iter().map(Place::from).collect(),
        rules: c.rules.clone(),
        help: c.help.as_ref().map(|h| mask_text(&h.command)),
    };
    finish(&Shape {
        version: 1,
        redacted: explained.redacted,
        recognised: explained
            .recognised
            .iter()
            .map(|h| HitShape { id: h.text.id, line: h.line, text: words(h) })
            .collect(),
        request: RequestShape {
            status: request.status,
            repository: request.repository.as_ref().map(safe),
            host: request.host.as_ref().map(safe),
            client: request.client.or(request.program).map(str::to_owned),
            client_version: request.version.map(|v| v.to_string()),
        },
        causes: explained.causes.iter().map(cause).collect(),
        notes: explained.notes.iter().map(safe).collect(),
    })
}

/// `explain`, for people.
pub(crate) fn text(explained: &Explanation, state: &State<'_>, verbose: bool) -> String {
    let mut out = String::new();
    let home = state.var("HOME");
    if explained.causes.is_empty() {
        out.push_str("nothing in this text is known to be an error of Hugging Face\n");
        notes(&mut out, explained);
        out.push_str("`hflint status` shows which token each client sends here\n");
        return out;
    }
    read(&mut out, explained);
    out.push('\n');
    let shown = if verbose { explained.causes.len() } else { SHOWN };
    for cause in explained.causes.iter().take(shown) {
        let s = style(match cause.confidence() {
            "certain" => Severity::Error,
            "likely" => Severity::Warning,
            _ => Severity::Info,
        });
        let _ = writeln!(out, "{s}{}[{}]{s:#}: {}", cause.confidence(), cause.slug, line(&cause.message));
        for at in &cause.locations {
            let _ = writeln!(out, "  --> {}", location(at, state, home.as_deref()));
        }
        if !cause.rules.is_empty() {
            let _ = writeln!(out, "   = rule: {}", cause.rules.join(" "));
        }
        if let Some(help) = &cause.help {
            let then = if help.then.is_empty() { String::new() } else { format!("   ({})", line(&help.then)) };
            let _ = writeln!(out, "   = help: {}{then}", line(&help.command));
        }
        out.push('\n');
    }
    notes(&mut out, explained);
    if explained.causes.len() > shown {
        let _ = writeln!(out, "{} less likely: hflint explain -v", explained.causes.len() - shown);
    }
    out
}

/// What was read out of the log.
fn read(out: &mut String, explained: &Explanation) {
    let request = &explained.request;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(request.status.map(|s| s.to_string()));
    parts.extend(request.host.as_deref().map(line));
    parts.extend(request.repository.as_deref().map(line));
    parts.extend(match (request.client.or(request.program), request.version, request.between) {
        (Some(client), Some(version), _) => Some(format!("{client} {version}")),
        (Some(client), None, Some((first, last))) if first == last => Some(format!("{client} {first}")),
        (Some(client), None, Some((first, last))) => Some(format!("{client} {first} to {last}")),
        (Some(client), None, None) => Some(client.to_owned()),
        (None, ..) => None,
    });
    if !parts.is_empty() {
        let _ = writeln!(out, "request: {}", parts.join("  "));
    }
    for hit in &explained.recognised {
        let _ = writeln!(out, "line {:>4}: {} {}", hit.line, hit.text.id, line(&words(hit)));
    }
}

fn notes(out: &mut String, explained: &Explanation) {
    for note in &explained.notes {
        let _ = writeln!(out, "note: {}", line(note));
    }
}
