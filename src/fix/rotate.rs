//! Puts a new token in the place of an old one, everywhere the old one stands.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::plan::{Action, Kind, Plan, Shell, Step, Tool};
use super::unset::{shown, tool, words};
use super::{diff, holders, place};
use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::{Outcome, shape};
use crate::finding::{Applicability, Finding, Location};
use crate::output::sanitize;
use crate::secret::{Token, tokens_in};
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::state::git::store::Helper;
use crate::state::git::url::Parts;
use crate::state::isolation::Here;
use crate::state::tmux::Server;
use crate::state::variables::{self, CURRENT, Holds, OLD};
use crate::state::{State, stored_tokens};
use crate::system::{Image, Kind as Is, TEXT_LIMIT};

pub mod places;
mod text;

/// Where a token is made. `read` is all that downloads take, gated ones too; no rule asks for a token that writes.
/// Source: the Hub's documentation of user access tokens, and the links of its own pages (`tokenType`).
pub const NEW_TOKEN: &str = "https://huggingface.co/settings/tokens/new?tokenType=read";
/// Where a token is revoked.
pub const TOKENS: &str = "https://huggingface.co/settings/tokens";

/// What stands in a diff that is shown before there is a new token.
const NOT_YET: &[u8] = b"****";

/// The token that the newest or installed huggingface_hub sends here; a text where there is none to rotate.
pub fn in_effect(snapshot: &Snapshot<'_>) -> Result<Token, String> {
    let hub = snapshot.hub_or_newest();
    let called = format!("huggingface_hub {}", hub.instance.version);
    let token = match &hub.answer.outcome {
        Outcome::Token(token) => token,
        Outcome::Error(class) => return Err(format!("{called} raises {class} here: `hflint check` says why")),
        Outcome::Anonymous | Outcome::Unknown => {
            return Err(format!(
                "{called} sends no token here; a rule says which one is meant: `hflint fix rotate RULE`"
            ));
        }
    };
    let reading = shape::read(token.bytes());
    match reading.token.filter(Token::is_shaped) {
        Some(token) => Ok(token),
        None => Err(format!("what {called} sends here is {}: `hflint fix` takes it away", reading.shape.words())),
    }
}

/// The token that findings are about: that of the first place of each that holds one.
pub fn of_findings(snapshot: &Snapshot<'_>, findings: &[&Finding]) -> Result<Token, String> {
    let mut found: Vec<(Token, &Location)> = Vec::new();
    for finding in findings {
        let first = finding.locations.iter().find_map(|at| Some((tokens_at(snapshot, at).into_iter().next()?, at)));
        if let Some((token, at)) = first
            && !found.iter().any(|(known, _)| *known == token)
        {
            found.push((token, at));
        }
    }
    match found.as_slice() {
        [] => Err("nothing was found here with a token in it".to_owned()),
        [(token, _)] => Ok(token.clone()),
        several => {
            let list: Vec<String> =
                several.iter().map(|(token, at)| format!("{} ({})", token.masked(), place_of(snapshot, at))).collect();
            Err(format!("several tokens were found: {}; name the rule of the one that is meant", list.join(", ")))
        }
    }
}

fn place_of(snapshot: &Snapshot<'_>, at: &Location) -> String {
    crate::output::text::location(at, &snapshot.state, snapshot.state.var("HOME").as_deref())
}

fn tokens_at(snapshot: &Snapshot<'_>, at: &Location) -> Vec<Token> {
    match at {
        Location::Variable { name } => {
            snapshot.state.var(name).map_or_else(Vec::new, |value| tokens_in(value.as_bytes()))
        }
        Location::File { path, line } => {
            let Ok(content) = snapshot.state.system.read(path, TEXT_LIMIT) else { return Vec::new() };
            let bytes = zeroize::Zeroizing::new(content.bytes);
            match line {
                Some(line) => {
                    tokens_in(bytes.split(|b| *b == b'\n').nth((*line as usize).saturating_sub(1)).unwrap_or_default())
                }
                None => tokens_in(&bytes),
            }
        }
        _ => Vec::new(),
    }
}

