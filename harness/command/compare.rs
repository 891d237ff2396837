//! `compare`: shows what changed between two runs.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::cli::{self, CompareFormat, exit};
use super::files::{self, Output, catalogue, for_reader, shown};
use super::publish::Place;
use super::selection::choice;
use super::stop::Stop;
use crate::report;
use crate::report::text::json;
use crate::results::compare::{self, CompareError, Comparison};
use crate::results::{Choice, Results};
use crate::run::plan::Selection;

pub(super) fn compare(args: &cli::Compare) -> Result<u8> {
    if let (CompareFormat::Html, Some(folder)) = (args.format, &args.output) {
        return site(args, folder);
    }
    let output = Output::open(args.output.as_deref())?;
    let (old, new) = sides(args)?;
    if args.format == CompareFormat::Json {
        let comparison = comparison(&old, &new, &args.map)?;
        output.write(json(serde_json::to_string_pretty(&comparison)? + "\n").as_bytes())?;
        return Ok(code(&comparison));
    }
    let (old, new) = (shown(old)?, shown(new)?);
    let comparison = comparison(&old, &new, &args.map)?;
    let text = match args.format {
        CompareFormat::Markdown => report::markdown::changes(&comparison),
        _ => report::changes::render(&comparison),
    };
    output.write(for_reader(&text, args.output.as_deref()).as_bytes())?;
    Ok(code(&comparison))
}

fn code(comparison: &Comparison) -> u8 {
    if comparison.is_worse() { exit::NOT_CONFORMANT } else { exit::CONFORMANT }
}

/// Writes the site of the new results, with the comparison in it.
fn site(args: &cli::Compare, folder: &Path) -> Result<u8> {
    let place = Place::new(folder)?;
    let (old, new) = sides(args)?;
    let comparison = comparison(&old, &new, &args.map)?;
    place.publish(&report::site::render(&new, &catalogue()?, Some(&comparison), None)?)?;
    Ok(code(&comparison))
}

/// Reads both results, and takes the chosen part of them. A case whose result is chosen on one side is chosen on both.
fn sides(args: &cli::Compare) -> Result<(Results, Results)> {
    let mut sides = [files::results(&args.old)?, files::results(&args.new)?];
    if args.trials.is_limited() {
        let chosen = choice(&args.trials);
        let ids: BTreeSet<String> = sides.iter().flat_map(|results| chosen.ids(results)).collect();
        let runtimes = Choice { cases: Selection::default(), results: &[], ..chosen };
        for results in &mut sides {
            runtimes.apply(results);
            results.retain(|trial| ids.contains(&trial.id()));
        }
    }
    let [old, new] = sides;
    Ok((old, new))
}

/// Checks, before the trials run, that two results can be compared.
pub(super) fn comparable(old: &Results, new: &Results, map: &[(String, String)]) -> Result<(), Stop> {
    compare::check_runtimes(old, new, map).map_err(|error| stop(&error))
}

/// Compares two results.
pub(super) fn comparison<'a>(
    old: &'a Results,
    new: &'a Results,
    map: &[(String, String)],
) -> Result<Comparison<'a>, Stop> {
    Comparison::new(old, new, map).map_err(|error| stop(&error))
}

fn stop(error: &CompareError) -> Stop {
    let code = if matches!(error, CompareError::Nothing { .. }) { exit::NOTHING } else { exit::USAGE };
    Stop(code, error.to_string())
}
