//! `.hflint.toml`: what a project may say, and `hflint trust`.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::common::token;
use crate::machine::{Machine, Said};

const FILE: &str = "p/.hflint.toml";

fn project(text: &str) -> Machine {
    let mut machine = Machine::shadowed();
    machine.write(FILE, text);
    machine.stand("p/src");
    machine
}

fn check(machine: &Machine) -> (Vec<String>, String) {
    let said = machine.run(&["check", "--format", "json"]);
    (said.codes(), said.err)
}

/// The hook's answer without what differs from run to run.
fn hook(machine: &Machine) -> Said {
    machine.run(&["hook", "bash", "stamp"])
}

#[test]
fn a_project_may_not_silence_until_it_is_trusted() {
    let text = "ignore = [\"HF101\"]\n\nwarn = \"never\"\n";
    let machine = project(text);
    let (codes, err) = check(&machine);
    assert_eq!(codes, ["HF101"]);
    assert_eq!(
        err,
        "hflint: ~/p/.hflint.toml:1: ignore, warn (line 3) left out: a project's file that you do not trust may only make \
         checks stricter · hflint trust\n"
    );
    assert_eq!(machine.run(&["check", "-q"]).err, "");
    assert_eq!(check_with(&machine, "--no-config"), "");
    let prompt = hook(&machine);
    assert!(prompt.err.is_empty() && prompt.out.contains("HF_TOKEN hides"), "{prompt:?}");
    assert!(prompt.out.contains("/p/.hflint.toml\n"), "an edit of the file is noticed: {prompt:?}");

    let unasked = machine.run(&["trust"]);
    assert_eq!(unasked.code, Some(1), "{unasked:?}");
    assert!(unasked.out.contains("~/p/.hflint.toml\n   1 | ignore = [\"HF101\"]\n"), "{unasked:?}");
    assert!(unasked.err.contains("--yes") && unasked.err.contains("nothing was changed"), "{unasked:?}");
    assert!(!machine.at(".local/share/hflint").exists());

    let said = machine.run(&["trust", "--yes"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    assert!(said.out.ends_with("~/p/.hflint.toml is trusted until it changes; hflint trust --off takes it back\n"));
    assert_eq!(check(&machine), (vec![], String::new()));
    let entry = fs::read_dir(machine.at(".local/share/hflint/trusted")).unwrap().next().unwrap().unwrap();
    assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(machine.run(&["trust"]).out.contains("trusted already"));
    assert_eq!(machine.run(&["trust", "--list"]).out, "~/p/.hflint.toml  trusted\n");
    assert!(!hook(&machine).out.contains("hf:1"), "the prompt says the same as check");

    machine.write(FILE, &format!("{text}# one more line\n"));
    let (codes, err) = check(&machine);
    assert_eq!(codes, ["HF101"]);
    assert!(err.contains(":1: ignore, warn (line 3) left out: the file was changed since you trusted it"), "{err}");
    assert!(machine.run(&["trust", "--list"]).out.contains("changed since"));
    let listed = machine.run(&["trust", "--list", "--format", "json"]).json();
    assert_eq!(listed["files"][0]["trust"], "changed");

    machine.write(FILE, text);
    assert_eq!(check(&machine).0, [""; 0], "the very content that was accepted");
    let off = machine.run(&["trust", "--off"]);
    assert_eq!((off.code, off.out.as_str()), (Some(0), "~/p/.hflint.toml is no longer trusted\n"));
    assert_eq!(check(&machine).0, ["HF101"]);
    assert_eq!(machine.run(&["trust", "--off"]).code, Some(1));
    assert_eq!(machine.run(&["trust", "--list"]).out, "no project's file is trusted\n");
}

fn check_with(machine: &Machine, option: &str) -> String {
    machine.run(&["check", option]).err
}

#[test]
fn trust_is_of_one_place() {
    let machine = project("ignore = ['HF101']\n");
    assert_eq!(machine.run_in("", &["trust", "p", "-y"]).code, Some(0));
    assert_eq!(check(&machine).0, [""; 0]);
    machine.write("copy/.hflint.toml", "ignore = ['HF101']\n");
    assert_eq!(machine.run_in("copy", &["check", "--format", "json"]).codes(), ["HF101"]);
    // The same place by another way.
    symlink(machine.at("p"), machine.at("way")).unwrap();
    assert_eq!(machine.run_in("way", &["check", "--format", "json"]).codes(), [""; 0]);
    // A file that is gone can be forgotten, by its name and from within.
    fs::remove_file(machine.at(FILE)).unwrap();
    assert!(machine.run(&["trust", "--list"]).out.contains("not trusted: no such file"));
    assert_eq!(machine.run(&["trust", "--off"]).code, Some(0));
    assert_eq!(machine.run_in("", &["trust", "--off", "p"]).code, Some(1));
}

#[test]
fn stricter_counts_at_once() {
    let mut machine = project("fail-on = 'info'\n");
    machine.unset("HF_TOKEN");
    machine.set("HUGGING_FACE_HUB_TOKEN", token('B'));
    let said = machine.run(&["check"]);
    assert!(said.err.is_empty() && said.out.contains("info"), "{said:?}");
    assert_eq!(said.code, Some(1), "{said:?}");
    assert_eq!(machine.run_in("", &["check"]).code, Some(0));
    let shown = machine.run(&["config"]).out;
    let line = shown.lines().find(|l| l.starts_with("fail-on")).unwrap();
    assert!(line.starts_with("fail-on = \"info\"") && line.ends_with("# ~/p/.hflint.toml:1"), "{shown}");
    assert!(
        shown.contains("# read ~/p/.hflint.toml, the project's  (not trusted: it may only make checks stricter)\n")
    );
    let json = machine.run(&["config", "--format", "json"]).json();
    assert_eq!((&json["project"]["trust"], &json["project"]["error"]), (&"untrusted".into(), &serde_json::Value::Null));
}

#[test]
fn a_broken_file_is_said_and_switches_nothing_off() {
    let machine = project("ignore = ['HF101']\nfail-onn = 'error'\n");
    let said = machine.run(&["check"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.out.contains("HF101"), "{said:?}");
    for piece in
        ["~/p/.hflint.toml: TOML parse error at line 2", "2 | fail-onn = 'error'\n  | ^^^^^^^^\n", "'fail-on'?"]
    {
        assert!(said.err.contains(piece), "{piece}: {said:?}");
    }
    let trust = machine.run(&["trust", "--yes"]);
    assert_eq!(trust.code, Some(2), "{trust:?}");
    assert!(hook(&machine).out.contains("HF_TOKEN hides"));
    assert_eq!(machine.run_in("", &["trust"]).code, Some(2), "no file here");
}

#[test]
fn hostile_files_stop_and_show_nothing() {
    let machine = project("");
    let file = machine.at(FILE);
    let secret = token('S');
    let bidi = format!("x\u{1b}]0;t\u{7}\u{202e} = '{secret}'\n");
    let make: [(&str, &dyn Fn()); 6] = [
        ("is a pipe", &|| rustix::fs::mkfifoat(rustix::fs::CWD, &file, 0o600.into()).unwrap()),
        ("is a directory", &|| fs::create_dir(&file).unwrap()),
        ("is larger than", &|| fs::write(&file, vec![b'#'; 10 << 20]).unwrap()),
        ("is not UTF-8", &|| fs::write(&file, b"warn = '\xff\xfe'\n").unwrap()),
        ("is a link", &|| symlink(machine.at(".cache/huggingface/token"), &file).unwrap()),
        ("TOML parse error", &|| fs::write(&file, &bidi).unwrap()),
    ];
    for (why, make) in make {
        let _ = fs::remove_file(&file).or_else(|_| fs::remove_dir(&file));
        make();
        let said = machine.run(&["check"]);
        assert_eq!(said.code, Some(2), "{why}: {said:?}");
        assert!(said.err.contains(why) && said.err.contains("~/p/.hflint.toml"), "{why}: {said:?}");
        assert!(said.out.contains("HF101"), "{why}: {said:?}");
        let _ = fs::remove_dir_all(machine.at(".local/state"));
        let all = [machine.run(&["config"]), machine.run(&["trust", "--yes"]), hook(&machine), said];
        for said in &all {
            let text = format!("{}{}", said.out, said.err);
            assert!(!text.contains(&secret) && !text.contains(&token('B')), "{why}: {text}");
            assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{why}: {text:?}");
        }
        assert_eq!(all[1].code, Some(2), "{why}: {:?}", all[1]);
        assert!(all[2].err.is_empty() && all[2].out.contains("HF_TOKEN hides"), "{why}: {:?}", all[2]);
    }
}

#[test]
fn hostile_names_and_contents_are_escaped() {
    let mut machine = Machine::shadowed();
    let dir = std::ffi::OsStr::from_bytes(b"$(touch x)\x1b[31m\n\xff`id`");
    fs::create_dir(machine.at("").join(dir)).unwrap();
    let file = machine.at("").join(dir).join(".hflint.toml");
    fs::write(&file, "ignore = ['HF101']\n# \u{202e}fix\n").unwrap();
    machine.stand("");
    let run = |args: &[&str]| {
        let mut command = machine.command("", args);
        command.current_dir(machine.at("").join(dir)).env_remove("PWD");
        Said::from(command.output().unwrap())
    };
    for args in [&["check"][..], &["config"], &["trust", "--yes"], &["trust", "--list"], &["trust", "--off"]] {
        let said = run(args);
        assert_ne!(said.code, Some(2), "{args:?}: {said:?}");
        let text = said.out.clone() + &said.err;
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{args:?}: {said:?}");
        assert!(text.contains("\\x1b[31m\\x0a\\xff"), "{args:?}: {said:?}");
    }
}

#[test]
fn an_entry_of_a_project_is_not_the_persons() {
    let machine = project("[[ignore]]\nrule = 'HF109'\nreason = 'the team has it so'\n");
    assert_eq!(machine.run(&["trust", "-y"]).code, Some(0));
    assert_eq!(check(&machine).0, ["HF101"], "HF902 is silent about what may be of use to others");
    let said = machine.run(&["ignore", "HF101"]);
    assert!(said.out.contains("(~/.config/hflint/config.toml:1)"), "{said:?}");
}
