//! Tests that the numbers of all formats agree, for any results. The numbers are read from the text of each format.

use std::collections::{BTreeMap, BTreeSet};

use anstream::adapter::strip_str;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::samples::{results, trial, with_probe};
use super::shown::Shown;
use super::{badge, changes, csv, github, json, junit, markdown, site, summary, terminal};
use crate::coverage::catalogue::Catalogue;
use crate::results::Results;
use crate::results::compare::Comparison;
use crate::run::TrialRecord;

const RUNTIMES: [&str; 2] = ["cpython-3.13.0", "pypy-3.11.1"];
const EVENTS: [&str; 4] = ["os.mkdir", "os.open", "sys.exit", "pep578.rule"];

/// The numbers of one runtime, in this order: passed, known gaps, failed, new, fixed, skipped, unsupported.
type Numbers = [usize; 7];

fn trials() -> impl Strategy<Value = Vec<TrialRecord>> {
    const VERDICTS: [&str; 10] = [
        "pass",
        "missing",
        "wrong-count",
        "wrong-args",
        "unvetoed",
        "error",
        "crash",
        "timeout",
        "skipped",
        "unsupported",
    ];
    let one = (0..VERDICTS.len(), 0..5_usize, 0..3_usize);
    vec(prop::option::weighted(0.8, one), RUNTIMES.len() * EVENTS.len() * 3).prop_map(|all| {
        let place = |index: usize| (RUNTIMES[index % 2], EVENTS[index / 2 % 4], ["one", "two", "three"][index / 8]);
        let record = |(index, found): (usize, Option<(usize, usize, usize)>)| {
            let (runtime, event, case) = place(index);
            let (verdict, gap, promise) = found?;
            let promise = ["kept", "broken", "unchecked"][promise];
            let mut changes =
                json!({"verdict": VERDICTS[verdict], "raised": promise, "veto": promise, "reason": "it is so"});
            match ["none", "known", "fixed", "none", "new"][gap] {
                "none" => {}
                "new" => changes["new"] = json!(true),
                state => changes["gap"] = json!({"state": state, "kind": "bug", "reason": "r", "listed": "missing"}),
            }
            Some(trial(event, case, runtime, &changes))
        };
        all.into_iter().enumerate().filter_map(record).collect()
    })
}

fn doors() -> impl Strategy<Value = Vec<TrialRecord>> {
    const VERDICTS: [&str; 4] = ["open", "closed", "skipped", "unsupported"];
    vec(prop::option::weighted(0.8, 0..VERDICTS.len()), RUNTIMES.len() * 6).prop_map(|all| {
        let record = |(index, verdict): (usize, Option<usize>)| {
            let area = ["doors.files", "doors.memory"][index / 2 % 2];
            let promises = json!({"verdict": VERDICTS[verdict?], "raised": "unchecked", "arguments": "unchecked",
                "veto": "unchecked", "reason": "it is so"});
            Some(trial(area, ["one", "two", "three"][index / 4], RUNTIMES[index % 2], &promises))
        };
        all.into_iter().enumerate().filter_map(record).collect()
    })
}

fn clean(results: &Results) -> Shown {
    Shown::of(results.clone()).expect("results")
}

fn with_probes(trials: Vec<TrialRecord>, doors: Vec<TrialRecord>) -> Results {
    let mut results = results(&RUNTIMES, trials);
    results.doors.trials = doors.into_iter().map(Box::new).collect();
    results.runtimes = RUNTIMES.map(|name| with_probe(name, &json!({}))).into();
    results.sorted()
}

/// Returns all numbers in a text, in order.
fn numbers(text: &str) -> Vec<usize> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

/// Returns the text between two marks.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start:?} in {text}"));
    rest.split_once(end).unwrap_or_else(|| panic!("no {end:?} behind {start:?}")).0
}

/// Returns the cells of the first row of a Markdown table that names a runtime.
fn row<'a>(text: &'a str, runtime: &str) -> Vec<&'a str> {
    let start = format!("| `{runtime}` |");
    let line = text.lines().find(|line| line.starts_with(&start)).expect("a row");
    line.trim_matches('|').split('|').map(str::trim).collect()
}

/// Counts by the words of the CSV.
fn by_csv(results: &Results) -> BTreeMap<String, Numbers> {
    const WORDS: [&str; 7] = ["passed", "known-gap", "failed", "new", "fixed", "skipped", "unsupported"];
    let text = csv::trials(&clean(results), &Catalogue(Vec::new())).expect("CSV");
    let mut counts: BTreeMap<_, _> = RUNTIMES.map(|runtime| (runtime.to_owned(), Numbers::default())).into();
    for record in ::csv::Reader::from_reader(text.as_bytes()).records() {
        let record = record.expect("a row");
        if &record[11] == "door" {
            continue;
        }
        let word = WORDS.iter().position(|word| *word == &record[10]).expect("a standing");
        counts.entry(record[3].to_owned()).or_default()[word] += 1;
    }
    counts
}

