//! The command `coverage`.

use insta::assert_snapshot;
use serde_json::Value;

use crate::project::{MKDIR, Project};

/// A second case of `os.mkdir`, with everything that coverage reports.
const POOR: &str = "  - name: poor
    api: os.mkdir
    snippet: |
      import os
      os.mkdir('d')
    expect:
      - args: {path: {type: str}, mode: any, dir_fd: -1}
    unverified: true
known-gaps:
  - {runtime: pypy, python: '>=3.9,<3.11', cases: [p*], verdict: missing, kind: not-implemented, reason: Not yet.}
";

const OTHER: &str = "event: other.event
documented: false
arguments: [x]
raised-by: [m.other]
python: '>=3.9'
platform: [linux]
cases:
  - {name: one, api: m.other, snippet: other(), expect: [{args: {x: 1}}, {event: open, args: [any]}], effect: 'True'}
";

fn project() -> Project {
    Project::empty()
        .file("cases/os/os.mkdir.yaml", MKDIR.to_owned() + POOR)
        .file("cases/other/other.event.yaml", OTHER)
        .file("cases/pep578/pep578.rule.yaml", OTHER.replace("other.event", "pep578.rule"))
}

/// Returns a transcript without most of the list of events without cases.
fn shortened(transcript: &str) -> String {
    let is_left_out = |line: &&str| line.starts_with("  ") && line.contains('(') && !line.contains(':');
    let mut left_out = transcript.lines().filter(is_left_out);
    let kept: Vec<_> = left_out.by_ref().take(3).collect();
    transcript.lines().filter(|line| !is_left_out(line) || kept.contains(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn coverage_of_a_small_suite_is_shown() {
    assert_snapshot!(shortened(&project().run(&["coverage", "--cases", "cases"])));
}

#[test]
fn coverage_is_printed_as_json() {
    let json = project().output(&["coverage", "--cases", "cases", "--json"]).stdout;
    let mut json: Value = serde_json::from_slice(&json).expect("JSON");
    for long in ["events-without-cases", "apis-without-cases"] {
        assert!(json[long].as_array().map(Vec::len).or(json[long].as_object().map(serde_json::Map::len)) > Some(200));
        json[long].take();
    }
    assert_snapshot!(format!("{json:#}"));
}

#[test]
fn all_events_of_the_embedded_suite_are_in_the_catalogue() {
    let json = Project::empty().output(&["coverage", "--json"]).stdout;
    let json: Value = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(json["events-not-in-catalogue"], Value::Array(Vec::new()));
    assert!(json["events"]["covered"].as_u64() > Some(100), "{}", json["events"]);
}

#[test]
fn less_coverage_than_required_is_exit_code_1() {
    let project = project()
        .file("cases/bad.yaml", "event: a\n")
        .file("good/os/os.mkdir.yaml", MKDIR)
        .file("table.md", "| E | A |\n|---|---|\n| open | path |\n| os.mkdir | path, mode, dir_fd |\n");
    let code = |args: &[&str]| {
        let args = [&["coverage", "--json"], args].concat();
        project.output(&args).status.code()
    };
    assert_eq!(code(&["--cases", "good", "--require", "0"]), Some(0));
    assert_eq!(code(&["--cases", "good", "--require", "1"]), Some(1));
    assert_eq!(code(&["--require", "1"]), Some(0));
    assert_eq!(code(&["--require", "101"]), Some(2));
    assert_eq!(code(&["--cases", "cases"]), Some(2));
    assert_eq!(code(&["--cases", "good", "--docs", "table.md", "--require", "50"]), Some(0));
    assert_eq!(code(&["--cases", "good", "--docs", "table.md", "--require", "51"]), Some(1));
    let missed = project.run(&["coverage", "--cases", "good", "--docs", "table.md", "--require", "51"]);
    assert!(missed.ends_with("--- stderr\nless than the required 51 % are covered\n"), "{missed}");
}

const HTML: &str =
    "<!DOCTYPE html><table><thead><tr><th>監査イベント</th><th>引数</th><th>参照</th></tr></thead><tbody>
<tr><td><p>open</p></td><td><p><code>path</code>, <code>mode</code>,
<code>flags</code></p></td><td><a href='#open'>[1]</a></td></tr>
<tr><td><p>os.mkdir</p></td><td><p><code>path</code>, <code>mode</code></p></td><td>[1]</td></tr>
<tr><td><p>new.event</p></td><td></td><td>[1]</td></tr></tbody></table>
<p>Internal: <table><tr><td>ctypes.PyObj_FromPtr</td><td><code>obj</code></td></table>";

const GRID: &str = "
+----------------+----------------------+-----------+
| 監査イベント   | 引数                 | 参照      |
|================|======================|===========|
| open           | \"path\", \"mode\",      | [1]       |
|                | \"flags\"              |           |
+----------------+----------------------+-----------+
| os.mkdir       | \"path\", \"mode\"       | [1]       |
+----------------+----------------------+-----------+
| new.event      |                      | [1]       |
+----------------+----------------------+-----------+

+----------------+-----------+
| ctypes.PyObj_F | \"obj\"     |
| romPtr         |           |
+----------------+-----------+
";

#[test]
fn html_and_text_of_the_documentation_give_the_same_comparison() {
    let project = project().file("audit_events.html", HTML).file("audit_events.txt", GRID);
    let html = project.run(&["coverage", "--cases", "cases", "--docs", "audit_events.html"]);
    assert_snapshot!("documentation", html);
    assert_eq!(html, project.run(&["coverage", "--cases", "cases", "--docs", "audit_events.txt"]));
    let json = project.run(&["coverage", "--cases", "cases", "--docs", "audit_events.txt", "--json"]);
    assert_snapshot!("documentation_json", json);
}

#[test]
fn the_error_of_a_file_without_a_table_says_what_was_expected() {
    let table = "| a | b |\n|---|---|\n| x | open |\n";
    let few = "| a | b |\n|---|---|\n| x | y |\n| z | y |\n| open | y |\n";
    let project = project()
        .file("empty.html", "")
        .file("other.md", table)
        .file("few.md", few)
        .file("latin1.html", b"<p>\n\xe9")
        .file("program", b"\x7fELF\0");
    let files = ["empty.html", "other.md", "few.md", "latin1.html", "program", "absent.html", "cases"];
    let said = files.map(|file| project.run(&["coverage", "--cases", "cases", "--docs", file]));
    assert_snapshot!(said.join("\n"));
}
