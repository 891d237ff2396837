//! The history: the outcomes of a runtime's trials, release by release and run by run.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;

use super::date::day;
use super::escape;
use crate::results::{ProbeRecord, Results, RuntimeRecord, Score, short_hash};
use crate::run::TrialRecord;

/// The width of a run in the chart, with the space after it.
const STEP: usize = 96;

/// The width of a column.
const COLUMN: usize = 48;

/// The place of the first run in the chart, behind the axis.
const START: usize = 68;

/// The top of the chart. The numbers stand above it.
const TOP: usize = 20;

/// The least height of a part, in hundredths. Without it one failure in a thousand cases would be invisible.
const LEAST: usize = 3;

/// Some runs, as counts only.
#[derive(Debug, Default)]
pub(crate) struct History(BTreeMap<Line, BTreeSet<Point>>);

/// The words that runtimes of one line of releases have in common.
type Line = Vec<String>;

/// A runtime in one run, ordered by its release, then by time.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Point {
    /// The versions of the implementation and of the language.
    pub release: Option<[Option<Version>; 2]>,
    /// When the run began, in RFC 3339.
    pub started: String,
    /// The SHA-256 of the suite.
    pub suite: String,
    /// The numbers of its trials.
    pub score: Score,
    /// Whether the run has its footer.
    pub complete: bool,
    /// The name of the runtime in its run.
    pub name: String,
}

/// The runs of one runtime, as a table and a chart.
#[derive(Debug)]
pub(super) struct Trend<'a> {
    /// The runs, the oldest release first.
    pub rows: Vec<Row<'a>>,
    /// The chart in words, for screen readers.
    pub description: String,
    /// The width of the chart. Its height is 190.
    pub width: usize,
    /// The most cases of a run: the upper end of the axis.
    pub most: usize,
    /// The text of each run: its middle, the cases that passed, its release and its day.
    pub labels: Vec<(usize, String, String, &'a str)>,
    /// Its parts: class, x, y and height.
    pub bars: Vec<(&'static str, usize, usize, usize)>,
    /// The x of each line between runs that are not comparable.
    pub cuts: Vec<usize>,
}

/// A run in the table.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub point: &'a Point,
    pub name: String,
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
            let Some(record) = results.runtimes.iter().find(|record| record.name == runtime) else { continue };
            let run = results.run_of(runtime);
            let point = Point {
                release: record.probe.as_ref().map(ProbeRecord::release),
                started: run.started.clone(),
                suite: run.suite.clone(),
                score: Score::of(trials),
                complete: results.footer.is_some(),
                name: runtime.to_owned(),
            };
            self.0.entry(line(record)).or_default().insert(point);
        }
        self
    }

    /// Returns the trend of a runtime, with the other releases of its line, if it has more than one run.
    pub(super) fn trend(&self, runtime: &RuntimeRecord) -> Option<Trend<'_>> {
        let points: Vec<&Point> = self.0.get(&line(runtime))?.iter().filter(|point| point.score.run() > 0).collect();
        let [first, .., last] = points[..] else { return None };
        let before = points.iter().map(|point| Some(*point));
        let rows: Vec<Row> =
            points.iter().zip([None].into_iter().chain(before)).map(|(at, before)| Row::new(at, before)).collect();
        let cuts = rows.iter().enumerate().filter(|(_, row)| !row.notes.is_empty());
        Some(Trend {
            description: format!(
                "{} runs, {} of {} to {} of {}: passed {} in the first and {} in the last; the table has all",
                points.len(),
                first.name,
                day(&first.started),
                last.name,
                day(&last.started),
                first.score.ratio(),
                last.score.ratio()
            ),
            width: START + points.len() * STEP,
            most: most(&points),
            labels: points.iter().enumerate().map(|(at, point)| label(at, point)).collect(),
            bars: bars(&points),
            cuts: cuts.map(|(at, _)| START + at * STEP - (STEP - COLUMN) / 2).collect(),
            rows,
        })
    }
}

/// Returns the line of a runtime. Releases of an implementation on a platform, of builds with the same flags and in the
/// same variant, are one line; of CPython those of one minor version. A runtime that the configuration named is a line of
/// its own.
fn line(runtime: &RuntimeRecord) -> Line {
    let probe = runtime.probe.as_ref();
    let Some(probe) = probe.filter(|probe| runtime.name.starts_with(&format!("{}-", probe.implementation))) else {
        return vec![runtime.name.clone()];
    };
    let minor = probe.language.split('.').take(2).collect::<Vec<_>>().join(".");
    let minor = if probe.implementation == "cpython" { minor } else { String::new() };
    let variant = runtime.variant.clone().unwrap_or_default();
    vec![probe.implementation.clone(), probe.platform.clone(), probe.flags.join(" "), variant, minor]
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
            name: escape::name(&point.name),
            day: day(&point.started),
            suite: short_hash(&point.suite),
            notes: notes.into_iter().flatten().collect::<Vec<_>>().join(", "),
        }
    }
}

