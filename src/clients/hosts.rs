//! Platforms and conventions that hand a token to the program that runs on them, and programs with a store of their own.
//!
//! None of them could be run here. What each row claims is what the source named in it says; where a platform only puts
//! a variable into the environment, the answer is that of the program which then finds it, as that is what a person on
//! such a machine asks about.

use std::ffi::OsStr;
use std::path::Path;

use super::clean::Clean;
use super::model::{Answered, Blank, Client, Found, Model, Set, Step, Text, Wire};
use super::version::Version;
use crate::state::State;
use crate::system::home::expanduser;

/// All of them.
pub static CLIENTS: &[&Client] = &[&CODESPACES, &COLAB, &COMPOSE, &KAGGLE, &KUBERNETES, &LMSTUDIO, &MODAL, &SPACES];

const fn host(name: &'static str, title: &'static str, newest: Version, models: &'static [Model]) -> Client {
    Client { name, aliases: &[], title, found: Found::Nowhere, newest, models }
}

/// What has no releases is answered for the day on which it was looked at.
const LOOKED_AT: Version = Version::new(2026, 11, 21);

/// A Python program there asks huggingface_hub.
const PYTHON_THERE: &[Model] = &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Hub, steps: &[Step::Hub] }];

const fn non_empty(names: &'static [&'static str]) -> Step {
    Step::Env { names, text: Text::Bytes, set: Set::NonEmpty, clean: Clean::Hub, blank: Blank::Next }
}

/// A Codespaces secret named HF_TOKEN becomes a variable when the codespace starts.
/// Source: GitHub's documentation, account secrets for Codespaces.
static CODESPACES: Client = host("codespaces", "GitHub Codespaces", LOOKED_AT, PYTHON_THERE);

/// The vault is huggingface_hub's last source and open to the notebook's own process alone; a shell there, and so
/// hflint, finds what huggingface_hub finds without it. Source: huggingface_hub 2.4.0, `utils/_auth.py`; issue 3774.
static COLAB: Client = host("colab", "Google Colab (without its vault)", LOOKED_AT, PYTHON_THERE);

/// Kaggle's secrets reach nothing unless the notebook's code asks for them.
/// Source: huggingface_hub 2.4.0, which has no code for them.
static KAGGLE: Client = host("kaggle", "Kaggle notebooks", LOOKED_AT, PYTHON_THERE);

/// A Space's secret is a variable at run time. Source: Spaces documentation; huggingface_hub issue 1895.
static SPACES: Client = host("spaces", "Hugging Face Spaces", LOOKED_AT, PYTHON_THERE);

/// What a compose file usually passes on from the shell that runs it: `HF_TOKEN: ${HF_TOKEN}`, and the older names.
/// No login file is mounted. Source: opea-project/GenAIExamples at 15b0d468.
static COMPOSE: Client = host(
    "compose",
    "docker compose (what its files pass on)",
    LOOKED_AT,
    &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Hub,
        steps: &[non_empty(&["HF_TOKEN", "HUGGINGFACEHUB_API_TOKEN", "HUGGING_FACE_HUB_TOKEN"])],
    }],
);

/// The variables that a pod gets from the secrets of the usual charts. No login file is mounted.
/// Source: KServe 0.20, storage providers; vLLM 0.8.2, deployment on Kubernetes.
static KUBERNETES: Client = host(
    "kubernetes",
    "Kubernetes (a pod's variables)",
    LOOKED_AT,
    &[Model {
        since: Version::first_of(0, 0, 0),
        wire: Wire::Hub,
        steps: &[non_empty(&["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"])],
    }],
);

/// Nothing is taken from this machine: a named secret of Modal's becomes a variable in its own container.
/// Source: Modal's guide to secrets; the wheel of modal 1.6.4 reads no such variable.
static MODAL: Client = host(
    "modal",
    "Modal (from this machine)",
    Version::new(1, 6, 4),
    &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Plain, steps: &[] }],
);

/// Neither a variable nor the login is read; the builds of 2026 keep a token in their settings, of which only one
/// report tells (lmstudio-ai/lms issue 206). Where that file names one, the answer is left open rather than guessed.
static LMSTUDIO: Client = host(
    "lmstudio",
    "LM Studio",
    LOOKED_AT,
    &[Model { since: Version::first_of(0, 0, 0), wire: Wire::Plain, steps: &[Step::Own(lmstudio_settings)] }],
);

fn lmstudio_settings(state: &State<'_>) -> Answered {
    let path = expanduser(state.system, OsStr::new("~/.lmstudio/apps/bionic/settings.json"));
    let read = state.system.read(Path::new(&path), crate::system::TEXT_LIMIT);
    let names_one =
        read.is_ok_and(|c| [&b"hfDownloadToken"[..], b"hfSearchToken"].iter().any(|key| holds(&c.bytes, key)));
    if names_one { Answered::Unknown } else { Answered::Nothing }
}

/// Whether `"KEY": "…"` stands there with anything between the quotes.
fn holds(json: &[u8], key: &[u8]) -> bool {
    let Some(at) = json.windows(key.len()).position(|w| w == key) else {
        return false;
    };
    let rest = json[at + key.len()..].iter().copied().filter(|b| !b.is_ascii_whitespace());
    let mut rest = rest.skip_while(|b| matches!(b, b'"' | b':'));
    // `"":` and `null` are no token.
    json[at + key.len()..].starts_with(b"\"") && !matches!(rest.next(), None | Some(b',' | b'}' | b'n'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Instance, Outcome, by_name, resolve};
    use crate::system::fake::Fake;

    fn word(name: &str, fake: &Fake) -> &'static str {
        resolve(&State::new(fake), &Instance::newest(by_name(name).unwrap())).outcome.word()
    }

    #[test]
    fn what_reaches_a_container() {
        let login = Fake::home().file("/home/u/.cache/huggingface/token", format!("hf_{}", "A".repeat(34)));
        for (name, want) in [
            ("compose", "anonymous"),
            ("kubernetes", "anonymous"),
            ("modal", "anonymous"),
            ("lmstudio", "anonymous"),
            ("codespaces", "token"),
            ("spaces", "token"),
        ] {
            assert_eq!(word(name, &login), want, "{name}");
        }
        let old = login.clone().var("HUGGING_FACE_HUB_TOKEN", format!("hf_{}\n", "B".repeat(34)));
        for (name, want) in [("compose", "token"), ("kubernetes", "token"), ("modal", "anonymous")] {
            assert_eq!(word(name, &old), want, "{name}");
        }
        let fake = login.var("HF_TOKEN", "").var("HUGGINGFACEHUB_API_TOKEN", "x");
        assert_eq!(word("compose", &fake), "token");
        assert_eq!(word("kubernetes", &fake), "anonymous");
    }

    #[test]
    fn a_token_in_the_settings_of_lm_studio() {
        for (text, want) in [
            (r#"{"useHFProxy": false, "hfDownloadToken": "x"}"#, "unknown"),
            (r#"{"hfSearchToken" : "", "hfDownloadToken":"" }"#, "anonymous"),
            (r#"{"hfSearchToken": null}"#, "anonymous"),
            ("{}", "anonymous"),
        ] {
            let fake = Fake::home().file("/home/u/.lmstudio/apps/bionic/settings.json", text);
            assert_eq!(word("lmstudio", &fake), want, "{text}");
        }
        assert!(matches!(
            resolve(&State::new(&Fake::home().var("HF_TOKEN", "x")), &Instance::newest(&LMSTUDIO)).outcome,
            Outcome::Anonymous
        ));
    }
}
