//! Reads compound commands.

use std::rc::Rc;

use super::Dialect;
use super::parse::{Parsed, Parser, name_length, trouble, wrong};
use super::syntax::{Arm, Command, Count, Next, Piece, Token, Word};

impl Parser<'_> {
    /// zsh: `{ … } always { … }`
    pub(super) fn always(&mut self, first: Command) -> Parsed<Command> {
        self.blanks();
        if self.dialect != Dialect::Zsh || !matches!(first, Command::Group(_)) || !self.eat_word(b"always") {
            return Ok(first);
        }
        self.newlines();
        let second = self.braces()?;
        Ok(Command::Always { body: Box::new(first), after: second })
    }

    /// `{ … }`
    pub(super) fn braces(&mut self) -> Parsed<Vec<Command>> {
        if self.peek() != Some(b'{') {
            return trouble();
        }
        self.at += 1;
        let body = self.some_list(&[b"}"])?;
        self.newlines();
        if self.peek() != Some(b'}') {
            return trouble();
        }
        self.at += 1;
        Ok(body)
    }

    /// `do … done`, or a group in its place.
    pub(super) fn body(&mut self) -> Parsed<Vec<Command>> {
        loop {
            self.newlines();
            if !self.eat(b";") {
                break;
            }
        }
        if self.eat_word(b"do") {
            let body = self.some_list(&[b"done"])?;
            self.expect_word(b"done")?;
            Ok(body)
        } else if self.peek() == Some(b'{') {
            self.braces()
        } else if self.dialect == Dialect::Zsh {
            self.short_body()
        } else {
            trouble()
        }
    }

    pub(super) fn compound(&mut self) -> Parsed<Option<Command>> {
        const POSIX: [&[u8]; 5] = [b"if", b"while", b"until", b"for", b"case"];
        const MORE: [&[u8]; 6] = [b"foreach", b"select", b"repeat", b"function", b"[[", b"nocorrect"];
        let (zsh, dash) = (self.dialect == Dialect::Zsh, self.dialect == Dialect::Dash);
        if self.rest().starts_with(b"((") && !dash {
            let (at, line) = (self.at, self.line);
            self.at += 2;
            if let Some(text) = self.arithmetic() {
                return Ok(Some(Command::Arithmetic(text)));
            }
            (self.at, self.line) = (at, line);
        }
        if self.peek() == Some(b'(') {
            self.at += 1;
            self.blanks();
            // zsh: a function without a name, run at once.
            if zsh && self.eat(b")") {
                self.newlines();
                return self.anonymous().map(Some);
            }
            let body = self.some_list(&[])?;
            return if self.eat(b")") { Ok(Some(Command::Subshell(body))) } else { trouble() };
        }
        let word = self.raw();
        if zsh && word.starts_with(b"{") || word == b"{" {
            return Ok(Some(Command::Group(self.braces()?)));
        }
        if !POSIX.contains(&word) && (dash || !MORE.contains(&word)) {
            return Ok(None);
        }
        let (start, until) = (self.at, word == b"until");
        self.at += word.len();
        match &self.text[start..self.at] {
            b"if" => self.if_().map(Some),
            b"while" | b"until" => {
                let condition = self.some_list(&[b"do"])?;
                let body = self.body()?;
                Ok(Some(Command::While { until, condition, body }))
            }
            b"for" => self.for_().map(Some),
            b"select" => {
                self.for_()?;
                Ok(Some(Command::Repeat(Vec::new())))
            }
            b"foreach" if zsh => {
                let command = self.for_head()?;
                let body = self.list(&[b"end"])?;
                self.expect_word(b"end")?;
                Ok(Some(with_body(command, body)))
            }
            b"repeat" if zsh => {
                self.blanks();
                let head = Count::Times(self.some_word()?);
                self.body().map(|body| Some(Command::Count { head, body }))
            }
            b"case" => self.case().map(Some),
            b"function" => self.function().map(Some),
            b"[[" => self.condition().map(Some),
            b"nocorrect" if zsh => self.command().map(Some),
            _ => {
                self.at = start;
                Ok(None)
            }
        }
    }

    pub(super) fn if_(&mut self) -> Parsed<Command> {
        let mut arms = Vec::new();
        let mut otherwise = Vec::new();
        let condition = self.some_list(&[b"then"])?;
        arms.push((condition, Vec::new()));
        loop {
            self.newlines();
            let braces = self.peek() == Some(b'{');
            let body = if braces {
                self.braces()?
            } else if self.dialect == Dialect::Zsh && !self.at_word(b"then") {
                // `if [[ … ]] COMMAND`
                if self.rest().is_empty() {
                    return wrong();
                }
                let body = self.short_body()?;
                if let Some(last) = arms.last_mut() {
                    last.1 = body;
                }
                return Ok(Command::If { arms, otherwise });
            } else {
                self.expect_word(b"then")?;
                self.some_list(&[b"elif", b"else", b"fi"])?
            };
            if let Some(last) = arms.last_mut() {
                last.1 = body;
            }
            if braces {
                self.blanks();
                let ends = matches!(self.peek(), None | Some(b'\n' | b';'));
                if ends || self.eat_word(b"fi") {
                    return Ok(Command::If { arms, otherwise });
                }
                if !self.at_word(b"elif") && !self.at_word(b"else") {
                    return wrong();
                }
            } else {
                self.newlines();
            }
            if self.eat_word(b"elif") {
                let condition = self.some_list(&[b"then"])?;
                arms.push((condition, Vec::new()));
                continue;
            }
            if self.eat_word(b"else") {
                self.newlines();
                if braces && self.peek() == Some(b'{') {
                    otherwise = self.braces()?;
                    return Ok(Command::If { arms, otherwise });
                }
                otherwise = self.some_list(&[b"fi"])?;
            }
            self.expect_word(b"fi")?;
            return Ok(Command::If { arms, otherwise });
        }
    }

    /// Up to the body.
    pub(super) fn for_head(&mut self) -> Parsed<Command> {
        self.blanks();
        if self.eat(b"((") {
            if self.dialect == Dialect::Dash {
                return wrong();
            }
            let Some(text) = self.arithmetic() else { return trouble() };
            let mut parts = text.split(|b| *b == b';').map(Rc::from);
            let (Some(first), Some(condition), Some(step), None) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                return trouble();
            };
            return Ok(Command::Count { head: Count::Expressions([first, condition, step]), body: Vec::new() });
        }
        let length = name_length(self.rest());
        if length == 0 {
            return trouble();
        }
        let mut names = vec![self.rest()[..length].to_vec()];
        self.at += length;
        self.blanks();
        while self.dialect == Dialect::Zsh
            && !self.at_word(b"in")
            && name_length(self.rest()) > 0
            && !self.at_word(b"do")
        {
            names.push(self.raw().to_vec());
            self.at += self.raw().len();
            self.blanks();
        }
        self.newlines();
        let words = if self.eat_word(b"in") {
            Some(self.words()?)
        } else if self.dialect == Dialect::Zsh && self.eat(b"(") {
            let mut words = Vec::new();
            loop {
                self.newlines();
                if self.eat(b")") {
                    break;
                }
                words.push(self.some_word()?);
            }
            Some(words)
        } else {
            None
        };
        Ok(Command::For { names, words, body: Vec::new() })
    }

    pub(super) fn for_(&mut self) -> Parsed<Command> {
        let head = self.for_head()?;
        let body = self.body()?;
        Ok(with_body(head, body))
    }

    /// Words up to the end of the command.
    pub(super) fn words(&mut self) -> Parsed<Vec<Word>> {
        let mut words = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                None | Some(b'\n' | b';' | b'&' | b'|' | b')') => return Ok(words),
                _ => words.push(self.some_word()?),
            }
        }
    }

    pub(super) fn case(&mut self) -> Parsed<Command> {
        self.blanks();
        let word = self.word()?;
        self.newlines();
        // zsh: `case WORD { … }`
        let braces = self.dialect == Dialect::Zsh && self.eat_word(b"{");
        if !braces {
            self.expect_word(b"in")?;
        }
        let end: &[u8] = if braces { b"}" } else { b"esac" };
        let mut arms = Vec::new();
        loop {
            self.newlines();
            if self.eat_word(end) {
                return Ok(Command::Case { word, arms });
            }
            self.eat(b"(");
            let mut patterns = Vec::new();
            loop {
                self.blanks();
                patterns.push(self.word()?);
                self.blanks();
                if !self.eat(b"|") {
                    break;
                }
            }
            if !self.eat(b")") {
                return trouble();
            }
            // zsh: `((a|b))`
            self.eat(b")");
            let body = self.list(&[end])?;
            self.newlines();
            let next = if self.eat(b";;&") || self.eat(b";|") {
                Next::Look
            } else if self.eat(b";&") {
                Next::Fall
            } else {
                self.eat(b";;");
                Next::End
            };
            arms.push(Arm { patterns, body, next });
        }
    }

    pub(super) fn function(&mut self) -> Parsed<Command> {
        self.blanks();
        let mut names = Vec::new();
        if self.dialect != Dialect::Zsh {
            names.push(self.raw().to_vec());
            self.at += self.raw().len();
            self.blanks();
        }
        while self.dialect == Dialect::Zsh && !self.raw().is_empty() && !self.at_word(b"{") {
            names.push(self.raw().to_vec());
            self.at += self.raw().len();
            self.blanks();
        }
        if self.eat(b"(") {
            self.blanks();
            if !self.eat(b")") {
                return trouble();
            }
        }
        if names.is_empty() {
            self.newlines();
            return self.anonymous();
        }
        self.defined(names)
    }

    /// zsh: the body of a function without a name, and its arguments.
    fn anonymous(&mut self) -> Parsed<Command> {
        let body = Rc::new(Command::Group(self.braces()?));
        let mut arguments = Vec::new();
        loop {
            self.blanks();
            let ends = matches!(self.peek(), None | Some(b'\n' | b';' | b'&' | b'|' | b')')) || self.at_word(b"}");
            if ends || self.at_redirection() {
                return Ok(Command::Anonymous { body, arguments });
            }
            arguments.push(self.some_word()?);
        }
    }

    /// Functions of these names, up to whose body all was read.
    pub(super) fn defined(&mut self, names: Vec<Vec<u8>>) -> Parsed<Command> {
        self.newlines();
        let body = Rc::new(self.command()?);
        let mut all: Vec<Command> =
            names.into_iter().map(|name| Command::Function { name, body: Rc::clone(&body) }).collect();
        match all.pop() {
            Some(one) if all.is_empty() => Ok(one),
            one => Ok(Command::Group(all.into_iter().chain(one).collect())),
        }
    }

    /// Behind `[[`.
    pub(super) fn condition(&mut self) -> Parsed<Command> {
        let mut tokens = Vec::new();
        // The last word is what something was compared with.
        let mut compared = false;
        loop {
            self.newlines();
            let last = match tokens.as_slice() {
                [.., Token::Word(_), Token::Word(word)] if !compared => match word.as_slice() {
                    [Piece::Text { bytes, quoted: false }] => bytes.as_slice(),
                    _ => b"",
                },
                _ => b"",
            };
            let (compares, searches) = (matches!(last, b"=" | b"==" | b"!="), last == b"=~");
            let token = match self.rest() {
                [] => return trouble(),
                _ if searches => (0, Token::Word(self.regular_expression()?)),
                _ if compares => (0, Token::Word(self.pattern()?)),
                [b'&', b'&', ..] => (2, Token::And),
                [b'|', b'|', ..] => (2, Token::Or),
                [b'(', ..] => (1, Token::Open),
                [b')', ..] => (1, Token::Close),
                [b'<', b'(', ..] => (0, Token::Word(self.word()?)),
                [b'<', ..] => (1, Token::Less),
                [b'>', ..] => (1, Token::More),
                _ if self.at_word(b"]]") => {
                    self.at += 2;
                    return Ok(Command::Condition(tokens));
                }
                _ if self.at_word(b"!") => (1, Token::Not),
                _ => (0, Token::Word(self.some_word()?)),
            };
            self.at += token.0;
            tokens.push(token.1);
            compared = compares || searches;
        }
    }
}

