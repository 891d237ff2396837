//! The configuration: where to search for interpreters, and those that no search finds.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::interpreter::{ISOLATED, Isolation, Launch};
use super::places::{self, Place, home, variable, which};
use super::variant::Variant;
use crate::process::Usage;
use crate::suite::did_you_mean;

/// The configuration that is embedded in the program.
pub const DEFAULT: &str = include_str!("../../runtimes.toml");

/// A `runtimes.toml`: the interpreters that the suite runs on.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "runtimes.toml of audit578"))]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to search.
    #[serde(default)]
    pub discover: Discover,
    /// The interpreters that the search does not find.
    #[serde(default)]
    pub runtime: Vec<Entry>,
    /// The configurations in which `run --variant` can start each interpreter.
    #[serde(default)]
    pub variant: Vec<Variant>,
}

/// Where to search for interpreters.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Discover {
    /// The places.
    #[serde(default)]
    pub sources: Vec<Place>,
}

/// An interpreter, as configured.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its name in the matrix. Without it, the probe gives the name.
    pub name: Option<String>,
    /// The executable, and the arguments that must follow it directly. `{cache}` is the folder of `audit578
    /// install`.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub command: Vec<String>,
    /// The arguments that isolate it from its surroundings; `-I -S -B` when left out.
    pub args: Option<Vec<String>>,
    /// Additions to its environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The deadline of one pass, in seconds; 10 when left out.
    #[cfg_attr(test, schemars(range(min = 0)))]
    pub timeout: Option<f64>,
    /// How its trials are kept apart. The default is fork, if the interpreter can fork.
    pub isolation: Option<Isolation>,
    /// Whether its command takes `--serve`.
    #[serde(default)]
    pub serve: bool,
    /// Whether it may be missing.
    #[serde(default)]
    pub optional: bool,
    /// The gaps file that replaces the suite's known gaps of this runtime: a path from the working directory.
    pub gaps: Option<PathBuf>,
    /// Whether it runs in namespaces of its own, where the system has them. An interpreter that needs a process which
    /// was started before cannot.
    #[serde(default = "yes")]
    pub contain: bool,
    /// The memory that a pass may use, in MiB; 8192 when left out.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub memory: Option<u32>,
    /// The number of processes that a pass may have at a time; 512 when left out.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub processes: Option<u16>,
    /// The number of files that these may have open together; 16384 when left out.
    #[serde(rename = "open-files")]
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub open_files: Option<u32>,
    /// The processor time that a pass may use, in seconds; 300 when left out.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub processor: Option<u32>,
    /// The space that the files of a pass may take on disk, in MiB; 1024 when left out.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub space: Option<u32>,
}

