//! The agent: the Python and C code that observes a case inside an interpreter, and the Rust code that talks to it.
//!
//! A [`jobs`] file goes in, an [`Observation`] comes out, each in a [`Workspace`] of its own.
//! `runner` knows the ways to run a job, `observe` and `probe` are what the rest of the harness asks for.
//! Nothing here judges what was observed.

mod observation;
mod workspace;
mod script;
mod jobs;
mod imports;
mod pool;
mod runner;
mod observe;
mod probe;
#[cfg(test)]
mod join;
#[cfg(test)]
mod protocol;

pub use observation::{Effect, Observation, Raised};
pub use observe::{Agent, Pass};
pub use workspace::Workspace;
