//! The builtins that change variables, or tell which way the text goes.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use super::SHIPPED;
use super::expand::elements;
use super::function::Event;
use super::parse::{Piece, Statement, Word};
use super::run::{Flow, Run, Scope, list_value};
use super::set::{is_identifier, listed, scope_of};
use super::test::is_builtin;
use crate::secret::Token;
use crate::state::startup::posix::pattern;
use crate::state::startup::value::{Meant, Truth, Value, Variable};
use crate::system::{Kind, TEXT_LIMIT};

impl Run<'_> {
    pub(super) fn command(&mut self, words: &[Word]) -> Flow {
        let Some(first) = words.first() else { return Flow::Go };
        let Some(mut names) = self.fields(std::slice::from_ref(first)) else {
            self.fields(&words[1..]);
            self.print_all(None);
            if words.iter().any(|word| self.word_mentions(word)) {
                self.anything();
            }
            return Flow::Go;
        };
        if names.is_empty() {
            self.status = Truth::No;
            return Flow::Go;
        }
        // A list brings its first arguments along.
        let more = names.split_off(1);
        let name = names.concat();
        let plain = first.iter().all(|piece| matches!(piece, Piece::Text { .. }));
        if !plain && is_keyword(&name) {
            self.status = Truth::No;
            return Flow::Go;
        }
        let literal = |bytes| vec![Piece::Text { bytes, quoted: true }];
        let with_more: Vec<Word>;
        let words = if more.is_empty() {
            words
        } else {
            with_more =
                [first.clone()].into_iter().chain(more.into_iter().map(literal)).chain(words[1..].to_vec()).collect();
            &with_more
        };
        if name == b"set" {
            self.set(&words[1..]);
            return Flow::Go;
        }
        let arguments = self.fields(&words[1..]);
        if self.escaped.is_some() {
            return Flow::Go;
        }
        self.load(&name);
        if let Some(ways) = self.world.functions.get(&name).cloned() {
            self.world.stdin.direct = false;
            return self.call(&ways, arguments.as_deref());
        }
        self.builtin(&name, arguments, words)
    }

    /// Whether a statement is a command that is neither a function nor a builtin.
    pub(super) fn is_program(&self, statement: &Statement) -> bool {
        match statement {
            Statement::Command { words, .. } => words.first().is_some_and(|word| match word.as_slice() {
                [Piece::Text { bytes, .. }] => !is_builtin(bytes) && !self.world.functions.has(bytes),
                _ => false,
            }),
            Statement::Redirecting { body, .. } | Statement::Assigned { then: body, .. } => self.is_program(body),
            _ => false,
        }
    }

    /// What is no function.
    fn builtin(&mut self, name: &[u8], arguments: Option<Vec<Vec<u8>>>, words: &[Word]) -> Flow {
        let before = std::mem::replace(&mut self.status, Truth::Yes);
        let Some(arguments) = arguments else { return self.unknown_arguments(name, &words[1..]) };
        let arguments: Vec<&[u8]> = arguments.iter().map(Vec::as_slice).collect();
        match (name, arguments.as_slice()) {
            (b"fish_add_path", rest) => self.add_path(rest),
            (b"emit", [event, rest @ ..]) => {
                let arguments: Vec<Vec<u8>> = rest.iter().map(|a| a.to_vec()).collect();
                self.fire(&Event::Named(event.to_vec()), Some(&arguments));
            }
            (b"alias", rest) => self.alias(rest),
            (b"argparse", rest) => self.argparse(rest),
            (b"functions", [b"-e" | b"--erase", names @ ..]) => {
                for name in names {
                    self.world.functions.remove(name);
                }
            }
            (b"functions", [b"-c" | b"--copy", from, to]) => {
                self.load(from);
                self.world.functions.copy(from, to);
            }
            (b"functions", rest) if rest.iter().any(|a| matches!(*a, b"-q" | b"--query")) => {
                self.asks_name(b"functions", rest);
            }
            (b"true" | b":" | b"emit" | b"block", _) => {}
            (b"abbr" | b"bind" | b"complete" | b"functions", rest) => {
                self.print_anything();
                if rest.iter().any(|a| matches!(*a, b"-q" | b"--query")) {
                    self.status = Truth::Maybe;
                }
                // To show a function is to load it.
                for name in rest.iter().filter(|a| name == b"functions" && !a.starts_with(b"-")) {
                    self.load(name);
                }
            }
            (b"false", _) => self.status = Truth::No,
            (b"test", rest) | (b"[", [rest @ .., b"]"]) => self.status = self.test(rest),
            (b"status", rest) => self.asks_status(rest),
            (b"type" | b"command" | b"builtin", rest) if rest.first().is_some_and(|a| a.starts_with(b"-")) => {
                self.asks_name(name, rest);
            }
            (b"command" | b"builtin", [b"set", ..]) => self.set(&words[2..]),
            (b"command" | b"builtin", [name, rest @ ..]) => {
                let rest = rest.iter().map(|a| a.to_vec()).collect();
                return self.builtin(name, Some(rest), &words[1..]);
            }
            // Another shell's test.
            (b"[[", _) if self.program(name) == Truth::No => self.status = Truth::No,
            (b"source" | b".", [path, ..]) if self.substituted(path).is_some() => {
                let text = self.substituted(path).unwrap_or_default().to_vec();
                let arguments: Vec<Vec<u8>> = arguments[1..].iter().map(|a| a.to_vec()).collect();
                self.status = before;
                return self.sourced(&text, &arguments);
            }
            (b"source" | b".", [path, ..]) if *path != b"-" => {
                let Some(path) = self.absolute(path) else {
                    self.anything();
                    return Flow::Go;
                };
                let arguments: Vec<Vec<u8>> = arguments[1..].iter().map(|a| a.to_vec()).collect();
                self.status = before;
                return self.read_file(&path, Some(&arguments)).unwrap_or_else(|| {
                    self.status = Truth::No;
                    Flow::Go
                });
            }
            (b"source" | b".", rest) => {
                return if let Some(text) = self.world.stdin.rest() {
                    let arguments: Vec<Vec<u8>> = rest.iter().skip(1).map(|a| a.to_vec()).collect();
                    self.status = before;
                    self.sourced(&text, &arguments)
                } else if self.world.stdin.doubts {
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
                        let value = match self.value_inside(setting) {
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
            (b"cd" | b"pushd" | b"popd" | b"prevd" | b"nextd", rest) => self.change_directory(name, rest),
            (b"contains", rest) => self.contains(rest),
            (b"return", rest) => {
                self.status = match rest {
                    [] => before,
                    [b"0"] => Truth::Yes,
                    _ => Truth::No,
                };
                return Flow::Return;
            }
            (b"exit", _) => return Flow::End,
            (b"exec", _) => {
                self.print_anything();
                return Flow::Exit;
            }
            (b"break", _) => return Flow::Break,
            (b"continue", _) => return Flow::Next,
            (name, rest) => {
                self.writing_program(name, rest);
                let printed = self.printed(name, rest);
                self.print_all(printed);
            }
        }
        Flow::Go
    }

    /// `cd` and its kin; those that go back to where the shell was are not followed.
    fn change_directory(&mut self, name: &[u8], rest: &[&[u8]]) {
        let to = match (name, rest) {
            (b"cd", []) => self.value(b"HOME").bytes().map(<[u8]>::to_vec),
            (b"cd" | b"pushd", [to]) if !to.starts_with(b"-") && !to.starts_with(b"+") => Some(to.to_vec()),
            _ => None,
        };
        // `..` is folded before it is looked at.
        let path = to.and_then(|to| self.absolute(&to)).map(|path| shortened(&path));
        match path {
            Some(path) if self.is_written(&path) => self.go(None),
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

    /// `read`: a line of standard input; with `-z` all of it.
    fn read(&mut self, rest: &[&[u8]]) {
        let (rest, delimiter) = delimited(rest);
        let options: Vec<&[u8]> = rest.iter().copied().take_while(|a| a.starts_with(b"-")).collect();
        let has = |letter: u8, long: &[u8]| {
            options.iter().any(|o| *o == long || !o.starts_with(b"--") && o[1..].contains(&letter))
        };
        let export = has(b'x', b"--export");
        let list = has(b'a', b"--list") || has(b'a', b"--array");
        let plain = options.iter().all(|o| {
            matches!(
                *o,
                b"--local"
                    | b"--function"
                    | b"--global"
                    | b"--export"
                    | b"--universal"
                    | b"--null"
                    | b"--list"
                    | b"--array"
            ) || !o.starts_with(b"--") && o[1..].iter().all(|b| b"fglxUza".contains(b))
        });
        let plain = plain && (delimiter.is_some() || self.value(b"IFS") == Value::of(b"\n \t"));
        let null = has(b'z', b"--null");
        let line = self.world.stdin.line(null).ok();
        let names = &rest[options.len()..];
        if !names.iter().all(|name| is_identifier(name)) {
            self.status = Truth::No;
            return;
        }
        let scope = scope_of(&options);
        let parts = line.as_ref().filter(|_| plain).map(|line| {
            let line = line.as_deref().unwrap_or_default();
            match (list, delimiter) {
                _ if null && names.len() > 1 || list && names.len() != 1 => None,
                (true, None) => Some(vec![list_value(
                    &line
                        .split(u8::is_ascii_whitespace)
                        .filter(|p| !p.is_empty())
                        .map(<[u8]>::to_vec)
                        .collect::<Vec<_>>(),
                )]),
                (true, Some(by)) if by.len() == 1 && !line.is_empty() => {
                    Some(vec![list_value(&line.split(|b| *b == by[0]).map(<[u8]>::to_vec).collect::<Vec<_>>())])
                }
                (true, Some(_)) => None,
                (false, _) => Some(shared_out(line, delimiter, names.len()).into_iter().map(Value::of).collect()),
            }
        });
        let mut parts = parts.flatten().map(Vec::into_iter);
        for name in names {
            let value = parts.as_mut().map_or(Value::Unknown, |parts| parts.next().unwrap_or_else(|| Value::of(b"")));
            self.set_in(scope, name, value, export.then_some(true));
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
    pub(super) fn load(&mut self, name: &[u8]) {
        if self.world.functions.has(name) || is_builtin(name) || name.contains(&b'/') {
            return;
        }
        let file = [name, b".fish"].concat();
        let path = self.value(b"fish_function_path");
        // What fish brings itself is known without running it.
        let is_shipped = |dir: &Vec<u8>| SHIPPED.iter().any(|shipped| shipped.as_bytes() == dir);
        let found = elements(path.bytes().unwrap_or_default())
            .into_iter()
            .filter(|dir| !is_shipped(dir))
            .filter_map(|dir| self.absolute(&dir))
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
        let patterns = match Meant::by(&outline) {
            Meant::Fitting => vec![outline],
            Meant::Package => Meant::own(&outline, &self.value(b"HOME")),
            Meant::Any => return self.anything(),
        };
        let mut fitting = Vec::new();
        for pattern in patterns {
            self.glob(&pattern, true, &mut fitting);
        }
        if fitting.iter().any(|path| self.file_mentions(path)) {
            self.anything();
        }
    }

    /// Whether one of the names that are asked for stands in a text.
    pub(super) fn text_mentions(&self, text: &[u8]) -> bool {
        self.names.iter().any(|name| text.windows(name.len()).any(|w| w == name.as_bytes()))
    }

    pub(super) fn file_mentions(&self, path: &[u8]) -> bool {
        let path = self.absolute(path);
        if let Some(text) = path.as_ref().and_then(|path| self.written(path)) {
            return text.known.as_ref().map_or(text.doubts, |text| self.text_mentions(text.bytes()));
        }
        let content = path.and_then(|path| self.system.read(&path, TEXT_LIMIT).ok());
        content.is_some_and(|content| self.text_mentions(Token::new(content.bytes).bytes()))
    }

    /// Whether a command of which nobody can tell what it prints was given one of the names, or a file in which it stands.
    /// So with blocks, and with functions as far as they call one another a few times.
    pub(super) fn mentions(&mut self, statement: &Statement) -> bool {
        self.mentions_within(statement, 3)
    }

    fn mentions_within(&mut self, statement: &Statement, depth: u32) -> bool {
        if let Statement::Command { words, .. } = statement
            && let Some([Piece::Text { bytes, .. }]) = words.first().map(Vec::as_slice)
            && let Some(depth) = depth.checked_sub(1)
        {
            let bodies = self.world.functions.bodies(bytes);
            if bodies.iter().any(|body| body.iter().any(|inner| self.mentions_within(inner, depth))) {
                return true;
            }
        }
        statement.words().into_iter().any(|word| self.word_mentions(word))
            || statement.parts().into_iter().any(|inner| self.mentions_within(inner, depth))
    }

    fn word_mentions(&mut self, word: &Word) -> bool {
        let text = pattern::unescaped(&self.outline(word));
        self.text_mentions(&text) || !text.is_empty() && self.file_mentions(&text)
    }

    /// `eval` of what is not known in full: of a variable that may hold anything, or of what a command prints that was
    /// given one of the names.
    fn evals_unknown(&mut self, words: &[Word]) {
        let mut pieces = words.iter().flatten();
        let doubts = pieces.any(|piece| match piece {
            Piece::Command { text, .. } => {
                let statements = super::parse::program(text).statements;
                statements.iter().any(|statement| self.mentions(statement))
            }
            Piece::Variable { name, .. } => self.value(name) == Value::Unknown,
            Piece::Text { bytes, .. } => self.text_mentions(bytes),
            _ => true,
        });
        if doubts {
            self.anything();
        }
    }

    /// A builtin whose arguments are not known.
    pub(super) fn unknown_arguments(&mut self, name: &[u8], words: &[Word]) -> Flow {
        self.print_all(None);
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
            b"eval" => self.evals_unknown(words),
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
}

/// The arguments of `read` without its delimiter, and that.
fn delimited<'a>(rest: &[&'a [u8]]) -> (Vec<&'a [u8]>, Option<&'a [u8]>) {
    let (mut out, mut delimiter) = (Vec::new(), None);
    let mut words = rest.iter().copied();
    while let Some(word) = words.next() {
        match word {
            b"-d" | b"--delimiter" => delimiter = words.next(),
            b"--nchars" | b"--prompt" | b"--prompt-str" | b"--right-prompt" | b"--command" => {
                out.push(word);
                words.next();
            }
            [b'-', letters @ ..] if letters.last().is_some_and(|b| b"npPRc".contains(b)) && letters[0] != b'-' => {
                out.push(word);
                words.next();
            }
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

/// What a variable may not bring in as a command.
fn is_keyword(name: &[u8]) -> bool {
    const ALL: [&str; 19] = [
        "and", "begin", "builtin", "case", "command", "else", "end", "exec", "for", "function", "if", "not", "or",
        "switch", "time", "while", "!", "break", "continue",
    ];
    ALL.iter().any(|keyword| keyword.as_bytes() == name)
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
            ("begin; echo 'set -gx HF_TOKEN a'; some-program; end | source", Value::Unknown),
            ("begin; cat ~/.env; some-program; end | source", Value::Unknown),
            ("function f; set x 'set -gx HF_TO'KEN a; echo $x; some-program; end; f | source", Value::Unknown),
            ("function f; some-program; cat ~/.env; end; function g; f; end; g | source", Value::Unknown),
            ("if some-program; echo 'set -gx HF_TOKEN a'; end | source", Value::Unknown),
            ("set -gx HF_TOKEN a; begin; some-program; echo set -gx X b; end | source", Value::of(b"a")),
            ("echo abcd | read -n 3 -gx HF_TOKEN", Value::Unknown),
            ("set -gx HF_TOKEN a\nsome-program 's/=/ /' ~/.env | source\n", Value::Unknown),
            (
                "function f\n argparse 't/token=' -- $argv\n set -gx HF_TOKEN $_flag_token\nend\nf --token a\n",
                Value::Unknown,
            ),
            ("string match -rq '=(?<HF_TOKEN>.*)$' x=a\nset -gx HF_TOKEN $HF_TOKEN\n", Value::of(b"a")),
            ("string match -rq '(?<=a)(?<HF_TOKEN>.*)$' xa\nset -gx HF_TOKEN $HF_TOKEN\n", Value::Unknown),
        ] {
            let fake = Fake::home().file("/home/u/.config/fish/config.fish", text).file("/home/u/.env", "HF_TOKEN=b\n");
            let next = start(&fake, Shell::Fish, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
            assert_eq!(next.variable("HF_TOKEN").value, want, "{text}");
        }
    }

    /// Each value is that of fish 3.6.
    #[test]
    fn what_is_a_command() {
        for (text, want) in [
            ("set c set -gx HF_TOKEN a; $c", Value::of(b"a")),
            ("set c builtin; $c set -gx HF_TOKEN a", Value::Unset),
            ("function f; echo 'set -gx HF_TOKEN a'; end; f | source", Value::of(b"a")),
            ("function f; echo 'set -gx HF_TOKEN a'; end; eval (f)", Value::of(b"a")),
            ("set -gx HF_TOKEN ~root/a", Value::of(b"/r/a")),
            ("vf", Value::of(b"v")),
            ("set -p fish_function_path ~/fns; hf", Value::of(b"h")),
            ("functions -q l", Value::of(b"l")),
            ("type -q l", Value::of(b"l")),
            ("functions -c l m", Value::of(b"l")),
            ("functions l >/dev/null", Value::of(b"l")),
            ("set x (l)", Value::of(b"l")),
            ("function l; end; functions -q l", Value::Unset),
            ("type -q nope; or set -gx HF_TOKEN a", Value::of(b"a")),
            ("type -q ls; and functions -q ls; and set -gx HF_TOKEN a", Value::of(b"a")),
            ("set fish_function_path ~/fns; type -q ls; or set -gx HF_TOKEN a", Value::Unknown),
            ("function f; eval $argv; end; f (some-program ~/.c)", Value::Unknown),
            ("set c (some-program); $c HF_TOKEN a", Value::Unknown),
            ("set -gx HF_TOKEN a; eval (some-program init fish)", Value::of(b"a")),
        ] {
            let fake = Fake::home()
                .file("/home/u/.config/fish/config.fish", text)
                .file("/home/u/.local/share/fish/vendor_functions.d/vf.fish", "function vf; set -gx HF_TOKEN v; end")
                .file("/home/u/fns/hf.fish", "function hf; set -gx HF_TOKEN h; end")
                .file("/home/u/.config/fish/functions/l.fish", "set -gx HF_TOKEN l; function l; end")
                .file("/usr/share/fish/functions/ls.fish", "function ls; set -gx HF_TOKEN no; end")
                .file("/etc/passwd", "root:x:0:0::/r:/bin/sh\n");
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
            ("echo a | read -p 'echo x' -l y; set -gx HF_TOKEN a", "a"),
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
