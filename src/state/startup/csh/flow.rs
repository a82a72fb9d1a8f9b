//! Blocks: `if … then`, `foreach`, `while`, `switch`. They are lines that the shell looks for.

use super::expand::Field;
use super::lex::{Line, Token};
use super::{Csh, Flow, Leave, List, QUOTES};
use crate::state::startup::posix::pattern::{self, Groups};
use crate::state::startup::value::Truth;

/// Most rounds of a loop.
const MOST_ROUNDS: usize = 1000;

impl Csh<'_> {
    pub(super) fn lines(&mut self, lines: &[Line]) -> Flow {
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            self.place.line = line.number;
            if self.state.shell.contains_key(QUOTES) {
                self.may_leave(Leave::All);
                self.doubt_all();
                return Ok(());
            }
            if line.faulty {
                return Err(Leave::All);
            }
            let first = line.first().unwrap_or_default();
            at += 1;
            match first {
                b"if" if line.ends_with_then() => at = self.branches(lines, at - 1)?,
                b"foreach" => at = self.foreach(lines, at - 1)?,
                b"while" => at = self.repeated(lines, at - 1)?,
                b"switch" => at = self.switch(lines, at - 1)?,
                b"goto" => {
                    // Where it leads is not followed.
                    for line in lines {
                        self.doubt_tokens(&line.tokens);
                    }
                    return Ok(());
                }
                // Of no `if`: what comes before was taken.
                b"else" => at = end_of(lines, at, b"if").map_or(lines.len(), |end| end + 1),
                // Of no loop.
                b"end" => self.may_leave(Leave::All),
                b"endif" | b"endsw" | b"case" | b"default" | b"default:" | b"then" => {}
                label if label.ends_with(b":") && label.len() > 1 && line.tokens.len() == 1 => {}
                _ => self.sequence(&line.tokens)?,
            }
        }
        Ok(())
    }

    /// From the line of an `if … then` on; where it goes on.
    fn branches(&mut self, lines: &[Line], at: usize) -> Result<usize, Leave> {
        let condition = &lines[at].tokens[1..lines[at].tokens.len() - 1];
        let next = at_level(lines, at + 1, b"if", |first| matches!(first, b"else" | b"endif"));
        let end = end_of(lines, at + 1, b"if");
        let truth = self.condition(condition)?;
        let body = &lines[at + 1..next.unwrap_or(lines.len())];
        let other = |csh: &mut Self| match next {
            // Neither is there: an error.
            None => Err(Leave::All),
            Some(next) if lines[next].first() == Some(b"endif") => Ok(()),
            Some(next) => csh.otherwise(lines, next, end),
        };
        match truth {
            Truth::Yes => self.lines(body)?,
            Truth::No => other(self)?,
            Truth::Maybe => self.either(|csh| csh.lines(body), other)?,
        }
        Ok(end.map_or(lines.len(), |end| end + 1))
    }

    /// From the line of an `else` on.
    fn otherwise(&mut self, lines: &[Line], at: usize, end: Option<usize>) -> Flow {
        self.place.line = lines[at].number;
        let own = &lines[at].tokens[1..];
        if own.first().and_then(Token::plain) == Some(b"if") && lines[at].ends_with_then() {
            let line = Line { number: lines[at].number, tokens: own.to_vec(), faulty: false };
            // As if it stood on a line of its own, with the rest.
            let rest = lines[at + 1..end.map_or(lines.len(), |end| end + 1)].iter().map(|line| Line {
                number: line.number,
                tokens: line.tokens.clone(),
                faulty: line.faulty,
            });
            let lines: Vec<Line> = std::iter::once(line).chain(rest).collect();
            return self.branches(&lines, 0).map(drop);
        }
        if !own.is_empty() {
            self.sequence(own)?;
        }
        self.lines(&lines[at + 1..end.unwrap_or(lines.len())])
    }

    fn foreach(&mut self, lines: &[Line], at: usize) -> Result<usize, Leave> {
        let tokens = &lines[at].tokens;
        let end = end_of(lines, at + 1, b"foreach");
        let list = match tokens.as_slice() {
            [_, _, open, list @ .., close] if open.is(b"(") && close.is(b")") => Some(list),
            _ => None,
        };
        let (Some(name), Some(list)) = (tokens.get(1).and_then(Token::plain), list) else {
            self.unclear(tokens);
            return Ok(self.doubtful(lines, at, end));
        };
        if list.iter().any(|token| matches!(token, Token::Operator(_))) {
            self.unclear(tokens);
            return Ok(self.doubtful(lines, at, end));
        }
        let words = self.fields(list)?;
        let body = &lines[at + 1..end.unwrap_or(lines.len())];
        let mut flow = Ok(());
        // Without an end it comes to that of the file, once.
        let rounds = if end.is_some() { MOST_ROUNDS } else { 1 };
        for word in words.iter().take(rounds) {
            match word {
                Field::Known(word) => {
                    self.set_list(name, List::of([word.as_slice()]));
                    flow = self.round(body);
                }
                Field::Unknown => {
                    flow = self.perhaps_rounds(|csh| {
                        csh.set_list(name, List::Set);
                        csh.round(body)
                    });
                }
            }
            if flow.is_err() {
                break;
            }
        }
        self.after(flow, words.len() > MOST_ROUNDS, lines, at, end)
    }

    fn repeated(&mut self, lines: &[Line], at: usize) -> Result<usize, Leave> {
        let end = end_of(lines, at + 1, b"foreach");
        let body = &lines[at + 1..end.unwrap_or(lines.len())];
        let (mut flow, mut rounds) = (Ok(()), 0);
        while rounds < if end.is_some() { MOST_ROUNDS } else { 1 } && flow.is_ok() {
            match self.condition(&lines[at].tokens[1..])? {
                Truth::No => break,
                Truth::Yes => flow = self.round(body),
                Truth::Maybe => {
                    let condition = &lines[at].tokens[1..];
                    flow = self.perhaps_rounds(|csh| {
                        csh.condition(condition)?;
                        csh.round(body)
                    });
                    break;
                }
            }
            rounds += 1;
        }
        self.after(flow, rounds == MOST_ROUNDS, lines, at, end)
    }

    /// The end of a loop.
    fn after(
        &mut self,
        flow: Flow,
        too_many: bool,
        lines: &[Line],
        at: usize,
        end: Option<usize>,
    ) -> Result<usize, Leave> {
        self.joined(flow, Leave::Break)?;
        if too_many {
            return Ok(self.doubtful(lines, at, end));
        }
        if end.is_none() {
            self.may_leave(Leave::All);
        }
        Ok(end.map_or(lines.len(), |end| end + 1))
    }

    fn round(&mut self, body: &[Line]) -> Flow {
        let flow = self.lines(body);
        self.joined(flow, Leave::Continue)
    }

    /// Any number of rounds, or none: what differs from round to round cannot be told.
    fn perhaps_rounds(&mut self, mut round: impl FnMut(&mut Self) -> Flow) -> Flow {
        for _ in 0..3 {
            self.either(&mut round, |_| Ok(()))?;
        }
        Ok(())
    }

    /// What is not modelled of a block: all that stands in it.
    fn doubtful(&mut self, lines: &[Line], at: usize, end: Option<usize>) -> usize {
        let end = end.map_or(lines.len(), |end| end + 1);
        for line in &lines[at..end] {
            self.unclear(&line.tokens);
        }
        end
    }

    fn switch(&mut self, lines: &[Line], at: usize) -> Result<usize, Leave> {
        let tokens = &lines[at].tokens;
        let end = end_of(lines, at + 1, b"switch");
        let (Some(end), [_, open, word @ .., close]) = (end, tokens.as_slice()) else { return Err(Leave::All) };
        let [Token::Word(_)] = word else { return Ok(self.doubtful(lines, at, Some(end))) };
        if !open.is(b"(") || !close.is(b")") {
            return Ok(self.doubtful(lines, at, Some(end)));
        }
        let subject = match self.fields(word)?.as_slice() {
            [Field::Known(subject)] => Some(subject.clone()),
            [] => Some(Vec::new()),
            _ => None,
        };
        let inner = &lines[..end];
        let (mut start, mut default) = (at + 1, None);
        // Those labels at which it may begin.
        let mut begins = Vec::new();
        let mut sure = false;
        while let Some(label) = at_level(inner, start, b"switch", |f| matches!(f, b"case" | b"default" | b"default:")) {
            start = label + 1;
            if inner[label].first() != Some(b"case") {
                default = Some(label);
                continue;
            }
            let fits = match (self.label(&inner[label].tokens)?, &subject) {
                (Some(label), Some(subject)) => Truth::of(pattern::matches(&label, subject, Groups::None)),
                _ => Truth::Maybe,
            };
            if fits != Truth::No {
                begins.push(label);
            }
            sure = fits == Truth::Yes;
            if sure {
                break;
            }
        }
        begins.extend(default.filter(|_| !sure));
        sure |= default.is_some();
        let flow = self.begins(inner, &begins, sure);
        self.joined(flow, Leave::Switch)?;
        Ok(end + 1)
    }

    /// It begins at one of these lines.
    fn begins(&mut self, lines: &[Line], begins: &[usize], sure: bool) -> Flow {
        match begins {
            [] => Ok(()),
            [only] if sure => self.lines(&lines[only + 1..]),
            [first, rest @ ..] => {
                self.either(|csh| csh.lines(&lines[first + 1..]), |csh| csh.begins(lines, rest, sure))
            }
        }
    }

    /// The pattern of a `case`; `None` where it cannot be told.
    fn label(&mut self, tokens: &[Token]) -> Result<Option<Vec<u8>>, Leave> {
        let [_, Token::Word(word), ..] = tokens else { return Ok(None) };
        // Quotes make no difference to it.
        let Some(pattern) = self.pattern(word)? else { return Ok(None) };
        let mut pattern = pattern::unescaped(&pattern);
        if pattern.contains(&b'\\') {
            return Ok(None);
        }
        if pattern.last() == Some(&b':') {
            pattern.pop();
            return Ok(Some(pattern));
        }
        Ok((tokens.get(2).and_then(Token::plain) == Some(b":")).then_some(pattern))
    }
}

/// The next line of a block's own level that is one of those wanted, from a line on. `kind` names the block: loops end
/// alike.
fn at_level(lines: &[Line], from: usize, kind: &[u8], wanted: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let mut level = 0_usize;
    for (at, line) in lines.iter().enumerate().skip(from) {
        let first = line.first().unwrap_or_default();
        if level == 0 && wanted(first) {
            return Some(at);
        }
        let opens = match kind {
            b"if" => line.opens_if(),
            b"switch" => first == b"switch",
            _ => matches!(first, b"foreach" | b"while"),
        };
        let closes = match kind {
            b"if" => first == b"endif",
            b"switch" => first == b"endsw",
            _ => first == b"end",
        };
        if opens {
            level += 1;
        } else if closes {
            level = level.checked_sub(1)?;
        }
    }
    None
}

/// The line that ends a block, from the first line in it on.
fn end_of(lines: &[Line], from: usize, kind: &[u8]) -> Option<usize> {
    at_level(lines, from, kind, |first| match kind {
        b"if" => first == b"endif",
        b"switch" => first == b"endsw",
        _ => first == b"end",
    })
}
