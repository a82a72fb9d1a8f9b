//! zsh: `zstyle`, the styles by which frameworks and people's own functions are told what to do.
//!
//! Source: zsh 5.9, `Src/Modules/zutil.c`, and run.

use std::rc::Rc;

use super::expand::Field;
use super::pattern::{self, Groups};
use super::run::Run;
use crate::secret::Token;
use crate::state::startup::value::{Truth, Value};

/// What a style is set to for the contexts that a pattern matches. It may be a token, so nothing shows it.
#[derive(Clone, PartialEq, Eq)]
struct Style {
    pattern: Vec<u8>,
    name: Vec<u8>,
    /// `None` where they are not known.
    values: Option<Vec<Vec<u8>>>,
}

/// All of them, those first whose pattern says most.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Styles {
    all: Rc<Vec<Style>>,
    /// Others may be set, or some of these may not.
    pub(super) unsure: bool,
}

impl Styles {
    fn set(&mut self, style: Style) {
        let all = Rc::make_mut(&mut self.all);
        if let Some(old) = all.iter_mut().find(|old| old.pattern == style.pattern && old.name == style.name) {
            old.values = style.values;
            return;
        }
        let weight = weight(&style.pattern);
        let at = all.iter().position(|old| self::weight(&old.pattern) < weight).unwrap_or(all.len());
        all.insert(at, style);
    }

    /// What a style is set to; an error where that cannot be told.
    fn look_up(&self, context: &[u8], name: &[u8]) -> Result<Option<&[Vec<u8>]>, ()> {
        if self.unsure {
            return Err(());
        }
        for style in self.all.iter().filter(|style| style.name == name) {
            if style.pattern.iter().any(|b| matches!(b, b'#' | b'^' | b'~')) {
                return Err(());
            }
            if pattern::matches(&style.pattern, context, Groups::Plain) {
                return style.values.as_deref().map(Some).ok_or(());
            }
        }
        Ok(None)
    }
}

/// First how many parts it has, then for each part whether it is a text, a pattern or a star alone.
fn weight(pattern: &[u8]) -> (usize, usize) {
    let of_part = |part: &[u8]| match part {
        b"*" => 0,
        part if part.iter().any(|b| b"(|*[<?#^".contains(b)) => 1,
        _ => 2,
    };
    let parts = pattern.split(|b| *b == b':');
    (parts.clone().count(), parts.map(of_part).sum())
}

