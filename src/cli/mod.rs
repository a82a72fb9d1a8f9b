//! The command line: what was typed, and one file per command.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::output::sanitize;
use crate::secret::mask_text;
use crate::system::System;

mod check;
pub use check::{Report, report};
mod explain;
mod status;

/// says which Hugging Face token each client would send here, and what is wrong with it; offline
#[derive(Debug, Parser)]
#[command(name = "hflint", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 usage or internal error")]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: check::Options,
    #[command(flatten)]
    global: Global,
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
    /// print a rule's page, or the list of rules
    Explain(explain::Options),
}

/// Why a command ended without its answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// What was typed does not make sense.
    #[error("{0}")]
    Usage(String),
    /// The output could not be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] std::io::Error),
}

/// What a command came to: its exit code.
pub(crate) type Outcome = Result<u8, Error>;

/// Parses the command line of this process and runs it.
pub fn main(system: &dyn System) -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // clap knows which stream and code fit, and repeats what was typed: that may be a token.
            let text = mask_text(&e.render().ansi().to_string());
            let _ = if e.use_stderr() {
                anstream::stderr().write_all(text.as_bytes())
            } else {
                anstream::stdout().write_all(text.as_bytes())
            };
            return ExitCode::from(if e.use_stderr() { 2 } else { 0 });
        }
    };
    match run(&cli, system) {
        Ok(code) => ExitCode::from(code),
        // Whoever closed the pipe has read enough: `hflint explain --list | head` succeeds.
        Err(Error::Output(e)) if e.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(e) => {
            let _ = writeln!(anstream::stderr(), "hflint: {}", sanitize::line(&e.to_string()));
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli, system: &dyn System) -> Outcome {
    match cli.global.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    match &cli.command {
        None => check::run(&cli.check, &cli.global, system),
        Some(Command::Check(options)) => check::run(options, &cli.global, system),
        Some(Command::Status(options)) => status::run(options, &cli.global, system),
        Some(Command::Explain(options)) => explain::run(options, &cli.global),
    }
}

/// Writes a whole answer at once, so that a reader sees all of it or none.
fn print(text: &str) -> Result<(), Error> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// The names nearest to a mistyped one, the best first; none where nothing is near.
fn nearest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    known
        .map(|k| (distance(&typed, &k.to_lowercase()), k))
        .filter(|(d, k)| *d <= (k.len().max(typed.len()) / 3).max(1))
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// Edit distance (Levenshtein); clap has one, but keeps it to itself.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
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
    fn nearest_name() {
        assert_eq!(nearest("HF1O1", ["HF101", "HF202"].into_iter()), Some("HF101"));
        assert_eq!(nearest("huggingface-hub", ["huggingface_hub", "git"].into_iter()), Some("huggingface_hub"));
        assert_eq!(nearest("zzzzzzzz", ["huggingface_hub", "git"].into_iter()), None);
    }
}