/// The default of what is on unless it is turned off.
fn yes() -> bool {
    true
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// Returns the first fault: one of syntax or type with line and column, any other with the name of the runtime, or
    /// with its number in the file.
    pub fn parse(text: &str) -> Result<Config, String> {
        let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut names = BTreeSet::new();
        for (index, entry) in config.runtime.iter().enumerate() {
            let Entry { name, command, timeout, .. } = entry;
            let runtime =
                name.as_ref().map_or_else(|| format!("runtime {}", index + 1), |name| format!("runtime `{name}`"));
            if command.is_empty() {
                return Err(format!("command of {runtime}: expected at least one word"));
            }
            if let Some(Err(fault)) = timeout.map(deadline) {
                return Err(format!("timeout of {runtime}: {fault}"));
            }
            if let Some(key) = entry.zero_limit() {
                return Err(format!("{key} of {runtime}: expected a number greater than 0"));
            }
            if let Some(name) = name.as_ref().filter(|name| !names.insert(*name)) {
                return Err(format!("two runtimes are named `{name}`"));
            }
        }
        let mut names = BTreeSet::new();
        for variant in &config.variant {
            let name = &variant.name;
            if !variant.is_well_named() {
                let all = Variant::ALL;
                return Err(format!(
                    "variant `{name}`: expected a name of letters, digits and hyphens, other than `{all}`"
                ));
            }
            if !names.insert(name) {
                return Err(format!("two variants are named `{name}`"));
            }
        }
        Ok(config)
    }

    /// Returns the variants with these names, each once. `all` is the name of all. Besides those of the configuration,
    /// there are those that are embedded in the program, unless the configuration has one of the same name.
    ///
    /// # Errors
    /// Returns the first name that no variant has, and the names that there are.
    pub fn variants(self, names: &[String]) -> Result<Vec<Variant>, String> {
        let embedded = Config::parse(DEFAULT)?.variant;
        let is_new = |variant: &Variant| !self.variant.iter().any(|other| other.name == variant.name);
        let known: Vec<Variant> = self.variant.iter().cloned().chain(embedded.into_iter().filter(is_new)).collect();
        let is_known = |name: &String| *name == Variant::ALL || known.iter().any(|variant| variant.name == *name);
        if let Some(name) = names.iter().find(|name| !is_known(name)) {
            let quoted: Vec<String> = known.iter().map(|variant| format!("`{}`", variant.name)).collect();
            let near = did_you_mean(name, known.iter().map(|variant| &variant.name));
            return Err(format!(
                "unknown variant `{name}`, expected `{}` or one of {}{near}",
                Variant::ALL,
                quoted.join(", ")
            ));
        }
        let is_wanted = |variant: &Variant| names.iter().any(|name| *name == Variant::ALL || *name == variant.name);
        Ok(known.into_iter().filter(is_wanted).collect())
    }

    /// Returns everything to probe: the configured interpreters, then those that discovery finds, except for what is
    /// configured already under any name.
    pub fn launches(self) -> Vec<Launch> {
        let found = places::search(&self.discover.sources);
        let configured = self.configured();
        let is_new = |launch: &Launch| !configured.iter().any(|other| other.starts_like(launch));
        let found: Vec<Launch> = found.iter().map(|path| Launch::python(path)).filter(is_new).collect();
        [configured, found].concat()
    }

    /// Returns the configured interpreters.
    pub fn configured(self) -> Vec<Launch> {
        self.runtime.into_iter().map(Entry::launch).collect()
    }
}

/// The longest deadline: a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Returns a deadline of this number of seconds.
///
/// # Errors
/// Returns what is expected, if the number is out of range.
pub(crate) fn deadline(seconds: f64) -> Result<Duration, String> {
    let duration = Duration::try_from_secs_f64(seconds).ok();
    let duration = duration.filter(|duration| !duration.is_zero() && *duration <= LONGEST);
    duration.ok_or_else(|| format!("expected a number of seconds greater than 0, and at most {}", LONGEST.as_secs()))
}

impl Entry {
    /// Returns the key of a limit that is 0.
    fn zero_limit(&self) -> Option<&'static str> {
        let limits = [
            ("memory", self.memory),
            ("processes", self.processes.map(u32::from)),
            ("open-files", self.open_files),
            ("processor", self.processor),
            ("space", self.space),
        ];
        limits.into_iter().find_map(|(key, limit)| (limit == Some(0)).then_some(key))
    }

    fn launch(self) -> Launch {
        let cache = cache().to_string_lossy().into_owned();
        let recipe = self.recipe().map(str::to_owned);
        let mut command: Vec<String> = self.command.iter().map(|word| word.replace(CACHE, &cache)).collect();
        command[0] = which(&command[0]).to_string_lossy().into_owned();
        let usage = Usage {
            memory: self.memory.map_or(Usage::LIMIT.memory, |mebibytes| u64::from(mebibytes) << 20),
            processes: self.processes.map_or(Usage::LIMIT.processes, usize::from),
            open_files: self.open_files.map_or(Usage::LIMIT.open_files, |number| number as usize),
            processor: self.processor.map_or(Usage::LIMIT.processor, |seconds| Duration::from_secs(seconds.into())),
            space: self.space.map_or(Usage::LIMIT.space, |mebibytes| u64::from(mebibytes) << 20),
        };
        Launch {
            name: self.name,
            variant: None,
            command,
            args: self.args.unwrap_or_else(|| ISOLATED.map(str::to_owned).to_vec()),
            env: self.env,
            timeout: self.timeout.map(Duration::from_secs_f64),
            isolation: self.isolation,
            optional: self.optional,
            serves: self.serve,
            recipe,
            alias: None,
            gaps: self.gaps,
            is_contained: self.contain,
            usage,
        }
    }

    /// Returns the name of the recipe that sets it up: the folder of its command below that of the cache.
    pub(super) fn recipe(&self) -> Option<&str> {
        self.command[0].strip_prefix(CACHE)?.split('/').find(|folder| !folder.is_empty())
    }
}

