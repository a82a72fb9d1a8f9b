//! Where a token of the Hub may stand in the clear. What does not hold the one in question is read and left.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::clients::Instance;
use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::model::HubPath;
use crate::clients::paths;
use crate::fix::diff;
use crate::snapshot::Snapshot;
use crate::state::{State, isolation, provenance};
use crate::system::path::absolute;
use crate::system::{Kind, Own, System, TEXT_LIMIT, home};

/// Below the home directory: start-up files of other shells and of the session, and the applications that keep a token
/// in a file of their own. The start-up files that are judged come from `provenance`.
const HOME: &[&str] = &[
    ".cache/huggingface/token",
    ".cache/huggingface/stored_tokens",
    ".cache/huggingface_staging/token",
    ".huggingface/token",
    ".netrc",
    "_netrc",
    ".git-credentials",
    ".config/git/credentials",
    ".gitconfig",
    ".config/git/config",
    ".bash_aliases",
    ".kshrc",
    ".tcshrc",
    ".cshrc",
    ".login",
    ".xprofile",
    ".xsessionrc",
    ".xinitrc",
    ".pam_environment",
    ".ssh/environment",
    ".ssh/config",
    ".config/nushell/env.nu",
    ".config/nushell/config.nu",
    ".config/nushell/login.nu",
    ".config/mise/config.toml",
    ".env",
    ".curlrc",
    ".wgetrc",
    ".aria2/aria2.conf",
    ".config/aria2/aria2.conf",
    ".config/comfy-cli/config.ini",
    ".config/vllm-cli/config.yaml",
    ".lmstudio/apps/bionic/settings.json",
    ".sky/huggingface/token",
    ".streamlit/secrets.toml",
    ".Renviron",
    ".config/Code/User/settings.json",
];

/// Directories below the home of which every file with such an ending counts.
const HOME_DIRS: &[(&str, &str)] = &[
    (".config/fish/conf.d", ".fish"),
    (".config/fish/functions", ".fish"),
    (".oh-my-zsh/custom", ".zsh"),
    (".zsh", ".zsh"),
    (".bashrc.d", ""),
    (".config/environment.d", ".conf"),
    (".config/systemd/user", ".service"),
    (".ipython/profile_default/startup", ".py"),
];

/// In the current directory and above it, up to the home directory or the root of the repository.
const PROJECT: &[&str] = &[
    ".envrc",
    "mise.toml",
    ".mise.toml",
    "mise.local.toml",
    ".mise.local.toml",
    "pixi.toml",
    "HF_TOKEN",
    "token",
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    ".streamlit/secrets.toml",
    ".vscode/settings.json",
    ".vscode/launch.json",
    ".devcontainer/devcontainer.json",
    "agent.json",
    ".git/config",
];

/// The administrator's: where the person is another, the command is named.
const MACHINE: &[&str] = &[
    "/etc/environment",
    "/etc/profile",
    "/etc/bash.bashrc",
    "/etc/bashrc",
    "/etc/zsh/zshenv",
    "/etc/zsh/zprofile",
    "/etc/zsh/zshrc",
    "/etc/zshenv",
    "/etc/zshrc",
    "/etc/fish/config.fish",
    "/etc/gitconfig",
];

/// All of them, absolute; those that decide which token is sent first.
pub fn known(snapshot: &Snapshot<'_>) -> Vec<PathBuf> {
    let state = &snapshot.state;
    let system = state.system;
    // Asked for what they look at: the files of each client are then among those that were seen. Not every release of
    // each: where the older ones of huggingface_hub look is listed below, and each takes time where a file is huge.
    for client in crate::clients::all() {
        let _ = crate::clients::resolve(state, &Instance::newest(client));
    }
    let mut out = Vec::new();
    for rule in [HubPath::Expanded, HubPath::TokenPath, HubPath::Home, HubPath::Legacy] {
        out.push(crate::system::path::pathlib(&paths::hub_token(system, rule)));
        out.push(paths::hub_stored_tokens(system, rule));
    }
    for name in ["HF_HOME", "XDG_CACHE_HOME"] {
        if let Some(dir) = state.non_empty(name).map(PathBuf::from) {
            let dir = if name == "HF_HOME" { dir } else { dir.join("huggingface") };
            out.extend([dir.join("token"), dir.join("stored_tokens")]);
        }
    }
    out.extend(isolations(system));
    let startup = provenance::startup_files(state);
    let named = named_in(state, &startup);
    out.extend(startup);
    out.extend(named);
    let home = PathBuf::from(home::expanduser(system, "~".as_ref()));
    out.extend(HOME.iter().map(|path| home.join(path)));
    for (dir, end) in HOME_DIRS {
        out.extend(ending(system, &home.join(dir), end));
    }
    out.push(state.netrc().path.clone());
    out.extend(state.git().stored.iter().filter_map(|s| s.credential.source.path().map(Path::to_owned)));
    out.extend(state.git().config.entries.iter().filter_map(|p| p.source.path().map(Path::to_owned)));
    out.extend(project(system, &home));
    out.extend(environments(state, &home));
    out.extend(MACHINE.iter().map(PathBuf::from));
    out.extend(ending(system, Path::new("/etc/profile.d"), "sh"));
    let _ = (state.dotenv(), state.compose(), HUGGINGFACE_HUB.newest);
    out.iter().map(|path| absolute(system, path)).collect()
}

