//! mise: `[env]` of every file that it reads here, with `_.file` and `_.source`, and the environments of tasks.
//!
//! Source: mise 2026.9, run (`$NAME` in a value is put in, `env_file` is a setting as well), and its documentation. Which
//! files it trusts is not looked at: it asks the person, and what
//! it has set shows in the environment. Templates (`{{ … }}`) are not worked out.

use std::path::{Path, PathBuf};

use super::{Cure, Found, Reaches, Sighting, Value, dotenv, home, is_here, named_in};
use crate::finding::Location;
use crate::secret::{Token, holds_token};
use crate::state::State;
use crate::state::document::{Entry, Kind, Node, toml};
use crate::state::dotenv::loaders::LOADERS;
use crate::state::provenance::{shell_text, tools};

const SETTER: &str = "mise";

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    let before = found.sightings.len();
    // `{ default = "…" }`, for where nothing else sets it; files of variables that settings name. Both under all else.
    let mut defaults: Vec<Sighting> = Vec::new();
    let mut files: Vec<PathBuf> = Vec::new();
    if let (Some(name), Some(cwd)) = (state.non_empty("MISE_ENV_FILE"), state.system.cwd()) {
        files.push(cwd.join(name));
    }
    for (path, _) in tools::mise_files(state) {
        let Some(read) = found.parse_leading(state, &path, toml, &["file", "source"]) else { continue };
        if let Some(name) = read.get("env_file").or_else(|| read.at(&["settings", "env_file"])).and_then(Node::str) {
            files.push(base(&path).join(name));
        }
        let tables = match read.get("env") {
            Some(node) if !node.items().is_empty() => node.items().iter().collect(),
            Some(node) => vec![node],
            None => Vec::new(),
        };
        let of_file = found.sightings.len();
        for table in tables {
            of_table(state, found, &path, table, Reaches::Project, &mut defaults);
        }
        found.last_counts(of_file);
        for task in read.get("tasks").into_iter().flat_map(Node::entries) {
            if let Some(table) = task.value.get("env") {
                of_table(state, found, &path, table, Reaches::Task, &mut Vec::new());
            }
        }
    }
    for path in files {
        of_dotenv(state, found, &path);
    }
    for sighting in defaults {
        found.add(sighting);
    }
    // The nearest file counts.
    found.first_counts(before);
}

fn of_table(
    state: &State<'_>,
    found: &mut Found,
    path: &Path,
    table: &Node,
    reaches: Reaches,
    defaults: &mut Vec<Sighting>,
) {
    // What stands later goes over what stands before, `_.file` over a key and a key over `_.file`.
    let mut entries: Vec<&Entry> = table.entries().iter().collect();
    entries.sort_by_key(|entry| entry.line);
    for Entry { key, line, value: node } in entries {
        if key == "_" || key == "mise" {
            directives(state, found, path, node);
            continue;
        }
        let inner = ["value", "default"].iter().find_map(|key| node.get(key)).unwrap_or(node);
        let value = match &inner.kind {
            Kind::Plain(_) if inner.is(false) => Value::Unset,
            Kind::Text(text) | Kind::Plain(text) if refers(text.bytes()) => Value::Reference(text.clone()),
            Kind::Text(text) | Kind::Plain(text) => Value::Token(text.clone()),
            _ => continue,
        };
        let active = reaches == Reaches::Project && is_here(state, key, &value);
        let tool = ["mise", "unset", key, "--file"].iter().map(Into::into).chain([path.into()]).collect();
        let cure = if reaches == Reaches::Project && inner.line == *line { Cure::Tool(tool) } else { Cure::Edit };
        let sighting = Sighting::new(key, value, Location::line(path, *line), SETTER, reaches);
        let sighting = Sighting { active, cure, ..sighting };
        if node.get("value").is_none() && node.get("default").is_some() && reaches == Reaches::Project {
            // What is exported stays.
            defaults.push(Sighting { shadowed: state.var(key).is_some() && !active, ..sighting });
        } else {
            found.add(sighting);
        }
    }
}

