//! The folder of `run --cached`: what earlier runs found out about interpreters and trials that are still the same.
//!
//! It has two files for each interpreter. One has what its probe found, the other the records of its trials. Their names
//! are digests of all that these depend on, so that anything else is found under another name, or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::files::{Folder, say};
use crate::agent::{Agent, NoAnswer};
use crate::input;
use crate::results::cache::{self, Entries, seal, unseal};
use crate::run::{self, TrialRecord};
use crate::runtime::{Found, Launch, Runtime, Trial};
use crate::suite::{Need, hex};

/// A folder with what earlier runs found out.
pub(super) struct Cache {
    path: PathBuf,
    folder: Folder,
    /// The digest of this program, with agent and judge.
    program: String,
    /// The digest of the standard library of each interpreter, by its command. One whose library is not found has none.
    libraries: Mutex<BTreeMap<Vec<String>, String>>,
}

/// The findings of a probe, and the library that the interpreter had.
#[derive(Serialize, Deserialize)]
struct Probed {
    library: PathBuf,
    digest: String,
    found: Found,
}

/// The entries of a runtime, and the key of all that they depend on besides their trials.
struct Kept {
    key: String,
    entries: Entries,
}

/// The trials of a plan: those that must run, and the records of the others.
pub(super) struct Split<'a> {
    /// The trials that must run.
    pub(super) plan: Vec<Trial<'a>>,
    /// The records of the others.
    pub(super) taken: Vec<TrialRecord>,
    /// The entries by runtime. A runtime whose library is not known has none.
    kept: BTreeMap<String, Kept>,
    /// The digests of the cases, by id.
    digests: BTreeMap<String, String>,
}

impl Cache {
    /// Opens a folder, which need not exist yet.
    pub(super) fn open(path: &Path) -> Result<Cache> {
        let program = std::env::current_exe().and_then(|program| sum(&[program]));
        let program = program.context("cannot read the program itself")?;
        Ok(Cache { path: path.to_owned(), folder: Folder::open(path)?, program, libraries: Mutex::default() })
    }

    /// Returns what a probe of an interpreter finds. An interpreter that is the same as before, and its library too, is not
    /// asked again.
    pub(super) fn probe(&self, launch: &Launch, needs: &[Need], agent: &Agent) -> Result<Found, NoAnswer> {
        let Some(executable) = run::interpreter(launch).ok().and_then(|(path, _)| sum(&[path]).ok()) else {
            return agent.probe(launch, needs);
        };
        let depends = json!([self.program, executable, start(launch), needs]);
        let name = format!("{}.probe", cache::digest(&depends.to_string()));
        if let Some(Probed { digest, found, .. }) = self.probed(&name) {
            self.libraries().insert(launch.command.clone(), digest);
            return Ok(found);
        }
        let found = agent.probe(launch, needs)?;
        let library = agent.record(launch, "", "").library.map(PathBuf::from);
        if let Some((library, digest)) = library.and_then(|library| Some((library.clone(), library_sum(&library)?))) {
            self.libraries().insert(launch.command.clone(), digest.clone());
            let probed = json!(Probed { library, digest, found: found.clone() }).to_string();
            self.folder.write([(name.as_str(), seal(&probed).as_bytes())]).map_err(|error| error.to_string())?;
        }
        Ok(found)
    }

    /// Reads what a probe found, if the library is still the same.
    fn probed(&self, name: &str) -> Option<Probed> {
        let text = input::read_to_string(&self.path.join(name), input::RECORD).ok()?;
        let probed: Probed = serde_json::from_str(unseal(&text)?).ok()?;
        (library_sum(&probed.library)? == probed.digest).then_some(probed)
    }

