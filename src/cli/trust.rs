//! `hflint trust`: accept what a project's `.hflint.toml` says, this very content of it.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::fix::{agreed, complain};
use super::{Error, Format, Global, Outcome, print};
use crate::config::examine;
use crate::config::project::{self, Fault, NAME, Place};
use crate::config::trust::{self, Trust};
use crate::output::sanitize::{json_path, line, path};
use crate::output::{json, project as shown};
use crate::system::System;
use crate::system::path::{Within as _, absolute, known_as};

/// Options of `trust`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// the project [default: that of the nearest .hflint.toml upward]
    #[arg(value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
    /// take it back
    #[arg(long)]
    pub off: bool,
    /// list the files that are trusted
    #[arg(long, conflicts_with_all = ["off", "dir", "yes"])]
    pub list: bool,
    /// do not ask
    #[arg(short, long)]
    pub yes: bool,
}

pub(super) fn run(options: &Options, global: &Global, system: &dyn System) -> Outcome {
    if options.list {
        list(global, system)
    } else if options.off {
        off(options, global, system)
    } else {
        accept(options, global, system)
    }
}

fn accept(options: &Options, global: &Global, system: &dyn System) -> Outcome {
    let home = system.var("HOME");
    let place = match &options.dir {
        Some(dir) => in_dir(dir, system),
        None => project::find(system).ok_or_else(|| {
            Error::Usage(format!("there is no {NAME} here, nor upward; hflint trust DIR names a project"))
        })?,
    };
    let file = path(&place.shown, home.as_deref());
    let unusable = |why: Fault| match why {
        Fault::Foreign => Error::Usage(format!("{file} {why}")),
        Fault::Unusable(why) => Error::Usage(format!("{file}: {why}")),
    };
    // Read once: what is accepted is what is shown, whatever happens to the file in between.
    let text = project::read(system, &place).map_err(unusable)?;
    let project = examine(system, place.clone());
    if let Some(fault) = project.fault.clone() {
        return Err(unusable(fault));
    }
    let before = trust::of(system, &place.real, &text);
    let is_text = global.format == Format::Text && !global.quiet;
    if before == Trust::Trusted {
        return say(global, &[(place.shown, before)], &format!("{file} is trusted already, as it is\n"), 0);
    }
    if is_text {
        let mut out = format!("{file}\n");
        for (i, of_file) in text.lines().enumerate() {
            let _ = writeln!(out, "{:4} | {}", i + 1, line(of_file));
        }
        out.push('\n');
        for note in shown::notes(&project, home.as_deref()) {
            let _ = writeln!(out, "{}", line(&note));
        }
        print(&out)?;
    }
    if !options.yes {
        let asks = is_text && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if !asks {
            complain("nobody can be asked here: hflint trust --yes trusts it without; nothing was changed");
            return Ok(1);
        }
        if !agreed("let this file say all of this?", system)? {
            complain("it is not trusted; nothing was changed");
            return Ok(1);
        }
    }
    trust::accept(system, &place.real, &text)
        .map_err(|why| Error::Usage(format!("that {file} is trusted cannot be written down: {why}")))?;
    let text = format!("{file} is trusted until it changes; hflint trust --off takes it back\n");
    say(global, &[(place.shown, Trust::Trusted)], &text, 0)
}

fn off(options: &Options, global: &Global, system: &dyn System) -> Outcome {
    let home = system.var("HOME");
    let revoke = |place: &Place| {
        trust::revoke(system, &place.real)
            .map_err(|why| Error::Usage(format!("{}: {why}", path(&place.shown, home.as_deref()))))
    };
    // Also where the file is gone: the nearest directory upward with an entry.
    let places: Vec<Place> = if let Some(dir) = &options.dir {
        vec![in_dir(dir, system)]
    } else {
        let real = system.real_cwd().or_else(|| system.cwd()).unwrap_or_default();
        let at = |dir: &Path| Place { shown: known_as(system, dir).within(NAME), real: dir.within(NAME) };
        project::find(system).into_iter().chain(real.ancestors().map(at)).collect()
    };
    for place in places {
        if revoke(&place)? {
            let text = format!("{} is no longer trusted\n", path(&place.shown, home.as_deref()));
            return say(global, &[(place.shown, Trust::Untrusted)], &text, 0);
        }
    }
    say(global, &[], "nothing was trusted here\n", 1)
}

fn list(global: &Global, system: &dyn System) -> Outcome {
    let home = system.var("HOME");
    let mut text = String::new();
    let mut files = Vec::new();
    for real in trust::all(system) {
        let place = Place { shown: real.clone(), real };
        let (state, words) = match project::read(system, &place) {
            Ok(content) => match trust::of(system, &place.real, &content) {
                Trust::Trusted => (Trust::Trusted, "trusted".to_owned()),
                _ => (Trust::Changed, "was changed since, so it is not trusted".to_owned()),
            },
            Err(why) => (Trust::Changed, format!("not trusted: {why}")),
        };
        let _ = writeln!(text, "{}  {}", path(&place.shown, home.as_deref()), line(&words));
        files.push((place.shown, state));
    }
    if files.is_empty() {
        text.push_str("no project's file is trusted\n");
    }
    say(global, &files, &text, 0)
}

/// The file of a directory that was named; the file itself may be named as well.
fn in_dir(dir: &Path, system: &dyn System) -> Place {
    let dir = absolute(system, dir);
    let dir = if dir.ends_with(NAME) { dir.parent().unwrap_or(&dir).to_owned() } else { dir };
    let real = system.canonical(&dir).unwrap_or_else(|| dir.clone());
    Place { shown: dir.within(NAME), real: real.within(NAME) }
}

fn say(global: &Global, files: &[(PathBuf, Trust)], text: &str, code: u8) -> Outcome {
    match global.format {
        Format::Json => {
            let files: Vec<_> = files.iter().map(|(file, trust)| (json_path(file), trust.word())).collect();
            print(&json::trusted(&files)?)?;
        }
        Format::Text if global.quiet => {}
        Format::Text => print(text)?,
    }
    Ok(code)
}
