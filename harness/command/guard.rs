//! `guard`: tests a user's own hook, or measures what it costs.

use std::collections::BTreeSet;
use std::env;

use anyhow::{Context, Result};

use super::cli::{self, GuardFormat, exit};
use super::files::{Output, catalogue, for_reader, has_faults, load_suite};
use super::interpreters::{find, jobs};
use super::stop::Stop;
use crate::agent::{Added, Agent, Hook, Observation, Pass};
use crate::coverage::catalogue::Catalogue;
use crate::report;
use crate::report::text::json;
use crate::run::guard::{Answer, Attempt, Control, FORMAT, Findings, HARMLESS, Policy, Round, Tried, costs, failure};
use crate::run::in_parallel;
use crate::run::plan::{Selection, needs};
use crate::runtime::{Launch, Runtime, Trial};
use crate::suite::{Capability, Case, Passes, Source, Suite, is_rule};

/// The number of rounds in which a cost is measured.
const ROUNDS: usize = 9;

pub(super) fn guard(args: &cli::Guard) -> Result<u8> {
    let policy = Policy::new(&args.deny, &args.allow).map_err(Stop::usage)?;
    if args.cost && args.format == GuardFormat::Junit {
        return Err(Stop::usage("--cost has no test cases for --format junit").into());
    }
    let output = Output::open(args.output.as_deref())?;
    let suite = load_suite(&args.cases)?;
    if has_faults(&suite) {
        return Ok(exit::USAGE);
    }
    let agent = Agent::new(args.interpreters.timeout)?;
    let folder = env::current_dir().context("the working directory is gone")?;
    let hook = Hook { target: args.hook.clone(), folder };
    let runtimes = runtimes(args, &suite, &agent)?;
    let findings = if args.cost {
        runtimes.iter().map(|runtime| measured(runtime, &agent, &hook)).collect::<Result<_>>()?
    } else {
        tested(args, &suite, &policy, &runtimes, &agent, &hook)?
    };
    let Policy { deny, allow } = policy;
    let answer = Answer { format: FORMAT, hook: args.hook.clone(), deny, allow, runtimes: findings };
    output.write(render(&answer, args)?.as_bytes())?;
    Ok(if answer.fails() { exit::NOT_CONFORMANT } else { exit::CONFORMANT })
}

/// Finds the interpreters with audit hooks: those that are named, or else the newest CPython.
fn runtimes(args: &cli::Guard, suite: &Suite, agent: &Agent) -> Result<Vec<Runtime>> {
    let mut runtimes = find(&args.interpreters, &needs(suite, &Selection::default()), agent)?.runtimes;
    runtimes.retain(|runtime| runtime.probe.audit);
    if args.interpreters.names.is_empty() && args.interpreters.paths.is_empty() {
        // Found are all interpreters of the machine, the newest CPython first.
        runtimes.truncate(1);
    }
    match runtimes.is_empty() {
        true => Err(Stop::nothing("no interpreter with audit hooks is selected").into()),
        false => Ok(runtimes),
    }
}

/// Refuses a hook that cannot be added.
fn check(seen: &Observation, hook: &Hook) -> Result<(), Stop> {
    failure(seen, hook).map_or(Ok(()), |reason| Err(Stop::usage(reason)))
}

/// Tests the hook with the operations that the arguments name.
fn tested(
    args: &cli::Guard,
    suite: &Suite,
    policy: &Policy,
    runtimes: &[Runtime],
    agent: &Agent,
    hook: &Hook,
) -> Result<Vec<Findings>> {
    let catalogue = catalogue()?;
    let wanted: BTreeSet<Capability> = match args.only.is_empty() {
        true => policy.deny.union(&policy.allow).copied().collect(),
        false => args.only.iter().copied().collect(),
    };
    let operations = operations(suite, &catalogue, &wanted);
    if operations.is_empty() {
        return Err(Stop::nothing("no operation of the suite has these capabilities").into());
    }
    let test = |runtime: &Runtime| {
        check(&agent.guard_snippet(&runtime.launch, hook, ""), hook)?;
        let trier = Trier { agent, hook, policy, runtime };
        let found = trier.all(&operations, jobs(&args.interpreters));
        if found.is_empty() {
            return Err(
                Stop::nothing(format!("no operation with these capabilities works on {}", runtime.name())).into()
            );
        }
        let not_tried = operations.len() - found.len();
        let harmless = HARMLESS
            .map(|(operation, snippet)| Control::of(operation, &agent.guard_snippet(&runtime.launch, hook, snippet)));
        let findings = Findings::new(runtime.name(), policy, &wanted, found, harmless.to_vec());
        Ok(Findings { not_tried, ..findings })
    };
    runtimes.iter().map(test).collect()
}

