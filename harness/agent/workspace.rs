//! Workspaces: the folders of one pass. One is the snippet's working directory. The other has the files that the
//! harness and the agent exchange. They are made in a room, which no pass in another room can write to.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use super::observation::Observation;
use crate::input;
use crate::process::system::{environment, make_removable, restore};
use crate::process::{Exit, Spawn, Stdin, strays};
use crate::runtime::Launch;
use crate::scratch::Scratch;

/// The number of bytes that are read from the ends of a report and of standard error.
const REPORT: u64 = 16 << 20;
const STDERR: u64 = 4 << 10;

/// The folders for the workspaces of one pass after another.
#[derive(Debug)]
pub struct Room {
    memory: TempDir,
    disk: TempDir,
    /// The folders that have both.
    scratch: Arc<Scratch>,
}

impl Room {
    /// Makes the folders, one of them in memory if possible.
    ///
    /// # Errors
    /// When the folder for temporary files cannot be written.
    pub fn new() -> io::Result<Room> {
        let scratch = Scratch::shared()?;
        Ok(Room { memory: scratch.in_memory()?, disk: scratch.on_disk()?, scratch })
    }

    /// Makes the folders usable again after a pass, which may have changed their modes. Returns false if one is gone.
    pub fn restore(&self) -> bool {
        self.folders().iter().all(|folder| restore(folder).is_ok())
    }

    fn folders(&self) -> Vec<PathBuf> {
        [&self.memory, &self.disk].map(|folder| folder.path().to_owned()).to_vec()
    }
}

/// The folders of one pass.
#[derive(Debug)]
pub struct Workspace {
    exchange: TempDir,
    folder: TempDir,
    is_kept: bool,
    /// The folders of this process, in which the pass cannot write.
    read_only: Vec<PathBuf>,
    /// The folders of the room, in which it can.
    writable: Vec<PathBuf>,
    /// The working directory of the snippet, empty at first.
    pub work: PathBuf,
}

impl Workspace {
    /// Makes the folders in a room. The files that are exchanged are in memory if possible.
    ///
    /// # Errors
    /// When the room cannot be written.
    pub fn new(room: &Room) -> io::Result<Workspace> {
        let new = |folder: &TempDir| tempfile::Builder::new().prefix("").tempdir_in(folder.path());
        Workspace::of(new(&room.memory)?, new(&room.disk)?, room, false)
    }

    fn of(exchange: TempDir, folder: TempDir, room: &Room, is_kept: bool) -> io::Result<Workspace> {
        let work = dunce::canonicalize(folder.path())?;
        let (read_only, writable) = (room.scratch.folders(), room.folders());
        Ok(Workspace { exchange, folder, is_kept, read_only, writable, work })
    }

    /// Makes the folders in the folder that the user named, the working directory inside the other one. They are kept.
    ///
    /// # Errors
    /// When the user's folder cannot be written.
    pub fn kept(kept: &Kept, room: &Room) -> io::Result<Workspace> {
        fs::create_dir_all(kept.parent)?;
        let prefix = format!("{}-", kept.name);
        let mut named = tempfile::Builder::new();
        let named = named.disable_cleanup(true);
        let exchange = named.prefix(&prefix).tempdir_in(kept.parent)?;
        let folder = named.prefix("work").rand_bytes(0).tempdir_in(exchange.path())?;
        Workspace::of(exchange, folder, room, true)
    }

    /// Returns the path of a file that is exchanged.
    pub fn path(&self, name: &str) -> PathBuf {
        self.exchange.path().join(name)
    }

    /// Returns how to start a command line of a runtime here, with nothing on its standard input.
    pub fn spawn(&self, launch: &Launch, argv: Vec<String>) -> Spawn {
        let mut env = environment(&self.work.to_string_lossy());
        // `-B` is only for this interpreter. Interpreters that a snippet starts must not change Python's folder either.
        env.insert("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned());
        env.extend(launch.env.clone());
        let (stdout, stderr) = (self.path("stdout"), self.path("stderr"));
        let (folder, is_contained) = (self.work.clone(), launch.is_contained);
        let (read_only, writable) = (self.read_only.clone(), self.writable.clone());
        Spawn { argv, folder, env, stdin: Stdin::Empty, stdout, stderr, is_contained, read_only, writable }
    }

    /// Returns the folders that a pass may write to.
    pub fn folders(&self) -> [PathBuf; 2] {
        [&self.folder, &self.exchange].map(|folder| folder.path().to_owned())
    }

    /// Returns the files that grow while a pass runs.
    pub fn outputs(&self) -> Vec<PathBuf> {
        ["stdout", "stderr", "report"].map(|name| self.path(name)).to_vec()
    }

    /// Removes the folders, unless they are kept.
    fn close(self) -> io::Result<()> {
        if self.is_kept {
            return Ok(());
        }
        make_removable(&self.work);
        let closed = self.exchange.close().and(self.folder.close());
        strays::end_of_removed();
        closed
    }

    /// Reads what a pass wrote. The working directory, whose name changes each time, is written as `{tmp}`.
    fn observation(&self, exit: Exit, time: Duration) -> Observation {
        let here = self.work.to_string_lossy();
        let text = |name, limit| hide_folder(&here, &tail(&self.path(name), limit));
        Observation::new(&text("report", REPORT), exit, text("stderr", STDERR), time.as_secs_f64())
    }
}

/// The folder of a pass that the user wants to see.
#[derive(Debug)]
pub struct Kept<'a> {
    /// The folder that contains it.
    pub parent: &'a Path,
    /// The beginning of its name.
    pub name: String,
}

