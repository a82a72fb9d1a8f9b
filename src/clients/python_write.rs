//! Whether Python could write a file: `path.parent.mkdir(parents=True, exist_ok=True); path.write_text(…)`.
//!
//! huggingface_hub 0.12 to 0.19 does so with a token that it finds at the old place, and what fails there decides what
//! is sent; other clients make a directory before they answer, and do not answer where they cannot. Nothing is written
//! here: what the kernel, `pathlib` and `os` (Python 3.11) would say is worked out.

use std::path::{Path, PathBuf};

use crate::system::{Kind, ReadError, System};

/// A directory, as it would be after the `mkdir`.
enum Dir {
    /// It is there already.
    There(PathBuf),
    /// It would be made, in this one.
    Made(Box<Dir>),
}

/// The class that is raised; `None` where the file would be written. It is known not to exist, or to be a link that
/// leads nowhere.
pub(super) fn fault(system: &dyn System, path: &Path) -> Option<&'static str> {
    let Some(name) = path.file_name() else {
        // `..` or the root.
        return Some("IsADirectoryError");
    };
    let fault = match make_dirs(system, parent(path)) {
        Err(class) => return Some(class),
        Ok(Dir::Made(_)) => None,
        Ok(Dir::There(dir)) => create(system, &dir.join(name), 40).err(),
    };
    fault.map(ReadError::python_class)
}

/// Likewise of `os.makedirs(path, exist_ok=True)`, which goes on where a parent is a link that leads nowhere.
pub(super) fn dirs_fault(system: &dyn System, path: &Path) -> Option<&'static str> {
    os_makedirs(system, path).err()
}

/// Likewise of `Path.mkdir(parents=True, exist_ok=True)`.
pub(super) fn parents_fault(system: &dyn System, dir: &Path) -> Option<&'static str> {
    make_dirs(system, dir).err()
}

/// Whether the directory would be made; else it is there.
fn os_makedirs(system: &dyn System, dir: &Path) -> Result<bool, &'static str> {
    let head = parent(dir);
    if system.stat(head).is_err() && head != dir {
        match os_makedirs(system, head) {
            // What is made in it is made as well.
            Ok(true) => return Ok(true),
            Ok(false) | Err("FileExistsError") => {}
            Err(class) => return Err(class),
        }
    }
    match mkdir(system, dir) {
        Ok(()) => Ok(true),
        Err(_) if system.stat(dir).is_ok_and(|s| s.kind == Kind::Dir) => Ok(false),
        Err(Refused::Exists) => Err("FileExistsError"),
        Err(Refused::By(e)) => Err(e.python_class()),
    }
}

/// Bytes of a name on every file system that a home lies on.
const LONGEST_NAME: usize = 255;

/// Whether a name in a path is too long for any file system. A failed copy has made the directories up to there, so
/// that reading then meets this name, and no longer a missing directory.
pub(super) fn has_impossible_name(path: &Path) -> bool {
    path.iter().any(|name| name.len() > LONGEST_NAME)
}

/// `Path.parent`, where nothing is `.`.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// `Path.mkdir(parents=True, exist_ok=True)`.
fn make_dirs(system: &dyn System, dir: &Path) -> Result<Dir, &'static str> {
    match mkdir(system, dir) {
        Ok(()) => return Ok(Dir::Made(Box::new(Dir::There(parent(dir).to_owned())))),
        Err(Refused::By(ReadError::NotFound)) => {}
        Err(refused) => return there(system, dir, refused),
    }
    // The parent first, then once more.
    if dir == Path::new(".") || dir == Path::new("/") {
        return Err("FileNotFoundError");
    }
    let above = make_dirs(system, parent(dir))?;
    let Some(name) = dir.file_name() else {
        // `x/..`, which is there as soon as `x` is.
        return Ok(match above {
            Dir::Made(inner) => *inner,
            Dir::There(_) => Dir::There(dir.to_owned()),
        });
    };
    match above {
        Dir::Made(_) if name.len() > LONGEST_NAME => Err("OSError"),
        Dir::Made(_) => Ok(Dir::Made(Box::new(above))),
        Dir::There(real) => {
            let dir = real.join(name);
            match mkdir(system, &dir) {
                Ok(()) => Ok(Dir::Made(Box::new(Dir::There(real)))),
                Err(refused) => there(system, &dir, refused),
            }
        }
    }
}

