//! A project's own credential: its directory, what binds it to the project, and what this shell is told.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::apply::Reach;
use super::carry;
use super::place;
use super::plan::{Action, Kind, Plan, Shell, Step};
use crate::child::{LINKED, SHARED, hub_cache};
use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::model::{HubPath, Place, Step as Look};
use crate::clients::{Instance, Outcome, paths};
use crate::finding::{Applicability, Location};
use crate::output::sanitize;
use crate::secret::Token;
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::state::isolation::{self, Binding, Broken, By, Change, Here};
use crate::state::stored_tokens;
use crate::system::path::absolute;
use crate::system::{FileImage, Image, Kind as Is, ReadError, System};

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Copy the token in effect.
    pub from_current: bool,
    /// Share a credential of this name.
    pub profile: Option<String>,
    /// Export `HF_TOKEN` too.
    pub export: bool,
    /// What carries the paths into a shell.
    pub by: By,
    /// End it.
    pub off: bool,
    /// Take over the isolation of a project that was moved or replaced.
    pub rebind: bool,
}

/// What marks the root of a project, where it is no git repository.
const MARKS: [&str; 3] = ["pyproject.toml", ".venv", ".envrc"];

/// The plan; a text where it cannot be made.
pub fn plan(snapshot: &Snapshot<'_>, wanted: &Wanted) -> Result<Plan, String> {
    let system = snapshot.state.system;
    let here = snapshot.state.isolation().clone();
    if wanted.off {
        return match here {
            Here::Project(binding) | Here::Broken(binding, ..) => off(snapshot, &binding),
            Here::Nothing => {
                Ok(Plan { notes: vec!["this directory is in no isolated project".to_owned()], ..Plan::default() })
            }
        };
    }
    let cwd = system.real_cwd().ok_or("the current directory is gone")?;
    let root = match &here {
        // Its root was chosen once; a file that came since changes nothing about it.
        Here::Project(binding) if git_root(system, &cwd).is_none_or(|r| binding.root.starts_with(r)) => {
            binding.root.clone()
        }
        Here::Broken(_, _, dir) if wanted.rebind => dir.clone(),
        _ => root(system, &cwd),
    };
    refuse_home(system, &root)?;
    let stat = system.stat(&root).map_err(|why| format!("{}: {why}", shown(&root)))?;
    if let Some(name) = wanted.profile.as_deref().filter(|name| !isolation::is_profile_name(name)) {
        return Err(format!(
            "'{}' cannot name a profile: letters, digits, '.', '_', '-', '@' and '+', 100 at most",
            crate::secret::mask_text(&sanitize::line(name))
        ));
    }
    let old = match here {
        Here::Project(binding) if binding.root == root => Some(binding),
        Here::Broken(binding, ..) if wanted.rebind => Some(binding),
        Here::Broken(..) | Here::Project(_) | Here::Nothing if wanted.rebind => {
            return Err("there is no isolation of a moved project to bind here".to_owned());
        }
        _ => None,
    };
    let profile = wanted.profile.clone().or_else(|| old.as_ref().and_then(|old| old.profile.clone()));
    let directory = match (&profile, &old) {
        (Some(name), _) => isolation::profile_directory(name),
        (None, Some(old)) => old.directory.clone(),
        (None, None) => own_directory(&root, stat.device, stat.inode),
    };
    let moved = needs_home(snapshot);
    let binding = Binding {
        root: root.clone(),
        device: stat.device,
        inode: stat.inode,
        directory,
        profile,
        by: wanted.by,
        at: carry::environment(system, &root, wanted.by)?,
        export: wanted.export,
        cache: (!moved.is_empty())
            .then(|| old.as_ref().and_then(|o| o.cache.clone()).unwrap_or_else(|| hub_cache(system))),
    };
    let mut plan = Plan::default();
    let token = token(snapshot, wanted, &binding)?;
    let action = bind(snapshot, &binding, old.as_ref(), token.as_ref(), wanted.rebind)?;
    // A shell that has it needs nothing; one that nobody can tell is told by its next prompt, or never.
    let told = matches!(Reach::of(system), Reach::Function(_)) && !binding.is_marked(system);
    if action.steps.iter().any(|s| !matches!(s, Step::Shell(_))) || told && binding.by == By::Hook {
        plan.actions.push(action);
    }
    for action in carry::actions(snapshot, &binding)? {
        plan.actions.push(action);
    }
    if let Some(old) = old.as_ref().filter(|old| old.by != binding.by) {
        for action in carry::removal(snapshot, old) {
            plan.actions.push(action);
        }
    }
    notes(&mut plan, snapshot, &binding, &moved, token.is_some());
    Ok(plan)
}

