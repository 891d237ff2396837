//! Merging: one results file from those of shards or of several machines. Pure.
//!
//! The order and the grouping of the files do not matter. Two runtimes of one name are the same if their probes found the
//! same (build, platform, executable, ...). If they are not, each gets its platform after its name, and further parts
//! until the names differ. A trial that was run wins over one that was skipped, because a skipped trial says nothing about
//! the runtime. Whatever belongs to one run only (its time, its command) is taken from the newest run.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;

use super::compare::redefined;
use super::description::EventRecord;
use super::records::{CaseRecord, Footer, Header, ProbeRecord, Results, RuntimeRecord};
use crate::run::{LONGEST, TrialRecord};
use crate::suite::Verdict;

/// The number of ids or trials that an error names; it counts the rest.
const SHOWN: usize = 10;

/// Why results cannot be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// There are no results.
    #[error("no results to merge")]
    Nothing,
    /// Two results are of different suites: the name of each, and the difference in a few lines.
    #[error("{0} and {1} are of different suites{2}")]
    Suites(String, String, String),
    /// Some trials have two verdicts.
    #[error("trials with two verdicts ({}):\n  {}\n  hint: --newest takes the newer verdict of each", .0.len(), first_of(.0, "\n  "))]
    Verdicts(Vec<String>),
}

/// Joins the first items, and says how many more there are.
fn first_of(items: &[String], separator: &str) -> String {
    let mut text = items.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(separator);
    if items.len() > SHOWN {
        text += &format!("{separator}and {} more", items.len() - SHOWN);
    }
    text
}

/// A runtime's name in its run, and the findings of its probe without features. They identify the runtime.
type Identity = (String, Option<ProbeRecord>);

/// An event and the name of a case.
type CaseKey = (String, String);

/// Merges results. Each has a name for error messages. If `newest` is true and a trial has two verdicts, the one of the
/// newer run is taken.
///
/// # Errors
/// When the results are of different suites, or a trial has two verdicts and `newest` is false.
pub fn merge(all: &[(String, Results)], newest: bool) -> Result<Results, MergeError> {
    let first = all.first().ok_or(MergeError::Nothing)?;
    if let Some(other) = all.iter().find(|(_, other)| other.header.suite != first.1.header.suite) {
        return Err(different_suites(first, other));
    }
    let all: Vec<&Results> = all.iter().map(|(_, results)| results).collect();
    let mut pool = Pool::default();
    for results in &all {
        pool.add(results, newest);
    }
    if !pool.conflicts.is_empty() {
        return Err(MergeError::Verdicts(pool.conflicts.into_iter().collect()));
    }
    let header = all.iter().map(|results| &results.header).max_by_key(|header| age(header)).unwrap_or(&first.1.header);
    Ok(pool.results(header.clone(), seconds(&all)))
}

/// Returns a key that orders runs by their time. Runs of the same time are ordered by everything else, so that the order
/// of the files does not matter.
fn age(header: &Header) -> (&str, &Header) {
    (&header.started, header)
}

fn different_suites((name, one): &(String, Results), (other_name, other): &(String, Results)) -> MergeError {
    let ids = |results: &Results| results.cases.iter().map(CaseRecord::id).collect::<BTreeSet<_>>();
    let only = |these: &Results, those: &Results| ids(these).difference(&ids(those)).cloned().collect::<Vec<_>>();
    let mut text = String::new();
    for (what, ids) in [
        ("that differ".to_owned(), redefined(&one.cases, &other.cases)),
        (format!("in {name} only"), only(one, other)),
        (format!("in {other_name} only"), only(other, one)),
    ] {
        if !ids.is_empty() {
            text += &format!("\n  cases {what} ({}): {}", ids.len(), first_of(&ids, ", "));
        }
    }
    if text.is_empty() {
        text += "\n  their cases are the same: known gaps differ, or cases that were not selected";
    }
    MergeError::Suites(name.clone(), other_name.clone(), text)
}

/// Returns the time of all runs, or `None` if one is incomplete. Milliseconds are added, because their sum is exact in
/// any order. The sum has a limit, so that it can be read again.
fn seconds(all: &[&Results]) -> Option<f64> {
    let footers: Option<Vec<&Footer>> = all.iter().map(|results| results.footer.as_ref()).collect();
    let milliseconds = footers?.iter().map(|footer| (footer.seconds * 1e3).round()).sum::<f64>();
    Some((milliseconds / 1e3).min(LONGEST))
}

