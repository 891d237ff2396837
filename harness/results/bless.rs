//! Blessing: makes a gaps file from results, or updates one. Pure.
//!
//! Only what ran is touched. A line whose failure shows on some platforms only is split into one line for each of them. A
//! glob is never widened: where it is wrong for a case, the lines of the other cases replace it.

use std::collections::{BTreeMap, BTreeSet};

use super::records::{Results, RuntimeRecord};
use crate::run::TrialRecord;
use crate::suite::{
    Case, GapLine, GapsFile, Glob, Identity, ListedAs, Pin, Place, Platform, Source, Suite, Verdict, did_you_mean,
};

/// The number of disagreements that an error names.
const SHOWN: usize = 10;

/// The changes that blessing may make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Changes {
    /// Add lines for failures that are not listed.
    pub add: bool,
    /// Remove or narrow lines whose failure does not show any more.
    pub remove: bool,
    /// Remove lines that match no case of the suite.
    pub purge: bool,
}

/// Why results cannot be blessed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BlessError {
    /// The results have no trials.
    #[error("the results have no trials of such a runtime{0}")]
    Nothing(String),
    /// The runtimes are of several implementations.
    #[error(
        "the results are of {0}; a gaps file is for one implementation\n  hint: choose its runtimes with --runtime"
    )]
    Implementations(String),
    /// Results are of another suite.
    #[error(
        "the results are of suite {0}, and this is suite {1}\n  hint: use the audit578 that made them or, if they were made with --cases, the same --cases"
    )]
    Suites(String, String),
    /// A version in the results is none.
    #[error("`{0}` is not a version")]
    Version(String),
    /// Runtimes differ by more than the platform, which one line cannot say.
    #[error(
        "runtimes differ by more than the platform:\n  {}\n  hint: choose one with --runtime, or list these by hand with `@ VERSIONS`",
        .0.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n  ")
    )]
    Differ(Vec<String>),
}

/// One trial with its runtime.
pub(crate) struct Seen<'a> {
    /// The runtime.
    pub runtime: Identity,
    /// The trial.
    pub trial: &'a TrialRecord,
}

/// Returns the trials of the runtimes that match a glob, or on all if there is none.
///
/// # Errors
/// When there are none.
pub(crate) fn seen<'a>(results: &'a [Results], names: &[Glob]) -> Result<Vec<Seen<'a>>, BlessError> {
    let mut found = Vec::new();
    for results in results {
        let mut runtimes = BTreeMap::new();
        for runtime in &results.runtimes {
            let called = runtime.names();
            let is_wanted = names.is_empty() || called.iter().any(|name| names.iter().any(|glob| glob.matches(name)));
            if let Some(probe) = runtime.probe.as_ref().filter(|probe| is_wanted && probe.audit) {
                let identity = runtime.identity().ok_or_else(|| BlessError::Version(probe.language.clone()))?;
                runtimes.insert(runtime.name.as_str(), identity);
            }
        }
        let pair = |trial: &'a TrialRecord| {
            runtimes.get(trial.runtime.as_str()).map(|runtime| Seen { runtime: runtime.clone(), trial })
        };
        found.extend(results.trials().filter_map(pair));
    }
    if found.is_empty() { Err(BlessError::Nothing(near(results, names))) } else { Ok(found) }
}

/// Returns the runtime of results whose name is near to the first glob, in words.
fn near(results: &[Results], names: &[Glob]) -> String {
    let known = || results.iter().flat_map(|results| &results.runtimes).flat_map(RuntimeRecord::names);
    names.first().map(|glob| did_you_mean(glob.as_str(), known())).unwrap_or_default()
}

/// Returns the suite of results, as a gaps file names it, if it is the given suite.
///
/// # Errors
/// When it is another suite.
pub(crate) fn pin(results: &[Results], suite: &Suite) -> Result<Pin, BlessError> {
    let hash = suite.hash();
    if let Some(other) = results.iter().find(|results| results.header.suite != hash) {
        let short = |hash: &str| super::records::short_hash(hash).to_owned();
        return Err(BlessError::Suites(short(&other.header.suite), short(&hash)));
    }
    let version = results.first().map_or("", |results| &results.header.version);
    Ok(Pin { version: version.parse().map_err(|_| BlessError::Version(version.to_owned()))?, suite: hash })
}

/// Returns the text of a new gaps file that lists nothing.
pub(crate) fn empty(pin: &Pin, implementation: &str) -> String {
    format!(
        "\
# The known gaps of {implementation}, for `audit578 run --gaps FILE`; `audit578 bless RESULTS --gaps FILE` updates them.
# Each line: a verdict or `flaky`, a case, `@ PLATFORM` or `@ VERSIONS` if it is not so everywhere, `# REASON`.
{pin}
"
    )
}

