//! The agent on disk: its Python scripts and the native hook, in a folder that is removed at the end.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use crate::runtime::Launch;
use crate::scratch::Scratch;

/// `native.c`, compiled. It is empty if the build had no C compiler.
const NATIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/native.so"));
const NATIVE_NAME: &str = "native.so";

/// The script that a probe begins with.
const HOOKS_NAME: &str = "hooks.py";

/// The part of the agent that answers probes.
const IDENTITY_NAME: &str = "identity.py";

/// The folder of the agent.
#[derive(Debug)]
pub struct Scripts {
    folder: TempDir,
    /// The folder that has it.
    _scratch: Arc<Scratch>,
    /// The agent of each interpreter, by command.
    by_command: Mutex<BTreeMap<Vec<String>, Script>>,
}

/// The agent for one interpreter, in a separate folder. The probe compiles it, because compiling takes a third of the
/// time of a new process.
#[derive(Debug, Clone)]
pub struct Script {
    /// The folder. In it, the agent is the module `sitecustomize`.
    pub site: PathBuf,
    /// The file with the compiled code, once there is one.
    compiled: Option<PathBuf>,
}

impl Scripts {
    /// Writes the agent's native hook and the scripts of the probe into a new folder.
    ///
    /// # Errors
    /// When the folder for temporary files cannot be written.
    pub fn new() -> io::Result<Scripts> {
        let scratch = Scratch::shared()?;
        let folder = scratch.on_disk()?;
        fs::write(folder.path().join(NATIVE_NAME), NATIVE)?;
        fs::write(folder.path().join(HOOKS_NAME), include_str!("hooks.py"))?;
        fs::write(folder.path().join(IDENTITY_NAME), include_str!(concat!(env!("OUT_DIR"), "/identity.py")))?;
        Ok(Scripts { folder, _scratch: scratch, by_command: Mutex::default() })
    }

    /// Tells whether there is a native hook.
    pub fn has_native() -> bool {
        !NATIVE.is_empty()
    }

    /// Returns the path of the native hook.
    pub fn native(&self) -> PathBuf {
        self.folder.path().join(NATIVE_NAME)
    }

    /// Returns the path of the script that a probe begins with.
    pub fn probe(&self) -> PathBuf {
        self.folder.path().join(HOOKS_NAME)
    }

    /// Returns the path of the part of the agent that answers probes, and does not compile the agent.
    pub fn identity(&self) -> PathBuf {
        self.folder.path().join(IDENTITY_NAME)
    }

    /// Returns the agent for an interpreter. The first call writes it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn of(&self, launch: &Launch) -> io::Result<Script> {
        let mut scripts = self.by_command();
        if let Some(script) = scripts.get(&launch.command) {
            return Ok(script.clone());
        }
        let site = self.folder.path().join(scripts.len().to_string());
        fs::create_dir(&site)?;
        let script = Script { site, compiled: None };
        fs::write(script.source(), include_str!(concat!(env!("OUT_DIR"), "/agent.py")))?;
        Ok(scripts.entry(launch.command.clone()).or_insert(script).clone())
    }

    /// Notes the file with the code that an interpreter compiled.
    pub fn set_compiled(&self, launch: &Launch, compiled: Option<PathBuf>) {
        if let Some(script) = self.by_command().get_mut(&launch.command) {
            script.compiled = compiled;
        }
    }

    fn by_command(&self) -> MutexGuard<'_, BTreeMap<Vec<String>, Script>> {
        self.by_command.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Script {
    /// Returns the path of the source code.
    pub fn source(&self) -> PathBuf {
        self.site.join("sitecustomize.py")
    }

    /// Returns the path of the file to run: the compiled code if there is any, or else the source.
    pub fn to_run(&self) -> PathBuf {
        self.compiled.clone().unwrap_or_else(|| self.source())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn each_command_has_a_script_of_its_own_that_is_run_compiled() {
        let scripts = Scripts::new().expect("a folder");
        let [one, other] = ["one", "other"].map(|name| Launch::python(Path::new(name)));
        let [first, second] = [&one, &other].map(|launch| scripts.of(launch).expect("a script"));
        assert_ne!(first.site, second.site);
        assert!(first.source().exists() && scripts.probe().exists() && scripts.native().exists());
        assert_eq!(first.to_run(), first.source());
        scripts.set_compiled(&one, Some("compiled".into()));
        let [first, second] = [&one, &other].map(|launch| scripts.of(launch).expect("a script"));
        assert_eq!((first.to_run(), second.to_run()), ("compiled".into(), second.source()));
    }
}
