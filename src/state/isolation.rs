//! Which projects have a credential of their own, by the person's own data alone.
//!
//! `$XDG_DATA_HOME/hflint/isolated/projects/` holds one small file for each isolated project, named by the project's
//! path, device and inode, so that one look at the names tells whether a directory is among them. Nothing in a
//! project's tree is read: not to find its root, not to choose its credential.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use crate::shell::wire;
use crate::state::variables::{CURRENT, OLD};
use crate::system::{CREDENTIAL_LIMIT, Changes, Kind, Own, Stat, System};

/// The first line of a project's file.
const FORMAT: &str = "hflint isolation 1";
/// What the hook sets for as long as an isolation is in effect.
pub const MARK: &str = "HFLINT_PROJECT";

/// What carries the paths into a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// hflint's own hook.
    #[default]
    Hook,
    /// The activate scripts of a virtual environment.
    Venv,
    /// A conda environment's activate.d.
    Conda,
    /// `.envrc`.
    Direnv,
    /// `mise.local.toml`.
    Mise,
}

impl By {
    /// All, in the order of the contract.
    pub const ALL: [Self; 5] = [Self::Hook, Self::Venv, Self::Conda, Self::Direnv, Self::Mise];

    /// The word on the command line and in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hook => "hook",
            Self::Venv => "venv",
            Self::Conda => "conda",
            Self::Direnv => "direnv",
            Self::Mise => "mise",
        }
    }
}

/// One isolated project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Its real path.
    pub root: PathBuf,
    /// The device that the project was on.
    pub device: u64,
    /// The inode of its directory.
    pub inode: u64,
    /// The name of the credential's directory: `NAME-HASH`, or the profile's.
    pub directory: String,
    /// The profile, where the credential is shared.
    pub profile: Option<String>,
    /// What carries it into a shell.
    pub by: By,
    /// The virtual or conda environment whose scripts carry it.
    pub at: Option<PathBuf>,
    /// Whether `HF_TOKEN` is exported too.
    pub export: bool,
    /// The shared model cache, where `HF_HOME` is moved for clients that know no `HF_TOKEN_PATH`.
    pub cache: Option<PathBuf>,
}

/// Why an isolation is not applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The same directory under another path.
    Moved,
    /// Another directory under the same path.
    Replaced,
}

impl Broken {
    /// What happened, for a message.
    pub fn words(self, binding: &Binding) -> String {
        let root = crate::output::sanitize::bytes(binding.root.as_os_str().as_bytes());
        match self {
            Self::Moved => format!("this directory was isolated as {root}, and is no longer there"),
            Self::Replaced => "another directory than the one that was isolated under this path".to_owned(),
        }
    }
}

/// What is known of the directory where the person stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Here {
    /// No isolation.
    Nothing,
    /// In an isolated project.
    Project(Binding),
    /// In what was one; the directory that stands there now.
    Broken(Binding, Broken, PathBuf),
}

