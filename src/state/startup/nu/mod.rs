//! nushell: the statements of its start-up files that set variables, where they are plain. What is not modelled makes each
//! variable that its text names one that cannot be told.
//!
//! A file with an error of syntax is not run at all; any other error ends the file.
//!
//! Source: nushell 0.115, run.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::value::{Growth, Place, Truth, Value, Variable, Variables};
use super::{Aside, Log, Mode, Started, path_of};
use crate::secret::Token;
use crate::system::{System, TEXT_LIMIT};

mod expression;
mod read;

use expression::{Worth, is_name};
use read::Statement;

/// Deepest file or block.
const DEEPEST: u32 = 12;

struct Nu<'s> {
    system: &'s dyn System,
    names: &'s [&'s str],
    variables: Variables,
    /// Those that `let`, `const` and `mut` make.
    own: BTreeMap<Vec<u8>, Value>,
    /// Commands that are defined here, with the text of all that they may set.
    commands: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Ways on which the file that is run has ended.
    left: Vec<Variables>,
    log: Log,
    files: Vec<PathBuf>,
    path: Rc<Path>,
    config: PathBuf,
    depth: u32,
    growth: Growth,
}

/// Whether the file goes on.
type Flow = Result<(), ()>;

/// env.nu, config.nu, login.nu, the packages' `vendor/autoload/*.nu` and the person's `autoload/*.nu`; a script reads none.
pub(super) fn start(system: &dyn System, mode: Mode, variables: Variables, names: &[&str]) -> Started {
    let home = path_of(&variables.value(b"HOME"));
    let below_home = |name: &[u8], default: &str| {
        path_of(&variables.value(name)).or_else(|| home.as_ref().map(|home| home.join(default)))
    };
    let config = below_home(b"XDG_CONFIG_HOME", ".config").map(|c| c.join("nushell"));
    let data = below_home(b"XDG_DATA_HOME", ".local/share");
    let (Some(config), true) = (config, mode != Mode::Script) else {
        return Started { variables, log: Vec::new(), files: Vec::new(), aside: Aside::default() };
    };
    let mut files = vec![config.join("env.nu"), config.join("config.nu")];
    if mode == Mode::Login {
        files.push(config.join("login.nu"));
    }
    let shared = ["/usr/share", "/usr/local/share"].map(PathBuf::from);
    for dir in
        shared.into_iter().chain(data).map(|dir| dir.join("nushell/vendor/autoload")).chain([config.join("autoload")])
    {
        let names = system.list(&dir).unwrap_or_default();
        files.extend(names.into_iter().map(|n| dir.join(n)).filter(|n| n.extension().is_some_and(|e| e == "nu")));
    }
    let mut nu = Nu {
        system,
        names,
        variables,
        own: BTreeMap::new(),
        commands: BTreeMap::new(),
        left: Vec::new(),
        log: Vec::new(),
        files: Vec::new(),
        path: Path::new("").into(),
        config,
        depth: 0,
        growth: Growth::new(),
    };
    for file in &files {
        // An error in one does not keep the others from being read.
        let _ended = nu.file(file);
    }
    Started { variables: nu.variables, log: nu.log, files: nu.files, aside: Aside::default() }
}

