//! The answer as text for a terminal: a table by capability, then the worst operations.

use std::fmt::Write as _;

use super::parts::{self, COSTS, NOT_A_SANDBOX};
use crate::report::style::{BAD, FAINT, GOOD, HEAD, KNOWN, paint};
use crate::report::text::clean;
use crate::run::guard::{Answer, Control, Cost, Findings, Outcome, Row, Tried};

/// The most lines of a snippet that are shown.
const LINES: usize = 3;

/// Renders an answer with at most so many operations.
pub(crate) fn render(answer: &Answer, ways: usize) -> String {
    let mut text = String::new();
    for findings in &answer.runtimes {
        text += &format!("{} on {}\n\n", clean(&answer.hook), clean(&findings.runtime));
        if findings.costs.is_empty() {
            text += &format!("{}{}{}\n", table(answer, findings), control(findings), worst(findings, ways));
        } else {
            text += &format!("{}\n", costs(&findings.costs));
        }
    }
    text + &warning()
}

fn table(answer: &Answer, findings: &Findings) -> String {
    let columns = parts::columns(answer);
    let heads: Vec<String> = columns.iter().map(ToString::to_string).collect();
    let mut text = format!("{}\n", paint(HEAD, format!("{:<12}  {}", "capability", heads.join("  "))));
    for row in &findings.capabilities {
        let _ = write!(text, "{:<12}", format!("{}{}", row.capability, parts::mark(row.must)));
        for (outcome, head) in columns.iter().zip(&heads) {
            let cell = format!("{:>width$}", parts::cell(row, *outcome), width = head.len());
            let _ = write!(text, "  {}", paint(style(row, *outcome), cell));
        }
        text.push('\n');
    }
    for sentence in parts::marks(answer).into_iter().chain(parts::doors(findings)) {
        let _ = writeln!(text, "{}", paint(FAINT, sentence));
    }
    if findings.not_tried > 0 {
        let _ = writeln!(text, "{}", paint(FAINT, format!("not tried here: {}", findings.not_tried)));
    }
    text
}

fn style(row: &Row, outcome: Outcome) -> anstyle::Style {
    match outcome {
        _ if parts::count(row, outcome) == 0 => FAINT,
        Outcome::Denied => GOOD,
        Outcome::NoEvent => KNOWN,
        _ if parts::is_bad(row, outcome) => BAD,
        _ => anstyle::Style::new(),
    }
}

fn control(findings: &Findings) -> String {
    let mut text = parts::harmless(findings).map(|sentence| format!("\n{sentence}\n")).unwrap_or_default();
    let disturbed = |control: &Control| Some((control.operation, control.disturbed.clone()?));
    for (operation, reason) in findings.harmless.iter().filter_map(disturbed) {
        let _ = writeln!(text, "  {} {operation}: {}", paint(BAD, "disturbed"), clean(&reason));
    }
    text
}

fn worst(findings: &Findings, ways: usize) -> String {
    let worst = findings.worst();
    if worst.is_empty() || ways == 0 {
        return String::new();
    }
    let title = format!("Worst first ({} of {} APIs)", ways.min(worst.len()), worst.len());
    let operations: String = worst.into_iter().take(ways).map(operation).collect();
    format!("\n{}\n{operations}", paint(HEAD, title))
}

fn operation(tried: &Tried) -> String {
    let words: Vec<String> = tried.capabilities.iter().map(ToString::to_string).collect();
    let style = if tried.outcome == Outcome::NoEvent { KNOWN } else { BAD };
    let mut text =
        format!("\n{} {} ({}, {})\n", paint(style, tried.outcome), clean(&tried.api), words.join(", "), tried.id);
    for line in tried.snippet.lines().filter(|line| !line.trim().is_empty()).take(LINES) {
        let _ = writeln!(text, "    {}", clean(line));
    }
    if let Some(seen) = &tried.raised {
        let _ = writeln!(text, "  the event to look at: {}", clean(&parts::event(seen)));
    }
    if let Some(objection) = &tried.objection {
        let _ = writeln!(text, "  the hook raised {}", clean(objection));
    }
    if let Some(instead) = tried.instead.as_ref().filter(|_| tried.is_open_door()) {
        let _ = writeln!(text, "  instead: {}", clean(instead));
    }
    text
}

fn costs(costs: &[Cost]) -> String {
    let rows = costs.iter().map(parts::costs);
    let line = |[operation, none, empty, hook]: [&str; 4]| format!("{operation:<20}{none:>14}{empty:>12}{hook:>12}");
    let mut text = format!("{}\n", paint(HEAD, line(COSTS)));
    for cells in rows {
        let _ = writeln!(text, "{}", line(cells.each_ref().map(String::as_str)));
    }
    for (operation, objection) in costs.iter().filter_map(|cost| Some((&cost.operation, cost.objection.as_ref()?))) {
        let _ = writeln!(text, "{} {operation}: {}", paint(KNOWN, "denied"), clean(objection));
    }
    text
}

fn warning() -> String {
    let mut text = format!("{}\n", paint(HEAD, "No hook makes a sandbox"));
    for (reason, link) in NOT_A_SANDBOX {
        let link = link.map(|link| format!("\n  {link}")).unwrap_or_default();
        let _ = writeln!(text, "{}", paint(FAINT, format!("- {reason}{link}")));
    }
    text
}
