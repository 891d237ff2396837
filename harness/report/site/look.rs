//! The look of an outcome: a word, and a class for its colour and its sign. A reader needs only one of the three.

use crate::report::promises::shown;
use crate::results::{BROKEN, Cell, DoorScore, PARTLY, PromiseScore, PromiseState, Score};
use crate::run::{Standing, TrialRecord};
use crate::suite::Verdict;

/// The word for an event whose promises are all kept.
pub(super) const KEPT: &str = "kept";

/// The word for an event that is not for the version or the platform.
pub(super) const NOT_HERE: &str = "not here";

/// The word for an event whose API the runtime lacks.
pub(super) const NO_API: &str = "no API";

/// The word, the class and the promises of an outcome.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Look {
    /// The class in `site.css`.
    pub class: &'static str,
    /// Whether a case fails that no known gap lists.
    pub alarms: bool,
    /// The word.
    pub word: String,
    /// The cases passed of those that were run, where some passed and some did not.
    pub ratio: String,
    /// The letter and the sign of each promise, where they differ: `R✓ A~ V✗`.
    pub marks: String,
    /// The state of each of the four promises, by its first letter: `k`ept, `p`artly, `b`roken, `u`nchecked.
    pub states: String,
    /// The promises in words; empty where no case was run.
    pub promises: String,
    /// The standings of all its trials that were run and did not pass, by a letter each.
    pub failures: String,
}

impl Look {
    /// Returns the look of one trial.
    pub(super) fn of_trial(trial: &TrialRecord) -> Look {
        let standing = trial.standing();
        let word = match standing {
            Standing::Passed => KEPT.to_owned(),
            Standing::Fixed => Standing::Fixed.to_string(),
            Standing::Skipped => NOT_HERE.to_owned(),
            Standing::Unsupported => NO_API.to_owned(),
            _ => trial.verdict.to_string(),
        };
        let class = match standing {
            Standing::Passed | Standing::Closed => "p",
            Standing::Fixed => "f",
            Standing::Skipped => "s",
            Standing::Unsupported => "u",
            Standing::Open => "k",
            Standing::Known | Standing::Failed | Standing::New => verdict_class(trial.verdict),
        };
        let alarms = matches!(standing, Standing::Failed | Standing::New);
        Look { alarms, ..Look::new(class, word) }
    }

    /// Returns the look of a cell, or that of an event without trials.
    pub(super) fn of_cell(cell: Option<&Cell>) -> Look {
        let Some(cell) = cell else { return Look::new("o", "not run".to_owned()) };
        let (class, word) = match cell.word().as_str() {
            "pass" => ("p", KEPT.to_owned()),
            "skip" => ("s", NOT_HERE.to_owned()),
            "n/a" => ("u", NO_API.to_owned()),
            "fixed" => ("f", "fixed".to_owned()),
            PARTLY => ("k", PARTLY.to_owned()),
            word => (
                Verdict::ALL.into_iter().find(|one| one.to_string() == word).map_or("x", verdict_class),
                word.to_owned(),
            ),
        };
        if cell.score.run() == 0 {
            return Look::new(class, word);
        }
        let promises = shown(cell.promises).map(|((_, name), promise)| format!("{name} {promise}"));
        let are_told = matches!(word.as_str(), KEPT | "missing" | "fixed");
        Look {
            alarms: cell.score.failed + cell.score.new > 0,
            failures: failures(cell.score),
            ratio: if cell.is_partly() { cell.score.ratio() } else { String::new() },
            marks: if are_told { String::new() } else { marks(cell) },
            states: cell.promises.iter().map(|promise| state(*promise).0).collect(),
            promises: promises.collect::<Vec<_>>().join(", "),
            ..Look::new(class, word)
        }
    }

    /// Returns the look of the doors of one area.
    pub(super) fn of_doors(score: DoorScore) -> Look {
        match (score.open, score.tried()) {
            (_, 0) => Look::new("o", "not tried".to_owned()),
            (0, tried) => Look::new("p", format!("0/{tried} open")),
            (open, tried) => Look::new("k", format!("{open}/{tried} open")),
        }
    }

    fn new(class: &'static str, word: String) -> Look {
        Look {
            class,
            alarms: false,
            word,
            ratio: String::new(),
            marks: String::new(),
            states: String::new(),
            promises: String::new(),
            failures: String::new(),
        }
    }

    /// Returns the classes, as an attribute has them.
    pub(super) fn classes(&self) -> String {
        if self.alarms { format!("\"{} a\"", self.class) } else { self.class.to_owned() }
    }

    /// Returns the word with its ratio.
    pub(super) fn text(&self) -> String {
        if self.ratio.is_empty() { self.word.clone() } else { format!("{} {}", self.word, self.ratio) }
    }
}

/// Returns the class of a failure: whether the event was seen at all.
fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::WrongArgs | Verdict::WrongCount | Verdict::Unvetoed | Verdict::ColdOnly => "k",
        _ => "x",
    }
}

