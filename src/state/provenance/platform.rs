//! Platforms that put a person's secrets into the environment. They leave no file behind; that nothing else explains
//! the value is what makes it likely.

use super::{Certainty, SetBy};
use crate::state::State;

/// What is set where, and what a person calls it.
/// Sources: GitHub docs (Codespaces account secrets, Actions default variables), GitLab docs (predefined variables),
/// Hugging Face docs (Spaces: secrets and helper variables).
const PLATFORMS: [(&str, Option<&str>, &str); 4] = [
    ("CODESPACES", Some("true"), "a secret of GitHub Codespaces"),
    ("SPACE_ID", None, "a secret of the Space"),
    ("GITHUB_ACTIONS", Some("true"), "a secret of GitHub Actions"),
    ("GITLAB_CI", Some("true"), "a variable of GitLab CI"),
];

/// The platform that this runs on.
pub(super) fn secret(state: &State<'_>) -> Option<SetBy> {
    let (_, _, setter) = PLATFORMS
        .into_iter()
        .find(|(name, value, _)| state.non_empty(name).is_some_and(|v| value.is_none_or(|wanted| v == wanted)))?;
    Some(SetBy { location: None, certainty: Certainty::Likely, setter, own_to_project: true })
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;
    use crate::system::fake::Fake;

    fn setter(fake: &Fake) -> Option<&'static str> {
        of(&State::new(fake), "HF_TOKEN").map(|s| s.setter)
    }

    #[test]
    fn platforms_by_their_variables() {
        let machine = Fake::home().var("HF_TOKEN", "x");
        assert_eq!(setter(&machine), None);
        assert_eq!(setter(&machine.clone().var("CODESPACES", "false").var("SPACE_ID", "")), None);
        assert_eq!(setter(&machine.clone().var("CODESPACES", "true")), Some("a secret of GitHub Codespaces"));
        assert_eq!(setter(&machine.clone().var("SPACE_ID", "org/space")), Some("a secret of the Space"));
        // A file that explains the value comes first.
        let file = machine.var("CODESPACES", "true").file("/home/u/.bashrc", "export HF_TOKEN=x\n");
        assert_eq!(setter(&file), Some("a start-up file"));
    }
}
