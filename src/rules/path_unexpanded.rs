//! HF502

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::places::called;
use crate::clients::Instance;
use crate::clients::model::{Expand, Place, Step};
use crate::clients::version::Version;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::shell::quote;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::system::home::{expanduser, expandvars};

declare_rule! {
    /// ## What it does
    /// Finds `~`, `$NAME` or quotes that stand literally in a path variable and that a client here does not expand.
    ///
    /// ## Why it matters
    /// The shell expands `~` and `$HOME`; Docker's env files, systemd units and `.env` do not. A client that takes the
    /// text as it is looks in a directory called `~` below the current one, finds no token and goes out anonymous,
    /// while the next client expands the same text and is logged in.
    ///
    /// ## Example
    /// ```text
    /// HF_TOKEN_PATH=~/secrets/token      huggingface_hub 0.29 opens ./~/secrets/token
    /// HF_HOME="/data/hf"                 with its quotes: no client takes them away
    /// ```
    ///
    /// ## How to fix
    /// Write the path out: `export HF_HOME="$HOME/hf"` in a shell, an absolute path in a file that no shell reads.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe.
    ///
    /// ## Exceptions
    /// Silent where every client here expands the text, as huggingface_hub does since 0.30 (`~` in `HF_HOME` always).
    /// Only worth knowing (`info`) where no huggingface_hub is installed: which release will read it is not known.
    ///
    /// ## References
    /// - huggingface_hub 0.12.0 to 2.4.0, `constants.py`; hf-hub 0.1 to 1.0 and node-llama-cpp expand nothing; Polars
    ///   expands `~`
    pub(super) static RULE = {
        code: "HF502",
        name: "path-unexpanded",
        summary: "`~`, `$NAME` or quotes stand literally in a path variable",
        severity: Warning,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

/// What a client does to a path before it opens it.
#[derive(Clone, Copy)]
enum Does {
    Nothing,
    Tilde,
    Both,
}

/// The variables that lead to a token or to the models.
const NAMES: [&str; 5] = ["HF_TOKEN_PATH", "HF_HOME", "XDG_CACHE_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"];

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    for name in NAMES {
        let Some(value) = state.var(name) else {
            continue;
        };
        // HF_HOME takes its place.
        if (name == "XDG_CACHE_HOME" && state.var("HF_HOME").is_some()) || leftover(&value).is_none() {
            continue;
        }
        let here = snapshot.here();
        let literal = here
            .iter()
            .find_map(|r| leftover(&expanded(state, &value, does(&r.instance, name)?)).map(|what| (r, what)));
        let (severity, message) = match (literal, leftover(&value)) {
            (Some((client, what)), _) => {
                let who = called(&client.instance);
                (Severity::Warning, format!("{name} holds {what} literally, and {who} takes it as it is"))
            }
            // What every release expands is no matter.
            (None, Some(what)) if snapshot.hub().is_none() && !matches!((name, what), ("HF_HOME", "`~`")) => (
                Severity::Info,
                format!(
                    "{name} holds {what} literally; huggingface_hub expands it from 0.30 on, others take it as it is"
                ),
            ),
            _ => continue,
        };
        let finding = Finding::new(&RULE, severity, message).at(Location::variable(name));
        let meant = meant(state, &value);
        out.push(match &meant {
            Some(path) => {
                finding.help(format!("export {name}={}", quote(path)), "then every client looks in the same place")
            }
            None => finding.unset(&[name], "then clients look in the default place"),
        });
    }
}

/// What stands literally in a path, in a few words.
pub(super) fn leftover(path: &OsStr) -> Option<&'static str> {
    let bytes = path.as_bytes();
    if matches!(bytes, [b'"' | b'\'', _, ..]) {
        return Some("quotes");
    }
    if bytes.first() == Some(&b'~') {
        return Some("`~`");
    }
    let names = |rest: &[u8]| {
        matches!(rest, [b'{', c, ..] if *c != b'}')
            || rest.first().is_some_and(|c| c.is_ascii_alphabetic() || *c == b'_')
    };
    let variable = bytes.iter().enumerate().any(|(i, b)| *b == b'$' && names(&bytes[i + 1..]));
    variable.then_some("`$…`")
}

/// What a client does to a variable; `None` where it does not read it.
fn does(instance: &Instance, name: &str) -> Option<Does> {
    let steps = instance.steps();
    let asks_hub = steps.iter().any(|s| matches!(s, Step::File { at: Place::Hub(_), .. }));
    if asks_hub {
        return by_hub(if instance.is_hub() { instance.version } else { instance.hub }, name);
    }
    steps.iter().find_map(|s| match s {
        Step::File { at: Place::Var { name: read, expand, .. }, .. } if *read == name => Some(match expand {
            Expand::No | Expand::NodeJoin => Does::Nothing,
            Expand::Tilde => Does::Tilde,
        }),
        _ => None,
    })
}

