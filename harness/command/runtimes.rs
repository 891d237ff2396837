//! `runtimes`: lists the interpreters.

use anyhow::Result;

use super::cli::{self, exit};
use super::files::{print, print_json};
use super::interpreters::find;
use crate::agent::Agent;
use crate::process::containment;
use crate::report::text::clean;
use crate::results::RuntimeRecord;
use crate::run::plan::{Selection, needs};
use crate::runtime::Runtime;
use crate::suite::Suite;

pub(super) fn runtimes(args: &cli::Runtimes) -> Result<u8> {
    let suite = Suite::embedded();
    let agent = Agent::new(args.interpreters.timeout)?;
    let found = find(&args.interpreters, &needs(&suite, &Selection::default()), &agent)?;
    let rows = found.rows();
    if args.json {
        print_json(&format!("{}\n", serde_json::to_string_pretty(&rows)?))?;
    } else {
        let width = rows.iter().map(|row| clean(&row.name).len()).max().unwrap_or_default();
        let lines = rows.iter().map(|row| format!("{:<width$}  {}\n", clean(&row.name), clean(&state(row))));
        print(&lines.collect::<String>())?;
        if args.verbose {
            print(&format!("\n{}", found.runtimes.iter().map(details).collect::<String>()))?;
        }
    }
    Ok(if found.lacks_required() { exit::HARNESS } else { exit::CONFORMANT })
}

/// Returns how the trials of a runtime are kept apart, and from the rest of the machine.
fn details(runtime: &Runtime) -> String {
    let contained = match containment::state() {
        _ if !runtime.launch.is_contained => "not contained, because it is turned off".to_owned(),
        Ok(()) => "contained: it sees no other processes, and nothing of it is left after a run".to_owned(),
        Err(reason) => format!("not contained ({reason}): it sees and can signal the processes of its user"),
    };
    clean(&format!("{}: isolation {}; {contained}", runtime.name(), runtime.isolation())) + "\n"
}

/// Returns the state of a runtime in one line.
fn state(row: &RuntimeRecord) -> String {
    let command = row.command.first().map(String::as_str).unwrap_or_default();
    match (&row.absent, &row.probe) {
        (Some(reason), _) => format!("absent: {reason}"),
        (None, Some(probe)) if !probe.audit => format!("{command}  (no audit hooks: not tested)"),
        _ => command.to_owned(),
    }
}
