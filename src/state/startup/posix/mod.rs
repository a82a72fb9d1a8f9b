//! bash, zsh and sh: what their start-up text does to variables.
//!
//! The text is run, not searched: branches, functions, `source`, patterns and `set -a` count. A condition that cannot be
//! told offline makes both ways possible. Programs are not started, so what they print is not known, but for the few
//! that merely repeat what stands there (`echo`, `cat`, `printf`, `uname`). Not seen: what `eval "$(program)"` would
//! set, traps, aliases that replace a builtin, arrays, and arithmetic.

mod aside;
mod builtins;
mod compound;
mod expand;
mod fault;
mod flow;
mod output;
mod parse;
pub(super) mod pattern;
mod run;
mod syntax;
mod test;
mod words;

pub(super) use aside::Aside;
pub(super) use run::Run;

/// Which shell reads the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Bash,
    Zsh,
    /// dash, bash's POSIX mode, ksh.
    Sh,
}
