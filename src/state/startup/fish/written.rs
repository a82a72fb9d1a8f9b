//! Files that the text itself writes: what stood there before does not count any more.
//!
//! What is printed into a file is kept where it is known; of others, and of what `cp`, `ln`, `mv`, `rm`, `touch`, `mkdir`
//! and `tee` do, only that it was done. Not seen: what other programs write.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::builtins::shortened;
use super::parse::{Statement, Target};
use super::run::{Flow, Run};
use crate::secret::Token;
use crate::state::startup::value::Truth;
use crate::system::Kind;

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
        let unknown = || Text { known: None, doubts: false };
        for path in arguments.iter().filter(|path| !path.starts_with(b"-")) {
            let there =
                self.absolute(path).is_some_and(|full| self.system.lstat(&full).is_ok() || self.is_written(&full));
            let writes = match name {
                // What is there stays as it is.
                b"touch" | b"mkdir" => !there,
                b"rm" | b"rmdir" => there,
                _ => true,
            };
            if writes {
                self.write(path, unknown());
            }
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
            .file("/home/u/.t", "set -gx HF_TOKEN a\n")
            .dir("/home/u/d", 0o755);
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
}
