//! `hflint fix`: plan, show, confirm, apply, journal.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use clap::Args;

use super::{Error, Format, Global, Outcome, print, report};
use crate::config::Overrides;
use crate::finding::{Applicability, Finding, Severity};
use crate::fix::apply::{self, Report, apply};
use crate::fix::heal::{WASTE, sizes};
use crate::fix::plan::{self, Action, Plan};
use crate::fix::{clear, holders};
use crate::output::fix as shown;
use crate::rules::{self, When};
use crate::shell::words::translated;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::state::record;
use crate::system::System;
use crate::system::recorded::Recorded;

/// Options of `fix`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// unset, clear, isolate, rotate, or nothing; then the rules to fix: codes, names, groups such as HF1 [default: all findings]
    #[arg(value_name = "RULE")]
    pub words: Vec<String>,
    /// take variables out of this shell, and out of the files that set them
    #[arg(long, group = "act")]
    pub unset: bool,
    /// clear stale credentials away: left-over token files, expired logins, entries that override
    #[arg(long, group = "act")]
    pub clear: bool,
    /// with clear: the login in use may go as well
    #[arg(long)]
    pub login: bool,
    /// with clear: left-overs of downloads and caches of an earlier form go as well
    #[arg(long)]
    pub waste: bool,
    #[command(flatten)]
    pub isolate: super::isolate::Options,
    /// put a new token, asked for or from standard input, where the one in use stands, or that of RULE
    #[arg(long, group = "act")]
    pub rotate: bool,
    /// show what would change, and change nothing
    #[arg(long, visible_alias = "dry-run")]
    pub diff: bool,
    /// also make the changes that would be asked for
    #[arg(short, long)]
    pub yes: bool,
}

/// What the first word or an option of that name asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Unset,
    Clear,
    Isolate,
    Rotate,
}

impl Act {
    const ALL: [Self; 4] = [Self::Unset, Self::Clear, Self::Isolate, Self::Rotate];

    fn word(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Clear => "clear",
            Self::Isolate => "isolate",
            Self::Rotate => "rotate",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Unset => "take variables out of this shell, and out of the files that set them",
            Self::Clear => "clear stale credentials away",
            Self::Isolate => "give this project a credential of its own",
            Self::Rotate => "put a new token where the one in use stands",
        }
    }
}

/// What `fix` can be asked to do by a word, each with its help.
pub(super) fn acts() -> impl Iterator<Item = (&'static str, &'static str)> {
    Act::ALL.into_iter().map(|act| (act.word(), act.help()))
}

