//! The known gaps of an event, grouped by runtime and verdict.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;

use crate::report::fold::{first, folded};
use crate::report::style::{HEAD, paint};
use crate::report::versions;
use crate::suite::{Case, EventFile, Glob, KnownGap, Verdict};

/// The lines of known gaps that are shown of one event, so that they fit on a screen.
const LINES: usize = 24;

/// The minor versions of Python 3 that a known gap can be about, the newest first.
const MINORS: std::ops::RangeInclusive<u64> = 8..=20;

/// The known gaps of an event that are of the same runtimes and have the same verdict.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The runtimes, in words.
    pub runtime: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The gaps.
    pub gaps: Vec<&'a KnownGap>,
}

/// Returns the groups of an event: those of CPython first, of each runtime those of the newest Python first.
pub(super) fn groups(file: &EventFile) -> Vec<Group<'_>> {
    grouped(file.known_gaps.iter())
}

/// Groups known gaps.
pub(super) fn grouped<'a>(gaps: impl Iterator<Item = &'a KnownGap>) -> Vec<Group<'a>> {
    let mut groups = Vec::<Group>::new();
    for gap in gaps {
        let runtime = runtime_in_words(&gap.runtime);
        match groups.iter_mut().find(|group| group.runtime == runtime && group.verdict == gap.verdict) {
            Some(group) => group.gaps.push(gap),
            None => groups.push(Group { runtime, verdict: gap.verdict, gaps: vec![gap] }),
        }
    }
    groups.sort_by_key(|group| (group.place(), Reverse(group.newest()), group.verdict));
    groups
}

impl Group<'_> {
    /// Returns the place of its runtimes in lists: CPython stands first.
    pub(super) fn place(&self) -> (bool, String) {
        (self.runtime != "cpython", self.runtime.clone())
    }

    /// Returns the newest minor version of Python that has one of the gaps.
    fn newest(&self) -> Option<u64> {
        let has = |minor: &u64| {
            let versions = [Version::new([3, *minor, 0]), Version::new([3, *minor, 99])];
            self.gaps.iter().any(|gap| versions.iter().any(|version| gap.python.contain(version)))
        };
        MINORS.rev().find(has)
    }

    /// Returns the number of cases that show one of the gaps, and of all cases that could.
    fn cases(&self, file: &EventFile) -> (usize, usize) {
        let able: Vec<&Case> = file.cases.iter().filter(|case| file.can_have(case, self.verdict)).collect();
        let shown = able.iter().filter(|case| self.gaps.iter().any(|gap| gap.is_about(&case.name)));
        (shown.count(), able.len())
    }

    /// Returns what exactly fails, in words.
    fn details(&self) -> Option<String> {
        let words: BTreeSet<String> = self.gaps.iter().flat_map(|gap| parts(gap)).collect();
        (!words.is_empty()).then(|| words.into_iter().collect::<Vec<_>>().join(", "))
    }

    /// Returns the versions and platforms that have its gaps, in words, unless one of the gaps is of all.
    fn bounds(&self) -> Option<String> {
        let bounds: BTreeSet<String> = self.gaps.iter().map(|gap| bounds(gap)).collect();
        (!bounds.contains("")).then(|| bounds.into_iter().collect::<Vec<_>>().join(", or "))
    }

    /// Returns all that is worth knowing of an event with these gaps beside the verdict, in words.
    fn facts(&self, file: &EventFile) -> Vec<String> {
        let (shown, all) = self.cases(file);
        let count = (shown < all).then(|| format!("{shown} of {all} cases"));
        [self.details(), count, self.bounds()].into_iter().flatten().collect()
    }

    /// Renders the group: a line about all of it, and the reason that most cases have.
    fn render(&self, file: &EventFile) -> String {
        let (shown, all) = self.cases(file);
        let details = self.details().map(|words| format!(": {words}")).unwrap_or_default();
        let count = if shown == all { "every case".to_owned() } else { format!("{shown} of {all} cases") };
        let head = folded("  ", &format!("{}, {} in {count}{details}", self.runtime, self.verdict), 4);
        let mut reasons = BTreeMap::<(&str, Option<&str>, String), usize>::new();
        for gap in &self.gaps {
            let cases = file.cases.iter().filter(|case| gap.is_about(&case.name)).count();
            *reasons.entry((&gap.reason, gap.issue.as_deref(), bounds(gap))).or_default() += cases;
        }
        let most = reasons.iter().max_by_key(|(_, cases)| **cases);
        let number = if reasons.len() == 1 { String::new() } else { format!(" (1 of {} reasons)", reasons.len()) };
        let reason = most.map(|((reason, issue, bounds), _)| in_words(&format!("{reason}{number}"), *issue, bounds));
        head + &folded("    ", &reason.unwrap_or_default(), 4)
    }
}

