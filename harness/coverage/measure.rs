//! Measures the suite: how much of the catalogue it has, and how strictly its cases check arguments.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::catalogue::{Catalogue, Entry};
use crate::suite::{
    Args, Case, EventFile, Expected, Glob, Kind, KnownGap, Platform, Shape, Source, Strength, Suite, Verdict,
    VetoPromise, is_rule,
};

/// The version of the output of `coverage --json`.
pub const FORMAT: u32 = 1;

/// A number of things, and how many of them are covered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ratio {
    /// How many are covered.
    pub covered: usize,
    /// How many there are.
    pub total: usize,
}

impl Ratio {
    /// Tells whether at least this many percent are covered.
    pub fn reaches(self, percent: u8) -> bool {
        self.covered * 100 >= self.total * usize::from(percent)
    }

    /// Returns the percentage in tenths, rounded down: 1000 is all.
    pub fn permille(self) -> usize {
        (self.covered * 1000).checked_div(self.total).unwrap_or(1000)
    }
}

/// The parts of the catalogue that the suite covers and does not cover. The JSON of `coverage`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Coverage {
    /// The version of this format.
    pub format: u32,
    /// The events of the catalogue, covered by a file of cases.
    pub events: Ratio,
    /// The APIs of all events of the catalogue, covered by a case that expects the event.
    pub apis: Ratio,
    /// The number of events in the suite, without the rules of PEP 578.
    pub tested_events: usize,
    /// The number of rules of PEP 578 in the suite.
    pub rules: usize,
    /// The number of cases in the suite.
    pub cases: usize,
    /// The doors, which are not among the cases.
    pub doors: usize,
    /// How the cases check the arguments of the events that they expect.
    pub arguments: Checks,
    /// The events, without the rules of PEP 578, by what their cases show of a veto.
    pub vetoes: Vetoes,
    /// The number of known gaps of each kind.
    pub gap_kinds: BTreeMap<Kind, usize>,
    /// The events of the catalogue without a file.
    pub events_without_cases: Vec<Missing>,
    /// The APIs of the catalogue without a case, by event, including those of events without a file.
    pub apis_without_cases: BTreeMap<String, Vec<String>>,
    /// The events of the suite that the catalogue does not have.
    pub events_not_in_catalogue: Vec<String>,
    /// The ids of cases without an effect.
    pub cases_without_effect: Vec<String>,
    /// The arguments with a check of the type only, or without a check.
    pub weak_arguments: Vec<Weak>,
    /// The ids of cases that no runtime has run yet.
    pub unverified_cases: Vec<String>,
    /// The known gaps.
    pub known_gaps: Vec<GapEntry>,
}

/// The numbers of events by what their cases show of an exception from the hook.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Vetoes {
    /// Events with a case which shows that the exception comes before the operation.
    pub proven: usize,
    /// Events whose cases show only that the exception arrives, because they are queries.
    pub arriving: usize,
    /// Events of which no exception stops anything: they report what has happened, or cannot be vetoed.
    pub none: usize,
}

impl Vetoes {
    fn of(suite: &Suite) -> Vetoes {
        let mut vetoes = Vetoes::default();
        for Source { file, .. } in suite.files.iter().filter(|source| !is_rule(&source.file.event)) {
            let promises = || file.cases.iter().filter(|case| case.is_vetoed(file)).map(Case::veto);
            let is_stop = |veto| matches!(veto, VetoPromise::Stops | VetoPromise::Swallowed);
            *match (promises().any(is_stop), promises().any(|veto| veto == VetoPromise::Query)) {
                (true, _) => &mut vetoes.proven,
                (false, true) => &mut vetoes.arriving,
                (false, false) => &mut vetoes.none,
            } += 1;
        }
        vetoes
    }
}

