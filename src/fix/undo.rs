//! Takes a fix back: bytes, mode and time as they were, where nobody changed the file since; links with their target. The
//! time of a link, and that of a directory, is of the undo: no client asks for either, and a directory's would have to be
//! set after every other change in it, by whomever.

use super::apply::{Reach, said_line};
use super::journal::{
    Entry, Error, Held, Journal, Phase, Record, Stored, reason, reason_of, remove_if_empty, temporary,
};
use super::plan::{Action, Kind, Step};
use crate::finding::{Applicability, Location};
use crate::output::sanitize::json_path;
use crate::shell::wire::Directives;
use crate::system::{EditError, Image, System};

/// What an undo came to.
#[derive(Debug, Default)]
pub struct Undone {
    /// What was put back, one line each.
    pub lines: Vec<String>,
    /// Why something is not as it was; the undo is refused then, or was done in part.
    pub refused: Vec<String>,
    /// The entry under which the files that `--force` wrote over are kept.
    pub backup: Option<u64>,
}

/// One path that goes back.
struct Back {
    path: std::path::PathBuf,
    now: Image,
    old: Image,
}

/// Undoes an entry. Without `force` all of it or, where a file was changed since, nothing.
pub fn undo(system: &dyn System, journal: &Journal<'_>, entry: &Entry, force: bool) -> Result<Undone, Error> {
    let mut out = Undone::default();
    let reach = Reach::of(system);
    let variables: Vec<&str> = entry.unsets().collect();
    if entry.phase == Phase::Undone {
        // The shell that holds the old value may not have been the one in which it was undone first.
        shell(system, reach, entry, &variables, &mut out);
        if variables.is_empty() {
            out.refused.push(format!("fix {} was undone already", entry.id));
        }
        return Ok(out);
    }
    let mut back: Vec<Back> = Vec::new();
    let mut modes = Vec::new();
    let mut moves = Vec::new();
    let mut tools = Vec::new();
    let mut overwritten = Vec::new();
    let steps: Vec<&Record> = entry.actions.iter().flat_map(|a| &a.steps).collect();
    for (number, step) in steps.into_iter().enumerate().rev() {
        match step {
            Record::Put { path: Stored(path), before, after } => {
                let now = match Image::of(system, path) {
                    Ok(now) => now,
                    Err(why) => {
                        out.refused.push(format!("{}: {why}", json_path(path)));
                        continue;
                    }
                };
                if before.is(&now) {
                    continue;
                }
                if !after.is(&now) {
                    if entry.phase == Phase::Begun && was_not_reached(system, entry, number) {
                        continue;
                    }
                    if !force {
                        let what = if now == Image::Absent { "is gone" } else { "was changed" };
                        out.refused.push(format!("{} {what} since the fix", json_path(path)));
                        continue;
                    }
                    overwritten.push(path.clone());
                }
                back.push(Back { path: path.clone(), now, old: journal.image(entry.id, before)? });
            }
            Record::Mode { path: Stored(path), from, to } => match system.lstat(path) {
                Ok(stat) if stat.mode == *from => {}
                Ok(stat) if stat.mode == *to || force => modes.push((path, stat.mode, *from)),
                Ok(_) => out.refused.push(format!("the mode of {} was changed since the fix", json_path(path))),
                Err(why) => out.refused.push(format!("{}: {why}", json_path(path))),
            },
            Record::Move { from: Stored(from), to: Stored(to) } => match (system.lstat(from), system.lstat(to)) {
                (Err(_), Ok(_)) => moves.push((from, to)),
                // What the fix put there in its place goes before.
                (Ok(_), Ok(_)) if back.iter().any(|b| b.path == *from && b.old == Image::Absent) => {
                    moves.push((from, to));
                }
                (Ok(_), Ok(_)) if force => {
                    out.lines.push(format!("left {}, which is new; the old one is {}", json_path(from), json_path(to)));
                }
                (Ok(_), Ok(_)) => out.refused.push(format!("{} is there again since the fix", json_path(from))),
                (Ok(_), Err(_)) => {}
                (Err(_), Err(_)) => out.refused.push(format!("{} is gone since the fix", json_path(to))),
            },
            Record::Unset { .. } | Record::Project { .. } => {}
            Record::Tool { undo, input, edits } => match (undo, edits) {
                (Some(command), _) => tools.push((command, *input)),
                (None, Some((Stored(path), held))) => edited(system, journal, entry, path, held, &mut back, &mut out)?,
                (None, None) => out.refused.push("what a tool did cannot be taken back".to_owned()),
            },
        }
    }
    if !out.refused.is_empty() && !force {
        return Ok(out);
    }
    let mut kept = None;
    if !overwritten.is_empty() {
        // What goes on over somebody's work keeps that work: it is a fix of its own, and can be undone.
        let actions: Vec<Action> = back
            .iter()
            .filter(|b| overwritten.contains(&b.path))
            .map(|b| {
                let what = format!("put {} back as before fix {}", json_path(&b.path), entry.id);
                Action::new(Kind::EditFile, Applicability::Unsafe, Location::file(&b.path), what).step(Step::Put {
                    path: b.path.clone(),
                    before: b.now.clone(),
                    after: b.old.clone(),
                })
            })
            .collect();
        let chosen: Vec<&Action> = actions.iter().collect();
        kept = Some(journal.begin(&format!("undo --force {}", entry.id), &chosen)?);
    }
    for Back { path, now, old } in &back {
        match system.put(path, now, old, &temporary(path, entry.id)) {
            Ok(()) => out.lines.push(match old {
                Image::Absent => format!("took away {}", json_path(path)),
                _ => format!("put back {}", json_path(path)),
            }),
            // A directory that the fix made and others filled: a login in an isolated project is nothing to lose.
            Err(EditError::Failed(why))
                if matches!((now, old), (Image::Dir { .. }, Image::Absent))
                    && why.kind() == std::io::ErrorKind::DirectoryNotEmpty =>
            {
                if system.lstat(&path.join("token")).is_ok() {
                    out.lines.push(format!("left {}, which holds a login since", json_path(path)));
                }
            }
            Err(why) => out.refused.push(format!("{}: {}", json_path(path), reason_of(&why))),
        }
    }
    for (from, to) in moves {
        match system.rename(to, from) {
            Ok(()) => out.lines.push(format!("put back {}", json_path(from))),
            Err(why) => out.refused.push(format!("{}: {}", json_path(from), reason(&why))),
        }
        if let Some(hold) = to.parent()
            && let Err(why) = remove_if_empty(system, hold)
        {
            out.refused.push(format!("{}: {}", json_path(hold), reason_of(&why)));
        }
    }
    for (path, now, old) in modes {
        match system.chmod(path, now, old) {
            Ok(()) => out.lines.push(format!("put back the mode of {}", json_path(path))),
            Err(why) => out.refused.push(format!("{}: {}", json_path(path), reason_of(&why))),
        }
    }
    for (command, input) in tools {
        let words: Vec<std::ffi::OsString> = command.iter().map(|w| w.0.clone().into_os_string()).collect();
        let name = words.first().map(|w| w.to_string_lossy().into_owned()).unwrap_or_default();
        match system.tool(&words, &journal.bytes(entry.id, input)?) {
            Ok((true, _)) => out.lines.push(format!("{name} put its setting back")),
            Ok((false, said)) => out.refused.push(format!("{name} failed: {}", said_line(&said))),
            Err(why) => out.refused.push(format!("{name} cannot be run: {}", reason(&why))),
        }
    }
    if let Some(mut kept) = kept {
        kept.phase = Phase::Applied;
        journal.finish(&kept)?;
        out.backup = Some(kept.id);
    }
    // What is left of it can be tried again.
    if out.refused.is_empty() {
        shell(system, reach, entry, &variables, &mut out);
        journal.finish(&Entry { phase: Phase::Undone, ..entry.clone() })?;
    }
    Ok(out)
}

