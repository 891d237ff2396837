//! The page of a runtime: what it misses, its known gaps by kind, its numbers, and its origin.

use std::collections::BTreeMap;

use askama::Template;

use super::contents::Site;
use super::finding::{Finding, Sort};
use super::frame::Frame;
use super::history::Trend;
use super::look::{Look, Tally, bar};
use super::{date, escape, paths};
use crate::report::matrix::Row;
use crate::results::{self, Header, ProbeRecord, RuntimeRecord, Score};
use crate::run::TrialRecord;
use crate::suite::{Capability, Verdict};

#[derive(Template)]
#[template(path = "runtime.html", config = "harness/report/site/askama.toml")]
pub(super) struct RuntimePage<'a> {
    frame: Frame<'a>,
    title: String,
    name: String,
    slug: &'a str,
    record: &'a RuntimeRecord,
    probe: Option<&'a ProbeRecord>,
    command: String,
    /// The run that it was tested in.
    run: &'a Header,
    /// The days by which its results are older than the newest ones, if they are old.
    behind: Option<i64>,
    /// The needs of cases that it does not meet.
    lacks: Vec<&'a str>,
    tally: Option<Tally>,
    total: Option<Bar>,
    missing: Vec<(Option<Capability>, Vec<Missing<'a>>)>,
    gaps: Vec<(Sort, Vec<&'a Finding<'a>>)>,
    reported: usize,
    trend: Option<Trend<'a>>,
    modules: Vec<(&'a str, &'a str, Bar)>,
    reasons: Vec<(Verdict, &'a str, usize)>,
}

impl RuntimePage<'_> {
    /// Returns the number of findings of a sort that are good or bad news.
    fn count(&self, is_wanted: impl Fn(Sort) -> bool) -> usize {
        self.gaps.iter().filter(|(sort, _)| is_wanted(*sort)).map(|(_, findings)| findings.len()).sum()
    }

    fn started(&self) -> String {
        date::words(&self.run.started)
    }

    /// Returns the number of findings that are not fixed.
    fn open(&self) -> usize {
        self.count(|sort| sort != Sort::Fixed)
    }
}

/// A score with its bar.
struct Bar {
    score: Score,
    parts: Vec<(&'static str, usize, usize)>,
}

impl Bar {
    fn new(score: Score) -> Bar {
        Bar { score, parts: bar(score) }
    }
}

/// The events of one module that break promises for one reason.
struct Missing<'a> {
    module: &'a str,
    events: Vec<(String, &'a str, Look)>,
    /// The reason in a line.
    reason: String,
}

pub(super) fn page<'a>(site: &'a Site<'a>, runtime: &'a RuntimeRecord, trials: &[&'a TrialRecord]) -> RuntimePage<'a> {
    let column = site.columns.get(runtime.name.as_str()).copied();
    let modules = column.map(|column| {
        let modules = site.modules();
        modules.map(|module| (module.name, module.title(), Bar::new(module.totals[column]))).collect()
    });
    let title = column.map_or_else(|| escape::name(&runtime.name), |column| site.families.title(column));
    let tally = column.map(|column| site.tally(column));
    let gaps = column.map(|column| gaps(site, column)).unwrap_or_default();
    RuntimePage {
        frame: site.frame(title.clone(), about(&title, tally), "../", "runtimes"),
        title,
        name: escape::name(&runtime.name),
        slug: site.runtimes.of(&runtime.name),
        record: runtime,
        probe: runtime.probe.as_ref(),
        run: site.results.run_of(&runtime.name),
        behind: site.days_behind(&runtime.name),
        command: command(runtime),
        lacks: lacks(runtime),
        tally,
        total: column.map(|column| Bar::new(site.totals[column])),
        missing: column.map(|column| missing(site, column)).unwrap_or_default(),
        reported: gaps.iter().flat_map(|(_, findings)| findings).filter(|finding| finding.issue.is_some()).count(),
        gaps,
        trend: site.history.as_ref().and_then(|history| history.trend(runtime)),
        modules: modules.unwrap_or_default(),
        reasons: reasons(trials),
    }
}

fn about(title: &str, tally: Option<Tally>) -> String {
    let Some(tally) = tally else { return format!("{title} was not tested.") };
    format!(
        "{title} keeps {} of {} audit events of Python, {} partly, and misses {}.",
        tally.kept,
        tally.total(),
        tally.partly,
        tally.missing
    )
}

/// Returns the events that a column does not keep: by the most harmful thing that they can do, then by module and reason.
fn missing<'a>(site: &'a Site<'a>, column: usize) -> Vec<(Option<Capability>, Vec<Missing<'a>>)> {
    let mut groups = BTreeMap::<(bool, Option<Capability>), Vec<Missing>>::new();
    let rows = site.modules().flat_map(|module| module.rows.iter().map(move |row| (module.title(), row)));
    for (module, row) in rows {
        let look = Look::of_cell(row.cells[column].as_ref());
        if !matches!(look.class, "k" | "x") {
            continue;
        }
        let capability = site.capabilities.get(row.event).and_then(|all| all.first().copied());
        let reason = reason(site, row, column);
        let event = (escape::name(row.event), site.events.of(row.event), look);
        let group = groups.entry((capability.is_none(), capability)).or_default();
        match group.iter_mut().find(|known| known.module == module && known.reason == reason) {
            Some(known) => known.events.push(event),
            None => group.push(Missing { module, events: vec![event], reason }),
        }
    }
    groups.into_iter().map(|((_, capability), missing)| (capability, missing)).collect()
}

/// Returns the reason for which most cases of an event fail, in a line.
fn reason<'a>(site: &'a Site<'a>, row: &Row<'a>, column: usize) -> String {
    let numbers = site.findings.of_cell(row.event, column);
    let findings = numbers.map(|number| &site.findings.list[number - 1]).filter(|finding| finding.sort != Sort::Fixed);
    let cases = |finding: &&Finding| {
        let part = finding.parts.iter().find(|part| part.event == row.event);
        part.map_or(0, |part| part.cases.len())
    };
    findings.max_by_key(cases).map(|finding| finding.line().to_owned()).unwrap_or_default()
}

/// Returns the findings that a column shows, by sort.
fn gaps<'a>(site: &'a Site<'a>, column: usize) -> Vec<(Sort, Vec<&'a Finding<'a>>)> {
    let mut sorts = BTreeMap::<Sort, Vec<&Finding>>::new();
    for finding in site.findings.list.iter().filter(|finding| finding.columns.contains(&column)) {
        sorts.entry(finding.sort).or_default().push(finding);
    }
    sorts.into_iter().collect()
}

/// Returns the command with the variables that the configuration or the variant sets before it.
fn command(runtime: &RuntimeRecord) -> String {
    let variables = runtime.env.iter().map(|(name, value)| format!("{name}={value}"));
    variables.chain(runtime.command.iter().cloned()).collect::<Vec<_>>().join(" ")
}

fn lacks(runtime: &RuntimeRecord) -> Vec<&str> {
    let features = runtime.probe.iter().flat_map(|probe| &probe.features);
    features.filter(|(_, there)| !**there).map(|(name, _)| name.strip_prefix("attr:").unwrap_or(name)).collect()
}

/// Returns the reasons why trials were not run, the most frequent first.
fn reasons<'a>(trials: &[&'a TrialRecord]) -> Vec<(Verdict, &'a str, usize)> {
    let counts = results::reasons(trials.iter().copied());
    let mut reasons: Vec<_> = counts.into_iter().map(|((verdict, reason), count)| (verdict, reason, count)).collect();
    reasons.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    reasons
}
