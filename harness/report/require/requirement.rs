//! Requirements: whether the releases that were tested keep what a monitor depends on.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;
use serde::Serialize;

use super::dependency::Dependency;
use crate::report::compatibility::{Compatibility, EventSupport, Note, Range, Release, State};
use crate::suite::{CPYTHON, EventFile, Glob, Identity, KnownGap, Platform, Suite, Verdict, Versions};

/// The implementation and platform that must keep everything, if the user names none.
const ON: &str = "cpython/linux";

/// The choice of releases and of promises.
#[derive(Debug)]
pub(crate) struct Choice<'a> {
    /// The versions of Python that the monitor supports.
    pub python: &'a Versions,
    /// The implementations and platforms that must keep everything: globs over names such as `cpython/linux` or, without
    /// the platform, `cpython`. Without any, all are shown, and CPython on Linux must keep everything.
    pub on: &'a [Glob],
    /// Whether the monitor denies operations.
    pub denies: bool,
}

impl Choice<'_> {
    /// Tells whether an implementation and platform is shown.
    fn shows(&self, column: &str) -> bool {
        self.on.is_empty() || is_chosen(column, self.on)
    }

    /// Tells whether an implementation and platform must keep everything.
    pub(crate) fn holds(&self, column: &str) -> bool {
        if self.on.is_empty() { column == ON } else { is_chosen(column, self.on) }
    }
}

/// The answer: where each dependency is kept, and the releases that break one.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Requirement {
    /// The versions of Python that must keep everything (PEP 440); all when empty.
    pub python: String,
    /// The events, in the order in which they were named.
    pub events: Vec<EventRequirement>,
    /// The releases that were held to them, oldest first, by implementation and platform.
    pub checked: BTreeMap<String, Vec<Checked>>,
}

/// An event that the monitor depends on.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) struct EventRequirement {
    /// Its name.
    pub event: String,
    /// The arguments that the monitor reads, in their order.
    pub arguments: Vec<String>,
    /// Ranges of releases, oldest first, by implementation and platform. A platform without the event is not among them.
    pub support: BTreeMap<String, Vec<Supported>>,
}

/// Successive releases that were tested and give the same support.
#[derive(Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Supported {
    /// The oldest release.
    pub from: String,
    /// The newest release.
    pub to: String,
    /// The support.
    #[serde(flatten)]
    pub support: Support,
}

/// A release that was held to the requirement.
#[derive(Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Checked {
    /// The version of the implementation.
    pub version: String,
    /// The version of the language.
    pub python: String,
    /// The events that it does not keep, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub breaks: BTreeMap<String, Break>,
}

/// The way in which a release does not keep an event.
#[derive(Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Break {
    /// The support.
    #[serde(flatten)]
    pub support: Support,
    /// The reasons, as far as they are known gaps of the suite.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Note>,
}

/// How far a release keeps what a monitor depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "support", content = "faults")]
pub(crate) enum Support {
    /// Every case that checks it keeps it.
    Kept,
    /// Some parts are not kept, or not in every case. These are the parts, in words.
    Partly(Vec<String>),
    /// The event is not raised.
    Missing,
    /// This version of Python does not promise the event.
    Absent,
    /// No case could be run.
    Untested,
}

impl Support {
    /// Tells whether a monitor cannot rely on it.
    fn is_broken(&self) -> bool {
        matches!(self, Support::Partly(_) | Support::Missing | Support::Absent)
    }
}

impl Requirement {
    /// Looks dependencies up in data. The known gaps of the suite tell which arguments are wrong.
    pub(crate) fn of(data: &Compatibility, suite: &Suite, dependencies: &[Dependency], choice: &Choice) -> Requirement {
        let look = |dependency| Look::new(data, suite, dependency, choice.denies);
        let looks: Vec<Look> = dependencies.iter().filter_map(look).collect();
        let checked = data.tested.iter().filter(|(column, _)| choice.holds(column));
        let checked = checked.map(|(on, releases)| (on.clone(), checked_releases(on, releases, &looks, choice.python)));
        Requirement {
            python: choice.python.to_string(),
            events: looks.iter().map(|look| look.describe(data, choice)).collect(),
            checked: checked.filter(|(_, releases)| !releases.is_empty()).collect(),
        }
    }

    /// Tells whether no release breaks anything.
    pub(crate) fn is_kept(&self) -> bool {
        self.checked.values().flatten().all(|release| release.breaks.is_empty())
    }
}

