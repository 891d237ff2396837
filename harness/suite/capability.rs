//! Capabilities: the kinds of things that an operation can do. They are the words in which a guard says what it denies.

use super::words::words;

words! {
    /// A kind of thing that an operation can do. The more harm it can do, the earlier it stands.
    Capability {
        /// Starts a program, forks, or replaces the process.
        Execute = "execute",
        /// Compiles, imports or runs code, has it run later, or loads libraries.
        LoadCode = "load-code",
        /// Reads or writes memory past Python's objects, or calls C functions by their address.
        Memory = "memory",
        /// Makes, changes, moves or copies files or folders, or changes their attributes.
        Write = "write",
        /// Removes files or folders.
        Delete = "delete",
        /// Makes or uses connections, or resolves names.
        Network = "network",
        /// Reads or changes the registry of Windows.
        Registry = "registry",
        /// Reads files, lists folders, or reads facts about them.
        Read = "read",
        /// Looks into running Python or changes how it runs: frames, tracing, protected attributes, hooks.
        Inspect = "inspect",
        /// Sends a signal to a process or thread, ends it, or changes what signals do.
        Signal = "signal",
        /// Reads or changes users, owners of processes, or the names of hosts and processes.
        Identity = "identity",
        /// Changes environment variables, the working directory, or other settings of the process.
        Environment = "environment",
        /// Ends the interpreter or its hooks.
        Exit = "exit",
        /// Controls devices, terminals, locks, descriptors and other objects of the system.
        Device = "device",
        /// Changes limits or priorities.
        Limits = "limits",
        /// Starts a thread.
        Thread = "thread",
        /// Writes to the system log.
        Log = "log",
        /// Sleeps or waits.
        Wait = "wait",
    }
}

impl Capability {
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
        assert!(Capability::ALL.is_sorted());
        for capability in Capability::ALL {
            assert_eq!(Capability::named(&capability.to_string()), Some(capability));
        }
        assert_eq!(Capability::named("reed"), None);
    }
}
