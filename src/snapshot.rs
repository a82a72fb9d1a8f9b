//! What the rules see: the state, and what each client here makes of it.

use std::cell::OnceCell;
use std::path::PathBuf;

use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::model::{Found, Step};
use crate::clients::version::Version;
use crate::clients::{Answer, Instance, by_name, registry, resolve};
use crate::config::{Config, Tally};
use crate::finding::Severity;
use crate::rules::endpoints::Target;
use crate::rules::values::Value;
use crate::state::State;

/// A client and its answer.
#[derive(Debug)]
pub struct Resolved {
    /// The client at its release.
    pub instance: Instance,
    /// What it would send here.
    pub answer: Answer,
}

/// The state and the answers, each made once.
pub struct Snapshot<'a> {
    /// What is true on this machine.
    pub state: State<'a>,
    /// The settings in force.
    pub config: Config,
    /// Whether only what the prompt would show is wanted: what a rule would find beyond need not be looked for.
    pub at_prompt: bool,
    /// Which of the accepted findings were met so far.
    pub ignores: Tally,
    /// What stands where the clients here look.
    pub(crate) values: OnceCell<Vec<Value>>,
    /// Where the login is for the huggingface_hub that counts here.
    pub(crate) login: OnceCell<PathBuf>,
    /// Where the token goes here.
    pub(crate) target: OnceCell<Option<Target>>,
    installed: OnceCell<Vec<Resolved>>,
    newest: OnceCell<Resolved>,
}

impl<'a> Snapshot<'a> {
    /// A snapshot of a state.
    pub fn new(state: State<'a>) -> Self {
        Self {
            state,
            config: Config::default(),
            at_prompt: false,
            ignores: Tally::default(),
            values: OnceCell::new(),
            login: OnceCell::new(),
            target: OnceCell::new(),
            installed: OnceCell::new(),
            newest: OnceCell::new(),
        }
    }

    /// The same under other settings than the defaults.
    #[must_use]
    pub fn with_config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// The same for the prompt alone.
    #[must_use]
    pub fn at_prompt(mut self) -> Self {
        self.at_prompt = true;
        self
    }

    /// Whether a finding of this severity would be shown.
    pub fn shows(&self, severity: Severity) -> bool {
        !self.at_prompt || severity >= self.config.min_severity.value
    }

    /// The clients that are installed here, with their answers.
    pub fn installed(&self) -> &[Resolved] {
        self.installed.get_or_init(|| {
            installed(&self.state)
                .into_iter()
                .map(|instance| Resolved { answer: resolve(&self.state, &instance), instance })
                .collect()
        })
    }

    /// The newest huggingface_hub, installed or not: what a fresh environment would send.
    pub fn newest_hub(&self) -> &Resolved {
        self.newest.get_or_init(|| {
            let instance = Instance::newest(&HUGGINGFACE_HUB);
            Resolved { answer: resolve(&self.state, &instance), instance }
        })
    }

    /// The installed huggingface_hub.
    pub fn hub(&self) -> Option<&Resolved> {
        self.installed().iter().find(|r| r.instance.is_hub())
    }

    /// The release of huggingface_hub that counts here: the installed one, else the newest.
    pub fn hub_version(&self) -> Version {
        self.hub().map_or(HUGGINGFACE_HUB.newest, |r| r.instance.version)
    }

    /// The huggingface_hub that counts here: the installed one, else the newest.
    pub fn hub_or_newest(&self) -> &Resolved {
        self.hub().unwrap_or_else(|| self.newest_hub())
    }

    /// The clients that count here: those installed, and the newest huggingface_hub where none of its releases is.
    pub fn here(&self) -> Vec<&Resolved> {
        let newest = self.hub().is_none().then(|| self.newest_hub());
        self.installed().iter().chain(newest).collect()
    }

    /// The clients that `status` shows by itself: those installed, and the newest of the four that most things use.
    pub fn shown(&self) -> Vec<Instance> {
        let mut shown: Vec<Instance> = self.installed().iter().map(|r| r.instance.clone()).collect();
        for name in ["huggingface_hub", "hf-hub", "hfjs-cli", "git"] {
            if let Some(client) = by_name(name) {
                let newest = Instance::newest(client);
                if !shown.iter().any(|i| i.client.name == name && i.version == newest.version) {
                    shown.push(newest);
                }
            }
        }
        shown
    }
}

fn installed(state: &State<'_>) -> Vec<Instance> {
    let packages = state.packages();
    let python = packages.python.as_ref().map_or(&[][..], |p| &p.packages);
    let httpx = python.iter().find(|p| p.name == "httpx").map(|p| p.version);
    let tqdm = python.iter().find(|p| p.name == "tqdm").map(|p| p.version);
    let hub = python.iter().find(|p| p.name == "huggingface-hub").map(|p| p.version);
    let mut out = Vec::new();
    for client in registry::all() {
        let (list, names) = match &client.found {
            Found::Python(name) => (python, std::slice::from_ref(name)),
            Found::Node(names) => (packages.node.as_slice(), *names),
            Found::Crate(name) => (packages.crates.as_slice(), std::slice::from_ref(name)),
            Found::Nowhere => continue,
        };
        for package in list.iter().filter(|p| names.contains(&p.name.as_str())) {
            let mut instance = Instance::new(client, package.version);
            // What only asks huggingface_hub says nothing of its own.
            if matches!(instance.model.steps, [Step::Hub]) {
                continue;
            }
            instance.installed_at = Some(package.at.clone());
            instance.hub = hub.unwrap_or(instance.hub);
            instance.httpx = httpx;
            instance.tqdm = tqdm;
            out.push(instance);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn a_package_is_found_by_the_name_that_it_had() {
        for (name, version) in
            [("@huggingface/transformers", Version::new(3, 8, 0)), ("@xenova/transformers", Version::new(2, 17, 2))]
        {
            let manifest = format!("/home/u/node_modules/{name}/package.json");
            let fake = Fake::home().file(&manifest, format!("{{\"name\": \"{name}\", \"version\": \"{version}\"}}"));
            let snapshot = Snapshot::new(State::new(&fake));
            let found: Vec<_> =
                snapshot.installed().iter().map(|r| (r.instance.client.name, r.instance.version)).collect();
            assert_eq!(found, [("transformersjs", version)], "{name}");
        }
    }
}
