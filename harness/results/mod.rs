//! Results: what a run found, in files of JSON Lines, and what can be made of several of them.
//!
//! Records are data; `store` reads and writes them, `compare` and `merge` work on them in memory.
//! Nothing here runs anything or decides how something looks.

mod description;
mod records;
pub mod definition;
pub mod store;
pub mod compare;
pub mod merge;

pub use description::*;
pub use records::*;
