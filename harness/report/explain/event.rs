//! The explanation of an event.

use std::collections::{BTreeMap, BTreeSet};

use super::{arguments, gaps, veto};
use crate::coverage::catalogue::{Catalogue, Entry};
use crate::report::fold::{field, first, folded};
use crate::report::links::{TABLE, documentation, tracker};
use crate::report::style::{FAINT, HEAD, paint};
use crate::report::versions;
use crate::suite::{Case, EventFile, Source, Suite, Variant, VetoPromise, is_rule};

/// The number of doors that are shown beside an event.
const DOORS: usize = 5;

/// The number of cases that are named in a line.
const CASES: usize = 3;

/// The number of links to the documentation, and of links to trackers.
const LINKS: usize = 4;

/// The page of the rules.
const PEP: &str = "https://peps.python.org/pep-0578/";

/// Explains an event.
pub(super) fn render(source: &Source, suite: &Suite, catalogue: &Catalogue) -> String {
    let file = &source.file;
    let entry = catalogue.entry(&file.event);
    let mut text = format!("{}\n\n", paint(HEAD, &file.event));
    text += &field("arguments", &signatures(file));
    text += &field("can", &capabilities(entry));
    text += &field("raised by", &[file.raised_by.join(", ")]);
    text += &field("Python", &[versions::of_python(&file.python).unwrap_or_else(|| "all versions".to_owned())]);
    let platforms: Vec<String> = file.platform.iter().map(ToString::to_string).collect();
    text += &field("platforms", &[if platforms.is_empty() { "all".to_owned() } else { platforms.join(", ") }]);
    text += &field("documented", &[if file.documented { "yes, by name" } else { "no" }.to_owned()]);
    text += &field("veto", &vetoes(file));
    text += &field("times", &times(file));
    text += &field("cases", &[format!("{} (audit578 list '{}')", file.cases.len(), file.event)]);
    text += &arguments::section(file);
    text += &gaps::section(file);
    text += &doors(&file.event, suite);
    text + &links(source, entry)
}

/// Returns the event with its arguments, once for each range of versions that has others.
fn signatures(file: &EventFile) -> Vec<String> {
    let signature = |variant: &Variant| {
        let python = versions::of_python(&variant.python).map(|words| format!("  {words}")).unwrap_or_default();
        format!("{}({}){python}", file.event, variant.arguments.join(", "))
    };
    file.arguments.0.iter().map(signature).collect()
}

fn capabilities(entry: Option<&Entry>) -> Vec<String> {
    let words = |entry: &Entry| entry.capabilities.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    entry.map(words).into_iter().filter(|words| !words.is_empty()).collect()
}

/// Says what the cases show of an exception from the hook: a line for each promise.
fn vetoes(file: &EventFile) -> Vec<String> {
    let mut promises = BTreeMap::<VetoPromise, Vec<&Case>>::new();
    for case in file.cases.iter().filter(|case| file.expects_event(case)) {
        promises.entry(case.veto()).or_default().push(case);
    }
    let line = |(promise, cases): (&VetoPromise, &Vec<&Case>)| {
        let is_usual = matches!(promise, VetoPromise::Stops | VetoPromise::Query);
        let cases = if is_usual { count(cases.len()) } else { named(cases) };
        format!("{} ({cases})", veto::in_words(*promise))
    };
    promises.iter().map(line).collect()
}

/// Says how often the snippets of cases raise the event: a line for each number.
fn times(file: &EventFile) -> Vec<String> {
    let mut times = BTreeMap::<usize, Vec<&Case>>::new();
    for case in &file.cases {
        let count = case.expect.iter().filter(|expected| expected.is_of(file)).count();
        times.entry(count).or_default().push(case);
    }
    let not_at_all = times.remove(&0);
    let line = |(number, cases): (&usize, &Vec<&Case>)| match number {
        1 => format!("once in {}", count(cases.len())),
        number => format!("{number} times in {}", named(cases)),
    };
    let not_at_all = not_at_all.map(|cases| format!("not at all in {}", named(&cases)));
    times.iter().map(line).chain(not_at_all).collect()
}

fn count(cases: usize) -> String {
    if cases == 1 { "1 case".to_owned() } else { format!("{cases} cases") }
}

/// Names the first cases, each with its API.
fn named(cases: &[&Case]) -> String {
    let names: Vec<String> = cases.iter().map(|case| format!("{} [{}]", case.name, case.api)).collect();
    first(names.iter().map(String::as_str), CASES)
}

/// Lists doors of which one could think that the event tells of them.
fn doors(event: &str, suite: &Suite) -> String {
    let beside: Vec<_> = suite
        .doors()
        .filter(|(_, case)| case.door.as_ref().is_some_and(|advice| advice.events.iter().any(|one| one == event)))
        .collect();
    if beside.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", paint(HEAD, format!("Doors beside it, which raise no event ({})", beside.len())));
    for (source, case) in beside.iter().take(DOORS) {
        let why = case.door.as_ref().map(|advice| advice.why.as_str()).unwrap_or_default();
        text += &folded(&format!("  {}: ", source.file.id(case)), why, 4);
    }
    if beside.len() > DOORS {
        text += &format!("  {}\n", paint(FAINT, "... (audit578 list 'doors.*')"));
    }
    text
}

/// Lists where Python's documentation describes the event, at the APIs that its table of events links to, and the issues
/// that cases are named after.
fn links(source: &Source, entry: Option<&Entry>) -> String {
    let apis = entry.map(|entry| entry.apis.as_slice()).unwrap_or_default();
    let mut links: Vec<String> =
        apis.iter().filter_map(|api| documentation(source.module(), api)).take(LINKS).collect();
    if links.is_empty() {
        links.push(if is_rule(&source.file.event) { PEP } else { TABLE }.to_owned());
    }
    let trackers: BTreeSet<String> = source.file.cases.iter().filter_map(|case| tracker(&case.name)).collect();
    links.extend(trackers.into_iter().take(LINKS));
    let text: String = links.iter().map(|link| format!("  {link}\n")).collect();
    format!("\n{}\n{text}", paint(HEAD, "Links"))
}
