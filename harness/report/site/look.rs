//! The look of an outcome: a word, and a class for its colour and its sign. A reader needs only one of the three.

use crate::report::promises::{letters, shown};
use crate::results::{BROKEN, Cell, PARTLY, PromiseScore, PromiseState, Score};
use crate::run::{Standing, TrialRecord};
use crate::suite::{Promise, Verdict};

/// The word, the class and the promises of an outcome.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Look {
    /// The class in `site.css`.
    pub class: &'static str,
    /// The classes of all its trials that were run and did not pass, for the filter of the matrix.
    pub failures: String,
    /// The word.
    pub word: String,
    /// The cases passed of those that were run, where some passed and some did not.
    pub ratio: String,
    /// The letters of the promises; empty where no case was run.
    pub letters: String,
    /// The promises in words; empty where no case was run.
    pub promises: String,
}

impl Look {
    /// Returns the look of one trial.
    pub(super) fn of_trial(trial: &TrialRecord) -> Look {
        let word = match trial.standing() {
            Standing::Fixed => Standing::Fixed.to_string(),
            Standing::Skipped => "skip".to_owned(),
            Standing::Unsupported => "n/a".to_owned(),
            _ => trial.verdict.to_string(),
        };
        Look::new(class(trial.standing()), word)
    }

    /// Returns the look of a cell, or that of an event without trials.
    pub(super) fn of_cell(cell: Option<&Cell>) -> Look {
        let Some(cell) = cell else { return Look::new("o", "not run".to_owned()) };
        let look = Look::new(class(cell.score.foremost()), cell.word());
        if cell.score.run() == 0 {
            return look;
        }
        let promises = shown(cell.promises).map(|((_, name), promise)| format!("{name} {promise}"));
        Look {
            failures: failures(cell.score),
            ratio: if cell.is_partly() { cell.score.ratio() } else { String::new() },
            letters: letters(cell.promises),
            promises: promises.collect::<Vec<_>>().join(", "),
            ..look
        }
    }

    fn new(class: &'static str, word: String) -> Look {
        Look {
            class,
            failures: String::new(),
            word,
            ratio: String::new(),
            letters: String::new(),
            promises: String::new(),
        }
    }
}

/// Returns the classes of the trials that were run and did not pass, each once.
fn failures(score: Score) -> String {
    let is_failure =
        |standing| matches!(standing, Standing::Known | Standing::Failed | Standing::New | Standing::Fixed);
    let found = score.counts().into_iter().filter(|(standing, count)| *count > 0 && is_failure(*standing));
    found.map(|(standing, _)| class(standing)).collect()
}

fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::Passed | Standing::Closed => "p",
        Standing::Known | Standing::Open => "k",
        Standing::Failed => "x",
        Standing::New => "n",
        Standing::Fixed => "f",
        Standing::Skipped => "s",
        Standing::Unsupported => "u",
    }
}

/// Returns the class for one promise of a trial.
pub(super) fn promise_class(promise: Promise, trial: &TrialRecord) -> &'static str {
    match promise {
        Promise::Kept => "p",
        Promise::Broken => broken_class(Score::of([trial])),
        Promise::Unchecked => "s",
    }
}

/// Returns the class for one promise of a cell.
pub(super) fn promise_score_class(promise: PromiseScore, score: Score) -> &'static str {
    match promise.state() {
        PromiseState::Kept => "p",
        PromiseState::Partly | PromiseState::Broken => broken_class(score),
        PromiseState::Unchecked => "s",
    }
}

/// Returns the class of a broken promise. It counts as known where no trial failed: a fixed gap of a trial that has another
/// known gap keeps its promise broken.
fn broken_class(score: Score) -> &'static str {
    match score {
        Score { failed: 1.., .. } => class(Standing::Failed),
        Score { new: 1.., .. } => class(Standing::New),
        _ => class(Standing::Known),
    }
}

/// Returns the words that a cell can have, for the filter of the matrix.
pub(super) fn words() -> Vec<String> {
    let verdicts = Verdict::ALL.into_iter().filter(|verdict| verdict.is_failure()).map(|verdict| verdict.to_string());
    [PARTLY, BROKEN].into_iter().map(str::to_owned).chain(verdicts).collect()
}

/// Returns the parts of a bar for a score, each with its class, start and width. The bars of all runtimes have one width.
pub(super) fn bar(score: Score) -> Vec<(&'static str, usize, usize)> {
    let parts = [
        ("p", score.passed),
        ("f", score.fixed),
        ("k", score.known_gaps),
        ("n", score.new),
        ("x", score.failed),
        ("s", score.not_run()),
    ];
    let mut at = 0;
    let placed = parts.map(|(class, width)| {
        at += width;
        (class, at - width, width)
    });
    placed.into_iter().filter(|(_, _, width)| *width > 0).collect()
}
