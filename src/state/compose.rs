//! Variables that compose files give to containers.
//!
//! Source: the compose specification (`environment` as a map or a list, `env_file`, `build.args`, `extends`, `include`),
//! YAML 1.2. Each file is read alone; `places::containers` follows what it names.

use std::path::PathBuf;

use super::State;
use super::document::{self, Fault, Kind, Node};
use crate::secret::Token;
use crate::system::TEXT_LIMIT;
use crate::system::path::Within as _;

/// The names that `docker compose` looks for, in its order.
pub const NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// Beside the first of them, over it.
pub const OVERRIDES: [&str; 4] =
    ["compose.override.yaml", "compose.override.yml", "docker-compose.override.yml", "docker-compose.override.yaml"];

/// One variable of one service.
#[derive(Debug)]
pub struct Entry {
    /// The file.
    pub path: PathBuf,
    /// From 1.
    pub line: u32,
    /// The variable.
    pub name: String,
    /// The value as it stands in the file, YAML's own quotes taken away; `None` where the container gets the host's.
    pub value: Option<Token>,
}

/// A variable as one service gets it: line, name and value.
type Variable = (u32, String, Option<Token>);

/// What a compose file says.
#[derive(Debug, Default)]
pub struct Given {
    /// In their order.
    pub services: Vec<Service>,
    /// Other projects that become part of this one.
    pub includes: Vec<Include>,
}

/// What one service gets.
#[derive(Debug, Default)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Over what its files give.
    pub environment: Vec<Variable>,
    /// For the making of the image alone.
    pub arguments: Vec<Variable>,
    /// Files that it reads more from, the later over the earlier.
    pub env_files: Vec<EnvFile>,
    /// The service that it begins with, and the file of that one.
    pub extends: Option<(Option<String>, String)>,
}

/// An item of `env_file`.
#[derive(Debug, Clone)]
pub struct EnvFile {
    /// As the file names it.
    pub path: String,
    /// Whether every line is taken as it stands.
    pub raw: bool,
}

/// An item of `include`.
#[derive(Debug)]
pub struct Include {
    /// One project: the later over the earlier.
    pub paths: Vec<String>,
    /// Where its paths start; else the directory of the first file.
    pub directory: Option<String>,
}

/// Reads the compose file of the current directory; nothing where it cannot be understood.
pub fn gather(state: &State<'_>) -> Vec<Entry> {
    let Some(cwd) = state.system.cwd() else {
        return Vec::new();
    };
    let found = NAMES.iter().find_map(|name| {
        let path = cwd.within(name);
        state.system.read(&path, TEXT_LIMIT).ok().map(|c| (path, Token::new(c.bytes)))
    });
    // Asked at a prompt: what names no variable of ours is not parsed.
    let Some((path, bytes)) = found.filter(|(_, text)| super::places::names_any(text.bytes())) else {
        return Vec::new();
    };
    let given = read(bytes.bytes()).unwrap_or_default();
    let all = given.services.into_iter().flat_map(|service| service.environment.into_iter().chain(service.arguments));
    let entry = |(line, name, value)| Entry { path: path.clone(), line, name, value };
    all.map(entry).collect()
}

/// What one file says.
pub fn read(bytes: &[u8]) -> Result<Given, Fault> {
    let mut given = Given::default();
    let text = |node: &Node| node.str().map(str::to_owned);
    for document in document::yaml(bytes)? {
        for item in document.get("include").into_iter().flat_map(Node::items) {
            let path = item.get("path").unwrap_or(item);
            let paths = path.items().iter().chain([path]).filter_map(text).collect();
            given.includes.push(Include { paths, directory: item.get("project_directory").and_then(text) });
        }
        for entry in document.get("services").into_iter().flat_map(Node::entries) {
            let node = &entry.value;
            let mut service = Service { name: entry.key.clone(), ..Service::default() };
            service.environment = node.get("environment").map(variables).unwrap_or_default();
            service.arguments = node.at(&["build", "args"]).map(variables).unwrap_or_default();
            if let Some(files) = node.get("env_file") {
                for file in files.items().iter().chain([files]) {
                    let raw = file.get("format").and_then(Node::str) == Some("raw");
                    service.env_files.extend(text(file.get("path").unwrap_or(file)).map(|path| EnvFile { path, raw }));
                }
            }
            service.extends = node
                .get("extends")
                .and_then(|node| Some((node.get("file").and_then(text), text(node.get("service").unwrap_or(node))?)));
            given.services.push(service);
        }
    }
    Ok(given)
}

fn variables(node: &Node) -> Vec<Variable> {
    let mut out = Vec::new();
    for entry in node.entries() {
        match &entry.value.kind {
            Kind::Null => out.push((entry.line, entry.key.clone(), None)),
            Kind::Text(text) | Kind::Plain(text) => out.push((entry.line, entry.key.clone(), Some(text.clone()))),
            Kind::List(_) | Kind::Map(_) => {}
        }
    }
    for item in node.items() {
        let Some(text) = item.str() else { continue };
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        out.push((item.line, name.to_owned(), value.map(|v| Token::new(v.as_bytes().to_vec()))));
    }
    out
}

/// Whether compose puts something in when it reads the value: `$NAME` or `${NAME…}`; `$$` is a dollar.
pub fn refers(value: &Token) -> bool {
    let mut bytes = value.bytes().iter().copied().peekable();
    while let Some(b) = bytes.next() {
        if b == b'$' && bytes.next_if_eq(&b'$').is_none() {
            return bytes.peek().is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'{'));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn values(text: &str) -> Vec<(u32, String, Option<String>)> {
        let fake = Fake::home().file("/home/u/compose.yml", text);
        let entries = gather(&State::new(&fake));
        let string = |t: Token| String::from_utf8(t.bytes().to_vec()).unwrap();
        entries.into_iter().map(|e| (e.line, e.name, e.value.map(string))).collect()
    }

    #[test]
    fn an_item_is_a_scalar_of_yaml() {
        let text = "services:\n  a:\n    environment:\n      - HF_TOKEN=\"x\"  # mine\n      - 'HF_TOKEN=z'\n      - HF_TOKEN\r\n      # - HF_TOKEN=\"n\"\n      - HF_TOKEN=y\n";
        let value = |line, value: Option<&str>| (line, "HF_TOKEN".to_owned(), value.map(str::to_owned));
        assert_eq!(values(text), [value(4, Some("\"x\"")), value(5, Some("z")), value(6, None), value(8, Some("y"))]);
    }

    #[test]
    fn maps_anchors_and_build_arguments() {
        let text = "x-hf: &hf\n  HF_TOKEN: 'v'\nservices:\n  a:\n    environment:\n      <<: *hf\n      HF_HOME: /x\n    build: {args: {HF_TOKEN: }}\n    env_file: [a.env, {path: b.env, required: false}]\n";
        let lines: Vec<u32> = values(text).iter().map(|v| v.0).collect();
        assert_eq!(lines, [2, 7, 8]);
        let given = read(text.as_bytes()).unwrap();
        let files: Vec<&str> = given.services[0].env_files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(files, ["a.env", "b.env"]);
        assert!(values("services: [\nHF_TOKEN").is_empty());
    }

    #[test]
    fn references() {
        for (text, want) in
            [("${HF_TOKEN:?}", true), ("$HF_TOKEN", true), ("a$$b", false), ("$$$X", true), ("x$", false)]
        {
            assert_eq!(refers(&Token::new(text.into())), want, "{text}");
        }
    }
}
