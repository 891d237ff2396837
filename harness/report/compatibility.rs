//! Compatibility data: for each event, in which releases of which implementation its promises are kept, as one JSON file.
//!
//! Everything in it was measured: a release that was not tested is not in it. `compatibility.md` describes the format for
//! its readers, and compares it with MDN's browser-compat-data. The program carries the data of its own matrix.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;
use serde::{Deserialize, Serialize};

use super::links::{TABLE, documentation};
use super::matrix::{Matrix, Row};
use crate::coverage::catalogue::Catalogue;
use crate::packed::unpack;
use crate::results::{Cell, EventRecord, ProbeRecord, PromiseScore, PromiseState, Results, RuntimeRecord, Signature};
use crate::run::TrialRecord;
use crate::suite::{Capability, Kind, Platform, Versions, is_rule, words};

/// The version of the format. A change that a reader of the data must know of raises it.
pub const FORMAT: u32 = 1;

/// The data of the matrix that the program was released with, packed.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/compatibility.packed"));

/// The compatibility data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Compatibility {
    /// The version of the format.
    pub format: u32,
    /// The version of audit578 that made the data.
    pub version: String,
    /// The SHA-256 of the suite, in hexadecimal.
    pub suite: String,
    /// The releases that were tested, oldest first, by implementation and platform: `cpython/linux`.
    pub tested: BTreeMap<String, Vec<Release>>,
    /// The reasons for promises that are not kept. Ranges refer to them by their place in this list, from 0.
    pub notes: Vec<Note>,
    /// The events of the suite, by name. Rules of PEP 578 and doors are not among them.
    pub events: BTreeMap<String, EventSupport>,
}

/// A release that was tested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Release {
    /// The version of the implementation.
    pub version: String,
    /// The version of the language.
    pub python: String,
    /// The start of the run that tested it, in RFC 3339.
    pub observed: String,
    /// `sys.version`, in one line.
    pub build: String,
    /// The processor's architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// The package that it came from, with its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The SHA-256 of the interpreter, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// A reason why a promise is not kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Note {
    /// The reason, in a sentence or two.
    pub text: String,
    /// The kind of the known gap. A failure that is no known gap has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The address of an issue or of documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impl_url: Option<String>,
}

/// An event, and who keeps its promises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct EventSupport {
    /// The names of its arguments, for each set of versions that has its own.
    pub arguments: Vec<Signature>,
    /// The public APIs that raise it.
    pub raised_by: Vec<String>,
    /// The things that its operation can do.
    pub capabilities: Vec<Capability>,
    /// The versions of the language that must raise it (PEP 440); all when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub python: String,
    /// The platforms that must raise it; all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub platform: Vec<Platform>,
    /// The place in Python's documentation that describes it. An event that is not documented has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec_url: Option<String>,
    /// How far a monitor can rely on it.
    pub baseline: Baseline,
    /// The ranges of releases, oldest first, by implementation and platform.
    pub support: BTreeMap<String, Vec<Range>>,
}

words! {
    /// How far a monitor can rely on an event: on all its promises, in all releases named here that have the event.
    Baseline {
        /// Kept by the newest release of every implementation and platform that was tested.
        Everywhere = "everywhere",
        /// Kept by all supported releases of CPython on Linux and Windows, and by the newest PyPy.
        CpythonAndPypy = "cpython-and-pypy",
        /// Kept by all supported releases of CPython on Linux and Windows.
        Cpython = "cpython",
        /// Kept by the newest release of CPython on Linux and Windows.
        NewestCpython = "newest-cpython",
        /// Not kept by the newest release of CPython.
        Limited = "limited",
    }
}

words! {
    /// The state of a promise in a range of releases.
    State {
        /// Every case that checks it keeps it.
        Kept = "kept",
        /// Some cases keep it, and some break it. The notes say why.
        Partly = "partly",
        /// Every case that checks it breaks it.
        Broken = "broken",
    }
}

