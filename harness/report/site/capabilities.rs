//! The capabilities: the kinds of things that operations can do, and how many events with each a runtime keeps.

use askama::Template;

use super::contents::Site;
use super::escape;
use super::frame::Frame;
use super::look::Tally;
use super::paths;
use crate::suite::Capability;

#[derive(Template)]
#[template(path = "capabilities.html", config = "harness/report/site/askama.toml")]
pub(super) struct Capabilities<'a> {
    frame: Frame<'a>,
    /// The newest release of each family: its title and its slug.
    heads: Vec<(String, &'a str)>,
    rows: Vec<Row<'a>>,
}

/// One capability.
struct Row<'a> {
    capability: Capability,
    tallies: Vec<Tally>,
    /// Its events, each with the slug of its page.
    events: Vec<(String, &'a str)>,
}

pub(super) fn page<'a>(site: &'a Site<'a>) -> Capabilities<'a> {
    let usual =
        |family: &super::families::Family| family.columns.iter().copied().find(|one| site.families.is_usual(*one));
    let columns: Vec<usize> = site.families.list.iter().filter_map(usual).collect();
    let row = |capability: Capability| {
        let has_it = |event: &str| site.capabilities.get(event).is_some_and(|all| all.contains(&capability));
        let rows: Vec<_> = site.rows().filter(|row| has_it(row.event)).collect();
        let tally = |column: &usize| Tally::of(rows.iter().map(|row| row.cells[*column].as_ref()));
        let events = rows.iter().map(|row| (escape::name(row.event), site.events.of(row.event)));
        Row { capability, tallies: columns.iter().map(tally).collect(), events: events.collect() }
    };
    let about =
        "The events of Python by the things that their operations can do, and how many of them each Python keeps.";
    Capabilities {
        frame: site.frame("Capabilities", about.to_owned(), "", "capabilities"),
        heads: columns.iter().map(|column| (site.families.title(*column), site.slug(*column))).collect(),
        rows: Capability::ALL.into_iter().map(row).filter(|row| !row.events.is_empty()).collect(),
    }
}
