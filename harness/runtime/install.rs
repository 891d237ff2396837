//! Setting runtimes up: recipes, each a shell script that fills a folder by way of the package clients, and the cache
//! folder in which what they made is found again.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};
use std::{env, fs, io};

use serde::Deserialize;

use super::discover::which;
use crate::process::{self, Exit, Spawn, Stdin};

include!(concat!(env!("OUT_DIR"), "/launchers.rs"));

/// The file among the launchers that lists the recipes.
const RECIPES: &str = "recipes.toml";

/// What an interrupted installation left, of which the process is gone, is removed when it is as old as this.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// How to set one runtime up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The name of the runtime, which `runtimes.toml` has too.
    pub name: String,
    /// What it is, in a few words.
    pub about: String,
    /// The programs that the script calls.
    pub needs: Vec<String>,
    /// The size of the result, in megabytes.
    pub size: u32,
    /// How long it takes where nothing is there yet, in seconds.
    pub time: u32,
    script: String,
    #[serde(default)]
    version: String,
}

/// Why a runtime was not set up.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// This system cannot run what would be made.
    #[error(
        "its launcher is a script with a `#!` line, which Windows does not start; install a Python for Windows, \
         which discovery finds, or use audit578 for Linux in WSL"
    )]
    System,
    /// Programs are missing.
    #[error("it needs {0}, which PATH does not have")]
    Needs(String),
    /// The cache folder cannot be used.
    #[error("{0}: {1}")]
    Folder(PathBuf, io::Error),
    /// The script failed, and said this.
    #[error("{0}\n  the whole output is in {1}")]
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
        let text = EMBEDDED.iter().find(|(path, _)| *path == RECIPES).map(|(_, text)| *text);
        let recipes: Recipes = toml::from_str(text.unwrap_or_default()).expect("the recipes are TOML");
        recipes.recipe
    }

    /// The folder of its runtime.
    pub fn folder(&self, cache: &Path) -> PathBuf {
        cache.join(&self.name)
    }

    /// Tells whether its runtime is set up.
    pub fn is_installed(&self, cache: &Path) -> bool {
        self.folder(cache).join("python").exists()
    }

    /// Sets its runtime up. Until that is done, nothing of it is in its folder; what was there before is replaced.
    ///
    /// # Errors
    /// Why it could not.
    pub fn install(&self, cache: &Path, stop: &AtomicBool, on_step: impl FnMut(&str)) -> Result<(), InstallError> {
        if cfg!(windows) {
            return Err(InstallError::System);
        }
        let missing = self.needs.iter().map(String::as_str).filter(|tool| !which(tool).is_file()).collect::<Vec<_>>();
        if !missing.is_empty() {
            return Err(InstallError::Needs(missing.join(" and ")));
        }
        let failed = |error| InstallError::Folder(cache.to_owned(), error);
        fs::create_dir_all(cache).map_err(failed)?;
        self.sweep(cache);
        let partial = tempfile::Builder::new().prefix(&self.prefix()).tempdir_in(cache).map_err(failed)?;
        let log = cache.join(format!("{}.log", self.name));
        self.run(partial.path(), &log, stop, on_step)?;
        let (target, folder) = (partial.path().join("target"), self.folder(cache));
        if folder.exists() {
            fs::rename(&folder, partial.path().join("old")).map_err(failed)?;
        }
        fs::rename(target, folder).map_err(failed)
    }

    /// Runs the script in a folder that is thrown away afterwards, but for what it made.
    fn run(
        &self,
        partial: &Path,
        log: &Path,
        stop: &AtomicBool,
        on_step: impl FnMut(&str),
    ) -> Result<(), InstallError> {
        let failed = |error| InstallError::Folder(partial.to_owned(), error);
        let (launchers, target) = (partial.join("launchers"), partial.join("target"));
        fs::create_dir(&target).map_err(failed)?;
        fs::create_dir(&launchers).map_err(failed)?;
        for (path, text) in EMBEDDED {
            fs::write(launchers.join(path), text).map_err(failed)?;
        }
        let words = [Path::new("sh"), &launchers.join(&self.script), Path::new(&self.version), &target, &launchers];
        let spawn = Spawn {
            argv: words.map(|word| word.to_string_lossy().into_owned()).to_vec(),
            folder: partial.to_owned(),
            env: env::vars_os()
                .filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok()))
                .collect(),
            stdin: Stdin::Empty,
            stdout: partial.join("steps"),
            stderr: log.to_owned(),
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

    fn prefix(&self) -> String {
        format!(".{}-", self.name)
    }

    /// Removes what installations left that were killed. What is younger may be under way.
    fn sweep(&self, cache: &Path) {
        for entry in fs::read_dir(cache).into_iter().flatten().flatten() {
            let is_partial = entry.file_name().to_string_lossy().starts_with(&self.prefix());
            let age = entry
                .metadata()
                .and_then(|metadata| metadata.modified())
                .map(|time| SystemTime::now().duration_since(time));
            if is_partial && age.is_ok_and(|age| age.is_ok_and(|age| age > STALE)) {
                // A leftover that stays does no harm.
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
    fn each_recipe_has_its_script_and_each_installable_runtime_its_recipe() {
        let recipes = Recipe::all();
        for recipe in &recipes {
            assert!(EMBEDDED.iter().any(|(path, _)| *path == recipe.script), "{} is missing", recipe.script);
        }
        let config = Config::parse(discover::DEFAULT).expect("a configuration");
        let configured: BTreeSet<_> = config.runtime.into_iter().map(|entry| entry.name).collect();
        // Discovery finds PyPy.
        let named = recipes.into_iter().map(|recipe| recipe.name).filter(|name| name != "pypy").collect();
        assert_eq!(configured, named);
    }
}
