//! The doors: operations that raise no event, by area, with what a monitor can watch instead.

use std::collections::BTreeMap;

use askama::Template;

use super::contents::Site;
use super::frame::Frame;
use super::look::Look;
use super::outcome::{Outcome, outcomes};
use super::{escape, paths};
use crate::report::doors::Table;
use crate::results::{CaseRecord, Description, Extent};
use crate::run::TrialRecord;
use crate::suite::{Advice, area};

#[derive(Template)]
#[template(path = "doors.html", config = "harness/report/site/askama.toml")]
pub(super) struct Doors<'a> {
    frame: Frame<'a>,
    count: usize,
    heads: Vec<&'a str>,
    /// The numbers of each runtime, with its slug.
    rows: Vec<(&'a str, &'a str, Vec<String>)>,
    areas: Vec<(&'a str, Vec<Door<'a>>)>,
}

/// One door, with its outcomes.
struct Door<'a> {
    name: &'a str,
    anchor: String,
    api: &'a str,
    /// The description from the door file. Results without cases have none.
    record: Option<&'a Description>,
    advice: Option<&'a Advice>,
    /// The events of which one could think that they tell of it, each with the slug of its page if it has one.
    events: Vec<(&'a str, Option<&'a str>)>,
    /// The number of runtimes with each look, for those that tried it.
    strip: Vec<(Look, usize)>,
    outcomes: Vec<Outcome<'a>>,
}

pub(super) fn page<'a>(site: &'a Site<'a>) -> Doors<'a> {
    let table = Table::new(site.results);
    let row = |row: &crate::report::doors::Row<'a>| (row.runtime, site.runtimes.of(row.runtime), row.texts());
    let mut doors = BTreeMap::<(&str, &str), Vec<&TrialRecord>>::new();
    for trial in &site.results.doors.trials {
        doors.entry((area(&trial.event), &trial.case)).or_default().push(trial);
    }
    let records = site.results.doors.cases.iter();
    let records: BTreeMap<_, _> = records.map(|record| ((area(&record.event), record.case.as_str()), record)).collect();
    let doors_of = |wanted: &str| {
        let own = doors.iter().filter(|((area, _), _)| *area == wanted);
        own.map(|(key, trials)| door(site, *key, trials, records.get(key).copied())).collect()
    };
    let count = Extent::of(site.results).doors;
    let about =
        format!("{count} operations of which no audit event tells, and the things that a monitor can watch instead.");
    Doors {
        frame: site.frame("Doors", about, "", "doors"),
        count,
        heads: table.heads(),
        rows: table.rows.iter().map(row).collect(),
        areas: table.areas.iter().map(|name| (*name, doors_of(name))).collect(),
    }
}

fn door<'a>(
    site: &'a Site<'a>,
    (area, name): (&'a str, &'a str),
    trials: &[&'a TrialRecord],
    record: Option<&'a CaseRecord>,
) -> Door<'a> {
    let record = record.map(|record| &record.description);
    let advice = record.and_then(|record| record.door.as_ref());
    let page = |event: &'a String| {
        let slug = site.trials.contains_key(event.as_str()).then(|| site.events.of(event));
        (event.as_str(), slug)
    };
    let outcomes = outcomes(site, trials);
    let mut strip: Vec<(Look, usize)> = Vec::new();
    for outcome in outcomes.iter().filter(|outcome| !matches!(outcome.look.class, "s" | "u")) {
        match strip.iter_mut().find(|(known, _)| *known == outcome.look) {
            Some((_, count)) => *count += outcome.slugs.len(),
            None => strip.push((outcome.look.clone(), outcome.slugs.len())),
        }
    }
    Door {
        name,
        anchor: paths::door_anchor(area, name),
        api: trials.first().map_or("", |trial| trial.api.as_str()),
        record,
        advice,
        events: advice.map(|advice| advice.events.iter().map(page).collect()).unwrap_or_default(),
        strip,
        outcomes,
    }
}

/// Returns the doors of which one could think that an event tells of them, each with its anchor.
pub(super) fn beside<'a>(site: &'a Site<'a>, event: &str) -> Vec<(String, String)> {
    let names_it = |record: &&CaseRecord| {
        record.description.door.as_ref().is_some_and(|advice| advice.events.iter().any(|known| known == event))
    };
    let door = |record: &CaseRecord| {
        let of = area(&record.event);
        (escape::name(&format!("{of}: {}", record.case)), paths::door_anchor(of, &record.case))
    };
    site.results.doors.cases.iter().filter(names_it).map(door).collect()
}
