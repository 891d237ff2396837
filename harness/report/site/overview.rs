//! The overview: events by runtimes.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;

use super::contents::{Footnote, Site};
use super::date::day;
use super::escape::{self, web_address};
use super::frame::Frame;
use super::look::{Look, words};
use super::paths;
use crate::report::matrix::Row;
use crate::report::runtime::{further_versions, split_name, why_untested};
use crate::results::{Extent, ProbeRecord, RuntimeRecord, Score};

/// The most columns that are shown at first. The reader can choose others.
const COLUMNS: usize = 24;

#[derive(Template)]
#[template(path = "overview.html", config = "harness/report/site/askama.toml")]
pub(super) struct Overview<'a> {
    frame: Frame<'a>,
    implementations: Vec<Implementation<'a>>,
    groups: Vec<Group<'a>>,
    /// All looks of cells, as JSON for the script.
    looks: String,
    platforms: BTreeSet<&'a str>,
    /// The words that the filter offers.
    words: Vec<String>,
    footnotes: Vec<Note<'a>>,
    untested: Vec<(String, &'a str, &'a str)>,
    extent: Extent,
    shown: usize,
    runtimes: usize,
    total: Score,
}

/// The columns of one implementation.
struct Implementation<'a> {
    name: &'a str,
    columns: Vec<Column<'a>>,
}

impl Implementation<'_> {
    fn shown(&self) -> usize {
        self.columns.iter().filter(|column| column.shown).count()
    }
}

struct Column<'a> {
    name: String,
    label: String,
    slug: &'a str,
    platform: &'a str,
    machine: &'a str,
    /// The day of its run.
    day: &'a str,
    build: &'a str,
    /// The versions that the label lacks.
    versions: Vec<String>,
    shown: bool,
    score: Score,
}

struct Group<'a> {
    name: &'a str,
    title: &'a str,
    /// Whether its rows are rules of PEP 578, and no events.
    has_rules: bool,
    events: usize,
    /// The numbers of each column, and whether it is shown at first.
    scores: Vec<(Score, bool)>,
    rows: Vec<Line<'a>>,
}

struct Line<'a> {
    event: String,
    slug: &'a str,
    asserts: String,
    /// The look of each column, as a number, for the script.
    codes: String,
    /// The cells that are shown at first.
    cells: Vec<Shown>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Shown {
    look: Look,
    notes: String,
}

struct Note<'a> {
    number: usize,
    event: String,
    slug: &'a str,
    kind: String,
    reason: &'a str,
    issue: Option<&'a str>,
    runtimes: usize,
}

pub(super) fn page<'a>(site: &'a Site<'a>) -> Overview<'a> {
    let order = order(site);
    let shown = first_shown(site, &order);
    let (groups, looks) = groups(site, &order, &shown);
    let results = site.results;
    Overview {
        frame: site.frame("Matrix", "", "matrix"),
        implementations: implementations(site, &order, &shown),
        groups,
        looks,
        platforms: results
            .runtimes
            .iter()
            .filter_map(|runtime| Some(runtime.probe.as_ref()?.platform.as_str()))
            .collect(),
        words: words(),
        footnotes: site.footnotes.iter().map(|note| self::note(site, note)).collect(),
        untested: results.runtimes.iter().filter_map(|runtime| untested(site, runtime)).collect(),
        extent: Extent::of(results),
        shown: shown.len(),
        runtimes: order.len(),
        total: Score::of(&results.trials),
    }
}

/// Returns the order of the columns: CPython first, as the reference, then implementations by name, each newest first.
fn order(site: &Site) -> Vec<usize> {
    let columns = &site.matrix.columns;
    let version = |index: usize| columns[index].probe.as_ref().map(ProbeRecord::release);
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_cached_key(|&index| {
        let implementation = split_name(columns[index]).0;
        (implementation != "cpython", implementation, std::cmp::Reverse(version(index)), &columns[index].name)
    });
    order
}

/// Returns the columns that are shown at first: the newest of each implementation, then the second newest, and so on.
fn first_shown(site: &Site, order: &[usize]) -> BTreeSet<usize> {
    let mut ranks = BTreeMap::<&str, usize>::new();
    let mut ranked: Vec<(usize, usize)> = order
        .iter()
        .map(|&index| {
            let rank = ranks.entry(split_name(site.matrix.columns[index]).0).or_default();
            *rank += 1;
            (*rank, index)
        })
        .collect();
    // The sort is stable: columns of the same rank stay in order.
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(COLUMNS).map(|(_, index)| index).collect()
}

fn implementations<'a>(site: &'a Site<'a>, order: &[usize], shown: &BTreeSet<usize>) -> Vec<Implementation<'a>> {
    let totals = site.matrix.totals();
    let mut all: Vec<Implementation> = Vec::new();
    for &index in order {
        let runtime = site.matrix.columns[index];
        let column = column(site, runtime, shown.contains(&index), totals[index]);
        let name = split_name(runtime).0;
        match all.last_mut() {
            Some(last) if last.name == name => last.columns.push(column),
            _ => all.push(Implementation { name, columns: vec![column] }),
        }
    }
    all
}