/// The git root, else the nearest directory upward with a mark, else the directory itself. The home directory and what
/// is above it are nobody's project.
fn root(system: &dyn System, cwd: &Path) -> PathBuf {
    let is_project = |dir: &&Path| refuse_home(system, dir).is_ok();
    let marked = |dir: &Path| MARKS.iter().any(|mark| system.stat(&dir.join(mark)).is_ok());
    git_root(system, cwd)
        .filter(|root| is_project(&root.as_path()))
        .or_else(|| cwd.ancestors().filter(is_project).find(|dir| marked(dir)).map(Path::to_owned))
        .unwrap_or_else(|| cwd.to_owned())
}

fn git_root(system: &dyn System, cwd: &Path) -> Option<PathBuf> {
    cwd.ancestors().find(|dir| system.stat(&dir.join(".git")).is_ok()).map(Path::to_owned)
}

fn refuse_home(system: &dyn System, root: &Path) -> Result<(), String> {
    let home = system.var("HOME").map(PathBuf::from).filter(|h| h.is_absolute());
    let home = home.map(|home| system.canonical(&home).unwrap_or(home));
    let base = isolation::base(system).ok_or("no home directory is known")?;
    if root.parent().is_none() || home.is_some_and(|home| home.starts_with(root)) {
        return Err(format!("{} is no project: go to the project's directory first", shown(root)));
    }
    // Never inside the project: it would be committed, copied and deleted with it.
    if system.canonical(&base).unwrap_or(base).starts_with(root) {
        return Err(format!("{} holds hflint's own data, and cannot be isolated", shown(root)));
    }
    Ok(())
}

/// The name of a project's own directory: for people, and with what tells it from every other.
fn own_directory(root: &Path, device: u64, inode: u64) -> String {
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' };
    let name: String = crate::secret::mask_text(&name).chars().take(40).map(plain).collect();
    let mut whole = root.as_os_str().as_encoded_bytes().to_vec();
    whole.extend_from_slice(format!("\n{device:x}-{inode:x}").as_bytes());
    format!("{name}-{}", &isolation::hash(&whole)[..12])
}

pub(super) fn shown(path: &Path) -> String {
    sanitize::json_path(path)
}

/// The token that is put there; `None`: the project logs in by itself.
fn token(snapshot: &Snapshot<'_>, wanted: &Wanted, binding: &Binding) -> Result<Option<Token>, String> {
    if wanted.from_current {
        return match &snapshot.hub_or_newest().answer.outcome {
            Outcome::Token(token) => Ok(Some(token.clone())),
            _ => Err("there is no token in effect here that could be copied".to_owned()),
        };
    }
    let system = snapshot.state.system;
    let file = binding.token(system).ok_or("no home directory is known")?;
    let Some(name) = binding.profile.as_ref().filter(|_| system.stat(&file).is_err()) else { return Ok(None) };
    // A login that `hf auth list` shows under this name is the one that is meant.
    let path = paths::hub_stored_tokens(system, HubPath::Expanded);
    let stored = stored_tokens::read(&snapshot.state, &path, HUGGINGFACE_HUB.newest);
    let found = stored.iter().flat_map(|s| &s.tokens).find(|s| s.name == *name && !s.token.bytes().is_empty());
    Ok(found.map(|s| s.token.clone()))
}

