//! The environment of a program that is to have exactly one credential, or none.
//!
//! Every way in which a client of the tables finds a credential without being told is either given this one or closed:
//! the token variables of all clients, the token file, the login in the browser's way (OIDC), netrc, git's helpers and
//! headers, the user part of the endpoint. What cannot be closed by an environment (a file in the home directory that a
//! client reads whatever is set) is found by asking the tables again for that environment, and said.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use crate::clients::Outcome;
use crate::clients::clean::Clean;
use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::model::{HubPath, Step};
use crate::clients::version::Version;
use crate::clients::{comfy, endpoint, paths, shape};
use crate::output::{sanitize, text};
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::state::isolation::MARK;
use crate::state::stored_tokens;
use crate::state::variables::{self, Holds, OLD};
use crate::system::overlay::Overlay;
use crate::system::path::absolute;
use crate::system::{CREDENTIAL_LIMIT, Changes, System};

mod git;
mod netrc;
pub use netrc::Netrc;

/// The credential that a program is given.
#[derive(Debug, Default)]
pub struct Given {
    /// The token; `None`: the program goes out anonymous.
    pub token: Option<Token>,
    /// Where a login of the program goes, and where huggingface_hub renews the token; `None`: nowhere that stays.
    pub file: Option<PathBuf>,
    /// A directory that holds this credential alone, for clients that only know `HF_HOME`.
    pub home: Option<PathBuf>,
    /// The model cache to share, where `home` was made for such clients from the start.
    pub cache: Option<PathBuf>,
}

