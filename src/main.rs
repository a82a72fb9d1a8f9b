//! Parse, run, map the outcome to an exit code.
//!
//! The hook has a way of its own, before the command line is taken apart: it runs at prompts.

use std::process::ExitCode;

use hflint::system::os::Os;
use hflint::system::watchdog::Watchdog;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    if args.next().is_some_and(|a| a == "hook") {
        let watchdog = Watchdog::start();
        return hflint::cli::hook(&args.collect::<Vec<_>>(), &Os, |limit| watchdog.set(limit));
    }
    hflint::cli::main(&Os)
}
