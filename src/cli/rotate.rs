//! `hflint fix rotate`: which token goes, and the one that comes.

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::PathBuf;

use super::{Error, report};
use crate::finding::Finding;
use crate::fix::plan::Plan;
use crate::fix::rotate;
use crate::rules::Rule;
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::system::recorded::Recorded;
use crate::system::{CREDENTIAL_LIMIT, System};

/// The plan; `None` where the person gave up at the prompt. `run`: the rules that were named; none: the token in effect.
pub(super) fn plan(
    snapshot: &Snapshot<'_>,
    once: &Recorded<'_>,
    system: &dyn System,
    run: &[&'static Rule],
    diff: bool,
) -> Result<Option<Plan>, Error> {
    let old = if run.is_empty() {
        rotate::in_effect(snapshot)
    } else {
        let found = report(snapshot, run, true).findings;
        let found: Vec<&Finding> = found.iter().collect();
        rotate::of_findings(snapshot, &found)
    };
    let old = old.map_err(Error::Usage)?;
    let new = match given(system, &old, diff)? {
        Given::New(new) => Some(new),
        Given::NotYet => None,
        Given::Up => return Ok(None),
    };
    // Asked before, so that what it looks at is among what was seen.
    let known = rotate::places::known(snapshot);
    let seen: Vec<PathBuf> = once.seen(|_, _, _| Some(())).into_iter().map(|((), path, _)| path).collect();
    Ok(Some(rotate::plan(snapshot, &old, new.as_ref(), &[known, seen].concat())))
}

/// The new token, from the terminal or from standard input.
enum Given {
    New(Token),
    /// `--diff` shows the places without one.
    NotYet,
    /// The person gave up.
    Up,
}

fn given(system: &dyn System, old: &Token, diff: bool) -> Result<Given, Error> {
    let input = if !std::io::stdin().is_terminal() {
        let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(CREDENTIAL_LIMIT + 1));
        std::io::stdin().lock().take(CREDENTIAL_LIMIT as u64 + 1).read_to_end(&mut bytes)?;
        if diff && bytes.trim_ascii().is_empty() {
            return Ok(Given::NotYet);
        }
        bytes
    } else if diff {
        return Ok(Given::NotYet);
    } else {
        // In bash and zsh this runs inside `$(…)`: a Ctrl-Z here would hang the shell.
        system.hold_still();
        let mut err = anstream::stderr();
        writeln!(err, "{} goes everywhere it stands; make the new one at {}", old.masked(), rotate::NEW_TOKEN)?;
        let typed = system.ask_hidden(&mut || {
            write!(anstream::stderr(), "new token (not shown): ")?;
            anstream::stderr().flush()
        });
        writeln!(err)?;
        match typed? {
            Some(bytes) => bytes,
            None => return Ok(Given::Up),
        }
    };
    rotate::checked(&input, old).map(Given::New).map_err(|why| Error::Usage(format!("{why}; nothing was changed")))
}
