//! `hflint hook`: what the shell scripts call when something changed. It answers in directives, never in code.
//!
//! `hflint hook SHELL [stamp|ctime|content] [NUMBER] [coarse] [quiet]`: how the script compares files (against a stamp of the
//! same age, by change time, or by what is in them), which script it is, whether it sees whole seconds only, and whether
//! anybody would see a message.

use std::ffi::OsString;
use std::hash::{DefaultHasher, Hasher as _};
use std::mem::ManuallyDrop;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::check::{prompt_findings, report};
use crate::config::project::NAME;
use crate::config::{self, From, Overrides, Warn};
use crate::finding::{Finding, Location, Severity};
use crate::output::prompt;
use crate::rules::token_old;
use crate::secret::holds_token;
use crate::shell::init::Shell;
use crate::shell::wire::Directives;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::state::isolation::{self, By, Change, Here, MARK};
use crate::system::overlay::Overlay;
use crate::system::path::{Within as _, is_below, parent_bytes};
use crate::system::recorded::{Asked, Recorded, Seen};
use crate::system::{Changes, Kind, Own, ReadError, Stat, System};

/// Most files that are watched at a prompt: each costs the guard two looks.
const MOST: usize = 16;
/// Size up to which a shell without a way to see a file's time is told to compare what is in the file, in bytes.
const MOST_READ: u64 = 64 * 1024;
/// Most stamps and most marks of what was told that are kept: more belong to files and faults of long ago.
const MOST_KEPT: usize = 512;
/// How long the reminder to rotate is not repeated, in seconds.
const DAY: i64 = 24 * 60 * 60;
/// Files written less than this ago may change again without a new time: the clock of file systems ticks every 4 ms,
/// and 10 ms where the kernel is set to 100 Hz.
const TICK: Duration = Duration::from_millis(20);
/// How far the clock of a file server is taken to be ahead of this machine's.
const AHEAD: Duration = Duration::from_mins(1);

/// What the script said about itself.
#[derive(Debug, Default, Clone, Copy)]
struct Words {
    ctime: bool,
    content: bool,
    coarse: bool,
    quiet: bool,
}

/// The whole answer for the script.
///
/// `deadline` is told how long the whole may take, once the configuration says so.
pub(super) fn answer(args: &[OsString], system: &dyn System, deadline: impl FnOnce(Duration)) -> String {
    let words = Words {
        ctime: args.iter().any(|a| a == "ctime"),
        content: args.iter().any(|a| a == "content"),
        coarse: args.iter().any(|a| a == "coarse"),
        quiet: args.iter().any(|a| a == "quiet"),
    };
    let shell = args.first().map(|a| a.to_string_lossy()).unwrap_or_default();
    let here = isolation::here(system);
    let mut out = Directives::default();
    let applied = project(&mut out, &here, system);
    let inside = Overlay::new(system, applied.changes);
    // Never dropped: the process ends when this is told, and to give its memory back piece by piece, wiping the tokens in
    // it, would be a twentieth of the run. The kernel clears every page before another process gets it.
    let recorded = ManuallyDrop::new(Recorded::at_prompt(&inside));
    let (snapshot, findings) = look(&recorded, &here, deadline);
    let snapshot = ManuallyDrop::new(snapshot);
    let mut files = watched(&recorded);
    if let Here::Project(binding) | Here::Broken(binding, ..) = &here
        && let Some(file) = binding.file(system)
    {
        files.insert(0, (file.clone(), system.stat(&file)));
    }
    files.extend(stray(&recorded));
    watch(&mut out, &files, words, system);
    if applied.unknown {
        // What came back is known to the shell alone: it is judged at the next prompt.
        out.racy();
        return out.finish();
    }
    let segment = if findings.is_empty() { String::new() } else { format!("hf:{}", findings.len()) };
    out.segment(&segment);
    if !words.quiet {
        let mut told = false;
        for finding in findings.iter().filter(|f| is_news(f, &snapshot, system)) {
            let always = snapshot.config.warn.value == Warn::Always;
            out.message(&prompt::line(finding, &snapshot, &shell), always);
            told = true;
        }
        if let Some(finding) = reminder(&snapshot, told, system) {
            out.message(&prompt::line(&finding, &snapshot, &shell), false);
        }
        if let Some(text) = other_script(args, &snapshot, system) {
            out.message(&text, false);
        }
    }
    out.finish()
}

