//! The suite as tests: one for each case on each runtime, named `RUNTIME::EVENT::NAME`.
//!
//! A test whose case does not apply to its runtime is ignored. The end of the output counts these by reason.
//! `AUDIT578_REQUIRE` lists the beginnings of the names of required runtimes: `cpython-3.8,cpython-3.13`. An implementation
//! with versions of its own may be named by the version of the language instead: `pypy-3.11`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, fs};

use audit578::agent::Agent;
use audit578::process::containment;
use audit578::report::terminal;
use audit578::run;
use audit578::run::plan::{self, Selection};
use audit578::runtime::discover::Config;
use audit578::runtime::{Launch, Runtime};
use audit578::suite::{Glob, Source, Suite};
use libtest_mimic::{Arguments, Failed, Trial};

/// Everything that the tests need. The last test drops it, and with it the agent's folder.
struct World {
    suite: Suite,
    runtimes: Vec<Runtime>,
    agent: Agent,
    /// The interpreters that cannot be tested, each with the reason.
    untested: Vec<String>,
}

fn main() -> ExitCode {
    if let Some(code) = containment::serve_keeper() {
        return code;
    }
    let mut args = Arguments::from_args();
    args.test_threads.get_or_insert_with(run::usual_jobs);
    let world = match World::new(&args) {
        Ok(world) => Arc::new(world),
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::FAILURE;
        }
    };
    let untested = world.untested.clone();
    let mut skipped = BTreeMap::<String, usize>::new();
    let mut tests = Vec::new();
    for trial in plan::plan(&world.suite, &world.runtimes, &selection(&args)) {
        let name = format!("{}::{}", trial.runtime.name(), trial.id());
        let not_run = trial.verdict_without_run().map(|(verdict, reason)| format!("{verdict}: {reason}"));
        if let Some(reason) = not_run.as_ref().filter(|_| is_selected(&args, &name)) {
            *skipped.entry(reason.clone()).or_default() += 1;
        }
        let (test_world, runtime) = (Arc::clone(&world), trial.runtime.name().to_owned());
        let (event, case) = (trial.source.file.event.clone(), trial.case.name.clone());
        let ignored = not_run.is_some();
        tests.push(Trial::test(name, move || test_world.test(&event, &case, &runtime)).with_ignored_flag(ignored));
    }
    drop(world);
    let conclusion = libtest_mimic::run(&args, tests);
    if !args.list {
        for line in untested {
            println!("not tested: {line}");
        }
        for (reason, count) in skipped {
            println!("{count:>6} {reason}");
        }
    }
    conclusion.exit_code()
}

impl World {
    fn new(args: &Arguments) -> Result<World, String> {
        let suite = Suite::embedded();
        if !suite.faults.is_empty() {
            return Err(suite.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        }
        let toml = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtimes.toml");
        let text = fs::read_to_string(toml).map_err(|error| error.to_string())?;
        let jobs = args.test_threads.unwrap_or(1);
        let agent = Agent::new(None).map_err(|error| error.to_string())?;
        let selection = selection(args);
        let needs = plan::needs(&suite, &selection);
        let mut launches = Config::parse(&text)?.launches();
        if args.filter.is_some() || !args.skip.is_empty() {
            launches = run::name(launches, &agent, jobs);
            launches.retain(|launch| is_wanted(args, &suite, launch));
        }
        let (runtimes, absent) = run::probe(&launches, &needs, &agent, jobs);
        let (runtimes, without_hooks): (Vec<_>, Vec<_>) = runtimes.into_iter().partition(|runtime| runtime.probe.audit);
        let without_hooks = without_hooks.iter().map(|runtime| format!("{}: no audit hooks", runtime.name()));
        let absent = absent.iter().map(|absent| format!("{}: {}", absent.launch.label(), absent.reason));
        let untested = without_hooks.chain(absent).collect();
        check_required(args, &runtimes)?;
        Ok(World { suite, runtimes, agent, untested })
    }

    fn test(&self, event: &str, case: &str, runtime: &str) -> Result<(), Failed> {
        let case = self.suite.runnable().find(|(source, known)| source.file.event == event && known.name == case);
        let runtime = self.runtimes.iter().find(|known| known.name() == runtime);
        let ((source, case), runtime) = case.zip(runtime).ok_or("the test is not in the plan")?;
        let record = run::run(&audit578::runtime::Trial { source, case, runtime }, &self.agent);
        // The operation of a door may not work on another implementation.
        let may_not_work = case.door.is_some() && runtime.identity.implementation != "cpython";
        if !record.verdict.was_run() && !may_not_work {
            return Err(record.reason.unwrap_or_default().into());
        }
        if record.is_unexpected() {
            let repeat_command = ["cargo", "run", "--release", "--", "run", &record.id(), "--runtime", &record.runtime];
            let failure = terminal::failure(&record, &repeat_command.map(str::to_owned));
            return Err(anstream::adapter::strip_str(&failure).to_string().into());
        }
        Ok(())
    }
}

/// Returns the cases that can be selected. With `--exact` this is one case, because nextest starts this program once for
/// each test.
fn selection(args: &Arguments) -> Selection {
    let id = args.filter.as_deref().filter(|_| args.exact).and_then(|name| name.split_once("::"));
    let glob = id.and_then(|(_, id)| Glob::try_from(id.to_owned()).ok());
    Selection { patterns: glob.into_iter().collect(), ..Selection::default() }
}

/// Tells whether the filters of the command line select a test. They work as those of libtest-mimic.
fn is_selected(args: &Arguments, name: &str) -> bool {
    let matches = |filter: &String| if args.exact { name == filter } else { name.contains(filter.as_str()) };
    args.filter.as_ref().is_none_or(matches) && !args.skip.iter().any(matches)
}

/// Tells whether a test of a runtime is selected, or the runtime is required.
fn is_wanted(args: &Arguments, suite: &Suite, launch: &Launch) -> bool {
    let runtime = launch.label();
    let selected = |(source, case): (&Source, _)| is_selected(args, &format!("{runtime}::{}", source.file.id(case)));
    required().iter().any(|prefix| begins(&launch.names(), prefix)) || suite.runnable().any(selected)
}

/// Tells whether one of the names of a runtime begins with a prefix.
fn begins(names: &[String], prefix: &str) -> bool {
    names.iter().any(|name| name.starts_with(prefix))
}

/// Returns the beginnings of the names of the required runtimes.
fn required() -> Vec<String> {
    let names = env::var("AUDIT578_REQUIRE").unwrap_or_default();
    names.split(',').filter(|prefix| !prefix.is_empty()).map(str::to_owned).collect()
}

fn check_required(args: &Arguments, runtimes: &[Runtime]) -> Result<(), String> {
    let is_there = |prefix: &String| runtimes.iter().any(|runtime| begins(&runtime.names(), prefix));
    let absent: Vec<String> = required().into_iter().filter(|prefix| !is_there(prefix)).collect();
    if !absent.is_empty() {
        return Err(format!("AUDIT578_REQUIRE: no runtime begins with {}", absent.join(", ")));
    }
    if runtimes.is_empty() && args.filter.is_none() {
        return Err("no Python with audit hooks was found; install Python 3.8 or later".to_owned());
    }
    Ok(())
}
