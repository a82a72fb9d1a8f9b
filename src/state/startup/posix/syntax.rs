//! The commands of a POSIX shell, bash and zsh among them, as far as start-up files use them.

use std::cell::OnceCell;
use std::rc::Rc;

use super::flags::Flagged;

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
    /// `(…)` behind `NAME=` in a declaration.
    Array(Vec<Word>),
    /// bash: `${!BEGINNING@}`, the names of variables.
    Names(Vec<u8>),
    /// zsh: `$NAME:t`, `${NAME:A:h}`, with the letters of the modifiers.
    Modified { inner: Box<Piece>, modifiers: Vec<u8>, quoted: bool },
    /// zsh: `${(%):-%x}`, the file that is read, and `%N`, the function that runs or else that file.
    Source { function: bool, quoted: bool },
    /// zsh: `${(f)…}`, `${(j.:.)…}` and their like.
    Flagged(Box<Flagged>),
    /// `${…}` of which only the end is understood, for most of zsh's flags: what stands in it.
    Untold(Rc<[u8]>),
    /// What is understood only as far as to find its end.
    Opaque,
}

impl Piece {
    /// A reference to a variable.
    pub(super) fn of(name: Vec<u8>, index: Option<Index>, change: Change, quoted: bool) -> Self {
        Self::Parameter { parameter: Box::new(Parameter { name, index, change }), quoted }
    }
}

/// A reference to a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameter {
    pub(super) name: Vec<u8>,
    pub(super) index: Option<Index>,
    pub(super) change: Change,
}

/// Which elements of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Index {
    /// `[@]`
    All,
    /// `[*]`
    Joined,
    /// A number, an expression, the key of an associative array.
    At(Rc<[u8]>),
}

/// What is done to the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    None,
    /// `${#NAME}`
    Length,
    /// zsh: `${+NAME}`
    IsSet,
    /// The variable whose name the value is: bash's `${!NAME}`, zsh's `${(P)NAME}`.
    Indirect,
    /// zsh: `${=NAME}`, taken apart at blanks.
    Split,
    /// bash: `${!NAME[@]}`, the indices.
    Indices,
    /// zsh: `${(o)NAME}`, `${(O)NAME}` and `${(u)NAME}`, an array in order, or each element once.
    Order {
        sorted: bool,
        backwards: bool,
        once: bool,
    },
    /// bash's `^^`, `,,`, `^` and `,`; zsh's `(U)` and `(L)`.
    Case {
        upper: bool,
        all: bool,
    },
    /// `/PATTERN/WORD`
    Replace {
        all: bool,
        at: Anchor,
        pattern: Word,
        with: Word,
    },
    /// `:OFFSET` and `:OFFSET:LENGTH`, expressions.
    Part {
        offset: Rc<[u8]>,
        length: Option<Rc<[u8]>>,
    },
    /// `-`, `=`, `?` or `+`; with a colon, an empty value counts as unset. zsh's `::=` is `:`.
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
    /// dash: what other shells have, and an error.
    Wrong,
    /// zsh: `${^NAME}`: one word for each element of an array.
    Each,
    /// What is not modelled.
    Other,
}

impl Change {
    /// In double quotes the elements of an array do not become words of their own.
    pub(super) fn in_quotes(self, quoted: bool) -> Self {
        if quoted && self == Self::Each { Self::Other } else { self }
    }
}

/// Where a pattern has to match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Anywhere,
    Start,
    End,
}

/// `NAME=…` before a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) name: Vec<u8>,
    pub(super) append: bool,
    pub(super) value: Assigned,
}

/// What stands behind the `=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Assigned {
    Word(Word),
    /// `(…)`
    Array(Vec<Word>),
    /// What an element of an array becomes, and which.
    Element {
        index: Rc<[u8]>,
        word: Word,
    },
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Simple {
        assignments: Vec<Assignment>,
        words: Vec<Word>,
        input: Option<Input>,
        /// What it prints goes elsewhere: `> FILE`, `>&2`.
        silent: Option<Word>,
        line: u32,
    },
    /// A compound command with redirections behind it.
    Redirected {
        body: Box<Command>,
        input: Option<Input>,
        silent: Option<Word>,
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
    /// `names`: in zsh there may be several. `words`: `None` for `for x; do`, the positional parameters.
    For {
        names: Vec<Vec<u8>>,
        words: Option<Vec<Word>>,
        body: Vec<Command>,
    },
    /// `for ((FIRST; CONDITION; STEP))`; zsh's `repeat COUNT`.
    Count {
        head: Count,
        body: Vec<Command>,
    },
    /// Run any number of times: `select`.
    Repeat(Vec<Command>),
    Case {
        word: Word,
        arms: Vec<Arm>,
    },
    Function {
        name: Vec<u8>,
        body: Rc<Command>,
    },
    /// zsh: a function without a name, run at once.
    Anonymous {
        body: Rc<Command>,
        arguments: Vec<Word>,
    },
    Group(Vec<Command>),
    /// zsh: what comes after is run however the body ends.
    Always {
        body: Box<Command>,
        after: Vec<Command>,
    },
    Subshell(Vec<Command>),
    /// `[[ … ]]`, its words and operators.
    Condition(Vec<Token>),
    /// `(( … ))`
    Arithmetic(Rc<[u8]>),
}

/// How often the body of a loop is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Count {
    Expressions([Rc<[u8]>; 3]),
    Times(Word),
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
