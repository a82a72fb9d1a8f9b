//! Variables that compose files give to containers.
//!
//! Source: the compose specification (`environment` as a map or a list, `env_file`, `build.args`), YAML 1.2. What a file
//! extends, includes or merges from elsewhere is not followed; each file is read alone.

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

/// What a compose file gives.
#[derive(Debug, Default)]
pub struct Given {
    /// Line, variable and value.
    pub variables: Vec<(u32, String, Option<Token>)>,
    /// Files that it reads more from, as it names them.
    pub env_files: Vec<String>,
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
    let entry = |(line, name, value)| Entry { path: path.clone(), line, name, value };
    given.variables.into_iter().map(entry).collect()
}

/// What one file gives.
pub fn read(bytes: &[u8]) -> Result<Given, Fault> {
    let mut given = Given::default();
    for document in document::yaml(bytes)? {
        for service in document.get("services").into_iter().flat_map(Node::entries) {
            let service = &service.value;
            for node in [service.get("environment"), service.at(&["build", "args"])].into_iter().flatten() {
                variables(node, &mut given);
            }
            if let Some(files) = service.get("env_file") {
                for file in files.items().iter().chain([files]) {
                    let name = file.get("path").unwrap_or(file);
                    given.env_files.extend(name.str().map(str::to_owned));
                }
            }
        }
    }
    Ok(given)
}

fn variables(node: &Node, given: &mut Given) {
    for entry in node.entries() {
        match &entry.value.kind {
            Kind::Null => given.variables.push((entry.line, entry.key.clone(), None)),
            Kind::Text(text) | Kind::Plain(text) => {
                given.variables.push((entry.line, entry.key.clone(), Some(text.clone())));
            }
            Kind::List(_) | Kind::Map(_) => {}
        }
    }
    for item in node.items() {
        let Some(text) = item.str() else { continue };
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let value = value.map(|v| Token::new(v.as_bytes().to_vec()));
        given.variables.push((item.line, name.to_owned(), value));
    }
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
        assert_eq!(read(text.as_bytes()).unwrap().env_files, ["a.env", "b.env"]);
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