/// Returns the implementation of trials.
///
/// # Errors
/// When the runtimes are of several implementations.
pub(crate) fn implementation<'a>(seen: &'a [Seen]) -> Result<&'a str, BlessError> {
    let names: BTreeSet<&str> = seen.iter().map(|seen| seen.runtime.implementation.as_str()).collect();
    match names.len() {
        0 | 1 => Ok(names.first().copied().unwrap_or_default()),
        _ => Err(BlessError::Implementations(names.into_iter().collect::<Vec<_>>().join(", "))),
    }
}

/// Returns the text of a gaps file after the changes that results call for.
///
/// # Errors
/// When runtimes differ by more than the platform.
pub(crate) fn bless(
    old: &GapsFile,
    seen: &[Seen],
    suite: &Suite,
    pin: &Pin,
    changes: Changes,
) -> Result<String, BlessError> {
    let mut by_case = BTreeMap::<String, Vec<&Seen>>::new();
    for one in seen {
        by_case.entry(one.trial.id()).or_default().push(one);
    }
    let mut differ = Vec::new();
    let cases: Vec<Ran> = suite
        .cases()
        .map(|(source, case)| {
            let id = source.file.id(case);
            let all = by_case.remove(&id);
            let is_recorded = all.is_some();
            let seen = all.into_iter().flatten().filter(|one| one.trial.verdict.was_run()).collect();
            Ran { id, source, case, seen, is_recorded }
        })
        .collect();
    let mut text = Text::new(old, |gap| kept(gap, &cases, changes, &mut differ));
    if changes.add {
        let added: BTreeSet<String> = cases.iter().flat_map(|ran| missing_lines(old, ran, &mut differ)).collect();
        for line in added {
            text.insert(line);
        }
        let is_pinned = old.pin.version == pin.version && pin.suite.starts_with(&old.pin.suite);
        // A part of the cases says nothing about the rest, which may be new.
        if !is_pinned && cases.iter().all(|ran| ran.is_recorded) {
            text.pin(old, pin);
        }
    }
    if differ.is_empty() { Ok(text.join()) } else { Err(BlessError::Differ(differ)) }
}

/// A case, and where it ran.
struct Ran<'a> {
    id: String,
    source: &'a Source,
    case: &'a Case,
    seen: Vec<&'a Seen<'a>>,
    /// Whether the results have a trial of it, even one that was skipped.
    is_recorded: bool,
}

/// Where a failure of a case shows.
enum Shows {
    /// The case did not run.
    Unknown,
    /// Wherever the case ran.
    Everywhere,
    /// Nowhere.
    Nowhere,
    /// On some platforms, and not on the others where the case ran.
    On(BTreeSet<Platform>),
}

impl Ran<'_> {
    /// Returns where a failure shows, of the runtimes that are wanted.
    fn shows(
        &self,
        failure: Verdict,
        is_wanted: impl Fn(&Identity) -> bool,
        has: impl Fn(&TrialRecord) -> bool,
        differ: &mut Vec<String>,
    ) -> Shows {
        let wanted: Vec<&&Seen> = self.seen.iter().filter(|one| is_wanted(&one.runtime)).collect();
        let (with, without): (Vec<&Seen>, Vec<&Seen>) = wanted.into_iter().partition(|one| has(one.trial));
        match (with.is_empty(), without.is_empty()) {
            (true, true) => return Shows::Unknown,
            (false, true) => return Shows::Everywhere,
            (true, false) => return Shows::Nowhere,
            (false, false) => {}
        }
        let platform = |one: &Seen| Platform::of(&one.runtime.platform);
        for one in &with {
            // `unix` is a family of platforms.
            if let Some(other) = without.iter().find(|other| platform(one).is(&other.runtime.platform)) {
                let (one, other, on) = (&one.runtime.name, &other.runtime.name, platform(one));
                differ.push(format!("{}: `{failure}` shows on {one} and not on {other}, both on {on}", self.id));
            }
        }
        Shows::On(with.into_iter().map(platform).collect())
    }
}

