//! What a text that cannot be followed may set: the names that stand in it, and those of the files that it may read.

use std::path::PathBuf;
use std::rc::Rc;

use super::declare::is_identifier;
use super::expand::Field;
use super::parse::is_name;
use super::run::Run;
use super::syntax::{Change, Piece, Word};
use crate::secret::Token;
use crate::state::startup::tools::lines;
use crate::state::startup::value::{Truth, Value};
use crate::system::Kind;

/// Most files that are searched for the names, where a command that is not modelled was given a directory.
const MOST_SEARCHED: u32 = 200;
/// Bytes of each, and of all of them.
const SEARCHED: usize = 64 * 1024;
const ALL_SEARCHED: usize = 512 * 1024;

impl Run<'_> {
    /// Of a word whose value cannot be told, what stands in it: a text made of it may be about the names there.
    pub(super) fn suspect_word(&mut self, word: &Word) {
        let mut text = Vec::new();
        for piece in word {
            match piece {
                Piece::Text { bytes, .. } => text.extend_from_slice(bytes),
                Piece::Parameter { parameter, .. } => {
                    for element in self.elements(&parameter.name).iter().flat_map(|all| all.iter()) {
                        text.extend_from_slice(element.bytes());
                        text.push(b' ');
                    }
                    text.extend_from_slice(self.value(&parameter.name).bytes().unwrap_or(b"*"));
                }
                _ => text.push(b'*'),
            }
        }
        self.suspect_text(&text);
    }

    /// What a command that is not modelled prints may be about the names that it is given, that stand in the files it is
    /// given or in what it reads, and, where it is a script, in the command itself.
    pub(super) fn suspect_command(&mut self, name: &[u8], arguments: &[Field]) {
        for argument in arguments.iter().filter_map(Field::bytes) {
            self.suspect_text(argument);
            self.suspect(argument);
        }
        if let Some(text) = self.stdin.as_ref().map(|s| Rc::clone(&s.text)) {
            self.suspect_text(text.bytes());
        }
        if let Ok(Some(path)) = self.which(name)
            && let Ok(content) = self.system.read(&path, SEARCHED)
            && content.bytes.starts_with(b"#!")
        {
            self.suspect_text(&content.bytes);
        }
    }

    pub(super) fn suspect_text(&mut self, text: &[u8]) {
        let shortest = self.names.iter().map(|name| name.len()).min().unwrap_or(0);
        // In one pass: the names stand in runs of letters, of which few are long enough.
        for run in text.split(|b| !is_name(*b)).filter(|run| run.len() >= shortest) {
            let has = |name: &&&str| run.windows(name.len()).any(|w| w == name.as_bytes());
            self.suspected.extend(self.names.iter().filter(has).map(|n| n.as_bytes().to_vec()));
        }
    }

    /// Of a reference that is not understood: what its variables hold and what stands in its files may come back from it.
    pub(super) fn suspect_inside(&mut self, text: &[u8]) {
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/' | b'~');
        for part in text.split(|b| !is_part(b)).filter(|part| !part.is_empty()) {
            let word = vec![Piece::Text { bytes: part.to_vec(), quoted: false }];
            if part.contains(&b'/') {
                if let Value::Known(path) = self.whole(&word, true) {
                    self.suspect(path.bytes());
                }
            } else if is_identifier(part) {
                self.suspect_word(&vec![Piece::of(part.to_vec(), None, Change::None, true)]);
            }
        }
    }

    /// A path goes to a command that is not modelled: the names that stand in the files there may come back from it.
    pub(super) fn suspect(&mut self, path: &[u8]) {
        if path.is_empty() || path.starts_with(b"-") || self.suspected.len() == self.names.len() {
            return;
        }
        let path = self.absolute(path);
        if !self.searched.insert(path.clone()) {
            return;
        }
        let (mut left, mut bytes) = (MOST_SEARCHED, ALL_SEARCHED);
        let mut todo = vec![(path, 0)];
        while let Some((path, depth)) = todo.pop() {
            let Some(fewer) = left.checked_sub(1) else { break };
            left = fewer;
            match self.system.stat(&path).map(|s| s.kind) {
                Ok(Kind::Dir) if depth < 4 => {
                    let names = self.system.list(&path).unwrap_or_default();
                    todo.extend(names.iter().rev().map(|name| (path.join(name), depth + 1)));
                }
                Ok(Kind::File) => {
                    let Ok(content) = self.system.read(&path, SEARCHED.min(bytes)) else { continue };
                    bytes -= content.bytes.len().min(bytes);
                    let text = Token::new(content.bytes);
                    // A program tells nothing.
                    if !text.bytes().iter().take(SEARCHED / 64).any(|b| *b == 0) {
                        self.suspect_text(text.bytes());
                        todo.extend(self.sourced_by(text.bytes()).into_iter().map(|path| (path, 4)));
                    }
                    if bytes == 0 {
                        break;
                    }
                }
                _ => {}
            }
        }
    }

    /// The files that a text names behind `source` or a dot: what it reads may set the names as well.
    fn sourced_by(&self, text: &[u8]) -> Vec<PathBuf> {
        let home = self.value(b"HOME");
        let Some(home) = home.bytes() else { return Vec::new() };
        let mut out = Vec::new();
        for line in text.split(|b| matches!(b, b'\n' | b';' | b'&' | b'|' | b'{' | b'(')) {
            let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
            let is_source = |word: &[u8]| matches!(word, b"source" | b"." | b"\\." | b"builtin");
            let Some(path) = words.by_ref().skip_while(|word| !is_source(word)).find(|word| !is_source(word)) else {
                continue;
            };
            let path: Vec<u8> = path.iter().filter(|b| !matches!(b, b'"' | b'\'')).copied().collect();
            let below = [&b"~/"[..], b"$HOME/", b"${HOME}/"].iter().find_map(|start| path.strip_prefix(*start));
            out.push(self.absolute(&below.map_or_else(|| path.clone(), |below| [home, b"/", below].concat())));
        }
        out
    }

    /// A text is run of which nothing is known but what it may be about.
    pub(super) fn runs_unknown(&mut self) {
        self.status = Truth::Maybe;
        self.has_run_unknown = true;
        for name in self.suspected.clone() {
            let variable = self.variables.entry(&name);
            variable.value = Value::Unknown;
            if variable.exported == Truth::No {
                variable.exported = Truth::Maybe;
            }
        }
    }

    /// Lines that come in an order which cannot be told: each may be the path of a file that is read next.
    pub(super) fn suspect_lines(&mut self) {
        let Some(stream) = self.stdin.as_ref().filter(|s| s.unordered) else { return };
        let text = stream.rest().to_vec();
        for line in lines(&text) {
            self.suspect(line);
        }
    }
}
