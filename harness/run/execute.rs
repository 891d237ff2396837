//! Executes a plan: workers run its trials and report each of them.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use smol_str::SmolStr;

use super::judge::{self, Judgement};
use super::plan::{Turn, schedule};
use super::record::TrialRecord;
use super::workers::in_parallel;
use crate::agent::{Agent, Observation, Pairs, Pass};
use crate::process::Exit;
use crate::runtime::{Isolation, Runtime, Trial};
use crate::suite::{Demand, Passes, Promise, Verdict};

/// A report of a worker.
#[derive(Debug)]
pub enum Message {
    /// A trial begins: its index in the plan.
    Started(usize),
    /// A trial has its verdict: its index in the plan, and its record.
    Finished(usize, Box<TrialRecord>),
}

impl Message {
    /// Returns the index of the trial, if it has its verdict.
    fn finished(&self) -> Option<usize> {
        match self {
            Message::Started(_) => None,
            Message::Finished(index, _) => Some(*index),
        }
    }
}

/// How a run treats a trial that times out while others run. The machine may have been busy, so that it is repeated alone
/// before it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// It is repeated when all others have ended.
    Last,
    /// It is repeated as soon as those that run have ended, because its verdict may end the run.
    AtOnce,
}

/// Runs all trials of a plan in the order of its schedule, as many at a time as there are jobs, until `is_stopped`. Before
/// the first trial of a runtime, `is_ready` waits until its needs are known, and tells whether it answered; without an answer
/// it has no trials. `on_message` is called on the caller's thread.
pub fn execute(
    plan: &[Trial],
    agent: &Agent,
    jobs: usize,
    late: Late,
    is_ready: &(dyn Fn(&Runtime) -> bool + Sync),
    is_stopped: &(dyn Fn() -> bool + Sync),
    mut on_message: impl FnMut(Message),
) {
    let is_paused = AtomicBool::new(false);
    let must_end = || is_stopped() || is_paused.load(Ordering::Relaxed);
    let run = |turn: &Turn, send: &dyn Fn(Message)| {
        let pairs = Pairs::new(agent);
        let observe =
            |trial: &Trial, demands: &[Demand], pass, isolation| pairs.observe(trial, demands, pass, isolation);
        if must_end() || !is_ready(plan[turn.first()].runtime) {
            return;
        }
        if let Turn::Trials(trials) = turn {
            run_turn(plan, trials, &must_end, observe, send);
        }
    };
    let observe = |trial: &Trial, demands: &[Demand], pass| agent.observe(trial, demands, pass, Isolation::Process);
    let (mut turns, mut finished, mut confirmed) = (schedule(plan), BTreeSet::new(), BTreeMap::new());
    while !turns.is_empty() && !is_stopped() {
        let mut timed_out = Vec::new();
        in_parallel(&turns, jobs, run, |message| {
            finished.extend(message.finished());
            match message {
                Message::Finished(index, record) if record.verdict == Verdict::Timeout && record.is_unexpected() => {
                    is_paused.store(late == Late::AtOnce, Ordering::Relaxed);
                    timed_out.push((index, *record));
                }
                message => on_message(message),
            }
        });
        is_paused.store(false, Ordering::Relaxed);
        repeat_alone(plan, timed_out, &mut confirmed, is_stopped, observe, |index, record| {
            on_message(Message::Finished(index, Box::new(record)));
        });
        turns.retain_mut(|turn| match turn {
            Turn::Ask(index) => plan[*index].runtime.features.get().is_none(),
            Turn::Trials(trials) => {
                trials.retain(|index| !finished.contains(index) && !plan[*index].runtime.is_silent());
                !trials.is_empty()
            }
        });
    }
}

/// The number of trials of one runtime that must time out again before the others are believed.
const CONFIRMED: usize = 5;

/// Repeats trials that timed out while others ran, one after another. Once some trials of a runtime have timed out again,
/// which `confirmed` counts, its others are not repeated. Neither are those of a run that is stopped.
fn repeat_alone(
    plan: &[Trial],
    timed_out: Vec<(usize, TrialRecord)>,
    confirmed: &mut BTreeMap<SmolStr, usize>,
    is_stopped: &dyn Fn() -> bool,
    observe: impl Fn(&Trial, &[Demand], Pass) -> Observation,
    mut finish: impl FnMut(usize, TrialRecord),
) {
    for (index, record) in timed_out {
        let confirmed = confirmed.entry(record.runtime.clone()).or_insert(0);
        if *confirmed == CONFIRMED || is_stopped() {
            finish(index, record);
            continue;
        }
        let (alone, _) = run_passes(&plan[index], |demands, pass| observe(&plan[index], demands, pass));
        *confirmed += usize::from(alone.verdict == Verdict::Timeout);
        finish(index, TrialRecord { seconds: record.seconds + alone.seconds, ..alone });
    }
}

