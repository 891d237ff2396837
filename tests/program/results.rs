//! Results files: errors in them, and the commands `compare`, `merge` and `run --baseline`.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::project::{MKDIR, Project};

/// A second case of `os.mkdir`.
const BYTES: &str = r#"  - name: bytes
    api: os.mkdir
    setup: |
      import os
      target = os.fsencode(os.path.join(tmp, "d"))
    snippet: |
      os.mkdir(target)
    expect:
      - args: {path: {same: target}, mode: 0o777, dir_fd: -1}
    effect: os.path.isdir(target)
"#;

/// Makes a project with results of one runtime: in `old.jsonl` it keeps its promises, in `new.jsonl` it behaves as `mode`.
fn two_runs(mode: &str) -> Project {
    let run = |project: Project, mode: &str, file: &str| {
        let project = project.runtimes(&[mode]);
        project.output(&["run", "--cases", "cases", "--results", file]);
        project
    };
    let project = Project::fake("faithful", &(MKDIR.to_owned() + BYTES));
    run(run(project, "faithful", "old.jsonl"), mode, "new.jsonl")
}

fn lines(project: &Project, file: &str) -> Vec<Value> {
    let text = fs::read_to_string(project.path(file)).expect("results");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Writes a changed copy of a results file.
fn changed(project: Project, from: &str, to: &str, change: impl Fn(&mut Value)) -> Project {
    let mut lines = lines(&project, from);
    lines.iter_mut().for_each(change);
    project.file(to, lines.iter().map(|line| format!("{line}\n")).collect::<String>())
}

fn code(project: &Project, args: &[&str]) -> Option<i32> {
    project.output(args).status.code()
}

#[test]
fn a_file_that_is_no_results_file_says_what_is_wrong() {
    let project = Project::fake("faithful", MKDIR);
    project.output(&["run", "--cases", "cases", "--results", "good.jsonl"]);
    let text = fs::read_to_string(project.path("good.jsonl")).expect("results");
    let (before, footer) = text.trim_end().rsplit_once('\n').expect("lines");
    let (start, trial) = before.rsplit_once('\n').expect("lines");
    let (header, rest) = text.split_once('\n').expect("lines");
    let newer = header.replace("\"format\":1", "\"format\":2").replace("\"host\"", "\"machine\"");
    let files: [(&str, Vec<u8>); 13] = [
        ("empty", Vec::new()),
        ("cut", text[..text.len() - 10].into()),
        ("cut-header", header[..20].into()),
        ("broken", format!("{before}\n{{\n{footer}\n").into()),
        ("newer", format!("{newer}\n{rest}").into()),
        ("no-header", rest.into()),
        ("other-tool", "{\"version\": \"2.1.0\", \"runs\": []}\n".into()),
        ("text", "all passed\n".into()),
        ("bytes", b"\xff\xfe\0".into()),
        ("lost-line", format!("{start}\n{footer}\n").into()),
        ("twice", format!("{before}\n{trial}\n{footer}\n").into()),
        ("joined", format!("{text}{text}").into()),
        ("stranger", text.replace("\"runtime\":\"fake\"", "\"runtime\":\"x\"").into()),
    ];
    let mut said = Vec::new();
    for (name, content) in files {
        fs::write(project.path(name), content).expect("a file");
        said.push(project.run(&["report", name]));
        for args in [
            &["report", "good.jsonl", name, "--format", "csv", "--output", "out"][..],
            &["report", name, "--format", "badge", "--output", "out"],
            &["report", name, "--format", "html", "--output", "out"],
            &["compare", "good.jsonl", name, "--output", "out"],
            &["compare", name, "good.jsonl"],
            &["merge", "good.jsonl", name, "--output", "out"],
            &["run", "--cases", "cases", "--baseline", name, "--results", "out"],
        ] {
            assert_eq!(code(&project, args), Some(2), "{name}: {args:?}");
            assert!(!project.path("out").exists(), "{name}: {args:?}");
        }
    }
    assert_snapshot!(said.join("\n"));
    let files = fs::read_dir(project.path("")).expect("a folder").count();
    assert_eq!(files, 3 + 13, "no other file was made");
}

#[test]
fn an_incomplete_file_is_read_with_a_warning() {
    let project = two_runs("faithful");
    let text = fs::read_to_string(project.path("new.jsonl")).expect("results");
    let (whole, _) = text.trim_end().rsplit_once('\n').expect("lines");
    let project = project.file("short.jsonl", format!("{whole}\n"));
    let note = "short.jsonl: incomplete: the run was cut short before its end";
    assert!(project.run(&["report", "short.jsonl", "--format", "csv"]).contains(note));
    assert!(project.run(&["compare", "old.jsonl", "short.jsonl"]).contains(note));
    assert_eq!(code(&project, &["merge", "old.jsonl", "short.jsonl", "--output", "all.jsonl"]), Some(0));
    let report = project.run(&["report", "all.jsonl", "--format", "markdown"]);
    assert!(report.contains("**Incomplete: the run was cut short before its end.**"), "{report}");
}

#[test]
fn a_lost_event_is_found_with_one_command() {
    let project = two_runs("dropped-event");
    assert_snapshot!("compare", project.run(&["compare", "old.jsonl", "new.jsonl"]));
    assert_snapshot!("compare_markdown", project.run(&["compare", "old.jsonl", "new.jsonl", "--format", "markdown"]));
    assert_snapshot!("compare_back", project.run(&["compare", "new.jsonl", "old.jsonl"]));
    let json = project.output(&["compare", "old.jsonl", "new.jsonl", "--format", "json"]).stdout;
    let json: Value = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(json["runtimes"][0]["trials"]["worse"], 2);
    assert_eq!(json["trials"][0]["id"], "os.mkdir::bytes");
    assert_eq!(json["trials"][0]["shifts"][0]["new"], "missing");
    assert_eq!(code(&project, &["compare", "old.jsonl", "old.jsonl"]), Some(0));
}

#[test]
fn builds_under_different_names_are_compared() {
    let project = two_runs("dropped-event");
    let rename = |line: &mut Value| {
        let key = if line["record"] == "runtime" { "name" } else { "runtime" };
        if line[key] == "fake" {
            line[key] = "other".into();
        }
    };
    let project = changed(project, "new.jsonl", "other.jsonl", rename);
    assert_eq!(code(&project, &["compare", "old.jsonl", "other.jsonl"]), Some(1));
    assert_eq!(code(&project, &["compare", "old.jsonl", "other.jsonl", "--map", "fake=other"]), Some(1));
    let said = [
        project.run(&["compare", "old.jsonl", "other.jsonl", "--map", "fake=fake"]),
        project.run(&["compare", "old.jsonl", "other.jsonl", "--map", "fake"]),
        project.run(&["compare", "old.jsonl", "absent.jsonl"]),
    ];
    assert_snapshot!(said.join("\n"));
}

#[test]
fn a_run_is_compared_with_its_baseline() {
    let project = two_runs("dropped-event");
    let text = fs::read(project.path("old.jsonl")).expect("results");
    let run = ["run", "--cases", "cases", "--baseline", "old.jsonl"];
    assert_snapshot!(project.run(&[&run[..], &["os.mkdir::path"]].concat()));
    let wrong = project.run(&[&run[..], &["--map", "fake=other", "--results", "old.jsonl"]].concat());
    assert!(
        wrong.starts_with("exit code: 2\n") && wrong.contains("unknown runtime \"other\" in the new results"),
        "{wrong}"
    );
    assert_eq!(fs::read(project.path("old.jsonl")).expect("results"), text, "nothing was run, and nothing written");
    assert_eq!(code(&project, &[&run[..], &["--results", "old.jsonl"]].concat()), Some(1));
    assert_eq!(lines(&project, "old.jsonl").iter().filter(|line| line["verdict"] == "missing").count(), 2);
}

#[test]
fn something_worse_fails_a_run_that_conforms() {
    let gap =
        "known-gaps:\n  - {runtime: cpython, cases: ['*'], verdict: missing, kind: bug, reason: It is dropped.}\n";
    let project = two_runs("dropped-event").file("cases/os/os.mkdir.yaml", MKDIR.to_owned() + BYTES + gap);
    assert_eq!(code(&project, &["run", "--cases", "cases"]), Some(0));
    assert_eq!(code(&project, &["run", "--cases", "cases", "--baseline", "old.jsonl"]), Some(1));
    assert_eq!(code(&project, &["run", "--cases", "cases", "--baseline", "new.jsonl"]), Some(0));
}

#[test]
fn the_exit_code_says_what_fail_on_asks() {
    let gap =
        "known-gaps:\n  - {runtime: cpython, cases: ['*'], verdict: missing, kind: bug, reason: It is dropped.}\n";
    let defaults = ["--baseline BASELINE", ""];
    let unexpected = ["--baseline BASELINE --fail-on unexpected", "--fail-on unexpected"];
    let worse = ["--baseline BASELINE --fail-on worse"];
    let never = ["--baseline BASELINE --fail-on never", "--fail-on never"];
    // The behaviour, whether it is a known gap, the baseline; and whether a failure is unexpected and something got worse.
    for (mode, gap, baseline, is_unexpected, is_worse) in [
        ("faithful", "", "old.jsonl", 0, 0),
        ("faithful", "", "new.jsonl", 0, 0),
        ("faithful", gap, "new.jsonl", 1, 0),
        ("dropped-event", "", "old.jsonl", 1, 1),
        ("dropped-event", "", "new.jsonl", 1, 0),
        ("dropped-event", gap, "old.jsonl", 0, 1),
        ("dropped-event", gap, "new.jsonl", 0, 0),
    ] {
        let project = two_runs("dropped-event").runtimes(&[mode]);
        let project = project.file("cases/os/os.mkdir.yaml", MKDIR.to_owned() + BYTES + gap);
        let check = |options: &[&str], expected: i32| {
            for options in options {
                let options = options.replace("BASELINE", baseline);
                let args = format!("run --cases cases {options}");
                let code = code(&project, &args.split_whitespace().collect::<Vec<_>>());
                assert_eq!(code, Some(expected), "{mode}, {options:?}, baseline {baseline}, gap {gap:?}");
            }
        };
        check(&defaults[..1], is_worse);
        check(&defaults[1..], is_unexpected);
        check(&unexpected, is_unexpected);
        check(&worse, is_worse);
        check(&never, 0);
    }
    let project = two_runs("faithful");
    for args in ["--fail-on worse", "--fail-on better", "--fail-on never --differential a b"] {
        let args: Vec<&str> = ["run"].into_iter().chain(args.split(' ')).collect();
        assert_eq!(code(&project, &args), Some(2), "{args:?}");
    }
    let project = project.file("runtimes.toml", "[[runtime]]\nname = \"x\"\ncommand = [\"absent-578\"]\n");
    assert_eq!(code(&project, &["run", "--cases", "cases", "--fail-on", "never"]), Some(3));
}

#[test]
fn a_changed_suite_is_said_and_its_cases_are_not_compared() {
    let changed = MKDIR.replace("mode: 0o700", "mode: 0o701") + &BYTES.replace("name: bytes", "name: other");
    let project = two_runs("faithful").file("cases/os/os.mkdir.yaml", changed);
    project.output(&["run", "--cases", "cases", "--results", "new.jsonl"]);
    assert_snapshot!(project.run(&["compare", "old.jsonl", "new.jsonl"]));
    let merge = project.run(&["merge", "old.jsonl", "new.jsonl", "--output", "all.jsonl"]);
    assert_snapshot!("merge_of_two_suites", merge);
    assert!(!project.path("all.jsonl").exists());
}

#[test]
fn one_trial_has_one_verdict_or_the_newest() {
    let project = changed(two_runs("faithful"), "new.jsonl", "new.jsonl", |line| {
        if line["case"] == "bytes" && line["record"] == "trial" {
            line["verdict"] = "missing".into();
        }
        if line["record"] == "header" {
            line["started"] = "2100-01-01T00:00:00Z".into();
        }
    });
    let merge = ["merge", "old.jsonl", "new.jsonl", "--output", "all.jsonl"];
    let said = project.run(&merge);
    assert!(
        said.starts_with("exit code: 2\n")
            && said.contains("trials with two verdicts (1):\n  os.mkdir::bytes on fake: "),
        "{said}"
    );
    assert!(said.contains("missing (2100-01-01T00:00:00Z), pass (") && said.contains("hint: --newest"), "{said}");
    assert!(!project.path("all.jsonl").exists());
    assert_eq!(code(&project, &["report", "old.jsonl", "new.jsonl"]), Some(2));
    for files in [["old.jsonl", "new.jsonl"], ["new.jsonl", "old.jsonl"]] {
        assert_eq!(code(&project, &["merge", files[0], files[1], "--output", "all.jsonl", "--newest"]), Some(0));
        let csv = project.run(&["report", "all.jsonl", "--format", "csv"]);
        assert!(csv.contains("os.mkdir,bytes,os.mkdir,fake,missing"), "{csv}");
    }
}

#[test]
fn machines_with_the_same_version_get_a_column_each() {
    let project = changed(two_runs("faithful"), "new.jsonl", "new.jsonl", |line| {
        if line["record"] == "runtime" {
            line["probe"]["platform"] = "win32".into();
        }
        if line["record"] == "header" {
            line["started"] = "2100-01-01T00:00:00Z".into();
        }
    });
    assert_eq!(code(&project, &["merge", "old.jsonl", "new.jsonl", "--output", "all.jsonl"]), Some(0));
    let rows: Vec<Value> =
        lines(&project, "all.jsonl").into_iter().filter(|line| line["record"] == "runtime").collect();
    let names: Vec<_> = rows.iter().map(|row| (row["name"].as_str(), row["given"].as_str())).collect();
    assert_eq!(names, [(Some("fake-linux"), Some("fake")), (Some("fake-win32"), Some("fake"))]);
    assert!(rows[0]["run"]["started"].is_string() && rows[1]["run"].is_null(), "the header is of the newest run");
    assert_eq!(code(&project, &["merge", "all.jsonl", "old.jsonl", "--output", "twice.jsonl"]), Some(0));
    let text = |file: &str| fs::read_to_string(project.path(file)).expect("results");
    let without_footer =
        |file: &str| text(file).lines().filter(|line| !line.contains("footer")).collect::<Vec<_>>().join("\n");
    assert_eq!(without_footer("twice.jsonl"), without_footer("all.jsonl"));
}

#[test]
fn a_report_takes_a_short_hash_of_the_suite() {
    let project = Project::fake("faithful", MKDIR);
    project.output(&["run", "--cases", "cases", "--results", "good.jsonl"]);
    let project = changed(project, "good.jsonl", "short.jsonl", |line| {
        if line["record"] == "header" {
            line["suite"] = "é\u{1b}".into();
        }
    });
    for format in ["terminal", "markdown", "summary", "csv", "json", "junit", "github", "badge", "html"] {
        let report = ["report", "short.jsonl", "--format", format, "--output", &format!("to-{format}")];
        assert_eq!(code(&project, &report), Some(0), "{format}");
    }
    for format in ["terminal", "markdown", "json", "html"] {
        let compare = ["compare", "short.jsonl", "good.jsonl", "--format", format, "--output", &format!("to-{format}")];
        assert_eq!(code(&project, &compare), Some(0), "compare to {format}");
    }
    let report = project.output(&["report", "short.jsonl"]);
    let text = String::from_utf8_lossy(&report.stdout).into_owned();
    assert!(text.contains("\nsuite é\\u{1b}, "), "{text}");
}
