//! Functions: what defines them, calls them, and the events that call them.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use super::parse::{Statement, Word};
use super::run::{Flow, Run, list_value};
use crate::state::startup::value::{Truth, Value, Variable, Variables};

/// Handlers that call handlers: deeper ones are not followed.
const MOST_FIRED: u32 = 5;

/// What a name may stand for: more than one where nobody can tell which way was taken, `None` for no function.
pub(super) type Ways = Vec<Option<Rc<Function>>>;

/// A function. It has no Debug: what stands in it may be a token.
pub(super) struct Function {
    /// `--argument-names`
    arguments: Vec<Vec<u8>>,
    /// `--inherit-variable`: the values of when it was defined.
    inherited: Vec<(Vec<u8>, Value)>,
    /// `--no-scope-shadowing`: it sees the variables of its caller.
    open: bool,
    body: Rc<[Statement]>,
    /// Where it was defined; `line` where all of it stands in that line.
    file: Rc<Path>,
    line: Option<u32>,
}

/// What calls a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// `--on-variable`
    Variable(Vec<u8>),
    /// `--on-event`
    Named(Vec<u8>),
}

/// All functions, and those that events call in the order of their definitions.
#[derive(Clone, Default)]
pub(super) struct Functions {
    all: Rc<BTreeMap<Vec<u8>, Ways>>,
    handlers: Vec<(Event, Vec<u8>)>,
}

impl Functions {
    pub(super) fn get(&self, name: &[u8]) -> Option<&Ways> {
        self.all.get(name)
    }

    /// The statements of all that a name may stand for.
    pub(super) fn bodies(&self, name: &[u8]) -> Vec<Rc<[Statement]>> {
        self.get(name).into_iter().flatten().flatten().map(|function| Rc::clone(&function.body)).collect()
    }

    pub(super) fn has(&self, name: &[u8]) -> bool {
        self.all.contains_key(name)
    }

    pub(super) fn define(&mut self, name: &[u8], function: Function, events: Vec<Event>) {
        self.remove(name);
        self.handlers.extend(events.into_iter().map(|event| (event, name.to_vec())));
        Rc::make_mut(&mut self.all).insert(name.to_vec(), vec![Some(Rc::new(function))]);
    }

    pub(super) fn remove(&mut self, name: &[u8]) {
        self.handlers.retain(|(_, handler)| handler != name);
        if self.has(name) {
            Rc::make_mut(&mut self.all).remove(name);
        }
    }

    /// `functions --copy`
    pub(super) fn copy(&mut self, from: &[u8], to: &[u8]) {
        if let Some(ways) = self.get(from).cloned() {
            Rc::make_mut(&mut self.all).insert(to.to_vec(), ways);
        }
    }

    /// What holds after one of two ways was taken.
    pub(super) fn merge(&mut self, other: &Self) {
        if Rc::ptr_eq(&self.all, &other.all) {
            return;
        }
        let missing = other.handlers.iter().filter(|h| !self.handlers.contains(h)).cloned().collect::<Vec<_>>();
        self.handlers.extend(missing);
        let nothing = vec![None];
        let all = Rc::make_mut(&mut self.all);
        for (name, theirs) in &*other.all {
            let mine = all.entry(name.clone()).or_insert_with(|| nothing.clone());
            add(mine, theirs);
        }
        for (_, mine) in all.iter_mut().filter(|(name, _)| !other.has(name)) {
            add(mine, &nothing);
        }
    }
}

fn add(ways: &mut Ways, more: &Ways) {
    for way in more {
        if !ways.iter().any(|w| w.as_ref().map(Rc::as_ptr) == way.as_ref().map(Rc::as_ptr)) {
            ways.push(way.clone());
        }
    }
}

