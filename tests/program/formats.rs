//! The formats of `report`, and their output files.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;
use quick_junit::{NonSuccessKind, Report, TestCaseStatus};

use crate::project::{MKDIR, Project};

/// Makes a project with results of runtimes that keep promises, break them, or have no audit hooks.
fn project() -> Project {
    let gap = "known-gaps:\n  - {runtime: swallowed, cases: [path], verdict: unvetoed, veto: [exception, effect], kind: bug, reason: 'It | is <swallowed>.', issue: 'https://example.org/1'}\n";
    let skipped =
        MKDIR.split_once("cases:\n").expect("cases").1.replace("name: path", "name: later\n    python: '>=4'");
    let modes = ["faithful", "dropped-event", "wrong-argument", "swallowed", "no-audit"];
    let project = Project::empty().file("cases/os/os.mkdir.yaml", MKDIR.to_owned() + &skipped + gap).runtimes(&modes);
    project.output(&["run", "--cases", "cases", "--results", "results.jsonl"]);
    project
}

#[test]
fn markdown_fits_a_job_summary() {
    assert_snapshot!(project().run(&["report", "results.jsonl", "--format", "markdown"]));
}

#[test]
fn annotations_are_on_the_lines_of_the_cases() {
    let project = project();
    let text = project.run(&["report", "results.jsonl", "--format", "github"]);
    assert_snapshot!(text);
    let case = fs::read_to_string(project.path("cases/os/os.mkdir.yaml")).expect("cases");
    let line = case.lines().position(|line| line.contains("name: path")).expect("a case") + 1;
    assert!(text.contains(&format!("::error file=cases/os/os.mkdir.yaml,line={line},")), "{text}");
}

#[test]
fn junit_has_each_trial_once() {
    let project = project();
    let xml = project.output(&["report", "results.jsonl", "--format", "junit"]).stdout;
    let xml = String::from_utf8(xml).expect("UTF-8");
    // Jenkins' schema allows no other attributes on the root.
    let root = xml.lines().find(|line| line.starts_with("<testsuites")).expect("a root");
    assert_eq!(root, r#"<testsuites name="audit578" tests="10" failures="2" errors="0">"#);
    let report =
        Report::deserialize_from_str(&xml.replace("<testsuites ", "<testsuites skipped=\"6\" ")).expect("JUnit XML");
    let shown = report.test_suites.iter().flat_map(|suite| {
        suite.test_cases.iter().map(|case| {
            let status = match &case.status {
                TestCaseStatus::Success { .. } => "success".to_owned(),
                TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, message, description, .. } => {
                    format!("failure: {}\n{}", message.as_deref().unwrap_or("?"), description.as_deref().unwrap_or("?"))
                }
                TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, message, .. } => {
                    format!("error: {message:?}")
                }
                TestCaseStatus::Skipped { message, .. } => format!("skipped: {}", message.as_deref().unwrap_or("?")),
            };
            format!("{} {}: {status}\n", suite.name.as_str(), case.name.as_str())
        })
    });
    assert_snapshot!(shown.collect::<String>());
}

#[test]
fn badges_are_files_of_each_runtime() {
    let project = project();
    let badges = ["report", "results.jsonl", "--format", "badge"];
    assert_eq!(project.output(&badges).status.code(), Some(2), "badges need a folder");
    assert_eq!(project.output(&[&badges[..], &["--output", "site/badges"]].concat()).status.code(), Some(0));
    let mut files: Vec<_> = fs::read_dir(project.path("site/badges")).expect("a folder").flatten().collect();
    files.sort_by_key(fs::DirEntry::file_name);
    let names: Vec<_> = files.iter().map(|file| file.file_name().into_string().expect("text")).collect();
    assert_eq!(names.len(), 10, "{names:?}");
    let text = |name: &str| fs::read_to_string(project.path("site/badges").join(name)).expect("a badge");
    let json: serde_json::Value = serde_json::from_str(&text("dropped-event.json")).expect("JSON");
    assert_eq!(json["schemaVersion"], 1);
    assert_eq!((json["message"].as_str(), json["color"].as_str()), (Some("0 of 1 cases"), Some("red")));
    assert!(text("faithful.svg").contains("<title>audit events: 1 of 1 cases</title>"));
    let mode = files[0].metadata().expect("metadata").permissions().mode();
    assert_eq!(mode & 0o444, 0o444, "a web server may read it");
}

#[test]
fn an_output_is_there_as_a_whole_or_as_it_was() {
    let project = project().file("out", "before").file("broken.jsonl", "{");
    std::os::unix::fs::symlink("out", project.path("link")).expect("a link");
    let run = |args: &[&str]| project.output(args).status.code();
    assert_eq!(run(&["report", "broken.jsonl", "--output", "out"]), Some(2));
    assert_eq!(fs::read_to_string(project.path("out")).expect("a file"), "before");
    assert_eq!(run(&["report", "results.jsonl", "--format", "csv", "--output", "link"]), Some(0));
    assert!(fs::read_to_string(project.path("out")).expect("a file").starts_with("event,case,"));
    assert!(project.path("link").is_symlink());
    let report = fs::read_to_string(project.path("out")).expect("a file");
    let stdout = project.output(&["report", "results.jsonl", "--format", "csv"]).stdout;
    assert_eq!(report.as_bytes(), stdout);
    let before = fs::read_dir(project.path("")).expect("a folder").count();
    let unwritable: [&[&str]; 6] = [
        &["report", "results.jsonl", "--output", "no/such/folder/file"],
        &["report", "results.jsonl", "--output", "cases"],
        &["report", "results.jsonl", "--format", "badge", "--output", "out/badges"],
        &["report", "results.jsonl", "--format", "html", "--output", "no/such/site"],
        &["compare", "results.jsonl", "results.jsonl", "--output", "out/file"],
        &["merge", "results.jsonl", "--output", "no/such/folder/file"],
    ];
    let messages = unwritable.map(|args| format!("$ audit578 {}\n{}", args.join(" "), project.run(args)));
    assert_snapshot!(messages.join("\n"));
    assert_eq!(run(&["report", "results.jsonl", "--output", "/dev/full"]), Some(3));
    assert_eq!(run(&["report", "results.jsonl", "--output", "/dev/null"]), Some(0));
    assert!(
        fs::metadata("/dev/null").is_ok_and(|null| !null.is_file()),
        "the command writes to a device, and does not replace it"
    );
    assert_eq!(fs::read_dir(project.path("")).expect("a folder").count(), before, "no temporary file remains");
}
