//! Runtimes: interpreters under test, how they are found and installed, and the trials of cases on them.
//!
//! `launchers/` has the scripts that `install` runs.
//! Nothing here runs a case, and nothing here knows how the Python side works.

mod interpreter;
pub mod discover;
pub mod install;
mod trial;

pub use interpreter::*;
pub use trial::Trial;
