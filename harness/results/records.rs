//! Results: what a run found, as JSON Lines. Every report is made from these records and nothing else.
//!
//! A header, a line for each runtime, one for each event and each case, one for each trial as it finishes, a footer.
//! Without its footer a file is incomplete. [`super::store`] reads and writes them. `results.schema.json` describes the lines.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::description::{Description, EventRecord};
use crate::run::TrialRecord;
use crate::runtime::{Absent, Isolation, Runtime};

/// The version of the format. A reader refuses any other.
pub const FORMAT: u32 = 1;

/// One line of a results file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// The first line.
    Header(Header),
    /// An interpreter.
    Runtime(Box<RuntimeRecord>),
    /// An event that some case is of.
    Event(Box<EventRecord>),
    /// A case that is run.
    Case(Box<CaseRecord>),
    /// One case on one runtime.
    Trial(Box<TrialRecord>),
    /// The last line.
    Footer(Footer),
}

/// What the results are of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Header {
    /// The version of this format.
    pub format: u32,
    /// The version of audit578.
    pub version: String,
    /// The SHA-256 of the suite.
    pub suite: String,
    /// The operating system and processor of the machine.
    pub host: String,
    /// When the run began, in RFC 3339.
    pub started: String,
    /// The program and the options that a command must have to repeat a trial of this run.
    pub repeat: Vec<String>,
}

/// An interpreter, as it was found.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct RuntimeRecord {
    /// Its unique name, or what it was to be started with when it is absent.
    pub name: String,
    /// Why it was not tested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<String>,
    /// Whether its absence is no error.
    pub optional: bool,
    /// The command, with the arguments before a script.
    pub command: Vec<String>,
    /// How its trials are kept apart.
    pub isolation: Option<Isolation>,
    /// What the probe found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe: Option<ProbeRecord>,
    /// The name that its run gave it, where files were merged that have it for different interpreters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// The run that it was last tested in, where files were merged and the header is of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Header>,
}

/// What the probe of an interpreter found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct ProbeRecord {
    /// `sys.implementation.name`.
    pub implementation: String,
    /// The language version, with its release tag: `3.13.0`, `3.15.0rc1`.
    pub language: String,
    /// The version of the implementation.
    pub implementation_version: String,
    /// `sys.version`, in one line.
    pub build: String,
    /// `sys.platform`.
    pub platform: String,
    /// The processor's architecture.
    pub machine: Option<String>,
    /// `debug`, `free-threaded`.
    pub flags: Vec<String>,
    /// Whether it has audit hooks.
    pub audit: bool,
    /// Whether it has what the cases need, by need.
    pub features: BTreeMap<String, bool>,
    /// The SHA-256 of the executable.
    pub sha256: Option<String>,
}

/// A case, and where its file has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct CaseRecord {
    /// The event.
    pub event: String,
    /// The name of the case.
    pub case: String,
    /// The case file, as it was found.
    pub file: String,
    /// The line that the case begins in, from 1.
    pub line: usize,
    /// What tells its definition from another of the same id: the first half of the SHA-256 of all that its file says of
    /// it, but for known gaps.
    pub digest: String,
    /// What it runs and expects.
    #[serde(default)]
    pub description: Description,
}

impl CaseRecord {
    /// The id of the case.
    pub fn id(&self) -> String {
        format!("{}::{}", self.event, self.case)
    }
}

/// What closes a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Footer {
    /// The number of trials before it.
    pub trials: usize,
    /// The time of the whole run, in seconds.
    pub seconds: f64,
}

impl From<&Runtime> for RuntimeRecord {
    fn from(runtime: &Runtime) -> RuntimeRecord {
        let (launch, probe) = (&runtime.launch, &runtime.probe);
        RuntimeRecord {
            name: runtime.name().to_owned(),
            absent: None,
            optional: launch.optional,
            command: [launch.command.as_slice(), &launch.args].concat(),
            isolation: Some(runtime.isolation()),
            probe: Some(ProbeRecord {
                implementation: probe.implementation.clone(),
                language: probe.version(),
                implementation_version: probe.implementation_version.clone(),
                build: probe.build.clone(),
                platform: probe.platform.clone(),
                machine: probe.machine.clone(),
                flags: probe.flags.clone(),
                audit: probe.audit,
                features: runtime.features.clone(),
                sha256: runtime.sha256.clone(),
            }),
            given: None,
            run: None,
        }
    }
}

impl From<&Absent> for RuntimeRecord {
    fn from(absent: &Absent) -> RuntimeRecord {
        RuntimeRecord {
            name: absent.launch.label(),
            absent: Some(absent.reason.clone()),
            optional: absent.launch.optional,
            command: [absent.launch.command.as_slice(), &absent.launch.args].concat(),
            isolation: absent.launch.isolation,
            probe: None,
            given: None,
            run: None,
        }
    }
}

/// A whole results file.
#[derive(Debug, Clone, Serialize)]
pub struct Results {
    /// What the results are of.
    pub header: Header,
    /// The interpreters, in the order of the columns.
    pub runtimes: Vec<RuntimeRecord>,
    /// The events, in the order of the suite; files of old may have none.
    pub events: Vec<EventRecord>,
    /// The cases, in the order of the suite; files of old may have none.
    pub cases: Vec<CaseRecord>,
    /// The trials: by runtime, then by module, event and case.
    pub trials: Vec<TrialRecord>,
    /// What closes the file; a run that was cut short has none.
    pub footer: Option<Footer>,
}

impl Results {
    /// Puts results together.
    pub fn new(
        header: Header,
        runtimes: Vec<RuntimeRecord>,
        cases: Vec<CaseRecord>,
        trials: Vec<TrialRecord>,
        footer: Option<Footer>,
    ) -> Results {
        let mut results = Results { header, runtimes, events: Vec::new(), cases, trials, footer };
        let column = |name: &str| results.runtimes.iter().position(|runtime| runtime.name == name);
        results.trials.sort_by_cached_key(|trial| {
            (column(&trial.runtime), trial.module.clone(), trial.event.clone(), trial.case.clone())
        });
        results
    }

    /// The run that a runtime was tested in.
    pub fn run_of(&self, runtime: &str) -> &Header {
        let runtime = self.runtimes.iter().find(|known| known.name == runtime);
        runtime.and_then(|runtime| runtime.run.as_ref()).unwrap_or(&self.header)
    }

    /// The words of the command that repeats a trial.
    pub fn again(&self, trial: &TrialRecord) -> Vec<String> {
        let runtime = self.runtimes.iter().find(|runtime| runtime.name == trial.runtime);
        again(trial, runtime, &self.header)
    }

    /// Tells whether every promise was kept but those of known gaps, and no known gap is fixed.
    pub fn conforms(&self) -> bool {
        !self.trials.iter().any(TrialRecord::is_unexpected)
    }
}

/// The words of the command that repeats a trial of a runtime, whose run is `header`'s unless it says another.
pub(crate) fn again(trial: &TrialRecord, runtime: Option<&RuntimeRecord>, header: &Header) -> Vec<String> {
    let run = runtime.and_then(|runtime| runtime.run.as_ref()).unwrap_or(header);
    let name = runtime.and_then(|runtime| runtime.given.as_ref()).unwrap_or(&trial.runtime);
    [run.repeat.as_slice(), &[trial.id(), "--runtime".to_owned(), name.clone()]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_the_formats() {
        crate::schema::check::<Record>("results/results.schema.json");
    }
}
