//! Shifts: the single differences between two trials of a case, and whether each is for the worse.

use std::cmp::Ordering;

use serde::Serialize;

use super::change::Change;
use crate::run::{Standing, TrialRecord};
use crate::suite::{Promise, Verdict};

/// One difference between two trials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Shift {
    /// The effect on the trial: worse, better or other.
    pub change: Change,
    /// The thing that differs: `verdict`, `standing`, `raised`, `arguments`, `veto`, `hot`, `warm` (the verdict in a warm interpreter, where it is another than in a fresh one) or `observed`.
    pub what: &'static str,
    /// The old value.
    pub old: String,
    /// The new value.
    pub new: String,
}

/// Returns all differences between two trials of a case.
pub(super) fn shifts(old: &TrialRecord, new: &TrialRecord) -> Vec<Shift> {
    let mut shifts = Vec::new();
    let mut shift = |what, change, old: String, new: String| {
        if old != new {
            shifts.push(Shift { change, what, old, new });
        }
    };
    shift("verdict", of_verdicts(old.verdict, new.verdict), old.verdict.to_string(), new.verdict.to_string());
    for (what, old_promise, new_promise) in [
        ("raised", old.raised, new.raised),
        ("arguments", old.arguments, new.arguments),
        ("veto", old.veto, new.veto),
        ("hot", old.hot, new.hot),
    ] {
        let both_are_checked = old_promise != Promise::Unchecked && new_promise != Promise::Unchecked;
        // Whether a promise can be checked follows from the verdict, so it does not count as a difference of its own.
        // Whether hot code is checked is the choice of the user.
        if old.verdict == new.verdict && what != "hot" || both_are_checked {
            let change = of_promises(old_promise, new_promise);
            shift(what, change, old_promise.to_string(), new_promise.to_string());
        }
    }
    // The standing says more than the verdict only where both fail, or both pass.
    if old.verdict.was_run() && new.verdict.was_run() && old.verdict.is_failure() == new.verdict.is_failure() {
        let (old, new) = (old.standing(), new.standing());
        shift("standing", of_standings(old, new), old.to_string(), new.to_string());
    }
    let warm = |trial: &TrialRecord| trial.disagrees.map_or("as alone".to_owned(), |verdict| verdict.to_string());
    shift("warm", Change::Other, warm(old), warm(new));
    if old.verdict == new.verdict {
        shift("observed", Change::Other, old.observed.join("\n"), new.observed.join("\n"));
    }
    shifts
}

/// Returns the effect of a change of the verdict. A trial that was not run shows nothing, unless the runtime has lost
/// or gained what the case needs. A monitor sees more where a door is closed.
fn of_verdicts(old: Verdict, new: Verdict) -> Change {
    match (old, new) {
        (Verdict::Pass, Verdict::Unsupported) | (Verdict::Closed, Verdict::Open) => Change::Worse,
        (Verdict::Unsupported, Verdict::Pass) | (Verdict::Open, Verdict::Closed) => Change::Better,
        _ if !old.was_run() || !new.was_run() => Change::Other,
        _ => match severity(new).cmp(&severity(old)) {
            Ordering::Less => Change::Better,
            Ordering::Equal => Change::Other,
            Ordering::Greater => Change::Worse,
        },
    }
}

/// Returns how severely a trial failed.
fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass | Verdict::Open | Verdict::Closed | Verdict::Skipped | Verdict::Unsupported => 0,
        Verdict::Missing | Verdict::WrongCount | Verdict::WrongArgs | Verdict::Unvetoed | Verdict::ColdOnly => 1,
        Verdict::Error => 2,
        Verdict::Timeout | Verdict::Crash => 3,
    }
}

fn of_promises(old: Promise, new: Promise) -> Change {
    match (old, new) {
        (Promise::Kept, Promise::Broken) => Change::Worse,
        (Promise::Broken, Promise::Kept) => Change::Better,
        _ => Change::Other,
    }
}

/// Returns the effect of a change of the standing of a trial that fails as before. A new case and a fixed gap say something
/// about the list of known gaps, and not about the runtime.
fn of_standings(old: Standing, new: Standing) -> Change {
    match (old, new) {
        (Standing::Known, Standing::Failed) => Change::Worse,
        (Standing::Failed, Standing::Known) => Change::Better,
        _ => Change::Other,
    }
}
