//! `repro`: prints a script that repeats a case without the suite, or a bug report with it.

use std::collections::BTreeSet;

use anyhow::Result;

use super::cli::{self, exit};
use super::files::{has_faults, load_suite, print_exactly, results};
use super::stop::Stop;
use crate::report::repro::Reproduction;
use crate::results::Results;
use crate::run::TrialRecord;
use crate::suite::{EventFile, KnownGap, Suite, did_you_mean};

/// The glob of known gaps that are of every runtime.
const ALL: &str = "*";

pub(super) fn repro(args: &cli::Repro) -> Result<u8> {
    let suite = load_suite(&args.cases)?;
    let text = match &args.case {
        None => list(&suite, &args.runtime)?,
        Some(id) => of_case(&suite, id, args)?,
    };
    print_exactly(&text)?;
    Ok(if has_faults(&suite) { exit::USAGE } else { exit::CONFORMANT })
}

/// Returns the script or the report of a case.
fn of_case(suite: &Suite, id: &str, args: &cli::Repro) -> Result<String> {
    let mut cases = suite.runnable();
    let (source, case) = cases.find(|(source, case)| source.file.id(case) == *id).ok_or_else(|| {
        let near = did_you_mean(id, suite.runnable().map(|(source, case)| source.file.id(case)));
        Stop::nothing(format!("there is no case `{id}`{near}; `audit578 list` prints all, such as `os.mkdir::path`"))
    })?;
    let file = &source.file;
    let any = Reproduction { file, case, gap: None };
    let mut gaps = reportable(file, &args.runtime).filter(|gap| gap.is_about(&case.name));
    // A script alone is for the newest Python, a report is about the Pythons of its gap.
    let gap = gaps.find(|gap| args.issue || any.is_present(gap));
    let reproduction = Reproduction { gap, ..any };
    let no_script = |reason| Stop::usage(format!("`{id}` cannot be repeated without the suite: {reason}"));
    if !args.issue {
        return Ok(reproduction.script().map_err(no_script)?);
    }
    let gap = gap.ok_or_else(|| {
        let hint = "`audit578 repro` lists those that can; --runtime chooses another implementation";
        Stop::nothing(format!("`{id}` has no known gap of `{}` that can be reported ({hint})", args.runtime))
    })?;
    let results = args.results.as_ref().map(|path| results(path)).transpose()?;
    let trials = results.iter().flat_map(Results::trials);
    let shows =
        |trial: &&TrialRecord| trial.id() == id && trial.gap.as_ref().is_some_and(|found| found.reason == gap.reason);
    Ok(reproduction.report(gap, &trials.filter(shows).collect::<Vec<_>>()).map_err(no_script)?)
}

/// Returns a line for each report: the first case that shows it, where it is tracked, and its title, which is that of one
/// or more known gaps.
fn list(suite: &Suite, runtime: &str) -> Result<String> {
    let rows = suite
        .files
        .iter()
        .flat_map(|source| reportable(&source.file, runtime).filter_map(|gap| row(&source.file, gap)));
    let mut seen = BTreeSet::new();
    let rows: Vec<[String; 3]> =
        rows.filter(|[_, tracker, title]| seen.insert([tracker.clone(), title.clone()])).collect();
    let mut gaps = suite.files.iter().flat_map(|source| &source.file.known_gaps);
    let is_known = gaps.any(|gap| gap.runtime.as_str() != ALL && is_named(gap, runtime));
    if rows.is_empty() || !is_known {
        let known = suite.files.iter().flat_map(|source| &source.file.known_gaps).map(|gap| gap.runtime.as_str());
        let near = did_you_mean(runtime, known);
        let hint = "use the name of an implementation, such as `pypy`";
        return Err(Stop::nothing(format!("no known gap of `{runtime}`{near} can be reported; {hint}")).into());
    }
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (case, tracker) = (width(0), width(1));
    Ok(rows.iter().map(|row| format!("{:case$}  {:tracker$}  {}\n", row[0], row[1], row[2])).collect())
}

fn row(file: &EventFile, gap: &KnownGap) -> Option<[String; 3]> {
    let case = file.cases.iter().find(|case| gap.is_about(&case.name))?;
    let tracker = gap.issue.clone().unwrap_or_else(|| "unreported".to_owned());
    Some([file.id(case), tracker, gap.title.clone().unwrap_or_default()])
}

/// Returns the known gaps of a runtime or an implementation that its makers want to hear of.
fn reportable<'a>(file: &'a EventFile, runtime: &str) -> impl Iterator<Item = &'a KnownGap> {
    file.known_gaps.iter().filter(move |gap| gap.is_reportable() && is_named(gap, runtime))
}

/// Tells whether a known gap is of a runtime or an implementation.
fn is_named(gap: &KnownGap, runtime: &str) -> bool {
    gap.runtime.matches(runtime) || gap.runtime.as_str().starts_with(&format!("{runtime}-"))
}
