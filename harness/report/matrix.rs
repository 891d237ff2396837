//! The matrix of events by runtimes, which several formats show.

use std::collections::BTreeMap;

use super::promises::promises;
use crate::results::{Results, RuntimeRecord};
use crate::run::TrialRecord;
use crate::suite::{Promise, Strength, Verdict};

/// Events by runtimes, grouped by module.
#[derive(Debug)]
pub(super) struct Matrix<'a> {
    /// The runtimes with a column: those on which a trial was run.
    pub columns: Vec<&'a RuntimeRecord>,
    /// The modules, by name.
    pub modules: Vec<Module<'a>>,
}

/// The events of one module.
#[derive(Debug)]
pub(super) struct Module<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its events, by name.
    pub rows: Vec<Row<'a>>,
    /// The numbers of outcomes for each column.
    pub totals: Vec<Tally>,
}

/// The numbers of outcomes of some trials. Each trial is counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tally {
    /// The trials that passed.
    pub passed: usize,
    /// The trials that failed as a known gap says.
    pub known: usize,
    /// The trials that failed otherwise.
    pub failed: usize,
    /// The trials that are not for the runtime.
    pub skipped: usize,
    /// The trials for which the runtime has no API.
    pub unsupported: usize,
}

impl Tally {
    /// Counts trials.
    pub(super) fn of<'a>(trials: impl Iterator<Item = &'a TrialRecord>) -> Tally {
        let mut tally = Tally::default();
        for trial in trials {
            *match trial.verdict {
                Verdict::Pass => &mut tally.passed,
                Verdict::Skipped => &mut tally.skipped,
                Verdict::Unsupported => &mut tally.unsupported,
                _ if trial.is_known() => &mut tally.known,
                _ => &mut tally.failed,
            } += 1;
        }
        tally
    }

    /// Returns the number of trials that were run.
    pub(super) fn run(self) -> usize {
        self.passed + self.known + self.failed
    }

    /// Returns the number of trials that were not run.
    pub(super) fn not_run(self) -> usize {
        self.skipped + self.unsupported
    }
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Tally>>(tallies: I) -> Tally {
        tallies.fold(Tally::default(), |one, other| Tally {
            passed: one.passed + other.passed,
            known: one.known + other.known,
            failed: one.failed + other.failed,
            skipped: one.skipped + other.skipped,
            unsupported: one.unsupported + other.unsupported,
        })
    }
}

/// One event.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// Its name.
    pub event: &'a str,
    /// The weakest check of arguments among its cases.
    pub asserts: Strength,
    /// A cell for each column; none where the event has no trials.
    pub cells: Vec<Option<Cell>>,
}

/// The joint outcome of one event's cases on one runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    /// The worst verdict of the cases.
    pub verdict: Verdict,
    /// The three promises (raised, arguments, veto), each as in the worst case.
    pub promises: [Promise; 3],
    /// Whether a case falls under a known gap.
    pub known: bool,
    /// Whether a case has an unexpected outcome.
    pub unexpected: bool,
}

impl<'a> Matrix<'a> {
    /// Arranges results.
    pub(super) fn new(results: &'a Results) -> Matrix<'a> {
        let was_run = |runtime: &RuntimeRecord| {
            results.trials.iter().any(|trial| trial.runtime == runtime.name && trial.verdict.was_run())
        };
        let columns: Vec<_> = results.runtimes.iter().filter(|runtime| was_run(runtime)).collect();
        let mut modules = BTreeMap::<&str, BTreeMap<&str, Vec<&TrialRecord>>>::new();
        for trial in &results.trials {
            modules.entry(&trial.module).or_default().entry(&trial.event).or_default().push(trial);
        }
        let modules = modules.into_iter().map(|(name, events)| Module::new(name, &events, &columns)).collect();
        Matrix { columns, modules }
    }

    /// Returns the numbers of outcomes for each column.
    pub(super) fn totals(&self) -> Vec<Tally> {
        let sum = |column: usize| self.modules.iter().map(|module| module.totals[column]).sum();
        (0..self.columns.len()).map(sum).collect()
    }
}

impl<'a> Module<'a> {
    fn new(name: &'a str, events: &BTreeMap<&'a str, Vec<&TrialRecord>>, columns: &[&RuntimeRecord]) -> Module<'a> {
        let total = |column: &RuntimeRecord| {
            Tally::of(events.values().flatten().copied().filter(|trial| trial.runtime == column.name))
        };
        let totals = columns.iter().map(|column| total(column)).collect();
        let rows = events.iter().map(|(event, trials)| Row::new(event, trials, columns)).collect();
        Module { name, rows, totals }
    }
}

