//! `hflint ignore`: what it writes, what that silences, and what becomes of the person's own file.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::common::token;
use crate::machine::Machine;

const FILE: &str = ".config/hflint/config.toml";

fn check(machine: &Machine, cwd: &str) -> (Vec<String>, u64) {
    let said = machine.run_in(cwd, &["check", "--format", "json"]);
    (said.codes(), said.json()["summary"]["ignored"].as_u64().unwrap())
}

#[test]
fn accepts_this_state_until_it_changes() {
    let mut machine = Machine::shadowed();
    assert_eq!(check(&machine, ""), (vec!["HF101".to_owned()], 0));
    let said = machine.run(&["ignore", "hf101"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.out, "HF101 env-shadows-login is accepted for HF_TOKEN  (~/.config/hflint/config.toml:1)\n");
    let text = machine.read(FILE);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..3], ["[[ignore]]", "rule = \"HF101\"", "where = \"HF_TOKEN\""]);
    assert!(lines[3].starts_with("reason = \"accepted on 2") && lines[3].ends_with(" at the prompt\""), "{text}");
    assert_eq!(check(&machine, ""), (vec![], 1));
    assert_eq!(machine.run(&["check"]).code, Some(0));

    let again = machine.run(&["ignore", "HF101"]);
    assert_eq!((again.code, machine.read(FILE)), (Some(0), text), "{again:?}");
    assert!(again.out.contains("already"), "{again:?}");

    machine.unset("HF_TOKEN");
    assert_eq!(check(&machine, ""), (vec!["HF902".to_owned()], 0), "the state is gone, the entry is left over");
}

