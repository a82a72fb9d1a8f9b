//! The variables of a shell: what stands behind a name, and what an assignment does.

use std::os::unix::ffi::OsStrExt as _;
use std::rc::Rc;

use super::Dialect;
use super::arguments::Arguments;
use super::array::each_once;
use super::declare::is_identifier;
use super::run::Run;
use crate::secret::Token;
use crate::state::startup::tools;
use crate::state::startup::value::{Place, Truth, Value, Variable};

/// Most settings that are remembered.
const MOST_LOGGED: usize = 10_000;

/// Most references that are followed, one to the next.
const MOST_REFERENCES: u32 = 8;

/// Variables that bash has by itself and that are not followed.
const OWN_OF_BASH: &[&[u8]] = &[
    b"BASH_LINENO",
    b"BASH_SUBSHELL",
    b"BASHOPTS",
    b"BASHPID",
    b"DIRSTACK",
    b"FUNCNAME",
    b"GROUPS",
    b"HOSTTYPE",
    b"MACHTYPE",
    b"OPTIND",
    b"PIPESTATUS",
    b"SHELLOPTS",
    b"BASH_ALIASES",
    b"BASH_ARGC",
    b"BASH_ARGV",
    b"BASH_ARGV0",
    b"BASH_CMDS",
    b"BASH_COMMAND",
    b"BASH_EXECUTION_STRING",
    b"BASH_LOADABLES_PATH",
    b"COMP_WORDBREAKS",
    b"HISTCMD",
    b"HISTFILE",
    b"MAILCHECK",
    b"OPTERR",
    b"PS2",
    b"PS4",
];

/// Likewise dash, and each POSIX shell.
const OWN_OF_DASH: &[&[u8]] = &[b"OPTIND", b"PPID", b"PS2", b"PS4"];

/// Likewise ksh, or bash under the name of `sh`.
const OWN_OF_KSH: &[&[u8]] = &[
    b"BASH",
    b"BASH_VERSION",
    b"COLUMNS",
    b"EUID",
    b"HOSTNAME",
    b"HOSTTYPE",
    b"KSH_VERSION",
    b"LINENO",
    b"LINES",
    b"MACHTYPE",
    b"OSTYPE",
    b"RANDOM",
    b"SECONDS",
    b"SHLVL",
    b"UID",
];

/// bash and zsh: variables whose value is another one at each look, whatever they are set to.
const MOVING: &[&[u8]] = &[b"RANDOM", b"SRANDOM", b"SECONDS", b"EPOCHSECONDS", b"EPOCHREALTIME", b"LINENO", b"BASHPID"];

/// Likewise zsh; the first are other variables, taken apart.
const OWN_OF_ZSH: &[&[u8]] = &[
    b"path",
    b"fpath",
    b"cdpath",
    b"manpath",
    b"mailpath",
    b"module_path",
    b"fignore",
    b"psvar",
    b"aliases",
    b"argv",
    b"builtins",
    b"commands",
    b"dirstack",
    b"functions",
    b"funcstack",
    b"history",
    b"modules",
    b"nameddirs",
    b"options",
    b"parameters",
    b"pipestatus",
    b"signals",
    b"status",
    b"terminfo",
    b"widgets",
    b"mbegin",
    b"mend",
    b"CPUTYPE",
    b"MACHTYPE",
    b"ZSH_SUBSHELL",
    b"EGID",
    b"FUNCNEST",
    b"GID",
    b"HISTCHARS",
    b"HISTCMD",
    b"HISTSIZE",
    b"KEYBOARD_HACK",
    b"KEYTIMEOUT",
    b"LISTMAX",
    b"MAILCHECK",
    b"NULLCMD",
    b"OPTARG",
    b"OPTIND",
    b"PROMPT2",
    b"PROMPT3",
    b"PROMPT4",
    b"PS2",
    b"PS3",
    b"PS4",
    b"READNULLCMD",
    b"RPROMPT",
    b"RPS1",
    b"SAVEHIST",
    b"SPROMPT",
    b"TIMEFMT",
    b"TMPPREFIX",
    b"TRY_BLOCK_ERROR",
    b"TRY_BLOCK_INTERRUPT",
    b"TTY",
    b"TTYIDLE",
    b"USERNAME",
    b"VENDOR",
    b"WATCH",
    b"WORDCHARS",
    b"ZSH_ARGZERO",
    b"ZSH_EVAL_CONTEXT",
    b"ZSH_EXECUTION_STRING",
    b"ZSH_PATCHLEVEL",
    b"histchars",
    b"prompt",
    b"zsh_eval_context",
];

