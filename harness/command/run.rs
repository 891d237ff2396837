//! `run`: runs the selected cases on the interpreters, writes the results file, and shows the matrix.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use std::{mem, thread};

use anyhow::Result;

use super::cache::{Cache, Split};
use super::cli::{self, FailOn, HotCode, NewCases, Part, exit};
use super::compare::{comparable, comparison};
use super::files::{self, Output, has_faults, load_selected, load_suite, print, say, shown};
use super::gaps::{self, attach, unmatched};
use super::interpreters::{Found, find, find_first, find_with, jobs};
use super::interrupt::{STOP, stop_in_order};
use super::progress::Progress;
use super::results_file::ResultsFile;
use super::resume::Resumed;
use super::selection::{no_case, warn_of_unmatched};
use super::shard::Chosen;
use super::stop::Stop;
use crate::agent::{Agent, Failure};
use crate::process::{containment, strays};
use crate::report;
use crate::report::terminal::View;
use crate::report::text::{clean, log};
use crate::results::cache::digest;
use crate::results::{CaseRecord, EventRecord, FORMAT, Footer, Header, Results, definition, part};
use crate::run::plan::{Selection, needs, plan, starts};
use crate::run::{self, Late, Message, Rounds, TrialRecord};
use crate::runtime::{Heat, Runtime, Trial};
use crate::scratch;
use crate::suite::{Need, Source, Suite};

/// The error when a run selects trials by earlier results, and none of their runtimes is found.
const NO_FAILED_RUNTIME: &str = "none of the runtimes with an unexpected result is here; see `audit578 runtimes`";

