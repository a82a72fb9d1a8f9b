//! What stands at a path, whole: what a fix replaces, and what an undo puts back.

use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Kind, ReadError, System};

/// Most bytes of a file that a fix takes up: twice over what is read of a text, so that a file that was read whole is
/// never too long to be written.
const LIMIT: usize = 2 * super::TEXT_LIMIT;

/// What stands at a path; the last link of it is not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Image {
    /// Nothing.
    Absent,
    /// A regular file.
    File(FileImage),
    /// A directory; what is in it is not part of the image.
    Dir {
        /// Permission bits.
        mode: u32,
    },
    /// A symbolic link.
    Link {
        /// As it is written in the link.
        target: PathBuf,
    },
}

/// A regular file.
#[derive(Clone, PartialEq, Eq)]
pub struct FileImage {
    /// All of it. Overwritten when dropped: a token stands in it more often than not.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Permission bits, 0o7777.
    pub mode: u32,
    /// Group; `None`: that of the directory or of the person, as the system has it.
    pub gid: Option<u32>,
    /// Time of the last change, seconds and nanoseconds since 1970; `None`: that of the write.
    pub mtime: Option<(i64, i64)>,
}

impl FileImage {
    /// A new file for the person alone.
    pub fn private(bytes: Vec<u8>) -> Self {
        Self { bytes: Zeroizing::new(bytes), mode: 0o600, gid: None, mtime: None }
    }

    /// The same file with another text: mode and group stay.
    #[must_use]
    pub fn with(&self, bytes: Vec<u8>) -> Self {
        Self { bytes: Zeroizing::new(bytes), mtime: None, ..self.clone() }
    }
}

impl fmt::Debug for FileImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileImage({} bytes, {:o})", self.bytes.len(), self.mode)
    }
}

impl Image {
    /// What stands at a path now.
    pub fn of(system: &dyn System, path: &Path) -> Result<Self, ReadError> {
        let stat = match system.lstat(path) {
            Ok(stat) => stat,
            Err(ReadError::NotFound | ReadError::NotDir) => return Ok(Self::Absent),
            Err(why) => return Err(why),
        };
        match stat.kind {
            Kind::Dir => Ok(Self::Dir { mode: stat.mode }),
            Kind::Link => system.read_link(path).map(|target| Self::Link { target }).ok_or(ReadError::Other),
            Kind::Fifo => Err(ReadError::Fifo),
            Kind::Other => Err(ReadError::Special),
            Kind::File => {
                let content = system.read(path, LIMIT)?;
                if content.truncated {
                    return Err(ReadError::TooLarge);
                }
                Ok(Self::File(FileImage {
                    bytes: Zeroizing::new(content.bytes),
                    mode: content.stat.mode,
                    gid: Some(content.stat.gid),
                    mtime: Some((content.stat.mtime, content.stat.mtime_ns)),
                }))
            }
        }
    }

    /// Whether it is the same as far as a reader can tell: times and groups are left out, since a `touch` makes no
    /// other file of it.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(a), Self::File(b)) => a.bytes == b.bytes && a.mode == b.mode,
            _ => self == other,
        }
    }

    /// The bytes, where it is a file.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::File(file) => Some(&file.bytes),
            _ => None,
        }
    }
}
