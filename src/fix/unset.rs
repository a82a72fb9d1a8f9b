//! Takes variables out of this shell, and out of the places that set them.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::comment::{self, Text};
use super::diff;
use super::place;
use super::plan::{Action, Kind, Shell, Step, Tool};
use crate::finding::{Applicability, Location};
use crate::output::sanitize;
use crate::secret::Token;
use crate::shell::{quote, quote_path};
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::state::provenance::{self, SetBy};
use crate::state::tmux::Server;
use crate::system::{Image, TEXT_LIMIT};

/// The names that the shell's scripts unset when they are told to (`__hflint_set` in `shell/`).
pub const REACHABLE: [&str; 7] = [
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "HF_TOKEN_PATH",
    "HF_HOME",
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "HF_ENDPOINT",
];

/// What it takes to be rid of these variables, also in the next shell.
pub fn actions(snapshot: &Snapshot<'_>, names: &[String]) -> Vec<Action> {
    let state = &snapshot.state;
    let mut out = Vec::new();
    let mut lines: Vec<(PathBuf, Vec<u32>, &str)> = Vec::new();
    for name in names {
        if state.var(name).is_none() {
            continue;
        }
        out.push(here(name));
        let by = provenance::of(state, name);
        // fish keeps that file itself: `universal` has its own tool for it.
        let mut add = |path: &Path, line| match lines.iter_mut().find(|(p, _, n)| p == path && n == name) {
            _ if path.file_name().is_some_and(|n| n == "fish_variables") => {}
            Some((_, numbers, _)) if numbers.contains(&line) => {}
            Some((_, numbers, _)) => numbers.push(line),
            None => lines.push((path.to_owned(), vec![line], name)),
        };
        match by.as_ref().map(|by| (by, by.location.as_ref())) {
            Some((SetBy { setter: "conda", .. }, Some(Location::File { path, line: None }))) => {
                out.push(conda(state, name, path));
            }
            Some((SetBy { setter: "mise", .. }, Some(Location::File { path, line })))
                if program(state, "mise").is_some() || line.is_none() =>
            {
                out.push(mise(state, name, path));
            }
            Some((_, Some(Location::File { path, line: Some(line) }))) => add(path, *line),
            Some((by, Some(at @ Location::File { path, line: None }))) => {
                let what = format!("take {name} out of {}, where {} has it from", shown(state, path), by.setter);
                out.push(Action::manual(at.clone(), what, format!("${{EDITOR:-vi}} {}", quote_path(Some(path)))));
            }
            _ => {}
        }
        for at in provenance::startup_lines(state, name) {
            if let Location::File { path, line: Some(line) } = at {
                add(&path, line);
            }
        }
        out.extend(universal(state, name));
        out.extend(tmux(state, name));
    }
    // One file, one action: two would each find another file than the one that was diagnosed.
    let mut paths: Vec<PathBuf> = lines.iter().map(|(path, ..)| path.clone()).collect();
    paths.dedup();
    for path in paths {
        let here: Vec<_> = lines.iter().filter(|(p, ..)| *p == path).map(|(_, l, n)| (l.as_slice(), *n)).collect();
        out.extend(edit(state, &path, &here, None));
    }
    out
}

/// In this shell.
fn here(name: &str) -> Action {
    let target = Location::variable(name);
    if !REACHABLE.contains(&name) {
        return Action::manual(target, format!("unset {name} in this shell"), format!("unset {name}"));
    }
    let mut action = Action::new(Kind::Unset, Applicability::Safe, target, format!("unset {name} in this shell"))
        .step(Step::Shell(Shell::Unset(name.to_owned())));
    action.command = Some(format!("unset {name}"));
    action
}

pub(super) fn shown(state: &State<'_>, path: &Path) -> String {
    sanitize::path(path, state.var("HOME").as_deref())
}

