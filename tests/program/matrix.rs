//! The table in the README shows the committed results.

use std::env;
use std::fs::{self, File};
use std::io::Read;

use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use serde_json::{Value, json};

use crate::project::Project;

const RESULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/matrix/results.jsonl.gz");
const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const MARKS: [&str; 2] = ["<!-- matrix: generated, see CONTRIBUTING.md -->\n", "<!-- end of the matrix -->\n"];

/// The most bytes of the committed results.
const LARGEST: usize = 300_000;

#[test]
fn the_readme_shows_the_committed_results() {
    if let Some(whole) = env::var_os("AUDIT578_MATRIX") {
        commit(&fs::read_to_string(whole).expect("results"));
    }
    let mut results = String::new();
    let file = File::open(RESULTS).expect("results are committed");
    GzDecoder::new(file).read_to_string(&mut results).expect("they are compressed");
    let shown = summary(&results);
    let readme = fs::read_to_string(README).expect("a README");
    let (before, rest) = readme.split_once(MARKS[0]).expect("a mark");
    let (block, after) = rest.split_once(MARKS[1]).expect("the other mark");
    if env::var_os("AUDIT578_BLESS").is_some() {
        fs::write(README, [before, MARKS[0], &shown, MARKS[1], after].concat()).expect("it can be written");
        return;
    }
    assert_eq!(block, shown, "AUDIT578_BLESS=1 cargo test --test program matrix writes it anew");
}

fn summary(results: &str) -> String {
    let output =
        Project::empty().file("results.jsonl", results).output(&["report", "results.jsonl", "--format", "summary"]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Writes the part of results that the table needs to the committed file.
fn commit(whole: &str) {
    let reduced = reduced(whole);
    assert_eq!(summary(&reduced), summary(whole), "a removed field changes the table");
    let mut compressed = Vec::new();
    GzEncoder::new(reduced.as_bytes(), Compression::best()).read_to_end(&mut compressed).expect("memory");
    assert!(compressed.len() < LARGEST, "{} bytes are too many to commit", compressed.len());
    fs::write(RESULTS, compressed).expect("it can be written");
}

/// Returns results without the records and fields that the table does not need, and without paths of the machine.
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
        Some("event") => false,
        Some("runtime") => !record["probe"].is_null(),
        Some("trial") => !["skipped", "unsupported"].contains(&record["verdict"].as_str().unwrap_or_default()),
        _ => true,
    }
}

fn without_details(mut record: Value) -> Value {
    let details = match record["record"].as_str() {
        Some("header") => json!({"repeat": []}),
        Some("case") => json!({"file": "", "line": 1, "digest": "", "description": {}}),
        Some("trial") => json!({"api": "", "seconds": 0}),
        Some("runtime") => json!({"command": []}),
        _ => json!({}),
    };
    let fields = record.as_object_mut().expect("a record");
    let is_header = fields["record"] == "header";
    let is_detail =
        |name: &str| ["expected", "observed", "stderr", "reason", "disagrees", "started", "run"].contains(&name);
    fields.retain(|name, _| is_header || !is_detail(name));
    fields.extend(details.as_object().expect("details").clone());
    if let Some(gap) = fields.get_mut("gap") {
        *gap = json!({"state": gap["state"], "kind": gap["kind"], "reason": ""});
    }
    if let Some(probe) = fields.get_mut("probe") {
        (probe["features"], probe["build"], probe["sha256"]) = (json!({}), json!(""), Value::Null);
    }
    record
}
