//! `cargo bench --bench floor`: the time of the suite, compared with the time of its processes alone.
//!
//! *The floor* is the time to start an empty interpreter (`-I -S -c pass`) once for each pass of the suite, with as many jobs.
//! The suite and the floor are measured on each interpreter found. Cases that need an interpreter of their own (`invoke`,
//! `fresh`), cases whose snippets start processes, and all others, which are forked, have a line each. CPython's own
//! `test_audit`, where it is installed, is compared by the time for each event that it asserts. Figures are medians, with the
//! least and the greatest of the rounds. Where an interpreter compiles just in time, the suite with hot passes is compared
//! with the suite without them; and everywhere the suite in namespaces of its own with the suite without these, and the
//! suite whose passes each have a child with the suite whose passes share one. One forked case is measured on each
//! runtime: it becomes slower where a module of the stock gets a handler that runs in each child.
//! `cargo bench --bench floor -- cpython-3.13.0 pypy` measures only the runtimes with these names, or if there is no such
//! name, those whose names begin so. `tests/bench/floor.txt` has the figures of the last run.

#![expect(clippy::cast_precision_loss, reason = "counts of hundreds")]

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use audit578::agent::{Agent, Pass};
use audit578::process::{self, Limits, Spawn, Stdin, Usage, containment};
use audit578::run::plan::{Selection, needs, plan};
use audit578::run::{self, Late, Message, TrialRecord, judge};
use audit578::runtime::discover::{Config, DEFAULT};
use audit578::runtime::{Heat, Isolation, Launch, Runtime, Trial};
use audit578::suite::{Passes, Suite};

const ROUNDS: usize = 5;

fn main() -> ExitCode {
    containment::serve_keeper().unwrap_or_else(measure)
}

fn measure() -> ExitCode {
    let wanted: Vec<String> = env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let jobs = thread::available_parallelism().map_or(1, Into::into);
    let suite = Suite::embedded();
    let agent = Agent::new(None).expect("a folder for the agent");
    let launches = Config::parse(DEFAULT).expect("the configuration is right").launches();
    let (mut runtimes, _) = run::probe(&launches, &needs(&suite, &Selection::default()), &agent, jobs);
    runtimes.retain(|runtime| runtime.probe.audit);
    let names: Vec<String> = runtimes.iter().map(|runtime| runtime.name().to_owned()).collect();
    runtimes.retain(|runtime| wanted.is_empty() || wanted.iter().any(|word| is_meant(runtime.name(), word, &names)));
    println!("{ROUNDS} rounds, {jobs} jobs; medians (least to greatest)\n");
    let columns = ["suite, s", "floor, s", "ratio"].map(|column| format!("{column:<24}")).join("  ");
    println!("{:<16}  {:<12}  {:>6}  {columns}", "runtime", "cases", "passes");
    let compared: Vec<_> = runtimes.iter().map(|runtime| compare(&suite, runtime, &agent, jobs)).collect();
    together(&suite, &runtimes, &agent, jobs, &compared.iter().map(|whole| whole.seconds).collect::<Vec<_>>());
    println!("\nwith and without namespaces of their own:");
    for runtime in &runtimes {
        let plain = Launch { is_contained: false, ..runtime.launch.clone() };
        let plain = Runtime { launch: plain, ..runtime.clone() };
        in_turn([&suite; 2], ["contained", "plain"], [runtime, &plain], &agent, jobs);
    }
    println!("\na child for each pass, and one for both:");
    let mut apart = Suite::embedded();
    apart.files.iter_mut().flat_map(|source| &mut source.file.cases).for_each(|case| case.lasting = true);
    for runtime in &runtimes {
        in_turn([&apart, &suite], ["two", "one"], [runtime, runtime], &agent, jobs);
    }
    println!("\none forked case, both passes in one child:");
    for runtime in &runtimes {
        forked_case(&suite, runtime, &agent);
    }
    println!("\nhot passes too, on the runtimes with a compiler:");
    for runtime in runtimes.iter().filter(|runtime| runtime.probe.compiler.is_some()) {
        let heated = Runtime { heat: Some(Heat::of(runtime.probe.compiler.as_deref())), ..runtime.clone() };
        in_turn([&suite; 2], ["hot", "cold"], [&heated, runtime], &agent, jobs);
    }
    println!("\nCPython's own test_audit, compared by the time for each asserted event:");
    for (runtime, whole) in runtimes.iter().zip(&compared) {
        test_audit(runtime, whole);
    }
    if let Some(runtime) = runtimes.first() {
        slowest(&suite, runtime, &agent, jobs);
        own_work(&suite, runtime, &agent);
        single_event(runtime);
    }
    resources();
    ExitCode::SUCCESS
}

