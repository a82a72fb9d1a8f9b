//! All of git's configuration here, in the order in which git reads it: system, global, repository, environment, with
//! what they include.
//!
//! Source: git 2.39.5 and 2.47.3, run; `config.c`. `tests/integration/git_config.rs` compares with
//! `git config --list --show-origin`.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::config::{self, Entry, is_key, is_space};
use super::glob;
use super::repository::{self, Repository};
use crate::finding::Location;
use crate::system::path::absolute;
use crate::system::{ReadError, System, TEXT_LIMIT};

/// `MAX_INCLUDE_DEPTH`.
const DEPTH: usize = 10;
/// Files read in all. git has no such limit: ten files that include each other a hundred times would never end.
const FILES: usize = 256;

/// An assignment, and where it stands.
#[derive(Debug, Clone)]
pub struct Placed {
    /// What is assigned.
    pub entry: Entry,
    /// The line of the file, or the variable.
    pub source: Location,
}

/// The configuration.
#[derive(Debug, Default)]
pub struct Config {
    /// In reading order: later ones win, or are added to a list.
    pub entries: Vec<Placed>,
    /// The repository here.
    pub repository: Option<Repository>,
    /// Why git does not run at all.
    pub fault: Option<Fault>,
}

/// Why git does not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub source: Location,
    /// What is wrong, in a few words.
    pub words: &'static str,
    /// Whether git waits for ever (it reads from a pipe) instead of dying.
    pub waits: bool,
}

impl Config {
    /// The values of `section.key` without a subsection, with their places.
    pub fn all<'a>(&'a self, section: &'a str, key: &'a str) -> impl Iterator<Item = &'a Placed> {
        self.entries.iter().filter(move |p| p.entry.is(section, key))
    }

    /// The entries of a section with any subsection: `(subsection, key, place)`.
    pub fn under<'a>(&'a self, section: &'a str) -> impl Iterator<Item = (&'a [u8], &'a [u8], &'a Placed)> {
        self.entries.iter().filter_map(move |p| match p.entry.parts() {
            (s, Some(subsection), key) if s == section.as_bytes() => Some((subsection, key, p)),
            _ => None,
        })
    }
}

/// Reads everything.
pub fn load(system: &dyn System) -> Config {
    let protected = || {
        let mut reader = Loader::new(system, None, Urls::Unasked);
        // A fault is told when all is read.
        let _ = reader.outside();
        reader.entries
    };
    let safe = |dir: &Path| is_safe(system, &protected(), dir);
    let bare = || {
        let listed = protected();
        let last = listed.iter().rev().find(|p| p.entry.is("safe", "barerepository"));
        last.and_then(|p| p.entry.value.as_deref()) != Some(b"explicit")
    };
    let repository = match repository::find(system, &safe, &bare) {
        Ok(found) => found,
        Err(repository::Broken(path)) => {
            let source = Location::file(absolute(system, &path));
            let fault = Fault { source, words: "a .git file that leads to no repository", waits: false };
            return Config { fault: Some(fault), ..Config::default() };
        }
    };
    // Before it knows that GIT_DIR names no repository git reads once with that directory in the conditions. It forgets
    // the entries, but what it dies on there it dies on in every command.
    if repository.is_none()
        && let Some(named) = system.var("GIT_DIR").map(PathBuf::from)
    {
        let said = absolute(system, &named);
        // git puts a slash behind it, also where it is empty.
        let common_dir = if named.as_os_str().is_empty() { PathBuf::from("/") } else { named.clone() };
        let early = Repository { root: None, git_dir: named, said, common_dir, branch: None, worktree_config: false };
        if let Some(fault) = read(system, Some(&early)).1 {
            return Config { fault: Some(fault), ..Config::default() };
        }
    }
    let (entries, fault) = read(system, repository.as_ref());
    Config { entries, repository, fault }
}

/// All entries in their order, as far as git would read them, and what it dies on.
fn read(system: &dyn System, repository: Option<&Repository>) -> (Vec<Placed>, Option<Fault>) {
    let mut reader = Loader::new(system, repository, Urls::Unasked);
    let mut fault = reader.everything().err();
    if matches!(reader.urls, Urls::Asked) {
        // The remotes may stand anywhere, so the condition can be decided only once all else is read; files that hang
        // on a condition may then name none.
        let mut first = Loader::new(system, repository, Urls::Collecting);
        fault = first.everything().err();
        if fault.is_none() {
            let urls = first.entries.iter().filter_map(remote_url).collect();
            reader = Loader::new(system, repository, Urls::Known(urls));
            fault = reader.everything().err();
        }
    }
    (reader.entries, fault)
}

