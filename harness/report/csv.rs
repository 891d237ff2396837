//! The trials, or the events, as CSV for spreadsheets.

use std::collections::BTreeMap;

use anyhow::Result;

use super::matrix::Matrix;
use super::shown::Shown;
use super::text::cell;
use crate::coverage::catalogue::Catalogue;
use crate::results::{CaseRecord, Cell, ProbeRecord, Results};
use crate::run::TrialRecord;
use crate::suite::{is_door, is_rule};

/// The columns. New ones come at the end, so that scripts that count them go on to work.
const TRIAL: [&str; 21] = [
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
    "capability",
];

/// The columns of a table of events.
const EVENT: [&str; 18] = [
    "event",
    "kind",
    "module",
    "runtime",
    "state",
    "raised",
    "arguments",
    "veto",
    "hot",
    "passed",
    "run",
    "known-gaps",
    "failed",
    "fixed",
    "implementation",
    "implementation-version",
    "python",
    "platform",
];

/// Renders a row with the names of the columns, then one row for each trial: first those of cases, then those of doors.
///
/// # Errors
/// Never, because it writes to memory.
pub(crate) fn trials(results: &Shown, catalogue: &Catalogue) -> Result<String> {
    let cases: BTreeMap<(&str, &str), &CaseRecord> =
        results.all_cases().map(|case| ((&*case.event, &*case.case), case)).collect();
    let columns = Columns::of(results);
    let capabilities = |trial: &TrialRecord| {
        let own = cases.get(&(&*trial.event, &*trial.case)).map(|case| case.description.capabilities.as_slice());
        let own = own.filter(|own| !own.is_empty());
        let of_event = || catalogue.entry(&trial.event).map(|entry| entry.capabilities.as_slice());
        let words = own.or_else(of_event).unwrap_or_default().iter().map(ToString::to_string);
        words.collect::<Vec<_>>().join(" ")
    };
    let row = |trial: &TrialRecord| {
        let gap = trial.gap.as_ref();
        let [implementation, implementation_version, python, platform] = columns.of_runtime(&trial.runtime);
        [
            trial.event.to_string(),
            trial.case.to_string(),
            trial.api.to_string(),
            trial.runtime.to_string(),
            trial.verdict.to_string(),
            trial.raised.to_string(),
            trial.arguments.to_string(),
            trial.veto.to_string(),
            gap.map(|gap| gap.state.to_string()).unwrap_or_default(),
            format!("{:.3}", trial.seconds),
            trial.standing().to_string(),
            kind(&trial.event).to_owned(),
            trial.hot.to_string(),
            implementation,
            implementation_version,
            python,
            platform,
            gap.map(|gap| gap.kind.to_string()).unwrap_or_default(),
            gap.map(|gap| gap.reason.clone()).or_else(|| trial.reason.clone()).unwrap_or_default(),
            gap.and_then(|gap| gap.issue.clone()).unwrap_or_default(),
            capabilities(trial),
        ]
    };
    table(TRIAL, results.all_trials().map(row))
}

/// Renders a row with the names of the columns, then one row for each event and rule on each runtime that has a trial of it.
///
/// # Errors
/// Never, because it writes to memory.
pub(crate) fn events(results: &Shown) -> Result<String> {
    let (matrix, columns) = (Matrix::new(results), Columns::of(results));
    let row = |module: &str, event: &str, runtime: &str, cell: &Cell| {
        let [raised, arguments, veto, hot] = cell.promises.map(|promise| promise.to_string());
        let score = cell.score;
        let [passed, run, known, failed, fixed] =
            [score.passed, score.run(), score.known_gaps, score.failed, score.fixed].map(|count| count.to_string());
        let [implementation, implementation_version, python, platform] = columns.of_runtime(runtime);
        let [event, kind, module, runtime] = [event, kind(event), module, runtime].map(str::to_owned);
        [
            event,
            kind,
            module,
            runtime,
            cell.word(),
            raised,
            arguments,
            veto,
            hot,
            passed,
            run,
            known,
            failed,
            fixed,
            implementation,
            implementation_version,
            python,
            platform,
        ]
    };
    let mut rows = Vec::new();
    for module in &matrix.modules {
        for event in &module.rows {
            let cells = matrix.columns.iter().zip(&event.cells);
            let cells = cells.filter_map(|(column, cell)| Some((column, cell.as_ref()?)));
            rows.extend(cells.map(|(column, cell)| row(module.name, event.event, &column.name, cell)));
        }
    }
    table(EVENT, rows)
}

