//! The differences between two runs, grouped as the reports of a comparison show them.

use std::collections::BTreeMap;

use super::scores::numbers;
use crate::results::compare::{Change, Comparison, RuntimeDifference};

/// The changes that a table of runtimes counts, in the order of its columns.
pub(super) const COUNTED: [Change; 6] =
    [Change::Worse, Change::Other, Change::Better, Change::Unchanged, Change::Added, Change::Removed];

/// Returns the scores of a runtime in both results, in the order of the heads of scores: `43 -> 41` where they differ.
pub(super) fn both_scores(runtime: &RuntimeDifference) -> [String; 7] {
    let [old, new] = [runtime.old_score, runtime.new_score].map(|score| score.map(numbers));
    let all = old.or(new).unwrap_or_default().into_iter().zip(new.or(old).unwrap_or_default());
    let cells: Vec<String> =
        all.map(|(old, new)| if old == new { old.to_string() } else { format!("{old} -> {new}") }).collect();
    cells.try_into().unwrap_or_default()
}

/// Returns the names of cases by event, from ids of cases.
pub(super) fn by_event(ids: &[String]) -> BTreeMap<&str, Vec<&str>> {
    let mut events = BTreeMap::<&str, Vec<&str>>::new();
    for (event, case) in ids.iter().filter_map(|id| id.split_once("::")) {
        events.entry(event).or_default().push(case);
    }
    events
}

/// Returns the runtimes that show a change, by the case and what differs.
pub(super) fn groups<'a>(comparison: &Comparison<'a>, change: Change) -> BTreeMap<(String, String), Vec<&'a str>> {
    let mut groups = BTreeMap::<_, Vec<&str>>::new();
    for difference in comparison.trials.iter().filter(|trial| trial.change == change) {
        groups.entry((difference.id.clone(), difference.summary())).or_default().push(difference.runtime);
    }
    groups
}
