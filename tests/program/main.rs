//! Tests of the built program, in temporary projects.

mod agent;
mod cli;
mod coverage;
mod differential;
mod doors;
mod explain;
mod fakes;
mod formats;
mod gaps;
mod guard;
mod hostile;
mod install;
mod invoke;
mod keep;
mod matrix;
mod names;
mod native;
mod options;
mod project;
mod python;
mod readme;
mod repro;
mod require;
mod results;
mod site;
mod variants;
