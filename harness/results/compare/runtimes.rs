//! Differences between the runtimes of two results.

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::Change;
use super::trials::TrialDifference;
use crate::results::records::RuntimeRecord;
use crate::results::score::{Score, count_each};

/// A runtime on both sides, or on one.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct RuntimeDifference<'a> {
    /// The runtime in the old results.
    pub old: Option<&'a RuntimeRecord>,
    /// The runtime in the new results.
    pub new: Option<&'a RuntimeRecord>,
    /// The change of the runtime: `worse` if it cannot be tested any more or one of its trials is worse; `better` if it can be
    /// tested now, or one of its trials is better; `other` if one of its trials differs in another way.
    pub change: Change,
    /// The number of its trials for each change.
    pub trials: BTreeMap<Change, usize>,
    /// The numbers of its trials in the old results.
    pub old_score: Option<Score>,
    /// The numbers of its trials in the new results.
    pub new_score: Option<Score>,
}

impl<'a> RuntimeDifference<'a> {
    pub(super) fn new(
        old: Option<&'a RuntimeRecord>,
        new: Option<&'a RuntimeRecord>,
        differences: &[TrialDifference],
    ) -> RuntimeDifference<'a> {
        let trials = count_each(differences.iter().map(|trial| trial.change));
        let old_score = old.map(|_| Score::of(differences.iter().filter_map(|trial| trial.old)));
        let new_score = new.map(|_| Score::of(differences.iter().filter_map(|trial| trial.new)));
        let has = |change: &Change| trials.contains_key(change);
        let change = match (old, new) {
            (_, None) => Change::Removed,
            (None, _) => Change::Added,
            (Some(old), Some(new)) if is_lost(old, new) => Change::Worse,
            (Some(old), Some(new)) if is_lost(new, old) => Change::Better,
            _ => [Change::Worse, Change::Other, Change::Better].into_iter().find(has).unwrap_or(Change::Unchanged),
        };
        RuntimeDifference { old, new, change, trials, old_score, new_score }
    }

    /// Tells whether the runtime cannot be tested any more.
    pub fn is_lost(&self) -> bool {
        self.old.zip(self.new).is_some_and(|(old, new)| is_lost(old, new))
    }

    /// Returns a remark about the runtime itself, if there is one.
    pub fn note(&self) -> Option<String> {
        match (self.old, self.new) {
            (Some(_), None) => Some("only in the old results".to_owned()),
            (None, Some(_)) => Some("only in the new results".to_owned()),
            (_, Some(new)) => new.absent.as_ref().map(|reason| format!("not tested: {reason}")),
            (None, None) => None,
        }
    }

    /// Returns the runtime's name, or both names where they differ.
    pub fn name(&self) -> String {
        let name = |runtime: &RuntimeRecord| runtime.name.clone();
        let names: Vec<String> = self.old.map(name).into_iter().chain(self.new.map(name)).collect();
        match names.as_slice() {
            [old, new] if old != new => format!("{old} -> {new}"),
            names => names.last().cloned().unwrap_or_default(),
        }
    }
}

/// Tells whether a runtime could be tested before, and cannot any more.
fn is_lost(old: &RuntimeRecord, new: &RuntimeRecord) -> bool {
    old.absent.is_none() && new.absent.is_some()
}
