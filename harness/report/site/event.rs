//! The page of an event: who keeps it, why others do not, what a monitor must know of it, and its cases.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use askama::Template;

use super::contents::{Site, unique};
use super::finding::{Finding, Part};
use super::frame::Frame;
use super::look::Look;
use super::outcome::{Outcome, outcomes};
use super::{doors, escape, paths};
use crate::report::links::{TABLE, documentation, tracker};
use crate::report::matrix::Row;
use crate::report::versions;
use crate::results::{CaseRecord, Description, EventRecord};
use crate::run::TrialRecord;
use crate::suite::{Capability, Observer, Passes, Versions, VetoPromise, is_rule};

/// The demands on an argument that are shown, the most frequent first.
const DEMANDS: usize = 3;

/// The events of the same module with the same capability that are shown.
const NEIGHBOURS: usize = 8;

/// The cases from which on a page leaves out their setups, which scripts have too. Readers with a slow line wait for no more
/// than 150 kB.
const MANY: usize = 60;

#[derive(Template)]
#[template(path = "event.html", config = "harness/report/site/askama.toml")]
pub(super) struct EventPage<'a> {
    frame: Frame<'a>,
    event: String,
    module: &'a str,
    is_rule: bool,
    /// The description from the case file. Old results have none.
    record: Option<&'a EventRecord>,
    signatures: Vec<(String, Option<String>)>,
    /// The runtimes in words, by the look of their cells, and each of a class of its own.
    answer: Vec<(&'static str, String, String)>,
    families: Vec<(String, Vec<Segment<'a>>)>,
    reasons: Vec<Reason<'a>>,
    arguments: Vec<(&'a str, Vec<String>)>,
    capabilities: &'a [Capability],
    vetoes: Vec<(&'static str, Vec<(&'a str, String)>)>,
    apis: Vec<(&'a str, Option<String>)>,
    neighbours: Vec<(String, &'a str)>,
    /// The doors of which one could think that the event tells of them, each with its anchor.
    doors: Vec<(String, String)>,
    trackers: Vec<String>,
    /// The command that repeats the first trial that did not pass.
    repeat_command: Option<String>,
    /// Whether cases are shown with their setups.
    has_setups: bool,
    cases: Vec<CaseView<'a>>,
}

/// Successive releases with the same outcome, in the bar of their family.
struct Segment<'a> {
    look: Look,
    label: String,
    /// The slugs of its runtimes: links from the matrix lead to them.
    slugs: Vec<&'a str>,
}

impl Segment<'_> {
    /// Returns its width in the bar, from 1 to 9.
    fn width(&self) -> usize {
        self.slugs.len().min(9)
    }
}

/// A reason why runtimes do not keep a promise.
struct Reason<'a> {
    finding: &'a Finding<'a>,
    verdicts: String,
    versions: String,
    cases: Vec<(&'a str, String)>,
}

struct CaseView<'a> {
    name: &'a str,
    anchor: String,
    api: &'a str,
    record: Option<&'a Description>,
    place: Option<String>,
    /// The path of its script.
    script: Option<String>,
    /// The number of trials with each look. The reader sees it without opening the case.
    strip: Vec<(Look, usize)>,
    open: bool,
    outcomes: Vec<Outcome<'a>>,
    tracker: Option<String>,
}

impl CaseView<'_> {
    /// Tells whether the veto is as usual, so that the page says it only once.
    fn stops(&self) -> bool {
        !self.is_vetoed_only() && self.record.is_none_or(|one| one.veto == VetoPromise::Stops && one.because.is_none())
    }

    /// Returns the promise about the veto, in a sentence.
    fn veto(&self) -> &'static str {
        veto(self.record.map(|record| record.veto).unwrap_or_default())
    }

    fn is_native(&self) -> bool {
        self.record.is_some_and(|record| record.observe == Observer::Native)
    }

    fn is_vetoed_only(&self) -> bool {
        self.record.is_some_and(|record| record.run == Passes::Vetoed)
    }
}

/// Says what an exception from a hook does.
fn veto(promise: VetoPromise) -> &'static str {
    match promise {
        VetoPromise::Stops => "stops the operation before it has an effect, and reaches the caller",
        VetoPromise::Query => "reaches the caller; the answer of a query is lost with it",
        VetoPromise::Swallowed => "stops the operation, and does not reach the caller",
        VetoPromise::After => "comes too late: the operation has already happened",
        VetoPromise::None => "nothing is promised",
    }
}

