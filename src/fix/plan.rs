//! What a fix would do, as data.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::finding::{Applicability, Finding, Fix, Location};
use crate::rules::Rule;
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::system::Image;

use super::unset::Search;
use super::{clear, git_url, heal, holders, ignore, mode, places, unset};

/// The kind of an action, as the JSON contract names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A variable of this shell.
    Unset,
    /// A text gets another text.
    EditFile,
    /// A file goes into the journal, or to another place.
    Move,
    /// A file or directory that was not there.
    Create,
    /// Something of no worth goes.
    Delete,
    /// A mode.
    Chmod,
    /// A project gets its own credential, or loses it.
    Isolate,
    /// A cached model's reference.
    WriteRef,
    /// A cached model's marker.
    DeleteMarker,
    /// The tool that owns a format.
    Run,
    /// Only the person can.
    Manual,
}

impl Kind {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::EditFile => "edit-file",
            Self::Move => "move",
            Self::Create => "create",
            Self::Delete => "delete",
            Self::Chmod => "chmod",
            Self::Isolate => "isolate",
            Self::WriteRef => "write-ref",
            Self::DeleteMarker => "delete-marker",
            Self::Run => "run",
            Self::Manual => "manual",
        }
    }
}

/// A directive for the shell; what each does is told in `docs/shells.md`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shell {
    /// Unset for good; the shell keeps the old value for `undo`.
    Unset(String),
    /// Unset while the project lasts.
    Hide(String),
    /// A path, exported while the project lasts.
    Export(String, OsString),
    /// The first line of a file, exported as `HF_TOKEN` while the project lasts.
    ExportToken(PathBuf),
    /// Another token in the place of the one that is set, for good; the shell keeps the old one for `undo`.
    Replace(String, Token),
    /// The project ends: what it set goes back. The names are unset where the shell does not know what was there.
    Leave(Vec<String>),
}

/// The tool that owns a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Program and arguments; holds no secret.
    pub command: Vec<OsString>,
    /// What it is given on its standard input when it undoes; may be a secret.
    pub input: Vec<u8>,
}

/// One thing that is done, and that the journal can take back.
#[derive(Debug, Clone)]
pub enum Step {
    /// A path goes from one image to another.
    Put {
        /// Where it really is: no link at its end.
        path: PathBuf,
        /// What was diagnosed.
        before: Image,
        /// What it becomes.
        after: Image,
    },
    /// A file or folder gets another name in its file system, where none was: for what is too large to be kept twice.
    Move {
        /// Where it is.
        from: PathBuf,
        /// Where it goes.
        to: PathBuf,
        /// Its length, as diagnosed.
        size: u64,
    },
    /// Only the mode changes.
    Mode {
        /// Where it really is.
        path: PathBuf,
        /// Permission bits before.
        from: u32,
        /// Permission bits after.
        to: u32,
    },
    /// A directive for this shell.
    Shell(Shell),
    /// A tool is run; what it changes is its own affair.
    Tool {
        /// What is run.
        run: Tool,
        /// What takes it back; `None`: nothing can.
        undo: Option<Tool>,
        /// The file that it edits, where one is known: put back byte by byte by an undo without a tool.
        edits: Option<PathBuf>,
    },
}

/// One change that is shown, asked for and reported as one.
#[derive(Debug, Clone)]
pub struct Action {
    /// The code of the rule that it cures; `None` where the person asked for it outright.
    pub rule: Option<&'static str>,
    /// Its kind.
    pub kind: Kind,
    /// How much may go wrong.
    pub applicability: Applicability,
    /// What it changes.
    pub target: Location,
    /// One line in the imperative, lower case, no secret: `comment out ~/.bashrc:42, which sets HF_TOKEN`.
    pub description: String,
    /// The lines that change, masked.
    pub diff: Option<String>,
    /// The option without which it is left alone (`--login`).
    pub needs: Option<&'static str>,
    /// What the person runs; of [`Kind::Manual`], and of a shell that cannot be reached.
    pub command: Option<String>,
    /// How it is done; empty for [`Kind::Manual`].
    pub steps: Vec<Step>,
}

impl Action {
    /// An action that is done in steps.
    pub fn new(kind: Kind, applicability: Applicability, target: Location, description: impl Into<String>) -> Self {
        Self {
            rule: None,
            kind,
            applicability,
            target,
            description: description.into(),
            diff: None,
            needs: None,
            command: None,
            steps: Vec::new(),
        }
    }

    /// What only the person can do: the command, or the page.
    pub fn manual(target: Location, description: impl Into<String>, command: impl Into<String>) -> Self {
        let mut action = Self::new(Kind::Manual, Applicability::DisplayOnly, target, description);
        action.command = Some(command.into());
        action
    }

