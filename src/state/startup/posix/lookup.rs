//! What a command name stands for: `type`, `command -v`, `hash`, and the programs on `PATH`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use super::Dialect;
use super::expand::{Field, permitted};
use super::run::Run;
use crate::state::startup::value::{Truth, Value};
use crate::system::Kind;

/// What every shell has by itself: builtins and reserved words.
#[rustfmt::skip]
const OWN: &[&str] = &[
    "!", ".", ":", "[", "alias", "bg", "break", "case", "cd", "command", "continue", "do", "done", "echo",
    "elif", "else", "esac", "eval", "exec", "exit", "export", "false", "fg", "fi", "for", "getopts", "hash",
    "if", "jobs", "kill", "local", "printf", "pwd", "read", "readonly", "return", "set", "shift", "test",
    "then", "times", "trap", "true", "type", "ulimit", "umask", "unalias", "unset", "until", "wait", "while",
    "{", "}",
];

/// What bash has beside (`compgen -b` and `-k` of 5.2).
#[rustfmt::skip]
const OWN_OF_BASH: &[&str] = &[
    "[[", "]]", "bind", "builtin", "caller", "compgen", "complete", "compopt", "coproc", "declare", "dirs",
    "disown", "enable", "fc", "function", "help", "history", "in", "let", "logout", "mapfile", "popd", "pushd",
    "readarray", "select", "shopt", "source", "suspend", "time", "typeset",
];

/// bash: those that are words of the language.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "!", "[[", "]]", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
    "select", "then", "time", "until", "while", "{", "}",
];

/// What zsh has beside (`builtins` and `reswords` of 5.9).
#[rustfmt::skip]
const OWN_OF_ZSH: &[&str] = &[
    "-", "[[", "autoload", "bindkey", "builtin", "bye", "chdir", "compadd", "comparguments", "compcall",
    "compctl", "compdescribe", "compfiles", "compgroups", "compquote", "compset", "comptags", "comptry",
    "compvalues", "coproc", "declare", "dirs", "disable", "disown", "echotc", "echoti", "emulate", "enable",
    "end", "fc", "float", "foreach", "function", "functions", "getln", "history", "integer", "let", "limit",
    "log", "logout", "nocorrect", "noglob", "popd", "print", "private", "pushd", "pushln", "r", "rehash",
    "repeat", "sched", "select", "setopt", "source", "suspend", "time", "ttyctl", "typeset", "unfunction",
    "unhash", "unlimit", "unsetopt", "vared", "whence", "where", "which", "zcompile", "zformat", "zle",
    "zmodload", "zparseopts", "zregexparse", "zstyle",
];

/// Builtins of those modules of zsh that are loaded when somebody asks for them.
#[rustfmt::skip]
const OF_MODULES_OF_ZSH: &[&str] = &[
    "cap", "chgrp", "chmod", "chown", "clone", "getcap", "ln", "mkdir", "mv", "rm", "rmdir", "setcap", "stat",
    "strftime", "sync", "syserror", "sysopen", "sysread", "sysseek", "syswrite", "zcurses", "zdelattr",
    "zf_chgrp", "zf_chmod", "zf_chown", "zf_ln", "zf_mkdir", "zf_mv", "zf_rm", "zf_rmdir", "zf_sync",
    "zgdbmpath", "zgetattr", "zlistattr", "zprof", "zpty", "zselect", "zsetattr", "zsocket", "zstat", "zsystem",
    "ztcp", "ztie", "zuntie",
];

