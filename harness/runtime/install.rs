//! The setup of runtimes by recipes. A recipe is a shell script that fills a folder with the help of package managers.
//! The folder then lies in the cache folder, where later runs find it.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};
use std::{env, fs, io};

use serde::Deserialize;
use tempfile::TempDir;

use super::origin::Origin;
use super::places::which;
use crate::packed::unpack;
use crate::process::{self, Exit, Spawn, Stdin};

/// The files of `launchers`, packed.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/launchers.packed"));

/// The file among the launchers that lists the recipes.
const RECIPES: &str = "recipes.toml";

/// The folder of an installation that was killed is removed when it is older than this.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// How to set one runtime up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Its name, which is that of its folder in the cache. `runtimes.toml` has a command in this folder.
    pub name: String,
    /// A description in a few words.
    pub about: String,
    /// The programs that the script calls.
    pub needs: Vec<String>,
    /// The size of the result, in megabytes.
    pub size: u32,
    /// The time that it takes on a machine without any part of it, in seconds.
    pub time: u32,
    script: String,
    #[serde(default)]
    version: String,
}

/// The reason why a runtime was not set up.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// This system cannot run the result.
    #[error(
        "Windows cannot start its launcher, a script with a `#!` line; install a Python for Windows, which `audit578 run` \
         finds, or use audit578 for Linux in WSL"
    )]
    System,
    /// Programs are missing.
    #[error("needs {0}, not found in PATH")]
    Needs(String),
    /// The cache folder cannot be used.
    #[error("{0}: {1}")]
    Folder(PathBuf, io::Error),
    /// The script did not say which package it installed.
    #[error("its recipe is wrong: {0}")]
    Origin(String),
    /// The script failed. Its last line of output, and the file with all of it.
    #[error("{0}\n  see the whole output in {1}")]
    Script(String, PathBuf),
    /// The user stopped it.
    #[error("interrupted")]
    Interrupted,
}

