//! `hflint completions SHELL`, and the answer to a shell that asks at a press of Tab.
//!
//! The scripts are those of clap_complete's engine: a few lines that ask this program for each word. The scripts that
//! clap_complete makes ahead of time know no rule, no client and no summary beside them, are 8 to 30 KB that bash and
//! zsh read at each start of a shell, and go stale with the next release; to ask costs about a millisecond at a press of
//! Tab and nothing at a start. In the binary the engine takes 37 KB, as the generators took 42; both would be twice.
//!
//! The hook is not touched by any of this: it is answered before a command line is taken apart.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, Args, Command, CommandFactory as _, ValueEnum, ValueHint};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _};
use clap_complete::env::{Bash, EnvCompleter, Fish, Shells, Zsh};

use super::{Cli, Error, Outcome, print};
use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::model::HubPath;
use crate::clients::{paths, registry};
use crate::output::sanitize;
use crate::rules::RULES;
use crate::shell::init::Shell;
use crate::state::{State, isolation, stored_tokens};
use crate::system::System;

/// Set by the scripts, to the name of the shell. Not clap_complete's usual `COMPLETE`: whoever has that exported would
/// get a script in place of every answer. Without `HFLINT_` in front, which would be a setting.
const ASKED: &str = "_HFLINT_COMPLETE";

/// Only those whose completions are tested in the real shell.
const SHELLS: &[&dyn EnvCompleter] = &[&Bash, &Zsh, &Fish];

/// Options of `completions`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// the shell that reads them
    #[arg(value_parser = completed())]
    pub shell: Shell,
}

/// The shells of [`SHELLS`]: not each that has a hook has completions.
fn completed() -> impl TypedValueParser<Value = Shell> {
    let all = Shell::value_variants().iter().filter(|shell| Shells(SHELLS).completer(shell.name()).is_some());
    // Each of them is a variant: the first is never taken in place of another.
    PossibleValuesParser::new(all.filter_map(ValueEnum::to_possible_value))
        .map(|name| Shell::from_str(&name, false).unwrap_or(Shell::Bash))
}

/// Prints the script, the same as the file under `completions/`.
pub(super) fn run(options: &Options) -> Outcome {
    let mut script = Vec::new();
    if let Some(shell) = Shells(SHELLS).completer(options.shell.name()) {
        // By its name, found on PATH: the file is the same on every machine, and stays right when the program moves.
        shell.write_registration(ASKED, "hflint", "hflint", "hflint", &mut script)?;
    }
    // clap_complete begins and ends its scripts with any number of line ends.
    let mut script = format!("{}\n", String::from_utf8_lossy(&script).trim());
    if options.shell == Shell::Zsh {
        // Found in `fpath`, the file is the function itself, at its first call; it would answer from the second on.
        script.push_str("if [[ $funcstack[1] == _hflint ]]; then _clap_dynamic_completer_hflint \"$@\"; fi\n");
    }
    print(&script)?;
    Ok(0)
}

/// Answers the scripts; false where nobody asked.
pub(super) fn answer(args: &[OsString], system: &dyn System) -> Result<bool, Error> {
    if args.is_empty() || system.var(ASKED).is_none_or(|shell| shell.is_empty()) {
        return Ok(false);
    }
    // The script repeats what was typed, and an answer can begin with it.
    if !args.iter().all(|word| is_harmless(word)) {
        return Ok(true);
    }
    let known = Known::new(system);
    CompleteEnv::with_factory(|| with_candidates(Cli::command(), &known))
        .var(ASKED)
        .shells(Shells(SHELLS))
        .completer("hflint")
        .try_complete(args, system.cwd().as_deref())
        .map_err(|e| {
            let text = e.to_string();
            Error::Usage(format!("{ASKED}: {}", text.trim_start_matches("error: ").trim()))
        })
}

/// What this machine has names for, each with its summary.
#[derive(Debug, Default, Clone)]
struct Known {
    /// Of `--profile`.
    profiles: Vec<(String, String)>,
    /// Roots of isolated projects.
    projects: Vec<(PathBuf, String)>,
    /// bash puts what it is given into the line as it is; the others quote it first.
    unquoted: bool,
}