impl Run<'_> {
    /// `function NAME OPTION… ARGUMENT-NAME…`
    pub(super) fn define(&mut self, words: &[Word], body: &Rc<[Statement]>) {
        self.status = Truth::Yes;
        let Some(words) = self.fields(words) else { return };
        let Some((name, options)) = words.split_first() else { return };
        let (mut arguments, mut inherited, mut events, mut open) = (Vec::new(), Vec::new(), Vec::new(), false);
        let mut options = options.iter();
        while let Some(option) = options.next() {
            let (letter, value) = match option.as_slice() {
                [b'-', b'-', long @ ..] => {
                    let end = long.iter().position(|b| *b == b'=').unwrap_or(long.len());
                    let letter = match &long[..end] {
                        b"description" => b'd',
                        b"wraps" => b'w',
                        b"on-event" => b'e',
                        b"on-variable" => b'v',
                        b"on-signal" => b's',
                        b"on-job-exit" => b'j',
                        b"on-process-exit" => b'p',
                        b"inherit-variable" => b'V',
                        b"no-scope-shadowing" => b'S',
                        _ => b'a',
                    };
                    (letter, long.get(end + 1..))
                }
                [b'-', letter, value @ ..] => (*letter, Some(value).filter(|v| !v.is_empty())),
                _ => (0, Some(option.as_slice())),
            };
            let takes_value = b"dwevsjpVa".contains(&letter);
            let value = match value {
                None if takes_value => options.next().map(Vec::as_slice),
                value => value,
            };
            match (letter, value) {
                (b'S', _) => open = true,
                (b'e', Some(event)) => events.push(Event::Named(event.to_vec())),
                (b'v', Some(variable)) => events.push(Event::Variable(variable.to_vec())),
                (b'V', Some(variable)) => inherited.push((variable.to_vec(), self.value(variable))),
                // The names go on behind the first.
                (0 | b'a', Some(name)) => arguments.push(name.to_vec()),
                _ => {}
            }
        }
        let line = self.fixed_line.then_some(self.line);
        let file = Rc::clone(&self.file);
        let function = Function { arguments, inherited, open, body: Rc::clone(body), file, line };
        self.world.functions.define(name, function, events);
    }

    /// A function of nothing but statements.
    pub(super) fn define_plain(&mut self, name: &[u8], body: Vec<Statement>) {
        let function = Function {
            arguments: Vec::new(),
            inherited: Vec::new(),
            open: false,
            body: body.into(),
            file: Rc::clone(&self.file),
            line: Some(self.line),
        };
        self.world.functions.define(name, function, Vec::new());
    }

    pub(super) fn call(&mut self, ways: &[Option<Rc<Function>>], arguments: Option<&[Vec<u8>]>) -> Flow {
        match ways {
            [] => Flow::Go,
            [Some(one)] => self.call_one(one, arguments),
            [None] => {
                self.print_all(None);
                Flow::Go
            }
            [one, rest @ ..] => {
                let one = std::slice::from_ref(one);
                self.fork(|run| run.call(one, arguments), |run| run.call(rest, arguments))
            }
        }
    }

    fn call_one(&mut self, function: &Function, arguments: Option<&[Vec<u8>]>) -> Flow {
        let mut locals = Variables::default();
        // Copies of what the caller exports.
        for (scope, is_function) in self.world.locals.iter().rev() {
            for name in scope.beginning_with(b"") {
                if let Some(variable) = scope.get(name).filter(|v| v.exported == Truth::Yes)
                    && locals.get(name).is_none()
                {
                    locals.put(name, variable.clone());
                }
            }
            if *is_function {
                break;
            }
        }
        for (name, value) in &function.inherited {
            locals.put(name, Variable::new(value.clone(), Truth::No, None));
        }
        let value = arguments.map_or(Value::Unknown, list_value);
        locals.put(b"argv", Variable::new(value, Truth::No, None));
        for (i, name) in function.arguments.iter().enumerate() {
            let value = arguments.map_or(Value::Unknown, |list| match list.get(i) {
                Some(argument) => Value::of(argument),
                None => list_value(&[]),
            });
            locals.put(name, Variable::new(value, Truth::No, None));
        }
        self.world.locals.push((locals, !function.open));
        let (line, fixed) = (self.line, self.fixed_line);
        let file = std::mem::replace(&mut self.file, Rc::clone(&function.file));
        (self.line, self.fixed_line) = (function.line.unwrap_or(line), function.line.is_some());
        if function.body.is_empty() {
            self.status = Truth::Yes;
        }
        let flow = self.body(&function.body);
        (self.file, self.line, self.fixed_line) = (file, line, fixed);
        self.world.locals.pop();
        flow
    }

    /// Calls those that wait for an event.
    pub(super) fn fire(&mut self, event: &Event, arguments: Option<&[Vec<u8>]>) {
        let handlers = self.world.functions.handlers.iter().filter(|(on, _)| on == event);
        let names: Vec<Vec<u8>> = handlers.map(|(_, name)| name.clone()).collect();
        if names.is_empty() {
            return;
        }
        if self.firing >= MOST_FIRED {
            self.anything();
            return;
        }
        self.firing += 1;
        let status = self.status;
        for name in names {
            if let Some(ways) = self.world.functions.get(&name).cloned() {
                self.call(&ways, arguments);
            }
        }
        self.status = status;
        self.firing -= 1;
    }

    /// The event of a variable that is set or erased.
    pub(super) fn changed(&mut self, name: &[u8], how: &str) {
        if name == b"fish_user_paths" {
            self.user_paths();
        }
        if !self.world.functions.handlers.is_empty() {
            let arguments = [b"VARIABLE", how.as_bytes(), name].map(<[u8]>::to_vec);
            self.fire(&Event::Variable(name.to_vec()), Some(&arguments));
        }
    }

    /// `emit` of what is not known.
    pub(super) fn emit_any(&mut self) {
        let events = self.world.functions.handlers.iter().map(|(event, _)| event.clone());
        let named: Vec<Event> = events.filter(|event| matches!(event, Event::Named(_))).collect();
        for event in named {
            let fire = |run: &mut Self| {
                run.fire(&event, None);
                Flow::Go
            };
            self.fork(fire, |_| Flow::Go);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::finding::Location;
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    fn value(text: &str) -> Value {
        let fake =
            Fake::home().file("/home/u/.config/fish/config.fish", text).dir("/home/u/bin", 0o755).dir("/tmp", 0o755);
        start(&fake, Shell::Fish, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    /// Each value is that of fish 3.6.
    #[test]
    fn events_call_functions_and_functions_keep_what_they_inherit() {
        for (text, want) in [
            ("function f --on-variable A; set -gx HF_TOKEN $argv; end; set -g A 1", "VARIABLE SET A"),
            ("function f -v A; set -gx HF_TOKEN $argv; end; set -e A", "VARIABLE ERASE A"),
            ("function f --on-variable=PWD; set -gx HF_TOKEN $PWD; end; cd bin/..; cd /tmp", "/tmp"),
            ("function f -e x; set -gx HF_TOKEN $argv; end; emit x 1 2", "1 2"),
            ("function f -e x; set -gx HF_TOKEN a; end; functions -e f; set -gx HF_TOKEN b; emit x", "b"),
            ("set -g A a; function f -V A; set -gx HF_TOKEN $A; end; set A b; f", "a"),
            ("function f -a x -d y -a z; set -gx HF_TOKEN $z$x; end; functions -c f g; g 1 2", "21"),
            ("set n f; function $n; set -gx HF_TOKEN a; end; f", "a"),
            ("begin; set -lx A a; function f; set A b$A; end; f; set -gx HF_TOKEN $A; end", "a"),
            ("begin; set -l A a; function f -S; set A b$A; end; f; set -gx HF_TOKEN $A; end", "ba"),
            ("if some-program; true; end; function f; set -gx HF_TOKEN a; end; f", "a"),
        ] {
            assert_eq!(value(text), Value::of(want.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_a_function_sets_is_set_in_its_file() {
        for (text, file, line) in [
            ("# here\nf", "functions/f.fish", 2),
            ("eval f", "functions/f.fish", 2),
            ("function g\n\n set -gx HF_TOKEN a\nend\ng", "config.fish", 3),
            ("\neval 'function g;\n set -gx HF_TOKEN a; end'\n\ng", "config.fish", 2),
            ("alias g 'set -gx HF_TOKEN a'\n\ng", "config.fish", 1),
            ("f\nset -gx HF_TOKEN b", "config.fish", 2),
        ] {
            let fake = Fake::home()
                .file("/home/u/.config/fish/config.fish", text)
                .file("/home/u/.config/fish/functions/f.fish", "function f\n set -gx HF_TOKEN a\nend\n");
            let next = start(&fake, Shell::Fish, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
            let place = Location::line(format!("/home/u/.config/fish/{file}"), line);
            assert_eq!(next.variable("HF_TOKEN").place, Some(place), "{text}");
        }
    }

    #[test]
    fn what_a_program_decides_of_functions_is_not_guessed() {
        for text in [
            "if some-program; function f; set -gx HF_TOKEN a; end; end; f",
            "if some-program; function f; set -gx HF_TOKEN a; end; else; function f; end; end; f",
            "if some-program; function f -v A; set -gx HF_TOKEN a; end; end; set A 1",
            "function f -e x; set -gx HF_TOKEN a; end; emit (some-program)",
            "function f -v A; set -gx HF_TOKEN a; set A 1; end; set -g A 1",
            "if some-program; cd /tmp; end; set -gx HF_TOKEN $PWD",
            "cd (some-program); set -gx HF_TOKEN a; test -f x; and set -gx HF_TOKEN b",
        ] {
            assert_eq!(value(text), Value::Unknown, "{text}");
        }
    }
}
