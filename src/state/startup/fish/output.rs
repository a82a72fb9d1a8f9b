//! What is printed, and what takes it: a command substitution or the next command of a pipe.
//!
//! fish runs both in its own process, so what is set in them stays set.

use std::collections::VecDeque;
use std::os::unix::ffi::OsStrExt as _;

use super::Untold;
use super::parse::{self, Statement, Word};
use super::run::{Flow, Run};
use crate::state::startup::tools::{Printed, Tools, lines};
use crate::state::startup::value::{Truth, Value, Variables};
use crate::system::TEXT_LIMIT;

/// A line's end within what `string collect` prints: it makes no new element.
pub(super) const INNER_NEWLINE: u8 = 0x1f;

/// What was printed so far. It has no Debug, as a token may stand in it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Taken {
    /// `None` where nobody can tell.
    text: Option<Vec<u8>>,
    /// The lines may come in another order.
    unordered: bool,
    /// Whether what is known of it is about the names that are asked for.
    doubts: bool,
}

impl Taken {
    fn nothing() -> Self {
        Self { text: Some(Vec::new()), unordered: false, doubts: false }
    }

    /// What holds after one of two ways was taken.
    pub(super) fn merge(&mut self, other: &Self) {
        if self.text != other.text {
            self.text = None;
        }
        self.unordered |= other.unordered;
        self.doubts |= other.doubts;
    }

    pub(super) fn known(self) -> Option<Vec<u8>> {
        Printed { text: self.text?, success: true, unordered: self.unordered }.known()
    }
}

/// What is left of standard input.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Stdin {
    /// Where it is known.
    text: Option<VecDeque<u8>>,
    /// The lines may come in another order.
    unordered: bool,
    /// Where it is not known: whether it may be about the names that are asked for.
    pub(super) doubts: bool,
    /// Whether it is that of this very command, not of a function or block that it stands in: `string` and `count` read
    /// no other.
    pub(super) direct: bool,
}

impl Stdin {
    fn of(text: Option<Vec<u8>>) -> Self {
        let newline = |b: u8| if b == INNER_NEWLINE { b'\n' } else { b };
        Self { text: text.map(|text| text.into_iter().map(newline).collect()), direct: true, ..Self::default() }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if self != other {
            *self = Self { doubts: self.doubts || other.doubts, ..Self::default() };
        }
    }

    /// Takes a line, or with `all` the whole; `None` where nothing is left.
    pub(super) fn line(&mut self, all: bool) -> Result<Option<Vec<u8>>, Untold> {
        let text = self.text.as_mut().filter(|_| !self.unordered).ok_or(Untold)?;
        let end = if all { None } else { text.iter().position(|b| *b == b'\n') };
        let length = end.unwrap_or(text.len());
        Ok((!text.is_empty()).then(|| {
            let line = text.drain(..length).collect();
            text.pop_front();
            line
        }))
    }

    /// Takes all of it, where it is known.
    pub(super) fn rest(&mut self) -> Option<Vec<u8>> {
        self.line(true).map(Option::unwrap_or_default).ok()
    }
}

