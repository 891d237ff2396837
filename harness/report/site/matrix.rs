//! The matrix: events, rules and doors by runtimes; and its data for scripts.

use std::collections::BTreeMap;

use askama::Template;
use serde_json::json;

use super::contents::Site;
use super::date::day;
use super::finding::Finding;
use super::frame::Frame;
use super::look::{Look, Tally, words};
use super::{escape, paths};
use crate::report::doors;
use crate::report::matrix::Row;
use crate::report::runtime::{further_versions, why_untested};
use crate::results::{DoorScore, Extent, RuntimeRecord, Score};
use crate::suite::Versions;

#[derive(Template)]
#[template(path = "matrix.html", config = "harness/report/site/askama.toml")]
pub(super) struct MatrixPage<'a> {
    frame: Frame<'a>,
    families: Vec<Family<'a>>,
    groups: Vec<Group<'a>>,
    /// The words that the filter offers.
    words: Vec<String>,
    findings: &'a [Finding<'a>],
    untested: Vec<(String, &'a str, &'a str)>,
    extent: Extent,
    shown: usize,
    runtimes: usize,
    total: Score,
}

impl MatrixPage<'_> {
    fn has(&self, kind: &str) -> bool {
        self.groups.iter().any(|group| group.kind == kind)
    }

    fn has_old(&self) -> bool {
        self.families.iter().flat_map(|family| &family.columns).any(|column| column.behind.is_some())
    }
}

/// The columns of one family.
struct Family<'a> {
    title: String,
    columns: Vec<Column<'a>>,
}

impl Family<'_> {
    fn shown(&self) -> usize {
        self.columns.iter().filter(|column| column.shown).count()
    }
}

struct Column<'a> {
    label: String,
    slug: &'a str,
    /// The day of its run.
    day: &'a str,
    /// The days by which its results are older than the newest ones, if they are old.
    behind: Option<i64>,
    build: &'a str,
    /// The versions that the label lacks.
    versions: Vec<String>,
    shown: bool,
    tally: Tally,
}

/// The rows of a module, the rules of PEP 578, or the doors.
struct Group<'a> {
    name: &'a str,
    title: &'a str,
    /// `events`, `rules` or `doors`.
    kind: &'static str,
    /// The numbers of each column that is shown at first.
    totals: Vec<String>,
    lines: Vec<Line<'a>>,
}

struct Line<'a> {
    name: String,
    id: String,
    href: String,
    /// The cells that are shown at first.
    cells: Vec<Shown<'a>>,
}

struct Shown<'a> {
    look: Look,
    notes: &'a str,
}

/// A row with all its cells.
struct Full<'a> {
    name: &'a str,
    id: String,
    href: String,
    cells: Vec<(Look, String)>,
    /// The names of the arguments, for each set of versions, and the place of the set of each column.
    signatures: (Vec<&'a [String]>, Vec<usize>),
}

/// All rows of a group.
struct Rows<'a> {
    name: &'a str,
    title: &'a str,
    kind: &'static str,
    totals: Vec<String>,
    events: Vec<Full<'a>>,
}

/// The table with all its cells, from which the page and the data are made.
pub(super) struct Table<'a> {
    groups: Vec<Rows<'a>>,
    order: Vec<usize>,
}

/// Arranges all cells.
pub(super) fn table<'a>(site: &'a Site<'a>) -> Table<'a> {
    let order: Vec<usize> = site.families.order().collect();
    let group = |module: &'a crate::report::matrix::Module<'a>| Rows {
        name: module.name,
        title: if module.has_rules() { "Rules of PEP 578" } else { module.name },
        kind: if module.has_rules() { "rules" } else { "events" },
        totals: order.iter().map(|column| total(module.totals[*column])).collect(),
        events: module.rows.iter().map(|row| full(site, row, &order)).collect(),
    };
    let groups = site.modules().map(group).collect::<Vec<_>>();
    Table { groups: groups.into_iter().chain(doors(site, &order)).collect(), order }
}

/// Returns the cases that passed of those that were run, and in parentheses those that were not run.
fn total(score: Score) -> String {
    let run = if score.run() > 0 { score.ratio() } else { String::new() };
    match score.not_run() {
        0 => run,
        count => format!("{run} (+{count})"),
    }
}

