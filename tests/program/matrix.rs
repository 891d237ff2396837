//! The table in the README, that of all runtimes and the compatibility data are of the committed results.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::io::Read;

use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use serde_json::{Value, json};

use crate::project::Project;

const RESULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/matrix/results.jsonl.gz");
const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const ALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/matrix/README.md");
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/harness/python/audit578/compatibility.json");
const MARKS: [&str; 2] = ["<!-- matrix: generated, see CONTRIBUTING.md -->\n", "<!-- end of the matrix -->\n"];

/// The way to make all of them anew.
const BLESS: &str = "AUDIT578_BLESS=1 cargo test --test program matrix writes it anew";

/// The most bytes of the committed results.
const LARGEST: usize = 400_000;

#[test]
fn the_readme_shows_the_committed_results() {
    if let Some(whole) = env::var_os("AUDIT578_MATRIX") {
        commit(&fs::read_to_string(whole).expect("results"));
    }
    let results = committed();
    for (file, shown) in [(README, summary(&only(&results, &usual(&results)))), (ALL, summary(&results))] {
        let text = fs::read_to_string(file).expect("a page with marks");
        let (before, rest) = text.split_once(MARKS[0]).expect("a mark");
        let (block, after) = rest.split_once(MARKS[1]).expect("the other mark");
        if env::var_os("AUDIT578_BLESS").is_some() {
            fs::write(file, [before, MARKS[0], &shown, MARKS[1], after].concat()).expect("it can be written");
        } else {
            assert_eq!(block, shown, "{BLESS}");
        }
    }
    let data = report(&results, "data");
    if env::var_os("AUDIT578_BLESS").is_some() {
        fs::write(DATA, &data).expect("it can be written");
    }
    // Not assert_eq, which would print both.
    assert!(fs::read_to_string(DATA).expect("data") == data, "the compatibility data is of other results: {BLESS}");
}

/// Returns the names of the runtimes that most people run: release builds with audit hooks. Of each version of Python there
/// is the newest one on Linux, and of other systems and of other implementations the newest.
fn usual(results: &str) -> BTreeSet<String> {
    let records = results.lines().map(|line| serde_json::from_str::<Value>(line).expect("a record"));
    let mut seen = BTreeSet::new();
    let mut names = BTreeSet::new();
    // The newest one of a kind stands first.
    for record in records.filter(|record| record["record"] == "runtime" && record["probe"]["audit"] == true) {
        let (name, probe) = (record["name"].as_str().expect("a name"), &record["probe"]);
        let is_cpython = probe["implementation"] == "cpython";
        // RustPython has no build that is not free-threaded.
        let is_special = name.contains('+') || is_cpython && probe["flags"].as_array() != Some(&Vec::new());
        let is_common = is_cpython && probe["platform"] == "linux" && name.starts_with("cpython-");
        let language = probe["language"].as_str().expect("a version");
        let minor = language.rsplit_once('.').filter(|_| is_common).map(|(minor, _)| minor.to_owned());
        let family = name.trim_end_matches(|c: char| c.is_ascii_digit() || ".-rc".contains(c)).to_owned();
        if !is_special && seen.insert((probe["implementation"].clone().to_string(), family, minor)) {
            names.insert(name.to_owned());
        }
    }
    names
}

