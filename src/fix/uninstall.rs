//! What `hflint uninstall` takes away: the lines that load the hook, the isolations, and hflint's own directories.

use std::path::{Path, PathBuf};

use super::plan::{Action, Kind, Plan, Step};
use super::unset::shown;
use super::{diff, isolate, place};
use crate::finding::{Applicability, Location};
use crate::output::sanitize;
use crate::secret::mask_text;
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::state::startup::{From, Mode, Shell, names, start};
use crate::state::{State, isolation};
use crate::system::{Image, Own, ReadError, TEXT_LIMIT};

/// All of it, in the order in which it is done.
#[derive(Debug)]
pub struct Uninstall {
    /// What can be taken back until the directories go.
    pub plan: Plan,
    /// hflint's own directories that are there, each with what is lost with it.
    pub directories: Vec<(PathBuf, String)>,
}

/// The plan; a text where it cannot be made.
pub fn plan(snapshot: &Snapshot<'_>) -> Result<Uninstall, String> {
    let state = &snapshot.state;
    let mut plan = Plan::default();
    for path in start_up_files(state) {
        for action in hook_lines(state, &path) {
            plan.add(action);
        }
    }
    let bindings = isolation::all(state.system);
    for binding in &bindings {
        for mut action in isolate::off(snapshot, binding)?.actions {
            // This shell stands in one project at most.
            if !binding.is_marked(state.system) {
                action.steps.retain(|step| !matches!(step, Step::Shell(_)));
                action.command = None;
            }
            plan.add(action);
        }
    }
    Ok(Uninstall { plan, directories: directories(state, &bindings) })
}

/// What the person's shells read when they start, and where `init` says its line belongs.
fn start_up_files(state: &State<'_>) -> Vec<PathBuf> {
    let system = state.system;
    let names = names();
    let mut files = Vec::new();
    for shell in Shell::ALL.into_iter().filter(|shell| shell.is_set_up(system)) {
        for mode in [Mode::Login, Mode::Interactive] {
            files.extend(start(system, shell, mode, From::Terminal, &names).files().iter().cloned());
        }
    }
    if let Some(home) = state.non_empty("HOME").map(PathBuf::from) {
        files.extend(
            [
                ".bashrc",
                ".bash_profile",
                ".profile",
                ".zshrc",
                ".config/fish/config.fish",
                ".xonshrc",
                ".config/elvish/rc.elv",
                ".config/nushell/config.nu",
            ]
            .map(|f| home.join(f)),
        );
    }
    // The order in which they are read; each once.
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    files
}

/// The lines of a file that load the hook go; one that does more than that is the person's to change.
fn hook_lines(state: &State<'_>, path: &Path) -> Vec<Action> {
    let Ok(content) = state.system.read(path, TEXT_LIMIT) else { return Vec::new() };
    let lines: Vec<&[u8]> = content.bytes.split_inclusive(|b| *b == b'\n').collect();
    let kinds: Vec<Line> = lines.iter().map(|line| Line::of(&String::from_utf8_lossy(line))).collect();
    let mut out: Vec<Action> = Vec::new();
    let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
    let alone = |at: usize| kinds[at] == Line::Hook && !is_only_command(&lines, at);
    let whole: Vec<u32> = (0..lines.len()).filter(|at| alone(*at)).map(number).collect();
    let by_hand = |at: u32, why: &str| {
        let command = format!("${{EDITOR:-vi}} +{at} {}", quote_path(Some(path)));
        Action::manual(
            Location::line(path, at),
            format!("take hflint out of {}:{at}: {why}", shown(state, path)),
            command,
        )
    };
    if !whole.is_empty() {
        match place::take(state.system, path) {
            Ok(taken) => {
                if let Image::File(file) = &taken.image {
                    let left: Vec<u8> =
                        (0..lines.len()).filter(|at| !alone(*at)).flat_map(|at| lines[at]).copied().collect();
                    let numbers = whole.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
                    let what = format!("take line {numbers} out of {}, which loads the hook", shown(state, path));
                    let shown_diff = diff::lines(path, &file.bytes, &left, as_it_is);
                    let after = Image::File(file.with(left));
                    let target = Location::line(path, whole[0]);
                    out.push(
                        Action::new(Kind::EditFile, Applicability::Unsafe, target, what)
                            .diff(shown_diff)
                            .step(Step::Put { path: taken.path, before: taken.image.clone(), after }),
                    );
                }
            }
            Err(why) => out.extend(whole.iter().map(|at| by_hand(*at, &format!("the file {why}")))),
        }
    }
    for (at, kind) in kinds.iter().enumerate().filter(|(at, kind)| **kind != Line::Other && !alone(*at)) {
        let why = if *kind == Line::Hook { "it is all that stands between two words" } else { "the line does more" };
        out.push(by_hand(number(at), why));
    }
    out
}

