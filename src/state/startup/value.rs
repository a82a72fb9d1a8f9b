//! What a shell's variables may hold after a text has run: known, not set, or not to be told.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use crate::finding::Location;
use crate::secret::Token;

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// These bytes; a token more often than not, so overwritten when dropped.
    Known(Rc<Token>),
    /// Not set.
    Unset,
    /// Set or not, to what cannot be told without running a command.
    Unknown,
}

impl Value {
    /// A known value.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self::Known(Rc::new(Token::new(bytes.to_vec())))
    }

    /// The bytes, where they are known.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Known(token) => Some(token.bytes()),
            _ => None,
        }
    }
}

/// Bytes that references may put in during one run. Shells have no such limit: sixty lines that each name the line before
/// twice make a value that no memory holds, and a linter must not follow them there.
#[derive(Debug)]
pub(super) struct Growth(Cell<usize>);

impl Growth {
    pub(super) fn new() -> Self {
        Self(Cell::new(16 * 1024 * 1024))
    }

    /// Whether so many more may come; after the first refusal nothing may.
    pub(super) fn takes(&self, bytes: usize) -> bool {
        let left = self.0.get().checked_sub(bytes);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// Yes, no, or not to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    Maybe,
}

impl Truth {
    pub(super) fn of(known: bool) -> Self {
        if known { Self::Yes } else { Self::No }
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
        }
    }

    fn or_maybe(self, other: Self) -> Self {
        if self == other { self } else { Self::Maybe }
    }
}

/// A file, and a line in it from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: Rc<Path>,
    pub(super) line: u32,
}

impl Place {
    pub(super) fn location(&self) -> Location {
        Location::line(&*self.path, self.line)
    }
}

/// A variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) value: Value,
    /// Whether programs get it.
    pub(super) exported: Truth,
    pub(super) readonly: bool,
    /// Whether what it is set to is changed: an integer, upper case. A number stays as it is.
    pub(super) changes: bool,
    /// Whether what it is set to is an arithmetic expression, which may be none: an integer.
    pub(super) computes: bool,
    /// Where it was set last; `None` where it came with the environment.
    pub(super) place: Option<Place>,
    /// Of an array: its elements, where they are known. Its value is then `Unknown`, as no program gets it.
    pub(super) elements: Option<Elements>,
    /// Likewise of an array with keys of its own.
    pub(super) pairs: Option<Pairs>,
    /// Of a value that is not known in whole: a pattern with a star for what is not.
    pub(super) outline: Option<Rc<Token>>,
}

/// What an array with keys of its own holds.
pub(super) type Pairs = Rc<BTreeMap<Vec<u8>, Rc<Token>>>;

/// What an array holds.
pub(super) type Elements = Rc<[Rc<Token>]>;

impl Variable {
    /// One that came with the environment.
    pub(super) fn inherited(bytes: &[u8]) -> Self {
        Self { value: Value::of(bytes), exported: Truth::Yes, ..Self::unset() }
    }

    /// One that is set to nothing.
    pub(super) fn unset() -> Self {
        Self::new(Value::Unset, Truth::No, None)
    }

    /// One that may be changed.
    pub(super) fn new(value: Value, exported: Truth, place: Option<Place>) -> Self {
        Self {
            value,
            exported,
            readonly: false,
            changes: false,
            computes: false,
            place,
            elements: None,
            pairs: None,
            outline: None,
        }
    }
}

/// All variables by name. What is not in it is not set. Names and variables are shared, since each way that a text may
/// take has a copy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Variables(Rc<BTreeMap<Rc<[u8]>, Rc<Variable>>>);

impl Variables {
    pub(super) fn get(&self, name: &[u8]) -> Option<&Variable> {
        self.0.get(name).map(Rc::as_ref)
    }

    /// The names of those that are set, or may be, and begin so.
    pub(super) fn beginning_with(&self, beginning: &[u8]) -> impl Iterator<Item = &[u8]> {
        let set = self.0.iter().filter(|(_, v)| v.value != Value::Unset);
        set.map(|(name, _)| &**name).filter(move |name| name.starts_with(beginning))
    }

    pub(super) fn is_readonly(&self, name: &[u8]) -> bool {
        self.get(name).is_some_and(|v| v.readonly)
    }