/// Checks what was typed or piped in; a text where it cannot be the new token. It never repeats it.
pub fn checked(given: &[u8], old: &Token) -> Result<Token, String> {
    let reading = shape::read(given);
    let around = matches!(reading.dirt, None | Some(shape::Dirt::LineEnd | shape::Dirt::Around));
    match (reading.shape, reading.token) {
        (shape::Shape::Blank, _) => Err(format!("no new token was given; one is made at {NEW_TOKEN}")),
        (shape::Shape::Organization, _) => {
            Err("the new token is one of an organization, which the Hub has given up".to_owned())
        }
        (shape::Shape::Hub, Some(token)) if token.is_shaped() && around => {
            if token == *old {
                return Err(format!("the new token is the old one, {}", old.masked()));
            }
            Ok(token)
        }
        (shape::Shape::Hub, _) => {
            let why = reading.dirt.map_or("is too short", shape::Dirt::words);
            let has = if reading.dirt.is_some() { "has " } else { "" };
            Err(format!("the new token {has}{why}"))
        }
        (other, _) => Err(format!("the new token is no token but {}", other.words())),
    }
}

/// The plan. `new`: `None` to show where the old one stands before there is a new one. `seen`: files that were looked
/// at on the way here, beside those that are known.
pub fn plan(snapshot: &Snapshot<'_>, old: &Token, new: Option<&Token>, seen: &[PathBuf]) -> Plan {
    let rotation = Rotation { state: &snapshot.state, old, new };
    let mut plan = Plan::default();
    for action in rotation.variables() {
        plan.add(action);
    }
    let mut real = BTreeSet::new();
    for path in places::known(snapshot).iter().chain(seen) {
        let at = snapshot.state.system.canonical(path).unwrap_or_else(|| path.clone());
        if !places::is_excluded(snapshot.state.system, &at) && real.insert(at) {
            plan.actions.extend(rotation.file(path));
        }
    }
    plan.actions.extend(rotation.universal());
    let tmux = rotation.tmux();
    let by_tmux = !tmux.is_empty();
    plan.actions.extend(tmux);
    if !plan.actions.is_empty() {
        plan.notes = rotation.notes();
        // What it was started with stays in its process; what it gives to new windows is another.
        plan.notes.retain(|note| !by_tmux || !note.starts_with("tmux"));
    }
    plan
}

/// Typed in by hand, so that it stands in no history.
fn typed(name: &str) -> String {
    format!("read -rs {name}; export {name}")
}

struct Rotation<'a> {
    state: &'a State<'a>,
    old: &'a Token,
    new: Option<&'a Token>,
}

