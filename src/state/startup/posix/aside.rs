//! Texts that need not be run. A long-lived home has dozens of files that set prompts, aliases, colours and nothing that is
//! asked for; to run them takes a hundred times as long as to see that.
//!
//! Such a text is put aside unread. Where what is run later asks for a variable or a function that a text aside may have
//! set, the whole start-up is run again with nothing aside: that is slower, and always right. The losing alternative, a
//! search for the names alone, is wrong as soon as a file takes its value, or the path of the next file, from another.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::parse::{is_name, is_name_start, name_length};
use crate::secret::Token;

/// Words of commands that read or run a text, end or move the shell, change its options, its arguments or its loops, or
/// take names from elsewhere, as far as [`Run`](super::Run) knows of it. (`printf`, `export` and `unset` do with some
/// arguments only.)
const TELLING: [&[u8]; 27] = [
    b"source",
    b"eval",
    b"exec",
    b"exit",
    b"logout",
    b"bye",
    b"cd",
    b"chdir",
    b"pushd",
    b"popd",
    b"set",
    b"setopt",
    b"unsetopt",
    b"emulate",
    b"shift",
    b"break",
    b"continue",
    b"readonly",
    b"declare",
    b"typeset",
    b"integer",
    b"float",
    b"private",
    b"read",
    b"mapfile",
    b"readarray",
    b"getopts",
];

/// Texts that were put aside, in the order in which the shell reads them.
#[derive(Debug, Default)]
pub(in crate::state::startup) struct Aside {
    texts: Vec<Token>,
    functions: Vec<Vec<u8>>,
    /// Variables that were asked for, and how many of the texts are known not to set them.
    asked: RefCell<BTreeMap<Vec<u8>, usize>>,
    /// Something in one of them was asked for.
    missed: Cell<bool>,
}

impl Aside {
    /// Takes a text that tells nothing of these names; gives back one that has to be run.
    pub(super) fn take(&mut self, text: Token, names: &[&str]) -> Result<(), Token> {
        // A loop reads the same file again and again.
        if self.texts.contains(&text) {
            return Ok(());
        }
        match functions_of_inert(text.bytes(), names) {
            Some(mut functions) => {
                self.functions.append(&mut functions);
                self.texts.push(text);
                Ok(())
            }
            None => Err(text),
        }
    }

    /// Notes that the value of a variable is wanted.
    pub(super) fn ask(&self, variable: &[u8]) {
        let mut asked = self.asked.borrow_mut();
        let known = asked.get(variable).copied().unwrap_or(0);
        if self.missed.get() || known == self.texts.len() {
            return;
        }
        if self.texts[known..].iter().any(|text| may_set(text.bytes(), variable)) {
            self.missed.set(true);
        }
        asked.insert(variable.to_vec(), self.texts.len());
    }

    /// Notes that a function of this name would be run.
    pub(super) fn ask_function(&self, name: &[u8]) {
        if self.functions.iter().any(|f| f == name) {
            self.missed.set(true);
        }
    }

    /// Notes that something of a text is wanted.
    pub(super) fn ask_all(&self) {
        if !self.texts.is_empty() {
            self.missed.set(true);
        }
    }

    /// Whether something in a text that was not run was asked for.
    pub(in crate::state::startup) fn is_missed(&self) -> bool {
        self.missed.get()
    }

    /// Whether one of the texts may set a variable.
    pub(in crate::state::startup) fn may_set(&self, variable: &[u8]) -> bool {
        self.texts.iter().any(|text| may_set(text.bytes(), variable))
    }
}

/// Whether a name stands in a text otherwise than as `$NAME` or `${NAME…}`.
fn may_set(text: &[u8], name: &[u8]) -> bool {
    let Some((&first, _)) = name.split_first() else { return false };
    let mut at = 0;
    while let Some(found) = text[at..].iter().position(|b| *b == first) {
        let start = at + found;
        let end = start + name.len();
        at = start + 1;
        if text[start..].starts_with(name)
            && !text.get(end).is_some_and(|b| is_name(*b))
            && !text[..start].last().is_some_and(|b| is_name(*b))
        {
            let only_read = match &text[..start] {
                [.., b'$', b'{'] => !matches!(text[end..], [b'=', ..] | [b':', b'=', ..]),
                [.., b'$'] => true,
                _ => false,
            };
            if !only_read {
                return true;
            }
        }
    }
    false
}

