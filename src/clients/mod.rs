//! What each client reads, in which order, since which release: tables, and the evaluator that walks them.

use std::path::PathBuf;

use crate::finding::Location;
use crate::secret::Token;

pub mod apps;
mod beside;
pub mod clean;
pub mod comfy;
pub mod duckdb;
pub mod endpoint;
pub mod eval;
pub mod git;
pub mod git_lfs;
pub mod git_xet;
pub mod hosts;
pub mod hub;
pub mod js;
pub mod model;
pub mod native;
mod oidc;
pub mod paths;
pub mod python;
pub mod python_number;
mod python_write;
pub mod registry;
pub mod rust;
pub mod rust_url;
pub mod shape;
pub mod skypilot;
pub mod tools;
mod tqdm;
pub mod version;
mod vllm_cli;
pub mod xinference;

pub use eval::resolve;
pub use registry::{all, by_name};

pub use model::Step;
use model::{Client, Model, Wire};
use version::Version;

/// A client at one release, installed here or asked for by name.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Which.
    pub client: &'static Client,
    /// The stretch of releases that it falls into.
    pub model: &'static Model,
    /// Its release; `None` where it was asked for without one, which means the newest.
    pub version: Version,
    /// The release that it was answered as, where it is newer than the newest known.
    pub modelled_as: Option<Version>,
    /// Where it is installed.
    pub installed_at: Option<PathBuf>,
    /// The release of huggingface_hub that it would ask: the one beside it, else the newest that its package lets in.
    pub hub: Version,
    /// The release of httpx beside it, which decides about netrc in huggingface_hub 1.x.
    pub httpx: Option<Version>,
    /// The release of tqdm beside it, which huggingface_hub imports; `None` means the newest.
    pub tqdm: Option<Version>,
}

impl Instance {
    /// A client at a release, not installed.
    pub fn new(client: &'static Client, version: Version) -> Self {
        Self {
            client,
            model: client.model_at(version),
            version,
            modelled_as: (version > client.newest).then_some(client.newest),
            installed_at: None,
            hub: beside::hub(client, version, hub::HUGGINGFACE_HUB.newest),
            httpx: None,
            tqdm: None,
        }
    }

    /// The newest known release of a client.
    pub fn newest(client: &'static Client) -> Self {
        Self::new(client, client.newest)
    }

    /// Whether it is huggingface_hub itself.
    pub fn is_hub(&self) -> bool {
        self.client.name == hub::HUGGINGFACE_HUB.name
    }

    /// Its steps, with those of huggingface_hub where it asks that; what kills an import comes first.
    pub fn steps(&self) -> Vec<&'static Step> {
        let hub = hub::HUGGINGFACE_HUB.model_at(self.hub).steps;
        let all = self.model.steps.iter().flat_map(|step| {
            let (steps, switch) = match step {
                Step::GetToken => (hub, false),
                Step::Hub | Step::HubImport => (hub, true),
                own => (std::slice::from_ref(own), true),
            };
            let import_only = matches!(step, Step::HubImport);
            steps.iter().filter(move |s| match s {
                Step::Import(_) => true,
                Step::Disable { .. } => switch && !import_only,
                _ => !import_only,
            })
        });
        let (import, mut rest): (Vec<_>, Vec<_>) = all.partition(|s| matches!(s, Step::Import(_)));
        rest.splice(0..0, import);
        rest
    }

    /// What can replace its header on the wire.
    pub fn wire(&self) -> Wire {
        match self.model.wire {
            Wire::Hub => hub::HUGGINGFACE_HUB.model_at(self.hub).wire,
            Wire::Router if hub::HUGGINGFACE_HUB.model_at(self.hub).wire != Wire::Requests => Wire::Plain,
            own => own,
        }
    }
}

impl Client {
    /// The model of a release; one that is older than all is answered as the oldest.
    pub fn model_at(&self, version: Version) -> &'static Model {
        let models: &'static [Model] = self.models;
        models.iter().rev().find(|m| m.since <= version).unwrap_or(&models[0])
    }
}

/// A token that stands somewhere, and would be sent if nothing came before it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// As it would be sent.
    pub token: Token,
    /// Where it stands.
    pub source: Location,
}

/// What a call without a token argument would put into the Authorization header.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// This token.
    Token(Token),
    /// Nothing.
    Anonymous,
    /// The client raises this class before any request.
    Error(&'static str),
    /// It would need the network, or another program, first.
    Unknown,
}

impl Outcome {
    /// The word in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::Anonymous => "anonymous",
            Self::Error(_) => "error",
            Self::Unknown => "unknown",
        }
    }

    /// The token, where one is sent.
    pub fn token(&self) -> Option<&Token> {
        match self {
            Self::Token(t) => Some(t),
            _ => None,
        }
    }
}

/// The answer for one client.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What is sent.
    pub outcome: Outcome,
    /// The place that decided: of the token, or of the fault.
    pub source: Option<Location>,
    /// A credential that the HTTP library sends in place of the token.
    pub overridden_by: Option<Location>,
    /// What would be sent if the places before it were empty, in order.
    pub hides: Vec<Candidate>,
}