/// Successive releases that were tested and keep the same promises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Range {
    /// The oldest release of the range. `≤` stands before it if that is the oldest that was tested.
    pub from: String,
    /// The newest release of the range, if it is not the newest that was tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The states of the promises.
    #[serde(flatten)]
    pub promises: Promises,
    /// The reasons for what is not kept, as places in the list of notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<usize>,
}

/// The states of the promises of an event. A promise that no case checks has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Promises {
    /// Whether the event is raised as often as it must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raised: Option<State>,
    /// Whether its arguments are as documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<State>,
    /// Whether an exception from a hook stops the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub veto: Option<State>,
}

impl Promises {
    /// Tells whether all promises are kept that are checked.
    pub fn are_kept(&self) -> bool {
        [self.raised, self.arguments, self.veto].into_iter().flatten().all(|state| state == State::Kept)
    }

    fn of(cell: &Cell) -> Promises {
        let state = |score: PromiseScore| match score.state() {
            PromiseState::Kept => Some(State::Kept),
            PromiseState::Partly => Some(State::Partly),
            PromiseState::Broken => Some(State::Broken),
            PromiseState::Unchecked => None,
        };
        let [raised, arguments, veto, _] = cell.promises.map(state);
        // A case that expects no event keeps its promise where nothing raises the event.
        let raised = if cell.is_missing() { Some(State::Broken) } else { raised };
        Promises { raised, arguments, veto }
    }
}

impl Range {
    /// Returns the version of its oldest release.
    pub fn oldest(&self) -> &str {
        self.from.trim_start_matches('≤')
    }
}

impl Compatibility {
    /// Makes the data of results. Release builds alone are in it: no variants, and no debug or free-threaded builds.
    pub(crate) fn of(results: &Results, catalogue: &Catalogue) -> Compatibility {
        let matrix = Matrix::new(results);
        let columns = columns(&matrix);
        let mut notes = Notes::default();
        let rows = matrix.modules.iter().flat_map(|module| &module.rows).filter(|row| !is_rule(row.event));
        let mut trials_of = BTreeMap::<&str, Vec<&TrialRecord>>::new();
        for trial in &results.trials {
            trials_of.entry(&trial.event).or_default().push(trial);
        }
        let event = |row: &Row| {
            let trials = trials_of.get(row.event).map(Vec::as_slice).unwrap_or_default();
            let record = results.events.iter().find(|record| record.event == row.event);
            let mut event = EventSupport::new(row.event, record, trials, catalogue);
            for (key, releases) in &columns {
                let found = releases.iter().map(|release| {
                    let own = trials.iter().filter(|trial| trial.runtime == release.record.name);
                    let notes = own.filter_map(|trial| notes.place(trial)).collect();
                    let must_raise = record.is_none_or(|record| release.must_raise(record));
                    (release.version.as_str(), Found::of(row.cells[release.column].as_ref(), notes, must_raise))
                });
                let ranges = ranges(&found.collect::<Vec<_>>());
                if !ranges.is_empty() {
                    event.support.insert(key.clone(), ranges);
                }
            }
            (row.event.to_owned(), event)
        };
        let mut events: BTreeMap<String, EventSupport> = rows.map(event).collect();
        // An event that no runtime was tried with, such as one of another platform, is known all the same.
        for record in results.events.iter().filter(|record| !is_rule(&record.event)) {
            let new = || EventSupport::new(&record.event, Some(record), &[], catalogue);
            events.entry(record.event.clone()).or_insert_with(new);
        }
        let describe = |releases: &Vec<Tested>| releases.iter().map(|release| release.describe(results)).collect();
        let tested = columns.iter().map(|(key, releases)| (key.clone(), describe(releases))).collect();
        for event in events.values_mut() {
            event.baseline = event.baseline(&tested);
        }
        Compatibility {
            format: FORMAT,
            version: results.header.version.clone(),
            suite: results.header.suite.clone(),
            tested,
            notes: notes.0,
            events,
        }
    }

    /// Reads the data of the matrix that the program was released with.
    ///
    /// # Errors
    /// Never: a test reads it.
    pub fn embedded() -> serde_json::Result<Compatibility> {
        Compatibility::parse(&unpack(PACKED)[0].1)
    }

