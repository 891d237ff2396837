//! The doors: operations that raise no event, by area, with what a monitor can watch instead.

use std::collections::BTreeMap;

use askama::Template;

use super::contents::Site;
use super::frame::Frame;
use super::look::Look;
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

/// One door, with its outcome on each runtime.
struct Door<'a> {
    name: &'a str,
    anchor: String,
    api: &'a str,
    /// The description from the door file. Results without cases have none.
    record: Option<&'a Description>,
    advice: Option<&'a Advice>,
    /// The events of which one could think that they tell of it, each with the slug of its page if it has one.
    events: Vec<(&'a str, Option<&'a str>)>,
    /// The number of trials with each look.
    strip: Vec<(Look, usize)>,
    outcomes: Vec<Outcome<'a>>,
}

/// The outcome of a door on a runtime.
struct Outcome<'a> {
    runtime: &'a str,
    slug: &'a str,
    look: Look,
    reason: &'a str,
    repeat_command: String,
}

pub(super) fn page<'a>(site: &'a Site<'a>) -> Doors<'a> {
    let table = Table::new(site.results);
    let row = |row: &crate::report::doors::Row<'a>| (row.runtime, site.runtimes.of(row.runtime), row.texts());
    Doors {
        frame: site.frame("Doors", "", "doors"),
        count: Extent::of(site.results).doors,
        heads: table.heads(),
        rows: table.rows.iter().map(row).collect(),
        areas: table.areas.iter().map(|name| (*name, doors(site, name))).collect(),
    }
}

fn doors<'a>(site: &'a Site<'a>, wanted: &str) -> Vec<Door<'a>> {
    let mut doors = BTreeMap::<&str, Vec<&TrialRecord>>::new();
    for trial in site.results.doors.trials.iter().filter(|trial| area(&trial.event) == wanted) {
        doors.entry(&trial.case).or_default().push(trial);
    }
    doors.into_iter().map(|(name, trials)| door(site, wanted, name, &trials)).collect()
}

fn door<'a>(site: &'a Site<'a>, wanted: &str, name: &'a str, trials: &[&'a TrialRecord]) -> Door<'a> {
    let is_it = |record: &&CaseRecord| record.case == name && area(&record.event) == wanted;
    let record = site.results.doors.cases.iter().find(is_it).map(|record| &record.description);
    let advice = record.and_then(|record| record.door.as_ref());
    let page = |event: &'a String| {
        let slug = site.trials.contains_key(event.as_str()).then(|| site.events.of(event));
        (event.as_str(), slug)
    };
    let mut strip: Vec<(Look, usize)> = Vec::new();
    for look in trials.iter().map(|trial| Look::of_trial(trial)) {
        match strip.iter_mut().find(|(known, _)| *known == look) {
            Some((_, count)) => *count += 1,
            None => strip.push((look, 1)),
        }
    }
    Door {
        name,
        anchor: paths::door_anchor(wanted, name),
        api: trials.first().map_or("", |trial| trial.api.as_str()),
        record,
        advice,
        events: advice.map(|advice| advice.events.iter().map(page).collect()).unwrap_or_default(),
        strip,
        outcomes: trials.iter().map(|trial| outcome(site, trial)).collect(),
    }
}

fn outcome<'a>(site: &'a Site<'a>, trial: &'a TrialRecord) -> Outcome<'a> {
    Outcome {
        runtime: &trial.runtime,
        slug: site.runtimes.of(&trial.runtime),
        look: Look::of_trial(trial),
        reason: trial.reason.as_deref().unwrap_or_default(),
        repeat_command: site.repeat_command(trial),
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
