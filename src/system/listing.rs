//! What a directory that was listed does not hold, so that nothing needs to be looked for in it.

use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::quick::Quick;
use super::{Kind, ReadError, Stat, System};

/// What a directory holds, or why it is not told.
pub(super) type Listed = Result<Rc<Vec<OsString>>, ReadError>;

/// The size from which a directory holds so many names that to list it costs more than to look for some of them.
const MOST_LISTED: u64 = 128 * 1024;

/// A directory with all the names in it.
pub(super) struct Whole {
    dir: PathBuf,
    /// In small letters, where they are ASCII.
    names: HashSet<Vec<u8>, Quick>,
}

impl Whole {
    /// Nothing where the directory is not to be listed, or is no proof of what is not in it.
    pub(super) fn of(system: &dyn System, dir: &Path, list: impl FnOnce(&Path) -> Listed) -> Option<Self> {
        if !dir.is_absolute() || dir.as_os_str().len() == 1 || dir.as_os_str().as_bytes().ends_with(b"/") {
            return None;
        }
        let stat = system.stat(dir).ok()?;
        if stat.kind != Kind::Dir || stat.size >= MOST_LISTED || !enters(system, &stat) {
            return None;
        }
        let names = list(dir).ok()?.iter().map(|name| name.as_bytes().to_ascii_lowercase()).collect();
        Some(Self { dir: dir.to_owned(), names })
    }

    /// Whether it is this directory, as it is written.
    pub(super) fn is(&self, dir: &Path) -> bool {
        self.dir == dir
    }

    /// Whether it does not hold the way to a path. Names that differ in case alone may be one to the file system, and such
    /// as are no ASCII in more ways: those are left to it. So is what is long: too long is another error than not there.
    pub(super) fn lacks(&self, path: &Path) -> bool {
        let bytes = path.as_os_str().as_bytes();
        if bytes.len() > 1000 {
            return false;
        }
        let Some([b'/', rest @ ..]) = bytes.strip_prefix(self.dir.as_os_str().as_bytes()) else {
            return false;
        };
        let name = rest.split(|b| *b == b'/').next().unwrap_or_default();
        let is_plain = name.is_ascii() && !matches!(name, b"" | b"." | b"..") && name.len() < 100;
        let holds = |name: &[u8]| {
            if name.iter().any(u8::is_ascii_uppercase) {
                self.names.contains(&name.to_ascii_lowercase())
            } else {
                self.names.contains(name)
            }
        };
        is_plain && !holds(name)
    }
}

/// What may be listed and not entered holds things that no call finds, nor says that they are not there.
fn enters(system: &dyn System, stat: &Stat) -> bool {
    let wanted = if stat.uid == system.uid() { 0o100 } else { 0o011 };
    stat.mode & wanted == wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn what_a_listed_directory_does_not_hold_is_not_looked_for() {
        let fake = Fake::home().file("/home/u/p/Makefile", "").file("/home/u/.config/x", "").cwd("/home/u/p");
        let absent = |fake: &Fake, path: &str| {
            let whole = |dir: Option<PathBuf>| Whole::of(fake, &dir.unwrap(), |dir| fake.list(dir).map(Rc::new));
            let dirs = [whole(fake.var("HOME").map(PathBuf::from)), whole(fake.cwd())];
            dirs.iter().flatten().any(|whole| whole.lacks(Path::new(path)))
        };
        for path in ["/home/u/.vscode", "/home/u/.vscode/settings.json", "/home/u/p/.env", "/home/u/.CONFIGS/x"] {
            assert!(absent(&fake, path), "{path}");
        }
        // Another case, or letters of another script, may be the same to the file system; and other directories hold
        // what they do not list.
        for path in [
            "/home/u",
            "/home/u/",
            "/home/u/../x",
            "/home/u/.config/y",
            "/home/u/.CONFIG/x",
            "/home/u/p/makefile",
            "/home/u/\u{212a}",
            &["/home/u/", &"n".repeat(256)].concat(),
            &["/home/u/", &"n/".repeat(3000)].concat(),
            "/home/v",
            "/home/under",
            "/x",
        ] {
            assert!(!absent(&fake, path), "{path}");
        }
        let root = fake.clone().var("HOME", "/").cwd("/");
        let closed = fake.clone().dir("/home/u", 0o600).cwd("/home/u");
        for fake in [root, closed, fake.var("HOME", "p").cwd("/home")] {
            assert!(!absent(&fake, "/home/u/.vscode"));
        }
    }
}
