//! `hflint uninstall`: take away what hflint put on this machine, shown and confirmed; the program itself stays.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use clap::{Args, ValueEnum as _};

use super::fix::{agreed, complain};
use super::{Error, Format, Global, Outcome, print};
use crate::config::Overrides;
use crate::fix::apply::{self, apply};
use crate::fix::plan::Kind;
use crate::fix::uninstall::{Uninstall, plan};
use crate::output::fix as shown;
use crate::output::sanitize::{line, path};
use crate::shell::init::Shell;
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::system::recorded::Recorded;
use crate::system::{Own, System};

/// Options of `uninstall`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// show what would go, and take nothing away
    #[arg(long, visible_alias = "dry-run")]
    pub diff: bool,
    /// do not ask
    #[arg(short, long)]
    pub yes: bool,
}

pub(super) fn run(options: &Options, global: &Global, system: &dyn System) -> Outcome {
    let once = Recorded::new(system);
    // Also with a configuration that cannot be used: nobody should have to mend it first.
    let config = global.load(&once, Overrides::default()).unwrap_or_default();
    let keep = config.journal_keep.value.duration();
    let snapshot = Snapshot::new(State::new(&once)).with_config(config);
    let Uninstall { plan, directories } = plan(&snapshot).map_err(Error::Usage)?;
    let home = system.var("HOME");
    let text = global.format == Format::Text && !global.quiet;
    let nothing = plan.actions.is_empty() && directories.is_empty();
    if text {
        let mut out = if plan.actions.is_empty() { String::new() } else { shown::plan_text(&plan) };
        for (dir, lost) in &directories {
            let lost = if lost.is_empty() { String::new() } else { format!(": {lost}") };
            let _ = writeln!(out, "unsafe: destroy {}{}", path(dir, home.as_deref()), line(&lost));
        }
        if nothing {
            out.push_str("no start-up file loads the hook, and hflint keeps nothing here\n");
        }
        print(&out)?;
    }
    if options.diff {
        if global.format == Format::Json {
            print(&shown::plan_json(&plan)?)?;
        }
        return Ok(u8::from(!nothing));
    }
    if !nothing && !options.yes {
        let asks = text && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if !asks {
            complain("nobody can be asked here: hflint uninstall --yes takes it away without; nothing was changed");
            return Ok(1);
        }
        if !agreed("take all of this away? It cannot be undone.", system)? {
            complain("nothing was changed");
            return Ok(1);
        }
    }
    let done = match apply(system, "uninstall", &plan.actions, vec![None; plan.actions.len()], keep) {
        Ok(done) => done,
        Err(why) => {
            complain(&format!("nothing was changed: {why}"));
            return Ok(1);
        }
    };
    if global.format == Format::Json {
        print(&shown::report_json(&plan, &done)?)?;
    }
    let mut failed = !done.trouble.is_empty();
    for (action, outcome) in plan.actions.iter().zip(&done.outcomes) {
        if let apply::Outcome::Failed(why) = outcome {
            complain(&format!("could not {}: {why}", action.description));
            failed = true;
        }
    }
    for why in &done.trouble {
        complain(why);
    }
    if failed {
        // What was changed can only be taken back as long as the journal is there.
        let undo = done.id.map_or_else(String::new, |id| format!("; `hflint undo {id}` takes back what was changed"));
        complain(&format!("hflint's own directories stay{undo}"));
        return Ok(1);
    }
    for (dir, _) in &directories {
        if let Err(why) = system.destroy(dir) {
            complain(&format!("could not destroy {}: {why}", path(dir, home.as_deref())));
            failed = true;
        }
    }
    if text && !failed {
        print(&rest(&snapshot, system))?;
    }
    let by_hand = plan.actions.iter().any(|a| a.kind == Kind::Manual);
    Ok(u8::from(failed || by_hand))
}

/// What is left for the person: this shell, the configuration, the program.
fn rest(snapshot: &Snapshot<'_>, system: &dyn System) -> String {
    let home = system.var("HOME");
    let mut out = String::new();
    let hooked = system.var("HFLINT_STATE").and_then(|s| s.into_string().ok());
    let shell = hooked.as_deref().and_then(|s| s.split(':').next());
    if let Some(shell) = Shell::value_variants().iter().find(|s| Some(s.name()) == shell) {
        let init = format!("init {}", shell.name());
        let unload = match shell {
            // What it would print is one word, and nushell can't read what a program prints.
            Shell::Nu => "__hflint_remove".to_owned(),
            _ => shell.load_line().replacen(&init, &format!("{init} --remove"), 1),
        };
        let _ = writeln!(out, "this shell has the hook until it ends, or until you type: {unload}");
    }
    let config = snapshot.state.system.own_dir(Own::Config).filter(|dir| system.stat(dir).is_ok());
    if let Some(config) = config {
        let _ = writeln!(out, "your configuration stays: {}", path(&config, home.as_deref()));
    }
    if let Some(program) = super::init::binary(system) {
        let cargo = program.parent().is_some_and(|dir| dir.ends_with(".cargo/bin"));
        let command =
            if cargo { "cargo uninstall hflint".to_owned() } else { format!("rm {}", quote_path(Some(&program))) };
        let _ = writeln!(out, "the program stays: {}", line(&command));
    }
    out
}