impl Run<'_> {
    pub(super) fn print(&mut self, text: &[u8]) {
        if self.world.taken.is_none() {
            return;
        }
        let doubts = self.text_mentions(text);
        let Some(taken) = &mut self.world.taken else { return };
        taken.doubts |= doubts;
        match &mut taken.text {
            Some(before) if self.growth.takes(text.len()) => before.extend_from_slice(text),
            text => *text = None,
        }
    }

    pub(super) fn print_line(&mut self, text: &[u8]) {
        self.print(text);
        self.print(b"\n");
    }

    /// Something is printed, or nothing: nobody can tell.
    pub(super) fn print_anything(&mut self) {
        if let Some(taken) = &mut self.world.taken {
            taken.text = None;
        }
    }

    /// Prints what was worked out, or what nobody can tell, and ends as that does.
    pub(super) fn print_all(&mut self, printed: Option<Printed>) {
        self.status = printed.as_ref().map_or(Truth::Maybe, |printed| Truth::of(printed.success));
        let Some(printed) = printed else { return self.print_anything() };
        if let Some(taken) = &mut self.world.taken
            && !printed.text.is_empty()
        {
            taken.unordered |= printed.unordered;
        }
        self.print(&printed.text);
    }

    /// Runs with all that is printed taken.
    pub(super) fn take(&mut self, run: impl FnOnce(&mut Self) -> Flow) -> (Flow, Taken) {
        let outer = self.world.taken.replace(Taken::nothing());
        let flow = run(self);
        let taken = std::mem::replace(&mut self.world.taken, outer);
        (flow, taken.unwrap_or_else(Taken::nothing))
    }

    /// What a command substitution prints. What ends more than the substitution ends what holds it as well.
    pub(super) fn output(&mut self, text: &[u8]) -> Value {
        let program = parse::program(text);
        let fixed = std::mem::replace(&mut self.fixed_line, true);
        self.world.locals.push((Variables::default(), false));
        let (flow, taken) = self.take(|run| run.statements(&program.statements));
        self.world.locals.pop();
        self.fixed_line = fixed;
        if flow != Flow::Go {
            self.escaped = Some(flow);
        }
        taken.known().map_or(Value::Unknown, |text| Value::of(&text))
    }

    /// All in one process: each command's changes stay.
    pub(super) fn pipe(&mut self, parts: &[Statement]) -> Flow {
        let Some((last, others)) = parts.split_last() else { return Flow::Go };
        let mut outer = None;
        let mut left = Flow::Go;
        let mut doubts = false;
        for part in others {
            let (flow, taken) = self.take(|run| run.statement(part));
            if flow != Flow::Go {
                left = flow;
            }
            doubts |= taken.doubts;
            let next = Stdin { unordered: taken.unordered, ..Stdin::of(taken.text) };
            let before = std::mem::replace(&mut self.world.stdin, next);
            outer.get_or_insert(before);
        }
        if self.world.stdin.text.is_none() {
            self.world.stdin.doubts = doubts || others.iter().any(|part| self.mentions(part));
        }
        let flow = self.statement(last);
        self.world.stdin = outer.unwrap_or_default();
        if flow == Flow::Go { left } else { flow }
    }

    /// Runs with `< FILE`.
    pub(super) fn reading(&mut self, file: &Word, run: impl FnOnce(&mut Self) -> Flow) -> Flow {
        let fields = self.fields(std::slice::from_ref(file));
        let text = match fields.as_deref() {
            None => None,
            Some([path]) if path == b"/dev/null" => Some(Vec::new()),
            Some([path]) => match (self.substituted(path).map(<[u8]>::to_vec), self.absolute(path)) {
                (Some(text), _) => Some(text),
                (None, Some(path)) if self.is_written(&path) => {
                    self.written(&path).and_then(|text| text.known.as_ref()).map(|text| text.bytes().to_vec())
                }
                (None, Some(path)) if self.system.stat(&path).is_err() => return self.fails(),
                (None, Some(path)) => {
                    let content = self.system.read(&path, TEXT_LIMIT).ok().filter(|c| !c.truncated);
                    content.map(|content| content.bytes)
                }
                (None, None) => None,
            },
            Some(_) => return self.fails(),
        };
        let outer = std::mem::replace(&mut self.world.stdin, Stdin::of(text));
        let flow = run(self);
        self.world.stdin = outer;
        flow
    }

    fn fails(&mut self) -> Flow {
        self.status = Truth::No;
        Flow::Go
    }

    /// What a command prints that sets nothing; `None` where that cannot be told.
    pub(super) fn printed(&mut self, name: &[u8], arguments: &[&[u8]]) -> Option<Printed> {
        let of = |text: Vec<u8>| Some(Printed { text, success: true, unordered: false });
        match (name, arguments) {
            (b"echo", words) => of(echo(words)?),
            (b"printf", [format, words @ ..]) => of(formatted(format, words)?),
            (b"string", rest) => self.string(rest),
            (b"path", rest) => self.paths(rest),
            (b"psub", []) => {
                let text = self.world.stdin.rest()?;
                of(self.substitute(&text))
            }
            (b"count", list) => {
                let piped = if self.world.stdin.direct { lines(&self.world.stdin.rest()?).count() } else { 0 };
                let count = list.len() + piped;
                Some(Printed { text: format!("{count}\n").into_bytes(), success: count > 0, unordered: false })
            }
            (b"pwd", []) => of([self.directory()?.as_os_str().as_bytes(), b"\n"].concat()),
            (b"cat", [path]) if self.absolute(path).is_some_and(|path| self.is_written(&path)) => {
                let text = self.absolute(path).and_then(|path| self.written(&path)?.known.clone());
                of(text?.bytes().to_vec())
            }
            (_, arguments) if arguments.iter().any(|a| self.absolute(a).is_some_and(|path| self.is_written(&path))) => {
                None
            }
            (name, arguments) => {
                let stdin = &self.world.stdin;
                let takes_any = matches!(name, b"sort" | b"grep" | b"cat");
                let input: Option<Vec<u8>> = stdin
                    .text
                    .as_ref()
                    .filter(|_| takes_any || !stdin.unordered)
                    .map(|text| text.iter().copied().collect());
                let unordered = stdin.unordered && name != b"sort";
                let directory = self.directory();
                let tools = Tools { system: self.system, directory: directory.as_deref(), input: input.as_deref() };
                // `/usr/bin/id` is `id`.
                let short = [b"/usr/bin/".as_slice(), b"/bin/"].iter().find_map(|dir| name.strip_prefix(*dir));
                let name = short.filter(|_| self.program(name) == Truth::Yes).unwrap_or(name);
                let mut printed = tools.run(name, arguments)?;
                printed.unordered |= unordered;
                Some(printed)
            }
        }
    }
}