pub(super) fn run(options: &Options, global: &Global, system: &dyn System) -> Outcome {
    let (act, rules) = asked(options)?;
    let once = Recorded::new(system);
    let config = global.load(&once, Overrides::default())?;
    let keep = config.journal_keep.value.duration();
    let snapshot = Snapshot::new(State::new(&once)).with_config(config);
    let mut plan = match act {
        Some(Act::Isolate) => options.isolate.plan(&snapshot)?,
        Some(Act::Rotate) => {
            let named = |rule: &&rules::Rule| rules.iter().any(|name| rule.is(name));
            let run: Vec<_> = snapshot.config.rules().into_iter().filter(named).collect();
            let Some(plan) = super::rotate::plan(&snapshot, &once, system, &run, options.diff)? else {
                complain("nothing was changed");
                return Ok(1);
            };
            plan
        }
        _ => plans(&snapshot, act, &rules, options.waste),
    };
    apply::leave_read_only(system, &mut plan.actions);
    for action in &mut plan.actions {
        let given = [(options.login, "--login"), (options.waste, WASTE)];
        if given.iter().any(|(given, option)| *given && action.needs == Some(option)) {
            action.needs = None;
        }
    }
    if options.waste {
        plan.notes.extend(sizes(&snapshot, &plan.actions));
    }
    if let Some(shell) = system.parent().filter(|_| global.format == Format::Text) {
        for command in plan.actions.iter_mut().filter_map(|a| a.command.as_mut()) {
            *command = translated(command, &shell);
        }
    }
    if options.diff {
        match global.format {
            Format::Json => print(&shown::plan_json(&plan)?)?,
            Format::Text if global.quiet => {}
            Format::Text => print(&(shown::plan_text(&plan) + &shown::notes_text(&plan)))?,
        }
        return Ok(u8::from(!plan.actions.is_empty()));
    }
    let text = global.format == Format::Text && !global.quiet;
    if text {
        print(&shown::plan_text(&plan))?;
    }
    let outcomes = choose(&plan, options, global, system)?;
    let unset: Vec<&str> = plan.actions.iter().flat_map(Action::unsets).collect();
    if text && !unset.is_empty() && act != Some(Act::Rotate) {
        plan.notes = holders::notes(&snapshot.state, &unset);
    }
    let done = apply(system, &command(act, &rules), &plan.actions, outcomes, keep);
    let done = match done {
        Ok(done) => done,
        Err(why) => {
            let failed = |a: &Action| match a.command {
                Some(_) if a.steps.is_empty() => apply::Outcome::Shown,
                _ => apply::Outcome::Failed("nothing was changed".to_owned()),
            };
            let outcomes = plan.actions.iter().map(failed).collect();
            Report { id: None, outcomes, trouble: vec![format!("nothing was changed: {why}")] }
        }
    };
    if let Some(id) = done.id {
        // As it was before: of a token that is gone nothing is known afterwards.
        super::log::observe(&snapshot, system);
        let made = plan.actions.iter().zip(&done.outcomes).filter(|(_, o)| **o == apply::Outcome::Applied);
        let codes = made.filter_map(|(action, _)| action.rule);
        let what = record::What::fixed(id, &command(act, &rules), codes);
        // What was done is done, also where that cannot be written down a second time.
        let _ = record::note(system, &|_| vec![what.clone()]);
    }
    match global.format {
        Format::Json => print(&shown::report_json(&plan, &done)?)?,
        Format::Text if global.quiet => {}
        Format::Text => print(&shown::report_text(&plan, &done))?,
    }
    for (action, outcome) in plan.actions.iter().zip(&done.outcomes) {
        if let apply::Outcome::Failed(why) = outcome
            && done.trouble.is_empty()
        {
            complain(&format!("could not {}: {why}", action.description));
        }
    }
    for why in &done.trouble {
        complain(why);
    }
    let all = done.trouble.is_empty() && done.outcomes.iter().all(|o| *o == apply::Outcome::Applied);
    Ok(u8::from(!all))
}

pub(super) fn complain(why: &str) {
    let _ = writeln!(anstream::stderr(), "hflint: {}", crate::output::sanitize::line(why));
}

/// The action and the rules that were typed.
fn asked(options: &Options) -> Result<(Option<Act>, Vec<String>), Error> {
    let flag = options.unset.then_some(Act::Unset).or(options.clear.then_some(Act::Clear));
    let flag = flag.or(options.isolate.isolate.then_some(Act::Isolate)).or(options.rotate.then_some(Act::Rotate));
    let mut words = options.words.as_slice();
    let word = words.first().and_then(|w| Act::ALL.into_iter().find(|a| a.word() == w));
    if word.is_some() {
        words = &words[1..];
    }
    if let (Some(flag), Some(word)) = (flag, word)
        && flag != word
    {
        return Err(Error::Usage(format!("--{} and {} are two things to do: choose one", flag.word(), word.word())));
    }
    for name in words {
        if rules::select(name).is_empty() {
            return Err(Error::Usage(rules::unknown(name)));
        }
    }
    let act = flag.or(word);
    if act == Some(Act::Isolate) {
        if let Some(name) = words.first() {
            return Err(Error::Usage(format!("isolate takes no rule: '{}'", crate::output::sanitize::line(name))));
        }
    } else if let Some(stray) = options.isolate.stray() {
        return Err(Error::Usage(format!("{stray} belongs to 'hflint fix isolate'")));
    }
    Ok((act, words.to_vec()))
}

/// What was typed, in short, for the journal.
fn command(act: Option<Act>, rules: &[String]) -> String {
    let act = act.map_or_else(String::new, |a| format!(" --{}", a.word()));
    let rules = rules.iter().fold(String::new(), |out, r| out + " " + &crate::output::sanitize::line(r));
    format!("fix{act}{rules}")
}

