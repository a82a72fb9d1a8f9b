//! The Python that runs here, and the directories it imports from.
//! Source: CPython 3.11 `Modules/getpath.py`, `Lib/site.py`; Debian 12's `site.py` for `dist-packages`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::{Found, pyenv, upward};
use crate::state::State;
use crate::system::path::{Within as _, absolute};
use crate::system::{CREDENTIAL_LIMIT, Kind, System, home};

/// A Python.
#[derive(Debug)]
pub(super) struct Interpreter {
    /// Its prefix.
    pub(super) prefix: PathBuf,
    /// How it was found.
    pub(super) by: Found,
    /// Where it imports from, in its order; directories that do not exist may be among them.
    pub(super) path: Vec<PathBuf>,
}

/// The first of virtualenv, conda environment, `.venv` upward, `python3` and `python` on PATH.
pub(super) fn find(state: &State<'_>) -> Option<Interpreter> {
    let system = state.system;
    let named = |name: &str, by| {
        let prefix = absolute(system, Path::new(&state.non_empty(name)?));
        environment(state, &prefix, by)
    };
    named("VIRTUAL_ENV", Found::VirtualEnv)
        .or_else(|| named("CONDA_PREFIX", Found::Conda))
        .or_else(|| {
            upward(system)
                .iter()
                .map(|dir| dir.within(".venv"))
                .filter(|venv| is_file(system, &venv.within(CONFIG)))
                .find_map(|venv| environment(state, &venv, Found::Upward))
        })
        .or_else(|| from_executable(state, &on_path(state)?))
}

const CONFIG: &str = "pyvenv.cfg";

/// An environment by its prefix; `None` where no Python is in it (a stale variable, a conda environment for other
/// languages).
fn environment(state: &State<'_>, prefix: &Path, by: Found) -> Option<Interpreter> {
    let system = state.system;
    let config = Config::read(system, prefix);
    let mut programs = ["bin/python3", "bin/python"].iter().map(|e| prefix.within(e));
    let program = programs.find_map(|p| Some((real_name(system, &p)?, p)));
    let tag = tag(system, prefix, program.as_ref().map(|(name, _)| name.as_os_str()), config.as_ref())?;
    let mut path = python_path(state);
    let own = site(system, prefix, &tag);
    if let Some(config) = &config {
        path.extend(own);
        if config.system_site {
            path.extend(user_site(state, &tag));
            if let Some(base) = config.base(system, program.as_ref().map(|(_, path)| path.as_path())) {
                path.extend(site(system, &base, &tag));
            }
        }
    } else {
        path.extend(user_site(state, &tag));
        path.extend(own);
    }
    Some(Interpreter { prefix: prefix.to_owned(), by, path })
}

/// A Python by the path it is started as: beside a `pyvenv.cfg` it is a virtualenv's.
fn from_executable(state: &State<'_>, executable: &Path) -> Option<Interpreter> {
    let system = state.system;
    let started = executable.parent()?;
    // One level up first: CPython 3.11 looks there before it looks beside the program.
    for dir in [started.parent(), Some(started)].into_iter().flatten() {
        if Config::read(system, dir).is_some() {
            return environment(state, dir, Found::Path);
        }
    }
    let real = system.canonical(executable)?;
    environment(state, real.parent()?.parent()?, Found::Path)
}

/// `python3`, else `python`, as a shell finds it; a version manager's shim is followed where its rules are known.
fn on_path(state: &State<'_>) -> Option<PathBuf> {
    let path = state.var("PATH").unwrap_or_else(|| OsString::from("/bin:/usr/bin"));
    let dirs: Vec<PathBuf> = split(&path).map(|dir| absolute(state.system, dir)).collect();
    ["python3", "python"].iter().find_map(|name| in_dirs(state.system, &dirs, name)).and_then(|(at, name)| {
        if is_python(state.system, &at) { Some(at) } else { pyenv::behind_shim(state, &at, name, &dirs) }
    })
}

/// The first program of a name.
pub(super) fn in_dirs<'n>(system: &dyn System, dirs: &[PathBuf], name: &'n str) -> Option<(PathBuf, &'n str)> {
    dirs.iter().map(|dir| dir.join(name)).find(|at| is_executable(system, at)).map(|at| (at, name))
}

pub(super) fn is_executable(system: &dyn System, path: &Path) -> bool {
    system.stat(path).is_ok_and(|s| s.kind == Kind::File && s.mode & 0o111 != 0)
}