/// Lists events with their gaps: those with nothing to add in one list, and then the others, each with its facts.
pub(super) fn list<'a>(groups: impl Iterator<Item = &'a (&'a EventFile, Group<'a>)>) -> String {
    let (mut plain, mut lines) = (Vec::new(), String::new());
    let mut groups: Vec<_> = groups.collect();
    groups.sort_by_key(|(file, _)| &file.event);
    for (file, group) in groups {
        match group.facts(file).join("; ") {
            facts if facts.is_empty() => plain.push(file.event.as_str()),
            facts => lines += &folded("  ", &format!("{}: {facts}", file.event), 4),
        }
    }
    if plain.is_empty() { lines } else { folded("  ", &plain.join(", "), 2) + &lines }
}

/// Renders the known gaps of an event, as many groups as fit on a screen.
pub(super) fn section(file: &EventFile) -> String {
    if file.known_gaps.is_empty() {
        return String::new();
    }
    let groups = groups(file);
    let (mut text, mut lines, mut rest) = (String::new(), 0, Vec::new());
    for group in &groups {
        let block = group.render(file);
        lines += block.lines().count();
        match lines <= LINES {
            true => text += &block,
            false => rest.push(format!("{} {}", group.runtime, group.verdict)),
        }
    }
    if !rest.is_empty() {
        let rest = first(rest.iter().map(String::as_str), 6);
        text += &folded("  also ", &format!("{rest} (audit578 explain RUNTIME)"), 4);
    }
    format!("\n{}\n{text}", paint(HEAD, "Known gaps"))
}

/// Renders all known gaps of a case.
pub(super) fn of_case(file: &EventFile, case: &Case) -> String {
    let of = file.known_gaps.iter().filter(|gap| gap.is_about(&case.name) && file.can_have(case, gap.verdict));
    let lines = grouped(of).into_iter().flat_map(|group| {
        let line = |gap: &&KnownGap| {
            let details = parts(gap).collect::<Vec<_>>().join(", ");
            let details = if details.is_empty() { details } else { format!(" ({details})") };
            let reason = in_words(&gap.reason, gap.issue.as_deref(), &bounds(gap));
            folded("  ", &format!("{}, {}{details}: {reason}", group.runtime, group.verdict), 4)
        };
        group.gaps.iter().map(line).collect::<Vec<_>>()
    });
    let text: String = lines.collect();
    if text.is_empty() { text } else { format!("\n{}\n{text}", paint(HEAD, "Known gaps")) }
}

fn in_words(reason: &str, issue: Option<&str>, bounds: &str) -> String {
    let bounds = if bounds.is_empty() { String::new() } else { format!("{bounds}: ") };
    let issue = issue.map(|issue| format!(" {issue}")).unwrap_or_default();
    format!("{bounds}{reason}{issue}")
}

/// Returns what exactly fails: the wrong arguments, the parts of the veto, or those of hot code. An argument in excess has
/// no name.
fn parts(gap: &KnownGap) -> impl Iterator<Item = String> {
    let details = gap.details();
    let name = |name: String| if name.starts_with('[') { "an argument too many".to_owned() } else { name };
    let veto = details.veto.into_iter().map(|part| part.to_string());
    let hot = details.hot.into_iter().map(|part| part.to_string());
    details.arguments.into_iter().map(name).chain(veto).chain(hot)
}

/// Returns the versions and platforms that have a gap, in words; nothing if all have it.
fn bounds(gap: &KnownGap) -> String {
    let python = versions::of_python(&gap.python).map(|words| format!("Python {words}"));
    let own = gap.implementation.as_ref().and_then(versions::of_implementation).map(|words| format!("version {words}"));
    let platforms: Vec<String> = gap.platform.iter().map(ToString::to_string).collect();
    let platforms = (!platforms.is_empty()).then(|| format!("on {}", platforms.join(", ")));
    [python, own, platforms].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Returns the runtimes of a glob in words: `windows-3.14*` are those of windows-3.14.
fn runtime_in_words(glob: &Glob) -> String {
    let glob = glob.as_str();
    match glob.strip_prefix("*+") {
        Some(variant) => format!("variant {variant}"),
        None if glob == "*" => "every runtime".to_owned(),
        None => glob.trim_end_matches(['*', '-']).to_owned(),
    }
}
