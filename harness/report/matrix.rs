//! The matrix of events by runtimes, which several formats show.

use std::collections::{BTreeMap, BTreeSet};

use crate::results::{CaseRecord, Cell, Results, RuntimeRecord, Score};
use crate::run::TrialRecord;
use crate::suite::{Strength, is_rule};

/// Events by runtimes, grouped by module.
#[derive(Debug)]
pub(super) struct Matrix<'a> {
    /// The runtimes with a column: those on which a trial was run.
    pub columns: Vec<&'a RuntimeRecord>,
    /// The modules, by name; the rules of PEP 578 come last.
    pub modules: Vec<Module<'a>>,
}

/// The events of one module.
#[derive(Debug, Clone)]
pub(super) struct Module<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its events, by name.
    pub rows: Vec<Row<'a>>,
    /// The numbers of its trials for each column.
    pub totals: Vec<Score>,
}

/// One event.
#[derive(Debug, Clone)]
pub(super) struct Row<'a> {
    /// Its name.
    pub event: &'a str,
    /// The weakest check of arguments among its cases.
    pub asserts: Strength,
    /// A cell for each column; none where the event has no trials.
    pub cells: Vec<Option<Cell>>,
}

/// Ids of cases: the event and the name.
type Ids<'a> = BTreeSet<(&'a str, &'a str)>;

/// The place of the column of each runtime.
type Places<'a> = BTreeMap<&'a str, usize>;

/// Sorts trials by the columns of their runtimes.
fn by_column<'a>(trials: impl Iterator<Item = &'a TrialRecord>, places: &Places) -> Vec<Vec<&'a TrialRecord>> {
    let mut sorted = vec![Vec::new(); places.len()];
    for trial in trials {
        if let Some(place) = places.get(trial.runtime.as_str()) {
            sorted[*place].push(trial);
        }
    }
    sorted
}

/// Returns the cases that expect that the event of their file is not raised.
fn expecting_nothing(results: &Results) -> Ids<'_> {
    let expects_nothing = |case: &&CaseRecord| {
        let description = &case.description;
        let is_described = description.snippet.is_some() || description.invoke.is_some();
        is_described && !description.expect.iter().any(|expected| expected.event == case.event)
    };
    results.cases.iter().filter(expects_nothing).map(|case| (case.event.as_str(), case.case.as_str())).collect()
}

impl<'a> Matrix<'a> {
    /// Arranges results.
    pub(super) fn new(results: &'a Results) -> Matrix<'a> {
        let ran = results.trials.iter().filter(|trial| trial.verdict.was_run());
        let ran: BTreeSet<&str> = ran.map(|trial| trial.runtime.as_str()).collect();
        let is_column = |runtime: &&RuntimeRecord| runtime.absent.is_none() && ran.contains(runtime.name.as_str());
        let columns: Vec<_> = results.runtimes.iter().filter(is_column).collect();
        let places = columns.iter().enumerate().map(|(place, column)| (column.name.as_str(), place)).collect();
        let mut modules = BTreeMap::<&str, BTreeMap<&str, Vec<&TrialRecord>>>::new();
        for trial in &results.trials {
            modules.entry(&trial.module).or_default().entry(&trial.event).or_default().push(trial);
        }
        let expects_nothing = expecting_nothing(results);
        let modules = modules.into_iter().map(|(name, events)| Module::new(name, &events, &places, &expects_nothing));
        let (rules, modules): (Vec<_>, Vec<_>) = modules.partition(Module::has_rules);
        Matrix { columns, modules: [modules, rules].concat() }
    }

    /// Returns the numbers of trials for each column.
    pub(super) fn totals(&self) -> Vec<Score> {
        let sum = |column: usize| self.modules.iter().map(|module| module.totals[column]).sum();
        (0..self.columns.len()).map(sum).collect()
    }
}

impl<'a> Module<'a> {
    fn new(
        name: &'a str,
        events: &BTreeMap<&'a str, Vec<&TrialRecord>>,
        places: &Places,
        expects_nothing: &Ids,
    ) -> Module<'a> {
        let rows = events.iter().map(|(event, trials)| Row::new(event, trials, places, expects_nothing)).collect();
        let totals = by_column(events.values().flatten().copied(), places);
        Module { name, rows, totals: totals.into_iter().map(Score::of).collect() }
    }

    /// Tells whether its rows are rules of PEP 578, and no events.
    pub(super) fn has_rules(&self) -> bool {
        self.rows.iter().all(|row| is_rule(row.event))
    }

