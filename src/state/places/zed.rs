//! Zed: what its terminals, tasks and debug sessions get.
//!
//! Source: Zed's documentation of `terminal.env`, of `tasks.json` and of `debug.json` (`env` of each entry); values are
//! literal, but `$ZED_…` of a task is put in.

use std::path::{Path, PathBuf};

use super::{Cure, Found, Like, Reaches, Value, home, is_here, project, xdg};
use crate::secret::Token;
use crate::state::State;
use crate::state::document::{Node, jsonc};

pub(super) const SETTINGS: &str = "the Zed settings";

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    let before = found.sightings.len();
    // On macOS as well.
    if let Some(config) = xdg(state, "XDG_CONFIG_HOME", ".config") {
        of_folder(state, found, &config.join("zed"));
    }
    if let Some(home) = home(state.system) {
        of_folder(state, found, &home.join(".var/app/dev.zed.Zed/config/zed"));
    }
    of_project(state, found);
    // In a terminal of the editor its settings have been at work.
    if super::is_at_work(state, SETTINGS) {
        for sighting in found.sightings[before..].iter_mut().filter(|s| s.setter == SETTINGS) {
            sighting.active = is_here(state, &sighting.variable, &sighting.value);
        }
    }
}

/// The folders of the project here.
pub(super) fn of_project(state: &State<'_>, found: &mut Found) {
    for dir in project(state.system) {
        of_folder(state, found, &dir.join(".zed"));
    }
}

fn of_folder(state: &State<'_>, found: &mut Found, dir: &Path) {
    let read = |found: &mut Found, name: &str| -> Option<(PathBuf, Node)> {
        let path = dir.join(name);
        let node = found.parse(state, &path, jsonc)?;
        Some((path, node))
    };
    let like = |setter| Like { setter, reaches: Reaches::Editor, cure: Cure::Edit, value: &value };
    if let Some((path, settings)) = read(found, "settings.json")
        && let Some(map) = settings.at(&["terminal", "env"])
    {
        found.add_map(&path, map, false, &like(SETTINGS));
    }
    for (name, setter) in [("tasks.json", "a Zed task"), ("debug.json", "a Zed debug session")] {
        let Some((path, runs)) = read(found, name) else { continue };
        for map in runs.items().iter().filter_map(|run| run.get("env")) {
            found.add_map(&path, map, false, &like(setter));
        }
    }
}

fn value(text: &Token) -> Value {
    if text.bytes().starts_with(b"$") { Value::Reference(text.clone()) } else { Value::Token(text.clone()) }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{seen, token};
    use crate::system::fake::Fake;

    #[test]
    fn of_the_person_and_of_the_project() {
        let a = token("A");
        let fake = Fake::home()
            .cwd("/home/u/p")
            .file(
                "/home/u/.config/zed/settings.json",
                format!("// mine\n{{\"terminal\": {{\"env\": {{\"HF_TOKEN\": \"{a}\"}},}}}}"),
            )
            .file("/home/u/p/.zed/settings.json", "{\"terminal\": {\n\"env\": {\"HF_HOME\": \"/x\"}}}")
            .file("/home/u/p/.zed/tasks.json", "[{\"label\": \"t\",\n\"env\": {\"HF_TOKEN\": \"$ZED_X\"}}]");
        assert_eq!(
            seen(&fake),
            [
                "HF_TOKEN A /home/u/.config/zed/settings.json:2 editor",
                "HF_HOME =/x /home/u/p/.zed/settings.json:2 editor",
                "HF_TOKEN ?$ZED_X /home/u/p/.zed/tasks.json:2 editor",
            ]
        );
    }
}
