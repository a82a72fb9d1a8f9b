//! just and Task: variables that recipes get, and the files of variables that they load.
//!
//! Source: just 1.59 and Task 3.54, run: an exported variable of a justfile and, with `dotenv-override`, its file of
//! variables go over the environment; the environment goes over everything in a Taskfile. Not seen: modules and imports,
//! and values that a function, a shell or a template gives.

use std::path::Path;

use super::{Cure, Found, Like, Reaches, Sighting, Value, dotenv, project};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::document::{Node, yaml};
use crate::state::dotenv::loaders::LOADERS;

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    let dirs = project(state.system);
    // Both look upward.
    let first = |names: &[&str]| {
        let all = dirs.iter().flat_map(|dir| names.iter().map(|name| dir.join(name)));
        all.into_iter().find(|path| state.system.stat(path).is_ok())
    };
    if let Some(path) = first(&["justfile", "Justfile", "JUSTFILE", ".justfile"])
        && let Some(text) = found.read(state, &path)
    {
        of_just(state, found, &path, &String::from_utf8_lossy(text.bytes()));
    }
    let names =
        ["Taskfile.yml", "taskfile.yml", "Taskfile.yaml", "taskfile.yaml", "Taskfile.dist.yml", "taskfile.dist.yml"];
    if let Some(path) = first(&names)
        && let Some(documents) = found.parse_leading(state, &path, yaml, &["dotenv"])
    {
        for root in &documents {
            of_task(state, found, &path, root);
        }
    }
}

fn of_just(state: &State<'_>, found: &mut Found, path: &Path, text: &str) {
    let loaded = loaded(text);
    if let Some(Loaded { name, is_path, over }) = &loaded {
        let dir = path.parent().unwrap_or(path);
        // A path starts from the justfile's directory, a name is looked for upward from there.
        let dirs = dir.ancestors().take(if *is_path { 1 } else { usize::MAX });
        let file = dirs.map(|dir| dir.join(name)).find(|file| state.system.stat(file).is_ok());
        // What keeps what is exported is told as any file of variables.
        if let Some(file) = file.filter(|_| *over || *name != ".env") {
            // just reads by the same library.
            for loader in LOADERS.iter().filter(|l| l.name == "mise _.file") {
                dotenv::file(state, found, &file, std::slice::from_ref(loader), ("the justfile", Reaches::Task));
            }
        }
    }
    for set in just(text) {
        let sighting =
            Sighting::new(&set.name, set.value, Location::line(path, set.line), "the justfile", Reaches::Task);
        found.add(Sighting { cure: Cure::CommentLine, ..sighting });
    }
}

/// A file of variables that a justfile loads.
struct Loaded {
    name: String,
    is_path: bool,
    /// Whether it goes over the environment.
    over: bool,
}

fn loaded(text: &str) -> Option<Loaded> {
    let mut loaded: Option<Loaded> = None;
    for line in text.lines() {
        let Some(setting) = line.strip_prefix("set dotenv-") else { continue };
        let setting = setting.split('#').next().unwrap_or_default();
        let (key, value) = setting.split_once(":=").map_or((setting.trim(), None), |(k, v)| (k.trim(), Some(v.trim())));
        if value == Some("false") {
            continue;
        }
        let loaded = loaded.get_or_insert_with(|| Loaded { name: ".env".to_owned(), is_path: false, over: false });
        match (key, value) {
            ("override", _) => loaded.over = true,
            ("filename" | "path", Some(value)) => {
                value.trim_matches(['"', '\'']).clone_into(&mut loaded.name);
                loaded.is_path = key == "path";
            }
            _ => {}
        }
    }
    loaded
}

fn of_task(state: &State<'_>, found: &mut Found, path: &Path, root: &Node) {
    let like = Like { setter: "the Taskfile", reaches: Reaches::Task, cure: Cure::CommentLine, value: &templated };
    let maps = |found: &mut Found, node: &Node| {
        let before = found.sightings.len();
        if let Some(map) = node.get("env") {
            found.add_map(path, map, false, &like);
        }
        // What is exported stays.
        let stays = |s: &Sighting| state.var(&s.variable).is_some();
        found.sightings[before..].iter_mut().filter(|s| stays(s)).for_each(|s| s.shadowed = true);
        let dir = path.parent().unwrap_or(path);
        for file in node.get("dotenv").into_iter().flat_map(Node::items).filter_map(Node::str) {
            // `.env` and its kin are told as such.
            if !file.contains("{{") && !file.contains(".env") {
                let as_ = ("the Taskfile", Reaches::Task);
                dotenv::file(state, found, &dir.join(file), &LOADERS[..1], as_);
            }
        }
    };
    maps(found, root);
    for task in root.get("tasks").into_iter().flat_map(Node::entries) {
        maps(found, &task.value);
    }
}