/// Returns the gaps that take the place of one, in the place of its line: nothing if the line is kept as it is.
fn kept(gap: &GapLine, cases: &[Ran], changes: Changes, differ: &mut Vec<String>) -> Option<Vec<GapLine>> {
    if !cases.iter().any(|ran| gap.pattern.matches(&ran.id)) {
        return changes.purge.then(Vec::new);
    }
    let failure = gap.listed.failure().filter(|_| changes.remove)?;
    let about = cases.iter().filter(|ran| gap.is_about(&ran.source.file, ran.case));
    let shows: Vec<(&str, Shows)> = about
        .map(|ran| {
            let is_wanted = |runtime: &Identity| gap.holds_on(runtime);
            (ran.id.as_str(), ran.shows(failure, is_wanted, |trial| trial.may_show(failure), differ))
        })
        .collect();
    if shows.iter().all(|(_, shows)| matches!(shows, Shows::Unknown | Shows::Everywhere)) {
        return None;
    }
    for (id, _) in shows.iter().filter(|(_, shows)| matches!(shows, Shows::On(_))) {
        if let Some(Place::Versions(_) | Place::Implementation(..)) = &gap.place {
            // A line has one place: with the platform instead of the versions, it would excuse more.
            differ.push(format!("{id}: `{}` of line {} shows on some platforms only", gap.content(), gap.line));
        }
    }
    let line = |id: &str, place: Option<Place>| {
        let pattern = Glob::try_from(id.to_owned()).unwrap_or_else(|_| gap.pattern.clone());
        GapLine { pattern, place, ..gap.clone() }
    };
    let lines = shows.into_iter().flat_map(|(id, shows)| match shows {
        Shows::Nowhere => Vec::new(),
        Shows::Unknown | Shows::Everywhere => vec![line(id, gap.place.clone())],
        Shows::On(platforms) => platforms.into_iter().map(|on| line(id, Some(Place::Platform(on)))).collect(),
    });
    Some(lines.collect())
}

/// Returns the lines, without line ends, for the failures of a case that no line lists.
fn missing_lines(old: &GapsFile, ran: &Ran, differ: &mut Vec<String>) -> Vec<String> {
    let lines = |runtime: &Identity| old.applying(&ran.source.file, ran.case, runtime);
    let is_listed = |one: &Seen, failure: Verdict| {
        lines(&one.runtime).iter().any(|gap| gap.listed == ListedAs::Flaky || gap.listed == ListedAs::Failure(failure))
    };
    let mut missing = BTreeMap::<Verdict, BTreeSet<Platform>>::new();
    for one in &ran.seen {
        for failure in one.trial.failures() {
            if !is_listed(one, failure) {
                missing.entry(failure).or_default().insert(Platform::of(&one.runtime.platform));
            }
        }
    }
    let mut added = Vec::new();
    for (failure, platforms) in missing {
        let content = format!("{failure} {}", ran.id);
        let has_place = old.gaps.iter().any(|gap| gap.to_string() == content);
        let shows = ran.shows(failure, |_| true, |trial| trial.failures().contains(&failure), differ);
        match shows {
            Shows::Everywhere if !has_place => added.push(content),
            _ => added.extend(platforms.into_iter().map(|on| format!("{content} @ {}", on.word()))),
        }
    }
    added
}

/// The lines of a gaps file while it changes. A gap has its content, by which lines are sorted.
struct Text {
    lines: Vec<(Option<String>, String)>,
    line_end: &'static str,
    /// The index of the header.
    header: usize,
}

impl Text {
    /// Returns the lines of a file, each gap replaced by those that a function returns, if it does. No gap is there twice.
    fn new(old: &GapsFile, mut replaced: impl FnMut(&GapLine) -> Option<Vec<GapLine>>) -> Text {
        let line_end = if old.lines[old.pin_line - 1].ends_with("\r\n") { "\r\n" } else { "\n" };
        let gaps: Vec<(&GapLine, Option<Vec<GapLine>>)> = old.gaps.iter().map(|gap| (gap, replaced(gap))).collect();
        let mut known: BTreeSet<String> =
            gaps.iter().filter(|(_, new)| new.is_none()).map(|(gap, _)| gap.content()).collect();
        let mut gaps: BTreeMap<usize, _> = gaps.into_iter().map(|(gap, new)| (gap.line, (gap, new))).collect();
        let mut lines = Vec::new();
        for (index, line) in old.lines.iter().enumerate() {
            match gaps.remove(&(index + 1)) {
                None => lines.push((None, line.clone())),
                Some((gap, None)) => lines.push((Some(gap.content()), line.clone())),
                Some((gap, Some(new))) => {
                    let tail = old.tail(gap.line);
                    let contents = new.iter().map(GapLine::content).filter(|content| known.insert(content.clone()));
                    lines.extend(contents.map(|content| (Some(gap.content()), content + tail)));
                }
            }
        }
        Text { lines, line_end, header: old.pin_line - 1 }
    }

