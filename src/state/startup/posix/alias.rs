//! Aliases. A shell puts them in as it reads a line: one that is made on a line does not count before the next, and what
//! a function runs was read with the function.
//!
//! Source: bash 5.2, zsh 5.9, dash 0.5.12, run (`tests/startup/dotfiles.py`).

use super::Dialect;
use super::expand::Field;
use super::parse;
use super::run::{Flow, Run};
use super::syntax::{Assignment, Command, Piece, Word};
use crate::state::startup::value::Truth;

/// An alias. Its text may hold a token, so nothing shows it.
#[derive(Clone)]
pub(super) struct Alias {
    /// `None` where it is not known.
    text: Option<Vec<u8>>,
    /// The line, counted from the start of the shell, on which it was made.
    since: u32,
    /// zsh's `-g`: it counts wherever it stands.
    global: bool,
    /// The one that it took the place of: a function that was read before runs that. One is enough for what people write.
    before: Option<Box<Self>>,
}

impl Run<'_> {
    /// `alias`.
    pub(super) fn alias(&mut self, arguments: &[Field]) {
        let mut global = false;
        for argument in arguments {
            let (text, known) = match argument {
                Field::Known(text) => (text.as_slice(), true),
                Field::Assigned(text, _) => (text.as_slice(), false),
                _ => continue,
            };
            match text.iter().position(|b| *b == b'=') {
                Some(at) if at > 0 => {
                    let value = known.then(|| text[at + 1..].to_vec());
                    let name = text[..at].to_vec();
                    let before = self.aliases.remove(&name).map(|old| Box::new(Alias { before: None, ..old }));
                    self.aliases.insert(name, Alias { text: value, since: self.clock, global, before });
                }
                _ if text == b"-g" => global = true,
                // zsh: an alias of endings.
                _ if text == b"-s" => return,
                _ => {}
            }
        }
    }

    /// `unalias`.
    pub(super) fn unalias(&mut self, arguments: &[Field]) {
        for name in arguments.iter().filter_map(Field::bytes) {
            if name == b"-a" {
                self.aliases.clear();
            } else {
                self.aliases.remove(name);
            }
        }
    }

    /// The alias that a word stands for here.
    fn alias_of(&self, word: &Word) -> Option<(&[u8], &Alias)> {
        let [Piece::Text { bytes, quoted: false }] = word.as_slice() else { return None };
        let (name, alias) = self.aliases.get_key_value(bytes)?;
        let alias = [Some(alias), alias.before.as_deref()].into_iter().flatten().find(|a| a.since < self.read_at)?;
        (!self.expanding.contains(name)).then_some((name, alias))
    }

    /// Runs a command with the texts of aliases in it; `None` where it has none.
    pub(super) fn aliased(&mut self, assignments: &[Assignment], words: &[Word]) -> Option<Flow> {
        let counts = self.dialect != Dialect::Bash || self.interactive || self.option("expandaliases");
        if self.aliases.is_empty() || !counts {
            return None;
        }
        let (name, alias) = match self.alias_of(&words[0]) {
            Some((name, alias)) => (name.to_vec(), alias.clone()),
            None => return self.with_global_aliases(assignments, words),
        };
        let Some(mut commands) = alias.text.as_ref().and_then(|text| self.commands_of(text)) else {
            return Some(self.not_known(alias.text.as_deref()));
        };
        let mut rest = words[1..].to_vec();
        // One that ends in a blank lets the next word be an alias too.
        if alias.text.as_ref().is_some_and(|text| text.last().is_some_and(u8::is_ascii_whitespace)) && !rest.is_empty()
        {
            let next = self.alias_of(&rest[0]).map(|(_, alias)| alias.text.clone());
            match next.map(|text| text.and_then(|text| self.words_of(&text))) {
                Some(Some(words)) => drop(rest.splice(..1, words)),
                Some(None) => return Some(self.not_known(None)),
                None => {}
            }
        }
        match commands.last_mut() {
            Some(Command::Simple { words, .. }) => words.append(&mut rest),
            _ if rest.is_empty() => {}
            _ => return Some(self.not_known(alias.text.as_deref())),
        }
        match commands.first_mut() {
            Some(Command::Simple { assignments: own, .. }) => *own = [assignments, own.as_slice()].concat(),
            _ if assignments.is_empty() => {}
            _ => return Some(self.not_known(alias.text.as_deref())),
        }
        self.expanding.push(name);
        let fixed = std::mem::replace(&mut self.fixed_line, true);
        let flow = self.commands(&commands);
        self.fixed_line = fixed;
        self.expanding.pop();
        Some(flow)
    }

    /// zsh's aliases that count as arguments.
    fn with_global_aliases(&mut self, assignments: &[Assignment], words: &[Word]) -> Option<Flow> {
        let at = words.iter().position(|word| self.alias_of(word).is_some_and(|(_, alias)| alias.global))?;
        let (name, text) = self.alias_of(&words[at]).map(|(name, alias)| (name.to_vec(), alias.text.clone()))?;
        let Some(more) = text.and_then(|text| self.words_of(&text)) else { return Some(self.not_known(None)) };
        let mut words = words.to_vec();
        words.splice(at..=at, more);
        self.expanding.push(name);
        let flow = self.simple(assignments, &words);
        self.expanding.pop();
        Some(flow)
    }

    fn commands_of(&self, text: &[u8]) -> Option<Vec<Command>> {
        let program = parse::program(text, self.line, self.dialect, self.option("extglob"));
        (program.unsure_from.is_none() && !program.wrong).then_some(program.commands)
    }

    /// A text as arguments of a command.
    fn words_of(&self, text: &[u8]) -> Option<Vec<Word>> {
        match self.commands_of(&[b": ", text].concat())?.pop()? {
            Command::Simple { mut words, input: None, silent: None, .. } => Some(words.split_off(1)),
            _ => None,
        }
    }

    /// What runs is not known but for the names that stand in it.
    fn not_known(&mut self, text: Option<&[u8]>) -> Flow {
        self.prints_unknown();
        for name in self.names {
            if text.is_some_and(|text| text.windows(name.len()).any(|w| w == name.as_bytes())) {
                self.suspected.insert(name.as_bytes().to_vec());
            }
        }
        self.runs_unknown();
        self.status = Truth::Maybe;
        Flow::Go
    }
}
