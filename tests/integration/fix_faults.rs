//! A fix or an undo that is killed, or that the machine fails, at every single call.
//!
//! strace puts the fault in: at the N-th call of a kind the process is killed, or the call fails. Whatever happens,
//! each file is wholly old or wholly new, nothing can be read by others, and `undo` puts everything back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::fix_states::{Files, STATES, State, TOOLS, files, fix_of, in_shell, made};
use crate::machine::{Machine, Said};

/// The calls that change something. All names of a thing: which one libc takes differs.
const CALLS: [&str; 7] = [
    "write",
    "?rename,?renameat,?renameat2",
    "?unlink,?unlinkat,?rmdir",
    "fsync",
    "?mkdir,?mkdirat",
    "?chmod,?fchmod,?fchmodat",
    "?link,?linkat,?symlink,?symlinkat",
];
const FAULTS: [&str; 3] = ["signal=KILL", "error=ENOSPC", "error=EIO"];

fn strace() -> &'static Path {
    let found = ["/usr/bin/strace", "/bin/strace"].into_iter().map(Path::new).find(|p| p.exists());
    found.expect("strace, which tests/run installs")
}

/// hflint under strace as the shell's function would start it; whether the fault was met.
fn faulty(m: &Machine, args: &[&str], calls: &str, fault: &str, when: impl std::fmt::Display) -> (Said, bool) {
    let (directives, log) = (m.at("DIRECTIVES"), m.at("STRACE"));
    let inject = format!("inject={calls}:{fault}:when={when}");
    let trace = format!("trace={calls}");
    let mut all = vec!["-c", "exec 3>\"$0\"; exec \"$@\"", directives.to_str().unwrap(), strace().to_str().unwrap()];
    // Not of a tool that a fix runs: what git leaves when it is killed (`config.lock`) is its own affair.
    if !m.at(TOOLS).exists() {
        all.push("-f");
    }
    all.extend(["-qq", "-o", log.to_str().unwrap(), "-e", &trace, "-e", &inject, env!("CARGO_BIN_EXE_hflint")]);
    all.extend(args);
    let said = Said::from(m.program(Path::new("/bin/sh"), m.here(), &all).env("HFLINT_FD", "3").output().unwrap());
    let text = fs::read_to_string(&log).unwrap_or_default();
    let met = text.contains("(INJECTED)") || text.contains("killed by SIGKILL");
    for path in [directives, log] {
        let _ = fs::remove_file(path);
    }
    (said, met)
}

/// Each path is as in one of the two, or is the temporary file of a write that was cut off, for the person alone.
fn old_or_new(now: &Files, before: &Files, after: &Files, what: &str) {
    let paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    for path in &paths {
        let is = |files: &Files| match (now.get(*path), files.get(*path)) {
            (Some((a, mode, _)), Some((b, other, _))) => a == b && mode == other,
            (a, b) => a.is_none() && b.is_none(),
        };
        // What is of another kind is moved away before something stands in its place: no rename does both.
        let kind = |files: &Files| files.get(*path).map(|(_, mode, _)| mode & 0o170_000);
        let is_between = !now.contains_key(*path) && kind(before).is_some() && kind(before) != kind(after);
        assert!(is(before) || is(after) || is_between, "{what}: {path} is neither old nor new");
    }
    for (path, (_, mode, _)) in now.iter().filter(|(path, _)| !paths.contains(path)) {
        assert!(path.contains(".hflint-"), "{what}: {path} was left");
        // A new ref is for whoever may read the repository, and holds no secret.
        let others = if path.contains("/refs/") { 0 } else { mode & 0o077 };
        assert_eq!(others, 0, "{what}: {path} can be read by others");
    }
}

fn nothing_of_the_journal_is_open(m: &Machine, what: &str) {
    let mut open = vec![m.at(".local")];
    while let Some(dir) = open.pop() {
        let Ok(entries) = fs::read_dir(&dir) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let meta = fs::symlink_metadata(&path).unwrap();
            assert_eq!(meta.mode() & 0o077, 0, "{what}: {}", path.display());
            if meta.is_dir() {
                open.push(path);
            }
        }
    }
}

