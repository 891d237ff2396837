//! The choice of cases by the patterns of a command.

use super::cli::Trials;
use super::files::say;
use super::stop::Stop;
use crate::results::Choice;
use crate::run::plan::Selection;
use crate::suite::{Glob, Suite, did_you_mean};

/// Says on standard error which patterns match nothing. The others still select something.
pub(super) fn warn_of_unmatched(selection: &Selection, suite: &Suite) {
    for pattern in selection.unmatched(suite) {
        say(&format!("warning: {}", message(pattern, suite)));
    }
}

/// Returns the error of patterns that select no case.
pub(super) fn no_case(selection: &Selection, suite: &Suite) -> Stop {
    let unmatched = selection.unmatched(suite);
    let why = unmatched.first().map_or_else(|| "no case matches".to_owned(), |pattern| message(pattern, suite));
    Stop::nothing(format!("{why}; see `audit578 list`"))
}

/// Returns the choice of trials that options make.
pub(super) fn choice(options: &Trials) -> Choice<'_> {
    Choice { runtimes: &options.names, cases: Selection::of(&options.patterns), results: &options.words }
}

fn message(pattern: &Glob, suite: &Suite) -> String {
    let pattern = pattern.as_str();
    let names: Vec<String> = match pattern.contains("::") {
        true => suite.runnable().map(|(source, case)| source.file.id(case)).collect(),
        false => suite.files.iter().chain(&suite.doors).map(|source| source.file.event.clone()).collect(),
    };
    let hint = did_you_mean(pattern, names);
    format!("no case matches `{pattern}`{hint}")
}
