//! The page of an event: its promises, the outcome on each runtime, and its cases.

use std::collections::BTreeMap;

use askama::Template;

use super::contents::{Site, unique};
use super::frame::Frame;
use super::look::{Look, promise_score_class};
use super::trial::Trial;
use super::{doors, escape, paths, script};
use crate::report::gaps::why_fixed;
use crate::report::links::documentation;
use crate::report::matrix::Row;
use crate::report::runtime::split_name;
use crate::results::{CaseRecord, Cell, Description, EventRecord, Score};
use crate::run::{Standing, TrialRecord};
use crate::suite::{Observer, Passes, VetoPromise};

#[derive(Template)]
#[template(path = "event.html", config = "harness/report/site/askama.toml")]
pub(super) struct EventPage<'a> {
    frame: Frame<'a>,
    event: String,
    module: &'a str,
    /// The description from the case file. Old results have none.
    record: Option<&'a EventRecord>,
    apis: Vec<(&'a str, Option<String>)>,
    support: Vec<(&'a str, Vec<Support<'a>>)>,
    runtimes: Vec<Summary<'a>>,
    cases: Vec<CaseView<'a>>,
    /// The doors of which one could think that the event tells of them, each with its anchor.
    doors: Vec<(String, String)>,
}

/// One runtime in the bar of its implementation.
struct Support<'a> {
    label: String,
    slug: &'a str,
    look: Look,
}

/// One runtime in the table, with the outcome of all cases on it.
struct Summary<'a> {
    name: String,
    slug: &'a str,
    look: Look,
    /// The four promises: the class and the words of each.
    promises: Vec<(&'static str, String)>,
    score: Score,
    /// The reasons for the outcome, each with its cases.
    reasons: Vec<(String, Vec<(&'a str, String)>)>,
}

struct CaseView<'a> {
    name: &'a str,
    anchor: String,
    api: &'a str,
    asserts: String,
    record: Option<&'a Description>,
    place: Option<String>,
    script: Option<String>,
    unverified: bool,
    /// The number of trials with each look. The reader sees it without opening the case.
    strip: Vec<(Look, usize)>,
    open: bool,
    trials: Vec<Trial<'a>>,
}

impl CaseView<'_> {
    /// Returns what the case promises about the veto, in a sentence.
    fn veto(&self) -> &'static str {
        match self.record.map(|record| record.veto) {
            Some(VetoPromise::Query) => {
                "reaches the caller; the answer of a query is lost with it, whether it came before the operation or after"
            }
            Some(VetoPromise::Swallowed) => "stops the operation, and does not reach the caller",
            Some(VetoPromise::After) => "reaches the caller once the operation has happened",
            Some(VetoPromise::None) => "nothing is promised",
            _ => "stops the operation before it has an effect, and reaches the caller",
        }
    }

    fn is_native(&self) -> bool {
        self.record.is_some_and(|record| record.observe == Observer::Native)
    }

    fn is_vetoed_only(&self) -> bool {
        self.record.is_some_and(|record| record.run == Passes::Vetoed)
    }
}

pub(super) fn page<'a>(site: &'a Site<'a>, event: &'a str) -> EventPage<'a> {
    let trials = &site.trials[event];
    let record = site.results.events.iter().find(|record| record.event == event);
    let rows = || site.matrix.modules.iter().flat_map(|module| &module.rows);
    let row = rows().find(|row| row.event == event);
    let module = trials.first().map_or("", |trial| trial.module.as_str());
    let apis = record.map_or_else(
        || unique(trials.iter().map(|trial| trial.api.as_str())),
        |record| record.raised_by.iter().map(String::as_str).collect(),
    );
    EventPage {
        frame: site.frame(escape::name(event), "../", ""),
        event: escape::name(event),
        module,
        record,
        apis: apis.into_iter().map(|api| (api, documentation(module, api))).collect(),
        support: row.map(|row| support(site, row)).unwrap_or_default(),
        runtimes: row.map(|row| summaries(site, row, trials)).unwrap_or_default(),
        cases: cases(site, event, trials),
        doors: doors::beside(site, event),
    }
}

