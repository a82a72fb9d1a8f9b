//! Machines with a fault that `hflint fix` cures, and what the tests of it share.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::common::token;
use crate::machine::{Machine, Said};

/// A fault and its cure.
pub(crate) struct State {
    /// What the test calls it.
    pub(crate) name: &'static str,
    /// The rule that finds it; empty where only `--clear` knows of it.
    pub(crate) rule: &'static str,
    /// The fix, where it is not the one that the finding names.
    pub(crate) fix: Option<&'static [&'static str]>,
    /// Makes it.
    pub(crate) make: fn(&mut Machine),
}

/// The directory of the tools that a fix runs, on a machine that has any.
pub(crate) const TOOLS: &str = "tools";

const LOGIN: &str = ".cache/huggingface/token";
const STORED: &str = ".cache/huggingface/stored_tokens";

const fn state(name: &'static str, rule: &'static str, make: fn(&mut Machine)) -> State {
    State { name, rule, fix: None, make }
}

/// A virtual environment in use, with one release of huggingface_hub.
pub(crate) fn hub(m: &mut Machine, version: &str) {
    m.write(".venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n");
    let info = format!(".venv/lib/python3.11/site-packages/huggingface_hub-{version}.dist-info");
    m.write(
        &format!("{info}/METADATA"),
        &format!("Metadata-Version: 2.1\nName: huggingface_hub\nVersion: {version}\n"),
    );
    let venv = m.at(".venv");
    m.set("VIRTUAL_ENV", venv);
}

