//! Discovery: the interpreters that are installed here, and the configuration that adds to them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use serde::Deserialize;

use super::interpreter::{ISOLATED, Isolation, Launch};

/// The configuration that the binary carries.
pub const DEFAULT: &str = include_str!("../../runtimes.toml");

/// A `runtimes.toml`: the interpreters that the suite runs on.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "runtimes.toml of audit578"))]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to search.
    #[serde(default)]
    pub discover: Discover,
    /// The interpreters that no search finds.
    #[serde(default)]
    pub runtime: Vec<Entry>,
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

/// A place where interpreters are installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The folders of `PATH`.
    Path,
    /// The versions of pyenv, or pyenv-win: `$PYENV_ROOT`, or `~/.pyenv`, or `~/.pyenv/pyenv-win`.
    Pyenv,
    /// The installations of uv: `$UV_PYTHON_INSTALL_DIR`, or `~/.local/share/uv/python`, or `%APPDATA%\uv\data\python`.
    Uv,
}

/// An interpreter, as configured.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its name in the matrix.
    pub name: String,
    /// The executable, and the arguments that must stand directly behind it. `{cache}` is the folder of `audit578 install`.
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
    /// How its trials are kept apart; by fork, where it can, when left out.
    pub isolation: Option<Isolation>,
    /// Whether its command takes `--serve`.
    #[serde(default)]
    pub serve: bool,
    /// Whether its absence is no error.
    #[serde(default)]
    pub optional: bool,
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// What is wrong with it, with line and column.
    pub fn parse(text: &str) -> Result<Config, String> {
        let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut names = BTreeSet::new();
        for entry in &config.runtime {
            if entry.command.is_empty() {
                return Err(format!("runtime `{}` has an empty command", entry.name));
            }
            if entry.timeout.is_some_and(|seconds| Duration::try_from_secs_f64(seconds).is_err()) {
                return Err(format!("the timeout of runtime `{}` is no time in seconds", entry.name));
            }
            if !names.insert(&entry.name) {
                return Err(format!("two runtimes are named `{}`", entry.name));
            }
        }
        Ok(config)
    }

    /// Everything to probe: the configured interpreters, then those that discovery finds.
    pub fn launches(self) -> Vec<Launch> {
        let found = discover(&self.discover.sources);
        let found = found.iter().map(|path| Launch::python(path)).collect();
        [self.configured(), found].concat()
    }

    /// The configured interpreters.
    pub fn configured(self) -> Vec<Launch> {
        self.runtime.into_iter().map(Entry::launch).collect()
    }
}

impl Entry {
    fn launch(self) -> Launch {
        let cache = cache().to_string_lossy().into_owned();
        let is_installable = self.command[0].starts_with(CACHE);
        let mut command: Vec<String> = self.command.iter().map(|word| word.replace(CACHE, &cache)).collect();
        command[0] = which(&command[0]).to_string_lossy().into_owned();
        Launch {
            name: Some(self.name),
            command,
            args: self.args.unwrap_or_else(|| ISOLATED.map(str::to_owned).to_vec()),
            env: self.env,
            timeout: self.timeout.map(Duration::from_secs_f64),
            isolation: self.isolation,
            optional: self.optional,
            serves: self.serve,
            is_installable,
        }
    }
}

/// What stands for the cache folder in a command.
const CACHE: &str = "{cache}";

/// Returns the folder in which `audit578 install` sets runtimes up: `$AUDIT578_CACHE`, or `audit578` in
/// `$XDG_CACHE_HOME` or `~/.cache`, or beside the working directory's files where there is no home.
pub(crate) fn cache() -> PathBuf {
    let of = |variable: &str| env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = || of("XDG_CACHE_HOME").or_else(|| home().map(|home| home.join(".cache"))).unwrap_or_default();
    let cache = of("AUDIT578_CACHE").unwrap_or_else(|| base().join("audit578"));
    std::path::absolute(&cache).unwrap_or(cache)
}

/// Returns the path of a command: as it is if it has a folder, else where `PATH` has it.
pub(crate) fn which(command: &str) -> PathBuf {
    let path = Path::new(command);
    if path.components().count() > 1 {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        return executables(&path).into_iter().find(|path| path.is_file()).unwrap_or(path);
    }
    let found = path_folders().into_iter().flat_map(|folder| executables(&folder.join(command)));
    found.into_iter().find(|path| path.is_file()).unwrap_or_else(|| path.to_owned())
}

/// The files that a command with this path may mean: on Windows, `.exe` may be left out.
fn executables(path: &Path) -> [PathBuf; 2] {
    let mut with_suffix = path.as_os_str().to_owned();
    with_suffix.push(env::consts::EXE_SUFFIX);
    [path.to_owned(), with_suffix.into()]
}