    /// Reads the data from JSON.
    ///
    /// # Errors
    /// When it is not of this format.
    pub fn parse(text: &str) -> serde_json::Result<Compatibility> {
        serde_json::from_str(text)
    }
}

/// A release of a column, with its place in the matrix.
struct Tested<'a> {
    record: &'a RuntimeRecord,
    /// The place of its column in the matrix.
    column: usize,
    version: String,
}

/// Sorts release builds by implementation and platform, oldest first. Of two builds of one version the first counts.
fn columns<'a>(matrix: &Matrix<'a>) -> BTreeMap<String, Vec<Tested<'a>>> {
    let mut columns = BTreeMap::<String, Vec<Tested>>::new();
    for (column, record) in matrix.columns.iter().enumerate() {
        let Some(probe) = record.probe.as_ref().filter(|_| record.variant.is_none()) else { continue };
        // RustPython has no build that is not free-threaded.
        if probe.implementation == "cpython" && !probe.flags.is_empty() {
            continue;
        }
        // CinderX and Pyston-lite are modules that compile the code of a CPython.
        let compiler = probe.compiler.as_deref().filter(|_| probe.implementation == "cpython");
        let implementation = compiler.unwrap_or(&probe.implementation);
        let key = format!("{implementation}/{}", Platform::of(&probe.platform).word());
        let releases = columns.entry(key).or_default();
        if !releases.iter().any(|known| known.version == probe.implementation_version) {
            releases.push(Tested { record, column, version: probe.implementation_version.clone() });
        }
    }
    for releases in columns.values_mut() {
        releases.sort_by(|one, other| by_release(one.record, other.record));
    }
    columns
}

fn by_release(one: &RuntimeRecord, other: &RuntimeRecord) -> Ordering {
    let key = |record: &RuntimeRecord| record.probe.as_ref().map(ProbeRecord::release);
    key(one).cmp(&key(other))
}

impl Tested<'_> {
    fn describe(&self, results: &Results) -> Release {
        let probe = self.record.probe.as_ref();
        Release {
            version: self.version.clone(),
            python: probe.map(|probe| probe.language.clone()).unwrap_or_default(),
            observed: results.run_of(&self.record.name).started.clone(),
            build: probe.map(|probe| probe.build.clone()).unwrap_or_default(),
            machine: probe.and_then(|probe| probe.machine.clone()),
            package: probe.and_then(|probe| probe.package.clone()),
            sha256: probe.and_then(|probe| probe.sha256.clone()),
        }
    }

    /// Tells whether the release must raise an event of these versions and platforms.
    fn must_raise(&self, record: &EventRecord) -> bool {
        let Some(identity) = self.record.identity() else { return false };
        let versions: Versions = record.python.parse().unwrap_or_default();
        let is_here = record.platform.is_empty() || record.platform.iter().any(|one| one.is(&identity.platform));
        is_here && versions.contain(&identity.language)
    }
}

/// All notes so far, each once.
#[derive(Default)]
struct Notes(Vec<Note>);

impl Notes {
    /// Returns the place of the note that says why a trial failed.
    fn place(&mut self, trial: &TrialRecord) -> Option<usize> {
        if !trial.verdict.is_failure() {
            return None;
        }
        let note = match &trial.gap {
            Some(gap) => Note { text: gap.reason.clone(), kind: Some(gap.kind), impl_url: gap.issue.clone() },
            None => Note { text: trial.verdict.meaning().to_owned(), kind: None, impl_url: None },
        };
        let known = self.0.iter().position(|known| *known == note);
        Some(known.unwrap_or_else(|| {
            self.0.push(note);
            self.0.len() - 1
        }))
    }
}

/// The finding about an event in a release.
enum Found {
    /// The promises, and the notes of the cases that break one.
    Promises(Promises, BTreeSet<usize>),
    /// The release need not raise it.
    Absent,
    /// No case could be run.
    Unknown,
}

impl Found {
    fn of(cell: Option<&Cell>, notes: BTreeSet<usize>, must_raise: bool) -> Found {
        match cell.filter(|cell| cell.score.run() > 0) {
            Some(cell) => Found::Promises(Promises::of(cell), notes),
            None if must_raise => Found::Unknown,
            None => Found::Absent,
        }
    }
}

