//! `hflint fix` and `hflint undo`: what is cured stays cured, and what is undone is as it was.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use crate::common::token;
use crate::fix_states::{Files, STATES, State, files, fix_of, in_shell, made};
use crate::machine::{Machine, Said};

fn words(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

fn named(name: &str) -> &'static State {
    STATES.iter().find(|s| s.name == name).unwrap()
}

fn no_token(said: &Said) {
    for text in [&said.out, &said.err] {
        for letter in ['A', 'B', 'C', 'D', 'E', 'N'] {
            assert!(!text.contains(&token(letter)), "a token in {text}");
        }
        assert!(!text.contains("geheim"), "{text}");
    }
}

fn without_times(files: &Files) -> Vec<(&String, &Vec<u8>, u32)> {
    files.iter().map(|(name, (bytes, mode, _))| (name, bytes, *mode)).collect()
}

#[test]
fn fix_check_fix_undo() {
    for state in STATES {
        let mut m = made(state);
        let before = files(&m);
        let args = fix_of(state, &m);
        let mut diff = args.clone();
        diff.push("--diff".to_owned());
        let said = m.run(&words(&diff));
        no_token(&said);
        assert_eq!(said.code, Some(1), "{}: something to change: {said:?}", state.name);
        assert_eq!(files(&m), before, "{}: --diff changes nothing", state.name);

        let said = in_shell(&mut m, &words(&args));
        no_token(&said);
        assert_eq!(said.code, Some(0), "{}: {said:?}", state.name);
        let fixed = files(&m);
        if !state.rule.is_empty() {
            let codes = m.run(&["check", "--format", "json"]).codes();
            assert!(!codes.contains(&state.rule.to_owned()), "{}: {codes:?}", state.name);
        }

        let again = in_shell(&mut m, &words(&args));
        if args.contains(&"--rotate".to_owned()) {
            assert!(again.code == Some(2) && again.err.contains("the new token is the old one"), "{again:?}");
        } else {
            assert_eq!(again.code, Some(0), "{}: {again:?}", state.name);
            assert!(again.out.starts_with("nothing to fix\n"), "{}: {again:?}", state.name);
        }
        assert_eq!(files(&m), fixed, "{}: fix again changes nothing", state.name);

        let said = in_shell(&mut m, &["undo"]);
        no_token(&said);
        assert_eq!(said.code, Some(0), "{}: {said:?}", state.name);
        assert_eq!(files(&m), before, "{}: undo", state.name);
        let said = in_shell(&mut m, &["undo"]);
        assert_eq!(said.code, Some(1), "{}: once only: {said:?}", state.name);
        assert!(!files_of_the_journal(&m).is_empty());
    }
}

/// Every file of the journal with its mode; the directories are looked at on the way.
fn files_of_the_journal(m: &Machine) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    let mut open = vec![m.at(".local/state/hflint")];
    while let Some(dir) = open.pop() {
        assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o777, 0o700, "{}", dir.display());
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600, "{}", path.display());
                out.push((path.display().to_string(), fs::read(&path).unwrap()));
            }
        }
    }
    out
}

#[test]
fn tokens_stand_in_the_bytes_of_the_journal_alone_and_purge_destroys_them() {
    let mut m = made(&STATES[1]);
    let args = fix_of(&STATES[1], &m);
    assert_eq!(in_shell(&mut m, &words(&args)).code, Some(0));
    let holds = |m: &Machine| -> Vec<String> {
        let has = |bytes: &[u8]| bytes.windows(37).any(|w| w == token('A').as_bytes());
        files_of_the_journal(m).into_iter().filter(|(_, b)| has(b)).map(|(name, _)| name).collect()
    };
    let names = holds(&m);
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.iter().all(|n| !n.contains("entry.json")), "{names:?}");
    no_token(&m.run(&["undo", "--list"]));
    no_token(&m.run(&["undo", "--list", "--format", "json"]));
    assert_eq!(m.run(&["undo", "--purge"]).code, Some(0));
    assert!(holds(&m).is_empty());
    assert_eq!(m.run(&["undo"]).code, Some(1));
    // A number is never used twice: the shell keeps old values by it.
    m.set("HF_TOKEN", token('A'));
    let said = in_shell(&mut m, &["fix", "HF101", "--format", "json"]);
    assert_eq!(said.json()["id"], "2", "{said:?}");
}

