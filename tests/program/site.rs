//! The files of the site: all or none are written, and the scripts on its pages work.

use std::fs;
use std::process::Command;

use crate::project::{MKDIR, PYTHON, Project};

/// Makes a project with the results file of one run.
fn project() -> Project {
    let project = Project::fake("faithful", MKDIR);
    project.output(&["run", "--cases", "cases", "--results", "results.jsonl"]);
    project
}

const SITE: [&str; 6] = ["report", "results.jsonl", "--format", "html", "--output", "site"];

fn with(results: &str) -> Vec<&str> {
    SITE.into_iter().map(|word| if word == "results.jsonl" { results } else { word }).collect()
}

#[test]
fn a_site_replaces_only_another_site() {
    let project = project();
    assert_eq!(project.output(&SITE).status.code(), Some(0));
    for file in [
        "index.html",
        "matrix.html",
        "event/os.mkdir.html",
        "runtime/fake.html",
        "badge/fake.svg",
        "script/os.mkdir.path.py",
        "data/results.jsonl",
        "data/matrix.js",
    ] {
        assert!(project.path("site").join(file).is_file(), "{file}");
    }
    let project = project.file("site/stale.html", "of another time");
    assert_eq!(project.output(&SITE).status.code(), Some(0));
    assert!(!project.path("site/stale.html").exists(), "files of the old site are removed");
    let project = project.file("own/thesis.txt", "years of work");
    let output = project.run(&["report", "results.jsonl", "--format", "html", "--output", "own"]);
    assert!(output.starts_with("exit code: 2\n") && output.contains("has files that are not of a site"), "{output}");
    assert_eq!(fs::read_to_string(project.path("own/thesis.txt")).expect("it is there"), "years of work");
}

#[test]
fn the_data_of_a_site_gives_the_same_site() {
    let project = project();
    project.output(&SITE);
    let second = ["report", "site/data/results.jsonl", "--format", "html", "--output", "second"];
    assert_eq!(project.output(&second).status.code(), Some(0));
    for file in ["index.html", "matrix.html", "event/os.mkdir.html", "findings.html", "data/matrix.js"] {
        let read = |folder: &str| fs::read_to_string(project.path(folder).join(file)).expect("a page");
        assert_eq!(read("site"), read("second"), "{file}");
    }
}

#[test]
fn a_wrong_results_file_is_reported_and_no_site_is_written() {
    let project = project();
    let text = fs::read_to_string(project.path("results.jsonl")).expect("results");
    let project = project
        .file("cut.jsonl", &text[..text.len() / 2])
        .file("future.jsonl", text.replace("\"format\":1", "\"format\":2"))
        .file("other.jsonl", "{\"type\": \"suite\", \"event\": \"started\", \"test_count\": 1}\n");
    for (file, message) in [
        ("cut.jsonl", "the line ends in the middle of a record"),
        ("future.jsonl", "unknown format 2; this program reads format 1"),
        ("other.jsonl", "expected the header of a results file"),
        ("absent.jsonl", "No such file"),
    ] {
        let output = project.run(&with(file));
        assert!(output.starts_with("exit code: 2\n") && output.contains(message), "{file}: {output}");
    }
    let output = project.run(&["report", "results.jsonl", "--format", "html", "--output", "/proc/site"]);
    assert!(output.starts_with("exit code: 2\n") && output.contains("cannot write /proc/site"), "{output}");
    let output = project.run(&["report", "results.jsonl", "--format", "html"]);
    assert!(output.starts_with("exit code: 2\n") && output.contains("--output"), "{output}");
    let entries = fs::read_dir(project.path("")).expect("a folder").flatten().map(|entry| entry.file_name());
    assert!(entries.into_iter().all(|name| name != "site" && !name.to_string_lossy().contains("audit578-site")));
}

