//! Discovery: the interpreters that are installed on this machine, and the configuration that adds others.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use serde::Deserialize;

use super::interpreter::{ISOLATED, Isolation, Launch};

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
        for (index, Entry { name, command, timeout, .. }) in config.runtime.iter().enumerate() {
            let runtime =
                name.as_ref().map_or_else(|| format!("runtime {}", index + 1), |name| format!("runtime `{name}`"));
            if command.is_empty() {
                return Err(format!("command of {runtime}: expected at least one word"));
            }
            if let Some(Err(fault)) = timeout.map(deadline) {
                return Err(format!("timeout of {runtime}: {fault}"));
            }
            if let Some(name) = name.as_ref().filter(|name| !names.insert(*name)) {
                return Err(format!("two runtimes are named `{name}`"));
            }
        }
        Ok(config)
    }

    /// Returns everything to probe: the configured interpreters, then those that discovery finds.
    pub fn launches(self) -> Vec<Launch> {
        let found = discover(&self.discover.sources);
        let found = found.iter().map(|path| Launch::python(path)).collect();
        [self.configured(), found].concat()
    }

    /// Returns the configured interpreters.
    pub fn configured(self) -> Vec<Launch> {
        self.runtime.into_iter().map(Entry::launch).collect()
    }
}

/// Returns a deadline of this number of seconds.
///
/// # Errors
/// Returns what is expected, if the number is out of range.
pub(crate) fn deadline(seconds: f64) -> Result<Duration, String> {
    let duration = Duration::try_from_secs_f64(seconds).ok().filter(|duration| !duration.is_zero());
    duration.ok_or_else(|| "expected a number of seconds greater than 0".to_owned())
}

impl Entry {
    fn launch(self) -> Launch {
        let cache = cache().to_string_lossy().into_owned();
        let recipe = self.recipe().map(str::to_owned);
        let mut command: Vec<String> = self.command.iter().map(|word| word.replace(CACHE, &cache)).collect();
        command[0] = which(&command[0]).to_string_lossy().into_owned();
        Launch {
            name: self.name,
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

/// Returns the path of a command: the command itself if it has a folder, else the first file of this name in `PATH`,
/// else the name.
pub(crate) fn which(command: &str) -> PathBuf {
    which_in(command, &path_folders())
}

fn which_in(command: &str, folders: &[PathBuf]) -> PathBuf {
    let path = Path::new(command);
    if path.components().count() > 1 {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        return executables(&path).into_iter().find(|path| path.is_file()).unwrap_or(path);
    }
    let mut candidates = folders.iter().flat_map(|folder| executables(&folder.join(command)));
    candidates.find(|path| path.is_file()).unwrap_or_else(|| path.to_owned())
}

/// Returns the files that a command with this path may mean. On Windows, `.exe` may be left out.
fn executables(path: &Path) -> [PathBuf; 2] {
    let mut with_suffix = path.as_os_str().to_owned();
    with_suffix.push(env::consts::EXE_SUFFIX);
    [path.to_owned(), with_suffix.into()]
}

/// Returns the interpreters in some places. Several links to one executable count once.
fn discover(places: &[Place]) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    let candidates = places.iter().flat_map(|place| folders(*place)).flat_map(|folder| interpreters(&folder));
    candidates.filter(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone()))).collect()
}

fn folders(place: Place) -> Vec<PathBuf> {
    match place {
        Place::Path => {
            // A shim is a script that starts one of pyenv's versions, or none.
            let shims = pyenv_root(&variable).map(|root| root.join("shims"));
            path_folders().into_iter().filter(|folder| Some(folder) != shims.as_ref()).collect()
        }
        Place::Pyenv => pyenv_root(&variable).map(|root| installations(&root.join("versions"))).unwrap_or_default(),
        Place::Uv => uv_root(&variable).map(|root| installations(&root)).unwrap_or_default(),
    }
}

fn path_folders() -> Vec<PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}

/// Returns the value of an environment variable.
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name)
}

fn pyenv_root(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let default = if cfg!(windows) { ".pyenv/pyenv-win" } else { ".pyenv" };
    variable("PYENV_ROOT").map(PathBuf::from).or_else(|| home(variable).map(|home| home.join(default)))
}

