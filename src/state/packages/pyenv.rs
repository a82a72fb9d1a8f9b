//! What a pyenv shim starts. Source: pyenv 2.7 `pyenv-version-file`, `pyenv-version-file-read`, `pyenv-version-name`,
//! `pyenv-latest`, `pyenv-which`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::interpreter::{in_dirs, is_executable, is_python};
use crate::clients::version::Version;
use crate::state::State;
use crate::system::path::absolute;
use crate::system::{CREDENTIAL_LIMIT, System};

/// The program that a shim would start; `None` where the script is not pyenv's, or nothing would be started.
pub(super) fn behind_shim(state: &State<'_>, shim: &Path, program: &str, path: &[PathBuf]) -> Option<PathBuf> {
    let script = state.system.read(shim, CREDENTIAL_LIMIT).ok()?.bytes;
    let root = root(&script)?;
    let shims = root.join("shims");
    versions(state, &root)
        .into_iter()
        // Where no version has the program, pyenv looks for it on PATH without its shims.
        .chain(std::iter::once("system".to_owned()))
        .find_map(|version| {
            if version == "system" {
                let rest: Vec<PathBuf> =
                    path.iter().filter(|d| **d != shims && Some(d.as_path()) != shim.parent()).cloned().collect();
                in_dirs(state.system, &rest, program).map(|(at, _)| at)
            } else {
                let at = installed(state.system, &root, &version)?.join("bin").join(program);
                is_executable(state.system, &at).then_some(at)
            }
        })
        .filter(|at| is_python(state.system, at))
}

/// The shim names its own root; PYENV_ROOT of the environment does not reach it.
fn root(script: &[u8]) -> Option<PathBuf> {
    script.split(|b| *b == b'\n').find_map(|line| {
        let path = line.strip_prefix(b"export PYENV_ROOT=\"")?.strip_suffix(b"\"")?;
        Some(PathBuf::from(OsStr::from_bytes(path)))
    })
}

/// The versions that are asked for, in order: `PYENV_VERSION`, `.python-version` upward, the global `version`.
fn versions(state: &State<'_>, root: &Path) -> Vec<String> {
    if let Some(value) = state.non_empty("PYENV_VERSION") {
        return value.to_string_lossy().split(':').filter(|v| !v.is_empty()).map(str::to_owned).collect();
    }
    let start =
        state.non_empty("PYENV_DIR").map(|d| absolute(state.system, Path::new(&d))).or_else(|| state.system.cwd());
    let file = start
        .iter()
        .flat_map(|dir| dir.ancestors())
        .map(|dir| dir.join(".python-version"))
        .chain(std::iter::once(root.join("version")))
        .find_map(|file| state.system.read(&file, CREDENTIAL_LIMIT).ok());
    let Some(content) = file else { return Vec::new() };
    String::from_utf8_lossy(&content.bytes)
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| !word.starts_with('#') && *word != ".." && !word.split('/').any(|part| part == ".."))
        .map(str::to_owned)
        .collect()
}

/// The directory of a version: its own, without `python-`, or the newest release that it is the beginning of.
fn installed(system: &dyn System, root: &Path, version: &str) -> Option<PathBuf> {
    let all = root.join("versions");
    let plain = version.strip_prefix("python-").unwrap_or(version);
    for name in [version, plain] {
        let dir = all.join(name);
        if system.stat(&dir).is_ok() {
            return Some(dir);
        }
    }
    let wanted = format!("{plain}.");
    let newest: Option<(Version, String)> = system
        .list(&all)
        .ok()?
        .into_iter()
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.starts_with(&wanted) && name.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
        .filter_map(|name| Some((name.parse().ok()?, name)))
        .max_by_key(|(version, _): &(Version, String)| *version);
    newest.map(|(_, name)| all.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    /// The shim of pyenv 2.7.
    const SHIM: &str = "#!/usr/bin/env bash\nset -e\n\nprogram=\"${0##*/}\"\n\nexport PYENV_ROOT=\"/home/u/.pyenv\"\n\
                        exec \"/home/u/.pyenv/libexec/pyenv\" exec \"$program\" \"$@\"\n";

    fn machine() -> Fake {
        let mut fake = Fake::home()
            .mode("/home/u/.pyenv/shims/python3", SHIM, 0o755)
            .mode("/usr/bin/python3", "ELF", 0o755)
            .file("/home/u/.pyenv/version", "3.11.7\n");
        for v in ["3.9.18", "3.11.7", "3.11.12", "3.12.1", "3.11-dev"] {
            fake = fake.mode(&format!("/home/u/.pyenv/versions/{v}/bin/python3"), "ELF", 0o755);
        }
        fake
    }

    fn behind(fake: &Fake) -> Option<String> {
        let path = [PathBuf::from("/home/u/.pyenv/shims"), PathBuf::from("/usr/bin")];
        behind_shim(&State::new(fake), &path[0].join("python3"), "python3", &path)
            .map(|p| p.to_string_lossy().replace("/home/u/.pyenv/versions/", "").replace("/bin/python3", ""))
    }

    #[test]
    fn variable_then_file_upward_then_global() {
        assert_eq!(behind(&machine()).as_deref(), Some("3.11.7"));
        let local = machine().file("/home/.python-version", "# ours\n  3.12.1 rest\n3.9.18\n");
        assert_eq!(behind(&local).as_deref(), Some("3.12.1"));
        assert_eq!(behind(&local.var("PYENV_VERSION", "3.9.18:3.11.7")).as_deref(), Some("3.9.18"));
    }

    #[test]
    fn beginnings_mean_the_newest_release() {
        let with = |v: &str| behind(&machine().var("PYENV_VERSION", v));
        assert_eq!(with("3.11").as_deref(), Some("3.11.12"));
        assert_eq!(with("python-3.9").as_deref(), Some("3.9.18"));
        assert_eq!(with("3.11-dev").as_deref(), Some("3.11-dev"));
        // Not installed: pyenv falls back to the system.
        assert_eq!(with("3.8").as_deref(), Some("/usr"));
        assert_eq!(with("system").as_deref(), Some("/usr"));
    }

    #[test]
    fn other_scripts_are_not_followed() {
        let fake = machine().mode("/home/u/.pyenv/shims/python3", "#!/bin/sh\nexec asdf exec python3\n", 0o755);
        assert_eq!(behind(&fake), None);
        let climbing = machine().file("/home/u/.python-version", "../../../evil\n");
        assert_eq!(behind(&climbing).as_deref(), Some("/usr"));
    }
}
