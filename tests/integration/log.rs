//! `hflint log`: what is written down, by whom, and that nothing breaks it or is broken by it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Stdio;

use serde_json::Value;

use crate::common::token;
use crate::machine::{Machine, Said};

const LOG: &str = ".local/state/hflint/record/log.jsonl";

fn events(machine: &Machine) -> Vec<Value> {
    let said = machine.run(&["log", "--format", "json"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    for letter in 'A'..='Z' {
        assert!(!said.out.contains(&token(letter)), "{said:?}");
    }
    assert_eq!(said.json()["version"], 1);
    said.json()["events"].as_array().unwrap().clone()
}

fn words(machine: &Machine) -> Vec<String> {
    events(machine).iter().map(|e| e["event"].as_str().unwrap().to_owned()).collect()
}

fn masked(letter: char) -> String {
    let token = token(letter);
    format!("{}****{}", &token[..3], &token[token.len() - 4..])
}

#[test]
fn first_seen_replaced_fixed_and_undone() {
    let mut machine = Machine::shadowed();
    assert!(events(&machine).is_empty());
    assert_eq!(machine.run(&["log"]).out, "nothing is recorded yet\n");
    assert!(!machine.at(LOG).exists(), "to look writes nothing");

    machine.run(&["check"]);
    let all = events(&machine);
    assert_eq!(words(&machine), ["first-seen", "first-seen"]);
    assert_eq!(all[0]["token"], masked('A'));
    assert_eq!(all[0]["place"], serde_json::json!({"kind": "variable", "name": "HF_TOKEN"}));
    assert_eq!(all[1]["place"]["path"], machine.at(".cache/huggingface/token").to_str().unwrap());
    // Nothing new: not one byte.
    let before = machine.read(LOG);
    machine.run(&["check"]);
    assert_eq!(machine.read(LOG), before);

    machine.write(".cache/huggingface/token", &token('C'));
    machine.run(&["status"]);
    assert_eq!(machine.read(LOG), before, "status only looks");
    machine.run(&["check"]);
    let all = events(&machine);
    let last = all.last().unwrap();
    assert_eq!((&last["event"], &last["token"]), (&"replaced".into(), &masked('C').into()));
    assert_eq!((&last["before_id"], &last["before"]), (&all[1]["token_id"], &Value::Null));

    // A fix, and its undoing.
    machine.write(".bashrc", &format!("export HF_TOKEN={}\n", token('A')));
    assert_eq!(machine.run(&["fix", "--unset", "--yes"]).code, Some(1), "the shell cannot be reached");
    assert_eq!(machine.run(&["undo"]).code, Some(0));
    let all = events(&machine);
    let [fixed, undone] = &all[all.len() - 2..] else { panic!("{all:?}") };
    assert_eq!((&fixed["event"], &fixed["fix"], &fixed["rules"][0]), (&"fixed".into(), &"1".into(), &"HF101".into()));
    assert_eq!(fixed["command"], "hflint fix --unset");
    assert_eq!((&undone["event"], &undone["fix"]), (&"undone".into(), &"1".into()));

    // For people, and once a token is gone nothing of it is left but its name in the record.
    machine.unset("HF_TOKEN");
    fs::remove_file(machine.at(".bashrc")).unwrap();
    let text = machine.run(&["log"]).out;
    assert!(text.contains("first seen  token "), "{text}");
    assert!(text.contains("(no longer here)  in HF_TOKEN\n"), "{text}");
    assert!(
        text.contains(&format!("replaced    {}  in ~/.cache/huggingface/token; before: token ", masked('C'))),
        "{text}"
    );
    assert!(text.contains("fixed       hflint fix --unset  HF101  (undo: hflint undo 1)\n"), "{text}");
    for secret in ['A', 'B', 'C'] {
        let raw = machine.read(LOG);
        assert!(!raw.contains(&token(secret)) && !raw.contains(&masked(secret)), "{raw}");
    }
}

#[test]
fn for_the_person_alone() {
    let machine = Machine::shadowed();
    machine.run(&["check"]);
    let dir = machine.at(".local/state/hflint/record");
    assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
    for entry in fs::read_dir(&dir).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

/// Whoever only looks is answered all the same, and leaves what is there alone.
#[test]
fn a_place_that_cannot_be_written() {
    let plain = Machine::shadowed().run(&["check"]);
    let same = |machine: &Machine| {
        let said = machine.run(&["check"]);
        assert_eq!((said.code, &said.out, &said.err), (plain.code, &plain.out, &plain.err));
    };
    let machine = Machine::shadowed();
    machine.write(".local/state/hflint", "a file\n");
    same(&machine);
    assert_eq!(machine.read(".local/state/hflint"), "a file\n");
    assert!(events(&machine).is_empty());

    let machine = Machine::shadowed();
    fs::create_dir_all(machine.at(".local/state/hflint/record/log.jsonl")).unwrap();
    same(&machine);
    let said = machine.run(&["log"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("log.jsonl: is a directory"), "{said:?}");

    let machine = Machine::shadowed();
    fs::create_dir_all(machine.at(".local/state/hflint")).unwrap();
    symlink("/proc/self", machine.at(".local/state/hflint/record")).unwrap();
    same(&machine);

    // A home directory that is not there is not made.
    let mut machine = Machine::shadowed();
    let home = machine.at("nobody");
    machine.set("HOME", &home);
    machine.run(&["check"]);
    assert!(!home.exists());
}

#[test]
fn a_torn_file_is_read_as_far_as_it_goes() {
    let machine = Machine::shadowed();
    machine.run(&["check"]);
    let whole = machine.read(LOG);
    machine.write(LOG, &whole[..whole.len() - 20]);
    assert_eq!(words(&machine), ["first-seen"]);
    // What is missing is met again.
    machine.run(&["check"]);
    assert_eq!(words(&machine), ["first-seen", "first-seen"]);
    machine.write(LOG, "\0\0\0");
    assert!(events(&machine).is_empty());
    machine.run(&["check"]);
    assert_eq!(words(&machine).len(), 2);
}

#[test]
fn two_at_once() {
    let mut machine = Machine::new();
    machine.run(&["check"]);
    let letters = ['A', 'B', 'C', 'D', 'E', 'F'];
    let mut children = Vec::new();
    for letter in letters {
        machine.set("HF_TOKEN", token(letter));
        let child = machine.command("", &["check"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        children.push(child);
    }
    for mut child in children {
        child.wait().unwrap();
    }
    assert_eq!(words(&machine), vec!["first-seen"; letters.len()]);
    let mut ids: Vec<String> = events(&machine).iter().map(|e| e["token_id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), letters.len());
}

/// Killed at every call that writes: the old record or the new one, never half of one, and nothing is left behind.
#[test]
fn killed_in_the_middle_of_writing() {
    let Ok(strace) = which("strace") else { panic!("strace is needed for this test: apt-get install strace") };
    let mut machine = Machine::shadowed();
    machine.run(&["check"]);
    let ids = |machine: &Machine| events(machine).iter().map(|e| e["token_id"].to_string()).collect::<Vec<_>>();
    let before = ids(&machine);
    let raw = machine.read(LOG);
    machine.set("HF_TOKEN", token('Z'));
    let mut killed = 0;
    for (call, most) in [("write", 3), ("rename", 2), ("flock", 2)] {
        for when in 1..=most {
            let inject = format!("inject={call}:signal=KILL:when={when}");
            let hflint = env!("CARGO_BIN_EXE_hflint");
            let mut command = machine.program(
                &strace,
                "",
                &["-qq", "-o", "/dev/null", "-e", &inject, hflint, "check", "--exit-zero"],
            );
            let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
            killed += u32::from(!ended.success());
            let now = ids(&machine);
            let whole = now.len() == before.len() + 1 && now.starts_with(&before);
            assert!(now == before || whole, "{call} {when}: {now:?}");
            machine.write(LOG, &raw);
        }
    }
    assert!(killed >= 3, "{killed}");
    machine.run(&["check"]);
    assert_eq!(ids(&machine).len(), before.len() + 1);
    let left = fs::read_dir(machine.at(".local/state/hflint/record")).unwrap();
    let mut left: Vec<String> = left.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left, ["key", "lock", "log.jsonl"]);
}

fn which(program: &str) -> Result<std::path::PathBuf, ()> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|p| p.exists()).ok_or(())
}

/// The messages of the hook.
fn messages(said: &Said) -> Vec<&str> {
    let lines: Vec<&str> = said.out.lines().collect();
    lines.windows(2).filter(|w| w[0] == "m").map(|w| w[1]).collect()
}

#[test]
fn the_reminder_comes_once_a_day() {
    let mut machine = Machine::new();
    machine.write(".cache/huggingface/token", &token('A'));
    let hook = |machine: &Machine| machine.run(&["hook", "bash"]);
    assert!(messages(&hook(&machine)).is_empty(), "a fresh one");
    let age = |machine: &Machine, path: &str, days: u64| {
        let then = std::time::SystemTime::now() - std::time::Duration::from_secs(days * 24 * 60 * 60);
        fs::File::options().write(true).open(machine.at(path)).unwrap().set_modified(then).unwrap();
    };
    age(&machine, ".cache/huggingface/token", 100);
    let said = hook(&machine);
    assert_eq!(messages(&said).len(), 1, "{said:?}");
    assert!(messages(&said)[0].contains("100 days"), "{said:?}");
    assert!(messages(&hook(&machine)).is_empty(), "once a day");
    age(&machine, ".local/state/hflint/told/rotate", 2);
    assert_eq!(messages(&hook(&machine)).len(), 1, "the day after");
    // Whoever does not want it.
    for (name, value) in [("HFLINT_IGNORE", "HF206"), ("HFLINT_WARN", "never"), ("HFLINT_ROTATE_AFTER", "1000d")] {
        age(&machine, ".local/state/hflint/told/rotate", 2);
        machine.set(name, value);
        assert!(messages(&hook(&machine)).is_empty(), "{name}");
        machine.unset(name);
    }
}
