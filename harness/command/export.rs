//! `export`: writes the suite as tests that run without the program.

use anyhow::Result;

use super::cli::{self, MarkerStyle, exit};
use super::files::{Output, has_faults, load_suite, say};
use super::gaps;
use super::selection::{no_case, warn_of_unmatched};
use super::stop::Stop;
use crate::export::file::Export;
use crate::export::{Known, Marks, Named, lists};
use crate::run::plan::Selection;

pub(super) fn export(args: &cli::Export) -> Result<u8> {
    let suite = load_suite(&args.cases)?;
    if has_faults(&suite) {
        return Ok(exit::USAGE);
    }
    let selection = Selection::of(&args.patterns);
    let export = Export::new(&suite, &selection);
    if selection.is_empty(&suite) {
        return Err(no_case(&selection, &suite).into());
    }
    warn_of_unmatched(&selection, &suite);
    if export.is_empty() {
        return Err(Stop::nothing(format!("no case that matches can be a test; {}", export.summary())).into());
    }
    let file = args.gaps.as_deref().map(gaps::read).transpose()?;
    let (known, origin) = match (&args.runtime, &file, &args.gaps) {
        (Some(name), _, _) => {
            let named = Named::new(&suite, name).map_err(|error| Stop::nothing(error.to_string()))?;
            (Known::Of(named), format!("The tests with known gaps of {name} are expected to fail."))
        }
        (None, Some(file), Some(path)) => {
            (Known::In(file), format!("The tests that {} lists are expected to fail.", path.display()))
        }
        _ => (Known::Nothing, "No test is expected to fail.".to_owned()),
    };
    let output = Output::open(args.output.as_deref())?;
    let text = match args.markers {
        MarkerStyle::Unittest => export.file(&known, Marks::Plain, &origin),
        MarkerStyle::Rustpython => export.file(&known, Marks::RustPython, &origin),
        MarkerStyle::Tags => lists::tags(&export, &known),
        MarkerStyle::Yaml => lists::yaml(&export, &known),
    };
    output.write(text.as_bytes())?;
    say(&export.summary());
    Ok(exit::CONFORMANT)
}