/// Returns the letter and the sign of the state of a promise.
fn state(promise: PromiseScore) -> (char, char) {
    match promise.state() {
        PromiseState::Kept => ('k', '✓'),
        PromiseState::Partly => ('p', '~'),
        PromiseState::Broken => ('b', '✗'),
        PromiseState::Unchecked => ('u', '·'),
    }
}

/// Returns each promise with its sign.
fn marks(cell: &Cell) -> String {
    let marks = shown(cell.promises).map(|((letter, _), promise)| format!("{letter}{}", state(promise).1));
    marks.collect::<Vec<_>>().join(" ")
}

/// Returns a letter for each standing of trials that were run and did not pass.
fn failures(score: Score) -> String {
    let letters = [('k', score.known_gaps), ('x', score.failed), ('n', score.new), ('f', score.fixed)];
    letters.into_iter().filter(|(_, count)| *count > 0).map(|(letter, _)| letter).collect()
}

/// Returns the words that a cell can have, for the filter of the matrix.
pub(super) fn words() -> Vec<String> {
    let verdicts = Verdict::ALL.into_iter().filter(|verdict| verdict.is_failure()).map(|verdict| verdict.to_string());
    let rest = [NOT_HERE, NO_API].map(str::to_owned);
    [KEPT, PARTLY, BROKEN].map(str::to_owned).into_iter().chain(verdicts).chain(rest).collect()
}

/// The numbers of a runtime's events by the look of their cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// The events of which every case keeps every promise. A fixed gap counts as kept.
    pub kept: usize,
    /// The events that are raised and of which a case breaks a promise.
    pub partly: usize,
    /// The events that no case sees, or of which no case passes.
    pub missing: usize,
}

impl Tally {
    /// Counts cells.
    pub(super) fn of<'a>(cells: impl Iterator<Item = Option<&'a Cell>>) -> Tally {
        let mut tally = Tally::default();
        for look in cells.map(Look::of_cell) {
            match look.class {
                "p" | "f" => tally.kept += 1,
                "k" => tally.partly += 1,
                "x" => tally.missing += 1,
                _ => {}
            }
        }
        tally
    }

    /// Returns the number of events that were tried.
    pub(super) fn total(self) -> usize {
        self.kept + self.partly + self.missing
    }

    /// Returns the parts of a bar, each with its class, start and width.
    pub(super) fn parts(self) -> Vec<(&'static str, usize, usize)> {
        placed(&[("p", self.kept), ("k", self.partly), ("x", self.missing)])
    }
}

/// Returns the parts of a bar for a score, each with its class, start and width. The bars of all runtimes have one width.
pub(super) fn bar(score: Score) -> Vec<(&'static str, usize, usize)> {
    placed(&[
        ("p", score.passed),
        ("f", score.fixed),
        ("k", score.known_gaps),
        ("n", score.new),
        ("x", score.failed),
        ("s", score.not_run()),
    ])
}

fn placed(parts: &[(&'static str, usize)]) -> Vec<(&'static str, usize, usize)> {
    let mut at = 0;
    let placed = parts.iter().map(|(class, width)| {
        at += width;
        (*class, at - width, *width)
    });
    placed.filter(|(_, _, width)| *width > 0).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::samples::{missing, trial};

    #[test]
    fn a_look_says_whether_the_event_is_kept_partly_there_or_missing() {
        let known = || missing("known", "r");
        let wrong = || json!({"verdict": "wrong-args", "arguments": "broken"});
        for (trials, shown) in [
            (vec![json!({})], "p kept  "),
            (vec![json!({}), known()], "k partly 1/2 R~ A~ V~"),
            (vec![known()], "x missing  "),
            (vec![wrong()], "k! wrong-args  R✓ A✗ V✓"),
            (vec![json!({"verdict": "crash"})], "x! crash  R✗ A✗ V✗"),
            (vec![json!({"gap": {"state": "fixed", "kind": "bug", "reason": "r"}})], "f fixed  "),
            (vec![json!({"verdict": "skipped"})], "s not here  "),
            (vec![json!({"verdict": "unsupported"})], "u no API  "),
        ] {
            let trials: Vec<TrialRecord> =
                trials.iter().enumerate().map(|(at, changes)| trial("os.a", &at.to_string(), "one", changes)).collect();
            let cell = Cell::new(&trials.iter().collect::<Vec<_>>(), |_| true);
            let look = Look::of_cell(cell.as_ref());
            let alarm = if look.alarms { "!" } else { "" };
            assert_eq!(format!("{}{alarm} {} {} {}", look.class, look.word, look.ratio, look.marks), shown);
        }
        assert_eq!(Look::of_cell(None).word, "not run");
    }

    #[test]
    fn a_tally_counts_the_events_that_were_tried() {
        let cell = |changes: Value| {
            let trial = trial("os.a", "x", "one", &changes);
            Cell::new(&[&trial], |_| true)
        };
        let cells = [cell(json!({})), cell(missing("known", "r")), cell(json!({"verdict": "skipped"})), None];
        let tally = Tally::of(cells.iter().map(Option::as_ref));
        assert_eq!(tally, Tally { kept: 1, partly: 0, missing: 1 });
        assert_eq!((tally.total(), tally.parts()), (2, vec![("p", 0, 1), ("x", 1, 1)]));
    }
}
