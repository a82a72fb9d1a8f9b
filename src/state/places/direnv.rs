//! direnv: the nearest `.envrc`, with what it reads besides, and whether direnv may run it.
//!
//! Source: direnv 2.32, run: the mark of what is allowed is a file named after the SHA-256 of path, newline and content;
//! `load_dotenv` takes a `.env` where no `.envrc` is nearer. Seen are assignments, `dotenv`, `dotenv_if_exists`,
//! `source_env`, `source_env_if_exists` and `source_up`; not what a command, a branch or a layout gives.

use std::path::{Path, PathBuf};

use super::{Cure, Found, Reaches, Sighting, Value, dotenv, home, is_here, named_in, xdg};
use crate::finding::Location;
use crate::secret::{Token, sha256};
use crate::state::State;
use crate::state::document::toml;
use crate::state::dotenv::loaders::LOADERS;
use crate::state::provenance::shell_text;
use crate::system::Kind;

/// Files that one `.envrc` may lead to.
const FOLLOWED: usize = 16;

const SETTER: &str = "direnv";
const BLOCKED: &str = "a .envrc that direnv does not allow";

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    let Some(path) = nearest(state, state.system.cwd()) else { return };
    if path.ends_with(".env") {
        of_dotenv(state, found, &path);
        return;
    }
    let Some(text) = found.read(state, &path) else { return };
    let setter = if is_allowed(state, &path, text.bytes()) { SETTER } else { BLOCKED };
    let mut seen = vec![path.clone()];
    of_script(state, found, &path, &text, setter, &mut seen);
}

/// The file that direnv would load here.
fn nearest(state: &State<'_>, from: Option<PathBuf>) -> Option<PathBuf> {
    let also_dotenv = loads_dotenv(state);
    from?.ancestors().find_map(|dir| {
        let is_file = |path: &PathBuf| state.system.stat(path).is_ok_and(|s| s.kind == Kind::File);
        let envrc = Some(dir.join(".envrc")).filter(is_file);
        envrc.or_else(|| Some(dir.join(".env")).filter(|path| also_dotenv && is_file(path)))
    })
}

fn loads_dotenv(state: &State<'_>) -> bool {
    let Some(config) = xdg(state, "XDG_CONFIG_HOME", ".config") else { return false };
    let read = |name: &str| {
        let content = state.system.read(&config.join("direnv").join(name), crate::system::TEXT_LIMIT).ok()?;
        toml(&content.bytes).ok()
    };
    ["direnv.toml", "config.toml"].iter().find_map(|name| read(name)).is_some_and(|settings| {
        let on = |keys: &[&str]| settings.at(keys).is_some_and(|node| node.is(true));
        on(&["global", "load_dotenv"]) || on(&["load_dotenv"])
    })
}

fn is_allowed(state: &State<'_>, path: &Path, content: &[u8]) -> bool {
    let Some(data) = xdg(state, "XDG_DATA_HOME", ".local/share") else { return false };
    let name = sha256(&[path.as_os_str().as_encoded_bytes(), b"\n", content].concat());
    state.system.stat(&data.join("direnv/allow").join(name)).is_ok()
}

fn of_script(
    state: &State<'_>,
    found: &mut Found,
    path: &Path,
    text: &Token,
    setter: &'static str,
    seen: &mut Vec<PathBuf>,
) {
    for name in named_in(text.bytes()) {
        // The last assignment counts.
        let Some(set) = shell_text::assignments(text.bytes(), name).pop() else { continue };
        let value = set.value.map_or_else(|| Value::Reference(Token::new(Vec::new())), |v| Value::Token(Token::new(v)));
        let active = setter == SETTER && is_here(state, name, &value);
        let sighting = Sighting::new(name, value, Location::line(path, set.line), setter, Reaches::Project);
        found.add(Sighting { active, cure: Cure::CommentScript, ..sighting });
    }
    let dir = path.parent().unwrap_or(path);
    for line in String::from_utf8_lossy(text.bytes()).lines() {
        let mut words = line.split_whitespace();
        let (command, file) = (words.next().unwrap_or_default(), words.next());
        let file = file.map(|f| f.trim_matches(['"', '\''])).filter(|f| !f.starts_with('#'));
        let at = |name: &str| match (name.strip_prefix("~/"), home(state.system)) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => dir.join(name),
        };
        match command {
            "dotenv" | "dotenv_if_exists" => of_dotenv(state, found, &at(file.unwrap_or(".env"))),
            "source_env" | "source_env_if_exists" | "source_up" | "source_up_if_exists" => {
                let next = match file {
                    Some(name) if command.starts_with("source_env") => {
                        let named = at(name);
                        let is_dir = state.system.stat(&named).is_ok_and(|s| s.kind == Kind::Dir);
                        Some(if is_dir { named.join(".envrc") } else { named })
                    }
                    _ => nearest(state, dir.parent().map(Path::to_owned)),
                };
                if let Some(next) = next.filter(|next| !seen.contains(next) && seen.len() < FOLLOWED) {
                    seen.push(next.clone());
                    if let Some(text) = found.read(state, &next) {
                        of_script(state, found, &next, &text, setter, seen);
                    }
                }
            }
            _ => {}
        }
    }
}

fn of_dotenv(state: &State<'_>, found: &mut Found, path: &Path) {
    for loader in LOADERS.iter().filter(|l| l.name == "direnv dotenv") {
        dotenv::file(state, found, path, std::slice::from_ref(loader), (SETTER, Reaches::Project));
    }
}
