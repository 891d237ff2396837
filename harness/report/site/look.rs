//! How an outcome looks: a word, and a class that gives it its colour and its sign. Word, sign and colour are each enough.

use crate::report::matrix::{Cell, Tally, short_word};
use crate::report::promises::{letters, promises};
use crate::run::TrialRecord;
use crate::suite::{Promise, Verdict};

/// How an outcome looks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Look {
    /// The class of its colours and its sign in `site.css`.
    pub class: &'static str,
    /// Its word.
    pub word: String,
    /// The promises that are kept (`RAV`), broken (`-`) and not checked (`.`); empty where nothing was run.
    pub letters: String,
}

impl Look {
    /// The look of one trial.
    pub(super) fn of_trial(trial: &TrialRecord) -> Look {
        let mut look = Look::new(trial.verdict, promises(trial), trial.is_known(), trial.is_unexpected());
        if trial.is_fixed() {
            look.word = trial.outcome();
        }
        look
    }

    /// The look of what became of an event's cases, of which there may be none.
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

/// The class of one promise of a trial: a broken one is not unexpected where the trial is known to fail.
pub(super) fn promise_class(promise: Promise, trial: &TrialRecord) -> &'static str {
    match promise {
        Promise::Kept => "p",
        Promise::Broken if trial.is_known() => "k",
        Promise::Broken => "x",
        Promise::Unchecked => "s",
    }
}

/// A bar of all cases of a tally, as wide for each runtime: the class, the beginning and the width of each part.
pub(super) fn bar(tally: Tally) -> Vec<(&'static str, usize, usize)> {
    let parts = [("p", tally.passed), ("k", tally.known), ("x", tally.failed), ("s", tally.apart())];
    let mut at = 0;
    let placed = parts.map(|(class, width)| {
        at += width;
        (class, at - width, width)
    });
    placed.into_iter().filter(|(_, _, width)| *width > 0).collect()
}