impl Nu<'_> {
    fn file(&mut self, path: &Path) -> Flow {
        let Ok(content) = self.system.read(path, TEXT_LIMIT) else { return Ok(()) };
        let text = Token::new(content.bytes);
        if !self.files.iter().any(|own| own == path) {
            self.files.push(path.to_owned());
        }
        let outer = std::mem::replace(&mut self.path, path.into());
        let flow = match read::statements(text.bytes()) {
            Some(statements)
                if self.depth < DEEPEST && self.is_sound(text.bytes(), &statements) && !content.truncated =>
            {
                self.block(text.bytes(), 1)
            }
            _ => {
                self.doubt(text.bytes(), 1);
                Ok(())
            }
        };
        self.path = outer;
        if self.depth == 0 {
            for state in std::mem::take(&mut self.left) {
                self.variables.merge(&state);
            }
        }
        flow
    }

    /// Whether nothing is seen at which the shell would not run a file at all: what is read by name has to be there, and
    /// what is assigned has to be an expression.
    fn is_sound(&self, text: &[u8], statements: &[Statement<'_>]) -> bool {
        let modules: Vec<&[u8]> = statements
            .iter()
            .filter_map(|statement| match read::words(statement.text)?.as_slice() {
                [b"module", name, ..] | [b"export", b"module", name, ..] => Some(*name),
                _ => None,
            })
            .collect();
        if !self.knows_all(text) {
            return false;
        }
        statements.iter().all(|statement| {
            let Some(words) = read::words(statement.text) else { return false };
            match words.as_slice() {
                // What was taken out of the language.
                [b"let-env" | b"def-env" | b"register", ..] | [b"export", b"def-env", ..] => false,
                [b"source" | b"source-env", path, ..] => matches!(path[0], b'$' | b'(') || self.found(path).is_some(),
                [b"use", path, ..] | [b"overlay", b"use", path, ..] => {
                    let own = unquoted(path);
                    modules.contains(path)
                        || own == b"std"
                        || own.starts_with(b"std/")
                        || own.starts_with(b"std-rfc")
                        || matches!(path[0], b'$' | b'(')
                        || self.found(path).is_some()
                }
                [name, b"=", first, ..] if name.starts_with(b"$env.") => {
                    matches!(first[0], b'"' | b'\'' | b'$' | b'(' | b'[' | b'{' | b'-' | b'0'..=b'9')
                        || first.starts_with(b"r#")
                        || matches!(*first, b"true" | b"false" | b"null" | b"if" | b"open" | b"try" | b"do" | b"ls")
                        || expression::HARMLESS.contains(first)
                }
                [name, ..] if name.starts_with(b"$env.") => {
                    words.get(1).is_some_and(|sign| matches!(*sign, b"=" | b"++=" | b"+=" | b"|"))
                }
                [name, ..] => !name.contains(&b'='),
                [] => true,
            }
        })
    }

    /// Whether each variable that a text refers to is named in it elsewhere, where it may be made.
    fn knows_all(&self, text: &[u8]) -> bool {
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
        let lines = text.split(|b| *b == b'\n').filter(|line| !line.trim_ascii_start().starts_with(b"#"));
        let mut made: std::collections::BTreeSet<&[u8]> = [b"env".as_slice(), b"nu", b"in", b"it"].into();
        let mut used = Vec::new();
        for line in lines {
            let mut at = 0;
            while at < line.len() {
                let length = line[at..].iter().take_while(|b| is_part(b)).count();
                let word = &line[at..at + length];
                if at > 0 && line[at - 1] == b'$' {
                    used.push(word);
                } else {
                    made.insert(word);
                }
                at += length + 1;
            }
        }
        used.iter().all(|name| {
            name.is_empty() || name[0].is_ascii_digit() || made.contains(name) || self.own.contains_key(*name)
        })
    }

    /// Runs a text whose first line has this number.
    fn block(&mut self, text: &[u8], line: u32) -> Flow {
        let Some(statements) = read::statements(text).filter(|_| self.depth < DEEPEST) else {
            self.doubt(text, line);
            return Ok(());
        };
        self.depth += 1;
        let flow = statements.iter().try_for_each(|statement| self.statement(statement.text, line + statement.line));
        self.depth -= 1;
        flow
    }

    /// A block whose variables are its own.
    fn scope(&mut self, text: &[u8], line: u32) -> Flow {
        let own = self.own.clone();
        let flow = self.block(text, line);
        self.own = own;
        flow
    }

    fn statement(&mut self, text: &[u8], line: u32) -> Flow {
        let Some(words) = read::words(text) else {
            self.doubt(text, line);
            return Ok(());
        };
        let words = match words.as_slice() {
            [b"export", rest @ ..] => rest,
            words => words,
        };
        match words {
            [name, b"=", ..] if name.starts_with(b"$env.config") => {
                // Hooks may set it at each prompt.
                self.doubt_names(text, line);
                Ok(())
            }
            [name, b"=", first, ..] if name.starts_with(b"$env.") => {
                let name = name[5..].to_vec();
                let name = unquoted(&name);
                let from = first.as_ptr() as usize - text.as_ptr() as usize;
                if !is_name(name) {
                    self.doubt(text, line);
                    return Ok(());
                }
                let value = self.assigned(&text[from..])?;
                self.set(name, value, line);
                Ok(())
            }
            [b"load-env", record] if record.starts_with(b"{") => {
                let Some(fields) = read::fields(record) else {
                    self.doubt_all(line);
                    return Ok(());
                };
                let mut values = Vec::new();
                for (name, value) in fields {
                    let value = match self.operand(value, 0) {
                        Worth::Text(text) => Value::of(&text),
                        Worth::Nothing => Value::Unset,
                        Worth::Unknown => Value::Unknown,
                        Worth::Error => return Err(()),
                    };
                    values.push((unquoted(name), value));
                }
                for (name, value) in values {
                    self.set(name, value, line);
                }
                Ok(())
            }
            [b"hide-env", names @ ..] => {
                let quiet = names.iter().any(|name| matches!(*name, b"-i" | b"--ignore-errors"));
                for name in names.iter().filter(|name| !name.starts_with(b"-")) {
                    match self.variables.value(&self.known_as(name)) {
                        Value::Unset if !quiet => return Err(()),
                        Value::Unknown if !quiet => self.may_end(),
                        _ => {}
                    }
                    self.set(unquoted(name), Value::Unset, line);
                }
                Ok(())
            }
            [b"let" | b"const" | b"mut", name, rest @ ..] => {
                let Some(at) = rest.iter().position(|word| *word == b"=") else {
                    self.doubt(text, line);
                    return Ok(());
                };
                let name = name.strip_suffix(b":").unwrap_or(name).to_vec();
                let value = match rest.get(at + 1) {
                    Some(first) => self.assigned(&text[first.as_ptr() as usize - text.as_ptr() as usize..])?,
                    None => Value::Unknown,
                };
                // One that may change is not followed.
                let value = if words[0] == b"mut" { Value::Unknown } else { value };
                self.own.insert(name, value);
                Ok(())
            }
            [b"if", ..] => self.condition(text, line),
            [b"source" | b"source-env", path] => {
                let known = match self.operand(path, 0) {
                    Worth::Text(path) => Some(path),
                    Worth::Nothing => return Ok(()),
                    _ => None,
                };
                let Some(path) = known.and_then(|path| self.found(&path)) else {
                    self.doubt_all(line);
                    return Ok(());
                };
                self.depth += 1;
                // What ends it by `return` ends it alone; an error ends both.
                let flow = self.file(&path);
                self.depth -= 1;
                flow
            }
            [b"use", path, ..] | [b"overlay", b"use", path, ..] => {
                self.module(unquoted(path), line);
                Ok(())
            }
            [b"export-env", block] => self.scope(inner(block), line),
            [b"def", rest @ ..] => {
                let name = rest.iter().find(|word| !word.starts_with(b"-"));
                let changes = rest.iter().any(|word| *word == b"--env" || *word == b"--wrapped");
                if let Some(name) = name {
                    let body = if changes { text.to_vec() } else { Vec::new() };
                    self.commands.insert(unquoted(name).to_vec(), body);
                }
                Ok(())
            }
            [b"alias", name, b"=", ..] => {
                self.commands.insert(unquoted(name).to_vec(), text.to_vec());
                Ok(())
            }
            // What is set in them is set nowhere else.
            [b"do" | b"with-env", first, ..] if first.starts_with(b"{") => {
                if self.may_fail(text) {
                    self.may_end();
                }
                Ok(())
            }
            [b"module" | b"extern" | b"plugin" | b"config", ..] | [] => Ok(()),
            [b"return", ..] => self.returned(),
            [b"exit", ..] | [b"error", b"make", ..] => Err(()),
            [first, ..] => {
                if let Some(body) = self.commands.get(*first).cloned() {
                    self.may_end();
                    self.doubt(&body, line);
                }
                let safe = matches!(*first, b"mkdir" | b"touch" | b"print" | b"echo" | b"try");
                // Of a loop its block counts.
                let block = text
                    .iter()
                    .position(|b| *b == b'{')
                    .filter(|_| matches!(*first, b"for" | b"match" | b"while" | b"loop"));
                if !safe && self.may_fail(&text[block.unwrap_or(0)..]) {
                    self.may_end();
                }
                self.doubt(text, line);
                Ok(())
            }
        }
    }

    /// `return` ends the file it stands in; in one that another reads, that other goes on.
    fn returned(&mut self) -> Flow {
        if self.depth == 1 {
            return Err(());
        }
        // Whether it is a block's or a file's is not followed.
        self.may_end();
        for name in self.names {
            self.variables.put(name.as_bytes(), Variable::new(Value::Unknown, Truth::Maybe, None));
        }
        Ok(())
    }

    /// The value that an assignment gives.
    fn assigned(&mut self, text: &[u8]) -> Result<Value, ()> {
        Ok(match self.worth(text, 0) {
            Worth::Text(text) => Value::of(&text),
            Worth::Nothing => Value::Unset,
            Worth::Error => return Err(()),
            Worth::Unknown => {
                if !text.starts_with(b"{") && self.may_fail(text) {
                    self.may_end();
                }
                Value::Unknown
            }
        })
    }

    /// `if CONDITION { … } else if … { … } else { … }`
    fn condition(&mut self, text: &[u8], line: u32) -> Flow {
        let words = read::words(text).unwrap_or_default();
        let Some(at) = words.iter().position(|word| word.starts_with(b"{")) else {
            self.doubt(text, line);
            return Ok(());
        };
        let offset = |word: &[u8]| word.as_ptr() as usize - text.as_ptr() as usize;
        let line_of = |word: &[u8]| line + read::breaks(&text[..offset(word)]);
        let condition = &text[2..offset(words[at])];
        let truth = self.truth(condition.trim_ascii());
        if truth == Truth::Maybe && self.may_fail(condition) {
            self.may_end();
        }
        let body = inner(words[at]);
        let otherwise = match words.get(at + 1..) {
            Some([]) => None,
            Some([b"else", next, ..]) => Some(*next),
            _ => {
                self.doubt(text, line);
                return Ok(());
            }
        };
        let other = |nu: &mut Self| match otherwise {
            None => Ok(()),
            Some(b"if") => nu.condition(&text[otherwise.map_or(0, offset)..], otherwise.map_or(line, line_of)),
            Some(block) => nu.scope(inner(block), line_of(block)),
        };
        match truth {
            Truth::Yes => self.scope(body, line_of(words[at])),
            Truth::No => other(self),
            Truth::Maybe => {
                let before = self.variables.clone();
                let first = self.scope(body, line_of(words[at]));
                let after = std::mem::replace(&mut self.variables, before);
                let second = other(self);
                match (first, second) {
                    (Ok(()), Ok(())) => self.variables.merge(&after),
                    (Ok(()), Err(())) => self.left.push(std::mem::replace(&mut self.variables, after)),
                    (Err(()), Ok(())) => self.left.push(after),
                    (Err(()), Err(())) => {
                        self.left.push(after);
                        return Err(());
                    }
                }
                Ok(())
            }
        }
    }

    fn truth(&self, condition: &[u8]) -> Truth {
        let words = read::words(condition).unwrap_or_default();
        match words.as_slice() {
            [b"true"] => Truth::Yes,
            [b"false"] => Truth::No,
            [b"not", rest @ .., _] if !rest.is_empty() => Truth::Maybe,
            [b"not", rest] => self.truth(rest).not(),
            [one] if one.starts_with(b"(") && one.ends_with(b")") => self.truth(inner(one)),
            [name, b"in", b"$env"] => match self.operand(name, 0) {
                Worth::Text(name) => match self.variables.value(&self.known_as(&name)) {
                    Value::Known(_) => Truth::Yes,
                    Value::Unset if self.names.iter().any(|own| own.as_bytes() == name) => Truth::No,
                    _ => Truth::Maybe,
                },
                _ => Truth::Maybe,
            },
            [.., b"|", b"path", b"exists"] => {
                let end = condition.iter().rposition(|b| *b == b'|').unwrap_or(0);
                match self.worth(&condition[..end], 0) {
                    Worth::Text(path) => self.expanded(&path).map_or(Truth::Maybe, |path| {
                        Truth::of(self.system.stat(Path::new(OsStr::from_bytes(&path))).is_ok())
                    }),
                    _ => Truth::Maybe,
                }
            }
            _ => Truth::Maybe,
        }
    }

    /// `use` and `overlay use`: what a module sets as it is read stands in `export-env`.
    fn module(&mut self, path: &[u8], line: u32) {
        let found = self.found(path).map(|path| {
            if self.system.stat(&path).is_ok_and(|s| s.kind == crate::system::Kind::Dir) {
                path.join("mod.nu")
            } else {
                path
            }
        });
        let content = found.and_then(|path| self.system.read(&path, TEXT_LIMIT).ok());
        // One of the standard library, or defined in this file.
        let Some(content) = content else { return };
        let text = Token::new(content.bytes);
        if text.bytes().windows(10).any(|w| w == b"export-env") {
            self.doubt_names(text.bytes(), line);
        }
        // Commands that change the environment, under whatever name they come.
        if text.bytes().windows(5).any(|w| w == b"--env") {
            let name = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
            let name = name.strip_suffix(b".nu").unwrap_or(name).to_vec();
            self.commands.insert(name, text.bytes().to_vec());
        }
    }

    /// A file that is read by name: from here, from the directory of this file, from `scripts`.
    fn found(&self, path: &[u8]) -> Option<PathBuf> {
        let path = unquoted(path);
        if path.starts_with(b"~") || path.starts_with(b"/") {
            let path = PathBuf::from(OsStr::from_bytes(&self.expanded(path)?));
            return self.system.stat(&path).is_ok().then_some(path);
        }
        let path = Path::new(OsStr::from_bytes(path));
        let dirs = [self.path.parent().map(Path::to_owned), Some(self.config.join("scripts"))];
        dirs.into_iter().flatten().map(|dir| dir.join(path)).find(|path| self.system.stat(path).is_ok())
    }

    /// The name that a variable has: case does not count.
    fn known_as(&self, name: &[u8]) -> Vec<u8> {
        let name = unquoted(name);
        if self.variables.value(name) != Value::Unset {
            return name.to_vec();
        }
        let mut known = self.variables.beginning_with(b"");
        known.find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name).to_vec()
    }

    fn set(&mut self, name: &[u8], value: Value, line: u32) {
        let name = self.known_as(name);
        let place = Place { path: Rc::clone(&self.path), line };
        if self.names.iter().any(|own| own.as_bytes() == name) {
            self.log.push((name.clone(), value.clone(), place.clone()));
        }
        let exported = Truth::of(value != Value::Unset);
        self.variables.put(&name, Variable::new(value, exported, Some(place)));
    }

    /// The file may end here.
    fn may_end(&mut self) {
        self.left.push(self.variables.clone());
    }

    /// What is not modelled may set what it names, and `load-env` what stands in a record that it is given.
    fn doubt(&mut self, text: &[u8], line: u32) {
        if text.windows(8).any(|w| w == b"load-env") {
            self.doubt_all(line);
        }
        self.doubt_names(text, line);
    }

    fn doubt_names(&mut self, text: &[u8], line: u32) {
        let lower = text.to_ascii_lowercase();
        for name in self.names {
            let name_lower = name.to_ascii_lowercase();
            if lower.windows(name.len()).any(|w| w == name_lower.as_bytes()) {
                self.doubt_name(name, line);
            }
        }
    }

    fn doubt_all(&mut self, line: u32) {
        for name in self.names {
            self.doubt_name(name, line);
        }
    }

    fn doubt_name(&mut self, name: &str, line: u32) {
        let place = Place { path: Rc::clone(&self.path), line };
        self.variables.put(name.as_bytes(), Variable::new(Value::Unknown, Truth::Maybe, Some(place)));
    }
}

/// What stands between brackets.
fn inner(block: &[u8]) -> &[u8] {
    block.get(1..block.len().saturating_sub(1)).unwrap_or_default()
}

fn unquoted(name: &[u8]) -> &[u8] {
    match name {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner,
        name => name,
    }
}

#[cfg(test)]
mod tests;
