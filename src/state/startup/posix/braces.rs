//! `{a,b}` and `{1..3}`: words that one word stands for.

use super::expand::{MOST, slice};
use super::run::Run;
use super::syntax::{Piece, Word};

impl Run<'_> {
    /// `{a,b}` in unquoted text.
    pub(super) fn braces(&self, word: &Word) -> Vec<Word> {
        if self.dialect.is_sh() || self.option("ignorebraces") {
            return vec![word.clone()];
        }
        let mut todo = vec![word.clone()];
        let mut out = Vec::new();
        while let Some(word) = todo.pop() {
            match split_braces(&word) {
                Some(several) if todo.len() + out.len() + several.len() <= MOST => {
                    todo.extend(several.into_iter().rev());
                }
                _ => out.push(word),
            }
        }
        out
    }
}

pub(super) fn has_brace(word: &Word) -> bool {
    word.iter().any(|piece| matches!(piece, Piece::Text { bytes, quoted: false } if bytes.contains(&b'{')))
}

/// The words that the first pair of braces with a comma makes.
fn split_braces(word: &Word) -> Option<Vec<Word>> {
    // Where in the word: piece and byte.
    let mut open = None;
    let mut commas = Vec::new();
    let mut depth = 0_u32;
    for (i, piece) in word.iter().enumerate() {
        let Piece::Text { bytes, quoted: false } = piece else { continue };
        for (j, b) in bytes.iter().enumerate() {
            match b {
                b'{' => {
                    depth += 1;
                    if depth == 1 {
                        open = Some((i, j));
                        commas.clear();
                    }
                }
                b',' if depth == 1 => commas.push((i, j)),
                b'}' if depth > 0 => {
                    depth -= 1;
                    if depth == 0
                        && commas.is_empty()
                        && let Some(from) = open.filter(|from| from.0 == i)
                        && let Some(items) = sequence(&bytes[from.1 + 1..j])
                    {
                        let (head, tail) = (slice(word, (0, 0), from), slice(word, (i, j + 1), (word.len(), 0)));
                        let item = |bytes| vec![Piece::Text { bytes, quoted: false }];
                        return Some(
                            items.into_iter().map(|i| [head.clone(), item(i), tail.clone()].concat()).collect(),
                        );
                    }
                    if depth == 0 && !commas.is_empty() {
                        let from = open?;
                        let mut marks = vec![from];
                        marks.append(&mut commas);
                        marks.push((i, j));
                        let head = slice(word, (0, 0), from);
                        let tail = slice(word, (i, j + 1), (word.len(), 0));
                        return Some(
                            marks
                                .windows(2)
                                .map(|w| {
                                    let middle = slice(word, (w[0].0, w[0].1 + 1), w[1]);
                                    [head.clone(), middle, tail.clone()].concat()
                                })
                                .collect(),
                        );
                    }
                }
                _ => {}
            }
        }
    }
    None
}

/// What stands in `{1..3}`, `{a..c}`, `{1..9..2}`.
fn sequence(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let text = std::str::from_utf8(text).ok()?;
    let mut parts = text.split("..");
    let (from, to, step) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let step = step.map_or(Some(1), |s| s.parse::<i64>().ok())?.unsigned_abs().max(1);
    let one = |s: &str| (s.len() == 1).then(|| s.as_bytes()[0]).filter(u8::is_ascii_alphabetic).map(i64::from);
    let letters = one(from).zip(one(to));
    let number = |s: &str| s.parse::<i64>().ok().filter(|n| n.abs() < 1_000_000);
    let (low, high) = letters.or_else(|| number(from).zip(number(to)))?;
    let padded = |s: &str| s.trim_start_matches('-').len() > 1 && s.trim_start_matches('-').starts_with('0');
    let width = if letters.is_none() && (padded(from) || padded(to)) { from.len().max(to.len()) } else { 0 };
    let count = usize::try_from(low.abs_diff(high) / step).ok().filter(|n| *n < MOST)?;
    let step = i64::try_from(step).ok()? * if low <= high { 1 } else { -1 };
    let items = (0..=count).filter_map(|i| Some(low + step * i64::try_from(i).ok()?));
    let shown = |n: i64| match letters {
        Some(_) => u8::try_from(n).map(|b| vec![b]).unwrap_or_default(),
        None => format!("{n:0width$}").into_bytes(),
    };
    Some(items.map(shown).collect())
}