/// The numbers of arguments by the strength of their check. An argument of several parts counts as its weakest part.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Checks {
    /// Arguments that must be the caller's own object.
    pub identity: usize,
    /// Arguments that must have a value.
    pub value: usize,
    /// Arguments that must have a type.
    #[serde(rename = "type")]
    pub type_only: usize,
    /// Arguments without a check.
    pub any: usize,
}

impl Checks {
    /// Returns the number of all arguments.
    pub fn total(&self) -> usize {
        self.identity + self.value + self.type_only + self.any
    }

    fn count(&mut self, strength: Strength) {
        *match strength {
            Strength::Identity => &mut self.identity,
            Strength::Value => &mut self.value,
            Strength::Type => &mut self.type_only,
            Strength::Arity | Strength::Name => &mut self.any,
        } += 1;
    }
}

/// An event without cases, from the catalogue.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Missing {
    /// The event.
    pub event: String,
    /// Whether any version of the documentation names it.
    pub documented: bool,
    /// The names of its arguments, for each group of versions.
    pub arguments: Vec<Vec<String>>,
    /// The language versions that have it, as a specifier; empty for all.
    pub python: String,
    /// The platforms that have it; empty for all.
    pub platform: Vec<Platform>,
}

/// An argument that is checked weakly.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Weak {
    /// The id of the case.
    pub case: String,
    /// The event that it expects.
    pub event: String,
    /// The argument's name, or `[INDEX]` if the case gives only its place.
    pub argument: String,
    /// `type` or `any`.
    pub checked_by: &'static str,
}

/// A known gap of a file.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct GapEntry {
    /// The event.
    pub event: String,
    /// The cases that show it: globs over their names.
    pub cases: Vec<String>,
    /// The runtimes that have it: a glob, or an implementation.
    pub runtime: String,
    /// The language versions that have it, as a specifier; empty for all.
    pub python: String,
    /// The versions of the implementation that have it, as a specifier; empty for all.
    pub implementation: String,
    /// The platforms that have it; empty for all.
    pub platform: Vec<Platform>,
    /// The verdict that the cases get.
    pub verdict: Verdict,
    /// Its kind.
    pub kind: Kind,
    /// Its reason.
    pub reason: String,
    /// Where it is tracked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
}

impl Coverage {
    /// Measures a suite against a catalogue.
    pub fn of(suite: &Suite, catalogue: &Catalogue) -> Coverage {
        let files: BTreeMap<&str, &EventFile> =
            suite.files.iter().map(|source| (source.file.event.as_str(), &source.file)).collect();
        let rules = files.keys().filter(|event| is_rule(event)).count();
        let (arguments, weak_arguments) = checks(suite);
        let known_gaps = known_gaps(&files);
        let mut gap_kinds = BTreeMap::new();
        for gap in &known_gaps {
            *gap_kinds.entry(gap.kind).or_default() += 1;
        }
        let mut coverage = Coverage {
            format: FORMAT,
            events: Ratio::default(),
            apis: Ratio::default(),
            tested_events: files.len() - rules,
            rules,
            cases: suite.cases().count(),
            doors: suite.doors().count(),
            arguments,
            vetoes: Vetoes::of(suite),
            gap_kinds,
            events_without_cases: Vec::new(),
            apis_without_cases: BTreeMap::new(),
            events_not_in_catalogue: not_in_catalogue(&files, catalogue),
            cases_without_effect: ids(suite, |case| case.effect.is_none()),
            weak_arguments,
            unverified_cases: ids(suite, |case| case.unverified),
            known_gaps,
        };
        for entry in &catalogue.0 {
            coverage.add(entry, files.get(entry.event.as_str()).copied());
        }
        coverage
    }

    /// Tells whether at least this many percent of the events, and of their APIs, are covered.
    pub fn reaches(&self, percent: u8) -> bool {
        self.events.reaches(percent) && self.apis.reaches(percent)
    }

