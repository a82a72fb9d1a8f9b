//! What the next shell will have: the start-up files of each shell, in the order in which it reads them, run as far as
//! that can be done without starting a program.
//!
//! Source of the orders: bash 5.2, zsh 5.9, fish 3.6, tcsh 6.24 and nushell 0.115, all run.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::finding::Location;
use crate::system::{Kind, System};

mod csh;
mod edit;
mod expression;
mod fish;
mod nu;
mod posix;
mod tools;
mod value;

use posix::{Aside, Dialect, Run, order};
pub use value::Value;
use value::{Place, Truth, Variable, Variables};

/// A shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// dash, and whatever else `sh` is.
    Sh,
    /// fish
    Fish,
    /// tcsh, csh
    Tcsh,
    /// nushell
    Nu,
}

impl Shell {
    /// Every one.
    pub const ALL: [Self; 6] = [Self::Bash, Self::Zsh, Self::Sh, Self::Fish, Self::Tcsh, Self::Nu];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Sh => "sh",
            Self::Fish => "fish",
            Self::Tcsh => "tcsh",
            Self::Nu => "nu",
        }
    }

    /// Whether the person has a start-up file for it.
    pub fn is_set_up(self, system: &dyn System) -> bool {
        let home = |names: &[&str]| {
            system.var("HOME").is_some_and(|home| names.iter().any(|n| system.stat(&Path::new(&home).join(n)).is_ok()))
        };
        let config = |name: &str| match system.var("XDG_CONFIG_HOME").filter(|d| !d.is_empty()) {
            Some(dir) => system.stat(&Path::new(&dir).join(name)).is_ok(),
            None => home(&[&[".config/", name].concat()]),
        };
        match self {
            Self::Bash => {
                home(&[".bashrc", ".bash_profile", ".bash_login", ".profile"]) || system.var("BASH_ENV").is_some()
            }
            Self::Zsh => system.var("ZDOTDIR").is_some() || home(&[".zshenv", ".zshrc", ".zprofile", ".zlogin"]),
            // A login bash reads that file as well, unless one of its own hides it.
            Self::Sh => system.var("ENV").is_some() || home(&[".profile"]) && home(&[".bash_profile", ".bash_login"]),
            Self::Fish => config("fish"),
            Self::Tcsh => home(&[".tcshrc", ".cshrc", ".login"]),
            Self::Nu => config("nushell"),
        }
    }

    /// The person's own: what `SHELL` says, else bash.
    pub fn own(system: &dyn System) -> Self {
        system.var("SHELL").and_then(|s| Self::of_program(&s)).unwrap_or(Self::Bash)
    }

    /// The shell of a program's name or path.
    pub fn of_program(program: &OsStr) -> Option<Self> {
        let name = Path::new(program).file_name()?.as_bytes();
        // A login shell calls itself `-bash`.
        match name.strip_prefix(b"-").unwrap_or(name) {
            b"bash" | b"rbash" => Some(Self::Bash),
            b"zsh" => Some(Self::Zsh),
            b"sh" | b"dash" | b"ash" | b"ksh" | b"mksh" => Some(Self::Sh),
            b"fish" => Some(Self::Fish),
            b"tcsh" | b"csh" => Some(Self::Tcsh),
            b"nu" => Some(Self::Nu),
            _ => None,
        }
    }
}

/// How a shell is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// In a terminal, over ssh, on macOS also in each window.
    Login,
    /// In a window of a desktop, in tmux as it is set up on Linux, by hand.
    Interactive,
    /// `SHELL -c`, a script, cron.
    Script,
}

impl Mode {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Login, Self::Interactive, Self::Script];

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Interactive => "interactive",
            Self::Script => "script",
        }
    }
}

/// What a variable will be in the environment of the programs that the shell starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Its value.
    pub value: Value,
    /// The line that set it last; `None` where it comes with the environment, or is not set.
    pub place: Option<Location>,
}

/// A shell after its start-up.
#[derive(Debug)]
pub struct Started {
    variables: Variables,
    log: Log,
    files: Vec<PathBuf>,
    aside: Aside,
}

