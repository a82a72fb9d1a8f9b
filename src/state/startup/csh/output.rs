//! What commands print and whether they succeed, as far as that is known without starting them.

use super::Csh;
use super::expand::Field;
use super::lex::{self, Token};
use crate::state::startup::tools::{Printed, Tools};
use crate::state::startup::value::Value;
use crate::system::Kind;

impl Csh<'_> {
    /// What the commands between backquotes print; `None` where it cannot be told. What they set is set nowhere else.
    pub(super) fn printed(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        self.depth += 1;
        let state = self.state.clone();
        let left = self.left.len();
        let printed = if self.depth > super::DEEPEST { None } else { self.print(text) };
        self.left.truncate(left);
        self.state = state;
        self.depth -= 1;
        printed.filter(|text| !text.contains(&0) && self.growth.takes(text.len()))
    }

    fn print(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        let lines = lex::lines(text, false);
        let line = match lines.as_slice() {
            [] => return Some(Vec::new()),
            [line] if !line.faulty => line,
            _ => return None,
        };
        let mut input: Option<Vec<u8>> = Some(Vec::new());
        let mut unordered = false;
        for (at, stage) in line.tokens.split(|token| token.is(b"|")).enumerate() {
            let quiet =
                |tail: &[Token]| matches!(tail, [sign, path] if sign.is(b">&") && path.plain() == Some(b"/dev/null"));
            if stage.len() >= 2 && quiet(&stage[stage.len() - 2..]) {
                return None;
            }
            if stage.iter().any(|token| matches!(token, Token::Operator(_))) {
                return None;
            }
            let name = stage.first()?.plain()?;
            if self.state.aliases.contains_key(name) {
                return None;
            }
            let fields = self.fields(&stage[1..]).ok()?;
            let printed = self.program(name, &fields, if at == 0 { None } else { input.as_deref() })?;
            unordered |= printed.unordered;
            input = Some(printed.text);
        }
        Printed { text: input?, success: true, unordered }.known()
    }

    /// What a program or builtin does that prints.
    pub(super) fn program(&self, name: &[u8], fields: &[Field], input: Option<&[u8]>) -> Option<Printed> {
        let name = [b"/bin/".as_slice(), b"/usr/bin/"].iter().find_map(|dir| name.strip_prefix(*dir)).unwrap_or(name);
        let arguments: Vec<&[u8]> = fields
            .iter()
            .map(|field| match field {
                Field::Known(word) => Some(word.as_slice()),
                Field::Unknown => None,
            })
            .collect::<Option<_>>()?;
        let done = |text: Vec<u8>, success| Some(Printed { text, success, unordered: false });
        match (name, arguments.as_slice()) {
            // Unless somebody has chosen another style, it knows `-n`, and may know backslashes.
            (b"echo", _) if self.state.shell.get(b"echo_style".as_slice()) != Some(&super::List::Set) => None,
            (b"echo", words) if words.iter().any(|word| word.contains(&b'\\')) => None,
            (b"echo", [b"-n", words @ ..]) => done(words.join(&b' '), true),
            (b"echo", words) => done([words.join(&b' '), b"\n".to_vec()].concat(), true),
            (b"true", _) => done(Vec::new(), true),
            (b"false", _) => done(Vec::new(), false),
            (b"printenv", [name]) => match self.state.environment.value(name) {
                Value::Known(value) => done([value.bytes(), b"\n"].concat(), true),
                Value::Unset => done(Vec::new(), false),
                Value::Unknown => None,
            },
            (b"test", words) | (b"[", [words @ .., b"]"]) => done(Vec::new(), self.tested(words)?),
            (name, words) => {
                if self.written.iter().any(|path| path.as_ref().is_none_or(|path| self.reads(words, path))) {
                    return None;
                }
                Tools { system: self.system, directory: self.state.directory.as_deref(), input }.run(name, words)
            }
        }
    }

    fn reads(&self, words: &[&[u8]], path: &std::path::Path) -> bool {
        words.iter().any(|word| self.absolute(word).is_none_or(|word| path.starts_with(word)))
    }

    fn tested(&self, words: &[&[u8]]) -> Option<bool> {
        Some(match words {
            [b"!", rest @ ..] => !self.tested(rest)?,
            [b"-n", text] => !text.is_empty(),
            [b"-z", text] => text.is_empty(),
            [b"-e", path] => self.system.stat(&self.absolute(path)?).is_ok(),
            [b"-f", path] => self.system.stat(&self.absolute(path)?).is_ok_and(|s| s.kind == Kind::File),
            [b"-d", path] => self.system.stat(&self.absolute(path)?).is_ok_and(|s| s.kind == Kind::Dir),
            [b"-s", path] => self.system.stat(&self.absolute(path)?).is_ok_and(|s| s.size > 0),
            [b"-r", path] if self.system.stat(&self.absolute(path)?).is_ok_and(|s| s.kind == Kind::File) => {
                self.system.read(&self.absolute(path)?, 1).is_ok()
            }
            [one, b"=", other] => one == other,
            [one, b"!=", other] => one != other,
            _ => return None,
        })
    }
}
