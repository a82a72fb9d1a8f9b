//! Clears stale credentials away: into the journal, never destroyed, and never the active login unasked.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::place::{self, Taken};
use super::plan::{Action, Kind, Step};
use super::{comment, diff};
use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::model::HubPath;
use crate::clients::{endpoint, paths, shape};
use crate::finding::{Applicability, Location};
use crate::output::sanitize;
use crate::secret::Token;
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::state::git::store;
use crate::state::{netrc, stored_tokens};
use crate::system::Image;
use crate::system::path::absolute;
use crate::system::python_text::Text;

/// The option that allows the active login to go.
const LOGIN: &str = "--login";

fn shown(snapshot: &Snapshot<'_>, path: &Path) -> String {
    sanitize::path(path, snapshot.state.var("HOME").as_deref())
}

fn by_hand(snapshot: &Snapshot<'_>, path: &Path, what: &str, why: &str, command: String) -> Action {
    let what = format!("{what} {}, by hand: it {why}", shown(snapshot, path));
    Action::manual(Location::file(path), what, command)
}

/// Whether a client here takes its token from this file.
fn is_active(snapshot: &Snapshot<'_>, path: &Path) -> bool {
    let real = |p: &Path| snapshot.state.system.canonical(p);
    snapshot
        .here()
        .iter()
        .any(|r| r.answer.source.as_ref().and_then(Location::path).is_some_and(|p| p == path || real(p) == real(path)))
}

/// A token file goes into the journal, and the link that leads to it.
pub fn discard(snapshot: &Snapshot<'_>, path: &Path) -> Vec<Action> {
    let name = shown(snapshot, path);
    let target = Location::file(path);
    let taken = match place::take(snapshot.state.system, path) {
        Ok(taken) => taken,
        Err(why) => {
            let sudo = if why == place::Refusal::Foreign { "sudo " } else { "" };
            let command = format!("{sudo}rm {}", quote_path(Some(path)));
            return vec![by_hand(snapshot, path, "remove", &why.to_string(), command)];
        }
    };
    if !matches!(taken.image, Image::File(_)) {
        return Vec::new();
    }
    let mut action =
        Action::new(Kind::Move, Applicability::Unsafe, target, format!("move {name} into the journal of hflint"));
    if taken.path != path
        && let Ok(link @ Image::Link { .. }) = Image::of(snapshot.state.system, path)
    {
        action = action.step(Step::Put { path: path.to_owned(), before: link, after: Image::Absent });
    }
    let bytes = taken.image.bytes().unwrap_or_default();
    let diff = diff::lines(path, bytes, b"", diff::secrets);
    action = action.diff(diff).step(Step::Put { path: taken.path, before: taken.image, after: Image::Absent });
    vec![if is_active(snapshot, path) { action.needs(LOGIN) } else { action }]
}

/// A token file with dirt, in which the token is whole: it becomes what `hf auth login` would have written.
pub fn clean(snapshot: &Snapshot<'_>, path: &Path) -> Vec<Action> {
    let command = || format!("${{EDITOR:-vi}} {}", quote_path(Some(path)));
    let Taken { path: real, image } = match place::take(snapshot.state.system, path) {
        Ok(taken) => taken,
        Err(why) => return vec![by_hand(snapshot, path, "clean", &why.to_string(), command())],
    };
    let Image::File(file) = &image else { return Vec::new() };
    let Some(token) = shape::read(&file.bytes).token.filter(Token::is_shaped) else { return Vec::new() };
    if *file.bytes == token.bytes() {
        return Vec::new();
    }
    let what = format!("leave nothing but the token {} in {}", token.masked(), shown(snapshot, path));
    let diff = diff::lines(path, &file.bytes, token.bytes(), diff::secrets);
    let after = Image::File(file.with(token.bytes().to_vec()));
    vec![Action::new(Kind::EditFile, Applicability::Unsafe, Location::file(path), what).diff(diff).step(Step::Put {
        path: real,
        before: image.clone(),
        after,
    })]
}

/// A directory in place of a token file goes, where it is empty.
pub fn directory(snapshot: &Snapshot<'_>, path: &Path) -> Vec<Action> {
    let system = snapshot.state.system;
    let target = Location::directory(path);
    let what = format!("remove the empty directory {}", shown(snapshot, path));
    let command = format!("rmdir {}", quote_path(Some(path)));
    match place::take(system, path) {
        Ok(Taken { path: real, image: image @ Image::Dir { .. } }) if real == path => {
            if system.list(path).is_ok_and(|names| !names.is_empty()) {
                let what = format!("move away the directory {}, which is not empty", shown(snapshot, path));
                let word = quote_path(Some(path));
                return vec![Action::manual(target, what, format!("mv {word} {word}.old"))];
            }
            vec![Action::new(Kind::Delete, Applicability::Unsafe, target, what).step(Step::Put {
                path: real,
                before: image,
                after: Image::Absent,
            })]
        }
        _ => vec![Action::manual(target, what, command)],
    }
}

