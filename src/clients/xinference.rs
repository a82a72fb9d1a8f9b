//! Xinference, which gives itself another environment before it asks huggingface_hub.
//!
//! Two things move its login: `XDG_CACHE_HOME` is set to a folder of its own, so that the login of the home directory is
//! not found unless `HF_HOME` or `HF_TOKEN_PATH` names it; and the token of its settings page, or else the old variable
//! before the new one, is written over both variables, which are unset where there is none.
//! Source: `xinference/constants.py` and `core/system_settings_store.py`; both run by `tests/parity/clients/python` in
//! 4.1.0, read in 0.16.3, 1.17.1, 2.0.0, 2.1.0, 3.2.0, 3.3.0.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use super::clean::Clean;
use super::model::{Answered, Client, Found, Model, Step, Wire, Within};
use super::version::Version;
use crate::finding::Location;
use crate::state::State;
use crate::system::home::expanduser;
use crate::system::path::absolute;
use crate::system::{Kind, python_text};

/// Xinference. Run: 4.1.0.
pub static XINFERENCE: Client = Client {
    name: "xinference",
    aliases: &[],
    title: "Xinference",
    found: Found::Python("xinference"),
    newest: Version::new(4, 1, 0),
    models: &[
        // Only where its own variable names a home.
        Model {
            since: Version::first_of(0, 0, 0),
            wire: Wire::Hub,
            steps: &[
                Step::Within(|state| match state.var(HOME) {
                    Some(home) => Within { changes: cache_below(&home), ..Within::default() },
                    None => Within::default(),
                }),
                Step::Hub,
            ],
        },
        Model {
            since: Version::first_of(2, 1, 0),
            wire: Wire::Hub,
            steps: &[
                Step::Within(|state| Within { changes: cache_below(&home(state)), ..Within::default() }),
                Step::Own(needs_home),
                Step::Hub,
            ],
        },
        // The settings page.
        Model {
            since: Version::first_of(3, 3, 0),
            wire: Wire::Hub,
            steps: &[Step::Within(with_settings), Step::Own(needs_home), Step::Hub],
        },
    ],
};

const HOME: &str = "XINFERENCE_HOME";
const SETTINGS: &str = "XINFERENCE_SYSTEM_SETTINGS_PATH";
const OLD: &str = "HUGGING_FACE_HUB_TOKEN";
const NEW: &str = "HF_TOKEN";
const ENDPOINT: &str = "HF_ENDPOINT";

/// `get_xinference_home()`; an empty variable counts, and means the current directory.
fn home(state: &State<'_>) -> OsString {
    state.var(HOME).unwrap_or_else(|| {
        PathBuf::from(expanduser(state.system, OsStr::new("~"))).join(".xinference").into_os_string()
    })
}

/// `Path.home()` raises where no home directory is known.
fn needs_home(state: &State<'_>) -> Answered {
    let unknown = state.var(HOME).is_none() && home(state).as_encoded_bytes().starts_with(b"~");
    if unknown { Answered::Error("RuntimeError", Some(Location::variable("HOME"))) } else { Answered::Nothing }
}

fn cache_below(home: &OsStr) -> crate::system::Changes {
    let below = |name: &str| Some(Path::new(home).join(name).into_os_string());
    [("XDG_CACHE_HOME".into(), below("openmind_hub")), ("HUGGINGFACE_HUB_CACHE".into(), below("huggingface"))].into()
}

/// What `initialize_system_settings` leaves in the environment.
fn with_settings(state: &State<'_>) -> Within {
    let mut within = Within { changes: cache_below(&home(state)), ..Within::default() };
    let path = PathBuf::from(
        state.var(SETTINGS).unwrap_or_else(|| Path::new(&home(state)).join("system-settings.json").into_os_string()),
    );
    let started = [OLD, NEW].into_iter().find_map(|name| Some((name, state.non_empty(name)?)));
    let saved = saved(state, &path);
    let token = match saved.as_ref().and_then(|s| s.token.clone()) {
        Some(token) => Some((Location::file(absolute(state.system, &path)), token.into())),
        None => started.map(|(name, value)| (Location::variable(name), stripped(state, &value))),
    };
    let token = token.filter(|(_, value)| !value.is_empty());
    for name in [OLD, NEW] {
        within.changes.insert(name.into(), token.as_ref().map(|(_, value)| value.clone()));
        if let Some((from, _)) = &token
            && *from != Location::variable(name)
        {
            within.taken.push((name, from.clone()));
        }
    }
    let endpoint = match saved.and_then(|s| s.endpoint) {
        Some(endpoint) => Some(endpoint.into()),
        None => state.var(ENDPOINT).map(|value| stripped(state, &value)),
    };
    within.changes.insert(ENDPOINT.into(), endpoint.filter(|value| !value.is_empty()));
    within
}

/// Python's `str.strip()` of a variable.
fn stripped(state: &State<'_>, value: &OsStr) -> OsString {
    let bytes = value.as_encoded_bytes();
    let ascii = !bytes.is_ascii() && python_text::ascii_only(state.system);
    let clean = Clean::PythonStrip;
    OsString::from_vec(if ascii { clean.apply_ascii(bytes) } else { clean.apply(bytes) })
}

