//! `report`: a results file in another form.

use anyhow::Result;

use super::publish::Place;
use super::{print, unreadable};
use crate::cli::{self, Format, exit};
use crate::report;
use crate::results::Results;

pub(super) fn report(args: &cli::Report) -> Result<u8> {
    let folder = args.output.as_deref().filter(|_| args.format == Format::Html);
    let place = folder.map(Place::new).transpose()?;
    let results = Results::load(&args.results).map_err(|error| unreadable(&args.results, error))?;
    if let Some(place) = place {
        place.publish(&report::site::render(&results)?)?;
        return Ok(exit::CONFORMANT);
    }
    print(&match args.format {
        Format::Terminal | Format::Html => report::terminal::render(&results),
        Format::Csv => report::csv::render(&results)?,
        Format::Json => report::json::render(&results)?,
    })?;
    Ok(exit::CONFORMANT)
}
