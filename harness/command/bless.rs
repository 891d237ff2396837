//! `bless`: writes a gaps file from results.

use std::fs;

use anyhow::Result;

use super::cli::{self, exit};
use super::files::{self, Output, has_faults, load_suite, print, unreadable};
use super::gaps::{faults, read};
use super::stop::Stop;
use crate::report::diff::unified;
use crate::results::bless::{self, BlessError, Changes};
use crate::suite::GapsFile;

pub(super) fn bless(args: &cli::Bless) -> Result<u8> {
    let suite = load_suite(&args.cases)?;
    if has_faults(&suite) {
        return Ok(exit::USAGE);
    }
    let results = args.results.iter().map(|path| files::results(path)).collect::<Result<Vec<_>>>()?;
    let stop = |error: BlessError| match error {
        BlessError::Nothing => Stop::nothing(error.to_string()),
        _ => Stop::usage(error.to_string()),
    };
    let pin = bless::pin(&results, &suite).map_err(stop)?;
    let seen = bless::seen(&results, &args.names).map_err(stop)?;
    let is_there = args.gaps.exists();
    let (before, old) = if is_there {
        let old = read(&args.gaps)?;
        (fs::read_to_string(&args.gaps).map_err(|error| unreadable(&args.gaps, error))?, old)
    } else {
        let text = bless::empty(&pin, bless::implementation(&seen));
        let old = GapsFile::parse(text.as_bytes()).map_err(|list| faults(&args.gaps, list))?;
        (String::new(), old)
    };
    let all = !(args.add || args.remove || args.purge);
    let changes = Changes { add: all || args.add, remove: all || args.remove, purge: all || args.purge };
    let after = bless::bless(&old, &seen, &suite, &pin, changes).map_err(stop)?;
    let name = args.gaps.display().to_string();
    if before == after {
        print(&format!("{name} is up to date\n"))?;
        return Ok(exit::CONFORMANT);
    }
    let diff = unified(&before, &after, &name);
    if args.check {
        print(&diff)?;
        return Ok(exit::NOT_CONFORMANT);
    }
    Output::open(Some(&args.gaps))?.write(after.as_bytes())?;
    // A new file is as long as the list of all gaps.
    let shown = if is_there { diff } else { format!("{name}: {} gaps\n", gaps(&after)) };
    print(&shown)?;
    Ok(exit::CONFORMANT)
}

/// Returns the number of lines that are gaps: not the header, and not comments.
fn gaps(text: &str) -> usize {
    GapsFile::parse(text.as_bytes()).map_or(0, |file| file.gaps.len())
}
