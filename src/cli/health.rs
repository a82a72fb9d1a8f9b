//! The hook's own health, for `status -v`: whether this shell is hooked, by which script, and what it watches.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;

use clap::ValueEnum as _;

use super::hook;
use crate::config::{self, From, Overrides, Warn};
use crate::output::sanitize::{line, path};
use crate::shell::init::Shell;
use crate::state::State;
use crate::system::recorded::Recorded;
use crate::system::{Kind, Own, ReadError, System};

/// What the function of a hooked shell says of itself in `HFLINT_STATE`: `SHELL:SCRIPT:HEALTH[:TROUBLE]`.
struct Said<'a> {
    shell: &'a str,
    script: &'a str,
    health: &'a str,
    trouble: &'a str,
}

fn parse(state: &str) -> Option<Said<'_>> {
    let mut fields = state.splitn(4, ':');
    let (shell, script, health) = (fields.next()?, fields.next()?, fields.next()?);
    Some(Said { shell, script, health, trouble: fields.next().unwrap_or("") })
}

/// The whole section, with its heading.
pub(super) fn section(system: &dyn System) -> String {
    let home = system.var("HOME");
    let home = home.as_deref();
    let mut rows: Vec<(&str, String)> = Vec::new();
    let state = system.var("HFLINT_STATE").map(|v| v.to_string_lossy().into_owned());
    match state.as_deref().and_then(parse) {
        Some(said) => loaded(&said, &mut rows),
        None => unloaded(system, home, &mut rows),
    }
    if let Some(program) = system.program() {
        rows.push(("program", format!("{}, version {}", path(Path::new(&program), home), env!("CARGO_PKG_VERSION"))));
    }
    settings(system, home, &mut rows);
    kept(system, home, &mut rows);
    watched(system, home, &mut rows);
    rows.iter().fold("the hook\n".to_owned(), |mut out, (label, text)| {
        let label = if label.is_empty() { String::new() } else { format!("{label}:") };
        let _ = writeln!(out, "  {label:9} {text}");
        out
    })
}

/// How a hooked shell is.
fn loaded(said: &Said<'_>, rows: &mut Vec<(&str, String)>) {
    let shell = line(said.shell);
    rows.push((
        "state",
        match said.health {
            "on" => format!("on in this {shell}"),
            "off" => "switched off in this shell by HFLINT=0".to_owned(),
            "failed" => "the last look failed; the next change is tried again".to_owned(),
            "lost" => "another script took the hook out of the prompt: load hflint after it".to_owned(),
            other => format!("'{}', which this program does not know", line(other)),
        },
    ));
    rows.push((
        "script",
        match Shell::named(said.shell) {
            Some(shell) if said.script == shell.number() => format!("{}, the one of this program", shell.number()),
            Some(shell) => {
                let (its, ours) = (line(said.script), shell.number());
                format!("{its}, and this program's is {ours}: {}", shell.reload_line())
            }
            None => format!("{}, of a shell that this program does not know", line(said.script)),
        },
    ));
    if !said.trouble.is_empty() {
        rows.push(("trouble", line(said.trouble)));
    }
}

/// Why there is no hook here, and how to get it.
fn unloaded(system: &dyn System, home: Option<&OsStr>, rows: &mut Vec<(&str, String)>) {
    rows.push(("state", "not loaded in the shell that started this".to_owned()));
    let home_dir = home.map(Path::new);
    if let Some(dir) = home_dir.filter(|dir| system.stat(dir).is_ok_and(|s| s.uid != system.uid())) {
        // As after `sudo -s`.
        let at = path(dir, None);
        rows.push(("", format!("{at} is another person's home, where the hook would leave files: it stays away")));
        return;
    }
    let parent = system.parent().and_then(|name| Shell::from_str(name.trim_start_matches('-'), false).ok());
    let lines = match parent {
        Some(shell) => vec![shell],
        None => vec![Shell::Bash, Shell::Zsh, Shell::Fish],
    };
    for (i, shell) in lines.iter().enumerate() {
        rows.push((if i == 0 { "load it" } else { "" }, format!("{}   in {}", shell.load_line(), shell.start_file())));
    }
}

/// Settings that change what the prompt does.
fn settings(system: &dyn System, home: Option<&OsStr>, rows: &mut Vec<(&str, String)>) {
    match config::load(system, From::Person, Overrides::default()) {
        Ok(config) if config.warn.value != Warn::Change => {
            let source = super::config::source(&config.warn.source, &State::new(system), home);
            rows.push(("settings", format!("warn = \"{}\" ({source})", config.warn.value.word())));
        }
        Ok(_) => {}
        Err(e) => {
            let first = e.to_string().lines().next().map_or_else(String::new, line);
            rows.push((
                "settings",
                format!("the configuration cannot be used, so the prompt goes by defaults: {first}"),
            ));
        }
    }
}

/// Where stamps and the marks of what was told are kept.
fn kept(system: &dyn System, home: Option<&OsStr>, rows: &mut Vec<(&str, String)>) {
    let Some(dir) = system.own_dir(Own::State) else {
        rows.push(("keeps", "nothing: no home directory is known, so each terminal is told anew".to_owned()));
        return;
    };
    let there = dir.ancestors().find(|d| system.stat(d).is_ok()).unwrap_or(Path::new("/"));
    let writable = match system.stat(there) {
        Ok(stat) if stat.kind != Kind::Dir => Err(ReadError::NotDir),
        _ => system.writable(there),
    };
    rows.push((
        "keeps",
        match writable {
            Ok(()) => format!("what was told in {}", path(&dir, home)),
            Err(why) => format!(
                "nothing ({}: {why}): each terminal is told anew, and bash and fish ask at each prompt",
                path(there, home)
            ),
        },
    ));
}

/// The files that the prompt would watch here.
fn watched(system: &dyn System, home: Option<&OsStr>, rows: &mut Vec<(&str, String)>) {
    let recorded = Recorded::at_prompt(system);
    let _ = hook::look(&recorded, &crate::state::isolation::here(system), |_| ());
    for (i, (file, seen)) in hook::watched(&recorded).iter().enumerate() {
        let there = if seen.is_ok() { "" } else { "   (not there yet)" };
        rows.push((if i == 0 { "watches" } else { "" }, format!("{}{there}", path(file, home))));
    }
}
