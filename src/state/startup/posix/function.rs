//! Functions.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use super::Dialect;
use super::expand::Field;
use super::run::{Flow, Run};
use super::syntax::Command;
use crate::state::startup::value::Value;

/// A function.
#[derive(Debug, Clone)]
pub(super) struct Function {
    body: Rc<Command>,
    /// The line on which it was read, counted from the start of the shell.
    read_at: u32,
    file: Rc<Path>,
    /// The line that all of it counts as, where it does not stand in the file itself.
    line: Option<u32>,
}

impl Run<'_> {
    /// A function.
    pub(super) fn function(&self, name: &[u8]) -> Option<&Function> {
        self.ask_function(name);
        self.functions.get(name)
    }

    /// `NAME() BODY`
    pub(super) fn define(&mut self, name: &[u8], body: &Rc<Command>) {
        let function = Function {
            body: Rc::clone(body),
            read_at: self.read_at,
            file: Rc::clone(&self.file),
            line: self.fixed_line.then_some(self.line),
        };
        // zsh: functions that are traps.
        if self.dialect == Dialect::Zsh && matches!(name, b"TRAPDEBUG" | b"TRAPZERR" | b"TRAPERR") {
            self.trapped.extend(self.names);
        }
        self.functions.insert(name.to_vec(), function);
    }

    /// Calls a function: its arguments and local variables are its own.
    pub(super) fn call(&mut self, name: &[u8], function: &Function, arguments: &[Field]) -> Flow {
        let values = arguments.iter().map(|f| f.bytes().map_or(Value::Unknown, Value::of)).collect();
        let outer = std::mem::replace(&mut self.arguments, values);
        let returned = self.returned.take();
        let loops = self.loops;
        // In zsh a `break` in it leaves the loop of who calls.
        if self.dialect != Dialect::Zsh {
            self.loops = 0;
        }
        self.locals.push(BTreeMap::new());
        let zero = std::mem::replace(&mut self.zero, Value::of(name));
        let read_at = std::mem::replace(&mut self.read_at, function.read_at);
        let file = std::mem::replace(&mut self.file, Rc::clone(&function.file));
        let options = self.options.clone();
        let (line, fixed) = (self.line, self.fixed_line);
        (self.line, self.fixed_line) = (function.line.unwrap_or(line), function.line.is_some());
        let flow = self.command(&function.body);
        (self.loops, self.zero, self.read_at, self.file) = (loops, zero, read_at, file);
        (self.line, self.fixed_line) = (line, fixed);
        if self.option("localoptions") {
            self.options = options;
        }
        self.rejoin(returned);
        self.arguments = outer;
        for (name, old) in self.locals.pop().unwrap_or_default() {
            self.restore(&name, old);
        }
        if flow == Flow::Return { Flow::Go } else { flow }
    }
}