/// The head of a loop, with its body.
fn with_body(head: Command, body: Vec<Command>) -> Command {
    match head {
        Command::For { names, words, .. } => Command::For { names, words, body },
        Command::Count { head, .. } => Command::Count { head, body },
        _ => Command::Repeat(body),
    }
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    fn next(shell: Shell, text: &str) -> Value {
        let fake = Fake::home().file("/home/u/.bashrc", text).file("/home/u/.zshrc", text);
        start(&fake, shell, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    #[test]
    fn what_may_stand_behind_the_braces_of_zsh() {
        for text in [
            "f() {\n  [[ -n $x ]] && {echo a && echo b}\n}\nexport HF_TOKEN=a\n",
            "f() { echo a{b,c} ${x}y}\nexport HF_TOKEN=a\n",
            "f() { return 1}\nexport HF_TOKEN=a\n",
            "true && {echo $x} >/dev/null\nexport HF_TOKEN=a\n",
            "f() { echo 'a}' \"b}\" c\\} {d} }\nexport HF_TOKEN=a\n",
            "{ export HF_TOKEN=a} }\n[[ $HF_TOKEN == 'a}' ]] && HF_TOKEN=a\n",
            "if [[ 1 ]] { export HF_TOKEN=a }\n",
            "if { true } { export HF_TOKEN=a }; true\n",
            "if [[ '' ]] { false } elif ((1)) { export HF_TOKEN=a } else { false }\n",
            "if [[ '' ]] { false } else { export HF_TOKEN=a } && true\n",
            "if [[ 1 ]] { export HF_TOKEN=a } fi; true\n",
            "if [[ 1 ]]; { true } { export HF_TOKEN=a }\n",
            "while { [[ $i != x ]] } { i=x; export HF_TOKEN=a }\n",
        ] {
            assert_eq!(next(Shell::Zsh, text), Value::of(b"a"), "{text}");
        }
        // The one command of a short body may be missing.
        for text in [
            "f() {\n  if [[ a = b ]]; then\n    true\n  else\n    if ! [[ -z $d ]] && printf x\n    local s=1\n  fi\n}\nexport HF_TOKEN=a\n",
            "f() {\n  if ! [[ -z $d ]] && printf x\n  local s=1\n}\nexport HF_TOKEN=a\n",
            "x==; [[ $x == = ]] && [[ = == = ]] && export HF_TOKEN=a\n",
        ] {
            assert_eq!(next(Shell::Zsh, text), Value::of(b"a"), "{text}");
        }
        for text in [
            "f() { if [[ 1 ]] { export HF_TOKEN=a } }; f\n",
            "if [[ 1 ]] { export HF_TOKEN=a } && true\n",
            "if [[ '' ]] { true } else export HF_TOKEN=a\n",
            "if [[ '' ]] else export HF_TOKEN=a; fi\n",
            "if [[ '' ]] { true }\nelse { export HF_TOKEN=a }\n",
            "if true; { export HF_TOKEN=a }\n",
        ] {
            assert_eq!(next(Shell::Zsh, text), Value::Unset, "{text}");
        }
        assert_eq!(next(Shell::Bash, "if { true; }; then export HF_TOKEN=a; fi\n"), Value::of(b"a"));
    }
}
