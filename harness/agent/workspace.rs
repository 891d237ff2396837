//! Workspaces: the folders of one pass. One is the snippet's working directory. The other has the files that the harness
//! and the agent exchange.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::observation::Observation;
use crate::process::system::{environment, make_removable, memory};
use crate::process::{Exit, Spawn, Stdin};
use crate::runtime::Launch;

/// The part of a report that is read, and of standard error that is kept, in bytes.
const REPORT: u64 = 16 << 20;
const STDERR: u64 = 4 << 10;

/// The folders of one pass.
#[derive(Debug)]
pub struct Workspace {
    exchange: TempDir,
    folder: TempDir,
    /// The working directory of the snippet, empty at first.
    pub work: PathBuf,
}

impl Workspace {
    /// Makes the folders. What is exchanged is kept in memory where that is possible.
    ///
    /// # Errors
    /// When the folder for temporary files cannot be written.
    pub fn new() -> io::Result<Workspace> {
        let mut named = tempfile::Builder::new();
        let named = named.prefix("audit578-");
        let in_memory = memory().and_then(|memory| named.tempdir_in(memory).ok());
        let exchange = in_memory.map_or_else(|| named.tempdir(), Ok)?;
        let folder = named.tempdir()?;
        let work = dunce::canonicalize(folder.path())?;
        Ok(Workspace { exchange, folder, work })
    }

    /// Returns the path of a file that is exchanged.
    pub fn path(&self, name: &str) -> PathBuf {
        self.exchange.path().join(name)
    }

    /// Returns how to start a command line of a runtime here, with nothing on its standard input.
    pub fn spawn(&self, launch: &Launch, argv: Vec<String>) -> Spawn {
        let mut env = environment(&self.work.to_string_lossy());
        // `-B` is for the interpreter alone. Those that a snippet starts must not change the folder of Python either.
        env.insert("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned());
        env.extend(launch.env.clone());
        let (stdout, stderr) = (self.path("stdout"), self.path("stderr"));
        Spawn { argv, folder: self.work.clone(), env, stdin: Stdin::Empty, stdout, stderr }
    }

    /// Returns the files that grow while a pass runs.
    pub fn outputs(&self) -> Vec<PathBuf> {
        ["stdout", "stderr", "report"].map(|name| self.path(name)).to_vec()
    }

    /// Removes the folders.
    fn close(self) -> io::Result<()> {
        make_removable(&self.work);
        self.exchange.close().and(self.folder.close())
    }

    /// Reads what a pass wrote. The working directory, whose name changes each time, is written as `{tmp}`.
    fn observation(&self, exit: Exit, time: Duration) -> Observation {
        let here = self.work.to_string_lossy();
        let text = |name, limit| hide_folder(&here, &tail(&self.path(name), limit));
        Observation::new(&text("report", REPORT), exit, text("stderr", STDERR), time.as_secs_f64())
    }
}

/// Runs a pass in a new workspace and returns what was observed. A failure of the harness itself is an observation too.
pub fn in_workspace(pass: impl FnOnce(&Workspace) -> io::Result<(Exit, Duration)>) -> Observation {
    let failed = |error: io::Error| Observation::new("", Exit::NotStarted(error.to_string()), String::new(), 0.0);
    let workspace = match Workspace::new() {
        Ok(workspace) => workspace,
        Err(error) => return failed(error),
    };
    let mut seen = match pass(&workspace) {
        Ok((exit, time)) => workspace.observation(exit, time),
        Err(error) => failed(error),
    };
    if let Err(error) = workspace.close() {
        seen.fault.get_or_insert(format!("its folder could not be removed: {error}"));
    }
    seen
}

/// Writes `{tmp}` for a folder in a text: as it is, in a string of JSON, in one of Python, and in one of Python inside one
/// of JSON. Strings double what separates folders on Windows.
fn hide_folder(folder: &str, text: &str) -> String {
    let in_string = |text: &str| text.replace('\\', r"\\");
    let mut forms = vec![json(&in_string(folder)), json(folder), in_string(folder), folder.to_owned()];
    forms.dedup();
    // The longer first, as a shorter one may be a part of it.
    forms.iter().fold(text.to_owned(), |text, form| text.replace(form, "{tmp}"))
}

/// Writes a text as the agent does inside a string of JSON, in ASCII.
fn json(text: &str) -> String {
    let escaped = |unit: u16| match u8::try_from(unit) {
        Ok(b'\\') => r"\\".to_owned(),
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    text.encode_utf16().map(escaped).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_found_in_every_kind_of_string() {
        let report = r#"{"error":"No such file: 'C:\\\\Jos\u00e9\\\\f'"} {"value":"C:\\Jos\u00e9\\f"}"#;
        let expected = r#"{"error":"No such file: '{tmp}\\\\f'"} {"value":"{tmp}\\f"}"#;
        assert_eq!(hide_folder(r"C:\José", report), expected);
        assert_eq!(hide_folder(r"C:\José", r"C:\José\f, 'C:\\José\\f'"), r"{tmp}\f, '{tmp}\\f'");
        assert_eq!(hide_folder("/tmp/x", "/tmp/x/f /tmp/y"), "{tmp}/f /tmp/y");
    }
}
