//! Tests that the numbers of all formats agree, for any results. The numbers are read from the text of each format.

use std::collections::BTreeMap;

use anstream::adapter::strip_str;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::samples::{results, trial, with_probe};
use super::{badge, csv, github, json, junit, markdown, site, summary, terminal};
use crate::results::Results;
use crate::run::TrialRecord;

const RUNTIMES: [&str; 2] = ["cpython-3.13.0", "pypy-3.11.1"];
const EVENTS: [&str; 4] = ["os.mkdir", "os.open", "sys.exit", "pep578.rule"];

/// The numbers of one runtime, in words of this test: passed, known gaps, failed, fixed, skipped, unsupported.
type Numbers = [usize; 6];

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
    let one = (0..VERDICTS.len(), 0..4_u8, 0..3_usize);
    vec(prop::option::weighted(0.8, one), RUNTIMES.len() * EVENTS.len() * 3).prop_map(|all| {
        let place = |index: usize| (RUNTIMES[index % 2], EVENTS[index / 2 % 4], ["one", "two", "three"][index / 8]);
        let record = |(index, found): (usize, Option<(usize, u8, usize)>)| {
            let (runtime, event, case) = place(index);
            let (verdict, gap, promise) = found?;
            let promise = ["kept", "broken", "unchecked"][promise];
            let mut changes =
                json!({"verdict": VERDICTS[verdict], "raised": promise, "veto": promise, "reason": "it is so"});
            if let Some(state) = [None, Some("known"), Some("fixed"), None][usize::from(gap)] {
                changes["gap"] = json!({"state": state, "kind": "bug", "reason": "r", "listed": "missing"});
            }
            Some(trial(event, case, runtime, &changes))
        };
        all.into_iter().enumerate().filter_map(record).collect()
    })
}

