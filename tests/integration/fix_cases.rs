//! Every case whose findings offer a fix goes through it: fix, check is clean, fix again changes nothing, undo puts back
//! bytes, mode, time and variables. A rule that comes with its cases is covered by them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cases::{Case, load, on_all_cores};
use crate::sandbox::{Kept, Sandbox};

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

/// The findings as JSON; `None` where the case is about what keeps `check` from running.
fn findings(case: &Case, sandbox: &Sandbox) -> Option<Vec<Value>> {
    let deep = case.deep_options().iter().fold(String::new(), |all, option| all + " " + option);
    let out = sandbox.run(&words(&format!("check --format json{deep}")));
    let json: Value = serde_json::from_str(&out.stdout).ok()?;
    let mut findings = json["findings"].as_array().cloned()?;
    findings.retain(|f| sandbox.is_of_case(f));
    Some(findings)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The commands that findings offer, each once, with the codes that they cure, and whether all of each can be done here.
fn offers(found: &[Value]) -> BTreeMap<String, (BTreeSet<String>, bool)> {
    let mut out: BTreeMap<String, (BTreeSet<String>, bool)> = BTreeMap::new();
    for finding in found.iter().filter(|f| !f["fix"].is_null()) {
        let entry = out.entry(text(&finding["fix"]["command"]).to_owned()).or_insert((BTreeSet::new(), true));
        entry.0.insert(text(&finding["code"]).to_owned());
        entry.1 &= finding["fix"]["applicability"] != "display-only";
    }
    out
}

/// What one machine makes of the fixes that are offered there, one after the other, each taken back: what is wrong, and
/// the codes that were cured.
fn judge(case: &Case) -> (Vec<String>, BTreeSet<String>) {
    let (mut wrong, mut cured) = (Vec::new(), BTreeSet::new());
    let mut sandbox = Sandbox::build(case);
    let Some(found) = findings(case, &sandbox) else { return (wrong, cured) };
    let before = (sandbox.contents(), sandbox.variables().clone());
    for (command, (codes, whole)) in offers(&found) {
        let mut say = |what: &str| wrong.push(format!("── {}: {command}: {what}", case.name));
        let mut kept = Kept::new();
        let args = words(&format!("{} --yes", command.strip_prefix("hflint ").expect("its own command")));
        let fix = sandbox.run_in_shell(&args, &mut kept);
        // What only the person can do is left.
        if fix.code != Some(i32::from(!whole)) {
            say(&format!("exit {:?}:\n{}{}", fix.code, fix.stdout, fix.stderr));
        }
        let after = (sandbox.contents(), sandbox.variables().clone());
        if whole {
            let left = findings(case, &sandbox).unwrap_or_default();
            for finding in left.iter().filter(|f| codes.contains(text(&f["code"]))) {
                if finding["fix"]["command"] == command.as_str() {
                    say(&format!("still there: {finding}\n{}", fix.stdout));
                }
            }
            if after == before {
                say("nothing was changed");
            }
            cured.extend(codes);
        }
        let again = sandbox.run_in_shell(&args, &mut Kept::new());
        if whole && again.code != Some(0) || (sandbox.contents(), sandbox.variables().clone()) != after {
            say(&format!("again: exit {:?}, {}{}", again.code, again.stdout, again.stderr));
        }
        if after != before {
            let undo = sandbox.run_in_shell(&words("undo"), &mut kept);
            if undo.code != Some(0) {
                say(&format!("undo: exit {:?}, {}{}", undo.code, undo.stdout, undo.stderr));
            }
        }
        let now = sandbox.contents();
        let paths: BTreeSet<_> = before.0.keys().chain(now.keys()).collect();
        for path in paths.into_iter().filter(|path| before.0.get(*path) != now.get(*path)) {
            say(&format!("undo: {} is not as it was", path.display()));
        }
        if *sandbox.variables() != before.1 {
            say("undo: the variables are not as they were");
        }
    }
    wrong.extend(at_once(case, &found));
    (wrong, cured)
}

/// What is wrong where all rules that offer a fix are named in one command: what two fixes leave together must not take a
/// second run.
fn at_once(case: &Case, found: &[Value]) -> Option<String> {
    let offered = |found: &[Value]| -> BTreeSet<String> {
        let done = found.iter().filter(|f| matches!(text(&f["fix"]["applicability"]), "safe" | "unsafe"));
        // The active login is asked for by its option alone.
        let done = done.filter(|f| !text(&f["fix"]["command"]).contains("--login"));
        done.map(|f| text(&f["code"]).to_owned()).collect()
    };
    let codes = offered(found);
    if codes.len() < 2 {
        return None;
    }
    let mut sandbox = Sandbox::build(case);
    let waste = found.iter().any(|f| text(&f["fix"]["command"]).contains("--waste"));
    let line = if waste { "fix --yes --waste" } else { "fix --yes" };
    let line = codes.iter().fold(line.to_owned(), |line, code| line + " " + code);
    let fix = sandbox.run_in_shell(&words(&line), &mut Kept::new());
    let left = offered(&findings(case, &sandbox).unwrap_or_default());
    (!left.is_empty() || fix.stderr.contains("could not"))
        .then(|| format!("── {}: {line}: still offered: {left:?}\n{}{}", case.name, fix.stdout, fix.stderr))
}

#[test]
fn every_fix_of_every_case() {
    let cases: Vec<Case> = load().into_iter().filter(|c| c.can_be_built() && !c.cwd_deleted).collect();
    let mut cured = BTreeSet::new();
    let mut wrong = Vec::new();
    for (what, codes) in on_all_cores(&cases, judge) {
        wrong.extend(what);
        cured.extend(codes);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_hflint"))
        .args(["explain", "--list", "--format", "json"])
        .output()
        .expect("hflint starts");
    let json: Value = serde_json::from_slice(&out.stdout).expect("the list of rules as JSON");
    let fixable = json["rules"].as_array().expect("rules").iter();
    let fixable = fixable.filter(|r| matches!(text(&r["fix"]), "safe" | "unsafe")).map(|r| text(&r["code"]).to_owned());
    // A tmux server of its own is asked and cured in `processes`.
    let never: Vec<String> = fixable.filter(|code| !cured.contains(code) && code != "HF113").collect();
    assert!(never.is_empty(), "no case is cured by the fix of {never:?}");
}