    /// Inserts a gap behind the last one that is sorted before it.
    fn insert(&mut self, content: String) {
        let before = |(known, _): &(Option<String>, String)| known.as_ref().is_some_and(|known| *known < content);
        let first_gap = || self.lines.iter().position(|(gap, _)| gap.is_some());
        let at = match (self.lines.iter().rposition(before), first_gap()) {
            (Some(index), _) => index + 1,
            // Comments above a gap belong to it.
            (None, Some(first)) => {
                let is_comment = |index: &usize| self.lines[*index].1.trim_start().starts_with('#');
                let comments = (self.header + 1..first).rev().take_while(is_comment).count();
                first - comments
            }
            (None, None) => self.lines.len(),
        };
        let line = format!("{content}{}", self.line_end);
        self.lines.insert(at, (Some(content), line));
    }

    /// Names another suite in the header.
    fn pin(&mut self, old: &GapsFile, pin: &Pin) {
        self.lines[self.header].1 = format!("{pin}{}", old.tail(old.pin_line));
    }

    /// Returns the text. Only the last line may lack a line end.
    fn join(self) -> String {
        let count = self.lines.len();
        let ended = |(index, (_, line)): (usize, (_, String))| {
            if index + 1 < count && !line.ends_with('\n') { line + self.line_end } else { line }
        };
        self.lines.into_iter().enumerate().map(ended).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pep440_rs::Version;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::run::judge::Judgement;
    use crate::run::{Standing, fixtures};
    use crate::runtime::{Runtime, Trial};
    use crate::suite::{EventFile, OwnGaps, Promise};

    const ALL: Changes = Changes { add: true, remove: true, purge: true };

    /// A suite of the cases `m.f::a`, `m.f::b` and `m.f::none`, which expects no event.
    fn suite() -> Suite {
        let text = "event: m.f\ndocumented: true\narguments: [x]\nraised-by: [m.f]\ncases:\n\
            - {name: a, api: m.f, snippet: f(), expect: [args: {x: 1}]}\n\
            - {name: b, api: m.f, snippet: f(), expect: [args: {x: 1}]}\n\
            - {name: none, api: m.f, snippet: f(), expect: []}\n";
        let file = EventFile::parse(text).expect("a case file");
        let source = Source { path: "m/m.f.yaml".into(), location: "cases/m/m.f.yaml".into(), text: text.into(), file };
        Suite { files: vec![source], ..Suite::default() }
    }

    /// Returns a trial: `CASE VERDICT [FURTHER FAILURE]`. A trial with a further failure has no veto pass.
    fn trial(text: &str) -> TrialRecord {
        let words: Vec<&str> = text.split(' ').collect();
        let veto = if words.len() > 2 { "unchecked" } else { "kept" };
        serde_json::from_value(json!({
            "event": "m.f", "case": words[0], "module": "m", "api": "m.f", "runtime": "r", "verdict": words[1],
            "also": words[2..], "raised": "kept", "arguments": "kept", "veto": veto, "asserts": "value", "seconds": 0.0,
        }))
        .expect("a trial")
    }

    /// Blesses a file of these lines from trials, each with the platform and the language version of its runtime.
    fn try_bless(lines: &str, trials: &[(&str, &str, &str)], changes: Changes) -> Result<String, BlessError> {
        let suite = suite();
        let trials: Vec<_> = trials
            .iter()
            .map(|(platform, version, text)| {
                let runtime = Identity {
                    name: format!("x-{version}"),
                    implementation: "x".to_owned(),
                    version: Some(Version::new([8])),
                    language: version.parse().expect("a version"),
                    platform: (*platform).to_owned(),
                };
                (runtime, trial(text))
            })
            .collect();
        let seen: Vec<Seen> = trials.iter().map(|(runtime, trial)| Seen { runtime: runtime.clone(), trial }).collect();
        let old = GapsFile::parse(format!("suite 0.1.0 0123456789ab\n{lines}").as_bytes()).expect("a gaps file");
        let pin = Pin { version: "0.2.0".parse().expect("a version"), suite: "ba9876543210".to_owned() };
        bless(&old, &seen, &suite, &pin, changes)
    }

    /// Returns the lines behind the header.
    fn blessed(lines: &str, trials: &[(&str, &str, &str)], changes: Changes) -> String {
        let text = try_bless(lines, trials, changes).expect("the results agree");
        text.split_once('\n').expect("a header").1.to_owned()
    }

    #[test]
    fn lines_follow_what_ran() {
        let none = Changes { add: false, remove: false, purge: false };
        let (add, remove) = (Changes { add: true, ..none }, Changes { remove: true, ..none });
        let purge = Changes { purge: true, ..none };
        for (before, trials, changes, after) in [
            // A failure that is not listed is added, a failure that does not show any more is removed.
            ("", &["a missing", "b pass"][..], ALL, "missing m.f::a\n"),
            ("", &["a missing"], remove, ""),
            ("missing m.f::a # why\n", &["a pass"], ALL, ""),
            ("missing m.f::a # why\n", &["a pass"], add, "missing m.f::a # why\n"),
            ("missing m.f::a # why\n", &["a missing"], ALL, "missing m.f::a # why\n"),
            ("missing m.f::a\n", &["a wrong-args"], ALL, "wrong-args m.f::a\n"),
            ("missing m.f::a\n", &["a wrong-args"], remove, ""),
            ("", &["a wrong-args unvetoed"], ALL, "unvetoed m.f::a\nwrong-args m.f::a\n"),
            ("unvetoed m.f::a\n", &["a wrong-args error"], add, "error m.f::a\nunvetoed m.f::a\nwrong-args m.f::a\n"),
            // A veto that was not checked is not fixed.
            ("unvetoed m.f::a\n", &["a wrong-args error"], remove, "unvetoed m.f::a\n"),
            // Only pairs that ran are touched.
            ("missing m.f::b\n", &["a pass"], ALL, "missing m.f::b\n"),
            ("missing m.f::b\n", &["b skipped"], ALL, "missing m.f::b\n"),
            ("missing m.f::b @ windows\n", &["b pass"], ALL, "missing m.f::b @ windows\n"),
            ("missing m.f::b @ <3.9\n", &["b pass"], ALL, "missing m.f::b @ <3.9\n"),
            ("missing m.f::b @ x<8\n", &["b pass"], ALL, "missing m.f::b @ x<8\n"),
            ("missing m.f::b @ x>=8\n", &["b pass"], ALL, ""),
            ("missing m.f::b @ >=3.9\n", &["b pass"], ALL, ""),
            ("missing m.f::b @ windows\n", &["b missing"], ALL, "missing m.f::b @ linux\nmissing m.f::b @ windows\n"),
            // A flaky line excuses all, and stays.
            ("flaky m.f::a\n", &["a missing"], ALL, "flaky m.f::a\n"),
            ("flaky m.f::a\n", &["a pass"], ALL, "flaky m.f::a\n"),
            // A glob is narrowed, and never widened.
            ("missing m.*::* # why\n", &["a missing", "b missing"], ALL, "missing m.*::* # why\n"),
            ("missing m.*::* # why\n", &["a missing", "none pass"], ALL, "missing m.*::* # why\n"),
            ("missing m.*::*  # why\n", &["a pass"], ALL, "missing m.f::b  # why\n"),
            ("missing m.*::* @ linux\n", &["a pass"], ALL, "missing m.f::b @ linux\n"),
            ("error m.*::*\n", &["a pass", "none error"], ALL, "error m.f::b\nerror m.f::none\n"),
            ("error m.f::none\nerror m.*::*", &["a pass"], ALL, "error m.f::none\nerror m.f::b"),
            ("error m.*::*", &["a pass"], ALL, "error m.f::b\nerror m.f::none"),
            // A pattern without cases goes with `purge` only.
            ("missing m.g::*\nmissing m.f::a\n", &["a missing"], purge, "missing m.f::a\n"),
            ("missing m.g::*\nmissing m.f::a\n", &["a pass"], remove, "missing m.g::*\n"),
            ("missing m.g::*\nmissing m.f::a\n", &["a pass"], none, "missing m.g::*\nmissing m.f::a\n"),
        ] {
            let trials: Vec<_> = trials.iter().map(|text| ("linux", "3.9.16", *text)).collect();
            assert_eq!(blessed(before, &trials, changes), after, "{before:?} {trials:?}");
        }
    }

    #[test]
    fn a_line_gets_a_platform_only_where_platforms_differ() {
        let (linux, windows, macos) = ("linux", "win32", "darwin");
        for (before, trials, after) in [
            ("", &[(linux, "a missing"), (windows, "a missing")][..], "missing m.f::a\n"),
            ("", &[(linux, "a missing"), (windows, "a skipped")], "missing m.f::a\n"),
            ("", &[(linux, "a missing"), (windows, "a pass")], "missing m.f::a @ linux\n"),
            (
                "",
                &[(linux, "a missing"), (windows, "a pass"), (macos, "a missing")],
                "missing m.f::a @ linux\nmissing m.f::a @ macos\n",
            ),
            ("missing m.f::a # why\n", &[(linux, "a missing"), (windows, "a pass")], "missing m.f::a @ linux # why\n"),
            ("missing m.f::a # why\n", &[(linux, "a missing"), (windows, "a missing")], "missing m.f::a # why\n"),
            (
                "missing m.*::* # why\n",
                &[(linux, "a missing"), (windows, "a pass")],
                "missing m.f::a @ linux # why\nmissing m.f::b # why\n",
            ),
            ("missing m.f::a @ unix\n", &[(linux, "a missing"), (macos, "a pass")], "missing m.f::a @ linux\n"),
        ] {
            let trials: Vec<_> = trials.iter().map(|(platform, text)| (*platform, "3.9", *text)).collect();
            assert_eq!(blessed(before, &trials, ALL), after, "{before:?} {trials:?}");
        }
    }

    #[test]
    fn runtimes_of_one_platform_that_differ_are_an_error() {
        let trials = [("linux", "3.9", "a missing"), ("linux", "3.10", "a pass")];
        for before in ["", "missing m.f::a\n"] {
            let message = try_bless(before, &trials, ALL).expect_err("they differ").to_string();
            assert!(message.contains("m.f::a: `missing` shows on x-3.9 and not on x-3.10, both on Linux"), "{message}");
        }
        let by_hand = "missing m.f::a @ <3.10\n";
        assert_eq!(blessed(by_hand, &trials, ALL), by_hand);
    }

    #[test]
    fn new_lines_go_where_they_are_sorted_and_move_no_comment() {
        for (before, after) in [
            ("missing m.f::0\nmissing m.f::z\n", "missing m.f::0\nmissing m.f::a\nmissing m.f::z\n"),
            ("\n# about\n\n# on z\n missing m.f::z", "\n# about\n\nmissing m.f::a\n# on z\n missing m.f::z"),
            ("error m.f::b # no end", "error m.f::b # no end\nmissing m.f::a\n"),
            ("# only this", "# only this\nmissing m.f::a\n"),
        ] {
            let add = Changes { remove: false, purge: false, ..ALL };
            assert_eq!(blessed(before, &[("linux", "3.9", "a missing")], add), after);
        }
        let suite = suite();
        let pin = Pin { version: "0.1.0".parse().expect("a version"), suite: "0123456789ab".to_owned() };
        let old = GapsFile::parse(b"suite 0.1.0 0123456789ab\r\n").expect("a gaps file");
        let trial = trial("a missing");
        let runtime = Identity {
            name: "x".into(),
            implementation: "x".into(),
            version: None,
            language: Version::new([3, 9]),
            platform: "linux".into(),
        };
        let text = bless(&old, &[Seen { runtime, trial: &trial }], &suite, &pin, ALL).expect("a text");
        assert_eq!(text, "suite 0.1.0 0123456789ab\r\nmissing m.f::a\r\n");
    }

    #[test]
    fn the_header_names_the_suite_of_the_results_once_they_have_every_case() {
        let header = |trials: &[&str], changes| {
            let trials: Vec<_> = trials.iter().map(|text| ("linux", "3.9", *text)).collect();
            let text = try_bless("", &trials, changes).expect("the results agree");
            text.lines().next().expect("a header").to_owned()
        };
        let all = ["a pass", "b skipped", "none unsupported"];
        assert_eq!(header(&all, ALL), "suite 0.2.0 ba9876543210");
        assert_eq!(header(&all[..2], ALL), "suite 0.1.0 0123456789ab");
        assert_eq!(header(&all, Changes { add: false, ..ALL }), "suite 0.1.0 0123456789ab");
    }

    const CASES: [&str; 3] = ["a", "b", "none"];
    const PLATFORMS: [&str; 3] = ["linux", "win32", "sunos5"];
    const VERSIONS: [&str; 2] = ["3.8.0", "3.9.0"];
    const OUTCOMES: usize = 8;

    /// A generated runtime: the numbers of its platform and its version, and the outcome of each case. A case without one
    /// has no trial.
    type Row = (usize, usize, Vec<Option<usize>>);

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let outcome = prop::option::weighted(0.8, 0..OUTCOMES);
        let row = (0..PLATFORMS.len(), 0..VERSIONS.len(), vec(outcome, CASES.len()));
        vec(row, 1..4).prop_map(|rows| {
            let unique: BTreeMap<_, _> = rows.into_iter().map(|row| ((row.0, row.1), row)).collect();
            unique.into_values().collect()
        })
    }

