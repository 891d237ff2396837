//! Failures of the agent itself. The passes that it loses are run again in processes of their own, so that no verdict
//! depends on them, but everything takes longer.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The failures of the agent in warm interpreters, by runtime.
#[derive(Debug, Default)]
pub struct Failures(Mutex<BTreeMap<String, Failure>>);

/// The failures on one runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The first reason: the exception, and the calls that led to it.
    pub reason: String,
    /// The number of passes that were lost.
    pub count: usize,
}

impl Failures {
    /// Adds the failure of a pass.
    pub fn add(&self, runtime: &str, reason: &str) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = || Failure { reason: reason.to_owned(), count: 0 };
        failures.entry(runtime.to_owned()).or_insert_with(first).count += 1;
    }

    /// Returns the failures of each runtime that has any.
    pub fn by_runtime(&self) -> BTreeMap<String, Failure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
