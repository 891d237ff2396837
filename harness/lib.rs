//! audit578: a conformance suite for Python's audit events (PEP 578).
//!
//! YAML cases say what a snippet of Python must raise. The harness runs them on interpreters, judges what it observed,
//! and publishes the matrix. Data flows from top to bottom through these folders, and a module imports only from modules
//! above it:
//!
//! - `packed`: unpacks the texts that the program carries;
//! - [`input`]: opens files that others wrote, and reads so much of them as is safe;
//! - [`suite`]: the vocabulary (events, shapes, verdicts) and the case files that are written in it;
//! - [`process`]: starts processes and ends them; the `system` module has all that differs between systems;
//! - [`scratch`]: the folders for temporary files, and the removal of those that killed processes left;
//! - [`runtime`]: interpreters, how they are found and installed, and the trials of cases on them;
//! - [`agent`]: the Python and C code that observes a case inside an interpreter, and the Rust code that talks to it;
//! - [`run`]: plans trials, runs them, judges what was observed, and makes the records;
//! - [`results`]: the files of records, and what is made of several of them: comparison and merging;
//! - [`coverage`]: measures the suite itself, by the catalogue of events and by Python's documentation;
//! - [`report`]: shows results, one pure function for each format;
//! - [`export`]: writes the suite as tests that run without the program;
//! - [`command`]: the command line, which reads and writes the files;
//! - `fuzz`: the readers of files that others write, for the fuzzer.
//!
//! Only `process` starts processes. Only `main` exits, except when the user interrupts a command a second time. `suite`
//! (except `files`), `run::judge`, `run::plan`, `results` (except `store`), `coverage`, `report`
//! and `export` do no I/O.

#[cfg(test)]
mod schema;
#[cfg(test)]
mod layers;

mod packed;
pub mod input;
pub mod suite;
pub mod process;
pub mod scratch;
pub mod runtime;
pub mod agent;
pub mod run;
pub mod results;
pub mod coverage;
pub mod report;
pub mod export;
pub mod command;
#[doc(hidden)]
pub mod fuzz;
