//! The builtins that change variables, or tell which way the text goes.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use super::expand::elements;
use super::function::Event;
use super::parse::{Piece, Statement, Word};
use super::run::{Flow, Run, Scope};
use super::set::{listed, scope_of};
use crate::secret::Token;
use crate::state::startup::posix::pattern;
use crate::state::startup::tools::Tools;
use crate::state::startup::value::{Meant, Truth, Value, Variable};
use crate::system::{Kind, TEXT_LIMIT};

impl Run<'_> {
    pub(super) fn command(&mut self, words: &[Word]) -> Flow {
        let Some(first) = words.first() else { return Flow::Go };
        let name = self.fields(std::slice::from_ref(first)).and_then(|f| f.into_iter().next());
        let Some(name) = name else {
            self.status = Truth::Maybe;
            return Flow::Go;
        };
        if name == b"set" {
            self.set(&words[1..]);
            return Flow::Go;
        }
        let arguments = self.fields(&words[1..]);
        self.load(&name);
        if let Some(ways) = self.world.functions.get(&name).cloned() {
            return self.call(&ways, arguments.as_deref());
        }
        self.status = Truth::Yes;
        let Some(arguments) = arguments else { return self.unknown_arguments(&name, &words[1..]) };
        let arguments: Vec<&[u8]> = arguments.iter().map(Vec::as_slice).collect();
        match (name.as_slice(), arguments.as_slice()) {
            (b"fish_add_path", rest) => self.add_path(rest),
            (b"emit", [event, rest @ ..]) => {
                let arguments: Vec<Vec<u8>> = rest.iter().map(|a| a.to_vec()).collect();
                self.fire(&Event::Named(event.to_vec()), Some(&arguments));
            }
            (b"alias", rest) => self.alias(rest),
            (b"argparse", rest) => self.argparse(rest),
            (b"string", rest) => {
                self.fill_groups(rest);
                let input: Option<Vec<u8>> = self.stdin.clone().map(Into::into);
                self.status = match super::string::run(rest, input.as_deref()) {
                    Some(printed) => Truth::of(printed.success),
                    None => Truth::Maybe,
                };
            }
            (b"functions", [b"-e" | b"--erase", names @ ..]) => {
                for name in names {
                    self.world.functions.remove(name);
                }
            }
            (b"functions", [b"-c" | b"--copy", from, to]) => self.world.functions.copy(from, to),
            (b"functions", rest) if rest.iter().any(|a| matches!(*a, b"-q" | b"--query")) => {
                let mut names = rest.iter().filter(|a| !a.starts_with(b"-"));
                let all = names.all(|a| self.is_function(a));
                self.status = if all { Truth::Yes } else { Truth::Maybe };
            }
            (b"true" | b":" | b"echo" | b"printf" | b"abbr" | b"bind" | b"complete" | b"block" | b"functions", _) => {}
            (b"false", _) => self.status = Truth::No,
            (b"test", rest) | (b"[", [rest @ .., b"]"]) => self.status = self.test(rest),
            (b"status", [what, ..]) => {
                self.status = match *what {
                    b"is-interactive" | b"--is-interactive" | b"-i" => Truth::of(self.interactive),
                    b"is-login" | b"--is-login" | b"-l" => Truth::of(self.login),
                    b"is-command-substitution" | b"is-block" => Truth::No,
                    _ => Truth::Maybe,
                };
            }
            (b"type" | b"command" | b"builtin", rest) if rest.first().is_some_and(|a| a.starts_with(b"-")) => {
                let names = rest.iter().filter(|a| !a.starts_with(b"-"));
                let mut all = Truth::Yes;
                for one in names {
                    let known = match name.as_slice() {
                        b"type" if self.is_function(one) || is_builtin(one) => Truth::Yes,
                        b"builtin" => Truth::of(is_builtin(one)),
                        _ => self.program(one),
                    };
                    // What is not known as a function or a builtin may be one all the same.
                    all = match (known, name.as_slice()) {
                        (Truth::Yes, _) => all,
                        (Truth::No, b"command") => Truth::No,
                        _ => Truth::Maybe,
                    };
                }
                self.status = all;
            }
            (b"command" | b"builtin", [_, ..]) => return self.command(&words[1..]),
            (b"source" | b".", [path, ..]) if self.substituted(path).is_some() => {
                let text = self.substituted(path).unwrap_or_default().to_vec();
                let arguments: Vec<Vec<u8>> = arguments[1..].iter().map(|a| a.to_vec()).collect();
                return self.sourced(&text, &arguments);
            }
            (b"source" | b".", [path, ..]) if *path != b"-" => {
                let Some(path) = self.absolute(path) else {
                    self.anything();
                    return Flow::Go;
                };
                let arguments: Vec<Vec<u8>> = arguments[1..].iter().map(|a| a.to_vec()).collect();
                return self.read_file(&path, Some(&arguments)).unwrap_or_else(|| {
                    self.status = Truth::No;
                    Flow::Go
                });
            }
            (b"source" | b".", rest) => {
                return if let Some(text) = self.stdin.take() {
                    let arguments: Vec<Vec<u8>> = rest.iter().skip(1).map(|a| a.to_vec()).collect();
                    self.sourced(&Vec::from(text), &arguments)
                } else if self.doubts {
                    self.anything();
                    Flow::Go
                } else {
                    self.status = Truth::Maybe;
                    Flow::Go
                };
            }
            (b"eval", parts) => return self.inline(&parts.join(&b' ')),
            (b"export", settings) => {
                for setting in settings {
                    if let Some(at) = setting.iter().position(|b| *b == b'=') {
                        let value = listed(self.is_path(&setting[..at]), &setting[at + 1..]);
                        self.set_in(Some(Scope::Global), &setting[..at], value, Some(true));
                    } else {
                        let value = match self.value(setting) {
                            Value::Unset => Value::of(b""),
                            value => value,
                        };
                        self.set_in(Some(Scope::Global), setting, value, Some(true));
                    }
                }
            }
            (b"setenv", [name, value]) => self.set_in(Some(Scope::Global), name, Value::of(value), Some(true)),
            (b"unsetenv", names) => {
                for name in names {
                    self.erase(Some(Scope::Global), name);
                }
            }
            (b"read", rest) => self.read(rest),
            (b"cd" | b"pushd" | b"popd" | b"prevd" | b"nextd", rest) => self.change_directory(&name, rest),
            (b"count", rest) => self.status = Truth::of(!rest.is_empty()),
            (b"contains", rest) => {
                let rest = rest.strip_prefix(&[b"-i".as_slice()]).unwrap_or(rest);
                let rest = rest.strip_prefix(&[b"--".as_slice()]).unwrap_or(rest);
                self.status = match rest {
                    [needle, list @ ..] if !needle.starts_with(b"--") => Truth::of(list.contains(needle)),
                    _ => Truth::Maybe,
                };
            }
            (b"return", rest) => {
                self.status = match rest {
                    [] => self.status,
                    [b"0"] => Truth::Yes,
                    _ => Truth::No,
                };
                return Flow::Return;
            }
            (b"exit", _) => return Flow::End,
            (b"exec", _) => return Flow::Exit,
            (b"break", _) => return Flow::Break,
            (b"continue", _) => return Flow::Next,
            (name, rest) => {
                let input: Option<Vec<u8>> = self.stdin.clone().map(Into::into);
                let directory = self.directory();
                let tools = Tools { system: self.system, directory: directory.as_deref(), input: input.as_deref() };
                self.status = tools.run(name, rest).map_or(Truth::Maybe, |ran| Truth::of(ran.success));
            }
        }
        Flow::Go
    }

    /// Whether a name is surely that of a function.
    fn is_function(&self, name: &[u8]) -> bool {
        self.world.functions.get(name).is_some_and(|ways| ways.iter().all(Option::is_some))
    }

    /// `cd` and its kin; those that go back to where the shell was are not followed.
    fn change_directory(&mut self, name: &[u8], rest: &[&[u8]]) {
        let to = match (name, rest) {
            (b"cd", []) => self.value(b"HOME").bytes().map(<[u8]>::to_vec),
            (b"cd" | b"pushd", [to]) if !to.starts_with(b"-") && !to.starts_with(b"+") => Some(to.to_vec()),
            _ => None,
        };
        let path = to.and_then(|to| self.absolute(&to));
        match path {
            Some(path) if !self.system.stat(&path).is_ok_and(|s| s.kind == Kind::Dir) => self.status = Truth::No,
            // `CDPATH` comes first where a path is neither absolute nor begins with a dot.
            path if self.value(b"CDPATH") == Value::Unset => self.go(path),
            _ => self.go(None),
        }
    }

    /// Into a directory; `None`: nobody can tell into which.
    fn go(&mut self, to: Option<PathBuf>) {
        let value = to.map_or(Value::Unknown, |to| Value::of(shortened(&to).as_os_str().as_bytes()));
        if value == Value::Unknown {
            self.status = Truth::Maybe;
        }
        self.world.global.put(b"PWD", Variable::new(value, Truth::Yes, None));
        self.put_own("dirprev", Value::Unknown);
        self.changed(b"PWD", "SET");
    }

    /// `argparse SPEC… -- …`: `_flag_NAME` of each, and what is left of the arguments.
    fn argparse(&mut self, rest: &[&[u8]]) {
        for name in rest.iter().take_while(|a| **a != b"--").flat_map(|spec| spec.split(|b| *b == b'/')) {
            let end = name.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')));
            let name = name[..end.unwrap_or(name.len())].iter().map(|b| if *b == b'-' { b'_' } else { *b });
            let flag: Vec<u8> = b"_flag_".iter().copied().chain(name).collect();
            self.set_in(Some(Scope::Function), &flag, Value::Unknown, None);
        }
        self.set_in(Some(Scope::Local), b"argv", Value::Unknown, None);
        self.status = Truth::Maybe;
    }

    /// `string match -r '(?<NAME>…)'` sets NAME.
    fn fill_groups(&mut self, rest: &[&[u8]]) {
        let [b"match", rest @ ..] = rest else { return };
        for text in rest {
            for (at, _) in text.windows(3).enumerate().filter(|(_, w)| w == b"(?<") {
                let name: Vec<u8> = text[at + 3..].iter().copied().take_while(|b| *b != b'>').collect();
                self.set_in(None, &name, Value::Unknown, None);
            }
        }
    }

    /// `read`: a line of standard input; with `-z` all of it.
    fn read(&mut self, rest: &[&[u8]]) {
        let (rest, delimiter) = delimited(rest);
        let options: Vec<&[u8]> = rest.iter().copied().take_while(|a| a.starts_with(b"-")).collect();
        let has = |letter: u8, long: &[u8]| {
            options.iter().any(|o| *o == long || !o.starts_with(b"--") && o[1..].contains(&letter))
        };
        let export = has(b'x', b"--export");
        let plain = options.iter().all(|o| {
            matches!(*o, b"--local" | b"--global" | b"--export" | b"--universal" | b"--null")
                || !o.starts_with(b"--") && o[1..].iter().all(|b| b"glxUz".contains(b))
        });
        let null = has(b'z', b"--null");
        let line: Option<Option<Vec<u8>>> = self.stdin.as_mut().map(|stdin| {
            let end = if null { None } else { stdin.iter().position(|b| *b == b'\n') };
            let length = end.unwrap_or(stdin.len());
            (!stdin.is_empty()).then(|| {
                let line = stdin.drain(..length).collect();
                stdin.pop_front();
                line
            })
        });
        let names = &rest[options.len()..];
        let scope = scope_of(&options).unwrap_or(Scope::Function);
        let inside = self.world.locals.iter().any(|l| l.1) || scope != Scope::Function;
        let scope = if inside { scope } else { Scope::Global };
        let parts = line.as_ref().filter(|_| plain).map(|line| {
            let line = line.as_deref().unwrap_or_default();
            if null && names.len() > 1 { None } else { Some(shared_out(line, delimiter, names.len())) }
        });
        let mut parts = parts.flatten().map(Vec::into_iter);
        for name in names {
            let value = parts.as_mut().map_or(Value::Unknown, |parts| Value::of(parts.next().unwrap_or_default()));
            self.set_in(Some(scope), name, value, export.then_some(true));
        }
        self.status = match line {
            Some(line) if plain => Truth::of(line.is_some()),
            _ => Truth::Maybe,
        };
    }

    /// `alias NAME=TEXT` and `alias NAME TEXT`: a function that puts its arguments behind the text.
    fn alias(&mut self, rest: &[&[u8]]) {
        let rest: Vec<&[u8]> = rest.iter().copied().filter(|a| !matches!(*a, b"-s" | b"--save")).collect();
        let (name, text) = match rest.as_slice() {
            [one] => match one.iter().position(|b| *b == b'=') {
                Some(at) => (&one[..at], one[at + 1..].to_vec()),
                None => return,
            },
            [name, text @ ..] => (*name, text.join(&b' ')),
            [] => return,
        };
        // Its own name in it means the command, not the function.
        let first = text.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        let head: &[u8] = if first == name { b"command " } else { b"" };
        let body = [head, &text, b" $argv"].concat();
        let program = super::parse::program(&body);
        if program.whole {
            self.define_plain(name, program.statements);
        }
    }

    /// A function that is called for the first time comes from a file of its name.
    fn load(&mut self, name: &[u8]) {
        if self.world.functions.has(name) || is_builtin(name) || name.contains(&b'/') {
            return;
        }
        let file = [name, b".fish"].concat();
        let found = self
            .function_dirs
            .iter()
            .map(|dir| dir.join(OsStr::from_bytes(&file)))
            .find(|path| self.system.stat(path).is_ok_and(|s| s.kind == Kind::File));
        if let Some(path) = found {
            let status = self.status;
            self.read_file(&path, None);
            self.status = status;
        }
    }

    /// `source` of a path of which a part is not known.
    fn sources_unknown(&mut self, words: &[Word]) {
        let outline = words.first().map(|path| self.outline(path)).unwrap_or_default();
        match Meant::by(&outline) {
            Meant::Fitting => {}
            Meant::Package => return,
            Meant::Any => return self.anything(),
        }
        let mut fitting = Vec::new();
        self.glob(&outline, &mut fitting);
        if fitting.iter().any(|path| self.file_mentions(path)) {
            self.anything();
        }
    }

    /// Whether one of the names that are asked for stands in a text.
    fn text_mentions(&self, text: &[u8]) -> bool {
        self.names.iter().any(|name| text.windows(name.len()).any(|w| w == name.as_bytes()))
    }

    fn file_mentions(&self, path: &[u8]) -> bool {
        let content = self.absolute(path).and_then(|path| self.system.read(&path, TEXT_LIMIT).ok());
        content.is_some_and(|content| self.text_mentions(Token::new(content.bytes).bytes()))
    }

    /// Whether a command of which nobody can tell what it prints was given one of the names, or a file in which it stands.
    pub(super) fn mentions(&mut self, statement: &Statement) -> bool {
        let Statement::Command { words, input, .. } = statement else {
            return matches!(statement, Statement::Silent(one) if self.mentions(one));
        };
        words.iter().chain(input).any(|word| {
            let text = pattern::unescaped(&self.outline(word));
            self.text_mentions(&text) || !text.is_empty() && self.file_mentions(&text)
        })
    }

    /// A builtin whose arguments are not known.
    pub(super) fn unknown_arguments(&mut self, name: &[u8], words: &[Word]) -> Flow {
        self.status = Truth::Maybe;
        match name {
            b"exit" => return Flow::End,
            b"exec" => return Flow::Exit,
            b"return" => return Flow::Return,
            b"export" => {
                for word in words {
                    match word.first() {
                        Some(Piece::Text { bytes, .. }) => {
                            if let Some(at) = bytes.iter().position(|b| *b == b'=') {
                                let name = bytes[..at].to_vec();
                                self.set_in(Some(Scope::Global), &name, Value::Unknown, Some(true));
                            }
                        }
                        _ => self.anything(),
                    }
                }
            }
            b"source" | b"." => self.sources_unknown(words),
            b"emit" => self.emit_any(),
            b"cd" | b"pushd" => self.go(None),
            b"setenv" => {
                if let Some([Piece::Text { bytes, .. }]) = words.first().map(Vec::as_slice) {
                    let name = bytes.clone();
                    self.set_in(Some(Scope::Global), &name, Value::Unknown, Some(true));
                }
            }
            _ => {}
        }
        Flow::Go
    }

    pub(super) fn program(&self, name: &[u8]) -> Truth {
        let is_program =
            |path: &Path| self.system.stat(path).is_ok_and(|s| s.kind == Kind::File && s.mode & 0o111 != 0);
        if name.contains(&b'/') {
            return self.absolute(name).map_or(Truth::Maybe, |path| Truth::of(is_program(&path)));
        }
        let path = match self.value(b"PATH") {
            Value::Known(path) => path,
            Value::Unset => return Truth::No,
            Value::Unknown => return Truth::Maybe,
        };
        let dirs = elements(path.bytes());
        let found = dirs
            .iter()
            .flat_map(|d| d.split(|b| *b == b':'))
            .filter(|d| !d.is_empty())
            .filter_map(|dir| self.absolute(dir))
            .any(|dir| is_program(&dir.join(OsStr::from_bytes(name))));
        Truth::of(found)
    }

    pub(super) fn test(&self, arguments: &[&[u8]]) -> Truth {
        match arguments {
            [b"!", rest @ ..] => self.test(rest).not(),
            [] => Truth::No,
            [one] | [b"-n", one] => Truth::of(!one.is_empty()),
            [b"-z", one] => Truth::of(one.is_empty()),
            [operator, path] => {
                let Some(path) = self.absolute(path) else { return Truth::Maybe };
                let kind = self.system.stat(&path).ok();
                match *operator {
                    b"-e" => Truth::of(kind.is_some()),
                    b"-f" => Truth::of(kind.is_some_and(|s| s.kind == Kind::File)),
                    b"-d" => Truth::of(kind.is_some_and(|s| s.kind == Kind::Dir)),
                    b"-s" => Truth::of(kind.is_some_and(|s| s.size > 0)),
                    b"-r" => Truth::of(self.system.read(&path, 1).is_ok() || kind.is_some_and(|s| s.kind == Kind::Dir)),
                    b"-x" => Truth::of(kind.is_some_and(|s| s.mode & 0o111 != 0)),
                    b"-L" | b"-h" => Truth::of(self.system.lstat(&path).is_ok_and(|s| s.kind == Kind::Link)),
                    _ => Truth::Maybe,
                }
            }
            [left, b"=" | b"==", right] => Truth::of(left == right),
            [left, b"!=", right] => Truth::of(left != right),
            [left, operator, right] => {
                let number = |b: &[u8]| std::str::from_utf8(b).ok()?.trim().parse::<i64>().ok();
                let (Some(left), Some(right)) = (number(left), number(right)) else { return Truth::Maybe };
                match *operator {
                    b"-eq" => Truth::of(left == right),
                    b"-ne" => Truth::of(left != right),
                    b"-gt" => Truth::of(left > right),
                    b"-ge" => Truth::of(left >= right),
                    b"-lt" => Truth::of(left < right),
                    b"-le" => Truth::of(left <= right),
                    _ => Truth::Maybe,
                }
            }
            _ => {
                for (operator, wins) in [(b"-o", Truth::Yes), (b"-a", Truth::No)] {
                    let Some(at) = arguments.iter().position(|a| a == operator).filter(|at| *at > 0) else { continue };
                    let (left, right) = (self.test(&arguments[..at]), self.test(&arguments[at + 1..]));
                    return match (left, right) {
                        (left, right) if left == wins || right == wins => wins,
                        (Truth::Maybe, _) | (_, Truth::Maybe) => Truth::Maybe,
                        _ => wins.not(),
                    };
                }
                Truth::Maybe
            }
        }
    }
}

