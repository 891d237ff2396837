//! The contents of the site: results, arranged once for all pages.

use std::collections::{BTreeMap, BTreeSet};

use super::date;
use super::families::Families;
use super::finding::{Facts, Findings};
use super::frame::Frame;
use super::history::History;
use super::look::Tally;
use crate::coverage::catalogue::Catalogue;
use crate::report::matrix::{Matrix, Module, Row};
use crate::report::names::Names;
use crate::report::text::command_anywhere;
use crate::results::{CaseRecord, EventRecord, Results, Score};
use crate::run::TrialRecord;
use crate::suite::{Capability, is_rule};

/// The public address of the project: `repository` of `Cargo.toml`, which alone has it. Empty until the owner sets it.
const ADDRESS: &str = env!("CARGO_PKG_REPOSITORY");

/// The results, arranged as the pages need them.
#[derive(Debug)]
pub(super) struct Site<'a> {
    pub results: &'a Results,
    pub matrix: Matrix<'a>,
    pub families: Families,
    pub findings: Findings<'a>,
    pub events: Names,
    pub runtimes: Names,
    /// The names of the files with scripts, by the ids of cases.
    pub scripts: Names,
    /// The trials of each event, by runtime and case.
    pub trials: BTreeMap<&'a str, Vec<&'a TrialRecord>>,
    /// The cases of each event, in the order of its file.
    pub cases: BTreeMap<&'a str, Vec<&'a CaseRecord>>,
    /// The descriptions of events.
    pub records: BTreeMap<&'a str, &'a EventRecord>,
    /// The things that the operation of each event can do.
    pub capabilities: BTreeMap<&'a str, &'a [Capability]>,
    /// The column of each runtime.
    pub columns: BTreeMap<&'a str, usize>,
    /// The columns that ran each event.
    pub ran: BTreeMap<&'a str, BTreeSet<usize>>,
    /// The numbers of each column, of all its trials.
    pub totals: Vec<Score>,
    /// The runs that the trends show, with these results.
    pub history: Option<History>,
}

impl<'a> Site<'a> {
    pub(super) fn new(results: &'a Results, catalogue: &'a Catalogue) -> Site<'a> {
        let mut trials = BTreeMap::<&str, Vec<&TrialRecord>>::new();
        for trial in &results.trials {
            trials.entry(&trial.event).or_default().push(trial);
        }
        let mut cases = BTreeMap::<&str, Vec<&CaseRecord>>::new();
        for case in &results.cases {
            cases.entry(&case.event).or_default().push(case);
        }
        let matrix = Matrix::new(results);
        let families = Families::new(&matrix.columns);
        let columns = matrix.columns.iter().enumerate().map(|(at, column)| (column.name.as_str(), at)).collect();
        let records = results.events.iter().map(|record| (record.event.as_str(), record)).collect();
        let ran = matrix.modules.iter().flat_map(|module| &module.rows).map(|row| (row.event, ran(row))).collect();
        let facts = Facts { families: &families, columns: &columns, ran: &ran, records: &records };
        let findings = Findings::new(results, &facts);
        let ids: Vec<String> = results.cases.iter().map(script_name).collect();
        Site {
            results,
            families,
            findings,
            events: Names::new(trials.keys().copied()),
            runtimes: Names::new(results.runtimes.iter().map(|runtime| runtime.name.as_str())),
            scripts: Names::new(ids.iter().map(String::as_str)),
            capabilities: catalogue
                .0
                .iter()
                .map(|entry| (entry.event.as_str(), entry.capabilities.as_slice()))
                .collect(),
            totals: matrix.totals(),
            matrix,
            trials,
            cases,
            records,
            columns,
            ran,
            history: None,
        }
    }

    /// Returns the frame of a page. `about` is its description for search engines.
    pub(super) fn frame(
        &self,
        title: impl Into<String>,
        about: String,
        root: &'static str,
        here: &'static str,
    ) -> Frame<'a> {
        let header = &self.results.header;
        let incomplete = self.results.footer.is_none();
        Frame { title: title.into(), about, root, here, header, incomplete, address: ADDRESS }
    }

    /// Returns the modules, private ones last.
    pub(super) fn modules(&self) -> impl Iterator<Item = &Module<'a>> {
        let (rules, modules): (Vec<_>, Vec<_>) = self.matrix.modules.iter().partition(|module| module.has_rules());
        let (private, public): (Vec<_>, Vec<_>) = modules.into_iter().partition(|module| module.name.starts_with('_'));
        public.into_iter().chain(private).chain(rules)
    }

    /// Returns the rows of all events, without the rules of PEP 578.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Row<'a>> {
        self.matrix.modules.iter().flat_map(|module| &module.rows).filter(|row| !is_rule(row.event))
    }

    /// Returns the row of an event or a rule.
    pub(super) fn row(&self, event: &str) -> Option<&Row<'a>> {
        self.matrix.modules.iter().flat_map(|module| &module.rows).find(|row| row.event == event)
    }

    /// Counts the events of a column by their looks.
    pub(super) fn tally(&self, column: usize) -> Tally {
        Tally::of(self.rows().map(|row| row.cells[column].as_ref()))
    }

    /// Returns the file with the script of a case.
    pub(super) fn script(&self, case: &CaseRecord) -> &str {
        self.scripts.of(&script_name(case))
    }

    /// Returns by how many days the results of a runtime are older than the newest ones, if that is more than a week.
    pub(super) fn days_behind(&self, runtime: &str) -> Option<i64> {
        date::days_behind(&self.results.run_of(runtime).started, &self.results.header.started)
    }

    /// Returns the description of a case.
    pub(super) fn case(&self, event: &str, case: &str) -> Option<&'a CaseRecord> {
        self.cases.get(event)?.iter().copied().find(|record| record.case == case)
    }

    /// Returns the slug of a column's runtime.
    pub(super) fn slug(&self, column: usize) -> &str {
        self.runtimes.of(&self.matrix.columns[column].name)
    }

    /// Returns the repeat command of a trial.
    pub(super) fn repeat_command(&self, trial: &TrialRecord) -> String {
        command_anywhere(&self.results.repeat_command(trial))
    }
}

/// Returns the columns that ran a case of an event.
fn ran(row: &Row) -> BTreeSet<usize> {
    let cells = row.cells.iter().enumerate();
    let cells = cells.filter(|(_, cell)| cell.as_ref().is_some_and(|cell| cell.score.run() > 0));
    cells.map(|(column, _)| column).collect()
}

fn script_name(case: &CaseRecord) -> String {
    format!("{}.{}", case.event, case.case)
}

/// Returns the items of a list without repetitions, in order.
pub(super) fn unique<'a>(items: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(*item)).collect()
}
