//! `hflint undo`: put back what a fix changed.

use std::io::IsTerminal as _;

use clap::Args;

use super::fix::{agreed, complain};
use super::{Error, Global, Outcome, print};
use crate::config::Overrides;
use crate::fix::journal::{Entry, Journal, Phase};
use crate::fix::undo;
use crate::output::fix as shown;
use crate::state::record;
use crate::system::System;

/// Options of `undo`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// the number of a fix [default: the last one that is not undone]
    pub id: Option<u64>,
    /// show the fixes that can be undone
    #[arg(long, conflicts_with_all = ["purge", "force"])]
    pub list: bool,
    /// destroy what the journal keeps, of one fix or of all: it cannot be undone then
    #[arg(long, conflicts_with = "force")]
    pub purge: bool,
    /// also where a file was changed since; what it holds now is kept in the journal
    #[arg(long)]
    pub force: bool,
    /// purge without asking
    #[arg(short, long)]
    pub yes: bool,
}

pub(super) fn run(options: &Options, global: &Global, system: &dyn System) -> Outcome {
    let config = global.load(system, Overrides::default())?;
    let failed = |why: crate::fix::journal::Error| {
        complain(&why.to_string());
        Ok(1)
    };
    let journal = match Journal::open(system) {
        Ok(journal) => journal,
        Err(why) => return failed(why),
    };
    journal.expire(config.journal_keep.value.duration());
    let mut entries = Vec::new();
    let known = match journal.entries() {
        Ok(known) => known,
        Err(why) => return failed(why),
    };
    let mut broken = false;
    for entry in known {
        match entry {
            Ok(entry) => entries.push(entry),
            // The others can be used for that.
            Err(why) => {
                broken = true;
                complain(&why.to_string());
            }
        }
    }
    if options.list {
        print(&shown::entries(&entries, global.format)?)?;
        return Ok(u8::from(broken));
    }
    let damaged = if options.purge && broken { journal.damaged().unwrap_or_default() } else { Vec::new() };
    if let Some(id) = options.id.filter(|id| !damaged.contains(id) && !entries.iter().any(|e| e.id == *id)) {
        return Err(Error::Usage(format!("there is no fix {id}; `hflint undo --list` shows those there are")));
    }
    if options.purge {
        return purge(options, global, &journal, (&entries, &damaged), system);
    }
    let last = |e: &&Entry| options.id.map_or(e.phase != Phase::Undone, |id| e.id == id);
    let Some(entry) = entries.iter().rev().find(last) else {
        complain("nothing to undo");
        return Ok(1);
    };
    match undo::undo(system, &journal, entry, options.force) {
        Err(why) => failed(why),
        Ok(done) => {
            if done.refused.is_empty() {
                let _ = record::note(system, &|_| vec![record::What::Undone { fix: entry.id }]);
            }
            if !global.quiet {
                print(&shown::undone(entry, &done, global.format)?)?;
            }
            for why in &done.refused {
                complain(why);
            }
            if !done.refused.is_empty() && !options.force && entry.phase != Phase::Undone {
                complain(&format!("fix {} is not undone", entry.id));
            }
            Ok(u8::from(!done.refused.is_empty()))
        }
    }
}

/// Destroys the old bytes.
fn purge(
    options: &Options,
    global: &Global,
    journal: &Journal<'_>,
    (entries, damaged): (&[Entry], &[u64]),
    system: &dyn System,
) -> Outcome {
    let is_chosen = |id: u64| options.id.is_none_or(|wanted| wanted == id);
    let chosen: Vec<&Entry> = entries.iter().filter(|e| is_chosen(e.id)).collect();
    // What cannot be read cannot be undone, and holds tokens like any other.
    let damaged: Vec<u64> = damaged.iter().copied().filter(|id| is_chosen(*id)).collect();
    // Where nobody can be asked it was a script that said so: what it wants destroyed, it wants destroyed.
    let asks = !options.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let held = chosen.iter().filter(|e| e.phase != Phase::Undone).count() + damaged.len();
    if asks && held > 0 {
        let what = if held == 1 { "a fix that is".to_owned() } else { format!("{held} fixes that are") };
        if !agreed(&format!("destroy what {what} not undone took away? It cannot be undone then."), system)? {
            complain("nothing was destroyed");
            return Ok(1);
        }
    }
    let mut code = 0;
    let mut count = 0;
    for id in chosen.iter().map(|e| e.id).chain(damaged) {
        match journal.destroy(id) {
            Ok(()) => count += 1,
            Err(why) => {
                complain(&why.to_string());
                code = 1;
            }
        }
    }
    if !global.quiet {
        print(&shown::purged(count, global.format)?)?;
    }
    Ok(code)
}
