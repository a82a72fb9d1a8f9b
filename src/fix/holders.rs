//! Who still holds an old value after a fix: programs that were started with it, and give it to what they start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::output::sanitize;
use crate::secret::Token;
use crate::state::State;
use crate::system::System;

/// Most bytes read of a process's environment: Linux starts none with more than its stack's quarter, 2 MiB by default.
const LIMIT: usize = 2 * 1024 * 1024;

/// One line for each program that was started with a variable as it is now, but for this one and the shell around it,
/// which is told itself. `/proc` shows what a process was given at its start, and only to its own user; a shell may
/// have unset it since, which nobody can see from outside.
pub fn notes(state: &State<'_>, names: &[&str]) -> Vec<String> {
    use std::os::unix::ffi::OsStringExt as _;
    let value = |name| Some(Token::new(state.var(name)?.into_vec()));
    let values: Vec<(&str, Token)> = names.iter().filter_map(|name| Some((*name, value(name)?))).collect();
    notes_of(state.system, &values)
}

/// The same for values that this shell need not have.
pub fn notes_of(system: &dyn System, values: &[(&str, Token)]) -> Vec<String> {
    let mine = lineage(system);
    let wanted: Vec<(&str, Token)> = values
        .iter()
        .map(|(name, value)| (*name, Token::new([name.as_bytes(), b"=", value.bytes()].concat())))
        .collect();
    let mut found: BTreeMap<(String, &str), Vec<u32>> = BTreeMap::new();
    for entry in system.list(Path::new("/proc")).unwrap_or_default() {
        let Some(pid) = entry.to_str().and_then(|n| n.parse::<u32>().ok()).filter(|pid| !mine.contains(pid)) else {
            continue;
        };
        let Ok(given) = system.read(&proc(pid, "environ"), LIMIT) else { continue };
        let given = Zeroizing::new(given.bytes);
        for (name, wanted) in &wanted {
            if given.split(|b| *b == 0).any(|entry| entry == wanted.bytes()) {
                let called = system.read(&proc(pid, "comm"), 64).map(|c| c.bytes).unwrap_or_default();
                let called = sanitize::line(String::from_utf8_lossy(&called).trim_end());
                found.entry((called, name)).or_default().push(pid);
            }
        }
    }
    found.into_iter().map(|((called, name), pids)| note(&called, name, &pids)).collect()
}

fn note(called: &str, name: &str, pids: &[u32]) -> String {
    let who = match pids {
        [pid] => format!("{called} (process {pid}) was"),
        [first, ..] => format!("{} processes of {called} (the first is {first}) were", pids.len()),
        [] => String::new(),
    };
    format!("{who} started with the old {name}: {}", cure(called, name))
}

/// What cures it; by the names that such programs have.
fn cure(called: &str, name: &str) -> String {
    match called {
        "bash" | "zsh" | "sh" | "dash" | "ksh" => format!("type `unset {name}` there, or close it"),
        "fish" => format!("type `set -e {name}` there, or close it"),
        _ if called.starts_with("tmux") => format!("tmux set-environment -gu {name}"),
        "code" | "code-server" | "node" => "close it, or kill the server of the editor".to_owned(),
        _ => "restart it".to_owned(),
    }
}

fn proc(pid: u32, file: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/{file}"))
}

/// This process and the one that started it; where the hook's function runs us inside `$(…)` of bash or zsh, that is a
/// copy of the shell, whose parent is the shell itself.
fn lineage(system: &dyn System) -> Vec<u32> {
    let parent = |file: &Path| -> Option<(u32, u32)> {
        let text = String::from_utf8(system.read(file, 4096).ok()?.bytes).ok()?;
        let number = |key: &str| text.lines().find_map(|l| l.strip_prefix(key)?.trim().parse().ok());
        Some((number("Pid:")?, number("PPid:")?))
    };
    let Some((own, shell)) = parent(Path::new("/proc/self/status")) else { return Vec::new() };
    let above = if system.var("HFLINT_FD").is_some() { parent(&proc(shell, "status")).map(|(_, p)| p) } else { None };
    let name = |pid| system.read(&proc(pid, "comm"), 64).map(|c| c.bytes).ok();
    // The copy has the name of the shell; anything else above is a program that still holds the value.
    let copy = above.filter(|above| name(*above).is_some() && name(*above) == name(shell));
    [Some(own), Some(shell), copy].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn those_that_were_started_with_it() {
        let value = "x".repeat(20);
        let fake = Fake::home()
            .var("HF_TOKEN", &value)
            .file("/proc/self/status", "Name:\thflint\nPid:\t7\nPPid:\t6\n")
            .file("/proc/6/environ", format!("HF_TOKEN={value}\0"))
            .file("/proc/10/environ", format!("A=b\0HF_TOKEN={value}\0"))
            .file("/proc/10/comm", "tmux: server\n")
            .file("/proc/11/environ", format!("HF_TOKEN={value}\0"))
            .file("/proc/11/comm", "bash\n")
            .file("/proc/12/environ", format!("HF_TOKEN={value}\0"))
            .file("/proc/12/comm", "bash\n")
            .file("/proc/13/environ", format!("HF_TOKEN={value}y\0XHF_TOKEN={value}\0"))
            .file("/proc/13/comm", "other\n");
        assert_eq!(
            notes(&State::new(&fake), &["HF_TOKEN"]),
            [
                "2 processes of bash (the first is 11) were started with the old HF_TOKEN: type `unset HF_TOKEN` there, \
                 or close it",
                "tmux: server (process 10) was started with the old HF_TOKEN: tmux set-environment -gu HF_TOKEN",
            ]
        );
        assert!(notes(&State::new(&fake), &["HF_HOME"]).is_empty(), "not set");
    }
}