impl Recipe {
    /// Returns all recipes.
    ///
    /// # Panics
    /// Never: a test reads them.
    pub fn all() -> Vec<Recipe> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Recipes {
            recipe: Vec<Recipe>,
        }
        let text = unpack(PACKED).into_iter().find(|(path, _)| path == RECIPES).map(|(_, text)| text);
        let recipes: Recipes = toml::from_str(&text.unwrap_or_default()).expect("the recipes are TOML");
        recipes.recipe
    }

    /// Returns the folder of its runtime.
    pub fn folder(&self, cache: &Path) -> PathBuf {
        cache.join(&self.name)
    }

    /// Tells whether its runtime is set up.
    pub fn is_installed(&self, cache: &Path) -> bool {
        self.folder(cache).join("python").exists()
    }

    /// Returns the package that is installed, if that is known.
    pub fn package(&self, cache: &Path) -> Option<String> {
        // A file that cannot be read tells no package either.
        Origin::read(&self.folder(cache)).ok().flatten().map(|origin| origin.package)
    }

    /// Asks its script for the package that it would install now. Returns `None` if the script cannot tell.
    ///
    /// # Errors
    /// When the script cannot be run, or the user stopped it.
    pub fn newest(&self, cache: &Path, stop: &AtomicBool) -> Result<Option<String>, InstallError> {
        let partial = self.partial(cache)?;
        let mut last = None;
        let result =
            self.run(partial.path(), None, &partial.path().join("log"), stop, |line| last = Some(line.to_owned()));
        match result {
            Err(InstallError::Script(..)) => Ok(None),
            result => result.map(|()| last),
        }
    }

    /// Removes its runtime, and the log of its installation.
    ///
    /// # Errors
    /// When the cache folder cannot be changed.
    pub fn remove(&self, cache: &Path) -> Result<(), InstallError> {
        // The folder gets another name at once, so that nobody finds a part of it.
        let partial = self.partial(cache)?;
        let folder = self.folder(cache);
        let removed = fs::rename(&folder, partial.path().join("old")).and_then(|()| partial.close());
        removed.map_err(|error| InstallError::Folder(folder, error))?;
        match fs::remove_file(self.log(cache)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(InstallError::Folder(self.log(cache), error)),
            _ => Ok(()),
        }
    }

    /// Sets its runtime up in a temporary folder, which then replaces the folder of the runtime. `on_step` gets each
    /// line that the script prints.
    ///
    /// # Errors
    /// Returns why it was not set up.
    pub fn install(&self, cache: &Path, stop: &AtomicBool, on_step: impl FnMut(&str)) -> Result<(), InstallError> {
        let missing = self.needs.iter().map(String::as_str).filter(|tool| !which(tool).is_file()).collect::<Vec<_>>();
        if !missing.is_empty() {
            return Err(InstallError::Needs(missing.join(" and ")));
        }
        let partial = self.partial(cache)?;
        let (target, folder) = (partial.path().join("target"), self.folder(cache));
        let failed = |error| InstallError::Folder(cache.to_owned(), error);
        fs::create_dir(&target).map_err(failed)?;
        self.run(partial.path(), Some(&target), &self.log(cache), stop, on_step)?;
        Origin::read(&target)
            .and_then(|origin| origin.map(drop).ok_or_else(|| "it does not say which package it installed".to_owned()))
            .map_err(InstallError::Origin)?;
        if folder.exists() {
            fs::rename(&folder, partial.path().join("old")).map_err(failed)?;
        }
        fs::rename(target, folder).map_err(failed)
    }

    /// Makes a temporary folder in the cache folder.
    fn partial(&self, cache: &Path) -> Result<TempDir, InstallError> {
        if cfg!(windows) {
            return Err(InstallError::System);
        }
        let failed = |error| InstallError::Folder(cache.to_owned(), error);
        fs::create_dir_all(cache).map_err(failed)?;
        self.sweep(cache);
        tempfile::Builder::new().prefix(&self.prefix()).tempdir_in(cache).map_err(failed)
    }

    /// Runs the script in a temporary folder, and keeps its output in a log. Without a target, the script only says
    /// what it would install.
    fn run(
        &self,
        partial: &Path,
        target: Option<&Path>,
        log: &Path,
        stop: &AtomicBool,
        on_step: impl FnMut(&str),
    ) -> Result<(), InstallError> {
        let failed = |error| InstallError::Folder(partial.to_owned(), error);
        let (launchers, scratch) = (partial.join("launchers"), partial.join("scratch"));
        fs::create_dir(&launchers).and_then(|()| fs::create_dir(&scratch)).map_err(failed)?;
        for (path, text) in unpack(PACKED) {
            fs::write(launchers.join(path), text).map_err(failed)?;
        }
        let script = launchers.join(&self.script);
        let argv = [Path::new("sh"), &script, Path::new(&self.version)].into_iter();
        let argv = argv.chain(target.into_iter().flat_map(|target| [target, &launchers]));
        // The temporary files of all tools are then in the folder that is removed.
        let scratch = ("TMPDIR".into(), scratch.into());
        let env = env::vars_os().chain([scratch]);
        let spawn = Spawn {
            argv: argv.map(|word| word.to_string_lossy().into_owned()).collect(),
            folder: partial.to_owned(),
            env: env.filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok())).collect(),
            stdin: Stdin::Empty,
            stdout: partial.join("steps"),
            stderr: log.to_owned(),
            // Package managers need the whole machine.
            is_contained: false,
            read_only: Vec::new(),
            writable: Vec::new(),
        };
        match process::follow(&spawn, stop, on_step) {
            Some(Exit::Status(0)) => Ok(()),
            Some(exit) => {
                let output = fs::read(log).unwrap_or_default();
                let output = String::from_utf8_lossy(&output);
                let last = output.trim_end().lines().last().map(str::to_owned);
                Err(InstallError::Script(last.unwrap_or_else(|| exit.to_string()), log.to_owned()))
            }
            None => Err(InstallError::Interrupted),
        }
    }

    fn log(&self, cache: &Path) -> PathBuf {
        cache.join(format!("{}.log", self.name))
    }

    fn prefix(&self) -> String {
        format!(".{}-", self.name)
    }

    /// Removes the temporary folders of installations that were killed. A younger one may be in use.
    fn sweep(&self, cache: &Path) {
        for entry in fs::read_dir(cache).into_iter().flatten().flatten() {
            let is_partial = entry.file_name().to_string_lossy().starts_with(&self.prefix());
            let modified = entry.metadata().and_then(|metadata| metadata.modified());
            let age = modified.ok().and_then(|time| SystemTime::now().duration_since(time).ok());
            if is_partial && age.is_some_and(|age| age > STALE) {
                // A folder that cannot be removed does no harm.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::discover::{self, Config};
    use super::*;

    #[test]
    fn each_recipe_has_its_script_and_each_configured_runtime_its_recipe() {
        let recipes = Recipe::all();
        for recipe in &recipes {
            assert!(unpack(PACKED).iter().any(|(path, _)| *path == recipe.script), "{} is missing", recipe.script);
        }
        let config = Config::parse(discover::DEFAULT).expect("a configuration");
        let configured: BTreeSet<_> = config.runtime.iter().filter_map(|entry| entry.recipe()).collect();
        // Discovery finds PyPy.
        let named = recipes.iter().map(|recipe| recipe.name.as_str()).filter(|name| *name != "pypy").collect();
        assert_eq!(configured, named);
    }

    #[cfg(unix)]
    #[test]
    fn only_old_folders_of_the_same_recipe_are_removed() {
        let cache = tempfile::tempdir().expect("a folder");
        let recipe = Recipe::all().into_iter().find(|recipe| recipe.name == "monty").expect("a recipe");
        let old = SystemTime::now() - 2 * STALE;
        for (name, is_old) in [(".monty-old", true), (".monty-new", false), (".jython-old", true), ("monty", true)] {
            let path = cache.path().join(name);
            fs::create_dir(&path).expect("a folder");
            if is_old {
                fs::File::open(path).and_then(|folder| folder.set_modified(old)).expect("its time can be set");
            }
        }
        recipe.sweep(cache.path());
        let names = fs::read_dir(cache.path()).expect("a folder").flatten().map(|entry| entry.file_name());
        let names: BTreeSet<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        assert_eq!(names, [".jython-old", ".monty-new", "monty"].map(str::to_owned).into());
    }
}