/// The records that have been merged so far.
#[derive(Default)]
struct Pool {
    columns: BTreeMap<Identity, Column>,
    events: BTreeMap<String, EventRecord>,
    cases: BTreeMap<CaseKey, CaseRecord>,
    conflicts: BTreeSet<String>,
}

/// A runtime with its run, and its trials with their times. All names are those of the runtime's own run: with names that
/// an earlier merge gave, the grouping of the files would decide between two records of the same time.
struct Column {
    runtime: RuntimeRecord,
    trials: BTreeMap<CaseKey, TrialRecord>,
}

impl Pool {
    fn add(&mut self, results: &Results, newest: bool) {
        let mut trials = BTreeMap::<&str, Vec<&TrialRecord>>::new();
        results.trials.iter().for_each(|trial| trials.entry(&trial.runtime).or_default().push(trial));
        for runtime in &results.runtimes {
            let run = runtime.run.as_ref().unwrap_or(&results.header);
            let name = own_name(runtime);
            let column = self.column(RuntimeRecord {
                name: name.clone(),
                given: None,
                run: Some(run.clone()),
                ..runtime.clone()
            });
            let mut conflicts = Vec::new();
            for trial in trials.remove(runtime.name.as_str()).unwrap_or_default() {
                let started = Some(trial.started.as_ref().unwrap_or(&run.started).clone());
                conflicts.extend(column.add(TrialRecord { runtime: name.clone(), started, ..trial.clone() }));
            }
            if !newest {
                self.conflicts.extend(conflicts);
            }
        }
        for event in &results.events {
            let known = self.events.entry(event.event.clone()).or_insert_with(|| event.clone());
            *known = known.clone().min(event.clone());
        }
        for case in &results.cases {
            let known = self.cases.entry((case.event.clone(), case.case.clone())).or_insert_with(|| case.clone());
            *known = known.clone().min(case.clone());
        }
    }

    /// Returns the column of a runtime, after merging the runtime's record into it.
    fn column(&mut self, runtime: RuntimeRecord) -> &mut Column {
        match self.columns.entry(identity(&runtime)) {
            Entry::Vacant(place) => place.insert(Column { runtime, trials: BTreeMap::new() }),
            Entry::Occupied(place) => {
                let column = place.into_mut();
                column.runtime = newer(column.runtime.clone(), runtime);
                column
            }
        }
    }

    fn results(mut self, header: Header, seconds: Option<f64>) -> Results {
        let tested: BTreeSet<String> =
            self.columns.keys().filter(|(_, probe)| probe.is_some()).map(|(name, _)| name.clone()).collect();
        self.columns.retain(|(name, probe), _| probe.is_some() || !tested.contains(name));
        let names = unique(self.columns.keys());
        let (mut runtimes, mut trials) = (Vec::new(), Vec::new());
        for (name, column) in names.into_iter().zip(self.columns.into_values()) {
            let (runtime, its) = column.named(name, &header);
            runtimes.push(runtime);
            trials.extend(its);
        }
        runtimes.sort_by_cached_key(position);
        let mut cases: Vec<_> = self.cases.into_values().collect();
        cases.sort_by_cached_key(|case| (case.file.clone(), case.line));
        let mut events: Vec<_> = self.events.into_values().collect();
        events.sort_by_cached_key(|event| event.file.clone());
        let footer = seconds.map(|seconds| Footer { trials: trials.len(), seconds });
        Results { header, runtimes, events, cases, trials, footer }.sorted()
    }
}

impl Column {
    /// Adds a trial. Returns a sentence if the column has the trial with another verdict.
    fn add(&mut self, trial: TrialRecord) -> Option<String> {
        match self.trials.entry((trial.event.clone(), trial.case.clone())) {
            Entry::Vacant(place) => {
                place.insert(trial);
                None
            }
            Entry::Occupied(mut place) => {
                let known = place.get();
                let is_conflict = known.verdict != trial.verdict && !was_skipped(known) && !was_skipped(&trial);
                let conflict = is_conflict.then(|| conflict(known, &trial));
                if rank(known) < rank(&trial) {
                    place.insert(trial);
                }
                conflict
            }
        }
    }