/// Most files that are followed from start-up files.
const FOLLOWED: usize = 500;

/// Files that start-up files name, and what those name: `source ~/.secrets`, `$(cat "$HOME/.hf")`. Which of them are
/// read is no matter: one in which the very token stands is a place of it.
fn named_in(state: &State<'_>, startup: &[PathBuf]) -> Vec<PathBuf> {
    let system = state.system;
    let home = state.non_empty("HOME").map(PathBuf::from);
    let mut out: Vec<PathBuf> = Vec::new();
    let mut level = startup.to_vec();
    for _ in 0..2 {
        let mut next = Vec::new();
        for file in &level {
            let Ok(content) = system.read(file, TEXT_LIMIT) else { continue };
            let bytes = zeroize::Zeroizing::new(content.bytes);
            for word in bytes.split(|b| b.is_ascii_whitespace() || b"\"'`;&|<>()=:,".contains(b)) {
                let Some(path) = path_of(word, home.as_deref()) else { continue };
                let is_new = !out.contains(&path) && !startup.contains(&path);
                if is_new && out.len() < FOLLOWED && system.stat(&path).is_ok_and(|s| s.kind == Kind::File) {
                    out.push(path.clone());
                    next.push(path);
                }
            }
        }
        level = next;
    }
    out
}

/// The path that a word of a shell is: absolute, or below the home directory.
fn path_of(word: &[u8], home: Option<&Path>) -> Option<PathBuf> {
    let below = [&b"~/"[..], b"$HOME/", b"${HOME}/"].iter().find_map(|start| word.strip_prefix(*start));
    match below {
        Some(rest) => Some(home?.join(OsStr::from_bytes(rest))),
        None => word.starts_with(b"/").then(|| PathBuf::from(OsStr::from_bytes(word))),
    }
}

/// The credentials of isolated projects and of profiles.
fn isolations(system: &dyn System) -> Vec<PathBuf> {
    let Some(base) = isolation::base(system) else { return Vec::new() };
    let below = |dir: &Path| -> Vec<PathBuf> {
        system.list(dir).unwrap_or_default().into_iter().map(|name| dir.join(name)).collect()
    };
    let mut out = Vec::new();
    for dir in below(&base).into_iter().chain(below(&base.join("profiles"))) {
        out.extend([dir.join("token"), dir.join("stored_tokens")]);
    }
    out
}

fn ending(system: &dyn System, dir: &Path, end: &str) -> Vec<PathBuf> {
    let names = system.list(dir).unwrap_or_default();
    names.into_iter().filter(|n| n.as_encoded_bytes().ends_with(end.as_bytes())).map(|n| dir.join(n)).collect()
}

fn project(system: &dyn System, home: &Path) -> Vec<PathBuf> {
    let Some(cwd) = system.cwd() else { return Vec::new() };
    let mut out = Vec::new();
    for dir in cwd.ancestors() {
        out.extend(PROJECT.iter().map(|name| dir.join(name)));
        let dotenvs = system.list(dir).unwrap_or_default().into_iter().filter(|n| n.as_bytes().starts_with(b".env"));
        out.extend(dotenvs.map(|name| dir.join(name)));
        let root = system.stat(&dir.join(".git")).is_ok();
        if root || dir == home || dir.parent().is_none() {
            break;
        }
    }
    out
}

