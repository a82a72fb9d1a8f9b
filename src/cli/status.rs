//! `hflint status`: which token each client sends here.

use clap::Args;

use super::{Error, Format, Global, Outcome, did_you_mean, health, print};
use crate::clients::version::Version;
use crate::clients::{Answer, Instance, all, by_name, resolve};
use crate::output::{json, sanitize, text};
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::system::System;

/// Options of `status`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// answer for this client, installed or not; repeatable
    #[arg(long = "client", value_name = "NAME[@VERSION]")]
    pub clients: Vec<String>,
    /// add a fingerprint of each token (SHA-256, 16 digits), to compare machines without showing tokens
    #[arg(long)]
    pub fingerprint: bool,
    /// every place that holds a credential, in effect or not
    #[arg(long)]
    pub all: bool,
    /// the caches of models: where, how large, which variable put each there, what is shadowed
    #[arg(long)]
    pub caches: bool,
}

/// What the options ask to see.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// Fingerprints of the tokens.
    pub fingerprint: bool,
    /// The map of all places.
    pub all: bool,
    /// The caches of models.
    pub caches: bool,
    /// Where clients are installed.
    pub verbose: bool,
}

/// It only looks: what it saw is not written into the record, as `check` does.
pub(super) fn run(options: &Options, global: &Global, system: &dyn System) -> Outcome {
    let snapshot = Snapshot::new(State::new(system));
    let instances = if options.clients.is_empty() {
        snapshot.shown()
    } else {
        options.clients.iter().map(|c| asked(c).map(|i| beside(i, &snapshot))).collect::<Result<_, _>>()?
    };
    let answers: Vec<(Instance, Answer)> = instances
        .into_iter()
        .map(|i| {
            let answer = resolve(&snapshot.state, &i);
            (i, answer)
        })
        .collect();
    let shown =
        Shown { fingerprint: options.fingerprint, all: options.all, caches: options.caches, verbose: global.verbose };
    match global.format {
        Format::Json => print(&json::status(&answers, &snapshot, &shown)?)?,
        Format::Text => {
            let mut out = text::status(&answers, &snapshot, &shown);
            if global.verbose {
                out.push('\n');
                out.push_str(&health::section(system));
            }
            print(&out)?;
        }
    }
    Ok(0)
}

/// A client that asks huggingface_hub asks the one that is installed here, whether it is installed itself or not; any
/// release would run on the libraries here.
fn beside(mut instance: Instance, snapshot: &Snapshot<'_>) -> Instance {
    if let Some(hub) = snapshot.hub() {
        if !instance.is_hub() {
            instance.hub = hub.instance.version;
        }
        instance.httpx = hub.instance.httpx;
        instance.tqdm = hub.instance.tqdm;
    }
    instance
}

/// `NAME` or `NAME@VERSION`.
fn asked(text: &str) -> Result<Instance, Error> {
    let (name, version) = match text.split_once('@') {
        // npm's scoped names begin with an at sign.
        Some(("", rest)) => match rest.split_once('@') {
            Some((scoped, version)) => (&text[..=scoped.len()], Some(version)),
            None => (text, None),
        },
        Some((name, version)) => (name, Some(version)),
        None => (text, None),
    };
    let Some(client) = by_name(name) else {
        let known = all().flat_map(|c| std::iter::once(c.name).chain(c.aliases.iter().copied()));
        let hint = did_you_mean(name, known);
        return Err(Error::Usage(format!("unknown client '{}'{hint}", sanitize::line(name))));
    };
    let Some(version) = version else {
        return Ok(Instance::newest(client));
    };
    let version: Version =
        version.parse().map_err(|e| Error::Usage(format!("'{}' of client '{name}': {e}", sanitize::line(version))))?;
    Ok(Instance::new(client, version))
}
