//! The history: what became of a runtime's trials in one run after the other.

use std::collections::{BTreeMap, BTreeSet};

use super::date::day;
use crate::report::matrix::Tally;
use crate::results::{Results, short_hash};
use crate::run::TrialRecord;

/// The width of a run in the picture, with the space behind it.
const STEP: usize = 24;

/// The least height of what there is, in hundredths: one failure in a thousand cases would not be seen.
const LEAST: usize = 3;

/// Some runs, of which only counts are kept.
#[derive(Debug, Default)]
pub(crate) struct History(BTreeMap<String, BTreeSet<Point>>);

/// A runtime in one run, ordered by time.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Point {
    /// When the run began, in RFC 3339.
    pub started: String,
    /// The SHA-256 of the suite.
    pub suite: String,
    /// What became of the trials.
    pub tally: Tally,
    /// Whether the run came to its end.
    pub complete: bool,
}

/// How a runtime came to be as it is.
#[derive(Debug)]
pub(super) struct Trend<'a> {
    /// The runs, oldest first.
    pub rows: Vec<Row<'a>>,
    /// What the picture shows, for those who do not see it.
    pub told: String,
    /// The width of the picture, whose height is 100.
    pub width: usize,
    /// Its parts: class, place and height.
    pub bars: Vec<(&'static str, usize, usize, usize)>,
    /// Where numbers before and after are not comparable.
    pub cuts: Vec<usize>,
}

/// A run in the table.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub point: &'a Point,
    pub day: &'a str,
    /// The beginning of the suite's hash.
    pub suite: &'a str,
    /// Why its numbers are not comparable with those before.
    pub notes: String,
}

impl History {
    /// This history with one more run in it. A run that is there already is not there twice.
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

    /// The trend of a runtime: none where it was tested once only, or never.
    pub(super) fn trend(&self, runtime: &str) -> Option<Trend<'_>> {
        let points: Vec<&Point> = self.0.get(runtime)?.iter().filter(|point| point.tally.run() > 0).collect();
        let [first, .., last] = points[..] else { return None };
        let before = points.iter().map(|point| Some(*point));
        let rows: Vec<Row> =
            points.iter().zip([None].into_iter().chain(before)).map(|(at, before)| Row::new(at, before)).collect();
        let cuts = rows.iter().enumerate().filter(|(_, row)| !row.notes.is_empty());
        Some(Trend {
            told: format!(
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
        let cases = |point: &Point| point.tally.run() + point.tally.apart();
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

/// The parts of the picture: for each run those that passed at the bottom, on them known gaps, on these what is unexpected.
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
