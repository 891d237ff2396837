//! `report`: shows results in another format.

use std::path::Path;

use anyhow::Result;

use super::cli::{self, Format, Rows, exit};
use super::compare::comparison;
use super::files::{self, Folder, Output, catalogue, joined, without_colours};
use super::publish::Place;
use super::selection::choice;
use super::stop::Stop;
use crate::report;
use crate::report::compatibility::{self, Compatibility};
use crate::report::terminal::View;
use crate::results::Results;

pub(super) fn report(args: &cli::Report) -> Result<u8> {
    if args.format != Format::Html && (args.baseline.is_some() || args.history.is_some()) {
        return Err(Stop::usage("--baseline and --history need --format html").into());
    }
    if args.by != Rows::Trial && args.format != Format::Csv {
        return Err(Stop::usage("--by needs --format csv").into());
    }
    let render: fn(&Results) -> Result<String> = match args.format {
        Format::Html => return site(args),
        Format::Badge => return badges(args),
        Format::Terminal => |results| Ok(report::terminal::render(results, &View::whole(files::width()))),
        Format::Markdown => |results| Ok(report::markdown::render(results)),
        Format::Summary => |results| Ok(report::summary::render(results)),
        Format::Csv if args.by == Rows::Event => report::csv::events,
        Format::Csv => |results| report::csv::trials(results, &catalogue()?),
        Format::Json => |results| Ok(report::json::render(results)?),
        Format::Data => |results| Ok(compatibility::render(&Compatibility::of(results, &catalogue()?))?),
        Format::Junit => report::junit::render,
        Format::Github => |results| Ok(report::github::render(results)),
    };
    let output = Output::open(args.output.as_deref())?;
    let mut text = render(&chosen(args)?)?;
    if matches!(args.format, Format::Terminal) {
        text = without_colours(text, args.output.as_deref());
    }
    output.write(text.as_bytes())?;
    Ok(exit::CONFORMANT)
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
