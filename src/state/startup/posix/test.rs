//! `test`, `[` and `[[`.

use std::rc::Rc;

use super::Dialect;
use super::expand::{Field, permitted};
use super::run::Run;
use super::syntax::{Piece, Token, Word};
use crate::secret::Token as Bytes;
use crate::state::startup::expression::{Expression, expression};
use crate::state::startup::value::{Truth, Value};
use crate::system::Kind;

impl Run<'_> {
    /// `[ … ]` (`bracket`) or `test …`.
    pub(super) fn test(&self, bracket: bool, arguments: &[Field]) -> Truth {
        let arguments = match arguments.split_last() {
            Some((Field::Known(last), rest)) if bracket && last == b"]" => rest,
            _ if bracket => return Truth::No,
            _ => arguments,
        };
        self.expression(arguments)
    }

    fn expression(&self, arguments: &[Field]) -> Truth {
        let is = |field: &Field, text: &[u8]| field.bytes() == Some(text);
        match arguments {
            [] => Truth::No,
            [one] => one.bytes().map_or(Truth::Maybe, |b| Truth::of(!b.is_empty())),
            [not, rest @ ..] if is(not, b"!") => self.expression(rest).not(),
            [operator, operand] => match operator.bytes() {
                Some(operator) => self.unary(operator, operand.bytes()),
                None => Truth::Maybe,
            },
            [left, operator, right] if operator.bytes().is_some_and(|o| !matches!(o, b"-a" | b"-o")) => {
                self.binary(left.bytes(), operator.bytes().unwrap_or_default(), right.bytes())
            }
            [open, inner @ .., close] if is(open, b"(") && is(close, b")") => self.expression(inner),
            _ => {
                for (operator, or) in [(b"-o", true), (b"-a", false)] {
                    if let Some(at) = arguments.iter().position(|f| is(f, operator)).filter(|at| *at > 0) {
                        let (left, right) = (self.expression(&arguments[..at]), self.expression(&arguments[at + 1..]));
                        return if or { either(left, right) } else { both(left, right) };
                    }
                }
                Truth::Maybe
            }
        }
    }

    fn unary(&self, operator: &[u8], operand: Option<&[u8]>) -> Truth {
        let Some(operand) = operand else { return Truth::Maybe };
        let path = self.absolute(operand);
        let asks_files = !matches!(operator, b"-n" | b"-z" | b"-v" | b"-o" | b"-t");
        if asks_files && (self.is_written(&path) || self.is_lost(operand)) {
            return Truth::Maybe;
        }
        let kind =
            |wanted: Kind| Truth::of(!operand.is_empty() && self.system.stat(&path).is_ok_and(|s| s.kind == wanted));
        let mode =
            |bit: u32| Truth::of(!operand.is_empty() && self.system.stat(&path).is_ok_and(|s| s.mode & bit != 0));
        match operator {
            b"-v" | b"-a" | b"-o" if self.dialect == Dialect::Dash => Truth::No,
            b"-n" => Truth::of(!operand.is_empty()),
            b"-z" => Truth::of(operand.is_empty()),
            b"-e" | b"-a" => Truth::of(!operand.is_empty() && self.system.stat(&path).is_ok()),
            b"-f" => kind(Kind::File),
            b"-d" => kind(Kind::Dir),
            b"-p" => kind(Kind::Fifo),
            b"-h" | b"-L" => Truth::of(self.system.lstat(&path).is_ok_and(|s| s.kind == Kind::Link)),
            b"-s" => Truth::of(!operand.is_empty() && self.system.stat(&path).is_ok_and(|s| s.size > 0)),
            b"-r" => Truth::of(!operand.is_empty() && permitted(self.system, &path, 0o4)),
            b"-w" => Truth::of(!operand.is_empty() && self.system.writable(&path).is_ok()),
            b"-x" => Truth::of(!operand.is_empty() && permitted(self.system, &path, 0o1)),
            b"-u" => mode(0o4000),
            b"-g" => mode(0o2000),
            b"-k" => mode(0o1000),
            b"-O" => Truth::of(self.system.stat(&path).is_ok_and(|s| s.uid == self.system.uid())),
            b"-v" if operand.contains(&b'[') => Truth::Maybe,
            b"-v" => match self.value(operand) {
                Value::Known(_) => Truth::Yes,
                Value::Unset => Truth::No,
                Value::Unknown => Truth::Maybe,
            },
            b"-o" => match operand.to_ascii_lowercase().as_slice() {
                b"interactive" => Truth::of(self.interactive),
                b"login" => Truth::of(self.login),
                b"allexport" => Truth::of(self.option("allexport")),
                _ => Truth::Maybe,
            },
            _ => Truth::Maybe,
        }
    }

    fn binary(&self, left: Option<&[u8]>, operator: &[u8], right: Option<&[u8]>) -> Truth {
        let (Some(left), Some(right)) = (left, right) else { return Truth::Maybe };
        let number = |b: &[u8]| std::str::from_utf8(b).ok()?.trim().parse::<i64>().ok();
        match operator {
            b"==" if self.dialect == Dialect::Dash => Truth::No,
            b"=" | b"==" => Truth::of(left == right),
            b"!=" => Truth::of(left != right),
            b"-eq" | b"-ne" | b"-lt" | b"-le" | b"-gt" | b"-ge" => {
                let (Some(left), Some(right)) = (number(left), number(right)) else { return Truth::No };
                Truth::of(match operator {
                    b"-eq" => left == right,
                    b"-ne" => left != right,
                    b"-lt" => left < right,
                    b"-le" => left <= right,
                    b"-gt" => left > right,
                    _ => left >= right,
                })
            }
            b"-nt" | b"-ot" => {
                let asked = [left, right];
                if asked.iter().any(|file| self.is_lost(file) || self.is_written(&self.absolute(file))) {
                    return Truth::Maybe;
                }
                let [left, right] =
                    asked.map(|file| self.system.stat(&self.absolute(file)).ok().map(|s| (s.mtime, s.mtime_ns)));
                let (newer, older) = if operator == b"-nt" { (left, right) } else { (right, left) };
                Truth::of(match (newer, older) {
                    (Some(newer), Some(older)) => newer > older,
                    // zsh and dash want both to be there.
                    (newer, None) => newer.is_some() && !matches!(self.dialect, Dialect::Zsh | Dialect::Dash),
                    (None, Some(_)) => false,
                })
            }
            b"-ef" => {
                let stat = |b: &[u8]| self.system.stat(&self.absolute(b)).ok().map(|s| (s.device, s.inode));
                Truth::of(stat(left).is_some_and(|l| Some(l) == stat(right)))
            }
            _ => Truth::Maybe,
        }
    }

    /// `[[ … ]]`
    pub(super) fn condition(&mut self, tokens: &[Token]) -> Truth {
        let mut at = 0;
        let truth = self.any_of(tokens, &mut at);
        if at == tokens.len() { truth } else { Truth::Maybe }
    }

    fn any_of(&mut self, tokens: &[Token], at: &mut usize) -> Truth {
        let mut truth = self.all_of(tokens, at);
        while tokens.get(*at) == Some(&Token::Or) {
            *at += 1;
            truth = either(truth, self.all_of(tokens, at));
        }
        truth
    }

    fn all_of(&mut self, tokens: &[Token], at: &mut usize) -> Truth {
        let mut truth = self.one_of(tokens, at);
        while tokens.get(*at) == Some(&Token::And) {
            *at += 1;
            truth = both(truth, self.one_of(tokens, at));
        }
        truth
    }

    fn one_of(&mut self, tokens: &[Token], at: &mut usize) -> Truth {
        match tokens.get(*at) {
            Some(Token::Not) => {
                *at += 1;
                self.one_of(tokens, at).not()
            }
            Some(Token::Open) => {
                *at += 1;
                let truth = self.any_of(tokens, at);
                if tokens.get(*at) == Some(&Token::Close) {
                    *at += 1;
                }
                truth
            }
            Some(Token::Word(first)) => {
                let operator = plain(first).filter(|o| o.starts_with(b"-") && o.len() == 2);
                match (operator, tokens.get(*at + 1), tokens.get(*at + 2)) {
                    (Some(operator), Some(Token::Word(operand)), _)
                        if !matches!(tokens.get(*at + 2), Some(Token::Word(_))) =>
                    {
                        *at += 2;
                        let asks_files = self.dialect == Dialect::Zsh && self.option("extendedglob");
                        let is_qualified = |piece: &Piece| matches!(piece, Piece::Text { bytes, quoted: false } if bytes.windows(3).any(|w| w == b"(#q"));
                        // zsh: a pattern after all.
                        if asks_files && operand.iter().any(is_qualified) {
                            return Truth::Maybe;
                        }
                        let operand = self.whole(operand, false);
                        self.unary(operator, operand.bytes())
                    }
                    (_, Some(Token::Word(operator)), Some(Token::Word(right))) => {
                        *at += 3;
                        self.compare(first, plain(operator).unwrap_or_default(), right)
                    }
                    (_, Some(Token::Less | Token::More), Some(Token::Word(_))) => {
                        *at += 3;
                        Truth::Maybe
                    }
                    _ => {
                        *at += 1;
                        match self.whole(first, false) {
                            Value::Known(token) => Truth::of(!token.bytes().is_empty()),
                            Value::Unset => Truth::No,
                            Value::Unknown => Truth::Maybe,
                        }
                    }
                }
            }
            _ => Truth::Maybe,
        }
    }

    /// The right side of `=~`; what is quoted in it stands for itself.
    fn regular_expression(&mut self, word: &Word) -> Option<Expression> {
        let mut text = Vec::new();
        for piece in word {
            // In zsh it does not.
            let quoted = self.dialect == Dialect::Bash
                && matches!(piece, Piece::Text { quoted: true, .. } | Piece::Parameter { quoted: true, .. });
            let value = self.whole(&vec![piece.clone()], false);
            let bytes = value.bytes()?;
            if quoted && !bytes.iter().all(|b| is_literal(*b) || *b == b'.') {
                return None;
            }
            for b in bytes {
                if quoted && *b == b'.' {
                    text.push(b'\\');
                }
                text.push(*b);
            }
        }
        expression(&text, true)
    }

    /// What an expression and its groups have matched; nothing where it has not.
    fn matched(&mut self, groups: Option<&[&[u8]]>) {
        let elements = |all: &[&[u8]]| all.iter().map(|group| Rc::new(Bytes::new(group.to_vec()))).collect();
        match (self.dialect, groups) {
            (Dialect::Zsh, Some([all, groups @ ..])) => {
                self.assign(b"MATCH", Value::of(all));
                self.assign_array(b"match", Some(elements(groups)), false);
            }
            (Dialect::Zsh, _) => {}
            (_, groups) => self.assign_array(b"BASH_REMATCH", Some(elements(groups.unwrap_or_default())), false),
        }
    }

    fn matched_unknown(&mut self) {
        let names: &[&[u8]] = if self.dialect == Dialect::Zsh { &[b"MATCH", b"match"] } else { &[b"BASH_REMATCH"] };
        for name in names {
            self.assign(name, Value::Unknown);
        }
    }

    fn compare(&mut self, left: &Word, operator: &[u8], right: &Word) -> Truth {
        let left = self.whole(left, false);
        match operator {
            // zsh: flags in a pattern, which may fill variables.
            b"=" | b"==" | b"!=" if self.dialect == Dialect::Zsh && right.iter().any(is_flag) => {
                self.matched_unknown();
                Truth::Maybe
            }
            b"=" | b"==" | b"!=" => {
                let (Some(text), Some(pattern)) = (left.bytes(), self.pattern(right)) else { return Truth::Maybe };
                let same = Truth::of(self.fits(&pattern, text, true));
                if operator == b"!=" { same.not() } else { same }
            }
            b"=~" => match (left.bytes(), self.regular_expression(right)) {
                (Some(text), Some(wanted))
                    if !self.option("nocasematch") && text.is_ascii() && !text.contains(&b'\n') =>
                {
                    let found = wanted.find(text, 0);
                    let groups: Option<Vec<&[u8]>> =
                        found.map(|all| all.into_iter().map(|at| at.map_or(&b""[..], |at| &text[at])).collect());
                    self.matched(groups.as_deref());
                    Truth::of(groups.is_some())
                }
                _ => {
                    self.matched_unknown();
                    Truth::Maybe
                }
            },
            // Both are expressions; what is not there is 0.
            b"-eq" | b"-ne" | b"-lt" | b"-le" | b"-gt" | b"-ge" => {
                let right = self.whole(right, false);
                let number = |run: &mut Self, value: &Value| match value {
                    Value::Known(text) => run.arithmetic(text.bytes()).map(|n| n.to_string().into_bytes()),
                    Value::Unset => Some(b"0".to_vec()),
                    Value::Unknown => None,
                };
                let (left, right) = (number(self, &left), number(self, &right));
                self.binary(left.as_deref(), operator, right.as_deref())
            }
            _ => {
                let right = self.whole(right, false);
                self.binary(left.bytes(), operator, right.bytes())
            }
        }
    }
}

