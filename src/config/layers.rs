//! The layers, and what they come to.

use std::ffi::OsStr;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use toml::Spanned;

use super::project::{self, Place, Project};
use super::schema::{self, Ignore, KEYS, line};
use super::values::{Selector, Text};
use super::{Accepted, Config, Setting, Source};
use crate::finding::{Location, Severity};
use crate::output::sanitize;
use crate::system::{Own, ReadError, System, TEXT_LIMIT};

/// Which file is read.
#[derive(Debug, Clone, Copy)]
pub enum From<'a> {
    /// The person's own, where it is, and the project's.
    Person,
    /// This one alone, which must be there (`--config`).
    File(&'a Path),
    /// None (`--no-config`); variables count as ever.
    Nowhere,
}

/// What the command line says.
#[derive(Debug, Default)]
pub struct Overrides {
    /// `--select`.
    pub select: Vec<Selector>,
    /// `--ignore`.
    pub ignore: Vec<Selector>,
    /// `--fail-on`.
    pub fail_on: Option<Severity>,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is there and cannot be read.
    #[error("cannot read the configuration {path}: {why}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        why: ReadError,
    },
    /// The file is no configuration.
    #[error("{path}: {why}")]
    Content {
        /// The file.
        path: String,
        /// What is wrong with it, perhaps in several lines.
        why: String,
    },
    /// A variable's value makes no sense.
    #[error("{name}: {why}")]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong with it.
        why: String,
    },
}

/// The person's configuration file, there or not.
pub fn path(system: &dyn System) -> Option<PathBuf> {
    system.own_dir(Own::Config).map(|dir| dir.join("config.toml"))
}

/// The settings in force.
pub fn load(system: &dyn System, from: From<'_>, options: Overrides) -> Result<Config, Error> {
    let mut config = Config::default();
    file(&mut config, system, from)?;
    if matches!(from, From::Person) {
        config.project = project::find(system).map(|place| project::apply(&mut config, system, place));
    }
    environment(&mut config, system)?;
    command_line(&mut config, options);
    Ok(config)
}

/// What a project's file would come to here, over the person's own.
pub fn examine(system: &dyn System, place: Place) -> Project {
    let mut config = Config::default();
    // One that is broken is told by every other command; this one shows the project's.
    let _ = file(&mut config, system, From::Person);
    project::apply(&mut config, system, place)
}

/// The layer of the file.
fn file(config: &mut Config, system: &dyn System, from: From<'_>) -> Result<(), Error> {
    let path = match from {
        From::Nowhere => return Ok(()),
        From::File(path) => path.to_owned(),
        From::Person => match path(system) {
            // Out of reach (another user's home, a deleted one) is the same as not there; unreadable is not.
            Some(path) if system.stat(&path).is_ok() => path,
            _ => return Ok(()),
        },
    };
    let shown = sanitize::json_path(&path);
    let content = system.read(&path, TEXT_LIMIT).map_err(|why| Error::Read { path: shown.clone(), why })?;
    let wrong = |why: String| Error::Content { path: shown.clone(), why };
    if content.truncated {
        return Err(wrong(format!("is larger than {} KiB", TEXT_LIMIT / 1024)));
    }
    let text = String::from_utf8(content.bytes).map_err(|_| wrong("is not UTF-8".to_owned()))?;
    let parsed = schema::parse(&text).map_err(wrong)?;
    overlay(config, parsed, &path, &text);
    config.file = Some(path);
    Ok(())
}

/// Puts what a file says over the layers below it.
pub(super) fn overlay(config: &mut Config, parsed: schema::File, path: &Path, text: &str) {
    let location = |offset: usize| Location::line(path, line(text, offset));
    let source = |offset: usize| Source::File(location(offset));
    if parsed.select.is_some() {
        // What lower layers left out.
        config.ignore.clear();
    }
    set_list(&mut config.select, parsed.select, source);
    set(&mut config.fail_on, parsed.fail_on, source);
    set(&mut config.warn, parsed.warn, source);
    set(&mut config.min_severity, parsed.min_severity, source);
    set(&mut config.repeat_after, parsed.repeat_after, source);
    set(&mut config.rotate_after, parsed.rotate_after, source);
    set(&mut config.journal_keep, parsed.journal_keep, source);
    set_list(&mut config.endpoints, parsed.endpoints, source);
    set(&mut config.hook_timeout, parsed.hook_timeout, source);
    for element in parsed.ignore.into_iter().flatten() {
        let start = element.span().start;
        match element.into_inner() {
            Ignore::Rule(value) => config.ignore.push(Setting { value, source: source(start) }),
            Ignore::Entry(entry) => config.accepted.push(Accepted {
                rule: entry.rule.0,
                place: entry.place.map(|p| p.0),
                reason: entry.reason.0.0,
                until: entry.until,
                location: location(start),
            }),
        }
    }
}

