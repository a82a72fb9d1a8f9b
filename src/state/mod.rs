//! What is true on this machine: one file for each kind of place, all values, gathered when they are first asked for.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::system::{CREDENTIAL_LIMIT, Content, ReadError, System};

mod bracket;
pub mod caches;
pub mod compose;
pub mod configparser;
pub mod document;
pub mod dotenv;
mod environments;
pub mod git;
pub mod holders;
pub mod isolation;
pub mod netrc;
pub mod packages;
pub mod places;
pub mod processes;
pub mod project_files;
pub mod provenance;
pub mod record;
pub mod startup;
pub mod stored_tokens;
pub mod tmux;
pub mod variables;

/// The state here. Cheap to make: nothing is read before it is asked for, and nothing is read twice.
pub struct State<'a> {
    /// The machine.
    pub system: &'a dyn System,
    credentials: RefCell<BTreeMap<PathBuf, Rc<Result<Content, ReadError>>>>,
    netrc: OnceCell<netrc::Netrc>,
    git: OnceCell<git::Git>,
    dotenv: OnceCell<Option<dotenv::Dotenv>>,
    project_files: OnceCell<Vec<project_files::Holder>>,
    packages: OnceCell<packages::Packages>,
    isolation: OnceCell<isolation::Here>,
    places: OnceCell<places::Found>,
    started: RefCell<Vec<(startup::Shell, startup::Mode, Rc<startup::Started>)>>,
    set_by: RefCell<BTreeMap<String, Option<provenance::SetBy>>>,
    caches: OnceCell<caches::Caches>,
    depth: Cell<caches::Depth>,
    progress: Option<caches::Progress>,
}

impl<'a> State<'a> {
    /// The state of a machine.
    pub fn new(system: &'a dyn System) -> Self {
        Self {
            system,
            credentials: RefCell::default(),
            netrc: OnceCell::new(),
            git: OnceCell::new(),
            dotenv: OnceCell::new(),
            project_files: OnceCell::new(),
            packages: OnceCell::new(),
            isolation: OnceCell::new(),
            places: OnceCell::new(),
            started: RefCell::default(),
            set_by: RefCell::default(),
            caches: OnceCell::new(),
            depth: Cell::default(),
            progress: None,
        }
    }

    /// An environment variable.
    pub fn var(&self, name: &str) -> Option<OsString> {
        self.system.var(name)
    }

    /// An environment variable that is set and not empty.
    pub fn non_empty(&self, name: &str) -> Option<OsString> {
        self.var(name).filter(|v| !v.is_empty())
    }

    /// A credential file, read once, 64 KiB at most.
    pub fn credential(&self, path: &Path) -> Rc<Result<Content, ReadError>> {
        if let Some(known) = self.credentials.borrow().get(path) {
            return Rc::clone(known);
        }
        let read = Rc::new(self.system.read(path, CREDENTIAL_LIMIT));
        self.credentials.borrow_mut().insert(path.to_owned(), Rc::clone(&read));
        read
    }

    /// The netrc file that Python's requests reads.
    pub fn netrc(&self) -> &netrc::Netrc {
        self.netrc.get_or_init(|| netrc::gather(self))
    }

    /// What git holds for the Hub: credential stores and remotes here.
    pub fn git(&self) -> &git::Git {
        self.git.get_or_init(|| git::gather(self))
    }

    /// The nearest `.env` upward, as python-dotenv reads it.
    pub fn dotenv(&self) -> Option<&dotenv::Dotenv> {
        self.dotenv.get_or_init(|| dotenv::gather(self)).as_ref()
    }

    /// Files of the repository here in which a token stands.
    pub fn project_files(&self) -> &[project_files::Holder] {
        self.project_files.get_or_init(|| project_files::gather(self))
    }

    /// Token variables in the compose file here; only one rule asks, once.
    pub fn compose(&self) -> Vec<compose::Entry> {
        compose::gather(self)
    }

    /// The client packages installed here.
    pub fn packages(&self) -> &packages::Packages {
        self.packages.get_or_init(|| packages::gather(self))
    }

    /// The same where the isolation here was looked up already.
    #[must_use]
    pub fn with_isolation(mut self, here: isolation::Here) -> Self {
        self.isolation = OnceCell::from(here);
        self
    }

    /// Whether this is an isolated project.
    pub fn isolation(&self) -> &isolation::Here {
        self.isolation.get_or_init(|| isolation::here(self.system))
    }

    /// The places that give a credential to something started later or elsewhere. Never asked at a prompt: it reads some
    /// hundred files.
    pub fn places(&self) -> &places::Found {
        self.places.get_or_init(|| places::gather(self))
    }

    /// The same where they were looked at already.
    pub fn known_places(&self) -> Option<&places::Found> {
        self.places.get()
    }

    /// A shell that a terminal starts next, run in thought once; it can be asked for every variable of `startup::names`.
    pub(crate) fn started(&self, shell: startup::Shell, mode: startup::Mode) -> Rc<startup::Started> {
        if let Some((.., known)) = self.started.borrow().iter().find(|(s, m, _)| (*s, *m) == (shell, mode)) {
            return Rc::clone(known);
        }
        let started = Rc::new(startup::start(self.system, shell, mode, startup::From::Terminal, &startup::names()));
        self.started.borrow_mut().push((shell, mode, Rc::clone(&started)));
        started
    }

    /// The same, to be asked for this one variable, whichever it is.
    fn started_for(&self, shell: startup::Shell, mode: startup::Mode, name: &str) -> Rc<startup::Started> {
        let known = self.started(shell, mode);
        if known.tells_of(name) {
            return known;
        }
        let names: Vec<&str> = startup::names().into_iter().chain([name]).collect();
        Rc::new(startup::start(self.system, shell, mode, startup::From::Terminal, &names))
    }

    /// What the person's own shell, opened in a terminal, will have of a variable.
    pub fn next_shell(&self, mode: startup::Mode, name: &str) -> (startup::Shell, startup::Next) {
        let own = startup::Shell::own(self.system);
        (own, self.started_for(own, mode, name).variable(name))
    }

    /// The caches in use here, as deep as was asked for last before they were looked at first.
    pub fn caches(&self) -> &caches::Caches {
        self.caches.get_or_init(|| caches::gather(self, self.depth.get(), self.progress))
    }

    /// The same where they were looked at already.
    pub fn known_caches(&self) -> Option<&caches::Caches> {
        self.caches.get()
    }

    /// How deep to look into the caches.
    pub fn look(&self, depth: caches::Depth) {
        self.depth.set(depth);
    }

    /// Is told how far a long look got.
    #[must_use]
    pub fn with_progress(mut self, progress: Option<caches::Progress>) -> Self {
        self.progress = progress;
        self
    }

    /// What set a variable, found out once: several rules and formats ask.
    fn set_by(&self, name: &str, find: impl FnOnce() -> Option<provenance::SetBy>) -> Option<provenance::SetBy> {
        if let Some(known) = self.set_by.borrow().get(name) {
            return known.clone();
        }
        let found = find();
        self.set_by.borrow_mut().insert(name.to_owned(), found.clone());
        found
    }
}
