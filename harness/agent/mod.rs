//! The agent: the Python and C code that observes a case inside an interpreter, and the Rust code that talks to it.
//!
//! A job goes in, an [`Observation`] comes out, each in a [`workspace`] of its own.
//! Nothing here judges what was observed.

mod observation;
pub mod workspace;
mod jobs;

pub use jobs::*;
pub use observation::*;
