//! hflint: which Hugging Face token would each client send here, where does it come from, and what is wrong with it.
//!
//! Values go one way: `system` (the only door to the machine) → `state` (what is true here) → `clients` (what each
//! release would read) → `rules` (pure functions of the snapshot) → findings → `output` or `fix`. Nothing prints, exits or
//! touches the machine on that way; `cli` drives it and `main` maps the end to an exit code.

pub mod child;
pub mod cli;
pub mod clients;
pub mod config;
pub mod explain;
pub mod finding;
pub mod fix;
pub mod map;
mod nearest;
pub mod output;
pub mod rules;
pub mod secret;
pub mod shell;
pub mod snapshot;
pub mod state;
pub mod system;