fn full<'a>(site: &'a Site<'a>, row: &'a Row<'a>, order: &[usize]) -> Full<'a> {
    let cell = |column: &usize| {
        let notes = site.findings.of_cell(row.event, *column).map(|number| number.to_string());
        (Look::of_cell(row.cells[*column].as_ref()), notes.collect::<Vec<_>>().join(" "))
    };
    let slug = site.events.of(row.event);
    Full {
        name: row.event,
        id: slug.to_owned(),
        href: paths::event_page(slug),
        cells: order.iter().map(cell).collect(),
        signatures: signatures(site, row.event, order),
    }
}

/// Returns the different signatures of an event, and the place of that of each column.
fn signatures<'a>(site: &'a Site<'a>, event: &str, order: &[usize]) -> (Vec<&'a [String]>, Vec<usize>) {
    let signatures = site.records.get(event).map(|record| record.arguments.as_slice()).unwrap_or_default();
    let versions: Vec<Option<Versions>> = signatures.iter().map(|signature| signature.python.parse().ok()).collect();
    let place = |column: &usize| {
        let identity = site.matrix.columns[*column].identity()?;
        let is_for = |versions: &Option<Versions>| versions.as_ref().is_none_or(|one| one.contain(&identity.language));
        versions.iter().position(is_for)
    };
    let places = if signatures.len() < 2 {
        Vec::new()
    } else {
        order.iter().map(|one| place(one).unwrap_or_default()).collect()
    };
    (signatures.iter().map(|signature| signature.names.as_slice()).collect(), places)
}

/// Returns a row for each area of doors, if the results have any.
fn doors<'a>(site: &'a Site<'a>, order: &[usize]) -> Option<Rows<'a>> {
    let table = doors::Table::new(site.results);
    let scores: BTreeMap<&str, &doors::Row> = table.rows.iter().map(|row| (row.runtime, row)).collect();
    let score = |column: &usize, area: usize| {
        let name = site.matrix.columns[*column].name.as_str();
        scores.get(name).map_or(DoorScore::default(), |row| row.cells[area])
    };
    let row = |(at, area): (usize, &&'a str)| Full {
        name: area,
        id: format!("doors.{area}"),
        href: format!("{}#{area}", paths::DOORS),
        cells: order.iter().map(|column| (Look::of_doors(score(column, at)), String::new())).collect(),
        signatures: (Vec::new(), Vec::new()),
    };
    let rows: Vec<Full> = table.areas.iter().enumerate().map(row).collect();
    let total = |column: &usize| {
        let all = scores.get(site.matrix.columns[*column].name.as_str());
        all.and_then(|row| row.texts().pop()).unwrap_or_default()
    };
    let totals = order.iter().map(total).collect();
    (!rows.is_empty()).then_some(Rows {
        name: "doors",
        title: "Doors: operations that raise no event",
        kind: "doors",
        totals,
        events: rows,
    })
}

pub(super) fn page<'a>(site: &'a Site<'a>, table: &'a Table<'a>) -> MatrixPage<'a> {
    let is_shown = |at: &usize| site.families.is_usual(table.order[*at]);
    let shown: Vec<usize> = (0..table.order.len()).filter(is_shown).collect();
    let line = |row: &'a Full<'a>| Line {
        name: escape::name(row.name),
        id: row.id.clone(),
        href: row.href.clone(),
        cells: shown.iter().map(|at| Shown { look: row.cells[*at].0.clone(), notes: &row.cells[*at].1 }).collect(),
    };
    let group = |group: &'a Rows<'a>| Group {
        name: group.name,
        title: group.title,
        kind: group.kind,
        totals: shown.iter().map(|at| group.totals[*at].clone()).collect(),
        lines: group.events.iter().map(line).collect(),
    };
    let extent = Extent::of(site.results);
    let about = format!("The matrix of {extent} by {} Python runtimes.", table.order.len());
    MatrixPage {
        frame: site.frame("Matrix", about, "", "events"),
        families: site.families.list.iter().map(|family| columns(site, family)).collect(),
        groups: table.groups.iter().map(group).collect(),
        words: words(),
        findings: &site.findings.list,
        untested: site.results.runtimes.iter().filter_map(|runtime| untested(site, runtime)).collect(),
        extent,
        shown: shown.len(),
        runtimes: table.order.len(),
        total: Score::of(site.results.trials()),
    }
}

