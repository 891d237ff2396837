//! The contents of the site: results, arranged once for all pages.

use std::collections::{BTreeMap, BTreeSet};

use super::frame::Frame;
use super::history::History;
use crate::report::matrix::{Matrix, Module};
use crate::report::names::Names;
use crate::report::text::command_anywhere;
use crate::results::Results;
use crate::run::TrialRecord;

/// The public address of the project: `repository` of `Cargo.toml`, which alone has it. Empty until the owner sets it.
const ADDRESS: &str = env!("CARGO_PKG_REPOSITORY");

/// The results, arranged as the pages need them.
#[derive(Debug)]
pub(super) struct Site<'a> {
    pub results: &'a Results,
    pub matrix: Matrix<'a>,
    pub events: Names,
    pub runtimes: Names,
    /// The trials of each event, by runtime and case.
    pub trials: BTreeMap<&'a str, Vec<&'a TrialRecord>>,
    /// The known gaps of these results, each with its number on the overview.
    pub footnotes: Vec<Footnote<'a>>,
    /// The runs that the trends show, with these results.
    pub history: Option<History>,
}

/// A known gap, and the trials that show it.
#[derive(Debug)]
pub(super) struct Footnote<'a> {
    /// Its number on the overview, from 1.
    pub number: usize,
    pub event: &'a str,
    pub trials: Vec<&'a TrialRecord>,
}

impl<'a> Site<'a> {
    pub(super) fn new(results: &'a Results) -> Site<'a> {
        let mut trials = BTreeMap::<&str, Vec<&TrialRecord>>::new();
        for trial in &results.trials {
            trials.entry(&trial.event).or_default().push(trial);
        }
        let matrix = Matrix::new(results);
        let footnotes = footnotes(&matrix, &trials);
        Site {
            results,
            matrix,
            events: Names::new(trials.keys().copied()),
            runtimes: Names::new(results.runtimes.iter().map(|runtime| runtime.name.as_str())),
            trials,
            footnotes,
            history: None,
        }
    }

    pub(super) fn frame(&self, title: impl Into<String>, root: &'static str, here: &'static str) -> Frame<'a> {
        let header = &self.results.header;
        Frame { title: title.into(), root, here, header, incomplete: self.results.footer.is_none(), address: ADDRESS }
    }

    /// Returns the modules, private ones last.
    pub(super) fn modules(&self) -> impl Iterator<Item = &Module<'a>> {
        let (private, public): (Vec<_>, Vec<_>) =
            self.matrix.modules.iter().partition(|module| module.name.starts_with('_'));
        public.into_iter().chain(private)
    }

    /// Returns the repeat command of a trial.
    pub(super) fn repeat_command(&self, trial: &TrialRecord) -> String {
        command_anywhere(&self.results.repeat_command(trial))
    }
}

/// Returns a footnote for each known gap of the results, in the order of the matrix.
fn footnotes<'a>(matrix: &Matrix<'a>, trials: &BTreeMap<&'a str, Vec<&'a TrialRecord>>) -> Vec<Footnote<'a>> {
    let mut notes = Vec::new();
    for event in matrix.modules.iter().flat_map(|module| &module.rows).map(|row| row.event) {
        let mut gaps = BTreeMap::<_, Vec<&TrialRecord>>::new();
        for trial in trials[event].iter().filter(|trial| trial.is_known()) {
            let gap = trial.gap.as_ref().map(|gap| (gap.kind, trial.verdict, &gap.reason, &gap.issue));
            gaps.entry(gap).or_default().push(trial);
        }
        for trials in gaps.into_values() {
            notes.push(Footnote { number: notes.len() + 1, event, trials });
        }
    }
    notes
}

impl Footnote<'_> {
    /// Returns the runtimes that show it.
    pub(super) fn runtimes(&self) -> Vec<&str> {
        unique(self.trials.iter().map(|trial| trial.runtime.as_str()))
    }
}

/// Returns the items of a list without repetitions, in order.
pub(super) fn unique<'a>(items: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(*item)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::samples::{missing, results, trial};

    #[test]
    fn a_footnote_stands_for_the_trials_of_an_event_with_the_same_known_gap() {
        let wrong = json!({"verdict": "wrong-args", "gap": {"state": "known", "kind": "bug", "reason": "one"}});
        let trials = vec![
            trial("sys.b", "path", "a", &missing("known", "one")),
            trial("os.b", "path", "a", &missing("known", "one")),
            trial("os.b", "bytes", "a", &missing("known", "one")),
            trial("os.b", "path", "b", &missing("known", "one")),
            trial("os.b", "bytes", "b", &missing("known", "two")),
            trial("os.b", "mode", "b", &wrong),
            trial("os.a", "fixed", "a", &json!({"gap": {"state": "fixed", "kind": "bug", "reason": "one"}})),
            trial("os.a", "failed", "a", &json!({"verdict": "missing"})),
        ];
        let results = results(&["a", "b"], trials);
        let site = Site::new(&results);
        let notes = site.footnotes.iter().map(|note| {
            let cases: Vec<_> = note.trials.iter().map(|trial| trial.case.as_str()).collect();
            format!("{} {}: {} on {}", note.number, note.event, cases.join(" "), note.runtimes().join(" "))
        });
        assert_eq!(
            notes.collect::<Vec<_>>(),
            ["1 os.b: path bytes path on a b", "2 os.b: bytes on b", "3 os.b: mode on b", "4 sys.b: path on a"]
        );
    }
}