/// The lines of a text, each with its end.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|b| *b == b'\n').collect()
}

/// The netrc entries that replace the token: every line of theirs is commented out, or taken out where Python's parser
/// would stumble over the comment (it does after an empty line, 3.11).
pub fn netrc(snapshot: &Snapshot<'_>) -> Vec<Action> {
    let state = &snapshot.state;
    let hub = snapshot.hub_or_newest();
    let url = endpoint::hub(state.system, hub.instance.version);
    let Some(host) = endpoint::split(&url).map(|s| s.host.clone()) else { return Vec::new() };
    let path = state.netrc().path.clone();
    let command = format!("${{EDITOR:-vi}} {}", quote_path(Some(&path)));
    let what = format!("comment out the entry for {} in", sanitize::line(&host));
    let taken = match place::take(state.system, &path) {
        Ok(taken) => taken,
        Err(why) => return vec![by_hand(snapshot, &path, &what, &why.to_string(), command)],
    };
    let Image::File(file) = &taken.image else { return Vec::new() };
    let parse = |bytes: &[u8]| {
        let entries = netrc::parse(&path, &Text::python(state.system, bytes, false)).ok()?;
        Some(netrc::Netrc { path: path.clone(), entries, fault: None })
    };
    let mark = comment::mark(state.system.now());
    let mut text = file.bytes.to_vec();
    let mut first = None;
    let mut names = Vec::new();
    // One entry hides another, and `default` comes last.
    while let Some(now) = parse(&text)
        && let Some(entry) = now.for_host(&host)
    {
        let Some(next) = without_entry(&text, &now, entry, &mark, &parse) else {
            return vec![by_hand(snapshot, &path, &what, "shares its lines with another entry", command)];
        };
        first = first.or(Some(entry.line));
        names.push(entry.machine.as_ref().map_or("default, which is for every host".to_owned(), |m| sanitize::line(m)));
        text = next;
    }
    let Some(first) = first else { return Vec::new() };
    let diff = diff::lines(&path, &file.bytes, &text, diff::netrc);
    let what = format!("comment out the entry for {} in {}", names.join(" and for "), shown(snapshot, &path));
    vec![
        Action::new(Kind::EditFile, Applicability::Unsafe, Location::line(&path, first), what)
            .diff(diff)
            .step(Step::Put { path: taken.path, before: taken.image.clone(), after: Image::File(file.with(text)) }),
    ]
}

fn without_entry(
    text: &[u8],
    now: &netrc::Netrc,
    entry: &netrc::Entry,
    mark: &str,
    parse: &dyn Fn(&[u8]) -> Option<netrc::Netrc>,
) -> Option<Vec<u8>> {
    let all = lines(text);
    let start = entry.line as usize - 1;
    let next = now.entries.iter().map(|e| e.line as usize - 1).filter(|line| *line > start).min();
    let mut end = next.unwrap_or(all.len()).min(all.len());
    // A macro is no part of the credentials; neither are the blanks and comments before the next entry.
    if let Some(at) = all[start..end].iter().position(|l| l.trim_ascii_start().starts_with(b"macdef")) {
        end = start + at;
    }
    while end > start + 1 && (all[end - 1].trim_ascii().is_empty() || all[end - 1].trim_ascii_start().starts_with(b"#"))
    {
        end -= 1;
    }
    let span: Range<usize> = start..end;
    let commented = edit_lines(&all, &span, Some(mark));
    let removed = edit_lines(&all, &span, None);
    let wanted: Vec<_> = now.entries.iter().filter(|e| !std::ptr::eq(*e, entry)).map(key).collect();
    // Read back: whatever was odd about the file, the other entries are as they were.
    [commented, removed]
        .into_iter()
        .find(|new| parse(new).is_some_and(|new| new.entries.iter().map(key).collect::<Vec<_>>() == wanted))
}

fn key(e: &netrc::Entry) -> (Option<String>, String, String, Vec<u8>) {
    (e.machine.clone(), e.login.clone(), e.account.clone(), e.password.bytes().to_vec())
}

/// The text with some lines behind a mark, or without them.
fn edit_lines(all: &[&[u8]], span: &Range<usize>, mark: Option<&str>) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, line) in all.iter().enumerate() {
        match mark {
            _ if !span.contains(&at) => out.extend_from_slice(line),
            Some(mark) => {
                out.extend_from_slice(mark.as_bytes());
                out.extend_from_slice(line);
            }
            None => {}
        }
    }
    out
}