pub(super) fn page<'a>(site: &'a Site<'a>, event: &'a str) -> EventPage<'a> {
    let trials = &site.trials[event];
    let record = site.records.get(event).copied();
    let row = site.row(event);
    let module = trials.first().map_or("", |trial| trial.module.as_str());
    let apis = record.map_or_else(
        || unique(trials.iter().map(|trial| trial.api.as_str())),
        |record| record.raised_by.iter().map(String::as_str).collect(),
    );
    let answer = row.map(|row| answer(site, row)).unwrap_or_default();
    let described: &[&CaseRecord] = site.cases.get(event).map(Vec::as_slice).unwrap_or_default();
    let capabilities = site.capabilities.get(event).copied().unwrap_or_default();
    let cases = cases(site, described, trials);
    EventPage {
        frame: site.frame(escape::name(event), about(event, &answer), "../", "events"),
        event: escape::name(event),
        module,
        is_rule: is_rule(event),
        signatures: record.map(signatures).unwrap_or_default(),
        families: row.map(|row| families(site, row)).unwrap_or_default(),
        reasons: reasons(site, event),
        arguments: record.map(|record| arguments(record, described)).unwrap_or_default(),
        vetoes: vetoes(event, described),
        apis: apis.into_iter().map(|api| (api, documentation(module, api))).collect(),
        neighbours: neighbours(site, event, module, capabilities),
        doors: doors::beside(site, event),
        repeat_command: trials.iter().find(|trial| trial.verdict.is_failure()).map(|trial| site.repeat_command(trial)),
        has_setups: cases.len() <= MANY,
        trackers: unique_texts(cases.iter().filter_map(|case| case.tracker.clone())),
        record,
        answer,
        capabilities,
        cases,
    }
}

fn unique_texts(texts: impl Iterator<Item = String>) -> Vec<String> {
    texts.collect::<BTreeSet<_>>().into_iter().collect()
}

fn about(event: &str, answer: &[(&'static str, String, String)]) -> String {
    let parts = answer.iter().map(|(_, word, runtimes)| format!("{word}: {runtimes}"));
    format!("Python's audit event {}. {}.", escape::name(event), parts.collect::<Vec<_>>().join("; "))
}

/// Returns the event with its arguments, once for each range of versions that has others.
fn signatures(record: &EventRecord) -> Vec<(String, Option<String>)> {
    let several = record.arguments.len() > 1;
    let signature = record.arguments.iter().map(|signature| {
        let versions: Option<Versions> = signature.python.parse().ok().filter(|_| !signature.python.is_empty());
        let words = versions.filter(|_| several).and_then(|versions| versions::of_python(&versions));
        (signature.names.join(", "), words)
    });
    signature.collect()
}

/// Returns the runtimes in words for each look, the best first.
fn answer(site: &Site, row: &Row) -> Vec<(&'static str, String, String)> {
    let mut groups = BTreeMap::<(usize, &'static str, String), BTreeSet<usize>>::new();
    for (column, cell) in row.cells.iter().enumerate() {
        let look = Look::of_cell(cell.as_ref());
        let place =
            ["p", "f", "k", "x", "u", "s", "o"].iter().position(|class| *class == look.class).unwrap_or_default();
        groups.entry((place, look.class, look.word)).or_default().insert(column);
    }
    let all = (0..row.cells.len()).collect();
    groups.into_iter().map(|((_, class, word), columns)| (class, word, site.families.words(&columns, &all))).collect()
}

/// Returns the bar of each family: its releases, the oldest first.
fn families<'a>(site: &'a Site<'a>, row: &Row<'a>) -> Vec<(String, Vec<Segment<'a>>)> {
    let bar = site.families.list.iter().map(|family| {
        let columns: Vec<usize> = family.columns.iter().rev().copied().collect();
        let look = |column: usize| Look::of_cell(row.cells[column].as_ref());
        let segments = columns.chunk_by(|one, next| look(*one).text() == look(*next).text());
        let segments = segments.map(|run| {
            let label = match run {
                [first, .., last] => format!("{} to {}", site.families.label(*first), site.families.label(*last)),
                _ => site.families.label(run[0]).to_owned(),
            };
            Segment { look: look(run[0]), label, slugs: run.iter().map(|column| site.slug(*column)).collect() }
        });
        (family.title(), segments.collect())
    });
    bar.collect()
}

fn reasons<'a>(site: &'a Site<'a>, event: &'a str) -> Vec<Reason<'a>> {
    let among = &site.ran.get(event).cloned().unwrap_or_default();
    let reason = |(finding, part): (&'a Finding<'a>, &'a Part<'a>)| Reason {
        finding,
        verdicts: part.verdicts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        versions: site.families.words(&part.columns, among),
        cases: part.cases.iter().map(|case| (*case, paths::case_anchor(case))).collect(),
    };
    site.findings.of_event(event).map(reason).collect()
}

