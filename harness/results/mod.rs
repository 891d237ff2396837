//! Results: the records of a run in files of JSON Lines, and what is made of several files.
//!
//! Records are data. `definition` and `description` make those of events and cases, `score` counts trials, `store` reads
//! and writes files, `compare`, `merge` and `resume` work on records in memory.
//! Nothing here runs anything, decides what a failure means, or formats text for a reader.

mod description;
pub(crate) mod part;
mod records;
mod score;
mod choice;
pub(crate) mod definition;
pub(crate) mod store;
pub(crate) mod compare;
pub(crate) mod merge;
pub(crate) mod resume;
pub(crate) mod bless;
pub(crate) mod case_gaps;
pub(crate) mod cache;

pub(crate) use choice::{Choice, result_words};
pub(crate) use description::{Description, EventRecord, Signature};
pub(crate) use records::{CaseRecord, FORMAT, Footer, Header, ProbeRecord, Record, Results, RuntimeRecord, short_hash};
pub(crate) use score::{BROKEN, Cell, DoorScore, Extent, PARTLY, PromiseScore, PromiseState, Score, flaky, reasons};