impl<'a> Row<'a> {
    fn new(event: &'a str, trials: &[&TrialRecord], columns: &[&RuntimeRecord]) -> Row<'a> {
        let cell =
            |column: &&RuntimeRecord| Cell::new(trials.iter().copied().filter(|trial| trial.runtime == column.name));
        Row {
            event,
            // A case that expects no event has no arguments to check.
            asserts: trials
                .iter()
                .map(|trial| trial.asserts)
                .filter(|asserts| *asserts > Strength::Name)
                .min()
                .unwrap_or(Strength::Name),
            cells: columns.iter().map(cell).collect(),
        }
    }
}

impl Cell {
    fn new<'a>(trials: impl Iterator<Item = &'a TrialRecord>) -> Option<Cell> {
        let cells = trials.map(|trial| Cell {
            verdict: trial.verdict,
            promises: promises(trial),
            known: trial.is_known(),
            unexpected: trial.is_unexpected(),
        });
        cells.reduce(Cell::join)
    }

    fn join(self, other: Cell) -> Cell {
        let [raised, arguments, veto] = self.promises;
        let [its_raised, its_arguments, its_veto] = other.promises;
        Cell {
            verdict: worse(self.verdict, other.verdict),
            promises: [weaker(raised, its_raised), weaker(arguments, its_arguments), weaker(veto, its_veto)],
            known: self.known || other.known,
            unexpected: self.unexpected || other.unexpected,
        }
    }
}

/// Returns the word for a verdict in a cell, where room is short.
pub(super) fn short_word(verdict: Verdict) -> String {
    match verdict {
        Verdict::Skipped => "skip".to_owned(),
        Verdict::Unsupported => "n/a".to_owned(),
        verdict => verdict.to_string(),
    }
}

/// Returns the worse of two verdicts. A failure is worse than a pass, and a pass counts before a trial that was not run.
fn worse(one: Verdict, other: Verdict) -> Verdict {
    let rank = |verdict: Verdict| (verdict.is_failure(), verdict.was_run(), verdict);
    if rank(other) > rank(one) { other } else { one }
}