/// Tells whether a glob is of an implementation on a platform, or of the implementation on all.
pub(crate) fn is_chosen(on: &str, globs: &[Glob]) -> bool {
    let implementation = on.split('/').next().unwrap_or_default();
    globs.iter().any(|glob| glob.matches(on) || glob.matches(implementation))
}

fn checked_releases(on: &str, releases: &[Release], looks: &[Look], python: &Versions) -> Vec<Checked> {
    let checked = |(place, release): (usize, &Release)| {
        let broken = looks.iter().filter_map(|look| {
            let support = look.support(on, releases, place)?;
            let is_broken = support.is_broken() || support == Support::Untested && look.is_unknown(on, releases);
            let support = is_broken.then_some(support)?;
            Some((look.dependency.event.clone(), Break { support, reasons: look.reasons(on, release) }))
        });
        let Release { version, python, .. } = release;
        Checked { version: version.clone(), python: python.clone(), breaks: broken.collect() }
    };
    let is_wanted =
        |(_, release): &(usize, &Release)| language(release).is_some_and(|version| python.contain(&version));
    releases.iter().enumerate().filter(is_wanted).map(checked).collect()
}

/// Returns the version of the language that a release implements. A release candidate is held to the promises of the
/// release.
fn language(release: &Release) -> Option<Version> {
    release.python.parse::<Version>().ok().map(|version| version.only_release())
}

/// Returns the properties of a release that known gaps are compared with. Its name in the matrix is not in the data, so
/// that it is made again of what is.
fn identity(on: &str, release: &Release) -> Option<Identity> {
    let (column, word) = on.split_once('/').unwrap_or((on, ""));
    let language = language(release)?;
    // A CPython with another compiler has CPython's own versions.
    let implementation = if release.version == release.python { CPYTHON } else { column };
    let family = match (column, word) {
        (CPYTHON, "windows") => "windows",
        (CPYTHON, "emscripten") => "pyodide",
        (CPYTHON, "wasi") => "wasi",
        (column, _) => column,
    };
    let minor = language.release().iter().take(2).map(ToString::to_string).collect::<Vec<_>>().join(".");
    let version = if implementation == CPYTHON { &minor } else { &release.version };
    Some(Identity {
        name: format!("{family}-{version}"),
        implementation: implementation.to_owned(),
        version: release.version.parse::<Version>().ok().map(|version| version.only_release()),
        language,
        platform: Platform::named(word)?.sys_platform().to_owned(),
    })
}

/// All that is known of one dependency: the suite has the promises, and the data who keeps them.
struct Look<'a> {
    dependency: &'a Dependency,
    file: &'a EventFile,
    event: Option<&'a EventSupport>,
    notes: &'a [Note],
    denies: bool,
}

