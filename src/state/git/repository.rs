//! The repository here, found as git finds it.
//!
//! Source: git 2.39.5 and 2.47.3, run; `setup.c`. Not followed: `core.worktree` and `GIT_WORK_TREE` (they move the
//! files, not the configuration), and extensions that a newer git would need.

use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::config;
use super::load::{boolean, integer};
use crate::system::path::{Within as _, absolute, join};
use crate::system::{Kind, System, TEXT_LIMIT};

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The top of the files; the current directory where `GIT_DIR` names the repository, `None` for a bare one.
    pub root: Option<PathBuf>,
    /// The `.git` directory (of a linked worktree: its own).
    pub git_dir: PathBuf,
    /// `git_dir` in git's own words, for `includeIf "gitdir:…"`: `/x/bare.git/.` from within a bare repository.
    pub said: PathBuf,
    /// What `config` lies in: `git_dir`, or that of the main worktree.
    pub common_dir: PathBuf,
    /// The branch that HEAD names, also where it has no commit yet.
    pub branch: Option<Vec<u8>>,
    /// Whether `config.worktree` is read as well.
    pub worktree_config: bool,
}

/// What git dies on while it looks: a `.git` file that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken(pub PathBuf);

/// Looks for it from the current directory up. `safe` says whether a repository of somebody else is one that the
/// person listed in `safe.directory`; `bare` whether bare ones count that nothing names.
pub fn find(
    system: &dyn System,
    safe: &dyn Fn(&Path) -> bool,
    bare: &dyn Fn() -> bool,
) -> Result<Option<Repository>, Broken> {
    let Some(cwd) = system.cwd() else {
        return Ok(None);
    };
    if let Some(named) = system.var("GIT_DIR") {
        // Empty: git looks in the root directory.
        let named = if named.is_empty() { PathBuf::from("/") } else { PathBuf::from(named) };
        let git_dir = git_file(system, &named)?.unwrap_or(named);
        let said = absolute(system, &git_dir);
        return Ok(is_git_dir(system, &git_dir).then(|| open(system, Some(cwd), git_dir, said)).flatten());
    }
    // Upward from where the directory really is; shown along the way that the person took, where that is the same.
    let real = system.real_cwd().unwrap_or_else(|| cwd.clone());
    let shown = |dir: &Path| {
        let same = cwd.ancestors().find(|a| system.canonical(a).as_deref() == Some(dir));
        same.unwrap_or(dir).to_owned()
    };
    let ceiling = ceiling(system, &real);
    let device = |dir: &Path| system.stat(dir).map(|s| s.device);
    let across = system.var("GIT_DISCOVERY_ACROSS_FILESYSTEM").and_then(|v| boolean(Some(v.as_bytes())));
    for dir in real.ancestors() {
        if dir != real && (ceiling.as_deref() == Some(dir) || (across != Some(true) && device(dir) != device(&real))) {
            return Ok(None);
        }
        let dot_git = dir.within(".git");
        let linked = git_file(system, &dot_git)?;
        let git_dir = linked.clone().or_else(|| is_git_dir(system, &dot_git).then(|| dot_git.clone()));
        if let Some(git_dir) = git_dir {
            let owned = [Some(dir), linked.is_some().then_some(dot_git.as_path()), Some(git_dir.as_path())];
            let mine = owned.into_iter().flatten().all(|path| is_mine(system, path));
            let root = shown(dir);
            let git_dir = if linked.is_some() { git_dir } else { root.join(".git") };
            let said = git_dir.clone();
            return Ok((mine || safe(dir)).then(|| open(system, Some(root), git_dir, said)).flatten());
        }
        if is_git_dir(system, dir) {
            let counts = bare() && (is_mine(system, dir) || safe(dir));
            let git_dir = shown(dir);
            let said = if dir == real { git_dir.join(".") } else { git_dir.clone() };
            return Ok(counts.then(|| open(system, None, git_dir, said)).flatten());
        }
    }
    Ok(None)
}

/// The nearest directory above that the search does not enter.
fn ceiling(system: &dyn System, from: &Path) -> Option<PathBuf> {
    let list = system.var("GIT_CEILING_DIRECTORIES")?;
    let mut literal = false;
    let mut nearest: Option<PathBuf> = None;
    for entry in list.as_bytes().split(|&b| b == b':') {
        // After an empty entry links are no longer followed.
        literal |= entry.is_empty();
        let path = Path::new(OsStr::from_bytes(entry));
        if !path.is_absolute() {
            continue;
        }
        let Some(path) = (if literal { Some(path.to_owned()) } else { system.canonical(path) }) else {
            continue;
        };
        if from != path && from.starts_with(&path) && nearest.as_ref().is_none_or(|n| path.starts_with(n)) {
            nearest = Some(path);
        }
    }
    nearest
}

