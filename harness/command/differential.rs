//! `run --differential`: compares the events of snippets on two runtimes, without expectations.

use std::path::Path;

use anyhow::Result;

use super::cli::{self, exit};
use super::files::{has_faults, load_suite, print, read};
use super::interpreters::{jobs, pair};
use super::selection::{no_case, warn_of_unmatched};
use super::shard::Chosen;
use crate::agent::{Agent, Observation};
use crate::report;
use crate::run::differential::{Outcome, SnippetComparison, Stream};
use crate::run::in_parallel;
use crate::run::plan::{Selection, needs};
use crate::runtime::{Runtime, Trial};
use crate::suite::{Case, Source, Suite};

pub(super) fn differential(args: &cli::Run) -> Result<u8> {
    let suite = load_suite(&args.cases)?;
    if has_faults(&suite) {
        return Ok(exit::USAGE);
    }
    let (files, patterns): (Vec<_>, Vec<_>) =
        args.patterns.iter().cloned().partition(|glob| Path::new(glob.as_str()).extension() == Some("py".as_ref()));
    let files =
        files.iter().map(|file| Ok((file.as_str(), read(Path::new(file.as_str()))?))).collect::<Result<Vec<_>>>()?;
    let shard = Chosen::of(args.shard)?.shard;
    let selection = (files.is_empty() || !patterns.is_empty()).then_some(Selection { patterns, shard, trials: None });
    if let Some(selection) = &selection {
        warn_of_unmatched(selection, &suite);
    }
    let agent = Agent::new(args.interpreters.timeout)?;
    let needs = selection.as_ref().map(|selection| needs(&suite, selection)).unwrap_or_default();
    let [one, other] = pair(&args.interpreters, &args.differential, &needs, &agent)?;
    let compare = Compare { suite: &suite, agent: &agent, one: &one, other: &other };
    let mut comparisons: Vec<SnippetComparison> = files.iter().map(|(name, code)| compare.file(name, code)).collect();
    if let Some(selection) = &selection {
        comparisons.extend(compare.cases(selection, jobs(&args.interpreters)));
    }
    // A shard may have no case, and the others have them.
    let is_shard = selection.as_ref().is_some_and(|selection| selection.shard.is_some() && !selection.is_empty(&suite));
    if comparisons.is_empty() && !is_shard {
        return Err(no_case(&selection.unwrap_or_default(), &suite).into());
    }
    print(&report::differential::render(one.name(), other.name(), &comparisons, args.verbose))?;
    let differs = comparisons.iter().any(|comparison| matches!(comparison.outcome, Outcome::Different(..)));
    Ok(if differs { exit::NOT_CONFORMANT } else { exit::CONFORMANT })
}

/// The suite and the two runtimes of a comparison.
struct Compare<'a> {
    suite: &'a Suite,
    agent: &'a Agent,
    one: &'a Runtime,
    other: &'a Runtime,
}

impl<'a> Compare<'a> {
    fn file(&self, name: &str, code: &str) -> SnippetComparison {
        let record = |runtime: &Runtime| self.stream(runtime, &self.agent.record(&runtime.launch, "", code));
        SnippetComparison { name: name.to_owned(), outcome: self.outcome(record) }
    }

    fn cases(&self, selection: &Selection, jobs: usize) -> Vec<SnippetComparison> {
        let selected: Vec<_> = self.suite.cases().filter(|(source, case)| selection.has(source, case)).collect();
        let mut comparisons = Vec::new();
        let work = |&(source, case): &_, say: &dyn Fn(SnippetComparison)| say(self.case(source, case));
        in_parallel(&selected, jobs, work, |comparison| comparisons.push(comparison));
        comparisons.sort_by(|one: &SnippetComparison, other| one.name.cmp(&other.name));
        comparisons
    }

    fn case(&self, source: &'a Source, case: &'a Case) -> SnippetComparison {
        let trial = |runtime| Trial { source, case, runtime };
        let not_run = [self.one, self.other].into_iter().find_map(|runtime| {
            trial(runtime).verdict_without_run().map(|(_, reason)| format!("{reason} ({})", runtime.name()))
        });
        let reason =
            not_run.or_else(|| case.invoke.is_some().then(|| "it is a command line, not a snippet".to_owned()));
        let record = |runtime| self.stream(runtime, &self.agent.record_case(&trial(runtime)));
        let outcome = reason.map_or_else(|| self.outcome(record), Outcome::NotCompared);
        SnippetComparison { name: source.file.id(case), outcome }
    }

    fn outcome(&self, record: impl Fn(&'a Runtime) -> Stream) -> Outcome {
        let (first, second) = (record(self.one), record(self.other));
        if first == second {
            return Outcome::Same;
        }
        match record(self.one) == first && record(self.other) == second {
            true => Outcome::Different(first, second),
            false => Outcome::Unstable,
        }
    }

    fn stream(&self, runtime: &Runtime, seen: &Observation) -> Stream {
        Stream::new(seen, |event| self.suite.argument_names(event, &runtime.identity.language))
    }
}
