//! nushell: `$env.NAME = …` and `load-env { NAME: … }`, line by line.
//!
//! Not seen: conditions, functions, `source` of what is no literal, string interpolation.

use std::path::Path;
use std::rc::Rc;

use super::value::{Place, Truth, Value, Variable, Variables};
use super::{Aside, Log, Mode, Started, path_of};
use crate::system::{System, TEXT_LIMIT};

/// env.nu, config.nu, login.nu and `autoload/*.nu`; a script reads none.
/// Source: nushell 0.115, run.
pub(super) fn start(system: &dyn System, mode: Mode, mut variables: Variables, names: &[&str]) -> Started {
    let mut log = Vec::new();
    if mode == Mode::Script {
        return Started { variables, log, files: Vec::new(), aside: Aside::default() };
    }
    let config = path_of(&variables.value(b"XDG_CONFIG_HOME"))
        .or_else(|| path_of(&variables.value(b"HOME")).map(|h| h.join(".config")))
        .map(|c| c.join("nushell"));
    let Some(config) = config else { return Started { variables, log, files: Vec::new(), aside: Aside::default() } };
    let mut files = vec![config.join("env.nu"), config.join("config.nu")];
    if mode == Mode::Login {
        files.push(config.join("login.nu"));
    }
    let autoload = config.join("autoload");
    files.extend(
        system
            .list(&autoload)
            .unwrap_or_default()
            .into_iter()
            .filter(|n| Path::new(n).extension().is_some_and(|e| e == "nu"))
            .map(|n| autoload.join(n)),
    );
    for file in &files {
        read(system, file, names, &mut variables, &mut log);
    }
    Started { variables, log, files, aside: Aside::default() }
}

fn read(system: &dyn System, path: &Path, names: &[&str], variables: &mut Variables, log: &mut Log) {
    let Ok(content) = system.read(path, TEXT_LIMIT) else { return };
    let text = crate::secret::Token::new(content.bytes);
    let file: Rc<Path> = path.into();
    for (line, text) in (1..).zip(text.bytes().split(|b| *b == b'\n')) {
        let text = text.trim_ascii();
        if text.starts_with(b"#") {
            continue;
        }
        for name in names {
            let value = match setting(text, name.as_bytes()) {
                Some(value) => value,
                None if hidden(text, name.as_bytes()) => Value::Unset,
                None => continue,
            };
            let place = Place { path: Rc::clone(&file), line };
            log.push((name.as_bytes().to_vec(), value.clone(), place.clone()));
            let exported = Truth::of(value != Value::Unset);
            variables.put(name.as_bytes(), Variable::new(value, exported, Some(place)));
        }
    }
}

fn hidden(line: &[u8], name: &[u8]) -> bool {
    line.strip_prefix(b"hide-env").is_some_and(|rest| rest.split(u8::is_ascii_whitespace).any(|w| w == name))
}

/// The value that a line gives a variable.
fn setting(line: &[u8], name: &[u8]) -> Option<Value> {
    let rest = if let Some(rest) = line.strip_prefix(b"$env.") {
        rest.strip_prefix(name)?.trim_ascii_start().strip_prefix(b"=")?
    } else {
        let inner = line.strip_prefix(b"load-env")?.trim_ascii_start().strip_prefix(b"{")?;
        let at = inner.windows(name.len()).position(|w| w == name)?;
        let after = inner[at + name.len()..].trim_ascii_start();
        let after = after.strip_prefix(b"\"").unwrap_or(after).trim_ascii_start();
        after.strip_prefix(b":")?
    };
    Some(literal(rest.trim_ascii()))
}

fn literal(text: &[u8]) -> Value {
    if let [quote @ (b'"' | b'\'' | b'`'), inner @ ..] = text {
        match inner.iter().position(|b| b == quote) {
            Some(end) if *quote != b'"' || !inner[..end].contains(&b'\\') => Value::of(&inner[..end]),
            _ => Value::Unknown,
        }
    } else {
        let end = text.iter().position(|b| matches!(b, b' ' | b',' | b'}' | b'#' | b';')).unwrap_or(text.len());
        let word = &text[..end];
        if word == b"null" {
            return Value::Unset;
        }
        let bare = !word.is_empty() && word.iter().all(|b| b.is_ascii_alphanumeric() || b"_-./".contains(b));
        if bare { Value::of(word) } else { Value::Unknown }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{From, Shell, start};
    use super::*;
    use crate::system::fake::Fake;

    fn next(text: &str) -> Value {
        let fake = Fake::home().file("/home/u/.config/nushell/env.nu", text);
        start(&fake, Shell::Nu, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    #[test]
    fn settings() {
        for text in [
            "$env.HF_TOKEN = \"abc\"\n",
            "$env.HF_TOKEN='abc' # ours",
            "load-env { HF_TOKEN: abc, A: 1 }",
            "$env.HF_TOKEN = x\n$env.HF_TOKEN = abc",
            "load-env {\"HF_TOKEN\": \"abc\"}",
        ] {
            assert_eq!(next(text), Value::of(b"abc"), "{text}");
        }
        for text in ["# $env.HF_TOKEN = abc", "$env.HF_TOKEN = abc\nhide-env HF_TOKEN", "$env.HF_TOKEN = null", ""] {
            assert_eq!(next(text), Value::Unset, "{text}");
        }
        assert_eq!(next("$env.HF_TOKEN = (open x)"), Value::Unknown);
    }
}
