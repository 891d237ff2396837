//! Results: the records of a run. Every report is made from these records and nothing else.
//!
//! A results file is in JSON Lines: a header, then a line for each runtime, each event, each case and each finished trial,
//! then a footer. A file without a footer is incomplete. `store` reads and writes these files, and `results.schema.json`
//! describes their lines.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;
use serde::{Deserialize, Serialize};

use super::description::{Description, EventRecord};
use super::part::Part;
use crate::run::TrialRecord;
use crate::runtime::{Absent, Isolation, Runtime, alias};
use crate::suite::{Identity, is_door};

/// The version of the format. Files of any other version are refused.
pub const FORMAT: u32 = 1;

/// One line of a results file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// The first line of a file.
    Header(Header),
    /// An interpreter.
    Runtime(Box<RuntimeRecord>),
    /// An event that has selected cases.
    Event(Box<EventRecord>),
    /// A selected case or door.
    Case(Box<CaseRecord>),
    /// One case or door on one runtime.
    Trial(Box<TrialRecord>),
    /// The last line of a file.
    Footer(Footer),
}

/// A description of the run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Header {
    /// The version of the format.
    pub format: u32,
    /// The version of audit578.
    pub version: String,
    /// The SHA-256 of the suite, in hexadecimal.
    pub suite: String,
    /// The operating system and processor of the machine.
    pub host: String,
    /// The start of the run, in RFC 3339.
    pub started: String,
    /// The program and the options that begin every repeat command of this run.
    pub repeat: Vec<String>,
    /// The SHA-256 of what else verdicts depend on: how the runtimes are configured, and known gaps outside of the suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<String>,
    /// The parts of the suite that the file has; without any, all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// An interpreter of the run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct RuntimeRecord {
    /// Its unique name, or its label when it is absent.
    pub name: String,
    /// The reason why it was not tested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<String>,
    /// Whether it may be absent.
    pub optional: bool,
    /// The name of the variant that was started, if it was not the plain interpreter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The command, with the arguments before a script.
    pub command: Vec<String>,
    /// The additions to the environment that the configuration and the variant make.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// The isolation of its trials.
    pub isolation: Option<Isolation>,
    /// The findings of the probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe: Option<ProbeRecord>,
    /// The name that its run gave it, where merged files had the same name for different interpreters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// The parts of the suite that were run on it, where merged files have others for it than for the file; without any,
    /// all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<Part>>,
    /// The run that it was last tested in, where files were merged and the header is of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Header>,
}

/// The findings of a probe.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct ProbeRecord {
    /// `sys.implementation.name`.
    pub implementation: String,
    /// The language version, with its release tag: `3.13.0`, `3.15.0rc1`.
    pub language: String,
    /// The version of the implementation, with its release tag.
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
    /// The name of the just-in-time compiler that is in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compiler: Option<String>,
    /// Whether it has a feature, for each need of the cases.
    pub features: BTreeMap<String, bool>,
    /// The SHA-256 of the interpreter, in hexadecimal.
    pub sha256: Option<String>,
    /// The package that `install` got it from, with its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
}

impl RuntimeRecord {
    /// Returns the names by which options may call it: its own, and the one by the version of the language.
    pub fn names(&self) -> Vec<String> {
        let alias = self.probe.as_ref().and_then(|probe| alias(&probe.implementation, &probe.language));
        [self.name.clone()].into_iter().chain(alias).collect()
    }

    /// Returns what guards and known gaps ask for, if the probe answered with a version of PEP 440.
    pub(crate) fn identity(&self) -> Option<Identity> {
        let probe = self.probe.as_ref()?;
        let release = |version: &str| version.parse().ok().map(|version: Version| version.only_release());
        Some(Identity {
            name: self.name.clone(),
            implementation: probe.implementation.clone(),
            version: release(&probe.implementation_version),
            language: release(&probe.language)?,
            platform: probe.platform.clone(),
        })
    }
}

impl ProbeRecord {
    /// Returns a key that orders releases of an implementation: by its version, then by that of the language.
    pub(crate) fn release(&self) -> [Option<Version>; 2] {
        [&self.implementation_version, &self.language].map(|version| version.parse().ok())
    }
}

/// A case, and its place in its file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct CaseRecord {
    /// The event.
    pub event: String,
    /// The name of the case.
    pub case: String,
    /// The case file, by the path it was found at.
    pub file: String,
    /// The line where the case begins, counted from 1.
    pub line: usize,
    /// The first half of the SHA-256 of its definition, in hexadecimal. The definition is everything in its file that
    /// concerns it, except known gaps.
    pub digest: String,
    /// Its code and its expectations.
    #[serde(default)]
    pub description: Description,
}

