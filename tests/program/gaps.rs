//! Gaps files: `run --gaps`, `gaps` in runtimes.toml, and `bless`.

use std::fs;

use crate::project::{MKDIR, PYTHON, Project};

/// Returns a project with an interpreter that keeps its promises and one that does not raise `os.mkdir`.
fn project() -> Project {
    Project::empty().file("cases/os/os.mkdir.yaml", MKDIR).runtimes(&["faithful", "dropped-event"])
}

fn run(project: &Project, runtime: &str, more: &[&str]) -> String {
    project.run(&[&["run", "--cases", "cases", "--runtime", runtime], more].concat())
}

fn bless(project: &Project, more: &[&str]) -> String {
    project.run(&[&["bless", "results.jsonl", "--cases", "cases", "--gaps", "gaps.txt"], more].concat())
}

fn gaps(project: &Project) -> String {
    fs::read_to_string(project.path("gaps.txt")).expect("a gaps file")
}

fn assert_starts(text: &str, start: &str) {
    assert!(text.starts_with(start), "{text}");
}

fn assert_contains(text: &str, part: &str) {
    assert!(text.contains(part), "{text}");
}

#[test]
fn a_gaps_file_is_written_kept_and_mended() {
    let project = project();
    assert_starts(&run(&project, "dropped-event", &["--results", "results.jsonl"]), "exit code: 1\n");
    assert_contains(&bless(&project, &[]), "gaps.txt: 1 gaps");
    let first = gaps(&project);
    assert!(
        first.starts_with("# The known gaps of cpython") && first.ends_with("\nmissing os.mkdir::path\n"),
        "{first}"
    );
    assert_starts(&bless(&project, &["--check"]), "exit code: 0\n");
    assert_starts(&run(&project, "dropped-event", &["--gaps", "gaps.txt"]), "exit code: 0\n");

    // Somebody adds a comment and mends the event.
    let edited = first.replace("::path\n", "::path # soon\n# the end\n");
    let project = project.file("gaps.txt", &edited);
    let mended = run(&project, "faithful", &["--gaps", "gaps.txt", "--results", "results.jsonl"]);
    assert_starts(&mended, "exit code: 1\n");
    assert_contains(
        &mended,
        "gaps.txt:4 lists `missing os.mkdir::path`, but `missing` does not show any more: remove the line",
    );
    let check = bless(&project, &["--remove", "--check"]);
    assert_starts(&check, "exit code: 1\n");
    assert_contains(&check, "\n-missing os.mkdir::path # soon\n");
    assert_eq!(gaps(&project), edited);
    assert_starts(&bless(&project, &["--add", "--purge"]), "exit code: 0\n");
    assert_eq!(gaps(&project), edited);
    assert_starts(&bless(&project, &["--remove"]), "exit code: 0\n");
    assert_eq!(gaps(&project), edited.replace("missing os.mkdir::path # soon\n", ""));
    assert_starts(&run(&project, "faithful", &["--gaps", "gaps.txt"]), "exit code: 0\n");

    // Somebody breaks the event again.
    let broken = run(&project, "dropped-event", &["--gaps", "gaps.txt"]);
    assert_starts(&broken, "exit code: 1\n");
    assert_contains(&broken, "\nmissing os.mkdir::path on dropped-event\n");
}

#[test]
fn own_gaps_replace_those_of_the_suite() {
    let listed = format!(
        "{MKDIR}known-gaps:\n  - {{runtime: cpython, cases: [path], verdict: missing, kind: bug, reason: Known here.}}\n"
    );
    let project = project().file("cases/os/os.mkdir.yaml", listed);
    let own = project.file("gaps.txt", "suite 0.1.0 0123456789ab\n");
    assert_starts(&run(&own, "dropped-event", &[]), "exit code: 0\n");
    let without = run(&own, "dropped-event", &["--gaps", "gaps.txt"]);
    assert_starts(&without, "exit code: 1\n");
    assert_contains(&without, "the suite lists `missing`: Known here.");
}