    /// Returns its name, or a title in place of the name under which the suite keeps rules.
    pub(super) fn title(&self) -> &str {
        if self.has_rules() { "rules of PEP 578" } else { self.name }
    }
}

impl<'a> Row<'a> {
    fn new(event: &'a str, trials: &[&TrialRecord], places: &Places, expects_nothing: &Ids) -> Row<'a> {
        let expects = |trial: &TrialRecord| !expects_nothing.contains(&(event, trial.case.as_str()));
        let cells = by_column(trials.iter().copied(), places);
        Row {
            event,
            // A case that expects no event has no arguments to check.
            asserts: trials
                .iter()
                .map(|trial| trial.asserts)
                .filter(|asserts| *asserts > Strength::Name)
                .min()
                .unwrap_or(Strength::Name),
            cells: cells.iter().map(|here| Cell::new(here, expects)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{results, trial};
    use super::*;

    #[test]
    fn columns_are_the_runtimes_that_ran_a_trial_in_the_order_of_the_results() {
        let skipped = json!({"verdict": "skipped"});
        let trials = vec![
            trial("os.mkdir", "path", "b", &json!({})),
            trial("os.mkdir", "path", "a", &json!({})),
            trial("os.mkdir", "path", "never", &skipped),
        ];
        let results = results(&["b", "absent", "never", "a"], trials);
        let columns: Vec<_> = Matrix::new(&results).columns.iter().map(|column| column.name.clone()).collect();
        assert_eq!(columns, ["b", "a"]);
    }

    #[test]
    fn rows_are_sorted_by_module_and_event_and_have_a_cell_for_each_column() {
        let trials = vec![
            trial("sys.b", "x", "one", &json!({})),
            trial("os.b", "x", "one", &json!({})),
            trial("os.a", "x", "two", &json!({})),
        ];
        let results = results(&["one", "two"], trials);
        let matrix = Matrix::new(&results);
        let rows = matrix.modules.iter().flat_map(|module| &module.rows);
        let rows: Vec<_> = rows.map(|row| (row.event, row.cells.iter().map(Option::is_some).collect())).collect();
        let expected: [(&str, Vec<bool>); 3] =
            [("os.a", vec![false, true]), ("os.b", vec![true, false]), ("sys.b", vec![true, false])];
        assert_eq!(rows, expected);
        assert_eq!(matrix.modules.iter().map(|module| module.name).collect::<Vec<_>>(), ["os", "sys"]);
    }

    #[test]
    fn rules_come_last_under_a_title_of_their_own() {
        let trials = ["pep578.a", "sys.a", "os.a"].map(|event| trial(event, "x", "one", &json!({})));
        let results = results(&["one"], trials.to_vec());
        let matrix = Matrix::new(&results);
        let titles: Vec<_> = matrix.modules.iter().map(|module| (module.title(), module.has_rules())).collect();
        assert_eq!(titles, [("os", false), ("sys", false), ("rules of PEP 578", true)]);
    }

    #[test]
    fn an_event_is_missing_where_only_cases_that_do_not_expect_it_pass() {
        let case = |name: &str, expect: serde_json::Value| {
            serde_json::from_value(json!({"event": "os.a", "case": name, "file": "f", "line": 1, "digest": "",
                "description": {"snippet": "f()", "expect": expect}}))
            .expect("a case")
        };
        let trials = vec![
            trial("os.a", "lost", "one", &super::super::samples::missing("known", "r")),
            trial("os.a", "other", "one", &json!({})),
        ];
        for (expect, word) in
            [(json!([]), "missing"), (json!([{"event": "os.b"}]), "missing"), (json!([{"event": "os.a"}]), "partly")]
        {
            let mut results = results(&["one"], trials.clone());
            results.cases = vec![case("other", expect)];
            let matrix = Matrix::new(&results);
            let cell = matrix.modules[0].rows[0].cells[0].as_ref().expect("trials");
            assert_eq!(cell.word(), word);
        }
    }

    #[test]
    fn a_row_names_the_weakest_check_of_arguments() {
        for (asserts, expected) in [
            (vec!["identity", "type", "value"], Strength::Type),
            // A case that expects no event says nothing about arguments.
            (vec!["name", "value"], Strength::Value),
            (vec!["name"], Strength::Name),
        ] {
            let case = |asserts: &&str| trial("os.a", asserts, "one", &json!({"asserts": asserts}));
            let results = results(&["one"], asserts.iter().map(case).collect());
            assert_eq!(Matrix::new(&results).modules[0].rows[0].asserts, expected, "{asserts:?}");
        }
    }
}
