//! What an expression says: of `if`, `while` and `@`.
//!
//! Source: tcsh 6.24, run.

use super::expand::Field;
use super::lex::Token;
use super::{Csh, Leave};
use crate::state::startup::posix::pattern::{self, Groups};
use crate::state::startup::value::Truth;
use crate::system::Kind;

/// A part of an expression.
enum Term {
    Operator(Vec<u8>),
    /// Its text, and as a pattern; `None` where they cannot be told.
    Word(Option<(Vec<u8>, Vec<u8>)>),
}

/// A value; `None` where it cannot be told.
type Operand = Option<Vec<u8>>;

/// From the loosest on.
const LEVELS: [&[&[u8]]; 10] = [
    &[b"||"],
    &[b"&&"],
    &[b"|"],
    &[b"^"],
    &[b"&"],
    &[b"==", b"!=", b"=~", b"!~"],
    &[b"<=", b">=", b"<", b">"],
    &[b"<<", b">>"],
    &[b"+", b"-"],
    &[b"*", b"/", b"%"],
];

struct Expression<'c, 's> {
    csh: &'c mut Csh<'s>,
    terms: Vec<Term>,
    at: usize,
}

impl Csh<'_> {
    /// Whether an expression in parentheses is true.
    pub(super) fn condition(&mut self, tokens: &[Token]) -> Result<Truth, Leave> {
        let value = self.expression(tokens)?;
        match value.as_deref() {
            None => Ok(Truth::Maybe),
            Some(b"") => Ok(Truth::No),
            Some(text) => number(text).map(|n| Truth::of(n != 0)).ok_or(Leave::All),
        }
    }

    /// The value of an expression, which takes all of the words.
    pub(super) fn expression(&mut self, tokens: &[Token]) -> Result<Operand, Leave> {
        let mut terms = Vec::new();
        for token in tokens {
            let word = match token {
                Token::Operator(operator) => {
                    terms.push(Term::Operator(operator.to_vec()));
                    continue;
                }
                Token::Word(word) => word,
            };
            match token.plain() {
                Some(b"{") => {
                    // What stands between them is run: only what is done in this process is known.
                    terms.push(Term::Operator(b"{".to_vec()));
                }
                Some(text) if is_operator(text) => terms.push(Term::Operator(text.to_vec())),
                Some([b'!', rest @ ..]) if !rest.is_empty() => {
                    terms.push(Term::Operator(b"!".to_vec()));
                    terms.push(Term::Word(Some((rest.to_vec(), rest.to_vec()))));
                }
                _ => {
                    let pattern = self.pattern(word)?;
                    terms.push(Term::Word(pattern.map(|pattern| (pattern::unescaped(&pattern), pattern))));
                }
            }
        }
        if terms.iter().any(|term| matches!(term, Term::Operator(o) if o == b"{")) {
            return self.with_commands(tokens);
        }
        let mut expression = Expression { csh: self, terms, at: 0 };
        let value = expression.level(0, 0)?;
        if expression.at < expression.terms.len() {
            return Err(Leave::All);
        }
        Ok(value)
    }

    /// `{ COMMAND }` alone, or with a `!` before it: its status. With more it cannot be told.
    fn with_commands(&mut self, tokens: &[Token]) -> Result<Operand, Leave> {
        let inner = match tokens {
            [open, inner @ .., close] if open.is(b"(") && close.is(b")") => inner,
            _ => tokens,
        };
        let (negated, inner) = match inner {
            [not, inner @ ..] if not.plain() == Some(b"!") => (true, inner),
            _ => (false, inner),
        };
        let [open, command @ .., close] = inner else { return Ok(None) };
        if open.plain() != Some(b"{") || close.plain() != Some(b"}") || command.iter().any(|t| t.plain() == Some(b"{"))
        {
            return Ok(None);
        }
        let before = self.state.clone();
        let ended = self.sequence(command);
        let status = std::mem::replace(&mut self.state, before).status;
        ended?;
        Ok(status.map(|status| boolean((status == 0) != negated)))
    }
}