fn remote_url(placed: &Placed) -> Option<Vec<u8>> {
    match placed.entry.parts() {
        (b"remote", Some(_), b"url") => placed.entry.value.clone(),
        _ => None,
    }
}

/// `safe.directory`: the last word on a directory counts, an empty value takes all back.
fn is_safe(system: &dyn System, entries: &[Placed], dir: &Path) -> bool {
    entries.iter().filter(|p| p.entry.is("safe", "directory")).fold(false, |safe, p| match p.entry.value.as_deref() {
        None | Some(b"") => false,
        Some(b"*") => true,
        Some(value) => {
            let under = value.strip_suffix(b"/*").is_some_and(|parent| {
                dir.as_os_str().as_bytes().strip_prefix(parent).is_some_and(|rest| rest.starts_with(b"/"))
            });
            safe || under || interpolate(system, value, false).is_some_and(|path| path == dir)
        }
    })
}

/// git's `~/`, `~user/`: with `HOME` alone, without the password database for oneself; `None` where there is no such
/// home. `real`: the home with its links followed.
pub(super) fn interpolate(system: &dyn System, path: &[u8], real: bool) -> Option<PathBuf> {
    let Some(rest) = path.strip_prefix(b"~") else {
        return Some(PathBuf::from(OsStr::from_bytes(path)));
    };
    let end = rest.iter().position(|&b| b == b'/').unwrap_or(rest.len());
    let home = if end == 0 {
        let home = PathBuf::from(system.var("HOME")?);
        if real { system.canonical(&home).unwrap_or(home) } else { home }
    } else {
        system.password_home(Some(OsStr::from_bytes(&rest[..end])))?
    };
    let mut out = home.into_os_string().into_vec();
    out.extend_from_slice(&rest[end..]);
    Some(PathBuf::from(std::ffi::OsString::from_vec(out)))
}

/// git's boolean; `None` for what git dies on.
pub fn boolean(value: Option<&[u8]>) -> Option<bool> {
    let Some(value) = value else {
        return Some(true);
    };
    match value.to_ascii_lowercase().as_slice() {
        b"true" | b"yes" | b"on" => Some(true),
        b"" | b"false" | b"no" | b"off" => Some(false),
        _ => integer(value).map(|n| n != 0),
    }
}

/// git's number: C's `strtoimax` with base 0, and `k`, `m` or `g`.
pub fn integer(value: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?;
    let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (digits, base) = match digits.as_bytes() {
        [b'0', b'x' | b'X', h, ..] if h.is_ascii_hexdigit() => (&digits[2..], 16),
        [b'0', ..] => (digits, 8),
        _ => (digits, 10),
    };
    let end = digits.find(|c: char| !c.is_digit(base)).unwrap_or(digits.len());
    let n = i64::from_str_radix(&digits[..end], base).ok()?;
    let factor: i64 = match digits[end..].to_ascii_lowercase().as_str() {
        "" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        _ => return None,
    };
    n.checked_mul(factor).map(|n| if negative { -n } else { n })
}

struct Loader<'a> {
    system: &'a dyn System,
    repository: Option<&'a Repository>,
    entries: Vec<Placed>,
    urls: Urls,
    /// Whether what is read hangs on a condition.
    conditional: bool,
    files: usize,
}

/// What is known of the remotes' URLs, for `hasconfig:remote.*.url`.
enum Urls {
    /// No condition has asked for them.
    Unasked,
    /// One has.
    Asked,
    /// They are being collected, and every such condition counts as true.
    Collecting,
    /// All of them.
    Known(Vec<Vec<u8>>),
}

impl<'a> Loader<'a> {
    fn new(system: &'a dyn System, repository: Option<&'a Repository>, urls: Urls) -> Self {
        Self { system, repository, entries: Vec::new(), urls, conditional: false, files: 0 }
    }

    fn everything(&mut self) -> Result<(), Fault> {
        self.system_and_global()?;
        if let Some(repository) = self.repository {
            self.file(&repository.common_dir.join("config"), false, 0)?;
            if repository.worktree_config {
                self.file(&repository.git_dir.join("config.worktree"), false, 0)?;
            }
        }
        self.environment()
    }

