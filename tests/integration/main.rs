//! The integration tests: one binary, so that the library is linked once.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests make their own machines; only the library has a single door to the system"
)]

mod activate;
mod cases;
mod common;
mod completions;
mod encode;
mod exec;
mod explain;
mod fix;
mod fix_cases;
mod fix_faults;
mod fix_full_disk;
mod fix_isolate;
mod fix_rotate;
mod fix_states;
mod git_config;
mod git_ignore;
mod hook;
mod ignore;
mod log;
mod machine;
mod output;
#[cfg(target_os = "linux")]
mod processes;
mod python_environments;
mod python_modules;
mod sandbox;
mod secrets;
mod trust;
mod uninstall;