/// The arguments of `read` without its delimiter, and that.
fn delimited<'a>(rest: &[&'a [u8]]) -> (Vec<&'a [u8]>, Option<&'a [u8]>) {
    let (mut out, mut delimiter) = (Vec::new(), None);
    let mut words = rest.iter().copied();
    while let Some(word) = words.next() {
        match word {
            b"-d" | b"--delimiter" => delimiter = words.next(),
            _ => match word.strip_prefix(b"--delimiter=") {
                Some(value) => delimiter = Some(value),
                None => out.push(word),
            },
        }
    }
    (out, delimiter.filter(|d| !d.is_empty()))
}

/// A line for so many names: the last gets all that is left, as it stands.
fn shared_out<'a>(line: &'a [u8], delimiter: Option<&[u8]>, names: usize) -> Vec<&'a [u8]> {
    let mut out = Vec::new();
    let mut rest = line;
    while out.len() + 1 < names {
        let (end, length) = if let Some(delimiter) = delimiter {
            (rest.windows(delimiter.len()).position(|w| w == delimiter), delimiter.len())
        } else {
            rest = rest.trim_ascii_start();
            (rest.iter().position(u8::is_ascii_whitespace), 1)
        };
        let end = end.unwrap_or(rest.len());
        out.push(&rest[..end]);
        rest = rest.get(end + length..).unwrap_or_default();
    }
    out.push(rest);
    out
}

