//! zsh: `is-at-least`, a function that comes with it.

use std::cmp::Ordering;

use super::expand::Field;
use super::run::Run;
use crate::state::startup::value::{Truth, Value};

impl Run<'_> {
    /// `is-at-least WANTED [VERSION]`: zsh's own version where no other is given.
    pub(super) fn is_at_least(&self, arguments: &[Field]) -> Truth {
        let own = self.value(b"ZSH_VERSION");
        let (wanted, version) = match arguments {
            [wanted] => (wanted.bytes(), own.bytes()),
            [wanted, version] => (wanted.bytes(), version.bytes()),
            _ => return Truth::Maybe,
        };
        match (wanted.and_then(numbers), version.and_then(numbers)) {
            (Some(wanted), Some(version)) => {
                let parts = wanted.len().max(version.len());
                let part = |all: &[u32], i: usize| all.get(i).copied().unwrap_or(0);
                let order = (0..parts).map(|i| part(&version, i).cmp(&part(&wanted, i)));
                Truth::of(order.fold(Ordering::Equal, Ordering::then) != Ordering::Less)
            }
            _ => Truth::Maybe,
        }
    }

    /// Whether it is the function of zsh that a command of this name calls.
    pub(super) fn calls_own(&self, name: &[u8]) -> bool {
        self.value(b"ZSH_VERSION") != Value::Unset && self.autoloaded.contains(&Some(name.to_vec()))
    }
}

/// `5.0.8`; nothing where another character stands in it.
fn numbers(version: &[u8]) -> Option<Vec<u32>> {
    std::str::from_utf8(version).ok()?.split('.').map(|part| part.parse().ok()).collect()
}
