//! Reads fish's text into statements.

use std::rc::Rc;

/// A word in pieces.
pub(super) type Word = Vec<Piece>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text {
        bytes: Vec<u8>,
        quoted: bool,
    },
    Variable {
        name: Vec<u8>,
        quoted: bool,
    },
    /// `(…)`, `$(…)`: its text.
    Command {
        text: Rc<[u8]>,
        quoted: bool,
    },
    /// `$name[…]`, `(…)[…]`: a part of a list, numbered.
    Part {
        of: Box<Piece>,
        index: Word,
    },
    /// `$$name`: the variables that a list names.
    Named {
        by: Box<Piece>,
        quoted: bool,
    },
    /// What cannot be told.
    Opaque,
}

impl Piece {
    /// Whether it is what a command prints, or a part of that.
    pub(super) fn is_of_command(&self) -> bool {
        match self {
            Self::Part { of, .. } | Self::Named { by: of, .. } => of.is_of_command(),
            piece => matches!(piece, Self::Command { .. }),
        }
    }
}

/// A file that is printed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) file: Word,
    /// Whether what is printed is all that will stand there.
    pub(super) is_all: bool,
    /// `>? FILE`: not where a file stands there.
    pub(super) is_new: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Statement {
    Command {
        words: Vec<Word>,
        /// `< FILE`
        input: Option<Word>,
        line: u32,
    },
    /// A block with `< FILE` behind it.
    Redirected {
        body: Box<Statement>,
        input: Word,
    },
    /// What it prints goes elsewhere; `silent` unless that is of its errors alone.
    Redirecting {
        body: Box<Statement>,
        targets: Vec<Target>,
        silent: bool,
    },
    /// `a | b`
    Pipe(Vec<Statement>),
    /// `a && b`, and lines that begin with `and`, `or`: the condition on the status before.
    When {
        success: bool,
        then: Box<Statement>,
    },
    Not(Box<Statement>),
    /// `NAME=value …` before a statement: for that alone.
    Assigned {
        assignments: Vec<(Vec<u8>, Word)>,
        then: Box<Statement>,
    },
    /// `… &`: only programs go on by themselves; builtins, blocks and functions run in the shell all the same.
    Background(Box<Statement>),
    If {
        arms: Vec<(Vec<Statement>, Vec<Statement>)>,
        otherwise: Vec<Statement>,
    },
    While {
        condition: Vec<Statement>,
        body: Vec<Statement>,
    },
    For {
        name: Vec<u8>,
        words: Vec<Word>,
        body: Vec<Statement>,
    },
    Switch {
        word: Word,
        arms: Vec<(Vec<Word>, Vec<Statement>)>,
    },
    Function {
        /// Its name and its options.
        words: Vec<Word>,
        body: Rc<[Statement]>,
    },
    Begin(Vec<Statement>),
}

impl Statement {
    /// Its own words, but those of a function that it defines.
    pub(super) fn words(&self) -> Vec<&Word> {
        match self {
            Self::Command { words, input, .. } => words.iter().chain(input).collect(),
            Self::Redirected { input, .. } => vec![input],
            Self::Assigned { assignments, .. } => assignments.iter().map(|(_, word)| word).collect(),
            Self::For { words, .. } => words.iter().collect(),
            Self::Switch { word, .. } => vec![word],
            _ => Vec::new(),
        }
    }

    /// The statements that it runs.
    pub(super) fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Command { .. } | Self::Function { .. } => Vec::new(),
            Self::Redirected { body, .. } | Self::Redirecting { body, .. } => vec![body],
            Self::When { then, .. } | Self::Assigned { then, .. } => vec![then],
            Self::Not(inner) | Self::Background(inner) => vec![inner],
            Self::Pipe(parts) | Self::Begin(parts) | Self::For { body: parts, .. } => parts.iter().collect(),
            Self::While { condition, body } => condition.iter().chain(body).collect(),
            Self::If { arms, otherwise } => {
                arms.iter().flat_map(|(condition, body)| condition.iter().chain(body)).chain(otherwise).collect()
            }
            Self::Switch { arms, .. } => arms.iter().flat_map(|(_, body)| body).collect(),
        }
    }
}

pub(super) const DEEPEST: u32 = 60;

pub(super) struct Program {
    pub(super) statements: Vec<Statement>,
    /// fish runs nothing of a file that it does not understand.
    pub(super) whole: bool,
}

