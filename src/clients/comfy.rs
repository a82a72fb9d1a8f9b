//! comfy-cli: a variable of its own, and `config.ini` as Python's configparser reads it.
//!
//! Source: comfy-cli 1.23.0, `config_manager.py`; run by `tests/parity/clients/python`.

use std::path::PathBuf;

use super::Candidate;
use super::clean::Clean;
use super::model::{Answered, Blank, Client, Found, Model, Set, Step, Text, Wire};
use super::version::Version;
use super::{python_number, python_write};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::configparser::{Config, Fault, Section};
use crate::system::path::absolute;
use crate::system::{home, python_text};

/// The file is read before the variable is asked, so what is wrong with it ends the command either way.
pub static COMFY_CLI: Client = Client {
    name: "comfy-cli",
    aliases: &[],
    title: "comfy-cli",
    found: Found::Python("comfy-cli"),
    newest: Version::new(1, 23, 0),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Plain,
        steps: &[
            Step::Own(load),
            Step::Env {
                names: &["HF_API_TOKEN"],
                text: Text::Bytes,
                set: Set::Present,
                clean: Clean::Raw,
                blank: Blank::Anonymous,
            },
            Step::Own(value),
        ],
    }],
};

/// `~/.config/comfy-cli/config.ini`: no XDG variable moves it.
fn path(state: &State<'_>) -> PathBuf {
    let path = home::expanduser(state.system, "~/.config/comfy-cli/config.ini".as_ref());
    absolute(state.system, &PathBuf::from(path))
}

/// The file; empty where it cannot be opened, as `ConfigParser.read` takes it.
fn config(state: &State<'_>) -> Result<Config, Fault> {
    let content = state.credential(&path(state));
    let Ok(content) = &*content else { return Ok(Config::default()) };
    Config::parse(&python_text::Text::python(state.system, &content.bytes, content.truncated))
}

fn raised(state: &State<'_>, fault: Fault) -> Answered {
    Answered::Error(fault.kind.python_class(), Some(Location::line(path(state), fault.line)))
}

/// What fails at import: the file itself, a directory that cannot be made beside it, and what the file says of a server
/// in the background.
fn load(state: &State<'_>) -> Answered {
    let config = match config(state) {
        Ok(config) => config,
        Err(fault) => return raised(state, fault),
    };
    let scratch = path(state).with_file_name("tmp");
    if let Some(class) = python_write::dirs_fault(state.system, &scratch) {
        return Answered::Error(class, Some(Location::file(scratch)));
    }
    match config.interpolated(&Section::default(), "background") {
        Err(fault) => raised(state, fault),
        Ok(None) => Answered::Nothing,
        Ok(Some(background)) => {
            let parts: Vec<&str> = background.trim_matches(['(', ')']).split(',').collect();
            let is_int = |part: &&str| python_number::is_int(part.trim().trim_matches('\''));
            match parts.as_slice() {
                [_, port, pid, ..] if is_int(port) && is_int(pid) => Answered::Nothing,
                [_, port, ..] if !is_int(port) => Answered::Error("ValueError", Some(Location::file(path(state)))),
                [_, _, _, ..] => Answered::Error("ValueError", Some(Location::file(path(state)))),
                _ => Answered::Error("IndexError", Some(Location::file(path(state)))),
            }
        }
    }
}

/// Whether its configuration holds a token, which counts where `HF_API_TOKEN` is not set at all.
pub fn has_token(state: &State<'_>) -> bool {
    matches!(value(state), Answered::Token(_))
}

fn value(state: &State<'_>) -> Answered {
    let config = match config(state) {
        Ok(config) => config,
        Err(fault) => return raised(state, fault),
    };
    match config.interpolated(&Section::default(), "hf_api_token") {
        Err(fault) => raised(state, fault),
        Ok(None) => Answered::Nothing,
        Ok(Some(value)) if value.is_empty() => Answered::Anonymous,
        Ok(Some(value)) => {
            let line = config.defaults.get("hf_api_token").map_or(1, |field| field.line);
            let source = Location::line(path(state), line);
            Answered::Token(Candidate { token: Token::new(value.as_bytes().to_vec()), source })
        }
    }
}
