//! The commands: from arguments to an exit code, each in a file of its own.

pub mod cli;
mod compare;
mod coverage;
mod differential;
mod files;
mod install;
mod interrupt;
mod interpreters;
mod list;
mod merge;
mod progress;
mod publish;
mod record;
mod report;
mod run;
mod runtimes;

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

use self::cli::{Cases, Cli, Command, exit};
use crate::suite::Suite;

/// An error that is not the harness's own: what to say, and the exit code.
#[derive(Debug, thiserror::Error)]
#[error("{1}")]
pub struct Stop(pub u8, String);

fn usage(message: impl Into<String>) -> Stop {
    Stop(exit::USAGE, message.into())
}

/// Does what the command line says, and returns the exit code.
///
/// # Errors
/// A [`Stop`] for what the user or the machine has wrong, anything else for a failure of the harness.
pub fn execute(cli: Cli) -> Result<u8> {
    match cli.command.unwrap_or_else(|| Command::Run(cli::Run::default())) {
        Command::Run(args) if args.differential.is_empty() => run::run(&args),
        Command::Run(args) => differential::differential(&args),
        Command::List(args) => list::list(&args),
        Command::Runtimes(args) => runtimes::runtimes(&args),
        Command::Install(args) => install::install(&args),
        Command::Check(args) => list::check(&args),
        Command::Coverage(args) => coverage::coverage(&args),
        Command::Record(args) => record::record(&args),
        Command::Report(args) => report::report(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::Merge(args) => merge::merge(&args),
    }
}

/// Prints to standard output, without colours where they are not wanted.
fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

fn load(args: &Cases) -> Result<Suite> {
    match &args.cases {
        None => Ok(Suite::embedded()),
        Some(folder) => Ok(Suite::from_folder(folder).map_err(|error| unreadable(folder, error))?),
    }
}

fn read(path: &Path) -> Result<String> {
    Ok(fs::read_to_string(path).map_err(|error| unreadable(path, error))?)
}

fn unreadable(path: &Path, error: impl std::fmt::Display) -> Stop {
    usage(format!("cannot read {}: {error}", path.display()))
}

/// Shows every fault of a suite, and tells whether there is one.
fn has_faults(suite: &Suite) -> bool {
    for fault in &suite.faults {
        eprintln!("{fault}");
    }
    !suite.faults.is_empty()
}