    pub(super) fn value(&self, name: &[u8]) -> Value {
        self.0.get(name).map_or(Value::Unset, |v| v.value.clone())
    }

    pub(super) fn entry(&mut self, name: &[u8]) -> &mut Variable {
        let map = Rc::make_mut(&mut self.0);
        Rc::make_mut(map.entry(name.into()).or_insert_with(|| Rc::new(Variable::unset())))
    }

    pub(super) fn put(&mut self, name: &[u8], variable: Variable) {
        Rc::make_mut(&mut self.0).insert(name.into(), Rc::new(variable));
    }

    pub(super) fn remove(&mut self, name: &[u8]) -> Option<Variable> {
        if !self.0.contains_key(name) {
            return None;
        }
        Rc::make_mut(&mut self.0).remove(name).map(Rc::unwrap_or_clone)
    }

    /// What holds after one of two ways was taken, and nobody can tell which.
    pub(super) fn merge(&mut self, other: &Self) {
        if Rc::ptr_eq(&self.0, &other.0) {
            return;
        }
        let differs = |name: &Rc<[u8]>, theirs: &Rc<Variable>| {
            self.0.get(name).is_none_or(|mine| !Rc::ptr_eq(mine, theirs) && mine != theirs)
        };
        let only_mine = self.0.keys().filter(|name| !other.0.contains_key(*name));
        let names: Vec<Rc<[u8]>> =
            other.0.iter().filter(|(n, v)| differs(n, v)).map(|(n, _)| n).chain(only_mine).map(Rc::clone).collect();
        for name in names {
            let mine = self.0.get(&name).map_or_else(Variable::unset, |v| Variable::clone(v));
            let theirs = other.0.get(&name).map_or_else(Variable::unset, |v| Variable::clone(v));
            let same = mine.value == theirs.value;
            let merged = Variable {
                value: if same { mine.value } else { Value::Unknown },
                exported: mine.exported.or_maybe(theirs.exported),
                readonly: mine.readonly && theirs.readonly,
                changes: mine.changes || theirs.changes,
                computes: mine.computes || theirs.computes,
                place: mine.place.or(theirs.place),
                elements: if mine.elements == theirs.elements { mine.elements } else { None },
                pairs: if mine.pairs == theirs.pairs { mine.pairs } else { None },
                outline: if same && mine.outline == theirs.outline { mine.outline } else { None },
            };
            Rc::make_mut(&mut self.0).insert(name, Rc::new(merged));
        }
    }
}

/// Which files may be meant by a path of which a part is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meant {
    /// Those that fit, in a directory that is known.
    Fitting,
    /// One that a package brought, which tells nothing of credentials; or one of the person's own (see `own`).
    Package,
    /// Any.
    Any,
}

impl Meant {
    /// By the path, with a star for what is not known. Where not even the directory is known, it may be any, but for a file
    /// that is named without a dot in front (`$(brew --prefix)/etc/bash_completion`, `$(brew --prefix nvm)/nvm.sh`): for each
    /// of those a person's own value would be called unknown.
    pub(super) fn by(outline: &[u8]) -> Self {
        let star = outline.iter().position(|b| *b == b'*').unwrap_or(outline.len());
        let name = outline.rsplit(|b| *b == b'/').next().unwrap_or_default();
        if outline.starts_with(b"/") && outline[1..star].contains(&b'/') {
            Self::Fitting
        } else if name.len() == outline.len() || name.starts_with(b".") || name.contains(&b'*') {
            Self::Any
        } else {
            Self::Package
        }
    }

    /// Where a package's file may be one of the person's own all the same: by the end of its path, in a directory of dotfiles
    /// that somebody works out (`$(dirname "$(python3 …)")/env.sh`), at home or a level or two below it. Patterns.
    pub(super) fn own(outline: &[u8], home: &Value) -> Vec<Vec<u8>> {
        let end = outline.iter().rposition(|b| *b == b'*').and_then(|star| outline[star + 1..].strip_prefix(b"/"));
        let (Some(end), Some(home)) = (end, home.bytes()) else { return Vec::new() };
        let below = [&b"/"[..], b"/*/", b"/.*/", b"/.config/*/", b"/*/*/", b"/.*/*/"];
        below.map(|between| [home, between, end].concat()).to_vec()
    }
}