/// Runs a pass in a workspace, if that could be made, and returns what was observed. A failure of the harness itself is an
/// observation too.
pub fn in_workspace(
    workspace: io::Result<Workspace>,
    pass: impl FnOnce(&Workspace) -> io::Result<(Exit, Duration)>,
) -> Observation {
    let failed = |error: io::Error| Observation::new("", Exit::NotStarted(error.to_string()), String::new(), 0.0);
    let workspace = match workspace {
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

/// Replaces a folder by `{tmp}` in a text. The folder may be outside of strings, in a string of JSON or of Python, or
/// in a string of Python inside a string of JSON. In strings, the backslashes of Windows are doubled.
fn hide_folder(folder: &str, text: &str) -> String {
    let in_string = |text: &str| text.replace('\\', r"\\");
    let mut forms = vec![json(&in_string(folder)), json(folder), in_string(folder), folder.to_owned()];
    forms.dedup();
    // The longer forms come first: a shorter one may be a part of them.
    forms.iter().fold(text.to_owned(), |text, form| text.replace(form, "{tmp}"))
}

/// Writes a text as the agent writes it inside a string of JSON, in ASCII.
fn json(text: &str) -> String {
    let escaped = |unit: u16| match u8::try_from(unit) {
        Ok(b'\\') => r"\\".to_owned(),
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    text.encode_utf16().map(escaped).collect()
}

/// Returns the last bytes of a file as text. A file that cannot be read is empty.
fn tail(path: &Path, limit: u64) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = input::open(path)?;
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
    fn a_pass_is_observed_in_folders_that_are_removed_afterwards() {
        let mut folders = Vec::new();
        let room = Room::new().expect("a room");
        let seen = in_workspace(Workspace::new(&room), |workspace| {
            folders = vec![workspace.work.clone(), workspace.exchange.path().to_owned()];
            assert_eq!(fs::read_dir(&workspace.work)?.count(), 0);
            fs::create_dir(workspace.work.join("left"))?;
            fs::write(workspace.path("report"), format!("{{\"library\":{:?}}}\n", workspace.work))?;
            fs::write(workspace.path("stderr"), format!("first{}in {}", "x".repeat(9999), workspace.work.display()))?;
            Ok((Exit::Signal(9), Duration::from_millis(1500)))
        });
        assert_eq!((seen.library.as_deref(), seen.fault, seen.exit), (Some("{tmp}"), None, Exit::Signal(9)));
        assert!(seen.stderr.len() <= 4096 && seen.stderr.ends_with("in {tmp}"), "{}", seen.stderr);
        assert!((seen.seconds - 1.5).abs() < 1e-9, "{}", seen.seconds);
        assert!(folders.iter().all(|folder| !folder.exists()), "{folders:?}");
    }

    #[test]
    fn a_failure_of_the_harness_is_an_observation() {
        let room = Room::new().expect("a room");
        let seen = in_workspace(Workspace::new(&room), |_| Err(io::Error::other("no memory")));
        assert_eq!(seen.exit, Exit::NotStarted("no memory".to_owned()));
        let seen = in_workspace(Err(io::Error::other("no room")), |_| panic!("there is no workspace"));
        assert_eq!(seen.exit, Exit::NotStarted("no room".to_owned()));
    }

    #[test]
    fn the_environment_of_a_runtime_comes_before_ours() {
        let room = Room::new().expect("a room");
        let workspace = Workspace::new(&room).expect("a folder");
        let env = [("LANG", "de"), ("X", "1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let launch = Launch { env: env.clone().into(), ..Launch::python(Path::new("python")) };
        let spawn = workspace.spawn(&launch, vec!["python".to_owned()]);
        assert!(env.iter().all(|(name, value)| spawn.env.get(name) == Some(value)), "{:?}", spawn.env);
        assert!(environment("").keys().all(|name| spawn.env.contains_key(name)), "{:?}", spawn.env);
        assert_eq!(workspace.outputs(), [spawn.stdout, spawn.stderr, workspace.path("report")]);
    }

    #[test]
    fn a_folder_is_found_in_every_kind_of_string() {
        let report = r#"{"error":"No such file: 'C:\\\\Jos\u00e9\\\\f'"} {"value":"C:\\Jos\u00e9\\f"}"#;
        let expected = r#"{"error":"No such file: '{tmp}\\\\f'"} {"value":"{tmp}\\f"}"#;
        assert_eq!(hide_folder(r"C:\José", report), expected);
        assert_eq!(hide_folder(r"C:\José", r"C:\José\f, 'C:\\José\\f'"), r"{tmp}\f, '{tmp}\\f'");
        assert_eq!(hide_folder("/tmp/x", "/tmp/x/f /tmp/y"), "{tmp}/f /tmp/y");
    }
}
