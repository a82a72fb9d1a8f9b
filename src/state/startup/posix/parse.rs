//! Reads the text of a POSIX shell into commands.
//!
//! A parser of our own, for three reasons: the crates that parse bash refuse a file as a whole where they do not
//! understand a line of it, none of them reads zsh, and none keeps the lines. This one goes on behind what it does not
//! understand and says from where on it is unsure.

use std::cell::OnceCell;
use std::rc::Rc;

use super::Dialect;
use super::pattern::numbers;
use super::syntax::{Command, Input, Piece, Word};

/// A text, read.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) commands: Vec<Command>,
    /// For each, the line on which the list that it stands in begins.
    pub(super) lines: Vec<u32>,
    /// The first command behind one that was not understood.
    pub(super) unsure_from: Option<usize>,
    /// Behind the commands stands what is an error in this shell.
    pub(super) wrong: bool,
}

/// Deepest nesting: a text that goes deeper is not a start-up file.
pub(super) const DEEPEST: u32 = 100;

/// Words with which no command begins.
const CLOSING: [&[u8]; 7] = [b"then", b"elif", b"else", b"fi", b"do", b"done", b"esac"];

/// Reads a text whose first line has this number. `extglob`: bash's option is on.
pub(super) fn program(text: &[u8], line: u32, dialect: Dialect, extglob: bool) -> Program {
    let mut parser = Parser { extglob, ..Parser::new(text, line, dialect) };
    let mut commands = Vec::new();
    let mut unsure_from = None;
    loop {
        match parser.list(&[]) {
            Ok(mut more) => commands.append(&mut more),
            Err(Trouble { mut done, certain }) => {
                commands.append(&mut done);
                // Behind what was not understood, what is wrong may be wrong for us alone.
                if certain && unsure_from.is_none() {
                    return Program { commands, lines: parser.lines, unsure_from, wrong: true };
                }
                unsure_from.get_or_insert(commands.len());
                parser.next_line();
                continue;
            }
        }
        if parser.at >= text.len() {
            break;
        }
        // A word that closes what nothing opened.
        unsure_from.get_or_insert(commands.len());
        parser.next_line();
    }
    Program { commands, lines: parser.lines, unsure_from, wrong: false }
}

/// A text that is one word; `None` where it is not.
pub(super) fn one_word(text: &[u8], line: u32, dialect: Dialect) -> Option<Word> {
    let mut parser = Parser::new(text, line, dialect);
    let word = parser.word().ok()?;
    (parser.at == text.len()).then_some(word)
}

/// A text in which variables and commands are put in, as in double quotes.
pub(super) fn quoted(text: &[u8], line: u32, dialect: Dialect) -> Word {
    Parser::new(text, line, dialect).here_document(text, line)
}

/// What is not understood; what was, before it, on the outermost level.
#[derive(Default)]
pub(super) struct Trouble {
    done: Vec<Command>,
    /// The shell does not understand it either.
    certain: bool,
}

pub(super) type Parsed<T> = Result<T, Trouble>;

pub(super) fn trouble<T>() -> Parsed<T> {
    Err(Trouble::default())
}

/// What no shell understands.
pub(super) fn wrong<T>() -> Parsed<T> {
    Err(Trouble { done: Vec::new(), certain: true })
}

pub(super) struct Here {
    end: Vec<u8>,
    tabs: bool,
    /// Nothing in it is replaced.
    raw: bool,
    body: Rc<OnceCell<Word>>,
}

pub(super) struct Parser<'t> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
    pub(super) line: u32,
    pub(super) dialect: Dialect,
    /// Here-documents whose text begins on the next line.
    pub(super) here: Vec<Here>,
    pub(super) depth: u32,
    /// `Program::lines`, as far as read.
    pub(super) lines: Vec<u32>,
    /// bash: `@(a|b)` is a pattern.
    pub(super) extglob: bool,
    /// The text is that of a here-document, in which `"` and `'` stand for themselves.
    pub(super) is_here_document: bool,
}

pub(super) fn is_name_start(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'_'
}

