//! Publishing by many: folders stand for the releases of GitHub.
#![cfg(unix)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::project::{OLDEST_PYTHON, PYTHON, Project};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Runs the case `os.mkdir::path` on an interpreter, and returns the results file.
fn results(project: &Project, python: &str) -> PathBuf {
    let run = ["run", "os.mkdir::path", "--python", python, "--results", "results.jsonl"];
    let output = project.output(&run);
    assert!(output.status.success(), "{}", project.transcript(&output));
    project.path("results.jsonl")
}

/// Starts a Python that takes the folder `releases` for GitHub.
fn python(project: &Project, args: &[&str]) -> Output {
    let mut command = Command::new(&*PYTHON);
    command.arg("-B").args(args).current_dir(project.path("."));
    command.env("PYTHONPATH", format!("{ROOT}/harness/python")).env("AUDIT578_RELEASES", project.path("releases"));
    command.output().expect("Python starts")
}

/// Keeps results in the rolling release of a repository, as its nightly job does.
fn publish(project: &Project, repository: &str, text: &str) {
    fs::write(project.path("results.jsonl"), text).expect("a file");
    let output = python(project, &["-m", "audit578.releases", "put", repository, "audit578", "results.jsonl"]);
    assert!(output.status.success(), "{}", project.transcript(&output));
}

fn collect(project: &Project, output: &str) -> String {
    let script = format!("{ROOT}/.github/scripts/collect.py");
    let program = env!("CARGO_BIN_EXE_audit578");
    let args = ["--own", "own", "--publishers", "publishers.json", "--history", "own/project", "--output", output];
    let output = python(project, &[&[&*script, "--program", program], args.as_slice()].concat());
    let text = project.transcript(&output);
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn the_site_has_the_runtimes_of_all_who_may_publish() {
    let project = Project::empty();
    let old = fs::read_to_string(results(&project, &OLDEST_PYTHON)).expect("results");
    let header = old.lines().next().expect("a header");
    let started = header.split_once(r#""started":""#).expect("a time").1.split_once('"').expect("its end").0;
    let suite = header.split_once(r#""suite":""#).expect("a suite").1.split_once('"').expect("its end").0;
    publish(&project, "acme/slow", &old.replace(started, "2026-01-02T03:04:05Z"));
    publish(&project, "acme/future", &old.replace(started, "2999-01-02T03:04:05Z"));
    publish(&project, "acme/timeless", &old.replace(started, "yesterday"));
    publish(&project, "acme/other-suite", &old.replace(suite, &"0".repeat(64)));
    publish(&project, "acme/greedy", &old);
    publish(&project, "acme/broken", "{\"record\": \"header\"\n");
    let entry = |(name, runtimes): (&str, &str)| {
        format!(r#"{{"repository": "acme/{name}", "tag": "audit578", "runtimes": ["{runtimes}"]}}"#)
    };
    let names = ["slow", "future", "timeless", "other-suite", "broken", "absent"].map(|name| (name, "cpython-3.*"));
    let entries: Vec<String> = names.into_iter().chain([("greedy", "pypy-*")]).map(entry).collect();
    let project = project.file("publishers.json", format!("[{}]", entries.join(",")));
    let new = fs::read_to_string(results(&project, &PYTHON)).expect("results");
    let project = project.file("own/results-new/results.jsonl", new);

    let text = collect(&project, "first");
    for (name, reason) in [
        ("future", "they are of the future: 2999-01-02T03:04:05Z"),
        ("timeless", "they have no time: "),
        ("other-suite", "they are of the suite of audit578 "),
        ("broken", "error: "),
        ("absent", "has no file results.jsonl.gz"),
        ("greedy", "they tell of cpython-3."),
    ] {
        let warning = format!("::warning::the results of acme/{name} are left out: ");
        let line =
            text.lines().find_map(|line| line.strip_prefix(&warning)).unwrap_or_else(|| panic!("{name}: {text}"));
        assert!(line.contains(reason), "{line}");
    }
    assert_eq!(text.matches("::warning::").count(), 7, "{text}");
    assert!(text.contains(" was last tested ") && text.contains(" days ago"), "{text}");
    let merged = fs::read_to_string(project.path("first/results.jsonl")).expect("merged results");
    assert_eq!(merged.lines().filter(|line| line.contains(r#""record":"runtime""#)).count(), 2);
    let page = |name: &str| fs::read_to_string(project.path("first/site").join(name)).expect("a page");
    let heads = page("matrix.html").lines().filter(|line| line.starts_with("<tr><th scope=col")).collect::<String>();
    assert_eq!(heads.matches(" days older</small>").count(), 1, "the results of acme/slow are old: {heads}");

    // The next week has the first as its history.
    let weeks = project.path("releases/own/project/history");
    let mut kept = fs::read_dir(&weeks).expect("a history").map(|entry| entry.expect("a file").path());
    let week = kept.next().expect("the results of this week");
    assert_eq!(kept.next(), None);
    fs::rename(week, weeks.join("2020-W01.jsonl.gz")).expect("it can be renamed");
    collect(&project, "second");
    assert_eq!(fs::read_dir(&weeks).expect("a history").count(), 2);
    assert!(project.path("second/history/2020-W01.jsonl").exists());
}
