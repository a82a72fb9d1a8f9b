//! bash's `getopts`.
//!
//! Source: bash 5.2, run (`tests/startup/further.py`).

use super::Dialect;
use super::declare::is_identifier;
use super::expand::Field;
use super::run::{Flow, Run};
use crate::state::startup::value::{Truth, Value};

impl Run<'_> {
    /// `getopts LETTERS NAME [WORD…]`: the next option, and its argument in OPTARG.
    pub(super) fn getopts(&mut self, arguments: &[Field]) -> Flow {
        let next = self.next_option(arguments);
        let Some((letter, value)) = next else {
            for field in arguments {
                if let Some(name) = field.bytes().filter(|name| is_identifier(name)) {
                    self.assign(name, Value::Unknown);
                }
            }
            for name in [&b"OPTARG"[..], b"OPTIND"] {
                self.assign(name, Value::Unknown);
            }
            self.status = Truth::Maybe;
            return Flow::Go;
        };
        let name = arguments[1].bytes().unwrap_or_default().to_vec();
        self.status = Truth::of(letter.is_some());
        self.assign(&name, Value::of(&[letter.unwrap_or(b'?')]));
        match value {
            Some(value) => self.assign(b"OPTARG", Value::of(&value)),
            None => {
                self.variables.remove(b"OPTARG");
            }
        }
        Flow::Go
    }

    /// The letter, or none at the end, and the argument; `None` where they cannot be told.
    fn next_option(&mut self, arguments: &[Field]) -> Option<(Option<u8>, Option<Vec<u8>>)> {
        let [Field::Known(letters), Field::Known(_), words @ ..] = arguments else { return None };
        if self.dialect != Dialect::Bash {
            return None;
        }
        let words: Vec<Vec<u8>> = if words.is_empty() {
            self.arguments.known()?.iter().map(|a| a.bytes().to_vec()).collect()
        } else {
            words.iter().map(|w| w.bytes().map(<[u8]>::to_vec)).collect::<Option<_>>()?
        };
        let index = match self.variables.get(b"OPTIND").map(|v| &v.value) {
            None | Some(Value::Unset) => 1,
            Some(Value::Known(text)) => std::str::from_utf8(text.bytes()).ok()?.parse::<usize>().ok()?.max(1),
            Some(Value::Unknown) => return None,
        };
        // Behind which letter of the word it stands.
        let (of, at) = self.option_at;
        let at = if of == index { at.max(1) } else { 1 };
        let goes_to = |run: &mut Self, index: usize, at: usize| {
            run.assign(b"OPTIND", Value::of(index.to_string().as_bytes()));
            run.option_at = (index, at);
        };
        let word = match words.get(index - 1) {
            Some(word) if word == b"--" => {
                goes_to(self, index + 1, 1);
                return Some((None, None));
            }
            Some(word) if word.len() > 1 && word.starts_with(b"-") => word,
            _ => {
                goes_to(self, index, 1);
                return Some((None, None));
            }
        };
        let letter = *word.get(at)?;
        let ends = at + 1 == word.len();
        let silent = letters.starts_with(b":");
        let found = letters.iter().skip(usize::from(silent)).position(|b| *b == letter).filter(|_| letter != b':');
        let Some(found) = found.map(|found| found + usize::from(silent)) else {
            goes_to(self, index + usize::from(ends), if ends { 1 } else { at + 1 });
            return Some((Some(b'?'), silent.then(|| vec![letter])));
        };
        if letters.get(found + 1) != Some(&b':') {
            goes_to(self, index + usize::from(ends), if ends { 1 } else { at + 1 });
            return Some((Some(letter), None));
        }
        if !ends {
            goes_to(self, index + 1, 1);
            return Some((Some(letter), Some(word[at + 1..].to_vec())));
        }
        goes_to(self, index + 2, 1);
        match words.get(index) {
            Some(value) => Some((Some(letter), Some(value.clone()))),
            None if silent => Some((Some(b':'), Some(vec![letter]))),
            None => Some((Some(b'?'), None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    #[test]
    fn options_are_taken_one_by_one() {
        for (call, value) in [
            ("c -t x", "x"),
            ("c -v -tx rest", "vx"),
            ("c -vt x -- -v", "vx"),
            ("c -v; c -v", "vv"),
            ("c -q", "?"),
            ("c -t", "?"),
            ("c rest -v", ""),
        ] {
            let text = format!(
                "c() {{ local OPTIND o; while getopts vt: o; do case $o in\n t) R=$R$OPTARG;; *) R=$R$o;; esac; done; }}\n\
                 {call}\nexport HF_TOKEN=$R\n"
            );
            let fake = Fake::home().file("/home/u/.bashrc", &text);
            let started = start(&fake, Shell::Bash, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
            assert_eq!(started.variable("HF_TOKEN").value, Value::of(value.as_bytes()), "{call}");
        }
    }
}
