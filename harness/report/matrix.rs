//! The matrix: events by runtimes, as every format shows it.

use std::collections::BTreeMap;

use super::promises::promises;
use crate::results::{Results, RuntimeRecord};
use crate::run::TrialRecord;
use crate::suite::{Promise, Strength, Verdict};

/// Events by runtimes, grouped by module.
#[derive(Debug)]
pub(super) struct Matrix<'a> {
    /// The runtimes that have a column: those on which some trial was run.
    pub columns: Vec<&'a RuntimeRecord>,
    /// The groups, by name.
    pub modules: Vec<Module<'a>>,
}

/// The events of one module.
#[derive(Debug)]
pub(super) struct Module<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its events, by name.
    pub rows: Vec<Row<'a>>,
    /// For each column, what became of its trials.
    pub totals: Vec<Tally>,
}

/// What became of some trials: each is counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tally {
    /// Those that passed.
    pub passed: usize,
    /// Those that failed as a known gap says.
    pub known: usize,
    /// Those that failed otherwise.
    pub failed: usize,
    /// Those that are not for the runtime.
    pub skipped: usize,
    /// Those that the runtime has no API for.
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

    /// Those that were run: what the number of those that passed is shown beside.
    pub(super) fn run(self) -> usize {
        self.passed + self.known + self.failed
    }

    /// Those that were not.
    pub(super) fn apart(self) -> usize {
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
    /// What the weakest of its cases asserts.
    pub asserts: Strength,
    /// A cell for each column; none where the event has no trials.
    pub cells: Vec<Option<Cell>>,
}

/// What became of one event's cases on one runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    /// The verdict: the worst of those cases that were run.
    pub verdict: Verdict,
    /// The three promises (raised, arguments, veto), each as the worst of the cases has it.
    pub promises: [Promise; 3],
    /// Whether a case falls under a known gap.
    pub known: bool,
    /// Whether a case failed, or passed, against the expectation.
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

    /// For each column, what became of its trials.
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
            // A case that the event must not be raised in has no arguments to assert anything of.
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

/// Of two verdicts, the one that says more: a failure before a pass, and both before a trial that was not run.
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
