//! `hflint exec`: what the command gets, what becomes of its status, and that nothing is left.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;

use crate::common::token;
use crate::machine::{Machine, Said};

/// The environment of the command.
fn environment(machine: &Machine, args: &[&str]) -> BTreeMap<String, String> {
    let said = machine.run(&[&["exec"], args, &["--", "/usr/bin/env", "-0"]].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    let pairs = said.out.split('\0').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A machine with a login, a stored token "work", and a token in a variable.
fn machine() -> Machine {
    let mut machine = Machine::shadowed();
    machine.write(
        ".cache/huggingface/stored_tokens",
        &format!("[work]\nhf_token = {}\n\n[home]\nhf_token = {}\n", token('W'), token('B')),
    );
    machine.set("HUGGINGFACEHUB_API_TOKEN", token('C'));
    machine.set("OPENAI_API_KEY", "sk-other");
    machine.set("HF_OIDC_RESOURCE", "x");
    machine
}

fn holders(env: &BTreeMap<String, String>, token: &str) -> Vec<String> {
    env.iter().filter(|(_, v)| v.contains(token)).map(|(name, _)| name.clone()).collect()
}

#[test]
fn exactly_one_credential() {
    let machine = machine();
    let env = environment(&machine, &["--profile", "work"]);
    assert_eq!(holders(&env, &token('W')), ["HF_TOKEN", "HUGGINGFACEHUB_API_TOKEN", "HUGGING_FACE_HUB_TOKEN"]);
    assert_eq!((env["OPENAI_API_KEY"].as_str(), env.get("HF_OIDC_RESOURCE")), ("sk-other", None));
    for other in ['A', 'B', 'C'] {
        assert!(holders(&env, &token(other)).is_empty(), "{other}");
    }
    // The login of another person is out of reach, the models are not.
    let home = machine.at("").display().to_string();
    assert!(env["HF_HOME"].starts_with(&format!("{home}/.local/share/hflint/isolated/exec/")), "{env:?}");
    assert_eq!(env["HF_HUB_CACHE"], format!("{home}/.cache/huggingface/hub"));
}

#[test]
fn none_at_all() {
    let env = environment(&machine(), &["--anonymous"]);
    assert!(env.values().all(|v| !v.contains("hf_")), "{env:?}");
    assert_eq!(env["HF_HUB_DISABLE_IMPLICIT_TOKEN"], "1");
    assert!(env.values().any(|v| v == "Authorization:"), "git is told to send nothing");
}

#[test]
fn without_a_selector_what_huggingface_hub_would_send() {
    let mut machine = machine();
    machine.unset("HF_OIDC_RESOURCE");
    let env = environment(&machine, &[]);
    assert_eq!(env["HF_TOKEN"], token('A'));
    machine.unset("HF_TOKEN");
    let env = environment(&machine, &[]);
    assert_eq!(env["HF_TOKEN"], token('B'));
    assert!(env["HF_TOKEN_PATH"].ends_with("/.cache/huggingface/token"));
    assert_eq!(env.get("HF_HOME"), None, "it is the login that stands there");
}

#[test]
fn nothing_stays() {
    let machine = machine();
    let before = machine.run(&["check", "--format", "json"]).out;
    environment(&machine, &["--anonymous"]);
    // What a command left behind is gone with the next one.
    let said =
        machine.run(&["exec", "--anonymous", "--", "/bin/sh", "-c", "echo x >\"$HF_HOME/token\"; echo $HF_HOME"]);
    let left = std::path::PathBuf::from(said.out.trim_end());
    assert!(left.join("token").exists(), "{said:?}");
    let other = machine.run(&["exec", "--anonymous", "--", "/bin/sh", "-c", "test -e \"$HF_HOME/token\""]);
    assert_eq!((other.code, other.out.as_str()), (Some(1), ""), "{other:?}");
    assert!(!left.exists());
    assert_eq!(machine.run(&["check", "--format", "json"]).out, before);
}

#[test]
fn a_package_index_keeps_its_netrc_entry() {
    let machine = machine();
    let text =
        format!("machine pypi.example login a password b\nmachine huggingface.co login u password {}\n", token('N'));
    machine.write(".netrc", &text);
    let read =
        ["exec", "--profile", "work", "--", "/bin/sh", "-c", "while read -r line; do echo \"$line\"; done <\"$NETRC\""];
    assert_eq!(machine.run(&read).out, "machine pypi.example\nlogin a\npassword b\n");
    machine.write(".netrc", &format!("default login u password {}\n", token('N')));
    assert_eq!(machine.run(&read).out, "");
}

#[test]
fn the_status_is_the_commands_own() {
    let machine = machine();
    let code = |command: &[&str]| machine.run(&[&["exec", "--anonymous", "--"], command].concat());
    assert_eq!(code(&["/bin/sh", "-c", "exit 37"]).code, Some(37));
    let gone = code(&["no-such-command-here"]);
    assert_eq!((gone.code, gone.err.as_str()), (Some(127), "hflint: no-such-command-here: command not found\n"));
    machine.write("plain", "text\n");
    let plain = machine.at("plain").display().to_string();
    assert_eq!(code(&[&plain]).code, Some(126));
    machine.write("script", "#!/no/such/interpreter\n");
    let script = machine.at("script");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let said = code(&[&script.display().to_string()]);
    assert_eq!(said.code, Some(126));
    assert!(said.err.ends_with("its interpreter is missing\n"), "{said:?}");
    assert_eq!(code(&["/"]).code, Some(126));
    for usage in [&["exec"][..], &["exec", "--anonymous"], &["exec", "--anonymous", "--profile", "a", "--", "true"]] {
        assert_eq!(machine.run(usage).code, Some(2), "{usage:?}");
    }
}

#[test]
fn signals_reach_the_command() {
    let said =
        machine().command("", &["exec", "--anonymous", "--", "/bin/sh", "-c", "kill -TERM $$"]).status().unwrap();
    assert_eq!(said.signal(), Some(15), "it is the same process");
    let pipe = machine().command("", &["exec", "--anonymous", "--", "/bin/sh", "-c", "kill -PIPE $$; exit 9"]).status();
    assert_eq!(pipe.unwrap().signal(), Some(13), "SIGPIPE is not ignored");
}

#[test]
fn what_cannot_be_chosen_is_said() {
    let machine = machine();
    let said = |args: &[&str]| -> Said { machine.run(&[&["exec"], args, &["--", "true"]].concat()) };
    let name = said(&["--profile", "worj"]);
    assert_eq!(name.code, Some(2));
    assert!(name.err.contains("did you mean 'work'?"), "{name:?}");
    let token = said(&["--profile", &token('Q')]);
    assert!(!token.err.contains(&crate::common::body('Q')), "{token:?}");
    let dir = said(&["--project", "."]);
    assert!(dir.code == Some(2) && dir.err.contains("is not isolated"), "{dir:?}");
    assert!(said(&["--project", "no/such"]).err.contains("no such directory"));
    let oidc = said(&[]);
    assert!(oidc.code == Some(2) && oidc.err.contains("HF_OIDC_RESOURCE"), "{oidc:?}");
}

#[test]
fn hflints_own_words_stop_here() {
    let mut machine = machine();
    for name in ["HFLINT_STATE", "HFLINT_FD", "HFLINT_SUBSHELL", "HFLINT_READONLY", "HFLINT_PROJECT"] {
        machine.set(name, "3");
    }
    let env = environment(&machine, &["--anonymous"]);
    let own: Vec<_> = env.iter().filter(|(name, _)| name.starts_with("HFLINT")).collect();
    assert_eq!(own, [(&"HFLINT".to_owned(), &"0".to_owned())]);
}

#[test]
fn a_failure_is_explained_on_the_spot() {
    let machine = Machine::shadowed();
    let script = "echo out; echo 'huggingface_hub.errors.HfHubHTTPError: 401 Client Error: Unauthorized for url: \
                  https://huggingface.co/api/models/o/n' >&2; echo 'Invalid credentials in Authorization header' >&2; exit 3";
    let said = machine.run(&["exec", "--explain", "--", "/bin/sh", "-c", script]);
    assert_eq!((said.code, said.out.as_str()), (Some(3), "out\n"));
    let (program, hflint) = said.err.split_once("hflint explains:").unwrap_or_else(|| panic!("{}", said.err));
    assert!(program.ends_with("Invalid credentials in Authorization header\n\n"), "{program}");
    assert!(hflint.contains("[stale-token]") && hflint.contains("401  huggingface.co  o/n"), "{hflint}");
    // The command had one credential: there is no second one that the first could hide.
    assert!(!hflint.contains("[env-shadows-login]"), "{hflint}");
}

#[test]
fn what_is_no_failure_of_the_hub_is_passed_through_alone() {
    let machine = Machine::shadowed();
    for (script, code, err) in [
        ("echo well >&2", 0, "well\n"),
        ("echo 'make: *** [all] Error 1' >&2; exit 2", 2, "make: *** [all] Error 1\n"),
        ("kill -TERM $$", 143, ""),
        ("/bin/cat; exit 4", 4, ""),
    ] {
        let said = machine.run(&["exec", "--explain", "--", "/bin/sh", "-c", script]);
        assert_eq!((said.code, said.err.as_str()), (Some(code), err), "{script}");
    }
    let said = machine.run(&["exec", "--explain", "--", "/no/such/program"]);
    assert_eq!(said.code, Some(127), "{said:?}");
}

/// As if hflint had become the program: who ends hflint by its id ends the program, which may tidy up first.
#[cfg(target_os = "linux")]
#[test]
fn signals_reach_the_command_that_is_watched() {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::process::{Command, Stdio};
    let machine = Machine::shadowed();
    for (name, code) in [("TERM", 40), ("HUP", 41), ("INT", 42), ("QUIT", 43), ("USR1", 44)] {
        // It counts what it hears, and ends of itself if nothing comes.
        let script = format!(
            "trap 'echo got; trap : {name}; exit {code}' {name}; echo ready; n=0; \
             while [ $n -lt 100 ]; do /bin/sleep 0.1; n=$((n+1)); done; exit 9"
        );
        let args = ["exec", "--explain", "--", "/bin/sh", "-c", &script];
        let mut child = machine.command("", &args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        // hflint listens once the program is started; the line above may be faster.
        std::thread::sleep(std::time::Duration::from_millis(200));
        let sent = Command::new("/bin/kill").args([format!("-{name}"), child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let status = child.wait().unwrap();
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert_eq!((status.code(), rest.as_str()), (Some(code), "got\n"), "{name}: {status:?}");
    }
}