/// An operation to try: a case or a door with a snippet whose effect can be seen, and the things that it does.
struct Operation<'a> {
    source: &'a Source,
    case: &'a Case,
    capabilities: &'a [Capability],
}

/// Returns the operations that have one of the capabilities, or all.
fn operations<'a>(suite: &'a Suite, catalogue: &'a Catalogue, wanted: &BTreeSet<Capability>) -> Vec<Operation<'a>> {
    let operation = |(source, case): (&'a Source, &'a Case)| {
        let capabilities = catalogue.capabilities(&source.file, case);
        let is_wanted = wanted.is_empty() || capabilities.iter().any(|one| wanted.contains(one));
        let can_be_tried = case.snippet.is_some()
            && case.effect.is_some()
            && case.run == Passes::Both
            && !is_rule(&source.file.event)
            && (case.door.is_some() || source.file.expects_event(case));
        (is_wanted && can_be_tried).then_some(Operation { source, case, capabilities })
    };
    suite.cases().chain(suite.doors()).filter_map(operation).collect()
}

/// Tries operations under a hook on a runtime.
struct Trier<'a> {
    agent: &'a Agent,
    hook: &'a Hook,
    policy: &'a Policy,
    runtime: &'a Runtime,
}

impl Trier<'_> {
    fn all(&self, operations: &[Operation], jobs: usize) -> Vec<Tried> {
        let mut tried = Vec::new();
        let work = |operation: &&Operation, say: &dyn Fn(Tried)| {
            if let Some(one) = self.one(operation) {
                say(one);
            }
        };
        in_parallel(&operations.iter().collect::<Vec<_>>(), jobs, work, |one| tried.push(one));
        tried
    }

    /// Tries one operation. Returns `None` if that says nothing here.
    fn one(&self, operation: &Operation) -> Option<Tried> {
        let Operation { source, case, capabilities } = *operation;
        let trial = Trial { source, case, runtime: self.runtime };
        if trial.verdict_without_run().is_some() {
            return None;
        }
        let must = self.policy.demand(capabilities);
        let name = case.door.is_none().then_some(source.file.event.as_str());
        let plain = self.agent.observe(&trial, &[], Pass::Plain, self.runtime.isolation());
        let attempt = Attempt::of(name, must, &plain, &self.agent.guard(&trial, self.hook))?;
        Some(Tried::new(&source.file, case, capabilities, must, attempt))
    }
}

/// Measures what the hook costs on a runtime.
fn measured(runtime: &Runtime, agent: &Agent, hook: &Hook) -> Result<Findings> {
    let rounds = (0..ROUNDS).map(|_| round(&runtime.launch, agent, hook)).collect::<Result<Vec<_>>>()?;
    Ok(Findings { runtime: runtime.name().to_owned(), costs: costs(&rounds), ..Findings::default() })
}

fn round(launch: &Launch, agent: &Agent, hook: &Hook) -> Result<Round> {
    let times = |added: Added| {
        let seen = agent.time(launch, added);
        check(&seen, hook)?;
        match seen.finished {
            true => Ok(seen.times),
            false => Err(Stop::harness(format!("the operations could not be timed: {}", seen.exit))),
        }
    };
    Ok(Round { none: times(Added::None)?, empty: times(Added::Empty)?, hook: times(Added::Hook(hook))? })
}

fn render(answer: &Answer, args: &cli::Guard) -> Result<String> {
    use report::guard::{junit, markdown, terminal};
    match args.format {
        GuardFormat::Terminal => Ok(for_reader(&terminal::render(answer, args.ways), args.output.as_deref())),
        GuardFormat::Markdown => Ok(for_reader(&markdown::render(answer, args.ways), args.output.as_deref())),
        GuardFormat::Json => Ok(json(serde_json::to_string_pretty(answer)? + "\n")),
        GuardFormat::Html => report::site::render_guard(answer, args.ways),
        GuardFormat::Junit => Ok(for_reader(&junit::render(answer)?, args.output.as_deref())),
    }
}