    /// Generates a gaps file with comments, empty lines, and either kind of line end.
    fn gaps_file() -> impl Strategy<Value = String> {
        let listed = prop::sample::select(&["missing", "wrong-args", "unvetoed", "error", "flaky"]);
        let pattern = prop::sample::select(&["m.f::a", "m.f::b", "m.f::none", "m.*::*", "m.f::[ab]", "m.g::*"]);
        let place = prop::sample::select(&[
            "",
            "",
            "",
            "@ linux",
            "@ windows",
            "@ unix",
            "@ <3.9",
            "@ >=3.8",
            "@ x<1",
            "@ x>=1",
        ]);
        let tail = prop::sample::select(&["", " # why", "   # x  "]);
        let other = prop::option::weighted(0.3, prop::sample::select(&["# one", "", "  # two"]));
        (vec((listed, pattern, place, tail, other), 0..6), any::<bool>(), any::<bool>()).prop_map(
            |(lines, is_windows, is_ended)| {
                let mut seen = BTreeSet::new();
                let mut text = "# top\nsuite 0.1.0 0123456789ab".to_owned();
                for (listed, pattern, place, tail, other) in lines {
                    text.extend(other.map(|other| format!("\n{other}")));
                    let content = format!("{listed} {pattern} {place}").trim_end().to_owned();
                    if seen.insert(content.clone()) {
                        text += &format!("\n{content}{tail}");
                    }
                }
                text += if is_ended { "\n" } else { "" };
                if is_windows { text.replace('\n', "\r\n") } else { text }
            },
        )
    }