#[test]
fn without_a_terminal_only_what_is_safe_is_done() {
    let mut m = made(&STATES[1]);
    let before = files(&m);
    let said = in_shell(&mut m, &["fix"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("held back: 2 changes; --yes makes them"), "{said:?}");
    assert_eq!(files(&m), before);
    let codes = m.run(&["check", "--format", "json"]).codes();
    assert!(!codes.contains(&"HF101".to_owned()), "the variable is gone: {codes:?}");
}

#[test]
fn the_active_login_needs_its_option() {
    let state = STATES.iter().find(|s| s.rule == "HF205").unwrap();
    let mut m = made(state);
    let before = files(&m);
    let args = fix_of(state, &m);
    assert!(args.contains(&"--login".to_owned()), "{args:?}");
    let said = in_shell(&mut m, &["fix", "--clear", "--yes"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("held back: 2 changes; --login makes them"), "{said:?}");
    assert_eq!(files(&m), before);
}

#[test]
fn without_the_hook_it_prints_the_line() {
    let m = Machine::shadowed();
    let said = m.run(&["fix", "--unset"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("type: unset HF_TOKEN"), "{said:?}");
    assert!(!m.at(".local").exists(), "nothing was done, nothing is written");
    let mut m = m;
    m.set("HFLINT_SUBSHELL", "1");
    let said = m.run(&["fix", "unset"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("subshell"), "{said:?}");
}

#[test]
fn what_is_read_only_in_the_shell_is_left_to_the_person() {
    let mut m = made(&STATES[1]);
    m.set("HFLINT_READONLY", ",HF_HOME,HF_TOKEN");
    let plan = m.run(&["fix", "--unset", "--diff", "--format", "json"]).json();
    assert_eq!(
        (plan["actions"][0]["kind"].as_str(), plan["actions"][0]["rule"].as_str()),
        (Some("manual"), Some("HF101"))
    );
    let said = in_shell(&mut m, &["fix", "--unset", "--yes"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(!said.out.contains("done: unset") && said.out.contains("done: comment out"), "{said:?}");
    assert!(said.out.contains("it is read-only there") && said.out.contains("exec env -u HF_TOKEN "), "{said:?}");
    m.set("HFLINT_READONLY", "");
    let said = in_shell(&mut m, &["fix", "--unset"]);
    assert!(said.code == Some(0) && said.out.contains("done: unset"), "{said:?}");
}

#[test]
fn the_shape_of_the_json() {
    let m = made(&STATES[1]);
    let plan = m.run(&["fix", "--diff", "--format", "json"]).json();
    assert_eq!(plan["version"], 1);
    let actions = plan["actions"].as_array().unwrap();
    assert_eq!(actions.len(), 3);
    assert_eq!(actions[0]["rule"], "HF101");
    assert_eq!(actions[0]["kind"], "unset");
    assert_eq!(actions[0]["applicability"], "safe");
    assert_eq!(actions[0]["target"]["name"], "HF_TOKEN");
    assert!(actions[0]["diff"].is_null() && actions[0]["applied"].is_null());
    assert_eq!(
        (actions[1]["kind"].as_str(), actions[1]["applicability"].as_str()),
        (Some("edit-file"), Some("unsafe"))
    );
    assert_eq!(actions[1]["target"]["path"], m.at(".bashrc").to_str().unwrap());
    assert_eq!(actions[1]["target"]["line"], 3);
    let diff = actions[1]["diff"].as_str().unwrap();
    assert!(diff.contains("-  export HF_TOKEN=hf_****") && diff.contains("+# hflint 2"), "{diff}");
    assert!(diff.contains("+  :\n"), "no block is left empty: {diff}");
    assert!(plan.get("id").is_none());

    let done = m.run(&["fix", "--unset", "--yes", "--format", "json"]).json();
    assert_eq!(done["id"], "1");
    let applied: Vec<_> = done["actions"].as_array().unwrap().iter().map(|a| a["applied"].as_bool()).collect();
    assert_eq!(applied, [Some(false), Some(true), Some(true)]);
    let text = m.read(".bashrc");
    assert!(text.contains("\n# hflint 20") && text.ends_with("\n  :\nfi\n"), "{text}");
    assert!(m.read(".zshrc").ends_with("\nexport EDITOR=vi"), "what else stands in the line stays");
}

#[test]
fn what_was_typed() {
    let m = made(&STATES[0]);
    for (args, code) in [
        (&["fix", "HF999"][..], 2),
        (&["fix", "unset", "clear"], 2),
        (&["fix", "unset", "--clear"], 2),
        (&["fix", "--unset", "--clear"], 2),
        (&["fix", "HF301"], 0),
        (&["fix", "--clear"], 0),
        (&["undo", "7"], 2),
        (&["undo", "x"], 2),
        (&["undo"], 1),
        (&["undo", "--list"], 0),
        (&["undo", "--list", "--purge"], 2),
    ] {
        let said = m.run(args);
        assert_eq!(said.code, Some(code), "{args:?}: {said:?}");
    }
}

/// As a person without root's power over modes.
pub(crate) fn as_person(m: &Machine, args: &[&str]) -> Said {
    let hflint = env!("CARGO_BIN_EXE_hflint");
    if !rustix::process::getuid().is_root() {
        return m.run(args);
    }
    let caps = "-dac_override,-dac_read_search,-fowner";
    let mut all = vec!["--inh-caps", caps, "--bounding-set", caps, "--", hflint];
    all.extend(args);
    let setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].into_iter().find(|p| Path::new(p).exists()).unwrap();
    Said::from(m.program(Path::new(setpriv), "", &all).output().unwrap())
}

#[test]
fn a_home_that_cannot_be_written() {
    let m = made(&STATES[1]);
    let before = files(&m);
    fs::set_permissions(m.at(""), fs::Permissions::from_mode(0o555)).unwrap();
    let said = as_person(&m, &["fix", "--unset", "--yes"]);
    fs::set_permissions(m.at(""), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(said.code, Some(1), "{said:?}");
    assert_eq!(
        said.out.matches("lies in a directory that cannot be written (permission denied)").count(),
        2,
        "{said:?}"
    );
    assert_eq!(files(&m), before);
    no_token(&said);
    // What lies in a directory that can be written cannot be changed either without its journal.
    let mut m = m;
    m.write("z/.zshrc", &m.read(".zshrc"));
    let z = m.at("z");
    m.set("ZDOTDIR", &z);
    fs::set_permissions(m.at(""), fs::Permissions::from_mode(0o555)).unwrap();
    let said = as_person(&m, &["fix", "--unset", "--yes"]);
    fs::set_permissions(m.at(""), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.err.contains("nothing was changed: the journal ") && said.err.contains("permission denied"),
        "{said:?}"
    );
    assert!(!m.read("z/.zshrc").contains("# hflint"));
}

#[test]
fn a_damaged_entry_is_purged_with_its_old_bytes() {
    let m = made(&STATES[1]);
    assert!(m.run(&["fix", "--unset", "--yes"]).out.contains("hflint undo 1"));
    let entry = ".local/state/hflint/journal/1/entry.json";
    let half = m.read(entry)[..20].to_owned();
    m.write(entry, &half);
    assert_eq!(m.run(&["undo"]).code, Some(1));
    assert!(m.at(entry).exists(), "an undo destroys nothing");
    assert_eq!(m.run(&["undo", "--purge", "--yes"]).code, Some(0));
    assert!(!m.at(".local/state/hflint/journal/1").exists());
    let said = m.run(&["undo", "--list"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
}

#[test]
fn a_journal_that_cannot_be_written() {
    let m = made(&STATES[1]);
    m.write(".local/state/hflint", "a file");
    let before = files(&m);
    let said = m.run(&["fix", "--unset", "--yes"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains(".local/state/hflint"), "{said:?}");
    assert_eq!(files(&m), before);
}

#[test]
fn a_directory_that_cannot_be_written_leaves_its_file_and_no_other() {
    let m = made(&STATES[1]);
    m.write("z/.zshrc", &m.read(".zshrc"));
    let mut m = m;
    let z = m.at("z");
    m.set("ZDOTDIR", &z);
    fs::set_permissions(&z, fs::Permissions::from_mode(0o555)).unwrap();
    let said = as_person(&m, &["fix", "--unset", "--yes"]);
    fs::set_permissions(&z, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("it lies in a directory that cannot be written (permission denied)"), "{said:?}");
    assert!(said.err.is_empty(), "known before it is tried: {said:?}");
    assert!(m.read(".bashrc").contains("# hflint"), "the other is done");
    assert!(!m.read("z/.zshrc").contains("# hflint"));
}

/// Lays a trap, given a file outside the home directory.
type Make = fn(&Machine, &Path);

#[test]
fn links_that_lead_astray_are_left_alone() {
    let outside = tempfile::tempdir().unwrap();
    let text = format!("export HF_TOKEN={}\n", token('A'));
    let elsewhere = outside.path().join("bashrc");
    fs::write(&elsewhere, &text).unwrap();
    let cases: [(&str, Make); 3] = [
        ("outside the home directory", |m, elsewhere| symlink(elsewhere, m.at(".bashrc")).unwrap()),
        ("a link again", |m, elsewhere| {
            symlink(elsewhere, m.at("one")).unwrap();
            symlink("one", m.at(".bashrc")).unwrap();
        }),
        ("a hard link", |m, elsewhere| {
            fs::copy(elsewhere, m.at(".bashrc")).unwrap();
            fs::hard_link(m.at(".bashrc"), m.at("other name")).unwrap();
        }),
    ];
    for (why, make) in cases {
        let m = made(&STATES[0]);
        make(&m, &elsewhere);
        let before = files(&m);
        let said = m.run(&["fix", "--unset", "--yes"]);
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.out.contains(why) && said.err.is_empty(), "{why}: {said:?}");
        assert_eq!(files(&m), before, "{why}");
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), text);
    }
}

#[test]
fn somebody_elses_file_is_named_and_left() {
    if !rustix::process::getuid().is_root() {
        return;
    }
    let m = made(&STATES[1]);
    let plain = m.read(".bashrc").replace("if true; then", "cd").replace("fi", "cd");
    m.write(".bashrc", &plain);
    std::os::unix::fs::chown(m.at(".bashrc"), Some(12345), None).unwrap();
    let before = m.read(".bashrc");
    let said = m.run(&["fix", "--unset", "--yes"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("sudo sed -i '3s/^/# hflint 20"), "{said:?}");
    assert_eq!(m.read(".bashrc"), before);
    // `sed -i` would put a file in the place of the link.
    fs::create_dir(m.at("dotfiles")).unwrap();
    fs::rename(m.at(".bashrc"), m.at("dotfiles/bashrc")).unwrap();
    symlink("dotfiles/bashrc", m.at(".bashrc")).unwrap();
    let said = m.run(&["fix", "--unset", "--diff"]);
    let sed = said.out.lines().find(|l| l.contains("sudo sed -i")).unwrap();
    assert!(sed.ends_with(&format!(" {}", m.at("dotfiles/bashrc").canonicalize().unwrap().display())), "{said:?}");
    // What else stands in the line, or a block that would be empty, is not for sed.
    let line = before.lines().find(|l| l.contains("export")).unwrap();
    for text in [format!("true && {line}\n"), format!("if true; then\n{line}\nfi\n")] {
        m.write("dotfiles/bashrc", &text);
        let said = m.run(&["fix", "--unset", "--diff"]);
        assert!(said.out.contains("    sudo ${EDITOR:-vi} +"), "{said:?}");
    }
}

/// What bash has in `HF_TOKEN` once it has read its start-up files.
fn next_bash(m: &Machine, how: &str) -> String {
    let said =
        m.program(Path::new("/bin/bash"), "", &[how, "printf '<%s>' \"${HF_TOKEN-}\""]).env_remove("HF_TOKEN").output();
    String::from_utf8(said.unwrap().stdout).unwrap()
}

#[test]
fn the_next_shell_has_the_variable_no_more() {
    let hidden = STATES.iter().filter(|s| s.name.contains("come alive") || s.name.contains("only the next"));
    for state in hidden {
        let mut m = made(state);
        let had = next_bash(&m, "-ic");
        assert!(had.contains("<hf_"), "{had}");
        let said = in_shell(&mut m, &["fix", "--unset", "--yes"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        for how in ["-ic", "-lc"] {
            assert!(next_bash(&m, how).ends_with("<>"), "{}: {how}", state.name);
        }
        assert!(!m.run(&["check", "--format", "json"]).codes().contains(&"HF112".to_owned()));
    }
}

#[test]
fn a_line_that_stays_is_named_and_keeps_no_other_from_going() {
    let mut m = made(&STATES[0]);
    let mine = |letter| format!("export HF_TOKEN={}", token(letter));
    m.write(".bashrc", &format!("{}\n{} \\\n  EDITOR=vi\n{}\n", mine('C'), mine('D'), mine('A')));
    let said = in_shell(&mut m, &["fix", "--unset", "--yes"]);
    no_token(&said);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("comment out lines 1, 4 of ~/.bashrc, which set HF_TOKEN"), "{said:?}");
    assert!(said.out.contains("take HF_TOKEN out of ~/.bashrc:2: it is part of a longer command"), "{said:?}");
    let lines = m.read(".bashrc");
    let marked: Vec<bool> = lines.lines().map(|line| line.starts_with("# hflint 2")).collect();
    assert_eq!(marked, [true, false, false, true], "{lines}");
}

#[test]
fn a_tool_that_fails_stands_in_no_undos_way() {
    let mut m = made(&STATES[1]);
    let original = m.read(".bashrc");
    m.write(".config/fish/fish_variables", &format!("# VERSION: 3.0\nSETUVAR --export HF_TOKEN:{}\n", token('A')));
    m.write("tools/fish", "#!/bin/sh\necho no >&2\nexit 1\n");
    fs::set_permissions(m.at("tools/fish"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = m.at("tools");
    m.set("PATH", path);
    let said = in_shell(&mut m, &["fix", "--unset", "--yes"]);
    no_token(&said);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("fish failed: no\n"), "nothing is left of it: {said:?}");
    assert!(m.read(".bashrc").contains("# hflint 2"), "{said:?}");
    let said = in_shell(&mut m, &["undo"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(m.read(".bashrc"), original);
}

#[test]
fn undo_leaves_alone_what_was_changed_since() {
    let mut m = made(&STATES[1]);
    let original = m.read(".bashrc");
    let before = files(&m);
    in_shell(&mut m, &["fix", "--unset", "--yes"]);
    let edited = m.read(".bashrc") + "# mine\n";
    m.write(".bashrc", &edited);
    let fixed = files(&m);
    let said = in_shell(&mut m, &["undo"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains(".bashrc was changed since the fix"), "{said:?}");
    assert_eq!(files(&m), fixed, "all of it or nothing");

    let said = in_shell(&mut m, &["undo", "--force"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(m.read(".bashrc"), original);
    assert_eq!(without_times(&files(&m)), without_times(&before));
    // What was there is kept.
    let said = in_shell(&mut m, &["undo", "2"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(m.read(".bashrc"), edited);
}

#[test]
fn undo_step_by_step() {
    let mut m = made(named("a legacy token file"));
    m.write(".netrc", "machine huggingface.co password x\n");
    crate::fix_states::hub(&mut m, "0.36.2");
    let before = files(&m);
    assert_eq!(in_shell(&mut m, &["fix", "HF105", "--yes"]).code, Some(0));
    let between = files(&m);
    assert_eq!(in_shell(&mut m, &["fix", "HF109", "--yes"]).code, Some(0));
    let list = m.run(&["undo", "--list"]);
    assert_eq!(list.out.lines().filter(|l| l.contains("applied")).count(), 2, "{list:?}");
    assert_eq!(in_shell(&mut m, &["undo"]).code, Some(0));
    assert_eq!(files(&m), between);
    assert_eq!(in_shell(&mut m, &["undo"]).code, Some(0));
    assert_eq!(files(&m), before);
    assert_eq!(in_shell(&mut m, &["undo", "1"]).code, Some(1), "undone already");
}

#[test]
fn old_entries_are_destroyed() {
    let mut m = made(named("a legacy token file"));
    assert_eq!(in_shell(&mut m, &["fix", "--clear", "--yes"]).code, Some(0));
    let entry = m.at(".local/state/hflint/journal/1/entry.json");
    let mut json: serde_json::Value = serde_json::from_str(&fs::read_to_string(&entry).unwrap()).unwrap();
    json["at"] = (json["at"].as_i64().unwrap() - 31 * 86400).into();
    fs::write(&entry, json.to_string()).unwrap();
    let said = m.run(&["undo", "--list"]);
    assert_eq!(said.out, "the journal is empty\n");
    assert!(!entry.exists());
}

#[test]
fn a_broken_entry_is_told_and_the_others_can_be_used() {
    let mut m = made(named("a legacy token file"));
    assert_eq!(in_shell(&mut m, &["fix", "--clear", "--yes"]).code, Some(0));
    for text in ["", "{", "{\"version\": 2}", "[]", "\u{fffd}"] {
        m.write(".local/state/hflint/journal/7/entry.json", text);
        let said = m.run(&["undo", "--list"]);
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.err.contains("journal/7/entry.json") && said.out.starts_with("1 "), "{said:?}");
    }
    assert_eq!(in_shell(&mut m, &["undo", "1"]).code, Some(0));
}

#[test]
fn attributes_stay() {
    let mut m = made(&STATES[1]);
    fs::set_permissions(m.at(".bashrc"), fs::Permissions::from_mode(0o640)).unwrap();
    if rustix::process::getuid().is_root() {
        std::os::unix::fs::chown(m.at(".bashrc"), None, Some(54321)).unwrap();
    }
    let flags = rustix::fs::XattrFlags::empty();
    let has = rustix::fs::setxattr(m.at(".bashrc"), "user.note", b"mine", flags).is_ok();
    let before = fs::metadata(m.at(".bashrc")).unwrap();
    assert_eq!(in_shell(&mut m, &["fix", "--unset", "--yes"]).code, Some(0));
    let after = fs::metadata(m.at(".bashrc")).unwrap();
    assert_eq!((before.mode(), before.gid(), before.uid()), (after.mode(), after.gid(), after.uid()));
    assert_ne!(before.ino(), after.ino(), "written beside and renamed");
    if has {
        let mut value = [0_u8; 16];
        let length = rustix::fs::getxattr(m.at(".bashrc"), "user.note", &mut value).unwrap();
        assert_eq!(&value[..length], b"mine");
    }
}

/// A stand-in for a tool on PATH: it does to the file what the real one would.
pub(crate) fn program(m: &mut Machine, name: &str, script: &str) {
    let path = format!("bin/{name}");
    m.write(&path, &format!("#!/bin/sh\nprintf '%s\\n' \"$*\" >> \"$HOME/CALLS\"\n{script}\n"));
    fs::set_permissions(m.at(&path), fs::Permissions::from_mode(0o755)).unwrap();
    let bin = m.at("bin");
    m.set("PATH", format!("{}:/usr/bin:/bin", bin.display()));
}

fn conda(m: &mut Machine) {
    m.write(LOGIN, &token('B'));
    let value = token('A');
    m.set("HF_TOKEN", &value);
    m.write("env/conda-meta/state", &format!(r#"{{"version": 1, "env_vars": {{"HF_TOKEN": "{value}"}}}}"#));
    m.set("CONDA_PREFIX", m.at("env"));
    // In `base` it is no project's own, and so a fault.
    m.set("CONDA_DEFAULT_ENV", "base");
}

const LOGIN: &str = ".cache/huggingface/token";

#[test]
fn the_tool_that_owns_a_format_is_shown_run_and_undone() {
    let mut m = Machine::new();
    conda(&mut m);
    program(&mut m, "conda", "echo '{\"version\": 1, \"env_vars\": {}}' > \"$7/conda-meta/state\"");
    let before = files(&m);
    let line = format!("conda env config vars unset HF_TOKEN -p {}", m.at("env").display());
    let said = m.run(&["fix", "--unset", "--diff"]);
    assert!(said.out.contains(&format!("unset HF_TOKEN in the conda environment, with: {line}")), "{said:?}");
    assert_eq!(files(&m), before, "shown and not run");

    let said = in_shell(&mut m, &["fix", "--unset", "--yes"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(m.read("CALLS"), format!("{}\n", line.strip_prefix("conda ").unwrap()));
    assert!(!m.read("env/conda-meta/state").contains("HF_TOKEN"));
    fs::remove_file(m.at("CALLS")).unwrap();
    let said = in_shell(&mut m, &["undo"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(files(&m), before, "byte by byte, without the tool");
}

#[test]
fn a_tool_that_fails_leaves_all_as_it_was() {
    let mut m = Machine::new();
    conda(&mut m);
    program(&mut m, "conda", "echo half > \"$7/conda-meta/state\"; echo no such environment >&2; exit 1");
    let before = m.read("env/conda-meta/state");
    let said = in_shell(&mut m, &["fix", "--unset", "--yes"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("conda failed: no such environment"), "{said:?}");
    let undo = in_shell(&mut m, &["undo"]);
    assert_eq!((undo.code, m.read("env/conda-meta/state")), (Some(0), before), "{undo:?}");
}

#[test]
fn a_tool_that_is_not_there_is_named() {
    let mut m = Machine::new();
    conda(&mut m);
    let before = files(&m);
    let said = in_shell(&mut m, &["fix", "--unset", "--yes"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.out.contains("conda is not on PATH here") && said.out.contains("conda env config vars unset"),
        "{said:?}"
    );
    assert_eq!(files(&m), before);
}

#[test]
fn a_universal_variable_of_fish() {
    let mut m = Machine::shadowed();
    let value = token('A');
    m.write(".config/fish/fish_variables", &format!("# VERSION: 3.0\nSETUVAR --export HF_TOKEN:{value}\n"));
    // Its words, and what it is told on its standard input.
    program(&mut m, "fish", "case $2 in read*) read -r v; [ ${#v} -eq 37 ] && echo back >> \"$HOME/CALLS\" ;; esac");
    let said = in_shell(&mut m, &["fix", "--unset", "--yes"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(m.read("CALLS"), "-c set -eU HF_TOKEN\n");
    m.set("HF_TOKEN", value);
    assert_eq!(in_shell(&mut m, &["undo"]).code, Some(0));
    assert!(m.read("CALLS").ends_with("-c read -l value; and set -Ux HF_TOKEN $value\nback\n"), "{}", m.read("CALLS"));
    assert!(!m.read("CALLS").contains(&token('A')), "no token among the words of a process");
}

#[test]
fn two_at_once_take_turns() {
    let m = made(&STATES[1]);
    let before = files(&m);
    let start = || m.command("", &["fix", "--unset", "--yes", "-q"]).spawn().unwrap();
    let mut all: Vec<_> = (0..8).map(|_| start()).collect();
    for child in &mut all {
        child.wait().unwrap();
    }
    assert_eq!(m.read(".bashrc").matches("# hflint").count(), 1);
    assert_eq!(m.read(".zshrc").matches("# hflint").count(), 1);
    while m.run(&["undo"]).code == Some(0) {}
    assert_eq!(files(&m), before);
}
