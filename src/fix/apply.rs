//! Carries a plan out: journal first, then the actions one after the other, then the shell.

use std::path::Path;

use super::journal::{Done, Error, Journal, Phase, Record, Stored, reason, reason_of, temporary};
use super::plan::{Action, Kind, Shell, Step};
use crate::output::sanitize::json_path;
use crate::shell::wire::Directives;
use crate::system::{EditError, Image, System};

/// What became of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Applied,
    /// Left alone; the option that would do it.
    Held(&'static str),
    /// The person said no.
    Declined,
    /// Only the person can: the command was shown.
    Shown,
    /// This shell cannot be reached: why, and what to type there.
    Unreached(String),
    /// It went wrong, and everything is as it was.
    Failed(String),
}

/// What became of a plan.
#[derive(Debug)]
pub struct Report {
    /// The number under which it can be undone; `None` where nothing was changed.
    pub id: Option<u64>,
    /// One for each action.
    pub outcomes: Vec<Outcome>,
    /// What went wrong although the changes are made.
    pub trouble: Vec<String>,
}

/// How this shell can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The hook's function gave a descriptor.
    Function(u32),
    /// A subshell, whose parent nobody can change.
    Subshell,
    /// No hook.
    None,
}

impl Reach {
    /// How it is here.
    pub fn of(system: &dyn System) -> Self {
        let descriptor = system.var("HFLINT_FD").and_then(|v| v.to_str()?.parse().ok()).filter(|n| *n > 2);
        match descriptor {
            Some(n) => Self::Function(n),
            None if system.var("HFLINT_SUBSHELL").is_some_and(|v| !v.is_empty()) => Self::Subshell,
            None => Self::None,
        }
    }

    /// Why it cannot be reached.
    pub fn why(self) -> &'static str {
        match self {
            Self::Function(_) => "",
            Self::Subshell => "a subshell cannot change the shell around it",
            Self::None => "the hook is not loaded in this shell",
        }
    }
}

/// Leaves to the person what this shell refuses: its function names the variables that are read-only there. To find out
/// from the shell afterwards would be too late for the plan, for what is reported as done, and for the journal.
pub fn leave_read_only(system: &dyn System, actions: &mut [Action]) {
    let Some(names) = system.var("HFLINT_READONLY").and_then(|v| v.into_string().ok()) else { return };
    let names: Vec<&str> = names.split(',').filter(|name| !name.is_empty()).collect();
    for action in actions {
        let variable = |step: &Step| match step {
            Step::Shell(Shell::Unset(name) | Shell::Replace(name, _)) => Some(name.clone()),
            _ => None,
        };
        let Some(name) = action.steps.iter().find_map(variable).filter(|name| names.contains(&name.as_str())) else {
            continue;
        };
        if action.steps.iter().all(|step| matches!(step, Step::Shell(_))) {
            let what = format!("{}: it is read-only there, and only a new shell can be without it", action.description);
            let shell = system.parent().unwrap_or_else(|| "\"$SHELL\"".to_owned());
            let command = format!("exec env -u {name} {shell}");
            *action = Action { rule: action.rule, ..Action::manual(action.target.clone(), what, command) };
        }
    }
}

