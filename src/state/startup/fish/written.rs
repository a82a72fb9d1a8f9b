//! Files that the text itself writes: what stood there before does not count any more.
//!
//! What is printed into a file is kept where it is known; of others, and of what `cp`, `ln`, `mv`, `rm`, `touch`, `mkdir`
//! and `tee` do, of programs whose options name a file to write and of the text of another shell, only that it was done.
//! Not seen: what other programs write.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::builtins::shortened;
use super::parse::{Statement, Target, is_meta};
use super::run::{Flow, Run};
use crate::secret::Token;
use crate::state::startup::posix::written::results;
use crate::state::startup::value::Truth;
use crate::system::{Kind, TEXT_LIMIT};

/// What stands in a file that was written.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// Where it is known.
    pub(super) known: Option<Rc<Token>>,
    /// Where it is not: whether it may be about the names that are asked for.
    pub(super) doubts: bool,
}

/// The paths that were written.
#[derive(Clone, Default)]
pub(super) struct Written(BTreeMap<PathBuf, Text>);

impl Written {
    /// What holds after one of two ways was taken.
    pub(super) fn merge(&mut self, other: &Self) {
        let paths: Vec<PathBuf> = self.0.keys().chain(other.0.keys()).cloned().collect();
        for path in paths {
            if self.0.get(&path) != other.0.get(&path) {
                // One of the two, or what stood there before.
                self.0.insert(path, Text { known: None, doubts: true });
            }
        }
    }
}