/// Whether it is the interpreter itself: not a script in front of it, and not another program under its name (mise's
/// shims are links to `mise`). What such a thing would start cannot be told, so it is not guessed.
pub(super) fn is_python(system: &dyn System, at: &Path) -> bool {
    let named_so = system
        .canonical(at)
        .and_then(|real| real.file_name().map(|n| n.as_bytes().starts_with(b"py")))
        .unwrap_or_default();
    named_so && system.read(at, 2).is_ok_and(|c| c.bytes != b"#!")
}

/// The entries of a PATH-like value; an empty one is the current directory.
pub(super) fn split(value: &OsStr) -> impl Iterator<Item = &Path> {
    value
        .as_bytes()
        .split(|b| *b == b':')
        .map(|dir| Path::new(OsStr::from_bytes(if dir.is_empty() { b"." } else { dir })))
}

/// PYTHONPATH comes before everything installed.
fn python_path(state: &State<'_>) -> Vec<PathBuf> {
    let value = state.non_empty("PYTHONPATH").unwrap_or_default();
    if value.is_empty() {
        return Vec::new();
    }
    split(&value).map(|dir| absolute(state.system, dir)).collect()
}

/// `~/.local/lib/python3.X/site-packages`, unless it is turned off.
fn user_site(state: &State<'_>, tag: &str) -> Option<PathBuf> {
    // A flag of CPython's: a number, of which 0 means off; any other text means on.
    let flag = state.non_empty("PYTHONNOUSERSITE").map(|v| v.to_string_lossy().trim_start().parse::<i64>());
    if flag.is_some_and(|number| number != Ok(0)) {
        return None;
    }
    let base = state.non_empty("PYTHONUSERBASE").unwrap_or_else(|| OsString::from("~/.local"));
    Some(absolute(state.system, Path::new(&home::expanduser(state.system, &base))).join("lib").join(tag).join(SITE))
}

const SITE: &str = "site-packages";

/// The directories of installed packages below a prefix.
fn site(system: &dyn System, prefix: &Path, tag: &str) -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    if prefix == Path::new("/usr") {
        // Debian's Python looks only here; elsewhere these do not exist.
        dirs.push(Path::new("/usr/local/lib").join(tag).join("dist-packages"));
        dirs.push(PathBuf::from("/usr/lib/python3/dist-packages"));
    }
    // Fedora's and openSUSE's Python have packages with compiled parts in lib64; venv makes it a link to lib.
    if system.lstat(&prefix.join("lib64")).is_ok_and(|s| s.kind == Kind::Dir) {
        dirs.push(prefix.within("lib64").within(tag).within(SITE));
    }
    dirs.push(prefix.within("lib").within(tag).within(SITE));
    dirs
}

/// The name of a file with its links followed, as `canonical` has it; without a look at the directories above, which do
/// not change it.
fn real_name(system: &dyn System, path: &Path) -> Option<OsString> {
    let mut at = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Some(name) = at.file_name() else { break };
        if system.lstat(&at).ok()?.kind != Kind::Link {
            return Some(name.to_owned());
        }
        at = at.parent()?.join(system.read_link(&at)?);
    }
    system.canonical(path)?.file_name().map(OsStr::to_owned)
}

/// More links in a row than any installation has; beyond, the long way decides.
const MOST_LINKS: usize = 8;

/// `python3.11`: the name of the directory of packages, which carries the release.
fn tag(system: &dyn System, prefix: &Path, executable: Option<&OsStr>, config: Option<&Config>) -> Option<String> {
    let there = |tag: &String| {
        ["lib", "lib64"]
            .iter()
            .any(|lib| system.stat(&prefix.within(lib).within(tag)).is_ok_and(|s| s.kind == Kind::Dir))
    };
    let real = executable.and_then(OsStr::to_str).and_then(parse_tag).map(|(tag, _)| tag);
    // The real program's name comes first: pyvenv.cfg goes stale when the system's Python moves on, and a large lib
    // directory need not be listed.
    real.filter(there).or_else(|| config.and_then(|c| c.tag.clone()).filter(there)).or_else(|| {
        let mut found: Vec<(u32, String)> = ["lib", "lib64"]
            .iter()
            .filter_map(|lib| system.list(&prefix.join(lib)).ok())
            .flatten()
            .filter_map(|name| parse_tag(name.to_str()?))
            .map(|(tag, minor)| (minor, tag))
            .collect();
        found.sort();
        found.pop().map(|(_, tag)| tag)
    })
}

