//! Running a plan: workers take trials, and say what becomes of them.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use sha2::{Digest, Sha256};

use crate::agent::{Agent, Pass};
use crate::case::Passes;
use crate::guard::Need;
use crate::judge;
use crate::plan::{Trial, schedule};
use crate::results::TrialRecord;
use crate::runtime::{Absent, Identity, Isolation, Launch, Runtime, make_unique};
use crate::suite::hex;

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
    share(&schedule(plan), jobs, work, on_message);
}

/// Has workers, as many as there are jobs, take items in turn. What they say is heard on the caller's thread.
pub fn share<T: Sync, M: Send>(items: &[T], jobs: usize, work: impl Fn(&T, &dyn Fn(M)) + Sync, hear: impl FnMut(M)) {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                // The receiver lives as long as this scope, so that nothing said is lost.
                let say = |message| drop(sender.send(message));
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    work(item, &say);
                }
            });
        }
        drop(sender);
        receiver.into_iter().for_each(hear);
    });
}

/// Runs one trial to its verdict. What is not as the case file says, in a warm interpreter or its child, is repeated in
/// fresh processes before it counts, and what they say counts; so is what left something behind in an interpreter that
/// others share.
pub fn run(trial: &Trial, agent: &Agent) -> TrialRecord {
    if let Some((verdict, reason)) = trial.settled() {
        return TrialRecord::settled(trial, verdict, Some(reason));
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
        clean.set(clean.get() && seen.left.is_none());
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

/// Probes interpreters, as many at a time as there are jobs, and sorts them by implementation and version.
pub fn probe(launches: &[Launch], needs: &[Need], agent: &Agent, jobs: usize) -> (Vec<Runtime>, Vec<Absent>) {
    let needs = [needs, &[Need::fork()]].concat();
    let (mut runtimes, mut absent) = (Vec::new(), Vec::new());
    let work = |launch: &Launch, say: &dyn Fn(_)| {
        say((launch.clone(), agent.probe(launch, &needs), digest(&launch.command[0])));
    };
    share(launches, jobs, work, |(launch, found, sha256)| match found {
        Ok(found) => runtimes.push(Runtime::new(launch, found, sha256)),
        Err(reason) => absent.push(Absent { launch, reason }),
    });
    runtimes.sort_by_cached_key(|runtime: &Runtime| {
        let Identity { implementation, language, platform, .. } = runtime.identity.clone();
        let launch = (&runtime.launch.name, &runtime.launch.command);
        // An implementation stands together, and on each platform, first of all on this one.
        (implementation, !is_of_this_host(&platform), platform, language, format!("{launch:?}"))
    });
    absent.sort_by_cached_key(|absent: &Absent| absent.launch.label());
    make_unique(&mut runtimes);
    (runtimes, absent)
}

/// Asks the interpreters that have no name for theirs: a tenth of what it takes to ask for all that the cases need. Those that do
/// not answer stay as they are.
pub fn name(launches: Vec<Launch>, agent: &Agent, jobs: usize) -> Vec<Launch> {
    let (mut named, unnamed): (Vec<_>, Vec<_>) = launches.into_iter().partition(|launch| launch.name.is_some());
    let (runtimes, absent) = probe(&unnamed, &[], agent, jobs);
    let name = |runtime: Runtime| Launch { name: Some(runtime.identity.name), ..runtime.launch };
    named.extend(runtimes.into_iter().map(name).chain(absent.into_iter().map(|absent| absent.launch)));
    named
}

fn is_of_this_host(sys_platform: &str) -> bool {
    sys_platform
        == match std::env::consts::OS {
            "macos" => "darwin",
            "windows" => "win32",
            other => other,
        }
}

/// The SHA-256 of an executable, if it is a file that we can read.
fn digest(path: &str) -> Option<String> {
    let mut hasher = Sha256::new();
    std::io::copy(&mut std::fs::File::open(path).ok()?, &mut hasher).ok()?;
    Some(hex(&hasher.finalize()))
}
