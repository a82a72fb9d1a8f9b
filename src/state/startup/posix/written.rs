//! Files that the text itself writes: what stood there before does not count any more.
//!
//! What is printed into a file is kept where it is known; of others, and of what `cp`, `ln`, `mv`, `rm`, `touch`, `mkdir`
//! and `tee` do, only that it was done. Not seen: what other programs write, and what a text that is put aside writes.
//! Source: bash 5.2, zsh 5.9, dash 0.5.12, run (`tests/startup/further.py`).

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::expand::Field;
use super::output::logical;
use super::run::Run;
use crate::secret::Token;
use crate::system::Kind;

/// The paths that were written, and what stands there where that is known.
pub(super) type Written = BTreeMap<PathBuf, Option<Rc<Token>>>;

impl Run<'_> {
    /// Whether a file, or a directory that it is in, was written.
    pub(super) fn is_written(&self, path: &Path) -> bool {
        !self.written.is_empty() && logical(path).ancestors().any(|path| self.written.contains_key(path))
    }

    /// What was written there, where that is known.
    pub(super) fn written_text(&self, path: &Path) -> Option<Rc<Token>> {
        self.written.get(&logical(path))?.clone()
    }

    /// Notes that a file is written. What stood there may count all the same, where it is written on a way that may not
    /// be taken.
    pub(super) fn writes(&mut self, path: &[u8], text: Option<Rc<Token>>) {
        if path.is_empty() || path.starts_with(b"/dev/") {
            return;
        }
        self.suspect(path);
        if let Some(text) = &text {
            self.suspect_text(text.bytes());
        }
        let path = logical(&self.absolute(path));
        self.written.insert(path, text);
    }

    /// Programs that write what they are given.
    pub(super) fn writing_program(&mut self, name: &[u8], arguments: &[Field]) {
        if !matches!(name, b"touch" | b"mkdir" | b"rm" | b"rmdir" | b"tee" | b"cp" | b"mv" | b"ln" | b"install") {
            return;
        }
        let is_operand = |path: &&[u8]| !path.starts_with(b"-");
        let paths: Vec<Vec<u8>> =
            arguments.iter().filter_map(Field::bytes).filter(is_operand).map(<[u8]>::to_vec).collect();
        match name {
            // What is there stays as it is.
            b"touch" | b"mkdir" => {
                for path in &paths {
                    if self.system.lstat(&self.absolute(path)).is_err() {
                        self.writes(path, None);
                    }
                }
            }
            b"rm" | b"rmdir" => {
                for path in &paths {
                    let full = self.absolute(path);
                    if self.system.lstat(&full).is_ok() || self.is_written(&full) {
                        self.writes(path, None);
                    }
                }
            }
            b"tee" => {
                if let Some(text) = self.stdin_text() {
                    self.suspect_text(text.bytes());
                }
                for path in &paths {
                    self.writes(path, None);
                }
            }
            _ => {
                let Some((target, sources)) = paths.split_last() else { return };
                let into = self.system.stat(&self.absolute(target)).is_ok_and(|s| s.kind == Kind::Dir);
                for source in sources {
                    self.suspect(source);
                    if name == b"mv" {
                        self.writes(source, None);
                    }
                    let base = Path::new(OsStr::from_bytes(source)).file_name();
                    let inside = base.map(|base| [target.as_slice(), b"/", base.as_bytes()].concat());
                    match inside.filter(|_| into) {
                        Some(path) => self.writes(&path, None),
                        None => self.writes(target, None),
                    }
                }
            }
        }
    }
}

/// What is known after one of two ways.
pub(super) fn merged(one: &Written, other: &Written) -> Written {
    if one == other {
        return one.clone();
    }
    let both = |path: &PathBuf| one.get(path) == other.get(path);
    let text = |path: &PathBuf| one.get(path).filter(|_| both(path)).cloned().flatten();
    one.keys().chain(other.keys()).map(|path| (path.clone(), text(path))).collect()
}
