//! The agent: the Python and C code that observes a case inside an interpreter, and the Rust code that talks to it.
//!
//! The harness writes a job (`jobs`), and reads an [`Observation`]. Each pass has its own workspace, in a seat of the pool.
//! `runner` knows the ways to run a job. The other folders use `observe` and `probe`.
//! Nothing here judges what was observed.

mod observation;
mod workspace;
mod script;
mod jobs;
mod imports;
mod pool;
mod failures;
mod runner;
mod observe;
mod pairs;
mod guard;
mod probe;
#[cfg(test)]
mod join;
#[cfg(test)]
mod protocol;

pub use failures::{Failure, Failures};
pub use guard::{Added, Hook, OBJECTION};
pub use observation::{Effect, Observation, Raised, Rounds, Timed};
pub use observe::{Agent, Pass, Starts};
pub use pairs::Pairs;
pub use probe::NoAnswer;
