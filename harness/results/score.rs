//! Scores: the numbers of trials. Every report takes its numbers from here, so that each means one thing everywhere.
//!
//! A [`Score`] counts trials by their standing, each trial once. A [`Cell`] adds, for one event on one runtime, how many
//! cases keep each of the four promises. [`Extent`] counts cases, events and rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::iter::Sum;

use serde::Serialize;

use super::records::{CaseRecord, Results};
use crate::run::{Standing, TrialRecord};
use crate::suite::{Promise, Strength, Verdict, is_door, is_rule};

/// The numbers of trials by standing. Each trial is counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Score {
    /// The trials that passed.
    pub passed: usize,
    /// The trials that failed as a known gap says.
    pub known_gaps: usize,
    /// The trials that failed otherwise.
    pub failed: usize,
    /// The trials that failed, of cases that are newer than the suite of a gaps file.
    pub new: usize,
    /// The trials of which a known gap is fixed.
    pub fixed: usize,
    /// The trials that are not for the runtime or the machine.
    pub skipped: usize,
    /// The trials for which the runtime lacks something.
    pub unsupported: usize,
}

impl Score {
    /// Counts trials. Doors are not counted: they have a score of their own.
    pub fn of<'a>(trials: impl IntoIterator<Item = &'a TrialRecord>) -> Score {
        let mut score = Score::default();
        trials.into_iter().for_each(|trial| score.add(trial));
        score
    }

    fn add(&mut self, trial: &TrialRecord) {
        if is_door(&trial.event) {
            return;
        }
        *match trial.standing() {
            // Only a door has these.
            Standing::Open | Standing::Closed => return,
            Standing::Passed => &mut self.passed,
            Standing::Known => &mut self.known_gaps,
            Standing::Failed => &mut self.failed,
            Standing::New => &mut self.new,
            Standing::Fixed => &mut self.fixed,
            Standing::Skipped => &mut self.skipped,
            Standing::Unsupported => &mut self.unsupported,
        } += 1;
    }

    /// Counts the trials of each runtime, by its name. One without trials has the score of none.
    pub fn by_runtime(results: &Results) -> BTreeMap<&str, Score> {
        let mut scores: BTreeMap<&str, Score> =
            results.runtimes.iter().map(|runtime| (&*runtime.name, Score::default())).collect();
        results.trials.iter().for_each(|trial| scores.entry(&trial.runtime).or_default().add(trial));
        scores
    }

    /// Returns the number of trials of each standing, in the order in which all reports show them.
    pub fn counts(self) -> [(Standing, usize); 7] {
        [
            (Standing::Passed, self.passed),
            (Standing::Known, self.known_gaps),
            (Standing::Failed, self.failed),
            (Standing::New, self.new),
            (Standing::Fixed, self.fixed),
            (Standing::Skipped, self.skipped),
            (Standing::Unsupported, self.unsupported),
        ]
    }

    /// Returns the standing that a reader must see first, and `skipped` where there are no trials.
    pub fn foremost(self) -> Standing {
        use Standing::{Failed, Fixed, Known, New, Passed, Skipped, Unsupported};
        let counts = BTreeMap::from(self.counts());
        let order = [Failed, Fixed, New, Known, Passed, Unsupported];
        order.into_iter().find(|standing| counts[standing] > 0).unwrap_or(Skipped)
    }

    /// Returns the number of trials that were run.
    pub fn run(self) -> usize {
        self.passed + self.known_gaps + self.failed + self.new + self.fixed
    }

    /// Returns the number of trials that were not run.
    pub fn not_run(self) -> usize {
        self.skipped + self.unsupported
    }

    /// Returns the number of all trials.
    pub fn total(self) -> usize {
        self.run() + self.not_run()
    }

    /// Tells whether these trials make a run fail.
    pub fn is_unexpected(self) -> bool {
        self.failed + self.fixed > 0
    }

    /// Returns the passed trials of those that were run, such as `43/47`.
    pub fn ratio(self) -> String {
        format!("{}/{}", self.passed, self.run())
    }
}

impl Sum for Score {
    fn sum<I: Iterator<Item = Score>>(scores: I) -> Score {
        scores.fold(Score::default(), |one, other| Score {
            passed: one.passed + other.passed,
            known_gaps: one.known_gaps + other.known_gaps,
            failed: one.failed + other.failed,
            new: one.new + other.new,
            fixed: one.fixed + other.fixed,
            skipped: one.skipped + other.skipped,
            unsupported: one.unsupported + other.unsupported,
        })
    }
}

