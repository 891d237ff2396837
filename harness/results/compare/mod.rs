//! The comparison of two results: what changed from an old run to a new one, trial by trial. Pure.
//!
//! A trial is *worse* when something that held before does not hold any more:
//!
//! - it passed, and now it fails, or the runtime has lost the API or its hooks (`unsupported`);
//! - a promise was kept, and now it is broken, whatever the verdict;
//! - its failure was a known gap, and now it is none;
//! - it fails harder: from a broken promise to an `error`, from there to a `timeout` or a `crash`.
//!
//! It is *better* when one of these is seen from the new run to the old one, and none the other way: what got worse is
//! never outweighed. Any other difference is *other*: a trial that is skipped now or was before, another failure of the
//! same weight, other observations. So is every difference of a case whose definition is not the same in both suites, as
//! it may be the case that changed. A trial that one side does not have is *added* or *removed*, and nothing is
//! concluded from it.

mod pair;
mod shift;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use super::records::{self, CaseRecord, Header, Results, RuntimeRecord};
use crate::run::TrialRecord;
use crate::suite::words;

pub use pair::{CompareError, check};
pub use shift::Shift;

use pair::pair;
use shift::shifts;

words! {
    /// What became of something from the old results to the new ones, in the order of interest.
    Change {
        /// Something that held does not hold any more.
        Worse = "worse",
        /// Only the old results have it.
        Removed = "removed",
        /// It differs, for neither better nor worse.
        Other = "other",
        /// Something that did not hold does hold, and nothing is worse.
        Better = "better",
        /// Only the new results have it.
        Added = "added",
        /// Nothing differs.
        Unchanged = "unchanged",
    }
}

/// Two results, compared.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Comparison<'a> {
    /// The old run.
    pub old: &'a Header,
    /// The new run.
    pub new: &'a Header,
    /// How the suites of the two differ.
    pub suite: SuiteDifference,
    /// The runtimes: those of the new results in their order, then those that only the old ones have.
    pub runtimes: Vec<RuntimeDifference<'a>>,
    /// The trials of the runtimes that both have: by runtime, then by module, event and case. As JSON only those that
    /// are not unchanged.
    #[serde(serialize_with = "differing")]
    #[cfg_attr(test, schemars(with = "Vec<TrialDifference<'a>>"))]
    pub trials: Vec<TrialDifference<'a>>,
}

/// How two suites differ, as far as the results tell: they know the cases that were selected.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct SuiteDifference {
    /// Whether the two suites are the same, to the byte.
    pub same: bool,
    /// The ids of the cases that only the new results have trials of.
    pub added: Vec<String>,
    /// The ids of the cases that only the old results have trials of.
    pub removed: Vec<String>,
    /// The ids of the cases that both have, under another definition.
    pub redefined: Vec<String>,
}

/// A runtime on both sides, or on one.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct RuntimeDifference<'a> {
    /// As the old results have it.
    pub old: Option<&'a RuntimeRecord>,
    /// As the new results have it.
    pub new: Option<&'a RuntimeRecord>,
    /// What became of it: `worse` if it cannot be tested any more or one of its trials is worse; `better` if it can, or
    /// one is; `other` if one differs otherwise.
    pub change: Change,
    /// How many of its trials there are of each change.
    pub trials: BTreeMap<Change, usize>,
}

/// A case on a runtime that both results have.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct TrialDifference<'a> {
    /// The id of the case.
    pub id: String,
    /// The runtime's name, in the new results if it differs.
    pub runtime: &'a str,
    /// What became of it.
    pub change: Change,
    /// As the old results have it.
    pub old: Option<&'a TrialRecord>,
    /// As the new results have it.
    pub new: Option<&'a TrialRecord>,
    /// Whether the case is not defined as it was.
    pub redefined: bool,
    /// What differs, the verdict first; empty for a trial that is added, removed or unchanged.
    pub shifts: Vec<Shift>,
}

fn differing<S: Serializer>(trials: &[TrialDifference], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(trials.iter().filter(|trial| trial.change != Change::Unchanged))
}

