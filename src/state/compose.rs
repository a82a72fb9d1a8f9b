//! Token variables in the list form of the compose file here.
//!
//! Only `- NAME=value` items, line by line: the mapping form is YAML proper, which takes quotes away. The file is not
//! parsed; an item inside a block of text would be read as one. Source: YAML 1.2 section 7.3.

use std::path::PathBuf;

use super::State;
use crate::secret::Token;
use crate::system::TEXT_LIMIT;
use crate::system::path::Within as _;

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
    pub value: Token,
}

/// Reads the compose file of the current directory.
pub fn gather(state: &State<'_>) -> Vec<Entry> {
    let Some(cwd) = state.system.cwd() else {
        return Vec::new();
    };
    let found = NAMES.iter().find_map(|name| {
        let path = cwd.within(name);
        state.system.read(&path, TEXT_LIMIT).ok().map(|c| (path, c.bytes))
    });
    let Some((path, bytes)) = found else {
        return Vec::new();
    };
    let lines = bytes.split(|&b| b == b'\n').zip(1u32..);
    lines
        .filter_map(|(text, line)| {
            let item = scalar(text.trim_ascii().strip_prefix(b"- ")?.trim_ascii());
            let (name, value) = TOKENS.iter().find_map(|name| {
                let rest = item.strip_prefix(name.as_bytes())?;
                Some((*name, Token::new(rest.strip_prefix(b"=")?.to_vec())))
            })?;
            Some(Entry { path: path.clone(), line, name, value })
        })
        .collect()
}

/// What YAML makes of a scalar on one line: quotes around all of it go, a comment after a plain one too.
fn scalar(item: &[u8]) -> &[u8] {
    match item {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner,
        plain => {
            let comment = plain.windows(2).position(|w| matches!(w, [b' ' | b'\t', b'#']));
            plain[..comment.unwrap_or(plain.len())].trim_ascii()
        }
    }
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
        assert_eq!((found[0].line, found[0].value.bytes()), (4, &b"\"x\""[..]));
    }

    #[test]
    fn an_item_is_a_scalar_of_yaml() {
        let text = "- HF_TOKEN=\"x\"  # mine\n- HF_TOKEN=y\r\n- 'HF_TOKEN=z'\n- HF_TOKEN\n# - HF_TOKEN=\"n\"\n";
        let fake = Fake::home().file("/home/u/compose.yaml", text);
        let found = gather(&State::new(&fake));
        let values: Vec<&[u8]> = found.iter().map(|e| e.value.bytes()).collect();
        assert_eq!(values, [&b"\"x\""[..], b"y", b"z"]);
    }
}