fn uv_root(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let default = || match cfg!(windows) {
        true => variable("APPDATA").map(|data| Path::new(&data).join(r"uv\data\python")),
        false => home(variable).map(|home| home.join(".local/share/uv/python")),
    };
    variable("UV_PYTHON_INSTALL_DIR").map(PathBuf::from).or_else(default)
}

fn home(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    variable("HOME").or_else(|| variable("USERPROFILE")).map(PathBuf::from)
}

/// Returns the folders with the executables of the installations below a folder, sorted. A missing folder has none.
fn installations(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    // On Windows the executables are in the folder of the installation itself.
    let below = if cfg!(windows) { "" } else { "bin" };
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path().join(below)).collect();
    folders.sort();
    folders
}

/// Returns the interpreters in a folder, sorted. A missing folder has none.
fn interpreters(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter(|entry| is_interpreter(&entry.file_name().to_string_lossy()));
    let mut paths: Vec<PathBuf> = named.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths
}

/// Tells whether a file name is `python3`, `python3.N`, `python3.Nt`, `python3.Nd`, a `pypy3` of that kind,
/// `rustpython`, or `python.exe`, as the installers for Windows name it.
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
    fn interpreters_are_recognized_by_their_file_names() {
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
    fn each_fault_of_a_configuration_is_named_with_its_place() {
        let entry = |keys: &str| format!("[[runtime]]\nname = \"x\"\n{keys}\n");
        let valid = entry("command = [\"x\"]");
        for (text, parts) in [
            (entry("comand = [\"x\"]"), &["line 3, column 1", "unknown field `comand`"][..]),
            (entry("command = \"x\""), &["line 3, column 11", "expected a sequence"]),
            (entry("command = [\"x\""), &["line 3, column 15", "unclosed array"]),
            ("[[runtime]]\nname = \"x\"\n".to_owned(), &["line 1, column 1", "missing field `command`"]),
            (valid.clone() + "isolation = \"none\"\n", &["line 4, column 13", "unknown variant `none`"]),
            ("[discover]\nsources = [\"conda\"]\n".to_owned(), &["line 2, column 12", "unknown variant `conda`"]),
            (entry("command = []"), &["command of runtime `x`: expected at least one word"]),
            (valid.clone() + "[[runtime]]\ncommand = []\n", &["command of runtime 2: expected at least one word"]),
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

    #[cfg(unix)]
    #[test]
    fn installers_are_looked_for_where_their_variables_say_or_below_the_home_folder() {
        for (set, pyenv, uv) in [
            (&[("PYENV_ROOT", "p"), ("UV_PYTHON_INSTALL_DIR", "v"), ("HOME", "h")][..], Some("p"), Some("v")),
            (&[("HOME", "h")], Some("h/.pyenv"), Some("h/.local/share/uv/python")),
            (&[], None, None),
        ] {
            let variables = variables(set);
            assert_eq!(pyenv_root(&variables).as_deref(), pyenv.map(Path::new), "{set:?}");
            assert_eq!(uv_root(&variables).as_deref(), uv.map(Path::new), "{set:?}");
        }
    }

    #[test]
    fn a_command_without_a_folder_is_the_first_file_of_its_name_in_path() {
        let root = tempfile::tempdir().expect("a folder");
        let file = |name: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(&path, "").expect("a file");
            path
        };
        let (first, second) = (file("a/x"), file("b/x"));
        fs::create_dir(root.path().join("a/folder")).expect("a folder");
        let (only_second, folder) = (file("b/y"), file("b/folder"));
        let folders = ["missing", "a", "b"].map(|name| root.path().join(name));
        let given = second.to_string_lossy().into_owned();
        for (command, path) in [
            ("x", &first),
            ("y", &only_second),
            // A folder is not a command.
            ("folder", &folder),
            ("z", &PathBuf::from("z")),
            // A path is taken as it is.
            (&given, &second),
        ] {
            assert_eq!(which_in(command, &folders), *path, "{command}");
        }
        assert_eq!(which_in("./z", &folders), env::current_dir().expect("a folder").join("z"));
    }
}
