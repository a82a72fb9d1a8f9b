//! What the rules about several sources share: the places that hold a credential here, and who is sent.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::model::{HubPath, Place, Step};
use crate::clients::version::Version;
use crate::clients::{Candidate, Instance, paths, shape};
use crate::finding::Location;
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::system::home::expanduser;
use crate::system::path::{absolute, pathlib};

/// A variable's value as huggingface_hub cleans it; `None` where nothing is left.
pub(super) fn variable(state: &State<'_>, name: &str) -> Option<Token> {
    let value = state.var(name)?;
    let token = Token::new(crate::clients::clean::Clean::Hub.apply(value.as_encoded_bytes()));
    (!token.bytes().is_empty()).then_some(token)
}

/// The token of a file as huggingface_hub cleans it, with its place.
pub(super) fn file(state: &State<'_>, path: &Path) -> Option<Candidate> {
    let content = state.credential(path);
    let bytes = &content.as_ref().as_ref().ok()?.bytes;
    let token = Token::new(crate::clients::clean::Clean::Hub.apply(bytes));
    let source = Location::line(absolute(state.system, path), 1);
    (!token.bytes().is_empty()).then_some(Candidate { token, source })
}

/// Where the login is for the huggingface_hub that counts here.
pub(super) fn login_path<'s>(snapshot: &'s Snapshot<'_>) -> &'s Path {
    snapshot.login.get_or_init(|| find_login(snapshot))
}

fn find_login(snapshot: &Snapshot<'_>) -> PathBuf {
    let model = HUGGINGFACE_HUB.model_at(snapshot.hub_version());
    let rule = model.steps.iter().find_map(|s| match s {
        Step::File { at: Place::Hub(rule), .. } => Some(*rule),
        _ => None,
    });
    pathlib(&paths::hub_token(snapshot.state.system, rule.unwrap_or(HubPath::Expanded)))
}

/// Where the login is when no variable points elsewhere.
pub(super) fn default_path(state: &State<'_>) -> PathBuf {
    pathlib(&expanduser(state.system, OsStr::new("~/.cache/huggingface/token")))
}

/// `~/.huggingface/token`.
pub(super) fn legacy_path(state: &State<'_>) -> PathBuf {
    pathlib(&expanduser(state.system, OsStr::new("~/.huggingface/token")))
}

/// The variables that move the login here, as set.
pub(super) fn moving_variables(snapshot: &Snapshot<'_>) -> Vec<&'static str> {
    let version = snapshot.hub_version();
    ["HF_TOKEN_PATH", "HF_HOME", "XDG_CACHE_HOME"]
        .into_iter()
        .filter(|name| *name != "HF_TOKEN_PATH" || version >= Version::first_of(0, 23, 0))
        .filter(|name| snapshot.state.var(name).is_some())
        .collect()
}

/// The names that a client asks in the environment for a token.
pub(crate) fn names_read(instance: &Instance) -> Vec<&'static str> {
    instance
        .steps()
        .iter()
        .filter_map(|s| match s {
            Step::Env { names, .. } => Some(names.iter().copied()),
            _ => None,
        })
        .flatten()
        .collect()
}

/// The first release whose login is `~/.cache/huggingface/token`; `HF_HOME` and `XDG_CACHE_HOME` move it from then on.
pub(super) const TODAYS_LOGIN: Version = Version::first_of(0, 12, 0);

/// Whether the huggingface_hub that counts here reads the login where `hf auth login` of today leaves it.
pub(super) fn reads_todays_login(snapshot: &Snapshot<'_>) -> bool {
    snapshot.hub_version() >= TODAYS_LOGIN
}

/// Whether some client here takes its token, or would, from this file.
pub(super) fn is_read(snapshot: &Snapshot<'_>, at: &Location) -> bool {
    snapshot
        .here()
        .iter()
        .any(|r| r.answer.source.as_ref() == Some(at) || r.answer.hides.iter().any(|h| h.source == *at))
}

/// How a person would call a client at its release.
pub(super) fn called(instance: &Instance) -> String {
    format!("{} {}", instance.client.title, instance.version)
}

/// The names under which `hf auth login` stored a token.
pub(super) fn stored_name(snapshot: &Snapshot<'_>, token: &Token) -> Option<String> {
    let path = paths::hub_stored_tokens(snapshot.state.system, HubPath::Expanded);
    let stored = crate::state::stored_tokens::read(&snapshot.state, &path, HUGGINGFACE_HUB.newest)?;
    stored.tokens.iter().find(|s| s.token == *token).map(|s| s.name.clone())
}

/// The token without what clings to it by accident. Two values that differ in dirt alone are one token, and the dirt
/// is HF203.
pub(super) fn core(token: &Token) -> Vec<u8> {
    shape::read(token.bytes()).token.as_ref().unwrap_or(token).bytes().to_vec()
}

/// Whether two values are different tokens, and not one token with dirt.
pub(super) fn are_two(a: &Token, b: &Token) -> bool {
    a != b && !a.is_blank() && !b.is_blank() && core(a) != core(b)
}

/// Whether the place of the login hangs on the current directory or on text that was never expanded: HF306 and HF502
/// say so, and what follows from it is the same fact.
pub(super) fn login_path_is_unsound(snapshot: &Snapshot<'_>) -> bool {
    !login_path(snapshot).is_absolute()
}