#[test]
fn the_script_of_a_case_prints_its_events() {
    let invoked = "event: cpython.run_command\ndocumented: true\narguments: [command]\nraised-by: [python -c]\ncases:\n  - \
                   name: c\n    api: python -c\n    invoke: {args: [-c, print(42)]}\n    expect:\n      - args: {command: any}\n    \
                   veto: none\n    because: It is an example.\n";
    let project = Project::fake("faithful", MKDIR).file("cases/cpython/cpython.run_command.yaml", invoked);
    let run = project.run(&["run", "--cases", "cases", "--results", "results.jsonl"]);
    assert_eq!(project.output(&SITE).status.code(), Some(0), "{run}");
    let script =
        |case: &str| fs::read_to_string(project.path("site/script").join(format!("{case}.py"))).expect("a script");
    let python = |case: &str, args: &[&str]| {
        let output = Command::new(&*PYTHON).arg("-c").arg(script(case)).args(args).output().expect("Python starts");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let plain = python("os.mkdir.path", &[]);
    assert!(plain.starts_with("os.mkdir ('") && plain.contains("', 448, -1)\n-- the snippet ended\n"), "{plain}");
    assert!(plain.ends_with("-- the effect is there\n"), "{plain}");
    let veto = python("os.mkdir.path", &["veto"]);
    assert!(veto.contains("-- the snippet raised RuntimeError('vetoed')\n-- the effect is not there\n"), "{veto}");
    let invoked = python("cpython.run_command.c", &[]);
    assert!(invoked.contains("42\n") && invoked.contains("cpython.run_command ('print(42)"), "{invoked}");
    assert!(invoked.contains("-- exit status 0\n"), "{invoked}");
}

/// Makes a results file of another day, with changes in its text.
fn another(text: &str, day: &str, changes: &[(&str, &str)]) -> String {
    let header: serde_json::Value = serde_json::from_str(text.lines().next().expect("a header")).expect("JSON");
    let of_day = text.replace(header["started"].as_str().expect("a time"), &format!("{day}T00:00:00Z"));
    changes.iter().fold(of_day, |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    })
}