/// One kind of fix, failed at every call of every kind; how many points were met.
fn every_point(state: &State) -> usize {
    let mut m = made(state);
    let before = files(&m);
    let args = fix_of(state, &m);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    assert_eq!(in_shell(&mut m, &args).code, Some(0), "{}", state.name);
    let after = files(&m);
    let mut points = 0;
    for (which, calls) in CALLS.into_iter().enumerate() {
        for (how, fault) in FAULTS.into_iter().enumerate() {
            for when in (1 + (which + how) % stride()..).step_by(stride()) {
                let what = format!("{}, {calls}, {fault}, the {when}th", state.name);
                let mut m = made(state);
                let (said, met) = faulty(&m, &args, calls, fault, when);
                if !met {
                    break;
                }
                points += 1;
                let now = files(&m);
                old_or_new(&now, &before, &after, &what);
                nothing_of_the_journal_is_open(&m, &what);
                assert!(
                    said.code != Some(0) || now == after || without_times(&now) == without_times(&after),
                    "{what}: {said:?}"
                );
                if fault == "signal=KILL" {
                    assert_ne!(said.code, Some(0), "{what}");
                }
                // Whatever was left, it can be taken back; with nothing begun there is nothing to undo.
                let undo = in_shell(&mut m, &["undo"]);
                assert!(matches!(undo.code, Some(0 | 1)), "{what}: {undo:?}");
                assert_eq!(files(&m), before, "{what}: undo after it: {undo:?}; fix: {said:?}");
                // And then it can be done.
                let mut again = m;
                let redone = in_shell(&mut again, &args);
                let shell_only = without_times(&before) == without_times(&after);
                assert!(redone.code == Some(0) || shell_only, "{what}: {redone:?}");
                assert_eq!(without_times(&files(&again)), without_times(&after), "{what}: done at last");
            }
        }
    }
    points
}

/// The same while it is being undone.
fn every_point_of_undo(state: &State) -> usize {
    let mut points = 0;
    for (which, calls) in CALLS.into_iter().enumerate() {
        for (how, fault) in FAULTS.into_iter().enumerate() {
            for when in (1 + (which + how) % stride()..).step_by(stride()) {
                let what = format!("undo of {}, {calls}, {fault}, the {when}th", state.name);
                let mut m = made(state);
                let before = files(&m);
                let args = fix_of(state, &m);
                let args: Vec<&str> = args.iter().map(String::as_str).collect();
                assert_eq!(in_shell(&mut m, &args).code, Some(0), "{what}");
                let after = files(&m);
                let (said, met) = faulty(&m, &["undo"], calls, fault, when);
                if !met {
                    break;
                }
                points += 1;
                old_or_new(&files(&m), &before, &after, &what);
                nothing_of_the_journal_is_open(&m, &what);
                let undo = in_shell(&mut m, &["undo"]);
                assert!(matches!(undo.code, Some(0 | 1)), "{what}: {undo:?}");
                assert_eq!(files(&m), before, "{what}: {undo:?}; first: {said:?}");
            }
        }
    }
    points
}

fn without_times(files: &Files) -> BTreeMap<&String, (&Vec<u8>, u32)> {
    files.iter().map(|(name, (bytes, mode, _))| (name, (bytes, *mode))).collect()
}

/// With `HFLINT_FAULTS` every call fails in its turn, else each fourth: a fifth of all that `tests/run cases` takes.
fn stride() -> usize {
    if std::env::var_os("HFLINT_FAULTS").is_some() { 1 } else { 4 }
}

/// In threads: nearly all of the time is strace's. `HFLINT_FAULTS=all` takes every kind of fix (two minutes), another word
/// those with it in their name; else each eighth is tried.
fn all(of: fn(&State) -> usize, first: usize) -> usize {
    let wanted = std::env::var("HFLINT_FAULTS").ok();
    let is_chosen = |at: usize, state: &State| match wanted.as_deref() {
        None => at % 8 == first,
        Some("all") => true,
        Some(word) => state.name.contains(word),
    };
    std::thread::scope(|scope| {
        let chosen = STATES.iter().enumerate().filter(|(at, state)| is_chosen(*at, state)).map(|(_, state)| state);
        let handles: Vec<_> = chosen.map(|state| scope.spawn(move || (state.name, of(state)))).collect();
        handles
            .into_iter()
            .map(|handle| {
                let (name, points) = handle.join().unwrap();
                eprintln!("{points:4} points  {name}");
                assert!(points * stride() > 20, "{name}: {points}");
                points
            })
            .sum()
    })
}