/// The functions that a text defines, where nothing else in it counts; `None` where it has to be run.
fn functions_of_inert(text: &[u8], names: &[&str]) -> Option<Vec<Vec<u8>>> {
    let mut functions = Vec::new();
    let mut at = 0;
    // Behind a line's first `#`: words of its own language.
    let mut comment = false;
    while let Some(&b) = text.get(at) {
        if is_name_start(b) {
            let length = name_length(&text[at..]);
            let (before, word, after) = (&text[..at], &text[at..at + length], &text[at + length..]);
            let whole = !before.last().is_some_and(u8::is_ascii_digit);
            if whole && b.is_ascii_uppercase() && names.iter().any(|n| n.as_bytes() == word) {
                return None;
            }
            if whole && !comment && !is_inert(before, word, after, &mut functions) {
                return None;
            }
            at += length;
            continue;
        }
        match b {
            b'\n' => comment = false,
            b'#' => comment |= text[..at].iter().rev().find(|b| !matches!(b, b' ' | b'\t')).is_none_or(|b| *b == b'\n'),
            // `. file`
            b'.' if !comment && matches!(text.get(at + 1), Some(b' ' | b'\t')) && begins_word(&text[..at]) => {
                return None;
            }
            // `alias inc='.'`
            b'.' if matches!(text.get(at + 1), Some(b'\'' | b'"')) && text[..at].ends_with(&text[at + 1..at + 2]) => {
                return None;
            }
            // `${!name:=…}`, `${(P)name::=…}`, `((name = …))`: names from elsewhere. `${name:?}` may end the shell.
            b'$' if !comment && matches!(text[at + 1..], [b'{', b'!' | b'(', ..]) => return None,
            // A command of which the text does not tell what it is.
            b'$' | b'`' if !comment && begins_command(&text[..at]) => return None,
            b'?' if !comment && is_required(&text[..at]) => return None,
            b'(' if !comment && text.get(at + 1) == Some(&b')') => functions.push(word_before(&text[..at]).to_vec()),
            _ => {}
        }
        at += 1;
    }
    Some(functions)
}

/// Whether a word leaves all that is asked for as it is.
fn is_inert(before: &[u8], word: &[u8], after: &[u8], functions: &mut Vec<Vec<u8>>) -> bool {
    let starts_argument = |rest: &[u8]| matches!(rest, [b' ' | b'\t', ..]);
    match word {
        b"export" | b"unset" => !starts_argument(after) || names_alone(after),
        b"printf" => !after.trim_ascii_start().starts_with(b"-v"),
        // An alias counts as a function of its name, but one that only adds to the command it is named after.
        b"alias" => {
            let line = after.split(|b| *b == b'\n').next().unwrap_or_default();
            for (at, _) in line.iter().enumerate().filter(|(_, b)| **b == b'=') {
                let name = word_before(&line[..at]);
                let value = line[at + 1..].trim_ascii_start();
                let value = value.strip_prefix(b"'").or_else(|| value.strip_prefix(b"\"")).unwrap_or(value);
                if !value.strip_prefix(name).is_some_and(|rest| rest.starts_with(b" -")) {
                    functions.push(name.to_vec());
                }
            }
            !line.windows(2).any(|w| w == b"-g")
        }
        // zsh: names of functions that are read when they are called, and where they are.
        b"autoload" => {
            let line = after.split(|b| matches!(b, b'\n' | b';')).next().unwrap_or_default();
            let names = line.split(|b| b.is_ascii_whitespace() || matches!(b, b'&' | b'|')).filter(|n| !n.is_empty());
            functions.extend(names.map(<[u8]>::to_vec));
            !line.iter().any(|b| matches!(b, b'$' | b'/' | b'*' | b'\\'))
        }
        b"fpath" | b"FPATH" | b"chpwd" => false,
        b"function" => {
            let rest = after.trim_ascii_start();
            let length = rest.iter().take_while(|b| !b.is_ascii_whitespace() && !matches!(b, b'(' | b'{')).count();
            functions.push(rest[..length].to_vec());
            true
        }
        _ if (2..=9).contains(&word.len()) => !TELLING.contains(&word) || before.last() == Some(&b'$'),
        _ => true,
    }
}

/// Whether all arguments on the line of `export` are names, with or without a value. What looks like another one, be it
/// in quotes, counts as one.
fn names_alone(rest: &[u8]) -> bool {
    let line = rest.split(|b| *b == b'\n').next().unwrap_or_default();
    let mut at = 0;
    let mut quoted = false;
    while let Some(&b) = line.get(at) {
        quoted |= matches!(b, b'\'' | b'"' | b'\\' | b'`');
        if !quoted && matches!(b, b';' | b'&' | b'|') {
            return true;
        }
        if !matches!(b, b' ' | b'\t') {
            at += 1;
            continue;
        }
        let argument = line[at..].trim_ascii_start();
        at = line.len() - argument.len();
        let name = name_length(argument);
        match argument[name..].first() {
            None if name > 0 || argument.is_empty() => {}
            Some(b';' | b'&' | b'|' | b'#' | b')') if name == 0 => return true,
            Some(b'=' | b' ' | b'\t' | b';' | b'&' | b'|' | b')') if name > 0 => {}
            Some(b'+') if name > 0 && argument[name + 1..].starts_with(b"=") => {}
            _ => return false,
        }
        at += name;
    }
    true
}

