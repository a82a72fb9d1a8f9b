//! Arithmetic: `$((…))`, `((…))`, `let`, the index of an array.
//!
//! Whole numbers of 64 bits, with C's operators. Of what the shells do differently, or not at all, nothing is said: zsh's
//! fractions and its own order of the operators on bits, a `BASE#NUMBER` above 36, a division by zero.
//!
//! Source: bash 5.2, zsh 5.9, dash 0.5.12, run (`tests/startup/dotfiles.py`).

use super::Dialect;
use super::parse::{self, is_name, is_name_start, name_length};
use super::run::Run;
use crate::state::startup::value::Value;

/// Deepest nesting of parentheses, and of values that are expressions themselves.
const DEEPEST: u32 = 30;

/// Operators of two operands, those that bind least first.
const BINARY: [&[&[u8]]; 10] = [
    &[b"||"],
    &[b"&&"],
    &[b"|"],
    &[b"^"],
    &[b"&"],
    &[b"==", b"!="],
    &[b"<=", b">=", b"<", b">"],
    &[b"<<", b">>"],
    &[b"+", b"-"],
    &[b"*", b"/", b"%"],
];

/// Longer ones first: `<<=` is not `<<`.
const ASSIGNING: [&[u8]; 11] = [b"<<=", b">>=", b"+=", b"-=", b"*=", b"/=", b"%=", b"&=", b"^=", b"|=", b"="];

impl Run<'_> {
    /// The value of an expression, its assignments made; `None` where it cannot be told, and then what it may assign is
    /// unknown.
    pub(super) fn arithmetic(&mut self, text: &[u8]) -> Option<i64> {
        if let Some(number) = plain(text) {
            return Some(number);
        }
        let number = self.evaluated(text);
        if number.is_none() {
            for name in assigned(text) {
                self.assign(name, Value::Unknown);
            }
        }
        number
    }

    fn evaluated(&mut self, text: &[u8]) -> Option<i64> {
        let expanded = if text.iter().any(|b| matches!(b, b'$' | b'`' | b'\\')) {
            let word = parse::quoted(text, self.line, self.dialect);
            self.whole(&word, false)
        } else {
            Value::of(text)
        };
        Expression { run: self, text: expanded.bytes()?, at: 0, depth: 0, live: true }.all()
    }
}

/// A whole number in decimal digits, as it stands; nothing is 0.
fn plain(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    // `010` is eight in most shells.
    if text.is_empty() { Some(0) } else { text.parse().ok().filter(|_| digits == "0" || !digits.starts_with('0')) }
}

/// The names in an expression that it may assign to.
fn assigned(text: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let length = name_length(&text[at..]);
        if length == 0 {
            at += 1;
            continue;
        }
        let before = text[..at].trim_ascii_end();
        let after = text[at + length..].trim_ascii_start();
        let steps = [b"++", b"--"].iter().any(|step| before.ends_with(*step) || after.starts_with(*step));
        if steps || !after.starts_with(b"==") && ASSIGNING.iter().any(|operator| after.starts_with(operator)) {
            out.push(&text[at..at + length]);
        }
        at += length;
    }
    out
}

/// An expression that is being worked out.
struct Expression<'e, 'r, 's> {
    run: &'e mut Run<'r>,
    text: &'s [u8],
    at: usize,
    depth: u32,
    /// Whether this part counts: behind `0 &&` nothing is assigned.
    live: bool,
}

