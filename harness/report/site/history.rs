//! The history: the outcomes of a runtime's trials, run by run.

use std::collections::{BTreeMap, BTreeSet};

use super::date::day;
use crate::results::{Results, Score, short_hash};
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
    /// The numbers of its trials.
    pub score: Score,
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
            let (score, run) = (Score::of(trials), results.run_of(runtime));
            let (started, suite, complete) = (run.started.clone(), run.suite.clone(), results.footer.is_some());
            self.0.entry(runtime.to_owned()).or_default().insert(Point { started, suite, score, complete });
        }
        self
    }

    /// Returns the trend of a runtime that was tested more than once.
    pub(super) fn trend(&self, runtime: &str) -> Option<Trend<'_>> {
        let points: Vec<&Point> = self.0.get(runtime)?.iter().filter(|point| point.score.run() > 0).collect();
        let [first, .., last] = points[..] else { return None };
        let before = points.iter().map(|point| Some(*point));
        let rows: Vec<Row> =
            points.iter().zip([None].into_iter().chain(before)).map(|(at, before)| Row::new(at, before)).collect();
        let cuts = rows.iter().enumerate().filter(|(_, row)| !row.notes.is_empty());
        Some(Trend {
            description: format!(
                "{} runs, {} to {}: passed {} in the first and {} in the last; the table has all",
                points.len(),
                day(&first.started),
                day(&last.started),
                first.score.ratio(),
                last.score.ratio()
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
        let cases = |point: &Point| point.score.total();
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

/// Returns the parts of the chart: for each run passed trials at the bottom, then fixed gaps, known gaps and failures.
fn bars(points: &[&Point]) -> Vec<(&'static str, usize, usize, usize)> {
    let most = points.iter().map(|point| point.score.run()).max().unwrap_or_default().max(1);
    let height = |count: usize| if count == 0 { 0 } else { (count * 100 / most).max(LEAST) };
    let column = |(at, point): (usize, &&Point)| {
        let score = point.score;
        let [fixed, known, failed] = [score.fixed, score.known_gaps, score.failed].map(height);
        let passed = height(score.run()).saturating_sub(fixed + known + failed);
        let parts = [("p", passed), ("f", fixed), ("k", known), ("x", failed)];
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
