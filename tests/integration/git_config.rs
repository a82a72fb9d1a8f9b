//! hflint's reader of git's configuration against `git config --list`, over files and trees generated anew in each run.
//!
//! A failing run prints its seed; `HFLINT_TEST_SEED=… cargo test git_config` repeats it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hflint::finding::Location;
use hflint::state::git::{config, load};
use hflint::system::os::Os;

/// Numbers that a seed repeats.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(what: &str) -> (Self, String) {
        let seed = crate::common::seed();
        let start = format!("{what} {seed}")
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        (Self(start), seed)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// Origin, name and value.
type Listed = (Option<Vec<u8>>, Vec<u8>, Option<Vec<u8>>);

/// What `--list -z` prints: names and values, and with `--show-origin` the file before each.
fn listed(output: &[u8], with_origin: bool) -> Vec<Listed> {
    let mut parts = output.split(|&b| b == 0);
    let mut out = Vec::new();
    while let Some(part) = parts.next().filter(|p| !p.is_empty()) {
        let (origin, pair) = if with_origin { (Some(part.to_vec()), parts.next().unwrap()) } else { (None, part) };
        let (name, value) = match pair.iter().position(|&b| b == b'\n') {
            Some(i) => (&pair[..i], Some(pair[i + 1..].to_vec())),
            None => (pair, None),
        };
        out.push((origin, name.to_vec(), value));
    }
    out
}

/// From 2.45 on white space inside a value is kept as it is; before, each byte of it became a blank.
fn keeps_tabs() -> bool {
    let out = Command::new("git").arg("--version").output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u32>().ok());
    (numbers.next().unwrap(), numbers.next().unwrap()) >= (2, 45)
}

fn text(dice: &mut Dice, tabs: bool) -> Vec<u8> {
    let headers = [
        "[a]",
        "[A.b]",
        "[a \"B c\"]",
        "[a \"x\\\"y\\z\"]",
        "[ a]",
        "[a ]",
        "[a\"b\"]",
        "[a \"b\" ]",
        "[a",
        "[]",
        "[.]",
        "[.a]",
        "[a_b]",
        "[a.]",
    ];
    let keys = ["k", "K", "k-1", "1k", "k_l", "k ", "\tk", "k\t ", "é"];
    let pieces = [
        "v", " ", "  ", "\"", "\"x y\"", "\\\"", "\\\\", "\\n", "\\t", "\\b", "\\x", "\\\n", "\\\r\n", "#", ";",
        " # c", "=", "é", "\u{a0}", "\u{b}", "[a]",
    ];
    let mut out = String::new();
    if dice.one_in(20) {
        out.push('\u{feff}');
    }
    if !dice.one_in(10) {
        out += "[s]\n";
    }
    for _ in 0..dice.below(7) {
        match dice.below(10) {
            0 => out += dice.of(&headers),
            1 => out += dice.of(&["[a]", "[A.b]", "[a \"B c\"]", "[a \"x\\\"y\\z\"]"]),
            2 => out += dice.of(&["# c", "; c", "", "  ", "\t", "x # c"]),
            _ => {
                out += if dice.one_in(6) { dice.of(&keys) } else { "k" };
                out += dice.of(&["=", " = ", " =", "", "\t=\t", " == "]);
                for _ in 0..dice.below(4) {
                    out += dice.of(&pieces);
                }
                if tabs && dice.one_in(4) {
                    out += dice.of(&["\tx", "\t", " \t y"]);
                }
            }
        }
        out += dice.of(&["\n", "\n", "\n", "\n", "\r\n", " \n", "", "\n\n"]);
    }
    let mut out = out.into_bytes();
    if dice.one_in(25) && !out.is_empty() {
        let at = dice.below(out.len());
        out[at] = *[0, 0xff, b'\r'].get(dice.below(3)).unwrap();
    }
    out
}

