//! Decides the outcome of a trial: whether its failure is known, fixed or unexpected. Makes its record.

use super::judge::Judgement;
use super::record::{GapRecord, TrialRecord};
use crate::runtime::Trial;
use crate::suite::{Details, Gap, GapLine, Kind, KnownGap, ListedAs, OwnGaps, Promise, Verdict, words};

words! {
    /// The meaning of a trial for its runtime. Each trial has exactly one.
    Standing {
        /// All promises that the case checks are kept.
        Passed = "passed",
        /// It fails as a known gap says.
        Known = "known-gap",
        /// It fails in a way that no known gap says.
        Failed = "failed",
        /// It fails, and its case is newer than the suite that the gaps file of its runtime names.
        New = "new",
        /// A known gap is listed, and its failure does not happen any more.
        Fixed = "fixed",
        /// No event tells of the operation of a door.
        Open = "open",
        /// An event tells of the operation of a door.
        Closed = "closed",
        /// The case is not for this runtime or machine.
        Skipped = "skipped",
        /// The runtime lacks what the case needs of it.
        Unsupported = "unsupported",
    }
}

/// Decides about the failures of a trial. A failure that nothing excuses is unexpected, and then no gap counts. A listed
/// failure that does not show any more is fixed: `shows` has an answer for each. Otherwise the failures are known. Returns
/// the state with the index of its gap.
fn state(failures: &[Verdict], excuses: impl Fn(Verdict) -> bool, shows: &[bool]) -> Option<(Gap, usize)> {
    if !failures.iter().all(|failure| excuses(*failure)) {
        return None;
    }
    let fixed = shows.iter().position(|shows| !shows).map(|index| (Gap::Fixed, index));
    fixed.or((!shows.is_empty()).then_some((Gap::Known, 0)))
}

/// All failures of a trial, and the promises that it may not have checked.
struct Shown<'a> {
    failures: &'a [Verdict],
    veto: Promise,
    hot: Promise,
}

impl Shown<'_> {
    /// Tells whether a listed failure is among those of a trial, or may be.
    fn may_show(&self, listed: Verdict) -> bool {
        self.failures.contains(&listed) || self.lacks_pass(listed)
    }

    /// Tells whether a trial shows all that a known gap describes, or may show it.
    fn may_show_gap(&self, gap: &KnownGap, found: &Details) -> bool {
        self.lacks_pass(gap.verdict) || self.failures.contains(&gap.verdict) && gap.shows(found)
    }

    /// Tells whether the pass did not run that would show a failure: a trial that fails otherwise may have no veto pass,
    /// and has no hot passes.
    fn lacks_pass(&self, listed: Verdict) -> bool {
        match listed {
            Verdict::Unvetoed => self.veto == Promise::Unchecked && !self.failures.is_empty(),
            Verdict::ColdOnly => self.hot == Promise::Unchecked,
            _ => false,
        }
    }
}

/// Tells whether a gap says something of a trial. One of hot code says nothing of a trial that passed without hot passes.
fn concerns(listed: Verdict, judgement: &Judgement) -> bool {
    let is_cold = judgement.verdict == Verdict::Pass && judgement.hot == Promise::Unchecked;
    listed != Verdict::ColdOnly || !is_cold
}

impl GapRecord {
    /// Returns the gap of the suite that applies to a trial.
    fn of(gaps: &[&KnownGap], judgement: &Judgement) -> Option<GapRecord> {
        let gaps: Vec<&KnownGap> = gaps.iter().copied().filter(|gap| concerns(gap.verdict, judgement)).collect();
        let (failures, details) = (judgement.failures(), &judgement.details);
        let trial = Shown { failures: &failures, veto: judgement.veto, hot: judgement.hot };
        let shows: Vec<bool> = gaps.iter().map(|gap| trial.may_show_gap(gap, details)).collect();
        let (state, index) = state(&failures, |failure| KnownGap::excuse(&gaps, failure, details), &shows)?;
        let gap = gaps[index];
        let (title, reason, issue) = (gap.title.clone(), gap.reason.clone(), gap.issue.clone());
        let (listed, promise) = (Some(gap.verdict), gap.promise.clone());
        Some(GapRecord { state, listed, kind: gap.kind, title, reason, issue, promise, place: None, flaky: false })
    }

