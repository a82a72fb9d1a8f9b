//! The one line of a finding at the prompt.

use std::ffi::OsStr;

use super::sanitize;
use crate::finding::{Finding, Location};
use crate::shell::words::translated;
use crate::snapshot::Snapshot;
use crate::state::provenance::ancestors::INHERITED;
use crate::state::provenance::{self, Certainty};
use crate::state::startup::Shell;

/// `hflint: HF_TOKEN (~/.bashrc:42) hides your login "work" · unset HF_TOKEN`.
pub fn line(finding: &Finding, snapshot: &Snapshot<'_>, shell: &str) -> String {
    let home = snapshot.state.var("HOME");
    let mut text = finding.brief.clone().unwrap_or_else(|| finding.message.clone());
    if let Some(Location::Variable { name }) = finding.locations.first()
        && let Some(place) = set_in(snapshot, name, home.as_deref())
        && let Some(at) = text.find(name.as_str())
    {
        text.insert_str(at + name.len(), &format!(" ({place})"));
    }
    let help = finding.help.as_ref().map_or_else(String::new, |h| format!(" · {}", translated(&h.command, shell)));
    sanitize::line(&format!("hflint: {text}{help}"))
}

/// The file and line that set a variable, or the program that it came from, where that is known.
fn set_in(snapshot: &Snapshot<'_>, name: &str, home: Option<&OsStr>) -> Option<String> {
    let by = provenance::of(&snapshot.state, name).filter(|by| by.certainty != Certainty::Unknown)?;
    match by.location? {
        Location::File { path, line: Some(n) } => Some(format!("{}:{n}", sanitize::path(&path, home))),
        Location::File { path, line: None } => Some(sanitize::path(&path, home)),
        // Not what a person has just typed, nor that a shell was started with it.
        Location::Process { name, .. } if by.setter == INHERITED && Shell::of_program(OsStr::new(&name)).is_none() => {
            Some(format!("from {name}"))
        }
        _ => None,
    }
}