/// Each setting of a variable that is asked for: its name, its value, its place.
type Log = Vec<(Vec<u8>, Value, Place)>;

impl Started {
    /// What a variable will be.
    pub fn variable(&self, name: &str) -> Next {
        let Some(variable) = self.variables.get(name.as_bytes()) else {
            return Next { value: Value::Unset, place: None };
        };
        let value = match variable.exported {
            Truth::Yes => variable.value.clone(),
            Truth::No => Value::Unset,
            Truth::Maybe if variable.value == Value::Unset => Value::Unset,
            Truth::Maybe => Value::Unknown,
        };
        Next { value, place: variable.place.as_ref().map(Place::location) }
    }

    /// Whether it can be asked for a variable: else it is one of which a file that was not run may tell, and the names
    /// that the shell was started with have to hold it.
    pub fn tells_of(&self, name: &str) -> bool {
        !self.aside.may_set(name.as_bytes())
    }

    /// The files that it read, in their order.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Each setting of a variable that was asked for, in the order in which the shell comes to it.
    pub fn settings(&self) -> impl Iterator<Item = (&[u8], &Value, Location)> {
        self.log.iter().map(|(name, value, place)| (name.as_slice(), value, place.location()))
    }

    /// Each line that may give a variable this very value, whether it is the one that counts or not.
    pub fn places(&self, name: &str, value: &[u8]) -> Vec<Location> {
        let mut out: Vec<Location> = Vec::new();
        for (logged, set, place) in &self.log {
            let location = place.location();
            if logged == name.as_bytes() && set.bytes() == Some(value) && !out.contains(&location) {
                out.push(location);
            }
        }
        out
    }
}

/// What a new shell starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// What a terminal gives it: who and where the person is, and nothing that a shell has set.
    Terminal,
    /// All that is exported here.
    Here,
}

/// Names that a terminal gives a shell; those of locales and sessions besides.
const SESSION: [&str; 17] = [
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "PATH",
    "TERM",
    "LANG",
    "LANGUAGE",
    "TMPDIR",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "COLORTERM",
    "TERM_PROGRAM",
    "ZDOTDIR",
    "PWD",
    "TMUX",
    "WSL_DISTRO_NAME",
];

fn environment(system: &dyn System, from: From) -> Variables {
    let mut variables = Variables::default();
    for (name, value) in system.vars() {
        let name = name.as_bytes();
        let session = std::str::from_utf8(name)
            .is_ok_and(|n| SESSION.contains(&n) || ["XDG_", "LC_", "SSH_", "DBUS_"].iter().any(|p| n.starts_with(p)));
        if from == From::Here || session {
            variables.put(name, Variable::inherited(value.as_bytes()));
        }
    }
    if from == From::Terminal {
        // A terminal opens in the home directory.
        let home = variables.value(b"HOME");
        if let Some(home) = home.bytes() {
            variables.put(b"PWD", Variable::inherited(home));
        }
    }
    variables
}

/// Variables that choose the token or where it goes.
pub fn names() -> Vec<&'static str> {
    const OTHERS: [&str; 7] = [
        "HF_HOME",
        "HF_TOKEN_PATH",
        "HF_HUB_CACHE",
        "HUGGINGFACE_HUB_CACHE",
        "HF_ENDPOINT",
        "HF_HUB_OFFLINE",
        "XDG_CACHE_HOME",
    ];
    super::variables::ALL.iter().map(|v| v.name).chain(OTHERS).collect()
}

/// Starts a shell, in thought. `names`: the variables that are asked for, and that a setting which cannot be told may be
/// about.
pub fn start(system: &dyn System, shell: Shell, mode: Mode, from: From, names: &[&str]) -> Started {
    let variables = environment(system, from);
    match shell {
        Shell::Bash => order::start(system, Dialect::Bash, mode, &variables, names),
        Shell::Zsh => order::start(system, Dialect::Zsh, mode, &variables, names),
        Shell::Sh => order::start(system, Dialect::of_sh(system), mode, &variables, names),
        Shell::Fish => fish::start(system, mode, variables, names),
        Shell::Tcsh => csh::start(system, mode, variables, names),
        Shell::Nu => nu::start(system, mode, variables, names),
    }
}

