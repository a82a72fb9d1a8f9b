//! hflint's readers of Python's formats against the modules themselves, over files generated anew in each run.
//!
//! `tests/parity/python_modules.py` generates and asks; a failing run prints its seed, and
//! `HFLINT_TEST_SEED=… cargo test python_modules` repeats it.

use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

use hflint::state::configparser::{Config, FaultKind};
use hflint::state::{dotenv, netrc};
use hflint::system::python_text::Text;

/// Asks the modules about `count` files and compares each answer with hflint's.
fn compare(kind: &str, count: usize, reads: impl Fn(&[u8]) -> Value) {
    let seed = crate::common::seed();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/parity/python_modules.py");
    // Where it fails on UTF-8, `netrc` reads again in the locale's encoding: one for all machines.
    let mut ask = Command::new("python3");
    ask.args([script, kind, &seed, &count.to_string()]).env("LC_ALL", "C.UTF-8").env_remove("PYTHONUTF8");
    let out = ask.output().unwrap();
    assert!(out.status.success(), "seed {seed}: {}: {}", out.status, String::from_utf8_lossy(&out.stderr));
    let mut seen = 0;
    for line in out.stdout.split(|&b| b == b'\n').filter(|l| !l.is_empty()) {
        let case: Value = serde_json::from_slice(line).unwrap();
        let file = unhex(case["file"].as_str().unwrap());
        let mine = reads(&file);
        assert_eq!(mine, case["says"], "seed {seed}, file {seen}: {:?}", shown(&file));
        seen += 1;
    }
    assert_eq!(seen, count);
}

/// A file without the middle of the filler that takes it to the end of a piece.
fn shown(file: &[u8]) -> String {
    let text = String::from_utf8_lossy(file);
    let chars: Vec<char> = text.chars().collect();
    match chars.len() {
        ..2000 => text.into_owned(),
        n => format!(
            "{} … {} more … {}",
            chars[..900].iter().collect::<String>(),
            n - 1000,
            chars[n - 100..].iter().collect::<String>()
        ),
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

#[test]
fn configparser() {
    compare("configparser", 3000, |file| {
        let config = match Config::parse(&Text::utf8(file, false)) {
            Ok(config) => config,
            Err(fault) => {
                let line = (fault.kind != FaultKind::NotUtf8).then_some(fault.line);
                return json!({"error": fault.kind.python_class(), "line": line});
            }
        };
        let sections: Vec<Value> = config
            .sections
            .iter()
            .map(|section| {
                let keys = config.defaults.keys().chain(section.fields.keys());
                let mut raw = Map::new();
                let mut followed = Map::new();
                for key in keys {
                    raw.insert(key.clone(), json!(*config.get(section, key).unwrap().value));
                    followed.insert(
                        key.clone(),
                        match config.interpolated(section, key) {
                            Ok(value) => json!(*value.unwrap()),
                            Err(fault) => json!({"error": fault.kind.python_class()}),
                        },
                    );
                }
                json!({"name": section.name, "raw": raw, "followed": followed})
            })
            .collect();
        json!({ "sections": sections })
    });
}

#[test]
fn netrc_files() {
    compare("netrc", 3000, |file| match netrc::parse(Path::new("/n"), &Text::utf8(file, false)) {
        Ok(entries) => {
            let hosts: Map<String, Value> = entries
                .iter()
                .map(|e| {
                    let name = e.machine.clone().unwrap_or_else(|| "default".to_owned());
                    let password = std::str::from_utf8(e.password.bytes()).unwrap();
                    (name, json!([e.login, e.account, password]))
                })
                .collect();
            json!({ "hosts": hosts })
        }
        Err(netrc::Fault::NotUtf8) => json!({"error": "UnicodeDecodeError"}),
        Err(_) => json!({"error": "NetrcParseError"}),
    });
}

#[test]
fn dotenv_files() {
    compare("dotenv", 3000, |file| {
        let text = Text::utf8(file, false);
        if text.broken {
            return json!({"error": "UnicodeDecodeError"});
        }
        let env = |name: &str| match name {
            "E" => Some("env".into()),
            "EMPTY" => Some("".into()),
            _ => None,
        };
        let (entries, senseless) = dotenv::parse(&text.text, env);
        let values: Map<String, Value> = entries
            .iter()
            .map(|e| (e.name.clone(), e.value.as_ref().map(|v| std::str::from_utf8(v).unwrap()).into()))
            .collect();
        let names: Vec<Value> = entries.iter().map(|e| json!([e.name, e.line])).collect();
        json!({"values": values, "names": names, "senseless": senseless})
    });
}
