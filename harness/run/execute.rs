//! Executes a plan: workers run its trials and report each of them.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use super::judge;
use super::plan::schedule;
use super::record::TrialRecord;
use super::workers::in_parallel;
use crate::agent::{Agent, Observation, Pass};
use crate::runtime::{Isolation, Trial};
use crate::suite::{Demand, Passes};

/// A report of a worker.
#[derive(Debug)]
pub enum Message {
    /// A trial begins: its index in the plan.
    Started(usize),
    /// A trial has its verdict: its index in the plan, and its record.
    Finished(usize, Box<TrialRecord>),
}

/// Runs all trials of a plan in the order of its schedule, as many at a time as there are jobs, until `stop` is set.
/// `on_message` is called on the caller's thread.
pub fn execute(plan: &[Trial], agent: &Agent, jobs: usize, stop: &AtomicBool, on_message: impl FnMut(Message)) {
    let run_turn = |turn: &Vec<usize>, send: &dyn Fn(Message)| {
        for &index in turn {
            if !stop.load(Ordering::Relaxed) {
                send(Message::Started(index));
                send(Message::Finished(index, Box::new(run(&plan[index], agent))));
            }
        }
    };
    in_parallel(&schedule(plan), jobs, run_turn, on_message);
}

/// Runs one trial and returns its record.
pub fn run(trial: &Trial, agent: &Agent) -> TrialRecord {
    run_with(trial, |demands, pass, isolation| agent.observe(trial, demands, pass, isolation))
}

/// Runs one trial with a function that observes one pass.
///
/// A trial is repeated in fresh processes if its result under another isolation is unexpected, or if it leaves residue
/// in a shared interpreter. Then the result of the fresh processes counts.
fn run_with(trial: &Trial, observe: impl Fn(&[Demand], Pass, Isolation) -> Observation) -> TrialRecord {
    if let Some((verdict, reason)) = trial.verdict_without_run() {
        return TrialRecord::not_run(trial, verdict, Some(reason));
    }
    let isolation = trial.runtime.isolation();
    let (record, is_clean) = run_passes(trial, |demands, pass| observe(demands, pass, isolation));
    if isolation == Isolation::Process || is_clean && !record.is_unexpected() && !record.new {
        return record;
    }
    let (fresh, _) = run_passes(trial, |demands, pass| observe(demands, pass, Isolation::Process));
    let disagrees = (is_clean && fresh.verdict != record.verdict).then_some(record.verdict);
    TrialRecord { disagrees, seconds: record.seconds + fresh.seconds, ..fresh }
}

