//! Files of variables in the project: `.env` and its kin. Which loader reads one is not known; where they disagree the
//! value told is that of the first which gets one, python-dotenv before all.

use std::path::Path;

use super::{Cure, Found, Reaches, Sighting, Value, is_here, named_in};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::dotenv;
use crate::state::dotenv::loaders::{LOADERS, Loader, Reading};

const SETTER: &str = "a file of variables";

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    for path in dotenv::files(state.system) {
        file(state, found, &path, LOADERS, (SETTER, Reaches::Project));
    }
}

/// One file, as these loaders read it.
pub(super) fn file(
    state: &State<'_>,
    found: &mut Found,
    path: &Path,
    loaders: &[Loader],
    as_: (&'static str, Reaches),
) {
    let Some(text) = found.read_naming(state, path) else { return };
    let names = named_in(text.bytes());
    let mut open: Vec<(&str, Option<(Token, u32)>)> = names.iter().map(|n| (*n, None)).collect();
    for loader in loaders {
        if open.iter().all(|(_, found)| found.is_some()) {
            break;
        }
        let readings = loader.readings(state.system, path, text.bytes(), &names);
        for ((_, slot), reading) in open.iter_mut().zip(readings) {
            if let (None, Reading::Set(token, line)) = (&slot, reading) {
                *slot = Some((token, line));
            }
        }
    }
    for (name, read) in open {
        // An empty value gives nothing: that it may hide another is the business of the rules.
        let Some((token, line)) = read.filter(|(token, _)| !token.is_blank()) else { continue };
        let value = Value::Token(token);
        let active = is_here(state, name, &value);
        let (setter, reaches) = as_;
        let cure = Cure::CommentLine;
        let sighting = Sighting::new(name, value, Location::line(path, line), setter, reaches);
        found.add(Sighting { active, cure, ..sighting });
    }
}
