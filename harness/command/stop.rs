//! Errors that the user or the machine causes. Each has the exit code with which the program ends.

use super::cli::exit;

/// An error: the exit code, and the message.
#[derive(Debug, thiserror::Error)]
#[error("{1}")]
pub struct Stop(pub u8, pub(super) String);

impl Stop {
    /// Returns the error of a wrong command line, a wrong input file or an output that cannot be written.
    pub(super) fn usage(message: impl Into<String>) -> Stop {
        Stop(exit::USAGE, message.into())
    }

    /// Returns the error of a runtime that is missing or does not work.
    pub(super) fn harness(message: impl Into<String>) -> Stop {
        Stop(exit::HARNESS, message.into())
    }

    /// Returns the error of arguments that select nothing.
    pub(super) fn nothing(message: impl Into<String>) -> Stop {
        Stop(exit::NOTHING, message.into())
    }
}