impl Expression<'_, '_> {
    fn operator(&self) -> Option<&[u8]> {
        match self.terms.get(self.at) {
            Some(Term::Operator(operator)) => Some(operator),
            _ => None,
        }
    }

    fn level(&mut self, level: usize, depth: u32) -> Result<Operand, Leave> {
        let Some(operators) = LEVELS.get(level) else { return self.unary(depth) };
        let mut left = self.level(level + 1, depth)?;
        while let Some(operator) = self.operator().filter(|o| operators.contains(o)).map(<[u8]>::to_vec) {
            self.at += 1;
            let pattern = match self.terms.get(self.at) {
                // Quotes make no difference to it.
                Some(Term::Word(Some((text, _)))) => Some(text.clone()).filter(|text| !text.contains(&b'\\')),
                _ => None,
            };
            let right = self.level(level + 1, depth)?;
            left = Self::applied(&operator, left, right, pattern)?;
        }
        Ok(left)
    }

    fn applied(operator: &[u8], left: Operand, right: Operand, pattern: Option<Vec<u8>>) -> Result<Operand, Leave> {
        if matches!(operator, b"||" | b"&&") {
            let truth = |operand: &Operand| match operand.as_deref() {
                None => Ok(None),
                Some(b"") => Ok(Some(false)),
                Some(text) => number(text).map(|n| Some(n != 0)).ok_or(Leave::All),
            };
            let (left, right) = (truth(&left)?, truth(&right)?);
            let deciding = operator == b"||";
            return Ok(match (left, right) {
                (Some(one), _) | (_, Some(one)) if one == deciding => Some(boolean(deciding)),
                (Some(_), Some(_)) => Some(boolean(!deciding)),
                _ => None,
            });
        }
        let (Some(left), Some(right)) = (left, right) else { return Ok(None) };
        Ok(match operator {
            b"==" => Some(boolean(left == right)),
            b"!=" => Some(boolean(left != right)),
            // Braces in it are alternatives.
            b"=~" | b"!~" => pattern
                .filter(|p| !pattern::unquoted(p).iter().any(|b| matches!(b, b'{' | b'^')))
                .map(|pattern| boolean(pattern::matches(&pattern, &left, Groups::None) == (operator == b"=~"))),
            _ => {
                let number = |text: &[u8]| if text.is_empty() { Some(0) } else { number(text) };
                let (Some(left), Some(right)) = (number(&left), number(&right)) else { return Err(Leave::All) };
                let result = match operator {
                    b"<=" => Some(i64::from(left <= right)),
                    b">=" => Some(i64::from(left >= right)),
                    b"<" => Some(i64::from(left < right)),
                    b">" => Some(i64::from(left > right)),
                    b"|" => Some(left | right),
                    b"^" => Some(left ^ right),
                    b"&" => Some(left & right),
                    b"+" => left.checked_add(right),
                    b"-" => left.checked_sub(right),
                    b"*" => left.checked_mul(right),
                    b"/" => left.checked_div(right),
                    b"%" => left.checked_rem(right),
                    _ => None,
                };
                result.map(|n| n.to_string().into_bytes())
            }
        })
    }

    fn unary(&mut self, depth: u32) -> Result<Operand, Leave> {
        if depth > 50 {
            return Err(Leave::All);
        }
        match self.operator() {
            Some(b"!") => {
                self.at += 1;
                let value = self.unary(depth + 1)?;
                match value.as_deref() {
                    None => Ok(None),
                    Some(b"") => Ok(Some(boolean(true))),
                    Some(text) => number(text).map(|n| Some(boolean(n == 0))).ok_or(Leave::All),
                }
            }
            Some(b"(") => {
                self.at += 1;
                let value = self.level(0, depth + 1)?;
                if self.operator() != Some(b")") {
                    return Err(Leave::All);
                }
                self.at += 1;
                Ok(value)
            }
            Some(b"~") => {
                self.at += 1;
                self.unary(depth + 1)?;
                Ok(None)
            }
            // An operand of no words at all.
            Some(_) => Ok(Some(Vec::new())),
            None => self.word(),
        }
    }