    fn listed(state: Gap, gap: &GapLine, own: &OwnGaps, reason: String) -> GapRecord {
        let flaky = gap.listed == ListedAs::Flaky;
        let (listed, place) = (gap.listed.failure(), Some(own.place(gap)));
        let kind = Kind::Listed;
        GapRecord { state, listed, kind, title: None, reason, issue: None, promise: None, place, flaky }
    }
}

/// The outcome of a trial by the own gaps of its runtime.
#[derive(Debug, Default)]
struct OwnOutcome {
    gap: Option<GapRecord>,
    new: bool,
    /// The words of the gaps file and the suite about an unexpected failure.
    note: Option<String>,
}

impl OwnOutcome {
    /// Compares the failures of a trial with the lines of a gaps file that apply to it. `hints` are the gaps of the suite.
    fn of(own: &OwnGaps, trial: &Trial, judgement: &Judgement, hints: &[&KnownGap]) -> OwnOutcome {
        let lines = own.file.applying(&trial.source.file, trial.case, &trial.runtime.identity);
        let failures = judgement.failures();
        let hint = hints.iter().find(|gap| failures.contains(&gap.verdict));
        let hint = hint.map(|gap| format!("the suite lists `{}`: {}", gap.verdict, gap.reason));
        let reason =
            |line: &GapLine| line.comment.clone().or(hint.clone()).unwrap_or_else(|| "no reason is given".into());
        if let Some(line) = lines.iter().find(|line| line.listed == ListedAs::Flaky) {
            let gap = (!failures.is_empty()).then(|| GapRecord::listed(Gap::Known, line, own, reason(line)));
            return OwnOutcome { gap, ..OwnOutcome::default() };
        }
        let listed = |line: &&GapLine| line.listed.failure().is_some_and(|failure| concerns(failure, judgement));
        let lines: Vec<&GapLine> = lines.into_iter().filter(listed).collect();
        let listed: Vec<Verdict> = lines.iter().filter_map(|line| line.listed.failure()).collect();
        let found = Shown { failures: &failures, veto: judgement.veto, hot: judgement.hot };
        let shows: Vec<bool> = listed.iter().map(|failure| found.may_show(*failure)).collect();
        match state(&failures, |failure| listed.contains(&failure), &shows) {
            Some((Gap::Known, index)) => {
                let gap = GapRecord::listed(Gap::Known, lines[index], own, reason(lines[index]));
                OwnOutcome { gap: Some(gap), ..OwnOutcome::default() }
            }
            Some((Gap::Fixed, index)) => {
                let line = lines[index];
                let advice = if line.is_exact() { "remove the line" } else { "narrow the pattern or remove the line" };
                let verdict = listed[index];
                let reason =
                    format!("{} lists `{line}`, but `{verdict}` does not show any more: {advice}", own.place(line));
                let gap = GapRecord::listed(Gap::Fixed, line, own, reason);
                OwnOutcome { gap: Some(gap), ..OwnOutcome::default() }
            }
            None if failures.is_empty() => OwnOutcome::default(),
            None => {
                let places = lines.iter().map(|line| format!("{} lists `{line}`", own.place(line)));
                let note = places.chain(hint.clone()).collect::<Vec<_>>().join("; ");
                let new = lines.is_empty() && own.excuses(trial.case);
                OwnOutcome { gap: None, new, note: Some(note).filter(|note| !note.is_empty()) }
            }
        }
    }
}

/// Returns what known gaps of the same verdict excuse, if the failure goes beyond that.
fn beyond(gaps: &[&KnownGap], judgement: &Judgement) -> Option<String> {
    let failures = judgement.failures();
    let failure = failures.into_iter().find(|failure| !KnownGap::excuse(gaps, *failure, &judgement.details))?;
    let found = judgement.details.of(failure)?;
    let listed = gaps.iter().filter(|gap| gap.verdict == failure).filter_map(|gap| gap.details().of(failure));
    let listed = listed.collect::<Vec<_>>().join(", ");
    (!listed.is_empty()).then(|| format!("the known gap is only for `{failure}` of {listed}, and here it is {found}"))
}

