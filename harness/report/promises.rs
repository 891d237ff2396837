//! The three promises of an event (it is raised, with the right arguments, and a veto stops it), in short.

use crate::results::{PromiseScore, PromiseState};
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

/// Returns one character for each promise: its letter where all cases keep it, and its small letter where some do.
pub(super) fn letters(promises: [PromiseScore; 3]) -> String {
    let letter = |((letter, _), promise): ((char, _), PromiseScore)| match promise.state() {
        PromiseState::Kept => letter,
        PromiseState::Partly => letter.to_ascii_lowercase(),
        PromiseState::Broken => BROKEN,
        PromiseState::Unchecked => UNCHECKED,
    };
    PROMISES.into_iter().zip(promises).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_letter_stands_for_a_kept_promise_only() {
        let [kept, partly, broken, unchecked] =
            [(2, 2), (1, 2), (0, 2), (0, 0)].map(|(kept, checked)| PromiseScore { kept, checked });
        for (promises, expected) in [
            ([kept, kept, kept], "RAV"),
            ([partly, partly, partly], "rav"),
            ([broken, unchecked, kept], "-.V"),
            ([kept, broken, unchecked], "R-."),
            ([unchecked, partly, broken], ".a-"),
        ] {
            assert_eq!(letters(promises), expected);
        }
    }
}
