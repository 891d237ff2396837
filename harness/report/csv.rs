//! The trials as CSV, for spreadsheets.

use anyhow::Result;

use crate::results::Results;
use crate::suite::{is_door, is_rule};

const COLUMNS: [&str; 13] = [
    "event",
    "case",
    "api",
    "runtime",
    "verdict",
    "raised",
    "arguments",
    "veto",
    "known",
    "seconds",
    "standing",
    "kind",
    "hot",
];

/// Renders a row with the names of the columns, then one row for each trial: first those of cases, then those of doors.
///
/// # Errors
/// Never, because it writes to memory.
pub(crate) fn render(results: &Results) -> Result<String> {
    let mut csv = ::csv::Writer::from_writer(Vec::new());
    csv.write_record(COLUMNS)?;
    for trial in results.all_trials() {
        let gap = trial.gap.as_ref().map(|gap| gap.state.to_string()).unwrap_or_default();
        csv.write_record([
            &trial.event,
            &trial.case,
            &trial.api,
            &trial.runtime,
            &trial.verdict.to_string(),
            &trial.raised.to_string(),
            &trial.arguments.to_string(),
            &trial.veto.to_string(),
            &gap,
            &format!("{:.3}", trial.seconds),
            &trial.standing().to_string(),
            kind(&trial.event),
            &trial.hot.to_string(),
        ])?;
    }
    Ok(String::from_utf8(csv.into_inner()?)?)
}

/// Returns the kind of thing that a trial is about.
fn kind(event: &str) -> &'static str {
    match event {
        event if is_door(event) => "door",
        event if is_rule(event) => "rule",
        _ => "event",
    }
}
