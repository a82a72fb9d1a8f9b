//! `export`, `declare` and their kin, and `unset`.

use std::rc::Rc;

use super::Dialect;
use super::braces::has_brace;
use super::expand::Field;
use super::fault::Fault;
use super::parse::name_length;
use super::pattern;
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
    /// An integer or a float.
    computes: bool,
    array: bool,
    /// Its elements are not followed: keys of its own, or each only once, or tied to a variable.
    keyed: bool,
    /// With keys of its own.
    associative: bool,
    /// zsh: each element once.
    unique: bool,
    /// zsh: two variables that are one.
    tied: bool,
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
        // bash: braces make several assignments of one.
        let several: Vec<Word>;
        let words = if self.dialect == Dialect::Bash && words.iter().any(has_brace) {
            several = words.iter().flat_map(|word| self.braces(word)).collect();
            &several
        } else {
            words
        };
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
            if let [Piece::Array(elements)] = value.as_slice()
                && words.iter().any(asks_for_keys)
            {
                let pairs = self.written_pairs(elements);
                out.push(Field::Pairs(first[..split].to_vec(), pairs));
                continue;
            }
            if let [Piece::Array(words)] = value.as_slice() {
                let elements = self.array(words);
                out.push(Field::Array(first[..split].to_vec(), elements));
                continue;
            }
            match self.whole(&value, true) {
                Value::Known(token) => out.push(Field::Known([&first[..split], token.bytes()].concat())),
                _ => out.push(Field::Assigned(first[..split].to_vec(), self.shape.take())),
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
            computes: matches!(builtin, b"integer" | b"float"),
            local: matches!(builtin, b"local" | b"private"),
            ..Attributes::default()
        };
        let mut names = false;
        let mut tied = 0;
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
            // bash: `local -` keeps the options; zsh: the width behind `-Z`.
            match argument.bytes() {
                Some(b"-") if builtin == b"local" => {
                    self.option_set(b"localoptions", true);
                    continue;
                }
                Some(width) if attributes.changes && self.dialect == Dialect::Zsh && is_positional(width) => continue,
                _ => {}
            }
            names = true;
            if attributes.functions || attributes.prints {
                self.asks(argument, attributes.functions);
                continue;
            }
            // `typeset -T SCALAR array SEPARATOR`
            if attributes.tied && tied == 2 {
                break;
            }
            tied += 1;
            match argument {
                Field::Known(text) => {
                    let text = text.clone();
                    worse(&mut flow, self.declare_one(&text, None, &attributes));
                }
                Field::Assigned(text, outline) => {
                    let (text, outline) = (text.clone(), outline.clone());
                    worse(&mut flow, self.declare_one(&text, Some(Value::Unknown), &attributes));
                    if let Some(name) = text.strip_suffix(b"=").filter(|name| is_identifier(name)) {
                        self.keep_outline(name, outline);
                    }
                }
                Field::Pairs(text, pairs) => {
                    let (text, pairs) = (text.clone(), pairs.clone());
                    let (name, append) =
                        text.strip_suffix(b"+=").map_or((&text[..text.len() - 1], false), |n| (n, true));
                    let one = self.declare_one(name, None, &attributes);
                    if one == Flow::Go {
                        self.assign_pairs(name, pairs, append);
                    }
                    worse(&mut flow, one);
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
                Field::Unknown | Field::One | Field::Process(..) => self.anything(attributes.export == Some(true)),
            }
            // zsh takes the other arguments first.
            if flow == Flow::Fail {
                break;
            }
        }
        if !names && !attributes.functions {
            self.prints_variables();
        }
        if !names || attributes.functions || attributes.prints {
            self.prints_about(arguments);
        }
        flow
    }

    /// `declare -F NAME`, `declare -p NAME`: whether there is such a function or variable. Where there is no function, a
    /// plugin may have brought one.
    fn asks(&mut self, argument: &Field, function: bool) {
        let there = match argument.bytes() {
            Some(name) if function && self.function(name).is_some() => Truth::Yes,
            Some(name) if !function => match self.value(name) {
                Value::Known(_) => Truth::Yes,
                Value::Unset => Truth::No,
                Value::Unknown => Truth::Maybe,
            },
            _ => Truth::Maybe,
        };
        if there != Truth::Yes {
            self.status = there;
        }
    }

    /// Any variable may have been set.
    pub(super) fn anything(&mut self, exported: bool) {
        self.has_run_unknown = true;
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
        let is_known = match &text[length..] {
            [] | [b'=', ..] => true,
            [b'[', ..] => self.dialect != Dialect::Dash,
            // zsh: "not valid in this context".
            [b'+', b'=', ..] => !matches!(self.dialect, Dialect::Dash | Dialect::Zsh),
            _ => false,
        };
        if length == 0 || !is_known {
            return self.fault(Fault::Builtin);
        }
        let (name, rest) = text.split_at(length);
        // bash: that for which it stands is exported.
        let target = self.references.get(name).filter(|_| attributes.export.is_some() && !attributes.refers).cloned();
        let name = target.as_deref().unwrap_or(name);
        // zsh: with `-x` it is global, unless GLOBAL_EXPORT is off.
        let exports = self.dialect == Dialect::Zsh && attributes.export == Some(true) && !attributes.local;
        let inside = self.locals.last().is_some_and(|l| !l.contains_key(name));
        if inside && !attributes.global && !exports {
            let hidden = self.tied_to(name).unwrap_or(name);
            self.references.remove(hidden);
            let old = self.variables.remove(hidden);
            if let Some(locals) = self.locals.last_mut() {
                locals.insert(hidden.to_vec(), old);
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
        if attributes.unique {
            self.make_unique(name);
        }
        if attributes.keyed {
            self.keyed.insert(name.to_vec());
        }
        if attributes.associative && self.value(name) == Value::Unset && !self.unsure {
            self.variables.entry(name).pairs.get_or_insert_default();
        }
        // What it is set to, or was before.
        let text = given.map_or_else(|| self.value(name), Value::of);
        if self.dialect == Dialect::Zsh && attributes.computes && self.may_be_no_expression(&text) {
            self.leave(Flow::Abort, self.variables.clone());
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
        if attributes.tied {
            self.assign(name, Value::Unknown);
        }
        let variable = self.variables.entry(name);
        match attributes.export {
            Some(true) => variable.exported = Truth::Yes,
            Some(false) => variable.exported = Truth::No,
            None => {}
        }
        variable.readonly |= attributes.readonly;
        variable.changes |= attributes.changes;
        variable.computes |= attributes.computes;
        Flow::Go
    }

    pub(super) fn unset(&mut self, arguments: &[Field]) -> Flow {
        let (mut functions, mut patterns, mut references) = (false, false, false);
        let mut flow = Flow::Go;
        for argument in arguments {
            match argument.bytes() {
                Some(option) if option.starts_with(b"-") => {
                    if option[1..].iter().any(|b| !b"fvnm".contains(b)) {
                        return self.fault(Fault::Usage);
                    }
                    functions |= option.contains(&b'f');
                    patterns |= option.contains(&b'm');
                    references |= option.contains(&b'n');
                }
                Some(pattern) if patterns => {
                    let pattern = pattern.to_vec();
                    self.unset_matching(&pattern, functions);
                }
                Some(name) if references && self.references.contains_key(name) => {
                    let name = name.to_vec();
                    self.references.remove(&name);
                    self.variables.remove(&name);
                }
                Some(name) if functions => {
                    Rc::make_mut(&mut self.functions).remove(name);
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
                    // Of an array with a hole nothing is said.
                    if let Some(at) = name.iter().position(|b| *b == b'[') {
                        if self.elements(&name[..at]).is_some() {
                            let array = self.variables.entry(&name[..at]);
                            (array.value, array.elements) = (Value::Unknown, None);
                        }
                        continue;
                    }
                    // Where it is not set it is the function that goes.
                    self.ask(name);
                    let name = &self.meant(name).to_vec();
                    if self.variables.remove(name).is_none() && self.dialect != Dialect::Zsh {
                        Rc::make_mut(&mut self.functions).remove(name);
                    }
                }
                None => self.anything(false),
            }
        }
        flow
    }

    /// zsh: `unset -m PATTERN`
    fn unset_matching(&mut self, pattern: &[u8], functions: bool) {
        let extended = self.option("extendedglob");
        // `PATTERN~OTHER` matches what the other does not.
        let (pattern, without) = match pattern.iter().position(|b| *b == b'~').filter(|_| extended) {
            Some(at) => (&pattern[..at], Some(&pattern[at + 1..])),
            None => (pattern, None),
        };
        let is_more = |pattern: &[u8]| pattern.iter().any(|b| matches!(b, b'^' | b'#' | b'~'));
        if extended && (is_more(pattern) || without.is_some_and(is_more)) {
            return self.anything(false);
        }
        let groups = self.groups();
        let fits = |name: &[u8]| {
            pattern::matches(pattern, name, groups) && !without.is_some_and(|not| pattern::matches(not, name, groups))
        };
        if functions {
            Rc::make_mut(&mut self.functions).retain(|name, _| !fits(name));
            return;
        }
        let names: Vec<Vec<u8>> = self.variables.beginning_with(b"").filter(|n| fits(n)).map(<[u8]>::to_vec).collect();
        for name in names.iter().filter(|name| !self.variables.is_readonly(name)).collect::<Vec<_>>() {
            self.variables.remove(name);
        }
    }
}

impl Attributes {
    /// False for an option that dash does not have; the others go on without it.
    fn take(&mut self, builtin: &[u8], option: &[u8], dialect: Dialect) -> bool {
        if dialect.is_sh() && option != b"-p" {
            return false;
        }
        if option[1..].iter().any(|letter| !is_option(builtin, *letter, dialect)) {
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
                b'A' => (self.array, self.keyed, self.associative) = (true, true, true),
                b'U' if dialect == Dialect::Zsh => (self.keyed, self.unique) = (true, true),
                b'U' => self.keyed = true,
                b'T' => (self.keyed, self.tied) = (true, true),
                b'i' | b'E' => (self.changes, self.computes) = (true, true),
                b'l' | b'u' | b'L' | b'R' | b'Z' => self.changes = true,
                b'n' if dialect == Dialect::Bash => self.refers = true,
                _ => {}
            }
        }
        true
    }
}

/// Whether a builtin has such an option: else it sets nothing (bash 5.2, zsh 5.9, each letter asked).
fn is_option(builtin: &[u8], letter: u8, dialect: Dialect) -> bool {
    let letters: &[u8] = match (dialect, builtin) {
        (Dialect::Zsh, b"export") => b"aEfFhHilLprRtTuUZ",
        (Dialect::Zsh, _) => b"aAEfFghHiklLmprRtTuUxzZ",
        (_, b"export") => b"aAfnp",
        (_, b"readonly") => b"aAfp",
        _ => b"aAcfFgiIlnprtux",
    };
    // zsh: a width, a base.
    letters.contains(&letter) || dialect == Dialect::Zsh && letter.is_ascii_digit()
}

/// `-A`
fn asks_for_keys(word: &Word) -> bool {
    matches!(word.as_slice(), [Piece::Text { bytes, .. }] if bytes.starts_with(b"-") && bytes.contains(&b'A'))
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

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    fn next(shell: Shell, text: &str) -> Value {
        let fake = Fake::home().file("/home/u/.bashrc", text).file("/home/u/.zshrc", text).file("/home/u/.hf", "a\n");
        start(&fake, shell, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    #[test]
    fn an_unknown_option_sets_nothing() {
        let text = "export HF_TOKEN=a\nexport -q HF_TOKEN=b\ndeclare -q HF_TOKEN=b\ntypeset -xi5 N=5 2>/dev/null\n";
        for (shell, rest, value) in [
            (Shell::Bash, "export -n HF_TOKEN\n", Value::Unset),
            (Shell::Bash, "declare -gx HF_TOKEN=a\n", Value::of(b"a")),
            (Shell::Zsh, "export -n HF_TOKEN\n", Value::of(b"a")),
            (Shell::Zsh, "export -g HF_TOKEN=b\n", Value::of(b"a")),
            (Shell::Zsh, "typeset -gx HF_TOKEN=b\n", Value::of(b"b")),
        ] {
            let text = [text, rest].concat();
            let fake = Fake::home().file("/home/u/.bashrc", &text).file("/home/u/.zshrc", &text);
            let next = start(&fake, shell, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
            assert_eq!(next.variable("HF_TOKEN").value, value, "{} {text}", shell.name());
        }
    }

    #[test]
    fn what_declarations_ask_and_reach() {
        for text in [
            "declare -p HF_TOKEN &>/dev/null || export HF_TOKEN=a\n",
            "f() { :; }\ndeclare -F f >/dev/null && export HF_TOKEN=a\n",
            "declare -n r=HF_TOKEN\nexport r=a\n",
            "export HF_TOKEN=a\nf() { local -; set -a; }\nf\nunset HF_TOKEN\nHF_TOKEN=b\nexport HF_TOKEN=a\n",
        ] {
            assert_eq!(next(Shell::Bash, text), Value::of(b"a"), "{text}");
        }
        assert_eq!(next(Shell::Bash, "f() { local -; set -a; }\nf\nHF_TOKEN=b\n"), Value::Unset);
        for text in [
            "export HF_TOKEN=a\ndeclare -F nope >/dev/null || export HF_TOKEN=b\n",
            "export HF_TOKEN=a\nexport -p | grep -q HF_TOKEN && export HF_TOKEN=b\n",
            "a=(x y)\nunset 'a[0]'\nexport HF_TOKEN=${a[*]}\n",
        ] {
            assert_eq!(next(Shell::Bash, text), Value::Unknown, "{text}");
        }
    }

    #[test]
    fn what_changes_what_it_is_set_to_goes_on_doing_so() {
        let of = |text: &str| format!("{text}\nexport HF_TOKEN=$n\n");
        assert_eq!(next(Shell::Bash, &of("declare -u n\nn=abc")), Value::Unknown);
        assert_eq!(next(Shell::Zsh, &of("(( n = 3 ))\nn=a")), Value::Unknown);
        assert_eq!(next(Shell::Zsh, &of("(( n = 3 ))\nn=4")), Value::of(b"4"));
        // Of bash, of one that was there, and of one that is unset between, it makes no integer.
        assert_eq!(next(Shell::Bash, &of("(( n = 3 ))\nn=a")), Value::of(b"a"));
        for text in ["n=5\n(( n = 3 ))\nn=a", "(( n = 3 ))\nunset n\nn=a"] {
            assert_eq!(next(Shell::Zsh, &of(text)), Value::of(b"a"), "{text}");
        }
    }

    #[test]
    fn what_zsh_fills_and_ties() {
        for text in [
            "typeset -xT HF_TOKEN hf_token ,\nhf_token=(a b)\n",
            "typeset -Z 3 n=7\nexport HF_TOKEN=$n\n",
            "print -v HF_TOKEN a\nexport HF_TOKEN\n",
            "zstyle ':x' tok $(some-program)\nzstyle -s ':x' tok HF_TOKEN\nexport HF_TOKEN\n",
            "f() { zparseopts -D t:=o; export HF_TOKEN=$o[2] }\nf -t a\n",
            "f() { trap 'export HF_TOKEN=b' EXIT; export HF_TOKEN=a }\nf\n",
            "TRAPDEBUG() { export HF_TOKEN=b }\nexport HF_TOKEN=a\n",
        ] {
            assert_eq!(next(Shell::Zsh, text), Value::Unknown, "{text}");
        }
        let text = "f() { { return 1 } always { export HF_TOKEN=a } }\nf\n";
        assert_eq!(next(Shell::Zsh, text), Value::of(b"a"));
        // A brace behind the words is one of them.
        assert_eq!(next(Shell::Zsh, "for f in ~/.hf { export HF_TOKEN=a }\n"), Value::Unset);
    }
}