/// Runs the passes of a trial. Returns its record, and whether it left no residue. Residue ends the trial.
fn run_passes(trial: &Trial, observe: impl Fn(&[Demand], Pass) -> Observation) -> (TrialRecord, bool) {
    let (file, case) = (&trial.source.file, trial.case);
    let demands = file.demands(case, &trial.runtime.identity.language);
    let (mut seconds, mut stderr, is_clean) = (0.0, String::new(), Cell::new(true));
    let mut observe = |pass| {
        let seen = observe(&demands, pass);
        seconds += seen.seconds;
        stderr += &seen.stderr;
        is_clean.set(is_clean.get() && seen.residue.is_none());
        seen
    };
    let plain = (case.run == Passes::Both).then(|| judge::plain(&file.event, case, &demands, &observe(Pass::Plain)));
    let judgement = match plain {
        Some(judgement) if !is_clean.get() || !case.is_vetoed(file) || !judgement.wants_veto() => judgement,
        before => judge::veto(&file.event, case, &demands, &observe(Pass::Veto), before),
    };
    let record = TrialRecord::judged(trial, judgement, seconds);
    let stderr = if record.verdict.is_failure() { stderr } else { String::new() };
    (TrialRecord { stderr, ..record }, is_clean.get())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::super::plan::{Selection, plan};
    use super::*;
    use crate::process::Exit;
    use crate::run::fixtures::{runtime, suite};
    use crate::suite::{Gap, Verdict};

    /// The reports that a pass may give: one with the event, its effect and no exception, one with a veto, one without
    /// the event.
    const RAISED: &str = "{\"event\": {\"name\": \"m.f\", \"args\": []}}\n{\"effect\": {\"there\": true, \"note\": null}}\n{\"end\": true}";
    const VETOED: &str = "{\"event\": {\"name\": \"m.f\", \"args\": []}}\n{\"snippet\": {\"text\": \"Veto\", \"line\": 1, \"veto\": true}}\n{\"effect\": {\"there\": false, \"note\": null}}\n{\"end\": true}";
    const SILENT: &str = "{\"effect\": {\"there\": true, \"note\": null}}\n{\"end\": true}";

    /// Returns the observation of a pass by a manner: `good` keeps every promise, `silent` raises no event, `residue`
    /// keeps every promise but leaves residue in its first pass, `late` does so in its second, `silent residue` is
    /// both.
    fn observation(manner: &str, pass: Pass) -> Observation {
        let report = match pass {
            _ if manner.contains("silent") => SILENT,
            Pass::Plain => RAISED,
            Pass::Veto => VETOED,
        };
        let has_residue = match pass {
            Pass::Plain => manner.contains("residue"),
            Pass::Veto => manner.contains("late"),
        };
        let residue = has_residue.then(|| "a hook".to_owned());
        let seen = Observation::new(report, Exit::Status(0), format!("{manner}\n"), 0.25);
        Observation { residue, ..seen }
    }

    /// Runs a trial. Its passes are as `warm` says under its isolation, and as `fresh` says in new processes. Returns
    /// the record and the passes.
    fn passes(isolation: Isolation, gap: &str, warm: &str, fresh: &str) -> (TrialRecord, String) {
        let known = "known-gaps: [{runtime: cpython, cases: [c], verdict: missing, kind: bug, reason: r}]";
        let suite = suite(&[&format!(
            "event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\n{}\ncases:\n\
             - {{name: c, api: m.f, snippet: f(), expect: [{{}}], effect: done}}\n",
            if gap == "known" { known } else { "" }
        )]);
        let mut runtime = runtime("cpython", "3.13.0", "linux", &["attr:m.f"]);
        runtime.launch.isolation = Some(isolation);
        let source = &suite.files[0];
        let trial = Trial { source, case: &source.file.cases[0], runtime: &runtime };
        let log = RefCell::new(Vec::new());
        let record = run_with(&trial, |demands, pass, isolation| {
            assert_eq!(demands.len(), 1);
            log.borrow_mut().push(format!("{isolation} {pass:?}").to_lowercase());
            observation(if isolation == Isolation::Process { fresh } else { warm }, pass)
        });
        (record, log.into_inner().join(", "))
    }

    #[test]
    fn an_unexpected_result_or_residue_is_repeated_in_fresh_processes() {
        use Isolation::{Fork, Process, Shared};
        use Verdict::{Missing, Pass};
        for (isolation, gap, warm, fresh, all, verdict, disagrees) in [
            (Process, "", "", "good", "process plain, process veto", Pass, None),
            (Process, "", "", "silent", "process plain", Missing, None),
            (Fork, "", "good", "silent", "fork plain, fork veto", Pass, None),
            (Fork, "", "silent", "good", "fork plain, process plain, process veto", Pass, Some(Missing)),
            (Fork, "", "silent", "silent", "fork plain, process plain", Missing, None),
            (Fork, "known", "silent", "good", "fork plain", Missing, None),
            (Fork, "known", "good", "silent", "fork plain, fork veto, process plain", Missing, Some(Pass)),
            (Fork, "known", "good", "good", "fork plain, fork veto, process plain, process veto", Pass, None),
            (Shared, "", "good", "silent", "shared plain, shared veto", Pass, None),
            (Shared, "", "silent", "good", "shared plain, process plain, process veto", Pass, Some(Missing)),
            (Shared, "", "good residue", "good", "shared plain, process plain, process veto", Pass, None),
            (Shared, "", "good residue", "silent", "shared plain, process plain", Missing, None),
            (Shared, "", "silent residue", "good", "shared plain, process plain, process veto", Pass, None),
            (Shared, "", "good late", "good", "shared plain, shared veto, process plain, process veto", Pass, None),
        ] {
            let (record, log) = passes(isolation, gap, warm, fresh);
            let what = format!("{isolation} {gap} {warm} {fresh}");
            assert_eq!(log, all, "{what}");
            assert_eq!((record.verdict, record.disagrees), (verdict, disagrees), "{what}");
            let count = u32::try_from(all.split(", ").count()).expect("a few passes");
            assert!((record.seconds - 0.25 * f64::from(count)).abs() < 1e-9, "{what}: {}", record.seconds);
        }
    }

    #[test]
    fn a_record_has_the_standard_error_of_the_counting_passes_of_a_failure() {
        let stderr = |warm: &str, fresh: &str| passes(Isolation::Fork, "", warm, fresh).0.stderr;
        assert_eq!(stderr("good", "good"), "");
        assert_eq!(stderr("silent", "silent 2"), "silent 2\n");
        assert_eq!(stderr("silent", "good"), "");
        let (record, _) = passes(Isolation::Fork, "known", "silent 1", "good");
        assert_eq!(record.stderr, "silent 1\n");
        assert_eq!(record.gap.map(|gap| gap.state), Some(Gap::Known));
    }

    #[test]
    fn a_trial_with_a_verdict_without_run_is_not_observed() {
        let suite =
            suite(&["event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\npython: '>=3.14'\ncases:\n\
                             - {name: c, api: m.f, snippet: f(), expect: [{}], effect: done}\n"]);
        let runtime = runtime("cpython", "3.13.0", "linux", &["attr:m.f"]);
        let source = &suite.files[0];
        let trial = Trial { source, case: &source.file.cases[0], runtime: &runtime };
        let record = run_with(&trial, |_, _, _| panic!("the trial is skipped"));
        assert_eq!((record.verdict, record.reason.as_deref()), (Verdict::Skipped, Some("for Python >=3.14")));
        assert_eq!((record.runtime.as_str(), record.id(), record.api.as_str()), ("r", "m.f::c".to_owned(), "m.f"));
    }
    #[test]
    fn each_trial_of_a_plan_begins_and_ends_once_unless_the_run_is_stopped() {
        let suite =
            suite(&["event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\npython: '>=3.14'\ncases:\n\
                             - {name: c, api: m.f, snippet: f(), expect: [{}], effect: done}\n\
                             - {name: d, api: m.f, snippet: f(), expect: [{}], effect: done}\n"]);
        let runtimes = [runtime("cpython", "3.13.0", "linux", &["attr:m.f"])];
        let plan = plan(&suite, &runtimes, &Selection::default());
        let agent = Agent::new(None).expect("a folder for the agent");
        for (is_stopped, messages) in [(false, &["0 begins", "0 ends", "1 begins", "1 ends"][..]), (true, &[])] {
            let mut seen = Vec::new();
            execute(&plan, &agent, 1, &AtomicBool::new(is_stopped), |message| {
                seen.push(match message {
                    Message::Started(index) => format!("{index} begins"),
                    Message::Finished(index, _) => format!("{index} ends"),
                });
            });
            assert_eq!(seen, messages);
        }
    }
}
