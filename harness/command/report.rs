//! `report`: shows results in another format.

use std::path::Path;

use anyhow::Result;

use super::cli::{self, Format, Rows, exit};
use super::compare::comparison;
use super::files::{self, Folder, Output, catalogue, for_reader, joined, shown};
use super::publish::Place;
use super::selection::choice;
use super::stop::Stop;
use crate::report;
use crate::report::compatibility::{self, Compatibility};
use crate::report::shown::Shown;
use crate::report::terminal::View;
use crate::report::text::json;
use crate::results::Results;

pub(super) fn report(args: &cli::Report) -> Result<u8> {
    if args.format != Format::Html && (args.baseline.is_some() || args.history.is_some()) {
        return Err(Stop::usage("--baseline and --history need --format html").into());
    }
    if args.by != Rows::Trial && args.format != Format::Csv {
        return Err(Stop::usage("--by needs --format csv").into());
    }
    match args.format {
        Format::Html => return site(args),
        Format::Badge => return badges(args),
        _ => {}
    }
    let output = Output::open(args.output.as_deref())?;
    let results = chosen(args)?;
    let text = match args.format {
        Format::Json => json(report::json::render(&results)?),
        Format::Data => json(compatibility::render(&Compatibility::of(&results, &catalogue()?))?),
        format => text(format, args, &shown(results)?)?,
    };
    output.write(text.as_bytes())?;
    Ok(exit::CONFORMANT)
}

/// Renders results in a format that is text for a reader or a table.
fn text(format: Format, args: &cli::Report, results: &Shown) -> Result<String> {
    let for_reader = |text: String| for_reader(&text, args.output.as_deref());
    Ok(match format {
        Format::Markdown => for_reader(report::markdown::render(results)),
        Format::Summary => for_reader(report::summary::render(results)),
        Format::Csv if args.by == Rows::Event => report::csv::events(results)?,
        Format::Csv => report::csv::trials(results, &catalogue()?)?,
        Format::Junit => for_reader(report::junit::render(results)?),
        Format::Github => report::github::render(results),
        _ => for_reader(report::terminal::render(results, &View::whole(files::width()))),
    })
}

fn site(args: &cli::Report) -> Result<u8> {
    let place = Place::new(folder(args)?)?;
    let results = chosen(args)?;
    let baseline = args.baseline.as_deref().map(files::results).transpose()?;
    let comparison = baseline.as_ref().map(|old| comparison(old, &results, &[])).transpose()?;
    let history = args.history.as_deref().map(files::history).transpose()?;
    place.publish(&report::site::render(&results, &catalogue()?, comparison.as_ref(), history)?)?;
    Ok(exit::CONFORMANT)
}

fn badges(args: &cli::Report) -> Result<u8> {
    let folder = Folder::open(folder(args)?)?;
    let badges = report::badge::render(&chosen(args)?);
    folder.write(badges.iter().map(|(name, text)| (name.as_str(), text.as_bytes())))?;
    Ok(exit::CONFORMANT)
}

/// Reads the results, and takes the chosen part of them.
fn chosen(args: &cli::Report) -> Result<Results> {
    let mut results = joined(&args.results, false)?;
    if args.trials.is_limited() {
        choice(&args.trials).apply(&mut results);
        if results.all_trials().next().is_none() {
            return Err(Stop::nothing("no trial of the results is chosen").into());
        }
    }
    Ok(results)
}

fn folder(args: &cli::Report) -> Result<&Path> {
    args.output.as_deref().ok_or_else(|| Stop::usage("this format needs --output DIR").into())
}
