//! The outcomes of one case: trials with the same outcome are one, with their runtimes in words.

use std::collections::BTreeSet;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::contents::Site;
use super::finding::Finding;
use super::look::Look;
use crate::report::gaps::why_fixed;
use crate::run::TrialRecord;
use crate::suite::Verdict;

/// The seconds from which a trial is slow. A usual one takes some hundredths, which say nothing to a reader.
const SLOW: f64 = 5.0;

/// The runtimes that keep all promises which are too many to name.
const MANY: usize = 12;

/// The trials of one case that ended in the same way.
pub(super) struct Outcome<'a> {
    pub look: Look,
    /// The runtimes in words.
    pub runtimes: String,
    /// The slugs of the runtimes, for links that lead here.
    pub slugs: Vec<&'a str>,
    pub reason: String,
    pub finding: Option<&'a Finding<'a>>,
    /// The facts beside the verdict, a sentence each.
    pub notes: Vec<String>,
    /// The lines in which expectation and observation differ, beside each other.
    pub lines: Vec<Pair>,
    pub stderr: &'a str,
}

/// A row of two lines. One side may be empty.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub expected: Option<String>,
    pub observed: Option<String>,
    pub differs: bool,
}

/// Groups the trials of one case, those that failed first. A runtime that ran no case at all is not among them.
pub(super) fn outcomes<'a>(site: &'a Site<'a>, trials: &[&'a TrialRecord]) -> Vec<Outcome<'a>> {
    let mut groups: Vec<(Look, Option<&Finding>, Vec<&TrialRecord>)> = Vec::new();
    for trial in trials.iter().filter(|trial| site.columns.contains_key(trial.runtime.as_str())) {
        let (look, finding) = (Look::of_trial(trial), site.findings.of(trial));
        let is_same = |(known, own, group): &&mut (Look, Option<&Finding>, Vec<&TrialRecord>)| {
            *known == look
                && own.map(|finding| finding.number) == finding.map(|finding| finding.number)
                && (!trial.verdict.was_run() || group[0].observed == trial.observed)
                && (trial.verdict.was_run() || group[0].reason == trial.reason)
        };
        match groups.iter_mut().find(is_same) {
            Some((.., group)) => group.push(trial),
            None => groups.push((look, finding, vec![trial])),
        }
    }
    groups.sort_by_key(|(look, ..)| (!look.alarms, place(look.class)));
    let among = columns(site, trials);
    let others = if groups.len() == 1 { "" } else { " others" };
    let groups = groups.into_iter();
    let mut outcomes: Vec<Outcome> =
        groups.map(|(look, finding, trials)| outcome(site, look, finding, &trials, &among)).collect();
    // A long list of runtimes that keep all promises tells less than the others do.
    let is_long = |outcome: &&mut Outcome| outcome.look.class == "p" && outcome.slugs.len() >= MANY;
    for outcome in outcomes.iter_mut().filter(is_long) {
        outcome.runtimes = format!("all {}{others}", outcome.slugs.len());
    }
    outcomes
}

/// Returns the place of a class in the list of outcomes.
fn place(class: &str) -> usize {
    ["x", "k", "f", "p", "u", "s"].iter().position(|known| *known == class).unwrap_or_default()
}

fn columns(site: &Site, trials: &[&TrialRecord]) -> BTreeSet<usize> {
    trials.iter().filter_map(|trial| site.columns.get(trial.runtime.as_str()).copied()).collect()
}

fn outcome<'a>(
    site: &'a Site<'a>,
    look: Look,
    finding: Option<&'a Finding<'a>>,
    trials: &[&'a TrialRecord],
    among: &BTreeSet<usize>,
) -> Outcome<'a> {
    let first = trials[0];
    let lines = if first.verdict.was_run() { lines(first) } else { Vec::new() };
    Outcome {
        look,
        runtimes: site.families.words(&columns(site, trials), among),
        slugs: trials.iter().map(|trial| site.runtimes.of(&trial.runtime)).collect(),
        reason: why_fixed(first).or_else(|| reason(first, &lines)).unwrap_or_default(),
        finding,
        notes: notes(first),
        lines,
        stderr: first.stderr.trim_end(),
    }
}

