//! `guard`: tests a user's own hook.

use std::collections::BTreeSet;
use std::env;

use anyhow::{Context, Result};

use super::cli::{self, exit};
use super::files::{has_faults, load_suite, print};
use super::interpreters::{find, jobs};
use super::stop::Stop;
use crate::agent::{Agent, Hook, Pass};
use crate::coverage::catalogue::{self, Catalogue};
use crate::report::guard::{Answer, Control, Tried, render};
use crate::run::guard::{Attempt, HARMLESS, Outcome, disturbance, failure};
use crate::run::in_parallel;
use crate::run::plan::{Selection, needs};
use crate::runtime::{Runtime, Trial};
use crate::suite::{Capability, Case, EventFile, Passes, Source, Suite, is_rule};

pub(super) fn guard(args: &cli::Guard) -> Result<u8> {
    let suite = load_suite(&args.cases)?;
    if has_faults(&suite) {
        return Ok(exit::USAGE);
    }
    let catalogue =
        Catalogue::parse(catalogue::EMBEDDED).map_err(|fault| anyhow::anyhow!("the catalogue: {}", fault.message))?;
    let wanted: BTreeSet<Capability> =
        if args.only.is_empty() { &args.deny } else { &args.only }.iter().copied().collect();
    let operations = operations(&suite, &catalogue, &wanted);
    if operations.is_empty() {
        return Err(Stop::nothing("no operation of the suite has these capabilities").into());
    }
    let folder = env::current_dir().context("the working directory is gone")?;
    let hook = Hook { target: args.hook.clone(), folder };
    let agent = Agent::new(args.interpreters.timeout)?;
    let mut runtimes = find(&args.interpreters, &needs(&suite, &Selection::default()), &agent)?.runtimes;
    runtimes.retain(|runtime| runtime.probe.audit);
    if args.interpreters.names.is_empty() && args.interpreters.paths.is_empty() {
        // Found are all interpreters of the machine, the newest CPython first.
        runtimes.truncate(1);
    }
    if runtimes.is_empty() {
        return Err(Stop::nothing("no interpreter with audit hooks is selected").into());
    }
    let mut fails = false;
    for runtime in &runtimes {
        if let Some(reason) = failure(&agent.guard_snippet(&runtime.launch, &hook, ""), &hook) {
            return Err(Stop::usage(reason).into());
        }
        let tried = attempts(&operations, runtime, &agent, &hook, jobs(&args.interpreters));
        let control = HARMLESS.map(|(what, snippet)| {
            let seen = agent.guard_snippet(&runtime.launch, &hook, snippet);
            Control { what, disturbed: disturbance(&seen) }
        });
        let is_open = |tried: &Tried| {
            matches!(tried.attempt.outcome, Outcome::LetThrough | Outcome::TooLate)
                && tried.capabilities.iter().any(|one| args.deny.contains(one))
        };
        fails |= tried.iter().any(is_open) || control.iter().any(|control| control.disturbed.is_some());
        let answer = Answer {
            hook: &args.hook,
            runtime: runtime.name(),
            deny: &args.deny,
            wanted: &wanted,
            tried,
            control: &control,
        };
        print(&render(&answer, args.ways))?;
    }
    Ok(if fails { exit::NOT_CONFORMANT } else { exit::CONFORMANT })
}

/// An operation to try: a case with a snippet whose effect can be seen, and what it does.
struct Operation<'a> {
    source: &'a Source,
    case: &'a Case,
    capabilities: Vec<Capability>,
}

/// Returns the operations that have one of the capabilities, or all.
fn operations<'a>(suite: &'a Suite, catalogue: &Catalogue, wanted: &BTreeSet<Capability>) -> Vec<Operation<'a>> {
    let operation = |(source, case): (&'a Source, &'a Case)| {
        let capabilities = capabilities(&source.file, case, catalogue);
        let is_wanted = wanted.is_empty() || capabilities.iter().any(|one| wanted.contains(one));
        let can_be_tried = case.snippet.is_some()
            && case.effect.is_some()
            && case.run == Passes::Both
            && !is_rule(&source.file.event)
            && source.file.expects_event(case);
        (is_wanted && can_be_tried).then_some(Operation { source, case, capabilities })
    };
    suite.cases().filter_map(operation).collect()
}

/// Returns what a case does: what it says itself, or what its event can do.
fn capabilities(file: &EventFile, case: &Case, catalogue: &Catalogue) -> Vec<Capability> {
    match case.capabilities.as_slice() {
        [] => catalogue.entry(&file.event).map(|entry| entry.capabilities.clone()).unwrap_or_default(),
        own => own.to_vec(),
    }
}

/// Tries the operations on a runtime.
fn attempts<'a>(
    operations: &'a [Operation<'a>],
    runtime: &Runtime,
    agent: &Agent,
    hook: &Hook,
    jobs: usize,
) -> Vec<Tried<'a>> {
    let mut tried = Vec::new();
    let work = |operation: &&'a Operation<'a>, say: &dyn Fn(Tried<'a>)| {
        let trial = Trial { source: operation.source, case: operation.case, runtime };
        if trial.verdict_without_run().is_some() {
            return;
        }
        let file = &operation.source.file;
        let demands = file.demands(operation.case, &runtime.identity.language);
        let plain = agent.observe(&trial, &demands, Pass::Plain, runtime.isolation());
        if let Some(attempt) = Attempt::of(&file.event, &plain, &agent.guard(&trial, hook)) {
            say(Tried { file, case: operation.case, capabilities: &operation.capabilities, attempt });
        }
    };
    let all: Vec<&Operation> = operations.iter().collect();
    in_parallel(&all, jobs, work, |one| tried.push(one));
    tried.sort_by_key(|tried| (tried.attempt.outcome, tried.file.id(tried.case)));
    tried
}
