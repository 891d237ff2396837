//! The run: turns a plan of trials into their records.
//!
//! `plan` chooses the trials, `execute` runs them, `judge` gives the verdicts, and `outcome` decides which failures are
//! known. `record` is data only.
//! Nothing here starts a process itself, and nothing here reads or writes results files.

pub mod shard;
pub mod plan;
pub mod judge;
mod seconds;
mod record;
mod outcome;
mod rounds;
mod workers;
mod execute;
mod probe;
pub mod guard;
pub(crate) mod differential;
#[cfg(test)]
pub(crate) mod fixtures;

pub use execute::{Late, Message, execute, run};
pub use outcome::Standing;
pub use probe::{Ask, examine, identify, interpreter, name, probe, probe_with, vary};
pub use record::{GapRecord, TrialRecord};
pub use rounds::Rounds;
pub(crate) use seconds::{LONGEST, deserialize as deserialize_seconds};
pub use workers::{in_parallel, usual_jobs};
