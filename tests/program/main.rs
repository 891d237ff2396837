//! Tests of the built program, in temporary projects.

mod cli;
mod fakes;
mod project;