/// One change that an isolation makes in a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Away with it.
    Unset(&'static str),
    /// Exported with this value.
    Set(&'static str, OsString),
    /// Exported with what a file holds: no token ever stands in an answer.
    Read(&'static str, PathBuf),
}

/// The directory of all isolations.
pub fn base(system: &dyn System) -> Option<PathBuf> {
    Some(system.own_dir(Own::Data)?.join("isolated"))
}

/// The directory of the projects' files.
pub fn projects(system: &dyn System) -> Option<PathBuf> {
    Some(base(system)?.join("projects"))
}

/// The directory of a shared credential.
pub fn profile_directory(name: &str) -> String {
    format!("profiles/{name}")
}

/// The names of all profiles.
pub fn profiles(system: &dyn System) -> Vec<String> {
    let names = base(system).and_then(|base| system.list(&base.join("profiles")).ok()).unwrap_or_default();
    names.into_iter().filter_map(|n| n.into_string().ok()).filter(|n| is_profile_name(n)).collect()
}

/// Whether a text can name a profile: it becomes part of a path, and stands in messages.
pub fn is_profile_name(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+');
    !name.is_empty() && name.len() <= 100 && !name.starts_with(['.', '-']) && name.chars().all(plain)
}

/// What is known of the current directory: the nearest directory upward counts.
pub fn here(system: &dyn System) -> Here {
    let Some(names) = names(system) else { return Here::Nothing };
    match system.real_cwd() {
        Some(cwd) => at(system, &cwd, &names),
        None => Here::Nothing,
    }
}

/// The same for another directory, given by its real path.
pub fn at_path(system: &dyn System, real: &Path) -> Here {
    names(system).map_or(Here::Nothing, |names| at(system, real, &names))
}

fn at(system: &dyn System, real: &Path, names: &[String]) -> Here {
    for dir in real.ancestors() {
        let hash = hash(dir.as_os_str().as_bytes());
        let by_path = |name: &&String| name.starts_with(&hash);
        let stat = system.stat(dir).ok();
        // The name of the file is the key: what stands in it must agree.
        if let Some(name) = stat.as_ref().map(|stat| file_name(dir, stat))
            && names.contains(&name)
            && let Some(binding) = read(system, &name).filter(|b| b.root == dir)
        {
            return Here::Project(binding);
        }
        if let Some(binding) =
            names.iter().filter(by_path).find_map(|name| read(system, name)).filter(|b| b.root == dir)
        {
            return Here::Broken(binding, Broken::Replaced, dir.to_owned());
        }
        if let Some(stat) = stat {
            let identity = identity(&stat);
            let moved = names.iter().filter(|name| name.ends_with(&identity)).find_map(|name| read(system, name));
            if let Some(binding) = moved {
                return Here::Broken(binding, Broken::Moved, dir.to_owned());
            }
        }
    }
    Here::Nothing
}

/// The names of the projects' files; `None` where there are none, or where others could have put them there.
fn names(system: &dyn System) -> Option<Vec<String>> {
    let dir = projects(system)?;
    let stat = system.stat(&dir).ok()?;
    if stat.kind != Kind::Dir || stat.uid != system.uid() || stat.mode & 0o022 != 0 {
        return None;
    }
    let names: Vec<String> = system.list(&dir).ok()?.into_iter().filter_map(|n| n.into_string().ok()).collect();
    (!names.is_empty()).then_some(names)
}

/// All projects, those whose file does not parse left out.
pub fn all(system: &dyn System) -> Vec<Binding> {
    names(system).unwrap_or_default().iter().filter_map(|name| read(system, name)).collect()
}

fn read(system: &dyn System, name: &str) -> Option<Binding> {
    let content = system.read(&projects(system)?.join(name), CREDENTIAL_LIMIT).ok()?;
    let mine = content.stat.uid == system.uid() && content.stat.mode & 0o022 == 0 && !content.truncated;
    Binding::parse(&content.bytes).filter(|_| mine)
}

/// The name of the file of a project: its path's hash, its device and its inode.
pub fn file_name(root: &Path, stat: &Stat) -> String {
    hash(root.as_os_str().as_bytes()) + &identity(stat)
}

fn identity(stat: &Stat) -> String {
    format!("-{:x}-{:x}", stat.device, stat.inode)
}

/// FNV-1a, 64 bits. It names files that stay, so not std's hasher, which may change with the compiler; and it needs no
/// secrecy, so not SHA-256, whose set-up costs a tenth of a whole run of the hook.
pub fn hash(bytes: &[u8]) -> String {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| (hash ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:016x}")
}

impl Binding {
    /// The text of its file.
    pub fn text(&self) -> String {
        let path = |path: &Path| wire::encode(path.as_os_str().as_bytes());
        let mut out = format!("{FORMAT}\nroot {}\n", path(&self.root));
        let _ = writeln!(out, "device {:x}\ninode {:x}", self.device, self.inode);
        let _ = writeln!(out, "directory {}", wire::encode(self.directory.as_bytes()));
        if let Some(profile) = &self.profile {
            let _ = writeln!(out, "profile {}", wire::encode(profile.as_bytes()));
        }
        let _ = writeln!(out, "by {}", self.by.word());
        if let Some(at) = &self.at {
            let _ = writeln!(out, "at {}", path(at));
        }
        if self.export {
            out.push_str("export yes\n");
        }
        if let Some(cache) = &self.cache {
            let _ = writeln!(out, "cache {}", path(cache));
        }
        out
    }

    /// Reads a file back; `None` for anything that this release did not write.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut lines = text.lines();
        if lines.next()? != FORMAT {
            return None;
        }
        let mut fields = std::collections::BTreeMap::new();
        for line in lines {
            let (key, value) = line.split_once(' ')?;
            fields.insert(key, wire::decode(value)?);
        }
        let path = |key: &str| {
            let path = PathBuf::from(OsString::from_vec(fields.get(key)?.clone()));
            path.is_absolute().then_some(path)
        };
        let word = |key: &str| String::from_utf8(fields.get(key)?.clone()).ok();
        let number = |key: &str| u64::from_str_radix(&word(key)?, 16).ok();
        let by = word("by")?;
        let profile = word("profile");
        let directory = word("directory")?;
        // It never leads out of hflint's own directory.
        let sound = match &profile {
            Some(profile) => is_profile_name(profile) && directory == profile_directory(profile),
            None => !directory.is_empty() && !directory.contains('/') && !directory.starts_with('.'),
        };
        sound.then_some(())?;
        Some(Self {
            root: path("root")?,
            device: number("device")?,
            inode: number("inode")?,
            directory,
            profile,
            by: *By::ALL.iter().find(|b| b.word() == by)?,
            export: fields.get("export").is_some_and(|v| v == b"yes"),
            cache: path("cache"),
            at: path("at"),
        })
    }

    /// The credential's directory.
    pub fn credentials(&self, system: &dyn System) -> Option<PathBuf> {
        Some(base(system)?.join(&self.directory))
    }

    /// The token file.
    pub fn token(&self, system: &dyn System) -> Option<PathBuf> {
        Some(self.credentials(system)?.join("token"))
    }

    /// The project's file.
    pub fn file(&self, system: &dyn System) -> Option<PathBuf> {
        let name = format!("{}-{:x}-{:x}", hash(self.root.as_os_str().as_bytes()), self.device, self.inode);
        Some(projects(system)?.join(name))
    }

    /// The value of [`MARK`]: another one where anything of the isolation changed, so that a shell applies it anew; with
    /// `--export` also where the token file was written.
    pub fn mark(&self, system: &dyn System) -> String {
        let mut text = self.text();
        if self.export
            && let Some(stat) = self.token(system).and_then(|path| system.stat(&path).ok())
        {
            let _ = write!(text, "{}.{} {}", stat.mtime, stat.mtime_ns, stat.inode);
        }
        let name = self.directory.rsplit('/').next().unwrap_or_default();
        format!("{name}.{}", &hash(text.as_bytes())[..8])
    }

    /// What it changes in a shell, the mark last.
    /// `has_token`: whether there is one to export; before the first login there is none.
    pub fn changes(&self, system: &dyn System, has_token: bool) -> Vec<Change> {
        let (Some(dir), Some(token)) = (self.credentials(system), self.token(system)) else { return Vec::new() };
        let mut out = vec![Change::Unset(OLD)];
        out.push(if self.export && has_token { Change::Read(CURRENT, token.clone()) } else { Change::Unset(CURRENT) });
        out.push(Change::Set("HF_TOKEN_PATH", token.into()));
        if let Some(cache) = &self.cache {
            out.push(Change::Set("HF_HOME", dir.into()));
            // A cache that the person chose stays theirs.
            for name in ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"] {
                if system.var(name).is_none() || self.is_marked(system) {
                    out.push(Change::Set(name, cache.into()));
                }
            }
        }
        out.push(Change::Set(MARK, self.mark(system).into()));
        out
    }

    /// Whether there is a token in its file.
    pub fn has_token(&self, system: &dyn System) -> bool {
        let blank = |bytes: &[u8]| crate::clients::clean::Clean::Hub.apply(bytes).is_empty();
        let read = self.token(system).and_then(|path| system.read(&path, CREDENTIAL_LIMIT).ok());
        read.is_some_and(|content| !blank(&content.bytes))
    }

    /// Whether this shell, or the one before it, applied this project's isolation, in this form or an earlier one.
    pub fn is_marked(&self, system: &dyn System) -> bool {
        let name = self.directory.rsplit('/').next().unwrap_or_default();
        system.var(MARK).is_some_and(|mark| {
            mark.to_str().and_then(|m| m.rsplit_once('.')).is_some_and(|(marked, _)| marked == name)
        })
    }

    /// Whether what this process was given is the isolation: its path, and no token variable over it.
    pub fn is_in_effect(&self, system: &dyn System) -> bool {
        let Some(token) = self.token(system) else { return false };
        let path = system.var("HF_TOKEN_PATH").is_some_and(|path| Path::new(&path) == token);
        let own = crate::clients::clean::Clean::Hub;
        let is_own = |value: &OsStr| {
            system.read(&token, CREDENTIAL_LIMIT).is_ok_and(|c| own.apply(&c.bytes) == own.apply(value.as_bytes()))
        };
        // A blank one sends nothing, and what stands in the file itself is the isolation's own (`--export`).
        let is_free =
            |name: &str| system.var(name).is_none_or(|value| own.apply(value.as_bytes()).is_empty() || is_own(&value));
        path && is_free(CURRENT) && is_free(OLD)
    }
}

