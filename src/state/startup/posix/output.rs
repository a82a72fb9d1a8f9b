//! What commands print and read: `$(…)`, pipes, redirections.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use super::Dialect;
use super::expand::Field;
use super::parse;
use super::run::{Flow, Run};
use super::syntax::{Command, Input, Piece, Word};
use super::test::{both, either};
use crate::secret::Token;
use crate::state::startup::tools::{Tools, lines};
use crate::state::startup::value::{Truth, Value};
use crate::system::{Kind, TEXT_LIMIT};

/// What was printed so far. It may be a token, so nothing shows it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Capture {
    text: Vec<u8>,
    known: bool,
    unordered: bool,
}

/// Standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stream {
    pub(super) text: Rc<Token>,
    at: usize,
    pub(super) unordered: bool,
}

impl Stream {
    pub(super) fn rest(&self) -> &[u8] {
        self.text.bytes().get(self.at..).unwrap_or_default()
    }
}

impl Run<'_> {
    /// What a text prints when it is run, in a process of its own; the status is kept for the assignment that asks.
    pub(super) fn output(&mut self, text: &[u8], line: u32) -> Value {
        let program = parse::program(text, line, self.dialect, self.option("extglob"));
        if program.unsure_from.is_some() || program.wrong {
            self.output_status.set(Some((Truth::Maybe, None)));
            return Value::Unknown;
        }
        if let [Command::Simple { assignments, words, input: Some(Input::File(file)), .. }] =
            program.commands.as_slice()
            && assignments.is_empty()
            && words.is_empty()
            && self.dialect != Dialect::Dash
        {
            self.output_status.set(Some((Truth::Yes, None)));
            return match self.whole(file, false).bytes() {
                Some(path) => self.content(path),
                None => Value::Unknown,
            };
        }
        let kept = (self.status, self.failure, self.expansion_fault.take(), self.no_match.take());
        let fixed = std::mem::replace(&mut self.fixed_line, true);
        let mut status = (Truth::Maybe, None);
        let printed = self.captured(|run| {
            run.apart(|run| {
                run.status = Truth::Yes;
                run.lines(&program, 0..program.commands.len());
            });
            status = (run.status(), run.failure);
        });
        self.fixed_line = fixed;
        (self.status, self.failure) = (kept.0, kept.1);
        self.expansion_fault.set(kept.2);
        self.no_match.set(kept.3);
        self.output_status.set(Some(status));
        match printed {
            Some(capture) if !capture.unordered && self.growth.takes(capture.text.len()) => Value::of(&capture.text),
            _ => Value::Unknown,
        }
    }

    /// What commands print; `None` where that cannot be told.
    fn captured(&mut self, commands: impl FnOnce(&mut Self)) -> Option<Capture> {
        let outer = self.capture.replace(Capture { text: Vec::new(), known: true, unordered: false });
        commands(self);
        let mut capture = std::mem::replace(&mut self.capture, outer)?;
        capture.unordered &= lines(&capture.text).count() > 1;
        // What is known of it may be run all the same.
        if !capture.known || capture.unordered {
            self.suspect_text(&capture.text);
        }
        // A variable holds no NUL.
        (capture.known && !capture.text.contains(&0)).then_some(capture)
    }

    /// Something is printed.
    pub(super) fn prints(&mut self, text: &[u8]) {
        if let Some(capture) = &mut self.capture {
            capture.text.extend_from_slice(text);
            capture.known &= capture.text.len() <= TEXT_LIMIT;
        }
    }

    /// Something is printed, and nobody can tell what.
    pub(super) fn prints_unknown(&mut self) {
        if let Some(capture) = &mut self.capture {
            capture.known = false;
        }
    }

    /// Runs a command with redirections.
    pub(super) fn redirected(
        &mut self,
        input: Option<&Input>,
        silent: Option<&Word>,
        command: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        let outer = match input.map(|input| self.opened(input)) {
            Some(Ok(stream)) => Some(std::mem::replace(&mut self.stdin, stream)),
            Some(Err(())) => {
                (self.status, self.failure) = (Truth::No, None);
                return Flow::Go;
            }
            None => None,
        };
        let path = match silent.map(|word| (word, word.as_slice())) {
            None => None,
            // What is added to keeps what it had.
            Some((_, [path @ .., Piece::Opaque])) => Some((self.whole(&path.to_vec(), false), true)),
            Some((path, _)) => Some((self.whole(path, false), false)),
        };
        if let Some((Value::Known(path), append)) = &path
            && self.may_be_refused(path.bytes(), *append)
        {
            let path = path.bytes().to_vec();
            self.writes(&path, None);
            if let Some(outer) = outer {
                self.stdin = outer;
            }
            return self.fork(
                |run| command(run),
                |run| {
                    run.status = Truth::No;
                    Flow::Go
                },
            );
        }
        let captured = silent.map(|_| self.capture.take());
        let mut flow = Flow::Go;
        match path {
            Some((Value::Known(path), append)) if !path.bytes().is_empty() && !path.bytes().starts_with(b"/dev/") => {
                let printed = self.captured(|run| flow = command(run));
                let text = printed.filter(|p| !p.unordered).map(|p| Rc::new(Token::new(p.text)));
                if let Some(text) = text.as_ref().filter(|_| append) {
                    self.suspect_text(text.bytes());
                }
                self.writes(path.bytes(), text.filter(|_| !append));
            }
            // A file that nobody can name: what stands in it may come back.
            Some((Value::Unknown, _)) => {
                if let Some(printed) = self.captured(|run| flow = command(run)) {
                    self.suspect_text(Token::new(printed.text).bytes());
                }
            }
            _ => flow = command(self),
        }
        if let Some(outer) = outer {
            self.stdin = outer;
        }
        if let Some(captured) = captured {
            self.capture = captured;
        }
        flow
    }

    /// Whether a file that is written may not be opened, and the command not be run: it has no directory, is one, or is
    /// there under `set -C` (`>|` looks the same here).
    fn may_be_refused(&self, path: &[u8], append: bool) -> bool {
        let path = logical(&self.absolute(path));
        if path.starts_with("/dev") || path.starts_with("/proc") || self.is_written(&path) {
            return false;
        }
        let is_dir = |path: &Path| self.system.stat(path).is_ok_and(|s| s.kind == Kind::Dir);
        let has_place = path.parent().is_some_and(|above| is_dir(above) || self.is_written(above));
        let is_kept = !append && self.option("noclobber") && self.system.lstat(&path).is_ok();
        !has_place || is_dir(&path) || is_kept
    }

    /// What a redirection reads; an error where there is no such file.
    fn opened(&mut self, input: &Input) -> Result<Option<Stream>, ()> {
        let value = match input {
            Input::File(word) => match word.as_slice() {
                [Piece::Process { text, line }] => self.output(text, *line),
                _ => match self.whole(word, false).bytes() {
                    Some(path) if self.is_lost(path) => Value::Unknown,
                    Some(path) => {
                        let path = self.absolute(path);
                        if self.is_written(&path) {
                            return Ok(self.written_text(&path).map(|text| Stream { text, at: 0, unordered: false }));
                        }
                        match self.system.read(&path, TEXT_LIMIT) {
                            Ok(content) if !content.truncated && !content.bytes.contains(&0) => {
                                Value::of(&content.bytes)
                            }
                            Ok(_) => Value::Unknown,
                            Err(_) if path == Path::new("/dev/null") => Value::of(b""),
                            Err(_) if self.system.stat(&path).is_ok_and(|s| s.kind != Kind::File) => Value::Unknown,
                            Err(_) => return Err(()),
                        }
                    }
                    None => Value::Unknown,
                },
            },
            Input::Word(word) => match self.whole(word, false) {
                Value::Known(text) => Value::of(&[text.bytes(), b"\n"].concat()),
                other => other,
            },
            Input::Here(text) => text.get().map_or(Value::Unknown, |word| self.whole(word, false)),
        };
        let word = match input {
            Input::File(_) => None,
            Input::Word(word) => Some(word),
            Input::Here(text) => text.get(),
        };
        if let Some(word) = word.filter(|_| value == Value::Unknown) {
            self.suspect_word(word);
        }
        Ok(match value {
            Value::Known(text) => Some(Stream { text, at: 0, unordered: false }),
            _ => None,
        })
    }

    /// Each in a process of its own, but zsh's last one, and bash's where it is asked for.
    pub(super) fn pipeline(&mut self, commands: &[Command]) -> Flow {
        let Some((last, others)) = commands.split_last() else { return Flow::Go };
        if others.is_empty() {
            return self.command(last);
        }
        let outer = self.stdin.clone();
        let pipefail = self.option("pipefail");
        let mut failed = Truth::No;
        for command in others {
            let capture = self.captured(|run| {
                run.apart(|run| {
                    run.command(command);
                });
            });
            self.stdin = capture.map(|c| Stream { text: Rc::new(Token::new(c.text)), at: 0, unordered: c.unordered });
            failed = either(failed, self.status().not());
        }
        let flow = if self.dialect == Dialect::Zsh || self.option("lastpipe") {
            self.command(last)
        } else {
            self.apart(|run| {
                run.command(last);
            });
            Flow::Go
        };
        self.stdin = outer;
        // It ends as the last one that fails.
        if pipefail && failed != Truth::No && self.status() != Truth::No {
            self.status = both(self.status(), failed.not());
            self.failure = None;
        }
        flow
    }

    /// The next line of standard input, and whether it ends as a line does; `None` where that cannot be told.
    pub(super) fn next_line(&mut self) -> Option<(Vec<u8>, bool)> {
        let stream = self.stdin.as_mut().filter(|s| !s.unordered)?;
        let rest = stream.rest();
        let length = rest.iter().position(|b| *b == b'\n');
        let line = rest[..length.unwrap_or(rest.len())].to_vec();
        stream.at += length.map_or(line.len(), |length| length + 1);
        Some((line, length.is_some()))
    }

    /// What is on standard input, where that is known.
    pub(super) fn stdin_text(&self) -> Option<Rc<Token>> {
        self.stdin.as_ref().map(|stream| Rc::clone(&stream.text))
    }

    /// All that is left of standard input.
    pub(super) fn rest_of_input(&mut self) -> Option<Vec<u8>> {
        let stream = self.stdin.as_mut().filter(|s| !s.unordered)?;
        let rest = stream.rest().to_vec();
        stream.at += rest.len();
        Some(rest)
    }

    /// A program, or a builtin that only prints: what it prints and how it ends, where that can be told.
    pub(super) fn program_runs(&mut self, name: &[u8], arguments: &[Field]) {
        (self.status, self.failure) = (Truth::Maybe, None);
        let known: Option<Vec<&[u8]>> = arguments.iter().map(Field::bytes).collect();
        let unordered = self.stdin.as_ref().is_some_and(|s| s.unordered);
        self.writing_program(name, arguments);
        let is_written = |bytes: &&[u8]| self.is_written(&self.absolute(bytes));
        let known = known.filter(|known| self.written.is_empty() || !known.iter().any(is_written));
        let is_lost = |bytes: &&[u8]| !bytes.starts_with(b"-") && self.is_lost(bytes);
        let known = known.filter(|known| !known.iter().any(is_lost));
        let printed = known.and_then(|known| {
            let input = self.stdin.as_ref().filter(|s| !s.unordered || matches!(name, b"sort" | b"grep" | b"cat"));
            let tools =
                Tools { system: self.system, directory: self.directory.as_deref(), input: input.map(Stream::rest) };
            match (name, known.as_slice()) {
                (b"pwd", [] | [b"-L"]) => {
                    let directory = self.directory.as_ref()?;
                    Some((logical(directory).as_os_str().as_bytes().to_vec(), true, true))
                }
                (b"pwd", [b"-P"]) => {
                    let real = self.system.canonical(self.directory.as_ref()?)?;
                    Some((real.as_os_str().as_bytes().to_vec(), true, true))
                }
                (name, known) => {
                    let ran = tools.run(name, known).filter(|_| self.is_within_reach(name))?;
                    if let Some(capture) = &mut self.capture {
                        capture.unordered |= ran.unordered || unordered && name != b"sort";
                    }
                    Some((ran.text, ran.success, false))
                }
            }
        });
        if let Some((mut text, success, ends)) = printed {
            if ends {
                text.push(b'\n');
            }
            self.status = Truth::of(success);
            if let Some(stream) = &mut self.stdin {
                stream.at = stream.text.bytes().len();
            }
            self.prints(&text);
        } else if self.is_absent(name) {
            // Said on standard error.
            (self.status, self.failure) = (Truth::No, Some(127));
        } else {
            self.prints_unknown();
            if self.capture.is_some() {
                self.suspect_command(name, arguments);
            }
        }
    }

    /// Whether there is no such program, and nothing that could have brought it or a function of this name was run.
    fn is_absent(&self, name: &[u8]) -> bool {
        const HANDLERS: [&[u8]; 2] = [b"command_not_found_handle", b"command_not_found_handler"];
        !self.has_run_unknown
            && !self.unsure
            && !HANDLERS.iter().any(|handler| self.functions.contains_key(*handler))
            && !self.is_own(name)
            && !self.may_be_brought(name)
            && self.program(name) == Truth::No
    }

    /// Whether PATH leads to one of the system's own programs: asked only where the text has lost the usual directories.
    fn is_within_reach(&self, name: &[u8]) -> bool {
        let path = match self.value(b"PATH") {
            Value::Known(path) => path,
            Value::Unset => return false,
            Value::Unknown => return true,
        };
        let usual = |dir: &[u8]| matches!(dir, b"/usr/bin" | b"/bin");
        path.bytes().split(|b| *b == b':').any(usual) || self.program(name) == Truth::Yes
    }

    /// `echo`.
    pub(super) fn echo(&mut self, arguments: &[Field]) {
        let known: Option<Vec<&[u8]>> = arguments.iter().map(Field::bytes).collect();
        let (words, end): (&[&[u8]], &[u8]) = match known.as_deref() {
            Some([b"-n", rest @ ..]) => (rest, b""),
            Some(words) => (words, b"\n"),
            None => return self.prints_about(arguments),
        };
        // Options and escapes differ from shell to shell.
        if words.iter().any(|w| w.contains(&b'\\')) || words.first().is_some_and(|w| w.starts_with(b"-")) {
            return self.prints_about(arguments);
        }
        let text = [words.join(&b' '), end.to_vec()].concat();
        self.prints(&text);
    }

    /// `printf` where it prints.
    pub(super) fn prints_formatted(&mut self, arguments: &[Field]) {
        match self.formatted(arguments) {
            Value::Known(text) => self.prints(text.bytes()),
            _ => self.prints_about(arguments),
        }
    }

    /// zsh's `print`, with no more than `-r` and `-n`.
    pub(super) fn print(&mut self, arguments: &[Field]) {
        let known: Option<Vec<&[u8]>> = arguments.iter().map(Field::bytes).collect();
        let (mut raw, mut end, mut words) = (false, &b"\n"[..], known.as_deref().unwrap_or_default());
        while let [option, rest @ ..] = words
            && let [b'-', letters @ ..] = option
        {
            words = rest;
            if letters.iter().all(|b| *b == b'-') {
                break;
            }
            if !letters.iter().all(|b| matches!(b, b'r' | b'n')) {
                return self.prints_about(arguments);
            }
            raw |= letters.contains(&b'r');
            end = if letters.contains(&b'n') { b"" } else { end };
        }
        if known.is_none() || !raw && words.iter().any(|w| w.contains(&b'\\')) {
            return self.prints_about(arguments);
        }
        let text = [words.join(&b' '), end.to_vec()].concat();
        self.prints(&text);
    }

    /// A builtin prints what cannot be told: where that is run as a text, it may be about the names among its arguments.
    pub(super) fn prints_about(&mut self, arguments: &[Field]) {
        self.prints_unknown();
        if self.capture.is_some() {
            for argument in arguments.iter().filter_map(Field::bytes) {
                self.suspect_text(argument);
            }
        }
    }

    /// All variables are printed.
    pub(super) fn prints_variables(&mut self) {
        self.prints_unknown();
        if self.capture.is_some() {
            let set: Vec<&str> =
                self.names.iter().copied().filter(|n| self.value(n.as_bytes()) != Value::Unset).collect();
            self.suspected.extend(set.iter().map(|n| n.as_bytes().to_vec()));
        }
    }

    /// The text of a file, for `$(<file)`; of one that cannot be read it is empty, and the command fails.
    pub(super) fn content(&self, path: &[u8]) -> Value {
        let path = self.absolute(path);
        if self.is_written(&path) {
            return self.written_text(&path).map_or(Value::Unknown, Value::Known);
        }
        match self.system.read(&path, TEXT_LIMIT) {
            Ok(content) if !content.truncated && !content.bytes.contains(&0) => Value::of(&content.bytes),
            Ok(_) => Value::Unknown,
            Err(_) => {
                self.output_status.set(Some((Truth::No, None)));
                Value::of(b"")
            }
        }
    }

    /// `printf`, where the format says no more than `%s`, or `%q` of what needs no quotes; it is used again while there are arguments.
    pub(super) fn formatted(&self, arguments: &[Field]) -> Value {
        let known: Option<Vec<&[u8]>> = arguments.iter().map(Field::bytes).collect();
        let Some((format, values)) = known.as_deref().and_then(<[&[u8]]>::split_first) else { return Value::Unknown };
        let format = if *format == b"--" { return Value::Unknown } else { *format };
        let mut values = values.iter();
        let mut out = Vec::new();
        loop {
            let before = values.len();
            let mut bytes = format.iter();
            while let Some(&b) = bytes.next() {
                match b {
                    b'%' => match bytes.next() {
                        Some(b's') => out.extend_from_slice(values.next().copied().unwrap_or_default()),
                        Some(b'%') => out.push(b'%'),
                        Some(b'q') if !self.dialect.is_sh() => match values.next() {
                            Some(word) if is_bare(word) => out.extend_from_slice(word),
                            _ => return Value::Unknown,
                        },
                        _ => return Value::Unknown,
                    },
                    b'\\' => match bytes.next() {
                        Some(b'n') => out.push(b'\n'),
                        Some(b't') => out.push(b'\t'),
                        Some(b'\\') => out.push(b'\\'),
                        _ => return Value::Unknown,
                    },
                    _ => out.push(b),
                }
            }
            if values.len() == 0 {
                return Value::of(&out);
            }
            if values.len() == before || out.len() > TEXT_LIMIT {
                return Value::Unknown;
            }
        }
    }
}

