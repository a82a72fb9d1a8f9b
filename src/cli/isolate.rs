//! The options of `hflint fix isolate`.

use clap::{Args, ValueEnum};

use super::Error;
use crate::fix::isolate::{Wanted, plan};
use crate::fix::plan::Plan;
use crate::snapshot::Snapshot;
use crate::state::isolation::By;

/// Options of `fix isolate`.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub(crate) struct Options {
    /// give this project a credential of its own
    #[arg(long, group = "act")]
    pub isolate: bool,
    /// with isolate: copy the token in effect
    #[arg(long)]
    pub from_current: bool,
    /// with isolate: share the credential of this name between projects
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// with isolate: also export HF_TOKEN, for clients that read nothing else
    #[arg(long)]
    pub export: bool,
    /// with isolate: write the paths into this tool's own place, and do without the hook
    #[arg(long, value_enum, value_name = "TOOL")]
    pub to: Option<Tool>,
    /// with isolate: end it
    #[arg(long, conflicts_with_all = ["from_current", "profile", "export", "to", "rebind"])]
    pub off: bool,
    /// with isolate: take over the isolation that this project had before it was moved
    #[arg(long)]
    pub rebind: bool,
}

/// `--to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tool {
    /// the activate scripts of the virtual environment here
    Venv,
    /// activate.d of the conda environment in use
    Conda,
    /// the project's .envrc
    Direnv,
    /// the project's mise.local.toml
    Mise,
}

impl Options {
    /// The first option that makes no sense without isolate.
    pub(super) fn stray(&self) -> Option<&'static str> {
        let given = [
            (self.from_current, "--from-current"),
            (self.profile.is_some(), "--profile"),
            (self.export, "--export"),
            (self.to.is_some(), "--to"),
            (self.off, "--off"),
            (self.rebind, "--rebind"),
        ];
        given.iter().find(|(given, _)| *given).map(|(_, name)| *name)
    }

    /// The plan.
    pub(super) fn plan(&self, snapshot: &Snapshot<'_>) -> Result<Plan, Error> {
        let wanted = Wanted {
            from_current: self.from_current,
            profile: self.profile.clone(),
            export: self.export,
            by: match self.to {
                None => By::Hook,
                Some(Tool::Venv) => By::Venv,
                Some(Tool::Conda) => By::Conda,
                Some(Tool::Direnv) => By::Direnv,
                Some(Tool::Mise) => By::Mise,
            },
            off: self.off,
            rebind: self.rebind,
        };
        plan(snapshot, &wanted).map_err(Error::Usage)
    }
}
