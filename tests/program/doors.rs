//! Doors: operations without an event. Their results are told apart from those of cases in every format.

use std::fs;

use insta::assert_snapshot;

use crate::project::{MKDIR, Project};

/// One door of each kind. `sys.audit` stands for an interpreter that raises an event at the door.
const DOORS: &str = "area: files
setup: |
  import os, sys
doors:
  - name: open
    api: os.write
    capabilities: [write]
    setup: |
      reader, writer = os.pipe()
    snippet: |
      os.write(writer, b'x')
    effect: os.read(reader, 1) == b'x'
    why: It writes.
    instead: The event `open`.
    events: [os.mkdir]
  - name: closed
    api: os.write
    capabilities: [write]
    setup: |
      reader, writer = os.pipe()
    snippet: |
      sys.audit('os.write', writer)
      os.write(writer, b'x')
    effect: os.read(reader, 1) == b'x'
    why: It writes.
    instead: The event `os.write`.
  - name: without-effect
    api: os.write
    capabilities: [write]
    snippet: |
      pass
    effect: os.path.exists('file')
    why: It does nothing.
    instead: Nothing, because nothing happens.
  - name: unsupported
    api: os.no_such_function
    capabilities: [write]
    snippet: |
      os.no_such_function()
    effect: 'True'
    why: It is not there.
    instead: Nothing, because it is not there.
  - name: skipped
    api: os.write
    capabilities: [write]
    python: '>=4'
    snippet: |
      os.write(1, b'x')
    effect: 'True'
    why: It is not there yet.
    instead: Nothing, because it is not there.
";

/// Makes a project with one case and five doors on one interpreter.
fn project() -> Project {
    Project::empty().file("cases/os/os.mkdir.yaml", MKDIR).file("cases/doors/files.yaml", DOORS).python()
}

/// Returns an output without the matrix and without the parts that differ between machines and runs.
fn stable(text: &str) -> String {
    let (_, text) = text.split_once("\nDoors ").expect("a table of doors");
    let is_stable = |line: &&str| !line.starts_with("suite ");
    text.lines().filter(is_stable).map(|line| format!("{line}\n")).collect()
}

#[test]
fn doors_are_counted_apart_from_cases_and_fail_no_run() {
    let project = project();
    let all = project.run(&["run", "--cases", "cases", "--results", "results.jsonl", "--show", "doors"]);
    assert!(all.starts_with("exit code: 0\n"), "{all}");
    let doors = project.run(&["run", "doors.*", "--cases", "cases"]);
    assert!(doors.starts_with("exit code: 0\n"), "{doors}");
    assert_snapshot!(format!("{}{}", stable(&all), stable(&doors)));
    let events = project.run(&["run", "os.*", "--cases", "cases"]);
    assert!(!events.contains("oors"), "{events}");
    let csv = project.output(&["report", "results.jsonl", "--format", "csv"]).stdout;
    let csv = String::from_utf8(csv).expect("UTF-8");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        [cells[0], cells[1], cells[4], cells[10], cells[11]].join(" ")
    };
    let rows: Vec<String> = csv.lines().map(row).collect();
    assert_eq!(
        rows,
        [
            "event case verdict standing kind",
            "os.mkdir path pass passed event",
            "doors.files closed closed closed door",
            "doors.files open open open door",
            "doors.files skipped skipped skipped door",
            "doors.files unsupported unsupported unsupported door",
            "doors.files without-effect unsupported unsupported door",
        ]
    );
}

#[test]
fn the_site_has_a_page_of_doors_that_events_lead_to() {
    let project = project();
    project.output(&["run", "--cases", "cases", "--results", "results.jsonl"]);
    project.output(&["report", "results.jsonl", "--format", "html", "--output", "site"]);
    let page = |name: &str| fs::read_to_string(project.path("site").join(name)).expect("a page");
    let doors = page("doors.html");
    for text in [
        "<details class=case id=\"files.open\">",
        "<span class=\"tag k\">open</span>",
        ": raises os.write</li>",
        "<dt>Why it matters<dd>It writes.",
        "<dt>Instead<dd>The event `open`.",
        "<a href=\"event/os.mkdir.html\">os.mkdir</a>",
        "os.write(writer, b&#39;x&#39;)",
    ] {
        assert!(doors.contains(text), "{text} is not in {doors}");
    }
    assert!(page("event/os.mkdir.html").contains("<a href=\"../doors.html#files.open\">files: open</a>"));
    assert!(!project.path("site/event/doors.files.html").exists(), "doors are not events");
    let matrix = page("matrix.html");
    let (_, doors) = matrix.split_once("<tbody data-module=\"doors\" data-kind=doors>").expect("rows of their own");
    assert!(doors.contains("<tr id=\"doors.files\"><th scope=row><a href=\"doors.html#files\">files</a>"), "{doors}");
}

#[test]
fn doors_are_listed_and_checked() {
    let project = project();
    assert_snapshot!(project.run(&["list", "--cases", "cases"]) + &project.run(&["check", "--cases", "cases"]));
    let wrong = DOORS.replace("    why: It writes.\n", "").replace("area: files", "area: memory");
    let project = project.file("cases/doors/files.yaml", wrong).file("cases/doors/code.yaml", DOORS);
    assert_snapshot!(project.run(&["check", "--cases", "cases"]));
}

#[test]
fn a_door_that_opened_is_worse() {
    let project = project();
    project.output(&["run", "doors.*", "--cases", "cases", "--results", "old.jsonl"]);
    let opened = DOORS.replace("      sys.audit('os.write', writer)\n", "");
    let project = project.file("cases/doors/files.yaml", opened);
    project.output(&["run", "doors.*", "--cases", "cases", "--results", "new.jsonl"]);
    // The definition of the door differs, so that nothing would follow from the change.
    let text = fs::read_to_string(project.path("new.jsonl")).expect("results");
    let digests = |text: &str| {
        let cases = text.lines().filter(|line| line.starts_with(r#"{"record":"case""#)).map(str::to_owned);
        cases.collect::<Vec<_>>()
    };
    let old = fs::read_to_string(project.path("old.jsonl")).expect("results");
    let same = digests(&text).iter().zip(digests(&old)).fold(text.clone(), |text, (new, old)| text.replace(new, &old));
    let project = project.file("new.jsonl", same);
    let worse = project.run(&["compare", "old.jsonl", "new.jsonl"]);
    assert!(worse.starts_with("exit code: 1\n") && worse.contains("closed -> open"), "{worse}");
    let better = project.run(&["compare", "new.jsonl", "old.jsonl"]);
    assert!(better.starts_with("exit code: 0\n") && better.contains("1 better"), "{better}");
}
