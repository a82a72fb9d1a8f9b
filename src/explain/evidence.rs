//! What this machine has to say to an error text: the findings of the rules, what the client of the log would send here,
//! and every place that holds a credential.

use std::path::PathBuf;

use super::request::Request;
use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::model::{Found, Step};
use crate::clients::shape::{self, Reading};
use crate::clients::version::Version;
use crate::clients::{Answer, Instance, Outcome, by_name, resolve};
use crate::finding::{Finding, Location};
use crate::map::{Entry, Fate, map};
use crate::output::sanitize;
use crate::rules::{RULES, When};
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::variables::{self, Holds};
use crate::system::Kind;

/// The machine's side of a case.
pub(crate) struct Evidence<'s, 'a> {
    /// The machine.
    pub(crate) snapshot: &'s Snapshot<'a>,
    /// What the rules find; of those that look deep, none.
    pub(crate) findings: Vec<Finding>,
    /// The client of the log at its release, with what it would send here; `None` for programs not in the tables.
    pub(crate) client: Option<(Instance, Answer)>,
    /// huggingface_hub at the release of the log, or else the one that counts here.
    pub(crate) hub: (Instance, Answer),
    /// Every place that holds a credential.
    pub(crate) places: Vec<Entry>,
}

impl<'s, 'a> Evidence<'s, 'a> {
    /// Gathers it.
    pub(crate) fn gather(snapshot: &'s Snapshot<'a>, request: &Request) -> Self {
        let mut findings = Vec::new();
        for rule in RULES.iter().filter(|r| r.when != When::Deep) {
            (rule.check)(snapshot, &mut findings);
        }
        let state = &snapshot.state;
        let version = hub_version(snapshot, request);
        let mut hub = Instance::new(&HUGGINGFACE_HUB, version);
        if let Some(here) = snapshot.hub() {
            hub.httpx = here.instance.httpx;
            hub.tqdm = here.instance.tqdm;
            hub.installed_at = here.instance.installed_at.clone().filter(|_| here.instance.version == version);
        }
        let hub = (resolve(state, &hub), hub);
        let client = request.client.filter(|name| *name != HUGGINGFACE_HUB.name).and_then(by_name).map(|client| {
            let of_its_own = request.version.filter(|_| client.found != Found::Nowhere && client.name == "hf-hub");
            let here = snapshot.installed().iter().find(|r| r.instance.client.name == client.name);
            let mut instance = match (of_its_own, here) {
                (Some(version), _) => Instance::new(client, version),
                (None, Some(here)) => here.instance.clone(),
                // The releases that programs were built with for years read less than the newest.
                (None, None) if client.name == "hf-hub" => Instance::new(client, Version::new(0, 4, 3)),
                (None, None) => Instance::newest(client),
            };
            instance.hub = version;
            let answer = resolve(state, &instance);
            (instance, answer)
        });
        let client =
            client.or_else(|| (request.client == Some(HUGGINGFACE_HUB.name)).then(|| (hub.1.clone(), hub.0.clone())));
        Self { snapshot, findings, client, hub: (hub.1, hub.0), places: map(snapshot) }
    }

    /// The finding of a rule.
    pub(crate) fn finding(&self, code: &str) -> Option<&Finding> {
        self.findings.iter().find(|f| f.rule.code == code)
    }

    /// What the client of the log would send here: its own answer, else that of huggingface_hub.
    pub(crate) fn answer(&self) -> &Answer {
        self.client.as_ref().map_or(&self.hub.1, |(_, answer)| answer)
    }

    /// The client of the log, else huggingface_hub.
    pub(crate) fn instance(&self) -> &Instance {
        self.client.as_ref().map_or(&self.hub.0, |(instance, _)| instance)
    }

    /// The token that would be sent here.
    pub(crate) fn sent(&self) -> Option<&Token> {
        self.answer().outcome.token()
    }

    /// Where it comes from.
    pub(crate) fn source(&self) -> Option<&Location> {
        self.answer().source.as_ref()
    }

    /// What the value is that would be sent.
    pub(crate) fn reading(&self) -> Option<Reading> {
        self.sent().map(|t| shape::read(t.bytes()))
    }

