//! The undo journal: what a fix was about to change, written down and on the disk before it changes.
//!
//! `$XDG_STATE_HOME/hflint/journal/ID/`: the old bytes in numbered files, and `entry.json`, which is written last. A
//! directory without it is a fix that never began. Directories have mode 0700, files 0600; nothing but the numbered
//! files holds a secret.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::plan::{Action, Shell, Step};
use crate::secret::{Token, sha256};
use crate::shell::wire;
use crate::system::{EditError, FileImage, Image, Kind, Lock, Own, ReadError, System};

/// The file in an entry's directory from which a shell takes a new token.
const GIVEN: &str = "given";

/// Why the journal cannot be used. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
#[error("the journal {path}: {why}", path = crate::output::sanitize::json_path(.path))]
pub struct Error {
    /// The file or directory.
    pub path: PathBuf,
    /// The reason.
    pub why: String,
}

impl Error {
    #[allow(clippy::needless_pass_by_value, reason = "errors and texts alike, without a `&` at each call")]
    fn new(path: &Path, why: impl std::fmt::Display) -> Self {
        Self { path: path.to_owned(), why: format!("{why}") }
    }
}

/// The reason of a failure, without the number that the operating system gives it.
pub fn reason(why: &std::io::Error) -> String {
    let text = why.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

/// The same of an edit.
pub fn reason_of(why: &EditError) -> String {
    match why {
        EditError::Changed => "was changed by somebody else since it was looked at".to_owned(),
        EditError::Failed(why) => reason(why),
    }
}

/// How far a fix got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Written down, perhaps changed, perhaps not: it was cut off.
    Begun,
    /// Done.
    Applied,
    /// Taken back.
    Undone,
}

/// A path, so that JSON can hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored(pub PathBuf);

impl Serialize for Stored {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&wire::encode(self.0.as_os_str().as_bytes()))
    }
}

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = wire::decode(&text).ok_or_else(|| serde::de::Error::custom("not a path"))?;
        Ok(Self(OsString::from_vec(bytes).into()))
    }
}

/// An image without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum Held {
    /// Nothing.
    Absent,
    /// A regular file.
    File {
        /// SHA-256 of the bytes, hexadecimal.
        sha256: String,
        /// Permission bits.
        mode: u32,
        /// Group.
        gid: Option<u32>,
        /// Time of the last change.
        mtime: Option<(i64, i64)>,
        /// The number of the file that holds the bytes; of old images only.
        bytes: Option<u32>,
    },
    /// A directory.
    Dir {
        /// Permission bits.
        mode: u32,
    },
    /// A link.
    Link {
        /// Its target.
        target: Stored,
    },
}

impl Held {
    fn of(image: &Image, bytes: Option<u32>) -> Self {
        match image {
            Image::Absent => Self::Absent,
            Image::Dir { mode } => Self::Dir { mode: *mode },
            Image::Link { target } => Self::Link { target: Stored(target.clone()) },
            Image::File(f) => Self::File { sha256: sha256(&f.bytes), mode: f.mode, gid: f.gid, mtime: f.mtime, bytes },
        }
    }

    /// Whether this is what stands there.
    pub fn is(&self, image: &Image) -> bool {
        match (self, image) {
            (Self::Absent, Image::Absent) => true,
            (Self::Dir { mode }, Image::Dir { mode: now }) => mode == now,
            (Self::Link { target }, Image::Link { target: now }) => target.0 == *now,
            (Self::File { sha256: sum, mode, .. }, Image::File(now)) => *mode == now.mode && *sum == sha256(&now.bytes),
            _ => false,
        }
    }
}

/// A step that is written down.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Record {
    /// A path.
    Put {
        /// Where.
        path: Stored,
        /// What stood there.
        before: Held,
        /// What the fix puts there.
        after: Held,
    },
    /// A mode.
    Mode {
        /// Where.
        path: Stored,
        /// Before.
        from: u32,
        /// After.
        to: u32,
    },
    /// A new name in the same file system.
    Move {
        /// The old.
        from: Stored,
        /// The new.
        to: Stored,
    },
    /// A variable that this shell was told to unset for good.
    Unset {
        /// Its name.
        name: String,
    },
    /// The shell was told of a project: it is told to leave.
    Project {
        /// What is unset where the shell does not know what was there.
        names: Vec<String>,
    },
    /// A tool was run.
    Tool {
        /// What takes it back.
        undo: Option<Vec<Stored>>,
        /// The number of the file that holds what it is given.
        input: Option<u32>,
        /// The file that it edits, and what stood there.
        edits: Option<(Stored, Held)>,
    },
}

