//! Processes: the only module that spawns. Each child has a working directory, an environment, a process group, a
//! deadline and a limit on its output, and leaves nothing behind that runs.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use duct::{Expression, Handle};

/// A child with more output than this on any of its streams, in bytes, is killed.
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
    /// A file for standard input; closed when there is none.
    pub stdin: Option<PathBuf>,
    /// The file for standard output.
    pub stdout: PathBuf,
    /// The file for standard error.
    pub stderr: PathBuf,
    /// A further file that the child writes, whose size is limited too.
    pub report: PathBuf,
    /// The time that it has.
    pub deadline: Duration,
}

/// How a child ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this status.
    Status(i32),
    /// By this signal.
    Signal(i32),
    /// Killed by us at its deadline.
    Deadline,
    /// Killed by us for writing too much.
    Flood,
    /// It never began.
    NotStarted(String),
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Status(code) => write!(f, "it ended with exit status {code}"),
            Exit::Signal(signal) => write!(f, "it was killed by signal {signal}"),
            Exit::Deadline => f.write_str("its deadline passed"),
            Exit::Flood => f.write_str("it wrote more than it may"),
            Exit::NotStarted(reason) => write!(f, "it cannot be started: {reason}"),
        }
    }
}

/// Runs a child to its end, and kills what is left of its process group.
pub fn run(spawn: &Spawn) -> (Exit, Duration) {
    let start = Instant::now();
    let exit = match launch(spawn) {
        Ok(handle) => watch(spawn, &handle, start + spawn.deadline),
        Err(error) => Exit::NotStarted(error.to_string()),
    };
    (exit, start.elapsed())
}

fn launch(spawn: &Spawn) -> std::io::Result<Handle> {
    let [program, args @ ..] = spawn.argv.as_slice() else {
        return Err(std::io::Error::other("the command is empty"));
    };
    let command = in_own_group(&duct::cmd(program, args))
        .dir(&spawn.folder)
        .full_env(&spawn.env)
        .stdout_path(&spawn.stdout)
        .stderr_path(&spawn.stderr)
        .unchecked();
    match &spawn.stdin {
        Some(path) => command.stdin_path(path),
        None => command.stdin_null(),
    }
    .start()
}

fn watch(spawn: &Spawn, handle: &Handle, deadline: Instant) -> Exit {
    let exit = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match handle.wait_timeout(left.min(CHECK)) {
            Ok(Some(output)) => break ended(output.status),
            Ok(None) if left.is_zero() => break Exit::Deadline,
            Ok(None) if floods(spawn) => break Exit::Flood,
            Ok(None) => {}
            Err(error) => break Exit::NotStarted(error.to_string()),
        }
    };
    kill_group(handle);
    exit
}

fn floods(spawn: &Spawn) -> bool {
    [&spawn.stdout, &spawn.stderr, &spawn.report]
        .into_iter()
        .any(|path| fs::metadata(path).is_ok_and(|metadata| metadata.len() > FLOOD))
}

#[cfg(unix)]
fn ended(status: std::process::ExitStatus) -> Exit {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Status(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::NotStarted("it ended without a status".into()),
    }
}

#[cfg(unix)]
fn in_own_group(command: &Expression) -> Expression {
    use std::os::unix::process::CommandExt;
    command.before_spawn(|command| {
        command.process_group(0);
        Ok(())
    })
}

/// Kills the group that the child leads, grandchildren included, and reaps the child.
#[cfg(unix)]
fn kill_group(handle: &Handle) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let leader = handle.pids().first().and_then(|pid| i32::try_from(*pid).ok());
    if let Some(group) = leader.and_then(Pid::from_raw) {
        // Fails when no member is left, which is what we want.
        let _ = kill_process_group(group, Signal::KILL);
    }
    // The status is known already, or the child was just killed.
    let _ = handle.wait();
}

#[cfg(not(unix))]
fn ended(status: std::process::ExitStatus) -> Exit {
    Exit::Status(status.code().unwrap_or(-1))
}

#[cfg(not(unix))]
fn in_own_group(command: &Expression) -> Expression {
    command.clone()
}

#[cfg(not(unix))]
fn kill_group(handle: &Handle) {
    // Fails when the child has ended, which is what we want.
    let _ = handle.kill();
}