    /// Says which rule it cures.
    #[must_use]
    pub fn of(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    /// Adds a step.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Shows the lines that change.
    #[must_use]
    pub fn diff(mut self, diff: String) -> Self {
        self.diff = Some(diff);
        self
    }

    /// Leaves it alone without an option.
    #[must_use]
    pub fn needs(mut self, option: &'static str) -> Self {
        self.needs = Some(option);
        self
    }

    /// The variables of this shell that it unsets for good.
    pub fn unsets(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|s| match s {
            Step::Shell(Shell::Unset(name)) => Some(name.as_str()),
            _ => None,
        })
    }
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// In the order in which they are done.
    pub actions: Vec<Action>,
    /// What to know afterwards: who still holds the old value, what to log in to again.
    pub notes: Vec<String>,
}

impl Plan {
    /// Adds what is not there yet: two findings may have one cure.
    pub fn add(&mut self, action: Action) {
        let same =
            |a: &Action| a.kind == action.kind && a.target == action.target && a.description == action.description;
        if !self.actions.iter().any(same) {
            self.actions.push(action);
        }
    }

    /// That of the least safe action; `None` where there is nothing to do.
    pub fn applicability(&self) -> Option<Applicability> {
        self.actions.iter().map(|a| a.applicability).max()
    }
}

/// What a rule asks for; the plan finds out what that takes here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// These variables go: from this shell, and from where they are set.
    Unset(Vec<String>),
    /// The next shell is not to have these variables; this one may keep them.
    Next(Vec<String>),
    /// These paths get the bits of the second number, and lose those of the third.
    Mode(Vec<PathBuf>, u32, u32),
    /// This token file goes.
    Discard(PathBuf),
    /// This token file becomes what a login would have written.
    Clean(PathBuf),
    /// This directory stands where a token file should.
    Directory(PathBuf),
    /// The netrc entries that replace the token.
    Netrc,
    /// These stored logins have ended.
    Sections(Vec<String>),
    /// The user parts of git's URLs in these lines.
    GitUrls(Vec<Location>),
    /// git is not to see these files.
    Ignore(Vec<PathBuf>),
    /// What these places give to something that is started later or elsewhere.
    Places(String, Vec<Location>),
    /// Something in a cache of models.
    Cache(super::heal::Cure),
    /// A program that runs with an older token.
    Process(Box<super::holders::Old>),
}

impl Remedy {
    /// Variables that go.
    pub fn unset<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self::Unset(names.into_iter().map(Into::into).collect())
    }

    /// The word of `hflint fix` that does this; `None` where only the rule's code does.
    pub fn word(&self) -> Option<&'static str> {
        match self {
            Self::Unset(_) | Self::Next(_) => Some("unset"),
            Self::Mode(..) | Self::GitUrls(_) | Self::Ignore(_) | Self::Places(..) => None,
            Self::Discard(_)
            | Self::Clean(_)
            | Self::Directory(_)
            | Self::Netrc
            | Self::Sections(_)
            | Self::Cache(_) => Some("clear"),
            Self::Process(old) => old.tmux.as_ref().map(|_| "unset"),
        }
    }

    /// Whether it is done only where it is asked for by name, if the finding is merely worth knowing: a token of its own
    /// in such a place, and a model that is asked for by its commit alone, are on purpose more often than not.
    pub fn waits_for_its_name(&self) -> bool {
        matches!(self, Self::Places(..) | Self::GitUrls(_) | Self::Cache(heal::Cure::NoRef { .. }))
    }

    /// The command of a help line.
    pub fn command(&self, rule: &Rule) -> String {
        match self.word() {
            // A deep rule runs only where it is named.
            Some(word) if !matches!(self, Self::Process(_) | Self::Cache(heal::Cure::NoRef { .. })) => {
                format!("hflint fix --{word}")
            }
            _ => self.command_for(rule),
        }
    }

    /// The command that cures this finding alone.
    pub fn command_for(&self, rule: &Rule) -> String {
        match self.word() {
            Some(word) => format!("hflint fix --{word} {}", rule.code),
            None => format!("hflint fix {}", rule.code),
        }
    }
}

/// Finds out how safe the remedies of findings are here and which option they need, and notes it in them.
pub fn offer(snapshot: &Snapshot<'_>, findings: &mut [Finding]) {
    for finding in findings {
        let Some(remedy) = &finding.remedy else { continue };
        let known = match remedy {
            Remedy::Cache(cure) => cure.known(),
            _ => None,
        };
        let (applicability, option) = if let Some((applicability, option)) = known {
            (Some(applicability), option)
        } else {
            let actions = actions(snapshot, finding, &[], Search::Known);
            (actions.iter().map(|a| a.applicability).max(), actions.iter().find_map(|a| a.needs))
        };
        let option = option.map_or_else(String::new, |option| format!(" {option}"));
        let (help, command) = (remedy.command(finding.rule), remedy.command_for(finding.rule) + &option);
        if let Some(said) = finding.help.as_mut().filter(|h| h.command == help) {
            said.command += &option;
        }
        finding.fix = applicability.map(|applicability| Fix { applicability, command });
    }
}

