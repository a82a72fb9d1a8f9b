//! `$1`, `$2` and so on.

use std::rc::Rc;

use super::expand::Field;
use crate::secret::Token;
use crate::state::startup::value::{Elements, Value};

/// The arguments of the shell, of a function, of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Arguments {
    /// Those that are there, whether what they are is known or not.
    values: Vec<Value>,
    /// Behind them come any number of others.
    more: bool,
}

impl Arguments {
    /// What is given to a command.
    pub(super) fn of<'f>(fields: impl IntoIterator<Item = &'f Field>) -> Self {
        let mut values = Vec::new();
        for field in fields {
            match field {
                Field::Known(bytes) => values.push(Value::of(bytes)),
                // Behind these nobody can tell which is which.
                Field::Unknown => return Self { values, more: true },
                _ => values.push(Value::Unknown),
            }
        }
        Self { values, more: false }
    }

    /// Of which nothing is known.
    pub(super) fn unknown() -> Self {
        Self { values: Vec::new(), more: true }
    }

    pub(super) fn elements(all: &Elements) -> Self {
        Self { values: all.iter().map(|one| Value::Known(Rc::clone(one))).collect(), more: false }
    }

    /// `$#`; `None` where that cannot be told.
    pub(super) fn count(&self) -> Option<usize> {
        (!self.more).then_some(self.values.len())
    }

    /// `$1` is the first.
    pub(super) fn get(&self, number: usize) -> Value {
        match number.checked_sub(1).and_then(|at| self.values.get(at)) {
            Some(value) => value.clone(),
            None if self.more && number > 0 => Value::Unknown,
            None => Value::Unset,
        }
    }

    /// All of them, where they are known; one without a value is empty.
    pub(super) fn known(&self) -> Option<Elements> {
        let one = |value: &Value| match value {
            Value::Known(token) => Some(Rc::clone(token)),
            Value::Unset => Some(Rc::new(Token::new(Vec::new()))),
            Value::Unknown => None,
        };
        if self.more { None } else { self.values.iter().map(one).collect() }
    }

    /// `"$@"`
    pub(super) fn fields(&self) -> Vec<Field> {
        let one = |value: &Value| match value {
            Value::Known(token) => Field::Known(token.bytes().to_vec()),
            Value::Unset => Field::Known(Vec::new()),
            Value::Unknown => Field::One,
        };
        self.values.iter().map(one).chain(self.more.then_some(Field::Unknown)).collect()
    }

    /// Takes away the first ones; false where there are not so many.
    pub(super) fn shift(&mut self, number: usize) -> bool {
        if number > self.values.len() && !self.more {
            return false;
        }
        self.values.drain(..number.min(self.values.len()));
        true
    }
}
