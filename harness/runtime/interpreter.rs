//! Runtimes: interpreters under test, what is configured of them, and what their probe found.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use crate::suite::{FORK, Identity};
use pep440_rs::Version;
use serde::{Deserialize, Serialize};

/// The arguments that isolate an interpreter from its surroundings: no `PYTHON*` variables, no site, no `.pyc` files.
pub(crate) const ISOLATED: [&str; 3] = ["-I", "-S", "-B"];

/// How to start an interpreter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The name that the configuration gives it; by default the probe's.
    pub name: Option<String>,
    /// The executable and what must stand directly behind it.
    pub command: Vec<String>,
    /// The arguments before a script; not used for cases with a command line of their own.
    pub args: Vec<String>,
    /// Additions to the environment.
    pub env: BTreeMap<String, String>,
    /// The deadline of one pass, where it is not the run's.
    pub timeout: Option<Duration>,
    /// How trials are kept apart, where that is not left to us.
    pub isolation: Option<Isolation>,
    /// Whether its absence is no error.
    pub optional: bool,
    /// Whether the command takes `--serve`: one process of it gives each command line that it is sent an interpreter of
    /// its own, sooner than a new process would.
    pub serves: bool,
    /// Whether it is one that `audit578 install` sets up.
    pub is_installable: bool,
}

impl Launch {
    /// The launch of a plain interpreter by its path.
    pub fn python(path: &Path) -> Launch {
        Launch {
            name: None,
            command: vec![path.to_string_lossy().into_owned()],
            args: ISOLATED.map(str::to_owned).to_vec(),
            env: BTreeMap::new(),
            timeout: None,
            isolation: None,
            optional: true,
            serves: false,
            is_installable: false,
        }
    }

    /// How an interpreter is called before its name is known.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.command.join(" "))
    }
}

/// How the trials of a runtime are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Isolation {
    /// A new interpreter for each pass
    Process,
    /// A warm interpreter forks a child for each pass
    Fork,
    /// One interpreter does many passes, for what starts slowly and cannot fork
    Shared,
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Isolation::Process => "process",
            Isolation::Fork => "fork",
            Isolation::Shared => "shared",
        })
    }
}

/// What the probe found an interpreter to be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Probe {
    /// `sys.implementation.name`.
    pub implementation: String,
    /// The first three parts of `sys.version_info`.
    pub language: [u64; 3],
    /// The rest of it: `final`, `candidate1`, ...
    pub release: String,
    /// The version of the implementation itself.
    pub implementation_version: String,
    /// `sys.version`, in one line.
    pub build: String,
    /// `sys.platform`.
    pub platform: String,
    /// The processor's architecture, where there is a way to know.
    pub machine: Option<String>,
    /// `sys.executable`.
    pub executable: Option<String>,
    /// `debug`, `free-threaded`.
    pub flags: Vec<String>,
    /// Whether `sys.audit` and `sys.addaudithook` are there.
    pub audit: bool,
    /// The file with the agent's compiled code, where the interpreter could write one.
    pub compiled: Option<std::path::PathBuf>,
}

impl Probe {
    /// The language version with its release tag: `3.13.0`, `3.15.0rc1`.
    pub fn version(&self) -> String {
        let [major, minor, micro] = self.language;
        let release = match self.release.as_str() {
            "final" => String::new(),
            other => other.replace("candidate", "rc").replace("alpha", "a").replace("beta", "b"),
        };
        format!("{major}.{minor}.{micro}{release}")
    }

    /// The runtime's name: `IMPLEMENTATION-VERSION[-TAG]`.
    pub fn name(&self) -> String {
        let tags = self.flags.iter().map(|flag| match flag.as_str() {
            "free-threaded" => "-t".to_owned(),
            other => format!("-{other}"),
        });
        format!("{}-{}{}", self.implementation, self.version(), tags.collect::<String>())
    }
}

/// What a probe found.
#[derive(Debug, Clone)]
pub struct Found {
    /// What the interpreter is.
    pub probe: Probe,
    /// What it has of the needs that were asked for.
    pub features: BTreeMap<String, bool>,
    /// The time that the probe took.
    pub startup_time: Duration,
}

/// An interpreter under test.
#[derive(Debug, Clone)]
pub struct Runtime {
    /// How it is started.
    pub launch: Launch,
    /// What guards and known gaps ask of it.
    pub identity: Identity,
    /// What its probe found.
    pub probe: Probe,
    /// What it has of the needs of the cases.
    pub features: BTreeMap<String, bool>,
    /// The SHA-256 of the executable, in hexadecimal, where it is a file here.
    pub sha256: Option<String>,
    /// The time that its probe took: slow starters begin their trials first.
    pub startup_time: Duration,
}

/// An interpreter that could not be started or probed.
#[derive(Debug, Clone)]
pub struct Absent {
    /// How it was to be started.
    pub launch: Launch,
    /// Why it could not.
    pub reason: String,
}

impl Runtime {
    /// The runtime that a probe found.
    pub fn new(launch: Launch, found: Found, sha256: Option<String>) -> Runtime {
        let Found { probe, features, startup_time } = found;
        let identity = Identity {
            name: launch.name.clone().unwrap_or_else(|| probe.name()),
            implementation: probe.implementation.clone(),
            language: Version::new(probe.language),
            platform: probe.platform.clone(),
        };
        Runtime { launch, identity, probe, features, sha256, startup_time }
    }

    /// Its unique name.
    pub fn name(&self) -> &str {
        &self.identity.name
    }

    /// How its trials are kept apart: by fork where it can, unless it is told otherwise.
    pub fn isolation(&self) -> Isolation {
        let forks = self.features.get(FORK) == Some(&true);
        self.launch.isolation.unwrap_or(if forks { Isolation::Fork } else { Isolation::Process })
    }
}

/// Makes the names of runtimes unique: the second `cpython-3.13.0` becomes `cpython-3.13.0-2`.
pub fn make_unique(runtimes: &mut [Runtime]) {
    let mut counts = BTreeMap::<String, usize>::new();
    for runtime in runtimes {
        let count = counts.entry(runtime.identity.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            runtime.identity.name = format!("{}-{count}", runtime.identity.name);
        }
    }
}
