//! A machine whose environment is another one: what a program would find that is started with these variables, or once
//! these files are changed.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::{Changes, Content, Details, EditError, Environment, Image, Lock, Own, Process, ReadError, Stat, System};

/// The machine with some variables and texts changed.
pub struct Overlay<'a> {
    inner: &'a dyn System,
    changes: Changes,
    cwd: Option<PathBuf>,
    texts: BTreeMap<PathBuf, Vec<u8>>,
}

impl<'a> Overlay<'a> {
    /// The machine with these variables set, or unset (`None`).
    pub fn new(inner: &'a dyn System, changes: Changes) -> Self {
        Self { inner, changes, cwd: None, texts: BTreeMap::new() }
    }

    /// The same in another directory. Paths that are not absolute are still read from the real one: whoever asks joins
    /// them with the directory first.
    #[must_use]
    pub fn at(mut self, cwd: &Path) -> Self {
        self.cwd = Some(cwd.to_owned());
        self
    }
}

impl Overlay<'_> {
    /// The same with other texts in some of its files, each by its path with every link followed.
    #[must_use]
    pub fn with_texts(mut self, texts: BTreeMap<PathBuf, Vec<u8>>) -> Self {
        self.texts = texts;
        self
    }

    fn changed(&self, path: &Path, limit: usize) -> Option<Result<Content, ReadError>> {
        if self.texts.is_empty() {
            return None;
        }
        let text = self.texts.get(&self.inner.canonical(path)?)?;
        let content =
            |stat| Content { bytes: text[..text.len().min(limit)].to_vec(), truncated: text.len() > limit, stat };
        Some(self.inner.stat(path).map(content))
    }
}