impl Known {
    fn new(system: &dyn System) -> Self {
        let projects = isolation::all(system);
        let mut profiles: Vec<(String, String)> = Vec::new();
        for name in isolation::profiles(system) {
            let count = projects.iter().filter(|p| p.profile.as_deref() == Some(&*name)).count();
            let plural = if count == 1 { "" } else { "s" };
            profiles.push((name, format!("a profile, of {count} project{plural}")));
        }
        let state = State::new(system);
        let path = paths::hub_stored_tokens(system, HubPath::Expanded);
        let stored = stored_tokens::read(&state, &path, HUGGINGFACE_HUB.newest);
        for token in stored.iter().flat_map(|s| &s.tokens) {
            // A profile of the same name goes before it.
            if profiles.iter().all(|(name, _)| *name != token.name) {
                profiles.push((token.name.clone(), format!("the stored token {}", token.token.masked())));
            }
        }
        let projects = projects.into_iter().map(|project| {
            let of = project.profile.map_or_else(String::new, |name| format!(", with the profile {name}"));
            (project.root, format!("an isolated project{of}"))
        });
        Self { profiles, projects: projects.collect(), unquoted: system.var(ASKED).is_some_and(|s| s == Bash.name()) }
    }

    /// Whether a shell can be given this, and a person be shown it.
    fn takes(&self, value: &OsStr) -> bool {
        // A file name such as `$(…)` would run when the line is entered.
        let plain = |c: char| c.is_alphanumeric() || "~/._-+=:@%,".contains(c);
        is_harmless(value) && (!self.unquoted || value.to_string_lossy().chars().all(plain))
    }
}

/// Says for each option and argument what can stand there, by the name that its help gives the value. In one place, so
/// that a new command has completions when it names its values as the others do.
fn with_candidates(command: Command, known: &Known) -> Command {
    command.mut_args(|arg| with_values(arg, known)).mut_subcommands(|command| with_candidates(command, known))
}

fn with_values(arg: Arg, known: &Known) -> Arg {
    let name = arg.get_value_names().and_then(|names| names.first()).map(|name| name.as_str().to_owned());
    let known = known.clone();
    match (arg.get_id().as_str(), name.as_deref(), arg.get_value_hint()) {
        // What `fix` is asked to do stands where the rules stand.
        ("words", Some("RULE"), _) => arg.add(ArgValueCompleter::new(move |typed: &OsStr| {
            let acts = super::fix::acts().map(|(word, help)| candidate(word, help.to_owned()));
            let mut out = beginning(typed, acts);
            out.extend(rules(typed, false));
            out
        })),
        (_, Some("RULE"), _) => {
            // Where several can be given, a group is one of them.
            let groups = arg.get_value_delimiter().is_some();
            arg.add(ArgValueCompleter::new(move |typed: &OsStr| rules(typed, groups)))
        }
        // A rule, or the file of a log.
        ("what", ..) => arg.add(ArgValueCompleter::new(move |typed: &OsStr| {
            let mut out = rules(typed, false);
            out.extend(files(&PathCompleter::any(), typed, &known));
            out
        })),
        // A variable, or a file; names of stored tokens are the person's own business.
        ("which", ..) => arg.add(ArgValueCompleter::new(move |typed: &OsStr| {
            let all = crate::state::variables::ALL.iter().map(|v| candidate(v.name, v.readers.to_owned()));
            let mut out = beginning(typed, all);
            out.extend(files(&PathCompleter::any(), typed, &known));
            out
        })),
        (_, Some("NAME[@VERSION]"), _) => arg.add(ArgValueCompleter::new(clients)),
        ("profile", ..) => arg.add(ArgValueCompleter::new(move |typed: &OsStr| {
            let all = known.profiles.iter().filter(|(name, _)| known.takes(OsStr::new(name)));
            beginning(typed, all.map(|(name, help)| candidate(name, help.clone())))
        })),
        ("project", ..) => arg.add(ArgValueCompleter::new(move |typed: &OsStr| {
            let all = known.projects.iter().filter(|(root, _)| known.takes(root.as_os_str()));
            let mut out = beginning(typed, all.map(|(root, help)| candidate(root, help.clone())));
            out.extend(files(&PathCompleter::dir(), typed, &known));
            out
        })),
        (_, Some("DIR"), _) | (.., ValueHint::DirPath) => {
            arg.add(ArgValueCompleter::new(move |typed: &OsStr| files(&PathCompleter::dir(), typed, &known)))
        }
        (.., ValueHint::AnyPath | ValueHint::FilePath) => {
            arg.add(ArgValueCompleter::new(move |typed: &OsStr| files(&PathCompleter::any(), typed, &known)))
        }
        _ => arg,
    }
}

/// Codes, each with its name; names as soon as what is typed can be no code.
fn rules(typed: &OsStr, groups: bool) -> Vec<CompletionCandidate> {
    let mut out = Vec::new();
    for rule in RULES {
        if groups && out.last().is_none_or(|(last, _): &(&str, _)| *last != rule.group()) {
            let count = RULES.iter().filter(|r| r.group() == rule.group()).count();
            let help = format!("all {count} rules of {}xx", rule.group());
            out.push((rule.group(), candidate(rule.group(), help)));
        }
        let help = format!("{}: {}", rule.name, rule.summary);
        out.push((rule.group(), candidate(rule.code, help)));
        out.push((rule.group(), candidate(rule.name, format!("{}: {}", rule.code, rule.summary)).hide(true)));
    }
    beginning(typed, out.into_iter().map(|(_, candidate)| candidate))
}