/// What `eval` runs, and what a command substitution does.
pub(super) fn program(text: &[u8]) -> Program {
    Parser { text, at: 0, line: 1, depth: 0, in_loop: true, redirects: None, silent: false }.program()
}

/// A file: `break` outside of a loop is an error of all of it.
pub(super) fn file(text: &[u8]) -> Program {
    Parser { text, at: 0, line: 1, depth: 0, in_loop: false, redirects: None, silent: false }.program()
}

pub(super) struct Parser<'t> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
    pub(super) line: u32,
    pub(super) depth: u32,
    /// Whether `break` and `continue` may stand here.
    pub(super) in_loop: bool,
    /// The files of the redirections that were read last.
    pub(super) redirects: Option<Vec<Target>>,
    /// Whether they are of what is printed, not of errors alone.
    pub(super) silent: bool,
}

pub(super) fn is_meta(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

pub(super) fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// The name of `NAME=…`. Source: fish 3.6.0, `variable_assignment_equals_pos`.
fn assigned(word: &[u8]) -> Option<&[u8]> {
    let length = word.iter().take_while(|b| is_name(**b)).count();
    (length > 0 && word.get(length) == Some(&b'=')).then(|| &word[..length])
}

impl Parser<'_> {
    fn program(mut self) -> Program {
        match self.block(&[]) {
            Some(statements) if self.at >= self.text.len() => Program { statements, whole: true },
            _ => Program { statements: Vec::new(), whole: false },
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let b = self.peek()?;
        self.at += 1;
        self.line += u32::from(b == b'\n');
        Some(b)
    }

    fn blanks(&mut self) {
        loop {
            match self.rest() {
                [b' ' | b'\t' | b'\r', ..] => self.at += 1,
                [b'\\', b'\n', ..] => {
                    self.at += 2;
                    self.line += 1;
                    // A line of comment does not end what is continued.
                    loop {
                        self.at += self.rest().iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
                        if self.peek() != Some(b'#') {
                            break;
                        }
                        self.comment();
                        self.next();
                    }
                }
                [b'#', ..] => self.comment(),
                _ => return,
            }
        }
    }

    fn comment(&mut self) {
        self.at += self.rest().iter().take_while(|b| **b != b'\n').count();
    }

    fn separators(&mut self) {
        loop {
            self.blanks();
            match self.peek() {
                Some(b'\n' | b';') => {
                    self.next();
                }
                _ => return,
            }
        }
    }

    fn raw(&self) -> &[u8] {
        let rest = self.rest();
        &rest[..rest.iter().take_while(|b| !is_meta(**b)).count()]
    }

    fn at_word(&self, word: &[u8]) -> bool {
        self.raw() == word
    }

    fn eat_word(&mut self, word: &[u8]) -> bool {
        let found = self.at_word(word);
        if found {
            self.at += word.len();
        }
        found
    }

    /// Statements up to one of the words, which is not taken, or the end.
    pub(super) fn block(&mut self, ends: &[&[u8]]) -> Option<Vec<Statement>> {
        let mut out = Vec::new();
        loop {
            self.separators();
            if self.at >= self.text.len() {
                return ends.is_empty().then_some(out);
            }
            if ends.iter().any(|e| self.at_word(e)) {
                return Some(out);
            }
            self.job(&mut out)?;
            self.blanks();
            match self.rest() {
                [] | [b'\n' | b';', ..] => {}
                [b'&', ..] => {
                    self.at += 1;
                    let statement = out.pop()?;
                    out.push(Statement::Background(Box::new(statement)));
                }
                _ => return None,
            }
        }
    }

    /// Pipelines joined by `&&` and `||`.
    fn job(&mut self, out: &mut Vec<Statement>) -> Option<()> {
        let mut when = None;
        loop {
            let statement = self.pipeline()?;
            out.push(match when {
                Some(success) => Statement::When { success, then: Box::new(statement) },
                None => statement,
            });
            self.blanks();
            when = match self.rest() {
                [b'&', b'&', ..] => Some(true),
                [b'|', b'|', ..] => Some(false),
                _ => return Some(()),
            };
            self.at += 2;
            self.newlines();
        }
    }

    fn newlines(&mut self) {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return;
            }
            self.next();
        }
    }

    fn pipeline(&mut self) -> Option<Statement> {
        self.blanks();
        for (word, success) in [(b"and".as_slice(), true), (b"or", false)] {
            if self.at_word(word) {
                self.at += word.len();
                let then = self.pipeline()?;
                return Some(Statement::When { success, then: Box::new(then) });
            }
        }
        if (self.at_word(b"not") || self.at_word(b"!")) && self.takes_argument(self.raw().len()) {
            self.at += self.raw().len();
            return Some(Statement::Not(Box::new(self.pipeline()?)));
        }
        let first = self.statement()?;
        let mut all = vec![first];
        loop {
            self.blanks();
            let Some(length) = self.pipe() else { break };
            self.at += length;
            self.newlines();
            if self.at_word(b"and") || self.at_word(b"or") {
                return None;
            }
            all.push(self.statement()?);
        }
        if all.len() == 1 { all.pop() } else { Some(Statement::Pipe(all)) }
    }

    fn takes_argument(&self, length: usize) -> bool {
        let rest = self.rest().get(length..).unwrap_or_default();
        let next = rest.iter().find(|b| !matches!(b, b' ' | b'\t'));
        !matches!(next, None | Some(b'\n' | b';' | b'&' | b'|' | b')'))
    }

    fn statement(&mut self) -> Option<Statement> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        self.blanks();
        let line = self.line;
        let mut assignments = Vec::new();
        while let Some(name) = assigned(self.raw()).map(<[u8]>::to_vec) {
            self.at += name.len() + 1;
            assignments.push((name, self.word()?));
            self.blanks();
        }
        if !assignments.is_empty() {
            let then = if self.at_word(b"not") { self.pipeline()? } else { self.statement()? };
            self.depth -= 1;
            return Some(Statement::Assigned { assignments, then: Box::new(then) });
        }
        let word = self.raw().to_vec();
        // Those that go on with or end a block that there is not.
        if matches!(word.as_slice(), b"end" | b"else" | b"case") {
            return None;
        }
        if matches!(word.as_slice(), b"break" | b"continue") && !self.in_loop {
            return None;
        }
        let help = self.rest().get(word.len()..).unwrap_or_default().trim_ascii_start();
        let known: [&[u8]; 7] = [b"if", b"while", b"for", b"switch", b"function", b"begin", b"time"];
        let statement = if known.contains(&word.as_slice()) && !help.starts_with(b"--help") && !help.starts_with(b"-h ")
        {
            self.at += word.len();
            let block = match word.as_slice() {
                b"if" => self.if_()?,
                b"while" => {
                    let condition = self.condition()?;
                    let body = self.body_in(true)?;
                    Statement::While { condition, body }
                }
                b"for" => {
                    self.blanks();
                    let name = self.raw().to_vec();
                    self.at += name.len();
                    self.blanks();
                    if !self.eat_word(b"in") {
                        return None;
                    }
                    let words = self.words()?;
                    let body = self.body_in(true)?;
                    Statement::For { name, words, body }
                }
                b"switch" => self.switch()?,
                b"function" => {
                    let words = self.words()?;
                    if words.is_empty() {
                        return None;
                    }
                    let body = self.body_in(false)?;
                    Statement::Function { words, body: body.into() }
                }
                b"begin" => Statement::Begin(self.body()?),
                _ => self.statement()?,
            };
            let mut input = None;
            (self.redirects, self.silent) = (None, false);
            self.redirections(&mut input)?;
            match input {
                Some(input) => Statement::Redirected { body: Box::new(block), input },
                None => block,
            }
        } else {
            (self.redirects, self.silent) = (None, false);
            let (words, input) = self.words_and_input()?;
            // A command's name is not what another prints.
            if words.first()?.iter().any(Piece::is_of_command) {
                return None;
            }
            Statement::Command { words, input, line }
        };
        self.depth -= 1;
        Some(match self.redirects.take() {
            Some(targets) => Statement::Redirecting { body: Box::new(statement), targets, silent: self.silent },
            None => statement,
        })
    }

    fn body_in(&mut self, a_loop: bool) -> Option<Vec<Statement>> {
        let outer = std::mem::replace(&mut self.in_loop, a_loop);
        let body = self.body()?;
        self.in_loop = outer;
        Some(body)
    }

    /// Up to `end`, which is taken.
    fn body(&mut self) -> Option<Vec<Statement>> {
        let body = self.block(&[b"end"])?;
        self.eat_word(b"end").then_some(body)
    }

    /// The job behind `if` and `while`, with the lines of `and` and `or` that go on with it.
    fn condition(&mut self) -> Option<Vec<Statement>> {
        let mut out = Vec::new();
        self.job(&mut out)?;
        loop {
            let (at, line) = (self.at, self.line);
            self.separators();
            if self.at_word(b"and") || self.at_word(b"or") {
                self.job(&mut out)?;
            } else {
                (self.at, self.line) = (at, line);
                return Some(out);
            }
        }
    }

    fn if_(&mut self) -> Option<Statement> {
        let mut arms = Vec::new();
        loop {
            let condition = self.condition()?;
            let body = self.block(&[b"else", b"end"])?;
            arms.push((condition, body));
            if self.eat_word(b"end") {
                return Some(Statement::If { arms, otherwise: Vec::new() });
            }
            self.eat_word(b"else");
            self.blanks();
            if self.eat_word(b"if") {
                continue;
            }
            let otherwise = self.body()?;
            return Some(Statement::If { arms, otherwise });
        }
    }

    fn switch(&mut self) -> Option<Statement> {
        let [word] = <[Word; 1]>::try_from(self.words()?).ok()?;
        let mut arms = Vec::new();
        loop {
            self.separators();
            if self.eat_word(b"end") {
                return Some(Statement::Switch { word, arms });
            }
            if !self.eat_word(b"case") {
                return None;
            }
            let patterns = self.words()?;
            let body = self.block(&[b"case", b"end"])?;
            arms.push((patterns, body));
        }
    }

    /// The length of `|`, `&|`, `2>|` where one of them stands here.
    fn pipe(&self) -> Option<usize> {
        let rest = self.rest();
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        match &rest[digits..] {
            [b'|', b'|', ..] => None,
            [b'|', ..] if digits == 0 => Some(1),
            [b'&', b'|', ..] if digits == 0 => Some(2),
            [b'>', b'|', ..] => Some(digits + 2),
            _ => None,
        }
    }

    fn at_redirection(&self) -> bool {
        let rest = self.rest();
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        match &rest[digits..] {
            [b'>', b'|', ..] => false,
            [b'<' | b'>', ..] => true,
            [b'&', b'>', ..] => digits == 0,
            _ => false,
        }
    }

    /// Redirections; the file that is read goes to `input`.
    fn redirections(&mut self, input: &mut Option<Word>) -> Option<()> {
        loop {
            self.blanks();
            if !self.at_redirection() {
                return Some(());
            }
            let start = self.at;
            self.at += self.rest().iter().take_while(|b| b.is_ascii_digit()).count();
            let length = match self.rest() {
                [b'&', b'>', b'>', b'?', ..] => 4,
                [b'&', b'>', b'>' | b'?', ..] | [b'>', b'>', b'&' | b'?', ..] => 3,
                [b'&', b'>', ..] | [b'<', b'&', ..] | [b'>', b'>' | b'&' | b'?', ..] => 2,
                _ => 1,
            };
            self.at += length;
            let operator = &self.text[start..self.at];
            let reads = operator == b"<";
            let takes = matches!(operator, [b'>' | b'&', ..] | [b'1', b'>', ..]);
            let writes = operator.contains(&b'>') && !operator.ends_with(b"&");
            let (is_all, is_new) = (matches!(operator, b">" | b"1>"), operator.ends_with(b"?"));
            self.blanks();
            let before = self.at;
            let word = self.word()?;
            if self.at == before {
                return None;
            }
            self.silent |= takes;
            if takes || writes {
                let target = writes.then(|| Target { file: word.clone(), is_all, is_new });
                self.redirects.get_or_insert_default().extend(target);
            }
            if reads {
                *input = Some(word);
            }
        }
    }

    /// Words up to the end of the command.
    fn words(&mut self) -> Option<Vec<Word>> {
        self.words_and_input().map(|(words, _)| words)
    }

    /// Words up to the end of the command, and the file that it reads.
    fn words_and_input(&mut self) -> Option<(Vec<Word>, Option<Word>)> {
        let (mut out, mut input) = (Vec::new(), None);
        loop {
            self.redirections(&mut input)?;
            if self.pipe().is_some() {
                return Some((out, input));
            }
            match self.peek() {
                None | Some(b'\n' | b';' | b'|' | b')' | b'&') => return Some((out, input)),
                _ => {
                    let before = self.at;
                    out.push(self.word()?);
                    if self.at == before {
                        return None;
                    }
                }
            }
        }
    }
}
