//! The doors as reports show them: how many are open, by runtime and area, and which are closed.

use std::collections::{BTreeMap, BTreeSet};

use super::style::{BAD, FAINT, GOOD, HEAD, paint};
use super::text::clean;
use crate::results::{DoorScore, Extent, Results, reasons};
use crate::run::{Standing, TrialRecord};
use crate::suite::area;

/// The numbers of doors by runtime and area.
#[derive(Debug)]
pub(super) struct Table<'a> {
    /// The areas, by name.
    pub areas: Vec<&'a str>,
    /// The runtimes on which the operation of a door works, in the order of the results.
    pub rows: Vec<Row<'a>>,
}

/// The doors of one runtime.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// Its name.
    pub runtime: &'a str,
    /// The numbers for each area.
    pub cells: Vec<DoorScore>,
    /// The numbers for all areas.
    pub total: DoorScore,
}

impl<'a> Table<'a> {
    /// Counts the doors of results.
    pub(super) fn new(results: &'a Results) -> Table<'a> {
        let trials = &results.doors.trials;
        let areas: BTreeSet<&str> = trials.iter().map(|trial| area(&trial.event)).collect();
        let areas: Vec<&str> = areas.into_iter().collect();
        let mut here = BTreeMap::<&str, Vec<&TrialRecord>>::new();
        for trial in trials {
            here.entry(&trial.runtime).or_default().push(trial);
        }
        let row = |runtime: &'a str| {
            let here = here.get(runtime).map(Vec::as_slice).unwrap_or_default().iter().copied();
            let mut cells = vec![DoorScore::default(); areas.len()];
            for trial in here.clone() {
                if let Ok(column) = areas.binary_search(&area(&trial.event)) {
                    cells[column].add(trial);
                }
            }
            Row { runtime, cells, total: DoorScore::of(here) }
        };
        let rows = results.runtimes.iter().map(|runtime| row(&runtime.name));
        let rows = rows.filter(|row| row.total.tried() > 0).collect();
        Table { areas, rows }
    }

    /// Returns the heads of the columns.
    pub(super) fn heads(&self) -> Vec<&'a str> {
        [&["runtime"], self.areas.as_slice(), &["all"]].concat()
    }
}

impl Row<'_> {
    /// Returns the cells as text, without the name: the open doors of those that were tried.
    pub(super) fn texts(&self) -> Vec<String> {
        let text = |score: &DoorScore| match score.tried() {
            0 => "-".to_owned(),
            tried => format!("{}/{tried}", score.open),
        };
        self.cells.iter().chain([&self.total]).map(text).collect()
    }
}

/// Returns the numbers of doors in one line: those of the suite, and the trials of each kind.
pub(super) fn line(results: &Results) -> String {
    let DoorScore { open, closed, failed, skipped, unsupported } = DoorScore::of(results.doors.trials());
    let failed = if failed == 0 { String::new() } else { format!("{failed} failed, ") };
    format!(
        "doors: {}; {open} open, {closed} closed, {failed}{skipped} skipped, {unsupported} unsupported",
        Extent::of(results).doors
    )
}

/// Returns the closed doors: the id, the reason, and the runtimes.
pub(super) fn closed(results: &Results) -> BTreeMap<(String, &str), Vec<&str>> {
    let mut closed = BTreeMap::<_, Vec<&str>>::new();
    for trial in results.doors.trials().filter(|trial| trial.standing() == Standing::Closed) {
        let key = (trial.id(), trial.reason.as_deref().unwrap_or_default());
        closed.entry(key).or_default().push(&trial.runtime);
    }
    closed
}

/// Renders the doors for a terminal, or nothing if the results have none: their numbers and, if `all` is wanted, a table by runtime and area, and those that are closed.
pub(super) fn render(results: &Results, all: bool) -> String {
    if results.doors.trials.is_empty() {
        return String::new();
    }
    let mut text = "\n".to_owned();
    if all {
        text += &open_and_closed(results);
    }
    if results.trials.is_empty() {
        for ((verdict, reason), count) in reasons(results.doors.trials()) {
            text += &paint(FAINT, format!("{count:>6} {verdict}: {}\n", clean(reason)));
        }
    }
    text + &format!("{}\n", paint(GOOD, line(results)))
}

