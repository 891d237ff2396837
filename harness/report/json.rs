//! The results as one JSON document, sorted, with the numbers of each runtime.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::results::{DoorScore, Extent, Results, Score};

/// The results and what is counted of them.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    results: &'a Results,
    /// The numbers of cases, events and rules.
    extent: Extent,
    /// The numbers of trials of each runtime.
    scores: BTreeMap<&'a str, Score>,
    /// The numbers of doors of each runtime.
    #[serde(rename = "door-scores")]
    door_scores: BTreeMap<&'a str, DoorScore>,
}

/// Renders the results.
///
/// # Errors
/// Never, as JSON can hold all values of results.
pub(crate) fn render(results: &Results) -> serde_json::Result<String> {
    let mut door_scores: BTreeMap<&str, DoorScore> =
        results.runtimes.iter().map(|runtime| (&*runtime.name, DoorScore::default())).collect();
    results.doors.trials.iter().for_each(|trial| door_scores.entry(&trial.runtime).or_default().add(trial));
    let scores = Score::by_runtime(results);
    let document = Document { results, extent: Extent::of(results), scores, door_scores };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}
