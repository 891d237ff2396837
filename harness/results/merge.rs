//! Merging: one results file from those of shards or of several machines. Pure.
//!
//! The order and the grouping of the files do not matter. Two runtimes of one name are the same if their probes found the
//! same (build, platform, executable, ...). If they are not, each gets its platform after its name, and further parts
//! until the names differ. A trial that was run wins over one that was skipped, because a skipped trial says nothing about
//! the runtime. Whatever belongs to one run only (its time, its command) is taken from the newest run.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::compare::redefined;
use super::description::EventRecord;
use super::part::{self, Parts};
use super::records::{CaseRecord, Footer, Header, ProbeRecord, Results, RuntimeRecord, Trials};
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
pub fn merge(all: Vec<(String, Results)>, newest: bool) -> Result<Results, MergeError> {
    let first = all.first().ok_or(MergeError::Nothing)?;
    if let Some(other) = all.iter().find(|(_, other)| other.header.suite != first.1.header.suite) {
        return Err(different_suites(first, other));
    }
    let headers = all.iter().map(|(_, results)| without_parts(&results.header));
    let header = headers.max_by_key(|header| (header.started.clone(), header.clone())).ok_or(MergeError::Nothing)?;
    let seconds = seconds(all.iter().map(|(_, results)| results.footer.as_ref()));
    let mut pool = Pool::default();
    for (_, results) in all {
        pool.add(results);
    }
    let conflicts: BTreeSet<String> = pool.columns.values_mut().flat_map(Column::join).collect();
    if !newest && !conflicts.is_empty() {
        return Err(MergeError::Verdicts(conflicts.into_iter().collect()));
    }
    Ok(pool.results(header, seconds))
}

/// Returns a sentence for each shard that results lack, although they have others of the same run.
pub fn missing_shards(results: &Results) -> Vec<String> {
    let of_file = part::from_record(&results.header.parts);
    let parts =
        |runtime: &RuntimeRecord| runtime.parts.as_ref().map_or_else(|| of_file.clone(), |own| part::from_record(own));
    let mut lacking = BTreeMap::<String, Vec<&str>>::new();
    for part in part::missing(&of_file) {
        lacking.entry(part.to_string()).or_default();
    }
    for runtime in &results.runtimes {
        for part in part::missing(&parts(runtime)) {
            lacking.entry(part.to_string()).or_default().push(&runtime.name);
        }
    }
    let sentence = |(part, runtimes): (String, Vec<&str>)| match runtimes.as_slice() {
        [] => part,
        runtimes => format!("{part} on {}", runtimes.join(", ")),
    };
    lacking.into_iter().map(sentence).collect()
}

/// Returns the description of a run, which is the same for all its parts.
fn without_parts(header: &Header) -> Header {
    Header { parts: Vec::new(), ..header.clone() }
}

