//! Workspaces: the folder of one pass. In it are the snippet's working directory and, beside that, what the harness and
//! the agent exchange.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::observation::Observation;
use crate::process::Exit;

/// The part of a report that is read, and of standard error that is kept, in bytes.
const REPORT: u64 = 16 << 20;
const STDERR: u64 = 4 << 10;

/// The folder of one pass.
#[derive(Debug)]
pub struct Workspace {
    root: TempDir,
    /// The working directory of the snippet, empty at first.
    pub work: PathBuf,
}

impl Workspace {
    /// Makes one.
    ///
    /// # Errors
    /// When the folder for temporary files cannot be written.
    pub fn new() -> io::Result<Workspace> {
        let root = tempfile::Builder::new().prefix("audit578-").tempdir()?;
        let work = root.path().canonicalize()?.join("work");
        fs::create_dir(&work)?;
        Ok(Workspace { root, work })
    }

    /// The path of a file beside the working directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.work.with_file_name(name)
    }

    /// What a pass left here, with `{tmp}` for the working directory, which has another name each time.
    fn observation(&self, exit: Exit, time: Duration) -> Observation {
        let here = self.work.to_string_lossy().into_owned();
        let text = |name, limit| tail(&self.path(name), limit).replace(&here, "{tmp}");
        Observation::new(&text("report", REPORT), exit, text("stderr", STDERR), time.as_secs_f64())
    }
}

/// Observes a pass in a new workspace. A failure of the harness itself is an observation too.
pub fn observe(pass: impl FnOnce(&Workspace) -> io::Result<(Exit, Duration)>) -> Observation {
    let failed = |error: io::Error| Observation::new("", Exit::NotStarted(error.to_string()), String::new(), 0.0);
    let space = match Workspace::new() {
        Ok(space) => space,
        Err(error) => return failed(error),
    };
    let mut seen = match pass(&space) {
        Ok((exit, time)) => space.observation(exit, time),
        Err(error) => failed(error),
    };
    if let Err(error) = space.root.close() {
        seen.fault.get_or_insert(format!("its folder could not be removed: {error}"));
    }
    seen
}

/// Returns the last bytes of a file as text; nothing if there is no file.
fn tail(path: &Path, limit: u64) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = fs::File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(limit)))?;
        let mut bytes = Vec::new();
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}
