//! Heals refs: `refs/main` and its like name a snapshot that is here again.

use std::path::{Path, PathBuf};

use super::super::diff;
use super::super::plan::{Action, Kind, Step};
use super::Healer;
use crate::finding::{Applicability, Location};
use crate::state::caches::repository::{self, MAIN, is_commit};
use crate::system::{FileImage, Image, Kind as FileKind};

impl Healer<'_> {
    /// A ref that is there names what it does not, or cannot.
    pub(super) fn write_ref(&self, repository: &Path, name: &Path) -> Vec<Action> {
        let path = repository.join("refs").join(name);
        let Ok(stat) = self.disk.look_at_link(&path) else { return Vec::new() };
        if stat.kind != FileKind::File {
            return self.replace_ref(repository, name, path);
        }
        let target = Location::file(&path);
        let (image, file) = match Image::of(self.system, &path) {
            Ok(Image::File(file)) => (Image::File(file.clone()), file),
            Ok(_) => return Vec::new(),
            Err(why) => {
                let what = format!("remove {}, by hand: it {why}", self.path(&path));
                let command = format!("rm {}", crate::shell::quote_path(Some(&path)));
                return vec![Action::manual(target, what, command)];
            }
        };
        let old = file.bytes.to_vec();
        let trimmed = std::str::from_utf8(old.trim_ascii()).ok().filter(|t| is_commit(t.as_bytes()));
        let is_here = |commit: &str| repository::has_files(self.disk, &repository.join("snapshots").join(commit));
        let chosen = match self.meant(repository, &old).filter(|c| c.as_bytes() != old) {
            Some(commit) => Some((commit, "which is here")),
            None => self.chosen(repository, name),
        };
        let Some((commit, why)) = chosen else {
            let what = format!("delete the ref {}, for which nothing is here", self.path(&path));
            let step = Step::Put { path, before: image, after: Image::Absent };
            return vec![Action::new(Kind::Delete, Applicability::Unsafe, target, what).step(step)];
        };
        let after = Image::File(file.with(commit.clone().into_bytes()));
        let mut action = self.named(&path, &commit, why, &old).step(Step::Put { path, before: image, after });
        // The empty folder of the commit that it named would be taken for the model by whoever asks for that commit.
        if let Some(named) = trimmed.filter(|t| !is_here(t)) {
            for step in self.rmdir(&repository.join("snapshots").join(named)) {
                action = action.step(step);
            }
        }
        vec![action]
    }

    /// A directory or a link where a ref should be: it is moved aside, whatever is in it.
    fn replace_ref(&self, repository: &Path, name: &Path, path: PathBuf) -> Vec<Action> {
        let Some(aside) = self.aside(path.clone(), repository) else { return Vec::new() };
        let Some((commit, why)) = self.chosen(repository, name) else {
            let what = format!("move {} aside, which is no ref", self.path(&path));
            return vec![Action::new(Kind::Move, Applicability::Unsafe, Location::file(path), what).step(aside)];
        };
        let made = self.made(repository, path.clone(), &commit);
        vec![self.named(&path, &commit, why, b"").step(aside).step(made)]
    }

    /// No ref is left: `main` is made.
    pub(super) fn make_ref(&self, repository: &Path) -> Vec<Action> {
        let refs = repository.join("refs");
        let Some((commit, why)) = self.chosen(repository, Path::new(MAIN)) else { return Vec::new() };
        let path = refs.join(MAIN);
        let mut action = self.named(&path, &commit, why, b"");
        let kind = self.disk.look_at_link(&refs).map(|s| s.kind).ok();
        if self.disk.look(&refs).is_ok_and(|s| s.kind == FileKind::Dir) {
            if !repository::refs(self.disk, repository).is_empty() {
                return Vec::new();
            }
        } else {
            // A file or a link to nothing stands where the folder should.
            if kind.is_some() {
                let Some(aside) = self.aside(refs.clone(), repository) else { return Vec::new() };
                action = action.step(aside);
            }
            let mode = self.disk.look(repository).map_or(0o755, |s| s.mode);
            action = action.step(Step::Put { path: refs, before: Image::Absent, after: Image::Dir { mode } });
        }
        vec![action.step(self.made(repository, path, &commit))]
    }

    /// The filled snapshot that a damaged text means: a commit among blanks, quotes, the marks of an encoding, in capital
    /// letters, or the beginning of one.
    fn meant(&self, repository: &Path, text: &[u8]) -> Option<String> {
        let is_noise = |b: &u8| b.is_ascii_whitespace() || b.is_ascii_control() || !b.is_ascii() || b"\"'".contains(b);
        let stem: Vec<u8> = text.iter().filter(|b| !is_noise(b)).map(u8::to_ascii_lowercase).collect();
        if stem.len() < 7 || !stem.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let all = repository::snapshots(self.disk, repository);
        let mut fits = all.into_iter().filter(|s| s.has_files && is_commit(s.commit.as_bytes()));
        let found = fits.by_ref().find(|s| s.commit.as_bytes().starts_with(&stem))?;
        let is_only = !fits.any(|s| s.commit.as_bytes().starts_with(&stem));
        is_only.then_some(found.commit)
    }

    /// The snapshot that a ref should name, and why.
    fn chosen(&self, repository: &Path, name: &Path) -> Option<(String, &'static str)> {
        let choice = repository::choose(self.disk, repository, name, None)?;
        let why = if choice.is_proven { "which is here and complete" } else { "the newest that is here" };
        Some((choice.commit, why))
    }

    /// An action without its steps.
    fn named(&self, path: &Path, commit: &str, why: &str, old: &[u8]) -> Action {
        let what = format!("let {} name commit {}, {why}", self.path(path), commit.get(..12).unwrap_or(commit));
        let diff = diff::lines(path, old, commit.as_bytes(), diff::commit);
        Action::new(Kind::WriteRef, Applicability::Unsafe, Location::file(path), what).diff(diff)
    }

    /// A ref that was not there: whoever may read the repository may read it.
    fn made(&self, repository: &Path, path: PathBuf, commit: &str) -> Step {
        let mode = self.disk.look(repository).map_or(0o644, |s| s.mode & 0o666);
        let file = FileImage { mode, ..FileImage::private(commit.as_bytes().to_vec()) };
        Step::Put { path, before: Image::Absent, after: Image::File(file) }
    }
}