/// The plan for what was asked.
fn plans(snapshot: &Snapshot<'_>, act: Option<Act>, rules: &[String], waste: bool) -> Plan {
    let is_asked = |rule: &rules::Rule| rules.is_empty() || rules.iter().any(|name| rule.is(name));
    // A deep one only where it is named; to clear means the caches too, and waste only where that is said.
    let clears = |r: &rules::Rule| act == Some(Act::Clear) && r.group() == "HF4" && (waste || r.code != "HF408");
    let run: Vec<_> = snapshot.config.rules();
    let run: Vec<_> = run
        .into_iter()
        .filter(|r| match rules {
            [] => r.when != When::Deep || clears(r),
            _ => rules::RULES.iter().any(|asked| is_asked(asked) && r.goes_with(asked)),
        })
        .collect();
    let found = report(snapshot, &run, true).findings;
    let word = |f: &Finding| f.remedy.as_ref().and_then(plan::Remedy::word);
    let waits = |f: &Finding| {
        let by_name = f.remedy.as_ref().is_some_and(plan::Remedy::waits_for_its_name);
        by_name && f.severity == Severity::Info && rules.is_empty()
    };
    let chosen: Vec<&Finding> = found
        .iter()
        .filter(|f| is_asked(f.rule) && act.is_none_or(|act| word(f) == Some(act.word())) && !waits(f))
        .collect();
    let mut plan = plan::for_findings(snapshot, &chosen);
    for finding in chosen {
        // What only the person can do is named: of a fault, not of what is merely worth knowing.
        if let (None, None, Some(help)) = (act, &finding.remedy, &finding.help)
            && (finding.severity > Severity::Info || !rules.is_empty())
            && !help.command.starts_with("hflint ")
            && let Some(at) = finding.locations.first()
        {
            plan.add(Action::manual(at.clone(), &finding.message, &help.command).of(finding.rule.code));
        }
    }
    if act == Some(Act::Clear) && rules.is_empty() {
        for action in clear::stale(snapshot) {
            plan.add(action);
        }
    }
    plan
}

/// What is not done, and why; the person is asked once, for all that is not safe.
fn choose(
    plan: &Plan,
    options: &Options,
    global: &Global,
    system: &dyn System,
) -> Result<Vec<Option<apply::Outcome>>, Error> {
    let unsafe_ones = plan.actions.iter().filter(|a| a.applicability == Applicability::Unsafe && a.needs.is_none());
    let count = unsafe_ones.count();
    // Asked on standard error, so that a caller may keep standard output; nobody sits at the end of a file.
    let asks = global.format == Format::Text && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let refused = if options.yes || count == 0 {
        None
    } else if !asks {
        Some(apply::Outcome::Held("--yes"))
    } else if agreed(&question(count), system)? {
        None
    } else {
        Some(apply::Outcome::Declined)
    };
    Ok(plan
        .actions
        .iter()
        .map(|action| match action.applicability {
            _ if action.needs.is_some() => action.needs.map(apply::Outcome::Held),
            Applicability::Unsafe => refused.clone(),
            Applicability::Safe | Applicability::DisplayOnly => None,
        })
        .collect())
}

fn question(count: usize) -> String {
    let what = if count == 1 { "the change".to_owned() } else { format!("the {count} changes") };
    format!("make {what} marked unsafe?")
}

/// Asks on standard error; anything but a yes is a no.
pub(super) fn agreed(question: &str, system: &dyn System) -> Result<bool, Error> {
    // In bash and zsh this runs inside `$(…)`: a Ctrl-Z here would hang the shell.
    system.hold_still();
    write!(anstream::stderr(), "{question} [y/N] ")?;
    anstream::stderr().flush()?;
    // Bytes: what is no text is no yes, and no error either.
    let mut answer = Vec::new();
    std::io::stdin().lock().read_until(b'\n', &mut answer)?;
    Ok(matches!(answer.trim_ascii().to_ascii_lowercase().as_slice(), b"y" | b"yes"))
}
