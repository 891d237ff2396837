//! Running a plan: workers take trials, and say what becomes of them.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use super::judge;
use super::plan::schedule;
use super::record::TrialRecord;
use super::workers::in_parallel;
use crate::agent::{Agent, Pass};
use crate::runtime::{Isolation, Trial};
use crate::suite::Passes;

/// What a worker says.
#[derive(Debug)]
pub enum Message {
    /// A trial begins: its index in the plan.
    Started(usize),
    /// A trial has its verdict.
    Finished(usize, Box<TrialRecord>),
}

/// Runs all trials of a plan, in the order of its schedule and as many at a time as there are jobs, until `stop` is set.
/// Messages come on the caller's thread.
pub fn execute(plan: &[Trial], agent: &Agent, jobs: usize, stop: &AtomicBool, on_message: impl FnMut(Message)) {
    let work = |turn: &Vec<usize>, say: &dyn Fn(Message)| {
        for &index in turn {
            if !stop.load(Ordering::Relaxed) {
                say(Message::Started(index));
                say(Message::Finished(index, Box::new(run(&plan[index], agent))));
            }
        }
    };
    in_parallel(&schedule(plan), jobs, work, on_message);
}

/// Runs one trial to its verdict. What is not as the case file says, in a warm interpreter or its child, is repeated in
/// fresh processes before it counts, and what they say counts; so is what left something behind in an interpreter that
/// others share.
pub fn run(trial: &Trial, agent: &Agent) -> TrialRecord {
    if let Some((verdict, reason)) = trial.verdict_without_run() {
        return TrialRecord::not_run(trial, verdict, Some(reason));
    }
    let isolation = trial.runtime.isolation();
    let (record, clean) = run_isolated(trial, agent, isolation);
    if isolation == Isolation::Process || clean && !record.is_unexpected() {
        return record;
    }
    let (fresh, _) = run_isolated(trial, agent, Isolation::Process);
    let disagrees = (clean && fresh.verdict != record.verdict).then_some(record.verdict);
    TrialRecord { disagrees, seconds: record.seconds + fresh.seconds, ..fresh }
}

/// Runs one trial, and tells besides whether it left nothing behind in an interpreter that is shared. What did is not
/// gone on with.
fn run_isolated(trial: &Trial, agent: &Agent, isolation: Isolation) -> (TrialRecord, bool) {
    let (file, case) = (&trial.source.file, trial.case);
    let demands = file.demands(case, &trial.runtime.identity.language);
    let (mut seconds, mut stderr, clean) = (0.0, String::new(), Cell::new(true));
    let mut observe = |pass| {
        let seen = agent.observe(trial, &demands, pass, isolation);
        seconds += seen.seconds;
        stderr += &seen.stderr;
        clean.set(clean.get() && seen.residue.is_none());
        seen
    };
    let plain = (case.run == Passes::Both).then(|| judge::plain(&file.event, case, &demands, &observe(Pass::Plain)));
    let judgement = match plain {
        Some(judgement) if !clean.get() || !case.is_vetoed(file) || !judgement.wants_veto() => judgement,
        before => judge::veto(&file.event, case, &demands, &observe(Pass::Veto), before),
    };
    let record = TrialRecord::judged(trial, judgement, seconds);
    let stderr = if record.verdict.is_failure() { stderr } else { String::new() };
    (TrialRecord { stderr, ..record }, clean.get())
}