/// Joins successive releases that keep the same promises for the same reasons. Nothing is known of a release between two
/// that were tested; it ends no range.
fn ranges(found: &[(&str, Found)]) -> Vec<Range> {
    let mut ranges = Vec::<Range>::new();
    let mut last = None::<&str>;
    for (index, (version, found)) in found.iter().enumerate() {
        match found {
            Found::Unknown => {}
            Found::Absent => {
                if let (Some(open), Some(last)) = (ranges.last_mut().filter(|range| range.to.is_none()), last) {
                    open.to = Some(last.to_owned());
                }
            }
            Found::Promises(promises, notes) => {
                let notes: Vec<usize> = notes.iter().copied().collect();
                let open = ranges.last_mut().filter(|range| range.to.is_none());
                let goes_on = open.as_ref().is_some_and(|open| open.promises == *promises && open.notes == notes);
                if !goes_on {
                    if let (Some(open), Some(last)) = (open, last) {
                        open.to = Some(last.to_owned());
                    }
                    let sign = if index == 0 { "≤" } else { "" };
                    ranges.push(Range { from: format!("{sign}{version}"), to: None, promises: *promises, notes });
                }
                last = Some(version);
            }
        }
    }
    ranges
}

impl EventSupport {
    fn new(event: &str, record: Option<&EventRecord>, trials: &[&TrialRecord], catalogue: &Catalogue) -> EventSupport {
        let capabilities = catalogue.entry(event).map(|entry| entry.capabilities.clone()).unwrap_or_default();
        let raised_by = record.map(|record| record.raised_by.clone()).unwrap_or_default();
        let of_trial = || trials.first().map(|trial| trial.module.as_str());
        let module = record.map(|record| record.module.as_str()).or_else(of_trial).unwrap_or_default();
        let is_documented = record.is_some_and(|record| record.documented);
        // The API that the event is named after comes first, then the others.
        let apis = || raised_by.iter().filter(|api| *api == event).chain(&raised_by);
        let place = || apis().find_map(|api| documentation(module, api));
        EventSupport {
            arguments: record.map(|record| record.arguments.clone()).unwrap_or_default(),
            capabilities,
            python: record.map(|record| record.python.clone()).unwrap_or_default(),
            platform: record.map(|record| record.platform.clone()).unwrap_or_default(),
            spec_url: is_documented.then(|| place().unwrap_or_else(|| TABLE.to_owned())),
            raised_by,
            baseline: Baseline::Limited,
            support: BTreeMap::new(),
        }
    }

    /// Returns the promises of a release of a column, the place of which is given. A release that does not have the event
    /// has none.
    pub fn at(&self, column: &str, releases: &[Release], release: usize) -> Option<Promises> {
        self.range(column, releases, release).map(|range| range.promises)
    }

    /// Returns the range of a release of a column, the place of which is given, if there is one.
    pub(crate) fn range(&self, column: &str, releases: &[Release], release: usize) -> Option<&Range> {
        let place = |version: &str| releases.iter().position(|known| known.version == version);
        let covers = |range: &&Range| {
            let to = range.to.as_deref().map_or(Some(releases.len()), place);
            place(range.oldest()).is_some_and(|from| from <= release) && to.is_some_and(|to| release <= to)
        };
        self.support.get(column)?.iter().find(covers)
    }

    /// Says how far a monitor can rely on the event.
    fn baseline(&self, tested: &BTreeMap<String, Vec<Release>>) -> Baseline {
        let kept = |column: &str, release: usize| {
            self.at(column, &tested[column], release).map(|promises| promises.are_kept())
        };
        let newest = |column: &String| kept(column, tested[column].len() - 1);
        let supported = ["cpython/linux", "cpython/windows"].map(|column| {
            let releases = tested.get(column).map(Vec::as_slice).unwrap_or_default().iter().enumerate();
            let supported = releases.filter(|(_, release)| is_supported(release));
            supported.filter_map(|(place, _)| kept(column, place)).collect::<Vec<bool>>()
        });
        let last: Vec<bool> = supported.iter().filter_map(|platform| platform.last().copied()).collect();
        if last.is_empty() || last.contains(&false) {
            return Baseline::Limited;
        }
        let pypy: Vec<_> = tested.keys().filter(|column| column.starts_with("pypy/")).map(newest).collect();
        let everywhere = !tested.keys().filter_map(newest).any(|kept| !kept);
        match () {
            () if supported.concat().contains(&false) => Baseline::NewestCpython,
            () if pypy.is_empty() || pypy.iter().any(|kept| *kept != Some(true)) => Baseline::Cpython,
            () if !everywhere => Baseline::CpythonAndPypy,
            () => Baseline::Everywhere,
        }
    }
}

