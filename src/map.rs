//! The map of `status --all`: every place here that holds a credential, and what becomes of it.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::clients::clean::Clean;
use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::model::{HubPath, Step};
use crate::clients::paths;
use crate::clients::shape;
use crate::finding::Location;
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::places::{Reaches, Sighting};
use crate::state::project_files;
use crate::state::provenance;
use crate::state::stored_tokens;
use crate::state::variables;
use crate::system::TEXT_LIMIT;
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
    /// What it is called there: a variable, a stored token's name, a netrc machine, a git host.
    pub name: Option<String>,
    /// What gives it to the variable of that name, and what is started with it.
    pub place: Option<(&'static str, Option<Reaches>)>,
}

/// Every place, in the order of precedence: what the clients here look at, variables before files; then what the next
/// shell, the next session, environments, projects and programs get; then what is not the clients' own.
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
            place: None,
        });
    }
    startup(&mut out, snapshot);
    places(&mut out, snapshot);
    others(&mut out, snapshot);
    out
}

/// The map, and behind it each token in a start-up file that no shell gets from it: it is there to be read all the same.
/// Nobody means it by that (the line may be commented out because the token is dead), so no rule counts it as known.
pub fn all(snapshot: &Snapshot<'_>) -> Vec<Entry> {
    let mut out = map(snapshot);
    for path in provenance::startup_files(&snapshot.state) {
        let Ok(content) = snapshot.state.system.read(&path, TEXT_LIMIT) else { continue };
        for (line, token) in project_files::tokens(&content.bytes) {
            let source = Location::line(&path, line);
            if is_credential(&token) && !out.iter().any(|e| e.source == source && e.token == token) {
                let place = Some(("a start-up file: a branch, a function, an alias or a comment", None));
                out.push(Entry { source, token, fate: Fate::Sleeping, name: None, place });
            }
        }
    }
    out
}

/// Whether a value is a token of the Hub: a placeholder, a reference and what is for another server are no credentials.
fn is_credential(token: &Token) -> bool {
    shape::read(token.bytes()).shape.is_token()
}

/// What becomes of what a place gives to a variable that is set so now.
fn fate_of(out: &[Entry], name: &str, token: &Token) -> Option<Fate> {
    let variable = Location::variable(name);
    out.iter().find(|e| e.source == variable && e.token == *token).map(|e| e.fate)
}

/// The lines of start-up files: those that count, for this shell or only for the next one, and those that another line
/// takes the place of.
fn startup(out: &mut Vec<Entry>, snapshot: &Snapshot<'_>) {
    for line in provenance::startup_tokens(&snapshot.state).into_iter().filter(|line| is_credential(&line.token)) {
        let fate = match fate_of(out, line.name, &line.token) {
            _ if !line.counts => Fate::Hidden,
            Some(fate) => fate,
            None => Fate::Sleeping,
        };
        let name = Some(line.name.to_owned());
        out.push(Entry { source: line.place, token: line.token, fate, name, place: Some(("a start-up file", None)) });
    }
}

/// What gives a token to something that is started later or elsewhere.
fn places(out: &mut Vec<Entry>, snapshot: &Snapshot<'_>) {
    let mut all: Vec<&Sighting> = snapshot.state.places().sightings.iter().filter(|s| s.is_token()).collect();
    all.sort_by_key(|sighting| sighting.reaches);
    for sighting in all {
        let Some(token) = sighting.value.literal().filter(|token| is_credential(token)) else { continue };
        if out.iter().any(|e| e.source == sighting.location && e.token == *token) {
            continue;
        }
        let asleep = match sighting.reaches {
            Reaches::Session | Reaches::Environment | Reaches::Editor | Reaches::Python | Reaches::Notebook => {
                Fate::Sleeping
            }
            _ => Fate::Elsewhere,
        };
        let active = sighting.active.then(|| fate_of(out, &sighting.variable, token)).flatten();
        let asleep = if sighting.shadowed { Fate::Hidden } else { asleep };
        out.push(Entry {
            source: sighting.location.clone(),
            token: token.clone(),
            fate: active.unwrap_or(asleep),
            name: Some(sighting.variable.clone()),
            place: Some((sighting.setter, Some(sighting.reaches))),
        });
    }
}

