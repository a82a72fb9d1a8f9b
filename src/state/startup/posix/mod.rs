//! bash, zsh and sh: what their start-up text does to variables.
//!
//! The text is run, not searched: branches, functions, `source`, patterns and `set -a` count. A condition that cannot be
//! told offline makes both ways possible. Programs are not started, so what they print is not known, but for the few
//! that merely repeat, pick or cut what stands there (`tools`): where a start-up file reads its own files with them, that is
//! worked out, pipes, `read` and here-documents included. Where such a text runs what a program prints, only the names
//! that stand in what that program was given are in doubt: its arguments, the files there, its input, and the program
//! itself where it is a script. A file that nobody can name may set anything. Not seen: what `eval "$(program)"` would
//! set else, traps, arrays with keys of their own, most of zsh's flags.

mod alias;
mod arithmetic;
mod array;
mod aside;
mod builtins;
mod change;
mod compound;
mod declare;
mod expand;
mod fault;
mod flow;
mod function;
mod glob;
mod options;
pub(super) mod order;
mod output;
mod parse;
pub(super) mod pattern;
mod read;
mod reference;
mod run;
mod syntax;
mod test;
mod variable;
mod words;
mod written;

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
