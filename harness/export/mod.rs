//! Exports: the suite as tests that run without the program, in one file of Python, and lists of their known failures.
//!
//! `file` writes the tests, and `lists` what other projects keep beside a test file. The file has the agent of the
//! harness in it, and modules of this folder, which the build joins: they start interpreters, and judge as `run::judge`
//! does. All Rust code here is pure.

mod condition;
mod known;
mod test;
pub(crate) mod file;
pub(crate) mod lists;

pub(crate) use known::{Known, Named};
pub(crate) use test::Marks;
