//! Changes to files that survive a power cut: a reader finds the old or the new, at every instant, and so does `undo`.
//!
//! A file is written beside its place, with the old mode, group, ACL and other attributes, flushed to the disk, and then
//! renamed over the old one; the directory is flushed last. Everything is done relative to the open directory, so that
//! nobody who renames a parent can lead a write elsewhere, and links are not followed. Writing in place would be
//! shorter and keep hard links, but a kill in the middle leaves half a file.
#![allow(clippy::disallowed_methods, reason = "this is the door itself")]

use std::ffi::OsStr;
use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;

use rustix::fs::{self, AtFlags, FileType, Gid, Mode, OFlags, Timespec, Timestamps, Uid, XattrFlags};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::{EditError, FileImage, Image};

/// The attribute in which Linux keeps an access control list.
const ACL: &str = "system.posix_acl_access";

/// The person and the group that a directory belongs to.
type Keeper = (Uid, Gid);

/// What tells a file from the one that was put in its place.
type Identity = (u64, u64, i64, i64, i64);

/// Makes `after` of `before`; another state of the path is left alone.
pub(super) fn put(path: &Path, before: &Image, after: &Image, temporary: &OsStr) -> std::result::Result<(), EditError> {
    let name = path.file_name().ok_or(ErrorKind::InvalidInput).map_err(Error::from)?;
    let above = path.parent().unwrap_or(Path::new("/"));
    if !matches!(after, Image::Absent) {
        make_dirs(above)?;
    }
    let dir = open_dir(above)?;
    let keeper = keeper(&dir)?;
    let (now, seen, old) = look(&dir, name, keeper)?;
    if !now.is(before) {
        return Err(EditError::Changed);
    }
    match after {
        Image::Absent => match now {
            Image::Absent => return Ok(()),
            Image::Dir { .. } => fs::unlinkat(&dir, name, AtFlags::REMOVEDIR).map_err(Error::from)?,
            Image::File(_) | Image::Link { .. } => {
                fs::unlinkat(&dir, name, AtFlags::empty()).map_err(Error::from)?;
            }
        },
        Image::Dir { mode } => {
            fs::mkdirat(&dir, name, permissions(*mode)).map_err(Error::from)?;
            give(&dir, name, keeper)?;
        }
        Image::Link { target } => fs::symlinkat(target, &dir, name).map_err(Error::from)?,
        Image::File(file) => {
            let written = beside(&dir, temporary, file, old.as_ref(), keeper)
                .map_err(EditError::from)
                .and_then(|()| if identity(&dir, name)? == seen { Ok(()) } else { Err(EditError::Changed) })
                .and_then(|()| Ok(rename(&dir, temporary, name, seen.is_none())?));
            if written.is_err() {
                let _ = fs::unlinkat(&dir, temporary, AtFlags::empty());
            }
            written?;
        }
    }
    flush(&dir)?;
    Ok(())
}

/// Changes the mode of a file or directory, if it still has the old one.
pub(super) fn chmod(path: &Path, from: u32, to: u32) -> std::result::Result<(), EditError> {
    let name = path.file_name().ok_or(ErrorKind::InvalidInput).map_err(Error::from)?;
    let dir = open_dir(path.parent().unwrap_or(Path::new("/")))?;
    let stat = fs::statat(&dir, name, AtFlags::SYMLINK_NOFOLLOW).map_err(Error::from)?;
    if bits(&stat) != from || FileType::from_raw_mode(stat.st_mode) == FileType::Symlink {
        return Err(EditError::Changed);
    }
    fs::chmodat(&dir, name, permissions(to), AtFlags::empty()).map_err(Error::from)?;
    flush(&dir)?;
    Ok(())
}

/// Moves a file of the person's under a new name; see [`super::System::rename`].
pub(super) fn rename_new(from: &Path, to: &Path) -> Result<()> {
    let above = to.parent().ok_or(ErrorKind::InvalidInput)?;
    make_dirs(above)?;
    let (old, new) = (open_dir(from.parent().ok_or(ErrorKind::InvalidInput)?)?, open_dir(above)?);
    let (name, into) =
        (from.file_name().ok_or(ErrorKind::InvalidInput)?, to.file_name().ok_or(ErrorKind::InvalidInput)?);
    if identity(&new, into)?.is_some() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    fs::renameat(&old, name, &new, into)?;
    flush(&new)?;
    flush(&old)
}