/// Whether a fix that was cut off had not come to this step, which is neither as before nor as after: somebody else wrote
/// there since. Steps are done in their order, so that is told where none from here on is done and the last one before it
/// that can be told is not done either.
fn was_not_reached(system: &dyn System, entry: &Entry, number: usize) -> bool {
    let stands = |step: &Record| match step {
        Record::Put { path: Stored(path), before, after } if before != after => {
            let now = Image::of(system, path).ok()?;
            if after.is(&now) { Some(true) } else { before.is(&now).then_some(false) }
        }
        _ => None,
    };
    let steps: Vec<&Record> = entry.actions.iter().flat_map(|a| &a.steps).collect();
    let (earlier, later) = steps.split_at(number);
    !later.iter().any(|step| stands(step) == Some(true))
        && earlier.iter().rev().find_map(|step| stands(step)) == Some(false)
}

/// A file that a tool edited: nobody but the tool knows what it made of it, so what stands there now goes into the
/// journal like a forced one.
fn edited(
    system: &dyn System,
    journal: &Journal<'_>,
    entry: &Entry,
    path: &std::path::Path,
    held: &Held,
    back: &mut Vec<Back>,
    out: &mut Undone,
) -> Result<(), Error> {
    match Image::of(system, path) {
        Ok(now) if held.is(&now) => {}
        // Two runs of a tool on one file: what stood there before the first is what comes back.
        Ok(_) if back.iter().any(|b| b.path == path) => {}
        Ok(now) => back.push(Back { path: path.to_owned(), now, old: journal.image(entry.id, held)? }),
        Err(why) => out.refused.push(format!("{}: {why}", json_path(path))),
    }
    Ok(())
}

/// What only the shell can bring back.
fn shell(system: &dyn System, reach: Reach, entry: &Entry, variables: &[&str], out: &mut Undone) {
    let mut directives = Directives::default();
    for name in variables.iter().rev() {
        directives.bring_back(name, entry.id);
    }
    let projects = entry.actions.iter().flat_map(|a| &a.steps).filter_map(|s| match s {
        Record::Project { names } => Some(names),
        _ => None,
    });
    let names: Vec<String> = projects.flatten().cloned().collect();
    if !names.is_empty() {
        directives.leave(&names);
    }
    if directives.is_empty() {
        return;
    }
    match reach {
        Reach::Function(n) => match system.tell_shell(n, &directives.finish()) {
            Ok(()) => out.lines.extend(variables.iter().map(|name| format!("{name} is back in this shell"))),
            Err(why) => out.refused.push(format!("this shell was not changed: {}", reason(&why))),
        },
        Reach::Subshell | Reach::None if !variables.is_empty() => out.refused.push(format!(
            "the old value of {} is held by the shell where it was unset, nowhere else; {}",
            variables.join(" and "),
            reach.why()
        )),
        Reach::Subshell | Reach::None => {}
    }
}