    /// Returns the records as they are in a file, which names a run only where it is not the expected one.
    fn named(self, name: String, header: &Header) -> (RuntimeRecord, impl Iterator<Item = TrialRecord>) {
        let Column { runtime, trials } = self;
        let given = Some(runtime.name.clone()).filter(|given| *given != name);
        let run = runtime.run.clone().filter(|run| run != header);
        let started = run.as_ref().unwrap_or(header).started.clone();
        let record = RuntimeRecord { name: name.clone(), given, run, ..runtime };
        let trials = trials.into_values().map(move |trial| TrialRecord {
            runtime: name.clone(),
            started: trial.started.clone().filter(|other| *other != started),
            ..trial
        });
        (record, trials)
    }
}

/// Returns the newer of two records of a runtime, with the features of both.
fn newer(one: RuntimeRecord, other: RuntimeRecord) -> RuntimeRecord {
    let age =
        |record: &RuntimeRecord| (record.run.clone().map(|run| (run.started.clone(), run)), format!("{record:?}"));
    let (mut newer, older) = if age(&one) < age(&other) { (other, one) } else { (one, other) };
    if let (Some(probe), Some(older)) = (&mut newer.probe, older.probe) {
        for (feature, has) in older.features {
            *probe.features.entry(feature).or_default() |= has;
        }
    }
    newer
}

fn was_skipped(trial: &TrialRecord) -> bool {
    trial.verdict == Verdict::Skipped
}

/// Returns a key that orders the trials of a case on a runtime: a skipped one is lowest, then time decides, then
/// everything else.
fn rank(trial: &TrialRecord) -> impl PartialOrd {
    (!was_skipped(trial), trial.started.clone(), format!("{trial:?}"))
}

fn conflict(one: &TrialRecord, other: &TrialRecord) -> String {
    let mut verdicts =
        [one, other].map(|trial| format!("{} ({})", trial.verdict, trial.started.as_deref().unwrap_or("?")));
    verdicts.sort();
    format!("{} on {}: {}", one.id(), one.runtime, verdicts.join(", "))
}

/// Returns the name that a runtime has in its own run.
fn own_name(runtime: &RuntimeRecord) -> String {
    runtime.given.as_ref().unwrap_or(&runtime.name).clone()
}

fn identity(runtime: &RuntimeRecord) -> Identity {
    let without_features = |probe: &ProbeRecord| ProbeRecord { features: BTreeMap::new(), ..probe.clone() };
    (own_name(runtime), runtime.probe.as_ref().map(without_features))
}

/// Returns a key that orders the columns: by implementation and version, absent runtimes last.
fn position(runtime: &RuntimeRecord) -> (bool, String, Option<Version>, String) {
    let probe = runtime.probe.as_ref();
    let implementation = probe.map(|probe| probe.implementation.clone()).unwrap_or_default();
    let language = probe.and_then(|probe| probe.language.parse().ok());
    (runtime.absent.is_some(), implementation, language, runtime.name.clone())
}

/// Returns a unique name for each runtime, in order.
fn unique<'a>(identities: impl Iterator<Item = &'a Identity>) -> Vec<String> {
    let mut groups = BTreeMap::<&str, Vec<&Option<ProbeRecord>>>::new();
    identities.for_each(|(name, probe)| groups.entry(name).or_default().push(probe));
    groups.into_iter().flat_map(|(name, probes)| unique_names(name, &probes)).collect()
}

