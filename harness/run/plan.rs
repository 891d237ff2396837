//! The plan: which cases run on which runtimes, and why the others do not. Pure.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::str::FromStr;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::runtime::{Isolation, Runtime, Trial};
use crate::suite::{Case, Glob, Need, Platform, Source, Suite, Verdict, Versions};

impl Trial<'_> {
    /// What it costs to begin it: the start of an interpreter, unless there is a warm one.
    fn start(&self) -> Duration {
        let is_warm = match self.runtime.isolation() {
            Isolation::Process => false,
            Isolation::Fork => !self.case.is_alone(),
            Isolation::Shared => !self.case.is_alone() && !self.case.leaves_something(),
        };
        if is_warm || self.verdict_without_run().is_some() { Duration::ZERO } else { self.runtime.startup_time }
    }

    /// Returns the verdict without a run, and its reason, if there is one: a guard that does not hold, or something
    /// that the runtime does not have.
    pub fn verdict_without_run(&self) -> Option<(Verdict, String)> {
        if !self.runtime.probe.audit {
            return Some((Verdict::Unsupported, "no audit hooks (sys.addaudithook)".into()));
        }
        self.guard().map(|reason| (Verdict::Skipped, reason)).or_else(|| self.lack())
    }

    fn guard(&self) -> Option<String> {
        let (file, case, identity) = (&self.source.file, self.case, &self.runtime.identity);
        let version =
            |versions: &Versions| (!versions.contain(&identity.language)).then(|| format!("for Python {versions}"));
        let platform = |platforms: &[Platform]| {
            let here = platforms.iter().any(|platform| platform.is(&identity.platform));
            (!platforms.is_empty() && !here).then(|| format!("for {}", join(platforms)))
        };
        let others = &case.implementation;
        let other = !others.is_empty() && !others.contains(&identity.implementation);
        version(&file.python)
            .or_else(|| version(&case.python))
            .or_else(|| platform(&file.platform))
            .or_else(|| platform(&case.platform))
            .or_else(|| other.then(|| format!("for {}", others.join(", "))))
    }

    fn lack(&self) -> Option<(Verdict, String)> {
        let needs = self.case.all_needs();
        let need = needs.iter().find(|need| self.runtime.features.get(need.as_str()) != Some(&true))?;
        Some(match need.is_of_runtime() {
            true => (Verdict::Unsupported, format!("no {need}")),
            false => (Verdict::Skipped, format!("needs {need}")),
        })
    }
}

fn join(platforms: &[Platform]) -> String {
    platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A choice of cases: all when there are no patterns. A pattern with `::` is a glob over ids, one without over events.
#[derive(Debug, Default)]
pub struct Selection {
    /// The patterns.
    pub patterns: Vec<Glob>,
    /// Which part of the cases that match.
    pub shard: Option<Shard>,
}

impl Selection {
    /// All cases that match one of some patterns.
    pub fn of(patterns: &[Glob]) -> Selection {
        Selection { patterns: patterns.to_vec(), shard: None }
    }

    /// Tells whether a case is chosen.
    pub fn has(&self, source: &Source, case: &Case) -> bool {
        self.has_id(&source.file.event, &source.file.id(case))
    }

    /// Tells whether the case of an event and an id is chosen.
    pub fn has_id(&self, event: &str, id: &str) -> bool {
        let matches = |glob: &Glob| glob.matches(if glob.as_str().contains("::") { id } else { event });
        (self.patterns.is_empty() || self.patterns.iter().any(matches)) && self.shard.is_none_or(|shard| shard.has(id))
    }
}

/// One of several parts of the cases. The id of a case tells which it is in, whatever else is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u16,
    count: u16,
}

impl Shard {
    fn has(self, id: &str) -> bool {
        let digest = Sha256::digest(id);
        let number = u16::from_be_bytes([digest[0], digest[1]]);
        number % self.count == self.index
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let numbers = text.split_once('/').and_then(|(k, n)| Some((k.parse::<u16>().ok()?, n.parse::<u16>().ok()?)));
        match numbers {
            Some((k, count)) if (1..=count).contains(&k) => Ok(Shard { index: k - 1, count }),
            _ => Err("K/N is needed, with K from 1 to N".to_owned()),
        }
    }
}

/// Returns everything that the selected cases need, for the probe to find out.
pub fn needs(suite: &Suite, selection: &Selection) -> Vec<Need> {
    let selected = suite.cases().filter(|(source, case)| selection.has(source, case));
    let needs: BTreeSet<Need> = selected.flat_map(|(_, case)| case.all_needs()).collect();
    needs.into_iter().collect()
}

/// Returns the trials of the selected cases on all runtimes, runtime by runtime.
pub fn plan<'a>(suite: &'a Suite, runtimes: &'a [Runtime], selection: &Selection) -> Vec<Trial<'a>> {
    let selected: Vec<_> = suite.cases().filter(|(source, case)| selection.has(source, case)).collect();
    let trials =
        runtimes.iter().flat_map(|runtime| selected.iter().map(move |&(source, case)| Trial { source, case, runtime }));
    trials.collect()
}

/// The order in which a plan is run, as indices into it. The trials that take longest to begin come first, slow starters
/// before all, so that none of them is left for the end, when the other job slots are empty. Trials that begin at once
/// take turns by event: they import the same, which a warm interpreter does once for all that come one after another.
pub fn schedule(plan: &[Trial]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..plan.len()).collect();
    order.sort_by_cached_key(|&index| Reverse(plan[index].start()));
    let is_one_turn = |&one: &usize, &other: &usize| {
        let (one, other) = (&plan[one], &plan[other]);
        let is_same = std::ptr::eq(one.runtime, other.runtime) && std::ptr::eq(one.source, other.source);
        is_same && one.start().is_zero() && other.start().is_zero()
    };
    order.chunk_by(is_one_turn).map(<[usize]>::to_vec).collect()
}