fn columns<'a>(site: &'a Site<'a>, family: &super::families::Family) -> Family<'a> {
    let column = |at: &usize| {
        let runtime = site.matrix.columns[*at];
        let versions = further_versions(runtime);
        let label = site.families.label(*at);
        Column {
            label: label.to_owned(),
            slug: site.slug(*at),
            day: day(&site.results.run_of(&runtime.name).started),
            behind: site.days_behind(&runtime.name),
            build: runtime.probe.as_ref().map_or("", |probe| probe.build.as_str()),
            versions: versions.into_iter().filter(|text| !label_has(label, text)).collect(),
            shown: site.families.is_usual(*at),
            tally: site.tally(*at),
        }
    };
    Family { title: family.title(), columns: family.columns.iter().map(column).collect() }
}

/// Tells whether a label has the version that ends a text already: `3.12.10` has that of `Python 3.12.10`.
fn label_has(label: &str, text: &str) -> bool {
    text.rsplit(' ').next().is_some_and(|version| label.starts_with(version))
}

/// Returns the name, the slug and the reason of a runtime without a column.
fn untested<'a>(site: &'a Site<'a>, runtime: &'a RuntimeRecord) -> Option<(String, &'a str, &'a str)> {
    let reason = why_untested(runtime).unwrap_or("no trial was run");
    let slug = site.runtimes.of(&runtime.name);
    (!site.columns.contains_key(runtime.name.as_str())).then(|| (escape::name(&runtime.name), slug, reason))
}

/// The end of the script of the table: it puts together what is written once there.
const UNPACK: &str = "\
published.looks = published.looks.map(([look, notes]) => [...published.words[look], notes]);
published.events = published.events.map(([id, codes, name = id, href = `event/${id}.html`]) => [id, name, href, codes]);
";

/// Numbers different things by their first use.
struct Numbers<T>(BTreeMap<T, usize>);

impl<T: Ord> Numbers<T> {
    fn of(&mut self, thing: T) -> usize {
        let next = self.0.len();
        *self.0.entry(thing).or_insert(next)
    }

    fn in_order(self) -> Vec<T> {
        let mut things: Vec<_> = self.0.into_iter().collect();
        things.sort_by_key(|(_, number)| *number);
        things.into_iter().map(|(thing, _)| thing).collect()
    }
}

/// Returns the whole table as a script, for the pages that show other columns or compare two.
pub(super) fn data(site: &Site, table: &Table) -> String {
    let column = |at: &usize| {
        let runtime = site.matrix.columns[*at];
        let family = site.families.of(*at);
        json!({"name": runtime.name, "slug": site.slug(*at), "label": site.families.label(*at),
            "title": site.families.title(*at), "family": family.title(), "usual": site.families.is_usual(*at)})
    };
    let (mut words, mut looks) = (Numbers(BTreeMap::new()), Numbers(BTreeMap::new()));
    let mut events = Vec::new();
    for row in table.groups.iter().flat_map(|group| &group.events) {
        let codes: Vec<usize> = row.cells.iter().map(|(look, notes)| looks.of((words.of(look), notes))).collect();
        let is_plain = row.name == row.id && row.href == paths::event_page(&row.id);
        events.push(if is_plain { json!([row.id, codes]) } else { json!([row.id, codes, row.name, row.href]) });
    }
    let word = |look: &Look| {
        let alarm = if look.alarms { " a" } else { "" };
        let class = format!("{}{alarm}", look.class);
        json!([class, look.word, look.ratio, look.marks, look.states, look.promises, look.failures])
    };
    let totals: BTreeMap<&str, &Vec<String>> = table.groups.iter().map(|group| (group.name, &group.totals)).collect();
    let data = json!({
        "columns": table.order.iter().map(column).collect::<Vec<_>>(),
        "words": words.in_order().into_iter().map(word).collect::<Vec<_>>(),
        "looks": looks.in_order(),
        "events": events,
        "totals": totals,
    });
    format!("\"use strict\";\nconst published = {data};\n{UNPACK}")
}

/// Returns as a script what only the comparison of two columns needs: the findings and the signatures.
pub(super) fn details(site: &Site, table: &Table) -> String {
    let finding = |finding: &Finding| json!([finding.title, finding.anchor]);
    let rows = table.groups.iter().flat_map(|group| &group.events).filter(|row| row.signatures.0.len() > 1);
    let data = json!({
        "findings": site.findings.list.iter().map(finding).collect::<Vec<_>>(),
        "signatures": rows.map(|row| (&row.id, &row.signatures)).collect::<BTreeMap<_, _>>(),
    });
    format!("\"use strict\";\nconst details = {data};\n")
}
