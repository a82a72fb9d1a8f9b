//! The case directories: each is a machine and what hflint must say about it. `tests/cases/README.md` has the format.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;
use serde_json::Value;

use crate::encode::fingerprint;
use crate::sandbox::{Output, Sandbox, is_root};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    #[serde(skip)]
    pub(crate) name: String,
    #[serde(skip)]
    dir: PathBuf,
    about: String,
    #[serde(default = "dot")]
    pub(crate) cwd: String,
    #[serde(default)]
    pub(crate) cwd_deleted: bool,
    #[serde(default = "private")]
    pub(crate) home_mode: String,
    #[serde(default)]
    pub(crate) unset: Vec<String>,
    #[serde(default)]
    pub(crate) secrets: Vec<String>,
    open: Option<String>,
    #[serde(default)]
    pub(crate) file: Vec<Item>,
    #[serde(default)]
    pub(crate) python: Vec<Python>,
    #[serde(default)]
    pub(crate) node: Vec<Packages>,
    #[serde(default)]
    pub(crate) cargo_lock: Vec<Packages>,
    #[serde(default)]
    pub(crate) programs: Vec<String>,
    pub(crate) direnv: Option<Direnv>,
    pub(crate) mise: Option<Mise>,
    pub(crate) isolated: Option<Isolated>,
    #[serde(default)]
    pub(crate) process: Vec<Running>,
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) env_hex: BTreeMap<String, String>,
    expect: Option<Expect>,
    #[serde(default)]
    run: Vec<Run>,
}

/// A program that runs beside the shell: a copy of `sleep` under another name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Running {
    pub(crate) name: String,
    /// Below the home.
    #[serde(default = "dot")]
    pub(crate) cwd: String,
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
}

/// A project that was isolated before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Isolated {
    /// Below the home.
    pub(crate) root: String,
    /// Where it was then.
    pub(crate) moved_from: Option<String>,
    /// Another directory stood there then.
    #[serde(default)]
    pub(crate) replaced: bool,
}

fn dot() -> String {
    ".".into()
}

fn private() -> String {
    "0700".into()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    pub(crate) path: String,
    pub(crate) content: Option<String>,
    pub(crate) hex: Option<String>,
    pub(crate) size: Option<u64>,
    pub(crate) age: Option<i64>,
    pub(crate) mode: Option<String>,
    pub(crate) owner: Option<u32>,
    #[serde(default)]
    pub(crate) encoding: Encoding,
    #[serde(default, rename = "type")]
    pub(crate) kind: FileType,
}