    /// All that no repository can say.
    fn outside(&mut self) -> Result<(), Fault> {
        self.system_and_global()?;
        self.environment()
    }

    fn system_and_global(&mut self) -> Result<(), Fault> {
        let system = self.system;
        let skipped = match system.var("GIT_CONFIG_NOSYSTEM") {
            None => false,
            Some(value) => boolean(Some(value.as_bytes())).ok_or_else(|| Fault {
                source: Location::variable("GIT_CONFIG_NOSYSTEM"),
                words: "neither true nor false",
                waits: false,
            })?,
        };
        if !skipped {
            let path = system.var("GIT_CONFIG_SYSTEM").map_or_else(|| built_in(system), PathBuf::from);
            self.file(&path, false, 0)?;
        }
        if let Some(path) = system.var("GIT_CONFIG_GLOBAL") {
            return self.file(Path::new(&path), true, 0);
        }
        if let Some(path) = super::xdg(system, "config") {
            self.file(&path, true, 0)?;
        }
        match system.var("HOME") {
            Some(home) => self.file(&PathBuf::from(concat(home.as_bytes(), b"/.gitconfig")), true, 0),
            None => Ok(()),
        }
    }

    /// `gently`: a file that may not be read is passed over.
    fn file(&mut self, path: &Path, gently: bool, depth: usize) -> Result<(), Fault> {
        // By now git has gone to the top of the work tree: what is relative is so to that.
        let top = self.repository.and_then(|r| r.root.as_deref()).filter(|_| !path.as_os_str().is_empty());
        let path = &*top.map_or(Cow::Borrowed(path), |top| Cow::Owned(top.join(path)));
        let place = absolute(self.system, path);
        let fault = |words, waits| Err(Fault { source: Location::file(place.clone()), words, waits });
        if path.as_os_str().is_empty() {
            return Ok(());
        }
        self.files += 1;
        if self.files > FILES {
            return fault("more included files than hflint follows", false);
        }
        let content = match self.system.read(path, TEXT_LIMIT) {
            Ok(content) => content,
            Err(ReadError::NotFound | ReadError::NotDir) => return Ok(()),
            Err(ReadError::Denied) if gently => return Ok(()),
            Err(ReadError::Fifo) => return fault("a pipe, which git waits for", true),
            Err(ReadError::IsDir) => return fault("a directory where git's configuration should be", false),
            Err(_) => return fault("configuration of git that cannot be read", false),
        };
        let bytes = if content.truncated {
            let end = content.bytes.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
            &content.bytes[..end]
        } else {
            &content.bytes
        };
        let entries = match config::parse(bytes) {
            Ok(entries) => entries,
            Err(line) => {
                let source = Location::line(&place, line);
                return Err(Fault { source, words: "a line that git cannot read", waits: false });
            }
        };
        for entry in entries {
            let source = Location::line(&place, entry.line);
            self.entry(Placed { entry, source }, Some(path), depth)?;
        }
        Ok(())
    }

    /// Takes an assignment, and what it includes.
    fn entry(&mut self, placed: Placed, file: Option<&Path>, depth: usize) -> Result<(), Fault> {
        let was_conditional = self.conditional;
        let included = match placed.entry.parts() {
            (b"include", None, b"path") => true,
            (b"includeif", Some(condition), b"path") => {
                let condition = condition.to_owned();
                let asks = condition.starts_with(b"gitdir:") || condition.starts_with(b"gitdir/i:");
                if asks && self.repository.is_some_and(|r| self.real(&r.git_dir).is_none()) {
                    let words = "a condition on GIT_DIR, which leads nowhere";
                    return Err(Fault { source: placed.source, words, waits: false });
                }
                let holds = self.holds(&condition, file);
                self.conditional |= holds;
                holds
            }
            _ => false,
        };
        if self.conditional && matches!(self.urls, Urls::Collecting) && remote_url(&placed).is_some() {
            let words = "a remote in a file that is included for a remote";
            return Err(Fault { source: placed.source, words, waits: false });
        }
        let fault = Fault { source: placed.source.clone(), words: "an include that git dies on", waits: false };
        let value = placed.entry.value.clone();
        self.entries.push(placed);
        if !included {
            return Ok(());
        }
        let Some(path) = value.and_then(|path| interpolate(self.system, &path, false)) else {
            return Err(fault);
        };
        let path = match file {
            _ if path.is_absolute() => path,
            Some(file) => PathBuf::from(concat(directory(file), path.as_os_str().as_bytes())),
            None => return Err(fault),
        };
        if self.system.stat(&path).is_ok() && depth >= DEPTH {
            return Err(fault);
        }
        self.file(&path, false, depth + 1)?;
        self.conditional = was_conditional;
        Ok(())
    }

