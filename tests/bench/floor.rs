//! `cargo bench`: what the suite costs, beside what its processes alone would cost, in one run and side by side.
//!
//! For each interpreter found: the whole suite against *the floor*, as many starts of an empty interpreter
//! (`-I -S -c pass`) as the suite has passes, with the same number at a time. Figures are medians, with the least and
//! the greatest of the rounds. `cargo bench -- cpython-3.13` measures only runtimes whose names begin so.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use audit578::agent::{Agent, Pass};
use audit578::case::Passes;
use audit578::discover::{Config, DEFAULT};
use audit578::plan::{Selection, Trial, needs, plan};
use audit578::process::{self, Limits, Spawn};
use audit578::results::TrialRecord;
use audit578::run::{self, Message};
use audit578::runtime::Runtime;
use audit578::suite::Suite;
use audit578::{judge, workspace::Workspace};

const ROUNDS: usize = 5;

fn main() {
    let prefix = env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_default();
    let jobs = thread::available_parallelism().map_or(1, Into::into);
    let suite = Suite::embedded();
    let agent = Agent::new(None).expect("a folder for the agent");
    let launches = Config::parse(DEFAULT).expect("the configuration is right").launches();
    let (mut runtimes, _) = run::probe(&launches, &needs(&suite, &Selection::default()), &agent, jobs);
    drop(agent);
    runtimes.retain(|runtime| runtime.probe.audit && runtime.name().starts_with(&prefix));
    println!("{ROUNDS} rounds, {jobs} jobs; medians (least to greatest)\n");
    println!("{:<16}  {:>6}  {:<26}  {:<26}  ratio", "runtime", "passes", "suite, s", "floor, s");
    for runtime in &runtimes {
        compare(&suite, std::slice::from_ref(runtime), jobs);
    }
    if runtimes.len() > 1 {
        let all = rounds(|| whole_suite(&suite, &runtimes, jobs).0);
        println!("{:<16}  {:>6}  {}", "all of them", "", figures(&all));
    }
    if let Some(runtime) = runtimes.last() {
        slowest(&suite, runtime, jobs);
        own_work(&suite, runtime);
        single_event(runtime);
    }
    resources();
}

/// Measures the suite and the floor on one runtime, in turn.
fn compare(suite: &Suite, runtime: &[Runtime], jobs: usize) {
    let passes = whole_suite(suite, runtime, jobs).1.iter().map(passes).sum();
    let (mut suites, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        suites.push(whole_suite(suite, runtime, jobs).0);
        floors.push(floor(&runtime[0], passes, jobs));
    }
    let ratios: Vec<f64> = suites.iter().zip(&floors).map(|(suite, floor)| suite / floor).collect();
    let name = runtime[0].name();
    println!("{name:<16}  {passes:>6}  {:<26}  {:<26}  {}", figures(&suites), figures(&floors), figures(&ratios));
}

/// Runs the whole suite, warm interpreters included, and returns the seconds and the records.
fn whole_suite(suite: &Suite, runtimes: &[Runtime], jobs: usize) -> (f64, Vec<TrialRecord>) {
    let start = Instant::now();
    let agent = Agent::new(None).expect("a folder for the agent");
    let mut records = Vec::new();
    run::execute(&plan(suite, runtimes, &Selection::default()), &agent, jobs, &AtomicBool::new(false), |message| {
        if let Message::Finished(_, record) = message {
            records.push(*record);
        }
    });
    drop(agent);
    (start.elapsed().as_secs_f64(), records)
}

/// The passes of a trial that was run: two where the veto was tried.
fn passes(record: &TrialRecord) -> usize {
    use audit578::verdict::Promise::Unchecked;
    if record.verdict.was_run() { 1 + usize::from(record.veto != Unchecked) } else { 0 }
}