/// Directories, token and binding; then this shell.
fn bind(
    snapshot: &Snapshot<'_>,
    binding: &Binding,
    old: Option<&Binding>,
    token: Option<&Token>,
    rebind: bool,
) -> Result<Action, String> {
    let system = snapshot.state.system;
    let none = || "no home directory is known".to_owned();
    let (base, projects) = (isolation::base(system).ok_or_else(none)?, isolation::projects(system).ok_or_else(none)?);
    let (home, file) = (binding.credentials(system).ok_or_else(none)?, binding.file(system).ok_or_else(none)?);
    let whose = match &binding.profile {
        Some(name) => format!("the credential of profile {name}"),
        None => "a credential of its own".to_owned(),
    };
    let with = token.map_or_else(String::new, |t| format!(", with {}", t.masked()));
    let what = match old {
        Some(old) if rebind => format!("bind the isolation of {} to {}", shown(&old.root), shown(&binding.root)),
        Some(_) => format!("keep {} isolated: {whose} in {}{with}", shown(&binding.root), shown(&home)),
        None => format!("give {} {whose} in {}{with}", shown(&binding.root), shown(&home)),
    };
    let mut action = Action::new(Kind::Isolate, Applicability::Unsafe, Location::directory(&binding.root), what);
    let mut dirs = vec![base.clone(), projects];
    if binding.profile.is_some() {
        dirs.push(base.join("profiles"));
    }
    dirs.push(home.clone());
    for dir in dirs {
        match system.lstat(&dir) {
            Err(ReadError::NotFound | ReadError::NotDir) => {
                let after = Image::Dir { mode: 0o700 };
                action.steps.push(Step::Put { path: dir, before: Image::Absent, after });
            }
            Ok(stat) if stat.kind != Is::Dir => return Err(format!("{} is no directory", shown(&dir))),
            Ok(stat) if stat.uid != system.uid() => return Err(format!("{} belongs to another user", shown(&dir))),
            Ok(stat) if stat.mode & 0o077 != 0 => {
                action.steps.push(Step::Mode { path: dir, from: stat.mode, to: stat.mode & !0o077 });
            }
            Ok(_) => {}
            Err(why) => return Err(format!("{}: {why}", shown(&dir))),
        }
    }
    if let Some(token) = token {
        put(&mut action, system, &home.join("token"), Some(token.bytes().to_vec()))?;
    }
    if binding.cache.is_some() {
        let own = absolute(system, Path::new(&paths::hub_home(system, true)));
        for name in LINKED.iter().chain(&SHARED) {
            let (at, target) = (home.join(name), own.join(name));
            if own != home && system.stat(&target).is_ok() && matches!(system.lstat(&at), Err(ReadError::NotFound)) {
                action.steps.push(Step::Put { path: at, before: Image::Absent, after: Image::Link { target } });
            }
        }
    }
    // The old one first: nothing is bound twice, whenever it is cut off.
    let gone = old.and_then(|old| old.file(system)).filter(|old| *old != file);
    if let Some(path) = gone {
        put(&mut action, system, &path, None)?;
    }
    put(&mut action, system, &file, Some(binding.text().into_bytes()))?;
    let has_token = token.is_some() || crate::child::token_of(system, &home.join("token")).is_ok_and(|t| t.is_some());
    if binding.by == By::Hook {
        tell(&mut action, system, binding, has_token);
    } else if system.var(isolation::MARK).is_some() {
        action.steps.push(Step::Shell(Shell::Leave(leaving())));
    }
    Ok(action)
}