impl Run<'_> {
    /// What was written there.
    pub(super) fn written(&self, path: &Path) -> Option<&Text> {
        if self.world.written.0.is_empty() {
            return None;
        }
        self.world.written.0.get(&shortened(path))
    }

    /// Whether a file, or a directory that it is in, was written.
    pub(super) fn is_written(&self, path: &Path) -> bool {
        let written = &self.world.written.0;
        !written.is_empty() && shortened(path).ancestors().any(|path| written.contains_key(path))
    }

    fn write(&mut self, path: &[u8], text: Text) {
        if path.is_empty() || path.starts_with(b"/dev/") {
            return;
        }
        if let Some(path) = self.absolute(path) {
            self.world.written.0.insert(shortened(&path), text);
        }
    }

    /// A statement with `> FILE` and the like.
    pub(super) fn redirected(&mut self, statement: &Statement, targets: &[Target], silent: bool) -> Flow {
        let mut files = Vec::new();
        let mut opens = Truth::Yes;
        for target in targets {
            match self.fields(std::slice::from_ref(&target.file)).as_deref() {
                Some([path]) => {
                    match self.opens(path, target.is_new) {
                        Truth::Yes => {}
                        other if opens != Truth::No => opens = other,
                        _ => {}
                    }
                    files.push((path.clone(), target.is_all));
                }
                Some(_) => opens = Truth::No,
                None => {}
            }
        }
        let refused = |run: &mut Self| {
            run.status = Truth::No;
            Flow::Go
        };
        let run = |run: &mut Self| {
            if !silent {
                let flow = run.dispatch(statement);
                for (path, _) in &files {
                    run.write(path, Text { known: None, doubts: false });
                }
                return flow;
            }
            let (flow, printed) = run.take(|run| run.dispatch(statement));
            let text = printed.known();
            for (path, is_all) in &files {
                let known = text.as_ref().filter(|_| *is_all).map(|text| Rc::new(Token::new(text.clone())));
                let doubts = known.is_none() && run.mentions(statement);
                run.write(path, Text { known, doubts });
            }
            flow
        };
        match opens {
            Truth::Yes => run(self),
            Truth::No => refused(self),
            Truth::Maybe => self.fork(run, refused),
        }
    }

    /// Whether a file can be opened to write to it: where it cannot, the command is not run.
    fn opens(&self, path: &[u8], is_new: bool) -> Truth {
        let Some(path) = self.absolute(path).map(|path| shortened(&path)) else { return Truth::Yes };
        if path.starts_with("/dev") || path.starts_with("/proc") {
            return Truth::Yes;
        }
        if self.is_written(&path) {
            return if is_new { Truth::Maybe } else { Truth::Yes };
        }
        let is_dir = |path: &Path| self.system.stat(path).is_ok_and(|s| s.kind == Kind::Dir);
        let has_place = path.parent().is_some_and(is_dir);
        Truth::of(has_place && !is_dir(&path) && !(is_new && self.system.lstat(&path).is_ok()))
    }

    /// Programs that write what they are given.
    pub(super) fn writing_program(&mut self, name: &[u8], arguments: &[&[u8]]) {
        let paths: Vec<&[u8]> = arguments.iter().copied().filter(|path| !path.starts_with(b"-")).collect();
        let unknown = |doubts| Text { known: None, doubts };
        match name {
            b"touch" | b"mkdir" | b"rm" | b"rmdir" => {
                // What is there stays as it is, and what is not there cannot be removed.
                let makes = matches!(name, b"touch" | b"mkdir");
                for path in paths {
                    let there = |full: PathBuf| self.system.lstat(&full).is_ok() || self.is_written(&full);
                    if self.absolute(path).is_some_and(there) != makes {
                        self.write(path, unknown(false));
                    }
                }
            }
            b"tee" => {
                let doubts = self.world.stdin.doubts
                    || self.world.stdin.clone().rest().is_some_and(|text| self.text_mentions(&text));
                for path in paths {
                    self.write(path, unknown(doubts));
                }
            }
            b"cp" | b"mv" | b"ln" | b"install" => {
                let Some((target, sources)) = paths.split_last() else { return };
                let is_dir = |path: &Path| self.system.stat(path).is_ok_and(|s| s.kind == Kind::Dir);
                let into = self.absolute(target).is_some_and(|path| is_dir(&path));
                for source in sources {
                    // What a link says is seen from where the link is.
                    let doubts = name == b"ln" && !source.starts_with(b"/")
                        || self.file_mentions(source)
                        || self.absolute(source).is_none_or(|path| is_dir(&path) || self.is_written(&path));
                    if name == b"mv" {
                        self.write(source, unknown(false));
                    }
                    let base = source.rsplit(|b| *b == b'/').next().unwrap_or_default();
                    let inside = [*target, b"/", base].concat();
                    self.write(if into { &inside } else { target }, unknown(doubts));
                }
            }
            b"sh" | b"bash" | b"dash" | b"zsh" | b"ksh" | b"fish" => self.writing_text(arguments),
            _ => {
                let results = results(name, arguments);
                let doubts =
                    !results.is_empty() && arguments.iter().any(|a| self.text_mentions(a) || self.file_mentions(a));
                for path in results {
                    self.write(&path, unknown(doubts));
                }
            }
        }
    }

    /// The files behind `>` in the text of another shell.
    fn writing_text(&mut self, arguments: &[&[u8]]) {
        let text = match arguments {
            [option, text, ..] if option.starts_with(b"-") && option.ends_with(b"c") => text.to_vec(),
            [path, ..] => match self.absolute(path).and_then(|path| self.system.read(&path, TEXT_LIMIT).ok()) {
                Some(content) => content.bytes,
                None => return,
            },
            [] => return,
        };
        let text = Token::new(text);
        let is_end = |b: &u8| is_meta(*b) || matches!(b, b'"' | b'\'');
        let home = self.value(b"HOME");
        let path_of = |run: &Self, word: &[u8]| {
            let below = [b"$HOME".as_slice(), b"${HOME}"].iter().find_map(|name| word.strip_prefix(*name));
            match (below, home.bytes()) {
                (Some(below), Some(home)) => [home, below].concat(),
                _ => run.tilde(word),
            }
        };
        let words = text.bytes().split(is_end).filter(|word| !word.is_empty());
        let doubts = words.into_iter().any(|word| self.text_mentions(word) || self.file_mentions(&path_of(self, word)));
        for behind in text.bytes().split(|b| *b == b'>').skip(1) {
            let word = behind.split(is_end).find(|word| !word.is_empty()).unwrap_or_default();
            let path = path_of(self, word);
            self.write(&path, Text { known: None, doubts });
        }
    }

    /// Whether what is in a directory that was written may be about the names that are asked for.
    pub(super) fn doubts_above(&self, path: &Path) -> bool {
        let path = shortened(path);
        let above = path.ancestors().find_map(|path| self.world.written.0.get(path));
        above.is_some_and(|text| text.doubts)
    }
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    fn value(text: &str) -> Value {
        let fake = Fake::home()
            .file("/home/u/.config/fish/config.fish", text)
            .file("/home/u/.t", "set -gx HF_TOKEN a\n")
            .file("/home/u/d/x", "set -gx HF_TOKEN a\n");
        start(&fake, Shell::Fish, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    /// Each value is that of fish 3.6.
    #[test]
    fn a_file_that_cannot_be_opened_keeps_a_command_from_running() {
        for (text, want) in [
            ("begin; set -gx HF_TOKEN a; end > ~/none/y", Value::Unset),
            ("set -gx HF_TOKEN a 2> ~/none/y", Value::Unset),
            ("set -gx HF_TOKEN a > ~/d", Value::Unset),
            ("set -gx HF_TOKEN a > $nope", Value::Unset),
            ("source ~/.t >? ~/.t", Value::Unset),
            ("echo x > ~/none/y; or set -gx HF_TOKEN b", Value::of(b"b")),
            ("source ~/.t > ~/d/log 2>&1", Value::of(b"a")),
            ("source ~/.t 2> ~/d/log; and set -a HF_TOKEN b", Value::of(b"a b")),
            ("set -gx HF_TOKEN (echo a 2> ~/d/log)", Value::of(b"a")),
            ("set -gx HF_TOKEN a > /dev/null 2>/dev/null", Value::of(b"a")),
            ("mkdir -p ~/none; set -gx HF_TOKEN a > ~/none/y", Value::of(b"a")),
        ] {
            assert_eq!(value(text), want, "{text}");
        }
    }

    #[test]
    fn what_other_programs_write_is_not_guessed() {
        for text in [
            "sed -i s/TOKEN/HOME/ ~/.t; source ~/.t",
            "curl -s https://x.example -o ~/.t; source ~/.t",
            "sh -c 'echo set -gx HF_TOKEN b > ~/.u'; source ~/.u",
            "sh -c \"cat ~/.t > $HOME/.u\"; source ~/.u",
            "find ~/d -name '*.old' -delete; for f in ~/d/*; source $f; end",
            "ln -s d ~/l; cd ~/l; set -gx HF_TOKEN $PWD; cd ..; set -gx HF_TOKEN $PWD",
            "ln -s d ~/l; source ~/l/x",
            "ln -s d ~/l; for f in ~/l/*; source $f; end",
            "cp ~/.t ~/.u; source ~/.u",
            "cp ~/.t ~/d; source ~/d/.t",
            "cat ~/.t | tee ~/.u; source ~/.u",
            "echo set -gx HF_TOKEN b | tee ~/.u; source ~/.u",
        ] {
            assert_eq!(value(text), Value::Unknown, "{text}");
        }
        assert_eq!(value("set -gx HF_TOKEN b; curl -o ~/.u https://x.example; source ~/.u"), Value::of(b"b"));
        assert_eq!(value("set -gx HF_TOKEN b; sh -c 'date > ~/.u'; source ~/.u"), Value::of(b"b"));
    }
}