/// Without `.` and `..`.
pub(super) fn shortened(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        if component == Component::ParentDir {
            out.pop();
        } else {
            out.push(component);
        }
    }
    out
}

pub(super) fn is_builtin(name: &[u8]) -> bool {
    matches!(name, b"set" | b"echo" | b"test" | b"string" | b"status" | b"source" | b"eval" | b"read" | b"cd" | b"math")
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    #[test]
    fn what_is_filled_or_read_from_elsewhere_is_not_guessed() {
        for (text, want) in [
            ("builtin -q set; and set -gx HF_TOKEN a\n", Value::of(b"a")),
            ("set -gx HF_TOKEN a\nsome-program init | source\n", Value::of(b"a")),
            ("set -gx HF_TOKEN a\ncat ~/.env | some-program | source\n", Value::Unknown),
            ("set -gx HF_TOKEN a\nsome-program 's/=/ /' ~/.env | source\n", Value::Unknown),
            (
                "function f\n argparse 't/token=' -- $argv\n set -gx HF_TOKEN $_flag_token\nend\nf --token a\n",
                Value::Unknown,
            ),
            ("string match -rq '=(?<HF_TOKEN>.*)$' x=a\nset -gx HF_TOKEN $HF_TOKEN\n", Value::Unknown),
            ("set a x y\nset -e a[1]\nset -gx HF_TOKEN $a\n", Value::Unknown),
        ] {
            let fake = Fake::home().file("/home/u/.config/fish/config.fish", text).file("/home/u/.env", "HF_TOKEN=b\n");
            let next = start(&fake, Shell::Fish, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
            assert_eq!(next.variable("HF_TOKEN").value, want, "{text}");
        }
    }

    /// Each value is that of fish 3.6.
    #[test]
    fn what_is_read_and_how_substitutions_end() {
        for (text, want) in [
            ("echo ' a  b c ' | read x y; set -gx HF_TOKEN $x,$y", "a, b c "),
            ("echo ' a ' | read -gx HF_TOKEN", " a "),
            ("echo a=b=c | read -d = x y; set -gx HF_TOKEN $x,$y", "a,b=c"),
            ("echo a | read -l --delimiter == x y z; set -gx HF_TOKEN $x,$y,$z", "a,,"),
            ("if set -l x (cat ~/.none); set -gx HF_TOKEN a; else; set -gx HF_TOKEN b; end", "b"),
            ("if set -l x (cat ~/.hf); set -gx HF_TOKEN $x; else; set -gx HF_TOKEN b; end", "a"),
            ("set x (string match z a)[1]; or set -gx HF_TOKEN a", "a"),
            ("set x (count a) (count); or set -gx HF_TOKEN a", "a"),
        ] {
            let fake = Fake::home().file("/home/u/.config/fish/config.fish", text).file("/home/u/.hf", "a\n");
            let next = start(&fake, Shell::Fish, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
            assert_eq!(next.variable("HF_TOKEN").value, Value::of(want.as_bytes()), "{text}");
        }
    }
}
