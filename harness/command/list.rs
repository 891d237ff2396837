//! `list`: lists the cases. `check`: checks the case files.

use anyhow::Result;
use serde_json::json;

use super::cli::{self, exit};
use super::files::{self, has_faults, load_selected, load_suite, print, print_json, say};
use super::selection::{no_case, warn_of_unmatched};
use crate::coverage::apis;
use crate::coverage::unseen::unseen_gaps;
use crate::run::plan::Selection;

pub(super) fn list(args: &cli::List) -> Result<u8> {
    let selection = Selection::of(&args.patterns);
    let suite = load_selected(&args.cases, &selection)?;
    let cases: Vec<_> = suite.runnable().filter(|(source, case)| selection.has(source, case)).collect();
    if args.json {
        let rows = cases.iter().map(|(source, case)| {
            json!({"id": source.file.id(case), "event": source.file.event, "case": case.name, "api": case.api,
                "module": source.module(), "file": source.path, "asserts": source.file.strength(case)})
        });
        print_json(&format!("{:#}\n", rows.collect::<serde_json::Value>()))?;
    } else {
        let lines = cases.iter().map(|(source, case)| format!("{}\n", source.file.id(case)));
        print(&lines.collect::<String>())?;
    }
    match (has_faults(&suite), cases.is_empty()) {
        (true, _) => return Ok(exit::USAGE),
        (false, true) => return Err(no_case(&selection, &suite).into()),
        (false, false) => warn_of_unmatched(&selection, &suite),
    }
    Ok(exit::CONFORMANT)
}

pub(super) fn check(args: &cli::Check) -> Result<u8> {
    let suite = load_suite(&args.cases)?;
    let results = args.results.as_ref().map(|path| files::results(path)).transpose()?;
    let absent = results.as_ref().map(|results| apis::found_nowhere(&suite, results)).unwrap_or_default();
    let unexplained = suite.unfinished_gaps();
    let faulty = has_faults(&suite) || !absent.is_empty() || !unexplained.is_empty();
    for fault in unexplained.iter().chain(&absent) {
        say(&fault.to_string());
    }
    let doors = suite.doors().count();
    let doors = if doors == 0 { String::new() } else { format!(", {doors} doors in {} files", suite.doors.len()) };
    print(&format!("{} cases in {} files{doors}\n", suite.cases().count(), suite.files.len()))?;
    let not_looked_up: Vec<&str> = apis::not_looked_up(&suite).into_iter().collect();
    if !not_looked_up.is_empty() {
        print(&format!("APIs that no runtime is asked for: {}\n", not_looked_up.join(", ")))?;
    }
    let unseen = results.as_ref().map(|results| unseen_gaps(&suite, results)).unwrap_or_default();
    if !unseen.is_empty() {
        let lines: String = unseen.iter().map(|gap| format!("  {gap}\n")).collect();
        print(&format!("known gaps that the results do not show:\n{lines}"))?;
    }
    Ok(if faulty { exit::USAGE } else { exit::CONFORMANT })
}
