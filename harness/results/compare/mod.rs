//! Compares two results: what changed from the old run to the new one, trial by trial. Pure.
//!
//! A trial is *worse* when something that held before does not hold any more:
//!
//! - it passed, and now it fails, or the runtime has lost the API or its hooks (`unsupported`);
//! - a promise was kept, and now it is broken, whatever the verdict;
//! - its failure was a known gap, and now no known gap says so;
//! - it fails more severely: from a broken promise to an `error`, from there to a `timeout` or a `crash`;
//! - its door was closed, and is open now.
//!
//! A trial is *better* when one of these holds from the new run to the old one, and nothing is worse: an improvement
//! never hides a loss. Every other difference is *other*: a trial that is skipped now or was before, another failure of
//! the same severity, other observations. The same goes for every difference of a case that has another definition in
//! each suite, because the case may be what changed. A trial that only one side has is *added* or *removed*, and nothing
//! follows from it.

mod change;
mod shifts;
mod pairs;
mod suites;
mod trials;
mod runtimes;
mod comparison;
#[cfg(test)]
mod tests;

pub(crate) use change::Change;
pub(crate) use comparison::Comparison;
pub(crate) use pairs::{CompareError, check_runtimes};
pub(crate) use runtimes::RuntimeDifference;
pub(crate) use suites::redefined;
pub(crate) use trials::TrialDifference;