/// One action of an entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Done {
    /// The code of the rule.
    pub rule: Option<String>,
    /// The word of the kind.
    pub kind: String,
    /// One line; no secret.
    pub description: String,
    /// What can be taken back.
    pub steps: Vec<Record>,
}

/// One fix.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// Of the form that is written here.
    pub version: u8,
    /// Counted from 1, never used twice.
    pub id: u64,
    /// Seconds since 1970.
    pub at: i64,
    /// How far it got.
    pub phase: Phase,
    /// What was typed, in short: `fix --unset`.
    pub command: String,
    /// What it does.
    pub actions: Vec<Done>,
}

impl Entry {
    /// The variables that the shell was told to unset.
    pub fn unsets(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().flat_map(|a| &a.steps).filter_map(|s| match s {
            Record::Unset { name } => Some(name.as_str()),
            _ => None,
        })
    }
}

/// The name beside a path under which an entry's new file is written.
pub fn temporary(path: &Path, id: u64) -> OsString {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".hflint-{id}"));
    name
}

/// The journal, with its lock: nobody else fixes or undoes meanwhile.
pub struct Journal<'a> {
    system: &'a dyn System,
    dir: PathBuf,
    _lock: Lock,
}

impl<'a> Journal<'a> {
    /// Waits for its turn and opens the journal; what was cut off in the middle of a write is swept up.
    pub fn open(system: &'a dyn System) -> Result<Self, Error> {
        let Some(state) = system.own_dir(Own::State) else {
            return Err(Error::new(Path::new("journal"), "no home directory is known"));
        };
        let lock = state.join("lock");
        let held = system.lock(&lock).map_err(|e| Error::new(&lock, reason(&e)))?;
        let journal = Self { system, dir: state.join("journal"), _lock: held };
        journal.sweep()?;
        Ok(journal)
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn home(&self, id: u64) -> PathBuf {
        self.dir.join(id.to_string())
    }

    fn ids(&self) -> Result<Vec<u64>, Error> {
        let names = match self.system.list(&self.dir) {
            Ok(names) => names,
            Err(ReadError::NotFound) => Vec::new(),
            Err(why) => return Err(Error::new(&self.dir, why)),
        };
        let mut ids: Vec<u64> = names.iter().filter_map(|n| n.to_str()?.parse().ok()).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// What an interrupted write left beside its file, and entries that never began.
    fn sweep(&self) -> Result<(), Error> {
        for id in self.ids()? {
            let home = self.home(id);
            match self.read(id) {
                Ok(None) => self.system.destroy(&home).map_err(|e| Error::new(&home, reason(&e)))?,
                // Of the fix, or of an undo of it.
                Ok(Some(entry)) => {
                    if entry.phase != Phase::Undone {
                        self.clear_up(&entry);
                    }
                    // The shell took it up at once, or never will.
                    if self.system.now().saturating_sub(entry.at) > 60 {
                        let _ = self.system.sweep(&home.join(GIVEN));
                    }
                }
                // One that cannot be read is not lost for that, and the others can be used.
                _ => {}
            }
        }
        Ok(())
    }

    /// Puts a token where the shell that is being told of it reads it, since a directive never holds one; the path.
    /// Swept up by whoever opens the journal next.
    pub fn give(&self, id: u64, token: &Token) -> Result<PathBuf, Error> {
        let path = self.home(id).join(GIVEN);
        let before = Image::of(self.system, &path).map_err(|e| Error::new(&path, e))?;
        if before.bytes() != Some(token.bytes()) {
            self.write(&path, &before, token.bytes().to_vec())?;
        }
        Ok(path)
    }

    fn clear_up(&self, entry: &Entry) {
        let mut holds = BTreeSet::new();
        for step in entry.actions.iter().flat_map(|a| &a.steps) {
            match step {
                // Of a tool's file, too: an undo writes it without the tool.
                Record::Put { path: Stored(path), .. } | Record::Tool { edits: Some((Stored(path), _)), .. } => {
                    let _ = self.system.sweep(&path.with_file_name(temporary(path, entry.id)));
                }
                Record::Move { to: Stored(to), .. } => {
                    holds.extend(to.parent().filter(|p| p.file_name().is_some_and(|n| n == super::heal::HOLD)));
                }
                Record::Mode { .. }
                | Record::Unset { .. }
                | Record::Project { .. }
                | Record::Tool { edits: None, .. } => {}
            }
        }
        for hold in holds {
            let _ = remove_if_empty(self.system, hold);
        }
    }

    /// An entry; `None` where there is none of this number.
    pub fn read(&self, id: u64) -> Result<Option<Entry>, Error> {
        let path = self.home(id).join("entry.json");
        // One that heals a big cache has thousands of steps.
        let content = match self.system.read(&path, 32 * crate::system::TEXT_LIMIT) {
            Ok(content) => content,
            Err(ReadError::NotFound) => return Ok(None),
            Err(why) => return Err(Error::new(&path, why)),
        };
        let entry: Entry = serde_json::from_slice(&content.bytes).map_err(|e| Error::new(&path, e))?;
        if entry.version != 1 || entry.id != id {
            return Err(Error::new(&path, "was written by another release of hflint"));
        }
        Ok(Some(entry))
    }

    /// All entries, the oldest first; an unreadable one is an error of its own.
    pub fn entries(&self) -> Result<Vec<Result<Entry, Error>>, Error> {
        Ok(self.ids()?.into_iter().filter_map(|id| self.read(id).transpose()).collect())
    }

    /// The numbers of the entries that cannot be read; their old bytes are there all the same.
    pub fn damaged(&self) -> Result<Vec<u64>, Error> {
        Ok(self.ids()?.into_iter().filter(|id| self.read(*id).is_err()).collect())
    }

    /// Writes down what is about to happen.
    pub fn begin(&self, command: &str, actions: &[&Action]) -> Result<Entry, Error> {
        let last = self.dir.join("last");
        let spent = self.system.read(&last, 64).ok().and_then(|c| String::from_utf8(c.bytes).ok()?.trim().parse().ok());
        let id = self.ids()?.last().copied().max(spent).unwrap_or(0) + 1;
        let mut blobs = Blobs { journal: self, home: self.home(id), next: 0 };
        let written = (|| {
            let mut done = Vec::new();
            for action in actions {
                let mut steps = Vec::new();
                for step in &action.steps {
                    steps.push(blobs.record(step)?);
                }
                done.push(Done {
                    rule: action.rule.map(str::to_owned),
                    kind: action.kind.word().to_owned(),
                    description: crate::output::sanitize::line(&action.description),
                    steps,
                });
            }
            let entry = Entry {
                version: 1,
                id,
                at: self.system.now(),
                phase: Phase::Begun,
                command: command.to_owned(),
                actions: done,
            };
            self.save(&entry, &Image::Absent)?;
            Ok(entry)
        })();
        if written.is_err() {
            let _ = self.system.destroy(&self.home(id));
        }
        written
    }

    /// Says how far it got.
    pub fn finish(&self, entry: &Entry) -> Result<(), Error> {
        let path = self.home(entry.id).join("entry.json");
        let now = Image::of(self.system, &path).map_err(|e| Error::new(&path, e))?;
        self.save(entry, &now)
    }

    fn save(&self, entry: &Entry, before: &Image) -> Result<(), Error> {
        let path = self.home(entry.id).join("entry.json");
        let text = serde_json::to_vec_pretty(entry).map_err(|e| Error::new(&path, e))?;
        self.write(&path, before, text)
    }

    fn write(&self, path: &Path, before: &Image, bytes: Vec<u8>) -> Result<(), Error> {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        let after = Image::File(FileImage::private(bytes));
        // A run that was cut off may have left it.
        self.system.sweep(&path.with_file_name(&name)).map_err(|e| Error::new(path, reason(&e)))?;
        self.system.put(path, before, &after, &name).map_err(|e| Error::new(path, reason_of(&e)))
    }

    /// The old image of a record, with its bytes.
    pub fn image(&self, id: u64, held: &Held) -> Result<Image, Error> {
        match held {
            Held::Absent => Ok(Image::Absent),
            Held::Dir { mode } => Ok(Image::Dir { mode: *mode }),
            Held::Link { target } => Ok(Image::Link { target: target.0.clone() }),
            Held::File { sha256: sum, mode, gid, mtime, bytes } => {
                let bytes = self.bytes(id, *bytes)?;
                if sha256(&bytes) != *sum {
                    return Err(Error::new(
                        &self.home(id),
                        "the bytes kept there are no longer those that were put in",
                    ));
                }
                Ok(Image::File(FileImage { bytes: bytes.into(), mode: *mode, gid: *gid, mtime: *mtime }))
            }
        }
    }

    /// What was kept under a number.
    pub fn bytes(&self, id: u64, number: Option<u32>) -> Result<Vec<u8>, Error> {
        let Some(number) = number else {
            return Err(Error::new(&self.home(id), "holds no bytes for this file"));
        };
        let path = self.home(id).join(number.to_string());
        let content = self.system.read(&path, 4 * crate::system::TEXT_LIMIT).map_err(|e| Error::new(&path, e))?;
        Ok(content.bytes)
    }

    /// Destroys an entry, old bytes and all; its number is not used again.
    pub fn destroy(&self, id: u64) -> Result<(), Error> {
        let last = self.dir.join("last");
        let before = Image::of(self.system, &last).map_err(|e| Error::new(&last, e))?;
        let spent: u64 = before.bytes().and_then(|b| std::str::from_utf8(b).ok()?.trim().parse().ok()).unwrap_or(0);
        if spent < id {
            self.write(&last, &before, format!("{id}\n").into_bytes())?;
        }
        let home = self.home(id);
        if let Ok(Some(entry)) = self.read(id) {
            self.destroy_moved(&entry);
        }
        // The entry first: without it the rest is swept up by whoever comes next.
        let entry = home.join("entry.json");
        self.system.sweep(&entry).map_err(|e| Error::new(&entry, reason(&e)))?;
        self.system.destroy(&home).map_err(|e| Error::new(&home, reason(&e)))
    }

    /// Destroys what an entry moved aside and what nobody brought back.
    fn destroy_moved(&self, entry: &Entry) {
        if entry.phase == Phase::Undone {
            return;
        }
        for step in entry.actions.iter().flat_map(|a| &a.steps) {
            let Record::Move { to: Stored(to), .. } = step else { continue };
            let Some(hold) = to.parent().filter(|p| p.file_name().is_some_and(|n| n == super::heal::HOLD)) else {
                continue;
            };
            match self.system.lstat(to).map(|s| s.kind) {
                Ok(Kind::Dir) => drop(self.system.destroy(to)),
                Ok(_) => drop(self.system.sweep(to)),
                Err(_) => {}
            }
            let _ = remove_if_empty(self.system, hold);
        }
    }

    /// Destroys what is older than `journal-keep`.
    pub fn expire(&self, keep: std::time::Duration) {
        let oldest = self.system.now().saturating_sub(i64::try_from(keep.as_secs()).unwrap_or(i64::MAX));
        for entry in self.entries().into_iter().flatten().flatten() {
            if entry.at < oldest {
                let _ = self.destroy(entry.id);
            }
        }
    }
}

/// Takes away the folder of what was moved aside, once nothing is in it.
pub(super) fn remove_if_empty(system: &dyn System, dir: &Path) -> Result<(), EditError> {
    let Ok(now @ Image::Dir { .. }) = Image::of(system, dir) else { return Ok(()) };
    match system.put(dir, &now, &Image::Absent, std::ffi::OsStr::new("")) {
        Err(EditError::Failed(why)) if why.kind() == std::io::ErrorKind::DirectoryNotEmpty => Ok(()),
        other => other,
    }
}

/// The numbered files of an entry that is being written.
struct Blobs<'j, 'a> {
    journal: &'j Journal<'a>,
    home: PathBuf,
    next: u32,
}

impl Blobs<'_, '_> {
    fn keep(&mut self, bytes: &[u8]) -> Result<u32, Error> {
        let number = self.next;
        self.next += 1;
        self.journal.write(&self.home.join(number.to_string()), &Image::Absent, bytes.to_vec())?;
        Ok(number)
    }

    fn hold(&mut self, image: &Image) -> Result<Held, Error> {
        let bytes = image.bytes().map(|b| self.keep(b)).transpose()?;
        Ok(Held::of(image, bytes))
    }

    fn record(&mut self, step: &Step) -> Result<Record, Error> {
        Ok(match step {
            Step::Put { path, before, after } => {
                Record::Put { path: Stored(path.clone()), before: self.hold(before)?, after: Held::of(after, None) }
            }
            Step::Move { from, to, .. } => Record::Move { from: Stored(from.clone()), to: Stored(to.clone()) },
            Step::Mode { path, from, to } => Record::Mode { path: Stored(path.clone()), from: *from, to: *to },
            Step::Shell(Shell::Unset(name) | Shell::Replace(name, _)) => Record::Unset { name: name.clone() },
            Step::Shell(Shell::Leave(names)) => Record::Project { names: names.clone() },
            Step::Shell(Shell::Hide(name) | Shell::Export(name, _)) => Record::Project { names: vec![name.clone()] },
            Step::Shell(Shell::ExportToken(_)) => Record::Project { names: vec!["HF_TOKEN".to_owned()] },
            Step::Tool { undo, edits, .. } => Record::Tool {
                undo: undo.as_ref().map(|t| t.command.iter().map(|w| Stored(PathBuf::from(w))).collect()),
                input: undo.as_ref().map(|t| self.keep(&t.input)).transpose()?,
                edits: match edits {
                    None => None,
                    Some(path) => {
                        let now = Image::of(self.journal.system, path).map_err(|e| Error::new(path, e))?;
                        Some((Stored(path.clone()), self.hold(&now)?))
                    }
                },
            },
        })
    }
}