/// The variables of a shell in which these changes were made. What is read from a file is read here, for judging.
pub fn applied(changes: &[Change], system: &dyn System) -> Changes {
    let own = crate::clients::clean::Clean::Hub;
    let value = |change: &Change| match change {
        Change::Unset(name) => (OsString::from(name), None),
        Change::Set(name, value) => (OsString::from(name), Some(value.clone())),
        Change::Read(name, path) => {
            let token = system.read(path, CREDENTIAL_LIMIT).ok().map(|c| OsString::from_vec(own.apply(&c.bytes)));
            (OsString::from(name), token)
        }
    };
    changes.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn binding() -> Binding {
        Binding {
            root: "/home/u/a b\n%".into(),
            device: 0x801,
            inode: 77,
            directory: "a-0011".into(),
            profile: None,
            by: By::Hook,
            export: false,
            cache: None,
            at: None,
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let profile = Binding {
            profile: Some("work".into()),
            directory: "profiles/work".into(),
            by: By::Mise,
            export: true,
            cache: Some("/c".into()),
            at: Some("/v".into()),
            ..binding()
        };
        for one in [binding(), profile] {
            assert_eq!(Binding::parse(one.text().as_bytes()), Some(one));
        }
    }

    #[test]
    fn nothing_leads_out_of_the_directory() {
        for directory in ["../x", "a/b", "", ".x", "profiles/work", "/etc"] {
            let bad = Binding { directory: directory.into(), ..binding() };
            assert_eq!(Binding::parse(bad.text().as_bytes()), None, "{directory}");
        }
        for name in ["", ".", "..", "a/b", "-x", "a b", "a\n", &"x".repeat(101)] {
            assert!(!is_profile_name(name), "{name}");
            let bad = Binding { profile: Some(name.into()), directory: profile_directory(name), ..binding() };
            assert_eq!(Binding::parse(bad.text().as_bytes()), None, "{name}");
        }
    }

    const ROOT: &str = "/home/u/p";

    fn stat() -> Stat {
        Fake::home().file("/home/u/p/x/y", "").stat(Path::new(ROOT)).unwrap()
    }

    fn machine(text: &str) -> Fake {
        let name = file_name(Path::new(ROOT), &stat());
        Fake::home()
            .dir("/home/u/.local/share/hflint/isolated/projects", 0o700)
            .file(&format!("/home/u/.local/share/hflint/isolated/projects/{name}"), text)
            .file("/home/u/p/x/y", "")
            .cwd("/home/u/p/x")
    }

    #[test]
    fn the_nearest_directory_upward_counts_and_only_the_persons_own_data() {
        let own = Binding { root: ROOT.into(), device: stat().device, inode: stat().inode, ..binding() };
        assert_eq!(here(&machine(&own.text())), Here::Project(own.clone()));
        assert_eq!(here(&machine(&own.text()).cwd("/")), Here::Nothing);
        assert_eq!(here(&machine("")), Here::Nothing);
        let dir = "/home/u/.local/share/hflint/isolated/projects";
        assert_eq!(here(&machine(&own.text()).dir(dir, 0o777)), Here::Nothing);
        assert_eq!(here(&machine(&own.text()).owner(dir, 1, 1)), Here::Nothing);
    }

    #[test]
    fn the_mark_changes_with_the_isolation() {
        let fake = Fake::home();
        let own = Binding { directory: "p.q-1".into(), ..binding() };
        let exported = Binding { export: true, ..own.clone() };
        assert_ne!(own.mark(&fake), exported.mark(&fake));
        let marked = Fake::home().var(MARK, exported.mark(&fake));
        assert!(own.is_marked(&marked) && !binding().is_marked(&marked));
    }
}
