//! The huggingface_hub that hflint finds installed against the one that the real Python imports, over environments
//! built anew in each run.
//!
//! `tests/parity/python_environments.py` builds and asks; a failing run prints its seed, and
//! `HFLINT_TEST_SEED=… cargo test python_environments` repeats it.

use std::process::Command;

use serde_json::Value;

#[test]
fn hflint_finds_what_python_imports() {
    const COUNT: usize = 40;
    let seed = crate::common::seed();
    let dir = tempfile::tempdir().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/parity/python_environments.py");
    let out = Command::new("python3").args([script, &seed, &COUNT.to_string()]).arg(dir.path()).output().unwrap();
    assert!(out.status.success(), "seed {seed}: {}", String::from_utf8_lossy(&out.stderr));
    let cases: Vec<Value> =
        String::from_utf8(out.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(cases.len(), COUNT);
    assert!(cases.iter().any(|c| !c["says"].is_null()) && cases.iter().any(|c| c["says"].is_null()));
    for (number, case) in cases.iter().enumerate() {
        let installed = ask(case);
        let context = format!("seed {seed}, environment {number}: {case}");
        let Some(says) = case["says"].as_object() else {
            assert_eq!(installed, None, "{context}");
            continue;
        };
        let (version, at) = installed.unwrap_or_else(|| panic!("not found; {context}"));
        assert_eq!(version, says["version"], "{context}");
        // What `setup.py develop` installs is imported from elsewhere than where it is installed.
        if !says["at"].as_str().unwrap().ends_with("-source") {
            assert_eq!(at, says["at"], "{context}");
        }
    }
}

/// The installed huggingface_hub by `hflint status`: its release, and the real path of the directory that holds it.
fn ask(case: &Value) -> Option<(String, String)> {
    let env = case["env"].as_object().unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_hflint"))
        .args(["status", "--format", "json"])
        .env_clear()
        .envs(env.iter().map(|(name, value)| (name, value.as_str().unwrap())))
        .current_dir(case["cwd"].as_str().unwrap())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let status: Value = serde_json::from_slice(&out.stdout).unwrap();
    let clients = status["clients"].as_array().unwrap();
    let hub = clients.iter().find(|c| c["client"] == "huggingface_hub" && !c["installed_at"].is_null())?;
    let at = std::fs::canonicalize(hub["installed_at"].as_str().unwrap()).unwrap();
    Some((hub["client_version"].as_str().unwrap().to_owned(), at.to_str().unwrap().to_owned()))
}
