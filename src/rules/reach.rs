//! Who else can get at a file of the person's own.

use std::path::Path;

use crate::state::State;
use crate::system::Stat;

/// Which of the others are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// The members of a group that is shared.
    Group,
    /// Everybody.
    All,
}

impl Others {
    /// In a sentence.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Group => "the members of its group",
            Self::All => "all users of this machine",
        }
    }
}

/// Who else has a permission (4 to read, 2 to write) on a path, and can get there: every directory above it, with
/// links followed, must let them through. A group that is the person's own does not count, unless the setgid bit says
/// that the directory is meant for several. Access control lists are not looked at.
pub(super) fn others(state: &State<'_>, path: &Path, permission: u32) -> Option<Others> {
    let system = state.system;
    // What lets nobody in need not be followed up to the root.
    system.stat(path).ok().filter(|stat| stat.mode & (permission | permission << 3) != 0)?;
    let real = system.canonical(path)?;
    let stat = system.stat(&real).ok()?;
    let above: Vec<Stat> = real.ancestors().skip(1).map(|p| system.stat(p)).collect::<Result<_, _>>().ok()?;
    if stat.mode & permission != 0 && above.iter().all(|dir| dir.mode & 0o001 != 0) {
        return Some(Others::All);
    }
    let shared = stat.gid != stat.uid || stat.mode & 0o2000 != 0;
    let member = |dir: &Stat| dir.mode & if dir.gid == stat.gid { 0o010 } else { 0o001 } != 0;
    (shared && stat.mode & (permission << 3) != 0 && above.iter().all(member)).then_some(Others::Group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn read(fake: &Fake, path: &str) -> Option<Others> {
        others(&State::new(fake), Path::new(path), 4)
    }

    #[test]
    fn every_directory_above_must_let_them_through() {
        let open = Fake::home().dir("/home/u", 0o755).dir("/home/u/d", 0o755).mode("/home/u/d/t", "", 0o644);
        assert_eq!(read(&open, "/home/u/d/t"), Some(Others::All));
        assert_eq!(read(&open.clone().dir("/home/u/d", 0o750), "/home/u/d/t"), None);
        assert_eq!(read(&open.clone().dir("/home/u", 0o700), "/home/u/d/t"), None);
        assert_eq!(read(&open.mode("/home/u/d/t", "", 0o600), "/home/u/d/t"), None);
        assert_eq!(read(&Fake::home(), "/home/u/gone"), None);
    }

    #[test]
    fn a_group_of_ones_own_is_private() {
        let group = Fake::home().dir("/srv", 0o755).mode("/srv/t", "", 0o640);
        assert_eq!(read(&group, "/srv/t"), None);
        assert_eq!(read(&group.clone().owner("/srv/t", 1000, 50), "/srv/t"), Some(Others::Group));
        let closed = group.owner("/srv/t", 1000, 50).dir("/srv", 0o750);
        assert_eq!(read(&closed, "/srv/t"), None);
        assert_eq!(read(&closed.owner("/srv", 0, 50), "/srv/t"), Some(Others::Group));
    }
}