/// Counts the doors of a runtime by the words of the CSV: open, closed, skipped, unsupported.
fn doors_by_csv(results: &Results, runtime: &str) -> [usize; 4] {
    let text = csv::trials(&clean(results), &Catalogue(Vec::new())).expect("CSV");
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<_> = reader.records().map(|record| record.expect("a row")).collect();
    let doors = || rows.iter().filter(|row| &row[11] == "door" && &row[3] == runtime);
    ["open", "closed", "skipped", "unsupported"].map(|word| doors().filter(|row| &row[10] == word).count())
}

/// Checks the formats that have the numbers of doors.
fn check_doors(results: &Results, site: &[site::File]) {
    let json: Value = serde_json::from_str(&json::render(results).expect("JSON")).expect("JSON");
    let terminal = strip_str(&terminal::render(&clean(results), &terminal::View::whole(1000))).to_string();
    let markdown = markdown::render(&clean(results));
    let mut all = [0; 4];
    for runtime in RUNTIMES {
        let [open, closed, skipped, unsupported] = doors_by_csv(results, runtime);
        let keys = ["open", "closed", "skipped", "unsupported"];
        let scores = keys.map(|key| json["door-scores"][runtime][key].as_u64().expect("a number"));
        assert_eq!(scores.map(|number| usize::try_from(number).expect("few")), [open, closed, skipped, unsupported]);
        if open + closed > 0 {
            let (_, table) = terminal.split_once("\nDoors that are open").expect("a table");
            let line = table.lines().find_map(|line| line.trim_start().strip_prefix(runtime)).expect("a row");
            assert_eq!(numbers(line)[numbers(line).len() - 2..], [open, open + closed]);
            let (_, table) = markdown.split_once("### Doors that are open").expect("a table");
            let cells = row(table, runtime);
            assert_eq!(numbers(cells.last().expect("a cell")), [open, open + closed]);
            let doors = page(site, "doors.html");
            let row = between(&doors, &format!("<a href=\"runtime/{runtime}.html\">{runtime}</a>"), "\n");
            assert_eq!(numbers(row.rsplit("<td>").next().expect("a cell")), [open, open + closed]);
        }
        all = std::array::from_fn(|at| all[at] + [open, closed, skipped, unsupported][at]);
    }
    let line = terminal.lines().find(|line| line.starts_with("doors: "));
    assert_eq!(line.is_some(), !results.doors.trials.is_empty());
    if let Some(line) = line {
        let count = json["extent"]["doors"].as_u64().map(|number| usize::try_from(number).expect("few"));
        assert_eq!(numbers(line), [&[count.expect("a number")], &all[..]].concat());
    }
}

/// Returns the number of trials that were run.
fn run(numbers: Numbers) -> usize {
    numbers[..5].iter().sum()
}

fn attribute(tag: &str, name: &str) -> usize {
    between(tag, &format!(" {name}=\""), "\"").parse().expect("a number")
}

/// Checks the formats that have the numbers of one runtime.
fn check_runtime(results: &Results, runtime: &str, expected: Numbers) {
    let json: Value = serde_json::from_str(&json::render(results).expect("JSON")).expect("JSON");
    let keys = ["passed", "known-gaps", "failed", "new", "fixed", "skipped", "unsupported"];
    let scores = keys.map(|key| json["scores"][runtime][key].as_u64());
    assert_eq!(scores, expected.map(|number| u64::try_from(number).ok()));

    let junit = junit::render(&clean(results)).expect("XML");
    let tag = between(&junit, &format!("<testsuite name=\"{runtime}\""), "</properties>");
    let [passed, known, failed, new, fixed, skipped, unsupported] = expected;
    assert_eq!(attribute(tag, "tests"), expected.iter().sum::<usize>());
    assert_eq!(attribute(tag, "failures") + attribute(tag, "errors"), failed + fixed);
    assert_eq!(attribute(tag, "skipped"), known + new + skipped + unsupported);
    for (key, number) in keys.iter().zip(expected) {
        assert_eq!(numbers(between(tag, &format!("name=\"{key}\""), "/>")), [number]);
    }

    let (markdown, summary) = (markdown::render(&clean(results)), summary::render(&clean(results)));
    if expected != Numbers::default() {
        let cells = row(&markdown, runtime)[3..].join(" ");
        assert_eq!(numbers(&cells), [&[passed, run(expected)], &expected[1..]].concat());
    }
    if run(expected) > 0 {
        let cells = row(&summary, runtime)[6..].join(" ");
        assert_eq!(numbers(&cells), [passed, run(expected), known, failed, new, fixed]);
    }

    let badges: BTreeMap<String, String> = badge::render(results).into_iter().collect();
    let badge: Value = serde_json::from_str(&badges[&format!("{runtime}.json")]).expect("JSON");
    let message =
        if run(expected) == 0 { "not tested".to_owned() } else { format!("{passed} of {} cases", run(expected)) };
    assert_eq!(badge["message"].as_str(), Some(message.as_str()));
    let svg = &badges[&format!("{runtime}.svg")];
    assert_eq!(between(svg, "<title>audit events: ", "</title>"), message);
}

