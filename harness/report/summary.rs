//! The results as a Markdown table with a row for each runtime. It is narrow enough for a README.

use std::collections::BTreeSet;

use super::markdown::{self, code, escape, platform, table};
use super::matrix::{Cell, Matrix, Tally};
use super::runtime::own_version;
use crate::coverage::catalogue::RULES;
use crate::results::{ProbeRecord, Results, RuntimeRecord};
use crate::suite::{Promise, Strength, Verdict};

const HEADS: [&str; 9] =
    ["runtime", "Python", "platform", "raised", "arguments", "veto", "cases passed", "known gaps", "unexpected"];

const MEANING: &str = "\
Events of which every case keeps the promise, of those that were checked there: it is *raised*, and no other number of
times than expected; it is raised with *arguments* as expected; an exception from a hook stops the operation (*veto*).
Then cases that passed, of those that were run. Runtimes have different APIs: rows are not of the same events.";

/// Renders the results.
pub(crate) fn render(results: &Results) -> String {
    let matrix = Matrix::new(results);
    let totals = matrix.totals();
    let rows = results.runtimes.iter().filter_map(|runtime| {
        let probe = runtime.probe.as_ref()?;
        let column = matrix.columns.iter().position(|column| column.name == runtime.name);
        let cells = match column {
            Some(column) => tested(&matrix, column, totals[column]),
            None if probe.audit => vec!["not tested".to_owned()],
            None => vec!["no audit hooks".to_owned()],
        };
        Some(padded([origin(runtime, probe), cells].concat()))
    });
    format!("{}\n{MEANING}\n\n{}{}", table(&HEADS, rows), extent(results), markdown::origin(results))
}

/// Returns the cells that say what a runtime is.
fn origin(runtime: &RuntimeRecord, probe: &ProbeRecord) -> Vec<String> {
    let own = own_version(probe).map(|own| format!(" ({own})")).unwrap_or_default();
    let version = format!("{}{own}", probe.language);
    vec![code(&runtime.name), escape(&version), platform(runtime)]
}

/// Returns the cells with the outcomes of a runtime.
fn tested(matrix: &Matrix, column: usize, total: Tally) -> Vec<String> {
    let rows = matrix.modules.iter().flat_map(|module| &module.rows).filter(|row| !row.event.starts_with(RULES));
    let cells: Vec<(Cell, Strength)> = rows.filter_map(|row| Some((row.cells[column]?, row.asserts))).collect();
    let ratio = |promise: usize| {
        let kept: Vec<bool> = cells.iter().filter_map(|(cell, asserts)| is_kept(*cell, *asserts, promise)).collect();
        format!("{}/{}", kept.iter().filter(|kept| **kept).count(), kept.len())
    };
    let cases = [format!("{}/{}", total.passed, total.run()), total.known.to_string(), total.failed.to_string()];
    (0..3).map(ratio).chain(cases).collect()
}

/// Tells whether all cases of an event keep one of the promises, and returns nothing where no case checks it. A case that
/// did not end keeps no promise. A case that does not raise the event does not keep the promise of its arguments.
fn is_kept(cell: Cell, asserts: Strength, promise: usize) -> Option<bool> {
    let is_lost = matches!(cell.verdict, Verdict::Error | Verdict::Crash | Verdict::Timeout);
    let lacks_arguments = promise == 1 && cell.promises[0] == Promise::Broken && asserts > Strength::Name;
    match cell.promises[promise] {
        _ if !cell.verdict.was_run() => None,
        _ if is_lost || lacks_arguments => Some(false),
        Promise::Kept => Some(true),
        Promise::Broken => Some(false),
        Promise::Unchecked => None,
    }
}

/// Returns the numbers of cases, events and rules.
fn extent(results: &Results) -> String {
    let all: BTreeSet<&str> = results.cases.iter().map(|case| case.event.as_str()).collect();
    let rules = all.iter().filter(|event| event.starts_with(RULES)).count();
    match results.cases.len() {
        0 => String::new(),
        cases => format!("{cases} cases of {} events and {rules} rules of the PEP. ", all.len() - rules),
    }
}

fn padded(mut cells: Vec<String>) -> Vec<String> {
    cells.resize(HEADS.len(), String::new());
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_keeps_a_promise_only_when_all_its_cases_do() {
        use Promise::{Broken, Kept, Unchecked};
        let (yes, no) = (Some(true), Some(false));
        for (verdict, promises, expected) in [
            (Verdict::Pass, [Kept, Kept, Kept], [yes, yes, yes]),
            (Verdict::Pass, [Kept, Unchecked, Unchecked], [yes, None, None]),
            (Verdict::WrongArgs, [Kept, Broken, Kept], [yes, no, yes]),
            (Verdict::Missing, [Broken, Unchecked, Broken], [no, no, no]),
            (Verdict::Missing, [Broken, Unchecked, Unchecked], [no, no, None]),
            (Verdict::Missing, [Broken, Kept, Broken], [no, no, no]),
            (Verdict::Crash, [Kept, Kept, Unchecked], [no, no, no]),
            (Verdict::Skipped, [Unchecked, Unchecked, Unchecked], [None, None, None]),
        ] {
            let cell = Cell { verdict, promises, known: false, unexpected: false };
            assert_eq!([0, 1, 2].map(|promise| is_kept(cell, Strength::Value, promise)), expected, "{verdict}");
        }
        let missing =
            Cell { verdict: Verdict::Missing, promises: [Broken, Unchecked, Broken], known: true, unexpected: false };
        assert_eq!(is_kept(missing, Strength::Name, 1), None, "an event without arguments");
    }
}
