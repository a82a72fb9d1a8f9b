//! Stand-in for the `hflint` binary in the tests of the shell scripts (one file, std only; `run` compiles it).
//!
//! It speaks the wire format of `docs/shells.md`, keeps stamps, isolations and a record of told states as the
//! real one does, and can misbehave on demand. It knows three findings, just enough to have something to say.
//!
//! * `HFLINT_COUNT=FILE`: append one line per start, with its arguments, so that tests can count processes.
//! * `HFLINT_REAL=PATH`: after counting, become the real binary: the tests then run through that.
//! * `HFLINT_MOCK=WORD`: what goes wrong, see `misbehave`.

use std::collections::hash_map::DefaultHasher;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::os::fd::FromRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn var(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|v| !v.is_empty())
}

fn text(name: &str) -> String {
    var(name).map(|v| v.to_string_lossy().into_owned()).unwrap_or_default()
}

fn home() -> PathBuf {
    var("HOME").unwrap_or_default().into()
}

fn state() -> PathBuf {
    var("XDG_STATE_HOME").map_or_else(|| home().join(".local/state"), PathBuf::from).join("hflint")
}

fn isolated() -> PathBuf {
    var("XDG_DATA_HOME").map_or_else(|| home().join(".local/share"), PathBuf::from).join("hflint/isolated")
}

fn hf_home() -> PathBuf {
    var("HF_HOME").map_or_else(|| home().join(".cache/huggingface"), PathBuf::from)
}

fn token_path() -> PathBuf {
    var("HF_TOKEN_PATH").map_or_else(|| hf_home().join("token"), PathBuf::from)
}

fn key(bytes: &[u8]) -> String {
    let mut h = DefaultHasher::new();
    bytes.hash(&mut h);
    format!("{:016x}", h.finish())
}

