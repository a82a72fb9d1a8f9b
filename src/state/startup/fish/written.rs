//! Files that the text itself writes: what stood there before does not count any more.
//!
//! What is printed into a file is kept where it is known; of others, and of what `cp`, `ln`, `mv`, `rm`, `touch`, `mkdir`
//! and `tee` do, only that it was done. Not seen: what other programs write.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::builtins::shortened;
use super::parse::{Statement, Target};
use super::run::{Flow, Run};
use crate::secret::Token;

/// What stands in a file that was written.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// Where it is known.
    pub(super) known: Option<Rc<Token>>,
    /// Where it is not: whether it may be about the names that are asked for.
    pub(super) doubts: bool,
}

/// The paths that were written.
#[derive(Clone, Default)]
pub(super) struct Written(BTreeMap<PathBuf, Text>);

impl Written {
    /// What holds after one of two ways was taken.
    pub(super) fn merge(&mut self, other: &Self) {
        let paths: Vec<PathBuf> = self.0.keys().chain(other.0.keys()).cloned().collect();
        for path in paths {
            if self.0.get(&path) != other.0.get(&path) {
                // One of the two, or what stood there before.
                self.0.insert(path, Text { known: None, doubts: true });
            }
        }
    }
}

impl Run<'_> {
    /// What was written there.
    pub(super) fn written(&self, path: &Path) -> Option<&Text> {
        if self.world.written.0.is_empty() {
            return None;
        }
        self.world.written.0.get(&shortened(path))
    }

    /// Whether a file, or a directory that it is in, was written.
    pub(super) fn is_written(&self, path: &Path) -> bool {
        let written = &self.world.written.0;
        !written.is_empty() && shortened(path).ancestors().any(|path| written.contains_key(path))
    }

    fn write(&mut self, path: &[u8], text: Text) {
        if path.is_empty() || path.starts_with(b"/dev/") {
            return;
        }
        if let Some(path) = self.absolute(path) {
            self.world.written.0.insert(shortened(&path), text);
        }
    }

    /// A statement with `> FILE` and the like.
    pub(super) fn redirected(&mut self, statement: &Statement, targets: &[Target]) -> Flow {
        let (flow, printed) = self.take(|run| run.dispatch(statement));
        let text = printed.known();
        for target in targets {
            let fields = self.fields(std::slice::from_ref(&target.file));
            let Some([path]) = fields.as_deref() else { continue };
            let known = text.as_ref().filter(|_| target.is_all).map(|text| Rc::new(Token::new(text.clone())));
            let doubts = known.is_none() && self.mentions(statement);
            self.write(path, Text { known, doubts });
        }
        flow
    }

    /// Programs that write what they are given.
    pub(super) fn writing_program(&mut self, name: &[u8], arguments: &[&[u8]]) {
        let unknown = || Text { known: None, doubts: false };
        for path in arguments.iter().filter(|path| !path.starts_with(b"-")) {
            let there =
                self.absolute(path).is_some_and(|full| self.system.lstat(&full).is_ok() || self.is_written(&full));
            let writes = match name {
                // What is there stays as it is.
                b"touch" | b"mkdir" => !there,
                b"rm" | b"rmdir" => there,
                _ => true,
            };
            if writes {
                self.write(path, unknown());
            }
        }
    }
}