#[test]
fn a_fix_survives_every_fault() {
    let points = all(every_point, 1);
    eprintln!("{points} points of fixes tried");
}

#[test]
fn an_undo_survives_every_fault() {
    let points = all(every_point_of_undo, 3);
    eprintln!("{points} points of undos tried");
}

/// What fails because somebody writes into the second file of a change after the first one is done: the first comes
/// back, and no entry is left that an undo would refuse.
#[test]
fn a_file_that_is_changed_between_two_steps() {
    let state = STATES.iter().find(|s| s.name == "a legacy token file behind a link").unwrap();
    let m = made(state);
    let (link, file) = (m.at(".huggingface/token"), m.at("dotfiles/hf"));
    let before = files(&m);
    let said = std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            while link.symlink_metadata().is_ok() {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            fs::write(&file, "mine").unwrap();
        });
        let args: Vec<String> = fix_of(state, &m);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        // Each flush takes a while: that of the first step leaves time for the other's write.
        let (said, _) = faulty(&m, &args, "fsync", "delay_exit=200000", "1+");
        let _ = (&said, other.join().unwrap());
        said
    });
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("dotfiles/hf: was changed by somebody else since it was looked at"), "{said:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    let now = files(&m);
    let others = |files: &Files| files.keys().filter(|name| *name != "dotfiles/hf").cloned().collect::<BTreeSet<_>>();
    assert_eq!(others(&now), others(&before), "the link is back");
    let undo = m.run(&["undo"]);
    assert!(undo.code == Some(1) && undo.err.contains("nothing to undo"), "{undo:?}");
}

/// What another program writes after a kill where the fix had not come to stands in no undo's way.
#[test]
fn a_file_that_is_changed_after_a_kill() {
    let state = &STATES[1];
    let m = made(state);
    let args: Vec<String> = fix_of(state, &m);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (bashrc, zshrc) = (m.read(".bashrc"), m.read(".zshrc"));
    // The journal is written, and no file: what replaces none goes through `renameat2`.
    let (_, met) = faulty(&m, &args, "?rename,?renameat", "signal=KILL", 1);
    assert!(met && m.at(".local/state/hflint/journal/1/entry.json").exists());
    assert!(m.read(".bashrc") == bashrc && m.read(".zshrc") == zshrc);
    m.write(".zshrc", "mine\n");
    let undo = m.run(&["undo"]);
    assert!(!undo.err.contains("was changed"), "{undo:?}");
    assert!(!m.at(".zshrc.hflint-1").exists() && !m.at("..zshrc.hflint-1").exists(), "what the kill left is swept up");
    assert_eq!((m.read(".bashrc"), m.read(".zshrc")), (bashrc, "mine\n".to_owned()));
}

/// A kind of step that comes to the journal without a machine whose fix takes it would never be cut off here.
#[test]
fn every_kind_of_step_is_in_the_table() {
    let unknown = serde_json::from_str::<hflint::fix::journal::Record>(r#"{"step": "?"}"#).unwrap_err().to_string();
    let known: BTreeSet<String> = unknown.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    assert!(known.contains("put") && known.len() > 4, "{unknown}");
    let mut taken = BTreeSet::new();
    for state in STATES {
        let mut m = made(state);
        let args = fix_of(state, &m);
        let said = in_shell(&mut m, &args.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(said.code, Some(0), "{}: {said:?}", state.name);
        for entry in fs::read_dir(m.at(".local/state/hflint/journal")).unwrap() {
            let Ok(text) = fs::read_to_string(entry.unwrap().path().join("entry.json")) else { continue };
            let entry: serde_json::Value = serde_json::from_str(&text).unwrap();
            let actions = entry["actions"].as_array().unwrap().iter();
            let steps = actions.flat_map(|action| action["steps"].as_array().unwrap());
            taken.extend(steps.map(|step| step["step"].as_str().unwrap().to_owned()));
        }
    }
    assert_eq!(taken, known, "a kind of step that no state in the table takes, or one that the journal can't read");
}
