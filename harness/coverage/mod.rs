//! Coverage: how much of Python's audit events the suite has, by the catalogue and by Python's documentation.
//!
//! The suite itself is measured here, never a runtime.
//! Nothing here does I/O.

pub(crate) mod apis;
pub(crate) mod unseen;
pub(crate) mod catalogue;
mod measure;
mod table;
pub(crate) mod documentation;
pub(crate) mod sites;

pub(crate) use measure::{Coverage, FORMAT, GapEntry, Missing, Ratio, Weak};
