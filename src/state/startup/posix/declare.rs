//! `export`, `declare` and their kin, and `unset`.

use super::Dialect;
use super::expand::Field;
use super::fault::Fault;
use super::parse::name_length;
use super::run::{Flow, Run};
use super::syntax::{Piece, Word};
use crate::state::startup::value::{Truth, Value};

/// Builtins that take assignments as arguments.
const DECLARATIONS: [&[u8]; 8] =
    [b"export", b"declare", b"typeset", b"local", b"readonly", b"integer", b"float", b"private"];

/// What a declaration asks for.
#[derive(Default)]
struct Attributes {
    export: Option<bool>,
    readonly: bool,
    global: bool,
    local: bool,
    functions: bool,
    prints: bool,
    /// The value is changed as it is set: integer, upper case.
    changes: bool,
    array: bool,
    /// Its elements are not followed: keys of its own, or each only once, or tied to a variable.
    keyed: bool,
    /// bash: it stands for the variable that is its value.
    refers: bool,
}

impl Run<'_> {
    pub(super) fn is_declaration(&self, word: &Word) -> bool {
        let [Piece::Text { bytes, quoted: false }] = word.as_slice() else { return false };
        DECLARATIONS.contains(&bytes.as_slice()) && self.function(bytes).is_none()
    }

    /// The arguments of a declaration: the value of an assignment is not taken apart.
    pub(super) fn declaration_fields(&mut self, words: &[Word]) -> Vec<Field> {
        let mut out = Vec::new();
        for word in words {
            let assignment = match word.first() {
                Some(Piece::Text { bytes, quoted: false }) => {
                    let name = name_length(bytes);
                    let rest = &bytes[name..];
                    (name > 0 && (rest.starts_with(b"=") || rest.starts_with(b"+="))).then(|| bytes.clone())
                }
                _ => None,
            };
            let Some(first) = assignment else {
                out.extend(self.fields(std::slice::from_ref(word)));
                continue;
            };
            let split = first.iter().position(|b| *b == b'=').map_or(0, |at| at + 1);
            let mut value = word.clone();
            value[0] = Piece::Text { bytes: first[split..].to_vec(), quoted: false };
            if first.len() == split {
                value.remove(0);
            }
            if let [Piece::Array(words)] = value.as_slice() {
                let elements = self.array(words);
                out.push(Field::Array(first[..split].to_vec(), elements));
                continue;
            }
            match self.whole(&value, true) {
                Value::Known(token) => out.push(Field::Known([&first[..split], token.bytes()].concat())),
                _ => out.push(Field::Assigned(first[..split].to_vec())),
            }
        }
        out
    }

    pub(super) fn declare(&mut self, builtin: &[u8], arguments: &[Field]) -> Flow {
        if builtin == b"local" && self.locals.is_empty() && self.dialect != Dialect::Zsh {
            return self.fault(Fault::Usage);
        }
        let mut flow = Flow::Go;
        let mut attributes = Attributes {
            export: (builtin == b"export").then_some(true),
            readonly: builtin == b"readonly",
            global: matches!(builtin, b"export" | b"readonly"),
            changes: matches!(builtin, b"integer" | b"float"),
            local: matches!(builtin, b"local" | b"private"),
            ..Attributes::default()
        };
        let mut names = false;
        for argument in arguments {
            if !names
                && let Some(option) = argument.bytes()
                && option.len() > 1
                && matches!(option[0], b'-' | b'+')
            {
                if option == b"--" {
                    names = true;
                    continue;
                }
                if !attributes.take(builtin, option, self.dialect) {
                    return self.fault(Fault::Usage);
                }
                continue;
            }
            names = true;
            if attributes.functions || attributes.prints {
                continue;
            }
            match argument {
                Field::Known(text) => {
                    let text = text.clone();
                    worse(&mut flow, self.declare_one(&text, None, &attributes));
                }
                Field::Assigned(text) => {
                    let text = text.clone();
                    worse(&mut flow, self.declare_one(&text, Some(Value::Unknown), &attributes));
                }
                Field::Array(text, elements) => {
                    let (text, elements) = (text.clone(), elements.clone());
                    let (name, append) =
                        text.strip_suffix(b"+=").map_or((&text[..text.len() - 1], false), |n| (n, true));
                    let readonly = self.variables.is_readonly(name);
                    let one = self.declare_one(name, None, &attributes);
                    if one == Flow::Go && !readonly {
                        self.variables.entry(name).readonly = false;
                        self.assign_array(name, elements, append);
                        self.variables.entry(name).readonly = attributes.readonly;
                    }
                    worse(&mut flow, one);
                }
                // `export $(… .env …)`: any name.
                Field::Unknown | Field::Process(..) => self.anything(attributes.export == Some(true)),
            }
            // zsh takes the other arguments first.
            if flow == Flow::Fail {
                break;
            }
        }
        flow
    }

    /// Any variable may have been set.
    fn anything(&mut self, exported: bool) {
        let names = self.names;
        for name in names {
            let variable = self.variables.entry(name.as_bytes());
            variable.value = Value::Unknown;
            if exported && variable.exported == Truth::No {
                variable.exported = Truth::Maybe;
            }
        }
    }

    fn declare_one(&mut self, text: &[u8], value: Option<Value>, attributes: &Attributes) -> Flow {
        let length = name_length(text);
        if length == 0 || !matches!(&text[length..], [] | [b'=' | b'[', ..] | [b'+', b'=', ..]) {
            return self.fault(Fault::Builtin);
        }
        let (name, rest) = text.split_at(length);
        // zsh: with `-x` it is global, unless GLOBAL_EXPORT is off.
        let exports = self.dialect == Dialect::Zsh && attributes.export == Some(true) && !attributes.local;
        let inside = self.locals.last().is_some_and(|l| !l.contains_key(name));
        if inside && !attributes.global && !exports {
            let old = self.variables.remove(name);
            if let Some(locals) = self.locals.last_mut() {
                locals.insert(name.to_vec(), old);
            }
        }
        let (append, given) = match rest {
            [] => (false, None),
            [b'=', value @ ..] => (false, Some(value)),
            [b'+', b'=', value @ ..] => (true, Some(value)),
            _ => {
                // An element of an array.
                self.assign(name, Value::Unknown);
                return Flow::Go;
            }
        };
        if self.variables.is_readonly(name) && given.is_some() {
            return self.fault(Fault::Builtin);
        }
        if attributes.keyed {
            self.keyed.insert(name.to_vec());
        }
        if attributes.refers {
            let target = given.filter(|given| is_identifier(given) && *given != name);
            self.references.insert(name.to_vec(), target.unwrap_or(name).to_vec());
            return Flow::Go;
        }
        if let Some(given) = given {
            let value = match value {
                Some(value) => value,
                None if attributes.changes || attributes.array => Value::Unknown,
                None => Value::of(given),
            };
            self.assign_or_append(name, value, append);
        }
        let variable = self.variables.entry(name);
        match attributes.export {
            Some(true) => variable.exported = Truth::Yes,
            Some(false) => variable.exported = Truth::No,
            None => {}
        }
        variable.readonly |= attributes.readonly;
        Flow::Go
    }

    pub(super) fn unset(&mut self, arguments: &[Field]) -> Flow {
        let mut functions = false;
        let mut flow = Flow::Go;
        for argument in arguments {
            match argument.bytes() {
                Some(option) if option.starts_with(b"-") => {
                    if option[1..].iter().any(|b| !b"fvnm".contains(b)) {
                        return self.fault(Fault::Usage);
                    }
                    functions |= option.contains(&b'f');
                    // zsh: a pattern.
                    if option.contains(&b'm') {
                        self.anything(false);
                        return flow;
                    }
                }
                Some(name) if functions => {
                    self.functions.remove(name);
                }
                Some(name) => {
                    let is_a_name = is_identifier(name)
                        || name.ends_with(b"]")
                        || self.dialect == Dialect::Zsh && is_positional(name);
                    if self.variables.is_readonly(name) || !is_a_name {
                        worse(&mut flow, self.fault(Fault::Builtin));
                        if flow == Flow::Fail {
                            break;
                        }
                        continue;
                    }
                    // Where it is not set it is the function that goes.
                    self.ask(name);
                    if self.variables.remove(name).is_none() && self.dialect != Dialect::Zsh {
                        self.functions.remove(name);
                    }
                }
                None => self.anything(false),
            }
        }
        flow
    }
}

