//! `coverage`: measures the suite.

use std::path::Path;

use anyhow::Result;

use super::cli::{self, exit};
use super::files::{catalogue, has_faults, load_suite, print, print_json, say, unreadable};
use crate::coverage::Coverage;
use crate::coverage::catalogue::Catalogue;
use crate::coverage::documentation::{Documentation, TableComparison};
use crate::coverage::sites::{self, Site, SiteCoverage};
use crate::input;
use crate::report;
use crate::suite::Suite;

pub(super) fn coverage(args: &cli::Coverage) -> Result<u8> {
    let suite = load_suite(&args.cases)?;
    if has_faults(&suite) {
        return Ok(exit::USAGE);
    }
    let catalogue = catalogue()?;
    let required = args.require.unwrap_or_default();
    let (text, json, reaches) = if let Some(path) = &args.docs {
        let comparison = compare(path, &suite, &catalogue)?;
        let json = serde_json::to_string_pretty(&comparison)?;
        (report::coverage::render_comparison(&comparison), json, comparison.events.reaches(required))
    } else if let Some(path) = &args.sites {
        let sites = SiteCoverage::of(&read_sites(path, &suite)?);
        (report::coverage::render_sites(&sites), serde_json::to_string_pretty(&sites)?, sites.reaches(required))
    } else {
        let coverage = Coverage::of(&suite, &catalogue);
        (report::coverage::render(&coverage), serde_json::to_string_pretty(&coverage)?, coverage.reaches(required))
    };
    if args.json {
        print_json(&(json + "\n"))?;
    } else {
        print(&text)?;
    }
    if !reaches {
        say(&format!("less than the required {required} % are covered"));
    }
    Ok(if reaches { exit::CONFORMANT } else { exit::NOT_CONFORMANT })
}

fn read_sites(path: &Path, suite: &Suite) -> Result<Vec<Site>> {
    let list = input::read(path, input::PAGE).map_err(|error| unreadable(path, error))?;
    sites::read(&list, suite).map_err(|error| unreadable(path, error).into())
}

fn compare(path: &Path, suite: &Suite, catalogue: &Catalogue) -> Result<TableComparison> {
    let document = input::read(path, input::PAGE).map_err(|error| unreadable(path, error))?;
    let known = catalogue.0.iter().map(|entry| &entry.event);
    let names = known.chain(suite.files.iter().map(|source| &source.file.event)).map(String::as_str).collect();
    let documentation = Documentation::read(&document, &names);
    let documentation = documentation.map_err(|error| unreadable(path, error))?;
    Ok(TableComparison::of(&documentation, suite))
}
