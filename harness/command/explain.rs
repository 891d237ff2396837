//! `explain`: shows all that the suite knows of an event, a case, a capability, a verdict or a runtime.

use anyhow::Result;

use super::cli::{self, exit};
use super::files::{catalogue, has_faults, load_suite, print};
use super::stop::Stop;
use crate::report;

pub(super) fn explain(args: &cli::Explain) -> Result<u8> {
    let suite = load_suite(&args.cases)?;
    let catalogue = catalogue()?;
    for (index, topic) in args.topics.iter().enumerate() {
        let text = report::explain::render(topic, &suite, &catalogue).map_err(Stop::nothing)?;
        print(&format!("{}{text}", if index > 0 { "\n" } else { "" }))?;
    }
    Ok(if has_faults(&suite) { exit::USAGE } else { exit::CONFORMANT })
}
