//! What the processes around hflint tell: real shells, real parents.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::common::token;

/// A home, and a shell in it that runs a script with these variables; `H` is hflint.
fn shell(script: &str, vars: &[(&str, &str)], home: &std::path::Path) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(script).env_clear().env("HOME", home).env("H", env!("CARGO_BIN_EXE_hflint"));
    command.env("PATH", "/usr/bin:/bin").envs(vars.iter().copied()).current_dir(home).stdin(Stdio::null());
    command
}

/// What set HF_TOKEN, as `status` says it to a script.
fn set_by(script: &str, vars: &[(&str, &str)]) -> Value {
    let home = tempfile::tempdir().expect("a home");
    let ask = "$H status --client huggingface_hub --format json; :";
    let out = shell(&script.replace("ASK", ask), vars, home.path()).output().expect("a shell");
    let text = String::from_utf8_lossy(&out.stdout);
    let (number, json) = text.split_once('\n').expect("the number of the shell first");
    let json: Value = serde_json::from_str(json).unwrap_or_else(|e| panic!("{e}: {text}"));
    let by = json["clients"][0]["set_by"].clone();
    if by["location"]["pid"] == number.parse::<u32>().expect("a number") { by } else { Value::from(text) }
}

#[test]
fn a_value_that_a_shell_has_since_its_start_was_set_in_it() {
    let by = set_by(&format!("echo $$; export HF_TOKEN={}; ASK", token('A')), &[]);
    assert_eq!((&by["certainty"], &by["location"]["kind"]), (&"certain".into(), &"process".into()), "{by}");
    // Also through the copy that a shell makes of itself, and over another value.
    let by = set_by(&format!("echo $$; export HF_TOKEN={}; (ASK)", token('A')), &[("HF_TOKEN", &token('B'))]);
    assert_eq!(by["certainty"], "certain", "{by}");
    // And where a shell below asks.
    let by = set_by(&format!("echo $$; export HF_TOKEN={}; /bin/sh -c 'ASK'; :", token('A')), &[]);
    assert_eq!(by["certainty"], "certain", "{by}");
}

#[test]
fn a_value_that_a_shell_was_started_with_is_inherited() {
    let by = set_by("echo $$; ASK", &[("HF_TOKEN", &token('A'))]);
    assert_eq!((&by["certainty"], &by["location"]["name"]), (&"certain".into(), &"sh".into()), "{by}");
    // Of a chain the one that was started with it first.
    let by = set_by("echo $$; /bin/sh -c '/bin/sh -c \"ASK\"; :'; :", &[("HF_TOKEN", &token('A'))]);
    assert_eq!(by["certainty"], "certain", "{by}");
}

/// A real tmux server with a token in what it gives to new windows; ended when dropped.
struct Tmux {
    home: tempfile::TempDir,
}

