//! The trials as CSV, for spreadsheets.

use std::collections::BTreeMap;

use anyhow::Result;

use super::text::clean;
use crate::results::{ProbeRecord, Results};
use crate::suite::{is_door, is_rule};

/// The columns. New ones come at the end, so that scripts that count them go on to work.
const COLUMNS: [&str; 20] = [
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
    "implementation",
    "implementation-version",
    "python",
    "platform",
    "gap",
    "reason",
    "issue",
];

/// Renders a row with the names of the columns, then one row for each trial: first those of cases, then those of doors.
///
/// # Errors
/// Never, because it writes to memory.
pub(crate) fn render(results: &Results) -> Result<String> {
    let mut csv = ::csv::Writer::from_writer(Vec::new());
    csv.write_record(COLUMNS)?;
    let probes: BTreeMap<&str, &ProbeRecord> =
        results.runtimes.iter().filter_map(|runtime| Some((runtime.name.as_str(), runtime.probe.as_ref()?))).collect();
    for trial in results.all_trials() {
        let probe = probes.get(trial.runtime.as_str()).copied();
        let gap = trial.gap.as_ref();
        let row = [
            trial.event.clone(),
            trial.case.clone(),
            trial.api.clone(),
            trial.runtime.clone(),
            trial.verdict.to_string(),
            trial.raised.to_string(),
            trial.arguments.to_string(),
            trial.veto.to_string(),
            gap.map(|gap| gap.state.to_string()).unwrap_or_default(),
            format!("{:.3}", trial.seconds),
            trial.standing().to_string(),
            kind(&trial.event).to_owned(),
            trial.hot.to_string(),
            probe.map(|probe| probe.implementation.clone()).unwrap_or_default(),
            probe.map(|probe| probe.implementation_version.clone()).unwrap_or_default(),
            probe.map(|probe| probe.language.clone()).unwrap_or_default(),
            probe.map(|probe| probe.platform.clone()).unwrap_or_default(),
            gap.map(|gap| gap.kind.to_string()).unwrap_or_default(),
            gap.map(|gap| gap.reason.clone()).or_else(|| trial.reason.clone()).unwrap_or_default(),
            gap.and_then(|gap| gap.issue.clone()).unwrap_or_default(),
        ];
        csv.write_record(row.map(|text| cell(&text)))?;
    }
    Ok(String::from_utf8(csv.into_inner()?)?)
}

/// Returns a text in one line without control characters. A spreadsheet takes a text with one of these signs at its start
/// for a formula, and may run it; an apostrophe makes it a text.
fn cell(text: &str) -> String {
    let text = clean(text);
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

/// Returns the kind of thing that a trial is about.
fn kind(event: &str) -> &'static str {
    match event {
        event if is_door(event) => "door",
        event if is_rule(event) => "rule",
        _ => "event",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{results, trial, with_probe};
    use super::*;

    #[test]
    fn a_row_has_the_versions_of_its_runtime_and_the_reason_and_no_cell_is_a_formula() {
        let reason = json!({"verdict": "error", "reason": "=cmd|' /C calc'!A0\n+1"});
        let runtimes = vec![with_probe("one", &json!({"language": "3.11.4", "implementation-version": "8.0"}))];
        let results = Results { runtimes, ..results(&[], vec![trial("os.mkdir", "a", "one", &reason)]) };
        let text = render(&results).expect("CSV");
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().expect("a head"), &COLUMNS[..]);
        let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
        let of = |name: &str| &rows[0][COLUMNS.iter().position(|column| *column == name).expect("a column")];
        assert_eq!([of("implementation"), of("implementation-version"), of("python")], ["cpython", "8.0", "3.11.4"]);
        assert!(of("reason").starts_with("'=cmd"), "{}", of("reason"));
        assert_eq!(text.lines().count(), 2, "{text}");
    }
}
