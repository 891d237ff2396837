//! The program: parses the command line, does what it says, exits.

use std::process::ExitCode;

use audit578::cli::{Cli, exit};
use audit578::command;
use clap::Parser;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match command::execute(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(exit::HARNESS)
        }
    }
}
