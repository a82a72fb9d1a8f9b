//! Takes variables out of the places that give them to something else: an environment, an editor, a session.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::comment::Text;
use super::plan::{Action, Tool};
use super::unset::{edit, shown, tool};
use crate::finding::Location;
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::state::places::{Cure, Sighting};

/// What it takes to be rid of what stands in these places for a variable, as each is cured; what else stands there
/// stays.
pub fn actions(snapshot: &Snapshot<'_>, name: &str, sources: &[Location]) -> Vec<Action> {
    let state = &snapshot.state;
    let mut out = Vec::new();
    // One file, one action: two would each find another file than the one that was diagnosed.
    let mut lines: BTreeMap<(PathBuf, bool), Vec<(u32, &str)>> = BTreeMap::new();
    for sighting in state.places().sightings.iter().filter(|s| s.variable == name && sources.contains(&s.location)) {
        let script = match sighting.cure {
            Cure::CommentScript => Some(true),
            Cure::CommentLine => Some(false),
            _ => None,
        };
        match (&sighting.location, script) {
            (Location::File { path, line: Some(line) }, Some(script)) => {
                lines.entry((path.clone(), script)).or_default().push((*line, &sighting.variable));
            }
            _ => out.push(other(snapshot, sighting)),
        }
    }
    for ((path, script), settings) in &lines {
        let kind = if *script { Text::Script } else { Text::Lines };
        out.extend(edit(state, path, settings, Some(kind)));
    }
    out
}

fn other(snapshot: &Snapshot<'_>, sighting: &Sighting) -> Action {
    let state = &snapshot.state;
    let Sighting { variable, location, setter, .. } = sighting;
    let place = location.path().map_or_else(String::new, |path| format!(" in {}", shown(state, path)));
    let what = format!("take {variable} out of {setter}{place}");
    match (&sighting.cure, location) {
        (Cure::Tool(command), _) => {
            let run = Tool { command: command.clone(), input: Vec::new() };
            let edits = location.path().and_then(|path| super::place::take(state.system, path).ok()).map(|t| t.path);
            tool(state, location.clone(), &what, run, None, edits)
        }
        (Cure::Command(command), _) => Action::manual(location.clone(), what, command),
        (_, Location::File { path, line: Some(line) }) => {
            Action::manual(location.clone(), what, format!("${{EDITOR:-vi}} +{line} {}", quote_path(Some(path))))
        }
        _ => Action::manual(location.clone(), what, format!("${{EDITOR:-vi}} {}", quote_path(location.path()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::State;
    use crate::system::fake::Fake;

    #[test]
    fn what_else_stands_in_the_line_stays() {
        let path = "/home/u/.config/systemd/user/a.service";
        let fake = Fake::home().file(path, "[Service]\nEnvironment=HF_TOKEN=a HF_HOME=/x\n");
        let snapshot = Snapshot::new(State::new(&fake));
        assert_eq!(snapshot.state.places().sightings.len(), 2);
        assert_eq!(actions(&snapshot, "HF_TOKEN", &[Location::line(path, 2)]).len(), 1);
    }
}