/// The actions that a finding's remedy takes here, where these are done before.
fn actions(snapshot: &Snapshot<'_>, finding: &Finding, before: &[Action], search: Search) -> Vec<Action> {
    let Some(remedy) = &finding.remedy else { return Vec::new() };
    let actions = match remedy {
        Remedy::Unset(names) => unset::actions(snapshot, names, &[], search),
        Remedy::Next(names) => unset::actions(snapshot, &[], names, search),
        Remedy::Mode(paths, set, clear) => mode::actions(snapshot, paths, *set, *clear),
        Remedy::Discard(path) => clear::discard(snapshot, path),
        Remedy::Clean(path) => clear::clean(snapshot, path),
        Remedy::Directory(path) => clear::directory(snapshot, path),
        Remedy::Netrc => clear::netrc(snapshot),
        Remedy::Sections(names) => clear::sections(snapshot, names),
        Remedy::GitUrls(sources) => git_url::actions(snapshot, sources),
        Remedy::Places(name, sources) => places::actions(snapshot, name, sources),
        Remedy::Ignore(paths) => ignore::actions(snapshot, paths),
        Remedy::Cache(cure) => heal::actions(snapshot, cure, before),
        Remedy::Process(old) => vec![holders::action(snapshot, old)],
    };
    actions.into_iter().map(|a| a.of(finding.rule.code)).collect()
}

/// The plan for several findings. What some of them ask of one file is planned together: each on its own would find
/// another file than the one that it was planned for.
pub fn for_findings(snapshot: &Snapshot<'_>, findings: &[&Finding]) -> Plan {
    let mut plan = Plan::default();
    let mut names: Vec<(String, &'static str)> = Vec::new();
    let mut next: Vec<(String, &'static str)> = Vec::new();
    let mut logins: Vec<(String, &'static str)> = Vec::new();
    for finding in findings {
        let (all, into) = match &finding.remedy {
            Some(Remedy::Unset(all)) => (all, &mut names),
            Some(Remedy::Next(all)) => (all, &mut next),
            Some(Remedy::Sections(all)) => (all, &mut logins),
            _ => continue,
        };
        for name in all {
            if !into.iter().any(|(n, _)| n == name) {
                into.push((name.clone(), finding.rule.code));
            }
        }
    }
    let owner = |of: &[(String, &'static str)], action: &Action| {
        let named = of.iter().find(|(name, _)| action.description.split([' ', '\"', ';', ',']).any(|w| w == name));
        named.or(of.first()).map(|(_, code)| *code)
    };
    let only = |of: &[(String, &'static str)]| of.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    for action in unset::actions(snapshot, &only(&names), &only(&next), Search::Whole) {
        let rule = owner(&[names.as_slice(), &next].concat(), &action);
        plan.add(Action { rule, ..action });
    }
    for action in clear::sections(snapshot, &only(&logins)) {
        let rule = owner(&logins, &action);
        plan.add(Action { rule, ..action });
    }
    for finding in findings {
        if !matches!(finding.remedy, Some(Remedy::Unset(_) | Remedy::Next(_) | Remedy::Sections(_))) {
            for action in actions(snapshot, finding, &plan.actions, Search::Whole) {
                plan.add(action);
            }
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{R, cached, commit, python};
    use crate::state::State;
    use crate::state::caches::Depth;

    /// What is offered for a cached model without a plan is what the plan would say.
    #[test]
    fn what_is_known_of_a_cure_is_what_its_plan_comes_to() {
        let a = commit('a');
        let machines = [
            cached('a').dir(&format!("{R}/snapshots/{}", commit('b')), 0o755),
            cached('a').file(&format!("{R}/.no_exist/{a}/config.json"), ""),
            python(cached('a').file(&format!("{R}/blobs/e.incomplete"), "12"), &[("huggingface_hub", "0.36.2")]),
            cached('a').link(&format!("{R}/snapshots/{a}/w"), "../../blobs/gone"),
            cached('a')
                .file(&format!("{R}/blobs/{}", "d".repeat(64)), "")
                .link(&format!("{R}/snapshots/{a}/w"), &format!("../../blobs/{}", "d".repeat(64))),
            cached('a').file(&format!("{R}/blobs/e.0123abcd.incomplete"), "12"),
            cached('a').file("/home/u/.cache/torch/transformers/x", "123"),
            cached('a').mode(&format!("{R}/blobs/b"), "{}", 0),
        ];
        for (number, fake) in machines.iter().enumerate() {
            let snapshot = Snapshot::new(State::new(fake));
            snapshot.state.look(Depth::Deep);
            let mut found = Vec::new();
            for rule in crate::rules::RULES {
                (rule.check)(&snapshot, &mut found);
            }
            let mut met = 0;
            for finding in &found {
                let Some(Remedy::Cache(cure)) = &finding.remedy else { continue };
                let Some((applicability, option)) = cure.known() else { continue };
                met += 1;
                let planned = actions(&snapshot, finding, &[], Search::Known);
                assert!(!planned.is_empty(), "{cure:?}");
                assert!(planned.iter().all(|a| (a.applicability, a.needs) == (applicability, option)), "{cure:?}");
            }
            assert!(met > 0, "machine {number}");
        }
    }
}
