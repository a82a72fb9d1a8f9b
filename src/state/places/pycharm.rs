//! PyCharm and other IDEs of JetBrains: the environment of a run configuration, in the workspace and in shared files.
//!
//! Source: the documentation names the files; `<envs><env name="…" value="…"/></envs>` is what PyCharm writes.

use std::path::PathBuf;

use super::{Cure, Found, Reaches, Sighting, Value, ending, project};
use crate::finding::Location;
use crate::state::State;
use crate::state::document::xml;

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    for dir in project(state.system) {
        let idea = dir.join(".idea");
        let mut files: Vec<PathBuf> = vec![idea.join("workspace.xml")];
        files.extend(ending(state.system, &idea.join("runConfigurations"), ".xml"));
        files.extend(ending(state.system, &dir.join(".run"), ".run.xml"));
        for path in files {
            for element in found.parse(state, &path, xml).unwrap_or_default() {
                if element.name != "env" || element.within.last().is_none_or(|outer| outer != "envs") {
                    continue;
                }
                let (Some(name), Some(value)) = (element.attribute("name"), element.attribute("value")) else {
                    continue;
                };
                let name = String::from_utf8_lossy(name.bytes());
                // A macro of the IDE: `$PROJECT_DIR$`.
                let refers = value.bytes().split(|b| *b == b'$').count() > 2;
                let value = if refers { Value::Reference(value.clone()) } else { Value::Token(value.clone()) };
                let at = Location::line(&path, element.line);
                let sighting = Sighting::new(&name, value, at, "a run configuration of the IDE", Reaches::Editor);
                found.add(Sighting { cure: Cure::Edit, ..sighting });
            }
        }
    }
}
