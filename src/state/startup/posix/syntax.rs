//! The commands of a POSIX shell, bash and zsh among them, as far as start-up files use them.

use std::cell::OnceCell;
use std::rc::Rc;

/// A word, in pieces that are put together when it is expanded.
pub(super) type Word = Vec<Piece>;

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text; quoted text is neither a pattern nor split.
    Text { bytes: Vec<u8>, quoted: bool },
    /// `$NAME`, `${NAME…}`.
    Parameter { parameter: Box<Parameter>, quoted: bool },
    /// `$(…)` and `` `…` ``: its text.
    Command { text: Rc<[u8]>, line: u32, quoted: bool },
    /// `$((…))`.
    Arithmetic(Rc<[u8]>),
    /// `<(…)`: its text.
    Process { text: Rc<[u8]>, line: u32 },
    /// What is understood only as far as to find its end: arrays, zsh's flags.
    Opaque,
}

/// A reference to a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameter {
    pub(super) name: Vec<u8>,
    pub(super) change: Change,
}

/// What is done to the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    None,
    /// `${#NAME}`
    Length,
    /// `-`, `=`, `?` or `+`; with a colon, an empty value counts as unset.
    Else {
        operator: u8,
        colon: bool,
        word: Word,
    },
    /// `#`, `##`, `%`, `%%`
    Trim {
        end: bool,
        longest: bool,
        pattern: Word,
    },
    /// What is not modelled.
    Other,
}

/// `NAME=…` before a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) name: Vec<u8>,
    pub(super) append: bool,
    /// `None` for an array or an element of one.
    pub(super) value: Option<Word>,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Simple {
        assignments: Vec<Assignment>,
        words: Vec<Word>,
        input: Option<Input>,
        /// What it prints goes elsewhere: `> FILE`, `>&2`.
        silent: bool,
        line: u32,
    },
    /// A compound command with redirections behind it.
    Redirected {
        body: Box<Command>,
        input: Option<Input>,
        silent: bool,
    },
    /// Joined by `|`; each but zsh's last one in a process of its own.
    Pipeline {
        commands: Vec<Command>,
        negated: bool,
    },
    /// `&&` (true) and `||`.
    AndOr {
        first: Box<Command>,
        rest: Vec<(bool, Command)>,
    },
    /// With `&` behind it.
    Background,
    If {
        arms: Vec<(Vec<Command>, Vec<Command>)>,
        otherwise: Vec<Command>,
    },
    While {
        until: bool,
        condition: Vec<Command>,
        body: Vec<Command>,
    },
    /// `words`: `None` for `for x; do`, the positional parameters.
    For {
        name: Vec<u8>,
        words: Option<Vec<Word>>,
        body: Vec<Command>,
    },
    /// Run any number of times: `for ((…))`, `select`, `repeat`.
    Repeat(Vec<Command>),
    Case {
        word: Word,
        arms: Vec<Arm>,
    },
    Function {
        name: Vec<u8>,
        body: Rc<Command>,
    },
    Group(Vec<Command>),
    Subshell(Vec<Command>),
    /// `[[ … ]]`, its words and operators.
    Condition(Vec<Token>),
    /// `(( … ))`
    Arithmetic(Rc<[u8]>),
}

/// Standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    /// `< FILE`, `< <(…)`
    File(Word),
    /// `<<< WORD`
    Word(Word),
    /// A here-document; its text is read behind the command.
    Here(Rc<OnceCell<Word>>),
}

/// An arm of `case`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arm {
    pub(super) patterns: Vec<Word>,
    pub(super) body: Vec<Command>,
    /// `;&` runs on into the next arm, `;;&` goes on looking.
    pub(super) next: Next,
}

/// What follows an arm that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    End,
    Fall,
    Look,
}

/// A part of `[[ … ]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(Word),
    And,
    Or,
    Not,
    Open,
    Close,
    Less,
    More,
}