/// What there is to say where this shell runs another script than this program would print: it was started before an
/// update, or has the script from a plugin manager. Once for all terminals within `repeat-after`, since an update leaves
/// as many such shells as are open. A caller that tells no number is not the script.
fn other_script(args: &[OsString], snapshot: &Snapshot<'_>, system: &dyn System) -> Option<String> {
    let shell = Shell::named(args.first()?.to_str()?)?;
    let number = args.iter().filter_map(|a| a.to_str()).find(|a| a.bytes().all(|b| b.is_ascii_digit()))?;
    if number == shell.number() || snapshot.config.warn.value == Warn::Never {
        return None;
    }
    let mark = short_hash(&("script", shell.name(), number, shell.number()));
    is_first(&mark, snapshot, system)
        .then(|| format!("hflint: the hook in this shell is that of another hflint \u{b7} {}", shell.reload_line()))
}

/// What a shell has after the directives about its project.
#[derive(Default)]
struct Applied {
    changes: Changes,
    /// Whether something came back that only the shell knows.
    unknown: bool,
}

/// Enters, changes or leaves a project. Where nothing changed nothing is said, so that what the person changed since
/// stays theirs, and a nested shell does not take the project's values for those outside.
fn project(out: &mut Directives, here: &Here, system: &dyn System) -> Applied {
    let mark = system.var(MARK);
    let binding = match here {
        Here::Project(binding) if binding.by == By::Hook => Some(binding),
        _ => None,
    };
    if let Some(binding) = binding
        && mark.as_deref().is_some_and(|mark| mark == binding.mark(system).as_str())
    {
        return Applied::default();
    }
    let mut applied = Applied::default();
    if mark.is_some() {
        let base = isolation::base(system).unwrap_or_default();
        let mut names = vec!["HF_TOKEN"];
        // Where the shell does not know what was there before, what is the project's own goes.
        if system.var("HF_HOME").is_some_and(|home| Path::new(&home).starts_with(&base)) {
            names.extend(["HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"]);
        }
        out.leave(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
        applied.changes = names.into_iter().chain(["HF_TOKEN_PATH", MARK]).map(|name| (name.into(), None)).collect();
        applied.unknown = binding.is_none();
    }
    let Some(binding) = binding else { return applied };
    // Cache variables that this project itself set before do not count as the person's own.
    let changes = binding.changes(system, binding.has_token(system));
    for change in &changes {
        match change {
            Change::Unset(name) => out.hide(name),
            Change::Set(name, value) => out.export(name, value.as_bytes()),
            Change::Read(_, path) => out.export_token(path.as_os_str().as_bytes()),
        }
    }
    applied.changes.extend(isolation::applied(&changes, system));
    applied
}

/// What the prompt would speak of here.
pub(super) fn look<'a>(
    recorded: &'a Recorded<'_>,
    here: &Here,
    deadline: impl FnOnce(Duration),
) -> (Snapshot<'a>, Vec<Finding>) {
    // A configuration that does not parse must not break a prompt: `hflint check` tells of it.
    let config = config::load(recorded, From::Person, Overrides::default()).unwrap_or_default();
    deadline(config.hook_timeout.value.duration());
    let snapshot = Snapshot::new(State::new(recorded).with_isolation(here.clone())).with_config(config).at_prompt();
    let findings = prompt_findings(&snapshot);
    (snapshot, findings)
}

