//! vllm-cli, which hands the token of its configuration to the server that it starts, over the person's own.
//!
//! Source: `server/manager.py` and `config/manager.py` of vllm-cli 0.2.5; run there by `tests/parity/clients/python`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::model::{Answered, Client, Found, Model, Step, Wire, Within};
use super::version::Version;
use crate::finding::Location;
use crate::state::State;
use crate::state::document::{self, Kind, Node};
use crate::system::home::expanduser;
use crate::system::path::absolute;
use crate::system::{ReadError, TEXT_LIMIT};

/// Its keys: a token, and a map of variables that it sets before that.
const TOKEN: &str = "hf_token";
const VARIABLES: &str = "universal_environment";
/// The variables that the token goes into.
const TOKENS: [&str; 2] = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"];

/// vllm-cli. Run: 0.2.5.
pub(super) static VLLM_CLI: Client = Client {
    name: "vllm-cli",
    aliases: &[],
    title: "vllm-cli",
    found: Found::Nowhere,
    newest: Version::new(0, 2, 5),
    models: &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Hub,
        steps: &[Step::Within(exported), Step::Own(cannot_be_told), Step::Hub],
    }],
};

/// The variables that its configuration sets in the server, the last of a name counts; `None` where its parser may take
/// something for another text, or for none.
type Configured = Option<Vec<(String, String, Location)>>;

fn exported(state: &State<'_>) -> Within {
    let mut within = Within::default();
    for (name, value, at) in configured(state).unwrap_or_default() {
        if let Some(token) = TOKENS.into_iter().find(|token| *token == name) {
            within.taken.retain(|(taken, _)| *taken != token);
            within.taken.push((token, at));
        }
        within.changes.insert(name.into(), Some(value.into()));
    }
    within
}

fn cannot_be_told(state: &State<'_>) -> Answered {
    if configured(state).is_none() { Answered::Unknown } else { Answered::Nothing }
}

fn configured(state: &State<'_>) -> Configured {
    let path = PathBuf::from(expanduser(state.system, OsStr::new("~/.config/vllm-cli/config.yaml")));
    match state.system.read(&path, TEXT_LIMIT) {
        Ok(content) if content.truncated => None,
        Ok(content) => in_text(&content.bytes, &absolute(state.system, &path)),
        Err(ReadError::Fifo | ReadError::Special) => None,
        // Whatever goes wrong is logged, and the configuration is empty.
        Err(_) => Some(Vec::new()),
    }
}

fn in_text(bytes: &[u8], path: &Path) -> Configured {
    let nothing = Some(Vec::new());
    let Ok(text) = std::str::from_utf8(bytes) else {
        return nothing;
    };
    if !text.contains(TOKEN) && !text.contains(VARIABLES) {
        return nothing;
    }
    // `yaml.safe_load` reads YAML 1.1 and this parser 1.2: where the two could differ, nothing is said.
    let documents = document::yaml(bytes).ok()?;
    let document = match documents.as_slice() {
        [] => return nothing,
        [one] => one,
        _ => return None,
    };
    match document.kind {
        Kind::Map(_) => {}
        Kind::Null => return nothing,
        // It ends there, with an AttributeError.
        _ => return None,
    }
    let mut set = Vec::new();
    for entry in document.get(VARIABLES).map_or(&[][..], Node::entries) {
        match text_to_all(&entry.value) {
            Some(value) => set.push((entry.key.clone(), value.to_owned(), Location::line(path, entry.line))),
            None if entry.key.starts_with('H') || entry.key.starts_with("XDG_") => return None,
            None => {}
        }
    }
    if let Some(entry) = document.entry(TOKEN)
        && !matches!(entry.value.kind, Kind::Null)
        && entry.value.str() != Some("")
    {
        let value = text_to_all(&entry.value)?;
        set.extend(TOKENS.map(|name| (name.to_owned(), value.to_owned(), Location::line(path, entry.line))));
    }
    Some(set)
}

/// What YAML 1.1 takes for the same text, in quotes or not: neither a date, a number of hours or one with `_`, nor one of
/// its many words for true and false.
fn text_to_all(value: &Node) -> Option<&str> {
    const WORDS: [&str; 6] = ["yes", "no", "on", "off", "y", "n"];
    value.str().filter(|text| {
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
            && !text.contains(|c: char| c.is_control() && c != '\n')
            && !WORDS.contains(&text.to_ascii_lowercase().as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Instance, Outcome, resolve};
    use crate::system::fake::Fake;

    #[test]
    fn its_configuration_goes_before_the_variables() {
        let asks = |text: &str| {
            let fake = Fake::home().var("HF_TOKEN", "hf_mine").file("/home/u/.config/vllm-cli/config.yaml", text);
            let answer = resolve(&State::new(&fake), &Instance::newest(&VLLM_CLI));
            let token = answer.outcome.token().map(|t| String::from_utf8_lossy(t.bytes()).into_owned());
            let unknown = matches!(answer.outcome, Outcome::Unknown);
            (token.unwrap_or_default(), unknown, answer.source)
        };
        let mine = || ("hf_mine".to_owned(), false, Some(Location::variable("HF_TOKEN")));
        let second = Location::line("/home/u/.config/vllm-cli/config.yaml", 2);
        assert_eq!(asks("a: b\nhf_token: hf_yaml\n"), ("hf_yaml".to_owned(), false, Some(second)));
        assert!(asks("hf_token: ' hf_yaml '\n").1, "white space at its ends");
        let variables = "universal_environment:\n  HF_TOKEN: hf_one\n  HF_HOME: /x\n  N: 1\n";
        assert_eq!(asks(variables).0, "hf_one");
        assert_eq!(asks(&format!("{variables}hf_token: hf_two\n")).0, "hf_two");
        assert!(asks(&variables.replace("/x", "1")).1);
        assert_eq!(asks("hf_token:\n"), mine());
        assert_eq!(asks("hf_token: ''\n"), mine());
        assert_eq!(asks("x:\n  hf_token: hf_yaml\n"), mine());
        assert_eq!(asks("# hf_token: hf_yaml\n"), mine());
        assert_eq!(asks("hf_token: |\n  hf_yaml\n").0, "hf_yaml");
        assert!(asks("# hf_token\n[\n").1);
        for unclear in
            ["hf_token: yes\n", "hf_token: 12\n", "hf_token: [a]\n", "- hf_token\n", "hf_token: 2026-01-01\n"]
        {
            assert!(asks(unclear).1, "{unclear}");
        }
    }
}