fn open_and_closed(results: &Results) -> String {
    let mut text = paint(HEAD, "Doors that are open, of those that were tried\n");
    text += &table(&Table::new(results));
    for ((id, reason), runtimes) in closed(results) {
        text += &format!("  {} {id} {}: on {}\n", paint(GOOD, "closed"), clean(reason), runtimes.join(", "));
    }
    text + "\n"
}

/// Renders the doors that could not be tried, one on each line.
pub(super) fn failures(results: &Results) -> String {
    let failed = results.doors.trials().filter(|trial| trial.is_unexpected());
    let line = |trial: &TrialRecord| {
        let reason = clean(trial.reason.as_deref().unwrap_or_default());
        format!("{} {} on {}: {reason}\n", paint(BAD, trial.verdict), trial.id(), trial.runtime)
    };
    failed.map(line).collect()
}

fn table(table: &Table) -> String {
    let texts: Vec<Vec<String>> = table.rows.iter().map(Row::texts).collect();
    let heads = table.heads();
    let widest = |column: usize| texts.iter().map(|row| row[column].len()).chain([heads[column + 1].len()]).max();
    let widths: Vec<usize> = (0..heads.len() - 1).filter_map(widest).collect();
    let first = table.rows.iter().map(|row| row.runtime.len()).chain([heads[0].len()]).max().unwrap_or_default();
    let line = |name: &str, cells: &mut dyn Iterator<Item = &str>| {
        let cells: String = cells.zip(&widths).map(|(cell, width)| format!("  {cell:>width$}")).collect();
        format!("  {name:<first$}{cells}\n")
    };
    let rows = table.rows.iter().zip(&texts);
    let rows = rows.map(|(row, texts)| line(row.runtime, &mut texts.iter().map(String::as_str)));
    paint(HEAD, line(heads[0], &mut heads[1..].iter().copied())) + &rows.collect::<String>()
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;
    use serde_json::json;

    use super::super::samples::{results, trial};
    use super::*;

    #[test]
    fn doors_are_counted_by_runtime_and_area_and_the_closed_ones_are_named() {
        let door = |event: &str, case: &str, runtime: &str, verdict: &str| {
            let promises = json!({"raised": "unchecked", "arguments": "unchecked", "veto": "unchecked"});
            let mut changes = json!({"verdict": verdict, "reason": "raises open"});
            changes.as_object_mut().expect("an object").extend(promises.as_object().expect("an object").clone());
            trial(event, case, runtime, &changes)
        };
        let mut results = results(&["one", "two", "none"], Vec::new());
        let doors = [
            door("doors.files", "a", "one", "open"),
            door("doors.files", "b", "one", "closed"),
            door("doors.memory", "c", "one", "unsupported"),
            door("doors.files", "a", "two", "open"),
            door("doors.files", "b", "two", "skipped"),
            door("doors.memory", "c", "two", "open"),
            door("doors.files", "a", "none", "skipped"),
        ];
        results.doors.trials = doors.into_iter().map(Box::new).collect();
        let table = Table::new(&results);
        assert_eq!(table.heads(), ["runtime", "files", "memory", "all"]);
        let rows: Vec<_> = table.rows.iter().map(|row| (row.runtime, row.texts())).collect();
        assert_eq!(
            rows,
            [
                ("one", ["1/2", "-", "1/2"].map(str::to_owned).to_vec()),
                ("two", ["1/1", "1/1", "2/2"].map(str::to_owned).to_vec()),
            ]
        );
        let text = strip_str(&render(&results, true)).to_string();
        assert!(text.contains("  closed doors.files::b raises open: on one\n"), "{text}");
        let line = "\ndoors: 3; 3 open, 1 closed, 2 skipped, 1 unsupported\n";
        assert!(text.ends_with(line), "{text}");
        results.add_trial(trial("os.mkdir", "path", "one", &json!({})));
        assert_eq!(strip_str(&render(&results, false)).to_string(), line);
    }
}