/// Comments out the lines of a file that set variables; what kind of text it is goes by its name unless it is given.
pub(super) fn edit(state: &State<'_>, path: &Path, settings: &[(&[u32], &str)], kind: Option<Text>) -> Vec<Action> {
    let mark = comment::mark(state.system.now());
    let first = settings.iter().flat_map(|(lines, _)| lines.iter().copied()).min().unwrap_or(1);
    let target = Location::line(path, first);
    let numbers = |lines: &[u32]| lines.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let what = settings
        .iter()
        .map(|(lines, name)| format!("line {} of {}, which sets {name}", numbers(lines), shown(state, path)))
        .collect::<Vec<_>>()
        .join("; ");
    let by_hand = |why: String| {
        let sed = settings.iter().flat_map(|(lines, _)| lines.iter()).fold(String::new(), |out, n| {
            format!("{out}{}{n}s/^/{}/", if out.is_empty() { "" } else { ";" }, mark.replace('/', "\\/"))
        });
        let sudo = if why.contains("another user") { "sudo " } else { "" };
        let command = format!("{sudo}sed -i {} {}", quote(sed.as_ref()), quote_path(Some(path)));
        vec![Action::manual(target.clone(), format!("comment out {what}, by hand: {why}"), command)]
    };
    let taken = match place::take(state.system, path) {
        Ok(taken) => taken,
        Err(why) => return by_hand(format!("it {why}")),
    };
    let Image::File(file) = &taken.image else { return by_hand("it is no regular file".to_owned()) };
    let kind = kind.unwrap_or(match path.extension().map(std::ffi::OsStr::as_bytes) {
        Some(b"toml" | b"conf" | b"env") => Text::Lines,
        _ => Text::Script,
    });
    let mut text = file.bytes.to_vec();
    let mut rest = settings.to_vec();
    // From the end: a line that is kept in part becomes two.
    rest.sort_by_key(|(lines, _)| std::cmp::Reverse(lines.iter().max().copied()));
    let mut single: Vec<(u32, &str)> =
        rest.iter().flat_map(|(lines, name)| lines.iter().map(|l| (*l, *name))).collect();
    single.sort_by_key(|(line, _)| std::cmp::Reverse(*line));
    for (line, name) in single {
        let Some(new) = comment::out(&text, &[line], name, &mark, kind) else {
            let command = format!("${{EDITOR:-vi}} +{line} {}", quote_path(Some(path)));
            let what = format!("take {name} out of {}:{line}: it is part of a longer command", shown(state, path));
            return vec![Action::manual(target, what, command)];
        };
        text = new;
    }
    let diff = diff::lines(path, &file.bytes, &text, diff::assignments);
    let after = Image::File(file.with(text));
    let mut action = Action::new(Kind::EditFile, Applicability::Unsafe, target, format!("comment out {what}"))
        .diff(diff)
        .step(Step::Put { path: taken.path, before: taken.image.clone(), after });
    if path.file_name().is_some_and(|n| n == ".envrc") {
        action.description.push_str("; direnv then waits for `direnv allow`");
    }
    vec![action]
}

/// A program on PATH.
fn program(state: &State<'_>, name: &str) -> Option<PathBuf> {
    let path = state.non_empty("PATH")?;
    std::env::split_paths(&path)
        .filter(|dir| dir.is_absolute())
        .map(|dir| dir.join(name))
        .find(|p| state.system.stat(p).is_ok_and(|s| s.kind == crate::system::Kind::File && s.mode & 0o111 != 0))
}

pub(super) fn words(words: &[&str], last: Option<&Path>) -> Vec<OsString> {
    words.iter().map(OsString::from).chain(last.map(|p| p.as_os_str().to_owned())).collect()
}

/// A tool that asks for nothing.
fn silent(command: Vec<OsString>) -> Tool {
    Tool { command, input: Vec::new() }
}

/// An action that runs the tool which owns the format; shown as the command that it runs.
pub(super) fn tool(
    state: &State<'_>,
    at: Location,
    what: &str,
    run: Tool,
    undo: Option<Tool>,
    edits: Option<PathBuf>,
) -> Action {
    let command = &run.command;
    let line = command.iter().map(|w| quote(w)).collect::<Vec<_>>().join(" ");
    let name = command.first().map(|c| c.to_string_lossy().into_owned()).unwrap_or_default();
    if program(state, &name).is_none() {
        return Action::manual(at, format!("{what} ({name} is not on PATH here)"), line);
    }
    let mut action = Action::new(Kind::Run, Applicability::Unsafe, at, format!("{what}, with: {line}"))
        .step(Step::Tool { run, undo, edits });
    action.command = Some(line);
    action
}

