//! Processes: the only module that spawns. Each child has a working directory, an environment, a process group, a
//! deadline and a limit on its output, and leaves nothing behind that runs.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
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
    use std::path::Path;
    use std::process::ExitStatus;
    use std::time::{Duration, Instant};

    use duct::{Expression, Handle};
    use rustix::process::{Pid, Signal, kill_process_group};
    use serde::Deserialize;
    use serde::de::IgnoredAny;
    use serde_json::json;

    use super::{Exit, FLOOD, Limits, Spawn, Stdin, command, watch};

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

    /// A warm interpreter: it does a job for each line on its standard input, and says what becomes of it on its standard
    /// output, in lines that begin with a mark, so that a snippet's own output beside them does no harm.
    #[derive(Debug)]
    pub struct Warm {
        handle: Handle,
        jobs: UnixStream,
        says: BufReader<UnixStream>,
        line: Vec<u8>,
    }

    /// How a command line ended, as a launcher says it.
    fn served(said: &str) -> io::Result<Exit> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Said {
            Status(i32),
            Crash(IgnoredAny),
        }
        Ok(match serde_json::from_str(said)? {
            Said::Status(code) => Exit::Status(code),
            // As which it would end its own process; why is on standard error.
            Said::Crash(_) => Exit::Signal(Signal::ABORT.as_raw()),
        })
    }

    /// In front of what is said.
    const MARK: u8 = 0x1e;

    impl Warm {
        /// Starts one. The standard input and output of `spawn` are not used.
        ///
        /// # Errors
        /// When the process cannot be started.
        pub fn start(spawn: &Spawn) -> io::Result<Warm> {
            // Two of them, as a launcher's helper that still holds the one must not hide the end of the other.
            let ((jobs, stdin), (says, stdout)) = (UnixStream::pair()?, UnixStream::pair()?);
            let command = command(spawn)?.stderr_path(&spawn.stderr);
            let command = command.stdin_file(OwnedFd::from(stdin)).stdout_file(OwnedFd::from(stdout));
            Ok(Warm { handle: command.start()?, jobs, says: BufReader::new(says), line: Vec::new() })
        }

        /// Has a child that it forks do a job, sent as text, to its end, and kills what is left of the child's process
        /// group.
        ///
        /// # Errors
        /// When the interpreter itself is lost; it is of no use any more.
        pub fn fork(&mut self, job: &str, limits: &Limits) -> io::Result<(Exit, Duration)> {
            let start = Instant::now();
            self.jobs.write_all(job.as_bytes())?;
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

        /// Has the interpreter itself do a job, sent as text. Returns what it left behind besides, if it was not all put
        /// back: then, and when it did not come to its end, the interpreter is of no use any more.
        pub fn share(&mut self, job: &str, limits: &Limits) -> (Exit, Duration, Option<String>) {
            let start = Instant::now();
            let mut left = None;
            let sent = self.jobs.write_all(job.as_bytes());
            let exit = watch(limits, start, |time| {
                Ok(self.said(time)?.map(|said| {
                    left = (said != "clean").then_some(said);
                    Exit::Status(0)
                }))
            });
            match (sent, exit) {
                (Ok(()), exit @ (Exit::Status(_) | Exit::Deadline | Exit::Flood)) => (exit, start.elapsed(), left),
                (sent, exit) => (self.end(limits, exit, sent.err()), start.elapsed(), None),
            }
        }

        /// Has a launcher that serves run what `spawn` says, whose first words, so many, are the launcher's own command.
        /// Returns besides whether it can go on.
        pub fn serve(&mut self, spawn: &Spawn, own: usize, limits: &Limits) -> (Exit, Duration, bool) {
            let start = Instant::now();
            let stdin = match &spawn.stdin {
                Stdin::File(path) => path,
                Stdin::Empty | Stdin::Terminal(_) => Path::new("/dev/null"),
            };
            let job = json!({
                "args": spawn.argv[own..], "cwd": spawn.folder, "env": spawn.env,
                "stdin": stdin, "stdout": spawn.stdout, "stderr": spawn.stderr,
            });
            let sent = self.jobs.write_all(format!("{job}\n").as_bytes());
            let exit = watch(limits, start, |time| self.said(time)?.map(|said| served(&said)).transpose());
            match (sent, exit) {
                (Ok(()), exit @ (Exit::Status(_) | Exit::Signal(_))) => (exit, start.elapsed(), true),
                (Ok(()), exit @ (Exit::Deadline | Exit::Flood)) => (exit, start.elapsed(), false),
                (sent, exit) => (self.end(limits, exit, sent.err()), start.elapsed(), false),
            }
        }

        /// How an interpreter ended that does not answer any more.
        fn end(&self, limits: &Limits, exit: Exit, error: Option<io::Error>) -> Exit {
            match self.handle.wait_timeout(limits.deadline) {
                Ok(Some(output)) => ended(output.status),
                _ => error.map_or(exit, |error| Exit::NotStarted(error.to_string())),
            }
        }

        /// Reads what is said of a word and a number, if it comes within a time.
        fn number(&mut self, word: &str, time: Duration) -> io::Result<Option<i32>> {
            let Some(said) = self.said(time)? else { return Ok(None) };
            let number = said.strip_prefix(word).and_then(|number| number.parse().ok());
            number.map(Some).ok_or_else(|| io::Error::other(format!("the warm interpreter says: {said}")))
        }

        /// Reads the next thing that is said, if it comes within a time.
        fn said(&mut self, time: Duration) -> io::Result<Option<String>> {
            let until = Instant::now() + time;
            while let Some(line) = self.read_line(until)? {
                if let Some(mark) = line.iter().rposition(|byte| *byte == MARK) {
                    return Ok(Some(String::from_utf8_lossy(&line[mark + 1..]).trim_end().to_owned()));
                }
            }
            Ok(None)
        }

        /// Reads a line, if its end comes by a time. What came of it is kept for the next call.
        fn read_line(&mut self, until: Instant) -> io::Result<Option<Vec<u8>>> {
            loop {
                let left = until.saturating_duration_since(Instant::now());
                // Zero would mean to wait for ever.
                self.says.get_ref().set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
                let bytes = match self.says.fill_buf() {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                        return Ok(None);
                    }
                    other => other?,
                };
                let end = bytes.iter().position(|byte| *byte == b'\n');
                let taken = end.map_or(bytes.len(), |end| end + 1);
                self.line.extend_from_slice(&bytes[..taken]);
                self.says.consume(taken);
                if taken == 0 {
                    return Err(io::Error::other("the warm interpreter is gone"));
                }
                if end.is_some() {
                    return Ok(Some(std::mem::take(&mut self.line)));
                }
                if self.line.len() as u64 > FLOOD {
                    return Err(io::Error::other("the warm interpreter's output has no end"));
                }
                if left.is_zero() {
                    return Ok(None);
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
        pub fn fork(&mut self, _: &str, _: &Limits) -> io::Result<(Exit, Duration)> {
            Err(io::ErrorKind::Unsupported.into())
        }

        /// Fails.
        pub fn serve(&mut self, _: &Spawn, _: usize, _: &Limits) -> (Exit, Duration, bool) {
            (Exit::NotStarted("this system has no warm interpreters".into()), Duration::ZERO, false)
        }

        /// Fails.
        pub fn share(&mut self, _: &str, _: &Limits) -> (Exit, Duration, Option<String>) {
            (Exit::NotStarted("this system has no warm interpreters".into()), Duration::ZERO, None)
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