#[test]
fn the_configuration_names_a_gaps_file() {
    let fake = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fakes/fake.py");
    let entry = format!(
        "[[runtime]]\nname = \"mine\"\ncommand = [{:?}, {fake:?}, \"dropped-event\"]\nargs = []\nisolation = \"process\"\ngaps = \"gaps.txt\"\n",
        *PYTHON
    );
    let project = project().file("runtimes.toml", entry);
    let project = project.file("gaps.txt", "suite 0.1.0 0123456789ab\nmissing os.mkdir::path\n");
    assert_starts(&run(&project, "mine", &[]), "exit code: 0\n");
    let project = project.file("gaps.txt", "suite 0.1.0 0123456789ab\nflaky os.mkdir::path\n");
    let flaky = run(&project, "mine", &[]);
    assert_starts(&flaky, "exit code: 0\n");
    assert_contains(
        &flaky,
        "1 known gaps, 0 failed, 0 new, 0 fixed, 0 skipped, 0 unsupported; 1 of the known gaps flaky",
    );
}

#[test]
fn a_pattern_that_matches_no_case_fails_the_run() {
    let project = project().file("gaps.txt", "suite 0.1.0 0123456789ab\nmissing os.mkdirr::*\n");
    let shown = run(&project, "faithful", &["--gaps", "gaps.txt", "--results", "results.jsonl"]);
    assert_starts(&shown, "exit code: 1\n");
    assert_contains(&shown, "gaps.txt:2: `os.mkdirr::*` matches no case of the suite");
    assert_starts(&bless(&project, &["--purge"]), "exit code: 0\n");
    assert_eq!(gaps(&project), "suite 0.1.0 0123456789ab\n");
}

#[test]
fn a_new_case_fails_only_if_that_is_asked_for() {
    let newer = MKDIR.replace("    api:", "    since: 99.0.0\n    api:");
    let project = project().file("cases/os/os.mkdir.yaml", newer);
    let project = project.file("gaps.txt", "suite 0.1.0 0123456789ab\n");
    let shown = run(&project, "dropped-event", &["--gaps", "gaps.txt"]);
    assert_starts(&shown, "exit code: 0\n");
    assert_contains(&shown, "  missing os.mkdir::path on dropped-event: ");
    assert_contains(&shown, "0 failed, 1 new, 0 fixed");
    assert_starts(&run(&project, "dropped-event", &["--gaps", "gaps.txt", "--new", "fail"]), "exit code: 1\n");
}

#[test]
fn a_faulty_gaps_file_is_refused_before_anything_starts() {
    let project = project().file("gaps.txt", "suite 0.1.0 0123456789ab\nmising os.mkdir::path\n<<<<<<< HEAD\n");
    let shown = run(&project, "faithful", &["--gaps", "gaps.txt", "--results", "results.jsonl"]);
    assert_starts(&shown, "exit code: 2\n");
    assert_contains(&shown, "gaps.txt:2:1: unknown verdict `mising`");
    assert_contains(
        &shown,
        "gaps.txt:3:1: the file has an unresolved merge conflict\n  hint: keep the lines of both sides",
    );
    assert!(!project.path("results.jsonl").exists());
    let absent = run(&project, "faithful", &["--gaps", "nothing.txt"]);
    assert_starts(&absent, "exit code: 2\n");
    assert_contains(&absent, "cannot read nothing.txt");
}

