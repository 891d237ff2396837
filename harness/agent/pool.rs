//! The pool: seats, of which each has one pass at a time.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::workspace::{Room, Workspace};
use crate::process::{Spawn, Warm};
use crate::runtime::Launch;

/// Seats without a pass.
#[derive(Debug, Default)]
pub struct Pool(Mutex<Vec<Seat>>);

/// How a warm interpreter was started: its command line, and what the runtime adds to the environment.
pub type Start = (Vec<String>, BTreeMap<String, String>);

/// A room, and the warm interpreters that live in it. Dropping it kills them.
#[derive(Debug)]
pub struct Seat {
    idle: BTreeMap<Start, Pooled>,
    /// The room.
    pub room: Room,
}

/// A warm interpreter and the folders that it lives in. Dropping it kills the interpreter.
#[derive(Debug)]
pub struct Pooled {
    start: Start,
    /// The interpreter.
    pub warm: Warm,
    _workspace: Workspace,
}

impl Pool {
    /// Takes a seat out of the pool, if possible one in which warm interpreters of this kind live. Makes one if there is none.
    ///
    /// # Errors
    /// When its room cannot be made.
    pub fn take(&self, launch: &Launch) -> io::Result<Seat> {
        let mut seats = self.seats();
        let is_home =
            |seat: &Seat| seat.idle.keys().any(|(argv, env)| argv.starts_with(&launch.command) && *env == launch.env);
        match seats.iter().rposition(is_home).or(seats.len().checked_sub(1)) {
            Some(index) => Ok(seats.swap_remove(index)),
            None => Ok(Seat { idle: BTreeMap::new(), room: Room::new()? }),
        }
    }

    /// Gives a seat back for the next pass.
    pub fn give_back(&self, seat: Seat) {
        self.seats().push(seat);
    }

    /// Ends all warm interpreters.
    pub fn clear(&self) {
        self.seats().clear();
    }

    fn seats(&self) -> MutexGuard<'_, Vec<Seat>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Takes the interpreter that was started in this way, or starts one.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn take(&mut self, start: Start, spawn: impl FnOnce(&Workspace) -> Spawn) -> io::Result<Pooled> {
        if let Some(pooled) = self.idle.remove(&start) {
            return Ok(pooled);
        }
        let workspace = Workspace::new(&self.room)?;
        let warm = Warm::start(&spawn(&workspace))?;
        Ok(Pooled { start, warm, _workspace: workspace })
    }

    /// Keeps an interpreter for its next job. It must be as good as a new one.
    pub fn keep(&mut self, pooled: Pooled) {
        self.idle.insert(pooled.start.clone(), pooled);
    }
}
