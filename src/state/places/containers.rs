//! What containers get: compose files (in `composed`), Dockerfiles, dev containers.
//!
//! Sources: the Dockerfile reference (`ENV`, `ARG`, line continuation, `escape`); the dev
//! container reference (`containerEnv`, `remoteEnv`, `runArgs`). Not seen in a Dockerfile: files that `RUN` reads, and
//! values that a base image sets.

use std::path::{Path, PathBuf};

use super::{Cure, Found, Like, Reaches, Sighting, Value, composed, dotenv, project};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::document::{Kind, Node, jsonc};
use crate::state::dotenv::loaders::LOADERS;

/// The setter of what stands in a `devcontainer.json`.
pub(super) const DEV: &str = "the dev container";

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    for dir in project(state.system) {
        composed::gather(state, found, &dir);
        let names = state.system.list(&dir).unwrap_or_default();
        for name in names.iter().filter(|name| name.to_str().is_some_and(is_dockerfile)) {
            of_dockerfile(state, found, &dir.join(name));
        }
        for path in devcontainers(state, &dir) {
            if let Some(read) = found.parse_leading(state, &path, jsonc, &["env-file"]) {
                of_devcontainer(state, found, &dir, &path, &read);
            }
        }
    }
}

fn is_dockerfile(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let stem = ["dockerfile", "containerfile"];
    stem.iter().any(|s| lower == *s || lower.strip_prefix(s).is_some_and(|r| r.starts_with('.')))
        || lower.ends_with(".dockerfile")
}

fn of_dockerfile(state: &State<'_>, found: &mut Found, path: &Path) {
    let Some(text) = found.read_naming(state, path) else { return };
    let text = String::from_utf8_lossy(text.bytes());
    for (line, name, value) in dockerfile(&text) {
        let value = Token::new(value.into_bytes());
        let refers = value.bytes().contains(&b'$');
        let value = if refers { Value::Reference(value) } else { Value::Token(value) };
        found.add(Sighting::new(&name, value, Location::line(path, line), "the Dockerfile", Reaches::Container));
    }
}

/// `ENV` and `ARG` with a value, each with its line.
fn dockerfile(text: &str) -> Vec<(u32, String, String)> {
    let directive = text.lines().take_while(|l| l.trim_start().starts_with('#')).find_map(|l| {
        let (key, value) = l.trim_start().trim_start_matches('#').split_once('=')?;
        key.trim().eq_ignore_ascii_case("escape").then(|| value.trim().to_owned())
    });
    let escape = if directive.as_deref() == Some("`") { '`' } else { '\\' };
    let mut out = Vec::new();
    let is_code = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let mut lines = (1u32..).zip(text.lines());
    while let Some((number, line)) = lines.by_ref().find(|(_, line)| is_code(line)) {
        // An instruction with what goes on in further lines; comments and empty lines between them are dropped.
        let mut parts = vec![(number, line.trim_start().to_owned())];
        while let Some((_, last)) = parts.last_mut()
            && let Some(kept) = last.trim_end().strip_suffix(escape).map(str::to_owned)
        {
            *last = kept;
            let Some((number, next)) = lines.by_ref().find(|(_, line)| is_code(line)) else { break };
            parts.push((number, next.to_owned()));
        }
        let Some((word, rest)) = parts[0].1.split_once(char::is_whitespace) else { continue };
        let is = |instruction: &str| word.eq_ignore_ascii_case(instruction);
        if ["RUN", "COPY", "ADD"].iter().any(|instruction| is(instruction)) {
            // What a block of text holds is no instruction.
            for end in parts.iter().filter_map(|(_, part)| heredoc(part)) {
                let _ = lines.by_ref().find(|(_, line)| line.trim() == end);
            }
            continue;
        }
        let is_env = is("ENV");
        if !is_env && !is("ARG") {
            continue;
        }
        let rest = rest.to_owned();
        parts[0].1 = rest;
        let words = words(&parts, escape);
        match words.split_first() {
            // `ENV NAME the rest of the line`.
            Some(((line, name), rest)) if is_env && !name.contains('=') => {
                let value: Vec<&str> = rest.iter().map(|(_, w)| w.as_str()).collect();
                out.push((*line, name.clone(), value.join(" ")));
            }
            _ => out.extend(words.into_iter().filter_map(|(line, word)| {
                let (name, value) = word.split_once('=')?;
                Some((line, name.to_owned(), value.to_owned()))
            })),
        }
    }
    out
}

/// The word that ends a here-document which begins in this line.
fn heredoc(rest: &str) -> Option<String> {
    let (_, after) = rest.split_once("<<")?;
    let word = after.trim_start_matches('-').split(char::is_whitespace).next()?;
    let word = word.trim_matches(['"', '\'']);
    let plain = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    plain.then(|| word.to_owned())
}

