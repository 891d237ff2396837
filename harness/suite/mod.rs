//! The suite: the vocabulary of events, shapes and verdicts, and the case files that are written in it.
//!
//! Everything that a case file can say lives here, with its reading and its checks.
//! Nothing here starts an interpreter or judges an observation, and only `files` does I/O.

mod near;
pub(crate) mod yaml;
mod words;
mod form;
mod event;
mod capability;
mod verdict;
mod shape;
mod guard;
mod api;
mod known_gap;
mod advice;
mod case;
mod check;
mod door;
mod files;
mod gaps;
pub(crate) mod edits;

pub use advice::{Advice, area, is_door};
pub use capability::Capability;
pub use case::{Args, Arguments, Case, Demand, EventFile, Expected, Invoke, Observer, Passes, Variant, VetoPromise};
pub use event::{Content, Event, Value, is_rule};
pub use files::{CaseError, Source, Suite};
pub use gaps::{GapLine, GapsFile, ListedAs, OwnGaps, Pin, Place};
pub use guard::{Glob, Identity, Need, Platform, Versions};
pub use known_gap::{Details, HotPart, KnownGap, Sentence, VetoPart};
pub use shape::{Answer, Answers, ByName, Pattern, Shape, Strength};
pub use verdict::{Gap, Kind, Promise, Verdict};
pub use yaml::Fault;

pub(crate) use api::is_looked_up;
pub(crate) use files::{hex, not_utf8};
pub(crate) use guard::{CPYTHON, FORK, is_dotted};
pub(crate) use near::{advice, did_you_mean};
pub(crate) use words::words;