/// Tells whether a release of CPython was supported when it was tested: until October of the fifth year after its first
/// release, which is in October ([PEP 602](https://peps.python.org/pep-0602/)).
fn is_supported(release: &Release) -> bool {
    let Ok(version) = release.python.parse::<Version>() else { return false };
    let minor = version.release().get(1).copied().unwrap_or_default();
    let end = format!("{}-10-31", 2016 + minor);
    release.observed.as_str() <= end.as_str()
}

/// Renders the data as JSON, with a line for each release, note and event, so that version control can compare two.
///
/// # Errors
/// Never, as JSON can hold all values of the data.
pub(crate) fn render(data: &Compatibility) -> serde_json::Result<String> {
    let named = |name: &str, json: String| Ok(format!("{}: {json}", serde_json::to_string(name)?));
    let head = |name: &str, text: &str| named(name, serde_json::to_string(text)?);
    let releases =
        |releases: &[Release]| Ok(block("[]", 2, releases.iter().map(serde_json::to_string).collect::<Lines>()?));
    let tested = data.tested.iter().map(|(key, column)| named(key, releases(column)?)).collect::<Lines>()?;
    let notes = data.notes.iter().map(serde_json::to_string).collect::<Lines>()?;
    let events = data.events.iter().map(|(name, event)| named(name, serde_json::to_string(event)?));
    let fields = vec![
        named("format", data.format.to_string())?,
        head("version", &data.version)?,
        head("suite", &data.suite)?,
        named("tested", block("{}", 1, tested))?,
        named("notes", block("[]", 1, notes))?,
        named("events", block("{}", 1, events.collect::<Lines>()?))?,
    ];
    Ok(block("{}", 0, fields) + "\n")
}

/// The items of a list or object, as JSON.
type Lines = serde_json::Result<Vec<String>>;

