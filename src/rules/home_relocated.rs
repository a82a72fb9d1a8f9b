//! HF106

use super::offline_mode;
use super::places::{
    called, default_path, file, login_path, login_path_is_unsound, moving_variables, reads_todays_login,
};
use crate::clients::Outcome;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::plan::Remedy;
use crate::snapshot::Snapshot;
use crate::state::isolation::Here;
use crate::system::path::absolute;

declare_rule! {
    /// ## What it does
    /// Finds a login at the default place while `HF_HOME`, `HF_TOKEN_PATH` or `XDG_CACHE_HOME` makes clients look
    /// elsewhere.
    ///
    /// ## Why it matters
    /// The cache was moved to a bigger disk and the login stayed behind: clients are anonymous although `hf auth login`
    /// was run. `HF_HUB_CACHE` moves the models alone.
    ///
    /// ## Example
    /// ```text
    /// HF_HOME=/data/hf               no token there
    /// ~/.cache/huggingface/token     hf_****bbbb
    /// ```
    ///
    /// ## How to fix
    /// Move only the cache (`HF_HUB_CACHE`), or log in again where clients look now: `hf auth login`.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe; moving a token file asks first.
    ///
    /// ## Exceptions
    /// Only worth knowing (`info`) where clients have a token all the same: a login of its own at the new place was
    /// made on purpose; likewise where a switch keeps clients off the network. Silent where both places hold the same
    /// token, where no huggingface_hub is left without a token and another client reads the old place (then see HF108),
    /// and where the huggingface_hub here is older than these variables (then see HF507).
    ///
    /// Silent in an isolated project (`hflint fix --isolate`).
    ///
    /// ## References
    /// - huggingface_hub 0.12.0 to 2.4.0, `constants.py`
    pub(super) static RULE = {
        code: "HF106",
        name: "home-relocated",
        summary: "a login is where clients no longer look",
        severity: Warning,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    if matches!(state.isolation(), Here::Project(binding) if binding.is_in_effect(state.system)) {
        return;
    }
    let variables = moving_variables(snapshot);
    let looked = absolute(state.system, login_path(snapshot));
    let default = absolute(state.system, &default_path(state));
    if variables.is_empty()
        || !reads_todays_login(snapshot)
        || login_path_is_unsound(snapshot)
        || same_file(snapshot, &looked, &default)
    {
        return;
    }
    let Some(left) = file(state, &default_path(state)) else {
        return;
    };
    // The three variables are huggingface_hub's: what it sends tells what they did, and not what a client for node does
    // that never reads a login. Anonymous because nothing was found, not because a switch says so.
    let hub = snapshot.hub_or_newest();
    let anonymous = matches!(hub.answer.outcome, Outcome::Anonymous) && hub.answer.source.is_none();
    // Not who would read it: the Rust client lists the default place among those that `HF_HOME` hides from it.
    let others_have_it = snapshot
        .here()
        .iter()
        .any(|r| r.answer.outcome.token() == Some(&left.token) || r.answer.source.as_ref() == Some(&left.source));
    if others_have_it && !(anonymous && snapshot.hub().is_some()) {
        return;
    }
    // Off the network nobody asks who one is: a compute node with its cache on another disk.
    let severity =
        if anonymous && offline_mode::switch(snapshot).is_none() { Severity::Warning } else { Severity::Info };
    // The variable that decides: the first of the three that is set.
    let decides = variables[0];
    let finding = Finding::new(
        &RULE,
        severity,
        if anonymous && others_have_it {
            let hub = called(&hub.instance);
            format!("{decides} makes {hub} look elsewhere, and it is anonymous: the login stayed behind")
        } else if anonymous {
            format!("{decides} makes clients look elsewhere, and they are anonymous: the login stayed behind")
        } else {
            format!("{decides} makes clients look elsewhere; another login is at the default place")
        },
    )
    .at(Location::variable(decides))
    .at(left.source.clone())
    .note("login", left.token.masked())
    .note("looked", crate::output::sanitize::path(&looked, state.var("HOME").as_deref()));
    let path = left.source.path().map(std::path::Path::to_owned).unwrap_or_default();
    out.push(if anonymous {
        finding.help("hf auth login", "then the login is where clients look now")
    } else {
        finding.help("hflint status", "shows which client sends which").offers(Remedy::Discard(path))
    });
}

/// The same file through a link is one place.
fn same_file(snapshot: &Snapshot<'_>, a: &std::path::Path, b: &std::path::Path) -> bool {
    let system = snapshot.state.system;
    a == b || system.canonical(a).is_some_and(|a| system.canonical(b) == Some(a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, python, token};
    use crate::system::fake::Fake;

    const DEFAULT: &str = "/home/u/.cache/huggingface/token";

    #[test]
    fn a_warning_where_it_makes_the_person_anonymous() {
        let fake = Fake::home().var("HF_HOME", "/data/hf").file(DEFAULT, token('B'));
        assert_eq!(findings(&RULE, &fake), ["warning"]);
        let path = Fake::home().var("HF_TOKEN_PATH", "/none").file(DEFAULT, token('B'));
        assert_eq!(findings(&RULE, &path), ["warning"]);
        let offline = fake.var("HF_HUB_OFFLINE", "1");
        assert_eq!(findings(&RULE, &offline), ["info"]);
    }

    #[test]
    fn worth_knowing_where_there_is_another_token() {
        let fake = Fake::home().var("HF_HOME", "/d").file("/d/token", token('A')).file(DEFAULT, token('B'));
        assert_eq!(findings(&RULE, &fake), ["info"]);
    }

    #[test]
    fn a_client_here_that_goes_without_counts_whoever_else_has_the_login() {
        let login = Fake::home().file(DEFAULT, token('B'));
        let lock = "[[package]]\nname = \"hf-hub\"\nversion = \"0.4.3\"\n";
        let rust = login.clone().var("HF_HOME", "/d").file("/home/u/Cargo.lock", lock);
        let looks_there_too = rust.clone().file("/home/u/Cargo.lock", lock.replace("0.4.3", "0.3.2"));
        assert_eq!(findings(&RULE, &looks_there_too), ["warning"]);
        assert!(findings(&RULE, &rust).is_empty(), "that client has it, and no other is here");
        assert_eq!(findings(&RULE, &python(rust, &[("huggingface_hub", "0.16.4")])), ["warning"]);
        let older_than_the_variable = python(login.var("HF_HOME", "/d"), &[("huggingface_hub", "0.11.1")]);
        assert!(findings(&RULE, &older_than_the_variable).is_empty());
    }

    #[test]
    fn a_client_for_node_that_reads_no_login_says_nothing_of_it() {
        let own = Fake::home().var("HF_HOME", "/d").file("/d/token", token('A')).file(DEFAULT, token('B'));
        let node = own.file("/home/u/node_modules/@huggingface/hub/package.json", "{\"version\": \"2.4.0\"}");
        assert_eq!(findings(&RULE, &node), ["info"]);
    }

    #[test]
    fn silent_where_nothing_is_lost() {
        let same = Fake::home().var("HF_HOME", "/d").file("/d/token", token('B')).file(DEFAULT, token('B'));
        let there = Fake::home().var("HF_HOME", "/home/u/.cache/huggingface/").file(DEFAULT, token('B'));
        let none = Fake::home().var("HF_HOME", "/d");
        for fake in [same, there, none] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
