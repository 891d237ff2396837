//! Coverage: what the suite has of all that there is, by the catalogue of events and by Python's documentation.
//!
//! The suite itself is measured here, never a runtime.
//! Nothing here does I/O.

pub mod catalogue;
mod measure;
pub mod table;
pub mod documentation;

pub use measure::*;
