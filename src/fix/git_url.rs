//! Takes secrets out of the URLs of git: by git itself, which owns the format.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;

use super::place;
use super::plan::{Action, Tool};
use super::unset::{shown, tool, words};
use crate::finding::Location;
use crate::output::sanitize;
use crate::secret::holds_token;
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::state::git::embedded::{Embedded, Role};

/// What it takes to be rid of the user parts in these lines.
pub fn actions(snapshot: &Snapshot<'_>, sources: &[Location]) -> Vec<Action> {
    let state = &snapshot.state;
    let found = state.git().embedded(state);
    found.iter().filter(|url| sources.contains(&url.source)).map(|url| one(snapshot, url)).collect()
}

fn one(snapshot: &Snapshot<'_>, url: &Embedded) -> Action {
    let state = &snapshot.state;
    let at = url.source.clone();
    let Location::File { path, line } = &url.source else {
        return Action::manual(at, "take the URL out of the variable that git has it from", "unset GIT_CONFIG_COUNT");
    };
    let place = shown(state, path);
    let line = line.unwrap_or(1);
    let by_hand = |why: &str| {
        let what = format!("take the secret out of {place}:{line}, by hand: {why}");
        Action::manual(at.clone(), what, format!("${{EDITOR:-vi}} +{line} {}", quote_path(Some(path))))
    };
    // Its name would have to be told to git, where others could see it.
    if url.role == Role::Rewrite || holds_token(&url.key) {
        return by_hand("the secret is a part of the key's own name");
    }
    if holds_token(&url.plain) {
        return by_hand("what is left of the URL holds a token, too");
    }
    let taken = match place::take(state.system, path) {
        Ok(taken) => taken,
        Err(why) => return by_hand(&format!("it {why}")),
    };
    let command = command(snapshot, url, path);
    let what = match &url.role {
        Role::Remote { name, .. } => format!(
            "take the secret out of the URL of remote \"{}\" in {place}",
            sanitize::line(&String::from_utf8_lossy(name))
        ),
        _ => format!("take the secret out of the URL in {place}:{line}"),
    };
    tool(state, at, &what, Tool { command, input: Vec::new() }, None, Some(taken.path))
}

/// `git remote set-url`, as people know it, where that changes this very value; else the same through `git config`.
fn command(snapshot: &Snapshot<'_>, url: &Embedded, path: &Path) -> Vec<OsString> {
    let bytes = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    let repository = snapshot.state.git().config.repository.as_ref();
    let own = repository.is_some_and(|r| r.common_dir.join("config") == path);
    if let Role::Remote { name, key } = &url.role
        && own
        && url.values == 1
        && !name.starts_with(b"-")
        && matches!(key.as_str(), "url" | "pushurl")
    {
        let mut out = words(&["git", "remote", "set-url"], None);
        out.extend((key == "pushurl").then(|| "--push".into()));
        out.extend([bytes(name), bytes(&url.plain)]);
        return out;
    }
    let mut out = words(&["git", "config", "--file"], Some(path));
    if url.values <= 1 {
        out.extend([bytes(&url.key), bytes(&url.plain)]);
        return out;
    }
    // Of several values only those with a user part before the same rest.
    let start = url.plain.windows(3).position(|w| w == b"://").map_or(0, |i| i + 3);
    let mut pattern = b"@".to_vec();
    for b in &url.plain[start..] {
        if b".^$*+?()[]{}|\\".contains(b) {
            pattern.push(b'\\');
        }
        pattern.push(*b);
    }
    pattern.push(b'$');
    out.extend(["--replace-all".into(), bytes(&url.key), bytes(&url.plain), bytes(&pattern)]);
    out
}