#[test]
fn here_is_one_directory() {
    let machine = Machine::shadowed();
    let said = machine.run_in("a [b]*/c", &["ignore", "env-shadows-login", "--here", "--reason", "the bot \"x\""]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let text = machine.read(FILE);
    assert!(text.contains("where = \"~/a \\\\[b]\\\\*/c\"\nreason = \"the bot \\\"x\\\"\"\n"), "{text}");
    assert_eq!(check(&machine, "a [b]*/c"), (vec![], 1));
    assert_eq!(check(&machine, "a [b]*/c/d"), (vec![], 1));
    assert_eq!(check(&machine, "a bx/c"), (vec!["HF101".to_owned()], 0));
    assert_eq!(check(&machine, ""), (vec!["HF101".to_owned()], 0));
}

#[test]
fn a_fault_of_one_project_is_accepted_there_alone() {
    let mut machine = Machine::new();
    machine.set("HF_TOKEN", token('A'));
    for project in ["one", "two"] {
        machine.write(&format!("{project}/.env"), &format!("HF_TOKEN={}\n", token('C')));
    }
    assert_eq!(check(&machine, "one").0, ["HF111"]);
    assert_eq!(machine.run_in("one/src", &["ignore", "HF111"]).code, Some(0));
    assert!(machine.read(FILE).contains("where = \"~/one/.env\"\n"));
    assert_eq!(check(&machine, "one"), (vec![], 1));
    assert_eq!(check(&machine, "two").0, ["HF111"]);
}

#[test]
fn until_a_day() {
    let machine = Machine::shadowed();
    let over = machine.run(&["ignore", "HF101", "--until", "2020-01-01"]);
    assert_eq!((over.code, over.out.as_str()), (Some(2), ""));
    assert!(over.err.contains("2020-01-01 is over"), "{over:?}");
    let no_date = machine.run(&["ignore", "HF101", "--until", "tomorrow"]);
    assert_eq!(no_date.code, Some(2));
    assert!(no_date.err.contains("year, month and day"), "{no_date:?}");
    assert!(!machine.at(FILE).exists());
    assert_eq!(machine.run(&["ignore", "HF101", "--until", "9999-12-31"]).code, Some(0));
    assert!(machine.read(FILE).ends_with("until = 9999-12-31\n"));
    assert_eq!(check(&machine, ""), (vec![], 1));
}

#[test]
fn what_cannot_be_accepted() {
    let machine = Machine::new();
    let unknown = machine.run(&["ignore", "HF1O1"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("did you mean 'HF101'?"), "{unknown:?}");
    let group = machine.run(&["ignore", "HF1"]);
    assert_eq!(group.code, Some(2));
    assert!(group.err.contains("accept one of HF101, HF102"), "{group:?}");
    let nothing = machine.run(&["ignore", "HF101"]);
    assert_eq!(nothing.code, Some(1));
    assert!(nothing.out.contains("HF101 finds nothing here"), "{nothing:?}");
    assert_eq!(machine.run(&["--no-config", "ignore", "HF101"]).code, Some(2));
    assert_eq!(machine.run(&["ignore"]).code, Some(2));
    assert!(!machine.at(".config").exists());

    // With a place of its own it is accepted before it is found.
    assert_eq!(machine.run_in("p", &["ignore", "HF101", "--here"]).code, Some(0));
    assert!(machine.read(FILE).contains("where = \"~/p\""));

    machine.write(FILE, "ignore = ['HF101']\n");
    let off = machine.run(&["ignore", "HF101"]);
    assert_eq!(off.code, Some(0));
    assert!(off.out.contains("does not run here"), "{off:?}");
}

#[test]
fn the_file_stays_the_persons() {
    let machine = Machine::shadowed();
    let dotfiles = machine.at("dotfiles/hflint.toml");
    machine
        .write("dotfiles/hflint.toml", "# mine\nignore = [\n  \"HF109\",  # netrc is wanted\n]\n\nwarn = \"always\"\n");
    fs::set_permissions(&dotfiles, fs::Permissions::from_mode(0o640)).unwrap();
    fs::create_dir_all(machine.at(".config/hflint")).unwrap();
    symlink("../../dotfiles/hflint.toml", machine.at(FILE)).unwrap();
    let said = machine.run(&["ignore", "HF101", "--reason", "x"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(
        machine.read("dotfiles/hflint.toml"),
        "# mine\nignore = [\n  \"HF109\",  # netrc is wanted\n  \
         { rule = \"HF101\", where = \"HF_TOKEN\", reason = \"x\" },\n]\n\nwarn = \"always\"\n"
    );
    assert!(machine.at(FILE).is_symlink());
    assert_eq!(fs::metadata(&dotfiles).unwrap().permissions().mode() & 0o7777, 0o640);
    assert_eq!(fs::read_dir(machine.at("dotfiles")).unwrap().count(), 1, "nothing is left behind");
    assert_eq!(fs::read_dir(machine.at(".config/hflint")).unwrap().count(), 1);

    fs::rename(machine.at(FILE), machine.at(".config/hflint/other")).unwrap();
    symlink("other", machine.at(FILE)).unwrap();
    let twice = machine.run_in("p", &["ignore", "HF101", "--here"]);
    assert_eq!(twice.code, Some(0), "accepted already: {twice:?}");
    machine.write("dotfiles/hflint.toml", "");
    let twice = machine.run(&["ignore", "HF101"]);
    assert_eq!(twice.code, Some(2));
    assert!(twice.err.contains("is a link to a link"), "{twice:?}");
}

#[test]
fn a_file_that_cannot_be_used_is_left_alone() {
    for text in ["warn = \n", "ignore = 3\n", "ignore = 'HF101'\n"] {
        let machine = Machine::shadowed();
        machine.write(FILE, text);
        let said = machine.run(&["ignore", "HF101"]);
        assert_eq!((said.code, machine.read(FILE).as_str()), (Some(2), text), "{said:?}");
    }
    let machine = Machine::shadowed();
    machine.write(".config/hflint", "a file where a directory should be");
    let said = machine.run(&["ignore", "HF101"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    let other = machine.run(&["ignore", "HF101", "--config", "other.toml"]);
    assert_eq!(other.code, Some(2), "a file that was named must be there: {other:?}");
    machine.write("other.toml", "");
    assert_eq!(machine.run(&["ignore", "HF101", "--config", "other.toml"]).code, Some(0));
    assert!(machine.read("other.toml").contains("HF101"));
}

#[test]
fn no_token_gets_into_the_file() {
    let machine = Machine::shadowed();
    let said = machine.run(&["ignore", "HF101", "--reason", &format!("uses {}", token('A'))]);
    assert_eq!(said.code, Some(0));
    assert!(!machine.read(FILE).contains(&token('A')) && !said.out.contains(&token('A')));
}

#[test]
fn many_at_once_all_count() {
    let machine = Machine::shadowed();
    let running: Vec<_> = (0..8)
        .map(|i| machine.command(&format!("p{i}"), &["ignore", "HF101", "--here", "-q"]).spawn().unwrap())
        .collect();
    for mut child in running {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    assert_eq!(machine.read(FILE).matches("[[ignore]]").count(), 8);
    assert_eq!(fs::read_dir(machine.at(".config/hflint")).unwrap().count(), 1);
}

#[test]
fn the_page_of_each_rule_names_the_command() {
    let machine = Machine::new();
    let said = machine.run(&["explain", "HF101"]);
    assert!(said.out.contains("`hflint ignore HF101`"), "{said:?}");
    let json = Machine::shadowed().run(&["ignore", "HF101", "--format", "json", "--reason", "x"]).json();
    assert_eq!((&json["ignore"][0]["rule"], &json["ignore"][0]["where"]), (&"HF101".into(), &"HF_TOKEN".into()));
}
