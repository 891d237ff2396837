//! Results that somebody wrote to harm their reader: what is shown of them acts on no terminal, log, table or page.

use std::fs;
use std::process::Output;

use serde_json::{Value, json};

use crate::project::{MKDIR, Project};

/// Texts that act: on terminals, in logs of engines, in spreadsheets, on pages, and in XML.
const TEXTS: [&str; 15] = [
    "::error file=a::e",
    "  ::add-mask::e",
    "##vso[task.complete]",
    "##[error]e",
    "##teamcity[testStarted]",
    "=cmd|' /C calc'!A0",
    "\t@SUM(1)",
    "\r-1+1",
    "\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[8m",
    "\u{9b}31m\u{85}\u{7f}\0",
    "\u{202e}gpj\u{2066}\u{200f}\u{2028}",
    "<img src=x onerror=alert(1)>",
    "</script></style>-->]]><b>",
    "`|*[a](javascript:b)",
    "a\n::error::b\n##[error]c\n=1\n\u{fffe}\u{ffff}\u{10ffff}\u{fdd0}",
];

/// Returns the record of another value: each text of it that a hostile file may choose is replaced by one that acts.
fn hostile(value: &mut Value, text: &str) {
    const FREE: [&str; 30] = [
        "name",
        "version",
        "host",
        "started",
        "build",
        "platform",
        "machine",
        "language",
        "implementation",
        "implementation-version",
        "package",
        "case",
        "module",
        "api",
        "runtime",
        "reason",
        "stderr",
        "title",
        "issue",
        "place",
        "not-hot",
        "file",
        "snippet",
        "setup",
        "effect",
        "suite",
        "absent",
        "digest",
        "quote",
        "why",
    ];
    let Value::Object(fields) = value else { return };
    for (key, field) in fields.iter_mut() {
        match field {
            Value::String(old) if FREE.contains(&key.as_str()) => text.clone_into(old),
            Value::Array(items) if ["expected", "observed", "command", "repeat", "flags"].contains(&key.as_str()) => {
                for item in items {
                    *item = text.into();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| hostile(item, text)),
            field => hostile(field, text),
        }
    }
}

/// Makes a project with hostile results: for each text a runtime, and on it a failure, a known gap, a fixed gap, a new case,
/// a trial that was not run, and doors.
fn project() -> Project {
    let project = Project::fake("dropped-event", MKDIR);
    project.output(&["run", "--cases", "cases", "--results", "one.jsonl"]);
    let text = fs::read_to_string(project.path("one.jsonl")).expect("results");
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let mut of = |kind: &str| lines.find(|line| line["record"] == kind).expect("a record");
    let (mut header, runtime, event) = (of("header"), of("runtime"), of("event"));
    let (case, trial) = (of("case"), of("trial"));
    let gap =
        |state: &str| json!({"state": state, "kind": "bug", "reason": "r", "issue": "i", "place": "p", "title": "t"});
    let variants = [
        json!({"reason": "r", "stderr": "e", "expected": ["a"], "observed": ["b"]}),
        json!({"gap": gap("known"), "reason": "r"}),
        json!({"verdict": "pass", "gap": gap("fixed")}),
        json!({"new": true, "reason": "r"}),
        json!({"verdict": "skipped", "reason": "r"}),
        json!({"verdict": "pass", "unverified": true, "disagrees": "missing"}),
        json!({"verdict": "closed", "reason": "r"}),
        json!({"verdict": "error", "reason": "r"}),
    ];
    hostile(&mut header, TEXTS[0]);
    let (mut runtimes, mut described, mut trials) = (Vec::new(), Vec::new(), Vec::new());
    for text in TEXTS {
        let mut row = runtime.clone();
        hostile(&mut row, text);
        let absent = json!({"record": "runtime", "name": text, "absent": text, "optional": true, "command": [text], "isolation": null});
        runtimes.extend([row, absent]);
        for (number, variant) in variants.iter().enumerate() {
            let name = format!("{text}{number}");
            let door = if number > 5 { "doors." } else { "" };
            let event_name = format!("{door}{text}{}", if door.is_empty() { number } else { 9 });
            let (mut record, mut its_event, mut its_case) = (trial.clone(), event.clone(), case.clone());
            record.as_object_mut().expect("an object").extend(variant.as_object().expect("an object").clone());
            for one in [&mut record, &mut its_event, &mut its_case] {
                hostile(one, text);
                one["event"] = event_name.as_str().into();
            }
            record["case"] = name.as_str().into();
            its_case["case"] = name.as_str().into();
            its_event["arguments"] = json!([{"names": [text]}]);
            its_event["raised-by"] = json!([text]);
            described.extend(door.is_empty().then_some(its_event));
            described.push(its_case);
            trials.push(record);
        }
    }
    described.sort_by_key(|record| record["record"] == "case");
    let all = [vec![header], runtimes, described, trials].concat();
    project.file("evil.jsonl", all.iter().map(|line| format!("{line}\n")).collect::<String>())
}

/// Checks that a text acts on no terminal and in no log. Colours are those that the program itself uses.
fn check(text: &str, what: &str) {
    let mut plain = text.to_owned();
    for code in ["0", "1", "2", "31", "32", "33", "35", "36"] {
        plain = plain.replace(&format!("\u{1b}[{code}m"), "");
    }
    let acts = |c: char| {
        c != '\n' && c.is_control()
            || "\u{61c}\u{200e}\u{200f}\u{2028}\u{2029}".contains(c)
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    assert_eq!(plain.find(acts), None, "{what}: {plain}");
    for line in plain.lines() {
        let is_command = line.trim_start().starts_with("::")
            || ["##[", "##vso[", "##teamcity["].iter().any(|one| line.contains(one));
        assert!(!is_command, "{what}: {line}");
    }
}

fn texts(output: &Output) -> [String; 2] {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8(bytes.clone()).expect("UTF-8"))
}

#[test]
fn hostile_results_act_on_nobody() {
    let project = project();
    let commands: [&[&str]; 16] = [
        &["report", "evil.jsonl"],
        &["report", "evil.jsonl", "--color", "always"],
        &["report", "evil.jsonl", "--format", "markdown"],
        &["report", "evil.jsonl", "--format", "summary"],
        &["report", "evil.jsonl", "--format", "json"],
        &["report", "evil.jsonl", "--format", "data"],
        &["report", "evil.jsonl", "--format", "junit"],
        &["report", "evil.jsonl", "--format", "csv", "--by", "event"],
        &["report", "evil.jsonl", "--format", "csv"],
        &["compare", "one.jsonl", "evil.jsonl", "--map", "fake=  ::add-mask::e", "--color", "always"],
        &["compare", "evil.jsonl", "evil.jsonl", "--format", "markdown"],
        &["compare", "evil.jsonl", "evil.jsonl", "--format", "json"],
        &["check", "--cases", "cases", "--results", "evil.jsonl"],
        &["merge", "one.jsonl", "evil.jsonl", "--output", "all.jsonl"],
        &["run", "--cases", "cases", "--resume", "evil.jsonl"],
        &["require", "os.mkdir", "--results", "evil.jsonl"],
    ];
    for args in commands {
        let output = project.output(args);
        let [stdout, stderr] = texts(&output);
        check(&stdout, &format!("{args:?}"));
        check(&stderr, &format!("{args:?}"));
        assert!([0, 1, 2, 4].map(Some).contains(&output.status.code()), "{args:?}: {stderr}");
        if args.contains(&"report") {
            assert_eq!(output.status.code(), Some(0), "{args:?}: {stderr}");
        }
    }
}

#[test]
fn hostile_results_are_tables_documents_and_annotations() {
    let project = project();
    let report =
        |args: &[&str]| texts(&project.output(&[&["report", "evil.jsonl", "--format"], args].concat()))[0].clone();
    for args in [&["csv"][..], &["csv", "--by", "event"]] {
        let text = report(args);
        let rows: Vec<_> =
            csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes()).into_records().collect();
        assert!(rows.len() > TEXTS.len());
        for row in rows {
            for cell in &row.expect("a row") {
                let start = cell.trim_start();
                assert!(!start.starts_with(['=', '+', '-', '@']) && !cell.contains(['\t', '\r', '\n']), "{cell}");
            }
        }
    }
    let xml = report(&["junit"]);
    let is_valid = |c: char| matches!(c, '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert_eq!(xml.find(|c| !is_valid(c)), None);
    quick_junit::Report::deserialize_from_str(&xml.replace("<testsuites ", "<testsuites skipped=\"0\" ")).expect("XML");
    for line in report(&["github"]).lines() {
        let (head, message) = line[2..].split_once("::").expect("an annotation");
        let (level, properties) = head.split_once(' ').expect("properties");
        assert!(["error", "warning", "notice"].contains(&level) && !message.contains("##["), "{line}");
        let names: Vec<&str> =
            properties.split(',').filter_map(|one| one.split_once('=')).map(|(name, _)| name).collect();
        assert!(names.iter().all(|name| ["file", "line", "title"].contains(name)), "{line}");
        // A command is one only at the start of a line.
        check(&format!("message: {message}"), line);
    }
    for format in ["markdown", "summary"] {
        let text = report(&[format]);
        let tags =
            text.replace("<details>", "").replace("</details>", "").replace("<summary>", "").replace("</summary>", "");
        let mut is_code = false;
        for line in tags.lines() {
            if line.starts_with("```") {
                is_code = !is_code;
            }
            let prose = prose(line);
            assert!(is_code || !prose.contains('<') && !prose.contains("]("), "{format}: {line}");
        }
    }
}

/// Returns a line of Markdown without its spans of code and its escaped characters.
fn prose(line: &str) -> String {
    let run = |text: &str| text.len() - text.trim_start_matches('`').len();
    let (mut rest, mut prose) = (line, String::new());
    while let Some(c) = rest.chars().next() {
        let ticks = run(rest);
        let behind = &rest[ticks.max(c.len_utf8())..];
        rest = match c {
            '\\' => behind.strip_prefix(|_: char| true).unwrap_or_default(),
            '`' => {
                let fence = "`".repeat(ticks);
                let ends = |at: &usize| run(&behind[*at..]) == ticks && !behind[..*at].ends_with('`');
                let end = behind.match_indices(&fence).map(|(at, _)| at).find(ends);
                end.map_or(behind, |at| &behind[at + ticks..])
            }
            c => {
                prose.push(c);
                behind
            }
        };
    }
    prose
}

#[test]
fn hostile_results_are_pages_without_their_markup() {
    let project = project();
    for args in [
        &["report", "evil.jsonl", "--format", "html", "--output", "site"][..],
        &["report", "evil.jsonl", "--format", "badge", "--output", "badges"],
        &["compare", "evil.jsonl", "evil.jsonl", "--format", "html", "--output", "other"],
    ] {
        let output = project.output(args);
        let [stdout, stderr] = texts(&output);
        // An absent runtime that has the name of another counts as one that cannot be tested any more.
        let expected = i32::from(args[0] == "compare");
        assert_eq!(output.status.code(), Some(expected), "{stdout}{stderr}");
        check(&(stdout + &stderr), &format!("{args:?}"));
    }
    let mut folders = ["site", "badges", "other"].map(|folder| project.path(folder)).to_vec();
    let mut pages = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "html" || end == "svg") {
                let text = fs::read_to_string(&path).expect("a page");
                assert!(!text.contains("<img src=x") && !text.contains("]]><b>"), "{}", path.display());
                pages += 1;
            }
        }
    }
    assert!(pages > TEXTS.len());
}

/// Nothing may write to an output but the functions that clean it.
#[test]
fn only_one_module_prints() {
    let mut folders = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/harness").into()];
    // `keeper.rs` is a process of its own, whose output is that of an interpreter.
    let others = ["files.rs", "build.rs", "keeper.rs"];
    let mut printing = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries: Vec<std::fs::DirEntry> =
            fs::read_dir::<std::path::PathBuf>(folder).expect("a folder").flatten().collect();
        for path in entries.into_iter().map(|entry| entry.path()) {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !others.contains(&&*name) {
                let text = fs::read_to_string(&path).expect("text");
                let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                printing.extend(
                    ["print!(", "println!(", "io::stdout()", "io::stderr()"]
                        .iter()
                        .filter(|one| text.contains(*one))
                        .map(|one| format!("{name}: {one}")),
                );
            }
        }
    }
    assert!(printing.is_empty(), "{printing:?}");
}