/// `python3.11`, `python3.13t`, `pypy3.10`: the tag and the minor release.
fn parse_tag(name: &str) -> Option<(String, u32)> {
    let rest = name.strip_prefix("python3.").or_else(|| name.strip_prefix("pypy3."))?;
    let minor = rest.strip_suffix('t').unwrap_or(rest).parse().ok()?;
    Some((name.to_owned(), minor))
}

/// What `pyvenv.cfg` says.
#[derive(Debug)]
struct Config {
    /// The directory of the Python that made the environment.
    home: PathBuf,
    /// Whether packages outside the environment are seen; so it is where the key is missing.
    system_site: bool,
    /// From `version` (venv) or `version_info` (virtualenv, uv).
    tag: Option<String>,
}

impl Config {
    /// `None` where there is none, or it lacks `home`: then CPython takes it for none.
    fn read(system: &dyn System, prefix: &Path) -> Option<Self> {
        let content = system.read(&prefix.within(CONFIG), CREDENTIAL_LIMIT).ok()?;
        let mut config = Self { home: PathBuf::new(), system_site: true, tag: None };
        let mut version = None;
        let mut pypy = false;
        for line in content.bytes.split(|b| *b == b'\n') {
            let Some(at) = line.iter().position(|b| *b == b'=') else { continue };
            let value = line[at + 1..].trim_ascii();
            match line[..at].trim_ascii().to_ascii_lowercase().as_slice() {
                b"home" => config.home = PathBuf::from(OsString::from_vec(value.to_vec())),
                b"include-system-site-packages" => config.system_site = value.eq_ignore_ascii_case(b"true"),
                b"version" | b"version_info" => version = std::str::from_utf8(value).ok().map(str::to_owned),
                b"implementation" => pypy = value.eq_ignore_ascii_case(b"pypy"),
                _ => {}
            }
        }
        config.tag = version.and_then(|v| {
            let mut parts = v.split('.');
            let (major, minor) = (parts.next()?, parts.next()?);
            parse_tag(&format!("{}{major}.{minor}", if pypy { "pypy" } else { "python" })).map(|(tag, _)| tag)
        });
        (!config.home.as_os_str().is_empty()).then_some(config)
    }

    /// The prefix of the Python that made the environment.
    fn base(&self, system: &dyn System, executable: Option<&Path>) -> Option<PathBuf> {
        let real = match executable.and_then(|program| system.canonical(program)) {
            // A venv made with copies has a program of its own.
            Some(real) if real.parent() == Some(&self.home) => real,
            _ => ["python3", "python"].iter().find_map(|e| system.canonical(&self.home.join(e)))?,
        };
        Some(real.parent()?.parent()?.to_owned())
    }
}

