//! Error texts, explained: what the client and the hub said, beside what is true on this machine, gives the cause.
//!
//! `log` cleans the text and takes the secrets out (`redact`); `recognise` finds the known texts (`texts`, `search`) and
//! `request` what else the log tells (`address`, `status`, `words`); `evidence` gathers this machine's side; `judge` ranks the causes on a `board`, with
//! what to do (`remedy`).

use crate::finding::Location;
use crate::snapshot::Snapshot;

mod address;
mod board;
mod evidence;
mod judge;
mod log;
mod marks;
mod phrase;
mod recognise;
mod redact;
mod releases;
mod remedy;
mod request;
mod says;
mod search;
mod status;
mod texts;
mod told;
mod words;

pub(crate) use board::Cause;
pub(crate) use recognise::Hit;
pub(crate) use request::Request;
pub(crate) use told::{Told, told};

/// Most bytes of a log that are looked at: its beginning and its end, where it is longer.
pub(crate) const LIMIT: usize = 64 * 1024 * 1024;

/// What an error text comes to on this machine.
#[derive(Debug)]
pub(crate) struct Explanation {
    /// How many secrets stood in it.
    pub(crate) redacted: usize,
    /// The texts that were recognised, in the order of the log.
    pub(crate) recognised: Vec<Hit>,
    /// What it tells of the request.
    pub(crate) request: Request,
    /// The causes, the most likely first; empty where nothing was recognised.
    pub(crate) causes: Vec<Cause>,
    /// What has to be said beside the causes: where the log comes from, what contradicts it, whose token stands in it.
    pub(crate) notes: Vec<String>,
}

/// Explains a log against the state here.
pub(crate) fn explain(bytes: &[u8], snapshot: &Snapshot<'_>) -> Explanation {
    let log = log::Log::new(bytes);
    let (recognised, request) = recognise::recognise_all(&log);
    let mut out = Explanation { redacted: log.redacted, recognised, request, causes: Vec::new(), notes: Vec::new() };
    if out.recognised.is_empty() {
        if out.redacted > 0 {
            out.notes.push(leak(out.redacted));
        }
        return out;
    }
    let here = evidence::Evidence::gather(snapshot, &out.request);
    let case = judge::Case { hits: &out.recognised, request: &out.request, here: &here };
    let elsewhere = case.elsewhere();
    let mut causes = judge::judge(&case);
    if let Some(place) = elsewhere {
        let note = format!("the log was written in {place}: what hflint sees here may not be the state that failed");
        out.notes.push(note);
    } else if let Some(home) = foreign_home(&out.request, snapshot) {
        out.notes.push(format!("the paths in the log are below {home}: another user or machine may have failed"));
    }
    if let Some(class) = here.raises() {
        out.notes.push(format!("here and now the client raises {class} before any request: `hflint check` says why"));
    }
    if let Some((first, last)) = out.request.between.filter(|_| {
        out.request.version.is_none()
            && here.snapshot.hub().is_some_and(|h| {
                out.request.client == Some("huggingface_hub")
                    && h.instance.version < out.request.between.map_or(h.instance.version, |b| b.0)
            })
    }) {
        out.notes.push(format!(
            "the log is of huggingface_hub {first} to {last}, another release than the one installed here"
        ));
    }
    if out.redacted > 0 {
        let places: Vec<&Location> =
            here.places.iter().filter(|e| log.tokens.contains(&e.token)).map(|e| &e.source).collect();
        let mut note = leak(out.redacted);
        if let Some(at) = places.first() {
            note = format!("{note}; one of them is the token of {}", here.name(at));
        }
        out.notes.push(note);
        if !log.tokens.is_empty() {
            let score = if causes.iter().any(|c| c.score >= 60) { 50 } else { 80 };
            let at = causes.iter().position(|c| c.score < score).unwrap_or(causes.len());
            causes.insert(at, leaked(score, places));
        }
    }
    out.causes = causes;
    out
}

/// Whether anything in a text is recognised, other than a token that stands in it.
pub(crate) fn is_known(bytes: &[u8]) -> bool {
    recognise::recognise_all(&log::Log::new(bytes)).0.iter().any(|h| h.text.says != texts::Says::Token)
}

fn leak(count: usize) -> String {
    let (stood, them) = if count == 1 { ("a secret stood", "it") } else { ("secrets stood", "them") };
    format!("{stood} in the text ({count} masked here): whoever was given the text has {them}")
}

fn leaked(score: u32, places: Vec<&Location>) -> Cause {
    Cause {
        slug: "leaked-token",
        score,
        message: "a token stands in the text: where it was pasted in public, it is revoked or used by others"
            .to_owned(),
        locations: places.into_iter().cloned().collect(),
        rules: Vec::new(),
        help: Some(crate::finding::Help {
            command: "hflint fix --rotate".to_owned(),
            then: "once a new one is made at https://huggingface.co/settings/tokens".to_owned(),
        }),
    }
}

/// A home directory in the log's paths that is not the one here, where none is.
fn foreign_home(request: &Request, snapshot: &Snapshot<'_>) -> Option<String> {
    let home = snapshot.state.var("HOME")?;
    let home = home.to_str()?;
    let first = request.homes.first()?;
    (!request.homes.iter().any(|h| h == home)).then(|| crate::output::sanitize::line(first))
}

#[cfg(test)]
mod tests;
