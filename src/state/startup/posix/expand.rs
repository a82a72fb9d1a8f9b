//! Expands words: what of them is known.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::rc::Rc;

use super::Dialect;
use super::braces::has_brace;
use super::declare::is_identifier;
use super::fault::Fault;
use super::run::Run;
use super::syntax::{Change, Index, Parameter, Piece, Word};
use super::words::is_plain;
use super::{glob, pattern};
use crate::secret::Token;
use crate::state::startup::value::{Elements, Pairs, Value};
use crate::system::System;

/// One argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    Known(Vec<u8>),
    /// One or more, or none: what a command prints.
    Unknown,
    /// One, of which nothing else is known.
    One,
    /// `<(…)`: the text of the command, and its line.
    Process(Rc<[u8]>, u32),
    /// `NAME=` with a value that is not known, as the argument of a declaration, and what is known of it all the same.
    Assigned(Vec<u8>, Option<Vec<u8>>),
    /// `NAME=(…)`, as the argument of a declaration.
    Array(Vec<u8>, Option<Elements>),
    /// Likewise, of an array with keys of its own.
    Pairs(Vec<u8>, Option<Pairs>),
}

impl Field {
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Known(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// A part of a word after its variables and commands were put in.
pub(super) enum Part {
    /// `split`: an unquoted variable, which bash and sh take apart at blanks.
    Known {
        bytes: Vec<u8>,
        quoted: bool,
        split: bool,
        /// The value of a variable, or what a command printed.
        given: bool,
    },
    Unknown,
    /// `"$@"`
    Fields(Vec<Field>),
    Process(Rc<[u8]>, u32),
}

/// The longest list that braces or patterns make.
pub(super) const MOST: usize = 2000;

impl Run<'_> {
    /// The arguments that words make.
    pub(super) fn fields(&mut self, words: &[Word]) -> Vec<Field> {
        let mut out = Vec::new();
        for word in words {
            if self.dialect == Dialect::Zsh
                && let Some(several) = self.each(word)
            {
                out.append(&mut self.fields(&several));
            } else if has_brace(word) {
                for word in self.braces(word) {
                    self.field(&word, &mut out);
                }
            } else {
                self.field(word, &mut out);
            }
            if out.len() > MOST {
                break;
            }
        }
        for directory in self.not_listed.take() {
            self.suspect(&directory);
        }
        out
    }

    /// zsh: the words that `${^NAME}` makes, and with RC_EXPAND_PARAM `$NAME`: one for each element of the array, where
    /// those are known.
    fn each(&self, word: &Word) -> Option<Vec<Word>> {
        let always = self.option("rcexpandparam");
        let (at, elements) = word.iter().enumerate().find_map(|(at, piece)| match piece {
            Piece::Parameter { parameter, quoted: false }
                if !matches!(parameter.index, Some(Index::At(_)))
                    && (parameter.change == Change::Each || always && parameter.change == Change::None) =>
            {
                self.ask(&parameter.name);
                self.elements(&parameter.name).map(|elements| (at, elements))
            }
            _ => None,
        })?;
        let alone = word.len() == 1;
        let with = |element: &Rc<Token>| {
            let mut word = word.clone();
            word[at] = Piece::Text { bytes: element.bytes().to_vec(), quoted: true };
            word
        };
        Some(elements.iter().take(MOST).filter(|e| !alone || !e.bytes().is_empty()).map(with).collect())
    }

    /// A word that is not taken apart: the value of an assignment, the subject of `case`.
    pub(super) fn whole(&mut self, word: &Word, assignment: bool) -> Value {
        if let [Piece::Text { bytes, quoted }] = word.as_slice()
            && (*quoted || !bytes.contains(&b'~') && !bytes.starts_with(b"="))
        {
            return Value::of(bytes);
        }
        if let Some(path) = self.equals(word) {
            return path;
        }
        let mut bytes = Vec::new();
        let parts = self.parts(word, assignment);
        self.shape = None;
        if parts.iter().any(|part| matches!(part, Part::Unknown)) {
            self.shape = Some(self.outline_of(word, &parts));
        }
        for (piece, part) in word.iter().zip(parts) {
            match part {
                Part::Known { bytes: more, .. } => bytes.extend_from_slice(&more),
                Part::Fields(fields) => match self.joined(&fields, is_star(piece)) {
                    Some(more) => bytes.extend_from_slice(&more),
                    None => return Value::Unknown,
                },
                Part::Unknown | Part::Process(..) => return Value::Unknown,
            }
        }
        Value::of(&bytes)
    }

    /// zsh: what stands for `=NAME`, the path of a program; where there is none, an error. `None` for other words.
    fn equals(&self, word: &Word) -> Option<Value> {
        let (Dialect::Zsh, Some(Piece::Text { bytes, quoted: false })) = (self.dialect, word.first()) else {
            return None;
        };
        let name = bytes.strip_prefix(b"=").filter(|name| !name.is_empty() || word.len() > 1)?;
        if self.option("noequals") {
            return None;
        }
        Some(match self.which(name) {
            _ if word.len() > 1 => Value::Unknown,
            Ok(Some(path)) => Value::of(path.as_os_str().as_bytes()),
            Ok(None) => {
                self.note(Fault::Expansion);
                Value::Unknown
            }
            Err(()) => Value::Unknown,
        })
    }

    /// A word as a pattern, its quoted parts literal.
    pub(super) fn pattern(&mut self, word: &Word) -> Option<Vec<u8>> {
        if let Some(path) = self.equals(word) {
            return path.bytes().map(pattern::escaped);
        }
        let mut out = Vec::new();
        for part in self.parts(word, false) {
            match part {
                Part::Known { bytes, quoted, given, .. } if quoted || given && self.gives_text() => {
                    out.extend_from_slice(&pattern::escaped(&bytes));
                }
                Part::Known { bytes, .. } => out.extend_from_slice(&bytes),
                _ => return None,
            }
        }
        (!self.has_ksh_group(&out)).then_some(out)
    }

    /// A word as a pattern in which a star stands for what is not known.
    pub(super) fn outline(&mut self, word: &Word) -> Vec<u8> {
        let parts = self.parts(word, false);
        self.outline_of(word, &parts)
    }

    fn outline_of(&self, word: &Word, parts: &[Part]) -> Vec<u8> {
        let mut out = Vec::new();
        for (piece, part) in word.iter().zip(parts) {
            match (part, piece) {
                (Part::Known { bytes, quoted: false, given: false, .. }, _) if self.dialect == Dialect::Zsh => {
                    outline_of_pattern(bytes, &mut out);
                }
                (Part::Known { bytes, .. }, _) => out.extend_from_slice(&pattern::escaped(bytes)),
                (_, Piece::Parameter { parameter, .. })
                    if parameter.change == Change::None && parameter.index.is_none() =>
                {
                    let variable = self.variables.get(self.meant(&parameter.name));
                    let outline = variable.filter(|v| v.value == Value::Unknown).and_then(|v| v.outline.as_ref());
                    out.extend_from_slice(outline.map_or(&b"*"[..], |outline| outline.bytes()));
                }
                _ => out.push(b'*'),
            }
        }
        out
    }

    fn field(&mut self, word: &Word, out: &mut Vec<Field>) {
        if let Some(path) = self.equals(word) {
            out.push(field_of(&path));
            return;
        }
        // Most words: nothing in them is replaced or matched.
        if let [Piece::Text { bytes, quoted }] = word.as_slice()
            && (*quoted || bytes.iter().all(|b| is_plain(*b)))
        {
            out.push(Field::Known(bytes.clone()));
            return;
        }
        let parts = self.parts(word, false);
        self.shape = None;
        if parts.iter().any(|part| matches!(part, Part::Unknown)) {
            self.shape = Some(self.outline_of(word, &parts));
        }
        let gives_text = self.gives_text();
        // The field as a pattern, its quoted parts escaped; `None` until something stands in it.
        let mut current: Option<Vec<u8>> = None;
        let mut unknown: Option<Field> = None;
        let finish = |run: &Self, current: &mut Option<Vec<u8>>, unknown: &mut Option<Field>, out: &mut Vec<Field>| {
            let text = current.take();
            if let Some(field) = unknown.take() {
                out.push(field);
            } else if let Some(text) = text {
                run.glob(&text, out);
            }
        };
        for (piece, part) in word.iter().zip(parts) {
            match part {
                Part::Known { bytes, quoted, split: false, given } => {
                    let text = if quoted || given && gives_text { pattern::escaped(&bytes) } else { bytes };
                    current.get_or_insert_default().extend_from_slice(&text);
                }
                Part::Known { bytes, given, .. } => {
                    let Some(separators) = self.separators() else {
                        unknown = Some(Field::Unknown);
                        continue;
                    };
                    let separates = |b: &u8| separators.contains(b);
                    let blank = |b: &u8| separates(b) && b.is_ascii_whitespace();
                    // Blanks in a row count once; of other separators each ends a field.
                    let mut first = true;
                    if bytes.first().is_some_and(blank) && current.is_some() {
                        finish(self, &mut current, &mut unknown, out);
                    }
                    let blanks_only = separators.iter().all(u8::is_ascii_whitespace);
                    if !blanks_only && bytes.iter().any(blank) && bytes.iter().any(separates) {
                        unknown = Some(Field::Unknown);
                        continue;
                    }
                    let ended = bytes.last().is_some_and(separates);
                    let text = if ended && !blanks_only { &bytes[..bytes.len() - 1] } else { &bytes };
                    for piece in text.split(separates).filter(|p| !p.is_empty() || !blanks_only && !text.is_empty()) {
                        if !first {
                            finish(self, &mut current, &mut unknown, out);
                        }
                        first = false;
                        let piece = if given && gives_text { pattern::escaped(piece) } else { piece.to_vec() };
                        current.get_or_insert_default().extend_from_slice(&piece);
                    }
                    if ended && current.is_some() {
                        finish(self, &mut current, &mut unknown, out);
                    }
                }
                Part::Unknown if is_one(piece) => {
                    unknown.get_or_insert(Field::One);
                }
                Part::Unknown => unknown = Some(Field::Unknown),
                Part::Fields(fields) => {
                    // `"$@"` of nothing is no field, not an empty one.
                    if fields.is_empty() && current.as_ref().is_some_and(Vec::is_empty) {
                        current = None;
                    }
                    for (i, field) in fields.into_iter().enumerate() {
                        if i > 0 {
                            finish(self, &mut current, &mut unknown, out);
                        }
                        match field {
                            Field::Known(bytes) => {
                                current.get_or_insert_default().extend_from_slice(&pattern::escaped(&bytes));
                            }
                            Field::One if is_quoted(piece) => {
                                unknown.get_or_insert(Field::One);
                            }
                            _ => unknown = Some(Field::Unknown),
                        }
                    }
                }
                Part::Process(text, line) => {
                    out.push(Field::Process(text, line));
                    return;
                }
            }
        }
        finish(self, &mut current, &mut unknown, out);
    }

    /// `$((…))`
    fn number(&mut self, text: &[u8]) -> Option<i64> {
        self.divides_by_zero.set(false);
        let number = self.arithmetic(text);
        if self.divides_by_zero.take() {
            self.note(Fault::Expansion);
        }
        number
    }

    pub(super) fn parts(&mut self, word: &Word, assignment: bool) -> Vec<Part> {
        let mut out = Vec::with_capacity(word.len());
        let split = self.dialect != Dialect::Zsh || self.option("shwordsplit");
        for (i, piece) in word.iter().enumerate() {
            let part = match piece {
                Piece::Text { bytes, quoted: true } => {
                    Part::Known { bytes: bytes.clone(), quoted: true, split: false, given: false }
                }
                Piece::Text { bytes, quoted } => match self.tildes(bytes, i == 0, i + 1 == word.len(), assignment) {
                    Some(bytes) => Part::Known { bytes, quoted: *quoted, split: false, given: false },
                    None => Part::Unknown,
                },
                Piece::Parameter { parameter, quoted } => {
                    if let Some(several) = self.listed(parameter, *quoted) {
                        several
                    } else {
                        let split = !quoted && (split || parameter.change == Change::Split);
                        let value = self.parameter(parameter);
                        self.put_in(value, *quoted, split, !is_pattern_of_its_own(parameter))
                    }
                }
                Piece::Modified { inner, modifiers, quoted } => {
                    let value = self.modified(inner, modifiers);
                    self.put_in(value, *quoted, false, true)
                }
                Piece::Flagged(flagged) => self.flagged(flagged),
                Piece::Source { function, quoted } => {
                    let value = self.source_of(*function);
                    self.put_in(value, *quoted, false, true)
                }
                Piece::Command { text, line, quoted } => match self.output(text, *line) {
                    Value::Known(token) => {
                        let mut bytes = token.bytes();
                        while let Some(less) = bytes.strip_suffix(b"\n") {
                            bytes = less;
                        }
                        // zsh takes the output of commands apart as well.
                        Part::Known { bytes: bytes.to_vec(), quoted: *quoted, split: !quoted, given: true }
                    }
                    _ => Part::Unknown,
                },
                Piece::Arithmetic(text) => match self.number(text) {
                    Some(number) => {
                        Part::Known { bytes: number.to_string().into_bytes(), quoted: true, split: false, given: true }
                    }
                    None => Part::Unknown,
                },
                Piece::Process { text, line } => Part::Process(Rc::clone(text), *line),
                Piece::Names(beginning) => match self.names_beginning(beginning) {
                    Some(all) => Part::Fields(all.into_iter().map(Field::Known).collect()),
                    None => Part::Unknown,
                },
                Piece::Untold(text) => {
                    self.suspect_inside(text);
                    Part::Unknown
                }
                Piece::Array(_) | Piece::Opaque => Part::Unknown,
            };
            out.push(part);
        }
        out
    }

    /// zsh: what a variable holds is no pattern, unless GLOB_SUBST makes it one.
    fn gives_text(&self) -> bool {
        self.dialect == Dialect::Zsh && !self.option("globsubst")
    }

    /// A value in a word.
    pub(super) fn put_in(&self, value: Value, quoted: bool, split: bool, given: bool) -> Part {
        match value {
            // GLOB_SUBST: a home as well.
            Value::Known(token) if !quoted && token.bytes().contains(&b'~') && self.option("globsubst") => {
                Part::Unknown
            }
            Value::Known(token) if self.growth.takes(token.bytes().len()) => {
                // What is empty is no field of its own.
                let split = split || !quoted && token.bytes().is_empty();
                Part::Known { bytes: token.bytes().to_vec(), quoted, split, given }
            }
            Value::Unset => Part::Known { bytes: Vec::new(), quoted, split: !quoted, given },
            Value::Known(_) | Value::Unknown => Part::Unknown,
        }
    }

    /// The bytes at which an unquoted value is taken apart; `None` where they cannot be told.
    pub(super) fn separators(&self) -> Option<Vec<u8>> {
        match self.value(b"IFS") {
            Value::Known(token) => Some(token.bytes().to_vec()),
            Value::Unset => Some(b" \t\n".to_vec()),
            Value::Unknown => None,
        }
    }

    /// Several values as one: with the first byte of IFS between, where `*` asks for them and in zsh; else with blanks.
    pub(super) fn joined(&self, fields: &[Field], star: bool) -> Option<Vec<u8>> {
        let all: Option<Vec<&[u8]>> = fields.iter().map(Field::bytes).collect();
        let all = all?;
        if all.len() < 2 || self.dialect == Dialect::Bash && !star {
            return Some(all.join(&b' '));
        }
        let separators = self.separators()?;
        Some(all.join(separators.get(..1).unwrap_or_default()))
    }

    /// `~` and `~user` at the start of a word, and in an assignment behind `:`; `None` where that cannot be told.
    fn tildes(&self, bytes: &[u8], first: bool, last: bool, assignment: bool) -> Option<Vec<u8>> {
        if !bytes.contains(&b'~') {
            return Some(bytes.to_vec());
        }
        let parts = bytes.split(|b| *b == b':').count();
        let mut out = Vec::new();
        for (i, part) in bytes.split(|b| *b == b':').enumerate() {
            if i > 0 {
                out.push(b':');
            }
            let starts = if i == 0 { first } else { assignment };
            let whole = part.contains(&b'/') || i + 1 < parts || last;
            if starts && whole && part.starts_with(b"~") {
                let end = part.iter().position(|b| *b == b'/').unwrap_or(part.len());
                let home = match self.named(&part[1..end]) {
                    Value::Unknown => return None,
                    Value::Known(home) => Some(home.bytes().to_vec()),
                    Value::Unset => {
                        let user = OsStr::from_bytes(&part[1..end]);
                        let home = self.system.password_home(Some(user));
                        let is_name = part[1..end].iter().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b));
                        if home.is_none() && end > 1 && is_name && self.dialect == Dialect::Zsh {
                            self.note(Fault::Expansion);
                        }
                        home.map(|p| p.into_os_string().into_encoded_bytes())
                    }
                };
                if let Some(home) = home {
                    out.extend_from_slice(&home);
                    out.extend_from_slice(&part[end..]);
                    continue;
                }
            }
            out.extend_from_slice(part);
        }
        Some(out)
    }

    /// What stands for `~NAME`, where it is no user.
    fn named(&self, name: &[u8]) -> Value {
        let zsh = self.dialect == Dialect::Zsh;
        match name {
            b"" => self.variable(b"HOME"),
            b"+" if !self.dialect.is_sh() => self.value(b"PWD"),
            b"-" if !self.dialect.is_sh() => self.value(b"OLDPWD"),
            // The stack of directories.
            _ if !self.dialect.is_sh() && name.iter().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-')) => {
                Value::Unknown
            }
            _ if zsh && self.named.contains_key(name) => self.named[name].clone(),
            _ if zsh && self.variables.get(b"nameddirs").is_some() => Value::Unknown,
            _ if zsh && is_identifier(name) => match self.value(name) {
                Value::Known(path) if path.bytes().starts_with(b"/") => Value::Known(path),
                Value::Known(_) | Value::Unset => Value::Unset,
                Value::Unknown => Value::Unknown,
            },
            _ => Value::Unset,
        }
    }
}