    fn add(&mut self, entry: &Entry, file: Option<&EventFile>) {
        self.events.total += 1;
        self.events.covered += usize::from(file.is_some());
        if file.is_none() {
            self.events_without_cases.push(Missing {
                event: entry.event.clone(),
                documented: entry.documented,
                arguments: entry.arguments.0.iter().map(|variant| variant.arguments.clone()).collect(),
                python: entry.python.to_string(),
                platform: entry.platform.clone(),
            });
        }
        let exercised = file.map(exercised).unwrap_or_default();
        let missing: Vec<_> = entry.apis.iter().filter(|api| !exercised.contains(api.as_str())).cloned().collect();
        self.apis.total += entry.apis.len();
        self.apis.covered += entry.apis.len() - missing.len();
        if !missing.is_empty() {
            self.apis_without_cases.insert(entry.event.clone(), missing);
        }
    }
}

/// Returns the APIs that have a case in a file which expects the file's event.
fn exercised(file: &EventFile) -> BTreeSet<&str> {
    let raising = file.cases.iter().filter(|case| file.expects_event(case));
    raising.map(|case| case.api.as_str()).collect()
}

fn not_in_catalogue(files: &BTreeMap<&str, &EventFile>, catalogue: &Catalogue) -> Vec<String> {
    let names = files.keys().filter(|event| !is_rule(event) && catalogue.entry(event).is_none());
    names.map(ToString::to_string).collect()
}

fn ids(suite: &Suite, predicate: impl Fn(&Case) -> bool) -> Vec<String> {
    let mut ids: Vec<_> =
        suite.cases().filter(|(_, case)| predicate(case)).map(|(source, case)| source.file.id(case)).collect();
    ids.sort();
    ids
}

fn checks(suite: &Suite) -> (Checks, Vec<Weak>) {
    let (mut checks, mut weak) = (Checks::default(), Vec::new());
    for (Source { file, .. }, case) in suite.cases() {
        for expected in &case.expect {
            for (argument, shape) in shapes(expected) {
                let strength = shape.strength();
                checks.count(strength);
                if strength <= Strength::Type {
                    let event = expected.event.as_ref().unwrap_or(&file.event).clone();
                    let checked_by = if strength == Strength::Type { "type" } else { "any" };
                    weak.push(Weak { case: file.id(case), event, argument, checked_by });
                }
            }
        }
    }
    weak.sort_by(|one, other| one.case.cmp(&other.case));
    (checks, weak)
}

fn shapes(expected: &Expected) -> Vec<(String, &Shape)> {
    match &expected.args {
        Args::Named(shapes) => shapes.iter().map(|(name, shape)| (name.clone(), shape)).collect(),
        Args::Positional(shapes) => {
            shapes.iter().enumerate().map(|(index, shape)| (format!("[{index}]"), shape)).collect()
        }
    }
}

