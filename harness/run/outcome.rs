//! Outcomes: makes the record of a trial, and decides whether its failure is known, fixed or unexpected.

use super::judge::Judgement;
use super::record::{GapRecord, TrialRecord};
use crate::runtime::Trial;
use crate::suite::{Gap, KnownGap, Promise, Verdict};

impl GapRecord {
    /// What a trial makes of the known gaps that it falls under: a failure that none of them names leaves it unexpected,
    /// a gap that does not show any more is fixed, and only when the two are the same is the failure known.
    fn of(gaps: &[&KnownGap], judgement: &Judgement) -> Option<GapRecord> {
        let failures = judgement.failures();
        if !failures.iter().all(|failure| gaps.iter().any(|gap| gap.verdict == *failure)) {
            return None;
        }
        let shows = |gap: &&&KnownGap| {
            let unchecked = gap.verdict == Verdict::Unvetoed && judgement.veto == Promise::Unchecked;
            failures.contains(&gap.verdict) || unchecked && !failures.is_empty()
        };
        let fixed = gaps.iter().find(|gap| !shows(gap)).map(|gap| (Gap::Fixed, gap));
        let (state, gap) = fixed.or_else(|| gaps.first().map(|gap| (Gap::Known, gap)))?;
        Some(GapRecord { state, kind: gap.kind, reason: gap.reason.clone(), issue: gap.issue.clone() })
    }
}

impl TrialRecord {
    /// Tells whether the case file says that this failure is there.
    pub fn is_known(&self) -> bool {
        self.gap.as_ref().is_some_and(|gap| gap.state == Gap::Known)
    }

    /// Tells whether a known gap is no longer there.
    pub fn is_fixed(&self) -> bool {
        self.gap.as_ref().is_some_and(|gap| gap.state == Gap::Fixed)
    }

    /// Tells whether the trial shows a case to be right that no runtime had run before. A known gap does not: what the
    /// runtime lacks, it does not show.
    pub fn verifies(&self) -> bool {
        self.unverified && self.verdict == Verdict::Pass
    }

    /// What became of the trial, in a word: its verdict, or `fixed`.
    pub fn outcome(&self) -> String {
        if self.is_fixed() { Gap::Fixed.to_string() } else { self.verdict.to_string() }
    }

    /// Tells whether the trial makes the run fail: a failure that is not known, or a known one that is fixed.
    pub fn is_unexpected(&self) -> bool {
        self.is_fixed() || self.verdict.is_failure() && !self.is_known()
    }

    /// The record of a trial that was judged.
    pub fn judged(trial: &Trial, judgement: Judgement, seconds: f64) -> TrialRecord {
        let gaps = trial.source.file.gaps_of(trial.case, &trial.runtime.identity);
        let gap = GapRecord::of(&gaps, &judgement);
        let differs = judgement.verdict != Verdict::Pass;
        TrialRecord {
            gap,
            raised: judgement.raised,
            arguments: judgement.arguments,
            veto: judgement.veto,
            expected: if differs { judgement.expected } else { Vec::new() },
            observed: if differs { judgement.observed } else { Vec::new() },
            seconds,
            ..TrialRecord::not_run(trial, judgement.verdict, judgement.reason)
        }
    }

    /// The record of a trial that was not run.
    pub fn not_run(trial: &Trial, verdict: Verdict, reason: Option<String>) -> TrialRecord {
        TrialRecord {
            event: trial.source.file.event.clone(),
            case: trial.case.name.clone(),
            module: trial.source.module().to_owned(),
            api: trial.case.api.clone(),
            runtime: trial.runtime.name().to_owned(),
            verdict,
            raised: Promise::Unchecked,
            arguments: Promise::Unchecked,
            veto: Promise::Unchecked,
            asserts: trial.source.file.strength(trial.case),
            unverified: trial.case.unverified,
            reason,
            disagrees: None,
            gap: None,
            expected: Vec::new(),
            observed: Vec::new(),
            stderr: String::new(),
            seconds: 0.0,
            started: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_gap_excuses_its_own_failure_only() {
        use Promise::{Broken, Kept, Unchecked};
        use Verdict::{Missing, Pass, Unvetoed, WrongArgs};
        for (verdict, veto, listed, state) in [
            (Pass, Kept, &[][..], None),
            (WrongArgs, Kept, &[], None),
            (WrongArgs, Kept, &[WrongArgs], Some(Gap::Known)),
            (WrongArgs, Kept, &[Missing], None),
            (WrongArgs, Broken, &[WrongArgs], None),
            (WrongArgs, Broken, &[WrongArgs, Unvetoed], Some(Gap::Known)),
            (WrongArgs, Kept, &[WrongArgs, Unvetoed], Some(Gap::Fixed)),
            (WrongArgs, Unchecked, &[WrongArgs, Unvetoed], Some(Gap::Known)),
            (Pass, Kept, &[WrongArgs], Some(Gap::Fixed)),
            (Unvetoed, Broken, &[Unvetoed], Some(Gap::Known)),
            (Unvetoed, Broken, &[WrongArgs, Unvetoed], Some(Gap::Fixed)),
            (Missing, Broken, &[Missing], Some(Gap::Known)),
        ] {
            let gap = |verdict: &Verdict| {
                let yaml = format!("{{runtime: x, cases: [], verdict: {verdict}, kind: bug, reason: x}}");
                serde_yaml::from_str::<KnownGap>(&yaml).expect("a gap")
            };
            let gaps: Vec<KnownGap> = listed.iter().map(gap).collect();
            let judgement = Judgement { verdict, veto, ..Judgement::default() };
            let record = GapRecord::of(&gaps.iter().collect::<Vec<_>>(), &judgement);
            assert_eq!(record.map(|record| record.state), state, "{verdict}, veto {veto}, listed {listed:?}");
        }
    }
}