/// A path gets this text, or goes (`None`); nothing where it is so already.
fn put(action: &mut Action, system: &dyn System, path: &Path, text: Option<Vec<u8>>) -> Result<(), String> {
    let before = Image::of(system, path).map_err(|why| format!("{}: {why}", shown(path)))?;
    let after = match (text, &before) {
        (None, _) => Image::Absent,
        (Some(text), Image::File(file)) if file.mode == 0o600 => Image::File(file.with(text)),
        (Some(text), _) => Image::File(FileImage::private(text)),
    };
    if !before.is(&after) {
        action.steps.push(Step::Put { path: path.to_owned(), before, after });
    }
    Ok(())
}

/// What goes where a shell does not know what was there.
pub fn leaving() -> Vec<String> {
    ["HF_TOKEN", "HF_TOKEN_PATH", isolation::MARK].map(str::to_owned).to_vec()
}

/// The directives, and the line to type where no hook takes them.
fn tell(action: &mut Action, system: &dyn System, binding: &Binding, has_token: bool) {
    if system.var(isolation::MARK).is_some() {
        action.steps.push(Step::Shell(Shell::Leave(leaving())));
    }
    let (mut unset, mut set) = (Vec::new(), Vec::new());
    for change in binding.changes(system, has_token) {
        action.steps.push(Step::Shell(match &change {
            Change::Unset(name) => Shell::Hide((*name).to_owned()),
            Change::Set(name, value) => Shell::Export((*name).to_owned(), value.clone()),
            Change::Read(_, path) => Shell::ExportToken(path.clone()),
        }));
        match change {
            Change::Unset(name) => unset.push(name),
            // The mark is the hook's own.
            Change::Set(isolation::MARK, _) => {}
            Change::Set(name, value) => set.push(format!("{name}={}", crate::shell::quote(&value))),
            Change::Read(name, path) => set.push(format!("{name}=\"$(cat {})\"", quote_path(Some(&path)))),
        }
    }
    action.command = Some(format!("unset {}; export {}", unset.join(" "), set.join(" ")));
}

/// The end of an isolation: the binding, and the project's own credential; a profile's stays.
pub(super) fn off(snapshot: &Snapshot<'_>, binding: &Binding) -> Result<Plan, String> {
    let system = snapshot.state.system;
    let none = || "no home directory is known".to_owned();
    let (home, file) = (binding.credentials(system).ok_or_else(none)?, binding.file(system).ok_or_else(none)?);
    let mut plan = Plan::default();
    let what = match &binding.profile {
        Some(name) => format!("end the isolation of {}; profile {name} stays", shown(&binding.root)),
        None => format!("end the isolation of {}; its credential goes into the journal", shown(&binding.root)),
    };
    let mut action = Action::new(Kind::Isolate, Applicability::Unsafe, Location::directory(&binding.root), what);
    put(&mut action, system, &file, None)?;
    let shared = isolation::all(system).iter().filter(|b| b.directory == binding.directory).count() > 1;
    if binding.profile.is_none() && !shared {
        let mut left = Vec::new();
        for name in system.list(&home).unwrap_or_default() {
            let path = home.join(&name);
            let stat = system.lstat(&path).ok();
            let goes = stat.is_some_and(|s| s.kind == Is::Link) || name == "token" || name == "stored_tokens";
            if goes {
                put(&mut action, system, &path, None)?;
            } else {
                left.push(shown(&path));
            }
        }
        if left.is_empty() && system.stat(&home).is_ok() {
            put(&mut action, system, &home, None)?;
        } else if !left.is_empty() {
            plan.notes.push(format!("left where they are: {}", left.join(", ")));
        }
    }
    if system.var(isolation::MARK).is_some() {
        action.steps.push(Step::Shell(Shell::Leave(leaving())));
        action.command = Some("unset HF_TOKEN_PATH HFLINT_PROJECT".to_owned());
    }
    plan.actions.push(action);
    plan.actions.extend(carry::removal(snapshot, binding));
    Ok(plan)
}

