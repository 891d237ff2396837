//! Failures, new and other, and fixed gaps as annotations of the case files or, where a gaps file lists the trial, of that
//! file, in the form that GitHub reads from a job's output.

use std::collections::{BTreeMap, BTreeSet};

use super::gaps::why_fixed;
use super::shown::Shown;
use super::text::clean;
use crate::results::CaseRecord;
use crate::run::{Standing, TrialRecord};

/// Renders an annotation for each case and outcome.
pub(crate) fn render(results: &Shown) -> String {
    let mut groups = BTreeMap::<(String, &str, String), Vec<&TrialRecord>>::new();
    for trial in results.all_trials() {
        if let Some(level) = level(trial.standing()) {
            groups.entry((trial.id(), level, trial.outcome())).or_default().push(trial);
        }
    }
    let cases: BTreeMap<String, &CaseRecord> = results.all_cases().map(|case| (case.id(), case)).collect();
    let line = |((id, level, outcome), trials): ((String, &str, String), Vec<&TrialRecord>)| {
        annotation(cases.get(&id).copied(), level, &format!("{outcome} {id}"), &trials)
    };
    groups.into_iter().map(line).collect()
}

/// Returns the level of an annotation, or nothing where a reader has nothing to do.
fn level(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::Failed => Some("error"),
        Standing::New => Some("warning"),
        // A fixed gap is good news, although the case file must be corrected.
        Standing::Fixed => Some("notice"),
        Standing::Passed
        | Standing::Open
        | Standing::Closed
        | Standing::Known
        | Standing::Skipped
        | Standing::Unsupported => None,
    }
}

fn annotation(case: Option<&CaseRecord>, level: &str, what: &str, trials: &[&TrialRecord]) -> String {
    let runtimes: Vec<&str> = trials.iter().map(|trial| trial.runtime.as_str()).collect();
    let in_case = || case.map(|case| (case.file.as_str(), case.line.to_string()));
    let place = in_gaps_file(trials).or_else(in_case);
    let place = place.map(|(file, line)| format!("file={},line={},", property(&clean(file)), property(&line)));
    let place = place.unwrap_or_default();
    let new = if level == "warning" { "new case: " } else { "" };
    let title = format!("{new}{what} on {}", runtimes.join(", "));
    let mut seen = BTreeSet::new();
    let mut reasons: Vec<String> = trials.iter().map(|trial| reason(trial)).collect();
    reasons.retain(|reason| seen.insert(reason.clone()));
    let message = reasons.join("\n");
    format!("::{level} {place}title={}::{}\n", property(&clean(&title)), data(&message))
}

/// Returns the file and the line of the gaps file that lists the first of these trials, if one does.
fn in_gaps_file<'a>(trials: &[&'a TrialRecord]) -> Option<(&'a str, String)> {
    let place = trials.iter().find_map(|trial| trial.gap.as_ref()?.place.as_deref())?;
    place.rsplit_once(':').map(|(file, line)| (file, line.to_owned()))
}

/// Renders the reason, and what was expected and observed.
fn reason(trial: &TrialRecord) -> String {
    let why = why_fixed(trial).or_else(|| trial.reason.clone()).map(|why| clean(&why)).unwrap_or_default();
    let side = |name: &str, lines: &[String]| match lines {
        [] => String::new(),
        lines => format!("\n{name}:\n  {}", lines.iter().map(|line| clean(line)).collect::<Vec<_>>().join("\n  ")),
    };
    format!("{why}{}{}", side("expected", &trial.expected), side("observed", &trial.observed)).trim_start().to_owned()
}

/// Escapes the text of an annotation, which ends with its line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property, which ends at a comma or a colon too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
