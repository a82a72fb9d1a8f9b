//! Which of the known texts stand in a log, and where.

use super::log::Log;
use super::phrase;
use super::request::{self, Request};
use super::search::{Needle, search};
use super::texts::{BAD_NAME, MARKS, STATUS, Says, TOKEN, TRACEBACK, Text, WHOAMI_V1, texts};

/// A text that stands in the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    /// Which.
    pub(crate) text: &'static Text,
    /// The line of the input where it stands first.
    pub(crate) line: u32,
}

/// The texts of the table, each once, in the order of the log.
#[cfg(test)]
pub(crate) fn recognise(log: &Log) -> Vec<Hit> {
    let (hits, is_about) = printed(log);
    if is_about { hits } else { Vec::new() }
}

/// The same, with what the numbers and addresses of the log say beside the texts.
pub(crate) fn recognise_all(log: &Log) -> (Vec<Hit>, Request) {
    let (mut hits, mut is_about) = printed(log);
    if (!is_about || hits.is_empty())
        && let Some((text, line)) = phrase::find(log)
    {
        hits.retain(|_| is_about);
        hits.push(Hit { text, line });
        is_about = true;
    }
    if !is_about {
        // A token is a matter of its own, whatever else the text is about.
        let token = log.token_line().map(|line| Hit { text: &TOKEN, line });
        return (token.into_iter().collect(), Request::default());
    }
    let request = request::read(log, &hits);
    let add = |text: &'static Text, line: u32, hits: &mut Vec<Hit>| hits.push(Hit { text, line });
    if let Some((status, line)) = request.status.zip(request.status_line)
        && let Some((_, text)) = STATUS.iter().find(|(s, _)| *s == status)
    {
        add(text, line, &mut hits);
    }
    if let Some(line) = request.whoami_v1 {
        add(&WHOAMI_V1, line, &mut hits);
    }
    if let Some(line) = request.bad_name.filter(|_| !hits.iter().any(|h| h.text.says == Says::BadName)) {
        add(&BAD_NAME, line, &mut hits);
    }
    if hits.is_empty() && request.marks.hub && request.marks.traceback {
        add(&TRACEBACK, 1, &mut hits);
    }
    if hits.is_empty()
        && let Some(line) = log.token_line()
    {
        add(&TOKEN, line, &mut hits);
    }
    hits.sort_by_key(|h| h.line);
    (hits, request)
}

/// Whether the command that is not there is one of the hub's: after squeezing, `hf` is also the beginning of others.
fn names_a_command(log: &Log, hit: &Hit) -> bool {
    if hit.text.pieces.iter().any(|p| p.contains("huggingface")) {
        return true;
    }
    let lines = log.text.lines().enumerate().skip_while(|(index, _)| log.number(*index) < hit.line);
    lines.take(2).any(|(_, line)| {
        let mut words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
        words.any(|w| w == "hf")
    })
}

/// The texts of the table that the log holds, and whether the log is about Hugging Face.
fn printed(log: &Log) -> (Vec<Hit>, bool) {
    let needles: Vec<Needle> =
        texts().map(|t| Needle::new(t.pieces)).chain(MARKS.iter().map(|m| Needle::new(&[m]))).collect();
    let found = search(&log.squeezed, &needles);
    let (said, marks) = found.split_at(texts().count());
    let hits: Vec<Hit> =
        texts().zip(said).filter_map(|(text, at)| Some(Hit { text, line: log.line_at((*at)?) })).collect();
    let hits: Vec<Hit> =
        hits.into_iter().filter(|h| h.text.says != Says::OldCommand || names_a_command(log, h)).collect();
    let is_about = marks.iter().any(Option::is_some) || hits.iter().any(|h| h.text.own);
    (hits, is_about)
}