pub(super) fn run(args: &cli::Run) -> Result<u8> {
    let start = Instant::now();
    containment::begin();
    let suite = load_selected(&args.cases, &Selection::of(&args.patterns))?;
    if has_faults(&suite) {
        return Ok(exit::USAGE);
    }
    let failed = args.failed.as_deref().map(failed).transpose()?;
    let chosen = Chosen::of(args.shard)?;
    let junit = chosen.junit.as_deref().map(|path| Output::open(Some(path))).transpose()?;
    let selection = Selection { shard: chosen.shard, trials: failed, ..Selection::of(&args.patterns) };
    if selection.is_empty(&suite) {
        return Err(no_case(&selection, &suite).into());
    }
    warn_of_unmatched(&selection, &suite);
    // All results are read before the results file is created, because they may be the same file.
    let baseline = args.baseline.as_deref().map(|path| baseline(path, &selection)).transpose()?;
    // A shard without cases has nothing to compare.
    let baseline = baseline.filter(|_| suite.runnable().any(|(source, case)| selection.has(source, case)));
    // A faulty gaps file is reported before anything starts.
    args.gaps.as_deref().map(gaps::read).transpose()?;
    let resumed = args.resume.as_deref().map(Resumed::load).transpose()?;
    let mut file = ResultsFile::open(args.results.as_deref().or(args.resume.as_deref()))?;
    remove_what_others_left();
    let agent = Agent::new(args.interpreters.timeout)?.keeping(args.keep.clone());
    let agent = agent.expecting(starts(&suite, &selection));
    let cache = args.cached.as_deref().map(Cache::open).transpose()?;
    let needs = needs(&suite, &selection);
    let find = || find_for(args, &needs, &agent, cache.as_ref(), resumed.is_some());
    let (found, cases) = beside(find, || cases(&suite, &selection).collect::<Vec<_>>());
    let mut found = found?;
    found.runtimes.iter_mut().for_each(|runtime| runtime.heat = heat(runtime, args.hot));
    attach(&mut found.runtimes, args.gaps.as_deref(), &suite.hash(), args.new == NewCases::Fail)?;
    let results = Results::new(header(&suite, &selection, &found.runtimes, args));
    let results = Results { runtimes: found.rows(), events: events(&suite, &selection), ..results };
    let results = results.with(cases, Vec::<TrialRecord>::new());
    if let Some(baseline) = &baseline {
        comparable(baseline, &results, &args.map)?;
    }
    if let Some(resumed) = &resumed {
        resumed.check(&results)?;
    }
    let plan = plan(&suite, &found.runtimes, &selection);
    if plan.is_empty() && args.failed.is_some() {
        return Err(Stop::nothing(NO_FAILED_RUNTIME).into());
    }
    let (plan, resumed_trials) = match &resumed {
        Some(resumed) => resumed.split(plan)?,
        None => (plan, Vec::new()),
    };
    match resumed.as_ref().and_then(Resumed::length) {
        Some(length) => file.resume(length)?,
        None => file.begin(&found, &results)?,
    }
    let digests = || results.all_cases().map(|case| (case.id(), case.digest.clone()));
    let split = match &cache {
        Some(cache) => cache.take(plan, &found.runtimes, digests(), &options(args)),
        None => Split::all(plan),
    };
    split.taken.iter().try_for_each(|trial| file.add(trial, &found, &results))?;
    let is_ready = |runtime: &Runtime| run::examine(runtime, &needs, &agent);
    let keep = |trial: &TrialRecord| file.add(trial, &found, &results);
    let (mut trials, is_cut) = trials(&split.plan, &agent, args, &is_ready, keep)?;
    let is_whole = !STOP.load(Ordering::Relaxed);
    if is_whole && (!is_cut || file.is_wanted()) {
        found.runtimes.iter().for_each(|runtime| _ = is_ready(runtime));
    }
    if found.is_known() {
        file.take_trials(&found, &results)?;
    }
    let results = Results { runtimes: found.rows(), ..results };
    if let Some(cache) = &cache {
        trials.extend(cache.keep(split, &trials)?);
    }
    trials.extend(resumed_trials);
    let old_footer = resumed.as_ref().and_then(Resumed::footer).cloned();
    let lines = Some(results.lines() + trials.len());
    let seconds = start.elapsed().as_secs_f64();
    let footer = (is_whole && !is_cut).then_some(Footer { trials: trials.len(), lines, seconds });
    if let Some(footer) = footer.as_ref().filter(|_| old_footer.is_none()) {
        file.end(footer)?;
    }
    let footer = old_footer.or(footer);
    let results = Results { footer, ..results }.with([], trials).sorted();
    let results = shown(results)?;
    print(&report::terminal::render(&results, &view(args)))?;
    if let Some(junit) = junit {
        junit.write(log(&report::junit::render(&results)?).as_bytes())?;
    }
    warn_of_failures(&agent);
    let has_unmatched = say_unmatched_gaps(&found.runtimes, &args.cases)?;
    if !found.has_tested() {
        return Err(Stop::harness("no interpreter can be tested, see above; install Python 3.8 or later").into());
    }
    let is_worse = baseline.map_or(Ok(false), |baseline| is_worse(&*shown(baseline)?, &results, &args.map))?;
    if is_cut {
        say("stopped at the first unexpected result, as --fail-fast says");
    }
    if found.lacks_required() || !is_whole {
        return Ok(exit::HARNESS);
    }
    let is_unexpected = has_unmatched || results.all_trials().any(TrialRecord::is_unexpected);
    Ok(if is_cut || fails(args, is_unexpected, is_worse) { exit::NOT_CONFORMANT } else { exit::CONFORMANT })
}

/// Tells whether results make the run fail.
fn fails(args: &cli::Run, is_unexpected: bool, is_worse: bool) -> bool {
    match args.fail_on() {
        FailOn::Unexpected => is_unexpected,
        FailOn::Worse => is_worse,
        FailOn::Never => false,
    }
}

/// Finds the interpreters of a run. The conditions of the trials of an earlier run must be known before the first trial of this
/// one. Without such trials, the interpreters are asked for their needs while the first trials run.
fn find_for(args: &cli::Run, needs: &[Need], agent: &Agent, cache: Option<&Cache>, resumes: bool) -> Result<Found> {
    let interpreters = &args.interpreters;
    match cache {
        Some(cache) => find_with(interpreters, needs, agent, &|launch, needs| cache.probe(launch, needs, agent)),
        None if resumes => find(interpreters, needs, agent),
        None => find_first(interpreters, needs, agent),
    }
}

