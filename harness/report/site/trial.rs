//! One trial: expected and observed lines side by side, and the repeat command.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::contents::Site;
use super::escape::{self, web_address};
use super::look::{Look, promise_class};
use super::paths;
use crate::report::gaps::why_fixed;
use crate::report::promises::promises;
use crate::run::TrialRecord;
use crate::suite::Verdict;

/// One trial, as the page of its event shows it.
pub(super) struct Trial<'a> {
    pub anchor: String,
    pub runtime: String,
    pub slug: &'a str,
    pub look: Look,
    /// The four promises: the class and the word of each.
    pub promises: Vec<(&'static str, String)>,
    pub ran: bool,
    pub seconds: String,
    /// The reason why its hot passes could not check anything.
    pub not_hot: &'a str,
    /// The reason why it was not run.
    pub skip: Option<&'a str>,
    pub failure: Option<Failure<'a>>,
    pub repeat_command: String,
}

/// The details of a trial that did not pass, or that needs an explanation.
pub(super) struct Failure<'a> {
    pub reason: Option<&'a str>,
    pub gap: Option<Gap<'a>>,
    pub unverified: bool,
    pub disagrees: Option<Verdict>,
    pub lines: Vec<Pair>,
    pub stderr: &'a str,
}

/// The known gap of a trial.
pub(super) struct Gap<'a> {
    pub is_fixed: bool,
    pub kind: String,
    pub reason: String,
    pub issue: Option<&'a str>,
}

/// A row of two lines. One side may be empty.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub expected: Option<String>,
    pub observed: Option<String>,
    pub differs: bool,
}

impl<'a> Trial<'a> {
    pub(super) fn new(site: &'a Site<'a>, trial: &'a TrialRecord) -> Trial<'a> {
        let slug = site.runtimes.of(&trial.runtime);
        let ran = trial.verdict.was_run();
        let promises = promises(trial).map(|promise| (promise_class(promise, trial), promise.to_string()));
        Trial {
            anchor: paths::trial_anchor(&trial.case, slug),
            runtime: escape::name(&trial.runtime),
            slug,
            look: Look::of_trial(trial),
            promises: if ran { promises.into() } else { Vec::new() },
            ran,
            not_hot: trial.not_hot.as_deref().unwrap_or_default(),
            seconds: format!("{:.2} s", trial.seconds),
            skip: if ran { None } else { trial.reason.as_deref() },
            failure: Failure::of(trial),
            repeat_command: site.repeat_command(trial),
        }
    }
}

impl<'a> Failure<'a> {
    fn of(trial: &'a TrialRecord) -> Option<Failure<'a>> {
        let needs_no_words = trial.verdict == Verdict::Pass && trial.gap.is_none() && trial.disagrees.is_none();
        if needs_no_words || !trial.verdict.was_run() {
            return None;
        }
        Some(Failure {
            reason: trial.reason.as_deref(),
            gap: trial.gap.as_ref().map(|gap| Gap {
                is_fixed: trial.is_fixed(),
                kind: gap.kind.to_string(),
                reason: why_fixed(trial).unwrap_or_else(|| gap.reason.clone()),
                issue: gap.issue.as_deref().and_then(web_address),
            }),
            unverified: trial.unverified,
            disagrees: trial.disagrees,
            lines: pairs(&trial.expected, &trial.observed),
            stderr: trial.stderr.trim_end(),
        })
    }
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