/// Returns the text of a page of the site.
fn page(site: &[site::File], path: &str) -> String {
    let file = site.iter().find(|file| file.path == path).expect("a page");
    String::from_utf8_lossy(&file.bytes).into_owned()
}

/// Checks the page of a runtime.
fn check_page(site: &[site::File], runtime: &str, expected: Numbers) {
    if run(expected) == 0 {
        return;
    }
    let page = page(site, &format!("runtime/{runtime}.html"));
    let lead = numbers(between(&page, "<p class=cases>", "</p>"));
    let total = expected.iter().sum();
    assert_eq!(lead, [&[expected[0], run(expected)], &expected[1..], &[total]].concat());

    let modules = between(&page, "<h3 id=modules>", "</table>");
    let rows = modules.lines().filter(|line| line.starts_with("<tr>"));
    let rows = rows.map(|line| numbers(&line.rsplit("</svg>").next().unwrap_or_default().replace('\n', " ")));
    let sums = rows.fold([0; 5], |sums, row| [0, 1, 2, 3, 4].map(|at| sums[at] + row[at]));
    let [_, known, failed, new, fixed, skipped, unsupported] = expected;
    assert_eq!(sums, [known, failed, new, fixed, skipped + unsupported]);

    // The widths of the bar.
    let bar = between(&page, "<svg class=score", "</svg>");
    let width = |class: &str| match bar.split_once(&format!("<rect class={class} ")) {
        Some((_, rest)) => attribute(&format!(" {rest}"), "width"),
        None => 0,
    };
    assert_eq!(["p", "k", "x", "n", "f"].map(width), expected[..5]);
    assert_eq!(width("s"), skipped + unsupported);
}

/// Checks the formats that have the numbers of all runtimes together.
fn check_totals(results: &Results, site: &[site::File], all: Numbers) {
    let json: Value = serde_json::from_str(&json::render(results).expect("JSON")).expect("JSON");
    let extent = ["events", "rules", "cases"].map(|key| json["extent"][key].as_u64().expect("a number"));
    let [events, rules, cases] = extent.map(|number| usize::try_from(number).expect("few"));
    let named = |is_rule: bool| {
        let events = results.trials.iter().map(|trial| trial.event.as_str());
        events.filter(|event| event.starts_with("pep578.") == is_rule).collect::<BTreeSet<_>>().len()
    };
    assert_eq!((events, rules), (named(false), named(true)));

    let terminal = strip_str(&terminal::render(&clean(results), &terminal::View::whole(1000))).to_string();
    let line = terminal.lines().find(|line| line.starts_with("trials: ")).expect("the line of numbers");
    let (head, line) = line.split_once("; ").expect("two parts");
    assert_eq!(numbers(line), all);
    // `578` is a part of a name, and does not count anything.
    let counted = |text: &str| numbers(&text.replace("PEP 578", "")).into_iter().filter(|number| *number > 0);
    let expected = [all.iter().sum(), events, rules, RUNTIMES.len()].into_iter().filter(|number| *number > 0);
    assert_eq!(counted(head).collect::<Vec<_>>(), expected.collect::<Vec<_>>());

    let matrix = page(site, "matrix.html");
    let lead = between(&matrix, "<p class=lead>", "</p>");
    let shown = numbers(&lead.replace("PEP 578", ""));
    assert_eq!(shown[shown.len() - 7..], all);
    assert_eq!(shown[shown.len() - 8], cases);

    let annotated = |level: &str| {
        let lines = github::render(&clean(results));
        let lines = lines.lines().filter(|line| line.starts_with(level)).map(str::to_owned).collect::<Vec<_>>();
        lines.iter().map(|line| between(line, " on ", "::").split("%2C ").count()).sum::<usize>()
    };
    assert_eq!(["::error ", "::warning ", "::notice "].map(annotated), all[2..5]);
}

