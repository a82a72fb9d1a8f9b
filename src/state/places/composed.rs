//! What a project of docker compose gives to its containers.
//!
//! Source: docker compose 2.40, run (`config`) on each form of the tests: of a directory the first file counts with the
//! override beside it, or the files of `COMPOSE_FILE`; `environment` goes over `env_file`, a later file over an earlier
//! one, a service over the one that it extends; an included project has a directory of its own. Not seen: what is given
//! to the command, profiles, names of files that a variable gives.

use std::path::{Path, PathBuf};

use super::{Found, Reaches, Sighting, Value, dotenv};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::compose::{self, Given, Service};
use crate::state::dotenv::loaders::LOADERS;

/// Files that one project may lead to.
const FOLLOWED: usize = 32;
/// Services that begin with each other.
const DEPTH: usize = 8;

const SETTER: &str = "the compose file";
const FILE: &str = "an env_file of the compose file";

pub(super) fn gather(state: &State<'_>, found: &mut Found, dir: &Path) {
    let mut project = Project { state, found, read: Vec::new(), told: Vec::new() };
    let there = |names: &[&str]| -> Vec<PathBuf> {
        let all = names.iter().map(|name| dir.join(name));
        all.filter(|path| state.system.stat(path).is_ok()).collect()
    };
    let (files, overrides) = (there(&compose::NAMES), there(&compose::OVERRIDES));
    let here = state.system.cwd().as_deref() == Some(dir);
    if let Some(named) = state.non_empty("COMPOSE_FILE").filter(|_| here) {
        project.model(dir, &std::env::split_paths(&named).map(|path| dir.join(path)).collect::<Vec<_>>());
    }
    // The others count where they are named.
    let mut files = files.into_iter();
    let first: Vec<PathBuf> = files.next().into_iter().chain(overrides).collect();
    project.model(dir, &first);
    for other in files {
        project.model(dir, &[other]);
    }
    let Project { told, found, .. } = project;
    for sighting in told {
        found.add(sighting);
    }
}

struct Project<'p, 's, 'm> {
    state: &'s State<'m>,
    found: &'p mut Found,
    /// Files that were read.
    read: Vec<(PathBuf, Given)>,
    /// Each line once: it is shadowed where it is for every service.
    told: Vec<Sighting>,
}

impl Project<'_, '_, '_> {
    /// Files that are laid over each other, their paths from one directory.
    fn model(&mut self, dir: &Path, files: &[PathBuf]) {
        let known: Vec<usize> = files.iter().filter_map(|path| self.file(path)).collect();
        let mut names: Vec<String> = Vec::new();
        for at in &known {
            for service in &self.read[*at].1.services {
                if !names.contains(&service.name) {
                    names.push(service.name.clone());
                }
            }
        }
        for name in names {
            let (mut from_files, mut own) = (Vec::new(), Vec::new());
            for at in &known {
                self.service(dir, *at, &name, DEPTH, &mut from_files, &mut own);
            }
            from_files.append(&mut own);
            self.tell(&from_files);
        }
        for at in known {
            let includes = std::mem::take(&mut self.read[at].1.includes);
            for include in includes {
                let files: Vec<PathBuf> = include.paths.iter().map(|path| dir.join(path)).collect();
                let first = files.first().and_then(|path| path.parent()).unwrap_or(dir);
                let below = include.directory.map_or_else(|| first.to_owned(), |given| dir.join(given));
                self.model(&below, &files);
            }
        }
    }

    /// The number of a file, read once; what it includes is then followed once.
    fn file(&mut self, path: &Path) -> Option<usize> {
        if let Some(at) = self.read.iter().position(|(known, _)| known == path) {
            return Some(at);
        }
        if self.read.len() >= FOLLOWED || path.as_os_str().as_encoded_bytes().contains(&b'$') {
            return None;
        }
        let leading = ["env_file", "include", "extends"];
        let given = self.found.parse_leading(self.state, path, compose::read, &leading)?;
        self.read.push((path.to_owned(), given));
        Some(self.read.len() - 1)
    }

    /// What one file gives to a service: what files give, and over it what is its own.
    fn service(
        &mut self,
        dir: &Path,
        at: usize,
        name: &str,
        depth: usize,
        files: &mut Vec<Sighting>,
        own: &mut Vec<Sighting>,
    ) {
        let path = self.read[at].0.clone();
        let Some(index) = self.read[at].1.services.iter().position(|service| service.name == name) else { return };
        if let Some((file, base)) = self.read[at].1.services[index].extends.clone().filter(|_| depth > 0) {
            let (dir, at) = match file.map(|file| dir.join(file)) {
                Some(file) => (file.parent().map(Path::to_owned), self.file(&file)),
                None => (Some(dir.to_owned()), Some(at)),
            };
            if let (Some(dir), Some(at)) = (dir, at) {
                self.service(&dir, at, &base, depth - 1, files, own);
            }
        }
        let service = &self.read[at].1.services[index];
        for file in &service.env_files {
            if file.path.contains('$') {
                continue;
            }
            let name = if file.raw { "docker run --env-file" } else { "docker compose" };
            // Each file of each service by itself: which line counts is told below.
            let mut one = Found::default();
            for loader in LOADERS.iter().filter(|l| l.name == name) {
                let as_ = (FILE, Reaches::Container);
                dotenv::file(self.state, &mut one, &dir.join(&file.path), std::slice::from_ref(loader), as_);
            }
            files.append(&mut one.sightings);
            for (path, why) in one.unread {
                self.found.fault(&path, &why);
            }
        }
        own.extend(given(service, &path));
        for (line, name, value) in &service.arguments {
            let sighting = sighting(&path, *line, name, value.clone());
            if !self.told.iter().any(|s| is_same(s, &sighting)) {
                self.told.push(sighting);
            }
        }
    }

    /// Of one service, the last of a variable counts.
    fn tell(&mut self, all: &[Sighting]) {
        for (at, sighting) in all.iter().enumerate() {
            let shadowed = all[at + 1..].iter().any(|later| later.variable == sighting.variable);
            match self.told.iter_mut().find(|s| is_same(s, sighting)) {
                Some(known) => known.shadowed &= shadowed,
                None => self.told.push(Sighting { shadowed, ..sighting.clone() }),
            }
        }
    }
}

