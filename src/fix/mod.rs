//! Repair: plan → show → confirm → apply → journal.
//!
//! A [`plan::Plan`] is data: actions of the kinds that the JSON contract names, each with the steps that carry it out.
//! Planning looks and changes nothing; [`apply::apply`] changes and decides nothing. Whatever an action does goes
//! through a [`plan::Step`], because steps are what the journal knows how to take back:
//!
//! - [`plan::Step::Put`]: a path goes from one [`crate::system::Image`] to another. Editing, making, moving into the
//!   journal and deleting are all this one step, so that a kill in the middle and an undo afterwards have one proof:
//!   a path holds its old image or its new one.
//! - [`plan::Step::Move`]: a large file gets another name in its file system; nothing is copied.
//! - [`plan::Step::Mode`]: only the mode changes; the text may change meanwhile.
//! - [`plan::Step::Shell`]: a directive for the shell that the person sits in.
//! - [`plan::Step::Tool`]: the tool that owns a format, and the one that undoes it.
//!
//! # How an action is added
//!
//! 1. Write a file beside this one with a function that takes a snapshot and what was found, and returns
//!    [`plan::Action`]s. Read the old image with [`place::take`], which follows one link, refuses what is not the
//!    person's own and says why; build the new image from it with [`crate::system::FileImage::with`]. Where it cannot
//!    be done from here, return [`plan::Action::manual`] with the command that does it.
//! 2. Several steps of one action are carried out together: if one fails, those before it are taken back. Two actions
//!    never touch the same path: merge them, or the second finds another file than the one that was diagnosed.
//! 3. A description and a diff are shown and written down: they hold no secret. [`diff`] masks.
//! 4. Add the word to [`crate::cli`]'s `fix` (`Act`), and call the function from `plans` there; for a rule's finding,
//!    let the rule name a [`plan::Remedy`] and add its arm to `actions` in [`plan`].
//! 5. A rule's remedy is tested by the rule's cases (`tests/integration/fix_cases.rs`): fix, check is clean, fix again
//!    changes nothing, undo restores bytes, mode and time. Beyond that a test under `tests/integration/fix*.rs`, and a
//!    line in the table of the fault injection, which then kills it at every call.
//!
//! What the shell's old values are is known to that shell alone (see `docs/shells.md`); a step that unsets one says
//! so in the journal by name.

pub mod apply;
pub mod carry;
pub mod clear;
pub mod comment;
pub mod diff;
pub mod git_url;
pub mod heal;
pub mod holders;
pub mod ignore;
pub mod isolate;
pub mod journal;
pub mod mode;
mod next;
pub mod place;
pub mod places;
pub mod plan;
pub mod rotate;
pub mod undo;
pub mod uninstall;
pub mod unset;
