//! Which files bash, zsh and sh read, in which order, and the variables that they have before.
//!
//! Source: bash 5.2, zsh 5.9, dash 0.5.12, run.

use std::path::Path;
use std::rc::Rc;

use super::{Dialect, Run};
use crate::secret::Token;
use crate::state::startup::value::{Truth, Value, Variable, Variables};
use crate::state::startup::{Mode, Started, path_of};
use crate::system::{ReadError, System};

/// What the shell will have. Texts are put aside where that is enough, else all of them are run.
pub(in crate::state::startup) fn start(
    system: &dyn System,
    dialect: Dialect,
    mode: Mode,
    variables: &Variables,
    names: &[&str],
) -> Started {
    let run = |puts_aside| started(system, dialect, mode, variables.clone(), names, puts_aside);
    let quick = run(true);
    if quick.is_missing_texts() { run(false).finish() } else { quick.finish() }
}

/// A shell that has read its files.
pub(in crate::state::startup) fn started<'s>(
    system: &'s dyn System,
    dialect: Dialect,
    mode: Mode,
    mut variables: Variables,
    names: &'s [&'s str],
    puts_aside: bool,
) -> Run<'s> {
    let interactive = mode != Mode::Script;
    give_own(system, dialect, interactive, &mut variables);
    let run = Run::new(system, dialect, (mode == Mode::Login, interactive), variables, names);
    let mut run = run.putting_aside(puts_aside);
    match dialect {
        Dialect::Bash => bash(&mut run, mode),
        Dialect::Zsh => zsh(&mut run, mode),
        Dialect::Sh | Dialect::Dash => sh(&mut run, mode),
    }
    run
}

/// A variable that a shell has by itself, and gives to no program.
fn own(variables: &mut Variables, name: &str, value: Value) {
    if variables.get(name.as_bytes()).is_none() {
        variables.put(name.as_bytes(), Variable::new(value, Truth::No, None));
    }
}

/// What it has by itself.
pub(in crate::state::startup) fn give_own(
    system: &dyn System,
    dialect: Dialect,
    interactive: bool,
    variables: &mut Variables,
) {
    let uid = system.uid().to_string();
    if !dialect.is_sh() {
        for name in ["UID", "EUID"] {
            own(variables, name, Value::of(uid.as_bytes()));
        }
    }
    own(variables, "IFS", Value::of(b" \t\n"));
    own(variables, "OPTIND", Value::of(b"1"));
    // Each shell has directories of its own for a machine that names none.
    own(variables, "PATH", Value::Unknown);
    if dialect == Dialect::Zsh {
        let here = variables.value(b"PWD");
        own(variables, "OLDPWD", here);
    }
    if !dialect.is_sh() {
        let host = if dialect == Dialect::Bash { "HOSTNAME" } else { "HOST" };
        // Looked up where a text asks for it: that is seldom, and costs a prompt a file.
        own(variables, host, Value::Unknown);
        for name in ["PPID", "SECONDS", "RANDOM", "LINENO", "COLUMNS", "LINES", "SHLVL"] {
            own(variables, name, Value::Unknown);
        }
        let kind: &[u8] = if std::env::consts::OS == "macos" { b"darwin" } else { b"linux-gnu" };
        own(variables, "OSTYPE", Value::of(kind));
    }
    let prompts: &[(&str, &[u8])] = match dialect {
        Dialect::Bash => {
            own(variables, "BASH_VERSION", Value::of(b"5.2.15(1)-release"));
            own(variables, "BASH", Value::of(b"/bin/bash"));
            let version = ["5", "2", "15", "1", "release"];
            let mut parts = Variable::new(Value::Unknown, Truth::No, None);
            parts.elements = Some(version.map(|part| Rc::new(Token::new(part.into()))).into());
            variables.put(b"BASH_VERSINFO", parts);
            if !interactive {
                // A script's bash forgets an inherited prompt.
                variables.remove(b"PS1");
            }
            &[("PS1", b"\\s-\\v\\$ ")]
        }
        Dialect::Zsh => {
            own(variables, "ZSH_VERSION", Value::of(b"5.9"));
            own(variables, "ZSH_NAME", Value::of(b"zsh"));
            for name in ["FPATH", "MODULE_PATH", "FIGNORE"] {
                own(variables, name, Value::Unknown);
            }
            &[("PS1", b"%m%# "), ("PROMPT", b"%m%# ")]
        }
        Dialect::Sh | Dialect::Dash if system.uid() == 0 => &[("PS1", b"# ")],
        Dialect::Sh | Dialect::Dash => &[("PS1", b"$ ")],
    };
    for (name, prompt) in prompts.iter().filter(|_| interactive) {
        own(variables, name, Value::of(prompt));
    }
}

fn bash(run: &mut Run<'_>, mode: Mode) {
    let home = path_of(&run.variables.value(b"HOME"));
    match mode {
        Mode::Login => {
            let own = [".bash_profile", ".bash_login", ".profile"].map(|n| home.as_ref().map(|h| h.join(n)));
            // The first that is there hides the others, also where it cannot be read.
            let first = own.into_iter().flatten().find(|p| run.system.stat(p) != Err(ReadError::NotFound));
            let _ = run.start_up(Path::new("/etc/profile")) && first.is_none_or(|p| run.start_up(&p));
        }
        Mode::Interactive => {
            // Debian's, and macOS' and Fedora's: those read theirs from /etc/profile or ~/.bashrc.
            let _ =
                run.start_up(Path::new("/etc/bash.bashrc")) && home.is_none_or(|h| run.start_up(&h.join(".bashrc")));
        }
        Mode::Script => {
            if let Some(file) = path_of(&run.variables.value(b"BASH_ENV")) {
                run.start_up(&file);
            }
        }
    }
}

fn zsh(run: &mut Run<'_>, mode: Mode) {
    // Debian keeps them in a directory; macOS and Fedora do not.
    let etc = if run.system.stat(Path::new("/etc/zsh")).is_ok() { "/etc/zsh" } else { "/etc" };
    for (name, wanted) in [
        ("zshenv", true),
        ("zprofile", mode == Mode::Login),
        ("zshrc", mode != Mode::Script),
        ("zlogin", mode == Mode::Login),
    ] {
        if !wanted {
            continue;
        }
        if run.option("norcs") {
            break;
        }
        if !run.option("noglobalrcs") && !run.start_up(&Path::new(etc).join(name)) {
            break;
        }
        // A file may move the next ones.
        let dir = match run.variable(b"ZDOTDIR") {
            Value::Unset => path_of(&run.variable(b"HOME")),
            _ if run.is_like_sh() => path_of(&run.variable(b"HOME")),
            set => path_of(&set),
        };
        if let Some(dir) = dir
            && !run.option("norcs")
            && !run.start_up(&dir.join([".", name].concat()))
        {
            break;
        }
    }
}

fn sh(run: &mut Run<'_>, mode: Mode) {
    let home = path_of(&run.variables.value(b"HOME"));
    if mode == Mode::Login
        && !(run.start_up(Path::new("/etc/profile")) && home.is_none_or(|h| run.start_up(&h.join(".profile"))))
    {
        return;
    }
    if mode != Mode::Script
        && let Some(file) = path_of(&run.variables.value(b"ENV"))
    {
        run.start_up(&file);
    }
}
