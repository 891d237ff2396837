//! Tests of the built program, in temporary projects.

mod cli;
mod coverage;
mod fakes;
mod invoke;
mod project;
mod site;