pub(super) fn field_of(value: &Value) -> Field {
    match value {
        Value::Known(token) => Field::Known(token.bytes().to_vec()),
        Value::Unset => Field::Known(Vec::new()),
        Value::Unknown => Field::Unknown,
    }
}

fn is_quoted(piece: &Piece) -> bool {
    matches!(
        piece,
        Piece::Text { .. }
            | Piece::Parameter { quoted: true, .. }
            | Piece::Command { quoted: true, .. }
            | Piece::Modified { quoted: true, .. }
            | Piece::Source { quoted: true, .. }
            | Piece::Arithmetic(_)
    )
}

/// Whether a piece whose value is not known stays within its word.
fn is_one(piece: &Piece) -> bool {
    let is_list = |p: &Parameter| matches!(p.name.as_slice(), b"@" | b"*") || matches!(p.index, Some(Index::All));
    is_quoted(piece) && !matches!(piece, Piece::Parameter { parameter, .. } if is_list(parameter))
}

/// Whether the value may be a pattern that stands in the reference: `${NAME:-*}`.
fn is_pattern_of_its_own(parameter: &Parameter) -> bool {
    let Change::Else { word, .. } = &parameter.change else { return false };
    word.iter()
        .any(|piece| matches!(piece, Piece::Text { bytes, quoted: false } if !bytes.iter().all(|b| is_plain(*b))))
}

