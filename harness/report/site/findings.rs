//! The findings: the promises that runtimes do not keep, with the reasons.

use std::collections::BTreeMap;

use askama::Template;

use super::contents::{Footnote, Site, unique};
use super::escape::{self, web_address};
use super::frame::Frame;
use super::paths;
use crate::report::gaps::why_fixed;
use crate::report::runtime::split_name;
use crate::run::{Standing, TrialRecord};

#[derive(Template)]
#[template(path = "findings.html", config = "harness/report/site/askama.toml")]
pub(super) struct Findings<'a> {
    frame: Frame<'a>,
    /// Failures that are not known gaps.
    failed: Vec<Row<'a>>,
    /// Failures of cases that are newer than the gaps file of their runtime.
    new: Vec<Row<'a>>,
    /// Known gaps that are fixed.
    fixed: Vec<Row<'a>>,
    /// The known gaps of CPython in events that its documentation names.
    documentation: Vec<Finding<'a>>,
    all: Vec<Finding<'a>>,
    kinds: Vec<(String, usize)>,
}

/// A trial in a table.
struct Row<'a> {
    outcome: String,
    event: String,
    slug: &'a str,
    case: &'a str,
    anchor: String,
    runtime: String,
    reason: String,
}

struct Finding<'a> {
    event: String,
    slug: &'a str,
    kind: String,
    verdict: String,
    title: Option<&'a str>,
    reason: &'a str,
    issue: Option<&'a str>,
    /// Whether it can be reported, and is not.
    unreported: bool,
    cases: Vec<(String, String)>,
    runtimes: Vec<(String, &'a str)>,
}

pub(super) fn page<'a>(site: &'a Site<'a>) -> Findings<'a> {
    let all: Vec<Finding> = site.footnotes.iter().map(|note| finding(site, note, |_| true)).collect();
    let documented = |event: &str| {
        let mut records = site.results.events.iter().filter(|record| record.event == event);
        records.next().is_none_or(|record| record.documented)
    };
    let of_cpython: Vec<&str> = site
        .results
        .runtimes
        .iter()
        .filter(|runtime| split_name(runtime).0 == "cpython")
        .map(|runtime| runtime.name.as_str())
        .collect();
    let has_cpython = |note: &&Footnote| note.runtimes().iter().any(|runtime| of_cpython.contains(runtime));
    let documentation = site.footnotes.iter().filter(has_cpython).filter(|note| documented(note.event));
    let mut kinds = BTreeMap::<String, usize>::new();
    for finding in &all {
        *kinds.entry(finding.kind.clone()).or_default() += 1;
    }
    Findings {
        frame: site.frame("Findings", "", "findings"),
        failed: rows(site, Standing::Failed),
        new: rows(site, Standing::New),
        fixed: rows(site, Standing::Fixed),
        documentation: documentation.map(|note| finding(site, note, |runtime| of_cpython.contains(&runtime))).collect(),
        all,
        kinds: kinds.into_iter().collect(),
    }
}

/// Returns the trials of a standing.
fn rows<'a>(site: &'a Site<'a>, standing: Standing) -> Vec<Row<'a>> {
    let trials = site.results.trials.iter().filter(|trial| trial.standing() == standing);
    let row = |trial: &'a TrialRecord| Row {
        outcome: trial.outcome(),
        event: escape::name(&trial.event),
        slug: site.events.of(&trial.event),
        case: &trial.case,
        anchor: paths::trial_anchor(&trial.case, site.runtimes.of(&trial.runtime)),
        runtime: escape::name(&trial.runtime),
        reason: why_fixed(trial).or_else(|| trial.reason.clone()).unwrap_or_default(),
    };
    trials.map(row).collect()
}

/// Returns a known gap, on the wanted runtimes only.
fn finding<'a>(site: &'a Site<'a>, note: &Footnote<'a>, wanted: impl Fn(&str) -> bool) -> Finding<'a> {
    let first = note.trials.first();
    let gap = first.and_then(|trial| trial.gap.as_ref());
    let anchor = |case: &&str| (escape::name(case), paths::case_anchor(case));
    let runtimes: Vec<&str> = note.trials.iter().map(|trial| trial.runtime.as_str()).collect();
    let runtimes = unique(runtimes.into_iter().filter(|runtime| wanted(runtime)));
    let cases: Vec<&str> =
        note.trials.iter().filter(|trial| wanted(&trial.runtime)).map(|trial| trial.case.as_str()).collect();
    Finding {
        event: escape::name(note.event),
        slug: site.events.of(note.event),
        kind: gap.map(|gap| gap.kind.to_string()).unwrap_or_default(),
        verdict: first.map(|trial| trial.verdict.to_string()).unwrap_or_default(),
        title: gap.and_then(|gap| gap.title.as_deref()),
        reason: gap.map_or("", |gap| gap.reason.as_str()),
        unreported: gap.is_some_and(|gap| gap.title.is_some() && gap.issue.is_none()),
        issue: gap.and_then(|gap| web_address(gap.issue.as_deref()?)),
        cases: unique(cases.into_iter()).iter().map(anchor).collect(),
        runtimes: runtimes.iter().map(|runtime| (escape::name(runtime), site.runtimes.of(runtime))).collect(),
    }
}