fn different_suites((name, one): &(String, Results), (other_name, other): &(String, Results)) -> MergeError {
    let ids = |results: &Results| results.all_cases().map(CaseRecord::id).collect::<BTreeSet<_>>();
    let only = |these: &Results, those: &Results| ids(these).difference(&ids(those)).cloned().collect::<Vec<_>>();
    let mut text = String::new();
    for (what, ids) in [
        ("that differ".to_owned(), redefined(one, other)),
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
fn seconds<'a>(all: impl Iterator<Item = Option<&'a Footer>>) -> Option<f64> {
    let footers: Option<Vec<&Footer>> = all.collect();
    let milliseconds = footers?.iter().map(|footer| (footer.seconds * 1e3).round()).sum::<f64>();
    Some((milliseconds / 1e3).min(LONGEST))
}

/// The records that have been merged so far.
#[derive(Default)]
struct Pool {
    columns: BTreeMap<Identity, Column>,
    events: BTreeMap<String, EventRecord>,
    cases: BTreeMap<CaseKey, CaseRecord>,
    parts: Parts,
}

/// A runtime with its run, and its trials with their times. All names are those of the runtime's own run: with names that
/// an earlier merge gave, the grouping of the files would decide between two records of the same time.
///
/// The trials of all files are kept in one list, and those of one case are joined at the end. A map of a million trials
/// would take much more memory than a list.
struct Column {
    runtime: RuntimeRecord,
    trials: Trials,
    parts: Parts,
}

impl Pool {
    fn add(&mut self, results: Results) {
        let mut trials = BTreeMap::<SmolStr, Trials>::new();
        for trial in results.trials.into_iter().chain(results.doors.trials) {
            trials.entry(trial.runtime.clone()).or_default().push(trial);
        }
        let parts = part::from_record(&results.header.parts);
        for runtime in &results.runtimes {
            let run = without_parts(runtime.run.as_ref().unwrap_or(&results.header));
            let name = own_name(runtime);
            let column = self.column(RuntimeRecord {
                name: name.clone(),
                given: None,
                parts: None,
                run: Some(run.clone()),
                ..runtime.clone()
            });
            column.parts.extend(runtime.parts.as_ref().map_or_else(|| parts.clone(), |own| part::from_record(own)));
            for mut trial in trials.remove(runtime.name.as_str()).unwrap_or_default() {
                trial.runtime = name.as_str().into();
                trial.started.get_or_insert_with(|| run.started.as_str().into());
                column.trials.push(trial);
            }
        }
        self.parts.extend(parts);
        for event in results.events {
            keep_least(&mut self.events, event.event.clone(), event);
        }
        for case in results.cases.into_iter().chain(results.doors.cases) {
            keep_least(&mut self.cases, (case.event.clone(), case.case.clone()), case);
        }
    }

    /// Returns the column of a runtime, after merging the runtime's record into it.
    fn column(&mut self, runtime: RuntimeRecord) -> &mut Column {
        match self.columns.entry(identity(&runtime)) {
            Entry::Vacant(place) => place.insert(Column { runtime, trials: Vec::new(), parts: Parts::new() }),
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
        let parts = part::joined(self.parts);
        let columns = names.into_iter().zip(self.columns.into_values());
        let mut columns: Vec<_> = columns.map(|(name, column)| column.named(name, &header, &parts)).collect();
        columns.sort_by_cached_key(|(runtime, _)| position(runtime));
        let (mut runtimes, mut trials) = (Vec::new(), Vec::new());
        for (runtime, its) in columns {
            runtimes.push(runtime);
            trials.extend(its);
        }
        let mut cases: Vec<_> = self.cases.into_values().collect();
        cases.sort_by_cached_key(|case| (case.file.clone(), case.line));
        let mut events: Vec<_> = self.events.into_values().collect();
        events.sort_by_cached_key(|event| event.file.clone());

        let header = Header { parts: part::to_record(&parts), ..header };
        let count = trials.len();
        let results = Results { runtimes, events, ..Results::new(header) }.with(cases, trials).sorted();
        let lines = Some(results.lines());
        Results { footer: seconds.map(|seconds| Footer { trials: count, lines, seconds }), ..results }
    }
}

/// Keeps the first in order of two records of one key.
fn keep_least<K: Ord, T: Ord>(known: &mut BTreeMap<K, T>, key: K, record: T) {
    match known.entry(key) {
        Entry::Vacant(place) => _ = place.insert(record),
        Entry::Occupied(mut place) if record < *place.get() => _ = place.insert(record),
        Entry::Occupied(_) => {}
    }
}

impl Column {
    /// Joins the trials of each case. Returns a sentence for each trial that has two verdicts.
    fn join(&mut self) -> Vec<String> {
        let mut conflicts = Vec::new();
        self.trials.sort_by(|one, other| (&one.event, &one.case).cmp(&(&other.event, &other.case)));
        self.trials.dedup_by(|next, kept| {
            let is_same = (&next.event, &next.case) == (&kept.event, &kept.case);
            if is_same {
                let is_conflict = kept.verdict != next.verdict && !was_skipped(kept) && !was_skipped(next);
                conflicts.extend(is_conflict.then(|| conflict(kept, next)));
                if rank(kept) < rank(next) {
                    std::mem::swap(kept, next);
                }
            }
            is_same
        });
        conflicts
    }

    /// Returns the records as they are in a file, which names a run only where it is not the expected one.
    fn named(
        self,
        name: String,
        header: &Header,
        of_file: &Parts,
    ) -> (RuntimeRecord, impl Iterator<Item = Box<TrialRecord>> + use<>) {
        let Column { runtime, trials, parts } = self;
        let parts = Some(part::joined(parts)).filter(|parts| parts != of_file).map(|parts| part::to_record(&parts));
        let given = Some(runtime.name.clone()).filter(|given| *given != name);
        let run = runtime.run.clone().filter(|run| run != header);
        let started = SmolStr::from(&run.as_ref().unwrap_or(header).started);
        let of_trials = SmolStr::from(&name);
        let record = RuntimeRecord { name, given, parts, run, ..runtime };
        let trials = trials.into_iter().map(move |mut trial| {
            trial.runtime = of_trials.clone();
            trial.started = trial.started.take().filter(|other| *other != started);
            trial
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

/// Returns a key that orders the columns as a run does, absent runtimes last.
fn position(runtime: &RuntimeRecord) -> impl Ord + use<> {
    (runtime.absent.is_some(), runtime.identity().map(|identity| identity.place()), runtime.name.clone())
}

/// Returns a unique name for each runtime, in order. A name that only one runtime has stays.
fn unique<'a>(identities: impl Iterator<Item = &'a Identity>) -> Vec<String> {
    let mut groups = BTreeMap::<&str, Vec<&Option<ProbeRecord>>>::new();
    identities.for_each(|(name, probe)| groups.entry(name).or_default().push(probe));
    let alone = groups.iter().filter(|(_, probes)| probes.len() == 1);
    let mut taken: BTreeSet<String> = alone.map(|(name, _)| (*name).to_owned()).collect();
    let mut all = Vec::new();
    for (name, probes) in groups {
        let names = if probes.len() == 1 { vec![name.to_owned()] } else { unique_names(name, &probes, &taken) };
        taken.extend(names.iter().cloned());
        all.extend(names);
    }
    all
}

/// Returns names that are not taken for runtimes that have the same name: with the language, with the platform, with
/// platform and machine, or with a number, whichever is the first to tell all of them apart.
fn unique_names(name: &str, probes: &[&Option<ProbeRecord>], taken: &BTreeSet<String>) -> Vec<String> {
    let platform = |probe: &Option<ProbeRecord>| probe.as_ref().map_or("", |probe| &probe.platform).to_owned();
    let machine =
        |probe: &Option<ProbeRecord>| probe.as_ref().and_then(|probe| probe.machine.clone()).unwrap_or_default();
    let language = |probe: &Option<ProbeRecord>| {
        let parts = probe.iter().flat_map(|probe| probe.language.split('.').take(2));
        parts.collect::<Vec<_>>().join(".")
    };
    let ways: [&dyn Fn(usize) -> String; 3] = [
        &|index| format!("{name}-py{}", language(probes[index])),
        &|index| format!("{name}-{}", platform(probes[index])),
        &|index| format!("{name}-{}-{}", platform(probes[index]), machine(probes[index])),
    ];
    let names = ways.map(|way| (0..probes.len()).map(way).collect::<Vec<_>>());
    let is_unique = |names: &&Vec<String>| {
        names.iter().collect::<BTreeSet<_>>().len() == names.len() && names.iter().all(|name| !taken.contains(name))
    };
    let free = || (1..).map(|number| format!("{name}-{number}")).filter(|name| !taken.contains(name));
    names.iter().find(is_unique).cloned().unwrap_or_else(|| free().take(probes.len()).collect())
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_map, btree_set, vec};
    use proptest::prelude::*;

    use super::super::store;
    use super::*;

    const VERDICTS: [&str; 3] = ["pass", "missing", "skipped"];

    /// A runtime of a generated run: the number of its name, the number of its platform (0 is for one that is absent), the
    /// number of its command, which is also the time of its trials, the features that its probe looked for, and the
    /// verdicts of its trials by case.
    type Row = (usize, usize, usize, BTreeMap<usize, bool>, Vec<Option<usize>>);

    fn row() -> impl Strategy<Value = Row> {
        let verdict = prop::option::weighted(0.6, 0..VERDICTS.len());
        (0..2_usize, 0..3_usize, 0..2_usize, btree_map(0..3_usize, any::<bool>(), 0..3), vec(verdict, 3))
    }

    /// The parts of the suite that a generated run may have.
    const PARTS: [&str; 4] = ["", "\"shard\":\"1/2\"", "\"shard\":\"2/2\"", "\"patterns\":[\"e\"],\"shard\":\"1/1\""];

    /// Generates the results of a run. Two runs may have the same start or host, describe an event or a case differently,
    /// or have different cases.
    fn results() -> impl Strategy<Value = Results> {
        let described = btree_set((0..3_usize, 0..2_usize), 0..4);
        let time = prop::option::weighted(0.8, 0..4000_u32);
        let part = 0..PARTS.len();
        (0..2_u8, 0..2_u8, part, vec(row(), 0..3), described.clone(), described, time).prop_map(
            |(hour, host, part, rows, events, cases, time)| {
                let parts = format!(",\"parts\":[{{{}}}]}}\n", PARTS[part]);
                let mut text = header_line(hour, host).replace("}\n", &parts);
                for (index, (name, platform, command, features, _)) in rows.iter().enumerate() {
                    text += &runtime_line(&name_in_run(index, *name), *platform, *command, features);
                }
                // A file has each event and each case once.
                let once = |pairs: BTreeSet<(usize, usize)>| pairs.into_iter().collect::<BTreeMap<_, _>>();
                let events = once(events).into_iter().map(|(event, variant)| event_line(event, variant));
                let cases = once(cases).into_iter().map(|(case, variant)| case_line(case, variant));
                text.extend(events.chain(cases));
                let mut trials = 0;
                for (index, (name, platform, command, _, verdicts)) in rows.iter().enumerate() {
                    for (case, verdict) in verdicts.iter().enumerate().filter(|_| *platform > 0) {
                        if let Some(verdict) = verdict {
                            text += &trial_line(&name_in_run(index, *name), case, VERDICTS[*verdict], *command);
                            trials += 1;
                        }
                    }
                }
                if let Some(time) = time {
                    let seconds = f64::from(time) / 7.0;
                    text += &format!("{{\"record\":\"footer\",\"trials\":{trials},\"seconds\":{seconds}}}\n");
                }
                Results::read(text.as_bytes()).expect("results")
            },
        )
    }

    /// Returns a name that no other runtime of the run has, and that another may get when runs are merged.
    fn name_in_run(index: usize, name: usize) -> String {
        format!("cpython-3.{index}{}", if name == 0 { "" } else { "-p1" })
    }

    fn header_line(hour: u8, host: u8) -> String {
        let started = format!("2026-11-24T0{hour}:00:00Z");
        format!(
            "{{\"record\":\"header\",\"format\":1,\"version\":\"0.1.0\",\"suite\":\"s\",\"host\":\"host {host}\",\"started\":\"{started}\",\"repeat\":[\"audit578\"]}}\n"
        )
    }

    fn runtime_line(name: &str, platform: usize, command: usize, features: &BTreeMap<usize, bool>) -> String {
        let common = format!(
            r#""record":"runtime","name":"{name}","optional":true,"command":["python{command}"],"isolation":"fork""#
        );
        let features: Vec<String> = features.iter().map(|(feature, has)| format!(r#""f{feature}":{has}"#)).collect();
        match platform {
            0 => format!("{{{common},\"absent\":\"not there\"}}\n"),
            _ => format!(
                "{{{common},\"probe\":{{\"implementation\":\"cpython\",\"language\":\"3.9.1\",\"implementation-version\":\"\",\"build\":\"\",\"platform\":\"p{platform}\",\"machine\":null,\"flags\":[],\"audit\":true,\"features\":{{{}}},\"sha256\":null}}}}\n",
                features.join(",")
            ),
        }
    }

    fn event_line(event: usize, variant: usize) -> String {
        format!(
            "{{\"record\":\"event\",\"event\":\"e{event}\",\"module\":\"m\",\"file\":\"f{variant}\",\"documented\":true,\"arguments\":[],\"raised-by\":[]}}\n"
        )
    }

    fn case_line(case: usize, variant: usize) -> String {
        format!(
            "{{\"record\":\"case\",\"event\":\"e\",\"case\":\"c{case}\",\"file\":\"f{variant}\",\"line\":{},\"digest\":\"d\"}}\n",
            9 - case
        )
    }

    fn trial_line(runtime: &str, case: usize, verdict: &str, seconds: usize) -> String {
        format!(
            "{{\"record\":\"trial\",\"event\":\"e\",\"case\":\"c{case}\",\"module\":\"m\",\"api\":\"a\",\"runtime\":\"{runtime}\",\"verdict\":\"{verdict}\",\"raised\":\"kept\",\"arguments\":\"kept\",\"veto\":\"kept\",\"asserts\":\"name\",\"seconds\":{seconds}}}\n"
        )
    }

    /// Merges results without names.
    fn merged(all: &[&Results], newest: bool) -> Result<Results, MergeError> {
        let all: Vec<_> = all.iter().map(|results| (String::new(), (*results).clone())).collect();
        merge(all, newest)
    }

    /// Returns merged results as the lines of a file, or `None` for those that cannot be merged.
    fn lines(merged: &Result<Results, MergeError>) -> Option<String> {
        let mut lines = Vec::new();
        store::write(merged.as_ref().ok()?, &mut lines).expect("memory takes it");
        Some(String::from_utf8(lines).expect("UTF-8"))
    }

    proptest! {
        #[test]
        fn order_and_grouping_do_not_matter(a in results(), b in results(), c in results(), newest: bool) {
            let merged = |all: &[&Results]| merged(all, newest);
            let at_once = lines(&merged(&[&a, &b, &c]));
            prop_assert_eq!(&at_once, &lines(&merged(&[&c, &a, &b])));
            prop_assert_eq!(&at_once, &lines(&merged(&[&b, &a, &c])));
            let first = merged(&[&a, &b]).and_then(|ab| merged(&[&ab, &c]));
            let last = merged(&[&b, &c]).and_then(|bc| merged(&[&a, &bc]));
            prop_assert_eq!(&at_once, &lines(&first));
            prop_assert_eq!(&at_once, &lines(&last));
            let twice = merged(&[&a]).and_then(|a| merged(&[&a]));
            prop_assert_eq!(lines(&merged(&[&a])), lines(&twice));
        }

        #[test]
        fn merged_results_can_be_read_and_have_everything(a in results(), b in results()) {
            let ab = merged(&[&a, &b], true).expect("the suites are the same");
            let text = lines(&Ok(ab.clone())).expect("lines");
            let read = Results::read(text.as_bytes()).expect("the merged file is right");
            prop_assert_eq!(format!("{:?}", &read), format!("{:?}", &ab));
            let both = |count: fn(&Results) -> BTreeSet<String>| count(&a).union(&count(&b)).cloned().collect::<BTreeSet<_>>();
            let events = |results: &Results| results.events.iter().map(|event| event.event.clone()).collect();
            prop_assert_eq!(events(&ab), both(events));
            let cases = |results: &Results| results.cases.iter().map(CaseRecord::id).collect();
            prop_assert_eq!(cases(&ab), both(cases));
            let features = |results: &Results| {
                let probes = results.runtimes.iter().filter_map(|runtime| runtime.probe.as_ref());
                let found = probes.flat_map(|probe| probe.features.iter().map(|(feature, has)| (&probe.platform, feature, has)));
                found.filter(|(.., has)| **has).map(|found| format!("{found:?}")).collect()
            };
            prop_assert_eq!(features(&ab), both(features));
        }
    }

    fn read(lines: &[String]) -> Results {
        Results::read(lines.concat().as_bytes()).expect("results")
    }

    #[test]
    fn a_merged_time_can_be_read_again() {
        let run = |hour: u8, seconds: f64| {
            read(&[header_line(hour, 0), format!("{{\"record\":\"footer\",\"trials\":0,\"seconds\":{seconds}}}\n")])
        };
        for (one, other, sum) in [(0.25, 1.0, 1.25), (1e9, 0.0, 1e9), (1e9, 1e9, 1e9), (0.0, 0.0, 0.0)] {
            let text = lines(&merged(&[&run(1, one), &run(2, other)], false)).expect("lines");
            let footer = Results::read(text.as_bytes()).expect("the merged file is right").footer.expect("a footer");
            assert!((footer.seconds - sum).abs() < 1e-9, "{one} + {other}: {}", footer.seconds);
        }
        let incomplete = read(&[header_line(1, 0)]);
        assert!(merged(&[&incomplete, &run(2, 1.0)], false).expect("merged").footer.is_none());
        assert!(matches!(merge(Vec::new(), false), Err(MergeError::Nothing)));
    }

    #[test]
    fn runtimes_of_one_name_get_the_shortest_names_that_differ() {
        let probe = |platform: &str, machine: &str, build: &str| {
            format!(
                "{{\"record\":\"runtime\",\"name\":\"r\",\"optional\":true,\"command\":[],\"isolation\":null,\"probe\":{{\"implementation\":\"\",\"language\":\"3.9.1\",\"implementation-version\":\"\",\"build\":\"{build}\",\"platform\":\"{platform}\",\"machine\":\"{machine}\",\"flags\":[],\"audit\":true,\"features\":{{}},\"sha256\":null}}}}\n"
            )
        };
        for (probes, names) in [
            (&[("linux", "x86", "1")][..], "r"),
            (&[("linux", "x86", "1"), ("linux", "x86", "1")], "r"),
            (&[("linux", "x86", "1"), ("darwin", "x86", "1")], "r-linux r-darwin"),
            (&[("linux", "x86", "1"), ("linux", "arm", "1")], "r-linux-arm r-linux-x86"),
            (
                &[("linux", "x86", "1"), ("darwin", "x86", "1"), ("linux", "arm", "1")],
                "r-linux-arm r-linux-x86 r-darwin-x86",
            ),
            (&[("linux", "x86", "1"), ("linux", "x86", "2")], "r-1 r-2"),
        ] {
            let all: Vec<Results> = probes
                .iter()
                .zip(1..)
                .map(|((platform, machine, build), hour)| {
                    read(&[header_line(hour, 0), probe(platform, machine, build), trial_line("r", 0, "pass", 1)])
                })
                .collect();
            let merged = merged(&all.iter().collect::<Vec<_>>(), false).expect("merged");
            let found: Vec<&str> = merged.runtimes.iter().map(|runtime| runtime.name.as_str()).collect();
            assert_eq!(found.join(" "), names);
            let trials: Vec<&str> = merged.trials.iter().map(|trial| trial.runtime.as_str()).collect();
            assert_eq!(trials.join(" "), names, "each runtime keeps its trials");
            for runtime in &merged.runtimes {
                assert_eq!(runtime.given.as_deref(), (names != "r").then_some("r"));
            }
        }
    }

    #[test]
    fn a_name_that_another_runtime_has_is_not_given() {
        let identity = |name: &str, platform: usize| {
            let line = runtime_line(name, platform, 0, &BTreeMap::new());
            let file = read(&[header_line(1, 0), line]);
            identity(&file.runtimes[0])
        };
        for (given, names) in [
            (&[("r", 1), ("r", 2), ("r-p1", 1)][..], "r-p1- r-p2- r-p1"),
            (&[("r", 1), ("r", 2), ("r-p1", 1), ("r-p1-", 1)], "r-1 r-2 r-p1 r-p1-"),
            (&[("r", 1), ("r", 2), ("r-p2", 1), ("r-p2-", 2), ("r-1", 1)], "r-2 r-3 r-1 r-p2 r-p2-"),
            (&[("r", 1), ("r", 2), ("r-p1", 1), ("r-p1", 2)], "r-p1 r-p2 r-p1-p1 r-p1-p2"),
        ] {
            let all: BTreeSet<Identity> = given.iter().map(|(name, platform)| identity(name, *platform)).collect();
            assert_eq!(unique(all.iter()).join(" "), names);
        }
    }

    #[test]
    fn a_shard_that_is_missing_is_named_with_its_runtimes() {
        let of = |hour: u8, shard: &str, name: &str| {
            let parts = format!("\"repeat\":[\"audit578\"],\"parts\":[{{\"shard\":\"{shard}\"}}]");
            let header = header_line(hour, 0).replace("\"repeat\":[\"audit578\"]", &parts);
            read(&[header, runtime_line(name, 1, 0, &BTreeMap::new())])
        };
        let (one, two, three, other) = (of(1, "1/3", "a"), of(2, "2/3", "a"), of(3, "3/3", "a"), of(2, "2/3", "b"));
        let missing = |all: &[&Results]| missing_shards(&merged(all, false).expect("merged"));
        assert_eq!(missing(&[&one]), ["shard 2/3 on a", "shard 3/3 on a"]);
        assert_eq!(missing(&[&one, &three]), ["shard 2/3 on a"]);
        assert!(missing(&[&one, &two, &three]).is_empty());
        assert_eq!(missing(&[&one, &other, &three]), ["shard 1/3 on b", "shard 2/3 on a", "shard 3/3 on b"]);
        let first = merged(&[&three, &one], false).expect("merged");
        assert_eq!((first.header.parts.len(), first.runtimes[0].parts.is_none()), (2, true));
        assert!(missing(&[&first, &two]).is_empty());
        let whole = merged(&[&first, &two], false).expect("merged");
        assert!(whole.header.parts.is_empty() && whole.runtimes[0].parts.is_none());
        let none = read(&[header_line(1, 0)]);
        assert!(missing(&[&none]).is_empty() && missing(&[&none, &one]).len() == 2);
    }

    #[test]
    fn each_runtime_keeps_the_run_that_it_was_tested_in() {
        let run = |hour: u8, name: &str| {
            let runtime = runtime_line(name, 1, 0, &BTreeMap::new());
            read(&[header_line(hour, 0), runtime, trial_line(name, 0, "pass", 1)])
        };
        let starts = |results: &Results| ["a", "b", "c"].map(|name| results.run_of(name).started[11..13].to_owned());
        let (a, b, c) = (run(1, "a"), run(2, "b"), run(3, "c"));
        let at_once = merged(&[&a, &b, &c], false).expect("merged");
        let first = merged(&[&a, &b], false).expect("merged");
        for all in [at_once, merged(&[&c, &first], false).expect("merged")] {
            assert_eq!(starts(&all), ["01", "02", "03"]);
            assert!(all.trials.iter().all(|trial| trial.started.is_none()), "the run of the runtime says it");
            let named: Vec<bool> = all.runtimes.iter().map(|runtime| runtime.run.is_some()).collect();
            assert_eq!(named, [true, true, false], "the header is the run of the last one");
        }
    }

    #[test]
    fn a_name_that_an_earlier_merge_gave_decides_nothing() {
        let run = |platform: usize, seconds: usize| {
            let runtime = runtime_line("r", platform, 0, &BTreeMap::new());
            read(&[header_line(1, 0), runtime, trial_line("r", 0, "pass", seconds)])
        };
        let (one, same, other) = (run(1, 1), run(1, 2), run(2, 1));
        let first = merged(&[&one, &other], false).expect("merged");
        assert!(first.runtimes.iter().all(|runtime| runtime.given.is_some()), "two runtimes have one name");
        let lines = |all: &[&Results]| lines(&merged(all, false)).expect("lines");
        assert_eq!(lines(&[&first, &same]), lines(&[&one, &other, &same]));
    }

    #[test]
    fn the_newer_record_of_a_runtime_counts_with_the_features_of_both() {
        let run = |hour: u8, command: usize, feature: usize| {
            read(&[header_line(hour, 0), runtime_line("r", 1, command, &BTreeMap::from([(feature, true)]))])
        };
        let (old, new) = (run(1, 7, 0), run(2, 8, 1));
        for all in [merged(&[&old, &new], false), merged(&[&new, &old], false)] {
            let [runtime] = &all.expect("merged").runtimes[..] else { panic!("they are one runtime") };
            assert_eq!(runtime.command, ["python8"]);
            let features = &runtime.probe.as_ref().expect("a probe").features;
            assert_eq!(features.keys().collect::<Vec<_>>(), ["f0", "f1"]);
        }
    }

    #[test]
    fn columns_stand_in_the_order_of_a_run() {
        let runtime = |name: &str, implementation: &str, language: &str| {
            let line = runtime_line(name, 1, 0, &BTreeMap::new());
            line.replace("\"cpython\"", &format!("\"{implementation}\"")).replace("3.9.1", language)
        };
        let all = read(&[
            header_line(1, 0),
            runtime_line("absent", 0, 0, &BTreeMap::new()),
            // Releases of PyPy: its own version decides, then the language.
            runtime("x", "pypy", "3.9.1").replace("version\":\"\"", "version\":\"8.0.0\""),
            runtime("y", "pypy", "3.11.1").replace("version\":\"\"", "version\":\"7.3.19\""),
            runtime("z", "pypy", "3.10.1").replace("version\":\"\"", "version\":\"7.3.19\""),
            runtime("b", "cpython", "3.10.0"),
            runtime("a", "cpython", "3.10.0"),
            runtime("c", "cpython", "3.9.1"),
        ]);
        let names = |results: &Results| results.runtimes.iter().map(|runtime| runtime.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&merged(&[&all], false).expect("merged")), ["a", "b", "c", "x", "y", "z", "absent"]);
    }

    #[test]
    fn the_trial_that_was_run_last_counts() {
        let run = |hour: u8, verdict: &str| {
            let runtime = runtime_line("r", 1, 0, &BTreeMap::new());
            read(&[header_line(hour, 0), runtime, trial_line("r", 0, verdict, 1)])
        };
        for (older, newer, verdict, conflict) in [
            ("pass", "pass", "pass", false),
            ("pass", "missing", "missing", true),
            ("missing", "pass", "pass", true),
            ("skipped", "missing", "missing", false),
            ("missing", "skipped", "missing", false),
            ("skipped", "skipped", "skipped", false),
        ] {
            let (old, new) = (run(1, older), run(2, newer));
            let found = merged(&[&new, &old], true).expect("merged");
            assert_eq!(found.trials[0].verdict.to_string(), verdict, "{older}, {newer}");
            assert_eq!(found.header.started, "2026-11-24T02:00:00Z");
            let error = merged(&[&old, &new], false).err().map(|error| error.to_string());
            assert_eq!(error.is_some(), conflict, "{older}, {newer}");
        }
        let error = merged(&[&run(2, "pass"), &run(1, "missing")], false).expect_err("two verdicts").to_string();
        assert_eq!(
            error,
            "trials with two verdicts (1):\n  e::c0 on r: missing (2026-11-24T01:00:00Z), pass (2026-11-24T02:00:00Z)\n  \
             hint: --newest takes the newer verdict of each"
        );
    }

    #[test]
    fn results_of_different_suites_are_refused_with_the_difference() {
        let of = |suite: &str, cases: &[(usize, &str)]| {
            let cases = cases.iter().map(|(case, digest)| {
                case_line(*case, 0).replace("\"digest\":\"d\"", &format!("\"digest\":\"{digest}\""))
            });
            let header = header_line(1, 0).replace("\"suite\":\"s\"", &format!("\"suite\":\"{suite}\""));
            let lines: Vec<String> = [header].into_iter().chain(cases).collect();
            (format!("{suite}.jsonl"), read(&lines))
        };
        let error = |all: &[(String, Results)]| merge(all.to_vec(), true).expect_err("different suites").to_string();
        assert_eq!(
            error(&[of("s", &[(0, "d"), (1, "d"), (2, "d")]), of("t", &[(1, "d"), (2, "x"), (3, "d"), (4, "d")])]),
            "s.jsonl and t.jsonl are of different suites\n  cases that differ (1): e::c2\n  cases in s.jsonl only (1): \
             e::c0\n  cases in t.jsonl only (2): e::c3, e::c4"
        );
        assert_eq!(
            error(&[of("s", &[(0, "d")]), of("s", &[(0, "d")]), of("t", &[(0, "d")])]),
            "s.jsonl and t.jsonl are of different suites\n  their cases are the same: known gaps differ, or cases that \
             were not selected"
        );
        let many: Vec<String> = (0..11).map(|index| index.to_string()).collect();
        assert_eq!(first_of(&many, " "), "0 1 2 3 4 5 6 7 8 9 and 1 more");
        assert_eq!(first_of(&many[..10], " "), "0 1 2 3 4 5 6 7 8 9");
    }
}