/// zsh: `(#b)` and the like.
fn is_flag(piece: &Piece) -> bool {
    matches!(piece, Piece::Text { bytes, quoted: false } if bytes.windows(2).any(|w| w == b"(#"))
}

/// Whether a byte stands for itself in a regular expression.
fn is_literal(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'/' | b'-' | b':' | b'@' | b' ' | b',' | b'=' | b'~' | b'%')
}

fn plain(word: &Word) -> Option<&[u8]> {
    match word.as_slice() {
        [Piece::Text { bytes, quoted: false }] => Some(bytes),
        _ => None,
    }
}

pub(super) fn either(left: Truth, right: Truth) -> Truth {
    match (left, right) {
        (Truth::Yes, _) | (_, Truth::Yes) => Truth::Yes,
        (Truth::No, Truth::No) => Truth::No,
        _ => Truth::Maybe,
    }
}

pub(super) fn both(left: Truth, right: Truth) -> Truth {
    either(left.not(), right.not()).not()
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    fn next(shell: Shell, text: &str) -> Value {
        let fake = Fake::home()
            .file("/home/u/.bashrc", text)
            .file("/home/u/.zshrc", text)
            .file("/home/u/old", "")
            .written("/home/u/old", 1)
            .file("/home/u/new", "export HF_TOKEN=a\n")
            .mode("/usr/bin/some-program", "\x7fELF", 0o755)
            .var("PATH", "/usr/bin");
        start(&fake, shell, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    #[test]
    fn which_of_two_files_is_newer() {
        let of_all = "[[ ~/new -nt ~/old && ~/old -ot ~/new ]] && ! [ ~/old -nt ~/new ] && export HF_TOKEN=a\n";
        let beside_none = "[[ ~/old -nt ~/nope && ~/nope -ot ~/old ]] && export HF_TOKEN=a\n";
        for (shell, value) in [(Shell::Bash, Value::of(b"a")), (Shell::Zsh, Value::Unset)] {
            assert_eq!(next(shell, of_all), Value::of(b"a"));
            assert_eq!(next(shell, beside_none), value, "{}", shell.name());
            let touched = "some-program && touch ~/x\n[[ ~/x -nt ~/old ]] && export HF_TOKEN=a\n";
            assert_eq!(next(shell, touched), Value::Unknown, "{}", shell.name());
        }
    }

    /// A file that may have been made anew may be what it was.
    #[test]
    fn a_file_that_may_be_written_is_read() {
        let text = "[[ ~/new -nt $(some-program) ]] || some-program > ~/new\nsource ~/new\n";
        for shell in [Shell::Bash, Shell::Zsh] {
            assert_eq!(next(shell, text), Value::Unknown, "{}", shell.name());
        }
    }
}
