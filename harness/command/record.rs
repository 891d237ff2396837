//! `record`: shows the events of a snippet as YAML.

use std::collections::BTreeMap;

use anyhow::Result;

use super::cli::{self, exit};
use super::files::{print, read};
use super::interpreters::find;
use crate::agent::Agent;
use crate::report::recording;
use crate::report::text::clean;
use crate::suite::Suite;

pub(super) fn record(args: &cli::Record) -> Result<u8> {
    let code = match &args.file {
        Some(path) => read(path)?,
        None => args.code.clone().unwrap_or_default(),
    };
    let suite = Suite::embedded();
    let agent = Agent::new(args.interpreters.timeout)?;
    let found = find(&args.interpreters, &[], &agent)?;
    let mut recordings = BTreeMap::<String, Vec<&str>>::new();
    for runtime in found.runtimes.iter().filter(|runtime| runtime.probe.audit) {
        let seen = agent.record(&runtime.launch, &args.setup, &code);
        let version = &runtime.identity.language;
        let mut text = recording::yaml(&seen, |event| suite.argument_names(event, version).map(<[String]>::to_vec));
        for raised in seen.setup.iter().chain(&seen.exception) {
            text += &format!("# then raised {}\n", clean(&raised.text));
        }
        if !seen.finished && seen.setup.is_none() {
            text += &format!("# {} early {}\n", seen.exit, clean(seen.stderr.trim_end()));
        }
        recordings.entry(text).or_default().push(runtime.name());
    }
    for (text, names) in recordings {
        print(&format!("# {}\n{text}", clean(&names.join(", "))))?;
    }
    Ok(exit::CONFORMANT)
}
