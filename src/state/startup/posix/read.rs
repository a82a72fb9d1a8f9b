//! `read`: a line of standard input, taken apart.

use super::Dialect;
use super::expand::Field;
use super::fault::Fault;
use super::parse::name_length;
use super::run::{Flow, Run};
use crate::state::startup::value::{Truth, Value};

impl Run<'_> {
    /// `read [-r] [-s] NAME…`; with other options nothing is said of the values.
    pub(super) fn read(&mut self, arguments: &[Field]) -> Flow {
        let (mut raw, mut plain) = (false, true);
        let mut names: Vec<Vec<u8>> = Vec::new();
        for field in arguments {
            match field.bytes() {
                Some(option) if names.is_empty() && option.starts_with(b"-") => {
                    raw |= option.contains(&b'r');
                    plain &= option[1..].iter().all(|b| matches!(b, b'r' | b's'));
                }
                Some(name) if name_length(name) == name.len() && !name.is_empty() => names.push(name.to_vec()),
                Some(name) if self.dialect == Dialect::Zsh && name.first().is_some_and(u8::is_ascii_digit) => {
                    return self.fault(Fault::Builtin);
                }
                _ => plain = false,
            }
        }
        if names.is_empty() && self.dialect != Dialect::Sh {
            names.push(b"REPLY".to_vec());
        }
        let line = self.next_line();
        self.suspect_lines();
        let values = match &line {
            Some((line, _)) if plain && (raw || !line.contains(&b'\\')) => self.taken_apart(line, names.len()),
            _ => None,
        };
        match values {
            Some(values) => {
                for (name, value) in names.iter().zip(values) {
                    self.assign(name, Value::of(&value));
                }
            }
            None => {
                for name in &names {
                    self.assign(name, Value::Unknown);
                }
            }
        }
        self.status = match line {
            Some((_, whole)) if plain => Truth::of(whole),
            _ => Truth::Maybe,
        };
        Flow::Go
    }

    /// A line in as many parts; the last takes all that is left.
    fn taken_apart(&self, line: &[u8], count: usize) -> Option<Vec<Vec<u8>>> {
        let separators = match self.value(b"IFS") {
            Value::Known(token) => token.bytes().to_vec(),
            Value::Unset => b" \t\n".to_vec(),
            Value::Unknown => return None,
        };
        let blank = |b: &u8| separators.contains(b) && matches!(b, b' ' | b'\t' | b'\n');
        let separates = |b: &u8| separators.contains(b);
        let trimmed = |text: &[u8]| {
            let start = text.iter().take_while(|b| blank(b)).count();
            let end = text[start..].iter().rev().take_while(|b| blank(b)).count();
            text[start..text.len() - end].to_vec()
        };
        let mut rest = trimmed(line);
        let mut out = Vec::new();
        while out.len() + 1 < count {
            let length = rest.iter().position(separates).unwrap_or(rest.len());
            out.push(rest[..length].to_vec());
            let mut after = rest[length..].iter().take_while(|b| blank(b)).count() + length;
            if rest.get(after).is_some_and(|b| separates(b) && !blank(b)) {
                after += 1;
                after += rest[after..].iter().take_while(|b| blank(b)).count();
            }
            rest.drain(..after);
        }
        // A separator at the end goes or stays as the shell has it.
        if rest.last().is_some_and(|b| separates(b) && !blank(b)) {
            return None;
        }
        out.push(rest);
        Some(out)
    }
}