/// Whether a word is the same with and without quotes.
fn is_bare(word: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_-/.:@%+".contains(b);
    !word.is_empty() && word.iter().all(plain)
}

/// A path without `.` and `..`, links left alone: the shell's own idea of where it is.
pub(super) fn logical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(OsStr::new("/")) } else { out }
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    fn next(shell: Shell, text: &str) -> Value {
        let fake = Fake::home()
            .file("/home/u/.bashrc", text)
            .file("/home/u/.zshrc", text)
            .file("/home/u/.config/fish/config.fish", text)
            .file("/home/u/.env", "HF_TOKEN=b\n")
            .file("/home/u/.rc.gpu01", "export HF_TOKEN=b\n")
            .file("/home/u/.cache/prompt-u.zsh", "PS1=x\n")
            .mode("/usr/bin/load-secrets", "#!/bin/sh\necho export HF_TOKEN=b\n", 0o755)
            .mode("/usr/bin/some-program", "\x7fELF", 0o755)
            .mode("/usr/bin/sh", "\x7fELF", 0o755)
            .var("PATH", "/usr/bin");
        start(&fake, shell, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    #[test]
    fn a_file_that_nobody_can_name_may_set_anything() {
        for text in [
            "F=$(some-program)\nsource \"$F\"\n",
            "export HF_TOKEN=a\nsource \"$(some-program)/.env\"\n",
            "for f in $(some-program); do . $f; done\n",
            "d=$(some-program); f=$d/.env; . $f\n",
            "f=$(some-program)/x.sh; [ \"$RANDOM\" = 1 ] && f=$(some-program); . \"$f\"\n",
            "export HF_TOKEN=a\n[ -f ~/.rc.$(some-program) ] && . ~/.rc.$(some-program)\n",
        ] {
            assert_eq!(next(Shell::Bash, text), Value::Unknown, "{text}");
            assert_eq!(next(Shell::Zsh, text), Value::Unknown, "{text}");
        }
        for text in [
            "source (some-program)\n",
            "set f (some-program)\nset -gx HF_TOKEN a\nsource $f/.env.fish\n",
            "for l in (some-program)\n set -gx (string split -m1 = $l)\nend\n",
            "export (some-program)\n",
            "set -gx HF_TOKEN a\nfor n in (some-program)\n set -e $n\nend\n",
            "set -gx HF_TOKEN a\nsource ~/.rc.(some-program)\n",
        ] {
            assert_eq!(next(Shell::Fish, text), Value::Unknown, "{text}");
        }
    }

    #[test]
    fn what_a_package_brings_sets_no_token() {
        for text in [
            "export HF_TOKEN=a\n. \"$(some-program)/etc/bash_completion\"\n",
            "export HF_TOKEN=a\nD=$(some-program)\nsource $D/nvm.sh\n",
            "export HF_TOKEN=a\nf=\"$(some-program)/etc/bash_completion\"\n[ -f \"$f\" ] && . \"$f\"\n",
            "export HF_TOKEN=a\nf() { local d=$(some-program)/etc f=\"$d/x.sh\"; . $f; }\nf\n",
            "export HF_TOKEN=a\nfor f in /no \"$(some-program)/etc/x.sh\"; do [ -r \"$f\" ] && . \"$f\"; done\n",
        ] {
            assert_eq!(next(Shell::Bash, text), Value::of(b"a"), "{text}");
            assert_eq!(next(Shell::Zsh, text), Value::of(b"a"), "{text}");
        }
        assert_eq!(next(Shell::Fish, "set -gx HF_TOKEN a\nsource (some-program)/share/x.fish\n"), Value::of(b"a"));
    }

    #[test]
    fn a_program_that_is_not_there_prints_nothing() {
        for text in [
            "export HF_TOKEN=$(no-program show || echo b)\n",
            "eval \"$(no-program env)\"\nexport HF_TOKEN=b\n",
            "no-program && export HF_TOKEN=a || export HF_TOKEN=b\n",
            "[ -x \"$(command -v no-program)\" ] || export HF_TOKEN=b\n",
            "P=$(no-program --prefix)\nexport HF_TOKEN=b$P\n",
            "[ \"$(command -v sh)\" = /usr/bin/sh ] && export HF_TOKEN=b\n",
        ] {
            assert_eq!(next(Shell::Bash, text), Value::of(b"b"), "{text}");
            assert_eq!(next(Shell::Zsh, text), Value::of(b"b"), "{text}");
        }
        // What nobody knows may have brought a function of this name, or a place for it.
        let text = "eval \"$(some-program)\"\nno-program && export HF_TOKEN=a\n";
        assert_eq!(next(Shell::Bash, text), Value::Unknown);
        let text = "command_not_found_handle() { :; }\nno-program && export HF_TOKEN=a\n";
        assert_eq!(next(Shell::Bash, text), Value::Unknown);
    }

    #[test]
    fn of_a_path_that_is_known_in_part_the_files_that_fit_count() {
        for text in [
            "export HF_TOKEN=a\nsource \"$HOME/.cache/prompt-$(some-program).zsh\"\n",
            "source \"$(some-program)\"\nexport HF_TOKEN=a\n",
        ] {
            assert_eq!(next(Shell::Bash, text), Value::of(b"a"), "{text}");
        }
        let text = "set -gx HF_TOKEN a\nsource ~/.cache/prompt-(some-program).zsh\n";
        assert_eq!(next(Shell::Fish, text), Value::of(b"a"));
    }

    #[test]
    fn what_a_command_prints_may_be_about_what_it_was_given() {
        for text in [
            "source <(cat ~/.env | some-program)\n",
            "eval \"$(sh -c 'echo export HF_TOKEN=b')\"\n",
            "eval \"$(load-secrets)\"\n",
        ] {
            assert_eq!(next(Shell::Bash, &format!("export HF_TOKEN=a\n{text}")), Value::Unknown, "{text}");
        }
        let text = "export HF_TOKEN=a\neval \"$(some-program init)\"\n";
        assert_eq!(next(Shell::Bash, text), Value::of(b"a"));
    }
}
