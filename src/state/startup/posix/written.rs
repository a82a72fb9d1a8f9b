//! Files that the text itself writes: what stood there before does not count any more.
//!
//! What is printed into a file is kept where it is known; of others, and of what `cp`, `ln`, `mv`, `rm`, `touch`, `mkdir`
//! and `tee` do, and programs whose options name a file to write, only that it was done. Not seen: what other programs write, and what a text that is put aside writes.
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
            let words: Vec<&[u8]> = arguments.iter().filter_map(Field::bytes).collect();
            let results = results(name, &words);
            let before = self.suspected.len();
            if !results.is_empty() {
                self.suspect_command(name, arguments);
            }
            for path in results {
                self.writes(&path, None);
            }
            // What was about one of the names may be about another one now.
            if self.suspected.len() > before {
                self.suspected.extend(self.names.iter().map(|name| name.as_bytes().to_vec()));
            }
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

/// The files that other programs write, by the options that say so.
pub(in crate::state::startup) fn results(name: &[u8], words: &[&[u8]]) -> Vec<Vec<u8>> {
    let option = |word: &&[u8]| word.starts_with(b"-") && word.len() > 1;
    let operands = |skip: usize| words.iter().filter(|w| !option(w)).skip(skip).map(|w| w.to_vec()).collect();
    // What stands behind one of these options, or in one word with it.
    let behind = |options: &[&[u8]]| {
        let of = |(i, word): (usize, &&[u8])| {
            // `-fsSLo FILE`
            let ends = |o: &[u8]| o.len() == 2 && word.last() == o.last() && is_short_with(word, o[1]);
            if options.iter().any(|o| ends(o)) {
                return words.get(i + 1).map(|path| path.to_vec());
            }
            let name = options.iter().find(|o| word.starts_with(o))?;
            match &word[name.len()..] {
                [] => words.get(i + 1).map(|path| path.to_vec()),
                [b'=', path @ ..] if name.starts_with(b"--") => Some(path.to_vec()),
                path if !name.starts_with(b"--") => Some(path.to_vec()),
                _ => None,
            }
        };
        words.iter().enumerate().filter_map(of).collect()
    };
    let has = |wanted: &dyn Fn(&[u8]) -> bool| words.iter().any(|word| wanted(word));
    match name {
        b"sed" | b"gsed"
            if has(&|w| w.starts_with(b"-i") || w.starts_with(b"--in-place") || is_short_with(w, b'i')) =>
        {
            operands(0)
        }
        b"perl" | b"ruby" if has(&|w| is_short_with(w, b'i')) => operands(0),
        b"curl" => behind(&[b"-o", b"--output"]),
        b"wget" => behind(&[b"-O", b"--output-document"]),
        b"sort" | b"gpg" | b"gpg2" | b"age" | b"sops" | b"yq" | b"op" | b"chezmoi" => {
            behind(&[b"-o", b"--output", b"--out-file"])
        }
        b"openssl" => behind(&[b"-out"]),
        b"dd" => words.iter().filter_map(|w| w.strip_prefix(b"of=")).map(<[u8]>::to_vec).collect(),
        b"truncate" | b"shred" | b"unlink" | b"dos2unix" | b"ed" | b"ex" | b"patch" | b"rsync" | b"scp" => operands(0),
        b"find" if has(&|w| matches!(w, b"-delete" | b"-exec" | b"-execdir" | b"-ok")) => {
            words.iter().take_while(|w| !option(w)).map(|w| w.to_vec()).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a letter stands among short options.
fn is_short_with(word: &[u8], letter: u8) -> bool {
    word.starts_with(b"-")
        && !word.starts_with(b"--")
        && word[1..].iter().take_while(|b| b.is_ascii_alphabetic()).any(|b| *b == letter)
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