/// Every kind of change that a fix makes, once.
pub(crate) const STATES: &[State] = &[
    state("a variable of this shell", "HF101", |m| {
        m.write(LOGIN, &token('B'));
        m.set("HF_TOKEN", token('A'));
    }),
    state("a start-up file", "HF101", |m| {
        m.write(LOGIN, &token('B'));
        m.set("HF_TOKEN", token('A'));
        m.write(".bashrc", &format!("alias l=ls\nif true; then\n  export HF_TOKEN={}\nfi\n", token('A')));
        m.write(".zshrc", &format!("export EDITOR=vi HF_TOKEN={}", token('A')));
    }),
    state("a start-up file with CRLF", "HF101", |m| {
        m.write(LOGIN, &token('B'));
        m.set("HF_TOKEN", token('A'));
        m.write(".profile", &format!("umask 022\r\nHF_TOKEN='{}'; export HF_TOKEN\r\nexport HF_TOKEN={0}", token('A')));
    }),
    state("a start-up file behind a link", "HF101", |m| {
        m.write(LOGIN, &token('B'));
        m.set("HF_TOKEN", token('A'));
        m.write("dotfiles/bashrc", &format!("export HF_TOKEN={}\n", token('A')));
        std::os::unix::fs::symlink("dotfiles/bashrc", m.at(".bashrc")).unwrap();
    }),
    state("two variables of one file", "HF103", |m| {
        m.set("HF_TOKEN", token('A'));
        m.set("HUGGING_FACE_HUB_TOKEN", token('B'));
        m.write(".bashrc", &format!("export HF_TOKEN={}\nexport HUGGING_FACE_HUB_TOKEN={}\n", token('A'), token('B')));
    }),
    state("an activate script", "HF201", |m| {
        m.write(".venv/bin/activate", "deactivate () {\n    :\n}\nexport HF_TOKEN=\n");
        m.set("HF_TOKEN", "");
        hub(m, "0.10.1");
    }),
    state("a mode", "HF301", |m| {
        m.write(LOGIN, &token('B'));
        m.write(STORED, &format!("[work]\nhf_token = {}\n", token('B')));
        for path in ["", ".cache", ".cache/huggingface"] {
            fs::set_permissions(m.at(path), fs::Permissions::from_mode(0o755)).unwrap();
        }
        for path in [LOGIN, STORED] {
            fs::set_permissions(m.at(path), fs::Permissions::from_mode(0o644)).unwrap();
        }
    }),
    state("a directory in place of the token", "HF301", |m| {
        fs::create_dir_all(m.at(LOGIN)).unwrap();
    }),
    state("a legacy token file", "HF105", |m| {
        m.write(".huggingface/token", &token('C'));
        m.write(LOGIN, &token('B'));
    }),
    state("a legacy token file behind a link", "HF105", |m| {
        m.write("dotfiles/hf", &token('C'));
        fs::create_dir_all(m.at(".huggingface")).unwrap();
        std::os::unix::fs::symlink("../dotfiles/hf", m.at(".huggingface/token")).unwrap();
        m.write(LOGIN, &token('B'));
    }),
    state("a login that stayed behind", "HF106", |m| {
        m.write(LOGIN, &token('B'));
        m.write("data/hf/token", &token('C'));
        let home = m.at("data/hf");
        m.set("HF_HOME", home);
    }),
    state("a netrc entry", "HF109", |m| {
        hub(m, "0.36.2");
        m.write(LOGIN, &token('B'));
        m.write(
            ".netrc",
            &format!(
                "machine github.com login me password geheim\nmachine huggingface.co\n  login me\n  password {}\n\n\
                 machine example.com login x password y\ndefault login a password b\n",
                token('C')
            ),
        );
    }),
    state("a token file with dirt", "HF203", |m| {
        m.write(LOGIN, &format!("\"{}\"\n", token('B')));
    }),
    State {
        name: "a login that has ended",
        rule: "HF205",
        fix: None,
        make: |m| {
            m.write(LOGIN, &token('B'));
            let mine = format!("[oauth-me]\nhf_token = {}\nexpires_at = 1700000000\n", token('B'));
            m.write(STORED, &format!("[work]\nhf_token = {}\n\n{mine}", token('C')));
        },
    },
    State {
        name: "logins that have ended and are not in use, dead lines of git's store",
        rule: "",
        fix: Some(&["fix", "--clear"]),
        make: |m| {
            m.write(LOGIN, &token('B'));
            let dead = format!("[oauth-old]\nhf_token = {}\nexpires_at = 1700000000\n", token('D'));
            m.write(STORED, &format!("{dead}[work]\nhf_token = {}\n", token('B')));
            m.write(".gitconfig", "[credential]\n\thelper = store\n");
            let line = |user: &str, letter| format!("https://{user}:{}@huggingface.co\n", token(letter));
            let other = "https://me:geheim@github.com\n";
            m.write(
                ".git-credentials",
                &[&line("me", 'B'), other, &line("me", 'C'), &line("you", 'D'), other].concat(),
            );
        },
    },
    State {
        name: "a cached file that was cut off, with a link to nothing beside it",
        rule: "",
        fix: Some(&["fix", "HF407", "HF409"]),
        make: |m| {
            let (commit, other, blob) = ("a".repeat(40), "b".repeat(40), "d".repeat(40));
            let at = |path: &str| format!(".cache/huggingface/hub/models--o--n/{path}");
            m.write(&at("refs/main"), &commit);
            m.write(&at(&format!("blobs/{blob}")), "{}");
            let tree = r#"{"format_version": 1, "files": {"w": {"size": 700, "blob_id": "x"}}}"#;
            m.write(&at(&format!("trees/{commit}.json")), tree);
            for (file, target) in [("w", &*blob), ("gone", "x")] {
                let link = m.at(&at(&format!("snapshots/{commit}/{file}")));
                fs::create_dir_all(link.parent().unwrap()).unwrap();
                std::os::unix::fs::symlink(format!("../../blobs/{target}"), link).unwrap();
            }
            m.write(&at(&format!("snapshots/{other}/config.json")), "{}");
        },
    },
    State {
        name: "a directory in the place of a cached ref",
        rule: "",
        fix: Some(&["fix", "--clear", "HF401", "HF402"]),
        make: |m| {
            let at = |path: &str| format!(".cache/huggingface/hub/models--o--n/{path}");
            m.write(&at("refs/main/x"), "x");
            m.write(&at(&format!("snapshots/{}/config.json", "a".repeat(40))), "{}");
        },
    },
    State {
        name: "a token in a remote's URL, which git takes out",
        rule: "HF304",
        fix: None,
        make: |m| {
            m.write("p/.git/HEAD", "ref: refs/heads/main\n");
            for dir in ["objects", "refs"] {
                fs::create_dir_all(m.at(&format!("p/.git/{dir}"))).unwrap();
            }
            let url = format!("https://me:{}@huggingface.co/o/n", token('B'));
            m.write("p/.git/config", &format!("[remote \"origin\"]\n\turl = {url}\n"));
            fs::create_dir_all(m.at(TOOLS)).unwrap();
            std::os::unix::fs::symlink("/usr/bin/git", m.at(TOOLS).join("git")).unwrap();
            let path = m.at(TOOLS);
            m.set("PATH", path);
            m.stand("p");
        },
    },
    State {
        name: "a token that is rotated",
        rule: "",
        fix: Some(&["fix", "--rotate"]),
        make: |m| {
            m.set_input(&token('N'));
            m.set("HF_TOKEN", token('A'));
            m.write(LOGIN, &token('A'));
            m.write(
                STORED,
                &format!("[a]\nhf_token = {}\nexpires_at = 1\n[b]\nhf_token = {}\n", token('A'), token('B')),
            );
            m.write("dotfiles/bashrc", &format!("export HF_TOKEN='{}'\r\n", token('A')));
            std::os::unix::fs::symlink("dotfiles/bashrc", m.at(".bashrc")).unwrap();
        },
    },
    State {
        name: "a project that is isolated",
        rule: "",
        fix: Some(&["fix", "--isolate", "--from-current"]),
        make: |m| {
            m.write(LOGIN, &token('B'));
            m.write("p/.git/HEAD", "");
            m.stand("p");
        },
    },
    State {
        name: "a project that is isolated through its virtual environment",
        rule: "",
        fix: Some(&["fix", "--isolate", "--to", "venv"]),
        make: |m| {
            m.write(LOGIN, &token('B'));
            m.write("p/.git/HEAD", "");
            m.write("p/.venv/bin/activate", "deactivate () {\n    :\n}\n");
            m.stand("p");
        },
    },
    State {
        name: "an isolation that ends",
        rule: "",
        fix: Some(&["fix", "--isolate", "--off"]),
        make: |m| {
            m.write(LOGIN, &token('B'));
            m.write("p/.git/HEAD", "");
            m.stand("p");
            let said = in_shell(m, &["fix", "--isolate", "--from-current", "--yes"]);
            assert_eq!(said.code, Some(0), "{said:?}");
            // Its fix is none of those that are undone here.
            assert_eq!(m.run(&["undo", "--purge", "--yes"]).code, Some(0));
        },
    },
    state("settings that come alive when the one that counts goes", "HF101", |m| {
        m.write(LOGIN, &token('B'));
        m.set("HF_TOKEN", token('A'));
        let last = format!(
            "if true; then\n  export HF_TOKEN={}\nfi\n[ -z \"$HF_TOKEN\" ] && export HF_TOKEN={}\n",
            token('A'),
            token('D')
        );
        m.write(".bashrc", &format!("export EDITOR=vi HF_TOKEN={}\n. ~/.more\n{last}", token('C')));
        m.write(".more", &format!("export HF_TOKEN={}\n", token('E')));
        m.write(".profile", &format!("export HF_TOKEN={}; . ~/.bashrc\n", token('E')));
    }),
    state("a start-up file that only the next shell reads", "HF112", |m| {
        m.write(LOGIN, &token('B'));
        m.write(".bashrc", &format!("export HF_TOKEN={}\nexport HF_TOKEN={}\n", token('B'), token('A')));
    }),
];

