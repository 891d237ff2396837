//! The keeper on other systems than Linux, which have no namespaces: there is none.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use super::super::usage::Usage;

/// The program of a keeper: none.
pub const PROGRAM: &str = "";

/// The text that a keeper writes when it cannot start the interpreter.
pub const NOT_STARTED: &str = "";

/// The exit status of the keeper then.
pub const FAILED: u8 = 255;

/// Returns no arguments.
pub fn arguments(_: &[String], _: &BTreeMap<String, String>, _: &[PathBuf], _: &[PathBuf]) -> Vec<String> {
    Vec::new()
}

/// Returns no arguments.
pub fn arguments_of_trial() -> Vec<String> {
    Vec::new()
}

/// Is no keeper.
pub fn serve() -> Option<ExitCode> {
    None
}

/// Returns that there is no init.
pub fn init(_: u32) -> Option<u32> {
    None
}

/// Does nothing.
pub fn end_namespace(_: u32) {}

/// Returns that there were no orphans.
pub fn kill_orphans(_: u32) -> usize {
    0
}

/// Does nothing.
pub fn kill_inside(_: u32, _: u32) {}

/// Returns that nothing is known.
pub fn usage(_: u32) -> Usage {
    Usage::default()
}
