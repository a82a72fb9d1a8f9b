//! Simple commands: assignments, a name, its arguments.

use super::Dialect;
use super::declare::is_identifier;
use super::expand::Field;
use super::fault::Fault;
use super::run::{Flow, Run};
use super::syntax::{Assigned, Assignment, Piece, Word};
use super::variable::is_number;
use crate::state::startup::value::{Truth, Value, Variable};

/// POSIX' special builtins.
const SPECIAL: [&[u8]; 14] = [
    b":",
    b".",
    b"eval",
    b"exec",
    b"exit",
    b"export",
    b"readonly",
    b"return",
    b"set",
    b"shift",
    b"times",
    b"trap",
    b"unset",
    b"break",
];

impl Run<'_> {
    pub(super) fn simple(&mut self, assignments: &[Assignment], words: &[Word]) -> Flow {
        if words.is_empty() {
            return self.assignments(assignments);
        }
        if let Some(flow) = self.aliased(assignments, words) {
            return flow;
        }
        if self.dialect == Dialect::Zsh
            && words.len() > 1
            && matches!(words[0].as_slice(), [Piece::Text { bytes, quoted: false }] if bytes == b"noglob")
        {
            let options = self.options.clone();
            self.options.insert(b"noglob".to_vec());
            let flow = self.simple(assignments, &words[1..]);
            self.options = options;
            return flow;
        }
        let declares = self.is_declaration(&words[0]);
        let fields = if declares { self.declaration_fields(words) } else { self.fields(words) };
        if let Some(flow) = self.taken_fault() {
            return flow;
        }
        if self.no_match.take() {
            // zsh: the words of a program are expanded in the process that becomes it.
            let own = fields.first().and_then(Field::bytes).is_some_and(|name| self.is_own(name));
            let flow = self.fault(Fault::Expansion);
            return if own { flow } else { Flow::Go };
        }
        // bash says so and runs the command all the same.
        if self.dialect != Dialect::Bash && assignments.iter().any(|a| self.variables.is_readonly(&a.name)) {
            return self.fault(Fault::ReadOnly);
        }
        // `NAME=value $NOTHING` is an assignment.
        let Some((name, arguments)) = fields.split_first() else { return self.assignments(assignments) };
        let Some(name) = name.bytes() else {
            self.prints_unknown();
            // What runs may be what stands in it, or in what it was made of.
            for word in words {
                self.suspect_word(word);
            }
            self.runs_unknown();
            let flow = match assignments {
                [] => Flow::Go,
                some => self.fork(|run| run.assignments(some), |_| Flow::Go),
            };
            self.status = Truth::Maybe;
            return flow;
        };
        // The text that is run, or what is printed, may be about what stands around that which cannot be told.
        if (name == b"eval" || self.capture.is_some()) && arguments.iter().any(|f| f.bytes().is_none()) {
            for word in words {
                self.suspect_word(word);
            }
        }
        // `set -k`: what looks like an assignment is one, wherever it stands.
        if self.option("keyword") && arguments.iter().any(|f| f.bytes().is_none_or(|b| b.contains(&b'='))) {
            for word in words {
                self.suspect_word(word);
            }
            self.unsure = true;
        }
        self.outline = match (name, fields.get(1), words) {
            (b"source" | b".", Some(Field::Unknown | Field::One), [_, path, ..]) => Some(self.outline(path)),
            _ => None,
        };
        self.load(name);
        if let Some(function) = self.function(name).cloned() {
            return self.with(assignments, |run| run.call(name, &function, arguments));
        }
        if assignments.is_empty() {
            return self.builtin(name, arguments);
        }
        // POSIX: what stands before a special builtin stays.
        let is_posix = self.dialect.is_sh() || self.dialect == Dialect::Bash && self.option("posix");
        if is_posix && SPECIAL.contains(&name) {
            let flow = self.assignments(assignments);
            // bash gives it to programs as well.
            for assignment in assignments.iter().filter(|_| self.dialect == Dialect::Bash) {
                let name = self.meant(&assignment.name).to_vec();
                self.variables.entry(&name).exported = Truth::Yes;
            }
            return if flow == Flow::Go { self.builtin(name, arguments) } else { flow };
        }
        // bash: what is declared with its name alone keeps it, and is exported as for a command.
        let (kept, others): (Vec<_>, Vec<_>) =
            assignments.iter().cloned().partition(|a| self.is_kept_by(&a.name, name, arguments));
        if !kept.is_empty() {
            let flow = self.assignments(&kept);
            for assignment in &kept {
                let name = self.meant(&assignment.name).to_vec();
                self.variables.entry(&name).exported = Truth::Yes;
            }
            if flow != Flow::Go {
                return flow;
            }
        }
        self.with(&others, |run| run.builtin(name, arguments))
    }

    /// `NAME=value …` without a command.
    pub(super) fn assignments(&mut self, assignments: &[Assignment]) -> Flow {
        let mut status = Truth::Yes;
        for assignment in assignments {
            self.output_status.set(None);
            self.shape = None;
            let (value, elements) = match &assignment.value {
                Assigned::Word(word) | Assigned::Element { word, .. } => (self.whole(word, true), None),
                Assigned::Array(words) if self.pairs(&assignment.name).is_some() => {
                    let pairs = self.written_pairs(words);
                    self.assign_pairs(&assignment.name, pairs, assignment.append);
                    if let Some(flow) = self.taken_fault() {
                        return flow;
                    }
                    continue;
                }
                Assigned::Array(words) => (Value::Unknown, Some(self.array(words))),
            };
            let shape = self.shape.take().filter(|_| value == Value::Unknown && !assignment.append);
            if self.no_match.take() {
                return self.fault(Fault::Expansion);
            }
            if let Some(flow) = self.taken_fault() {
                return flow;
            }
            if let Assigned::Word(word) = &assignment.value
                && value == Value::Unknown
            {
                self.suspect_word(word);
            }
            // `$?` was still that of the command before; from now on it is that of a command in the value.
            let runs = |word: &Word| word.iter().any(|piece| matches!(piece, Piece::Command { .. }));
            if let Assigned::Word(word) = &assignment.value
                && runs(word)
                && let Some((of_value, failure)) = self.output_status.take()
            {
                (status, self.failure) = (of_value, failure);
            }
            self.status = status;
            if self.variables.is_readonly(&assignment.name) {
                return self.fault(Fault::ReadOnly);
            }
            if matches!(assignment.name.as_slice(), b"fpath" | b"FPATH") {
                self.note_function_directories(&assignment.value);
            }
            let computes = self.variables.get(&assignment.name).is_some_and(|variable| variable.computes);
            if self.dialect == Dialect::Zsh && computes && self.may_be_no_expression(&value) {
                self.leave(Flow::Abort, self.variables.clone());
            }
            if let Assigned::Element { index, .. } = &assignment.value {
                // zsh counts from one.
                if index.trim_ascii() == b"0" && self.counts_from_one() && !self.has_keys(&assignment.name) {
                    return self.fault(Fault::Expansion);
                }
                self.assign_element(&assignment.name, index, value, assignment.append);
                continue;
            }
            if let Some(elements) = elements {
                self.assign_array(&assignment.name, elements, assignment.append);
            } else {
                self.assign_or_append(&assignment.name, value, assignment.append);
                self.keep_outline(&assignment.name, shape);
            }
        }
        if assignments.is_empty() {
            self.status = Truth::Yes;
        }
        Flow::Go
    }

    /// zsh: whether an integer would be set to what may be no expression, which ends the file. A name that is not set is 0.
    pub(super) fn may_be_no_expression(&self, value: &Value) -> bool {
        let is_sound = |text: &[u8]| is_number(text) || is_identifier(text) && self.value(text) == Value::Unset;
        match value {
            Value::Unset => false,
            Value::Known(text) => !text.bytes().is_empty() && !is_sound(text.bytes()),
            Value::Unknown => true,
        }
    }

    /// bash: `NAME=value export NAME`
    pub(super) fn is_kept_by(&self, variable: &[u8], builtin: &[u8], arguments: &[Field]) -> bool {
        let declares = match builtin {
            b"export" | b"readonly" => true,
            b"declare" | b"typeset" if self.locals.is_empty() => {
                arguments.iter().any(|f| f.bytes().is_some_and(|b| b.starts_with(b"-") && b.contains(&b'x')))
            }
            _ => false,
        };
        let names = |f: &Field| f.bytes().is_some_and(|b| b == variable);
        self.dialect == Dialect::Bash && declares && arguments.iter().any(names)
    }

    /// Runs a command with variables that are as they were behind it.
    pub(super) fn with(&mut self, assignments: &[Assignment], command: impl FnOnce(&mut Self) -> Flow) -> Flow {
        let before: Vec<(&Assignment, Option<Variable>)> =
            assignments.iter().map(|a| (a, self.variables.get(&a.name).cloned())).collect();
        // No line that gives a value to what comes later.
        let logged = self.log.len();
        for assignment in assignments {
            let value = match &assignment.value {
                Assigned::Word(word) => self.whole(word, true),
                Assigned::Array(_) | Assigned::Element { .. } => Value::Unknown,
            };
            self.assign(&assignment.name, value);
        }
        self.log.truncate(logged);
        let flow = command(self);
        for (assignment, old) in before {
            self.restore(&assignment.name, old);
        }
        flow
    }

    pub(super) fn restore(&mut self, name: &[u8], old: Option<Variable>) {
        match old {
            Some(variable) => self.variables.put(name, variable),
            None => {
                self.variables.remove(name);
            }
        }
    }
}