    fn word(&mut self) -> Result<Operand, Leave> {
        let word = match self.terms.get(self.at) {
            Some(Term::Word(word)) => word.clone(),
            _ => return Ok(Some(Vec::new())),
        };
        self.at += 1;
        let Some((text, pattern)) = word else { return Ok(None) };
        if text.starts_with(b"-") && text.len() > 1 && text[1].is_ascii_alphabetic() {
            let Some(Term::Word(path)) = self.terms.get(self.at) else { return Err(Leave::All) };
            let path = path.clone();
            self.at += 1;
            let Some((_, path)) = path else { return Ok(None) };
            return self.file_test(&text[1..], &path);
        }
        // A pattern that an operator compares with is not looked for among files; any other would be.
        let compares =
            self.at >= 2 && matches!(self.terms.get(self.at - 2), Some(Term::Operator(o)) if o == b"=~" || o == b"!~");
        let looks = pattern::is_pattern(&pattern, Groups::None) || pattern.first() == Some(&b'~');
        Ok((compares || !looks).then_some(text))
    }

    fn file_test(&mut self, kinds: &[u8], path: &[u8]) -> Result<Operand, Leave> {
        let pieces = path_pieces(path);
        let fields = self.csh.globbed(pieces)?;
        let [Field::Known(path)] = fields.as_slice() else { return Ok(None) };
        if kinds == b"X" {
            return Ok(None);
        }
        let Some(path) = self.csh.absolute(path) else { return Ok(None) };
        let system = self.csh.system;
        let stat = system.stat(&path).ok();
        let mut all = true;
        for kind in kinds {
            all &= match kind {
                b'e' => stat.is_some(),
                b'f' => stat.as_ref().is_some_and(|s| s.kind == Kind::File),
                b'd' => stat.as_ref().is_some_and(|s| s.kind == Kind::Dir),
                b'z' => stat.as_ref().is_some_and(|s| s.size == 0),
                b's' => stat.as_ref().is_some_and(|s| s.size > 0),
                b'l' => system.lstat(&path).is_ok_and(|s| s.kind == Kind::Link),
                b'o' => stat.as_ref().is_some_and(|s| s.uid == system.uid()),
                b'w' => stat.is_some() && system.writable(&path).is_ok(),
                b'x' => match &stat {
                    None => false,
                    Some(s) if s.mode & 0o111 == 0o111 || s.kind == Kind::Dir && s.mode & 0o111 != 0 => true,
                    Some(s) if s.mode & 0o111 == 0 => false,
                    Some(_) => return Ok(None),
                },
                b'r' => match &stat {
                    None => false,
                    Some(s) if s.kind == Kind::File => system.read(&path, 1).is_ok(),
                    Some(s) if s.kind == Kind::Dir => system.list(&path).is_ok(),
                    Some(_) => return Ok(None),
                },
                _ => return Ok(None),
            };
        }
        Ok(Some(boolean(all)))
    }
}

/// A pattern as pieces: what is escaped is quoted.
fn path_pieces(pattern: &[u8]) -> Vec<super::expand::Piece> {
    let mut out = Vec::new();
    let mut bytes = pattern.iter();
    while let Some(b) = bytes.next() {
        out.push(match b {
            b'\\' => super::expand::Piece::Byte(bytes.next().copied().unwrap_or(b'\\'), true),
            b => super::expand::Piece::Byte(*b, false),
        });
    }
    out
}

fn is_operator(text: &[u8]) -> bool {
    matches!(text, b"!" | b"~") || LEVELS.iter().any(|level| level.contains(&text))
}

fn boolean(is: bool) -> Vec<u8> {
    if is { b"1".to_vec() } else { b"0".to_vec() }
}

/// A decimal number. With a leading zero it may be octal.
fn number(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}