/// Starts empty interpreters, and returns the seconds.
fn floor(runtime: &Runtime, count: usize, jobs: usize) -> f64 {
    let space = Workspace::new().expect("a folder");
    let left = AtomicUsize::new(count);
    let argv = [runtime.launch.command.as_slice(), &["-I", "-S", "-c", "pass"].map(str::to_owned)].concat();
    let start = Instant::now();
    thread::scope(|scope| {
        for job in 0..jobs {
            let path = |name: &str| space.path(&format!("{name}{job}"));
            let (argv, folder) = (argv.clone(), space.work.clone());
            let spawn =
                Spawn { argv, folder, env: BTreeMap::new(), stdin: None, stdout: path("out"), stderr: path("err") };
            let left = &left;
            scope.spawn(move || {
                let limits = Limits { deadline: Duration::from_secs(60), files: Vec::new() };
                while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                    black_box(process::run(&spawn, &limits));
                }
            });
        }
    });
    start.elapsed().as_secs_f64()
}

/// Shows the cases that take longest: those that sleep, wait or start processes by nature, and any that should not.
fn slowest(suite: &Suite, runtime: &Runtime, jobs: usize) {
    let (_, mut records) = whole_suite(suite, std::slice::from_ref(runtime), jobs);
    records.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
    println!("\nslowest on {}, ms:", runtime.name());
    for record in &records[..10.min(records.len())] {
        println!("  {:>6.1}  {}", record.seconds * 1e3, record.id());
    }
}

/// Measures what the harness itself does: reading the suite, judging what was observed.
fn own_work(suite: &Suite, runtime: &Runtime) {
    let reading = rounds(|| timed(|| drop(black_box(Suite::embedded()))));
    println!("\nreading all {} cases, ms: {}", suite.cases().count(), figures(&milliseconds(&reading)));
    let agent = Agent::new(None).expect("a folder for the agent");
    let trials = plan(suite, std::slice::from_ref(runtime), &Selection::default());
    let plain = |trial: &&Trial| trial.settled().is_none() && trial.case.run == Passes::Both;
    let seen: Vec<_> = trials
        .iter()
        .filter(plain)
        .map(|trial| {
            let demands = trial.source.file.demands(trial.case, &trial.runtime.identity.language);
            let observation = agent.observe(trial, &demands, Pass::Plain, trial.runtime.isolation());
            (trial, demands, observation)
        })
        .collect();
    let judging = rounds(|| {
        timed(|| {
            for (trial, demands, observation) in &seen {
                black_box(judge::plain(&trial.source.file.event, trial.case, demands, observation));
            }
        })
    });
    println!("judging {} plain passes, ms: {}", seen.len(), figures(&milliseconds(&judging)));
}

/// Measures one event on one runtime from start to end, with the program that users have.
fn single_event(runtime: &Runtime) {
    let time = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_audit578"));
        command.args(["run", "os.rmdir", "--python", &runtime.launch.command[0]]);
        timed(|| drop(command.output().expect("the program starts")))
    };
    println!("one event on {}, ms: {}", runtime.name(), figures(&milliseconds(&rounds(time))));
}

/// Shows the processor time of the harness beside that of its children, and its peak memory, where Linux tells.
fn resources() {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let times: Vec<f64> = stat
        .rsplit(") ")
        .next()
        .unwrap_or_default()
        .split(' ')
        .skip(11)
        .take(4)
        .filter_map(|ticks| ticks.parse().ok())
        .collect();
    if let [user, system, child_user, child_system] = times[..] {
        let (own, all) = (user + system, user + system + child_user + child_system);
        println!("the harness's own share of the processor time of all this: {:.1} %", 100.0 * own / all);
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!("peak memory of the harness: {}", peak.map_or("unknown", str::trim));
}

fn timed(action: impl FnOnce()) -> f64 {
    let start = Instant::now();
    action();
    start.elapsed().as_secs_f64()
}

fn rounds(mut measure: impl FnMut() -> f64) -> Vec<f64> {
    (0..ROUNDS).map(|_| measure()).collect()
}

fn milliseconds(seconds: &[f64]) -> Vec<f64> {
    seconds.iter().map(|seconds| seconds * 1e3).collect()
}

fn figures(values: &[f64]) -> String {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    format!("{:.3} ({:.3} to {:.3})", sorted[sorted.len() / 2], sorted[0], sorted[sorted.len() - 1])
}