/// The cases that are measured together.
#[derive(Clone, Copy, PartialEq)]
enum Group {
    /// All cases.
    Whole,
    /// Cases whose passes are forked from a warm interpreter, and that start no process.
    Forked,
    /// Cases that are forked too, but whose snippets start processes.
    Starting,
    /// Cases with interpreters of their own.
    Own,
}

impl Group {
    fn has(self, trial: &Trial) -> bool {
        let starts = trial.case.needs.iter().any(|need| need.as_str() == "subprocess");
        match self {
            Group::Whole => true,
            Group::Own => trial.case.is_alone(),
            Group::Forked => !trial.case.is_alone() && !starts,
            Group::Starting => !trial.case.is_alone() && starts,
        }
    }
}

const GROUPS: [(&str, Group); 4] =
    [("all", Group::Whole), ("forked", Group::Forked), ("start others", Group::Starting), ("own process", Group::Own)];

/// The cost of the whole suite on one runtime.
struct Whole {
    /// The median time of the rounds.
    seconds: f64,
    /// The number of asserted events: the sum over all cases of the events that each expects.
    assertions: usize,
    /// The number of different events.
    events: usize,
}

/// Measures the suite and the floor on one runtime, in turn, as a whole and by group.
fn compare(suite: &Suite, runtime: &Runtime, agent: &Agent, jobs: usize) -> Whole {
    let trials = plan(suite, std::slice::from_ref(runtime), &Selection::default());
    let mut whole = Whole { seconds: 0.0, assertions: 0, events: 0 };
    for (name, group) in GROUPS {
        let plan: Vec<Trial> = trials.iter().filter(|trial| group.has(trial)).copied().collect();
        let records = execute(&plan, agent, jobs).1;
        let passes = records.iter().map(passes).sum();
        let (mut suites, mut floors) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            suites.push(execute(&plan, agent, jobs).0);
            floors.push(floor(runtime, passes, jobs));
        }
        let ratios: Vec<f64> = suites.iter().zip(&floors).map(|(suite, floor)| suite / floor).collect();
        let columns = [&suites, &floors, &ratios].map(|values| format!("{:<24}", figures(values))).join("  ");
        println!("{:<16}  {name:<12}  {passes:>6}  {columns}", runtime.name());
        if group == Group::Whole {
            let run = trials.iter().filter(|trial| trial.verdict_without_run().is_none());
            let asserted: Vec<String> = run.flat_map(asserted).collect();
            let events: BTreeSet<&String> = asserted.iter().collect();
            whole = Whole { seconds: median(&suites), assertions: asserted.len(), events: events.len() };
        }
    }
    whole
}

/// Tells whether a word means a runtime: it is its name, or its name begins so and no other has exactly this name.
fn is_meant(name: &str, word: &str, names: &[String]) -> bool {
    name == word || name.starts_with(word) && !names.iter().any(|other| other == word)
}

