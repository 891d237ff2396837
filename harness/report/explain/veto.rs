//! Vetoes in words: what an exception from the hook does.

use crate::suite::VetoPromise;

/// Returns what the cases show of an exception from the hook.
pub(super) fn in_words(promise: VetoPromise) -> &'static str {
    match promise {
        VetoPromise::Stops => "proven: it stops the operation before it has an effect",
        VetoPromise::Query => "arriving: it reaches the caller, and the answer is lost with it",
        VetoPromise::Swallowed => "proven: it stops the operation, and does not reach the caller",
        VetoPromise::After => "too late: it reaches the caller when the operation has happened",
        VetoPromise::None => "not promised",
    }
}
