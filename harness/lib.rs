//! audit578: a conformance suite for Python's audit events (PEP 578).
//!
//! YAML cases say what a snippet of Python must raise; the harness runs them on interpreters, judges what it observed
//! and publishes the matrix. Data flows from top to bottom in the list of modules below, and a module imports only from
//! those above it:
//!
//! - the vocabulary: [`yaml`], [`event`], [`shape`], [`verdict`];
//! - what is to be run: [`runtime`] says what an interpreter is, [`guard`] what a case is for; [`case`] and `check` read
//!   one file, [`suite`] all of them; [`discover`] finds interpreters, [`plan`] crosses them with cases;
//! - the running: [`process`] spawns, and has in its `system` all that differs between systems; [`install`] sets interpreters up; [`agent`]
//!   talks to the Python side (`agent.py`) in a [`workspace`], and [`observation`] is what came back;
//! - the judging: [`judge`], whose verdicts become [`results`], with a [`description`] and the [`definition`] of what was
//!   run; [`store`] keeps them in files; [`run`] goes from plan to results, [`compare`] from two of them to what changed,
//!   [`merge`] from several to one;
//! - the measuring of the suite itself: [`coverage`], by the [`catalogue`] of what there is, and [`documentation`], by a
//!   [`table`] of Python's documentation;
//! - the showing: [`diff`], [`differential`], [`report`], [`progress`], [`record`], and the command line in [`cli`] and
//!   [`command`].
//!
//! `yaml`, `event`, `shape`, `verdict`, `case`, `catalogue`, `plan`, `observation`, `judge`, `description`, `definition`,
//! `compare`, `merge`, `coverage`, `table`, `documentation`, `diff`, `differential` and `report` do no I/O. Only `process`
//! spawns. Only `main` exits, but for the second interruption of a command.

#[cfg(test)]
mod schema;

pub mod yaml;
pub mod event;
pub mod shape;
pub mod verdict;

pub mod runtime;
pub mod guard;
pub mod case;
mod check;
pub mod suite;
pub mod catalogue;
pub mod discover;
pub mod plan;

pub mod process;
pub mod install;
pub mod observation;
pub mod workspace;
pub mod agent;

pub mod judge;
pub mod description;
pub mod results;
pub mod store;
pub mod definition;
pub mod run;
pub mod compare;
pub mod merge;

pub mod coverage;
pub mod table;
pub mod documentation;

pub mod diff;
pub mod differential;
pub mod report;
pub mod progress;
pub mod record;
pub mod cli;
pub mod command;