/// `$*`, `${NAME[*]}`
fn is_star(piece: &Piece) -> bool {
    let Piece::Parameter { parameter, .. } = piece else { return false };
    parameter.name == b"*" || parameter.index == Some(Index::Joined)
}

/// A text in which zsh's patterns stand, as an outline. What stands in parentheses at its end only picks among the names.
fn outline_of_pattern(text: &[u8], out: &mut Vec<u8>) {
    let (bare, _) = glob::qualifiers(text).unwrap_or((text, b""));
    for (i, part) in bare.split(|b| *b == b'/').enumerate() {
        if i > 0 {
            out.push(b'/');
        }
        let special = |b: &u8| matches!(b, b'*' | b'?' | b'[' | b'(' | b'<' | b'#' | b'^' | b'~');
        match part.iter().position(special) {
            _ if part == b"**" => out.extend_from_slice(part),
            Some(at) => out.extend([pattern::escaped(&part[..at]), b"*".to_vec()].concat()),
            None => out.extend_from_slice(&pattern::escaped(part)),
        }
    }
}

/// The part of a word between two places, each a piece and a byte in it.
pub(super) fn slice(word: &Word, from: (usize, usize), to: (usize, usize)) -> Word {
    let mut out = Word::new();
    for (i, piece) in word.iter().enumerate().skip(from.0) {
        if i > to.0 || (i == to.0 && to.1 == 0) {
            break;
        }
        match piece {
            Piece::Text { bytes, quoted: false } if i == from.0 || i == to.0 => {
                let start = if i == from.0 { from.1 } else { 0 };
                let end = if i == to.0 { to.1 } else { bytes.len() };
                out.push(Piece::Text { bytes: bytes[start..end].to_vec(), quoted: false });
            }
            _ => out.push(piece.clone()),
        }
    }
    out
}