impl Attributes {
    /// False for an option that dash does not have; the others go on without it.
    fn take(&mut self, builtin: &[u8], option: &[u8], dialect: Dialect) -> bool {
        if dialect == Dialect::Sh && option != b"-p" {
            return false;
        }
        let on = option[0] == b'-';
        for letter in &option[1..] {
            match letter {
                b'x' => self.export = Some(on),
                b'n' if builtin == b"export" => self.export = Some(false),
                b'r' => self.readonly |= on,
                b'g' => self.global |= on,
                b'f' | b'F' => self.functions = true,
                b'p' => self.prints = true,
                b'a' => self.array = true,
                b'A' => (self.array, self.keyed) = (true, true),
                b'U' => self.keyed = true,
                b'T' => (self.changes, self.keyed) = (true, true),
                b'i' | b'l' | b'u' | b'E' | b'L' | b'R' | b'Z' => self.changes = true,
                b'n' if dialect == Dialect::Bash => self.refers = true,
                _ => {}
            }
        }
        true
    }
}

pub(super) fn is_identifier(name: &[u8]) -> bool {
    !name.is_empty() && name_length(name) == name.len()
}

fn is_positional(name: &[u8]) -> bool {
    name.iter().all(u8::is_ascii_digit)
}

fn worse(flow: &mut Flow, other: Flow) {
    if other != Flow::Go {
        *flow = other;
    }
}