    /// Takes the records of the trials that an earlier run had. `options` are those of the run on which records depend.
    pub(super) fn take<'a>(
        &self,
        plan: Vec<Trial<'a>>,
        runtimes: &[Runtime],
        cases: impl Iterator<Item = (String, String)>,
        options: &str,
    ) -> Split<'a> {
        let kept = |runtime: &Runtime| Some((runtime.name().to_owned(), self.load(runtime, options)?));
        let (kept, digests) = (runtimes.iter().filter_map(kept).collect(), cases.collect());
        let mut split = Split { plan: Vec::new(), taken: Vec::new(), kept, digests };
        for trial in plan {
            match split.find(&trial) {
                Some(record) => split.taken.push(record),
                None => split.plan.push(trial),
            }
        }
        split
    }

    /// Reads the entries of a runtime, if its library is known.
    fn load(&self, runtime: &Runtime, options: &str) -> Option<Kept> {
        let library = self.libraries().get(&runtime.launch.command).cloned()?;
        let how = format!("{:?} {:?}", runtime.identity, runtime.heat);
        let interpreter = json!([runtime.sha256.get()?, library, runtime.name(), start(&runtime.launch), how]);
        let depends = json!([self.program, interpreter, runtime.features(), options]);
        let key = cache::digest(&depends.to_string());
        // Entries that cannot be read are not there.
        let entries = Entries::read(&input::read(&self.path.join(file_name(&key)), input::RECORD).unwrap_or_default());
        Some(Kept { key, entries })
    }

    /// Writes the records of the trials that ran. Returns those that were taken, and says on standard error how many.
    pub(super) fn keep(&self, mut split: Split, records: &[TrialRecord]) -> Result<Vec<TrialRecord>> {
        let ran: BTreeMap<_, _> =
            records.iter().map(|record| ((record.runtime.as_str(), record.id()), record)).collect();
        for trial in std::mem::take(&mut split.plan) {
            let record = ran.get(&(trial.runtime.name(), trial.id()));
            if let (Some(record), Some((kept, key))) = (record, split.entry(&trial)) {
                kept.entries.add(key, record);
            }
        }
        let files: Vec<_> = split.kept.values().map(|kept| (file_name(&kept.key), kept.entries.write())).collect();
        self.folder.write(files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())))?;
        let (taken, all) = (split.taken.len(), split.taken.len() + records.len());
        say(&format!("trials that were taken from {}: {taken} of {all}", self.path.display()));
        Ok(split.taken)
    }

    fn libraries(&self) -> MutexGuard<'_, BTreeMap<Vec<String>, String>> {
        self.libraries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Split<'a> {
    /// Returns the split of a plan of which everything runs.
    pub(super) fn all(plan: Vec<Trial<'a>>) -> Split<'a> {
        Split { plan, taken: Vec::new(), kept: BTreeMap::new(), digests: BTreeMap::new() }
    }

    fn find(&mut self, trial: &Trial) -> Option<TrialRecord> {
        let (kept, key) = self.entry(trial)?;
        kept.entries.get(&key)
    }

    /// Returns the entries for a trial, and its key in them.
    fn entry(&mut self, trial: &Trial) -> Option<(&mut Kept, String)> {
        let case = self.digests.get(&trial.id())?;
        let kept = self.kept.get_mut(trial.runtime.name())?;
        let key = cache::key(&kept.key, case, trial);
        Some((kept, key))
    }
}

/// Returns how an interpreter is started. The names by which it was asked for are no part of it.
fn start(launch: &Launch) -> String {
    let Launch { variant, command, args, env, timeout, isolation, serves, is_contained, usage, .. } = launch;
    format!("{:?}", (variant, command, args, env, timeout, isolation, serves, is_contained, usage))
}

fn file_name(key: &str) -> String {
    format!("{key}.trials")
}

/// Returns the SHA-256 of files, with their names, in hexadecimal.
fn sum(files: &[PathBuf]) -> io::Result<String> {
    let mut hasher = Sha256::new();
    for path in files {
        hasher.update(path.to_string_lossy().as_bytes());
        io::copy(&mut input::open(path)?, &mut hasher)?;
    }
    Ok(hex(&hasher.finalize()))
}

/// Returns the SHA-256 of the standard library in a folder, and of the shared libraries of Python beside it. Packages, tests
/// and compiled files are no part of it. Returns `None` if it cannot be read.
fn library_sum(folder: &Path) -> Option<String> {
    const OTHERS: [&str; 4] = ["__pycache__", "site-packages", "dist-packages", "test"];
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).ok()? {
            let entry = entry.ok()?;
            let (path, name) = (entry.path(), entry.file_name());
            let is_ours = !OTHERS.iter().any(|other| name == *other) && !name.to_string_lossy().starts_with("config-");
            match entry.file_type().ok()?.is_dir() {
                true => folders.extend(is_ours.then_some(path)),
                false => files.push(path),
            }
        }
    }
    for entry in fs::read_dir(folder.parent()?).ok()? {
        let path = entry.ok()?.path();
        let is_ours = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libpy"));
        files.extend((is_ours && path.is_file()).then_some(path));
    }
    files.sort();
    sum(&files).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_a_library_changes_with_its_files_and_no_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let library = folder.path().join("python3.13");
        let write = |name: &str, text: &str| {
            let path = library.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
            library_sum(&library).expect("a sum")
        };
        let mut last = write("os.py", "1");
        for (name, text, counts) in [
            ("os.py", "1", false),
            ("os.py", "2", true),
            ("json/decoder.py", "", true),
            ("json/__pycache__/decoder.pyc", "", false),
            ("site-packages/x.py", "", false),
            ("test/test_os.py", "", false),
            ("config-3.13/libpython3.13.a", "", false),
            ("../libpython3.13.so", "1", true),
            ("../libpython3.13.so", "2", true),
            ("../other.so", "1", false),
        ] {
            let sum = write(name, text);
            assert_eq!(sum != last, counts, "{name} {text}");
            last = sum;
        }
        assert_eq!(library_sum(&library.join("missing")), None);
    }
}