/// Applies the actions that are chosen; `outcomes` says of the others why they are not (`None`: chosen).
///
/// Each action is done whole or taken back, and one that fails does not keep the others from being done.
pub fn apply(
    system: &dyn System,
    command: &str,
    actions: &[Action],
    outcomes: Vec<Option<Outcome>>,
    keep: std::time::Duration,
) -> Result<Report, Error> {
    let mut outcomes = outcomes;
    let reach = Reach::of(system);
    for (action, outcome) in actions.iter().zip(&mut outcomes) {
        if outcome.is_none() && action.kind == Kind::Manual {
            *outcome = Some(Outcome::Shown);
        } else if outcome.is_none()
            && !matches!(reach, Reach::Function(_))
            && action.steps.iter().all(|s| matches!(s, Step::Shell(_)))
        {
            *outcome = Some(Outcome::Unreached(reach.why().to_owned()));
        }
    }
    let finished =
        |outcomes: Vec<Option<Outcome>>| outcomes.into_iter().map(|o| o.unwrap_or(Outcome::Applied)).collect();
    if outcomes.iter().all(Option::is_some) {
        return Ok(Report { id: None, outcomes: finished(outcomes), trouble: Vec::new() });
    }
    let journal = Journal::open(system)?;
    journal.expire(keep);
    // Under the lock, and as it is now: what was shown may be minutes old.
    for (action, outcome) in actions.iter().zip(&mut outcomes) {
        if outcome.is_none()
            && let Err(why) = is_as_diagnosed(system, action)
        {
            *outcome = Some(Outcome::Failed(why));
        }
    }
    let chosen: Vec<&Action> =
        actions.iter().zip(&outcomes).filter(|(_, o)| o.is_none()).map(|(action, _)| action).collect();
    if chosen.is_empty() {
        return Ok(Report { id: None, outcomes: finished(outcomes), trouble: Vec::new() });
    }
    let mut entry = journal.begin(command, &chosen)?;
    let mut trouble = Vec::new();
    let mut directives = Directives::default();
    let mut done = Vec::new();
    for (action, record) in actions.iter().zip(&mut outcomes).filter(|(_, o)| o.is_none()).zip(&entry.actions) {
        let (action, outcome) = action;
        match carry_out(system, entry.id, action, record) {
            Ok(()) => {
                done.push(record.clone());
                if let Err(why) = tell(&mut directives, action, &journal, entry.id) {
                    trouble.push(format!("this shell was not changed: {why}"));
                }
            }
            Err((why, left)) => {
                if !left.is_empty() {
                    // Not taken back: undo can, so their records stay, and no others: what was never done would have to
                    // be as it was, or undo would refuse.
                    let steps = left.iter().filter_map(|at| record.steps.get(*at).cloned()).collect();
                    done.push(Done { steps, ..record.clone() });
                }
                *outcome = Some(Outcome::Failed(why));
            }
        }
    }
    let id = entry.id;
    let nothing = done.is_empty();
    entry.actions = done;
    entry.phase = Phase::Applied;
    if nothing {
        journal.destroy(id)?;
    } else if let Err(why) = journal.finish(&entry) {
        // What was written first still tells the truth: undo finds out which of the changes were made.
        trouble.push(why.to_string());
    }
    if let Reach::Function(n) = reach
        && !directives.is_empty()
        && let Err(why) = system.tell_shell(n, &directives.finish())
    {
        trouble.push(format!("this shell was not changed: {}", reason(&why)));
    }
    // What is on the disk is done; the shell that the person sits in still lacks it.
    let applied = actions.iter().zip(&outcomes).filter(|(_, o)| o.is_none()).map(|(action, _)| action);
    for action in applied.filter(|a| a.steps.iter().any(|s| matches!(s, Step::Shell(_)))) {
        if !matches!(reach, Reach::Function(_)) {
            let line = action.command.as_ref().map_or_else(String::new, |c| format!("; type: {c}"));
            trouble.push(format!("this shell was not changed: {}{line}", reach.why()));
        }
    }
    Ok(Report { id: (!nothing).then_some(id), outcomes: finished(outcomes), trouble })
}

/// Whether what an action changes is still what was diagnosed.
fn is_as_diagnosed(system: &dyn System, action: &Action) -> Result<(), String> {
    for (at, step) in action.steps.iter().enumerate() {
        let (path, same) = match step {
            // Its place is free once what stands there is moved away.
            Step::Put { path, before: Image::Absent, .. } if moves(&action.steps[..at], path) => continue,
            Step::Put { path, before, .. } => (path, Image::of(system, path).map(|now| now.is(before))),
            Step::Mode { path, from, .. } => (path, system.lstat(path).map(|s| s.mode == *from)),
            Step::Move { from, size, .. } => (from, system.lstat(from).map(|s| s.size == *size)),
            Step::Shell(_) | Step::Tool { .. } => continue,
        };
        match same {
            Ok(true) => {}
            Ok(false) => return Err(format!("{} was changed since it was looked at; run it again", json_path(path))),
            Err(why) => return Err(format!("{}: {why}", json_path(path))),
        }
    }
    Ok(())
}

/// Whether one of the steps moves this away.
fn moves(steps: &[Step], path: &std::path::Path) -> bool {
    steps.iter().any(|step| matches!(step, Step::Move { from, .. } if path.starts_with(from)))
}

/// Why a step was not done.
struct Failure {
    why: String,
    /// Nothing was changed for certain. Else it may have been, and not flushed to the disk.
    untouched: bool,
}

impl Failure {
    fn of(path: &Path, why: &EditError) -> Self {
        let untouched = matches!(why, EditError::Changed);
        Self { why: format!("{}: {}", json_path(path), reason_of(why)), untouched }
    }
}