#[derive(Deserialize, Default, Clone, Copy)]
pub(crate) enum Encoding {
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "utf-8-bom")]
    Utf8Bom,
    #[serde(rename = "utf-16")]
    Utf16,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FileType {
    #[default]
    File,
    Dir,
    Symlink,
    Fifo,
    Socket,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Python {
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) kind: PythonKind,
    #[serde(default = "yes")]
    pub(crate) active: bool,
    #[serde(default)]
    pub(crate) packages: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PythonKind {
    #[default]
    Venv,
    Conda,
    Path,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Packages {
    pub(crate) path: String,
    pub(crate) packages: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Direnv {
    pub(crate) envrc: String,
    #[serde(default)]
    pub(crate) previous: BTreeMap<String, String>,
    pub(crate) new: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mise {
    #[serde(default)]
    pub(crate) previous: BTreeMap<String, String>,
    pub(crate) new: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// `check --deep` is asked, not `check`.
    #[serde(default)]
    deep: bool,
    findings: Option<Vec<String>>,
    #[serde(default)]
    info: Vec<String>,
    #[serde(default)]
    silent: Vec<String>,
    ignored: Option<u64>,
    #[serde(default)]
    text: Vec<String>,
    exit: Option<i32>,
    #[serde(default)]
    status: Vec<Status>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {
    client: String,
    sends: Option<String>,
    outcome: Option<String>,
    error: Option<String>,
    overridden: Option<bool>,
    modelled_as: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    args: Vec<String>,
    exit: i32,
    #[serde(default)]
    stdout: Vec<String>,
    #[serde(default)]
    stderr: Vec<String>,
}

impl Case {
    /// Whether the case itself says that a plain `check` cannot run: the configuration is broken.
    pub(crate) fn refuses_check(&self) -> bool {
        self.run.iter().any(|r| r.exit == 2 && r.args == ["check"])
    }

    /// Whether it is about `check --deep`.
    pub(crate) fn is_deep(&self) -> bool {
        self.expect.as_ref().is_some_and(|e| e.deep)
    }

    /// What `check` is called with: other programs on this machine are no part of a case that names none.
    pub(crate) fn deep_options(&self) -> &'static [&'static str] {
        match (self.is_deep(), self.process.is_empty()) {
            (false, _) => &[],
            (true, true) => &["--deep", "--ignore", "HF113"],
            (true, false) => &["--deep"],
        }
    }

    /// Changing owners takes root; everything else takes nobody.
    pub(crate) fn can_be_built(&self) -> bool {
        is_root() || self.file.iter().all(|f| f.owner.is_none())
    }

    fn codes(&self) -> (BTreeSet<&str>, BTreeSet<&str>) {
        let Some(expect) = &self.expect else { return Default::default() };
        let fires = expect.findings.iter().flatten().map(|f| f.split(' ').next().unwrap_or_default());
        let fires: BTreeSet<&str> = fires.chain(expect.info.iter().map(String::as_str)).collect();
        let mut silent: BTreeSet<&str> = expect.silent.iter().map(String::as_str).collect();
        // A case of a rule that expects nothing of it.
        if let Some(code) = self.name.strip_prefix("rules/").and_then(|n| n.split('/').next())
            && !fires.contains(code)
        {
            silent.insert(code);
        }
        (fires, silent)
    }
}

/// All cases, sorted by name.
pub(crate) fn load() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(dir) = open.pop() {
        let file = dir.join("case.toml");
        let below: Vec<PathBuf> = fs::read_dir(&dir)
            .expect("tests/cases")
            .map(|e| e.expect("an entry").path())
            .filter(|p| p.is_dir())
            .collect();
        if let Ok(text) = fs::read_to_string(&file) {
            assert!(below.is_empty(), "{}: a case has no directories in it", dir.display());
            let mut case: Case = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            case.name = dir.strip_prefix(&root).expect("below the root").to_str().expect("a plain name").into();
            case.dir = dir;
            cases.push(case);
        } else {
            assert!(!below.is_empty(), "{}: no case.toml", dir.display());
            open.extend(below);
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// Does something with each case, on all cores; the answers in the order of the cases.
pub(crate) fn on_all_cores<C: Sync, T: Send>(cases: &[C], work: impl Fn(&C) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(at) else { break };
                    let answer = work(case);
                    done.lock().expect("no other thread panicked").push((at, answer));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no thread panicked");
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, answer)| answer).collect()
}

#[test]
fn all_cases() {
    let mut cases = load();
    // HFLINT_CASES=HF109 runs the cases with that in their name.
    if let Some(part) = std::env::var_os("HFLINT_CASES") {
        let part = part.into_string().expect("plain text");
        cases.retain(|c| c.name.contains(&part));
    }
    let bless = std::env::var_os("HFLINT_BLESS").is_some_and(|v| v == "1");
    let (cases, left): (Vec<Case>, Vec<Case>) = cases.into_iter().partition(Case::can_be_built);
    for case in &left {
        eprintln!("needs root, since it changes owners: {}", case.name);
    }
    let wrong: Vec<String> = on_all_cores(&cases, |case| judge(case, bless)).into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}\n{} of {} cases are wrong", wrong.join("\n"), wrong.len(), cases.len());
}

/// What is wrong with a case's answers; `None` where nothing is.
fn judge(case: &Case, bless: bool) -> Option<String> {
    let sandbox = Sandbox::build(case);
    let before = sandbox.listing();
    let mut wrong = Vec::new();
    if let Some(expect) = &case.expect {
        check(case, expect, &sandbox, bless, &mut wrong);
        status(expect, &sandbox, &mut wrong);
    }
    for run in &case.run {
        let out = sandbox.run(&run.args);
        let what = format!("hflint {}", run.args.join(" "));
        if out.code != Some(run.exit) {
            wrong.push(format!("{what}: exit {:?}, expected {}", out.code, run.exit));
        }
        for (stream, wanted, got) in [("stdout", &run.stdout, &out.stdout), ("stderr", &run.stderr, &out.stderr)] {
            for text in wanted.iter().map(|t| sandbox.template.fill(t)).filter(|t| !got.contains(t)) {
                wrong.push(format!("{what}: {stream} lacks {text:?}:\n{got}"));
            }
        }
        clean(&what, &out, &mut wrong);
    }
    if sandbox.started_something() {
        wrong.push("it started an interpreter".into());
    }
    let after = sandbox.listing();
    for line in before.iter().filter(|l| !after.contains(l)).chain(after.iter().filter(|l| !before.contains(l))) {
        wrong.push(format!("the machine was changed: {line}"));
    }
    (!wrong.is_empty()).then(|| format!("── {}: {}\n   {}", case.name, case.about, wrong.join("\n   ")))
}

fn check(case: &Case, expect: &Expect, sandbox: &Sandbox, bless: bool, wrong: &mut Vec<String>) {
    let args = |more: &[&str]| -> Vec<String> {
        ["check"].iter().chain(case.deep_options()).chain(more).map(|a| (*a).to_owned()).collect()
    };
    let out = sandbox.run(&args(&["--format", "json"]));
    clean("check --format json", &out, wrong);
    let Ok(mut json) = serde_json::from_str::<Value>(&out.stdout) else {
        wrong.push(format!("check --format json: exit {:?}, no JSON:\n{}{}", out.code, out.stdout, out.stderr));
        return;
    };
    shape(&json, wrong);
    let mut stray = false;
    if let Some(findings) = json["findings"].as_array_mut() {
        let all = findings.len();
        findings.retain(|f| sandbox.is_of_case(f));
        stray = findings.len() < all;
    }
    let found: Vec<(&str, &str)> = json["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|f| (f["code"].as_str().unwrap_or("?"), f["severity"].as_str().unwrap_or("?")))
        .collect();
    let mut grave: Vec<String> = found.iter().filter(|f| f.1 != "info").map(|f| format!("{} {}", f.0, f.1)).collect();
    grave.sort();
    if let Some(wanted) = &expect.findings {
        let mut wanted = wanted.clone();
        wanted.sort();
        if grave != wanted {
            let mut text = format!("findings: {grave:?}\n   expected: {wanted:?}");
            for f in json["findings"].as_array().into_iter().flatten() {
                let _ = write!(text, "\n     {} {}: {}", f["code"], f["severity"], f["message"]);
            }
            wrong.push(text);
        }
    }
    for code in &expect.info {
        if !found.iter().any(|f| f.0 == code && f.1 == "info") {
            wrong.push(format!("no info {code}; found {found:?}"));
        }
    }
    for code in &expect.silent {
        if let Some(f) = found.iter().find(|f| f.0 == code) {
            wrong.push(format!("{code} should be silent, it says {}", f.1));
        }
    }
    if let Some(ignored) = expect.ignored
        && json["summary"]["ignored"] != ignored
    {
        wrong.push(format!("ignored: {}, expected {ignored}", json["summary"]["ignored"]));
    }
    let exit = expect.exit.or(expect.findings.as_ref().map(|f| i32::from(!f.is_empty())));
    let text = sandbox.run(&args(&[]));
    clean("check", &text, wrong);
    for (what, code) in [("check --format json", out.code), ("check", text.code)] {
        // What else runs on this machine may be a fault of its own, now or a moment later.
        let exit = exit.filter(|exit| !stray && (case.process.is_empty() || *exit != 0));
        if exit.map_or(!matches!(code, Some(0 | 1)), |exit| code != Some(exit)) {
            wrong.push(format!("{what}: exit {code:?}, expected {}", exit.map_or("0 or 1".into(), |e| e.to_string())));
        }
    }
    for f in json["findings"].as_array().into_iter().flatten().filter(|f| f["severity"] != "info") {
        let mark = format!("{}[{} {}]:", word(&f["severity"]), word(&f["code"]), word(&f["rule"]));
        if !text.stdout.contains(&mark) {
            wrong.push(format!("check: no {mark} in\n{}", text.stdout));
        }
    }
    for part in expect.text.iter().map(|t| sandbox.template.fill(t)).filter(|t| !text.stdout.contains(t)) {
        wrong.push(format!("check: no {part:?} in\n{}", text.stdout));
    }
    golden(case, sandbox, &text.stdout, bless, wrong);
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("?")
}

/// The whole text output of some cases, kept beside them.
fn golden(case: &Case, sandbox: &Sandbox, text: &str, bless: bool, wrong: &mut Vec<String>) {
    let path = case.dir.join("check.txt");
    let Ok(wanted) = fs::read_to_string(&path) else { return };
    let got = text.replace(sandbox.root().to_str().expect("a plain path"), "<root>");
    if bless {
        fs::write(&path, got).expect("check.txt can be written");
    } else if got != wanted {
        wrong.push(format!("check.txt differs; HFLINT_BLESS=1 rewrites it. Expected:\n{wanted}\nGot:\n{got}"));
    }
}

/// Nothing that a terminal would obey.
fn clean(what: &str, out: &Output, wrong: &mut Vec<String>) {
    if out.code.is_none() {
        wrong.push(format!("{what}: did not end by itself in time"));
    }
    for (name, text) in [("stdout", &out.stdout), ("stderr", &out.stderr)] {
        let bad = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        };
        if let Some(c) = text.chars().find(|c| bad(*c)) {
            wrong.push(format!("{what}: {c:?} in {name}"));
        }
        if text.contains("panicked at") {
            wrong.push(format!("{what}: a panic:\n{text}"));
        }
    }
}

/// The JSON shape that the contract names: these keys, whatever else may come.
fn shape(json: &Value, wrong: &mut Vec<String>) {
    let mut must = |ok: bool, what: &str| {
        if !ok {
            wrong.push(format!("check --format json: {what}"));
        }
    };
    must(json["version"] == 1, "version is not 1");
    let findings = json["findings"].as_array().cloned().unwrap_or_default();
    for level in ["error", "warning", "info"] {
        let count = findings.iter().filter(|f| f["severity"] == level).count();
        must(json["summary"][level] == count, &format!("summary.{level} does not count"));
    }
    must(json["summary"]["ignored"].is_u64() && json["summary"]["not_run"].is_array(), "summary lacks a key");
    for f in &findings {
        let code = word(&f["code"]);
        must(code.len() == 5 && code.starts_with("HF"), "a code that is none");
        must(f["rule"].is_string() && f["help"].is_string() | f["help"].is_null(), &format!("{code} lacks a key"));
        let message = word(&f["message"]);
        must(!message.is_empty() && !message.ends_with('.') && !message.contains('\n'), &format!("message of {code}"));
        let places = f["locations"].as_array().cloned().unwrap_or_default();
        must(!places.is_empty(), &format!("{code} has no location"));
        for place in &places {
            let key = match word(&place["kind"]) {
                "variable" => "name",
                "file" | "directory" | "repository" => "path",
                "process" => "pid",
                _ => "?",
            };
            must(!place[key].is_null(), &format!("{code}: location {place}"));
            must(key != "path" || word(&place["path"]).starts_with('/'), &format!("{code}: a relative path: {place}"));
        }
        if let Some(fix) = f["fix"].as_object() {
            let level = fix.get("applicability").map_or("?", word);
            must(matches!(level, "safe" | "unsafe" | "display-only"), &format!("{code}: applicability {level}"));
            must(fix.get("command").is_some_and(Value::is_string), &format!("{code}: a fix without a command"));
        } else {
            must(f["fix"].is_null(), &format!("{code}: fix"));
        }
    }
}

fn status(expect: &Expect, sandbox: &Sandbox, wrong: &mut Vec<String>) {
    if expect.status.is_empty() {
        return;
    }
    let mut args: Vec<String> = ["status", "--format", "json", "--fingerprint"].map(String::from).into();
    for s in &expect.status {
        args.extend(["--client".into(), s.client.clone()]);
    }
    let out = sandbox.run(&args);
    clean("status", &out, wrong);
    let clients = match serde_json::from_str::<Value>(&out.stdout) {
        Ok(json) if out.code == Some(0) => json["clients"].as_array().cloned().unwrap_or_default(),
        _ => {
            wrong.push(format!("status: exit {:?}:\n{}{}", out.code, out.stdout, out.stderr));
            return;
        }
    };
    if clients.len() != expect.status.len() {
        wrong.push(format!("status: {} answers for {} clients", clients.len(), expect.status.len()));
    }
    for (wanted, got) in expect.status.iter().zip(&clients) {
        compare(wanted, got, sandbox, wrong);
    }
}

fn compare(wanted: &Status, got: &Value, sandbox: &Sandbox, wrong: &mut Vec<String>) {
    let mut must = |what: &str, got: &Value, want: Value| {
        if *got != want {
            wrong.push(format!("status of {}: {what} is {got}, expected {want}", wanted.client));
        }
    };
    let outcome = wanted.outcome.as_deref().unwrap_or("token");
    must("outcome", &got["outcome"], outcome.into());
    match &wanted.sends {
        Some(text) => {
            must("fingerprint", &got["fingerprint"], fingerprint(sandbox.template.fill(text).as_bytes()).into());
        }
        None => must("token", &got["token"], Value::Null),
    }
    must("error", &got["error"], wanted.error.clone().map_or(Value::Null, Value::from));
    if let Some(overridden) = wanted.overridden {
        must("overridden", &(!got["overridden_by"].is_null()).into(), overridden.into());
    }
    if let Some(model) = &wanted.modelled_as {
        must("modelled_as", &got["modelled_as"], model.clone().into());
    }
}

#[test]
fn every_case_says_what_it_expects() {
    for case in load() {
        assert!(!case.about.is_empty(), "{}", case.name);
        match &case.expect {
            Some(expect) => {
                assert_eq!(expect.findings.is_some(), case.open.is_none(), "{}: findings, or why not", case.name);
            }
            None => assert!(!case.run.is_empty(), "{}: expects nothing", case.name),
        }
        if case.name.starts_with("healthy/") {
            let findings = case.expect.as_ref().and_then(|e| e.findings.as_ref());
            assert!(findings.is_some_and(Vec::is_empty), "{}: a healthy machine with findings", case.name);
        }
    }
}

#[test]
fn every_state_and_enough_healthy_machines() {
    let cases = load();
    for number in 1..=40 {
        let start = format!("states/S{number:02}-");
        assert!(cases.iter().any(|c| c.name.starts_with(&start)), "no case of S{number:02}");
    }
    let healthy = cases.iter().filter(|c| c.name.starts_with("healthy/")).count();
    assert!(healthy >= 40, "{healthy} healthy machines");
}

#[test]
fn every_rule_fires_and_stays_silent() {
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_hflint"))
        .args(["explain", "--list", "--format", "json"])
        .output()
        .expect("hflint starts");
    let json: Value = serde_json::from_slice(&out.stdout).expect("the list of rules as JSON");
    let rules: BTreeSet<&str> = json["rules"].as_array().expect("rules").iter().map(|r| word(&r["code"])).collect();
    assert!(!rules.is_empty());
    let cases = load();
    let mut wrong = Vec::new();
    for code in &rules {
        let fires = cases.iter().filter(|c| c.codes().0.contains(code)).count();
        let silent = cases.iter().filter(|c| c.codes().1.contains(code)).count();
        if fires < 2 || silent < 1 {
            wrong.push(format!("{code}: {fires} cases fire, {silent} stay silent"));
        }
    }
    for case in &cases {
        if let Some(code) = case.codes().0.iter().find(|c| !rules.contains(**c)) {
            wrong.push(format!("{}: expects {code}, which is no rule", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
