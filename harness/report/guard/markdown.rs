//! The answer as Markdown, for a job summary.

use super::parts::{self, COSTS, NOT_A_SANDBOX};
use crate::report::markdown::{block, code, escape, table};
use crate::report::text::clean;
use crate::run::guard::{Answer, Findings, Outcome, Row, Tried};

/// Renders an answer with at most so many operations of each runtime.
pub(crate) fn render(answer: &Answer, ways: usize) -> String {
    let mut text = format!("## Audit hook {}{}\n", code(&answer.hook), if answer.fails() { ": it fails" } else { "" });
    for findings in &answer.runtimes {
        text += &format!("\n### {}\n\n", code(&findings.runtime));
        text += &if findings.costs.is_empty() { tried(answer, findings, ways) } else { costs(findings) };
    }
    text + &warning()
}

fn tried(answer: &Answer, findings: &Findings, ways: usize) -> String {
    let columns = parts::columns(answer);
    let heads: Vec<String> =
        ["capability".to_owned()].into_iter().chain(columns.iter().map(ToString::to_string)).collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let row = |row: &Row| {
        let name = format!("{}{}", row.capability, parts::mark(row.must));
        [name].into_iter().chain(columns.iter().map(|outcome| cell(row, *outcome))).collect()
    };
    let mut text = table(&heads, findings.capabilities.iter().map(row));
    for sentence in [parts::marks(answer), parts::doors(findings), parts::harmless(findings)].into_iter().flatten() {
        text += &format!("\n{}\n", escape(&sentence));
    }
    for control in &findings.harmless {
        if let Some(reason) = &control.disturbed {
            text += &format!("\n**disturbed** {}: {}\n", control.operation, escape(reason));
        }
    }
    let worst = findings.worst();
    if !worst.is_empty() && ways > 0 {
        text += &format!("\n#### Worst first ({} of {} APIs)\n", ways.min(worst.len()), worst.len());
        text += &worst.into_iter().take(ways).map(operation).collect::<String>();
    }
    text
}

/// Renders a number. Bad news is bold.
fn cell(row: &Row, outcome: Outcome) -> String {
    let cell = parts::cell(row, outcome);
    let is_bold = parts::count(row, outcome) > 0 && parts::is_bad(row, outcome);
    if is_bold { format!("**{cell}**") } else { cell }
}

fn operation(tried: &Tried) -> String {
    let words: Vec<String> = tried.capabilities.iter().map(ToString::to_string).collect();
    let mut text =
        format!("\n**{}** {} ({}, {})\n", tried.outcome, code(&tried.api), words.join(", "), code(&tried.id));
    let lines: Vec<String> = tried.snippet.trim_end().lines().map(clean).collect();
    text += &block("python", &lines.join("\n"));
    if let Some(seen) = &tried.raised {
        text += &format!("\nThe event to look at: {}\n", code(&parts::event(seen)));
    }
    if let Some(objection) = &tried.objection {
        text += &format!("\nThe hook raised {}\n", code(objection));
    }
    if let Some(instead) = tried.instead.as_ref().filter(|_| tried.is_open_door()) {
        text += &format!("\nInstead: {}\n", escape(instead));
    }
    text
}

fn costs(findings: &Findings) -> String {
    let rows = findings.costs.iter().map(|cost| parts::costs(cost).iter().map(|cell| escape(cell)).collect());
    let mut text = table(&COSTS, rows);
    for cost in &findings.costs {
        if let Some(objection) = &cost.objection {
            text += &format!("\n{} is denied: {}\n", code(&cost.operation), code(objection));
        }
    }
    text
}

fn warning() -> String {
    let mut text = "\n### No hook makes a sandbox\n\n".to_owned();
    for (reason, link) in NOT_A_SANDBOX {
        let link = link.map(|link| format!(" <{link}>")).unwrap_or_default();
        text += &format!("- {reason}{link}\n");
    }
    text
}