fn known_gaps(files: &BTreeMap<&str, &EventFile>) -> Vec<GapEntry> {
    let entry = |file: &EventFile, gap: &KnownGap| GapEntry {
        event: file.event.clone(),
        cases: gap.cases.iter().map(|glob| glob.as_str().to_owned()).collect(),
        runtime: Glob::as_str(&gap.runtime).to_owned(),
        python: gap.python.to_string(),
        implementation: gap.implementation.as_ref().map(ToString::to_string).unwrap_or_default(),
        platform: gap.platform.clone(),
        verdict: gap.verdict,
        kind: gap.kind,
        reason: gap.reason.clone(),
        issue: gap.issue.clone(),
    };
    files.values().flat_map(|file| file.known_gaps.iter().map(move |gap| entry(file, gap))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOGUE: &str = "
- {event: a, arguments: [x], apis: [m.f, m.g]}
- {event: b, arguments: [], apis: [m.f], python: '>=3.12', platform: [windows], documented: false}
- {event: c, arguments: [], apis: [m.h]}
- {event: d, arguments: [], apis: [m.f]}
";

    const FILES: [&str; 4] = [
        "
event: a
documented: true
arguments: [x, y, z]
raised-by: [m.f]
cases:
  - {name: one, api: m.f, snippet: f(), effect: 'True', expect: [{args: {x: {same: x}, y: 1, z: any}}]}
  - {name: two, api: m.f, snippet: f(), unverified: true, expect: [{args: {x: {tuple: [1, {type: int}]}, y: 1, z: 1}}]}
  - {name: not-raised, api: m.g, snippet: g(), expect: []}
known-gaps:
  - {runtime: cpython, python: '<3.9', cases: [t*], verdict: missing, kind: bug, reason: x}
",
        "
event: c
documented: true
arguments: []
raised-by: [m.h]
veto: query
cases:
  - {name: one, api: m.h, snippet: h(), effect: 'True', expect: [{event: a, args: [any]}, {}]}
",
        "
event: pep578.rule
documented: true
arguments: []
raised-by: [m.f]
cases:
  - {name: one, api: m.f, snippet: f(), effect: 'True', expect: [{}]}
",
        "
event: stranger
documented: true
arguments: []
raised-by: [m.f]
cases:
  - {name: one, api: m.f, snippet: f(), effect: 'True', veto: none, because: x, expect: [{}]}
",
    ];

    #[test]
    fn a_suite_is_measured_against_the_catalogue() {
        let source = |text: &&str| {
            let file = EventFile::parse(text).expect("a case file");
            Source { path: String::new(), location: String::new(), text: String::new(), file }
        };
        let suite = Suite { files: FILES.iter().map(source).collect(), ..Suite::default() };
        let coverage = Coverage::of(&suite, &Catalogue::parse(CATALOGUE).expect("a catalogue"));
        assert_eq!(coverage.events, Ratio { covered: 2, total: 4 });
        assert_eq!(coverage.apis, Ratio { covered: 2, total: 5 });
        assert_eq!((coverage.tested_events, coverage.rules, coverage.cases), (3, 1, 6));
        assert_eq!(coverage.vetoes, Vetoes { proven: 1, arriving: 1, none: 1 });
        assert_eq!(coverage.arguments, Checks { identity: 1, value: 3, type_only: 1, any: 2 });
        let missing: Vec<_> = coverage.events_without_cases.iter().map(|missing| missing.event.as_str()).collect();
        assert_eq!(missing, ["b", "d"]);
        let apis = [("a", ["m.g"]), ("b", ["m.f"]), ("d", ["m.f"])];
        let apis = apis.map(|(event, apis)| (event.to_owned(), apis.map(str::to_owned).to_vec()));
        assert_eq!(coverage.apis_without_cases, BTreeMap::from(apis));
        assert_eq!(coverage.events_not_in_catalogue, ["stranger"]);
        assert_eq!(coverage.cases_without_effect, ["a::not-raised", "a::two"]);
        assert_eq!(coverage.unverified_cases, ["a::two"]);
        assert_eq!(coverage.gap_kinds, BTreeMap::from([(Kind::Bug, 1)]));
        let weak = coverage.weak_arguments.iter();
        let weak = weak.map(|weak| format!("{} {} {} {}", weak.case, weak.event, weak.argument, weak.checked_by));
        assert_eq!(weak.collect::<Vec<_>>(), ["a::one a z any", "a::two a x type", "c::one a [0] any"]);
    }

    #[test]
    fn a_ratio_is_never_rounded_up() {
        for (covered, total, permille, reached, missed) in [
            (2, 3, 666, 66, 67),
            (1999, 2000, 999, 99, 100),
            (0, 5, 0, 0, 1),
            (5, 5, 1000, 100, 101),
            (0, 0, 1000, 100, 255),
        ] {
            let ratio = Ratio { covered, total };
            assert_eq!(ratio.permille(), permille, "{covered} of {total}");
            assert!(ratio.reaches(reached), "{covered} of {total}: {reached} %");
            assert!(total == 0 || !ratio.reaches(missed), "{covered} of {total}: {missed} %");
        }
    }
}
