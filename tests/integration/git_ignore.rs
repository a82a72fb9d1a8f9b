//! hflint's answer to "does git ignore this file?", and to "does git track it?", against git itself, over trees
//! generated anew in each run.
//!
//! A failing run prints its seed; `HFLINT_TEST_SEED=… cargo test git_ignore` repeats it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use hflint::state::git::{ignore, index, load};
use hflint::system::os::Os;

use crate::git_config::Dice;

const PATHS: [&str; 14] = [
    ".env",
    ".env.local",
    "a.py",
    "Ab.py",
    "a b",
    "[x].ipynb",
    "d/.env",
    "d/a.py",
    "d/e/.env",
    "d/e/f/a.py",
    "de/x",
    "build/.env",
    "d/build/x.key",
    ".vscode/settings.json",
];

const PIECES: [&str; 31] = [
    ".env",
    ".env*",
    "*",
    "**",
    "**/",
    "/",
    "/",
    "/**",
    "a",
    "a.py",
    "*.py",
    "*.[pk]*",
    "d",
    "d/",
    "e",
    "build",
    "?",
    "[!a]",
    "\\",
    "\\[x\\]",
    " ",
    "#",
    ".",
    "D",
    "x",
    "/**/",
    "[D]",
    "[A-Z]",
    "[[:upper:]]",
    "[!A]",
    "\\A",
];

fn lines(dice: &mut Dice) -> String {
    let mut text = String::new();
    if dice.one_in(12) {
        text.push('\u{feff}');
    }
    for _ in 0..dice.below(5) {
        if dice.one_in(3) {
            text.push('!');
        }
        for _ in 0..=dice.below(3) {
            text.push_str(dice.of(&PIECES));
        }
        text.push_str(dice.of(&["\n", "\n", "\n", "\r\n", " \n", "\\ \n", "  "]));
    }
    text
}

/// What the child of the test writes its answer to.
const ANSWER: &str = "HFLINT_TEST_IGNORED";

/// The files that are ignored, and those that are tracked; one line each.
fn answer() -> String {
    let config = load::load(&Os);
    let root = config.repository.as_ref().and_then(|r| r.root.clone()).expect("a repository");
    let names: Vec<&[u8]> = PATHS.iter().map(|p| p.as_bytes()).collect();
    let tracked = index::tracked(&Os, &config, &names).expect("an index of git's");
    let mut out = String::new();
    for path in PATHS {
        let ignored = ignore::is_ignored(&Os, &config, &root.join(path)).expect("a file of the repository");
        let _ = writeln!(out, "{path}: {ignored} {}", tracked.contains(path.as_bytes()));
    }
    out
}

#[test]
fn as_git_answers() {
    // hflint reads its own environment and directory, so it is asked in a process that has those of the round.
    if let Some(file) = std::env::var_os(ANSWER) {
        fs::write(file, answer()).expect("an answer");
        return;
    }
    let (mut dice, seed) = Dice::new("ignore");
    let (mut yes, mut no) = (0, 0);
    for round in 0..60 {
        let place = tempfile::tempdir().expect("a directory");
        let root = place.path().canonicalize().expect("a real path");
        let home = root.join("home");
        let top = home.join("repo");
        fs::create_dir_all(&top).expect("a repository");
        let mut vars: BTreeMap<OsString, OsString> = BTreeMap::new();
        vars.insert("HOME".into(), home.clone().into());
        vars.insert("PATH".into(), std::env::var_os("PATH").expect("a PATH"));
        vars.insert("GIT_CONFIG_NOSYSTEM".into(), "1".into());
        let run = |args: &[&str], input: &str| {
            let mut command = Command::new("git");
            command.args(args).current_dir(&top).env_clear().envs(&vars);
            let mut child =
                command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("git");
            child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("a list");
            child.wait_with_output().expect("git ends")
        };
        let does = |args: &[&str]| {
            let out = run(args, "");
            assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
        };
        does(&["init", "-q", if dice.one_in(4) { "--object-format=sha256" } else { "--object-format=sha1" }]);
        for path in PATHS {
            fs::create_dir_all(top.join(path).parent().expect("a parent")).expect("directories");
            fs::write(top.join(path), "").expect("a file");
        }
        let mut told = String::new();
        let mut put = |path: &Path, text: String| {
            let _ = writeln!(told, "{}: {}", path.strip_prefix(&root).expect("below").display(), text.escape_default());
            fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
            fs::write(path, text).expect("a file");
        };
        for (dir, often) in [("", 1), ("d", 2), ("d/e", 3), ("build", 4)] {
            if dice.one_in(often) {
                put(&top.join(dir).join(".gitignore"), lines(&mut dice));
            }
        }
        for path in [top.join(".git/info/exclude"), home.join(".config/git/ignore"), home.join("own")] {
            if dice.one_in(2) {
                put(&path, lines(&mut dice));
            }
        }
        if dice.one_in(4) {
            does(&["config", "core.excludesFile", dice.of(&["~/own", "../own", ""])]);
        }
        does(&["config", "core.ignoreCase", dice.of(&["false", "true"])]);
        does(&["config", "index.version", dice.of(&["2", "4"])]);
        if dice.one_in(5) {
            let _ = fs::remove_file(top.join("d/.gitignore"));
            std::os::unix::fs::symlink("../.gitignore", top.join("d/.gitignore")).expect("a link");
        }
        let added: Vec<&str> = PATHS.into_iter().filter(|_| dice.one_in(4)).collect();
        if !added.is_empty() {
            does(&[&["--literal-pathspecs", "add", "-f", "--"], added.as_slice()].concat());
        }
        let file = root.join("answer");
        let mut me = Command::new(std::env::current_exe().expect("this program"));
        me.args(["--exact", "git_ignore::as_git_answers"]).current_dir(&top).env_clear().envs(&vars);
        let me = me.env(ANSWER, &file).output().expect("this program again");
        assert!(me.status.success(), "{}", String::from_utf8_lossy(&me.stderr));
        let listed = run(&["check-ignore", "-z", "--stdin", "--no-index"], &PATHS.join("\0"));
        let ignored: Vec<&str> = std::str::from_utf8(&listed.stdout).expect("plain names").split('\0').collect();
        let config = fs::read_to_string(top.join(".git/config")).expect("a configuration");
        let mut wanted = String::new();
        for path in PATHS {
            let is = ignored.contains(&path);
            *(if is { &mut yes } else { &mut no }) += 1;
            let _ = writeln!(wanted, "{path}: {is} {}", added.contains(&path));
        }
        let mine = fs::read_to_string(&file).expect("an answer");
        assert_eq!(mine, wanted, "seed {seed}, round {round}\n{told}{config}");
    }
    assert!(yes > 50 && no > 50, "seed {seed}: {yes} ignored, {no} not");
}
