//! `merge`: merges the results of shards and machines into one file.

use anyhow::Result;

use super::cli::{self, exit};
use super::files::{Output, merged};
use super::stop::Stop;
use crate::results::merge::missing_shards;
use crate::results::store;

pub(super) fn merge(args: &cli::Merge) -> Result<u8> {
    let output = Output::open(Some(&args.output))?;
    let results = merged(&args.results, args.newest)?;
    let missing = missing_shards(&results);
    if !missing.is_empty() && !args.partial {
        let list = missing.join("\n  ");
        return Err(Stop::usage(format!("shards are missing:\n  {list}\n  hint: --partial merges the others")).into());
    }
    output.write_with(|file| store::write(&results, file))?;
    Ok(exit::CONFORMANT)
}