fn is_same(a: &Sighting, b: &Sighting) -> bool {
    a.variable == b.variable && a.location == b.location
}

fn given<'g>(service: &'g Service, path: &'g Path) -> impl Iterator<Item = Sighting> + 'g {
    let all = service.environment.iter();
    all.map(move |(line, name, value)| sighting(path, *line, name, value.clone()))
}

fn sighting(path: &Path, line: u32, name: &str, value: Option<Token>) -> Sighting {
    let value = match value {
        Some(value) if !compose::refers(&value) => Value::Token(value),
        // Without a value the container gets the host's.
        value => Value::Reference(value.unwrap_or_else(|| Token::new(Vec::new()))),
    };
    Sighting::new(name, value, Location::line(path, line), SETTER, Reaches::Container)
}

#[cfg(test)]
mod tests {
    use super::super::tests::seen;
    use crate::system::fake::Fake;

    fn ask(files: &[(&str, &str)], named: &str) -> Vec<String> {
        let fake = Fake::home().cwd("/home/u/p").file("/home/u/p/.git/config", "").var("COMPOSE_FILE", named);
        let fake = files.iter().fold(fake, |fake, (name, text)| fake.file(&format!("/home/u/p/{name}"), text));
        let told = seen(&fake).into_iter();
        told.map(|line| line.replace("HF_TOKEN ", "").replace("/home/u/p/", "").replace(" container", "")).collect()
    }

    /// Each as `docker compose config` of 2.40 told it.
    #[test]
    fn what_goes_over_what() {
        let (a, b) = (("a.vars", "HF_TOKEN=a\n"), ("b.vars", "HF_TOKEN=\"b\" # c\n"));
        let service = |rest: &str| format!("services:\n  s:\n    image: x\n{rest}");
        let both = service("    env_file: [a.vars, b.vars]\n");
        assert_eq!(ask(&[("compose.yaml", &both), a, b], ""), ["=a a.vars:1 shadowed", "=b b.vars:1"]);
        let own = service("    env_file: [a.vars]\n    environment: [HF_TOKEN=e]\n");
        assert_eq!(ask(&[("compose.yaml", &own), a], ""), ["=a a.vars:1 shadowed", "=e compose.yaml:5"]);
        let hosts = service("    env_file: [a.vars]\n    environment:\n      HF_TOKEN:\n");
        assert_eq!(ask(&[("compose.yaml", &hosts), a], ""), ["=a a.vars:1 shadowed", "? compose.yaml:6"]);
        let raw = service("    env_file:\n    - {path: b.vars, format: raw}\n    - {path: no.vars, required: false}\n");
        assert_eq!(ask(&[("compose.yaml", &raw), b], ""), ["=\"b\" # c b.vars:1"]);
        // For another service it counts.
        let two = format!("{own}  t: {{env_file: a.vars}}\n");
        assert_eq!(ask(&[("compose.yaml", &two), a], ""), ["=a a.vars:1", "=e compose.yaml:5"]);
        let over = service("    env_file: [b.vars]\n");
        let files = [("compose.yaml", own.as_str()), ("docker-compose.override.yml", &over), a, b];
        let want = ["=a a.vars:1 shadowed", "=b b.vars:1 shadowed", "=e compose.yaml:5"];
        assert_eq!(ask(&files, ""), want);
    }

    #[test]
    fn what_is_extended_and_included() {
        let base = ("deep/base.yaml", "services:\n  b:\n    env_file: a.vars\n    environment: [HF_TOKEN=b]\n");
        let file = ("deep/a.vars", "HF_TOKEN=a\n");
        let child = "services:\n  s:\n    extends: {file: deep/base.yaml, service: b}\n    environment: [HF_TOKEN=c]\n";
        let want = ["=a deep/a.vars:1 shadowed", "=b deep/base.yaml:4 shadowed", "=c compose.yaml:4"];
        assert_eq!(ask(&[("compose.yaml", child), base, file], ""), want);
        let same = "services:\n  s: {extends: t}\n  t:\n    environment: [HF_TOKEN=t]\n    extends: s\n";
        assert_eq!(ask(&[("compose.yaml", same)], ""), ["=t compose.yaml:4"], "each begins with the other");
        for include in ["include: [deep/base.yaml]\n", "include:\n- path: [deep/base.yaml]\n"] {
            let want = ["=a deep/a.vars:1 shadowed", "=b deep/base.yaml:4"];
            assert_eq!(ask(&[("compose.yaml", include), base, file], ""), want, "{include}");
        }
        let elsewhere = "include:\n- path: deep/base.yaml\n  project_directory: other\n";
        assert_eq!(ask(&[("compose.yaml", elsewhere), base, file], ""), ["=b deep/base.yaml:4"]);
        let itself = "include: [compose.yaml]\nservices: {s: {environment: {HF_TOKEN: i}}}\n";
        assert_eq!(ask(&[("compose.yaml", itself)], ""), ["=i compose.yaml:2"]);
        assert_eq!(ask(&[base, file], "deep/base.yaml"), ["=b deep/base.yaml:4"]);
    }
}