impl TrialRecord {
    /// Returns the standing of the trial. Everything that is counted or told apart follows from it.
    pub fn standing(&self) -> Standing {
        match (self.verdict, self.gap.as_ref().map(|gap| gap.state)) {
            (Verdict::Skipped, _) => Standing::Skipped,
            (Verdict::Unsupported, _) => Standing::Unsupported,
            (Verdict::Open, _) => Standing::Open,
            (Verdict::Closed, _) => Standing::Closed,
            (_, Some(Gap::Fixed)) => Standing::Fixed,
            (Verdict::Pass, _) => Standing::Passed,
            (_, Some(Gap::Known)) => Standing::Known,
            (_, None) if self.new => Standing::New,
            (_, None) => Standing::Failed,
        }
    }

    /// Tells whether the trial fails as a known gap says.
    pub fn is_known(&self) -> bool {
        self.standing() == Standing::Known
    }

    /// Tells whether a known gap is fixed: its failure did not happen.
    pub fn is_fixed(&self) -> bool {
        self.standing() == Standing::Fixed
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

    /// Tells whether the trial makes the run fail: its failure is neither known nor new, or a known gap is fixed.
    pub fn is_unexpected(&self) -> bool {
        matches!(self.standing(), Standing::Failed | Standing::Fixed)
    }

    /// Returns all failures of the trial: the verdict, and what fails besides.
    pub(crate) fn failures(&self) -> Vec<Verdict> {
        let verdict = self.verdict.is_failure().then_some(self.verdict);
        verdict.into_iter().chain(self.also.iter().copied()).collect()
    }

    /// Tells whether the trial shows a failure that is listed, or may have it.
    pub(crate) fn may_show(&self, listed: Verdict) -> bool {
        Shown { failures: &self.failures(), veto: self.veto, hot: self.hot }.may_show(listed)
    }

    /// Tells whether the trial shows what a known gap describes, or may show it: older results lack details.
    pub(crate) fn may_show_gap(&self, gap: &KnownGap) -> bool {
        let failures = self.failures();
        let is_unknown = failures.contains(&gap.verdict) && self.details().lack(gap.verdict);
        let shown = Shown { failures: &failures, veto: self.veto, hot: self.hot };
        is_unknown || shown.may_show_gap(gap, self.details())
    }

    /// Returns the record of a trial that was judged.
    pub fn judged(trial: &Trial, judgement: Judgement, seconds: f64) -> TrialRecord {
        let gaps = trial.source.file.gaps_of(trial.case, &trial.runtime.identity);
        let own = trial.runtime.own_gaps.as_ref().map(|own| OwnOutcome::of(own, trial, &judgement, &gaps));
        let OwnOutcome { gap, new, note } = own.unwrap_or_else(|| {
            let gap = GapRecord::of(&gaps, &judgement);
            let note = if gap.is_none() { beyond(&gaps, &judgement) } else { None };
            OwnOutcome { gap, note, ..OwnOutcome::default() }
        });
        let reason = [judgement.reason.clone(), note].into_iter().flatten().collect::<Vec<_>>().join("; ");
        let differs = judgement.verdict != Verdict::Pass;
        TrialRecord {
            gap: gap.map(Box::new),
            new,
            also: judgement.failures().into_iter().skip(1).collect(),
            details: Some(judgement.details).filter(|details| !details.is_empty()).map(Box::new),
            raised: judgement.raised,
            arguments: judgement.arguments,
            veto: judgement.veto,
            hot: judgement.hot,
            not_hot: judgement.not_hot,
            expected: if differs { judgement.expected } else { Vec::new() },
            observed: if differs { judgement.observed } else { Vec::new() },
            seconds,
            ..TrialRecord::not_run(trial, judgement.verdict, Some(reason).filter(|reason| !reason.is_empty()))
        }
    }

    /// Returns the record of a trial that was not run.
    pub fn not_run(trial: &Trial, verdict: Verdict, reason: Option<String>) -> TrialRecord {
        TrialRecord {
            event: trial.source.file.event.as_str().into(),
            case: trial.case.name.as_str().into(),
            module: trial.source.module().into(),
            api: trial.case.api.as_str().into(),
            runtime: trial.runtime.name().into(),
            verdict,
            raised: Promise::Unchecked,
            arguments: Promise::Unchecked,
            veto: Promise::Unchecked,
            hot: Promise::Unchecked,
            not_hot: None,
            asserts: trial.source.file.strength(trial.case),
            unverified: trial.case.unverified,
            reason,
            disagrees: None,
            also: Vec::new(),
            details: None,
            new: false,
            gap: None,
            expected: Vec::new(),
            observed: Vec::new(),
            stderr: String::new(),
            seconds: 0.0,
            cached: false,
            cut: false,
            started: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::HotPart;

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
            let gaps: Vec<KnownGap> = listed.iter().map(|verdict| gap(*verdict, "")).collect();
            let judgement = Judgement { verdict, veto, ..Judgement::default() };
            let record = GapRecord::of(&gaps.iter().collect::<Vec<_>>(), &judgement);
            let is_listed = |record: &GapRecord| record.listed.is_some_and(|verdict| listed.contains(&verdict));
            assert!(record.iter().all(is_listed), "{record:?} is not of {listed:?}");
            assert_eq!(record.map(|record| record.state), state, "{verdict}, veto {veto}, listed {listed:?}");
        }
    }

    #[test]
    fn a_gap_of_hot_code_says_nothing_of_a_trial_without_hot_passes() {
        use Promise::{Broken, Kept, Unchecked};
        use Verdict::{ColdOnly, Missing, Pass};
        let gaps = [gap(ColdOnly, "hot: veto,"), gap(Missing, "")];
        for (verdict, hot, parts, listed, state) in [
            (Pass, Unchecked, &[][..], &gaps[..1], None),
            (Pass, Kept, &[], &gaps[..1], Some(Gap::Fixed)),
            (ColdOnly, Broken, &[HotPart::Veto], &gaps[..1], Some(Gap::Known)),
            (ColdOnly, Broken, &[HotPart::Veto, HotPart::Raised], &gaps[..1], None),
            (ColdOnly, Broken, &[HotPart::Raised], &gaps[..1], None),
            (ColdOnly, Broken, &[HotPart::Veto], &[], None),
            (Missing, Unchecked, &[], &gaps[..], Some(Gap::Known)),
            (Missing, Unchecked, &[], &gaps[..1], None),
            (Pass, Unchecked, &[], &gaps[..], Some(Gap::Fixed)),
        ] {
            let details = Details { hot: parts.iter().copied().collect(), ..Details::default() };
            let judgement = Judgement { verdict, hot, details, ..Judgement::default() };
            let record = GapRecord::of(&listed.iter().collect::<Vec<_>>(), &judgement);
            assert_eq!(record.map(|record| record.state), state, "{verdict}, hot {hot}, {parts:?}");
        }
    }

    /// Returns a known gap with a verdict, and with details as YAML.
    fn gap(verdict: Verdict, details: &str) -> KnownGap {
        let yaml = format!("{{runtime: x, cases: [], verdict: {verdict}, {details} kind: bug, reason: x}}");
        serde_yaml::from_str(&yaml).expect("a gap")
    }

    #[test]
    fn a_gap_excuses_only_the_details_that_it_names() {
        use Verdict::{Unvetoed, WrongArgs, WrongCount};
        let (known, fixed) = (Some(Gap::Known), Some(Gap::Fixed));
        for (verdict, found, listed, state, note) in [
            (WrongArgs, "arguments: [a]", &["arguments: [a],"][..], known, None),
            (WrongArgs, "arguments: [b]", &["arguments: [a],"], None, Some("`wrong-args` of a, and here it is b")),
            (
                WrongArgs,
                "arguments: [a, b]",
                &["arguments: [a],"],
                None,
                Some("`wrong-args` of a, and here it is a, b"),
            ),
            (WrongArgs, "arguments: [a]", &["arguments: [a, b],"], fixed, None),
            (WrongArgs, "arguments: [a, b]", &["arguments: [a],", "arguments: [b],"], known, None),
            (WrongArgs, "arguments: [a]", &["arguments: [a],", "arguments: [b],"], fixed, None),
            (WrongCount, "raised: [m.f, m.g]", &["raised: [m.f, m.g],"], known, None),
            (
                WrongCount,
                "raised: [m.g, m.f]",
                &["raised: [m.f, m.g],"],
                None,
                Some("`wrong-count` of m.f, m.g, and here it is m.g, m.f"),
            ),
            (WrongCount, "raised: [m.f]", &["raised: [],"], None, Some("`wrong-count` of nothing, and here it is m.f")),
            (Unvetoed, "veto: [exception]", &["veto: exception,"], known, None),
            (
                Unvetoed,
                "veto: [exception, effect]",
                &["veto: exception,"],
                None,
                Some("`unvetoed` of exception, and here it is exception, effect"),
            ),
            (Unvetoed, "veto: [effect]", &["veto: [effect, exception],"], fixed, None),
        ] {
            let gaps: Vec<KnownGap> = listed.iter().map(|details| gap(verdict, details)).collect();
            let gaps: Vec<&KnownGap> = gaps.iter().collect();
            let details = serde_yaml::from_str(&format!("{{{found}}}")).expect("details");
            let veto = if verdict == Unvetoed { Promise::Broken } else { Promise::Kept };
            let judgement = Judgement { verdict, veto, details, ..Judgement::default() };
            let record = GapRecord::of(&gaps, &judgement);
            assert_eq!(record.map(|record| record.state), state, "{found}, listed {listed:?}");
            let note = note.map(|note| format!("the known gap is only for {note}"));
            assert_eq!(beyond(&gaps, &judgement), note, "{found}, listed {listed:?}");
        }
    }

    #[test]
    fn each_trial_has_one_standing() {
        use crate::run::fixtures::{runtime, suite};
        let suite = suite(&["event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\ncases:\n\
             - {name: c, api: m.f, snippet: f(), expect: [{args: {}}], effect: done}\n"]);
        let runtime = runtime("cpython", "3.13.0", "linux", &[]);
        let trial = Trial { source: &suite.files[0], case: &suite.files[0].file.cases[0], runtime: &runtime };
        let (known, fixed) = (Some(Gap::Known), Some(Gap::Fixed));
        for (verdict, state, standing) in [
            (Verdict::Pass, None, Standing::Passed),
            (Verdict::Pass, fixed, Standing::Fixed),
            (Verdict::WrongArgs, fixed, Standing::Fixed),
            (Verdict::Missing, known, Standing::Known),
            (Verdict::Missing, None, Standing::Failed),
            (Verdict::Crash, None, Standing::Failed),
            (Verdict::Skipped, None, Standing::Skipped),
            (Verdict::Skipped, fixed, Standing::Skipped),
            (Verdict::Unsupported, known, Standing::Unsupported),
        ] {
            let mut record = TrialRecord::not_run(&trial, verdict, None);
            record.gap = state.map(|state| {
                Box::new(GapRecord {
                    state,
                    listed: None,
                    kind: crate::suite::Kind::Bug,
                    title: None,
                    reason: String::new(),
                    issue: None,
                    promise: None,
                    place: None,
                    flaky: false,
                })
            });
            assert_eq!(
                TrialRecord { new: true, ..record.clone() }.standing(),
                match standing {
                    Standing::Failed => Standing::New,
                    standing => standing,
                }
            );
            assert_eq!(record.standing(), standing, "{verdict} {state:?}");
            assert_eq!(record.is_unexpected(), matches!(standing, Standing::Failed | Standing::Fixed));
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

    #[test]
    fn own_gaps_replace_those_of_the_suite() {
        use std::sync::Arc;

        use crate::run::fixtures::{runtime, suite};
        use crate::suite::GapsFile;
        let text = "event: m.f
documented: true
arguments: [x]
raised-by: [m.f]
cases:
- {name: c, api: m.f, since: 0.2.0, snippet: f(), expect: [args: {x: 1}]}
- {name: none, api: m.f, snippet: f(), expect: []}
known-gaps: [{runtime: cpython, cases: [c], verdict: missing, kind: bug, reason: r}]
";
        let pinned = "0123456789ab";
        for (lines, suite_hash, case, verdict, outcome, message) in [
            ("", pinned, "c", "pass", "pass", ""),
            ("missing m.f::c # why", pinned, "c", "missing", "known", "why"),
            ("missing m.f::c", pinned, "c", "missing", "known", "the suite lists `missing`: r"),
            ("missing m.*::*", pinned, "none", "pass", "pass", ""),
            (
                "missing m.f::none",
                pinned,
                "none",
                "pass",
                "fixed",
                "gaps.txt:2 lists `missing m.f::none`, but `missing` does not show any more: remove the line",
            ),
            (
                "missing m.*::*",
                pinned,
                "c",
                "pass",
                "fixed",
                "gaps.txt:2 lists `missing m.*::*`, but `missing` does not show any more: narrow the pattern or remove the line",
            ),
            ("missing m.f::c @ windows", pinned, "c", "missing", "unexpected", "the suite lists `missing`: r"),
            ("missing m.f::c @ linux", pinned, "c", "error", "unexpected", "gaps.txt:2 lists `missing m.f::c`"),
            ("", pinned, "c", "error", "unexpected", ""),
            ("flaky m.f::c", pinned, "c", "error", "flaky", "no reason is given"),
            ("flaky m.f::c", pinned, "c", "pass", "pass", ""),
            // A case that is newer than the pinned suite may fail. One that a line names may not fail in another way.
            ("", "ba9876543210", "c", "error", "new", ""),
            ("", "ba9876543210", "none", "error", "unexpected", ""),
            ("missing m.f::c", "ba9876543210", "c", "error", "unexpected", "gaps.txt:2 lists `missing m.f::c`"),
        ] {
            let suite = suite(&[text]);
            let mut runtime = runtime("cpython", "3.13.0", "linux", &[]);
            let file = GapsFile::parse(format!("suite 0.1.0 {pinned}\n{lines}\n").as_bytes()).expect("a gaps file");
            runtime.own_gaps = Some(Arc::new(OwnGaps::new("gaps.txt".to_owned(), file, suite_hash, false)));
            let source = &suite.files[0];
            let case = source.file.cases.iter().find(|known| known.name == case).expect("a case");
            let verdict = Verdict::ALL.into_iter().find(|known| known.to_string() == verdict).expect("a verdict");
            let judgement = Judgement { verdict, ..Judgement::default() };
            let record = TrialRecord::judged(&Trial { source, case, runtime: &runtime }, judgement, 0.5);
            let found = match &record {
                record if record.new => "new",
                record if record.gap.as_ref().is_some_and(|gap| gap.flaky) => "flaky",
                record if record.is_fixed() => "fixed",
                record if record.is_known() => "known",
                record if record.is_unexpected() => "unexpected",
                _ => "pass",
            };
            let shown = record.gap.map(|gap| gap.reason).or(record.reason).unwrap_or_default();
            assert_eq!((found, shown.as_str()), (outcome, message), "{lines:?} {verdict}");
        }
    }

    #[test]
    fn a_new_case_fails_where_that_was_asked_for() {
        use crate::suite::{EventFile, GapsFile};
        let text = "event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\ncases:\n\
                    - {name: c, api: m.f, since: 0.2.0, snippet: f(), expect: [{}]}\n";
        let case = &EventFile::parse(text).expect("a case file").cases[0];
        for (pinned, new_fails, excuses) in [("0.1.0", false, true), ("0.1.0", true, false), ("0.2.0", false, false)] {
            let file = GapsFile::parse(format!("suite {pinned} 0123456789ab").as_bytes()).expect("a gaps file");
            let own = OwnGaps::new("gaps.txt".to_owned(), file, "ba9876543210", new_fails);
            assert_eq!(own.excuses(case), excuses, "{pinned} {new_fails}");
        }
    }
}