/// What the settings page has saved; a field that is not there keeps the value that the program started with.
#[derive(Default)]
struct Saved {
    token: Option<String>,
    endpoint: Option<String>,
}

/// `SystemSettingsStore._load_saved`: a file that is not sound throughout counts for nothing.
fn saved(state: &State<'_>, path: &Path) -> Option<Saved> {
    let system = state.system;
    if !system.stat(path).is_ok_and(|s| s.kind == Kind::File) {
        return None;
    }
    let content = system.read(path, crate::system::TEXT_LIMIT).ok()?;
    let root: serde_json::Value = serde_json::from_slice(&content.bytes).ok()?;
    // Python's `!= 1`, to which `1.0` and `true` are equal.
    let version = root.get("version")?;
    let is_one = version.as_f64().is_some_and(|n| n.to_bits() == 1_f64.to_bits()) || version.as_bool() == Some(true);
    is_one.then_some(())?;
    let mut saved = Saved::default();
    for (field, value) in root.get("settings")?.as_object()? {
        let text =
            || value.as_str().map(|s| String::from_utf8_lossy(&Clean::PythonStrip.apply(s.as_bytes())).into_owned());
        // What does not fit into 64 bits is read as a float here, and as a whole number by Python.
        let whole = || value.as_f64().is_some_and(|n| n >= 1.0 && (!value.is_f64() || n >= 1.8e19));
        match field.as_str() {
            "hf_token" => saved.token = Some(text()?),
            "hf_endpoint" => saved.endpoint = Some(text()?),
            "pip_index_url" => drop(text()?),
            "download_source" => {
                let source = text()?.to_lowercase();
                ["auto", "huggingface", "modelscope", "openmind_hub", "csghub"]
                    .contains(&source.as_str())
                    .then_some(())?;
            }
            "download_max_attempts" | "model_download_workers" => whole().then_some(())?,
            "hub_detect_timeout" => value.as_f64().filter(|n| *n > 0.0 && n.is_finite()).map(drop)?,
            _ => return None,
        }
    }
    Some(saved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Instance, resolve};
    use crate::system::fake::Fake;

    fn sends(version: Version, fake: &Fake) -> (Option<Vec<u8>>, Option<Location>) {
        let answer = resolve(&State::new(fake), &Instance::new(&XINFERENCE, version));
        (answer.outcome.token().map(|t| t.bytes().to_vec()), answer.source)
    }

    #[test]
    fn the_login_is_looked_for_in_a_folder_of_its_own() {
        let newest = XINFERENCE.newest;
        let login = Fake::home().file("/home/u/.cache/huggingface/token", "login");
        assert_eq!(sends(newest, &login).0, None);
        assert_eq!(sends(Version::new(2, 0, 0), &login).0.as_deref(), Some(&b"login"[..]));
        let moved = login.clone().var("HF_HOME", "/home/u/.cache/huggingface");
        assert_eq!(sends(newest, &moved).0.as_deref(), Some(&b"login"[..]));
        let own = login.file("/home/u/.xinference/openmind_hub/huggingface/token", "own");
        assert_eq!(sends(newest, &own).0.as_deref(), Some(&b"own"[..]));
        assert_eq!(sends(newest, &own.var("XINFERENCE_HOME", "/home/u/x")).0, None);
    }

    #[test]
    fn the_old_name_and_the_settings_come_first() {
        let newest = XINFERENCE.newest;
        let both = Fake::home().var("HF_TOKEN", "new").var("HUGGING_FACE_HUB_TOKEN", "old");
        assert_eq!(sends(newest, &both), (Some(b"old".to_vec()), Some(Location::variable("HUGGING_FACE_HUB_TOKEN"))));
        assert_eq!(sends(Version::new(3, 2, 0), &both).0.as_deref(), Some(&b"new"[..]));
        let blank = both.clone().var("HUGGING_FACE_HUB_TOKEN", " ");
        assert_eq!(sends(newest, &blank).0, None, "a blank one unsets both");
        let path = "/home/u/.xinference/system-settings.json";
        let saved = |text: &str| both.clone().file(path, text);
        let set = saved(r#"{"version": 1, "settings": {"hf_token": " page\n", "hub_detect_timeout": 3}}"#);
        assert_eq!(sends(newest, &set), (Some(b"page".to_vec()), Some(Location::file(path))));
        assert_eq!(sends(newest, &saved(r#"{"version": 1, "settings": {"hf_token": ""}}"#)).0, None);
        for unsound in [
            r#"{"version": 2, "settings": {"hf_token": "page"}}"#,
            r#"{"version": 1, "settings": {"hf_token": "page", "model_download_workers": 2.0}}"#,
            r#"{"version": 1, "settings": {"hf_token": "page", "more": 1}}"#,
            r#"{"version": 1, "settings": {"hf_token": "page", "download_max_attempts": 0}}"#,
            r#"{"version": 1, "settings": {"hf_token": "page", "hub_detect_timeout": true}}"#,
            "[]",
            "{",
        ] {
            assert_eq!(sends(newest, &saved(unsound)).0.as_deref(), Some(&b"old"[..]), "{unsound}");
        }
    }
}
