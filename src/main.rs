//! Parse, run, map the outcome to an exit code.
//!
//! The hook has a way of its own, before the command line is taken apart: it runs at prompts.

use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::process::ExitCode;

use hflint::system::os::Os;
use hflint::system::watchdog::Watchdog;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    if args.get(1).is_some_and(|a| a == "hook") {
        // Never dropped: the timer ends with the process.
        let mut watchdog = ManuallyDrop::new(Watchdog::start());
        return hflint::cli::hook(&args[2..], &Os, |limit| watchdog.set(limit));
    }
    hflint::cli::main(&args, &Os)
}
