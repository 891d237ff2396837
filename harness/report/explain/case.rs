//! The explanation of a case: its code, the events that it expects, and its known gaps.

use super::{gaps, veto};
use crate::report::fold::{field, folded};
use crate::report::links::{documentation, tracker};
use crate::report::style::{FAINT, HEAD, paint};
use crate::report::text::clean;
use crate::report::versions;
use crate::suite::{Args, Case, EventFile, Expected, Source};

/// Explains a case or a door.
pub(super) fn render(source: &Source, case: &Case) -> String {
    let file = &source.file;
    let mut text = format!("{}\n\n", paint(HEAD, file.id(case)));
    for (name, value) in facts(source, case) {
        text += &field(name, &[value]);
    }
    for (name, code) in
        [("Setup", Some(&case.setup)), ("Snippet", case.snippet.as_ref()), ("Effect", case.effect.as_ref())]
    {
        let Some(code) = code.filter(|code| !code.is_empty()) else { continue };
        let lines: String = code.lines().map(|line| format!("    {}\n", clean(line))).collect();
        text += &format!("\n{}\n{lines}", paint(HEAD, name));
    }
    text += &events(file, case);
    text += &gaps::of_case(file, case);
    if let Some(advice) = &case.door {
        text += &format!("\n{}{}", folded("why: ", &advice.why, 5), folded("instead: ", &advice.instead, 9));
    }
    text + &format!("\n{}", paint(FAINT, format!("A script of it: audit578 repro {}\n", file.id(case))))
}

fn facts(source: &Source, case: &Case) -> Vec<(&'static str, String)> {
    let platforms: Vec<String> = case.platform.iter().map(ToString::to_string).collect();
    let python = versions::of_python(&case.python);
    let mut facts = vec![("calls", case.api.clone()), ("file", source.location.clone())];
    let capabilities: Vec<String> = case.capabilities.iter().map(ToString::to_string).collect();
    facts.extend((!capabilities.is_empty()).then(|| ("can", capabilities.join(", "))));
    facts.extend(python.map(|words| ("Python", words)));
    facts.extend((!platforms.is_empty()).then(|| ("platforms", platforms.join(", "))));
    facts.extend((!case.needs.is_empty()).then(|| {
        let needs: Vec<String> = case.needs.iter().map(ToString::to_string).collect();
        ("needs", needs.join(", "))
    }));
    if case.is_vetoed(&source.file) || case.because.is_some() {
        let because = case.because.as_ref().map(|because| format!(" ({because})")).unwrap_or_default();
        facts.push(("veto", format!("{}{because}", veto::in_words(case.veto()))));
    }
    facts.extend(documentation(source.module(), &case.api).map(|link| ("docs", link)));
    facts.extend(tracker(&case.name).map(|link| ("tracker", link)));
    facts
}

/// Lists the events that the case expects, with the shapes of their arguments.
fn events(file: &EventFile, case: &Case) -> String {
    if case.door.is_some() {
        return String::new();
    }
    let mut text = format!("\n{}\n", paint(HEAD, "Events"));
    for expected in &case.expect {
        text += &folded("  ", &event(file, expected), 4);
    }
    let none = if case.expect.is_empty() { "  none of this name\n" } else { "" };
    text + none + if case.only { "  no others\n" } else { "" }
}

fn event(file: &EventFile, expected: &Expected) -> String {
    let name = expected.event.as_ref().unwrap_or(&file.event);
    let arguments: Vec<String> = match &expected.args {
        Args::Named(named) => named.iter().map(|(name, shape)| format!("{name}: {}", shape.argument(name))).collect(),
        Args::Positional(shapes) => shapes.iter().map(ToString::to_string).collect(),
    };
    format!("{name}({})", arguments.join(", "))
}