/// Runs the trials of a turn. Then it repeats the doubtful ones, in their order.
fn run_turn(
    plan: &[Trial],
    turn: &[usize],
    is_stopped: &dyn Fn() -> bool,
    observe: impl Fn(&Trial, &[Demand], Pass, Isolation) -> Observation,
    send: &dyn Fn(Message),
) {
    let finish = |index, record| send(Message::Finished(index, Box::new(record)));
    let run = |trial: &Trial| First::run(trial, |demands, pass, isolation| observe(trial, demands, pass, isolation));
    let repeat = |first: First, trial: &Trial| {
        first.repeat(trial, |demands, pass, isolation| observe(trial, demands, pass, isolation))
    };
    let (mut doubtful, mut raised) = (Vec::new(), BTreeSet::new());
    for &index in turn.iter().take_while(|_| !is_stopped()) {
        send(Message::Started(index));
        let trial = &plan[index];
        let first = run(trial);
        raised.extend((!first.is_silent(trial)).then_some(trial.case.api.as_str()));
        match first.is_certain {
            true => finish(index, first.record),
            false => doubtful.push((index, first)),
        }
    }
    let [repeated, spared] = choose(plan, doubtful, &raised);
    let mut do_agree = true;
    for (index, first) in repeated.into_iter().take_while(|_| !is_stopped()) {
        let record = repeat(first, &plan[index]);
        do_agree &= record.disagrees.is_none();
        finish(index, record);
    }
    for (index, first) in spared.into_iter().take_while(|_| !is_stopped()) {
        let record = if do_agree { first.record } else { repeat(first, &plan[index]) };
        finish(index, record);
    }
}

/// Chooses the doubtful trials of a turn that are repeated, and those that are spared if the repetitions agree.
///
/// Not every trial of an event that a runtime never raises is repeated. Otherwise an interpreter without many events would
/// take several times as long as one that has them. Forked children do not depend on the trials before them. So if no
/// trial of an API raised the event, one of them is repeated for all. If no trial raised the event at all, two APIs are
/// enough. If fresh processes give any other verdict, all are repeated.
fn choose(plan: &[Trial], doubtful: Vec<(usize, First)>, raised: &BTreeSet<&str>) -> [Vec<(usize, First)>; 2] {
    let mut chosen = BTreeSet::new();
    let (repeated, spared) = doubtful.into_iter().partition(|(index, first)| {
        let (trial, api) = (&plan[*index], plan[*index].case.api.as_str());
        let is_silent = trial.runtime.isolation() == Isolation::Fork && first.is_missing() && !raised.contains(api);
        let is_enough = chosen.contains(api) || raised.is_empty() && chosen.len() == 2;
        chosen.extend((is_silent && !is_enough).then_some(api));
        !(is_silent && is_enough)
    });
    [repeated, spared]
}

/// Runs one trial and returns its record.
pub fn run(trial: &Trial, agent: &Agent) -> TrialRecord {
    let pairs = Pairs::new(agent);
    run_with(trial, |demands, pass, isolation| pairs.observe(trial, demands, pass, isolation))
}

/// Runs one trial with a function that observes one pass.
///
/// A trial is repeated in fresh processes if its result under another isolation is unexpected, if a door is not open,
/// or if it leaves residue in a shared interpreter. Then the result of the fresh processes counts.
fn run_with(trial: &Trial, observe: impl Fn(&[Demand], Pass, Isolation) -> Observation) -> TrialRecord {
    let first = First::run(trial, &observe);
    if first.is_certain { first.record } else { first.repeat(trial, observe) }
}

/// The result of a trial under the isolation of its runtime.
struct First {
    record: TrialRecord,
    /// Whether it left no residue.
    is_clean: bool,
    /// Whether it need not be repeated.
    is_certain: bool,
}