/// Scripts of the environments in use, and InvokeAI's root, which hangs on them.
fn environments(state: &State<'_>, home: &Path) -> Vec<PathBuf> {
    let system = state.system;
    let mut out = Vec::new();
    let directory = |name: &str| state.non_empty(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let mut roots = vec![home.join("invokeai")];
    roots.extend(directory("INVOKEAI_ROOT"));
    if let Some(venv) = directory("VIRTUAL_ENV") {
        for name in ["activate", "activate.fish", "activate.csh", "postactivate", "preactivate"] {
            out.push(venv.join("bin").join(name));
        }
        roots.extend(venv.parent().map(Path::to_owned));
        out.extend(kernels(system, &venv.join("share/jupyter/kernels")));
    }
    if let Some(prefix) = directory("CONDA_PREFIX") {
        out.push(prefix.join("conda-meta/state"));
        out.extend(ending(system, &prefix.join("etc/conda/activate.d"), ""));
        out.extend(ending(system, &prefix.join("etc/conda/env_vars.d"), ".json"));
    }
    out.extend(kernels(system, &home.join(".local/share/jupyter/kernels")));
    for root in roots {
        out.push(root.join("invokeai.yaml"));
        // An install that was cut off goes on with the token that it was begun with (InvokeAI 6.14).
        for name in system.list(&root.join("models")).unwrap_or_default() {
            if name.as_encoded_bytes().starts_with(b"tmpinstall_") {
                out.push(root.join("models").join(name).join(".invokeai_install.json"));
            }
        }
    }
    out
}

/// Kernels of Jupyter, each with an environment of its own.
fn kernels(system: &dyn System, dir: &Path) -> Vec<PathBuf> {
    let names = system.list(dir).unwrap_or_default();
    names.into_iter().map(|name| dir.join(name).join("kernel.json")).collect()
}

/// What is never edited: the journal, whose old bytes are for `undo`, and what the kernel makes up.
pub(super) fn is_excluded(system: &dyn System, path: &Path) -> bool {
    let own = system.own_dir(Own::State).map(|dir| system.canonical(&dir).unwrap_or(dir));
    own.is_some_and(|own| path.starts_with(own))
        || ["/proc", "/sys", "/dev"].iter().any(|dir| path.starts_with(dir))
        || system.stat(path).is_ok_and(|s| s.kind != Kind::File)
}

/// How the lines of a file are shown.
pub(super) fn mask(state: &State<'_>, path: &Path, bare: bool) -> fn(&[u8]) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let git = path.parent().is_some_and(|dir| dir.ends_with("git"));
    match name.as_ref() {
        _ if bare => diff::secrets,
        ".netrc" | "_netrc" => diff::netrc,
        _ if path == state.netrc().path => diff::netrc,
        ".git-credentials" => diff::urls,
        "credentials" if git => diff::urls,
        _ => diff::assignments,
    }
}

/// fish's file of universal variables.
pub(super) fn universal(state: &State<'_>) -> Option<PathBuf> {
    let config = state.non_empty("XDG_CONFIG_HOME").map(PathBuf::from);
    let config = config.or_else(|| Some(PathBuf::from(state.non_empty("HOME")?).join(".config")))?;
    Some(config.join("fish/fish_variables"))
}

pub(super) fn is_universal(path: &Path) -> bool {
    path.ends_with("fish/fish_variables")
}

/// The name and value of a line of it. Source: fish 3.6, `fish_variables` of version 3.0.
pub(super) fn universal_line(line: &[u8]) -> Option<(&str, &[u8])> {
    let rest = line.strip_prefix(b"SETUVAR ")?;
    let rest = rest.strip_prefix(b"--export ").unwrap_or(rest);
    let rest = rest.strip_prefix(b"--path ").unwrap_or(rest);
    let at = rest.iter().position(|b| *b == b':')?;
    // The name becomes part of a command.
    let name = std::str::from_utf8(&rest[..at]).ok()?;
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    plain.then_some((name, &rest[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn files_that_start_up_files_name() {
        let fake = Fake::home()
            .file("/home/u/.bashrc", "[ -f ~/.a ] && . ~/.a\nX=$(cat \"$HOME/.b\")\nsource ${HOME}/none; y </opt/c\n")
            .file("/home/u/.a", "source ~/.d ~/.a\n")
            .file("/home/u/.b", "")
            .file("/home/u/.d", "/home/u/.e")
            .file("/home/u/.e", "")
            .file("/opt/c", "");
        let found = named_in(&State::new(&fake), &["/home/u/.bashrc".into()]);
        let wanted = ["/home/u/.a", "/home/u/.b", "/opt/c", "/home/u/.d"].map(PathBuf::from);
        assert_eq!(found, wanted, "two steps and no further");
    }
}
