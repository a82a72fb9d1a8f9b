//! Each kind of place on a machine in memory.

use super::*;
use crate::system::fake::Fake;

pub(super) fn token(letter: &str) -> String {
    format!("hf_{}", letter.repeat(34))
}

/// `variable value path:line reaches`, with `A` for a token of As.
pub(super) fn seen(fake: &Fake) -> Vec<String> {
    let found = gather(&State::new(fake));
    assert_eq!(found.unread, []);
    found.sightings.iter().map(line).collect()
}

fn line(s: &Sighting) -> String {
    let value = match &s.value {
        Value::Token(t) if t.is_shaped() => String::from_utf8_lossy(&t.bytes()[3..4]).into_owned(),
        Value::Token(t) => format!("={}", String::from_utf8_lossy(t.bytes())),
        Value::Reference(t) => format!("?{}", String::from_utf8_lossy(t.bytes())),
        Value::Unset => "-".to_owned(),
    };
    let Location::File { path, line } = &s.location else { panic!("a file") };
    let line = line.map_or_else(String::new, |n| format!(":{n}"));
    format!("{} {value} {}{line} {}", s.variable, path.display(), s.reaches.word())
}

#[test]
fn vscode_settings() {
    let a = token("A");
    let own = format!(
        "{{\n  // mine\n  \"terminal.integrated.env.linux\": {{\n    \"HF_TOKEN\": \"{a}\",\n    \"HF_HOME\": null, \"OTHER\": \"x\",\n  }},\n}}"
    );
    let launch = format!(
        "{{\"configurations\": [\n{{\"name\": \"x\", \"env\": {{\"HF_TOKEN\": \"{a}\"}}}},\n{{\"env\": {{\"HF_TOKEN\": \"${{env:HF_TOKEN}}\"}}}}]}}"
    );
    let fake = Fake::home()
        .cwd("/home/u/p/src")
        .file("/home/u/p/.git/config", "")
        .file("/home/u/.config/Code/User/settings.json", own)
        .file("/home/u/p/.vscode/launch.json", launch)
        .file(
            "/home/u/p/x.code-workspace",
            format!("{{\"settings\": {{\"terminal.integrated.env.linux\": {{\"HF_TOKEN\": \"{a}\"}}}}}}"),
        )
        .file("/home/u/.vscode/settings.json", "{ not read: above the project, HF_TOKEN");
    assert_eq!(
        seen(&fake),
        [
            "HF_TOKEN A /home/u/.config/Code/User/settings.json:4 editor",
            "HF_HOME - /home/u/.config/Code/User/settings.json:5 editor",
            "HF_TOKEN A /home/u/p/.vscode/launch.json:2 editor",
            "HF_TOKEN ?${env:HF_TOKEN} /home/u/p/.vscode/launch.json:3 editor",
            "HF_TOKEN A /home/u/p/x.code-workspace:1 editor",
        ]
    );
}

#[test]
fn what_cannot_be_read_is_told_once() {
    let fake = Fake::home()
        .file("/home/u/.vscode/settings.json", "{\n \"HF_TOKEN")
        .file("/home/u/.config/Code/User/settings.json", format!("// HF_TOKEN\n{}", " ".repeat(2_000_000)))
        .mode("/home/u/.config/VSCodium/User/settings.json", "HF_TOKEN", 0)
        .file("/home/u/.vscode/tasks.json", "{ broken, and no business of ours");
    let found = gather(&State::new(&fake));
    let said: Vec<String> = found.unread.iter().map(|(p, why)| format!("{} {why}", p.display())).collect();
    assert_eq!(
        said,
        [
            "/home/u/.config/Code/User/settings.json is larger than 1 MiB",
            "/home/u/.config/VSCodium/User/settings.json permission denied",
            "/home/u/.vscode/settings.json is no valid JSON: line 2",
        ]
    );
    assert!(found.sightings.is_empty());
}