/// The placeholder for the cache folder in a command.
const CACHE: &str = "{cache}";

/// Returns the folder in which `audit578 install` sets runtimes up.
pub(crate) fn cache() -> PathBuf {
    let cache = cache_folder(&variable);
    std::path::absolute(&cache).unwrap_or(cache)
}

/// Returns `$AUDIT578_CACHE`, or else the folder `audit578` in `$XDG_CACHE_HOME`, in `~/.cache` or, without a home
/// folder, in the working directory.
fn cache_folder(variable: &dyn Fn(&str) -> Option<OsString>) -> PathBuf {
    let folder = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("AUDIT578_CACHE").unwrap_or_else(|| {
        let base = folder("XDG_CACHE_HOME").or_else(|| home(variable).map(|home| home.join(".cache")));
        base.unwrap_or_default().join("audit578")
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn each_fault_of_a_configuration_is_named_with_its_place() {
        let entry = |keys: &str| format!("[[runtime]]\nname = \"x\"\n{keys}\n");
        let valid = entry("command = [\"x\"]");
        for (text, parts) in [
            (entry("comand = [\"x\"]"), &["line 3, column 1", "unknown field `comand`"][..]),
            (entry("command = \"x\""), &["line 3, column 11", "expected a sequence"]),
            (entry("command = [\"x\""), &["line 3, column 15", "unclosed array"]),
            ("[[runtime]]\nname = \"x\"\n".to_owned(), &["line 1, column 1", "missing field `command`"]),
            (valid.clone() + "isolation = \"none\"\n", &["line 4, column 13", "unknown variant `none`"]),
            ("[discover]\nsources = [\"brew\"]\n".to_owned(), &["line 2, column 12", "unknown variant `brew`"]),
            (entry("command = []"), &["command of runtime `x`: expected at least one word"]),
            (valid.clone() + "[[runtime]]\ncommand = []\n", &["command of runtime 2: expected at least one word"]),
            (
                valid.clone() + "timeout = 1e19\n",
                &["timeout of runtime `x`: expected a number of seconds greater than 0, and at most 86400"],
            ),
            (
                valid.clone() + "timeout = -1\n",
                &["timeout of runtime `x`: expected a number of seconds greater than 0"],
            ),
            (valid.clone() + "timeout = 0\n", &["timeout of runtime `x`: expected a number of seconds greater than 0"]),
            (
                valid.clone() + "timeout = nan\n",
                &["timeout of runtime `x`: expected a number of seconds greater than 0"],
            ),
            (valid.repeat(2), &["two runtimes are named `x`"]),
            ("[[variant]]\nname = \"a\"\n".repeat(2), &["two variants are named `a`"]),
            (
                "[[variant]]\nname = \"all\"\n".to_owned(),
                &["variant `all`: expected a name of letters, digits and hyphens"],
            ),
            ("[[variant]]\nname = \"a+b\"\n".to_owned(), &["variant `a+b`: expected a name of letters"]),
            ("[[variant]]\nname = \"\"\n".to_owned(), &["variant ``: expected a name of letters"]),
            ("[[variant]]\nname = \"a\"\npython = \"3\"\n".to_owned(), &["line 3, column 10"]),
            ("[[variant]]\nname = \"a\"\nneeds = [\"jit\"]\n".to_owned(), &["line 3, column 9", "unknown need `jit`"]),
        ] {
            let fault = Config::parse(&text).expect_err(&text);
            assert!(parts.iter().all(|part| fault.contains(part)), "{text}{fault}");
        }
    }

    #[test]
    fn the_committed_schema_is_up_to_date() {
        crate::schema::check::<Config>("runtime/runtimes.schema.json");
    }

    #[test]
    fn what_an_entry_leaves_out_has_its_default() {
        let text = "[[runtime]]\nname = \"x\"\ncommand = [\"./x\", \"-q\"]\n";
        let launch = |text: &str| Config::parse(text).expect("a configuration").configured().remove(0);
        let path = std::path::absolute("./x").expect("a path").to_string_lossy().into_owned();
        let plain = Launch { name: Some("x".to_owned()), optional: false, ..Launch::python(Path::new(&path)) };
        assert_eq!(launch(text), Launch { command: vec![path, "-q".to_owned()], ..plain.clone() });
        let all =
            "args = []\nenv = {A = \"b\"}\ntimeout = 1.5\nisolation = \"shared\"\nserve = true\noptional = true\n";
        let installable = text.replace("name = \"x\"\n", "").replace("./x", "{cache}/x/python");
        let expected = Launch {
            name: None,
            command: vec![cache().join("x/python").to_string_lossy().into_owned(), "-q".to_owned()],
            args: Vec::new(),
            env: BTreeMap::from([("A".to_owned(), "b".to_owned())]),
            timeout: Some(Duration::from_millis(1500)),
            isolation: Some(Isolation::Shared),
            serves: true,
            optional: true,
            recipe: Some("x".to_owned()),
            ..plain
        };
        assert_eq!(expected.label(), "x");
        assert_eq!(launch(&(installable + all)), expected);
    }

    #[test]
    fn a_variant_of_the_configuration_stands_before_the_embedded_one_of_its_name() {
        let text = "[[variant]]\nname = \"dev\"\nargs = [\"-d\"]\n";
        let variants = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            Config::parse(text).expect("a configuration").variants(&names)
        };
        let args =
            |names: &[&str]| variants(names).expect("variants").into_iter().map(|it| it.args).collect::<Vec<_>>();
        assert_eq!(args(&["dev", "dev"]), [["-d"]]);
        assert_eq!(args(&["optimized", "dev"]), [["-d"], ["-O"]]);
        let all = args(&["all"]);
        assert_eq!(
            (all.len(), &all[0]),
            (Config::parse(DEFAULT).expect("a configuration").variant.len(), &vec!["-d".to_owned()])
        );
        assert_eq!(
            variants(&["dev", "x"])
                .err()
                .map(|fault| fault.starts_with("unknown variant `x`, expected `all` or one of `dev`, ")),
            Some(true)
        );
    }

    /// Returns a lookup in some variables.
    fn variables(set: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
        |name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
    }

    #[test]
    fn the_cache_folder_is_the_first_that_is_named() {
        for (set, folder) in [
            (&[("AUDIT578_CACHE", "a"), ("XDG_CACHE_HOME", "x"), ("HOME", "h")][..], "a"),
            (&[("AUDIT578_CACHE", ""), ("XDG_CACHE_HOME", "x"), ("HOME", "h")], "x/audit578"),
            (&[("XDG_CACHE_HOME", ""), ("HOME", "h")], "h/.cache/audit578"),
            (&[("HOME", "h"), ("USERPROFILE", "u")], "h/.cache/audit578"),
            (&[("USERPROFILE", "u")], "u/.cache/audit578"),
            (&[], "audit578"),
        ] {
            assert_eq!(cache_folder(&variables(set)), Path::new(folder), "{set:?}");
        }
    }
}
