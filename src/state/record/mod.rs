//! The record: what hflint remembers of the tokens that it met, in `$XDG_STATE_HOME/hflint/record`.
//!
//! Three files, mode 0600, none of which holds a token: `key`, random bytes; `verified.json`, the hub's last word on each
//! token; `log.jsonl`, what happened and when. A token is known in them by a hash under the key, so that the files alone
//! tell nobody whether a token that they have is one of these; the masked form, whose four characters would tell, is made
//! anew from the tokens that still stand on the machine.

mod events;
mod key;
pub mod verified;

pub use events::{Event, Names, Place, Record, Sighting, What, load, note, observe};