impl<'a> Comparison<'a> {
    /// Compares the runtimes of two results that have the same name, or that `map` pairs, old name by new name. If there is
    /// no such pair and nothing is mapped, and there is one runtime on each side, these two are compared.
    ///
    /// # Errors
    /// When the map does not fit, or there is nothing to compare.
    pub fn new(old: &'a Results, new: &'a Results, map: &[(String, String)]) -> Result<Comparison<'a>, CompareError> {
        let pairs = pair(&old.runtimes, &new.runtimes, map)?;
        let suite = SuiteDifference::new(old, new);
        let (mut runtimes, mut trials) = (Vec::new(), Vec::new());
        let (old_trials, new_trials) = (by_runtime(old), by_runtime(new));
        for (was, is) in pairs {
            let of = |trials: &ByRuntime<'a>, runtime: Option<&RuntimeRecord>| {
                runtime.and_then(|runtime| trials.get(runtime.name.as_str()).cloned()).unwrap_or_default()
            };
            let differences = TrialDifference::all(&of(&old_trials, was), &of(&new_trials, is), &suite);
            runtimes.push(RuntimeDifference::new(was, is, &differences));
            if was.is_some() && is.is_some() {
                trials.extend(differences);
            }
        }
        let comparison = Comparison { old: &old.header, new: &new.header, suite, runtimes, trials };
        let is_compared = |trial: &TrialDifference| trial.old.is_some() && trial.new.is_some();
        if comparison.is_worse() || comparison.trials.iter().any(is_compared) {
            return Ok(comparison);
        }
        Err(CompareError::nothing(old, new))
    }

    /// Tells whether something got worse.
    pub fn is_worse(&self) -> bool {
        self.runtimes.iter().any(|runtime| runtime.change == Change::Worse)
    }

    /// The words of the command that repeats a trial of the new results.
    pub fn again(&self, trial: &TrialRecord) -> Vec<String> {
        let mut runtimes = self.runtimes.iter().filter_map(|difference| difference.new);
        records::again(trial, runtimes.find(|new| new.name == trial.runtime), self.new)
    }

    /// What changed, in numbers.
    pub fn summary(&self) -> String {
        let counts = self.counts();
        let words = [Change::Worse, Change::Other, Change::Better, Change::Unchanged, Change::Added, Change::Removed]
            .map(|change| format!("{} {change}", counts.get(&change).copied().unwrap_or_default()));
        let lost = self.runtimes.iter().filter(|runtime| runtime.is_lost()).count();
        let lost = (lost > 0).then(|| format!("; runtimes that cannot be tested any more: {lost}"));
        format!("trials: {}{}", words.join(", "), lost.unwrap_or_default())
    }

    /// The number of trials of each change.
    pub fn counts(&self) -> BTreeMap<Change, usize> {
        let mut counts = BTreeMap::new();
        self.trials.iter().for_each(|trial| *counts.entry(trial.change).or_default() += 1);
        counts
    }
}

/// What tells the trials of a runtime apart, in the order of a report.
type Key<'a> = (&'a str, &'a str, &'a str);
type Trials<'a> = BTreeMap<Key<'a>, &'a TrialRecord>;
type ByRuntime<'a> = BTreeMap<&'a str, Trials<'a>>;

fn by_runtime(results: &Results) -> ByRuntime<'_> {
    let mut runtimes = ByRuntime::new();
    for trial in &results.trials {
        let key = (trial.module.as_str(), trial.event.as_str(), trial.case.as_str());
        runtimes.entry(&trial.runtime).or_default().insert(key, trial);
    }
    runtimes
}

impl SuiteDifference {
    fn new(old: &Results, new: &Results) -> SuiteDifference {
        let ids = |results: &Results| results.trials.iter().map(TrialRecord::id).collect::<BTreeSet<_>>();
        let (olds, news) = (ids(old), ids(new));
        SuiteDifference {
            same: old.header.suite == new.header.suite,
            added: news.difference(&olds).cloned().collect(),
            removed: olds.difference(&news).cloned().collect(),
            redefined: redefined(&old.cases, &new.cases),
        }
    }
}

