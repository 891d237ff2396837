//! `report`: a results file in another form.

use anyhow::Result;

use super::{print, unreadable};
use crate::cli::{self, Format, exit};
use crate::report;
use crate::results::Results;

pub(super) fn report(args: &cli::Report) -> Result<u8> {
    let results = Results::load(&args.results).map_err(|error| unreadable(&args.results, error))?;
    print(&match args.format {
        Format::Terminal => report::terminal::render(&results),
        Format::Csv => report::csv::render(&results)?,
        Format::Json => report::json::render(&results)?,
    })?;
    Ok(exit::CONFORMANT)
}
