//! Tests that the Rust side keeps to the tables of `PROTOCOL.md`. `tests/agent/test_protocol.py` does so for Python.

use std::collections::BTreeSet;

use super::jobs::Job;
use super::observation::{Observation, PROTOCOL};
use super::workspace::{Room, Workspace};
use crate::process::Exit;

const PAGE: &str = include_str!("PROTOCOL.md");

/// Returns the names in the first column of the table below a heading.
fn table(heading: &str) -> BTreeSet<String> {
    let section = PAGE.split("\n#").find(|section| section.trim_start_matches(['#', ' ']).starts_with(heading));
    let rows = section.unwrap_or_else(|| panic!("no heading {heading}")).lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| quoted(row.split(" | ").next().unwrap_or_default())).collect()
}

/// Returns the texts between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns the names that the harness would have accepted in place of `?` in a line of a report.
fn accepted(line: &str) -> BTreeSet<String> {
    let fault = Observation::new(line, Exit::Status(0), String::new(), 0.0).fault.expect("`?` is not a name");
    let (_, names) = fault.split_once("`?`, expected ").unwrap_or_else(|| panic!("no list of names: {fault}"));
    quoted(names).into_iter().collect()
}

#[test]
fn a_job_has_the_fields_of_the_page() {
    let room = Room::new().expect("a room");
    let space = Workspace::new(&room).expect("a workspace");
    let job = serde_json::to_value(Job::new("probe", &space)).expect("a job is JSON");
    let fields: BTreeSet<String> = job.as_object().expect("an object").keys().cloned().collect();
    assert_eq!(fields, table("Fields of a job"));
}

#[test]
fn the_harness_reads_the_lines_of_the_page_and_no_others() {
    assert_eq!(accepted(r#"{"?":0}"#), table("Lines of a report"));
    assert_eq!(accepted(r#"{"setup":{"?":0}}"#), table("Fields of an exception"));
    assert_eq!(accepted(r#"{"answers":{"0.0":{"?":0}}}"#), table("Fields of an answer"));
    assert_eq!(accepted(r#"{"effect":{"?":0}}"#), table("Fields of an effect"));
    assert_eq!(accepted(r#"{"hot":{"?":0}}"#), table("Fields of hot rounds"));
    assert_eq!(accepted(r#"{"times":{"open":{"?":0}}}"#), table("Fields of a time"));
    assert_eq!(accepted(r#"{"probe":{"?":0}}"#), table("Fields of a probe"));
}

#[test]
fn all_sides_speak_the_version_of_the_page() {
    assert!(PAGE.contains(&format!("The version is `{PROTOCOL}`.")));
    assert!(include_str!("report.py").contains(&format!("\nPROTOCOL = {PROTOCOL}\n")));
    assert!(include_str!("native.c").contains(&format!(r#"{{\"agent\":{PROTOCOL}}}"#)));
}

#[test]
fn the_harness_sets_the_variables_of_the_page() {
    let names = include_str!("runner.rs").split('"').filter(|text| text.starts_with("AUDIT578_"));
    assert_eq!(names.map(str::to_owned).collect::<BTreeSet<_>>(), table("Environment"));
}