impl CaseRecord {
    /// Returns the id of the case.
    pub fn id(&self) -> String {
        format!("{}::{}", self.event, self.case)
    }
}

/// The end of a complete run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Footer {
    /// The number of trials in the file.
    pub trials: usize,
    /// The number of lines above this one; files of older versions do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<usize>,
    /// The time of the whole run, in seconds.
    #[serde(deserialize_with = "crate::run::deserialize_seconds")]
    #[cfg_attr(test, schemars(range(min = 0, max = 1_000_000_000)))]
    pub seconds: f64,
}

impl From<&Runtime> for RuntimeRecord {
    fn from(runtime: &Runtime) -> RuntimeRecord {
        let (launch, probe) = (&runtime.launch, &runtime.probe);
        RuntimeRecord {
            name: runtime.name().to_owned(),
            absent: None,
            optional: launch.optional,
            variant: launch.variant.clone(),
            command: [launch.command.as_slice(), &launch.args].concat(),
            env: launch.env.clone(),
            isolation: Some(runtime.isolation()),
            probe: Some(ProbeRecord {
                implementation: probe.implementation.clone(),
                language: probe.version(),
                implementation_version: probe
                    .own_version()
                    .map_or_else(|| probe.implementation_version.clone(), |version| version.to_string()),
                build: probe.build.clone(),
                platform: probe.platform.clone(),
                machine: probe.machine.clone(),
                flags: probe.flags.clone(),
                audit: probe.audit,
                compiler: probe.compiler.clone(),
                features: runtime.features().clone(),
                sha256: runtime.sha256.get().cloned(),
                package: runtime.package.clone(),
            }),
            given: None,
            parts: None,
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
            variant: absent.launch.variant.clone(),
            command: [absent.launch.command.as_slice(), &absent.launch.args].concat(),
            env: absent.launch.env.clone(),
            isolation: absent.launch.isolation,
            probe: None,
            given: None,
            parts: None,
            run: None,
        }
    }
}

/// Many trials. Each is in a box, so that sorting and merging a million of them moves pointers only.
pub type Trials = Vec<Box<TrialRecord>>;

/// A whole results file.
#[derive(Debug, Clone, Serialize)]
pub struct Results {
    /// The description of the run.
    pub header: Header,
    /// The interpreters, in the order of the columns.
    pub runtimes: Vec<RuntimeRecord>,
    /// The events, in the order of the suite; files of older versions have none.
    pub events: Vec<EventRecord>,
    /// The cases, in the order of the suite; files of older versions have none.
    pub cases: Vec<CaseRecord>,
    /// The trials: by runtime, then by module, event and case.
    pub trials: Trials,
    /// The doors, which are neither cases nor events nor rules.
    pub doors: Doors,
    /// The end of the run; a run that was cut short has none.
    pub footer: Option<Footer>,
}

/// The doors of a results file. Its lines have them as cases and trials of an event `doors.CAPABILITY`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Doors {
    /// The doors, in the order of the suite.
    pub cases: Vec<CaseRecord>,
    /// Their trials: by runtime, then by area and door.
    pub trials: Trials,
}

impl Doors {
    /// Returns the trials of the doors.
    pub(crate) fn trials(&self) -> impl Iterator<Item = &TrialRecord> {
        self.trials.iter().map(Box::as_ref)
    }
}

impl Results {
    /// Returns the results of a run that has not begun.
    pub(crate) fn new(header: Header) -> Results {
        Results {
            header,
            runtimes: Vec::new(),
            events: Vec::new(),
            cases: Vec::new(),
            trials: Vec::new(),
            doors: Doors::default(),
            footer: None,
        }
    }

    /// Adds cases and doors, and their trials.
    pub(crate) fn with(
        mut self,
        cases: impl IntoIterator<Item = CaseRecord>,
        trials: impl IntoIterator<Item = impl Into<Box<TrialRecord>>>,
    ) -> Results {
        for case in cases {
            self.add_case(case);
        }
        for trial in trials {
            self.add_trial(trial);
        }
        self
    }