impl First {
    fn run(trial: &Trial, observe: impl Fn(&[Demand], Pass, Isolation) -> Observation) -> First {
        if let Some((verdict, reason)) = trial.verdict_without_run() {
            let record = TrialRecord::not_run(trial, verdict, Some(reason));
            return First { record, is_clean: true, is_certain: true };
        }
        let isolation = trial.runtime.isolation();
        let (record, is_clean) = run_passes(trial, |demands, pass| observe(demands, pass, isolation));
        let is_expected = match record.verdict {
            Verdict::Closed | Verdict::Unsupported => false,
            _ => !record.is_unexpected() && !record.new,
        };
        let is_certain = isolation == Isolation::Process || is_clean && is_expected;
        First { record, is_clean, is_certain }
    }

    /// Tells whether the trial does not show that the runtime raises the event.
    fn is_silent(&self, trial: &Trial) -> bool {
        match self.record.verdict {
            Verdict::Skipped | Verdict::Unsupported => true,
            Verdict::Pass => !trial.source.file.expects_event(trial.case),
            _ => self.is_missing(),
        }
    }

    /// Tells whether the event was missing, and nothing else was wrong.
    fn is_missing(&self) -> bool {
        self.record.verdict == Verdict::Missing && self.is_clean
    }

    /// Repeats the trial in fresh processes.
    fn repeat(self, trial: &Trial, observe: impl Fn(&[Demand], Pass, Isolation) -> Observation) -> TrialRecord {
        let (fresh, _) = run_passes(trial, |demands, pass| observe(demands, pass, Isolation::Process));
        let disagrees = (self.is_clean && fresh.verdict != self.record.verdict).then_some(self.record.verdict);
        TrialRecord { disagrees, seconds: self.record.seconds + fresh.seconds, ..fresh }
    }
}

/// Runs the passes of a trial. Returns its record, and whether it left no residue. Residue ends the trial.
fn run_passes(trial: &Trial, observe: impl Fn(&[Demand], Pass) -> Observation) -> (TrialRecord, bool) {
    let (file, case) = (&trial.source.file, trial.case);
    let demands = file.demands(case, &trial.runtime.identity.language);
    let (mut seconds, mut stderr, is_clean) = (0.0, String::new(), Cell::new(true));
    let mut observe = |pass| {
        let mut seen = observe(&demands, pass);
        seconds += seen.seconds;
        // A machine without memory kills like this, and so does Wine when a process takes a second to end. It says
        // nothing of the interpreter unless it comes again.
        if seen.exit == Exit::KILLED {
            seen = observe(&demands, pass);
            seconds += seen.seconds;
        }
        stderr += &seen.stderr;
        is_clean.set(is_clean.get() && seen.residue.is_none());
        seen
    };
    let plain = (case.run == Passes::Both).then(|| match case.door {
        Some(_) => judge::door(case, &observe(Pass::Plain)),
        None => judge::plain(&file.event, case, &demands, &observe(Pass::Plain)),
    });
    let judgement = match plain {
        Some(judgement) if !is_clean.get() || !case.is_vetoed(file) || !judgement.wants_veto() => judgement,
        before => judge::veto(&file.event, case, &demands, &observe(Pass::Veto), before),
    };
    let judgement = if is_clean.get() { run_hot(trial, &demands, judgement, &mut observe) } else { judgement };
    let record = TrialRecord::judged(trial, judgement, seconds);
    let stderr = if record.verdict.is_failure() { stderr } else { String::new() };
    (TrialRecord { stderr, ..record }, is_clean.get())
}