impl Tmux {
    fn start(value: &str) -> Self {
        let tmux = Self { home: tempfile::tempdir().expect("a home") };
        let bin = tmux.path("bin");
        std::fs::create_dir(&bin).expect("a directory");
        // Whatever else runs on this machine is not for a test to change.
        let guard = "#!/bin/sh\n[ \"$1 $2\" = \"-S SOCKET\" ] || exit 1\nexec /usr/bin/tmux \"$@\"\n";
        let guard = guard.replace("SOCKET", tmux.path("socket").to_str().expect("a plain path"));
        std::fs::write(bin.join("tmux"), guard).expect("a program");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(bin.join("tmux"), mode).expect("a mode");
        let ready = tmux.path("ready");
        let pane = format!("touch {}; exec sleep 1000", ready.to_str().expect("a plain path"));
        let begun = tmux.command().env("HF_TOKEN", value).args(["new-session", "-d", &pane]).status();
        assert!(begun.expect("tmux is installed").success());
        // Until its pane runs, nothing that the server started names its socket.
        let begin = std::time::Instant::now();
        while !ready.exists() {
            assert!(begin.elapsed().as_secs() < 60, "tmux started no pane");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        tmux
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.home.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new("/usr/bin/tmux");
        command.arg("-f/dev/null").arg("-S").arg(self.path("socket")).env_clear().env("HOME", self.home.path());
        command.env("PATH", "/usr/bin:/bin").env("SHELL", "/bin/sh").stdin(Stdio::null());
        command
    }

    fn says(&self, args: &[&str]) -> String {
        let out = self.command().args(args).output().expect("tmux answers");
        String::from_utf8(out.stdout).expect("text").trim_end().to_owned()
    }

    /// hflint in another shell, which has a token of its own.
    fn hflint(&self, args: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hflint"));
        command.args(args).env_clear().env("HOME", self.home.path()).env("HF_TOKEN", token('A'));
        command.env("PATH", format!("{}:/usr/bin:/bin", self.path("bin").display())).env("TZ", "Asia/Kolkata");
        let out = command.current_dir(self.home.path()).stdin(Stdio::null()).output().expect("hflint starts");
        let text = String::from_utf8(out.stdout).expect("text") + &String::from_utf8_lossy(&out.stderr);
        assert!(!text.contains(&token('A')) && !text.contains(&token('B')), "a token was shown:\n{text}");
        (out.status.code(), text)
    }

    /// What `check --deep` says of this server.
    fn finding(&self) -> Option<Value> {
        let (_, text) = self.hflint(&["check", "--deep", "--select", "HF113", "--format", "json"]);
        let json: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        let pid: u32 = self.says(&["display-message", "-p", "#{pid}"]).parse().expect("its id");
        let own = |f: &&Value| f["locations"].as_array().is_some_and(|all| all.iter().any(|at| at["pid"] == pid));
        json["findings"].as_array().expect("findings").iter().find(own).cloned()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = self.command().arg("kill-server").status();
    }
}

#[test]
fn a_tmux_server_is_found_cured_and_given_back() {
    let tmux = Tmux::start(&token('B'));
    let found = tmux.finding().expect("a finding");
    assert_eq!(found["severity"], "warning");
    assert_eq!(found["locations"][0]["kind"], "process");
    assert_eq!(found["locations"][0]["name"], "tmux: server");
    assert_eq!(found["help"], "hflint fix --unset HF113");
    assert_eq!(found["fix"]["applicability"], "unsafe");

    let (code, text) = tmux.hflint(&["fix", "--unset", "HF113", "--yes"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(tmux.says(&["show-environment", "-g", "HF_TOKEN"]), "", "new windows have none");
    assert!(tmux.finding().is_none(), "its process still shows the old one");
    let (code, text) = tmux.hflint(&["fix", "--unset", "HF113", "--yes"]);
    assert!(code == Some(0) && text.contains("nothing to fix"), "{text}");

    let (code, text) = tmux.hflint(&["undo"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(tmux.says(&["show-environment", "-g", "HF_TOKEN"]), format!("HF_TOKEN={}", token('B')));
    assert!(tmux.finding().is_some());
    // The token of this shell, put there by hand.
    tmux.says(&["set-environment", "-g", "HF_TOKEN", &token('A')]);
    assert!(tmux.finding().is_none());
}

#[test]
fn a_tmux_server_that_hangs_is_not_waited_for() {
    let tmux = Tmux::start(&token('B'));
    std::fs::write(tmux.path("bin/tmux"), "#!/bin/sh\nexec /bin/sleep 600\n").expect("a program");
    let begun = std::time::Instant::now();
    let found = tmux.finding().expect("what it was started with counts");
    assert_eq!(found["fix"]["applicability"], "display-only", "{found}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(30), "{:?}", begun.elapsed());
}

#[test]
fn a_start_is_told_in_the_persons_own_time() {
    let tmux = Tmux::start(&token('B'));
    let (_, text) = tmux.hflint(&["check", "--deep", "--select", "HF113"]);
    let date = |at: &str| {
        let mut date = Command::new("date");
        let out = date.args(["-d", at, "+%F %H:%M"]).env("TZ", "Asia/Kolkata").output().expect("date");
        String::from_utf8(out.stdout).expect("text").trim_end().to_owned()
    };
    assert!(["now", "1 minute ago"].iter().any(|at| text.contains(&format!("since: {}", date(at)))), "{text}");
}

/// What `status` says of HF_TOKEN in an interactive bash with this start-up file, written so many seconds ago.
fn in_bash(bashrc: &str, age: u64) -> Value {
    let home = tempfile::tempdir().expect("a home");
    let file = home.path().join(".bashrc");
    std::fs::write(&file, bashrc).expect("a start-up file");
    let then = std::time::SystemTime::now() - std::time::Duration::from_secs(age);
    let open = std::fs::File::options().write(true).open(&file).expect("a start-up file");
    open.set_modified(then).expect("a time");
    let mut command = Command::new("/bin/bash");
    command.arg("-i").env_clear().env("HOME", home.path()).env("PATH", "/usr/bin:/bin").current_dir(home.path());
    command.env("H", env!("CARGO_BIN_EXE_hflint")).env("MINE", token('A')).env("SHELL", "/bin/bash");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut bash = command.spawn().expect("bash starts");
    let script = b"$H status --client huggingface_hub --format json\nexit\n";
    std::io::Write::write_all(bash.stdin.as_mut().expect("its input"), script).expect("bash reads");
    let out = bash.wait_with_output().expect("bash ends");
    let text = String::from_utf8_lossy(&out.stdout);
    let json: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    json["clients"][0]["set_by"].clone()
}

#[test]
fn a_line_that_this_shell_has_read_is_proved() {
    let line = format!("export HF_TOKEN={}\n", token('A'));
    let by = in_bash(&line, 3600);
    assert_eq!((&by["certainty"], &by["location"]["line"]), (&"certain".into(), &1.into()), "{by}");
    // Written in the future: since the shell was started.
    let now = in_bash(&line, 0);
    assert_eq!((&now["certainty"], &now["location"]["line"]), (&"likely".into(), &1.into()), "{now}");
    // What a command gives cannot be told; that the shell was not started with it can.
    let by = in_bash("export HF_TOKEN=\"$(printenv MINE)\"\n", 3600);
    assert_eq!((&by["certainty"], &by["location"]["line"]), (&"likely".into(), &1.into()), "{by}");
}
