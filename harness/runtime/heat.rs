//! Heat: how long an interpreter runs a snippet until its compiler has had it.

use std::time::Duration;

use serde::Serialize;

/// The rounds of a snippet that make it hot code.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Heat {
    /// The number of rounds before the one that is recorded.
    pub rounds: u32,
    /// The longest time for them, in seconds. A snippet that needs more does not become hot.
    pub seconds: f64,
}

/// The time of a hot pass besides its rounds: the start of an interpreter, the setup and the first rounds.
const BESIDES: f64 = 3.0;

impl Heat {
    /// Returns the rounds for a compiler, or for an interpreter without one, which may cache and specialise too.
    ///
    /// The agent lets `PyPy` and `CinderX` begin after a dozen rounds. The compiler of `CPython` begins after 4,096 rounds of a
    /// loop (`JUMP_BACKWARD_INITIAL_VALUE` in its `pycore_backoff.h`): before these rounds the loop runs 3,750 without the
    /// snippet. Graal compiles a function after 10,000 calls (`engine.LastTierCompilationThreshold`).
    pub fn of(compiler: Option<&str>) -> Heat {
        let (rounds, seconds) = match compiler {
            Some("pypy" | "cinderx") => (100, 1.0),
            Some("cpython") => (400, 2.0),
            Some("graal") => (20_000, 10.0),
            Some(_) => (4_000, 2.0),
            None => (200, 2.0),
        };
        Heat { rounds, seconds }
    }

    /// Returns the deadline of a hot pass.
    pub fn deadline(self) -> Duration {
        Duration::from_secs_f64(self.seconds + BESIDES)
    }
}
