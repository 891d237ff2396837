//! Limits: how long a child may run, and how much it may write.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::exit::Exit;

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
}

impl Limits {
    /// Waits for the end of a child that began at `start`: until it ends, its deadline passes, or it writes too much.
    /// `wait` returns the end if it comes within a time.
    pub fn wait(&self, start: Instant, mut wait: impl FnMut(Duration) -> io::Result<Option<Exit>>) -> Exit {
        loop {
            let remaining = (start + self.deadline).saturating_duration_since(Instant::now());
            match wait(remaining.min(CHECK)) {
                Ok(Some(exit)) => return exit,
                Ok(None) if remaining.is_zero() => return Exit::Deadline,
                Ok(None) if self.are_exceeded() => return Exit::OutputLimit,
                Ok(None) => {}
                Err(error) => return Exit::NotStarted(error.to_string()),
            }
        }
    }

    fn are_exceeded(&self) -> bool {
        self.files.iter().any(|path| fs::metadata(path).is_ok_and(|metadata| metadata.len() > OUTPUT_LIMIT))
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
        for (deadline, files, answer, expected) in [
            (late, &files, at_once(|| Ok(Some(Exit::Status(3)))), Exit::Status(3)),
            (soon, &too_large, at_once(|| Ok(Some(Exit::Signal(9)))), Exit::Signal(9)),
            (soon, &files, at_once(|| Ok(None)), Exit::Deadline),
            (late, &too_large, at_once(|| Ok(None)), Exit::OutputLimit),
            (late, &files, at_once(|| Err(io::Error::other("lost"))), Exit::NotStarted("lost".to_owned())),
        ] {
            let limits = Limits { deadline, files: files.clone() };
            assert_eq!(limits.wait(Instant::now(), answer), expected);
        }
        // A file that is exactly full, and an answer that comes later, are both allowed.
        let mut asked = 0;
        let exit = Limits { deadline: late, files }.wait(Instant::now(), |time| {
            assert_eq!(time, CHECK);
            asked += 1;
            Ok((asked == 3).then_some(Exit::Status(0)))
        });
        assert_eq!(exit, Exit::Status(0));
    }
}
