//! The page that compares: two columns of these results, and two runs, with what got worse first.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;

use super::contents::Site;
use super::frame::Frame;
use super::{date, escape, paths};
use crate::report::differences::{both_scores, by_event};
use crate::report::scores::HEADS;
use crate::results::compare::{Change, Comparison, RuntimeDifference, TrialDifference};
use crate::run::{Standing, TrialRecord};

/// The rows of a section that are shown. `audit578 compare` prints all.
const ROWS: usize = 150;

/// The cases of a row that are named.
const CASES: usize = 5;

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
    /// The families and their runtimes, for the choice of two columns.
    families: Vec<(String, Vec<(String, &'a str)>)>,
    compared: Option<View<'a>>,
}

struct View<'a> {
    title: String,
    /// Each side: the time, the machine and the suite.
    sides: [(&'static str, String, &'a str, &'a str); 2],
    worse: bool,
    /// The number of trials of each change, in words.
    counts: Vec<(&'static str, usize)>,
    /// The cases that are not compared: the reason, and their names by event.
    not_compared: Vec<(&'static str, Vec<(String, String)>)>,
    lost: usize,
    runtimes: Vec<Runtime>,
    sections: Vec<Section<'a>>,
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
    open: bool,
    trials: usize,
    rows: Vec<Row<'a>>,
    /// The rows that are not shown.
    more: usize,
}

/// The trials of one event that differ in the same way.
struct Row<'a> {
    event: String,
    /// The page of the event, where the new results have it.
    slug: Option<&'a str>,
    cases: Vec<(&'a str, String)>,
    more: usize,
    runtimes: String,
    old: String,
    new: String,
    shifts: String,
}

pub(super) fn page<'a>(site: &'a Site<'a>, comparison: Option<&'a Comparison<'a>>) -> Compare<'a> {
    let family = |family: &super::families::Family| {
        let runtimes = family.columns.iter().map(|column| (site.families.title(*column), site.slug(*column)));
        (family.title(), runtimes.collect())
    };
    let about = "Compare the audit events of two Pythons: added, lost, better, worse, and other arguments.".to_owned();
    let compared = comparison.map(|comparison| view(site, comparison));
    let title = compared.as_ref().map_or("Compare", |view| &view.title).to_owned();
    Compare {
        frame: site.frame(title, about, "", "compare"),
        families: site.families.list.iter().map(family).collect(),
        compared,
    }
}

/// Returns the pairs of runtimes that the page is about. Where one file is on both sides, those are the pairs of different
/// names: a runtime beside itself says nothing, and no runtime is lost or new.
fn pairs<'a, 'b>(comparison: &'b Comparison<'a>) -> Vec<&'b RuntimeDifference<'a>> {
    let is_mapped =
        |one: &&RuntimeDifference| matches!((one.old, one.new), (Some(old), Some(new)) if old.name != new.name);
    let mapped: Vec<_> = comparison.runtimes.iter().filter(is_mapped).collect();
    let is_one_file = comparison.old == comparison.new && !mapped.is_empty();
    if is_one_file { mapped } else { comparison.runtimes.iter().collect() }
}

fn view<'a>(site: &'a Site<'a>, comparison: &'a Comparison<'a>) -> View<'a> {
    let pairs = pairs(comparison);
    let names: BTreeSet<&str> = pairs.iter().filter_map(|pair| Some(pair.new?.name.as_str())).collect();
    let trials: Vec<&TrialDifference> =
        comparison.trials.iter().filter(|trial| names.contains(trial.runtime)).collect();
    let count = |change: Change| trials.iter().filter(|trial| trial.change == change).count();
    let sections = CHANGES.into_iter().map(|change| section(site, &trials, change));
    let lost = pairs.iter().filter(|pair| pair.is_lost()).count();
    let word = |change| CHANGES.iter().find(|(known, ..)| *known == change).map_or("Unchanged", |(_, word, _)| *word);
    let describe = |name, header: &'a crate::results::Header| {
        (name, date::words(&header.started), header.host.as_str(), header.suite.as_str())
    };
    View {
        title: title(&pairs, comparison),
        sides: [describe("Old", comparison.old), describe("New", comparison.new)],
        worse: count(Change::Worse) + lost > 0,
        counts: COUNTED.map(|change| (word(change), count(change))).into(),
        not_compared: not_compared(comparison),
        lost,
        runtimes: pairs.iter().map(|pair| runtime(pair)).collect(),
        sections: sections.filter(|section| section.trials > 0).collect(),
    }
}

/// Returns the two sides in words: `3.14.10 to 3.15.2`, or the days of two runs.
fn title(pairs: &[&RuntimeDifference], comparison: &Comparison) -> String {
    let days = || format!("{} to {}", date::day(&comparison.old.started), date::day(&comparison.new.started));
    match pairs {
        [RuntimeDifference { old: Some(old), new: Some(new), .. }] if old.name != new.name => {
            format!("{} to {}", escape::name(&old.name), escape::name(&new.name))
        }
        [one] => format!("{}, {}", escape::name(&one.name()), days()),
        all => format!("{} runtimes, {}", all.len(), days()),
    }
}

fn section<'a>(
    site: &'a Site<'a>,
    trials: &[&'a TrialDifference<'a>],
    (change, title, meaning): (Change, &'static str, &'static str),
) -> Section<'a> {
    let mut groups = BTreeMap::<(&str, String, String, String), Vec<&TrialDifference>>::new();
    let own: Vec<_> = trials.iter().copied().filter(|trial| trial.change == change).collect();
    for trial in &own {
        let event = trial.id.split_once("::").map_or(trial.id.as_str(), |(event, _)| event);
        let shifts = if trial.shifts.is_empty() { String::new() } else { trial.summary() };
        groups.entry((event, outcome(trial.old), outcome(trial.new), shifts)).or_default().push(trial);
    }
    let more = groups.len().saturating_sub(ROWS);
    let rows = groups.into_iter().take(ROWS).map(|(key, trials)| row(site, key, &trials)).collect();
    let class = class(change);
    Section {
        id: change.to_string(),
        title,
        meaning,
        class,
        open: change == Change::Worse,
        trials: own.len(),
        rows,
        more,
    }
}

fn row<'a>(
    site: &'a Site<'a>,
    (event, old, new, shifts): (&str, String, String, String),
    trials: &[&'a TrialDifference<'a>],
) -> Row<'a> {
    let cases = trials.iter().filter_map(|trial| trial.id.split_once("::")).map(|(_, case)| case);
    let cases = super::contents::unique(cases);
    let runtimes = super::contents::unique(trials.iter().map(|trial| trial.runtime));
    Row {
        event: escape::name(event),
        slug: site.trials.contains_key(event).then(|| site.events.of(event)),
        more: cases.len().saturating_sub(CASES),
        cases: cases.into_iter().take(CASES).map(|case| (case, paths::case_anchor(case))).collect(),
        runtimes: runtimes.iter().map(|name| escape::name(name)).collect::<Vec<_>>().join(", "),
        old,
        new,
        shifts,
    }
}

fn outcome(side: Option<&TrialRecord>) -> String {
    let in_words = |trial: &TrialRecord| match trial.standing() {
        Standing::Known => trial.outcome() + " (known gap)",
        Standing::New => trial.outcome() + " (new)",
        _ => trial.outcome(),
    };
    side.map_or_else(|| "–".to_owned(), in_words)
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

fn runtime(runtime: &RuntimeDifference) -> Runtime {
    Runtime {
        name: escape::name(&runtime.name()),
        class: class(runtime.change),
        change: runtime.change,
        counts: COUNTED.map(|change| runtime.trials.get(&change).copied().unwrap_or_default()),
        scores: both_scores(runtime),
        note: runtime.note(),
    }
}