/// The files that the findings hang on, the most telling first.
///
/// Not all that was looked at: a guard of many words would be felt at each prompt, and what is left out (start-up
/// files, manifests of other languages) is seen at the next change of anything else.
pub(super) fn watched(recorded: &Recorded<'_>) -> Vec<(PathBuf, Seen)> {
    let cwd = recorded.cwd();
    let configuration = config::path(recorded);
    let rank = |path: &Path, asked: Asked, seen: &Seen| -> Option<u8> {
        let bytes = path.as_os_str().as_bytes();
        let name = bytes.rsplit(|&b| b == b'/').next().unwrap_or_default();
        let is = |other: &str| name == other.as_bytes();
        let holds_token = is(".env") || asked == Asked::Credential && !is("pyvenv.cfg");
        let rank = if configuration.as_ref().is_some_and(|c| c.as_os_str() == path.as_os_str()) {
            0
        } else if is(NAME) {
            // One that is made here counts at once; further up, from the next change of anything else on.
            match seen {
                Ok(_) => 0,
                Err(_) => (path.parent() == cwd.as_deref()).then_some(1)?,
            }
        } else if parent_bytes(path).ends_with(b"/hflint/trusted") {
            // Only asked for where there is such a file: `hflint trust` counts at once.
            0
        } else {
            match seen {
                Ok(stat) if stat.kind == Kind::Dir => is("site-packages").then_some(1)?,
                Ok(_) => holds_token.then_some(0)?,
                // Not there yet: what a login or an editor makes.
                Err(_) if is(".env") => {
                    let near = cwd.as_ref()?.ancestors().take(3).any(|dir| path.parent() == Some(dir));
                    near.then_some(1)?
                }
                Err(_) => holds_token.then_some(1)?,
            }
        };
        (![&b"/proc"[..], b"/etc", b"/usr", b"/dev"].iter().any(|dir| is_below(bytes, dir))).then_some(rank)
    };
    let mut chosen = recorded.seen(rank);
    chosen.truncate(MOST);
    // Not a path with a token in it, by a slip in a variable: the script would need it as it is, and no output of ours
    // holds a token.
    chosen.retain(|(_, path, _)| !holds_token(path.as_os_str().as_bytes()));
    chosen.into_iter().map(|(_, path, seen)| (path, seen)).collect()
}

/// The directory itself, as the shell has it open, where PWD names no place or another one: it was removed or moved, and
/// perhaps made anew. Then `cd .` leads elsewhere and changes no variable.
fn stray(system: &Recorded<'_>) -> Option<(PathBuf, Seen)> {
    let named = PathBuf::from(system.var("PWD")?);
    if !named.is_absolute() || system.cwd().is_some_and(|cwd| cwd.as_os_str() == named.as_os_str()) {
        return None;
    }
    let open = PathBuf::from("/proc/self/cwd");
    // Where there is no such thing it would be asked for at each prompt.
    let seen = system.stat(&open).ok()?;
    Some((open, Ok(seen)))
}

/// Tells the script what to watch, and what it compares that with.
fn watch(out: &mut Directives, watched: &[(PathBuf, Seen)], words: Words, system: &dyn System) {
    let stamps = system.own_dir(Own::State).map(|dir| dir.join("stamps"));
    let mut racy = false;
    for (path, seen) in watched {
        let bytes = path.as_os_str().as_bytes();
        match seen {
            // Of a large one, and of a directory, only that it is there: the shell would read it at each prompt.
            Ok(stat) if words.content => {
                let read = stat.kind == Kind::File && stat.size <= MOST_READ;
                out.watch(bytes, if read { b"content" } else { b"" });
            }
            Ok(stat) if words.ctime => {
                out.watch(bytes, format!("{}.{:09}", stat.ctime, stat.ctime_ns).as_bytes());
                racy |= is_fresh(stat.ctime, stat.ctime_ns, words.coarse, system);
            }
            Ok(stat) => {
                let put = |dir: &PathBuf| stamp(dir, path, stat, system);
                let Some(stamp) = stamps.as_ref().and_then(put).or_else(|| put(&spare(system)?.join("stamps"))) else {
                    // Nowhere to put a stamp: look again at each prompt rather than miss a change.
                    racy = true;
                    continue;
                };
                out.watch(bytes, stamp.as_os_str().as_bytes());
                racy |= is_fresh(stat.mtime, stat.mtime_ns, words.coarse, system);
            }
            Err(_) => out.absent(bytes),
        }
    }
    if racy {
        out.racy();
    }
}

