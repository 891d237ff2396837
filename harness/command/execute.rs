//! Calls the command that the command line names.

use anstream::ColorChoice;
use anyhow::Result;

use super::cli::{self, Cli, Color, Command};
use super::{
    bless, compare, coverage, differential, explain, export, guard, help, install, list, merge, record, report, repro,
    require, run, runtimes, schema, version,
};

/// Does what the command line says, and returns the exit code.
///
/// # Errors
/// Returns a [`Stop`](super::stop::Stop) for a mistake of the user or a fault of the machine, and any other error for a
/// failure of the harness.
pub fn execute(cli: Cli) -> Result<u8> {
    let choice = match cli.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    };
    choice.write_global();
    if cli.version {
        return version::version();
    }
    match cli.command.unwrap_or_else(|| Command::Run(cli::Run::default())) {
        Command::Run(args) if args.differential.is_empty() => run::run(&args),
        Command::Run(args) => differential::differential(&args),
        Command::List(args) => list::list(&args),
        Command::Runtimes(args) => runtimes::runtimes(&args),
        Command::Install(args) => install::install(&args),
        Command::Check(args) => list::check(&args),
        Command::Coverage(args) => coverage::coverage(&args),
        Command::Record(args) => record::record(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Guard(args) => guard::guard(&args),
        Command::Repro(args) => repro::repro(&args),
        Command::Export(args) => export::export(&args),
        Command::Require(args) => require::require(&args),
        Command::Report(args) => report::report(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::Merge(args) => merge::merge(&args),
        Command::Bless(args) => bless::bless(&args),
        Command::Schema(args) => schema::schema(&args),
        Command::Completions(args) => help::completions(&args),
        Command::Man(args) => help::man(&args),
    }
}