fn set<T>(setting: &mut Setting<T>, key: Option<Spanned<Text<T>>>, source: impl Fn(usize) -> Source) {
    if let Some(key) = key {
        let source = source(key.span().start);
        *setting = Setting { value: key.into_inner().0, source };
    }
}

fn set_list<T>(setting: &mut Setting<Vec<T>>, key: Option<Spanned<Vec<Text<T>>>>, source: impl Fn(usize) -> Source) {
    if let Some(key) = key {
        let source = source(key.span().start);
        *setting = Setting { value: key.into_inner().into_iter().map(|t| t.0).collect(), source };
    }
}

/// What the names of settings begin with.
const PREFIX: &str = "HFLINT_";
/// Names with a meaning of their own.
const RESERVED: [&str; 6] =
    ["HFLINT_PROMPT", "HFLINT_PROJECT", "HFLINT_FD", "HFLINT_STATE", "HFLINT_SUBSHELL", "HFLINT_READONLY"];

/// `HFLINT_FAIL_ON` of `fail-on`.
fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('-', "_").to_ascii_uppercase())
}

/// Whether this is the variable of a key.
fn is_variable_of(name: &OsStr, key: &str) -> bool {
    let rest = name.as_encoded_bytes().strip_prefix(PREFIX.as_bytes()).unwrap_or_default();
    let upper = key.bytes().map(|b| if b == b'-' { b'_' } else { b.to_ascii_uppercase() });
    rest.iter().copied().eq(upper)
}

/// The names of the variables that are settings.
pub fn variables() -> Vec<String> {
    KEYS.iter().map(|key| variable_of(key)).collect()
}

/// The layer of the variables; an empty one is not set.
fn environment(config: &mut Config, system: &dyn System) -> Result<(), Error> {
    // Most people set none of them.
    let mut given = system.vars_like(PREFIX);
    given.retain(|(name, _)| !RESERVED.iter().any(|reserved| *name == **reserved));
    if given.is_empty() {
        return Ok(());
    }
    let get = |key: &str| -> Result<Option<(String, String)>, Error> {
        let set = given.iter().find(|(name, value)| !value.is_empty() && is_variable_of(name, key));
        match set.map(|(_, value)| value.to_str()) {
            None => Ok(None),
            Some(Some(value)) => Ok(Some((variable_of(key), value.to_owned()))),
            Some(None) => Err(Error::Variable { name: variable_of(key), why: "is not UTF-8".to_owned() }),
        }
    };
    if let Some((name, values)) = list::<Selector>(get("select")?)? {
        config.select = Setting { value: values, source: Source::Variable(name) };
        config.ignore.clear();
    }
    if let Some((name, values)) = list::<Selector>(get("ignore")?)? {
        let source = Source::Variable(name);
        config.ignore.extend(values.into_iter().map(|value| Setting { value, source: source.clone() }));
    }
    one(&mut config.fail_on, get("fail-on")?)?;
    one(&mut config.warn, get("warn")?)?;
    one(&mut config.min_severity, get("min-severity")?)?;
    one(&mut config.repeat_after, get("repeat-after")?)?;
    one(&mut config.rotate_after, get("rotate-after")?)?;
    one(&mut config.journal_keep, get("journal-keep")?)?;
    if let Some((name, value)) = list(get("endpoints")?)? {
        config.endpoints = Setting { value, source: Source::Variable(name) };
    }
    one(&mut config.hook_timeout, get("hook-timeout")?)?;

    config.unknown_variables = given
        .into_iter()
        .filter(|(name, _)| !KEYS.iter().any(|key| is_variable_of(name, key)))
        .filter_map(|(name, _)| name.into_string().ok())
        .collect();
    Ok(())
}

fn one<T: FromStr<Err: Display>>(setting: &mut Setting<T>, given: Option<(String, String)>) -> Result<(), Error> {
    if let Some((name, text)) = given {
        *setting = Setting { value: parse(&name, &text)?, source: Source::Variable(name) };
    }
    Ok(())
}

fn list<T: FromStr<Err: Display>>(given: Option<(String, String)>) -> Result<Option<(String, Vec<T>)>, Error> {
    let Some((name, text)) = given else { return Ok(None) };
    let values = text.split(',').map(|part| parse(&name, part.trim())).collect::<Result<_, _>>()?;
    Ok(Some((name, values)))
}

fn parse<T: FromStr<Err: Display>>(name: &str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|why: T::Err| Error::Variable { name: name.to_owned(), why: why.to_string() })
}

/// The layer of the command line.
fn command_line(config: &mut Config, options: Overrides) {
    if !options.select.is_empty() {
        config.select = Setting { value: options.select, source: Source::Option("--select") };
        config.ignore.clear();
    }
    config.ignore.extend(options.ignore.into_iter().map(|value| Setting { value, source: Source::Option("--ignore") }));
    if let Some(value) = options.fail_on {
        config.fail_on = Setting { value, source: Source::Option("--fail-on") };
    }
}
