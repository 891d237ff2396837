//! The verdict on a trial, the four promises, and the kinds of known gaps.

use super::words::words;

words! {
    /// The result of a trial. Every planned trial has exactly one.
    Verdict {
        /// All promises that the case checks are kept.
        Pass = "pass",
        /// The event was not raised.
        Missing = "missing",
        /// Other events were raised than expected, or in another number or order.
        WrongCount = "wrong-count",
        /// The events are right and an argument is not.
        WrongArgs = "wrong-args",
        /// An exception from the hook did not stop the operation.
        Unvetoed = "unvetoed",
        /// All of this is right at first, and not once the interpreter has compiled the snippet.
        ColdOnly = "cold-only",
        /// The snippet failed for another reason, or the interpreter did.
        Error = "error",
        /// The interpreter was killed by a signal.
        Crash = "crash",
        /// The deadline passed.
        Timeout = "timeout",
        /// The operation of a door has its effect and raises no event.
        Open = "open",
        /// The operation of a door has its effect and raises an event.
        Closed = "closed",
        /// A guard of the case does not hold here.
        Skipped = "skipped",
        /// The runtime has no audit hooks, or lacks something that the case needs of it.
        Unsupported = "unsupported",
    }
}

impl Verdict {
    /// Tells whether the trial was run and the runtime does not conform. A door says nothing about that.
    pub fn is_failure(self) -> bool {
        self.was_run() && !matches!(self, Verdict::Pass | Verdict::Open | Verdict::Closed)
    }

    /// Tells whether the trial did not end as it should, so that its observations show nothing.
    pub fn is_lost(self) -> bool {
        matches!(self, Verdict::Error | Verdict::Crash | Verdict::Timeout)
    }

    /// Tells whether the trial was run at all.
    pub fn was_run(self) -> bool {
        !matches!(self, Verdict::Skipped | Verdict::Unsupported)
    }
}

words! {
    /// Whether one of the four promises was kept.
    Promise {
        /// It was kept.
        Kept = "kept",
        /// It was broken.
        Broken = "broken",
        /// The case does not check it, or could not check it.
        Unchecked = "unchecked",
    }
}

#[expect(clippy::derivable_impls, reason = "a word has documentation and no other attribute")]
impl Default for Promise {
    fn default() -> Promise {
        Promise::Unchecked
    }
}

words! {
    /// The reason for a gap.
    Kind {
        /// The documentation is wrong.
        Documentation = "documentation",
        /// The implementation is wrong.
        Bug = "bug",
        /// The implementation does not have it yet.
        NotImplemented = "not-implemented",
        /// The implementation decided against it.
        ByDesign = "by-design",
        /// A gaps file lists it, and gives no kind. Case files cannot say so.
        Listed = "listed",
    }
}

words! {
    /// The state of a known gap in this run.
    Gap {
        /// The failure happened, as the case file says.
        Known = "known",
        /// The failure did not happen: the case file is out of date.
        Fixed = "fixed",
    }
}