/// Logins of `stored_tokens` that have expired and that nothing renews.
pub fn sections(snapshot: &Snapshot<'_>, names: &[String]) -> Vec<Action> {
    let state = &snapshot.state;
    let path = stored_path(snapshot);
    let Some(stored) = stored_tokens::read(state, &path, HUGGINGFACE_HUB.newest) else { return Vec::new() };
    let chosen: Vec<_> = stored.tokens.iter().filter(|s| names.contains(&s.name)).collect();
    let Some(first) = chosen.first() else { return Vec::new() };
    let shown_names = chosen.iter().map(|s| format!("\"{}\"", sanitize::line(&s.name))).collect::<Vec<_>>().join(", ");
    let what = format!("take the expired login {shown_names} out of");
    let command = format!("${{EDITOR:-vi}} {}", quote_path(Some(&path)));
    let taken = match place::take(state.system, &path) {
        Ok(taken) => taken,
        Err(why) => return vec![by_hand(snapshot, &path, &what, &why.to_string(), command)],
    };
    let Image::File(file) = &taken.image else { return Vec::new() };
    let Some(text) = without_sections(&file.bytes, names) else {
        return vec![by_hand(snapshot, &path, &what, "does not come apart at its sections", command)];
    };
    let diff = diff::lines(&path, &file.bytes, &text, diff::assignments);
    let what = format!("{what} {}", shown(snapshot, &path));
    let mut action = Action::new(Kind::EditFile, Applicability::Unsafe, stored.location(first), what).diff(diff);
    let after = Image::File(file.with(text));
    action = action.step(Step::Put { path: taken.path.clone(), before: taken.image.clone(), after });
    let is_sent = |token: &Token| {
        snapshot
            .here()
            .into_iter()
            .find(|r| r.answer.outcome.token() == Some(token))
            .and_then(|r| r.answer.source.clone())
    };
    let mut out = Vec::new();
    if let Some(source) = chosen.iter().find_map(|s| is_sent(&s.token)) {
        // The login itself: a section without its token file would leave the expired token being sent.
        if let Some(at) = source.path() {
            out.extend(discard(snapshot, at));
        }
        action = action.needs(LOGIN);
    }
    out.push(action);
    out
}

fn stored_path(snapshot: &Snapshot<'_>) -> PathBuf {
    absolute(snapshot.state.system, &paths::hub_stored_tokens(snapshot.state.system, HubPath::Expanded))
}

/// The text without these sections; `None` where what is left does not read as the same logins without them.
fn without_sections(text: &[u8], names: &[String]) -> Option<Vec<u8>> {
    use crate::state::configparser::Config;
    let read = |text: &[u8]| Config::parse(&Text::utf8(text, false)).ok();
    let before = read(text)?;
    let all = lines(text);
    let mut out = Vec::new();
    let mut skip = false;
    for (number, line) in (1_u32..).zip(&all) {
        if line.starts_with(b"[") {
            skip = before.sections.iter().any(|s| s.line == number && names.contains(&s.name));
        }
        if !skip {
            out.extend_from_slice(line);
        }
    }
    let values = |config: &Config| -> Vec<(String, Vec<(String, String)>)> {
        let fields = |s: &crate::state::configparser::Section| {
            s.fields.iter().map(|(key, field)| (key.clone(), field.value.to_string())).collect()
        };
        let kept = config.sections.iter().filter(|s| !names.contains(&s.name));
        kept.map(|s| (s.name.clone(), fields(s))).collect()
    };
    let after = read(&out)?;
    (after.sections.len() < before.sections.len() && values(&after) == values(&before)).then_some(out)
}

/// What is stale here and no rule's finding: expired logins that are not in use, and lines of a git credential store
/// that git never comes to.
pub fn stale(snapshot: &Snapshot<'_>) -> Vec<Action> {
    let state = &snapshot.state;
    let now = state.system.now();
    let mut out = Vec::new();
    let mut expired = Vec::new();
    if let Some(stored) = stored_tokens::read(state, &stored_path(snapshot), HUGGINGFACE_HUB.newest) {
        let dead = |s: &&stored_tokens::Stored| s.expires_at.is_some_and(|at| at <= now) && !s.refreshable;
        let in_use = |token: &Token| {
            snapshot
                .here()
                .iter()
                .any(|r| r.answer.outcome.token() == Some(token) || r.answer.hides.iter().any(|h| h.token == *token))
        };
        let unused: Vec<_> = stored.tokens.iter().filter(dead).filter(|s| !in_use(&s.token)).collect();
        expired = stored.tokens.iter().filter(dead).map(|s| s.token.clone()).collect();
        if !unused.is_empty() {
            let names: Vec<String> = unused.iter().map(|s| s.name.clone()).collect();
            out.extend(sections(snapshot, &names).into_iter().map(|a| a.of("HF205")));
        }
    }
    let mut files: Vec<&Path> = state.git().stored.iter().filter_map(|s| s.credential.source.path()).collect();
    files.dedup();
    for path in files {
        out.extend(git_lines(snapshot, path, &expired));
    }
    out
}