impl Expression<'_, '_, '_> {
    fn all(mut self) -> Option<i64> {
        let mut value = self.assignment()?;
        while !self.run.dialect.is_sh() && self.eat(b",") {
            value = self.assignment()?;
        }
        (self.at == self.text.len()).then_some(value)
    }

    fn rest(&mut self) -> &[u8] {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        &self.text[self.at..]
    }

    fn eat(&mut self, what: &[u8]) -> bool {
        let found = self.rest().starts_with(what);
        if found {
            self.at += what.len();
        }
        found
    }

    fn name(&mut self) -> Vec<u8> {
        let length = name_length(self.rest());
        let name = self.text[self.at..self.at + length].to_vec();
        self.at += length;
        name
    }

    fn assignment(&mut self) -> Option<i64> {
        let start = self.at;
        let name = self.name();
        if !name.is_empty() && !self.rest().starts_with(b"==") {
            for operator in ASSIGNING {
                if !self.eat(operator) {
                    continue;
                }
                let right = self.assignment()?;
                let binary = &operator[..operator.len() - 1];
                let value = if binary.is_empty() { right } else { applied(self.value(&name)?, binary, right)? };
                return Some(self.set(&name, value));
            }
        }
        self.at = start;
        self.conditional()
    }

    fn conditional(&mut self) -> Option<i64> {
        let condition = self.binary(0)?;
        if !self.eat(b"?") {
            return Some(condition);
        }
        let live = self.live;
        self.live = live && condition != 0;
        let yes = self.assignment()?;
        if !self.eat(b":") {
            return None;
        }
        self.live = live && condition == 0;
        let no = self.assignment()?;
        self.live = live;
        Some(if condition == 0 { no } else { yes })
    }

    fn binary(&mut self, level: usize) -> Option<i64> {
        let Some(operators) = BINARY.get(level) else { return self.power() };
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            // zsh's own order.
            if self.run.dialect == Dialect::Zsh && matches!(operator, b"|" | b"^" | b"&" | b"<<" | b">>") {
                return None;
            }
            self.at += operator.len();
            let live = self.live;
            let decided = match operator {
                b"&&" => left == 0,
                b"||" => left != 0,
                _ => false,
            };
            self.live = live && !decided;
            let right = self.binary(level + 1)?;
            left = match operator {
                b"&&" => i64::from(left != 0 && right != 0),
                b"||" => i64::from(left != 0 || right != 0),
                // What does not count is not worked out either.
                _ if !self.live => 0,
                b"/" | b"%" if right == 0 => {
                    self.run.divides_by_zero.set(true);
                    return None;
                }
                operator => applied(left, operator, right)?,
            };
            self.live = live;
        }
        Some(left)
    }

    /// The operator that comes next, where it is one of these.
    fn operator(&mut self, operators: &[&'static [u8]]) -> Option<&'static [u8]> {
        let rest = self.rest();
        let longer: [&[u8]; 5] = [b"||", b"&&", b"<<", b">>", b"**"];
        let found = operators.iter().copied().find(|operator| rest.starts_with(operator))?;
        let single = found.len() == 1 && longer.iter().any(|l| rest.starts_with(l) && l[..1] == *found);
        // `a += 1` where no name stands is none that we know.
        let assigns =
            !found.ends_with(b"=") && rest[found.len()..].starts_with(b"=") && !rest[found.len()..].starts_with(b"==");
        (!single && !assigns).then_some(found)
    }

    fn power(&mut self) -> Option<i64> {
        let base = self.unary()?;
        if self.run.dialect.is_sh() || !self.eat(b"**") {
            return Some(base);
        }
        let exponent = u32::try_from(self.power()?).ok()?;
        Some(base.wrapping_pow(exponent))
    }

    fn unary(&mut self) -> Option<i64> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let steps = !self.run.dialect.is_sh();
        let value = match self.rest() {
            [b'+', b'+', ..] | [b'-', b'-', ..] if steps => {
                let by = if self.eat(b"++") { 1 } else { -1 };
                self.eat(b"--");
                self.rest();
                let name = self.name();
                if name.is_empty() {
                    return None;
                }
                let value = self.value(&name)?.wrapping_add(by);
                self.set(&name, value)
            }
            [b'-', ..] => {
                self.at += 1;
                self.unary()?.wrapping_neg()
            }
            [b'+', ..] => {
                self.at += 1;
                self.unary()?
            }
            [b'!', ..] => {
                self.at += 1;
                i64::from(self.unary()? == 0)
            }
            [b'~', ..] => {
                self.at += 1;
                !self.unary()?
            }
            [b'(', ..] => {
                self.at += 1;
                let value = self.assignment()?;
                if !self.eat(b")") {
                    return None;
                }
                value
            }
            [b, ..] if is_name_start(*b) => self.variable()?,
            [b, ..] if b.is_ascii_digit() => self.number()?,
            _ => return None,
        };
        self.depth -= 1;
        Some(value)
    }

    fn variable(&mut self) -> Option<i64> {
        let name = self.name();
        if self.run.dialect.is_sh() {
            return self.value(&name);
        }
        if self.eat(b"[") {
            let length = self
                .rest()
                .iter()
                .position(|b| *b == b']')
                .filter(|at| !self.text[self.at..][..*at].contains(&b'['))?;
            let index = &self.text[self.at..self.at + length];
            self.at += length + 1;
            // Only read: what is done to an element is not followed.
            let more = self.rest();
            if more.starts_with(b"++") || more.starts_with(b"--") || more.starts_with(b"=") && !more.starts_with(b"==")
            {
                return None;
            }
            let elements = self.run.elements(&name);
            return plain(self.run.element(&name, elements.as_ref(), index).bytes()?);
        }
        let value = self.value(&name)?;
        let by = if self.eat(b"++") {
            1
        } else if self.eat(b"--") {
            -1
        } else {
            return Some(value);
        };
        self.set(&name, value.wrapping_add(by));
        Some(value)
    }

    fn number(&mut self) -> Option<i64> {
        let length = self.rest().iter().take_while(|b| is_name(**b)).count();
        let digits = std::str::from_utf8(&self.text[self.at..self.at + length]).ok()?;
        self.at += length;
        match self.text.get(self.at) {
            // `BASE#NUMBER`; of larger bases the case of a letter counts.
            Some(b'#') if !self.run.dialect.is_sh() => {
                let base = digits.parse().ok().filter(|base| (2..=36).contains(base))?;
                self.at += 1;
                let length = self.rest().iter().take_while(|b| is_name(**b)).count();
                let digits = std::str::from_utf8(&self.text[self.at..self.at + length]).ok()?;
                self.at += length;
                return i64::from_str_radix(digits, base).ok();
            }
            Some(b'.' | b'#') => return None,
            _ => {}
        }
        if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            return i64::from_str_radix(hex, 16).ok();
        }
        let octal = digits.len() > 1 && digits.starts_with('0') && self.run.dialect != Dialect::Zsh;
        i64::from_str_radix(digits, if octal { 8 } else { 10 }).ok()
    }

    /// What a variable counts as: its value may be an expression again.
    fn value(&mut self, name: &[u8]) -> Option<i64> {
        if self.run.variables.get(name).is_some_and(|v| v.elements.is_some()) {
            return None;
        }
        match self.run.value(name) {
            Value::Unset if self.run.option("nounset") => None,
            Value::Unset => Some(0),
            Value::Unknown => None,
            Value::Known(text) => match plain(text.bytes()) {
                Some(number) => Some(number),
                None if self.run.dialect.is_sh() => None,
                None => {
                    let depth = self.depth + 1;
                    if depth > DEEPEST {
                        return None;
                    }
                    Expression { run: &mut *self.run, text: text.bytes(), at: 0, depth, live: self.live }.all()
                }
            },
        }
    }

    fn set(&mut self, name: &[u8], value: i64) -> i64 {
        if self.live {
            let is_new = self.run.value(name) == Value::Unset;
            self.run.assign(name, Value::of(value.to_string().as_bytes()));
            // zsh: what an expression sets first is an integer for good.
            if is_new && self.run.dialect == Dialect::Zsh {
                let variable = self.run.variables.entry(name);
                (variable.changes, variable.computes) = (true, true);
            }
        }
        value
    }
}

fn applied(left: i64, operator: &[u8], right: i64) -> Option<i64> {
    let shift = |by: i64| u32::try_from(by & 63).ok();
    Some(match operator {
        b"+" => left.wrapping_add(right),
        b"-" => left.wrapping_sub(right),
        b"*" => left.wrapping_mul(right),
        b"/" => left.checked_div(right)?,
        b"%" => left.checked_rem(right)?,
        b"<<" => left.wrapping_shl(shift(right)?),
        b">>" => left.wrapping_shr(shift(right)?),
        b"&" => left & right,
        b"^" => left ^ right,
        b"|" => left | right,
        b"==" => i64::from(left == right),
        b"!=" => i64::from(left != right),
        b"<" => i64::from(left < right),
        b">" => i64::from(left > right),
        b"<=" => i64::from(left <= right),
        b">=" => i64::from(left >= right),
        _ => return None,
    })
}
