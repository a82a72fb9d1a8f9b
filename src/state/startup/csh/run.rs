//! The commands of a line.

use super::expand::Field;
use super::lex::{self, Part, Token, Word};
use super::{Csh, DEEPEST, Flow, Leave, MOST_STEPS};
use crate::state::startup::value::Truth;

impl Csh<'_> {
    /// Commands between `;` and `&`.
    pub(super) fn sequence(&mut self, tokens: &[Token]) -> Flow {
        for (part, end) in parts(tokens, |operator| matches!(operator, b";" | b"&")) {
            // What runs behind sets nothing here.
            if end != Some(b"&") {
                self.chain(part)?;
            }
        }
        Ok(())
    }

    /// Commands between `&&` and `||`.
    fn chain(&mut self, tokens: &[Token]) -> Flow {
        let parts = parts(tokens, |operator| matches!(operator, b"&&" | b"||"));
        if parts.len() > 1 && tokens.first().and_then(Token::plain) == Some(b"if") {
            self.unclear(tokens);
            return Ok(());
        }
        let mut before: Option<&[u8]> = None;
        for (part, end) in parts {
            let wanted = match (before, self.state.status) {
                (None, _) => Truth::Yes,
                (Some(_), None) => Truth::Maybe,
                (Some(operator), Some(status)) => Truth::of((status == 0) == (operator == b"&&")),
            };
            match wanted {
                Truth::Yes => self.pipeline(part)?,
                Truth::No => {}
                Truth::Maybe => self.either(|csh| csh.pipeline(part), |_| Ok(()))?,
            }
            before = end;
        }
        Ok(())
    }

    fn pipeline(&mut self, tokens: &[Token]) -> Flow {
        if tokens.first().and_then(Token::plain) == Some(b"if") {
            return self.guarded(tokens);
        }
        let stages = parts(tokens, |operator| matches!(operator, b"|" | b"|&"));
        if stages.len() > 1 {
            // Each runs in a process of its own.
            self.state.status = None;
            return Ok(());
        }
        self.command(tokens)
    }

    /// `if (…) COMMAND`
    fn guarded(&mut self, tokens: &[Token]) -> Flow {
        let open = 1 + tokens[1..].iter().take_while(|t| t.plain() == Some(b"!")).count();
        let mut level = 0_usize;
        let close = tokens.iter().enumerate().skip(open).find_map(|(at, token)| {
            if token.is(b"(") {
                level += 1;
            } else if token.is(b")") {
                level = level.saturating_sub(1);
            }
            (level == 0).then_some(at)
        });
        let Some(close) = close.filter(|_| tokens[open].is(b"(")) else {
            self.unclear(tokens);
            return Ok(());
        };
        let truth = self.condition(&tokens[1..=close])?;
        let command = &tokens[close + 1..];
        // What follows belongs to a block, or goes on with the expression.
        let first = command.first().and_then(Token::plain).unwrap_or_default();
        if matches!(first, b"then" | b"foreach" | b"while" | b"switch")
            || command.last().and_then(Token::plain) == Some(b"then")
        {
            self.unclear(tokens);
            return Ok(());
        }
        // Its references are replaced whether it is run or not.
        let looked = |csh: &mut Self| {
            for token in command {
                if let Token::Word(word) = token {
                    csh.referred(word)?;
                }
            }
            Ok(())
        };
        match truth {
            Truth::Yes => self.behind(command),
            Truth::No => looked(self),
            Truth::Maybe => self.either(|csh| csh.behind(command), looked),
        }
    }

    fn behind(&mut self, command: &[Token]) -> Flow {
        self.guarded = true;
        let flow = self.pipeline(command);
        self.guarded = false;
        flow
    }

    /// One command.
    pub(super) fn command(&mut self, tokens: &[Token]) -> Flow {
        let Some(first) = tokens.first() else { return Ok(()) };
        self.steps += 1;
        if self.steps > MOST_STEPS {
            self.doubt_all();
            return Err(Leave::All);
        }
        if first.is(b"(") {
            self.state.status = None;
            return Ok(());
        }
        let name = first.plain().map(<[u8]>::to_vec);
        let guarded = std::mem::take(&mut self.guarded);
        if let Some(name) = &name {
            if let Some(alias) = self.state.aliases.get(name).filter(|_| !guarded).cloned() {
                return self.aliased(name, alias.as_deref(), &tokens[1..]);
            }
            if name == b"@" {
                return self.at(&tokens[1..]);
            }
        }
        let tokens = self.without_redirections(tokens)?;
        let Some(name) = name else { return self.unnamed(&tokens) };
        let Some(rest) = tokens.get(1..) else { return Ok(()) };
        self.builtin(&name, rest)
    }

    /// A command whose name is quoted or given by a reference.
    fn unnamed(&mut self, tokens: &[Token]) -> Flow {
        let fields = self.fields(tokens)?;
        self.state.status = None;
        let quoted =
            matches!(tokens.first(), Some(Token::Word(word)) if word.iter().all(|p| matches!(p, Part::Text { .. })));
        match fields.first() {
            // No builtin is called so.
            _ if quoted => {}
            Some(Field::Known(name)) if name.contains(&b'/') => {}
            _ => self.unclear(tokens),
        }
        Ok(())
    }

    fn without_redirections(&mut self, tokens: &[Token]) -> Result<Vec<Token>, Leave> {
        let mut out = Vec::new();
        let mut rest = tokens.iter();
        let mut level = 0_usize;
        while let Some(token) = rest.next() {
            match token {
                Token::Operator(b"(") => level += 1,
                Token::Operator(b")") => level = level.saturating_sub(1),
                Token::Operator(operator) if level == 0 => {
                    let Some(Token::Word(target)) = rest.next() else { return Err(Leave::All) };
                    if operator.starts_with(b">") {
                        let path = match self.fields(&[Token::Word(target.clone())])?.as_slice() {
                            [Field::Known(path)] => Some(path.clone()),
                            _ => None,
                        };
                        // A file that is read later may be this one.
                        match path.and_then(|path| self.absolute(&path)) {
                            Some(path) if path.starts_with("/dev") => {}
                            // Of a builtin that is an error.
                            Some(path) if path.parent().is_none_or(|dir| self.system.stat(dir).is_err()) => {
                                self.may_leave(Leave::All);
                            }
                            path => self.written.push(path),
                        }
                    }
                    continue;
                }
                _ => {}
            }
            out.push(token.clone());
        }
        Ok(out)
    }

    fn aliased(&mut self, name: &[u8], definition: Option<&[u8]>, arguments: &[Token]) -> Flow {
        let Some(definition) = definition.filter(|_| self.depth < DEEPEST) else {
            self.unclear(arguments);
            return Ok(());
        };
        let lines = lex::lines(definition, false);
        let [line] = lines.as_slice() else {
            if !lines.is_empty() {
                self.unclear(arguments);
            }
            return Ok(());
        };
        if line.faulty {
            return Err(Leave::All);
        }
        let (mut tokens, mut takes) = (Vec::new(), false);
        for token in &line.tokens {
            let Token::Word(word) = token else {
                tokens.push(token.clone());
                continue;
            };
            if let [Part::Event(event)] = word.as_slice() {
                takes = true;
                match chosen(event, arguments) {
                    Some(some) => tokens.extend_from_slice(some),
                    None => tokens.push(Token::Word(vec![Part::Unclear(Vec::new())])),
                }
                continue;
            }
            let word: Word = word
                .iter()
                .flat_map(|part| match part {
                    Part::Command { text, quoted } if text.contains(&b'!') => {
                        takes = true;
                        let text = within(text, arguments);
                        vec![text.map_or(Part::Unclear(Vec::new()), |text| Part::Command { text, quoted: *quoted })]
                    }
                    Part::Event(event) => {
                        takes = true;
                        chosen(event, arguments).and_then(joined).unwrap_or_else(|| vec![Part::Unclear(Vec::new())])
                    }
                    part => vec![part.clone()],
                })
                .collect();
            tokens.push(Token::Word(word));
        }
        if !takes {
            tokens.extend_from_slice(arguments);
        }
        // What begins with its own name is that command.
        let own = tokens.first().and_then(Token::plain) == Some(name);
        let aliases = own.then(|| self.state.aliases.clone());
        if own {
            std::rc::Rc::make_mut(&mut self.state.aliases).remove(name);
        }
        self.depth += 1;
        let flow = self.sequence(&tokens);
        self.depth -= 1;
        if let Some(aliases) = aliases {
            for (name, alias) in aliases.iter() {
                std::rc::Rc::make_mut(&mut self.state.aliases).entry(name.clone()).or_insert_with(|| alias.clone());
            }
        }
        flow
    }
}

