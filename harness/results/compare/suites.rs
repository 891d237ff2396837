//! Differences between the suites of two results.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::results::records::{CaseRecord, Results};
use crate::run::TrialRecord;

/// The difference between two suites, as far as results show it: they have only the cases that were selected.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct SuiteDifference {
    /// Whether the two suites are the same, to the byte.
    pub same: bool,
    /// The ids of the cases that have trials in the new results only.
    pub added: Vec<String>,
    /// The ids of the cases that have trials in the old results only.
    pub removed: Vec<String>,
    /// The ids of the cases that both have, but with different definitions.
    pub redefined: Vec<String>,
}

impl SuiteDifference {
    pub(super) fn new(old: &Results, new: &Results) -> SuiteDifference {
        let ids = |results: &Results| results.all_trials().map(TrialRecord::id).collect::<BTreeSet<_>>();
        let (olds, news) = (ids(old), ids(new));
        SuiteDifference {
            same: old.header.suite == new.header.suite,
            added: news.difference(&olds).cloned().collect(),
            removed: olds.difference(&news).cloned().collect(),
            redefined: redefined(old, new),
        }
    }
}

/// Returns the ids of the cases that both sides have, but with different definitions, in order.
pub(crate) fn redefined(old: &Results, new: &Results) -> Vec<String> {
    let digests: BTreeMap<String, &str> = old.all_cases().map(|case| (case.id(), case.digest.as_str())).collect();
    let differs = |case: &&CaseRecord| digests.get(&case.id()).is_some_and(|digest| *digest != case.digest);
    new.all_cases().filter(differs).map(CaseRecord::id).collect::<BTreeSet<_>>().into_iter().collect()
}