/// Says on standard error which lines of gaps files match no case. Only for this, all cases are read. Tells whether there are
/// any.
fn say_unmatched_gaps(runtimes: &[Runtime], cases: &cli::Cases) -> Result<bool> {
    let has_own = runtimes.iter().any(|runtime| runtime.own_gaps.is_some());
    let unmatched = if has_own { unmatched(runtimes, &load_suite(cases)?) } else { BTreeSet::new() };
    for line in &unmatched {
        say(line);
    }
    Ok(!unmatched.is_empty())
}

/// Removes the folders of runs that were killed. Says on standard error which cannot be removed.
fn remove_what_others_left() {
    for (path, error) in scratch::sweep() {
        say(&format!("warning: cannot remove {}, which a killed run left: {error}", path.display()));
    }
}

/// Does two things at the same time.
fn beside<A, B: Send>(one: impl FnOnce() -> A, other: impl FnOnce() -> B + Send) -> (A, B) {
    thread::scope(|scope| {
        let other = scope.spawn(other);
        (one(), other.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Returns the options on which the records of trials depend.
fn options(args: &cli::Run) -> String {
    format!("{:?} {:?} {}", args.interpreters.timeout, args.hot, args.interpreters.uncontained)
}

fn view(args: &cli::Run) -> View {
    let shows = |part| args.verbose || args.show.contains(&part);
    View {
        summary: !args.quiet,
        matrix: shows(Part::Matrix),
        gaps: shows(Part::Gaps),
        skips: shows(Part::Skips),
        doors: shows(Part::Doors),
        width: files::width(),
    }
}

/// Returns how long the snippets run on a runtime until they are hot code, if it has hot passes.
fn heat(runtime: &Runtime, choice: HotCode) -> Option<Heat> {
    let compiler = runtime.probe.compiler.as_deref();
    let is_chosen = match choice {
        HotCode::Compiled => compiler.is_some(),
        HotCode::All => true,
        HotCode::None => false,
    };
    is_chosen.then(|| Heat::of(compiler))
}

/// Says on which runtimes the agent itself failed. The results do not depend on it, but the run took longer.
fn warn_of_failures(agent: &Agent) {
    for (runtime, Failure { reason, count }) in agent.failures.by_runtime() {
        let passes = if count == 1 { "1 pass".to_owned() } else { format!("{count} passes") };
        say(&format!(
            "warning: the agent failed on {runtime} in {passes}, which a new process repeated: {}",
            clean(&reason)
        ));
    }
}

/// Reads the results of an earlier run, and keeps the cases that this run selects.
fn baseline(path: &Path, selection: &Selection) -> Result<Results> {
    let mut results = files::results(path)?;
    for trials in [&mut results.trials, &mut results.doors.trials] {
        trials.retain(|trial| selection.has_id(&trial.event, &trial.id()));
    }
    for cases in [&mut results.cases, &mut results.doors.cases] {
        cases.retain(|case| selection.has_id(&case.event, &case.id()));
    }
    Ok(results)
}

/// Shows what changed since the baseline, and tells whether something got worse.
fn is_worse(baseline: &Results, results: &Results, map: &[(String, String)]) -> Result<bool> {
    let comparison = comparison(baseline, results, map)?;
    print(&format!("\n{}", report::changes::render(&comparison)))?;
    Ok(comparison.is_worse())
}

/// Runs the plan as often as the user wants, and keeps the record of each trial after its last round. Returns the records,
/// and whether --fail-fast cut the run short.
fn trials(
    plan: &[Trial],
    agent: &Agent,
    args: &cli::Run,
    is_ready: &(dyn Fn(&Runtime) -> bool + Sync),
    mut keep: impl FnMut(&TrialRecord) -> Result<()>,
) -> Result<(Vec<TrialRecord>, bool)> {
    stop_in_order("interrupted: waiting for the trials that run")?;
    strays::adopt();
    let is_cut = AtomicBool::new(false);
    let is_stopped = || STOP.load(Ordering::Relaxed) || is_cut.load(Ordering::Relaxed);
    let mut rounds: Vec<Rounds> = plan.iter().map(|_| Rounds::default()).collect();
    let (mut trials, mut written) = (Vec::new(), Ok(()));
    let mut finish = |rounds: &mut Rounds| {
        let Some(record) = mem::take(rounds).join(args.repeat) else { return };
        if written.is_ok() {
            written = keep(&record);
            // Without its results, the rest of the run would be useless.
            STOP.fetch_or(written.is_err(), Ordering::Relaxed);
        }
        trials.push(record);
    };
    let late = if args.fail_fast { Late::AtOnce } else { Late::Last };
    for _ in 0..args.repeat {
        let mut progress = Progress::new(plan, args.quiet);
        run::execute(plan, agent, jobs(&args.interpreters), late, is_ready, &is_stopped, |message| {
            progress.update(&message);
            if let Message::Finished(index, record) = message {
                is_cut.fetch_or(args.fail_fast && record.is_unexpected(), Ordering::Relaxed);
                if rounds[index].add(*record) == usize::from(args.repeat) {
                    finish(&mut rounds[index]);
                }
            }
        });
        progress.finish();
    }
    strays::end_all();
    // A run that is cut short has trials with fewer rounds.
    rounds.iter_mut().for_each(finish);
    written.map(|()| (trials, is_cut.into_inner()))
}

/// Reads the cases with an unexpected result, each with the runtimes that had it.
fn failed(path: &Path) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let results = files::results(path)?;
    let mut failed = BTreeMap::<String, BTreeSet<String>>::new();
    for trial in results.all_trials().filter(|trial| trial.is_unexpected() || trial.new) {
        failed.entry(trial.id()).or_default().insert(trial.runtime.to_string());
    }
    match failed.is_empty() {
        true => Err(Stop::nothing(format!("{} has no unexpected result", path.display())).into()),
        false => Ok(failed),
    }
}

/// Returns the records of the events with a selected case.
fn events(suite: &Suite, selection: &Selection) -> Vec<EventRecord> {
    let is_selected = |source: &&Source| source.file.cases.iter().any(|case| selection.has(source, case));
    suite.files.iter().filter(is_selected).map(EventRecord::from).collect()
}

/// Returns the records of the selected cases and doors.
fn cases(suite: &Suite, selection: &Selection) -> impl Iterator<Item = CaseRecord> {
    let of = |source| definition::case_records(source, |case| selection.has(source, case));
    suite.files.iter().chain(&suite.doors).flat_map(of)
}

fn header(suite: &Suite, selection: &Selection, runtimes: &[Runtime], args: &cli::Run) -> Header {
    Header {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        suite: suite.hash(),
        host: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        started: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        repeat: repeat_command(args),
        conditions: Some(conditions(runtimes)),
        parts: part::selected(selection),
    }
}

/// Returns the digest of all on which verdicts depend besides suite, interpreters and options.
fn conditions(runtimes: &[Runtime]) -> String {
    let of = |runtime: &Runtime| format!("{:?} {:?} {:?}\n", runtime.launch, runtime.heat, runtime.own_gaps);
    digest(&runtimes.iter().map(of).collect::<String>())
}

/// Returns the program and the options that repeat a trial of this run.
fn repeat_command(args: &cli::Run) -> Vec<String> {
    let program = std::env::args().next().unwrap_or_else(|| "audit578".to_owned());
    let mut words = vec![program, "run".to_owned()];
    let mut option = |name: &str, value: Option<String>| {
        words.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
    };
    let path = |path: &PathBuf| path.to_string_lossy().into_owned();
    option("--cases", args.cases.cases.as_ref().map(path));
    option("--runtimes", args.interpreters.runtimes.as_ref().map(path));
    option("--gaps", args.gaps.as_ref().map(path));
    option("--isolation", args.interpreters.isolation.map(|isolation| isolation.to_string()));
    option("--repeat", Some(args.repeat).filter(|rounds| *rounds > 1).map(|rounds| rounds.to_string()));
    option("--timeout", args.interpreters.timeout.map(|time| time.as_secs_f64().to_string()));
    args.interpreters.variants.iter().for_each(|variant| option("--variant", Some(variant.clone())));
    args.interpreters.paths.iter().for_each(|python| option("--python", Some(path(python))));
    words.extend(args.interpreters.uncontained.then(|| "--uncontained".to_owned()));
    words.extend(match args.hot {
        HotCode::Compiled => None,
        HotCode::All => Some("--hot".to_owned()),
        HotCode::None => Some("--hot=none".to_owned()),
    });
    words
}
