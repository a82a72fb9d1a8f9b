//! What the builtins set.

use std::collections::VecDeque;
use std::rc::Rc;

use super::expand::{Field, Piece, linked};
use super::lex::{self, Token, is_name};
use super::{Csh, Flow, Leave, List};
use crate::state::startup::path_of;
use crate::state::startup::posix::pattern::{self, Groups};
use crate::state::startup::value::{Truth, Value, Variable};
use crate::system::Kind;

impl Csh<'_> {
    pub(super) fn builtin(&mut self, name: &[u8], rest: &[Token]) -> Flow {
        if !matches!(name, b"set" | b"foreach") && rest.iter().any(|token| matches!(token, Token::Operator(_))) {
            // A parenthesis out of place: an error, unless it is one of a syntax that is not known here.
            self.unclear(rest);
            return Ok(());
        }
        match name {
            b"setenv" => return self.setenv(rest),
            b"set" => return self.set(rest),
            b"unsetenv" | b"unset" | b"unalias" => {
                for token in rest {
                    let Token::Word(word) = token else { continue };
                    let wanted = self.pattern(word)?;
                    self.unset(name, wanted);
                }
            }
            b"alias" => return self.alias(rest),
            b"source" => return self.source(rest),
            b"eval" => return self.eval(rest),
            b"cd" | b"chdir" | b"pushd" | b"popd" => return self.change_directory(name, rest),
            b"exit" => {
                self.fields(rest)?;
                return Err(Leave::File);
            }
            b"break" => return Err(Leave::Break),
            b"continue" => return Err(Leave::Continue),
            b"breaksw" => return Err(Leave::Switch),
            b"exec" | b"logout" | b"login" | b"newgrp" => {
                // What comes after it is not this shell any more, or nothing.
                self.fields(rest)?;
                return Err(Leave::All);
            }
            b"repeat" => return self.repeat(rest),
            b"shift" => return self.shift(rest),
            b"kill" | b"limit" | b"unlimit" | b"umask" | b"settc" | b"setty" | b"fg" | b"bg" | b"wait" | b"stop"
            | b"dirs" | b"suspend" | b"inlib" | b"telltc" | b"echotc" | b"sched" | b"log" | b"watchlog"
            | b"rootnode" => {
                self.fields(rest)?;
                if matches!(name, b"kill" | b"fg" | b"bg" | b"stop" | b"suspend") {
                    self.may_leave(Leave::All);
                }
            }
            b"if" | b"then" | b"else" | b"endif" | b"foreach" | b"while" | b"end" | b"switch" | b"case"
            | b"default" | b"endsw" | b"goto" => self.unclear(rest),
            b"bindkey" | b"complete" | b"uncomplete" | b"onintr" | b"hashstat" | b"rehash" | b"unhash" | b"history"
            | b"jobs" | b"notify" | b"glob" | b"where" | b"filetest" | b"setpath" => {
                self.fields(rest)?;
            }
            b"nice" | b"nohup" | b"time" | b":" => {
                for token in rest {
                    if let Token::Word(word) = token {
                        self.referred(word)?;
                    }
                }
            }
            b"echo" | b"printenv" | b"which" => {
                let fields = self.fields(rest)?;
                self.state.status = self.program(name, &fields, None).map(|p| i32::from(!p.success));
                return Ok(());
            }
            _ => return self.external(name, rest),
        }
        self.state.status = Some(0);
        Ok(())
    }

    /// A program: an error in what its words become is its own, but for references.
    fn external(&mut self, name: &[u8], rest: &[Token]) -> Flow {
        let mut fields = Vec::new();
        for token in rest {
            if let Token::Word(word) = token {
                for word in self.referred(word)? {
                    let left = self.left.len();
                    fields.extend(self.globbed(word).unwrap_or_else(|_| vec![Field::Unknown]));
                    self.left.truncate(left);
                }
            }
        }
        self.state.status = self.program(name, &fields, None).map(|p| i32::from(!p.success));
        Ok(())
    }

    fn setenv(&mut self, rest: &[Token]) -> Flow {
        let mut words = Vec::new();
        for token in rest {
            if let Token::Word(word) = token {
                words.extend(self.referred(word)?);
            }
        }
        let mut words = words.into_iter();
        let (name, value) = (words.next(), words.next());
        if words.next().is_some() {
            return Err(Leave::All);
        }
        let Some(name) = name else { return Ok(()) };
        let name = self.globbed(name)?;
        let [Field::Known(name)] = name.as_slice() else {
            self.may_leave(Leave::All);
            self.doubt_all();
            return Ok(());
        };
        if !is_variable(name) {
            return Err(Leave::All);
        }
        let value = match value {
            Some(value) => joined(&self.globbed(value)?),
            None => Some(Vec::new()),
        };
        self.put(name, value.map_or(Value::Unknown, |value| Value::of(&value)));
        self.state.status = Some(0);
        Ok(())
    }

    /// Sets a variable of the environment.
    fn put(&mut self, name: &[u8], value: Value) {
        if self.names.iter().any(|own| own.as_bytes() == name) {
            self.log.push((name.to_vec(), value.clone(), self.place.clone()));
        }
        let exported = Truth::of(value != Value::Unset);
        self.state.environment.put(name, Variable::new(value, exported, Some(self.place.clone())));
    }

    /// Sets a variable of the shell's own, and the one of the environment that is its other side.
    pub(super) fn set_list(&mut self, name: &[u8], list: List) {
        if let Some(linked) = linked(name) {
            let separator = if name == b"path" { b':' } else { b' ' };
            let value = list.words().map_or(Value::Unknown, |words| Value::of(&words.join(&separator)));
            self.put(linked, value);
            return;
        }
        Rc::make_mut(&mut self.state.shell).insert(name.to_vec(), list);
    }

    /// `set NAME`, `set NAME=WORD`, `set NAME = (WORD …)`, any number of them.
    fn set(&mut self, rest: &[Token]) -> Flow {
        // The words, and the parentheses between them.
        let mut words: VecDeque<Result<Vec<Piece>, &'static [u8]>> = VecDeque::new();
        for token in rest {
            match token {
                Token::Word(word) => words.extend(self.referred(word)?.into_iter().map(Ok)),
                Token::Operator(operator) => words.push_back(Err(operator)),
            }
        }
        if let Some(Ok(word)) = words.front()
            && matches!(word.first(), Some(Piece::Byte(b'-', _)))
        {
            // Variables that cannot be changed, or lists without doubles.
            self.unclear(rest);
            for word in words.into_iter().flatten() {
                let name = leading_name(&word);
                if !name.is_empty() {
                    self.set_list(&name, List::Maybe);
                }
            }
            return Ok(());
        }
        while let Some(word) = words.pop_front() {
            let Ok(word) = word else { return Err(Leave::All) };
            let name = leading_name(&word);
            if !is_variable(&name) {
                if word.iter().any(|piece| !matches!(piece, Piece::Byte(..))) {
                    self.unclear(rest);
                    return Ok(());
                }
                return Err(Leave::All);
            }
            let after = &word[name.len()..];
            let mut value = match after {
                [] => match words.front() {
                    Some(Ok(sign)) if matches!(sign.as_slice(), [Piece::Byte(b'=', _)]) => {
                        words.pop_front();
                        words.pop_front()
                    }
                    _ => {
                        self.set_list(&name, List::of([b"".as_slice()]));
                        continue;
                    }
                },
                [Piece::Byte(b'=', _)] if matches!(words.front(), Some(Err(b"("))) => words.pop_front(),
                [Piece::Byte(b'=', _), value @ ..] => Some(Ok(value.to_vec())),
                // One of its words.
                [Piece::Byte(b'[', _), inner @ ..] => {
                    let digits = leading_name(inner);
                    let at: Option<usize> = std::str::from_utf8(&digits).ok().and_then(|n| n.parse().ok());
                    let assigned = match &inner[digits.len()..] {
                        [Piece::Byte(b']', _)] => match (words.pop_front(), words.pop_front()) {
                            (Some(Ok(sign)), Some(Ok(value))) if matches!(sign.as_slice(), [Piece::Byte(b'=', _)]) => {
                                Some(value)
                            }
                            _ => None,
                        },
                        [Piece::Byte(b']', _), Piece::Byte(b'=', _), value @ ..] => Some(value.to_vec()),
                        _ => None,
                    };
                    self.set_element(&name, at, assigned)?;
                    continue;
                }
                _ => return Err(Leave::All),
            };
            let mut fields = Vec::new();
            match &mut value {
                None => fields.push(Field::Known(Vec::new())),
                Some(Ok(word)) => {
                    let word = std::mem::take(word);
                    let empty = word.is_empty();
                    fields = if empty { vec![Field::Known(Vec::new())] } else { self.globbed(word)? };
                    if fields.is_empty() {
                        fields.push(Field::Known(Vec::new()));
                    }
                }
                Some(Err(b"(")) => loop {
                    match words.pop_front() {
                        Some(Ok(word)) => fields.extend(self.globbed(word)?),
                        Some(Err(b")")) => break,
                        _ => return Err(Leave::All),
                    }
                },
                Some(Err(_)) => return Err(Leave::All),
            }
            let list: Option<Vec<&[u8]>> = fields
                .iter()
                .map(|field| match field {
                    Field::Known(word) => Some(word.as_slice()),
                    Field::Unknown => None,
                })
                .collect();
            self.set_list(&name, list.map_or(List::Set, List::of));
        }
        self.state.status = Some(0);
        Ok(())
    }

    /// Sets one of the words of a variable, from 1.
    fn set_element(&mut self, name: &[u8], at: Option<usize>, value: Option<Vec<Piece>>) -> Flow {
        let (Some(at), Some(value)) = (at, value) else {
            self.may_leave(Leave::All);
            self.set_list(name, List::Maybe);
            return Ok(());
        };
        let value = joined(&self.globbed(value)?);
        match (self.is_set(name), self.list(name)) {
            (Truth::No, _) => Err(Leave::All),
            (_, Some(mut words)) => {
                let Some(word) = at.checked_sub(1).and_then(|at| words.get_mut(at)) else { return Err(Leave::All) };
                let known = value.is_some();
                *word = value.unwrap_or_default();
                self.set_list(name, if known { List::of(words.iter().map(Vec::as_slice)) } else { List::Set });
                Ok(())
            }
            _ => {
                self.may_leave(Leave::All);
                self.set_list(name, List::Set);
                Ok(())
            }
        }
    }

    /// `@ NAME = EXPRESSION`, `@ NAME++`
    pub(super) fn at(&mut self, tokens: &[Token]) -> Flow {
        let Some(Token::Word(first)) = tokens.first() else { return Ok(()) };
        let Some(first) = self.single(first)? else {
            self.unclear(tokens);
            return Ok(());
        };
        let length = first.iter().take_while(|b| is_name(**b)).count();
        let (name, after) = first.split_at(length);
        let mut rest = tokens[1..].to_vec();
        let mut operator = after.to_vec();
        if operator.is_empty()
            && let Some(Token::Word(word)) = rest.first()
        {
            operator = self.single(word)?.unwrap_or_default();
            rest.remove(0);
        }
        let length =
            [b"+=".as_slice(), b"-=", b"="].iter().find(|o| operator.starts_with(o)).map_or(usize::MAX, |o| o.len());
        if operator.len() > length {
            // The expression begins in the same word.
            let bytes = operator.split_off(length);
            rest.insert(0, Token::Word(vec![lex::Part::Text { bytes, quoted: false }]));
        }
        let number = |csh: &Self, name: &[u8]| {
            let words = csh.list(name)?;
            let [word] = words.as_slice() else { return None };
            if word.is_empty() { Some(0) } else { std::str::from_utf8(word).ok()?.parse::<i64>().ok() }
        };
        let known = self.is_set(name) != Truth::Maybe;
        let old = if self.is_set(name) == Truth::No { Some(0) } else { number(self, name) }.filter(|_| known);
        let value = match operator.as_slice() {
            b"++" if rest.is_empty() => old.and_then(|n| n.checked_add(1)),
            b"--" if rest.is_empty() => old.and_then(|n| n.checked_sub(1)),
            b"=" | b"+=" | b"-=" => {
                let value = self.expression(&rest)?;
                let value = value.and_then(|value| std::str::from_utf8(&value).ok()?.parse::<i64>().ok());
                match (operator.as_slice(), old, value) {
                    (b"=", _, value) => value,
                    (b"+=", Some(old), Some(value)) => old.checked_add(value),
                    (b"-=", Some(old), Some(value)) => old.checked_sub(value),
                    _ => None,
                }
            }
            _ => None,
        };
        if !is_variable(name) {
            self.unclear(tokens);
            return Ok(());
        }
        if let Some(value) = value {
            self.set_list(name, List::of([value.to_string().as_bytes()]));
        } else {
            self.may_leave(Leave::All);
            self.set_list(name, List::Set);
        }
        self.state.status = Some(0);
        Ok(())
    }

    /// `unsetenv`, `unset` and `unalias` take patterns.
    fn unset(&mut self, kind: &[u8], wanted: Option<Vec<u8>>) {
        let Some(wanted) = wanted else {
            self.doubt_all();
            return;
        };
        let fits = |name: &[u8]| pattern::matches(&wanted, name, Groups::None);
        match kind {
            b"unsetenv" => {
                let mut names: Vec<Vec<u8>> =
                    self.state.environment.beginning_with(b"").filter(|name| fits(name)).map(<[u8]>::to_vec).collect();
                if !pattern::is_pattern(&wanted, Groups::None) {
                    names = vec![pattern::unescaped(&wanted)];
                }
                for name in names {
                    self.put(&name, Value::Unset);
                }
            }
            b"unset" => Rc::make_mut(&mut self.state.shell).retain(|name, _| !fits(name)),
            _ => Rc::make_mut(&mut self.state.aliases).retain(|name, _| !fits(name)),
        }
    }

    fn alias(&mut self, rest: &[Token]) -> Flow {
        // `!` stands for the arguments of the alias, once its quote is off.
        let fields = self.fields(rest)?;
        self.state.status = Some(0);
        let Some((Field::Known(name), definition)) = fields.split_first() else { return Ok(()) };
        if !definition.is_empty() {
            let definition = joined(definition).map(Rc::from);
            Rc::make_mut(&mut self.state.aliases).insert(name.clone(), definition);
        }
        Ok(())
    }

    fn source(&mut self, rest: &[Token]) -> Flow {
        let fields = self.fields(rest)?;
        let (path, arguments) = match fields.as_slice() {
            [Field::Known(path), ..] if path.starts_with(b"-") => {
                self.unclear(rest);
                return Ok(());
            }
            [Field::Known(path), arguments @ ..] => (self.absolute(path), arguments),
            [] => return Err(Leave::All),
            _ => (None, &[][..]),
        };
        let path = path.filter(|path| !self.written.iter().any(|own| own.as_ref().is_none_or(|own| own == path)));
        let Some(path) = path else {
            self.may_leave(Leave::All);
            self.doubt_all();
            return Ok(());
        };
        let argv = self.state.shell.get(b"argv".as_slice()).cloned();
        if !arguments.is_empty() {
            let words: Option<Vec<&[u8]>> = arguments
                .iter()
                .map(|f| if let Field::Known(word) = f { Some(word.as_slice()) } else { None })
                .collect();
            self.set_list(b"argv", words.map_or(List::Set, List::of));
        }
        let there = self.file(&path)?;
        if !arguments.is_empty() {
            self.set_list(b"argv", argv.unwrap_or(List::Maybe));
        }
        if there { Ok(()) } else { Err(Leave::All) }
    }

    fn eval(&mut self, rest: &[Token]) -> Flow {
        let fields = self.fields(rest)?;
        let Some(text) = joined(&fields) else {
            self.doubt_tokens(rest);
            self.doubt_files(rest);
            return Ok(());
        };
        if self.depth > super::DEEPEST {
            self.doubt_text(&text);
            return Ok(());
        }
        self.depth += 1;
        let line = self.place.line;
        let flow = lex::lines(&text, false).iter().try_for_each(|own| {
            if own.faulty {
                return Err(Leave::All);
            }
            self.sequence(&own.tokens)
        });
        self.place.line = line;
        self.depth -= 1;
        flow
    }

    /// What a program prints that is given these files may be about what stands in them.
    fn doubt_files(&mut self, tokens: &[Token]) {
        let mut text = Vec::new();
        for token in tokens {
            if let Token::Word(word) = token {
                super::append(&mut text, word);
                text.push(b' ');
            }
        }
        for word in text.split(|b| b.is_ascii_whitespace() || b"<'\"".contains(b)).filter(|word| !word.is_empty()) {
            let home = self.state.environment.value(b"HOME");
            let path = match (word, home.bytes()) {
                ([b'~', rest @ ..], Some(home)) => [home, rest].concat(),
                _ => word.to_vec(),
            };
            let Some(path) = self.absolute(&path) else { continue };
            if let Ok(content) = self.system.read(&path, 64 * 1024) {
                let text = crate::secret::Token::new(content.bytes);
                if !text.bytes().contains(&0) {
                    self.doubt_text(text.bytes());
                }
            }
        }
    }

    fn change_directory(&mut self, name: &[u8], rest: &[Token]) -> Flow {
        let fields = self.fields(rest)?;
        let home = self.state.environment.value(b"HOME");
        let to = match fields.as_slice() {
            [] if matches!(name, b"cd" | b"chdir") => path_of(&home),
            [Field::Known(path)] if !path.starts_with(b"-") && !path.starts_with(b"+") => self.absolute(path),
            _ => None,
        };
        let elsewhere = self.is_set(b"cdpath") != Truth::No || self.is_set(b"implicitcd") == Truth::Maybe;
        self.state.directory = match to {
            // How links count is a setting.
            Some(path) if self.system.stat(&path).is_ok_and(|s| s.kind == Kind::Dir) => {
                self.system.canonical(&path).filter(|real| *real == path || path.iter().any(|part| part == ".."))
            }
            Some(_) if !elsewhere => return Err(Leave::All),
            _ => {
                self.may_leave(Leave::All);
                None
            }
        };
        let directory =
            self.state.directory.as_ref().map(|d| Value::of(std::os::unix::ffi::OsStrExt::as_bytes(d.as_os_str())));
        self.put(b"PWD", directory.unwrap_or(Value::Unknown));
        self.state.status = Some(0);
        if let Some(alias) = self.state.aliases.get(b"cwdcmd".as_slice()).cloned() {
            return self.special(alias);
        }
        Ok(())
    }

    /// An alias that the shell runs by itself.
    pub(super) fn special(&mut self, alias: Option<Rc<[u8]>>) -> Flow {
        let Some(text) = alias else { return Ok(()) };
        for line in lex::lines(&text, false) {
            self.sequence(&line.tokens)?;
        }
        Ok(())
    }

    fn repeat(&mut self, rest: &[Token]) -> Flow {
        let count = match rest.first() {
            Some(Token::Word(word)) => self.single(word)?,
            _ => None,
        };
        let count =
            count.and_then(|count| std::str::from_utf8(&count).ok()?.parse::<u32>().ok()).filter(|n| *n <= 1000);
        let Some(count) = count else {
            self.unclear(rest);
            return Ok(());
        };
        for _ in 0..count {
            self.command(&rest[1..])?;
        }
        Ok(())
    }

    fn shift(&mut self, rest: &[Token]) -> Flow {
        let fields = self.fields(rest)?;
        let name = match fields.as_slice() {
            [] => b"argv".to_vec(),
            [Field::Known(name)] => name.clone(),
            _ => return Err(Leave::All),
        };
        match self.state.shell.get(&name).map(List::words) {
            Some(Some(words)) if !words.is_empty() => {
                self.set_list(&name, List::of(words[1..].iter().map(Vec::as_slice)));
                Ok(())
            }
            Some(None) => {
                self.may_leave(Leave::All);
                self.set_list(&name, List::Set);
                Ok(())
            }
            _ => Err(Leave::All),
        }
    }
}

fn is_variable(name: &[u8]) -> bool {
    name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_') && name.iter().all(|b| is_name(*b))
}

fn leading_name(word: &[Piece]) -> Vec<u8> {
    word.iter()
        .map_while(|piece| if let Piece::Byte(b, _) = piece { is_name(*b).then_some(*b) } else { None })
        .collect()
}

/// Words with a blank between; `None` where one cannot be told.
fn joined(fields: &[Field]) -> Option<Vec<u8>> {
    let words: Option<Vec<&[u8]>> =
        fields.iter().map(|field| if let Field::Known(word) = field { Some(word.as_slice()) } else { None }).collect();
    Some(words?.join(&b' '))
}
