//! The results as a Markdown table with a row for each runtime. It is narrow enough for a README.

use super::markdown::{self, code, escape, platform, table};
use super::matrix::Matrix;
use super::promises;
use super::shown::Shown;
use crate::results::{Cell, Extent, ProbeRecord, PromiseState, Results, RuntimeRecord, Score};
use crate::suite::is_rule;

const HEADS: [&str; 12] = [
    "runtime",
    "Python",
    "platform",
    "raised",
    "arguments",
    "veto",
    "hot",
    "cases passed",
    "known gaps",
    "failed",
    "new",
    "fixed",
];

/// The place of the column of hot code in [`HEADS`].
const HOT: usize = 6;

const MEANING: &str = "\
For each promise, the numbers are events: how many keep it in every case, and how many have a case that checks it.
*Raised*: the event is raised as often as expected. *Arguments*: they are as expected. *Veto*: an exception from a hook
stops the operation. *Hot*, a column where it was checked: all of this is so once the just-in-time compiler of the runtime
has had the code. The columns behind count cases: those that passed, of all that were run; those that fail as a *known gap*
says; those that *failed* in another way; those that fail and are *new* to the gaps file of their runtime; known gaps that
are *fixed*. Runtimes have different APIs, so two rows may count different events.";

/// Renders the results.
pub(crate) fn render(results: &Shown) -> String {
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
    let rows: Vec<Vec<String>> = rows.collect();
    let (heads, rows) =
        if rows.iter().all(|row| row[HOT].is_empty()) { without_hot(&rows) } else { (HEADS.to_vec(), rows) };
    let table = table(&heads, rows.into_iter());
    format!("{table}\n{MEANING}\n\n{}{}", extent(results), markdown::origin(results))
}

/// Returns the heads and the rows without the column of hot code, which few runs check.
fn without_hot(rows: &[Vec<String>]) -> (Vec<&'static str>, Vec<Vec<String>>) {
    fn cut<T: Clone>(row: &[T]) -> Vec<T> {
        [&row[..HOT], &row[HOT + 1..]].concat()
    }
    (cut(&HEADS), rows.iter().map(|row| cut(row)).collect())
}

/// Returns the cells with the name, the version and the platform of a runtime.
fn origin(runtime: &RuntimeRecord, probe: &ProbeRecord) -> Vec<String> {
    vec![code(&runtime.name), escape(&probe.language), platform(runtime)]
}

/// Returns the cells with the outcomes of a runtime.
fn tested(matrix: &Matrix, column: usize, score: Score) -> Vec<String> {
    let events = matrix.modules.iter().flat_map(|module| &module.rows).filter(|row| !is_rule(row.event));
    let cells: Vec<&Cell> = events.filter_map(|row| row.cells[column].as_ref()).collect();
    let ratio = |promise: usize| {
        let states = cells.iter().map(|cell| cell.promises[promise].state());
        let checked = states.clone().filter(|state| *state != PromiseState::Unchecked).count();
        let kept = states.filter(|state| *state == PromiseState::Kept).count();
        if promise == promises::HOT && checked == 0 { String::new() } else { format!("{kept}/{checked}") }
    };
    let numbers = [score.known_gaps, score.failed, score.new, score.fixed].map(|number| number.to_string());
    (0..4).map(ratio).chain([score.ratio()]).chain(numbers).collect()
}

/// Returns the numbers of cases, events and rules.
fn extent(results: &Results) -> String {
    let extent = Extent::of(results);
    if extent.cases == 0 { String::new() } else { format!("{} cases of {extent}. ", extent.cases) }
}

fn padded(mut cells: Vec<String>) -> Vec<String> {
    cells.resize(HEADS.len(), String::new());
    cells
}