fn is_mine(system: &dyn System, path: &Path) -> bool {
    let Ok(stat) = system.lstat(path) else {
        return false;
    };
    // Root works in its caller's repositories, too.
    let sudo = || {
        let id = system.var("SUDO_UID")?;
        id.to_str()?.parse::<u32>().ok()
    };
    stat.uid == system.uid() || (system.uid() == 0 && sudo() == Some(stat.uid))
}

/// Where a `.git` file leads; `None` where it is no file.
fn git_file(system: &dyn System, path: &Path) -> Result<Option<PathBuf>, Broken> {
    match system.stat(path) {
        Ok(stat) if stat.kind == Kind::File => {}
        _ => return Ok(None),
    }
    let broken = || Broken(path.to_owned());
    let content = system.read(path, TEXT_LIMIT).map_err(|_| broken())?;
    let line = content.bytes.strip_prefix(b"gitdir: ").ok_or_else(broken)?;
    let end = line.iter().rposition(|b| !matches!(b, b'\n' | b'\r')).ok_or_else(broken)?;
    let dir = path.parent().unwrap_or(Path::new(""));
    let target = PathBuf::from(join(dir.as_os_str(), OsStr::from_bytes(&line[..=end])));
    if !is_git_dir(system, &target) {
        return Err(broken());
    }
    Ok(Some(system.canonical(&target).unwrap_or(target)))
}

/// Whether a directory is what git takes for a repository: a sound HEAD, and `objects` and `refs`.
fn is_git_dir(system: &dyn System, dir: &Path) -> bool {
    if head(system, dir).is_none() {
        return false;
    }
    let common = common_dir(system, dir);
    let objects = system.var("GIT_OBJECT_DIRECTORY").map_or_else(|| common.within("objects"), PathBuf::from);
    system.stat(&objects).is_ok() && system.stat(&common.within("refs")).is_ok()
}

/// What HEAD says, where it is sound: the reference, or `None` inside for a commit.
#[allow(clippy::option_option, reason = "unsound, a commit, and a reference")]
fn head(system: &dyn System, dir: &Path) -> Option<Option<Vec<u8>>> {
    let path = dir.within("HEAD");
    if system.lstat(&path).ok()?.kind == Kind::Link {
        let target = system.read_link(&path)?.into_os_string().into_vec();
        return target.starts_with(b"refs/").then_some(Some(target));
    }
    let bytes = system.read(&path, 255).ok()?.bytes;
    if let Some(reference) = bytes.strip_prefix(b"ref:") {
        let reference = reference.trim_ascii();
        return reference.starts_with(b"refs/").then(|| Some(reference.to_owned()));
    }
    (bytes.len() >= 40 && bytes[..40].iter().all(u8::is_ascii_hexdigit)).then_some(None)
}

/// Where the shared part of a repository is.
fn common_dir(system: &dyn System, git_dir: &Path) -> PathBuf {
    if let Some(named) = system.var("GIT_COMMON_DIR") {
        return PathBuf::from(named);
    }
    let Ok(content) = system.read(&git_dir.within("commondir"), TEXT_LIMIT) else {
        return git_dir.to_owned();
    };
    let end = content.bytes.iter().rposition(|b| !matches!(b, b'\n' | b'\r')).map_or(0, |i| i + 1);
    let path = PathBuf::from(join(git_dir.as_os_str(), OsStr::from_bytes(&content.bytes[..end])));
    system.canonical(&path).unwrap_or(path)
}

/// What else is to be known of a repository; `None` where its format is too new, and git passes it over.
fn open(system: &dyn System, root: Option<PathBuf>, git_dir: PathBuf, said: PathBuf) -> Option<Repository> {
    let common_dir = common_dir(system, &git_dir);
    // A fault is told where the configuration is read.
    let config = system.read(&common_dir.within("config"), TEXT_LIMIT).ok();
    let entries = config.and_then(|c| config::parse(&c.bytes).ok()).unwrap_or_default();
    let mut worktree_config = false;
    let mut version = 0;
    let (mut newer, mut unknown) = (false, false);
    for entry in &entries {
        match entry.parts() {
            (b"core", None, b"repositoryformatversion") => version = integer(entry.value.as_deref()?)?,
            (b"extensions", None, b"worktreeconfig") => {
                worktree_config = boolean(entry.value.as_deref()).unwrap_or(false);
            }
            (b"extensions", None, b"noop" | b"preciousobjects" | b"partialclone") => {}
            (b"extensions", None, b"noop-v1" | b"objectformat" | b"compatobjectformat" | b"refstorage") => newer = true,
            (b"extensions", None, _) => unknown = true,
            _ => {}
        }
    }
    if version > 1 || (version == 1 && unknown) || (version == 0 && newer) {
        return None;
    }
    let branch = head(system, &git_dir).flatten().and_then(|r| Some(r.strip_prefix(b"refs/heads/")?.to_owned()));
    Some(Repository { root, git_dir, said, common_dir, branch, worktree_config })
}
