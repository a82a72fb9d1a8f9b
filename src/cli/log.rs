//! `hflint log`: the record of the tokens here; and what the other commands write into it.

use super::{Error, Format, Global, Outcome, print};
use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::model::HubPath;
use crate::clients::paths;
use crate::map::map;
use crate::output::{log as shown, sanitize};
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::state::record::{self, Place, Sighting};
use crate::state::stored_tokens;
use crate::system::System;

pub(super) fn run(global: &Global, system: &dyn System) -> Outcome {
    let record = record::load(system)
        .map_err(|(path, why)| Error::Usage(format!("the record {}: {why}", sanitize::json_path(&path))))?;
    let snapshot = Snapshot::new(State::new(system));
    // A token is shown by what still stands here: the record itself could not tell it.
    let known: Vec<(String, String)> = if record.events().next().is_some() {
        let all = map(&snapshot).into_iter().filter(|e| e.token.is_shaped());
        all.filter_map(|e| Some((record.id(&e.token)?, e.token.masked()))).collect()
    } else {
        Vec::new()
    };
    print(&match global.format {
        Format::Json => shown::json(&record, &known)?,
        Format::Text => shown::text(&record, &known, system),
    })?;
    Ok(0)
}

/// Writes down which tokens the clients here find, and where, as far as that is news. `system` is the machine itself: one
/// that remembers what it read would not see what another process wrote in between.
pub(super) fn observe(snapshot: &Snapshot<'_>, system: &dyn System) {
    let state = &snapshot.state;
    let mut all: Vec<Sighting> = Vec::new();
    for client in snapshot.here() {
        let answer = &client.answer;
        let sent = answer.outcome.token().zip(answer.source.as_ref());
        for (token, source) in sent.into_iter().chain(answer.hides.iter().map(|h| (&h.token, &h.source))) {
            let place = Place::of(source, None);
            all.extend(place.map(|place| Sighting { token: token.clone(), place }));
        }
    }
    let stored = paths::hub_stored_tokens(state.system, HubPath::Expanded);
    if let Some(stored) = stored_tokens::read(state, &stored, HUGGINGFACE_HUB.newest) {
        for one in &stored.tokens {
            let place = Place::of(&stored.location(one), Some(&one.name));
            all.extend(place.map(|place| Sighting { token: one.token.clone(), place }));
        }
    }
    record::observe(system, &all);
}