/// huggingface_hub's `constants.py`, by release.
fn by_hub(release: Version, name: &str) -> Option<Does> {
    let (since, before) = match name {
        "HF_TOKEN_PATH" => (Version::first_of(0, 23, 0), Does::Nothing),
        "HF_HUB_CACHE" => (Version::first_of(0, 19, 0), Does::Nothing),
        "HUGGINGFACE_HUB_CACHE" => (Version::first_of(0, 0, 12), Does::Nothing),
        // For the models; the token followed in 0.12.
        _ => (Version::first_of(0, 0, 12), Does::Tilde),
    };
    (release >= since).then_some(if release >= Version::first_of(0, 30, 0) { Does::Both } else { before })
}

fn expanded(state: &State<'_>, value: &OsStr, does: Does) -> OsString {
    let both = |value: &OsStr| expandvars(state.system, &expanduser(state.system, value));
    match does {
        Does::Nothing => value.to_owned(),
        Does::Tilde => expanduser(state.system, value),
        // Twice, as the default token path is; a second time does nothing to what is expanded already.
        Does::Both => both(&both(value)),
    }
}

/// The path that was meant: without its quotes, expanded; `None` where that leaves something literal.
fn meant(state: &State<'_>, value: &OsStr) -> Option<OsString> {
    let bytes = value.as_bytes();
    let inner = match bytes {
        [open @ (b'"' | b'\''), inner @ .., close] if open == close => inner,
        _ => bytes,
    };
    let path = expanded(state, OsStr::from_bytes(inner), Does::Both);
    (path.as_bytes().first() == Some(&b'/') && leftover(&path).is_none()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{crates, findings, python, run};
    use crate::system::fake::Fake;

    #[test]
    fn what_no_client_expands() {
        for value in ["\"/home/u/hf\"", "'~/hf'", "~no-such-user/hf", "$NO_SUCH/hf", "/data/${NO_SUCH}/hf"] {
            assert_eq!(findings(&RULE, &Fake::home().var("HF_HOME", value)), ["warning"], "{value}");
        }
    }

    #[test]
    fn what_the_client_here_does_not_expand() {
        let hub = |version| [("huggingface_hub", version)];
        let dollar = python(Fake::home().var("HF_HOME", "$HOME/x"), &hub("0.19.4"));
        let inside = python(Fake::home().var("USER", "u").var("HF_HOME", "/data/$USER/x"), &hub("0.29.3"));
        let tilde = python(Fake::home().var("HF_TOKEN_PATH", "~/t"), &hub("0.29.3"));
        let cache = python(Fake::home().var("HF_HUB_CACHE", "~/models"), &hub("0.29.3"));
        let rust = crates(Fake::home().var("HF_HOME", "~/hf"), &[("hf-hub", "1.0.0")]);
        for fake in [dollar, inside, tilde, cache, rust] {
            assert_eq!(findings(&RULE, &fake), ["warning"]);
        }
    }

    #[test]
    fn worth_knowing_where_no_client_is_installed() {
        for (name, value) in [("HF_HOME", "$HOME/x"), ("HF_TOKEN_PATH", "~/t")] {
            assert_eq!(findings(&RULE, &Fake::home().var(name, value)), ["info"], "{name}");
        }
    }

    #[test]
    fn the_command_writes_the_path_out() {
        let command = |value: &str| run(&RULE, &Fake::home().var("HF_HOME", value))[0].help.clone().unwrap().command;
        assert_eq!(command("\"~/hf\""), "export HF_HOME=/home/u/hf");
        assert_eq!(command("$NO_SUCH/hf"), "hflint fix --unset");
    }

    #[test]
    fn silent_where_it_is_expanded_or_plain() {
        let new = Fake::home().var("HF_HOME", "${HOME}/hf").var("HF_TOKEN_PATH", "~/t");
        let new = python(new, &[("huggingface_hub", "0.30.0")]);
        let always = Fake::home().var("HF_HOME", "~/hf");
        let old = python(Fake::home().var("HF_HOME", "~/hf"), &[("huggingface_hub", "0.23.5")]);
        let unread = python(Fake::home().var("HF_TOKEN_PATH", "~/t"), &[("huggingface_hub", "0.22.2")]);
        let behind = Fake::home().var("XDG_CACHE_HOME", "'x'").var("HF_HOME", "/hf");
        let plain = Fake::home().var("HF_HOME", "/data/a$/b~c'd");
        for fake in [new, always, old, unread, behind, plain] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