/// Returns names for runtimes that have the same: the name itself if it is one runtime, else with the platform, or with
/// platform and machine, or with a number, whichever is the first to tell all of them apart.
fn unique_names(name: &str, probes: &[&Option<ProbeRecord>]) -> Vec<String> {
    let platform = |probe: &Option<ProbeRecord>| probe.as_ref().map_or("", |probe| &probe.platform).to_owned();
    let machine =
        |probe: &Option<ProbeRecord>| probe.as_ref().and_then(|probe| probe.machine.clone()).unwrap_or_default();
    let ways: [&dyn Fn(usize) -> String; 3] =
        [&|_| name.to_owned(), &|index| format!("{name}-{}", platform(probes[index])), &|index| {
            format!("{name}-{}-{}", platform(probes[index]), machine(probes[index]))
        }];
    let names = ways.map(|way| (0..probes.len()).map(way).collect::<Vec<_>>());
    let is_unique = |names: &&Vec<String>| names.iter().collect::<BTreeSet<_>>().len() == names.len();
    let numbered = || (1..=probes.len()).map(|number| format!("{name}-{number}")).collect();
    names.iter().find(is_unique).cloned().unwrap_or_else(numbered)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::store;
    use super::*;

    const VERDICTS: [&str; 3] = ["pass", "missing", "skipped"];

    /// Results of a run: at some time, of some runtimes, each a name, a platform and the verdicts of three cases.
    fn results() -> impl Strategy<Value = Results> {
        let verdict = prop::option::weighted(0.6, 0..VERDICTS.len());
        let runtime = (0..2_usize, 0..3_usize, prop::collection::vec(verdict, 3));
        let runtimes = prop::collection::vec(runtime, 0..3);
        (0..2_u8, 0..2_u8, runtimes, prop::option::weighted(0.8, 0..4000_u32)).prop_map(|(hour, host, runtimes, time)| {
            let started = format!("2026-11-24T0{hour}:00:00Z");
            let mut text = format!(
                r#"{{"record":"header","format":1,"version":"0.1.0","suite":"s","host":"host {host}","started":"{started}","repeat":["audit578"]}}"#
            );
            let mut trials = 0;
            for (index, (name, platform, verdicts)) in runtimes.iter().enumerate() {
                // In one run names are unique.
                let name = format!("cpython-3.{}", name + 2 * index);
                text += &runtime_lines(&name, *platform);
                for (case, verdict) in verdicts.iter().enumerate().filter(|_| *platform > 0) {
                    if let Some(verdict) = verdict {
                        text += &trial_line(&name, case, VERDICTS[*verdict]);
                        trials += 1;
                    }
                }
            }
            if let Some(time) = time {
                text += &format!("\n{{\"record\":\"footer\",\"trials\":{trials},\"seconds\":{}}}", f64::from(time) / 7.0);
            }
            Results::read((text + "\n").as_bytes()).expect("results")
        })
    }

    fn runtime_lines(name: &str, platform: usize) -> String {
        let common =
            format!(r#""record":"runtime","name":"{name}","optional":true,"command":["python"],"isolation":"fork""#);
        match platform {
            0 => format!("\n{{{common},\"absent\":\"not there\"}}"),
            _ => format!(
                "\n{{{common},\"probe\":{{\"implementation\":\"cpython\",\"language\":\"3.9.1\",\"implementation-version\":\"\",\"build\":\"\",\"platform\":\"p{platform}\",\"machine\":null,\"flags\":[],\"audit\":true,\"features\":{{\"f{platform}\":true}},\"sha256\":null}}}}"
            ),
        }
    }

    fn trial_line(runtime: &str, case: usize, verdict: &str) -> String {
        format!(
            "\n{{\"record\":\"trial\",\"event\":\"e\",\"case\":\"c{case}\",\"module\":\"m\",\"api\":\"a\",\"runtime\":\"{runtime}\",\"verdict\":\"{verdict}\",\"raised\":\"kept\",\"arguments\":\"kept\",\"veto\":\"kept\",\"asserts\":\"name\",\"seconds\":0.5}}"
        )
    }

    /// Joined results as the lines of a file; none for those that cannot be joined.
    fn lines(joined: &Result<Results, MergeError>) -> Option<String> {
        let mut lines = Vec::new();
        store::write(joined.as_ref().ok()?, &mut lines).expect("memory takes it");
        Some(String::from_utf8(lines).expect("UTF-8"))
    }

    proptest! {
        #[test]
        fn in_any_order_and_grouping(a in results(), b in results(), c in results(), newest: bool) {
            let joined = |all: &[&Results]| merge(&all.iter().map(|results| (String::new(), (*results).clone())).collect::<Vec<_>>(), newest);
            let at_once = lines(&joined(&[&a, &b, &c]));
            prop_assert_eq!(&at_once, &lines(&joined(&[&c, &a, &b])));
            prop_assert_eq!(&at_once, &lines(&joined(&[&b, &a, &c])));
            let first = joined(&[&a, &b]).and_then(|ab| joined(&[&ab, &c]));
            let last = joined(&[&b, &c]).and_then(|bc| joined(&[&a, &bc]));
            prop_assert_eq!(&at_once, &lines(&first));
            prop_assert_eq!(&at_once, &lines(&last));
            let again = joined(&[&a]).and_then(|a| joined(&[&a]));
            prop_assert_eq!(lines(&joined(&[&a])), lines(&again));
        }
    }
}