/// The numbers of the trials of doors. Each trial is counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct DoorScore {
    /// The doors that no event tells of.
    pub open: usize,
    /// The doors that an event tells of.
    pub closed: usize,
    /// The doors that could not be tried, because the harness failed.
    pub failed: usize,
    /// The doors that are not for the runtime or the machine.
    pub skipped: usize,
    /// The doors of which the runtime lacks something, or whose operation does not work there.
    pub unsupported: usize,
}

impl DoorScore {
    /// Counts the trials of doors.
    pub fn of<'a>(trials: impl IntoIterator<Item = &'a TrialRecord>) -> DoorScore {
        let mut score = DoorScore::default();
        trials.into_iter().for_each(|trial| score.add(trial));
        score
    }

    /// Counts one more trial.
    pub fn add(&mut self, trial: &TrialRecord) {
        *match trial.verdict {
            Verdict::Open => &mut self.open,
            Verdict::Closed => &mut self.closed,
            Verdict::Skipped => &mut self.skipped,
            Verdict::Unsupported => &mut self.unsupported,
            _ => &mut self.failed,
        } += 1;
    }

    /// Returns the number of doors whose operation works: those that are open or closed.
    pub fn tried(self) -> usize {
        self.open + self.closed
    }
}

/// Counts things by what they are.
pub fn count_each<K: Ord>(things: impl IntoIterator<Item = K>) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    things.into_iter().for_each(|thing| *counts.entry(thing).or_default() += 1);
    counts
}

/// Counts the known gaps that a gaps file lists as flaky.
pub fn flaky<'a>(trials: impl IntoIterator<Item = &'a TrialRecord>) -> usize {
    let is_flaky = |trial: &&TrialRecord| trial.is_known() && trial.gap.as_ref().is_some_and(|gap| gap.flaky);
    trials.into_iter().filter(is_flaky).count()
}

/// Counts the trials that were not run, by verdict and reason.
pub fn reasons<'a>(trials: impl IntoIterator<Item = &'a TrialRecord>) -> BTreeMap<(Verdict, &'a str), usize> {
    let not_run = trials.into_iter().filter(|trial| !trial.verdict.was_run());
    count_each(not_run.map(|trial| (trial.verdict, trial.reason.as_deref().unwrap_or_default())))
}

/// The cases that check a promise, and those of them that keep it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PromiseScore {
    /// The cases that keep it.
    pub kept: usize,
    /// The cases that check it.
    pub checked: usize,
}

/// The state of a promise over several cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PromiseState {
    /// All cases that check it keep it.
    Kept,
    /// Some cases keep it, and some break it.
    Partly,
    /// All cases that check it break it.
    Broken,
    /// No case checks it.
    Unchecked,
}

impl PromiseScore {
    fn of<'a>(trials: impl Iterator<Item = &'a TrialRecord>, promise: usize) -> PromiseScore {
        let found: Vec<bool> = trials.filter_map(|trial| keeps(trial, promise)).collect();
        PromiseScore { kept: found.iter().filter(|kept| **kept).count(), checked: found.len() }
    }

    /// Returns the state of the promise.
    pub fn state(self) -> PromiseState {
        match (self.kept, self.checked) {
            (_, 0) => PromiseState::Unchecked,
            (0, _) => PromiseState::Broken,
            (kept, checked) if kept == checked => PromiseState::Kept,
            _ => PromiseState::Partly,
        }
    }
}

impl fmt::Display for PromiseScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.state() {
            PromiseState::Kept => f.write_str("kept"),
            PromiseState::Partly => write!(f, "partly {}/{}", self.kept, self.checked),
            PromiseState::Broken => f.write_str("broken"),
            PromiseState::Unchecked => f.write_str("unchecked"),
        }
    }
}

/// Tells whether a trial keeps one of the promises, or nothing where it does not check it. A trial that did not end keeps
/// no promise. A trial that does not raise the event does not keep the promise of its arguments, if it has any.
fn keeps(trial: &TrialRecord, promise: usize) -> Option<bool> {
    let [raised, arguments, veto, hot] = [trial.raised, trial.arguments, trial.veto, trial.hot];
    let has_arguments = trial.asserts > Strength::Name;
    let is_lost =
        trial.verdict.is_lost() && (promise != 1 || has_arguments) && hot == Promise::Unchecked && promise != 3;
    let lacks_arguments = promise == 1 && raised == Promise::Broken && has_arguments;
    match [raised, arguments, veto, hot][promise] {
        _ if !trial.verdict.was_run() => None,
        _ if is_lost || lacks_arguments => Some(false),
        Promise::Kept => Some(true),
        Promise::Broken => Some(false),
        Promise::Unchecked => None,
    }
}