impl Run<'_> {
    /// What `command -v NAME` prints: a program's path, a function's or builtin's name, or nothing.
    pub(super) fn prints_where(&mut self, name: &[u8], arguments: &[Field]) {
        let text = match self.which(name) {
            _ if self.has_run_unknown || self.aliases.contains_key(name) => return self.prints_about(arguments),
            _ if self.is_own(name) => name.to_vec(),
            _ if self.may_be_brought(name) => return self.prints_about(arguments),
            Ok(Some(path)) => path.into_os_string().into_encoded_bytes(),
            Ok(None) => return,
            Err(()) => return self.prints_about(arguments),
        };
        self.prints(&[&text, &b"\n"[..]].concat());
    }

    /// Whether a command is a function, or one that the shell has by itself.
    pub(super) fn is_own(&self, name: &[u8]) -> bool {
        let more: &[&str] = match self.dialect {
            Dialect::Zsh => OWN_OF_ZSH,
            Dialect::Bash => OWN_OF_BASH,
            Dialect::Sh => &["source"],
            Dialect::Dash => &[],
        };
        let is_one = |own: &&str| own.as_bytes() == name;
        OWN.iter().chain(more).any(is_one) || self.function(name).is_some()
    }

    /// zsh: whether a module may bring a command of this name, or it may be a function that is read when it is called.
    pub(super) fn may_be_brought(&self, name: &[u8]) -> bool {
        self.dialect == Dialect::Zsh
            && (OF_MODULES_OF_ZSH.iter().any(|brought| brought.as_bytes() == name)
                || self.autoloaded.contains(&None)
                || self.autoloaded.contains(&Some(name.to_vec())))
    }

    /// Whether a command of this name is there: a function, a builtin, a program on PATH.
    pub(super) fn found(&self, arguments: &[Field]) -> Truth {
        let mut all = Truth::Yes;
        for field in arguments.iter().filter(|f| f.bytes().is_none_or(|b| !b.starts_with(b"-"))) {
            let one = match field.bytes() {
                None => Truth::Maybe,
                Some(name) if self.is_own(name) || self.aliases.contains_key(name) => Truth::Yes,
                Some(name) if self.may_be_brought(name) && self.program(name) != Truth::Yes => Truth::Maybe,
                // It may be a function that came with that.
                Some(name) if self.has_run_unknown && self.program(name) == Truth::No => Truth::Maybe,
                Some(name) => self.program(name),
            };
            if one != Truth::Yes {
                all = one;
            }
        }
        all
    }

    /// bash: `type -t NAME`, `type -P NAME`; and the program `which`, that knows no functions.
    pub(super) fn types(&mut self, name: &[u8], arguments: &[Field]) {
        let (option, asked) = match (name, arguments) {
            (b"which", [Field::Known(asked)]) if !asked.starts_with(b"-") => (&b"-P"[..], asked),
            (b"type", [Field::Known(option), Field::Known(asked)]) if self.dialect == Dialect::Bash => {
                (option.as_slice(), asked)
            }
            _ => {
                self.prints_about(arguments);
                self.status = self.found(arguments);
                return;
            }
        };
        let asked = asked.clone();
        let is_function = self.function(&asked).is_some();
        let path = self.which(&asked);
        let text = match (option, path) {
            (b"-P", Ok(path)) => path.map(|path| path.into_os_string().into_encoded_bytes()),
            (b"-t", _) if self.aliases.contains_key(&asked) && self.interactive => Some(b"alias".to_vec()),
            (b"-t", _) if is_function => Some(b"function".to_vec()),
            (b"-t", _) if self.is_own(&asked) => {
                let is_keyword = KEYWORDS.iter().any(|keyword| keyword.as_bytes() == asked);
                Some(if is_keyword { b"keyword".to_vec() } else { b"builtin".to_vec() })
            }
            (b"-t", Ok(path)) if !self.has_run_unknown && !self.aliases.contains_key(&asked) => {
                path.map(|_| b"file".to_vec())
            }
            _ => {
                self.prints_about(arguments);
                self.status = if option == b"-P" { Truth::Maybe } else { self.found(arguments) };
                return;
            }
        };
        self.status = Truth::of(text.is_some());
        if let Some(text) = text {
            self.prints(&[&text, &b"\n"[..]].concat());
        }
    }

    /// `hash`: whether such commands are there; zsh's knows programs alone.
    pub(super) fn hash(&mut self, arguments: &[Field]) {
        // zsh: `hash -d NAME=DIRECTORY`
        if self.dialect == Dialect::Zsh && arguments.first().and_then(Field::bytes) == Some(b"-d") {
            for field in &arguments[1..] {
                let split = |text: &[u8]| {
                    let at = text.iter().position(|b| *b == b'=')?;
                    Some((text[..at].to_vec(), text[at + 1..].to_vec()))
                };
                match field.bytes().map(split) {
                    Some(Some((name, directory))) => {
                        let home = directory.strip_prefix(b"~").filter(|rest| matches!(rest, [] | [b'/', ..]));
                        let directory = match (home, self.value(b"HOME")) {
                            (Some(rest), Value::Known(home)) => Value::of(&[home.bytes(), rest].concat()),
                            (Some(_), _) => Value::Unknown,
                            (None, _) => Value::of(&directory),
                        };
                        self.named.insert(name, directory);
                    }
                    Some(None) => {}
                    None => self.assign(b"nameddirs", Value::Unknown),
                }
            }
            return;
        }
        // With an option it changes what is remembered.
        if arguments.iter().any(|f| f.bytes().is_none_or(|b| b.starts_with(b"-"))) {
            return;
        }
        let one = |field: &Field| field.bytes().map_or(Truth::Maybe, |name| self.program(name));
        self.status = if self.dialect == Dialect::Zsh {
            arguments.iter().map(one).find(|truth| *truth != Truth::Yes).unwrap_or(Truth::Yes)
        } else {
            self.found(arguments)
        };
    }

    /// Whether there is such a program. A shell function that an `eval` or plugin brought is not seen.
    pub(super) fn program(&self, name: &[u8]) -> Truth {
        self.which(name).map_or(Truth::Maybe, |path| Truth::of(path.is_some()))
    }

    /// zsh: what `commands` holds of this name, the first file on PATH that has it: what it can be used for is not looked
    /// at, nor are directories that are meant from where the shell stands.
    pub(super) fn listed_command(&self, name: &[u8]) -> Result<Option<PathBuf>, ()> {
        let path = match self.value(b"PATH") {
            Value::Known(path) => path,
            Value::Unset => return Ok(None),
            Value::Unknown => return Err(()),
        };
        let dirs = path.bytes().split(|b| *b == b':').filter(|dir| dir.starts_with(b"/"));
        let is_there = |path: &PathBuf| !name.contains(&b'/') && self.system.lstat(path).is_ok();
        Ok(dirs.map(|dir| self.absolute(dir).join(OsStr::from_bytes(name))).find(is_there))
    }

    /// Where a program is; an error where nobody can tell the PATH.
    pub(super) fn which(&self, name: &[u8]) -> Result<Option<PathBuf>, ()> {
        let is_program = |path: &PathBuf| {
            self.system.stat(path).is_ok_and(|s| s.kind == Kind::File) && permitted(self.system, path, 0o1)
        };
        if name.contains(&b'/') {
            return Ok(Some(self.absolute(name)).filter(is_program));
        }
        let path = match self.value(b"PATH") {
            Value::Known(path) => path,
            Value::Unset => return Ok(None),
            Value::Unknown => return Err(()),
        };
        let dirs = path.bytes().split(|b| *b == b':').filter(|d| !d.is_empty());
        Ok(dirs.map(|dir| self.absolute(dir).join(OsStr::from_bytes(name))).find(is_program))
    }
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    fn next(text: &str) -> Value {
        let fake = Fake::home()
            .file("/home/u/.zshrc", text)
            .file("/home/u/.secrets", "export HF_TOKEN=a\n")
            .file("/usr/bin/unusable", "")
            .mode("/usr/bin/usable", "\x7fELF", 0o755)
            .var("PATH", "/usr/bin");
        start(&fake, Shell::Zsh, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    /// Each as zsh 5.9 has it.
    #[test]
    fn what_a_name_stands_for() {
        for text in [
            // Whatever is in a directory of PATH.
            "(( $+commands[unusable] )) && export HF_TOKEN=a\n",
            "[[ $commands[unusable] == /usr/bin/unusable ]] && ! whence unusable && export HF_TOKEN=a\n",
            "(( $+commands[nope] )) || export HF_TOKEN=a\n",
            // In conditions, patterns and `case` as well.
            "[[ -x =usable ]] && export HF_TOKEN=a\n",
            "[[ /usr/bin/usable == =usable ]] && export HF_TOKEN=a\n",
            "case =usable in /usr*) export HF_TOKEN=a;; esac\n",
            "export HF_TOKEN=a\n[[ -n =nope ]]\nHF_TOKEN=b\n",
            "x==; [[ $x == = ]] && export HF_TOKEN=a\n",
            // Quotes take its meaning from what EXTENDED_GLOB makes a pattern.
            "setopt extended_glob\nx='a^b'; echo 'a^b' \"c#d\" $x 'e~f'\nexport HF_TOKEN=a\n",
            // The shell's own.
            "type zle >/dev/null && export HF_TOKEN=a\n",
            "[[ $(command -v zstyle) == zstyle ]] && export HF_TOKEN=a\n",
            // What was written elsewhere changes no list of names.
            "mkdir -p ~/.cache/x\nfor f in ~/.secrets(N) ~/.parts/*.zsh(N); do source $f; done\n",
        ] {
            assert_eq!(next(text), Value::of(b"a"), "{text}");
        }
        for text in [
            // A module may bring it, or a directory of functions.
            "zmodload zsh/stat\n[[ -n $(zstat +size ~/x) ]] && export HF_TOKEN=a\n",
            "autoload -Uz colors\ncolors && export HF_TOKEN=a\n",
            "[[ -n $(zformat -f r '%a' a:x) ]] && export HF_TOKEN=a\n",
            "touch ~/.parts/a.zsh\nfor f in ~/.parts/*.zsh(N); do export HF_TOKEN=a; done\n",
            "touch ~/.parts/a.zsh\nfor f in ~/.p*/*.zsh(N); do export HF_TOKEN=a; done\n",
        ] {
            assert_eq!(next(text), Value::Unknown, "{text}");
        }
    }
}