#[test]
fn one_file() {
    let (mut dice, seed) = Dice::new("file");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config");
    let tabs = keeps_tabs();
    let (mut sound, mut broken) = (0, 0);
    for _ in 0..400 {
        let content = text(&mut dice, tabs);
        fs::write(&file, &content).unwrap();
        let out = Command::new("git").args(["config", "--list", "-z", "--file"]).arg(&file).output().unwrap();
        let shown = String::from_utf8_lossy(&content).into_owned();
        match config::parse(&content) {
            Ok(entries) => {
                assert!(out.status.success(), "seed {seed}: git cannot read {shown:?}: {out:?}");
                let mine: Vec<_> = entries.into_iter().map(|e| (e.name, e.value)).collect();
                let listed = listed(&out.stdout, false).into_iter().map(|(_, name, value)| (name, value));
                let git: Vec<_> = listed.filter(|(name, _)| config::is_key(name)).collect();
                assert_eq!(mine, git, "seed {seed}: {shown:?}");
                sound += 1;
            }
            Err(line) => {
                assert!(!out.status.success(), "seed {seed}: git reads {shown:?}, hflint fails in line {line}");
                broken += 1;
            }
        }
    }
    assert!(sound > 50 && broken > 50, "seed {seed}: {sound} sound, {broken} broken");
}

/// What the child of a test writes its answer to.
const ANSWER: &str = "HFLINT_TEST_ANSWER";

/// One line for each value: its place, its name, its value; or one line for a fault.
fn answer(config: &load::Config) -> String {
    let text = |b: &[u8]| OsStr::from_bytes(b).to_string_lossy().into_owned();
    if let Some(fault) = &config.fault {
        return format!("fault {fault:?}");
    }
    let lines = config.entries.iter().map(|p| {
        let at = match &p.source {
            Location::File { path, .. } => real(path),
            _ => "command line".to_owned(),
        };
        shown(&at, &text(&p.entry.name), p.entry.value.as_deref().map(text).as_deref())
    });
    lines.collect()
}

fn shown(at: &str, name: &str, value: Option<&str>) -> String {
    format!("{at}: {name} {}\n", value.map_or_else(|| "without a value".to_owned(), |v| format!("= {v}")))
}

fn real(path: &Path) -> String {
    path.canonicalize().unwrap().display().to_string()
}

fn git(cwd: &Path, vars: &BTreeMap<OsString, OsString>, args: &[&str]) -> Output {
    Command::new("git").args(args).current_dir(cwd).env_clear().envs(vars).output().unwrap()
}

/// A home with a repository, a linked worktree of it, a bare one, and a link to the first.
fn tree() -> (tempfile::TempDir, PathBuf, BTreeMap<OsString, OsString>) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let home = root.join("home");
    let repo = home.join("work/repo");
    for dir in [&home.join(".config/git"), &repo.join("sub/deep"), &root.join("else")] {
        fs::create_dir_all(dir).unwrap();
    }
    let mut vars: BTreeMap<OsString, OsString> = BTreeMap::new();
    vars.insert("HOME".into(), home.clone().into());
    vars.insert("PATH".into(), std::env::var_os("PATH").unwrap());
    vars.insert("GIT_CONFIG_NOSYSTEM".into(), "1".into());
    let run = |cwd: &Path, args: &[&str]| {
        let out = git(cwd, &vars, args);
        assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    };
    run(&repo, &["init", "-q", "-b", "feat/x"]);
    let who = ["-c", "user.name=n", "-c", "user.email=e"];
    run(&repo, &[&who[..], &["commit", "-q", "--allow-empty", "-m", "m"]].concat());
    run(&repo, &["worktree", "add", "-q", "-b", "main", "../linked"]);
    run(&home, &["init", "-q", "--bare", "bare.git"]);
    std::os::unix::fs::symlink(&repo, root.join("link")).unwrap();
    (dir, root, vars)
}

