//! A text of csh's in lines, each in words and operators.
//!
//! Source: tcsh 6.24, run.

/// A part of a word.
#[derive(Clone)]
pub(super) enum Part {
    Text {
        bytes: Vec<u8>,
        quoted: bool,
    },
    Reference {
        reference: Reference,
        quoted: bool,
    },
    /// What commands print: their text.
    Command {
        text: Vec<u8>,
        quoted: bool,
    },
    /// What is not modelled.
    Unclear(Vec<u8>),
    /// `!…`, without the sign: of an alias its arguments, in a file an event, of which there are none.
    Event(Vec<u8>),
}

/// What follows a `$`.
#[derive(Clone)]
pub(super) struct Reference {
    /// `?`: whether it is set; `#`: how many words it has; `%`: how many characters.
    pub(super) asks: Option<u8>,
    pub(super) name: Vec<u8>,
    /// Between `[` and `]`.
    pub(super) selector: Option<Word>,
    /// Letters after `:`.
    pub(super) modifiers: Vec<u8>,
}

pub(super) type Word = Vec<Part>;

#[derive(Clone)]
pub(super) enum Token {
    Word(Word),
    Operator(&'static [u8]),
}

impl Token {
    /// The text of a word in which nothing is replaced and nothing quoted.
    pub(super) fn plain(&self) -> Option<&[u8]> {
        match self {
            Self::Word(word) => match word.as_slice() {
                [Part::Text { bytes, quoted: false }] => Some(bytes),
                _ => None,
            },
            Self::Operator(_) => None,
        }
    }

    pub(super) fn is(&self, operator: &[u8]) -> bool {
        matches!(self, Self::Operator(own) if *own == operator)
    }
}

pub(super) struct Line {
    pub(super) number: u32,
    pub(super) tokens: Vec<Token>,
    /// A quote that is not closed, or a reference that is none: the shell gives up.
    pub(super) faulty: bool,
}

impl Line {
    /// The first word, where nothing in it is replaced.
    pub(super) fn first(&self) -> Option<&[u8]> {
        self.tokens.first().and_then(Token::plain)
    }

    /// Whether a line opens a block that `endif` ends.
    pub(super) fn opens_if(&self) -> bool {
        self.first() == Some(b"if") && self.ends_with_then()
    }

    pub(super) fn ends_with_then(&self) -> bool {
        self.tokens.last().and_then(Token::plain) == Some(b"then")
    }
}

/// The lines that are not blank. `file`: it has comments and here-documents; a text for `eval` or an alias has none.
pub(super) fn lines(text: &[u8], file: bool) -> Vec<Line> {
    let mut lexer = Lexer { text, at: 0, number: 1, file };
    let mut out = Vec::new();
    while lexer.at < text.len() {
        let line = lexer.line();
        if !line.tokens.is_empty() || line.faulty {
            out.push(line);
        }
    }
    out
}

struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    number: u32,
    file: bool,
}

