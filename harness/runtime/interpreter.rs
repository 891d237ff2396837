//! The interpreters under test: how they are started, and what their probe found.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::heat::Heat;
use super::places::executable;
use crate::process::Usage;
use crate::suite::{CPYTHON, FORK, Identity, Need, OwnGaps};
use pep440_rs::Version;
use serde::{Deserialize, Serialize};

/// The arguments that isolate an interpreter from its surroundings: no `PYTHON*` variables, no `site`, no `.pyc` files.
pub(crate) const ISOLATED: [&str; 3] = ["-I", "-S", "-B"];

/// How to start an interpreter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The name that the configuration gives it; by default that of the probe.
    pub name: Option<String>,
    /// The name of the variant that it starts, which is not part of `name`.
    pub variant: Option<String>,
    /// The executable, and the words that must follow it directly.
    pub command: Vec<String>,
    /// The arguments before a script. Cases with their own command line do not get them.
    pub args: Vec<String>,
    /// Additions to the environment.
    pub env: BTreeMap<String, String>,
    /// The deadline of one pass, if it differs from that of the run.
    pub timeout: Option<Duration>,
    /// How trials are kept apart, if the configuration says it.
    pub isolation: Option<Isolation>,
    /// Whether it may be missing.
    pub optional: bool,
    /// Whether the command takes `--serve`. With it, one process receives many command lines, and starts a new
    /// interpreter for each. This is faster than a new process.
    pub serves: bool,
    /// The name of the recipe by which `audit578 install` sets it up.
    pub recipe: Option<String>,
    /// The name by the version of the language, where the name was asked for and has another version.
    pub alias: Option<String>,
    /// The gaps file that replaces the known gaps of the suite.
    pub gaps: Option<PathBuf>,
    /// Whether it runs in namespaces of its own, where the system has them.
    pub is_contained: bool,
    /// The most that a pass may use of the machine.
    pub usage: Usage,
}

impl Launch {
    /// Returns the launch of an ordinary interpreter by its path.
    pub fn python(path: &Path) -> Launch {
        Launch {
            name: None,
            variant: None,
            command: vec![path.to_string_lossy().into_owned()],
            args: ISOLATED.map(str::to_owned).to_vec(),
            env: BTreeMap::new(),
            timeout: None,
            isolation: None,
            optional: true,
            serves: false,
            recipe: None,
            alias: None,
            gaps: None,
            is_contained: true,
            usage: Usage::LIMIT,
        }
    }

    /// Returns the names by which options may call it: its label, the name without the variant, the name by the version
    /// of the language, and that of its recipe.
    pub fn names(&self) -> Vec<String> {
        let plain = self.variant.as_ref().and(self.name.as_ref());
        let others = [plain, self.alias.as_ref(), self.recipe.as_ref()];
        [self.label()].into_iter().chain(others.into_iter().flatten().cloned()).collect()
    }

    /// Tells whether it starts the same executable with the same arguments and the same environment.
    pub(super) fn starts_like(&self, other: &Launch) -> bool {
        let words = |launch: &Launch| [&launch.command[1..], &launch.args].concat();
        let executable = |launch: &Launch| executable(Path::new(&launch.command[0]));
        words(self) == words(other) && self.env == other.env && executable(self) == executable(other)
    }

    /// Returns a name for messages. The probe finds the final name.
    pub fn label(&self) -> String {
        let name = self.name.clone().or_else(|| self.recipe.clone()).unwrap_or_else(|| self.command.join(" "));
        name + &self.suffix()
    }

    /// Returns the part of a name that tells the variant: `+dev`, or nothing.
    fn suffix(&self) -> String {
        self.variant.as_ref().map(|variant| format!("+{variant}")).unwrap_or_default()
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
    /// One interpreter does many passes, for interpreters that start slowly and cannot fork
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

/// The properties of an interpreter that the probe found.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Probe {
    /// `sys.implementation.name`.
    pub implementation: String,
    /// The first three parts of `sys.version_info`.
    pub language: [u64; 3],
    /// The rest of `sys.version_info`: `final`, `candidate1`, ...
    pub release: String,
    /// The version of the implementation itself, with the rest behind its three numbers: `8.0.0candidate1`.
    pub implementation_version: String,
    /// `sys.version`, in one line.
    pub build: String,
    /// `sys.platform`.
    pub platform: String,
    /// The processor's architecture, if the interpreter tells it.
    pub machine: Option<String>,
    /// `sys.executable`.
    pub executable: Option<String>,
    /// The properties of the build: `debug`, `free-threaded`.
    pub flags: Vec<String>,
    /// Whether it has `sys.audit` and `sys.addaudithook`.
    pub audit: bool,
    /// The name of the just-in-time compiler that is in use, if there is one: `pypy`, `cpython`, `cinderx`, ...
    pub compiler: Option<String>,
    /// The file with the agent's compiled code, if the interpreter could write one.
    pub compiled: Option<PathBuf>,
}

impl Probe {
    /// Returns the language version with its release tag: `3.13.0`, `3.15.0rc1`.
    pub fn version(&self) -> String {
        let [major, minor, micro] = self.language;
        let release = match self.release.as_str() {
            "final" => String::new(),
            other => shortened(other),
        };
        format!("{major}.{minor}.{micro}{release}")
    }

