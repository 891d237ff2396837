//! Warm interpreters: processes that do many jobs, one after another.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use os_pipe::{PipeReader, PipeWriter};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::child::{Child, Spawn, Stdin};
use super::exit::Exit;
use super::limits::{Limits, OUTPUT_LIMIT};
use super::system::{ABORTED, NULL_DEVICE, exit_of_waited};

/// The byte in front of each reply.
const MARK: u8 = 0x1e;

/// The number of replies that the reply queue holds. A snippet that writes more must wait.
const QUEUE_SIZE: usize = 16;

/// A warm interpreter. It does a job for each line on its standard input, and replies on its standard output. A reply
/// begins with a mark, so that a snippet may write to the same place.
#[derive(Debug)]
pub struct Warm {
    process: Child,
    /// The secret of the present job, with which each reply to it begins. Empty for a launcher that serves.
    secret: String,
    /// Whether it gave a reply that cannot be believed.
    is_liar: Cell<bool>,
    jobs: Sender<Vec<u8>>,
    reply_queue: Receiver<io::Result<String>>,
}

impl Warm {
    /// Starts a warm interpreter. The standard input and output of `spawn` are not used.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start(spawn: &Spawn) -> io::Result<Warm> {
        let ((stdin, jobs), (replies, stdout)) = (os_pipe::pipe()?, os_pipe::pipe()?);
        let process =
            Child::start(spawn, |command| command.stderr_path(&spawn.stderr).stdin_file(stdin).stdout_file(stdout))?;
        let (queue, reply_queue) = sync_channel(QUEUE_SIZE);
        let (jobs_queue, queued_jobs) = channel();
        // Waiting for a thread can be limited in time on every system, waiting for a pipe cannot.
        thread::spawn(move || queue_replies(replies, &queue));
        thread::spawn(move || write_jobs(&queued_jobs, jobs));
        Ok(Warm { process, secret: String::new(), is_liar: Cell::new(false), jobs: jobs_queue, reply_queue })
    }

    /// Sends a job to a child that the interpreter forks. Waits for the child's end, and kills the rest of its process
    /// group.
    ///
    /// # Errors
    /// When the interpreter itself is lost. It cannot be used any more.
    pub fn fork(&mut self, job: &str, limits: &Limits) -> io::Result<(Exit, Duration)> {
        let start = Instant::now();
        self.send(job)?;
        let child = self.next_number("started ", limits.deadline)?.ok_or(io::ErrorKind::TimedOut)?;
        let child = u32::try_from(child).map_err(io::Error::other)?;
        let exit = limits.wait(
            start,
            || self.process.usage(),
            |time| Ok(self.next_number("ended ", time)?.map(exit_of_waited)),
        );
        if exit.is_limit() {
            // The interpreter has not waited for it yet, so that the number is still its own.
            self.process.kill_forked(child);
            // The child was killed just now: the reply about its end is still to come.
            self.next_number("ended ", limits.deadline)?.ok_or(io::ErrorKind::TimedOut)?;
        }
        self.process.end_rest(child);
        match exit {
            Exit::NotStarted(reason) => Err(io::Error::other(reason)),
            exit => Ok((exit, start.elapsed())),
        }
    }

    /// Sends a job to the interpreter itself. Also returns the residue, if there is any. If there is residue, or if the
    /// job did not end, the interpreter cannot be used again.
    pub fn share(&mut self, job: &str, limits: &Limits) -> (Exit, Duration, Option<String>) {
        let start = Instant::now();
        let mut residue = None;
        let sent = self.send(job);
        let exit = limits.wait(
            start,
            || self.process.usage(),
            |time| {
                Ok(self.next_reply(time)?.map(|reply| {
                    residue = (reply != "clean").then_some(reply);
                    Exit::Status(0)
                }))
            },
        );
        match (sent, exit) {
            (Ok(()), exit @ Exit::Status(_)) => (exit, start.elapsed(), residue),
            (Ok(()), exit) if exit.is_limit() => (exit, start.elapsed(), residue),
            (sent, exit) => {
                let exit = self.end(limits, exit, sent.err());
                // It ended as if all were well, in the middle of its job.
                let residue = (exit == Exit::Status(0)).then(|| "the interpreter ended".to_owned());
                (exit, start.elapsed(), residue)
            }
        }
    }

    /// Sends a job with a new secret.
    fn send(&mut self, job: &str) -> io::Result<()> {
        // Each `RandomState` has other keys.
        self.secret = format!("{:016x} ", RandomState::new().hash_one(()));
        self.write(format!("{}{job}", self.secret))
    }

    /// Queues a text for the interpreter. One that reads nothing is noticed at its deadline.
    fn write(&self, text: String) -> io::Result<()> {
        self.jobs.send(text.into_bytes()).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }

    /// Sends a command line to a launcher that serves. Its first `own` words are the launcher's command. Also
    /// returns whether the launcher can be used again.
    pub fn serve(&mut self, spawn: &Spawn, own: usize, limits: &Limits) -> (Exit, Duration, bool) {
        let start = Instant::now();
        let stdin = match &spawn.stdin {
            Stdin::File(path) => path,
            Stdin::Empty | Stdin::Terminal(_) => Path::new(NULL_DEVICE),
        };
        let job = json!({
            "args": spawn.argv[own..], "cwd": spawn.folder, "env": spawn.env,
            "stdin": stdin, "stdout": spawn.stdout, "stderr": spawn.stderr,
        });
        let sent = self.write(format!("{job}\n"));
        let next = |time| self.next_reply(time)?.map(|reply| exit_of_served(&reply)).transpose();
        let exit = limits.wait(start, || self.process.usage(), next);
        match (sent, exit) {
            (Ok(()), exit @ (Exit::Status(_) | Exit::Signal(_) | Exit::Exception(_))) => (exit, start.elapsed(), true),
            (Ok(()), exit) if exit.is_limit() => (exit, start.elapsed(), false),
            (sent, exit) => (self.end(limits, exit, sent.err()), start.elapsed(), false),
        }
    }

    /// Returns how an interpreter ended that does not reply any more. One that lies is not waited for.
    fn end(&self, limits: &Limits, exit: Exit, error: Option<io::Error>) -> Exit {
        if self.is_liar.get() {
            return exit;
        }
        match self.process.wait(limits.deadline) {
            Ok(Some(exit)) => exit,
            _ => error.map_or(exit, |error| Exit::NotStarted(error.to_string())),
        }
    }

    /// Returns the number of the next reply, which must be a word and a number, if it comes within a time.
    fn next_number(&self, word: &str, time: Duration) -> io::Result<Option<i32>> {
        let Some(reply) = self.next_reply(time)? else { return Ok(None) };
        let number = reply.strip_prefix(word).and_then(|number| number.parse().ok());
        number.map(Some).ok_or_else(|| io::Error::other(format!("the warm interpreter says: {reply}")))
    }

    /// Returns a reply without the secret that it must begin with.
    fn believe(&self, reply: &str) -> io::Result<String> {
        // An agent that fails may have no secret yet.
        let failure = reply.strip_prefix(' ').filter(|text| text.starts_with("failed: "));
        let text = reply.strip_prefix(&self.secret).or(failure);
        text.map(str::to_owned).ok_or_else(|| {
            self.is_liar.set(true);
            io::Error::other("a reply does not have the secret of the job")
        })
    }

    /// Returns the next reply, if it comes within a time.
    fn next_reply(&self, time: Duration) -> io::Result<Option<String>> {
        match self.reply_queue.recv_timeout(time) {
            Ok(reply) => self.believe(&reply?).map(Some),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(io::Error::other("the warm interpreter is gone")),
        }
    }
}