impl System for Overlay<'_> {
    fn var(&self, name: &str) -> Option<OsString> {
        match self.changes.get(OsStr::new(name)) {
            Some(changed) => changed.clone(),
            None => self.inner.var(name),
        }
    }

    fn vars(&self) -> Vec<(OsString, OsString)> {
        let mut vars = self.inner.vars();
        vars.retain(|(name, _)| !self.changes.contains_key(name));
        vars.extend(self.changes.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))));
        vars
    }

    fn cwd(&self) -> Option<PathBuf> {
        self.cwd.clone().or_else(|| self.inner.cwd())
    }

    fn real_cwd(&self) -> Option<PathBuf> {
        match &self.cwd {
            Some(cwd) => self.inner.canonical(cwd),
            None => self.inner.real_cwd(),
        }
    }

    fn read(&self, path: &Path, limit: usize) -> Result<Content, ReadError> {
        self.changed(path, limit).unwrap_or_else(|| self.inner.read(path, limit))
    }

    fn read_known(&self, path: &Path, limit: usize, seen: &Stat) -> Result<Content, ReadError> {
        self.changed(path, limit).unwrap_or_else(|| self.inner.read_known(path, limit, seen))
    }

    fn stat(&self, path: &Path) -> Result<Stat, ReadError> {
        self.inner.stat(path)
    }

    fn lstat(&self, path: &Path) -> Result<Stat, ReadError> {
        self.inner.lstat(path)
    }

    fn list(&self, path: &Path) -> Result<Vec<OsString>, ReadError> {
        self.inner.list(path)
    }

    fn read_link(&self, path: &Path) -> Option<PathBuf> {
        self.inner.read_link(path)
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        self.inner.canonical(path)
    }

    fn store(&self, path: &Path, bytes: &[u8], aged_like: Option<&Stat>) -> Result<(), ReadError> {
        self.inner.store(path, bytes, aged_like)
    }

    fn mark(&self, path: &Path) -> Result<bool, ReadError> {
        self.inner.mark(path)
    }

    fn remove(&self, path: &Path) -> Result<(), ReadError> {
        self.inner.remove(path)
    }

    fn replace(&self, path: &Path, before: Option<&[u8]>, after: &[u8]) -> Result<(), EditError> {
        self.inner.replace(path, before, after)
    }

    fn put(&self, path: &Path, before: &Image, after: &Image, temporary: &OsStr) -> Result<(), EditError> {
        self.inner.put(path, before, after, temporary)
    }

    fn chmod(&self, path: &Path, from: u32, to: u32) -> Result<(), EditError> {
        self.inner.chmod(path, from, to)
    }

    fn sweep(&self, path: &Path) -> std::io::Result<()> {
        self.inner.sweep(path)
    }

    fn destroy(&self, path: &Path) -> std::io::Result<()> {
        self.inner.destroy(path)
    }

    fn lock(&self, path: &Path) -> std::io::Result<Lock> {
        self.inner.lock(path)
    }

    fn lock_within(&self, path: &Path, limit: std::time::Duration) -> std::io::Result<Option<Lock>> {
        self.inner.lock_within(path, limit)
    }

    fn tell_shell(&self, descriptor: u32, text: &str) -> std::io::Result<()> {
        self.inner.tell_shell(descriptor, text)
    }

    fn hold_still(&self) {
        self.inner.hold_still();
    }

    fn watch(&self, command: &[OsString], changes: &super::Changes, keep: usize) -> std::io::Result<(u8, Vec<u8>)> {
        self.inner.watch(command, changes, keep)
    }

    fn ask(&self, command: &[OsString], changes: &super::Changes, seconds: u64) -> std::io::Result<(bool, Vec<u8>)> {
        self.inner.ask(command, changes, seconds)
    }

    fn tool(&self, command: &[OsString], input: &[u8]) -> std::io::Result<(bool, Vec<u8>)> {
        self.inner.tool(command, input)
    }

    fn writable(&self, path: &Path) -> Result<(), ReadError> {
        self.inner.writable(path)
    }

    fn disk(&self) -> &dyn super::Disk {
        self.inner.disk()
    }

    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        self.inner.rename(from, to)
    }

    fn now_ns(&self) -> (i64, i64) {
        self.inner.now_ns()
    }

    fn uid(&self) -> u32 {
        self.inner.uid()
    }

    fn password_home(&self, user: Option<&OsStr>) -> Option<PathBuf> {
        self.inner.password_home(user)
    }

    fn own_dir(&self, own: Own) -> Option<PathBuf> {
        self.inner.own_dir(own)
    }

    fn parent(&self) -> Option<String> {
        self.inner.parent()
    }

    fn program(&self) -> Option<OsString> {
        self.inner.program()
    }

    fn run(&self, program: &str, args: &[&str]) -> Option<Vec<u8>> {
        self.inner.run(program, args)
    }

    fn processes(&self) -> Vec<Process> {
        self.inner.processes()
    }

    fn process(&self, pid: Option<u32>) -> Option<Process> {
        self.inner.process(pid)
    }

    fn environment_of(&self, pid: u32) -> Option<Environment> {
        self.inner.environment_of(pid)
    }

    fn command_of(&self, pid: u32) -> Vec<OsString> {
        self.inner.command_of(pid)
    }

    fn details_of(&self, pid: u32) -> Details {
        self.inner.details_of(pid)
    }

    fn run_within(&self, program: &str, args: &[&str], limit: std::time::Duration) -> Option<Vec<u8>> {
        self.inner.run_within(program, args, limit)
    }

    fn is_at_prompt(&self) -> bool {
        self.inner.is_at_prompt()
    }

    fn local_offset(&self, at: i64) -> i32 {
        self.inner.local_offset(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn variables_are_changed_and_the_rest_is_the_machine() {
        let fake = Fake::home().var("A", "1").var("B", "2").file("/home/u/x", "y");
        let changes = Changes::from([("A".into(), None), ("C".into(), Some("3".into()))]);
        let over = Overlay::new(&fake, changes);
        assert_eq!((over.var("A"), over.var("B"), over.var("C")), (None, Some("2".into()), Some("3".into())));
        let mut names: Vec<_> = over.vars().into_iter().map(|(name, _)| name).collect();
        names.sort();
        assert_eq!(names, ["B", "C", "HOME"]);
        assert_eq!(over.read(Path::new("/home/u/x"), 9).unwrap().bytes, b"y");
    }

    #[test]
    fn a_text_is_changed_under_each_of_its_names() {
        let fake = Fake::home().file("/home/u/x", "old").file("/home/u/y", "y");
        let over = Overlay::new(&fake, Changes::new()).with_texts([("/home/u/x".into(), b"newer".to_vec())].into());
        let read = |name: &str| over.read(Path::new(name), 4).unwrap();
        assert_eq!((read("/home/u/x").bytes, read("/home/u/x").truncated), (b"newe".to_vec(), true));
        assert_eq!((read("x").bytes, read("/home/u/y").bytes), (b"newe".to_vec(), b"y".to_vec()));
    }
}