    /// Returns the results with their trials in order.
    pub fn sorted(mut self) -> Results {
        let mut columns = BTreeMap::<&str, usize>::new();
        for (column, runtime) in self.runtimes.iter().enumerate() {
            columns.entry(&runtime.name).or_insert(column);
        }
        let by_runtime = |one: &TrialRecord, other: &TrialRecord| match one.runtime == other.runtime {
            true => Ordering::Equal,
            false => columns.get(&*one.runtime).cmp(&columns.get(&*other.runtime)),
        };
        for trials in [&mut self.trials, &mut self.doors.trials] {
            trials.sort_by(|one, other| by_runtime(one, other).then_with(|| place(one).cmp(&place(other))));
        }
        self
    }

    /// Adds a case or a door.
    pub(crate) fn add_case(&mut self, case: CaseRecord) {
        let cases = if is_door(&case.event) { &mut self.doors.cases } else { &mut self.cases };
        cases.push(case);
    }

    /// Adds the trial of a case or of a door.
    pub(crate) fn add_trial(&mut self, trial: impl Into<Box<TrialRecord>>) {
        let trial = trial.into();
        let trials = if is_door(&trial.event) { &mut self.doors.trials } else { &mut self.trials };
        trials.push(trial);
    }

    /// Returns the number of lines that they take in a file, without the footer.
    pub(crate) fn lines(&self) -> usize {
        1 + self.runtimes.len() + self.events.len() + self.all_cases().count() + self.all_trials().count()
    }

    /// Returns all cases and doors.
    pub(crate) fn all_cases(&self) -> impl Iterator<Item = &CaseRecord> {
        self.cases.iter().chain(&self.doors.cases)
    }

    /// Returns the trials of the cases.
    pub(crate) fn trials(&self) -> impl Iterator<Item = &TrialRecord> {
        self.trials.iter().map(Box::as_ref)
    }

    /// Returns the trials of all cases and doors.
    pub(crate) fn all_trials(&self) -> impl Iterator<Item = &TrialRecord> {
        self.trials().chain(self.doors.trials())
    }

    /// Keeps only some trials, and the cases and events that have one of them.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(&TrialRecord) -> bool) {
        for trials in [&mut self.trials, &mut self.doors.trials] {
            trials.retain(|trial| is_kept(trial));
        }
        let cases: BTreeSet<(&str, &str)> =
            self.trials.iter().chain(&self.doors.trials).map(|trial| (&*trial.event, &*trial.case)).collect();
        let events: BTreeSet<&str> = cases.iter().map(|(event, _)| *event).collect();
        self.events.retain(|event| events.contains(event.event.as_str()));
        for all in [&mut self.cases, &mut self.doors.cases] {
            all.retain(|case| cases.contains(&(&*case.event, &*case.case)));
        }
    }

    /// Returns the header of the run in which a runtime was tested.
    pub fn run_of(&self, runtime: &str) -> &Header {
        let runtime = self.runtimes.iter().find(|known| known.name == runtime);
        runtime.and_then(|runtime| runtime.run.as_ref()).unwrap_or(&self.header)
    }

    /// Returns the words of the command that repeats a trial.
    pub fn repeat_command(&self, trial: &TrialRecord) -> Vec<String> {
        let runtime = self.runtimes.iter().find(|runtime| runtime.name == trial.runtime);
        repeat_command(trial, runtime, &self.header)
    }
}

/// Returns a key that orders the trials of a runtime.
fn place(trial: &TrialRecord) -> (&str, &str, &str) {
    (&trial.module, &trial.event, &trial.case)
}

/// Returns the words of the command that repeats a trial of a runtime. `header` is the run of a runtime that names none.
pub(crate) fn repeat_command(trial: &TrialRecord, runtime: Option<&RuntimeRecord>, header: &Header) -> Vec<String> {
    let run = runtime.and_then(|runtime| runtime.run.as_ref()).unwrap_or(header);
    let name = runtime.and_then(|runtime| runtime.given.as_deref()).unwrap_or(&trial.runtime);
    [run.repeat.as_slice(), &[trial.id(), "--runtime".to_owned(), name.to_owned()]].concat()
}

/// Returns the first 12 characters of a hash, which are enough for a reader. A hash from a file may be shorter.
pub(crate) fn short_hash(hash: &str) -> &str {
    hash.char_indices().nth(12).map_or(hash, |(end, _)| &hash[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_hash_has_at_most_twelve_characters() {
        for (hash, short) in [
            ("0123456789abcdef", "0123456789ab"),
            ("0123456789ab", "0123456789ab"),
            ("0123", "0123"),
            ("", ""),
            ("ééééééééééééé", "éééééééééééé"),
        ] {
            assert_eq!(short_hash(hash), short);
        }
    }

    #[test]
    fn the_committed_schema_describes_the_records() {
        crate::schema::check::<Record>("results/results.schema.json");
    }
}