/// Returns the old and the new numbers of cells such as `4 -> 3` or `4`.
fn both(cells: &[&str]) -> [Numbers; 2] {
    let sides = cells.iter().map(|cell| numbers(cell)).map(|found| [found[0], found[found.len() - 1]]);
    let sides: Vec<[usize; 2]> = sides.collect();
    [0, 1].map(|side| std::array::from_fn(|at| sides[at][side]))
}

/// Returns the cells of the row of a table on a page that names a runtime, without the name.
fn html_row<'a>(table: &'a str, runtime: &str) -> Vec<&'a str> {
    let row = between(table, &format!("<tr><th scope=row>{runtime}<td"), "\n");
    row.split("<td").map(|cell| cell.split_once('>').expect("the end of a tag").1).collect()
}

/// Checks the formats of a comparison, for one runtime.
fn check_comparison(comparison: &Comparison, runtime: &str, expected: [Numbers; 2], trials: usize) {
    const CHANGES: [&str; 6] = ["worse", "other", "better", "unchanged", "added", "removed"];
    let json = serde_json::to_value(comparison).expect("JSON");
    let all = json["runtimes"].as_array().expect("a list");
    let found = all.iter().find(|row| row["new"]["name"] == runtime).expect("the runtime");
    let number = |value: &Value| value.as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
    let by_change = CHANGES.map(|change| number(&found["trials"][change]));
    assert_eq!(by_change.iter().sum::<usize>(), trials);
    let keys = ["passed", "known-gaps", "failed", "new", "fixed", "skipped", "unsupported"];
    let scores = ["old-score", "new-score"].map(|side| keys.map(|key| number(&found[side][key])));
    assert_eq!(scores, expected);

    let terminal = strip_str(&changes::render(comparison)).to_string();
    let mut rows = terminal.lines().filter(|line| line.starts_with(&format!("{runtime} ")));
    assert_eq!(numbers(&rows.next().expect("a row")[runtime.len()..]), by_change);
    let cells = rows.next().expect("a second row")[runtime.len()..].split("  ").map(str::trim);
    assert_eq!(both(&cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>()), expected);

    let markdown = markdown::changes(comparison);
    assert_eq!(numbers(&row(&markdown, runtime)[1..].join(" ")), by_change);
    let (_, scores) = markdown.split_once("old and new:").expect("the scores");
    assert_eq!(both(&row(scores, runtime)[1..]), expected);
}

/// Checks the page of a comparison, for one runtime.
fn check_compare_page(page: &str, runtime: &str, expected: [Numbers; 2], trials: usize) {
    let cells = html_row(between(page, "<h2 id=runtimes>", "</table>"), runtime);
    assert_eq!(cells[1..7].iter().map(|cell| numbers(cell)[0]).sum::<usize>(), trials);
    let cells = html_row(between(page, "<h2 id=scores>", "</table>"), runtime);
    assert_eq!(both(&cells.iter().map(|cell| cell.trim()).collect::<Vec<_>>()), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_numbers_of_all_formats_agree(trials in trials(), doors in doors()) {
        let results = with_probes(trials, doors);
        let site = site::render(&results, &Catalogue(Vec::new()), None, None).expect("a site");
        check_doors(&results, &site);
        let mut all = Numbers::default();
        for (runtime, expected) in by_csv(&results) {
            check_runtime(&results, &runtime, expected);
            check_page(&site, &runtime, expected);
            all = std::array::from_fn(|at| all[at] + expected[at]);
        }
        check_totals(&results, &site, all);
    }

    #[test]
    fn the_numbers_of_all_formats_of_a_comparison_agree(old in trials(), new in trials(), doors in doors()) {
        let (old, new) = (with_probes(old, doors.clone()), with_probes(new, doors.into_iter().rev().skip(2).collect()));
        // Results without a trial in common cannot be compared.
        if let Ok(comparison) = Comparison::new(&old, &new, &[]) {
            let site = site::render(&new, &Catalogue(Vec::new()), Some(&comparison), None).expect("a site");
            let (olds, news) = (by_csv(&old), by_csv(&new));
            for runtime in RUNTIMES {
                let of = |trial: &&TrialRecord| trial.runtime == runtime;
                let both = old.all_trials().chain(new.all_trials()).filter(of);
                let trials = both.map(TrialRecord::id).collect::<BTreeSet<_>>().len();
                let expected = [olds[runtime], news[runtime]];
                check_comparison(&comparison, runtime, expected, trials);
                check_compare_page(&page(&site, "compare.html"), runtime, expected, trials);
            }
        }
    }
}
