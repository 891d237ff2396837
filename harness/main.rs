//! The program: parses the command line, executes the command, and exits.

use std::process::ExitCode;

use audit578::command::cli::{Cli, exit};
use audit578::command::{self, Stop};
use audit578::process::containment;
use clap::Parser;

fn main() -> ExitCode {
    if let Some(code) = containment::serve_keeper() {
        return code;
    }
    let cli = Cli::parse();
    match command::execute(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            command::say(&format!("error: {error:#}"));
            ExitCode::from(error.downcast_ref::<Stop>().map_or(exit::HARNESS, |stop| stop.0))
        }
    }
}