/// Takes away what a write that was cut off left behind.
pub(super) fn remove(path: &Path) -> Result<()> {
    match fs::unlink(path) {
        Ok(()) | Err(Errno::NOENT | Errno::NOTDIR) => Ok(()),
        Err(why) => Err(why.into()),
    }
}

fn open_dir(path: &Path) -> Result<OwnedFd> {
    Ok(fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

#[allow(clippy::useless_conversion, reason = "16 bits on macOS")]
fn bits(stat: &fs::Stat) -> u32 {
    u32::from(stat.st_mode) & 0o7777
}

fn permissions(mode: u32) -> Mode {
    Mode::from_raw_mode(mode & 0o7777)
}

/// Whose a directory is, where root works in that of somebody else: what is made there is theirs as well, or they could
/// not change it any more. A container often runs as root over folders of the person outside.
fn keeper(dir: &OwnedFd) -> Result<Option<Keeper>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let stat = fs::fstat(dir)?;
    let owner = Uid::from_raw(stat.st_uid);
    Ok((!owner.is_root()).then(|| (owner, Gid::from_raw(stat.st_gid))))
}

/// Gives a directory that was just made to its keeper. It is opened first: a name could have become a link.
fn give(dir: &OwnedFd, name: &OsStr, keeper: Option<Keeper>) -> Result<()> {
    if let Some((uid, gid)) = keeper {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        fs::fchown(fs::openat(dir, name, flags, Mode::empty())?, Some(uid), Some(gid))?;
    }
    Ok(())
}

/// Makes a directory and those above it that are not there.
fn make_dirs(dir: &Path) -> Result<()> {
    let missing: Vec<&Path> =
        dir.ancestors().take_while(|above| matches!(fs::stat(*above), Err(Errno::NOENT))).collect();
    super::os::make_dirs(dir)?;
    for made in missing.into_iter().rev() {
        if let Some((above, name)) = made.parent().zip(made.file_name()) {
            let above = open_dir(above)?;
            give(&above, name, keeper(&above)?)?;
        }
    }
    Ok(())
}

/// What stands there, what tells it from another, and the open file.
fn look(dir: &OwnedFd, name: &OsStr, keeper: Option<Keeper>) -> Result<(Image, Option<Identity>, Option<OwnedFd>)> {
    let stat = match fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => stat,
        Err(Errno::NOENT) => return Ok((Image::Absent, None, None)),
        Err(why) => return Err(why.into()),
    };
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => Ok((Image::Dir { mode: bits(&stat) }, Some(told(&stat)), None)),
        FileType::Symlink => {
            let target = fs::readlinkat(dir, name, Vec::new())?;
            let target = std::ffi::OsString::from_vec(target.into_bytes()).into();
            Ok((Image::Link { target }, Some(told(&stat)), None))
        }
        FileType::RegularFile => {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let mut file = std::fs::File::from(fs::openat(dir, name, flags, Mode::empty())?);
            let stat = fs::fstat(&file)?;
            let owner = Uid::from_raw(stat.st_uid);
            if owner != rustix::process::geteuid() && keeper.is_none_or(|(uid, _)| uid != owner) {
                return Err(Error::other("belongs to another user"));
            }
            if stat.st_nlink > 1 {
                return Err(Error::other("has another name (a hard link), which would keep the old text"));
            }
            let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(stat.st_size).unwrap_or(0) + 1));
            file.read_to_end(&mut bytes)?;
            let image = FileImage {
                bytes,
                mode: bits(&stat),
                gid: Some(stat.st_gid),
                mtime: Some((stat.st_mtime, i64::try_from(stat.st_mtime_nsec).unwrap_or(0))),
            };
            Ok((Image::File(image), Some(told(&stat)), Some(file.into())))
        }
        _ => Err(Error::other("is no regular file")),
    }
}

fn told(stat: &fs::Stat) -> Identity {
    (stat.st_dev, stat.st_ino, stat.st_size, stat.st_ctime, i64::try_from(stat.st_ctime_nsec).unwrap_or(0))
}

fn identity(dir: &OwnedFd, name: &OsStr) -> Result<Option<Identity>> {
    match fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(told(&stat))),
        Err(Errno::NOENT) => Ok(None),
        Err(why) => Err(why.into()),
    }
}

