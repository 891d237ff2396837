//! Limits: how long a child may run, how much it may write, and how much of the machine it may use.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::exit::Exit;
use super::usage::Usage;

/// The size, in bytes, that each file of a child may have. A child that writes more is killed.
pub const OUTPUT_LIMIT: u64 = 16 << 20;

/// The time between two checks of a running child's files.
pub const CHECK: Duration = Duration::from_millis(100);

/// The limits of a child.
#[derive(Debug)]
pub struct Limits {
    /// The time that it has.
    pub deadline: Duration,
    /// The files whose size is limited.
    pub files: Vec<PathBuf>,
    /// The most that it may use, with all that it started.
    pub usage: Usage,
}

impl Limits {
    /// Waits for the end of a child that began at `start`: until it ends, its deadline passes, or it exceeds another
    /// limit. `wait` returns the end if it comes within a time, and `usage` how much is used.
    pub fn wait(
        &self,
        start: Instant,
        usage: impl Fn() -> Usage,
        mut wait: impl FnMut(Duration) -> io::Result<Option<Exit>>,
    ) -> Exit {
        loop {
            let remaining = (start + self.deadline).saturating_duration_since(Instant::now());
            match wait(remaining.min(CHECK)) {
                Ok(Some(exit)) => return exit,
                Ok(None) if remaining.is_zero() => return Exit::Deadline,
                Ok(None) => {
                    if let Some(exit) = self.exceeded(usage()) {
                        return exit;
                    }
                }
                Err(error) => return Exit::NotStarted(error.to_string()),
            }
        }
    }

    /// Returns the end of a child that exceeds a limit.
    fn exceeded(&self, usage: Usage) -> Option<Exit> {
        let is_large = |path: &PathBuf| fs::metadata(path).is_ok_and(|metadata| metadata.len() > OUTPUT_LIMIT);
        if usage.memory > self.usage.memory {
            return Some(Exit::MemoryLimit);
        }
        if usage.processes > self.usage.processes {
            return Some(Exit::ProcessLimit);
        }
        self.files.iter().any(is_large).then_some(Exit::OutputLimit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends_at_the_first_end_deadline_limit_or_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, size| {
            let path = folder.path().join(name);
            fs::File::create(&path).and_then(|file| file.set_len(size)).expect("a file");
            path
        };
        let files = vec![folder.path().join("missing"), file("full", OUTPUT_LIMIT)];
        let too_large = vec![file("small", 0), file("large", OUTPUT_LIMIT + 1)];
        let (soon, late) = (Duration::ZERO, Duration::from_secs(60));
        let at_once = |answer: fn() -> io::Result<Option<Exit>>| move |_: Duration| answer();
        let most = Usage { memory: 1000, processes: 10 };
        let (greedy, fertile) = (Usage { memory: 1001, ..most }, Usage { processes: 11, ..most });
        for (deadline, files, used, answer, expected) in [
            (late, &files, most, at_once(|| Ok(Some(Exit::Status(3)))), Exit::Status(3)),
            (soon, &too_large, greedy, at_once(|| Ok(Some(Exit::Signal(9)))), Exit::Signal(9)),
            (soon, &files, most, at_once(|| Ok(None)), Exit::Deadline),
            (late, &too_large, most, at_once(|| Ok(None)), Exit::OutputLimit),
            (late, &files, greedy, at_once(|| Ok(None)), Exit::MemoryLimit),
            (late, &files, fertile, at_once(|| Ok(None)), Exit::ProcessLimit),
            (late, &files, most, at_once(|| Err(io::Error::other("lost"))), Exit::NotStarted("lost".to_owned())),
        ] {
            let limits = Limits { deadline, files: files.clone(), usage: most };
            assert_eq!(limits.wait(Instant::now(), || used, answer), expected);
        }
        // A file that is exactly full, the most that may be used, and an answer that comes later, are all allowed.
        let mut asked = 0;
        let exit = Limits { deadline: late, files, usage: most }.wait(
            Instant::now(),
            || most,
            |time| {
                assert_eq!(time, CHECK);
                asked += 1;
                Ok((asked == 3).then_some(Exit::Status(0)))
            },
        );
        assert_eq!(exit, Exit::Status(0));
    }
}
