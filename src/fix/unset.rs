//! Takes variables out of this shell, and out of the places that set them.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::comment::{self, Text};
use super::diff;
use super::next::{self, Left, Settings};
use super::place::{self, Refusal, Taken};
use super::plan::{Action, Kind, Shell, Step, Tool};
use crate::finding::{Applicability, Location};
use crate::output::sanitize;
use crate::secret::Token;
use crate::shell::{quote, quote_path};
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::state::provenance::{self, SetBy};
use crate::state::startup::{self, Mode};
use crate::state::tmux::Server;
use crate::system::{Content, Image, TEXT_LIMIT};

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

/// How far to look for what gives the next shell a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// The lines that count now. Enough for a check, which says how safe a repair is and does none: to start each shell,
    /// and again without them, takes twice the time of all else.
    Known,
    /// Those of all shells, and those that come alive once others are out.
    Whole,
}

/// What it takes to be rid of these variables: of `names` here and in the next shell, of `next` in the next shell alone.
pub fn actions(snapshot: &Snapshot<'_>, names: &[String], next: &[String], search: Search) -> Vec<Action> {
    let state = &snapshot.state;
    let mut out = Vec::new();
    let mut settings = Settings::default();
    let mut add = |path: &Path, line, name: &str| settings.add(state.system, path, line, name);
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| state.var(name).is_some()).collect();
    for name in &names {
        out.push(here(name));
        let by = provenance::of(state, name);
        match by.as_ref().map(|by| (by, by.location.as_ref())) {
            Some((SetBy { setter: "conda", .. }, Some(Location::File { path, line: None }))) => {
                out.push(conda(state, name, path));
            }
            Some((SetBy { setter: "mise", .. }, Some(Location::File { path, line })))
                if program(state, "mise").is_some() || line.is_none() =>
            {
                out.push(mise(state, name, path));
            }
            Some((_, Some(Location::File { path, line: Some(line) }))) => drop(add(path, *line, name)),
            Some((by, Some(at @ Location::File { path, line: None }))) => {
                let what = format!("take {name} out of {}, where {} has it from", shown(state, path), by.setter);
                out.push(Action::manual(at.clone(), what, format!("${{EDITOR:-vi}} {}", quote_path(Some(path)))));
            }
            _ => {}
        }
        let others = if search == Search::Whole { provenance::startup_lines(state, name) } else { Vec::new() };
        for at in others {
            if let Location::File { path, line: Some(line) } = at {
                add(&path, line, name);
            }
        }
        out.extend(tmux(state, name));
    }
    let next: Vec<&str> = next.iter().map(String::as_str).collect();
    let left = match search {
        Search::Known => next::known(state, &next, &mut settings),
        Search::Whole => next::complete(state, &names, &next, &mut settings),
    };
    for file in settings.files() {
        let lines: Vec<(u32, &str)> = file.lines.iter().map(|(line, name)| (*line, name.as_str())).collect();
        // fish keeps that file itself.
        if is_universal(&file.path) {
            out.extend(lines.iter().filter_map(|(line, name)| universal(state, &file.path, *line, name)));
        } else {
            out.extend(edit(state, &file.path, &lines, None));
        }
    }
    for Left { shell, name } in left {
        let what = format!("find what else gives {name} to a new {}: that cannot be told offline", shell.name());
        out.push(Action::manual(Location::variable(name), what, "hflint status --all"));
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

/// What kind of text a file holds, by its name.
pub(super) fn kind_of(path: &Path) -> Text {
    match path.extension().map(std::ffi::OsStr::as_bytes) {
        Some(b"toml" | b"conf" | b"env") => Text::Lines,
        _ if is_universal(path) => Text::Lines,
        _ => Text::Script,
    }
}

/// `line 2 of ~/.bashrc, which sets HF_TOKEN`
fn described(state: &State<'_>, path: &Path, settings: &[(u32, &str)]) -> String {
    let mut names: Vec<(&str, Vec<u32>)> = Vec::new();
    for (line, name) in settings {
        match names.iter_mut().find(|(n, _)| n == name) {
            Some((_, lines)) => lines.push(*line),
            None => names.push((name, vec![*line])),
        }
    }
    let place = shown(state, path);
    let one = |(name, mut lines): (&str, Vec<u32>)| {
        lines.sort_unstable();
        let (noun, verb) = if lines.len() == 1 { ("line", "sets") } else { ("lines", "set") };
        let lines = lines.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        format!("{noun} {lines} of {place}, which {verb} {name}")
    };
    names.into_iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Comments out the lines of a file that set variables, each on its own: what is part of something longer is left to the
/// person. What kind of text it is goes by its name unless it is given.
pub(super) fn edit(state: &State<'_>, path: &Path, settings: &[(u32, &str)], kind: Option<Text>) -> Vec<Action> {
    let mark = comment::mark(state.system.now());
    let kind = kind.unwrap_or_else(|| kind_of(path));
    let first = |settings: &[(u32, &str)]| Location::line(path, settings.iter().map(|(l, _)| *l).min().unwrap_or(1));
    let taken = match place::take(state.system, path) {
        Ok(Taken { path: real, image: Image::File(file) }) => Ok((real, file)),
        Ok(_) => Err(("is no regular file".to_owned(), false)),
        // `sed -i` needs the directory, and leaves the other name of a file with the old text.
        Err(why) => Err((why.to_string(), !matches!(why, Refusal::Twin | Refusal::Closed(_)))),
    };
    let (real, file) = match taken {
        Ok(taken) => taken,
        Err((why, sed)) => {
            let what = format!("comment out {}, by hand: it {why}", described(state, path, settings));
            return vec![Action::manual(
                first(settings),
                what,
                by_hand(state, path, settings, sed.then_some((&mark, kind))),
            )];
        }
    };
    let out = comment::out(&file.bytes, settings, &mark, kind);
    let mut actions = Vec::new();
    let done: Vec<(u32, &str)> = settings.iter().copied().filter(|s| !out.held.contains(s)).collect();
    if !done.is_empty() {
        let diff = diff::lines(path, &file.bytes, &out.text, diff::assignments);
        let after = Image::File(file.with(out.text));
        let what = format!("comment out {}", described(state, path, &done));
        let mut action = Action::new(Kind::EditFile, Applicability::Unsafe, first(&done), what)
            .diff(diff)
            .step(Step::Put { path: real, before: Image::File(file), after });
        if path.file_name().is_some_and(|n| n == ".envrc") {
            action.description.push_str("; direnv then waits for `direnv allow`");
        }
        actions.push(action);
    }
    for (line, name) in out.held {
        let what = format!("take {name} out of {}:{line}: it is part of a longer command", shown(state, path));
        let command = format!("${{EDITOR:-vi}} +{line} {}", quote_path(Some(path)));
        actions.push(Action::manual(Location::line(path, line), what, command));
    }
    actions
}

/// The command that a person runs where the file is not for hflint to edit. `sed -i` and editors that rename would put a
/// file in the place of a link: the file behind it is named.
fn by_hand(state: &State<'_>, path: &Path, settings: &[(u32, &str)], sed: Option<(&str, Text)>) -> String {
    let system = state.system;
    let real = system.canonical(path).unwrap_or_else(|| path.to_owned());
    let sudo = if system.lstat(&real).is_ok_and(|s| s.uid != system.uid()) { "sudo " } else { "" };
    let file = quote_path(Some(&real));
    let mut lines: Vec<u32> = settings.iter().map(|(line, _)| *line).collect();
    lines.sort_unstable();
    lines.dedup();
    // What else stands in the line would go with it.
    let is_whole = |text: &Content, mark, kind| {
        let out = comment::out(&text.bytes, settings, mark, kind);
        out.whole && out.held.is_empty()
    };
    let text = system.read(path, TEXT_LIMIT);
    let sed = sed.filter(|(mark, kind)| text.as_ref().map_or(true, |text| is_whole(text, mark, *kind)));
    let Some((mark, _)) = sed else {
        return format!("{sudo}${{EDITOR:-vi}} +{} {file}", lines.first().copied().unwrap_or(1));
    };
    let mark = mark.replace('/', "\\/");
    let script: Vec<String> = lines.iter().map(|n| format!("{n}s/^/{mark}/")).collect();
    format!("{sudo}sed -i {} {file}", quote(script.join(";").as_ref()))
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

fn is_universal(path: &Path) -> bool {
    path.file_name().is_some_and(|n| n == "fish_variables")
}

/// fish's universal variable: every fish has it at once, and its file is never edited while one runs.
/// Source: fish 3.6, `fish_variables` of version 3.0.
fn universal(state: &State<'_>, path: &Path, line: u32, name: &str) -> Option<Action> {
    let at = Location::line(path, line);
    let fish = state.started(startup::Shell::Fish, Mode::Login);
    let value = fish.settings().find(|(n, _, place)| *n == name.as_bytes() && *place == at)?.1.bytes()?.to_vec();
    let undo = Tool {
        command: words(&["fish", "-c", &format!("read -l value; and set -Ux {name} $value")], None),
        input: [&value[..], b"\n"].concat(),
    };
    let command = words(&["fish", "-c", &format!("set -eU {name}")], None);
    let what = format!("erase fish's universal variable {name}");
    Some(tool(state, at, &what, silent(command), Some(undo), None))
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
