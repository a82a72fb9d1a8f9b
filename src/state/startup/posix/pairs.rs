//! Arrays with keys of their own: `declare -A`.
//!
//! In which order their elements come is not known. Source: bash 5.2, zsh 5.9, run (`tests/startup/dotfiles.py`).

use std::rc::Rc;

use super::Dialect;
use super::expand::slice;
use super::fault::Fault;
use super::parse;
use super::run::Run;
use super::syntax::{Piece, Word};
use crate::state::startup::value::{Pairs, Value};

impl Run<'_> {
    /// What an array holds that has keys of its own, where that is known.
    pub(super) fn pairs(&self, name: &[u8]) -> Option<Pairs> {
        self.variables.get(self.meant(name))?.pairs.clone()
    }

    /// Whether an array may have keys of its own.
    pub(super) fn has_keys(&self, name: &[u8]) -> bool {
        self.ask(name);
        self.option("kshzerosubscript") || self.unsure || self.keyed.contains(name) || self.pairs(name).is_some()
    }

    /// The key that stands in brackets behind a name: zsh takes quotes there as they are.
    pub(super) fn key(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        let word = match self.dialect {
            Dialect::Bash if text.iter().any(|b| matches!(b, b'\'' | b'"' | b'\\')) => {
                parse::one_word(text, self.line, self.dialect)?
            }
            _ => parse::quoted(text, self.line, self.dialect),
        };
        self.whole(&word, false).bytes().map(<[u8]>::to_vec)
    }

    /// What stands in the parentheses: `[KEY]=VALUE` each, or keys and values in turn; `None` where that cannot be told.
    pub(super) fn written_pairs(&mut self, words: &[Word]) -> Option<Pairs> {
        let mut all = std::collections::BTreeMap::new();
        let is_keyed =
            |word: &Word| matches!(word.first(), Some(Piece::Text { bytes, quoted: false }) if bytes.starts_with(b"["));
        if words.iter().any(is_keyed) {
            for word in words {
                let ends = |piece: &Piece| match piece {
                    Piece::Text { bytes, quoted: false } => bytes.windows(2).position(|w| w == b"]="),
                    _ => None,
                };
                let (piece, at) = word.iter().enumerate().find_map(|(i, piece)| Some((i, ends(piece)?)))?;
                if !is_keyed(word) {
                    return None;
                }
                let key = self.whole(&slice(word, (0, 1), (piece, at)), false);
                match self.whole(&slice(word, (piece, at + 2), (word.len(), 0)), true) {
                    Value::Known(value) => all.insert(key.bytes()?.to_vec(), value),
                    Value::Unset | Value::Unknown => return None,
                };
            }
            return Some(Rc::new(all));
        }
        let elements = self.array(words)?;
        if elements.len() % 2 != 0 {
            if self.dialect == Dialect::Zsh {
                self.note(Fault::Expansion);
            }
            return None;
        }
        for pair in elements.chunks(2) {
            all.insert(pair[0].bytes().to_vec(), Rc::clone(&pair[1]));
        }
        Some(Rc::new(all))
    }

    /// `NAME=(…)` and `NAME+=(…)` of such an array.
    pub(super) fn assign_pairs(&mut self, name: &[u8], new: Option<Pairs>, append: bool) {
        let old = if append { self.pairs(name) } else { Some(Pairs::default()) };
        let all = match (old, new) {
            (Some(old), Some(new)) if !self.unsure => {
                let mut all = (*old).clone();
                all.extend(new.iter().map(|(key, value)| (key.clone(), Rc::clone(value))));
                Some(Rc::new(all))
            }
            _ => None,
        };
        self.hold_pairs(name, all);
    }

    /// `NAME[INDEX]=VALUE`
    pub(super) fn assign_element(&mut self, name: &[u8], index: &[u8], value: Value, append: bool) {
        if self.pairs(name).is_none() {
            // Of other arrays it is not followed.
            return self.assign(name, Value::Unknown);
        }
        let key = self.key(index);
        // Taken out, so that it need not be copied.
        let meant = self.meant(name).to_vec();
        let pairs = match (self.variables.entry(&meant).pairs.take(), key, value) {
            (Some(mut pairs), Some(key), Value::Known(value)) if !append && !self.unsure => {
                Rc::make_mut(&mut pairs).insert(key, value);
                Some(pairs)
            }
            _ => None,
        };
        self.hold_pairs(name, pairs);
    }

    fn hold_pairs(&mut self, name: &[u8], pairs: Option<Pairs>) {
        self.assign(name, Value::Unknown);
        let name = self.meant(name).to_vec();
        let variable = self.variables.entry(&name);
        if !variable.readonly {
            variable.pairs = pairs;
        }
    }
}
