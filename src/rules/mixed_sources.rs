//! HF102

use super::git_credential_differs;
use super::places::{are_two, default_path, file, is_read, legacy_path, login_path, login_path_is_unsound, variable};
use crate::clients::version::Version;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::Snapshot;
use crate::system::path::absolute;

declare_rule! {
    /// ## What it does
    /// Says when two sources hold different tokens and no other finding tells of the pair: both environment names, a
    /// login at a second place, git's credential store in a clone of the Hub, an OIDC exchange beside a token.
    ///
    /// ## Why it matters
    /// Which of the two is sent depends on the client and its release. One shell is then two people.
    ///
    /// ## Example
    /// ```text
    /// HF_TOKEN                  hf_****aaaa   sent from huggingface_hub 0.19 on
    /// HUGGING_FACE_HUB_TOKEN    hf_****bbbb   sent before
    /// ```
    ///
    /// ## How to fix
    /// Keep one of them. `hflint status` shows which client sends which.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe; taking a token out of a file asks first.
    ///
    /// ## Exceptions
    /// It is only worth knowing (`info`) where another finding warns of the same pair already (HF103, HF115), or where no
    /// client here would choose between the two: a login at a place that none of them reads. Stored tokens that are not
    /// active do not count.
    ///
    /// ## References
    /// - huggingface_hub 2.4.0, `utils/_auth.py`
    /// - git 2.47, `gitcredentials(7)`
    pub(super) static RULE = {
        code: "HF102",
        name: "mixed-sources",
        summary: "two sources hold different tokens",
        severity: Warning,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let pair = names(snapshot).or_else(|| exchange(snapshot)).or_else(|| git(snapshot)).or_else(|| relocated(snapshot));
    out.extend(pair);
}

/// Both names in the environment. HF103 warns where that is the older one's fault; this tells who sends which.
fn names(snapshot: &Snapshot<'_>) -> Option<Finding> {
    let state = &snapshot.state;
    let new = variable(state, "HF_TOKEN")?;
    let old = variable(state, "HUGGING_FACE_HUB_TOKEN")?;
    let warned = snapshot.hub_version() >= Version::first_of(0, 19, 0);
    let severity = if warned { Severity::Info } else { Severity::Warning };
    are_two(&new, &old).then(|| {
        let finding = Finding::new(&RULE, severity, "HF_TOKEN and HUGGING_FACE_HUB_TOKEN hold different tokens")
            .at(Location::variable("HF_TOKEN"))
            .at(Location::variable("HUGGING_FACE_HUB_TOKEN"))
            .note("newer", format!("{} is sent from huggingface_hub 0.19 on", new.masked()))
            .note("older", format!("{} is sent before, and by tools that ask the old name first", old.masked()));
        let then = format!("then every client sends {}", new.masked());
        // Without the old name, a client that knows no other would be anonymous.
        if warned {
            finding.unset(&["HUGGING_FACE_HUB_TOKEN"], then)
        } else {
            finding.help("export HUGGING_FACE_HUB_TOKEN=\"$HF_TOKEN\"", then)
        }
    })
}

/// An OIDC exchange beside a token. That it cannot work is HF115.
fn exchange(snapshot: &Snapshot<'_>) -> Option<Finding> {
    let hub = snapshot.hub_or_newest();
    let resource = Location::variable("HF_OIDC_RESOURCE");
    let hidden = hub.answer.hides.first().filter(|_| hub.answer.source.as_ref() == Some(&resource))?;
    Some(
        Finding::new(
            &RULE,
            Severity::Info,
            "HF_OIDC_RESOURCE asks for a token of its own, and another token is set up as well",
        )
        .at(resource)
        .at(hidden.source.clone())
        .note("hidden", format!("{} from huggingface_hub 1.19 on", hidden.token.masked()))
        .help("unset HF_OIDC_RESOURCE", format!("then {} is sent", hidden.token.masked())),
    )
}

/// git pushes as somebody else than the API calls, from the clone of a repository of the Hub. Elsewhere git has no use
/// for it: HF110.
fn git(snapshot: &Snapshot<'_>) -> Option<Finding> {
    let pair = git_credential_differs::pair(snapshot).filter(|pair| pair.is_in_use(snapshot))?;
    let stored = &pair.stored.credential;
    Some(
        Finding::new(
            &RULE,
            Severity::Warning,
            "git's credential store holds another token than the one API calls send",
        )
        .at(pair.source.clone())
        .at(stored.source.clone())
        .note("calls", pair.token.masked())
        .note("git", stored.token.masked())
        .help("hf auth login --add-to-git-credential --force", "then git pushes as the login"),
    )
}

/// A login at the default place, which no client here reads. HF106 says why.
fn relocated(snapshot: &Snapshot<'_>) -> Option<Finding> {
    let state = &snapshot.state;
    let hub = snapshot.hub_or_newest();
    let (token, source) = hub.answer.outcome.token().zip(hub.answer.source.as_ref())?;
    let login = absolute(state.system, login_path(snapshot));
    if login == absolute(state.system, &legacy_path(state)) {
        // A client that old reads the legacy file: HF105.
        return None;
    }
    if login_path_is_unsound(snapshot) || source.path() != Some(login.as_path()) {
        return None;
    }
    let other = file(state, &default_path(state))?;
    if other.source == *source || is_read(snapshot, &other.source) || !are_two(token, &other.token) {
        return None;
    }
    Some(
        Finding::new(&RULE, Severity::Info, "two places hold different logins")
            .at(source.clone())
            .at(other.source.clone())
            .note("sent", token.masked())
            .note("other", format!("{}, to tools that know only the default place", other.token.masked()))
            .help("hflint status", "shows which client sends which"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, python, run, token};
    use crate::system::fake::Fake;

    #[test]
    fn an_old_client_keeps_the_name_that_it_reads() {
        let both = Fake::home().var("HF_TOKEN", token('A')).var("HUGGING_FACE_HUB_TOKEN", token('B'));
        let found = run(&RULE, &python(both, &[("huggingface_hub", "0.16.4")]));
        assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [Severity::Warning]);
        assert_eq!(found[0].help.as_ref().unwrap().command, "export HUGGING_FACE_HUB_TOKEN=\"$HF_TOKEN\"");
    }

    #[test]
    fn both_names_with_different_tokens() {
        let fake = Fake::home().var("HF_TOKEN", token('A')).var("HUGGING_FACE_HUB_TOKEN", token('B'));
        assert_eq!(findings(&RULE, &fake), ["info"]);
        let same = Fake::home().var("HF_TOKEN", token('A')).var("HUGGING_FACE_HUB_TOKEN", token('A'));
        assert!(findings(&RULE, &same).is_empty());
    }

    #[test]
    fn a_login_at_the_default_place_is_worth_knowing() {
        let fake = Fake::home()
            .var("HF_HOME", "/home/u/hf")
            .file("/home/u/hf/token", token('A'))
            .file("/home/u/.cache/huggingface/token", token('B'));
        assert_eq!(findings(&RULE, &fake), ["info"]);
    }

    #[test]
    fn an_oidc_resource_beside_a_token() {
        let fake = Fake::home().var("HF_OIDC_RESOURCE", "o/r").var("HF_TOKEN", token('A'));
        assert_eq!(findings(&RULE, &fake), ["info"]);
    }
}
