//! `completions` and `man`: help for shells and for `man`, made from the definition of the command line.

use anyhow::Result;
use clap::CommandFactory;

use super::cli::{self, Cli, exit};
use super::files::print_exactly;
use super::stop::Stop;
use crate::suite::did_you_mean;

pub(super) fn completions(args: &cli::Completions) -> Result<u8> {
    let (mut text, mut command) = (Vec::new(), Cli::command());
    let name = command.get_name().to_owned();
    clap_complete::generate(args.shell, &mut command, name, &mut text);
    print_exactly(&String::from_utf8(text)?)?;
    Ok(exit::CONFORMANT)
}

pub(super) fn man(args: &cli::Man) -> Result<u8> {
    let mut program = Cli::command();
    // Gives each command its full name, such as `audit578 run`, and the options that all have.
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => named(&program, name)?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    print_exactly(&String::from_utf8(text)?)?;
    Ok(exit::CONFORMANT)
}

/// Returns a command by its name.
fn named(program: &clap::Command, name: &str) -> Result<clap::Command, Stop> {
    program.find_subcommand(name).cloned().ok_or_else(|| {
        let near = did_you_mean(name, program.get_subcommands().map(clap::Command::get_name));
        Stop::usage(format!("there is no command `{name}`{near}; see `audit578 --help`"))
    })
}