/// Control characters never reach the terminal.
fn clean(s: &str) -> String {
    s.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// The alphabet of the wire format; everything else is %XX.
fn enc(bytes: &[u8]) -> String {
    if bytes == b"-" {
        return "%2D".into();
    }
    let mut s = String::new();
    for &c in bytes {
        if c.is_ascii_alphanumeric() || b"/._-+,:@= ".contains(&c) {
            s.push(c as char);
        } else {
            s.push_str(&format!("%{c:02X}"));
        }
    }
    if s.is_empty() { "-".into() } else { s }
}

fn rec(out: &mut Vec<u8>, op: &str, a: &[u8], b: &[u8]) {
    out.extend(format!("{op}\n{}\n{}\n", enc(a), enc(b)).bytes());
}

/// What the shell compares a file with: a stamp of equal mtime, the ctime itself, or what is in it. True: racy.
fn watch(out: &mut Vec<u8>, path: &Path, ctime: bool, coarse: bool, content: bool) -> bool {
    let Ok(m) = fs::metadata(path) else {
        rec(out, "a", path.as_os_str().as_bytes(), b"");
        return false;
    };
    if content {
        rec(out, "w", path.as_os_str().as_bytes(), b"content");
        return false;
    }
    let (sec, nsec) = if ctime { (m.ctime(), m.ctime_nsec()) } else { (m.mtime(), m.mtime_nsec()) };
    let b = if ctime {
        format!("{sec}.{nsec:09}").into_bytes()
    } else {
        let dir = state().join("stamps");
        let id = format!("{:?}{}{}{}{}", path, m.mtime(), m.mtime_nsec(), m.size(), m.ino());
        let stamp = dir.join(key(id.as_bytes()));
        if !stamp.exists() {
            let _ = fs::create_dir_all(&dir);
            if let (Ok(f), Ok(t)) = (fs::File::create(&stamp), m.modified()) {
                let _ = f.set_modified(t);
            }
        }
        stamp.into_os_string().into_vec()
    };
    rec(out, "w", path.as_os_str().as_bytes(), &b);
    // The kernel's clock for files ticks every few milliseconds; whole seconds tick every second.
    let age = if coarse { Duration::from_secs(sec as u64 + 1) } else { Duration::new(sec as u64, nsec as u32) };
    SystemTime::now() < UNIX_EPOCH + age + Duration::from_millis(20)
}

/// The nearest directory upward that was isolated, by the person's own data alone.
fn project(cwd: &Path) -> Option<(PathBuf, String)> {
    cwd.ancestors().find_map(|d| {
        let k = key(d.as_os_str().as_bytes());
        let root = fs::read(isolated().join(&k).join("root")).ok()?;
        (root == d.as_os_str().as_bytes()).then(|| (d.to_path_buf(), k))
    })
}

fn dotenv(cwd: &Path) -> Option<PathBuf> {
    cwd.ancestors().map(|d| d.join(".env")).find(|p| p.is_file())
}

fn dotenv_token(path: &Path) -> Option<String> {
    let s = fs::read_to_string(path).ok()?;
    s.lines().find_map(|l| l.strip_prefix("HF_TOKEN=")).map(str::to_owned)
}

/// The line to say, and the value that makes this state another one than last time.
fn findings(cwd: &Path) -> Vec<(String, String)> {
    let mut v = vec![];
    let token = text("HF_TOKEN");
    if let Ok(login) = fs::read_to_string(token_path()) {
        if !token.is_empty() && login.trim() != token {
            v.push(("hflint: HF_TOKEN hides your login \u{b7} hflint fix --unset".into(), login));
        }
    }
    if let Some(e) = var("HF_ENDPOINT") {
        v.push(("hflint: HF_ENDPOINT sends the token to another host".into(), e.to_string_lossy().into_owned()));
    }
    if let Some(p) = dotenv(cwd) {
        match dotenv_token(&p) {
            Some(t) if !token.is_empty() && t != token => v.push((format!("hflint: HF_TOKEN defeats {}", clean(&p.to_string_lossy())), t)),
            _ => {}
        }
    }
    v
}

fn told((line, value): &(String, String)) -> PathBuf {
    state().join("told").join(key(format!("{line}{value}{}", text("HF_TOKEN")).as_bytes()))
}

fn project_directives(cwd: &Path, out: &mut Vec<u8>, again: bool) {
    let active = text("HFLINT_PROJECT");
    let here = project(cwd);
    if let Some((_, k)) = &here {
        if *k == active && !again {
            return;
        }
    }
    if !active.is_empty() && !again {
        rec(out, "u", b"", b"HF_TOKEN_PATH,HF_TOKEN");
    }
    let Some((_, k)) = here else { return };
    let dir = isolated().join(&k);
    rec(out, "+", b"HF_TOKEN_PATH", dir.join("token").as_os_str().as_bytes());
    if dir.join("export").exists() {
        rec(out, "f", b"HF_TOKEN", dir.join("token").as_os_str().as_bytes());
    } else {
        rec(out, "-", b"HF_TOKEN", b"");
    }
    rec(out, "-", b"HUGGING_FACE_HUB_TOKEN", b"");
    rec(out, "+", b"HFLINT_PROJECT", k.as_bytes());
}

fn hook(cwd: &Path, words: &[String]) -> Vec<u8> {
    let has = |w: &str| words.iter().any(|x| x == w);
    let mut out = b"hflint1\n".to_vec();
    project_directives(cwd, &mut out, false);
    let mut files = vec![token_path(), hf_home().join("stored_tokens"), home().join(".netrc")];
    files.extend(cwd.ancestors().take(3).map(|d| d.join(".env")));
    files.extend(text("HFLINT_MOCK_WATCH").split(':').filter(|p| !p.is_empty()).map(PathBuf::from));
    let mut racy = false;
    for f in files {
        racy |= watch(&mut out, &f, has("ctime"), has("coarse"), has("content"));
    }
    if racy {
        rec(&mut out, "r", b"", b"");
    }
    let found = findings(cwd);
    let segment = if found.is_empty() { String::new() } else { format!("hf:{}", found.len()) };
    rec(&mut out, "p", segment.as_bytes(), b"");
    for f in &found {
        let mark = told(f);
        if !has("quiet") && !mark.exists() {
            rec(&mut out, "m", f.0.as_bytes(), b"");
            let _ = fs::create_dir_all(state().join("told"));
            let _ = fs::write(mark, "");
        }
    }
    out
}

/// Answers that a broken, old, new or hostile binary might give.
fn misbehave(how: &str) -> Option<Vec<u8>> {
    let evil = "$(touch PWNED)`touch PWNED`';touch PWNED;'\";touch PWNED;\"";
    let mut out = b"hflint1\n".to_vec();
    match how {
        "" => return None,
        "empty" => out.clear(),
        "next" => out = b"hflint2\n+\nHF_HOME\n/next\n".to_vec(),
        "usage" => out = b"error: unrecognized subcommand 'hook'\n".to_vec(),
        "status" => {
            rec(&mut out, "+", b"HF_HOME", b"/status");
            let _ = std::io::stdout().write_all(&out);
            std::process::exit(3);
        }
        "alarm" => {
            // As a timer would end it.
            let _ = std::process::Command::new("/bin/sh").args(["-c", "kill -ALRM $PPID"]).status();
            std::thread::sleep(Duration::from_secs(60));
        }
        "panic" => panic!("as asked"),
        "names" => {
            for name in ["PATH", "HOME", "LD_PRELOAD", "PROMPT_COMMAND", "IFS", "PS1", "fish_prompt", "precmd_functions", "HF_TOKEN_PATH;touch PWNED", "HF_HOME[$(touch PWNED)]", "HF_HOME=x", "-p", ""] {
                rec(&mut out, "+", name.as_bytes(), b"/evil");
                rec(&mut out, "-", name.as_bytes(), b"");
                rec(&mut out, "x", name.as_bytes(), b"");
                rec(&mut out, "f", name.as_bytes(), b"/etc/hostname");
                rec(&mut out, "b", name.as_bytes(), b"/evil");
            }
            rec(&mut out, "+", b"HF_ENDPOINT", b"https://evil.example");
            rec(&mut out, "f", b"HF_ENDPOINT", b"/etc/hostname");
            rec(&mut out, "+", b"HF_TOKEN", b"evil");
            rec(&mut out, "f", b"HF_HOME", b"/etc/hostname");
        }
        "values" => {
            for op in ["w", "a", "r", "p", "m", "u", "b", "zz", "*", "$(touch PWNED)"] {
                rec(&mut out, op, evil.as_bytes(), evil.as_bytes());
                rec(&mut out, op, format!("/{evil}").as_bytes(), format!("/{evil}").as_bytes());
            }
            rec(&mut out, "+", b"HF_HOME", evil.as_bytes());
            rec(&mut out, "r", b"a[$(touch PWNED)]", b"");
            rec(&mut out, "b", b"a[$(touch PWNED)]", b"a[$(touch PWNED)]");
            rec(&mut out, "p", b"%n$(touch PWNED)`touch PWNED`\\u", b"");
        }
        "raw" => {
            // Not even the wire format's own alphabet.
            out.extend(format!("m\n{evil}\n-\nw\n/{evil}\n*\n*\n*\n*\n").bytes());
            out.extend(b"a\n/[\n-\n+\nHF_HOME\n\\x2f*\nm\n%zz%\n%\n");
        }
        "control" => {
            rec(&mut out, "m", "hflint: \x1b]0;owned\x07\x1b[31mred\r\n\u{9b}31m\u{202e}".as_bytes(), b"");
            rec(&mut out, "p", b"\x1b[31m", b"");
        }
        "cut" => out.extend(b"+\nHF_HOME\n/whole\n+\nHF_TOKEN_PATH"),
        "long" => {
            for i in 0..400 {
                rec(&mut out, "a", format!("/nowhere/{i}").as_bytes(), b"");
            }
            rec(&mut out, "m", "x".repeat(100_000).as_bytes(), b"");
        }
        "stdin" => {
            let mut s = String::new();
            let _ = std::io::stdin().read_line(&mut s);
            rec(&mut out, "m", format!("read {s}").as_bytes(), b"");
        }
        other => panic!("HFLINT_MOCK={other}?"),
    }
    Some(out)
}

fn say(s: &str) {
    let _ = writeln!(std::io::stdout(), "{s}");
}

/// `fix` and `undo`: text for the person on stdout, directives on the descriptor that the function gave.
fn change(cwd: &Path, command: &str, words: &[String]) -> i32 {
    let has = |w: &str| words.iter().any(|x| x == w);
    let mut out = b"hflint1\n".to_vec();
    let journal = state().join("journal");
    let _ = fs::create_dir_all(&journal);
    let id = fs::read_dir(&journal).map_or(0, |d| d.count());
    if command == "undo" {
        let last = journal.join(format!("{}", id.saturating_sub(1)));
        match fs::read_to_string(&last) {
            Ok(names) => {
                for n in names.split_whitespace() {
                    rec(&mut out, "b", n.as_bytes(), format!("{}", id - 1).as_bytes());
                }
                let _ = fs::remove_file(last);
            }
            Err(_) => {
                say("nothing to undo");
                return 1;
            }
        }
    } else if has("--isolate") {
        let dir = isolated().join(key(cwd.as_os_str().as_bytes()));
        let _ = fs::create_dir_all(&dir);
        let _ = fs::set_permissions(&dir, fs::Permissions::from_mode(0o700));
        let _ = fs::write(dir.join("root"), cwd.as_os_str().as_bytes());
        if let Some(t) = var("MOCK_PROJECT_TOKEN") {
            let _ = fs::write(dir.join("token"), format!("{}\n", t.to_string_lossy()));
        }
        if has("--export") {
            let _ = fs::write(dir.join("export"), "");
        }
        project_directives(cwd, &mut out, true);
        say(&format!("isolated {}", clean(&cwd.to_string_lossy())));
    } else if has("--unset") {
        let names = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_ENDPOINT"];
        let set: Vec<_> = names.into_iter().filter(|n| var(n).is_some()).collect();
        for n in &set {
            rec(&mut out, "x", n.as_bytes(), format!("{id}").as_bytes());
        }
        let _ = fs::write(journal.join(format!("{id}")), set.join(" "));
        say(&format!("unset {}", set.join(" ")));
    }
    if has("--ask") {
        let mut s = String::new();
        let _ = write!(std::io::stdout(), "sure? ");
        let _ = std::io::stdout().flush();
        let _ = std::io::stdin().read_line(&mut s);
        say(&format!("answer {}", s.trim()));
    }
    if let Some(o) = misbehave(&text("HFLINT_MOCK")) {
        out = o;
    }
    let code = if has("--exit3") { 3 } else { 0 };
    match text("HFLINT_FD").parse() {
        Ok(fd) => {
            // SAFETY: the caller opened it for us.
            let mut f = unsafe { fs::File::from_raw_fd(fd) };
            let _ = f.write_all(&out);
            code
        }
        Err(_) => {
            let why = if var("HFLINT_SUBSHELL").is_some() { "a subshell" } else { "no hook" };
            say(&format!("this shell was not changed ({why}); type: unset HF_TOKEN"));
            1
        }
    }
}

fn main() {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let words: Vec<String> = args.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    if let Some(p) = var("HFLINT_COUNT") {
        if let Ok(mut f) = fs::OpenOptions::new().append(true).create(true).open(p) {
            let _ = f.write_all(format!("{}\n", words.join(" ").replace('\n', " ")).as_bytes());
        }
    }
    if let Some(real) = var("HFLINT_REAL") {
        let mut c = std::process::Command::new(real);
        // `init` prints the path by which it was called.
        if let Some(name) = std::env::args_os().next() {
            c.arg0(name);
        }
        c.args(&args).env_remove("HFLINT_COUNT").env_remove("HFLINT_REAL");
        panic!("can't start the real binary: {}", c.exec());
    }
    let cwd = std::env::current_dir().unwrap_or_default();
    let valued = |i: usize| i > 0 && ["--format", "--color", "--config"].contains(&words[i - 1].as_str());
    let command = (0..words.len()).find(|&i| !words[i].starts_with('-') && !valued(i)).map_or("", |i| &words[i]);
    match command {
        "hook" => {
            let out = misbehave(&text("HFLINT_MOCK")).unwrap_or_else(|| hook(&cwd, &words));
            let _ = std::io::stdout().write_all(&out);
        }
        "fix" | "undo" => std::process::exit(change(&cwd, command, &words)),
        "status" => say(&format!("hook {} fd {:?} subshell {:?}", text("HFLINT_STATE"), text("HFLINT_FD"), text("HFLINT_SUBSHELL"))),
        _ => {
            for (m, _) in findings(&cwd) {
                say(&m);
            }
            say(&format!("args {}", words.join("|")));
            let stdin_is_tty = fs::read_link("/proc/self/fd/0").is_ok_and(|p| p.as_os_str().as_bytes().starts_with(OsStr::new("/dev/pts").as_bytes()));
            say(&format!("stdin tty {stdin_is_tty}"));
            std::process::exit(if words.iter().any(|w| w == "--exit5") { 5 } else { 0 });
        }
    }
}