#[test]
fn the_known_gaps_of_case_files_follow_results() {
    let case = format!("{MKDIR}# the end\n");
    let project = project().file("cases/os/os.mkdir.yaml", &case);
    let bless = |project: &Project, more: &[&str]| {
        project.run(&[&["bless", "results.jsonl", "--cases", "cases"], more].concat())
    };
    let text = |project: &Project| fs::read_to_string(project.path("cases/os/os.mkdir.yaml")).expect("a case file");
    run(&project, "dropped-event", &["--results", "results.jsonl"]);
    let check = bless(&project, &["--check"]);
    assert_starts(&check, "exit code: 1\n");
    assert_contains(&check, "\n+  - runtime: cpython\n+    cases: [path]\n+    verdict: missing\n");
    assert_starts(&bless(&project, &["--remove"]), "exit code: 0\n");
    assert_eq!(text(&project), case);
    assert_starts(&bless(&project, &["--add"]), "exit code: 0\n");
    let gap =
        "known-gaps:\n  - runtime: cpython\n    cases: [path]\n    verdict: missing\n    kind: bug\n    reason: TODO\n";
    assert_eq!(text(&project), format!("{case}{gap}"));

    // The results are of this file still, because a gap is no part of the definition of a case.
    assert_contains(&bless(&project, &["--check"]), "the case files are up to date");
    assert_starts(&run(&project, "dropped-event", &[]), "exit code: 0\n");
    let unexplained = project.run(&["check", "--cases", "cases"]);
    assert_starts(&unexplained, "exit code: 2\n");
    assert_contains(&unexplained, "cases/os/os.mkdir.yaml:22:13: known-gaps[0].reason: the gap has no reason yet");
    assert_contains(&unexplained, "\n  hint: say in a sentence why `missing` is expected, and correct `kind`");

    // Somebody gives a reason, and mends the event.
    let explained = format!(
        "{case}{}",
        gap.replace("    reason: TODO", "    title: No event\n    unreported: true\n    reason: Nobody knows.")
    );
    let project = project.file("cases/os/os.mkdir.yaml", &explained);
    assert_starts(&project.run(&["check", "--cases", "cases"]), "exit code: 0\n");
    assert_starts(&run(&project, "faithful", &["--results", "results.jsonl"]), "exit code: 1\n");
    assert_starts(&bless(&project, &["--add"]), "exit code: 0\n");
    assert_eq!(text(&project), explained);
    assert_starts(&bless(&project, &["--remove"]), "exit code: 0\n");
    assert_eq!(text(&project), case);
}

#[test]
fn results_of_changed_cases_change_no_case_file() {
    let project = project();
    run(&project, "dropped-event", &["--results", "results.jsonl"]);
    let other = MKDIR.replace("0o700", "0o750");
    let project = project.file("cases/os/os.mkdir.yaml", &other);
    let shown = project.run(&["bless", "results.jsonl", "--cases", "cases"]);
    assert_starts(&shown, "exit code: 4\n");
    assert_contains(&shown, "1 trials are ignored: their cases are not in the suite, or have changed since");
    assert_starts(&project.run(&["bless", "results.jsonl"]), "exit code: 2\n");
    assert_starts(&project.run(&["bless", "results.jsonl", "--cases", "cases", "--purge"]), "exit code: 2\n");
}

#[test]
fn a_gap_that_only_some_runtimes_show_is_named() {
    let listed = format!(
        "{MKDIR}known-gaps: # all\n  - {{runtime: cpython, cases: [path], verdict: missing, kind: bug, reason: Known.}}\n"
    );
    let project = project().file("cases/os/os.mkdir.yaml", &listed);
    run(&project, "*", &["--results", "results.jsonl"]);
    let shown = project.run(&["bless", "results.jsonl", "--cases", "cases", "--check"]);
    assert_starts(&shown, "exit code: 1\n");
    assert_contains(
        &shown,
        "os.mkdir::path: the gap `missing` shows on dropped-event and not on faithful; limit it with `python`",
    );
}

#[test]
fn results_of_another_suite_are_not_blessed() {
    let project = project();
    run(&project, "faithful", &["--results", "results.jsonl"]);
    let shown = project.run(&["bless", "results.jsonl", "--gaps", "gaps.txt"]);
    assert_starts(&shown, "exit code: 2\n");
    assert_contains(
        &shown,
        "hint: use the audit578 that made them or, if they were made with --cases, the same --cases",
    );
    assert_starts(&bless(&project, &["--runtime", "none"]), "exit code: 4\n");
    assert!(!project.path("gaps.txt").exists());
}