/// Whether a command may begin behind this text, or an argument.
fn begins_word(before: &[u8]) -> bool {
    before
        .last()
        .is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b';' | b'&' | b'|' | b'(' | b'{' | b'`' | b'\\'))
}

/// Whether the name of a command begins behind this text, be it in quotes.
fn begins_command(before: &[u8]) -> bool {
    const OPENING: [&[u8]; 8] = [b"then", b"do", b"else", b"elif", b"if", b"while", b"until", b"!"];
    let before = before.strip_suffix(b"\"").unwrap_or(before);
    let line = &before
        [before.iter().rposition(|b| matches!(b, b'\n' | b';' | b'&' | b'|' | b'(' | b'{')).map_or(0, |at| at + 1)..];
    let line = line.trim_ascii();
    line.is_empty() || OPENING.contains(&line)
}

/// Whether this is `${NAME` or `${NAME:`.
fn is_required(before: &[u8]) -> bool {
    let before = before.strip_suffix(b":").unwrap_or(before);
    let name = before.iter().rev().take_while(|b| is_name(**b)).count();
    name > 0 && before[..before.len() - name].ends_with(b"${")
}

/// The word that ends here, blanks behind it left out: of `name ()`.
fn word_before(before: &[u8]) -> &[u8] {
    let before = before.trim_ascii_end();
    let start = before.iter().rposition(|b| b.is_ascii_whitespace() || b";&|(){}".contains(b)).map_or(0, |at| at + 1);
    &before[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_aside(text: &str) -> bool {
        Aside::default().take(Token::new(text.as_bytes().to_vec()), &["HF_TOKEN", "HF_HOME"]).is_ok()
    }

    #[test]
    fn what_only_sets_other_things_is_put_aside() {
        for text in [
            "",
            "# set HOME, read the docs, source of it\nexport EDITOR=vi A=b C\nPS1='\\u@\\h'\nalias ll='ls -l'\n",
            "f() { local x=1; echo \"$x\"; return 1; }\nfunction g { ls; }\n",
            "export A; echo \"$A\"\nif [ -x /usr/bin/dircolors ]; then LS_COLORS=$(dircolors); fi; export LS_COLORS\n",
            "unset color_prompt force_color_prompt\nprintf '%s' x\nexport PATH=\"$HOME/bin:$PATH\"\n",
            "echo one. two\nMY_HF_TOKEN=x\nXHF_TOKEN=1\necho $set",
            "x=$y ls\nls $x `y` \"$z\"\n[ \"$x\" ] && ls \"$x\"",
        ] {
            assert!(is_aside(text), "{text}");
        }
    }

    #[test]
    fn what_may_count_is_run() {
        for text in [
            "export HF_TOKEN=a",
            "# HF_TOKEN",
            ". ~/.env",
            "[ -f x ] && . ./x",
            "test -f x &&\\\n. x",
            "source x",
            "eval \"$(x)\"",
            "export $(xargs < .env)",
            "export A=1 \"$line\"",
            "export A=1 B$x=2",
            "export A='x; y' \"$z\"",
            "export {A,B}=1",
            "export \\\n  A=1",
            "export 'A'=1",
            "unset \"$x\"",
            "unset -m 'H*'",
            "exit",
            "cd /tmp",
            "set -a",
            "read x",
            "printf -v \"$x\" y",
            ": ${!x:=y}",
            ": ${(P)x::=y}",
            ": ${x:?no}",
            ": ${x?no}",
            "for f in a; do break; done",
            "x=y\n$x",
            "if true; then \"$x\" y; fi",
            "true && `x`",
            "alias -g T='HF=1'",
        ] {
            assert!(!is_aside(text), "{text}");
        }
    }

    #[test]
    fn what_is_asked_for_is_noticed() {
        let mut aside = Aside::default();
        let text = "export DIR=$HOME/x\n: ${OTHER:=y} ${READ}\nload () { ls; }\nfunction more-load { ls; }\n\
                    alias ls='ls --color=auto' called='load x'\n";
        assert!(aside.take(Token::new(text.into()), &[]).is_ok());
        for name in ["DIR", "OTHER"] {
            assert!(aside.may_set(name.as_bytes()), "{name}");
        }
        for name in ["HOME", "READ", "DI", "IR", "X"] {
            assert!(!aside.may_set(name.as_bytes()), "{name}");
        }
        aside.ask(b"HOME");
        aside.ask_function(b"ls");
        assert!(!aside.is_missed());
        let asks: [fn(&Aside); 5] = [
            |aside| aside.ask_function(b"called"),
            |aside| aside.ask(b"DIR"),
            |aside| aside.ask_function(b"load"),
            |aside| aside.ask_function(b"more-load"),
            Aside::ask_all,
        ];
        for ask in asks {
            aside.missed.set(false);
            aside.asked.borrow_mut().clear();
            ask(&aside);
            assert!(aside.is_missed());
        }
    }
}
