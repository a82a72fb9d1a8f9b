//! HF301

use std::path::{Path, PathBuf};

use super::places::{called, login_path, moving_variables};
use super::reach::others;
use super::relative_token_path::is_relative;
use super::shared_home_token::shared;
use super::values::values;
use crate::clients::Outcome;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::plan::Remedy;
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::system::path::absolute;
use crate::system::{Kind, ReadError};

declare_rule! {
    /// ## What it does
    /// Finds a token file that a client here cannot read, and one that other users can.
    ///
    /// ## Why it matters
    /// huggingface_hub takes only a missing file for "no token". Everything else is raised by every call, for public
    /// repositories too: PermissionError after `sudo hf auth login`, IsADirectoryError after a bind mount of a file
    /// that did not exist. And whoever can read the file can act as its owner.
    ///
    /// ## Example
    /// ```text
    /// ~/.cache/huggingface/token     owned by root, mode 0600
    /// ~/.cache/huggingface/token/    a directory
    /// ```
    ///
    /// ## How to fix
    /// Make it a file of your own with mode 0600: `chmod 600 ~/.cache/huggingface/token`, or
    /// `sudo chown "$USER" ~/.cache/huggingface/token`.
    ///
    /// ## Fix safety
    /// Changing the mode of your own credential file is safe. Changing its owner needs rights that hflint does not have.
    ///
    /// ## Exceptions
    /// That others can read it is a warning of `hflint check` alone, never of the prompt, and only where every
    /// directory above lets them through: releases before 1.16 wrote the file with mode 0644, which does no harm below
    /// a home of mode 0700. A group of one's own is nobody else, and secrets that an orchestrator mounted below
    /// `/run/secrets` are its own matter. An unreadable file behind a token in a variable is read by nobody.
    ///
    /// ## References
    /// - huggingface_hub 0.0.1 to 2.4.0, `utils/_auth.py`; modes by `login`: 0644 up to 1.15, 0600 from 1.16
    pub(super) static RULE = {
        code: "HF301",
        name: "token-file-perms",
        summary: "a client can't read the token file, or others can",
        severity: Error,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    unreadable(snapshot, out);
    if !snapshot.at_prompt {
        exposed(snapshot, out);
    }
    discarded(snapshot, out);
}

/// `/dev/null` in place of the token file: it reads as empty, and people use it on purpose, but a login is lost there.
fn discarded(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let path = login_path(snapshot);
    let is_device = state.system.stat(path).is_ok_and(|s| s.kind == Kind::Other);
    if is_device && state.credential(path).is_ok() {
        out.push(
            Finding::new(&RULE, Severity::Info, "the token path leads to /dev/null: no login can be saved there")
                .at(Location::file(absolute(state.system, path)))
                .help("hflint status", "shows what is sent without it"),
        );
    }
}

/// A file whose fault a client raises, or waits on.
fn unreadable(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let mut told: Vec<&Path> = Vec::new();
    for client in snapshot.here() {
        let class = match client.answer.outcome {
            Outcome::Error(class) if class != "UnicodeDecodeError" => Some(class),
            // A pipe or a device: it would wait, or read without an end.
            Outcome::Unknown => None,
            _ => continue,
        };
        let Some(path) = client.answer.source.as_ref().and_then(Location::path) else {
            continue;
        };
        if told.contains(&path) || is_relative(snapshot, client, path) {
            continue;
        }
        // What a client of 0.12 to 0.14 raises when it cannot write the copy of a legacy file has no fault to read.
        let fault = state.credential(path).as_ref().as_ref().err().copied();
        let Some(fault) = fault.filter(|e| *e != ReadError::NotFound).or_else(|| class.map(|_| ReadError::Other))
        else {
            continue;
        };
        told.push(path);
        let name = called(&client.instance);
        let sends = match class {
            Some(class) => format!("nothing: {name} fails with {class} at every call"),
            None => format!("nothing: {name} would wait for what never comes"),
        };
        let (what, at, command, then) = diagnose(snapshot, path, fault);
        let finding = Finding::new(&RULE, Severity::Error, what).at(at.clone()).note("sends", sends);
        let finding = match cure(&command, &at) {
            Some(remedy) => finding.remedy(remedy, then),
            None => finding.help(command, then),
        };
        out.push(finding);
    }
}

/// What `hflint fix` does in place of a command.
fn cure(command: &str, at: &Location) -> Option<Remedy> {
    let path = at.path()?.to_owned();
    match command.split(' ').next()? {
        "rmdir" => Some(Remedy::Directory(path)),
        "chmod" if command.contains("u+rx") => Some(Remedy::Mode(vec![path], 0o500, 0)),
        "chmod" => Some(Remedy::Mode(vec![path], 0o600, 0o177)),
        "unset" => {
            let names: Vec<&str> = command.split(' ').skip(1).collect();
            let all = names.iter().all(|n| crate::fix::unset::REACHABLE.contains(n));
            all.then(|| Remedy::unset(names))
        }
        _ => None,
    }
}

/// What is wrong, where, the command that cures it and what becomes of the person.
fn diagnose(snapshot: &Snapshot<'_>, path: &Path, fault: ReadError) -> (&'static str, Location, String, &'static str) {
    let state = &snapshot.state;
    let file = || Location::file(path);
    let word = quote_path(Some(path));
    let (no_token, its_token) = ("then no token is found there; log in anew", "then the token in it is sent");
    match fault {
        ReadError::IsDir => {
            ("the token path is a directory", Location::directory(path), format!("rmdir {word}"), no_token)
        }
        ReadError::Denied => match barrier(state, path) {
            None => {
                let mine = state.system.lstat(path).is_ok_and(|s| s.uid == state.system.uid());
                let command = if mine {
                    format!("chmod 600 {word}")
                } else {
                    format!("sudo chown {} {word}", state.system.uid())
                };
                ("the token file can't be read by this user", file(), command, its_token)
            }
            Some(dir) => {
                let mine = state.system.stat(&dir).is_ok_and(|s| s.uid == state.system.uid());
                let command = if mine {
                    format!("chmod u+rx {}", quote_path(Some(&dir)))
                } else {
                    // A name that others can foresee below /tmp could be theirs already, with a token file to read.
                    "export HF_HOME=\"$(mktemp -d)\"".to_owned()
                };
                let then = if mine {
                    "then the token file can be looked for"
                } else {
                    "then clients look there: no token, and a cache of its own"
                };
                (
                    "a directory above the token file can't be entered by this user",
                    Location::directory(dir),
                    command,
                    then,
                )
            }
        },
        ReadError::NotDir => {
            let file_above = path.ancestors().skip(1).find(|p| state.system.stat(p).is_ok_and(|s| s.kind != Kind::Dir));
            let command = if let Some(name) = moving_variables(snapshot).first() {
                format!("unset {name}")
            } else {
                let word = quote_path(file_above);
                format!("mv {word} {word}.old")
            };
            let at = file_above.map_or_else(file, Location::file);
            ("the token path leads through a file", at, command, "then clients look in a place that can be there")
        }
        ReadError::Fifo => ("the token path is a pipe", file(), away(snapshot, &word), no_token),
        ReadError::Special => ("the token path is a device or a socket", file(), away(snapshot, &word), no_token),
        ReadError::Loop => ("the token path is a link that leads to itself", file(), away(snapshot, &word), no_token),
        ReadError::NotFound | ReadError::TooLarge | ReadError::Other => {
            ("the token file can't be read", file(), away(snapshot, &word), no_token)
        }
    }
}

/// The directory above a path that may not be entered; `None` where the path itself can be looked at.
fn barrier(state: &State<'_>, path: &Path) -> Option<PathBuf> {
    if state.system.lstat(path).is_ok() {
        return None;
    }
    path.ancestors().skip(1).find(|p| state.system.stat(p).is_ok()).map(Path::to_owned)
}

/// Out of the way: the variable that points there, or the thing itself.
fn away(snapshot: &Snapshot<'_>, word: &str) -> String {
    match moving_variables(snapshot).first() {
        Some(name) => format!("unset {name}"),
        None => format!("rm {word}"),
    }
}

/// Token files of the person's own that others can read.
fn exposed(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    for value in values(snapshot) {
        let Some(path) = value.at.path().filter(|p| value.reading.token.is_some() && !is_mounted_secret(p)) else {
            continue;
        };
        let mine = state.system.stat(path).is_ok_and(|s| s.uid == state.system.uid());
        // A directory that others share is one fact: HF302.
        if !mine || shared(snapshot).is_some_and(|s| s.token == *path) {
            continue;
        }
        let Some(who) = others(state, path, 4) else {
            continue;
        };
        let mut finding = Finding::new(&RULE, Severity::Warning, format!("{} can read the token file", who.words()))
            .at(Location::file(path));
        let mut paths = vec![path.to_owned()];
        let beside = path.with_file_name("stored_tokens");
        if others(state, &beside, 4).is_some() {
            paths.push(absolute(state.system, &beside));
            finding = finding.at(Location::file(absolute(state.system, &beside)));
        }
        out.push(finding.remedy(Remedy::Mode(paths, 0, 0o077), "then only you can").lint_only());
    }
}

fn is_mounted_secret(path: &Path) -> bool {
    ["/run/secrets", "/var/run/secrets"].iter().any(|dir| path.starts_with(dir))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, run, token};
    use crate::system::fake::Fake;

    const LOGIN: &str = "/home/u/.cache/huggingface/token";

    #[test]
    fn what_a_client_raises_is_an_error() {
        let unreadable = Fake::home().mode(LOGIN, token('A'), 0);
        let foreign = Fake::home().file(LOGIN, token('A')).owner(LOGIN, 0, 0);
        let directory = Fake::home().file("/home/u/.cache/huggingface/token/x", "");
        let closed = Fake::home().file(LOGIN, token('A')).dir("/home/u/.cache", 0o600);
        let through_a_file = Fake::home().file("/home/u/.cache/huggingface", "");
        let pipe = Fake::home().special(LOGIN, Kind::Fifo);
        let socket = Fake::home().special(LOGIN, Kind::Other);
        let home = Fake::new().var("HOME", "/root").dir("/root", 0o000).owner("/root", 0, 0);
        for (fake, help) in [
            (unreadable, "hflint fix HF301"),
            (foreign, "sudo chown 1000 "),
            (directory, "hflint fix --clear"),
            (closed, "hflint fix HF301"),
            (through_a_file, "mv /home/u/.cache/huggingface /home/u/.cache/huggingface.old"),
            (pipe, "rm "),
            (socket, "rm "),
            (home, "export HF_HOME=\"$(mktemp -d)\""),
        ] {
            let found = run(&RULE, &fake);
            assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [Severity::Error], "{help}");
            assert!(found[0].help.as_ref().unwrap().command.starts_with(help), "{found:?}");
        }
    }

    #[test]
    fn what_others_can_read_is_a_warning_of_check_alone() {
        let open =
            Fake::home().dir("/home/u", 0o755).dir("/home/u/.cache", 0o755).dir("/home/u/.cache/huggingface", 0o755);
        let open = open.mode(LOGIN, token('A'), 0o644);
        let found = run(&RULE, &open);
        assert_eq!(found.iter().map(|f| (f.severity, f.lint_only)).collect::<Vec<_>>(), [(Severity::Warning, true)]);
        let elsewhere = Fake::home().var("HF_TOKEN_PATH", "/srv/t").mode("/srv/t", token('A'), 0o644);
        assert_eq!(findings(&RULE, &elsewhere), ["warning"]);
    }

    #[test]
    fn silent_where_nobody_is_harmed() {
        let private = Fake::home().mode(LOGIN, token('A'), 0o644);
        let hidden = Fake::home().mode(LOGIN, token('A'), 0).var("HF_TOKEN", token('B'));
        let missing = Fake::home();
        let mounted = Fake::home().var("HF_TOKEN_PATH", "/run/secrets/t").mode("/run/secrets/t", token('A'), 0o444);
        let relative = Fake::home().var("HF_TOKEN_PATH", "");
        for fake in [private, hidden, missing, mounted, relative] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