/// Returns the interpreters in some places, each real executable once.
fn discover(places: &[Place]) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    let candidates = places.iter().flat_map(|place| folders(*place)).flat_map(|folder| interpreters(&folder));
    candidates.filter(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone()))).collect()
}

fn folders(place: Place) -> Vec<PathBuf> {
    match place {
        Place::Path => {
            // A shim is a script that starts one of pyenv's versions, or none.
            let shims = pyenv_root().map(|root| root.join("shims"));
            path_folders().into_iter().filter(|folder| Some(folder) != shims.as_ref()).collect()
        }
        Place::Pyenv => pyenv_root().map(|root| installations(&root.join("versions"))).unwrap_or_default(),
        Place::Uv => uv_root().map(|root| installations(&root)).unwrap_or_default(),
    }
}

fn path_folders() -> Vec<PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}

fn pyenv_root() -> Option<PathBuf> {
    let root = env::var_os("PYENV_ROOT").map(PathBuf::from);
    root.or_else(|| home().map(|home| home.join(if cfg!(windows) { ".pyenv/pyenv-win" } else { ".pyenv" })))
}

fn uv_root() -> Option<PathBuf> {
    let root = env::var_os("UV_PYTHON_INSTALL_DIR").map(PathBuf::from);
    let default = || match cfg!(windows) {
        true => env::var_os("APPDATA").map(|data| Path::new(&data).join(r"uv\data\python")),
        false => home().map(|home| home.join(".local/share/uv/python")),
    };
    root.or_else(default)
}

fn home() -> Option<PathBuf> {
    env::var_os("HOME").or_else(|| env::var_os("USERPROFILE")).map(PathBuf::from)
}

/// The folders with the executables of the installations below a folder, sorted. A folder that is not there has none.
fn installations(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    // On Windows they are not in a folder of their own.
    let below = if cfg!(windows) { "" } else { "bin" };
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path().join(below)).collect();
    folders.sort();
    folders
}

/// The interpreters in a folder, sorted. A folder of `PATH` that is not there has none.
fn interpreters(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter(|entry| is_interpreter(&entry.file_name().to_string_lossy()));
    let mut paths: Vec<PathBuf> = named.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths
}

/// Tells whether a file name is `python3`, `python3.N`, `python3.Nt`, `python3.Nd`, a `pypy3` of that kind, `rustpython`,
/// or what Windows' own installers call it, `python.exe`.
fn is_interpreter(name: &str) -> bool {
    if matches!(name, "rustpython" | "rustpython.exe" | "python.exe") {
        return true;
    }
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let Some(rest) = name.strip_prefix("python3").or_else(|| name.strip_prefix("pypy3")) else { return false };
    let minor = rest.strip_prefix('.').map(|minor| minor.trim_end_matches(['t', 'd']));
    rest.is_empty() || minor.is_some_and(|minor| !minor.is_empty() && minor.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpreters_are_told_by_name() {
        for name in ["python3", "python3.8", "python3.13t", "python3.14d", "pypy3", "pypy3.10", "rustpython"] {
            assert!(is_interpreter(name) && is_interpreter(&format!("{name}.exe")), "{name}");
        }
        assert!(is_interpreter("python.exe"));
        for name in ["python", "python2.7", "python3-config", "python3.11-config", "python3.", "pypy3.9-c", "ipython3"]
        {
            assert!(!is_interpreter(name), "{name}");
        }
    }

    #[test]
    fn a_configuration_error_has_its_place() {
        let error = Config::parse("[[runtime]]\nname = \"x\"\ncomand = [\"x\"]\n").unwrap_err();
        assert!(error.contains("line 3, column 1"), "{error}");
        assert!(error.contains("comand"), "{error}");
    }

    #[test]
    fn the_committed_schema_is_up_to_date() {
        crate::schema::check::<Config>("runtime/runtimes.schema.json");
    }

    #[test]
    fn entries_are_checked() {
        let twice = "[[runtime]]\nname = \"x\"\ncommand = [\"x\"]\n".repeat(2);
        assert_eq!(Config::parse(&twice).unwrap_err(), "two runtimes are named `x`");
        let empty = Config::parse("[[runtime]]\nname = \"x\"\ncommand = []\n");
        assert_eq!(empty.unwrap_err(), "runtime `x` has an empty command");
        let past = Config::parse("[[runtime]]\nname = \"x\"\ncommand = [\"x\"]\ntimeout = -1\n");
        assert_eq!(past.unwrap_err(), "the timeout of runtime `x` is no time in seconds");
    }
}