/// Where the hook keeps what outlives a prompt if the state directory cannot be written, as in a home that is read-only or
/// has no room: the directory that the system gives each person until the machine is started anew. Not taken where others
/// may write.
fn spare(system: &dyn System) -> Option<PathBuf> {
    let dir = Some(PathBuf::from(system.var("XDG_RUNTIME_DIR")?)).filter(|dir| dir.is_absolute())?;
    let stat = system.stat(&dir).ok()?;
    (stat.uid == system.uid() && stat.mode & 0o022 == 0).then(|| dir.join("hflint"))
}

/// Whether a file was written so shortly ago that the next change may not show.
///
/// A time further ahead than a server's clock may be is one that somebody set, or from before the clock was set back: what
/// is written now gets another one, so it is not asked about at each prompt until then.
fn is_fresh(seconds: i64, nanos: i64, coarse: bool, system: &dyn System) -> bool {
    // Without a fraction it is probably of a file system that keeps none: FAT has even seconds alone.
    let tick = if nanos == 0 { 2 } else { i64::from(coarse) };
    let written = if tick == 0 { (seconds, nanos) } else { (seconds.saturating_add(tick), 0) };
    let (now, now_ns) = system.now_ns();
    let age = now.saturating_sub(written.0).saturating_mul(1_000_000_000).saturating_add(now_ns - written.1);
    let nanos = |time: Duration| i64::try_from(time.as_nanos()).unwrap_or(0);
    (-nanos(AHEAD)..nanos(TICK)).contains(&age)
}

/// An empty file of the same age as the watched one, for `-nt` and `-ot`; made where it is missing.
fn stamp(dir: &Path, path: &Path, stat: &Stat, system: &dyn System) -> Option<PathBuf> {
    let name = short_hash(&(path.as_os_str().as_bytes(), stat.mtime, stat.mtime_ns, stat.size, stat.inode));
    let stamp = dir.within(&name);
    if system.stat(&stamp).is_err() {
        system.store(&stamp, b"", Some(stat)).ok()?;
        // Now and then is enough to stay within bounds.
        if name.starts_with('0') {
            prune(dir, system);
        }
    }
    Some(stamp)
}

/// Takes the oldest half away where there are too many. A shell that still compares with one of them looks once more.
fn prune(dir: &Path, system: &dyn System) {
    let Ok(names) = system.list(dir) else { return };
    if names.len() <= MOST_KEPT {
        return;
    }
    // By the time at which it was made: its own is that of another file.
    let age = |path: &Path| system.stat(path).map_or((0, 0), |s| (s.ctime, s.ctime_ns));
    let mut files: Vec<_> = names.iter().map(|n| dir.join(n)).map(|path| (age(&path), path)).collect();
    files.sort();
    for (_, path) in files.iter().take(names.len() - MOST_KEPT / 2) {
        let _ = system.remove(path);
    }
}

/// Whether a finding was not yet told, in any terminal, within `repeat-after`. Telling is remembered.
fn is_news(finding: &Finding, snapshot: &Snapshot<'_>, system: &dyn System) -> bool {
    match snapshot.config.warn.value {
        Warn::Never => false,
        Warn::Always => true,
        Warn::Change => is_first(&identity(finding, snapshot), snapshot, system),
    }
}