/// `exist_ok`: a fault counts only where no directory is there after all.
fn there(system: &dyn System, dir: &Path, refused: Refused) -> Result<Dir, &'static str> {
    match system.stat(dir) {
        Ok(stat) if stat.kind == Kind::Dir => Ok(Dir::There(dir.to_owned())),
        _ => Err(match refused {
            Refused::Exists => "FileExistsError",
            Refused::By(e) => e.python_class(),
        }),
    }
}

#[derive(Clone, Copy)]
enum Refused {
    Exists,
    By(ReadError),
}

/// `os.mkdir`: a link is not followed, so that one which leads nowhere exists.
fn mkdir(system: &dyn System, dir: &Path) -> Result<(), Refused> {
    match system.lstat(dir) {
        Ok(_) => Err(Refused::Exists),
        Err(ReadError::NotFound) => new_name(system, dir).map_err(Refused::By),
        Err(e) => Err(Refused::By(e)),
    }
}

/// `open(path, "w")`, which follows links: one that leads nowhere makes its target.
fn create(system: &dyn System, path: &Path, links: u8) -> Result<(), ReadError> {
    match system.lstat(path) {
        Err(ReadError::NotFound) => new_name(system, path),
        Err(e) => Err(e),
        Ok(stat) if stat.kind == Kind::Link => match system.read_link(path) {
            Some(target) if links > 0 => create(system, &parent(path).join(target), links - 1),
            _ => Err(ReadError::Loop),
        },
        Ok(_) => system.writable(path),
    }
}

/// Whether a name that is not there could be made.
fn new_name(system: &dyn System, path: &Path) -> Result<(), ReadError> {
    let dir = parent(path);
    system.stat(dir)?;
    if path.is_relative() && system.cwd().is_none() {
        // A deleted directory is still there for whoever stands in it, but takes no new names.
        return Err(ReadError::NotFound);
    }
    system.writable(dir)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "links and modes are the file system's own")]
mod tests {
    use super::*;
    use crate::system::os::Os;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_makedirs_runs_into() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        std::fs::write(at("file"), "x").unwrap();
        std::fs::create_dir(at("dir")).unwrap();
        symlink(at("nowhere/x"), at("dangling")).unwrap();
        for (path, want) in [
            ("new", None),
            ("dir", None),
            ("a/b/c", None),
            ("file", Some("FileExistsError")),
            ("dangling", Some("FileExistsError")),
            ("file/a", Some("NotADirectoryError")),
            ("dangling/a", Some("FileNotFoundError")),
            ("dangling/a/b", Some("FileNotFoundError")),
        ] {
            assert_eq!(dirs_fault(&Os, &at(path)), want, "{path}");
        }
    }

    #[test]
    fn what_a_copy_runs_into() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        std::fs::write(at("file"), "x").unwrap();
        std::fs::create_dir(at("d")).unwrap();
        symlink("/nowhere/at/all", at("gone")).unwrap();
        symlink(at("d/new"), at("lead")).unwrap();
        symlink("loop", at("loop")).unwrap();
        let long = format!("new/{}/token", "a".repeat(256));
        for (path, want) in [
            ("d/token", None),
            ("new/deeper/token", None),
            ("new/../d/token", None),
            ("new/../new2/token", None),
            ("file/token", Some("FileExistsError")),
            ("file/x/token", Some("NotADirectoryError")),
            ("gone/token", Some("FileExistsError")),
            ("gone/x/token", Some("FileExistsError")),
            ("gone", Some("FileNotFoundError")),
            ("lead", None),
            ("loop/token", Some("FileExistsError")),
            ("loop/x/token", Some("OSError")),
            ("loop", Some("OSError")),
            (&long, Some("OSError")),
        ] {
            assert_eq!(fault(&Os, &at(path)), want, "{path}");
        }
    }
}