/// Writes each job to the standard input of an interpreter, until it is gone.
fn write_jobs(jobs: &Receiver<Vec<u8>>, mut stdin: PipeWriter) {
    for job in jobs {
        if stdin.write_all(&job).is_err() {
            break;
        }
    }
}

/// Reads the reply of a launcher that serves: how a command line ended.
fn exit_of_served(reply: &str) -> io::Result<Exit> {
    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Reply {
        Status(i32),
        Crash(IgnoredAny),
    }
    Ok(match serde_json::from_str(reply)? {
        Reply::Status(code) => Exit::Status(code),
        // A separate process would have aborted. The launcher has written the cause to standard error.
        Reply::Crash(_) => ABORTED,
    })
}

/// Puts the replies of an interpreter into its queue, until the interpreter ends or its `Warm` is dropped.
fn queue_replies(pipe: PipeReader, queue: &SyncSender<io::Result<String>>) {
    let mut lines = BufReader::new(pipe);
    while let Some(reply) = read_reply(&mut lines).transpose() {
        let is_lost = reply.is_err();
        if queue.send(reply).is_err() || is_lost {
            break;
        }
    }
}

/// Reads on to the next reply. Returns `None` when the interpreter has ended.
fn read_reply(lines: &mut impl BufRead) -> io::Result<Option<String>> {
    loop {
        let mut line = Vec::new();
        lines.by_ref().take(OUTPUT_LIMIT).read_until(b'\n', &mut line)?;
        if line.len() as u64 == OUTPUT_LIMIT {
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
    fn a_reply_is_found_among_what_a_snippet_writes() {
        let mut output: &[u8] = b"x\n\ny\x1eclean\r\n\xff\x1estarted 7\nrest";
        let mut reply = || read_reply(&mut output).expect("it ends");
        assert_eq!([reply(), reply(), reply()], [Some("clean".into()), Some("started 7".into()), None]);
        let endless = vec![b'x'; usize::try_from(OUTPUT_LIMIT).expect("it fits") + 1];
        assert!(read_reply(&mut endless.as_slice()).is_err());
    }

    #[test]
    fn a_launcher_replies_with_a_status_or_a_crash() {
        assert_eq!(exit_of_served(r#"{"status":3}"#).ok(), Some(Exit::Status(3)));
        assert_eq!(exit_of_served(r#"{"crash":"out of memory"}"#).ok(), Some(ABORTED));
        assert_eq!(exit_of_served("done").ok(), None);
    }
}