/// `{{.NAME}}` and `$NAME` are put in when the task runs.
fn templated(text: &Token) -> Value {
    let refers = text.bytes().windows(2).any(|w| w == b"{{") || text.bytes().contains(&b'$');
    if refers { Value::Reference(text.clone()) } else { Value::Token(text.clone()) }
}

/// A variable that recipes get.
#[derive(Debug)]
struct Set {
    line: u32,
    name: String,
    value: Value,
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn just(text: &str) -> Vec<Set> {
    let code = |raw: &str| (!raw.starts_with([' ', '\t', '#'])).then(|| raw.trim().to_owned());
    let all = text
        .lines()
        .filter_map(code)
        .any(|l| l == "set export" || l == "set export := true" || l == "set export:=true");
    let mut out = Vec::new();
    for (line, raw) in (1..).zip(text.lines()) {
        let Some(code) = code(raw) else { continue };
        let (code, export) = code.strip_prefix("export ").map_or((code.as_str(), false), |rest| (rest.trim(), true));
        let Some((name, value)) = code.split_once(":=") else { continue };
        let name = name.trim();
        if !(export || all) || !is_name(name) {
            continue;
        }
        let value = value.trim();
        let quoted = ['"', '\''].iter().find_map(|quote| {
            let (inner, rest) = value.strip_prefix(*quote)?.split_once(*quote)?;
            let rest = rest.trim();
            (rest.is_empty() || rest.starts_with('#')).then_some(inner).filter(|inner| !inner.contains('\\'))
        });
        let value = match quoted {
            Some(inner) => Value::Token(Token::new(inner.as_bytes().to_vec())),
            None => Value::Reference(Token::new(value.as_bytes().to_vec())),
        };
        out.push(Set { line, name: name.to_owned(), value });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::tests::seen;
    use super::*;
    use crate::system::fake::Fake;

    fn told(sets: &[Set]) -> Vec<String> {
        let value = |v: &Value| match v {
            Value::Token(t) => format!("={}", String::from_utf8_lossy(t.bytes())),
            Value::Reference(_) => "?".to_owned(),
            Value::Unset => "-".to_owned(),
        };
        sets.iter().map(|s| format!("{}{}{}", s.line, s.name, value(&s.value))).collect()
    }

    #[test]
    fn justfiles() {
        assert_eq!(told(&just("export K := \"v\"\nL := 'w'\n")), ["1K=v"]);
        assert_eq!(told(&just("set export\nL := 'w' # c\nM := `pass`\nall:\n  export N := 'x'\n")), ["2L=w", "3M?"]);
    }
    #[test]
    fn files_that_just_loads() {
        let ask = |text: &str| loaded(text).map(|l| format!("{} {} {}", l.name, l.is_path, l.over));
        assert_eq!(ask("x := '1'\n"), None);
        assert_eq!(ask("set dotenv-load := false\n"), None);
        assert_eq!(ask("set dotenv-load # c\n").unwrap(), ".env false false");
        assert_eq!(ask("set dotenv-override\n").unwrap(), ".env false true");
        assert_eq!(ask("set dotenv-path := 'a/b'\nset dotenv-override := true\n").unwrap(), "a/b true true");
    }

    #[test]
    fn taskfiles() {
        let text = "env:\n  HF_TOKEN: a\n  HF_HOME: '{{.X}}'\ndotenv: [c.vars]\ntasks:\n  t:\n    env:\n      HF_TOKEN: {sh: pass}\n  u:\n    env: {HF_TOKEN: b}\n";
        let fake = Fake::home()
            .cwd("/home/u/p/q")
            .file("/home/u/p/.git/config", "")
            .file("/home/u/p/c.vars", "HUGGING_FACE_HUB_TOKEN=c\n")
            .file("/home/u/p/Taskfile.yml", text);
        let want = [
            "HF_TOKEN =a /home/u/p/Taskfile.yml:2 task",
            "HF_HOME ?{{.X}} /home/u/p/Taskfile.yml:3 task",
            "HUGGING_FACE_HUB_TOKEN =c /home/u/p/c.vars:1 task",
            "HF_TOKEN =b /home/u/p/Taskfile.yml:10 task",
        ];
        assert_eq!(seen(&fake), want);
        let exported = seen(&fake.var("HF_TOKEN", "z"));
        assert_eq!(exported.iter().filter(|line| line.ends_with(" shadowed")).count(), 2, "what is exported stays");
    }
}