impl Rotation<'_> {
    fn by(&self) -> String {
        self.new.map_or_else(|| "the new token".to_owned(), Token::masked)
    }

    fn new_bytes(&self) -> &[u8] {
        self.new.map_or(NOT_YET, Token::bytes)
    }

    /// The variables of this shell.
    fn variables(&self) -> Vec<Action> {
        let mut names: Vec<String> = Vec::new();
        for (name, value) in self.state.system.vars() {
            // What direnv, mise and conda keep for themselves is not for anybody's eyes; an unreadable name is nobody's.
            if let Some(name) = name.to_str().filter(|n| !n.starts_with("__"))
                && text::find(value.as_bytes(), self.old.bytes()).next().is_some()
            {
                names.push(name.to_owned());
            }
        }
        names.sort_by_key(|name| (name != CURRENT, name != OLD));
        names.iter().filter_map(|name| self.variable(name)).collect()
    }

    fn variable(&self, name: &str) -> Option<Action> {
        let target = Location::variable(name);
        let official = name == CURRENT || name == OLD;
        // The hook reads the project's file again where it was changed.
        if let Here::Project(binding) = self.state.isolation()
            && name == CURRENT
            && binding.export
            && binding.is_marked(self.state.system)
        {
            return None;
        }
        let what = format!("give this shell {} in {name}, which holds {}", self.by(), self.old.masked());
        if !official {
            let whole = variables::by_name(name).is_some_and(|v| v.holds != Holds::Inside);
            let beside = self.state.var(CURRENT).is_some_and(|v| v.as_bytes() == self.old.bytes());
            return Some(match (whole, beside) {
                (true, true) => Action::manual(target, what, format!("export {name}=\"$HF_TOKEN\"")),
                (true, false) => Action::manual(target, what, typed(name)),
                // More than the token, or somebody's own: nobody knows what reads it.
                (false, _) => {
                    let what = format!("{name} of this shell holds {} too; set it anew", self.old.masked());
                    Action::manual(target, what, format!("unset {name}"))
                }
            });
        }
        let mut action = Action::new(Kind::Unset, Applicability::Unsafe, target, what);
        action.command = Some(typed(name));
        if let Some(new) = self.new {
            action = action.step(Step::Shell(Shell::Replace(name.to_owned(), new.clone())));
        }
        Some(action)
    }

    /// One file, where the old token stands in it.
    fn file(&self, path: &Path) -> Option<Action> {
        let system = self.state.system;
        if !system.stat(path).is_ok_and(|s| s.kind == Is::File) {
            return None;
        }
        let content = system.read(path, TEXT_LIMIT).ok()?;
        let bytes = zeroize::Zeroizing::new(content.bytes);
        let lines = text::lines(&bytes, self.old.bytes());
        let first = *lines.first()?;
        let bare = bytes.trim_ascii() == self.old.bytes();
        let target = Location::line(path, first);
        let at = self.described(path, &lines, bare);
        let what = format!("replace {} by {} in {at}", self.old.masked(), self.by());
        let by_hand = |why: String, sudo: bool| {
            let edit = if sudo { "sudoedit" } else { "${EDITOR:-vi}" };
            let command = format!("{edit} {}", quote_path(Some(path)));
            Some(Action::manual(target.clone(), format!("{what}, by hand: {why}"), command))
        };
        let taken = match place::take(system, path) {
            Ok(taken) => taken,
            Err(why) => return by_hand(format!("it {why}"), why == place::Refusal::Foreign),
        };
        let Image::File(file) = &taken.image else { return None };
        if file.bytes.contains(&0) {
            return by_hand("it is no text".to_owned(), false);
        }
        if places::is_universal(path) {
            // fish writes it itself, and would write over it.
            return None;
        }
        let mut new = text::replaced(&file.bytes, self.old.bytes(), self.new_bytes());
        let mut what = what;
        if path.file_name().is_some_and(|n| n == "stored_tokens")
            && let Some(plain) = text::no_longer_oauth(&file.bytes, &new, self.old.bytes(), self.new_bytes())
        {
            what.push_str("; what renewed the old one goes");
            new = plain;
        }
        if path.file_name().is_some_and(|n| n == ".envrc") {
            what.push_str("; direnv then waits for `direnv allow`");
        }
        let mask = places::mask(self.state, path, bare);
        let shown = diff::lines(path, &file.bytes, &new, mask);
        let after = Image::File(file.with(new));
        Some(Action::new(Kind::EditFile, Applicability::Unsafe, target, what).diff(shown).step(Step::Put {
            path: taken.path,
            before: taken.image.clone(),
            after,
        }))
    }

    /// `~/.bashrc:2, 5`, or the login's name.
    fn described(&self, path: &Path, lines: &[u32], bare: bool) -> String {
        let name = shown(self.state, path);
        if bare {
            return name;
        }
        let numbers = lines.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let mut out = format!("{name}:{numbers}");
        if path.file_name().is_some_and(|n| n == "stored_tokens")
            && let Some(stored) = stored_tokens::read(self.state, path, HUGGINGFACE_HUB.newest)
        {
            let names: Vec<String> =
                stored.active(self.old).map(|s| format!("\"{}\"", sanitize::line(&s.name))).collect();
            if !names.is_empty() {
                out.push_str(", named ");
                out.push_str(&names.join(" and "));
            }
        }
        out
    }

    /// fish's universal variables: every fish has the new value at once.
    fn universal(&self) -> Vec<Action> {
        let Some(path) = places::universal(self.state) else { return Vec::new() };
        let Ok(content) = self.state.system.read(&path, TEXT_LIMIT) else { return Vec::new() };
        let bytes = zeroize::Zeroizing::new(content.bytes);
        let mut out = Vec::new();
        for (number, line) in (1..).zip(bytes.split(|b| *b == b'\n')) {
            let Some((name, value)) = places::universal_line(line) else { continue };
            if value != self.old.bytes() {
                continue;
            }
            let command = words(&["fish", "-c", &format!("read -l value; and set -U {name} $value")], None);
            let with = |token: &[u8]| Tool { command: command.clone(), input: [token, b"\n"].concat() };
            let what = format!("give fish's universal variable {name} {}", self.by());
            let (run, undo) = (with(self.new_bytes()), with(self.old.bytes()));
            out.push(tool(self.state, Location::line(&path, number), &what, run, Some(undo), None));
        }
        out
    }

    /// What a tmux server gives to new windows.
    fn tmux(&self) -> Vec<Action> {
        let state = self.state;
        let Some(server) = Server::here(state) else { return Vec::new() };
        let mut out = Vec::new();
        for (name, _) in server.gives(state.system).unwrap_or_default().iter().filter(|(_, value)| value == self.old) {
            if variables::by_name(name).is_none() {
                continue;
            }
            let with = |token: &[u8]| Tool {
                command: server.command(&["source-file", "-"]),
                input: [format!("set-environment -g {name} '").as_bytes(), token, b"'\n"].concat(),
            };
            let what = format!("give new windows of tmux {} in {name}", self.by());
            let (run, undo) = (with(self.new_bytes()), with(self.old.bytes()));
            out.push(tool(state, Location::variable(name), &what, run, Some(undo), None));
        }
        out
    }

    /// Who still holds the old one.
    fn notes(&self) -> Vec<String> {
        let old = self.old.masked();
        let mut out = Vec::new();
        let names: Vec<(&str, Token)> = variables::ALL.iter().map(|v| (v.name, self.old.clone())).collect();
        out.extend(holders::notes_of(self.state.system, &names));
        let git = self.state.git();
        let hub = Parts::new(b"https://huggingface.co/", false).and_then(|parts| git.credentials(parts).ok());
        let helpers = hub.iter().flat_map(|c| &c.helpers);
        let mut told = BTreeSet::new();
        for other in helpers.into_iter().filter(|p| git.helper(self.state, p) == Helper::Other) {
            let value = other.entry.value.as_deref().unwrap_or_default();
            if told.insert(value) {
                out.push(asks_helper(value, &old));
            }
        }
        out.push(format!("{old} is good until it is revoked: {TOKENS}"));
        if self.new.is_none() {
            out.push(format!("the new one is made at {NEW_TOKEN}: to read is all that downloads need"));
        }
        out
    }
}

/// What is left to do with a helper that keeps credentials where only it can look: libsecret, manager, osxkeychain. It is
/// named by itself, since `git credential reject` would have every helper forget, `store` the new one too (git 2.47).
fn asks_helper(value: &[u8], old: &str) -> String {
    let name = sanitize::bytes(value);
    let shown = crate::secret::mask_text(&name);
    let then = "; git then asks for one at the next push, unless another helper has it";
    let run = match value {
        [b'!', rest @ ..] => {
            let line = [rest, b" erase"].concat();
            format!("sh -c {}", crate::shell::quote(std::ffi::OsStr::from_bytes(&line)))
        }
        [b'/', ..] => format!("{name} erase"),
        _ => format!("git credential-{name} erase"),
    };
    if shown != name || std::str::from_utf8(value).is_err() || value.iter().any(u8::is_ascii_control) {
        return format!(
            "git's credential helper {shown} may hold {old}: call it with `erase` for host=huggingface.co{then}"
        );
    }
    let given = "printf 'protocol=https\\nhost=huggingface.co\\n\\n'";
    format!("git's credential helper {shown} may hold {old}: `{given} | {run}` makes it forget{then}")
}