/// Returns the part of results that is about some runtimes.
fn only(results: &str, names: &BTreeSet<String>) -> String {
    let is_kept = |line: &&str| {
        let record: Value = serde_json::from_str(line).expect("a record");
        let name = match record["record"].as_str() {
            Some("runtime") => &record["name"],
            Some("trial") => &record["runtime"],
            Some("footer") => return false,
            _ => return true,
        };
        name.as_str().is_some_and(|name| names.contains(name))
    };
    let kept: Vec<&str> = results.lines().filter(is_kept).collect();
    let trials = kept.iter().filter(|line| line.contains(r#""record":"trial""#)).count();
    let footer = json!({"record": "footer", "trials": trials, "seconds": 0}).to_string();
    kept.into_iter().chain([footer.as_str()]).map(|line| format!("{line}\n")).collect()
}

fn committed() -> String {
    let mut results = String::new();
    let file = File::open(RESULTS).expect("results are committed");
    GzDecoder::new(file).read_to_string(&mut results).expect("they are compressed");
    results
}

/// Some cases of `open` are known gaps of CPython. A reader must not take the event for one that is never raised.
#[test]
fn an_event_with_few_known_gaps_is_partly_there() {
    let results = committed();
    let records = results.lines().map(|line| serde_json::from_str::<Value>(line).expect("a record"));
    let is_meant =
        |trial: &Value| trial["record"] == "trial" && trial["event"] == "open" && trial["runtime"] == "cpython-3.13.18";
    let trials: Vec<Value> = records.filter(is_meant).collect();
    let passed = trials.iter().filter(|trial| trial["verdict"] == "pass").count();
    let gaps = trials.iter().filter(|trial| trial["gap"]["state"] == "known");
    let shown: BTreeSet<String> = gaps.map(|trial| trial["case"].as_str().expect("a name").to_owned()).collect();
    let number_of_gaps = shown.len();
    assert!(number_of_gaps > 4 && shown.iter().all(|name| name.starts_with("bug-115322-")), "{shown:?}");
    // Without the footer, which has the number of all trials.
    let is_needed = |line: &&str| !line.contains(r#""verdict""#) || line.contains(r#""event":"open""#);
    let is_needed = |line: &&str| is_needed(line) && !line.contains(r#""record":"footer""#);
    let results: String = results.lines().filter(is_needed).map(|line| format!("{line}\n")).collect();
    let project = Project::empty().file("results.jsonl", results);
    // The matrix is in one piece where there is room for it.
    let terminal = project.transcript(&project.output_with(&["report", "results.jsonl"], &[("COLUMNS", "1000")]));
    let column = terminal.lines().find_map(|line| line.find(" 3.13.18 ")).expect("the head of CPython 3.13") + 1;
    let row = terminal.lines().find(|line| line.starts_with("  open ")).expect("the row of the event");
    assert!(row[column..].starts_with(&format!("rav* {passed}/{} ", trials.len())), "{row}");
    let named = shown.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let note = terminal.lines().find(|line| line.contains(&format!("open ({named}) on "))).expect("the known gap");
    assert!(note.contains("cpython-3.13.18"), "{note}");

    project.run(&["report", "results.jsonl", "--format", "html", "--output", "site"]);
    let page = |name: &str| fs::read_to_string(project.path("site").join(name)).expect("a page");
    let between = |text: &str, start: &str, end: &str| {
        let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start} in {text}"));
        rest.split_once(end).expect(end).0.to_owned()
    };
    let data = page("data/matrix.js");
    let data: Value = serde_json::from_str(between(&data, "published = ", ";\n").trim()).expect("JSON");
    let columns = data["columns"].as_array().expect("a list").iter();
    let column = columns.clone().position(|column| column["slug"] == "cpython-3.13.18").expect("CPython 3.13");
    let shown_before = columns.take(column).filter(|column| column["usual"] == true).count();
    let matrix = page("matrix.html");
    let row = between(&matrix, "<tr id=\"open\">", "\n");
    let cell = row.split("<td ").nth(shown_before + 1).expect("a cell");
    let start = format!("class=k>partly {passed}/{}<sup>", trials.len());
    let number = between(cell, &start, "</sup><b>R~ A~ V~</b>");
    let note = between(&matrix, &format!("<li id=note-{number}>"), "</li>");
    let anchor = between(&note, "<a href=\"findings.html#", "\">");
    let found = page("findings.html");
    let finding = between(&found, &format!("<article id=\"{anchor}\""), "</article>");
    let link = |name: &String| format!("<a href=\"event/open.html#{name}\">{name}</a>");
    let cases: Vec<String> = shown.iter().take(6).map(link).collect();
    let more = number_of_gaps - 6;
    assert!(finding.contains(&format!("missing in {} and {more} more", cases.join(", "))), "{finding}");
    assert!(finding.contains(">reported: https://github.com/python/cpython/issues/115322<"), "{finding}");
}

/// The goal is 400 kB for about 40 runtimes. The committed results have 34 of them, and each more takes a few kB.
#[test]
fn the_page_of_the_matrix_loads_little() {
    let project = Project::empty().file("results.jsonl", committed());
    project.run(&["report", "results.jsonl", "--format", "html", "--output", "site"]);
    let page = fs::read_to_string(project.path("site/matrix.html")).expect("a page");
    let loaded = regex::Regex::new(r#"<(?:script src|link rel=icon href|link rel=stylesheet href)="([^"]+)""#);
    let loaded: Vec<_> = loaded.expect("a pattern").captures_iter(&page).map(|found| found[1].to_owned()).collect();
    assert!(loaded.len() > 4, "{loaded:?}");
    let size = |name: &str| fs::metadata(project.path("site").join(name)).expect("a file").len();
    let bytes: u64 = loaded.iter().map(|name| size(name)).sum::<u64>() + size("matrix.html");
    assert!(bytes < 380_000, "{bytes} bytes");
}

fn summary(results: &str) -> String {
    report(results, "summary")
}

fn report(results: &str, format: &str) -> String {
    let output =
        Project::empty().file("results.jsonl", results).output(&["report", "results.jsonl", "--format", format]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Writes the part of results that the tables and the data need to the committed file.
fn commit(whole: &str) {
    let reduced = reduced(whole);
    assert_eq!(summary(&reduced), summary(whole), "a removed field changes the table");
    assert!(report(&reduced, "data") == report(whole, "data"), "a removed field changes the data");
    let mut compressed = Vec::new();
    GzEncoder::new(reduced.as_bytes(), Compression::best()).read_to_end(&mut compressed).expect("memory");
    assert!(compressed.len() < LARGEST, "{} bytes are too many to commit", compressed.len());
    fs::write(RESULTS, compressed).expect("it can be written");
}

/// Returns results without the records and fields that are not needed, and without paths of the machine.
fn reduced(whole: &str) -> String {
    let records = whole.lines().map(|line| serde_json::from_str(line).expect("a record"));
    let mut records: Vec<Value> = records.filter(is_needed).map(without_details).collect();
    let trials = records.iter().filter(|record| record["record"] == "trial").count();
    // Similar records are neighbours, so that they are compressed well.
    records.sort_by_key(|record| {
        let is_trial = record["record"] == "trial";
        is_trial.then(|| ["event", "case"].map(|key| record[key].as_str().unwrap_or_default().to_owned()))
    });
    let (footers, records): (Vec<_>, Vec<_>) = records.into_iter().partition(|record| record["record"] == "footer");
    let footers = footers.into_iter().map(|_| json!({"record": "footer", "trials": trials, "seconds": 0}));
    records.into_iter().chain(footers).map(|record| format!("{record}\n")).collect()
}

fn is_needed(record: &Value) -> bool {
    match record["record"].as_str() {
        Some("runtime") => !record["probe"].is_null(),
        Some("trial") => !["skipped", "unsupported"].contains(&record["verdict"].as_str().unwrap_or_default()),
        _ => true,
    }
}

fn without_details(mut record: Value) -> Value {
    let details = match record["record"].as_str() {
        Some("header") => json!({"repeat": []}),
        Some("event") => json!({"file": ""}),
        Some("case") => json!({"file": "", "line": 1, "digest": "", "description": expectation(&record)}),
        Some("trial") => json!({"api": "", "seconds": 0}),
        Some("runtime") => json!({"command": []}),
        _ => json!({}),
    };
    let fields = record.as_object_mut().expect("a record");
    let is_header = fields["record"] == "header";
    let is_detail =
        |name: &str| ["expected", "observed", "stderr", "reason", "disagrees", "started", "not-hot"].contains(&name);
    fields.retain(|name, _| is_header || !is_detail(name));
    if let Some(run) = fields.get_mut("run") {
        run["repeat"] = json!([]);
    }
    fields.extend(details.as_object().expect("details").clone());
    if let Some(gap) = fields.get_mut("gap") {
        gap.as_object_mut()
            .expect("a gap")
            .retain(|name, _| ["state", "kind", "reason", "issue"].contains(&name.as_str()));
    }
    if let Some(probe) = fields.get_mut("probe") {
        probe["features"] = json!({});
    }
    record
}

/// Returns the part of a case's description that tells whether it expects its event.
fn expectation(case: &Value) -> Value {
    let expected = case["description"]["expect"].as_array().expect("a list");
    let own: Vec<Value> = expected.iter().filter(|one| one["event"] == case["event"]).take(1).cloned().collect();
    json!({"snippet": "", "expect": own.iter().map(|one| json!({"event": one["event"]})).collect::<Vec<_>>()})
}
