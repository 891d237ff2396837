//! A comparison as text for a terminal: what got worse, with details, then all other differences.

use std::fmt::Display;

use anstyle::Style;

use super::differences::{COUNTED, both_scores, by_event, groups};
use super::scores::HEADS;
use super::style::{BAD, FAINT, GOOD, HEAD, KNOWN, paint};
use super::terminal::details;
use super::text::clean;
use crate::results::compare::{Change, Comparison, TrialDifference};
use crate::results::{Header, short_hash};

/// Renders a comparison.
pub(crate) fn render(comparison: &Comparison) -> String {
    let mut text = format!("{}{}", run("old", comparison.old), run("new", comparison.new));
    text += &suite(comparison);
    for difference in comparison.trials.iter().filter(|trial| trial.change == Change::Worse) {
        text += &format!("\n{}\n", headline(difference));
        if let Some(trial) = difference.new {
            text += &details(trial, &comparison.repeat_command(trial));
        }
    }
    for change in [Change::Other, Change::Better] {
        text += &list(comparison, change);
    }
    text += &runtimes(comparison);
    text += &scores(comparison);
    text + &summary(comparison)
}

fn run(name: &str, header: &Header) -> String {
    let suite = short_hash(&header.suite);
    paint(FAINT, clean(&format!("{name}: {}, {}, suite {suite}", header.started, header.host))) + "\n"
}

fn style(change: Change) -> Style {
    match change {
        Change::Worse => BAD,
        Change::Other | Change::Removed | Change::Added => KNOWN,
        Change::Better => GOOD,
        Change::Unchanged => FAINT,
    }
}

/// Renders how the suites differ.
fn suite(comparison: &Comparison) -> String {
    let suite = &comparison.suite;
    let mut text = String::new();
    if !suite.same {
        text += &format!("\n{}\n", paint(KNOWN, "the suites differ: only the cases that both have are compared"));
    }
    for (what, ids) in [
        ("with another definition, so never worse or better", &suite.redefined),
        ("in the new results only", &suite.added),
        ("in the old results only", &suite.removed),
    ] {
        if !ids.is_empty() {
            text += &format!("cases {what} ({}):\n", ids.len());
            for (event, cases) in by_event(ids) {
                text += &format!("  {} ({})\n", clean(event), clean(&cases.join(", ")));
            }
        }
    }
    text
}

fn headline(difference: &TrialDifference) -> String {
    let TrialDifference { id, runtime, change, .. } = difference;
    format!(
        "{} {} on {}: {}",
        paint(style(*change), change),
        paint(HEAD, clean(id)),
        clean(runtime),
        difference.summary()
    )
}

/// Renders the trials of a change. Runtimes on which a case differs in the same way share a line.
fn list(comparison: &Comparison, change: Change) -> String {
    let groups = groups(comparison, change);
    if groups.is_empty() {
        return String::new();
    }
    let lines = groups.iter().map(|((id, summary), runtimes)| {
        format!("  {} on {}: {summary}\n", paint(HEAD, clean(id)), clean(&runtimes.join(", ")))
    });
    format!("\n{}\n{}", paint(style(change), change), lines.collect::<String>())
}

/// Renders a line for each runtime: the numbers of its trials by change.
fn runtimes(comparison: &Comparison) -> String {
    let width = name_width(comparison);
    let mut text = format!("\n{}\n", paint(HEAD, row("runtime", width, &COUNTED)));
    for runtime in &comparison.runtimes {
        let cells = COUNTED.map(|change| runtime.trials.get(&change).copied().unwrap_or_default());
        text += &paint(style(runtime.change), row(&clean(&runtime.name()), width, &cells));
        text += &runtime.note().map_or(String::new(), |note| format!("  {}", clean(&note)));
        text += "\n";
    }
    text
}

/// Renders a line for each runtime: the numbers of its trials by standing, in the old and the new results.
fn scores(comparison: &Comparison) -> String {
    let width = name_width(comparison);
    let lines = comparison.runtimes.iter().map(|runtime| {
        let style = if runtime.old_score == runtime.new_score { FAINT } else { Style::new() };
        format!("{}\n", paint(style, row(&clean(&runtime.name()), width, &both_scores(runtime))))
    });
    format!("\n{}\n{}", paint(HEAD, row("runtime", width, &HEADS)), lines.collect::<String>())
}

/// Returns the width of the column with the names of runtimes.
fn name_width(comparison: &Comparison) -> usize {
    let names = comparison.runtimes.iter().map(|runtime| clean(&runtime.name()).chars().count());
    names.max().unwrap_or_default().max("runtime".len())
}

fn row<T: Display>(name: &str, width: usize, cells: &[T]) -> String {
    let cells: String = cells.iter().map(|cell| format!("  {cell:>11}")).collect();
    format!("{name:<width$}{cells}")
}

fn summary(comparison: &Comparison) -> String {
    let line = comparison.summary();
    let style = if comparison.is_worse() { BAD } else { GOOD };
    format!("\n{}\n", paint(style, line))
}
