//! The answer as JUnit XML: a test suite for each runtime, with a test case for each operation that `--deny` or `--allow`
//! names, and for each harmless operation. An operation that no hook can deny counts as skipped.

use anyhow::Result;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::parts;
use crate::report::junit::text;
use crate::report::text::clean;
use crate::run::guard::{Answer, Control, Findings, Must, Outcome, Tried};

/// Renders an answer.
///
/// # Errors
/// Never, because it writes to memory.
pub(crate) fn render(answer: &Answer) -> Result<String> {
    let mut report = Report::new(format!("audit578 guard {}", clean(&answer.hook)));
    for findings in &answer.runtimes {
        report.add_test_suite(suite(findings));
    }
    text(&report)
}

fn suite(findings: &Findings) -> TestSuite {
    let runtime = clean(&findings.runtime);
    let mut suite = TestSuite::new(runtime.clone());
    for tried in findings.operations.iter().filter(|tried| tried.must.is_some()) {
        let mut case = TestCase::new(tried.id.clone(), status(tried));
        case.set_classname(format!("{runtime}.{}", tried.event));
        suite.add_test_case(case);
    }
    for control in &findings.harmless {
        let mut case = TestCase::new(control.operation, control_status(control));
        case.set_classname(format!("{runtime}.harmless"));
        suite.add_test_case(case);
    }
    suite
}

fn status(tried: &Tried) -> TestCaseStatus {
    if tried.must == Some(Must::Deny) && tried.outcome == Outcome::NoEvent {
        let mut status = TestCaseStatus::skipped();
        let instead = tried.instead.as_ref().map(|instead| format!("; instead: {}", clean(instead)));
        status.set_type(tried.outcome.to_string());
        status.set_message(format!("no event is raised{}", instead.unwrap_or_default()));
        return status;
    }
    if !tried.fails() {
        return TestCaseStatus::success();
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let objection = tried.objection.as_ref().map(|objection| format!(": {}", clean(objection)));
    status.set_type(tried.outcome.to_string());
    status.set_message(format!("{} {}{}", tried.outcome, clean(&tried.api), objection.unwrap_or_default()));
    let lines: String = tried.snippet.lines().map(|line| format!("{}\n", clean(line))).collect();
    let event = tried.raised.as_ref().map(|seen| format!("the event to look at: {}\n", clean(&parts::event(seen))));
    status.set_description(lines + &event.unwrap_or_default());
    status
}

fn control_status(control: &Control) -> TestCaseStatus {
    let Some(reason) = &control.disturbed else { return TestCaseStatus::success() };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type("disturbed").set_message(clean(reason));
    status
}