/// The new file, whole and on the disk, under its temporary name. Nobody else can read it at any time: it is made for
/// the person alone and gets its mode last.
fn beside(
    dir: &OwnedFd,
    temporary: &OsStr,
    image: &FileImage,
    old: Option<&OwnedFd>,
    keeper: Option<Keeper>,
) -> Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = std::fs::File::from(fs::openat(dir, temporary, flags, permissions(0o600))?);
    // A directory's default list names others; the mode below would let them in.
    let _ = fs::fremovexattr(&file, ACL);
    file.write_all(&image.bytes)?;
    let mut mode = image.mode;
    if let Some((uid, gid)) = keeper {
        fs::fchown(&file, Some(uid), Some(gid))?;
    }
    if let Some(gid) = image.gid
        && fs::fstat(&file)?.st_gid != gid
        && std::os::unix::fs::fchown(&file, None, Some(gid)).is_err()
    {
        // No member of that group any more: the bits were not meant for the person's own group.
        mode &= !0o070;
    }
    if old.is_some_and(|old| !attributes(old, &file)) {
        mode &= !0o070;
    }
    // After the list, whose mask the group's bits are.
    fs::fchmod(&file, permissions(mode))?;
    if let Some((seconds, nanos)) = image.mtime {
        let omit = Timespec { tv_sec: 0, tv_nsec: fs::UTIME_OMIT };
        let mtime = Timespec { tv_sec: seconds, tv_nsec: nanos };
        fs::futimens(&file, &Timestamps { last_access: omit, last_modification: mtime })?;
    }
    fs::fsync(&file)?;
    Ok(())
}

/// Copies the extended attributes that may be copied; false where the access control list was not.
fn attributes(old: &OwnedFd, new: &std::fs::File) -> bool {
    let mut names = Vec::new();
    let mut all = true;
    let Ok(length) = fs::flistxattr_query(old) else { return true };
    names.resize(length, 0);
    let Ok(length) = fs::flistxattr(old, names.as_mut_slice()) else { return true };
    names.truncate(length);
    for name in names.split(|b| *b == 0).filter(|n| !n.is_empty()) {
        let copied = (|| -> rustix::io::Result<()> {
            let mut value = vec![0_u8; fs::fgetxattr_query(old, name)?];
            let length = fs::fgetxattr(old, name, value.as_mut_slice())?;
            fs::fsetxattr(new, name, &value[..length], XattrFlags::empty())
        })();
        all &= copied.is_ok() || name != ACL.as_bytes();
    }
    all
}

/// Puts the new file in its place; where nothing stood there, nothing that came since is written over.
fn rename(dir: &OwnedFd, temporary: &OsStr, name: &OsStr, new: bool) -> Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    if new {
        match fs::renameat_with(dir, temporary, dir, name, fs::RenameFlags::NOREPLACE) {
            // A file system that does not know it.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            done => return Ok(done?),
        }
    }
    let _ = new;
    Ok(fs::renameat(dir, temporary, dir, name)?)
}

/// The directory itself, so that the new name is there after a power cut. Some file systems cannot, and need not.
fn flush(dir: &OwnedFd) -> Result<()> {
    match fs::fsync(dir) {
        Ok(()) | Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
        Err(why) => Err(why.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt as _, chown};

    #[test]
    fn what_root_makes_in_the_folder_of_another_is_theirs() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("d");
        std::fs::create_dir(&dir).unwrap();
        let old = dir.join("main");
        std::fs::write(&old, "a").unwrap();
        for path in [&dir, &old] {
            chown(path, Some(12345), Some(54321)).unwrap();
        }
        let file = FileImage::private(b"b".to_vec());
        let before = FileImage {
            bytes: Zeroizing::new(b"a".to_vec()),
            mode: old.metadata().unwrap().mode() & 0o7777,
            ..file.clone()
        };
        put(&old, &Image::File(before), &Image::File(file.clone()), OsStr::new("t")).unwrap();
        put(&dir.join("n/new"), &Image::Absent, &Image::File(file), OsStr::new("t")).unwrap();
        put(&dir.join("e"), &Image::Absent, &Image::Dir { mode: 0o755 }, OsStr::new("t")).unwrap();
        rename_new(&dir.join("e"), &dir.join("hold/e")).unwrap();
        for name in ["main", "n", "n/new", "hold", "hold/e"] {
            let stat = dir.join(name).metadata().unwrap();
            assert_eq!((stat.uid(), stat.gid()), (12345, 54321), "{name}");
        }
        // What belongs to a third one is left alone.
        chown(&old, Some(777), None).unwrap();
        assert!(put(&old, &Image::Absent, &Image::Absent, OsStr::new("t")).is_err());
        assert_eq!(home.path().metadata().unwrap().uid(), 0);
    }
}
