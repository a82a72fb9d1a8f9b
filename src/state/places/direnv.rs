//! direnv: the nearest `.envrc`, with what it reads besides, and whether direnv may run it.
//!
//! Source: direnv 2.32, run: the mark of what is allowed is a file named after the SHA-256 of path, newline and content;
//! `load_dotenv` takes a `.env` where no `.envrc` is nearer. Seen are assignments, `dotenv`, `dotenv_if_exists`,
//! `source_env`, `source_env_if_exists`, `source_up`, and `source` of a
//! file that is named; not what a command or a layout gives, and not whether a branch is taken.

use std::path::{Path, PathBuf};

use super::{Cure, Found, Reaches, Sighting, Value, dotenv, home, is_here, named_in, xdg};
use crate::finding::Location;
use crate::secret::{Token, sha256};
use crate::state::State;
use crate::state::document::{Node, toml};
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
        of_dotenv(state, found, &path, SETTER);
        return;
    }
    let Some(text) = found.read(state, &path) else { return };
    let setter = if is_allowed(state, &path, text.bytes()) { SETTER } else { BLOCKED };
    let mut seen = vec![path.clone()];
    of_script(state, found, &path, &text, setter, false, &mut seen);
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
    settings(state).is_some_and(|settings| {
        let on = |keys: &[&str]| settings.at(keys).is_some_and(|node| node.is(true));
        on(&["global", "load_dotenv"]) || on(&["load_dotenv"])
    })
}

/// direnv's own settings.
fn settings(state: &State<'_>) -> Option<Node> {
    let config = xdg(state, "XDG_CONFIG_HOME", ".config")?;
    ["direnv.toml", "config.toml"].iter().find_map(|name| {
        let content = state.system.read(&config.join("direnv").join(name), crate::system::TEXT_LIMIT).ok()?;
        toml(&content.bytes).ok()
    })
}

fn is_allowed(state: &State<'_>, path: &Path, content: &[u8]) -> bool {
    let Some(data) = xdg(state, "XDG_DATA_HOME", ".local/share") else { return false };
    let name = sha256(&[path.as_os_str().as_encoded_bytes(), b"\n", content].concat());
    state.system.stat(&data.join("direnv/allow").join(name)).is_ok() || is_trusted(state, path)
}

/// Whether direnv's settings allow a file whatever it says: by the beginning of its path, by itself or by its directory.
fn is_trusted(state: &State<'_>, path: &Path) -> bool {
    let Some(settings) = settings(state) else { return false };
    let listed = |key: &str, fits: &dyn Fn(&Path) -> bool| {
        let items = settings.at(&["whitelist", key]).into_iter().flat_map(Node::items);
        let mut paths = items.filter_map(Node::str).map(|text| match (text.strip_prefix("~/"), home(state.system)) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(text),
        });
        paths.any(|path| fits(&path))
    };
    let bytes = path.as_os_str().as_encoded_bytes();
    listed("prefix", &|prefix| bytes.starts_with(prefix.as_os_str().as_encoded_bytes()))
        || listed("exact", &|exact| exact == path || exact.join(".envrc") == path)
}

fn of_script(
    state: &State<'_>,
    found: &mut Found,
    path: &Path,
    text: &Token,
    setter: &'static str,
    all: bool,
    seen: &mut Vec<PathBuf>,
) {
    for name in named_in(text.bytes()) {
        let inherited = all || state.var(name).is_some();
        let Some(set) = shell_text::exported(text.bytes(), name, inherited, |_| false) else { continue };
        let value = set.value.map_or_else(|| Value::Reference(Token::new(Vec::new())), |v| Value::Token(Token::new(v)));
        let active = setter == SETTER && is_here(state, name, &value);
        let sighting = Sighting::new(name, value, Location::line(path, set.line), setter, Reaches::Project);
        found.add(Sighting { active, cure: Cure::CommentScript, ..sighting });
    }
    let dir = path.parent().unwrap_or(path);
    let is_dir = |path: &Path| state.system.stat(path).is_ok_and(|s| s.kind == Kind::Dir);
    let mut all = all;
    for words in text.bytes().split(|b| *b == b'\n').flat_map(shell_text::simple_commands) {
        let Some((command, rest)) = words.split_first() else { continue };
        // A file whose name cannot be told is passed over; without a name there is a default.
        let named = match rest.first() {
            Some(word) => match file(state, dir, word) {
                Some(path) => Some(path),
                None => continue,
            },
            None => None,
        };
        let next = match (*command, named) {
            (b"set", _) if rest == [b"-a"] || rest == [&b"-o"[..], b"allexport"] => {
                all = true;
                continue;
            }
            (b"set", _) if rest == [b"+a"] || rest == [&b"+o"[..], b"allexport"] => {
                all = false;
                continue;
            }
            (b"dotenv" | b"dotenv_if_exists", named) => {
                of_dotenv(state, found, &named.unwrap_or_else(|| dir.join(".env")), setter);
                continue;
            }
            (b"source_env" | b"source_env_if_exists", Some(path)) => {
                Some(if is_dir(&path) { path.join(".envrc") } else { path })
            }
            (b"source" | b".", Some(path)) => Some(path),
            (b"source_up" | b"source_up_if_exists", _) => nearest(state, dir.parent().map(Path::to_owned)),
            _ => None,
        };
        if let Some(next) = next.filter(|next| !seen.contains(next) && seen.len() < FOLLOWED) {
            seen.push(next.clone());
            if let Some(text) = found.read(state, &next) {
                of_script(state, found, &next, &text, setter, all, seen);
            }
        }
    }
}

/// The file that a word of the script names; `None` where a command or another variable tells it.
fn file(state: &State<'_>, dir: &Path, word: &[u8]) -> Option<PathBuf> {
    let word = std::str::from_utf8(word).ok()?.trim_matches(['"', '\'']);
    let below = |names: &[&str]| names.iter().find_map(|name| word.strip_prefix(name));
    let path = match (below(&["~/", "$HOME/", "${HOME}/"]), below(&["$PWD/", "${PWD}/"])) {
        (Some(rest), _) => home(state.system)?.join(rest),
        (_, Some(rest)) => dir.join(rest),
        _ => dir.join(word.strip_prefix("./").unwrap_or(word)),
    };
    (!path.as_os_str().as_encoded_bytes().iter().any(|b| matches!(b, b'$' | b'`' | b'*'))).then_some(path)
}

fn of_dotenv(state: &State<'_>, found: &mut Found, path: &Path, setter: &'static str) {
    for loader in LOADERS.iter().filter(|l| l.name == "direnv dotenv") {
        dotenv::file(state, found, path, std::slice::from_ref(loader), (setter, Reaches::Project));
    }
}
