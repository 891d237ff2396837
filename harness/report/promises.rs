//! The four promises of an event (it is raised, with the right arguments, a veto stops it, and all of this in hot code too),
//! in short.

use crate::results::{PromiseScore, PromiseState};

/// The letter and the name of each promise, in the order in which all reports show them.
pub(super) const PROMISES: [(char, &str); 4] = [('R', "raised"), ('A', "arguments"), ('V', "veto"), ('H', "hot")];

/// The place of the promise of hot code in [`PROMISES`]. It is checked on few runtimes, and not shown where it is not.
pub(super) const HOT: usize = 3;

/// The sign in place of the letter of a broken promise.
pub(super) const BROKEN: char = '-';

/// The sign in place of the letter of a promise that no case checks.
pub(super) const UNCHECKED: char = '.';

/// Returns the numbers of each promise with its letter and its name.
pub(super) fn shown(promises: [PromiseScore; 4]) -> impl Iterator<Item = ((char, &'static str), PromiseScore)> {
    let is_shown = |(place, (_, promise)): &(usize, (_, PromiseScore))| *place != HOT || promise.checked > 0;
    PROMISES.into_iter().zip(promises).enumerate().filter(is_shown).map(|(_, shown)| shown)
}

/// Returns one character for each promise: its letter where all cases keep it, and its small letter where some do.
pub(super) fn letters(promises: [PromiseScore; 4]) -> String {
    let letter = |((letter, _), promise): ((char, _), PromiseScore)| match promise.state() {
        PromiseState::Kept => letter,
        PromiseState::Partly => letter.to_ascii_lowercase(),
        PromiseState::Broken => BROKEN,
        PromiseState::Unchecked => UNCHECKED,
    };
    shown(promises).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_letter_stands_for_a_kept_promise_only() {
        let [kept, partly, broken, unchecked] =
            [(2, 2), (1, 2), (0, 2), (0, 0)].map(|(kept, checked)| PromiseScore { kept, checked });
        for (promises, expected) in [
            ([kept, kept, kept, unchecked], "RAV"),
            ([partly, partly, partly, unchecked], "rav"),
            ([broken, unchecked, kept, unchecked], "-.V"),
            ([kept, broken, unchecked, unchecked], "R-."),
            ([unchecked, partly, broken, unchecked], ".a-"),
            ([kept, kept, kept, kept], "RAVH"),
            ([kept, kept, kept, partly], "RAVh"),
            ([kept, kept, unchecked, broken], "RA.-"),
        ] {
            assert_eq!(letters(promises), expected);
        }
    }
}