fn content(dice: &mut Dice, root: &Path, number: &mut u32) -> String {
    let mut out = String::new();
    for _ in 0..dice.below(4) {
        *number += 1;
        let path = dice.of(&["inc1", "~/inc1", "ROOT/inc2", "../inc2", "none", "~/inc2", "sub/../inc1"]);
        let condition = dice.of(&[
            "gitdir:~/work/",
            "gitdir:work/",
            "gitdir:~/work",
            "gitdir/i:~/WORK/**",
            "gitdir:ROOT/home/work/repo/.git",
            "gitdir:ROOT/link/.git",
            "gitdir:**/re*/.git",
            "gitdir:./",
            "gitdir:ROOT/",
            "gitdir:./work/",
            "gitdir:*/repo/.git",
            "gitdir:**/repo/.git/worktrees/*",
            "gitdir:bare.git/",
            "gitdir:~/b[a-c]re.git",
            "onbranch:main",
            "onbranch:feat/",
            "onbranch:f*",
            "onbranch:**",
            "hasconfig:remote.*.url:https://h/**",
            "hasconfig:remote.*.url:*",
            "nothing:x",
            "GITDIR:~/work/",
        ]);
        let piece = match dice.below(7) {
            0..=2 => format!("[v]\n\tk = {number}\n"),
            3 => format!("[include]\n\tpath = {path}\n"),
            4 | 5 => format!("[includeIf \"{condition}\"]\n\tpath = {path}\n[v]\n\tk = {number}\n"),
            _ if dice.one_in(3) => format!("[remote \"o\"]\n\turl = https://h/{number}\n"),
            _ if dice.one_in(8) => "[bad\n".to_owned(),
            _ => format!("[v \"x\"]\n\tk = {number}\n"),
        };
        out.push_str(&piece);
    }
    out.replace("ROOT", root.to_str().unwrap())
}