/// Measures a suite on a runtime in two ways, in turn.
fn in_turn(suites: [&Suite; 2], names: [&str; 2], runtimes: [&Runtime; 2], agent: &Agent, jobs: usize) {
    let seconds = |way: usize| {
        let plan = plan(suites[way], std::slice::from_ref(runtimes[way]), &Selection::default());
        execute(&plan, agent, jobs).0
    };
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        first.push(seconds(0));
        second.push(seconds(1));
    }
    let ratios: Vec<f64> = first.iter().zip(&second).map(|(first, second)| first / second).collect();
    let columns = [&first, &second, &ratios].map(|values| format!("{:<24}", figures(values))).join("  ");
    println!("{:<16}  {:<12}  {:>6}  {columns}", runtimes[0].name(), names.join(", "), "");
}

/// Measures a case that does almost nothing, again and again in one warm interpreter.
fn forked_case(suite: &Suite, runtime: &Runtime, agent: &Agent) {
    const REPEATS: usize = 100;
    let trials = plan(suite, std::slice::from_ref(runtime), &Selection::default());
    let is_it = |trial: &&Trial| trial.id() == "os.rmdir::path" && runtime.isolation() == Isolation::Fork;
    if let Some(trial) = trials.iter().find(is_it) {
        let each = rounds(|| execute(&[*trial; REPEATS], agent, 1).0 / REPEATS as f64);
        println!("{:<16}  {} ms", runtime.name(), figures(&milliseconds(&each)));
    }
}

/// Returns the events that a trial asserts.
fn asserted(trial: &Trial) -> Vec<String> {
    let demands = trial.source.file.demands(trial.case, &trial.runtime.identity.language);
    demands.into_iter().map(|demand| demand.name).collect()
}

/// Measures all runtimes in one run, compared with the mean time of one runtime alone.
fn together(suite: &Suite, runtimes: &[Runtime], agent: &Agent, jobs: usize, alone: &[f64]) {
    if runtimes.len() > 1 {
        let all = rounds(|| execute(&plan(suite, runtimes, &Selection::default()), agent, jobs).0);
        let mean = alone.iter().sum::<f64>() / alone.len() as f64;
        let ratio = median(&all) / mean;
        println!("all {} in one run, s: {}: {ratio:.2} times the mean of one", alone.len(), figures(&all));
    }
}

/// Runs a plan, warm interpreters included, and returns the seconds and the records.
fn execute(plan: &[Trial], agent: &Agent, jobs: usize) -> (f64, Vec<TrialRecord>) {
    let start = Instant::now();
    let mut records = Vec::new();
    run::execute(plan, agent, jobs, Late::Last, &|_| true, &|| false, |message| {
        if let Message::Finished(_, record) = message {
            records.push(*record);
        }
    });
    agent.end_warm_interpreters();
    (start.elapsed().as_secs_f64(), records)
}

/// Compares the time for each assertion of an event with that of `test.test_audit`, where the interpreter has it.
///
/// `test_audit` asserts an event where its files name it as a string. Each is counted once, as nearly all occur once.
fn test_audit(runtime: &Runtime, whole: &Whole) {
    let program = &runtime.launch.command[0];
    let python = |args: &[&str]| Command::new(program).args(args).output().expect("the interpreter starts");
    let source = python(&[
        "-c",
        "import test.test_audit as t, os; f = os.path.dirname(t.__file__); \
        print(''.join(open(os.path.join(f, name)).read() for name in ('test_audit.py', 'audit-tests.py')))",
    ]);
    let text = String::from_utf8_lossy(&source.stdout);
    let suite = Suite::embedded();
    let named = |file: &&audit578::suite::Source| text.contains(&format!("\"{}\"", file.file.event));
    let events = suite.files.iter().filter(named).count();
    if events == 0 {
        println!("{:<16}  not installed", runtime.name());
        return;
    }
    let times = rounds(|| timed(|| drop(black_box(python(&["-m", "test.test_audit"])))));
    let (each, ours) = (median(&times) / events as f64, whole.seconds / whole.assertions as f64);
    println!(
        "{:<16}  {} s for {events} events, {:.1} ms each; the suite asserts {} events {} times, {:.1} ms each: {:.3}",
        runtime.name(),
        figures(&times),
        each * 1e3,
        whole.events,
        whole.assertions,
        ours * 1e3,
        ours / each,
    );
}