    /// Returns a judgement of a case, or none if the case is skipped.
    fn judgement(case: &str, outcome: usize) -> Option<Judgement> {
        use Promise::{Broken, Kept, Unchecked};
        use Verdict::{Error, Missing, Pass, Unvetoed, WrongArgs, WrongCount};
        let (verdict, arguments, veto, effect) = match outcome {
            0 => (Pass, Kept, Kept, Kept),
            1 if case == "none" => (WrongCount, Unchecked, Unchecked, Unchecked),
            1 => (Missing, Unchecked, Unchecked, Unchecked),
            2 | 3 if case == "none" => (Unvetoed, Kept, Broken, Kept),
            2 => (WrongArgs, Broken, Kept, Kept),
            3 => (WrongArgs, Broken, Broken, Kept),
            4 => (Unvetoed, Kept, Broken, Kept),
            5 => (Error, Unchecked, Unchecked, Unchecked),
            6 => (WrongCount, Unchecked, Unchecked, Broken),
            _ => return None,
        };
        Some(Judgement { verdict, arguments, veto, effect, ..Judgement::default() })
    }

    /// Returns the records of the trials of a runtime, judged with its own gaps if it has any.
    fn judged(suite: &Suite, runtime: &Runtime, outcomes: &[Option<usize>]) -> Vec<TrialRecord> {
        let source = &suite.files[0];
        let trials = source.file.cases.iter().zip(outcomes).filter_map(|(case, outcome)| Some((case, (*outcome)?)));
        let record = |(case, outcome): (&_, usize)| {
            let trial = Trial { source, case, runtime };
            match judgement(&trial.case.name, outcome) {
                Some(judgement) => TrialRecord::judged(&trial, judgement, 0.0),
                None => TrialRecord::not_run(&trial, Verdict::Skipped, None),
            }
        };
        trials.map(record).collect()
    }