    /// Returns the version of the implementation, if it is one of PEP 440.
    pub fn own_version(&self) -> Option<Version> {
        shortened(&self.implementation_version).parse().ok()
    }

    /// Returns the runtime's name: `cpython-VERSION[-TAG]` or `IMPLEMENTATION-VERSION`, with the version of the
    /// implementation. If that is unreadable, the version of the language stands for it.
    pub fn name(&self) -> String {
        let (implementation, version) = (&self.implementation, self.version());
        let tags = self.flags.iter().map(|flag| match flag.as_str() {
            "free-threaded" => "-t".to_owned(),
            other => format!("-{other}"),
        });
        match self.own_version() {
            _ if implementation == CPYTHON => format!("{implementation}-{version}{}", tags.collect::<String>()),
            Some(own) => format!("{implementation}-{own}"),
            None => format!("{implementation}-{version}"),
        }
    }

    /// Returns the name by the version of the language, of an implementation with versions of its own.
    pub fn alias(&self) -> Option<String> {
        alias(&self.implementation, &self.version())
    }
}

/// Returns the name by a version of the language, of an implementation with versions of its own: `pypy-3.11.17`.
pub(crate) fn alias(implementation: &str, language: &str) -> Option<String> {
    (implementation != CPYTHON).then(|| format!("{implementation}-{language}"))
}

/// Returns a version with the tags of PEP 440 in place of the words of `sys.version_info`.
fn shortened(version: &str) -> String {
    version.replace("candidate", "rc").replace("alpha", "a").replace("beta", "b")
}

/// The result of a probe.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Found {
    /// The interpreter's properties.
    pub probe: Probe,
    /// The needs that were asked for, and whether it has them.
    pub features: BTreeMap<String, bool>,
    /// The time that the probe took.
    pub startup_time: Duration,
}

/// An interpreter under test.
#[derive(Debug, Clone)]
pub struct Runtime {
    /// How it is started.
    pub launch: Launch,
    /// The properties that guards and known gaps ask for.
    pub identity: Identity,
    /// The properties that its probe found.
    pub probe: Probe,
    /// Whether it can fork.
    pub forks: bool,
    /// The needs of the cases, and whether it has them, once it was asked; or why it did not answer.
    pub features: OnceLock<Result<BTreeMap<String, bool>, String>>,
    /// The SHA-256 of the interpreter in hexadecimal, once it was asked for its needs, if it is a file of this machine.
    pub sha256: OnceLock<String>,
    /// The file that is the interpreter: the command may be a launcher.
    pub executable: PathBuf,
    /// The package that a recipe installed, with its version.
    pub package: Option<String>,
    /// The time that its probe took: slow starters begin their trials first.
    pub startup_time: Duration,
    /// How long its snippets run until they are hot code, if it has hot passes.
    pub heat: Option<Heat>,
    /// The known gaps that replace those of the suite.
    pub own_gaps: Option<Arc<OwnGaps>>,
}

/// An interpreter that could not be started or probed.
#[derive(Debug, Clone)]
pub struct Absent {
    /// How it should have been started.
    pub launch: Launch,
    /// The reason.
    pub reason: String,
}

impl Runtime {
    /// Returns the runtime that a probe found.
    pub fn new(launch: Launch, found: Found) -> Runtime {
        let Found { probe, features, startup_time } = found;
        let (forks, executable) = (features.get(FORK) == Some(&true), PathBuf::from(&launch.command[0]));
        let launch = with_patience(launch, &probe);
        let identity = Identity {
            name: launch.name.clone().unwrap_or_else(|| probe.name()) + &launch.suffix(),
            implementation: probe.implementation.clone(),
            version: probe.own_version().map(|version| version.only_release()),
            language: Version::new(probe.language),
            platform: probe.platform.clone(),
        };
        Runtime {
            launch,
            identity,
            probe,
            forks,
            features: OnceLock::from(Ok(features)),
            sha256: OnceLock::new(),
            executable,
            package: None,
            startup_time,
            heat: None,
            own_gaps: None,
        }
    }

