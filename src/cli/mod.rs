//! The command line: what was typed, and one file per command.

use std::io::{IsTerminal as _, Write as _};
use std::mem::ManuallyDrop;
use std::os::unix::ffi::OsStrExt as _;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::nearest::did_you_mean;
use crate::output::sanitize;
use crate::secret::mask_text;
use crate::system::System;
use crate::system::recorded::Recorded;

mod check;
pub use check::{Report, report};
mod completions;
mod config;
pub use config::{Row, Value};
mod exec;
mod explain;
mod fix;
mod health;
mod hook;
mod ignore;
mod init;
mod isolate;
mod log;
mod progress;
mod rotate;
mod status;
mod trust;
mod undo;
mod uninstall;
mod verify;
pub use status::Shown;
pub(crate) use verify::Asked;

/// says which Hugging Face token each client would send here, and what is wrong with it; offline
#[derive(Debug, Parser)]
#[command(name = "hflint", version, max_term_width = 100, disable_help_subcommand = true, args_override_self = true)]
#[command(after_help = "Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 usage or internal error")]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: check::Options,
    #[command(flatten)]
    global: Global,
}

impl Cli {
    /// What bare `hflint` and `hflint check` say. To build all commands and options takes clap a fifth of such a check;
    /// anything else that is typed goes through it, and a test holds the two together.
    fn plain(args: &[std::ffi::OsString]) -> Option<Self> {
        let command = match args {
            [_] => None,
            [_, check] if check == "check" => Some(Command::Check(check::Options::default())),
            _ => return None,
        };
        let (format, color) = (Format::Text, Color::Auto);
        let global = Global { format, color, quiet: false, verbose: false, config: None, no_config: false };
        Some(Self { command, check: check::Options::default(), global })
    }
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// output format
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// when to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// print less
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// print more
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// read this configuration alone, not the person's own and the project's
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<std::path::PathBuf>,
    /// read no configuration file
    #[arg(long, global = true, conflicts_with = "config")]
    pub no_config: bool,
}

impl Global {
    /// The settings in force, under these options and a command's own.
    fn load(&self, system: &dyn System, options: crate::config::Overrides) -> Result<crate::config::Config, Error> {
        use crate::config::{From, load};
        let from = match &self.config {
            _ if self.no_config => From::Nowhere,
            Some(path) => From::File(path),
            None => From::Person,
        };
        Ok(load(system, from, options)?)
    }
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// for people
    Text,
    /// one object, versioned
    Json,
}

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// on a terminal that wants it
    Auto,
    /// always
    Always,
    /// never
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// run the rules on the state here and print the findings (the default)
    Check(check::Options),
    /// show which token each client sends here, and from where
    Status(status::Options),
    /// repair what is found: shown, confirmed, written to the journal
    Fix(fix::Options),
    /// put back what a fix changed
    Undo(undo::Options),
    /// explain a rule, or an error text against the state here
    Explain(explain::Options),
    /// run a command with exactly one credential, or none
    Exec(exec::Options),
    /// have the hub asked, through your own `hf`, which of the tokens here are alive
    Verify(verify::Options),
    /// show the record: when each token was first seen, where, when it changed, was verified, fixed
    Log,
    /// accept what a rule finds here, until it changes: an entry in your configuration
    Ignore(ignore::Options),
    /// print the shell hook: eval "$(hflint init bash)", or hflint init fish | source
    Init(init::Options),
    /// print completions
    Completions(completions::Options),
    /// what the shell hook calls
    #[command(hide = true)]
    Hook {
        /// how the script compares files
        words: Vec<std::ffi::OsString>,
    },
    /// print the settings in force, each with its source
    Config,
    /// let a project's .hflint.toml say all that your own configuration may, until it changes
    Trust(trust::Options),
    /// take away the hook's lines, the isolations and the journal: shown and confirmed
    Uninstall(uninstall::Options),
}

/// Why a command ended without its answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// What was typed does not make sense.
    #[error("{0}")]
    Usage(String),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] crate::config::Error),
    /// The output could not be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] std::io::Error),
}

/// What a command came to: its exit code.
pub(crate) type Outcome = Result<u8, Error>;

/// Parses a command line, the program's own name first, and runs it.
pub fn main(args: &[std::ffi::OsString], system: &dyn System) -> ExitCode {
    match completions::answer(args, system) {
        Ok(false) => {}
        answered => return exit_code(answered.map(|_| 0)),
    }
    no_colour_by_force(system);
    if let Some(cli) = Cli::plain(args) {
        return exit_code(run(&cli, system));
    }
    let args = &asked_for_help(args);
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(e) => {
            // clap knows which stream and code fit, and repeats what was typed: that may be a token, or steer a
            // terminal. Escaped before clap puts its own colours round it, since afterwards nobody can tell them apart.
            let harmless = args.iter().map(|a| sanitize::line(&sanitize::bytes(a.as_bytes())));
            let e = Cli::try_parse_from(harmless).err().filter(|again| again.kind() == e.kind()).unwrap_or(e);
            let text = mask_text(&e.render().ansi().to_string());
            if e.use_stderr() {
                let _ = anstream::stderr().write_all(text.as_bytes());
                return ExitCode::from(2);
            }
            return exit_code(print(&text).map(|()| 0));
        }
    };
    exit_code(run(&cli, system))
}

