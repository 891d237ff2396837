//! Processes: the only module that spawns. Each child has a working directory, an environment, a process group, a
//! deadline and a limit on its output, and leaves nothing behind that runs.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use std::{fmt, io};

use duct::{Expression, Handle};

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

/// Reads an exit status of Windows, where a crash is one too: an `NTSTATUS` that is an error of Windows' own. -1 is none.
#[cfg(any(not(unix), test))]
fn of_windows(code: i32) -> Exit {
    let status = u32::from_ne_bytes(code.to_ne_bytes());
    if status >> 28 == 0xC { Exit::Exception(status) } else { Exit::Status(code) }
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

#[cfg(unix)]
use crate::terminal::Terminal;
#[cfg(unix)]
pub use unix::Warm;
#[cfg(unix)]
use unix::{ended, in_own_group, kill};

/// What differs between systems, for POSIX.
#[cfg(unix)]
mod unix {
    use std::io::{self, BufRead, BufReader, Write};
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::process::ExitStatus;
    use std::time::{Duration, Instant};

    use duct::{Expression, Handle};
    use rustix::process::{Pid, Signal, kill_process_group};

    use super::{Exit, Limits, Spawn, command, watch};

    pub(super) fn ended(status: ExitStatus) -> Exit {
        match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Status(code),
            (None, Some(signal)) => Exit::Signal(signal),
            (None, None) => Exit::NotStarted("it ended without a status".into()),
        }
    }

    pub(super) fn in_own_group(command: &Expression) -> Expression {
        command.before_spawn(|command| {
            command.process_group(0);
            Ok(())
        })
    }

    /// Kills the group that the child leads, grandchildren included, and reaps the child.
    pub(super) fn kill(handle: &Handle) {
        if let Some(leader) = handle.pids().first() {
            kill_group(*leader);
        }
        // The status is known already, or the child was just killed.
        let _ = handle.wait();
    }

    fn kill_group(leader: u32) {
        if let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
            // Fails when no member is left, which is what we want.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// A warm interpreter: it forks a child for each line on its standard input, a job, and says there when it starts
    /// and ends.
    #[derive(Debug)]
    pub struct Warm {
        handle: Handle,
        control: BufReader<UnixStream>,
        line: Vec<u8>,
    }

    impl Warm {
        /// Starts one. The standard input of `spawn` is not used.
        ///
        /// # Errors
        /// When the process cannot be started.
        pub fn start(spawn: &Spawn) -> io::Result<Warm> {
            let (ours, theirs) = UnixStream::pair()?;
            let command = command(spawn)?.stdout_path(&spawn.stdout).stderr_path(&spawn.stderr);
            let handle = command.stdin_file(OwnedFd::from(theirs)).start()?;
            Ok(Warm { handle, control: BufReader::new(ours), line: Vec::new() })
        }

        /// Has a child do a job, sent as text, to its end, and kills what is left of the child's process group.
        ///
        /// # Errors
        /// When the interpreter itself is lost; it is of no use any more.
        pub fn run(&mut self, job: &str, limits: &Limits) -> io::Result<(Exit, Duration)> {
            let start = Instant::now();
            self.control.get_mut().write_all(job.as_bytes())?;
            let child = self.number("started ", limits.deadline)?.ok_or(io::ErrorKind::TimedOut)?;
            let child = u32::try_from(child).map_err(io::Error::other)?;
            let status = |status| ended(ExitStatus::from_raw(status));
            let exit = watch(limits, start, |time| Ok(self.number("ended ", time)?.map(status)));
            kill_group(child);
            if matches!(exit, Exit::Deadline | Exit::Flood) {
                // Killed just now: its end is still to be said.
                self.number("ended ", limits.deadline)?.ok_or(io::ErrorKind::TimedOut)?;
            }
            match exit {
                Exit::NotStarted(reason) => Err(io::Error::other(reason)),
                exit => Ok((exit, start.elapsed())),
            }
        }

        /// Reads a line of a word and a number, if it comes within a time.
        fn number(&mut self, word: &str, time: Duration) -> io::Result<Option<i32>> {
            // Zero would mean to wait for ever.
            self.control.get_ref().set_read_timeout(Some(time.max(Duration::from_millis(1))))?;
            match self.control.read_until(b'\n', &mut self.line) {
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(None),
                Err(error) => Err(error),
                Ok(_) => {
                    let line = String::from_utf8(std::mem::take(&mut self.line)).map_err(io::Error::other)?;
                    let number = line.strip_prefix(word).and_then(|number| number.trim_end().parse().ok());
                    number.map(Some).ok_or_else(|| io::Error::other("the warm interpreter is gone"))
                }
            }
        }
    }

    impl Drop for Warm {
        fn drop(&mut self) {
            kill(&self.handle);
        }
    }
}

#[cfg(not(unix))]
pub use other::Warm;
#[cfg(not(unix))]
use other::{Terminal, ended, in_own_group, kill};

/// What differs between systems, where there are no process groups.
#[cfg(not(unix))]
mod other {
    use std::fs::File;
    use std::io;
    use std::process::ExitStatus;
    use std::time::Duration;

    use duct::{Expression, Handle};

    use super::{Exit, Limits, Spawn};

    /// A warm interpreter, which cannot be where nothing forks.
    #[derive(Debug)]
    pub struct Warm;

    impl Warm {
        /// Fails.
        ///
        /// # Errors
        /// Always.
        pub fn start(_: &Spawn) -> io::Result<Warm> {
            Err(io::ErrorKind::Unsupported.into())
        }

        /// Fails.
        ///
        /// # Errors
        /// Always.
        pub fn run(&mut self, _: &str, _: &Limits) -> io::Result<(Exit, Duration)> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    /// A terminal, which cannot be had.
    pub(super) struct Terminal;

    impl Terminal {
        pub(super) fn open(_: Vec<u8>, _: File) -> io::Result<(File, Terminal)> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(super) fn finish(self) {}
    }

    pub(super) fn ended(status: ExitStatus) -> Exit {
        // Windows has no other end than a status.
        super::of_windows(status.code().unwrap_or(-1))
    }

    pub(super) fn in_own_group(command: &Expression) -> Expression {
        command.clone()
    }

    pub(super) fn kill(handle: &Handle) {
        // Fails when the child has ended, which is what we want.
        let _ = handle.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_on_windows_is_a_status() {
        let access_violation = 0xC000_0005_u32;
        assert_eq!(of_windows(i32::from_ne_bytes(access_violation.to_ne_bytes())), Exit::Exception(access_violation));
        assert_eq!(Exit::Exception(access_violation).to_string(), "it was killed by exception 0xc0000005");
        for code in [0, 5, 139, -1] {
            assert_eq!(of_windows(code), Exit::Status(code));
        }
    }
}
