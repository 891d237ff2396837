//! The known gaps of the suite that no trial of some results shows.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::results::Results;
use crate::run::TrialRecord;
use crate::suite::{CaseError, Identity, KnownGap, Source, Suite, yaml};

/// Returns a line for each known gap that never applied, with the reason: no runtime of the results is of it, none of its
/// cases was run there, or its failure does not show.
pub(crate) fn unseen_gaps(suite: &Suite, results: &Results) -> Vec<CaseError> {
    let identities = results.runtimes.iter().filter_map(|runtime| Some((runtime.name.as_str(), runtime.identity()?)));
    let identities: BTreeMap<&str, Identity> = identities.collect();
    let mut trials = BTreeMap::<&str, Vec<&TrialRecord>>::new();
    for trial in &results.trials {
        trials.entry(&trial.event).or_default().push(trial);
    }
    let mut unseen = Vec::new();
    for source in &suite.files {
        let of_event = trials.get(source.file.event.as_str()).map(Vec::as_slice).unwrap_or_default();
        for (index, gap) in source.file.known_gaps.iter().enumerate() {
            let reason = match identities.values().any(|runtime| gap.is_of(runtime)) {
                false => Some("no runtime of the results is of this gap"),
                true => why_unseen(source, gap, &identities, of_event),
            };
            unseen.extend(reason.map(|reason| {
                let path = ["known-gaps".into(), index.into(), "verdict".into()];
                let fault = yaml::fault(&source.text, &path, format!("`{}`: {reason}", gap.verdict), None);
                CaseError { file: PathBuf::from(&source.location), fault }
            }));
        }
    }
    unseen
}

/// Returns why no trial shows a gap, if none does.
fn why_unseen(
    source: &Source,
    gap: &KnownGap,
    identities: &BTreeMap<&str, Identity>,
    trials: &[&TrialRecord],
) -> Option<&'static str> {
    let is_of = |trial: &TrialRecord| {
        let is_possible = |name: &str| {
            let case = source.file.cases.iter().find(|case| case.name == name);
            case.is_some_and(|case| source.file.can_have(case, gap.verdict))
        };
        gap.is_about(&trial.case)
            && is_possible(&trial.case)
            && trial.verdict.was_run()
            && identities.get(trial.runtime.as_str()).is_some_and(|runtime| gap.is_of(runtime))
    };
    let ran: Vec<_> = trials.iter().filter(|trial| is_of(trial)).collect();
    if ran.is_empty() {
        return Some("no case of this gap was run on its runtimes");
    }
    let shows = |trial: &TrialRecord| trial.failures().contains(&gap.verdict) && trial.may_show_gap(gap);
    let is_seen = ran.iter().any(|trial| shows(trial));
    (!is_seen).then_some("no trial of the results shows this failure")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::fixtures::suite;

    /// Returns results of `a` and `b` on a CPython 3.13 and a PyPy 8, with the verdicts of CPython.
    fn results(a: &str, b: &str) -> Results {
        let runtime = |name: &str, implementation: &str, version: &str| {
            format!(
                r#"{{"name": "{name}", "optional": true, "command": [], "isolation": "fork", "probe": {{"implementation": "{implementation}",
                "language": "3.13.0", "implementation-version": "{version}", "build": "", "platform": "linux", "machine": null,
                "flags": [], "audit": true, "features": {{}}, "sha256": null}}}}"#
            )
        };
        let trial = |case: &str, verdict: &str| {
            format!(
                r#"{{"event": "m.f", "case": "{case}", "module": "m", "api": "m.f", "runtime": "cpython-3.13.0", "verdict": "{verdict}",
                "raised": "kept", "arguments": "kept", "veto": "kept", "asserts": "value", "seconds": 0.0,
                "details": {{"arguments": ["x"]}}}}"#
            )
        };
        let read = |text: String| serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let header = r#"{"format": 1, "version": "0.1.0", "suite": "0", "host": "", "started": "", "repeat": []}"#;
        Results {
            runtimes: vec![
                serde_json::from_str(&runtime("cpython-3.13.0", "cpython", "3.13.0")).expect("a runtime"),
                serde_json::from_str(&runtime("pypy-8.0.1", "pypy", "8.0.1")).expect("a runtime"),
            ],
            trials: [("a", a), ("b", b)].map(|(case, verdict)| read(trial(case, verdict))).to_vec(),
            ..Results::new(serde_json::from_str(header).expect("a header"))
        }
    }

    #[test]
    fn a_gap_that_no_trial_shows_is_listed_with_the_reason() {
        let none = "no trial of the results shows this failure";
        let nowhere = "no runtime of the results is of this gap";
        let not_run = "no case of this gap was run on its runtimes";
        for (gap, a, b, reason) in [
            ("runtime: cpython, cases: [a], verdict: wrong-args, arguments: [x]", "wrong-args", "pass", None),
            ("runtime: cpython, cases: [a], verdict: wrong-args, arguments: [y]", "wrong-args", "pass", Some(none)),
            ("runtime: cpython, cases: ['*'], verdict: missing", "pass", "missing", None),
            ("runtime: cpython, cases: ['*'], verdict: missing", "pass", "error", Some(none)),
            ("runtime: cpython, cases: ['*'], verdict: missing", "skipped", "unsupported", Some(not_run)),
            ("runtime: pypy, cases: ['*'], verdict: missing", "missing", "missing", Some(not_run)),
            ("runtime: pypy, implementation: '<8', cases: ['*'], verdict: missing", "pass", "pass", Some(nowhere)),
            ("runtime: rustpython, cases: ['*'], verdict: missing", "pass", "pass", Some(nowhere)),
        ] {
            let file = format!(
                "event: m.f\ndocumented: true\narguments: [x, y]\nraised-by: [m.f]\ncases:\n\
                 - {{name: a, api: m.f, snippet: f(), expect: [args: {{x: 1, y: 1}}]}}\n\
                 - {{name: b, api: m.f, snippet: f(), expect: [args: {{x: 1, y: 1}}]}}\n\
                 known-gaps:\n- {{{gap}, kind: bug, reason: r}}\n"
            );
            let suite = suite(&[&file]);
            let found = unseen_gaps(&suite, &results(a, b));
            let shown: Vec<&str> = found
                .iter()
                .filter_map(|error| error.fault.message.split_once(": "))
                .map(|(_, reason)| reason)
                .collect();
            assert_eq!(shown, reason.into_iter().collect::<Vec<_>>(), "{gap} {a} {b}");
        }
    }
}
