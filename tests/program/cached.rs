//! `run --cached`: what has not changed does not run again.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::project::{MKDIR, PYTHON, Project};

/// A suite with two cases. The second has the mode that is given.
fn suite(mode: &str) -> String {
    let second = MKDIR.split_once("cases:\n").expect("cases").1.replace("name: path", "name: other");
    MKDIR.to_owned() + &second.replace("0o700", mode)
}

/// Runs the suite, and returns what standard error says of the trials that were taken, with the records of all trials.
fn run(project: &Project, more: &[&str]) -> (String, Vec<Value>) {
    let args = ["run", "--cases", "cases", "--python", &*PYTHON, "--cached", "cache", "--results", "r.jsonl"];
    let output = project.output(&[&args, more].concat());
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let taken = stderr.lines().find_map(|line| line.strip_prefix("trials that were taken from cache: "));
    let text = fs::read_to_string(project.path("r.jsonl")).expect("results");
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let trials = records.filter(|record| record["record"] == "trial").collect();
    (taken.unwrap_or_else(|| panic!("{stderr}")).to_owned(), trials)
}

/// Returns the files of the cache with an extension.
fn files(project: &Project, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(project.path("cache")).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.extension().is_some_and(|end| end == extension)).collect()
}

#[test]
fn what_has_not_changed_is_taken_and_marked() {
    let project = Project::empty().file("cases/os/os.mkdir.yaml", suite("0o700"));
    let (taken, first) = run(&project, &[]);
    assert_eq!((taken.as_str(), first.len()), ("0 of 2", 2));
    let (taken, mut second) = run(&project, &[]);
    assert_eq!(taken, "2 of 2");
    assert!(second.iter().all(|trial| trial["cached"] == true) && first.iter().all(|trial| trial["cached"].is_null()));
    for trial in &mut second {
        trial.as_object_mut().expect("an object").remove("cached");
    }
    second.sort_by_key(ToString::to_string);
    let mut first = first;
    first.sort_by_key(ToString::to_string);
    assert_eq!(first, second);
    assert_eq!(run(&project, &["--hot"]).0, "0 of 2", "another option");
    assert_eq!(run(&project, &["--isolation", "process"]).0, "0 of 2", "another option");
    let project = project.file("cases/os/os.mkdir.yaml", suite("0o750"));
    assert_eq!(run(&project, &[]).0, "1 of 2", "another case");
    let project = project.file("cases/os/os.mkdir.yaml", suite("0o700") + "\n# A comment\n");
    assert_eq!(run(&project, &[]).0, "2 of 2", "a comment, and a case as it was before");
}

#[test]
fn a_damaged_entry_is_a_miss() {
    let project = Project::empty().file("cases/os/os.mkdir.yaml", suite("0o700"));
    run(&project, &[]);
    let [probe, trials] = ["probe", "trials"].map(|extension| files(&project, extension).remove(0));
    let text = fs::read_to_string(&trials).expect("entries");
    fs::write(&trials, text.replacen("\"pass\"", "\"missing\"", 1)).expect("a file");
    let (taken, records) = run(&project, &[]);
    assert_eq!(taken, "1 of 2");
    assert!(records.iter().all(|trial| trial["verdict"] == "pass"));
    assert_eq!(fs::read_to_string(&trials).expect("entries").lines().count(), 2, "it is written anew");
    for damage in ["", "garbage", &text] {
        fs::write(&probe, damage).expect("a file");
        assert_eq!(run(&project, &[]).0, "2 of 2", "the interpreter is asked again, and is the same");
    }
    fs::write(&trials, b"\xff\xfe\n\n").expect("a file");
    assert_eq!(run(&project, &[]).0, "0 of 2");
}

#[test]
fn a_failure_runs_again_and_a_known_gap_does_not() {
    let wrong = suite("0o700").replace("mode: 0o700", "mode: 0o701");
    let project = Project::empty().file("cases/os/os.mkdir.yaml", &wrong);
    assert_eq!(run(&project, &[]).0, "0 of 2");
    assert_eq!(run(&project, &[]).0, "0 of 2");
    let gap = "known-gaps:\n  - {runtime: cpython, cases: [path], verdict: wrong-args, arguments: [mode], kind: bug, reason: r}\n";
    let project = project.file("cases/os/os.mkdir.yaml", wrong + gap);
    assert_eq!(run(&project, &[]).0, "0 of 2");
    let (taken, records) = run(&project, &[]);
    assert_eq!(taken, "1 of 2");
    let known = records.iter().find(|trial| trial["cached"] == true).expect("a record that was taken");
    assert_eq!((&known["case"], &known["gap"]["state"]), (&"path".into(), &"known".into()));
}

#[test]
fn an_interpreter_is_the_same_by_whatever_name_it_is_asked_for() {
    let runtimes = format!("[[runtime]]\ncommand = [{:?}]\n", *PYTHON);
    let project = Project::empty().file("cases/os/os.mkdir.yaml", suite("0o700")).file("runtimes.toml", runtimes);
    for (names, taken) in [(&[][..], "0 of 2"), (&["--runtime", "cpython*"], "2 of 2"), (&[], "2 of 2")] {
        let args = [&["run", "--cases", "cases", "--cached", "cache"], names].concat();
        let shown = project.run(&args);
        assert!(shown.contains(&format!("trials that were taken from cache: {taken}\n")), "{names:?}: {shown}");
    }
}
