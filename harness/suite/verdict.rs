//! What the harness makes of a trial: the verdicts, the three promises, the kinds of known gaps.

/// Declares an enum of words that serde and `Display` write alike.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(match self { $($name::$variant => $word,)+ })
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What became of a trial. Every planned trial ends in exactly one.
    Verdict {
        /// All promises that the case checks are kept.
        Pass = "pass",
        /// The event was not raised.
        Missing = "missing",
        /// Other events than expected, or in another number or order.
        WrongCount = "wrong-count",
        /// The events are right and an argument is not.
        WrongArgs = "wrong-args",
        /// An exception from the hook did not stop the operation.
        Unvetoed = "unvetoed",
        /// The snippet failed for another reason, or the interpreter did.
        Error = "error",
        /// The interpreter was killed by a signal.
        Crash = "crash",
        /// The deadline passed.
        Timeout = "timeout",
        /// A guard of the case does not hold here.
        Skipped = "skipped",
        /// The runtime has no audit hooks, or not the API that the case calls.
        Unsupported = "unsupported",
    }
}

impl Verdict {
    /// All verdicts, best first.
    pub const ALL: [Verdict; 10] = [
        Verdict::Pass,
        Verdict::Missing,
        Verdict::WrongCount,
        Verdict::WrongArgs,
        Verdict::Unvetoed,
        Verdict::Error,
        Verdict::Crash,
        Verdict::Timeout,
        Verdict::Skipped,
        Verdict::Unsupported,
    ];

    /// Tells whether the trial was run and the runtime does not conform.
    pub fn is_failure(self) -> bool {
        self.was_run() && self != Verdict::Pass
    }

    /// Tells whether the trial was run at all.
    pub fn was_run(self) -> bool {
        !matches!(self, Verdict::Skipped | Verdict::Unsupported)
    }
}

words! {
    /// Whether one of the three promises was kept.
    Promise {
        /// It was.
        Kept = "kept",
        /// It was not.
        Broken = "broken",
        /// The case does not check it, or could not.
        Unchecked = "unchecked",
    }
}

words! {
    /// Why a gap is there.
    Kind {
        /// The documentation is wrong.
        Documentation = "documentation",
        /// The implementation is.
        Bug = "bug",
        /// The implementation does not have it yet.
        NotImplemented = "not-implemented",
        /// The implementation decided against it.
        ByDesign = "by-design",
    }
}

words! {
    /// What a known gap did in this run.
    Gap {
        /// It failed as the case file says.
        Known = "known",
        /// It passed: the case file is out of date.
        Fixed = "fixed",
    }
}
