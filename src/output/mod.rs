//! One file per format; all of them render the same values.

mod caches;
mod dotenv;
pub(crate) mod explain;
pub mod fix;
pub mod json;
pub(crate) mod log;
mod next_shells;
pub mod project;
pub mod prompt;
pub mod sanitize;
pub mod text;
pub mod time;
pub(crate) mod verify;