impl Run<'_> {
    /// `zstyle …`
    pub(super) fn zstyle(&mut self, arguments: &[Field]) {
        let words: Option<Vec<&[u8]>> = arguments.iter().map(Field::bytes).collect();
        match words.as_deref() {
            Some([b"-s" | b"-b" | b"-a" | b"-t" | b"-T" | b"-m" | b"-q", ..]) => {
                // A text that was put aside may have set it.
                self.ask(b"zstyle");
                self.asks_style(words.as_deref().unwrap_or_default());
            }
            Some([] | [b"-L" | b"-l", ..]) => {}
            Some([b"-d" | b"-e", ..]) => self.styles.unsure = true,
            Some([b"-g", name, ..]) => {
                self.assign(name, Value::Unknown);
                self.status = Truth::Maybe;
            }
            Some([b"-" | b"--", pattern, name, values @ ..] | [pattern, name, values @ ..]) => {
                let values = values.iter().map(|value| value.to_vec()).collect();
                self.styles.set(Style { pattern: pattern.to_vec(), name: name.to_vec(), values: Some(values) });
            }
            Some(_) => self.status = Truth::No,
            None => self.sets_some_style(arguments),
        }
    }

    /// With arguments that are not known.
    fn sets_some_style(&mut self, arguments: &[Field]) {
        match arguments {
            [Field::Known(option), rest @ ..] if option.starts_with(b"-") && option.len() > 1 => {
                if let [_, _, Field::Known(name), ..] = rest
                    && matches!(option.as_slice(), b"-s" | b"-b" | b"-a")
                {
                    self.assign(name, Value::Unknown);
                }
                self.styles.unsure |= matches!(option.as_slice(), b"-d" | b"-e");
                self.status = Truth::Maybe;
            }
            [Field::Known(pattern), Field::Known(name), ..] => {
                self.styles.set(Style { pattern: pattern.clone(), name: name.clone(), values: None });
            }
            _ => self.styles.unsure = true,
        }
    }

    fn asks_style(&mut self, words: &[&[u8]]) {
        let [option, context, style, more @ ..] = words else {
            self.status = Truth::No;
            return;
        };
        let found = if self.has_run_unknown || self.unsure { Err(()) } else { self.styles.look_up(context, style) };
        let found = found.map(|values| values.map(<[Vec<u8>]>::to_vec));
        let is_yes = |value: &[u8]| matches!(value, b"true" | b"yes" | b"on" | b"1");
        match (option[1], more) {
            (b's', [name, more @ ..]) => {
                let between = more.first().copied().unwrap_or(b" ");
                let value = match &found {
                    Ok(values) => Value::of(&values.clone().unwrap_or_default().join(between)),
                    Err(()) => Value::Unknown,
                };
                self.status = found.map_or(Truth::Maybe, |v| Truth::of(v.is_some_and(|v| !v.is_empty())));
                self.assign(name, value);
            }
            (b'b', [name, ..]) => {
                let yes = found.map(|v| v.is_some_and(|v| v.len() == 1 && is_yes(&v[0])));
                let value = yes.map_or(Value::Unknown, |yes| Value::of(if yes { b"yes" } else { b"no" }));
                self.status = yes.map_or(Truth::Maybe, Truth::of);
                self.assign(name, value);
            }
            (b'a', [name, ..]) => {
                self.status = found.as_ref().map_or(Truth::Maybe, |values| Truth::of(values.is_some()));
                let element = |value: &Vec<u8>| Rc::new(Token::new(value.clone()));
                let elements = found.ok().map(|v| v.unwrap_or_default().iter().map(element).collect());
                self.assign_array(name, elements, false);
            }
            (b't' | b'T', wanted) => {
                let fits = |values: Vec<Vec<u8>>| match wanted {
                    [] => is_yes(&values[0]),
                    _ => values.iter().any(|value| wanted.contains(&value.as_slice())),
                };
                let values = found.map(|values| values.filter(|values| !values.is_empty()));
                self.status = values.map_or(Truth::Maybe, |values| Truth::of(values.map_or(option[1] == b'T', fits)));
            }
            (b'm', [pattern]) => {
                let fits = |values: Vec<Vec<u8>>| values.iter().any(|v| pattern::matches(pattern, v, Groups::Plain));
                self.status = found.map_or(Truth::Maybe, |values| Truth::of(values.is_some_and(fits)));
            }
            (b'q', []) => self.status = found.map_or(Truth::Maybe, |values| Truth::of(values.is_some())),
            _ => self.status = Truth::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    fn next(text: &str) -> Value {
        let fake = Fake::home()
            .file("/home/u/.zshrc", text)
            .file("/home/u/.zshenv", "zstyle ':aside' on yes\n")
            .file("/proc/sys/kernel/hostname", "gpu-7.site\n")
            .file("/home/u/m/one.zsh", "export HF_TOKEN=a\n")
            .mode("/usr/bin/some-program", "\x7fELF", 0o755)
            .var("PATH", "/usr/bin");
        start(&fake, Shell::Zsh, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    /// Each as zsh 5.9 has it.
    #[test]
    fn styles_are_looked_up() {
        for text in [
            "zstyle ':x' y a\nzstyle -s ':x' y HF_TOKEN; export HF_TOKEN\n",
            "zstyle ':x:*' y b\nzstyle ':x:z' y a\nzstyle ':*' y c\nzstyle -s ':x:z' y v && export HF_TOKEN=$v\n",
            "zstyle '*' y b\nzstyle ':x:(z|w)' y a\nzstyle ':x:*' y c\nzstyle -s ':x:z' y v && export HF_TOKEN=$v\n",
            "v=x\nzstyle -s ':x' y v || export HF_TOKEN=a$v\n",
            "zstyle ':x' y one two\nzstyle -s ':x' y v -; [[ $v == one-two ]] && export HF_TOKEN=a\n",
            "zstyle ':p:l' m one two\nzstyle -a ':p:l' m mods\nfor x in \"$mods[@]\"; do [[ -f ~/m/$x.zsh ]] && source ~/m/$x.zsh; done\n",
            "zstyle ':x' y yes\nzstyle -t ':x' y && ! zstyle -t ':x' z && zstyle -T ':x' z && export HF_TOKEN=a\n",
            "zstyle ':x' y b c\nzstyle -t ':x' y c d && ! zstyle -t ':x' y d && export HF_TOKEN=a\n",
            "zstyle ':x' y on\nzstyle -b ':x' y v && [[ $v == yes ]] && ! zstyle -b ':x' z v && [[ $v == no ]] && export HF_TOKEN=a\n",
            "zstyle ':x' y abc\nzstyle -m ':x' y 'a*' && ! zstyle -m ':x' z '*' && export HF_TOKEN=a\n",
            "zstyle -t ':aside' on && export HF_TOKEN=a\n",
            "[[ $HOST == gpu-7.site && ${(%):-%m} == gpu-7 && ${(%):-%M} == $HOST ]] && export HF_TOKEN=a\n",
        ] {
            assert_eq!(next(text), Value::of(b"a"), "{text}");
        }
        for text in [
            "zstyle ':x' y $(some-program)\nzstyle -s ':x' y HF_TOKEN; export HF_TOKEN\n",
            "some-program && zstyle ':x' y a\nzstyle -s ':x' y HF_TOKEN; export HF_TOKEN\n",
            "eval \"$(some-program)\"\nzstyle -t ':x' y && export HF_TOKEN=a\n",
            "zstyle ':x' y b\nzstyle -d ':x'\nzstyle -t ':x' y b && export HF_TOKEN=a\n",
        ] {
            assert_eq!(next(text), Value::Unknown, "{text}");
        }
    }
}