    /// A variable that holds a token of the Hub, and that the client of the log does not read.
    pub(crate) fn unread_variable(&self) -> Option<(&'static str, Location)> {
        let read = crate::rules::names_read(self.instance());
        variables::ALL.iter().filter(|v| !read.contains(&v.name)).find_map(|v| {
            let value = self.snapshot.state.var(v.name)?;
            let is_token = match v.holds {
                Holds::Token | Holds::OwnToken => !value.is_empty(),
                Holds::AnyKey => shape::read(value.as_encoded_bytes()).shape.is_token(),
                Holds::Inside => false,
            };
            is_token.then(|| (v.name, Location::variable(v.name)))
        })
    }

    /// A token file beside a cache that a variable moved: that moves the models and not the login.
    pub(crate) fn beside_cache(&self) -> Option<(Location, &'static str)> {
        let state = &self.snapshot.state;
        ["HUGGINGFACE_HUB_CACHE", "HF_HUB_CACHE", "TRANSFORMERS_CACHE"].into_iter().find_map(|name| {
            let cache = PathBuf::from(state.non_empty(name)?);
            let found = [Some(cache.as_path()), cache.parent()].into_iter().flatten().map(|d| d.join("token"));
            let token = found.filter(|p| p.is_absolute()).find(|p| {
                state.credential(p).as_ref().as_ref().is_ok_and(|c| shape::read(&c.bytes).shape.is_token())
            })?;
            Some((Location::line(token, 1), name))
        })
    }

    /// A token in a program or a notebook of this directory, other than the one that would be sent.
    pub(crate) fn in_code(&self) -> Option<Location> {
        const ENDS: [&str; 8] = [".ipynb", ".py", ".sh", ".js", ".ts", ".mjs", ".R", ".rs"];
        let system = self.snapshot.state.system;
        let dir = system.cwd()?;
        let names = system.list(&dir).ok()?;
        let code = names.iter().filter(|n| n.to_str().is_some_and(|n| ENDS.iter().any(|e| n.ends_with(e)))).take(200);
        code.map(|n| dir.join(n)).find_map(|path| {
            let content = system.read(&path, crate::system::TEXT_LIMIT).ok()?;
            let other = crate::secret::tokens_in(&content.bytes).into_iter().find(|t| Some(t) != self.sent())?;
            let line = content
                .bytes
                .split(|b| *b == b'\n')
                .position(|l| l.windows(other.bytes().len()).any(|w| w == other.bytes()));
            Some(Location::line(path, u32::try_from(line.unwrap_or(0) + 1).unwrap_or(1)))
        })
    }

    /// A token variable that is set and blank.
    pub(crate) fn blank_variable(&self) -> Option<Location> {
        let named = variables::ALL.iter().filter(|v| v.holds != Holds::AnyKey).map(|v| v.name);
        named
            .filter(|n| self.snapshot.state.var(n).is_some_and(|v| v.to_string_lossy().trim().is_empty()))
            .map(Location::variable)
            .next()
    }

    /// A place with a token that Python's huggingface_hub would send, if nothing came before it.
    pub(crate) fn usable(&self, variable: bool) -> Option<&Location> {
        let answer = &self.hub.1;
        let sent = answer.outcome.token().and(answer.source.as_ref());
        sent.into_iter()
            .chain(answer.hides.iter().map(|h| &h.source))
            .find(|at| matches!(at, Location::Variable { .. }) == variable)
    }

    /// Whether there is a token anywhere that some client would send.
    pub(crate) fn has_any_token(&self) -> bool {
        self.places.iter().any(|e| !e.token.is_blank())
    }

    /// How many different tokens this machine holds for the API, stored ones included.
    pub(crate) fn tokens(&self) -> usize {
        let mut seen: Vec<Vec<u8>> = Vec::new();
        for entry in &self.places {
            let reading = shape::read(entry.token.bytes());
            let core = reading.token.unwrap_or_else(|| entry.token.clone()).bytes().to_vec();
            if !entry.token.is_blank() && !seen.contains(&core) {
                seen.push(core);
            }
        }
        seen.len()
    }

    /// The logins stored under names, other than the one in use.
    pub(crate) fn sleeping(&self) -> impl Iterator<Item = &Entry> {
        self.places.iter().filter(|e| e.fate == Fate::Sleeping)
    }

