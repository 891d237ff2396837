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
    let names = results.runtimes.iter().map(|runtime| runtime.name.as_str());
    let scores = names.clone().map(|name| (name, Score::of_runtime(results, name))).collect();
    let doors = |runtime: &str| DoorScore::of(results.doors.trials.iter().filter(|trial| trial.runtime == runtime));
    let door_scores = names.map(|name| (name, doors(name))).collect();
    let document = Document { results, extent: Extent::of(results), scores, door_scores };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}