    /// Returns its unique name.
    pub fn name(&self) -> &str {
        &self.identity.name
    }

    /// Returns the names by which options may call it.
    pub fn names(&self) -> Vec<String> {
        let (name, alias) = (Some(self.identity.name.clone()), self.probe.alias());
        Launch { name, variant: None, alias, ..self.launch.clone() }.names()
    }

    /// Returns the needs of the cases, and whether it has them. There are none before it was asked.
    pub fn features(&self) -> &BTreeMap<String, bool> {
        static NONE: BTreeMap<String, bool> = BTreeMap::new();
        self.features.get().and_then(|answer| answer.as_ref().ok()).unwrap_or(&NONE)
    }

    /// Tells whether it did not answer when it was asked for the needs of the cases.
    pub fn is_silent(&self) -> bool {
        matches!(self.features.get(), Some(Err(_)))
    }

    /// Tells whether it has a need.
    pub fn has(&self, need: &Need) -> bool {
        self.features().get(need.as_str()) == Some(&true)
    }

    /// Returns how its trials are kept apart. The default is fork, if the interpreter can fork.
    pub fn isolation(&self) -> Isolation {
        self.launch.isolation.unwrap_or(if self.forks { Isolation::Fork } else { Isolation::Process })
    }
}

/// Implementations that start slowly and cannot fork. However they are found, they do many passes in one interpreter.
const SLOW: [&str; 1] = ["graalpy"];
/// The deadline of one of their passes. The interpreter compiles nothing, and a loaded machine slows it down.
const PATIENCE: Duration = Duration::from_secs(60);

/// Adds what a slow implementation needs, unless the configuration says it.
fn with_patience(launch: Launch, probe: &Probe) -> Launch {
    if !SLOW.contains(&probe.implementation.as_str()) {
        return launch;
    }
    let isolation = launch.isolation.or(Some(Isolation::Shared));
    Launch { isolation, timeout: launch.timeout.or(Some(PATIENCE)), ..launch }
}