    /// An entry of `.env` that the environment does not have, of a variable that clients read.
    pub(crate) fn dotenv(&self) -> Option<(Location, String)> {
        let dotenv = self.snapshot.state.dotenv()?;
        let moved = ["HF_HOME", "HF_TOKEN_PATH", "HF_ENDPOINT", "HF_HUB_CACHE", "XDG_CACHE_HOME"];
        let names = variables::ALL.iter().map(|v| v.name).chain(moved);
        names.filter_map(|n| dotenv.get(n)).find_map(|entry| {
            let value = entry.value.as_deref().filter(|v| !v.is_empty())?;
            let set = self.snapshot.state.var(&entry.name);
            let differs = set.is_none_or(|v| v.as_encoded_bytes() != value);
            differs.then(|| (dotenv.location(entry), entry.name.clone()))
        })
    }

    /// The entry of netrc that a requests-based client sends in place of the token.
    pub(crate) fn netrc(&self, host: &str) -> Option<Location> {
        self.snapshot.state.netrc().for_host(host).map(crate::state::netrc::Entry::location)
    }

    /// Whether the client of the log has a step of this kind.
    pub(crate) fn reads(&self, what: impl Fn(&Step) -> bool) -> bool {
        self.instance().steps().iter().any(|s| what(s))
    }

    /// The directory of a repository in the cache here.
    pub(crate) fn cached(&self, repository: &str) -> Option<PathBuf> {
        let (kind, name) = match repository.split_once('/') {
            Some((kind @ ("datasets" | "spaces"), rest)) => (kind, rest),
            _ => ("models", repository),
        };
        let system = self.snapshot.state.system;
        let cache = crate::child::hub_cache(system);
        let dir = cache.join(format!("{kind}--{}", name.replace('/', "--")));
        let filled = system.list(&dir.join("snapshots")).is_ok_and(|names| !names.is_empty());
        (filled && system.stat(&dir).is_ok_and(|s| s.kind == Kind::Dir)).then_some(dir)
    }

    /// Whether the cache here holds any repository.
    pub(crate) fn has_cache(&self) -> bool {
        let system = self.snapshot.state.system;
        let names = system.list(&crate::child::hub_cache(system)).unwrap_or_default();
        names.iter().any(|n| n.to_str().is_some_and(|n| n.contains("--")))
    }

    /// The first of these variables that is set and not empty.
    pub(crate) fn variable(&self, names: &[&'static str]) -> Option<Location> {
        names.iter().find(|n| self.snapshot.state.non_empty(n).is_some()).map(|n| Location::variable(*n))
    }

    /// Whether the environment here is that of a job.
    pub(crate) fn in_ci(&self) -> bool {
        let set = |name: &str| self.snapshot.state.non_empty(name).is_some_and(|v| v != "false" && v != "0");
        ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "JENKINS_URL", "TF_BUILD"].iter().any(|n| set(n))
    }

    /// A place as a sentence names it.
    pub(crate) fn name(&self, at: &Location) -> String {
        let home = self.snapshot.state.var("HOME");
        match at {
            Location::Variable { name } => sanitize::line(name),
            other => other.path().map_or_else(String::new, |p| sanitize::path(p, home.as_deref())),
        }
    }

    /// The token that would be sent, and from where, in a few words.
    pub(crate) fn sender(&self) -> Option<String> {
        let token = self.sent()?;
        let from = self.source().map_or_else(String::new, |at| format!(" from {}", self.name(at)));
        Some(if token.is_shaped() {
            format!("{}{from}", token.masked())
        } else {
            format!("a value that is not token-shaped{from}")
        })
    }

    /// The error that the client of the log raises here before any request.
    pub(crate) fn raises(&self) -> Option<&'static str> {
        match self.answer().outcome {
            Outcome::Error(class) => Some(class),
            _ => None,
        }
    }
}

/// The release of huggingface_hub that printed the log: written in it, or the installed one where its lines fit, or the
/// newest that fits.
fn hub_version(snapshot: &Snapshot<'_>, request: &Request) -> Version {
    let written = request.version.filter(|_| request.client.is_none_or(|c| c == HUGGINGFACE_HUB.name));
    let installed = snapshot.hub().map(|r| r.instance.version);
    match (written, request.between, installed) {
        (Some(version), ..) => version,
        (None, Some((first, last)), Some(here)) if first <= here && here <= last => here,
        (None, Some((_, last)), _) => last,
        (None, None, Some(here)) => here,
        // httpx came with 1.0.
        (None, None, None) if request.marks.requests && !request.marks.httpx => Version::new(0, 36, 2),
        (None, None, None) => HUGGINGFACE_HUB.newest,
    }
}
