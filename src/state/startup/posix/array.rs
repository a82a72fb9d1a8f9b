//! Arrays: what is known of their elements.
//!
//! Those with keys of their own, and zsh's that are tied to a variable, are not followed. Source: bash 5.2, zsh 5.9, run
//! (`tests/startup/dotfiles.py`).

use std::ops::Range;
use std::os::unix::ffi::OsStrExt as _;
use std::rc::Rc;

use super::Dialect;
use super::arguments::Arguments;
use super::expand::{Field, MOST, Part};
use super::run::Run;
use super::syntax::{Change, Index, Parameter, Piece, Word};
use super::words::is_plain;
use crate::secret::Token;
use crate::state::startup::value::{Elements, Truth, Value};

impl Run<'_> {
    /// The elements of an array, where it is one and they are known.
    pub(super) fn elements(&self, name: &[u8]) -> Option<Elements> {
        if self.dialect == Dialect::Zsh && name == b"argv" {
            return self.arguments.known();
        }
        let Some(scalar) = self.tied_to(name) else { return self.variables.get(self.meant(name))?.elements.clone() };
        match self.value(scalar) {
            Value::Known(value) if value.bytes().is_empty() => Some([].into()),
            Value::Known(value) => {
                Some(value.bytes().split(|b| *b == b':').map(|part| Rc::new(Token::new(part.to_vec()))).collect())
            }
            Value::Unset => Some([].into()),
            Value::Unknown => None,
        }
    }

    /// zsh: the variable that holds the elements of this array, with colons between.
    pub(super) fn tied_to(&self, name: &[u8]) -> Option<&'static [u8]> {
        const TIED: [(&[u8], &[u8]); 8] = [
            (b"path", b"PATH"),
            (b"fpath", b"FPATH"),
            (b"cdpath", b"CDPATH"),
            (b"manpath", b"MANPATH"),
            (b"mailpath", b"MAILPATH"),
            (b"module_path", b"MODULE_PATH"),
            (b"fignore", b"FIGNORE"),
            (b"psvar", b"PSVAR"),
        ];
        let found = TIED.iter().find(|(array, _)| self.dialect == Dialect::Zsh && *array == name);
        found.map(|(_, scalar)| *scalar)
    }

    /// zsh: `typeset -U NAME`; of a value that is there each element stays once as well.
    pub(super) fn make_unique(&mut self, name: &[u8]) {
        let scalar = self.tied_to(name).unwrap_or(name);
        self.unique.insert(scalar.to_vec());
        if let Value::Known(value) = self.variables.value(scalar) {
            self.variables.entry(scalar).value = Value::of(&each_once(value.bytes()));
        }
    }

    /// What stands in the parentheses of `NAME=(…)`; `None` where that cannot be told.
    pub(super) fn array(&mut self, words: &[Word]) -> Option<Elements> {
        // `[key]=value`, which is no pattern.
        let keyed = |word: &Word| {
            matches!(word.first(), Some(Piece::Text { bytes, quoted: false }) if bytes.starts_with(b"["))
                && word.iter().any(|piece| {
                    matches!(piece, Piece::Text { bytes, quoted: false } if bytes.windows(2).any(|w| w == b"]="))
                })
        };
        if words.iter().any(keyed) {
            return None;
        }
        let fields = self.fields(words);
        if fields.len() > MOST {
            return None;
        }
        fields.into_iter().map(|field| Some(Rc::new(Token::new(field.bytes()?.to_vec())))).collect()
    }

    /// `NAME=(…)` and `NAME+=(…)`.
    pub(super) fn assign_array(&mut self, name: &[u8], new: Option<Elements>, append: bool) {
        let scalar = self.tied_to(name);
        let tied = scalar.is_none() && name != b"argv" && (self.is_special(name) || self.keyed.contains(name));
        let old = match (append, self.elements(name), self.value(name)) {
            (false, ..) | (true, None, Value::Unset) => Some([].into()),
            (true, Some(elements), _) => Some(elements),
            (true, None, Value::Known(value)) => Some([value].into()),
            (true, None, Value::Unknown) => None,
        };
        let all: Option<Elements> = match (old, new) {
            (Some(old), Some(new)) if !tied && !self.unsure && old.len() + new.len() <= MOST => {
                Some(old.iter().chain(new.iter()).cloned().collect())
            }
            _ => None,
        };
        if self.dialect == Dialect::Zsh && name == b"argv" {
            self.arguments = all.map_or_else(Arguments::unknown, |all| Arguments::elements(&all));
            return;
        }
        if let Some(scalar) = scalar {
            let joined = all.map(|all| all.iter().map(|e| e.bytes()).collect::<Vec<_>>().join(&b':'));
            return self.assign(scalar, joined.map_or(Value::Unknown, |joined| Value::of(&joined)));
        }
        let was_keyed = self.keyed.contains(name);
        self.assign(name, Value::Unknown);
        if !was_keyed {
            self.keyed.remove(name);
        }
        let name = self.meant(name).to_vec();
        let variable = self.variables.entry(&name);
        if !variable.readonly {
            variable.elements = all;
        }
    }

    /// What a reference to several values stands for: `"$@"`, `${NAME[@]}`, zsh's `$NAME` of an array.
    pub(super) fn listed(&mut self, parameter: &Parameter, quoted: bool) -> Option<Part> {
        let Parameter { name, index, change } = parameter;
        let zsh = self.counts_from_one();
        if let Change::Else { operator: operator @ (b'-' | b'+'), colon, word } = change
            && self.dialect != Dialect::Zsh
        {
            return self.listed_else(parameter, (*operator, *colon), word, quoted);
        }
        if matches!(name.as_slice(), b"@" | b"*") && *change == Change::None {
            let fields = self.arguments.fields();
            if quoted && name == b"*" {
                let bytes = self.joined(&fields, true);
                return Some(bytes.map_or(Part::Unknown, |bytes| Part::Known {
                    bytes,
                    quoted,
                    split: false,
                    given: true,
                }));
            }
            return Some(Part::Fields(fields));
        }
        let is_all_arguments = self.dialect == Dialect::Bash && matches!(name.as_slice(), b"@" | b"*");
        let elements = if is_all_arguments {
            let Some(all) = self.arguments.known() else { return Some(Part::Unknown) };
            Some(all)
        } else {
            self.elements(name)
        };
        let all = if name == b"@" { Index::All } else { Index::Joined };
        let index = if is_all_arguments { &Some(all) } else { index };
        let whole = match index {
            Some(Index::All | Index::Joined) => true,
            Some(Index::At(_)) => false,
            None => zsh && elements.is_some(),
        };
        let ordered = matches!(change, Change::Order { .. } | Change::Indices);
        // bash: done to each of them.
        let each = self.dialect == Dialect::Bash
            && matches!(
                change,
                Change::Trim { .. } | Change::Replace { .. } | Change::Case { .. } | Change::Part { .. }
            );
        let taken = whole && (each || matches!(change, Change::None | Change::Length | Change::Split));
        if !taken && !ordered {
            return None;
        }
        let pairs = self.pairs(name);
        // In which order they come nobody can tell.
        let elements = match &pairs {
            Some(pairs) if pairs.len() > 1 && *change != Change::Length => return Some(Part::Unknown),
            Some(pairs) if *change == Change::Indices => {
                Some(pairs.keys().map(|key| Rc::new(Token::new(key.clone()))).collect())
            }
            Some(pairs) => Some(pairs.values().cloned().collect()),
            None => elements,
        };
        let elements: Elements = match (elements, self.value(name)) {
            (Some(elements), _) => elements,
            (None, Value::Known(value)) => [value].into(),
            (None, Value::Unset) => [].into(),
            (None, Value::Unknown) => return Some(Part::Unknown),
        };
        let elements = match change {
            // Of an array with holes the elements are not known.
            Change::Indices if pairs.is_some() => elements,
            Change::Indices => (0..elements.len()).map(|i| Rc::new(Token::new(i.to_string().into_bytes()))).collect(),
            Change::Order { sorted, backwards, once } => in_order(&elements, (*sorted, *backwards, *once)),
            Change::Part { offset, length } => {
                // `$0` comes first.
                let first = usize::from(is_all_arguments);
                let Some(range) = self.range(elements.len(), first, offset, length.as_ref()) else {
                    return Some(Part::Unknown);
                };
                elements[range].into()
            }
            _ if each => {
                let changed = |element: &Rc<Token>| match self.changed(parameter, Value::Known(Rc::clone(element))) {
                    Value::Known(token) => Some(token),
                    Value::Unset | Value::Unknown => None,
                };
                let Some(all) = elements.iter().map(changed).collect() else { return Some(Part::Unknown) };
                all
            }
            _ => elements,
        };
        if *change == Change::Length {
            let bytes = elements.len().to_string().into_bytes();
            return Some(Part::Known { bytes, quoted: true, split: false, given: true });
        }
        if quoted && *index != Some(Index::All) {
            let fields: Vec<Field> = elements.iter().map(|e| Field::Known(e.bytes().to_vec())).collect();
            let bytes = self.joined(&fields, true);
            return Some(bytes.map_or(Part::Unknown, |bytes| Part::Known { bytes, quoted, split: false, given: true }));
        }
        let taken_apart = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'*' | b'?' | b'[' | b'\\');
        if !quoted && !zsh && elements.iter().any(|e| e.bytes().iter().any(taken_apart)) {
            return Some(Part::Unknown);
        }
        let kept = elements.iter().filter(|e| quoted || !e.bytes().is_empty());
        Some(Part::Fields(kept.map(|e| Field::Known(e.bytes().to_vec())).collect()))
    }

    /// `${1+"$@"}`, `"${@:-x}"`, `"${NAME[@]:-x}"`: what stands for several values stays several; else nothing.
    fn listed_else(
        &mut self,
        parameter: &Parameter,
        (operator, colon): (u8, bool),
        word: &Word,
        quoted: bool,
    ) -> Option<Part> {
        let is_list = |piece: &Piece| {
            matches!(piece, Piece::Parameter { parameter, .. }
                if matches!(parameter.name.as_slice(), b"@" | b"*") || matches!(parameter.index, Some(Index::All | Index::Joined)))
        };
        let own = Piece::Parameter {
            parameter: Box::new(Parameter { change: Change::None, ..parameter.clone() }),
            quoted: true,
        };
        let of_word = word.iter().find(|piece| is_list(piece));
        if !is_list(&own) && of_word.is_none() {
            return None;
        }
        let several = is_list(&own).then(|| self.parts(&vec![own], false).pop()).flatten();
        let there = match &several {
            Some(Part::Fields(fields)) => match fields.as_slice() {
                [] => Truth::No,
                [Field::Known(one)] if colon => Truth::of(!one.is_empty()),
                [Field::Known(_), ..] => Truth::Yes,
                _ => Truth::Maybe,
            },
            Some(Part::Known { bytes, .. }) => Truth::of(!colon || !bytes.is_empty()),
            Some(_) => Truth::Maybe,
            None => match self.subject(parameter) {
                Value::Known(token) => Truth::of(!colon || !token.bytes().is_empty()),
                Value::Unset => Truth::No,
                Value::Unknown => Truth::Maybe,
            },
        };
        match (operator, there) {
            (_, Truth::Maybe) => Some(Part::Unknown),
            (b'-', Truth::Yes) => several,
            (b'+', Truth::No) if !quoted => Some(Part::Fields(Vec::new())),
            (b'+', Truth::No) => Some(self.put_in(Value::of(b""), quoted, false, true)),
            // More than the list alone.
            _ if of_word.is_some() && word.iter().any(|piece| !is_list(piece) && *piece != empty()) => {
                Some(Part::Unknown)
            }
            _ => {
                if let Some(list) = of_word.cloned() {
                    return self.parts(&vec![list], false).pop();
                }
                let value = self.whole(word, false);
                Some(self.put_in(value, quoted, !quoted, true))
            }
        }
    }

    /// The part of a list that `:OFFSET:LENGTH` asks for; what stands at 0 is missing where the count begins at `first`.
    fn range(&mut self, count: usize, first: usize, offset: &[u8], length: Option<&Rc<[u8]>>) -> Option<Range<usize>> {
        let offset = self.arithmetic(offset)?;
        let length = match length {
            Some(length) => Some(usize::try_from(self.arithmetic(length)?).ok()?),
            None => None,
        };
        let count = i64::try_from(count).ok()?;
        let first = i64::try_from(first).ok()?;
        let start = if offset < 0 { count + first + offset } else { offset };
        if start < 0 || start > count + first {
            return Some(0..0);
        }
        let start = usize::try_from(start.checked_sub(first)?).ok()?;
        let count = usize::try_from(count).ok()?;
        Some(start..length.map_or(count, |length| start.saturating_add(length).min(count)))
    }

    /// zsh, unless it is to have arrays like those of ksh.
    pub(super) fn counts_from_one(&self) -> bool {
        self.dialect == Dialect::Zsh && !self.option("ksharrays")
    }

    /// The one value that a reference begins with.
    pub(super) fn subject(&mut self, parameter: &Parameter) -> Value {
        let name = parameter.name.as_slice();
        let known = |element: Option<&Rc<Token>>| element.map_or(Value::Unset, |e| Value::Known(Rc::clone(e)));
        match (&parameter.index, self.elements(name)) {
            (None, None) => self.value(name),
            // bash: the first stands for the array.
            (None, Some(elements)) if !self.counts_from_one() => known(elements.first()),
            (Some(Index::At(text)), elements) => {
                let text = Rc::clone(text);
                self.element(name, elements.as_ref(), &text)
            }
            _ => Value::Unknown,
        }
    }

    pub(super) fn element(&mut self, name: &[u8], elements: Option<&Elements>, text: &[u8]) -> Value {
        let zsh = self.counts_from_one();
        // zsh: where a program is.
        if zsh && name == b"commands" && text.iter().all(|b| is_plain(*b)) {
            return match (self.listed_command(text), self.which(text)) {
                (Ok(None), _) => Value::Unset,
                // One that was run before stands in place of a file that cannot be.
                (Ok(Some(path)), Ok(program)) if program.as_ref().is_none_or(|program| *program == path) => {
                    Value::of(path.as_os_str().as_bytes())
                }
                _ => Value::Unknown,
            };
        }
        if let Some(pairs) = self.pairs(name)
            && !(zsh && text.starts_with(b"("))
        {
            let key = self.key(text);
            return key.map_or(Value::Unknown, |key| pairs.get(&key).cloned().map_or(Value::Unset, Value::Known));
        }
        // `[(i)x]`, `[2,3]`, `[key]`
        if zsh && (text.starts_with(b"(") || text.contains(&b',')) || self.keyed.contains(name) {
            return Value::Unknown;
        }
        let value = match elements {
            Some(_) => Value::Unknown,
            None => self.value(name),
        };
        let length = match (elements, &value) {
            (Some(elements), _) => elements.len(),
            (None, Value::Known(token)) if zsh && token.bytes().is_ascii() => token.bytes().len(),
            // bash: what is no array is one of one element.
            (None, Value::Known(_)) if !zsh => 1,
            (None, Value::Unset) => 0,
            (None, _) => return Value::Unknown,
        };
        let Some(number) = self.arithmetic(text) else { return Value::Unknown };
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let at = match number {
            number if number < 0 => length + number,
            number if zsh => number - 1,
            number => number,
        };
        let Some(at) = usize::try_from(at).ok().filter(|_| at < length) else { return Value::Unset };
        match (elements, &value) {
            (Some(elements), _) => Value::Known(Rc::clone(&elements[at])),
            (None, Value::Known(token)) if zsh => Value::of(&token.bytes()[at..=at]),
            (None, value) => value.clone(),
        }
    }
}

/// What quotes leave.
fn empty() -> Piece {
    Piece::Text { bytes: Vec::new(), quoted: true }
}

/// The order is that of the bytes, as in the names that patterns bring.
fn in_order(elements: &Elements, (sorted, backwards, once): (bool, bool, bool)) -> Elements {
    let mut all: Vec<Rc<Token>> = Vec::with_capacity(elements.len());
    for element in elements.iter() {
        if !once || !all.contains(element) {
            all.push(Rc::clone(element));
        }
    }
    if sorted {
        all.sort_by(|a, b| a.bytes().cmp(b.bytes()));
    }
    if backwards {
        all.reverse();
    }
    all.into()
}

/// A list with colons in it, each part once.
pub(super) fn each_once(list: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in list.split(|b| *b == b':') {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts.join(&b':')
}
