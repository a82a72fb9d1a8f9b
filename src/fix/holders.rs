//! Who still holds an old value: programs that were started with it, and give it to what they start.

use std::collections::BTreeMap;

use super::plan::Action;
use super::unset::tmux_unset;
use crate::finding::Location;
use crate::output::sanitize;
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::state::holders::Kind;
use crate::state::processes;
use crate::state::tmux::Server;
use crate::system::{Process, System};

/// A program that runs with another token, and what cures it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Old {
    /// The process.
    pub at: Location,
    /// The variable that it was started with.
    pub variable: &'static str,
    /// The tmux server that gives it to new windows, and what it gives.
    pub tmux: Option<(Server, Token)>,
    /// What the person does.
    pub cure: &'static str,
    /// The command that does it, where there is one.
    pub command: Option<String>,
}

/// What is done about it: tmux is told, everything else only the person can end.
pub(super) fn action(snapshot: &Snapshot<'_>, old: &Old) -> Action {
    let by_tool = old
        .tmux
        .as_ref()
        .and_then(|(server, value)| tmux_unset(&snapshot.state, old.at.clone(), server, old.variable, value));
    by_tool.unwrap_or_else(|| {
        let who = match &old.at {
            Location::Process { pid, name } => format!("{name} (process {pid})"),
            _ => String::new(),
        };
        let mut action = Action::manual(
            old.at.clone(),
            format!("{who} was started with another {}: {}", old.variable, old.cure),
            old.command.clone().unwrap_or_default(),
        );
        action.command.clone_from(&old.command);
        action
    })
}

/// One line for each program that was started with a variable as it is now, but for this one and the shell around it,
/// which is told itself. What a process was given at its start is seen, and only by its own user; a shell may have unset
/// it since, which nobody can see from outside.
pub fn notes(state: &State<'_>, names: &[&str]) -> Vec<String> {
    use std::os::unix::ffi::OsStringExt as _;
    let value = |name| Some(Token::new(state.var(name)?.into_vec()));
    let values: Vec<(&str, Token)> = names.iter().filter_map(|name| Some((*name, value(name)?))).collect();
    notes_of(state.system, &values)
}

/// The same for values that this shell need not have.
pub fn notes_of(system: &dyn System, values: &[(&str, Token)]) -> Vec<String> {
    let mine = processes::own(system);
    let mut found: BTreeMap<(String, &str), Vec<Process>> = BTreeMap::new();
    for process in system.processes().into_iter().filter(|p| !mine.contains(&p.pid)) {
        let Some(given) = system.environment_of(process.pid) else { continue };
        for (name, value) in values {
            if given.get(name) == Some(value.bytes()) {
                found.entry((sanitize::line(&process.name), name)).or_default().push(process.clone());
            }
        }
    }
    found.into_iter().map(|((called, name), all)| note(system, &called, name, &all)).collect()
}

fn note(system: &dyn System, called: &str, name: &str, all: &[Process]) -> String {
    let [first, rest @ ..] = all else { return String::new() };
    let who = if rest.is_empty() {
        format!("{called} (process {}) was", first.pid)
    } else {
        format!("{} processes of {called} (the first is {}) were", all.len(), first.pid)
    };
    let kind = Kind::of(&first.name, &system.command_of(first.pid));
    let (words, command) = kind.cure(first, name, system.details_of(first.pid).unit.as_deref());
    let cure = command.map_or_else(|| words.to_owned(), |command| format!("`{command}` ({words})"));
    format!("{who} started with the old {name}: {cure}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn those_that_were_started_with_it() {
        let value = "x".repeat(20);
        let longer = format!("{value}y");
        let with = [("A", "b"), ("HF_TOKEN", value.as_str())];
        let fake = Fake::home()
            .var("HF_TOKEN", &value)
            .running(1000, 6, "hflint", &with)
            .running(6, 1, "bash", &with)
            .running(10, 1, "tmux: server", &with)
            .running(11, 10, "bash", &with)
            .running(12, 10, "bash", &with)
            .running(13, 1, "other", &[("HF_TOKEN", &longer), ("XHF_TOKEN", &value)]);
        assert_eq!(
            notes(&State::new(&fake), &["HF_TOKEN"]),
            [
                "2 processes of bash (the first is 11) were started with the old HF_TOKEN: `unset HF_TOKEN` (type it \
                 there, or close it)",
                "tmux: server (process 10) was started with the old HF_TOKEN: `tmux set-environment -gu HF_TOKEN` \
                 (windows that are open keep theirs)",
            ]
        );
        assert!(notes(&State::new(&fake), &["HF_HOME"]).is_empty(), "not set");
    }
}
