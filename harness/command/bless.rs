//! `bless`: writes the known gaps that results call for, to a gaps file or to case files.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::cli::{self, exit};
use super::files::{self, Output, has_faults, load_suite, print, say, unreadable};
use super::gaps::{faults, read};
use super::stop::Stop;
use crate::input;
use crate::report::diff::unified;
use crate::results::Results;
use crate::results::bless::{self, BlessError, Changes};
use crate::results::case_gaps;
use crate::suite::{CaseError, GapsFile, Suite};

pub(super) fn bless(args: &cli::Bless) -> Result<u8> {
    let suite = load_suite(&args.cases)?;
    if has_faults(&suite) {
        return Ok(exit::USAGE);
    }
    let results = args.results.iter().map(|path| files::results(path)).collect::<Result<Vec<_>>>()?;
    match (&args.gaps, &args.cases.cases) {
        (None, Some(folder)) => bless_cases(args, folder, &suite, results),
        (gaps, _) => bless_gaps(args, gaps.as_deref().unwrap_or(Path::new("")), &suite, &results),
    }
}

impl From<BlessError> for Stop {
    fn from(error: BlessError) -> Stop {
        match error {
            BlessError::Nothing(_) => Stop::nothing(error.to_string()),
            _ => Stop::usage(error.to_string()),
        }
    }
}

fn bless_gaps(args: &cli::Bless, path: &Path, suite: &Suite, results: &[Results]) -> Result<u8> {
    let pin = bless::pin(results, suite).map_err(Stop::from)?;
    let seen = bless::seen(results, &args.names).map_err(Stop::from)?;
    let implementation = bless::implementation(&seen).map_err(Stop::from)?;
    let is_there = path.exists();
    let (before, old) = if is_there {
        let old = read(path)?;
        (input::read_to_string(path, input::TEXT).map_err(|error| unreadable(path, error))?, old)
    } else {
        let text = bless::empty(&pin, implementation);
        let old = GapsFile::parse(text.as_bytes()).map_err(|list| faults(path, list))?;
        (String::new(), old)
    };
    let all = !(args.add || args.remove || args.purge);
    let changes = Changes { add: all || args.add, remove: all || args.remove, purge: all || args.purge };
    let after = bless::bless(&old, &seen, suite, &pin, changes).map_err(Stop::from)?;
    let name = path.display().to_string();
    if before == after {
        print(&format!("{name} is up to date\n"))?;
        return Ok(exit::CONFORMANT);
    }
    let diff = unified(&before, &after, &name);
    if args.check {
        print(&diff)?;
        return Ok(exit::NOT_CONFORMANT);
    }
    Output::open(Some(path))?.write(after.as_bytes())?;
    // A new file is as long as the list of all gaps.
    let shown = if is_there { diff } else { format!("{name}: {} gaps\n", gaps(&after)) };
    print(&shown)?;
    Ok(exit::CONFORMANT)
}

/// Returns the number of lines that are gaps: not the header, and not comments.
fn gaps(text: &str) -> usize {
    GapsFile::parse(text.as_bytes()).map_or(0, |file| file.gaps.len())
}

/// A case file that changes.
struct Changed {
    path: PathBuf,
    text: String,
    diff: String,
}

fn bless_cases(args: &cli::Bless, folder: &Path, suite: &Suite, mut results: Vec<Results>) -> Result<u8> {
    let ignored: usize = results.iter_mut().map(|results| case_gaps::forget_redefined(results, suite)).sum();
    if ignored > 0 {
        say(&format!("{ignored} trials are ignored: their cases are not in the suite, or have changed since"));
    }
    let seen = bless::seen(&results, &args.names).map_err(Stop::from)?;
    let both = !(args.add || args.remove);
    let (mut changed, mut notes) = (Vec::new(), Vec::new());
    for source in &suite.files {
        let path = folder.join(&source.path);
        let blessed = case_gaps::bless_cases(source, &seen, both || args.add, both || args.remove);
        let blessed = blessed.map_err(|faults| {
            let faults = faults.into_iter().map(|fault| CaseError { file: path.clone(), fault }.to_string());
            Stop::usage(faults.collect::<Vec<_>>().join("\n"))
        })?;
        notes.extend(blessed.notes);
        if blessed.text != source.text {
            let diff = unified(&source.text, &blessed.text, &source.location);
            changed.push(Changed { path, text: blessed.text, diff });
        }
    }
    for note in &notes {
        say(note);
    }
    write(&changed, args.check)?;
    let is_right = !args.check || changed.is_empty() && notes.is_empty();
    Ok(if is_right { exit::CONFORMANT } else { exit::NOT_CONFORMANT })
}

/// Writes case files, unless they are only checked. Shows the changes.
fn write(changed: &[Changed], is_check: bool) -> Result<()> {
    if changed.is_empty() {
        return print("the case files are up to date\n");
    }
    for Changed { path, text, diff } in changed {
        if !is_check {
            Output::open(Some(path))?.write(text.as_bytes())?;
        }
        print(diff)?;
    }
    Ok(())
}
