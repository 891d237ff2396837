//! Decides the outcome of a trial: whether its failure is known, fixed or unexpected. Makes its record.

use super::judge::Judgement;
use super::record::{GapRecord, TrialRecord};
use crate::runtime::Trial;
use crate::suite::{Gap, KnownGap, Promise, Verdict};

impl GapRecord {
    /// Compares the failures of a trial with the known gaps that apply to it. A failure that no gap names is
    /// unexpected, and then no gap counts. A gap whose failure does not happen any more is fixed. Otherwise the failure
    /// is known.
    fn of(gaps: &[&KnownGap], judgement: &Judgement) -> Option<GapRecord> {
        let failures = judgement.failures();
        if !failures.iter().all(|failure| gaps.iter().any(|gap| gap.verdict == *failure)) {
            return None;
        }
        let may_be_there = |gap: &&&KnownGap| {
            let is_unchecked = gap.verdict == Verdict::Unvetoed && judgement.veto == Promise::Unchecked;
            failures.contains(&gap.verdict) || is_unchecked && !failures.is_empty()
        };
        let fixed = gaps.iter().find(|gap| !may_be_there(gap)).map(|gap| (Gap::Fixed, gap));
        let (state, gap) = fixed.or_else(|| gaps.first().map(|gap| (Gap::Known, gap)))?;
        Some(GapRecord { state, kind: gap.kind, reason: gap.reason.clone(), issue: gap.issue.clone() })
    }
}

impl TrialRecord {
    /// Tells whether the trial fails as a known gap says.
    pub fn is_known(&self) -> bool {
        self.gap.as_ref().is_some_and(|gap| gap.state == Gap::Known)
    }

    /// Tells whether a known gap is fixed: its failure did not happen.
    pub fn is_fixed(&self) -> bool {
        self.gap.as_ref().is_some_and(|gap| gap.state == Gap::Fixed)
    }

    /// Tells whether the trial verifies a case that no runtime had run before. A known gap does not verify its case,
    /// because the runtime does not have what the case expects.
    pub fn verifies(&self) -> bool {
        self.unverified && self.verdict == Verdict::Pass
    }

    /// Returns the outcome in one word: the verdict, or `fixed`.
    pub fn outcome(&self) -> String {
        if self.is_fixed() { Gap::Fixed.to_string() } else { self.verdict.to_string() }
    }

    /// Tells whether the trial makes the run fail: its failure is not known, or a known gap is fixed.
    pub fn is_unexpected(&self) -> bool {
        self.is_fixed() || self.verdict.is_failure() && !self.is_known()
    }

    /// Returns the record of a trial that was judged.
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

    /// Returns the record of a trial that was not run.
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
    fn a_gap_excuses_only_its_own_failure() {
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

    #[test]
    fn a_record_shows_its_gap_and_its_difference() {
        use crate::run::fixtures::{runtime, suite};
        let gap =
            "known-gaps: [{runtime: cpython, cases: [c], verdict: missing, kind: bug, reason: r, issue: 'https://i'}]";
        let judgement = |verdict: Verdict| Judgement {
            verdict,
            raised: if verdict == Verdict::Missing { Promise::Broken } else { Promise::Kept },
            arguments: Promise::Kept,
            veto: Promise::Kept,
            reason: Some("because".to_owned()),
            expected: vec!["a".to_owned()],
            observed: vec!["b".to_owned()],
            ..Judgement::default()
        };
        for (gap, unverified, verdict, outcome, flags) in [
            ("", false, Verdict::Pass, "pass", ""),
            ("", true, Verdict::Pass, "pass", "verifies"),
            ("", true, Verdict::Missing, "missing", "unexpected"),
            (gap, true, Verdict::Missing, "missing", "known"),
            (gap, true, Verdict::Pass, "fixed", "fixed unexpected verifies"),
            (gap, false, Verdict::Error, "error", "unexpected"),
        ] {
            let suite = suite(&[&format!(
                "event: m.f\ndocumented: true\narguments: [x]\nraised-by: [m.f]\n{gap}\ncases:\n\
                 - {{name: c, api: m.f, snippet: f(), expect: [{{args: {{x: 1}}}}], effect: done, unverified: {unverified}}}\n",
            )]);
            let runtime = runtime("cpython", "3.13.0", "linux", &[]);
            let source = &suite.files[0];
            let trial = Trial { source, case: &source.file.cases[0], runtime: &runtime };
            let record = TrialRecord::judged(&trial, judgement(verdict), 0.5);
            let found = [
                (record.is_known(), "known"),
                (record.is_fixed(), "fixed"),
                (record.is_unexpected(), "unexpected"),
                (record.verifies(), "verifies"),
            ];
            let found: Vec<&str> = found.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
            assert_eq!((found.join(" ").as_str(), record.outcome().as_str()), (flags, outcome), "{gap} {verdict}");
            let lines = usize::from(verdict != Verdict::Pass);
            assert_eq!((record.expected.len(), record.observed.len()), (lines, lines), "{gap} {verdict}");
            assert_eq!((record.module.as_str(), record.api.as_str(), record.runtime.as_str()), ("m", "m.f", "r"));
            assert_eq!((record.id().as_str(), record.unverified), ("m.f::c", unverified));
            assert_eq!((record.raised, record.arguments, record.veto), {
                let judgement = judgement(verdict);
                (judgement.raised, judgement.arguments, judgement.veto)
            });
            assert_eq!(record.asserts, crate::suite::Strength::Value);
            assert!((record.seconds - 0.5).abs() < 1e-9);
            let issue = record.gap.and_then(|gap| gap.issue);
            assert_eq!(issue.is_some(), flags.contains("known") || flags.contains("fixed"), "{gap} {verdict}");
        }
    }
}