/// What stands at each path below the home but the journal: its bytes or target, mode and time.
pub(crate) type Files = BTreeMap<String, (Vec<u8>, u32, (i64, i64))>;

pub(crate) fn files(m: &Machine) -> Files {
    let mut out = Files::new();
    for path in paths(m) {
        let meta = fs::symlink_metadata(&path).unwrap();
        let name = same_everywhere(path.strip_prefix(m.at("")).unwrap().to_str().unwrap(), m);
        if meta.is_dir() {
            // Its time is that of the last file that came or went.
            if !name.starts_with(".local") {
                out.insert(name, (Vec::new(), meta.mode(), (0, 0)));
            }
        } else if meta.is_symlink() {
            let target = fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes();
            // Nobody looks at the time of a link, and a new one has its own.
            out.insert(name, (target, meta.mode(), (0, 0)));
        } else {
            let bytes = match String::from_utf8(fs::read(&path).unwrap()) {
                Ok(text) if text.contains("/hflint/isolated/") || name.contains("/hflint/isolated/projects") => {
                    same_everywhere(&text, m).into_bytes()
                }
                Ok(text) => text.into_bytes(),
                Err(bytes) => bytes.into_bytes(),
            };
            out.insert(name, (bytes, meta.mode(), (meta.mtime(), meta.mtime_nsec())));
        }
    }
    out
}

