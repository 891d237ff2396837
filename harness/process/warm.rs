//! Warm interpreters: processes that do many jobs, one after another.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use duct::Handle;
use os_pipe::{PipeReader, PipeWriter};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::system::{ABORTED, NOTHING, ended, kill, kill_group, waited};
use super::{Exit, FLOOD, Limits, Spawn, Stdin, command, watch};

/// In front of what is said.
const MARK: u8 = 0x1e;

/// So many things that are said may wait to be heard.
const UNHEARD: usize = 16;

/// A warm interpreter: it does a job for each line on its standard input, and says what becomes of it on its standard
/// output, in lines that begin with a mark, so that a snippet's own output beside them does no harm.
#[derive(Debug)]
pub struct Warm {
    handle: Handle,
    jobs: PipeWriter,
    says: Receiver<io::Result<String>>,
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
        Said::Crash(_) => ABORTED,
    })
}

impl Warm {
    /// Starts one. The standard input and output of `spawn` are not used.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start(spawn: &Spawn) -> io::Result<Warm> {
        let ((stdin, jobs), (stdout, near)) = (os_pipe::pipe()?, os_pipe::pipe()?);
        let command = command(spawn)?.stderr_path(&spawn.stderr).stdin_file(stdin).stdout_file(near);
        let handle = command.start()?;
        let (say, says) = sync_channel(UNHEARD);
        // A pipe that is read by a thread can be waited for with a limit on every system.
        thread::spawn(move || hear(stdout, &say));
        Ok(Warm { handle, jobs, says })
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
        let exit = watch(limits, start, |time| Ok(self.number("ended ", time)?.map(waited)));
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
            Stdin::Empty | Stdin::Terminal(_) => Path::new(NOTHING),
        };
        let job = json!({
            "args": spawn.argv[own..], "cwd": spawn.folder, "env": spawn.env,
            "stdin": stdin, "stdout": spawn.stdout, "stderr": spawn.stderr,
        });
        let sent = self.jobs.write_all(format!("{job}\n").as_bytes());
        let exit = watch(limits, start, |time| self.said(time)?.map(|said| served(&said)).transpose());
        match (sent, exit) {
            (Ok(()), exit @ (Exit::Status(_) | Exit::Signal(_) | Exit::Exception(_))) => (exit, start.elapsed(), true),
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

    /// Hears what is said of a word and a number, if it comes within a time.
    fn number(&self, word: &str, time: Duration) -> io::Result<Option<i32>> {
        let Some(said) = self.said(time)? else { return Ok(None) };
        let number = said.strip_prefix(word).and_then(|number| number.parse().ok());
        number.map(Some).ok_or_else(|| io::Error::other(format!("the warm interpreter says: {said}")))
    }

    /// Hears the next thing that is said, if it comes within a time.
    fn said(&self, time: Duration) -> io::Result<Option<String>> {
        match self.says.recv_timeout(time) {
            Ok(said) => said.map(Some),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(io::Error::other("the warm interpreter is gone")),
        }
    }
}

impl Drop for Warm {
    fn drop(&mut self) {
        kill(&self.handle);
    }
}

/// Hears what an interpreter says, until it is gone or nobody wants to know any more.
fn hear(pipe: PipeReader, say: &SyncSender<io::Result<String>>) {
    let mut lines = BufReader::new(pipe);
    while let Some(said) = next(&mut lines).transpose() {
        let is_lost = said.is_err();
        if say.send(said).is_err() || is_lost {
            break;
        }
    }
}

/// Reads on to the next thing that is said; `None` when the interpreter is gone.
fn next(lines: &mut impl BufRead) -> io::Result<Option<String>> {
    loop {
        let mut line = Vec::new();
        lines.by_ref().take(FLOOD).read_until(b'\n', &mut line)?;
        if line.len() as u64 == FLOOD {
            return Err(io::Error::other("the warm interpreter's output has no end"));
        }
        if line.is_empty() {
            return Ok(None);
        }
        if let Some(mark) = line.iter().rposition(|byte| *byte == MARK) {
            return Ok(Some(String::from_utf8_lossy(&line[mark + 1..]).trim_end().to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_told_from_what_a_snippet_writes() {
        let mut output: &[u8] = b"x\n\ny\x1eclean\r\n\xff\x1estarted 7\nrest";
        let mut said = || next(&mut output).expect("it ends");
        assert_eq!([said(), said(), said()], [Some("clean".into()), Some("started 7".into()), None]);
        let endless = vec![b'x'; usize::try_from(FLOOD).expect("it fits") + 1];
        assert!(next(&mut endless.as_slice()).is_err());
    }
}
