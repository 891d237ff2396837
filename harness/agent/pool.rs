//! The pool: warm interpreters that wait for their next job.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::workspace::Workspace;
use crate::process::{Spawn, Warm};

/// Warm interpreters without a job.
#[derive(Debug, Default)]
pub struct Pool(Mutex<BTreeMap<Start, Vec<Pooled>>>);

/// How a warm interpreter was started: its command line, and what the runtime adds to the environment.
pub type Start = (Vec<String>, BTreeMap<String, String>);

/// A warm interpreter and the folder that it lives in. Dropping it kills the interpreter.
#[derive(Debug)]
pub struct Pooled {
    start: Start,
    /// The interpreter.
    pub warm: Warm,
    _workspace: Workspace,
}

impl Pool {
    /// Takes an interpreter that was started in this way out of the pool, or starts one.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn take(&self, start: Start, spawn: impl FnOnce(&Workspace) -> Spawn) -> io::Result<Pooled> {
        if let Some(pooled) = self.idle().get_mut(&start).and_then(Vec::pop) {
            return Ok(pooled);
        }
        let workspace = Workspace::new()?;
        let warm = Warm::start(&spawn(&workspace))?;
        Ok(Pooled { start, warm, _workspace: workspace })
    }

    /// Keeps an interpreter for its next job. It must be as good as a new one.
    pub fn keep(&self, pooled: Pooled) {
        self.idle().entry(pooled.start.clone()).or_default().push(pooled);
    }

    /// Ends all interpreters.
    pub fn clear(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> MutexGuard<'_, BTreeMap<Start, Vec<Pooled>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