fn with_probes(trials: Vec<TrialRecord>) -> Results {
    let mut results = results(&RUNTIMES, trials);
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
fn by_csv(text: &str) -> BTreeMap<String, Numbers> {
    const WORDS: [&str; 6] = ["passed", "known-gap", "failed", "fixed", "skipped", "unsupported"];
    let mut counts = BTreeMap::<String, Numbers>::new();
    for record in ::csv::Reader::from_reader(text.as_bytes()).records() {
        let record = record.expect("a row");
        let word = WORDS.iter().position(|word| *word == &record[10]).expect("a standing");
        counts.entry(record[3].to_owned()).or_default()[word] += 1;
    }
    counts
}

fn attribute(tag: &str, name: &str) -> usize {
    between(tag, &format!(" {name}=\""), "\"").parse().expect("a number")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_numbers_of_all_formats_agree(trials in trials()) {
        let results = with_probes(trials);
        let counts = by_csv(&csv::render(&results).expect("CSV"));
        let json: Value = serde_json::from_str(&json::render(&results).expect("JSON")).expect("JSON");
        let (junit, markdown, summary) =
            (junit::render(&results).expect("XML"), markdown::render(&results), summary::render(&results));
        let badges: BTreeMap<String, String> = badge::render(&results).into_iter().collect();
        let site = site::render(&results, None, None).expect("a site");
        let page = |path: &str| {
            let file = site.iter().find(|file| file.path == path).expect("a page");
            String::from_utf8_lossy(&file.bytes).into_owned()
        };
        let mut all = Numbers::default();
        for runtime in RUNTIMES {
            let expected = counts.get(runtime).copied().unwrap_or_default();
            let [passed, known, failed, fixed, skipped, unsupported] = expected;
            let (run, total) = (passed + known + failed + fixed, expected.iter().sum::<usize>());
            all.iter_mut().zip(expected).for_each(|(sum, number)| *sum += number);

            let scores = &json["scores"][runtime];
            let keys = ["passed", "known-gaps", "failed", "fixed", "skipped", "unsupported"];
            prop_assert_eq!(keys.map(|key| scores[key].as_u64()), expected.map(|number| u64::try_from(number).ok()));

            let tag = between(&junit, &format!("<testsuite name=\"{runtime}\""), "</properties>");
            prop_assert_eq!(attribute(tag, "tests"), total);
            prop_assert_eq!(attribute(tag, "failures") + attribute(tag, "errors"), failed + fixed);
            prop_assert_eq!(attribute(tag, "skipped"), known + skipped + unsupported);
            for (name, number) in [("passed", passed), ("known-gaps", known), ("fixed", fixed)] {
                prop_assert_eq!(numbers(between(tag, &format!("name=\"{name}\""), "/>")), vec![number]);
            }

            let badge: Value = serde_json::from_str(&badges[&format!("{runtime}.json")]).expect("JSON");
            let message = if run == 0 { "not tested".to_owned() } else { format!("{passed}/{run}") };
            prop_assert_eq!(badge["message"].as_str(), Some(message.as_str()));
            let svg = &badges[&format!("{runtime}.svg")];
            prop_assert_eq!(between(svg, "<title>audit events: ", "</title>"), message);

            if total > 0 {
                let cells = row(&markdown, runtime)[2..].join(" ");
                prop_assert_eq!(numbers(&cells), vec![passed, run, known, failed, fixed, skipped, unsupported]);
            }
            if run > 0 {
                let cells = row(&summary, runtime)[6..].join(" ");
                prop_assert_eq!(numbers(&cells), vec![passed, run, known, failed, fixed]);
                let page = page(&format!("runtime/{runtime}.html"));
                let lead = numbers(between(&page, "<p class=lead>", "</p>"));
                prop_assert_eq!(lead, vec![passed, run, known, failed, fixed, skipped, unsupported, total]);
                let modules = between(&page, "<h2 id=modules>", "</table>");
                let rows = modules.lines().filter(|line| line.starts_with("<tr>"));
                let rows = rows.map(|line| numbers(&line.rsplit("</svg>").next().unwrap_or_default().replace('\n', " ")));
                let sums = rows.fold([0; 4], |sums, row| [0, 1, 2, 3].map(|at| sums[at] + row[at]));
                prop_assert_eq!(sums, [known, failed, fixed, skipped + unsupported]);
            }
        }
        let [passed, known, failed, fixed, skipped, unsupported] = all;
        let total = all.iter().sum::<usize>();
        let extent = ["events", "rules", "cases"].map(|key| json["extent"][key].as_u64().expect("a number"));
        let [events, rules, cases] = extent.map(|number| usize::try_from(number).expect("few"));
        let named = |is_rule: bool| {
            let events = results.trials.iter().map(|trial| trial.event.as_str());
            events.filter(|event| event.starts_with("pep578.") == is_rule).collect::<std::collections::BTreeSet<_>>().len()
        };
        prop_assert_eq!((events, rules), (named(false), named(true)));

        let terminal = strip_str(&terminal::render(&results)).to_string();
        let line = terminal.lines().find(|line| line.starts_with("trials: ")).expect("the line of numbers");
        let (head, line) = line.split_once("; ").expect("two parts");
        prop_assert_eq!(numbers(line), vec![passed, known, failed, fixed, skipped, unsupported]);
        // `578` is a part of a name, and does not count anything.
        let is_counted = |number: &usize| *number > 0 && *number != 578;
        let extent = |text: &str| numbers(text).into_iter().filter(is_counted).collect::<Vec<_>>();
        let mut expected: Vec<usize> = vec![total, events, rules, RUNTIMES.len()];
        expected.retain(|number| *number > 0);
        prop_assert_eq!(extent(head), expected);

        let overview = page("index.html");
        let lead = between(&overview, "<p class=lead>", "Suite <code");
        let shown = numbers(&lead.replace("PEP 578", ""));
        prop_assert_eq!(&shown[shown.len() - 6..], &[passed, known, failed, fixed, skipped, unsupported]);
        prop_assert_eq!(shown[shown.len() - 8], cases);

        let annotated = |level: &str| {
            let lines = github::render(&results);
            let lines = lines.lines().filter(|line| line.starts_with(level)).map(str::to_owned).collect::<Vec<_>>();
            lines.iter().map(|line| between(line, " on ", "::").split("%2C ").count()).sum::<usize>()
        };
        prop_assert_eq!((annotated("::error "), annotated("::notice ")), (failed, fixed));
    }
}
