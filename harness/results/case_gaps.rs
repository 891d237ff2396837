//! Blessing of case files: changes their known gaps as results call for. Pure.
//!
//! Only gaps of runtimes and cases that ran are touched. In which versions a gap holds is not guessed: the notes say where
//! somebody must decide it.

use std::collections::{BTreeMap, BTreeSet};

use super::bless::Seen;
use super::definition::case_records;
use super::records::{CaseRecord, Results};
use crate::suite::edits::{GapEdit, NewGap, appended, edited};
use crate::suite::{Case, Details, EventFile, Fault, Glob, KnownGap, Source, Suite, Verdict};

/// A case file after blessing.
#[derive(Debug)]
pub(crate) struct Blessed {
    /// Its text.
    pub text: String,
    /// The decisions that are left to somebody.
    pub notes: Vec<String>,
}

/// Removes the trials of cases that the suite has not, or defines otherwise: they did not run as they are. Returns their
/// number.
pub(crate) fn forget_redefined(results: &mut Results, suite: &Suite) -> usize {
    let records = suite.files.iter().flat_map(|source| case_records(source, |_| true));
    let defined: BTreeSet<_> = records.map(|case| (case.id(), case.digest)).collect();
    let known = results.cases.iter().filter(|case| defined.contains(&(case.id(), case.digest.clone())));
    let known: BTreeSet<String> = known.map(CaseRecord::id).collect();
    let before = results.trials.len();
    results.trials.retain(|trial| known.contains(&trial.id()));
    before - results.trials.len()
}

/// Returns a case file after the changes that trials call for: without the gaps that show nowhere any more, and with gaps
/// for failures that none excuses.
///
/// # Errors
/// When the layout of the file allows no such change, or the new text is not a case file.
pub(crate) fn bless_cases(source: &Source, seen: &[Seen], add: bool, remove: bool) -> Result<Blessed, Vec<Fault>> {
    let mut text = source.text.clone();
    if remove {
        let edits = outdated(&Ran::of(&source.file, seen));
        text = edited(&text, &edits).map_err(|fault| vec![fault])?;
    }
    if add {
        let file = EventFile::parse(&text)?;
        let new = missing(&Ran::of(&file, seen));
        text = appended(&text, &new).map_err(|fault| vec![fault])?;
    }
    let file = EventFile::parse(&text)?;
    let notes = undecided(&Ran::of(&file, seen));
    Ok(Blessed { text, notes })
}

/// A case file, and the trials of each of its cases that were run.
struct Ran<'a> {
    file: &'a EventFile,
    cases: Vec<(&'a Case, Vec<&'a Seen<'a>>)>,
}