impl<'a> RuntimeDifference<'a> {
    fn new(
        old: Option<&'a RuntimeRecord>,
        new: Option<&'a RuntimeRecord>,
        differences: &[TrialDifference],
    ) -> RuntimeDifference<'a> {
        let mut trials = BTreeMap::new();
        for trial in differences {
            *trials.entry(trial.change).or_default() += 1;
        }
        let has = |change: &Change| trials.contains_key(change);
        let change = match (old, new) {
            (_, None) => Change::Removed,
            (None, _) => Change::Added,
            (Some(old), Some(new)) if is_lost(old, new) => Change::Worse,
            (Some(old), Some(new)) if is_lost(new, old) => Change::Better,
            _ => [Change::Worse, Change::Other, Change::Better].into_iter().find(has).unwrap_or(Change::Unchanged),
        };
        RuntimeDifference { old, new, change, trials }
    }

    /// Tells whether the runtime cannot be tested any more.
    pub fn is_lost(&self) -> bool {
        self.old.zip(self.new).is_some_and(|(old, new)| is_lost(old, new))
    }

    /// What there is to say of it besides its trials.
    pub fn note(&self) -> Option<String> {
        match (self.old, self.new) {
            (Some(_), None) => Some("only in the old results".to_owned()),
            (None, Some(_)) => Some("only in the new results".to_owned()),
            (_, Some(new)) => new.absent.as_ref().map(|reason| format!("not tested: {reason}")),
            (None, None) => None,
        }
    }

    /// The runtime's name, of both where these differ.
    pub fn name(&self) -> String {
        let name = |runtime: &RuntimeRecord| runtime.name.clone();
        let names: Vec<String> = self.old.map(name).into_iter().chain(self.new.map(name)).collect();
        match names.as_slice() {
            [old, new] if old != new => format!("{old} -> {new}"),
            names => names.last().cloned().unwrap_or_default(),
        }
    }
}

/// Tells whether a runtime could be tested, and cannot any more.
fn is_lost(old: &RuntimeRecord, new: &RuntimeRecord) -> bool {
    old.absent.is_none() && new.absent.is_some()
}

impl<'a> TrialDifference<'a> {
    /// All trials of one runtime, in order.
    fn all(old: &Trials<'a>, new: &Trials<'a>, suite: &SuiteDifference) -> Vec<TrialDifference<'a>> {
        let keys: BTreeSet<&Key> = old.keys().chain(new.keys()).collect();
        let difference = |key: &Key| match (old.get(key), new.get(key)) {
            (Some(old), Some(new)) => Some(TrialDifference::of_both(old, new, suite)),
            (Some(old), None) => Some(TrialDifference::of_one(old, Change::Removed)),
            (None, Some(new)) => Some(TrialDifference::of_one(new, Change::Added)),
            (None, None) => None,
        };
        keys.into_iter().filter_map(difference).collect()
    }

    fn of_one(trial: &'a TrialRecord, change: Change) -> TrialDifference<'a> {
        let (old, new) = if change == Change::Removed { (Some(trial), None) } else { (None, Some(trial)) };
        let (id, runtime) = (trial.id(), trial.runtime.as_str());
        TrialDifference { id, runtime, change, old, new, redefined: false, shifts: Vec::new() }
    }

    fn of_both(old: &'a TrialRecord, new: &'a TrialRecord, suite: &SuiteDifference) -> TrialDifference<'a> {
        let (id, runtime) = (new.id(), new.runtime.as_str());
        let redefined = suite.redefined.binary_search(&id).is_ok();
        let mut shifts = shifts(old, new);
        if redefined {
            for shift in &mut shifts {
                shift.change = Change::Other;
            }
        }
        let has = |change: &Change| shifts.iter().any(|shift| shift.change == *change);
        let change = [Change::Worse, Change::Better, Change::Other].into_iter().find(has).unwrap_or(Change::Unchanged);
        TrialDifference { id, runtime, change, old: Some(old), new: Some(new), redefined, shifts }
    }

    /// What differs, in a line.
    pub fn summary(&self) -> String {
        let words = self.shifts.iter().map(|Shift { what, old, new, .. }| match *what {
            "verdict" => format!("{old} -> {new}"),
            "observed" => "other observations".to_owned(),
            what => format!("{what} {old} -> {new}"),
        });
        let verdict = self.new.filter(|new| self.old.is_some_and(|old| old.verdict == new.verdict));
        let verdict = verdict.map(|trial| format!("still {}", trial.verdict));
        verdict.into_iter().chain(words).collect::<Vec<_>>().join(", ")
    }
}

/// The ids of the cases that both sides have, under another definition.
pub(crate) fn redefined(old: &[CaseRecord], new: &[CaseRecord]) -> Vec<String> {
    let digests: BTreeMap<String, &str> = old.iter().map(|case| (case.id(), case.digest.as_str())).collect();
    let differs = |case: &&CaseRecord| digests.get(&case.id()).is_some_and(|digest| *digest != case.digest);
    new.iter().filter(differs).map(CaseRecord::id).collect::<BTreeSet<_>>().into_iter().collect()
}
