//! Tests of the built program, in temporary projects.

mod cli;
mod coverage;
mod fakes;
mod formats;
mod invoke;
mod project;
mod results;
mod site;
