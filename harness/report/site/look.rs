//! The look of an outcome: a word, and a class for its colour and its sign. A reader needs only one of the three.

use crate::report::matrix::{Cell, Tally, short_word};
use crate::report::promises::{letters, promises};
use crate::run::TrialRecord;
use crate::suite::{Promise, Verdict};

/// The word, the class and the letters of an outcome.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Look {
    /// The class in `site.css`.
    pub class: &'static str,
    /// The word.
    pub word: String,
    /// The letters of the promises; empty where no case was run.
    pub letters: String,
}

impl Look {
    /// Returns the look of one trial.
    pub(super) fn of_trial(trial: &TrialRecord) -> Look {
        let mut look = Look::new(trial.verdict, promises(trial), trial.is_known(), trial.is_unexpected());
        if trial.is_fixed() {
            look.word = trial.outcome();
        }
        look
    }

    /// Returns the look of a cell, or that of an event without trials.
    pub(super) fn of_cell(cell: Option<Cell>) -> Look {
        let none = Look { class: "o", word: "not run".to_owned(), letters: String::new() };
        cell.map_or(none, |cell| Look::new(cell.verdict, cell.promises, cell.known, cell.unexpected))
    }

    fn new(verdict: Verdict, promises: [Promise; 3], known: bool, unexpected: bool) -> Look {
        let class = match verdict {
            Verdict::Skipped => "s",
            Verdict::Unsupported => "u",
            _ if unexpected => "x",
            _ if known => "k",
            _ => "p",
        };
        let word = match verdict {
            Verdict::Pass if unexpected => "fixed".to_owned(),
            verdict => short_word(verdict),
        };
        let letters = if verdict.was_run() { letters(promises) } else { String::new() };
        Look { class, word, letters }
    }
}

/// Returns the class for one promise of a trial. A broken promise counts as known where the trial has a known gap.
pub(super) fn promise_class(promise: Promise, trial: &TrialRecord) -> &'static str {
    match promise {
        Promise::Kept => "p",
        Promise::Broken if trial.is_known() => "k",
        Promise::Broken => "x",
        Promise::Unchecked => "s",
    }
}

/// Returns the parts of a bar for a tally, each with its class, start and width. The bars of all runtimes have one width.
pub(super) fn bar(tally: Tally) -> Vec<(&'static str, usize, usize)> {
    let parts = [("p", tally.passed), ("k", tally.known), ("x", tally.failed), ("s", tally.not_run())];
    let mut at = 0;
    let placed = parts.map(|(class, width)| {
        at += width;
        (class, at - width, width)
    });
    placed.into_iter().filter(|(_, _, width)| *width > 0).collect()
}
