//! Real virtualenvs in real shells: what their scripts set, and what stays when the environment is left.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use hflint::state::State;
use hflint::state::places::Sighting;
use hflint::system::os::Os;
use hflint::system::overlay::Overlay;

use crate::common::token;

/// What hflint says of a script of the environment.
fn said(home: &Path, script: &Path) -> Option<Sighting> {
    let changes = BTreeMap::from([
        ("HOME".into(), Some(home.into())),
        ("VIRTUAL_ENV".into(), Some(home.join("v").into())),
        ("HF_TOKEN".into(), None),
    ]);
    let system = Overlay::new(&Os, changes);
    let state = State::new(&system);
    let places = state.places();
    places.sightings.iter().find(|s| s.location.path() == Some(script)).cloned()
}

/// The variable after the environment was entered, and after it was left, in a real shell.
fn real(home: &Path, shell: &str, script: &str) -> (String, String) {
    let text = format!(". {script}\nprintf '%s|' \"$HF_TOKEN\"\ndeactivate\nprintf '%s|' \"$HF_TOKEN\"\n");
    let mut command = Command::new(shell);
    let quiet: &[&str] = if shell == "zsh" { &["-f", "-c"] } else { &["-c"] };
    command.args(quiet).arg(text).env_clear().env("HOME", home).env("PATH", "/usr/bin:/bin").env("TERM", "dumb");
    let out = command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{shell}: {e}"));
    let text = String::from_utf8(out.stdout).expect("text");
    let parts: Vec<&str> = text.split('|').collect();
    assert_eq!(parts.len(), 3, "{shell}: {text} {}", String::from_utf8_lossy(&out.stderr));
    (parts[0].to_owned(), parts[1].to_owned())
}

#[test]
fn activate_scripts_set_and_leak_as_is_said() {
    let home = tempfile::tempdir().expect("a home");
    let home = home.path().canonicalize().expect("a real path");
    let venv = home.join("v");
    let made = Command::new("python3").args(["-m", "venv", "--without-pip"]).arg(&venv).status();
    assert!(made.expect("python3 starts").success());
    let value = token('A');
    let posix = [
        ("at its end", None, "export HF_TOKEN=V"),
        ("and taken away", Some("    unset HF_TOKEN"), "export HF_TOKEN='V'"),
        ("and put back", Some("    export HF_TOKEN=\"$OLD\""), "OLD=\"$HF_TOKEN\"; export HF_TOKEN=V"),
        ("another is taken away", Some("    unset HF_TOKEN_PATH"), "HF_TOKEN=V\nexport HF_TOKEN"),
    ];
    let fish = [
        ("at its end", None, "set -gx HF_TOKEN V"),
        ("and taken away", Some("    set -e HF_TOKEN"), "set -gx HF_TOKEN 'V'"),
    ];
    let mut compared = 0;
    for (shell, name, start, forms) in [
        ("bash", "activate", "deactivate () {", &posix[..]),
        ("zsh", "activate", "deactivate () {", &posix[..]),
        ("fish", "activate.fish", "function deactivate", &fish[..]),
    ] {
        let script = venv.join("bin").join(name);
        let template = std::fs::read_to_string(&script).expect("a script");
        for (what, inside, outside) in forms {
            let mut lines: Vec<String> = Vec::new();
            for line in template.lines() {
                lines.push(line.to_owned());
                lines.extend(inside.filter(|_| line.starts_with(start)).map(str::to_owned));
            }
            lines.push(outside.replace('V', &value) + "\n");
            std::fs::write(&script, lines.join("\n")).expect("a script");
            let (entered, left) = real(&home, shell, script.to_str().expect("a plain path"));
            let sighting = said(&home, &script).unwrap_or_else(|| panic!("{shell}, {what}: not seen"));
            assert_eq!(entered, value, "{shell}, {what}");
            assert_eq!(
                sighting.value.literal().map(|t| t.bytes().to_vec()),
                Some(entered.into_bytes()),
                "{shell}, {what}"
            );
            assert_eq!(sighting.leaks, left == value, "{shell}, {what}: it is {left:?} afterwards");
            compared += 1;
        }
        std::fs::write(&script, &template).expect("a script");
        assert!(said(&home, &script).is_none(), "{shell}: the template itself sets nothing");
    }
    assert_eq!(compared, 10);
}