/// Names of clients; behind an `@`, the releases since which one reads something else.
fn clients(typed: &OsStr) -> Vec<CompletionCandidate> {
    let named =
        typed.to_str().and_then(|t| t.split_once('@')).and_then(|(name, _)| Some((name, registry::by_name(name)?)));
    if let Some((name, client)) = named {
        let mut releases = vec![(client.newest.to_string(), "the newest release that is known")];
        // The newest first: it is what most people have. The tables count a release's own previews to it (`.dev0`).
        for model in client.models.iter().rev() {
            let release = model.since.to_string();
            let release = release.strip_suffix(".dev0").unwrap_or(&release);
            if releases.iter().all(|(known, _)| known != release) {
                releases.push((release.to_owned(), "the first release that looks as it does"));
            }
        }
        let releases =
            releases.into_iter().map(|(release, help)| candidate(format!("{name}@{release}"), help.to_owned()));
        return beginning(typed, releases);
    }
    beginning(typed, registry::all().map(|client| candidate(client.name, client.title.to_owned())))
}

/// Files, but none whose name would print a token, steer a terminal, or mean something to the shell.
fn files(completer: &PathCompleter, typed: &OsStr, known: &Known) -> Vec<CompletionCandidate> {
    completer.complete(typed).into_iter().filter(|c| known.takes(c.get_value())).collect()
}

fn candidate(value: impl Into<OsString>, help: String) -> CompletionCandidate {
    CompletionCandidate::new(value).help(Some(help.into()))
}

/// Those that begin as typed; in their own order, not that of the alphabet.
fn beginning(typed: &OsStr, all: impl Iterator<Item = CompletionCandidate>) -> Vec<CompletionCandidate> {
    let fits = |c: &CompletionCandidate| c.get_value().as_bytes().starts_with(typed.as_bytes());
    all.filter(fits).enumerate().map(|(i, c)| c.display_order(Some(i))).collect()
}

/// Whether a word can be printed as it is.
fn is_harmless(word: &OsStr) -> bool {
    let text = word.to_string_lossy();
    sanitize::line(&text) == text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(typed: &str, groups: bool) -> Vec<String> {
        let all = rules(OsStr::new(typed), groups);
        all.iter().filter(|c| !c.is_hide_set()).map(|c| c.get_value().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn codes_first_and_groups_where_several_fit() {
        let codes: Vec<&str> = RULES.iter().map(|r| r.code).collect();
        assert_eq!(values("", false), codes);
        assert_eq!(values("HF10", false)[0], "HF101");
        assert_eq!(values("HF1", true)[..2], ["HF1", "HF101"]);
        let named = rules(OsStr::new("env-sh"), false);
        assert_eq!(named.len(), 1);
        let help = named[0].get_help().expect("a summary").to_string();
        assert!(help.starts_with("HF101: "), "{help}");
    }

    #[test]
    fn clients_and_their_releases() {
        let of = |typed: &str| clients(OsStr::new(typed));
        assert_eq!(of("").len(), registry::all().count());
        for found in of("huggingface_hub@") {
            let asked = found.get_value().to_string_lossy().into_owned();
            let (name, version) = asked.split_once('@').expect("a release");
            assert!(
                registry::by_name(name).is_some() && version.parse::<crate::clients::version::Version>().is_ok(),
                "{asked}"
            );
        }
        assert!(of("huggingface_hub@").len() > 10);
        assert!(of("nobody@").is_empty());
    }

    /// Every value that can be typed is completed, or is here because nobody could know it.
    #[test]
    fn no_value_is_forgotten() {
        const FREE: &[&str] = &["DATE", "TEXT", "WORDS", "ID", "COMMAND"];
        fn walk(command: &Command) {
            for arg in command.get_arguments().filter(|a| a.get_num_args().is_none_or(|n| n.takes_values())) {
                let known = arg.get::<ArgValueCompleter>().is_some() || !arg.get_possible_values().is_empty();
                let name = arg.get_value_names().and_then(|n| n.first()).map_or("", |n| n.as_str());
                assert!(known || FREE.contains(&name), "{} {}: {name}", command.get_name(), arg.get_id());
            }
            command.get_subcommands().for_each(walk);
        }
        let mut command = with_candidates(Cli::command(), &Known::default());
        command.build();
        walk(&command);
    }
}
