//! Where the shell is: `cd`, `pushd`, `popd`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use super::Dialect;
use super::expand::Field;
use super::output::logical;
use super::run::Run;
use crate::state::startup::value::{Truth, Value};
use crate::system::Kind;

impl Run<'_> {
    /// `cd DIRECTORY`, `cd -`, `cd`.
    pub(super) fn cd(&mut self, arguments: &[Field]) {
        let to = arguments.iter().find(|f| f.bytes().is_none_or(|b| !b.starts_with(b"-") || b == b"-"));
        let to = match to {
            Some(field) => field.bytes().map(<[u8]>::to_vec),
            None => self.value(b"HOME").bytes().map(<[u8]>::to_vec),
        };
        let before = self.value(b"OLDPWD");
        let Some(to) = to.filter(|to| if to == b"-" { before != Value::Unknown } else { !self.is_lost(to) }) else {
            return self.goes_anywhere();
        };
        let path = if to == b"-" {
            before.bytes().map(|b| logical(&self.absolute(b)))
        } else {
            let is_dir =
                |path: &PathBuf| self.is_written(path) || self.system.stat(path).is_ok_and(|s| s.kind == Kind::Dir);
            // What `..` leads out of has to be there.
            let is_sound = |path: &Path| {
                let mut before = PathBuf::new();
                path.components().all(|part| {
                    let is_sound = part != Component::ParentDir || is_dir(&logical(&before));
                    before.push(part);
                    is_sound
                })
            };
            let full = self.absolute(&to);
            let here = Some(logical(&full)).filter(|path| is_dir(path) && is_sound(&full));
            let beside = match self.value(b"CDPATH") {
                Value::Known(dirs) if !matches!(to.first(), Some(b'/' | b'.')) => {
                    let name = OsStr::from_bytes(&to);
                    dirs.bytes().split(|b| *b == b':').map(|dir| logical(&self.absolute(dir).join(name))).find(is_dir)
                }
                _ => None,
            };
            // zsh looks here first.
            if self.dialect == Dialect::Zsh { here.or(beside) } else { beside.or(here) }
        };
        let Some(path) = path else {
            self.status = Truth::No;
            return;
        };
        self.goes(path);
    }

    /// `pushd DIRECTORY`, `pushd`
    pub(super) fn pushd(&mut self, arguments: &[Field]) {
        let before = self.directory.clone();
        let is_plain = |f: &Field| f.bytes().is_some_and(|b| !b.starts_with(b"+") && !b.starts_with(b"-"));
        match (arguments, self.directories.pop()) {
            // The two change places.
            ([], Some(Some(path))) => self.goes(path),
            ([], None) if self.dialect == Dialect::Bash => {
                self.status = Truth::No;
                return;
            }
            ([_], top) if arguments.iter().all(is_plain) => {
                self.directories.extend(top);
                self.cd(arguments);
                if self.status == Truth::No {
                    return;
                }
            }
            (_, top) => {
                self.directories.extend(top);
                self.goes_anywhere();
            }
        }
        self.directories.push(before);
    }

    /// `popd`
    pub(super) fn popd(&mut self, arguments: &[Field]) {
        match self.directories.pop() {
            Some(Some(path)) if arguments.is_empty() => self.goes(path),
            None if arguments.is_empty() => self.status = Truth::No,
            _ => self.goes_anywhere(),
        }
    }

    fn goes(&mut self, path: PathBuf) {
        let before = self.variables.value(b"PWD");
        for (name, value) in [(&b"OLDPWD"[..], before), (b"PWD", Value::of(path.as_os_str().as_bytes()))] {
            self.variables.entry(name).value = value;
        }
        self.directory = Some(path);
    }

    fn goes_anywhere(&mut self) {
        self.status = Truth::Maybe;
        for name in [&b"PWD"[..], b"OLDPWD"] {
            self.variables.entry(name).value = Value::Unknown;
        }
        self.directory = None;
    }
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    #[test]
    fn cd_tells_where_it_is_and_was() {
        for text in [
            "cd ~/d\n. \"$PWD/a.sh\"\n",
            "cd ~/d; cd ~; cd $OLDPWD; . ./a.sh\n",
            "cd ~/d; cd ~; cd - >/dev/null; . ./a.sh\n",
            "cd ~/d/../d\n. $PWD/a.sh\n",
            "pushd ~/d >/dev/null; pushd / >/dev/null; popd >/dev/null; . ./a.sh\n",
            "pushd ~/d >/dev/null; popd >/dev/null; . $OLDPWD/a.sh\n",
            "cd ~/d; pushd / >/dev/null; pushd >/dev/null; . ./a.sh\n",
            "CDPATH=~\ncd /; cd d >/dev/null && . ./a.sh\n",
        ] {
            let fake = Fake::home()
                .file("/home/u/.bashrc", text)
                .file("/home/u/.zshrc", text)
                .file("/home/u/d/a.sh", "export HF_TOKEN=a\n");
            for shell in [Shell::Bash, Shell::Zsh] {
                let next = start(&fake, shell, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
                assert_eq!(next.variable("HF_TOKEN").value, Value::of(b"a"), "{} {text}", shell.name());
            }
        }
    }

    #[test]
    fn what_fails_goes_nowhere() {
        for text in [
            "cd ~/no/../d && export HF_TOKEN=a\n",
            "cd ~/d/a.sh/.. && export HF_TOKEN=a\n",
            "popd || export HF_TOKEN=\n",
        ] {
            let fake =
                Fake::home().file("/home/u/.bashrc", text).file("/home/u/.zshrc", text).file("/home/u/d/a.sh", "");
            for shell in [Shell::Bash, Shell::Zsh] {
                let next = start(&fake, shell, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
                assert_ne!(next.variable("HF_TOKEN").value, Value::of(b"a"), "{} {text}", shell.name());
            }
        }
    }
}