#[test]
fn all_files_in_order() {
    // hflint reads its own environment and directory, so it is asked in a process that has those of the round.
    if let Some(file) = std::env::var_os(ANSWER) {
        fs::write(file, answer(&load::load(&Os))).unwrap();
        return;
    }
    let (mut dice, seed) = Dice::new("tree");
    let (_dir, root, base) = tree();
    let home = root.join("home");
    let repo = home.join("work/repo");
    let kept = fs::read_to_string(repo.join(".git/config")).unwrap();
    let places = [
        home.join(".gitconfig"),
        home.join(".config/git/config"),
        home.join("inc1"),
        home.join("inc2"),
        root.join("inc2"),
        home.join(".config/git/inc1"),
        root.join("else/git/config"),
        repo.join("inc1"),
        repo.join(".git/inc1"),
        root.join("system"),
    ];
    let cwds = [
        &home,
        &repo,
        &repo,
        &repo.join("sub/deep"),
        &home.join("work/linked"),
        &home.join("bare.git"),
        &root.join("else"),
        &root.join("link"),
        &repo.join(".git"),
    ]
    .map(Clone::clone);
    let tops =
        [&repo, &home.join("work/linked"), &home.join("bare.git"), &repo.join(".git"), &home, &root].map(Clone::clone);
    let (mut fine, mut fatal) = (0, 0);
    for round in 0..120 {
        let mut number = 0;
        for file in &places {
            let _ = fs::remove_file(file);
            if !dice.one_in(3) {
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, content(&mut dice, &root, &mut number)).unwrap();
            }
        }
        let own = content(&mut dice, &root, &mut number);
        let worktree = if dice.one_in(3) { "[extensions]\n\tworktreeConfig = true\n" } else { "" };
        fs::write(repo.join(".git/config"), format!("{kept}{worktree}{own}")).unwrap();
        fs::write(repo.join(".git/config.worktree"), "[v]\n\tk = main\n").unwrap();
        fs::write(repo.join(".git/worktrees/linked/config.worktree"), "[v]\n\tk = linked\n").unwrap();
        let mut vars = base.clone();
        let mut set =
            |name: &str, value: &str| vars.insert(name.into(), value.replace("ROOT", root.to_str().unwrap()).into());
        match dice.below(12) {
            0 => set("GIT_CONFIG_GLOBAL", dice.of(&["", "ROOT/home/inc1", "ROOT/none", "inc1", "~/inc1"])),
            1 => set("XDG_CONFIG_HOME", dice.of(&["", "ROOT/else", "ROOT/none"])),
            2 => set(
                "GIT_CONFIG_PARAMETERS",
                dice.of(&[
                    "'v.k=1' 'v.x.K'='2'",
                    "'v.k'",
                    "'v.k'=",
                    "junk",
                    "'include.path'='ROOT/inc2'",
                    "'a'\\''b.k=1'",
                ]),
            ),
            3 => {
                set("GIT_CONFIG_COUNT", dice.of(&["1", "1", "", "0", "2", "x"]));
                set("GIT_CONFIG_KEY_0", dice.of(&["v.k", "V.X.K", "include.path", "bad"]));
                set("GIT_CONFIG_VALUE_0", dice.of(&["e", "ROOT/inc2", "inc2"]))
            }
            4 => set(
                "GIT_CEILING_DIRECTORIES",
                dice.of(&[
                    "ROOT/home/work",
                    "ROOT/home/work/repo",
                    "ROOT/home/work/repo/sub",
                    ":ROOT/link",
                    "relative",
                    "/",
                ]),
            ),
            5 => set(
                "GIT_DIR",
                dice.of(&[
                    "ROOT/home/bare.git",
                    ".git",
                    "ROOT/none",
                    "ROOT/home/work/linked/.git",
                    "",
                    "ROOT/none/none",
                    "none",
                ]),
            ),
            6 => set("GIT_CONFIG_NOSYSTEM", dice.of(&["", "0", "false", "no", "maybe", "1k"])),
            _ => None,
        };
        set("GIT_CONFIG_SYSTEM", "ROOT/system");
        let cwd = cwds[dice.below(cwds.len())].clone();
        vars.insert("PWD".into(), cwd.clone().into());
        let out = git(&cwd, &vars, &["config", "--list", "-z", "--show-origin"]);
        let file = root.join("answer");
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["git_config::all_files_in_order", "--exact"]).current_dir(&cwd).env_clear().envs(&vars);
        assert!(child.env(ANSWER, &file).output().unwrap().status.success());
        let mine = fs::read_to_string(&file).unwrap();
        let what = || format!("seed {seed}, round {round}, in {}, {:?}", cwd.display(), &vars);
        if mine.starts_with("fault") {
            assert!(!out.status.success(), "{}: git reads it, hflint says {mine}", what());
            fatal += 1;
            continue;
        }
        assert!(out.status.success(), "{}: {}", what(), String::from_utf8_lossy(&out.stderr));
        let text = |b: &[u8]| OsStr::from_bytes(b).to_string_lossy().into_owned();
        let lines = listed(&out.stdout, true).into_iter().map(|(origin, name, value)| {
            let origin = text(&origin.unwrap());
            let at = origin.strip_prefix("file:").map_or_else(
                || "command line".to_owned(),
                // Git names its files from the top of the repository, unless it has not moved there.
                |path| {
                    std::iter::once(&cwd)
                        .chain(&tops)
                        .map(|top| top.join(path))
                        .find(|p| p.exists())
                        .map_or_else(String::new, |p| real(&p))
                },
            );
            shown(&at, &text(&name), value.as_deref().map(text).as_deref())
        });
        let git: String = lines.collect();
        assert!(mine == git, "{}\ngit\n{git}\nhflint\n{mine}", what());
        fine += 1;
    }
    assert!(fine > 40 && fatal > 3, "seed {seed}: {fine} read, {fatal} fatal");
}
