//! Explanations: all that the suite knows of an event, a case, a capability or a verdict, as text for a terminal. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::style::{FAINT, HEAD, paint};
use super::text::clean;
use crate::coverage::catalogue::{Catalogue, Entry};
use crate::suite::{Args, Capability, Case, EventFile, Source, Strength, Suite, Verdict, VetoPromise, is_rule};

/// The width of the text.
const WIDTH: usize = 80;

/// The number of doors that are shown beside an event.
const DOORS: usize = 5;

/// Explains a topic: the name of an event, the id of a case, a capability, or a verdict.
///
/// # Errors
/// A message that there is no such topic, with the nearest name.
pub(crate) fn render(topic: &str, suite: &Suite, catalogue: &Catalogue) -> Result<String, String> {
    let verdict = || Verdict::ALL.into_iter().find(|verdict| verdict.to_string() == topic);
    if let Some(source) = suite.files.iter().find(|source| source.file.event == topic) {
        Ok(event(source, suite, catalogue))
    } else if let Some((source, found)) = suite.runnable().find(|(source, case)| source.file.id(case) == topic) {
        Ok(case(source, found))
    } else if let Some(found) = Capability::named(topic) {
        Ok(capability(found, catalogue))
    } else if let Some(found) = verdict() {
        Ok(format!("{}\n\n{}", paint(HEAD, found), folded("", found.meaning())))
    } else {
        Err(unknown(topic, suite))
    }
}

fn unknown(topic: &str, suite: &Suite) -> String {
    let events = suite.files.iter().map(|source| source.file.event.clone());
    let cases = suite.runnable().map(|(source, case)| source.file.id(case));
    let words = Capability::ALL.iter().map(ToString::to_string).chain(Verdict::ALL.iter().map(ToString::to_string));
    let names: Vec<String> = events.chain(words).chain(cases).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let near = similar::get_close_matches(topic, &names, 1, 0.6);
    let hint = near.first().map_or_else(
        || "name an event such as `os.mkdir`, a case, a capability such as `network`, or a verdict".to_owned(),
        |name| format!("did you mean `{name}`?"),
    );
    format!("there is nothing to explain about `{}` ({hint})", clean(topic))
}

fn event(source: &Source, suite: &Suite, catalogue: &Catalogue) -> String {
    let file = &source.file;
    let entry = catalogue.entry(&file.event);
    let mut text = format!("{}\n\n", paint(HEAD, &file.event));
    for variant in &file.arguments.0 {
        let signature = format!("{}({})", file.event, variant.arguments.join(", "));
        text += &field("arguments", &[signature, python(&variant.python.to_string())].join("  "));
    }
    text += &field("can", &capabilities(entry).join(", "));
    text += &field("raised by", &file.raised_by.join(", "));
    text += &field("Python", &python(&file.python.to_string()));
    let platforms: Vec<String> = file.platform.iter().map(|platform| platform.word()).collect();
    let platforms = if platforms.is_empty() { "all".to_owned() } else { platforms.join(", ") };
    text += &field("platforms", &platforms);
    text += &field("documented", if file.documented { "yes, by name" } else { "no" });
    text += &field("veto", &veto(file));
    text += &field("cases", &format!("{} (audit578 list '{}')", file.cases.len(), file.event));
    text += &arguments(file);
    text += &gaps(file);
    text + &doors(&file.event, suite)
}

fn capabilities(entry: Option<&Entry>) -> Vec<String> {
    entry.map(|entry| entry.capabilities.iter().map(ToString::to_string).collect()).unwrap_or_default()
}

fn python(versions: &str) -> String {
    if versions.is_empty() { "3.8 and later".to_owned() } else { versions.to_owned() }
}

/// Says what the cases show of an exception from the hook.
fn veto(file: &EventFile) -> String {
    let mut counts = BTreeMap::<VetoPromise, usize>::new();
    for case in file.cases.iter().filter(|case| file.expects_event(case)) {
        *counts.entry(case.veto()).or_default() += 1;
    }
    let words = |promise| match promise {
        VetoPromise::Stops => "stops the operation before it has an effect",
        VetoPromise::Query => "arrives (a query: its answer is lost)",
        VetoPromise::Swallowed => "stops the operation, and does not reach the caller",
        VetoPromise::After => "comes when the operation has happened",
        VetoPromise::None => "not promised",
    };
    let parts: Vec<String> =
        counts.iter().map(|(promise, count)| format!("{} ({count} cases)", words(*promise))).collect();
    parts.join("; ")
}

