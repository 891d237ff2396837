//! `merge`: merges the results of shards and machines into one file.

use anyhow::Result;

use super::cli::{self, exit};
use super::files::{Output, joined};
use crate::results::store;

pub(super) fn merge(args: &cli::Merge) -> Result<u8> {
    let output = Output::open(Some(&args.output))?;
    let results = joined(&args.results, args.newest)?;
    let mut lines = Vec::new();
    store::write(&results, &mut lines)?;
    output.write(&lines)?;
    Ok(exit::CONFORMANT)
}