/// `hflint help check` as `hflint check --help`. Not clap's own subcommand, which every shell's completions would
/// carry with a copy of all commands below it.
fn asked_for_help(args: &[std::ffi::OsString]) -> Vec<std::ffi::OsString> {
    let mut args = args.to_vec();
    let help = args.iter().skip(1).take_while(|a| *a == "help").count();
    if help > 0 {
        args.drain(1..=help);
        args.push("--help".into());
    }
    args
}

fn exit_code(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(code) => ExitCode::from(code),
        // Whoever closed the pipe has read enough: `hflint explain --list | head` succeeds.
        Err(Error::Output(e)) if e.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(e) => {
            trouble(&e.to_string());
            ExitCode::from(2)
        }
    }
}

/// Says what is wrong, perhaps in several lines.
fn trouble(text: &str) {
    let _ = writeln!(anstream::stderr(), "hflint: {}", lines(text));
}

/// Lines of our own stay lines; whatever else steers a terminal is escaped. A line that a file made endless is cut.
fn lines(text: &str) -> String {
    let cut = |line: &str| {
        let line = sanitize::line(line);
        match line.char_indices().nth(5000) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    };
    text.split('\n').map(cut).collect::<Vec<_>>().join("\n")
}

/// `CLICOLOR_FORCE=0` asks for nothing (bixense.com/clicolors); anstream takes any value for yes.
fn no_colour_by_force(system: &dyn System) {
    let asked = system.var("CLICOLOR_FORCE").is_some_and(|v| v == "0");
    let dumb = system.var("TERM").is_none_or(|t| t == "dumb");
    if asked && (dumb || !std::io::stdout().is_terminal()) {
        anstream::ColorChoice::Never.write_global();
    }
}

/// The hook's short way: no command line to take apart, nothing but directives, always exit 0.
pub fn hook(args: &[std::ffi::OsString], system: &dyn System, deadline: impl FnOnce(std::time::Duration)) -> ExitCode {
    // Written straight: the prompt is no terminal for this output, and a closed pipe is the script's own affair.
    let _ = std::io::stdout().write_all(hook::answer(args, system, deadline).as_bytes());
    ExitCode::SUCCESS
}

fn run(cli: &Cli, system: &dyn System) -> Outcome {
    match cli.global.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    // Those that only look ask each thing once. Never dropped: the process ends with it.
    let once = ManuallyDrop::new(Recorded::new(system));
    match &cli.command {
        None => check::run(&cli.check, &cli.global, &*once, system),
        Some(Command::Check(options)) => check::run(options, &cli.global, &*once, system),
        Some(Command::Status(options)) => status::run(options, &cli.global, &*once),
        Some(Command::Fix(options)) => fix::run(options, &cli.global, system),
        Some(Command::Undo(options)) => undo::run(options, &cli.global, system),
        Some(Command::Exec(options)) => exec::run(options, &cli.global, system),
        Some(Command::Verify(options)) => verify::run(options, &cli.global, system),
        Some(Command::Log) => log::run(&cli.global, &*once),
        Some(Command::Ignore(options)) => ignore::run(options, &cli.global, system),
        Some(Command::Init(options)) => init::run(options, system),
        Some(Command::Completions(options)) => completions::run(options),
        Some(Command::Hook { words }) => {
            print(&hook::answer(words, system, |_| ()))?;
            Ok(0)
        }
        Some(Command::Explain(options)) => explain::run(options, &cli.global, &*once),
        Some(Command::Config) => config::run(&cli.global, system),
        Some(Command::Trust(options)) => trust::run(options, &cli.global, system),
        Some(Command::Uninstall(options)) => uninstall::run(options, &cli.global, system),
    }
}

/// Writes a whole answer at once, so that a reader sees all of it or none.
fn print(text: &str) -> Result<(), Error> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parser_is_sound() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn the_short_way_says_what_clap_says() {
        for words in [&["hflint"][..], &["hflint", "check"]] {
            let args: Vec<std::ffi::OsString> = words.iter().map(Into::into).collect();
            let parsed = Cli::try_parse_from(&args).unwrap();
            assert_eq!(format!("{:?}", Cli::plain(&args).unwrap()), format!("{parsed:?}"));
        }
        for words in [&["hflint", "--deep"][..], &["hflint", "check", "-q"], &["hflint", "status"], &[]] {
            let args: Vec<std::ffi::OsString> = words.iter().map(Into::into).collect();
            assert!(Cli::plain(&args).is_none(), "{words:?}");
        }
    }
}