/// The findings of the probes, by runtime.
struct Columns<'a>(BTreeMap<&'a str, &'a ProbeRecord>);

impl<'a> Columns<'a> {
    fn of(results: &'a Results) -> Columns<'a> {
        let probes = results.runtimes.iter().filter_map(|runtime| Some((&*runtime.name, runtime.probe.as_ref()?)));
        Columns(probes.collect())
    }

    /// Returns the implementation, its version, the version of Python, and the platform.
    fn of_runtime(&self, name: &str) -> [String; 4] {
        let texts = |probe: &&ProbeRecord| {
            [&probe.implementation, &probe.implementation_version, &probe.language, &probe.platform].map(Clone::clone)
        };
        self.0.get(name).map(texts).unwrap_or_default()
    }
}

fn table<const N: usize>(heads: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Result<String> {
    let mut csv = ::csv::Writer::from_writer(Vec::new());
    csv.write_record(heads)?;
    rows.into_iter().try_for_each(|row| csv.write_record(row.map(|text| cell(&text))))?;
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{missing, results, trial, with_probe};
    use super::*;

    /// Reads CSV: the heads, and the cells of each row by head.
    fn read(text: &str) -> Vec<BTreeMap<String, String>> {
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        reader.deserialize().map(|row| row.expect("a row")).collect()
    }

    fn catalogue() -> Catalogue {
        let text = "- {event: os.mkdir, capabilities: [write, delete], arguments: [path], apis: [os.mkdir]}";
        Catalogue::parse(text).expect("a catalogue")
    }

    #[test]
    fn a_row_has_the_versions_of_its_runtime_and_the_reason_and_no_cell_is_a_formula() {
        let reason = json!({"verdict": "error", "reason": "=cmd|' /C calc'!A0\n+1"});
        let runtimes = vec![with_probe("one", &json!({"language": "3.11.4", "implementation-version": "8.0"}))];
        let results = Results { runtimes, ..results(&[], vec![trial("os.mkdir", "a", "one", &reason)]) };
        let text = trials(&Shown::of(results).expect("results"), &catalogue()).expect("CSV");
        assert_eq!(text.lines().count(), 2, "{text}");
        assert_eq!(text.lines().next(), Some(TRIAL.join(",").as_str()));
        let row = &read(&text)[0];
        assert_eq!(
            ["implementation", "implementation-version", "python"].map(|head| &*row[head]),
            ["cpython", "8.0", "3.11.4"]
        );
        assert_eq!(row["capability"], "write delete");
        assert!(row["reason"].starts_with("'=cmd"), "{}", row["reason"]);
    }

    #[test]
    fn events_have_a_row_for_each_runtime_that_has_a_trial_of_them() {
        let trials = vec![
            trial("os.mkdir", "a", "one", &json!({})),
            trial("os.mkdir", "b", "one", &missing("known", "r")),
            trial("os.mkdir", "a", "two", &json!({})),
            trial("os.chmod", "a", "two", &json!({"verdict": "skipped"})),
        ];
        let text = events(&Shown::of(results(&["one", "two"], trials)).expect("results")).expect("CSV");
        let heads = ["event", "runtime", "state", "raised", "passed", "run", "known-gaps"];
        let rows: Vec<_> = read(&text).iter().map(|row| heads.map(|head| row[head].clone()).join(" ")).collect();
        let expected = [
            "os.chmod two skip unchecked 0 0 0",
            "os.mkdir one partly partly 1/2 1 2 1",
            "os.mkdir two pass kept 1 1 0",
        ];
        assert_eq!(rows, expected, "{text}");
    }
}