fn column<'a>(site: &'a Site<'a>, runtime: &'a RuntimeRecord, shown: bool, score: Score) -> Column<'a> {
    let probe = runtime.probe.as_ref();
    Column {
        name: escape::name(&runtime.name),
        label: escape::name(split_name(runtime).1),
        slug: slug(site, &runtime.name),
        platform: probe.map_or("", |probe| probe.platform.as_str()),
        machine: probe.and_then(|probe| probe.machine.as_deref()).unwrap_or_default(),
        day: day(&site.results.run_of(&runtime.name).started),
        build: probe.map_or("", |probe| probe.build.as_str()),
        versions: further_versions(runtime),
        shown,
        score,
    }
}

fn slug<'a>(site: &'a Site<'a>, runtime: &str) -> &'a str {
    site.runtimes.of(runtime)
}

/// Returns the groups, and all looks of their cells as JSON.
fn groups<'a>(site: &'a Site<'a>, order: &[usize], shown: &BTreeSet<usize>) -> (Vec<Group<'a>>, String) {
    let notes = notes(site);
    let mut looks = BTreeMap::<Shown, usize>::new();
    let mut line = |row: &Row<'a>| {
        let cells: Vec<(usize, Shown)> = order
            .iter()
            .map(|&index| {
                let key = (row.event, site.matrix.columns[index].name.as_str());
                let notes = notes.get(&key).cloned().unwrap_or_default();
                (index, Shown { look: Look::of_cell(row.cells[index].as_ref()), notes })
            })
            .collect();
        let codes = cells.iter().map(|(_, cell)| {
            let next = looks.len();
            looks.entry(cell.clone()).or_insert(next).to_string()
        });
        Line {
            codes: codes.collect::<Vec<_>>().join(" "),
            event: escape::name(row.event),
            slug: site.events.of(row.event),
            asserts: row.asserts.to_string(),
            cells: cells.into_iter().filter(|(index, _)| shown.contains(index)).map(|(_, cell)| cell).collect(),
        }
    };
    let groups = site.modules().map(|module| Group {
        name: module.name,
        title: module.title(),
        has_rules: module.has_rules(),
        events: module.rows.len(),
        scores: order.iter().map(|&index| (module.totals[index], shown.contains(&index))).collect(),
        rows: module.rows.iter().map(&mut line).collect(),
    });
    let groups = groups.collect();
    (groups, json(&looks))
}

/// Returns the looks in the order of their numbers. Verdicts, letters and numbers of footnotes need no escape inside a
/// `script` element.
fn json(looks: &BTreeMap<Shown, usize>) -> String {
    let mut ordered: Vec<_> = looks.iter().collect();
    ordered.sort_by_key(|(_, number)| **number);
    let entry = |(Shown { look, notes }, _): (&Shown, &usize)| {
        serde_json::json!([look.class, look.word, look.letters, notes, look.ratio, look.promises, look.failures])
    };
    ordered.into_iter().map(entry).collect::<serde_json::Value>().to_string()
}

/// Returns the numbers of the footnotes of each cell.
fn notes<'a>(site: &'a Site<'a>) -> BTreeMap<(&'a str, &'a str), String> {
    let mut numbers = BTreeMap::<_, Vec<String>>::new();
    for note in &site.footnotes {
        for runtime in note.runtimes() {
            numbers.entry((note.event, runtime)).or_default().push(note.number.to_string());
        }
    }
    numbers.into_iter().map(|(cell, numbers)| (cell, numbers.join(" "))).collect()
}

fn note<'a>(site: &'a Site<'a>, note: &Footnote<'a>) -> Note<'a> {
    let gap = note.trials.first().and_then(|trial| trial.gap.as_ref());
    Note {
        number: note.number,
        event: escape::name(note.event),
        slug: site.events.of(note.event),
        kind: gap.map(|gap| gap.kind.to_string()).unwrap_or_default(),
        reason: gap.map_or("", |gap| gap.reason.as_str()),
        issue: gap.and_then(|gap| web_address(gap.issue.as_deref()?)),
        runtimes: note.runtimes().len(),
    }
}

/// Returns the name, the slug and the reason of a runtime without a column.
fn untested<'a>(site: &'a Site<'a>, runtime: &'a RuntimeRecord) -> Option<(String, &'a str, &'a str)> {
    let has_column = site.matrix.columns.iter().any(|column| column.name == runtime.name);
    let reason = why_untested(runtime).unwrap_or("no trial was run");
    (!has_column).then(|| (escape::name(&runtime.name), slug(site, &runtime.name), reason))
}
