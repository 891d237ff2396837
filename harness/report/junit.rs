//! The trials as JUnit XML: a test suite for each runtime. JUnit has fewer words than we have standings: a known gap and the
//! failure of a new case count as skipped, with the reason, and a fixed gap counts as failed. Properties have the number of
//! each standing. Of the doors, only those are tests that could not be tried, because they make a run fail.

use std::collections::BTreeMap;

use anyhow::Result;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

use super::diff;
use super::gaps::why_fixed;
use super::scores::{HEADS, numbers};
use super::shown::Shown;
use super::text::{clean, command_anywhere};
use crate::results::{Results, RuntimeRecord, Score};
use crate::run::{Standing, TrialRecord};
use crate::suite::Verdict;

/// The name of the whole report.
const NAME: &str = "audit578";

/// The first line of a document.
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// Renders the results.
///
/// # Errors
/// Never, because it writes to memory.
pub(crate) fn render(results: &Shown) -> Result<String> {
    let failed_doors = results.doors.trials.iter().filter(|trial| trial.is_unexpected());
    let mut trials = BTreeMap::<&str, Vec<&TrialRecord>>::new();
    for trial in results.trials.iter().chain(failed_doors) {
        trials.entry(&trial.runtime).or_default().push(trial);
    }
    // The tree of one runtime at a time is in memory.
    let (mut bodies, mut counts) = (String::new(), [0; 3]);
    for runtime in &results.runtimes {
        // A runtime that is absent may have the name of another.
        let its = Some(&*runtime.name).filter(|_| runtime.absent.is_none()).and_then(|name| trials.get(name));
        let mut report = Report::new(NAME);
        report.add_test_suite(suite(runtime, its.map(Vec::as_slice).unwrap_or_default(), results));
        for (count, more) in counts.iter_mut().zip([report.tests, report.failures, report.errors]) {
            *count += more;
        }
        bodies += body(&report.to_string()?);
    }
    let [tests, failures, errors] = counts;
    let root = format!("<testsuites name=\"{NAME}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">");
    Ok(format!("{HEAD}\n{root}\n{bodies}</testsuites>\n"))
}

/// Returns the lines inside the root of a document.
fn body(xml: &str) -> &str {
    let inside = xml.split_once("<testsuites ").and_then(|(_, rest)| rest.split_once(">\n"));
    inside.and_then(|(_, rest)| rest.rsplit_once("</testsuites>")).map_or("", |(body, _)| body)
}

/// Writes a report as XML.
///
/// # Errors
/// Never, because it writes to memory.
pub(super) fn text(report: &Report) -> Result<String> {
    // Jenkins' schema does not allow this attribute on the root. The test suites still have their numbers.
    let skipped = format!(" skipped=\"{}\"", report.skipped);
    Ok(report.to_string()?.replacen(&skipped, "", 1))
}

fn suite(runtime: &RuntimeRecord, trials: &[&TrialRecord], results: &Results) -> TestSuite {
    let mut suite = TestSuite::new(clean(&runtime.name));
    let mut seconds = 0.0;
    for trial in trials {
        seconds += trial.seconds;
        suite.add_test_case(case(trial, results));
    }
    suite.set_time(duration(seconds));
    suite.add_property(("suite", results.header.suite.as_str()));
    let score = Score::of(trials.iter().copied());
    for (head, number) in HEADS.iter().zip(numbers(score)) {
        suite.add_property((head.replace(' ', "-").as_str(), number.to_string().as_str()));
    }
    if let Some(probe) = &runtime.probe {
        suite.add_property(("build", clean(&probe.build).as_str()));
        suite.add_property(("platform", clean(&probe.platform).as_str()));
    }
    if let Some(reason) = &runtime.absent {
        suite.add_property(("absent", clean(reason).as_str()));
    }
    suite
}

fn case(trial: &TrialRecord, results: &Results) -> TestCase {
    let mut case = TestCase::new(trial.id(), status(trial, results));
    case.set_classname(format!("{}.{}", clean(&trial.runtime), trial.event)).set_time(duration(trial.seconds));
    case
}

fn status(trial: &TrialRecord, results: &Results) -> TestCaseStatus {
    match trial.standing() {
        Standing::Passed => return TestCaseStatus::success(),
        Standing::Open
        | Standing::Closed
        | Standing::Known
        | Standing::New
        | Standing::Skipped
        | Standing::Unsupported => {
            let mut status = TestCaseStatus::skipped();
            status.set_type(trial.verdict.to_string()).set_message(why(trial));
            return status;
        }
        Standing::Failed | Standing::Fixed => {}
    }
    let kind = match trial.verdict {
        _ if trial.is_fixed() => NonSuccessKind::Failure,
        Verdict::Error | Verdict::Crash | Verdict::Timeout => NonSuccessKind::Error,
        _ => NonSuccessKind::Failure,
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(trial.outcome()).set_message(why(trial)).set_description(details(trial, results));
    status
}

/// Returns the reason why a trial did not pass, or why its known gap is fixed.
fn why(trial: &TrialRecord) -> String {
    if let Some(why) = why_fixed(trial) {
        return clean(&why);
    }
    let reason = trial.reason.as_deref().map(clean).unwrap_or_default();
    if let Some(gap) = &trial.gap {
        let issue = gap.issue.as_ref().map(|issue| format!(" {issue}")).unwrap_or_default();
        return format!("known gap ({}, {}): {}{issue}", trial.verdict, gap.kind, gap.reason);
    }
    let new = if trial.standing() == Standing::New { "new case, " } else { "" };
    let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
    format!("{new}{}{reason}", trial.verdict)
}

/// Renders the difference and the repeat command.
fn details(trial: &TrialRecord, results: &Results) -> String {
    let lines = diff::lines(&trial.expected, &trial.observed).into_iter();
    let lines = lines.map(|(side, line)| format!("{} {}\n", side.sign(), clean(&line)));
    lines.collect::<String>() + &format!("repeat: {}\n", command_anywhere(&results.repeat_command(trial)))
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
