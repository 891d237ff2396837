//! Usage: how much of the machine some processes use.

/// The memory and the number of processes that a child and its descendants use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Usage {
    /// The memory in bytes. Pages that several processes share count for each of them.
    pub memory: u64,
    /// The number of processes.
    pub processes: usize,
}

impl Usage {
    /// The most that a pass may use, unless the configuration says otherwise.
    pub const LIMIT: Usage = Usage { memory: 8 << 30, processes: 512 };
}
