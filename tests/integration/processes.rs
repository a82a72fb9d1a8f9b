//! What the processes around hflint tell: real shells, real parents.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::common::token;

/// A home, and a shell in it that runs a script with these variables; `H` is hflint.
fn shell(script: &str, vars: &[(&str, &str)], home: &std::path::Path) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(script).env_clear().env("HOME", home).env("H", env!("CARGO_BIN_EXE_hflint"));
    command.env("PATH", "/usr/bin:/bin").envs(vars.iter().copied()).current_dir(home).stdin(Stdio::null());
    command
}

/// What set HF_TOKEN, as `status` says it to a script.
fn set_by(script: &str, vars: &[(&str, &str)]) -> Value {
    let home = tempfile::tempdir().expect("a home");
    let ask = "$H status --client huggingface_hub --format json; :";
    let out = shell(&script.replace("ASK", ask), vars, home.path()).output().expect("a shell");
    let text = String::from_utf8_lossy(&out.stdout);
    let (number, json) = text.split_once('\n').expect("the number of the shell first");
    let json: Value = serde_json::from_str(json).unwrap_or_else(|e| panic!("{e}: {text}"));
    let by = json["clients"][0]["set_by"].clone();
    if by["location"]["pid"] == number.parse::<u32>().expect("a number") { by } else { Value::from(text) }
}

#[test]
fn a_value_that_a_shell_has_since_its_start_was_set_in_it() {
    let by = set_by(&format!("echo $$; export HF_TOKEN={}; ASK", token('A')), &[]);
    assert_eq!((&by["certainty"], &by["location"]["kind"]), (&"certain".into(), &"process".into()), "{by}");
    // Also through the copy that a shell makes of itself, and over another value.
    let by = set_by(&format!("echo $$; export HF_TOKEN={}; (ASK)", token('A')), &[("HF_TOKEN", &token('B'))]);
    assert_eq!(by["certainty"], "certain", "{by}");
    // And where a shell below asks.
    let by = set_by(&format!("echo $$; export HF_TOKEN={}; /bin/sh -c 'ASK'; :", token('A')), &[]);
    assert_eq!(by["certainty"], "certain", "{by}");
}

#[test]
fn a_value_that_a_shell_was_started_with_is_inherited() {
    let by = set_by("echo $$; ASK", &[("HF_TOKEN", &token('A'))]);
    assert_eq!((&by["certainty"], &by["location"]["name"]), (&"certain".into(), &"sh".into()), "{by}");
    // Of a chain the one that was started with it first.
    let by = set_by("echo $$; /bin/sh -c '/bin/sh -c \"ASK\"; :'; :", &[("HF_TOKEN", &token('A'))]);
    assert_eq!(by["certainty"], "certain", "{by}");
}
