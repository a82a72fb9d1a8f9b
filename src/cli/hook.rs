//! `hflint hook`: what the shell scripts call when something changed. It answers in directives, never in code.
//!
//! `hflint hook SHELL [stamp|ctime] [coarse] [quiet]`: how the script compares files (against a stamp of the same age,
//! or by change time), whether it sees whole seconds only, and whether anybody would see a message.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::Digest as _;

use super::check::prompt_findings;
use crate::config::{self, From, Overrides, Warn};
use crate::finding::Finding;
use crate::output::prompt;
use crate::shell::wire::Directives;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::system::recorded::{Recorded, Seen};
use crate::system::{Kind, Own, Stat, System};

/// Most files that are watched at a prompt: each costs the guard two looks.
const MOST: usize = 24;
/// Files written less than this ago may change again without a new time: the clock of file systems ticks every 4 ms,
/// and 10 ms where the kernel is set to 100 Hz.
const TICK: Duration = Duration::from_millis(20);

/// What the script said about itself.
#[derive(Debug, Default, Clone, Copy)]
struct Words {
    ctime: bool,
    coarse: bool,
    quiet: bool,
}

/// The whole answer for the script.
///
/// `deadline` is told how long the whole may take, once the configuration says so.
pub(super) fn answer(args: &[OsString], system: &dyn System, deadline: impl FnOnce(Duration)) -> String {
    let words = Words {
        ctime: args.iter().any(|a| a == "ctime"),
        coarse: args.iter().any(|a| a == "coarse"),
        quiet: args.iter().any(|a| a == "quiet"),
    };
    let shell = args.first().map(|a| a.to_string_lossy().into_owned()).unwrap_or_default();
    let recorded = Recorded::new(system);
    // A configuration that does not parse must not break a prompt: `hflint check` tells of it.
    let config = config::load(&recorded, From::Person, Overrides::default()).unwrap_or_default();
    deadline(config.hook_timeout.value.duration());
    let snapshot = Snapshot::new(State::new(&recorded)).with_config(config);
    let findings = prompt_findings(&snapshot);
    let mut out = Directives::default();
    watch(&mut out, &recorded.seen(), words, system);
    let segment = if findings.is_empty() { String::new() } else { format!("hf:{}", findings.len()) };
    out.segment(&segment);
    if !words.quiet && is_news(&findings, &snapshot, system) {
        for finding in &findings {
            out.message(&prompt::line(finding, &snapshot, &shell));
        }
    }
    out.finish()
}

/// The files that the findings hang on, and what the script compares them with.
fn watch(out: &mut Directives, seen: &BTreeMap<PathBuf, Seen>, words: Words, system: &dyn System) {
    let home = system.var("HOME").map(PathBuf::from);
    let cwd = system.cwd();
    let mut racy = false;
    let near = |path: &Path| {
        let mine = home.as_ref().is_some_and(|h| path.parent() == Some(h) || is_credential(path));
        let dotenv = path.file_name().is_some_and(|n| n == ".env");
        let levels = if dotenv { 3 } else { 1 };
        let here = cwd.as_ref().is_some_and(|c| c.ancestors().take(levels).any(|d| path.parent() == Some(d)));
        mine || here
    };
    let chosen = seen.iter().filter(|(path, found)| match found {
        Ok(stat) => stat.kind != Kind::Dir || path.file_name().is_some_and(|n| n == "site-packages"),
        Err(_) => near(path),
    });
    let chosen = chosen.filter(|(path, _)| !["/proc", "/etc", "/usr", "/dev"].iter().any(|p| path.starts_with(p)));
    for (path, found) in chosen.take(MOST) {
        let bytes = path.as_os_str().as_bytes();
        match found {
            Ok(stat) if words.ctime => {
                out.watch(bytes, format!("{}.{:09}", stat.ctime, stat.ctime_ns).as_bytes());
                racy |= is_fresh(stat.ctime, stat.ctime_ns, words.coarse, system);
            }
            Ok(stat) => {
                let Some(stamp) = stamp(path, stat, system) else {
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

/// A file that a login makes.
fn is_credential(path: &Path) -> bool {
    path.file_name().is_some_and(|n| n == "token" || n == "stored_tokens")
}

/// Whether a file was written so shortly ago that the next change may not show.
fn is_fresh(seconds: i64, nanos: i64, coarse: bool, system: &dyn System) -> bool {
    let written = if coarse { (seconds + 1, 0) } else { (seconds, nanos) };
    let (now, now_ns) = system.now_ns();
    let age = (now - written.0) * 1_000_000_000 + (now_ns - written.1);
    age < i64::try_from(TICK.as_nanos()).unwrap_or(0)
}

/// An empty file of the same age as the watched one, for `-nt` and `-ot`; made where it is missing.
fn stamp(path: &Path, stat: &Stat, system: &dyn System) -> Option<PathBuf> {
    let mut id = path.as_os_str().as_bytes().to_vec();
    id.extend(format!("|{}.{}|{}|{}", stat.mtime, stat.mtime_ns, stat.size, stat.inode).bytes());
    let stamp = system.own_dir(Own::State)?.join("stamps").join(short_hash(&id));
    if system.stat(&stamp).is_err() {
        system.store(&stamp, b"", Some(stat)).ok()?;
    }
    Some(stamp)
}

/// Whether these findings were not yet told, in any terminal, within `repeat-after`. Telling is remembered.
fn is_news(findings: &[Finding], snapshot: &Snapshot<'_>, system: &dyn System) -> bool {
    match snapshot.config.warn.value {
        Warn::Never => return false,
        Warn::Always => return true,
        Warn::Change if findings.is_empty() => return false,
        Warn::Change => {}
    }
    let mut id = Vec::new();
    for finding in findings {
        id.extend(format!("{}|{}|{:?}\n", finding.rule.code, finding.message, finding.notes).bytes());
        id.extend(format!("{:?}\n", finding.locations).bytes());
    }
    let Some(dir) = system.own_dir(Own::State) else {
        return true;
    };
    let mark = dir.join("told").join(short_hash(&id));
    let told = system.stat(&mark).is_ok_and(|s| {
        let age = system.now().saturating_sub(s.mtime);
        let repeat = snapshot.config.repeat_after.value.duration().as_secs();
        u64::try_from(age).is_ok_and(|age| age < repeat)
    });
    if !told {
        // Where it cannot be remembered it is told again: better twice than never.
        let _ = system.store(&mark, b"", None);
    }
    !told
}

/// Hexadecimal, long enough that two states of one machine do not meet.
fn short_hash(bytes: &[u8]) -> String {
    crate::secret::Token::new(sha2::Sha256::digest(bytes).to_vec()).fingerprint().unwrap_or_default()
}
