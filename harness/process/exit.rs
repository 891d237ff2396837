//! Exits: the ways in which a child ends.

use std::fmt;

/// The end of a child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this status.
    Status(i32),
    /// By this signal.
    Signal(i32),
    /// By an exception of Windows, this `NTSTATUS`.
    Exception(u32),
    /// Killed by us at its deadline.
    Deadline,
    /// Killed by us at its output limit.
    OutputLimit,
    /// Killed by us, because it and what it started used too much memory.
    MemoryLimit,
    /// Killed by us, because it started too many processes.
    ProcessLimit,
    /// It did not start, or its end is unknown.
    NotStarted(String),
}

impl Exit {
    /// By `SIGKILL`, with which an operating system ends a process.
    pub const KILLED: Exit = Exit::Signal(9);

    /// Tells whether we killed it.
    pub fn is_limit(&self) -> bool {
        matches!(self, Exit::Deadline | Exit::OutputLimit | Exit::MemoryLimit | Exit::ProcessLimit)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Status(code) => write!(f, "it ended with exit status {code}"),
            Exit::Signal(signal) => write!(f, "it was killed by signal {signal}"),
            Exit::Exception(status) => write!(f, "it was killed by exception {status:#010x}"),
            Exit::Deadline => f.write_str("its deadline passed"),
            Exit::OutputLimit => f.write_str("it wrote more than it may"),
            Exit::MemoryLimit => f.write_str("it used more memory than it may"),
            Exit::ProcessLimit => f.write_str("it started more processes than it may"),
            Exit::NotStarted(reason) => write!(f, "it cannot be started: {reason}"),
        }
    }
}
