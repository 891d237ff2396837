//! The known gaps of results, each once, with the cases and runtimes that show it.

use std::collections::BTreeMap;

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
        KnownGap { event: &trial.event, verdict: trial.verdict, gap, cases: Vec::new(), runtimes: Vec::new() }
    }

    fn add(&mut self, trial: &'a TrialRecord) {
        for (names, name) in [(&mut self.cases, &trial.case), (&mut self.runtimes, &trial.runtime)] {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
}
