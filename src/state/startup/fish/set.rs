//! `set`: scopes, lists, what is exported.

use super::expand::{elements, places};
use super::parse::{Piece, Word};
use super::run::{EMPTY, Run, SEPARATOR, Scope, list_value};
use crate::state::startup::value::{Truth, Value, Variable, Variables};

impl Run<'_> {
    /// The variable that is seen under a name.
    pub(super) fn lookup(&self, name: &[u8]) -> Option<&Variable> {
        for (scope, function) in self.world.locals.iter().rev() {
            if let Some(found) = scope.get(name).filter(|v| v.value != Value::Unset) {
                return Some(found);
            }
            if *function {
                break;
            }
        }
        let global = self.world.global.get(name).filter(|v| v.value != Value::Unset);
        global.or_else(|| self.world.universal.get(name).filter(|v| v.value != Value::Unset))
    }

    pub(super) fn value(&self, name: &[u8]) -> Value {
        match name {
            b"status" => match self.status {
                Truth::Yes => Value::of(b"0"),
                _ => Value::Unknown,
            },
            _ => self.lookup(name).map_or(Value::Unset, |v| v.value.clone()),
        }
    }

    /// What a function of fish's own sees of a variable: of local ones only those that are exported.
    pub(super) fn value_inside(&self, name: &[u8]) -> Value {
        for (scope, function) in self.world.locals.iter().rev() {
            match scope.get(name).filter(|v| v.value != Value::Unset).map(|v| (v.exported, &v.value)) {
                Some((Truth::Yes, value)) => return value.clone(),
                Some((Truth::Maybe, _)) => return Value::Unknown,
                _ => {}
            }
            if *function {
                break;
            }
        }
        match self.world.global.value(name) {
            Value::Unset => self.world.universal.value(name),
            value => value,
        }
    }

    pub(super) fn set_in(&mut self, scope: Option<Scope>, name: &[u8], value: Value, export: Option<bool>) {
        // The first is readonly.
        if name == b"PWD" || !is_identifier(name) {
            self.status = Truth::No;
            return;
        }
        let explicit = scope.is_some();
        let place = self.place();
        self.note(name, &value, Some(&place));
        let held = self.local(name);
        let set = |variables: &Variables| variables.get(name).is_some_and(|v| v.value != Value::Unset);
        let scope = scope.unwrap_or_else(|| {
            if set(&self.world.global) {
                Scope::Global
            } else if set(&self.world.universal) {
                Scope::Universal
            } else if self.world.locals.iter().any(|(_, function)| *function) {
                Scope::Function
            } else {
                Scope::Global
            }
        });
        let innermost = self.world.locals.len().checked_sub(1);
        let at = match (explicit, held) {
            (false, Some(held)) => Some(held),
            _ => match scope {
                Scope::Local => innermost,
                Scope::Function => Some(self.function_scope()),
                Scope::Global | Scope::Universal => None,
            },
        };
        let variables = match (at, scope) {
            (Some(at), _) => self.world.locals.get_mut(at).map(|(l, _)| l),
            (None, Scope::Universal) => Some(&mut self.world.universal),
            (None, _) => Some(&mut self.world.global),
        };
        let Some(variables) = variables else { return };
        let before = variables.get(name).map_or(Truth::No, |v| v.exported);
        let exported = export.map_or(before, Truth::of);
        variables.put(name, Variable::new(value, exported, Some(place)));
        self.changed(name, "SET");
    }

    /// The innermost block or function that has a local variable of this name.
    fn local(&self, name: &[u8]) -> Option<usize> {
        let function = self.world.locals.iter().rposition(|(_, function)| *function).unwrap_or(0);
        let held = |(l, _): &(Variables, bool)| l.get(name).is_some_and(|v| v.value != Value::Unset);
        self.world.locals[function..].iter().rposition(held).map(|at| function + at)
    }

    /// Where `set -f` puts a variable.
    fn function_scope(&self) -> usize {
        self.world.locals.iter().rposition(|(_, function)| *function).unwrap_or(0)
    }

    /// The elements of a variable that `set` changes in a scope, and the places that an index names there.
    fn indexed(&self, scope: Option<Scope>, name: &[u8], index: &[u8]) -> Option<(Vec<Vec<u8>>, Vec<usize>)> {
        let value = match scope {
            None => self.value(name),
            Some(Scope::Global) => self.world.global.value(name),
            Some(_) => return None,
        };
        let list = match &value {
            Value::Known(list) => elements(list.bytes()),
            Value::Unset => Vec::new(),
            Value::Unknown => return None,
        };
        let index = std::str::from_utf8(index).ok()?;
        // Behind the end only one that is named so.
        let all = match index.parse::<usize>() {
            Ok(place @ 1..1000) => vec![place],
            _ => places(index, list.len()).filter(|all| !all.is_empty())?,
        };
        Some((list, all))
    }

    /// A list with elements set.
    fn with(&self, scope: Option<Scope>, name: &[u8], index: &[u8], values: &[Vec<u8>]) -> Option<Value> {
        let (mut list, all) = self.indexed(scope, name, index)?;
        if all.len() != values.len() {
            return None;
        }
        for (place, value) in all.into_iter().zip(values) {
            list.resize(list.len().max(place), Vec::new());
            list[place - 1].clone_from(value);
        }
        Some(list_value(&list))
    }

    /// A list with elements erased.
    fn without(&self, scope: Option<Scope>, name: &[u8], index: &[u8]) -> Option<Value> {
        let (list, all) = self.indexed(scope, name, index)?;
        let kept = list.into_iter().enumerate().filter(|(i, _)| !all.contains(&(i + 1)));
        Some(list_value(&kept.map(|(_, element)| element).collect::<Vec<_>>()))
    }

    /// Any variable may have been set.
    pub(super) fn anything(&mut self) {
        self.status = Truth::Maybe;
        for name in self.names {
            let before = self.world.global.get(name.as_bytes()).map_or(Truth::No, |v| v.exported);
            let exported = if before == Truth::Yes { before } else { Truth::Maybe };
            self.world.global.put(name.as_bytes(), Variable::new(Value::Unknown, exported, None));
        }
    }

    pub(super) fn erase(&mut self, scope: Option<Scope>, name: &[u8]) -> bool {
        let at = match scope {
            Some(Scope::Function) => Some(self.function_scope()),
            None | Some(Scope::Local) => self.local(name),
            Some(Scope::Global | Scope::Universal) => None,
        };
        let gone = |variables: &mut Variables| variables.remove(name).is_some_and(|v| v.value != Value::Unset);
        let found = match (at.and_then(|at| self.world.locals.get_mut(at)), scope) {
            (Some((locals, _)), _) => gone(locals),
            (None, Some(Scope::Universal)) => gone(&mut self.world.universal),
            (None, Some(Scope::Global)) => gone(&mut self.world.global),
            (None, Some(Scope::Local | Scope::Function)) => false,
            (None, None) => gone(&mut self.world.global) || gone(&mut self.world.universal),
        };
        self.changed(name, "ERASE");
        found
    }

    pub(super) fn set(&mut self, words: &[Word]) {
        let mut scope = None;
        let mut export = None;
        let mut path = None;
        let (mut erase, mut query, mut show, mut append, mut prepend) = (false, false, false, false, false);
        let mut at = 0;
        while let Some([Piece::Text { bytes, .. }]) = words.get(at).map(Vec::as_slice) {
            if bytes == b"--" {
                at += 1;
                break;
            }
            let letters: &[u8] = match bytes.as_slice() {
                b"--global" => b"g",
                b"--universal" => b"U",
                b"--local" => b"l",
                b"--function" => b"f",
                b"--export" => b"x",
                b"--unexport" => b"u",
                b"--erase" => b"e",
                b"--query" => b"q",
                b"--append" => b"a",
                b"--prepend" => b"p",
                b"--names" => b"n",
                b"--show" => b"S",
                b"--path" | b"--unpath" => {
                    path = Some(bytes == b"--path");
                    b""
                }
                long if long.starts_with(b"--") => b"",
                [b'-', letters @ ..] if !letters.is_empty() => letters,
                _ => break,
            };
            for letter in letters {
                match letter {
                    b'g' => scope = Some(Scope::Global),
                    b'U' => scope = Some(Scope::Universal),
                    b'l' => scope = Some(Scope::Local),
                    b'f' => scope = Some(Scope::Function),
                    b'x' => export = Some(true),
                    b'u' => export = Some(false),
                    b'e' => erase = true,
                    b'q' => query = true,
                    b'a' => append = true,
                    b'p' => prepend = true,
                    b'n' | b'S' => show = true,
                    _ => {}
                }
            }
            at += 1;
        }
        let words = &words[at..];
        if show || words.is_empty() {
            self.print_all(None);
            self.status = Truth::Yes;
            return;
        }
        let all = self.fields(words);
        if self.escaped.is_some() {
            return;
        }
        let name = match &all {
            Some(all) => all.first().cloned(),
            None => self.fields(&words[..1]).and_then(|f| f.into_iter().next()),
        };
        // Of names that are not known, any may be set or erased.
        let named = if erase || query { all.is_some() } else { name.is_some() };
        if !named && !query {
            return self.anything();
        }
        if !named {
            self.status = Truth::Maybe;
            return;
        }
        let name = name.unwrap_or_default();
        if erase || query {
            let names = all.unwrap_or_default();
            let mut all = Truth::Yes;
            for name in &names {
                let there = if erase {
                    match element_of(name) {
                        (name, None) => Truth::of(self.erase(scope, name)),
                        (name, Some(index)) => {
                            let (name, list) = (name.to_vec(), self.without(scope, name, index));
                            self.set_in(scope, &name, list.unwrap_or(Value::Unknown), None);
                            Truth::Maybe
                        }
                    }
                } else {
                    let (name, index) = element_of(name);
                    let seen = match scope {
                        Some(Scope::Global) => self.world.global.get(name),
                        Some(Scope::Universal) => self.world.universal.get(name),
                        Some(Scope::Local) => self.local(name).and_then(|at| self.world.locals[at].0.get(name)),
                        Some(Scope::Function) => self.world.locals[self.function_scope()].0.get(name),
                        None => self.lookup(name),
                    };
                    // With `-x` only what is exported.
                    let exported = match (export, seen.map_or(Truth::No, |v| v.exported)) {
                        (None, _) => Truth::Yes,
                        (Some(true), exported) => exported,
                        (Some(false), exported) => exported.not(),
                    };
                    let value = if seen.is_some() || scope.is_some() {
                        seen.map_or(Value::Unset, |v| v.value.clone())
                    } else {
                        self.value(name)
                    };
                    match (value, exported) {
                        (Value::Unset, _) | (_, Truth::No) => Truth::No,
                        (Value::Known(list), Truth::Yes) => {
                            index.map_or(Truth::Yes, |index| has_element(list.bytes(), index))
                        }
                        _ => Truth::Maybe,
                    }
                };
                if there != Truth::Yes {
                    all = there;
                }
            }
            self.status = all;
            return;
        }
        let element = name.contains(&b'[');
        let values = all.map(|all| all[1..].to_vec());
        let mut value = match values {
            Some(list) if element => match (append || prepend, element_of(&name)) {
                (false, (name, Some(index))) => self.with(scope, name, index, &list).unwrap_or(Value::Unknown),
                _ => Value::Unknown,
            },
            Some(list) if list.is_empty() => Value::of(EMPTY),
            Some(list) => listed(path.unwrap_or_else(|| self.is_path(&name)), &list.join(&SEPARATOR)),
            None => Value::Unknown,
        };
        let name = name.split(|b| *b == b'[').next().unwrap_or_default().to_vec();
        if let Some(path) = path {
            self.world.paths.insert(name.clone(), path);
        }
        if append || prepend {
            value = match (self.value(&name), value) {
                (Value::Unset, value) => value,
                (Value::Known(old), value) if old.bytes() == EMPTY => value,
                (old, Value::Known(new)) if new.bytes() == EMPTY => old,
                (Value::Known(old), Value::Known(new)) if append => {
                    Value::of(&[old.bytes(), &[SEPARATOR], new.bytes()].concat())
                }
                (Value::Known(old), Value::Known(new)) => Value::of(&[new.bytes(), &[SEPARATOR], old.bytes()].concat()),
                _ => Value::Unknown,
            };
        }
        self.set_in(scope, &name, value, export);
    }
}

