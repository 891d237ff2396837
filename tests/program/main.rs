//! Tests of the built program, in temporary projects.

mod cli;
mod coverage;
mod differential;
mod fakes;
mod install;
mod invoke;
mod project;