/// Nothing but lines that load the hook is shown: they hold no value.
fn as_it_is(line: &[u8]) -> String {
    mask_text(&sanitize::bytes(line))
}

/// Between `then` and `fi`, or their like, there must stand something.
fn is_only_command(lines: &[&[u8]], at: usize) -> bool {
    let text = |line: &&[u8]| {
        let line = String::from_utf8_lossy(line);
        let line = line.trim();
        (!line.is_empty() && !line.starts_with('#')).then(|| line.to_owned())
    };
    let before = lines[..at].iter().rev().find_map(text).unwrap_or_default();
    let after = lines[at + 1..].iter().find_map(text).unwrap_or_default();
    let opens = ["then", "do", "else", "{", "("].iter().any(|word| before.ends_with(word)) || before.ends_with(')');
    let closes = ["fi", "done", "else", "elif", "}", ")", ";;", "esac"].iter().any(|word| after.starts_with(word));
    opens && closes
}

/// What a line of a start-up file has to do with hflint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Other,
    /// It loads the hook, and that is all.
    Hook,
    /// It calls hflint amid other things.
    Part,
}

impl Line {
    fn of(line: &str) -> Self {
        let line = line.trim();
        if line.starts_with('#') || !line.contains("hflint") {
            return Self::Other;
        }
        if loads(line) || guarded(line).is_some_and(loads) {
            return Self::Hook;
        }
        // A path that merely holds the name is not hflint's.
        let calls =
            line.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).any(|word| word == "hflint");
        if calls { Self::Part } else { Self::Other }
    }
}

/// `eval "$(hflint init bash)"`, `source <(hflint init zsh)`, `hflint init fish | source`, `execx($(hflint init xonsh))`,
/// `eval (hflint init elvish | slurp)`, `mkdir $nu.…; hflint init nu | save -f ($nu.…)`.
fn loads(command: &str) -> bool {
    let command = command.trim().trim_end_matches(';').trim_end();
    let substituted = |text: &str| -> Option<String> {
        let text = text.trim().trim_matches('"');
        Some(text.strip_prefix("$(")?.strip_suffix(')')?.to_owned())
    };
    let called = command
        .strip_prefix("eval ")
        .and_then(substituted)
        .or_else(|| {
            let read = command.strip_prefix("source ").or_else(|| command.strip_prefix(". "))?;
            Some(read.trim().strip_prefix("<(")?.strip_suffix(')')?.to_owned())
        })
        .or_else(|| Some(command.strip_prefix("eval (")?.strip_suffix("| slurp)")?.to_owned()))
        .or_else(|| {
            Some(command.strip_prefix("mkdir $nu.")?.split_once("; ")?.1.split_once("| save -f ($nu.")?.0.to_owned())
        })
        .or_else(|| Some(command.strip_prefix("execx($(")?.strip_suffix("))")?.to_owned()))
        .or_else(|| Some(command.strip_suffix("source")?.trim_end().strip_suffix('|')?.to_owned()));
    called.is_some_and(|called| {
        let mut words =
            called.split_whitespace().map(|word| word.trim_matches(['"', '\''])).skip_while(|w| *w == "command");
        let program = words.next().is_some_and(|word| Path::new(word).file_name().is_some_and(|name| name == "hflint"));
        program && words.next() == Some("init") && !called.contains([';', '&', '|'])
    })
}

