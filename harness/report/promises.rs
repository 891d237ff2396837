//! The three promises of an event (it is raised, with the right arguments, and a veto stops it), in short.

use crate::run::TrialRecord;
use crate::suite::Promise;

/// The letter and the name of each promise, in the order in which all reports show them.
pub(super) const PROMISES: [(char, &str); 3] = [('R', "raised"), ('A', "arguments"), ('V', "veto")];

/// The sign in place of the letter of a broken promise.
pub(super) const BROKEN: char = '-';

/// The sign in place of the letter of a promise that no case checks.
pub(super) const UNCHECKED: char = '.';

/// Returns the promises of a trial, in the order of [`PROMISES`].
pub(super) fn promises(trial: &TrialRecord) -> [Promise; 3] {
    [trial.raised, trial.arguments, trial.veto]
}

/// Returns one character for each promise: its letter where it is kept.
pub(super) fn letters(promises: [Promise; 3]) -> String {
    let letter = |((letter, _), promise)| match promise {
        Promise::Kept => letter,
        Promise::Broken => BROKEN,
        Promise::Unchecked => UNCHECKED,
    };
    PROMISES.into_iter().zip(promises).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_stands_for_a_kept_promise_only() {
        use Promise::{Broken, Kept, Unchecked};
        for (promises, expected) in [
            ([Kept, Kept, Kept], "RAV"),
            ([Broken, Unchecked, Kept], "-.V"),
            ([Kept, Broken, Unchecked], "R-."),
            ([Unchecked, Kept, Broken], ".A-"),
        ] {
            assert_eq!(letters(promises), expected);
        }
    }
}
