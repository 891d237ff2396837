//! The matrix: events by runtimes, as every format shows it.

use std::collections::BTreeMap;

use crate::results::{Results, RuntimeRecord, TrialRecord};
use crate::shape::Strength;
use crate::verdict::{Promise, Verdict};

/// Events by runtimes, grouped by module.
#[derive(Debug)]
pub struct Matrix<'a> {
    /// The runtimes that have a column: those on which some trial was run.
    pub columns: Vec<&'a RuntimeRecord>,
    /// The groups, by name.
    pub modules: Vec<Module<'a>>,
}

/// The events of one module.
#[derive(Debug)]
pub struct Module<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its events, by name.
    pub rows: Vec<Row<'a>>,
    /// For each column, the trials that passed and those that were run.
    pub totals: Vec<(usize, usize)>,
}

/// One event.
#[derive(Debug)]
pub struct Row<'a> {
    /// Its name.
    pub event: &'a str,
    /// What the weakest of its cases asserts.
    pub asserts: Strength,
    /// A cell for each column; none where the event has no trials.
    pub cells: Vec<Option<Cell>>,
}

/// What became of one event's cases on one runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
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
    pub fn new(results: &'a Results) -> Matrix<'a> {
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

    /// For each column, the trials that passed and those that were run.
    pub fn totals(&self) -> Vec<(usize, usize)> {
        let sum = |column: usize| {
            let totals = self.modules.iter().map(|module| module.totals[column]);
            totals.fold((0, 0), |(passed, run), (more, ran)| (passed + more, run + ran))
        };
        (0..self.columns.len()).map(sum).collect()
    }
}

impl<'a> Module<'a> {
    fn new(name: &'a str, events: &BTreeMap<&'a str, Vec<&TrialRecord>>, columns: &[&RuntimeRecord]) -> Module<'a> {
        let total = |column: &RuntimeRecord| {
            let here = events.values().flatten().filter(|trial| trial.runtime == column.name);
            let run: Vec<_> = here.filter(|trial| trial.verdict.was_run()).collect();
            (run.iter().filter(|trial| trial.verdict == Verdict::Pass).count(), run.len())
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
            promises: [trial.raised, trial.arguments, trial.veto],
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