#[test]
fn a_runtime_with_a_history_has_a_trend() {
    let project = project();
    let text = fs::read_to_string(project.path("results.jsonl")).expect("results");
    let header: serde_json::Value = serde_json::from_str(text.lines().next().expect("a header")).expect("JSON");
    let suite = header["suite"].as_str().expect("a hash").to_owned();
    let missing = ("\"verdict\":\"pass\"", "\"verdict\":\"missing\"");
    let old_suite = another(&text, "2001-01-01", &[missing, (suite.as_str(), "0ld5u17e")]);
    let whole = another(&text, "2003-01-01", &[]);
    let cut = whole.lines().filter(|line| !line.contains("\"footer\"")).map(|line| format!("{line}\n"));
    let other = another(&text, "2000-01-01", &[("\"fake\"", "\"other\"")]);
    let project = project
        .file("history/b.jsonl", old_suite)
        .file("history/a.jsonl", another(&text, "2002-01-01", &[]))
        .file("history/cut.jsonl", cut.collect::<String>())
        .file("history/other.jsonl", other)
        // The run itself, which must not be counted twice.
        .file("history/this.jsonl", &text)
        .file("history/.hidden", "no results");
    let output = project.output(&[&SITE[..], &["--history", "history"]].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let page = fs::read_to_string(project.path("site/runtime/fake.html")).expect("a page");
    let (_, trend) = page.split_once("<h2 id=trend>").expect("a trend");
    let (trend, _) = trend.split_once("</table>").expect("a table");
    let table = trend.split_once("<tbody>").expect("rows").1;
    let rows: Vec<String> = table.lines().skip(1).filter(|line| line.starts_with("<tr>")).map(words).collect();
    let (today, suite) = (&header["started"].as_str().expect("a time")[..10], &suite[..12]);
    assert_eq!(
        rows,
        [
            "2001-01-01 fake 0/1 0 1 0 0 0ld5u17e".to_owned(),
            format!("2002-01-01 fake 1/1 0 0 0 0 {suite} another suite"),
            format!("2003-01-01 fake 1/1 0 0 0 0 {suite} cut short"),
            format!("{today} fake 1/1 0 0 0 0 {suite}"),
        ]
    );
    let range = "4 runs, fake of 2001-01-01 to fake of ";
    assert!(trend.contains(range) && trend.contains(": passed 0/1 in the first and 1/1 in the last"), "{trend}");
    assert_eq!((trend.matches("<rect class=p").count(), trend.matches("<rect class=x").count()), (3, 1), "{trend}");
    assert_eq!(trend.matches("<path").count(), 2, "a line before the other suite, and before the incomplete run");
}

/// Returns the text of a piece of HTML, with one space between words.
fn words(html: &str) -> String {
    let text = html.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
    text.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_runtime_that_was_tested_once_has_no_trend() {
    let project = project();
    fs::create_dir(project.path("history")).expect("a folder");
    let output = project.output(&[&SITE[..], &["--history", "history"]].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let page = fs::read_to_string(project.path("site/runtime/fake.html")).expect("a page");
    assert!(!page.contains("id=trend"), "{page}");
}

#[test]
fn a_wrong_history_is_reported_and_no_site_is_written() {
    let project = project();
    let text = fs::read_to_string(project.path("results.jsonl")).expect("results");
    let project = project
        .file("cut/a.jsonl", &text)
        .file("cut/b.jsonl", &text[..text.len() / 2])
        .file("foreign/notes.txt", "what I saw");
    for (folder, message) in [
        ("cut", "cut/b.jsonl: line"),
        ("foreign", "foreign/notes.txt: line 1: expected the header"),
        ("absent", "absent: No such file"),
        ("results.jsonl", "results.jsonl: Not a directory"),
    ] {
        let output = project.run(&[&SITE[..], &["--history", folder]].concat());
        assert!(output.starts_with("exit code: 2\n") && output.contains(message), "{folder}: {output}");
        assert!(!project.path("site").exists(), "{folder}");
    }
    let output = project.run(&["report", "results.jsonl", "--format", "csv", "--history", "cut"]);
    assert!(output.starts_with("exit code: 2\n") && output.contains("need --format html"), "{output}");
}

#[test]
fn results_that_are_more_than_a_week_older_than_the_newest_say_so() {
    let project = Project::empty().file("cases/os/os.mkdir.yaml", MKDIR).runtimes(&["faithful", "swallowed"]);
    let of = |runtime: &str, day: &str| {
        let part = format!("{runtime}.jsonl");
        project.output(&["run", "--cases", "cases", "--runtime", runtime, "--results", &part]);
        another(&fs::read_to_string(project.path(&part)).expect("results"), day, &[])
    };
    let (old, new) = (of("faithful", "2026-11-10"), of("swallowed", "2026-11-20"));
    let project = project.file("old.jsonl", old).file("new.jsonl", new);
    let site = ["report", "old.jsonl", "new.jsonl", "--format", "html", "--output", "site"];
    assert_eq!(project.output(&site).status.code(), Some(0));
    let page = |name: &str| fs::read_to_string(project.path("site").join(name)).expect("a page");
    let matrix = page("matrix.html");
    let heads: Vec<&str> = matrix.split("<th scope=col").filter(|head| head.contains("href=\"runtime/")).collect();
    let mark = "title=\"Measured 10 days before the newest results of this site\">10 days older</small>";
    let is_marked = |name: &str| heads.iter().find(|head| head.contains(name)).expect("a column").contains(mark);
    assert!(is_marked("faithful.html") && !is_marked("swallowed.html"), "{matrix}");
    assert!(matrix.contains("measured more than a week before the newest results</li>"), "the legend: {matrix}");
    let note = "10 days older: measured 10 November 2026, 00:00 UTC, more than a week before the newest results";
    assert!(page("runtime/faithful.html").contains(note));
    assert!(!page("runtime/swallowed.html").contains("days older"));
}

#[test]
fn results_of_one_week_have_no_mark() {
    let project = project();
    project.output(&SITE);
    let page = fs::read_to_string(project.path("site/matrix.html")).expect("a page");
    assert!(!page.contains("older</") && !page.contains("more than a week"), "{page}");
}
