//! What differs between two trials of a case, and whether that is for the worse.

use std::cmp::Ordering;

use serde::Serialize;

use super::Change;
use crate::run::TrialRecord;
use crate::suite::{Promise, Verdict};

/// One thing that differs between two trials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Shift {
    /// What it makes of the trial: worse, better or other.
    pub change: Change,
    /// What it is: `verdict`, `raised`, `arguments`, `veto`, `expected` (whether the failure is a known gap), `warm` (the verdict
    /// of warm interpreters, where fresh ones have another) or `observed`.
    pub what: &'static str,
    /// How it was.
    pub old: String,
    /// How it is.
    pub new: String,
}

/// What differs between two trials of a case.
pub(super) fn shifts(old: &TrialRecord, new: &TrialRecord) -> Vec<Shift> {
    let mut shifts = Vec::new();
    let mut shift = |what, change, old: String, new: String| {
        if old != new {
            shifts.push(Shift { change, what, old, new });
        }
    };
    shift("verdict", of_verdict(old.verdict, new.verdict), old.verdict.to_string(), new.verdict.to_string());
    for (what, was, is) in
        [("raised", old.raised, new.raised), ("arguments", old.arguments, new.arguments), ("veto", old.veto, new.veto)]
    {
        // What a trial cannot check goes with its verdict.
        if old.verdict == new.verdict || (was != Promise::Unchecked && is != Promise::Unchecked) {
            shift(what, of_promise(was, is), was.to_string(), is.to_string());
        }
    }
    if old.verdict.is_failure() && new.verdict.is_failure() {
        shift("expected", of_expectation(old, new), expectation(old).to_owned(), expectation(new).to_owned());
    }
    let warm = |trial: &TrialRecord| trial.disagrees.map_or("as alone".to_owned(), |verdict| verdict.to_string());
    shift("warm", Change::Other, warm(old), warm(new));
    if old.verdict == new.verdict {
        shift("observed", Change::Other, old.observed.join("\n"), new.observed.join("\n"));
    }
    shifts
}

/// What a change of the verdict is. A trial that is not run tells nothing, unless the runtime has lost, or got, what it
/// takes.
fn of_verdict(old: Verdict, new: Verdict) -> Change {
    match (old, new) {
        (Verdict::Pass, Verdict::Unsupported) => Change::Worse,
        (Verdict::Unsupported, Verdict::Pass) => Change::Better,
        _ if !old.was_run() || !new.was_run() => Change::Other,
        _ => match weight(new).cmp(&weight(old)) {
            Ordering::Less => Change::Better,
            Ordering::Equal => Change::Other,
            Ordering::Greater => Change::Worse,
        },
    }
}

/// How hard a trial that was run failed.
fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass | Verdict::Skipped | Verdict::Unsupported => 0,
        Verdict::Missing | Verdict::WrongCount | Verdict::WrongArgs | Verdict::Unvetoed => 1,
        Verdict::Error => 2,
        Verdict::Timeout | Verdict::Crash => 3,
    }
}

fn of_promise(old: Promise, new: Promise) -> Change {
    match (old, new) {
        (Promise::Kept, Promise::Broken) => Change::Worse,
        (Promise::Broken, Promise::Kept) => Change::Better,
        _ => Change::Other,
    }
}

fn of_expectation(old: &TrialRecord, new: &TrialRecord) -> Change {
    match (old.is_known(), new.is_known()) {
        (true, false) if !new.is_fixed() => Change::Worse,
        (false, true) if !old.is_fixed() => Change::Better,
        _ => Change::Other,
    }
}

/// What the case file says of a failure.
fn expectation(trial: &TrialRecord) -> &'static str {
    match () {
        () if trial.is_known() => "known gap",
        () if trial.is_fixed() => "gap partly fixed",
        () => "unexpected",
    }
}
