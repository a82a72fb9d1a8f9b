//! HF507

use super::places::{TODAYS_LOGIN, are_two, called, default_path, variable};
use super::values::values;
use crate::clients::version::Version;
use crate::clients::{Answer, Outcome};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::{Resolved, Snapshot};
use crate::system::path::absolute;

declare_rule! {
    /// ## What it does
    /// Says when the huggingface_hub that is installed here does not read a setting that would decide in a newer one.
    ///
    /// ## Why it matters
    /// `HF_TOKEN` is read since 0.19, `HF_TOKEN_PATH` since 0.23, the login of today and `HF_HOME`, which moves it, since
    /// 0.12, `HF_OIDC_RESOURCE` since 1.19. An older release goes past it without a word: the same shell is one person in this environment and
    /// another one in the next.
    ///
    /// ## Example
    /// ```text
    /// HF_TOKEN=hf_****aaaa           huggingface_hub 0.18.0 sends no token
    /// ```
    ///
    /// ## How to fix
    /// `pip install --upgrade huggingface_hub`; or set what the old release reads: `HUGGING_FACE_HUB_TOKEN`.
    ///
    /// ## Fix safety
    /// hflint installs nothing; the command is named.
    ///
    /// ## Exceptions
    /// Silent where the old release sends the same token all the same, where no huggingface_hub is installed, and where
    /// another finding tells who sends which: both names of the variable set (HF102), a login of the old release's own
    /// (HF105).
    ///
    /// ## References
    /// - huggingface_hub 0.0.1 to 2.4.0: each boundary run
    pub(super) static RULE = {
        code: "HF507",
        name: "client-outdated",
        summary: "the installed client does not read what is set here",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::DisplayOnly),
        check: check,
    }
}

/// The settings that decide, and the first release that reads each.
const SINCE: [(&str, Version); 6] = [
    ("HF_OIDC_RESOURCE", Version::first_of(1, 19, 0)),
    ("HF_TOKEN", Version::first_of(0, 19, 0)),
    ("HUGGING_FACE_HUB_TOKEN", Version::first_of(0, 6, 0)),
    ("HF_TOKEN_PATH", Version::first_of(0, 23, 0)),
    ("HF_HOME", TODAYS_LOGIN),
    ("XDG_CACHE_HOME", TODAYS_LOGIN),
];

