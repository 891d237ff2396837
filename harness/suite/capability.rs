//! Capabilities: the kinds of things that an operation can do. They are the words in which a guard says what it denies.

use super::words::words;

words! {
    /// A kind of thing that an operation can do.
    Capability {
        /// Reads files, lists folders, or reads facts about them.
        Read = "read",
        /// Makes, changes, moves or copies files or folders, or changes their attributes.
        Write = "write",
        /// Removes files or folders.
        Delete = "delete",
        /// Starts a program, forks, or replaces the process.
        Execute = "execute",
        /// Sends a signal to a process or thread, or ends it.
        Signal = "signal",
        /// Starts a thread.
        Thread = "thread",
        /// Makes or uses connections, or resolves names.
        Network = "network",
        /// Compiles, imports or runs code, or loads libraries.
        LoadCode = "load-code",
        /// Reads or writes memory past Python's objects, or calls C functions by their address.
        Memory = "memory",
        /// Looks into running Python or changes how it runs: frames, tracing, protected attributes, hooks.
        Inspect = "inspect",
        /// Reads or changes users, owners of processes, or host names.
        Identity = "identity",
        /// Changes environment variables or the working directory.
        Environment = "environment",
        /// Reads or changes the registry of Windows.
        Registry = "registry",
        /// Controls devices, terminals, locks and descriptors.
        Device = "device",
        /// Changes limits or priorities.
        Limits = "limits",
        /// Writes to the system log.
        Log = "log",
        /// Sleeps.
        Wait = "wait",
        /// Ends the interpreter or its hooks.
        Exit = "exit",
    }
}

impl Capability {
    /// All capabilities, in the order in which they are shown.
    pub const ALL: [Capability; 18] = [
        Capability::Read,
        Capability::Write,
        Capability::Delete,
        Capability::Execute,
        Capability::Signal,
        Capability::Thread,
        Capability::Network,
        Capability::LoadCode,
        Capability::Memory,
        Capability::Inspect,
        Capability::Identity,
        Capability::Environment,
        Capability::Registry,
        Capability::Device,
        Capability::Limits,
        Capability::Log,
        Capability::Wait,
        Capability::Exit,
    ];

    /// Returns the capability that a word names.
    pub fn named(word: &str) -> Option<Capability> {
        Capability::ALL.into_iter().find(|capability| capability.to_string() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_names_its_capability() {
        for capability in Capability::ALL {
            assert_eq!(Capability::named(&capability.to_string()), Some(capability));
        }
        assert_eq!(Capability::named("reed"), None);
    }
}