/// Returns the number of passes of a trial that was run: two where the veto was tried.
fn passes(record: &TrialRecord) -> usize {
    use audit578::suite::Promise::Unchecked;
    if record.verdict.was_run() { 1 + usize::from(record.veto != Unchecked) } else { 0 }
}

/// Starts empty interpreters, and returns the seconds.
fn floor(runtime: &Runtime, count: usize, jobs: usize) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let remaining = AtomicUsize::new(count);
    let argv = [runtime.launch.command.as_slice(), &["-I", "-S", "-c", "pass"].map(str::to_owned)].concat();
    let start = Instant::now();
    thread::scope(|scope| {
        for job in 0..jobs {
            let path = |name: &str| folder.path().join(format!("{name}{job}"));
            let (argv, folder) = (argv.clone(), folder.path().to_owned());
            let spawn = Spawn {
                argv,
                folder,
                env: BTreeMap::new(),
                stdin: Stdin::Empty,
                stdout: path("out"),
                stderr: path("err"),
                is_contained: false,
                read_only: Vec::new(),
                writable: Vec::new(),
            };
            let remaining = &remaining;
            scope.spawn(move || {
                let usage = Usage::LIMIT;
                let limits =
                    Limits { deadline: Duration::from_secs(60), files: Vec::new(), folders: Vec::new(), usage };
                while remaining.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1)).is_ok()
                {
                    black_box(process::run(&spawn, &limits));
                }
            });
        }
    });
    start.elapsed().as_secs_f64()
}

/// Shows the slowest cases, and the time of all that have interpreters of their own, by event. Some sleep, wait or start
/// processes on purpose; any other one is a surprise.
fn slowest(suite: &Suite, runtime: &Runtime, agent: &Agent, jobs: usize) {
    let trials = plan(suite, std::slice::from_ref(runtime), &Selection::default());
    let (_, mut records) = execute(&trials, agent, jobs);
    records.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
    println!("\nslowest on {}, ms:", runtime.name());
    for record in &records[..10.min(records.len())] {
        println!("  {:>6.1}  {}", record.seconds * 1e3, record.id());
    }
    let own: BTreeSet<String> = trials.iter().filter(|trial| Group::Own.has(trial)).map(Trial::id).collect();
    let mut by_event = BTreeMap::<&str, (usize, f64)>::new();
    for record in records.iter().filter(|record| record.verdict.was_run() && own.contains(&record.id())) {
        let (count, seconds) = by_event.entry(&record.event).or_default();
        *count += 1;
        *seconds += record.seconds;
    }
    println!("\ncases with interpreters of their own on {}, by event, ms:", runtime.name());
    for (event, (count, seconds)) in by_event {
        println!("  {:>6.1}  {count:>3}  {event}", seconds * 1e3);
    }
}

/// Measures the work of the harness itself: reading the suite, and judging observations.
fn own_work(suite: &Suite, runtime: &Runtime, agent: &Agent) {
    let reading = rounds(|| timed(|| drop(black_box(Suite::embedded()))));
    println!("\nreading all {} cases, ms: {}", suite.cases().count(), figures(&milliseconds(&reading)));
    let trials = plan(suite, std::slice::from_ref(runtime), &Selection::default());
    let has_both_passes = |trial: &&Trial| trial.verdict_without_run().is_none() && trial.case.run == Passes::Both;
    let seen: Vec<_> = trials
        .iter()
        .filter(has_both_passes)
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

/// Shows the processor time of the harness as part of the total, and its peak memory, on Linux.
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
        println!("processor time of the harness itself: {:.1} % of the total", 100.0 * own / all);
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

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn median(values: &[f64]) -> f64 {
    sorted(values)[values.len() / 2]
}

fn figures(values: &[f64]) -> String {
    let sorted = sorted(values);
    format!("{:.3} ({:.3} to {:.3})", median(values), sorted[0], sorted[sorted.len() - 1])
}
