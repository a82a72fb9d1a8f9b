//! What each loader makes of the same file of variables.
//!
//! `HF_TOKEN="x" # mine` is one token for most and four different things for all. Each reader models the release that
//! its page names; `tests/dotenv/compare.py` holds them to the loaders themselves. What a loader does with a variable
//! that is set already is not asked here: only what the file gives.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use super::{compose, direnv, docker, dotenvy, hub, node, npm, vscode};
use crate::secret::Token;
use crate::state::startup;
use crate::system::python_text::Text;
use crate::system::{System, TEXT_LIMIT};

/// The environment that references are looked up in.
pub(super) type Env<'e> = dyn Fn(&str) -> Option<String> + 'e;

/// One assignment.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) name: String,
    /// `None`: not to be told, or no value.
    pub(super) value: Option<Vec<u8>>,
    /// From 1.
    pub(super) line: u32,
}

/// What a reader made of a text.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// In the order of the text.
    pub(super) pairs: Vec<Pair>,
    /// Whether the loader gave up; the pairs are those before.
    pub(super) broken: bool,
    /// Whether it starts nothing then.
    pub(super) fatal: bool,
}

impl Read {
    pub(super) fn push(&mut self, name: impl Into<String>, value: impl Into<Vec<u8>>, line: u32) {
        self.pairs.push(Pair { name: name.into(), value: Some(value.into()), line });
    }
}

/// A program or library that reads such files.
#[derive(Debug)]
pub struct Loader {
    /// As a person knows it.
    pub name: &'static str,
    read: Reader,
    /// Which of two lines of one name counts.
    first: bool,
    /// Whether a line that it cannot read makes it refuse the whole file, or only what follows.
    refuses: bool,
}

#[derive(Debug, Clone, Copy)]
enum Reader {
    Python,
    Shell,
    Text(fn(&[u8], &Env<'_>) -> Read),
}

/// What a file gives to a variable, as one loader reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// This, from this line.
    Set(Token, u32),
    /// Nothing.
    Unset,
    /// The loader refuses the file.
    Refused,
    /// It depends on what a command says, or on the release of the loader.
    Unknown,
}

const fn text(name: &'static str, read: fn(&[u8], &Env<'_>) -> Read) -> Loader {
    Loader { name, read: Reader::Text(read), first: false, refuses: true }
}

/// Those that are told, python-dotenv first.
pub static LOADERS: &[Loader] = &[
    Loader { name: "python-dotenv", read: Reader::Python, first: false, refuses: false },
    Loader { first: true, refuses: false, ..text("uv --env-file", dotenvy::uv) },
    text("mise _.file", dotenvy::mise),
    text("direnv dotenv", direnv::read),
    text("node --env-file", node::read),
    text("dotenv for Node", npm::read),
    text("docker compose", compose::read),
    text("docker run --env-file", docker::read),
    text("hf jobs --env-file", hub::read),
    text("VS Code", vscode::read),
    Loader { name: "set -a; . FILE", read: Reader::Shell, first: false, refuses: false },
];

impl Loader {
    /// What the file gives to each of these variables.
    pub fn readings(&self, system: &dyn System, path: &Path, bytes: &[u8], names: &[&str]) -> Vec<Reading> {
        let env = |name: &str| -> Option<OsString> {
            (!name.is_empty() && !name.contains(['=', '\0'])).then(|| system.var(name)).flatten()
        };
        let read = match self.read {
            Reader::Shell => return shell(system, path, names),
            Reader::Python => python(bytes, env),
            Reader::Text(read) => read(bytes, &|name| env(name)?.into_string().ok()),
        };
        if read.fatal || read.broken && self.refuses {
            return vec![Reading::Refused; names.len()];
        }
        let mut by_name: BTreeMap<&str, &Pair> = BTreeMap::new();
        for pair in &read.pairs {
            if !self.first || !by_name.contains_key(pair.name.as_str()) {
                by_name.insert(&pair.name, pair);
            }
        }
        let reading = |name: &&str| match by_name.get(*name) {
            Some(Pair { value: Some(value), line, .. }) => Reading::Set(Token::new(value.clone()), *line),
            Some(Pair { value: None, .. }) => Reading::Unknown,
            None => Reading::Unset,
        };
        names.iter().map(reading).collect()
    }
}