fn words(parts: &[(u32, String)], escape: char) -> Vec<(u32, String)> {
    let mut out = Vec::new();
    let mut word: Option<(u32, String)> = None;
    let mut quote = None;
    for (line, text) in parts {
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let open = |word: &mut Option<(u32, String)>, c: char| {
                word.get_or_insert_with(|| (*line, String::new())).1.push(c);
            };
            match (c, quote) {
                (c, Some(q)) if c == q => quote = None,
                (c, None) if c.is_whitespace() => out.extend(word.take()),
                ('"' | '\'', None) => {
                    word.get_or_insert_with(|| (*line, String::new()));
                    quote = Some(c);
                }
                (c, q) if c == escape && q != Some('\'') => {
                    if let Some(next) = chars.next() {
                        open(&mut word, next);
                    }
                }
                (c, _) => open(&mut word, c),
            }
        }
    }
    out.extend(word);
    out
}

/// Where the editor looks for one.
fn devcontainers(state: &State<'_>, dir: &Path) -> Vec<PathBuf> {
    let folder = dir.join(".devcontainer");
    let mut out = vec![folder.join("devcontainer.json"), dir.join(".devcontainer.json")];
    let below = state.system.list(&folder).unwrap_or_default();
    out.extend(below.iter().map(|name| folder.join(name).join("devcontainer.json")));
    out
}

fn of_devcontainer(state: &State<'_>, found: &mut Found, dir: &Path, path: &Path, read: &Node) {
    let value = |text: &Token| {
        // `${localEnv:HF_TOKEN}` is put in when the container is made.
        let refers = text.bytes().windows(2).any(|w| w == b"${");
        if refers { Value::Reference(text.clone()) } else { Value::Token(text.clone()) }
    };
    let like = Like { setter: DEV, reaches: Reaches::Container, cure: Cure::Edit, value: &value };
    for (key, null_unsets) in [("containerEnv", false), ("remoteEnv", true)] {
        if let Some(map) = read.get(key) {
            found.add_map(path, map, null_unsets, &like);
        }
    }
    // From the folder that is opened.
    let env_file = |found: &mut Found, name: &str| {
        let name = ["${localWorkspaceFolder}/", "./"].iter().find_map(|start| name.strip_prefix(start)).unwrap_or(name);
        for loader in LOADERS.iter().filter(|l| l.name == "docker run --env-file" && !name.contains('$')) {
            let as_ = (DEV, Reaches::Container);
            dotenv::file(state, found, &dir.join(name), std::slice::from_ref(loader), as_);
        }
    };
    let (mut takes_next, mut takes_file) = (false, false);
    for item in read.get("runArgs").map_or(&[][..], Node::items) {
        let Kind::Text(text) = &item.kind else { continue };
        let Ok(text) = std::str::from_utf8(text.bytes()) else { continue };
        if let Some(name) = text.strip_prefix("--env-file=").or(takes_file.then_some(text)) {
            env_file(found, name);
        }
        takes_file = text == "--env-file";
        let joined = ["--env=", "-e="].iter().find_map(|option| text.strip_prefix(option));
        let pair = joined.or(takes_next.then_some(text));
        takes_next = matches!(text, "-e" | "--env");
        if let Some((name, given)) = pair.and_then(|pair| pair.split_once('=')) {
            let given = value(&Token::new(given.as_bytes().to_vec()));
            found.add(like.sighting(name, given, Location::line(path, item.line)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_of_a_dockerfile() {
        let text = "# escape=\\\nFROM x\nENV A=1 K=\"v w\" \\\n  # c\n  L='u'\n\nenv M n o\nARG N=x\nARG P\nRUN <<EOF\nENV Q=no\nEOF\n RUN echo ENV R=no\n#ENV S=no\n";
        let found: Vec<String> = dockerfile(text).into_iter().map(|(l, n, v)| format!("{l} {n}={v}")).collect();
        assert_eq!(found, ["3 A=1", "3 K=v w", "5 L=u", "7 M=n o", "8 N=x"]);
        let text = "# a note <<EOF\nENV K=a\nRUN pip install x && \\\n\n  env L=b python \\\n  && cat <<END\nENV M=no\nEND\nCMD echo <<X\nENV N=c\n";
        let found: Vec<String> = dockerfile(text).into_iter().map(|(l, n, v)| format!("{l} {n}={v}")).collect();
        assert_eq!(found, ["2 K=a", "10 N=c"]);
        let windows = "# escape=`\nENV K=a `\n L=b\\c\n";
        let found: Vec<String> = dockerfile(windows).into_iter().map(|(l, n, v)| format!("{l} {n}={v}")).collect();
        assert_eq!(found, ["2 K=a", "3 L=b\\c"]);
    }
}