/// Whether what this names was not yet told, in any terminal, within `repeat-after`. Telling is remembered.
fn is_first(name: &str, snapshot: &Snapshot<'_>, system: &dyn System) -> bool {
    let repeat = snapshot.config.repeat_after.value.duration().as_secs();
    // Where it cannot be remembered it is told again: better twice than never.
    let told = |state: PathBuf| is_first_in(&state.join("told"), name, repeat, system);
    system.own_dir(Own::State).and_then(told).or_else(|| told(spare(system)?)).unwrap_or(true)
}

/// As [`is_first`], by the marks of one directory. `None` where that cannot be written.
fn is_first_in(dir: &Path, name: &str, repeat: u64, system: &dyn System) -> Option<bool> {
    let mark = dir.join(name);
    if let Ok(told) = system.stat(&mark) {
        // A mark of the future is one of a clock that was set back.
        if u64::try_from(system.now().saturating_sub(told.mtime)).is_ok_and(|age| age < repeat) {
            return Some(false);
        }
        // Another terminal may have been faster. One that stays is no sign of that.
        if let Err(why) = system.remove(&mark)
            && why != ReadError::NotFound
        {
            return None;
        }
    }
    // Not made: another terminal said it a moment ago.
    let made = system.mark(&mark).ok()?;
    if made {
        prune(dir, system);
    }
    Some(made)
}

/// The reminder that the token in use is older than `rotate-after`: once a day, in whichever terminal comes first. It costs
/// a silent prompt nothing: the time of a token file is known there, and the record is only read where a line is printed
/// anyway (`told`).
fn reminder(snapshot: &Snapshot<'_>, told: bool, system: &dyn System) -> Option<Finding> {
    // Worth knowing, and so below what a prompt tells by itself: a person who asked for errors alone has asked for less.
    let wanted = snapshot.config.warn.value != Warn::Never && snapshot.config.min_severity.value <= Severity::Warning;
    if !wanted || !(told || token_old::file_is_old(snapshot)) {
        return None;
    }
    let mark = system.own_dir(Own::State).map(|dir| dir.join("told/rotate"));
    let last = mark.as_ref().and_then(|mark| system.stat(mark).ok());
    // A mark of the future is one of a clock that was set back.
    if last.is_some_and(|last| (0..DAY).contains(&system.now().saturating_sub(last.mtime))) {
        return None;
    }
    let rule = snapshot.config.rules().into_iter().find(|rule| rule.code == token_old::RULE.code)?;
    let finding = report(snapshot, &[rule], false).findings.into_iter().next()?;
    // Where it cannot be remembered it would be told at every change: a reminder can wait.
    let mark = mark?;
    let _ = system.remove(&mark);
    matches!(system.mark(&mark), Ok(true)).then_some(finding)
}

/// What makes two findings the same fault: the rule, the places, what is said of them and the tokens there, as they are
/// shown. Not the line, which an edit elsewhere in the file moves, and not the release of a client, which is another in
/// the next virtualenv.
fn identity(finding: &Finding, snapshot: &Snapshot<'_>) -> String {
    let mut text = finding.known_as.clone().unwrap_or_else(|| finding.message.clone());
    for client in snapshot.here() {
        let instance = &client.instance;
        text = text.replace(&format!("{} {}", instance.client.title, instance.version), instance.client.title);
    }
    let notes = finding.notes.iter().flat_map(|(_, note)| note.split_whitespace());
    let tokens: Vec<&str> = notes.filter(|word| word.contains("****")).collect();
    let places: Vec<Location> = finding
        .locations
        .iter()
        .map(|at| match at {
            Location::File { path, .. } => Location::file(path.clone()),
            other => other.clone(),
        })
        .collect();
    short_hash(&(finding.rule.code, text, tokens, format!("{places:?}")))
}