/// Returns the lines that tell more than the reason does. It names a single wrong argument, and the expectation of the case
/// says all where nothing was observed.
fn lines(trial: &TrialRecord) -> Vec<Pair> {
    let mut lines = pairs(&trial.expected, &trial.observed);
    lines.retain(|pair| pair.differs);
    let are_told = trial.observed.is_empty() || trial.verdict == Verdict::WrongArgs && lines.len() == 1;
    if are_told { Vec::new() } else { lines }
}

/// Returns the reason of a trial, if it says more than the verdict and the lines.
fn reason(trial: &TrialRecord, lines: &[Pair]) -> Option<String> {
    let plain = format!("{} is not raised", trial.event);
    let is_told = |reason: &String| match trial.verdict {
        Verdict::Missing => *reason == plain,
        Verdict::WrongArgs => !lines.is_empty(),
        _ => false,
    };
    trial.reason.clone().filter(|reason| !is_told(reason))
}

fn notes(trial: &TrialRecord) -> Vec<String> {
    let fails = trial.verdict.was_run() && trial.verdict != Verdict::Pass;
    let disagrees = |verdict: Verdict| {
        format!("In a warm interpreter the verdict was {verdict}. The verdict in new processes counts.")
    };
    let unverified = "No runtime had run this case before: the case itself may be wrong.".to_owned();
    let not_hot = |reason: &String| format!("Not checked in hot code: {reason}.");
    let slow = (trial.seconds >= SLOW).then(|| format!("It took {:.1} seconds.", trial.seconds));
    let notes = [
        trial.disagrees.map(disagrees),
        (fails && trial.unverified).then_some(unverified),
        trial.not_hot.as_ref().map(not_hot),
        slow,
    ];
    notes.into_iter().flatten().collect()
}

/// Pairs the lines of both sides that are about the same argument or the same subject.
fn pairs(expected: &[String], observed: &[String]) -> Vec<Pair> {
    let keys = |lines: &'_ [String]| lines.iter().map(|line| key(line).to_owned()).collect::<Vec<_>>();
    let ops = capture_diff_slices(Algorithm::Myers, &keys(expected), &keys(observed));
    let beside = |op: &DiffOp| {
        let (mut left, mut right) = (expected[op.old_range()].iter(), observed[op.new_range()].iter());
        let pair = move || match (left.next(), right.next()) {
            (None, None) => None,
            (left, right) => Some(Pair { expected: left.cloned(), observed: right.cloned(), differs: left != right }),
        };
        std::iter::from_fn(pair)
    };
    ops.iter().flat_map(beside).collect()
}

/// Returns the subject of a line: the name of an argument, or the first two words.
fn key(line: &str) -> &str {
    let end = match line.strip_prefix(' ') {
        Some(_) => line.find(':'),
        None => line.match_indices(' ').nth(1).map(|(index, _)| index),
    };
    &line[..end.unwrap_or(line.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_about_the_same_argument_are_paired() {
        let side = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let expected = side(&["a", "  x: 1", "  y: 2", "b", "  z: 1", "the effect is not there"]);
        let pairs = pairs(&expected, &side(&["a", "  x: 3", "  y: 2", "the effect is there"]));
        let shown = pairs.iter().map(|pair| (pair.expected.as_deref(), pair.observed.as_deref(), pair.differs));
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                (Some("a"), Some("a"), false),
                (Some("  x: 1"), Some("  x: 3"), true),
                (Some("  y: 2"), Some("  y: 2"), false),
                (Some("b"), None, true),
                (Some("  z: 1"), None, true),
                (Some("the effect is not there"), Some("the effect is there"), true),
            ]
        );
    }
}