/// How a test whether a program is there begins.
const TESTS: [&str; 8] = ["command ", "type ", "which ", "test ", "[ ", "[[ ", "hash ", "(( $+commands"];

/// What stands behind a test whether hflint is there.
fn guarded(line: &str) -> Option<&str> {
    let line = line.trim_end_matches(';').trim_end();
    let (test, then) = if let Some(rest) = line.strip_prefix("if ") {
        let (test, then) = rest.split_once("; then ").or_else(|| rest.split_once("; "))?;
        (test, then.trim_end().strip_suffix("fi").or_else(|| then.trim_end().strip_suffix("end"))?)
    } else {
        line.split_once("&& ").or_else(|| line.split_once("; and "))?
    };
    let tests = TESTS.iter().any(|word| test.trim_start().starts_with(word));
    (tests && test.contains("hflint")).then_some(then.trim())
}

/// hflint's own directories, but for the configuration: a person wrote that.
fn directories(state: &State<'_>, bindings: &[isolation::Binding]) -> Vec<(PathBuf, String)> {
    let system = state.system;
    let mut out = Vec::new();
    for (own, what) in [(Own::Data, "isolations"), (Own::State, "journal")] {
        let Some(dir) = system.own_dir(own) else { continue };
        if let Err(ReadError::NotFound | ReadError::NotDir) = system.lstat(&dir) {
            continue;
        }
        let mut lost = Vec::new();
        if what == "journal" {
            let fixes = system.list(&dir.join("journal")).unwrap_or_default();
            let fixes = fixes.iter().filter(|n| n.to_string_lossy().bytes().all(|b| b.is_ascii_digit())).count();
            lost.push(format!("no fix can be undone any more ({fixes} in the journal)"));
            if system.stat(&dir.join("record")).is_ok() {
                lost.push("the record of `hflint log` is destroyed".to_owned());
            }
        } else {
            let profiles = isolation::profiles(system);
            if !profiles.is_empty() {
                lost.push(format!("the credentials of the profiles {} are destroyed", profiles.join(", ")));
            }
            match bindings.iter().filter(|b| b.profile.is_none()).count() {
                0 => {}
                1 => lost.push("the login of 1 isolated project is destroyed".to_owned()),
                n => lost.push(format!("the logins of {n} isolated projects are destroyed")),
            }
        }
        out.push((dir, lost.join("; ")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        for line in [
            r#"eval "$(hflint init bash)""#,
            r#"  eval "$(/home/u/.cargo/bin/hflint init bash --cd)"  "#,
            r"eval $(hflint init zsh);",
            "hflint init fish | source",
            "command hflint init fish | source",
            "source <(hflint init zsh)",
            ". <(hflint init bash)",
            r#"command -v hflint >/dev/null && eval "$(hflint init bash)""#,
            r#"if command -v hflint > /dev/null; then eval "$(hflint init bash)"; fi"#,
            "type -q hflint; and hflint init fish | source",
            "if type -q hflint; hflint init fish | source; end",
            "execx($(hflint init xonsh))",
            "eval (hflint init elvish | slurp)",
            "mkdir $nu.user-autoload-dirs.0; hflint init nu | save -f ($nu.user-autoload-dirs.0 | path join hflint.nu)",
            r#"[ -x ~/.cargo/bin/hflint ] && eval "$(~/.cargo/bin/hflint init bash)""#,
        ] {
            assert_eq!(Line::of(line), Line::Hook, "{line}");
        }
        for line in [
            r#"eval "$(hflint init bash)"; export A=1"#,
            r#"echo hi && eval "$(hflint init bash)""#,
            "alias hf='hflint exec -- hf'",
            r#"eval "$(hflint init bash; starship init bash)""#,
            r"PS1='$(hflint check -q) '",
        ] {
            assert_eq!(Line::of(line), Line::Part, "{line}");
        }
        for line in [
            "# eval \"$(hflint init bash)\"",
            "export PATH=~/src/hflint-main/bin:$PATH",
            "eval \"$(direnv hook bash)\"",
        ] {
            assert_eq!(Line::of(line), Line::Other, "{line}");
        }
    }
}