impl<'a> Ran<'a> {
    fn of(file: &'a EventFile, seen: &'a [Seen<'a>]) -> Ran<'a> {
        let is_own = |one: &&Seen| one.trial.event == file.event && one.trial.verdict.was_run();
        let own: Vec<&Seen> = seen.iter().filter(is_own).collect();
        let ran = |case: &'a Case| (case, own.iter().copied().filter(|one| one.trial.case == case.name).collect());
        Ran { file, cases: file.cases.iter().map(ran).collect() }
    }

    /// Returns the cases that a gap is about, each with the names of the runtimes that show it and of those that do not.
    fn shows(&self, gap: &KnownGap) -> Vec<(&'a Case, BTreeSet<&'a str>, BTreeSet<&'a str>)> {
        let about =
            self.cases.iter().filter(|(case, _)| self.file.can_have(case, gap.verdict) && gap.is_about(&case.name));
        let parted = about.map(|(case, seen)| {
            let (with, without): (Vec<&Seen>, Vec<&Seen>) =
                seen.iter().filter(|one| gap.is_of(&one.runtime)).partition(|one| one.trial.may_show_gap(gap));
            let names = |seen: Vec<&'a Seen>| seen.into_iter().map(|one| one.runtime.name.as_str()).collect();
            (*case, names(with), names(without))
        });
        parted.collect()
    }
}

/// Returns the changes of gaps that do not show any more: on none of their runtimes that ran the case.
fn outdated(ran: &Ran) -> Vec<GapEdit> {
    let mut edits = Vec::new();
    for (index, gap) in ran.file.known_gaps.iter().enumerate() {
        let (fixed, others): (Vec<_>, Vec<_>) =
            ran.shows(gap).into_iter().partition(|(_, with, without)| with.is_empty() && !without.is_empty());
        let names =
            |cases: Vec<(&Case, _, _)>| cases.into_iter().map(|(case, ..)| case.name.clone()).collect::<Vec<_>>();
        let (fixed, others) = (names(fixed), names(others));
        if fixed.is_empty() {
            continue;
        }
        edits.push(match others.is_empty() {
            true => GapEdit::Remove(index),
            false => GapEdit::Narrow(index, narrowed(&gap.cases, &fixed, others)),
        });
    }
    edits
}

/// Returns the changes of globs that match a fixed case. The names of the other cases replace them, each once.
fn narrowed(globs: &[Glob], fixed: &[String], mut others: Vec<String>) -> Vec<Option<Vec<String>>> {
    let is_right = |glob: &&Glob| !fixed.iter().any(|name| glob.matches(name));
    for glob in globs.iter().filter(is_right) {
        others.retain(|name| !glob.matches(name));
    }
    let mut edit = |glob: &Glob| {
        let (matched, rest) = std::mem::take(&mut others).into_iter().partition(|name| glob.matches(name));
        others = rest;
        matched
    };
    globs.iter().map(|glob| (!is_right(&glob)).then(|| edit(glob))).collect()
}

/// Returns a gap for each kind of failure that no gap excuses, with all cases that show it.
fn missing(ran: &Ran) -> Vec<NewGap> {
    let mut found = BTreeMap::<(String, Verdict, Details), Vec<String>>::new();
    for (case, seen) in &ran.cases {
        for one in seen {
            let gaps = ran.file.gaps_of(case, &one.runtime);
            let found_in = one.trial.details();
            let is_new = |failure: &Verdict| !KnownGap::excuse(&gaps, *failure, found_in) && !found_in.lack(*failure);
            for failure in one.trial.failures().into_iter().filter(is_new) {
                let runtime = Glob::escape(&one.runtime.implementation);
                let key = (runtime, failure, found_in.beyond(failure, &gaps));
                let cases = found.entry(key).or_default();
                if !cases.contains(&case.name) {
                    cases.push(case.name.clone());
                }
            }
        }
    }
    let gap = |((runtime, verdict, details), cases)| NewGap { runtime, cases, verdict, details };
    found.into_iter().map(gap).collect()
}

/// Returns a note for each gap that only some of its runtimes show, and for each failure without the details of a gap.
fn undecided(ran: &Ran) -> Vec<String> {
    let mut notes = Vec::new();
    for gap in &ran.file.known_gaps {
        for (case, with, without) in ran.shows(gap) {
            if let (Some(one), Some(other)) = (with.first(), without.first()) {
                let id = ran.file.id(case);
                notes.push(format!(
                    "{id}: the gap `{}` shows on {one} and not on {other}; limit it with `python`, `implementation` or `platform`",
                    gap.verdict
                ));
            }
        }
    }
    for (case, seen) in &ran.cases {
        for one in seen {
            let gaps = ran.file.gaps_of(case, &one.runtime);
            let details = one.trial.details();
            for failure in one.trial.failures() {
                if details.lack(failure) && !gaps.iter().any(|gap| gap.verdict == failure) {
                    let (id, runtime) = (ran.file.id(case), &one.runtime.name);
                    notes.push(format!("{id}: the results lack the details of `{failure}` on {runtime}; run it again"));
                }
            }
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::run::{TrialRecord, fixtures};

    const TOP: &str = "event: m.f
documented: true
arguments: [x, y]
raised-by: [m.f]
cases:
- {name: a, api: m.f, snippet: f(), expect: [args: {x: 1, y: 2}]}
- {name: b, api: m.f, snippet: f(), expect: [args: {x: 1, y: 2}]}
- {name: none, api: m.f, snippet: f(), expect: []}
";

    /// Returns a trial: `CASE VERDICT [DETAILS as JSON]`.
    fn trial(text: &str) -> TrialRecord {
        let mut words = text.splitn(3, ' ');
        let (case, verdict) = (words.next(), words.next());
        let details: serde_json::Value = serde_json::from_str(words.next().unwrap_or("{}")).expect("details");
        serde_json::from_value(json!({
            "event": "m.f", "case": case, "module": "m", "api": "m.f", "runtime": "r", "verdict": verdict,
            "details": details, "raised": "kept", "arguments": "kept", "veto": "kept", "asserts": "value", "seconds": 0.0,
        }))
        .expect("a trial")
    }

    /// Blesses a file with these gaps from trials, each with the implementation and the version of its runtime.
    fn blessed(gaps: &str, trials: &[(&str, &str, &str)], add: bool, remove: bool) -> (String, Vec<String>) {
        let text = format!("{TOP}{gaps}");
        let suite = fixtures::suite(&[&text]);
        let trials: Vec<_> = trials.iter().map(|(name, version, text)| (*name, *version, trial(text))).collect();
        let runtime = |name: &str, version: &str| {
            let mut identity = fixtures::runtime(name, version, "linux", &[]).identity;
            identity.name = format!("{name}-{version}");
            identity
        };
        let seen: Vec<Seen> =
            trials.iter().map(|(name, version, trial)| Seen { runtime: runtime(name, version), trial }).collect();
        let blessed = bless_cases(&suite.files[0], &seen, add, remove).expect("a case file");
        let again = fixtures::suite(&[&blessed.text]);
        let twice = bless_cases(&again.files[0], &seen, add, remove).expect("a case file");
        assert_eq!((&twice.text, &twice.notes), (&blessed.text, &blessed.notes), "the second time changes nothing");
        (blessed.text.strip_prefix(TOP).expect("the rest is as it was").to_owned(), blessed.notes)
    }

    fn gap(keys: &str) -> String {
        format!("known-gaps:\n  - {{runtime: x, {keys}, kind: bug, reason: r}} # c\n")
    }

    #[test]
    fn a_gap_that_shows_nowhere_is_removed() {
        let all = gap("cases: [\"*\"], verdict: missing");
        let args = gap("cases: [a], verdict: wrong-args, arguments: [x]");
        for (before, trials, after) in [
            (all.clone(), &["a pass", "b pass"][..], String::new()),
            (all.clone(), &["a missing", "b missing"], all.clone()),
            (all.clone(), &["a pass"], gap("cases: [b], verdict: missing")),
            (all.clone(), &["a pass", "b missing"], gap("cases: [b], verdict: missing")),
            (all.clone(), &["a skipped", "none pass"], all.clone()),
            (gap("cases: [a, \"[ab]\", b], verdict: missing"), &["a pass"], gap("cases: [b], verdict: missing")),
            (gap("cases: [a, b], verdict: error"), &["a pass"], gap("cases: [b], verdict: error")),
            (
                gap("python: '<3.9', cases: [a], verdict: missing"),
                &["a pass"],
                gap("python: '<3.9', cases: [a], verdict: missing"),
            ),
            (args.clone(), &["a wrong-args {\"arguments\": [\"x\", \"y\"]}"], args.clone()),
            (args.clone(), &["a wrong-args {\"arguments\": [\"y\"]}"], String::new()),
            // Results of an older version lack the details.
            (args.clone(), &["a wrong-args"], args.clone()),
        ] {
            let trials: Vec<_> = trials.iter().map(|text| ("x", "3.9.1", *text)).collect();
            assert_eq!(blessed(&before, &trials, false, true).0, after, "{before} {trials:?}");
            assert_eq!(blessed(&before, &trials, false, false).0, before);
        }
        let (text, notes) = blessed(&all, &[("y", "3.9.1", "a pass")], false, true);
        assert_eq!((text, notes), (all.clone(), Vec::new()), "the gap is of another runtime");
        let (text, notes) = blessed(&all, &[("x", "3.9.1", "a pass"), ("x", "3.8.1", "a missing")], false, true);
        assert_eq!(text, all);
        assert_eq!(
            notes,
            [
                "m.f::a: the gap `missing` shows on x-3.8.1 and not on x-3.9.1; limit it with `python`, `implementation` or `platform`"
            ]
        );
    }

    #[test]
    fn a_failure_that_no_gap_excuses_gets_one() {
        let item = |runtime: &str, keys: &str| {
            format!("  - runtime: {runtime}\n    {}\n    kind: bug\n    reason: TODO\n", keys.replace("; ", "\n    "))
        };
        let x = |text| ("x", "3.9.1", text);
        for (before, trials, items) in [
            ("", vec![x("a pass")], vec![]),
            ("", vec![x("a missing"), x("b missing")], vec![item("x", "cases: [a, b]; verdict: missing")]),
            (
                "",
                vec![x("a missing"), x("b error"), ("y", "3.9.1", "a missing")],
                vec![
                    item("x", "cases: [a]; verdict: missing"),
                    item("x", "cases: [b]; verdict: error"),
                    item("y", "cases: [a]; verdict: missing"),
                ],
            ),
            ("", vec![x("a missing"), ("x", "3.8.1", "a missing")], vec![item("x", "cases: [a]; verdict: missing")]),
            (
                "",
                vec![x("a wrong-args {\"arguments\": [\"x\"]}"), x("b wrong-args {\"arguments\": [\"y\", \"[2]\"]}")],
                vec![
                    item("x", "cases: [b]; verdict: wrong-args; arguments: [\"[2]\", y]"),
                    item("x", "cases: [a]; verdict: wrong-args; arguments: [x]"),
                ],
            ),
            (
                "",
                vec![x("a wrong-count {\"raised\": []}"), x("b unvetoed {\"veto\": [\"effect\"]}")],
                vec![
                    item("x", "cases: [a]; verdict: wrong-count; raised: []"),
                    item("x", "cases: [b]; verdict: unvetoed; veto: effect"),
                ],
            ),
            ("", vec![("*", "3.9.1", "a missing")], vec![item("\"[*]\"", "cases: [a]; verdict: missing")]),
        ] {
            let wanted = if items.is_empty() { String::new() } else { format!("known-gaps:\n{}", items.concat()) };
            assert_eq!(blessed(before, &trials, true, false).0, wanted, "{trials:?}");
            assert_eq!(blessed(before, &trials, false, true).0, before, "{trials:?}");
        }
        let listed = gap("cases: [a], verdict: wrong-args, arguments: [x]");
        let more = [x("a wrong-args {\"arguments\": [\"x\", \"y\"]}")];
        let added = item("x", "cases: [a]; verdict: wrong-args; arguments: [y]");
        assert_eq!(blessed(&listed, &more, true, true).0, format!("{listed}{added}"));
        let (text, notes) = blessed("", &[x("a wrong-args")], true, true);
        assert_eq!((text.as_str(), notes.len()), ("", 1), "{notes:?}");
    }
}