    /// git's real path: the last part need not be there, the others must.
    fn real(&self, path: &Path) -> Option<PathBuf> {
        let path = absolute(self.system, Some(path).filter(|p| !p.as_os_str().is_empty())?);
        self.system.canonical(&path).or_else(|| Some(self.system.canonical(path.parent()?)?.join(path.file_name()?)))
    }

    /// Whether the condition of an `includeIf` is true.
    fn holds(&mut self, condition: &[u8], file: Option<&Path>) -> bool {
        if let Some(pattern) = condition.strip_prefix(b"gitdir:") {
            self.in_git_dir(pattern, file, false)
        } else if let Some(pattern) = condition.strip_prefix(b"gitdir/i:") {
            self.in_git_dir(pattern, file, true)
        } else if let Some(pattern) = condition.strip_prefix(b"onbranch:") {
            let branch = self.repository.and_then(|r| r.branch.as_deref());
            branch.is_some_and(|branch| glob::matches(&whole(pattern), branch, false))
        } else if let Some(pattern) = condition.strip_prefix(b"hasconfig:remote.*.url:") {
            match &self.urls {
                Urls::Unasked | Urls::Asked => {
                    self.urls = Urls::Asked;
                    false
                }
                Urls::Collecting => true,
                Urls::Known(urls) => urls.iter().any(|url| glob::matches(pattern, url, false)),
            }
        } else {
            false
        }
    }

    fn in_git_dir(&self, pattern: &[u8], file: Option<&Path>, fold: bool) -> bool {
        let Some(repository) = self.repository else {
            return false;
        };
        let expanded = interpolate(self.system, pattern, true).map(|p| p.into_os_string().into_vec());
        let pattern = expanded.unwrap_or_else(|| pattern.to_owned());
        // What comes from the place of the file is compared literally.
        let (literal, pattern) = match pattern.strip_prefix(b".").filter(|rest| rest.starts_with(b"/")) {
            Some(rest) => {
                let Some(real) = file.and_then(|f| self.system.canonical(f)) else {
                    return false;
                };
                (directory(&real).to_owned(), rest[1..].to_owned())
            }
            None if pattern.starts_with(b"/") => (Vec::new(), pattern),
            None => (Vec::new(), concat(b"**/", &pattern).into_vec()),
        };
        let pattern = if pattern.is_empty() { b"**".to_vec() } else { whole(&pattern) };
        let real = self.real(&repository.git_dir);
        for dir in [real.as_deref(), Some(repository.said.as_path())].into_iter().flatten() {
            let dir = dir.as_os_str().as_bytes();
            let (head, tail) = dir.split_at(literal.len().min(dir.len()));
            let same = if fold { head.eq_ignore_ascii_case(&literal) } else { head == literal.as_slice() };
            if !same {
                // git gives up here (`goto done`) and does not come to the directory as it was said.
                return false;
            }
            if glob::matches(&pattern, tail, fold) {
                return true;
            }
        }
        false
    }

    /// `GIT_CONFIG_COUNT` and its pairs, then `GIT_CONFIG_PARAMETERS`, which `git -c` sets.
    fn environment(&mut self) -> Result<(), Fault> {
        let fault = |name: String, words| Fault { source: Location::variable(name), words, waits: false };
        if let Some(count) = self.system.var("GIT_CONFIG_COUNT") {
            let name = || "GIT_CONFIG_COUNT".to_owned();
            let count = number(count.as_bytes()).ok_or_else(|| fault(name(), "not a number"))?;
            for i in 0..count {
                let var = |what: &str| {
                    let name = format!("GIT_CONFIG_{what}_{i}");
                    let value = self.system.var(&name).map(std::ffi::OsString::into_vec);
                    value.ok_or_else(|| fault(name, "missing"))
                };
                let (key, value) = (var("KEY")?, var("VALUE")?);
                self.pair(&key, Some(value), format!("GIT_CONFIG_VALUE_{i}"))?;
            }
        }
        if let Some(list) = self.system.var("GIT_CONFIG_PARAMETERS") {
            let name = "GIT_CONFIG_PARAMETERS";
            let pairs = parameters(list.as_bytes());
            let pairs = pairs.ok_or_else(|| fault(name.to_owned(), "not what git itself would put there"))?;
            for (key, value) in pairs {
                self.pair(&key, value, name.to_owned())?;
            }
        }
        Ok(())
    }