/// `echo`; `None` of escapes.
fn echo(words: &[&[u8]]) -> Option<Vec<u8>> {
    let (mut newline, mut by) = (true, b" ".as_slice());
    let mut rest = words;
    while let [[b'-', letters @ ..], more @ ..] = rest
        && !letters.is_empty()
        && letters.iter().all(|b| b"nsEe".contains(b))
    {
        newline &= !letters.contains(&b'n');
        if letters.contains(&b's') {
            by = b"";
        }
        if letters.contains(&b'e') && more.iter().any(|word| word.contains(&b'\\')) {
            return None;
        }
        rest = more;
    }
    let mut text = rest.join(by);
    text.extend(newline.then_some(b'\n'));
    Some(text)
}

/// `printf`, where the format says no more than `%s`; it is used again while there are arguments.
fn formatted(format: &[u8], words: &[&[u8]]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut words = words.iter();
    loop {
        let before = words.len();
        let mut rest = format.iter();
        while let Some(&b) = rest.next() {
            match b {
                b'%' => match rest.next()? {
                    b'%' => out.push(b'%'),
                    b's' => out.extend_from_slice(words.next().copied().unwrap_or_default()),
                    b'd' | b'i' => {
                        let number = words.next().copied().unwrap_or(b"0");
                        let decimal = !number.starts_with(b"0") || number.len() == 1;
                        if !decimal || !number.iter().all(u8::is_ascii_digit) {
                            return None;
                        }
                        out.extend_from_slice(number);
                    }
                    _ => return None,
                },
                b'\\' => out.push(match rest.next()? {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'\\' => b'\\',
                    b'"' => b'"',
                    _ => return None,
                }),
                _ => out.push(b),
            }
        }
        if words.len() == 0 || words.len() == before {
            return Some(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    fn value(text: &str) -> Value {
        let fake = Fake::home()
            .file("/home/u/.config/fish/config.fish", text)
            .file("/home/u/.kv", "tok a b\nhome c\n")
            .file("/home/u/.two", "x\ny\n\n")
            .dir("/usr", 0o755);
        start(&fake, Shell::Fish, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    /// Each value is that of fish 3.6.
    #[test]
    fn substitutions_and_pipes_run_in_the_shell_itself() {
        for (text, want) in [
            ("function f; set -g A a; echo b; end; set -gx HF_TOKEN $A(f)$A", "aba"),
            ("function f; set -g A a; echo b; end; set x (f); set -gx HF_TOKEN $x$A", "ba"),
            ("set x (set -l A a; echo b); set -gx HF_TOKEN $x $A", "b"),
            ("function f; set l 5; set x (set l 6); set -gx HF_TOKEN $l; end; f", "6"),
            ("set x (cd /usr; echo a); set -gx HF_TOKEN $PWD", "/usr"),
            ("set x (function f; echo a; end); set -gx HF_TOKEN (f)", "a"),
            ("set -gx HF_TOKEN a; set x (exit 3); set -gx HF_TOKEN b", "a"),
            ("function f; set x (return 3); set -gx HF_TOKEN a; end; f; or set -gx HF_TOKEN b", "b"),
            ("for i in (set -g A a; echo 1); end; switch (set -g B b; echo q); end; set -gx HF_TOKEN $A$B", "ab"),
            (
                "function f; while read -l k v; test $k = $argv[1]; and echo $v; end < ~/.kv; end; set -gx HF_TOKEN (f tok)",
                "a b",
            ),
            (
                "function f; if test -f ~/.none; echo a; else; echo b; return 1; end; end; set -gx HF_TOKEN (f); or set -a HF_TOKEN c",
                "b c",
            ),
            ("set -gx HF_TOKEN (begin; echo a; echo b; end | string upper)", "A B"),
            ("echo a | read -g A | true; set -gx HF_TOKEN $A", "a"),
            ("function f; string upper; end; set -gx HF_TOKEN x(echo a | f)\"$(echo a | string upper)\"", ""),
            ("set x (cat ~/.two | string collect); set -gx HF_TOKEN (count $x)\"$x\"", "1x\ny"),
            ("set -gx HF_TOKEN x\"$(cat ~/.two)\"", "xx\ny"),
            ("set -gx HF_TOKEN (echo -n a; echo -s b c)(printf '%s-%s\\n' d e)", "abcd-e"),
            ("set -gx HF_TOKEN (echo a >&2; echo b)", "b"),
            ("echo 'set -gx HF_TOKEN a' > ~/.gen; source ~/.gen", "a"),
            ("echo a > ~/.two; set -gx HF_TOKEN (cat ~/.two)", "a"),
            ("read -la l < ~/.kv; set -gx HF_TOKEN $l[2]; echo x:y | read -d : -a l; set -a HF_TOKEN $l[2]", "a y"),
        ] {
            assert_eq!(value(text), Value::of(want.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_a_program_prints_or_decides_in_a_substitution_is_not_guessed() {
        for text in [
            "set -gx HF_TOKEN (some-program)",
            "function f; some-program; and return; echo a; end; set -gx HF_TOKEN (f)",
            "set -gx HF_TOKEN (if some-program; echo a; end)",
            "function f; set -gx HF_TOKEN a; end; echo (some-program) (f)",
            "function f; set -gx HF_TOKEN a; end; echo (some-program)(f)",
            "echo a >> ~/.two; set -gx HF_TOKEN (cat ~/.two)",
            "cp ~/.kv ~/.two; set -gx HF_TOKEN (cat ~/.two)",
            "some-program HF_TOKEN > ~/.gen; source ~/.gen",
            "set -l IFS; set x (cat ~/.two); set -gx HF_TOKEN (count $x)",
            "while true; end; set -q A; or set -gx HF_TOKEN (some-program)",
        ] {
            assert_eq!(value(text), Value::Unknown, "{text}");
        }
        assert_eq!(value("set -gx HF_TOKEN a; some-program > ~/.gen; source ~/.gen"), Value::of(b"a"));
    }

    /// Each value is that of fish 3.6.
    #[test]
    fn statuses() {
        for (text, want) in [
            ("false; set x a; or set -gx HF_TOKEN a", "a"),
            ("false; set x (true); and set -gx HF_TOKEN a", "a"),
            ("false; while false; end; and set -gx HF_TOKEN a", "a"),
            ("for i in 1; false; end; or set -gx HF_TOKEN a", "a"),
            ("false; switch a; case b; end; or set -gx HF_TOKEN a", "a"),
            ("function f; end; false; f; and set -gx HF_TOKEN a", "a"),
            ("eval 'set -gx HF_TOKEN b; echo ('; or set -gx HF_TOKEN a", "a"),
            ("eval 'false'; or set -gx HF_TOKEN a", "a"),
            ("false; eval ''; and set -gx HF_TOKEN a", "a"),
            ("eval 'set x (false)'; or set -gx HF_TOKEN a", "a"),
            ("test a == a; or set -gx HF_TOKEN a", "a"),
            ("test $NOPE = a; or set -gx HF_TOKEN a", "a"),
            ("test 1.5 -lt 2; and test abc -eq 1; or set -gx HF_TOKEN a", "a"),
            ("builtin -q nope set; and set -gx HF_TOKEN a", "a"),
            ("function cd; builtin cd $argv; and set -gx HF_TOKEN a; end; cd /usr", "a"),
        ] {
            assert_eq!(value(text), Value::of(want.as_bytes()), "{text}");
        }
    }
}
