//! VS Code and its kin: what their terminals, runs and debug sessions get.
//!
//! Source: the documentation of `terminal.integrated.env.*` (a text sets, `null` takes away), `python.envFile` and of
//! debug configurations (`env` before `envFile`); the variables that settings know are `${…}`.

use std::path::{Path, PathBuf};

use super::{Cure, Found, Like, Reaches, Value, dotenv, ending, home, is_here, project, xdg};
use crate::secret::Token;
use crate::state::State;
use crate::state::document::{Kind, Node, jsonc};
use crate::state::dotenv::loaders::LOADERS;

/// The names that the editor and its forks give to their directory of settings.
const EDITORS: [&str; 6] = ["Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf", "Positron"];
/// Servers below the home directory, to which such an editor connects from elsewhere.
const SERVERS: [&str; 5] =
    [".vscode-server", ".vscode-server-insiders", ".vscodium-server", ".cursor-server", ".windsurf-server"];
/// The key of this system's terminals.
const TERMINAL: &str =
    if cfg!(target_os = "macos") { "terminal.integrated.env.osx" } else { "terminal.integrated.env.linux" };

pub(super) const SETTINGS: &str = "the VS Code settings";
const LAUNCH: &str = "a VS Code launch configuration";

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    for path in settings(state) {
        if let Some(read) = found.parse(state, &path, jsonc) {
            of_settings(found, &path, &read);
        }
    }
    of_project(state, found);
    // In a terminal of the editor its settings have been at work.
    if super::is_at_work(state, SETTINGS) {
        for sighting in found.sightings.iter_mut().filter(|s| s.setter == SETTINGS) {
            sighting.active = is_here(state, &sighting.variable, &sighting.value);
        }
    }
}

/// The folders and workspaces of the project here.
pub(super) fn of_project(state: &State<'_>, found: &mut Found) {
    for dir in project(state.system) {
        of_folder(state, found, &dir, &dir.join(".vscode"));
        for path in ending(state.system, &dir, ".code-workspace") {
            let Some(read) = found.parse(state, &path, jsonc) else { continue };
            if let Some(inner) = read.get("settings") {
                of_settings(found, &path, inner);
                python(state, found, &dir, inner);
            }
            for (key, list) in [("launch", "configurations"), ("tasks", "tasks")] {
                if let Some(inner) = read.get(key) {
                    of_runs(found, &path, inner, list);
                    env_files(state, found, &dir, inner);
                }
            }
        }
    }
}

/// The person's own settings.
fn settings(state: &State<'_>) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let Some(home) = home(state.system) else { return out };
    let config = if cfg!(target_os = "macos") {
        Some(home.join("Library/Application Support"))
    } else {
        xdg(state, "XDG_CONFIG_HOME", ".config")
    };
    let mut users: Vec<PathBuf> =
        config.iter().flat_map(|dir| EDITORS.map(|name| dir.join(name).join("User"))).collect();
    users.push(home.join(".local/share/code-server/User"));
    users.extend(SERVERS.map(|name| home.join(name).join("data/Machine")));
    for user in users {
        let profiles = user.join("profiles");
        out.push(user.join("settings.json"));
        out.extend(ending(state.system, &profiles, "").into_iter().map(|profile| profile.join("settings.json")));
    }
    out
}

/// A project's own folder.
fn of_folder(state: &State<'_>, found: &mut Found, root: &Path, dir: &Path) {
    let path = dir.join("settings.json");
    if let Some(read) = found.parse_leading(state, &path, jsonc, &["envFile", "EnvFile"]) {
        of_settings(found, &path, &read);
        python(state, found, root, &read);
    }
    for (name, list) in [("launch.json", "configurations"), ("tasks.json", "tasks")] {
        let path = dir.join(name);
        if let Some(read) = found.parse_leading(state, &path, jsonc, &["envFile"]) {
            of_runs(found, &path, &read, list);
            env_files(state, found, root, &read);
        }
    }
}

/// The file of Python's runs, which terminals have where they are told to.
fn python(state: &State<'_>, found: &mut Found, root: &Path, settings: &Node) {
    let in_terminals = settings.get("python.terminal.useEnvFile").is_some_and(|node| node.is(true));
    let default = Node { line: 1, kind: Kind::Text(Token::new(b".env".to_vec())) };
    let given = settings.get("python.envFile").or(in_terminals.then_some(&default));
    env_file(state, found, root, given, if in_terminals { SETTINGS } else { LAUNCH });
}

/// The `envFile` of each debug configuration.
fn env_files(state: &State<'_>, found: &mut Found, root: &Path, launch: &Node) {
    for run in launch.get("configurations").into_iter().flat_map(Node::items) {
        env_file(state, found, root, run.get("envFile"), LAUNCH);
    }
}

/// A file of variables that a setting names; what is exported stays.
fn env_file(state: &State<'_>, found: &mut Found, root: &Path, given: Option<&Node>, setter: &'static str) {
    let Some(name) = given.and_then(Node::str) else { return };
    let name = name.strip_prefix("${workspaceFolder}/").unwrap_or(name);
    for loader in LOADERS.iter().filter(|l| l.name == "VS Code" && !name.contains('$')) {
        dotenv::file(state, found, &root.join(name), std::slice::from_ref(loader), (setter, Reaches::Editor));
    }
}

fn of_settings(found: &mut Found, path: &Path, settings: &Node) {
    let like = Like { setter: SETTINGS, reaches: Reaches::Editor, cure: Cure::Edit, value: &value };
    if let Some(map) = settings.get(TERMINAL) {
        found.add_map(path, map, true, &like);
    }
    if let Some(launch) = settings.get("launch") {
        of_runs(found, path, launch, "configurations");
    }
}

/// Debug configurations have `env`, tasks `options.env`, for themselves and for this system.
fn of_runs(found: &mut Found, path: &Path, root: &Node, list: &str) {
    let setter = if list == "tasks" { "a VS Code task" } else { LAUNCH };
    let like = Like { setter, reaches: Reaches::Editor, cure: Cure::Edit, value: &value };
    let system = if cfg!(target_os = "macos") { "osx" } else { "linux" };
    let runs = root.get(list).into_iter().flat_map(Node::items);
    for run in runs.chain([root]) {
        for map in
            [run.get("env"), run.at(&["options", "env"]), run.at(&[system, "env"]), run.at(&[system, "options", "env"])]
                .into_iter()
                .flatten()
                .filter(|node| matches!(node.kind, Kind::Map(_)))
        {
            found.add_map(path, map, true, &like);
        }
    }
}

/// `${env:HF_TOKEN}`, `${input:token}` and the like are put in when the terminal or the run starts.
fn value(text: &Token) -> Value {
    let refers = text.bytes().windows(2).any(|w| w == b"${");
    if refers { Value::Reference(text.clone()) } else { Value::Token(text.clone()) }
}
