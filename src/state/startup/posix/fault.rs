//! What a command that fails ends: the file, the line, or nothing. The shells differ, and a start-up file whose third
//! line is wrong sets in one of them what it does not set in another.
//!
//! Asked of dash 0.5.12, bash 5.2 and zsh 5.9 (`ERRORS` in `tests/startup/forms.py`).

use super::Dialect;
use super::run::{Flow, Run};
use crate::state::startup::value::Truth;

/// How a command fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A word cannot be expanded: an unset variable under `set -u`, zsh's `=program` that is not there.
    Expansion,
    /// `${NAME?}`, which is there to end things.
    Required,
    /// `NAME=value` where the variable is readonly.
    ReadOnly,
    /// A builtin of POSIX's special ones refuses its arguments: `export 1A=x`, `unset A-B`.
    Builtin,
    /// Likewise, but only dash makes much of it: a wrong option, `shift` beyond the end.
    Usage,
    /// The text that follows is not understood.
    Syntax,
}

impl Run<'_> {
    /// The command failed: says what that ends.
    pub(super) fn fault(&mut self, fault: Fault) -> Flow {
        (self.status, self.failure) = (Truth::No, (fault == Fault::Syntax).then_some(2));
        match (self.dialect, fault) {
            (Dialect::Sh | Dialect::Dash, _) | (Dialect::Zsh, Fault::Required) => Flow::Fail,
            (Dialect::Zsh, Fault::Expansion | Fault::ReadOnly | Fault::Builtin) => Flow::Abort,
            (Dialect::Bash, Fault::Expansion | Fault::Required | Fault::ReadOnly) => Flow::Discard,
            (Dialect::Zsh, Fault::Usage | Fault::Syntax)
            | (Dialect::Bash, Fault::Builtin | Fault::Usage | Fault::Syntax) => Flow::Go,
        }
    }

    /// The first fault of the words that were just expanded.
    pub(super) fn taken_fault(&mut self) -> Option<Flow> {
        let fault = self.expansion_fault.take()?;
        Some(self.fault(fault))
    }

    /// Notes that a word cannot be expanded; the command that it belongs to asks.
    pub(super) fn note(&self, fault: Fault) {
        if self.expansion_fault.get().is_none() {
            self.expansion_fault.set(Some(fault));
        }
    }
}