fn weaker(one: Promise, other: Promise) -> Promise {
    match (one, other) {
        (Promise::Broken, _) | (_, Promise::Broken) => Promise::Broken,
        (Promise::Kept, _) | (_, Promise::Kept) => Promise::Kept,
        (Promise::Unchecked, Promise::Unchecked) => Promise::Unchecked,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::promises::letters;
    use super::super::samples::{missing, results, trial};
    use super::*;

    /// Makes the cell of one event on one runtime, from the fields in which each of its trials differs from a pass.
    fn cell(trials: &[Value]) -> Option<Cell> {
        let trials: Vec<_> = trials.iter().map(|changes| trial("os.mkdir", "path", "a", changes)).collect();
        Cell::new(trials.iter())
    }

    #[test]
    fn a_cell_shows_the_worst_of_its_trials() {
        use Verdict::{Crash, Missing, Pass, Skipped, Unsupported, Unvetoed};
        let not_run = |verdict: &str| json!({"verdict": verdict, "raised": "unchecked", "arguments": "unchecked", "veto": "unchecked"});
        let pass = || json!({});
        let unchecked_veto = || json!({"veto": "unchecked"});
        let (known, fixed) =
            (|| missing("known", "r"), || json!({"gap": {"state": "fixed", "kind": "bug", "reason": "r"}}));
        let unvetoed = || json!({"verdict": "unvetoed", "veto": "broken"});
        let crash =
            || json!({"verdict": "crash", "raised": "unchecked", "arguments": "unchecked", "veto": "unchecked"});
        for (trials, verdict, shown, is_known, is_unexpected) in [
            (vec![pass()], Pass, "RAV", false, false),
            (vec![pass(), unchecked_veto()], Pass, "RAV", false, false),
            (vec![unchecked_veto()], Pass, "RA.", false, false),
            (vec![not_run("skipped")], Skipped, "...", false, false),
            (vec![not_run("unsupported"), not_run("skipped")], Unsupported, "...", false, false),
            (vec![not_run("skipped"), pass()], Pass, "RAV", false, false),
            (vec![pass(), not_run("unsupported")], Pass, "RAV", false, false),
            (vec![known()], Missing, "-.-", true, false),
            (vec![pass(), known()], Missing, "-A-", true, false),
            (vec![fixed()], Pass, "RAV", false, true),
            (vec![unvetoed()], Unvetoed, "RA-", false, true),
            (vec![known(), unvetoed()], Unvetoed, "-A-", true, true),
            (vec![known(), crash()], Crash, "-.-", true, true),
            (vec![crash(), known(), pass()], Crash, "-A-", true, true),
        ] {
            let cell = cell(&trials).expect("there are trials");
            let found = (cell.verdict, letters(cell.promises), cell.known, cell.unexpected);
            assert_eq!(found, (verdict, shown.to_owned(), is_known, is_unexpected), "{trials:?}");
        }
        assert_eq!(cell(&[]), None);
    }

    #[test]
    fn columns_are_the_runtimes_that_ran_a_trial_in_the_order_of_the_results() {
        let skipped = json!({"verdict": "skipped"});
        let trials = vec![
            trial("os.mkdir", "path", "b", &json!({})),
            trial("os.mkdir", "path", "a", &json!({})),
            trial("os.mkdir", "path", "never", &skipped),
        ];
        let results = results(&["b", "absent", "never", "a"], trials);
        let columns: Vec<_> = Matrix::new(&results).columns.iter().map(|column| column.name.clone()).collect();
        assert_eq!(columns, ["b", "a"]);
    }

    #[test]
    fn rows_are_sorted_by_module_and_event_and_have_a_cell_for_each_column() {
        let trials = vec![
            trial("sys.b", "x", "one", &json!({})),
            trial("os.b", "x", "one", &json!({})),
            trial("os.a", "x", "two", &json!({})),
        ];
        let results = results(&["one", "two"], trials);
        let matrix = Matrix::new(&results);
        let rows = matrix.modules.iter().flat_map(|module| &module.rows);
        let rows: Vec<_> = rows.map(|row| (row.event, row.cells.iter().map(Option::is_some).collect())).collect();
        let expected: [(&str, Vec<bool>); 3] =
            [("os.a", vec![false, true]), ("os.b", vec![true, false]), ("sys.b", vec![true, false])];
        assert_eq!(rows, expected);
        assert_eq!(matrix.modules.iter().map(|module| module.name).collect::<Vec<_>>(), ["os", "sys"]);
    }

    #[test]
    fn each_trial_is_counted_once() {
        let trials = vec![
            trial("os.a", "pass", "one", &json!({})),
            trial("os.a", "fixed", "one", &json!({"gap": {"state": "fixed", "kind": "bug", "reason": "r"}})),
            trial("os.a", "known", "one", &missing("known", "r")),
            trial("sys.a", "failed", "one", &json!({"verdict": "error"})),
            trial("sys.a", "skipped", "one", &json!({"verdict": "skipped"})),
            trial("sys.a", "unsupported", "one", &json!({"verdict": "unsupported"})),
        ];
        let results = results(&["one"], trials);
        let matrix = Matrix::new(&results);
        let os = Tally { passed: 2, known: 1, ..Tally::default() };
        let sys = Tally { failed: 1, skipped: 1, unsupported: 1, ..Tally::default() };
        assert_eq!(matrix.modules.iter().map(|module| module.totals[0]).collect::<Vec<_>>(), [os, sys]);
        let total = matrix.totals()[0];
        assert_eq!(total, Tally { passed: 2, known: 1, failed: 1, skipped: 1, unsupported: 1 });
        assert_eq!((total.run(), total.not_run()), (4, 2));
    }

    #[test]
    fn a_row_names_the_weakest_check_of_arguments() {
        for (asserts, expected) in [
            (vec!["identity", "type", "value"], Strength::Type),
            // A case that expects no event says nothing about arguments.
            (vec!["name", "value"], Strength::Value),
            (vec!["name"], Strength::Name),
        ] {
            let case = |asserts: &&str| trial("os.a", asserts, "one", &json!({"asserts": asserts}));
            let results = results(&["one"], asserts.iter().map(case).collect());
            assert_eq!(Matrix::new(&results).modules[0].rows[0].asserts, expected, "{asserts:?}");
        }
    }
}
