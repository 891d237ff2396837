//! Shards: that their results together are those of one run, and that engines name them.

use std::fs;

use serde_json::Value;

use crate::project::{MKDIR, PYTHON, Project};

/// Returns the records of a results file, without times and what depends on them. Messages of the interpreter on standard
/// error have addresses.
fn records(project: &Project, file: &str) -> Vec<Value> {
    let text = fs::read_to_string(project.path(file)).expect("results");
    let mut records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for record in &mut records {
        let record = record.as_object_mut().expect("an object");
        record.retain(|key, _| !["seconds", "started", "run", "stderr"].contains(&key.as_str()));
    }
    records.sort_by_cached_key(ToString::to_string);
    records
}

fn trials(project: &Project, file: &str) -> usize {
    records(project, file).iter().filter(|record| record["record"] == "trial").count()
}

#[test]
fn shards_merge_to_what_one_run_gives() {
    let whole = std::env::var_os("AUDIT578_WHOLE").is_some();
    let patterns: &[&str] = if whole { &["*"] } else { &["os.mk*", "doors.identity"] };
    let project = Project::empty();
    let run = |file: &str, more: &[&str]| {
        let args = [&["run", "--python", &*PYTHON, "--timeout", "60", "--results", file], patterns, more].concat();
        let output = project.output(&args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", project.transcript(&output));
    };
    run("one.jsonl", &[]);
    let one = records(&project, "one.jsonl");
    for count in [1, 2, 3, 7, 16] {
        let files: Vec<String> = (1..=count).map(|number| format!("{number}-{count}.jsonl")).collect();
        for (file, number) in files.iter().zip(1..) {
            run(file, &["--shard", &format!("{number}/{count}")]);
        }
        let files: Vec<&str> = files.iter().rev().map(String::as_str).collect();
        let merge = [&["merge", "--output", "all.jsonl"], files.as_slice()].concat();
        assert_eq!(project.output(&merge).status.code(), Some(0));
        if count > 1 {
            let some = project.run(&[&["merge", "--output", "some.jsonl"], &files[1..]].concat());
            let lacking = format!("error: shards are missing:\n  shard {count}/{count} of ");
            assert!(some.starts_with("exit code: 2\n") && some.contains(&lacking), "{some}");
            let some = project.run(&[&["merge", "--partial", "--output", "some.jsonl"], &files[1..]].concat());
            assert!(some.starts_with("exit code: 0\n"), "{some}");
            let report = project.run(&["report", "some.jsonl", "--format", "summary"]);
            assert!(report.contains(&format!("warning: missing: shard {count}/{count} of ")), "{report}");
            let rest = project.run(&["merge", "some.jsonl", files[0], "--output", "all.jsonl"]);
            assert!(rest.starts_with("exit code: 0\n"), "{rest}");
        }
        let all = records(&project, "all.jsonl");
        let only = |these: &[Value], those: &[Value]| {
            these
                .iter()
                .filter(|record| !those.contains(record))
                .map(|record| format!("{record}\n"))
                .collect::<String>()
        };
        assert_eq!(only(&all, &one), only(&one, &all), "{count} shards");
        assert_eq!(all.len(), one.len(), "{count} shards");
    }
}

#[test]
fn a_shard_without_cases_is_a_valid_file() {
    let project = Project::fake("dropped-event", MKDIR);
    let run = |file: &str, shard: &str, more: &[&str]| {
        project
            .output(&[&["run", "--cases", "cases", "--results", file, "--shard", shard], more].concat())
            .status
            .code()
    };
    let files = ["1.jsonl", "2.jsonl", "3.jsonl"];
    let codes = [run(files[0], "1/3", &[]), run(files[1], "2/3", &[]), run(files[2], "3/3", &[])];
    let full = codes.iter().position(|code| *code == Some(1)).expect("one part has the case, which fails");
    assert_eq!(files.map(|file| trials(&project, file)).iter().sum::<usize>(), 1);
    let empty = (full + 1) % 3;
    assert_eq!((codes[empty], codes[(full + 2) % 3]), (Some(0), Some(0)));
    assert_eq!(trials(&project, files[empty]), 0);
    let shard = format!("{}/3", empty + 1);
    assert_eq!(run("again.jsonl", &shard, &["--baseline", files[full]]), Some(0), "nothing got worse");
    assert_eq!(run("none.jsonl", &shard, &["os.nothing"]), Some(4), "no case matches, in any part");
    for format in ["terminal", "markdown", "summary", "csv", "json", "junit", "github", "badge", "html", "data"] {
        let report = ["report", files[empty], "--format", format, "--output", &format!("to-{format}")];
        assert_eq!(project.output(&report).status.code(), Some(0), "{format}");
    }
    let differential = ["run", "--cases", "cases", "--shard", &shard, "--differential", &PYTHON, &PYTHON];
    assert_eq!(project.output(&differential).status.code(), Some(0));
}

#[test]
fn a_wrong_shard_is_refused() {
    let project = Project::fake("faithful", MKDIR);
    for wrong in ["0/2", "3/2", "1", "1/0", "a/b", "auto/0"] {
        assert_eq!(project.output(&["run", "--cases", "cases", "--shard", wrong]).status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn an_engine_names_the_shard_if_it_is_asked() {
    let project = Project::fake("faithful", MKDIR);
    let (proof, junit) = (project.path("proof"), project.path("test.xml"));
    let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let (proof_text, junit_text) = (text(&proof), text(&junit));
    let run = |more: &[&str], count: &str| {
        let env = [
            ("TEST_SHARD_INDEX", "0"),
            ("TEST_TOTAL_SHARDS", count),
            ("TEST_SHARD_STATUS_FILE", &proof_text),
            ("XML_OUTPUT_FILE", &junit_text),
        ];
        project.output_with(&[&["run", "--cases", "cases", "--results", "results.jsonl"], more].concat(), &env)
    };
    run(&[], "1");
    assert!(!proof.exists() && !junit.exists(), "nobody asked for a shard");
    let told = project.transcript(&run(&["--shard", "auto"], "1"));
    assert!(told.ends_with("--- stderr\nshard 1/1 by Bazel (TEST_SHARD_INDEX=0, TEST_TOTAL_SHARDS=1)\n"), "{told}");
    assert!(proof.exists());
    let xml = fs::read_to_string(&junit).expect("JUnit XML");
    assert!(xml.contains("<testcase name=\"os.mkdir::path\""), "{xml}");
    for (shard, count, reason) in [
        (
            "auto",
            "0",
            "--shard auto: TEST_SHARD_INDEX is 0, which is not one of 0 parts\n  hint: `--shard K/N` names the part",
        ),
        ("auto/2", "3", "--shard auto: Bazel has 3 parts, and not 2"),
    ] {
        let said = project.transcript(&run(&["--shard", shard], count));
        assert!(said.starts_with("exit code: 2\n") && said.contains(reason), "{said}");
    }
}