/// `{{ … }}`, `{% … %}`, `$NAME`.
fn refers(value: &[u8]) -> bool {
    value.contains(&b'$') || value.windows(2).any(|w| w == b"{{" || w == b"{%")
}

/// `_.file` and `_.source`: a text, a list, or tables with `path`.
fn directives(state: &State<'_>, found: &mut Found, path: &Path, node: &Node) {
    let dir = base(path);
    let mut given: Vec<&Entry> = node.entries().iter().collect();
    given.sort_by_key(|entry| entry.line);
    for Entry { key, value: given, .. } in given {
        let is_script = key == "source";
        if !is_script && key != "file" {
            continue;
        }
        for file in given.items().iter().chain([given]) {
            let Some(name) = file.get("path").unwrap_or(file).str().filter(|name| !name.contains("{{")) else {
                continue;
            };
            let at = match (name.strip_prefix("~/"), home(state.system)) {
                (Some(rest), Some(home)) => home.join(rest),
                _ => dir.join(name),
            };
            if is_script {
                of_script(state, found, &at);
                continue;
            }
            match at.extension().and_then(std::ffi::OsStr::to_str) {
                Some("json" | "yaml" | "yml" | "toml") => of_settings(state, found, &at),
                _ => of_dotenv(state, found, &at),
            }
        }
    }
}

fn of_dotenv(state: &State<'_>, found: &mut Found, path: &Path) {
    for loader in LOADERS.iter().filter(|l| l.name == "mise _.file") {
        dotenv::file(state, found, path, std::slice::from_ref(loader), (SETTER, Reaches::Project));
    }
}

/// The directory that paths in a file start from: that of the project, not of the folder the file is tucked away in.
fn base(path: &Path) -> &Path {
    let mut dir = path.parent().unwrap_or(path);
    for tucked in ["conf.d", "mise", ".mise", ".config"] {
        if dir.ends_with(tucked) {
            dir = dir.parent().unwrap_or(dir);
        }
    }
    dir
}

fn of_script(state: &State<'_>, found: &mut Found, path: &Path) {
    let Some(text) = found.read_naming(state, path) else { return };
    for name in named_in(text.bytes()) {
        let inherited = state.var(name).is_some();
        let Some(set) = shell_text::exported(text.bytes(), name, inherited, |_| false) else { continue };
        let value = set.value.map_or_else(|| Value::Reference(Token::new(Vec::new())), |v| Value::Token(Token::new(v)));
        let active = is_here(state, name, &value);
        let sighting = Sighting::new(name, value, Location::line(path, set.line), SETTER, Reaches::Project);
        found.add(Sighting { active, cure: Cure::CommentScript, ..sighting });
    }
}

/// A map of variables in another format; encrypted ones (sops) are no literals.
fn of_settings(state: &State<'_>, found: &mut Found, path: &Path) {
    let Some(text) = found.read_naming(state, path) else { return };
    let name = path.as_os_str().as_encoded_bytes();
    let parsed = if name.ends_with(b"json") {
        crate::state::document::json(text.bytes()).map(|node| vec![node])
    } else if name.ends_with(b"toml") {
        toml(text.bytes()).map(|node| vec![node])
    } else {
        crate::state::document::yaml(text.bytes())
    };
    for node in found.parsed(path, parsed).unwrap_or_default() {
        for entry in node.entries() {
            let Some(text) = entry.value.scalar() else { continue };
            let is_encrypted = text.bytes().starts_with(b"ENC[") && !holds_token(text.bytes());
            let value = if is_encrypted { Value::Reference(text.clone()) } else { Value::Token(text.clone()) };
            let active = is_here(state, &entry.key, &value);
            let sighting = Sighting::new(&entry.key, value, Location::line(path, entry.line), SETTER, Reaches::Project);
            found.add(Sighting { active, ..sighting });
        }
    }
}
