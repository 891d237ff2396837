//! The page of a comparison with another run, with what got worse first.

use askama::Template;

use super::contents::Site;
use super::frame::Frame;
use super::{escape, paths};
use crate::report::differences::{both_scores, by_event};
use crate::report::scores::HEADS;
use crate::results::Header;
use crate::results::compare::{Change, Comparison, RuntimeDifference, TrialDifference};
use crate::run::{Standing, TrialRecord};

/// The changes that have a table, the most important first. Unchanged trials are only counted.
const CHANGES: [(Change, &str, &str); 5] = [
    (Change::Worse, "Worse", "These trials kept more promises in the old results."),
    (Change::Removed, "Removed", "Only the old results have these trials."),
    (Change::Other, "Changed", "These trials differ, but are neither better nor worse."),
    (Change::Better, "Better", "These trials keep more promises in the new results."),
    (Change::Added, "Added", "Only the new results have these trials."),
];

/// The columns of the table of runtimes.
const COUNTED: [Change; 6] =
    [Change::Worse, Change::Removed, Change::Other, Change::Better, Change::Added, Change::Unchanged];

#[derive(Template)]
#[template(path = "compare.html", config = "harness/report/site/askama.toml")]
pub(super) struct Compare<'a> {
    frame: Frame<'a>,
    compared: Option<View<'a>>,
}

struct View<'a> {
    old: &'a Header,
    new: &'a Header,
    summary: String,
    worse: bool,
    /// A short list of what got worse: the event, its page, the runtime, the new outcome and the number of cases.
    glance: Vec<(String, Option<&'a str>, String, String, usize)>,
    /// The cases that are not compared: the reason, and their names by event.
    not_compared: Vec<(&'static str, Vec<(String, String)>)>,
    runtimes: Vec<Runtime>,
    sections: Vec<Section<'a>>,
    unchanged: usize,
}

struct Runtime {
    name: String,
    class: &'static str,
    change: Change,
    counts: [usize; 6],
    scores: [String; 7],
    note: Option<String>,
}

struct Section<'a> {
    id: String,
    title: &'static str,
    meaning: &'static str,
    class: &'static str,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    event: String,
    case: &'a str,
    runtime: String,
    /// The page of the event and the anchor of the trial, where the new results have it.
    link: Option<(&'a str, String)>,
    old: String,
    new: String,
    what: String,
}

pub(super) fn page<'a>(site: &'a Site<'a>, comparison: Option<&'a Comparison<'a>>) -> Compare<'a> {
    Compare {
        frame: site.frame("Compare", "", "compare"),
        compared: comparison.map(|comparison| view(site, comparison)),
    }
}

fn view<'a>(site: &'a Site<'a>, comparison: &'a Comparison<'a>) -> View<'a> {
    let section = |(change, title, meaning): (Change, &'static str, &'static str)| {
        let trials = comparison.trials.iter().filter(move |trial| trial.change == change);
        let rows = trials.map(|trial| row(site, trial)).collect();
        Section { id: change.to_string(), title, meaning, class: class(change), rows }
    };
    let sections = CHANGES.into_iter().map(section).filter(|section| !section.rows.is_empty() || section.id == "worse");
    View {
        old: comparison.old,
        new: comparison.new,
        summary: comparison.summary(),
        worse: comparison.is_worse(),
        glance: glance(site, comparison),
        not_compared: not_compared(comparison),
        runtimes: runtimes(comparison),
        sections: sections.collect(),
        unchanged: comparison.counts().get(&Change::Unchanged).copied().unwrap_or_default(),
    }
}

fn glance<'a>(
    site: &'a Site<'a>,
    comparison: &'a Comparison<'a>,
) -> Vec<(String, Option<&'a str>, String, String, usize)> {
    let mut groups: Vec<(String, Option<&str>, String, String, usize)> = Vec::new();
    for row in comparison.trials.iter().filter(|trial| trial.change == Change::Worse).map(|trial| row(site, trial)) {
        let known =
            groups.iter_mut().find(|group| (&group.0, &group.2, &group.3) == (&row.event, &row.runtime, &row.new));
        match known {
            Some(group) => group.4 += 1,
            None => groups.push((row.event, row.link.map(|(slug, _)| slug), row.runtime, row.new, 1)),
        }
    }
    groups
}

fn class(change: Change) -> &'static str {
    match change {
        Change::Worse => "x",
        Change::Better => "p",
        Change::Other | Change::Removed | Change::Added => "k",
        Change::Unchanged => "s",
    }
}

fn not_compared(comparison: &Comparison) -> Vec<(&'static str, Vec<(String, String)>)> {
    let suite = &comparison.suite;
    let named = |ids: &[String]| {
        let events = by_event(ids).into_iter();
        events.map(|(event, cases)| (escape::name(event), cases.join(", "))).collect()
    };
    let all = [
        ("have another definition than before, so that their outcome is never worse or better", &suite.redefined),
        ("are in the new results only", &suite.added),
        ("are in the old results only", &suite.removed),
    ];
    all.into_iter().filter(|(_, ids)| !ids.is_empty()).map(|(what, ids)| (what, named(ids))).collect()
}

fn runtimes(comparison: &Comparison) -> Vec<Runtime> {
    let runtime = |runtime: &RuntimeDifference| Runtime {
        name: escape::name(&runtime.name()),
        class: class(runtime.change),
        change: runtime.change,
        counts: COUNTED.map(|change| runtime.trials.get(&change).copied().unwrap_or_default()),
        scores: both_scores(runtime),
        note: runtime.note(),
    };
    comparison.runtimes.iter().map(runtime).collect()
}

fn row<'a>(site: &'a Site<'a>, trial: &'a TrialDifference<'a>) -> Row<'a> {
    let (event, case) = trial.id.split_once("::").unwrap_or((&trial.id, ""));
    let outcome = |side: Option<&TrialRecord>| {
        side.map_or_else(
            || "–".to_owned(),
            |trial| match trial.standing() {
                Standing::Known => trial.outcome() + " (known gap)",
                Standing::New => trial.outcome() + " (new)",
                _ => trial.outcome(),
            },
        )
    };
    let link = trial.new.map(|new| {
        let anchor = paths::trial_anchor(&new.case, site.runtimes.of(&new.runtime));
        (site.events.of(&new.event), anchor)
    });
    Row {
        event: escape::name(event),
        case,
        runtime: escape::name(trial.runtime),
        link,
        old: outcome(trial.old),
        new: outcome(trial.new),
        what: if trial.shifts.is_empty() { String::new() } else { trial.summary() },
    }
}