/// Lines for the Hub that can only fail, or that an earlier one for the same user and place hides. git's file knows no
/// comments: they are taken out.
fn git_lines(snapshot: &Snapshot<'_>, path: &Path, expired: &[Token]) -> Vec<Action> {
    let command = || format!("${{EDITOR:-vi}} {}", quote_path(Some(path)));
    let taken = match place::take(snapshot.state.system, path) {
        Ok(taken) => taken,
        Err(why) => return vec![by_hand(snapshot, path, "take dead lines out of", &why.to_string(), command())],
    };
    let Image::File(file) = &taken.image else { return Vec::new() };
    let of_hub = |number: u32| {
        let at = Location::line(path, number);
        snapshot.state.git().stored.iter().any(|s| s.credential.source == at)
    };
    let mut seen: Vec<store::Line> = Vec::new();
    let mut dead = Vec::new();
    for line in store::lines(&file.bytes) {
        let same = |a: &store::Line| {
            let place = |l: &store::Line| {
                (l.parts.scheme.clone(), l.parts.host.clone(), l.parts.path.clone(), l.parts.user.clone())
            };
            place(a) == place(&line)
        };
        let fails = line.password.is_blank() || expired.contains(&line.password);
        if of_hub(line.number) && (fails || seen.iter().any(same)) {
            dead.push(line.number);
        } else {
            seen.push(line);
        }
    }
    let Some(first) = dead.first().copied() else { return Vec::new() };
    let all = lines(&file.bytes);
    let text: Vec<u8> =
        (1_u32..).zip(&all).filter(|(n, _)| !dead.contains(n)).flat_map(|(_, line)| line.to_vec()).collect();
    let diff = diff::lines(path, &file.bytes, &text, diff::urls);
    let what = match dead.len() {
        1 => format!("take the dead line {first} out of {}", shown(snapshot, path)),
        n => format!("take {n} dead lines out of {}", shown(snapshot, path)),
    };
    vec![
        Action::new(Kind::EditFile, Applicability::Unsafe, Location::line(path, first), what)
            .of("HF110")
            .diff(diff)
            .step(Step::Put { path: taken.path, before: taken.image.clone(), after: Image::File(file.with(text)) }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_go_whole() {
        let text = b"[a]\nhf_token = x\n\n[b]\nhf_token = y\nexpires_at = 1\n[c]\nhf_token = z\n";
        let out = without_sections(text, &["b".to_owned()]).unwrap();
        assert_eq!(out, b"[a]\nhf_token = x\n\n[c]\nhf_token = z\n");
        assert_eq!(without_sections(text, &["d".to_owned()]), None);
        assert_eq!(without_sections(b"no header\n", &["d".to_owned()]), None);
    }

    fn netrc_of(text: &str) -> netrc::Netrc {
        let path = Path::new("/n");
        let entries = netrc::parse(path, &Text::utf8(text.as_bytes(), false)).unwrap();
        netrc::Netrc { path: path.to_owned(), entries, fault: None }
    }

    #[test]
    fn netrc_entries_are_commented_or_taken_out() {
        let parse = |bytes: &[u8]| {
            let entries = netrc::parse(Path::new("/n"), &Text::utf8(bytes, false)).ok()?;
            Some(netrc::Netrc { path: "/n".into(), entries, fault: None })
        };
        for (text, want) in [
            ("machine h login a password b\n", "# machine h login a password b\n"),
            (
                "machine x password y\nmachine h\n  login a\n  password b\nmachine z password q\n",
                "machine x password y\n# machine h\n#   login a\n#   password b\nmachine z password q\n",
            ),
            (
                "machine h login a\n\n  password b\r\nmachine z password q",
                "# machine h login a\n# \n#   password b\r\nmachine z password q",
            ),
            // Python's parser takes no comment after an empty line.
            ("machine x password y\n\nmachine h password b\n", "machine x password y\n\n"),
        ] {
            let now = netrc_of(text);
            let entry = now.for_host("h").unwrap();
            let out = without_entry(text.as_bytes(), &now, entry, "# ", &parse).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), want, "{text:?}");
        }
        let shared = "machine x password y machine h password b\n";
        let now = netrc_of(shared);
        assert_eq!(without_entry(shared.as_bytes(), &now, now.for_host("h").unwrap(), "# ", &parse), None);
    }
}
