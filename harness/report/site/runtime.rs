//! The page of a runtime: its score by module, its gaps, and its origin.

use std::collections::BTreeMap;

use askama::Template;

use super::contents::Site;
use super::frame::Frame;
use super::history::Trend;
use super::look::{Look, bar};
use super::{escape, paths};
use crate::report::gaps::why_fixed;
use crate::results::{self, Header, ProbeRecord, RuntimeRecord, Score};
use crate::run::{Standing, TrialRecord};
use crate::suite::Verdict;

#[derive(Template)]
#[template(path = "runtime.html", config = "harness/report/site/askama.toml")]
pub(super) struct RuntimePage<'a> {
    frame: Frame<'a>,
    name: String,
    slug: &'a str,
    record: &'a RuntimeRecord,
    probe: Option<&'a ProbeRecord>,
    command: String,
    /// The run that it was tested in.
    run: &'a Header,
    /// The needs of cases that it does not meet.
    lacks: Vec<&'a str>,
    total: Option<Bar>,
    trend: Option<Trend<'a>>,
    modules: Vec<(&'a str, &'a str, Bar)>,
    failed: Vec<Gap<'a>>,
    new: Vec<Gap<'a>>,
    fixed: Vec<Gap<'a>>,
    gaps: Vec<(String, Vec<Gap<'a>>)>,
    reasons: Vec<(Verdict, &'a str, usize)>,
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

/// An event with cases that fail for one reason.
struct Gap<'a> {
    event: String,
    slug: &'a str,
    look: Look,
    reason: String,
    issue: Option<&'a str>,
    cases: Vec<(&'a str, String)>,
}

pub(super) fn page<'a>(site: &'a Site<'a>, runtime: &'a RuntimeRecord) -> RuntimePage<'a> {
    let trials: Vec<&TrialRecord> = site.results.trials.iter().filter(|trial| trial.runtime == runtime.name).collect();
    let column = site.matrix.columns.iter().position(|column| column.name == runtime.name);
    let modules = column.map(|column| {
        let modules = site.modules();
        modules.map(|module| (module.name, module.title(), Bar::new(module.totals[column]))).collect()
    });
    let of = |standing| trials.iter().copied().filter(move |trial| trial.standing() == standing).collect::<Vec<_>>();
    let mut kinds = BTreeMap::<String, Vec<&TrialRecord>>::new();
    for trial in of(Standing::Known) {
        let kind = trial.gap.as_ref().map(|gap| gap.kind.to_string()).unwrap_or_default();
        kinds.entry(kind).or_default().push(trial);
    }
    RuntimePage {
        frame: site.frame(escape::name(&runtime.name), "../", ""),
        name: escape::name(&runtime.name),
        slug: site.runtimes.of(&runtime.name),
        record: runtime,
        probe: runtime.probe.as_ref(),
        run: site.results.run_of(&runtime.name),
        command: command(runtime),
        lacks: lacks(runtime),
        total: column.map(|_| Bar::new(Score::of(trials.iter().copied()))),
        trend: site.history.as_ref().and_then(|history| history.trend(runtime)),
        modules: modules.unwrap_or_default(),
        failed: gaps(site, &of(Standing::Failed)),
        new: gaps(site, &of(Standing::New)),
        fixed: gaps(site, &of(Standing::Fixed)),
        gaps: kinds.into_iter().map(|(kind, trials)| (kind, gaps(site, &trials))).collect(),
        reasons: reasons(&trials),
    }
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

/// Groups trials by event and reason.
fn gaps<'a>(site: &'a Site<'a>, trials: &[&'a TrialRecord]) -> Vec<Gap<'a>> {
    let mut gaps: Vec<Gap> = Vec::new();
    for trial in trials {
        let gap = trial.gap.as_ref();
        let listed = || gap.map(|gap| gap.reason.clone());
        let reason = why_fixed(trial).or_else(listed).or_else(|| trial.reason.clone()).unwrap_or_default();
        let (event, look) = (escape::name(&trial.event), Look::of_trial(trial));
        let anchor = paths::trial_anchor(&trial.case, site.runtimes.of(&trial.runtime));
        let case = (trial.case.as_str(), anchor);
        match gaps.iter_mut().find(|gap| gap.event == event && gap.reason == reason && gap.look.word == look.word) {
            Some(gap) => gap.cases.push(case),
            None => gaps.push(Gap {
                slug: site.events.of(&trial.event),
                event,
                look,
                reason,
                issue: gap.and_then(|gap| escape::web_address(gap.issue.as_deref()?)),
                cases: vec![case],
            }),
        }
    }
    gaps
}

/// Returns the reasons why trials were not run, the most frequent first.
fn reasons<'a>(trials: &[&'a TrialRecord]) -> Vec<(Verdict, &'a str, usize)> {
    let counts = results::reasons(trials.iter().copied());
    let mut reasons: Vec<_> = counts.into_iter().map(|((verdict, reason), count)| (verdict, reason, count)).collect();
    reasons.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    reasons
}
