//! zsh's `emulate`.
//!
//! Source: zsh 5.9, run, and zshoptions(1).

use super::expand::Field;
use super::run::{Flow, Run};

/// Noted among the options, whose names have letters alone: the shell takes the part of sh or ksh.
const SH: &str = "(sh)";

/// Options that stay as they were.
const KEPT: [&[u8]; 6] = [b"autopushd", b"noautopushd", b"norcs", b"noglobalrcs", b"xtrace", b"verbose"];

/// What is on in sh and ksh and off in zsh.
const OF_SH: [&[u8]; 6] = [b"ksharrays", b"shwordsplit", b"globsubst", b"nonomatch", b"posixbuiltins", b"noequals"];

impl Run<'_> {
    /// Whether the shell takes the part of sh or ksh: then it reads its start-up files from the home.
    pub(super) fn is_like_sh(&self) -> bool {
        self.option(SH)
    }

    /// `emulate [-LR] MODE [-o OPTION…] [-c TEXT]`
    pub(super) fn emulate(&mut self, arguments: &[Field]) -> Flow {
        if arguments.is_empty() {
            self.prints(if self.is_like_sh() { b"sh\n" } else { b"zsh\n" });
            return Flow::Go;
        }
        let is_flag = |f: &&Field| f.bytes().is_some_and(|b| b.starts_with(b"-"));
        let flags = arguments.iter().take_while(is_flag).count();
        let has = |letter: u8| arguments[..flags].iter().any(|f| f.bytes().is_some_and(|b| b.contains(&letter)));
        let Some(mode) = arguments.get(flags).and_then(Field::bytes).filter(|_| !has(b'l')) else { return Flow::Go };
        let before = self.options.clone();
        self.options.retain(|option| KEPT.contains(&option.as_slice()));
        match mode.strip_prefix(b"r").unwrap_or(mode).first() {
            Some(first @ (b's' | b'b' | b'k')) => {
                self.options.extend(OF_SH.map(<[u8]>::to_vec));
                self.options.insert(SH.into());
                self.options.insert(if *first == b'k' { b"kshglob".to_vec() } else { b"ignorebraces".to_vec() });
            }
            Some(b'c') => self.options.extend([b"globsubst".to_vec(), b"cshnullglob".to_vec()]),
            _ => {}
        }
        if has(b'L') {
            self.option_set(b"localoptions", true);
        }
        let mut text = None;
        let mut rest = arguments[flags + 1..].iter();
        while let Some(flag) = rest.next() {
            match (flag.bytes(), rest.next()) {
                (Some(b"-c"), Some(argument)) => text = Some(argument),
                (Some(sign @ (b"-o" | b"+o")), Some(Field::Known(name))) => self.option_set(name, sign == b"-o"),
                _ => break,
            }
        }
        let Some(text) = text else { return Flow::Go };
        let flow = self.eval(std::slice::from_ref(text));
        // They are back behind it.
        self.options = before;
        flow
    }
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    /// Each as zsh 5.9 has it.
    #[test]
    fn zsh_takes_the_part_of_another_shell() {
        let a = || Value::of(b"a");
        for (text, value) in [
            ("emulate sh -c 'for f in ~/.nothing*; do export HF_TOKEN=$f; done'\n", Value::of(b"/home/u/.nothing*")),
            ("emulate sh -c '. ~/p'\n", a()),
            ("emulate ksh -c 'x=(b a); export HF_TOKEN=${x[1]}'\n", a()),
            ("emulate bash\nx=(b a); export HF_TOKEN=${x[1]}\n", a()),
            ("emulate sh\nemulate zsh\nx=(a b); export HF_TOKEN=${x[1]}\n", a()),
            ("f() { emulate -L sh; }; f; x=(a b); export HF_TOKEN=${x[1]}\n", a()),
            ("emulate sh -c :\nx=(a b); export HF_TOKEN=${x[1]}\n", a()),
            ("emulate zsh -o ksharrays -c 'x=(b a); export HF_TOKEN=${x[1]}'\n", a()),
            ("emulate sh\n. ~/nope\nexport HF_TOKEN=a\n", Value::Unset),
            ("setopt posix_builtins\n. ~/nope\nexport HF_TOKEN=a\n", Value::Unset),
            (". ~/nope\nexport HF_TOKEN=a\n", a()),
            // The next file is read from the home.
            ("emulate sh\nZDOTDIR=~/z\n", Value::of(b"login")),
            ("ZDOTDIR=~/z\n", Value::of(b"z")),
            // What is an error in zsh.
            ("x[0]=b\nexport HF_TOKEN=a\n", Value::Unset),
            ("setopt ksh_arrays\nx[0]=b\nexport HF_TOKEN=a\n", a()),
            ("typeset -A m\nm[0]=b\nexport HF_TOKEN=a\n", a()),
            ("typeset -A m; m=(b)\nexport HF_TOKEN=a\n", Value::Unset),
            ("typeset -A m; m=(b c)\nexport HF_TOKEN=a\n", a()),
            ("set -o emacss\nexport HF_TOKEN=a\n", Value::Unset),
            ("set -o emacs; set -o No_Hash_Dirs\nexport HF_TOKEN=a\n", a()),
            ("setopt nonsense\nexport HF_TOKEN=a\n", a()),
            // What it takes out of the arguments.
            ("f() { zparseopts -D -A o t: ; export HF_TOKEN=$1 }\nf -t b c\n", Value::Unknown),
            ("f() { zparseopts -D -A o t: ; export HF_TOKEN=$1 }\nf a b\n", a()),
            ("f() { zparseopts -A o t: ; export HF_TOKEN=$3 }\nf -t b a\n", a()),
            // Options that are not followed.
            ("setopt ksh_glob; [[ abc == @(a|x)bc ]] && export HF_TOKEN=a\n", Value::Unknown),
            ("setopt glob_subst; y='~/x'; HF_TOKEN=$y; export HF_TOKEN\n", Value::Unknown),
        ] {
            let fake = Fake::home()
                .file("/home/u/.zshrc", text)
                .file("/home/u/.zlogin", "[[ -n $ZDOTDIR ]] && export HF_TOKEN=login\n")
                .file("/home/u/z/.zlogin", "export HF_TOKEN=z\n")
                .file("/home/u/p", "echo ~/.nothing*\nexport HF_TOKEN=a\n")
                .var("PATH", "/usr/bin");
            let next = start(&fake, Shell::Zsh, Mode::Login, From::Terminal, &["HF_TOKEN"]);
            assert_eq!(next.variable("HF_TOKEN").value, value, "{text}");
        }
    }
}