/// Returns the shapes that cases demand of each argument, the most frequent first.
fn arguments<'a>(record: &'a EventRecord, cases: &[&'a CaseRecord]) -> Vec<(&'a str, Vec<String>)> {
    let mut demands = BTreeMap::<&str, BTreeMap<String, usize>>::new();
    let expected = cases.iter().flat_map(|case| &case.description.expect);
    for (name, shape) in expected.filter(|expected| expected.event == record.event).flat_map(|one| &one.args) {
        *demands.entry(name).or_default().entry(shape.clone()).or_default() += 1;
    }
    let names = unique(record.arguments.iter().flat_map(|signature| &signature.names).map(String::as_str));
    let demanded = |name: &'a str| {
        let mut shapes: Vec<(&String, &usize)> = demands.get(name).into_iter().flatten().collect();
        shapes.sort_by_key(|(_, count)| Reverse(**count));
        (name, shapes.into_iter().take(DEMANDS).map(|(shape, _)| shape.clone()).collect())
    };
    names.into_iter().map(demanded).collect()
}

/// Says what an exception from the hook does, with the cases for which that is so.
fn vetoes<'a>(event: &str, cases: &[&'a CaseRecord]) -> Vec<(&'static str, Vec<(&'a str, String)>)> {
    let mut promises = BTreeMap::<VetoPromise, Vec<(&str, String)>>::new();
    let expects = |case: &&&CaseRecord| case.description.expect.iter().any(|expected| expected.event == event);
    for case in cases.iter().filter(expects) {
        let of = (case.case.as_str(), paths::case_anchor(&case.case));
        promises.entry(case.description.veto).or_default().push(of);
    }
    promises.into_iter().map(|(promise, cases)| (veto(promise), cases)).collect()
}

/// Returns other events of the module that can do one of the same things.
fn neighbours<'a>(site: &'a Site<'a>, event: &str, module: &str, own: &[Capability]) -> Vec<(String, &'a str)> {
    let of_module = site.matrix.modules.iter().filter(|known| known.name == module).flat_map(|known| &known.rows);
    let shares = |row: &&Row| {
        let capabilities = site.capabilities.get(row.event).copied().unwrap_or_default();
        row.event != event && capabilities.iter().any(|one| own.contains(one))
    };
    of_module.filter(shares).take(NEIGHBOURS).map(|row| (escape::name(row.event), site.events.of(row.event))).collect()
}

fn cases<'a>(site: &'a Site<'a>, described: &[&'a CaseRecord], trials: &[&'a TrialRecord]) -> Vec<CaseView<'a>> {
    let records: BTreeMap<&str, &CaseRecord> = described.iter().map(|record| (record.case.as_str(), *record)).collect();
    let mut by_case = BTreeMap::<&str, Vec<&'a TrialRecord>>::new();
    for trial in trials {
        by_case.entry(&trial.case).or_default().push(trial);
    }
    let is_alone = by_case.len() == 1;
    // In the order of the case file, where that is known.
    let order = unique(described.iter().map(|record| record.case.as_str()).chain(by_case.keys().copied()));
    let view = |name: &'a str| {
        let (record, trials) = (records.get(name).copied(), by_case.get(name)?);
        let outcomes = outcomes(site, trials);
        Some(CaseView {
            name,
            anchor: paths::case_anchor(name),
            api: &trials.first()?.api,
            record: record.map(|record| &record.description),
            place: record.map(|record| format!("{}:{}", record.file, record.line)),
            script: record
                .filter(|record| super::script::exists(record))
                .map(|record| paths::script(site.script(record))),
            strip: strip(&outcomes),
            open: is_alone || outcomes.iter().any(|outcome| outcome.look.alarms),
            tracker: tracker(name),
            outcomes,
        })
    };
    order.into_iter().filter_map(view).collect()
}

fn strip(outcomes: &[Outcome]) -> Vec<(Look, usize)> {
    let mut counts: Vec<(Look, usize)> = Vec::new();
    for outcome in outcomes {
        match counts.iter_mut().find(|(look, _)| *look == outcome.look) {
            Some((_, count)) => *count += outcome.slugs.len(),
            None => counts.push((outcome.look.clone(), outcome.slugs.len())),
        }
    }
    counts
}