/// The arguments that an alias asks for.
fn chosen<'t>(event: &[u8], arguments: &'t [Token]) -> Option<&'t [Token]> {
    match event {
        b"*" => Some(arguments),
        b"^" => arguments.get(..1),
        b"$" => arguments.get(arguments.len().checked_sub(1)?..),
        digits => {
            let at: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
            arguments.get(at.checked_sub(1)?..at)
        }
    }
}

/// A text in which the arguments of an alias are put.
fn within(text: &[u8], arguments: &[Token]) -> Option<Vec<u8>> {
    let (mut out, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.iter().position(|b| *b == b'!') {
        out.extend_from_slice(&rest[..at]);
        let after = &rest[at + 1..];
        let after = after.strip_prefix(b":").unwrap_or(after);
        let length = match after {
            [b'*' | b'^' | b'$', ..] => 1,
            _ => after.iter().take_while(|b| b.is_ascii_digit()).count(),
        };
        let words: Option<Vec<&[u8]>> = chosen(&after[..length], arguments)?.iter().map(Token::plain).collect();
        out.extend(words?.join(&b' '));
        rest = &after[length..];
        if matches!(rest, [b'-' | b'*' | b':', ..]) {
            return None;
        }
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// Words within a word.
fn joined(tokens: &[Token]) -> Option<Word> {
    let mut out = Word::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { return None };
        if at > 0 {
            out.push(Part::Text { bytes: b" ".to_vec(), quoted: true });
        }
        out.extend(word.iter().cloned());
    }
    Some(out)
}

/// What stands between operators that are in no parentheses, with the operator that follows it.
fn parts(tokens: &[Token], is_end: impl Fn(&[u8]) -> bool) -> Vec<(&[Token], Option<&'static [u8]>)> {
    let (mut level, mut from, mut out) = (0_usize, 0, Vec::new());
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Operator(b"(") => level += 1,
            Token::Operator(b")") => level = level.saturating_sub(1),
            Token::Operator(operator) if level == 0 && is_end(operator) => {
                out.push((&tokens[from..at], Some(*operator)));
                from = at + 1;
            }
            _ => {}
        }
    }
    if from < tokens.len() {
        out.push((&tokens[from..], None));
    }
    out
}