/// Joins the items of a list or object, each on a line of its own.
fn block(signs: &str, level: usize, items: Vec<String>) -> String {
    let (start, end) = signs.split_at(1);
    let indent = " ".repeat(level);
    let items: Vec<String> = items.into_iter().map(|item| format!("\n{indent} {item}")).collect();
    format!("{start}{}\n{indent}{end}", items.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{missing, results, trial, with_probe};
    use super::*;

    const CATALOGUE: &str = "- {event: os.mkdir, capabilities: [write], arguments: [path], apis: [os.mkdir]}";

    /// Makes the data of `CPython`s of these versions; `trials` has an outcome for each.
    fn data(trials: &[(&str, &str, serde_json::Value)]) -> Compatibility {
        let names: BTreeSet<&str> = trials.iter().map(|(version, ..)| *version).collect();
        let runtimes = names.iter().map(|version| {
            let probe = json!({"implementation": "cpython", "language": version, "implementation-version": version});
            with_probe(version, &probe)
        });
        let records = trials.iter().map(|(version, case, changes)| trial("os.mkdir", case, version, changes)).collect();
        let all = Results { runtimes: runtimes.collect(), ..results(&[], records) };
        Compatibility::of(&all, &Catalogue::parse(CATALOGUE).expect("a catalogue"))
    }

    fn ranges_of(data: &Compatibility) -> Vec<(&str, Option<&str>, Option<State>)> {
        let ranges = data.events["os.mkdir"].support["cpython/linux"].iter();
        ranges.map(|range| (range.from.as_str(), range.to.as_deref(), range.promises.raised)).collect()
    }

    #[test]
    fn releases_that_keep_the_same_promises_are_one_range() {
        let broken = missing("known", "never raised");
        let found = data(&[
            ("3.9.1", "a", broken.clone()),
            ("3.10.2", "a", broken.clone()),
            ("3.11.0", "a", json!({})),
            ("3.11.0", "b", broken.clone()),
            ("3.12.1", "a", json!({})),
            ("3.13.0", "a", json!({})),
        ]);
        let (kept, partly, broken) = (Some(State::Kept), Some(State::Partly), Some(State::Broken));
        let all = [("≤3.9.1", Some("3.10.2"), broken), ("3.11.0", Some("3.11.0"), partly), ("3.12.1", None, kept)];
        assert_eq!(ranges_of(&found), all);
        let notes: Vec<&[usize]> =
            found.events["os.mkdir"].support["cpython/linux"].iter().map(|range| range.notes.as_slice()).collect();
        assert_eq!(notes, [&[0][..], &[0], &[]]);
        assert_eq!(found.notes[0].text, "never raised");
    }

    #[test]
    fn a_release_without_the_event_ends_a_range_and_one_that_could_not_test_it_ends_none() {
        let found = |kind: &str| match kind {
            "kept" => {
                let kept = Some(State::Kept);
                Found::Promises(Promises { raised: kept, arguments: kept, veto: None }, BTreeSet::new())
            }
            "absent" => Found::Absent,
            _ => Found::Unknown,
        };
        for (kinds, expected) in [
            (["absent", "kept", "kept"], vec![("2", None)]),
            (["kept", "unknown", "kept"], vec![("≤1", None)]),
            (["unknown", "kept", "kept"], vec![("2", None)]),
            (["kept", "kept", "absent"], vec![("≤1", Some("2"))]),
            (["kept", "absent", "kept"], vec![("≤1", Some("1")), ("3", None)]),
            (["kept", "kept", "unknown"], vec![("≤1", None)]),
            (["absent", "absent", "absent"], vec![]),
        ] {
            let seen: Vec<_> = ["1", "2", "3"].into_iter().zip(kinds.map(found)).collect();
            let found = ranges(&seen);
            let found: Vec<_> = found.iter().map(|range| (range.from.as_str(), range.to.as_deref())).collect();
            assert_eq!(found, expected, "{kinds:?}");
        }
    }

    #[test]
    fn an_event_is_as_reliable_as_the_releases_that_keep_it() {
        let broken = missing("known", "never raised");
        // 3.10 was supported until October 2026; the results are of January.
        for (old, new, baseline) in [
            (json!({}), json!({}), Baseline::Cpython),
            (broken.clone(), json!({}), Baseline::NewestCpython),
            (json!({}), broken.clone(), Baseline::Limited),
        ] {
            let found = data(&[("3.10.0", "a", old), ("3.14.0", "a", new)]);
            assert_eq!(found.events["os.mkdir"].baseline, baseline);
        }
        let found = data(&[("3.9.0", "a", broken), ("3.14.0", "a", json!({}))]);
        assert_eq!(found.events["os.mkdir"].baseline, Baseline::Cpython, "3.9 is not supported any more");
    }

    #[test]
    fn the_data_is_the_same_after_it_was_written_and_read() {
        let made = data(&[("3.13.0", "a", json!({})), ("3.13.0", "b", missing("known", "a \"quoted\" reason"))]);
        let text = render(&made).expect("JSON");
        assert_eq!(Compatibility::parse(&text).expect("data"), made);
        let lines: Vec<&str> = text.lines().filter(|line| line.contains("os.mkdir")).collect();
        assert_eq!(lines.len(), 1, "an event has one line, for version control: {text}");
    }

    #[test]
    fn the_committed_schema_describes_the_data() {
        crate::schema::check::<Compatibility>("report/compatibility.schema.json");
    }

    #[test]
    fn the_program_carries_data_of_this_format() {
        assert_eq!(Compatibility::embedded().expect("data").format, FORMAT);
        assert!(PACKED.len() < 25_000, "{} bytes", PACKED.len());
    }
}