/// Makes the names of runtimes unique. Those of one name for several languages get the language: `pypy-7.3.19-py3.10`.
/// Then the second `cpython-3.13.0` becomes `cpython-3.13.0-2`.
pub fn make_unique(runtimes: &mut [Runtime]) {
    let mut languages = BTreeMap::<String, BTreeSet<[u64; 2]>>::new();
    for Runtime { identity, probe: Probe { language: [major, minor, _], .. }, .. } in &*runtimes {
        languages.entry(identity.name.clone()).or_default().insert([*major, *minor]);
    }
    for Runtime { identity, probe: Probe { language: [major, minor, _], .. }, .. } in &mut *runtimes {
        if languages[&identity.name].len() > 1 {
            identity.name = format!("{}-py{major}.{minor}", identity.name);
        }
    }
    let mut taken: BTreeSet<String> = runtimes.iter().map(|runtime| runtime.identity.name.clone()).collect();
    let mut seen = BTreeSet::new();
    for Runtime { identity, .. } in runtimes {
        if seen.insert(identity.name.clone()) {
            continue;
        }
        let numbered = (2_u64..).map(|number| format!("{}-{number}", identity.name));
        if let Some(free) = numbered.into_iter().find(|name| !taken.contains(name)) {
            taken.insert(free.clone());
            identity.name = free;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::variant::Variant;
    use super::*;

    fn probe(language: [u64; 3], release: &str, flags: &[&str]) -> Probe {
        Probe {
            implementation: "cpython".to_owned(),
            language,
            release: release.to_owned(),
            implementation_version: String::new(),
            build: String::new(),
            platform: "linux".to_owned(),
            machine: None,
            executable: None,
            flags: flags.iter().map(ToString::to_string).collect(),
            audit: true,
            compiler: None,
            compiled: None,
        }
    }

    fn runtime(name: Option<&str>, features: &[(&str, bool)]) -> Runtime {
        let launch = Launch { name: name.map(str::to_owned), ..Launch::python(Path::new("python")) };
        let features = features.iter().map(|(need, is_there)| ((*need).to_owned(), *is_there)).collect();
        let probe = probe([3, 13, 0], "final", &[]);
        Runtime::new(launch, Found { probe, features, startup_time: Duration::ZERO })
    }

    #[test]
    fn a_runtime_has_a_name_for_each_way_to_call_it() {
        let recipe = Some("pypy-3.11".to_owned());
        let launch = Launch { recipe, ..Launch::python(Path::new("python")) };
        assert_eq!(launch.names(), ["pypy-3.11", "pypy-3.11"]);
        let probe = other("pypy", [3, 11, 17], "8.0.1");
        let pypy = Runtime::new(launch, Found { probe, features: BTreeMap::new(), startup_time: Duration::ZERO });
        assert_eq!(pypy.names(), ["pypy-8.0.1", "pypy-3.11.17", "pypy-3.11"]);
        assert_eq!(pypy.identity.version, Some(Version::new([8, 0, 1])));
        // The name of Pyodide, which is a CPython, must not call it a CPython like any other.
        assert_eq!(runtime(Some("pyodide-3.13"), &[]).names(), ["pyodide-3.13"]);
    }

    #[test]
    fn a_variant_is_in_the_name_and_its_variables_are_read() {
        let plain = runtime(Some("python"), &[(FORK, true)]);
        let variant = |text: &str| toml::from_str::<Variant>(&format!("name = \"v\"\n{text}")).expect("a variant");
        for (text, suits) in [
            ("", true),
            ("python = \">=3.13\"", true),
            ("python = \"<3.13\"", false),
            ("needs = [\"fork\"]", true),
            ("needs = [\"fork\", \"root\"]", false),
        ] {
            assert_eq!(variant(text).suits(&plain), suits, "{text}");
        }
        let serving = Launch { serves: true, ..plain.launch.clone() };
        assert!(!variant("").suits(&Runtime { launch: serving, ..plain.clone() }));
        for (text, command, args) in [
            ("args = [\"-X\", \"dev\"]", &["python", "-X", "dev"][..], &["-I", "-S", "-B"][..]),
            ("env = { OTHER = \"1\" }", &["python"], &["-I", "-S", "-B"]),
            ("env = { PYTHON_JIT = \"1\" }", &["python"], &["-s", "-P", "-S", "-B"]),
        ] {
            let launch = variant(text).of(&plain);
            assert_eq!(
                (launch.command.as_slice(), launch.args.as_slice()),
                (words(command).as_slice(), words(args).as_slice())
            );
            assert_eq!(launch.names(), ["python+v", "python"]);
            let found = Found { probe: plain.probe.clone(), features: BTreeMap::new(), startup_time: Duration::ZERO };
            assert_eq!(Runtime::new(launch, found).names(), ["python+v"]);
        }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    fn other(implementation: &str, language: [u64; 3], version: &str) -> Probe {
        let (implementation, implementation_version) = (implementation.to_owned(), version.to_owned());
        Probe { implementation, implementation_version, ..probe(language, "final", &["free-threaded"]) }
    }

    #[test]
    fn another_implementation_is_named_by_its_own_version_if_that_is_readable() {
        for (version, own, name) in [
            ("8.0.1", Some("8.0.1"), "pypy-8.0.1"),
            ("8.0.0candidate2", Some("8.0.0rc2"), "pypy-8.0.0rc2"),
            ("8.0.0alpha0", Some("8.0.0a0"), "pypy-8.0.0a0"),
            ("unknown", None, "pypy-3.11.17"),
            ("", None, "pypy-3.11.17"),
            ("8.0.0\u{1b}[31m", None, "pypy-3.11.17"),
            ("../../etc", None, "pypy-3.11.17"),
            ("99999999999999999999.0", None, "pypy-3.11.17"),
        ] {
            let probe = other("pypy", [3, 11, 17], version);
            assert_eq!(probe.own_version().map(|own| own.to_string()).as_deref(), own, "{version}");
            assert_eq!((probe.name().as_str(), probe.alias().as_deref()), (name, Some("pypy-3.11.17")), "{version}");
        }
    }

    #[test]
    fn runtimes_of_one_version_are_told_apart_by_language_before_they_are_numbered() {
        let pypy = |language| {
            let probe = other("pypy", language, "7.3.19");
            let found = Found { probe, features: BTreeMap::new(), startup_time: Duration::ZERO };
            Runtime::new(Launch::python(Path::new("python")), found)
        };
        let mut runtimes = [pypy([3, 10, 16]), pypy([3, 11, 11]), pypy([3, 10, 16])];
        make_unique(&mut runtimes);
        let unique: Vec<_> = runtimes.iter().map(Runtime::name).collect();
        assert_eq!(unique, ["pypy-7.3.19-py3.10", "pypy-7.3.19-py3.11", "pypy-7.3.19-py3.10-2"]);
        let mut alone = [pypy([3, 10, 16]), pypy([3, 10, 16])];
        make_unique(&mut alone);
        assert_eq!(alone.map(|runtime| runtime.identity.name), ["pypy-7.3.19", "pypy-7.3.19-2"]);
    }

    #[test]
    fn launches_of_one_executable_are_alike_if_their_words_and_variables_are() {
        let plain = Launch::python(Path::new("/nowhere/python3"));
        let named = Launch { name: Some("mine".to_owned()), timeout: Some(Duration::ZERO), ..plain.clone() };
        assert!(plain.starts_like(&named));
        for other in [
            Launch::python(Path::new("/nowhere/python3.12")),
            Launch { args: Vec::new(), ..plain.clone() },
            Launch { command: [&plain.command[..], &["-q".to_owned()]].concat(), ..plain.clone() },
            Launch { env: BTreeMap::from([("A".to_owned(), "b".to_owned())]), ..plain.clone() },
        ] {
            assert!(!plain.starts_like(&other) && !other.starts_like(&plain), "{other:?}");
        }
    }

    #[test]
    fn a_probe_gives_version_and_name() {
        for (language, release, flags, version, name) in [
            ([3, 13, 0], "final", &[][..], "3.13.0", "cpython-3.13.0"),
            ([3, 15, 0], "alpha1", &[], "3.15.0a1", "cpython-3.15.0a1"),
            ([3, 15, 0], "beta2", &[], "3.15.0b2", "cpython-3.15.0b2"),
            ([3, 15, 0], "candidate1", &["debug"], "3.15.0rc1", "cpython-3.15.0rc1-debug"),
            ([3, 14, 2], "final", &["debug", "free-threaded"], "3.14.2", "cpython-3.14.2-debug-t"),
        ] {
            let probe = probe(language, release, flags);
            assert_eq!((probe.version(), probe.name()), (version.to_owned(), name.to_owned()));
        }
    }

    #[test]
    fn runtimes_of_one_name_are_numbered_from_the_second_on() {
        let names = [None, Some("other"), None, Some("other"), None];
        let mut runtimes = names.map(|name| runtime(name, &[]));
        make_unique(&mut runtimes);
        let unique: Vec<_> = runtimes.iter().map(Runtime::name).collect();
        assert_eq!(unique, ["cpython-3.13.0", "other", "cpython-3.13.0-2", "other-2", "cpython-3.13.0-3"]);
        let mut taken = [Some("x"), Some("x"), Some("x-2"), Some("x")].map(|name| runtime(name, &[]));
        make_unique(&mut taken);
        assert_eq!(taken.map(|runtime| runtime.identity.name), ["x", "x-3", "x-2", "x-4"]);
    }

    #[test]
    fn a_slow_implementation_gets_one_interpreter_and_time_unless_its_launch_says_otherwise() {
        let found = |implementation: &str| Found {
            probe: other(implementation, [3, 12, 8], "25.2.4"),
            features: BTreeMap::new(),
            startup_time: Duration::ZERO,
        };
        let plain = Launch::python(Path::new("python"));
        let (isolation, timeout) = (Some(Isolation::Process), Some(Duration::from_secs(1)));
        let told = Launch { timeout, isolation, ..plain.clone() };
        for (implementation, launch, expected) in [
            ("graalpy", &plain, (Some(Isolation::Shared), Some(PATIENCE))),
            ("graalpy", &told, (isolation, timeout)),
            ("pypy", &plain, (None, None)),
        ] {
            let launch = Runtime::new(launch.clone(), found(implementation)).launch;
            assert_eq!((launch.isolation, launch.timeout), expected, "{implementation}");
        }
    }

    #[test]
    fn a_runtime_that_can_fork_forks_unless_its_launch_says_otherwise() {
        for (features, launch, isolation) in [
            (&[(FORK, true)][..], None, Isolation::Fork),
            (&[(FORK, false)], None, Isolation::Process),
            (&[], None, Isolation::Process),
            (&[(FORK, true)], Some(Isolation::Shared), Isolation::Shared),
            (&[(FORK, false)], Some(Isolation::Fork), Isolation::Fork),
        ] {
            let mut runtime = runtime(None, features);
            runtime.launch.isolation = launch;
            assert_eq!(runtime.isolation(), isolation, "{features:?} {launch:?}");
        }
    }
}