/// Runs the hot passes of a trial whose cold passes passed, if its runtime has hot passes and the case may be repeated.
fn run_hot(
    trial: &Trial,
    demands: &[Demand],
    cold: Judgement,
    observe: &mut impl FnMut(Pass) -> Observation,
) -> Judgement {
    let (file, case) = (&trial.source.file, trial.case);
    if trial.runtime.heat.is_none() || cold.verdict != Verdict::Pass {
        return cold;
    }
    if let Some(reason) = case.cold() {
        return Judgement { not_hot: Some(reason), ..cold };
    }
    let judgement = judge::hot(&file.event, case, demands, &observe(Pass::Hot), false, cold);
    match judgement.verdict {
        Verdict::Pass if judgement.hot == Promise::Kept && case.is_vetoed(file) => {
            judge::hot(&file.event, case, demands, &observe(Pass::HotVeto), true, judgement)
        }
        _ => judgement,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::super::plan::{Selection, plan};
    use super::*;
    use crate::agent::Rounds;
    use crate::run::fixtures::{runtime, suite};
    use crate::runtime::Heat;
    use crate::suite::Gap;

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
            Pass::Plain | Pass::Hot => RAISED,
            Pass::Veto | Pass::HotVeto => VETOED,
        };
        let has_residue = match pass {
            Pass::Hot | Pass::HotVeto => false,
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
    fn what_timed_out_is_repeated_alone_until_it_is_known_to_hang() {
        let case = |number| format!("- {{name: c{number}, api: m.f, snippet: f(), expect: [{{}}], effect: done}}\n");
        let head = "event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\ncases:\n".to_owned();
        let suite = suite(&[&(head + &(0..8).map(case).collect::<String>())]);
        let runtime = runtime("cpython", "3.13.0", "linux", &["attr:m.f"]);
        let source = &suite.files[0];
        let plan: Vec<_> = source.file.cases.iter().map(|case| Trial { source, case, runtime: &runtime }).collect();
        for (hanging, repeated, verdicts) in [
            (0..0, 8, [Verdict::Pass; 8]),
            (0..8, 5, [Verdict::Timeout; 8]),
            (1..8, 6, [[Verdict::Pass; 1].as_slice(), &[Verdict::Timeout; 7]].concat().try_into().expect("eight")),
        ] {
            let hangs = |trial: &Trial| hanging.contains(&trial.case.name[1..].parse().expect("a number"));
            let late = plan.iter().enumerate().map(|(index, trial)| {
                let (record, _) =
                    run_passes(trial, |_, pass| Observation { exit: Exit::Deadline, ..observation("silent", pass) });
                (index, TrialRecord { verdict: Verdict::Timeout, ..record })
            });
            let (asked, found) = (RefCell::new(BTreeSet::new()), RefCell::new(Vec::new()));
            let observe = |trial: &Trial, _: &[Demand], pass| {
                asked.borrow_mut().insert(trial.id());
                let exit = if hangs(trial) { Exit::Deadline } else { Exit::Status(0) };
                let seen = observation("good", pass);
                Observation { finished: exit != Exit::Deadline, exit, ..seen }
            };
            repeat_alone(&plan, late.collect(), &mut BTreeMap::new(), &|| false, observe, |_, record| {
                found.borrow_mut().push(record.verdict);
            });
            assert_eq!((asked.into_inner().len(), found.into_inner().as_slice()), (repeated, verdicts.as_slice()));
        }
    }

    #[test]
    fn a_pass_that_the_system_kills_runs_once_more() {
        let suite = suite(&["event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\ncases:\n\
                             - {name: c, api: m.f, veto: none, because: x, snippet: f(), expect: [{}]}\n"]);
        let runtime = runtime("cpython", "3.13.0", "linux", &["attr:m.f"]);
        let trial = Trial { source: &suite.files[0], case: &suite.files[0].file.cases[0], runtime: &runtime };
        for (kills, count, verdict) in [(0, 1, Verdict::Pass), (1, 2, Verdict::Pass), (9, 2, Verdict::Crash)] {
            let passes = Cell::new(0);
            let (record, _) = run_passes(&trial, |_, pass| {
                passes.set(passes.get() + 1);
                let exit = if passes.get() <= kills { Exit::KILLED } else { Exit::Status(0) };
                Observation { exit, ..observation("good", pass) }
            });
            assert_eq!((passes.get(), record.verdict), (count, verdict), "{kills}");
            assert!((record.seconds - 0.25 * f64::from(count)).abs() < 1e-9, "{kills}");
        }
    }

    #[test]
    fn hot_passes_follow_cold_ones_that_pass() {
        let known =
            "known-gaps: [{runtime: cpython, cases: [c], verdict: cold-only, hot: raised, kind: bug, reason: r}]";
        let plain_and_veto = "plain, veto";
        for (isolation, has_heat, top, keys, lost, log, outcome) in [
            (Isolation::Fork, true, "", "", "", "plain, veto, hot, hotveto", "pass kept"),
            (Isolation::Fork, false, "", "", "", plain_and_veto, "pass unchecked"),
            (Isolation::Fork, true, "", "fresh: true, ", "", "plain, veto, hot, hotveto", "pass kept"),
            (Isolation::Fork, true, "", "once: x, ", "", plain_and_veto, "pass unchecked"),
            (Isolation::Fork, true, "", "run: vetoed, ", "", "veto", "pass unchecked"),
            (Isolation::Fork, true, "", "veto: none, because: x, ", "", "plain, hot", "pass kept"),
            (Isolation::Fork, true, "", "", "plain", "plain, plain", "missing unchecked"),
            (Isolation::Process, true, "", "", "hot", "plain, veto, hot", "cold-only broken"),
            // What is unexpected is repeated.
            (Isolation::Fork, true, "", "", "hot", "plain, veto, hot, plain, veto, hot", "cold-only broken"),
            (Isolation::Fork, true, known, "", "hot", "plain, veto, hot", "cold-only broken"),
            (Isolation::Process, true, known, "", "", "plain, veto, hot, hotveto", "pass kept"),
        ] {
            let suite = suite(&[&format!(
                "event: m.f\ndocumented: true\narguments: []\nraised-by: [m.f]\n{top}\ncases:\n\
                 - {{name: c, api: m.f, {keys}snippet: f(), expect: [{{}}], effect: done}}\n"
            )]);
            let mut runtime = runtime("cpython", "3.13.0", "linux", &["attr:m.f"]);
            runtime.launch.isolation = Some(isolation);
            runtime.heat = has_heat.then(|| Heat::of(None));
            let trial = Trial { source: &suite.files[0], case: &suite.files[0].file.cases[0], runtime: &runtime };
            let passes = RefCell::new(Vec::new());
            let record = run_with(&trial, |_, pass, _| {
                let name = format!("{pass:?}").to_lowercase();
                let manner = if name == lost { "silent" } else { "good" };
                passes.borrow_mut().push(name);
                let hot = Some(Rounds { rounds: 9, reason: None });
                Observation { hot, ..observation(manner, pass) }
            });
            let found = format!("{} {}", record.verdict, record.hot);
            assert_eq!(
                (passes.into_inner().join(", ").as_str(), found.as_str()),
                (log, outcome),
                "{top} {keys} {lost}"
            );
            let is_known = record.gap.as_ref().map(|gap| gap.state);
            let state = if lost == "hot" { Gap::Known } else { Gap::Fixed };
            assert_eq!(is_known, (!top.is_empty()).then_some(state), "{lost}");
        }
    }

    #[test]
    fn an_event_that_is_never_raised_is_repeated_once_for_each_of_two_apis() {
        use Isolation::{Fork, Shared};
        // The isolation; the cases by API, each as it is in warm and in fresh processes; the cases that are repeated, and the
        // verdicts. `n` marks a case that does not expect the event.
        for (isolation, cases, repeated, verdicts) in [
            (Fork, "f:silent/silent f:silent/good g:silent/silent", "0 2", "missing missing missing"),
            (Fork, "f:good/good f:silent/silent f:silent/silent", "1 2", "pass missing missing"),
            (Fork, "f:silent/silent f:silent/silent f:good/good", "0 1", "missing missing pass"),
            (Fork, "f:silent/good f:silent/silent f:silent/silent", "0 1 2", "pass missing missing"),
            (Fork, "f:silent/silent f:silent/good g:silent/good", "0 1 2", "missing pass pass"),
            (Fork, "f:silent/silent g:good/good f:silent/silent", "0", "missing pass missing"),
            (Fork, "n:silent/silent f:silent/silent f:silent/good", "1", "pass missing missing"),
            (Fork, "n:good/good f:silent/silent f:silent/good", "0 1 2", "wrong-count missing pass"),
            (Fork, "f:silent/silent g:silent/silent h:silent/good", "0 1", "missing missing missing"),
            (
                Fork,
                "f:silent/silent g:silent/good h:silent/silent h:silent/good",
                "0 1 2 3",
                "missing pass missing pass",
            ),
            (Fork, "f:silent/silent g:silent/silent h:silent/good h:good/good", "0 1 2", "missing missing pass pass"),
            (Fork, "f:silent/silent f:silent-residue/silent", "0 1", "missing missing"),
            (Shared, "f:silent/silent f:silent/silent", "0 1", "missing missing"),
        ] {
            let cases: Vec<_> = cases.split(' ').map(|case| case.split_once(':').expect("an API")).collect();
            let api = |name: &str| format!("m.{}", if name == "n" { "f" } else { name });
            let apis: BTreeSet<_> = cases.iter().map(|(name, _)| api(name)).collect();
            let apis = apis.into_iter().collect::<Vec<_>>().join(", ");
            let mut file = format!("event: m.f\ndocumented: true\narguments: []\nraised-by: [{apis}]\ncases:\n");
            for (index, (name, _)) in cases.iter().enumerate() {
                let (api, expect) = (api(name), if *name == "n" { "" } else { "{}" });
                file += &format!("- {{name: c{index}, api: {api}, snippet: f(), expect: [{expect}], effect: done}}\n");
            }
            let suite = suite(&[&file]);
            let mut runtime = runtime("cpython", "3.13.0", "linux", &["attr:m.f", "attr:m.g", "attr:m.h"]);
            runtime.launch.isolation = Some(isolation);
            let source = &suite.files[0];
            let plan: Vec<_> = source.file.cases.iter().map(|case| Trial { source, case, runtime: &runtime }).collect();
            let (log, records) = (RefCell::new(BTreeSet::new()), RefCell::new(Vec::new()));
            let number = |trial: &Trial| trial.case.name[1..].parse::<usize>().expect("a number");
            let observe = |trial: &Trial, _: &[Demand], pass: Pass, isolation: Isolation| {
                let (warm, fresh) = cases[number(trial)].1.split_once('/').expect("two manners");
                let is_fresh = isolation == Isolation::Process;
                log.borrow_mut().extend(is_fresh.then(|| number(trial)));
                observation(if is_fresh { fresh } else { warm }, pass)
            };
            let turn: Vec<usize> = (0..plan.len()).collect();
            run_turn(&plan, &turn, &|| false, observe, &|message| {
                if let Message::Finished(index, record) = message {
                    records.borrow_mut().push((index, record.verdict.to_string()));
                }
            });
            let mut records = records.into_inner();
            records.sort();
            let words = |items: Vec<String>| items.join(" ");
            assert_eq!(words(records.into_iter().map(|(_, verdict)| verdict).collect()), verdicts, "{cases:?}");
            assert_eq!(words(log.into_inner().iter().map(ToString::to_string).collect()), repeated, "{cases:?}");
        }
    }

    #[test]
    fn a_door_has_one_pass_which_is_repeated_unless_it_is_open() {
        use Isolation::{Fork, Shared};
        use Verdict::{Closed, Open};
        for (isolation, warm, fresh, all, verdict, disagrees) in [
            (Fork, "silent", "good", "fork", Open, None),
            (Fork, "good", "good", "fork process", Closed, None),
            (Fork, "good", "silent", "fork process", Open, Some(Closed)),
            (Shared, "silent residue", "good", "shared process", Closed, None),
        ] {
            let mut suite = suite(&["event: doors.files\ndocumented: true\narguments: []\nraised-by: []\ncases:\n\
                                     - {name: c, api: m.f, snippet: f(), expect: [], effect: done}\n"]);
            let advice = crate::suite::Advice { why: "w".into(), instead: "i".into(), events: Vec::new() };
            suite.files[0].file.cases[0].door = Some(advice);
            let source = &suite.files[0];
            let mut runtime = runtime("cpython", "3.13.0", "linux", &["attr:m.f"]);
            runtime.launch.isolation = Some(isolation);
            let trial = Trial { source, case: &source.file.cases[0], runtime: &runtime };
            let log = RefCell::new(Vec::new());
            let record = run_with(&trial, |_, pass, isolation| {
                assert_eq!(pass, Pass::Plain);
                log.borrow_mut().push(isolation.to_string());
                observation(if isolation == Isolation::Process { fresh } else { warm }, pass)
            });
            assert_eq!(log.into_inner().join(" "), all);
            assert_eq!((record.verdict, record.disagrees), (verdict, disagrees), "{isolation} {warm} {fresh}");
            assert!(!record.is_unexpected());
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
            execute(&plan, &agent, 1, Late::Last, &|_| true, &|| is_stopped, |message| {
                seen.push(match message {
                    Message::Started(index) => format!("{index} begins"),
                    Message::Finished(index, _) => format!("{index} ends"),
                });
            });
            assert_eq!(seen, messages);
        }
    }
}