/// The outcome of all cases of an event on a runtime.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The numbers of its trials.
    pub score: Score,
    /// The four promises: raised, arguments, veto, hot.
    pub promises: [PromiseScore; 4],
    /// Whether no case saw the event, and one expected it.
    is_missing: bool,
    /// The verdicts of the trials that failed.
    failures: BTreeSet<Verdict>,
}

impl Cell {
    /// Counts the trials of one event on one runtime. `expects` tells whether a trial is of a case that expects the event.
    pub fn new(trials: &[&TrialRecord], expects: impl Fn(&TrialRecord) -> bool) -> Option<Cell> {
        let sees = |trial: &TrialRecord| match trial.verdict {
            Verdict::Missing => false,
            Verdict::Pass => expects(trial),
            verdict => verdict.was_run() && !verdict.is_lost(),
        };
        let verdicts = trials.iter().map(|trial| trial.verdict);
        let cell = Cell {
            score: Score::of(trials.iter().copied()),
            promises: [0, 1, 2, 3].map(|promise| PromiseScore::of(trials.iter().copied(), promise)),
            is_missing: verdicts.clone().any(|verdict| verdict == Verdict::Missing) && !trials.iter().any(|t| sees(t)),
            failures: verdicts.filter(|verdict| verdict.is_failure()).collect(),
        };
        (!trials.is_empty()).then_some(cell)
    }

    /// Tells whether no case saw the event, and one expected it.
    pub fn is_missing(&self) -> bool {
        self.is_missing
    }

    /// Tells whether some cases passed, and some that were run did not.
    pub fn is_partly(&self) -> bool {
        self.word() == PARTLY
    }

    /// Returns the outcome in one word, from all cases. It is a verdict where all cases that were run have this verdict,
    /// and `missing` only where no case saw the event.
    pub fn word(&self) -> String {
        let verdict = match self.failures.iter().collect::<Vec<_>>()[..] {
            [verdict] if *verdict != Verdict::Missing => Some(*verdict),
            _ => None,
        };
        match self.score {
            score if score.run() == 0 && score.unsupported > 0 => "n/a".to_owned(),
            score if score.run() == 0 => "skip".to_owned(),
            score if score.passed == score.run() => Verdict::Pass.to_string(),
            _ if self.failures.is_empty() => Standing::Fixed.to_string(),
            _ if self.is_missing => Verdict::Missing.to_string(),
            score if score.passed > 0 => PARTLY.to_owned(),
            _ => verdict.map_or_else(|| BROKEN.to_owned(), |verdict| verdict.to_string()),
        }
    }
}

/// The word for an event of which some cases passed, and some did not.
pub const PARTLY: &str = "partly";

/// The word for an event of which no case passed, in several ways.
pub const BROKEN: &str = "broken";

/// The numbers of cases, events, rules and doors. A rule of PEP 578 and a door are never counted as events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Extent {
    /// The cases, of events and of rules.
    pub cases: usize,
    /// The events.
    pub events: usize,
    /// The rules of PEP 578.
    pub rules: usize,
    /// The doors, which are not among the cases.
    pub doors: usize,
}

