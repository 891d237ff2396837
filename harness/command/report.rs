//! `report`: results in another form.

use anyhow::Result;

use super::files::{Folder, Output, joined, plain};
use crate::cli::{self, Format, exit};
use crate::report;

pub(super) fn report(args: &cli::Report) -> Result<u8> {
    match (args.format, &args.output) {
        (Format::Badge, Some(path)) => {
            let folder = Folder::open(path)?;
            let badges = report::badge::render(&joined(&args.results, false)?);
            folder.write(badges.iter().map(|(name, text)| (name.as_str(), text.as_bytes())))?;
        }
        (format, path) => {
            let output = Output::open(path.as_deref())?;
            let results = joined(&args.results, false)?;
            let text = match format {
                Format::Terminal => plain(report::terminal::render(&results), path),
                Format::Markdown => report::markdown::render(&results),
                Format::Csv => report::csv::render(&results)?,
                Format::Json => report::json::render(&results)?,
                Format::Junit => report::junit::render(&results)?,
                Format::Github => report::github::render(&results),
                // The command line has no badge without a path.
                Format::Badge => String::new(),
            };
            output.write(text.as_bytes())?;
        }
    }
    Ok(exit::CONFORMANT)
}