fn path_of(value: &Value) -> Option<PathBuf> {
    value.bytes().filter(|b| !b.is_empty()).map(|b| PathBuf::from(OsStr::from_bytes(b)))
}

fn is_there(system: &dyn System, path: &Path) -> bool {
    system.stat(path).is_ok_and(|s| s.kind == Kind::File)
}

/// What `set -a; . FILE` gives in sh, and by it to programs: of these variables alone what the file says, not what is
/// set here.
pub fn sourced(system: &dyn System, path: &Path, names: &[&str]) -> Started {
    let mut variables = environment(system, From::Here);
    for name in names {
        variables.remove(name.as_bytes());
    }
    let dialect = Dialect::of_sh(system);
    order::give_own(system, dialect, false, &mut variables);
    let mut run = Run::new(system, dialect, (false, false), variables, names);
    run.export_all();
    run.start_up(path);
    run.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn next(fake: &Fake, shell: Shell, mode: Mode) -> Next {
        start(fake, shell, mode, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN")
    }

    fn bashrc(text: &str) -> Next {
        next(&Fake::home().file("/home/u/.bashrc", text), Shell::Bash, Mode::Interactive)
    }

    #[test]
    fn the_line_that_counts_is_named() {
        let said = bashrc("export HF_TOKEN=a\nif [ -z \"$HF_TOKEN\" ]; then\n  export HF_TOKEN=b\nfi\n");
        assert_eq!(said.value, Value::of(b"a"));
        assert_eq!(said.place, Some(Location::line("/home/u/.bashrc", 1)));
        let sourced = Fake::home()
            .file("/home/u/.bashrc", "[ -f ~/.secrets ] && . ~/.secrets\n")
            .file("/home/u/.secrets", "#\nset -a\nHF_TOKEN=a\n");
        let said = next(&sourced, Shell::Bash, Mode::Interactive);
        assert_eq!((said.value, said.place), (Value::of(b"a"), Some(Location::line("/home/u/.secrets", 3))));
        assert_eq!(next(&sourced, Shell::Bash, Mode::Login).value, Value::Unset, "no profile reads it");
    }

    #[test]
    fn what_a_program_decides_is_not_guessed() {
        for text in [
            "export HF_TOKEN=$(pass show hf)\n",
            "if some-program; then export HF_TOKEN=a; fi\n",
            "some-program || export HF_TOKEN=a\n",
            "export HF_TOKEN=a\n[ -t 1 ] && unset HF_TOKEN\n",
            "export $(awk 1 ~/.env | xargs)\n",
            "while some-program; do export HF_TOKEN=a; done\n",
            "f() { some-program && return; export HF_TOKEN=a; }\nf\n",
        ] {
            assert_eq!(bashrc(text).value, Value::Unknown, "{text}");
        }
        // Both ways lead to the same.
        let same = "if some-program; then export HF_TOKEN=a; else export HF_TOKEN=a; fi\n";
        assert_eq!(bashrc(same).value, Value::of(b"a"));
        assert_eq!(bashrc("eval \"$(direnv hook bash)\"\nexport HF_TOKEN=a\n").value, Value::of(b"a"));
    }

    /// Nobody knows whether a round was left, how many words there are, or what a program wrote: each as a real shell has it
    /// where the program prints nothing and fails.
    #[test]
    fn what_may_have_been_left_or_written() {
        let unknown = [
            "for l in HF_TOKEN=a; do some-program || continue; export \"$l\"; done\n",
            "for l in HF_TOKEN=a; do some-program || break; export \"$l\"; done\n",
            "for l in HF_TOKEN=a; do case $(some-program) in a) ;; *) continue ;; esac; export \"$l\"; done\n",
            "eval \"$(echo export HF_TOKEN=a; some-program)\"\n",
            "source <(echo export HF_TOKEN=a; some-program)\n",
            "x=$(some-program); set -- $x b; export HF_TOKEN=$#\n",
            "f() { shift; export HF_TOKEN=$1; }; f $(some-program) a b\n",
            "set -- b; shift $(some-program); export HF_TOKEN=$1\n",
            "sed -i s/HOME/TOKEN/ ~/.env; . ~/.env\n",
            "sort -o ~/.new ~/.token; . ~/.new\n",
            "curl -so ~/.token https://example.org; . ~/.token\n",
            "x=$(some-program); . ~/\"$x\"\n",
            "set -C; echo export HF_TOKEN=a > ~/.token; . ~/.token\n",
            "{ export HF_TOKEN=a; } > ~/none/log\n",
        ];
        let known = [
            "x=$(some-program); set -- \"$x\" b; shift; export HF_TOKEN=${1#b}a\n",
            "for l in 1 2; do [ $l = 1 ] && continue; export HF_TOKEN=a; done\n",
            "unset PATH; export HF_TOKEN=a$(cat ~/.token)\n",
            "f() { shift $((OPTIND - 1)); export HF_TOKEN=$1; }; f a b\n",
        ];
        let is = |text: &str, shell: Shell| {
            let fake = Fake::home()
                .file("/home/u/.bashrc", text)
                .file("/home/u/.zshrc", text)
                .file("/home/u/.env", "export HF_HOME=a\n")
                .file("/home/u/.token", "export HF_TOKEN=t\n");
            start(&fake, shell, Mode::Interactive, From::Terminal, &["HF_TOKEN", "HF_HOME"]).variable("HF_TOKEN").value
        };
        for shell in [Shell::Bash, Shell::Zsh] {
            for text in unknown {
                assert_eq!(is(text, shell), Value::Unknown, "{} {text}", shell.name());
            }
            for text in known {
                assert_eq!(is(text, shell), Value::of(b"a"), "{} {text}", shell.name());
            }
        }
        assert_eq!(is("export HF_TOKEN={b,a}\n", Shell::Bash), Value::of(b"a"));
        assert_eq!(is("export PATH+=:/c\nexport HF_TOKEN=a\n", Shell::Zsh), Value::Unset);
        assert_eq!(is("x=$((1 / 0))\nexport HF_TOKEN=a\n", Shell::Zsh), Value::Unset);
        assert_eq!(is("x=$((1 / 0)); export HF_TOKEN=a\n", Shell::Bash), Value::Unset);
    }

    #[test]
    fn arithmetic_arrays_and_aliases() {
        for text in [
            "i=1\n((i += 2))\nexport HF_TOKEN=$i\n",
            "let 'i = 2 + 1'; export HF_TOKEN=$((i > 2 ? i : 0))\n",
            "export HF_TOKEN=$((0x3 & 7 | 1 && 1 ? 6 / 2 : 1))\n",
            "for ((i = 0; i < 3; i++)); do :; done\nexport HF_TOKEN=$i\n",
            "((0 && (n = 5))); export HF_TOKEN=$((n + 3))\n",
            "a=(1 2 3)\nexport HF_TOKEN=${a[2]}\n",
            "((BASH_VERSINFO[0] >= 4)) && [[ ${BASH_VERSINFO[0]} -gt 3 ]] && export HF_TOKEN=3\n",
            "a=(x y)\na+=(z)\nexport HF_TOKEN=${#a[@]}\n",
            "for i in {1..3}; do export HF_TOKEN=$i; done\n",
            "alias e='export HF_TOKEN='3\ne\n",
            "export HF_TOKEN=3\nalias e='export HF_TOKEN=4'; e\n",
            "A=x3x; export HF_TOKEN=${A:1:1}\n",
            "A=x3x; export HF_TOKEN=${A//x/}\n",
            "f() { local -n r=$1; r=3; }\nf HF_TOKEN\nexport HF_TOKEN\n",
            "[[ a1 =~ ^[a-z]+[0-9]?$ ]] && export HF_TOKEN=3\n",
            "export HF_TOKEN=3\nif true; then\n# nothing\nfi\nexport HF_TOKEN=4\n",
            "export HF_TOKEN=3; set -f\nfor f in ~/.bash*; do [ \"$f\" = '/home/u/.bash*' ] || export HF_TOKEN=4; done\n",
        ] {
            assert_eq!(bashrc(text).value, Value::of(b"3"), "{text}");
        }
        for text in [
            "export HF_TOKEN=$((1.5))\n",
            "declare -A m; m[a]=3; m[b]=4; export HF_TOKEN=${m[*]}\n",
            "i=$(some-program)\nexport HF_TOKEN=$((i + 1))\n",
        ] {
            assert_eq!(bashrc(text).value, Value::Unknown, "{text}");
        }
    }

    #[test]
    fn a_function_sets_on_its_own_line() {
        let fake = Fake::home()
            .file("/home/u/.bashrc", ". ~/lib\n\n\nload\n")
            .file("/home/u/lib", "load() {\nexport HF_TOKEN=a\n}\n");
        let said = next(&fake, Shell::Bash, Mode::Interactive);
        assert_eq!(said.place, Some(Location::line("/home/u/lib", 2)));
    }

    #[test]
    fn every_place_of_a_value_is_known() {
        let text = "export HF_TOKEN=a\nif some-program; then\nexport HF_TOKEN=b\nfi\nexport HF_TOKEN=b\n";
        let fake = Fake::home().file("/home/u/.bashrc", text);
        let started = start(&fake, Shell::Bash, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
        let lines: Vec<Location> = [3, 5].map(|n| Location::line("/home/u/.bashrc", n)).to_vec();
        assert_eq!(started.places("HF_TOKEN", b"b"), lines);
    }

    /// Homes of files put together at random from lines that set what other lines read: what is not run must not matter.
    #[test]
    fn what_is_put_aside_changes_nothing() {
        // The last 12 read files: those that are read hold none of them.
        const READS: usize = 12;
        const LINES: [&str; 44] = [
            "# HOME, set, read",
            "export EDITOR=vi",
            "D=~/d",
            "export D=~/e",
            "unset D",
            "unset HOME; HOME=/home/u/d",
            "T=abc",
            "T+=def",
            ": ${T:=none}",
            "f() { return 1; }",
            "f() { true; }",
            "function f { export D=~/d; }",
            "f",
            "f && export HF_TOKEN=f",
            "f || T=g",
            "export HF_TOKEN=$T",
            "export HF_TOKEN=${T:-x}",
            "false",
            "test -f /none",
            "return 1",
            "exit",
            "set -a",
            "set -u",
            "some-program",
            "some-program && D=~/d",
            "export HF_TOKEN=\"$HF_TOKEN$T\"",
            "HF_HOME=${D%/d}/h; export HF_HOME",
            "unset HF_TOKEN",
            "eval \"export HF_TOKEN=$T\"",
            "type f >/dev/null && export HF_HOME=typed",
            "PATH=$D:$PATH",
            "alias f=ls",
            "if f; then export HF_HOME=~/f; else . ~/c; fi",
            "[ -n \"$D\" ] && . \"$D/a\"",
            ". ~/a && export HF_TOKEN=a",
            ". ~/b || export HF_TOKEN=b",
            ". ~/b; export HF_TOKEN=\"$?\"",
            "! . ~/b; T=$?",
            ". ~/c",
            "source ~/a",
            "for x in a b; do . ~/$x; done",
            "for x in a b; do . ~/$x && break; done",
            "while . ~/b; do T=w; break; done",
            "cd ~/d; . ./a",
        ];
        const FILES: [&str; 9] = [".bashrc", ".bash_profile", ".zshenv", ".zshrc", "a", "b", "c", "d/a", "e/a"];
        let mut seed = 7_u32;
        let mut draw = |n: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize % n
        };
        let mut aside = 0;
        for _ in 0..3000 {
            let mut fake = Fake::home().var("PATH", "/usr/bin");
            for name in FILES {
                let lines = LINES.len() - if name.starts_with('.') { 0 } else { READS };
                let text: String = (0..=draw(4)).map(|_| [LINES[draw(lines)], "\n"].concat()).collect();
                fake = fake.file(&["/home/u/", name].concat(), text);
            }
            for (dialect, mode) in
                [(Dialect::Bash, Mode::Login), (Dialect::Bash, Mode::Interactive), (Dialect::Zsh, Mode::Login)]
            {
                let names = ["HF_TOKEN", "HF_HOME"];
                let variables = environment(&fake, From::Terminal);
                let run = |puts| order::started(&fake, dialect, mode, variables.clone(), &names, puts);
                let all = run(false).finish();
                let quick = run(true);
                if quick.is_missing_texts() {
                    continue;
                }
                let quick = quick.finish();
                aside += usize::from(!quick.tells_of("EDITOR"));
                for name in names {
                    assert_eq!(quick.variable(name), all.variable(name), "{dialect:?} {mode:?} {fake:?}");
                }
                assert_eq!(quick.files(), all.files(), "{dialect:?} {mode:?} {fake:?}");
            }
        }
        assert!(aside > 100, "{aside}");
    }

    #[test]
    fn hostile_text_ends() {
        let sums = ["echo $((", &"(".repeat(5000), &"1+".repeat(50_000), "))\n"].concat();
        let deep = "f() { f; }; f\n".to_owned() + &"(".repeat(5000) + &"$(".repeat(5000) + &"{a,b}".repeat(40);
        let loops =
            "while :; do x=1; done\nfor a in {1,2}{1,2}{1,2}{1,2}{1,2}{1,2}; do for b in 1 2; do :; done; done\n";
        let doubles = |line: fn(u32) -> String| (1..70).map(line).collect::<String>();
        let posix = doubles(|i| {
            format!("A0=xxxxxxxxxxxxxxxx\nA{i}=\"$A{}$A{}\"\n", i - 1, i - 1)
                .replace("A0=x", if i == 1 { "A0=x" } else { "B=x" })
        });
        let fish =
            doubles(|i| format!("set -q A0; or set -gx A0 xxxxxxxxxxxxxxxx\nset -gx A{i} $A{}$A{}\n", i - 1, i - 1));
        let csh = doubles(|i| format!("setenv A{i} ${{HOME}}${{A{}}}${{A{}}}\n", i - 1, i - 1));
        let tcsh = Fake::home().file("/home/u/.tcshrc", format!("setenv A0 x\n{csh}"));
        let _ = next(&tcsh, Shell::Tcsh, Mode::Interactive);
        for text in [
            deep.as_str(),
            sums.as_str(),
            posix.as_str(),
            fish.as_str(),
            loops,
            ". ~/.bashrc\n",
            "for ((;;)); do a+=(\"${a[@]}\" x); done\n",
            "alias a=b b='a; a' c='c c '\na\nc c\n",
            "A=B+1 B=A+1; echo $((A))\n",
            "shopt -s extglob\n[[ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa == +(a|+(a|*(a)))b ]]\n",
            "A=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; echo ${A//*a*a*a*b/}\n",
            "repeat 99999999 do repeat 99999999 do :; done; done\n",
            "export HF_TOKEN=$((9223372036854775807 + 1 << 99 ** 99)) B=$((1/0)) C=$((-9223372036854775808 / -1))\n",
            "eval \"$(cat ~/.bashrc)\"",
            "\\",
            "'",
            "<<",
            "${",
            "case x in",
        ] {
            let _ = bashrc(text);
            let fish = Fake::home().file("/home/u/.config/fish/config.fish", text);
            let _ = next(&fish, Shell::Fish, Mode::Login);
            let zsh = Fake::home().file("/home/u/.zshrc", text);
            let _ = next(&zsh, Shell::Zsh, Mode::Interactive);
        }
    }

    #[test]
    fn a_shell_that_is_started_here_has_what_is_exported_here() {
        let fake = Fake::home().var("HF_TOKEN", "here").file("/home/u/.bashrc", "HF_TOKEN=rc\n");
        let said = |from| start(&fake, Shell::Bash, Mode::Interactive, from, &["HF_TOKEN"]).variable("HF_TOKEN").value;
        assert_eq!(said(From::Here), Value::of(b"rc"), "a plain assignment goes to an exported variable");
        assert_eq!(said(From::Terminal), Value::Unset);
    }
}
