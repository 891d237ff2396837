//! The run: from a plan of trials to their records.
//!
//! `plan` says what runs, `execute` runs it, `judge` gives the verdicts, and `outcome` decides which failures are known.
//! Nothing here starts a process itself, and nothing here reads or writes files of results.

pub mod plan;
pub mod judge;
mod record;
mod outcome;
mod workers;
mod execute;
mod probe;
pub mod differential;

pub use execute::*;
pub use probe::*;
pub use record::*;
pub use workers::share;