impl<'a> Look<'a> {
    fn new(data: &'a Compatibility, suite: &'a Suite, dependency: &'a Dependency, denies: bool) -> Option<Look<'a>> {
        let file = suite.files.iter().map(|source| &source.file).find(|file| file.event == dependency.event)?;
        Some(Look { dependency, file, event: data.events.get(&dependency.event), notes: &data.notes, denies })
    }

    fn describe(&self, data: &Compatibility, choice: &Choice) -> EventRequirement {
        let columns = data.tested.iter().filter(|(column, _)| choice.shows(column));
        let support = columns.map(|(column, releases)| (column.clone(), self.ranges(column, releases)));
        let mut arguments = Vec::<String>::new();
        for name in self.file.arguments.0.iter().flat_map(|variant| &variant.arguments) {
            if self.dependency.arguments.contains(name) && !arguments.contains(name) {
                arguments.push(name.clone());
            }
        }
        let support = support.filter(|(_, ranges)| !ranges.is_empty()).collect();
        EventRequirement { event: self.dependency.event.clone(), arguments, support }
    }

    /// Joins successive releases that give the same support.
    fn ranges(&self, on: &str, releases: &[Release]) -> Vec<Supported> {
        let mut ranges = Vec::<Supported>::new();
        for (place, release) in releases.iter().enumerate() {
            let Some(support) = self.support(on, releases, place) else { continue };
            match ranges.last_mut().filter(|range| range.support == support) {
                Some(range) => range.to.clone_from(&release.version),
                None => {
                    ranges.push(Supported { from: release.version.clone(), to: release.version.clone(), support });
                }
            }
        }
        ranges
    }

    /// Returns the support by a release, or nothing if its platform does not have the event.
    fn support(&self, on: &str, releases: &[Release], place: usize) -> Option<Support> {
        let release = &releases[place];
        let platform = on.split('/').nth(1).and_then(Platform::named);
        let is_here = |one: &Platform| platform.is_some_and(|platform| one.is(platform.sys_platform()));
        if !self.file.platform.is_empty() && !self.file.platform.iter().any(is_here) {
            return None;
        }
        if language(release).is_some_and(|version| !self.file.python.contain(&version)) {
            return Some(Support::Absent);
        }
        let Some(range) = self.event.and_then(|event| event.range(on, releases, place)) else {
            return Some(Support::Untested);
        };
        if range.promises.raised == Some(State::Broken) {
            return Some(Support::Missing);
        }
        let faults = self.faults(range, on, release);
        Some(if faults.is_empty() { Support::Kept } else { Support::Partly(faults) })
    }

    /// Tells whether no release of a column tested it, so that nobody knows whether it is kept. Where others tested it, a
    /// release that did not is only shown.
    fn is_unknown(&self, on: &str, releases: &[Release]) -> bool {
        let is_tested = |support: Support| !matches!(support, Support::Untested | Support::Absent);
        !(0..releases.len()).filter_map(|place| self.support(on, releases, place)).any(is_tested)
    }

    /// Returns the parts that are not kept, in words. Where the event is not raised in some cases, its arguments and its
    /// veto are lost in these cases; only what is lost beside that is a part of its own.
    fn faults(&self, range: &Range, on: &str, release: &Release) -> Vec<String> {
        let in_words = |state: Option<State>, words: &str| match state {
            Some(State::Partly) => Some(format!("{words} in some cases")),
            Some(State::Broken) => Some(words.to_owned()),
            _ => None,
        };
        let gaps: Vec<&KnownGap> = self.gaps(on, release).collect();
        // A failure that is no known gap may be of any kind.
        let is_unexplained =
            range.notes.iter().any(|place| self.notes.get(*place).is_none_or(|note| note.kind.is_none()));
        let raised = in_words(range.promises.raised, "not raised");
        let wrong = if is_unexplained { Some("arguments wrong".to_owned()) } else { self.wrong_arguments(&gaps) };
        let wrong = wrong.filter(|_| !self.dependency.arguments.is_empty());
        let has_own_veto =
            raised.is_none() || is_unexplained || gaps.iter().any(|gap| gap.verdict == Verdict::Unvetoed);
        let veto = in_words(range.promises.veto, "not vetoed").filter(|_| self.denies && has_own_veto);
        let arguments = wrong.and_then(|words| in_words(range.promises.arguments, &words));
        [raised, self.absent_arguments(release), arguments, veto].into_iter().flatten().collect()
    }

    /// Returns the known gaps of the suite that a release has.
    fn gaps(&self, on: &str, release: &Release) -> impl Iterator<Item = &'a KnownGap> {
        let identity = identity(on, release);
        self.file.known_gaps.iter().filter(move |gap| identity.as_ref().is_some_and(|identity| gap.is_of(identity)))
    }

    /// Returns the reasons of the known gaps that matter to the monitor.
    fn reasons(&self, on: &str, release: &Release) -> Vec<Note> {
        let matters = |gap: &&KnownGap| match gap.verdict {
            Verdict::WrongArgs => self.wrong_arguments(&[*gap]).is_some(),
            Verdict::Unvetoed => self.denies,
            Verdict::ColdOnly => false,
            _ => true,
        };
        let mut reasons = Vec::<Note>::new();
        for gap in self.gaps(on, release).filter(matters) {
            let note = Note { text: gap.reason.clone(), kind: Some(gap.kind), impl_url: gap.issue.clone() };
            if !reasons.contains(&note) {
                reasons.push(note);
            }
        }
        reasons
    }

    /// Names the arguments that the event does not have in the version of a release.
    fn absent_arguments(&self, release: &Release) -> Option<String> {
        let names = self.file.arguments.of(&language(release)?)?;
        let absent = self.dependency.arguments.iter().filter(|name| !names.contains(name));
        let absent = absent.map(String::as_str).collect::<Vec<_>>().join(", ");
        (!absent.is_empty()).then(|| format!("no argument {absent}"))
    }