/// Does the steps of an action; where one fails, those before it are taken back. The error names the steps that were left
/// changed.
fn carry_out(system: &dyn System, id: u64, action: &Action, record: &Done) -> Result<(), (String, Vec<usize>)> {
    for (at, step) in action.steps.iter().enumerate() {
        let Err(failure) = one(system, id, step) else { continue };
        let mut left = Vec::new();
        if !failure.untouched && !is_undone(system, id, step, record.steps.get(at)) {
            left.push(at);
        }
        for (before, step) in action.steps[..at].iter().enumerate().rev() {
            if !take_back(system, id, step) {
                left.insert(0, before);
            }
        }
        let hint =
            if left.is_empty() { String::new() } else { format!("; `hflint undo {id}` puts back what was changed") };
        return Err((failure.why + &hint, left));
    }
    Ok(())
}

fn one(system: &dyn System, id: u64, step: &Step) -> Result<(), Failure> {
    match step {
        Step::Put { path, before, after } => {
            system.put(path, before, after, &temporary(path, id)).map_err(|e| Failure::of(path, &e))
        }
        Step::Mode { path, from, to } => system.chmod(path, *from, *to).map_err(|e| Failure::of(path, &e)),
        Step::Move { from, to, .. } => system
            .rename(from, to)
            .map_err(|e| Failure { why: format!("{}: {}", json_path(from), reason(&e)), untouched: false }),
        // Together, at the end.
        Step::Shell(_) => Ok(()),
        Step::Tool { run, .. } => {
            let name = run.command.first().map(|c| c.to_string_lossy().into_owned()).unwrap_or_default();
            match system.tool(&run.command, &run.input) {
                Ok((true, _)) => Ok(()),
                Ok((false, said)) => {
                    Err(Failure { why: format!("{name} failed: {}", said_line(&said)), untouched: false })
                }
                Err(why) => Err(Failure { why: format!("{name} cannot be run: {}", reason(&why)), untouched: true }),
            }
        }
    }
}

/// Takes back a step that failed; true where nothing of it is left, as far as anybody knows.
fn is_undone(system: &dyn System, id: u64, step: &Step, record: Option<&Record>) -> bool {
    match (step, record) {
        // The file tells whether the tool got so far.
        (Step::Tool { .. }, Some(Record::Tool { edits: Some((Stored(path), held)), .. })) => {
            Image::of(system, path).is_ok_and(|now| held.is(&now))
        }
        (Step::Tool { .. }, _) => {
            // Where its counterpart fails as well there is nothing that an undo could do better.
            take_back(system, id, step);
            true
        }
        _ => take_back(system, id, step),
    }
}

/// The last line that a tool printed.
pub(super) fn said_line(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    crate::output::sanitize::line(text.trim_end().lines().last().unwrap_or("it says nothing"))
}

/// Takes a step back that was done, perhaps; true where the old state is there.
fn take_back(system: &dyn System, id: u64, step: &Step) -> bool {
    match step {
        Step::Put { path, before, after } => match Image::of(system, path) {
            Ok(now) if now.is(before) => true,
            Ok(now) if now.is(after) => system.put(path, &now, before, &temporary(path, id)).is_ok(),
            _ => false,
        },
        Step::Mode { path, from, to } => match system.lstat(path) {
            Ok(stat) if stat.mode == *from => true,
            Ok(_) => system.chmod(path, *to, *from).is_ok(),
            Err(_) => false,
        },
        Step::Move { from, to, .. } => match system.lstat(from) {
            Ok(_) => true,
            Err(_) => system.rename(to, from).is_ok(),
        },
        Step::Shell(_) => true,
        Step::Tool { undo: Some(undo), .. } => system.tool(&undo.command, &undo.input).is_ok_and(|(ok, _)| ok),
        Step::Tool { undo: None, .. } => false,
    }
}

/// What the shell is told of an action that was done.
fn tell(directives: &mut Directives, action: &Action, journal: &Journal<'_>, id: u64) -> Result<(), Error> {
    use std::os::unix::ffi::OsStrExt as _;
    for step in &action.steps {
        if let Step::Shell(shell) = step {
            match shell {
                Shell::Unset(name) => directives.unset(name, id),
                Shell::Hide(name) => directives.hide(name),
                Shell::Export(name, value) => directives.export(name, value.as_bytes()),
                Shell::ExportToken(path) => directives.export_token(path.as_os_str().as_bytes()),
                Shell::Leave(names) => directives.leave(names),
                Shell::Replace(name, token) => {
                    let path = journal.give(id, token)?;
                    directives.unset(name, id);
                    directives.replace(name, path.as_os_str().as_bytes());
                }
            }
        }
    }
    Ok(())
}
