//! HF101

use super::endpoints::is_foreign;
use super::places::{are_two, called, reads_todays_login, stored_name, variable};
use crate::clients::{Candidate, shape};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::plan::Remedy;
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::isolation::Here;
use crate::state::provenance;

declare_rule! {
    /// ## What it does
    /// Says when the environment holds a token and the login saved by `hf auth login` is a different one.
    ///
    /// ## Why it matters
    /// Every client with huggingface_hub 0.19 or newer sends the variable and never looks at the login. `hf auth login`
    /// and `hf auth switch` then seem to work and change nothing.
    ///
    /// ## Example
    /// ```text
    /// HF_TOKEN                      hf_****aaaa   (environment)
    /// ~/.cache/huggingface/token    hf_****bbbb
    /// ```
    /// Every request goes out as `hf_****aaaa`.
    ///
    /// ## How to fix
    /// `unset HF_TOKEN` here, and take it out of the file that sets it; or, if the variable is the right one, log in
    /// with that token.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe; editing a start-up file asks first.
    ///
    /// ## Exceptions
    /// It is only worth knowing (`info`) where the variable provably comes from a place of its own for this project:
    /// an isolation, direnv, mise, conda, an activate script, a platform's secret, the project's file of what started
    /// this shell (an editor's settings for its terminals, `.env` in `pipenv shell`, a Nix shell, a dev container); and where `HF_ENDPOINT` names another server and the variable holds that server's kind of token.
    /// The same token in both places is no fault.
    ///
    /// ## References
    /// - huggingface_hub 2.4.0, `utils/_auth.py`: `get_token`
    /// - <https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables#hftoken>
    pub(super) static RULE = {
        code: "HF101",
        name: "env-shadows-login",
        summary: "a token in the environment hides the saved login",
        severity: Warning,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

/// The variable that is sent, and the login that it hides.
pub(super) struct Shadow {
    pub(super) name: String,
    pub(super) token: Token,
    pub(super) login: Candidate,
    /// The variable provably comes from a place of its own for this project.
    pub(super) on_purpose: bool,
}

/// What huggingface_hub sends from the environment in place of a different login: the one that counts here, or else the
/// newest, which every other environment of this shell is likely to have.
pub(super) fn shadow(snapshot: &Snapshot<'_>) -> Option<Shadow> {
    [snapshot.hub_or_newest(), snapshot.newest_hub()].into_iter().find_map(|hub| {
        let Some(Location::Variable { name }) = &hub.answer.source else {
            return None;
        };
        let token = hub.answer.outcome.token()?;
        let login = hub.answer.hides.iter().find(|h| h.source.path().is_some())?;
        are_two(token, &login.token).then(|| Shadow {
            name: name.clone(),
            token: token.clone(),
            login: login.clone(),
            on_purpose: provenance::is_own_to_project(&snapshot.state, name),
        })
    })
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    // In an isolated project that is HF901.
    if matches!(snapshot.state.isolation(), Here::Project(_)) {
        return;
    }
    let Some(Shadow { name, token, login, on_purpose }) = shadow(snapshot) else {
        return;
    };
    // A token of another kind for another server: the login is for the Hub, and nobody wants it sent there.
    let for_another_server = is_foreign(snapshot) && shape::read(token.bytes()).token.is_none();
    let severity = if on_purpose || for_another_server { Severity::Info } else { Severity::Warning };
    let name_of_login = stored_name(snapshot, &login.token);
    let (saved, becomes, yours) = if let Some(stored) = &name_of_login {
        let named = format!("\"{stored}\"");
        (format!("{}, named {named}", login.token.masked()), named.clone(), format!("your login {named}"))
    } else {
        let masked = login.token.masked();
        (masked.clone(), format!("the saved login, {masked}"), "your saved login".to_owned())
    };
    // With both names set, taking one away lets the other through.
    let other = if name == "HF_TOKEN" { "HUGGING_FACE_HUB_TOKEN" } else { "HF_TOKEN" };
    let both = variable(&snapshot.state, other).is_some();
    let mut names = vec![name.clone()];
    names.extend(both.then(|| other.to_owned()));
    // What the huggingface_hub here does not read, it will not send after the fix either.
    let hub = snapshot.hub_or_newest();
    let mut then = if reads_todays_login(snapshot) {
        format!("then every client sends {becomes}")
    } else {
        format!("then every client sends {becomes}, save {}, which does not read it", called(&hub.instance))
    };
    let senders = if hub.answer.outcome.token() == Some(&token) {
        "every client that asks huggingface_hub".to_owned()
    } else {
        format!("newer clients than {}, which does not read {name}", called(&hub.instance))
    };
    if for_another_server {
        names.push("HF_ENDPOINT".to_owned());
        then.push_str(" to huggingface.co");
    }
    let finding = Finding::new(&RULE, severity, format!("{name} hides the login saved by `hf auth login`"))
        .brief(format!("{name} hides {yours}"))
        .at(Location::variable(&name))
        .at(login.source.clone())
        .note("sends", format!("{} to {senders}", token.masked()))
        .note("hidden", saved);
    // What is there on purpose is not for `hflint fix` to take away.
    out.push(if on_purpose || for_another_server {
        finding.help(format!("unset {}", names.join(" ")), then)
    } else {
        finding.remedy(Remedy::Unset(names), then)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, python, run, token};
    use crate::system::fake::Fake;

    #[test]
    fn fires_where_the_login_is_another() {
        let fake = Fake::home().var("HF_TOKEN", token('A')).file("/home/u/.cache/huggingface/token", token('B'));
        assert_eq!(findings(&RULE, &fake), ["warning"]);
        let old =
            Fake::home().var("HUGGING_FACE_HUB_TOKEN", token('A')).file("/home/u/.cache/huggingface/token", token('B'));
        assert_eq!(findings(&RULE, &old), ["warning"]);
    }

    #[test]
    fn says_what_an_old_client_does_not_do() {
        let login = Fake::home().file("/home/u/.cache/huggingface/token", token('B'));
        let goes_past = python(login.clone().var("HF_TOKEN", token('A')), &[("huggingface_hub", "0.16.4")]);
        let found = run(&RULE, &goes_past);
        assert!(
            found[0].notes[0].1.ends_with("to newer clients than huggingface_hub 0.16.4, which does not read HF_TOKEN")
        );
        assert!(found[0].help.as_ref().unwrap().then.ends_with("every client sends the saved login, hf_****BBBB"));
        let no_login = python(login.var("HUGGING_FACE_HUB_TOKEN", token('A')), &[("huggingface_hub", "0.11.1")]);
        let found = run(&RULE, &no_login);
        assert!(found[0].help.as_ref().unwrap().then.ends_with("save huggingface_hub 0.11.1, which does not read it"));
    }

    #[test]
    fn a_companys_token_for_its_own_server_is_on_purpose() {
        let server = Fake::home()
            .var("HF_ENDPOINT", "https://artifacts.example.com/api/hf")
            .file("/home/u/.cache/huggingface/token", token('B'));
        let of_its_own = server.var("HF_TOKEN", "cmVmdGtuOjAxOjE3MDAwMDAwMDA6YWJjZGVm");
        assert_eq!(findings(&RULE, &of_its_own), ["info"]);
        let help = run(&RULE, &of_its_own)[0].help.clone().unwrap();
        assert_eq!(help.command, "unset HF_TOKEN HF_ENDPOINT");
        assert_eq!(findings(&RULE, &of_its_own.var("HF_TOKEN", token('A'))), ["warning"]);
    }

    #[test]
    fn silent_where_nothing_is_hidden() {
        let same = Fake::home().var("HF_TOKEN", token('A')).file("/home/u/.cache/huggingface/token", token('A') + "\n");
        let alone = Fake::home().var("HF_TOKEN", token('A'));
        let empty = Fake::home().var("HF_TOKEN", "").file("/home/u/.cache/huggingface/token", token('B'));
        for fake in [same, alone, empty] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
