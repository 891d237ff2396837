//! The part of the cases that a command runs: the one that the user names, or the one that an engine names in the
//! environment.

use std::fs::File;
use std::path::PathBuf;

use super::files::{say, unwritable};
use super::stop::Stop;
use crate::run::shard::{self, Shard, ShardChoice};

/// The part of the cases that a command runs.
#[derive(Default)]
pub(super) struct Chosen {
    /// The shard; without one, all cases are run.
    pub(super) shard: Option<Shard>,
    /// The file in which the engine wants the results as JUnit XML.
    pub(super) junit: Option<PathBuf>,
}

impl Chosen {
    /// Finds out which part a choice means. Says it on standard error if an engine tells it.
    pub(super) fn of(choice: Option<ShardChoice>) -> Result<Chosen, Stop> {
        let count = match choice {
            None => return Ok(Chosen::default()),
            Some(ShardChoice::Part(shard)) => return Ok(Chosen { shard: Some(shard), junit: None }),
            Some(ShardChoice::Auto(count)) => count,
        };
        let told = shard::ask(count, &|name| std::env::var(name).ok());
        let told = told
            .map_err(|reason| Stop::usage(format!("--shard auto: {reason}\n  hint: `--shard K/N` names the part")))?;
        if let Some(path) = &told.proof {
            File::create(path).map_err(|error| unwritable(path, &error))?;
        }
        say(&format!("shard {} by {}", told.shard, told.by));
        Ok(Chosen { shard: Some(told.shard), junit: told.junit })
    }
}