impl Extent {
    /// Counts what results are of: their cases, and those that only trials name.
    pub fn of(results: &Results) -> Extent {
        let cases = results.cases.iter().map(|case| (case.event.as_str(), case.case.as_str()));
        let trials = results.trials.iter().map(|trial| (trial.event.as_str(), trial.case.as_str()));
        let cases: BTreeSet<(&str, &str)> = cases.chain(trials).collect();
        let names: BTreeSet<&str> = cases.iter().map(|(event, _)| *event).collect();
        let rules = names.iter().filter(|name| is_rule(name)).count();
        let doors = results.doors.cases.iter().map(CaseRecord::id);
        let doors: BTreeSet<String> = doors.chain(results.doors.trials().map(TrialRecord::id)).collect();
        Extent { cases: cases.len(), events: names.len() - rules, rules, doors: doors.len() }
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        match (self.events, self.rules) {
            (events, 0) => f.write_str(&one(events, "event")),
            (0, rules) => write!(f, "{} of PEP 578", one(rules, "rule")),
            (events, rules) => write!(f, "{} and {} of PEP 578", one(events, "event"), one(rules, "rule")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn trial(changes: &Value) -> TrialRecord {
        let mut record = json!({"event": "os.mkdir", "case": "path", "module": "os", "api": "f", "runtime": "a",
            "verdict": "pass", "raised": "kept", "arguments": "kept", "veto": "kept", "asserts": "value", "seconds": 0.0});
        record.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
        serde_json::from_value(record).expect("a trial")
    }

    fn gap(verdict: &str, state: &str) -> Value {
        let promise = if verdict == "missing" { "broken" } else { "kept" };
        json!({"verdict": verdict, "raised": promise, "veto": promise,
            "arguments": if verdict == "pass" { "kept" } else { "unchecked" },
            "gap": {"state": state, "kind": "bug", "reason": "r"}})
    }

    fn unchecked(verdict: &str) -> Value {
        json!({"verdict": verdict, "raised": "unchecked", "arguments": "unchecked", "veto": "unchecked"})
    }

    #[test]
    fn each_trial_is_counted_once() {
        let trials = [
            json!({}),
            gap("pass", "fixed"),
            gap("wrong-args", "fixed"),
            gap("missing", "known"),
            json!({"verdict": "error"}),
            json!({"verdict": "crash"}),
            json!({"verdict": "crash", "new": true}),
            json!({"verdict": "skipped"}),
            json!({"verdict": "unsupported"}),
        ];
        let trials: Vec<TrialRecord> = trials.iter().map(trial).collect();
        let score = Score::of(&trials);
        assert_eq!(score, Score { passed: 1, known_gaps: 1, failed: 2, new: 1, fixed: 2, skipped: 1, unsupported: 1 });
        assert_eq!((score.run(), score.not_run(), score.total(), score.ratio().as_str()), (7, 2, 9, "1/7"));
        assert!(score.is_unexpected() && !Score { failed: 0, fixed: 0, ..score }.is_unexpected());
        assert_eq!(score.counts().map(|(_, count)| count), [1, 1, 2, 1, 2, 1, 1]);
        let twice: Score = [score, score].into_iter().sum();
        assert_eq!(twice, Score { passed: 2, known_gaps: 2, failed: 4, new: 2, fixed: 4, skipped: 2, unsupported: 2 });
    }

    #[test]
    fn a_reader_sees_failures_first() {
        let one = Score { passed: 1, known_gaps: 1, failed: 1, new: 1, fixed: 1, skipped: 1, unsupported: 1 };
        let no_failed = Score { failed: 0, ..one };
        let no_fixed = Score { fixed: 0, ..no_failed };
        let no_new = Score { new: 0, ..no_fixed };
        let no_known = Score { known_gaps: 0, ..no_new };
        let not_run = Score { passed: 0, ..no_known };
        for (score, foremost) in [
            (one, Standing::Failed),
            (no_failed, Standing::Fixed),
            (no_fixed, Standing::New),
            (no_new, Standing::Known),
            (no_known, Standing::Passed),
            (not_run, Standing::Unsupported),
            (Score { unsupported: 0, ..not_run }, Standing::Skipped),
            (Score::default(), Standing::Skipped),
        ] {
            assert_eq!(score.foremost(), foremost, "{score:?}");
        }
    }

    #[test]
    fn a_cell_is_of_all_its_cases_and_not_of_the_worst() {
        let pass = || json!({});
        let never = || json!({"case": "never", "arguments": "unchecked", "veto": "unchecked", "asserts": "name"});
        let missing = || gap("missing", "known");
        let wrong = || json!({"verdict": "wrong-args", "arguments": "broken"});
        let unvetoed = || json!({"verdict": "unvetoed", "veto": "broken"});
        let (kept, broken, unchecked_word) = ("kept", "broken", "unchecked");
        let half = "partly 1/2";
        for (trials, word, promises) in [
            (vec![pass()], "pass", [kept; 3]),
            (vec![pass(), json!({"veto": "unchecked"})], "pass", [kept; 3]),
            (vec![never()], "pass", [kept, unchecked_word, unchecked_word]),
            (vec![unchecked("skipped")], "skip", [unchecked_word; 3]),
            (vec![unchecked("unsupported"), unchecked("skipped")], "n/a", [unchecked_word; 3]),
            (vec![unchecked("skipped"), pass()], "pass", [kept; 3]),
            (vec![missing()], "missing", [broken; 3]),
            (vec![missing(), never()], "missing", [half, broken, broken]),
            (vec![missing(), unchecked("crash")], "missing", [broken; 3]),
            (vec![pass(), missing()], "partly", [half; 3]),
            (vec![pass(), wrong()], "partly", [kept, half, kept]),
            (vec![gap("pass", "fixed")], "fixed", [kept; 3]),
            (vec![pass(), gap("pass", "fixed")], "fixed", [kept; 3]),
            (vec![gap("pass", "fixed"), missing()], "broken", [half; 3]),
            (vec![wrong()], "wrong-args", [kept, broken, kept]),
            (vec![wrong(), unvetoed()], "broken", [kept, half, half]),
            (vec![wrong(), missing()], "broken", [half, broken, half]),
            (vec![unchecked("crash"), unchecked("crash")], "crash", [broken; 3]),
            (vec![unchecked("crash"), pass()], "partly", [half; 3]),
        ] {
            let records: Vec<TrialRecord> = trials.iter().map(trial).collect();
            let cell = Cell::new(&records.iter().collect::<Vec<_>>(), |trial| trial.case != "never").expect("trials");
            assert_eq!(cell.word(), word, "{trials:?}");
            assert_eq!(cell.promises[..3].iter().map(ToString::to_string).collect::<Vec<_>>(), promises, "{trials:?}");
            assert_eq!(cell.promises[3].to_string(), unchecked_word, "{trials:?}");
            assert_eq!(cell.is_partly(), word == "partly");
        }
        assert_eq!(Cell::new(&[], |_| true), None);
    }

    #[test]
    fn a_promise_that_hot_code_breaks_is_kept_by_cold_code() {
        let [kept, broken] = ["kept", "broken"];
        for (trials, promises) in [
            (vec![json!({"hot": kept})], [kept, kept, kept, kept]),
            (vec![json!({"hot": kept}), json!({})], [kept, kept, kept, kept]),
            (vec![json!({"hot": broken, "verdict": "cold-only"})], [kept, kept, kept, broken]),
            (vec![json!({"hot": broken, "verdict": "crash"})], [kept, kept, kept, broken]),
            (
                vec![json!({"hot": kept}), json!({"hot": broken, "verdict": "cold-only"})],
                [kept, kept, kept, "partly 1/2"],
            ),
        ] {
            let records: Vec<TrialRecord> = trials.iter().map(trial).collect();
            let cell = Cell::new(&records.iter().collect::<Vec<_>>(), |_| true).expect("trials");
            assert_eq!(cell.promises.map(|promise| promise.to_string()), promises, "{trials:?}");
        }
    }

    #[test]
    fn a_trial_keeps_a_promise_or_breaks_it_or_does_not_check_it() {
        let (yes, no) = (Some(true), Some(false));
        for (changes, expected) in [
            (json!({}), [yes, yes, yes]),
            (json!({"arguments": "unchecked", "veto": "unchecked"}), [yes, None, None]),
            (json!({"verdict": "wrong-args", "arguments": "broken"}), [yes, no, yes]),
            (gap("missing", "known"), [no, no, no]),
            (json!({"verdict": "missing", "raised": "broken", "veto": "unchecked"}), [no, no, None]),
            (
                json!({"verdict": "missing", "raised": "broken", "arguments": "unchecked", "asserts": "name"}),
                [no, None, yes],
            ),
            (json!({"verdict": "crash", "veto": "unchecked"}), [no, no, no]),
            (json!({"verdict": "timeout", "arguments": "unchecked", "asserts": "name"}), [no, None, no]),
            (json!({"verdict": "skipped"}), [None, None, None]),
        ] {
            assert_eq!([0, 1, 2].map(|promise| keeps(&trial(&changes), promise)), expected, "{changes}");
        }
    }

    #[test]
    fn rules_and_doors_are_not_counted_as_events() {
        for (events, rules, words) in [
            (209, 17, "209 events and 17 rules of PEP 578"),
            (1, 0, "1 event"),
            (0, 1, "1 rule of PEP 578"),
            (0, 0, "0 events"),
        ] {
            assert_eq!(Extent { cases: 300, events, rules, doors: 150 }.to_string(), words);
        }
    }
}
