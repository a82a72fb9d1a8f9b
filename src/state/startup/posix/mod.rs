//! bash, zsh and sh: what their start-up text does to variables.
//!
//! The text is run, not searched: branches, functions, `source`, patterns and `set -a` count. A condition that cannot be
//! told offline makes both ways possible. Programs are not started, so what they print is not known, but for the few
//! that merely repeat, pick or cut what stands there (`tools`): where a start-up file reads its own files with them, that is
//! worked out, pipes, `read` and here-documents included. Where such a text runs what a program prints, only the names
//! that stand in what that program was given are in doubt: its arguments, the files there, its input, and the program
//! itself where it is a script. A file that nobody can name may set anything. Not seen: what `eval "$(program)"` would
//! set else, traps, arrays with keys of their own, most of zsh's flags.

mod alias;
mod arguments;
mod arithmetic;
mod array;
mod aside;
mod braces;
mod builtins;
mod change;
mod compound;
mod declare;
mod directory;
mod emulate;
mod expand;
mod fault;
mod flags;
mod flow;
mod function;
mod getopts;
mod glob;
mod lookup;
mod options;
pub(super) mod order;
mod output;
mod pairs;
mod parse;
pub(super) mod pattern;
mod read;
mod reference;
mod run;
mod simple;
mod source;
mod style;
mod suspect;
mod syntax;
mod test;
mod variable;
mod version;
mod words;
pub(super) mod written;

use std::path::Path;

pub(super) use aside::Aside;
pub(super) use run::Run;

use crate::system::System;

/// Which shell reads the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Bash,
    Zsh,
    /// bash's POSIX mode, ksh.
    Sh,
    /// What Debian calls `sh`: of what is not POSIX' it knows `local` and little else.
    Dash,
}

impl Dialect {
    /// That of the `sh` that is installed.
    pub(super) fn of_sh(system: &dyn System) -> Self {
        let is_dash = system.canonical(Path::new("/bin/sh")).is_some_and(|sh| sh.ends_with("dash"));
        if is_dash { Self::Dash } else { Self::Sh }
    }

    /// Not bash, not zsh.
    pub(super) fn is_sh(self) -> bool {
        matches!(self, Self::Sh | Self::Dash)
    }
}

#[cfg(test)]
mod tests {
    use super::{Dialect, order};
    use crate::state::startup::{From, Mode, Shell, Value, environment, start};
    use crate::system::fake::Fake;

    fn dash(text: &str) -> Value {
        let fake = Fake::home().file("/home/u/.profile", text).var("PATH", "/usr/bin");
        let variables = environment(&fake, From::Terminal);
        let started = order::start(&fake, Dialect::Dash, Mode::Login, &variables, &["HF_TOKEN"]);
        started.variable("HF_TOKEN").value
    }

    #[test]
    fn dash_knows_less_than_the_others() {
        for (text, value) in [
            ("export HF_TOKEN=$'a\\tb'\n", Some("$a\\tb")),
            ("export HF_TOKEN=\"$OSTYPE$HOSTNAME$UID\"\n", Some("")),
            ("export HF_TOKEN=a\n[[ -d / ]] && export HF_TOKEN=b\n", Some("a")),
            ("export HF_TOKEN=a\n[ a == a ] && export HF_TOKEN=b\n", Some("a")),
            ("declare -x HF_TOKEN=b\nexport HF_TOKEN=a\n", Some("a")),
            ("A=1\nA+=2\nexport HF_TOKEN=$A\n", Some("1")),
            ("export HF_TOKEN=a\nread A <<< x\nexport HF_TOKEN=b\n", Some("a")),
            ("export HF_TOKEN=a\nA=(b)\nexport HF_TOKEN=b\n", Some("a")),
            ("export HF_TOKEN=a\nA=b; export HF_TOKEN=${A//b/c}\nexport HF_TOKEN=b\n", Some("a")),
            ("function f { export HF_TOKEN=a; }\n", None),
        ] {
            assert_eq!(dash(text), value.map_or(Value::Unset, |value| Value::of(value.as_bytes())), "{text}");
        }
    }

    #[test]
    fn what_a_shell_has_by_itself_is_not_unset() {
        let next = |shell, text: &str| {
            let fake = Fake::home().file("/home/u/.bashrc", text).file("/home/u/.zshrc", text);
            start(&fake, shell, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
        };
        for name in ["USERNAME", "GID", "EGID", "TTY", "VENDOR", "HOST"] {
            let text = format!("export HF_TOKEN=${name}\n");
            assert_eq!(next(Shell::Zsh, &text), Value::Unknown, "{name}");
        }
        for text in ["RANDOM=5\nexport HF_TOKEN=$RANDOM\n", "export HF_TOKEN=$BASH_COMMAND\n"] {
            assert_eq!(next(Shell::Bash, text), Value::Unknown, "{text}");
        }
        assert_eq!(next(Shell::Zsh, "export HF_TOKEN=$OLDPWD\n"), Value::of(b"/home/u"));
    }
}
