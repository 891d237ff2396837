//! Workspaces: the folders of one pass. One is the snippet's working directory, the other has what the harness and the
//! agent exchange.

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

/// Where Linux keeps files in memory: what is exchanged lives for milliseconds, and on a disk's file system the making
/// and removing of its files would be a fifth of what a pass costs.
const MEMORY: &str = "/dev/shm";

/// The folders of one pass.
#[derive(Debug)]
pub struct Workspace {
    exchange: TempDir,
    folder: TempDir,
    /// The working directory of the snippet, empty at first.
    pub work: PathBuf,
}

impl Workspace {
    /// Makes one.
    ///
    /// # Errors
    /// When the folder for temporary files cannot be written.
    pub fn new() -> io::Result<Workspace> {
        let mut named = tempfile::Builder::new();
        let named = named.prefix("audit578-");
        let exchange = named.tempdir_in(MEMORY).or_else(|_| named.tempdir())?;
        let folder = named.tempdir()?;
        let work = folder.path().canonicalize()?;
        Ok(Workspace { exchange, folder, work })
    }

    /// The path of a file that is exchanged.
    pub fn path(&self, name: &str) -> PathBuf {
        self.exchange.path().join(name)
    }

    /// Removes the folders.
    fn close(self) -> io::Result<()> {
        self.exchange.close().and(self.folder.close())
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
    if let Err(error) = space.close() {
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
