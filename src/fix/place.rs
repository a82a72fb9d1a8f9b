//! Which files a fix may touch.

use std::path::{Path, PathBuf};

use crate::system::{Image, Kind, ReadError, System};

/// A file of the person's own, as it stands.
#[derive(Debug)]
pub struct Taken {
    /// Where it really is: behind the link, where there is one.
    pub path: PathBuf,
    /// What stands there.
    pub image: Image,
}

/// Why a file is left alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is somebody else's: the person needs another user's rights, and a command can be named.
    #[error("belongs to another user")]
    Foreign,
    /// The link leads where nothing is edited.
    #[error("is a link to {0}, which is {1}")]
    Link(String, &'static str),
    /// A hard link: a new file in its place would leave the old text under the other name.
    #[error("has another name (a hard link), which would keep the old text")]
    Twin,
    /// A file is written beside its place and renamed.
    #[error("lies in a directory that cannot be written ({0})")]
    Closed(ReadError),
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
}

/// The file behind one link, as those have it who keep their start-up files in a repository, and what stands in it.
///
/// A link out of the home directory, to another link or to what belongs to somebody else is refused: whoever made it
/// may not have meant this file to be written. Directories above may be links, as `~/.cache` is on many clusters. What the
/// write would refuse later is refused here, so that nothing is offered that cannot be done.
pub fn take(system: &dyn System, path: &Path) -> Result<Taken, Refusal> {
    let path = resolve(system, path)?;
    let image = Image::of(system, &path)?;
    if matches!(image, Image::File(_)) && system.lstat(&path)?.links > 1 {
        return Err(Refusal::Twin);
    }
    let above = |dir: &&Path| system.stat(dir) != Err(ReadError::NotFound);
    if let Some(dir) = path.ancestors().skip(1).find(above) {
        system.writable(dir).map_err(Refusal::Closed)?;
    }
    Ok(Taken { path, image })
}

/// Where a file really is; also of one that is not there yet.
pub fn resolve(system: &dyn System, path: &Path) -> Result<PathBuf, Refusal> {
    let stat = match system.lstat(path) {
        Ok(stat) => stat,
        Err(ReadError::NotFound) => return Ok(path.to_owned()),
        Err(why) => return Err(why.into()),
    };
    if stat.uid != system.uid() {
        return Err(Refusal::Foreign);
    }
    if stat.kind != Kind::Link {
        return Ok(path.to_owned());
    }
    let target = system.read_link(path).ok_or(ReadError::Other)?;
    let refused = |why| Refusal::Link(crate::output::sanitize::json_path(&target), why);
    let target = path.parent().unwrap_or(Path::new("/")).join(&target);
    match system.lstat(&target) {
        Err(ReadError::NotFound) => return Err(refused("not there")),
        Err(why) => return Err(why.into()),
        Ok(stat) if stat.kind == Kind::Link => return Err(refused("a link again")),
        Ok(stat) if stat.uid != system.uid() => return Err(refused("somebody else's")),
        Ok(_) => {}
    }
    let real = system.canonical(&target).ok_or(ReadError::Other)?;
    let home = system.var("HOME").map(PathBuf::from).filter(|h| h.is_absolute());
    if let Some(home) = home.filter(|home| path.starts_with(home))
        && !real.starts_with(system.canonical(&home).unwrap_or(home))
    {
        return Err(refused("outside the home directory"));
    }
    Ok(real)
}