    /// A generated file before and after, and what ran.
    struct Blessed<'a> {
        source: &'a Source,
        seen: &'a [Seen<'a>],
        old: GapsFile,
        new: GapsFile,
        changes: Changes,
    }

    /// Returns the lines of a file without line ends.
    fn bare(file: &GapsFile) -> Vec<&str> {
        file.lines.iter().map(|line| line.trim_end_matches(['\r', '\n'])).collect()
    }

    /// Returns the lines that are not gaps, without the header.
    fn others(file: &GapsFile) -> Vec<&str> {
        let is_gap = |number: usize| number == file.pin_line || file.gaps.iter().any(|gap| gap.line == number);
        let lines = bare(file).into_iter().zip(1..).filter(|(_, number)| !is_gap(*number));
        lines.map(|(line, _)| line).collect()
    }

    impl Blessed<'_> {
        fn keeps_comments_and_order(&self) -> Result<(), TestCaseError> {
            prop_assert_eq!(others(&self.old), others(&self.new));
            let old = bare(&self.old);
            let mut rest = old.iter();
            for line in bare(&self.new).iter().filter(|line| old.contains(line)) {
                prop_assert!(rest.any(|old| old == line), "{line:?} is in another place");
            }
            Ok(())
        }

        fn keeps_lines_about_what_did_not_run(&self) -> Result<(), TestCaseError> {
            let is_about = |gap: &GapLine, one: &Seen| {
                let case = self.source.file.cases.iter().find(|case| case.name == one.trial.case);
                let is_about = case.is_some_and(|case| gap.is_about(&self.source.file, case));
                is_about && one.trial.verdict.was_run() && gap.holds_on(&one.runtime)
            };
            for gap in &self.old.gaps {
                let is_purged = self.changes.purge && gap.pattern.as_str() == "m.g::*";
                let line = bare(&self.old)[gap.line - 1];
                let is_kept = bare(&self.new).contains(&line);
                prop_assert!(
                    is_kept || is_purged || self.seen.iter().any(|one| is_about(gap, one)),
                    "{line:?} is gone"
                );
            }
            Ok(())
        }

        fn excuses_only_what_was_seen(&self) -> Result<(), TestCaseError> {
            let known: BTreeSet<&str> = self.old.gaps.iter().map(|gap| gap.pattern.as_str()).collect();
            for gap in &self.new.gaps {
                prop_assert!(gap.is_exact() || known.contains(gap.pattern.as_str()), "`{gap}` is a new glob");
            }
            let places = PLATFORMS.iter().flat_map(|platform| VERSIONS.map(|version| (platform, version)));
            for (place, case) in places.flat_map(|place| self.source.file.cases.iter().map(move |case| (place, case))) {
                let runtime = fixtures::runtime("x", place.1, place.0, &[]).identity;
                let listed = |file: &GapsFile| -> BTreeSet<String> {
                    let gaps = file.applying(&self.source.file, case, &runtime);
                    gaps.iter().map(|gap| gap.listed.to_string()).collect()
                };
                let (old, new) = (listed(&self.old), listed(&self.new));
                let trials = self.seen.iter().map(|one| one.trial);
                let ran: Vec<_> = trials.filter(|trial| trial.case == case.name && trial.verdict.was_run()).collect();
                prop_assert!(!ran.is_empty() || old == new, "{} did not run", case.name);
                let failures: BTreeSet<String> =
                    ran.iter().flat_map(|trial| trial.failures()).map(|failure| failure.to_string()).collect();
                let added: BTreeSet<String> = new.difference(&old).cloned().collect();
                prop_assert!(added.is_subset(&failures), "{added:?} of {} was not seen", case.name);
            }
            Ok(())
        }

        fn leaves_nothing_unexpected(&self, suite: &Suite, runtime: &Runtime, row: &Row) -> Result<(), TestCaseError> {
            let mut runtime = runtime.clone();
            runtime.own_gaps = Some(Arc::new(OwnGaps::new("gaps.txt".to_owned(), self.new.clone(), "", false)));
            for record in judged(suite, &runtime, &row.2) {
                let Changes { add, remove, .. } = self.changes;
                let standing = record.standing();
                prop_assert!(!(add && remove && standing == Standing::Failed), "{} fails", record.id());
                prop_assert!(!(remove && standing == Standing::Fixed), "{} is fixed", record.id());
            }
            Ok(())
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]
        #[test]
        fn any_file_follows_any_results(rows in rows(), before in gaps_file(), add: bool, remove: bool, purge: bool) {
            let suite = suite();
            let runtime = |row: &Row| fixtures::runtime("x", VERSIONS[row.1], PLATFORMS[row.0], &[]);
            let runtimes: Vec<Runtime> = rows.iter().map(runtime).collect();
            let trials: Vec<_> = rows.iter().zip(&runtimes).map(|(row, runtime)| judged(&suite, runtime, &row.2)).collect();
            let seen: Vec<Seen> = runtimes
                .iter()
                .zip(&trials)
                .flat_map(|(runtime, all)| all.iter().map(|trial| Seen { runtime: runtime.identity.clone(), trial }))
                .collect();
            let changes = Changes { add, remove, purge };
            let pin = Pin { version: "0.2.0".parse().expect("a version"), suite: "ba9876543210".to_owned() };
            let parse = |text: &str| {
                GapsFile::parse(text.as_bytes()).map_err(|faults| TestCaseError::fail(format!("{text:?}: {faults:?}")))
            };
            let old = parse(&before)?;
            // Runtimes of one platform may differ, and then nothing is written.
            let Ok(after) = bless(&old, &seen, &suite, &pin, changes) else { return Ok(()) };
            let blessed = Blessed { source: &suite.files[0], seen: &seen, old, new: parse(&after)?, changes };
            blessed.keeps_comments_and_order()?;
            blessed.keeps_lines_about_what_did_not_run()?;
            blessed.excuses_only_what_was_seen()?;
            for (runtime, row) in runtimes.iter().zip(&rows) {
                blessed.leaves_nothing_unexpected(&suite, runtime, row)?;
            }
            let again = bless(&blessed.new, &seen, &suite, &pin, changes).expect("the results agree still");
            prop_assert_eq!(again, after);
        }
    }
}