/// A name without `=` sets nothing.
fn python(bytes: &[u8], env: impl Fn(&str) -> Option<OsString>) -> Read {
    let text = Text::utf8(bytes, false);
    if text.broken {
        return Read { broken: true, fatal: true, ..Read::default() };
    }
    let mut read = Read::default();
    let mut last: BTreeMap<String, super::Entry> = BTreeMap::new();
    for entry in super::parse(&text.text, env).0 {
        last.insert(entry.name.clone(), entry);
    }
    for entry in last.into_values() {
        if let Some(value) = entry.value {
            read.push(entry.name, value, entry.line);
        }
    }
    read
}

fn shell(system: &dyn System, path: &Path, names: &[&str]) -> Vec<Reading> {
    let started = startup::sourced(system, path, names);
    let reading = |name: &&str| {
        let next = started.variable(name);
        let line = match next.place {
            Some(crate::finding::Location::File { line, .. }) => line.unwrap_or(1),
            _ => 1,
        };
        match next.value {
            startup::Value::Known(token) => Reading::Set((*token).clone(), line),
            startup::Value::Unset => Reading::Unset,
            startup::Value::Unknown => Reading::Unknown,
        }
    };
    names.iter().map(reading).collect()
}

/// The readings of a file by every loader; `None` where it cannot be read, or is larger than a megabyte.
pub fn all(system: &dyn System, path: &Path, names: &[&str]) -> Option<Vec<(&'static Loader, Vec<Reading>)>> {
    let content = system.read(path, TEXT_LIMIT).ok().filter(|c| !c.truncated)?;
    let bytes = Token::new(content.bytes);
    Some(LOADERS.iter().map(|loader| (loader, loader.readings(system, path, bytes.bytes(), names))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    /// Each loader's reading of K in its order: a text, `-` for nothing, `!` for a file that is refused, `?`.
    fn told(text: &str) -> String {
        let fake = Fake::home().var("X", "ex").file("/home/u/.env", text);
        let read = all(&fake, Path::new("/home/u/.env"), &["K"]).unwrap();
        let words: Vec<String> = read
            .iter()
            .map(|(_, readings)| match &readings[0] {
                Reading::Set(token, _) => String::from_utf8_lossy(token.bytes()).into_owned(),
                Reading::Unset => "-".to_owned(),
                Reading::Refused => "!".to_owned(),
                Reading::Unknown => "?".to_owned(),
            })
            .collect();
        words.join(" ")
    }

    /// What `tests/dotenv/compare.py` finds with the real ones; docker's and VS Code's by their source.
    #[test]
    fn one_line_eleven_readings() {
        for (text, want) in [
            ("K='T' # c", "T T T T T T T 'T'_#_c T 'T'_#_c T"),
            ("K=T", "T T T T T T T T T T T"),
            ("export K='T' # c\n", "T T T T T T T ! T - T"),
            ("K=T#c", "T#c T#c T#c T T T T#c T#c T#c T#c T#c"),
            ("K: T", "- - ! T - T T ! - - -"),
            ("\u{feff}K=T", "T - T ! - T T T - T -"),
            ("K='${X}'", "ex ${X} ${X} ${X} ${X} ${X} ${X} '${X}' ${X} ex ${X}"),
            ("K=${N:-T}", "T   T ${N:-T} ${N:-T} T ${N:-T} ${N:-T} ${N:-T} T"),
            ("K=T\nK=U", "U T U U U U U U U U U"),
            ("K=`T`", "`T` `T` `T` `T` T T `T` `T` `T` `T` ?"),
            ("K", "- - ! ! - - - - - - -"),
            ("K=\"T", "- - ! ? \"T \"T ! \"T \"T \"T -"),
        ] {
            assert_eq!(told(text).replace("' # c", "'_#_c"), want, "{text:?}");
        }
    }

    #[test]
    fn bombs_end() {
        let mut bomb = "A0=xxxxxxxxxxxxxxxx\n".to_owned();
        for i in 1..60 {
            let above = format!("${{A{}}}", i - 1);
            bomb += &[&format!("A{i}="), above.as_str(), &above, "\n"].concat();
        }
        for text in [bomb, format!("K={}", "${a:-".repeat(5_000)), "K='\\'\n".repeat(2_000), "K=\"".repeat(5_000)] {
            let _ = told(&text);
        }
    }
}
