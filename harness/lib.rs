//! audit578: a conformance suite for Python's audit events (PEP 578).
//!
//! YAML cases say what a snippet of Python must raise; the harness runs them on interpreters, judges what it observed
//! and publishes the matrix. Data flows from top to bottom in the list of modules below, and a module imports only from
//! those above it:
//!
//! - the vocabulary: [`event`], [`shape`], [`guard`], [`verdict`];
//! - what is to be run: [`yaml`], [`case`] and `check` read one file, [`suite`] all of them; [`runtime`] says what an interpreter
//!   is, [`discover`] finds some, [`plan`] crosses the two;
//! - the running: [`process`] spawns, [`agent`] talks to the Python side (`agent.py`) in a [`workspace`], [`observation`]
//!   is what came back, [`run`] does it for a whole plan;
//! - the judging: [`judge`], whose verdicts become [`results`];
//! - the showing: [`diff`], [`report`], and the command line in [`cli`].
//!
//! `event`, `verdict`, `yaml`, `case`, `plan`, `observation`, `judge`, `diff` and `report` do no I/O. Only `process`
//! spawns. Only `main` exits.

pub mod agent;
pub mod case;
mod check;
pub mod cli;
pub mod command;
pub mod diff;
pub mod discover;
pub mod event;
pub mod guard;
pub mod judge;
pub mod observation;
pub mod plan;
pub mod process;
pub mod progress;
pub mod record;
pub mod report;
pub mod results;
pub mod run;
pub mod runtime;
pub mod shape;
pub mod suite;
pub mod verdict;
pub mod workspace;
pub mod yaml;
