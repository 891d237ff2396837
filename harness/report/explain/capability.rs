//! The explanation of a capability: the events whose operations have it.

use std::collections::BTreeSet;

use crate::coverage::catalogue::{Catalogue, Entry};
use crate::report::fold::folded;
use crate::report::style::{FAINT, HEAD, paint};
use crate::report::versions;
use crate::suite::{Capability, Suite, is_rule};

/// Explains a capability.
pub(super) fn render(capability: Capability, suite: &Suite, catalogue: &Catalogue) -> String {
    let entries = catalogue.0.iter().filter(|entry| entry.capabilities.contains(&capability));
    let lines: Vec<String> = entries.filter(|entry| !is_rule(&entry.event)).map(line).collect();
    let mut text = format!("{}\n\n{}", paint(HEAD, capability), folded("", capability.meaning(), 0));
    text += &format!("\n{}\n{}", paint(HEAD, format!("Events ({})", lines.len())), lines.concat());
    let doors = suite.doors().filter(|(_, door)| door.capabilities.contains(&capability)).map(|(_, door)| &door.api);
    let doors: BTreeSet<&str> = doors.map(String::as_str).collect();
    if !doors.is_empty() {
        text += &format!("\n{}\n", paint(HEAD, format!("Doors, which raise no event ({})", doors.len())));
        text += &folded("  ", &doors.into_iter().collect::<Vec<_>>().join(", "), 2);
    }
    text + &format!("\n{}\n", paint(FAINT, format!("To test a hook: audit578 guard HOOK --deny {capability}")))
}

/// Renders the newest signature of an event, and where it is raised if that is not everywhere.
fn line(entry: &Entry) -> String {
    let names = entry.arguments.0.last().map(|variant| variant.arguments.join(", ")).unwrap_or_default();
    let platforms: Vec<String> = entry.platform.iter().map(ToString::to_string).collect();
    let python = versions::of_python(&entry.python).map(|words| format!("Python {words}"));
    let limits: Vec<String> = python.into_iter().chain((!platforms.is_empty()).then(|| platforms.join(", "))).collect();
    let limits = if limits.is_empty() { String::new() } else { format!("; {}", limits.join("; ")) };
    folded("  ", &format!("{}({names}){limits}", entry.event), 4)
}
