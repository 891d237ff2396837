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
    /// Killed by us, because it and what it started used too much of something.
    Exceeded(Resource),
    /// It did not start, or its end is unknown.
    NotStarted(String),
}

/// Something of which a child may use only so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Bytes, written to a stream or into its report.
    Output,
    /// Memory.
    Memory,
    /// Processes.
    Processes,
    /// Open files.
    OpenFiles,
    /// Processor time.
    Processor,
    /// The files in its folders.
    Space,
}

impl Exit {
    /// By `SIGKILL`, with which an operating system ends a process.
    pub const KILLED: Exit = Exit::Signal(9);

    /// Tells whether we killed it.
    pub fn is_limit(&self) -> bool {
        matches!(self, Exit::Deadline | Exit::Exceeded(_))
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Status(code) => write!(f, "it ended with exit status {code}"),
            Exit::Signal(signal) => write!(f, "it was killed by signal {signal}"),
            Exit::Exception(status) => write!(f, "it was killed by exception {status:#010x}"),
            Exit::Deadline => f.write_str("its deadline passed"),
            Exit::Exceeded(Resource::Output) => f.write_str("it wrote more than it may"),
            Exit::Exceeded(Resource::Memory) => f.write_str("it used more memory than it may"),
            Exit::Exceeded(Resource::Processes) => f.write_str("it started more processes than it may"),
            Exit::Exceeded(Resource::OpenFiles) => f.write_str("it opened more files than it may"),
            Exit::Exceeded(Resource::Processor) => f.write_str("it used more processor time than it may"),
            Exit::Exceeded(Resource::Space) => f.write_str("its files take more space than they may"),
            Exit::NotStarted(reason) => write!(f, "it cannot be started: {reason}"),
        }
    }
}