/// What stands in `$-` for an option that is on.
const LETTERS: [(&str, u8); 7] = [
    ("allexport", b'a'),
    ("errexit", b'e'),
    ("noglob", b'f'),
    ("nounset", b'u'),
    ("verbose", b'v'),
    ("xtrace", b'x'),
    ("noclobber", b'C'),
];

impl Run<'_> {
    /// The value behind `$NAME`.
    pub(super) fn value(&self, name: &[u8]) -> Value {
        match name {
            b"-" if self.dialect == Dialect::Dash && !self.interactive => {
                let all = usize::from(self.option("allexport"));
                if self.options.len() > all { Value::Unknown } else { Value::of(&b"a"[..all]) }
            }
            b"-" => {
                let mut letters = if self.dialect == Dialect::Zsh { b"569X".to_vec() } else { b"hB".to_vec() };
                if self.interactive {
                    letters.extend_from_slice(b"im");
                }
                if self.login && self.dialect == Dialect::Zsh {
                    letters.push(b'l');
                }
                // zsh has others for all but the first.
                let known = if self.dialect == Dialect::Zsh { &LETTERS[..1] } else { &LETTERS[..] };
                letters.extend(known.iter().filter(|(name, _)| self.option(name)).map(|(_, letter)| letter));
                Value::of(&letters)
            }
            b"#" => self.arguments.count().map_or(Value::Unknown, |n| Value::of(n.to_string().as_bytes())),
            b"?" => match self.status() {
                Truth::Yes => Value::of(b"0"),
                Truth::No => self.failure.map_or(Value::Unknown, |n| Value::of(n.to_string().as_bytes())),
                Truth::Maybe => Value::Unknown,
            },
            b"0" if self.dialect == Dialect::Zsh => self.zero.clone(),
            b"ARGC" if self.dialect == Dialect::Zsh => self.value(b"#"),
            b"0" | b"$" | b"!" | b"_" | b"@" | b"*" => Value::Unknown,
            b"BASH_SOURCE" if self.dialect == Dialect::Bash => Value::of(self.file.as_os_str().as_bytes()),
            _ if name.iter().all(u8::is_ascii_digit) => std::str::from_utf8(name)
                .ok()
                .and_then(|n| n.parse::<usize>().ok())
                .map_or(Value::Unset, |n| self.arguments.get(n)),
            _ => self.variable(name),
        }
    }

    /// The value of a variable with a name of its own.
    pub(in crate::state::startup) fn variable(&self, name: &[u8]) -> Value {
        // What stands for no name that could be told.
        if self.references.get(name).is_some_and(|target| target == name) {
            return Value::Unknown;
        }
        let name = self.meant(name);
        self.ask(name);
        if !self.dialect.is_sh() && MOVING.contains(&name) {
            return Value::Unknown;
        }
        match self.variables.get(name) {
            Some(Variable { value: Value::Unknown, place: None, .. }) if self.is_host(name) => {
                tools::host(self.system).map_or(Value::Unknown, |host| Value::of(&host))
            }
            Some(variable) => variable.value.clone(),
            None if self.is_special(name) => Value::Unknown,
            None if self.unsure && self.names.iter().any(|n| n.as_bytes() == name) => Value::Unknown,
            None => Value::Unset,
        }
    }

    /// The variable in which the shell has the machine's name.
    fn is_host(&self, name: &[u8]) -> bool {
        match self.dialect {
            Dialect::Bash => name == b"HOSTNAME",
            Dialect::Zsh => name == b"HOST",
            Dialect::Sh | Dialect::Dash => false,
        }
    }

    /// bash: the names of the variables that begin so, in order; `None` where that cannot be told.
    pub(super) fn names_beginning(&self, beginning: &[u8]) -> Option<Vec<Vec<u8>>> {
        self.ask_all();
        // One that is asked for and not known may be unset.
        let is_told = |name: &[u8]| {
            self.names.iter().all(|n| n.as_bytes() != name) || self.variables.value(name) != Value::Unknown
        };
        let all: Vec<Vec<u8>> = self.variables.beginning_with(beginning).map(<[u8]>::to_vec).collect();
        (!self.unsure && all.iter().all(|name| is_told(name))).then_some(all)
    }

    /// bash: the variable for which a reference stands; any other stands for itself.
    pub(super) fn meant<'n>(&'n self, name: &'n [u8]) -> &'n [u8] {
        let mut meant = name;
        for _ in 0..MOST_REFERENCES {
            match self.references.get(meant) {
                Some(target) if target != meant => meant = target,
                _ => break,
            }
        }
        meant
    }

    /// Whether the shell has a variable of this name that is not followed.
    pub(super) fn is_special(&self, name: &[u8]) -> bool {
        match self.dialect {
            Dialect::Bash => OWN_OF_BASH.contains(&name),
            Dialect::Zsh => OWN_OF_ZSH.contains(&name),
            Dialect::Sh => [OWN_OF_DASH, OWN_OF_KSH].iter().any(|own| own.contains(&name)),
            Dialect::Dash => OWN_OF_DASH.contains(&name),
        }
    }

    pub(super) fn assign_or_append(&mut self, name: &[u8], value: Value, append: bool) {
        if append && self.tied_to(name).is_some() {
            let element = match &value {
                Value::Known(value) => Some([Rc::clone(value)].into()),
                _ => None,
            };
            return self.assign_array(name, element, true);
        }
        let value = if append {
            match (self.value(name), value) {
                (Value::Unset, value) => value,
                (Value::Known(old), Value::Known(new)) => Value::of(&[old.bytes(), new.bytes()].concat()),
                _ => Value::Unknown,
            }
        } else {
            value
        };
        self.assign(name, value);
    }

    /// Keeps what is known of the value that a variable was just set to, where that is not all.
    pub(super) fn keep_outline(&mut self, name: &[u8], outline: Option<Vec<u8>>) {
        // A path, and none that a loop makes longer and longer.
        let is_path = |outline: &Vec<u8>| {
            (2..256).contains(&outline.len()) && !outline.contains(&b'\n') && outline.split(|b| *b == b'*').count() < 4
        };
        let Some(outline) = outline.filter(|outline| is_path(outline) && !self.unsure) else { return };
        let name = self.meant(name).to_vec();
        let variable = self.variables.entry(&name);
        if variable.value == Value::Unknown && !variable.changes {
            variable.outline = Some(Rc::new(Token::new(outline)));
        }
    }

    /// `NAME=value`; exported where it was, or where all is.
    pub(super) fn assign(&mut self, name: &[u8], value: Value) {
        let place = Place { path: Rc::clone(&self.file), line: self.line };
        let all = self.option("allexport");
        let unsure = self.unsure;
        // bash: a reference that stands for nothing yet is told for what.
        if self.references.get(name).is_some_and(|target| target == name) {
            if let Some(target) = value.bytes().filter(|target| is_identifier(target)) {
                self.references.insert(name.to_vec(), target.to_vec());
            }
            return;
        }
        // zsh: `$1` and so on.
        if self.dialect == Dialect::Zsh && name == b"argv" {
            self.arguments = match value {
                Value::Known(token) => Arguments::elements(&[token].into()),
                Value::Unset | Value::Unknown => Arguments::unknown(),
            };
            return;
        }
        let target = self.meant(name).to_vec();
        let name = self.tied_to(&target).unwrap_or(&target);
        let variable = self.variables.entry(name);
        if variable.readonly {
            self.status = Truth::No;
            return;
        }
        let value = match value {
            Value::Known(list) if self.unique.contains(name) => Value::of(&each_once(list.bytes())),
            value => value,
        };
        let is_changed = variable.changes && !value.bytes().is_some_and(is_number);
        let value = if is_changed { Value::Unknown } else { value };
        variable.value = if unsure { Value::Unknown } else { value.clone() };
        variable.place = Some(place.clone());
        (variable.pairs, variable.outline) = (None, None);
        // bash: the first element alone is another one now.
        let was_array = variable.elements.take().is_some() && self.dialect == Dialect::Bash;
        if all {
            variable.exported = Truth::Yes;
        }
        if was_array {
            self.keyed.insert(name.to_vec());
        }
        if self.log.len() < MOST_LOGGED {
            self.log.push((name.to_vec(), value, place));
        }
    }
}

/// Whether an integer would have the same text.
pub(super) fn is_number(text: &[u8]) -> bool {
    matches!(text, [b'0'] | [b'1'..=b'9', ..]) && text.len() < 19 && text.iter().all(u8::is_ascii_digit)
}