/// What programs of other kinds use.
fn others(out: &mut Vec<Entry>, snapshot: &Snapshot<'_>) {
    let state = &snapshot.state;
    let mut elsewhere = |source: Location, token: &Token, name: Option<String>| {
        // A place that is told above.
        if !out.iter().any(|e| e.source == source && e.token == *token) {
            out.push(Entry { source, token: token.clone(), fate: Fate::Elsewhere, name, place: None });
        }
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
    for holder in state.project_files() {
        for (line, token) in &holder.tokens {
            elsewhere(Location::line(&holder.path, *line), token, None);
        }
    }
    // What a header says in clear or in base64, or a helper prints.
    for placed in &state.git().config.entries {
        let Some(value) = placed.entry.value.as_deref() else { continue };
        // `Authorization: Basic` and the pair in base64.
        let last = value.rsplit(|b| *b == b' ').next().unwrap_or_default();
        let pair = Token::new(STANDARD.decode(last).unwrap_or_default());
        for (_, token) in project_files::tokens(value).into_iter().chain(project_files::tokens(pair.bytes())) {
            elsewhere(placed.source.clone(), &token, None);
        }
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
    out.push(Entry { source, token, fate, name: None, place: None });
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

    #[test]
    fn what_stands_in_the_configuration_of_git() {
        // Varied enough not to pass for a made-up one.
        let real = |end: &str| ["hf", "_QkZ7rB2mXw9LdY4sTnVc8pGh3JfK6aEu", end].concat();
        let basic = STANDARD.encode(format!("me:{}", real("Bb")));
        let text = format!(
            "[http \"https://huggingface.co\"]\n\textraHeader = Authorization: Bearer {}\n\
             [http]\n\textraHeader = Authorization: Basic {basic}\n\
             [credential]\n\thelper = \"!f() {{ echo password={}; }}; f\"\n\thelper = store\n",
            real("Aa"),
            real("Cc")
        );
        let fake = Fake::home().file("/home/u/.gitconfig", text);
        let found = map(&Snapshot::new(State::new(&fake)));
        let told: Vec<(Option<u32>, &str)> = found.iter().map(|e| (e.source.line_number(), e.fate.word())).collect();
        assert_eq!(told, [(Some(2), "elsewhere"), (Some(4), "elsewhere"), (Some(6), "elsewhere")]);
        assert!(found.iter().all(|e| e.token.is_shaped()));
    }

    #[test]
    fn what_no_shell_gets() {
        let real = |end: &str| ["hf", "_QkZ7rB2mXw9LdY4sTnVc8pGh3JfK6aEu", end].concat();
        let text = format!(
            "export HF_TOKEN={a}\nif [ -n \"$SSH_TTY\" ]; then\n  export HF_TOKEN={b}\nfi\nwork() {{ export HF_TOKEN={c}; }}\n\
             alias hf-work='HF_TOKEN={d} hf'\n# export HF_TOKEN={e}\n# for example export HF_TOKEN=hf_xxxxxxxxxxxxxxxxxxxx\n",
            a = real("Aa"),
            b = real("Bb"),
            c = real("Cc"),
            d = real("Dd"),
            e = real("Ee"),
        );
        let fake = Fake::home().file("/home/u/.bashrc", text);
        assert_eq!(map(&Snapshot::new(State::new(&fake))).len(), 1);
        let found = all(&Snapshot::new(State::new(&fake)));
        let told: Vec<Option<u32>> = found.iter().map(|e| e.source.line_number()).collect();
        assert_eq!(told, [1, 3, 5, 6, 7].map(Some));
        assert!(found.iter().all(|e| e.fate == Fate::Sleeping));
    }

    #[test]
    fn what_is_in_effect_asleep_and_shadowed() {
        let (a, b, c) = (token('A'), token('B'), token('C'));
        let settings = "/home/u/.config/VSCodium/User/settings.json";
        let fake = Fake::home()
            .var("HF_TOKEN", &a)
            .file("/home/u/.bashrc", format!("export HF_TOKEN={b}\nexport HF_TOKEN={a}\n"))
            .file("/home/u/.zshrc", format!("export HF_TOKEN={c}\n"))
            .file("/home/u/.cache/huggingface/token", &b)
            .file(settings, format!("{{\"terminal.integrated.env.linux\": {{\"HF_TOKEN\": \"{c}\"}}}}"));
        let found = map(&Snapshot::new(State::new(&fake)));
        let told: Vec<(String, &str)> = found
            .iter()
            .map(|e| match &e.source {
                Location::File { path, line } => (format!("{}:{}", path.display(), line.unwrap_or(0)), e.fate.word()),
                _ => (e.name.clone().unwrap_or_default(), e.fate.word()),
            })
            .collect();
        let mut want = vec![
            (String::new(), "sent"),
            ("/home/u/.cache/huggingface/token:1".to_owned(), "hidden"),
            ("/home/u/.bashrc:1".to_owned(), "hidden"),
            ("/home/u/.bashrc:2".to_owned(), "sent"),
            ("/home/u/.zshrc:1".to_owned(), "sleeping"),
        ];
        want.extend(cfg!(target_os = "linux").then(|| (format!("{settings}:1"), "sleeping")));
        assert_eq!(told, want);
    }
}
