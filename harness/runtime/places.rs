//! The places where interpreters are installed on a machine, and the files there that are interpreters.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;

use crate::input;
use crate::process::system::identity;

/// A place where interpreters are installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The folders of `PATH`.
    Path,
    /// The versions of pyenv, or pyenv-win: `$PYENV_ROOT`, or `~/.pyenv`, or `~/.pyenv/pyenv-win`.
    Pyenv,
    /// The environments of conda and mamba: those in `~/.conda/environments.txt`, and those of the usual roots.
    Conda,
    /// The installations of uv: `$UV_PYTHON_INSTALL_DIR`, or `~/.local/share/uv/python`, or `%APPDATA%\uv\data\python`.
    Uv,
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

/// Returns the interpreters in some places. Several names of one executable count once.
pub(super) fn search(places: &[Place]) -> Vec<PathBuf> {
    let found = places.iter().flat_map(|place| folders(*place)).flat_map(|folder| interpreters(&folder));
    let mut seen = BTreeSet::new();
    found.filter(|path| seen.insert(executable(path))).collect()
}

/// Returns the first of all names of each interpreter. In a virtual environment, an executable is another interpreter than
/// outside, because it has other packages.
pub(crate) fn distinct(paths: impl Iterator<Item = PathBuf>) -> Vec<PathBuf> {
    let environment = |path: &Path| {
        let mut folders = path.ancestors().skip(1).take(2);
        folders.find(|folder| folder.join("pyvenv.cfg").is_file()).and_then(identity)
    };
    let mut seen = BTreeSet::new();
    paths.filter(|path| seen.insert((executable(path), environment(path)))).collect()
}

/// Returns a text that is the same for all names of an executable.
pub(super) fn executable(path: &Path) -> String {
    identity(path).unwrap_or_else(|| path.to_string_lossy().into_owned())
}

/// Returns the interpreter of an environment: of a virtual environment, of one of conda, or of an installation.
pub(crate) fn in_environment(folder: &Path) -> Option<PathBuf> {
    let names = ["bin/python3", "bin/python", "python", "python.exe", "Scripts/python.exe"];
    names.iter().map(|name| folder.join(name)).find(|path| path.is_file())
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
        Place::Conda => conda_environments(&variable).iter().map(|folder| folder.join(EXECUTABLES)).collect(),
    }
}

fn path_folders() -> Vec<PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}

/// Returns the value of an environment variable.
pub(super) fn variable(name: &str) -> Option<OsString> {
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

pub(super) fn home(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    variable("HOME").or_else(|| variable("USERPROFILE")).map(PathBuf::from)
}

/// The folder of an installation that has its executables. On Windows it is that of the installation itself.
const EXECUTABLES: &str = if cfg!(windows) { "" } else { "bin" };

/// Returns the folders with the executables of the installations below a folder, sorted. A missing folder has none.
fn installations(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path().join(EXECUTABLES)).collect();
    folders.sort();
    folders
}

/// Returns the folders of conda's environments: those that conda and mamba list in the home folder, then the usual roots
/// and what is below them.
fn conda_environments(variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let home = home(variable);
    let list =
        home.as_ref().and_then(|home| input::read_to_string(&home.join(".conda/environments.txt"), input::TEXT).ok());
    let listed = list.iter().flat_map(|text| text.lines()).map(str::trim).filter(|line| !line.is_empty());
    let usual = ["anaconda3", "mambaforge", "micromamba", "miniconda3", "miniforge3"];
    let roots = usual.iter().filter_map(|name| home.as_ref().map(|home| home.join(name)));
    let roots = variable("MAMBA_ROOT_PREFIX").map(PathBuf::from).into_iter().chain(roots);
    let below = |root: PathBuf| {
        let entries = fs::read_dir(root.join("envs")).into_iter().flatten().flatten();
        let mut environments: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        environments.sort();
        [vec![root], environments].concat()
    };
    listed.map(PathBuf::from).chain(roots.flat_map(below)).collect()
}

/// Returns the interpreters in a folder, sorted. A missing folder has none.
fn interpreters(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter(|entry| is_interpreter(&entry.file_name().to_string_lossy()));
    let mut paths: Vec<PathBuf> = named.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths
}

/// The ends of the names of special builds: free-threaded, debug, and both. Debian, Fedora and others have words for it.
const BUILDS: [&str; 7] = ["", "t", "d", "td", "-dbg", "-debug", "-nogil"];

