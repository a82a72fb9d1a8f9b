//! Completions: the committed scripts, and what they are answered. tests/shells asks the real shells.

use std::fs;
use std::path::Path;

use crate::common::token;
use crate::machine::{Machine, Said};

/// The answer as fish gets it: the value, a tab, its summary.
fn asked(machine: &Machine, words: &[&str]) -> Vec<(String, String)> {
    let said = ask(machine, "fish", words);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    let split =
        |line: &str| line.split_once('\t').map_or((line.to_owned(), String::new()), |(a, b)| (a.into(), b.into()));
    said.out.lines().map(split).collect()
}

fn ask(machine: &Machine, shell: &str, words: &[&str]) -> Said {
    let mut command = machine.command("", &["--"]);
    let index = (words.len() - 1).to_string();
    command.args(words).env("_HFLINT_COMPLETE", shell).env("_CLAP_COMPLETE_INDEX", index).env("_CLAP_IFS", "\n");
    Said::from(command.output().unwrap())
}

fn values(machine: &Machine, words: &[&str]) -> Vec<String> {
    asked(machine, words).into_iter().map(|(value, _)| value).collect()
}

#[test]
fn the_committed_scripts_are_what_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    for (shell, file) in [("bash", "hflint.bash"), ("zsh", "_hflint"), ("fish", "hflint.fish")] {
        let said = Machine::new().run(&["completions", shell]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
        let file = root.join(file);
        if std::env::var_os("HFLINT_BLESS").is_some() {
            fs::write(&file, &said.out).unwrap();
        }
        let committed = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        assert_eq!(said.out, committed, "{}: HFLINT_BLESS=1 writes it anew", file.display());
    }
    let said = Machine::new().run(&["completions", "tcsh"]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
}

#[test]
fn rules_with_their_summaries() {
    let machine = Machine::new();
    let all = machine.run(&["explain", "--list", "--format", "json"]).json();
    let listed = all.as_array().or_else(|| all["rules"].as_array()).unwrap();
    for command in [&["hflint", "explain", ""][..], &["hflint", "ignore", ""], &["hflint", "check", "--ignore", ""]] {
        let found = asked(&machine, command);
        for rule in listed {
            let (code, name) = (rule["code"].as_str().unwrap(), rule["rule"].as_str().unwrap());
            let (_, summary) = found.iter().find(|(value, _)| value == code).unwrap_or_else(|| panic!("{code}"));
            assert!(summary.starts_with(&format!("{name}: ")), "{code}: {summary}");
        }
    }
    assert_eq!(values(&machine, &["hflint", "explain", "env-shadows"]), ["env-shadows-login"]);
    assert_eq!(values(&machine, &["hflint", "--select=HF201,HF10"])[0], "--select=HF201,HF101");
    assert!(values(&machine, &["hflint", "check", "--select", "HF"]).contains(&"HF5".to_owned()));
    let shells = ["completions", "init"].map(|command| values(&machine, &["hflint", command, ""]));
    assert!(shells.iter().all(|found| found[..3] == ["bash", "zsh", "fish"]), "{shells:?}");
}

#[test]
fn clients_profiles_and_projects() {
    let machine = Machine::new();
    machine.write(".cache/huggingface/stored_tokens", &format!("[work]\nhf_token = {}\n", token('B')));
    let clients = asked(&machine, &["hflint", "status", "--client", "hf-h"]);
    assert!(clients.iter().any(|(name, title)| name == "hf-hub" && !title.is_empty()), "{clients:?}");
    for asked in values(&machine, &["hflint", "status", "--client", "huggingface_hub@"]) {
        assert_eq!(machine.run(&["status", "--client", &asked]).code, Some(0), "{asked}");
    }
    let profiles = asked(&machine, &["hflint", "exec", "--profile", ""]);
    assert_eq!(profiles.len(), 1);
    assert_eq!(profiles[0].0, "work");
    assert!(profiles[0].1.starts_with("the stored token hf_****"), "{profiles:?}");
    machine.write("project/x", "");
    let projects = values(&machine, &["hflint", "exec", "--project", "pro"]);
    assert_eq!(projects, ["project/"]);
}

#[test]
fn no_token_and_nothing_harmful() {
    let machine = Machine::new();
    let secret = token('A');
    machine.write(&secret, "");
    machine.write("a\u{1b}[31m", "");
    machine.write("$(touch harm)", "");
    machine.write("good.toml", "");
    for (shell, dangerous) in [("bash", false), ("zsh", true), ("fish", true)] {
        let said = ask(&machine, shell, &["hflint", "--config", ""]);
        assert!(said.out.contains("good.toml") && !said.out.contains(&secret[..20]), "{said:?}");
        assert!(!said.out.contains('\u{1b}'), "{said:?}");
        assert_eq!(said.out.contains("$(touch"), dangerous, "{shell} quotes by itself, or is not given it: {said:?}");
        for typed in [&secret, &format!("{secret},HF1"), &format!("--select={secret},HF1")] {
            let said = ask(&machine, shell, &["hflint", "check", "--select", typed]);
            assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (Some(0), "", ""), "{shell}");
        }
    }
    let said = ask(&machine, &secret, &["hflint", ""]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(!said.err.contains(&secret[..20]), "{said:?}");
}

/// Whoever has the variable set still gets an answer at each prompt.
#[test]
fn the_hook_is_not_asked() {
    let mut machine = Machine::new();
    let before = machine.run(&["hook", "bash"]).out;
    machine.set("_HFLINT_COMPLETE", "bash");
    assert_eq!(machine.run(&["hook", "bash"]).out, before);
    machine.set("_HFLINT_COMPLETE", "");
    assert_eq!(machine.run(&["--version"]).out, concat!("hflint ", env!("CARGO_PKG_VERSION"), "\n"));
}