/// What an old release goes past.
enum Unread {
    Variable(&'static str),
    /// The login at the place where no variable led.
    Login(Location),
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let Some(hub) = snapshot.hub() else {
        return;
    };
    let newest = snapshot.newest_hub();
    let Some((what, since)) = unread(snapshot, hub, newest) else {
        return;
    };
    let since = since.release();
    let sends = match (&hub.answer.outcome, &hub.answer.source) {
        (Outcome::Token(token), Some(Location::Variable { name })) => format!("{} of {name}", token.masked()),
        (Outcome::Token(token), _) => format!("{} of its token file", token.masked()),
        _ => "no token".to_owned(),
    };
    let newer = match newest.answer.outcome.token() {
        Some(token) => format!("{}, by huggingface_hub {since} and newer", token.masked()),
        None => format!("the token of an exchange, by huggingface_hub {since} and newer"),
    };
    let (message, at, then) = match what {
        Unread::Variable(name) => (
            format!("{} does not read {name}, which is set here", called(&hub.instance)),
            Location::variable(name),
            format!("then {name} counts here too"),
        ),
        Unread::Login(at) => (
            format!("{} does not read the login saved by `hf auth login`", called(&hub.instance)),
            at,
            "then the login counts here too".to_owned(),
        ),
    };
    let mut finding =
        Finding::new(&RULE, Severity::Warning, message).at(at).note("sends", sends).note("instead", newer);
    finding.locations.extend(hub.answer.source.clone());
    finding.locations.extend(hub.instance.installed_at.as_ref().map(Location::directory));
    out.push(finding.help("pip install --upgrade huggingface_hub", then));
}

/// Whether the old release sends something else, or nothing. Where it fails, that is the fault to tell.
fn is_sent_otherwise(ours: &Answer, theirs: &Answer) -> bool {
    match &theirs.outcome {
        Outcome::Token(token) => ours.outcome.token() != Some(token),
        Outcome::Anonymous => true,
        Outcome::Error(_) | Outcome::Unknown => false,
    }
}

/// The setting that decides for the newest release and that the installed one does not know.
fn unread(snapshot: &Snapshot<'_>, hub: &Resolved, newest: &Resolved) -> Option<(Unread, Version)> {
    let state = &snapshot.state;
    let (theirs, ours) = (&hub.answer, &newest.answer);
    let source = ours.source.as_ref()?;
    let named = |(name, since): &(&'static str, Version)| (Unread::Variable(name), *since);
    let (what, since) = match (&ours.outcome, source) {
        // An exchange could be made; where the old release has a token, that is what was set up for it.
        (Outcome::Unknown, Location::Variable { name }) if matches!(theirs.outcome, Outcome::Anonymous) => {
            SINCE.iter().find(|(n, _)| n == name).map(named)?
        }
        (Outcome::Token(_), Location::Variable { name })
            if is_sent_otherwise(ours, theirs) && !both_names_differ(snapshot) =>
        {
            SINCE.iter().find(|(n, _)| n == name).map(named)?
        }
        (Outcome::Token(_), Location::File { .. }) if is_sent_otherwise(ours, theirs) => {
            // The first of the three that is set has led there.
            let moved = SINCE[3..].iter().find(|(n, _)| state.var(n).is_some()).map(named);
            let here = || {
                let default = absolute(state.system, &default_path(state));
                let anonymous = matches!(theirs.outcome, Outcome::Anonymous) && theirs.source.is_none();
                (anonymous && source.path() == Some(&default)).then(|| (Unread::Login(source.clone()), TODAYS_LOGIN))
            };
            moved.or_else(here)?
        }
        _ => return None,
    };
    // What is no token is HF202, whoever reads it.
    let shapeless = values(snapshot).iter().any(|v| v.at == *source && !v.reading.shape.is_token());
    (hub.instance.version < since && !shapeless).then_some((what, since))
}

/// HF102 tells who sends which.
fn both_names_differ(snapshot: &Snapshot<'_>) -> bool {
    let names = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"].map(|name| variable(&snapshot.state, name));
    matches!(names, [Some(new), Some(old)] if are_two(&new, &old))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, python, run, token};
    use crate::system::fake::Fake;

    const LOGIN: &str = "/home/u/.cache/huggingface/token";

    fn hub(fake: Fake, version: &str) -> Fake {
        python(fake, &[("huggingface_hub", version)])
    }

    #[test]
    fn what_an_old_release_goes_past() {
        let variable = hub(Fake::home().var("HF_TOKEN", token('A')), "0.18.0");
        let login = hub(Fake::home().var("HF_TOKEN", token('A')).file(LOGIN, token('B')), "0.16.4");
        let path = Fake::home().var("HF_TOKEN_PATH", "/s/t").file("/s/t", token('A'));
        let path = hub(path.file(LOGIN, token('B')), "0.22.2");
        let home = hub(Fake::home().var("HF_HOME", "/hf").file("/hf/token", token('A')), "0.11.1");
        let exchange = hub(Fake::home().var("HF_OIDC_RESOURCE", "o/r").var("HF_OIDC_ID_TOKEN", "jwt"), "0.36.2");
        for (fake, name) in [
            (variable, "HF_TOKEN"),
            (login, "HF_TOKEN"),
            (path, "HF_TOKEN_PATH"),
            (home, "HF_HOME"),
            (exchange, "HF_OIDC_RESOURCE"),
        ] {
            let found = run(&RULE, &fake);
            assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [Severity::Warning], "{name}");
            assert_eq!(found[0].locations[0], Location::variable(name));
        }
    }

    #[test]
    fn a_release_before_the_login_of_today() {
        let login = Fake::home().file(LOGIN, token('A'));
        let found = run(&RULE, &hub(login.clone(), "0.11.1"));
        assert_eq!(found.iter().map(|f| f.locations[0].clone()).collect::<Vec<_>>(), [Location::line(LOGIN, 1)]);
        assert!(findings(&RULE, &hub(login.clone(), "0.12.0")).is_empty());
        // HF105 tells that one.
        let of_its_own = login.file("/home/u/.huggingface/token", token('B'));
        assert!(findings(&RULE, &hub(of_its_own, "0.11.1")).is_empty());
    }

    #[test]
    fn a_sentence_names_the_release_and_not_its_first_candidate() {
        let found = run(&RULE, &hub(Fake::home().var("HF_TOKEN", token('A')), "0.18.0"));
        assert!(found[0].notes.iter().any(|n| format!("{n:?}").contains("huggingface_hub 0.19.0 and newer")));
    }

    #[test]
    fn silent_where_it_makes_no_difference() {
        let same = Fake::home().var("HF_TOKEN", token('A')).var("HUGGING_FACE_HUB_TOKEN", token('A'));
        let reads = Fake::home().var("HF_TOKEN_PATH", "/s/t").file("/s/t", token('A'));
        let both = Fake::home().var("HF_TOKEN", token('A')).var("HUGGING_FACE_HUB_TOKEN", token('B'));
        let placeholder = Fake::home().var("HF_TOKEN", "none");
        let token_beside =
            Fake::home().var("HF_OIDC_RESOURCE", "o/r").var("HF_OIDC_ID_TOKEN", "j").var("HF_TOKEN", token('A'));
        for fake in [
            hub(same, "0.18.0"),
            hub(both, "0.18.0"),
            hub(reads, "0.23.0"),
            hub(placeholder, "0.18.0"),
            hub(token_beside, "0.36.2"),
            hub(Fake::home().file(LOGIN, token('A')), "0.18.0"),
            Fake::home().var("HF_TOKEN", token('A')),
        ] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
