//! The known gaps of results, each once, with the cases and runtimes that show it.

use std::collections::{BTreeMap, BTreeSet};

use crate::results::Results;
use crate::run::{GapRecord, TrialRecord};
use crate::suite::Verdict;

/// One known gap of an event.
#[derive(Debug)]
pub(super) struct KnownGap<'a> {
    /// The event.
    pub event: &'a str,
    /// The verdict of its trials.
    pub verdict: Verdict,
    /// The gap, as the case file describes it.
    pub gap: &'a GapRecord,
    /// The cases that show it.
    pub cases: Vec<&'a str>,
    /// The runtimes that show it.
    pub runtimes: Vec<&'a str>,
    /// The cases and runtimes that it has.
    seen: [BTreeSet<&'a str>; 2],
}

/// Returns why a known gap is fixed: what the case file lists, and what happens now. Returns nothing for other trials.
pub(super) fn why_fixed(trial: &TrialRecord) -> Option<String> {
    let gap = trial.gap.as_ref().filter(|_| trial.is_fixed())?;
    if gap.place.is_some() {
        // The reason says already which line of a gaps file lists what.
        return Some(gap.reason.clone());
    }
    let listed = gap.listed.map_or_else(|| "a known gap".to_owned(), |verdict| verdict.to_string());
    let now = match trial.verdict {
        Verdict::Pass => "passes now".to_owned(),
        verdict => format!("only {verdict} now"),
    };
    Some(format!("listed as {listed}: {}; {now}", gap.reason.trim_end_matches('.')))
}

/// Returns the known gaps of results, sorted by event.
pub(super) fn known_gaps(results: &Results) -> Vec<KnownGap<'_>> {
    let mut gaps = BTreeMap::<_, KnownGap>::new();
    for trial in results.trials.iter().filter(|trial| trial.is_known()) {
        if let Some(gap) = &trial.gap {
            let key = (&trial.event, trial.verdict.to_string(), gap.kind.to_string(), &gap.reason, &gap.issue);
            gaps.entry(key).or_insert_with(|| KnownGap::new(trial, gap)).add(trial);
        }
    }
    gaps.into_values().collect()
}

impl<'a> KnownGap<'a> {
    fn new(trial: &'a TrialRecord, gap: &'a GapRecord) -> KnownGap<'a> {
        KnownGap {
            event: &trial.event,
            verdict: trial.verdict,
            gap,
            cases: Vec::new(),
            runtimes: Vec::new(),
            seen: Default::default(),
        }
    }

    fn add(&mut self, trial: &'a TrialRecord) {
        let [cases, runtimes] = &mut self.seen;
        for (names, seen, name) in
            [(&mut self.cases, cases, &trial.case), (&mut self.runtimes, runtimes, &trial.runtime)]
        {
            if seen.insert(name) {
                names.push(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::trial;
    use super::*;

    #[test]
    fn a_fixed_gap_says_what_is_listed_and_what_happens_now() {
        let gap = |state: &str, listed: Option<&str>| {
            let mut gap = json!({"state": state, "kind": "bug", "reason": "It is lost."});
            if let Some(listed) = listed {
                gap["listed"] = json!(listed);
            }
            gap
        };
        for (gap, verdict, expected) in [
            (gap("fixed", Some("missing")), "pass", Some("listed as missing: It is lost; passes now")),
            (gap("fixed", Some("unvetoed")), "wrong-args", Some("listed as unvetoed: It is lost; only wrong-args now")),
            (gap("fixed", None), "pass", Some("listed as a known gap: It is lost; passes now")),
            (gap("known", Some("missing")), "missing", None),
        ] {
            let trial = trial("os.a", "x", "one", &json!({"verdict": verdict, "gap": gap}));
            assert_eq!(why_fixed(&trial).as_deref(), expected);
        }
    }
}