/// Tells whether a file name is that of an interpreter: `python3`, `python3.N`, with the end of a special build, a `pypy3`
/// or `graalpy` of that kind, `rustpython`, or `python.exe`, as the installers for Windows name it.
fn is_interpreter(name: &str) -> bool {
    if matches!(name, "rustpython" | "rustpython.exe" | "python.exe") {
        return true;
    }
    let name = name.strip_suffix(".exe").unwrap_or(name);
    if let Some(version) = name.strip_prefix("graalpy") {
        return version.chars().all(|c| c.is_ascii_digit() || c == '.');
    }
    let Some(rest) = name.strip_prefix("python3").or_else(|| name.strip_prefix("pypy3")) else { return false };
    let Some(minor) = rest.strip_prefix('.') else { return BUILDS.contains(&rest) };
    let build = minor.trim_start_matches(|c: char| c.is_ascii_digit());
    build.len() < minor.len() && BUILDS.contains(&build)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpreters_are_recognized_by_their_file_names() {
        for name in [
            "python3",
            "python3.8",
            "python3.13t",
            "python3.14d",
            "python3.14td",
            "python3-dbg",
            "python3.11-dbg",
            "python3-debug",
            "python3.13-nogil",
            "pypy3",
            "pypy3.10",
            "graalpy",
            "graalpy3.12",
            "rustpython",
        ] {
            assert!(is_interpreter(name) && is_interpreter(&format!("{name}.exe")), "{name}");
        }
        assert!(is_interpreter("python.exe"));
        for name in [
            "python",
            "python2.7",
            "python3-config",
            "python3.11-config",
            "python3.",
            "pypy3.9-c",
            "ipython3",
            "python3.14x",
            "graalpy-config",
            "graalpython",
        ] {
            assert!(!is_interpreter(name), "{name}");
        }
    }

    /// Returns a lookup in some variables.
    fn variables(set: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
        |name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
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

    #[cfg(unix)]
    #[test]
    fn several_names_of_one_executable_are_one_except_in_a_virtual_environment() {
        let root = tempfile::tempdir().expect("a folder");
        let names = ["python3.12", "python3", "b/python3", "c/python3", "venv/bin/python", "venv/bin/python3", "none"];
        let [file, link, hard, other, in_venv, again, missing] = names.map(|name| root.path().join(name));
        for folder in ["b", "c", "venv/bin"] {
            fs::create_dir_all(root.path().join(folder)).expect("a folder");
        }
        for path in [&file, &other, &root.path().join("venv/pyvenv.cfg")] {
            fs::write(path, "").expect("a file");
        }
        for path in [&link, &in_venv, &again] {
            std::os::unix::fs::symlink(&file, path).expect("a link");
        }
        fs::hard_link(&file, &hard).expect("a link");
        let given = [&link, &file, &other, &hard, &in_venv, &again, &missing, &missing].map(Clone::clone);
        assert_eq!(distinct(given.into_iter()), [link, other, in_venv, missing]);
    }

    #[cfg(unix)]
    #[test]
    fn environments_of_conda_are_those_of_its_list_and_of_its_roots() {
        let root = tempfile::tempdir().expect("a folder");
        let path = |name: &str| root.path().join(name);
        for folder in ["home/.conda", "home/miniforge3/envs/b", "home/miniforge3/envs/a", "mamba/envs/m"] {
            fs::create_dir_all(path(folder)).expect("a folder");
        }
        fs::write(path("home/.conda/environments.txt"), "/opt/conda\n\n /srv/env \n").expect("a file");
        let variable = |name: &str| match name {
            "HOME" => Some(path("home").into_os_string()),
            "MAMBA_ROOT_PREFIX" => Some(path("mamba").into_os_string()),
            _ => None,
        };
        let found = conda_environments(&variable);
        let found: Vec<_> = found.into_iter().filter(|path| path.exists() || !path.starts_with(root.path())).collect();
        let below = ["mamba", "mamba/envs/m", "home/miniforge3", "home/miniforge3/envs/a", "home/miniforge3/envs/b"];
        let listed = ["/opt/conda", "/srv/env"].map(PathBuf::from);
        assert_eq!(found, listed.into_iter().chain(below.map(path)).collect::<Vec<_>>());
        assert!(conda_environments(&|_| None).is_empty());
    }

    #[test]
    fn an_environment_has_its_interpreter_in_a_usual_folder() {
        for names in [&["bin/python", "bin/python3"][..], &["python"], &["Scripts/python.exe"]] {
            let root = tempfile::tempdir().expect("a folder");
            for name in names {
                let path = root.path().join(name);
                fs::create_dir_all(path.parent().expect("a folder"))
                    .and_then(|()| fs::write(&path, ""))
                    .expect("a file");
            }
            let last = names.last().map(|name| root.path().join(name));
            assert_eq!(in_environment(root.path()), last, "{names:?}");
        }
        assert_eq!(in_environment(Path::new("/nowhere")), None);
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