/// `conda env config vars`, kept in the environment's own file.
fn conda(state: &State<'_>, name: &str, path: &Path) -> Action {
    let at = Location::file(path);
    let prefix = path.parent().and_then(Path::parent).unwrap_or(path);
    if !path.ends_with("conda-meta/state") {
        let what = format!("take {name} out of {}", shown(state, path));
        return Action::manual(at, what, format!("${{EDITOR:-vi}} {}", quote_path(Some(path))));
    }
    let command = words(&["conda", "env", "config", "vars", "unset", name, "-p"], Some(prefix));
    tool(state, at, &format!("unset {name} in the conda environment"), silent(command), None, Some(path.to_owned()))
}

fn mise(state: &State<'_>, name: &str, path: &Path) -> Action {
    let command = words(&["mise", "unset", name, "--file"], Some(path));
    let what = format!("unset {name} in {}", shown(state, path));
    tool(state, Location::file(path), &what, silent(command), None, Some(path.to_owned()))
}

/// fish's universal variable of the same value: every fish has it at once, and its file is never edited while one runs.
/// Source: fish 3.6, `fish_variables` of version 3.0.
fn universal(state: &State<'_>, name: &str) -> Option<Action> {
    let config = state.non_empty("XDG_CONFIG_HOME").map(PathBuf::from);
    let config = config.or_else(|| Some(PathBuf::from(state.non_empty("HOME")?).join(".config")))?;
    let path = config.join("fish/fish_variables");
    let content = state.system.read(&path, TEXT_LIMIT).ok()?;
    let line = (1..).zip(content.bytes.split(|b| *b == b'\n')).find_map(|(number, line)| {
        let rest = line.strip_prefix(b"SETUVAR ")?;
        let rest = rest.strip_prefix(b"--export ").unwrap_or(rest);
        let rest = rest.strip_prefix(b"--path ").unwrap_or(rest);
        rest.strip_prefix(name.as_bytes())?.starts_with(b":").then_some(number)
    })?;
    let value = state.var(name)?;
    let undo = Tool {
        command: words(&["fish", "-c", &format!("read -l value; and set -Ux {name} $value")], None),
        input: [value.as_bytes(), b"\n"].concat(),
    };
    let command = words(&["fish", "-c", &format!("set -eU {name}")], None);
    let what = format!("erase fish's universal variable {name}");
    Some(tool(state, Location::line(path, line), &what, silent(command), Some(undo), None))
}

/// A tmux server gives what it was started with to each new window.
fn tmux(state: &State<'_>, name: &str) -> Option<Action> {
    let server = Server::here(state)?;
    let (_, value) = server.gives(state.system)?.into_iter().find(|(given, _)| given == name)?;
    if state.var(name)?.as_bytes() != value.bytes() {
        return None;
    }
    tmux_unset(state, Location::variable(name), &server, name, &value)
}

/// Takes a variable out of what a tmux server gives to new windows.
/// Source: tmux 3.3, run: `-gu` takes a variable out of the server's environment.
pub(super) fn tmux_unset(
    state: &State<'_>,
    at: Location,
    server: &Server,
    name: &str,
    value: &Token,
) -> Option<Action> {
    let quoted = std::str::from_utf8(value.bytes()).ok()?.replace('\'', "'\\''");
    let undo = Tool {
        command: server.command(&["source-file", "-"]),
        input: format!("set-environment -g {name} '{quoted}'\n").into_bytes(),
    };
    let command = server.command(&["set-environment", "-gu", name]);
    let what = format!("take {name} out of the environment that tmux gives to new windows");
    Some(tool(state, at, &what, silent(command), Some(undo), None))
}