pub(super) fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// Ends a word, where it is not quoted.
pub(super) fn is_meta(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

/// The length of the name at the start.
pub(super) fn name_length(text: &[u8]) -> usize {
    match text.first() {
        Some(&b) if is_name_start(b) => text.iter().take_while(|b| is_name(**b)).count(),
        _ => 0,
    }
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t [u8], line: u32, dialect: Dialect) -> Self {
        Self {
            text,
            at: 0,
            line,
            dialect,
            here: Vec::new(),
            depth: 0,
            lines: Vec::new(),
            extglob: false,
            is_here_document: false,
        }
    }
}

impl Parser<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn eat(&mut self, what: &[u8]) -> bool {
        let found = self.rest().starts_with(what);
        if found {
            self.at += what.len();
        }
        found
    }

    /// One byte, lines counted.
    pub(super) fn next(&mut self) -> Option<u8> {
        let b = self.peek()?;
        self.at += 1;
        if b == b'\n' {
            self.line += 1;
        }
        Some(b)
    }

    /// To the start of the next line, here-documents left alone.
    fn next_line(&mut self) {
        while !matches!(self.next(), None | Some(b'\n')) {}
        self.here.clear();
        self.depth = 0;
    }

    /// Blanks, joined lines and comments.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.rest() {
                [b' ' | b'\t', ..] => self.at += 1,
                [b'\\', b'\n', ..] => {
                    self.at += 2;
                    self.line += 1;
                }
                [b'#', rest @ ..] => self.at += 1 + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
                _ => return,
            }
        }
    }

    /// A line's end, with the here-documents that begin behind it.
    fn newline(&mut self) -> bool {
        if self.peek() != Some(b'\n') {
            return false;
        }
        self.next();
        for here in std::mem::take(&mut self.here) {
            let (mut body, line_of_body) = (Vec::new(), self.line);
            while self.at < self.text.len() {
                let line: &[u8] = self.rest().split(|b| *b == b'\n').next().unwrap_or_default();
                let length = line.len();
                let tabs = if here.tabs { line.iter().take_while(|b| **b == b'\t').count() } else { 0 };
                let ends = line[tabs..] == *here.end;
                let kept = line[tabs..].to_vec();
                self.at = (self.at + length + 1).min(self.text.len());
                self.line += 1;
                if ends {
                    break;
                }
                body.extend_from_slice(&kept);
                body.push(b'\n');
            }
            let word = if here.raw {
                vec![Piece::Text { bytes: body, quoted: true }]
            } else {
                self.here_document(&body, line_of_body)
            };
            // Each is read once.
            let _ = here.body.set(word);
        }
        true
    }

    pub(super) fn newlines(&mut self) {
        loop {
            self.blanks();
            if !self.newline() {
                return;
            }
        }
    }

    /// The characters up to the next one that ends a word: a reserved word is one that stands there unquoted.
    pub(super) fn raw(&self) -> &[u8] {
        let rest = self.rest();
        let length = rest.iter().take_while(|b| !is_meta(**b)).count();
        &rest[..length]
    }

    pub(super) fn at_word(&self, word: &[u8]) -> bool {
        self.raw() == word
    }

    pub(super) fn eat_word(&mut self, word: &[u8]) -> bool {
        let found = self.at_word(word);
        if found {
            self.at += word.len();
        }
        found
    }

    pub(super) fn expect_word(&mut self, word: &[u8]) -> Parsed<()> {
        self.newlines();
        match self.eat_word(word) {
            true => Ok(()),
            // What is open is closed by another word.
            false if self.at_closing() => wrong(),
            false => trouble(),
        }
    }

    /// Whether a word stands here with which no command begins.
    pub(super) fn at_closing(&self) -> bool {
        CLOSING.contains(&self.raw())
    }

    /// zsh: the one command that may stand in place of a body; there may be none.
    pub(super) fn short_body(&mut self) -> Parsed<Vec<Command>> {
        let ends = self.at_close() || self.at_closing() || matches!(self.peek(), Some(b')' | b';'));
        if ends { Ok(Vec::new()) } else { Ok(vec![self.and_or()?]) }
    }

    /// Whether a `}` closes a group here: in zsh also where an argument could stand.
    fn at_close(&self) -> bool {
        self.peek() == Some(b'}') && (self.at_word(b"}") || self.raw().starts_with(b"}") && self.raw()[1..].is_empty())
    }

    /// Commands up to one of the words, `)`, `;;` or the end; none of these is taken.
    pub(super) fn list(&mut self, ends: &[&[u8]]) -> Parsed<Vec<Command>> {
        let mut out: Vec<Command> = Vec::new();
        let outermost = self.depth == 0;
        // On which line this list began, and where its last command ended.
        let (mut begun, mut ended) = (0, 0);
        loop {
            self.newlines();
            if self.line != ended {
                begun = self.line;
            }
            let stop = match self.rest() {
                [] | [b')', ..] | [b';', b';' | b'&' | b'|', ..] => true,
                _ => {
                    ends.iter().any(|e| self.at_word(e))
                        || self.at_close()
                        || self.dialect == Dialect::Zsh && self.at_closing()
                }
            };
            // What closes something, and nothing is open; a line is run when all of it was read.
            if stop && outermost && !self.rest().is_empty() {
                while self.lines.last() == Some(&begun) && out.pop().is_some() {
                    self.lines.pop();
                }
                return Err(Trouble { done: out, certain: true });
            }
            if stop {
                return Ok(out);
            }
            if self.peek() == Some(b';') {
                self.at += 1;
                continue;
            }
            let command = match self.and_or() {
                Ok(command) => command,
                Err(mut trouble) => {
                    if outermost {
                        // A line is run when all of it was read.
                        while trouble.certain && self.lines.last() == Some(&begun) && out.pop().is_some() {
                            self.lines.pop();
                        }
                        trouble.done = out;
                    }
                    return Err(trouble);
                }
            };
            self.blanks();
            ended = self.line;
            if outermost {
                self.lines.push(begun);
                self.extglob |= turns_on_extglob(&command);
            }
            match self.rest() {
                [b'&', ..] => {
                    self.at += 1;
                    // zsh: `&!` and `&|`
                    if self.dialect == Dialect::Zsh && matches!(self.peek(), Some(b'!' | b'|')) {
                        self.at += 1;
                    }
                    out.push(Command::Background);
                    continue;
                }
                [b';', b';' | b'&' | b'|', ..] => {}
                [b';', ..] => self.at += 1,
                [b'\n', ..] => {
                    self.newline();
                }
                [b')', ..] if outermost => {}
                _ => {
                    out.push(command);
                    return Ok(out);
                }
            }
            out.push(command);
        }
    }

    /// Commands of which there must be one, but in zsh.
    pub(super) fn some_list(&mut self, ends: &[&[u8]]) -> Parsed<Vec<Command>> {
        let list = self.list(ends)?;
        if list.is_empty() && self.dialect != Dialect::Zsh {
            return wrong();
        }
        Ok(list)
    }

    pub(super) fn and_or(&mut self) -> Parsed<Command> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.blanks();
            let and = if self.eat(b"&&") {
                true
            } else if self.rest().starts_with(b"||") {
                self.at += 2;
                false
            } else {
                break;
            };
            self.newlines();
            if self.rest().is_empty() && self.dialect != Dialect::Zsh {
                return wrong();
            }
            rest.push((and, self.pipeline()?));
        }
        Ok(if rest.is_empty() { first } else { Command::AndOr { first: Box::new(first), rest } })
    }

    fn pipeline(&mut self) -> Parsed<Command> {
        let mut negated = false;
        loop {
            self.blanks();
            // Nearly every command begins with another word.
            if !matches!(self.peek(), Some(b'!' | b't' | b'c')) {
                break;
            }
            if self.eat_word(b"!") {
                negated = !negated;
            } else if self.eat_word(b"time") {
                self.blanks();
                self.eat_word(b"-p");
            } else if !self.dialect.is_sh() && self.eat_word(b"coproc") {
                self.coprocess()?;
                return Ok(Command::Background);
            } else {
                break;
            }
        }
        let first = self.command()?;
        let mut others = Vec::new();
        loop {
            self.blanks();
            match self.rest() {
                [b'|', b'|', ..] => break,
                [b'|', ..] => {
                    self.at += 1;
                    self.eat(b"&");
                    self.newlines();
                    if self.rest().is_empty() {
                        return wrong();
                    }
                    others.push(self.command()?);
                }
                _ => break,
            }
        }
        if others.is_empty() && !negated {
            return Ok(first);
        }
        others.insert(0, first);
        Ok(Command::Pipeline { commands: others, negated })
    }

    /// Behind `coproc`: a command in a process of its own; in bash one in braces may have a name.
    fn coprocess(&mut self) -> Parsed<()> {
        self.blanks();
        let length = name_length(self.rest());
        let after = self.rest()[length..].trim_ascii_start();
        if self.dialect == Dialect::Bash && length > 0 && matches!(after.first(), Some(b'{' | b'(')) {
            self.at += length;
        }
        self.command().map(|_| ())
    }

    pub(super) fn command(&mut self) -> Parsed<Command> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return trouble();
        }
        self.blanks();
        let command = self.compound()?;
        let command = match command {
            Some(compound) => {
                let (input, silent) = self.redirections()?;
                let command = self.always(compound)?;
                if input.is_some() || silent.is_some() {
                    Command::Redirected { body: Box::new(command), input, silent }
                } else {
                    command
                }
            }
            None => self.simple()?,
        };
        self.depth -= 1;
        Ok(command)
    }

    /// Redirections behind a compound command: what is read, and whether what is printed goes elsewhere.
    fn redirections(&mut self) -> Parsed<(Option<Input>, Option<Word>)> {
        let (mut input, mut silent) = (None, None);
        loop {
            self.blanks();
            if !self.at_redirection() {
                return Ok((input, silent));
            }
            input = self.redirection(&mut silent)?.or(input);
        }
    }

    /// zsh: `<10-15>`, which is a pattern.
    pub(super) fn at_numbers(&self) -> bool {
        self.dialect == Dialect::Zsh && numbers(self.rest()).is_some()
    }

    pub(super) fn at_redirection(&self) -> bool {
        let rest = self.rest();
        if self.at_numbers() {
            return false;
        }
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        match &rest[digits..] {
            [b'<' | b'>', b'(', ..] => self.dialect == Dialect::Dash,
            [b'<' | b'>', ..] => true,
            [b'&', b'>', ..] => digits == 0 && self.dialect != Dialect::Dash,
            // bash and zsh: `{fd}>file`
            [b'{', inner @ ..] if digits == 0 => {
                let name = name_length(inner);
                name > 0 && matches!(&inner[name..], [b'}', b'<' | b'>', ..])
            }
            _ => false,
        }
    }

    fn redirection(&mut self, silent: &mut Option<Word>) -> Parsed<Option<Input>> {
        if self.peek() == Some(b'{') {
            while self.peek().is_some_and(|b| b != b'}') {
                self.at += 1;
            }
            self.at += 1;
        }
        let digits = self.rest().iter().take_while(|b| b.is_ascii_digit()).count();
        let standard = digits == 0 || self.rest()[..digits] == *b"0";
        let output = digits == 0 || self.rest()[..digits] == *b"1";
        self.at += digits;
        if self.eat(b"<<<") {
            if self.dialect == Dialect::Dash {
                return wrong();
            }
            self.blanks();
            return Ok(Some(Input::Word(self.word()?)));
        }
        if self.eat(b"<<") {
            let tabs = self.eat(b"-");
            self.blanks();
            let word = self.word()?;
            let mut end = Vec::new();
            for piece in &word {
                match piece {
                    Piece::Text { bytes, .. } => end.extend_from_slice(bytes),
                    _ => return trouble(),
                }
            }
            let raw = word.iter().any(|piece| matches!(piece, Piece::Text { quoted: true, .. }));
            let body = Rc::new(OnceCell::new());
            self.here.push(Here { end, tabs, raw, body: Rc::clone(&body) });
            return Ok(Some(Input::Here(body)));
        }
        let reads = self.peek() == Some(b'<');
        let operators: [&[u8]; 12] =
            [b"&>>", b">>|", b">>!", b"&>", b">&", b"<&", b">|", b">!", b">>", b"<>", b">", b"<"];
        let plain = operators.iter().find(|o| self.rest().starts_with(o)).map(|o| o.len());
        let duplicate = self.rest().starts_with(b"<&");
        let append = self.rest().starts_with(b">>") || self.rest().starts_with(b"&>>");
        let copies = self.rest().starts_with(b">&");
        self.at += plain.unwrap_or(1);
        self.blanks();
        let word = self.word()?;
        if word.is_empty() && matches!(self.peek(), None | Some(b'\n' | b';' | b'<' | b'>' | b'(')) {
            return wrong();
        }
        if output && !reads {
            // Nothing is known of the text of a file that is added to.
            let opaque = append.then_some(Piece::Opaque);
            *silent = Some(if copies { Word::new() } else { word.iter().cloned().chain(opaque).collect() });
        }
        Ok((reads && standard && !duplicate).then_some(Input::File(word)))
    }

    fn simple(&mut self) -> Parsed<Command> {
        if self.at_closing() {
            return wrong();
        }
        let mut line = self.line;
        let mut assignments = Vec::new();
        let mut words: Vec<Word> = Vec::new();
        let (mut input, mut silent) = (None, None);
        loop {
            self.blanks();
            if words.is_empty() && assignments.is_empty() {
                line = self.line;
            }
            if self.at_redirection() {
                input = self.redirection(&mut silent)?.or(input);
                continue;
            }
            match self.peek() {
                None | Some(b'\n' | b';' | b'&' | b'|' | b')') => break,
                Some(b'}') if self.dialect == Dialect::Zsh && self.at_word(b"}") => break,
                // zsh: all words before it are names.
                Some(b'(')
                    if assignments.is_empty()
                        && (words.len() == 1 || !words.is_empty() && self.dialect == Dialect::Zsh) =>
                {
                    self.at += 1;
                    self.blanks();
                    if !self.eat(b")") {
                        return trouble();
                    }
                    let text = |word: &Word| match word.as_slice() {
                        [Piece::Text { bytes, .. }] => Some(bytes.clone()),
                        _ => None,
                    };
                    let Some(names) = words.iter().map(text).collect() else { return trouble() };
                    return self.defined(names);
                }
                Some(b'(') if self.dialect == Dialect::Dash => return wrong(),
                Some(b'(') if self.dialect != Dialect::Zsh => return trouble(),
                _ => {}
            }
            if words.is_empty()
                && let Some(assignment) = self.assignment()?
            {
                assignments.push(assignment);
                continue;
            }
            let mut word = self.some_word()?;
            if self.dialect == Dialect::Zsh && !(declares(&words) && assigns(&word)) {
                self.give_back_brace(&mut word);
            }
            words.push(word);
        }
        if assignments.is_empty() && words.is_empty() && input.is_none() && !self.ends_command() {
            return trouble();
        }
        Ok(Command::Simple { assignments, words, input, silent, line })
    }

    fn ends_command(&self) -> bool {
        matches!(self.peek(), None | Some(b'\n' | b';' | b'&' | b')'))
    }
}

/// Whether these are the words of a command behind which zsh reads assignments.
fn declares(words: &[Word]) -> bool {
    const DECLARING: [&[u8]; 7] = [b"declare", b"export", b"float", b"integer", b"local", b"readonly", b"typeset"];
    matches!(words.first().map(Vec::as_slice), Some([Piece::Text { bytes, quoted: false }]) if DECLARING.contains(&bytes.as_slice()))
}

fn assigns(word: &Word) -> bool {
    let Some(Piece::Text { bytes, quoted: false }) = word.first() else { return false };
    let name = name_length(bytes);
    name > 0 && bytes[name..].starts_with(b"=")
}

/// `shopt -s extglob`
fn turns_on_extglob(command: &Command) -> bool {
    let is = |word: &Word, text: &[u8]| matches!(word.as_slice(), [Piece::Text { bytes, .. }] if bytes == text);
    match command {
        Command::Simple { words, .. } => match words.as_slice() {
            [first, option, names @ ..] => {
                is(first, b"shopt") && is(option, b"-s") && names.iter().any(|name| is(name, b"extglob"))
            }
            _ => false,
        },
        _ => false,
    }
}
