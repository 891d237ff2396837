//! The suite: the vocabulary of events, shapes and verdicts, and the case files that are written in it.
//!
//! Everything that a case file can say lives here, with its reading and its checks.
//! Nothing here starts an interpreter or judges what it did, and only `files` does I/O.

pub mod yaml;
mod event;
mod shape;
mod verdict;
mod guard;
mod case;
mod check;
mod files;

pub use case::*;
pub use event::*;
pub use files::*;
pub use guard::*;
pub use shape::*;
pub(crate) use verdict::words;
pub use verdict::*;
