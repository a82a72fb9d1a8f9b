//! `hflint fix isolate`: what it makes, what it binds, and what becomes of it when the project moves.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::common::token;
use crate::machine::{Machine, Said};

const DATA: &str = ".local/share/hflint/isolated";

fn isolate(machine: &Machine, cwd: &str, args: &[&str]) -> Said {
    machine.run_in(cwd, &[&["fix", "isolate", "--yes"], args].concat())
}

/// The environment that `exec` gives a command in a directory.
fn inside(machine: &Machine, cwd: &str, name: &str) -> Option<String> {
    let said = machine.run_in(cwd, &["exec", "--", "/usr/bin/env"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    said.out.lines().find_map(|line| line.strip_prefix(&format!("{name}="))).map(str::to_owned)
}

/// A login made in a project, as `hf auth login` writes it.
fn login(machine: &Machine, cwd: &str, letter: char) -> PathBuf {
    let path = PathBuf::from(inside(machine, cwd, "HF_TOKEN_PATH").unwrap());
    fs::write(&path, token(letter)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn two_projects_are_two_people() {
    let machine = Machine::shadowed();
    for (project, letter) in [("one", 'C'), ("two", 'D')] {
        fs::create_dir_all(machine.at(&format!("{project}/.git"))).unwrap();
        let said = isolate(&machine, &format!("{project}/src"), &[]);
        // The files are there; this shell has no hook.
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.err.contains("the hook is not loaded in this shell; type: unset"), "{said:?}");
        let path = login(&machine, project, letter);
        assert!(path.starts_with(machine.at(DATA)) && mode(path.parent().unwrap()) == 0o700, "{path:?}");
    }
    assert_eq!(inside(&machine, "one/src/deep", "HF_TOKEN"), Some(token('C')));
    assert_eq!(inside(&machine, "two", "HF_TOKEN"), Some(token('D')));
    assert_eq!(inside(&machine, "", "HF_TOKEN"), Some(token('A')));
    let said = machine.run(&["exec", "--project", "two", "--", "/usr/bin/env"]);
    assert!(said.out.contains(&format!("HF_TOKEN={}\n", token('D'))), "{:?}", said.err);
}

#[test]
fn the_root_is_shown_first_and_nothing_is_done_without_yes() {
    let machine = Machine::shadowed();
    machine.write("p/pyproject.toml", "");
    let plan = machine.run_in("p/a/b", &["fix", "--isolate", "--diff"]);
    let root = machine.at("p").canonicalize().unwrap();
    assert_eq!(plan.code, Some(1));
    assert!(plan.out.starts_with(&format!("unsafe: give {} a credential of its own in ", root.display())), "{plan:?}");
    let json = machine.run_in("p/a/b", &["fix", "--isolate", "--diff", "--format", "json"]).json();
    assert_eq!(json["actions"][0]["kind"], "isolate");
    assert_eq!(json["actions"][0]["target"]["path"], root.to_str().unwrap());
    assert_eq!(machine.run_in("p/a/b", &["fix", "--isolate"]).code, Some(1));
    assert!(!machine.at(DATA).exists());
    for nowhere in ["", ".."] {
        let said = machine.run_in(nowhere, &["fix", "--isolate", "--yes"]);
        assert!(said.code == Some(2) && said.err.contains("is no project"), "{said:?}");
    }
}

#[test]
fn a_project_that_moves_loses_it_and_gets_it_back() {
    let machine = Machine::shadowed();
    isolate(&machine, "p", &[]);
    login(&machine, "p", 'C');
    fs::rename(machine.at("p"), machine.at("q")).unwrap();
    let check = machine.run_in("q/sub", &["check", "--format", "json"]);
    assert!(check.codes().contains(&"HF901".to_owned()), "{check:?}");
    let said = machine.run_in("q", &["exec", "--", "true"]);
    assert!(said.code == Some(2) && said.err.contains("--rebind"), "{said:?}");
    assert_eq!(machine.run_in("q", &["status", "--format", "json"]).json()["project"]["in_effect"], false);
    // Another directory under the old path is not the project.
    machine.write("p/x", "");
    assert!(machine.run_in("p", &["check"]).out.contains("another directory than the one that was isolated"));
    assert_eq!(machine.run_in("p", &["exec", "--", "true"]).code, Some(2));
    isolate(&machine, "p", &[]);
    assert_eq!(inside(&machine, "p", "HF_TOKEN"), None, "it never gets the credential of the one that was there");

    isolate(&machine, "q/sub", &["--rebind"]);
    assert_eq!(inside(&machine, "q/sub", "HF_TOKEN"), Some(token('C')));
}

#[test]
fn off_ends_it_and_undo_brings_it_back() {
    let machine = Machine::shadowed();
    isolate(&machine, "p", &["--from-current"]);
    assert_eq!(inside(&machine, "p", "HF_TOKEN"), Some(token('A')));
    let path = PathBuf::from(inside(&machine, "p", "HF_TOKEN_PATH").unwrap());
    assert_eq!((mode(&path), fs::read_to_string(&path).unwrap()), (0o600, token('A')));
    let off = isolate(&machine, "p", &["--off"]);
    assert_eq!(off.code, Some(0), "{off:?}");
    assert!(!path.parent().unwrap().exists());
    assert_eq!(machine.run_in("p", &["status", "--format", "json"]).json()["project"], serde_json::Value::Null);
    let again = isolate(&machine, "p", &["--off"]);
    assert!(again.code == Some(0) && again.out.contains("no isolated project"), "{again:?}");
    assert_eq!(machine.run(&["undo"]).code, Some(0));
    assert_eq!(inside(&machine, "p", "HF_TOKEN"), Some(token('A')));
}

#[test]
fn undo_leaves_nothing_but_a_login_made_since() {
    let machine = Machine::shadowed();
    isolate(&machine, "p", &[]);
    let undone = machine.run(&["undo"]);
    assert_eq!(undone.code, Some(0), "{undone:?}");
    assert!(!machine.at(DATA).exists());
    isolate(&machine, "p", &[]);
    let path = login(&machine, "p", 'C');
    let undone = machine.run(&["undo"]);
    assert!(undone.code == Some(0) && undone.out.contains("holds a login since"), "{undone:?}");
    assert!(path.exists());
    assert_eq!(inside(&machine, "p", "HF_TOKEN"), Some(token('A')));
    isolate(&machine, "p", &[]);
    assert_eq!(inside(&machine, "p", "HF_TOKEN"), Some(token('C')));
}

#[test]
fn a_profile_is_shared() {
    let machine = Machine::shadowed();
    machine.write(".cache/huggingface/stored_tokens", &format!("[work]\nhf_token = {}\n", token('W')));
    for project in ["one", "two"] {
        isolate(&machine, project, &["--profile", "work"]);
        assert_eq!(inside(&machine, project, "HF_TOKEN"), Some(token('W')), "the stored token of that name");
    }
    login(&machine, "one", 'C');
    assert_eq!(inside(&machine, "two", "HF_TOKEN"), Some(token('C')));
    isolate(&machine, "one", &["--off"]);
    assert_eq!(inside(&machine, "two", "HF_TOKEN"), Some(token('C')), "the other project keeps it");
    let named = machine.run(&["exec", "--profile", "work", "--", "/usr/bin/env"]);
    assert!(named.out.contains(&format!("HF_TOKEN={}\n", token('C'))), "{:?}", named.err);
    for bad in ["../x", "", "a b", ".hidden", "a/b"] {
        assert_eq!(isolate(&machine, "three", &["--profile", bad]).code, Some(2), "{bad}");
    }
}

#[test]
fn again_changes_nothing() {
    let machine = Machine::shadowed();
    isolate(&machine, "p", &["--export"]);
    let again = isolate(&machine, "p", &["--export"]);
    assert_eq!((again.code, again.out.lines().next()), (Some(0), Some("nothing to fix")), "{again:?}");
}

#[test]
fn nothing_in_the_tree_has_a_say() {
    let machine = Machine::shadowed();
    isolate(&machine, "p", &[]);
    login(&machine, "p", 'C');
    let data = fs::canonicalize(machine.at(DATA)).unwrap();
    let binding = fs::read_dir(data.join("projects")).unwrap().next().unwrap().unwrap().path();
    // A copy of all that hflint knows, in a tree that somebody else made.
    fs::create_dir_all(machine.at("evil/.local/share/hflint/isolated/projects")).unwrap();
    fs::copy(&binding, machine.at("evil/.local/share/hflint/isolated/projects").join(binding.file_name().unwrap()))
        .unwrap();
    std::os::unix::fs::symlink(machine.at("p"), machine.at("evil/link")).unwrap();
    machine.write("evil/.git", "gitdir: ../p\n");
    assert_eq!(inside(&machine, "evil", "HF_TOKEN"), Some(token('A')));
    // Inside, a repository of its own changes nothing about the project around it.
    machine.write("p/vendor/.git", "gitdir: /\n");
    machine.write("p/vendor/pyproject.toml", "");
    assert_eq!(inside(&machine, "p/vendor", "HF_TOKEN"), Some(token('C')));
    // Data that others can write to is not the person's own.
    fs::set_permissions(data.join("projects"), fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(inside(&machine, "p", "HF_TOKEN"), Some(token('A')));
}

#[test]
fn what_makes_no_sense_is_said() {
    let machine = Machine::shadowed();
    for args in [
        &["fix", "--export"][..],
        &["fix", "unset", "--off"],
        &["fix", "isolate", "HF101"],
        &["fix", "isolate", "--rebind", "--yes"],
        &["fix", "isolate", "--off", "--export"],
        &["fix", "--unset", "isolate"],
    ] {
        let said = machine.run_in("p", args);
        assert!(said.code == Some(2) && !said.err.is_empty(), "{args:?} {said:?}");
    }
    let mut anonymous = Machine::new();
    anonymous.unset("HF_TOKEN");
    let said = anonymous.run_in("p", &["fix", "isolate", "--from-current", "--yes"]);
    assert!(said.code == Some(2) && said.err.contains("no token in effect"), "{said:?}");
}

/// A shell that sources a script and tells what it has.
fn after(machine: &Machine, shell: &str, script: &str) -> String {
    let said =
        machine.program(Path::new("/bin/sh"), "p", &["-c", &format!("PATH=/usr/bin:/bin exec {shell} -c '{script}'")]);
    let mut said = said;
    String::from_utf8(said.output().unwrap().stdout).unwrap().trim().to_owned()
}

#[test]
fn the_activate_script_carries_it_and_puts_back_what_was_there() {
    let machine = Machine::shadowed();
    let before = "# made by venv\ndeactivate () {\n    unset VIRTUAL_ENV\n}\nVIRTUAL_ENV=x\n";
    machine.write("p/.venv/bin/activate", before);
    let said = isolate(&machine, "p", &["--to", "venv"]);
    assert_eq!(said.code, Some(0), "no hook is needed: {said:?}");
    let show = "echo \"${HF_TOKEN-none} ${HF_TOKEN_PATH-none}\"";
    let script = format!("HF_TOKEN_PATH=/mine; . .venv/bin/activate; {show}; . .venv/bin/activate; deactivate; {show}");
    for shell in ["sh", "bash"] {
        let seen = after(&machine, shell, &script);
        let lines: Vec<&str> = seen.lines().collect();
        assert!(lines[0].starts_with("none /") && lines[0].contains(DATA), "{shell}: {seen}");
        assert_eq!(lines[1], format!("{} /mine", token('A')), "{shell}");
    }
    assert_eq!(isolate(&machine, "p", &["--off"]).code, Some(0));
    assert_eq!(machine.read("p/.venv/bin/activate"), before);
}

#[test]
fn direnv_and_mise_carry_it() {
    let machine = Machine::shadowed();
    machine.write("p/.envrc", "export A=1");
    machine.write("p/mise.local.toml", "[tools]\nnode = \"20\"\n\n[env]\nB = \"2\"\n");
    assert_eq!(isolate(&machine, "p", &["--to", "direnv"]).code, Some(0));
    let seen = after(&machine, "bash", ". ./.envrc; echo \"$A ${HF_TOKEN-none} $HF_TOKEN_PATH\"");
    assert!(seen.starts_with("1 none /") && seen.ends_with("/token"), "{seen}");
    // To another tool: out of the first one.
    assert_eq!(isolate(&machine, "p", &["--to", "mise"]).code, Some(0));
    assert_eq!(machine.read("p/.envrc"), "export A=1\n");
    let text = machine.read("p/mise.local.toml");
    assert!(text.contains("[env]\n# hflint isolate: begin") && text.contains("HF_TOKEN = false\n"), "{text}");
    assert_eq!(isolate(&machine, "p", &["--off"]).code, Some(0));
    assert_eq!(machine.read("p/mise.local.toml"), "[tools]\nnode = \"20\"\n\n[env]\nB = \"2\"\n");
    // A table that sets it already is not written twice.
    machine.write("p/mise.local.toml", "[env]\nHF_TOKEN = \"x\"\n");
    let said = isolate(&machine, "p", &["--to", "mise"]);
    assert!(said.code == Some(2) && said.err.contains("would not parse"), "{said:?}");
    for (tool, words) in [("venv", "no virtual environment"), ("conda", "no conda environment")] {
        let said = isolate(&machine, "p", &["--to", tool]);
        assert!(said.code == Some(2) && said.err.contains(words), "{said:?}");
    }
}

#[test]
fn conda_gets_a_pair_of_scripts() {
    let mut machine = Machine::shadowed();
    machine.set("CONDA_PREFIX", machine.at("env"));
    assert_eq!(isolate(&machine, "p", &["--to", "conda", "--export"]).code, Some(0));
    let prefix = machine.at("env");
    let scripts = |which: &str| format!("{}/etc/conda/{which}.d/hflint.sh", prefix.display());
    let show = "echo \"${HF_TOKEN-none} ${HF_TOKEN_PATH-none}\"";
    let script = format!(". {}; {show}; . {}; {show}", scripts("activate"), scripts("deactivate"));
    let seen = after(&machine, "sh", &script);
    let lines: Vec<&str> = seen.lines().collect();
    assert!(lines[0].starts_with("none /"), "{seen}");
    assert_eq!(lines[1], format!("{} none", token('A')));
    machine.unset("CONDA_PREFIX");
    assert_eq!(isolate(&machine, "p", &["--off"]).code, Some(0));
    assert!(!Path::new(&scripts("activate")).exists());
}
