//! HF306

use std::path::Path;

use super::path_unexpanded::leftover;
use super::places::{called, default_path, file, moving_variables};
use crate::clients::model::{HubPath, Place, Step};
use crate::clients::paths;
use crate::clients::paths::is_true;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::output::sanitize;
use crate::snapshot::{Resolved, Snapshot};
use crate::state::State;
use crate::system::path::absolute;

declare_rule! {
    /// ## What it does
    /// Says when a variable that is empty or relative makes clients look for the token in the current directory.
    ///
    /// ## Why it matters
    /// `HF_HOME=''` is not unset: huggingface_hub then reads `./token` of whatever directory one stands in, and keeps
    /// its cache in `./hub`. The login is not seen, and the author of a directory chooses who one is: a file called
    /// `token` is enough.
    ///
    /// ## Example
    /// ```text
    /// HF_HOME=                       reads ./token
    /// XDG_CACHE_HOME=                reads ./huggingface/token
    /// HF_TOKEN_PATH=                 opens the directory itself: IsADirectoryError at every call
    /// ```
    ///
    /// ## How to fix
    /// `unset HF_HOME`, or give it an absolute path.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe.
    ///
    /// ## Exceptions
    /// Silent where another variable decides with an absolute path, and for clients that take an empty variable for
    /// unset. A relative path that comes of a literal `~`, `$HOME` or quotes is HF502.
    ///
    /// ## References
    /// - huggingface_hub 0.12.0 to 2.4.0, `constants.py`; hf-hub 0.2 to 1.0
    pub(super) static RULE = {
        code: "HF306",
        name: "relative-token-path",
        summary: "the token is looked for in the current directory",
        severity: Error,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let mut told: Vec<&str> = Vec::new();
    for client in snapshot.here() {
        let Some((name, path)) = relative(state, client) else {
            continue;
        };
        if told.contains(&name) {
            continue;
        }
        told.push(name);
        let at = Location::variable(name);
        let empty = state.var(name).is_some_and(|v| v.is_empty());
        let what = if empty { "is set and empty" } else { "is a relative path" };
        let place = absolute(state.system, &path);
        let home = state.var("HOME");
        let reads = if place.is_absolute() {
            sanitize::path(&place, home.as_deref())
        } else {
            "no file: this directory was deleted".to_owned()
        };
        let mut finding = Finding::new(
            &RULE,
            Severity::Error,
            format!("{name} {what}: the token is that of whatever directory one is in"),
        )
        .at(at.clone())
        .note("reads", format!("{reads} here, by {}", called(&client.instance)));
        if state.credential(&path).is_ok() {
            finding = finding.at(Location::line(place, 1));
        }
        let elsewhere = moving_variables(snapshot).iter().any(|other| *other != name);
        let from_variable = matches!(client.answer.source, Some(Location::Variable { .. }));
        let then = match file(state, &default_path(state)) {
            _ if name == "HOME" => "then the password database says where the home is".to_owned(),
            _ if elsewhere || from_variable => "then no directory is looked into for the token".to_owned(),
            Some(login) => format!("then {} of ~/.cache/huggingface/token is sent", login.token.masked()),
            None => "then the token is looked for in ~/.cache/huggingface, where there is none".to_owned(),
        };
        out.push(finding.unset(&[name], then));
    }
}

/// The variable that leads a client to a relative path, and the path.
fn relative(state: &State<'_>, client: &Resolved) -> Option<(&'static str, std::path::PathBuf)> {
    client.instance.steps().into_iter().find_map(|step| {
        let Step::File { at, .. } = step else {
            return None;
        };
        let path = paths::place(state.system, *at).filter(|p| p.is_relative())?;
        let name = match at {
            Place::Hub(rule) => deciding(state, *rule),
            // Other clients fall through: only where the search came to this place.
            Place::Var { name, .. } => {
                let source = client.answer.source.as_ref();
                let here = Some(absolute(state.system, &path));
                (source.is_none() || source.and_then(Location::path) == here.as_deref()).then_some(*name)?
            }
            Place::Home { .. } => "HOME",
            Place::Here(_) => return None,
        };
        // HF502 tells of what stands literally in a variable; of HOME it does not.
        let literal = name != "HOME" && leftover(path.as_os_str()).is_some();
        (!literal).then_some((name, path))
    })
}

/// The variable that says where huggingface_hub's token file is; HOME where none of its own does.
pub(super) fn deciding(state: &State<'_>, rule: HubPath) -> &'static str {
    let set = |name: &str| state.var(name).is_some();
    let staging = !matches!(rule, HubPath::Legacy | HubPath::Home) && is_true(state.system, "HUGGINGFACE_CO_STAGING");
    let names: &[&str] = match rule {
        _ if staging => &[],
        HubPath::Legacy => &[],
        HubPath::Home | HubPath::Staging => &["HF_HOME", "XDG_CACHE_HOME"],
        HubPath::TokenPath | HubPath::Expanded => &["HF_TOKEN_PATH", "HF_HOME", "XDG_CACHE_HOME"],
    };
    names.iter().copied().find(|n| set(n)).unwrap_or("HOME")
}

/// Whether a client comes to a file by a relative path, which is this rule's fault and no other's.
pub(super) fn is_relative(snapshot: &Snapshot<'_>, client: &Resolved, file: &Path) -> bool {
    let system = snapshot.state.system;
    client.instance.steps().into_iter().any(|step| match step {
        Step::File { at, .. } => {
            paths::place(system, *at).is_some_and(|p| p.is_relative() && absolute(system, &p) == file)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{crates, findings, python, run, token};
    use crate::system::fake::Fake;

    #[test]
    fn empty_and_relative_variables() {
        for (name, value) in [
            ("HF_HOME", ""),
            ("HF_HOME", "./cache/hf"),
            ("XDG_CACHE_HOME", ""),
            ("HF_TOKEN_PATH", ""),
            ("HF_TOKEN_PATH", "token"),
            ("HOME", "x"),
            ("HOME", "$HOME"),
        ] {
            let found = run(&RULE, &Fake::home().var(name, value));
            assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [Severity::Error], "{name}={value}");
            assert_eq!(found[0].locations[0], Location::variable(name));
        }
    }

    #[test]
    fn one_finding_for_all_clients() {
        let fake = crates(Fake::home().var("HF_HOME", ""), &[("hf-hub", "0.3.2")]);
        let fake = python(fake, &[("huggingface_hub", "0.36.2")]);
        assert_eq!(findings(&RULE, &fake), ["error"]);
    }

    #[test]
    fn silent_where_another_place_decides() {
        let absolute = Fake::home().var("HF_HOME", "").var("HF_TOKEN_PATH", "/s/token");
        let home = Fake::home().var("XDG_CACHE_HOME", "").var("HF_HOME", "/hf");
        let unread = python(Fake::home().var("HF_TOKEN_PATH", ""), &[("huggingface_hub", "0.22.2")]);
        let literal = Fake::home().var("HF_HOME", "$NOPE/x");
        let quoted = Fake::home().var("HF_HOME", "\"/x\"");
        let fine = Fake::home().file("/home/u/.cache/huggingface/token", token('A'));
        for fake in [absolute, home, unread, literal, quoted, fine] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
