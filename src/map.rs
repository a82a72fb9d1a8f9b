//! The map of `status --all`: every place here that holds a credential, and what becomes of it.

use std::path::{Path, PathBuf};

use crate::clients::clean::Clean;
use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::model::{HubPath, Step};
use crate::clients::paths;
use crate::clients::shape;
use crate::finding::Location;
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::stored_tokens;
use crate::state::variables;
use crate::system::path::{absolute, pathlib};

/// What becomes of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// A client that is shown sends it.
    Sent,
    /// A client would send it if nothing came before it.
    Hidden,
    /// It waits to be chosen: a stored token that is not the login.
    Sleeping,
    /// Another kind of program uses it: git, a program that loads `.env`.
    Elsewhere,
    /// Nothing that is shown reads it.
    Unread,
}

impl Fate {
    /// The word in text and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Hidden => "hidden",
            Self::Sleeping => "sleeping",
            Self::Elsewhere => "elsewhere",
            Self::Unread => "unread",
        }
    }
}

/// One place.
#[derive(Debug)]
pub struct Entry {
    /// Where.
    pub source: Location,
    /// What stands there, as huggingface_hub cleans it.
    pub token: Token,
    /// What becomes of it.
    pub fate: Fate,
    /// What it is called there: a stored token's name, a netrc machine, a git host.
    pub name: Option<String>,
}

/// Every place, in the order in which clients look: variables, token files, stored tokens, then what others use.
pub fn map(snapshot: &Snapshot<'_>) -> Vec<Entry> {
    let state = &snapshot.state;
    let mut out: Vec<Entry> = Vec::new();
    for variable in variables::ALL {
        if let Some(value) = state.var(variable.name) {
            let token = Token::new(Clean::Hub.apply(value.as_encoded_bytes()));
            let any = matches!(variable.holds, variables::Holds::Token) || shape::read(token.bytes()).shape.is_token();
            if any && !token.bytes().is_empty() {
                add(&mut out, snapshot, Location::variable(variable.name), token);
            }
        }
    }
    for path in token_files(snapshot) {
        if let Ok(content) = &*state.credential(&path) {
            let token = Token::new(Clean::Hub.apply(&content.bytes));
            if !token.bytes().is_empty() {
                add(&mut out, snapshot, Location::line(absolute(state.system, &path), 1), token);
            }
        }
    }
    // A stored token that is the login shares its fate.
    let logins: Vec<(Token, Fate)> =
        out.iter().filter(|e| e.source.path().is_some()).map(|e| (e.token.clone(), e.fate)).collect();
    let stored = paths::hub_stored_tokens(state.system, HubPath::Expanded);
    for section in stored_tokens::read(state, &stored, HUGGINGFACE_HUB.newest).iter().flat_map(|s| &s.tokens) {
        let fate = logins.iter().find(|(t, _)| *t == section.token).map_or(Fate::Sleeping, |(_, fate)| *fate);
        out.push(Entry {
            source: Location::line(absolute(state.system, &stored), section.line),
            token: section.token.clone(),
            fate,
            name: Some(section.name.clone()),
        });
    }
    others(&mut out, snapshot);
    out
}

/// What programs of other kinds use.
fn others(out: &mut Vec<Entry>, snapshot: &Snapshot<'_>) {
    let state = &snapshot.state;
    let mut elsewhere = |source: Location, token: &Token, name: Option<String>| {
        out.push(Entry { source, token: token.clone(), fate: Fate::Elsewhere, name });
    };
    if let Some(dotenv) = state.dotenv() {
        for variable in variables::ALL.iter().filter(|v| matches!(v.holds, variables::Holds::Token)) {
            if let Some(entry) = dotenv.get(variable.name)
                && let Some(value) = entry.value.as_deref().filter(|v| !v.is_empty())
            {
                let at = Location::line(&dotenv.path, entry.line);
                elsewhere(at, &Token::new(Clean::Hub.apply(value)), Some(variable.name.to_owned()));
            }
        }
    }
    for entry in &state.netrc().entries {
        let hub = entry.machine.as_deref().is_none_or(|m| m == "huggingface.co" || m == "hf.co");
        if hub {
            let name = entry.machine.clone().unwrap_or_else(|| "default".to_owned());
            elsewhere(entry.location(), &entry.password, Some(name));
        }
    }
    for stored in &state.git().stored {
        elsewhere(stored.credential.source.clone(), &stored.credential.token, Some(stored.host.clone()));
    }
    for url in state.git().embedded(state) {
        elsewhere(url.source, &url.token, None);
    }
}

fn add(out: &mut Vec<Entry>, snapshot: &Snapshot<'_>, source: Location, token: Token) {
    if out.iter().any(|e| e.source == source) {
        return;
    }
    let shown = snapshot.installed().iter().chain([snapshot.newest_hub()]);
    let mut fate = Fate::Unread;
    for client in shown {
        if client.answer.source.as_ref() == Some(&source) && client.answer.outcome.token().is_some() {
            fate = Fate::Sent;
            break;
        }
        if client.answer.hides.iter().any(|h| h.source == source) {
            fate = Fate::Hidden;
        }
    }
    out.push(Entry { source, token, fate, name: None });
}

/// The token files of every release of huggingface_hub and of the clients here, each once.
fn token_files(snapshot: &Snapshot<'_>) -> Vec<PathBuf> {
    let system = snapshot.state.system;
    let rules = [HubPath::Expanded, HubPath::TokenPath, HubPath::Staging, HubPath::Home, HubPath::Legacy];
    let mut files: Vec<PathBuf> = rules.iter().map(|rule| pathlib(&paths::hub_token(system, *rule))).collect();
    let default = crate::system::home::expanduser(system, "~/.cache/huggingface/token".as_ref());
    files.push(Path::new(&default).to_owned());
    for client in snapshot.installed() {
        files.extend(client.instance.steps().iter().filter_map(|step| match step {
            Step::File { at, .. } => paths::place(system, *at),
            _ => None,
        }));
    }
    let mut seen = Vec::new();
    files.retain(|file| {
        let place = absolute(system, file);
        let new = !seen.contains(&place);
        seen.push(place);
        new
    });
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::token;
    use crate::state::State;
    use crate::system::fake::Fake;

    #[test]
    fn every_place_with_its_fate() {
        let (a, b, c) = (token('A'), token('B'), token('C'));
        let fake = Fake::home()
            .var("HF_TOKEN", &a)
            .var("HUGGINGFACE_TOKEN", &c)
            .file("/home/u/.cache/huggingface/token", &b)
            .file("/home/u/.cache/huggingface/stored_tokens", format!("[w]\nhf_token = {b}\n[h]\nhf_token = {c}\n"))
            .file("/home/u/.netrc", "machine huggingface.co\nlogin me\npassword x\n");
        let found = map(&Snapshot::new(State::new(&fake)));
        let fates: Vec<&str> = found.iter().map(|e| e.fate.word()).collect();
        assert_eq!(fates, ["sent", "unread", "hidden", "hidden", "sleeping", "elsewhere"]);
    }
}
