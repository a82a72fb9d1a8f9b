//! What a rule says: a finding, how bad it is, and where.

use std::path::{Path, PathBuf};

use crate::fix::plan::Remedy;
use crate::rules::Rule;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// Something will surprise the person.
    Warning,
    /// Something is broken for a client that is here.
    Error,
}

impl Severity {
    /// The word that marks it, in text and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl std::str::FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const ALL: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Info];
        ALL.into_iter().find(|s| s.word() == text).ok_or_else(|| {
            let hint = crate::nearest::did_you_mean(text, ALL.iter().map(|s| s.word()));
            format!("'{text}' is none of error, warning, info{hint}")
        })
    }
}

/// A place in the state of this machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// An environment variable.
    Variable {
        /// Its name.
        name: String,
    },
    /// A file, perhaps a line of it.
    File {
        /// Absolute and unresolved.
        path: PathBuf,
        /// Counted from 1.
        line: Option<u32>,
    },
    /// A directory.
    Directory {
        /// Absolute and unresolved.
        path: PathBuf,
    },
    /// A running process.
    Process {
        /// Its id.
        pid: u32,
        /// Its name.
        name: String,
    },
    /// A git repository.
    Repository {
        /// Its root.
        path: PathBuf,
    },
}

impl Location {
    /// A variable.
    pub fn variable(name: impl Into<String>) -> Self {
        Self::Variable { name: name.into() }
    }

    /// A whole file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File { path: path.into(), line: None }
    }

    /// A line of a file.
    pub fn line(path: impl Into<PathBuf>, line: u32) -> Self {
        Self::File { path: path.into(), line: Some(line) }
    }

    /// The line of a file, where one is told.
    pub fn line_number(&self) -> Option<u32> {
        if let Self::File { line, .. } = self { *line } else { None }
    }

    /// A directory.
    pub fn directory(path: impl Into<PathBuf>) -> Self {
        Self::Directory { path: path.into() }
    }

    /// The path, where the place has one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } | Self::Directory { path } | Self::Repository { path } => Some(path),
            Self::Variable { .. } | Self::Process { .. } => None,
        }
    }
}

/// How much may go wrong when a fix is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// Variables of this shell, and the mode of the person's own credential files: applied without asking.
    Safe,
    /// Everything else: asked for.
    Unsafe,
    /// Cannot be done from here: the command or page is named.
    DisplayOnly,
}

impl Applicability {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::DisplayOnly => "display-only",
        }
    }
}

/// One command that cures, and what it makes of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// Can be run as it stands.
    pub command: String,
    /// Who the person becomes, or what changes; may be empty.
    pub then: String,
}

/// A fix that `hflint fix` offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// That of its least safe action.
    pub applicability: Applicability,
    /// Can be run as it stands.
    pub command: String,
}

/// One fault, or one thing worth knowing.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that says so.
    pub rule: &'static Rule,
    /// How bad it is here.
    pub severity: Severity,
    /// Lower case, no final full stop; holds no secret and no raw text of a file.
    pub message: String,
    /// The message for the prompt, where a shorter one says it too.
    pub brief: Option<String>,
    /// What stays the same of the message for as long as this is the same fault, where it tells the time.
    pub known_as: Option<String>,
    /// Where, the main place first.
    pub locations: Vec<Location>,
    /// Further lines: a label of one word, and what it says.
    pub notes: Vec<(&'static str, String)>,
    /// What to do.
    pub help: Option<Help>,
    /// What the rule asks of `hflint fix`.
    pub remedy: Option<Remedy>,
    /// What `hflint fix` can do about it: found out by planning the remedy, where somebody wants to know.
    pub fix: Option<Fix>,
    /// Not for the prompt, although its rule runs there: a fault that can wait for `hflint check`.
    pub lint_only: bool,
}

impl Finding {
    /// A finding of a rule, to be filled in by chaining.
    pub fn new(rule: &'static Rule, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity,
            message: message.into(),
            brief: None,
            known_as: None,
            locations: Vec::new(),
            notes: Vec::new(),
            help: None,
            remedy: None,
            fix: None,
            lint_only: false,
        }
    }

    /// Says it shorter, for the prompt.
    #[must_use]
    pub fn brief(mut self, text: impl Into<String>) -> Self {
        self.brief = Some(text.into());
        self
    }

    /// Says what stays of the message while it tells the time.
    #[must_use]
    pub fn known_as(mut self, text: impl Into<String>) -> Self {
        self.known_as = Some(text.into());
        self
    }

    /// Adds a place.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.locations.push(location);
        self
    }

    /// Adds a line.
    #[must_use]
    pub fn note(mut self, label: &'static str, text: impl Into<String>) -> Self {
        self.notes.push((label, text.into()));
        self
    }

    /// Keeps it out of the prompt.
    #[must_use]
    pub fn lint_only(mut self) -> Self {
        self.lint_only = true;
        self
    }

    /// Says what to do, and what comes of it.
    #[must_use]
    pub fn help(mut self, command: impl Into<String>, then: impl Into<String>) -> Self {
        self.help = Some(Help { command: command.into(), then: then.into() });
        self
    }

    /// Says what `hflint fix` does about it, and what comes of it.
    #[must_use]
    pub fn remedy(mut self, remedy: Remedy, then: impl Into<String>) -> Self {
        self.help = Some(Help { command: remedy.command(self.rule), then: then.into() });
        self.remedy = Some(remedy);
        self
    }

    /// Says that variables are to go, and what comes of it: by `hflint fix` where the shell's hook can do it.
    #[must_use]
    pub fn unset(self, names: &[&str], then: impl Into<String>) -> Self {
        if names.iter().all(|name| crate::fix::unset::REACHABLE.contains(name)) {
            self.remedy(Remedy::unset(names.iter().copied()), then)
        } else {
            self.help(format!("unset {}", names.join(" ")), then)
        }
    }

    /// Lets `hflint fix` do something about it that is not what the help line says first.
    #[must_use]
    pub fn offers(mut self, remedy: Remedy) -> Self {
        self.remedy = Some(remedy);
        self
    }
}
