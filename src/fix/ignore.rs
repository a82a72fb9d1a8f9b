//! Lets git ignore files: a line each in the nearest `.gitignore`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::plan::{Action, Kind, Step};
use super::unset::shown;
use super::{diff, place};
use crate::finding::{Applicability, Location};
use crate::output::sanitize;
use crate::secret::mask_text;
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::state::git::{ignore, index};
use crate::state::project_files::relative;
use crate::system::path::Within as _;
use crate::system::{FileImage, Image};

/// What it takes for git to leave these files out.
pub fn actions(snapshot: &Snapshot<'_>, paths: &[PathBuf]) -> Vec<Action> {
    let state = &snapshot.state;
    let config = &state.git().config;
    let Some(root) = state.git().root.as_deref() else { return Vec::new() };
    let mut lists: BTreeMap<PathBuf, Vec<&Path>> = BTreeMap::new();
    for path in paths.iter().filter(|p| ignore::is_ignored(state.system, config, p) == Some(false)) {
        lists.entry(list_for(snapshot, root, path)).or_default().push(path);
    }
    let mut out: Vec<Action> = lists.iter().map(|(list, paths)| add(snapshot, list, paths)).collect();
    let names: Vec<&[u8]> = paths.iter().filter_map(|p| relative(root, p)).collect();
    let tracked = index::tracked(state.system, config, &names).unwrap_or_default();
    for path in paths.iter().filter(|p| relative(root, p).is_some_and(|name| tracked.contains(name))) {
        let what = format!("take {} out of git's index, the file itself stays", shown(state, path));
        let command = format!("git rm --cached -- {}", quote_path(Some(path)));
        out.push(Action::manual(Location::file(path), what, command));
    }
    out
}

/// The deepest `.gitignore` on the way to a file, whose last line nothing can overrule; that of the root where there is
/// none.
fn list_for(snapshot: &Snapshot<'_>, root: &Path, path: &Path) -> PathBuf {
    let dirs = path.ancestors().skip(1).take_while(|dir| dir.starts_with(root));
    let lists = dirs.map(|dir| dir.within(".gitignore"));
    let found = lists.into_iter().find(|list| snapshot.state.system.lstat(list).is_ok());
    found.unwrap_or_else(|| root.within(".gitignore"))
}

fn add(snapshot: &Snapshot<'_>, list: &Path, paths: &[&Path]) -> Action {
    let state = &snapshot.state;
    let target = Location::file(list);
    let names: Vec<String> = paths.iter().map(|p| shown(state, p)).collect();
    let what = format!("let git ignore {}", names.join(" and "));
    let by_hand = |why: &str| {
        let command = format!("${{EDITOR:-vi}} {}", quote_path(Some(list)));
        Action::manual(target.clone(), format!("{what}, by hand: {} {why}", shown(state, list)), command)
    };
    let taken = match place::take(state.system, list) {
        Ok(taken) => taken,
        Err(why) => return by_hand(&why.to_string()),
    };
    let before = taken.image.bytes().unwrap_or_default();
    let end: &[u8] = if before.windows(2).any(|w| w == b"\r\n") { b"\r\n" } else { b"\n" };
    let mut text = before.to_vec();
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.extend_from_slice(end);
    }
    let dir = list.parent().unwrap_or(Path::new("/"));
    for path in paths {
        // A line end in a name cannot be written there.
        let Some(name) = relative(dir, path).filter(|name| !name.contains(&b'\n')) else {
            return by_hand("cannot name it");
        };
        text.extend(ignore::line_for(name));
        text.extend_from_slice(end);
    }
    let (kind, after) = match &taken.image {
        Image::File(file) => (Kind::EditFile, file.with(text.clone())),
        // Others are to have it.
        Image::Absent => (Kind::Create, FileImage { mode: 0o644, ..FileImage::private(text.clone()) }),
        Image::Dir { .. } | Image::Link { .. } => return by_hand("is no regular file"),
    };
    let diff = diff::lines(list, before, &text, |line| mask_text(&sanitize::bytes(line)));
    Action::new(kind, Applicability::Unsafe, target.clone(), format!("{what}, in {}", shown(state, list)))
        .diff(diff)
        .step(Step::Put { path: taken.path, before: taken.image.clone(), after: Image::File(after) })
}
