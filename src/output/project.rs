//! What is said of a project's `.hflint.toml`.

use std::ffi::OsStr;

use super::sanitize::path;
use crate::config::Project;
use crate::config::project::{Fault, LeftOut};
use crate::config::trust::Trust;

/// What a person must know before they rely on the file: what of it does not count, and why. Not escaped where the text
/// of the file itself is shown, in several lines: whoever prints it escapes each line.
pub fn notes(project: &Project, home: Option<&OsStr>) -> Vec<String> {
    let file = path(&project.place.shown, home);
    match &project.fault {
        Some(fault @ Fault::Foreign) => return vec![format!("{file} {fault}")],
        Some(Fault::Unusable(why)) => return vec![format!("{file}: {why}")],
        None => {}
    }
    let of_trust: Vec<&LeftOut> = project.left_out.iter().filter(|key| key.needs_trust).collect();
    let mut notes = Vec::new();
    match (project.trust, of_trust.is_empty()) {
        (Trust::Changed, true) => {
            notes.push(format!("{file} was changed since you trusted it, and may only make checks stricter · hflint trust"));
        }
        (Trust::Changed, false) => notes.push(format!(
            "{file}{} left out: the file was changed since you trusted it, and may only make checks stricter · hflint trust",
            keys(&of_trust)
        )),
        (_, false) => notes.push(format!(
            "{file}{} left out: a project's file that you do not trust may only make checks stricter · hflint trust",
            keys(&of_trust)
        )),
        (_, true) => {}
    }
    let never: Vec<&LeftOut> = project.left_out.iter().filter(|key| !key.needs_trust).collect();
    if !never.is_empty() {
        notes.push(format!("{file}{} left out: it belongs to your own configuration alone", keys(&never)));
    }
    notes
}

/// `:3: ignore, warn (line 5)`: the first one's line goes with the path, as editors take it.
fn keys(left_out: &[&LeftOut]) -> String {
    let shown = left_out.iter().enumerate().map(|(i, key)| match i {
        0 => format!(":{}: {}", key.line, key.key),
        _ => format!(", {} (line {})", key.key, key.line),
    });
    shown.collect()
}