/// Clients here that know no `HF_TOKEN_PATH` and look in `HF_HOME`.
fn needs_home(snapshot: &Snapshot<'_>) -> Vec<Instance> {
    let installed = snapshot.installed().iter().map(|r| &r.instance);
    installed.filter(|i| !knows_path(i) && knows_home(i)).cloned().collect()
}

fn files(instance: &Instance) -> Vec<Place> {
    let place = |step: &&Look| if let Look::File { at, .. } = step { Some(*at) } else { None };
    instance.steps().iter().filter_map(place).collect()
}

fn knows_path(instance: &Instance) -> bool {
    files(instance).iter().any(|at| {
        matches!(at, Place::Hub(HubPath::TokenPath | HubPath::Expanded) | Place::Var { name: "HF_TOKEN_PATH", .. })
    })
}

fn knows_home(instance: &Instance) -> bool {
    files(instance)
        .iter()
        .any(|at| matches!(at, Place::Hub(HubPath::Home | HubPath::Staging) | Place::Var { name: "HF_HOME", .. }))
}

/// What to know of it.
fn notes(plan: &mut Plan, snapshot: &Snapshot<'_>, binding: &Binding, moved: &[Instance], has_token: bool) {
    let title = |i: &Instance| format!("{} {}", i.client.title, i.version);
    let titles = |of: &[&Instance]| of.iter().map(|i| title(i)).collect::<Vec<_>>().join(", ");
    if let Some(cache) = binding.cache.as_ref().filter(|_| !moved.is_empty()) {
        plan.notes.push(format!(
            "HF_HOME is set too, for {}; models stay in {}",
            titles(&moved.iter().collect::<Vec<_>>()),
            shown(cache)
        ));
    }
    let installed: Vec<&Instance> = snapshot.installed().iter().map(|r| &r.instance).collect();
    let fixed: Vec<&Instance> = installed
        .iter()
        .copied()
        .filter(|i| !files(i).is_empty() && !knows_path(i) && !knows_home(i))
        .filter(|i| !crate::rules::names_read(i).contains(&"HF_TOKEN") || !binding.export)
        .collect();
    if !fixed.is_empty() {
        plan.notes.push(format!("{} reads a file that nothing moves, and is not isolated", titles(&fixed)));
    }
    let bare: Vec<&Instance> = installed
        .iter()
        .copied()
        .filter(|i| files(i).is_empty() && crate::rules::names_read(i).contains(&"HF_TOKEN"))
        .collect();
    if !bare.is_empty() && !binding.export {
        plan.notes.push(format!("{} reads HF_TOKEN alone: `hflint fix --isolate --export` is for it", titles(&bare)));
    }
    plan.notes.extend(carry::note(binding.by).map(str::to_owned));
    let there = binding.token(snapshot.state.system).is_some_and(|path| snapshot.state.system.stat(&path).is_ok());
    if !has_token && !there {
        plan.notes.push("log in for it with `hf auth login`, in the project".to_owned());
    }
}

/// What a project's isolation has lost, in words, with the command that cures it.
pub fn cure(why: Broken) -> &'static str {
    match why {
        Broken::Moved | Broken::Replaced => "hflint fix --isolate --rebind",
    }
}

/// A path of the person's own in the project or an environment, as it stands; a text where it is left alone.
pub(super) fn own(system: &dyn System, path: &Path) -> Result<place::Taken, String> {
    place::take(system, path).map_err(|why| format!("{}: {why}", shown(path)))
}

/// The variables that a carrier sets, with their values, and those that it takes away.
pub(super) fn carried(binding: &Binding, system: &dyn System) -> (Vec<(&'static str, OsString)>, Vec<&'static str>) {
    let (mut set, mut unset) = (Vec::new(), Vec::new());
    for change in binding.changes(system, false) {
        match change {
            Change::Set(isolation::MARK, _) | Change::Read(..) => {}
            Change::Set(name, value) => set.push((name, value)),
            Change::Unset(name) => unset.push(name),
        }
    }
    (set, unset)
}
