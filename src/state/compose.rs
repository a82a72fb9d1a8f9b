//! Token variables in the list form of the compose file here.
//!
//! Only `- NAME=value` items, line by line: the mapping form is YAML proper, which takes quotes away, and a whole item in
//! quotes is YAML too. The file is not parsed; an item inside a block of text would be read as one.

use std::path::PathBuf;

use super::State;
use crate::system::TEXT_LIMIT;

/// The names that `docker compose` looks for, in its order.
const NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// Variables that hold a token.
const TOKENS: [&str; 2] = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"];

/// One item.
#[derive(Debug)]
pub struct Entry {
    /// The file.
    pub path: PathBuf,
    /// From 1.
    pub line: u32,
    /// The variable.
    pub name: &'static str,
    /// The value as the container gets it.
    pub value: Vec<u8>,
}

/// Reads the compose file of the current directory.
pub fn gather(state: &State<'_>) -> Vec<Entry> {
    let Some(cwd) = state.system.cwd() else {
        return Vec::new();
    };
    let found = NAMES.iter().find_map(|name| {
        let path = cwd.join(name);
        state.system.read(&path, TEXT_LIMIT).ok().map(|c| (path, c.bytes))
    });
    let Some((path, bytes)) = found else {
        return Vec::new();
    };
    let lines = bytes.split(|&b| b == b'\n').zip(1u32..);
    lines
        .filter_map(|(text, line)| {
            let item = text.trim_ascii().strip_prefix(b"- ")?.trim_ascii();
            let (name, value) = TOKENS.iter().find_map(|name| {
                let rest = item.strip_prefix(name.as_bytes())?;
                Some((*name, rest.strip_prefix(b"=")?.to_vec()))
            })?;
            Some(Entry { path: path.clone(), line, name, value })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn list_items_keep_their_quotes() {
        let text =
            "services:\n  a:\n    environment:\n      - HF_TOKEN=\"x\"\n      - OTHER=1\n      HF_TOKEN: \"y\"\n";
        let fake = Fake::home().file("/home/u/compose.yml", text);
        let found = gather(&State::new(&fake));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].value.as_slice()), (4, &b"\"x\""[..]));
    }
}
