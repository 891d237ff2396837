//! `require`: checks which releases keep the events that a monitor depends on.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::cli::{self, exit};
use super::files::{catalogue, has_faults, joined, load_suite, print, print_json, unreadable};
use super::stop::Stop;
use crate::input;
use crate::report::compatibility::Compatibility;
use crate::report::require::{self, Choice, Dependency, Known, Requirement};
use crate::suite::{CaseError, Fault, Glob, did_you_mean, not_utf8};

pub(super) fn require(args: &cli::Require) -> Result<u8> {
    let suite = load_suite(&args.cases)?;
    if has_faults(&suite) {
        return Ok(exit::USAGE);
    }
    let data = data(&args.results)?;
    let dependencies = dependencies(args, &Known::of(&suite))?;
    check_columns(&args.on, &data)?;
    let python = args.python.clone().unwrap_or_default();
    let choice = Choice { python: &python, on: &args.on, denies: !args.watch_only };
    let requirement = Requirement::of(&data, &suite, &dependencies, &choice);
    if requirement.checked.is_empty() {
        return Err(no_release(&choice, &data).into());
    }
    let text = match args.json {
        true => serde_json::to_string_pretty(&requirement)? + "\n",
        false => require::render(&requirement),
    };
    if args.json {
        print_json(&text)?;
    } else {
        print(&text)?;
    }
    Ok(if requirement.is_kept() { exit::CONFORMANT } else { exit::NOT_CONFORMANT })
}

/// Returns the data to look in: that of results or, without any, that of the program.
fn data(results: &[PathBuf]) -> Result<Compatibility> {
    match results {
        [] => Ok(Compatibility::embedded()?),
        paths => Ok(Compatibility::of(&joined(paths, false)?, &catalogue()?)),
    }
}

/// Checks that each glob is of an implementation and a platform of the data.
fn check_columns(globs: &[Glob], data: &Compatibility) -> Result<(), Stop> {
    let is_unknown = |glob: &&Glob| !data.tested.keys().any(|on| require::is_chosen(on, std::slice::from_ref(*glob)));
    let Some(glob) = globs.iter().find(is_unknown) else { return Ok(()) };
    let implementations = data.tested.keys().filter_map(|on| on.split('/').next());
    let near = did_you_mean(glob.as_str(), implementations.chain(data.tested.keys().map(String::as_str)));
    let known = data.tested.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    Err(Stop::nothing(format!("nothing was tested on `{}`{near}; tested are {known}", glob.as_str())))
}

/// Returns the error of a range without a release that was tested.
fn no_release(choice: &Choice, data: &Compatibility) -> Stop {
    let columns = data.tested.iter().filter(|(column, _)| choice.holds(column));
    let mut releases: Vec<&str> = columns.flat_map(|(_, releases)| releases).map(|one| one.python.as_str()).collect();
    releases.dedup();
    let releases = if releases.is_empty() { "none".to_owned() } else { releases.join(", ") };
    Stop::nothing(format!("no release that was tested is of Python {}; tested are {releases}", choice.python))
}

/// Reads all dependencies: those on the command line, those of lists, and those of hooks.
fn dependencies(args: &cli::Require, known: &Known) -> Result<Vec<Dependency>, Stop> {
    let mut found = Vec::new();
    for word in &args.events {
        found.extend(of_word(word, known)?);
    }
    for path in &args.from {
        let events = require::of_hook(&read(path)?, known).map_err(|fault| faulty(path, vec![fault]))?;
        if events.is_empty() {
            return Err(Stop::nothing(format!("{}: no string literal is the name of an event", path.display())));
        }
        found.extend(events);
    }
    if found.is_empty() {
        return Err(Stop::nothing("the lists name no event"));
    }
    Ok(require::joined(found))
}

/// Reads an argument: an event, or the path of a list of events.
fn of_word(word: &str, known: &Known) -> Result<Vec<Dependency>, Stop> {
    let path = Path::new(word);
    let event = word.split('(').next().unwrap_or_default().trim();
    if !known.has(event) && path.exists() {
        return require::parse_list(&read(path)?, known).map_err(|faults| faulty(path, faults));
    }
    let no_file = if known.has(event) { "" } else { ", and no file of this name" };
    let stop = |Fault { message, hint, .. }: Fault| {
        let hint = hint.map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
        Stop::usage(format!("{word}: {message}{no_file}{hint}"))
    };
    require::parse(word, known).map(|dependency| vec![dependency]).map_err(stop)
}

/// Reads a file of text that is not too large.
fn read(path: &Path) -> Result<String, Stop> {
    let bytes = input::read(path, input::TEXT).map_err(|error| unreadable(path, error))?;
    let text = std::str::from_utf8(&bytes);
    let text = text.map_err(|error| faulty(path, vec![not_utf8(&bytes, error.valid_up_to())]))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// Returns the error of a file with faults.
fn faulty(path: &Path, faults: Vec<Fault>) -> Stop {
    let lines = faults.into_iter().map(|fault| CaseError { file: path.to_owned(), fault }.to_string());
    Stop::usage(lines.collect::<Vec<_>>().join("\n"))
}