/// Returns the most cases of a run.
fn most(points: &[&Point]) -> usize {
    points.iter().map(|point| point.score.run()).max().unwrap_or_default().max(1)
}

/// Returns the text of a run.
fn label(at: usize, point: &Point) -> (usize, String, String, &str) {
    let release = point.release.as_ref().and_then(|[own, _]| own.as_ref()).map(ToString::to_string);
    let release = release.unwrap_or_else(|| escape::name(&point.name));
    (START + at * STEP + COLUMN / 2, point.score.ratio(), release, day(&point.started))
}

/// Returns the parts of the chart: for each run passed trials at the bottom, then fixed gaps, known
/// gaps, failures of new cases, and other failures.
fn bars(points: &[&Point]) -> Vec<(&'static str, usize, usize, usize)> {
    let most = most(points);
    let height = |count: usize| if count == 0 { 0 } else { (count * 100 / most).max(LEAST) };
    let column = |(at, point): (usize, &&Point)| {
        let score = point.score;
        let [fixed, known, new, failed] = [score.fixed, score.known_gaps, score.new, score.failed].map(height);
        let passed = height(score.run()).saturating_sub(fixed + known + new + failed);
        let parts = [("p", passed), ("f", fixed), ("k", known), ("n", new), ("x", failed)];
        let tops = parts.iter().scan(100_usize, |top, (_, height)| {
            *top = top.saturating_sub(*height);
            Some(*top)
        });
        let placed = parts.into_iter().zip(tops.collect::<Vec<_>>());
        placed
            .map(move |((class, height), top)| (class, START + at * STEP, TOP + top, height))
            .filter(|(.., height)| *height > 0)
            .collect::<Vec<_>>()
    };
    points.iter().enumerate().flat_map(column).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::samples::{results, trial, with_probe};

    /// Returns the results of a run: a runtime by its name, implementation, versions, platform and flag.
    fn run(day: u8, [name, implementation, own, language, platform, flag]: [&str; 6]) -> Results {
        let probe = json!({"implementation": implementation, "implementation-version": own, "language": language,
            "platform": platform, "flags": [flag]});
        let mut run = results(&[], vec![trial("m.f", "a", name, &json!({}))]);
        run.runtimes = vec![with_probe(name, &probe)];
        run.runtimes[0].variant = name.split_once('+').map(|(_, variant)| variant.to_owned());
        run.header.started = format!("2026-01-{day:02}T00:00:00Z");
        run
    }

    #[test]
    fn releases_of_one_line_stand_in_their_order_and_others_apart() {
        let runs = [
            run(1, ["pypy-8.0.1", "pypy", "8.0.1", "3.11.17", "linux", ""]),
            run(2, ["pypy-7.3.19", "pypy", "7.3.19", "3.11.11", "linux", ""]),
            run(3, ["pypy-7.3.11", "pypy", "7.3.11", "3.9.16", "linux", ""]),
            run(4, ["pypy-7.3.19", "pypy", "7.3.19", "3.11.11", "linux", ""]),
            run(5, ["pypy-8.0.1", "pypy", "8.0.1", "3.11.17", "win32", ""]),
            run(6, ["my-pypy", "pypy", "8.0.1", "3.11.17", "linux", ""]),
            run(7, ["cpython-3.13.10", "cpython", "3.13.10", "3.13.10", "linux", ""]),
            run(8, ["cpython-3.13.2", "cpython", "3.13.2", "3.13.2", "linux", ""]),
            run(9, ["cpython-3.14.0", "cpython", "3.14.0", "3.14.0", "linux", ""]),
            run(10, ["cpython-3.13.2-debug", "cpython", "3.13.2", "3.13.2", "linux", "debug"]),
            run(11, ["cpython-3.13.2+dev", "cpython", "3.13.2", "3.13.2", "linux", ""]),
        ];
        let history = runs.iter().fold(History::default(), History::and);
        let names = |run: &Results| {
            let trend = history.trend(&run.runtimes[0])?;
            Some(trend.rows.iter().map(|row| format!("{} {}", row.point.name, row.day)).collect::<Vec<_>>().join(", "))
        };
        let pypy = "pypy-7.3.11 2026-01-03, pypy-7.3.19 2026-01-02, pypy-7.3.19 2026-01-04, pypy-8.0.1 2026-01-01";
        let cpython = "cpython-3.13.2 2026-01-08, cpython-3.13.10 2026-01-07";
        for (index, expected) in [Some(pypy), Some(pypy), Some(pypy), Some(pypy), None, None].into_iter().enumerate() {
            assert_eq!(names(&runs[index]).as_deref(), expected, "{index}");
        }
        let cpythons: Vec<_> = runs[6..].iter().map(names).collect();
        assert_eq!(cpythons, [Some(cpython.to_owned()), Some(cpython.to_owned()), None, None, None]);
    }
}