/// Longest first.
const OPERATORS: [&[u8]; 18] = [
    b">>&!", b">>&", b">>!", b">&!", b"&&", b"||", b"|&", b">>", b"<<", b">&", b">!", b">=", b"<=", b";", b"&", b"|",
    b"(", b")",
];

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn eat(&mut self) -> Option<u8> {
        let b = *self.text.get(self.at)?;
        self.at += 1;
        self.number += u32::from(b == b'\n');
        Some(b)
    }

    fn operator(&self) -> Option<&'static [u8]> {
        let rest = self.rest();
        OPERATORS.into_iter().chain([b"<".as_slice(), b">"]).find(|o| rest.starts_with(o))
    }

    fn line(&mut self) -> Line {
        let mut line = Line { number: self.number, tokens: Vec::new(), faulty: false };
        loop {
            match self.rest() {
                [] => break,
                [b'\n', ..] => {
                    self.eat();
                    break;
                }
                [b' ' | b'\t', ..] => {
                    self.eat();
                }
                [b'\\', b'\n', ..] => {
                    self.eat();
                    self.eat();
                    if line.tokens.is_empty() {
                        line.number = self.number;
                    }
                }
                [b'#', ..] if self.file => {
                    while !matches!(self.rest(), [] | [b'\n', ..]) {
                        self.eat();
                    }
                }
                _ => {
                    if let Some(operator) = self.operator() {
                        self.at += operator.len();
                        line.tokens.push(Token::Operator(operator));
                    } else if let Some(word) = self.word() {
                        line.tokens.push(Token::Word(word));
                    } else {
                        line.faulty = true;
                        while !matches!(self.eat(), None | Some(b'\n')) {}
                        break;
                    }
                }
            }
        }
        // In an expression it shifts.
        if self.file && !matches!(line.first(), Some(b"if" | b"while" | b"else" | b"@")) {
            self.skip_here_documents(&line);
        }
        line
    }

    fn skip_here_documents(&mut self, line: &Line) {
        for pair in line.tokens.windows(2) {
            if let [Token::Operator(b"<<"), Token::Word(word)] = pair {
                let end: Vec<u8> = word
                    .iter()
                    .flat_map(|part| match part {
                        Part::Text { bytes, .. } => bytes.clone(),
                        _ => Vec::new(),
                    })
                    .collect();
                while self.at < self.text.len() {
                    let line = self.rest().split(|b| *b == b'\n').next().unwrap_or_default();
                    self.at += (line.len() + 1).min(self.text.len() - self.at);
                    self.number += 1;
                    if line == end {
                        break;
                    }
                }
            }
        }
    }

    /// `None` where it is faulty.
    fn word(&mut self) -> Option<Word> {
        let mut word = Word::new();
        loop {
            match self.rest() {
                [] | [b' ' | b'\t' | b'\n', ..] | [b'\\', b'\n', ..] => break,
                // Not only where a word begins.
                [b'#', ..] if self.file => break,
                [b'\\', ..] => {
                    self.eat();
                    let bytes = self.eat().into_iter().collect();
                    word.push(Part::Text { bytes, quoted: true });
                }
                [b'\'', ..] => {
                    self.eat();
                    self.quoted(b'\'', &mut word)?;
                }
                [b'"', ..] => {
                    self.eat();
                    self.quoted(b'"', &mut word)?;
                }
                [b'`', ..] => {
                    self.eat();
                    word.push(self.command(false)?);
                }
                [b'$', ..] => word.push(self.reference(false)?),
                [b'!', ..] if self.is_event() => word.push(self.event()),
                _ if self.operator().is_some() => break,
                _ => {
                    let byte = self.eat()?;
                    add(&mut word, byte, false);
                }
            }
        }
        Some(word)
    }

    fn quoted(&mut self, quote: u8, word: &mut Word) -> Option<()> {
        // What is empty is a word all the same.
        word.push(Part::Text { bytes: Vec::new(), quoted: true });
        loop {
            match self.rest() {
                [] | [b'\n', ..] => return None,
                [b, ..] if *b == quote => {
                    self.eat();
                    return Some(());
                }
                [b'\\', b'\n' | b'!', ..] => {
                    self.eat();
                    add(word, self.eat()?, true);
                }
                [b'!', after, ..] if *after != quote && self.is_event() => word.push(self.event()),
                [b'$', ..] if quote == b'"' => word.push(self.reference(true)?),
                [b'`', ..] if quote == b'"' => {
                    self.eat();
                    word.push(self.command(true)?);
                }
                _ => add(word, self.eat()?, true),
            }
        }
    }

    fn command(&mut self, quoted: bool) -> Option<Part> {
        let mut text = Vec::new();
        loop {
            match self.eat()? {
                b'\n' => return None,
                b'`' => break,
                b'\\' => text.extend([Some(b'\\'), self.eat()].into_iter().flatten()),
                b => text.push(b),
            }
        }
        // Within double quotes references are replaced even in single ones. Whose quote it is, and what a backslash does
        // there, is not modelled.
        let has = |wanted: &[u8]| wanted.iter().all(|b| text.contains(b));
        let unclear =
            if quoted { has(b"\\") || has(b"\"") || has(b"'$") } else { text.windows(2).any(|w| w == b"\\`") };
        Some(if unclear { Part::Unclear(text) } else { Part::Command { text, quoted } })
    }

    fn is_event(&self) -> bool {
        !matches!(self.rest().get(1), None | Some(b' ' | b'\t' | b'\n' | b'=' | b'~' | b'('))
    }

    fn event(&mut self) -> Part {
        self.eat();
        let rest = self.rest();
        let rest = if rest.first() == Some(&b':') { &rest[1..] } else { rest };
        let name = match rest {
            [b'*' | b'^' | b'$' | b'!', ..] => 1,
            _ => rest.iter().take_while(|b| b.is_ascii_alphanumeric()).count(),
        };
        self.at = self.text.len() - rest.len() + name;
        // A range of them.
        if matches!(self.rest(), [b'-' | b'*' | b':', ..]) {
            return Part::Unclear(rest.to_vec());
        }
        Part::Event(rest[..name].to_vec())
    }

    /// `$` and what belongs to it; `None` where nothing does.
    fn reference(&mut self, quoted: bool) -> Option<Part> {
        self.eat();
        let braced = self.rest().first() == Some(&b'{');
        if braced {
            self.eat();
        }
        let mut asks = None;
        if let [sign @ (b'?' | b'#' | b'%'), next, ..] = self.rest()
            && (is_name(*next) || matches!(next, b'*' | b'{'))
        {
            asks = Some(*sign);
            self.eat();
        }
        let length = match self.rest() {
            [b'*' | b'$' | b'<', ..] => 1,
            [b'0'..=b'9', ..] => self.rest().iter().take_while(|b| b.is_ascii_digit()).count(),
            rest => rest.iter().take_while(|b| is_name(**b)).count(),
        };
        if length == 0 {
            return None;
        }
        let name = self.rest()[..length].to_vec();
        self.at += length;
        let mut selector = None;
        if self.rest().first() == Some(&b'[') && asks.is_none() {
            let end = self.rest().iter().position(|b| matches!(b, b']' | b'\n'))?;
            let inner = &self.rest()[1..end];
            self.at += end + 1;
            let mut inner = Lexer { text: inner, at: 0, number: 0, file: false };
            selector = Some(inner.word()?);
            inner.rest().is_empty().then_some(())?;
        }
        let mut modifiers = Vec::new();
        while asks.is_none()
            && let [b':', rest @ ..] = self.rest()
        {
            // Any other is an error, even where a path list was meant: `$PATH:/bin`.
            let length = 1 + usize::from(matches!(rest, [b'g' | b'a', ..]));
            let letter = rest.get(length - 1).filter(|b| b"hrteuslqx".contains(b))?;
            if length == 2 {
                modifiers.push(rest[0]);
            }
            modifiers.push(*letter);
            self.at += length + 1;
            if *letter == b's' {
                self.at += self.rest().iter().take_while(|b| !b.is_ascii_whitespace() && !b"\"}".contains(b)).count();
            }
        }
        if braced && self.eat()? != b'}' {
            return None;
        }
        Some(Part::Reference { reference: Reference { asks, name, selector, modifiers }, quoted })
    }
}

pub(super) fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

fn add(word: &mut Word, byte: u8, as_quoted: bool) {
    match word.last_mut() {
        Some(Part::Text { bytes, quoted }) if *quoted == as_quoted => bytes.push(byte),
        _ => word.push(Part::Text { bytes: vec![byte], quoted: as_quoted }),
    }
}
