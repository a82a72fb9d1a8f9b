//! SkyPilot: what it asks the Hub with, and what it hands to a cluster, which is not the same.
//!
//! Source: `sky/adaptors/huggingface.py` of 0.14.1, both functions run by `tests/parity/clients/python`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::clean::{Clean, is_python_space};
use super::model::{Answered, Blank, Client, Decode, Found, Home, Model, Place, Set, Step, Text, Then, Wire};
use super::python_write;
use super::version::Version;
use crate::finding::Location;
use crate::state::State;
use crate::system::home::expanduser;
use crate::system::path::absolute;
use crate::system::{Kind, ReadError, System};

/// SkyPilot's own calls, `get_token()`: a blank variable ends the search. Run: 0.14.1.
pub static API: Client = Client {
    name: "skypilot-api",
    aliases: &["skypilot"],
    title: "SkyPilot",
    found: Found::Python("skypilot"),
    newest: Version::new(0, 14, 1),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Hub,
        steps: &[
            Step::Env {
                names: &["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"],
                text: Text::Bytes,
                set: Set::NonEmpty,
                clean: Clean::PythonStrip,
                blank: Blank::Anonymous,
            },
            sky_file("/.cache/huggingface/token"),
            sky_file("/.huggingface/token"),
        ],
    }],
};

/// A file of another kind, or one that cannot be opened, is passed over.
const fn sky_file(then: &'static str) -> Step {
    Step::File {
        at: Place::Home { by: Home::Python, then },
        decode: Decode::Python,
        clean: Clean::PythonStrip,
        missing: Then::Next,
        failing: Then::NextOnOsError,
        blank: Blank::Next,
    }
}

/// What SkyPilot mounts into a cluster, as the huggingface_hub there reads it: the first file that exists, whatever it
/// holds, and only without one the variables, which it writes to `~/.sky/huggingface/token`. Run: 0.14.1.
pub static MOUNT: Client = Client {
    name: "skypilot-mount",
    aliases: &[],
    title: "SkyPilot (what a cluster gets)",
    found: Found::Nowhere,
    newest: Version::new(0, 14, 1),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Plain,
        steps: &[
            Step::Own(mount_fails),
            mounted("/.cache/huggingface/token"),
            mounted("/.huggingface/token"),
            Step::Env {
                names: &["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"],
                text: Text::Bytes,
                set: Set::NonEmpty,
                clean: Clean::Hub,
                blank: Blank::Anonymous,
            },
        ],
    }],
};

const fn mounted(then: &'static str) -> Step {
    Step::File {
        at: Place::Home { by: Home::Python, then },
        decode: Decode::Python,
        clean: Clean::Hub,
        missing: Then::Next,
        failing: Then::NextOnOsError,
        blank: Blank::Anonymous,
    }
}

/// A file that is there and cannot be read, and a variable that is not UTF-8 and so cannot be written to a file.
fn mount_fails(state: &State<'_>) -> Answered {
    for file in ["~/.cache/huggingface/token", "~/.huggingface/token"] {
        let path = PathBuf::from(expanduser(state.system, OsStr::new(file)));
        if state.system.stat(&path).is_ok() {
            return match &*state.credential(&path) {
                Ok(_) | Err(ReadError::Fifo | ReadError::Special) => Answered::Nothing,
                Err(e) => Answered::Error(e.python_class(), Some(Location::file(absolute(state.system, &path)))),
            };
        }
    }
    let Some((name, value)) =
        ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"].into_iter().find_map(|n| Some((n, state.non_empty(n)?)))
    else {
        return Answered::Nothing;
    };
    let blank = value.to_str().is_some_and(|text| text.chars().all(is_python_space));
    let copy = absolute(state.system, &PathBuf::from(expanduser(state.system, OsStr::new("~/.sky/huggingface/token"))));
    if !blank && let Some(class) = copy_fault(state.system, &copy) {
        return Answered::Error(class, Some(Location::file(copy)));
    }
    match value.to_str() {
        None => Answered::Error("UnicodeEncodeError", Some(Location::variable(name))),
        Some(_) if blank => Answered::Anonymous,
        Some(_) => Answered::Nothing,
    }
}

/// What keeps it from the file into which it writes the token; the directory's own mode it sets itself.
fn copy_fault(system: &dyn System, copy: &Path) -> Option<&'static str> {
    if let Some(dir) = copy.parent()
        && let Some(class) = python_write::dirs_fault(system, dir)
    {
        return Some(class);
    }
    match system.lstat(copy) {
        Ok(stat) if stat.kind == Kind::Link => Some("OSError"),
        Ok(stat) if stat.kind == Kind::Dir => Some("IsADirectoryError"),
        Ok(_) => system.writable(copy).err().map(ReadError::python_class),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Instance, resolve};
    use crate::system::fake::Fake;

    #[test]
    fn the_mount_prefers_the_file_and_the_calls_prefer_the_variable() {
        let sends = |client, fake: &Fake| {
            let answer = resolve(&State::new(fake), &Instance::newest(client));
            answer.outcome.token().map(|t| t.bytes().to_vec())
        };
        let both = Fake::home().var("HF_TOKEN", "variable").file("/home/u/.cache/huggingface/token", "file\n");
        assert_eq!(sends(&API, &both).as_deref(), Some(&b"variable"[..]));
        assert_eq!(sends(&MOUNT, &both).as_deref(), Some(&b"file"[..]));
        let blank = Fake::home().var("HF_TOKEN", " ").file("/home/u/.huggingface/token", "old");
        assert_eq!(sends(&API, &blank), None);
        assert_eq!(sends(&MOUNT, &blank).as_deref(), Some(&b"old"[..]));
    }
}
