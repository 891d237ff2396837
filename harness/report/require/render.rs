//! A requirement as text for a terminal.

use super::requirement::{Break, Checked, EventRequirement, Requirement, Support, Supported};
use crate::report::compatibility::Note;
use crate::report::fold::folded;
use crate::report::style::{FAINT, HEAD, paint};

/// The reasons that are shown of each event.
const REASONS: usize = 2;

/// Renders where each event is kept, and then which releases break the requirement.
pub(crate) fn render(requirement: &Requirement) -> String {
    let mut text: String = requirement.events.iter().map(event).collect();
    text += &format!("\n{}\n", paint(HEAD, "The requirement"));
    let python = match requirement.python.as_str() {
        "" => String::new(),
        python => format!(" for Python {python}"),
    };
    for (on, releases) in &requirement.checked {
        text += &verdict(&format!("  {on}{python}: "), releases);
    }
    text + &legend(requirement)
}

/// Renders an event: a line for each implementation and platform.
fn event(event: &EventRequirement) -> String {
    let arguments: Vec<&str> = event.arguments.iter().map(String::as_str).collect();
    let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
    let width = event.support.keys().map(String::len).max().unwrap_or_default() + 4;
    let line = |(on, ranges): (&String, &Vec<Supported>)| {
        let words: Vec<String> = ranges.iter().map(in_words).collect();
        folded(&format!("{:<width$}", format!("  {on}")), &words.join("; "), width)
    };
    let none = if event.support.is_empty() { "  on no platform that was tested\n" } else { "" };
    format!(
        "{}\n{}{none}",
        paint(HEAD, format!("{}{arguments}", event.event)),
        event.support.iter().map(line).collect::<String>()
    )
}

fn in_words(range: &Supported) -> String {
    let versions = if range.from == range.to { range.from.clone() } else { format!("{} to {}", range.from, range.to) };
    format!("{} {versions}{}", word(&range.support), faults(&range.support))
}

fn word(support: &Support) -> &'static str {
    match support {
        Support::Kept => "kept",
        Support::Partly(_) => "partly",
        Support::Missing => "missing",
        Support::Absent => "absent",
        Support::Untested => "untested",
    }
}

fn faults(support: &Support) -> String {
    match support {
        Support::Partly(faults) => format!(" ({})", faults.join("; ")),
        _ => String::new(),
    }
}

/// Says which release breaks the requirement first, why, and from which release on none does.
fn verdict(head: &str, releases: &[Checked]) -> String {
    let Some(first) = releases.iter().find(|release| !release.breaks.is_empty()) else {
        return folded(head, &format!("kept by {}", versions(releases)), 4);
    };
    let others = match releases.iter().filter(|release| !release.breaks.is_empty()).count() {
        1 => String::new(),
        2 => ", and by 1 later release".to_owned(),
        count => format!(", and by {} later releases", count - 1),
    };
    let mut text = folded(head, &format!("broken by {}{others}", first.version), 4);
    for (event, Break { support, reasons }) in &first.breaks {
        text += &folded("    ", &format!("{event}: {}{}", word(support), faults(support)), 6);
        text += &because(reasons);
    }
    let kept = releases.iter().rposition(|release| !release.breaks.is_empty()).map_or(0, |last| last + 1);
    match &releases[kept..] {
        [] => text,
        later => text + &folded("    ", &format!("all is kept by {}", versions(later)), 4),
    }
}

/// Returns the first and the last of some releases.
fn versions(releases: &[Checked]) -> String {
    match releases {
        [] => String::new(),
        [only] => only.version.clone(),
        [first, .., last] => format!("{} to {}", first.version, last.version),
    }
}

/// Renders the first reasons why a release does not keep an event.
fn because(reasons: &[Note]) -> String {
    let line = |note: &Note| {
        let url = note.impl_url.as_deref().unwrap_or_default();
        folded("      ", &format!("{} {url}", note.text), 6)
    };
    let more = reasons.len().saturating_sub(REASONS);
    let more = if more == 0 { String::new() } else { format!("      and {more} more (--json has all)\n") };
    reasons.iter().take(REASONS).map(line).collect::<String>() + &more
}

/// Explains the words that are not plain.
fn legend(requirement: &Requirement) -> String {
    let mut lines = Vec::new();
    if requirement.events.iter().any(|event| event.arguments.is_empty()) {
        lines.push("Arguments are checked where they are named: open(path, mode), or open(*) for all.");
    }
    let has_absent =
        |event: &EventRequirement| event.support.values().flatten().any(|range| range.support == Support::Absent);
    if requirement.events.iter().any(has_absent) {
        lines.push("absent: that version of Python does not promise the event.");
    }
    let text: String = lines.into_iter().map(|line| folded("", line, 0)).collect();
    if text.is_empty() { text } else { format!("\n{}", paint(FAINT, text)) }
}
