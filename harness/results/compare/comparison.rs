//! The comparison of two whole results.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::change::Change;
use super::pairs::{CompareError, pair};
use super::runtimes::RuntimeDifference;
use super::suites::SuiteDifference;
use super::trials::{TrialDifference, by_runtime};
use crate::results::records::{self, Header, Results, RuntimeRecord};
use crate::results::score::count_each;
use crate::run::TrialRecord;

/// Two results, compared.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Comparison<'a> {
    /// The old run.
    pub old: &'a Header,
    /// The new run.
    pub new: &'a Header,
    /// The difference between the suites.
    pub suite: SuiteDifference,
    /// The runtimes: those of the new results in their order, then those that only the old ones have.
    pub runtimes: Vec<RuntimeDifference<'a>>,
    /// The trials of the runtimes that both have: by runtime, then by module, event and case. In JSON only those that
    /// are not unchanged.
    #[serde(serialize_with = "changed_only")]
    #[cfg_attr(test, schemars(with = "Vec<TrialDifference<'a>>"))]
    pub trials: Vec<TrialDifference<'a>>,
}

fn changed_only<S: Serializer>(trials: &[TrialDifference], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(trials.iter().filter(|trial| trial.change != Change::Unchanged))
}

impl<'a> Comparison<'a> {
    /// Compares the runtimes of two results. Two runtimes form a pair if they have the same name or if `map` has their
    /// names, the old one first. Without such a pair and with an empty map, the only runtime of one side is compared
    /// with the only runtime of the other.
    ///
    /// # Errors
    /// When the map names an unknown runtime or one runtime twice, or when there is nothing to compare.
    pub fn new(old: &'a Results, new: &'a Results, map: &[(String, String)]) -> Result<Comparison<'a>, CompareError> {
        let suite = SuiteDifference::new(old, new);
        let (mut runtimes, mut trials) = (Vec::new(), Vec::new());
        let (old_trials, new_trials) = (by_runtime(old), by_runtime(new));
        for (old_runtime, new_runtime) in pair(&old.runtimes, &new.runtimes, map)? {
            let old_ones = old_runtime.and_then(|runtime| old_trials.get(runtime.name.as_str()));
            let new_ones = new_runtime.and_then(|runtime| new_trials.get(runtime.name.as_str()));
            let [old_ones, new_ones] = [old_ones, new_ones].map(|ones| ones.map_or(&[][..], Vec::as_slice));
            let differences = TrialDifference::all(old_ones, new_ones, &suite);
            runtimes.push(RuntimeDifference::new(old_runtime, new_runtime, &differences));
            if old_runtime.is_some() && new_runtime.is_some() {
                trials.extend(differences);
            }
        }
        let comparison = Comparison { old: &old.header, new: &new.header, suite, runtimes, trials };
        let is_in_both = |trial: &TrialDifference| trial.old.is_some() && trial.new.is_some();
        if comparison.is_worse() || comparison.trials.iter().any(is_in_both) {
            return Ok(comparison);
        }
        Err(CompareError::nothing(old, new))
    }

    /// Tells whether something got worse.
    pub fn is_worse(&self) -> bool {
        self.runtimes.iter().any(|runtime| runtime.change == Change::Worse)
    }

    /// Returns the words of the command that repeats a trial of the new results.
    pub fn repeat_command(&self, trial: &TrialRecord) -> Vec<String> {
        let mut runtimes = self.runtimes.iter().filter_map(|difference| difference.new);
        let runtime: Option<&RuntimeRecord> = runtimes.find(|new| new.name == trial.runtime);
        records::repeat_command(trial, runtime, self.new)
    }

    /// Returns the number of trials for each change, in one line.
    pub fn summary(&self) -> String {
        let counts = self.counts();
        let words = [Change::Worse, Change::Other, Change::Better, Change::Unchanged, Change::Added, Change::Removed]
            .map(|change| format!("{} {change}", counts.get(&change).copied().unwrap_or_default()));
        let lost = self.runtimes.iter().filter(|runtime| runtime.is_lost()).count();
        let lost = (lost > 0).then(|| format!("; runtimes that cannot be tested any more: {lost}"));
        format!("trials: {}{}", words.join(", "), lost.unwrap_or_default())
    }

    /// Returns the number of trials for each change.
    pub fn counts(&self) -> BTreeMap<Change, usize> {
        count_each(self.trials.iter().map(|trial| trial.change))
    }
}
