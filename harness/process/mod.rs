//! Processes: the only module that spawns. Each child has a working directory, an environment, a process group, a
//! deadline and a limit on its output, and leaves nothing behind that runs; on Windows, what a child that has ended by
//! itself left may run on.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{fmt, io};

use duct::{Expression, Handle};

use self::system::{Terminal, ended, in_own_group, kill};
pub use self::warm::Warm;

pub(crate) mod system;
mod warm;

/// A child with more output than this in any of its files, in bytes, is killed.
const FLOOD: u64 = 16 << 20;

/// How often a running child's output is measured.
const CHECK: Duration = Duration::from_millis(100);

/// What to start, and where its output goes. Files take the output, as a pipe would stay open while any grandchild lives.
#[derive(Debug)]
pub struct Spawn {
    /// The executable and its arguments.
    pub argv: Vec<String>,
    /// The working directory.
    pub folder: PathBuf,
    /// The whole environment.
    pub env: BTreeMap<String, String>,
    /// What its standard input is.
    pub stdin: Stdin,
    /// The file for standard output.
    pub stdout: PathBuf,
    /// The file for standard error.
    pub stderr: PathBuf,
}

/// The standard input of a child.
#[derive(Debug, Clone)]
pub enum Stdin {
    /// There is nothing to read.
    Empty,
    /// A file.
    File(PathBuf),
    /// A terminal, on which the text of a file is typed. The other standard streams are the same terminal, and what
    /// appears on it goes to the file for standard output.
    Terminal(PathBuf),
}

/// What a child may do.
#[derive(Debug)]
pub struct Limits {
    /// The time that it has.
    pub deadline: Duration,
    /// The files whose size is limited.
    pub files: Vec<PathBuf>,
}

impl Limits {
    fn are_flooded(&self) -> bool {
        self.files.iter().any(|path| fs::metadata(path).is_ok_and(|metadata| metadata.len() > FLOOD))
    }
}

/// How a child ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this status.
    Status(i32),
    /// By this signal.
    Signal(i32),
    /// By an exception of Windows, this `NTSTATUS`.
    Exception(u32),
    /// Killed by us at its deadline.
    Deadline,
    /// Killed by us for writing too much.
    Flood,
    /// It never began, or was lost.
    NotStarted(String),
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Status(code) => write!(f, "it ended with exit status {code}"),
            Exit::Signal(signal) => write!(f, "it was killed by signal {signal}"),
            Exit::Exception(status) => write!(f, "it was killed by exception {status:#010x}"),
            Exit::Deadline => f.write_str("its deadline passed"),
            Exit::Flood => f.write_str("it wrote more than it may"),
            Exit::NotStarted(reason) => write!(f, "it cannot be started: {reason}"),
        }
    }
}

/// Runs a child to its end, and kills what is left of its process group.
pub fn run(spawn: &Spawn, limits: &Limits) -> (Exit, Duration) {
    let start = Instant::now();
    let exit = match launch(spawn) {
        Ok((handle, terminal)) => {
            let exit = watch(limits, start, |time| Ok(handle.wait_timeout(time)?.map(|output| ended(output.status))));
            kill(&handle);
            if let Some(terminal) = terminal {
                terminal.finish();
            }
            exit
        }
        Err(error) => Exit::NotStarted(error.to_string()),
    };
    (exit, start.elapsed())
}

/// Runs a child to its end, however long it takes, and says each line of its standard output as it comes. `None` when it
/// was stopped.
pub fn follow(spawn: &Spawn, stop: &AtomicBool, mut on_line: impl FnMut(&str)) -> Option<Exit> {
    let handle = match launch(spawn) {
        Ok((handle, _)) => handle,
        Err(error) => return Some(Exit::NotStarted(error.to_string())),
    };
    let mut said = 0;
    loop {
        let ended = match handle.wait_timeout(CHECK) {
            Ok(output) => output.map(|output| ended(output.status)),
            Err(error) => Some(Exit::NotStarted(error.to_string())),
        };
        let text = fs::read_to_string(&spawn.stdout).unwrap_or_default();
        let whole = text.rfind('\n').map_or(0, |end| end + 1).max(said);
        text[said..whole].lines().for_each(&mut on_line);
        said = whole;
        let is_stopped = stop.load(Ordering::Relaxed);
        if is_stopped || ended.is_some() {
            kill(&handle);
            return ended.filter(|_| !is_stopped);
        }
    }
}

fn launch(spawn: &Spawn) -> io::Result<(Handle, Option<Terminal>)> {
    let command = command(spawn)?;
    let files = |command: Expression| command.stdout_path(&spawn.stdout).stderr_path(&spawn.stderr);
    Ok(match &spawn.stdin {
        Stdin::Empty => (files(command.stdin_null()).start()?, None),
        Stdin::File(path) => (files(command.stdin_path(path)).start()?, None),
        Stdin::Terminal(path) => {
            let (near, terminal) = Terminal::open(fs::read(path)?, File::create(&spawn.stdout)?)?;
            let command = command.stdin_file(near.try_clone()?).stdout_file(near.try_clone()?).stderr_file(near);
            (command.start()?, Some(terminal))
        }
    })
}

fn command(spawn: &Spawn) -> io::Result<Expression> {
    let [program, args @ ..] = spawn.argv.as_slice() else {
        return Err(io::Error::other("the command is empty"));
    };
    Ok(in_own_group(&duct::cmd(program, args)).dir(&spawn.folder).full_env(&spawn.env).unchecked())
}

/// Waits for an end, which `wait` reports if it comes within a time, until the deadline passes or the output is too much.
fn watch(limits: &Limits, start: Instant, mut wait: impl FnMut(Duration) -> io::Result<Option<Exit>>) -> Exit {
    loop {
        let left = (start + limits.deadline).saturating_duration_since(Instant::now());
        match wait(left.min(CHECK)) {
            Ok(Some(exit)) => return exit,
            Ok(None) if left.is_zero() => return Exit::Deadline,
            Ok(None) if limits.are_flooded() => return Exit::Flood,
            Ok(None) => {}
            Err(error) => return Exit::NotStarted(error.to_string()),
        }
    }
}