    fn pair(&mut self, key: &[u8], value: Option<Vec<u8>>, variable: String) -> Result<(), Fault> {
        let source = Location::variable(variable);
        if !is_key(key) {
            return Err(Fault { source, words: "a name that is no key of git's configuration", waits: false });
        }
        let dot = |b: &u8| *b == b'.';
        let first = key.iter().position(dot).unwrap_or(0);
        let last = key.iter().rposition(dot).unwrap_or(0);
        let mut name = key.to_owned();
        name[..first].make_ascii_lowercase();
        name[last..].make_ascii_lowercase();
        self.entry(Placed { entry: Entry { name, value, line: 0 }, source }, None, 0)
    }
}

/// A path ending in `/` means all below it.
fn whole(pattern: &[u8]) -> Vec<u8> {
    let mut out = pattern.to_owned();
    if out.last() == Some(&b'/') {
        out.extend_from_slice(b"**");
    }
    out
}

/// With its slash; empty for a bare name.
fn directory(path: &Path) -> &[u8] {
    let bytes = path.as_os_str().as_bytes();
    bytes.iter().rposition(|&b| b == b'/').map_or(&[][..], |i| &bytes[..=i])
}

fn concat(a: &[u8], b: &[u8]) -> std::ffi::OsString {
    std::ffi::OsString::from_vec([a, b].concat())
}

/// C's `strtoul` with nothing behind the digits; empty is 0.
fn number(text: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(text).ok()?;
    if text.is_empty() {
        return Some(0);
    }
    let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    text.strip_prefix('+').unwrap_or(text).parse().ok().filter(|n| i32::try_from(*n).is_ok())
}

/// A text in single quotes as git writes it (`'it'\''s'`), and what follows.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"'")?;
    let mut out = Vec::new();
    loop {
        let end = rest.iter().position(|&b| b == b'\'')?;
        out.extend_from_slice(&rest[..end]);
        rest = &rest[end + 1..];
        match rest {
            [b'\\', c @ (b'\'' | b'!'), b'\'', after @ ..] => {
                out.push(*c);
                rest = after;
            }
            _ => return Some((out, rest)),
        }
    }
}

type Pair = (Vec<u8>, Option<Vec<u8>>);

/// The pairs that `git -c` puts into `GIT_CONFIG_PARAMETERS`: `'key'='value'`, and `'key=value'` of older ones.
fn parameters(list: &[u8]) -> Option<Vec<Pair>> {
    let mut pairs = Vec::new();
    let mut rest = list;
    while !rest.is_empty() {
        let (key, after) = quoted(rest)?;
        let (pair, after) = if let Some(after) = after.strip_prefix(b"=") {
            if after.starts_with(b"'") {
                let (value, after) = quoted(after)?;
                ((key, Some(value)), after)
            } else {
                ((key, None), after)
            }
        } else {
            let equal = key.iter().position(|&b| b == b'=');
            let value = equal.map(|i| key[i + 1..].to_owned());
            ((key[..equal.unwrap_or(key.len())].trim_ascii().to_owned(), value), after)
        };
        pairs.push(pair);
        if after.first().is_some_and(|b| !is_space(*b)) {
            return None;
        }
        rest = after.trim_ascii_start();
    }
    Some(pairs)
}

/// The system file of the git that is found first: below its own prefix, where it is not the distribution's.
fn built_in(system: &dyn System) -> PathBuf {
    let prefix = super::program(system, "git").and_then(|git| Some(git.parent()?.parent()?.to_owned()));
    match prefix {
        Some(prefix) if prefix != Path::new("/usr") && prefix != Path::new("/") => prefix.join("etc/gitconfig"),
        _ => PathBuf::from("/etc/gitconfig"),
    }
}
