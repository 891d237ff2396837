//! The history: the outcomes of a runtime's trials, run by run.

use std::collections::{BTreeMap, BTreeSet};

use super::date::day;
use crate::report::matrix::Tally;
use crate::results::{Results, short_hash};
use crate::run::TrialRecord;

/// The width of a run in the chart, with the space after it.
const STEP: usize = 24;

/// The least height of a part, in hundredths. Without it one failure in a thousand cases would be invisible.
const LEAST: usize = 3;

/// Some runs, as counts only.
#[derive(Debug, Default)]
pub(crate) struct History(BTreeMap<String, BTreeSet<Point>>);

/// A runtime in one run, ordered by time.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Point {
    /// When the run began, in RFC 3339.
    pub started: String,
    /// The SHA-256 of the suite.
    pub suite: String,
    /// The numbers of outcomes.
    pub tally: Tally,
    /// Whether the run has its footer.
    pub complete: bool,
}

/// The runs of one runtime, as a table and a chart.
#[derive(Debug)]
pub(super) struct Trend<'a> {
    /// The runs, oldest first.
    pub rows: Vec<Row<'a>>,
    /// The chart in words, for screen readers.
    pub description: String,
    /// The width of the chart. Its height is 100.
    pub width: usize,
    /// Its parts: class, x, y and height.
    pub bars: Vec<(&'static str, usize, usize, usize)>,
    /// The x of each line between runs that are not comparable.
    pub cuts: Vec<usize>,
}

/// A run in the table.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub point: &'a Point,
    pub day: &'a str,
    /// The beginning of the suite's hash.
    pub suite: &'a str,
    /// The reasons why its numbers are not comparable with those before.
    pub notes: String,
}

impl History {
    /// Adds a run to the history. A run that it has already is not added twice.
    #[must_use]
    pub(crate) fn and(mut self, results: &Results) -> History {
        let mut trials = BTreeMap::<&str, Vec<&TrialRecord>>::new();
        for trial in &results.trials {
            trials.entry(&trial.runtime).or_default().push(trial);
        }
        for (runtime, trials) in trials {
            let (tally, run) = (Tally::of(trials.into_iter()), results.run_of(runtime));
            let (started, suite, complete) = (run.started.clone(), run.suite.clone(), results.footer.is_some());
            self.0.entry(runtime.to_owned()).or_default().insert(Point { started, suite, tally, complete });
        }
        self
    }

    /// Returns the trend of a runtime that was tested more than once.
    pub(super) fn trend(&self, runtime: &str) -> Option<Trend<'_>> {
        let points: Vec<&Point> = self.0.get(runtime)?.iter().filter(|point| point.tally.run() > 0).collect();
        let [first, .., last] = points[..] else { return None };
        let before = points.iter().map(|point| Some(*point));
        let rows: Vec<Row> =
            points.iter().zip([None].into_iter().chain(before)).map(|(at, before)| Row::new(at, before)).collect();
        let cuts = rows.iter().enumerate().filter(|(_, row)| !row.notes.is_empty());
        Some(Trend {
            description: format!(
                "{} runs, {} to {}: passed {}/{} in the first and {}/{} in the last; the table has all",
                points.len(),
                day(&first.started),
                day(&last.started),
                first.tally.passed,
                first.tally.run(),
                last.tally.passed,
                last.tally.run()
            ),
            width: points.len() * STEP,
            bars: bars(&points),
            cuts: cuts.map(|(at, _)| at * STEP).map(|x| x.saturating_sub(2)).collect(),
            rows,
        })
    }
}

impl<'a> Row<'a> {
    fn new(point: &'a Point, before: Option<&Point>) -> Row<'a> {
        let cases = |point: &Point| point.tally.run() + point.tally.not_run();
        let notes = [
            before.filter(|before| before.suite != point.suite).map(|_| "another suite"),
            before.filter(|before| cases(before) != cases(point)).map(|_| "another number of cases"),
            (!point.complete).then_some("cut short"),
        ];
        Row {
            point,
            day: day(&point.started),
            suite: short_hash(&point.suite),
            notes: notes.into_iter().flatten().collect::<Vec<_>>().join(", "),
        }
    }
}

/// Returns the parts of the chart: for each run passed trials at the bottom, then known gaps, then unexpected failures.
fn bars(points: &[&Point]) -> Vec<(&'static str, usize, usize, usize)> {
    let most = points.iter().map(|point| point.tally.run()).max().unwrap_or_default().max(1);
    let height = |count: usize| if count == 0 { 0 } else { (count * 100 / most).max(LEAST) };
    let column = |(at, point): (usize, &&Point)| {
        let (known, failed) = (height(point.tally.known), height(point.tally.failed));
        let passed = height(point.tally.run()).saturating_sub(known + failed);
        let parts = [("p", passed), ("k", known), ("x", failed)];
        let tops = parts.iter().scan(100_usize, |top, (_, height)| {
            *top = top.saturating_sub(*height);
            Some(*top)
        });
        let placed = parts.into_iter().zip(tops.collect::<Vec<_>>());
        placed
            .map(move |((class, height), top)| (class, at * STEP, top, height))
            .filter(|(.., height)| *height > 0)
            .collect::<Vec<_>>()
    };
    points.iter().enumerate().flat_map(column).collect()
}