/// Whether a variable can have this name.
pub(super) fn is_identifier(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name);
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// `NAME[INDEX]` in its parts.
fn element_of(word: &[u8]) -> (&[u8], Option<&[u8]>) {
    let end = word.iter().position(|b| *b == b'[').unwrap_or(word.len());
    (&word[..end], word.get(end + 1..).and_then(|index| index.strip_suffix(b"]")))
}

fn has_element(list: &[u8], index: &[u8]) -> Truth {
    let length = if list == EMPTY { 0 } else { list.split(|b| *b == SEPARATOR).count() };
    match std::str::from_utf8(index).ok().and_then(|index| index.parse::<usize>().ok()) {
        Some(index) => Truth::of((1..=length).contains(&index)),
        None => Truth::Maybe,
    }
}

/// A path is a list, apart at colons.
pub(super) fn listed(path: bool, value: &[u8]) -> Value {
    if path {
        return Value::of(&value.iter().map(|b| if *b == b':' { SEPARATOR } else { *b }).collect::<Vec<_>>());
    }
    Value::of(value)
}

pub(super) fn scope_of(options: &[&[u8]]) -> Option<Scope> {
    let has = |letter: u8, long: &[u8]| {
        options.iter().any(|o| *o == long || (o.starts_with(b"-") && !o.starts_with(b"--") && o.contains(&letter)))
    };
    if has(b'g', b"--global") {
        Some(Scope::Global)
    } else if has(b'U', b"--universal") {
        Some(Scope::Universal)
    } else if has(b'l', b"--local") {
        Some(Scope::Local)
    } else if has(b'f', b"--function") {
        Some(Scope::Function)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    /// Each value is that of fish 3.6.
    #[test]
    fn elements_are_set_erased_asked_and_named() {
        for (text, want) in [
            ("set -gx HF_TOKEN a b c; set HF_TOKEN[2] z; set HF_TOKEN[-1] y", "a z y"),
            ("set -gx HF_TOKEN a b c; set HF_TOKEN[1..2] p q", "p q c"),
            ("set -gx HF_TOKEN a; set HF_TOKEN[3] c", "a  c"),
            ("set -gx HF_TOKEN a b c d; set -e HF_TOKEN[2..3]", "a d"),
            ("set -gx HF_TOKEN a; set -e HF_TOKEN[4]; function f; set HF_TOKEN[1] b; end; f", "b"),
            ("set l a b c d; set -gx HF_TOKEN $l[-1..1] $l[9..3] $l[3 1] $l[5..9] $l[2..]", "d c b a d c c a b c d"),
            ("set l a; set -gx HF_TOKEN x $l[2..-1]", "x"),
            ("set l A B; set A 1 2; set B 3; set -gx HF_TOKEN $$l $$l[1][2] $$l[2]", "1 2 3 2 3"),
            ("set l A; set A 1 2; set -gx HF_TOKEN x\"$$l\"", "x1 2"),
        ] {
            let fake = Fake::home().file("/home/u/.config/fish/config.fish", text);
            let next = start(&fake, Shell::Fish, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
            assert_eq!(next.variable("HF_TOKEN").value, Value::of(want.as_bytes()), "{text}");
        }
    }
}