/// The name of a file that stands for something: no secret, and long enough that two of one machine do not meet. Not a
/// cryptographic one, which would be a tenth of a whole run.
fn short_hash(what: &impl std::hash::Hash) -> String {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{crates, python, token};
    use crate::shell::init::NAMES;
    use crate::system::fake::Fake;

    /// What the prompt asks for and no shell watches: a change shows at the next look, whatever brings that about.
    const UNWATCHED: &[&str] = &[
        // Set once, by the system, the desktop or a start-up file.
        "SHELL",
        "XDG_CONFIG_HOME",
        "ZDOTDIR",
        "CODESPACES",
        "GITHUB_ACTIONS",
        "GITLAB_CI",
        "SPACE_ID",
        "HUGGINGFACE_CO_STAGING",
        "EAGER_IMPORT",
        "HF_HUB_USER_AGENT_ORIGIN",
        "PYTHON_DOTENV_DISABLED",
        "TRANSFORMERS_OFFLINE",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "HF_OIDC_ID_TOKEN",
        // Long, and no activation changes them alone.
        "PATH",
        "PYTHONPATH",
        "PYTHONNOUSERSITE",
        "PYTHONUSERBASE",
        "PIXI_PROJECT_MANIFEST",
        // Change with the directory, or with a variable that is watched.
        "DIRENV_DIFF",
        "__MISE_DIFF",
        // Where git looks: set for single commands.
        "GIT_CEILING_DIRECTORIES",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_SYSTEM",
        "GIT_DIR",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    ];

    #[test]
    fn every_variable_that_the_prompt_asks_for_is_watched_or_known() {
        let base = || {
            Fake::home()
                .file("/home/u/.cache/huggingface/token", token('A'))
                .file("/home/u/.netrc", "machine huggingface.co login u password p\n")
                .file("/home/u/.env", "HF_TOKEN=x\n")
        };
        let machines = [
            Fake::home(),
            base(),
            base().var("HF_TOKEN", token('B')),
            base().var("HF_ENDPOINT", "http://example.org").var("HF_TOKEN_PATH", "~/t"),
            python(base(), &[("huggingface_hub", "2.4.0"), ("langchain-huggingface", "1.0.0")]),
            python(base(), &[("huggingface_hub", "0.10.0"), ("requests", "2.28.0")]),
            python(base().var("HF_OIDC_RESOURCE", "x"), &[("huggingface_hub", "1.0.0")]),
            crates(base(), &[("hf-hub", "1.0.0")]),
        ];
        for fake in machines {
            let recorded = Recorded::at_prompt(&fake);
            let _ = look(&recorded, &Here::Nothing, |_| ());
            for name in fake.asked() {
                let known = NAMES.contains(&name.as_str()) || UNWATCHED.contains(&name.as_str());
                // Settings count from the next look on.
                assert!(known || name.starts_with("HFLINT_"), "{name} is neither watched nor listed");
            }
        }
    }

    #[test]
    fn a_directory_that_pwd_no_longer_names_is_watched_as_it_is_open() {
        let watches = |fake: &Fake| {
            let told = answer(&["zsh".into(), "ctime".into()], fake, |_| ());
            told.contains("\nw\n/proc/self/cwd\n")
        };
        let moved = || Fake::home().cwd("/home/u/was").file("/proc/self/cwd", "");
        assert!(watches(&moved().var("PWD", "/home/u/proj")));
        assert!(!watches(&moved().var("PWD", "/home/u/was")));
        assert!(!watches(&moved()));
        // Where the system shows no such place it would be missing at each prompt.
        assert!(!watches(&Fake::home().cwd("/home/u/was").var("PWD", "/home/u/proj")));
    }

    #[test]
    fn every_official_or_unread_token_variable_is_watched() {
        use crate::state::variables::{ALL, Holds};
        for variable in ALL.iter().filter(|v| v.holds == Holds::Token) {
            assert!(NAMES.contains(&variable.name), "{}", variable.name);
        }
    }
}