/// Lists the shapes that the cases demand of each argument, the strictest check first.
fn arguments(file: &EventFile) -> String {
    let mut shapes = BTreeMap::<&str, BTreeSet<(std::cmp::Reverse<Strength>, String)>>::new();
    for expected in file.cases.iter().flat_map(|case| &case.expect).filter(|expected| expected.is_of(file)) {
        if let Args::Named(named) = &expected.args {
            for (name, shape) in named {
                shapes.entry(name).or_default().insert((std::cmp::Reverse(shape.strength()), shape.to_string()));
            }
        }
    }
    if shapes.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", paint(HEAD, "Arguments, as the cases demand them"));
    for name in file.arguments.names() {
        let words: Vec<String> = shapes.get(name).into_iter().flatten().map(|(_, words)| words.clone()).collect();
        let more = words.len().saturating_sub(6);
        let words = words.into_iter().take(6).collect::<Vec<_>>().join("; ");
        let more = if more == 0 { String::new() } else { format!("; and {more} more") };
        text += &folded(&format!("  {name}: "), &format!("{words}{more}"));
    }
    text
}

fn gaps(file: &EventFile) -> String {
    if file.known_gaps.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", paint(HEAD, format!("Known gaps ({})", file.known_gaps.len())));
    for gap in &file.known_gaps {
        let versions =
            [gap.python.to_string(), gap.implementation.as_ref().map(ToString::to_string).unwrap_or_default()];
        let versions: String = versions.iter().filter(|text| !text.is_empty()).map(|text| format!(" {text}")).collect();
        let cases: Vec<&str> = gap.cases.iter().map(crate::suite::Glob::as_str).collect();
        let head = format!("  {}{versions}: ", gap.runtime.as_str());
        let issue = gap.issue.as_ref().map(|issue| format!(" {issue}")).unwrap_or_default();
        text += &folded(&head, &format!("{}, {} ({}). {}{issue}", gap.verdict, gap.kind, cases.join(" "), gap.reason));
    }
    text
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
        text += &folded(&format!("  {}: ", source.file.id(case)), why);
    }
    if beside.len() > DOORS {
        let _ = writeln!(text, "  {}", paint(FAINT, "... (audit578 list 'doors.*')"));
    }
    text
}

fn case(source: &Source, case: &Case) -> String {
    let file = &source.file;
    let mut text = format!("{}\n\n{}", paint(HEAD, file.id(case)), field("calls", &case.api));
    text += &field("file", &source.location);
    for (name, code) in
        [("setup", Some(&case.setup)), ("snippet", case.snippet.as_ref()), ("effect", case.effect.as_ref())]
    {
        let Some(code) = code.filter(|code| !code.is_empty()) else { continue };
        let lines: String = code.lines().map(|line| format!("    {}\n", clean(line))).collect();
        let _ = write!(text, "\n{}\n{lines}", paint(HEAD, name));
    }
    if let Some(advice) = &case.door {
        text += &format!("\n{}{}", folded("why: ", &advice.why), folded("instead: ", &advice.instead));
    }
    text + &format!("\n{}", paint(FAINT, format!("A script of it: audit578 repro {}\n", file.id(case))))
}

fn capability(capability: Capability, catalogue: &Catalogue) -> String {
    let entries = catalogue.0.iter().filter(|entry| entry.capabilities.contains(&capability));
    let events: Vec<&str> = entries.map(|entry| entry.event.as_str()).filter(|event| !is_rule(event)).collect();
    format!(
        "{}\n\n{}\n{}",
        paint(HEAD, capability),
        folded("", capability.meaning()),
        folded(&format!("{} events: ", events.len()), &events.join(", "))
    )
}

/// Renders a name and its value, folded to the width of the text.
fn field(name: &str, value: &str) -> String {
    folded(&format!("{name:<12}"), value)
}

/// Renders a head and words behind it. Lines after the first are indented.
fn folded(head: &str, words: &str) -> String {
    let indent = match head {
        "" => 0,
        head if head.starts_with(' ') => 4,
        head => head.len().min(12),
    };
    let mut text = head.to_owned();
    let mut width = head.chars().count();
    for (index, word) in words.split_whitespace().enumerate() {
        let length = word.chars().count();
        if index > 0 && width + 1 + length > WIDTH {
            let _ = write!(text, "\n{:indent$}", "");
            width = indent;
        } else if index > 0 {
            text.push(' ');
            width += 1;
        }
        text += &clean(word);
        width += length;
    }
    text + "\n"
}
