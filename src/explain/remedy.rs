//! What to do, in today's commands, for the release that is installed.

use super::evidence::Evidence;
use super::request::Request;
use crate::clients::version::Version;
use crate::finding::Location;
use crate::rules::values;
use crate::snapshot::Snapshot;

/// The command that logs in over what is there.
pub(super) fn login(snapshot: &Snapshot<'_>) -> &'static str {
    values::login(snapshot)
}

/// The command that logs in where nobody is.
pub(super) fn first_login(snapshot: &Snapshot<'_>) -> &'static str {
    if snapshot.hub_version() < Version::first_of(0, 34, 0) { "huggingface-cli login" } else { "hf auth login" }
}

/// What cures a token that the hub refuses: its own place decides.
pub(super) fn replace(here: &Evidence<'_, '_>, request: &Request) -> (String, String) {
    let behind = here.answer().hides.first();
    match here.source().filter(|_| here.sent().is_some()) {
        Some(Location::Variable { name }) => match behind {
            Some(next) => {
                let then = format!("then {} of {} is sent", next.token.masked(), here.name(&next.source));
                (format!("unset {name}"), then)
            }
            None => (format!("unset {name}"), "then public repositories work without a token; log in for the others".to_owned()),
        },
        Some(_) => (login(here.snapshot).to_owned(), "replaces it; `hf auth logout` is enough for public repositories".to_owned()),
        None if request.program == Some("InvokeAI") => (
            login(here.snapshot).to_owned(),
            "or enter a new token in InvokeAI's model manager; installs that were paused go on with the old one: cancel them".to_owned(),
        ),
        None => ("hflint verify".to_owned(), "tells which of the tokens here are alive; then look for the one in the program".to_owned()),
    }
}

/// How a variable reaches another place.
pub(super) fn hand_over(place: &str) -> String {
    match place {
        "Google Colab" => "import os; os.environ['HF_TOKEN'] = google.colab.userdata.get('HF_TOKEN')",
        "Kaggle" => "UserSecretsClient().get_secret('HF_TOKEN')",
        "a Space" => "hf spaces secrets add SPACE -s HF_TOKEN",
        "a CI job" => "gh secret set HF_TOKEN",
        "Windows" => "setx HF_TOKEN %HF_TOKEN%",
        _ => "docker run -e HF_TOKEN …",
    }
    .to_owned()
}