/// Returns the looks of the runtimes of each implementation, oldest first.
fn support<'a>(site: &'a Site<'a>, row: &Row<'a>) -> Vec<(&'a str, Vec<Support<'a>>)> {
    let mut bars = BTreeMap::<&str, Vec<Support>>::new();
    for (column, cell) in site.matrix.columns.iter().zip(&row.cells) {
        let (implementation, rest) = split_name(column);
        let slug = site.runtimes.of(&column.name);
        let support = Support { label: escape::name(rest), slug, look: Look::of_cell(cell.as_ref()) };
        bars.entry(implementation).or_default().push(support);
    }
    bars.into_iter().collect()
}

/// Returns the class and the words of each promise of a cell.
fn promises(cell: &Cell) -> Vec<(&'static str, String)> {
    cell.promises.map(|promise| (promise_score_class(promise, cell.score), promise.to_string())).into()
}

fn summaries<'a>(site: &'a Site<'a>, row: &Row<'a>, trials: &[&'a TrialRecord]) -> Vec<Summary<'a>> {
    let mut by_runtime = BTreeMap::<&str, Vec<&TrialRecord>>::new();
    for trial in trials {
        by_runtime.entry(&trial.runtime).or_default().push(trial);
    }
    let columns = site.matrix.columns.iter().zip(&row.cells);
    let summary = columns.map(|(column, cell)| {
        let here = by_runtime.get(column.name.as_str()).map(Vec::as_slice).unwrap_or_default();
        Summary {
            name: escape::name(&column.name),
            slug: site.runtimes.of(&column.name),
            look: Look::of_cell(cell.as_ref()),
            promises: cell.as_ref().map(promises).unwrap_or_default(),
            score: Score::of(here.iter().copied()),
            reasons: reasons(site, here),
        }
    });
    summary.collect()
}

/// Returns the reasons why trials of one runtime did not pass, each with its cases and their anchors.
fn reasons<'a>(site: &'a Site<'a>, trials: &[&'a TrialRecord]) -> Vec<(String, Vec<(&'a str, String)>)> {
    let mut reasons: Vec<(String, Vec<(&str, String)>)> = Vec::new();
    for trial in trials.iter().filter(|trial| trial.standing() != Standing::Passed) {
        let gap = || trial.gap.as_ref().map(|gap| gap.reason.clone());
        let reason = why_fixed(trial).or_else(gap).or_else(|| trial.reason.clone()).unwrap_or_default();
        let anchor = paths::trial_anchor(&trial.case, site.runtimes.of(&trial.runtime));
        let case = (trial.case.as_str(), anchor);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, cases)) => cases.push(case),
            None => reasons.push((reason, vec![case])),
        }
    }
    reasons
}

fn cases<'a>(site: &'a Site<'a>, event: &'a str, trials: &[&'a TrialRecord]) -> Vec<CaseView<'a>> {
    let described: Vec<&CaseRecord> = site.results.cases.iter().filter(|record| record.event == event).collect();
    let records: BTreeMap<&str, &CaseRecord> = described.iter().map(|record| (record.case.as_str(), *record)).collect();
    let mut by_case = BTreeMap::<&str, Vec<&'a TrialRecord>>::new();
    for trial in trials {
        by_case.entry(&trial.case).or_default().push(trial);
    }
    let is_alone = by_case.len() == 1;
    // In the order of the case file, where that is known.
    let order = unique(described.iter().map(|record| record.case.as_str()).chain(by_case.keys().copied()));
    let view = |name: &'a str| {
        let record = records.get(name).copied();
        let trials = by_case.get(name)?;
        let first = trials.first()?;
        let trials: Vec<Trial> = trials.iter().map(|trial| Trial::new(site, trial)).collect();
        Some(CaseView {
            name,
            anchor: paths::case_anchor(name),
            api: &first.api,
            asserts: first.asserts.to_string(),
            record: record.map(|record| &record.description),
            place: record.map(|record| format!("{}:{}", record.file, record.line)),
            script: record.and_then(script::reproduction),
            unverified: first.unverified,
            strip: strip(&trials),
            open: is_alone || trials.iter().any(|trial| ["x", "n", "f"].contains(&trial.look.class)),
            trials,
        })
    };
    order.into_iter().filter_map(view).collect()
}

fn strip(trials: &[Trial]) -> Vec<(Look, usize)> {
    let mut counts = BTreeMap::<Look, usize>::new();
    for trial in trials {
        *counts.entry(trial.look.clone()).or_default() += 1;
    }
    counts.into_iter().collect()
}