/// The environment, and what has to be there before the program starts.
#[derive(Debug)]
pub struct Child {
    /// Variables to set or to unset.
    pub changes: Changes,
    /// What becomes of netrc.
    pub netrc: Netrc,
    /// A directory to make, with links in it to what is shared.
    pub directory: Option<(PathBuf, Vec<(&'static str, PathBuf)>)>,
    /// Whether an empty token file has to stand in it.
    pub empty_token: bool,
    /// Clients here that find another credential all the same, each with what it does.
    pub defeated: Vec<String>,
}

/// Variables in which a client keeps what is under `HF_HOME`, and where.
const CACHES: [(&str, &str); 6] = [
    ("HF_ASSETS_CACHE", "assets"),
    ("HF_DATASETS_CACHE", "datasets"),
    ("HF_METRICS_CACHE", "metrics"),
    ("HF_EVALUATE_CACHE", "evaluate"),
    ("HF_MODULES_CACHE", "modules"),
    ("HF_XET_CACHE", "xet"),
];
/// What has no variable of its own there: accelerate's configuration.
pub const LINKED: [&str; 1] = ["accelerate"];
/// What has one, which a shell's hook does not set.
pub const SHARED: [&str; 6] = ["assets", "datasets", "metrics", "evaluate", "modules", "xet"];
/// hflint's own words to itself, and what a shell's hook applied.
const OWN: [&str; 5] = ["HFLINT_FD", "HFLINT_STATE", "HFLINT_SUBSHELL", "HFLINT_READONLY", MARK];

/// The token of a file, as huggingface_hub cleans it; `None` where there is none in it.
pub fn token_of(system: &dyn System, path: &Path) -> Result<Option<Token>, crate::system::ReadError> {
    match system.read(path, CREDENTIAL_LIMIT) {
        Ok(content) => {
            let token = Token::new(Clean::Hub.apply(&content.bytes));
            Ok((!token.bytes().is_empty()).then_some(token))
        }
        Err(crate::system::ReadError::NotFound) => Ok(None),
        Err(why) => Err(why),
    }
}

/// The environment for a credential. `nowhere`: a path that is there for this program alone, and does not exist yet.
pub fn child(snapshot: &Snapshot<'_>, given: &Given, nowhere: &Path) -> Child {
    let state = &snapshot.state;
    let mut child = Child {
        changes: Changes::new(),
        netrc: netrc::neutral(state),
        directory: None,
        empty_token: false,
        defeated: Vec::new(),
    };
    tokens(&mut child, state, given);
    let file = given.file.clone().unwrap_or_else(|| nowhere.join("token"));
    set(&mut child, "HF_TOKEN_PATH", file);
    git::configure(&mut child.changes, state, given.token.as_ref());
    if given.token.is_none() {
        // Clients that fall back to another file than the one named (hf-hub 1.0) ask this first.
        set(&mut child, "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
        home(&mut child, snapshot, given, nowhere);
    } else {
        unset(&mut child, "HF_HUB_DISABLE_IMPLICIT_TOKEN");
        if given.cache.is_some() || other_login(state, given) || !defeated(snapshot, given, &child.changes).is_empty() {
            home(&mut child, snapshot, given, nowhere);
        }
    }
    child.defeated = defeated(snapshot, given, &child.changes);
    child
}

fn set(child: &mut Child, name: &str, value: impl AsRef<OsStr>) {
    child.changes.insert(name.into(), Some(value.as_ref().to_owned()));
}

fn unset(child: &mut Child, name: &str) {
    child.changes.insert(name.into(), None);
}

/// Token variables, and what comes before them.
fn tokens(child: &mut Child, state: &State<'_>, given: &Given) {
    // A token that is past its end and can be renewed is renewed only where huggingface_hub finds it in the file.
    let token = given.token.as_ref().filter(|token| !is_to_be_renewed(state, given, token));
    let value = token.map(|t| OsString::from_vec(t.bytes().to_vec()));
    // Those who load a `.env` leave alone what is set, also where it is empty (python-dotenv, uv, node).
    let in_dotenv = |name: &str| state.dotenv().and_then(|d| d.get(name)).is_some();
    for variable in variables::ALL {
        let current = state.var(variable.name);
        let held = current.as_ref().map(|v| v.as_bytes());
        let change = match variable.holds {
            _ if variable.is_official() => value.clone().or_else(|| in_dotenv(variable.name).then(OsString::new)),
            Holds::Token | Holds::OwnToken if current.is_some() => value.clone(),
            Holds::Token | Holds::OwnToken if in_dotenv(variable.name) => Some(value.clone().unwrap_or_default()),
            // A key of another service stays, and so do the tokens of other hosts.
            Holds::AnyKey if variable.name == "HF_PASS" => None,
            Holds::AnyKey if held.is_some_and(|v| shape::read(v).shape.is_token()) => value.clone(),
            Holds::Inside if held.is_some_and(holds_token) => None,
            _ => continue,
        };
        child.changes.insert(variable.name.into(), change);
    }
    // A legacy file decides for releases before 0.20 of which the variable is unset, and is copied by some of them.
    if value.is_none() && reads_legacy(state) {
        set(child, OLD, "");
    }
    for name in ["HF_USER", "HF_OIDC_RESOURCE", "HF_OIDC_ID_TOKEN"].iter().chain(&OWN) {
        unset(child, name);
    }
    // A shell that the program is, or starts, keeps the credential that was asked for.
    set(child, "HFLINT", "0");
    if (state.var("HF_API_TOKEN").is_none() || value.is_none()) && comfy::has_token(state) {
        // comfy-cli takes the token of its own configuration unless the variable is there.
        set(child, "HF_API_TOKEN", value.unwrap_or_default());
    }
    if let Some(plain) = state.var("HF_ENDPOINT").and_then(|e| without_user(e.as_bytes())) {
        set(child, "HF_ENDPOINT", OsStr::from_bytes(&plain));
    }
}

/// Whether the Hub's name for a token stands anywhere in a larger text.
fn holds_token(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    crate::secret::mask_text(&text) != text
}

/// Whether huggingface_hub 1.20 and newer would renew the token, which it does for one in the file only.
fn is_to_be_renewed(state: &State<'_>, given: &Given, token: &Token) -> bool {
    let Some(stored) = given.file.as_ref().map(|file| file.with_file_name("stored_tokens")) else { return false };
    stored_tokens::read(state, &stored, HUGGINGFACE_HUB.newest).is_some_and(|stored| {
        let mut active = stored.active(token);
        active.any(|s| s.refreshable && s.expires_at.is_some_and(|at| at <= state.system.now() + 60))
    })
}

/// Whether another login lies where clients look that know no variable but `HF_HOME` (hf-hub up to 0.5, tokenizers).
/// Where there is none `HF_HOME` stays: moving it also moves what has no variable of its own.
fn other_login(state: &State<'_>, given: &Given) -> bool {
    let file = Path::new(&paths::hub_home(state.system, true)).join("token");
    token_of(state.system, &file).is_ok_and(|login| login.is_some() && login != given.token)
}

/// Whether there is a `~/.huggingface/token`, and perhaps a release that reads it.
fn reads_legacy(state: &State<'_>) -> bool {
    let legacy = PathBuf::from(paths::hub_token(state.system, HubPath::Legacy));
    if state.system.stat(&legacy).is_err() {
        return false;
    }
    let python = state.packages().python.as_ref();
    let hub = python.and_then(|p| p.packages.iter().find(|p| p.name == "huggingface-hub"));
    hub.is_none_or(|hub| hub.version < Version::first_of(0, 20, 0))
}

/// A URL without `user:password@`; `None` where there is none in it.
fn without_user(url: &[u8]) -> Option<Vec<u8>> {
    let start = url.windows(3).position(|w| w == b"://")? + 3;
    let end = url[start..].iter().position(|b| b"/?#".contains(b)).map_or(url.len(), |i| start + i);
    let at = start + url[start..end].iter().rposition(|&b| b == b'@')?;
    Some([&url[..start], &url[at + 1..]].concat())
}

/// Moves `HF_HOME` to where nothing but the credential stands, and keeps the caches where they are.
fn home(child: &mut Child, snapshot: &Snapshot<'_>, given: &Given, nowhere: &Path) {
    let state = &snapshot.state;
    let own = absolute(state.system, Path::new(&paths::hub_home(state.system, true)));
    let home = given.home.clone().unwrap_or_else(|| nowhere.to_owned());
    let is_there = |name: &&str| state.system.stat(&own.join(name)).is_ok();
    let links = LINKED.iter().copied().filter(is_there).map(|name| (name, own.join(name))).collect();
    child.empty_token = given.token.is_none() && given.home.is_none() && reads_legacy(state);
    child.directory = Some((home.clone(), links));
    let hub = given.cache.clone().unwrap_or_else(|| hub_cache(state.system));
    for name in ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"] {
        set(child, name, hub.clone());
    }
    for (name, below) in CACHES {
        if state.var(name).is_none() {
            set(child, name, own.join(below));
        }
    }
    set(child, "HF_HOME", home);
}

/// Where huggingface_hub keeps models: absolute, so that releases that expand nothing find it too.
pub fn hub_cache(system: &dyn System) -> PathBuf {
    let given = ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"].iter().find_map(|name| system.var(name));
    let path = given.map_or_else(
        || Path::new(&paths::hub_home(system, true)).join("hub"),
        |given| {
            let tilde = crate::system::home::expanduser(system, &given);
            PathBuf::from(crate::system::home::expandvars(system, &tilde))
        },
    );
    absolute(system, &path)
}

/// What the clients here would send in this environment, where it is not what was asked for.
fn defeated(snapshot: &Snapshot<'_>, given: &Given, changes: &Changes) -> Vec<String> {
    let over = Overlay::new(snapshot.state.system, changes.clone());
    let inside = Snapshot::new(State::new(&over));
    let user = snapshot.state.system.var("HOME");
    let mut out = Vec::new();
    for client in inside.here() {
        let title = format!("{} {}", client.instance.client.title, client.instance.version);
        let place = |at| text::location(at, &inside.state, user.as_deref());
        let from = client.answer.source.as_ref().map(place).unwrap_or_default();
        out.push(match (&client.answer.outcome, &given.token) {
            (Outcome::Token(sent), Some(given)) if sent == given => continue,
            (Outcome::Token(sent), _) if sent.is_blank() => format!("{title} sends an empty token"),
            (Outcome::Token(sent), _) => format!("{title} sends {} from {from} whatever is set", sent.masked()),
            (Outcome::Anonymous, Some(_)) if client.instance.steps().iter().any(|s| matches!(s, Step::File { .. })) => {
                format!("{title} reads none of the places that can be set, and sends nothing")
            }
            _ => continue,
        });
    }
    out.into_iter().map(|line| sanitize::line(&line)).collect()
}

/// The address that huggingface_hub talks to here, without a user part.
fn hub(state: &State<'_>) -> String {
    let url = endpoint::hub(state.system, HUGGINGFACE_HUB.newest);
    without_user(url.as_bytes()).and_then(|plain| String::from_utf8(plain).ok()).unwrap_or(url)
}

/// The host of a URL, in lower case, without its port.
fn host(url: &str) -> String {
    endpoint::split(url).map(|s| s.host).unwrap_or_default()
}