/// Every path below the home but the journal's.
fn paths(m: &Machine) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut open = vec![m.at("")];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("state/hflint") {
                continue;
            }
            if path.symlink_metadata().unwrap().is_dir() {
                open.push(path.clone());
            }
            out.push(path);
        }
    }
    out
}

/// A path or text of an isolation without what differs from machine to machine: where the home is, and the device,
/// inode and hashes of the project, which name files too.
fn same_everywhere(text: &str, m: &Machine) -> String {
    let home = m.at("").canonicalize().unwrap();
    let text = text.replace(home.to_str().unwrap(), "HOME");
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        for key in ["device ", "inode "] {
            if line.starts_with(key) {
                out.push_str(key);
            }
        }
        if line.starts_with("device ") || line.starts_with("inode ") {
            continue;
        }
        for part in line.split_inclusive(['/', ' ', '.', '\n']) {
            let digits = |word: &str| {
                word.len() > 11
                    && word.trim_end_matches(['/', '.', '\n']).bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
            };
            // What was moved aside bears the time before its name.
            let time = part.bytes().take_while(u8::is_ascii_digit).count();
            let part = if time > 11 && part[time..].starts_with("-m") { &part[time..] } else { part };
            match part.strip_prefix("p-").unwrap_or(part) {
                rest if digits(rest) => {
                    out.push_str(if part.starts_with("p-") { "p-ID" } else { "ID" });
                    out.push_str(&part[part.trim_end_matches(['/', '.', '\n']).len()..]);
                }
                _ => out.push_str(part),
            }
        }
    }
    out
}

/// Makes a machine with the fault, all its files of long ago.
pub(crate) fn made(state: &State) -> Machine {
    let mut m = Machine::new();
    m.set("SHELL", "/bin/bash");
    (state.make)(&mut m);
    let old = SystemTime::UNIX_EPOCH + Duration::new(1_600_000_000, 123_456_789);
    for path in paths(&m).iter().filter(|path| path.symlink_metadata().unwrap().is_file()) {
        fs::File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
    }
    m
}

/// The arguments of the fix: those of the finding, and the agreement that a person would give.
pub(crate) fn fix_of(state: &State, m: &Machine) -> Vec<String> {
    let mut args: Vec<String> = if let Some(args) = state.fix {
        args.iter().map(|a| (*a).to_owned()).collect()
    } else {
        let said = m.run(&["check", "--format", "json"]);
        let findings = said.json()["findings"].as_array().unwrap().clone();
        let found = findings.iter().find(|f| f["code"] == state.rule);
        let found = found.unwrap_or_else(|| panic!("{}: no {} in {said:?}", state.name, state.rule));
        let command = found["fix"]["command"].as_str().unwrap_or_else(|| panic!("{}: {found}", state.name));
        command.split(' ').skip(1).map(str::to_owned).collect()
    };
    args.push("--yes".to_owned());
    args
}

/// Runs hflint as the shell's function does, and does to the machine's variables what it says.
pub(crate) fn in_shell(m: &mut Machine, args: &[&str]) -> Said {
    let directives = m.at("DIRECTIVES");
    let hflint = env!("CARGO_BIN_EXE_hflint");
    let mut all = vec!["-c", "exec 3>\"$0\"; exec \"$@\"", directives.to_str().unwrap(), hflint];
    all.extend(args);
    let said = Said::from(m.program(Path::new("/bin/sh"), m.here(), &all).env("HFLINT_FD", "3").output().unwrap());
    let text = fs::read_to_string(&directives).unwrap();
    fs::remove_file(&directives).unwrap();
    assert!(text.is_empty() || text.starts_with("hflint1\n"), "{text}");
    let records: Vec<&str> = text.lines().skip(1).collect();
    for record in records.chunks(3) {
        match record {
            ["x" | "-", name, _] => drop(m.unset(name)),
            ["+", name, value] => drop(m.set(name, *value)),
            ["t" | "f", name, path] => {
                let token = fs::read_to_string(path).unwrap();
                m.set(name, token);
            }
            ["u", ..] => drop(m.unset("HF_TOKEN_PATH").unset("HFLINT_PROJECT")),
            ["b", ..] => {}
            other => panic!("{other:?}"),
        }
    }
    said
}