fn is_file(system: &dyn System, path: &Path) -> bool {
    system.stat(path).is_ok_and(|s| s.kind == Kind::File)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn found(fake: &Fake) -> Option<(PathBuf, Found, Vec<PathBuf>)> {
        find(&State::new(fake)).map(|i| (i.prefix, i.by, i.path))
    }

    fn paths<const N: usize>(paths: [&str; N]) -> Vec<PathBuf> {
        paths.iter().map(PathBuf::from).collect()
    }

    const HOME_CFG: &str = "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n";

    #[test]
    fn order_of_environments() {
        let mut fake = Fake::home()
            .mode("/opt/py/bin/python3", "ELF", 0o755)
            .file("/opt/py/lib/python3.12/os.py", "")
            .var("PATH", "/nowhere:/opt/py/bin")
            .var("PYTHONNOUSERSITE", "1");
        assert_eq!(
            found(&fake),
            Some(("/opt/py".into(), Found::Path, paths(["/opt/py/lib/python3.12/site-packages"])))
        );
        fake = fake.file("/home/.venv/pyvenv.cfg", HOME_CFG).file("/home/.venv/lib/python3.11/x", "");
        assert_eq!(found(&fake).unwrap().1, Found::Upward);
        assert_eq!(found(&fake).unwrap().2, paths(["/home/.venv/lib/python3.11/site-packages"]));
        fake = fake.var("CONDA_PREFIX", "/c").file("/c/lib/python3.10/os.py", "");
        assert_eq!(found(&fake).unwrap().1, Found::Conda);
        fake = fake.var("VIRTUAL_ENV", "/v").file("/v/pyvenv.cfg", HOME_CFG).file("/v/lib/python3.11/x", "");
        assert_eq!(found(&fake).unwrap(), ("/v".into(), Found::VirtualEnv, paths(["/v/lib/python3.11/site-packages"])));
    }

    #[test]
    fn what_holds_no_python_is_passed_over() {
        let fake = Fake::home()
            .var("VIRTUAL_ENV", "/gone")
            .var("CONDA_PREFIX", "/c")
            .file("/c/lib/R/x", "")
            .file("/home/u/.venv/bin/tool", "not a virtualenv: no pyvenv.cfg")
            .var("PATH", "");
        assert_eq!(found(&fake), None);
    }

    #[test]
    fn scripts_and_other_programs_are_not_followed() {
        let fake = Fake::home()
            .mode("/w/python3", "#!/bin/sh\nexec /opt/py/bin/python3\n", 0o755)
            .mode("/opt/py/bin/python3", "ELF", 0o755)
            .file("/opt/py/lib/python3.12/os.py", "")
            .var("PATH", "/w:/opt/py/bin");
        assert_eq!(found(&fake), None);
        // Not executable: a shell looks on.
        assert!(found(&fake.mode("/w/python3", "#!/bin/sh\n", 0o644)).is_some());
    }

    #[test]
    fn user_site_comes_before_the_system() {
        let fake = Fake::home()
            .mode("/usr/bin/python3.11", "ELF", 0o755)
            .mode("/usr/bin/python3", "ELF", 0o755)
            .file("/usr/lib/python3.11/os.py", "")
            .var("PATH", "/usr/bin")
            .var("PYTHONPATH", "src:/x");
        assert_eq!(
            found(&fake).unwrap().2,
            paths([
                "/home/u/src",
                "/x",
                "/home/u/.local/lib/python3.11/site-packages",
                "/usr/local/lib/python3.11/dist-packages",
                "/usr/lib/python3/dist-packages",
                "/usr/lib/python3.11/site-packages",
            ])
        );
        let other = fake.clone().var("PYTHONUSERBASE", "~/base").var("PYTHONPATH", "");
        assert_eq!(found(&other).unwrap().2[0], Path::new("/home/u/base/lib/python3.11/site-packages"));
        for (flag, on) in [("1", false), ("no", false), ("-1", false), ("", true), ("0", true), (" +00", true)] {
            let path = found(&fake.clone().var("PYTHONNOUSERSITE", flag)).unwrap().2;
            assert_eq!(path.iter().any(|p| p.starts_with("/home/u/.local")), on, "{flag}");
        }
    }

    #[test]
    fn a_virtualenv_may_see_the_system() {
        let make = |config: &str| {
            let fake = Fake::home()
                .mode("/opt/bin/python3", "ELF", 0o755)
                .file("/opt/lib/python3.11/os.py", "")
                .file("/v/pyvenv.cfg", config)
                .file("/v/lib/python3.11/x", "")
                .var("VIRTUAL_ENV", "/v");
            found(&fake).unwrap().2
        };
        let all = paths([
            "/v/lib/python3.11/site-packages",
            "/home/u/.local/lib/python3.11/site-packages",
            "/opt/lib/python3.11/site-packages",
        ]);
        assert_eq!(make("home = /opt/bin\nInclude-System-Site-Packages = TRUE\nversion_info = 3.11.2.final.0\n"), all);
        assert_eq!(make("home = /opt/bin\n"), all, "CPython takes a missing key for true");
        assert_eq!(make("home = /opt/bin\ninclude-system-site-packages = false\n"), all[..1]);
    }

    #[test]
    fn a_virtualenv_on_path_is_one_without_its_variable() {
        let fake = Fake::home()
            .mode("/v/bin/python3", "ELF", 0o755)
            .file("/v/pyvenv.cfg", HOME_CFG)
            .file("/v/lib/python3.11/x", "")
            .var("PATH", "/v/bin");
        assert_eq!(found(&fake).unwrap(), ("/v".into(), Found::Path, paths(["/v/lib/python3.11/site-packages"])));
    }

    #[test]
    fn the_newest_directory_where_nothing_else_tells() {
        let fake = Fake::home()
            .var("CONDA_PREFIX", "/c")
            .var("PYTHONNOUSERSITE", "1")
            .file("/c/lib/python3.9/x", "")
            .file("/c/lib/python3.13t/x", "")
            .file("/c/lib/python3.x/x", "");
        assert_eq!(found(&fake).unwrap().2, paths(["/c/lib/python3.13t/site-packages"]));
    }
}