/// Whether the owner or the mode lets this user do it; root may read all, and run what anybody may.
pub(super) fn permitted(system: &dyn System, path: &Path, bit: u32) -> bool {
    let Ok(stat) = system.stat(path) else { return false };
    let uid = system.uid();
    if uid == 0 {
        return bit != 0o1 || stat.mode & 0o111 != 0 || stat.kind == crate::system::Kind::Dir;
    }
    if stat.uid == uid { stat.mode & (bit << 6) != 0 } else { stat.mode & bit != 0 || stat.mode & (bit << 3) != 0 }
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    #[test]
    fn zsh_makes_a_word_of_each_element() {
        for (text, value) in [
            ("for f in ${^d}/x.zsh(N); do . $f; done\n", Value::of(b"b")),
            ("for f in $^d/x.zsh(N.); do . $f; done\n", Value::of(b"b")),
            ("for f in ${^d}/x.zsh; do [[ -f $f ]] && . $f; done\n", Value::of(b"b")),
            ("e=(1 2); l=(${^d}-${^e})\nexport HF_TOKEN=$l[3]\n", Value::of(b"/home/u/e-1")),
            ("setopt rc_expand_param; set -- p$d\nexport HF_TOKEN=$#:$2\n", Value::of(b"2:p/home/u/e")),
            ("d=(); set -- ${^d}x\nexport HF_TOKEN=$#\n", Value::of(b"0")),
            ("d=k; set -- p${^d}x\nexport HF_TOKEN=$1\n", Value::of(b"pkx")),
            ("export HF_TOKEN=\"p${^d}\"\n", Value::Unknown),
            // What picks among the names of files that nobody can tell.
            ("for f in $(rev x)/e/x.zsh(N.); do . $f; done\n", Value::Unknown),
            ("for f in ~/$(rev x)/*.zsh(N); do . $f; done\n", Value::Unknown),
        ] {
            let fake = Fake::home()
                .file("/home/u/.zshrc", format!("d=(~/d ~/e)\n{text}"))
                .file("/home/u/e/x.zsh", "export HF_TOKEN=b\n")
                .mode("/usr/bin/rev", "\x7fELF", 0o755)
                .var("PATH", "/usr/bin");
            let next = start(&fake, Shell::Zsh, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
            assert_eq!(next.variable("HF_TOKEN").value, value, "{text}");
        }
    }
}
