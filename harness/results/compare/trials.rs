//! Differences between the trials of one runtime in two results.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Serialize;

use super::change::Change;
use super::shifts::{Shift, shifts};
use super::suites::SuiteDifference;
use crate::results::records::Results;
use crate::run::TrialRecord;

/// A case on a runtime that both results have.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct TrialDifference<'a> {
    /// The id of the case.
    pub id: String,
    /// The runtime's name, in the new results if it differs.
    pub runtime: &'a str,
    /// The change of the trial.
    pub change: Change,
    /// The trial in the old results.
    pub old: Option<&'a TrialRecord>,
    /// The trial in the new results.
    pub new: Option<&'a TrialRecord>,
    /// Whether the definition of the case has changed.
    pub redefined: bool,
    /// Everything that differs, the verdict first; empty for a trial that is added, removed or unchanged.
    pub shifts: Vec<Shift>,
}

/// Module, event and case: they identify a trial of a runtime, and give the order of a report.
type Key<'a> = (&'a str, &'a str, &'a str);

fn key(trial: &TrialRecord) -> Key<'_> {
    (&trial.module, &trial.event, &trial.case)
}

/// Returns the trials of each runtime in the order of their keys, by its name.
pub(super) fn by_runtime(results: &Results) -> BTreeMap<&str, Vec<&TrialRecord>> {
    let mut runtimes = BTreeMap::<&str, Vec<&TrialRecord>>::new();
    for trial in results.all_trials() {
        runtimes.entry(&trial.runtime).or_default().push(trial);
    }
    for trials in runtimes.values_mut() {
        trials.sort_by_key(|trial| key(trial));
    }
    runtimes
}

impl<'a> TrialDifference<'a> {
    /// Compares all trials of one runtime. Both lists are in order, and so are the differences.
    pub(super) fn all(
        old: &[&'a TrialRecord],
        new: &[&'a TrialRecord],
        suite: &SuiteDifference,
    ) -> Vec<TrialDifference<'a>> {
        let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
        let next = || {
            let order = match (old.peek(), new.peek()) {
                (Some(old), Some(new)) => key(old).cmp(&key(new)),
                (Some(_), None) => Ordering::Less,
                (None, _) => Ordering::Greater,
            };
            match order {
                Ordering::Less => old.next().map(|old| TrialDifference::of_one(old, Change::Removed)),
                Ordering::Equal => {
                    old.next().zip(new.next()).map(|(old, new)| TrialDifference::of_both(old, new, suite))
                }
                Ordering::Greater => new.next().map(|new| TrialDifference::of_one(new, Change::Added)),
            }
        };
        std::iter::from_fn(next).collect()
    }

    fn of_one(trial: &'a TrialRecord, change: Change) -> TrialDifference<'a> {
        let (old, new) = if change == Change::Removed { (Some(trial), None) } else { (None, Some(trial)) };
        let (id, runtime) = (trial.id(), trial.runtime.as_str());
        TrialDifference { id, runtime, change, old, new, redefined: false, shifts: Vec::new() }
    }

    fn of_both(old: &'a TrialRecord, new: &'a TrialRecord, suite: &SuiteDifference) -> TrialDifference<'a> {
        let (id, runtime) = (new.id(), new.runtime.as_str());
        let redefined = suite.redefined.binary_search(&id).is_ok();
        let mut shifts = shifts(old, new);
        if redefined {
            for shift in &mut shifts {
                shift.change = Change::Other;
            }
        }
        let has = |change: &Change| shifts.iter().any(|shift| shift.change == *change);
        let change = [Change::Worse, Change::Better, Change::Other].into_iter().find(has).unwrap_or(Change::Unchanged);
        TrialDifference { id, runtime, change, old: Some(old), new: Some(new), redefined, shifts }
    }

    /// Returns everything that differs, in one line.
    pub fn summary(&self) -> String {
        let words = self.shifts.iter().map(|Shift { what, old, new, .. }| match *what {
            "verdict" => format!("{old} -> {new}"),
            "observed" => "other observations".to_owned(),
            what => format!("{what} {old} -> {new}"),
        });
        let verdict = self.new.filter(|new| self.old.is_some_and(|old| old.verdict == new.verdict));
        let verdict = verdict.map(|trial| format!("still {}", trial.verdict));
        verdict.into_iter().chain(words).collect::<Vec<_>>().join(", ")
    }
}