    /// Names the arguments that the monitor reads and that are wrong by known gaps.
    fn wrong_arguments(&self, gaps: &[&KnownGap]) -> Option<String> {
        let needed = &self.dependency.arguments;
        let named = gaps.iter().filter(|gap| gap.verdict == Verdict::WrongArgs).flat_map(|gap| gap.details().arguments);
        let named: BTreeSet<String> = named.collect();
        // An argument in excess moves no other, but an assignment to as many names as are documented fails.
        let has_more = !needed.is_empty() && named.iter().any(|name| name.starts_with('['));
        let wrong = named.intersection(needed).cloned().collect::<Vec<_>>().join(", ");
        let wrong = (!wrong.is_empty()).then(|| format!("wrong {wrong}"));
        let parts: Vec<String> = wrong.into_iter().chain(has_more.then(|| "an argument too many".to_owned())).collect();
        (!parts.is_empty()).then(|| parts.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::require::dependency::{Known, parse};
    use crate::run::fixtures::suite;

    const FILE: &str = "event: m.f
documented: true
arguments:
  - {python: '<3.11', arguments: [path]}
  - {python: '>=3.11', arguments: [path, mode]}
raised-by: [m.f]
python: '>=3.9'
platform: [linux, macos]
cases: [{name: a, api: m.f, snippet: f(), expect: [args: {path: any, mode: any}]}]
known-gaps:
  - {runtime: cpython, python: '<3.13', cases: [a], verdict: wrong-args, arguments: [path], kind: by-design, reason: P.}
  - {runtime: cpython, python: '<3.12', cases: [a], verdict: missing, kind: by-design, reason: Never raised.}
  - {runtime: cpython, python: '>=3.14', cases: [a], verdict: unvetoed, veto: effect, kind: by-design, reason: Late.}
";

    /// Makes data of `CPython`s on Linux: their versions with the states of raised, arguments and veto, or with nothing.
    fn data(found: &[(&str, Option<[&str; 3]>)]) -> Compatibility {
        let release = |version: &str| json!({"version": version, "python": version, "observed": "", "build": ""});
        let tested: Vec<Value> = found.iter().map(|(version, _)| release(version)).collect();
        let range = |(version, states): &(&str, Option<[&str; 3]>)| {
            states.map(|[raised, arguments, veto]| {
                let notes = if [raised, arguments, veto] == ["kept"; 3] { json!([]) } else { json!([0]) };
                json!({"from": version, "to": version, "raised": raised, "arguments": arguments, "veto": veto,
                    "notes": notes})
            })
        };
        let support: Vec<Value> = found.iter().filter_map(range).collect();
        let data = json!({
            "format": 1, "version": "0", "suite": "", "notes": [{"text": "a reason", "kind": "bug"}],
            "tested": {"cpython/linux": tested, "cpython/windows": tested},
            "events": {"m.f": {"arguments": [], "raised-by": [], "capabilities": [], "baseline": "limited",
                "support": {"cpython/linux": support}}},
        });
        serde_json::from_value(data).expect("data")
    }

    fn answer(data: &Compatibility, dependency: &str, python: &str, denies: bool) -> Requirement {
        let suite = suite(&[FILE]);
        let dependency = parse(dependency, &Known::of(&suite)).expect("a dependency");
        let python: Versions = python.parse().expect("versions");
        Requirement::of(data, &suite, &[dependency], &Choice { python: &python, on: &[], denies })
    }

    /// Returns the support of each range on Linux, in words.
    fn supports(dependency: &str, denies: bool) -> Vec<String> {
        let kept = Some(["kept"; 3]);
        let data = data(&[
            ("3.8.1", None),
            ("3.9.1", Some(["partly", "partly", "partly"])),
            ("3.10.1", Some(["broken", "broken", "broken"])),
            ("3.11.1", None),
            ("3.12.1", Some(["kept", "broken", "kept"])),
            ("3.13.1", kept),
            ("3.14.1", Some(["kept", "kept", "partly"])),
            ("3.15.1", kept),
        ]);
        let ranges = answer(&data, dependency, "", denies).events.remove(0).support.remove("cpython/linux");
        let words = |range: &Supported| match &range.support {
            Support::Partly(faults) => format!("{} {}", range.from, faults.join(" + ")),
            other => format!("{} {}", range.from, json!(other)["support"].as_str().unwrap_or_default()),
        };
        ranges.expect("ranges").iter().map(words).collect()
    }

    #[test]
    fn a_release_supports_what_the_monitor_needs_of_an_event() {
        let late = "3.14.1 not vetoed in some cases";
        for (dependency, denies, nine, later) in [
            ("m.f", true, "", &["3.12.1 kept", late, "3.15.1 kept"][..]),
            ("m.f", false, "", &["3.12.1 kept"]),
            (
                "m.f(path)",
                true,
                " + wrong path in some cases",
                &["3.12.1 wrong path", "3.13.1 kept", late, "3.15.1 kept"],
            ),
            ("m.f(mode)", true, " + no argument mode", &["3.12.1 kept", late, "3.15.1 kept"]),
        ] {
            let nine = format!("3.9.1 not raised in some cases{nine}");
            let first = ["3.8.1 absent", &nine, "3.10.1 missing", "3.11.1 untested"];
            assert_eq!(supports(dependency, denies), [&first, later].concat(), "{dependency}");
        }
    }

    #[test]
    fn the_first_release_of_the_range_that_breaks_it_is_found_with_its_reasons() {
        let broken = Some(["broken", "broken", "broken"]);
        let data = data(&[("3.9.1", Some(["kept"; 3])), ("3.10.1", broken), ("3.12.1", Some(["kept"; 3]))]);
        let broken = |python: &str| {
            let answer = answer(&data, "m.f", python, true);
            let releases: Vec<String> = answer.checked.values().flatten().map(|one| one.version.clone()).collect();
            let breaks = answer.checked.values().flatten().flat_map(|one| one.breaks.values());
            let reasons: Vec<String> = breaks.flat_map(|one| &one.reasons).map(|note| note.text.clone()).collect();
            (answer.is_kept(), releases.join(" "), reasons.join(" "))
        };
        assert_eq!(broken(">=3.10"), (false, "3.10.1 3.12.1".to_owned(), "Never raised.".to_owned()));
        assert_eq!(broken(">=3.11"), (true, "3.12.1".to_owned(), String::new()));
        assert_eq!(broken("<3.9"), (true, String::new(), String::new()));
    }

    #[test]
    fn a_failure_that_is_no_known_gap_may_be_of_any_argument() {
        let mut data = data(&[("3.12.1", Some(["kept", "partly", "kept"]))]);
        let support = |data: &Compatibility| {
            let mut support = answer(data, "m.f(mode)", "", true).events.remove(0).support;
            support.remove("cpython/linux").expect("ranges").remove(0).support
        };
        assert_eq!(support(&data), Support::Kept, "the known gap is of another argument");
        data.notes[0].kind = None;
        assert_eq!(support(&data), Support::Partly(vec!["arguments wrong in some cases".to_owned()]));
    }

    #[test]
    fn an_event_that_no_release_tested_is_not_kept() {
        let some = data(&[("3.10.1", Some(["kept"; 3])), ("3.12.1", None)]);
        assert!(answer(&some, "m.f", "", true).is_kept());
        let none = answer(&data(&[("3.10.1", None), ("3.12.1", None)]), "m.f", "", true);
        assert!(!none.is_kept());
        assert_eq!(none.checked["cpython/linux"][1].breaks["m.f"].support, Support::Untested);
    }

    #[test]
    fn a_platform_without_the_event_is_not_shown_and_breaks_nothing() {
        let data = data(&[("3.12.1", Some(["kept"; 3]))]);
        let suite = suite(&[FILE]);
        let dependency = parse("m.f", &Known::of(&suite)).expect("a dependency");
        let on = [Glob::try_from("cpython".to_owned()).expect("a glob")];
        let python = Versions::default();
        let found = Requirement::of(&data, &suite, &[dependency], &Choice { python: &python, on: &on, denies: true });
        assert_eq!(found.events[0].support.keys().collect::<Vec<_>>(), ["cpython/linux"]);
        assert_eq!(found.checked.keys().collect::<Vec<_>>(), ["cpython/linux", "cpython/windows"]);
        assert!(found.is_kept());
    }

    #[test]
    fn a_release_has_the_known_gaps_of_its_name_in_the_matrix() {
        let release = |version: &str, python: &str| {
            let release = json!({"version": version, "python": python, "observed": "", "build": ""});
            serde_json::from_value(release).expect("a release")
        };
        for (on, version, python, name, implementation) in [
            ("cpython/linux", "3.15.2", "3.15.2", "cpython-3.15", "cpython"),
            ("cpython/windows", "3.14.2", "3.14.2", "windows-3.14", "cpython"),
            ("cpython/emscripten", "3.15.0rc1", "3.15.0rc1", "pyodide-3.15", "cpython"),
            ("cinderx/linux", "3.14.10", "3.14.10", "cinderx-3.14", "cpython"),
            ("pypy/linux", "7.3.11", "3.9.16", "pypy-7.3.11", "pypy"),
        ] {
            let found = identity(on, &release(version, python)).expect("an identity");
            assert_eq!((found.name.as_str(), found.implementation.as_str()), (name, implementation));
        }
    }

    #[test]
    fn the_committed_schema_describes_the_answer() {
        crate::schema::check::<Requirement>("report/require/require.schema.json");
    }
}
